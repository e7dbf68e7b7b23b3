package audit

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
)

// Settle settles one bill for a person: terms are those of the insured pool and scheme
// in the month of settlement and catalogue that of the province of treatment, nil where
// no policy is on file for the date; sameProvince says whether the two provinces are
// one. A settled bill is recorded with the person; a refused one changes nothing.
//
// A bill that could be refused for several reasons is refused for the first, in the
// order of engine.Status.
func Settle(terms *engine.Terms, catalogue *engine.Catalogue, sameProvince bool, person *Person, claim *engine.Claim, lines []engine.Line) Answer {
	switch has := func(flag engine.Flags) bool { return claim.Flags&flag != 0 }; {
	case sameProvince: // A2: insured province ≠ treatment province, or it is not this system's
		return refused(engine.StatusSameProvince)
	case terms == nil || catalogue == nil: // A10
		return refused(engine.StatusNoPolicy)
	case has(engine.FlagSuspended): // X30
		return refused(engine.StatusSuspended)
	case has(engine.FlagUnconnected): // B13
		return refused(engine.StatusUnconnected)
	case has(engine.FlagThirdParty): // C9, X18: third party = yes
		return refused(engine.StatusThirdParty)
	case has(engine.FlagInjury) && !has(engine.FlagInjuryLetter): // C9, X18: the letter is missing
		return refused(engine.StatusNoInjuryLetter)
	}
	filing, status := settledUnder(terms, claim)
	if status != engine.Settled {
		return refused(status)
	}
	if claim.Kind == engine.Chronic && claim.Flags&engine.FlagUnqualified != 0 { // C13
		return refused(engine.StatusUnqualified)
	}
	bill, ok := divideBill(catalogue, claim, lines)
	if !ok { // X27
		return refused(engine.StatusBadLines)
	}
	year := yearOf(claim.SettleDay) // the discharge settlement decides (R16)
	switch {
	case person.year > year: // X10: an earlier year is closed once the next has begun
		return refused(engine.StatusYearClosed)
	case bill.fee.GreaterThan(mostOfABill), person.year == year && person.countersEnd():
		return refused(engine.StatusOutOfRange)
	}
	person.begin(year)
	a := whoPays(terms, claim, person, filing, bill)
	a.mustBePaid()
	a.Previous = person.latest()
	person.record(claim, &a)
	a.Order = person.orders
	if claim.Kind == engine.Inpatient {
		a.Visit = person.used.admissions
	}
	return a
}

// yearOf is the benefit year 待遇年度 of a day, 1 January to 31 December.
func yearOf(d day.Day) int {
	year, _, _ := d.Date()
	return year
}

func refused(status engine.Status) Answer { return Answer{Status: status} }
