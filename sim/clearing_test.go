package sim

import (
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// With everything going wrong that can, and every lever pulled, a run is proven at
// every barrier, names what is open, and does not depend on the number of workers.
func TestEveryRuleOfMoneyInARun(t *testing.T) {
	some := slices.Repeat([]money.BasisPoints{1500}, 4)
	for f := range clearing.Frequency(clearing.NumFrequencies) {
		w := smallWorld(8_000)
		w.Timetable.ManualWithin = 30
		w.Money.Confirm.MissConfirm, w.Money.Confirm.MissReconcile = some, some
		w.Money.Late = []clearing.LateRule{
			{Province: 1, From: w.First, To: w.First + 20, Submit: 3, Pay: 60, Prepay: 20, Manual: 9},
			{Province: 2, From: w.First + 3, To: w.First + 4, Institutions: 12, Never: true},
		}
		w.Money.Pots = clearing.PotRules{ByScheme: f%2 == 1, Dry: clearing.PayLate}
		w.Money.TopUps = clearing.TopUpRules{ReviewWithin: 4, Cut: 3000, Refuse: some, DeclareNew: true, DeclarePaidWithin: 15}
		w.Money.Interest.Rate, w.Money.BankFee, w.Money.TransferDays = 35, 500, 2
		w.Money.Levers.Frequency, w.Money.Levers.Netting, w.Money.Levers.CarryNegative = f, engine.Netting(f)%engine.NumNettings, true
		w.Money.Audit = clearing.AuditRules{Cells: some, Recovered: 2000, Fine: 5000, After: 4}
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
		if m.Ledger.TrialBalance() != 0 || m.Ledger.Balance(engine.Transit) != 0 {
			t.Errorf("%v: trial balance %v, in transit %v", f, m.Ledger.TrialBalance(), m.Ledger.Balance(engine.Transit))
		}
		if m.Treating[0].Interest == 0 || m.Treating[0].Fines == 0 || m.Insured[0].Fees == 0 {
			t.Errorf("%v: %+v", f, m.Treating[0])
		}
	}
}
