package html

import (
	"fmt"
	"slices"
	"strings"

	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// roleNames say what a published figure had to do with making the data pack, in the
// order of the chart's series.
var roleNames = []struct {
	key    string
	name   words.Text
	colour Colour
}{
	{"fitted", words.T("fitted", "拟合"), Blue}, {"follows", words.T("follows from fitted", "由拟合推出"), Sky},
	{"informed", words.T("informed", "参照"), Orange}, {"held_out", words.T("held out", "留出"), Vermillion},
	{"projected", words.T("projected", "推演"), Grey},
}

func (y *year) validation() Section {
	chart := &Dots{Unit: Gap}
	for _, r := range roleNames {
		chart.Series = append(chart.Series, Series{r.name, r.colour})
	}
	table := &Table{Columns: []Column{
		{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Of", "时期"), Texts: true}, {Title: words.T("Published", "公布数"), Texts: true}, {Title: words.T("Achieved", "模拟值"), Texts: true},
		{Title: words.T("Gap", "偏差"), Unit: Gap}, {Title: words.T("Met", "相符"), Texts: true}, {Title: words.T("Role", "用途"), Texts: true}, {Title: words.T("Status", "性质"), Texts: true},
	}}
	sources := &Table{Columns: []Column{{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Source", "来源"), Texts: true}, {Title: words.T("Why it is not met", "未相符的原因"), Texts: true}}}
	projected := false
	for i := range y.Validation.Targets {
		t := &y.Validation.Targets[i]
		name, gap, role := targetName(t), int64(None), len(roleNames)-1
		for at := range roleNames {
			if roleNames[at].key == t.Role {
				role = at
			}
		}
		if t.GapPPM != nil {
			gap = *t.GapPPM
		}
		if t.GapPPM != nil && t.Bound == "point" {
			row := Row{Label: name, Values: []int64{gap}, Of: role, Low: gap, High: gap}
			if t.StandardError > 0 && t.Target != 0 {
				half := int64(1.96 * float64(t.StandardError) / float64(t.Target) * 1e6)
				row.Low, row.High = gap-half, gap+half
			}
			chart.Rows = append(chart.Rows, row)
		}
		projected = projected || t.Role == sim.Projected.String()
		published, achieved := y.compared(t)
		table.Rows = append(table.Rows, []Cell{
			W(name), W(words.Same(t.Period)), W(published), W(achieved), N(gap), W(metName(t)), W(roleNames[role].name), W(StatusNames(t.Status)),
		})
		sources.Rows = append(sources.Rows, []Cell{W(name), W(words.T(t.Source, t.SourceZH)), W(words.T(t.Explanation, t.ExplanationZH))})
	}
	s := Section{ID: "validation", Title: words.T("Against the published figures", "与公布数比较"),
		Lead: words.T("A fitted figure is one that the data pack was calibrated to: that it is met proves the calibration and no more, and what follows from fitted ones proves no more than they do. Informed: assumed values were chosen with the figure in view. A held-out figure is only compared. Met is a fitted figure within 0.5 %, any other within 10 %, a bound that is kept, an order that is found.",
			"拟合指标是数据包校准时采用的数字，吻合只说明校准有效；由拟合推出的指标亦不增加证明力。参照指标是设定假设值时看过的数字；留出指标仅作比较。相符指：拟合指标偏差不超过 0.5%，其他不超过 10%，符合界限，或次序一致。")}
	if projected {
		s.Title = words.T("Against the projection", "与推演数比较")
		s.Lead = words.T("Nobody has published figures of this scenario's year. The projected ones are what the data pack's own assumptions come to; that a run meets them says that it grows as assumed, and nothing about the year.",
			"本情景年度尚无公布数。推演数由数据包自身的假设得出；吻合只说明模拟按假设增长，不说明该年度的实际情况。")
		table.Columns[2].Title = words.T("Projected", "推演数")
	}
	if len(table.Rows) == 0 {
		s.Notice = words.T("The data pack names no published figure to compare with.", "数据包未列出可供比较的公布数。")
		return s
	}
	note := words.T("Achieved ÷ the figure − 1. Bounds and orders are in the table.", "模拟值 ÷ 该指标 − 1。界限与次序见表。")
	if y.sampled() {
		note = words.T("Achieved ÷ the figure − 1; the line through a dot is the 95 % interval of the sample, where one is estimated. Bounds and orders are in the table.", "模拟值 ÷ 该指标 − 1；圆点两侧的线为抽样的 95% 区间（可估计者）。界限与次序见表。")
	}
	s.Figures = []Figure{
		{Title: words.T("Gap", "偏差"), Note: note, Chart: chart, Wide: true},
		{Title: words.T("Validation table", "验证表"), Table: table, Wide: true},
		{Title: words.T("Sources and reasons", "来源与原因"), Table: sources, Wide: true,
			Note: words.T("The reasons are those of the scenario as it is; a what-if may add its own.", "原因针对原始情景；假设情景可能另有原因。")},
	}
	return s
}

// compared are the published figure and the run's in one scale and unit.
func (y *year) compared(t *report.TargetRow) (published, achieved words.Text) {
	missing := words.T("not estimated", "未估计")
	if t.Unit == "places" {
		if t.Achieved == nil {
			return y.ranks(t.TargetOrder), missing
		}
		return y.ranks(t.TargetOrder), y.ranks(t.AchievedOrder)
	}
	write := func(v int64) words.Text {
		if t.Unit == "ppm" {
			return words.Same(fmt.Sprintf("%.3f", float64(v)/1e6))
		}
		most := t.Target
		if t.Achieved != nil {
			most = max(most, *t.Achieved)
		}
		return measureUnit(t.Unit).Of(v).within(most)
	}
	published = write(t.Target)
	switch t.Bound {
	case "at_least":
		published = words.F(words.Same("≥ %s"), published)
	case "at_most":
		published = words.F(words.Same("≤ %s"), published)
	}
	if t.Achieved == nil {
		return published, missing
	}
	return published, write(*t.Achieved)
}

// ranks names provinces in their order.
func (y *year) ranks(codes []uint32) (all words.Text) {
	for i, code := range codes {
		for p := range y.World.Provinces {
			if y.World.Provinces[p].Code != code {
				continue
			}
			name := ProvinceName(y.World, p)
			if i > 0 {
				all = words.T(all.EN+", ", all.ZH+"、")
			}
			all = words.T(all.EN+name.EN, all.ZH+name.ZH)
		}
	}
	return all
}

// measureUnit is the unit of a target by its name.
func measureUnit(name string) Unit {
	switch name {
	case "fen":
		return Money
	case "bp":
		return Percent
	case "cases":
		return Cases
	}
	return Number
}

func targetName(t *report.TargetRow) words.Text {
	if t.Title == "" {
		return words.Same(strings.ReplaceAll(t.Name, "_", " "))
	}
	return words.T(t.Title, t.TitleZH)
}

func metName(t *report.TargetRow) words.Text {
	switch {
	case t.Within == nil:
		return words.T("–", "–")
	case *t.Within:
		return words.T("yes", "是")
	}
	return words.T("no", "否")
}

// StatusColour is the colour of a status of a pack's values. Of several, such as
// "law, synthetic", it is that of the least firm one.
func StatusColour(statuses string) Colour {
	for i := len(statusOfValues) - 1; i >= 0; i-- {
		if slices.Contains(strings.Split(statuses, ", "), statusOfValues[i].key) {
			return statusOfValues[i].colour
		}
	}
	return Grey
}

func (y *year) assumptions() Section { return Assumptions(y.Assumptions, y.Scenario) }

// Assumptions is the section that says how firm the values of a scenario's data pack are.
func Assumptions(files []Assumption, scenario string) Section {
	s := Section{ID: "assumptions", Title: words.T("Assumptions", "假设"),
		Lead: words.T("How firm the values of the data pack are, by file: law and published figures can be looked up, recalled ones were written down from memory, derived and fitted ones follow from others, illustrative and synthetic ones are made up.",
			"数据包各文件取值的可靠程度：法规与公布数可以查证，凭记忆的有待核对，推算与拟合的由其他数值得出，示例与合成的为虚构。")}
	if len(files) == 0 {
		s.Notice = words.T("The data pack does not say where its values come from.", "数据包未说明取值来源。")
		return s
	}
	var used []int
	for i, status := range statusOfValues {
		for _, a := range files {
			if a.Values[status.key] > 0 {
				used = append(used, i)
				break
			}
		}
	}
	chart := &Bars{Unit: Counted(words.T("values", "项")), Whole: true}
	table := &Table{Columns: []Column{{Title: words.T("File", "文件"), Texts: true}}}
	for _, i := range used {
		chart.Series = append(chart.Series, Series{StatusNames(statusOfValues[i].key), statusOfValues[i].colour})
		table.Columns = append(table.Columns, Column{Title: StatusNames(statusOfValues[i].key), Unit: Number})
	}
	all := make([]int64, len(used))
	chart.Rows = append(chart.Rows, Row{Label: words.T("all files", "全部文件"), Values: all})
	for _, a := range files {
		name := words.Same(strings.TrimPrefix(a.File, scenario+"/"))
		row, line := Row{Label: name}, []Cell{W(name)}
		for j, i := range used {
			n := int64(a.Values[statusOfValues[i].key])
			row.Values, line = append(row.Values, n), append(line, N(n))
			all[j] += n
		}
		chart.Rows, table.Rows = append(chart.Rows, row), append(table.Rows, line)
	}
	line := []Cell{W(words.T("all files", "全部文件"))}
	for _, n := range all {
		line = append(line, N(n))
	}
	table.Rows = append(table.Rows, line)
	s.Figures = []Figure{{Title: words.T("Values by status", "取值的性质"), Note: words.T("Every value counts once, however many pools it serves or however much hangs on it.", "每个取值计一次，不论适用多少统筹区、影响大小。"),
		Chart: chart, Table: table, Wide: true}}
	return s
}

func (y *year) manifest() Section {
	m := y.Manifest
	program := m.Program.Version + " · " + m.Program.Go + " · " + m.Program.Platform
	if m.Program.Revision != "" {
		program += " · " + m.Program.Revision
	}
	trace := m.Trace
	if trace == "" {
		trace = "–"
	}
	facts := []Fact{
		{words.T("Command that repeats it", "复现命令"), words.Same(m.Repeat), true},
		{words.T("Scenario", "情景"), words.Same(m.Scenario), false},
		{words.T("Seed", "种子"), words.Same(fmt.Sprint(m.Seed)), false},
		{words.T("Sample", "抽样"), y.sampleText(), false},
		{words.T("Digest of the data", "数据的数字摘要"), words.Same(m.DataDigest), false},
		{words.T("Digest of the results", "结果的数字摘要"), words.Same(m.Digest), false},
		{words.T("Program", "程序"), words.Same(program), false},
		{words.T("Trace, of the simulated patients", "逐笔数据（占模拟患者）"), words.Same(trace), false},
	}
	for _, set := range m.Sets {
		facts = append(facts, Fact{words.T("Setting", "单项设定"), words.Same(set), true})
	}
	for _, o := range m.Overlays {
		facts = append(facts, Fact{words.F(words.T("Overlay %s", "叠加文件 %s"), o.File), words.Same(o.Text), true})
	}
	return Section{ID: "manifest", Title: words.T("Manifest", "运行清单"),
		Lead:  words.T("Enough to repeat the run: the same scenario, overlays, seed and sample give the same digest on any machine. manifest.json lists the files beside this page.", "据此可复现本次运行：相同的情景、叠加文件、种子与抽样在任何机器上得出相同的数字摘要。同目录文件见 manifest.json。"),
		Facts: facts}
}
