package audit

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// The identities of the interface hold for every line and every bill. One that does not
// is a mistake of this package and panics, as the engine's own do.

// mustDivide: a line's amount, and a bill's fee, is the sum of its four parts (I1, I2).
func (p *parts) mustDivide(what string) {
	if sum := p.ownPay.Add(p.overLimit).Add(p.preSelfPay).Add(p.inScope); !sum.Equal(p.fee) {
		panic(fmt.Sprintf("audit: %s: parts sum to %v: %+v", what, sum, *p))
	}
}

// mustBePaid: the bill is divided (I2), paid in full by funds, person and hospital (I3,
// I4, I5), nobody pays less than nothing or a part of a fen, and the basic fund and what the
// hospital bears of it are no more than the deductible leaves (I8).
func (a *Answer) mustBePaid() {
	whole := parts{a.Fee, a.OwnPay, a.OverLimit, a.PreSelfPay, a.InScope}
	whole.mustDivide("bill")
	personal := a.Account.Add(a.Mutual).Add(a.Cash)
	if sum := a.fundSum().Add(personal).Add(a.Hospital); !sum.Equal(a.Fee) {
		panic(fmt.Sprintf("audit: payers sum to %v (I4): %+v", sum, *a))
	}
	amounts := []decimal.Decimal{
		a.Deductible, a.CeilingLeft, a.Account, a.Mutual, a.Cash, a.Hospital, a.MajorBase,
		a.Former.InScope, a.Former.Deductible, a.Former.MajorBase,
	}
	for _, amount := range append(append(amounts, a.Funds[:]...), a.Former.Funds[:]...) {
		if amount.IsNegative() || !amount.Equal(amount.Truncate(2)) {
			panic(fmt.Sprintf("audit: %v is no amount that anybody pays: %+v", amount, *a))
		}
	}
	if a.Funds[0].Add(a.Hospital).GreaterThan(a.InScope.Sub(a.Deductible)) || a.Former.InScope.GreaterThan(a.InScope) {
		panic(fmt.Sprintf("audit: the basic fund pays more than there is (I8): %+v", *a))
	}
}
