package audit

import (
	"fmt"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// Person is what the insured place keeps about one person (X25): what the benefit year
// has used up, and the personal account, which outlives the year. The zero value is a
// person who has had no bill.
type Person struct {
	year    int // of the last bill; 0 before the first
	used    used
	balance decimal.Decimal
	orders  int // running number of the last settlement, reversed ones counted
	// valid are the year's settlements that have not been taken back, in order.
	valid []settlement
}

// settlement is a valid settlement: its running number, and what the year had used
// before it.
type settlement struct {
	order  int
	before used
}

// used are the accumulators of a benefit year 待遇年度 in yuan (C2, V3).
type used struct {
	basic      [numAllowances]decimal.Decimal // what the basic fund paid
	deductible [numAllowances]decimal.Decimal // what the deductible took
	large      decimal.Decimal                // 大额 paid
	majorBase  decimal.Decimal                // burden that counts toward 大病
	major      decimal.Decimal                // 大病 paid
	aid        decimal.Decimal                // 医疗救助 paid
	admissions int                            // valid ones (X22)
}

// allowance is what is counted together over a year.
type allowance int

const (
	inpatientCare allowance = iota
	outpatientCare
	chronicCare
	numAllowances = 3
)

// allowanceOf says what a kind of care is counted with: pharmacies with outpatient
// visits, the others by themselves.
func allowanceOf(kind engine.Kind) allowance {
	switch kind {
	case engine.Inpatient:
		return inpatientCare
	case engine.Outpatient, engine.Pharmacy:
		return outpatientCare
	case engine.Chronic:
		return chronicCare
	}
	panic(fmt.Sprintf("audit: kind %d", kind))
}

// basicOfAllKinds is what the basic fund paid in the year over all kinds of care.
func (u *used) basicOfAllKinds() decimal.Decimal {
	return u.basic[inpatientCare].Add(u.basic[outpatientCare]).Add(u.basic[chronicCare])
}

// mostOnAccount is what the engine's counter of a personal account takes in: 2³¹ − 1 fen.
var mostOnAccount = decimal.New(1<<31-1, -2)

// Credit puts an amount on the personal account, as far as the engine's counter holds.
func (p *Person) Credit(amount money.Fen) {
	p.balance = decimal.Max(p.balance, least(p.balance.Add(yuan(amount)), mostOnAccount))
}

// begin starts a benefit year: everything but the account begins at zero.
func (p *Person) begin(year int) {
	if p.year != year {
		*p = Person{year: year, balance: p.balance}
	}
}

// The engine's counters of a person-year end at 2³¹ fen, at 65 535 settlements and at
// 255 admissions; from there on it refuses bills. No rule says so and no real year
// comes near, but both must say the same.
var endOfCounter = decimal.New(1<<31, -2)

func (p *Person) countersEnd() bool {
	amounts := []decimal.Decimal{p.used.large, p.used.majorBase, p.used.major, p.used.aid}
	amounts = append(amounts, p.used.basic[:]...)
	amounts = append(amounts, p.used.deductible[:]...)
	return !decimal.Max(zero, amounts...).LessThan(endOfCounter) || p.orders >= 65_535 || p.used.admissions >= 255
}

// record keeps what a settlement used up and gives it its number (V3).
func (p *Person) record(claim *engine.Claim, a *Answer) {
	p.valid = append(p.valid, settlement{order: p.orders + 1, before: p.used})
	p.orders++
	kind := allowanceOf(claim.Kind)
	p.used.basic[kind] = p.used.basic[kind].Add(a.Funds[engine.LayerBasic])
	p.used.deductible[kind] = p.used.deductible[kind].Add(a.Deductible)
	p.used.large = p.used.large.Add(a.Funds[engine.LayerLarge])
	p.used.majorBase = p.used.majorBase.Add(a.MajorBase)
	p.used.major = p.used.major.Add(a.Funds[engine.LayerMajor])
	p.used.aid = p.used.aid.Add(a.Funds[engine.LayerAid])
	p.balance = p.balance.Sub(a.Account)
	if claim.Kind == engine.Inpatient {
		p.used.admissions++
	}
}

// latest is the number of the latest settlement that has not been taken back, or 0.
func (p *Person) latest() int {
	if len(p.valid) == 0 {
		return 0
	}
	return p.valid[len(p.valid)-1].order
}

// Snapshot is a copy of a person's accumulators in yuan.
type Snapshot struct {
	Year int // benefit year of the last bill, 0 before the first
	// Basic and Deductible are counted apart for inpatient care, for outpatient visits
	// with pharmacies, and for chronic disease.
	Basic, Deductible            [numAllowances]decimal.Decimal
	Large, MajorBase, Major, Aid decimal.Decimal
	Balance                      decimal.Decimal
	Admissions                   int // valid ones
	Settlements                  int // valid ones
}

// Snapshot returns a copy of the person's accumulators.
func (p *Person) Snapshot() Snapshot {
	return Snapshot{
		Year: p.year, Basic: p.used.basic, Deductible: p.used.deductible, Large: p.used.large,
		MajorBase: p.used.majorBase, Major: p.used.major, Aid: p.used.aid, Balance: p.balance,
		Admissions: p.used.admissions, Settlements: len(p.valid),
	}
}

// Difference compares the person with what the engine shows of the same person in the
// person's benefit year, and names the first difference; it is empty where there is none.
func (p *Person) Difference(sums *engine.YearSums, balance money.Fen) string {
	u := &p.used
	amounts := []decimal.Decimal{
		u.basic[inpatientCare], u.basic[outpatientCare], u.basic[chronicCare], u.large, u.major, u.aid,
		u.deductible[inpatientCare].Add(u.deductible[outpatientCare]).Add(u.deductible[chronicCare]),
	}
	for i, amount := range amounts {
		if engines := yuan(money.Fen(sums[i])); !amount.Equal(engines) {
			return fmt.Sprintf("%s of %d: engine %s, audit %s", engine.YearSumNames[i], p.year, engines.StringFixed(2), amount)
		}
	}
	switch last := len(amounts); {
	case sums[last] != int64(u.admissions):
		return fmt.Sprintf("%s of %d: engine %d, audit %d", engine.YearSumNames[last], p.year, sums[last], u.admissions)
	case !p.balance.Equal(yuan(balance)):
		return fmt.Sprintf("account balance: engine %s, audit %s", yuan(balance).StringFixed(2), p.balance)
	}
	return ""
}
