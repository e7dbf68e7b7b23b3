package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names, titles, paths and messages come from packs, overlays and command lines, which
// anybody writes. What shows them must never obey them: Plain is for a text of many lines
// on a terminal or a page, Line for one line, Cell for a cell of a table in a file.

// Plain returns s with what a terminal or a page would obey written as its number, such as
// \u001b: control characters but ends of lines and tabs, and the marks that turn the
// direction of writing. In JSON such characters stand in strings alone, where the number
// means the same.
func Plain(s string) string { return numbered(s, "\n\t") }

// Line is Plain for a text that is one line: ends of lines and tabs are numbers too.
func Line(s string) string { return numbered(s, "") }

// Cell is Plain for a cell of a table that a spreadsheet opens: an apostrophe stands before
// what it would take for a formula. A number stays one.
func Cell(s string) string {
	s = Plain(s)
	text := strings.TrimLeft(s, " \u00a0\u3000\u200b\ufeff") // which a spreadsheet may leave out
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 || !strings.ContainsRune("=+-@＝＋－＠\t\n", first) || isNumber(s) {
		return s
	}
	return "'" + s
}

// Cells are the cells of a row.
func Cells(texts []string) []string {
	row := make([]string, len(texts))
	for i, text := range texts {
		row[i] = Cell(text)
	}
	return row
}

// isNumber reports whether s is a decimal number: a sign, digits, a point.
func isNumber(s string) bool {
	whole, part, point := strings.Cut(strings.TrimLeft(s[:1], "+-")+s[1:], ".")
	return digits(whole) && (digits(part) || !point)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func numbered(s, kept string) string {
	obeyed := func(r rune) bool {
		// All such marks but one stand close together, and most characters elsewhere.
		turns := r == '\u061c' || r >= '\u200e' && r <= '\u2069' && unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
		return (unicode.IsControl(r) || turns || r == utf8.RuneError) && !strings.ContainsRune(kept, r)
	}
	if strings.IndexFunc(s, obeyed) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		if obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
