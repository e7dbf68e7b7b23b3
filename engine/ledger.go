package engine

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"kuasheng/engine/money"
)

// Ledger is the general ledger of a whole run: what settlements posted, month by
// month, and what clearing and prepayment moved. Every event posts entries that
// sum to zero within each entity, so each entity's trial balance is always zero.
type Ledger struct {
	Shape Shape
	// Pairs are the balances by ordered pair of provinces and scheme, see Pair.
	Pairs [][NumPairAccounts]money.Fen
	// provinceOf is the province of each pool.
	provinceOf []uint8
	cells      table[[NumCellAccounts]money.Fen]
}

// NewLedger returns an empty ledger; provinceOf gives the province of each pool.
func NewLedger(shape Shape, provinceOf []uint8) *Ledger {
	return &Ledger{
		Shape:      shape,
		Pairs:      make([][NumPairAccounts]money.Fen, shape.Pairs()),
		provinceOf: provinceOf,
		cells:      newTable[[NumCellAccounts]money.Fen](shape.Cells()),
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
	for cell, row := range b.Rows() {
		sum := l.Cell(cell)
		for a, amount := range &row.Ledger {
			sum[a] += amount
		}
	}
}

// Cell returns a cell's balances to be posted to; it is valid until another cell comes
// into use.
func (l *Ledger) Cell(cell int) *[NumCellAccounts]money.Fen { return l.cells.row(cell) }

// At returns a cell's balances to be read only; those of a cell not in use are zero.
func (l *Ledger) At(cell int) *[NumCellAccounts]money.Fen { return l.cells.get(cell) }

// Cells yields the balances of the cells that were ever posted to, in order.
func (l *Ledger) Cells() iter.Seq2[int, *[NumCellAccounts]money.Fen] { return l.cells.all() }

// Reset empties the ledger.
func (l *Ledger) Reset() {
	l.cells.reset()
	clear(l.Pairs)
}

// pair returns an account to post to.
func (l *Ledger) pair(pair int, a Account) *money.Fen { return &l.Pairs[pair][a-NumCellAccounts] }

// Balance returns an account's balance over all cells or pairs.
func (l *Ledger) Balance(a Account) (sum money.Fen) {
	if a < NumCellAccounts {
		for _, row := range l.Cells() {
			sum += row[a]
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

// TrialBalance returns how far the keepers' books are from zero, taken together:
// differences of opposite sign do not cancel between keepers.
func (l *Ledger) TrialBalance() (sum money.Fen) {
	var balances [NumAccounts]money.Fen
	for _, row := range l.Cells() {
		for a, amount := range row {
			balances[a] += amount
		}
	}
	for pair := range l.Pairs {
		for a, amount := range l.Pairs[pair] {
			balances[NumCellAccounts+a] += amount
		}
	}
	keepers := map[string]money.Fen{}
	for a, balance := range balances {
		keepers[Account(a).Entity()] += balance
	}
	for _, books := range keepers {
		sum += max(books, -books)
	}
	return sum
}

// OpenAccounts are those that must be zero when every fen has arrived.
var OpenAccounts = []Account{
	InstitutionDue, TreatingOpen, TreatingOwes, PoolOwes, PoolOwesProvince,
	PoolOwesPatient, PatientDue,
	InsuredDue, InsuredOwes, InsuredFiscal, TreatingDue, Transit, TransitOwes,
	TreatingOwn, TreatingOwesOwn,
}

var openOfCell = slices.DeleteFunc(slices.Clone(OpenAccounts), func(a Account) bool { return a >= NumCellAccounts })

// cellKeepers names those whose accounts balance within every cell, in the order of
// balancesOf; the province of treatment balances over the cells and the pair together.
var cellKeepers = [...]string{"institution", "patient", "pool"}

// balancesOf sums their accounts, which are zero where the books are sound.
func balancesOf(row *[NumCellAccounts]money.Fen) [len(cellKeepers)]money.Fen {
	return [...]money.Fen{
		row[InstitutionRevenue] + row[InstitutionReceived] + row[InstitutionDue] + row[InstitutionBorne] + row[InstitutionBank] + row[InstitutionDeducted],
		row[PatientBurden] + row[PatientPaid] + row[PatientDue] + row[PatientReimbursed] + row[PatientBank],
		row[PoolBasic] + row[PoolLarge] + row[PoolMajor] + row[PoolCivil] + row[PoolEnterprise] + row[PoolAid] + row[PoolAccount] + row[PoolMutual] +
			row[PoolOwes] + row[PoolOwesProvince] + row[PoolCash] + row[PoolRecovered] + row[PoolManual] + row[PoolOwesPatient] + row[PoolManualPaid],
	}
}

// pairEntities are the keepers whose accounts of a pair balance, the province of
// treatment's with those of the pair's cells.
var pairEntities = [...]struct {
	name     string
	accounts []Account
}{
	{"insured", []Account{InsuredDue, InsuredOwes, InsuredFiscal, InsuredCollected, InsuredAdvanced, InsuredFees, InsuredFeesPaid}},
	{"treating", []Account{
		TreatingDue, TreatingFiscal, TreatingAdvance,
		TreatingOwn, TreatingOwesOwn, TreatingInterestBank, TreatingInterest, TreatingFinesBank, TreatingFines,
	}},
	{"nation", []Account{Transit, TransitOwes}},
	{"institution", []Account{InstitutionFined, InstitutionFinesPaid}},
}

// Check proves the ledger at a barrier: in every cell and pair each keeper's
// accounts sum to zero, and the pairs agree with the cells they stand for (V4)
// and with each other (V5). With final set, every receivable and payable must
// have come to zero as well, and institutions have been paid what pools paid. The
// identities of cells not in use count, and hold as they stand.
func (l *Ledger) Check(barrier string, final bool) (checked int64, breaches []*Breach) {
	find := func(invariant, place string, at int, account string, want, got money.Fen) {
		if want != got {
			breaches = append(breaches, &Breach{barrier, invariant, fmt.Sprintf("%s %d", place, at), account, want, got})
		}
	}
	owed := make([]money.Fen, len(l.Pairs))
	treating := make([]money.Fen, len(l.Pairs))
	for cell, row := range l.Cells() {
		pair := l.PairOf(cell)
		owed[pair] -= row[PoolOwesProvince]
		treating[pair] += row[TreatingOpen] + row[TreatingOwes]
		if balances := balancesOf(row); balances != ([len(cellKeepers)]money.Fen{}) {
			for i, sum := range balances {
				find("trial balance", "cell", cell, cellKeepers[i], 0, sum)
			}
		}
		if final {
			for _, a := range openOfCell {
				find("run-off complete", "cell", cell, a.String(), 0, row[a])
			}
			find("V4 (institutions = pools)", "cell", cell, InstitutionBank.String(), -row[PoolCash], row[InstitutionBank])
		}
	}
	for pair := range l.Pairs {
		row := &l.Pairs[pair]
		for i := range pairEntities {
			sum := money.Fen(0)
			if pairEntities[i].name == "treating" {
				sum = treating[pair]
			}
			for _, a := range pairEntities[i].accounts {
				sum += row[a-NumCellAccounts]
			}
			find("trial balance", "pair", pair, pairEntities[i].name, 0, sum)
		}
		find("V4 (pools = province)", "pair", pair, InsuredDue.String(), owed[pair], *l.pair(pair, InsuredDue))
		find("V4 (payable = receivable)", "pair", pair, TreatingDue.String(), *l.pair(pair, Transit)-*l.pair(pair, InsuredOwes), *l.pair(pair, TreatingDue))
		find("V5 (prepayment)", "pair", pair, TreatingAdvance.String(), -*l.pair(pair, InsuredAdvanced), *l.pair(pair, TreatingAdvance))
		if final {
			for _, a := range OpenAccounts {
				if a >= NumCellAccounts {
					find("run-off complete", "pair", pair, a.String(), 0, row[a-NumCellAccounts])
				}
			}
		}
	}
	ofCell, ofPair := len(cellKeepers), len(pairEntities)+3
	if final {
		ofCell, ofPair = ofCell+len(openOfCell)+1, ofPair+len(OpenAccounts)-len(openOfCell)
	}
	return int64(l.Shape.Cells()*ofCell + len(l.Pairs)*ofPair), breaches
}
