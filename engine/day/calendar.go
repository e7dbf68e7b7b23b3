package day

import "slices"

// Calendar knows which days are worked: weekends are off, holidays 节假日 are
// off, and make-up weekend days 调休 are worked. Outside the years it was told
// about it falls back to plain weekends; Covers says where that happens.
type Calendar struct {
	off, worked []Day // sorted
	from, to    Day
}

// NewCalendar builds a calendar for [from, to) from the days off beyond
// ordinary weekends and the weekend days that are worked.
func NewCalendar(from, to Day, off, worked []Day) *Calendar {
	c := &Calendar{off: slices.Clone(off), worked: slices.Clone(worked), from: from, to: to}
	slices.Sort(c.off)
	slices.Sort(c.worked)
	return c
}

// Covers reports whether the State Council's notice for d is in the calendar.
func (c *Calendar) Covers(d Day) bool { return d >= c.from && d < c.to }

// Holiday reports whether d is a day off that the notices name.
func (c *Calendar) Holiday(d Day) bool {
	_, found := slices.BinarySearch(c.off, d)
	return found
}

// Working reports whether d is a working day 工作日.
func (c *Calendar) Working(d Day) bool {
	if _, found := slices.BinarySearch(c.worked, d); found {
		return true
	}
	return d.Weekday() < 5 && !c.Holiday(d)
}

// AddWorking returns the day n working days after d; d itself never counts.
// With n = 0 it returns d.
func (c *Calendar) AddWorking(d Day, n int) Day {
	for n > 0 {
		d++
		if c.Working(d) {
			n--
		}
	}
	return d
}

// WorkingBetween counts the working days in (from, to]: how many working days
// after from the day to is. It is 0 where to is not after from.
func (c *Calendar) WorkingBetween(from, to Day) int {
	n := 0
	for d := from + 1; d <= to; d++ {
		if c.Working(d) {
			n++
		}
	}
	return n
}
