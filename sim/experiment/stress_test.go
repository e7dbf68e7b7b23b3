package experiment_test

import (
	"context"
	"reflect"
	"testing"

	"kuasheng/engine/day"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/experiment"
)

func quarter(w *sim.World) (from, to day.Month) { return w.First + 6, w.First + 8 }

// TestStress: every province is hit once by each shock, the ranking is by damage and
// the same with any number of workers, and one province's damage is that of a run of
// its own.
func TestStress(t *testing.T) {
	base := arm(t, "prepayment.multiple_factor_bp=9000")
	from, to := quarter(base.World)
	config := experiment.StressConfig{Config: experiment.Config{Seed: 2024, Sample: testSample, Workers: 1}, LateDays: 15, Surge: 5000, SurgeFrom: from, SurgeTo: to, DownDays: 1}
	one, err := experiment.Stress(context.Background(), base, config)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Scenarios) != 3*len(base.World.Provinces) {
		t.Errorf("%d scenarios", len(one.Scenarios))
	}
	hit := map[[2]int]bool{}
	for i, s := range one.Scenarios {
		hit[[2]int{int(s.Shock), s.Province}] = true
		if i > 0 && s.Damage.OwnFenDays > one.Scenarios[i-1].Damage.OwnFenDays {
			t.Error("the ranking does not fall")
		}
		// A surge may help in the end: it raises alerts, and top-ups stay.
		if s.Shock == experiment.Down {
			if o := s.Outage; o.Bills == 0 || o.Bills != o.Waited+o.InFull || o.From.Month() < base.World.First+3 {
				t.Errorf("%s is down on %s: %+v", s.NameEN, s.Outage.Days, *s.Outage)
			}
			continue // money that nobody owes does not wait
		}
		if s.Damage.WaitFenDays < 0 || s.Shock == experiment.LatePayer && s.Damage.OwnFenDays < 0 {
			t.Errorf("%s, %v: %+v is better than nothing", s.NameEN, s.Shock, s.Damage)
		}
	}
	if len(hit) != len(one.Scenarios) {
		t.Error("a province is hit twice")
	}
	worst := one.Scenarios[0]
	if worst.Damage.OwnFenDays == 0 {
		t.Fatal("no damage at all; the test shows nothing")
	}
	var pairs int64
	for _, p := range one.Pairs {
		if p.Shock == worst.Shock && p.Cause == worst.Code {
			pairs += p.OwnFenDays
		}
	}
	if pairs != worst.Damage.OwnFenDays {
		t.Errorf("the pairs sum to %d, the scenario is %d", pairs, worst.Damage.OwnFenDays)
	}

	config.Workers = 3
	three, err := experiment.Stress(context.Background(), base, config)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, three) {
		t.Error("three workers rank otherwise")
	}

	for _, s := range one.Scenarios {
		if s.Shock != experiment.LatePayer {
			continue
		}
		w := *base.World
		w.Money.Late = []clearing.LateRule{{Province: s.Province, From: w.First + 3, To: w.First + 14, Pay: 15}}
		r, err := sim.Run(context.Background(), sim.Config{World: &w, Seed: 2024, Sample: testSample})
		if err != nil {
			t.Fatal(err)
		}
		var own int64
		for i := range r.Clearing.Treating {
			for _, m := range r.Clearing.Treating[i].Months {
				if m.Month >= w.First+3 {
					own += m.OwnFenDays
				}
			}
		}
		if own-one.Baseline.OwnFenDays != s.Damage.OwnFenDays {
			t.Errorf("%s: %d own fen-days, %d in a run of its own", s.NameEN, s.Damage.OwnFenDays, own-one.Baseline.OwnFenDays)
		}
		break
	}
}

// TestSearch: the edge lies between a value that holds and the next one that does
// not, and halving finds what trying every value finds.
func TestSearch(t *testing.T) {
	base := arm(t)
	from, to := quarter(base.World)
	for _, c := range []experiment.SearchConfig{
		{Variable: experiment.Multiple, Domain: experiment.Domain{Low: 5000, High: 25000, Step: 2500}, Bound: 700},
		{Variable: experiment.Surge, Domain: experiment.Domain{Low: 0, High: 30000, Step: 2500}, Bound: 750},
		{Variable: experiment.Delay, Domain: experiment.Domain{Low: 0, High: 60, Step: 6}, Bound: 750},
	} {
		c.Config = experiment.Config{Seed: 5, Sample: testSample}
		c.SurgeFrom, c.SurgeTo = from, to
		c.Replications = 2
		r, err := experiment.Search(context.Background(), base, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Edges {
			if e.Open || e.Never {
				t.Errorf("%v: no edge: %+v", c.Variable, e)
				continue
			}
			step := e.Unsafe - e.Safe
			if c.Variable == experiment.Multiple {
				step = -step
			}
			if step != c.Domain.Step {
				t.Errorf("%v: from %d to %d", c.Variable, e.Safe, e.Unsafe)
			}
			for _, x := range r.Tried {
				if x.Seed != e.Seed {
					continue
				}
				if x.Value == e.Safe && x.ShortBP > float64(c.Bound) || x.Value == e.Unsafe && x.ShortBP <= float64(c.Bound) {
					t.Errorf("%v: %+v, edge %+v", c.Variable, x, e)
				}
			}
		}
		if len(r.Edges) != 2 || r.Over == nil || r.Over.Replications != 2 {
			t.Errorf("%+v", r)
		}
	}

	open, err := experiment.Search(context.Background(), base, experiment.SearchConfig{
		Config: experiment.Config{Seed: 5, Sample: testSample}, Variable: experiment.Delay, Domain: experiment.Domain{Low: 0, High: 3, Step: 1}, Bound: 9999})
	if err != nil || !open.Edges[0].Open || open.Over != nil {
		t.Errorf("%+v, %v", open, err)
	}
	never, err := experiment.Search(context.Background(), base, experiment.SearchConfig{
		Config: experiment.Config{Seed: 5, Sample: testSample}, Variable: experiment.Multiple, Domain: experiment.Domain{Low: 1000, High: 2000, Step: 500}, Bound: 0})
	if err != nil || !never.Edges[0].Never {
		t.Errorf("%+v, %v", never, err)
	}
}
