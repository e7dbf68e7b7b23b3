package engine

import "kuasheng/engine/money"

// PrepaymentRule holds the law's figures for the prepayment 预付金.
type PrepaymentRule struct {
	// Multiple of the fourth quarter's monthly mean that January's quota is: 20000
	// is twice (D1, R2).
	Multiple money.BasisPoints
	// Yellow and Red are use rates 预付金使用率 at which the alert is raised (R5).
	Yellow, Red money.BasisPoints
	// RedStrict makes red "more than" instead of "at least": S1 says >, the 2022
	// text is recalled to say ≥ (D2).
	RedStrict bool
	// TopUpMultiple of the month's clearing, less the quota, is the upper limit
	// of an emergency top-up: 20000 is 2C − Q (D2, R7).
	TopUpMultiple money.BasisPoints
}

// Alert is the colour of a pair's use rate after a sign-off.
type Alert uint8

// The alerts in rising order.
const (
	Green     Alert = iota
	Yellow          // 70 %
	Red             // 90 %: the province of treatment may ask for a top-up
	NumAlerts = 3
)

// String returns the alert's stable name.
func (a Alert) String() string { return [NumAlerts]string{"green", "yellow", "red"}[a] }

// Quota returns the yearly quota: Multiple × the mean of the fourth quarter's
// three months of clearing, rounded half-up to the fen (D1).
func (r *PrepaymentRule) Quota(october, november, december money.Fen) money.Fen {
	sum := max(0, october+november+december)
	// The mean is not rounded on the way: multiple × sum / 3.
	denominator := int64(money.One) * 3
	product := int64(sum) / denominator * int64(r.Multiple)
	rest := int64(sum) % denominator * int64(r.Multiple)
	return money.Fen(product + (rest+denominator/2)/denominator)
}

// UseRate returns clearing ÷ quota in basis points, rounded down; a net negative
// month counts as 0 (X11). Where the quota is 0 the rate is undefined and ok is
// false (X38).
func UseRate(clearing, quota money.Fen) (rate int64, ok bool) {
	if quota <= 0 {
		return 0, false
	}
	return int64(max(0, clearing)) * int64(money.One) / int64(quota), true
}

// Alert grades a month's clearing against the quota exactly, without rounding
// the rate. A pair without quota is red as soon as anything is cleared (X38).
func (r *PrepaymentRule) Alert(clearing, quota money.Fen) Alert {
	if clearing <= 0 {
		return Green
	}
	if quota <= 0 {
		return Red
	}
	used, yellow, red := int64(clearing)*int64(money.One), int64(quota)*int64(r.Yellow), int64(quota)*int64(r.Red)
	switch {
	case used > red || used == red && !r.RedStrict:
		return Red
	case used >= yellow:
		return Yellow
	}
	return Green
}

// TopUpLimit returns the most an emergency top-up may add: 2C − Q, never
// negative (D2).
func (r *PrepaymentRule) TopUpLimit(clearing, quota money.Fen) money.Fen {
	return max(0, money.ShareHalfUp(max(0, clearing), r.TopUpMultiple)-quota)
}

// PairState is the prepayment of one ordered pair of provinces and scheme.
type PairState struct {
	Quota money.Fen // granted and paid or on its way; a pending top-up counts (X37)
	Alert Alert     // after the last sign-off
}

// SignOff watches the use rate at a sign-off and reports whether the alert rose:
// alerts fire once on crossing, not each month they last.
func (s *PairState) SignOff(r *PrepaymentRule, clearing money.Fen) (raised bool) {
	next := r.Alert(clearing, s.Quota)
	raised = next > s.Alert
	s.Alert = next
	return raised
}

// TopUpState is how far an emergency top-up has come (R6).
type TopUpState uint8

// The states of a top-up in order.
const (
	TopUpApplied    TopUpState = iota // by the province of treatment, not yet reviewed
	TopUpNoticed                      // granted, in full or cut, and noticed to both provinces
	TopUpPaid                         // and paid
	TopUpRefused                      // by the nation
	TopUpSuperseded                   // January's quota came before the review
	NumTopUpStates  = 5
)

// String returns the state's stable name.
func (s TopUpState) String() string {
	return [NumTopUpStates]string{"applied", "noticed", "paid", "refused", "superseded"}[s]
}

// Interest is the interest on a pot 预付金利息: simple, by the day. It belongs to the
// province of treatment and never changes what it owes back (D11).
type Interest struct {
	Rate money.BasisPoints // a year
	// DayCount is the days of a year for the calculation: 360 or 365.
	DayCount int
}

// Accrual collects the interest of one pot between two credits.
type Accrual struct {
	product uint64 // fen × days × basis points not yet credited
}

// Hold adds some days on which the pot stood at a level; no interest is due on a
// level below zero.
func (a *Accrual) Hold(r *Interest, level money.Fen, days int) {
	a.product += uint64(max(0, level)) * uint64(days) * uint64(r.Rate)
}

// Credit takes out the whole fen that have accrued, rounded down; the rest stays and
// accrues on, so that nothing is lost between credits.
func (a *Accrual) Credit(r *Interest) money.Fen {
	year := uint64(r.DayCount) * uint64(money.One)
	if year == 0 {
		return 0
	}
	fen := a.product / year
	a.product -= fen * year
	return money.Fen(fen)
}
