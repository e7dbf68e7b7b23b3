package engine

import (
	"math/bits"

	"kuasheng/engine/money"
)

// Netting says what of a period's gross obligations is set off before money moves.
// The law clears gross (D3); the others are what-if.
type Netting uint8

// The ways of netting.
const (
	// Gross pays every ordered pair in full.
	Gross Netting = iota
	// Bilateral sets off what two provinces owe each other.
	Bilateral
	// Multilateral lets each province pay or receive one net amount by way of the
	// nation.
	Multilateral
	NumNettings = 3
)

// NettingNames are the stable names.
var NettingNames = [NumNettings]string{"gross", "bilateral", "multilateral"}

// String returns the stable name.
func (n Netting) String() string { return NettingNames[n] }

// SetOff returns for every pair how much of its gross obligation is discharged
// without money moving; the rest is paid by the insured province. Schemes are kept
// apart: a fund pays no other fund's debts. Only positive obligations take part, a
// negative period is returned by itself (X11).
//
// Under multilateral netting a net payer's payment stands for its pairs in
// proportion to their gross amounts, so that whoever pays late harms only those it
// owes.
func (n Netting) SetOff(shape Shape, gross []money.Fen) []money.Fen {
	off := make([]money.Fen, len(gross))
	for scheme := range Scheme(NumSchemes) {
		switch n {
		case Bilateral:
			for a := range shape.Provinces {
				for b := range a {
					ab, ba := shape.Pair(a, b, scheme), shape.Pair(b, a, scheme)
					both := min(max(0, gross[ab]), max(0, gross[ba]))
					off[ab], off[ba] = both, both
				}
			}
		case Multilateral:
			for a := range shape.Provinces {
				var owes, due money.Fen
				for b := range shape.Provinces {
					if a != b {
						owes += max(0, gross[shape.Pair(a, b, scheme)])
						due += max(0, gross[shape.Pair(b, a, scheme)])
					}
				}
				p := Portion{Of: owes, Total: min(owes, due)}
				for b := range shape.Provinces {
					if pair := shape.Pair(a, b, scheme); a != b {
						off[pair] = p.Next(max(0, gross[pair]))
					}
				}
			}
		}
	}
	return off
}

// Portion divides Total among parts in proportion to their size, Of being the sum
// of the parts. The running sum is rounded down and differences are taken, so the
// portions sum to Total exactly, none exceeds its part where Total is at most Of,
// and the last takes the remainder.
type Portion struct {
	Of, Total money.Fen
	parts     money.Fen // handed out so far
	given     money.Fen
}

// Next returns the portion of the next part. Parts and totals are not negative.
func (p *Portion) Next(part money.Fen) money.Fen {
	if p.Of == 0 {
		return 0
	}
	p.parts += part
	hi, lo := bits.Mul64(uint64(p.parts), uint64(p.Total))
	upTo, _ := bits.Div64(hi, lo, uint64(p.Of))
	portion := money.Fen(upTo) - p.given
	p.given = money.Fen(upTo)
	return portion
}
