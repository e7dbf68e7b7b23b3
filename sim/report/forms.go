package report

import (
	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// form is an official table: a title, columns and rows that end with totals and with
// the sums that other forms must agree with. The same rows go into a CSV file and into
// a sheet of the workbook.
type form struct {
	name, sheet, title string
	columns            []formColumn
	rows               []formRow
	// frozen is how many columns stay in sight; controlsAt is the first of the two
	// columns that controls stand in.
	frozen, controlsAt int
}

// formColumn is a column; the width is in characters of the workbook's font.
type formColumn struct {
	name  string
	width float64
}

// formRow is a row of a form: of an item, a subtotal or total, or a control 核对.
type formRow struct {
	cells []formCell
	bold  bool
}

// formCell holds a text, a count or an amount.
type formCell struct {
	text  string
	value int64
	is    cellKind
}

type cellKind uint8

const (
	isText cellKind = iota
	isCount
	isAmount // fen, written as yuan
)

// The first column's words for rows that are no items.
const (
	subtotalWord = "小计"
	totalWord    = "合计"
	controlWord  = "核对"
)

func (f *form) row(cells ...formCell) { f.rows = append(f.rows, formRow{cells: cells}) }

func (f *form) boldRow(cells ...formCell) { f.rows = append(f.rows, formRow{cells: cells, bold: true}) }

// control states at the form's foot what its total must agree with.
func (f *form) control(c *control) {
	cells := make([]formCell, len(f.columns))
	cells[0], cells[1] = text(controlWord), text(c.left+" = "+c.right)
	cells[f.controlsAt], cells[f.controlsAt+1] = amount(c.is), amount(c.want)
	f.rows = append(f.rows, formRow{cells: cells})
}

// text is a cell with a text, the same in the CSV file and in the workbook.
func text(s string) formCell { return formCell{text: words.Cell(s)} }

func count(n int64) formCell { return formCell{value: n, is: isCount} }

func amount(v money.Fen) formCell { return formCell{value: int64(v), is: isAmount} }

// blanks are n empty cells.
func blanks(n int) []formCell { return make([]formCell, n) }

// control is a sum that must be the same in two places 勾稽关系.
type control struct {
	left, right string
	is, want    money.Fen
}

// writeForms writes the official forms into clearing/forms/ and the workbook.
func writeForms(sink Sink, in *Input) (files []File, err error) {
	forms := officialForms(in)
	for _, f := range forms {
		file := File{Name: "clearing/forms/" + f.name + ".csv", What: f.title}
		w, err := sink.Create(file.Name)
		if err != nil {
			return nil, err
		}
		t := newCSV(w)
		f.writeCSV(t)
		if err := closed(w, file.Name, t.flush()); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	file := File{Name: WorkbookFile, What: "the same forms as one workbook 跨省异地就医清算表册"}
	w, err := sink.Create(file.Name)
	if err != nil {
		return nil, err
	}
	if err := closed(w, file.Name, writeWorkbook(w, in, forms)); err != nil {
		return nil, err
	}
	return append(files, file), nil
}

func (f *form) writeCSV(t *csv) {
	for _, c := range f.columns {
		t.text(c.name)
	}
	t.end()
	for i := range f.rows {
		for _, c := range f.rows[i].cells {
			switch c.is {
			case isCount:
				t.int(c.value)
			case isAmount:
				t.yuan(money.Fen(c.value))
			default:
				t.text(c.text)
			}
		}
		t.end()
	}
}
