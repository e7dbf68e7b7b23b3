package verify_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kuasheng/sim/report"
	"kuasheng/sim/report/verify"
)

// hostile are names that a spreadsheet would compute, a terminal would obey or a reader
// would misread, and some that only look so.
var hostile = []string{
	"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\ufeff=1", "-five", "a\n=1", "a\r\nb", "\u001b]0;title\a\u001b[2J", "\u009b31m", "甲\u202e乙\u2066", "a\u2028b",
	"_x0041_", "_x005F_", "-5", "+7.50", "'=1", `"=1"`, "<script>alert(1)</script>", "&amp;",
}

// live is what a spreadsheet takes for a formula: not a number, and behind what it may
// leave out one of these.
func live(cell string) bool {
	if regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`).MatchString(cell) {
		return false
	}
	cell = strings.TrimLeft(cell, " \u00a0\u3000\ufeff\u200b")
	return cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0])
}

var obeyed = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

// Names of a pack are shown and nothing else, in tables, workbook, page and on the terminal;
// the numbers among them stay numbers, and verify agrees with what is written.
func TestNamesAreInert(t *testing.T) {
	for i := range hostile {
		w := countryOf(2, 1, 6)
		name := func(n int) string { return hostile[(i+n)%len(hostile)] }
		w.Provinces[0].NameZH, w.Provinces[0].NameEN, w.Provinces[1].NameZH = name(0), name(1), name(2)
		w.Pools[0].NameZH, w.Pools[3].NameZH = name(3), name(4)
		dir := written(t, w)
		for file, f := range dir {
			text := string(f.Data)
			if file == report.WorkbookFile {
				x, err := excelize.OpenReader(bytes.NewReader(f.Data))
				if err != nil {
					t.Fatal(err)
				}
				for _, sheet := range x.GetSheetList() {
					rows, err := x.GetRows(sheet)
					if err != nil {
						t.Fatal(err)
					}
					for _, row := range rows {
						for _, cell := range row {
							if live(strings.ReplaceAll(cell, ",", "")) || obeyed.MatchString(cell) {
								t.Errorf("%s, %s: %q", file, sheet, cell)
							}
						}
					}
				}
				_ = x.Close()
				continue
			}
			if at := obeyed.FindString(text); at != "" && !strings.HasSuffix(file, ".json") {
				t.Errorf("%s holds %q", file, at)
			}
			if !strings.HasSuffix(file, ".csv") {
				continue
			}
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				for _, cell := range row {
					if live(cell) {
						t.Errorf("%s: %q", file, cell)
					}
				}
			}
		}
		if r := verified(t, dir, verify.Options{}); !r.Sound() {
			t.Errorf("%q: %v", name(0), &r.Findings[0])
		}
	}
}
