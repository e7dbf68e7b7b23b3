package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// bracket is one step of a scale of ratios: it pays its ratio on what lies between its
// edges. The last has no upper edge.
type bracket struct {
	low, high decimal.Decimal
	last      bool
	ratio     decimal.Decimal
}

// bracketsFrom makes a scale out of the upper edges of all brackets but the last; an
// edge of 0 ends the list.
func bracketsFrom(start decimal.Decimal, tops [engine.NumBrackets - 1]money.Fen, ratio func(i int) decimal.Decimal) (scale []bracket) {
	low := start
	for i, top := range tops {
		if top == 0 {
			break
		}
		scale = append(scale, bracket{low: low, high: yuan(top), ratio: ratio(i)})
		low = yuan(top)
	}
	return append(scale, bracket{low: low, last: true, ratio: ratio(len(scale))})
}

// within is the part of the stretch between two amounts that lies in the bracket.
func (b *bracket) within(from, to decimal.Decimal) (start, length decimal.Decimal) {
	start = decimal.Max(from, b.low)
	if !b.last {
		to = least(to, b.high)
	}
	return start, notBelowZero(to.Sub(start))
}

// pays is what a scale pays on the stretch between two amounts, not yet rounded: the
// brackets are added up exactly, then the layer is rounded once (C2, X26).
func pays(scale []bracket, from, to decimal.Decimal) decimal.Decimal {
	sum := zero
	for i := range scale {
		_, length := scale[i].within(from, to)
		sum = sum.Add(length.Mul(scale[i].ratio))
	}
	return sum
}

// reaches is the first fen of the stretch at which a scale has paid a limit (X24).
func reaches(scale []bracket, from, to, limit decimal.Decimal) decimal.Decimal {
	for i := range scale {
		start, length := scale[i].within(from, to)
		if length.IsZero() || scale[i].ratio.IsZero() {
			continue
		}
		if paid := length.Mul(scale[i].ratio); paid.LessThan(limit) {
			limit = limit.Sub(paid)
			continue
		}
		return start.Add(upToFen(limit, scale[i].ratio))
	}
	return to
}

// allowance is what the bill is counted with over the year.
func (s *stretch) allowance() allowance { return allowanceOf(s.visit.kind) }

// decide takes a stretch through the funds in their order: basic, 大额, 大病, a supplement,
// medical aid (A9, X24). Each sees what the one before it left and rounds once (X26).
func (s *stretch) decide() {
	s.chargeDeductible()
	scale := s.basicScale()
	s.ratio = ratioReached(scale, s.inScope)
	s.ceilingLeft = s.leftOfCeiling()
	s.funds[engine.LayerBasic] = s.basicFund(scale)
	s.funds[engine.LayerLarge] = s.large(scale)

	burden := s.inScope.Sub(s.funds[engine.LayerBasic]).Sub(s.funds[engine.LayerLarge])
	s.majorBase = s.countsTowardMajor(burden)
	s.funds[engine.LayerMajor] = s.major(burden)
	burden = burden.Sub(s.funds[engine.LayerMajor])

	switch {
	case s.visit.has(engine.FlagCivilServant): // a person is in one of them at most
		s.funds[engine.LayerCivil] = s.supplement(&s.terms.Civil, burden)
	case s.visit.has(engine.FlagEnterprise):
		s.funds[engine.LayerEnterprise] = s.supplement(&s.terms.Enterprise, burden)
	}
	burden = burden.Sub(s.funds[engine.LayerCivil]).Sub(s.funds[engine.LayerEnterprise])
	s.funds[engine.LayerAid] = s.aid(burden)
}

// basicScale are the basic fund's brackets for the person type and the level (C7). To each
// ratio a senior's points are added, and of it the filing kind's drop in points is taken
// (C6); a ratio of nothing stays nothing.
func (s *stretch) basicScale() []bracket {
	benefit, claim := s.benefit(), s.visit.claim
	ratios := &benefit.Ratio[claim.PersonType][claim.Level]
	return bracketsFrom(zero, benefit.BracketTop, func(i int) decimal.Decimal {
		if ratios[i] == 0 {
			return zero
		}
		return notBelowZero(share(ratios[i]).Add(s.seniorPoints()).Sub(s.drop()))
	})
}

// seniorPoints are added from a pool's senior age on.
func (s *stretch) seniorPoints() decimal.Decimal {
	benefit := s.benefit()
	if benefit.SeniorAge == 0 || s.visit.claim.Age < benefit.SeniorAge {
		return zero
	}
	return share(benefit.SeniorPoints)
}

// drop is 0 for the long-term kinds (C5), up to ten points for referral and emergency and
// up to twenty for the others (C6), where it applies to the kind of care at all.
func (s *stretch) drop() decimal.Decimal {
	if !s.benefit().DropApplies {
		return zero
	}
	return share(s.terms.Drop[s.visit.filing])
}

// ratioReached is the ratio of the highest bracket that holds a fen of the bill.
func ratioReached(scale []bracket, inScope decimal.Decimal) decimal.Decimal {
	reached := scale[0].ratio
	for i := range scale {
		if scale[i].low.LessThan(inScope) {
			reached = scale[i].ratio
		}
	}
	return reached
}

// leftOfCeiling is what the basic fund may still pay before the bill (X24,
// crt_payb_lmt_amt): what is left of the year's ceiling 封顶线 over all kinds, and of the
// kind's own where it has one.
func (s *stretch) leftOfCeiling() decimal.Decimal {
	used := &s.book.used
	left := yuan(s.terms.Ceiling).Sub(used.basicOfAllKinds())
	if own := s.benefit().Ceiling; own != 0 {
		left = least(left, yuan(own).Sub(used.basic[s.allowance()]))
	}
	return notBelowZero(left)
}

// covered is what the basic fund would pay without a ceiling: round((in scope −
// deductible) × ratio) (C2).
func (s *stretch) covered(scale []bracket) decimal.Decimal {
	return halfUpToFen(pays(scale, s.deductible, s.inScope))
}

// basicFund 统筹基金 = min(what it covers, what is left of the ceiling) (C2), paid to the
// ceiling exactly (X24).
func (s *stretch) basicFund(scale []bracket) decimal.Decimal {
	return least(s.covered(scale), s.ceilingLeft)
}

// large 职工大额 pays a share of what lies in scope above the point at which the basic
// ceiling was reached (X24), within its own ceiling of the year.
func (s *stretch) large(scale []bracket) decimal.Decimal {
	large := &s.terms.Large
	if !large.Kinds.Has(s.visit.kind) || large.Ratio == 0 || !s.covered(scale).GreaterThan(s.ceilingLeft) {
		return zero
	}
	above := s.inScope.Sub(reaches(scale, s.deductible, s.inScope, s.ceilingLeft))
	part := halfUpToFen(above.Mul(share(large.Ratio)))
	left := yuan(large.Ceiling).Sub(s.book.used.large)
	return notBelowZero(least(part, left, s.inScope.Sub(s.funds[engine.LayerBasic])))
}

// statesARatio: a policy pays where at least one of its brackets has a ratio.
func statesARatio(ratios [engine.NumBrackets]money.BasisPoints) bool {
	for _, ratio := range ratios {
		if ratio != 0 {
			return true
		}
	}
	return false
}

// majorApplies: the pool has 大病, and for this kind of care.
func (s *stretch) majorApplies() bool {
	return s.terms.Major.Kinds.Has(s.visit.kind) && statesARatio(s.terms.Major.Ratio)
}

// countsTowardMajor is what the bill adds to the year's burden that 大病 looks at: what
// basic fund and 大额 left of it in scope.
func (s *stretch) countsTowardMajor(burden decimal.Decimal) decimal.Decimal {
	if !s.majorApplies() {
		return zero
	}
	return burden
}

// major 居民大病 pays on the year's burden above the start line, bracket by bracket, for
// the stretch by which this bill lengthens it (X24), within its own ceiling of the year.
func (s *stretch) major(burden decimal.Decimal) decimal.Decimal {
	if !s.majorApplies() {
		return zero
	}
	major := &s.terms.Major
	scale := bracketsFrom(yuan(major.Start), major.Top, func(i int) decimal.Decimal { return share(major.Ratio[i]) })
	before := s.book.used.majorBase
	part := halfUpToFen(pays(scale, before, before.Add(burden)))
	if major.Ceiling != 0 {
		part = least(part, yuan(major.Ceiling).Sub(s.book.used.major))
	}
	return notBelowZero(least(part, burden))
}

// supplement 公务员医疗补助 or 企业补充 pays its share of what is left in scope, within the
// year's ceiling.
func (s *stretch) supplement(of *engine.Supplement, burden decimal.Decimal) decimal.Decimal {
	if !of.Kinds.Has(s.visit.kind) {
		return zero
	}
	part := halfUpToFen(burden.Mul(share(of.Ratio)))
	left := yuan(of.Ceiling).Sub(s.book.used.supplement)
	return notBelowZero(least(part, left, burden))
}

// aid 医疗救助 joins one-stop settlement 一站式 where the pool has it (A9): a share by the
// person's identity of what is still left in scope, within the year's ceiling.
func (s *stretch) aid(burden decimal.Decimal) decimal.Decimal {
	aid, identity := &s.terms.Aid, s.visit.claim.Identity
	if !aid.Kinds.Has(s.visit.kind) || !s.terms.OneStop || identity == engine.NotAided {
		return zero
	}
	part := halfUpToFen(burden.Mul(share(aid.Ratio[identity])))
	left := yuan(aid.Ceiling).Sub(s.book.used.aid)
	return notBelowZero(least(part, left, burden))
}
