package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine"
)

// whoPays decides each stretch of a divided bill, and then who pays what the funds leave of
// all of them: the hospital, the accounts, and cash as the remainder (A3, X26).
func whoPays(policy Policy, person *Person, v *visit, bill parts, stretches []stretch) Answer {
	a := Answer{
		Filing: v.filing, Kind: v.kind, AtHome: v.atHome, ByHand: v.byHand,
		Fee: bill.fee, OwnPay: bill.ownPay, OverLimit: bill.overLimit, PreSelfPay: bill.preSelfPay, InScope: bill.inScope,
	}
	now := &stretches[len(stretches)-1]
	for i := range stretches {
		s := &stretches[i]
		s.decide()
		a.Deductible = a.Deductible.Add(s.deductible)
		a.MajorBase = a.MajorBase.Add(s.majorBase)
		for layer := range a.Funds {
			a.Funds[layer] = a.Funds[layer].Add(s.funds[layer])
		}
	}
	a.Ratio, a.CeilingLeft = now.ratio, now.ceilingLeft
	a.Visit, a.FormerVisit = now.stay(), now.formerNumber()

	casePayment(policy.Catalogue(v.claim.SettleDay).Case, v.claim, &a)
	a.Funds[engine.LayerBasic] = a.Funds[engine.LayerBasic].Sub(a.Hospital)
	if len(stretches) == 1 {
		now.funds[engine.LayerBasic] = a.Funds[engine.LayerBasic]
	} else {
		former := &stretches[0]
		borneByYears(a.Hospital, partOfTheDaysBefore(v.claim, a.Hospital), &former.funds[engine.LayerBasic], &now.funds[engine.LayerBasic])
		a.FormerVisit = former.stay()
		a.Former = FormerPart{former.inScope, former.deductible, former.funds, former.majorBase}
	}

	// A3: personal = total − funds − what the hospital bears.
	personal := a.Fee.Sub(a.fundSum()).Sub(a.Hospital)
	if v.has(engine.FlagUseAccount) {
		a.Account = least(personal, person.balance)
	}
	personal = personal.Sub(a.Account)
	if v.has(engine.FlagUseMutual) {
		a.Mutual = least(personal, person.mutual)
	}
	a.Cash = personal.Sub(a.Mutual)
	return a
}

// borneByYears takes the hospital's part of a stay over 1 January out of the two years' basic
// funds: of the former year by its days (R16), of the new year the remainder (X20), and where
// one has not paid so much the other bears the rest.
func borneByYears(hospital, ofFormer decimal.Decimal, former, now *decimal.Decimal) {
	ofNow := hospital.Sub(ofFormer)
	if short := ofFormer.Sub(*former); short.IsPositive() {
		ofFormer, ofNow = *former, ofNow.Add(short)
	}
	if short := ofNow.Sub(*now); short.IsPositive() {
		ofFormer, ofNow = ofFormer.Add(short), *now
	}
	*former, *now = former.Sub(ofFormer), now.Sub(ofNow)
}

// casePayment: under DRG or DIP the institution is paid for the case (C15). What the patient
// pays follows the items (X41). The difference stays beside the settlement, or, where the
// items came to more and the province has switched it so, the hospital bears it, as far as
// the basic fund had paid.
func casePayment(mode engine.CaseMode, claim *engine.Claim, a *Answer) {
	if mode == engine.CaseByItem || claim.CasePayment == 0 {
		return
	}
	a.CaseGain = decimal.New(int64(claim.CasePayment), -2).Sub(a.Fee)
	if mode == engine.CaseBorne {
		a.Hospital = least(notBelowZero(a.CaseGain.Neg()), a.Funds[engine.LayerBasic])
	}
}
