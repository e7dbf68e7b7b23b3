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
	// The funds by their fields of the interface, in its order.
	hifp, hifob, hifmi := r.Funds[engine.LayerBasic], r.Funds[engine.LayerLarge], r.Funds[engine.LayerMajor]
	cvlserv, hifes, maf := r.Funds[engine.LayerCivil], r.Funds[engine.LayerEnterprise], r.Funds[engine.LayerAid]
	hold("I2", r.Fee == r.OwnPay+r.OverLimit+r.PreSelfPay+r.InScope)
	hold("I3", r.FundSum() == hifp+hifob+hifmi+cvlserv+hifes+maf)
	hold("I4", r.Fee == r.FundSum()+r.PersonPart()+r.Hospital)
	hold("I5", r.PersonPart() == r.Account+r.Mutual+r.Cash)
	hold("I8 (deductible)", 0 <= r.Deductible && r.Deductible <= r.InScope)

	// 0 ≤ hifp ≤ (in scope − deductible) × ratio, rounded half-up. Where the ratio
	// goes by brackets, or by the year of a stay over 1 January, the best bounds all
	// of them; such a stay is rounded once for each year.
	best, roundings := money.BasisPoints(0), int64(1)
	b := &t.Benefits[r.Kind]
	for _, ratio := range b.Ratio[c.PersonType][c.Level] {
		if ratio != 0 && b.SeniorAge != 0 && c.Age >= b.SeniorAge {
			ratio += b.SeniorPoints
		}
		best = max(best, ratio)
	}
	if r.Former.InScope != 0 {
		best, roundings = money.One, 2
	}
	bound := big.NewRat(int64(r.InScope-r.Deductible)*int64(best), 10_000)
	bound.Add(bound, big.NewRat(roundings, 2))
	hold("I8 (fund)", 0 <= hifp && new(big.Rat).SetInt64(int64(hifp+r.Hospital)).Cmp(bound) <= 0)

	for _, amount := range []money.Fen{r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, hifp, hifob, hifmi, cvlserv, hifes, maf,
		r.Account, r.Mutual, r.Cash, r.Hospital, r.CeilingLeft, r.MajorBase} {
		hold("no amount below zero", amount >= 0)
	}
	hold("the funds stay in scope", r.FundSum()+r.Hospital <= r.InScope)
	hold("the ceiling", hifp-money.Fen(r.Former.Funds[engine.LayerBasic]) <= r.CeilingLeft)
	hold("one supplement at most", cvlserv == 0 || hifes == 0)
	hold("what the hospital bears it lacks", r.Hospital == 0 || r.Hospital <= -r.CaseGain)

	// The former year's part is a part.
	hold("the former year's in scope", money.Fen(r.Former.InScope) <= r.InScope && money.Fen(r.Former.Deductible) <= r.Deductible &&
		r.Former.Deductible <= r.Former.InScope && money.Fen(r.Former.MajorBase) <= r.MajorBase)
	for l := range r.Funds {
		hold("the former year's funds", money.Fen(r.Former.Funds[l]) <= r.Funds[l])
	}
	return faults
}
