package day

import (
	"testing"
	"time"
)

// TestEveryDay walks all days from 1900 to 2100 beside the standard library.
func TestEveryDay(t *testing.T) {
	at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := Of(1900, 1, 1); d <= Of(2100, 12, 31); d++ {
		y, m, dd := d.Date()
		if y != at.Year() || m != int(at.Month()) || dd != at.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", int(d), y, m, dd, at.Format(time.DateOnly))
		}
		if Of(y, m, dd) != d {
			t.Fatalf("%v does not come back: %d", d, Of(y, m, dd))
		}
		if want := (int(at.Weekday()) + 6) % 7; d.Weekday() != want {
			t.Fatalf("%v is weekday %d, want %d", d, d.Weekday(), want)
		}
		if text := d.String(); text != at.Format(time.DateOnly) {
			t.Fatalf("day %d prints %s", int(d), text)
		}
		if back, err := Parse(d.String()); err != nil || back != d {
			t.Fatalf("%v parses as %v, %v", d, back, err)
		}
		if month := d.Month(); month.Year() != y || month.OfYear() != m || d < month.First() || d > month.Last() {
			t.Fatalf("%v is in month %v", d, month)
		}
		at = at.AddDate(0, 0, 1)
	}
	if Of(1970, 1, 1) != 0 || Day(0).Weekday() != 3 {
		t.Errorf("1970-01-01 is day %d, weekday %d", Of(1970, 1, 1), Day(0).Weekday())
	}
}

// TestMonths: a month ends the day before the next begins; intervals are half-open (X44).
func TestMonths(t *testing.T) {
	for year := 1900; year <= 2100; year++ {
		for m := 1; m <= 12; m++ {
			month := MonthOf(year, m)
			want := time.Date(year, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
			if month.Days() != want || month.Year() != year || month.OfYear() != m {
				t.Fatalf("%v has %d days, want %d", month, month.Days(), want)
			}
			if month.First() != Of(year, m, 1) || month.Last() != Of(year, m, want) || month.Last()+1 != (month+1).First() {
				t.Fatalf("%v runs from %v to %v", month, month.First(), month.Last())
			}
			if back, err := ParseMonth(month.String()); err != nil || back != month {
				t.Fatalf("%v parses as %v, %v", month, back, err)
			}
		}
	}
	for _, test := range []struct {
		month Month
		day   int
		want  string
	}{
		{MonthOf(2024, 2), 21, "2024-02-21"}, {MonthOf(2024, 2), 31, "2024-02-29"}, {MonthOf(2023, 2), 29, "2023-02-28"},
		{MonthOf(2024, 4), 31, "2024-04-30"}, {MonthOf(2024, 1), 1, "2024-01-01"}, {MonthOf(2024, 1), 31, "2024-01-31"},
	} {
		if got := test.month.On(test.day).String(); got != test.want {
			t.Errorf("day %d of %v is %s, want %s", test.day, test.month, got, test.want)
		}
	}
	if MonthOf(2023, 12)+1 != MonthOf(2024, 1) {
		t.Error("after December comes January")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "2024", "2024-2-29", "2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10", "2024-13-01", "2024-01-00", "2024-01-32",
		"20240229", "2024/02/29", "29-02-2024", "2024-02-29 ", " 2024-02-29", "2024-02-2x", "２０24-1-1", "-024-02-01", "+024-02-01", "2024-02-29T", "9999-99-99",
	} {
		if d, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v, want a refusal", text, d)
		}
	}
	for _, text := range []string{"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"} {
		if d, err := Parse(text); err != nil || d.String() != text {
			t.Errorf("Parse(%q) = %v, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "2024", "2024-13", "2024-00", "2024-1", "2024-02-29", "202a-01"} {
		if m, err := ParseMonth(text); err == nil {
			t.Errorf("ParseMonth(%q) = %v, want a refusal", text, m)
		}
	}
}

func TestNever(t *testing.T) {
	if Never.String() != "open" || Never <= Of(9999, 12, 31) {
		t.Errorf("Never is %d, %v", int(Never), Never)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2024-02-29", "2023-02-29", "0000-01-01", "9999-12-31", "2024-13-01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err == nil && d.String() != text {
			t.Fatalf("%q parses as %v", text, d)
		}
		if _, reference := time.Parse(time.DateOnly, text); (reference == nil) != (err == nil) {
			t.Fatalf("%q: %v here, %v in the standard library", text, err, reference)
		}
	})
}
