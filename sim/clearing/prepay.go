package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// pairState is the prepayment of one ordered pair and scheme.
type pairState struct {
	engine.PairState
	months   []PairMonth
	declared bool
	pending  money.Fen // top-ups asked for and not yet reviewed; in Quota (X37)
	lowest   money.Fen // of its part of the pot, in the measured months
}

// topUp is an emergency top-up on its way.
type topUp struct {
	TopUp
	month, pair int
	record      int // in the pair's months
}

// sign watches every pair's use rate at the sign-off of a month (R5) and raises
// the alerts, each once; as long as a pair is red the place of treatment asks for
// a top-up (D2).
func (k *Clearing) sign(month int) {
	m, rule := k.months[month], &k.in.Prepayment
	next := (m.month + 2).On(k.in.Timetable.SignOn)
	for pair := range k.pairs {
		p := &k.pairs[pair]
		clearing := m.pairs[pair]
		if clearing == 0 && p.Quota == 0 {
			continue
		}
		if !p.declared && (month == 0 || k.rules.TopUps.DeclareNew) {
			k.declare(month, pair, clearing)
		}
		record := PairMonth{Month: m.month, Clearing: clearing, Quota: p.Quota, UseRateBP: -1}
		if rate, ok := engine.UseRate(clearing, p.Quota); ok {
			record.UseRateBP = rate
		}
		raised := p.SignOff(rule, clearing)
		record.Alert = p.Alert
		if record.Alert != engine.Green {
			record.AlertDays = int(next - m.signed)
		}
		if raised {
			k.alert(m, pair, &record)
		}
		if p.months == nil {
			p.months = make([]PairMonth, 0, k.in.WarmUp+k.in.Months)
		}
		p.months = append(p.months, record)
		if p.Alert == engine.Red {
			k.askTopUp(month, pair)
		}
	}
}

// declare sets a pair's first quota where it has no history (X38): as if each month
// of the last quarter had been like its first.
func (k *Clearing) declare(month, pair int, clearing money.Fen) {
	p := &k.pairs[pair]
	p.declared = true
	p.Quota = k.in.Prepayment.Quota(clearing, clearing, clearing)
	paid := k.in.Calendar.AddWorking(k.months[month].signed, k.rules.TopUps.DeclarePaidWithin)
	paid = k.planPrepayment(pair, month, p.Quota, paid, 0)
	k.adjusted(pair, month, AdjustmentDeclared, 0, p.Quota, k.months[month].signed, paid)
}

// planPrepayment plans the payment of a change of a pair's prepayment on a day, or as
// many working days later as whoever has to pay is late, and returns that day.
func (k *Clearing) planPrepayment(pair, month int, amount money.Fen, on day.Day, topUp int) day.Day {
	payer, treating, _ := k.shape.SplitPair(pair)
	if amount < 0 {
		payer = treating
	}
	on = k.in.Calendar.AddWorking(on, k.rules.late(payer, k.months[month].month).Prepay)
	k.plan(event{day: on, step: stepPrepay, at: pair, place: month, amount: amount, topUp: topUp})
	return on
}

// prepay books the payment of a change of a prepayment. A return is paid even out of
// a dry pot, with own money (R8).
func (k *Clearing) prepay(e *event) {
	if e.amount == 0 {
		return
	}
	if e.topUp > 0 {
		k.topUps[e.topUp-1].State = engine.TopUpPaid
	}
	k.ledger.Prepay(e.at, e.amount)
	k.moved(e.at, PaymentPrepayment, e.amount, e)
	k.charge(e.at, e.amount)
	_, treating, _ := k.shape.SplitPair(e.at)
	k.changePots(treating, e.day)
}

// topUp applies for the emergency top-up of the law's size (D2, R7). Pending it
// already counts as quota (X37); the review follows (R6).
func (k *Clearing) askTopUp(month, pair int) {
	m, p, t, calendar := k.months[month], &k.pairs[pair], &k.in.Timetable, k.in.Calendar
	record := &p.months[len(p.months)-1]
	asked := k.in.Prepayment.TopUpLimit(record.Clearing, record.Quota)
	if asked == 0 {
		return
	}
	insured, treating, scheme := k.shape.SplitPair(pair)
	x := topUp{month: month, pair: pair, record: len(p.months) - 1, TopUp: TopUp{
		Insured: insured, Treating: treating, Scheme: scheme, Month: m.month, Asked: asked, Signed: m.signed,
		Applied: calendar.AddWorking(m.signed, t.ApplyWithin),
		Due:     (m.month + 2).On(t.SignOn) - 1,
	}}
	x.Reviewed = calendar.AddWorking(x.Applied, k.rules.TopUps.ReviewWithin)
	p.Quota += asked
	p.pending += asked
	k.topUps = append(k.topUps, x)
	k.plan(event{day: x.Reviewed, step: stepReview, at: len(k.topUps) - 1})
}

// review grants a top-up, cuts it or refuses it, and notices both provinces; the
// insured one pays within its working days (R6).
func (k *Clearing) review(i int) {
	x, rules := &k.topUps[i], &k.rules.TopUps
	p := &k.pairs[x.pair]
	if x.State == engine.TopUpSuperseded {
		return
	}
	x.Granted = x.Asked - money.ShareHalfUp(x.Asked, rules.Cut)
	if k.keys.hits(streamRefuse, k.pairNumber(x.pair), uint64(x.Month), int64(ofProvince(rules.Refuse, x.Insured)), whole) {
		x.Granted = 0
	}
	p.Quota -= x.Asked - x.Granted
	p.pending -= x.Asked
	if x.Granted == 0 {
		x.State = engine.TopUpRefused
		return
	}
	t := &k.in.Timetable
	x.State = engine.TopUpNoticed
	x.Paid = k.planPrepayment(x.pair, x.month, x.Granted, k.in.Calendar.AddWorking(x.Reviewed, t.SubmitWithin+t.PayWithin), i+1)
	x.OverdueDays = k.in.Calendar.WorkingBetween(x.Due, x.Paid)
	record := &p.months[x.record]
	record.TopUp, record.TopUpPaid = x.Granted, x.Paid
}

func (k *Clearing) alert(m *settledMonth, pair int, r *PairMonth) {
	insured, treating, scheme := k.shape.SplitPair(pair)
	k.result.Alerts = append(k.result.Alerts, Alert{
		Signed: m.signed, Month: m.month, Insured: insured, Treating: treating, Scheme: scheme,
		Alert: r.Alert, Clearing: r.Clearing, Quota: r.Quota, UseRateBP: r.UseRateBP,
		TopUpLimit: k.in.Prepayment.TopUpLimit(r.Clearing, r.Quota),
	})
}

// rebase sets the quotas from the quarter that ends with a settled month, the year's
// from December's (D1). The difference, up or down, is paid by the end of the month
// that the timetable names (R4, R8). Top-ups that nobody has reviewed yet are
// overtaken by it.
func (k *Clearing) rebase(last int) {
	m := k.months[last].month
	noticed, due := (m + 1).Last(), (m + day.Month(k.in.Timetable.QuotaDueMonth)).Last()
	for i := range k.topUps {
		if x := &k.topUps[i]; x.State == engine.TopUpApplied {
			x.State = engine.TopUpSuperseded
		}
	}
	for pair := range k.pairs {
		p := &k.pairs[pair]
		p.Quota -= p.pending
		p.pending = 0
		quota := k.in.Prepayment.Quota(k.months[last-2].pairs[pair], k.months[last-1].pairs[pair], k.months[last].pairs[pair])
		if change := quota - p.Quota; change != 0 {
			paid := k.planPrepayment(pair, last, change, due, 0)
			k.adjusted(pair, last, AdjustmentYearly, p.Quota, quota, noticed, paid)
		}
		if len(p.months) > 0 {
			p.months[len(p.months)-1].YearlyQuota, p.months[len(p.months)-1].Rebased = quota, true
		}
		p.Quota = quota
	}
}

// adjusted records a change of a quota, for the table and the notices of it (R2).
func (k *Clearing) adjusted(pair, month int, kind AdjustmentKind, from, to money.Fen, noticed, due day.Day) {
	insured, treating, scheme := k.shape.SplitPair(pair)
	k.result.Adjustments = append(k.result.Adjustments, Adjustment{
		Kind: kind, Insured: insured, Treating: treating, Scheme: scheme, Month: k.months[month].month,
		From: from, To: to, Noticed: noticed, Paid: due,
	})
}
