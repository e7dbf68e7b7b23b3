package sim

import (
	"fmt"
	"slices"

	"kuasheng/engine"
)

// Regenerated is one bill of a run, drawn and decided again.
type Regenerated struct {
	ID BillID
	// Claim is the bill with Person and FirstLine 0, Lines its lines.
	Claim engine.Claim
	Lines []engine.Line
	// Before is the person as the bill found it: a shard over the one person, with
	// the annex where the pool's rules need any, gives Result again.
	Before PersonState
	Result engine.Result
	// Reversal, where not nil, is the bill's reversal the same day (X7).
	Reversal *engine.Result
	// ByHand, where not nil, is the manual claim that followed a refusal (B15).
	ByHand *ManualClaim
	// Terms and Catalogue are those that decided.
	Terms     *engine.Terms
	Catalogue *engine.Catalogue
}

// PersonState is what an engine.Shard keeps of one person.
type PersonState struct {
	Year  engine.PersonYear
	Annex engine.Annex
}

// ManualClaim is a manual claim for the bill: the person as it found it, after the
// month's direct settlements, what was claimed, and what the pool decided.
type ManualClaim struct {
	Before PersonState
	Claim  engine.Claim
	Result engine.Result
}

// Regenerate lives the months of one patient up to a bill, and nobody else's. The
// bill is the one that every run of the world and seed in which the patient takes
// part computed, whole or sampled.
//
// It returns an error where the world makes no sense or has no such bill.
func Regenerate(w *World, seed uint64, id BillID) (*Regenerated, error) {
	c, err := compile(w, seed)
	if err != nil {
		return nil, err
	}
	return c.regenerate(id)
}

func (c *compiled) regenerate(id BillID) (*Regenerated, error) {
	b, month, err := c.blockOf(id)
	if err != nil {
		return nil, err
	}
	allocatePatients(c, []*block{b}, 1)
	r := &Regenerated{ID: id}
	found := false
	worker := newWorker(c)
	worker.trace = &tracing{patients: 1, tell: func(t *TracedBill) error {
		if t.ID != id {
			return nil
		}
		switch t.Event {
		case EventDirect, EventRefused:
			found = true
			r.Claim, r.Lines, r.Result = t.Claim, slices.Clone(t.Lines), *t.Result
		case EventReversed:
			reversal := *t.Result
			r.Reversal = &reversal
		case EventByHand, EventRefusedByHand:
			r.ByHand.Claim, r.ByHand.Result = t.Claim, *t.Result
		}
		return nil
	}}
	for m := range month {
		worker.run(b, m)
	}
	worker.watch = &watch{id: id, block: b, month: &c.months[month], found: r}
	worker.run(b, month)
	if !found {
		return nil, fmt.Errorf("no bill %v: the month brings the patient no such episode", id)
	}
	r.Terms = c.world.Rules.Terms(id.Month, int(b.pool), id.Scheme)
	r.Catalogue = c.world.Rules.Catalogue(id.Month, int(b.segments[0].treating))
	return r, nil
}

// blockOf is a block of the one patient, and the month of the run.
func (c *compiled) blockOf(id BillID) (b *block, month int, err error) {
	month = int(id.Month - c.world.First)
	if month < 0 || month >= len(c.months) {
		return nil, 0, fmt.Errorf("no bill %v: the run has the months %v to %v", id, c.world.First, c.months[len(c.months)-1].month)
	}
	for _, cohort := range c.world.Cohorts {
		if c.world.Pools[cohort.Pool].Code != id.Pool || cohort.Scheme != id.Scheme || c.world.Provinces[cohort.Treating].Code != id.Treating {
			continue
		}
		if id.Patient >= cohort.Patients {
			return nil, 0, fmt.Errorf("no bill %v: there are %d such patients", id, cohort.Patients)
		}
		one := segment{scheme: cohort.Scheme, treating: cohort.Treating, first: id.Patient, step: 1, count: 1}
		return &block{pool: cohort.Pool, segments: []segment{one}, count: 1}, month, nil
	}
	return nil, 0, fmt.Errorf("no bill %v: nobody of that pool and scheme is treated there", id)
}

// watch copies a person's state when the bill of a name finds it.
type watch struct {
	id    BillID
	block *block
	month *monthTables
	found *Regenerated
}

// drawn is told of bill n of a batch before it is settled.
func (x *watch) drawn(w *worker, n int) {
	if w.c.idOf(&w.claims[n], &w.drawn[n], x.month) == x.id {
		w.settle(n)
		x.found.Before = x.state(w.claims[n].Person)
	}
}

// claimed is told of manual claim n of a batch before it is decided.
func (x *watch) claimed(w *worker, n int) {
	if at := w.byHand.at[n]; w.c.idOf(&w.claims[at], &w.drawn[at], x.month) == x.id {
		x.found.ByHand = &ManualClaim{Before: x.state(w.claims[at].Person)}
	}
}

func (x *watch) state(person uint32) PersonState {
	s := PersonState{Year: x.block.people[person]}
	if len(x.block.annexes) > 0 {
		s.Annex = x.block.annexes[person]
	}
	return s
}
