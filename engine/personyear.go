package engine

import "kuasheng/engine/money"

// PersonYear holds what a person has used up in a benefit year 待遇年度. The
// insured pool keeps it (C2), one writer for each person (X25). Amounts are fen
// in 32 bits, 42.9 million yuan; Settle refuses a person's bills from half of that
// on, which no person-year reaches.
type PersonYear struct {
	// paid are the basic fund's payments by bucket, see bucketOf.
	paid [numBuckets]uint32
	// progress is what counts toward the deductible of the current period, see
	// DeductibleMode.
	progress   [numBuckets]uint32
	deductible uint32 // charged, over all buckets
	large      uint32 // 大额 paid
	majorBase  uint32 // in-scope burden that counts toward 大病
	major      uint32 // 大病 paid
	supplement uint32 // 公务员医疗补助 or 企业补充 paid
	aid        uint32 // medical aid paid
	// balance is the personal account 个人账户, mutual what relatives leave to the
	// person of theirs 家庭共济. They outlive the year.
	balance, mutual uint32
	// serial and latest outlive the year too: no number is given twice.
	serial  uint16 // settlements so far, reversed ones too
	latest  uint16 // the latest that has not been reversed
	periods uint16 // the first month of progress's period, 4 bits by bucket
	visits  uint8  // valid admissions
	year    uint8  // benefit year since 2000; 0 before the first bill
}

// Annex 附表 is what only some pools' rules need of a person beside the
// accumulators, see Rules.NeedAnnex: more of the year, and the year before, for
// stays over 1 January (R16).
type Annex struct {
	year, formerYear yearAnnex
	former           PersonYear
}

// yearAnnex is what goes beside a PersonYear.
type yearAnnex struct {
	// charged is what each of the last admissions was charged, all bills of its stay
	// together (X21, X22), see chargedFor.
	charged [maxStays]uint32
	// hospitals are where a bill of the year was settled, for deductibles per
	// hospital: bucket, province and institution.
	hospitals [maxHospitals]uint32
	used      uint8
}

// maxHospitals is how many hospitals of a year are told apart; a bill of a
// further one is refused with StatusOutOfRange.
const maxHospitals = 12

// maxStays is how many admissions of a year a bill can go on from, the last ones, where
// a stay's bills share a deductible; one that goes on from an earlier one is refused
// with StatusOutOfRange. A month of the simulation brings fewer.
const maxStays = 16

// chargedFor is the place of an admission by its number, from 1.
func (a *yearAnnex) chargedFor(number uint8) *uint32 { return &a.charged[(number-1)%maxStays] }

// bucket is what accumulates together: outpatient visits and pharmacies share
// one allowance.
type bucket uint8

const (
	bucketInpatient bucket = iota
	bucketOutpatient
	bucketChronic
	numBuckets = 3
)

var bucketOf = [NumKinds]bucket{bucketInpatient, bucketOutpatient, bucketChronic, bucketOutpatient}

// maxBalance is the most that a personal account holds, 21.4 million yuan. Half
// of the counter's range stays free, so that a reversal after a credit fits.
const maxBalance = 1<<31 - 1

// Balance returns the personal account's balance.
func (p *PersonYear) Balance() money.Fen { return money.Fen(p.balance) }

// Credit adds to the personal account, as far as it holds.
func (p *PersonYear) Credit(amount money.Fen) {
	if amount < 0 {
		panic("engine.PersonYear.Credit: negative amount")
	}
	p.balance = max(p.balance, uint32(min(int64(p.balance)+int64(amount), maxBalance)))
}

// Mutual returns what relatives leave to the person of their accounts.
func (p *PersonYear) Mutual() money.Fen { return money.Fen(p.mutual) }

// CreditMutual adds to what relatives leave to the person, as far as it holds.
func (p *PersonYear) CreditMutual(amount money.Fen) {
	if amount < 0 {
		panic("engine.PersonYear.CreditMutual: negative amount")
	}
	p.mutual = max(p.mutual, uint32(min(int64(p.mutual)+int64(amount), maxBalance)))
}

// basicPaid is what the basic fund paid this year over all kinds.
func (p *PersonYear) basicPaid() money.Fen {
	return money.Fen(p.paid[bucketInpatient]) + money.Fen(p.paid[bucketOutpatient]) + money.Fen(p.paid[bucketChronic])
}

// turnTo starts a benefit year: what it counts begins at zero.
func (p *PersonYear) turnTo(year uint8) {
	*p = PersonYear{balance: p.balance, mutual: p.mutual, serial: p.serial, latest: p.latest, year: year}
}

// begin starts a benefit year with its first bill; the annex keeps the year that ends.
func (p *PersonYear) begin(year uint8, annex *Annex) {
	if annex != nil {
		annex.former, annex.formerYear, annex.year = *p, annex.year, yearAnnex{}
	}
	p.turnTo(year)
}

// take writes what a settled bill used up, and into r.before what a reversal
// needs to know.
func (p *PersonYear) take(t *Terms, c *Claim, x bill, annex *yearAnnex, r *Result) {
	b := bucketOf[x.kind]
	r.before.progress, r.before.periods = p.progress[b], p.periods
	benefit := &t.Benefits[x.kind]
	switch {
	case benefit.Mode == PerVisit || benefit.neverPays(c):
	case benefit.Mode == PerHospital:
		if r.before.hospital = !annex.visited(c, b); r.before.hospital {
			annex.hospitals[annex.used] = hospitalOf(c, b)
			annex.used++
		}
	case benefit.Mode == PerYearTopUp:
		p.count(b, 1, p.counted(b, 1)+r.Deductible)
	default:
		period := benefit.Mode.period(x.month)
		// Beyond the highest standard nothing more need be counted.
		p.count(b, period, min(p.counted(b, period)+r.InScope, maxBalance))
	}
	if x.kind == Inpatient {
		if !r.before.goesOn {
			p.visits++
		}
		if annex != nil {
			annex.charge(r)
		}
	}
	p.add(b, r)
}

// charge writes what the stay was charged.
func (a *yearAnnex) charge(r *Result) {
	charged := a.chargedFor(r.Visit)
	r.before.charged = *charged
	if !r.before.goesOn {
		*charged = 0 // of the admission that stood there
	}
	*charged += uint32(r.Deductible)
}

// add adds a result's amounts, or takes those of its negative away.
func (p *PersonYear) add(b bucket, r *Result) {
	p.paid[b] += uint32(r.Funds[LayerBasic])
	p.deductible += uint32(r.Deductible)
	p.large += uint32(r.Funds[LayerLarge])
	p.majorBase += uint32(r.MajorBase)
	p.major += uint32(r.Funds[LayerMajor])
	p.supplement += uint32(r.Funds[LayerCivil] + r.Funds[LayerEnterprise])
	p.aid += uint32(r.Funds[LayerAid])
	p.balance -= uint32(r.Account)
	p.mutual -= uint32(r.Mutual)
}

// giveBack undoes take: r is the negative of the original, which was the person's
// latest.
func (p *PersonYear) giveBack(kind Kind, annex *yearAnnex, r *Result) {
	b := bucketOf[kind]
	p.progress[b], p.periods = r.before.progress, r.before.periods
	if r.before.hospital {
		annex.used--
	}
	if kind == Inpatient && annex != nil {
		*annex.chargedFor(r.Visit) = r.before.charged
	}
	if kind == Inpatient && !r.before.goesOn {
		p.visits--
	}
	p.add(b, r)
}

// fits reports whether a bill, which is at most MaxFee, leaves every counter in
// range: no amount has its highest bit set, and MaxFee has not either.
func (p *PersonYear) fits() bool {
	amounts := p.paid[0] | p.paid[1] | p.paid[2] | p.progress[0] | p.progress[1] | p.progress[2] |
		p.deductible | p.large | p.majorBase | p.major | p.supplement | p.aid
	return amounts>>31 == 0 && p.visits < 1<<8-1
}

// maxSerial is the last number that a person's settlements are given.
const maxSerial = 1<<16 - 1

const _ = uint32(1<<31 - 1 - MaxFee) // MaxFee fits a counter's lower half
