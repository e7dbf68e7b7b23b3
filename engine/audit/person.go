package audit

import (
	"fmt"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// Person is what the insured place keeps about one person (X25): what the benefit year and
// the one before it have used up, and the accounts, which outlive the year. The zero value
// is a person who has had no bill.
type Person struct {
	books
	// balance is the personal account 个人账户, mutual what relatives leave of theirs 共济.
	balance, mutual decimal.Decimal
	orders          int // running number of the last settlement, reversed ones counted
	// valid are the settlements that have not been taken back, in order.
	valid []settlement
	// undone are those taken back since the last settlement, which may be restored.
	undone []undone
}

// books are those of the benefit year that the person is in and of the one before.
type books struct{ this, former yearBook }

// settlement is a valid settlement: its running number, and the books before it. Of the
// first of a year they are those of an earlier one.
type settlement struct {
	order  int
	before books
}

// undone is a settlement that was taken back, and the books with it.
type undone struct {
	settlement
	after books
}

// yearBook is a benefit year 待遇年度 of a person: sums, and what was settled in order.
type yearBook struct {
	year    int // 0 before the first bill
	used    used
	entries []entry
}

// used are the accumulators of a benefit year in yuan (C2, V3).
type used struct {
	basic      [numAllowances]decimal.Decimal // what the basic fund paid
	deductible decimal.Decimal                // what deductibles took
	large      decimal.Decimal                // 大额 paid
	majorBase  decimal.Decimal                // burden that counts toward 大病
	major      decimal.Decimal                // 大病 paid
	supplement decimal.Decimal                // 公务员补助 or 企业补充 paid
	aid        decimal.Decimal                // 医疗救助 paid
	admissions int                            // valid ones (X22)
}

// entry is what later deductibles look back at: one bill, or its stretch in the year.
type entry struct {
	of         allowance
	deductible decimal.Decimal
	stay       int  // an inpatient's: which admission of the year the bill belongs to
	admission  bool // the bill that began it
	// period is that of a cumulative deductible by its first month, else 0, and counts what
	// the bill adds to it.
	period int
	counts decimal.Decimal
	// at is set where the deductible is charged once a year by hospital.
	at *hospital
}

// hospital is an institution as one kind of care sees it.
type hospital struct {
	of          allowance
	province    uint8
	institution uint32
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

// countIn is what counts toward the deductible of a period so far: of the kind's bills, the
// last ones, back to the first that belongs to another period. A period's count begins
// again when the first bill of another is settled.
func (b *yearBook) countIn(of allowance, period int) decimal.Decimal {
	sum := zero
	for i := len(b.entries) - 1; i >= 0; i-- {
		switch e := &b.entries[i]; {
		case e.of != of, e.period == 0:
		case e.period != period:
			return sum
		default:
			sum = sum.Add(e.counts)
		}
	}
	return sum
}

// chargedForStay is what the bills of a stay have been charged in the year.
func (b *yearBook) chargedForStay(stay int) decimal.Decimal {
	sum := zero
	for i := range b.entries {
		if e := &b.entries[i]; e.stay == stay {
			sum = sum.Add(e.deductible)
		}
	}
	return sum
}

// hasBeenTo: a bill of the year at this hospital was one of a deductible by hospital.
func (b *yearBook) hasBeenTo(h hospital) bool {
	for i := range b.entries {
		if at := b.entries[i].at; at != nil && *at == h {
			return true
		}
	}
	return false
}

// hospitals counts those of the year that are told apart.
func (b *yearBook) hospitals() int {
	seen := map[hospital]bool{}
	for i := range b.entries {
		if at := b.entries[i].at; at != nil {
			seen[*at] = true
		}
	}
	return len(seen)
}

// find gives the books of a benefit year and of the one before it, as a bill finds them. A
// year without any bill has an empty one.
func (p *Person) find(year int) (this, former *yearBook) {
	find := func(year int) *yearBook {
		for _, book := range []yearBook{p.this, p.former} {
			if book.year == year {
				return &book
			}
		}
		return &yearBook{year: year}
	}
	return find(year), find(year - 1)
}

// The engine's counters of a person-year end at 2³¹ fen, at 255 admissions and at twelve
// hospitals with a deductible each, those of a person at 65 535 settlements, and it
// remembers what the last 16 admissions were charged; beyond that it refuses bills. No rule
// says so and no real year comes near, but both must say the same.
var (
	endOfCounter  = decimal.New(1<<31, -2)
	mostOnAccount = decimal.New(1<<31-1, -2)
)

const (
	mostSettlements = 65_535
	mostAdmissions  = 255
	mostHospitals   = 12
	lastStays       = 16
)

// isFull: a counter of the year is at its end, or this bill's hospital is one too many.
func (b *yearBook) isFull(s *stretch) bool {
	u := &b.used
	amounts := append([]decimal.Decimal{u.deductible, u.large, u.majorBase, u.major, u.supplement, u.aid}, u.basic[:]...)
	return !decimal.Max(zero, amounts...).LessThan(endOfCounter) || u.admissions >= mostAdmissions ||
		s.benefit().Mode == engine.PerHospital && !b.hasBeenTo(s.hospital()) && b.hospitals() >= mostHospitals ||
		s.benefit().Mode == engine.PerVisit && s.goesOn() && s.sharesDeductible() && u.admissions-s.stay() >= lastStays
}

// Credit puts an amount on the personal account, as far as the engine's counter holds.
func (p *Person) Credit(amount money.Fen) { p.balance = credited(p.balance, amount) }

// CreditMutual adds to what relatives leave to the person.
func (p *Person) CreditMutual(amount money.Fen) { p.mutual = credited(p.mutual, amount) }

func credited(balance decimal.Decimal, amount money.Fen) decimal.Decimal {
	return decimal.Max(balance, least(balance.Add(yuan(amount)), mostOnAccount))
}

// record keeps what a settlement used up, each year its own stretch, and gives it its
// numbers (V3).
func (p *Person) record(v *visit, a *Answer, stretches []stretch, before books) {
	a.Previous = p.latest()
	p.orders++
	a.Order = p.orders
	p.undone = nil
	p.valid = append(p.valid, settlement{p.orders, before})
	p.this.record(&stretches[len(stretches)-1])
	if len(stretches) == 2 {
		p.former.record(&stretches[0])
	}
	p.balance, p.mutual = p.balance.Sub(a.Account), p.mutual.Sub(a.Mutual)
}

func (b *yearBook) record(s *stretch) {
	e := entry{of: s.allowance(), deductible: s.deductible, stay: s.stay(), admission: s.visit.kind == engine.Inpatient && !s.goesOn()}
	if e.period = s.period(); e.period != 0 {
		e.counts = s.counts()
	}
	if s.byHospital() {
		at := s.hospital()
		e.at = &at
	}
	b.entries = append(b.entries, e)

	u := &b.used
	u.basic[e.of] = u.basic[e.of].Add(s.funds[engine.LayerBasic])
	u.deductible = u.deductible.Add(s.deductible)
	u.large = u.large.Add(s.funds[engine.LayerLarge])
	u.majorBase = u.majorBase.Add(s.majorBase)
	u.major = u.major.Add(s.funds[engine.LayerMajor])
	u.supplement = u.supplement.Add(s.funds[engine.LayerCivil]).Add(s.funds[engine.LayerEnterprise])
	u.aid = u.aid.Add(s.funds[engine.LayerAid])
	if e.admission {
		u.admissions++
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
	// Basic is counted apart for inpatient care, for outpatient visits with pharmacies, and
	// for chronic disease.
	Basic                                                [numAllowances]decimal.Decimal
	Deductible, Large, MajorBase, Major, Supplement, Aid decimal.Decimal
	Balance, Mutual                                      decimal.Decimal
	Admissions                                           int // valid ones
	Settlements                                          int // valid ones of all years
}

// Snapshot returns a copy of the person's accumulators.
func (p *Person) Snapshot() Snapshot {
	u := &p.this.used
	return Snapshot{
		Year: p.this.year, Basic: u.basic, Deductible: u.deductible, Large: u.large, MajorBase: u.majorBase, Major: u.major,
		Supplement: u.supplement, Aid: u.aid, Balance: p.balance, Mutual: p.mutual,
		Admissions: u.admissions, Settlements: len(p.valid),
	}
}

// Difference compares the person with what the engine shows of the same person in the
// person's benefit year, and names the first difference; it is empty where there is none.
func (p *Person) Difference(sums *engine.YearSums, balance, mutual money.Fen) string {
	u := &p.this.used
	amounts := []decimal.Decimal{
		u.basic[inpatientCare], u.basic[outpatientCare], u.basic[chronicCare], u.large, u.major, u.supplement, u.aid, u.deductible,
	}
	for i, amount := range amounts {
		if engines := yuan(money.Fen(sums[i])); !amount.Equal(engines) {
			return fmt.Sprintf("%s of %d: engine %s, audit %s", engine.YearSumNames[i], p.this.year, engines.StringFixed(2), amount)
		}
	}
	switch last := len(amounts); {
	case sums[last] != int64(u.admissions):
		return fmt.Sprintf("%s of %d: engine %d, audit %d", engine.YearSumNames[last], p.this.year, sums[last], u.admissions)
	case !p.balance.Equal(yuan(balance)):
		return fmt.Sprintf("account balance: engine %s, audit %s", yuan(balance).StringFixed(2), p.balance)
	case !p.mutual.Equal(yuan(mutual)):
		return fmt.Sprintf("relatives' accounts: engine %s, audit %s", yuan(mutual).StringFixed(2), p.mutual)
	}
	return ""
}
