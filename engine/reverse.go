package engine

import (
	"fmt"

	"kuasheng/engine/day"
)

// Reverse takes settlements back, 结算撤销 2208, 2305 (X7): originals[i] is the
// result that Settle gave for claims[i], and results[i] receives its exact
// negative (I7). Accumulators roll back exactly. Only a person's latest
// settlement can be reversed (X8), and on a day of its own benefit year (X10);
// after it the one before is the latest.
func (s *Shard) Reverse(on day.Day, claims []Claim, originals, results []Result) {
	for i := range claims {
		s.reverseOne(on, &claims[i], &originals[i], &results[i])
	}
}

func (s *Shard) reverseOne(on day.Day, c *Claim, o, r *Result) {
	if o.Status != Settled || o.ByHand {
		panic(fmt.Sprintf("engine.Reverse: the original has status %v, by hand: %v", o.Status, o.ByHand))
	}
	p := &s.people[c.Person]
	year, _, _ := c.SettleDay.Date()
	switch today, _, _ := on.Date(); {
	case p.year != benefitYear(year) || today != year:
		*r = Result{Status: StatusYearClosed}
		s.books.Refused[c.Kind][r.Status]++
		return
	case p.latest != o.Order:
		*r = Result{Status: StatusNotLatest}
		s.books.Refused[c.Kind][r.Status]++
		return
	}
	*r = o.negated()
	annex, ofYear := s.annexOf(c)
	if o.before.crossed {
		uncross(p, annex, r)
	} else {
		p.giveBack(r.Kind, ofYear, r)
	}
	p.latest = o.Previous
	s.write(c, r, -1)
}

// annexOf returns the person's annex and its part of the current year, nil where
// the shard has none and the pool's terms never need any. Those of one month or
// pool are not asked: what another reads must be kept in all.
func (s *Shard) annexOf(c *Claim) (annex *Annex, ofYear *yearAnnex) {
	if len(s.annexes) == 0 && !s.rules.annexed[c.Pool] {
		return nil, nil
	}
	annex = &s.annexes[c.Person]
	return annex, &annex.year
}

// negated is the reversal of a result: every amount of money turned round, the
// facts kept.
func (r *Result) negated() Result {
	n := *r
	n.Fee, n.OwnPay, n.OverLimit, n.PreSelfPay, n.InScope = -r.Fee, -r.OwnPay, -r.OverLimit, -r.PreSelfPay, -r.InScope
	n.Deductible, n.Account, n.Mutual, n.Cash, n.Hospital = -r.Deductible, -r.Account, -r.Mutual, -r.Cash, -r.Hospital
	n.CaseGain, n.MajorBase = -r.CaseGain, -r.MajorBase
	for i := range n.Funds {
		n.Funds[i] = -r.Funds[i]
	}
	return n
}
