package bench

import (
	"context"
	"slices"
	"time"

	"kuasheng/engine"
	"kuasheng/sim"
)

// Clearing is what the month's clearing did that ran beside the load.
type Clearing struct {
	// Rounds of clearing were carried out whole: taken over, allocated, institutions
	// and pools paid, remitted, received, and the ledger proven.
	Rounds   int      `json:"rounds"`
	MedianNS int64    `json:"median_ns"`
	MaxNS    int64    `json:"max_ns"`
	Fen      int64    `json:"cleared_fen"` // in each round
	Checked  int64    `json:"identities_checked"`
	Breaches []string `json:"breaches"`
}

// settledOnce are the books after the workload was settled once over: the month
// that is cleared beside the load.
func settledOnce(w *sim.World, load *Workload, provinceOf []uint8, remember int) *engine.Books {
	s := newState(w, load, provinceOf, remember)
	whole := make([][]Range, len(load.Shards))
	for i := range load.Shards {
		whole[i] = []Range{{0, int64(len(load.Shards[i].Requests))}}
	}
	replay(s, load, whole)
	month := s.books[0]
	for _, b := range s.books[1:] {
		month.Add(b)
	}
	return month
}

// clearEvery is how often a round begins.
const clearEvery = 100 * time.Millisecond

// clearBeside clears a month ten times a second until ctx ends; a round that has
// begun is finished.
func clearBeside(ctx context.Context, month *engine.Books, provinceOf []uint8, provinces int) *Clearing {
	c := &Clearing{Breaches: []string{}}
	var times []int64
	ledger := engine.NewLedger(month.Shape, provinceOf)
	tick := time.NewTicker(clearEvery)
	defer tick.Stop()
	for len(times) == 0 || ctx.Err() == nil && len(c.Breaches) == 0 {
		start := time.Now()
		checked, cleared, breaches := clearOnce(ledger, month, provinces)
		times = append(times, int64(time.Since(start)))
		c.Rounds++
		c.Checked, c.Fen = c.Checked+checked, int64(cleared.Total())
		for _, b := range breaches {
			c.Breaches = append(c.Breaches, b.Error())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	slices.Sort(times)
	c.MedianNS, c.MaxNS = times[len(times)/2], times[len(times)-1]
	return c
}

// clearOnce clears a month's books from the allocation to the last fen.
func clearOnce(l *engine.Ledger, month *engine.Books, provinces int) (checked int64, c *engine.Cleared, breaches []*engine.Breach) {
	l.Reset()
	l.Settled(month)
	c = l.Clear(month)
	l.Allocate(c)
	for i, cell := range c.Cells {
		l.PayInstitution(cell, c.Amounts[i])
	}
	for insured := range provinces {
		l.Collect(c, insured)
	}
	for pair, amount := range c.Pairs {
		if amount != 0 {
			l.Remit(pair, amount)
			l.Receive(pair, amount)
		}
	}
	checked, breaches = l.Check("the clearing beside the load", true)
	return checked, c, breaches
}
