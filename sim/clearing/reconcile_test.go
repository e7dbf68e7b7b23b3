package clearing

import (
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// D13, R18 — large bills are co-checked, first come, first served, and the answers
// timed.
func TestCoChecksQueue(t *testing.T) {
	w := countryOf(2, 1, 2)
	w.Rules.CoChecks = CoCheckRules{LargeFee: 30_000 * money.Yuan, AnswerWithin: 2, Capacity: []int{0, 2}}
	y := newTreasury(t, w)
	y.bill(5, 0, provB, 29_999)
	for range 7 {
		y.bill(5, 0, provB, 30_000) // Friday 5 January 2024
	}
	y.bill(6, 1, provA, 50_000) // a Saturday; A answers all on the next working day
	y.month()
	y.bill(29, 0, provB, 30_000)
	y.month()
	r := y.end()
	// 7 asked on Friday: 2 on Monday, 2 on Tuesday, 2 on Wednesday, 1 on Thursday; the
	// last three come after the two working days allowed.
	want := []CoCheckMonth{
		{Month: w.First, Treating: provA, Asked: 1, Answered: 1, WaitDays: 1},
		{Month: w.First, Treating: provB, Asked: 7, Answered: 7, Late: 3, WaitDays: 2*1 + 2*2 + 2*3 + 4},
		{Month: w.First + 1, Treating: provB, Asked: 1, Open: 1},
		{Month: w.First + 2, Treating: provB, Answered: 1, WaitDays: 1},
	}
	if !slices.Equal(r.CoChecks, want) {
		t.Errorf("%+v", r.CoChecks)
	}
}

// D8, R12, X34 — the daily reconciliation finds what it is told to find, in the mix it
// is told, and loses no settlement; what stays frozen makes its kind miss the month.
func TestDailyReconciliation(t *testing.T) {
	w := countryOf(2, 1, 1)
	w.Rules.Reconcile.Fault = 100_000 // one in ten
	w.Rules.Reconcile.RepairWithin = [3]int{1, 2, 60}
	w.Rules.Confirm.ReconcileOn = 2 // a Friday
	y := newTreasury(t, w)
	y.bill(5, 0, provB, 10)
	for d := range y.tally.cases {
		y.tally.cases[d][engine.Outpatient] = 1_003
	}
	y.month()
	r := y.end()
	var sum [engine.NumAgreements]int64
	var late, frozen, lastDay int64
	for _, x := range r.Days {
		if x.Kind != engine.Outpatient {
			continue
		}
		n := int64(0)
		for a, count := range x.Results {
			sum[a] += count
			n += count
		}
		if n != 1_003 {
			t.Errorf("%v reconciles %d settlements", x.Day, n)
		}
		late += x.Late
		frozen += x.Frozen
		if x.Day == day.Of(2024, 1, 31) {
			lastDay = x.Results[engine.InstitutionMore]
		}
	}
	all := sum[1] + sum[2] + sum[3]
	if all < 31*100 || all > 31*101 || sum[engine.CentreMore]*10 < all*5 || sum[engine.InstitutionMore]*10 < all*2 || sum[engine.Differ]*100 < all*7 {
		t.Errorf("%v", sum)
	}
	// All that differs stays frozen for 60 working days. Of the rest only what the
	// institutions had more on the last day is repaired after 2 February: on the 5th.
	if frozen != sum[engine.Differ] || lastDay == 0 || late != frozen+lastDay || y.frozenShare[engine.Outpatient] != frozen*1_000_000/(31*1_003) {
		t.Errorf("late %d, frozen %d of %d, share %d", late, frozen, sum[engine.Differ], y.frozenShare[engine.Outpatient])
	}
}

// R12, R13 — a difference that is repaired on the day of confirmation is in time, a
// working day later it is frozen; the last repair of a day is told.
func TestFrozenDifferences(t *testing.T) {
	for _, x := range []struct {
		within  int
		frozen  bool
		repairs day.Day
	}{{13, false, day.Of(2024, 2, 20)}, {14, true, day.Of(2024, 2, 21)}} {
		w := countryOf(2, 1, 1)
		w.Rules.Reconcile = ReconcileRules{Fault: 1_000_000, Mix: [3]money.BasisPoints{0, 0, 10_000}, RepairWithin: [3]int{0, 0, x.within}}
		y := newTreasury(t, w)
		y.bill(31, 0, provB, 10)
		y.month()
		last := slices.IndexFunc(y.result.Days, func(d ReconcileDay) bool { return d.Day == day.Of(2024, 1, 31) && d.Kind == engine.Inpatient })
		if got := y.result.Days[last]; got.Results[engine.Differ] != 1 || (got.Frozen == 1) != x.frozen || got.Repaired != x.repairs {
			t.Errorf("repaired within %d working days: %+v", x.within, got)
		}
		// All of the kind is frozen, so the cell misses its month; repaired it is cleared.
		r := y.end()
		if missed := r.Periods[0].Cleared == 0; missed != x.frozen || r.Periods[len(r.Periods)-1].Cleared != 10*money.Yuan {
			t.Errorf("repaired within %d working days: January clears %v", x.within, r.Periods[0].Cleared)
		}
	}
}

// D12, X40 — audits of every settled month are booked so many months after it, those of
// the last ones in periods of the run-off.
func TestAuditsRecoverToTheLastMonth(t *testing.T) {
	w := countryOf(2, 1, 2)
	w.Rules.Audit = AuditRules{Cells: []money.BasisPoints{0, 10_000}, Recovered: 2_000, Fine: 5_000, After: 3}
	y := newTreasury(t, w)
	for range 2 {
		y.bill(5, 0, provB, 500)
		y.month()
	}
	r := y.end()
	cell := y.shape.Cell(0, provB, engine.Employee, engine.Inpatient)
	want := []Recovery{
		{Month: w.First + 3, Origin: w.First, Cell: cell, Amount: 100 * money.Yuan, Fine: 50 * money.Yuan},
		{Month: w.First + 4, Origin: w.First + 1, Cell: cell, Amount: 100 * money.Yuan, Fine: 50 * money.Yuan},
	}
	if !slices.Equal(r.Recoveries, want) || r.Treating[provB].Fines != 100*money.Yuan {
		t.Errorf("%+v", r.Recoveries)
	}
}

// C19 — manual claims are owed to the patient and reimbursed within 30 working days of
// complete documents, or late.
func TestManualClaimsAreReimbursed(t *testing.T) {
	w := countryOf(3, 1, 1) // nobody claims in C
	w.Rules.Late = []LateRule{{Province: provB, From: w.First, To: w.First, Manual: 7}}
	y := newTreasury(t, w)
	for pool, fen := range []int64{12_345, 600} {
		row := &y.books.Manual[y.shape.ManualCell(pool, engine.Resident, engine.Inpatient)]
		row[engine.Cases], row[engine.SumBasic] = 1, fen
	}
	y.month()
	if got := y.ledger.Balance(engine.PatientDue); got != 12_945 {
		t.Errorf("patients are owed %v", got)
	}
	r := y.end()
	want := []ManualMonth{
		{Month: w.First, Insured: provA, Cases: 1, Amount: 12_345, Deadline: day.Of(2024, 3, 13), Paid: day.Of(2024, 3, 13)},
		{Month: w.First, Insured: provB, Cases: 1, Amount: 600, Deadline: day.Of(2024, 3, 13), Paid: day.Of(2024, 3, 22), OverdueDays: 7},
	}
	if !slices.Equal(r.Manual, want) || y.ledger.Balance(engine.PatientBank) != 12_945 {
		t.Errorf("%+v", r.Manual)
	}
}
