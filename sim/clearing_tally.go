package sim

import (
	"math"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// moneyTally is what clearing needs to know of a month beyond the register, counted
// bill by bill: amounts by day, and the bills that are co-checked.
type moneyTally struct {
	shape    engine.Shape
	largeFee money.Fen
	// owed is what insured places owe and large how many large bills there were, by
	// day of the month and province of treatment.
	owed  []money.Fen
	large []int64
	// insured is what insured places owe by day of the month and province, of being
	// insured; nil where nobody records the run.
	insured    []money.Fen
	provinceOf []uint8
	// byKind counts the settlements by day of the month and kind; it is set at the
	// barrier.
	byKind [31][engine.NumKinds]int64
	// periods is what each cell owes by clearing period, where a month has several.
	frequency Frequency
	periods   []money.Fen
}

func newMoneyTally(w *World, shape engine.Shape) *moneyTally {
	t := &moneyTally{shape: shape, largeFee: w.Money.CoChecks.LargeFee, frequency: w.Money.Levers.Frequency,
		owed: make([]money.Fen, 31*shape.Provinces), large: make([]int64, 31*shape.Provinces)}
	if t.largeFee == 0 {
		t.largeFee = math.MaxInt64
	}
	if t.frequency != Monthly {
		t.periods = make([]money.Fen, t.frequency.Periods(31)*shape.Cells())
	}
	return t
}

// recorded makes the tally keep what recordings keep beside.
func (t *moneyTally) recorded(provinceOf []uint8) {
	t.insured, t.provinceOf = make([]money.Fen, len(t.owed)), provinceOf
}

// clone is a copy that shares nothing that changes.
func (t *moneyTally) clone() moneyTally {
	out := *t
	out.owed, out.large, out.periods, out.insured = slices.Clone(t.owed), slices.Clone(t.large), slices.Clone(t.periods), slices.Clone(t.insured)
	return out
}

// count counts a settlement, or the taking back of one, on a day of the month from 0;
// owed is what the insured place owes for it.
func (t *moneyTally) count(c *engine.Claim, r *engine.Result, dayOfMonth int, owed money.Fen) {
	at := dayOfMonth*t.shape.Provinces + int(c.Treating)
	t.owed[at] += owed
	if r.Fee >= t.largeFee {
		t.large[at]++
	}
	if t.insured != nil {
		t.insured[dayOfMonth*t.shape.Provinces+int(t.provinceOf[c.Pool])] += owed
	}
	if t.periods != nil {
		cell := t.shape.Cell(int(c.Pool), int(c.Treating), c.Scheme, r.Kind)
		t.periods[t.frequency.PeriodOf(dayOfMonth)*t.shape.Cells()+cell] += owed
	}
}

// add merges another tally into t and empties it.
func (t *moneyTally) add(u *moneyTally) {
	for i := range t.owed {
		t.owed[i] += u.owed[i]
		t.large[i] += u.large[i]
	}
	for i := range t.periods {
		t.periods[i] += u.periods[i]
	}
	for i := range t.insured {
		t.insured[i] += u.insured[i]
	}
	u.reset()
}

func (t *moneyTally) reset() {
	clear(t.owed)
	clear(t.large)
	clear(t.insured)
	clear(t.periods)
}

// period returns what each cell owes for a period of the month, from 0.
func (t *moneyTally) period(i int) []money.Fen {
	return t.periods[i*t.shape.Cells():][:t.shape.Cells()]
}

// check proves the amounts by period and by day against the register (V4): each
// claim is in one period and one only (V6).
func (t *moneyTally) check(barrier string, register []engine.Totals, cellName func(int) string) (checked int64, breaches []*engine.Breach) {
	byDay := make([]money.Fen, t.shape.Provinces)
	for cell := range register {
		want := register[cell].Cleared()
		_, treating, _, _ := t.shape.Split(cell)
		byDay[treating] -= want
		if t.periods == nil {
			continue
		}
		checked++
		var got money.Fen
		for i := cell; i < len(t.periods); i += t.shape.Cells() {
			got += t.periods[i]
		}
		if got != want {
			breaches = append(breaches, &engine.Breach{Barrier: barrier, Invariant: "V6 (periods = month)", Cell: cellName(cell), Account: engine.PoolOwes.String(), Want: want, Got: got})
		}
	}
	for i, owed := range t.owed {
		byDay[i%t.shape.Provinces] += owed
	}
	for treating, off := range byDay {
		checked++
		if off != 0 {
			breaches = append(breaches, &engine.Breach{Barrier: barrier, Invariant: "V4 (days = month)", Cell: cellName(t.shape.Cell(0, treating, 0, 0)), Account: engine.TreatingOpen.String(), Got: off})
		}
	}
	return checked, breaches
}

// waitInPeriod counts how long institutions had waited by the end of a period for
// what was settled within it.
func (k *clearing) waitInPeriod(p *period, t *moneyTally) {
	first := p.month.First()
	frequency := k.rules.Levers.Frequency
	for d := range p.month.Days() {
		if frequency.PeriodOf(d) != p.ordinal-1 {
			continue
		}
		for treating := range p.wait {
			p.wait[treating].inPeriod += int64(t.owed[d*k.shape.Provinces+treating]) * int64(p.last-first-day.Day(d))
		}
	}
}
