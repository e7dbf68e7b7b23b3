package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kuasheng/engine/money"
	"kuasheng/sim/report"
)

// The workbook read back as text, sheet by sheet as it prints, with what a printer and
// a reader need: landscape, one page wide, title and names of columns on every page and
// in sight, lines for signatures, columns wide enough for what is in them.
func TestWorkbook(t *testing.T) {
	in := smallRun(1)
	files, _ := write(t, in)
	x, err := excelize.OpenReader(bytes.NewReader(files[report.WorkbookFile].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var text strings.Builder
	titles := map[string]string{}
	for _, n := range x.GetDefinedName() {
		titles[n.Scope] = n.Name + " " + n.RefersTo
	}
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "== %s\n", sheet)
		for i, row := range rows {
			fmt.Fprintf(&text, "%s\n", strings.Join(row, " | "))
			for j, cell := range row {
				name, _ := excelize.ColumnNumberToName(j + 1)
				if width, _ := x.GetColWidth(sheet, name); i > 2 && i < len(rows)-2 && row[0] != "核对" && float64(report.Width(cell)) > width {
					t.Errorf("%s: %q is wider than column %s", sheet, cell, name)
				}
			}
		}
		layout, err := x.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
			t.Errorf("%s prints %s, %d pages wide", sheet, *layout.Orientation, *layout.FitToWidth)
		}
		if props, err := x.GetSheetProps(sheet); err != nil || !*props.FitToPage {
			t.Errorf("%s is not fitted to the page: %v", sheet, err)
		}
		if panes, err := x.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 3 {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
		if want := "_xlnm.Print_Titles '" + sheet + "'!$1:$3"; titles[sheet] != want {
			t.Errorf("%s repeats %q", sheet, titles[sheet])
		}
		footer, err := x.GetHeaderFooter(sheet)
		if err != nil || !strings.Contains(footer.OddFooter, "制表") || !strings.Contains(footer.OddFooter, "复核") || !strings.Contains(footer.OddFooter, "签章") {
			t.Errorf("%s: footer %+v, %v", sheet, footer, err)
		}
	}
	golden := filepath.Join("testdata", "whole", "clearing", "forms.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != text.String() {
		t.Errorf("%s differs (%v):\n%s", golden, err, text.String())
	}
}

// Each sheet holds the rows of its form, amounts as numbers.
func TestWorkbookIsTheForms(t *testing.T) {
	files, _ := write(t, smallRun(1))
	x, err := excelize.OpenReader(bytes.NewReader(files[report.WorkbookFile].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for name, sheet := range map[string]string{"control": "勾稽关系表", "national": "全国清算表", "payable": "应付清算表", "fee_receipts": "费用收款通知书"} {
		records, err := csv.NewReader(files["clearing/forms/"+name+".csv"]).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := x.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, record := range records {
			for j, want := range record {
				got := ""
				if j < len(rows[i+2]) {
					got = rows[i+2][j]
				}
				if strings.ReplaceAll(got, ",", "") != want {
					t.Errorf("%s row %d: %q, in the form %q", sheet, i+3, got, want)
				}
			}
		}
	}
	if cell, err := x.GetCellType("全国清算表", "E5"); err != nil || cell != excelize.CellTypeUnset {
		t.Errorf("an amount is no number but %v, %v", cell, err)
	}
}

// The same run is the same bytes, the workbook included.
func TestWorkbookIsTheSame(t *testing.T) {
	first, _ := write(t, smallRun(1))
	for range 5 {
		again, _ := write(t, smallRun(1))
		if !bytes.Equal(first[report.WorkbookFile].Bytes(), again[report.WorkbookFile].Bytes()) {
			t.Fatal("another workbook")
		}
	}
}

// The manifest vouches for every file, and the seal for the manifest.
func TestSeal(t *testing.T) {
	files, _ := write(t, smallRun(1))
	hash := func(b []byte) string {
		sum := sha256.Sum256(b)
		return hex.EncodeToString(sum[:])
	}
	var m report.Manifest
	if err := json.Unmarshal(files["manifest.json"].Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		if text := files[f.Name].Bytes(); f.Bytes != int64(len(text)) || f.SHA256 != hash(text) {
			t.Errorf("%s: %d bytes, %s", f.Name, f.Bytes, f.SHA256)
		}
	}
	var s report.Seal
	if err := json.Unmarshal(files[report.SealFile].Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	var last report.Certificate
	if err := json.Unmarshal(files["certificates/2024-03.json"].Bytes(), &last); err != nil {
		t.Fatal(err)
	}
	if s.Certificate != last.Seal || s.Manifest != hash(files["manifest.json"].Bytes()) || s.Seal != hash([]byte(s.Certificate+"\n"+s.Manifest+"\n")) {
		t.Errorf("seal %+v", s)
	}
	// A file that went past the recorder has no digest.
	in, summary := smallRun(1), report.Summarize(smallRun(1))
	err := report.WriteRun(folder{}, in, summary, report.Validate(in, summary), &report.Manifest{Files: []report.File{{Name: "other.txt"}}})
	if err == nil || !strings.Contains(err.Error(), "other.txt was not written through the recorder") {
		t.Errorf("error %v", err)
	}
}

// Amounts in words as on a Chinese cheque.
func TestCapitals(t *testing.T) {
	for fen, want := range map[money.Fen]string{
		0: "零元整", 1: "壹分", 10: "壹角整", 105: "壹元零伍分", 120: "壹元贰角整", 1_000: "壹拾元整", 105_020: "壹仟零伍拾元贰角整",
		1_000_000: "壹万元整", 1_000_500: "壹万零伍元整", 10_050_000: "壹拾万零伍佰元整", 100_000_000: "壹佰万元整",
		10_000_000_000: "壹亿元整", 10_000_100_000: "壹亿零壹仟元整", 100_010_000_003: "壹拾亿零壹拾万元零叁分",
		361_686_544_503: "叁拾陆亿壹仟陆佰捌拾陆万伍仟肆佰肆拾伍元零叁分", -2_534: "负贰拾伍元叁角肆分",
		100_000_000_000_000: "壹万亿元整", 123_450_678_900_000_000: "壹仟贰佰叁拾肆万伍仟零陆拾柒亿捌仟玖佰万元整",
	} {
		if got := report.Capitals(fen); got != want {
			t.Errorf("%d fen is %s, want %s", fen, got, want)
		}
	}
}
