package verify_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/fstest"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
)

// countryOf is a made-up country with two pools to a province and the simplest of
// policies: what matters here is how its money moves. It settles October to December
// as warm-up and so many months from January 2024.
func countryOf(provinces, months int, patients uint32) *sim.World {
	w := &sim.World{Name: "country", First: day.MonthOf(2023, 10), WarmUp: 3, Months: months, Money: clearing.Lawful()}
	for i := range provinces {
		code := uint32(11+i) * 10_000
		p := sim.Province{Code: code, NameZH: string([]rune("甲乙丙丁")[i]), NameEN: string(rune('A' + i)), PriceLevel: 10_000, Cities: []sim.City{{Code: code + 100, Weight: 10_000}}}
		for k := range p.Connected {
			for l := range p.Connected[k] {
				p.Connected[k][l], p.Institutions[k][l] = 10_000, 10
			}
		}
		w.Provinces = append(w.Provinces, p)
		for n := range uint32(2) {
			w.Pools = append(w.Pools, sim.Pool{Code: code + (n+1)*100, Province: uint8(i), NameZH: "池,“" + p.NameZH + "”"})
		}
	}
	w.Rules = engine.NewRules(w.First-1, w.WarmUp+months+4, len(w.Pools), provinces)
	for m := w.First - 1; m < w.First+day.Month(w.WarmUp+months+3); m++ {
		for pool := range w.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				t := engine.NewTerms()
				t.Ceiling = 60_000 * money.Yuan
				for k := range t.Benefits {
					for p := range t.Benefits[k].Ratio {
						for l := range t.Benefits[k].Ratio[p] {
							t.Benefits[k].Ratio[p][l][0] = 8000
						}
					}
				}
				w.Rules.SetTerms(m, m, pool, s, &t)
			}
		}
		for p := range provinces {
			w.Rules.SetCatalogue(m, m, p, &engine.Catalogue{})
		}
	}
	if faults := w.Rules.Seal(); faults != nil {
		panic(faults)
	}
	w.Calendar = day.NewCalendar(day.Of(2023, 1, 1), day.Of(2026, 1, 1), []day.Day{day.Of(2024, 2, 12), day.Of(2024, 5, 1)}, []day.Day{day.Of(2024, 2, 4)})
	for pool := range w.Pools {
		for s := range engine.Scheme(engine.NumSchemes) {
			for t := range provinces {
				if int(w.Pools[pool].Province) != t {
					w.Cohorts = append(w.Cohorts, sim.Cohort{Pool: uint16(pool), Scheme: s, Treating: uint8(t), Patients: patients})
				}
			}
		}
	}
	for s, person := range [engine.NumSchemes]engine.PersonType{engine.Working, engine.Adult} {
		x := sim.Profile{Name: "all", Scheme: engine.Scheme(s), PersonType: person, LongTerm: true, Weight: 1_000_000, AgeFrom: 20, AgeTo: 50,
			Rate: [engine.NumKinds]uint32{60_000, 300_000, 0, 100_000}, Identity: [engine.NumIdentities]money.BasisPoints{10_000}}
		if engine.Scheme(s) == engine.Employee {
			x.AccountCredit, x.AccountOpening, x.MutualCredit = 100*money.Yuan, 500*money.Yuan, 20*money.Yuan
		}
		w.Profiles = append(w.Profiles, x)
	}
	for k := range engine.Kind(engine.NumKinds) {
		for i := range w.WarmUp + months {
			w.Season.Month[k] = append(w.Season.Month[k], money.BasisPoints(6000+2500*(i%4)))
		}
		w.Season.Weekday[k] = [7]money.BasisPoints{10_000, 10_000, 10_000, 10_000, 10_000, 5_000, 5_000}
		w.Season.Holiday[k], w.Season.WorkedWeekend[k] = 5_000, 10_000
		care := sim.Care{LevelWeight: [engine.NumLevels]money.BasisPoints{2000, 3000, 5000},
			Shape: []draw.Knot{{P: 0, PPM: 50_000}, {P: 1 << 31, PPM: 600_000}, {P: 1<<32 - 1, PPM: 4_000_000}},
			Baskets: []sim.Basket{{Name: "drug", Weight: 10_000, Items: []sim.BasketItem{
				{Class: engine.WesternDrug, Share: 10_000, Mix: [3]money.BasisPoints{5000, 4000, 1000}, Divide: k == engine.Inpatient}}}}}
		for s := range care.Mean {
			for l := range care.Mean[s] {
				care.Mean[s][l] = []money.Fen{19_000, 300, 1_300, 120}[k] * money.Yuan
			}
		}
		switch k {
		case engine.Inpatient:
			care.Stay = []money.BasisPoints{0, 5000, 5000}
			care.CaseSpread = []draw.Knot{{P: 0, PPM: 500_000}, {P: 1<<32 - 1, PPM: 1_600_000}}
		case engine.Pharmacy:
			care.LevelWeight = [engine.NumLevels]money.BasisPoints{10_000}
		}
		w.Care[k] = care
		w.Behavior.TemporaryFiling[k] = [engine.NumFilingKinds]money.BasisPoints{0, 0, 0, 0, 10_000}
		w.Behavior.UseAccount[k], w.Behavior.UseMutual[k], w.Behavior.Reversed[k], w.Behavior.ClaimByHand[k] = 8000, 5000, 200, 8000
	}
	w.Behavior.LongTermFiling = [engine.NumFilingKinds]money.BasisPoints{500, 9500}
	w.Behavior.FilingLead = []uint32{10_000}
	w.Timetable = clearing.Timetable{AllocateOn: 21, SignOn: 25, SubmitWithin: 5, PayWithin: 10, ApplyWithin: 3, InstitutionsPaidWithin: 10, ManualWithin: 30, QuotaDueMonth: 2, RebaseMonths: 1}
	w.Prepayment = engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000}
	return w
}

// written runs a world and returns its run directory.
func written(t testing.TB, w *sim.World) fstest.MapFS { return traced(t, w, nil) }

// traced is written, with the bills that a tracer follows.
func traced(t testing.TB, w *sim.World, tracer *report.Tracer) fstest.MapFS {
	t.Helper()
	c := sim.Config{World: w, Seed: 7, Workers: 1, Registers: true}
	if tracer != nil {
		c.Trace = tracer.Follow(1)
	}
	result, err := sim.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range result.Breaches {
		if i < 3 {
			t.Error(b)
		}
	}
	in := &report.Input{World: w, Result: result, Scenario: w.Name, Seed: 7, Sample: 1}
	s := report.Summarize(in)
	m := &report.Manifest{Repeat: "kuasheng run country --seed 7 --sample 1/1", Scenario: w.Name, DataDigest: "47100e71f88e54432c682926339eaa64", Seed: 7, Sample: s.Sample, Digest: s.Digest}
	files := folder{}
	recorder := report.NewRecorder(files)
	if tracer != nil {
		file, err := tracer.WriteTo(recorder)
		if err != nil {
			t.Fatal(err)
		}
		m.Files, m.Trace = append(m.Files, file), "1/1"
	}
	v := report.Validate(in, s)
	file, err := html.WriteRun(recorder, &html.Run{Input: in, Summary: s, Validation: v, Manifest: m})
	if err != nil {
		t.Fatal(err)
	}
	m.Files = append(m.Files, file)
	if err := report.WriteRun(recorder, in, s, v, m); err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: text.Bytes()}
	}
	return dir
}

// folder is a report.Sink in memory.
type folder map[string]*bytes.Buffer

func (f folder) Create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return nopCloser{f[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
