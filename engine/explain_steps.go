package engine

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Explanation is one bill settled once more, step by step. Nothing in it is
// computed another way than Settle computes it: an Explainer panics where its steps
// do not come to the same Result.
type Explanation struct {
	Claim  Claim
	Lines  []Line
	Result Result
	// Steps are in the order in which the settlement takes them; after a refusal
	// the last one says why.
	Steps []Step
	// Balance and Mutual are what the accounts hold after the bill.
	Balance, Mutual money.Fen
}

// Step is one step of a settlement: the rules it follows, the values of policy or
// catalogue it read, and what it did.
type Step struct {
	Rules  string  // ids, such as "C4 X26"
	Params []Param // in the order of use
	// Year is the benefit year that the step belongs to where a stay falls into two
	// (R16); 0 otherwise.
	Year   int
	Detail Detail
}

// Detail is what a step did: one of the types below.
type Detail interface{ detail() }

// Check is a question that may refuse the bill.
type Check struct {
	Refusal Status // what it is refused with
	Passed  bool
	// Line is the number of the line, from 1, that a bill is refused for; 0 is the
	// bill as a whole.
	Line int
}

// FilingChosen says under which kind of filing the bill is settled.
type FilingChosen struct {
	Kind FilingKind
	How  FilingHow
	// Otherwise is what the filing on record would have come to, where it does not
	// decide.
	Otherwise Status
}

// FilingHow is what makes a kind of filing the bill's.
type FilingHow uint8

// The ways.
const (
	OnFile        FilingHow = iota // the filing covers the visit
	DeemedFiled                    // an emergency, filed or not (B4)
	UnfiledAnyway                  // the pool settles without a filing, which only a what-if can say
	UnfiledByHand                  // none covers the visit; the pool reimburses at the drop of the unfiled (B15)
	HomeFull                       // care at home at the full local level (B19)
	HomeReferral                   // care at home at the level of a referral (B18)
)

// OrdinaryInstead says that a chronic visit is settled as ordinary outpatient care,
// as the patient agreed (X42).
type OrdinaryInstead struct{ Because Status }

// LineSplit is one line divided by the catalogue of the place of treatment.
type LineSplit struct {
	Number int // from 1
	Line   Line
	// Day is the day whose catalogue divides the line (X43).
	Day day.Day
	// Limit is the price limit in force, 0 for none; Capped says that what exceeds
	// it would be more than the line.
	Limit  money.Micro
	Capped bool
	// Base is the line less what is over the limit, of which Rate is paid first:
	// Exact is the product in 1/10 000 fen. Both are 0 but for 乙类.
	Base  money.Fen
	Rate  money.BasisPoints
	Exact int64
	// Refund, where not nil, says what the original line was divided into before
	// and after this refund; Parts are the difference (X27).
	Refund *RefundSplit
	Parts  Split
}

// RefundSplit is a line before and after one of its refunds.
type RefundSplit struct {
	Original int // number of the line, from 1
	Was, Is  Split
}

// LinesTotal sums the lines (I2).
type LinesTotal struct {
	Fee   money.Fen
	Parts Split
}

// YearDivision divides the in-scope amount of a stay over 1 January by its days.
type YearDivision struct {
	InScope    money.Fen
	Days       int // of the whole stay, the day of discharge included
	DaysBefore int // before 1 January
	Before     money.Fen
	After      money.Fen // the remainder
	BeforeYear int       // the former benefit year
}

// DeductibleTaken is the deductible 起付线 that the bill is charged.
type DeductibleTaken struct {
	Mode DeductibleMode
	// Standard is what the policy states for the person and level; Charged is what
	// of it the number of the admission leaves (X22).
	Standard, Charged money.Fen
	Admission         int // of the year, from 1; 0 where it does not matter
	Later             LaterRule
	// Counted is what the period or the stay has used of it before. GoesOn says that
	// the stay goes on from a bill before, Merged that it shares that one's deductible
	// (X21, X22).
	Counted        money.Fen
	GoesOn, Merged bool
	// Covered is false where the fund pays nothing for such care, which then uses
	// up no deductible; Visited that the hospital has charged its own this year.
	Covered, Visited bool
	InScope          money.Fen
	Taken            money.Fen
}

// Bracket is the part of the in-scope amount that falls into one bracket.
type Bracket struct {
	Number   int // from 1
	From, To money.Fen
	// Ratio is Local less Drop plus Senior, in points, and not below 0.
	Local, Drop, Senior, Ratio money.BasisPoints
	Exact                      int64 // (To − From) × Ratio, in 1/10 000 fen
}

// BasicShare is what the brackets come to, before any ceiling.
type BasicShare struct {
	Exact   int64 // in 1/10 000 fen
	Rounded money.Fen
}

// CeilingCheck compares the basic fund's share with what the year leaves of its
// ceilings.
type CeilingCheck struct {
	Yearly, Paid         money.Fen // over all kinds of care
	KindYearly, KindPaid money.Fen // of the kind alone; 0 where it has no ceiling of its own
	Left                 money.Fen // crt_payb_lmt_amt
	Share                money.Fen
	Reached              bool
	// ReachedAt is the in-scope amount at which the fund has paid all that is left,
	// and Above what lies above it; they stand where a further layer looks at them.
	ReachedAt, Above money.Fen
	Amount           money.Fen
}

// MajorBurden is the year's burden before and after the bill against the start line
// of 大病.
type MajorBurden struct {
	Burden               money.Fen // what the bill adds
	Before, After, Start money.Fen
	Passed               bool
}

// MajorBracket is the part of the year's burden that the bill adds to one bracket of
// 大病.
type MajorBracket struct {
	Number   int // from 1
	From, To money.Fen
	Ratio    money.BasisPoints
	Exact    int64 // in 1/10 000 fen
}

// LayerPays is what a layer above the basic fund pays.
type LayerPays struct {
	Layer Layer
	// Base × Ratio is Exact, in 1/10 000 fen; for 大病 Exact is the sum of its
	// brackets and Base what is left of the bill in scope.
	Base    money.Fen
	Ratio   money.BasisPoints
	Exact   int64
	Rounded money.Fen
	// Ceiling is the year's, Used what was paid before; HasCeiling is false where
	// there is none.
	HasCeiling    bool
	Ceiling, Used money.Fen
	Bound         Bound
	Amount        money.Fen
	Left          money.Fen // in scope, for the next layer
}

// Bound is what kept a layer from paying its share in full.
type Bound uint8

// The bounds.
const (
	Unbound      Bound = iota // paid in full
	ByCeiling                 // the year's ceiling of the layer
	ByWhatIsLeft              // no more is left of the bill in scope
)

// LayerIdle says why a layer pays nothing.
type LayerIdle struct {
	Layer Layer
	Why   Idle
}

// Idle is why a layer pays nothing.
type Idle uint8

// The reasons.
const (
	NotProvided       Idle = iota // the pool has no such layer for the scheme
	NotForKind                    // it does not pay for this kind of care
	CeilingNotReached             // 大额 begins where the basic ceiling is reached
	BelowStart                    // the year's burden is not above the start line
	NotMember                     // the person has no such supplement
	NoIdentity                    // the person is in no aided group
	NoOneStop                     // medical aid does not join the direct settlement
)

// CaseCompared compares the fee with a case payment under DRG or DIP (C15, X41).
type CaseCompared struct {
	Mode          CaseMode
	Payment, Fee  money.Fen
	Gain          money.Fen // 0 where guests are paid by item
	Hospital      money.Fen // borne by the hospital, out of the basic fund's part
	BasicWas, Now money.Fen
}

// Payer is what the patient's own side pays of what the funds leave.
type Payer struct {
	Source  PayerSource
	Of      money.Fen // what is left to pay
	Asked   bool      // the account may be used
	Balance money.Fen // of the account, before
	Amount  money.Fen
}

// PayerSource is where the patient's part comes from.
type PayerSource uint8

// The sources, in their order.
const (
	FromAccount PayerSource = iota // 个人账户
	FromMutual                     // 家庭共济
	InCash                         // 现金
)

// Sum is the last step: the payers sum to the fee (I3, I4, I5).
type Sum struct {
	Fee                      money.Fen
	Funds                    [NumLayers]money.Fen
	Account, Mutual          money.Fen
	Cash, Hospital           money.Fen
	FundSum, PersonPart, All money.Fen
}

func (Check) detail()           {}
func (FilingChosen) detail()    {}
func (OrdinaryInstead) detail() {}
func (LineSplit) detail()       {}
func (LinesTotal) detail()      {}
func (YearDivision) detail()    {}
func (DeductibleTaken) detail() {}
func (Bracket) detail()         {}
func (BasicShare) detail()      {}
func (CeilingCheck) detail()    {}
func (MajorBurden) detail()     {}
func (MajorBracket) detail()    {}
func (LayerPays) detail()       {}
func (LayerIdle) detail()       {}
func (CaseCompared) detail()    {}
func (Payer) detail()           {}
func (Sum) detail()             {}

// Param is one value that a settlement read: which, for whom, and what it is. Those
// of a policy have Pool and Scheme, those of a catalogue Province; the further
// fields stand where the value depends on them.
type Param struct {
	Name     ParamName
	Month    day.Month // whose value was read
	Pool     uint16
	Scheme   Scheme
	Province uint8
	Care     Kind
	Person   PersonType
	Level    Level
	Bracket  int // from 0
	Filing   FilingKind
	Identity Identity
	Class    FeeClass
	Value    int64 // in the unit of Name
}

// ParamName is which value of Terms or of a Catalogue was read.
type ParamName uint8

// The values, of policies and then of catalogues. Unit says what they are measured
// in.
const (
	ParamFilingKinds ParamName = iota // Terms.Filing.Kinds
	ParamInForce                      // Terms.Filing.InForce
	ParamHomeReturn                   // Terms.Filing.HomeReturn
	ParamUnfiledDirect
	ParamDiseases
	ParamCrossYear
	ParamDeductibleMode // Terms.Benefits[Care]: this and those up to ParamDropApplies
	ParamMerge
	ParamLater
	ParamLaterAmount
	ParamLaterFloor
	ParamDeductible // by Person and Level
	ParamBracketTop // by Bracket
	ParamRatio      // by Person, Level and Bracket
	ParamSeniorAge
	ParamSeniorPoints
	ParamKindCeiling
	ParamDropApplies
	ParamDrop // by Filing
	ParamCeiling
	ParamLargeKinds
	ParamLargeRatio
	ParamLargeCeiling
	ParamMajorKinds
	ParamMajorStart
	ParamMajorTop   // by Bracket
	ParamMajorRatio // by Bracket
	ParamMajorCeiling
	ParamCivilKinds
	ParamCivilRatio
	ParamCivilCeiling
	ParamEnterpriseKinds
	ParamEnterpriseRatio
	ParamEnterpriseCeiling
	ParamOneStop
	ParamAidKinds
	ParamAidRatio // by Identity
	ParamAidCeiling
	ParamPreSelfPay // Catalogue.PreSelfPay by Class
	ParamPriceLimit // Catalogue.Limit by Class and Level
	ParamCaseMode   // Catalogue.Case
	NumParams       = 41
)

// OfCatalogue reports whether the value is one of a catalogue and not of a policy.
func (n ParamName) OfCatalogue() bool { return n >= ParamPreSelfPay }

// Unit is what the value of a Param is measured in.
type Unit uint8

// The units.
const (
	UnitFen    Unit = iota // money.Fen
	UnitPoints             // money.BasisPoints
	UnitMicro              // money.Micro
	UnitYears              // of age
	UnitWord               // one of a few words, a flag or a set
)

// Unit returns the unit of the value.
func (n ParamName) Unit() Unit {
	switch n {
	case ParamLaterAmount, ParamLaterFloor, ParamDeductible, ParamBracketTop, ParamKindCeiling, ParamCeiling, ParamLargeCeiling,
		ParamMajorStart, ParamMajorTop, ParamMajorCeiling, ParamCivilCeiling, ParamEnterpriseCeiling, ParamAidCeiling:
		return UnitFen
	case ParamRatio, ParamSeniorPoints, ParamDrop, ParamLargeRatio, ParamMajorRatio, ParamCivilRatio, ParamEnterpriseRatio, ParamAidRatio, ParamPreSelfPay:
		return UnitPoints
	case ParamPriceLimit:
		return UnitMicro
	case ParamSeniorAge:
		return UnitYears
	}
	return UnitWord
}
