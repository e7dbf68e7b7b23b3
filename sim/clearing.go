package sim

import (
	"cmp"
	"fmt"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// clearing moves the money of the settled months on the days of the timetable.
// It runs between the months and after them, in one goroutine.
type clearing struct {
	world  *World
	ledger *engine.Ledger
	months []*clearingMonth
	events []moneyEvent // not yet happened, sorted
	pairs  []pairState  // by pair and scheme
	alerts []AlertEvent
	pots   []PotResult // by province of treatment
	today  day.Day     // every event before has happened
}

// clearingMonth is a settled month on its way through clearing (R14).
type clearingMonth struct {
	month   day.Month
	cleared *engine.Cleared

	allocated, signed, institutionsPaid, submitted, paid day.Day
	due                                                  day.Day // the day before the next sign-off (D6, D7)
}

// pairState is the prepayment of one ordered pair and scheme.
type pairState struct {
	engine.PairState
	months []PairMonth
}

// step is what happens on a day. Steps of one day happen in this order: money
// comes in before it goes out, and a month is allocated before it is signed.
type step uint8

const (
	stepCollect step = iota // the insured province has its pools' money
	stepRemit               // and sends it
	stepReceive             // it arrives at the place of treatment
	stepPrepay
	stepAllocate
	stepSign
	stepRebase
	stepPayInstitutions
)

type moneyEvent struct {
	day    day.Day
	step   step
	month  int // in clearing.months
	pair   int // stepPrepay only
	amount money.Fen
}

func newClearing(w *World, c *compiled) *clearing {
	k := &clearing{
		world: w, ledger: engine.NewLedger(c.shape, c.provinceOf),
		pairs: make([]pairState, c.shape.Pairs()),
		pots:  make([]PotResult, len(w.Provinces)),
		today: w.First.First(),
	}
	for p := range k.pots {
		k.pots[p].Treating = p
	}
	return k
}

// settled takes over a settled month and plans its money: allocation and
// sign-off in the next month, notices at that month's end, submission and
// payment within their working days (R3, R14). What the timetable states happens,
// even past the next sign-off, before which all of it is due (D6, D7): then it is
// overdue and counted as such.
func (k *clearing) settled(books *engine.Books, m day.Month) *clearingMonth {
	k.ledger.Settled(books)
	t, calendar := &k.world.Timetable, k.world.Calendar
	c := &clearingMonth{month: m, cleared: k.ledger.Clear(books.Register)}
	c.allocated = (m + 1).On(t.AllocateOn)
	c.signed = (m + 1).On(t.SignOn)
	c.submitted = calendar.AddWorking((m + 1).Last(), t.SubmitWithin)
	c.paid = calendar.AddWorking(c.submitted, t.PayWithin)
	c.institutionsPaid = calendar.AddWorking(c.signed, t.InstitutionsPaidWithin)
	c.due = (m + 2).On(t.SignOn) - 1

	i := len(k.months)
	k.months = append(k.months, c)
	k.plan(moneyEvent{day: c.allocated, step: stepAllocate, month: i})
	k.plan(moneyEvent{day: c.signed, step: stepSign, month: i})
	k.plan(moneyEvent{day: c.institutionsPaid, step: stepPayInstitutions, month: i})
	k.plan(moneyEvent{day: c.submitted, step: stepCollect, month: i})
	k.plan(moneyEvent{day: c.paid, step: stepRemit, month: i})
	k.plan(moneyEvent{day: c.paid, step: stepReceive, month: i})
	if m.OfYear() == 12 && i >= 2 && i+1 < k.world.WarmUp+k.world.Months {
		// The fourth quarter is known with December's allocation; the nation sets
		// the year's quota by the end of January (D1).
		k.plan(moneyEvent{day: (m + 1).Last(), step: stepRebase, month: i})
	}
	return c
}

func (k *clearing) plan(e moneyEvent) {
	at, _ := slices.BinarySearchFunc(k.events, e, func(a, b moneyEvent) int {
		if c := cmp.Compare(a.day, b.day); c != 0 {
			return c
		}
		if c := cmp.Compare(a.step, b.step); c != 0 {
			return c
		}
		if c := cmp.Compare(a.month, b.month); c != 0 {
			return c
		}
		return cmp.Compare(a.pair, b.pair)
	})
	k.events = slices.Insert(k.events, at, e)
}

// advance lets everything happen that is due before the day.
func (k *clearing) advance(before day.Day) {
	for len(k.events) > 0 && k.events[0].day < before {
		e := k.events[0]
		k.events = k.events[1:]
		k.watchPots(e.day)
		k.happen(e)
	}
}

// finish runs the money off until the last fen has arrived and returns that day.
func (k *clearing) finish() day.Day {
	for len(k.events) > 0 {
		k.advance(k.events[0].day + 1)
	}
	k.watchPots(k.today + 1)
	return k.today - 1
}

func (k *clearing) happen(e moneyEvent) {
	m := k.months[e.month]
	switch e.step {
	case stepAllocate:
		k.ledger.Allocate(m.cleared)
	case stepSign:
		k.sign(e.month)
	case stepRebase:
		k.rebase(e.month)
	case stepPrepay:
		k.ledger.Prepay(e.pair, e.amount)
	case stepCollect:
		k.ledger.Collect(m.cleared)
	case stepRemit:
		k.ledger.Remit(m.cleared)
	case stepReceive:
		k.ledger.Receive(m.cleared)
	case stepPayInstitutions:
		k.ledger.PayInstitutions(m.cleared)
	}
}

// sign watches every pair's use rate at the sign-off of a month (R5) and raises
// the alerts, each once; as long as a pair is red the place of treatment asks for
// a top-up (D2).
func (k *clearing) sign(month int) {
	m, rule := k.months[month], &k.world.Prepayment
	for pair := range k.pairs {
		p := &k.pairs[pair]
		clearing := m.cleared.Pairs[pair]
		if clearing == 0 && p.Quota == 0 {
			continue
		}
		if month == 0 {
			// A pair without history declares its first quota (X38): as if each
			// month of the last quarter had been like the first month.
			p.Quota = rule.Quota(clearing, clearing, clearing)
			k.plan(moneyEvent{day: m.signed, step: stepPrepay, month: month, pair: pair, amount: p.Quota})
		}
		record := PairMonth{Month: m.month, Clearing: clearing, Quota: p.Quota, UseRateBP: -1}
		if rate, ok := engine.UseRate(clearing, p.Quota); ok {
			record.UseRateBP = rate
		}
		raised := p.SignOff(rule, clearing)
		record.Alert = p.Alert
		if raised {
			k.alert(m, pair, &record)
		}
		if p.Alert == engine.Red {
			k.topUp(month, pair, &record)
		}
		p.months = append(p.months, record)
	}
}

// topUp grants the emergency top-up of the law's size (D2, R7): applied for,
// submitted and paid within its working days (R6). Pending it already counts as
// quota (X37).
func (k *clearing) topUp(month, pair int, r *PairMonth) {
	m, p, t := k.months[month], &k.pairs[pair], &k.world.Timetable
	r.TopUp = k.world.Prepayment.TopUpLimit(r.Clearing, r.Quota)
	if r.TopUp == 0 {
		return
	}
	r.TopUpPaid = k.world.Calendar.AddWorking(m.signed, t.ApplyWithin+t.SubmitWithin+t.PayWithin)
	p.Quota += r.TopUp
	k.plan(moneyEvent{day: r.TopUpPaid, step: stepPrepay, month: month, pair: pair, amount: r.TopUp})
}

func (k *clearing) alert(m *clearingMonth, pair int, r *PairMonth) {
	insured, treating, scheme := k.ledger.Shape.SplitPair(pair)
	k.alerts = append(k.alerts, AlertEvent{
		Signed: m.signed, Month: m.month, Insured: insured, Treating: treating, Scheme: scheme,
		Alert: r.Alert, Clearing: r.Clearing, Quota: r.Quota, UseRateBP: r.UseRateBP,
		TopUpLimit: k.world.Prepayment.TopUpLimit(r.Clearing, r.Quota),
	})
}

// rebase sets the year's quotas from the fourth quarter (D1). The difference,
// up or down, is paid by the end of the month that the timetable names (R4, R8).
func (k *clearing) rebase(december int) {
	due := (k.months[december].month + day.Month(k.world.Timetable.QuotaDueMonth)).Last()
	for pair := range k.pairs {
		p := &k.pairs[pair]
		quota := k.world.Prepayment.Quota(k.months[december-2].cleared.Pairs[pair],
			k.months[december-1].cleared.Pairs[pair], k.months[december].cleared.Pairs[pair])
		if change := quota - p.Quota; change != 0 {
			k.plan(moneyEvent{day: due, step: stepPrepay, month: december, pair: pair, amount: change})
		}
		if len(p.months) > 0 {
			p.months[len(p.months)-1].YearlyQuota, p.months[len(p.months)-1].Rebased = quota, true
		}
		p.Quota = quota
	}
}

// watchPots records, before the events of a day, how each treating province's
// pot stood since the last day with events: its lowest level and how many days
// it was short.
func (k *clearing) watchPots(until day.Day) {
	if until <= k.today {
		return
	}
	for p := range k.pots {
		pot := &k.pots[p]
		level := k.ledger.Pot(p)
		if level < pot.Lowest {
			pot.Lowest, pot.LowestDay = level, k.today
		}
		if level < 0 {
			pot.ShortDays += int(until - k.today)
		}
	}
	k.today = until
}

// checkQuotas proves that every pair holds the prepayment that was granted to it,
// but what is still on its way (V5).
func (k *clearing) checkQuotas(barrier string) (checked int64, breaches []*engine.Breach) {
	granted := make([]money.Fen, len(k.pairs))
	for pair := range k.pairs {
		granted[pair] = k.pairs[pair].Quota
	}
	for _, e := range k.events {
		if e.step == stepPrepay {
			granted[e.pair] -= e.amount
		}
	}
	for pair, want := range granted {
		checked++
		if got := k.ledger.Prepaid(pair); got != want {
			insured, treating, scheme := k.ledger.Shape.SplitPair(pair)
			breaches = append(breaches, &engine.Breach{
				Barrier: barrier, Invariant: "V5 (quota)", Account: engine.TreatingAdvance.String(), Want: want, Got: got,
				Cell: fmt.Sprintf("%s → %s, %v", k.world.Provinces[insured].NameZH, k.world.Provinces[treating].NameZH, scheme),
			})
		}
	}
	return checked, breaches
}
