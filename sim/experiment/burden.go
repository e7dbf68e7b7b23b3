package experiment

import (
	"math"
	"slices"
)

// Burden says who gains and who loses: what each patient bears in the measured year
// under one policy against what the same patient bears under the other.
type Burden struct {
	// Followed patients had any bill under either policy; all counts are expanded.
	Followed  int64 `json:"followed_patients"`
	Gain      Side  `json:"gain"` // bear less
	Lose      Side  `json:"lose"` // bear more
	Unchanged int64 `json:"unchanged_patients"`
	// Bins divide gainers and losers by the amount.
	Bins []Bin `json:"bins"`
	// Before and After are quantiles of what those followed bear in the year.
	Before []Quantile `json:"base_quantiles"`
	After  []Quantile `json:"reform_quantiles"`
}

// Side is the patients on one side.
type Side struct {
	Patients Estimate `json:"patients"`
	TotalFen int64    `json:"total_fen"`
	MeanFen  float64  `json:"mean_fen"`
	P50Fen   float64  `json:"p50_fen"`
	P90Fen   float64  `json:"p90_fen"`
	MaxFen   float64  `json:"max_fen"`
}

// Bin counts patients whose difference lies within [From, To).
type Bin struct {
	FromFen int64 `json:"from_fen"`
	ToFen   int64 `json:"to_fen"` // 0 for no bound
	Gain    int64 `json:"gain_patients"`
	Lose    int64 `json:"lose_patients"`
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
	expand := int64(base.Sample)
	for i, from := range binEdges {
		bin := Bin{FromFen: from}
		if i+1 < len(binEdges) {
			bin.ToFen = binEdges[i+1]
		}
		out.Bins = append(out.Bins, bin)
	}
	binOf := func(fen int64) *Bin {
		i := len(binEdges) - 1
		for fen < binEdges[i] {
			i--
		}
		return &out.Bins[i]
	}
	followed := 0
	eachPair(b, r, func(_, _ int, _, _ int64, _ uint8) { followed++ })
	out.Followed = int64(followed) * expand
	// One list for all: gains from its front, losses from its end, then what everybody
	// bears. A nation's is 140 MB.
	amounts := make([]float64, followed)
	gains, losses := 0, followed
	var gained, lost [groups]int64
	eachPair(b, r, func(_, _ int, was, is int64, group uint8) {
		switch {
		case is < was:
			amounts[gains] = float64(was - is)
			gains++
			gained[group]++
			binOf(was - is).Gain += expand
		case is > was:
			losses--
			amounts[losses] = float64(is - was)
			lost[group]++
			binOf(is - was).Lose += expand
		default:
			out.Unchanged += expand
		}
	})
	out.Gain, out.Lose = base.side(amounts[:gains], &gained), base.side(amounts[losses:], &lost)
	all := amounts[:0]
	eachPair(b, r, func(_, _ int, was, _ int64, _ uint8) { all = append(all, float64(was)) })
	out.Before = quantiles(all)
	all = amounts[:0]
	eachPair(b, r, func(_, _ int, _, is int64, _ uint8) { all = append(all, float64(is)) })
	out.After = quantiles(all)
	return out
}

// side sums up one side; its number has a sampling error by the groups.
func (o *Observation) side(amounts []float64, of *[groups]int64) (s Side) {
	slices.Sort(amounts)
	for _, x := range amounts {
		s.TotalFen += int64(x)
	}
	s.TotalFen *= int64(o.Sample)
	if n := len(amounts); n > 0 {
		s.MeanFen = float64(s.TotalFen) / float64(o.Sample) / float64(n)
		s.P50Fen, s.P90Fen, s.MaxFen = quantile(amounts, 0.5), quantile(amounts, 0.9), amounts[n-1]
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
	return s
}

// quantileShares are those that are reported, in basis points.
var quantileShares = []int{1000, 2500, 5000, 7500, 9000, 9500, 9900, 9990}

func quantiles(values []float64) (all []Quantile) {
	slices.Sort(values)
	for _, bp := range quantileShares {
		all = append(all, Quantile{bp, quantile(values, float64(bp)/10000)})
	}
	return all
}
