package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Result is everything that happened to the money between places, as plain
// data. Provinces are indexes in Input.Provinces, cells those of Input.Shape.
type Result struct {
	// Ended is the day the last fen arrived.
	Ended day.Day
	// Ledger is the general ledger over the whole run, after the run-off.
	Ledger *engine.Ledger
	// Pairs are the prepayments of the ordered pairs, by scheme, that ever cleared
	// anything, and Alerts the yellow and red alerts in the order they were raised.
	Pairs  []Pair
	Alerts []Alert
	// Periods are the clearing periods in order, those of the run-off last.
	Periods []Period
	// Treating are the provinces as places of treatment, Insured as insured ones.
	Treating []TreatingProvince
	Insured  []InsuredProvince
	// Payments are all payments between provinces in the order of their days, and
	// Matches what of clearing they paid, oldest first.
	Payments []Payment
	Matches  []MatchedPayment
	// Adjustments are the first quotas and the yearly changes (D1, R2), TopUps the
	// emergency top-ups in the order they were asked for (R6).
	Adjustments []Adjustment
	TopUps      []TopUp
	// Rolled are the claims that missed a month, once for each they missed, and
	// Exceptions those that are too old for any (R15, X35). Exceptions stay open.
	Rolled, Exceptions []Unconfirmed
	// Recoveries are what audits took back (D12).
	Recoveries []Recovery
	// Manual are the manual claims by settled month and insured province (C19),
	// CoChecks the co-checks by month and province of treatment (R18), Days the daily
	// reconciliations (R12).
	Manual   []ManualMonth
	CoChecks []CoCheckMonth
	Days     []ReconcileDay
	// Overdue names everything that is still open when nothing moves any more;
	// empty where every fen has arrived.
	Overdue []Overdue
}

// Period is one clearing period (R14).
type Period struct {
	Month   day.Month // the settled month
	Ordinal int       // within it, from 1
	Last    day.Day   // the last day whose settlements it clears
	// The days of the timetable; single provinces may have been later, see Pairs and
	// Institutions. Due is the last day in time (D6, D7).
	Reconciled, Confirmed                                                       day.Day
	Allocated, Signed, Noticed, Submitted, Paid, FedBack, InstitutionsPaid, Due day.Day
	// Cells and Amounts are the matrix: what each cell owes, in cell order.
	Cells   []int
	Amounts []money.Fen
	Cleared money.Fen
	// Pairs are the obligations by ordered pair and scheme, those of nothing left
	// out; Institutions how the institutions fared, by province of treatment.
	Pairs        []PairDue
	Institutions []InstitutionsPaid
	// Transfers counts the payments that the period needs between provinces, and
	// Moved sums them, returns included: gross the pairs, netted the net positions.
	Transfers   int
	Moved       money.Fen
	Certificate engine.Certificate
}

// PairDue is a pair's obligation of one period. Payments are matched to the oldest
// obligation first, so Paid need not be what was sent for this period.
type PairDue struct {
	Insured, Treating int
	Scheme            engine.Scheme
	Amount            money.Fen
	SetOff            money.Fen // discharged without money moving
	Paid              money.Fen // set-off included
	Late              money.Fen // of it after Due
	LastPaid          day.Day   // 0 where nothing was paid
	OverdueDays       int       // working days from Due to LastPaid
	FenDays           int64     // paid fen × days since allocation
}

// InstitutionsPaid is how the institutions of a province were paid for one period.
type InstitutionsPaid struct {
	Treating           int
	Amount, Paid, Late money.Fen
	First, Last        day.Day
	OverdueDays        int // working days from the period's Due to Last
	// FenDays is paid fen × days from settlement to payment. What rolled on counts
	// from its own month's end.
	FenDays int64
}

// ReceivableDays is how long institutions waited for a fen on average, in hundredths
// of a day: the fen-days of what they were owed ÷ the fen paid, rounded down; 0
// where nothing was paid.
func (i InstitutionsPaid) ReceivableDays() int64 {
	if i.Paid <= 0 {
		return 0
	}
	// In parts, for fen-days may be near the end of 64 bits.
	return i.FenDays/int64(i.Paid)*100 + i.FenDays%int64(i.Paid)*100/int64(i.Paid)
}

// TreatingProvince is a province as place of treatment over the whole run, and how the
// money in its pot lasted: prepayments in, institutions paid, clearing received.
type TreatingProvince struct {
	Treating int
	// Lowest is the lowest level of its pots' insured money, at most 0, first reached on
	// LowestDay, and ShortDays counts the days on which it advanced its own money (X36).
	Lowest    money.Fen
	LowestDay day.Day
	ShortDays int
	// Idle is the part of the pot that was never touched in the measured months: the
	// lowest it stood at, first on IdleDay.
	Idle    money.Fen
	IdleDay day.Day
	// Interest was credited on the pot, Fines received; both stay with the province
	// (D11, D12).
	Interest, Fines money.Fen
	Months          []TreatingMonth
}

// TreatingMonth is a calendar month of a province as place of treatment.
type TreatingMonth struct {
	Month day.Month
	// Lowest is the lowest level of its pots' insured money, at the ends of days.
	Lowest money.Fen
	// ShortDays counts days with own money in a pot, Depth is the most of it, and
	// OwnFenDays sums it day by day (X36).
	ShortDays  int
	Depth      money.Fen
	OwnFenDays int64
	// WaitingDays counts days on which institutions waited for money that a pot did
	// not have, WaitingMost is the most they waited for.
	WaitingDays int
	WaitingMost money.Fen
	// PotFenDays sums the insured money in the pots day by day.
	PotFenDays int64
}

// InsuredProvince is a province as insured one.
type InsuredProvince struct {
	Insured int
	// Fees are the bank fees of its agency, outside the fund (D10).
	Fees money.Fen
}

// Pair is the prepayment of one ordered pair of provinces and scheme.
type Pair struct {
	Insured, Treating int
	Scheme            engine.Scheme
	Months            []PairMonth
	// Idle is the lowest that the pair's part of the pot stood at in the measured
	// months, 0 where others' money paid for it (R1): so much was never touched.
	Idle money.Fen
}

// PairMonth is a pair's position after the sign-off of one settled month.
type PairMonth struct {
	Month    day.Month // the settled month, signed off in the next
	Clearing money.Fen
	Quota    money.Fen // in force at the sign-off
	// UseRateBP is Clearing ÷ Quota in basis points, −1 where there is no quota.
	UseRateBP int64
	Alert     engine.Alert
	AlertDays int // days until the next sign-off, where Alert is not green
	// TopUp is the emergency top-up that the sign-off led to, paid on TopUpPaid.
	TopUp     money.Fen
	TopUpPaid day.Day
	// YearlyQuota is the quota that January, or another month of re-basing, set from the
	// quarter that this month ends; Rebased says whether it did.
	YearlyQuota money.Fen
	Rebased     bool
}

// Alert is one alert, raised once on crossing.
type Alert struct {
	Signed            day.Day
	Month             day.Month
	Insured, Treating int
	Scheme            engine.Scheme
	Alert             engine.Alert
	Clearing, Quota   money.Fen
	UseRateBP         int64
	TopUpLimit        money.Fen
}

// PaymentKind is what a payment between provinces is for.
type PaymentKind uint8

// The kinds of payments. A negative amount goes from the place of treatment to the
// insured province.
const (
	PaymentClearing PaymentKind = iota
	PaymentSetOff               // discharged by netting, no money moves
	PaymentPrepayment
	NumPaymentKinds = 3
)

// PaymentKindNames are the stable names.
var PaymentKindNames = [NumPaymentKinds]string{"clearing", "set_off", "prepayment"}

// Payment is one payment of an ordered pair and scheme on the day it left.
type Payment struct {
	Day               day.Day
	Kind              PaymentKind
	Insured, Treating int
	Scheme            engine.Scheme
	// Month and Ordinal are the clearing period it was sent for; of a prepayment, the
	// settled month whose sign-off led to it, and 0.
	Month   day.Month
	Ordinal int
	Amount  money.Fen
}

// MatchedPayment is a payment of clearing, or part of one, matched to the oldest
// obligation of its pair and scheme on the day it arrived.
type MatchedPayment struct {
	Day               day.Day
	Insured, Treating int
	Scheme            engine.Scheme
	Month             day.Month // the period it pays
	Ordinal           int
	Amount            money.Fen
	AgeDays           int  // since that period's allocation
	Late              bool // after its Due
}

// AdjustmentKind says why a quota was set anew.
type AdjustmentKind uint8

// The kinds of adjustments.
const (
	AdjustmentDeclared AdjustmentKind = iota // first quota (X38)
	AdjustmentYearly                         // January (D1)
	NumAdjustmentKinds = 2
)

// AdjustmentKindNames are the stable names.
var AdjustmentKindNames = [NumAdjustmentKinds]string{"declared", "yearly"}

// Adjustment is a change of a pair's quota: a row of 预付金额度调整表.
type Adjustment struct {
	Kind              AdjustmentKind
	Insured, Treating int
	Scheme            engine.Scheme
	Month             day.Month // the last settled month it was made from
	From, To          money.Fen
	Noticed, Paid     day.Day
}

// TopUp is one emergency top-up (D2, R6).
type TopUp struct {
	Insured, Treating int
	Scheme            engine.Scheme
	Month             day.Month // the settled month whose sign-off led to it
	Asked, Granted    money.Fen
	State             engine.TopUpState
	// Due is the eve of the next sign-off, before which it should be in place; Paid
	// is 0 where nothing was granted.
	Signed, Applied, Reviewed, Due, Paid day.Day
	OverdueDays                          int // working days from Due to Paid
}

// Unconfirmed is a cell's claims of one settled month that missed a period.
type Unconfirmed struct {
	Month  day.Month // the settled month
	From   day.Month // the month of the period they missed
	Cell   int
	Amount money.Fen
	Cases  int64
}

// Recovery is what an audit took back from institutions (D12).
type Recovery struct {
	Month, Origin day.Month // booked in, settled in
	Cell          int
	Amount, Fine  money.Fen
}

// ManualMonth is a province's manual claims of one settled month (C19).
type ManualMonth struct {
	Month          day.Month
	Insured        int
	Cases          int64
	Amount         money.Fen
	Deadline, Paid day.Day
	OverdueDays    int // working days; every case of the month is overdue where not 0
}

// CoCheckMonth is a province's co-checks of large bills in a month (R18).
type CoCheckMonth struct {
	Month    day.Month
	Treating int
	// Asked and Answered count in the month; Late of the answered came after the time
	// allowed. Open is the queue at its end.
	Asked, Answered, Late, Open int64
	// WaitDays sums the working days from question to answer of the answered.
	WaitDays int64
}

// ReconcileDay is the reconciliation of one day's settlements of a kind over the
// whole country (R12).
type ReconcileDay struct {
	Day  day.Day
	Kind engine.Kind
	// Results counts the settlements by result class; they sum to what was settled.
	Results [engine.NumAgreements]int64
	// Repaired is the day by which all differences are repaired.
	Repaired day.Day
	// Late of the differences were not repaired by the day on which the insured places
	// finish the month (R12), and Frozen of Results[Differ] not when it was confirmed
	// (R13).
	Late, Frozen int64
}

// OverdueKind says what is still open at the end.
type OverdueKind uint8

// What can be open at the end.
const (
	OverdueClearing     OverdueKind = iota // between provinces (D7)
	OverdueInstitutions                    // owed to institutions (D6)
	OverdueException                       // claims in no period (R15)
	NumOverdueKinds     = 3
)

// OverdueKindNames are the stable names.
var OverdueKindNames = [NumOverdueKinds]string{"clearing", "institutions", "exception"}

// Overdue is an amount that has not arrived by the end of the run-off.
type Overdue struct {
	Kind              OverdueKind
	Insured, Treating int
	Scheme            engine.Scheme
	Month             day.Month // the settled month
	Ordinal           int       // 0 for exceptions
	Amount            money.Fen
	Due               day.Day // 0 for exceptions
	OverdueDays       int     // working days from Due to the end
}
