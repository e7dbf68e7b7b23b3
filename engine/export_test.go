package engine

// WithoutSerial returns the person without the running number of settlements, the
// one thing that a reversal does not roll back: numbers are not given twice.
func (p PersonYear) WithoutSerial() PersonYear {
	p.serial = 0
	return p
}

// WithoutBefore returns the result without what a reversal restores, which only
// the engine sees.
func (r Result) WithoutBefore() Result {
	r.before = before{}
	return r
}

// WithoutStale returns the annex of a person in a benefit year without what no rule
// reads any more: a former year that is not the one before, or that had no bill, and
// hospitals beyond those that count.
func (a Annex) WithoutStale(year int) Annex {
	empty := PersonYear{balance: a.former.balance, mutual: a.former.mutual, year: a.former.year}
	if a.former.year != benefitYear(year-1) || a.former.WithoutSerial() == empty && a.formerYear.used == 0 {
		a.former, a.formerYear = PersonYear{}, yearAnnex{}
	}
	a.former.serial, a.former.latest, a.former.balance, a.former.mutual = 0, 0, 0, 0
	for _, y := range []*yearAnnex{&a.year, &a.formerYear} {
		clear(y.hospitals[y.used:])
	}
	return a
}

// Crossed reports whether the bill was divided between two benefit years.
func (r *Result) Crossed() bool { return r.before.crossed }

// Year is the benefit year of the accumulators.
func (p *PersonYear) Year() int { return 2000 + int(p.year) }
