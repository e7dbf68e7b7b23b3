package experiment

import (
	"math"
	"slices"

	"kuasheng/engine/money"
	"kuasheng/sim"
)

// Burden says who gains and who loses: what each patient bears in the measured year
// under one policy against what the same patient bears under the other. Of a sample a
// number that rests on fewer than sim.Few people is left out.
type Burden struct {
	// Followed patients had any bill under either policy; all counts are expanded.
	Followed  int64 `json:"followed_patients"`
	Gain      Side  `json:"gain"` // bear less
	Lose      Side  `json:"lose"` // bear more
	Unchanged Count `json:"unchanged_patients"`
	// Bins divide gainers and losers by the amount.
	Bins []Bin `json:"bins"`
	// Before and After are quantiles of what those followed bear in the year.
	Before []Quantile `json:"base_quantiles"`
	After  []Quantile `json:"reform_quantiles"`
}

// Count is a number of patients, expanded; nil where it rests on fewer than sim.Few people of
// a sample.
type Count *int64

// count expands a number of simulated patients.
func (o *Observation) count(n int64) Count {
	if o.few(n) && n > 0 {
		return nil
	}
	n *= int64(o.Sample)
	return &n
}

func (o *Observation) few(n int64) bool { return o.Sample > 1 && n < sim.Few }

// Side is the patients on one side.
type Side struct {
	Patients Estimate `json:"patients"`
	// Sampled is how many simulated patients these are.
	Sampled int64 `json:"patients_sampled"`
	// Amounts is nil of nobody, and of fewer than sim.Few people of a sample.
	Amounts *Amounts `json:"amounts"`
}

// Amounts are what the patients of a side gain or lose.
type Amounts struct {
	TotalFen int64   `json:"total_fen"`
	MeanFen  float64 `json:"mean_fen"`
	P50Fen   float64 `json:"p50_fen"`
	P90Fen   float64 `json:"p90_fen"`
	MaxFen   float64 `json:"max_fen"`
}

// Bin counts patients whose difference lies within [From, To).
type Bin struct {
	FromFen int64 `json:"from_fen"`
	ToFen   int64 `json:"to_fen"` // 0 for no bound
	Gain    Count `json:"gain_patients"`
	Lose    Count `json:"lose_patients"`
}

// Quantile is the amount that a share of patients stay at or below.
type Quantile struct {
	ShareBP int     `json:"share_bp"`
	Fen     float64 `json:"fen"`
}

// binEdges are 100, 1 000, 10 000 and 50 000 yuan.
var binEdges = []int64{0, 100_00, 1_000_00, 10_000_00, 50_000_00}

// eachPair visits every patient who had a bill under either policy.
func eachPair(b, r *persons, visit func(at, cohort int, before, after int64, group uint8)) {
	for cohort := range b.index.world.Cohorts {
		for at := b.index.cohorts[cohort]; at < b.index.cohorts[cohort+1]; at++ {
			if group := b.group[at] | r.group[at]; group&seen != 0 {
				visit(at, cohort, b.borne[at], r.borne[at], group&^seen)
			}
		}
	}
}

func burden(base, reform *Observation) (out Burden) {
	b, r := base.persons, reform.persons
	if b == nil || r == nil {
		return out
	}
	gain, lose := make([]int64, len(binEdges)), make([]int64, len(binEdges))
	binOf := func(bins []int64, fen int64) {
		i := len(binEdges) - 1
		for fen < binEdges[i] {
			i--
		}
		bins[i]++
	}
	followed := 0
	eachPair(b, r, func(_, _ int, _, _ int64, _ uint8) { followed++ })
	out.Followed = int64(followed) * int64(base.Sample)
	// One list for all: gains from its front, losses from its end, then what everybody
	// bears. A nation's is 140 MB.
	amounts := make([]float64, followed)
	gains, losses, unchanged := 0, followed, int64(0)
	var gained, lost [groups]int64
	eachPair(b, r, func(_, _ int, was, is int64, group uint8) {
		switch {
		case is < was:
			amounts[gains] = float64(was - is)
			gains++
			gained[group]++
			binOf(gain, was-is)
		case is > was:
			losses--
			amounts[losses] = float64(is - was)
			lost[group]++
			binOf(lose, is-was)
		default:
			unchanged++
		}
	})
	for i, from := range binEdges {
		bin := Bin{FromFen: from, Gain: base.count(gain[i]), Lose: base.count(lose[i])}
		if i+1 < len(binEdges) {
			bin.ToFen = binEdges[i+1]
		}
		out.Bins = append(out.Bins, bin)
	}
	out.Unchanged = base.count(unchanged)
	out.Gain, out.Lose = base.side(amounts[:gains], &gained), base.side(amounts[losses:], &lost)
	all := amounts[:0]
	eachPair(b, r, func(_, _ int, was, _ int64, _ uint8) { all = append(all, float64(was)) })
	out.Before = base.quantiles(all)
	all = amounts[:0]
	eachPair(b, r, func(_, _ int, _, is int64, _ uint8) { all = append(all, float64(is)) })
	out.After = base.quantiles(all)
	return out
}

// side sums up one side; its number has a sampling error by the groups.
func (o *Observation) side(amounts []float64, of *[groups]int64) (s Side) {
	if s.Sampled = int64(len(amounts)); s.Sampled > 0 && !o.few(s.Sampled) {
		slices.Sort(amounts)
		sum := int64(0)
		for _, x := range amounts {
			sum += int64(x)
		}
		s.Amounts = &Amounts{TotalFen: sum * int64(o.Sample), MeanFen: float64(sum) / float64(len(amounts)),
			P50Fen: quantile(amounts, 0.5), P90Fen: quantile(amounts, 0.9), MaxFen: amounts[len(amounts)-1]}
	}
	var everybody [groups]float64
	all := 0.0
	for g := range everybody {
		for _, n := range o.patients[g] {
			everybody[g] += float64(n)
		}
		all += everybody[g]
	}
	s.Patients.set(jackknife(func(without int) float64 {
		n, left := float64(len(amounts)), all
		if without >= 0 {
			n, left = n-float64(of[without]), left-everybody[without]
		}
		return n * float64(o.Sample) * all / math.Max(left, 1)
	}))
	*s.Patients.Low = max(0, *s.Patients.Low) // people
	return s
}

// quantileShares are those that are reported, in basis points.
var quantileShares = []int{1000, 2500, 5000, 7500, 9000, 9500, 9900, 9990}

// quantiles leaves out those that few of a sample lie beyond.
func (o *Observation) quantiles(values []float64) (all []Quantile) {
	slices.Sort(values)
	for _, bp := range quantileShares {
		if !o.few(int64(len(values)) * int64(money.One-money.BasisPoints(bp)) / int64(money.One)) {
			all = append(all, Quantile{bp, quantile(values, float64(bp)/10000)})
		}
	}
	return all
}
