package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kuasheng/bench"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// CompareText is a comparison on one screen.
func CompareText(c *bench.Comparison, lang words.Lang) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Cut(fmt.Sprintf(format, args...), columns) + "\n")
	}
	line("base  %s  %.16s…", c.Base.Name, c.Base.Digest)
	line("head  %s  %.16s…", c.Head.Name, c.Head.Digest)
	line("%s, %s; %d rounds of base, head, base again", c.Profile.Name, arrivals(&c.Profile), c.Rounds)
	line("\n%s · %s\n", wordsOf[lang].verdicts[c.Verdict], c.Says.In(lang))
	reasons(&b, c.Gates, lang)
	if c.PlantedSlow > 0 {
		line(wordsOf[lang].plantedSlow+"\n", c.PlantedSlow*100)
	}
	t := &report.Table{}
	t.Row("", "base", "95 % from", "to", "head", "95 % from", "to", "effect", "p")
	for _, r := range c.Rows {
		name := r.Metric
		if name == c.Terms.Metric {
			name += " *"
		}
		t.Row(name, number(r.BaseMedian), number(r.BaseFrom), number(r.BaseTo), number(r.HeadMedian), number(r.HeadFrom), number(r.HeadTo),
			fmt.Sprintf("%+.2f %%", r.Effect*100), fmt.Sprintf("%.4f", r.P))
	}
	b.WriteString(t.String())
	line("* decides: a regression takes p < %v, more than %.3g %% and more than the noise floor, %.2f %%", c.Terms.Alpha, c.Terms.MinEffect*100, c.NoiseFloor*100)
	line("schedule %.32s…; state %.32s…", c.ScheduleDigest, c.StateDigest)
	return b.String()
}

func number(v float64) string {
	if v < 10_000 {
		return fmt.Sprintf("%.1f", v)
	}
	return report.Grouped(int64(v))
}

// CompareMarkdown is a comparison fit for a pull request.
func CompareMarkdown(c *bench.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### kuasheng bench compare: **%s**\n\n`%s` → `%s`, %s, %d rounds\n\n%s\n\n", wordsOf[words.English].verdicts[c.Verdict], c.Base.Name, c.Head.Name,
		arrivals(&c.Profile), c.Rounds, c.Says.EN)
	for _, g := range c.Gates {
		fmt.Fprintf(&b, "- %s: %s\n", g.Verdict, g.Says.EN)
	}
	b.WriteString("\n| metric | base | head | effect | p |\n|---|--:|--:|--:|--:|\n")
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %+.2f %% | %.4f |\n", r.Metric, number(r.BaseMedian), number(r.HeadMedian), r.Effect*100, r.P)
	}
	return b.String()
}

// CompareGoBench writes the runs of one side, or of both, so that benchstat can
// compare them by itself.
func CompareGoBench(runs []*bench.Result) string {
	var b strings.Builder
	for i, r := range runs {
		text := GoBench(r)
		if i > 0 {
			text = text[strings.Index(text, "Benchmark"):]
		}
		b.WriteString(text)
	}
	return b.String()
}

// CapacityText is a capacity on one screen.
func CapacityText(c *bench.Capacity, lang words.Lang) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Cut(fmt.Sprintf(format, args...), columns) + "\n")
	}
	line("%s · shards %d, %s · %s", c.Profile.Name, c.Service.Shards, c.Service.Durability, strings.Join(c.Objectives, ", "))
	if c.SustainedFrom > 0 {
		line("\n%s · sustains %s operations/s, not %s\n", wordsOf[lang].verdicts[c.Verdict], report.Grouped(int64(c.SustainedFrom)), report.Grouped(int64(c.SustainedTo)))
		line(words.T("bound: %s", "界限：%s").In(lang), c.Bound.In(lang))
	} else {
		line("\n%s\n", wordsOf[lang].verdicts[c.Verdict])
	}
	reasons(&b, c.Gates, lang)
	line("closed loop: %s operations/s\n", report.Grouped(int64(c.MaxRate)))
	t := &report.Table{Left: map[int]bool{4: true}}
	t.Row("operations/s", "for", "p99", "lag p99", "")
	for _, tr := range c.Trials {
		t.Row(report.Grouped(int64(tr.Rate)), time.Duration(tr.ForNS).String(), Short(tr.P99NS), Short(tr.LagNS), tr.Why.In(lang))
	}
	for row := range strings.Lines(t.String()) {
		line("%s", strings.TrimSuffix(row, "\n"))
	}
	if c.Scaling != nil {
		line("")
		b.WriteString(scalingText(c.Scaling, lang))
	}
	return b.String()
}

// scalingText is a row for each number of shards and the fit.
func scalingText(s *bench.Scaling, lang words.Lang) string {
	head := []string{"shards", "settlements/s, median", "least", "most", "times one", "processors busy"}
	short := "%d processors: a shard wants one for its writer and one for its load, so beyond %d the fit is about this machine"
	if lang == words.Chinese {
		head = []string{"分片", "每秒结算笔数，中位", "最少", "最多", "为单片之倍", "占用处理器"}
		short = "共 %d 个处理器：每个分片的写线程与发压各要一个，超过 %d 片时拟合说的是本机"
	}
	t := &report.Table{}
	t.Row(head...)
	one := 0.0
	for from := 0; from < len(s.Points); {
		to, busy, rates := from, 0.0, []float64{}
		for ; to < len(s.Points) && s.Points[to].Shards == s.Points[from].Shards; to++ {
			rates = append(rates, s.Points[to].Rate)
			busy += s.Points[to].Busy
		}
		slices.Sort(rates)
		middle := (rates[(len(rates)-1)/2] + rates[len(rates)/2]) / 2
		if from == 0 {
			one = middle
		}
		t.Row(fmt.Sprint(s.Points[from].Shards), report.Grouped(int64(middle)), report.Grouped(int64(rates[0])), report.Grouped(int64(rates[len(rates)-1])),
			fmt.Sprintf("%.2f", middle/one), fmt.Sprintf("%.2f", busy/float64(to-from)))
		from = to
	}
	l := &labelled{}
	l.Row("", s.Says.In(lang))
	if s.Short {
		l.Row("", fmt.Sprintf(short, s.Processors, s.Processors/2))
	}
	return t.String() + l.String()
}

// FitnessText says whether a machine can measure.
func FitnessText(f *bench.Fitness, lang words.Lang) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Cut(fmt.Sprintf(format, args...), columns) + "\n")
	}
	line("%s · %d processors, %d rounds", wordsOf[lang].verdicts[f.Verdict], f.Processors, len(f.Rounds))
	line("")
	reasons(&b, f.Gates, lang)
	t := &report.Table{}
	t.Row("round", "kernel", "p90/p50", "jitter p99.99", "jitter max", "clock", "sleep late p99")
	for i, c := range f.Rounds {
		t.Row(fmt.Sprint(i+1), Short(int64(c.KernelNS)), fmt.Sprintf("%.3f", c.KernelSpread), Short(c.JitterP9999NS), Short(c.JitterMaxNS),
			fmt.Sprintf("%.0f ns", c.ClockNS), Short(c.SleepP99NS))
	}
	b.WriteString(t.String())
	line("\nlatencies below %s are the machine's own; effects below %.1f %% cannot be told from its swing", Short(f.SmallestNS), f.SmallestDiff*100)
	return b.String()
}
