package engine

import (
	"iter"

	"kuasheng/engine/money"
)

// Account is an account of the chart 会计科目. Debits are positive, credits
// negative, so the accounts of a cell sum to zero after every event.
type Account uint8

// The chart of accounts, by the entity that keeps the book. A balance exists for
// every cell of the matrix: ordered pair of pool and province of treatment,
// scheme and kind.
const (
	// Institutions 定点医药机构.
	InstitutionRevenue  Account = iota // what was billed
	InstitutionReceived                // paid by patients at the counter
	InstitutionDue                     // owed by the treating agency
	InstitutionBorne                   // borne by the institution itself 医院负担
	// Patients 参保人员.
	PatientBurden // out-of-pocket cost
	PatientPaid   // cash paid
	// The province of treatment 就医地.
	TreatingOpen // owed by insured places, not yet allocated
	TreatingOwes // owed to institutions
	// The insured pool 参保地统筹区.
	PoolBasic      // cost of the basic fund
	PoolAccount    // drawn from personal accounts
	PoolOwes       // owed to places of treatment, not yet allocated
	PoolMutual     // drawn from relatives' accounts 共济
	PoolLarge      // cost of 大额
	PoolMajor      // cost of 大病
	PoolCivil      // cost of 公务员医疗补助
	PoolEnterprise // cost of 企业补充
	PoolAid        // cost of medical aid

	// NumSettleAccounts counts the accounts above: those a settlement posts to.
	NumSettleAccounts = 17
)

// The accounts of a cell that only clearing posts to, see clearing.go and
// recover.go. Manual claims stand in the cell of a pool with its own province: no
// bill is cleared there.
const (
	PoolOwesProvince    Account = iota + NumSettleAccounts // allocated 清分, owed to the own province
	PoolCash                                               // paid out of the pool's fund
	InstitutionBank                                        // paid to institutions by the treating agency
	InstitutionDeducted                                    // recovered from institutions 审核扣款 (D12)
	PoolRecovered                                          // recovered for the pool's fund 追回基金 (D12)
	PoolManual                                             // cost of manual claims 手工报销 (C19)
	PoolOwesPatient                                        // of them, not yet reimbursed
	PoolManualPaid                                         // paid to patients
	PatientDue                                             // due from the pool
	PatientReimbursed                                      // what the patient gets back
	PatientBank                                            // and has received
	// NumCellAccounts counts all accounts that a cell of the matrix has.
	NumCellAccounts = NumSettleAccounts + 11
)

// The accounts of an ordered pair of provinces and scheme: what the two
// provinces' fiscal accounts hold and owe each other. What concerns a province
// alone stands in its pair with itself: no bill is cleared there.
const (
	InsuredDue       Account = iota + NumCellAccounts // due from the province's pools
	InsuredOwes                                       // owed to the province of treatment
	InsuredFiscal                                     // 省级财政专户 of the insured province
	InsuredCollected                                  // collected from pools for the prepayment (D5)
	InsuredAdvanced                                   // prepaid to the province of treatment
	TreatingDue                                       // allocated, due from the insured province
	TreatingFiscal                                    // 省级财政专户 of the province of treatment: its pot
	TreatingAdvance                                   // prepayment held, owed back
	Transit                                           // on its way between provinces, zero once arrived (D9)
	TransitOwes                                       // and whom it is for

	// The next stand in a province's pair with itself.

	InsuredFees          // bank fees, outside the fund (D10)
	InsuredFeesPaid      // paid by the agency
	TreatingOwn          // own money put into the pot while it is dry (X36)
	TreatingOwesOwn      // to be taken out again
	TreatingInterestBank // interest received on the pot
	TreatingInterest     // which belongs to the province of treatment (D11)
	TreatingFinesBank    // fines received
	TreatingFines        // which stay with the province of treatment (D12)
	InstitutionFined     // fines and contract penalties 罚款、违约金
	InstitutionFinesPaid // and their payment

	NumAccounts     = NumCellAccounts + 20
	NumPairAccounts = NumAccounts - NumCellAccounts
)

var accountNames = [NumAccounts]string{
	"institution.revenue", "institution.received", "institution.due", "institution.borne",
	"patient.burden", "patient.paid",
	"treating.open", "treating.owes",
	"pool.basic", "pool.account", "pool.owes", "pool.mutual",
	"pool.large", "pool.major", "pool.civil", "pool.enterprise", "pool.aid",
	"pool.owes_province", "pool.cash", "institution.bank", "institution.deducted", "pool.recovered",
	"pool.manual", "pool.owes_patient", "pool.manual_paid", "patient.due", "patient.reimbursed", "patient.bank",
	"insured.due", "insured.owes", "insured.fiscal", "insured.collected", "insured.advanced",
	"treating.due", "treating.fiscal", "treating.advance",
	"nation.transit", "nation.owes",
	"insured.fees", "insured.fees_paid", "treating.own", "treating.owes_own",
	"treating.interest_bank", "treating.interest", "treating.fines_bank", "treating.fines",
	"institution.fined", "institution.fines_paid",
}

// String returns the account's stable name, entity first.
func (a Account) String() string { return accountNames[a] }

// ParseAccount finds an account by its stable name.
func ParseAccount(name string) (Account, bool) {
	for a, n := range accountNames {
		if n == name {
			return Account(a), true
		}
	}
	return 0, false
}

// Measure is a column of the claims register, the sub-ledger that the general
// ledger is proven against.
type Measure uint8

// The measures. All are sums over the valid settlements of a cell: a reversal
// subtracts what its original added.
const (
	Cases Measure = iota
	SumFee
	SumOwnPay
	SumOverLimit
	SumPreSelfPay
	SumInScope
	SumDeductible
	SumBasic
	SumAccount
	SumCash
	Lines
	Reversals // how many settlements were taken back; they are not in Cases
	SumLarge
	SumMajor
	SumCivil
	SumEnterprise
	SumAid
	SumMutual
	SumHospital
	SumCaseGain
	NumMeasures = 20
)

// Totals is one row of the claims register.
type Totals [NumMeasures]int64

// Funds is the sum of the layers' payments, fund_pay_sumamt.
func (t *Totals) Funds() money.Fen {
	return money.Fen(t[SumBasic] + t[SumLarge] + t[SumMajor] + t[SumCivil] + t[SumEnterprise] + t[SumAid])
}

// Cleared is what the insured place owes the place of treatment: the funds' and
// the accounts' part.
func (t *Totals) Cleared() money.Fen { return t.Funds() + money.Fen(t[SumAccount]+t[SumMutual]) }

// Add adds u to t.
func (t *Totals) Add(u *Totals) {
	for i := range t {
		t[i] += u[i]
	}
}

// Balances is one row of the general ledger while bills are settled.
type Balances [NumSettleAccounts]money.Fen

// Row is what the books say of a cell: its rows of the claims register and of the
// general ledger.
type Row struct {
	Register Totals
	Ledger   Balances
}

// Books are what a shard writes: a row for each cell in use, and what became of every
// request. One writer; merge with Add.
type Books struct {
	Shape Shape
	// Refused counts refused requests by kind and status; RefusedFees sums their fees,
	// which the patient paid in full.
	Refused     [NumKinds][NumStatuses]int64
	RefusedFees [NumKinds][NumStatuses]money.Fen
	// Manual is the register of manual claims by pool, scheme and kind, see
	// Shape.ManualCell.
	Manual []Totals
	// Aside is, by pool, what the register counts and the accumulators of the year
	// do not (V3): the former year's part of stays over 1 January and bills that
	// are no admission of their own, less what was settled at home.
	Aside []YearSums

	cells table[Row]
	// pool is the first of the pools that these are books of: 0, or where they are a
	// single pool's, see NewPoolBooks, which.
	pool int
}

// Shape gives the size of the matrix and the order of its cells.
type Shape struct{ Pools, Provinces int }

// Cells returns how many cells the matrix has.
func (s Shape) Cells() int { return s.Pools * s.Provinces * NumSchemes * NumKinds }

// Cell returns the index of a cell: pool, then province of treatment, scheme, kind.
func (s Shape) Cell(pool, treating int, scheme Scheme, kind Kind) int {
	return ((pool*s.Provinces+treating)*NumSchemes+int(scheme))*NumKinds + int(kind)
}

// ManualCell returns the index of a row of the manual claims' register.
func (s Shape) ManualCell(pool int, scheme Scheme, kind Kind) int {
	return (pool*NumSchemes+int(scheme))*NumKinds + int(kind)
}

// SplitManual is the inverse of ManualCell.
func (s Shape) SplitManual(at int) (pool int, scheme Scheme, kind Kind) {
	kind, at = Kind(at%NumKinds), at/NumKinds
	return at / NumSchemes, Scheme(at % NumSchemes), kind
}

// Split is the inverse of Cell.
func (s Shape) Split(cell int) (pool, treating int, scheme Scheme, kind Kind) {
	kind, cell = Kind(cell%NumKinds), cell/NumKinds
	scheme, cell = Scheme(cell%NumSchemes), cell/NumSchemes
	return cell / s.Provinces, cell % s.Provinces, scheme, kind
}

// NewBooks returns empty books.
func NewBooks(shape Shape) *Books {
	return &Books{
		Shape:  shape,
		Manual: make([]Totals, shape.Pools*NumSchemes*NumKinds),
		Aside:  make([]YearSums, shape.Pools),
		cells:  newTable[Row](shape.Cells()),
	}
}

// NewPoolBooks returns empty books of one pool at a time, so small that they stay in
// the cache of a worker whose bills are all of one pool: Turn says of which. Their
// cells count from the pool's first.
func NewPoolBooks(shape Shape) *Books {
	shape.Pools = 1
	return NewBooks(shape)
}

// Turn makes empty books those of another pool.
func (b *Books) Turn(pool int) { b.pool = pool }

// At returns a cell's row to be read only; that of a cell not in use is empty.
func (b *Books) At(cell int) *Row { return b.cells.get(cell) }

// Row returns a cell's row to be written to; it is valid until another comes into use.
func (b *Books) Row(cell int) *Row { return b.cells.row(cell) }

// Rows yields the rows in use in the order of their cells.
func (b *Books) Rows() iter.Seq2[int, *Row] { return b.cells.all() }

// Add merges other, of the same pools or one of them, into b. Integer sums do not
// depend on the order of merging.
func (b *Books) Add(other *Books) {
	pool := other.pool - b.pool
	first := b.Shape.Cell(pool, 0, 0, 0)
	for cell, row := range other.Rows() {
		sum := b.Row(first + cell)
		sum.Register.Add(&row.Register)
		for a, amount := range &row.Ledger {
			sum.Ledger[a] += amount
		}
	}
	manual := b.Manual[b.Shape.ManualCell(pool, 0, 0):]
	for i := range other.Manual {
		manual[i].Add(&other.Manual[i])
	}
	for i := range other.Aside {
		b.Aside[pool+i].Add(&other.Aside[i])
	}
	for k := range b.Refused {
		for s := range b.Refused[k] {
			b.Refused[k][s] += other.Refused[k][s]
			b.RefusedFees[k][s] += other.RefusedFees[k][s]
		}
	}
}

// Reset empties the books for the next month.
func (b *Books) Reset() {
	b.cells.reset()
	clear(b.Manual)
	clear(b.Aside)
	b.Refused = [NumKinds][NumStatuses]int64{}
	b.RefusedFees = [NumKinds][NumStatuses]money.Fen{}
}

// Registers are the claims registers of several months together.
type Registers struct{ cells table[Totals] }

// NewRegisters returns those of no month.
func NewRegisters(shape Shape) *Registers { return &Registers{newTable[Totals](shape.Cells())} }

// Add adds the register of a month's books.
func (r *Registers) Add(b *Books) {
	for cell, row := range b.Rows() {
		r.cells.row(cell).Add(&row.Register)
	}
}

// Rows yields the rows in use in the order of their cells.
func (r *Registers) Rows() iter.Seq2[int, *Totals] { return r.cells.all() }

// Outcomes counts what became of the requests, by kind and status, with their
// fees: the refused ones and, from the register, the settled ones.
func (b *Books) Outcomes() (counts [NumKinds][NumStatuses]int64, fees [NumKinds][NumStatuses]money.Fen) {
	counts, fees = b.Refused, b.RefusedFees
	for cell, row := range b.Rows() {
		_, _, _, kind := b.Shape.Split(cell)
		counts[kind][Settled] += row.Register[Cases]
		fees[kind][Settled] += money.Fen(row.Register[SumFee])
	}
	return counts, fees
}

// post moves an amount from the credit to the debit account: every event is a
// sum of such pairs and so sums to zero.
func (l *Balances) post(debit, credit Account, amount money.Fen) {
	l[debit] += amount
	l[credit] -= amount
}

// postSettlement writes the entries of one result (A3, D4): the patient pays
// now, the insured place owes the place of treatment, the place of treatment
// owes the institution.
func (l *Balances) postSettlement(r *Result) {
	owed := r.FundSum() + r.Account + r.Mutual
	l.post(InstitutionDue, InstitutionRevenue, owed)
	l.post(InstitutionReceived, InstitutionRevenue, r.Cash)
	l.post(PatientBurden, PatientPaid, r.Cash)
	l.post(TreatingOpen, TreatingOwes, owed)
	l.post(PoolBasic, PoolOwes, r.Funds[LayerBasic])
	l.post(PoolAccount, PoolOwes, r.Account)
	if r.onlyBasic() {
		return
	}
	l.post(InstitutionBorne, InstitutionRevenue, r.Hospital)
	l.post(PoolLarge, PoolOwes, r.Funds[LayerLarge])
	l.post(PoolMajor, PoolOwes, r.Funds[LayerMajor])
	l.post(PoolCivil, PoolOwes, r.Funds[LayerCivil])
	l.post(PoolEnterprise, PoolOwes, r.Funds[LayerEnterprise])
	l.post(PoolAid, PoolOwes, r.Funds[LayerAid])
	l.post(PoolMutual, PoolOwes, r.Mutual)
}

// onlyBasic reports whether nobody but the basic fund, the own account and the
// patient takes part, as in nine of ten bills.
func (r *Result) onlyBasic() bool {
	return r.Funds[LayerLarge]|r.Funds[LayerMajor]|r.Funds[LayerCivil]|r.Funds[LayerEnterprise]|r.Funds[LayerAid]|
		r.Mutual|r.Hospital|r.CaseGain == 0
}

// register adds one result to the claims register; a reversal's amounts are
// negative, so its original leaves no trace but the count of reversals.
func (t *Totals) register(r *Result, lines int64) {
	t[SumFee] += int64(r.Fee)
	t[SumOwnPay] += int64(r.OwnPay)
	t[SumOverLimit] += int64(r.OverLimit)
	t[SumPreSelfPay] += int64(r.PreSelfPay)
	t[SumInScope] += int64(r.InScope)
	t[SumDeductible] += int64(r.Deductible)
	t[SumBasic] += int64(r.Funds[LayerBasic])
	t[SumAccount] += int64(r.Account)
	t[SumCash] += int64(r.Cash)
	t[Lines] += lines
	if r.onlyBasic() {
		return
	}
	t[SumLarge] += int64(r.Funds[LayerLarge])
	t[SumMajor] += int64(r.Funds[LayerMajor])
	t[SumCivil] += int64(r.Funds[LayerCivil])
	t[SumEnterprise] += int64(r.Funds[LayerEnterprise])
	t[SumAid] += int64(r.Funds[LayerAid])
	t[SumMutual] += int64(r.Mutual)
	t[SumHospital] += int64(r.Hospital)
	t[SumCaseGain] += int64(r.CaseGain)
}
