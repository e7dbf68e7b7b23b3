package engine

import (
	"fmt"

	"kuasheng/engine/money"
)

// Terms 待遇 are one pool's benefit rules for one scheme in one month, flattened
// to arrays. They are the insured place's business alone (C2). The zero value
// pays nothing.
type Terms struct {
	// Benefits are the terms by kind of care.
	Benefits [NumKinds]Benefit
	// Filing is what the pool allows in filing; it is the same for both schemes.
	Filing FilingRule
	// Diseases are the chronic diseases that are settled between provinces (C12).
	Diseases DiseaseSet
	// CrossYear says how a stay over 1 January is settled (R16, X20).
	CrossYear CrossYear
	// Drop is taken off the ratio in percentage points, not as a factor (C6).
	Drop [NumFilingKinds]money.BasisPoints
	// UnfiledDirect lets a person without filing settle directly at
	// Drop[Unfiled]; the regulation does not (B14), a what-if may.
	UnfiledDirect bool
	// OneStop lets medical aid join the direct settlement 一站式 (A9).
	OneStop bool
	// Ceiling 最高支付限额 is the year's limit of the basic fund over all kinds.
	Ceiling money.Fen
	Large   Large
	Major   Major
	// Civil and Enterprise are the supplements of those who have one; a person is
	// in one of them at most.
	Civil, Enterprise Supplement
	Aid               Aid
}

// NewTerms returns terms that pay nothing yet and state what the national rules
// state: how to file since 2023, all chronic diseases, and layers above the basic
// fund for inpatients only.
func NewTerms() Terms {
	return Terms{
		Filing: FilingRule2023, Diseases: AllDiseases,
		Large: Large{Kinds: InpatientOnly}, Major: Major{Kinds: InpatientOnly}, Aid: Aid{Kinds: InpatientOnly},
		Civil: Supplement{Kinds: InpatientOnly}, Enterprise: Supplement{Kinds: InpatientOnly},
	}
}

// needAnnex reports whether the terms ask for more of a person than PersonYear
// has.
func (t *Terms) needAnnex() bool {
	for k := range t.Benefits {
		if t.Benefits[k].Mode == PerHospital {
			return true
		}
	}
	return t.CrossYear == CrossByDay || t.Benefits[Inpatient].Merge != MergeNone
}

// CrossYear is how a stay over 1 January is settled.
type CrossYear uint8

// The two ways that pools have (R16).
const (
	CrossWhole CrossYear = iota // as one, in the year of the settlement
	CrossByDay                  // divided by days between the two benefit years
)

// NumBrackets is how many ratio brackets 分段 a policy may have.
const NumBrackets = 4

// Benefit is what the basic fund pays for one kind of care.
type Benefit struct {
	// Mode says over what the deductible runs.
	Mode DeductibleMode
	// Merge says which bills of a stay share one deductible (X21, X22).
	Merge MergeRule
	// Later says how the second and further admissions of the year are charged (X22).
	Later LaterRule
	// LaterFen is the fixed amount of LaterFixed, or what LaterMinus takes off.
	LaterFen money.Fen
	// LaterFloor is the least that LaterMinus leaves.
	LaterFloor money.Fen
	// Deductible 起付标准 by person type and level.
	Deductible [NumPersonTypes][NumLevels]money.Fen
	// BracketTop are the upper edges of the brackets but the last, over the
	// bill's in-scope amount counted from its first fen; the deductible takes the
	// lowest part. 0 means no further bracket.
	BracketTop [NumBrackets - 1]money.Fen
	// Ratio is the basic fund's share by person type, level and bracket.
	Ratio [NumPersonTypes][NumLevels][NumBrackets]money.BasisPoints
	// SeniorPoints are added to the ratio of persons of SeniorAge and older; 0 is
	// nobody.
	SeniorPoints money.BasisPoints
	SeniorAge    uint8
	// Ceiling is the year's limit of this kind alone, or 0 for none. Outpatient
	// visits and pharmacies share one accumulator.
	Ceiling money.Fen
	// DropApplies says whether the filing kind's drop is taken off this kind.
	DropApplies bool
}

// DeductibleMode is the period that a deductible is charged for.
type DeductibleMode uint8

// The modes. Of the cumulative ones a bill is charged what the standard of its
// level exceeds the period's count so far: the in-scope amounts for PerYear,
// PerQuarter and PerMonth, what was charged for PerYearTopUp.
const (
	PerVisit           DeductibleMode = iota // 按次
	PerYear                                  // 按年
	PerYearTopUp                             // 按年收一次,不足补齐: at a higher level the rest of its standard is charged
	PerQuarter                               // 按季度
	PerMonth                                 // 按月
	PerHospital                              // 每家医院每年一次
	NumDeductibleModes = 6
)

// MergeRule says which bills of a stay share a deductible: of one that does, only what
// its standard exceeds the shared part by is charged. A stay is one admission under
// every rule. Its bills that share nothing are each charged the standard of that
// admission, and not of a later one. After a transfer that does not merge another stay
// begins, an admission of its own.
type MergeRule uint8

// The rules.
const (
	MergeNone      MergeRule = iota
	MergeMidStay             // the bills after a settlement in the middle of the stay (X21)
	MergeTransfers           // what goes on in another hospital after a transfer (X22)
	MergeBoth
)

// LaterRule is how admissions after the first of a year are charged (X22).
type LaterRule uint8

// The rules for later admissions.
const (
	LaterSame  LaterRule = iota // the same deductible again
	LaterHalf                   // half, rounded half-up
	LaterMinus                  // less LaterFen for each earlier admission, not below LaterFloor
	LaterFixed                  // LaterFen
	LaterNone                   // none
)

// Large 职工大额医疗费用补助 pays the in-scope amounts above the basic ceiling.
type Large struct {
	Kinds   KindSet // of care that it pays for
	Ratio   money.BasisPoints
	Ceiling money.Fen // per year
}

// Supplement 补充医疗保险 pays a share of what is left in scope after the layers
// before it: 公务员医疗补助 or 企业补充医疗保险.
type Supplement struct {
	Kinds   KindSet // of care that it pays for
	Ratio   money.BasisPoints
	Ceiling money.Fen // per year
}

// Major 城乡居民大病保险 pays on the year's in-scope burden above a start line.
type Major struct {
	Kinds KindSet // of care whose burden counts
	Start money.Fen
	// Top are the upper edges of the brackets but the last; 0 means no further
	// bracket.
	Top     [NumBrackets - 1]money.Fen
	Ratio   [NumBrackets]money.BasisPoints
	Ceiling money.Fen // per year, 0 for none
}

// Aid 医疗救助 pays a share of what is left in scope of a bill, by identity.
type Aid struct {
	Kinds   KindSet // of care that it pays for
	Ratio   [NumIdentities]money.BasisPoints
	Ceiling money.Fen // per year
}

// Bounds are the limits that the regulation sets to the policy of a pool.
type Bounds struct {
	DropReferral    money.BasisPoints // ≤ 10 points, referral and emergency (C6)
	DropOther       money.BasisPoints // ≤ 20 points, other temporary (C6)
	TemporaryMonths uint8             // a temporary filing holds at least (B8)
	LockMonths      uint8             // a lock lasts at most (B10)
	Home            bool              // long-term filers keep a benefit at home (B18)
}

// The bounds before 2023 and since (A10). The earlier rules knew no drops in
// points; pools set them as they liked, and locked for up to a year (B10).
var (
	Bounds2019 = Bounds{DropReferral: money.One, DropOther: money.One, LockMonths: 12}
	Bounds2023 = Bounds{DropReferral: 1000, DropOther: 2000, TemporaryMonths: 6, LockMonths: 6, Home: true}
)

// Check returns every way in which t breaks the bounds or makes no sense.
func (t *Terms) Check(b Bounds) []error { return append(t.Lawful(b), t.Sense()...) }

// Lawful returns every way in which t breaks the bounds of the regulation.
func (t *Terms) Lawful(b Bounds) []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for k := RetiredSettled; k <= PostedWorker; k++ {
		if t.Drop[k] != 0 {
			fault("drop of long-term filing kind %d is %d bp; at the filed place it is 0 (C5)", k, t.Drop[k])
		}
	}
	for _, k := range []FilingKind{Referral, Emergency} {
		if t.Drop[k] < 0 || t.Drop[k] > b.DropReferral {
			fault("drop of filing kind %d is %d bp, outside 0 to %d (C6)", k, t.Drop[k], b.DropReferral)
		}
	}
	for _, k := range []FilingKind{OtherTemporary, Unfiled} {
		if t.Drop[k] < 0 || t.Drop[k] > b.DropOther {
			fault("drop of filing kind %d is %d bp, outside 0 to %d (C6)", k, t.Drop[k], b.DropOther)
		}
	}
	f := &t.Filing
	if f.TemporaryMonths != 0 && f.TemporaryMonths < b.TemporaryMonths {
		fault("a temporary filing holds %d months, less than %d (B8)", f.TemporaryMonths, b.TemporaryMonths)
	}
	if f.LockMonths > b.LockMonths {
		fault("a filing is locked for %d months, more than %d (B10)", f.LockMonths, b.LockMonths)
	}
	if b.Home && f.HomeReturn == HomeNone {
		fault("a long-term filer gets nothing at home (B18)")
	}
	return faults
}

// Sense returns every way in which t makes no sense whatever the law: such terms
// could pay more than a bill.
func (t *Terms) Sense() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	ratio := func(r money.BasisPoints, format string, args ...any) {
		if r < 0 || r > money.One {
			fault(format+": ratio %d bp outside 0 to 10000", append(args, r)...)
		}
	}
	amount := func(a money.Fen, format string, args ...any) {
		if a < 0 {
			fault(format+": negative amount %v", append(args, a)...)
		}
	}
	for kind := range t.Benefits {
		x := &t.Benefits[kind]
		if !rising(x.BracketTop) {
			fault("kind %d: bracket tops do not rise", kind)
		}
		amount(x.Ceiling, "kind %d, ceiling", kind)
		amount(x.LaterFen, "kind %d, later admissions", kind)
		amount(x.LaterFloor, "kind %d, floor of later admissions", kind)
		for p := range x.Ratio {
			for l := range x.Ratio[p] {
				for _, r := range x.Ratio[p][l] {
					if r >= 0 && r <= money.One && x.SeniorAge == 0 {
						continue // as nearly all are, which is quicker seen than told
					}
					ratio(r, "kind %d, person type %d, level %d", kind, p, l)
					if r >= 0 && r <= money.One && r != 0 && x.SeniorAge != 0 {
						ratio(r+x.SeniorPoints, "kind %d, person type %d, level %d, from age %d", kind, p, l, x.SeniorAge)
					}
				}
				if x.Deductible[p][l] >= 0 {
					continue
				}
				amount(x.Deductible[p][l], "kind %d, person type %d, level %d, deductible", kind, p, l)
			}
		}
	}
	for k, drop := range t.Drop {
		ratio(drop, "drop of filing kind %d", k)
	}
	ratio(t.Civil.Ratio, "civil servants' supplement")
	ratio(t.Enterprise.Ratio, "enterprise supplement")
	amount(t.Civil.Ceiling, "civil servants' supplement, ceiling")
	amount(t.Enterprise.Ceiling, "enterprise supplement, ceiling")
	if t.Benefits[Outpatient].Mode != t.Benefits[Pharmacy].Mode {
		fault("outpatient visits and pharmacies share one allowance; their deductible modes differ")
	}
	if !rising(t.Major.Top) || t.Major.Top[0] != 0 && t.Major.Top[0] <= t.Major.Start {
		fault("major: bracket tops do not rise from the start line")
	}
	for _, r := range t.Major.Ratio {
		ratio(r, "major")
	}
	for _, r := range t.Aid.Ratio {
		ratio(r, "aid")
	}
	ratio(t.Large.Ratio, "large")
	amount(t.Ceiling, "ceiling")
	amount(t.Large.Ceiling, "large, ceiling")
	amount(t.Major.Start, "major, start line")
	amount(t.Major.Ceiling, "major, ceiling")
	amount(t.Aid.Ceiling, "aid, ceiling")
	return faults
}

// rising reports whether bracket tops rise and leave no gap: after a 0 only 0.
func rising(tops [NumBrackets - 1]money.Fen) bool {
	last, ended := money.Fen(0), false
	for _, top := range tops {
		if top == 0 {
			ended = true
			continue
		}
		if ended || top <= last {
			return false
		}
		last = top
	}
	return true
}
