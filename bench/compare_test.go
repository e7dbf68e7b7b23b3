package bench

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kuasheng/sim/report/chinese"
	"kuasheng/sim/report/words"
)

// samples makes n rounds of runs whose time for a settlement is 300 ns with noise of
// a share, the head's with an effect on top.
func samples(seed uint64, n int, noise, effect float64) (runs [numSides][]*Result) {
	random := rand.New(rand.NewPCG(seed, 9))
	for side := range runs {
		for range n {
			ns := 300 * (1 + noise*random.NormFloat64())
			if Side(side) == Head {
				ns *= 1 + effect
			}
			r := &Result{ScheduleDigest: "s", Settlements: 1_000_000, WallNS: int64(ns * 1e6), Profile: Profile{Arrivals: ArriveMax}}
			r.Proof = Proof{Proven: true, StateDigest: "d"}
			r.Operations.Sent = 1_000_000
			runs[side] = append(runs[side], r)
		}
	}
	return runs
}

func compared(t *testing.T, runs [numSides][]*Result) *Comparison {
	t.Helper()
	c, err := Compare(DefaultTerms, runs)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Equal builds hardly ever cry wolf, whatever the noise: by chance one in 200 would
// be significantly slower, and most of these are within the noise floor. 5 % is found
// where the noise allows.
func TestCompareTellsFivePerCentFromNothing(t *testing.T) {
	for _, noise := range []float64{0.002, 0.01, 0.03} {
		wolves, found := 0, 0
		for seed := range uint64(500) {
			if compared(t, samples(seed, 10, noise, 0)).Verdict == Regression {
				wolves++
			}
			if c := compared(t, samples(seed, 10, noise, 0.05)); c.Verdict == Regression && c.ExitCode == 12 {
				found++
			}
		}
		if wolves > 2 {
			t.Errorf("noise %.1f %%: %d of 500 equal builds are called regressions", noise*100, wolves)
		}
		if noise <= 0.01 && found != 500 {
			t.Errorf("noise %.1f %%: a slowdown of 5 %% is found %d times of 500", noise*100, found)
		}
	}
	if c := compared(t, samples(1, 10, 0.005, -0.05)); c.Verdict != Pass || c.Decided.Effect > -0.04 {
		t.Errorf("a faster head is %v with an effect of %v", c.Verdict, c.Decided.Effect)
	}
	// One per cent is significant, and less than what counts.
	if c := compared(t, samples(1, 10, 0.001, 0.01)); c.Verdict != Pass || c.Decided.P > 0.01 {
		t.Errorf("one per cent more is %v, p = %v", c.Verdict, c.Decided.P)
	}
}

// The p-value is what counting all ways to choose the head in each round gives, and
// is fair: of equal builds one in a hundred is below one in a hundred, no more.
func TestRankSum(t *testing.T) {
	values := [numSides][]float64{Base: {1, 4, 7}, Head: {3, 6, 9}, Again: {2, 5, 8}}
	if p := rankSum(values); math.Abs(p-2.0/27) > 1e-12 || math.Abs(p-leastP(3)) > 1e-12 {
		t.Errorf("the head last in all of three rounds: p = %v, want 2/27", p)
	}
	if p := rankSum([numSides][]float64{{1, 1}, {1, 1}, {1, 1}}); math.Abs(p-1) > 1e-12 {
		t.Errorf("all the same: p = %v", p)
	}
	below := 0
	for seed := range uint64(2000) {
		if rankSum(withinRounds(Metrics[1], samples(seed, 10, 0.03, 0))) < 0.01 {
			below++
		}
	}
	if below > 35 { // of 20; 3.4 standard errors
		t.Errorf("%d of 2000 equal builds have p < 0.01", below)
	}
}

func TestCompareGates(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*[numSides][]*Result)
		want   Verdict
	}{
		"another state":    {func(r *[numSides][]*Result) { r[Head][3].Proof.StateDigest = "e" }, Breach},
		"another schedule": {func(r *[numSides][]*Result) { r[Head][3].ScheduleDigest = "e" }, Invalid},
		"a breach of its own": {func(r *[numSides][]*Result) {
			r[Again][2].Verdict, r[Again][2].Gates = Breach, []Gate{{Says: words.Same("x")}}
		}, Breach},
		"invalid runs": {func(r *[numSides][]*Result) {
			for i := range 8 {
				r[Base][i].Verdict, r[Base][i].Gates = Invalid, []Gate{{Says: words.Same("x")}}
			}
		}, Invalid},
		"an invalid run": {func(r *[numSides][]*Result) {
			r[Base][0].Verdict, r[Base][0].Gates = Invalid, []Gate{{Says: words.Same("x")}}
		}, Pass},
		"few rounds": {func(r *[numSides][]*Result) { *r = samples(1, 2, 0.001, 0.5) }, Inconclusive},
		"noise":      {func(r *[numSides][]*Result) { *r = samples(1, 10, 0.4, 0) }, Inconclusive},
		"two-faced base": {func(r *[numSides][]*Result) { // significant, and within what the base does by itself
			for i := range 10 {
				for side, ns := range []int64{300 + int64(i%2)*25, 330, 300 + int64((i+1)%2)*25} {
					r[side][i].WallNS = ns * 1e6
				}
			}
		}, Pass},
		"all the same": {func(r *[numSides][]*Result) { *r = samples(1, 10, 0, 0) }, Pass},
	} {
		runs := samples(1, 10, 0.001, 0)
		c.change(&runs)
		got := compared(t, runs)
		if got.Verdict != c.want {
			t.Errorf("%s: %v %v, want %v", name, got.Verdict, got.Gates, c.want)
		}
		for _, g := range append(got.Gates, Gate{Says: got.Says}) {
			if english := chinese.EnglishIn(g.Says.ZH); len(english) > 0 || strings.Contains(g.Says.ZH, "%!") {
				t.Errorf("%s: %q in %q", name, english, g.Says.ZH)
			}
		}
	}
	if _, err := Compare(DefaultTerms, [numSides][]*Result{}); err == nil {
		t.Error("nothing was compared without an error")
	}
	if _, err := Compare(Terms{Metric: "beauty"}, samples(1, 5, 0.1, 0)); err == nil {
		t.Error("an unknown metric was compared")
	}
}

// In six rounds every side stands in every place equally often.
func TestOrderIsFair(t *testing.T) {
	var count [numSides][numSides]int
	for round := range 6 {
		for place, side := range Order(round) {
			count[place][side]++
		}
	}
	for place := range count {
		for side, n := range count[place] {
			if n != 2 {
				t.Errorf("side %d stands %d times of 6 at place %d", side, n, place)
			}
		}
	}
}

// A target that holds up to a rate: the interval ends around it, and what failed by
// bad luck is tried again.
func TestCapacitySearch(t *testing.T) {
	const truth = 123_456.0
	for name, c := range map[string]struct {
		holds    func(rate float64, ns int64, n int) bool
		from, to float64
		verdict  Verdict
	}{
		"a threshold": {func(rate float64, _ int64, _ int) bool { return rate <= truth }, truth / 1.1, truth * 1.1, Pass},
		// The seventh trial is the first of a rate that holds.
		"one bad trial":      {func(rate float64, _ int64, n int) bool { return rate <= truth && n != 6 }, truth / 1.1, truth * 1.1, Pass},
		"all holds":          {func(float64, int64, int) bool { return true }, 1e6 * 1.05 / 1.1, 1e6 * 1.06, Pass},
		"a long trial fails": {func(rate float64, ns int64, _ int) bool { return rate <= truth && (ns < 10e9 || rate <= truth*0.85) }, truth * 0.85 / 1.21, truth, Pass},
		"nothing holds":      {func(float64, int64, int) bool { return false }, 0, 1e6 / 512, Inconclusive},
		"only short ones do": {func(rate float64, ns int64, _ int) bool { return rate <= truth && ns < 10e9 }, 0, truth, Inconclusive},
	} {
		capacity, n := &Capacity{MaxRate: 1e6}, 0
		cfg := &CapacityConfig{TrialNS: 1e9, ConfirmNS: 10e9, Precision: 0.1}
		err := capacity.search(t.Context(), cfg, func(_ context.Context, rate float64, ns int64) (CapacityTrial, error) {
			n++
			return CapacityTrial{Rate: rate, ForNS: ns, Holds: c.holds(rate, ns, n-1), Why: words.Same("x")}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if capacity.Verdict != c.verdict || capacity.SustainedFrom < c.from-1 && c.verdict == Pass || capacity.SustainedTo > c.to+1 {
			t.Errorf("%s: %v, from %.0f to %.0f in %d trials; want within %.0f to %.0f", name, capacity.Verdict, capacity.SustainedFrom, capacity.SustainedTo, n, c.from, c.to)
		}
		if c.verdict == Pass && capacity.SustainedTo/capacity.SustainedFrom > 1.1*1.0001 {
			t.Errorf("%s: the bounds are %.3f apart", name, capacity.SustainedTo/capacity.SustainedFrom)
		}
	}
	// On a machine that is busy the measurement is invalid at any rate: it is said after
	// three, and nothing is halved down to where there is nothing to measure.
	for name, c := range map[string]struct {
		verdict func(n int) Verdict // of a trial that does not hold
		trials  int
		want    Verdict
	}{
		"always":            {func(int) Verdict { return Invalid }, 6, Invalid},
		"a valid miss":      {func(n int) Verdict { return [...]Verdict{Invalid, Invalid, Invalid, MissedSLO}[n%4] }, 22, Inconclusive},
		"after a valid one": {func(n int) Verdict { return [...]Verdict{MissedSLO, Invalid}[min(n/4, 1)] }, 10, Invalid},
	} {
		busy, n := &Capacity{MaxRate: 1e6}, 0
		err := busy.search(t.Context(), &CapacityConfig{TrialNS: 1e9, ConfirmNS: 10e9, Precision: 0.1}, func(_ context.Context, rate float64, ns int64) (CapacityTrial, error) {
			n++
			return CapacityTrial{Rate: rate, ForNS: ns, Verdict: c.verdict(n - 1), Why: words.Same("the generator was late")}, nil
		})
		if err != nil || busy.Verdict != c.want || n != c.trials {
			t.Errorf("%s: %v after %d trials, %v; want %v after %d", name, busy.Verdict, n, err, c.want, c.trials)
		}
		if c.want == Invalid && (len(busy.Gates) != 1 || !strings.Contains(busy.Gates[0].Says.EN, "unfit to measure") || !strings.Contains(busy.Gates[0].Says.EN, "the generator was late")) {
			t.Errorf("%s: %v", name, busy.Gates)
		}
	}
	broken := &Capacity{MaxRate: 1e6}
	_ = broken.search(t.Context(), &CapacityConfig{Precision: 0.1}, func(context.Context, float64, int64) (CapacityTrial, error) {
		return CapacityTrial{Verdict: Breach, Why: words.Same("a fen")}, nil
	})
	if broken.Verdict != Breach || len(broken.Trials) != 1 {
		t.Errorf("a breach did not end the search: %+v", broken)
	}
	stop := errors.New("stop")
	if err := (&Capacity{MaxRate: 1}).search(t.Context(), &CapacityConfig{Precision: 0.1}, func(context.Context, float64, int64) (CapacityTrial, error) {
		return CapacityTrial{}, stop
	}); err != stop {
		t.Errorf("an error of a trial became %v", err)
	}
}

// Points on Amdahl's curve give its parameters back; noise gives them an interval
// that holds the truth.
func TestScalingFit(t *testing.T) {
	const one, serial = 2e6, 0.08
	rate := func(n int) float64 { return float64(n) * one / (1 + serial*float64(n-1)) }
	exact, noisy := &Scaling{}, &Scaling{}
	random := rand.New(rand.NewPCG(4, 5))
	for n := 1; n <= 8; n++ {
		for range 3 {
			exact.Points = append(exact.Points, ScalingPoint{Shards: n, Rate: rate(n)})
			noisy.Points = append(noisy.Points, ScalingPoint{Shards: n, Rate: rate(n) * (1 + 0.02*random.NormFloat64())})
		}
	}
	exact.fit()
	if math.Abs(exact.One-one) > 1 || math.Abs(exact.Serial-serial) > 1e-9 {
		t.Errorf("one shard %v, serial share %v", exact.One, exact.Serial)
	}
	noisy.fit()
	if noisy.OneFrom > one || noisy.OneTo < one || noisy.SerialFrom > serial || noisy.SerialTo < serial || noisy.SerialTo-noisy.SerialFrom > 0.05 {
		t.Errorf("%+v", noisy)
	}
	few := &Scaling{Points: exact.Points[:2]}
	few.fit()
	if few.One != 0 || few.Says.EN == "" {
		t.Errorf("two points were fitted: %+v", few)
	}
}

func TestFitness(t *testing.T) {
	calm := Calibration{KernelNS: 100, JitterMaxNS: 1000}
	for name, c := range map[string]struct {
		rounds []Calibration
		want   Verdict
	}{
		"calm":     {[]Calibration{calm, calm}, Pass},
		"swinging": {[]Calibration{calm, {KernelNS: 120}}, Invalid},
		"robbed":   {[]Calibration{calm, {KernelNS: 100, JitterMaxNS: int64(20 * time.Millisecond)}}, Invalid},
	} {
		f := &Fitness{Rounds: c.rounds}
		if f.judge(); f.Verdict != c.want {
			t.Errorf("%s: %v %v", name, f.Verdict, f.Gates)
		}
	}
}
