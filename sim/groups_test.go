package sim

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// The tallies by level and above the edges of relief are those of the bills, what was
// taken back left out, and of the registers.
func TestGroupsByLevelAndEdge(t *testing.T) {
	w := smallWorld(20_000)
	for _, edge := range []money.Fen{20_000 * money.Yuan, 500 * money.Yuan, 20_000 * money.Yuan} {
		w.Targets = append(w.Targets, Target{Name: "edge", Kind: engine.Inpatient, Measure: ReliefAbove, Above: edge, Value: 1})
	}
	edges := w.Edges()
	if len(edges) != 2 || edges[0] != 500*money.Yuan {
		t.Fatalf("edges %v", edges)
	}
	all, r := traced(t, Config{World: w, Seed: 1, Workers: 3}, 1)
	var want, got [engine.NumKinds][engine.NumLevels]int64
	first := (w.First + 3).First()
	if w.WarmUp != 3 {
		t.Fatal("another warm-up")
	}
	for i := range all {
		x := &all[i]
		if x.Claim.SettleDay < first {
			continue
		}
		kind := x.result.Kind
		switch x.Event {
		case EventDirect:
			want[kind][x.Claim.Level]++
		case EventReversed:
			want[kind][x.Claim.Level]--
		}
	}
	var above, wantAbove [MaxEdges]int64
	for i := range all {
		x := &all[i]
		if x.Claim.SettleDay < first || x.result.Kind != engine.Inpatient || x.Event != EventDirect && x.Event != EventReversed {
			continue
		}
		owed, n := relief(&x.result), int64(1)
		if x.Event == EventReversed {
			owed, n = -owed, -1
		}
		for e := range edges {
			if owed > edges[e] {
				wantAbove[e] += n
			}
		}
	}
	var fees [engine.NumKinds]int64
	for g := range r.Groups {
		for s := range r.Groups[g] {
			group := &r.Groups[g][s]
			for k := range group.Levels {
				var sum GroupTotals
				for l := range group.Levels[k] {
					sum.Add(&group.Levels[k][l])
					got[k][l] += group.Levels[k][l].Cases
				}
				if sum != group.Kinds[k] {
					t.Errorf("group %d, kind %d: levels sum to %+v, the kind is %+v", g, k, sum, group.Kinds[k])
				}
				fees[k] += sum.FeeFen
			}
			for e, n := range group.Above {
				above[e] += n
			}
		}
	}
	if got != want {
		t.Errorf("cases by kind and level\n%v, bills\n%v", got, want)
	}
	if above != wantAbove || above[0] <= above[1] || above[1] == 0 || above[2] != 0 {
		t.Errorf("above the edges %v, bills %v", above, wantAbove)
	}
	var year [engine.NumKinds]int64
	for cell, totals := range r.Year.Rows() {
		_, _, _, kind := r.Clearing.Ledger.Shape.Split(cell)
		year[kind] += totals[engine.SumFee]
	}
	if fees != year {
		t.Errorf("fees %v, registers %v", fees, year)
	}
}
