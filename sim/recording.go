package sim

import (
	"context"
	"fmt"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// Recording keeps what the money between places depends on: the registers of the
// settled months. A change that touches no patient, such as a late payer or another
// prepayment multiple, is then computed by Clear in a fraction of the run's time.
type Recording struct {
	world      *World
	shape      engine.Shape
	provinceOf []uint8
	months     []recordedMonth
}

// recordedMonth is one month's register, rows without any settlement left out. The
// rows are the Result's own. The month's ledger is not kept: it was proven to follow
// from the register.
type recordedMonth struct {
	cells  []CellTotals
	manual []engine.Totals
	tally  *clearing.Tally
}

func (rec *Recording) begin(c *compiled) {
	if rec != nil {
		*rec = Recording{world: c.world, shape: c.shape, provinceOf: c.provinceOf}
	}
}

// keep records a month; a nil recording records nothing.
func (rec *Recording) keep(cells []CellTotals, books *engine.Books, tally *clearing.Tally) {
	if rec == nil {
		return
	}
	rec.months = append(rec.months, recordedMonth{cells, slices.Clone(books.Manual), tally.Clone()})
}

// Surge multiplies what is settled in one province of treatment during some months.
type Surge struct {
	Treating int // index in World.Provinces; clearing.AllProvinces for each
	// From and To are the settled months, both included.
	From, To day.Month
	Factor   money.BasisPoints // 10000 is once
}

// Clear moves the recorded months' money again under the money rules, prepayment
// rule and timetable of a world, proves the books at the end, and returns what a run
// would have found about the money: Clearing, Checked and Breaches. Everything else in the Result is zero. With a surge the
// registers are those of so many more of the same bills. The seed keys the money's
// draws only; patients stay as recorded.
//
// An error says that the world is not the recorded one with other money rules, as
// far as that shows. Clear may be called at the same time from several goroutines.
func (rec *Recording) Clear(ctx context.Context, w *World, seed uint64, surges ...Surge) (*Result, error) {
	switch old := rec.world; {
	case old == nil || len(rec.months) < old.WarmUp+old.Months:
		return nil, fmt.Errorf("nothing complete was recorded")
	case len(w.Pools) != len(old.Pools), len(w.Provinces) != len(old.Provinces), w.First != old.First, w.WarmUp != old.WarmUp, w.Months != old.Months,
		w.Money.Levers.Frequency != old.Money.Levers.Frequency, w.Money.CoChecks.LargeFee != old.Money.CoChecks.LargeFee:
		return nil, &WorldError{w.Name, fmt.Errorf("it differs from the recorded one in more than how money moves")}
	}
	if err := w.Money.Check(len(w.Provinces)); err != nil {
		return nil, &WorldError{w.Name, err}
	}
	keys := keysOf(seed)
	c := &compiled{world: w, keys: keys, shape: rec.shape, provinceOf: rec.provinceOf, money: w.clearing(&keys)}
	r := &runner{cfg: &Config{World: w, Seed: seed}, c: c, clearing: clearing.New(c.money), result: new(Result)}
	books := engine.NewBooks(rec.shape)
	for i := range rec.months {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		month := w.First + day.Month(i)
		m := &rec.months[i]
		for at := range m.cells {
			books.Row(m.cells[at].Cell).Register = m.cells[at].Totals
		}
		books.Manual = m.manual
		tally := m.tally
		for _, s := range surges {
			if s.From <= month && month <= s.To {
				tally = s.swell(books, tally, m.cells)
			}
		}
		for _, row := range books.Rows() {
			row.Ledger = balancesOf(&row.Register)
		}
		r.clearing.Clear(books, tally, month)
		books.Manual = nil // the recording's
		books.Reset()
	}
	r.runOff()
	return r.result, nil
}

// swell scales the books of a place of treatment, each amount rounded half-up; the
// fee is then what the payers pay (V2).
func (s *Surge) swell(books *engine.Books, tally *clearing.Tally, cells []CellTotals) *clearing.Tally {
	scaled := func(v int64) int64 { return int64(money.ShareHalfUp(money.Fen(v), s.Factor)) }
	for at := range cells {
		cell := cells[at].Cell
		if _, treating, _, _ := books.Shape.Split(cell); !s.hits(treating) {
			continue
		}
		t := &books.Row(cell).Register
		for i := range t {
			t[i] = scaled(t[i])
		}
		t[engine.SumFee] = t[engine.SumCash] + int64(t.Cleared()) + t[engine.SumHospital]
	}
	return tally.Swelled(s.Factor, s.hits, books)
}

func (s *Surge) hits(treating int) bool {
	return s.Treating == clearing.AllProvinces || s.Treating == treating
}

// balancesOf is the ledger of a cell as it follows from its register, see
// engine.Books.Check.
func balancesOf(t *engine.Totals) (l engine.Balances) {
	cash, owed := money.Fen(t[engine.SumCash]), t.Cleared()
	l[engine.InstitutionRevenue] = -money.Fen(t[engine.SumFee])
	l[engine.InstitutionReceived] = cash
	l[engine.InstitutionDue] = owed
	l[engine.InstitutionBorne] = money.Fen(t[engine.SumHospital])
	l[engine.PatientBurden], l[engine.PatientPaid] = cash, -cash
	l[engine.TreatingOpen], l[engine.TreatingOwes] = owed, -owed
	l[engine.PoolBasic] = money.Fen(t[engine.SumBasic])
	l[engine.PoolLarge] = money.Fen(t[engine.SumLarge])
	l[engine.PoolMajor] = money.Fen(t[engine.SumMajor])
	l[engine.PoolCivil] = money.Fen(t[engine.SumCivil])
	l[engine.PoolEnterprise] = money.Fen(t[engine.SumEnterprise])
	l[engine.PoolAid] = money.Fen(t[engine.SumAid])
	l[engine.PoolAccount] = money.Fen(t[engine.SumAccount])
	l[engine.PoolMutual] = money.Fen(t[engine.SumMutual])
	l[engine.PoolOwes] = -owed
	return l
}
