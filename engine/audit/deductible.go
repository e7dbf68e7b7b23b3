package audit

import (
	"fmt"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
)

// benefit are the terms of the kind of care that the bill is settled as.
func (s *stretch) benefit() *engine.Benefit { return &s.terms.Benefits[s.visit.kind] }

// chargeDeductible decides what the deductible 起付线 takes: what is due, but no more than
// is in scope (X23, C2).
func (s *stretch) chargeDeductible() { s.deductible = least(s.deductibleDue(), s.inScope) }

// deductibleDue starts from the standard for the person type and the level (C7) and asks
// over what the pool's deductible runs (interface §3.5).
func (s *stretch) deductibleDue() decimal.Decimal {
	benefit, claim := s.benefit(), s.visit.claim
	standard := yuan(benefit.Deductible[claim.PersonType][claim.Level])
	if s.neverPaid() {
		return zero
	}
	switch benefit.Mode {
	case engine.PerVisit: // 按次
		return s.dueForVisit(standard)
	case engine.PerHospital: // 每家医院每年一次
		if s.book.hasBeenTo(s.hospital()) {
			return zero
		}
		return standard
	case engine.PerYear, engine.PerQuarter, engine.PerMonth, // 按年, 按季度, 按月: less what was in scope before
		engine.PerYearTopUp: // 按年收一次,不足补齐: less what was charged before
		return notBelowZero(standard.Sub(s.book.countIn(s.allowance(), s.period())))
	}
	panic(fmt.Sprintf("audit: deductible mode %d", benefit.Mode))
}

// neverPaid: the fund pays nothing for such a person at such a level. What it never pays
// for takes no deductible and counts toward none.
func (s *stretch) neverPaid() bool {
	claim := s.visit.claim
	return !statesARatio(s.benefit().Ratio[claim.PersonType][claim.Level])
}

// dueForVisit: every visit is charged the standard; an inpatient's second and further
// admissions what the pool's rule makes of it (X22). Where a stay's bills share one
// deductible, a later one is charged what the admission's standard, at the level of now,
// still exceeds what the stay has been charged (X21, X22).
func (s *stretch) dueForVisit(standard decimal.Decimal) decimal.Decimal {
	if s.visit.kind != engine.Inpatient {
		return standard
	}
	ofStay := s.ofAdmission(standard, s.stay()-1)
	if s.goesOn() && s.sharesDeductible() {
		return notBelowZero(ofStay.Sub(s.book.chargedForStay(s.stay())))
	}
	return ofStay
}

// stay is which admission of the year the bill belongs to: the one that it goes on with, or
// else the next.
func (s *stretch) stay() int {
	switch {
	case s.visit.kind != engine.Inpatient:
		return 0
	case s.goesOn():
		return s.named()
	}
	return s.book.used.admissions + 1
}

// named is the admission of the year that the claim names, 0 where it names none.
func (s *stretch) named() int {
	if claim := s.visit.claim; s.book.year == yearOf(claim.SettleDay) {
		return int(claim.Stay)
	}
	return int(s.visit.claim.FormerStay)
}

// goesOn: the bill is of a stay that has been admitted in the year; it is no admission of
// its own. What goes on from another benefit year is one of this year.
func (s *stretch) goesOn() bool {
	return s.visit.kind == engine.Inpatient && s.sameStay() && s.named() >= 1 && s.named() <= s.book.used.admissions
}

// sameStay: a part of a stay is the same stay (X21); so is what comes after a transfer where
// the pool merges transfers, and another one where it does not (X22).
func (s *stretch) sameStay() bool {
	return s.visit.has(engine.FlagContinued) || s.visit.has(engine.FlagTransferred) && s.mergesTransfers()
}

// sharesDeductible: the pool merges bills of this way to go on.
func (s *stretch) sharesDeductible() bool {
	return s.visit.has(engine.FlagContinued) && s.mergesMidStay() || s.visit.has(engine.FlagTransferred) && s.mergesTransfers()
}

func (s *stretch) mergesMidStay() bool {
	merge := s.benefit().Merge
	return merge == engine.MergeMidStay || merge == engine.MergeBoth
}

func (s *stretch) mergesTransfers() bool {
	merge := s.benefit().Merge
	return merge == engine.MergeTransfers || merge == engine.MergeBoth
}

// formerNumber is the stay's admission in the year before that of the bill, as far as the
// claim knows one.
func (s *stretch) formerNumber() int {
	if s.visit.kind != engine.Inpatient || !s.sameStay() {
		return 0
	}
	return int(s.visit.claim.FormerStay)
}

// ofAdmission is the deductible of an admission that so many came before (X22): the same
// as the first, half of it, less an amount for each one before down to a floor, a fixed
// amount, or none. It is never more than that of the first.
func (s *stretch) ofAdmission(standard decimal.Decimal, before int) decimal.Decimal {
	benefit := s.benefit()
	if before == 0 {
		return standard
	}
	switch benefit.Later {
	case engine.LaterSame:
		return standard
	case engine.LaterHalf:
		return halfUpToFen(standard.Mul(half))
	case engine.LaterMinus:
		less := yuan(benefit.LaterFen).Mul(decimal.NewFromInt(int64(before)))
		return least(standard, decimal.Max(standard.Sub(less), yuan(benefit.LaterFloor)))
	case engine.LaterFixed:
		return least(standard, yuan(benefit.LaterFen))
	case engine.LaterNone:
		return zero
	}
	panic(fmt.Sprintf("audit: rule %d for later admissions", benefit.Later))
}

// period is that which the bill's deductible runs over, by its first month; 0 where it runs
// over none.
func (s *stretch) period() int {
	if s.neverPaid() {
		return 0
	}
	switch s.benefit().Mode {
	case engine.PerYear, engine.PerYearTopUp:
		return 1
	case engine.PerQuarter:
		switch {
		case s.month >= 10:
			return 10
		case s.month >= 7:
			return 7
		case s.month >= 4:
			return 4
		}
		return 1
	case engine.PerMonth:
		return s.month
	}
	return 0
}

// counts is what the bill adds to its period's count.
func (s *stretch) counts() decimal.Decimal {
	if s.benefit().Mode == engine.PerYearTopUp {
		return s.deductible
	}
	return s.inScope
}

// byHospital: the bill's deductible is charged once a year by hospital.
func (s *stretch) byHospital() bool {
	return s.benefit().Mode == engine.PerHospital && !s.neverPaid()
}

// hospital is the institution where the bill was made out, for the deductible of its kind.
func (s *stretch) hospital() hospital {
	return hospital{s.allowance(), s.visit.claim.Treating, s.visit.claim.Institution}
}
