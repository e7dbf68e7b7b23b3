package sim

import (
	"fmt"
	"sync"
	"sync/atomic"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// checkPersons proves at the end of a benefit year that what the patients'
// accumulators say equals the register of the year's months, pool by pool (V3).
func (r *runner) checkPersons(barrier string, month int, books *engine.Books) (checked int64, breaches []*engine.Breach) {
	year := r.c.months[month].month.Year()
	sums := make([]engine.YearSums, r.c.shape.Pools)
	var lock sync.Mutex
	var next atomic.Int64
	var group sync.WaitGroup
	for range r.workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(r.blocks); i = int(next.Add(1)) - 1 {
				b := r.blocks[i]
				var s engine.YearSums
				for p := range b.people {
					b.people[p].AddTo(&s, year)
				}
				lock.Lock()
				sums[b.pool].Add(&s)
				lock.Unlock()
			}
		})
	}
	group.Wait()

	want := make([]engine.YearSums, r.c.shape.Pools)
	add := func(cell int, t *engine.Totals) {
		pool, _, _, kind := r.c.shape.Split(cell)
		want[pool].AddRegister(kind, t)
	}
	// What the register does not say: reimbursed by hand, and what the accumulators
	// of the year do not count.
	addRest := func(manual []engine.Totals, aside []engine.YearSums) {
		for i := range manual {
			want[i/(engine.NumSchemes*engine.NumKinds)].AddRegister(engine.Kind(i%engine.NumKinds), &manual[i])
		}
		for pool := range aside {
			want[pool].Sub(&aside[pool])
		}
	}
	addRest(books.Manual, books.Aside)
	for cell, row := range books.Rows() {
		add(cell, &row.Register)
	}
	for i := range r.result.Months {
		if m := &r.result.Months[i]; m.Month.Year() == year {
			addRest(m.Manual, m.aside)
			for j := range m.Cells {
				add(m.Cells[j].Cell, &m.Cells[j].Totals)
			}
		}
	}
	for pool := range sums {
		for i, name := range engine.YearSumNames {
			checked++
			if sums[pool][i] != want[pool][i] {
				breaches = append(breaches, &engine.Breach{
					Barrier: barrier, Invariant: "V3", Cell: fmt.Sprintf("pool %d", r.c.world.Pools[pool].Code),
					Account: name, Want: money.Fen(want[pool][i]), Got: money.Fen(sums[pool][i]),
				})
			}
		}
	}
	return checked, breaches
}
