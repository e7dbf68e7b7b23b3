package experiment

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Influence says how far one output moves over the values of one path, whatever the
// other paths do: a bar of a tornado chart with its response curve.
type Influence struct {
	Path   string `json:"path"`
	Output string `json:"output"`
	// Status says how far the parameter's own value in the pack can be trusted; see
	// fixtures.
	Status string `json:"status"`
	// Chance is the swing that one path in twenty without any influence would show, since
	// the other paths vary too: the 95 % quantile over random orders of the values. A
	// swing within it says nothing.
	Chance float64 `json:"chance_swing"`
	// Curve is the mean output by value of the path, or by range of values where there
	// are many. Swing is the largest mean less the smallest, and Rank the correlation of
	// ranks between value and output (Spearman), 0 where values are no numbers.
	Curve []CurvePoint `json:"curve"`
	Swing float64      `json:"swing"`
	Rank  float64      `json:"rank_correlation"`
}

// CurvePoint is the output at one value of a path, or in a range of them.
type CurvePoint struct {
	From string  `json:"from"`
	To   string  `json:"to"`
	Runs int     `json:"runs"`
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// mostLevels is how many values are shown one by one, ranges how many ranges there
// are otherwise, each with the same number of runs.
const (
	mostLevels = 10
	ranges     = 6
)

// Influences computes the influence of every varied path on every output from the
// rows that are done, the widest swing of each output first.
func Influences(rows []Row, outputs []string, status func(path string) string) (all []Influence) {
	done := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Status != RowDone })
	var names []string
	for _, r := range done {
		for _, s := range r.Settings {
			if !slices.Contains(names, s.name()) {
				names = append(names, s.name())
			}
		}
	}
	for at, output := range outputs {
		first := len(all)
		for _, name := range names {
			x := Influence{Path: name, Output: output}
			var samples []observed
			alone := single(done, name)
			for _, r := range done {
				i := slices.IndexFunc(r.Settings, func(s Setting) bool { return s.name() == name })
				if alone && len(r.Settings) == 0 {
					samples = append(samples, observed{Unset, math.NaN(), r.Values[at]})
				}
				if i < 0 || alone && len(r.Settings) > 1 {
					continue
				}
				if status != nil && x.Status == "" {
					x.Status = status(r.Settings[i].Path)
				}
				samples = append(samples, observed{r.Settings[i].Value, numberOr(r.Settings[i].Value), r.Values[at]})
			}
			x.curve(samples)
			x.chance(samples)
			all = append(all, x)
		}
		slices.SortStableFunc(all[first:], func(a, b Influence) int { return cmp.Compare(b.Swing, a.Swing) })
	}
	return all
}

// Unset stands for the base's own value, where a path is tried with one other only.
const Unset = "(base)"

// single reports whether a path is set to one value only, so that it can be compared
// with nothing but the base.
func single(done []Row, name string) bool {
	value, n := "", 0
	for _, r := range done {
		for _, s := range r.Settings {
			if s.name() == name && (n == 0 || s.Value != value) {
				value = s.Value
				n++
			}
		}
	}
	return n == 1
}

// orders is how many random orders chance tries.
const orders = 200

// chance deals the outputs to the values at random and keeps the 95 % quantile of the
// swings.
func (x *Influence) chance(samples []observed) {
	if len(samples) < 2*len(x.Curve) {
		return // runs of their own: nothing else varies
	}
	r := rand.New(rand.NewPCG(1, 0x6368616e6365)) // "chance"
	dealt := slices.Clone(samples)
	swings := make([]float64, orders)
	for i := range swings {
		r.Shuffle(len(dealt), func(a, b int) { dealt[a].output, dealt[b].output = dealt[b].output, dealt[a].output })
		var y Influence
		y.curve(slices.Clone(dealt))
		swings[i] = y.Swing
	}
	slices.Sort(swings)
	x.Chance = quantile(swings, 0.95)
}

type observed struct {
	text   string
	number float64 // NaN for none
	output float64
}

func numberOr(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func (x *Influence) curve(samples []observed) {
	slices.SortStableFunc(samples, func(a, b observed) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text))
	})
	levels, numbers := 0, true
	for i := range samples {
		if i == 0 || samples[i].text != samples[i-1].text {
			levels++
		}
		numbers = numbers && !math.IsNaN(samples[i].number)
	}
	parts := ranges
	if levels <= mostLevels || !numbers {
		parts = 0
	}
	low, high := math.Inf(1), math.Inf(-1)
	for from := 0; from < len(samples); {
		to := from + 1
		if parts > 0 {
			to = max(to, (len(x.Curve)+1)*len(samples)/parts)
		}
		for to < len(samples) && samples[to].text == samples[to-1].text {
			to++
		}
		p := CurvePoint{From: samples[from].text, To: samples[to-1].text, Runs: to - from, Min: math.Inf(1), Max: math.Inf(-1)}
		for _, s := range samples[from:to] {
			p.Mean += s.output / float64(to-from)
			p.Min, p.Max = min(p.Min, s.output), max(p.Max, s.output)
		}
		low, high = min(low, p.Mean), max(high, p.Mean)
		x.Curve = append(x.Curve, p)
		from = to
	}
	if len(x.Curve) > 0 {
		x.Swing = high - low
	}
	if numbers && levels > 1 {
		x.Rank = rankCorrelation(samples)
	}
}

// rankCorrelation is Spearman's, with the mean rank for ties.
func rankCorrelation(samples []observed) float64 {
	ranks := func(of func(observed) float64) []float64 {
		order := make([]int, len(samples))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(of(samples[a]), of(samples[b])) })
		rank := make([]float64, len(samples))
		for i := 0; i < len(order); {
			j := i
			for j < len(order) && of(samples[order[j]]) == of(samples[order[i]]) {
				j++
			}
			for _, at := range order[i:j] {
				rank[at] = float64(i+j-1) / 2
			}
			i = j
		}
		return rank
	}
	x, y := ranks(func(s observed) float64 { return s.number }), ranks(func(s observed) float64 { return s.output })
	mx, sx := meanSD(x)
	my, sy := meanSD(y)
	if sx == 0 || sy == 0 {
		return 0
	}
	sum := 0.0
	for i := range x {
		sum += (x[i] - mx) * (y[i] - my)
	}
	return sum / float64(len(x)-1) / sx / sy
}
