package page

import (
	"cmp"
	"fmt"
	"slices"

	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// seedColours tell the seeds of a search apart; beyond their number they repeat.
var seedColours = []html.Colour{html.Blue, html.Vermillion, html.Green, html.Purple, html.Orange, html.Sky}

// searched is how a search's variable is written, and what it is.
func searched(v experiment.Variable) (unit html.Unit, name words.Text) {
	switch v {
	case experiment.Multiple:
		return html.Multiple, words.T("prepayment multiple, of the monthly mean", "预付倍数（月均清算额的倍数）")
	case experiment.Surge:
		return html.Percent.Signed(), words.T("surge everywhere, %", "全国就医激增幅度（%）")
	}
	return html.Counted(words.T("working days", "个工作日")), words.T("delay of all payers, working days", "普遍拖延（工作日）")
}

// Search is the page of a search for the edge of safety.
func Search(r *experiment.SearchResult, about *About) *html.Page {
	about.Sample, about.Seeds, about.Unexpanded = r.Sample, nil, true
	for _, e := range r.Edges {
		about.Seeds = append(about.Seeds, e.Seed)
	}
	unit, variable := searched(r.Variable)
	title := words.T(show.Question(r, words.English), show.Question(r, words.Chinese))
	s := html.Section{ID: "edge", Title: words.T("Where the edge lies", "界限在何处"),
		Lead: words.T("P(shortfall) is the share of provinces of treatment and measured months in which a pot ran dry. Each seed is searched by itself, by halving: points stand close where the edge is.", "缺口概率为计量月份中出现缺口的就医省月占比。每个种子单独以二分法搜索，故各点在界限附近较密。")}
	if r.Sample > 1 {
		s.Notice = words.T("This is a sample, whose pots swing more than whole ones: the edge of the country lies elsewhere. A full run (--sample 1) gives it.", "此为抽样，波动大于全量：全国的界限不在此处。全量运行（--sample 1）给出实际界限。")
	}
	chart := &html.Curve{XTitle: variable, XUnit: unit, Unit: html.Percent, Bound: &html.Mark{At: int64(r.Bound), Name: words.F(words.T("bound %s", "上限 %s"), html.Percent.Of(int64(r.Bound))), Colour: html.Grey}}
	table := &html.Table{Columns: []html.Column{{Title: words.T("Seed", "种子"), Texts: true}, {Title: words.T("Tried", "取值")}, {Title: words.T("P(shortfall)", "缺口概率"), Unit: html.Percent}, {Title: words.T("Province-months short", "缺口省月"), Unit: html.Number}, {Title: words.T("of", "共"), Unit: html.Number}}}
	for i, e := range r.Edges {
		seed := words.F(words.T("seed %d", "种子 %d"), e.Seed)
		var points []html.Point
		for _, x := range r.Tried {
			if x.Seed != e.Seed {
				continue
			}
			points = append(points, html.Point{X: int64(x.Value), Y: rounded(x.ShortBP)})
		}
		slices.SortFunc(points, func(a, b html.Point) int { return cmp.Compare(a.X, b.X) })
		chart.Points, chart.Series = append(chart.Points, points), append(chart.Series, html.Series{Name: seed, Colour: seedColours[i%len(seedColours)]})
		tile := html.Tile{Name: seed}
		switch {
		case e.Never:
			tile.Value, tile.Note = words.Same("–"), words.T("nowhere in the range is P(shortfall) within the bound", "范围内缺口概率均超过上限")
		case e.Open:
			tile.Value, tile.Note = words.F(words.Same("%s"), unit.Of(int64(e.Safe))), words.T("the whole range holds; the edge lies beyond it", "整个范围均满足，界限在范围之外")
		default:
			tile = html.NewTile(seed, unit.Of(int64(e.Safe)), words.F(words.T("holds; %s does not", "满足；%s 则不满足"), unit.Of(int64(e.Unsafe))))
			if r.Over == nil {
				chart.Edges = append(chart.Edges, html.Edge{At: int64(e.Safe), Low: int64(e.Safe), High: int64(e.Safe), Name: words.F(words.T("edge %s, %s", "界限 %s，%s"), unit.Of(int64(e.Safe)), seed)})
			}
		}
		s.Tiles = append(s.Tiles, tile)
	}
	if o := r.Over; o != nil {
		low, high := rounded(o.Low), rounded(o.High)
		over := html.NewTile(words.F(words.T("Over %d seeds", "%d 个种子"), o.Replications), unit.Of(rounded(o.Mean)), words.F(words.T("95 %% interval %s", "95%%区间 %s"), unit.Interval(low, high)))
		s.Tiles = append([]html.Tile{over}, s.Tiles...)
		chart.Edges = []html.Edge{{At: rounded(o.Mean), Low: low, High: high, Name: words.F(words.T("edge %s, 95 %% over %d seeds %s", "界限 %s，%d 个种子95%%区间 %s"), unit.Of(rounded(o.Mean)), o.Replications, unit.Interval(low, high))}}
	}
	for _, x := range r.Tried {
		table.Rows = append(table.Rows, []html.Cell{html.W(words.Same(fmt.Sprint(x.Seed))), html.W(words.F(words.Same("%s"), unit.Of(int64(x.Value)))), html.N(rounded(x.ShortBP)), html.N(int64(x.Short)), html.N(int64(x.Of))})
	}
	note := words.T("Of the points tried with a seed none on the safe side is worse than one on the other.", "同一种子所试各点中，安全一侧均不劣于另一侧。")
	if !r.Monotone {
		note = words.T("The probability is not monotone between the points tried: there may be another edge.", "所试各点之间概率并非单调：可能另有界限。")
	}
	s.Figures = []html.Figure{{Title: words.F(words.T("P(shortfall) by %s", "缺口概率与%s"), variable), Note: note, Chart: chart, Table: table, Wide: true}}
	p := &html.Page{Title: title, Banner: banner, Lead: words.F(words.Same("%s · %s · %s"), about.Policies[0].title(), about.seeds(), about.sample()), Sections: []html.Section{s}}
	return about.closed(p)
}
