package report

import (
	"fmt"
	"strings"
	"time"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// screenTexts are the texts of the screen in one language.
type screenTexts struct {
	shards, seed, slo, objective                            string
	verdicts                                                map[bench.Verdict]string
	settlements, drift, unproven                            string
	latency, count, max, mean                               string
	response, service, lag                                  string
	stages, engine, engineIs, sent, sentIs, load, loadIs    string
	money, moneyIs, restart, machine, machineIs, run, runIs string
	clearing, clearingIs, steady, steadyYes, steadyNo       string
	schedule, evidence, because, met, missed, plantedSlow   string
	planted, plantedIs                                      string
}

var wordsOf = map[words.Lang]*screenTexts{
	words.English: {
		shards: "shards %d, %s", seed: "seed %d", slo: "Objective", objective: "%s: %s (%s)",
		verdicts:    map[bench.Verdict]string{bench.Pass: "PASS", bench.MissedSLO: "MISSED", bench.Breach: "BREACH", bench.Regression: "REGRESSION", bench.Invalid: "INVALID", bench.Inconclusive: "INCONCLUSIVE"},
		settlements: "%s settlements/s", drift: "drift %s fen", unproven: "money NOT proven (--no-proof)",
		latency: "Latency", count: "count", max: "max", mean: "mean",
		response: "response", service: "service", lag: "lag",
		stages: "Stages", engine: "Engine", engineIs: "%.0f ns an operation where timed: %s", sent: "Sent", sentIs: "planned %s = sent %s + skipped %s + unsent %s; held back %s; warm-up %s",
		load: "Load", loadIs: "%s; %s operations/s measured; %s bills of %.1f lines in the mean, over and over",
		money: "Money", moneyIs: "%s identities checked, %d broken; state %.16s… = plain replay", restart: " = restart from the log",
		machine: "Machine", machineIs: "fixed kernel %s before, %s during, %s after; away for %s at most; sleeps %s late",
		run: "Runtime", runIs: "%d collections, pause p99 %s; scheduling p99 %s; %s allocated; %.2f processors busy",
		clearing: "Clearing", clearingIs: "%d rounds beside the load, %s each, %s at most; %d identities broken",
		steady: "Steady", steadyYes: "yes, over %d s", steadyNo: "NO: the mean response moved by %+.0f %% over %d s",
		schedule: "Schedule", evidence: "Evidence", because: "Because", met: "met", missed: "MISSED",
		plantedSlow: "planted: the writers of the head worked %.3g %% longer on purpose",
		planted:     "Planted", plantedIs: "the writers worked %.3g %% longer on purpose",
	},
	words.Chinese: {
		shards: "%d 个分片，%s", seed: "种子 %d", slo: "目标", objective: "%s：%s（%s）",
		verdicts:    map[bench.Verdict]string{bench.Pass: "通过", bench.MissedSLO: "未达目标", bench.Breach: "账目不平", bench.Regression: "性能退化", bench.Invalid: "测量无效", bench.Inconclusive: "样本不足"},
		settlements: "每秒结算 %s 笔", drift: "账差 %s 分", unproven: "未核对账目（--no-proof）",
		latency: "时延", count: "次数", max: "最大", mean: "平均",
		response: "响应", service: "服务", lag: "发压迟延",
		stages: "阶段", engine: "引擎", engineIs: "计时批次中每次操作 %.0f ns：%s", sent: "发送", sentIs: "计划 %s = 已发 %s + 跳过 %s + 未发 %s；受阻 %s；预热 %s",
		load: "负载", loadIs: "%s；实测每秒 %s 次操作；%s 张单据，平均 %.1f 行，循环使用",
		money: "账目", moneyIs: "核对 %s 项恒等式，%d 项不平；状态 %.16s… = 单线程重放", restart: " = 由日志恢复",
		machine: "机器", machineIs: "固定核：前 %s，中 %s，后 %s；处理器最长被占 %s；睡眠迟醒 %s",
		run: "运行时", runIs: "垃圾回收 %d 次，停顿 p99 %s；调度 p99 %s；分配 %s；平均占用 %.2f 个处理器",
		clearing: "清算", clearingIs: "与负载并行 %d 轮，每轮 %s，最长 %s；%d 项不平",
		steady: "稳态", steadyYes: "是，共 %d 秒", steadyNo: "否：平均响应变动 %+.0f %%，共 %d 秒",
		schedule: "时间表", evidence: "证据", because: "原因", met: "达到", missed: "未达",
		plantedSlow: "人为植入：待测方的写线程多工作 %.3g %%",
		planted:     "植入", plantedIs: "写线程被人为拖慢 %.3g %%",
	},
}

// Text is the result on one screen of at most 100 columns.
func Text(r *bench.Result, lang words.Lang) string {
	w := wordsOf[lang]
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Cut(fmt.Sprintf(format, args...), columns) + "\n")
	}
	line("%s · %s · "+w.seed+" · "+w.shards, r.Profile.Name, r.Scenario, r.Seed, r.Service.Shards, called(r.Service.Durability, durabilitiesZH, lang))
	about := r.Profile.About
	if lang == words.Chinese {
		about = r.Profile.AboutZH
	}
	line("%s", about)
	l := &r.Latency.Response
	money := w.unproven
	if r.Proof.Proven {
		money = fmt.Sprintf(w.drift, report.Grouped(r.Proof.DriftFen))
	}
	line("\n%s · "+w.settlements+" · %s", w.verdicts[r.Verdict], report.Grouped(int64(r.SettlementsPerSecond)), money)
	line("%s p50 %s · p99 %s · p99.9 %s · %s %s\n", w.response, Short(l.P50), Short(l.P99), Short(l.P999), w.max, Short(l.Max))
	reasons(&b, r.Gates, lang)

	t := &report.Table{}
	t.Row(w.latency, w.count, w.mean, "p50", "p90", "p99", "p99.9", "p99.99", w.max)
	row := func(name string, q *bench.Quantiles) {
		t.Row(name, report.Grouped(q.Count), Short(q.Mean), Short(q.P50), Short(q.P90), Short(q.P99), Short(q.P999), Short(q.P9999), Short(q.Max))
	}
	row(w.response, &r.Latency.Response)
	for i, op := range engine.OperationNames {
		if s, ok := r.ByOperation[op]; ok && len(r.ByOperation) > 1 {
			if lang == words.Chinese {
				op = operationsZH[i]
			}
			row("  "+op, &s.Response)
		}
	}
	row(w.service, &r.Latency.Service)
	row(w.lag, &r.Latency.Lag)
	b.WriteString(t.String() + "\n")

	lines := &labelled{}
	if slow := r.Service.PlantedSlow; slow > 0 {
		lines.Row(w.planted, fmt.Sprintf(w.plantedIs, slow*100))
	}
	for _, o := range r.Objectives {
		state := w.met
		if o.Missed {
			state = w.missed
		}
		lines.Row(w.slo, fmt.Sprintf(w.objective, o.Text, state, got(&o, lang)))
	}
	if len(r.Stages) > 0 {
		lines.Row(w.stages, stagesText(r, lang))
	}
	if r.EngineNS > 0 {
		lines.Row(w.engine, engineText(r, w.engineIs, lang))
	}
	o := &r.Operations
	lines.Row(w.load, fmt.Sprintf(w.loadIs, arrivalsText(&r.Profile, lang), report.Grouped(int64(r.OperationsPerSecond)), report.Grouped(int64(r.Bills)), r.LinesPerBill))
	lines.Row(w.sent, fmt.Sprintf(w.sentIs, report.Grouped(o.Planned), report.Grouped(o.Sent), report.Grouped(o.Skipped), report.Grouped(o.Unsent), report.Grouped(o.HeldBack), report.Grouped(o.WarmUp)))
	if p := &r.Proof; p.Proven {
		text := fmt.Sprintf(w.moneyIs, report.Grouped(p.Checked), len(p.Breaches), p.StateDigest)
		if p.StateDigest != p.ReplayDigest {
			text = strings.Replace(text, " = ", " ≠ ", 1)
		}
		if p.RestartDigest != "" && p.RestartDigest == p.ReplayDigest {
			text += w.restart
		}
		lines.Row(w.money, text)
	} else {
		lines.Row(w.money, w.unproven)
	}
	if c := r.Clearing; c != nil {
		lines.Row(w.clearing, fmt.Sprintf(w.clearingIs, c.Rounds, Short(c.MedianNS), Short(c.MaxNS), len(c.Breaches)))
	}
	switch s := r.Steady; {
	case !s.Tested:
		lines.Row(w.steady, s.Says.In(lang))
	case s.Holds:
		lines.Row(w.steady, fmt.Sprintf(w.steadyYes, s.Windows))
	default:
		lines.Row(w.steady, fmt.Sprintf(w.steadyNo, s.RiseShare*100, s.Windows))
	}
	c := &r.Calibration
	lines.Row(w.machine, fmt.Sprintf(w.machineIs, Short(int64(c.Before.KernelNS)), Short(int64(c.During.KernelNS)), Short(int64(c.After.KernelNS)),
		Short(max(c.Before.JitterMaxNS, c.After.JitterMaxNS)), Short(c.During.SleepP99NS)))
	u := &r.Runtime
	lines.Row(w.run, fmt.Sprintf(w.runIs, u.GCCycles, Short(u.GCPauseP99NS), Short(u.SchedP99NS), bytesOf(u.AllocBytes), busy(r)))
	lines.Row(w.schedule, fmt.Sprintf("%.32s…", r.ScheduleDigest))
	if len(r.Evidence) > 0 {
		lines.Row(w.evidence, strings.Join(r.Evidence, ", "))
	}
	b.WriteString(lines.String())
	return b.String()
}

// columns is how wide a screen is.
const columns = 100

// labelled is a table of labels with texts that wrap.
type labelled struct {
	rows  [][2]string
	label int // the widest
}

// Row adds a label with its text.
func (l *labelled) Row(label, text string) {
	l.rows = append(l.rows, [2]string{label, text})
	l.label = max(l.label, report.Width(label))
}

// String wraps the texts between words.
func (l *labelled) String() string {
	var b strings.Builder
	for _, row := range l.rows {
		label := row[0]
		for i, text := range wrap(row[1], columns-l.label-2) {
			if i > 0 {
				label = ""
			}
			b.WriteString(label + strings.Repeat(" ", l.label+2-report.Width(label)) + text + "\n")
		}
	}
	return b.String()
}

// wrap divides a text into lines of so many columns between its words; a word that
// is longer stands alone.
func wrap(text string, columns int) (lines []string) {
	line := ""
	for _, word := range strings.Split(text, " ") {
		if line != "" && report.Width(line)+1+report.Width(word) > columns {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
			if word == "" {
				continue
			}
			line = word
			continue
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// reasons writes the gates of a verdict, the first ten.
func reasons(b *strings.Builder, gates []bench.Gate, lang words.Lang) {
	const most = 10
	l, because := &labelled{}, wordsOf[lang].because
	for i, g := range gates {
		if i == most {
			l.Row(because, words.F(words.T("%d more", "另有 %d 项"), len(gates)-most).In(lang))
			break
		}
		l.Row(because, g.Says.In(lang))
	}
	if len(gates) > 0 {
		b.WriteString(l.String() + "\n")
	}
}

// stagesText divides a batch's time, the engine's stages together; a number and its
// per cent stay on one line.
func stagesText(r *bench.Result, lang words.Lang) string {
	engine, parts := 0.0, []string{}
	part := func(name string, share float64) {
		parts = append(parts, fmt.Sprintf("%s\u00a0%.0f\u00a0%%", called(name, stagesZH, lang), share*100))
	}
	for i, s := range r.Stages {
		switch stage := service.Stage(i); {
		case stage >= service.StageIdentify && stage < service.StagePost:
			engine += s.Share
		case stage == service.StagePost:
			part("engine", engine+s.Share)
		case s.Share > 0:
			part(s.Name, s.Share)
		}
	}
	return strings.Join(parts, "  ")
}

// engineText divides the engine's own time among its stages.
func engineText(r *bench.Result, format string, lang words.Lang) string {
	share := 0.0
	inside := r.Stages[service.StageIdentify : service.StagePost+1]
	for _, s := range inside {
		share += s.Share
	}
	parts := []string{}
	for _, s := range inside {
		parts = append(parts, fmt.Sprintf("%s\u00a0%.0f\u00a0%%", called(s.Name, stagesZH, lang), s.Share/share*100))
	}
	return fmt.Sprintf(format, r.EngineNS, strings.Join(parts, "  "))
}

// busy is how many processors the process kept busy over the run.
func busy(r *bench.Result) float64 {
	return float64(r.Runtime.CPUNS) / float64(max(r.Runtime.WallNS, 1))
}

// arrivals says in a few words what load was offered.
func arrivals(p *bench.Profile) string {
	switch p.Arrivals {
	case bench.ArriveMax:
		if p.Operations > 0 {
			return fmt.Sprintf("max, %s operations", report.Grouped(p.Operations))
		}
		return fmt.Sprintf("max for %v", time.Duration(p.ForNS))
	case bench.ArriveReplay:
		return "replay of " + p.Recorded
	case bench.ArriveRamp:
		return fmt.Sprintf("ramp %s → %s/s for %v, %s", report.Grouped(int64(p.Rate)), report.Grouped(int64(p.RateTo)), time.Duration(p.ForNS), p.Spacing)
	}
	return fmt.Sprintf("%s %s/s for %v, %s", p.Arrivals, report.Grouped(int64(p.Rate)), time.Duration(p.ForNS), p.Spacing)
}

// Short writes nanoseconds with three digits and a unit.
func Short(ns int64) string {
	v, unit := float64(ns), "ns"
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if v >= u.ns*0.9995 {
			v, unit = v/u.ns, u.name
			break
		}
	}
	switch {
	case unit == "ns" || v >= 99.95:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 9.995:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}

func bytesOf(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
