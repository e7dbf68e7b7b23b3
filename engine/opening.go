package engine

import (
	"fmt"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Opening is what a person has used of a benefit year before the first bill that
// a shard sees: the accumulators that another system hands over, 人员累计信息 (5206).
// A zero Opening is a person who is new to the year.
type Opening struct {
	// Month is the month that the amounts are of; its year is the benefit year, and
	// what counts toward a deductible belongs to its month or quarter.
	Month day.Month
	// Paid is what the basic fund paid by kind of care. Outpatient visits and
	// pharmacies share one allowance, so that either entry will do.
	Paid [NumKinds]money.Fen
	// Counted is what counts toward the deductible of the current period, see
	// DeductibleMode: amounts in scope, or for PerYearTopUp what was charged.
	Counted [NumKinds]money.Fen
	// Deductible is what was charged over all kinds; Stay what was charged for the
	// latest admission, transfers included, which a stay may go on with (X21, X22).
	Deductible, Stay money.Fen
	Large            money.Fen // 大额 paid
	MajorBase        money.Fen // burden in scope that counts toward 大病
	Major            money.Fen // 大病 paid
	Supplement       money.Fen // 公务员医疗补助 or 企业补充 paid
	Aid              money.Fen // medical aid paid
	// Admissions are the valid ones of the year (X22).
	Admissions int
}

// Faults returns every way in which the amounts cannot be a person's year.
func (o *Opening) Faults() []error {
	var faults []error
	check := func(amount money.Fen, format string, args ...any) {
		if amount < 0 || amount > maxBalance {
			faults = append(faults, fmt.Errorf("%s %v is outside 0 to %v", fmt.Sprintf(format, args...), amount, money.Fen(maxBalance)))
		}
	}
	var paid, counted [numBuckets]money.Fen
	for k, b := range bucketOf {
		check(o.Paid[k], "basic fund, %v:", Kind(k))
		check(o.Counted[k], "counted toward the deductible, %v:", Kind(k))
		paid[b] += o.Paid[k]
		counted[b] += o.Counted[k]
	}
	check(paid[bucketOutpatient], "basic fund, outpatient and pharmacy:")
	check(counted[bucketOutpatient], "counted toward the deductible, outpatient and pharmacy:")
	check(o.Deductible, "deductible")
	check(o.Stay, "deductible of the stay")
	check(o.Large, "large")
	check(o.MajorBase, "burden toward major")
	check(o.Major, "major")
	check(o.Supplement, "supplement")
	check(o.Aid, "aid")
	if o.Stay > o.Deductible {
		faults = append(faults, fmt.Errorf("deductible of the stay %v is more than the year's %v", o.Stay, o.Deductible))
	}
	if o.Stay > 0 && o.Admissions == 0 {
		faults = append(faults, fmt.Errorf("deductible of the stay %v without an admission", o.Stay))
	}
	if o.Admissions < 0 || o.Admissions >= 1<<8-1 {
		faults = append(faults, fmt.Errorf("admissions %d are outside 0 to 254", o.Admissions))
	}
	if year := o.Month.Year(); year <= 2000 || year >= 2000+1<<8 {
		faults = append(faults, fmt.Errorf("year %d is outside 2001 to 2255", year))
	}
	return faults
}

// Open puts a person where o says, under the pool's terms of the month; annex is
// nil where the rules need none. The accounts stay as they are. An opening with
// faults panics.
func (p *PersonYear) Open(o *Opening, t *Terms, annex *Annex) {
	if faults := o.Faults(); faults != nil {
		panic(fmt.Sprintf("engine.PersonYear.Open: %v", faults))
	}
	p.turnTo(benefitYear(o.Month.Year()))
	for k, b := range bucketOf {
		p.paid[b] += uint32(o.Paid[k])
		period := t.Benefits[k].Mode.period(uint8(o.Month.OfYear()))
		p.count(b, period, p.counted(b, period)+o.Counted[k])
	}
	p.deductible = uint32(o.Deductible)
	p.large, p.majorBase, p.major = uint32(o.Large), uint32(o.MajorBase), uint32(o.Major)
	p.supplement, p.aid = uint32(o.Supplement), uint32(o.Aid)
	p.visits = uint8(o.Admissions)
	if annex != nil {
		*annex = Annex{}
		if o.Admissions > 0 {
			*annex.year.chargedFor(p.visits) = uint32(o.Stay)
		}
	}
}
