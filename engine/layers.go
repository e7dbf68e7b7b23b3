package engine

import "kuasheng/engine/money"

// coverage is a walk up the brackets of one bill.
type coverage struct {
	product int64             // Σ fen × basis points, not yet rounded
	ratio   money.BasisPoints // in the highest bracket reached
}

// less takes points off a ratio. What the fund never pays for stays so.
func less(ratio, drop money.BasisPoints) money.BasisPoints {
	if ratio == 0 {
		return 0
	}
	return max(0, ratio-drop)
}

// cover sums the basic fund's share of the in-scope amount between from and to,
// bracket by bracket, at ratios less the drop in points (C2, C6). Nothing is
// rounded here.
func (b *Benefit) cover(ratios *[NumBrackets]money.BasisPoints, drop money.BasisPoints, from, to money.Fen) (c coverage) {
	low := money.Fen(0)
	for i := range ratios {
		top := to
		if i < len(b.BracketTop) && b.BracketTop[i] != 0 {
			top = min(to, b.BracketTop[i])
		}
		ratio := less(ratios[i], drop)
		if part := top - max(low, from); part > 0 {
			c.product += int64(part) * int64(ratio)
		}
		c.ratio = ratio
		low = top
		if top == to {
			return c
		}
	}
	return c
}

// reach returns the in-scope amount at which a fund that pays from the amount
// from on has paid limit: the first fen at which the unrounded share is at least
// the limit. Where the ceiling is hit inside a bill, what lies above flows on to
// the next layer (X24).
func (b *Benefit) reach(ratios *[NumBrackets]money.BasisPoints, drop money.BasisPoints, from, to, limit money.Fen) money.Fen {
	left := int64(limit) * int64(money.One)
	low := money.Fen(0)
	for i := range ratios {
		top := to
		if i < len(b.BracketTop) && b.BracketTop[i] != 0 {
			top = min(to, b.BracketTop[i])
		}
		ratio := int64(less(ratios[i], drop))
		start := max(low, from)
		if part := int64(top - start); part > 0 {
			if ratio > 0 && part*ratio >= left {
				return start + money.Fen((left+ratio-1)/ratio)
			}
			left -= part * ratio
		}
		low = top
		if top == to {
			break
		}
	}
	return to
}

// upTo is the unrounded sum that 大病 pays on a year's burden up to base.
func (m *Major) upTo(base money.Fen) (product int64) {
	low := m.Start
	for i := range m.Ratio {
		top := base
		if i < len(m.Top) && m.Top[i] != 0 {
			top = min(base, m.Top[i])
		}
		if top > low {
			product += int64(top-low) * int64(m.Ratio[i])
			low = top
		}
		if top == base {
			break
		}
	}
	return product
}

// bill is a claim on its way through adjudication: what the insured place decides
// about it beside the claim itself.
type bill struct {
	kind   Kind
	filing FilingKind
	month  uint8    // of the settlement, from 1
	stay   uint8    // the admission of the year that it goes on with, see Claim.Stay
	caseOf CaseMode // read only where the claim has a case payment
}

// casePaid fills r with what a case payment leaves the institution, and with the
// hospital's part where it bears what the fee exceeds the payment by (X41). The
// items decided what the patient pays and what the layers above saw; the
// hospital's part comes out of the basic fund's.
func (x bill) casePaid(c *Claim, r *Result) {
	if x.caseOf == CaseByItem {
		return
	}
	r.CaseGain = money.Fen(c.CasePayment) - r.Fee
	if x.caseOf == CaseBorne && r.CaseGain < 0 {
		r.Hospital = min(-r.CaseGain, r.Funds[LayerBasic])
		r.Funds[LayerBasic] -= r.Hospital
	}
}

// payers fills r with who pays what funds and hospital leave: the accounts, and
// cash as the remainder.
func payers(c *Claim, p *PersonYear, r *Result) {
	person := r.Fee - r.FundSum() - r.Hospital
	// The flags as masks: half of all visits use the account.
	usable := money.Fen(p.balance) & -money.Fen(c.Flags/FlagUseAccount&1)
	r.Account = min(person, usable)
	person -= r.Account
	relatives := money.Fen(p.mutual) & -money.Fen(c.Flags/FlagUseMutual&1)
	r.Mutual = min(person, relatives)
	r.Cash = person - r.Mutual
}

// funds fills r with the deductible and what the layers pay of r.InScope, and is
// the whole of the insured place's policy (C2, A9, X23, X24). The layers pay in
// order and each rounds once half-up to the fen (X26). It reads p and annex and
// changes neither.
func (t *Terms) funds(c *Claim, x bill, p *PersonYear, annex *yearAnnex, r *Result) {
	b := &t.Benefits[x.kind]
	drop := t.Drop[x.filing] * money.BasisPoints(bit(b.DropApplies))
	if b.SeniorAge != 0 && c.Age >= b.SeniorAge {
		drop -= b.SeniorPoints
	}
	ratios := &b.Ratio[c.PersonType][c.Level]
	bucket := bucketOf[x.kind]

	b.admit(c, x, p, r)
	r.Deductible = min(r.InScope, b.deductibleDue(c, x, r, p, annex))
	covered := b.cover(ratios, drop, r.Deductible, r.InScope)
	r.Ratio = covered.ratio

	ceiling := t.Ceiling - p.basicPaid()
	if b.Ceiling != 0 {
		ceiling = min(ceiling, b.Ceiling-money.Fen(p.paid[bucket]))
	}
	ceiling = max(0, ceiling)
	r.CeilingLeft = ceiling

	basic := money.RoundHalfUp(covered.product)
	if basic > ceiling {
		basic = ceiling
		// 大额 pays on what lies above the point where the ceiling is reached.
		if t.Large.Ratio != 0 && t.Large.Kinds.Has(x.kind) {
			above := r.InScope - b.reach(ratios, drop, r.Deductible, r.InScope, ceiling)
			large := money.ShareHalfUp(above, t.Large.Ratio)
			r.Funds[LayerLarge] = max(0, min(large, t.Large.Ceiling-money.Fen(p.large), r.InScope-basic))
		}
	}
	r.Funds[LayerBasic] = basic

	burden := r.InScope - basic - r.Funds[LayerLarge]
	if t.Major.Kinds.Has(x.kind) && t.Major.Ratio != ([NumBrackets]money.BasisPoints{}) {
		before := money.Fen(p.majorBase)
		r.MajorBase = burden
		if after := before + burden; after > t.Major.Start {
			major := money.RoundHalfUp(t.Major.upTo(after) - t.Major.upTo(before))
			if t.Major.Ceiling != 0 {
				major = min(major, t.Major.Ceiling-money.Fen(p.major))
			}
			r.Funds[LayerMajor] = max(0, min(major, burden))
			burden -= r.Funds[LayerMajor]
		}
	}
	if c.Flags&(FlagCivilServant|FlagEnterprise) != 0 {
		layer, s := LayerCivil, &t.Civil
		if c.Flags&FlagCivilServant == 0 {
			layer, s = LayerEnterprise, &t.Enterprise
		}
		if s.Kinds.Has(x.kind) {
			share := money.ShareHalfUp(burden, s.Ratio)
			r.Funds[layer] = max(0, min(share, s.Ceiling-money.Fen(p.supplement), burden))
			burden -= r.Funds[layer]
		}
	}
	if c.Identity != NotAided && t.OneStop && t.Aid.Kinds.Has(x.kind) {
		aid := money.ShareHalfUp(burden, t.Aid.Ratio[c.Identity])
		r.Funds[LayerAid] = max(0, min(aid, t.Aid.Ceiling-money.Fen(p.aid), burden))
	}
}
