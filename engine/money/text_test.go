package money

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestParseRefuses: what does not fit an amount is refused, never rounded or cut.
func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "-", ".", "-.", "yuan", "1,000.00", "1 000", " 1.00", "1.00 ", "+1.00", "1.2.3", "--1", "1-", "1-2",
		"0.001", "64.291", "-0.009", // a third decimal
		"1e2", "1E2", "1e999999999", "0x10", "1_000", "Inf", "NaN", "１.00", "1。00", "¥1",
		"92233720368547758.08",         // 2⁶³ fen
		"-92233720368547758.09",        // below −2⁶³
		"99999999999999999999.00",      // beyond int64
		strings.Repeat("1", 25),        // too long
		"0." + strings.Repeat("0", 23), // too long, though zero
		"1\x00", "1\n",
	} {
		if v, err := ParseYuan(text); err == nil {
			t.Errorf("ParseYuan(%q) = %v, want a refusal", text, v)
		} else if !strings.Contains(err.Error(), `"`) {
			t.Errorf("ParseYuan(%q): %v does not show the value", text, err)
		}
	}
	for _, text := range []string{"1.0001", "-0.0001", "2", "0.00001", "10%", ""} {
		if v, err := ParseRatio(text); err == nil {
			t.Errorf("ParseRatio(%q) = %v, want a refusal", text, v)
		}
	}
	for text, parse := range map[string]func(string) error{
		"0.0000001": func(s string) error { _, err := ParsePrice(s); return err },
		"0.00001":   func(s string) error { _, err := ParseCount(s); return err },
	} {
		if parse(text) == nil {
			t.Errorf("%q: one decimal too many is accepted", text)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Fen{
		"64.29": 6429, "-3.18": -318, "0": 0, "0.00": 0, "-0.00": 0, "-0.01": -1, "7": 700, "7.5": 750, "007.10": 710,
		"92233720368547758.07": math.MaxInt64, "-92233720368547758.08": math.MinInt64,
	} {
		if got, err := ParseYuan(text); err != nil || got != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]BasisPoints{"0.1000": 1000, "0": 0, "1": One, "1.0000": One, "0.0001": 1, "0.9999": 9999} {
		if got, err := ParseRatio(text); err != nil || got != want {
			t.Errorf("ParseRatio(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	if got, err := ParsePrice("0.333333"); err != nil || got != 333_333 {
		t.Errorf("ParsePrice = %d, %v", got, err)
	}
	if got, err := ParseCount("-2.5"); err != nil || got != -25_000 {
		t.Errorf("ParseCount = %d, %v", got, err)
	}
}

func TestPrint(t *testing.T) {
	for v, want := range map[Fen]string{
		6429: "64.29", -318: "-3.18", 0: "0.00", 1: "0.01", -1: "-0.01", 99: "0.99", 100: "1.00", -100: "-1.00",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got := v.String(); got != want {
			t.Errorf("%d prints %q, want %q", int64(v), got, want)
		}
	}
	for v, want := range map[BasisPoints]string{8000: "0.8000", 0: "0.0000", 1: "0.0001", One: "1.0000", -1: "-0.0001"} {
		if got := v.String(); got != want {
			t.Errorf("%d bp prints %q, want %q", int32(v), got, want)
		}
	}
	if got := string(Fen(-318).Append([]byte("pays "))); got != "pays -3.18" {
		t.Errorf("Append: %q", got)
	}
}

func TestPrintedParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Fen(rapid.Int64().Draw(t, "fen"))
		if got, err := ParseYuan(v.String()); err != nil || got != v {
			t.Fatalf("%v parses as %v, %v", v, got, err)
		}
		r := BasisPoints(rapid.Int32Range(0, 10_000).Draw(t, "bp"))
		if got, err := ParseRatio(r.String()); err != nil || got != r {
			t.Fatalf("%v parses as %v, %v", r, got, err)
		}
	})
}

// FuzzParseYuan: whatever is accepted prints to a text that parses to the same, and
// equals the digits read one by one.
func FuzzParseYuan(f *testing.F) {
	for _, text := range []string{"64.29", "-3.18", "1e9", "0.001", "", "-", ".5", "5.", "00", "-0", "9223372036854775807", "1.10", "1.100"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseYuan(text)
		if err != nil {
			return
		}
		again, err := ParseYuan(v.String())
		if err != nil || again != v {
			t.Fatalf("%q parses as %v, which parses as %v, %v", text, v, again, err)
		}
		digits, negative := strings.CutPrefix(text, "-")
		whole, fraction, _ := strings.Cut(digits, ".")
		fraction += "00"
		if strings.Trim(fraction[2:], "0") != "" {
			t.Fatalf("%q parses as %v though it has a third decimal", text, v)
		}
		var want Fen
		for _, c := range whole + fraction[:2] {
			if c < '0' || c > '9' {
				t.Fatalf("%q parses as %v", text, v)
			}
			// Built below zero, where the range is one larger.
			want = want*10 - Fen(c-'0')
		}
		if !negative {
			want = -want
		}
		if v != want {
			t.Fatalf("%q parses as %d, want %d", text, v, want)
		}
	})
}
