package engine

import (
	"fmt"
	"strings"

	"kuasheng/engine/money"
)

// Ledger is the general ledger of a whole run: what settlements posted, month by
// month, and what clearing and prepayment moved. Every event posts entries that
// sum to zero within each entity, so each entity's trial balance is always zero.
type Ledger struct {
	Shape Shape
	// Cells are the balances by cell of the matrix.
	Cells [][NumCellAccounts]money.Fen
	// Pairs are the balances by ordered pair of provinces and scheme, see Pair.
	Pairs [][NumPairAccounts]money.Fen
	// provinceOf is the province of each pool.
	provinceOf []uint8
}

// NewLedger returns an empty ledger; provinceOf gives the province of each pool.
func NewLedger(shape Shape, provinceOf []uint8) *Ledger {
	return &Ledger{
		Shape:      shape,
		Cells:      make([][NumCellAccounts]money.Fen, shape.Cells()),
		Pairs:      make([][NumPairAccounts]money.Fen, shape.Pairs()),
		provinceOf: provinceOf,
	}
}

// Pairs returns how many ordered pairs of provinces, by scheme, there are.
func (s Shape) Pairs() int { return s.Provinces * s.Provinces * NumSchemes }

// Pair returns the index of an ordered pair: insured province, province of
// treatment, scheme.
func (s Shape) Pair(insured, treating int, scheme Scheme) int {
	return (insured*s.Provinces+treating)*NumSchemes + int(scheme)
}

// SplitPair is the inverse of Pair.
func (s Shape) SplitPair(pair int) (insured, treating int, scheme Scheme) {
	scheme, pair = Scheme(pair%NumSchemes), pair/NumSchemes
	return pair / s.Provinces, pair % s.Provinces, scheme
}

// PairOf returns the ordered pair and scheme that a cell is cleared in.
func (l *Ledger) PairOf(cell int) int {
	pool, treating, scheme, _ := l.Shape.Split(cell)
	return l.Shape.Pair(int(l.provinceOf[pool]), treating, scheme)
}

// Settled takes over a month's postings from the books.
func (l *Ledger) Settled(b *Books) {
	for cell := range b.Ledger {
		for a, amount := range b.Ledger[cell] {
			l.Cells[cell][a] += amount
		}
	}
}

// cell and pair return an account to post to.
func (l *Ledger) cell(cell int, a Account) *money.Fen { return &l.Cells[cell][a] }

func (l *Ledger) pair(pair int, a Account) *money.Fen { return &l.Pairs[pair][a-NumCellAccounts] }

// Balance returns an account's balance over all cells or pairs.
func (l *Ledger) Balance(a Account) (sum money.Fen) {
	if a < NumCellAccounts {
		for i := range l.Cells {
			sum += l.Cells[i][a]
		}
		return sum
	}
	for i := range l.Pairs {
		sum += l.Pairs[i][a-NumCellAccounts]
	}
	return sum
}

// Entity returns who keeps an account: the part of its name before the dot.
func (a Account) Entity() string {
	entity, _, _ := strings.Cut(a.String(), ".")
	return entity
}

// TrialBalance returns the sum of all accounts, which is zero in sound books.
func (l *Ledger) TrialBalance() (sum money.Fen) {
	for a := range Account(NumAccounts) {
		sum += l.Balance(a)
	}
	return sum
}

// OpenAccounts are those that must be zero when every fen has arrived.
var OpenAccounts = []Account{
	InstitutionDue, TreatingOpen, TreatingOwes, PoolOwes, PoolOwesProvince,
	InsuredDue, InsuredOwes, InsuredFiscal, TreatingDue, Transit, TransitOwes,
}

// Check proves the ledger at a barrier: each entity's accounts sum to zero over
// the nation, and the pairs agree with the cells they stand for (V4). With final
// set, every receivable and payable must have come to zero as well.
func (l *Ledger) Check(barrier string, final bool) (checked int64, breaches []*Breach) {
	find := func(invariant, where, account string, want, got money.Fen) {
		checked++
		if want != got {
			breaches = append(breaches, &Breach{barrier, invariant, where, account, want, got})
		}
	}
	entities := map[string]money.Fen{}
	for a := range Account(NumAccounts) {
		entities[a.Entity()] += l.Balance(a)
	}
	for _, entity := range []string{"institution", "patient", "treating", "pool", "insured", "nation"} {
		find("trial balance", "nation", entity, 0, entities[entity])
	}

	owed := make([]money.Fen, len(l.Pairs))
	for cell := range l.Cells {
		owed[l.PairOf(cell)] -= l.Cells[cell][PoolOwesProvince]
	}
	for pair := range l.Pairs {
		insured, treating, scheme := l.Shape.SplitPair(pair)
		where := fmt.Sprintf("pair %d→%d scheme %d", insured, treating, scheme)
		find("V4 (pools = province)", where, InsuredDue.String(), owed[pair], *l.pair(pair, InsuredDue))
		find("V4 (payable = receivable)", where, TreatingDue.String(), *l.pair(pair, Transit)-*l.pair(pair, InsuredOwes), *l.pair(pair, TreatingDue))
		find("V5 (prepayment)", where, TreatingAdvance.String(), -*l.pair(pair, InsuredAdvanced), *l.pair(pair, TreatingAdvance))
	}
	if final {
		for _, a := range OpenAccounts {
			find("run-off complete", "nation", a.String(), 0, l.Balance(a))
		}
	}
	return checked, breaches
}
