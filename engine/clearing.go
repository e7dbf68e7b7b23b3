package engine

import "kuasheng/engine/money"

// Cleared is a clearing period as the nation sees it: what each cell owes. The
// pair totals follow from it. Amounts are the funds' and the accounts' part; a
// period of net reversals is negative (X11).
type Cleared struct {
	Cells   []int // cells with an amount, rising
	Amounts []money.Fen
	// Pairs holds the total of every ordered pair and scheme, gross as in law (D3).
	Pairs []money.Fen
	// byPair are the positions in Cells pair by pair, from[pair] to from[pair+1].
	byPair []int32
	from   []int32
}

// Clear draws up a month's clearing from its books: the ordered matrix by
// pair, scheme, pool and kind.
func (l *Ledger) Clear(b *Books) *Cleared {
	amounts := make([]money.Fen, b.Shape.Cells())
	for cell, row := range b.Rows() {
		amounts[cell] = row.Register.Cleared()
	}
	return l.ClearAmounts(amounts)
}

// ClearAmounts draws up a clearing from what each cell of the matrix owes.
func (l *Ledger) ClearAmounts(amounts []money.Fen) *Cleared {
	c := &Cleared{Pairs: make([]money.Fen, len(l.Pairs)), from: make([]int32, len(l.Pairs)+1)}
	n := 0
	for _, amount := range amounts {
		if amount != 0 {
			n++
		}
	}
	c.Cells, c.Amounts = make([]int, 0, n), make([]money.Fen, 0, n)
	for cell, amount := range amounts {
		if amount != 0 {
			pair := l.PairOf(cell)
			c.Cells = append(c.Cells, cell)
			c.Amounts = append(c.Amounts, amount)
			c.Pairs[pair] += amount
			c.from[pair+1]++
		}
	}
	for pair := range c.Pairs {
		c.from[pair+1] += c.from[pair]
	}
	c.byPair = make([]int32, len(c.Cells))
	next := append([]int32(nil), c.from...)
	for i, cell := range c.Cells {
		pair := l.PairOf(cell)
		c.byPair[next[pair]] = int32(i)
		next[pair]++
	}
	return c
}

// OfPair returns the positions in Cells and Amounts that make up a pair, rising.
func (c *Cleared) OfPair(pair int) []int32 { return c.byPair[c.from[pair]:c.from[pair+1]] }

// Total is the period's clearing over all pairs.
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
		row := l.Cell(cell)
		row[PoolOwes] += c.Amounts[i]
		row[PoolOwesProvince] -= c.Amounts[i]
		row[TreatingOpen] -= c.Amounts[i]
	}
	for pair, amount := range c.Pairs {
		*l.pair(pair, InsuredDue) += amount
		*l.pair(pair, InsuredOwes) -= amount
		*l.pair(pair, TreatingDue) += amount
	}
}

// PayInstitution books a payment of a treating agency to its institutions for one
// cell (D6), out of the pot that the prepayments keep filled. A negative amount is
// what they give back.
func (l *Ledger) PayInstitution(cell int, amount money.Fen) {
	row := l.Cell(cell)
	row[TreatingOwes] += amount
	row[InstitutionDue] -= amount
	row[InstitutionBank] += amount
	*l.pair(l.PairOf(cell), TreatingFiscal) -= amount
}

// Collect books the payment of the pools of a province into its fiscal account
// (D4), on the day the province submits (R3).
func (l *Ledger) Collect(c *Cleared, insured int) {
	for treating := range l.Shape.Provinces {
		for scheme := range Scheme(NumSchemes) {
			pair := l.Shape.Pair(insured, treating, scheme)
			for _, i := range c.OfPair(pair) {
				row := l.Cell(c.Cells[i])
				row[PoolOwesProvince] += c.Amounts[i]
				row[PoolCash] -= c.Amounts[i]
			}
			*l.pair(pair, InsuredDue) -= c.Pairs[pair]
			*l.pair(pair, InsuredFiscal) += c.Pairs[pair]
		}
	}
}

// Remit books a payment out of an insured province's fiscal account (D4, D7). It
// is in transit until Receive.
func (l *Ledger) Remit(pair int, amount money.Fen) {
	*l.pair(pair, InsuredFiscal) -= amount
	*l.pair(pair, InsuredOwes) += amount
	*l.pair(pair, Transit) += amount
	*l.pair(pair, TransitOwes) -= amount
}

// Receive books the arrival of a payment at the place of treatment, whole: bank
// fees are not the fund's (D10).
func (l *Ledger) Receive(pair int, amount money.Fen) {
	*l.pair(pair, Transit) -= amount
	*l.pair(pair, TransitOwes) += amount
	*l.pair(pair, TreatingFiscal) += amount
	*l.pair(pair, TreatingDue) -= amount
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

// Pot returns what insured provinces have put into the fiscal account of a
// province of treatment, over all of them and both schemes, less what went out;
// their prepayments may be used for each other (R1). Below zero the province has
// put in its own money.
func (l *Ledger) Pot(treating int) (sum money.Fen) {
	for scheme := range Scheme(NumSchemes) {
		sum += l.PotOf(treating, scheme)
	}
	return sum
}

// PotOf is Pot of one scheme.
func (l *Ledger) PotOf(treating int, scheme Scheme) (sum money.Fen) {
	for insured := range l.Shape.Provinces {
		sum += *l.pair(l.Shape.Pair(insured, treating, scheme), TreatingFiscal)
	}
	return sum
}

// Own returns the own money that a province of treatment has put into its pot and
// not yet taken out.
func (l *Ledger) Own(treating int, scheme Scheme) money.Fen {
	return *l.pair(l.Shape.Pair(treating, treating, scheme), TreatingOwn)
}

// AdvanceOwn books own money that a province of treatment puts into its pot
// (X36), or with a negative amount takes out again.
func (l *Ledger) AdvanceOwn(treating int, scheme Scheme, amount money.Fen) {
	pair := l.Shape.Pair(treating, treating, scheme)
	*l.pair(pair, TreatingOwn) += amount
	*l.pair(pair, TreatingOwesOwn) -= amount
}

// CreditInterest books interest on the pot: it belongs to the province of
// treatment and is no part of the prepayment (D11).
func (l *Ledger) CreditInterest(treating int, scheme Scheme, amount money.Fen) {
	pair := l.Shape.Pair(treating, treating, scheme)
	*l.pair(pair, TreatingInterestBank) += amount
	*l.pair(pair, TreatingInterest) -= amount
}

// ChargeFees books bank fees to the agency of a paying province, outside the fund
// (D10).
func (l *Ledger) ChargeFees(payer int, scheme Scheme, amount money.Fen) {
	pair := l.Shape.Pair(payer, payer, scheme)
	*l.pair(pair, InsuredFees) += amount
	*l.pair(pair, InsuredFeesPaid) -= amount
}
