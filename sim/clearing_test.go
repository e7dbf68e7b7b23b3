package sim

import (
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// R14, R3, D6: January 2024's claims are allocated on 21 February, signed on the
// 25th, noticed at the month's end, submitted within 5 working days and paid
// within 10 more; institutions are paid before the next sign-off.
func TestMoneyMovesOnTheDaysOfTheTimetable(t *testing.T) {
	w := smallWorld(100)
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	k := newClearing(w, c)
	books := engine.NewBooks(c.shape)
	m := k.settled(books, newMoneyTally(w, c.shape), day.MonthOf(2024, 1))
	for _, x := range []struct {
		what      string
		got, want day.Day
	}{
		{"allocated", m.allocated, day.Of(2024, 2, 21)},
		{"signed", m.signed, day.Of(2024, 2, 25)},
		{"submitted", m.submitted, day.Of(2024, 3, 7)},
		{"paid", m.paid, day.Of(2024, 3, 21)},
		{"institutions paid", m.institutionsPaid, day.Of(2024, 3, 1)},
	} {
		if x.got != x.want {
			t.Errorf("%s on %v, want %v", x.what, x.got, x.want)
		}
	}
	// A scenario may pay late: what it states happens, and is overdue (D7).
	w.Timetable.PayWithin = 30
	late := newClearing(w, c).settled(books, newMoneyTally(w, c.shape), day.MonthOf(2024, 1))
	if late.paid != day.Of(2024, 4, 18) || w.Calendar.WorkingBetween(late.due, late.paid) != 19 {
		t.Errorf("30 working days: paid on %v, %d working days overdue", late.paid, w.Calendar.WorkingBetween(late.due, late.paid))
	}
}

// A pair that stays red asks again at every sign-off, and is alerted once (D2).
func TestPairThatStaysRedIsToppedUpAgain(t *testing.T) {
	w := smallWorld(100)
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	k := newClearing(w, c)
	cell, pair := c.shape.Cell(0, 1, engine.Employee, engine.Inpatient), c.shape.Pair(0, 1, engine.Employee)
	for i, fen := range []int64{100, 200, 400, 800} {
		books := engine.NewBooks(c.shape)
		books.Register[cell][engine.SumBasic] = fen
		k.settled(books, newMoneyTally(w, c.shape), w.First+day.Month(i))
	}
	for i := range k.months {
		k.sign(i)
		for j := range k.topUps {
			if k.topUps[j].State == engine.TopUpApplied {
				k.review(j)
			}
		}
	}
	var got []money.Fen
	for _, m := range k.pairs[pair].months {
		got = append(got, m.TopUp)
	}
	// Quotas 200, 200, 400, 800: each month doubles and uses all of it.
	if want := []money.Fen{0, 200, 400, 800}; !slices.Equal(got, want) {
		t.Errorf("top-ups %v, want %v", got, want)
	}
	if len(k.alerts) != 1 {
		t.Errorf("%d alerts, want 1", len(k.alerts))
	}
}

// feed settles so many yuan of one pair in month after month.
func feed(k *clearing, yuan ...int64) {
	cell := k.shape.Cell(0, 1, engine.Employee, engine.Inpatient)
	for i, y := range yuan {
		books := engine.NewBooks(k.shape)
		amount := money.Fen(y) * money.Yuan
		books.Register[cell][engine.SumBasic] = int64(amount)
		books.Ledger[cell][engine.PoolBasic], books.Ledger[cell][engine.PoolOwes] = amount, -amount
		books.Ledger[cell][engine.TreatingOpen], books.Ledger[cell][engine.TreatingOwes] = amount, -amount
		books.Ledger[cell][engine.InstitutionDue], books.Ledger[cell][engine.InstitutionRevenue] = amount, -amount
		m := k.world.First + day.Month(i)
		k.settled(books, newMoneyTally(k.world, k.shape), m)
		k.advance((m + 1).First())
	}
}

// One pair whose clearing runs 100, 100, 100 in the fourth quarter and then 150,
// 150, 190, 20 (yuan): the quota is declared at 200, re-based to 200, and watched.
func TestPrepaymentIsRebasedWatchedAndToppedUp(t *testing.T) {
	w := smallWorld(100)
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	k := newClearing(w, c)
	pair := c.shape.Pair(0, 1, engine.Employee)
	feed(k, 100, 100, 100, 150, 150, 190, 20)
	last := k.finish()
	if _, breaches := k.ledger.Check("end", true); breaches != nil {
		t.Fatal(breaches[0])
	}
	if want := k.world.Calendar.AddWorking(k.world.Calendar.AddWorking(day.Of(2024, 5, 31), 5), 10); last != want {
		t.Errorf("last fen on %v, want %v", last, want)
	}
	type row struct {
		quota, topUp money.Fen
		rate         int64
		alert        engine.Alert
	}
	want := []row{
		{20_000, 0, 5000, engine.Green}, // October, declared as 2 × 100
		{20_000, 0, 5000, engine.Green},
		{20_000, 0, 5000, engine.Green},              // December; re-based to 200 at the end of January
		{20_000, 0, 7500, engine.Yellow},             // January
		{20_000, 0, 7500, engine.Yellow},             // still yellow, raised once
		{20_000, 18_000, 9500, engine.Red},           // March: 2 × 190 − 200 = 180
		{38_000, 0, 20 * 10_000 / 380, engine.Green}, // the pending top-up counts (X37)
	}
	got := k.pairs[pair].months
	if len(got) != len(want) {
		t.Fatalf("%d months watched, want %d", len(got), len(want))
	}
	for i, m := range got {
		if g := (row{m.Quota, m.TopUp, m.UseRateBP, m.Alert}); g != want[i] {
			t.Errorf("%v: %+v, want %+v", m.Month, g, want[i])
		}
	}
	if !got[2].Rebased || got[2].YearlyQuota != 20_000 {
		t.Errorf("January's re-base: %+v", got[2])
	}
	if len(k.alerts) != 2 || k.alerts[0].Alert != engine.Yellow || k.alerts[1].Alert != engine.Red {
		t.Errorf("alerts %+v, want yellow once and red once", k.alerts)
	}
	// In the end the treating province holds the prepayment and nothing else.
	if pot := k.ledger.Pot(1); pot != 38_000 {
		t.Errorf("pot %v, want 380.00", pot)
	}
}

// D1 as a lever: where March re-bases as well, its quota is twice the mean of December
// to February, due by the end of April, and nothing else changes it before.
func TestFurtherMonthsOfRebasing(t *testing.T) {
	w := smallWorld(100)
	w.Timetable.RebaseMonths |= 1 << 2
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	k := newClearing(w, c)
	pair := c.shape.Pair(0, 1, engine.Employee)
	feed(k, 100, 100, 100, 110, 120, 120, 120)
	k.finish()
	for i, m := range k.pairs[pair].months {
		if want := i == 2 || i == 4; m.Rebased != want {
			t.Errorf("%v re-based: %v", m.Month, m.Rebased)
		}
	}
	a := k.result.Adjustments[len(k.result.Adjustments)-1]
	if a.From != 20_000 || a.To != 22_000 || a.Noticed != day.Of(2024, 3, 31) || a.Paid != day.Of(2024, 4, 30) {
		t.Errorf("March's quota: %+v", a)
	}
}

// V5: what a pair holds is what was granted to it and is not on its way; a fen
// more or less is found and named.
func TestQuotasAreProvenAgainstTheLedger(t *testing.T) {
	w := smallWorld(100)
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	k := newClearing(w, c)
	pair := c.shape.Pair(0, 1, engine.Employee)
	k.pairs[pair].Quota = 500
	k.plan(moneyEvent{day: k.today + 9, step: stepPrepay, at: pair, amount: 200})
	k.ledger.Prepay(pair, 300)
	if _, breaches := k.checkQuotas("here"); breaches != nil {
		t.Errorf("300 held of 500 with 200 on the way: %v", breaches[0])
	}
	k.ledger.Prepay(pair, 1)
	_, breaches := k.checkQuotas("here")
	if len(breaches) != 1 || breaches[0].Got-breaches[0].Want != 1 || breaches[0].Account != engine.TreatingAdvance.String() {
		t.Errorf("a fen too much: %v", breaches)
	}
}

// With everything going wrong that can, and every lever pulled, a run is proven at
// every barrier, names what is open, and does not depend on the number of workers.
func TestEveryRuleOfMoneyInARun(t *testing.T) {
	some := slices.Repeat([]money.BasisPoints{1500}, 4)
	for f := range Frequency(NumFrequencies) {
		w := smallWorld(8_000)
		w.Timetable.ManualWithin = 30
		w.Money.Confirm.MissConfirm, w.Money.Confirm.MissReconcile = some, some
		w.Money.Late = []LateRule{
			{Province: 1, From: w.First, To: w.First + 20, Submit: 3, Pay: 60, Prepay: 20, Manual: 9},
			{Province: 2, From: w.First + 3, To: w.First + 4, Institutions: 12, Never: true},
		}
		w.Money.Pots = PotRules{ByScheme: f%2 == 1, Dry: PayLate}
		w.Money.TopUps = TopUpRules{ReviewWithin: 4, Cut: 3000, Refuse: some, DeclareNew: true, DeclarePaidWithin: 15}
		w.Money.Interest.Rate, w.Money.BankFee, w.Money.TransferDays = 35, 500, 2
		w.Money.Levers.Frequency, w.Money.Levers.Netting, w.Money.Levers.CarryNegative = f, engine.Netting(f)%engine.NumNettings, true
		w.Money.Audit = AuditRules{Cells: some, Recovered: 2000, Fine: 5000, After: 4}
		w.Money.Reconcile.Fault, w.Money.CoChecks.Capacity = 3_000, []int{1, 2, 3, 4}
		r := mustRun(t, Config{World: w, Seed: 5, Workers: 3})
		again := mustRun(t, Config{World: w, Seed: 5, Workers: 1})
		if r.Digest != again.Digest {
			t.Errorf("%v: the digest depends on the workers", f)
		}
		m := &r.Clearing
		for what, n := range map[string]int{
			"rolled": len(m.Rolled), "exceptions": len(m.Exceptions), "recoveries": len(m.Recoveries), "co-checks": len(m.CoChecks),
			"reconciliations": len(m.Days), "overdue": len(m.Overdue), "top-ups": len(m.TopUps), "adjustments": len(m.Adjustments),
		} {
			if n == 0 {
				t.Errorf("%v: no %s", f, what)
			}
		}
		if r.Ledger.TrialBalance() != 0 || r.Ledger.Balance(engine.Transit) != 0 {
			t.Errorf("%v: trial balance %v, in transit %v", f, r.Ledger.TrialBalance(), r.Ledger.Balance(engine.Transit))
		}
		if m.Treating[0].Interest == 0 || m.Treating[0].Fines == 0 || m.Insured[0].Fees == 0 {
			t.Errorf("%v: %+v", f, m.Treating[0])
		}
	}
}
