package sim

import (
	"testing"
)

func TestCountsFollowPoisson(t *testing.T) {
	// P(0) of rate 1 is 0.36787944…, in 1/2³²: 1580030168.
	c := countsOf(1_000_000)
	if c[0] != 1580030168 {
		t.Errorf("P(0) at rate 1 = %d/2³², want 1580030168", c[0])
	}
	// P(N ≤ 1) = 2/e: 3160060337.
	if c[1] != 3160060337 {
		t.Errorf("P(≤1) at rate 1 = %d/2³², want 3160060337", c[1])
	}
	none := countsOf(0)
	if none.count(1<<32-1) != 0 {
		t.Errorf("rate 0 gives episodes")
	}
	if got := c.count(1<<32 - 1); got != maxVisits {
		t.Errorf("largest draw gives %d episodes, want %d", got, maxVisits)
	}
}

func TestChoicePicksInProportion(t *testing.T) {
	c, err := choiceOf([]int32{2500, 0, 7500})
	if err != nil {
		t.Fatal(err)
	}
	var n [3]int
	for d := range uint32(65536) {
		n[c.pick(d)]++
	}
	if n != [3]int{16384, 0, 49152} {
		t.Errorf("picks of 65536 = %v, want 16384 0 49152", n)
	}
}

func TestQuantilesMeetTheirKnots(t *testing.T) {
	knots := []Knot{{0, 100}, {1 << 31, 900_000}, {1<<32 - 1<<12, 5_000_000}, {1<<32 - 1, 40_000_000}}
	q, err := quantilesOf(knots)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range knots[:2] {
		if got := q.at(k.P); got != uint64(k.PPM) {
			t.Errorf("at %d: %d, want %d", k.P, got, k.PPM)
		}
	}
	if got := q.at(1<<32 - 1); got < 39_000_000 || got > 40_000_000 {
		t.Errorf("largest draw: %d", got)
	}
	last := uint64(0)
	for d := uint64(0); d < 1<<32; d += 9973 {
		v := q.at(uint32(d))
		if v < last {
			t.Fatalf("falls at %d: %d after %d", d, v, last)
		}
		last = v
	}
}
