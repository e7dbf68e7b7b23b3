package report

import (
	"fmt"
	"strings"
	"time"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report/words"
)

// summaryTexts are the texts of the summary in one language.
type summaryTexts struct {
	synthetic, seed, full, sample, settled, run, sampled                       string
	cases, relief, target, gap, error                                          string
	kinds                                                                      [engine.NumKinds]string
	all, reliefIs                                                              string
	direct, directIn, patient, patientIn                                       string
	with, overlay, more                                                        string
	fit, follows, compared, unknown, projected, assumed                        string
	flows, flowCases, flowMoney                                                string
	prepayment, alerts, warmUp, mains, use, pots, noPots, clearing, trial, inv string
	watched, notEstimated                                                      string
	outages, outage, outageFew                                                 string
	digest, speed, cost, memory                                                string
	caseUnit, moneyUnit                                                        int64
	caseDecimals, moneyDecimals                                                int
}

var wordsOf = [...]summaryTexts{
	words.English: {
		synthetic: "synthetic population", seed: "seed %d", full: "every patient", sample: "sample %s, figures × %d",
		settled: "%s to %s: %s settlements in the measured months.",
		run:     "%s computed in all, warm-up and reversed ones included.",
		sampled: "± is one standard error of the sample.",
		cases:   "Cases", relief: "Relief", target: "published", gap: "gap", error: "±",
		kinds: [engine.NumKinds]string{"Inpatient", "Outpatient", "Chronic", "Pharmacy"}, all: "All",
		reliefIs: "Relief is what patients need not advance: funds and personal account, in million yuan.",
		direct:   "Settled directly", directIn: "%s of all bills presented; of inpatients' %s",
		patient: "Patients bear", patientIn: "%s of the fees settled directly, account and cash; of inpatients' %s",
		with: "with: ", overlay: "overlay %s", more: "and %d more",
		fit: "%d fitted figures, largest gap %s", follows: "; what follows from them within %s",
		compared: "other published figures: %d compared, %d met (within 10 %%, in bound, in order)", unknown: "; %d need a full run",
		projected: "%d projected figures, no published ones; largest gap %s", assumed: "projected",
		flows: "Largest flows", flowCases: "cases", flowMoney: "cleared, M yuan",
		prepayment: "Prepayment", alerts: "%s pairs watched; %s yellow and %s red alerts; %s top-ups, %s M yuan",
		warmUp:       "before these months, in the warm-up: %s yellow, %s red; %s top-ups, %s M yuan",
		mains:        "among the %s main pairs, 90 %% of the money: %s yellow, %s red",
		use:          "highest use rate of a main pair %s, %s, %s → %s",
		watched:      "%s pairs watched in the sample; alerts, top-ups, use rates and pots are not ",
		notEstimated: "estimated from a sample, whose pairs swing more than whole ones; a full run gives them",
		pots:         "own money advanced in the whole run: provinces %d, days %s in all, at most %s M yuan", noPots: "no province of treatment had to advance its own money",
		outages: "Outages", outage: "%s bills met one; %s waited, %s of them settled; %s paid in full, %s M yuan, %s of them by hand",
		outageFew: "%s bills of the sample met one, too few to say what became of all; a full run tells",
		clearing:  "Clearing", trial: "%s M yuan; the last fen arrived on %s; trial balance %s fen",
		inv: "Invariants\x00%s identities checked, %s violated", digest: "Digest",
		speed: "Speed\x00%s settlements in %s on %d workers, %s/s", cost: "%s core-ns each", memory: "; peak memory %s MiB",
		caseUnit: 1, moneyUnit: 100 * 1_000_000, caseDecimals: 0, moneyDecimals: 0,
	},
	words.Chinese: {
		synthetic: "合成人口", seed: "种子 %d", full: "全部患者", sample: "抽样 %s，数字已 × %d",
		settled: "%s 至 %s：计量月份共结算 %s 人次。",
		run:     "含预热期与撤销共计算 %s 笔。",
		sampled: "± 为抽样标准误。",
		cases:   "万人次", relief: "减少垫付", target: "公布数", gap: "偏差", error: "±",
		kinds: [engine.NumKinds]string{"住院", "普通门诊", "门诊慢特病", "定点零售药店"}, all: "合计",
		reliefIs: "减少垫付指各项基金与个人账户支付，单位为亿元。",
		direct:   "直接结算率", directIn: "全部 %s；住院 %s",
		patient: "个人负担", patientIn: "占直接结算费用 %s（账户与现金）；住院 %s",
		with: "设定：", overlay: "叠加文件 %s", more: "另有 %d 项",
		fit: "拟合指标 %d 项，最大偏差 %s", follows: "；由其推出的偏差不超过 %s",
		compared: "另比较公布指标 %d 项，%d 项相符（偏差 10%% 以内、符合界限或次序一致）", unknown: "；%d 项须全量运行",
		projected: "推演指标 %d 项，非公布数；最大偏差 %s", assumed: "推演数",
		flows: "主要流向", flowCases: "万人次", flowMoney: "清算（亿元）",
		prepayment: "预付金", alerts: "监测 %s 对；黄色预警 %s 次，红色预警 %s 次；紧急调增 %s 次，%s 亿元",
		warmUp:       "此前预热期另有：黄色 %s 次，红色 %s 次；紧急调增 %s 次，%s 亿元",
		mains:        "其中清算额占 90%% 的 %s 个主要省对：黄色 %s 次，红色 %s 次",
		use:          "主要省对最高使用率 %s，%s，%s → %s",
		watched:      "样本中监测 %s 对；预警、调增、使用率与资金垫付不由抽样推算：",
		notEstimated: "抽样省对的月度波动大于全量，须运行全量才能得出",
		pots:         "全程 %d 个就医省曾垫付自有资金，合计 %s 天，最多 %s 亿元", noPots: "没有就医省需要垫付自有资金",
		outages: "停机", outage: "%s 笔遇停机；等待 %s 笔，其中恢复后结算 %s 笔；全额垫付 %s 笔，%s 亿元，其中手工报销 %s 笔",
		outageFew: "抽样中 %s 笔遇停机，为数过少，不予推算；全量运行给出",
		clearing:  "清算", trial: "%s 亿元；最后一分钱于 %s 到账；试算平衡差额 %s 分",
		inv: "不变量\x00核对 %s 项，违反 %s 项", digest: "数字摘要",
		speed: "速度\x00%s 笔，用时 %s，%d 个工作线程，%s 笔/秒", cost: "每笔 %s 核纳秒", memory: "；内存峰值 %s MiB",
		caseUnit: 10_000, moneyUnit: 100 * 100_000_000, caseDecimals: 2, moneyDecimals: 2,
	},
}

// Text writes the summary for a person, on one screen.
func Text(in *Input, s *Summary, v *Validation, on Screen) string {
	lang := on.Lang
	w := &wordsOf[lang]
	title, sample := in.Title, w.full
	if lang == words.Chinese && in.TitleZH != "" {
		title = in.TitleZH
	}
	if title == "" {
		title = in.Scenario
	}
	if s.Expansion > 1 {
		sample = fmt.Sprintf(w.sample, SampleText(s.Sample), s.Expansion)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s · %s · %s\n", title, w.synthetic, fmt.Sprintf(w.seed, s.Seed), sample)
	fmt.Fprintf(&b, w.settled, s.MeasuredFrom, s.MeasuredTo, Grouped(s.SettlementsMeasured))
	if s.Expansion > 1 {
		b.WriteString("\n" + w.sampled)
	} else {
		b.WriteString("\n" + fmt.Sprintf(w.run, Grouped(s.Settlements)))
	}
	b.WriteString("\n" + whatIf(s, w, on.Columns) + "\n")
	b.WriteString(kindTable(s, v, w).Fit(on.Columns))
	b.WriteString(w.reliefIs + "\n")
	if len(v.Targets) > 0 {
		fitted, fittedGap := v.worst(sim.Fitted)
		follow, followGap := v.worst(sim.Follows)
		compared, within, unknown := v.compared()
		text := fmt.Sprintf(w.fit, fitted, gapText(fittedGap, false))
		if projected, gap := v.worst(sim.Projected); projected > 0 {
			text = fmt.Sprintf(w.projected, projected, gapText(gap, false))
		}
		if follow > 0 {
			text += fmt.Sprintf(w.follows, gapText(followGap, false))
		}
		if compared > 0 {
			text += "\n" + fmt.Sprintf(w.compared, compared, within)
		}
		if unknown > 0 {
			text += fmt.Sprintf(w.unknown, unknown)
		}
		b.WriteString(text + "\n")
	}

	var facts Table
	facts.Left = map[int]bool{1: true}
	inpatient := &s.ByKind[engine.Inpatient]
	facts.Row(w.direct, fmt.Sprintf(w.directIn, percent(s.DirectRateBP), percent(inpatient.DirectRateBP)))
	facts.Row(w.patient, fmt.Sprintf(w.patientIn, percent(s.PatientShareBP), percent(inpatient.PatientShareBP)))
	if s.Outages != nil {
		facts.Row(w.outages, s.Outages.text(w, s.Expansion))
	}
	b.WriteString("\n" + facts.Fit(on.Columns) + "\n")

	b.WriteString(flowTable(in, s, w, lang))

	facts = Table{Left: facts.Left}
	p := &s.Prepayment
	if s.Expansion > 1 {
		facts.Row(w.prepayment, fmt.Sprintf(w.watched, Grouped(int64(p.PairsWatched)))+w.notEstimated)
	} else {
		facts.Row(w.prepayment, fmt.Sprintf(w.alerts, Grouped(int64(p.PairsWatched)), Grouped(int64(*p.Yellow)), Grouped(int64(*p.Red)),
			Grouped(int64(*p.TopUps)), w.money(*p.TopUpFen)))
		if x := p.WarmUp; in.World.WarmUp > 0 {
			facts.Row("", fmt.Sprintf(w.warmUp, Grouped(int64(x.Yellow)), Grouped(int64(x.Red)), Grouped(int64(x.TopUps)), w.money(x.TopUpFen)))
		}
		if *p.MaxUseRateBP >= 0 {
			facts.Row("", fmt.Sprintf(w.mains, Grouped(int64(*p.MainPairs)), Grouped(int64(*p.MainYellow)), Grouped(int64(*p.MainRed))))
			facts.Row("", fmt.Sprintf(w.use, percent(*p.MaxUseRateBP), *p.MaxUseMonth,
				provinceName(in.World, p.maxIn, lang), provinceName(in.World, p.maxOut, lang)))
		}
		if *p.ShortPots > 0 {
			facts.Row("", fmt.Sprintf(w.pots, *p.ShortPots, Grouped(int64(*p.ShortPotDays)), w.money(*p.DeepestShortfallFen)))
		} else {
			facts.Row("", w.noPots)
		}
	}
	facts.Row(w.clearing, fmt.Sprintf(w.trial, w.money(s.Clearing.ClearedFen), s.Clearing.LastArrival, Grouped(int64(s.TrialBalanceFen))))
	head, rest, _ := strings.Cut(w.inv, "\x00")
	facts.Row(head, fmt.Sprintf(rest, Grouped(s.Invariants.Checked), Grouped(s.Invariants.Violated)))
	facts.Row(w.digest, s.Digest)
	head, rest, _ = strings.Cut(w.speed, "\x00")
	facts.Row(head, fmt.Sprintf(rest, Grouped(s.Settlements), time.Duration(s.WallNS).Round(10*time.Millisecond), s.Workers,
		Grouped(int64(s.SettlementsPerSec))))
	cost := fmt.Sprintf(w.cost, fmt.Sprintf("%.1f", s.CoreNSPerSettlement))
	if s.PeakRSSBytes > 0 {
		cost += fmt.Sprintf(w.memory, Grouped(s.PeakRSSBytes>>20))
	}
	facts.Row("", cost)
	b.WriteString("\n" + facts.Fit(on.Columns))
	return Wrapped(b.String(), on.Columns)
}

// mostWith is how many parts of a what-if the summary names.
const mostWith = 3

// whatIf names what was laid over the pack, a line each.
func whatIf(s *Summary, w *summaryTexts, columns int) string {
	var parts []string
	for _, file := range s.Overlays {
		parts = append(parts, fmt.Sprintf(w.overlay, file))
	}
	for _, set := range s.Sets {
		parts = append(parts, "--set "+set)
	}
	if n := len(parts) - mostWith; n > 0 {
		parts = append(parts[:mostWith], fmt.Sprintf(w.more, n))
	}
	text, head := "", w.with
	for _, part := range parts {
		text += Cut(head+strings.Join(strings.Fields(part), " "), columns) + "\n"
		head = strings.Repeat(" ", Width(head))
	}
	return text
}

// kindTable compares cases and relief by kind with what was published.
func kindTable(s *Summary, v *Validation, w *summaryTexts) *Table {
	sampled := s.Expansion > 1
	t := Table{Drop: [][]int{{2, 5}}} // what was published stands in the gap beside it
	if sampled {
		t.Drop = [][]int{{3, 7}}
	}
	row := func(name string, figures ...string) {
		cells := []string{name}
		for i, f := range figures {
			if i%4 == 1 && !sampled {
				continue // no column for standard errors
			}
			cells = append(cells, f)
		}
		t.Row(cells...)
	}
	target := w.target
	if projected, _ := v.worst(sim.Projected); projected > 0 {
		target = w.assumed // never to be read as published
	}
	row("", w.cases, w.error, target, w.gap, w.relief, w.error, target, w.gap)
	line := func(name string, k *KindSummary, cases, relief *TargetRow) {
		casesTarget, casesGap, reliefTarget, reliefGap := "", "", "", ""
		if cases != nil {
			casesTarget, casesGap = w.count(cases.Target), gapText(*cases.GapPPM, true)
		}
		if relief != nil {
			reliefTarget, reliefGap = w.money(money.Fen(relief.Target)), gapText(*relief.GapPPM, true)
		}
		row(name, w.count(k.Cases), relative(k.CasesSE, k.Cases), casesTarget, casesGap,
			w.money(k.ReliefFen), relative(int64(k.ReliefSEFen), int64(k.ReliefFen)), reliefTarget, reliefGap)
	}
	sums := [2]*TargetRow{{GapPPM: new(int64), Achieved: new(int64)}, {GapPPM: new(int64), Achieved: new(int64)}}
	for kind := range s.ByKind {
		cases, relief := v.row(kind, sim.MeasureCases), v.row(kind, sim.MeasureRelief)
		line(w.kinds[kind], &s.ByKind[kind], cases, relief)
		for i, r := range [...]*TargetRow{cases, relief} {
			if r == nil || sums[i] == nil {
				sums[i] = nil // a total of some kinds would mislead
				continue
			}
			sums[i].Target += r.Target
			*sums[i].Achieved += *r.Achieved
			*sums[i].GapPPM = ppm(*sums[i].Achieved, sums[i].Target) - million
		}
	}
	line(w.all, &s.Total, sums[0], sums[1])
	return &t
}

func flowTable(in *Input, s *Summary, w *summaryTexts, lang words.Lang) string {
	t := Table{Left: map[int]bool{1: true, 2: true}}
	t.Row(w.flows, "", "", w.flowCases, w.flowMoney)
	for _, f := range s.TopFlows {
		t.Row("  "+provinceName(in.World, f.insured, lang), "→", provinceName(in.World, f.treating, lang), w.count(f.Cases), w.money(f.ClearedFen))
	}
	return t.String()
}

func (w *summaryTexts) count(v int64) string { return scaled(v, w.caseUnit, w.caseDecimals) }

func (w *summaryTexts) money(v money.Fen) string {
	return scaled(int64(v), w.moneyUnit, w.moneyDecimals)
}

func provinceName(w *sim.World, i int, lang words.Lang) string {
	p := &w.Provinces[i]
	if lang == words.Chinese || p.NameEN == "" {
		return p.NameZH
	}
	return p.NameEN
}

// percent writes basis points: "71.23 %".
func percent(bp int64) string { return scaled(bp, 100, 2) + " %" }

// gapText writes millionths as a percentage, with its sign where asked.
func gapText(ppm int64, signed bool) string {
	text := scaled(ppm, 10_000, 2) + " %"
	if signed && ppm >= 0 {
		text = "+" + text
	}
	return text
}

// relative writes a standard error as a share of its figure.
func relative(se, figure int64) string {
	if figure == 0 {
		return ""
	}
	return scaled(ppm(se, figure), 10_000, 2) + " %"
}
