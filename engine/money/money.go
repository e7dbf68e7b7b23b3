// Package money holds the engine's three exact units: Fen for amounts,
// BasisPoints for ratios, and Micro and Count for unit prices and quantities
// as the national interface carries them.
//
// Only this package multiplies an amount by a ratio, and the name of the
// function says how the product is rounded. Everything rounds half-up away
// from zero (X26), so the reversal of an amount is its exact negative.
package money

import "math/bits"

// Fen 分 is an amount of money: 1/100 yuan. Debits and charges are positive.
type Fen int64

// Yuan is one yuan 元 in fen.
const Yuan Fen = 100

// BasisPoints is a ratio in 1/10 000, so 8500 is 85 %.
type BasisPoints int32

// One is the whole, 100 %.
const One BasisPoints = 10_000

// ShareHalfUp returns amount × ratio rounded half-up away from zero to the fen
// (C4: 31.77 × 10 % = 3.177 → 3.18). The product must fit int64, which every
// amount below 9.2 × 10¹⁴ fen does at a ratio of at most 100 %.
func ShareHalfUp(amount Fen, ratio BasisPoints) Fen {
	return RoundHalfUp(int64(amount) * int64(ratio))
}

// RoundHalfUp turns a sum of fen × basis-point products into fen, half-up away
// from zero. Brackets are summed exactly before this one rounding (C2, X26).
func RoundHalfUp(product int64) Fen {
	if product < 0 {
		return -Fen(uint64(-product+int64(One)/2) / uint64(One))
	}
	return Fen(uint64(product+int64(One)/2) / uint64(One))
}

// Micro is a unit price in 1/1 000 000 yuan, the six decimals of pric and
// pric_uplmt_amt.
type Micro int64

// Count is a quantity in 1/10 000, the four decimals of cnt.
type Count int64

// microCountPerFen is how many Micro × Count products make one fen:
// 10⁶ × 10⁴ / 100.
const microCountPerFen = 100_000_000

// TimesHalfUp returns price × count rounded half-up away from zero to the fen.
// ok is false where the product does not fit an amount.
func (price Micro) TimesHalfUp(count Count) (amount Fen, ok bool) {
	negative := (price < 0) != (count < 0)
	hi, lo := bits.Mul64(magnitude(int64(price)), magnitude(int64(count)))
	if hi >= microCountPerFen/2 {
		return 0, false
	}
	lo, carry := bits.Add64(lo, microCountPerFen/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, microCountPerFen)
	if quotient > 1<<62 {
		return 0, false
	}
	if negative {
		return -Fen(quotient), true
	}
	return Fen(quotient), true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// PartHalfUp returns amount × part/whole rounded half-up away from zero to the
// fen: the part of a stay's days (R16). part and whole are small and positive.
func PartHalfUp(amount Fen, part, whole int64) Fen {
	product := int64(amount) * part
	if product < 0 {
		return -Fen((-product + whole/2) / whole)
	}
	return Fen((product + whole/2) / whole)
}
