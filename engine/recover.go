package engine

import "kuasheng/engine/money"

// Recover books what an audit takes back from institutions (D12, X40, X47): a
// negative item of the original cell, so that it returns by the original route,
// pair and pool, with the clearing of the next open period. The closed period
// stays as it is (X10).
func (l *Ledger) Recover(cell int, amount money.Fen) {
	row := l.Cell(cell)
	row[InstitutionDeducted] += amount
	row[InstitutionDue] -= amount
	row[TreatingOwes] += amount
	row[TreatingOpen] -= amount
	row[PoolOwes] += amount
	row[PoolRecovered] -= amount
}

// Fine books an administrative fine or a contract penalty: it stays with the
// province of treatment (D12).
func (l *Ledger) Fine(treating int, scheme Scheme, amount money.Fen) {
	pair := l.Shape.Pair(treating, treating, scheme)
	*l.pair(pair, InstitutionFined) += amount
	*l.pair(pair, InstitutionFinesPaid) -= amount
	*l.pair(pair, TreatingFinesBank) += amount
	*l.pair(pair, TreatingFines) -= amount
}

// HomeCell returns the cell that a pool's manual claims stand in: the pool with its
// own province, where no bill is cleared.
func (l *Ledger) HomeCell(pool int, scheme Scheme, kind Kind) int {
	return l.Shape.Cell(pool, int(l.provinceOf[pool]), scheme, kind)
}

// OweManual books manual claims that have been granted: the pool owes them to its
// patients (C19).
func (l *Ledger) OweManual(home int, amount money.Fen) {
	row := l.Cell(home)
	row[PoolManual] += amount
	row[PoolOwesPatient] -= amount
	row[PatientDue] += amount
	row[PatientReimbursed] -= amount
}

// PayManual books the reimbursement of manual claims.
func (l *Ledger) PayManual(home int, amount money.Fen) {
	row := l.Cell(home)
	row[PoolOwesPatient] += amount
	row[PoolManualPaid] -= amount
	row[PatientBank] += amount
	row[PatientDue] -= amount
}
