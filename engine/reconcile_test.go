package engine_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// The four result classes and the three-way refinements, with their repair (D8, R12,
// X6, X34, X44).
func TestThreeWayReconciliation(t *testing.T) {
	on := day.Of(2024, 3, 5)
	sound := engine.Record{Source: 7, Sequence: 1, Day: on, Scheme: engine.Employee, Kind: engine.Inpatient, Fee: 1000, Fund: 600, Account: 100}
	with := func(change func(*engine.Record)) []engine.Record {
		r := sound
		change(&r)
		return []engine.Record{r}
	}
	one, none := []engine.Record{sound}, []engine.Record(nil)
	for _, x := range []struct {
		name                                     string
		institution, treating, national, insured []engine.Record
		local, nation, place                     engine.Agreement
		repair                                   engine.Repair
	}{
		{"equal", one, one, one, one, engine.Equal, engine.Equal, engine.Equal, engine.NoRepair},
		{"the reply to the institution was lost", none, one, one, one, engine.CentreMore, engine.Equal, engine.Equal, engine.Adopt},
		{"X6: the hub died after the insured place committed", none, none, none, one, engine.Equal, engine.Equal, engine.CentreMore, engine.Adopt},
		{"the centre never committed", one, none, none, none, engine.InstitutionMore, engine.Equal, engine.Equal, engine.Resend},
		{"it got as far as the nation", one, one, one, none, engine.Equal, engine.Equal, engine.InstitutionMore, engine.Resend},
		{"place of treatment ≠ nation", one, one, with(func(r *engine.Record) { r.Fund++ }), with(func(r *engine.Record) { r.Fund++ }), engine.Equal, engine.Differ, engine.Equal, engine.Freeze},
		{"nation ≠ insured place", one, one, one, with(func(r *engine.Record) { r.Account-- }), engine.Equal, engine.Equal, engine.Differ, engine.Freeze},
		{"all differ", one, with(func(r *engine.Record) { r.Fee++ }), with(func(r *engine.Record) { r.Fee += 2 }), with(func(r *engine.Record) { r.Fee += 3 }), engine.Differ, engine.Differ, engine.Differ, engine.Freeze},
		{"wrong day around midnight", one, one, with(func(r *engine.Record) { r.Day++ }), with(func(r *engine.Record) { r.Day++ }), engine.Equal, engine.Differ, engine.Equal, engine.Freeze},
		{"wrong kind", one, one, one, with(func(r *engine.Record) { r.Kind = engine.Chronic }), engine.Equal, engine.Equal, engine.Differ, engine.Freeze},
		{"wrong scheme", with(func(r *engine.Record) { r.Scheme = engine.Resident }), one, one, one, engine.Differ, engine.Equal, engine.Equal, engine.Freeze},
		{"held twice", one, one, []engine.Record{sound, sound}, one, engine.Equal, engine.Differ, engine.Differ, engine.Freeze},
	} {
		equal, found := engine.Reconcile(slices.Clone(x.institution), slices.Clone(x.treating), slices.Clone(x.national), slices.Clone(x.insured))
		if x.repair == engine.NoRepair {
			if equal != 1 || found != nil {
				t.Errorf("%s: %d equal, %+v", x.name, equal, found)
			}
			continue
		}
		if equal != 0 || len(found) != 1 {
			t.Errorf("%s: %d equal, %+v", x.name, equal, found)
			continue
		}
		d := found[0]
		if d.Local != x.local || d.National != x.nation || d.Insured != x.place || d.Class().Repair() != x.repair {
			t.Errorf("%s: %v, %v, %v, repair %d", x.name, d.Local, d.National, d.Insured, d.Class().Repair())
		}
	}
	// A wrong refund flag makes two one-sided records: a settlement that the centre
	// lacks, and a refund that the institution lacks.
	refund := with(func(r *engine.Record) { r.Refund = true })
	_, found := engine.Reconcile(slices.Clone(one), refund, slices.Clone(refund), slices.Clone(refund))
	if len(found) != 2 || found[0].Local != engine.InstitutionMore || found[1].Local != engine.CentreMore {
		t.Errorf("wrong refund flag: %+v", found)
	}
}

// The order in which a side lists its day makes no difference.
func TestReconciliationDoesNotDependOnOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var sides [4][]engine.Record
	for i := range 1000 {
		r := engine.Record{Source: uint64(i % 17), Sequence: uint64(i), Fee: 100}
		for s := range sides {
			if i%50 != s {
				sides[s] = append(sides[s], r)
			}
		}
	}
	wantEqual, want := engine.Reconcile(sides[0], sides[1], sides[2], sides[3])
	if wantEqual != 920 || len(want) != 80 {
		t.Errorf("%d equal, %d differences", wantEqual, len(want))
	}
	for s := range sides {
		random.Shuffle(len(sides[s]), func(i, j int) { sides[s][i], sides[s][j] = sides[s][j], sides[s][i] })
	}
	equal, got := engine.Reconcile(sides[0], sides[1], sides[2], sides[3])
	if equal != wantEqual || !slices.Equal(got, want) {
		t.Error("shuffled days reconcile to something else")
	}
}
