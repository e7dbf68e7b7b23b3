package clearing

import (
	"math"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// pot is the fiscal account of a province of treatment, one for each scheme where
// the rules keep them apart, else both in that of the first scheme.
type pot struct {
	treating int
	scheme   engine.Scheme
	// queue are the periods whose institutions have come to be paid and have not got
	// everything, oldest first.
	queue []int
	// waiting is what they wait for in all.
	waiting money.Fen
	accrual engine.Accrual // of interest (D11)
}

// institutionsWait is how the institutions of a province of treatment fared in one
// period. What they gave back of a negative amount counts against it.
type institutionsWait struct {
	paid      money.Fen
	late      money.Fen // of it after the eve of the next sign-off (D6)
	fenDays   int64     // fen × days since the end of the period
	firstPaid day.Day
	lastPaid  day.Day
	// inPeriod is fen × days from the day of settlement to the end of the period.
	inPeriod int64
}

func (k *Clearing) openPots() {
	for treating := range k.shape.Provinces {
		for s := range engine.Scheme(engine.NumSchemes) {
			k.pots = append(k.pots, pot{treating: treating, scheme: s})
		}
		k.places = append(k.places, treatingPlace{result: TreatingProvince{Treating: treating}})
	}
}

// potsOf returns the pots of a province that are in use: one, or one for each scheme.
func (k *Clearing) potsOf(treating int) []pot {
	n := 1
	if k.rules.Pots.ByScheme {
		n = engine.NumSchemes
	}
	return k.pots[treating*engine.NumSchemes:][:n]
}

// level is what insured provinces' money there is in a pot; below zero the
// province's own money is in use.
func (k *Clearing) level(p *pot) money.Fen {
	if k.rules.Pots.ByScheme {
		return k.ledger.PotOf(p.treating, p.scheme)
	}
	return k.ledger.Pot(p.treating)
}

// allocate books a period's allocation and opens its receivables (R14).
func (k *Clearing) allocate(i int) {
	p := k.periods[i]
	p.isAllocated = true
	k.ledger.Allocate(p.cleared)
	for pair, amount := range p.cleared.Pairs {
		k.receivables[pair].Add(engine.Receivable{Period: i, Since: p.Allocated, Due: p.Due, Open: amount})
	}
}

// setOff discharges what netting leaves unpaid: through the transit accounts, on
// one day, so that they end it at zero.
func (k *Clearing) setOff(e *event) {
	p := k.periods[e.at]
	for pair := range p.dues {
		if off := p.dues[pair].setOff; off != 0 {
			k.ledger.Remit(pair, off)
			k.ledger.Receive(pair, off)
			k.match(pair, off, e.day)
			k.moved(pair, PaymentSetOff, off, e)
		}
	}
	for treating := range k.shape.Provinces {
		k.changePots(treating, e.day)
	}
}

// remit sends an insured province's payment of a period (D4, D7).
func (k *Clearing) remit(e *event) {
	p := k.periods[e.at]
	k.ofInsured(e.place, func(pair, _ int) {
		if amount := p.cleared.Pairs[pair] - p.dues[pair].setOff; amount != 0 {
			k.ledger.Remit(pair, amount)
			k.inTransit[pair] += amount
			k.moved(pair, PaymentClearing, amount, e)
			k.charge(pair, amount)
		}
	})
}

// receive books its arrival and matches it to what is due, first in, first out.
func (k *Clearing) receive(e *event) {
	p := k.periods[e.at]
	k.ofInsured(e.place, func(pair, treating int) {
		if amount := p.cleared.Pairs[pair] - p.dues[pair].setOff; amount != 0 {
			k.ledger.Receive(pair, amount)
			k.inTransit[pair] -= amount
			k.match(pair, amount, e.day)
			k.changePots(treating, e.day)
		}
	})
}

func (k *Clearing) match(pair int, amount money.Fen, on day.Day) {
	k.matches = k.receivables[pair].Pay(amount, on, k.matches[:0])
	for _, m := range k.matches {
		due := &k.periods[m.Period].dues[pair]
		due.paid += m.Amount
		due.lastPaid = on
		due.fenDays += int64(m.Amount) * int64(m.Age)
		insured, treating, scheme := k.shape.SplitPair(pair)
		k.result.Matches = append(k.result.Matches, MatchedPayment{Day: on, Insured: insured, Treating: treating, Scheme: scheme,
			Month: k.periods[m.Period].Month, Ordinal: k.periods[m.Period].Ordinal, Amount: m.Amount, AgeDays: m.Age, Late: m.Late})
		if m.Late {
			due.late += m.Amount
		}
	}
}

// moved records a payment between provinces.
func (k *Clearing) moved(pair int, kind PaymentKind, amount money.Fen, e *event) {
	insured, treating, scheme := k.shape.SplitPair(pair)
	p := Payment{Day: e.day, Kind: kind, Insured: insured, Treating: treating, Scheme: scheme, Amount: amount}
	switch kind {
	case PaymentClearing, PaymentSetOff:
		p.Month, p.Ordinal = k.periods[e.at].Month, k.periods[e.at].Ordinal
	default:
		p.Month = k.months[e.place].month
	}
	k.result.Payments = append(k.result.Payments, p)
}

// charge books the bank's fee of a payment to the agency of whoever pays (D10).
func (k *Clearing) charge(pair int, amount money.Fen) {
	if k.rules.BankFee == 0 {
		return
	}
	payer, treating, scheme := k.shape.SplitPair(pair)
	if amount < 0 {
		payer = treating
	}
	k.ledger.ChargeFees(payer, scheme, k.rules.BankFee)
}

// payInstitutions pays the institutions of a province for a period as far as the
// pots go (D6). What is to come back from them comes back first.
func (k *Clearing) payInstitutions(e *event) {
	p := k.periods[e.at]
	for i := range k.potsOf(e.place) {
		pot := &k.potsOf(e.place)[i]
		k.eachEntry(p, pot, func(entry int32) {
			amount := p.cleared.Amounts[entry]
			if amount < 0 {
				k.payEntry(p, pot.treating, entry, amount, e.day)
			}
			pot.waiting += max(0, amount)
		})
		pot.queue = append(pot.queue, e.at)
	}
	k.drawOnPots(e.place, e.day)
}

// eachEntry yields the cleared amounts of a period that are paid from a pot.
func (k *Clearing) eachEntry(p *openPeriod, pot *pot, yield func(entry int32)) {
	for s := range engine.Scheme(engine.NumSchemes) {
		if k.rules.Pots.ByScheme && s != pot.scheme {
			continue
		}
		for insured := range k.shape.Provinces {
			for _, entry := range p.cleared.OfPair(k.shape.Pair(insured, pot.treating, s)) {
				yield(entry)
			}
		}
	}
}

// payEntry pays part or all of a cleared amount to the institutions.
func (k *Clearing) payEntry(p *openPeriod, treating int, entry int32, amount money.Fen, on day.Day) {
	if p.left == nil {
		p.left = append(p.left, p.cleared.Amounts...)
	}
	p.left[entry] -= amount
	k.ledger.PayInstitution(p.cleared.Cells[entry], amount)
	w := &p.wait[treating]
	if w.firstPaid == 0 {
		w.firstPaid = on
	}
	w.paid += amount
	w.lastPaid = on
	w.fenDays += int64(amount) * int64(on-p.Last)
	if on > p.Due {
		w.late += amount
	}
}

// changePots remembers that money came into or went out of a province's pots. They are
// drawn on once all of the day's money is in.
func (k *Clearing) changePots(treating int, on day.Day) {
	k.places[treating].changed = true
	k.changedOn = on
}

// drawOnChangedPots draws on the pots that a day's money has changed.
func (k *Clearing) drawOnChangedPots() {
	if k.changedOn == 0 {
		return
	}
	for treating := range k.places {
		if k.places[treating].changed {
			k.places[treating].changed = false
			k.drawOnPots(treating, k.changedOn)
		}
	}
	k.changedOn = 0
}

// drawOnPots serves the institutions that wait with what has come in, and puts in
// or takes out own money.
func (k *Clearing) drawOnPots(treating int, on day.Day) {
	for i := range k.potsOf(treating) {
		pot := &k.potsOf(treating)[i]
		for len(pot.queue) > 0 && k.serve(pot, on) {
			pot.queue = pot.queue[1:]
		}
		own := max(0, -k.level(pot))
		if change := own - k.ledger.Own(treating, pot.scheme); change != 0 {
			k.ledger.AdvanceOwn(treating, pot.scheme, change)
		}
	}
}

// serve pays the first period in a pot's queue and reports whether it got all. Where
// the pot does not suffice, every amount gets the same part of what there is.
func (k *Clearing) serve(pot *pot, on day.Day) bool {
	p := k.periods[pot.queue[0]]
	var need money.Fen
	k.eachEntry(p, pot, func(entry int32) { need += max(0, p.leftOf(entry)) })
	if need == 0 {
		return true
	}
	portion := engine.Portion{Of: need, Total: min(need, k.available(pot))}
	if portion.Total <= 0 {
		return false
	}
	k.eachEntry(p, pot, func(entry int32) {
		if left := p.leftOf(entry); left > 0 {
			if amount := portion.Next(left); amount != 0 {
				k.payEntry(p, pot.treating, entry, amount, on)
			}
		}
	})
	pot.waiting -= portion.Total
	return portion.Total == need
}

// leftOf is what the institutions still wait for of a cleared amount.
func (p *openPeriod) leftOf(entry int32) money.Fen {
	if p.left == nil {
		return p.cleared.Amounts[entry]
	}
	return p.left[entry]
}

// available is how much a pot can pay (X36).
func (k *Clearing) available(p *pot) money.Fen {
	level := k.level(p)
	switch k.rules.Pots.Dry {
	case PayLate:
		return level
	case OwnUpToLimit:
		return level + ofProvince(k.rules.Pots.OwnLimit, p.treating)
	}
	return math.MaxInt64
}
