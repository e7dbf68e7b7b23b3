package html

import (
	"fmt"
	"strings"

	"kuasheng/engine"
	"kuasheng/sim/report"
)

func (y *year) validation() Section {
	chart := &Dots{Unit: Gap, Series: []Series{{T("fitted", "拟合"), Blue}, {T("sum of fitted", "拟合之和"), Sky}, {T("held out", "留出"), Vermillion}}}
	table := &Table{Columns: []Column{
		{Title: T("Figure", "指标"), Texts: true}, {Title: T("Published", "公布数"), Texts: true}, {Title: T("Achieved", "模拟值"), Texts: true}, {Title: T("Gap", "偏差"), Unit: Gap},
		{Title: T("Role", "用途"), Texts: true}, {Title: T("Status", "性质"), Texts: true}, {Title: T("Source", "来源"), Texts: true},
	}}
	for i := range y.Validation.Targets {
		t := &y.Validation.Targets[i]
		role := map[string]int{"fitted": 0, "sum": 1}
		at, found := role[t.Role]
		if !found {
			at = 2
		}
		u, most := measureUnit(t.Measure), max(t.Target, t.Achieved)
		name := targetName(t)
		row := Row{Label: name, Values: make([]int64, 3), Low: t.GapPPM, High: t.GapPPM}
		row.Values[at] = t.GapPPM
		if t.StandardError > 0 && t.Target != 0 {
			half := int64(1.96 * float64(t.StandardError) / float64(t.Target) * 1e6)
			row.Low, row.High = t.GapPPM-half, t.GapPPM+half
		}
		chart.Rows = append(chart.Rows, row)
		table.Rows = append(table.Rows, []Cell{
			W(name), W(u.Of(t.Target).within(most)), W(u.Of(t.Achieved).within(most)), N(t.GapPPM),
			W(chart.Series[at].Name), W(statusName(t.Status)), W(Same(t.Source)),
		})
	}
	s := Section{ID: "validation", Title: T("Against the published figures", "与公布数比较"),
		Lead: T("A fitted figure is one that the data pack was calibrated to: that it is met proves the calibration and no more. A held-out figure is only compared.",
			"拟合指标是数据包校准时采用的数字，吻合只说明校准有效；留出指标仅作比较。")}
	if len(chart.Rows) == 0 {
		s.Notice = T("The data pack names no published figure to compare with.", "数据包未列出可供比较的公布数。")
		return s
	}
	note := T("Achieved ÷ published − 1.", "模拟值 ÷ 公布数 − 1。")
	if y.sampled() {
		note = T("Achieved ÷ published − 1; the line through a dot is the 95 % interval of the sample, where one is estimated.", "模拟值 ÷ 公布数 − 1；圆点两侧的线为抽样的 95% 区间（可估计者）。")
	}
	s.Figures = []Figure{
		{Title: T("Gap to the published figure", "与公布数的偏差"), Note: note, Chart: chart, Wide: true},
		{Title: T("Validation table", "验证表"), Table: table, Wide: true},
	}
	return s
}

// measureUnit tells the unit of a target from its measure's name.
func measureUnit(name string) Unit {
	switch {
	case strings.HasSuffix(name, "_fen"):
		return Money
	case strings.HasSuffix(name, "_bp"):
		return Percent
	case name == "cases":
		return Cases
	}
	return Number
}

// targetName names a published figure by its kind and measure where the report has
// words for them, else as the data pack does.
func targetName(t *report.TargetRow) Text {
	measures := map[string]Text{"cases": T("cases", "人次"), "relief_fen": T("relief", "减少垫付"), "fund_share_bp": T("funds' share of fees", "基金支付比例")}
	measure, known := measures[t.Measure]
	if !known {
		return Same(strings.ReplaceAll(t.Name, "_", " "))
	}
	kind := T("All", "合计")
	for k, name := range engine.KindNames {
		if name == t.Kind {
			kind = kindNames[k]
		}
	}
	return F(T("%s, %s", "%s%s"), kind, measure)
}

func statusName(key string) Text {
	for _, s := range statusOfValues {
		if s.key == key {
			return s.name
		}
	}
	return Same(key)
}

func (y *year) assumptions() Section {
	s := Section{ID: "assumptions", Title: T("Assumptions", "假设"),
		Lead: T("How firm the values of the data pack are, by file: law and published figures can be looked up, recalled ones were written down from memory, derived and fitted ones follow from others, illustrative and synthetic ones are made up.",
			"数据包各文件取值的可靠程度：法规与公布数可以查证，凭记忆的有待核对，推算与拟合的由其他数值得出，示例与合成的为虚构。")}
	if len(y.Assumptions) == 0 {
		s.Notice = T("The data pack does not say where its values come from.", "数据包未说明取值来源。")
		return s
	}
	var used []int
	for i, status := range statusOfValues {
		for _, a := range y.Assumptions {
			if a.Values[status.key] > 0 {
				used = append(used, i)
				break
			}
		}
	}
	chart := &Bars{Unit: Counted(T("values", "项")), Whole: true}
	table := &Table{Columns: []Column{{Title: T("File", "文件"), Texts: true}}}
	for _, i := range used {
		chart.Series = append(chart.Series, Series{statusOfValues[i].name, statusOfValues[i].colour})
		table.Columns = append(table.Columns, Column{Title: statusOfValues[i].name, Unit: Number})
	}
	all := make([]int64, len(used))
	chart.Rows = append(chart.Rows, Row{Label: T("all files", "全部文件"), Values: all})
	for _, a := range y.Assumptions {
		name := Same(strings.TrimPrefix(a.File, y.Scenario+"/"))
		row, line := Row{Label: name}, []Cell{W(name)}
		for j, i := range used {
			n := int64(a.Values[statusOfValues[i].key])
			row.Values, line = append(row.Values, n), append(line, N(n))
			all[j] += n
		}
		chart.Rows, table.Rows = append(chart.Rows, row), append(table.Rows, line)
	}
	line := []Cell{W(T("all files", "全部文件"))}
	for _, n := range all {
		line = append(line, N(n))
	}
	table.Rows = append(table.Rows, line)
	s.Figures = []Figure{{Title: T("Values by status", "取值的性质"), Note: T("Every value counts once, however many pools it serves or however much hangs on it.", "每个取值计一次，不论适用多少统筹区、影响大小。"),
		Chart: chart, Table: table, Wide: true}}
	return s
}

func (y *year) manifest() Section {
	m := y.Manifest
	program := m.Program.Version + " · " + m.Program.Go + " · " + m.Program.Platform
	if m.Program.Revision != "" {
		program += " · " + m.Program.Revision
	}
	facts := []Fact{
		{T("Command that repeats it", "复现命令"), Same(m.Repeat), true},
		{T("Scenario", "情景"), Same(m.Scenario), false},
		{T("Seed", "种子"), Same(fmt.Sprint(m.Seed)), false},
		{T("Sample", "抽样"), y.sampleText(), false},
		{T("Digest of the data", "数据摘要"), Same(m.DataDigest), false},
		{T("Digest of the results", "结果摘要"), Same(m.Digest), false},
		{T("Program", "程序"), Same(program), false},
	}
	for _, set := range m.Sets {
		facts = append(facts, Fact{T("Setting", "单项设定"), Same(set), true})
	}
	for _, o := range m.Overlays {
		facts = append(facts, Fact{F(T("Overlay %s", "叠加文件 %s"), o.File), Same(o.Text), true})
	}
	return Section{ID: "manifest", Title: T("Manifest", "运行清单"),
		Lead:  T("Enough to repeat the run: the same scenario, overlays, seed and sample give the same digest on any machine. manifest.json lists the files beside this page.", "据此可复现本次运行：相同的情景、叠加文件、种子与抽样在任何机器上得出相同摘要。同目录文件见 manifest.json。"),
		Facts: facts}
}
