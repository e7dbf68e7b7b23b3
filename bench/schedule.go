package bench

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
)

// Schedule is when each operation of a workload is planned, shard by shard, in
// nanoseconds since the start. It is made before a run and does not change: the
// clock only releases it.
type Schedule struct {
	Shards [][]int64
	// Digest is the SHA-256 over the workload and the times: two runs with one digest
	// were asked the same at the same times.
	Digest string
	EndNS  int64
}

// Plan gives the operations of a workload, taken round and round, their times.
func Plan(w *Workload, times []int64) *Schedule {
	s := &Schedule{Shards: make([][]int64, len(w.Shards))}
	counts := w.countByShard(int64(len(times)))
	for i := range s.Shards {
		s.Shards[i] = make([]int64, 0, counts[i])
	}
	at := 0
	for _, t := range times {
		shard := w.Order[at]
		s.Shards[shard] = append(s.Shards[shard], t)
		if at++; at == len(w.Order) {
			at = 0
		}
	}
	if len(times) > 0 {
		s.EndNS = times[len(times)-1]
	}
	h := sha256.New()
	h.Write(w.Digest[:])
	buf := make([]byte, 0, 1<<16)
	for i, times := range s.Shards {
		buf = binary.LittleEndian.AppendUint64(buf, uint64(i)<<48|uint64(len(times)))
		for _, t := range times {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(t))
			if len(buf) >= 1<<16-8 {
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	h.Write(buf)
	s.Digest = hex.EncodeToString(h.Sum(nil))
	return s
}

// Operations is how many operations are planned.
func (s *Schedule) Operations() (n int64) {
	for _, times := range s.Shards {
		n += int64(len(times))
	}
	return n
}

// Shape is an offered load over time: the rate in operations a second at points
// of time, linear in between. The last point ends it.
type Shape []Point

// Point is the rate at a time since the start.
type Point struct {
	AtNS int64   `json:"at_ns"`
	Rate float64 `json:"operations_per_second"`
}

// Constant is the same rate for a while.
func Constant(rate float64, ns int64) Shape { return Shape{{0, rate}, {ns, rate}} }

// Ramp rises or falls evenly from one rate to another.
func Ramp(from, to float64, ns int64) Shape { return Shape{{0, from}, {ns, to}} }

// nationalDay is the share of a day's settlements by hour, in thousandths: a
// morning peak, a lunch break, an afternoon. Synthetic: 80 % of a day falls in
// eight hours.
var nationalDay = [24]float64{4, 2, 2, 2, 3, 8, 22, 55, 108, 122, 118, 88, 45, 58, 96, 94, 74, 45, 22, 13, 9, 5, 3, 2}

// Diurnal is a national day squeezed into a while, with the given mean rate.
func Diurnal(mean float64, ns int64) Shape {
	factors := make([]float64, 25)
	for h := range factors {
		// Points stand at the full hours, with the mean of the hours beside.
		factors[h] = nationalDay[(h+23)%24] + nationalDay[h%24]
	}
	return scaled(factors, mean, ns)
}

// festival is the load of the weeks around spring festival, in per cent of an
// ordinary week day: going home early, the rush before the eve, the holiday, the
// return.
var festival = []float64{100, 105, 115, 138, 135, 30, 15, 15, 20, 32, 60, 128, 130, 125, 115, 105}

// Festival is the weeks around spring festival squeezed into a while.
func Festival(mean float64, ns int64) Shape { return scaled(festival, mean, ns) }

// scaled spreads rates evenly over a while and scales them to a mean.
func scaled(factors []float64, mean float64, ns int64) Shape {
	s := Shape{}
	for i, f := range factors {
		s = append(s, Point{ns * int64(i) / int64(len(factors)-1), f})
	}
	var sum float64
	for i := 1; i < len(s); i++ {
		sum += s.area(i)
	}
	by := mean * float64(ns) / 1e9 / sum
	for i := range s {
		s[i].Rate *= by
	}
	return s
}

// mostOperations bounds a schedule: its times are kept in memory.
const mostOperations = 1 << 28

// Check says what is wrong with a shape.
func (s Shape) Check() error {
	if len(s) < 2 {
		return fmt.Errorf("a schedule needs a beginning and an end, this has %d points", len(s))
	}
	if s[0].AtNS != 0 {
		return fmt.Errorf("a schedule begins at 0, not at %d ns", s[0].AtNS)
	}
	for i, p := range s {
		if p.Rate < 0 || math.IsNaN(p.Rate) || math.IsInf(p.Rate, 0) {
			return fmt.Errorf("the rate at %d ns is %v", p.AtNS, p.Rate)
		}
		if i > 0 && p.AtNS <= s[i-1].AtNS {
			return fmt.Errorf("the times of a schedule do not rise: %d ns after %d ns", p.AtNS, s[i-1].AtNS)
		}
	}
	switch n := s.Operations(); {
	case n == 0:
		return fmt.Errorf("the schedule offers no operation")
	case n > mostOperations:
		return fmt.Errorf("the schedule offers %d operations, more than the %d that are kept in memory", n, mostOperations)
	}
	return nil
}

// EndNS is when the shape ends.
func (s Shape) EndNS() int64 { return s[len(s)-1].AtNS }

// Operations is how many operations the shape offers in the mean, rounded down.
func (s Shape) Operations() int64 {
	var sum float64
	for i := 1; i < len(s); i++ {
		sum += s.area(i)
	}
	return int64(sum + 1e-9)
}

// area is the number of operations between points i−1 and i.
func (s Shape) area(i int) float64 {
	return (s[i-1].Rate + s[i].Rate) / 2 * float64(s[i].AtNS-s[i-1].AtNS) / 1e9
}

// Even spaces operations evenly under the shape.
func (s Shape) Even() []int64 {
	at := -0.5
	return s.times(func() float64 { at++; return at })
}

// Poisson draws independent arrivals under the shape: a pure function of shape and
// seed.
func (s Shape) Poisson(seed uint64) []int64 {
	random := rand.New(rand.NewPCG(seed, 0x706f6973736f6e))
	at := 0.0
	return s.times(func() float64 { at += random.ExpFloat64(); return at })
}

// times finds when each of the operations comes that next gives, as the number of
// operations since the start in the mean.
func (s Shape) times(next func() float64) []int64 {
	all := make([]int64, 0, s.Operations()+16)
	before, segment := 0.0, 1
	for {
		at := next()
		for at >= before+s.area(segment) {
			before += s.area(segment)
			if segment++; segment == len(s) {
				return all
			}
		}
		from, to := s[segment-1], s[segment]
		// Solve from.Rate·t + slope·t²/2 = operations into the segment, t in seconds.
		left, seconds := at-before, float64(to.AtNS-from.AtNS)/1e9
		slope := (to.Rate - from.Rate) / seconds
		var t float64
		if root := math.Sqrt(max(0, from.Rate*from.Rate+2*slope*left)); root+from.Rate > 0 {
			t = 2 * left / (root + from.Rate)
		}
		all = append(all, from.AtNS+int64(t*1e9))
	}
}
