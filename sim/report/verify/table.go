package verify

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
)

// table reads a CSV file row by row. It finds fault with what is not written as a run
// writes it: other columns, numbers that are none, amounts in yuan that are not the
// amount in fen beside them.
type table struct {
	r       *run
	name    string
	csv     *csv.Reader
	columns []string
	row     []string
	line    int
	yuan    []int // columns of yuan whose column before holds the fen
}

// open opens a CSV file with these columns; the derivation ends where it has others.
func (r *run) open(name string, columns ...string) *table {
	t := &table{r: r, name: name, csv: csv.NewReader(bytes.NewReader(r.read(name))), columns: columns, line: 1}
	t.csv.ReuseRecord = true
	t.csv.FieldsPerRecord = -1
	head, err := t.csv.Read()
	if err != nil && err != io.EOF {
		r.find(Finding{File: name, Line: 1, Want: "a row of CSV", Got: err.Error(), Rule: "the file can be read"})
		panic(giveUp{})
	}
	if !r.same(name, 1, "", strings.Join(columns, ","), strings.Join(head, ","), "the columns of the file") {
		panic(giveUp{})
	}
	for i := 1; i < len(columns); i++ {
		if base, ok := strings.CutSuffix(columns[i], "_yuan"); ok && columns[i-1] == base+"_fen" {
			t.yuan = append(t.yuan, i)
		}
	}
	return t
}

// next reads the next row.
func (t *table) next() bool {
	row, err := t.csv.Read()
	if err == io.EOF {
		return false
	}
	t.line, _ = t.csv.FieldPos(0)
	if err != nil {
		t.r.find(Finding{File: t.name, Line: t.line, Want: "a row of CSV", Got: err.Error(), Rule: "the file can be read"})
		panic(giveUp{})
	}
	if !t.r.sameInt(t.name, t.line, "", int64(len(t.columns)), int64(len(row)), "fields of a row") {
		panic(giveUp{})
	}
	t.row = row
	for _, i := range t.yuan {
		if fen, err := strconv.ParseInt(row[i-1], 10, 64); err == nil {
			t.r.same(t.name, t.line, t.columns[i], yuanText(fen), row[i], "the amount in fen beside it")
		}
	}
	return true
}

// at is where a column stands.
func (t *table) at(column string) int {
	i := slices.Index(t.columns, column)
	if i < 0 {
		panic("verify: no column " + column + " in " + t.name)
	}
	return i
}

func (t *table) text(column string) string { return t.row[t.at(column)] }

// int reads a whole number, written as numbers are.
func (t *table) int(column string) int64 { return t.intAt(t.at(column)) }

func (t *table) intAt(i int) int64 {
	v, err := strconv.ParseInt(t.row[i], 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != t.row[i] {
		t.r.find(Finding{t.name, t.line, t.columns[i], "a whole number", t.row[i], "numbers are written plainly"})
	}
	return v
}

// same compares a column of the current row.
func (t *table) same(column, want, rule string) bool {
	return t.r.same(t.name, t.line, column, want, t.text(column), rule)
}

func (t *table) sameInt(column string, want int64, rule string) bool {
	return t.same(column, strconv.FormatInt(want, 10), rule)
}

// month reads a month.
func (t *table) month(column string) month {
	m, ok := parseMonth(t.text(column))
	if !ok {
		t.r.find(Finding{t.name, t.line, column, "a month", t.text(column), "months are written as 2024-03"})
		panic(giveUp{})
	}
	return m
}

// date reads a day, 0 where there is none.
func (t *table) date(column string) date {
	d, ok := parseDate(t.text(column))
	if !ok {
		t.r.find(Finding{t.name, t.line, column, "a date", t.text(column), "dates are written as 2024-03-01"})
		panic(giveUp{})
	}
	return d
}

// one of a list of words, such as schemes.
func (t *table) one(column string, words []string) int {
	i := slices.Index(words, t.text(column))
	if i < 0 {
		t.r.find(Finding{t.name, t.line, column, "one of " + strings.Join(words, " "), t.text(column), "the words of the parameters"})
		panic(giveUp{})
	}
	return i
}

// place reads a division code and the name in the column after it.
func (t *table) place(column string, index map[string]int, names []string) int {
	at := t.at(column)
	i, ok := index[t.row[at]]
	if !ok {
		t.r.find(Finding{t.name, t.line, column, "a place of the parameters", t.row[at], "the places of the parameters"})
		panic(giveUp{})
	}
	t.r.same(t.name, t.line, t.columns[at+1], names[i], t.row[at+1], "the name of the place")
	return i
}

// expect compares a whole file with rows that follow from other files. After a row
// that disagrees it stops: the rest would be shifted.
func (r *run) expect(name, rule string, columns []string, rows func(put func(values ...any))) {
	t := r.open(name, columns...)
	stopped := false
	rows(func(values ...any) {
		if stopped {
			return
		}
		want := make([]string, len(values))
		for i, v := range values {
			if _, words := v.(capitals); !words {
				want[i] = cellText(v)
			}
		}
		if !t.next() {
			r.find(Finding{name, t.line + 1, "", strings.Join(want, ","), "the end of the file", rule})
			stopped = true
			return
		}
		for i, v := range values {
			got := t.row[i]
			if words, ok := v.(capitals); ok {
				want[i] = yuanText(int64(words))
				if fen, ok := fromCapitals(got); ok {
					got = yuanText(fen)
				}
			}
			if !r.same(name, t.line, columns[i], want[i], got, rule) {
				stopped = true
			}
		}
	})
	if !stopped && t.next() {
		r.find(Finding{name, t.line, "", "the end of the file", strings.Join(t.row, ","), rule})
	}
}

// cellText writes a value as a run does.
func cellText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case date:
		return v.String()
	case month:
		return v.String()
	case yuan:
		return yuanText(int64(v))
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	panic("verify: a cell of no known type")
}

// yuan is an amount in fen that is written in yuan.
type yuan int64

// yuanText writes fen as yuan with two decimals, by its digits alone.
func yuanText(fen int64) string {
	digits, sign := strconv.FormatInt(fen, 10), ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for len(digits) < 3 {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-2] + "." + digits[len(digits)-2:]
}
