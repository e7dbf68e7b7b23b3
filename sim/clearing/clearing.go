// Package clearing moves the money between places: what settled in a month is confirmed,
// allocated and signed, institutions are paid out of prepayments, provinces pay each
// other, prepayments are watched and topped up, and what is late, missed or taken back
// is named. It knows registers by cell and amounts by day, calendars and rules, and
// neither a patient nor a policy.
package clearing

import (
	"cmp"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Clearing moves the money of the settled months on the days of the timetable.
// It runs between the months and after them, in one goroutine.
//
// What happens is in files of its own: period.go draws up the periods, reconcile.go
// finds differences and answers co-checks, pay.go pays provinces and institutions,
// prepay.go watches the prepayments, levels.go the pots, and manual.go reimburses
// manual claims and books what audits recover. check.go proves all of it.
type Clearing struct {
	in     *Input
	rules  *Rules
	shape  engine.Shape
	ledger *engine.Ledger
	open   *engine.Open // reused
	owed   []money.Fen  // by cell, for the period that is drawn up; else zero
	keys   keys
	events []event // not yet happened, sorted
	today  day.Day // every event before has happened

	months  []*settledMonth
	periods []*openPeriod
	// rolling are claims not confirmed in time and on their way to the next month's
	// period (R15), carried negative pairs on their way to the next period (X11), and
	// exceptions what is too old for any (X35).
	rolling, carried, exceptions []claims
	carriedFor                   []int // periods that a pair has carried a negative amount, by pair

	pairs       []pairState // by pair and scheme
	receivables []engine.Receivables
	inTransit   []money.Fen // by pair
	pots        []pot
	places      []treatingPlace // by province of treatment
	changedOn   day.Day         // the day whose money in the pots has not been drawn on yet; 0 for none
	topUps      []topUp
	matches     []engine.Match // reused

	manual      [][]money.Fen          // granted and not yet reimbursed, by month and manual cell
	frozenMonth day.Month              // the last month reconciled
	frozenShare [engine.NumKinds]int64 // of its settlements, in a million
	answered    day.Month              // the last month whose co-checks were answered
	workingDays int                    // of the months up to it

	result Result
}

// settledMonth is a month as the sign-offs see it: all its periods together.
type settledMonth struct {
	month  day.Month
	pairs  []money.Fen // cleared, by pair
	signed day.Day
}

// step is what happens on a day. Steps of one day happen in this order: money
// comes in before it goes out, and a month is allocated before it is signed.
type step uint8

const (
	stepCollect step = iota // an insured province has its pools' money
	stepSetOff              // what is set off is discharged on both sides
	stepRemit               // an insured province sends the rest
	stepReceive             // it arrives at the places of treatment
	stepPrepay              // a prepayment is paid or returned
	stepAllocate
	stepSign
	stepReview // of a top-up
	stepRebase
	stepPayInstitutions
	stepManual // a province's pools reimburse a month's manual claims
)

// event is a step. What at and place index depends on it: a period and a
// province, a pair, a month, a top-up.
type event struct {
	day       day.Day
	step      step
	at, place int
	amount    money.Fen
	topUp     int // stepPrepay: the top-up it pays, from 1
}

// New returns a clearing in which nothing has happened yet. It reads the Input as long as
// it lives; the Rules must pass Check.
func New(in *Input) *Clearing {
	shape := in.Shape()
	provinceOf := make([]uint8, len(in.Pools))
	for i := range in.Pools {
		provinceOf[i] = in.Pools[i].Province
	}
	k := &Clearing{
		in: in, rules: &in.Rules, shape: shape, ledger: engine.NewLedger(shape, provinceOf), keys: keysOf(in.Draws),
		pairs:       make([]pairState, shape.Pairs()),
		receivables: make([]engine.Receivables, shape.Pairs()),
		inTransit:   make([]money.Fen, shape.Pairs()),
		carriedFor:  make([]int, shape.Pairs()),
		owed:        make([]money.Fen, shape.Cells()),
		today:       in.First.First(),
	}
	k.open = k.ledger.NewOpen()
	// Most pairs pay and are paid once a month.
	k.result.Payments = make([]Payment, 0, shape.Pairs()*(in.WarmUp+in.Months))
	k.result.Matches = make([]MatchedPayment, 0, shape.Pairs()*(in.WarmUp+in.Months))
	k.openPots()
	return k
}

// Clear takes over a settled month and lets everything happen that is due by its end.
// It returns the last of the month's periods, for the days of its timetable.
//
// The books' rows say what each cell owes and how that was booked, Manual what was
// claimed by hand; the tally divides it by days.
func (k *Clearing) Clear(books *engine.Books, tally *Tally, m day.Month) *Period {
	p := k.takeOver(books, tally, m)
	k.advance((m + 1).First())
	return &p.Period
}

// Finish runs the money off until nothing moves any more, proves the end, and returns
// all that happened. Call it last. Breaches say what failed of the identities checked.
func (k *Clearing) Finish(barrier string) (r *Result, checked int64, breaches []*engine.Breach) {
	ended := k.finish()
	checked, breaches = k.checkEnd(barrier)
	return k.close(ended), checked, breaches
}

func (k *Clearing) plan(e event) {
	at, _ := slices.BinarySearchFunc(k.events, e, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.step, b.step), cmp.Compare(a.at, b.at), cmp.Compare(a.place, b.place))
	})
	k.events = slices.Insert(k.events, at, e)
}

// advance lets everything happen that is due before the day.
func (k *Clearing) advance(before day.Day) {
	for len(k.events) > 0 && k.events[0].day < before {
		e := k.events[0]
		k.events = k.events[1:]
		if e.day != k.changedOn || e.step > stepPrepay {
			k.drawOnChangedPots()
		}
		k.passDays(e.day)
		k.happen(&e)
	}
	k.drawOnChangedPots()
}

// finish runs the money off until nothing moves any more and returns that day.
// Claims that were not confirmed in time and recoveries still to be booked make
// periods of their own after the last settled month.
func (k *Clearing) finish() day.Day {
	for m := k.in.First + day.Month(len(k.months)); k.unfinished(m); m++ {
		k.runOffMonth(m)
		k.advance((m + 1).First())
	}
	for len(k.events) > 0 {
		k.advance(k.events[0].day + 1)
	}
	k.passDays(k.today + 1)
	k.creditInterest()
	k.answerRest()
	return k.today - 1
}

func (k *Clearing) happen(e *event) {
	switch e.step {
	case stepCollect:
		k.periods[e.at].collected[e.place] = true
		k.ledger.Collect(k.periods[e.at].cleared, e.place)
	case stepSetOff:
		k.setOff(e)
	case stepRemit:
		k.remit(e)
	case stepReceive:
		k.receive(e)
	case stepPrepay:
		k.prepay(e)
	case stepAllocate:
		k.allocate(e.at)
	case stepSign:
		k.sign(e.at)
	case stepReview:
		k.review(e.at)
	case stepRebase:
		k.rebase(e.at)
	case stepPayInstitutions:
		k.payInstitutions(e)
	case stepManual:
		k.payManual(e)
	}
}

// ofInsured yields the pairs of an insured province.
func (k *Clearing) ofInsured(insured int, yield func(pair, treating int)) {
	for treating := range k.shape.Provinces {
		for s := range engine.Scheme(engine.NumSchemes) {
			yield(k.shape.Pair(insured, treating, s), treating)
		}
	}
}
