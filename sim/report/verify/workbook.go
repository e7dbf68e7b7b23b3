package verify

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const workbookName = "clearing/forms.xlsx"

// The rows of a sheet before its items.
const sheetHead = 3

// workbook compares every sheet of the workbook with its CSV file, cell by cell.
func (r *run) workbook() {
	x, err := excelize.OpenReader(bytes.NewReader(r.read(workbookName)), excelize.Options{RawCellValue: true, UnzipXMLSizeLimit: 1 << 31, UnzipSizeLimit: 1 << 32})
	if err != nil {
		r.find(Finding{File: workbookName, Want: "a workbook", Got: err.Error(), Rule: "the workbook can be read"})
		return
	}
	defer x.Close()
	var sheets []string
	for _, f := range formFiles {
		sheets = append(sheets, f.sheet)
	}
	r.same(workbookName, 0, "sheets", strings.Join(sheets, " "), strings.Join(x.GetSheetList(), " "), "a sheet for each form")
	for i := range formFiles {
		r.sheet(x, i)
	}
}

// sheet compares one sheet. Amounts are numbers there, so yuan are compared as amounts.
func (r *run) sheet(x *excelize.File, i int) {
	f := &formFiles[i]
	rows, err := x.Rows(f.sheet)
	if err != nil {
		r.find(Finding{File: workbookName, Column: f.sheet, Want: "a sheet", Got: err.Error(), Rule: "a sheet for each form"})
		return
	}
	defer rows.Close()
	form := csv.NewReader(bytes.NewReader(r.read(formName(f.name))))
	form.FieldsPerRecord = -1
	rule := "the same as " + formName(f.name)
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			r.find(Finding{workbookName, line, f.sheet, "a row", err.Error(), rule})
			return
		}
		if line < sheetHead {
			continue
		}
		want, err := form.Read()
		if errors.Is(err, io.EOF) {
			// Below the items stands the line for signatures.
			return
		}
		if err != nil {
			return // told where the form was read
		}
		for len(cells) < len(want) {
			cells = append(cells, "")
		}
		for j, w := range want {
			r.report.Checked++
			if got := cells[j]; w != got && !(line > sheetHead && sameNumber(w, got)) {
				r.find(Finding{workbookName, line, f.sheet + " " + f.columns[min(j, len(f.columns)-1)], w, got, rule})
				return
			}
		}
	}
	if want, err := form.Read(); err == nil {
		r.find(Finding{workbookName, 0, f.sheet, strings.Join(want, ","), "the end of the sheet", rule})
	}
}

// sameNumber compares an amount of a form with a number of a sheet: 1312190.74, 12.5 and
// 12.50, 3 and 3.00.
func sameNumber(form, sheet string) bool {
	fen, ok := fenOf(form)
	other, also := fenOf(sheet)
	return ok && also && fen == other
}

// fenOf reads yuan of at most two decimals as fen, by its digits alone.
func fenOf(text string) (int64, bool) {
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > 2 || whole == "" || whole == "-" {
		return 0, false
	}
	v, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return v, err == nil
}
