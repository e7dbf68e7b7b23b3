package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// openPeriod is a clearing period on its way (R14): a month, or a part of one where the
// frequency lever is pulled. Of what is told of it in the end, the dates and the
// certificate stand from the beginning.
type openPeriod struct {
	Period
	cleared *engine.Cleared

	isAllocated, done bool
	collected         []bool      // by insured province
	dues              []discharge // by pair
	// left is what of each cleared amount the institutions still wait for; nil as long
	// as nothing or everything has been paid, see leftOf.
	left []money.Fen
	// wait is how the institutions fared, by province of treatment.
	wait []institutionsWait
}

// discharge is how far a pair's obligation of one period has been met.
type discharge struct {
	setOff   money.Fen // discharged without money moving
	paid     money.Fen // matched so far, set-off included
	late     money.Fen // of it after the period's Due
	lastPaid day.Day
	fenDays  int64 // matched fen × days since allocation
}

// claims are what one cell owes for one settled month and are in no period yet. A cell
// misses a confirmation as a whole: a claim is then in exactly one period (V6), doubled
// amounts miss the same months, and no fen has to be divided.
type claims struct {
	cell   int
	origin day.Month // the settled month
	amount money.Fen
	cases  int64
}

// takeOver takes over a settled month and plans its money: allocation and sign-off
// in the next month, notices at that month's end, submission and payment within
// their working days (R3, R14). What the timetable states happens, even past the
// next sign-off, before which all of it is due (D6, D7): then it is overdue and
// counted as such. It returns the month's last period.
func (k *Clearing) takeOver(books *engine.Books, tally *Tally, m day.Month) *openPeriod {
	k.ledger.Settled(books)
	k.oweManual(books, m)
	k.reconcile(tally, m)
	frequency, days := k.rules.Levers.Frequency, m.Days()
	var p *openPeriod
	k.months = append(k.months, &settledMonth{month: m, pairs: make([]money.Fen, len(k.pairs)), signed: (m + 1).On(k.in.Timetable.SignOn)})
	for i := range frequency.Periods(days) {
		if frequency == Monthly {
			for cell, row := range books.Rows() {
				k.owed[cell] = row.Register.Cleared()
			}
		} else {
			copy(k.owed, tally.period(i))
		}
		last := m.First() + day.Day(frequency.LastDay(i, days))
		p = k.drawUp(m, i, last, books)
		k.waitInPeriod(p, tally)
	}
	k.planMonth(len(k.months) - 1)
	return p
}

// unfinished reports whether a month after the last settled one must have a period
// of its own.
func (k *Clearing) unfinished(m day.Month) bool {
	last := k.in.end() - 1
	if audit := &k.rules.Audit; audit.To != 0 {
		last = min(last, audit.To)
	}
	audits := len(k.rules.Audit.Cells) > 0 && m <= last+day.Month(k.rules.Audit.After)
	return audits || len(k.rolling)+len(k.carried) > 0
}

// runOffMonth draws up what is left after the last settled month. Nobody watches the
// use of prepayments any more.
func (k *Clearing) runOffMonth(m day.Month) {
	k.months = append(k.months, &settledMonth{month: m, pairs: make([]money.Fen, len(k.pairs)), signed: (m + 1).On(k.in.Timetable.SignOn)})
	k.drawUp(m, 0, m.Last(), nil)
}

// drawUp makes a clearing period out of what the cells owe: what is confirmed of it,
// what rolled on from earlier months, and what audits recover.
func (k *Clearing) drawUp(m day.Month, ordinal int, last day.Day, books *engine.Books) *openPeriod {
	p, amounts := k.dates(m, ordinal, last), k.owed
	defer clear(amounts)
	k.confirm(p, ordinal, amounts, books)
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
	p.dues = make([]discharge, len(k.pairs))
	for pair, off := range k.rules.Levers.Netting.SetOff(k.shape, p.cleared.Pairs) {
		p.dues[pair].setOff = off
	}
	var previous *engine.Certificate
	if len(k.periods) > 0 {
		previous = &k.periods[len(k.periods)-1].Certificate
	}
	p.Certificate = engine.Certify(previous, m, p.Ordinal, k.rows(p.cleared))
	k.periods = append(k.periods, p)
	k.planPeriod(len(k.periods) - 1)
	return p
}

// rows yields a period's matrix with the codes of its places.
func (k *Clearing) rows(c *engine.Cleared) func(func(engine.MatrixRow) bool) {
	return func(yield func(engine.MatrixRow) bool) {
		for i, cell := range c.Cells {
			pool, treating, scheme, kind := k.shape.Split(cell)
			if !yield(engine.MatrixRow{Pool: k.in.Pools[pool].Code, Treating: k.in.Provinces[treating].Code, Scheme: scheme, Kind: kind, Amount: c.Amounts[i]}) {
				return
			}
		}
	}
}

// dates sets a period's days. A month has the law's; shorter periods follow their
// end by the levers' working days, and are due when those are over.
func (k *Clearing) dates(m day.Month, ordinal int, last day.Day) *openPeriod {
	t, calendar, levers := &k.in.Timetable, k.in.Calendar, &k.rules.Levers
	p := &openPeriod{Period: Period{Month: m, Ordinal: ordinal + 1, Last: last},
		collected: make([]bool, k.shape.Provinces), wait: make([]institutionsWait, k.shape.Provinces)}
	if levers.Frequency == Monthly {
		p.Reconciled, p.Confirmed = (m + 1).On(k.rules.Confirm.ReconcileOn), (m + 1).On(k.rules.Confirm.ConfirmOn)
		p.Allocated = (m + 1).On(t.AllocateOn)
		p.Signed = (m + 1).On(t.SignOn)
		p.Noticed = (m + 1).Last()
		p.Due = (m + 2).On(t.SignOn) - 1
	} else {
		p.Allocated = calendar.AddWorking(last, levers.ShortAllocate)
		p.Signed = calendar.AddWorking(p.Allocated, levers.ShortSign)
		p.Noticed = p.Signed
		p.Reconciled, p.Confirmed = p.Allocated, p.Allocated
	}
	p.Submitted = calendar.AddWorking(p.Noticed, t.SubmitWithin)
	p.Paid = calendar.AddWorking(p.Submitted, t.PayWithin)
	p.FedBack = calendar.AddWorking(p.Paid+day.Day(k.rules.TransferDays), k.rules.FeedbackWithin)
	p.InstitutionsPaid = calendar.AddWorking(p.Signed, t.InstitutionsPaidWithin)
	if levers.Frequency != Monthly {
		p.Due = max(p.Paid, p.InstitutionsPaid)
	}
	return p
}

// planPeriod plans the steps of a period, each province by itself.
func (k *Clearing) planPeriod(i int) {
	p, calendar := k.periods[i], k.in.Calendar
	k.plan(event{day: p.Allocated, step: stepAllocate, at: i})
	if k.rules.Levers.Netting != engine.Gross {
		k.plan(event{day: p.Paid, step: stepSetOff, at: i})
	}
	for province := range k.shape.Provinces {
		late := k.rules.late(province, p.Month)
		submitted := calendar.AddWorking(p.Submitted, late.Submit)
		k.plan(event{day: submitted, step: stepCollect, at: i, place: province})
		if !late.Never {
			paid := calendar.AddWorking(submitted, k.in.Timetable.PayWithin+late.Pay)
			k.plan(event{day: paid, step: stepRemit, at: i, place: province})
			k.plan(event{day: paid + day.Day(k.rules.TransferDays), step: stepReceive, at: i, place: province})
		}
		k.plan(event{day: calendar.AddWorking(p.InstitutionsPaid, late.Institutions), step: stepPayInstitutions, at: i, place: province})
	}
}

// planMonth plans the sign-off of a settled month, which is the month's whatever
// the frequency, and the quotas that are set anew in the month after it.
func (k *Clearing) planMonth(i int) {
	m := k.months[i]
	k.plan(event{day: m.signed, step: stepSign, at: i})
	if k.in.Timetable.Rebases(m.month+1) && i >= 2 && i+1 < k.in.WarmUp+k.in.Months {
		// The fourth quarter is known with December's allocation; the nation sets
		// the year's quota by the end of January (D1). Other months are what-if.
		k.plan(event{day: (m.month + 1).Last(), step: stepRebase, at: i})
	}
}

// confirm takes out of a period what has not been reconciled and confirmed in time,
// and puts in what is by now (R12, R13, R15, X35).
func (k *Clearing) confirm(p *openPeriod, ordinal int, amounts []money.Fen, books *engine.Books) {
	rolling := k.rolling
	k.rolling = nil
	if k.mayMiss(p.Month) {
		for cell, amount := range amounts {
			if amount == 0 {
				continue
			}
			if x := (claims{cell: cell, origin: p.Month, amount: amount}); k.misses(&x, 0) {
				if books != nil && k.rules.Levers.Frequency == Monthly {
					x.cases = books.At(cell).Register[engine.Cases]
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
		tries := int(p.Month - x.origin)
		switch {
		case k.pastHardStop(p, x.origin):
			k.exceptions = append(k.exceptions, x)
		case k.misses(&x, tries):
			k.rollOn(p, x, tries)
		default:
			amounts[x.cell] += x.amount
			_, treating, _, _ := k.shape.Split(x.cell)
			// The institutions have waited for it since the end of its own month.
			p.wait[treating].fenDays += int64(x.amount) * int64(p.Last-x.origin.Last())
		}
	}
}

// rollOn sends what has missed a period to the next month's, or to the list of
// exceptions where it is too old (R15).
func (k *Clearing) rollOn(p *openPeriod, x claims, tries int) {
	if tries >= k.rules.Confirm.MaxRoll {
		k.exceptions = append(k.exceptions, x)
		return
	}
	k.result.Rolled = append(k.result.Rolled, Unconfirmed{Month: x.origin, From: p.Month, Cell: x.cell, Amount: x.amount, Cases: x.cases})
	k.rolling = append(k.rolling, x)
}

// pastHardStop reports whether a period comes too late for the claims of a month: a
// year's claims are cleared by the hard stop of the next (R15).
func (k *Clearing) pastHardStop(p *openPeriod, origin day.Month) bool {
	stop := k.rules.Confirm.HardStop
	return stop > 0 && p.Allocated > day.MonthOf(origin.Year()+1, stop).Last()
}

// mayMiss reports whether anything can miss a confirmation at all.
func (k *Clearing) mayMiss(m day.Month) bool {
	return len(k.rules.Confirm.MissReconcile)+len(k.rules.Confirm.MissConfirm) > 0 || k.frozen(m) != [engine.NumKinds]int64{}
}

// misses draws whether a cell's claims of a month miss reconciliation or confirmation
// when they are tried for the first, second … time, counted from 0.
func (k *Clearing) misses(x *claims, tries int) bool {
	pool, treating, _, kind := k.shape.Split(x.cell)
	number, at := k.cellNumber(x.cell), attempt(x.origin, tries)
	return k.keys.hits(streamReconcile, number, at, int64(ofProvince(k.rules.Confirm.MissReconcile, int(k.in.Pools[pool].Province))), whole) ||
		k.keys.hits(streamConfirm, number, at, int64(ofProvince(k.rules.Confirm.MissConfirm, treating)), whole) ||
		tries == 0 && k.keys.hits(streamFrozen, number, at, k.frozen(x.origin)[kind], million)
}

// carryNegative takes pairs that are negative out of a period, to be set against
// their next one (X11). What has been carried for too long is returned instead.
func (k *Clearing) carryNegative(p *openPeriod, amounts []money.Fen) (any bool) {
	for pair, amount := range p.cleared.Pairs {
		if amount >= 0 || k.carriedFor[pair] >= k.rules.Confirm.MaxRoll {
			k.carriedFor[pair] = 0
			continue
		}
		k.carriedFor[pair]++
		any = true
		for _, i := range p.cleared.OfPair(pair) {
			cell := p.cleared.Cells[i]
			k.carried = append(k.carried, claims{cell: cell, origin: p.Month, amount: amounts[cell]})
			amounts[cell] = 0
		}
	}
	return any
}
