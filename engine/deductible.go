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

// merges reports whether an inpatient's bill shares its deductible with the bill
// before (X21, X22).
func (b *Benefit) merges(c *Claim) bool {
	const either = FlagContinued | FlagTransferred
	return c.Flags&either != 0 && (c.Flags&FlagContinued != 0 && b.Merge&MergeMidStay != 0 ||
		c.Flags&FlagTransferred != 0 && b.Merge&MergeTransfers != 0)
}

// deductibleDue is what the deductible may still take from this bill, and whether
// it is charged for an admission that was counted before.
func (b *Benefit) deductibleDue(c *Claim, kind Kind, p *PersonYear, annex *yearAnnex, month uint8) (due money.Fen, merged bool) {
	// What goes on from another year is that of this one's first admission.
	merged = kind == Inpatient && p.visits > 0 && b.merges(c)
	standard := b.Deductible[c.PersonType][c.Level]
	switch {
	case b.neverPays(c):
		return 0, merged
	case b.Mode == PerHospital:
		if annex.visited(c, bucketOf[kind]) {
			return 0, merged
		}
		return standard, merged
	case b.Mode != PerVisit:
		return max(0, standard-p.counted(bucketOf[kind], b.Mode.period(month))), merged
	case kind != Inpatient:
		return standard, false
	case merged:
		return max(0, b.later(standard, p.visits-1)-money.Fen(annex.chain)), true
	}
	return b.later(standard, p.visits), false
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
