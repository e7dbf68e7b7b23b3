package sim

import (
	"fmt"
	"math/big"
	"math/bits"

	"kuasheng/engine/money"
)

// A table turns random bits into a decision by integer comparison. Tables are
// built once from the world's basis points and rates, with integers throughout.

// chance is a probability in 1/65536.
type chance uint32

func chanceOf(p money.BasisPoints) chance {
	return chance((int64(p)*65536 + 5000) / 10_000)
}

// hit reports whether a 16-bit draw falls under the chance.
func (c chance) hit(draw uint32) bool { return draw < uint32(c) }

// miss is 0 where a 16-bit draw falls under the chance and 1 where not.
func (c chance) miss(draw uint32) uint32 { return 1 ^ (draw-uint32(c))>>31 }

// choice picks one of up to 16 alternatives with a 16-bit draw. Alternatives
// without weight take no part.
type choice struct {
	few [3]uint32 // the first thresholds, cumulative in 1/65536
	// more holds the thresholds beyond four alternatives.
	more  []uint32
	value [16]uint8
}

// choiceOf builds a choice from weights of any positive sum.
func choiceOf[W ~int32 | ~uint32 | ~int64](weights []W) (c choice, err error) {
	sum, err := weigh(weights, len(c.value))
	if err != nil {
		return c, err
	}
	c.few = [3]uint32{1 << 16, 1 << 16, 1 << 16}
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
		} else {
			c.more = append(c.more, threshold)
		}
		n++
	}
	return c, nil
}

// weigh sums the weights of at most so many alternatives.
func weigh[W ~int32 | ~uint32 | ~int64](weights []W, most int) (sum int64, err error) {
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

// pick counts the thresholds at or below the draw. There is no branch on the
// draw: it would be mispredicted as often as not.
func (c *choice) pick(draw uint32) int {
	i := (c.few[0]-1-draw)>>31 + (c.few[1]-1-draw)>>31 + (c.few[2]-1-draw)>>31
	for _, threshold := range c.more {
		i += (threshold - 1 - draw) >> 31
	}
	return int(c.value[i&15])
}

// maxVisits is the most episodes of one kind that one month can bring, and
// MaxRate the largest mean number of them in 1/1 000 000: beyond it more than one
// month in 2 000 would be cut short.
const (
	maxVisits = 15
	MaxRate   = 6_000_000
)

// counts gives the number of episodes of a month from a 32-bit draw: the number
// of thresholds at or below it. It is the distribution function of a Poisson
// count, cut at maxVisits.
type counts [maxVisits]uint64

// countsOf builds the thresholds for a rate in 1/1 000 000 by the exponential
// series in integers of 128 bits, so that every machine gets the same bits.
func countsOf(ratePPM uint32) (c counts) {
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

// count compares the first three thresholds without a branch; more than two
// episodes are rare.
func (c *counts) count(draw uint32) uint32 {
	d := uint64(draw)
	n := uint32((c[0]-1-d)>>63 + (c[1]-1-d)>>63 + (c[2]-1-d)>>63)
	if n == 3 {
		n = c.many(d)
	}
	return n
}

func (c *counts) many(draw uint64) uint32 {
	n := uint32(3)
	for n < maxVisits && draw >= c[n] {
		n++
	}
	return n
}

// quantiles is a cost distribution as an inverse distribution function in parts
// per million of the mean: 1024 equal cells, and the highest cut again into 1024,
// so that the last point but one stands at 1 − 2⁻²⁰. Between points it is linear.
type quantiles struct {
	body, tail [1025]uint32
}

// quantilesOf tabulates a shape given by knots.
func quantilesOf(knots []Knot) (*quantiles, error) {
	if len(knots) < 2 || knots[0].P != 0 || knots[len(knots)-1].P != 1<<32-1 {
		return nil, fmt.Errorf("a quantile function needs knots from P = 0 to P = 4294967295")
	}
	for i := 1; i < len(knots); i++ {
		if knots[i].P <= knots[i-1].P || knots[i].PPM < knots[i-1].PPM {
			return nil, fmt.Errorf("knot %d: quantile functions rise", i)
		}
	}
	q := new(quantiles)
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

// at returns the value for a 32-bit draw.
func (q *quantiles) at(draw uint32) uint64 {
	cell, shift, table := draw>>22, 22, &q.body
	if cell == 1023 {
		cell, shift, table = draw>>12&1023, 12, &q.tail
	}
	low, high := uint64(table[cell]), uint64(table[cell+1])
	return low + (high-low)*uint64(draw&(1<<shift-1))>>shift
}

// slots picks one of up to 256 alternatives with a 16-bit draw: a table leads to
// the first alternative that the draw's upper bits allow, and thresholds decide.
type slots struct {
	start [1024]uint8
	upTo  []uint32 // cumulative in 1/65536; the last is 65536
}

// slotsOf builds the table from weights of any positive sum.
func slotsOf[W ~int32 | ~uint32 | ~int64](weights []W) (*slots, error) {
	sum, err := weigh(weights, 256)
	if err != nil {
		return nil, err
	}
	upTo := make([]uint32, len(weights))
	var run int64
	for i, w := range weights {
		run += int64(w)
		upTo[i] = uint32(run * 65536 / sum)
	}
	return slotsUpTo(upTo), nil
}

// slotsUpTo builds the table from at most 256 thresholds that rise to 65536.
func slotsUpTo(upTo []uint32) *slots {
	t := &slots{upTo: upTo}
	at := 0
	for cell := range t.start {
		for t.upTo[at] <= uint32(cell)<<6 {
			at++
		}
		t.start[cell] = uint8(at)
	}
	return t
}

func (t *slots) pick(draw uint32) int {
	i := int(t.start[draw>>6])
	for draw >= t.upTo[i] {
		i++
	}
	return i
}
