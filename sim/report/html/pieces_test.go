package html_test

import (
	"bytes"
	"fmt"
	"testing"

	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// pieces is a page of every kind of chart with the data that other reports bring:
// differences with intervals, signed effects on a map, curves over uneven points,
// and the corners of each chart: nothing, one row, long names, figures below zero.
func pieces() *html.Page {
	name := func(i int) words.Text { return words.T(fmt.Sprintf("Province %d", i), fmt.Sprintf("省份 %d", i)) }
	blue := []html.Series{{Name: words.T("effect", "影响"), Colour: html.Blue}}
	difference := &html.Dots{Unit: html.Money, Series: blue}
	for i, v := range []int64{68_700_000_00, -21_000_000_00, 3_000_000_00, 0, -900_000_00} {
		difference.Rows = append(difference.Rows, html.Row{Label: name(i), Values: []int64{v}, Low: v - 4_000_000_00, High: v + 4_000_000_00})
	}
	place := &html.Map{Unit: html.Money, Signed: true, PlacesAre: words.T("change of the funds' cost", "基金支出变化")}
	flat := &html.Map{Unit: html.Cases, PlacesAre: words.T("cases", "人次"), ArrowsAre: words.T("cases", "人次")}
	for i := range 12 {
		p := html.Place{Short: words.Same(fmt.Sprint("P", i)), Name: name(i), Latitude: int32(22_000 + 1_900*(i%4)), Longitude: int32(96_000 + 2_700*i), Value: int64(i-5) * 1_000_000_00}
		place.Places = append(place.Places, p)
		p.Value = 1
		flat.Places = append(flat.Places, p)
	}
	flat.Arrows = []html.Arrow{{From: 0, To: 11, Value: 5}, {From: 11, To: 0, Value: 5}, {From: 3, To: 4, Value: 1}}
	curve := &html.Lines{Unit: html.Percent, X: []int64{100, 110, 130, 200}, Series: []html.Series{{Name: words.T("P(shortfall)", "垫付概率"), Colour: html.Vermillion}, {Name: words.T("held out", "留出"), Colour: html.Grey}},
		Values: [][]int64{{9_000, 6_000, 2_500, 10}, {8_000, html.None, 2_000, -300}}, Marks: []html.Mark{{At: 500, Name: words.T("bound 5 %", "上限 5%"), Colour: html.Orange}},
		Peaks: []html.Peak{{At: 0, Name: words.T("the law of 2019 with a rather long name", "2019 年规定")}}}
	for _, x := range curve.X {
		curve.Labels = append(curve.Labels, words.Same(fmt.Sprintf("%.2f", float64(x)/100)))
	}
	long := words.T("A name that is much too long for the room that any chart has for the names of rows", "名称过长以致任何图表的行名位置都放不下的一行文字，用于检验截断")
	one := &html.Bars{Unit: html.Days, Series: blue, Rows: []html.Row{{Label: long, Values: []int64{5440}}, {Label: words.T("A & B <b>\"C\"</b>", "甲 & 乙 <b>"), Values: []int64{12}}}}
	zero := &html.Columns{Unit: html.Cases, Series: blue, Labels: []words.Text{name(0), name(1)}, Values: [][]int64{{0, 0}}}
	panels := &html.Panels{}
	for i := range 5 {
		panels.Names, panels.Notes = append(panels.Names, long), append(panels.Notes, name(i))
		panels.Each = append(panels.Each, &html.Lines{Unit: html.Percent, Labels: curve.Labels, Series: blue, Values: [][]int64{{7_000, html.None, 9_000, 12_000}}, Marks: curve.Marks})
	}
	heat := &html.Heat{RowsAre: words.T("rows", "行"), ColumnsAre: words.T("columns", "列"), Unit: html.Cases, From: []int64{100, 1000},
		Rows: []words.Text{name(0), name(1)}, Columns: []words.Text{name(0), name(1)}, Values: [][]int64{{html.None, 50}, {5000, 0}}}
	share := &html.Bars{Unit: html.Money, Whole: true, Series: []html.Series{{Name: words.T("winners", "受益"), Colour: html.Green}, {Name: words.T("losers", "受损"), Colour: html.Vermillion}},
		Rows: []html.Row{{Label: name(0), Values: []int64{1_000_00, 3_000_00}}, {Label: name(1), Values: []int64{0, 0}}}}
	seeds := &html.Dots{Unit: html.Points, Hollow: 1, Series: []html.Series{{Name: words.T("● sampling", "● 抽样"), Colour: html.Blue}, {Name: words.T("◇ seeds", "◇ 种子"), Colour: html.Vermillion}},
		Rows: []html.Row{{Label: name(0), Values: []int64{12_345}, Low: 11_000, High: 13_000}, {Label: words.T("over 3 seeds", "3 个种子"), Values: []int64{12_000}, Low: -500, High: 24_500, Of: 1}, {Label: long, Values: []int64{0}}, {Label: name(2), Values: []int64{0}, Of: 1}}}
	groups := &html.Groups{Unit: html.Money, Series: []html.Series{{Name: words.T("base", "基准"), Colour: html.Grey}, {Name: words.T("reform", "改革"), Colour: html.Blue}},
		Labels: []words.Text{name(0), long}, Values: [][]int64{{0, 123_456_00}, {1_00, 999_999_00}}}
	tornado := &html.Tornado{Unit: html.Percentage, Rows: []html.Swing{
		{Label: words.Same("behavior.claim_by_hand_bp.inpatient"), Status: html.StatusNames("synthetic"), Colour: html.StatusColour("synthetic"), Value: 101_500, Chance: 20_000},
		{Label: words.Same("policies.*.*.drop_bp.other_temporary@2023-01..2024-12"), Status: html.StatusNames("law, illustrative"), Colour: html.StatusColour("law, illustrative"), Value: 900, Chance: 30_000}, {Label: name(3), Value: 0}}}
	edge := &html.Curve{XTitle: words.T("prepayment multiple", "预付倍数"), XUnit: html.Multiple, Unit: html.Percent, Series: []html.Series{{Name: words.T("seed 1", "种子 1"), Colour: html.Blue}, {Name: words.T("seed 2", "种子 2"), Colour: html.Green}},
		Points: [][]html.Point{{{X: 5_000, Y: 900}, {X: 13_000, Y: 130}, {X: 40_000, Y: 0}}, {{X: 5_000, Y: 800}, {X: 12_900, Y: 0}}},
		Bound:  &html.Mark{At: 100, Name: words.T("bound 1 %", "上限 1%"), Colour: html.Grey}, Edges: []html.Edge{{At: 13_100, Low: 12_900, High: 13_300, Name: words.T("edge 1.31", "界限 1.31")}, {At: 39_900, Low: 39_900, High: 39_900, Name: words.T("an edge at the far end of the axis with a long name", "坐标轴末端的界限")}}}
	p := &html.Page{Title: words.T("Pieces", "图件"), Banner: words.T("Synthetic", "合成数据"), Lead: words.T("Every kind of chart.", "各类图表。"), Sections: []html.Section{{ID: "pieces", Title: words.T("Pieces", "图件")}}}
	for i, c := range []html.Chart{difference, place, flat, curve, one, zero, panels, heat, share, seeds, groups, tornado, edge} {
		p.Sections[0].Figures = append(p.Sections[0].Figures, html.Figure{Title: words.F(words.T("Chart %d", "图 %d"), i), Chart: c, Wide: i%4 == 0})
	}
	return p
}

func piecesPage(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pieces().Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
