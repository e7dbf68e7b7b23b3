package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/money"
)

// Check proves the money at a barrier: the general ledger in itself and against the
// open items of clearing, the prepayments against what was granted, the pots against
// what was put into them.
func (k *Clearing) Check(barrier string) (checked int64, breaches []*engine.Breach) {
	add := func(n int64, found []*engine.Breach) {
		checked += n
		breaches = append(breaches, found...)
	}
	add(k.ledger.Check(barrier, false))
	add(k.ledger.CheckOpen(barrier, k.openItems(), k.in.CellName, k.in.PairName))
	add(k.checkQuotas(barrier))
	add(k.checkPots(barrier))
	return checked, breaches
}

// checkEnd proves that nothing is open after the run-off that is not named as
// overdue.
func (k *Clearing) checkEnd(barrier string) (checked int64, breaches []*engine.Breach) {
	checked, breaches = k.Check(barrier)
	k.nameOverdue()
	if len(k.result.Overdue) == 0 {
		n, found := k.ledger.Check(barrier, true)
		return checked + n, append(breaches, found...)
	}
	var named [NumOverdueKinds]money.Fen
	for i := range k.result.Overdue {
		named[k.result.Overdue[i].Kind] += k.result.Overdue[i].Amount
	}
	for _, x := range []struct {
		account engine.Account
		want    money.Fen
	}{
		{engine.TreatingDue, named[OverdueClearing]},
		{engine.TreatingOpen, named[OverdueException]},
		{engine.InstitutionDue, named[OverdueInstitutions] + named[OverdueException]},
		{engine.Transit, 0}, {engine.InsuredDue, 0}, {engine.PatientDue, 0},
	} {
		checked++
		if got := k.ledger.Balance(x.account); got != x.want {
			breaches = append(breaches, &engine.Breach{Barrier: barrier, Invariant: "run-off complete or overdue named", Cell: "all", Account: x.account.String(), Want: x.want, Got: got})
		}
	}
	return checked, breaches
}

// openItems adds up the sub-ledgers.
func (k *Clearing) openItems() *engine.Open {
	o := k.open
	o.Reset()
	for _, items := range [][]claims{k.rolling, k.carried, k.exceptions} {
		for _, x := range items {
			c := o.Cell(x.cell)
			c.Unallocated += x.amount
			c.Unpaid += x.amount
		}
	}
	for _, p := range k.periods {
		if p.done {
			continue
		}
		var open money.Fen
		for i, cell := range p.cleared.Cells {
			left := p.leftOf(int32(i))
			c := o.Cell(cell)
			c.Unpaid += left
			open |= left
			if !p.isAllocated {
				c.Unallocated += p.cleared.Amounts[i]
			}
		}
		all := p.isAllocated
		for province, collected := range p.collected {
			all = all && collected
			if p.isAllocated && !collected {
				k.ofInsured(province, func(pair, _ int) { o.Uncollected[pair] += p.cleared.Pairs[pair] })
			}
		}
		if p.done = all && open == 0; p.done {
			p.left = nil
		}
	}
	for pair := range k.receivables {
		o.InTransit[pair] = k.inTransit[pair]
		o.Unremitted[pair] = k.receivables[pair].Sum() - k.inTransit[pair]
	}
	for _, manual := range k.manual {
		for at, amount := range manual {
			if amount != 0 {
				o.Cell(k.ledger.HomeCell(k.shape.SplitManual(at))).Manual += amount
			}
		}
	}
	return o
}

// checkQuotas proves that every pair holds the prepayment that was granted to it,
// but what is asked for or still on its way (V5).
func (k *Clearing) checkQuotas(barrier string) (checked int64, breaches []*engine.Breach) {
	granted := make([]money.Fen, len(k.pairs))
	for pair := range k.pairs {
		granted[pair] = k.pairs[pair].Quota - k.pairs[pair].pending
	}
	for _, e := range k.events {
		if e.step == stepPrepay {
			granted[e.at] -= e.amount
		}
	}
	for pair, want := range granted {
		checked++
		if got := k.ledger.Prepaid(pair); got != want {
			breaches = append(breaches, &engine.Breach{
				Barrier: barrier, Invariant: "V5 (quota)", Account: engine.TreatingAdvance.String(), Want: want, Got: got, Cell: k.in.PairName(pair),
			})
		}
	}
	return checked, breaches
}

// checkPots proves that no pot is below zero: what insured money lacks, own money
// has been put in for, and no more (X36).
func (k *Clearing) checkPots(barrier string) (checked int64, breaches []*engine.Breach) {
	for treating := range k.places {
		for i := range k.potsOf(treating) {
			p := &k.potsOf(treating)[i]
			checked++
			want := max(0, -k.level(p))
			if got := k.ledger.Own(treating, p.scheme); got != want {
				breaches = append(breaches, &engine.Breach{
					Barrier: barrier, Invariant: "X36 (pot)", Account: engine.TreatingOwn.String(), Want: want, Got: got,
					Cell: "pot of " + k.in.Provinces[treating].Name,
				})
			}
		}
	}
	return checked, breaches
}
