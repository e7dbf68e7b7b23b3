package clearing

import (
	"math"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Tally is what clearing needs to know of a month beyond the register, counted
// settlement by settlement: amounts by day, and the bills that are co-checked.
type Tally struct {
	shape    engine.Shape
	largeFee money.Fen
	// owed is what insured places owe and large how many large bills there were, by
	// day of the month and province of treatment.
	owed  []money.Fen
	large []int64
	// insured is what insured places owe by day of the month and province, of being
	// insured; nil where nobody has asked for it.
	insured    []money.Fen
	provinceOf []uint8
	// cases counts the settlements by day of the month and kind.
	cases [31][engine.NumKinds]int64
	// periods is what each cell owes by clearing period, where a month has several.
	frequency Frequency
	periods   []money.Fen
}

// NewTally returns an empty tally for one month after another.
func NewTally(in *Input) *Tally {
	shape := in.Shape()
	t := &Tally{shape: shape, largeFee: in.Rules.CoChecks.LargeFee, frequency: in.Rules.Levers.Frequency,
		owed: make([]money.Fen, 31*shape.Provinces), large: make([]int64, 31*shape.Provinces)}
	if t.largeFee == 0 {
		t.largeFee = math.MaxInt64
	}
	if t.frequency != Monthly {
		t.periods = make([]money.Fen, t.frequency.Periods(31)*shape.Cells())
	}
	return t
}

// KeepInsured makes the tally count what Between tells of the insured side too, by the
// province of each pool.
func (t *Tally) KeepInsured(provinceOf []uint8) {
	t.insured, t.provinceOf = make([]money.Fen, len(t.owed)), provinceOf
}

// Cell is what a bill belongs to in the matrix.
type Cell struct {
	Pool, Treating int
	Scheme         engine.Scheme
	Kind           engine.Kind
}

// Count counts a bill that was settled on a day of the month, from 0: its fee, and what
// of it the insured place owes. One that was taken back counts with everything negative.
func (t *Tally) Count(dayOfMonth int, c Cell, cases int64, fee, owed money.Fen) {
	at := dayOfMonth*t.shape.Provinces + c.Treating
	t.owed[at] += owed
	t.cases[dayOfMonth][c.Kind] += cases
	if fee >= t.largeFee {
		t.large[at]++
	}
	if t.insured != nil {
		t.insured[dayOfMonth*t.shape.Provinces+int(t.provinceOf[c.Pool])] += owed
	}
	if t.periods != nil {
		cell := t.shape.Cell(c.Pool, c.Treating, c.Scheme, c.Kind)
		t.periods[t.frequency.PeriodOf(dayOfMonth)*t.shape.Cells()+cell] += owed
	}
}

// Cases counts the settlements by day of the month and kind, those taken back not
// among them.
func (t *Tally) Cases() [31][engine.NumKinds]int64 { return t.cases }

// Between is what is owed to and by a province for what settled on a day of the month;
// the latter only where KeepInsured was called.
func (t *Tally) Between(dayOfMonth, province int) money.Fen {
	at := dayOfMonth*t.shape.Provinces + province
	sum := t.owed[at]
	if t.insured != nil {
		sum += t.insured[at]
	}
	return sum
}

// Add merges another tally into t and empties it.
func (t *Tally) Add(u *Tally) {
	t.add(u, 1)
	u.Reset()
}

// With is a copy of the tally and more what one other says and less what another does.
func (t *Tally) With(more, less *Tally) *Tally {
	out := t.Clone()
	out.add(more, 1)
	out.add(less, -1)
	return out
}

// Swelled is a copy of the tally in which a factor multiplies what settled in the
// places of treatment that grow, each amount rounded half-up. The register has been
// multiplied already; the parts of a month still sum to it, for the last of a cell
// takes the remainder.
func (t *Tally) Swelled(factor money.BasisPoints, grows func(treating int) bool, books *engine.Books) *Tally {
	scaled := func(f money.Fen) money.Fen { return money.ShareHalfUp(f, factor) }
	out := t.Clone()
	for i := range out.owed {
		if grows(i % t.shape.Provinces) {
			out.owed[i], out.large[i] = scaled(out.owed[i]), int64(scaled(money.Fen(out.large[i])))
		}
	}
	if out.periods == nil {
		return out
	}
	for cell, row := range books.Rows() {
		if _, treating, _, _ := t.shape.Split(cell); !grows(treating) {
			continue
		}
		last, left := -1, row.Register.Cleared()
		for i := cell; i < len(out.periods); i += t.shape.Cells() {
			if out.periods[i] != 0 {
				out.periods[i] = scaled(out.periods[i])
				last, left = i, left-out.periods[i]
			}
		}
		if last >= 0 {
			out.periods[last] += left
		}
	}
	return out
}

// Clone is a copy that shares nothing that changes.
func (t *Tally) Clone() *Tally {
	out := *t
	out.owed, out.large, out.periods, out.insured = slices.Clone(t.owed), slices.Clone(t.large), slices.Clone(t.periods), slices.Clone(t.insured)
	return &out
}

// Reset empties the tally.
func (t *Tally) Reset() {
	clear(t.owed)
	clear(t.large)
	clear(t.insured)
	clear(t.periods)
	clear(t.cases[:])
}

func (t *Tally) add(u *Tally, times int64) {
	plus(t.owed, u.owed, times)
	plus(t.large, u.large, times)
	plus(t.insured, u.insured, times)
	plus(t.periods, u.periods, times)
	for d := range t.cases {
		plus(t.cases[d][:], u.cases[d][:], times)
	}
}

func plus[T ~int64](sum, more []T, times int64) {
	for i := range sum {
		sum[i] += more[i] * T(times)
	}
}

// period returns what each cell owes for a period of the month, from 0; nothing where
// the month is one period.
func (t *Tally) period(i int) []money.Fen {
	if t.periods == nil {
		return nil
	}
	return t.periods[i*t.shape.Cells():][:t.shape.Cells()]
}

// Check proves the amounts by period and by day against the register (V4): each
// claim is in one period and one only (V6).
func (t *Tally) Check(barrier string, books *engine.Books, cellName func(int) string) (checked int64, breaches []*engine.Breach) {
	byDay := make([]money.Fen, t.shape.Provinces)
	for cell, row := range books.Rows() {
		_, treating, _, _ := t.shape.Split(cell)
		byDay[treating] -= row.Register.Cleared()
	}
	for cell := range t.period(0) {
		checked++
		var got money.Fen
		for i := cell; i < len(t.periods); i += t.shape.Cells() {
			got += t.periods[i]
		}
		if want := books.At(cell).Register.Cleared(); got != want {
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
func (k *Clearing) waitInPeriod(p *openPeriod, t *Tally) {
	first := p.Month.First()
	frequency := k.rules.Levers.Frequency
	for d := range p.Month.Days() {
		if frequency.PeriodOf(d) != p.Ordinal-1 {
			continue
		}
		for treating := range p.wait {
			p.wait[treating].inPeriod += int64(t.owed[d*k.shape.Provinces+treating]) * int64(p.Last-first-day.Day(d))
		}
	}
}
