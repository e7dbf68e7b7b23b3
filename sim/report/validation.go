package report

import (
	"math"
	"math/big"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// ValidationVersion is the number of the layout of validation.json.
const ValidationVersion = 1

// Validation is validation.json: the run against the published figures.
type Validation struct {
	Version int         `json:"version"`
	Targets []TargetRow `json:"targets"`
}

// TargetRow compares one published figure with the run. Money is in fen, shares in
// basis points and quotients in millionths, as the measure's name and Unit say.
type TargetRow struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	TitleZH string `json:"title_zh"`
	Kind    string `json:"kind"`
	Measure string `json:"measure"`
	Unit    string `json:"unit"` // cases, fen, bp, ppm or places
	// Month and AboveFen are the month of the year and the edge of the measures that
	// have one.
	Month    int       `json:"month,omitempty"`
	AboveFen money.Fen `json:"above_fen,omitempty"`
	// Period is what the published figure is of.
	Period string `json:"period"`
	Source string `json:"source"`
	// SourceZH is the source in Chinese, where the pack's makers gave it.
	SourceZH string `json:"source_zh"`
	Status   string `json:"status"`
	// Role is "fitted" where the pack was calibrated to the figure; "follows" where it
	// follows from fitted ones by arithmetic and so proves no more than they do;
	// "informed" where assumed values were chosen with the figure in view; "held_out"
	// where it is only compared; "projected" where it is nobody's figure but what the
	// pack's own assumptions come to.
	Role string `json:"role"`
	// Bound is "point", or "at_least" or "at_most" where the figure is an end.
	Bound  string `json:"bound"`
	Target int64  `json:"target"`
	// TargetOrder and AchievedOrder are the provinces of an order, largest first;
	// Target and Achieved count those of the published ones that stand at their place.
	TargetOrder   []uint32 `json:"target_order,omitempty"`
	AchievedOrder []uint32 `json:"achieved_order,omitempty"`
	// Achieved is nil where NotEstimated says why.
	Achieved     *int64 `json:"achieved"`
	NotEstimated string `json:"not_estimated,omitempty"`
	// StandardError is that of a sample, where one is estimated; a full run has none.
	StandardError int64 `json:"standard_error,omitempty"`
	// GapPPM is achieved ÷ target − 1 in millionths; an order has none.
	GapPPM *int64 `json:"gap_ppm"`
	// Within says that the gap is at most TolerancePPM, the bound is kept, or every
	// place of an order is the published one.
	TolerancePPM int64 `json:"tolerance_ppm"`
	Within       *bool `json:"within"`
	// Explanation says why the scenario misses the figure, where it does and the pack
	// knows; it was written of the scenario as it is, without a what-if.
	Explanation   string `json:"explanation,omitempty"`
	ExplanationZH string `json:"explanation_zh,omitempty"`
	// ScaleHintPPM is what to multiply the kind's factor of the fit by: the
	// factor of rates for cases, and for relief_fen the factor of costs, which is
	// relief per case against relief per case where both are published.
	ScaleHintPPM int64 `json:"scale_hint_ppm,omitempty"`

	sim sim.Target
}

// The gaps within which a figure counts as met: a calibrated one and what follows from
// it, and any other.
const (
	fittedTolerance = 5_000
	otherTolerance  = 100_000
)

// calibrated reports whether the figure was fitted or follows from fitted ones.
func (t *TargetRow) calibrated() bool { return t.sim.Role == sim.Fitted || t.sim.Role == sim.Follows }

var units = [sim.NumMeasures]string{
	sim.MeasureCases: "cases", sim.MeasureRelief: "fen", sim.FundShare: "bp", sim.ReliefPerCase: "fen", sim.FeePerCase: "fen",
	sim.ReliefAbove: "bp", sim.LevelRatio: "ppm", sim.PeakDay: "ppm", sim.MonthStep: "ppm", sim.DirectRate: "bp",
	sim.SourceOrder: "places", sim.DestinationOrder: "places",
}

// Validate compares a run with the targets of its world.
func Validate(in *Input, s *Summary) *Validation {
	v := &Validation{Version: ValidationVersion, Targets: []TargetRow{}}
	for _, target := range in.World.Targets {
		row := TargetRow{
			Name: target.Name, Title: target.Title, TitleZH: target.TitleZH, Kind: target.Kind.String(),
			Measure: target.Measure.String(), Unit: units[target.Measure], Month: target.Month, AboveFen: target.Above,
			Period: target.Period, Source: target.Source, SourceZH: target.SourceZH, Status: target.Status, Role: target.Role.String(), Bound: target.Bound.String(),
			Target: target.Value, TolerancePPM: otherTolerance, sim: target,
		}
		if row.calibrated() {
			row.TolerancePPM = fittedTolerance
		}
		row.measure(in, s)
		row.judge()
		v.Targets = append(v.Targets, row)
	}
	return v
}

// measure finds what the run has to set beside the figure.
func (t *TargetRow) measure(in *Input, s *Summary) {
	kinds := kindsOf(t.sim.Kind)
	figures := &s.Total
	if t.sim.Kind != engine.AllKinds {
		figures = &s.ByKind[t.sim.Kind]
	}
	achieved := int64(0)
	switch t.sim.Measure {
	case sim.MeasureCases:
		achieved, t.StandardError = figures.Cases, figures.CasesSE
		t.ScaleHintPPM = quotient(million, factors{t.Target}, factors{achieved})
	case sim.MeasureRelief:
		achieved, t.StandardError = int64(figures.ReliefFen), int64(figures.ReliefSEFen)
		t.ScaleHintPPM = t.costHint(in.World.Targets, figures)
	case sim.FundShare:
		achieved = basisPoints(int64(figures.FundFen), int64(figures.FeeFen))
	case sim.ReliefPerCase, sim.FeePerCase:
		over := figures.ReliefFen
		if t.sim.Measure == sim.FeePerCase {
			over = figures.FeeFen
		}
		achieved = quotient(1, factors{int64(over)}, factors{figures.Cases})
		t.StandardError = ratioError(in, achieved, func(g *sim.Group) []int64 {
			sum := sumOf(g, kinds)
			if t.sim.Measure == sim.FeePerCase {
				return []int64{sum.FeeFen, sum.Cases}
			}
			return []int64{sum.ReliefFen, sum.Cases}
		})
	case sim.ReliefAbove:
		above := aboveEdges(in)
		edge := slices.Index(in.World.Edges(), t.sim.Above)
		achieved = basisPoints(above[edge], figures.Cases/in.expansion())
		t.StandardError = ratioError(in, achieved, func(g *sim.Group) []int64 {
			return []int64{g.Above[edge], g.Kinds[engine.Inpatient].Cases}
		})
	case sim.LevelRatio:
		levels := levelsOf(in)[t.sim.Kind]
		high, low := tertiary(&levels), levels[engine.LevelSecondary]
		achieved = quotient(million, factors{high.FeeFen, low.Cases}, factors{high.Cases, low.FeeFen})
		t.StandardError = ratioError(in, achieved, func(g *sim.Group) []int64 {
			high, low := tertiary(&g.Levels[t.sim.Kind]), g.Levels[t.sim.Kind][engine.LevelSecondary]
			return []int64{high.FeeFen, high.Cases, low.Cases, low.FeeFen}
		})
	case sim.PeakDay:
		m := measuredMonth(in, t.sim.Month)
		switch {
		case in.sampled():
			// The largest of the days of a sample is larger than of all patients' days.
			t.NotEstimated = "not estimated from a sample, whose days swing more than whole ones; a full run gives it"
			return
		case m == nil:
			t.NotEstimated = "the run does not measure the month"
			return
		}
		most, all := int64(0), int64(0)
		for d := range m.ByDay {
			n := int64(0)
			for _, k := range kinds {
				n += m.ByDay[d][k]
			}
			most, all = max(most, n), all+n
		}
		achieved = quotient(million, factors{most, int64(m.Month.Days())}, factors{all})
	case sim.MonthStep:
		m := measuredMonth(in, t.sim.Month)
		i := 0
		if m != nil {
			i = slices.IndexFunc(in.Result.Months, func(r sim.MonthResult) bool { return r.Month == m.Month })
		}
		if i == 0 {
			t.NotEstimated = "the run does not measure the month and the one before"
			return
		}
		before := &in.Result.Months[i-1]
		achieved = quotient(million, factors{casesIn(m, kinds), int64(before.Month.Days())}, factors{casesIn(before, kinds), int64(m.Month.Days())})
	case sim.DirectRate:
		achieved = figures.DirectRateBP
	case sim.SourceOrder, sim.DestinationOrder:
		for _, p := range t.sim.Order {
			t.TargetOrder = append(t.TargetOrder, in.World.Provinces[p].Code)
		}
		for i, p := range ranking(in, kinds, t.sim.Measure == sim.DestinationOrder)[:len(t.sim.Order)] {
			t.AchievedOrder = append(t.AchievedOrder, in.World.Provinces[p].Code)
			if p == t.sim.Order[i] {
				achieved++
			}
		}
	}
	t.Achieved = &achieved
}

// judge compares what was found with the figure.
func (t *TargetRow) judge() {
	if t.Achieved == nil {
		return
	}
	within := *t.Achieved == t.Target
	if t.Unit != "places" {
		gap := quotient(million, factors{*t.Achieved}, factors{t.Target}) - million
		t.GapPPM = &gap
		switch t.sim.Bound {
		case sim.AtLeast:
			within = *t.Achieved >= t.Target
		case sim.AtMost:
			within = *t.Achieved <= t.Target
		default:
			within = -t.TolerancePPM <= gap && gap <= t.TolerancePPM
		}
	}
	t.Within = &within
	if !within {
		t.Explanation, t.ExplanationZH = t.sim.Explanation, t.sim.ExplanationZH
	}
}

// costHint is the hint of a relief_fen.
func (t *TargetRow) costHint(targets []sim.Target, k *KindSummary) int64 {
	for i := range targets {
		cases := &targets[i]
		if cases.Kind == t.sim.Kind && cases.Measure == sim.MeasureCases && cases.Role == t.sim.Role {
			return quotient(million, factors{t.Target, k.Cases}, factors{cases.Value, int64(k.ReliefFen)})
		}
	}
	return quotient(million, factors{t.Target}, factors{int64(k.ReliefFen)})
}

// row finds the figure that a summary shows beside a kind's own: a fitted one before
// any other.
func (v *Validation) row(kind int, measure sim.Measure) *TargetRow {
	var best *TargetRow
	for i := range v.Targets {
		t := &v.Targets[i]
		if int(t.sim.Kind) == kind && t.sim.Measure == measure && (best == nil || t.sim.Role == sim.Fitted && best.sim.Role != sim.Fitted) {
			best = t
		}
	}
	return best
}

// worst returns how many figures have the role and their largest gap.
func (v *Validation) worst(role sim.Role) (count int, gapPPM int64) {
	for i := range v.Targets {
		if t := &v.Targets[i]; t.sim.Role == role && t.GapPPM != nil {
			count++
			gapPPM = max(gapPPM, *t.GapPPM, -*t.GapPPM)
		}
	}
	return count, gapPPM
}

// compared counts the figures that were not fitted and do not follow from fitted ones,
// those of them that are met, and those that this run does not estimate.
func (v *Validation) compared() (all, within, unknown int) {
	for i := range v.Targets {
		switch t := &v.Targets[i]; {
		case t.calibrated(), t.sim.Role == sim.Projected:
		case t.Within == nil:
			unknown++
		default:
			all++
			if *t.Within {
				within++
			}
		}
	}
	return all, within, unknown
}

func kindsOf(k engine.Kind) []engine.Kind {
	if k != engine.AllKinds {
		return []engine.Kind{k}
	}
	return []engine.Kind{engine.Inpatient, engine.Outpatient, engine.Chronic, engine.Pharmacy}
}

// measuredMonth is the first measured one that is the month of the year, or nil.
func measuredMonth(in *Input, ofYear int) *sim.MonthResult {
	for i := range in.Result.Months {
		m := &in.Result.Months[i]
		if m.Measured && m.Month.OfYear() == ofYear {
			return m
		}
	}
	return nil
}

func casesIn(m *sim.MonthResult, kinds []engine.Kind) (n int64) {
	for _, k := range kinds {
		n += m.Kinds[k][engine.Cases]
	}
	return n
}

// ranking lists the provinces by their cases, as places of treatment or as insured
// ones, the largest first; of equal ones the smaller code.
func ranking(in *Input, kinds []engine.Kind, treating bool) []int {
	cases := make([]int64, len(in.World.Provinces))
	shape := in.Result.Clearing.Ledger.Shape
	for cell, t := range in.Result.Year.Rows() {
		pool, place, _, kind := shape.Split(cell)
		if !treating {
			place = int(in.World.Pools[pool].Province)
		}
		if slices.Contains(kinds, kind) {
			cases[place] += t[engine.Cases]
		}
	}
	order := make([]int, len(cases))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(cases[b] - cases[a]) })
	return order
}

func sumOf(g *sim.Group, kinds []engine.Kind) (sum sim.GroupTotals) {
	for _, k := range kinds {
		sum.Cases += g.Kinds[k].Cases
		sum.ReliefFen += g.Kinds[k].ReliefFen
		sum.FeeFen += g.Kinds[k].FeeFen
	}
	return sum
}

// ratioError is the standard error of a sample's figure that is a quotient of sums over
// all patients, or the quotient of two such. value gives a group's part of each sum, in
// turn above and below: for x₁·x₂ ÷ (y₁·y₂) x₁, y₁, x₂, y₂. To the first order the
// figure's relative error is that of Σ x/X − Σ y/Y, with the whole sums in capitals.
func ratioError(in *Input, figure int64, value func(g *sim.Group) []int64) int64 {
	if !in.sampled() {
		return 0
	}
	var whole []float64
	for g := range in.Result.Groups {
		for s := range in.Result.Groups[g] {
			for i, v := range value(&in.Result.Groups[g][s]) {
				if i == len(whole) {
					whole = append(whole, 0)
				}
				whole[i] += float64(v)
			}
		}
	}
	if slices.Contains(whole, 0) {
		return 0
	}
	e := groupError(&in.Result.Groups, func(g *sim.Group) (sum float64) {
		sign := 1.0
		for i, v := range value(g) {
			sum += sign * float64(v) / whole[i]
			sign = -sign
		}
		return sum
	})
	return int64(math.Round(float64(figure) * e * finite(in.expansion())))
}

const million = 1_000_000

// factors are multiplied.
type factors []int64

func (f factors) product() *big.Int {
	p := big.NewInt(1)
	for _, v := range f {
		p.Mul(p, big.NewInt(v))
	}
	return p
}

// quotient is unit × over ÷ under, rounded half-up; 0 where under is 0. It is exact, so
// that whoever computes it again finds the same.
func quotient(unit int64, over, under factors) int64 {
	below := under.product()
	if below.Sign() == 0 {
		return 0
	}
	above := over.product()
	above.Mul(above, big.NewInt(2*unit)).Add(above, below)
	return above.Div(above, below.Mul(below, big.NewInt(2))).Int64()
}

// ppm is a ÷ b in millionths, 0 where b is 0.
func ppm(a, b int64) int64 { return quotient(million, factors{a}, factors{b}) }
