package draw

import (
	"testing"
)

func TestCountsFollowPoisson(t *testing.T) {
	// P(0) of rate 1 is 0.36787944…, in 1/2³²: 1580030168.
	c := CountsOf(1_000_000)
	if c[0] != 1580030168 {
		t.Errorf("P(0) at rate 1 = %d/2³², want 1580030168", c[0])
	}
	// P(N ≤ 1) = 2/e: 3160060337.
	if c[1] != 3160060337 {
		t.Errorf("P(≤1) at rate 1 = %d/2³², want 3160060337", c[1])
	}
	none := CountsOf(0)
	if none.Count(1<<32-1) != 0 {
		t.Errorf("rate 0 gives episodes")
	}
	if got := c.Count(1<<32 - 1); got != MaxCount {
		t.Errorf("largest draw gives %d episodes, want %d", got, MaxCount)
	}
}

func TestChoicePicksInProportion(t *testing.T) {
	c, err := ChoiceOf([]int32{2500, 0, 7500})
	if err != nil {
		t.Fatal(err)
	}
	var n [3]int
	for d := range uint32(65536) {
		n[c.Pick(d)]++
	}
	if n != [3]int{16384, 0, 49152} {
		t.Errorf("picks of 65536 = %v, want 16384 0 49152", n)
	}
}

func TestQuantilesMeetTheirKnots(t *testing.T) {
	knots := []Knot{{0, 100}, {1 << 31, 900_000}, {1<<32 - 1<<12, 5_000_000}, {1<<32 - 1, 40_000_000}}
	q, err := QuantilesOf(knots)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range knots[:2] {
		if got := q.At(k.P); got != uint64(k.PPM) {
			t.Errorf("at %d: %d, want %d", k.P, got, k.PPM)
		}
	}
	if got := q.At(1<<32 - 1); got < 39_000_000 || got > 40_000_000 {
		t.Errorf("largest draw: %d", got)
	}
	last := uint64(0)
	for d := uint64(0); d < 1<<32; d += 9973 {
		v := q.At(uint32(d))
		if v < last {
			t.Fatalf("falls at %d: %d after %d", d, v, last)
		}
		last = v
	}
}
