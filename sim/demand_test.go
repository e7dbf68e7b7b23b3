package sim

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// reformed is a small world in which travel answers, and a copy of it with other
// policies; both are measured from the first one's.
func reformed(patients uint32, change func(*engine.Terms)) (base, reform *World) {
	base, reform = smallWorld(patients), smallWorld(patients)
	for _, w := range []*World{base, reform} {
		for k := range w.Demand.Price {
			w.Demand.Price[k], w.Demand.Access[k] = 5000, 3000
		}
		w.Demand.Reference = base.Rules
	}
	rules := engine.NewRules(base.First-1, 19, len(base.Pools), len(base.Provinces))
	for m := base.First - 1; m < base.First+18; m++ {
		for pool := range base.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				t := *base.Rules.Terms(m, pool, s)
				change(&t)
				rules.SetTerms(m, m, pool, s, &t)
			}
		}
		for p := range base.Provinces {
			rules.SetCatalogue(m, m, p, base.Rules.Catalogue(m, p))
		}
	}
	if faults := rules.Seal(); faults != nil {
		panic(faults)
	}
	reform.Rules = rules
	return base, reform
}

// Travel that answers says nothing of the policies it is measured from, and a reform
// without elasticity brings the same bills: both bit for bit.
func TestDemandOfNothing(t *testing.T) {
	plain := mustRun(t, Config{World: smallWorld(8_000), Seed: 4})
	base, same := reformed(8_000, func(*engine.Terms) {})
	for _, w := range []*World{base, same} {
		if r := mustRun(t, Config{World: w, Seed: 4}); r.Digest != plain.Digest {
			t.Error("elasticity alone changes the year")
		}
	}
	_, free := reformed(8_000, func(t *engine.Terms) { t.UnfiledDirect = true })
	free.Demand = Demand{Reference: free.Demand.Reference}
	_, again := reformed(8_000, func(t *engine.Terms) { t.UnfiledDirect = true })
	again.Demand = Demand{}
	if mustRun(t, Config{World: free, Seed: 4}).Digest != mustRun(t, Config{World: again, Seed: 4}).Digest {
		t.Error("elasticities of zero change a reform")
	}
	again.Demand.Price[engine.Inpatient] = 1
	if _, err := compile(again, 4); err == nil {
		t.Error("elasticity without policies of reference is not refused")
	}
}

// The end of filing brings more episodes of travellers and of nobody else; those that
// were there without are all still there, the same to the line.
func TestDemandAddsEpisodes(t *testing.T) {
	base, reform := reformed(40_000, func(t *engine.Terms) { t.UnfiledDirect = true })
	before, _ := traced(t, Config{World: base, Seed: 4}, 1)
	after, _ := traced(t, Config{World: reform, Seed: 4}, 1)
	was := map[BillID]*happened{}
	for i := range before {
		if before[i].Event <= EventRefused {
			was[before[i].ID] = &before[i]
		}
	}
	kept, more, episodes := 0, 0, 0
	for i := range after {
		x := &after[i]
		if x.Event > EventRefused {
			continue
		}
		longTerm := x.Claim.PersonType != engine.Adult // see smallWorld
		b := was[x.ID]
		switch {
		case b == nil && longTerm:
			t.Fatalf("%v is new, of one who lives there", x.ID)
		case b == nil:
			more++
		default:
			kept++
			if len(b.lines) != len(x.lines) || b.Claim.SettleDay != x.Claim.SettleDay || b.lines[0] != x.lines[0] {
				t.Fatalf("%v is another bill", x.ID)
			}
		}
		if !longTerm {
			episodes++
		}
	}
	if kept != len(was) {
		t.Errorf("%d of %d bills are still there", kept, len(was))
	}
	// What the factors of the kinds, 1.14 to 1.2, let one expect.
	if share := float64(more) / float64(episodes-more); share < 0.1 || share > 0.25 {
		t.Errorf("%d bills more of %d", more, episodes-more)
	}
}

// The factor is one per cent for each per cent, by hand.
func TestDemandFactor(t *testing.T) {
	w := smallWorld(1_000)
	terms := *w.Rules.Terms(day.MonthOf(2024, 3), 0, engine.Resident)
	for l := range engine.NumLevels {
		terms.Benefits[engine.Inpatient].Ratio[engine.Adult][l][0] = 6000
	}
	k := engine.Inpatient
	// 30 % unfiled, 30 % of whom file late; of the rest half claim by hand at 60 %. 40 %
	// referrals at 50 %, 10 % emergencies at 50 %, 20 and 9 % others at 40 %.
	terms.Drop = [engine.NumFilingKinds]money.BasisPoints{engine.Referral: 1000, engine.Emergency: 1000, engine.OtherTemporary: 2000}
	got := w.prospectOf(&terms, k, engine.Adult)
	want := prospect{0.4*5e11 + 0.1*5e11 + 0.29*6e11 + 0.21*(0.5*1e12+0.5*4e11), 0.79e12}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	terms.UnfiledDirect = true
	free := w.prospectOf(&terms, k, engine.Adult)
	if want := (prospect{0.4*5e11 + 0.1*5e11 + 0.29*6e11 + 0.21*4e11, 1e12}); free != want {
		t.Errorf("%+v, want %+v", free, want)
	}
	d := Demand{}
	d.Price[k], d.Access[k] = 2000, 2000
	// The price falls by 0.063 of 0.571, 11.03 %, access rises by 0.21 of 0.79, 26.58 %.
	if f := d.factor(k, free, got); f != 10752 {
		t.Errorf("factor %d", f)
	}
	if f := d.factor(k, got, got); f != money.One {
		t.Errorf("no change is a factor of %d", f)
	}
	d.Price[k] = 1_000_000
	if f := d.factor(k, got, free); f != 0 {
		t.Errorf("travel below nothing: %d", f)
	}
}
