package engine

import (
	"slices"

	"kuasheng/engine/money"
)

// period is the first month of the period that a month's bills share a deductible
// in.
func (m DeductibleMode) period(month uint8) uint16 {
	switch m {
	case PerQuarter:
		return uint16(month-1)/3*3 + 1
	case PerMonth:
		return uint16(month)
	}
	return 1
}

// counted is what of the current period counts toward the deductible.
func (p *PersonYear) counted(b bucket, period uint16) money.Fen {
	if p.periods>>(4*b)&0xf != period {
		return 0
	}
	return money.Fen(p.progress[b])
}

// count writes what counts from now on.
func (p *PersonYear) count(b bucket, period uint16, counted money.Fen) {
	p.progress[b] = uint32(counted)
	p.periods = p.periods&^(0xf<<(4*b)) | period<<(4*b)
}

// later is the standard of an admission after so many earlier ones of the year
// (X22).
func (b *Benefit) later(standard money.Fen, earlier uint8) money.Fen {
	if earlier == 0 {
		return standard
	}
	switch b.Later {
	case LaterHalf:
		return money.ShareHalfUp(standard, money.One/2)
	case LaterMinus:
		return max(min(standard, b.LaterFloor), standard-b.LaterFen*money.Fen(earlier))
	case LaterFixed:
		return min(standard, b.LaterFen)
	case LaterNone:
		return 0
	}
	return standard
}

// oneStay reports whether an inpatient's bill is of the stay that it goes on from: a
// part of it always is, what comes after a transfer where the pool merges the two.
func (b *Benefit) oneStay(c *Claim) bool {
	return c.Flags&FlagContinued != 0 || c.Flags&FlagTransferred != 0 && b.Merge&MergeTransfers != 0
}

// shares reports whether it shares the deductible with the stay's other bills as well
// (X21, X22).
func (b *Benefit) shares(c *Claim) bool {
	return c.Flags&FlagContinued != 0 && b.Merge&MergeMidStay != 0 || c.Flags&FlagTransferred != 0 && b.Merge&MergeTransfers != 0
}

// admit fills r with the bill's admission in the year: that which it goes on with, or
// the next one.
func (b *Benefit) admit(c *Claim, x bill, p *PersonYear, r *Result) {
	if x.kind != Inpatient {
		return
	}
	r.Visit = p.visits + 1
	if !b.oneStay(c) {
		return
	}
	r.FormerVisit = c.FormerStay
	if x.stay != 0 && x.stay <= p.visits {
		r.Visit, r.before.goesOn = x.stay, true
	}
}

// deductibleDue is what the deductible may still take from a bill that was admitted.
func (b *Benefit) deductibleDue(c *Claim, x bill, r *Result, p *PersonYear, annex *yearAnnex) money.Fen {
	standard := b.Deductible[c.PersonType][c.Level]
	switch {
	case b.neverPays(c):
		return 0
	case b.Mode == PerHospital:
		if annex.visited(c, bucketOf[x.kind]) {
			return 0
		}
		return standard
	case b.Mode != PerVisit:
		return max(0, standard-p.counted(bucketOf[x.kind], b.Mode.period(x.month)))
	case x.kind != Inpatient:
		return standard
	}
	due := b.later(standard, r.Visit-1)
	if r.before.goesOn && b.shares(c) {
		due = max(0, due-money.Fen(*annex.chargedFor(r.Visit)))
	}
	return due
}

// forgotten reports whether the bill shares the deductible of a stay that lies too many
// admissions back.
func (b *Benefit) forgotten(c *Claim, stay uint8, p *PersonYear) bool {
	return int(stay)+maxStays <= int(p.visits) && stay != 0 && b.Mode == PerVisit && b.shares(c)
}

// neverPays reports whether the fund pays nothing for such a person at such a level:
// that uses up no deductible.
func (b *Benefit) neverPays(c *Claim) bool {
	return b.Ratio[c.PersonType][c.Level] == [NumBrackets]money.BasisPoints{}
}

// hospitalOf writes an institution and its province as one number, never 0, apart
// for each deductible.
func hospitalOf(c *Claim, b bucket) uint32 {
	return uint32(b)<<30 | uint32(c.Treating)<<24 | (c.Institution+1)&0xffffff
}

func (a *yearAnnex) visited(c *Claim, b bucket) bool {
	return slices.Contains(a.hospitals[:a.used], hospitalOf(c, b))
}

// full reports whether the bill's hospital is one too many.
func (a *yearAnnex) full(c *Claim, b bucket) bool { return a.used == maxHospitals && !a.visited(c, b) }
