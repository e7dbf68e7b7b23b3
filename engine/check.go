package engine

import (
	"fmt"

	"kuasheng/engine/money"
)

// Breach is a broken invariant: the books of a run cannot be trusted. It names
// where the fault shows, never a guess at its cause.
type Breach struct {
	// Barrier is where the check ran, such as "month 2024-03".
	Barrier string
	// Invariant is the rule that failed, such as "V4" or "trial balance".
	Invariant string
	Cell      string
	Account   string
	Want, Got money.Fen
}

// Error tells the whole story in one line.
func (b *Breach) Error() string {
	return fmt.Sprintf("%s: invariant %s broken at %s, account %s: want %v yuan, got %v (off by %d fen)",
		b.Barrier, b.Invariant, b.Cell, b.Account, b.Want, b.Got, b.Got-b.Want)
}

// Check proves the books at a barrier: each cell's ledger agrees account by
// account with the register (so that the account at fault is named), each
// cell's trial balance is zero, and the register's parts sum to its wholes (V1,
// V2). It returns how many identities it checked and every breach.
func (b *Books) Check(barrier string, cellName func(cell int) string) (checked int64, breaches []*Breach) {
	for cell := range b.Register {
		t, l := &b.Register[cell], &b.Ledger[cell]
		found := func(invariant, account string, want, got money.Fen) {
			if want != got {
				breaches = append(breaches, &Breach{barrier, invariant, cellName(cell), account, want, got})
			}
		}
		cash, owed := money.Fen(t[SumCash]), t.Cleared()
		var trial money.Fen
		for account, want := range [NumSettleAccounts]money.Fen{
			InstitutionRevenue:  -money.Fen(t[SumFee]),
			InstitutionReceived: cash,
			InstitutionDue:      owed,
			InstitutionBorne:    money.Fen(t[SumHospital]),
			PatientBurden:       cash,
			PatientPaid:         -cash,
			TreatingOpen:        owed,
			TreatingOwes:        -owed,
			PoolBasic:           money.Fen(t[SumBasic]),
			PoolLarge:           money.Fen(t[SumLarge]),
			PoolMajor:           money.Fen(t[SumMajor]),
			PoolAid:             money.Fen(t[SumAid]),
			PoolAccount:         money.Fen(t[SumAccount]),
			PoolOwes:            -owed,
		} {
			if got := l[account]; got != want {
				found("ledger = register", Account(account).String(), want, got)
			}
			trial += l[account]
		}
		if trial != 0 {
			found("trial balance", "all", 0, trial)
		}
		if parts := t[SumOwnPay] + t[SumOverLimit] + t[SumPreSelfPay] + t[SumInScope]; parts != t[SumFee] {
			found("V1 (I2)", "fee split", money.Fen(t[SumFee]), money.Fen(parts))
		}
		if paid := int64(owed+cash) + t[SumHospital]; paid != t[SumFee] {
			found("V2 (I4)", "payers", money.Fen(t[SumFee]), money.Fen(paid))
		}
		checked += NumSettleAccounts + 3
	}
	return checked, breaches
}
