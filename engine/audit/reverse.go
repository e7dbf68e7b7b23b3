package audit

import (
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// Reverse takes a settlement back on a day 撤销 (X7): original is what Settle answered to
// the claim. The answer is its exact negative (I7) and the person is as if it had not been.
//
// Refused are a settlement of a year that is over or that the person has left (X10), and
// one that is not the person's latest: later ones used its accumulators and are taken
// back first (X8).
func Reverse(on day.Day, person *Person, claim *engine.Claim, original Answer) Answer {
	switch {
	case original.Status != engine.Settled:
		panic(fmt.Sprintf("audit.Reverse: original has status %v", original.Status))
	case yearOf(on) != yearOf(claim.SettleDay), person.year != yearOf(claim.SettleDay):
		return refused(engine.StatusYearClosed)
	case person.latest() != original.Order:
		return refused(engine.StatusNotLatest)
	}
	// The accumulators are rolled back by what they were before, not by subtraction;
	// the account, to which money may have come since, gets back what it paid.
	last := len(person.valid) - 1
	person.used = person.valid[last].before
	person.valid = person.valid[:last]
	person.balance = person.balance.Add(original.Account)
	return original.negated()
}

// negated is the answer with every amount of money turned round; the facts stay (I7).
func (a Answer) negated() Answer {
	n := a
	n.Fee, n.OwnPay, n.OverLimit = a.Fee.Neg(), a.OwnPay.Neg(), a.OverLimit.Neg()
	n.PreSelfPay, n.InScope, n.Deductible = a.PreSelfPay.Neg(), a.InScope.Neg(), a.Deductible.Neg()
	n.Account, n.Cash, n.Hospital, n.MajorBase = a.Account.Neg(), a.Cash.Neg(), a.Hospital.Neg(), a.MajorBase.Neg()
	for i := range n.Funds {
		n.Funds[i] = a.Funds[i].Neg()
	}
	return n
}
