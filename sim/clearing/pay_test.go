package clearing

import (
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

func (r *Result) institutions(t *testing.T, period, treating int) InstitutionsPaid {
	t.Helper()
	for _, x := range r.Periods[period].Institutions {
		if x.Treating == treating {
			return x
		}
	}
	t.Fatalf("period %d has no institutions in %d", period, treating)
	return InstitutionsPaid{}
}

// X36, D6 — when a pot is dry, institutions wait for the next money or own money
// helps, up to a limit; nothing becomes negative.
func TestDryPots(t *testing.T) {
	for _, x := range []struct {
		dry         DryPot
		limit       money.Fen
		own, late   money.Fen
		paidOn      []day.Day // first and last payment of January in B
		waitingDays int
	}{
		// Nothing is prepaid before 25 March's top-ups, for the first quota is refused
		// by a rule that pays it 60 working days late. January's money comes on 21 March.
		{AdvanceOwn, 0, 800, 0, []day.Day{day.Of(2024, 3, 8), day.Of(2024, 3, 8)}, 0},
		{PayLate, 0, 0, 0, []day.Day{day.Of(2024, 3, 21), day.Of(2024, 3, 21)}, 13},
		{OwnUpToLimit, 300, 300, 0, []day.Day{day.Of(2024, 3, 8), day.Of(2024, 3, 21)}, 13},
	} {
		w := countryOf(3, 1, 2)
		w.Rules.Pots = PotRules{Dry: x.dry, OwnLimit: []money.Fen{0, x.limit * money.Yuan}}
		w.Rules.Late = []LateRule{{Province: AllProvinces, From: w.First, To: w.First, Prepay: 60}}
		y := newTreasury(t, w)
		y.bill(31, 0, provB, 500)
		y.bill(31, 2, provB, 300)
		y.month()
		y.month()
		r := y.end()
		b := r.Treating[provB]
		paid := r.institutions(t, 0, provB)
		if -b.Lowest != x.own*money.Yuan || paid.Late != x.late*money.Yuan || paid.First != x.paidOn[0] || paid.Last != x.paidOn[1] {
			t.Errorf("%v: own money %v, late %v, paid from %v to %v", x.dry, -b.Lowest, paid.Late, paid.First, paid.Last)
		}
		if march := b.Months[2]; march.WaitingDays != x.waitingDays || x.waitingDays > 0 && march.WaitingMost != (800-x.limit)*money.Yuan {
			t.Errorf("%v: waited %d days for %v", x.dry, march.WaitingDays, march.WaitingMost)
		}
		if x.dry == OwnUpToLimit {
			// 300 after 37 days, 500 after 50: 3 600 000 fen-days ÷ 800.00.
			if paid.FenDays != 30_000*37+50_000*50 || paid.ReceivableDays() != 4512 {
				t.Errorf("%d fen-days, %d hundredths of a day", paid.FenDays, paid.ReceivableDays())
			}
		}
	}
}

// X36 — the most that institutions waited for in a month is told, not the last, and the
// first day on which a pot was at its lowest.
func TestMostAndFirstOfADryPot(t *testing.T) {
	for _, dry := range []DryPot{AdvanceOwn, PayLate} {
		w := countryOf(3, 1, 2)
		w.Rules.Pots.Dry = dry
		// Nobody prepays in time. A's 500 come on 4 April, C's 300 a week later.
		w.Rules.Late = []LateRule{
			{Province: AllProvinces, From: w.First, To: w.First, Prepay: 60},
			{Province: provA, From: w.First, To: w.First, Pay: 10},
			{Province: provC, From: w.First, To: w.First, Pay: 15},
		}
		y := newTreasury(t, w)
		y.bill(31, 0, provB, 500)
		y.bill(31, 2, provB, 300)
		y.month()
		y.month()
		r := y.end()
		b, paid := r.Treating[provB], r.institutions(t, 0, provB)
		march, april := b.Months[2], b.Months[3]
		if dry == AdvanceOwn {
			if b.Lowest != -800*money.Yuan || b.LowestDay != day.Of(2024, 3, 8) || march.Depth != 800*money.Yuan || april.Depth != 800*money.Yuan {
				t.Errorf("own money of %v on %v, in March %v, in April %v", -b.Lowest, b.LowestDay, march.Depth, april.Depth)
			}
			// 8 March to 10 April: 800.00 until A pays, then 300.00.
			if march.ShortDays != 24 || april.ShortDays != 10 || b.ShortDays != 34 || april.OwnFenDays != 3*80_000+7*30_000 {
				t.Errorf("short on %d days, %d in March, %d in April with %d fen-days", b.ShortDays, march.ShortDays, april.ShortDays, april.OwnFenDays)
			}
		} else if march.WaitingMost != 800*money.Yuan || april.WaitingMost != 800*money.Yuan || april.WaitingDays != 10 {
			t.Errorf("institutions waited for %v in March, and %d days for %v in April", march.WaitingMost, april.WaitingDays, april.WaitingMost)
		} else if paid.First != day.Of(2024, 4, 4) || paid.Last != day.Of(2024, 4, 11) {
			t.Errorf("institutions were paid from %v to %v, not as soon as money came", paid.First, paid.Last)
		}
	}
}

// D6 — institutions are due before the next sign-off: on its eve they are in time, a
// working day later they are overdue.
func TestInstitutionsPaidLate(t *testing.T) {
	for _, x := range []struct {
		days, overdue int
		late          money.Fen
	}{{0, 0, 0}, {12, 0, 0}, {13, 1, 500}, {23, 11, 500}} {
		w := countryOf(2, 1, 2)
		// February: 10 working days after 25 March are 8 April; 12 more are the 24th, the
		// eve of the next sign-off.
		w.Rules.Late = []LateRule{{Province: provB, From: w.First + 1, To: w.First + 1, Institutions: x.days}}
		y := newTreasury(t, w)
		y.month()
		y.bill(29, 0, provB, 500)
		y.month()
		r := y.end()
		if n := len(r.Periods[0].Institutions); n != 0 {
			t.Errorf("institutions of %d provinces were paid for a month without bills", n)
		}
		got := r.institutions(t, 1, provB)
		if got.Late != x.late*money.Yuan || got.OverdueDays != x.overdue {
			t.Errorf("%d working days more: late %v, overdue %d", x.days, got.Late, got.OverdueDays)
		}
	}
}

// R1 — the prepayments of one insured province pay the institutions of another's
// patients; by scheme, employees' money does not pay residents' bills.
func TestPotsAreSharedAcrossProvincesOrByScheme(t *testing.T) {
	for _, byScheme := range []bool{false, true} {
		w := countryOf(3, 1, 1)
		w.Rules.Pots = PotRules{ByScheme: byScheme, Dry: PayLate}
		y := newTreasury(t, w)
		y.ledger.Prepay(y.shape.Pair(provA, provB, engine.Employee), 1000*money.Yuan)
		y.pairs[y.shape.Pair(provA, provB, engine.Employee)].PairState.Quota = 1000 * money.Yuan
		y.pairs[y.shape.Pair(provA, provB, engine.Employee)].declared = true
		w.Rules.Late = []LateRule{{Province: provC, From: w.First, To: w.First, Prepay: 60}}
		y.owe(31, poolOf(w, provC), provB, engine.Resident, engine.Inpatient, 400*money.Yuan)
		y.month()
		r := y.end()
		want := day.Of(2024, 3, 8)
		if byScheme {
			want = day.Of(2024, 3, 21)
		}
		if got := r.institutions(t, 0, provB).Last; got != want {
			t.Errorf("by scheme %v: paid on %v, want %v", byScheme, got, want)
		}
	}
}

func poolOf(w *Input, province uint8) int {
	return slices.IndexFunc(w.Pools, func(p Pool) bool { return p.Province == province })
}

// D7, X39 — a late province pays its oldest debt first; one that never pays is named
// with its working days.
func TestLateProvinces(t *testing.T) {
	w := countryOf(2, 1, 3)
	w.Rules.Late = []LateRule{{Province: provA, From: w.First, To: w.First, Pay: 40}}
	y := newTreasury(t, w)
	for _, yuan := range []money.Fen{100, 300, 50} {
		y.bill(5, 0, provB, yuan)
		y.month()
	}
	r := y.end()
	// February's 300 come on 19 April and pay January's 100 first. January's own payment,
	// 40 working days after 21 March, is 16 May: it pays what is left of February.
	for i, want := range []PairDue{
		{Paid: 100, Late: 100, LastPaid: day.Of(2024, 4, 19), OverdueDays: 20},
		{Paid: 300, Late: 100, LastPaid: day.Of(2024, 5, 16), OverdueDays: 16},
		{Paid: 50, LastPaid: day.Of(2024, 5, 21)},
	} {
		got := r.Periods[i].Pairs[0]
		if got.Paid != want.Paid*money.Yuan || got.Late != want.Late*money.Yuan || got.LastPaid != want.LastPaid || got.OverdueDays != want.OverdueDays {
			t.Errorf("month %d: %+v, want %+v", i+1, got, want)
		}
	}

	w.Rules.Late = []LateRule{{Province: provA, From: w.First + 1, To: w.First + 1, Never: true}}
	w.Rules.Pots.Dry = PayLate
	y = newTreasury(t, w)
	for _, yuan := range []money.Fen{100, 300, 50} {
		y.bill(5, 0, provB, yuan)
		y.month()
	}
	r = y.end()
	var named [NumOverdueKinds]money.Fen
	for _, x := range r.Overdue {
		named[x.Kind] += x.Amount / money.Yuan
		// March's is not due yet when nothing moves any more.
		if (x.OverdueDays == 0) != (x.Month == w.First+2) || x.Insured != provA || x.Treating != provB {
			t.Errorf("%+v", x)
		}
	}
	// 300 do not come; first in, first out they are missing at the end of the queue. The
	// pot of 200 and a top-up of 400 keep the institutions paid.
	if named[OverdueClearing] != 300 || named[OverdueInstitutions] != 0 {
		t.Errorf("overdue %v", named)
	}
}

// D3 as what-if — netting moves less money through the same accounts.
func TestNettingMovesLess(t *testing.T) {
	for _, x := range []struct {
		netting   engine.Netting
		transfers int
		moved     money.Fen
		setOff    money.Fen
	}{{engine.Gross, 4, 460, 0}, {engine.Bilateral, 3, 340, 120}, {engine.Multilateral, 2, 20, 440}} {
		w := countryOf(3, 1, 1)
		w.Rules.Levers.Netting = x.netting
		y := newTreasury(t, w)
		y.bill(1, 0, provB, 160)
		y.bill(1, 1, provA, 60)
		y.bill(1, 1, provC, 120)
		y.bill(1, 2, provA, 120)
		y.month()
		r := y.end()
		p := r.Periods[0]
		var setOff money.Fen
		for _, paid := range r.Payments {
			if paid.Kind == PaymentSetOff {
				setOff += paid.Amount
			}
		}
		if len(r.Overdue) != 0 || setOff != x.setOff*money.Yuan {
			t.Errorf("%v: %v set off, overdue %+v", x.netting, setOff, r.Overdue)
		}
		if p.Transfers != x.transfers || p.Moved != x.moved*money.Yuan || p.Cleared != 460*money.Yuan {
			t.Errorf("%v: %d transfers of %v", x.netting, p.Transfers, p.Moved)
		}
		if got := y.ledger.Balance(engine.InstitutionBank); got != 460*money.Yuan {
			t.Errorf("%v: institutions got %v", x.netting, got)
		}
	}
}

// D10, D11 — interest goes to the place of treatment, bank fees to the payer's agency,
// and neither to the prepayment.
func TestInterestAndFeesStayOutsideTheFund(t *testing.T) {
	w := countryOf(2, 1, 3)
	w.Rules.Interest.Rate, w.Rules.BankFee = 36, 50
	y := newTreasury(t, w)
	y.bill(1, 0, provB, 1000)
	y.month()
	y.month()
	y.month()
	r := y.end()
	// 0.36 % a year is 2 fen a day on 2000.00, which the pot holds from 25 February to 7
	// March and from 21 March to 21 May, the day of the last month's payments; between,
	// it holds 1000.00: 12 × 2 + 13 × 1 + 62 × 2.
	if b := r.Treating[provB]; b.Interest != 161 || b.Interest != -y.ledger.Balance(engine.TreatingInterest) {
		t.Errorf("interest %v", b.Interest)
	}
	// Two payments: the first quota and January.
	if r.Insured[provA].Fees != 100 || r.Insured[provB].Fees != 0 || len(r.Payments) != 2 {
		t.Errorf("fees %v of %d payments", r.Insured[provA].Fees, len(r.Payments))
	}
	if got := y.ledger.Pot(provB); got != 2000*money.Yuan {
		t.Errorf("the pot holds %v", got)
	}
}

// D11 — interest is credited at the end of each quarter, not before and not after.
func TestInterestIsCreditedByTheQuarter(t *testing.T) {
	w := countryOf(2, 1, 3)
	w.Rules.Interest.Rate = 36
	y := newTreasury(t, w)
	y.bill(1, 0, provB, 1000)
	y.month()
	y.month()
	y.month()
	y.passDays(day.Of(2024, 3, 31))
	if got := y.places[provB].result.Interest; got != 0 {
		t.Errorf("interest %v before the quarter ends", got)
	}
	// 2 fen a day on 2000.00 from 25 February to 7 March and from 21 to 31 March, 1 fen
	// between: 12 × 2 + 13 × 1 + 11 × 2.
	y.passDays(day.Of(2024, 4, 1))
	if got := y.places[provB].result.Interest; got != 59 {
		t.Errorf("interest %v of the first quarter", got)
	}
	if got := y.places[provB].result.Months[2].PotFenDays; got != 7*200_000+13*100_000+11*200_000 {
		t.Errorf("the pot held %d fen-days in March", got)
	}
}

// D10, X11 — whoever pays bears the fee: of what a negative month or a lowered quota
// returns, the place of treatment.
func TestReturnsChargeThePlaceOfTreatment(t *testing.T) {
	w := countryOf(2, 1, 2)
	w.Rules.BankFee = 50
	y := newTreasury(t, w)
	y.bill(10, 0, provB, -300)
	y.month()
	y.month()
	if r := y.end(); r.Insured[provA].Fees != 0 || r.Insured[provB].Fees != 50 {
		t.Errorf("a negative month: fees of the insured province %v, of the place of treatment %v", r.Insured[provA].Fees, r.Insured[provB].Fees)
	}

	w = countryOf(2, 1, 5)
	w.First = day.MonthOf(2023, 10)
	w.Rules.BankFee = 50
	y = newTreasury(t, w)
	for _, yuan := range []money.Fen{400, 100, 100, 100, 100} {
		y.bill(10, 0, provB, yuan)
		y.month()
	}
	// A pays the first quota of 800 and five months; B returns 400 in January's name.
	if r := y.end(); r.Insured[provA].Fees != 6*50 || r.Insured[provB].Fees != 50 {
		t.Errorf("a lowered quota: fees of the insured province %v, of the place of treatment %v", r.Insured[provA].Fees, r.Insured[provB].Fees)
	}
}

// R3 — money may take days between provinces, and the transit accounts hold it.
func TestTransitHoldsMoneyOnItsWay(t *testing.T) {
	w := countryOf(2, 1, 3)
	w.Rules.TransferDays = 3
	y := newTreasury(t, w)
	y.bill(5, 0, provB, 500)
	y.settle()
	y.advance(day.Of(2024, 3, 22))
	if got := y.ledger.Balance(engine.Transit); got != 500*money.Yuan {
		t.Errorf("in transit %v", got)
	}
	y.proven(y.Check("in transit"))
	y.advance(day.Of(2024, 3, 25))
	if got := y.ledger.Balance(engine.Transit); got != 0 {
		t.Errorf("in transit %v", got)
	}
	if p := y.periods[0]; p.FedBack != day.Of(2024, 3, 29) {
		t.Errorf("fed back on %v, want 5 working days after Sunday 24 March", p.FedBack)
	}
}
