package draw

import (
	"fmt"
	"math/big"
	"math/bits"

	"kuasheng/engine/money"
)

// A table turns random bits into a decision by integer comparison. Tables are
// built once from basis points, weights and rates, with integers throughout.

// Chance is a probability in 1/65536.
type Chance uint32

// ChanceOf rounds a probability half-up.
func ChanceOf(p money.BasisPoints) Chance {
	return Chance((int64(p)*65536 + 5000) / 10_000)
}

// Hit reports whether a 16-bit draw falls under the chance.
func (c Chance) Hit(draw uint32) bool { return draw < uint32(c) }

// Miss is 0 where a 16-bit draw falls under the chance and 1 where not.
func (c Chance) Miss(draw uint32) uint32 { return 1 ^ (draw-uint32(c))>>31 }

// Choice picks one of up to 16 alternatives with a 16-bit draw. Alternatives
// without weight take no part.
type Choice struct {
	few [4]uint32 // the first thresholds, cumulative in 1/65536
	// more holds the thresholds beyond five alternatives.
	more  []uint32
	value [16]uint8
}

// ChoiceOf builds a choice from weights of any positive sum.
func ChoiceOf[W ~int32 | ~uint32 | ~int64](weights []W) (c Choice, err error) {
	sum, err := Weigh(weights, len(c.value))
	if err != nil {
		return c, err
	}
	c.few = [4]uint32{1 << 16, 1 << 16, 1 << 16, 1 << 16}
	var run int64
	n := 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		run += int64(w)
		c.value[n] = uint8(i)
		if threshold := uint32(run * 65536 / sum); n < len(c.few) {
			c.few[n] = threshold
		} else if threshold < 1<<16 { // the last is above every draw
			c.more = append(c.more, threshold)
		}
		n++
	}
	return c, nil
}

// Weigh sums the weights of at most so many alternatives. It is an error where they
// are too many, below zero, or all zero.
func Weigh[W ~int32 | ~uint32 | ~int64](weights []W, most int) (sum int64, err error) {
	if len(weights) == 0 || len(weights) > most {
		return 0, fmt.Errorf("%d alternatives, want 1 to %d", len(weights), most)
	}
	for _, w := range weights {
		if w < 0 {
			return 0, fmt.Errorf("negative weight %d", w)
		}
		sum += int64(w)
	}
	if sum == 0 {
		return 0, fmt.Errorf("weights sum to 0")
	}
	return sum, nil
}

// Pick counts the thresholds at or below the draw. There is no branch on the
// draw: it would be mispredicted as often as not.
func (c *Choice) Pick(draw uint32) int {
	i := (c.few[0]-1-draw)>>31 + (c.few[1]-1-draw)>>31 + (c.few[2]-1-draw)>>31 + (c.few[3]-1-draw)>>31
	for _, threshold := range c.more {
		i += (threshold - 1 - draw) >> 31
	}
	return int(c.value[i&15])
}

// MaxCount is the largest count that is drawn, and MaxRate the largest mean of one in
// 1/1 000 000: beyond it more than one count in 2 000 would be cut short.
const (
	MaxCount = 15
	MaxRate  = 6_000_000
)

// Counts gives a Poisson count, such as the episodes of a month, from a 32-bit draw:
// the number of thresholds at or below it. It is the distribution function of the
// count, cut at MaxCount.
type Counts [MaxCount]uint64

// CountsOf builds the thresholds for a rate in 1/1 000 000 by the exponential
// series in integers of 128 bits, so that every machine gets the same bits.
func CountsOf(ratePPM uint32) (c Counts) {
	const precision = 128
	one := new(big.Int).Lsh(big.NewInt(1), precision)
	rate := new(big.Int).Div(new(big.Int).Mul(one, big.NewInt(int64(ratePPM))), big.NewInt(1_000_000))

	// e^-rate = Σ (-rate)^n / n!
	sum, term := new(big.Int).Set(one), new(big.Int).Set(one)
	for n := int64(1); term.Sign() != 0; n++ {
		term.Mul(term, rate).Rsh(term, precision).Div(term, big.NewInt(n))
		if n%2 == 1 {
			sum.Sub(sum, term)
		} else {
			sum.Add(sum, term)
		}
	}
	p, cumulative := sum, new(big.Int)
	for n := range c {
		cumulative.Add(cumulative, p)
		c[n] = new(big.Int).Rsh(cumulative, precision-32).Uint64()
		p = new(big.Int).Mul(p, rate)
		p.Rsh(p, precision).Div(p, big.NewInt(int64(n+1)))
	}
	return c
}

// Count compares the first three thresholds without a branch; counts of more than two
// are rare.
func (c *Counts) Count(draw uint32) uint32 {
	d := uint64(draw)
	n := uint32((c[0]-1-d)>>63 + (c[1]-1-d)>>63 + (c[2]-1-d)>>63)
	if n == 3 {
		n = c.many(d)
	}
	return n
}

// Any has its highest bit set where the count is not 0: of several counts together it
// is cheaper to ask than each.
func (c *Counts) Any(draw uint32) uint64 { return c[0] - 1 - uint64(draw) }

func (c *Counts) many(draw uint64) uint32 {
	n := uint32(3)
	for n < MaxCount && draw >= c[n] {
		n++
	}
	return n
}

// Knot is a point of a quantile function: P is a probability in 1/2³² and PPM
// the value there in 1/1 000 000 of the mean. Values between knots are
// interpolated linearly. The first knot has P = 0, the last P = 2³²−1.
type Knot struct{ P, PPM uint32 }

// Quantiles is a distribution as an inverse distribution function in parts
// per million of the mean: 1024 equal cells, and the highest cut again into 1024,
// so that the last point but one stands at 1 − 2⁻²⁰. Between points it is linear.
type Quantiles struct {
	body, tail [1025]uint32
}

// QuantilesOf tabulates a shape given by knots.
func QuantilesOf(knots []Knot) (*Quantiles, error) {
	if len(knots) < 2 || knots[0].P != 0 || knots[len(knots)-1].P != 1<<32-1 {
		return nil, fmt.Errorf("a quantile function needs knots from P = 0 to P = 4294967295")
	}
	for i := 1; i < len(knots); i++ {
		if knots[i].P <= knots[i-1].P || knots[i].PPM < knots[i-1].PPM {
			return nil, fmt.Errorf("knot %d: quantile functions rise", i)
		}
	}
	q := new(Quantiles)
	for i := range q.body {
		q.body[i] = knotsAt(knots, uint64(i)<<22)
		q.tail[i] = knotsAt(knots, 1023<<22+uint64(i)<<12)
	}
	return q, nil
}

// knotsAt interpolates the knots at p, rounding down.
func knotsAt(knots []Knot, p uint64) uint32 {
	i := 1
	for i < len(knots)-1 && uint64(knots[i].P) < p {
		i++
	}
	a, b := knots[i-1], knots[i]
	p = min(p, uint64(b.P))
	hi, lo := bits.Mul64(p-uint64(a.P), uint64(b.PPM-a.PPM))
	rise, _ := bits.Div64(hi, lo, uint64(b.P-a.P))
	return a.PPM + uint32(rise)
}

// At returns the value for a 32-bit draw.
func (q *Quantiles) At(draw uint32) uint64 {
	cell, shift, table := draw>>22, 22, &q.body
	if cell == 1023 {
		cell, shift, table = draw>>12&1023, 12, &q.tail
	}
	low, high := uint64(table[cell]), uint64(table[cell+1])
	return low + (high-low)*uint64(draw&(1<<shift-1))>>shift
}

// Slots picks one of up to 256 alternatives with a 16-bit draw: a table leads to
// the first alternative that the draw's upper bits allow, and thresholds decide.
type Slots struct {
	start [1024]uint8
	upTo  []uint32 // cumulative in 1/65536; the last is 65536
}

// SlotsOf builds the table from weights of any positive sum.
func SlotsOf[W ~int32 | ~uint32 | ~int64](weights []W) (*Slots, error) {
	sum, err := Weigh(weights, 256)
	if err != nil {
		return nil, err
	}
	upTo := make([]uint32, len(weights))
	var run int64
	for i, w := range weights {
		run += int64(w)
		upTo[i] = uint32(run * 65536 / sum)
	}
	return SlotsUpTo(upTo), nil
}

// SlotsUpTo builds the table from at most 256 thresholds that rise to 65536.
func SlotsUpTo(upTo []uint32) *Slots {
	t := &Slots{upTo: upTo}
	at := 0
	for cell := range t.start {
		for t.upTo[at] <= uint32(cell)<<6 {
			at++
		}
		t.start[cell] = uint8(at)
	}
	return t
}

// Pick returns the alternative that a 16-bit draw falls on.
func (t *Slots) Pick(draw uint32) int {
	i := int(t.start[draw>>6])
	for draw >= t.upTo[i] {
		i++
	}
	return i
}
