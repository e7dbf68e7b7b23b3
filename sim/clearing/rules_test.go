package clearing

import (
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

const (
	provA, provB, provC = 0, 1, 2
	poolA1, poolB1      = 0, 2
	poolC1              = 4
)

// bill owes yuan for inpatient care of employees on a day of the month.
func (y *treasury) bill(dayOfMonth, pool, treating int, yuan money.Fen) {
	y.owe(dayOfMonth, pool, treating, engine.Employee, engine.Inpatient, yuan*money.Yuan)
}

// Each proof of the barrier finds a planted fen and says where.
func TestBarriersFindAPlantedFen(t *testing.T) {
	w := countryOf(3, 1, 3)
	w.Rules.Levers.Frequency = Weekly
	y := newTreasury(t, w)
	y.bill(5, 0, provB, 500)
	y.bill(25, 2, provB, 500)
	find := func(what, invariant string, checked int64, breaches []*engine.Breach) {
		t.Helper()
		if checked == 0 || len(breaches) == 0 || !strings.HasPrefix(breaches[0].Invariant, invariant) {
			t.Errorf("%s: %d checked, %v", what, checked, breaches)
		}
	}
	check := func() (int64, []*engine.Breach) { return y.tally.Check("tally", y.books, y.cellName) }
	cell := y.shape.Cell(0, provB, engine.Employee, engine.Inpatient)
	y.tally.periods[cell]++
	n, b := check()
	find("a fen in a period", "V6", n, b)
	y.tally.periods[cell]--
	y.tally.owed[provB]++
	n, b = check()
	find("a fen on a day", "V4", n, b)
	y.tally.owed[provB]--
	y.month()
	y.month()

	barrier := func(what, invariant string, plant *money.Fen) {
		t.Helper()
		*plant++
		n, b := y.Check("barrier")
		*plant--
		for _, x := range b {
			if strings.HasPrefix(x.Invariant, invariant) {
				return
			}
		}
		t.Errorf("%s: %d checked, %v", what, n, b)
	}
	pair := y.shape.Pair(provA, provB, engine.Employee)
	own := y.shape.Pair(provB, provB, engine.Employee)
	barrier("own money", "X36", &y.ledger.Pairs[own][engine.TreatingOwn-engine.NumCellAccounts])
	barrier("quota", "V5", &y.pairs[pair].Quota)
	barrier("pending top-up", "V5", &y.pairs[pair].pending)
	barrier("in transit", "ledger = open items", &y.inTransit[pair])
	y.rolling = append(y.rolling, claims{cell: cell})
	barrier("rolling claim", "ledger = open items", &y.rolling[0].amount)
	y.rolling = nil
	y.proven(y.Check("sound again"))

	y.finish()
	y.exceptions = append(y.exceptions, claims{cell: cell, origin: w.First, amount: 1})
	n, b = y.checkEnd("the end")
	find("an exception that is none", "ledger = open items", n, b)
}

// Rules that make no sense are refused, all faults at once.
func TestMoneyRulesAreChecked(t *testing.T) {
	r := Lawful()
	if err := r.Check(3); err != nil {
		t.Fatal(err)
	}
	r.Confirm.MissConfirm = []money.BasisPoints{10_001}
	r.Late = []LateRule{{Province: 3}, {Pay: -1}}
	r.Interest = engine.Interest{Rate: 10}
	r.Reconcile.Fault, r.Reconcile.Mix = 10, [3]money.BasisPoints{1, 2, 3}
	r.Audit = AuditRules{Cells: []money.BasisPoints{1}}
	r.TransferDays, r.BankFee = -1, -1
	err := r.Check(3)
	if err == nil {
		t.Fatal("nothing found")
	}
	if got := strings.Count(err.Error(), "\n") + 1; got != 8 {
		t.Errorf("%d faults:\n%v", got, err)
	}
	for what, spoil := range map[string]func(*Rules){
		"dry pot":   func(r *Rules) { r.Pots.Dry = NumDryPots },
		"frequency": func(r *Rules) { r.Levers.Frequency = NumFrequencies },
		"netting":   func(r *Rules) { r.Levers.Netting = engine.NumNettings },
		"an audit":  func(r *Rules) { r.Audit = AuditRules{Cells: []money.BasisPoints{1}} },
		"faults":    func(r *Rules) { r.Reconcile.Fault = 1_000_001 },
	} {
		r := Lawful()
		spoil(&r)
		if err := r.Check(3); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r = Lawful()
	r.Reconcile.Mix = [3]money.BasisPoints{} // of no faults
	if err := r.Check(3); err != nil {
		t.Error(err)
	}
}
