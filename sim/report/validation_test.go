package report_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// measured is what a run of two cases in March 2024 has of a figure: 10 000 yuan each,
// of which the funds pay 8000, after two in February.
func measured(in *report.Input, target sim.Target) *report.TargetRow {
	target.Name, target.Explanation, target.ExplanationZH = target.Measure.String(), "made up", "虚构"
	in.World.Targets = []sim.Target{target}
	return &report.Validate(in, report.Summarize(in)).Targets[0]
}

// detailed is smallRun with the days, levels and large bills of one case in a secondary
// hospital at 4 000 yuan and one at 16 000 in one of the top step.
func detailed(sample uint32) *report.Input {
	in := smallRun(sample)
	march := &in.Result.Months[1]
	march.ByDay = [31][engine.NumKinds]int64{}
	march.ByDay[3][engine.Inpatient], march.ByDay[4][engine.Inpatient] = 1, 1
	for g := range in.Result.Groups {
		in.Result.Groups[g][engine.Resident] = sim.Group{Patients: 1}
	}
	low := &in.Result.Groups[0][engine.Resident]
	low.Levels[engine.Inpatient][engine.LevelSecondary] = sim.GroupTotals{Cases: 1, ReliefFen: 320_000, FeeFen: 400_000}
	high := &in.Result.Groups[1][engine.Resident]
	high.Levels[engine.Inpatient][engine.LevelTop] = sim.GroupTotals{Cases: 1, ReliefFen: 1_280_000, FeeFen: 1_600_000}
	high.Above[0] = 1
	low.Kinds[engine.Inpatient] = low.Levels[engine.Inpatient][engine.LevelSecondary]
	high.Kinds[engine.Inpatient] = high.Levels[engine.Inpatient][engine.LevelTop]
	return in
}

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		target   sim.Target
		achieved int64
		gap      int64 // none of an order
		within   bool
	}{
		{sim.Target{Measure: sim.FundShare, Value: 8000}, 8000, 0, true},
		{sim.Target{Measure: sim.ReliefPerCase, Value: 1_000_000}, 800_000, -200_000, false},
		{sim.Target{Measure: sim.FeePerCase, Value: 1_000_000}, 1_000_000, 0, true},
		{sim.Target{Measure: sim.ReliefAbove, Above: 10_000 * money.Yuan, Value: 4800}, 5000, 41_667, true},
		{sim.Target{Measure: sim.LevelRatio, Value: 2_000_000}, 4_000_000, 1_000_000, false},
		// One case on the busiest of 31 days, two in all; 31 days after 29.
		{sim.Target{Measure: sim.PeakDay, Month: 3, Value: 15_500_000}, 15_500_000, 0, true},
		{sim.Target{Measure: sim.MonthStep, Month: 3, Value: 1_000_000}, 935_484, -64_516, true},
		// Two of three bills are settled; a goal may be passed, a limit may not.
		{sim.Target{Measure: sim.DirectRate, Bound: sim.AtLeast, Value: 5000}, 6667, 333_400, true},
		{sim.Target{Measure: sim.DirectRate, Bound: sim.AtMost, Value: 5000}, 6667, 333_400, false},
		{sim.Target{Measure: sim.DirectRate, Value: 5000}, 6667, 333_400, false},
		{sim.Target{Measure: sim.SourceOrder, Order: []int{1, 0}, Value: 2}, 2, 0, true},
		{sim.Target{Measure: sim.DestinationOrder, Order: []int{1, 0}, Value: 2}, 0, 0, false},
		// Within 0.5 % of what was fitted, within 10 % of what was not.
		{sim.Target{Measure: sim.FeePerCase, Role: sim.Fitted, Value: 1_004_000}, 1_000_000, -3_984, true},
		{sim.Target{Measure: sim.FeePerCase, Role: sim.Follows, Value: 1_006_000}, 1_000_000, -5_964, false},
		{sim.Target{Measure: sim.FeePerCase, Role: sim.Informed, Value: 1_006_000}, 1_000_000, -5_964, true},
	} {
		row := measured(detailed(1), c.target)
		if row.Achieved == nil || *row.Achieved != c.achieved || *row.Within != c.within {
			t.Errorf("%s of %d: %+v", row.Measure, c.target.Value, row)
		}
		if order := row.TargetOrder != nil; order != (row.GapPPM == nil) || !order && *row.GapPPM != c.gap {
			t.Errorf("%s of %d: gap %v, want %d", row.Measure, c.target.Value, row.GapPPM, c.gap)
		}
		if (row.Explanation != "") == c.within || (row.ExplanationZH != "") == c.within {
			t.Errorf("%s of %d is explained %q", row.Measure, c.target.Value, row.Explanation)
		}
		if row.StandardError != 0 {
			t.Errorf("%s: a full run has a standard error", row.Measure)
		}
	}
	if row := measured(detailed(1), sim.Target{Measure: sim.SourceOrder, Order: []int{0, 1}, Value: 2}); !slices.Equal(row.AchievedOrder, []uint32{340000, 110000}) {
		t.Errorf("order %v", row.AchievedOrder)
	}
}

// What a sample or a short run does not tell is not told as zero.
func TestNotEstimated(t *testing.T) {
	for _, c := range []struct {
		sample uint32
		target sim.Target
	}{
		{64, sim.Target{Measure: sim.PeakDay, Month: 3, Value: 1}},
		{1, sim.Target{Measure: sim.PeakDay, Month: 2, Value: 1}}, // warm-up
		{1, sim.Target{Measure: sim.MonthStep, Month: 2, Value: 1}},
	} {
		row := measured(detailed(c.sample), c.target)
		if row.Achieved != nil || row.GapPPM != nil || row.Within != nil || row.NotEstimated == "" || row.Explanation != "" {
			t.Errorf("%+v", row)
		}
	}
	in := detailed(64)
	in.World.Targets = []sim.Target{{Measure: sim.PeakDay, Month: 3, Value: 1}}
	s := report.Summarize(in)
	if text := report.Text(in, s, report.Validate(in, s), report.Screen{Lang: words.English, Columns: 100}); !strings.Contains(text, "; 1 need a full run") {
		t.Error(text)
	}
}

// The standard error of a quotient is that of its linear terms: of two cases in two of
// 64 groups, one above the edge, the parts x/X − y/Y are −1/2 and 1/2.
func TestStandardErrorOfQuotients(t *testing.T) {
	relative := math.Sqrt(64.0/63*(0.25+0.25)) * math.Sqrt(1-1.0/4)
	row := measured(detailed(4), sim.Target{Measure: sim.ReliefAbove, Above: 10_000 * money.Yuan, Value: 5000})
	if want := int64(math.Round(5000 * relative)); row.StandardError != want {
		t.Errorf("share above: %d, want %d", row.StandardError, want)
	}
	// Fees 0.2 and 0.8 of all, cases 0.5 each.
	relative = math.Sqrt(64.0/63*(0.09+0.09)) * math.Sqrt(1-1.0/4)
	row = measured(detailed(4), sim.Target{Measure: sim.FeePerCase, Value: 5000})
	if want := int64(math.Round(1_000_000 * relative)); row.StandardError != want {
		t.Errorf("fee a case: %d, want %d", row.StandardError, want)
	}
}
