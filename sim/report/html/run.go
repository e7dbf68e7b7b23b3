package html

import (
	"fmt"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// Run is a run and what is told of it.
type Run struct {
	*report.Input
	Summary    *report.Summary
	Validation *report.Validation
	Manifest   *report.Manifest
	// Assumptions count the values of the data pack's files by status.
	Assumptions []Assumption
}

// Assumption counts the values of one file of a data pack by their status.
type Assumption struct {
	File   string
	Values map[string]int
}

// FileName is the report's name in a run directory.
const FileName = "report.html"

// WriteRun writes the report of a run into its directory and returns its line for
// the manifest.
func WriteRun(sink report.Sink, in *Run) (report.File, error) {
	file := report.File{Name: FileName, What: "the run as a page to look at, in English and Chinese"}
	f, err := sink.Create(FileName)
	if err != nil {
		return file, err
	}
	err = RunPage(in).Write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return file, fmt.Errorf("writing %s: %w", FileName, err)
	}
	return file, nil
}

// RunPage is the page of a run.
func RunPage(in *Run) *Page {
	y := yearOf(in)
	title := words.T(in.Title, in.TitleZH)
	if title.EN == "" {
		title = words.Same(in.Scenario)
	}
	if title.ZH == "" {
		title.ZH = title.EN
	}
	p := &Page{
		Title:  title,
		Banner: words.T("Synthetic: every person, bill and payment in this report is made up.", "合成数据：本报告中的人员、费用与资金往来均为虚构。"),
		Lead: words.F(words.T("%s to %s · seed %d · %s", "%s 至 %s · 种子 %d · %s"),
			in.Summary.MeasuredFrom, in.Summary.MeasuredTo, in.Seed, y.sampleText()),
		Sections: []Section{
			y.keyFigures(), y.flows(), y.payers(), y.refusals(), y.manual(), y.calendar(),
			y.prepayment(), y.pots(), y.validation(), y.assumptions(), y.manifest(),
		},
	}
	if what := whatIf(in); what != "" {
		p.Lead = words.F(words.T("%s · what-if: %s", "%s · 设定：%s"), p.Lead, what)
	}
	return p
}

// whatIf names what was laid over the data pack, in a line; the manifest has all.
func whatIf(in *Run) string {
	const most = 3
	var parts []string
	for _, o := range in.Overlays {
		parts = append(parts, o.File)
	}
	parts = append(parts, in.Sets...)
	if len(parts) > most {
		parts = append(parts[:most:most], "…")
	}
	return strings.Join(parts, "; ")
}

// year is a run with the sums that several sections need; all are raw, of the sample.
type year struct {
	*Run
	n int64 // what a figure of the sample is multiplied by
	// totals are the measured months by scheme and kind; cases and cleared by insured
	// province and province of treatment.
	totals         [engine.NumSchemes][engine.NumKinds]engine.Totals
	cases, cleared [][]int64
	byPool         []engine.Totals // of inpatients
	days           []int64         // settlements of each measured day
	firstDay       day.Day
	first, last    day.Month // the measured months
}

func yearOf(in *Run) *year {
	y := &year{Run: in, n: int64(max(1, in.Sample)), byPool: make([]engine.Totals, len(in.World.Pools))}
	provinces := len(in.World.Provinces)
	for range provinces {
		y.cases, y.cleared = append(y.cases, make([]int64, provinces)), append(y.cleared, make([]int64, provinces))
	}
	shape := in.Result.Clearing.Ledger.Shape
	for cell, t := range in.Result.Year.Rows() {
		pool, treating, scheme, kind := shape.Split(cell)
		insured := in.World.Pools[pool].Province
		y.totals[scheme][kind].Add(t)
		y.cases[insured][treating] += t[engine.Cases]
		y.cleared[insured][treating] += int64(t.Cleared())
		if kind == engine.Inpatient {
			y.byPool[pool].Add(t)
		}
	}
	y.first, y.last = -1, -1
	for i := range in.Result.Months {
		m := &in.Result.Months[i]
		if !m.Measured {
			continue
		}
		if y.first < 0 {
			y.first, y.firstDay = m.Month, m.Month.First()
		}
		y.last = m.Month
		for d := range m.Month.Days() {
			sum := int64(0)
			for _, n := range m.ByDay[d] {
				sum += n
			}
			y.days = append(y.days, sum)
		}
	}
	return y
}

func (y *year) sampled() bool { return y.n > 1 }

func (y *year) sampleText() words.Text {
	if y.sampled() {
		return words.F(words.T("sample %s, figures × %d", "抽样 %s，数字已 × %d"), report.SampleText(y.Summary.Sample), y.n)
	}
	return words.T("every patient simulated", "全部患者")
}

// measured are the results of the measured months.
func (y *year) measured() (all []*sim.MonthResult) {
	for i := range y.Result.Months {
		if m := &y.Result.Months[i]; m.Measured {
			all = append(all, m)
		}
	}
	return all
}

// monthLabels name the measured months.
func (y *year) monthLabels() (all []words.Text) {
	for _, m := range y.measured() {
		all = append(all, monthNames[m.Month.OfYear()-1])
	}
	return all
}

// busiest is the day with the most settlements.
func (y *year) busiest() (at int) {
	for i, n := range y.days {
		if n > y.days[at] {
			at = i
		}
	}
	return at
}

// share is part ÷ whole in basis points.
func share(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return int64(float64(part)/float64(whole)*10_000 + 0.5)
}

func (y *year) keyFigures() Section {
	s := y.Summary
	withError := func(se int64, u Unit) words.Text {
		if !y.sampled() {
			return words.Text{}
		}
		return words.F(words.T("± %s, one standard error of the sample", "± %s（抽样标准误）"), u.Of(se))
	}
	inpatient := &s.ByKind[engine.Inpatient]
	var byHand engine.Totals
	for kind := range y.Result.ByHand {
		byHand.Add(&y.Result.ByHand[kind])
	}
	tiles := []Tile{
		NewTile(words.T("Settled directly", "直接结算"), Cases.Of(s.Total.Cases), withError(s.Total.CasesSE, Cases)),
		NewTile(words.T("Relief: funds and account", "减少垫付（基金与账户）"), Money.Of(int64(s.Total.ReliefFen)), withError(int64(s.Total.ReliefSEFen), Money)),
		NewTile(words.T("Fees", "医疗费用"), Money.Of(int64(s.Total.FeeFen)), words.F(words.T("inpatients %s", "住院 %s"), Money.Of(int64(inpatient.FeeFen)))),
		NewTile(words.T("Patients bear", "个人负担"), Percent.Of(s.PatientShareBP), words.F(words.T("of the fees settled directly, account and cash; inpatients %s", "占直接结算费用（账户与现金）；住院 %s"), Percent.Of(inpatient.PatientShareBP))),
		NewTile(words.T("Direct settlement rate", "直接结算率"), Percent.Of(s.DirectRateBP), words.F(words.T("of all bills presented; inpatients %s", "占全部提交的费用；住院 %s"), Percent.Of(inpatient.DirectRateBP))),
		NewTile(words.T("Manual claims reimbursed", "手工报销"), Counted(words.T("claims", "件")).Of(byHand[engine.Cases]*y.n), words.F(words.T("the funds pay %s", "基金支付 %s"), Money.Of(int64(byHand.Funds())*y.n))),
	}
	if len(y.days) > 0 {
		at := y.busiest()
		tiles = append(tiles, NewTile(words.T("Busiest day", "单日最高"), Cases.Of(y.days[at]*y.n), words.Same((y.firstDay+day.Day(at)).String())))
	}
	if all := y.largestFlows(); len(all) > 0 {
		tiles = append(tiles, NewTile(words.T("Largest flow", "最大流向"), Cases.Of(all[0].cases), pairName(y.World, all[0].insured, all[0].treating)))
	}
	if p := &s.Prepayment; y.sampled() {
		not := words.T("not estimated from a sample", "抽样不推算")
		tiles = append(tiles,
			Tile{Name: words.T("Red prepayment alerts", "预付金红色预警"), Value: words.Same("–"), Note: not},
			Tile{Name: words.T("Provinces that advanced own money", "垫付自有资金的省份"), Value: words.Same("–"), Note: not})
	} else {
		tiles = append(tiles,
			NewTile(words.T("Red prepayment alerts", "预付金红色预警"), Counted(words.Counter("次")).Of(int64(*p.Red)), words.F(words.T("%s yellow; %s top-ups; in the warm-up before, %s red", "黄色 %s 次；紧急调增 %s 次；此前预热期红色 %s 次"), Number.Of(int64(*p.Yellow)), Number.Of(int64(*p.TopUps)), Number.Of(int64(p.WarmUp.Red)))),
			NewTile(words.T("Provinces that advanced own money", "垫付自有资金的省份"), Counted(words.Counter("个")).Of(int64(*p.ShortPots)), words.F(words.T("%s days in the whole run; at most %s", "全程合计 %s 天；最多 %s"), Number.Of(int64(*p.ShortPotDays)), Money.Of(int64(*p.DeepestShortfallFen)))))
	}
	tiles = append(tiles,
		Tile{Name: words.T("Last fen arrived", "最后一分钱到账"), Value: words.Same(s.Clearing.LastArrival), Note: words.F(words.T("trial balance %s fen", "试算平衡差额 %s 分"), Number.Of(int64(s.TrialBalanceFen)))},
		NewTile(words.T("Identities checked", "核对恒等式"), Counted(words.Counter("项")).Of(s.Invariants.Checked), words.F(words.T("%d broken", "违反 %d 项"), s.Invariants.Violated)))
	return Section{ID: "key", Title: words.T("Key figures", "主要数字"), Tiles: tiles}
}

// sum of several schemes and kinds.
func (y *year) of(kind engine.Kind) (t engine.Totals) {
	for scheme := range y.totals {
		t.Add(&y.totals[scheme][kind])
	}
	return t
}

// fenOf is an amount of the sample, expanded.
func (y *year) fenOf(v money.Fen) int64 { return int64(v) * y.n }
