package sim

import (
	"testing"

	"kuasheng/engine"
)

// A bill that an outage stopped is drawn again as it was, and explained by its one step.
func TestExplainStopped(t *testing.T) {
	w := smallWorld(4_000)
	w.Outages = someOutages(w)
	all, _ := traced(t, Config{World: w, Seed: 1}, 1)
	for i := range all {
		if all[i].result.Status != engine.StatusPlatformDown {
			continue
		}
		r, err := Regenerate(w, 1, all[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.Result != all[i].result || r.Claim.SettleDay != all[i].Claim.SettleDay {
			t.Fatalf("%v: %+v, traced %+v", all[i].ID, r.Result, all[i].result)
		}
		x := engine.NewExplainer(w.Rules, []uint8{0, 0, 1, 1, 2, 2, 3, 3}, 4).ExplainStopped(&r.Claim, r.Lines, &r.Before.Year)
		if len(x.Steps) != 1 || x.Steps[0].Detail != (engine.Check{Refusal: engine.StatusPlatformDown}) || x.Steps[0].Rules != "X31 X33" {
			t.Fatalf("%+v", x.Steps)
		}
		return
	}
	t.Error("no bill was stopped")
}
