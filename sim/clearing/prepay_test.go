package clearing

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// R6, X37 — a top-up is asked for within 3 working days, reviewed, granted, cut or
// refused, and paid or late; pending it counts as quota.
func TestTopUpsAreReviewed(t *testing.T) {
	for _, x := range []struct {
		name    string
		rules   TopUpRules
		late    int
		granted money.Fen
		state   engine.TopUpState
		paid    day.Day
		overdue int
	}{
		{"granted", TopUpRules{}, 0, 2000, engine.TopUpPaid, day.Of(2024, 4, 18), 0},
		{"reviewed for a week", TopUpRules{ReviewWithin: 5}, 0, 2000, engine.TopUpPaid, day.Of(2024, 4, 25), 1},
		{"cut", TopUpRules{Cut: 2500}, 0, 1500, engine.TopUpPaid, day.Of(2024, 4, 18), 0},
		{"refused", TopUpRules{Cut: 10_000}, 0, 0, engine.TopUpRefused, 0, 0},
		{"refused to A", TopUpRules{Refuse: []money.BasisPoints{10_000}}, 0, 0, engine.TopUpRefused, 0, 0},
		{"paid late", TopUpRules{}, 10, 2000, engine.TopUpPaid, day.Of(2024, 5, 2), 6},
	} {
		w := countryOf(2, 1, 3)
		w.Rules.TopUps = x.rules
		w.Rules.Late = []LateRule{{Province: provA, From: w.First + 1, To: w.First + 1, Prepay: x.late}}
		y := newTreasury(t, w)
		for i, yuan := range []money.Fen{500, 1500, 0} {
			if yuan != 0 {
				y.bill(5, 0, provB, yuan)
			}
			y.month()
			if i == 2 {
				// On 31 March it is asked for, and reviewed but in one case.
				p := &y.pairs[y.shape.Pair(provA, provB, engine.Employee)]
				if pending := x.rules.ReviewWithin > 0; p.Quota-p.pending != 1000*money.Yuan+map[bool]money.Fen{false: x.granted * money.Yuan}[pending] {
					t.Errorf("%s: quota %v of which pending %v", x.name, p.Quota, p.pending)
				}
				state := map[bool]engine.TopUpState{true: engine.TopUpNoticed, false: engine.TopUpRefused}[x.granted > 0]
				if x.rules.ReviewWithin > 0 {
					state = engine.TopUpApplied
				}
				if got := y.topUps[0].State; got != state {
					t.Errorf("%s: %v on 31 March, want %v", x.name, got, state)
				}
			}
		}
		r := y.end()
		if len(r.TopUps) != 1 {
			t.Errorf("%s: %d top-ups", x.name, len(r.TopUps))
			continue
		}
		got := r.TopUps[0]
		if got.Asked != 2000*money.Yuan || got.Granted != x.granted*money.Yuan || got.State != x.state || got.Paid != x.paid || got.OverdueDays != x.overdue {
			t.Errorf("%s: %+v", x.name, got)
		}
		if got.Applied != day.Of(2024, 3, 28) {
			t.Errorf("%s: applied on %v, want 3 working days after 25 March", x.name, got.Applied)
		}
	}
}

// D1, R2, R4, R8 — January's quota overtakes what nobody has reviewed; the
// difference, down or up, is paid by the end of February.
func TestJanuaryOvertakesPendingTopUps(t *testing.T) {
	w := countryOf(2, 1, 6)
	w.First = day.MonthOf(2023, 10)
	w.Rules.TopUps.ReviewWithin = 30
	y := newTreasury(t, w)
	for _, yuan := range []money.Fen{300, 300, 600, 90, 90, 90} {
		y.bill(5, 0, provB, yuan)
		y.month()
	}
	r := y.end()
	// Declared 600; December uses 600 of it and asks for 600 on 25 January; the year's
	// quota of 2 × 1200 ÷ 3 = 800 comes on the 31st.
	if len(r.TopUps) != 1 || r.TopUps[0].State != engine.TopUpSuperseded || r.TopUps[0].Granted != 0 {
		t.Errorf("%+v", r.TopUps)
	}
	want := Adjustment{Kind: AdjustmentYearly, Treating: provB, Month: day.MonthOf(2023, 12), From: 600 * money.Yuan, To: 800 * money.Yuan,
		Noticed: day.Of(2024, 1, 31), Paid: day.Of(2024, 2, 29)}
	if len(r.Adjustments) != 2 || r.Adjustments[0].Kind != AdjustmentDeclared || r.Adjustments[1] != want {
		t.Errorf("%+v", r.Adjustments)
	}
	if got := y.ledger.Prepaid(y.shape.Pair(provA, provB, engine.Employee)); got != 800*money.Yuan {
		t.Errorf("prepaid %v", got)
	}
}

// X38 — a pair without history is red as soon as it clears anything, or declares a
// quota where the rules let it.
func TestNewPairs(t *testing.T) {
	for _, declares := range []bool{false, true} {
		w := countryOf(3, 1, 3)
		w.Rules.TopUps.DeclareNew, w.Rules.TopUps.DeclarePaidWithin = declares, 5
		y := newTreasury(t, w)
		y.bill(1, 0, provB, 10)
		y.month()
		y.bill(1, 0, provC, 40)
		y.month()
		y.month()
		r := y.end()
		if declares {
			if last := r.Adjustments[len(r.Adjustments)-1]; len(r.TopUps) != 0 || last.To != 80*money.Yuan || last.Paid != day.Of(2024, 4, 1) {
				t.Errorf("%+v, top-ups %+v", last, r.TopUps)
			}
		} else if len(r.TopUps) != 1 || r.TopUps[0].Asked != 80*money.Yuan {
			t.Errorf("%+v", r.TopUps)
		}
	}
}

// What was never touched of a pot could have stayed at home.
func TestIdlePrepayment(t *testing.T) {
	w := countryOf(3, 1, 4)
	w.WarmUp, w.Months = 2, 2
	y := newTreasury(t, w)
	for range 4 {
		y.bill(5, 0, provB, 500)
		y.bill(5, 2, provB, 100)
		y.month()
	}
	r := y.end()
	// 1200 are prepaid; each month takes 600 until the money of the month comes.
	if b := r.Treating[provB]; b.Idle != 600*money.Yuan || b.IdleDay != day.Of(2024, 3, 8) || b.ShortDays != 0 {
		t.Errorf("idle %v, first on %v, short on %d days", b.Idle, b.IdleDay, b.ShortDays)
	}
	// Pairs that never cleared anything are not told of.
	if len(r.Pairs) != 2 || r.Pairs[0].Insured != provA || r.Pairs[0].Idle != 500*money.Yuan || r.Pairs[1].Insured != provC {
		t.Errorf("%+v", r.Pairs)
	}
}
