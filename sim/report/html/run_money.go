package html

import (
	"cmp"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/report/words"
)

// panelsDrawn is how many pairs have a panel of their own, highestListed how many a bar
// and pairsListed how many a row of the table behind.
const (
	panelsDrawn   = 12
	highestListed = 12
	pairsListed   = 80
)

// notEstimated stands in place of what no factor can tell of a sample.
func (y *year) notEstimated() words.Text {
	return words.F(words.T("Not drawn: this is a sample of one patient in %d. A pair of provinces of which few patients are left swings far more from month to month than the whole pair, raises many times the alerts and top-ups, and no factor undoes that. A full run shows use rates, alerts, pots and waiting times.",
		"此处不绘图：本次运行每 %d 名患者抽取一名。患者所剩无几的省对，月度波动远大于全量，预警与调增次数随之成倍增加，且无法按倍数还原。使用率、预警、资金垫付与应收天数须运行全量得出。"), y.n)
}

// watched are the measured months of a pair.
type watched struct {
	*clearing.Pair
	months  []*clearing.PairMonth // by measured month; nil where the pair had none
	cleared money.Fen
}

func (y *year) watched() (all []watched) {
	for i := range y.Result.Clearing.Pairs {
		p := watched{Pair: &y.Result.Clearing.Pairs[i], months: make([]*clearing.PairMonth, len(y.measured()))}
		for j := range p.Months {
			m := &p.Months[j]
			if at := int(m.Month - y.first); at >= 0 && at < len(p.months) {
				p.months[at] = m
				p.cleared += m.Clearing
			}
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b watched) int { return cmp.Compare(b.cleared, a.cleared) })
	return all
}

func (p *watched) name(w *sim.World) words.Text {
	return words.F(words.T("%s, %s", "%s · %s"), pairName(w, p.Insured, p.Treating), schemeNames[p.Scheme])
}

func (y *year) prepayment() Section {
	rule := &y.World.Prepayment
	s := Section{ID: "prepayment", Title: words.T("Prepayment", "预付金"),
		Lead: words.F(words.T("Use rate: a month's clearing ÷ the quota in force at the sign-off. At %s the alert is yellow, at %s red. A pair is an insured province, a province of treatment and a scheme; %s pairs were watched.",
			"使用率为当月清算额 ÷ 签章时的预付金额度，达 %s 为黄色预警，达 %s 为红色预警。省对指参保省、就医省与险种的组合，共监测 %s 对。"),
			Percent.Of(int64(rule.Yellow)), Percent.Of(int64(rule.Red)), Number.Of(int64(len(y.Result.Clearing.Pairs))))}
	if y.sampled() {
		s.Notice = y.notEstimated()
		return s
	}
	pairs, labels := y.watched(), y.monthLabels()
	if len(pairs) == 0 {
		s.Notice = words.T("No pair cleared anything.", "没有省对发生清算。")
		return s
	}
	marks := []Mark{
		{int64(rule.Yellow), words.F(words.T("yellow %s", "黄色预警线 %s"), Percent.Of(int64(rule.Yellow))), Orange},
		{int64(rule.Red), words.F(words.T("red %s", "红色预警线 %s"), Percent.Of(int64(rule.Red))), Vermillion},
	}
	panels := &Panels{}
	var peaks []peak
	var total, run money.Fen
	for i := range pairs {
		total += pairs[i].cleared
	}
	mains := 0
	table := &Table{Columns: []Column{{Title: words.T("Pair", "省对"), Texts: true}, {Title: words.T("Cleared", "清算额"), Unit: Money}}}
	for _, label := range labels {
		table.Columns = append(table.Columns, Column{Title: label, Unit: Percent})
	}
	byAlert := make([][]int64, engine.NumAlerts)
	pairsBy := make([][]int64, engine.NumAlerts)
	for a := range byAlert {
		byAlert[a], pairsBy[a] = make([]int64, len(labels)), make([]int64, len(labels))
	}
	topUps, topUpCount := make([]int64, len(labels)), make([]int64, len(labels))
	for i := range pairs {
		p := &pairs[i]
		rates := make([]int64, len(labels))
		line := []Cell{W(p.name(y.World)), N(int64(p.cleared))}
		for j, m := range p.months {
			rates[j] = None
			if m != nil {
				if m.UseRateBP >= 0 {
					rates[j] = m.UseRateBP
				}
				byAlert[m.Alert][j] += max(0, int64(m.Clearing))
				pairsBy[m.Alert][j]++
				if m.TopUp != 0 {
					topUps[j] += int64(m.TopUp)
					topUpCount[j]++
				}
			}
			line = append(line, N(rates[j]))
		}
		if at := slices.Index(rates, slices.Max(rates)); run*10 < total*9 {
			mains++
			if rates[at] != None {
				peaks = append(peaks, peak{p.name(y.World), labels[at], rates[at], p.months[at]})
			}
		}
		run += p.cleared
		if i < panelsDrawn {
			panels.Names = append(panels.Names, pairName(y.World, p.Insured, p.Treating))
			panels.Notes = append(panels.Notes, words.F(words.Same("%s · %s"), schemeNames[p.Scheme], Money.Of(int64(p.cleared))))
			panels.Each = append(panels.Each, &Lines{Labels: labels, Values: [][]int64{rates}, Series: []Series{{words.T("use rate", "使用率"), Blue}}, Unit: Percent, Marks: marks})
		}
		if i < pairsListed {
			table.Rows = append(table.Rows, line)
		}
	}
	if len(pairs) > pairsListed {
		table.More = words.F(words.T("The %d largest of %d pairs; all are in prepayment.csv.", "为 %[2]d 对中最大的 %[1]d 对；全部见 prepayment.csv。"), pairsListed, len(pairs))
	}
	columns := &Columns{Labels: labels, Values: byAlert, Unit: Money}
	states := &Table{Columns: []Column{{Title: words.T("Month", "月份"), Texts: true}}}
	for a, name := range alertNames {
		columns.Series = append(columns.Series, Series{name, alertColours[a]})
		states.Columns = append(states.Columns, Column{Title: words.F(words.T("Cleared, %s", "清算额·%s"), name), Unit: Money}, Column{Title: words.F(words.T("Pairs, %s", "省对·%s"), name), Unit: Number})
	}
	states.Columns = append(states.Columns, Column{Title: words.T("Top-ups", "调增次数"), Unit: Number}, Column{Title: words.T("Topped up", "调增金额"), Unit: Money})
	for j, label := range labels {
		line := []Cell{W(label)}
		for a := range alertNames {
			line = append(line, N(byAlert[a][j]), N(pairsBy[a][j]))
		}
		states.Rows = append(states.Rows, append(line, N(topUpCount[j]), N(topUps[j])))
	}
	highest, peakTable := highestRates(peaks)
	grown := &Columns{Labels: labels, Values: [][]int64{topUps}, Unit: Money, Series: []Series{{words.T("topped up", "调增金额"), Purple}}}
	s.Figures = []Figure{
		{Title: words.T("Use of the prepayment by the largest pairs", "主要省对的预付金使用率"), Note: words.F(words.T("The %d pairs that clear most, in the measured months, with what they cleared; one axis for all.", "计量月份清算额最大的 %d 对及其清算额，坐标一致。"), len(panels.Each)), Chart: panels, Table: table, Wide: true},
		{Title: words.T("Highest use rates", "最高使用率"), Note: words.F(words.T("Each pair's highest month, of the %d largest pairs that together clear 90 %% of the money; the rates of the others jump with single bills.", "清算额合计占 90%% 的 %d 个主要省对中，各对使用率最高的月份；其余省对受个别大额费用影响，波动较大。"), mains), Chart: highest, Table: peakTable, Wide: true},
		{Title: words.T("Cleared money by the state of its pair", "各预警状态省对的清算额"), Note: words.T("A pair's whole month counts under its colour at the sign-off.", "省对当月清算额全部计入签章时的状态。"), Chart: columns, Table: states},
		{Title: words.T("Emergency top-ups granted", "紧急调增金额"), Note: words.T("By the settled month whose sign-off led to them.", "按引发调增的清算月份。"), Chart: grown, Table: states},
	}
	return s
}

// peak is a pair's month with its highest use rate.
type peak struct {
	pair, month words.Text
	rate        int64
	of          *clearing.PairMonth
}

// highestRates draws the highest of the peaks.
func highestRates(peaks []peak) (*Bars, *Table) {
	slices.SortStableFunc(peaks, func(a, b peak) int { return cmp.Compare(b.rate, a.rate) })
	bars := &Bars{Unit: Percent, Series: []Series{{words.T("use rate", "使用率"), Blue}}}
	table := &Table{Columns: []Column{
		{Title: words.T("Pair", "省对"), Texts: true}, {Title: words.T("Month", "月份"), Texts: true}, {Title: words.T("Use rate", "使用率"), Unit: Percent}, {Title: words.T("Cleared", "清算额"), Unit: Money}, {Title: words.T("Quota", "额度"), Unit: Money}, {Title: words.T("Topped up", "调增金额"), Unit: Money},
	}}
	for _, p := range peaks[:min(len(peaks), highestListed)] {
		bars.Rows = append(bars.Rows, Row{Label: words.F(words.T("%s, %s", "%s · %s"), p.pair, p.month), Values: []int64{p.rate}})
		table.Rows = append(table.Rows, []Cell{W(p.pair), W(p.month), N(p.rate), N(int64(p.of.Clearing)), N(int64(p.of.Quota)), N(int64(p.of.TopUp))})
	}
	return bars, table
}

func (y *year) pots() Section {
	w := y.World
	s := Section{ID: "pots", Title: words.T("Pots and waiting", "资金垫付与应收天数"),
		Lead: words.T("A province of treatment pays its institutions out of the prepayments it holds, its pot. Where the pot is dry it advances its own money, or the institutions wait.",
			"就医省以收到的预付金向定点机构拨付；预付金不足时，就医省以自有资金垫付，或由机构等待。")}
	if y.sampled() {
		s.Notice = y.notEstimated()
		return s
	}
	days := &Bars{Unit: Counted(words.T("days", "天")), Series: []Series{{words.T("days short", "垫付天数"), Vermillion}}}
	depth := &Bars{Unit: Money, Series: []Series{{words.T("deepest shortfall", "最大垫付额"), Purple}}}
	table := &Table{Columns: []Column{
		{Title: words.T("Province of treatment", "就医省"), Texts: true}, {Title: words.T("Days short", "垫付天数"), Unit: Number}, {Title: words.T("Deepest shortfall", "最大垫付额"), Unit: Money}, {Title: words.T("On", "日期"), Texts: true},
		{Title: words.T("Never touched", "从未动用额"), Unit: Money}, {Title: words.T("Days of waiting", "等待天数"), Unit: Number},
	}}
	untouched := &Bars{Unit: Money, Series: []Series{{words.T("never touched", "从未动用"), Sky}}}
	for i := range y.Result.Clearing.Treating {
		p := &y.Result.Clearing.Treating[i]
		waiting := 0
		for j := range p.Months {
			waiting += p.Months[j].WaitingDays
		}
		name, on := ProvinceName(w, p.Treating), Cell{}
		untouched.Rows = append(untouched.Rows, Row{Label: name, Values: []int64{max(0, int64(p.Idle))}})
		if p.ShortDays > 0 {
			days.Rows = append(days.Rows, Row{Label: name, Values: []int64{int64(p.ShortDays)}})
			depth.Rows = append(depth.Rows, Row{Label: name, Values: []int64{int64(-p.Lowest)}})
			on = W(words.Same(p.LowestDay.String()))
		}
		table.Rows = append(table.Rows, []Cell{W(name), N(int64(p.ShortDays)), N(int64(-p.Lowest)), on, N(int64(p.Idle)), N(int64(waiting))})
	}
	bySize := func(a, b Row) int { return cmp.Compare(b.sum(), a.sum()) }
	slices.SortStableFunc(untouched.Rows, bySize)
	slices.SortStableFunc(days.Rows, bySize)
	slices.SortStableFunc(depth.Rows, bySize)
	if len(days.Rows) == 0 {
		s.Notice = words.T("No province of treatment had to advance its own money.", "没有就医省需要垫付自有资金。")
	} else {
		s.Figures = append(s.Figures,
			Figure{Title: words.T("Days on which own money was advanced", "自有资金垫付天数"), Note: words.T("Over the whole run, provinces without any left out.", "含预热期与收尾期，未垫付的省份不列。"), Chart: days, Table: table},
			Figure{Title: words.T("Deepest shortfall", "最大垫付额"), Chart: depth, Table: table})
	}
	s.Figures = append(s.Figures, Figure{Title: words.T("Money in the pots that was never touched", "预付金中从未动用的金额"), Note: words.T("The lowest level of each pot in the measured months.", "计量月份各就医省预付金余额的最低值。"), Chart: untouched, Table: table})
	if f, ok := y.receivable(); ok {
		s.Figures = append(s.Figures, f)
	}
	return s
}

// receivable is how long institutions waited for a fen, by province of treatment, over
// the periods of the measured months.
func (y *year) receivable() (Figure, bool) {
	w := y.World
	type waits struct{ fenDays, paid, late float64 }
	by := make([]waits, len(w.Provinces))
	for i := range y.Result.Clearing.Periods {
		p := &y.Result.Clearing.Periods[i]
		if p.Month < y.first || p.Month > y.last {
			continue
		}
		for j := range p.Institutions {
			x := &p.Institutions[j]
			b := &by[x.Treating]
			b.fenDays, b.paid, b.late = b.fenDays+float64(x.FenDays), b.paid+float64(x.Paid), b.late+float64(x.Late)
		}
	}
	bars := &Bars{Unit: Days, Series: []Series{{words.T("days", "天"), Blue}}}
	table := &Table{Columns: []Column{{Title: words.T("Province of treatment", "就医省"), Texts: true}, {Title: words.T("From settlement to payment", "结算至拨付"), Unit: Days}, {Title: words.T("Paid", "已拨付"), Unit: Money}, {Title: words.T("Paid late", "逾期拨付"), Unit: Money}}}
	for i, b := range by {
		if b.paid <= 0 {
			continue
		}
		mean := int64(b.fenDays/b.paid*100 + 0.5)
		bars.Rows = append(bars.Rows, Row{Label: ProvinceName(w, i), Values: []int64{mean}})
		table.Rows = append(table.Rows, []Cell{W(ProvinceName(w, i)), N(mean), N(int64(b.paid)), N(int64(b.late))})
	}
	slices.SortStableFunc(bars.Rows, func(a, b Row) int { return cmp.Compare(b.sum(), a.sum()) })
	return Figure{Title: words.T("How long institutions wait for a fen", "定点机构应收天数"), Note: words.T("Mean days from settlement to payment, weighted by money, by province of treatment.", "结算至拨付的平均天数，按金额加权，按就医省。"), Chart: bars, Table: table}, len(bars.Rows) > 0
}
