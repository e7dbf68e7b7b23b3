package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// stretch is what one benefit year sees of a bill: the whole of it, or of a stay over 1
// January the days before or the days from then on. Deductible, ceilings and policy are the
// year's own (X20).
type stretch struct {
	visit   *visit
	terms   *engine.Terms
	book    *yearBook
	month   int // of the period that the deductible may run over
	inScope decimal.Decimal

	// What the year decides of it.
	deductible, ratio, ceilingLeft, majorBase decimal.Decimal
	funds                                     [engine.NumLayers]decimal.Decimal
}

// divideByYears gives the stretches of a bill, that of the former year first where there is
// one: in scope × days before / days, half-up, and the remainder after (R16, X20).
func divideByYears(policy Policy, v *visit, this, former *yearBook, inScope decimal.Decimal) []stretch {
	claim := v.claim
	now := stretch{visit: v, terms: policy.Terms(claim.SettleDay), book: this, month: monthOf(claim.SettleDay), inScope: inScope}
	if v.kind != engine.Inpatient || !isDividedByDays(now.terms, claim) {
		return []stretch{now}
	}
	before := stretch{visit: v, terms: policy.Terms(lastDayOfFormerYear(claim)), book: former, month: 12}
	before.inScope = partOfTheDaysBefore(claim, inScope)
	now.inScope = inScope.Sub(before.inScope)
	return []stretch{before, now}
}

// partOfTheDaysBefore is an amount of the stay × days before 1 January / days, half-up.
func partOfTheDaysBefore(claim *engine.Claim, amount decimal.Decimal) decimal.Decimal {
	return amount.Mul(days(claim.AdmitDay, newYear(claim))).DivRound(days(claim.AdmitDay, claim.SettleDay+1), 2)
}

// isDividedByDays: the pool divides stays by days (R16) and this one began in an earlier
// year than it is settled in.
func isDividedByDays(terms *engine.Terms, claim *engine.Claim) bool {
	return terms.CrossYear == engine.CrossByDay && claim.AdmitDay < newYear(claim)
}

// newYear is 1 January of the year of the settlement.
func newYear(claim *engine.Claim) day.Day { return day.Of(yearOf(claim.SettleDay), 1, 1) }

func lastDayOfFormerYear(claim *engine.Claim) day.Day { return newYear(claim) - 1 }

// days counts them from the first to before the end; a stay's include that of admission and
// that of discharge.
func days(from, end day.Day) decimal.Decimal { return decimal.NewFromInt(int64(end - from)) }
