package report

import (
	"fmt"
	"slices"
	"strings"

	"kuasheng/sim/report/words"
)

// Width returns how many columns a terminal needs for s: two for an East Asian
// wide character, one for any other.
func Width(s string) (columns int) {
	for _, r := range s {
		if wide(r) {
			columns++
		}
		columns++
	}
	return columns
}

// wide covers the wide and full-width blocks that the reports use.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f ||
		r >= 0x2e80 && r <= 0xa4cf && r != 0x303f ||
		r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f ||
		r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 ||
		r >= 0x20000 && r <= 0x3fffd
}

// Cut shortens s to so many columns; an ellipsis stands for what is cut off.
func Cut(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	width := 1 // of the ellipsis
	for i, r := range s {
		if width += Width(string(r)); width > columns {
			return s[:i] + "…"
		}
	}
	return s
}

// Screen is what a text is written for: a reader's language, and how many columns there
// are.
type Screen struct {
	Lang    words.Lang
	Columns int
}

// Table aligns cells in columns: the first to the left, the others to the right.
type Table struct {
	// Left says which further columns stand to the left.
	Left map[int]bool
	// Drop are the columns that a narrow screen can do without, those that go together and
	// the first to go first.
	Drop [][]int
	rows [][]string
}

// Row adds a row.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = words.Line(cell)
	}
	t.rows = append(t.rows, row)
}

// String writes the table, two blanks between columns and none at line ends.
func (t *Table) String() string { return t.text(nil, 2) }

// Fit writes the table in so many columns. Where they are too few, a last column of text is
// broken into lines; of other tables one blank stands between columns, then those of Drop
// go, and at last the end of the first column is cut off.
func (t *Table) Fit(columns int) string {
	all, widths := t.width(nil, 2)
	last := len(widths) - 1
	switch {
	case all <= columns:
		return t.text(nil, 2)
	case len(t.Drop) == 0 && t.Left[last] && widths[last] > all-columns:
		return t.broken(last, widths[last]-(all-columns)).text(nil, 2)
	}
	gone := map[int]bool{}
	for i := 0; ; i++ {
		for gap := 2; gap > 0; gap-- {
			if all, _ = t.width(gone, gap); all <= columns {
				return t.text(gone, gap)
			}
		}
		if i == len(t.Drop) {
			break
		}
		for _, column := range t.Drop[i] {
			gone[column] = true
		}
	}
	cut := Table{Left: t.Left}
	for _, row := range t.rows {
		cut.Row(append([]string{Cut(row[0], max(1, widths[0]-(all-columns)))}, row[1:]...)...)
	}
	return cut.text(gone, 1)
}

// broken is the table with the text of a column in lines of so many columns.
func (t *Table) broken(at, columns int) *Table {
	out := &Table{Left: t.Left}
	for _, row := range t.rows {
		rest := ""
		if len(row) > at {
			row = slices.Clone(row)
			row[at], rest = breakAt(row[at], columns)
		}
		out.Row(row...)
		for rest != "" {
			more := make([]string, at+1)
			more[at], rest = breakAt(rest, columns)
			out.Row(more...)
		}
	}
	return out
}

// width is how wide the table is without some columns, and each of its columns.
func (t *Table) width(gone map[int]bool, gap int) (all int, widths []int) {
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if !gone[i] {
				widths[i] = max(widths[i], Width(cell))
			}
		}
	}
	for i, w := range widths {
		if !gone[i] {
			all += w + gap
		}
	}
	return all - gap, widths
}

func (t *Table) text(gone map[int]bool, gap int) string {
	_, widths := t.width(gone, gap)
	var b strings.Builder
	for _, row := range t.rows {
		line := ""
		for i, cell := range row {
			if gone[i] {
				continue
			}
			pad := strings.Repeat(" ", widths[i]-Width(cell))
			if i > 0 {
				line += strings.Repeat(" ", gap)
			}
			if i == 0 || t.Left[i] {
				line += cell + pad
			} else {
				line += pad + cell
			}
		}
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// Wrapped breaks each line of a text so that it takes so many columns at most.
func Wrapped(text string, columns int) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		rest, end := strings.CutSuffix(line, "\n")
		for rest != "" {
			var first string
			if first, rest = breakAt(rest, columns); rest != "" {
				first += "\n"
			}
			b.WriteString(first)
		}
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Grouped writes v with a comma between groups of three digits.
func Grouped(v int64) string {
	digits := fmt.Sprint(v)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// scaled writes v ÷ unit with decimals and grouped digits.
func scaled(v, unit int64, decimals int) string {
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	// Whole units and rest apart, so that nothing overflows or is rounded twice.
	whole, rest := v/unit, v%unit
	rest = (rest*scale*2 + unit) / (2 * unit)
	if rest == scale {
		whole, rest = whole+1, 0
	}
	if decimals == 0 {
		return sign + Grouped(whole)
	}
	return fmt.Sprintf("%s%s.%0*d", sign, Grouped(whole), decimals, rest)
}
