package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// period is a clearing period on its way (R14): a month, or a part of one where the
// frequency lever is pulled.
type period struct {
	month   day.Month
	ordinal int     // within the month, from 1
	last    day.Day // the last day whose settlements it clears
	cleared *engine.Cleared

	reconciled, confirmed                                                  day.Day
	allocated, signed, noticed, institutionsPaid, submitted, paid, fedBack day.Day
	due                                                                    day.Day // the last day in time (D6, D7)

	isAllocated, done bool
	collected         []bool    // by insured province
	pairs             []pairDue // by pair
	// left is what of each cleared amount the institutions still wait for; nil as long
	// as nothing or everything has been paid, see unpaid.
	left []money.Fen
	// wait is how the institutions fared, by province of treatment.
	wait        []institutionsWait
	certificate engine.Certificate
}

// pairDue is a pair's obligation of one period.
type pairDue struct {
	setOff   money.Fen // discharged without money moving
	paid     money.Fen // matched so far, set-off included
	late     money.Fen // of it after the day
	lastPaid day.Day
	fenDays  int64 // matched fen × days since allocation
}

// item is what one cell owes for one settled month and is in no period yet. Whole
// cells miss a confirmation, never parts of one: a claim is then in exactly one
// period (V6), doubled amounts miss the same months, and no fen has to be divided.
type item struct {
	cell   int
	origin day.Month // the settled month
	amount money.Fen
	cases  int64
}

// settled takes over a settled month and plans its money: allocation and sign-off
// in the next month, notices at that month's end, submission and payment within
// their working days (R3, R14). What the timetable states happens, even past the
// next sign-off, before which all of it is due (D6, D7): then it is overdue and
// counted as such. It returns the month's last period.
func (k *clearing) settled(books *engine.Books, tally *moneyTally, m day.Month) *period {
	k.ledger.Settled(books)
	k.oweManual(books, m)
	k.reconcile(tally, m)
	frequency, days := k.rules.Levers.Frequency, m.Days()
	var p *period
	k.months = append(k.months, &settledMonth{month: m, pairs: make([]money.Fen, len(k.pairs)), signed: (m + 1).On(k.world.Timetable.SignOn)})
	amounts := make([]money.Fen, len(books.Register))
	for i := range frequency.Periods(days) {
		if frequency == Monthly {
			for cell := range books.Register {
				amounts[cell] = books.Register[cell].Cleared()
			}
		} else {
			copy(amounts, tally.period(i))
		}
		last := m.First() + day.Day(frequency.LastDay(i, days))
		p = k.drawUp(m, i, last, amounts, books.Register)
		k.waitInPeriod(p, tally)
		clear(amounts)
	}
	k.planMonth(len(k.months) - 1)
	return p
}

// unfinished reports whether a month after the last settled one must have a period
// of its own.
func (k *clearing) unfinished(m day.Month) bool {
	last := k.afterRun() - 1
	if audit := &k.rules.Audit; audit.To != 0 {
		last = min(last, audit.To)
	}
	audits := len(k.rules.Audit.Cells) > 0 && m <= last+day.Month(k.rules.Audit.After)
	return audits || len(k.rolling)+len(k.carried) > 0
}

// runOffMonth draws up what is left after the last settled month. Nobody watches the
// use of prepayments any more.
func (k *clearing) runOffMonth(m day.Month) {
	k.months = append(k.months, &settledMonth{month: m, pairs: make([]money.Fen, len(k.pairs)), signed: (m + 1).On(k.world.Timetable.SignOn)})
	k.drawUp(m, 0, m.Last(), make([]money.Fen, k.shape.Cells()), nil)
}

// drawUp makes a clearing period out of what the cells owe: what is confirmed of it,
// what rolled on from earlier months, and what audits recover.
func (k *clearing) drawUp(m day.Month, ordinal int, last day.Day, amounts []money.Fen, register []engine.Totals) *period {
	p := k.dates(m, ordinal, last)
	k.confirm(p, ordinal, amounts, register)
	if ordinal == 0 {
		k.recover(m, amounts)
	}
	for _, x := range k.carried {
		amounts[x.cell] += x.amount
	}
	k.carried = k.carried[:0]
	p.cleared = k.ledger.ClearAmounts(amounts)
	if k.rules.Levers.CarryNegative && k.carryNegative(p, amounts) {
		p.cleared = k.ledger.ClearAmounts(amounts)
	}
	month := k.months[len(k.months)-1]
	for pair, amount := range p.cleared.Pairs {
		month.pairs[pair] += amount
	}
	p.pairs = make([]pairDue, len(k.pairs))
	for pair, off := range k.rules.Levers.Netting.SetOff(k.shape, p.cleared.Pairs) {
		p.pairs[pair].setOff = off
	}
	var previous *engine.Certificate
	if len(k.periods) > 0 {
		previous = &k.periods[len(k.periods)-1].certificate
	}
	p.certificate = engine.Certify(previous, m, p.ordinal, k.rows(p.cleared))
	k.periods = append(k.periods, p)
	k.planPeriod(len(k.periods) - 1)
	return p
}

// rows yields a period's matrix with the codes of its places.
func (k *clearing) rows(c *engine.Cleared) func(func(engine.MatrixRow) bool) {
	return func(yield func(engine.MatrixRow) bool) {
		for i, cell := range c.Cells {
			pool, treating, scheme, kind := k.shape.Split(cell)
			if !yield(engine.MatrixRow{Pool: k.world.Pools[pool].Code, Treating: k.world.Provinces[treating].Code, Scheme: scheme, Kind: kind, Amount: c.Amounts[i]}) {
				return
			}
		}
	}
}

// dates sets a period's days. A month has the law's; shorter periods follow their
// end by the levers' working days, and are due when those are over.
func (k *clearing) dates(m day.Month, ordinal int, last day.Day) *period {
	t, calendar, levers := &k.world.Timetable, k.world.Calendar, &k.rules.Levers
	p := &period{month: m, ordinal: ordinal + 1, last: last,
		collected: make([]bool, k.shape.Provinces), wait: make([]institutionsWait, k.shape.Provinces)}
	if levers.Frequency == Monthly {
		p.reconciled, p.confirmed = (m + 1).On(k.rules.Confirm.ReconcileOn), (m + 1).On(k.rules.Confirm.ConfirmOn)
		p.allocated = (m + 1).On(t.AllocateOn)
		p.signed = (m + 1).On(t.SignOn)
		p.noticed = (m + 1).Last()
		p.due = (m + 2).On(t.SignOn) - 1
	} else {
		p.allocated = calendar.AddWorking(last, levers.ShortAllocate)
		p.signed = calendar.AddWorking(p.allocated, levers.ShortSign)
		p.noticed = p.signed
		p.reconciled, p.confirmed = p.allocated, p.allocated
	}
	p.submitted = calendar.AddWorking(p.noticed, t.SubmitWithin)
	p.paid = calendar.AddWorking(p.submitted, t.PayWithin)
	p.fedBack = calendar.AddWorking(p.paid+day.Day(k.rules.TransferDays), k.rules.FeedbackWithin)
	p.institutionsPaid = calendar.AddWorking(p.signed, t.InstitutionsPaidWithin)
	if levers.Frequency != Monthly {
		p.due = max(p.paid, p.institutionsPaid)
	}
	return p
}

// planPeriod plans the steps of a period, each province by itself.
func (k *clearing) planPeriod(i int) {
	p, calendar := k.periods[i], k.world.Calendar
	k.plan(moneyEvent{day: p.allocated, step: stepAllocate, at: i})
	if k.rules.Levers.Netting != engine.Gross {
		k.plan(moneyEvent{day: p.paid, step: stepSetOff, at: i})
	}
	for province := range k.shape.Provinces {
		late := k.rules.late(province, p.month)
		submitted := calendar.AddWorking(p.submitted, late.Submit)
		k.plan(moneyEvent{day: submitted, step: stepCollect, at: i, place: province})
		if !late.Never {
			paid := calendar.AddWorking(submitted, k.world.Timetable.PayWithin+late.Pay)
			k.plan(moneyEvent{day: paid, step: stepRemit, at: i, place: province})
			k.plan(moneyEvent{day: paid + day.Day(k.rules.TransferDays), step: stepReceive, at: i, place: province})
		}
		k.plan(moneyEvent{day: calendar.AddWorking(p.institutionsPaid, late.Institutions), step: stepPayInstitutions, at: i, place: province})
	}
}

// planMonth plans the sign-off of a settled month, which is the month's whatever
// the frequency, and the quotas that are set anew in the month after it.
func (k *clearing) planMonth(i int) {
	m := k.months[i]
	k.plan(moneyEvent{day: m.signed, step: stepSign, at: i})
	if k.world.Timetable.Rebases(m.month+1) && i >= 2 && i+1 < k.world.WarmUp+k.world.Months {
		// The fourth quarter is known with December's allocation; the nation sets
		// the year's quota by the end of January (D1). Other months are what-if.
		k.plan(moneyEvent{day: (m.month + 1).Last(), step: stepRebase, at: i})
	}
}

// confirm takes out of a period what has not been reconciled and confirmed in time,
// and puts in what is by now (R12, R13, R15, X35).
func (k *clearing) confirm(p *period, ordinal int, amounts []money.Fen, register []engine.Totals) {
	rolling := k.rolling
	k.rolling = nil
	if k.mayMiss(p.month) {
		for cell, amount := range amounts {
			if amount == 0 {
				continue
			}
			if x := (item{cell: cell, origin: p.month, amount: amount}); k.misses(&x, 0) {
				if register != nil && k.rules.Levers.Frequency == Monthly {
					x.cases = register[cell][engine.Cases]
				}
				amounts[cell] = 0
				k.rollOn(p, x, 0)
			}
		}
	}
	if ordinal > 0 {
		// Rolled claims wait for the next month's first period.
		k.rolling = append(rolling, k.rolling...)
		return
	}
	for _, x := range rolling {
		tries := int(p.month - x.origin)
		switch {
		case k.stopped(p, x.origin):
			k.exceptions = append(k.exceptions, x)
		case k.misses(&x, tries):
			k.rollOn(p, x, tries)
		default:
			amounts[x.cell] += x.amount
			_, treating, _, _ := k.shape.Split(x.cell)
			// The institutions have waited for it since the end of its own month.
			p.wait[treating].fenDays += int64(x.amount) * int64(p.last-x.origin.Last())
		}
	}
}

// rollOn sends what has missed a period to the next month's, or to the list of
// exceptions where it is too old (R15).
func (k *clearing) rollOn(p *period, x item, tries int) {
	if tries >= k.rules.Confirm.MaxRoll {
		k.exceptions = append(k.exceptions, x)
		return
	}
	k.result.Rolled = append(k.result.Rolled, RolledItem{Month: x.origin, From: p.month, Cell: x.cell, Amount: x.amount, Cases: x.cases})
	k.rolling = append(k.rolling, x)
}

// stopped reports whether a period comes too late for the claims of a month: a
// year's claims are cleared by the hard stop of the next (R15).
func (k *clearing) stopped(p *period, origin day.Month) bool {
	stop := k.rules.Confirm.HardStop
	return stop > 0 && p.allocated > day.MonthOf(origin.Year()+1, stop).Last()
}

// mayMiss reports whether anything can miss a confirmation at all.
func (k *clearing) mayMiss(m day.Month) bool {
	return len(k.rules.Confirm.MissReconcile)+len(k.rules.Confirm.MissConfirm) > 0 || k.frozen(m) != [engine.NumKinds]int64{}
}

// misses draws whether a cell's claims of a month miss the days of a try.
func (k *clearing) misses(x *item, tries int) bool {
	pool, treating, _, kind := k.shape.Split(x.cell)
	number, at := k.cellNumber(x.cell), attempt(x.origin, tries)
	return k.keys.hits(drawReconcile, number, at, int64(of(k.rules.Confirm.MissReconcile, int(k.world.Pools[pool].Province))), whole) ||
		k.keys.hits(drawConfirm, number, at, int64(of(k.rules.Confirm.MissConfirm, treating)), whole) ||
		tries == 0 && k.keys.hits(drawFrozen, number, at, k.frozen(x.origin)[kind], million)
}

// carryNegative takes pairs that are negative out of a period, to be set against
// their next one (X11). What has been carried for too long is returned instead.
func (k *clearing) carryNegative(p *period, amounts []money.Fen) (any bool) {
	for pair, amount := range p.cleared.Pairs {
		if amount >= 0 || k.carriedFor[pair] >= k.rules.Confirm.MaxRoll {
			k.carriedFor[pair] = 0
			continue
		}
		k.carriedFor[pair]++
		any = true
		for _, i := range p.cleared.OfPair(pair) {
			cell := p.cleared.Cells[i]
			k.carried = append(k.carried, item{cell: cell, origin: p.month, amount: amounts[cell]})
			amounts[cell] = 0
		}
	}
	return any
}
