package verify

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const workbookName = "clearing/forms.xlsx"

// sheetHead is the row of a sheet that names the columns.
const sheetHead = 3

// workbookParts are the parts of a workbook beside its sheets. Whatever acts, links
// elsewhere or hides has a part of its own.
var workbookParts = []string{"[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml",
	"xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/theme/theme1.xml", "xl/workbook.xml"}

// Elements of the workbook and of its sheets. Formulas, links and controls are not among
// them.
var (
	bookElements  = strings.Fields("workbook fileVersion workbookPr bookViews workbookView sheets sheet definedNames definedName calcPr")
	sheetElements = strings.Fields("worksheet sheetPr pageSetUpPr dimension sheetViews sheetView pane selection sheetFormatPr cols col sheetData row c is t v " +
		"mergeCells mergeCell pageMargins pageSetup headerFooter oddHeader oddFooter")
)

// unpacked is how large a workbook may be whose forms are so many bytes of CSV: a cell has
// some sixty bytes of its own.
func unpacked(forms int) uint64 { return 1<<24 + 32*uint64(forms) }

// workbook compares every sheet of the workbook with its CSV file, cell by cell.
func (r *run) workbook() {
	text := r.read(workbookName)
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		r.find(Finding{File: workbookName, Want: "a workbook", Got: err.Error(), Rule: "the workbook can be read"})
		return
	}
	allowed := slices.Clone(workbookParts)
	var forms [][]byte
	sum := 0
	for i, f := range formFiles {
		allowed = append(allowed, sheetPart(i))
		forms = append(forms, r.read(formName(f.name)))
		sum += len(forms[i])
	}
	left := unpacked(sum)
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		r.report.Checked++
		if !slices.Contains(allowed, f.Name) || parts[f.Name] != nil {
			r.find(Finding{File: workbookName, Column: f.Name, Want: "none", Got: "a part", Rule: "the parts of the workbook"})
			return
		}
		if f.UncompressedSize64 > left {
			r.find(Finding{File: workbookName, Column: f.Name, Want: fmt.Sprintf("at most %d bytes unpacked", unpacked(sum)), Got: "more", Rule: "the workbook is no larger than its forms make it"})
			return
		}
		left -= f.UncompressedSize64
		parts[f.Name] = f
	}
	for _, name := range allowed {
		if parts[name] == nil {
			r.find(Finding{File: workbookName, Column: name, Want: "a part", Got: "none", Rule: "the parts of the workbook"})
			return
		}
	}
	if !r.sheetNames(parts) {
		return
	}
	for i := range formFiles {
		s := &sheet{r: r, form: csv.NewReader(bytes.NewReader(forms[i])), file: &formFiles[i]}
		s.form.FieldsPerRecord = -1
		if r.elements(parts[sheetPart(i)], s.file.sheet, sheetElements, s) && !s.stopped && s.line != s.last {
			s.differs(0, "the rows of the form", "the end of the sheet")
		}
	}
}

func sheetPart(i int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1) }

// sheetNames compares the sheets of the workbook, in their order, with the forms.
func (r *run) sheetNames(parts map[string]*zip.File) bool {
	book, links := &sheetList{}, &linkList{targets: map[string]string{}}
	if !r.elements(parts["xl/workbook.xml"], "xl/workbook.xml", bookElements, book) ||
		!r.elements(parts["xl/_rels/workbook.xml.rels"], "xl/_rels/workbook.xml.rels", []string{"Relationships", "Relationship"}, links) {
		return false
	}
	var want, got []string
	for i, f := range formFiles {
		want = append(want, f.sheet+" "+strings.TrimPrefix(sheetPart(i), "xl/"))
	}
	for _, s := range book.sheets {
		got = append(got, s[0]+" "+links.targets[s[1]])
	}
	const rule = "a sheet for each form"
	return r.same(workbookName, 0, "sheets", strings.Join(want, " "), strings.Join(got, " "), rule) &&
		r.same(workbookName, 0, "names", "", strings.Join(book.names, " "), rule) &&
		r.same(workbookName, 0, "links", "", strings.Join(links.outside, " "), rule)
}

// reader takes a part of the workbook element by element.
type reader interface {
	start(e *xml.StartElement)
	end(name string)
	text(b []byte)
}

// elements reads a part, in which no other element may stand than these.
func (r *run) elements(part *zip.File, name string, allowed []string, to reader) bool {
	in, err := part.Open()
	if err != nil {
		r.find(Finding{File: workbookName, Column: name, Want: "a part", Got: err.Error(), Rule: "the workbook can be read"})
		return false
	}
	defer in.Close()
	d := xml.NewDecoder(in)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			r.find(Finding{File: workbookName, Column: name, Want: "XML", Got: err.Error(), Rule: "the workbook can be read"})
			return false
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !slices.Contains(allowed, e.Name.Local) {
				r.find(Finding{File: workbookName, Column: name, Want: "cells and how they are printed", Got: "<" + e.Name.Local + ">", Rule: "the parts of the workbook"})
				return false
			}
			to.start(&e)
		case xml.EndElement:
			to.end(e.Name.Local)
		case xml.CharData:
			to.text(e)
		}
	}
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// sheetList gathers the sheets of a workbook, each by name and link, and its defined names
// but those of what is printed on each page.
type sheetList struct {
	sheets [][2]string
	names  []string
}

func (s *sheetList) start(e *xml.StartElement) {
	switch e.Name.Local {
	case "sheet":
		s.sheets = append(s.sheets, [2]string{attribute(e, "name") + attribute(e, "state"), attribute(e, "id")})
	case "definedName":
		if name := attribute(e, "name"); name != "_xlnm.Print_Titles" {
			s.names = append(s.names, name)
		}
	}
}
func (s *sheetList) end(string)  {}
func (s *sheetList) text([]byte) {}

// linkList gathers the links between parts.
type linkList struct {
	targets map[string]string
	outside []string
}

func (l *linkList) start(e *xml.StartElement) {
	if attribute(e, "TargetMode") == "External" {
		l.outside = append(l.outside, attribute(e, "Target"))
	}
	l.targets[attribute(e, "Id")] = attribute(e, "Target")
}
func (l *linkList) end(string)  {}
func (l *linkList) text([]byte) {}

// sheet compares one sheet with its form. Amounts are numbers there, so yuan are compared
// as amounts.
type sheet struct {
	r    *run
	file *formFile
	form *csv.Reader
	// line is the row at hand; last the line for signatures, two below the form.
	line, last int
	cells      []sheetCell
	value      strings.Builder
	within     string // t or v, where a cell's value stands
	stopped    bool   // it disagrees; what follows would be shifted
}

type sheetCell struct {
	text  string
	words bool
}

func (s *sheet) differs(column int, want, got string) {
	s.stopped = true
	name := s.file.sheet
	if column > 0 {
		name += " " + s.file.columns[min(column, len(s.file.columns))-1]
	}
	s.r.find(Finding{workbookName, s.line, name, want, got, "the same as " + formName(s.file.name)})
}

func (s *sheet) start(e *xml.StartElement) {
	if s.stopped {
		return
	}
	if attribute(e, "hidden") != "" {
		s.differs(0, "every row and column in sight", "one that is hidden")
	}
	switch e.Name.Local {
	case "row":
		s.line++
		s.cells = s.cells[:0]
		if at := attribute(e, "r"); at != strconv.Itoa(s.line) {
			s.differs(0, "row "+strconv.Itoa(s.line), "row "+at)
		}
	case "c":
		kind := attribute(e, "t")
		s.cells = append(s.cells, sheetCell{words: kind == "inlineStr"})
		s.value.Reset()
		if at, want := attribute(e, "r"), cellName(len(s.cells), s.line); at != want {
			s.differs(len(s.cells), want, at)
		} else if kind != "" && kind != "inlineStr" {
			s.differs(len(s.cells), "a number or a text", kind)
		}
	case "t", "v":
		s.within = e.Name.Local
	}
}

func (s *sheet) text(b []byte) {
	if s.within != "" {
		s.value.Write(b)
	}
}

func (s *sheet) end(name string) {
	switch {
	case s.stopped:
	case name == "t" || name == "v":
		s.within = ""
	case name == "c":
		s.cells[len(s.cells)-1].text = unescaped(s.value.String())
	case name == "row":
		s.row()
	}
}

// row compares a row that has been read. Title and head of the sheet stand above the form,
// a line for signatures below.
func (s *sheet) row() {
	if s.line < sheetHead {
		return
	}
	if s.last == 0 {
		want, err := s.form.Read()
		switch {
		case err == nil:
			s.compare(want)
			return
		case !errors.Is(err, io.EOF):
			s.stopped = true // told where the form was read
			return
		}
		s.last = s.line + 1
	}
	s.r.report.Checked++
	if most := s.line - s.last + 1; len(s.cells) > most || most > 1 {
		s.differs(0, "a line for signatures and the end of the sheet", fmt.Sprintf("%d further cells", len(s.cells)))
	}
}

func (s *sheet) compare(want []string) {
	if !s.r.sameInt(workbookName, s.line, s.file.sheet, int64(len(want)), int64(len(s.cells)), "fields of a row") {
		s.stopped = true
		return
	}
	for i, w := range want {
		s.r.report.Checked++
		got := s.cells[i]
		if got.text != w && (got.words || !sameNumber(w, got.text)) || !got.words && got.text != "" && !plainNumber.MatchString(got.text) {
			s.differs(i+1, w, got.text)
			return
		}
	}
}

// cellName names a cell as a workbook does: AB3.
func cellName(column, row int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name + strconv.Itoa(row)
}

var (
	plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	xstring     = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)
)

// unescaped reads a text of a workbook, in which _x0041_ is a character by its number.
func unescaped(text string) string {
	return xstring.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.ParseUint(s[2:6], 16, 16)
		return string(rune(n))
	})
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
