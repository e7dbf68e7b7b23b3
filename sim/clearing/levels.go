package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// passDays records how each province's pots stood from the last day with events until
// a day, month by month: how low, how many days short, how much was waited for, and
// what interest accrued.
func (k *Clearing) passDays(until day.Day) {
	for k.today < until {
		m := k.today.Month()
		upTo := min(until, (m + 1).First())
		days := int(upTo - k.today)
		measured := m >= k.in.First+day.Month(k.in.WarmUp) && m < k.in.end()
		for treating := range k.places {
			k.levelOfPots(&k.places[treating].result, m, days, measured)
		}
		if measured {
			k.levelOfPairs(m)
		}
		k.today = upTo
		if quarterEnds := upTo == (m+1).First() && m.OfYear()%3 == 0; quarterEnds {
			k.creditInterest()
		}
	}
}

func (k *Clearing) levelOfPots(r *TreatingProvince, m day.Month, days int, measured bool) {
	var level, short, waiting money.Fen
	for i := range k.potsOf(r.Treating) {
		p := &k.potsOf(r.Treating)[i]
		l := k.level(p)
		level += l
		short += max(0, -l)
		waiting += p.waiting
		if k.rules.Interest.Rate > 0 {
			p.accrual.Hold(&k.rules.Interest, l, days)
		}
	}
	for next := k.in.First + day.Month(len(r.Months)); next <= m; next++ {
		r.Months = append(r.Months, TreatingMonth{Month: next, Lowest: level})
	}
	month := &r.Months[m-k.in.First]
	month.Lowest = min(month.Lowest, level)
	month.PotFenDays += int64(level+short) * int64(days)
	if short > 0 {
		month.ShortDays += days
		month.OwnFenDays += int64(short) * int64(days)
		month.Depth = max(month.Depth, short)
		r.ShortDays += days
	}
	if -short < r.Lowest {
		r.Lowest, r.LowestDay = -short, k.today
	}
	if waiting > 0 {
		month.WaitingDays += days
		month.WaitingMost = max(month.WaitingMost, waiting)
	}
	if measured && (r.IdleDay == 0 || max(0, level) < r.Idle) {
		r.Idle, r.IdleDay = max(0, level), k.today
	}
}

// levelOfPairs keeps the lowest that each pair's part of the pot stood at.
func (k *Clearing) levelOfPairs(m day.Month) {
	start := k.today == (k.in.First + day.Month(k.in.WarmUp)).First()
	for pair := range k.pairs {
		p := &k.pairs[pair]
		if level := k.ledger.Pairs[pair][engine.TreatingFiscal-engine.NumCellAccounts]; start || level < p.lowest {
			p.lowest = level
		}
	}
}

// creditInterest credits what has accrued on the pots at the end of a quarter (D11).
func (k *Clearing) creditInterest() {
	for i := range k.pots {
		p := &k.pots[i]
		if fen := p.accrual.Credit(&k.rules.Interest); fen != 0 {
			k.ledger.CreditInterest(p.treating, p.scheme, fen)
			k.places[p.treating].result.Interest += fen
		}
	}
}
