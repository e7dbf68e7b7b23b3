package engine

import "kuasheng/engine/money"

// Ledger is the general ledger of a whole run: what settlements posted, month by
// month, and what clearing and prepayment moved.
type Ledger struct {
	Shape Shape
	// Rows are the balances of each cell.
	Rows [][NumAccounts]money.Fen
	// Prepayments are the balances of each ordered pair and scheme.
	Prepayments []PrepaymentBalances
}

// PrepaymentBalances are one pair's accounts of the advance.
type PrepaymentBalances struct {
	Advanced  money.Fen // asset of the insured province
	AdvanceIn money.Fen // paid out of its fiscal account (credit)
	Held      money.Fen // cash in the treating province's fiscal account
	Owed      money.Fen // what the treating province owes back (credit)
}
