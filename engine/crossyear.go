package engine

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// crossYear decides a stay over 1 January that its pool divides by days (R16,
// X20): the in-scope amount of the days before falls into the former benefit year,
// the remainder into the new, each with its own deductible, ceilings and policy;
// the bill stays one, and so do its payers.
func (s *Shard) crossYear(formerTerms, terms *Terms, c *Claim, x bill, p *PersonYear, annex *Annex, r *Result) {
	former := annex.formerOf(s.year)
	fx := x
	fx.month, fx.stay = 12, c.FormerStay
	var old Result
	daysBefore, days := int64(s.yearFrom-c.AdmitDay), int64(c.SettleDay-c.AdmitDay)+1
	old.InScope = money.PartHalfUp(r.InScope, daysBefore, days)
	formerTerms.funds(c, fx, former, &annex.formerYear, &old)

	whole := *r
	r.InScope -= old.InScope
	terms.funds(c, x, p, &annex.year, r)
	whole.Deductible, whole.MajorBase = old.Deductible+r.Deductible, old.MajorBase+r.MajorBase
	for l := range whole.Funds {
		whole.Funds[l] = old.Funds[l] + r.Funds[l]
	}
	if c.CasePayment != 0 {
		x.casePaid(c, &whole)
	}
	payers(c, p, &whole)

	borneByYears(whole.Hospital, money.PartHalfUp(whole.Hospital, daysBefore, days), &old, r)
	r.Account, r.Mutual = whole.Account, whole.Mutual

	former.take(formerTerms, c, fx, &annex.formerYear, &old)
	p.take(terms, c, x, &annex.year, r)
	whole.before, whole.CeilingLeft, whole.Ratio = r.before, r.CeilingLeft, r.Ratio
	whole.Visit, whole.FormerVisit = r.Visit, old.Visit
	b := &old.before
	whole.before.crossed, whole.before.former = true, formerBefore{b.charged, b.progress, b.periods, b.goesOn, b.hospital}
	whole.Former = FormerPart{InScope: uint32(old.InScope), Deductible: uint32(old.Deductible), MajorBase: uint32(old.MajorBase)}
	for l, paid := range old.Funds {
		whole.Former.Funds[l] = uint32(paid)
	}
	*r = whole
}

// borneByYears takes the hospital's part out of what the basic fund pays in the two years:
// by the days like all of the stay, and where it has not paid so much in one, in the other.
func borneByYears(hospital, ofDaysBefore money.Fen, old, now *Result) {
	fromOld := min(ofDaysBefore, old.Funds[LayerBasic])
	fromNow := min(hospital-fromOld, now.Funds[LayerBasic])
	now.Funds[LayerBasic] -= fromNow
	old.Funds[LayerBasic] -= hospital - fromNow
}

// formerOf is what the person has used of the year before one.
func (a *Annex) formerOf(year uint8) *PersonYear {
	if a.former.year != year-1 {
		a.former, a.formerYear = PersonYear{year: year - 1}, yearAnnex{} // no bill that year
	}
	return &a.former
}

// fitsFormer reports whether the former year has room for its part of a stay; the
// person's newest year may still be that.
func (s *Shard) fitsFormer(terms *Terms, c *Claim, p *PersonYear, annex *Annex) bool {
	former, ofYear := &annex.former, &annex.formerYear
	if p.year < s.year {
		former, ofYear = p, &annex.year
	}
	b := &terms.Benefits[Inpatient]
	return former.year != s.year-1 || former.fits() && (b.Mode != PerHospital || !ofYear.full(c, bucketInpatient)) && !b.forgotten(c, c.FormerStay, former)
}

// years divides the result of a stay over 1 January into what its two benefit
// years bear; sign is −1 for a reversal.
func (r *Result) years(sign money.Fen) (old, rest Result) {
	f := &r.Former
	rest = *r
	old.InScope, old.Deductible, old.MajorBase = sign*money.Fen(f.InScope), sign*money.Fen(f.Deductible), sign*money.Fen(f.MajorBase)
	b := &r.before.former
	old.Visit = r.FormerVisit
	old.before = before{charged: b.charged, progress: b.progress, periods: b.periods, goesOn: b.goesOn, hospital: b.hospital}
	rest.InScope -= old.InScope
	rest.Deductible -= old.Deductible
	rest.MajorBase -= old.MajorBase
	for l, paid := range f.Funds {
		old.Funds[l] = sign * money.Fen(paid)
		rest.Funds[l] -= old.Funds[l]
	}
	return old, rest
}

// uncross takes back what crossYear wrote; r is the negative of the original.
func uncross(p *PersonYear, annex *Annex, r *Result) {
	old, rest := r.years(-1)
	p.giveBack(r.Kind, &annex.year, &rest)
	annex.former.giveBack(r.Kind, &annex.formerYear, &old)
}

// formerTerms are those in force on the last day before the year of the
// settlement.
func (s *Shard) formerTerms(c *Claim) *Terms {
	return s.rules.Terms(day.MonthOf(c.SettleDay.Month().Year()-1, 12), int(c.Pool), c.Scheme)
}
