// Package day holds dates as small integers and the working-day calendar.
//
// A Day belongs to the calendar of mainland China; all intervals are half-open
// [from, to), and the business date of an event is the one the national hub
// stamps (X44).
package day

import "fmt"

// Day counts days since 1970-01-01, a Thursday.
type Day int32

// Never is after every date a scenario can hold: an open-ended filing (B7) or a
// policy still in force.
const Never Day = 1<<31 - 1

// Of returns the day of a civil date. The date is not checked; see Parse.
func Of(year, month, dayOfMonth int) Day {
	// Days from civil, with the year starting in March so that the leap day is last.
	y := year
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + dayOfMonth - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return Day(era*146097 + dayOfEra - 719468)
}

// Date returns the civil date of d.
func (d Day) Date() (year, month, dayOfMonth int) {
	z := int(d) + 719468
	era := floorDiv(z, 146097)
	dayOfEra := z - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	month = m + 3
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, dayOfYear - (153*m+2)/5 + 1
}

// Weekday returns 0 for Monday to 6 for Sunday.
func (d Day) Weekday() int {
	return (int(d)%7 + 7 + 3) % 7
}

// String writes d as 2024-02-29; Never is "open".
func (d Day) String() string {
	if d == Never {
		return "open"
	}
	y, m, dd := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, dd)
}

// Parse reads a date written as 2024-02-29 and refuses one that does not exist.
func Parse(text string) (Day, error) {
	var y, m, d int
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return 0, fmt.Errorf("%q is not a date like 2024-02-29", text)
	}
	for i, c := range text {
		if i == 4 || i == 7 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is not a date like 2024-02-29", text)
		}
		switch {
		case i < 4:
			y = y*10 + int(c-'0')
		case i < 7:
			m = m*10 + int(c-'0')
		default:
			d = d*10 + int(c-'0')
		}
	}
	if m < 1 || m > 12 || d < 1 || d > MonthOf(y, max(1, min(12, m))).Days() {
		return 0, fmt.Errorf("%q: no such date", text)
	}
	return Of(y, m, d), nil
}

// Month counts calendar months since January of year 0; Month/12 is the year.
type Month int32

// MonthOf returns the month of a year, 1 for January.
func MonthOf(year, month int) Month { return Month(year*12 + month - 1) }

// Month returns the calendar month that holds d.
func (d Day) Month() Month {
	y, m, _ := d.Date()
	return MonthOf(y, m)
}

// Year returns the calendar year of m.
func (m Month) Year() int { return floorDiv(int(m), 12) }

// OfYear returns 1 for January to 12 for December.
func (m Month) OfYear() int { return int(m) - m.Year()*12 + 1 }

// First returns the first day of m.
func (m Month) First() Day { return Of(m.Year(), m.OfYear(), 1) }

// Last returns the last day of m.
func (m Month) Last() Day { return (m + 1).First() - 1 }

// Days returns how many days m has.
func (m Month) Days() int { return int((m + 1).First() - m.First()) }

// On returns day n of m, or its last day where m is shorter.
func (m Month) On(n int) Day { return min(m.First()+Day(n-1), m.Last()) }

// String writes m as 2024-02.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year(), m.OfYear()) }

// ParseMonth reads a month written as 2024-02.
func ParseMonth(text string) (Month, error) {
	d, err := Parse(text + "-01")
	if err != nil {
		return 0, fmt.Errorf("%q is not a month like 2024-02", text)
	}
	return d.Month(), nil
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
