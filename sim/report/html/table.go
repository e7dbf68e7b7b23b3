package html

import "kuasheng/sim/report/words"

// Table is the figures behind a chart, or a table of its own.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	// More says what the table leaves out and where it is found; it may be empty.
	More words.Text
	// OneScale writes all columns of a unit in the same scale.
	OneScale bool
}

// Column is a column of figures of one unit, or of texts where it has none.
type Column struct {
	Title words.Text
	Unit  Unit
	Texts bool
}

// Cell is a figure, a text, or nothing.
type Cell struct {
	Text words.Text
	N    int64
	kind cellKind
}

type cellKind uint8

const (
	nothing cellKind = iota
	figure
	inWords
)

// N is a cell with a figure; None makes it empty.
func N(n int64) Cell {
	if n == None {
		return Cell{}
	}
	return Cell{N: n, kind: figure}
}

// W is a cell with a text.
func W(t words.Text) Cell { return Cell{Text: t, kind: inWords} }

// tableView is a table in one language.
type tableView struct {
	Label, More string
	Head        []headView
	Rows        [][]cellView
}

type headView struct {
	Text  string
	Texts bool
}

type cellView struct {
	Text  string
	Head  bool // the row's own name
	Texts bool
}

func (t *Table) view(l words.Lang) *tableView {
	v := &tableView{More: t.More.In(l)}
	scales := make([]scale, len(t.Columns))
	most := make([]int64, len(t.Columns))
	all := map[measure]int64{}
	for _, row := range t.Rows {
		for j, cell := range row {
			most[j] = max(most[j], cell.N, -cell.N)
			all[t.Columns[j].Unit.of] = max(all[t.Columns[j].Unit.of], most[j])
		}
	}
	for j, column := range t.Columns {
		head := headView{column.Title.In(l), column.Texts}
		if !column.Texts {
			if t.OneScale {
				most[j] = all[column.Unit.of]
			}
			scales[j] = column.Unit.scale(most[j], l)
			unit := Unit{of: column.Unit.of, Noun: column.Unit.Noun}
			if unit.of == counted && scales[j].word == "" {
				unit.Noun = words.Text{} // the title says what is counted
			}
			if caption := unit.caption(scales[j], l); caption != "" && !t.OneScale {
				if l == words.Chinese {
					head.Text += "（" + caption + "）"
				} else {
					head.Text += ", " + caption
				}
			}
		}
		v.Head = append(v.Head, head)
	}
	for _, row := range t.Rows {
		line := make([]cellView, len(row))
		for j, cell := range row {
			line[j] = cellView{Head: j == 0, Texts: t.Columns[j].Texts}
			switch cell.kind {
			case figure:
				line[j].Text = t.Columns[j].Unit.number(cell.N, scales[j])
			case inWords:
				line[j].Text = cell.Text.In(l)
			}
		}
		v.Rows = append(v.Rows, line)
	}
	return v
}
