package clearing

import (
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// R13, R15, X35 — claims that are not confirmed roll on, two months at most, and are
// exceptions then: named, and owed for ever.
func TestUnconfirmedClaimsRollOnAndEndAsExceptions(t *testing.T) {
	w := countryOf(3, 1, 2)
	w.Rules.Confirm.MissConfirm = []money.BasisPoints{0, 10_000} // all of B
	y := newTreasury(t, w)
	y.bill(10, 0, provB, 500)
	y.bill(10, 0, provC, 70)
	y.month()
	y.month()
	r := y.end()
	var rolled []day.Month
	for _, x := range r.Rolled {
		rolled = append(rolled, x.From)
		if x.Amount != 500*money.Yuan || x.Month != w.First || x.Cases != 1 {
			t.Errorf("%+v", x)
		}
	}
	if want := []day.Month{w.First, w.First + 1}; !slices.Equal(rolled, want) {
		t.Errorf("rolled on from %v, want %v: two months at most (R15)", rolled, want)
	}
	if len(r.Exceptions) != 1 || len(r.Overdue) != 1 || r.Overdue[0].Kind != OverdueException || r.Overdue[0].Amount != 500*money.Yuan {
		t.Errorf("exceptions %+v, overdue %+v", r.Exceptions, r.Overdue)
	}
	if got := y.ledger.Balance(engine.InstitutionDue); got != 500*money.Yuan {
		t.Errorf("the institutions are still owed %v", got)
	}
	if r.Periods[0].Cleared != 70*money.Yuan {
		t.Errorf("January clears %v", r.Periods[0].Cleared)
	}

	// Some share of many cells misses, and what misses once mostly arrives later.
	w = countryOf(8, 8, 3)
	w.Rules.Confirm.MissConfirm = slices.Repeat([]money.BasisPoints{2000}, 8)
	y = newTreasury(t, w)
	var all money.Fen
	for pool := range w.Pools {
		for treating := range w.Provinces {
			for kind := range engine.Kind(engine.NumKinds) {
				if int(w.Pools[pool].Province) != treating {
					y.owe(3, pool, treating, engine.Resident, kind, 100)
					all += 100
				}
			}
		}
	}
	y.month()
	y.month()
	y.month()
	r = y.end()
	share := func(part money.Fen) int64 { return int64(part * 10_000 / all) }
	first, second, third := share(r.Periods[0].Cleared), share(r.Periods[1].Cleared), share(r.Periods[2].Cleared)
	if first < 7700 || first > 8300 || second < 1300 || second > 1900 || third < 200 || third > 450 {
		t.Errorf("cleared %d, %d and %d basis points, want about 8000, 1600 and 320", first, second, third)
	}
	// Their institutions waited from the end of their own month.
	if days := r.institutions(t, 1, 0).ReceivableDays(); days < 6800 || days > 7400 {
		t.Errorf("what rolled on was paid after %d hundredths of a day", days)
	}
}

// R15 — a year's claims are cleared by the end of the first quarter of the next: what is
// allocated on 21 March is in time, what is allocated on 21 April is not.
func TestHardStopOfTheYear(t *testing.T) {
	for confirmed, inTime := range map[day.Month]bool{day.MonthOf(2025, 2): true, day.MonthOf(2025, 3): false} {
		w := countryOf(2, 1, 4)
		w.First = day.MonthOf(2024, 12)
		w.Rules.Confirm.MissConfirm, w.Rules.Confirm.MaxRoll = []money.BasisPoints{0, 10_000}, 9
		y := newTreasury(t, w)
		for m, yuan := range []money.Fen{100, 200, 0, 0} {
			if w.First+day.Month(m) == confirmed {
				w.Rules.Confirm.MissConfirm = nil
			}
			if yuan != 0 {
				y.bill(1, 0, provB, yuan)
			}
			y.month()
		}
		r := y.end()
		cleared, exceptions := r.Periods[confirmed-w.First].Cleared/money.Yuan, len(r.Exceptions)
		if inTime && (cleared != 300 || exceptions != 0) || !inTime && (cleared != 200 || exceptions != 1 || r.Exceptions[0].Amount != 100*money.Yuan) {
			t.Errorf("confirmed for %v: it clears %v.00, exceptions %+v", confirmed, int64(cleared), r.Exceptions)
		}
	}
}

// R15 as what-if — without a hard stop a claim rolls on into the next year's autumn.
func TestNoHardStop(t *testing.T) {
	w := countryOf(2, 1, 11)
	w.First = day.MonthOf(2024, 12)
	w.Rules.Confirm.MissConfirm, w.Rules.Confirm.MaxRoll, w.Rules.Confirm.HardStop = []money.BasisPoints{0, 10_000}, 10, 0
	y := newTreasury(t, w)
	y.bill(31, 0, provB, 100)
	for range 10 {
		y.month()
	}
	w.Rules.Confirm.MissConfirm = nil
	y.month()
	if r := y.end(); len(r.Exceptions) != 0 || r.Periods[10].Cleared != 100*money.Yuan {
		t.Errorf("exceptions %+v, October clears %v", r.Exceptions, r.Periods[10].Cleared)
	}
}

// X11 — a negative month is returned by the place of treatment, or carried against
// the next.
func TestNegativeMonthsAreReturnedOrCarried(t *testing.T) {
	for _, carry := range []bool{false, true} {
		w := countryOf(2, 1, 2)
		w.Rules.Levers.CarryNegative = carry
		y := newTreasury(t, w)
		y.bill(10, 0, provB, -300)
		y.month()
		y.bill(10, 0, provB, 1000)
		y.month()
		r := y.end()
		var moved []money.Fen
		for _, p := range r.Payments {
			if p.Kind == PaymentClearing {
				moved = append(moved, p.Amount/money.Yuan)
			}
		}
		want := []money.Fen{-300, 1000}
		if carry {
			want = []money.Fen{700}
		}
		if !slices.Equal(moved, want) {
			t.Errorf("carried %v: payments %v, want %v", carry, moved, want)
		}
	}
	// Nothing follows: after two periods it is returned, also where another negative
	// month has been carried before.
	for _, before := range [][]money.Fen{{}, {-300, 1000}} {
		w := countryOf(2, 1, len(before)+1)
		w.Rules.Levers.CarryNegative = true
		y := newTreasury(t, w)
		for _, yuan := range append(before, -300) {
			y.bill(10, 0, provB, yuan)
			y.month()
		}
		r := y.end()
		last := &r.Periods[len(r.Periods)-1]
		if len(r.Overdue) != 0 || r.Payments[len(r.Payments)-1].Amount != -300*money.Yuan || last.Month != w.First+day.Month(len(before)+2) {
			t.Errorf("after %v: %v, %+v", before, last.Month, r.Payments)
		}
	}
}

// R22 as what-if — the shorter the periods, the sooner the institutions are paid; a
// month's bills are the same bills.
func TestShorterPeriodsPaySooner(t *testing.T) {
	last := int64(1 << 62)
	for f := range Frequency(NumFrequencies) {
		w := countryOf(2, 1, 2)
		w.Rules.Levers.Frequency = f
		w.Rules.Pots.Dry = PayLate
		y := newTreasury(t, w)
		for d := range 31 {
			y.bill(d+1, 0, provB, 10)
		}
		y.month()
		y.month()
		r := y.end()
		var sum InstitutionsPaid
		for i := range r.Periods {
			for _, x := range r.Periods[i].Institutions {
				sum.Paid += x.Paid
				sum.FenDays += x.FenDays
			}
		}
		periods := 0
		for i := range r.Periods {
			if p := &r.Periods[i]; f != Monthly && p.Due != max(p.Paid, p.InstitutionsPaid) {
				t.Errorf("%v: period %d is due on %v", f, p.Ordinal, p.Due)
			}
			if r.Periods[i].Month == w.First {
				periods++
			}
		}
		if periods != f.Periods(31) || sum.Paid != 310*money.Yuan || sum.ReceivableDays() >= last {
			t.Errorf("%v: %d periods, paid %v after %d hundredths of a day", f, periods, sum.Paid, sum.ReceivableDays())
		}
		last = sum.ReceivableDays()
	}
	for f := range Frequency(NumFrequencies) {
		for _, days := range []int{28, 29, 30, 31} {
			before := -1
			for i := range f.Periods(days) {
				end := f.LastDay(i, days)
				for d := before + 1; d <= end; d++ {
					if f.PeriodOf(d) != i {
						t.Errorf("%v, %d days: day %d is in period %d, which ends before it or begins after", f, days, d+1, f.PeriodOf(d))
					}
				}
				before = end
			}
			if before != days-1 {
				t.Errorf("%v: the last period of %d days ends on day %d", f, days, before+1)
			}
		}
	}
}
