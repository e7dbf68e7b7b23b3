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
// V2). It returns how many identities it checked, those of cells not in use among
// them, which hold as they stand, and every breach.
func (b *Books) Check(barrier string, cellName func(cell int) string) (checked int64, breaches []*Breach) {
	for cell, row := range b.Rows() {
		t, l := &row.Register, &row.Ledger
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
	}
	return int64(b.Shape.Cells()) * (NumSettleAccounts + 3), breaches
}

// Open is what the sub-ledgers of clearing say is not yet settled, to be proven
// against the accounts: every receivable, item by item, must stand in the general
// ledger with the sum of its items.
type Open struct {
	// By pair: not yet collected from pools, owed to the place of treatment, on its
	// way there.
	Uncollected, Unremitted, InTransit []money.Fen

	cells table[OpenCell]
}

// OpenCell is what is open in a cell: settled and in no allocated period yet; owed to
// institutions; manual claims owed to patients.
type OpenCell struct{ Unallocated, Unpaid, Manual money.Fen }

// NewOpen returns sub-ledgers in which nothing is open.
func (l *Ledger) NewOpen() *Open {
	pairs := len(l.Pairs)
	return &Open{
		Uncollected: make([]money.Fen, pairs), Unremitted: make([]money.Fen, pairs), InTransit: make([]money.Fen, pairs),
		cells: newTable[OpenCell](l.Shape.Cells()),
	}
}

// Cell returns what is open in a cell, to be written to until another is opened.
func (o *Open) Cell(cell int) *OpenCell { return o.cells.row(cell) }

// Reset closes everything.
func (o *Open) Reset() {
	clear(o.Uncollected)
	clear(o.Unremitted)
	clear(o.InTransit)
	o.cells.reset()
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
	for cell := range o.cells.all() {
		l.Cell(cell) // what is open must stand in the ledger
	}
	for cell, row := range l.Cells() {
		open := o.cells.get(cell)
		find(cellName, cell, TreatingOpen, open.Unallocated, row[TreatingOpen])
		find(cellName, cell, PoolOwes, -open.Unallocated, row[PoolOwes])
		find(cellName, cell, InstitutionDue, open.Unpaid, row[InstitutionDue])
		find(cellName, cell, TreatingOwes, -open.Unpaid, row[TreatingOwes])
		find(cellName, cell, PoolOwesPatient, -open.Manual, row[PoolOwesPatient])
	}
	for pair := range l.Pairs {
		find(pairName, pair, InsuredDue, o.Uncollected[pair], *l.pair(pair, InsuredDue))
		find(pairName, pair, InsuredOwes, -o.Unremitted[pair], *l.pair(pair, InsuredOwes))
		find(pairName, pair, TreatingDue, o.Unremitted[pair]+o.InTransit[pair], *l.pair(pair, TreatingDue))
		find(pairName, pair, Transit, o.InTransit[pair], *l.pair(pair, Transit))
		find(pairName, pair, InsuredFiscal, o.Unremitted[pair]-o.Uncollected[pair], *l.pair(pair, InsuredFiscal))
	}
	return int64(5*l.Shape.Cells() + 5*len(l.Pairs)), breaches
}
