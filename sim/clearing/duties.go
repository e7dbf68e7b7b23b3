package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// treatingPlace is a province as place of treatment.
type treatingPlace struct {
	changed bool // its pots have, since they were last settled
	result  TreatingProvince
	queue   []coChecks
}

// coChecks are the large bills of one day that still want an answer.
type coChecks struct {
	asked int // the working day, counted from the start of the run
	count int64
}

// watch records how each province's pots stood from the last day with events until
// a day, month by month: how low, how many days short, how much was waited for, and
// what interest accrued.
func (k *Clearing) watch(until day.Day) {
	for k.today < until {
		m := k.today.Month()
		upTo := min(until, (m + 1).First())
		days := int(upTo - k.today)
		measured := m >= k.in.First+day.Month(k.in.WarmUp) && m < k.in.end()
		for treating := range k.places {
			k.watchPlace(&k.places[treating].result, m, days, measured)
		}
		if measured {
			k.watchPairs(m)
		}
		k.today = upTo
		if quarterEnds := upTo == (m+1).First() && m.OfYear()%3 == 0; quarterEnds {
			k.creditInterest()
		}
	}
}

func (k *Clearing) watchPlace(r *TreatingProvince, m day.Month, days int, measured bool) {
	var level, short, waiting money.Fen
	for i := range k.potsOf(r.Treating) {
		p := &k.potsOf(r.Treating)[i]
		l := k.level(p)
		level += l
		short += max(0, -l)
		waiting += p.waiting
		if k.rules.Interest.Rate > 0 {
			p.accrual.Hold(&k.rules.Interest, l, days)
		}
	}
	for next := k.in.First + day.Month(len(r.Months)); next <= m; next++ {
		r.Months = append(r.Months, TreatingMonth{Month: next, Lowest: level})
	}
	month := &r.Months[m-k.in.First]
	month.Lowest = min(month.Lowest, level)
	month.PotFenDays += int64(level+short) * int64(days)
	if short > 0 {
		month.ShortDays += days
		month.OwnFenDays += int64(short) * int64(days)
		month.Depth = max(month.Depth, short)
		r.ShortDays += days
	}
	if -short < r.Lowest {
		r.Lowest, r.LowestDay = -short, k.today
	}
	if waiting > 0 {
		month.WaitingDays += days
		month.WaitingMost = max(month.WaitingMost, waiting)
	}
	if measured && (r.IdleDay == 0 || max(0, level) < r.Idle) {
		r.Idle, r.IdleDay = max(0, level), k.today
	}
}

// watchPairs keeps the lowest that each pair's part of the pot stood at.
func (k *Clearing) watchPairs(m day.Month) {
	start := k.today == (k.in.First + day.Month(k.in.WarmUp)).First()
	for pair := range k.pairs {
		p := &k.pairs[pair]
		if level := k.ledger.Pairs[pair][engine.TreatingFiscal-engine.NumCellAccounts]; start || level < p.lowest {
			p.lowest = level
		}
	}
}

// creditInterest credits what has accrued on the pots at the end of a quarter (D11).
func (k *Clearing) creditInterest() {
	for i := range k.pots {
		p := &k.pots[i]
		if fen := p.accrual.Credit(&k.rules.Interest); fen != 0 {
			k.ledger.CreditInterest(p.treating, p.scheme, fen)
			k.places[p.treating].result.Interest += fen
		}
	}
}

// oweManual books a month's manual claims, whose documents are complete by its end,
// and plans their reimbursement (C19).
func (k *Clearing) oweManual(books *engine.Books, m day.Month) {
	first := len(k.result.Manual)
	for province := range k.shape.Provinces {
		deadline := k.in.Calendar.AddWorking(m.Last(), k.in.Timetable.ManualWithin)
		paid := k.in.Calendar.AddWorking(deadline, k.rules.late(province, m).Manual)
		k.result.Manual = append(k.result.Manual, ManualMonth{Month: m, Insured: province, Deadline: deadline, Paid: paid,
			OverdueDays: k.in.Calendar.WorkingBetween(deadline, paid)})
	}
	manual := make([]money.Fen, len(books.Manual))
	for pool := range k.in.Pools {
		row := &k.result.Manual[first+int(k.in.Pools[pool].Province)]
		for s := range engine.Scheme(engine.NumSchemes) {
			for kind := range engine.Kind(engine.NumKinds) {
				at := k.shape.ManualCell(pool, s, kind)
				t := &books.Manual[at]
				manual[at] = t.Cleared()
				row.Cases += t[engine.Cases]
				row.Amount += manual[at]
				k.ledger.OweManual(k.ledger.HomeCell(pool, s, kind), manual[at])
			}
		}
	}
	k.manual = append(k.manual, manual)
	rows := k.result.Manual[:first]
	for i, row := range k.result.Manual[first:] {
		if row.Cases != 0 || row.Amount != 0 {
			k.plan(event{day: row.Paid, step: stepManual, at: len(k.manual) - 1, place: i})
			rows = append(rows, row)
		}
	}
	k.result.Manual = rows
}

// payManual reimburses the manual claims of a month in the pools of a province.
func (k *Clearing) payManual(e *event) {
	manual := k.manual[e.at]
	for pool := range k.in.Pools {
		if int(k.in.Pools[pool].Province) != e.place {
			continue
		}
		for s := range engine.Scheme(engine.NumSchemes) {
			for kind := range engine.Kind(engine.NumKinds) {
				at := k.shape.ManualCell(pool, s, kind)
				k.ledger.PayManual(k.ledger.HomeCell(pool, s, kind), manual[at])
				manual[at] = 0
			}
		}
	}
}

// recover books what audits of a month cleared before take back: negative items of
// the same cells in the period that is open now (D12, X10, X40).
func (k *Clearing) recover(m day.Month, amounts []money.Fen) {
	audit := &k.rules.Audit
	if len(audit.Cells) == 0 {
		return
	}
	origin := m - day.Month(audit.After)
	if origin < audit.From || audit.To != 0 && origin > audit.To || origin >= k.in.end() {
		return
	}
	for _, p := range k.periods {
		if p.Month != origin {
			continue
		}
		for i, cell := range p.cleared.Cells {
			_, treating, scheme, _ := k.shape.Split(cell)
			if p.cleared.Amounts[i] <= 0 || !k.keys.hits(streamAudit, k.cellNumber(cell), attempt(p.Month, p.Ordinal), int64(of(audit.Cells, treating)), whole) {
				continue
			}
			back := money.ShareHalfUp(p.cleared.Amounts[i], audit.Recovered)
			fine := money.ShareHalfUp(back, audit.Fine)
			k.ledger.Recover(cell, back)
			k.ledger.Fine(treating, scheme, fine)
			amounts[cell] -= back
			k.places[treating].result.Fines += fine
			k.result.Recoveries = append(k.result.Recoveries, Recovery{Month: m, Origin: p.Month, Cell: cell, Amount: back, Fine: fine})
		}
	}
}

// reconcile reconciles the days of a month (D8, R12) and answers its co-checks
// (R18). The register holds no single bill, so differences are drawn from the day
// totals: what is repaired in time ends as it was settled and moves no money; what
// stays frozen makes cells of its kind miss their month, see misses.
func (k *Clearing) reconcile(t *Tally, m day.Month) {
	k.frozenShare = [engine.NumKinds]int64{}
	k.frozenMonth = m
	k.answer(t, m)
	rules, calendar := &k.rules.Reconcile, k.in.Calendar
	if rules.Fault == 0 {
		return
	}
	finished, confirmed := (m + 1).On(k.rules.Confirm.ReconcileOn), (m + 1).On(k.rules.Confirm.ConfirmOn)
	var settled, frozen [engine.NumKinds]int64
	for d := range m.Days() {
		on := m.First() + day.Day(d)
		for kind, n := range t.cases[d] {
			n = max(0, n)
			row := ReconcileDay{Day: on, Kind: engine.Kind(kind), Repaired: on + 1}
			faults := n * rules.Fault / million
			if k.keys.hits(streamFault, uint64(kind), uint64(on)<<32, n*rules.Fault%million, million) {
				faults++
			}
			for i := range faults {
				class := engine.CentreMore
				for rest := int64(k.keys[streamFault].Below(uint64(whole), uint64(kind), uint64(on)<<32|uint64(i+1))); class < engine.Differ && rest >= int64(rules.Mix[class-1]); class++ {
					rest -= int64(rules.Mix[class-1])
				}
				row.Results[class]++
				repaired := calendar.AddWorking(on+1, rules.RepairWithin[class-1])
				row.Repaired = max(row.Repaired, repaired)
				if repaired > finished {
					row.Late++
				}
				if class == engine.Differ && repaired > confirmed {
					row.Frozen++
				}
			}
			row.Results[engine.Equal] = n - faults
			settled[kind] += n
			frozen[kind] += row.Frozen
			k.result.Days = append(k.result.Days, row)
		}
	}
	for kind := range frozen {
		if frozen[kind] > 0 {
			k.frozenShare[kind] = frozen[kind] * million / settled[kind]
		}
	}
}

// frozen returns the shares, in a million, of the last reconciled month's settlements
// that are frozen by kind.
func (k *Clearing) frozen(m day.Month) [engine.NumKinds]int64 {
	if m != k.frozenMonth {
		return [engine.NumKinds]int64{}
	}
	return k.frozenShare
}

// answer asks and answers the co-checks of a month, first come, first served.
func (k *Clearing) answer(t *Tally, m day.Month) {
	for treating := range k.places {
		place, row := &k.places[treating], CoCheckMonth{Month: m, Treating: treating}
		working := k.workingDays
		for d := range m.Days() {
			on := m.First() + day.Day(d)
			if k.in.Calendar.Working(on) {
				working++
				k.answerDay(place, &row, working)
			}
			if t != nil {
				if n := t.large[d*k.shape.Provinces+treating]; n > 0 {
					place.queue = append(place.queue, coChecks{working, n})
					row.Asked += n
				}
			}
		}
		for _, q := range place.queue {
			row.Open += q.count
		}
		if row != (CoCheckMonth{Month: m, Treating: treating}) {
			k.result.CoChecks = append(k.result.CoChecks, row)
		}
	}
	for d := range m.Days() {
		if k.in.Calendar.Working(m.First() + day.Day(d)) {
			k.workingDays++
		}
	}
	k.answered = m
}

// answerDay answers what a province can on a working day.
func (k *Clearing) answerDay(place *treatingPlace, row *CoCheckMonth, working int) {
	rules := &k.rules.CoChecks
	capacity := int64(of(rules.Capacity, place.result.Treating))
	unlimited := capacity == 0
	for len(place.queue) > 0 && (unlimited || capacity > 0) {
		q := &place.queue[0]
		n := q.count
		if !unlimited {
			n = min(n, capacity)
			capacity -= n
		}
		q.count -= n
		wait := working - q.asked
		row.Answered += n
		row.WaitDays += n * int64(wait)
		if wait > rules.AnswerWithin {
			row.Late += n
		}
		if q.count == 0 {
			place.queue = place.queue[1:]
		}
	}
}

// endDuties credits the last interest and answers what is still asked.
func (k *Clearing) endDuties() {
	if k.rules.Interest.Rate > 0 {
		k.creditInterest()
	}
	for m := k.answered + 1; k.asked(); m++ {
		k.answer(nil, m)
	}
}

func (k *Clearing) asked() bool {
	for i := range k.places {
		if len(k.places[i].queue) > 0 {
			return true
		}
	}
	return false
}
