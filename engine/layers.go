package engine

import "kuasheng/engine/money"

// PersonYear holds what a person has used up in a benefit year 待遇年度. The
// insured pool keeps it (C2), one writer for each person (X25). Amounts are fen
// in 32 bits, 42.9 million yuan; Settle refuses a person's bills from half of that
// on, which no person-year reaches.
type PersonYear struct {
	// paid are the basic fund's payments by bucket, see bucketOf.
	paid [numBuckets]uint32
	// deductible is what was charged; it counts where the deductible runs over the
	// year.
	deductible [numBuckets]uint32
	large      uint32 // 大额 paid
	majorBase  uint32 // in-scope burden that counts toward 大病
	major      uint32 // 大病 paid
	aid        uint32 // medical aid paid
	// balance is the personal account 个人账户. It outlives the year.
	balance uint32
	serial  uint16 // settlements so far, reversed ones too
	latest  uint16 // the latest that has not been reversed
	visits  uint8  // valid admissions
	year    uint8  // benefit year since 2000; 0 before the first bill
}

// bucket is what accumulates together: outpatient visits and pharmacies share
// one allowance.
type bucket uint8

const (
	bucketInpatient bucket = iota
	bucketOutpatient
	bucketChronic
	numBuckets = 3
)

var bucketOf = [NumKinds]bucket{bucketInpatient, bucketOutpatient, bucketChronic, bucketOutpatient}

// maxBalance is the most that a personal account holds, 21.4 million yuan. Half
// of the counter's range stays free, so that a reversal after a credit fits.
const maxBalance = 1<<31 - 1

// Balance returns the personal account's balance.
func (p *PersonYear) Balance() money.Fen { return money.Fen(p.balance) }

// Credit adds to the personal account, as far as it holds.
func (p *PersonYear) Credit(amount money.Fen) {
	if amount < 0 {
		panic("engine.PersonYear.Credit: negative amount")
	}
	p.balance = max(p.balance, uint32(min(int64(p.balance)+int64(amount), maxBalance)))
}

// basicPaid is what the basic fund paid this year over all kinds.
func (p *PersonYear) basicPaid() money.Fen {
	return money.Fen(p.paid[bucketInpatient]) + money.Fen(p.paid[bucketOutpatient]) + money.Fen(p.paid[bucketChronic])
}

// turnTo starts a benefit year: everything but the account begins at zero.
func (p *PersonYear) turnTo(year uint8) {
	*p = PersonYear{balance: p.balance, year: year}
}

// deductibleDue is what the deductible may still take from this bill (X22): per
// visit by the admission's number, per year what is left of the standard.
func (b *Benefit) deductibleDue(c *Claim, p *PersonYear) money.Fen {
	standard := b.Deductible[c.PersonType][c.Level]
	if b.Ratio[c.PersonType][c.Level] == ([NumBrackets]money.BasisPoints{}) {
		// What the fund never pays for uses up no deductible.
		return 0
	}
	if b.Mode == PerYear {
		return max(0, standard-money.Fen(p.deductible[bucketOf[c.Kind]]))
	}
	if c.Kind != Inpatient || p.visits == 0 {
		return standard
	}
	switch b.Later {
	case LaterHalf:
		return money.ShareHalfUp(standard, money.One/2)
	case LaterMinus:
		return max(min(standard, b.LaterFloor), standard-b.LaterFen*money.Fen(p.visits))
	case LaterFixed:
		return min(standard, b.LaterFen)
	case LaterNone:
		return 0
	}
	return standard
}

// coverage is a walk up the brackets of one bill.
type coverage struct {
	product int64             // Σ fen × basis points, not yet rounded
	ratio   money.BasisPoints // in the highest bracket reached
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
		ratio := ratios[i]
		if ratio != 0 {
			ratio = max(0, ratio-drop)
		}
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
		ratio := int64(max(0, ratios[i]-drop))
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

// adjudicate fills r with who pays r.InScope and the rest of the bill, and is
// the whole of the insured place's policy (C2, A9, X23, X24). The layers pay in
// order, each rounds once half-up to the fen, and cash is the remainder (X26).
// It reads p and changes nothing.
func (t *Terms) adjudicate(c *Claim, p *PersonYear, filing FilingKind, r *Result) {
	b := &t.Benefits[c.Kind]
	var drop money.BasisPoints
	if b.DropApplies {
		drop = t.Drop[filing]
	}
	ratios := &b.Ratio[c.PersonType][c.Level]
	bucket := bucketOf[c.Kind]

	r.Deductible = min(r.InScope, b.deductibleDue(c, p))
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
		// 大额 pays inpatients on what lies above the point where the ceiling is
		// reached.
		if t.Large.Ratio != 0 && c.Kind == Inpatient {
			above := r.InScope - b.reach(ratios, drop, r.Deductible, r.InScope, ceiling)
			large := money.ShareHalfUp(above, t.Large.Ratio)
			r.Funds[LayerLarge] = max(0, min(large, t.Large.Ceiling-money.Fen(p.large), r.InScope-basic))
		}
	}
	r.Funds[LayerBasic] = basic

	burden := r.InScope - basic - r.Funds[LayerLarge]
	if c.Kind == Inpatient && t.Major.Ratio != ([NumBrackets]money.BasisPoints{}) {
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
	if c.Identity != NotAided && t.OneStop && c.Kind == Inpatient {
		aid := money.ShareHalfUp(burden, t.Aid.Ratio[c.Identity])
		r.Funds[LayerAid] = max(0, min(aid, t.Aid.Ceiling-money.Fen(p.aid), burden))
	}

	person := r.Fee - r.FundSum() - r.Hospital
	// The flag as a mask: half of all visits use the account.
	usable := money.Fen(p.balance) & -money.Fen(c.Flags/FlagUseAccount&1)
	r.Account = min(person, usable)
	r.Cash = person - r.Account
}

// take writes what a settled bill used up. After it has been checked that
// nothing overflows, it must succeed.
func (p *PersonYear) take(c *Claim, r *Result) {
	b := bucketOf[c.Kind]
	p.paid[b] += uint32(r.Funds[LayerBasic])
	p.deductible[b] += uint32(r.Deductible)
	p.large += uint32(r.Funds[LayerLarge])
	p.majorBase += uint32(r.MajorBase)
	p.major += uint32(r.Funds[LayerMajor])
	p.aid += uint32(r.Funds[LayerAid])
	p.balance -= uint32(r.Account)
}

// fits reports whether a bill, which is at most MaxFee, leaves every counter in
// range: no amount has its highest bit set, and MaxFee has not either.
func (p *PersonYear) fits() bool {
	amounts := p.paid[0] | p.paid[1] | p.paid[2] | p.deductible[0] | p.deductible[1] | p.deductible[2] |
		p.large | p.majorBase | p.major | p.aid
	return amounts>>31 == 0 && p.serial < 1<<16-1 && p.visits < 1<<8-1
}

const _ = uint32(1<<31 - 1 - MaxFee) // MaxFee fits a counter's lower half
