package sim

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

func sameHappenings(t *testing.T, a, b []happened) {
	t.Helper()
	if len(a) != len(b) || len(a) == 0 {
		t.Fatalf("%d and %d happenings", len(a), len(b))
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.ID != y.ID || x.Event != y.Event || x.Sequence != y.Sequence || x.Claim != y.Claim || x.result != y.result || !slices.Equal(x.lines, y.lines) {
			t.Fatalf("happening %d differs: %v %v, %v %v", i, x.ID, x.Event, y.ID, y.Event)
		}
	}
}

// A trace is the same for any number of workers, and changes nothing.
func TestTraceDoesNotDependOnWorkers(t *testing.T) {
	plain := mustRun(t, Config{World: smallWorld(20_000), Seed: 1})
	first, r := traced(t, Config{World: smallWorld(20_000), Seed: 1, Workers: 1}, 16)
	if r.Digest != plain.Digest {
		t.Error("the trace changes the digest")
	}
	for _, workers := range []int{2, 7} {
		other, _ := traced(t, Config{World: smallWorld(20_000), Seed: 1, Workers: workers}, 16)
		sameHappenings(t, first, other)
	}
}

// A trace follows whole patients: what it tells of them is what a trace of everybody
// does, and a sample's what the whole run's does.
func TestTraceFollowsWholePatients(t *testing.T) {
	everybody, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1}, 1)
	some, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1}, 8)
	sampled, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1, Sample: 4}, 1)
	for _, part := range [][]happened{some, sampled} {
		of := map[BillID]bool{} // the patients, without their bills
		patient := func(id BillID) BillID {
			return BillID{Pool: id.Pool, Scheme: id.Scheme, Treating: id.Treating, Patient: id.Patient}
		}
		for i := range part {
			of[patient(part[i].ID)] = true
		}
		var want []happened
		for i := range everybody {
			if of[patient(everybody[i].ID)] {
				want = append(want, everybody[i])
			}
		}
		if len(of) < 500 || len(of) > 3000 {
			t.Errorf("%d patients of 8000 are followed", len(of))
		}
		sameHappenings(t, want, part)
	}
}

// Each bill is told of in an order that makes sense.
func TestTraceTellsEachBillOnce(t *testing.T) {
	all, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1}, 1)
	said := map[BillID]Event{}
	hand := false
	for i := range all {
		x := &all[i]
		before, known := said[x.ID]
		sense := !known
		switch x.Event {
		case EventReversed:
			sense = known && before == EventDirect && all[i-1].ID == x.ID
		case EventByHand, EventRefusedByHand:
			sense = known && before == EventRefused
		}
		if x.Sequence == 0 {
			hand = false
		}
		byHand := x.Event >= EventByHand
		if !sense || hand && !byHand {
			t.Fatalf("%v: %v after %v", x.ID, x.Event, before)
		}
		hand = byHand
		said[x.ID] = x.Event
	}
}

func TestTraceErrorEndsTheRun(t *testing.T) {
	full := errors.New("the disk is full")
	for _, open := range []func(int) (func(*TracedBill) error, error){
		func(int) (func(*TracedBill) error, error) { return nil, full },
		func(int) (func(*TracedBill) error, error) {
			return func(*TracedBill) error { return full }, nil
		},
	} {
		if _, err := Run(t.Context(), Config{World: smallWorld(4_000), Seed: 1, Trace: &Trace{OneIn: 1, Open: open}}); err != full {
			t.Errorf("error %v", err)
		}
	}
}

// Every bill of a run comes out again by its name alone, and the engine decides it
// again from the state that it found.
func TestRegenerateEveryBill(t *testing.T) {
	for _, sample := range []uint32{0, 8} {
		w := smallWorld(20_000)
		all, _ := traced(t, Config{World: w, Seed: 7, Sample: sample}, 1)
		oneIn := len(all) / 4_000
		c, err := compile(w, 7)
		if err != nil {
			t.Fatal(err)
		}
		var seen [NumEvents]int
		rests, crossed, handed := 0, 0, 0
		for i := range all {
			x := &all[i]
			overNewYear := x.result.Former.InScope != 0
			// By hand, and going on from another part of the stay.
			goesOn := x.Event == EventByHand && x.Claim.Stay != 0
			if i%oneIn != 0 && !(overNewYear && crossed < 10) && !(goesOn && handed < 10) {
				continue
			}
			g, err := c.regenerate(x.ID)
			if err != nil {
				t.Fatal(err)
			}
			seen[x.Event]++
			claim, want, before := &g.Claim, &g.Result, &g.Before
			switch x.Event {
			case EventReversed:
				want = g.Reversal
			case EventByHand, EventRefusedByHand:
				claim, want, before = &g.ByHand.Claim, &g.ByHand.Result, &g.ByHand.Before
			}
			if g.ID != x.ID || *claim != x.Claim || !slices.Equal(g.Lines, x.lines) || *want != x.result {
				t.Fatalf("%v %v: the run had\n%+v %+v, regenerated\n%+v %+v", x.ID, x.Event, x.Claim, x.result, *claim, *want)
			}
			if x.Event == EventRefused && g.Reversal != nil || x.Event == EventDirect && g.ByHand != nil {
				t.Fatalf("%v: both refused and settled", x.ID)
			}
			if g.Terms != w.Rules.Terms(x.Claim.SettleDay.Month(), int(x.Claim.Pool), x.Claim.Scheme) || g.Catalogue != w.Rules.Catalogue(x.Claim.SettleDay.Month(), int(x.Claim.Treating)) {
				t.Fatalf("%v: other terms", x.ID)
			}
			if x.ID.Rest {
				rests++
			}
			if overNewYear {
				crossed++
			}
			if goesOn {
				handed++
			}
			if x.Event == EventReversed {
				continue
			}
			shard := engine.NewShard(w.Rules, c.provinceOf, nil, engine.NewBooks(c.shape))
			shard.Bind([]engine.PersonYear{before.Year}, []engine.Annex{before.Annex})
			var again [1]engine.Result
			decide := shard.Settle
			if x.Event >= EventByHand {
				decide = shard.Reimburse
			}
			decide([]engine.Claim{*claim}, g.Lines, again[:])
			if again[0] != *want {
				t.Fatalf("%v %v: from the state before it the engine decides\n%+v, the run had\n%+v", x.ID, x.Event, again[0], *want)
			}
		}
		if seen[EventDirect] < 1000 || seen[EventRefused] < 100 || seen[EventReversed] < 5 || seen[EventByHand] < 50 || rests == 0 || crossed == 0 || handed == 0 && sample == 0 {
			t.Errorf("sample %d: events %d, rests of stays %d, stays over new year %d", sample, seen, rests, crossed)
		}
	}
}

func TestRegenerateRefuses(t *testing.T) {
	w := smallWorld(8_000)
	good := BillID{Pool: 110100, Scheme: engine.Employee, Treating: 310000, Patient: 3, Month: day.MonthOf(2024, 3), Kind: engine.Outpatient}
	for _, c := range []struct {
		change func(*BillID)
		why    string
	}{
		{func(id *BillID) { id.Month = day.MonthOf(2025, 1) }, "2023-10 to 2024-12"},
		{func(id *BillID) { id.Patient = 1 << 30 }, "there are 166 such patients"},
		{func(id *BillID) { id.Pool = 130000 }, "nobody"},
		{func(id *BillID) { id.Treating = 110000 }, "nobody"},
		{func(id *BillID) { id.Ordinal = 14 }, "no such episode"},
	} {
		id := good
		c.change(&id)
		if _, err := Regenerate(w, 1, id); err == nil || !strings.Contains(err.Error(), c.why) || !strings.Contains(err.Error(), id.String()) {
			t.Errorf("%v: error %v, want one with %q", id, err, c.why)
		}
	}
}

func TestBillIDReadsAsItIsWritten(t *testing.T) {
	id := BillID{Pool: 131000, Scheme: engine.Employee, Treating: 110000, Patient: 1234, Month: day.MonthOf(2024, 7), Kind: engine.Inpatient}
	if got := id.String(); got != "131000-employee-110000-1234/2024-07/inpatient-0" {
		t.Errorf("written %s", got)
	}
	for _, rest := range []bool{false, true} {
		for kind := range engine.Kind(engine.NumKinds) {
			for ordinal := range uint8(maxVisits) {
				id.Kind, id.Ordinal, id.Rest = kind, ordinal, rest
				if got, err := ParseBillID(id.String()); err != nil || got != id {
					t.Errorf("%v reads as %v, %v", id, got, err)
				}
			}
		}
	}
	for _, text := range []string{
		"", "131000-employee-110000-1234/2024-07", "131000-employee-110000/2024-07/inpatient-0",
		"131000-worker-110000-1234/2024-07/inpatient-0", "13100-employee-110000-1234/2024-07/inpatient-0",
		"131000-employee-110000-01234/2024-07/inpatient-0", "131000-employee-110000-99999999999/2024-07/inpatient-0",
		"131000-employee-110000-1234/2024-7/inpatient-0", "131000-employee-110000-1234/2024-13/inpatient-0",
		"131000-employee-110000-1234/2024-07/dental-0", "131000-employee-110000-1234/2024-07/inpatient",
		"131000-employee-110000-1234/2024-07/inpatient-15", "131000-employee-110000-1234/2024-07/inpatient-0-last",
	} {
		if id, err := ParseBillID(text); err == nil || !strings.Contains(err.Error(), "131000-employee-110000-1234/2024-07/inpatient-0") {
			t.Errorf("%q reads as %v, error %v", text, id, err)
		}
	}
}

// A trace of all tells the patients of a smaller trace from the others, and a bill's
// policy does not matter for who they are.
func TestAmongTellsAPartFromAll(t *testing.T) {
	some, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1}, 8)
	all, _ := traced(t, Config{World: smallWorld(8_000), Seed: 1}, 1)
	all = slices.DeleteFunc(all, func(x happened) bool { return !x.Among(8) })
	sameHappenings(t, some, all)
}
