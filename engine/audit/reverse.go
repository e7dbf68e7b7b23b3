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
	case original.Status != engine.Settled || original.ByHand:
		panic(fmt.Sprintf("audit.Reverse: original has status %v, by hand: %v", original.Status, original.ByHand))
	case yearOf(on) != yearOf(claim.SettleDay), person.this.year > yearOf(claim.SettleDay):
		return refused(engine.StatusYearClosed)
	case person.latest() != original.Order:
		return refused(engine.StatusNotLatest)
	}
	// The books are rolled back to what they were before, not by subtraction, and with a
	// year's only settlement to the year before; the accounts, to which money may have come
	// since, get back what they paid.
	last := len(person.valid) - 1
	taken := undone{person.valid[last], person.books}
	person.undone = append(person.undone, taken)
	person.books = taken.before
	person.valid = person.valid[:last]
	person.balance, person.mutual = person.balance.Add(original.Account), person.mutual.Add(original.Mutual)
	return original.negated()
}

// Restore takes a reversal back, and with it makes the settlement valid again (X5): the
// answer is the original's, and the person is as before the reversal. Refused is one of a year
// that the person has left, and one since which something was settled or another settlement
// was taken back and not restored.
func Restore(person *Person, claim *engine.Claim, original Answer) Answer {
	last := len(person.undone) - 1
	switch {
	case person.this.year > yearOf(claim.SettleDay):
		return refused(engine.StatusYearClosed)
	case last < 0 || person.undone[last].order != original.Order:
		return refused(engine.StatusNotLatest)
	}
	back := person.undone[last]
	person.undone = person.undone[:last]
	person.valid = append(person.valid, back.settlement)
	person.books = back.after
	person.balance, person.mutual = person.balance.Sub(original.Account), person.mutual.Sub(original.Mutual)
	return original
}

// negated is the answer with every amount of money turned round; the facts stay (I7), what
// of it fell into the former year among them.
func (a Answer) negated() Answer {
	n := a
	n.Fee, n.OwnPay, n.OverLimit = a.Fee.Neg(), a.OwnPay.Neg(), a.OverLimit.Neg()
	n.PreSelfPay, n.InScope, n.Deductible = a.PreSelfPay.Neg(), a.InScope.Neg(), a.Deductible.Neg()
	n.Account, n.Mutual, n.Cash = a.Account.Neg(), a.Mutual.Neg(), a.Cash.Neg()
	n.Hospital, n.CaseGain, n.MajorBase = a.Hospital.Neg(), a.CaseGain.Neg(), a.MajorBase.Neg()
	for i := range n.Funds {
		n.Funds[i] = a.Funds[i].Neg()
	}
	return n
}
