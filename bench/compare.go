package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Side is one of two builds that are compared.
type Side int

// The sides. Again is the base once more: what differs between it and the base is
// the noise.
const (
	Base Side = iota
	Head
	Again
	numSides = 3
)

// Terms are what a comparison decides by.
type Terms struct {
	// Metric names what is compared, see Metrics; empty chooses by the kind of load.
	Metric string `json:"metric"`
	// A regression needs a p-value below Alpha by Mann–Whitney, and an effect above
	// MinEffect and above the noise floor, all shares.
	Alpha     float64 `json:"alpha"`
	MinEffect float64 `json:"min_effect_share"`
	// MostNoise is the noise floor above which no regression could be told.
	MostNoise float64 `json:"most_noise_share"`
}

// DefaultTerms are those of kuasheng bench compare.
var DefaultTerms = Terms{Alpha: 0.01, MinEffect: 0.02, MostNoise: 0.10}

// Metric is a figure of a run that can be compared; less is better.
type Metric struct {
	Name string
	Of   func(*Result) float64
}

// Metrics are those that a comparison knows, all in nanoseconds.
var Metrics = []Metric{
	{"ns_per_settlement", func(r *Result) float64 { return float64(r.WallNS) / float64(max(r.Settlements, 1)) }},
	{"cpu_ns_per_operation", func(r *Result) float64 { return float64(r.Runtime.CPUNS) / float64(max(r.Operations.Sent, 1)) }},
	{"response_p50_ns", func(r *Result) float64 { return float64(r.Latency.Response.P50) }},
	{"response_p99_ns", func(r *Result) float64 { return float64(r.Latency.Response.P99) }},
	{"service_p50_ns", func(r *Result) float64 { return float64(r.Latency.Service.P50) }},
	{"service_p99_ns", func(r *Result) float64 { return float64(r.Latency.Service.P99) }},
}

func metric(name string) (Metric, bool) {
	i := slices.IndexFunc(Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return Metrics[i], true
}

// Comparison is what comparing two builds came to.
type Comparison struct {
	Version  int     `json:"version"`
	Verdict  Verdict `json:"verdict"`
	ExitCode int     `json:"exit_code"`
	Gates    []Gate  `json:"gates"`

	Base    Build   `json:"base"`
	Head    Build   `json:"head"`
	Profile Profile `json:"profile"`
	Machine Host    `json:"machine"`
	Terms   Terms   `json:"terms"`
	Rounds  int     `json:"rounds"`
	// NoiseFloor is how far the base came from itself in the same session, as a share.
	NoiseFloor float64 `json:"noise_floor_share"`
	// Decided is the row of the metric that decides; Rows are all.
	Decided MetricRow   `json:"decided"`
	Rows    []MetricRow `json:"rows"`
	// Digests of schedule and state, which both builds must share.
	ScheduleDigest string `json:"schedule_digest"`
	StateDigest    string `json:"state_digest"`
	Says           string `json:"says"`
}

// Build is a side of a comparison.
type Build struct {
	Name   string `json:"name"`
	Digest string `json:"binary_digest"` // SHA-256
}

// MetricRow compares one metric.
type MetricRow struct {
	Metric string    `json:"metric"`
	Base   []float64 `json:"base_ns"` // base and base again, in the order measured
	Head   []float64 `json:"head_ns"`
	// Medians with 95 % intervals; Effect is head over base, less one, as a share.
	BaseMedian float64 `json:"base_median_ns"`
	BaseFrom   float64 `json:"base_from_ns"`
	BaseTo     float64 `json:"base_to_ns"`
	HeadMedian float64 `json:"head_median_ns"`
	HeadFrom   float64 `json:"head_from_ns"`
	HeadTo     float64 `json:"head_to_ns"`
	Effect     float64 `json:"effect_share"`
	P          float64 `json:"p"`
}

// Order is the order of the sides in a round: every order comes equally often, so
// that what drifts with time hits all alike.
func Order(round int) [numSides]Side {
	return [...][numSides]Side{
		{Base, Head, Again}, {Again, Base, Head}, {Head, Again, Base}, {Again, Head, Base}, {Base, Again, Head}, {Head, Base, Again},
	}[round%6]
}

// Compare decides on the runs of three sides, as many of each.
func Compare(terms Terms, runs [numSides][]*Result) (*Comparison, error) {
	n := len(runs[Base])
	if n == 0 || len(runs[Head]) != n || len(runs[Again]) != n {
		return nil, fmt.Errorf("%d runs of the base, %d of the head, %d of the base again: not as many of each", n, len(runs[Head]), len(runs[Again]))
	}
	first := runs[Base][0]
	c := &Comparison{
		Version: ResultVersion, Gates: []Gate{}, Profile: first.Profile, Machine: first.Machine, Rounds: n,
		ScheduleDigest: first.ScheduleDigest, StateDigest: first.Proof.StateDigest,
	}
	if terms.Metric == "" {
		terms.Metric = "response_p99_ns"
		if first.Profile.Arrivals == ArriveMax {
			terms.Metric = "ns_per_settlement"
		}
	}
	c.Terms = terms
	if _, known := metric(terms.Metric); !known {
		return nil, fmt.Errorf("no metric %q", terms.Metric)
	}
	for _, m := range Metrics {
		row := compareMetric(m, runs, terms.Alpha)
		c.Rows = append(c.Rows, row)
		if m.Name == terms.Metric {
			c.Decided = row
		}
	}
	c.NoiseFloor = noiseFloor(c.Decided.Base)
	c.judge(runs)
	c.ExitCode = int(c.Verdict)
	return c, nil
}

func compareMetric(m Metric, runs [numSides][]*Result, alpha float64) MetricRow {
	row := MetricRow{Metric: m.Name}
	for i := range runs[Base] {
		row.Base = append(row.Base, m.Of(runs[Base][i]), m.Of(runs[Again][i]))
		row.Head = append(row.Head, m.Of(runs[Head][i]))
	}
	thresholds := benchmath.Thresholds{CompareAlpha: alpha}
	// NewSample sorts what it is given.
	base, head := benchmath.NewSample(slices.Clone(row.Base), &thresholds), benchmath.NewSample(slices.Clone(row.Head), &thresholds)
	sb, sh := benchmath.AssumeNothing.Summary(base, 0.95), benchmath.AssumeNothing.Summary(head, 0.95)
	row.BaseMedian, row.BaseFrom, row.BaseTo = sb.Center, finite(sb.Lo, base.Values), finite(sb.Hi, base.Values)
	row.HeadMedian, row.HeadFrom, row.HeadTo = sh.Center, finite(sh.Lo, head.Values), finite(sh.Hi, head.Values)
	row.Effect = row.HeadMedian/row.BaseMedian - 1
	row.P = 1
	if slices.Min(row.Base) != slices.Max(row.Base) || slices.Min(row.Head) != slices.Max(row.Head) || row.Base[0] != row.Head[0] {
		row.P = benchmath.AssumeNothing.Compare(base, head).P
	}
	if math.IsNaN(row.Effect) || math.IsInf(row.Effect, 0) {
		row.Effect = 0
	}
	return row
}

// finite bounds an interval of too few values by the values themselves.
func finite(v float64, values []float64) float64 {
	return min(max(v, slices.Min(values)), slices.Max(values))
}

// noiseFloor is how far apart the medians of two halves of one side come: of the
// halves as they were measured, in turn, and of 19 random divisions in 20.
func noiseFloor(values []float64) float64 {
	half := len(values) / 2
	apart := func(order []int) float64 {
		a, b := make([]float64, 0, half), make([]float64, 0, half)
		for i, at := range order {
			if i%2 == 0 {
				a = append(a, values[at])
			} else {
				b = append(b, values[at])
			}
		}
		return math.Abs(median(a)/median(b) - 1)
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	floor := apart(order)
	random := rand.New(rand.NewPCG(1, 2))
	divisions := make([]float64, 400)
	for i := range divisions {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		divisions[i] = apart(order)
	}
	slices.Sort(divisions)
	return max(floor, divisions[len(divisions)*19/20])
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}

// judge says what the runs come to.
func (c *Comparison) judge(runs [numSides][]*Result) {
	gate := func(v Verdict, name, format string, args ...any) {
		c.Gates = append(c.Gates, Gate{v, name, fmt.Sprintf(format, args...)})
		c.Verdict = c.Verdict.Worse(v)
	}
	names := [...]string{"base", "head", "base again"}
	invalid, all, differing := 0, 0, 0
	other := false
	firstState := ""
	for side, of := range runs {
		for i, r := range of {
			all++
			switch {
			case r.Verdict == Breach:
				gate(Breach, "money", "%s, round %d: %s", names[side], i+1, r.Gates[0].Says)
			case r.ScheduleDigest != c.ScheduleDigest:
				other = true
			case Side(side) == Head && r.Proof.Proven && r.Proof.StateDigest != c.StateDigest && r.Operations.Sent == runs[Base][0].Operations.Sent:
				if differing++; firstState == "" {
					firstState = r.Proof.StateDigest
				}
			case r.Verdict == Invalid:
				invalid++
			}
		}
	}
	if differing > 0 {
		gate(Breach, "another state", "the same requests lead to the state %.16s… in the head, %d times of %d, and to %.16s… in the base: something is settled differently",
			firstState, differing, c.Rounds, c.StateDigest)
	}
	if other {
		gate(Invalid, "another schedule", "the builds were not asked the same: their schedules have different digests")
	}
	if invalid*4 > all {
		gate(Invalid, "invalid runs", "%d of %d runs were invalid themselves: %s", invalid, all, firstGate(runs))
	}
	d, t := &c.Decided, &c.Terms
	significant := d.P < t.Alpha
	c.Says = fmt.Sprintf("%s: head %+.2f %% against base (p = %.4f, noise floor %.2f %%)", d.Metric, d.Effect*100, d.P, c.NoiseFloor*100)
	switch {
	case significant && d.Effect > t.MinEffect && d.Effect > c.NoiseFloor:
		gate(Regression, "regression", "%s; above the least effect that counts, %.2f %%", c.Says, t.MinEffect*100)
	case leastP(len(d.Base), len(d.Head)) >= t.Alpha:
		gate(Inconclusive, "too few rounds", "%d rounds can give no p below %v, however large the effect", c.Rounds, t.Alpha)
	case c.NoiseFloor > t.MostNoise:
		gate(Inconclusive, "noisy machine", "the base comes within %.1f %% of itself only, more than %.1f %%: no smaller effect could be told", c.NoiseFloor*100, t.MostNoise*100)
	}
}

func firstGate(runs [numSides][]*Result) string {
	for _, of := range runs {
		for _, r := range of {
			if r.Verdict == Invalid {
				return r.Gates[0].Says
			}
		}
	}
	return ""
}

// leastP is the smallest p-value that Mann–Whitney can give: two in all ways to
// choose the ranks of one side.
func leastP(n, m int) float64 {
	ways := 1.0
	for i := 1; i <= m; i++ {
		ways *= float64(n+i) / float64(i)
	}
	return 2 / ways
}
