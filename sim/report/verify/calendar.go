package verify

import (
	"fmt"
	"time"
)

// date counts days since 1970-01-01; 0 is no date, as nothing here is that old.
type date int

// month counts months since January of year 0.
type month int

func parseDate(text string) (date, bool) {
	if text == "" {
		return 0, true
	}
	t, err := time.Parse(time.DateOnly, text)
	return date(t.Unix() / 86_400), err == nil
}

func parseMonth(text string) (month, bool) {
	t, err := time.Parse("2006-01", text)
	return month(t.Year()*12 + int(t.Month()) - 1), err == nil
}

func (d date) String() string {
	if d == 0 {
		return ""
	}
	return d.time().Format(time.DateOnly)
}

func (d date) time() time.Time { return time.Unix(int64(d)*86_400, 0).UTC() }

func (m month) String() string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

func (m month) first() date {
	return date(time.Date(int(m/12), time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
}

func (m month) last() date { return (m + 1).first() - 1 }

// on is a day of the month, or its last day where it is shorter.
func (m month) on(n int) date { return min(m.first()+date(n-1), m.last()) }

// calendar knows the working days.
type calendar struct{ exceptions map[date]bool } // true where worked

func (c *calendar) working(d date) bool {
	if worked, found := c.exceptions[d]; found {
		return worked
	}
	weekday := d.time().Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// after is the day so many working days after another.
func (c *calendar) after(d date, n int) date {
	for ; n > 0; n-- {
		for d++; !c.working(d); d++ {
		}
	}
	return d
}

// between counts the working days after from up to to.
func (c *calendar) between(from, to date) (n int) {
	for d := from + 1; d <= to; d++ {
		if c.working(d) {
			n++
		}
	}
	return n
}
