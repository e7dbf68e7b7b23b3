package engine

import "kuasheng/engine/money"

// Cleared is a settled month as clearing sees it: what each cell owes. The pair
// totals follow from it. Amounts are the funds' and the accounts' part; a month
// of net reversals is negative (X11).
type Cleared struct {
	Cells   []int // cells with an amount, rising
	Amounts []money.Fen
	// Pairs holds the total of every ordered pair and scheme, gross as in law (D3).
	Pairs []money.Fen
}

// Clear draws up a month's clearing from its register: the ordered matrix by
// pair, scheme, pool and kind.
func (l *Ledger) Clear(register []Totals) *Cleared {
	c := &Cleared{Pairs: make([]money.Fen, len(l.Pairs))}
	for cell := range register {
		if amount := register[cell].Cleared(); amount != 0 {
			c.Cells = append(c.Cells, cell)
			c.Amounts = append(c.Amounts, amount)
			c.Pairs[l.PairOf(cell)] += amount
		}
	}
	return c
}

// Total is the month's clearing over all pairs.
func (c *Cleared) Total() (sum money.Fen) {
	for _, amount := range c.Pairs {
		sum += amount
	}
	return sum
}

// Allocate books the national allocation 清分 (R14, D3): what was open between
// pool and place of treatment becomes a debt of pool to province, of insured to
// treating province.
func (l *Ledger) Allocate(c *Cleared) {
	for i, cell := range c.Cells {
		*l.cell(cell, PoolOwes) += c.Amounts[i]
		*l.cell(cell, PoolOwesProvince) -= c.Amounts[i]
		*l.cell(cell, TreatingOpen) -= c.Amounts[i]
	}
	for pair, amount := range c.Pairs {
		*l.pair(pair, InsuredDue) += amount
		*l.pair(pair, InsuredOwes) -= amount
		*l.pair(pair, TreatingDue) += amount
	}
}

// PayInstitutions books the treating agencies' payment of a month to their
// institutions (D6), out of the pot that the prepayments keep filled.
func (l *Ledger) PayInstitutions(c *Cleared) {
	for i, cell := range c.Cells {
		*l.cell(cell, TreatingOwes) += c.Amounts[i]
		*l.cell(cell, InstitutionDue) -= c.Amounts[i]
		*l.cell(cell, InstitutionBank) += c.Amounts[i]
	}
	for pair, amount := range c.Pairs {
		*l.pair(pair, TreatingFiscal) -= amount
	}
}

// Collect books the pools' payment of a month's clearing into the fiscal
// account of their own province (D4), on the day the province submits (R3).
func (l *Ledger) Collect(c *Cleared) {
	for i, cell := range c.Cells {
		*l.cell(cell, PoolOwesProvince) += c.Amounts[i]
		*l.cell(cell, PoolCash) -= c.Amounts[i]
	}
	for pair, amount := range c.Pairs {
		*l.pair(pair, InsuredDue) -= amount
		*l.pair(pair, InsuredFiscal) += amount
	}
}

// Remit books the payment of a month's clearing out of the insured provinces'
// fiscal accounts (D4, D7).
func (l *Ledger) Remit(c *Cleared) {
	for pair, amount := range c.Pairs {
		*l.pair(pair, InsuredFiscal) -= amount
		*l.pair(pair, InsuredOwes) += amount
		*l.pair(pair, Transit) += amount
		*l.pair(pair, TransitOwes) -= amount
	}
}

// Receive books the arrival of the money at the places of treatment, whole: bank
// fees are not the fund's (D10).
func (l *Ledger) Receive(c *Cleared) {
	for pair, amount := range c.Pairs {
		*l.pair(pair, Transit) -= amount
		*l.pair(pair, TransitOwes) += amount
		*l.pair(pair, TreatingFiscal) += amount
		*l.pair(pair, TreatingDue) -= amount
	}
}

// Prepay books a change of a pair's prepayment that has been paid: the first
// declaration, January's adjustment, which may be negative (R8), or a top-up.
// The insured province collects it from its pools (D5).
func (l *Ledger) Prepay(pair int, amount money.Fen) {
	*l.pair(pair, InsuredCollected) -= amount
	*l.pair(pair, InsuredAdvanced) += amount
	*l.pair(pair, TreatingFiscal) += amount
	*l.pair(pair, TreatingAdvance) -= amount
}

// Prepaid returns the prepayment of a pair that the province of treatment holds.
func (l *Ledger) Prepaid(pair int) money.Fen { return -*l.pair(pair, TreatingAdvance) }

// Pot returns what a province of treatment has in its fiscal account over all
// insured provinces and schemes; their prepayments may be used for each other
// (R1).
func (l *Ledger) Pot(treating int) (sum money.Fen) {
	for insured := range l.Shape.Provinces {
		for scheme := range Scheme(NumSchemes) {
			sum += *l.pair(l.Shape.Pair(insured, treating, scheme), TreatingFiscal)
		}
	}
	return sum
}
