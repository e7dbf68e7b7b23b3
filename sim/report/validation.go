package report

import (
	"math"

	"kuasheng/engine"
	"kuasheng/sim"
)

// Validation is validation.json: the run against the published figures.
type Validation struct {
	Targets []TargetRow `json:"targets"`
}

// TargetRow compares one published figure with the run. Money is in fen, as the
// measure's name says.
type TargetRow struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Measure string `json:"measure"`
	Source  string `json:"source"`
	Status  string `json:"status"`
	// Role is "fitted" where the pack was calibrated to the figure, "sum" where it
	// adds up fitted ones and so proves no more than they do, "held_out" where it
	// is only compared.
	Role     string `json:"role"`
	Target   int64  `json:"target"`
	Achieved int64  `json:"achieved"`
	// StandardError is that of a sample; a full run has none.
	StandardError int64 `json:"standard_error,omitempty"`
	// GapPPM is achieved ÷ target − 1 in millionths.
	GapPPM int64 `json:"gap_ppm"`
	// ScaleHintPPM is what to multiply the kind's factor of the fit by: the
	// factor of rates for cases, and for relief_fen the factor of costs, which is
	// relief per case against relief per case where both are published.
	ScaleHintPPM int64 `json:"scale_hint_ppm"`

	sim sim.Target
}

// Fitted reports whether the row's figure was fitted.
func (t *TargetRow) Fitted() bool { return t.Role == "fitted" }

// Validate compares a run with the targets of its world.
func Validate(in *Input, s *Summary) *Validation {
	v := &Validation{Targets: []TargetRow{}}
	for _, target := range in.World.Targets {
		kind := &s.Total
		if target.Kind != engine.AllKinds {
			kind = &s.ByKind[target.Kind]
		}
		row := TargetRow{
			Name: target.Name, Kind: target.Kind.String(), Measure: target.Measure,
			Source: target.Source, Status: target.Status, Role: "held_out", Target: target.Value, sim: target,
		}
		switch {
		case target.Fitted:
			row.Role = "fitted"
		case target.Kind == engine.AllKinds && (target.Measure == "cases" || target.Measure == "relief_fen"):
			row.Role = "sum"
		}
		switch target.Measure {
		case "cases":
			row.Achieved, row.StandardError = kind.Cases, kind.CasesSE
			row.ScaleHintPPM = ppm(target.Value, row.Achieved)
		case "relief_fen":
			row.Achieved, row.StandardError = int64(kind.ReliefFen), int64(kind.ReliefSEFen)
			row.ScaleHintPPM = ppm(target.Value, row.Achieved)
			if cases, found := findTarget(in.World.Targets, target, "cases"); found && kind.Cases > 0 && row.Achieved > 0 {
				wanted := float64(target.Value) / float64(cases.Value)
				got := float64(row.Achieved) / float64(kind.Cases)
				row.ScaleHintPPM = int64(math.Round(wanted / got * 1e6))
			}
		}
		if target.Measure == "fund_share_bp" && kind.FeeFen > 0 {
			row.Achieved = int64(math.Round(float64(kind.FundFen) / float64(kind.FeeFen) * 1e4))
		}
		row.GapPPM = ppm(row.Achieved, target.Value) - 1_000_000
		v.Targets = append(v.Targets, row)
	}
	return v
}

// findTarget finds the figure of another measure for the same kind and role.
func findTarget(targets []sim.Target, like sim.Target, measure string) (sim.Target, bool) {
	for _, t := range targets {
		if t.Kind == like.Kind && t.Measure == measure && t.Fitted == like.Fitted {
			return t, true
		}
	}
	return sim.Target{}, false
}

// row finds the figure that a summary shows beside a kind's own: a fitted one
// before a held-out one.
func (v *Validation) row(kind int, measure string) *TargetRow {
	var best *TargetRow
	for i := range v.Targets {
		t := &v.Targets[i]
		if int(t.sim.Kind) == kind && t.Measure == measure && (best == nil || t.Fitted() && !best.Fitted()) {
			best = t
		}
	}
	return best
}

// worst returns how many figures have the role and their largest gap.
func (v *Validation) worst(role string) (count int, gapPPM int64) {
	for i := range v.Targets {
		if t := &v.Targets[i]; t.Role == role {
			count++
			if gap := max(t.GapPPM, -t.GapPPM); gap > gapPPM {
				gapPPM = gap
			}
		}
	}
	return count, gapPPM
}

// ppm is a ÷ b in millionths, 0 where b is 0.
func ppm(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	return int64(math.Round(float64(a) / float64(b) * 1e6))
}
