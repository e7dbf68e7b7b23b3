package audit

import (
	"fmt"

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

// whoPays takes a divided bill through the layers in their order: basic fund, 大额,
// 大病, medical aid, personal account, cash (A9, X24). Each sees what the one before it
// left and rounds once; cash is the remainder (X26).
func whoPays(terms *engine.Terms, claim *engine.Claim, person *Person, filing engine.FilingKind, bill parts) Answer {
	a := Answer{Filing: filing, Fee: bill.fee, OwnPay: bill.ownPay, OverLimit: bill.overLimit, PreSelfPay: bill.preSelfPay, InScope: bill.inScope}

	a.Deductible = deductible(terms, claim, person, a.InScope)
	scale := basicScale(terms, claim, filing)
	a.Ratio = ratioReached(scale, a.InScope)
	a.CeilingLeft = ceilingLeft(terms, claim, person)
	a.Funds[engine.LayerBasic] = basicFund(scale, &a)
	a.Funds[engine.LayerLarge] = large(terms, claim, person, scale, &a)

	burden := a.InScope.Sub(a.Funds[engine.LayerBasic]).Sub(a.Funds[engine.LayerLarge])
	a.MajorBase = countsTowardMajor(terms, claim, burden)
	a.Funds[engine.LayerMajor] = major(terms, claim, person, burden)
	burden = burden.Sub(a.Funds[engine.LayerMajor])
	a.Funds[engine.LayerAid] = aid(terms, claim, person, burden)

	// A3: personal = total − funds − what the hospital bears; paid item by item it
	// bears nothing.
	personal := a.Fee.Sub(a.fundSum()).Sub(a.Hospital)
	a.Account = fromAccount(claim, person, personal)
	a.Cash = personal.Sub(a.Account)
	return a
}

// deductible is what the bill's deductible 起付线 takes: what is due, but no more than is
// in scope (X23, C2).
func deductible(terms *engine.Terms, claim *engine.Claim, person *Person, inScope decimal.Decimal) decimal.Decimal {
	return least(deductibleDue(&terms.Benefits[claim.Kind], claim, person), inScope)
}

// deductibleDue is the standard for the person type and the level (C7); over the year
// 按年收一次,不足补齐 what earlier bills left of it; and for the second and further admissions what the pool's
// rule makes of it (X22).
func deductibleDue(benefit *engine.Benefit, claim *engine.Claim, person *Person) decimal.Decimal {
	standard := yuan(benefit.Deductible[claim.PersonType][claim.Level])
	switch {
	case !statesARatio(benefit.Ratio[claim.PersonType][claim.Level]):
		return zero // what the fund never pays for uses up no deductible
	case benefit.Mode == engine.PerYear:
		return notBelowZero(standard.Sub(person.used.deductible[allowanceOf(claim.Kind)]))
	case claim.Kind == engine.Inpatient && person.used.admissions > 0:
		return laterAdmission(benefit, standard, person.used.admissions)
	}
	return standard
}

// laterAdmission is the deductible of an admission that is not the year's first (X22):
// the same, half of it, less an amount for each one before down to a floor, a fixed
// amount, or none. It is never more than that of the first.
func laterAdmission(benefit *engine.Benefit, standard decimal.Decimal, before int) decimal.Decimal {
	switch benefit.Later {
	case engine.LaterSame:
		return standard
	case engine.LaterHalf:
		return halfUpToFen(standard.Mul(half))
	case engine.LaterMinus:
		less := yuan(benefit.LaterFen).Mul(decimal.NewFromInt(int64(before)))
		return least(standard, decimal.Max(standard.Sub(less), yuan(benefit.LaterFloor)))
	case engine.LaterFixed:
		return least(standard, yuan(benefit.LaterFen))
	case engine.LaterNone:
		return zero
	}
	panic(fmt.Sprintf("audit: rule %d for later admissions", benefit.Later))
}

// basicScale are the basic fund's brackets for the person type and the level (C7), each
// ratio less the filing kind's drop in points (C6).
func basicScale(terms *engine.Terms, claim *engine.Claim, filing engine.FilingKind) []bracket {
	benefit := &terms.Benefits[claim.Kind]
	drop := zero
	if benefit.DropApplies {
		drop = share(terms.Drop[filing]) // 0 for the long-term kinds (C5)
	}
	ratios := &benefit.Ratio[claim.PersonType][claim.Level]
	return bracketsFrom(zero, benefit.BracketTop, func(i int) decimal.Decimal {
		return notBelowZero(share(ratios[i]).Sub(drop)) // points, not a factor
	})
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

// ceilingLeft is what the basic fund may still pay before the bill (X24,
// crt_payb_lmt_amt): what is left of the year's ceiling 封顶线 over all kinds, and of the
// kind's own where it has one.
func ceilingLeft(terms *engine.Terms, claim *engine.Claim, person *Person) decimal.Decimal {
	left := yuan(terms.Ceiling).Sub(person.used.basicOfAllKinds())
	if own := terms.Benefits[claim.Kind].Ceiling; own != 0 {
		left = least(left, yuan(own).Sub(person.used.basic[allowanceOf(claim.Kind)]))
	}
	return notBelowZero(left)
}

// covered is what the basic fund would pay without a ceiling: round((in scope −
// deductible) × ratio) (C2).
func covered(scale []bracket, a *Answer) decimal.Decimal {
	return halfUpToFen(pays(scale, a.Deductible, a.InScope))
}

// basicFund 统筹基金 = min(what it covers, what is left of the ceiling) (C2), paid to the
// ceiling exactly (X24).
func basicFund(scale []bracket, a *Answer) decimal.Decimal {
	return least(covered(scale, a), a.CeilingLeft)
}

// large 职工大额 pays inpatients a share of what lies in scope above the point at which
// the basic ceiling was reached (X24), within its own ceiling of the year.
func large(terms *engine.Terms, claim *engine.Claim, person *Person, scale []bracket, a *Answer) decimal.Decimal {
	if claim.Kind != engine.Inpatient || terms.Large.Ratio == 0 || !covered(scale, a).GreaterThan(a.CeilingLeft) {
		return zero
	}
	above := a.InScope.Sub(reaches(scale, a.Deductible, a.InScope, a.CeilingLeft))
	part := halfUpToFen(above.Mul(share(terms.Large.Ratio)))
	left := yuan(terms.Large.Ceiling).Sub(person.used.large)
	return notBelowZero(least(part, left, a.InScope.Sub(a.Funds[engine.LayerBasic])))
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

// countsTowardMajor is what the bill adds to the year's burden that 大病 looks at: what
// basic fund and 大额 left of an inpatient bill in scope.
func countsTowardMajor(terms *engine.Terms, claim *engine.Claim, burden decimal.Decimal) decimal.Decimal {
	if claim.Kind != engine.Inpatient || !statesARatio(terms.Major.Ratio) {
		return zero
	}
	return burden
}

// major 居民大病 pays on the year's burden above the start line, bracket by bracket, for
// the stretch by which this bill lengthens it (X24), within its own ceiling of the year.
func major(terms *engine.Terms, claim *engine.Claim, person *Person, burden decimal.Decimal) decimal.Decimal {
	if claim.Kind != engine.Inpatient || !statesARatio(terms.Major.Ratio) {
		return zero
	}
	scale := bracketsFrom(yuan(terms.Major.Start), terms.Major.Top, func(i int) decimal.Decimal { return share(terms.Major.Ratio[i]) })
	before := person.used.majorBase
	part := halfUpToFen(pays(scale, before, before.Add(burden)))
	if terms.Major.Ceiling != 0 {
		part = least(part, yuan(terms.Major.Ceiling).Sub(person.used.major))
	}
	return notBelowZero(least(part, burden))
}

// aid 医疗救助 joins one-stop settlement 一站式 of inpatients where the pool has it (A9): a
// share by the person's identity of what is still left in scope, within the year's ceiling.
func aid(terms *engine.Terms, claim *engine.Claim, person *Person, burden decimal.Decimal) decimal.Decimal {
	if claim.Kind != engine.Inpatient || !terms.OneStop || claim.Identity == engine.NotAided {
		return zero
	}
	part := halfUpToFen(burden.Mul(share(terms.Aid.Ratio[claim.Identity])))
	left := yuan(terms.Aid.Ceiling).Sub(person.used.aid)
	return notBelowZero(least(part, left, burden))
}

// fromAccount is what the personal account 个人账户 pays of the personal part, where the
// person lets it (I5).
func fromAccount(claim *engine.Claim, person *Person, personal decimal.Decimal) decimal.Decimal {
	if claim.Flags&engine.FlagUseAccount == 0 {
		return zero
	}
	return least(personal, person.balance)
}
