package report

import (
	"fmt"
	"time"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// The Chinese of stable names. What has none here goes by its name.
var (
	operationsZH   = [engine.NumOperations]string{"入院登记", "中途结算", "结算", "结算撤销", "冲正"}
	stagesZH       = map[string]string{"queue": "排队", "identify": "识别", "split": "拆分", "adjudicate": "裁定", "post": "记账", "log": "写日志", "reply": "应答", "engine": "引擎", "unattributed": "未归属"}
	durabilitiesZH = map[string]string{service.DurabilityNames[service.InMemory]: "内存", service.DurabilityNames[service.Logged]: "写日志", service.DurabilityNames[service.Synced]: "日志落盘"}
	arrivalsZH     = map[string]string{bench.ArriveConstant: "恒定", bench.ArriveDiurnal: "按日内规律", bench.ArriveFestival: "按节前节后规律"}
	spacingsZH     = map[string]string{bench.SpacePoisson: "泊松间隔", bench.SpaceEven: "等间隔"}
)

// called is a stable name in a language.
func called(name string, chinese map[string]string, lang words.Lang) string {
	if zh, known := chinese[name]; known && lang == words.Chinese {
		return zh
	}
	return name
}

// arrivalsText says in a few words what load was offered.
func arrivalsText(p *bench.Profile, lang words.Lang) string {
	if lang == words.English {
		return arrivals(p)
	}
	length := time.Duration(p.ForNS)
	switch {
	case p.Arrivals == bench.ArriveMax && p.Operations > 0:
		return fmt.Sprintf("不限速，共 %s 次操作", report.Grouped(p.Operations))
	case p.Arrivals == bench.ArriveMax:
		return fmt.Sprintf("不限速，持续 %v", length)
	case p.Arrivals == bench.ArriveReplay:
		return "回放 " + p.Recorded
	case p.Arrivals == bench.ArriveRamp:
		return fmt.Sprintf("每秒 %s 渐变至 %s 次，持续 %v，%s", report.Grouped(int64(p.Rate)), report.Grouped(int64(p.RateTo)), length, called(p.Spacing, spacingsZH, lang))
	}
	return fmt.Sprintf("%s，平均每秒 %s 次，持续 %v，%s", called(p.Arrivals, arrivalsZH, lang), report.Grouped(int64(p.Rate)), length, called(p.Spacing, spacingsZH, lang))
}

// got is what became of an objective.
func got(o *bench.Objective, lang words.Lang) string {
	if o.Quantity == "throughput" {
		return fmt.Sprintf(wordsOf[lang].settlements, report.Grouped(int64(o.Got)))
	}
	return Short(int64(o.Got))
}
