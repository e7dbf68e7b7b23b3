package clearing

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
	w := countryOf(2, 1, 12)
	w.Timetable.InstitutionsPaidWithin = 5
	books := engine.NewBooks(w.Shape())
	m := New(w).Clear(books, NewTally(w), day.MonthOf(2024, 1))
	for _, x := range []struct {
		what      string
		got, want day.Day
	}{
		{"reconciled", m.Reconciled, day.Of(2024, 2, 3)},
		{"confirmed", m.Confirmed, day.Of(2024, 2, 20)},
		{"allocated", m.Allocated, day.Of(2024, 2, 21)},
		{"signed", m.Signed, day.Of(2024, 2, 25)},
		{"noticed", m.Noticed, day.Of(2024, 2, 29)},
		{"submitted", m.Submitted, day.Of(2024, 3, 7)},
		{"paid", m.Paid, day.Of(2024, 3, 21)},
		{"institutions paid", m.InstitutionsPaid, day.Of(2024, 3, 1)},
	} {
		if x.got != x.want {
			t.Errorf("%s on %v, want %v", x.what, x.got, x.want)
		}
	}
	// A scenario may pay late: what it states happens, and is overdue (D7).
	w.Timetable.PayWithin = 30
	late := New(w).Clear(books, NewTally(w), day.MonthOf(2024, 1))
	if late.Paid != day.Of(2024, 4, 18) || w.Calendar.WorkingBetween(late.Due, late.Paid) != 19 {
		t.Errorf("30 working days: paid on %v, %d working days overdue", late.Paid, w.Calendar.WorkingBetween(late.Due, late.Paid))
	}
}

// A pair that stays red asks again at every sign-off, and is alerted once (D2).
func TestPairThatStaysRedIsToppedUpAgain(t *testing.T) {
	k := newTreasury(t, countryOf(2, 1, 4))
	for _, yuan := range []money.Fen{100, 200, 400, 800} {
		k.bill(1, 0, provB, yuan)
		k.settle()
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
	for _, m := range k.pairs[k.shape.Pair(provA, provB, engine.Employee)].months {
		got = append(got, m.TopUp/money.Yuan)
	}
	// Quotas 200, 200, 400, 800: each month doubles and uses all of it.
	if want := []money.Fen{0, 200, 400, 800}; !slices.Equal(got, want) {
		t.Errorf("top-ups %v, want %v", got, want)
	}
	if len(k.result.Alerts) != 1 {
		t.Errorf("%d alerts, want 1", len(k.result.Alerts))
	}
}

// quarterBefore is a country whose fourth quarter of 2023 comes before the year, and its
// treasury.
func quarterBefore(t *testing.T) (*Input, *treasury) {
	w := countryOf(2, 1, 12)
	w.First, w.WarmUp = day.MonthOf(2023, 10), 3
	return w, newTreasury(t, w)
}

// feed settles so many yuan of A's patients in B, month after month.
func (y *treasury) feed(yuan ...money.Fen) {
	for _, amount := range yuan {
		y.bill(1, 0, provB, amount)
		y.month()
	}
}

// One pair whose clearing runs 100, 100, 100 in the fourth quarter and then 150,
// 150, 190, 20 (yuan): the quota is declared at 200, re-based to 200, and watched.
func TestPrepaymentIsRebasedWatchedAndToppedUp(t *testing.T) {
	w, k := quarterBefore(t)
	pair := w.Shape().Pair(provA, provB, engine.Employee)
	k.feed(100, 100, 100, 150, 150, 190, 20)
	last := k.finish()
	if _, breaches := k.ledger.Check("end", true); breaches != nil {
		t.Fatal(breaches[0])
	}
	if want := k.in.Calendar.AddWorking(k.in.Calendar.AddWorking(day.Of(2024, 5, 31), 5), 10); last != want {
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
	if got[3].AlertDays != 29 || got[0].AlertDays != 0 { // from 25 February to 25 March
		t.Errorf("yellow for %d days, green for %d", got[3].AlertDays, got[0].AlertDays)
	}
	if !got[2].Rebased || got[2].YearlyQuota != 20_000 {
		t.Errorf("January's re-base: %+v", got[2])
	}
	if len(k.result.Alerts) != 2 || k.result.Alerts[0].Alert != engine.Yellow || k.result.Alerts[1].Alert != engine.Red {
		t.Errorf("alerts %+v, want yellow once and red once", k.result.Alerts)
	}
	// In the end the treating province holds the prepayment and nothing else.
	if pot := k.ledger.Pot(1); pot != 38_000 {
		t.Errorf("pot %v, want 380.00", pot)
	}
}

// D1 as a lever: where March re-bases as well, its quota is twice the mean of December
// to February, due by the end of April, and nothing else changes it before.
func TestFurtherMonthsOfRebasing(t *testing.T) {
	w, k := quarterBefore(t)
	w.Timetable.RebaseMonths |= 1 << 2
	pair := w.Shape().Pair(provA, provB, engine.Employee)
	k.feed(100, 100, 100, 110, 120, 120, 120)
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
	w := countryOf(2, 1, 12)
	k, pair := New(w), w.Shape().Pair(provA, provB, engine.Employee)
	k.pairs[pair].Quota = 500
	k.plan(event{day: k.today + 9, step: stepPrepay, at: pair, amount: 200})
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
