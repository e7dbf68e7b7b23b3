package sim

import (
	"fmt"
	"sync"
	"sync/atomic"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// count adds a month's registers to those of its benefit year, pool by pool: what the
// accumulators of the year count too.
func (r *runner) count(month int, books *engine.Books) {
	if month > 0 && r.c.months[month].month.Year() != r.c.months[month-1].month.Year() {
		clear(r.counted)
	}
	for cell, row := range books.Rows() {
		pool, _, _, kind := r.c.shape.Split(cell)
		r.counted[pool].AddRegister(kind, &row.Register)
	}
	// What the register does not say: reimbursed by hand, and what the accumulators
	// of the year do not count.
	for i := range books.Manual {
		pool, _, kind := r.c.shape.SplitManual(i)
		r.counted[pool].AddRegister(kind, &books.Manual[i])
	}
	for pool := range books.Aside {
		r.counted[pool].Sub(&books.Aside[pool])
	}
}

// checkPersons proves at the end of a benefit year that what the patients'
// accumulators say equals the register of the year's months, pool by pool (V3).
func (r *runner) checkPersons(barrier string, month int) (checked int64, breaches []*engine.Breach) {
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

	for pool := range sums {
		for i, name := range engine.YearSumNames {
			checked++
			if sums[pool][i] != r.counted[pool][i] {
				breaches = append(breaches, &engine.Breach{
					Barrier: barrier, Invariant: "V3", Cell: fmt.Sprintf("pool %d", r.c.world.Pools[pool].Code),
					Account: name, Want: money.Fen(r.counted[pool][i]), Got: money.Fen(sums[pool][i]),
				})
			}
		}
	}
	return checked, breaches
}
