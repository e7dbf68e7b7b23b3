package page

import (
	"fmt"
	"slices"
	"strings"

	"kuasheng/sim/experiment"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// Swept is what a sweep found.
type Swept struct {
	Title words.Text // as its file has it
	Table string     // the name of the CSV
	// Of are all runs that were asked for; Rows those that are there.
	Of         int
	Rows       []experiment.Row
	Paths      []string // what was set, as the table's columns name it
	Outputs    []string
	Influences []experiment.Influence
}

// The most of a sweep that a page shows.
const (
	runsListed  = 500
	panelsDrawn = 12
)

// Sweep is the page of a sweep.
func Sweep(s *Swept, about *About) *html.Page {
	title := words.F(words.T("Sweep: %s", "参数扫描：%s"), s.Title)
	if s.Title == (words.Text{}) {
		title = words.T("A sweep of settings", "参数扫描")
	}
	p := &html.Page{Title: title, Banner: banner,
		Lead:     words.F(words.T("%s · %s · %s", "%s · %s · %s"), about.Policies[0].title(), about.seeds(), about.sample()),
		Sections: []html.Section{s.key()}}
	for i, output := range s.Outputs {
		p.Sections = append(p.Sections, s.output(i, output))
	}
	p.Sections = append(p.Sections, s.failures(), s.runs())
	return about.closed(p)
}

func (s *Swept) failed() (n int) {
	for i := range s.Rows {
		if s.Rows[i].Status != experiment.RowDone {
			n++
		}
	}
	return n
}

// status of a path, as any of its influences has it.
func (s *Swept) status(path string) string {
	for i := range s.Influences {
		if s.Influences[i].Path == path {
			return s.Influences[i].Status
		}
	}
	return ""
}

func (s *Swept) key() html.Section {
	out := html.Section{ID: "key", Title: words.T("Key figures", "主要数字")}
	left := words.Text{}
	if rest := s.Of - len(s.Rows); rest > 0 {
		left = words.F(words.T("%d of %d asked for are still to run", "共 %[2]d 次，尚有 %[1]d 次未运行"), rest, s.Of)
	}
	soft := 0
	for _, path := range s.Paths {
		if c := html.StatusColour(s.status(path)); c == html.StatusColour("synthetic") || c == html.StatusColour("illustrative") {
			soft++
		}
	}
	out.Tiles = []html.Tile{
		html.NewTile(words.T("Runs", "运行次数"), html.Counted(words.Counter("次")).Of(int64(len(s.Rows))), left),
		html.NewTile(words.T("Failed", "失败"), html.Counted(words.Counter("次")).Of(int64(s.failed())), words.Text{}),
		html.NewTile(words.T("Parameters varied", "变动的参数"), html.Counted(words.Counter("个")).Of(int64(len(s.Paths))), words.F(words.T("%d of them only assumptions in the pack", "其中 %d 个在数据包中仅为假设"), soft)),
		html.NewTile(words.T("Outputs", "输出指标"), html.Counted(words.Counter("个")).Of(int64(len(s.Outputs))), words.Text{}),
	}
	for _, output := range s.Outputs {
		if i := slices.IndexFunc(s.Influences, func(x experiment.Influence) bool { return x.Output == output }); i >= 0 && s.Influences[i].Swing > s.Influences[i].Chance {
			x, m := &s.Influences[i], measureOf(output)
			note := words.Same(x.Path)
			if x.Status != "" {
				note = words.F(words.Same("%s\n%s"), x.Path, html.StatusNames(x.Status))
			}
			out.Tiles = append(out.Tiles, html.NewTile(words.F(words.T("Widest swing: %s", "变幅最大：%s"), name(output)), swingUnit(m).Of(m.changeOf(x.Swing)), note))
		}
	}
	return out
}

// swingUnit is that of a swing, which has no sign.
func swingUnit(m measured) html.Unit {
	if m.unit == html.Percent {
		return html.Percentage
	}
	return m.unit
}

// output is the tornado and the response curves of one output.
func (s *Swept) output(i int, output string) html.Section {
	m := measureOf(output)
	unit := swingUnit(m)
	out := html.Section{ID: fmt.Sprintf("out%d", i+1), Title: name(output)}
	tornado := &html.Tornado{Unit: unit}
	table := &html.Table{Columns: []html.Column{
		{Title: words.T("Parameter", "参数"), Texts: true}, {Title: words.T("Its value's status", "原值的性质"), Texts: true}, {Title: words.T("Lowest mean", "最低均值"), Unit: m.unit}, {Title: words.T("Highest mean", "最高均值"), Unit: m.unit},
		{Title: words.T("Swing", "变幅"), Unit: unit}, {Title: words.T("Chance", "偶然"), Unit: unit}, {Title: words.T("Rank correlation", "秩相关")}}}
	panels := &html.Panels{}
	curves := &html.Table{Columns: []html.Column{{Title: words.T("Parameter", "参数"), Texts: true}, {Title: words.T("From", "自"), Texts: true}, {Title: words.T("To", "至"), Texts: true}, {Title: words.T("Runs", "次数"), Unit: html.Number},
		{Title: words.T("Mean", "均值"), Unit: m.unit}, {Title: words.T("Lowest run", "最低"), Unit: m.unit}, {Title: words.T("Highest run", "最高"), Unit: m.unit}}}
	for k := range s.Influences {
		x := &s.Influences[k]
		if x.Output != output || len(x.Curve) == 0 {
			continue
		}
		status := html.StatusNames(x.Status)
		tornado.Rows = append(tornado.Rows, html.Swing{Label: words.Same(x.Path), Status: status, Colour: html.StatusColour(x.Status), Value: m.changeOf(x.Swing), Chance: m.changeOf(x.Chance)})
		low, high, sum, runs := x.Curve[0].Mean, x.Curve[0].Mean, 0.0, 0
		for _, c := range x.Curve {
			low, high = min(low, c.Mean), max(high, c.Mean)
			sum, runs = sum+c.Mean*float64(c.Runs), runs+c.Runs
			curves.Rows = append(curves.Rows, []html.Cell{html.W(words.Same(x.Path)), html.W(setting(c.From)), html.W(setting(c.To)), html.N(int64(c.Runs)), html.N(m.valueOf(c.Mean)), html.N(m.valueOf(c.Min)), html.N(m.valueOf(c.Max))})
		}
		chance, rank := html.Cell{}, html.Cell{}
		if x.Chance > 0 {
			chance = html.N(m.changeOf(x.Chance))
		}
		if x.Rank != 0 {
			rank = html.W(words.Same(strings.Replace(fmt.Sprintf("%+.2f", x.Rank), "-", "−", 1)))
		}
		table.Rows = append(table.Rows, []html.Cell{html.W(words.Same(x.Path)), html.W(status), html.N(m.valueOf(low)), html.N(m.valueOf(high)), html.N(m.changeOf(x.Swing)), chance, rank})
		if len(x.Curve) < 2 || x.Swing == 0 || len(panels.Each) == panelsDrawn {
			continue
		}
		line := &html.Lines{Unit: m.change, Points: true, Series: []html.Series{{Name: words.T("mean of the runs, less the mean over all values", "该取值下的均值，减全部取值的均值"), Colour: html.Blue}}, Values: make([][]int64, 1)}
		for _, c := range x.Curve {
			label := setting(c.From)
			if c.To != c.From {
				label = words.F(words.Same("%s–%s"), label, setting(c.To))
			}
			line.Labels = append(line.Labels, label)
			line.Values[0] = append(line.Values[0], m.changeOf(c.Mean-sum/float64(runs)))
		}
		panels.Names, panels.Notes, panels.Each = append(panels.Names, words.Same(short(x.Path))), append(panels.Notes, status), append(panels.Each, line)
	}
	moved := slices.ContainsFunc(tornado.Rows, func(r html.Swing) bool { return r.Value != 0 })
	if !moved {
		out.Notice = words.T("No parameter moves it: it is the same in every run.", "任何参数都不影响它：各次运行相同。")
		return out
	}
	out.Figures = []html.Figure{{Title: words.F(words.T("What moves it: %s", "影响因素：%s"), name(output)),
		Note: words.T("Bars from zero: the largest mean less the smallest over the parameter's values, while the others vary too. The colour says how firm the parameter's own value in the pack is.",
			"条形自零起：该参数各取值下均值的最大差，其余参数同时变动。颜色表示该参数原值的可靠程度。"),
		Chart: tornado, Table: table, Wide: true}}
	if len(panels.Each) > 0 {
		note := words.T("Mean of the runs at each value of the parameter, less the mean over all its values; one scale for all. Zero is that mean, not nothing.", "该参数每一取值下各次运行的均值，减全部取值的均值；各图同一刻度。零线为该均值，并非零值。")
		out.Figures = append(out.Figures, html.Figure{Title: words.F(words.T("Response curves: %s", "响应曲线：%s"), name(output)), Note: note, Chart: panels, Table: curves, Wide: true})
	}
	return out
}

// setting writes a parameter's value.
func setting(value string) words.Text {
	if value == experiment.Unset {
		return words.T("base", "基准")
	}
	return words.Same(value)
}

// short is the end of a path, which tells it from its neighbours.
func short(path string) string {
	bare, months, dated := strings.Cut(path, "@")
	keys := strings.Split(bare, ".")
	bare = strings.Join(keys[max(0, len(keys)-2):], ".")
	if dated {
		bare += " @" + months
	}
	return bare
}

func (s *Swept) failures() html.Section {
	out := html.Section{ID: "failures", Title: words.T("Failures", "失败的运行")}
	if s.failed() == 0 {
		out.Notice = words.T("No run failed.", "没有运行失败。")
		return out
	}
	out.Lead = words.T("A run that cannot be loaded or run is a row too, and is left out of the charts. The error is as the program wrote it.", "无法加载或运行的组合也保留一行，但不进入图表。错误为程序原文。")
	table := &html.Table{Columns: []html.Column{{Title: words.T("Settings", "设定"), Texts: true}, {Title: words.T("Seed", "种子"), Texts: true}, {Title: words.T("Error", "错误"), Texts: true}}}
	for i := range s.Rows {
		if r := &s.Rows[i]; r.Status != experiment.RowDone {
			table.Rows = append(table.Rows, []html.Cell{html.W(words.Same(r.Settings.String())), html.W(words.Same(fmt.Sprint(r.Seed))), html.W(words.Same(r.Error))})
		}
	}
	out.Figures = []html.Figure{{Title: words.T("Runs that failed", "失败的运行"), Table: table, Wide: true}}
	return out
}

// runs is the table of all runs.
func (s *Swept) runs() html.Section {
	table := &html.Table{Columns: []html.Column{{Title: words.T("Run", "序号"), Texts: true}, {Title: words.T("Seed", "种子"), Texts: true}, {Title: words.T("State", "状态"), Texts: true}}}
	for _, path := range s.Paths {
		table.Columns = append(table.Columns, html.Column{Title: words.Same(path)})
	}
	for _, output := range s.Outputs {
		table.Columns = append(table.Columns, html.Column{Title: name(output), Unit: measureOf(output).unit})
	}
	for i := range s.Rows[:min(runsListed, len(s.Rows))] {
		r := &s.Rows[i]
		state := words.T("done", "完成")
		if r.Status != experiment.RowDone {
			state = words.T("failed", "失败")
		}
		line := []html.Cell{html.W(words.Same(fmt.Sprint(i + 1))), html.W(words.Same(fmt.Sprint(r.Seed))), html.W(state)}
		for _, path := range s.Paths {
			value := words.Text{}
			for _, x := range r.Settings {
				if at := x; at.Months != "" && path == at.Path+"@"+at.Months || at.Months == "" && path == at.Path {
					value = words.Same(at.Value)
				}
			}
			line = append(line, html.W(value))
		}
		for k, output := range s.Outputs {
			if r.Status != experiment.RowDone {
				line = append(line, html.Cell{})
				continue
			}
			m := measureOf(output)
			line = append(line, html.N(m.valueOf(r.Values[k])))
		}
		table.Rows = append(table.Rows, line)
	}
	table.More = words.F(words.T("All are in %s, with their sampling errors. An empty setting is the base's own value.", "全部见 %s，含抽样误差。空白表示沿用基准取值。"), s.Table)
	return html.Section{ID: "runs", Title: words.T("All runs", "全部运行"), Figures: []html.Figure{{Title: words.F(words.T("%d runs", "%d 次运行"), len(s.Rows)), Table: table, Wide: true, Folded: true}}}
}
