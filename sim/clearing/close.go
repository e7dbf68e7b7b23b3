package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// nameOverdue lists what is still open when nothing moves any more.
func (k *Clearing) nameOverdue() {
	calendar, end := k.in.Calendar, k.today-1
	for pair := range k.receivables {
		insured, treating, scheme := k.shape.SplitPair(pair)
		for _, r := range k.receivables[pair].Open() {
			p := k.periods[r.Period]
			k.result.Overdue = append(k.result.Overdue, Overdue{Kind: OverdueClearing, Insured: insured, Treating: treating, Scheme: scheme,
				Month: p.Month, Ordinal: p.Ordinal, Amount: r.Open, Due: r.Due, OverdueDays: calendar.WorkingBetween(r.Due, end)})
		}
	}
	for _, p := range k.periods {
		if p.done {
			continue
		}
		for pair := range k.pairs {
			var left money.Fen
			for _, entry := range p.cleared.OfPair(pair) {
				left += p.leftOf(entry)
			}
			if left != 0 {
				insured, treating, scheme := k.shape.SplitPair(pair)
				k.result.Overdue = append(k.result.Overdue, Overdue{Kind: OverdueInstitutions, Insured: insured, Treating: treating, Scheme: scheme,
					Month: p.Month, Ordinal: p.Ordinal, Amount: left, Due: p.Due, OverdueDays: calendar.WorkingBetween(p.Due, end)})
			}
		}
	}
	for _, x := range k.exceptions {
		insured, treating, scheme := k.shape.SplitPair(k.ledger.PairOf(x.cell))
		k.result.Overdue = append(k.result.Overdue, Overdue{Kind: OverdueException, Insured: insured, Treating: treating, Scheme: scheme, Month: x.origin, Amount: x.amount})
		k.result.Exceptions = append(k.result.Exceptions, Unconfirmed{Month: x.origin, Cell: x.cell, Amount: x.amount, Cases: x.cases})
	}
}

// close returns what happened as plain data.
func (k *Clearing) close(ended day.Day) *Result {
	r := &k.result
	r.Ended, r.Ledger = ended, k.ledger
	for _, p := range k.periods {
		r.Periods = append(r.Periods, k.periodResult(p))
	}
	for i := range k.places {
		r.Treating = append(r.Treating, k.places[i].result)
		fees := InsuredProvince{Insured: i}
		for s := range engine.Scheme(engine.NumSchemes) {
			fees.Fees += k.ledger.Pairs[k.shape.Pair(i, i, s)][engine.InsuredFees-engine.NumCellAccounts]
		}
		r.Insured = append(r.Insured, fees)
	}
	for pair := range k.pairs {
		if p := &k.pairs[pair]; len(p.months) > 0 {
			insured, treating, scheme := k.shape.SplitPair(pair)
			r.Pairs = append(r.Pairs, Pair{insured, treating, scheme, p.months, max(0, p.lowest)})
		}
	}
	for i := range k.topUps {
		r.TopUps = append(r.TopUps, k.topUps[i].TopUp)
	}
	return r
}

func (k *Clearing) periodResult(p *openPeriod) Period {
	calendar := k.in.Calendar
	r := p.Period
	r.Cells, r.Amounts, r.Cleared = p.cleared.Cells, p.cleared.Amounts, p.cleared.Total()
	owed := make([]money.Fen, k.shape.Provinces)
	net := make([]money.Fen, k.shape.Provinces*engine.NumSchemes)
	r.Pairs = make([]PairDue, 0, len(p.cleared.Pairs))
	for pair, amount := range p.cleared.Pairs {
		if amount == 0 {
			continue
		}
		insured, treating, scheme := k.shape.SplitPair(pair)
		d := &p.dues[pair]
		due := PairDue{Insured: insured, Treating: treating, Scheme: scheme, Amount: amount, SetOff: d.setOff, Paid: d.paid, Late: d.late, LastPaid: d.lastPaid, FenDays: d.fenDays}
		if d.lastPaid != 0 {
			due.OverdueDays = calendar.WorkingBetween(p.Due, d.lastPaid)
		}
		r.Pairs = append(r.Pairs, due)
		owed[treating] += amount
		cash := amount - d.setOff
		if k.rules.Levers.Netting == engine.Multilateral && amount > 0 {
			net[insured*engine.NumSchemes+int(scheme)] += amount
			net[treating*engine.NumSchemes+int(scheme)] -= amount
		} else if cash != 0 {
			r.Transfers++
			r.Moved += max(cash, -cash)
		}
	}
	for _, position := range net {
		if position != 0 {
			r.Transfers++
			r.Moved += max(0, position)
		}
	}
	for treating, amount := range owed {
		w := &p.wait[treating]
		if amount == 0 && w.paid == 0 {
			continue
		}
		paid := InstitutionsPaid{Treating: treating, Amount: amount, Paid: w.paid, Late: w.late, First: w.firstPaid, Last: w.lastPaid, FenDays: w.fenDays + w.inPeriod}
		if w.lastPaid != 0 {
			paid.OverdueDays = calendar.WorkingBetween(p.Due, w.lastPaid)
		}
		r.Institutions = append(r.Institutions, paid)
	}
	return r
}
