package html_test

import (
	"testing"

	"kuasheng/sim/report/html/htmltest"
)

// The report of a run in a real browser, and a page of every kind of chart.
func TestInBrowser(t *testing.T) {
	htmltest.InBrowser(t,
		htmltest.Look{Name: "sample", Page: pageOf(t, national(t, false)), Drawings: 13, Texts: 300},
		htmltest.Look{Name: "whole", Page: pageOf(t, national(t, true)), Drawings: 17, Texts: 400, Tips: []htmltest.Tip{
			{Of: "#en-flows [data-matrix]", Want: "Hebei → Beijing · 7", X: 0.5 / 32, Y: 2.5 / 32},
			{Of: "#en-months .l [data-rows]", Want: "2024-01-01 · Settlements ", X: 0.0005, Y: 0.5},
			{Of: "#en-flows .ml rect", Want: "Hebei → Beijing · 7", X: 0.5, Y: 0.5},
		}},
		htmltest.Look{Name: "pieces", Page: piecesPage(t), Drawings: 13, Texts: 90})
}
