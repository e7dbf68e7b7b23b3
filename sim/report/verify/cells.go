package verify

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// What a run writes of names that somebody else has given is never obeyed by what shows
// it; these are the written forms.

// plain is a text as a page shows it: what acts instead of being seen is a number.
func plain(text string) string {
	if strings.IndexFunc(text, acts) < 0 {
		return text
	}
	var b strings.Builder
	for _, c := range strings.ReplaceAll(text, "\r\n", "\n") {
		if acts(c) {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// acts is true of control characters but line ends and tabs, of other line ends, of marks
// that turn the direction, and of what was no character.
func acts(c rune) bool {
	switch {
	case c == '\n' || c == '\t':
		return false
	case c == 0x61c || c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069:
		return true
	}
	return unicode.IsControl(c) || c == unicode.ReplacementChar
}

var (
	formula = regexp.MustCompile(`^[ \x{a0}\x{3000}\x{200b}\x{feff}]*[=+@＝＋－＠\t\n-]`)
	number  = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`)
)

// cell is a text as a cell of a table: what a spreadsheet would compute begins with an
// apostrophe.
func cell(text string) string {
	if text = plain(text); formula.MatchString(text) && !number.MatchString(text) {
		return "'" + text
	}
	return text
}
