package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/perf/benchmath"

	"kuasheng/sim/report/words"
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

// writerMetric is what a shard's writer takes over an operation in the tenth of a
// run's batches that was disturbed least: neighbours who take processor and cache
// away hit the others, and neither generator nor scheduler is in it.
const writerMetric = "writer_ns_per_operation"

// Metrics are those that a comparison knows, all in nanoseconds.
var Metrics = []Metric{
	{writerMetric, func(r *Result) float64 { return r.WriterNS }},
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
	// PlantedSlow is how much longer the head's writers worked on purpose, as a share.
	PlantedSlow float64 `json:"planted_slow_share,omitempty"`
	// Digests of schedule and state, which both builds must share.
	ScheduleDigest string     `json:"schedule_digest"`
	StateDigest    string     `json:"state_digest"`
	Says           words.Text `json:"says"`
}

// Build is a side of a comparison.
type Build struct {
	Name   string `json:"name"`
	Digest string `json:"binary_digest"` // SHA-256
}

// MetricRow compares one metric.
type MetricRow struct {
	Metric     string    `json:"metric"`
	Base       []float64 `json:"base_ns"` // base and base again, in the order measured
	Head       []float64 `json:"head_ns"`
	base, head []float64 // without what differs from round to round, see withinRounds
	// Medians of these with 95 % intervals; Effect is head over base, less one, as a share.
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

// Looks says that the head looks slower, so that as many rounds more should be run: a
// chance of one in a hundred comes up now and then, and seldom twice.
func (c *Comparison) Looks() bool {
	return c.Verdict == Regression || c.Verdict == Pass && c.Decided.Effect > c.Terms.MinEffect && c.Decided.P < suspicious*c.Terms.Alpha
}

// suspicious times Alpha is the p-value below which a head looks slower: half of the rounds
// tell five per cent with that much certainty nearly always, with Alpha's often not.
const suspicious = 25

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
		PlantedSlow: runs[Head][0].Service.PlantedSlow,
	}
	if terms.Metric == "" {
		terms.Metric = "response_p99_ns"
		if first.Profile.Arrivals == ArriveMax {
			terms.Metric = writerMetric
			if !everywhere(runs, func(r *Result) bool { return r.WriterNS > 0 }) {
				terms.Metric = "ns_per_settlement" // an older build does not tell, or --stages 0
			}
		}
	}
	c.Terms = terms
	m, known := metric(terms.Metric)
	switch {
	case !known:
		return nil, fmt.Errorf("no metric %q", terms.Metric)
	case !everywhere(runs, func(r *Result) bool { return m.Of(r) > 0 || r.Verdict == Invalid }):
		return nil, fmt.Errorf("a run does not tell %s", terms.Metric)
	}
	for _, m := range Metrics {
		row := compareMetric(m, runs, terms.Alpha)
		c.Rows = append(c.Rows, row)
		if m.Name == terms.Metric {
			c.Decided = row
		}
	}
	c.NoiseFloor = noiseFloor(c.Decided.base)
	c.judge(runs)
	c.ExitCode = int(c.Verdict)
	return c, nil
}

func everywhere(runs [numSides][]*Result, holds func(*Result) bool) bool {
	for _, of := range runs {
		for _, r := range of {
			if !holds(r) {
				return false
			}
		}
	}
	return true
}

// withinRounds divides what was measured by the geometric mean of its round and
// multiplies it by that of all rounds: what drifts from round to round, such as the
// machine's speed, is the same for the three of a round and goes.
func withinRounds(m Metric, runs [numSides][]*Result) (values [numSides][]float64) {
	logs := make([]float64, len(runs[Base]))
	all := 0.0
	for i := range logs {
		for side := range runs {
			logs[i] += math.Log(m.Of(runs[side][i])) / numSides
		}
		all += logs[i] / float64(len(logs))
	}
	for side, of := range runs {
		for i, r := range of {
			v := m.Of(r)
			if v > 0 && !math.IsInf(logs[i], 0) {
				v *= math.Exp(all - logs[i])
			}
			values[side] = append(values[side], v)
		}
	}
	return values
}

func compareMetric(m Metric, runs [numSides][]*Result, alpha float64) MetricRow {
	row := MetricRow{Metric: m.Name}
	for i := range runs[Base] {
		row.Base = append(row.Base, m.Of(runs[Base][i]), m.Of(runs[Again][i]))
		row.Head = append(row.Head, m.Of(runs[Head][i]))
	}
	values := withinRounds(m, runs)
	for i := range values[Base] {
		row.base = append(row.base, values[Base][i], values[Again][i])
	}
	row.head = values[Head]
	thresholds := benchmath.Thresholds{CompareAlpha: alpha}
	// NewSample sorts what it is given.
	base, head := benchmath.NewSample(slices.Clone(row.base), &thresholds), benchmath.NewSample(slices.Clone(row.head), &thresholds)
	sb, sh := benchmath.AssumeNothing.Summary(base, 0.95), benchmath.AssumeNothing.Summary(head, 0.95)
	row.BaseMedian, row.BaseFrom, row.BaseTo = sb.Center, finite(sb.Lo, base.Values), finite(sb.Hi, base.Values)
	row.HeadMedian, row.HeadFrom, row.HeadTo = sh.Center, finite(sh.Lo, head.Values), finite(sh.Hi, head.Values)
	row.Effect = row.HeadMedian/row.BaseMedian - 1
	row.P = rankSum(values)
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
	gate := func(v Verdict, name, en, zh string, args ...any) {
		c.Gates = append(c.Gates, Gate{v, name, words.F(words.T(en, zh), args...)})
		c.Verdict = c.Verdict.Worse(v)
	}
	names := [...]words.Text{words.T("base", "基准"), words.T("head", "待测"), words.T("base again", "基准复测")}
	invalid, all, differing, proven := 0, 0, 0, 0
	other := false
	firstState := ""
	for side, of := range runs {
		for i, r := range of {
			all++
			if Side(side) == Head && r.Proof.Proven {
				proven++
			}
			switch {
			case r.Verdict == Breach:
				gate(Breach, "money", "%s, round %d: %s", "%s，第 %d 轮：%s", names[side], i+1, r.Gates[0].Says)
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
		gate(Breach, "another state", "the same requests lead to the state %.16s… in the head, %d times of %d proven ones, and to %.16s… in the base: something is settled differently",
			"同样的请求，待测方得到状态 %.16s…（已核对 %[3]d 次中 %[2]d 次），基准方为 %.16[4]s…：结算有不同之处",
			firstState, differing, proven, c.StateDigest)
	}
	if other {
		gate(Invalid, "another schedule", "the builds were not asked the same: their schedules have different digests",
			"两方收到的请求不同：时间表的数字摘要不一致")
	}
	if invalid*4 > all {
		gate(Invalid, "invalid runs", "%d of %d runs were invalid themselves: %s", "%[2]d 次运行中 %[1]d 次本身无效：%[3]s", invalid, all, firstGate(runs))
	}
	d, t := &c.Decided, &c.Terms
	significant := d.P < t.Alpha
	c.Says = words.F(words.T("%s: head %+.2f %% against base (p = %.4f, noise floor %.2f %%)", "%s：待测较基准 %+.2f %%（p = %.4f，噪声下限 %.2f %%）"), d.Metric, d.Effect*100, d.P, c.NoiseFloor*100)
	switch {
	case significant && d.Effect > t.MinEffect && d.Effect > c.NoiseFloor:
		gate(Regression, "regression", "%s; above the least effect that counts, %.2f %%", "%s；超过计入的最小变化 %.2f %%", c.Says, t.MinEffect*100)
	case leastP(c.Rounds) >= t.Alpha:
		gate(Inconclusive, "too few rounds", "%d rounds can give no p below %v, however large the effect", "%d 轮不可能使 p 低于 %v，变化再大亦然", c.Rounds, t.Alpha)
	case c.NoiseFloor > t.MostNoise:
		gate(Inconclusive, "noisy machine", "the base comes within %.1f %% of itself only, more than %.1f %%: no smaller effect could be told",
			"基准与自身相差 %.1f %%，超过 %.1f %%：更小的变化无从分辨", c.NoiseFloor*100, t.MostNoise*100)
	}
}

func firstGate(runs [numSides][]*Result) words.Text {
	for _, of := range runs {
		for _, r := range of {
			if r.Verdict == Invalid {
				return r.Gates[0].Says
			}
		}
	}
	return words.Text{}
}

// rankSum is the p-value of Mann–Whitney's rank sum of the head, both sides. The three
// of a round are not independent of each other once they are compared within it, so
// its distribution by chance is over all that may be exchanged: which of the three
// runs of a round was the head's. It is exact.
func rankSum(values [numSides][]float64) float64 {
	all := slices.Concat(values[Base], values[Head], values[Again])
	slices.Sort(all)
	rank := func(v float64) int { // twice the mean of equal ones, a whole number
		from, _ := slices.BinarySearch(all, v)
		to := from
		for to < len(all) && all[to] == v {
			to++
		}
		return from + to - 1
	}
	// chance[s] is how likely the head's ranks of the rounds so far sum to s.
	chance := make([]float64, 2*len(all)*len(values[Head])+1)
	chance[0] = 1
	sum, mean, most := 0, 0.0, 0
	for i := range values[Head] {
		next := make([]float64, len(chance))
		high := 0
		for side := range values {
			r := rank(values[side][i])
			high, mean = max(high, r), mean+float64(r)/numSides
			for s, p := range chance[:most+1] {
				next[s+r] += p / numSides
			}
		}
		chance, most = next, most+high
		sum += rank(values[Head][i])
	}
	p := 0.0
	for s, of := range chance {
		if math.Abs(float64(s)-mean) > math.Abs(float64(sum)-mean)-1e-6 {
			p += of
		}
	}
	return min(p, 1)
}

// leastP is the smallest p-value that so many rounds can give: the head the first of
// three in all of them, or the last.
func leastP(rounds int) float64 { return 2 * math.Pow(1.0/numSides, float64(rounds)) }
