package clearing

import (
	"errors"
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Rules say how money between places behaves beyond the dates of the
// Timetable: what is confirmed late, who pays late, what happens when a pot runs
// dry, and the levers that no law has. Slices by province may be shorter than the
// list of provinces; what is missing is zero. The zero value is the law's course
// with everybody in time, but for MaxRoll and HardStop; see Lawful.
type Rules struct {
	Confirm   ConfirmRules
	Late      []LateRule
	Pots      PotRules
	TopUps    TopUpRules
	Interest  engine.Interest // on the pots (D11); a rate of 0 credits none
	BankFee   money.Fen       // of a payment between provinces, outside the fund (D10)
	Levers    LeverRules
	Audit     AuditRules
	CoChecks  CoCheckRules
	Reconcile ReconcileRules
	// TransferDays is calendar days that a payment between provinces is on its way,
	// and FeedbackWithin working days from its arrival to the report of it (R3).
	TransferDays, FeedbackWithin int
}

// ConfirmRules say which claims miss the confirmation of a month. Claims are
// confirmed by whole cells of the register: pool × province of treatment × scheme ×
// kind.
type ConfirmRules struct {
	// ReconcileOn and ConfirmOn are the days of the next month by which the insured
	// place has reconciled (R12) and the institutions have confirmed (R13).
	ReconcileOn, ConfirmOn int
	// MissReconcile, by insured province, and MissConfirm, by province of treatment,
	// are the shares of cells that miss either day; they roll on to the next month
	// (X35).
	MissReconcile, MissConfirm []money.BasisPoints
	// MaxRoll is how many months a claim may roll on; then it is an exception (R15).
	MaxRoll int
	// HardStop is the month of the next year in which a year's claims are cleared at
	// the latest: 3 for the end of the first quarter (R15); 0 for no such stop.
	HardStop int
}

// LateRule makes a province late, in the settled months From to To, both included.
type LateRule struct {
	Province int // index in Input.Provinces; AllProvinces for each
	From, To day.Month
	// Submit and Pay are working days beyond the Timetable for submission and
	// payment of clearing as insured province (R3, X39); Never pays not at all.
	Submit, Pay int
	Never       bool
	// Prepay is working days beyond the Timetable for top-ups, adjustments and first
	// quotas, and for the return of a lowered one (R4, R6, R8).
	Prepay int
	// Institutions is working days beyond the Timetable for paying institutions as
	// province of treatment (D6).
	Institutions int
	// Manual is working days beyond the Timetable for manual claims (C19).
	Manual int
}

// AllProvinces stands for each province in a LateRule.
const AllProvinces = -1

// PotRules say how the prepayments at a place of treatment may be used.
type PotRules struct {
	// ByScheme keeps a pot for each scheme; otherwise both share one (R1).
	ByScheme bool
	// Dry says what happens when a pot does not suffice (X36).
	Dry DryPot
	// OwnLimit, by province, is the most own money a province puts in under
	// OwnUpToLimit.
	OwnLimit []money.Fen
}

// DryPot is what a province of treatment does when its pot does not suffice. Direct
// settlement goes on in any case, and what is to be returned to an insured province
// is returned, with own money where it must be.
type DryPot uint8

// What to do when a pot runs dry.
const (
	AdvanceOwn   DryPot = iota // put in own money, as much as it takes
	PayLate                    // institutions wait for the next money
	OwnUpToLimit               // own money up to a limit, then institutions wait
	NumDryPots   = 3
)

// DryPotNames are the stable names.
var DryPotNames = [NumDryPots]string{"advance_own", "pay_late", "own_up_to_limit"}

// String returns the stable name.
func (d DryPot) String() string { return DryPotNames[d] }

// TopUpRules are the nation's and the provinces' part in emergency top-ups (R6).
type TopUpRules struct {
	// ReviewWithin is working days from application to review and notice.
	ReviewWithin int
	// Cut is the share of what is asked that the review takes off; 10000 refuses.
	Cut money.BasisPoints
	// Refuse, by insured province, is the share of applications refused outright,
	// drawn by pair and month.
	Refuse []money.BasisPoints
	// DeclareNew lets a pair that first clears something later in the run declare a
	// quota as at its start, instead of being red and topped up (X38).
	DeclareNew bool
	// DeclarePaidWithin is working days from the sign-off to the payment of a first
	// quota.
	DeclarePaidWithin int
}

// LeverRules are what-if: clearing as no law has it.
type LeverRules struct {
	Netting   engine.Netting
	Frequency Frequency
	// ShortAllocate and ShortSign are working days from the end of a period shorter
	// than a month to its allocation, and from there to its sign-off and notices.
	ShortAllocate, ShortSign int
	// CarryNegative lets a pair whose period is negative carry it to its next one;
	// otherwise the place of treatment returns it (X11). A carried amount is
	// returned once it is MaxRoll periods old.
	CarryNegative bool
}

// Frequency is how many clearing periods a month has.
type Frequency uint8

// The frequencies.
const (
	Monthly        Frequency = iota // as in law
	HalfMonthly                     // 1–15, 16–end
	Weekly                          // 1–7, 8–14, 15–21, 22–end
	Daily                           // each day
	NumFrequencies = 4
)

// FrequencyNames are the stable names.
var FrequencyNames = [NumFrequencies]string{"monthly", "half_monthly", "weekly", "daily"}

// String returns the stable name.
func (f Frequency) String() string { return FrequencyNames[f] }

// Periods returns how many periods a month of so many days has.
func (f Frequency) Periods(days int) int { return [NumFrequencies]int{1, 2, 4, days}[f] }

// PeriodOf returns the period, from 0, that a day of the month, from 0, belongs to.
func (f Frequency) PeriodOf(dayOfMonth int) int {
	return [NumFrequencies]int{0, min(dayOfMonth/15, 1), min(dayOfMonth/7, 3), dayOfMonth}[f]
}

// LastDay returns the last day of a period, from 0, of a month of so many days.
func (f Frequency) LastDay(period, days int) int {
	if period == f.Periods(days)-1 {
		return days - 1
	}
	return [NumFrequencies]int{days, 15, 7, 1}[f]*(period+1) - 1
}

// AuditRules are audits that recover money after it was cleared (D12, X40, X47).
type AuditRules struct {
	// Cells is the share of cleared cells, by province of treatment, that an audit
	// finds something in; Recovered of a cell's amount is taken back, Fine of that
	// goes to the province of treatment. After is months from the settled month to
	// the month the recovery is booked in.
	Cells           []money.BasisPoints
	Recovered, Fine money.BasisPoints
	After           int
	// From and To are the settled months that are audited, both included; 0 for no
	// bound.
	From, To day.Month
}

// CoCheckRules are the co-checks of large bills (D13, R18).
type CoCheckRules struct {
	LargeFee money.Fen // bills of at least this fee are co-checked; 0 for none
	// AnswerWithin is working days in which the place of treatment must answer, and
	// Capacity, by province, how many it answers a working day; 0 for any number, on
	// the first working day.
	AnswerWithin int
	Capacity     []int
}

// ReconcileRules are the faults that the daily reconciliation finds (R12, X34).
type ReconcileRules struct {
	// Fault is how many of a million settlements the sides do not agree on, and Mix
	// divides them into the three classes of difference, CentreMore first; it sums to
	// 10000.
	Fault int64
	Mix   [engine.NumAgreements - 1]money.BasisPoints
	// RepairWithin is working days from the reconciliation, on the next day, to the
	// repair of each class. What is frozen and not repaired by ConfirmOn misses its
	// month.
	RepairWithin [engine.NumAgreements - 1]int
}

// Lawful returns the law's rules with everybody in time: nothing is missed,
// nobody is late, a dry pot is helped with own money, and no lever is pulled.
func Lawful() Rules {
	return Rules{
		Confirm:        ConfirmRules{ReconcileOn: 3, ConfirmOn: 20, MaxRoll: 2, HardStop: 3},
		Interest:       engine.Interest{DayCount: 360},
		Levers:         LeverRules{ShortAllocate: 3, ShortSign: 2},
		Audit:          AuditRules{After: 4},
		CoChecks:       CoCheckRules{LargeFee: 30_000 * money.Yuan, AnswerWithin: 10},
		Reconcile:      ReconcileRules{Mix: [3]money.BasisPoints{6000, 3000, 1000}, RepairWithin: [3]int{1, 1, 5}},
		FeedbackWithin: 5,
	}
}

// Check returns every fault of the rules for so many provinces.
func (r *Rules) Check(provinces int) error {
	var faults []error
	share := func(name string, values ...money.BasisPoints) {
		for _, v := range values {
			if v < 0 || v > money.One {
				faults = append(faults, fmt.Errorf("%s is %d basis points, not within 0 to 10000", name, v))
			}
		}
	}
	positive := func(name string, values ...int) {
		for _, v := range values {
			if v < 0 {
				faults = append(faults, fmt.Errorf("%s is %d, below zero", name, v))
			}
		}
	}
	share("missed reconciliation", r.Confirm.MissReconcile...)
	share("missed confirmation", r.Confirm.MissConfirm...)
	share("top-up cut", r.TopUps.Cut)
	share("refused top-ups", r.TopUps.Refuse...)
	share("audited cells", r.Audit.Cells...)
	share("recovered share", r.Audit.Recovered)
	share("interest rate", r.Interest.Rate)
	share("mix of faults", r.Reconcile.Mix[:]...)
	positive("months a claim may roll on", r.Confirm.MaxRoll)
	positive("transfer days", r.TransferDays)
	positive("working days", r.FeedbackWithin, r.TopUps.ReviewWithin, r.TopUps.DeclarePaidWithin, r.Levers.ShortAllocate, r.Levers.ShortSign, r.CoChecks.AnswerWithin)
	positive("repair days", r.Reconcile.RepairWithin[:]...)
	positive("fine", int(r.Audit.Fine))
	positive("bank fee", int(r.BankFee))
	positive("faults in a million", int(r.Reconcile.Fault))
	positive("co-checks a day", r.CoChecks.Capacity...)
	for i, l := range r.Late {
		if l.Province < AllProvinces || l.Province >= provinces {
			faults = append(faults, fmt.Errorf("late rule %d names province %d of %d", i+1, l.Province, provinces))
		}
		positive("late working days", l.Submit, l.Pay, l.Prepay, l.Institutions, l.Manual)
	}
	for _, limit := range r.Pots.OwnLimit {
		positive("own money", int(limit))
	}
	positive("fee of a co-checked bill", int(r.CoChecks.LargeFee))
	if r.Pots.Dry >= NumDryPots || r.Levers.Frequency >= NumFrequencies || r.Levers.Netting >= engine.NumNettings {
		faults = append(faults, fmt.Errorf("no such rule: dry pot %d, frequency %d, netting %d", r.Pots.Dry, r.Levers.Frequency, r.Levers.Netting))
	}
	if r.Interest.Rate > 0 && r.Interest.DayCount <= 0 {
		faults = append(faults, fmt.Errorf("interest by a year of %d days", r.Interest.DayCount))
	}
	if r.Reconcile.Fault > 1_000_000 {
		faults = append(faults, fmt.Errorf("%d faults in a million", r.Reconcile.Fault))
	}
	if mix := r.Reconcile.Mix[0] + r.Reconcile.Mix[1] + r.Reconcile.Mix[2]; r.Reconcile.Fault > 0 && mix != money.One {
		faults = append(faults, fmt.Errorf("the mix of faults sums to %d, not 10000", mix))
	}
	if len(r.Audit.Cells) > 0 && r.Audit.After < 1 {
		faults = append(faults, fmt.Errorf("an audit %d months after the settled month", r.Audit.After))
	}
	return errors.Join(faults...)
}

// late sums the lateness of a province in a settled month over the rules.
func (r *Rules) late(province int, m day.Month) (sum LateRule) {
	for i := range r.Late {
		l := &r.Late[i]
		if l.Province != AllProvinces && l.Province != province || m < l.From || m > l.To {
			continue
		}
		sum.Submit += l.Submit
		sum.Pay += l.Pay
		sum.Prepay += l.Prepay
		sum.Institutions += l.Institutions
		sum.Manual += l.Manual
		sum.Never = sum.Never || l.Never
	}
	return sum
}

// ofProvince returns a province's entry of a list that may be shorter.
func ofProvince[T any](list []T, province int) (v T) {
	if province < len(list) {
		v = list[province]
	}
	return v
}
