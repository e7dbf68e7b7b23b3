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
			PoolCivil:           money.Fen(t[SumCivil]),
			PoolEnterprise:      money.Fen(t[SumEnterprise]),
			PoolAid:             money.Fen(t[SumAid]),
			PoolAccount:         money.Fen(t[SumAccount]),
			PoolMutual:          money.Fen(t[SumMutual]),
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

// Open is what the sub-ledgers of clearing say is not yet settled, to be proven
// against the accounts: every receivable, item by item, must stand in the general
// ledger with the sum of its items.
type Open struct {
	// By cell: settled and in no allocated period yet; owed to institutions; manual
	// claims owed to patients.
	Unallocated, Unpaid, Manual []money.Fen
	// By pair: not yet collected from pools, owed to the place of treatment, on its
	// way there.
	Uncollected, Unremitted, InTransit []money.Fen
}

// NewOpen returns sub-ledgers in which nothing is open.
func (l *Ledger) NewOpen() *Open {
	cells, pairs := len(l.Cells), len(l.Pairs)
	return &Open{
		Unallocated: make([]money.Fen, cells), Unpaid: make([]money.Fen, cells), Manual: make([]money.Fen, cells),
		Uncollected: make([]money.Fen, pairs), Unremitted: make([]money.Fen, pairs), InTransit: make([]money.Fen, pairs),
	}
}

// CheckOpen proves the general ledger against the sub-ledgers (D9), at the end of a
// run as at every barrier: nothing is open that is not named, and nothing named is
// missing (V6: an item left out or cleared twice shows here).
func (l *Ledger) CheckOpen(barrier string, o *Open, cellName, pairName func(int) string) (checked int64, breaches []*Breach) {
	find := func(name func(int) string, at int, a Account, want, got money.Fen) {
		if want != got {
			breaches = append(breaches, &Breach{barrier, "ledger = open items", name(at), a.String(), want, got})
		}
	}
	for cell := range l.Cells {
		row := &l.Cells[cell]
		find(cellName, cell, TreatingOpen, o.Unallocated[cell], row[TreatingOpen])
		find(cellName, cell, PoolOwes, -o.Unallocated[cell], row[PoolOwes])
		find(cellName, cell, InstitutionDue, o.Unpaid[cell], row[InstitutionDue])
		find(cellName, cell, TreatingOwes, -o.Unpaid[cell], row[TreatingOwes])
		find(cellName, cell, PoolOwesPatient, -o.Manual[cell], row[PoolOwesPatient])
	}
	for pair := range l.Pairs {
		find(pairName, pair, InsuredDue, o.Uncollected[pair], *l.pair(pair, InsuredDue))
		find(pairName, pair, InsuredOwes, -o.Unremitted[pair], *l.pair(pair, InsuredOwes))
		find(pairName, pair, TreatingDue, o.Unremitted[pair]+o.InTransit[pair], *l.pair(pair, TreatingDue))
		find(pairName, pair, Transit, o.InTransit[pair], *l.pair(pair, Transit))
		find(pairName, pair, InsuredFiscal, o.Unremitted[pair]-o.Uncollected[pair], *l.pair(pair, InsuredFiscal))
	}
	return int64(5*len(l.Cells) + 5*len(l.Pairs)), breaches
}
