package verify

import (
	"fmt"
	"slices"
	"sort"
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

// calendar knows the working days: which plain weekends do not tell, in their order.
type calendar struct{ exceptions []exception }

// exception is a weekday not worked or a weekend day worked, and how many more days were
// worked than plain weekends tell, up to and with it.
type exception struct {
	day  date
	more int
}

// weekend reports whether a day is Saturday or Sunday.
func weekend(d date) bool {
	weekday := d.time().Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}

// except makes the calendar of its exceptions.
func (c *calendar) except(days []date) {
	slices.Sort(days)
	more := 0
	for _, d := range slices.Compact(days) {
		if weekend(d) {
			more++
		} else {
			more--
		}
		c.exceptions = append(c.exceptions, exception{d, more})
	}
}

// until counts the working days up to and with a day, from a Monday before all dates.
func (c *calendar) until(d date) int {
	const monday = -719_162 - 7*1000
	days := int(d - monday)
	n := days/7*5 + min(days%7+1, 5)
	if i := sort.Search(len(c.exceptions), func(i int) bool { return c.exceptions[i].day > d }); i > 0 {
		n += c.exceptions[i-1].more
	}
	return n
}

// after is the day so many working days after another.
func (c *calendar) after(d date, n int) date {
	if n <= 0 {
		return d
	}
	want := c.until(d) + n
	// Five of seven days are worked, less all exceptions at most.
	return d + 1 + date(sort.Search(7*(n+len(c.exceptions)), func(i int) bool { return c.until(d+1+date(i)) >= want }))
}

// between counts the working days after from up to to.
func (c *calendar) between(from, to date) int { return max(0, c.until(to)-c.until(from)) }
