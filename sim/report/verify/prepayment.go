package verify

import (
	"math/big"
	"slices"
)

// quotaChange is a row of quotas.csv: a first quota or January's.
type quotaChange struct {
	what          string
	pair          int
	month         month
	from, to      int64
	noticed, paid date
}

// topUp is a row of top_ups.csv.
type topUp struct {
	pair                                 int
	month                                month
	quota                                int64 // in force at the sign-off
	asked, granted                       int64
	state                                string
	signed, applied, reviewed, due, paid date
}

// alert is a row of alerts.csv.
type alert struct {
	signed                 date
	month                  month
	pair                   int
	color                  string
	rate                   any // basis points, or nothing where there is no quota
	clearing, quota, limit int64
}

// pairRecord is a pair after a sign-off: a row of prepayment.csv.
type pairRecord struct {
	month           month
	clearing, quota int64
	rate            any
	color           string
	raised          bool
	days            int
	topUp           int64
	topUpPaid       date
	rebased         bool
	yearly          int64
}

// The colours of an alert in rising order.
var colors = []string{"green", "yellow", "red"}

// prepayment follows every pair's quota through sign-offs, reviews and Januaries.
func (r *run) prepayment() {
	pairs := r.numPairs()
	r.records = make([][]pairRecord, pairs)
	quota, pending := make([]int64, pairs), make([]int64, pairs)
	color, declared := make([]int, pairs), make([]bool, pairs)
	refused := r.refusedTopUps()

	// review takes up what comes to be reviewed before a day.
	reviewed := make([]bool, 0)
	review := func(before date) {
		for i := range r.topUps {
			x := &r.topUps[i]
			if reviewed[i] || x.reviewed >= before {
				continue
			}
			reviewed[i] = true
			quota[x.pair] -= x.asked
			pending[x.pair] -= x.asked
			if x.granted = x.asked - r.share(x.asked, r.p.Prepayment.TopUpCut); refused[pairMonth{x.pair, x.month}] {
				x.granted = 0
			}
			if x.granted == 0 {
				x.state = "refused"
				continue
			}
			quota[x.pair] = sum(quota[x.pair], x.granted)
			x.state = "paid"
			insured, _, _ := r.splitPair(x.pair)
			x.paid = r.calendar.after(r.calendar.after(x.reviewed, r.p.Timetable.Submit+r.p.Timetable.Pay), r.late(insured, x.month).Prepay)
			for j := range r.records[x.pair] {
				if record := &r.records[x.pair][j]; record.month == x.month {
					record.topUp, record.topUpPaid = x.granted, x.paid
				}
			}
		}
	}
	for i := range r.settledMonths() {
		m := r.first + month(i)
		signed := (m + 1).on(r.p.Timetable.SignOn)
		next := (m + 2).on(r.p.Timetable.SignOn)
		review(signed)
		for pair := range pairs {
			c := r.pairMonths[i][pair]
			if c == 0 && quota[pair] == 0 {
				continue
			}
			if !declared[pair] && (i == 0 || r.p.Prepayment.DeclareNew) {
				declared[pair] = true
				quota[pair] = r.quota(c, c, c)
				paid := r.calendar.after(signed, r.p.Timetable.DeclarePaidWithin)
				r.adjust("declared", pair, m, 0, quota[pair], signed, paid)
			}
			x := pairRecord{month: m, clearing: c, quota: quota[pair], rate: rate(c, quota[pair])}
			grade := r.grade(c, quota[pair])
			x.color = colors[grade]
			if grade > 0 {
				x.days = int(next - signed)
			}
			limit := max(0, r.share(max(0, c), r.p.Prepayment.TopUpMultiple)-quota[pair])
			if x.raised = grade > color[pair]; x.raised {
				r.alerts = append(r.alerts, alert{signed, m, pair, x.color, x.rate, c, quota[pair], limit})
			}
			color[pair] = grade
			r.records[pair] = append(r.records[pair], x)
			if grade == 2 && limit > 0 {
				applied := r.calendar.after(signed, r.p.Timetable.Apply)
				r.topUps = append(r.topUps, topUp{pair: pair, month: m, quota: quota[pair], asked: limit, state: "applied", signed: signed,
					applied: applied, reviewed: r.calendar.after(applied, r.p.Timetable.Review), due: next - 1})
				reviewed = append(reviewed, false)
				quota[pair] = sum(quota[pair], limit)
				pending[pair] = sum(pending[pair], limit)
			}
		}
		if !slices.Contains(r.p.Timetable.RebaseMonths, int(m+1)%12+1) || i < 2 || i+1 >= r.settledMonths() {
			continue
		}
		// January, or another month of re-basing, sets the quotas; what nobody has reviewed by then is overtaken.
		noticed := (m + 1).last()
		review(noticed + 1) // a review on the very day comes before

		for j := range r.topUps {
			if !reviewed[j] {
				reviewed[j] = true
				r.topUps[j].state = "superseded"
			}
		}
		due := (m + month(r.p.Timetable.QuotaDueMonth)).last()
		for pair := range pairs {
			quota[pair] -= pending[pair]
			pending[pair] = 0
			to := r.quota(r.pairMonths[i-2][pair], r.pairMonths[i-1][pair], r.pairMonths[i][pair])
			if to != quota[pair] {
				r.adjust("yearly", pair, m, quota[pair], to, noticed, due)
			}
			if n := len(r.records[pair]); n > 0 {
				r.records[pair][n-1].rebased, r.records[pair][n-1].yearly = true, to
			}
			quota[pair] = to
			declared[pair] = declared[pair] || to > 0
		}
	}
	review(1 << 30)
	r.prepaymentTables()
}

// adjust records a change of a quota, paid when whoever has to pay does.
func (r *run) adjust(what string, pair int, m month, from, to int64, noticed, due date) {
	payer, treating, _ := r.splitPair(pair)
	if to < from {
		payer = treating
	}
	r.quotas = append(r.quotas, quotaChange{what, pair, m, from, to, noticed, r.calendar.after(due, r.late(payer, m).Prepay)})
}

// pairMonth tells a pair's top-ups apart.
type pairMonth struct {
	pair  int
	month month
}

// refusedTopUps are the applications that the nation refused outright, which only the
// table of top-ups tells; where the parameters refuse none, none may be.
func (r *run) refusedTopUps() map[pairMonth]bool {
	refused := map[pairMonth]bool{}
	t := r.open("top_ups.csv", topUpColumns...)
	for t.next() {
		k := pairMonth{t.readPair(), t.month("month")}
		if t.text("state") == "refused" && r.p.Prepayment.TopUpRefused {
			refused[k] = true
		}
	}
	return refused
}

// quota is the multiple of the mean of three months, half-up to the fen (D1).
func (r *run) quota(a, b, c int64) int64 {
	x := big.NewInt(max(0, sum(a, b, c)))
	return halfUp(x.Mul(x, big.NewInt(r.p.Prepayment.Multiple)), big.NewInt(30_000))
}

// share is a part in basis points, half-up to the fen, away from zero.
func (r *run) share(amount, bp int64) int64 {
	x := big.NewInt(amount)
	return halfUp(x.Mul(x, big.NewInt(bp)), big.NewInt(10_000))
}

// halfUp divides and rounds half away from zero.
func halfUp(x, by *big.Int) int64 {
	negative := x.Sign() < 0
	x.Abs(x)
	x.Add(x.Lsh(x, 1), by)
	x.Quo(x, new(big.Int).Lsh(by, 1))
	if !x.IsInt64() {
		panic(giveUp{})
	}
	if negative {
		return -x.Int64()
	}
	return x.Int64()
}

// rate is clearing ÷ quota in basis points, rounded down; nothing without a quota.
func rate(clearing, quota int64) any {
	if quota <= 0 {
		return ""
	}
	x := big.NewInt(max(0, clearing))
	x.Mul(x, big.NewInt(10_000))
	return x.Quo(x, big.NewInt(quota)).String()
}

// grade compares clearing ÷ quota with the two lines, exactly (R5, D2, X38).
func (r *run) grade(clearing, quota int64) int {
	switch {
	case clearing <= 0:
		return 0
	case quota <= 0:
		return 2
	}
	used := big.NewInt(clearing)
	used.Mul(used, big.NewInt(10_000))
	line := func(bp int64) int {
		x := big.NewInt(quota)
		return used.Cmp(x.Mul(x, big.NewInt(bp)))
	}
	red := line(r.p.Prepayment.Red)
	switch {
	case red > 0 || red == 0 && !r.p.Prepayment.RedStrict:
		return 2
	case line(r.p.Prepayment.Yellow) >= 0:
		return 1
	}
	return 0
}

var topUpColumns = slices.Concat(pairColumns, []string{"month", "asked_fen", "asked_yuan", "granted_fen", "granted_yuan", "state", "signed", "applied", "reviewed", "due", "paid", "overdue_working_days"})

// prepaymentTables compares the tables of prepayments.
func (r *run) prepaymentTables() {
	with := func(pair int, values ...any) []any { return append(r.pairValues(pair), values...) }
	const rule = "the matrix, the parameters and the quota before"
	r.expect("prepayment.csv", rule, slices.Concat(pairColumns, []string{"month", "use_rate_bp", "alert", "alert_raised", "alert_days", "clearing_fen", "clearing_yuan",
		"quota_fen", "quota_yuan", "top_up_fen", "top_up_yuan", "top_up_paid", "rebased", "yearly_quota_fen", "yearly_quota_yuan"}), func(put func(...any)) {
		for pair, records := range r.records {
			for _, x := range records {
				values := with(pair, x.month, x.rate, x.color, x.raised, x.days, x.clearing, yuan(x.clearing), x.quota, yuan(x.quota), x.topUp, yuan(x.topUp), x.topUpPaid, x.rebased)
				if x.rebased {
					put(append(values, x.yearly, yuan(x.yearly))...)
				} else {
					put(append(values, "", "")...)
				}
			}
		}
	})
	r.expect("alerts.csv", rule, slices.Concat([]string{"signed", "month"}, pairColumns, []string{"alert", "use_rate_bp", "clearing_fen", "clearing_yuan", "quota_fen", "quota_yuan",
		"top_up_limit_fen", "top_up_limit_yuan"}), func(put func(...any)) {
		for _, x := range r.alerts {
			put(slices.Concat([]any{x.signed, x.month}, r.pairValues(x.pair), []any{x.color, x.rate, x.clearing, yuan(x.clearing), x.quota, yuan(x.quota), x.limit, yuan(x.limit)})...)
		}
	})
	r.expect("quotas.csv", rule, slices.Concat([]string{"adjustment"}, pairColumns, []string{"month", "from_fen", "from_yuan", "to_fen", "to_yuan", "change_fen", "change_yuan", "noticed", "paid"}), func(put func(...any)) {
		for _, x := range r.quotas {
			put(slices.Concat([]any{x.what}, r.pairValues(x.pair), []any{x.month, x.from, yuan(x.from), x.to, yuan(x.to), x.to - x.from, yuan(x.to - x.from), x.noticed, x.paid})...)
		}
	})
	r.expect("top_ups.csv", rule, topUpColumns, func(put func(...any)) {
		for _, x := range r.topUps {
			overdue := 0
			if x.paid != 0 {
				overdue = r.calendar.between(x.due, x.paid)
			}
			put(with(x.pair, x.month, x.asked, yuan(x.asked), x.granted, yuan(x.granted), x.state, x.signed, x.applied, x.reviewed, x.due, x.paid, overdue)...)
		}
	})
}
