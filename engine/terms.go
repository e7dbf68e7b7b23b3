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
	Aid     Aid
}

// NumBrackets is how many ratio brackets 分段 a policy may have.
const NumBrackets = 4

// Benefit is what the basic fund pays for one kind of care.
type Benefit struct {
	// Mode says over what the deductible runs.
	Mode DeductibleMode
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
	// Ceiling is the year's limit of this kind alone, or 0 for none. Outpatient
	// visits and pharmacies share one accumulator.
	Ceiling money.Fen
	// DropApplies says whether the filing kind's drop is taken off this kind.
	DropApplies bool
}

// DeductibleMode is the period that a deductible is charged for.
type DeductibleMode uint8

// The modes of this version: per admission or visit, and per benefit year.
const (
	PerVisit DeductibleMode = iota // 按次
	PerYear                        // 按年收一次,不足补齐: at a higher level the rest of its standard is charged
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

// Large 职工大额医疗费用补助 pays an inpatient's in-scope amounts above the basic
// ceiling.
type Large struct {
	Ratio   money.BasisPoints
	Ceiling money.Fen // per year
}

// Major 城乡居民大病保险 pays on the year's in-scope burden of inpatient bills above
// a start line.
type Major struct {
	Start money.Fen
	// Top are the upper edges of the brackets but the last; 0 means no further
	// bracket.
	Top     [NumBrackets - 1]money.Fen
	Ratio   [NumBrackets]money.BasisPoints
	Ceiling money.Fen // per year, 0 for none
}

// Aid 医疗救助 pays a share of what is left in scope of an inpatient bill, by
// identity.
type Aid struct {
	Ratio   [NumIdentities]money.BasisPoints
	Ceiling money.Fen // per year
}

// Bounds are the limits that the regulation sets to the drops of a pool (C6).
type Bounds struct {
	DropReferral money.BasisPoints // ≤ 10 points, referral and emergency
	DropOther    money.BasisPoints // ≤ 20 points, other temporary
}

// Bounds2023 are the bounds in force since 2023-01-01 (C6, A10).
var Bounds2023 = Bounds{DropReferral: 1000, DropOther: 2000}

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
					ratio(r, "kind %d, person type %d, level %d", kind, p, l)
				}
				amount(x.Deductible[p][l], "kind %d, person type %d, level %d, deductible", kind, p, l)
			}
		}
	}
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
