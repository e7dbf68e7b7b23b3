package engine_test

import (
	"fmt"
	"math/big"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// identityFaults holds a settled bill against the identities of the national
// interface, written out once more from their text: I2 the split, I3 the funds,
// I4 the payers, I5 the person, I8 the basic fund's bound. I1 is a line's own.
func identityFaults(t *engine.Terms, c *engine.Claim, r *engine.Result) (faults []string) {
	hold := func(name string, ok bool) {
		if !ok {
			faults = append(faults, fmt.Sprintf("%s does not hold for %+v", name, *r))
		}
	}
	hifp, hifob, hifmi, maf := r.Funds[0], r.Funds[1], r.Funds[2], r.Funds[3]
	hold("I2", r.Fee == r.OwnPay+r.OverLimit+r.PreSelfPay+r.InScope)
	hold("I3", r.FundSum() == hifp+hifob+hifmi+maf)
	hold("I4", r.Fee == r.FundSum()+r.PersonPart()+r.Hospital)
	hold("I5", r.PersonPart() == r.Account+r.Cash)
	hold("I8 (deductible)", 0 <= r.Deductible && r.Deductible <= r.InScope)

	// 0 ≤ hifp ≤ (in scope − deductible) × ratio, rounded half-up. Where the ratio
	// goes by brackets, the best bracket bounds all of them.
	best := money.BasisPoints(0)
	for _, ratio := range t.Benefits[c.Kind].Ratio[c.PersonType][c.Level] {
		best = max(best, ratio)
	}
	bound := big.NewRat(int64(r.InScope-r.Deductible)*int64(best), 10_000)
	bound.Add(bound, big.NewRat(1, 2))
	hold("I8 (fund)", 0 <= hifp && new(big.Rat).SetInt64(int64(hifp)).Cmp(bound) <= 0)

	for _, amount := range []money.Fen{r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, hifp, hifob, hifmi, maf, r.Account, r.Cash, r.Hospital, r.CeilingLeft} {
		hold("no amount below zero", amount >= 0)
	}
	hold("the funds stay in scope", r.FundSum() <= r.InScope)
	hold("the ceiling", hifp <= r.CeilingLeft)
	return faults
}
