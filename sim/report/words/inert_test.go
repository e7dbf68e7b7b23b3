package words_test

import (
	"testing"

	"kuasheng/sim/report/words"
)

// What would be obeyed is a number, and a formula a text; everything else is as it was.
func TestCell(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "安庆市": "安庆市", "A=B": "A=B", "=1+1": "'=1+1", "＝A1": "'＝A1", "  @x": "'  @x", "-x": "'-x", "+": "'+", "\tx": "'\tx", "\rx": `\u000dx`, "a\r\nb": "a\nb",
		"-1": "-1", "+1": "+1", "-12.50": "-12.50", "-1.": "'-1.", "-.5": "'-.5", "--1": "'--1", "-1-1": "'-1-1", "-1e5": "'-1e5", "-∞": "'-∞", "−5": "−5",
		"\x1b[31m": `\u001b[31m`, "\u009b31m": `\u009b31m`, "a\u202eb": `a\u202eb`, "\u2067": `\u2067`, "a\u2028b": `a\u2028b`, "a\xffb": `a\ufffdb`,
		"\u200b=1": "'\u200b=1", "家👨‍👩‍👧": "家👨‍👩‍👧",
	} {
		got := words.Cell(text)
		if got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
		if again := words.Cell(got); again != got {
			t.Errorf("%q, written twice, is %q", got, again)
		}
	}
}
