package engine

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Receivable is what one clearing period left due from an insured province to a
// place of treatment.
type Receivable struct {
	Period int     // the caller's number of the period
	Since  day.Day // of its allocation
	Due    day.Day // the last day to pay it in time (D7)
	Open   money.Fen
}

// Match is a payment, or part of one, matched to the receivable it pays.
type Match struct {
	Period int
	Amount money.Fen
	// Age is days from allocation to payment. Late says whether the payment came
	// after the receivable's day.
	Age  int
	Late bool
}

// Receivables are the open items of one ordered pair and scheme, oldest first.
type Receivables struct{ items []Receivable }

// Add opens a receivable. One of nothing is not kept.
func (r *Receivables) Add(item Receivable) {
	if item.Open != 0 {
		r.items = append(r.items, item)
	}
}

// Pay matches a payment first in, first out, and appends the matches: money is
// money, and the oldest debt is paid first. A negative payment, the return of a
// negative period (X11), meets the negative receivables only, and a positive one
// the positive. It panics when more is paid than is due.
func (r *Receivables) Pay(amount money.Fen, on day.Day, matches []Match) []Match {
	for i := 0; i < len(r.items) && amount != 0; i++ {
		item := &r.items[i]
		if item.Open > 0 != (amount > 0) {
			continue
		}
		part := min(amount, item.Open)
		if amount < 0 {
			part = max(amount, item.Open)
		}
		item.Open -= part
		amount -= part
		matches = append(matches, Match{item.Period, part, int(on - item.Since), on > item.Due})
	}
	if amount != 0 {
		panic("engine: a payment of more than is due")
	}
	open := r.items[:0]
	for _, item := range r.items {
		if item.Open != 0 {
			open = append(open, item)
		}
	}
	r.items = open
	return matches
}

// Open returns the open items, oldest first.
func (r *Receivables) Open() []Receivable { return r.items }

// Sum is what is due in all.
func (r *Receivables) Sum() (sum money.Fen) {
	for i := range r.items {
		sum += r.items[i].Open
	}
	return sum
}
