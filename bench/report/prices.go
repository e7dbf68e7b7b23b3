package report

import (
	"fmt"
	"strings"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// priceWords are the texts of the price list in one language.
type priceWords struct {
	bills, memory, oneCore, headline, logged, feature, core, price, span, perCore, wall, bytes string
	durability, busy, drift, note, machine                                                     string
	features, durabilities                                                                     []string
}

var priceWordsOf = map[words.Lang]*priceWords{
	words.English: {
		bills:    "%s · bills alone, %.1f lines each, every one settled; seed %d",
		memory:   "%s people, %s requests remembered, %s of memory to find them in",
		oneCore:  "one core, in memory, each carried out once",
		headline: "%s settlements/s (%.0f ns each)", logged: "as a service with one fsync a group",
		feature: "One thread", core: "core-ns", span: "95 %", price: "price", perCore: "per core-s", wall: "by clock/s", bytes: "log B",
		durability: "As a service", busy: "processors", drift: "%s identities checked, drift %s fen",
		note:    "%d rounds of %d bills a row, in turn; a price is the median difference to the row above",
		machine: "fixed kernel %s before, %s after",
		features: []string{
			"settle and post", "+ once (idempotency)", "+ stage times, 1 in 16", "+ log, checksums", "+ chain, SHA-256", "+ write", "+ fsync a group",
		},
		durabilities: []string{"memory", "log", "fsync"},
	},
	words.Chinese: {
		bills:    "%s · 只有结算单，每张 %.1f 行，全部结算成功；种子 %d",
		memory:   "%s 名参保人，记住 %s 个请求，共占内存 %s",
		oneCore:  "单核、内存、每笔只办一次",
		headline: "每秒结算 %s 笔（每笔 %.0f ns）", logged: "作为服务，每组一次 fsync",
		feature: "单线程", core: "核纳秒", span: "95 %", price: "价格", perCore: "每核秒笔数", wall: "每秒笔数", bytes: "日志字节",
		durability: "作为服务", busy: "处理器", drift: "核对 %s 项恒等式，账差 %s 分",
		note:    "每行 %d 轮，每轮 %d 张，轮流测量；价格是与上一行之差的中位数",
		machine: "固定核：前 %s，后 %s",
		features: []string{
			"结算记账", "+ 只办一次（幂等）", "+ 阶段计时（1/16）", "+ 日志与校验", "+ SHA-256 链", "+ 写出", "+ 每组 fsync",
		},
		durabilities: []string{"内存", "日志", "fsync"},
	},
}

// PricesText is the price list on one screen.
func PricesText(p *bench.Prices, lang words.Lang) string {
	w := priceWordsOf[lang]
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Cut(fmt.Sprintf(format, args...), columns) + "\n")
	}
	line(w.bills, p.Scenario, p.LinesPerBill, p.Seed)
	line(w.memory, report.Grouped(int64(p.People)), report.Grouped(int64(p.Remembered)), bytesOf(p.MemoryBytes))
	once := &p.Ladder[service.Once]
	line("\n%s · %s: "+w.headline, wordsOf[lang].verdicts[p.Verdict], w.oneCore, report.Grouped(int64(once.PerCoreSecond)), once.Core.Median)
	for _, s := range p.Services {
		if s.Durability == service.DurabilityNames[service.Synced] {
			line("%s: "+w.headline, w.logged, report.Grouped(int64(s.Settled)), 1e9/max(s.Settled, 1))
		}
	}
	line("")
	reasons(&b, p.Gates, lang)
	t := &report.Table{}
	t.Row(w.feature, w.core, w.span, w.price, w.span, w.perCore, w.wall, w.bytes)
	for i, r := range p.Ladder {
		price, span, size := "", "", ""
		if i > 0 {
			price, span = fmt.Sprintf("%.1f", r.Price.Median), fmt.Sprintf("%.1f–%.1f", r.Price.From, r.Price.To)
		}
		if r.LogBytes > 0 {
			size = fmt.Sprintf("%.0f", r.LogBytes)
		}
		t.Row(w.features[i], fmt.Sprintf("%.1f", r.Core.Median), fmt.Sprintf("%.0f–%.0f", r.Core.From, r.Core.To), price, span,
			report.Grouped(int64(r.PerCoreSecond)), report.Grouped(int64(r.PerSecond)), size)
	}
	b.WriteString(t.String())
	line(w.note, p.Rounds, p.Group*p.Batch)
	line("")
	t = &report.Table{}
	t.Row(w.durability, w.wall, w.core, w.busy, w.bytes)
	for i, s := range p.Services {
		size := ""
		if s.LogBytes > 0 {
			size = fmt.Sprintf("%.0f", s.LogBytes)
		}
		t.Row(w.durabilities[i], report.Grouped(int64(s.Settled)), fmt.Sprintf("%.0f", s.CoreNS), fmt.Sprintf("%.2f", s.Busy), size)
	}
	b.WriteString(t.String())
	line("")
	line(w.drift+" · "+w.machine, report.Grouped(p.Identity), report.Grouped(p.DriftFen), Short(int64(p.Before.KernelNS)), Short(int64(p.After.KernelNS)))
	return b.String()
}
