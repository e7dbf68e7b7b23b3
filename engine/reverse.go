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
	case p.year > benefitYear(year) || today != year:
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
	if o.before.began {
		s.unbegin(c.Person, annex)
	}
	s.write(c, r, -1)
}

// turn is the beginning of a person's benefit year.
type turn struct {
	person uint32
	year   uint8
}

// yearBefore is what a person had used before the first bill of a benefit year.
type yearBefore struct {
	person PersonYear
	annex  Annex
}

// KeepYears has the shard keep what persons used before their benefit year began, so
// that the reversal of its first bill leads back to there (X7), and a bill of an
// earlier year settles again. It takes 240 bytes for each person and year after the
// first, and allocates them. Who settles nothing of an earlier year after a reversal,
// as a run, has no need of it.
func (s *Shard) KeepYears() { s.years = map[turn]yearBefore{} }

// keepYear notes what a person has used, before the year begins.
func (s *Shard) keepYear(person uint32, year uint8) {
	p := &s.people[person]
	if s.years == nil || p.year == 0 {
		return // of who is new there is nothing to keep
	}
	before := yearBefore{person: *p}
	if len(s.annexes) > 0 {
		before.annex = s.annexes[person]
	}
	s.years[turn{person, year}] = before
}

// unbegin leads a person whose year has no bill any more back to before it began.
func (s *Shard) unbegin(person uint32, annex *Annex) {
	if s.years == nil {
		return
	}
	p := &s.people[person]
	at := turn{person, p.year}
	before := s.years[at]
	delete(s.years, at)
	before.person.balance, before.person.mutual = p.balance, p.mutual
	before.person.serial, before.person.latest = p.serial, p.latest
	*p = before.person
	if annex != nil {
		*annex = before.annex
	}
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
