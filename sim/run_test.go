package sim

import (
	"context"
	"errors"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

func mustRun(t testing.TB, cfg Config) *Result {
	t.Helper()
	r, err := Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range r.Breaches {
		t.Error(b)
	}
	return r
}

func TestRunBalancesToTheFenAndComesToRest(t *testing.T) {
	r := mustRun(t, Config{World: smallWorld(40_000), Seed: 1})
	if r.Settled < 100_000 {
		t.Errorf("only %d settlements", r.Settled)
	}
	if got := r.Clearing.Ledger.TrialBalance(); got != 0 {
		t.Errorf("trial balance %v", got)
	}
	for _, a := range engine.OpenAccounts {
		if got := r.Clearing.Ledger.Balance(a); got != 0 {
			t.Errorf("%v is %v after the run-off", a, got)
		}
	}
	if r.Clearing.Ended < day.Of(2025, 2, 1) || r.Clearing.Ended > day.Of(2025, 4, 1) {
		t.Errorf("the last fen arrived on %v", r.Clearing.Ended)
	}
	for i := range r.Months {
		m := &r.Months[i]
		for k := range m.Kinds {
			var days int64
			for d := range m.ByDay {
				days += m.ByDay[d][k]
			}
			if days != m.Kinds[k][engine.Cases] {
				t.Errorf("%v %v: %d cases by day, %d in the register", m.Month, engine.Kind(k), days, m.Kinds[k][engine.Cases])
			}
		}
	}
	for k := range r.Outcomes {
		for _, s := range []engine.Status{engine.Settled, engine.StatusUnconnected, engine.StatusNotFiled, engine.StatusThirdParty} {
			if r.Outcomes[k][s] == 0 {
				t.Errorf("kind %d never had status %v", k, s)
			}
		}
	}
}

func TestDigestDependsOnSeedAndWorldAlone(t *testing.T) {
	base := mustRun(t, Config{World: smallWorld(20_000), Seed: 1, Workers: 1}).Digest
	for _, workers := range []int{2, 7} {
		if got := mustRun(t, Config{World: smallWorld(20_000), Seed: 1, Workers: workers}).Digest; got != base {
			t.Errorf("%d workers: digest %x, one worker %x", workers, got, base)
		}
	}
	if got := mustRun(t, Config{World: smallWorld(20_000), Seed: 2}).Digest; got == base {
		t.Error("another seed gives the same digest")
	}
	changed := smallWorld(20_000)
	changed.Prepayment.Multiple = 19_999
	if got := mustRun(t, Config{World: changed, Seed: 1}).Digest; got == base {
		t.Error("another prepayment multiple gives the same digest")
	}
}

func TestSampleEstimatesTheWhole(t *testing.T) {
	whole := mustRun(t, Config{World: smallWorld(80_000), Seed: 3})
	part := mustRun(t, Config{World: smallWorld(80_000), Seed: 3, Sample: 8})
	if want := whole.Patients / 8; part.Patients < want-200 || part.Patients > want+200 {
		t.Errorf("sample of %d patients, want about %d", part.Patients, want)
	}
	var a, b int64
	for m := range whole.Months {
		a += whole.Months[m].Kinds[engine.Outpatient][engine.Cases]
		b += 8 * part.Months[m].Kinds[engine.Outpatient][engine.Cases]
	}
	if b < a*95/100 || b > a*105/100 {
		t.Errorf("sample expands to %d outpatient cases, the whole has %d", b, a)
	}
}

func TestPlantedFenIsFoundByBarrierAndAccount(t *testing.T) {
	for _, account := range []engine.Account{engine.PoolBasic, engine.TreatingOpen, engine.InstitutionReceived} {
		r, err := Run(context.Background(), Config{World: smallWorld(4_000), Seed: 1,
			Plant: &Plant{Month: day.MonthOf(2024, 3), Account: account, Amount: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Breaches) == 0 {
			t.Fatalf("one fen planted in %v was not found", account)
		}
		b := r.Breaches[0]
		if b.Barrier != "month 2024-03" || b.Account != account.String() || b.Got-b.Want != 1 {
			t.Errorf("planted in %v, found %v", account, b)
		}
	}
}

func TestInterruptedRunReturnsTheReason(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cfg := Config{World: smallWorld(40_000), Seed: 1, Progress: func(p Progress) {
		if p.Month == day.MonthOf(2024, 2) {
			cancel()
		}
	}}
	if _, err := Run(ctx, cfg); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

// BenchmarkMonth lives one month of one block: generation, split, adjudication,
// posting.
func BenchmarkBlockMonth(b *testing.B) {
	w := smallWorld(8 * 8192)
	c, err := compile(w, 1)
	if err != nil {
		b.Fatal(err)
	}
	blocks, count := blocksOf(c, 1)
	allocatePatients(c, blocks, count)
	worker := newWorker(c)
	worker.run(blocks[0], 0)
	worker.tally.settled = 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		worker.run(blocks[0], 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(worker.tally.settled), "ns/settlement")
	b.ReportMetric(float64(worker.tally.settled)/float64(b.N), "settlements/op")
}

// The step of the longest sample is added in 64 bits: no patient comes up twice.
func TestLongestSampleLeavesOnePatientOrNone(t *testing.T) {
	w := smallWorld(4_000)
	for seed := range uint64(50) {
		r, err := Run(context.Background(), Config{World: w, Seed: seed, Sample: 1<<32 - 1})
		var nobody *WorldError
		switch {
		case errors.As(err, &nobody):
		case err != nil:
			t.Fatal(err)
		case r.Patients > int64(len(w.Cohorts)):
			t.Fatalf("%d patients in %d cohorts", r.Patients, len(w.Cohorts))
		}
	}
	for _, b := range mustBlocks(t, w, 1<<32-1) {
		for _, s := range b.segments {
			if s.count > 1 {
				t.Fatalf("%d patients of one cohort", s.count)
			}
		}
	}
}

func mustBlocks(t *testing.T, w *World, sample uint32) []*block {
	t.Helper()
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	blocks, _ := blocksOf(c, sample)
	return blocks
}
