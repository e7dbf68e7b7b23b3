package bench

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestEvenTimesAreThoseOfTheShape(t *testing.T) {
	got := Constant(10, 1e9).Even()
	if len(got) != 10 || got[0] != 50e6 || got[9] != 950e6 {
		t.Errorf("ten a second for a second: %v", got)
	}
	// A ramp from 0 to 100 in two seconds: the k-th comes at √(k−½)·(2/10) seconds.
	ramp := Ramp(0, 100, 2e9).Even()
	if len(ramp) != 100 {
		t.Fatalf("a ramp of 100 operations gives %d", len(ramp))
	}
	for k, at := range ramp {
		if want := math.Sqrt((float64(k)+0.5)/25) * 1e9; math.Abs(float64(at)-want) > 2 {
			t.Fatalf("operation %d of the ramp comes at %d ns, want %.0f", k, at, want)
		}
	}
	down := Ramp(100, 0, 2e9).Even()
	for k, at := range down {
		if want := 2e9 - ramp[len(ramp)-1-k]; max(at-want, want-at) > 2 {
			t.Fatalf("the ramp down is not the ramp up reversed at %d: %d, want %d", k, at, want)
		}
	}
}

// Poisson arrivals have the shape's mean, exponential distances, and depend on
// nothing but shape and seed.
func TestPoissonTimes(t *testing.T) {
	s := Constant(1000, 100e9)
	times := s.Poisson(1)
	if n := float64(len(times)); math.Abs(n-100_000) > 4*math.Sqrt(100_000) {
		t.Errorf("%v arrivals, want 100000 ± 1265", n)
	}
	var sum, squares float64
	for i := 1; i < len(times); i++ {
		d := float64(times[i] - times[i-1])
		sum, squares = sum+d, squares+d*d
	}
	n := float64(len(times) - 1)
	if cv := math.Sqrt(squares/n-(sum/n)*(sum/n)) / (sum / n); math.Abs(cv-1) > 0.02 {
		t.Errorf("the distances vary by %.3f of their mean, exponential ones by 1", cv)
	}
	if !slices.Equal(times, s.Poisson(1)) || slices.Equal(times, s.Poisson(2)) {
		t.Error("the times do not depend on the seed alone")
	}
}

func TestShapesKeepTheirMean(t *testing.T) {
	for name, s := range map[string]Shape{"diurnal": Diurnal(5000, 24e9), "festival": Festival(5000, 24e9)} {
		if got := s.Operations(); got < 119_999 || got > 120_000 {
			t.Errorf("%s: %d operations, want 120000", name, got)
		}
		if err := s.Check(); err != nil {
			t.Error(name, err)
		}
		if times := s.Even(); !slices.IsSorted(times) || times[len(times)-1] >= s.EndNS() {
			t.Errorf("%s: times out of order or behind the end", name)
		}
	}
	// The morning's busiest hour has three times the mean.
	day := Diurnal(1, 24e9)
	if peak := slices.MaxFunc(day, func(a, b Point) int { return int((a.Rate - b.Rate) * 1e6) }); peak.AtNS != 10e9 || peak.Rate < 2.7 || peak.Rate > 3.1 {
		t.Errorf("the peak of a day is %+v", peak)
	}
}

func TestShapeFaults(t *testing.T) {
	for want, s := range map[string]Shape{
		"a beginning and an end": {{0, 1}},
		"begins at 0":            {{1, 1}, {2, 1}},
		"the rate at":            {{0, math.NaN()}, {1, 1}},
		"do not rise":            {{0, 1}, {5, 1}, {5, 1}},
		"no operation":           Constant(0.5, 1e9),
		"kept in memory":         Constant(1e9, 1e9),
	} {
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", s, err, want)
		}
	}
}

// The digest covers times and operations, and nothing else moves it.
func TestScheduleDigest(t *testing.T) {
	times := Constant(100, 1e9).Even()
	w := plainWorkload(7)
	w.Digest = w.digest()
	first := Plan(w, times)
	if again := Plan(w, slices.Clone(times)); again.Digest != first.Digest {
		t.Error("the same schedule has another digest")
	}
	later := slices.Clone(times)
	later[50]++
	if Plan(w, later).Digest == first.Digest {
		t.Error("a time moved and the digest did not")
	}
	other := plainWorkload(7)
	other.Shards[0].Requests[3].Claim.Age = 66
	other.Digest = other.digest()
	if Plan(other, times).Digest == first.Digest {
		t.Error("an operation changed and the digest did not")
	}
}

// A schedule gives each shard the operations that are its own, in the order in
// which they come in.
func TestPlanFollowsTheOrder(t *testing.T) {
	w := &Workload{Shards: make([]ShardLoad, 3), Order: []uint16{0, 2, 2, 1, 0}}
	for _, s := range w.Order {
		w.Shards[s].Requests = append(w.Shards[s].Requests, plainWorkload(1).Shards[0].Requests[0])
	}
	s := Plan(w, []int64{1, 2, 3, 4, 5, 6, 7, 8})
	for i, want := range [][]int64{{1, 5, 6}, {4}, {2, 3, 7, 8}} {
		if !slices.Equal(s.Shards[i], want) {
			t.Errorf("shard %d is planned at %v, want %v", i, s.Shards[i], want)
		}
	}
	if counts := w.countByShard(8); !slices.Equal(counts, []int64{3, 1, 4}) {
		t.Errorf("of 8 operations the shards get %v", counts)
	}
}

func TestReadTimes(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []int64
	}{
		"json lines": {"{\"at_ns\":0,\"op\":\"settle\"}\n\n{\"at_ns\":1500}\n{\"at_ns\":1500}\n", []int64{0, 1500, 1500}},
		"json times": {`{"time":"2024-03-04T08:00:00+08:00"}` + "\n" + `{"time":"2024-03-04T00:00:00.25Z"}`, []int64{0, 250e6}},
		"csv":        {"\ufeffwho,at_ns\na,5\nb, 7\n", []int64{5, 7}},
		"csv times":  {"time,x\n2024-03-04T08:00:00Z,1\n2024-03-04T08:00:02Z,2\n", []int64{0, 2e9}},
	} {
		got, err := ReadTimes("f", strings.NewReader(c.in))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	for in, want := range map[string][]string{
		"{\"at_ns\":5}\n{\"at_ns\":4}\n{\"x\":1}\n{\"at_ns\":-1}\n{": {"f:2: the time lies before", "f:3: neither", "f:4:", "f:5: not valid JSON"},
		"a,b\n1,2\n":     {"f:1: neither a JSON object nor the head"},
		"at_ns\nx\n":     {`f:2: "x" is no number`},
		"a,at_ns\n1\n":   {"f:2: 1 columns, the time is in column 2"},
		"":               {"f: no operation in it"},
		"time\n2024-1\n": {`f:2: "2024-1" is no time`},
	} {
		_, err := ReadTimes("f", strings.NewReader(in))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %q", in, err, w)
			}
		}
	}
}
