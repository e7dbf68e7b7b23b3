package verify

import (
	"math/bits"
	"slices"
)

// state is what the phases hand on.
type state struct {
	first                    month
	provinceAt, poolAt       map[string]int
	provinceNames, poolNames []string // as they stand in tables
	provinceOf               []int    // province of each pool
	calendar                 calendar

	settled []register // by settled month
	moves   []move
	periods []*period

	pairMonths [][]int64 // cleared by settled month and pair, all its periods together
	quotas     []quotaChange
	topUps     []topUp
	alerts     []alert
	records    [][]pairRecord       // by pair
	overdue    map[pairPeriod]int64 // between provinces at the end, and not yet found in the table
	unpaid     bool                 // something was
	paid       []payment
	prepaid    []int64 // of it as prepayments, by pair
	pools      [][]int64
	treating   [][]int64
	manualSums []int64 // by insured province
	shortDays  []int64 // by province of treatment, and how deep
	depths     []int64
}

// The columns of a register after its key.
var measureNames = []string{
	"cases", "reversals", "fee_fen", "own_pay_fen", "over_limit_fen", "pre_self_pay_fen", "in_scope_fen", "deductible_fen",
	"basic_fen", "large_fen", "major_fen", "civil_fen", "enterprise_fen", "aid_fen", "account_fen", "mutual_fen",
	"cash_fen", "hospital_fen", "case_gain_fen", "cleared_fen",
}

const (
	atCases = iota
	atReversals
	atFee
	atOwnPay
	atOverLimit
	atPreSelfPay
	atInScope
	atDeductible
	atBasic
	atLarge
	atMajor
	atCivil
	atEnterprise
	atAid
	atAccount
	atMutual
	atCash
	atHospital
	atCaseGain
	atCleared
	numMeasures
)

// register is a settled month: what each cell owes, and all measures by pair and kind.
type register struct {
	cells  []int64
	byPair [][numMeasures]int64 // pair × kind
}

// funds is what the six funds of a row paid.
func funds(v *[numMeasures]int64) int64 {
	return sum(v[atBasic], v[atLarge], v[atMajor], v[atCivil], v[atEnterprise], v[atAid])
}

// sum adds up; more than 64 bits hold is no amount of money and panics as overflow.
func sum(values ...int64) (s int64) {
	for _, v := range values {
		t, carry := bits.Add64(uint64(s), uint64(v), 0)
		_ = carry
		if (s < 0) == (v < 0) && (int64(t) < 0) != (s < 0) {
			panic(giveUp{})
		}
		s = int64(t)
	}
	return s
}

// The matrix: a cell is pool, province of treatment, scheme and kind; a pair insured
// province, province of treatment and scheme.
func (r *run) numProvinces() int { return len(r.p.Provinces) }

func (r *run) numPairs() int { return r.numProvinces() * r.numProvinces() * 2 }

func (r *run) numCells() int { return len(r.p.Pools) * r.numProvinces() * 8 }

func (r *run) pair(insured, treating, scheme int) int {
	return (insured*r.numProvinces()+treating)*2 + scheme
}

func (r *run) splitPair(pair int) (insured, treating, scheme int) {
	return pair / 2 / r.numProvinces(), pair / 2 % r.numProvinces(), pair % 2
}

func (r *run) cell(pool, treating, scheme, kind int) int {
	return ((pool*r.numProvinces()+treating)*2+scheme)*4 + kind
}

func (r *run) splitCell(cell int) (pool, treating, scheme, kind int) {
	return cell / 8 / r.numProvinces(), cell / 8 % r.numProvinces(), cell / 4 % 2, cell % 4
}

func (r *run) pairOf(cell int) int {
	pool, treating, scheme, _ := r.splitCell(cell)
	return r.pair(r.provinceOf[pool], treating, scheme)
}

// pairCells are the columns of an ordered pair and scheme.
var pairColumns = []string{"insured_admdvs", "insured", "treating_admdvs", "treating", "scheme"}

// pairValues are their values.
func (r *run) pairValues(pair int) []any {
	insured, treating, scheme := r.splitPair(pair)
	return []any{r.p.Provinces[insured].Code, r.provinceNames[insured], r.p.Provinces[treating].Code, r.provinceNames[treating], r.p.Schemes[scheme]}
}

// readPair reads them.
func (t *table) readPair() int {
	r := t.r
	return r.pair(t.place("insured_admdvs", r.provinceAt, r.provinceNames), t.place("treating_admdvs", r.provinceAt, r.provinceNames), t.one("scheme", r.p.Schemes))
}

// registers reads the parameters and the registers of settled bills. Each row is in its
// place, and its parts sum to its wholes: what the bill divides into (I2), who pays it
// (I4), and what is cleared of it.
func (r *run) registers() {
	r.loadParameters()
	r.pools = make([][]int64, len(r.p.Pools))
	for i := range r.pools {
		r.pools[i] = make([]int64, numMeasures)
	}
	r.treating = make([][]int64, r.numProvinces())
	for i := range r.treating {
		r.treating[i] = make([]int64, numMeasures)
	}
	columns := slices.Concat([]string{"month"}, pairColumns, []string{"pool_admdvs", "pool", "kind"}, measureNames, []string{"cleared_yuan"})
	for i := range r.settledMonths() {
		m := r.first + month(i)
		x := register{cells: make([]int64, r.numCells()), byPair: make([][numMeasures]int64, r.numPairs()*4)}
		t := r.open("clearing/"+m.String()+".csv", columns...)
		from := t.at(measureNames[0])
		last := -1
		for t.next() {
			t.same("month", m.String(), "the month of the file")
			pair := t.readPair()
			insured, treating, scheme := r.splitPair(pair)
			pool := t.place("pool_admdvs", r.poolAt, r.poolNames)
			kind := t.one("kind", r.p.Kinds)
			r.sameInt(t.name, t.line, "insured_admdvs", int64(r.p.Provinces[r.provinceOf[pool]].Code), int64(r.p.Provinces[insured].Code), "the province of the pool")
			cell := r.cell(pool, treating, scheme, kind)
			r.report.Checked++
			if cell <= last {
				r.find(Finding{t.name, t.line, "", "a row after the one before", "a row before it or again", "rows come once and in the order of the parameters"})
			}
			last = cell
			var v [numMeasures]int64
			for j := range v {
				v[j] = t.intAt(from + j)
			}
			r.sameInt(t.name, t.line, "fee_fen", sum(v[atOwnPay], v[atOverLimit], v[atPreSelfPay], v[atInScope]), v[atFee], "fee = own pay + over limit + pre-self-pay + in scope (I2)")
			r.sameInt(t.name, t.line, "cleared_fen", sum(funds(&v), v[atAccount], v[atMutual]), v[atCleared], "cleared = funds + accounts")
			r.sameInt(t.name, t.line, "fee_fen", sum(v[atCleared], v[atCash], v[atHospital]), v[atFee], "fee = cleared + cash + borne by the hospital (I4)")
			x.cells[cell] = sum(x.cells[cell], v[atCleared])
			row := &x.byPair[pair*4+kind]
			for j := range v {
				row[j] = sum(row[j], v[j])
				r.pools[pool][j] = sum(r.pools[pool][j], v[j])
				r.treating[treating][j] = sum(r.treating[treating][j], v[j])
			}
		}
		r.settled = append(r.settled, x)
	}
	r.pairsYear()
}

// pairsYear is the year by pair and kind: the measured months together.
func (r *run) pairsYear() {
	columns := slices.Concat(pairColumns, []string{"kind"}, measureNames, []string{"cleared_yuan"})
	r.expect("clearing/pairs_year.csv", "the sum of the measured months' registers", columns, func(put func(...any)) {
		for at := range r.numPairs() * 4 {
			var v [numMeasures]int64
			for i := r.p.WarmUp; i < len(r.settled); i++ {
				for j, x := range r.settled[i].byPair[at] {
					v[j] = sum(v[j], x)
				}
			}
			if v == [numMeasures]int64{} {
				continue
			}
			values := append(r.pairValues(at/4), r.p.Kinds[at%4])
			for _, x := range v {
				values = append(values, x)
			}
			put(append(values, yuan(v[atCleared]))...)
		}
	})
}

// ofMonth sums a settled month's register by pair, all kinds together.
func (x *register) ofPair(pair int) (v [numMeasures]int64) {
	for kind := range 4 {
		for j, amount := range x.byPair[pair*4+kind] {
			v[j] = sum(v[j], amount)
		}
	}
	return v
}
