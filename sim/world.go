package sim

import (
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
)

// World is everything a run needs to know, as integers: who is insured where,
// who travels where, what care costs, what the policies are and when money
// moves. The fixtures build it from a data pack; nothing in it depends on the
// seed. Ratios are basis points unless a name says otherwise.
type World struct {
	Name string
	// First is the first warm-up month; WarmUp months follow, then Months
	// measured ones.
	First          day.Month
	WarmUp, Months int

	Provinces []Province
	Pools     []Pool
	Rules     *engine.Rules
	Calendar  *day.Calendar

	// Cohorts are the patients by insured pool, scheme and province of
	// treatment, sorted by these three.
	Cohorts  []Cohort
	Profiles []Profile
	Season   Season
	Care     [engine.NumKinds]Care
	Behavior Behavior
	Outages  OutageRules
	Demand   Demand

	Timetable  clearing.Timetable
	Prepayment engine.PrepaymentRule
	Money      clearing.Rules
	Targets    []Target
}

// Province is one of the 31 provinces or 兵团, as insured and as treating place.
type Province struct {
	Code   uint32 // GB/T 2260, six digits: 110000
	NameZH string
	NameEN string
	// Latitude and Longitude are those of the capital in thousandths of a degree.
	Latitude, Longitude int32
	// PriceLevel scales the cost of care in the province; 10000 is the national
	// mean.
	PriceLevel money.BasisPoints
	// Institutions counts the institutions by kind of care and level, connected
	// or not; pharmacies stand at (Pharmacy, LevelPrimary).
	Institutions [engine.NumKinds][engine.NumLevels]uint32
	// Connected is the share of them that is connected for the kind.
	Connected [engine.NumKinds][engine.NumLevels]money.BasisPoints
	// CasePaid is the share of inpatient bills that the province pays by case under
	// DRG or DIP (C15).
	CasePaid money.BasisPoints
	// Cities are the division codes of its treating cities with weights that sum
	// to 10000.
	Cities []City
}

// ReachesConnected returns the chance that a visit of a kind and level in the province
// is to a connected institution: of those who did not make sure, the share connected.
func (b *Behavior) ReachesConnected(p *Province, k engine.Kind, l engine.Level) money.BasisPoints {
	missing := money.ShareHalfUp(money.Fen(money.One-p.Connected[k][l]), money.One-b.SeekConnected[k])
	return money.One - money.BasisPoints(missing)
}

// City is a place of treatment within a province.
type City struct {
	Code   uint32
	Weight money.BasisPoints
}

// Pool is an insured pool 参保地统筹区.
type Pool struct {
	Code     uint32 // six digits: 131000
	Province uint8  // index in World.Provinces
	NameZH   string
	// EmployeesOnly is true of pools of the province level 省本级, which insure no
	// residents.
	EmployeesOnly bool
}

// Cohort is a number of patients of one pool and scheme who are treated in one
// province other than their own.
type Cohort struct {
	Pool     uint16
	Scheme   engine.Scheme
	Treating uint8
	Patients uint32
}

// Profile is a type of patient; the profiles of a scheme divide its cohorts.
type Profile struct {
	Name       string
	Scheme     engine.Scheme
	PersonType engine.PersonType
	// LongTerm patients live at the place of treatment; the others travel.
	LongTerm bool
	// Chronic patients hold a qualification for a chronic disease (C12).
	Chronic bool
	// Weight is the profile's share of its scheme's patients in 1/1 000 000.
	Weight uint32
	// Rate is how many episodes of care a month brings in the mean measured
	// month, in 1/1 000 000.
	Rate [engine.NumKinds]uint32
	// Identity is the share of aided persons by group; NotAided is the rest.
	Identity [engine.NumIdentities]money.BasisPoints
	// AccountCredit is what the personal account receives each month, and
	// AccountOpening its balance at the start of the run.
	AccountCredit, AccountOpening money.Fen
	// MutualCredit and MutualOpening are the same of what relatives leave to the
	// patient of their accounts 家庭共济.
	MutualCredit, MutualOpening money.Fen
	// AgeFrom and AgeTo are the ages of the profile's patients in years, both
	// included.
	AgeFrom, AgeTo uint8
	// CivilServant and Enterprise are the shares who have the civil servants' and
	// an enterprise's supplement; nobody has both.
	CivilServant, Enterprise money.BasisPoints
	// Diseases weighs what a chronic patient of the profile is qualified for; it
	// sums to 10000, and is all zero where Chronic is false (C12).
	Diseases [engine.NumDiseases]money.BasisPoints
}

// Season is the shape of the year.
type Season struct {
	// Month scales the rates by month of the run, warm-up included; 10000 is the
	// mean measured month. len = WarmUp + Months.
	Month [engine.NumKinds][]money.BasisPoints
	// Weekday weighs Monday to Sunday within a month, Holiday a day off that the
	// calendar names, and WorkedWeekend a weekend day that is worked.
	Weekday       [engine.NumKinds][7]money.BasisPoints
	Holiday       [engine.NumKinds]money.BasisPoints
	WorkedWeekend [engine.NumKinds]money.BasisPoints
	// Special overrides the weight of single days, such as the days around
	// spring festival.
	Special map[day.Day][engine.NumKinds]money.BasisPoints
}

// Care describes the bills of one kind.
type Care struct {
	// LevelWeight is the share of each level; it sums to 10000.
	LevelWeight [engine.NumLevels]money.BasisPoints
	// Mean is the mean fee of a bill by scheme and level, before the province's
	// price level.
	Mean [engine.NumSchemes][engine.NumLevels]money.Fen
	// Shape is the distribution of a bill's fee relative to its mean.
	Shape []draw.Knot
	// Baskets are the typical contents of a bill.
	Baskets []Basket
	// Stay is the distribution of days from admission to discharge, each day
	// weighted in basis points; nil for kinds without a stay.
	Stay []money.BasisPoints
	// CaseSpread is the distribution of a case payment relative to the fee of the
	// bill, which counts as its mean; nil for kinds without case payment (C15).
	CaseSpread []draw.Knot
}

// Basket is a typical bill: what share of its fee falls to which class.
type Basket struct {
	Name   string
	Weight money.BasisPoints // of the kind's baskets; they sum to 10000
	Items  []BasketItem      // shares sum to 10000
}

// BasketItem is one class in a basket.
type BasketItem struct {
	Class engine.FeeClass
	Share money.BasisPoints
	// Mix is how the item divides by catalogue class 甲乙丙; it sums to 10000.
	// Divide makes one line of each class in these proportions, as in the class
	// subtotals of an inpatient bill; otherwise the whole line is of one class
	// drawn with these weights.
	Mix    [engine.NumCatalogueClasses]money.BasisPoints
	Divide bool
	// UnitPrice, where not 0, is the mean price of one unit, so that the bill
	// states price and count and a price limit can bite (X28).
	UnitPrice money.Fen
}

// Behavior is what people and institutions do, by dated parameters.
type Behavior struct {
	// LongTermFiling weighs the kinds of filing of long-term patients, Unfiled
	// included; the sum is 10000.
	LongTermFiling [engine.NumFilingKinds]money.BasisPoints
	// TemporaryFiling weighs, by kind of care, under what a travelling patient
	// comes: Referral, Emergency, OtherTemporary or Unfiled.
	TemporaryFiling [engine.NumKinds][engine.NumFilingKinds]money.BasisPoints
	// FileBeforeDischarge is the share of the unfiled that file when told to and
	// before they pay (B14, B26), by kind of care.
	FileBeforeDischarge [engine.NumKinds]money.BasisPoints
	// Injury, ThirdParty (of injuries) and NoLetter (of injuries without third
	// party) are shares of visits (C9).
	Injury, ThirdParty, NoLetter money.BasisPoints
	// Suspended is the share of visits with suspended enrolment (X30).
	Suspended money.BasisPoints
	// SeekConnected is the share of visits for which the patient makes sure
	// beforehand that the institution is connected (B13, C13), by kind of care; the
	// others go where they go.
	SeekConnected [engine.NumKinds]money.BasisPoints
	// UseAccount is the share of employees' visits that let the personal account
	// pay, by kind of care.
	UseAccount [engine.NumKinds]money.BasisPoints
	// Reversed is the share of settlements taken back the same day and not
	// repeated (X7), by kind of care.
	Reversed [engine.NumKinds]money.BasisPoints
	// ClaimByHand is the share of bills refused for filing, connection or opening
	// whose patient claims by hand later (B15, C11), by kind of care.
	ClaimByHand [engine.NumKinds]money.BasisPoints
	// NotOpened is the share of chronic visits whose institution has not opened
	// the disease (C13), OrdinaryInstead of these the share who take ordinary
	// outpatient care (X42).
	NotOpened, OrdinaryInstead money.BasisPoints
	// Unverified is the share of visits whose credential cannot be verified (A8,
	// X48).
	Unverified money.BasisPoints
	// UseMutual is the share of visits that let a relative's account pay as well,
	// by kind of care.
	UseMutual [engine.NumKinds]money.BasisPoints
	// Commitment is the share of long-term filers who file by commitment (B3), and
	// CommitmentFulfilled of these the share who have handed in what they promised
	// (B17).
	Commitment, CommitmentFulfilled money.BasisPoints
	// Transferred and MidStay are the shares of inpatient bills of a stay that goes
	// on from another hospital (X22), and of one settled in its middle before (X21).
	Transferred, MidStay money.BasisPoints
	// FilingLead weighs how many days before admission a temporary filing was made,
	// from 0 on: for the journey, or months before for an earlier one (B8).
	FilingLead []uint32
	// Revoked is the share of filings that the agency has cancelled for forged
	// material (B23).
	Revoked money.BasisPoints
}

// Target is a published figure that a run is compared with.
type Target struct {
	Name           string
	Title, TitleZH string
	Kind           engine.Kind // or engine.AllKinds
	Measure        Measure
	Role           Role
	// Bound says that the figure is an end, not a point, such as a goal "at least".
	Bound Bound
	// Value is the figure in the measure's unit.
	Value int64
	// Above is the edge of a ReliefAbove.
	Above money.Fen
	// Month is the month of the year, 1 to 12, of a PeakDay or a MonthStep.
	Month int
	// Order are the provinces of a SourceOrder or a DestinationOrder, largest first,
	// as indexes in World.Provinces; Value is their number.
	Order []int
	// Period says what the figure is of, such as "2024" or "September 2018".
	Period                   string
	Source, SourceZH, Status string
	// Explanation says why a run of the unchanged world misses the figure; it may be
	// empty.
	Explanation, ExplanationZH string
}

// Measure is what a target measures in the measured months.
type Measure uint8

// The measures. Shares are basis points, quotients of two figures millionths.
const (
	MeasureCases     Measure = iota
	MeasureRelief            // fen: funds and accounts, 减少垫付
	FundShare                // the funds' part of the fees
	ReliefPerCase            // fen
	FeePerCase               // fen
	ReliefAbove              // share of inpatient cases whose relief is more than an edge
	LevelRatio               // mean fee in tertiary hospitals ÷ that in secondary ones
	PeakDay                  // cases of a month's busiest day ÷ its mean day
	MonthStep                // cases of a month's mean day ÷ those of the month before
	DirectRate               // bills settled directly among those presented
	SourceOrder              // how many provinces stand at their published rank as insured places
	DestinationOrder         // the same as places of treatment
	NumMeasures      = iota
)

// MeasureNames are the names of the measures in packs and reports; what is money or a
// share says its unit.
var MeasureNames = [NumMeasures]string{"cases", "relief_fen", "fund_share_bp", "relief_per_case_fen", "fee_per_case_fen", "relief_above_bp",
	"level_ratio_ppm", "peak_day_ppm", "month_step_ppm", "direct_rate_bp", "source_order", "destination_order"}

// String returns the measure's stable name.
func (m Measure) String() string { return MeasureNames[m] }

// Role says what a target had to do with making the world.
type Role uint8

// The roles.
const (
	HeldOut   Role = iota // nothing: it is only compared
	Informed              // assumed values were chosen with the figure in view
	Follows               // it follows from fitted ones by arithmetic, and proves no more than they do
	Fitted                // the world was calibrated to it
	Projected             // it is nobody's figure: what the world's assumptions come to
	NumRoles  = iota
)

// RoleNames are the names of the roles in packs and reports.
var RoleNames = [NumRoles]string{"held_out", "informed", "follows", "fitted", "projected"}

// String returns the role's stable name.
func (r Role) String() string { return RoleNames[r] }

// Bound says whether a figure is to be met, or not to be passed.
type Bound uint8

// The bounds.
const (
	Point Bound = iota
	AtLeast
	AtMost
	NumBounds = iota
)

// BoundNames are the names of the bounds in packs and reports.
var BoundNames = [NumBounds]string{"point", "at_least", "at_most"}

// String returns the bound's stable name.
func (b Bound) String() string { return BoundNames[b] }

// MaxEdges is how many different edges of relief per case a world's targets may have.
const MaxEdges = 3

// Edges are the edges of relief per inpatient case that the targets ask for, in order.
func (w *World) Edges() (edges []money.Fen) {
	for i := range w.Targets {
		if t := &w.Targets[i]; t.Measure == ReliefAbove {
			edges = append(edges, t.Above)
		}
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}
