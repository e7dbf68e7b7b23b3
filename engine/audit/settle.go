package audit

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
)

// Policy is what is on file about a bill. Terms gives those of the insured pool and scheme
// in the month of a day, Catalogue that of the province of treatment; nil where none is on
// file for the day (A10). SameProvince says that the two provinces are one.
type Policy struct {
	Terms        func(on day.Day) *engine.Terms
	Catalogue    func(on day.Day) *engine.Catalogue
	SameProvince bool
}

// visit is a claim whose entitlement is decided: what it is settled as and under.
type visit struct {
	claim          *engine.Claim
	kind           engine.Kind
	filing         engine.FilingKind
	atHome, byHand bool
}

func (v *visit) has(flag engine.Flags) bool { return v.claim.Flags&flag != 0 }

// Settle settles one bill for a person. A settled bill is recorded with the person; a
// refused one changes nothing.
//
// A bill that could be refused for several reasons is refused for the first, in the
// order of engine.Status.
func Settle(policy Policy, person *Person, claim *engine.Claim, lines []engine.Line) Answer {
	v := visit{claim: claim, kind: claim.Kind, atHome: policy.SameProvince}
	terms := policy.Terms(claim.SettleDay)
	switch {
	case policy.SameProvince && (terms == nil || !settlesAtHome(&terms.Filing, claim)):
		// A2: insured province ≠ treatment province, or it is not this system's.
		return refused(engine.StatusSameProvince)
	case somePolicyIsMissing(policy, claim, lines):
		return refused(engine.StatusNoPolicy)
	}
	if status := refusedForThePerson(&v); status != engine.Settled {
		return refused(status)
	}
	var status engine.Status
	if v.atHome {
		v.filing, status = benefitAtHome(&terms.Filing, claim)
	} else {
		v.filing, status = settledUnder(terms, claim)
	}
	if status != engine.Settled {
		return refused(status)
	}
	return pay(policy, person, v, lines)
}

// Reimburse decides a manual claim 手工报销 for a bill that the patient paid in full (B15,
// C11): the pool pays by its own rules, under a filing even if it was made after the
// discharge, or else as for the unfiled. That the institution is not connected, or has not
// opened the disease, or that the disease does not settle between provinces (N11), is why
// the claim comes by hand and no reason to refuse it. No account
// pays, since the patient has; and what an institution is paid for a case is its own affair.
func Reimburse(policy Policy, person *Person, claim *engine.Claim, lines []engine.Line) Answer {
	paid := *claim
	paid.CasePayment = 0
	for _, flag := range []engine.Flags{engine.FlagUnconnected, engine.FlagNotOpened, engine.FlagUseAccount, engine.FlagUseMutual} {
		paid.Flags &^= flag
	}
	v := visit{claim: &paid, kind: claim.Kind, byHand: true}
	switch {
	case policy.SameProvince: // A2
		return refused(engine.StatusSameProvince)
	case somePolicyIsMissing(policy, claim, lines):
		return refused(engine.StatusNoPolicy)
	}
	if status := refusedForThePerson(&v); status != engine.Settled {
		return refused(status)
	}
	if filedAfterSettlement(&paid.Filing, paid.SettleDay) {
		paid.Filing.Filed = paid.SettleDay // B15: by hand a late filing does
	}
	kind, status := underFiling(&policy.Terms(claim.SettleDay).Filing, &paid)
	switch status {
	case engine.Settled:
		v.filing = kind
	case engine.StatusFilingRevoked: // X47: claims fail after it
		return refused(status)
	default:
		v.filing = engine.Unfiled
	}
	return pay(policy, person, v, lines)
}

// somePolicyIsMissing: there are no terms or no catalogue for the day of settlement, no
// catalogue for the day on which a line was used (X43), or no terms of the former year for a
// stay that is divided by days (R16). A missing date is never a policy of zeros (A10).
func somePolicyIsMissing(policy Policy, claim *engine.Claim, lines []engine.Line) bool {
	terms := policy.Terms(claim.SettleDay)
	if terms == nil || policy.Catalogue(claim.SettleDay) == nil {
		return true
	}
	for i := range lines {
		if lines[i].Original == 0 && policy.Catalogue(dayOfUse(claim, &lines[i])) == nil {
			return true
		}
	}
	return claim.Kind == engine.Inpatient && isDividedByDays(terms, claim) && policy.Terms(lastDayOfFormerYear(claim)) == nil
}

// refusedForThePerson: what a bill is refused for whatever is filed and billed.
func refusedForThePerson(v *visit) engine.Status {
	switch {
	case v.has(engine.FlagUnverified): // A8, X48
		return engine.StatusUnverified
	case v.has(engine.FlagSuspended): // X30
		return engine.StatusSuspended
	case v.has(engine.FlagUnconnected): // B13
		return engine.StatusUnconnected
	case v.has(engine.FlagThirdParty): // C9, X18: third party = yes
		return engine.StatusThirdParty
	case v.has(engine.FlagInjury) && !v.has(engine.FlagInjuryLetter): // C9, X18: the letter is missing
		return engine.StatusNoInjuryLetter
	}
	return engine.Settled
}

// chronicBenefit: a chronic visit is paid where the person is qualified, the pool lists the
// disease and the institution has opened it (C12, C13, X42).
func chronicBenefit(terms *engine.Terms, v *visit) engine.Status {
	switch {
	case v.has(engine.FlagUnqualified):
		return engine.StatusUnqualified
	case notOnTheList(terms, v):
		return engine.StatusDiseaseNotListed
	case v.has(engine.FlagNotOpened):
		return engine.StatusDiseaseNotOpened
	}
	return engine.Settled
}

// notOnTheList: the list is of the diseases that settle between provinces (C12). It does not
// bind the insured place's own rule, by which it reimburses (N11).
func notOnTheList(terms *engine.Terms, v *visit) bool {
	return !v.byHand && !terms.Diseases.Has(v.claim.Disease)
}

// pay divides an entitled bill, decides who pays it and records it.
func pay(policy Policy, person *Person, v visit, lines []engine.Line) Answer {
	claim, terms := v.claim, policy.Terms(v.claim.SettleDay)
	if claim.Kind == engine.Chronic {
		if status := chronicBenefit(terms, &v); status != engine.Settled {
			// X42: ordinary care only if the patient agrees, and never for a disease that
			// is not on the list, which is paid in full and claimed by hand (N11).
			if !v.has(engine.FlagOrdinaryInstead) || notOnTheList(terms, &v) {
				return refused(status)
			}
			v.kind = engine.Outpatient
		}
	}
	bill, ok := divideBill(policy, claim, lines)
	if !ok { // X27
		return refused(engine.StatusBadLines)
	}
	year := yearOf(claim.SettleDay) // the discharge settlement decides (R16)
	if person.this.year > year {    // X10: an earlier year is closed once the next has begun
		return refused(engine.StatusYearClosed)
	}
	this, former := person.find(year)
	stretches := divideByYears(policy, &v, this, former, bill.inScope)
	if bill.fee.GreaterThan(mostOfABill) || person.orders >= mostSettlements {
		return refused(engine.StatusOutOfRange)
	}
	for i := range stretches {
		if stretches[i].book.isFull(&stretches[i]) {
			return refused(engine.StatusOutOfRange)
		}
	}
	before := person.books
	person.books = books{*this, *former}
	a := whoPays(policy, person, &v, bill, stretches)
	a.mustBePaid()
	person.record(&v, &a, stretches, before)
	return a
}

// yearOf is the benefit year 待遇年度 of a day, 1 January to 31 December.
func yearOf(d day.Day) int {
	year, _, _ := d.Date()
	return year
}

// monthOf is the month of a day, 1 to 12.
func monthOf(d day.Day) int {
	_, month, _ := d.Date()
	return month
}

func refused(status engine.Status) Answer { return Answer{Status: status} }
