package experiment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"kuasheng/engine"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/experiment"
)

const testSample = 4096

var loaded sync.Map

// world loads the national year with reforms and settings on it, once.
func world(t testing.TB, overlays ...string) *sim.World {
	t.Helper()
	key := strings.Join(overlays, " ")
	if w, ok := loaded.Load(key); ok {
		return w.(*sim.World)
	}
	var o fixtures.Options
	for _, x := range overlays {
		if strings.Contains(x, "=") {
			o.Sets = append(o.Sets, x)
		} else {
			o.Overlays = append(o.Overlays, fixtures.ReformPrefix+x)
		}
	}
	p, err := fixtures.Load("national-2024", o)
	if err != nil {
		t.Fatal(err)
	}
	loaded.Store(key, p.World())
	return p.World()
}

func arm(t testing.TB, overlays ...string) experiment.Arm {
	return experiment.Arm{Name: strings.Join(overlays, "+"), World: world(t, overlays...)}
}

func compare(t *testing.T, base experiment.Arm, c experiment.CompareConfig, reforms ...experiment.Arm) *experiment.Comparison {
	t.Helper()
	if c.Sample == 0 {
		c.Sample = testSample
	}
	if c.Seed == 0 {
		c.Seed = 2024
	}
	r, err := experiment.Compare(context.Background(), base, reforms, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func figure(t *testing.T, r *experiment.Reform, name string) experiment.Difference {
	t.Helper()
	for _, d := range r.Figures {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("no figure %s", name)
	return experiment.Difference{}
}

// nothing fails where anything differs.
func nothing(t *testing.T, what string, r *experiment.Reform) {
	t.Helper()
	for _, d := range r.Figures {
		if d.Value != 0 || d.Base != d.Reform || d.SE != nil && (*d.SE != 0 || *d.Low != 0 || *d.High != 0) || d.Ratio != nil {
			t.Errorf("%s: %s %+v", what, d.Name, d)
		}
		if s := d.Scenario; s != nil && (s.Mean != 0 || s.SD != 0) {
			t.Errorf("%s: %s over seeds %+v", what, d.Name, s)
		}
	}
	for _, p := range r.Provinces {
		if p.Funds.Value != 0 || p.Patients.Value != 0 || p.DirectRate.Value != 0 || *p.Gain+*p.Lose != 0 {
			t.Errorf("%s: %+v", what, p)
		}
	}
	if b := &r.Burden; b.Gain.Patients.Value != 0 || b.Lose.Patients.Value != 0 || b.Followed == 0 || *b.Unchanged != b.Followed || !reflect.DeepEqual(b.Before, b.After) {
		t.Errorf("%s: %+v", what, b)
	}
	if !r.Same {
		t.Errorf("%s: not said to be the same", what)
	}
}

// TestNullReform: an empty reform changes nothing, over any baseline, whether its
// patients are simulated again or not.
func TestNullReform(t *testing.T) {
	for _, base := range [][]string{nil, {"law-2019"}, {"no-filing", "prepayment-150"}} {
		c := compare(t, arm(t, base...), experiment.CompareConfig{Replications: 2}, arm(t, append(base[:len(base):len(base)], "null")...))
		if !c.Reforms[0].MoneyOnly {
			t.Error("the null reform is said to touch patients")
		}
		if !c.Reforms[0].Unchanged {
			t.Error("a sample of two equal worlds is said to leave something open")
		}
		nothing(t, "null", &c.Reforms[0])
	}
	// A world that differs in a rule that no bill meets is simulated for itself.
	again := *world(t)
	again.Season.Special = nil
	c := compare(t, arm(t), experiment.CompareConfig{}, experiment.Arm{Name: "other season", World: &again})
	if c.Reforms[0].MoneyOnly || c.Reforms[0].Same {
		t.Error("another season is no null reform")
	}
	c = compare(t, arm(t), experiment.CompareConfig{}, experiment.Arm{Name: "years before", World: world(t, "policies.*.*.drop_bp.referral@..2022-01=0")})
	if c.Reforms[0].MoneyOnly {
		t.Error("other rules are said to be the same patients'")
	}
	nothing(t, "rules of years before", &c.Reforms[0])
}

// TestSampleLeavesOpen: what a sample cannot tell is named, and a reform that may move it
// is not said to change nothing.
func TestSampleLeavesOpen(t *testing.T) {
	c := compare(t, arm(t), experiment.CompareConfig{}, arm(t, "prepayment-150"))
	r := &c.Reforms[0]
	if !r.MoneyOnly || !r.Same || r.Unchanged {
		t.Errorf("money only %v, same %v, unchanged %v", r.MoneyOnly, r.Same, r.Unchanged)
	}
	var whole []string
	for _, f := range experiment.Figures() {
		if f.Whole {
			whole = append(whole, f.Name)
		}
	}
	if len(whole) < 10 || !slices.Equal(c.NotEstimated, whole) {
		t.Errorf("left open: %v, want %v", c.NotEstimated, whole)
	}
	for _, d := range r.Figures {
		if d.Estimated == slices.Contains(whole, d.Name) {
			t.Errorf("%s is estimated: %v", d.Name, d.Estimated)
		}
	}
}

// TestFewPeople: of a sample no number but one with its interval rests on fewer than
// thirty people; of all patients every number is told.
func TestFewPeople(t *testing.T) {
	c := compare(t, arm(t), experiment.CompareConfig{Config: experiment.Config{Sample: 1 << 20}}, arm(t, "drop-5-points-less"))
	b := &c.Reforms[0].Burden
	if b.Gain.Sampled == 0 || b.Gain.Sampled >= sim.Few || b.Gain.Amounts != nil || *b.Gain.Patients.Low < 0 || *b.Gain.Patients.High <= b.Gain.Patients.Value {
		t.Errorf("%d people gain: %+v", b.Gain.Sampled, b.Gain)
	}
	if b.Unchanged != nil || len(b.Before)+len(b.After) != 0 {
		t.Errorf("unchanged %v, quantiles %v", b.Unchanged, b.Before)
	}
	none, left := 0, 0
	for _, bin := range b.Bins {
		if bin.Gain == nil {
			left++
		} else if *bin.Gain == 0 {
			none++
		}
	}
	if left == 0 || none == 0 {
		t.Errorf("%d bins left out, %d of nobody", left, none)
	}
	text, err := json.Marshal(c)
	if err != nil || strings.Contains(string(text), "mean_fen") || !strings.Contains(string(text), `"gain_patients":null`) {
		t.Errorf("%v\n%s", err, text)
	}
	c = compare(t, arm(t), experiment.CompareConfig{Config: experiment.Config{Sample: 256}}, arm(t, "drop-5-points-less"))
	if b := &c.Reforms[0].Burden; b.Gain.Amounts == nil || b.Unchanged == nil || len(b.Before) != 8 {
		t.Errorf("of one in 256: %+v", b)
	}
}

// TestStacking: reforms lie on each other, and the order does not matter where they
// set different values.
func TestStacking(t *testing.T) {
	c := compare(t, arm(t), experiment.CompareConfig{}, arm(t, "drop-5-points-less"), arm(t, "no-filing"), arm(t, "drop-5-points-less", "no-filing"), arm(t, "no-filing", "drop-5-points-less"))
	one, two, both, turned := &c.Reforms[0], &c.Reforms[1], &c.Reforms[2], &c.Reforms[3]
	if !reflect.DeepEqual(both.Figures, turned.Figures) || both.Run.Digest != turned.Run.Digest {
		t.Error("the order of two reforms matters")
	}
	for _, x := range []*experiment.Reform{one, two} {
		if figure(t, x, "patients_fen").Value <= figure(t, both, "patients_fen").Value {
			t.Errorf("%s alone relieves patients more than with another", x.Name)
		}
	}
	// The same reform over another baseline is the step from one to both.
	over := compare(t, arm(t, "no-filing"), experiment.CompareConfig{}, arm(t, "no-filing", "drop-5-points-less"))
	want := figure(t, both, "funds_fen").Reform - figure(t, two, "funds_fen").Reform
	if got := figure(t, &over.Reforms[0], "funds_fen").Value; got != want {
		t.Errorf("funds %v over another baseline, %v by the two", got, want)
	}
}

// TestPairedVariance: pairing the same patients takes at least 99 hundredths of the
// variance away where the drop changes by five points.
func TestPairedVariance(t *testing.T) {
	c := compare(t, arm(t), experiment.CompareConfig{Config: experiment.Config{Sample: 1024}}, arm(t, "drop-5-points-less"))
	for _, name := range []string{"funds_fen", "funds_basic_fen", "patients_fen", "patients_share_bp"} {
		d := figure(t, &c.Reforms[0], name)
		if d.Ratio == nil || *d.Ratio < 100 || !d.Clear() {
			t.Errorf("%s: %+v", name, d.Estimate)
		}
	}
	// Whom it concerns bears less, and everybody else the same.
	b := &c.Reforms[0].Burden
	if b.Gain.Patients.Value < 1e6 || *b.Unchanged < 1e6 || b.Lose.Sampled*1000 > b.Gain.Sampled {
		t.Errorf("%+v", b)
	}
	if got, want := -float64(b.Gain.Amounts.TotalFen), figure(t, &c.Reforms[0], "patients_fen").Value; got-want > 1e-3*-want || want-got > 1e-3*-want {
		t.Errorf("patients gain %v one by one, %v together", -got, -want)
	}
}

// TestWorkersAndRepeats: a comparison is the same with any number of workers.
func TestWorkersAndRepeats(t *testing.T) {
	var first string
	for _, workers := range []int{1, 2, 7} {
		c := compare(t, arm(t), experiment.CompareConfig{Config: experiment.Config{Workers: workers}, Replications: 2}, arm(t, "law-2019"), arm(t, "prepayment-150"))
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("%d workers find something else", workers)
		}
	}
}

// TestMoneyOnly: what is moved again is what a run of its own finds.
func TestMoneyOnly(t *testing.T) {
	late := *world(t)
	late.Prepayment.Multiple = 9000
	late.Money.Late = []clearing.LateRule{{Province: clearing.AllProvinces, From: late.First, To: late.First + 30, Pay: 25}}
	if !experiment.MoneyOnly(world(t), &late) {
		t.Fatal("the money's rules are said to touch patients")
	}
	c := compare(t, arm(t), experiment.CompareConfig{Config: experiment.Config{Sample: testSample}}, experiment.Arm{Name: "late", World: &late})
	own, err := experiment.Observe(context.Background(), &late, experiment.Config{Seed: 2024, Sample: testSample}, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := experiment.Observe(context.Background(), world(t), experiment.Config{Seed: 2024, Sample: testSample}, false)
	if err != nil {
		t.Fatal(err)
	}
	if own.Result.Digest == b.Result.Digest {
		t.Fatal("the rules change nothing")
	}
	days := figure(t, &c.Reforms[0], "clearing_late_fen")
	var want int64
	for i := range own.Result.Clearing.Periods {
		p := &own.Result.Clearing.Periods[i]
		if p.Month < late.First+3 || p.Month > late.First+14 {
			continue
		}
		for _, x := range p.Pairs {
			want += int64(x.Late)
		}
	}
	if days.Reform != float64(want)*testSample || days.Value == 0 {
		t.Errorf("late clearing %v, %v in a run of its own", days.Reform, want*testSample)
	}
	bills := *world(t)
	bills.Behavior.ClaimByHand[engine.Inpatient]--
	frequency := *world(t)
	frequency.Money.Levers.Frequency = clearing.Weekly
	for name, w := range map[string]*sim.World{"behaviour": &bills, "frequency": &frequency} {
		if experiment.MoneyOnly(world(t), w) {
			t.Errorf("%s is said to touch nobody", name)
		}
	}
}

// TestReplications: two rows, never one; an empty stopping rule stops.
func TestReplications(t *testing.T) {
	c := compare(t, arm(t), experiment.CompareConfig{Auto: true, Replications: 4}, arm(t, "no-drop"))
	d := figure(t, &c.Reforms[0], "funds_fen")
	if d.Scenario == nil || d.Scenario.Replications != len(c.Seeds) || len(c.Seeds) < 3 {
		t.Fatalf("%v: %+v", c.Seeds, d.Scenario)
	}
	if *d.Low == d.Scenario.Low || d.Scenario.BeyondSampling > d.Scenario.SD {
		t.Errorf("%+v, %+v", d.Estimate, d.Scenario)
	}
	if c.Replications != experiment.Precise && c.Replications != experiment.Unsteady {
		t.Error(c.Replications)
	}
	null := compare(t, arm(t), experiment.CompareConfig{Auto: true}, arm(t, "null"))
	if len(null.Seeds) != 3 {
		t.Errorf("the null reform takes %d seeds", len(null.Seeds))
	}
}

// TestEveryReform: each built-in reform runs and changes something, but for the one
// that is to change nothing and the law that is in force anyway.
func TestEveryReform(t *testing.T) {
	if testing.Short() {
		t.Skip("a run for each built-in reform")
	}
	base := arm(t)
	var reforms []experiment.Arm
	for _, r := range fixtures.Reforms() {
		reforms = append(reforms, arm(t, r.Name))
	}
	c := compare(t, base, experiment.CompareConfig{Config: experiment.Config{Sample: 1024}}, reforms...)
	for i := range c.Reforms {
		r := &c.Reforms[i]
		same := r.Same
		if r.Name == "null" || r.Name == "law-2023" {
			nothing(t, r.Name, r)
			continue
		}
		if r.MoneyOnly { // what a sample does not tell shows in the result itself
			o, err := experiment.Observe(context.Background(), reforms[i].World, experiment.Config{Seed: 2024, Sample: 1024}, false)
			if err != nil {
				t.Fatal(err)
			}
			same = hexOf(o) == c.BaseRun.Digest
		}
		if same {
			t.Errorf("%s changes nothing", r.Name)
		}
	}
}

func hexOf(o *experiment.Observation) string { return fmt.Sprintf("%x", o.Result.Digest) }

// TestFollowed: what patients bear, one by one, is what an independent look at every
// bill finds, keyed by the patient's own name.
func TestFollowed(t *testing.T) {
	w := world(t)
	borne := map[string]int64{}
	var lock sync.Mutex
	trace := &sim.Trace{OneIn: 1, Open: func(int) (func(*sim.TracedBill) error, error) {
		return func(b *sim.TracedBill) error {
			if b.ID.Month < w.First+3 {
				return nil
			}
			name, _, _ := strings.Cut(b.ID.String(), "/")
			lock.Lock()
			defer lock.Unlock()
			switch b.Event {
			case sim.EventRefused:
				for _, l := range b.Lines {
					borne[name] += int64(l.Amount)
				}
			case sim.EventByHand:
				borne[name] -= int64(b.Result.FundSum())
			default:
				borne[name] += int64(b.Result.PersonPart())
			}
			return nil
		}, nil
	}}
	if _, err := sim.Run(context.Background(), sim.Config{World: w, Seed: 2024, Sample: testSample, Trace: trace}); err != nil {
		t.Fatal(err)
	}
	c := compare(t, arm(t), experiment.CompareConfig{}, arm(t, "null"))
	b := &c.Reforms[0].Burden
	if b.Followed != int64(len(borne))*testSample {
		t.Errorf("%d followed, %d patients had bills", b.Followed/testSample, len(borne))
	}
	sorted := slices.Sorted(maps.Values(borne))
	for _, q := range b.Before {
		if q.ShareBP == 5000 {
			if low, high := float64(sorted[(len(sorted)-1)/2]), float64(sorted[len(sorted)/2]); q.Fen < low || q.Fen > high {
				t.Errorf("median %v, want %v to %v", q.Fen, low, high)
			}
		}
	}
}
