// Package page makes pages to look at of what experiments found: comparisons, sweeps and
// stress. It gives their figures to the charts and tables of sim/report/html, in English
// and Chinese, and computes nothing new.
package page

import (
	"fmt"
	"math"
	"strings"

	"kuasheng/sim"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// Policy is one policy of an experiment: what it is called and what it was made of.
type Policy struct {
	Name string
	// Title says in words what it does; empty where nobody said so.
	Title      words.Text
	DataDigest string
	Overlays   []report.Overlay
	Sets       []string
}

// title is what a policy is called where there is room.
func (p *Policy) title() words.Text {
	if p.Title == (words.Text{}) {
		return words.Same(p.Name)
	}
	return p.Title
}

// About is what stands on every page beside its figures.
type About struct {
	World    *sim.World // the base's
	Scenario string     // whose data pack it is
	// Policies are the base and what was held against it, in order.
	Policies []Policy
	// Assumptions count the values of the base's data pack by status.
	Assumptions []html.Assumption
	Repeat      string // the command that repeats it
	Program     report.Program
	Seeds       []uint64
	Sample      uint32 // one patient in so many
	// Unexpanded figures are those of a sample, not of as many as it stands for.
	Unexpanded bool
	// Beside says which files hold the same.
	Beside []string
}

// banner is the first thing on every page.
var banner = words.T("Synthetic population: every person, bill and payment behind these figures is made up.", "合成人群：这些数字背后的人员、费用与资金往来均为虚构。")

func (a *About) sampled() bool { return a.Sample > 1 }

// sample says how much was simulated.
func (a *About) sample() words.Text {
	if a.sampled() && a.Unexpanded {
		return words.F(words.T("sample %s, figures are the sample's own, not multiplied", "抽样 %s，数字为样本本身，未放大"), report.SampleText(a.Sample))
	}
	if a.sampled() {
		return words.F(words.T("sample %s, figures × %d", "抽样 %s，数字已 × %d"), report.SampleText(a.Sample), a.Sample)
	}
	return words.T("every patient simulated", "模拟全部患者")
}

// seeds names the seeds.
func (a *About) seeds() words.Text {
	if n := len(a.Seeds); n > 1 {
		return words.F(words.T("seeds %d to %d", "种子 %d 至 %d"), a.Seeds[0], a.Seeds[n-1])
	}
	return words.F(words.T("seed %d", "种子 %d"), a.Seeds[0])
}

// closed is a page with the sections that end every page. Of its figures one that has no
// neighbour takes the whole width.
func (a *About) closed(p *html.Page) *html.Page {
	p.Sections = append(p.Sections, a.assumptions(), a.manifest())
	for i := range p.Sections {
		figures := p.Sections[i].Figures
		for at := 0; at < len(figures); at++ {
			switch {
			case figures[at].Wide:
			case at+1 < len(figures) && !figures[at+1].Wide:
				at++
			default:
				figures[at].Wide = true
			}
		}
	}
	return p
}

func (a *About) assumptions() html.Section {
	s := html.Assumptions(a.Assumptions, a.Scenario)
	for i := range s.Figures {
		s.Figures[i].Title = words.T("Values of the base by status", "基准取值的性质")
	}
	return s
}

func (a *About) manifest() html.Section {
	program := a.Program.Version + " · " + a.Program.Go + " · " + a.Program.Platform
	if a.Program.Revision != "" {
		program += " · " + a.Program.Revision
	}
	facts := []html.Fact{
		{Name: words.T("Command that repeats it", "复现命令"), Value: words.Same(a.Repeat), Verbatim: true},
		{Name: words.T("Scenario", "情景"), Value: words.Same(a.Scenario)},
		{Name: words.T("Seeds", "种子"), Value: words.Same(strings.Trim(fmt.Sprint(a.Seeds), "[]"))},
		{Name: words.T("Sample", "抽样"), Value: a.sample()},
	}
	for i := range a.Policies {
		p := &a.Policies[i]
		name := words.F(words.T("Digest of the data, %s", "数据的数字摘要，%s"), p.Name)
		facts = append(facts, html.Fact{Name: name, Value: words.Same(p.DataDigest)})
	}
	facts = append(facts, html.Fact{Name: words.T("Program", "程序"), Value: words.Same(program)})
	if len(a.Policies) > 0 {
		facts = append(facts, a.Policies[0].contents()...)
	}
	if len(a.Beside) > 0 {
		facts = append(facts, html.Fact{Name: words.T("Files beside this page", "同目录文件"), Value: words.Same(strings.Join(a.Beside, " · "))})
	}
	return html.Section{ID: "manifest", Title: words.T("Manifest", "运行清单"),
		Lead:  words.T("Enough to repeat it: the same command gives the same figures on any machine, with any number of workers.", "据此可复现：相同命令在任何机器、任何并行数下得出相同数字。"),
		Facts: facts}
}

// contents are what a policy lays over its data pack, as written.
func (p *Policy) contents() (facts []html.Fact) {
	for _, set := range p.Sets {
		facts = append(facts, html.Fact{Name: words.T("Setting", "单项设定"), Value: words.Same(set), Verbatim: true})
	}
	for _, o := range p.Overlays {
		facts = append(facts, html.Fact{Name: words.F(words.T("Overlay %s", "叠加文件 %s"), strings.TrimPrefix(o.File, "reform:")), Value: words.Same(o.Text), Verbatim: true})
	}
	return facts
}

// measured is how the figure of a name is written.
type measured struct {
	unit, change html.Unit
	// value and moved turn a figure and a difference into integers of these units.
	value, moved float64
}

func measureOf(name string) measured {
	switch {
	case strings.HasSuffix(name, "_fen_days"):
		return measured{html.MoneyDays, html.MoneyDays.Signed(), 1, 1}
	case strings.HasSuffix(name, "_fen"):
		return measured{html.Money, html.Money.Signed(), 1, 1}
	case strings.HasSuffix(name, "_bp"):
		return measured{html.Percent, html.Points, 1, 100}
	case strings.HasSuffix(name, "receivable_days"):
		return measured{html.Days, html.Days.Signed(), 100, 100}
	}
	return measured{html.Number, html.Number.Signed(), 1, 1}
}

func rounded(v float64) int64 { return int64(math.Round(v)) }

func (m *measured) valueOf(v float64) int64  { return rounded(v * m.value) }
func (m *measured) changeOf(v float64) int64 { return rounded(v * m.moved) }

// interval is that of a difference, for a table or a tile.
func (m *measured) interval(low, high *float64) words.Text {
	if low == nil || high == nil {
		return words.Same("–")
	}
	return m.change.Interval(m.changeOf(*low), m.changeOf(*high))
}

// fullNames name figures whose usual name only makes sense below the one above it.
var fullNames = map[string]words.Text{
	"funds_by_hand_fen":        words.T("of it by hand", "其中手工报销"),
	"patients_share_bp":        words.T("Patients' share of all fees", "个人负担占总费用"),
	"direct_rate_inpatient_bp": words.T("Settled directly, inpatients", "住院直接结算率"),
	"receivable_days":          words.T("Institutions wait", "医疗机构回款天数"),
	"moved_fen":                words.T("Money moved between provinces", "省际划款金额"),
	"patients_employee_fen":    words.T("Employees bear", "职工个人负担"),
	"patients_resident_fen":    words.T("Residents bear", "居民个人负担"),
	"patients_inpatient_fen":   words.T("Inpatients bear", "住院个人负担"),
	"top_up_fen":               words.T("Top-ups granted", "紧急调增金额"),
	"short_days":               words.T("Days with a dry pot", "缺口天数"),
	"own_money_fen_days":       words.T("Own money × days", "垫资金额×天数"),
	"deepest_fen":              words.T("Deepest shortfall", "最深缺口"),
}

// name is what a figure is called.
func name(figure string) words.Text {
	if t, known := fullNames[figure]; known {
		return t
	}
	t := indented(figure)
	return words.T(strings.TrimLeft(t.EN, "\u00a0"), strings.TrimLeft(t.ZH, "\u00a0"))
}

// indented is name for a table in which the figure follows the one that it is part of.
func indented(figure string) words.Text {
	hard := func(l words.Lang) string {
		return strings.ReplaceAll(show.FigureLabel(figure, l), "  ", "\u00a0\u00a0")
	}
	return words.T(hard(words.English), hard(words.Chinese))
}
