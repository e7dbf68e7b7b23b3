package bench

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim"
)

// smallConfig is a closed loop of a fixed number of operations. Nothing in these
// tests asks how long anything took: limits are off.
func smallConfig(t *testing.T) Config {
	t.Helper()
	p, found := FindProfile("peak-monday")
	if !found {
		t.Fatal("no profile peak-monday")
	}
	p.ClosedLoop()
	p.Bills, p.ForNS, p.Operations, p.WarmUpNS, p.WarmUpOperations = 20_000, 0, 30_000, 0, 1000
	return Config{
		World: national(), Scenario: "national-2024", DataDigest: "data", Profile: p, Seed: 1, Shards: 2, Remember: 12, TimeOneIn: 8,
		Limits: Limits{LagP99NS: 1 << 60, Offered: 0.9, Noise: 1e9}, LogDir: t.TempDir(),
	}
}

func mustRun(t *testing.T, cfg Config) *Outcome {
	t.Helper()
	p, err := Prepare(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The same schedule leads to the same state, whatever the number in flight, the
// batches and the durability, and every state is that of the replay.
func TestStateDependsOnTheScheduleAlone(t *testing.T) {
	var first *Result
	changes := []func(*Config){
		func(*Config) {},
		func(c *Config) { c.Durability, c.Unchained, c.TimeOneIn = service.Synced, true, 0 },
		func(c *Config) { c.Profile.Batch, c.Profile.InFlight = 7, 3 },
		func(c *Config) { c.Durability = service.Logged },
	}
	if testing.Short() {
		changes = changes[:2]
	}
	for _, change := range changes {
		cfg := smallConfig(t)
		change(&cfg)
		r := mustRun(t, cfg).Result
		if first == nil {
			first = r
		}
		if r.Verdict != Pass || r.Proof.StateDigest != first.Proof.StateDigest || r.Proof.ReplayDigest != first.Proof.StateDigest {
			t.Errorf("%s, batches of %d: %v %v, state %.8s, replay %.8s, at first %.8s", r.Service.Durability, r.Profile.Batch, r.Verdict, r.Gates,
				r.Proof.StateDigest, r.Proof.ReplayDigest, first.Proof.StateDigest)
		}
		if (cfg.Durability != service.InMemory) != (r.Proof.RestartDigest == first.Proof.StateDigest) || r.Proof.DriftFen != 0 || r.Proof.Checked == 0 {
			t.Errorf("%s: restart %.8s, drift %d", r.Service.Durability, r.Proof.RestartDigest, r.Proof.DriftFen)
		}
		if r.Operations.Planned != 30_000 || r.Operations.Sent != 30_000 || r.Latency.Response.Count+r.Operations.WarmUp != 30_000 {
			t.Errorf("operations %+v, %d measured", r.Operations, r.Latency.Response.Count)
		}
		if left, err := os.ReadDir(cfg.LogDir); err != nil || len(left) > 0 {
			t.Errorf("%d logs are left, %v", len(left), err)
		}
	}
	other := smallConfig(t)
	other.Seed = 2
	if r := mustRun(t, other).Result; r.Proof.StateDigest == first.Proof.StateDigest || r.ScheduleDigest == first.ScheduleDigest {
		t.Error("another seed has the same digests")
	}
}

// A fen planted in one account is found, named, and the run is a breach.
func TestPlantedFenIsFound(t *testing.T) {
	cfg := smallConfig(t)
	cfg.PlantFen = -1
	r := mustRun(t, cfg).Result
	if r.Verdict != Breach || r.ExitCode != 11 || r.Proof.DriftFen != 1 || r.Proof.PlantedFen != -1 || !strings.Contains(r.Gates[0].Says.EN, "pool.basic") {
		t.Errorf("%v, drift %d: %v", r.Verdict, r.Proof.DriftFen, r.Gates)
	}
	cfg.NoProof = true
	if r := mustRun(t, cfg).Result; r.Proof.Proven || r.Verdict != Pass {
		t.Errorf("without a proof: proven %v, %v", r.Proof.Proven, r.Verdict)
	}
}

// A service that settles something else than it was asked, or loses an answer, is
// found by the replay, the books being whole.
func TestReplayFindsAnotherState(t *testing.T) {
	cfg := smallConfig(t)
	p, err := Prepare(cfg)
	if err != nil {
		t.Fatal(err)
	}
	live := newState(cfg.World, p.workload, p.provinceOf, cfg.Remember)
	ranges := [][]Range{{{0, 5000}}, {{0, 100}, {150, 4000}}}
	m := newMeasured()
	m.Ranges, m.Tally = ranges, replay(live, p.workload, ranges)
	fresh := func() *state { return newState(cfg.World, p.workload, p.provinceOf, cfg.Remember) }
	if proof := prove(cfg.World, live, fresh(), p.workload, m); len(proof.Breaches) > 0 {
		t.Fatalf("the replay of the same ranges differs: %v", proof.Breaches)
	}
	m.Ranges = [][]Range{{{0, 5000}}, {{0, 4000}}}
	if proof := prove(cfg.World, live, fresh(), p.workload, m); len(proof.Breaches) != 2 || proof.DriftFen == 0 {
		t.Errorf("50 operations more in the replay: %v", proof.Breaches)
	}
	m.Ranges = ranges
	m.Tally.Cash++
	if proof := prove(cfg.World, live, fresh(), p.workload, m); len(proof.Breaches) != 1 || proof.DriftFen != 1 {
		t.Errorf("an answer that is off by a fen: %v", proof.Breaches)
	}
}

// Skipping changes what is asked and not the proof: the replay leaves out the same.
func TestSkippedOperationsAreNotReplayed(t *testing.T) {
	cfg := smallConfig(t)
	cfg.Profile.Arrivals, cfg.Profile.Rate, cfg.Profile.ForNS, cfg.Profile.Operations, cfg.Profile.Spacing = ArriveConstant, 3e7, 1e6, 0, SpaceEven
	cfg.Profile.Late, cfg.Profile.InFlight, cfg.Profile.Batch, cfg.Profile.WarmUpOperations = Skip, 1, 16, 0
	cfg.Limits.Offered = 0
	r := mustRun(t, cfg).Result
	if r.Operations.Skipped == 0 || r.Operations.Planned != 30_000 || r.Operations.Planned != r.Operations.Sent+r.Operations.Skipped {
		t.Errorf("operations %+v", r.Operations)
	}
	if r.Verdict != Pass || r.Proof.StateDigest != r.Proof.ReplayDigest {
		t.Errorf("%v: %v", r.Verdict, r.Gates)
	}
}

func TestProfilesAreWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("every profile on the national pack takes the race detector long")
	}
	for _, p := range Profiles() {
		if p.About == "" || latePolicies[p.Late] == "" {
			t.Errorf("%s says too little", p.Name)
		}
		times, err := p.times(1)
		if err != nil || float64(len(times)) < 0.9*p.Rate*float64(p.ForNS)/1e9 {
			t.Errorf("%s: %d operations, %v", p.Name, len(times), err)
		}
		cfg := smallConfig(t)
		cfg.Profile = p
		cfg.Profile.Bills, cfg.Profile.ForNS, cfg.Profile.WarmUpNS, cfg.Profile.WarmUpOperations = 20_000, 50e6, 0, 0
		r := mustRun(t, cfg).Result
		if r.Verdict != Pass || (r.Clearing != nil) != p.Clearing {
			t.Errorf("%s: %v %v, clearing %v", p.Name, r.Verdict, r.Gates, r.Clearing)
		}
		if r.Clearing != nil && (r.Clearing.Rounds == 0 || r.Clearing.Checked == 0 || r.Clearing.Fen == 0) {
			t.Errorf("%s: %+v", p.Name, r.Clearing)
		}
	}
}

// The hot province has its share, and the operations of all its pools one shard.
func TestHotProvince(t *testing.T) {
	p, _ := FindProfile("hot-province")
	p.Bills = 30_000
	bills, err := p.bills(national(), 1)
	if err != nil {
		t.Fatal(err)
	}
	hot := 0
	for i := range bills.Claims {
		if national().Provinces[bills.ProvinceOf[bills.Claims[i].Pool]].Code == p.Hot {
			hot++
		}
	}
	if share := float64(hot) / float64(len(bills.Claims)); share < 0.49 || share > 0.51 {
		t.Errorf("the hot province has %.3f of the bills", share)
	}
}

func TestWorkload(t *testing.T) {
	p, _ := FindProfile("peak-monday")
	p.Bills = 20_000
	bills, err := p.bills(national(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range bills.Claims {
		if bills.Claims[i].SettleDay.Weekday() != 0 {
			t.Fatalf("a bill of %v among those of Mondays", bills.Claims[i].SettleDay)
		}
	}
	w := mustWorkload(t, bills, 3)
	counts := map[engine.Operation]int{}
	for s := range w.Shards {
		last := map[uint32]uint64{}
		for i := range w.Shards[s].Requests {
			q := &w.Shards[s].Requests[i]
			counts[q.Op]++
			if q.Op == engine.OpAdmit && q.Sequence <= last[q.Source] {
				t.Fatalf("shard %d, request %d: source %d counts %d after %d", s, i, q.Source, q.Sequence, last[q.Source])
			}
			last[q.Source] = max(last[q.Source], q.Sequence)
			if q.Op == engine.OpSettle && int(q.Claim.Person) >= w.Shards[s].People {
				t.Fatalf("person %d of %d", q.Claim.Person, w.Shards[s].People)
			}
		}
	}
	n := len(bills.Claims)
	if counts[engine.OpAdmit] != w.ByKind[engine.Inpatient] || counts[engine.OpReverse] < n/70 || counts[engine.OpReverse] > n/35 ||
		counts[engine.OpSettle] <= n || counts[engine.OpTakeBack] == 0 {
		t.Errorf("%d bills make %v", n, counts)
	}
	// Stepping and seeking come to the same operation, also the third time through.
	at, cursor := 0, w.cursor(1)
	var a, b engine.Request
	for ; at < 2*len(w.Shards[1].Requests)+17; at++ {
		cursor.next(&a)
	}
	cursor.next(&a)
	there := w.cursor(1)
	there.seek(int64(at))
	if there.next(&b); a != b {
		t.Errorf("operation %d is %+v by steps and %+v at once", at, a, b)
	}
	if again := mustWorkload(t, bills, 3); again.Digest != w.Digest {
		t.Error("the same workload has another digest")
	}
	if other := mustWorkload(t, bills, 2); other.Digest == w.Digest || other.Operations() != w.Operations() {
		t.Error("another number of shards has the same digest, or another number of operations")
	}
}

// Bills of a stated length settle like others: the replay and the books agree.
func TestBillsOfAStatedLength(t *testing.T) {
	for _, lines := range []int{1, 8, 32} {
		cfg := smallConfig(t)
		cfg.Profile.Lines = lines
		if r := mustRun(t, cfg).Result; r.Verdict != Pass || r.LinesPerBill != float64(lines) || r.Statuses["settled"] < 20_000 {
			t.Errorf("%d lines: %v, %v lines a bill, %v", lines, r.Verdict, r.LinesPerBill, r.Statuses)
		}
	}
}

func mustWorkload(t *testing.T, bills *sim.Bills, shards int) *Workload {
	t.Helper()
	w, err := NewWorkload(&WorkloadConfig{
		Bills: bills, Rules: national().Rules, Shards: shards, Sources: 64, Copies: 2, Mix: Mix{0.02, 0.005, 0.002}, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// What cannot be run is told before anything runs.
func TestConfigFaults(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"2031-01 is not among": func(c *Config) { c.Profile.Month = "2031-01" },
		"not a month":          func(c *Config) { c.Profile.Month = "May" },
		"no day of the week":   func(c *Config) { c.Profile.Weekday = "someday" },
		"no such province":     func(c *Config) { c.Profile.Hot, c.Profile.HotShare = 999999, 0.5 },
		"arrivals":             func(c *Config) { c.Profile.Arrivals = "sometimes" },
		"0 shards":             func(c *Config) { c.Shards = 0 },
	} {
		cfg := smallConfig(t)
		change(&cfg)
		if _, err := Prepare(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A trial of the search for a capacity keeps something to measure, however low its rate.
func TestASlowTrialMeasures(t *testing.T) {
	cfg := smallConfig(t)
	cfg.Profile.WarmUpOperations = 10_000
	p, err := Prepare(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if trial, err := p.try(t.Context(), 2000, 100e6); err != nil || trial.Verdict != Pass || trial.P99NS == 0 {
		t.Errorf("%+v, %v", trial, err)
	}
}

func TestInterruptedMeasurement(t *testing.T) {
	cfg := smallConfig(t)
	cfg.Profile.Arrivals, cfg.Profile.Rate, cfg.Profile.ForNS, cfg.Profile.Operations = ArriveConstant, 1000, 3600e9, 0
	cfg.Durability = service.Logged
	p, err := Prepare(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
	if left, _ := os.ReadDir(cfg.LogDir); len(left) > 0 {
		t.Errorf("%d logs are left", len(left))
	}
}
