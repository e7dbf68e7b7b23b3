package engine

import "fmt"

// Restore undoes Reverse: a reversal that was itself taken back leaves its
// original valid again (X5). originals[i] is the settlement's result as Settle
// gave it for claims[i]; nothing may have been settled for the person since the
// reversal, or results[i] is StatusNotLatest. serials[i] is the person's running
// number right after the reversal, see Serial.
func (s *Shard) Restore(claims []Claim, originals []Result, serials []uint16, results []Result) {
	for i := range claims {
		s.restoreOne(&claims[i], &originals[i], serials[i], &results[i])
	}
}

func (s *Shard) restoreOne(c *Claim, o *Result, serial uint16, r *Result) {
	if o.Status != Settled || o.ByHand {
		panic(fmt.Sprintf("engine.Restore: the original has status %v, by hand: %v", o.Status, o.ByHand))
	}
	p := &s.people[c.Person]
	year, _, _ := c.SettleDay.Date()
	switch {
	case p.year > benefitYear(year):
		*r = Result{Status: StatusYearClosed}
	case p.latest != o.Previous || p.serial != serial:
		*r = Result{Status: StatusNotLatest}
	default:
		*r = *o
		if y := benefitYear(year); p.year < y {
			annex, _ := s.annexOf(c)
			s.keepYear(c.Person, y)
			p.begin(y, annex)
		}
		s.retake(c, p, r)
		p.latest = o.Order
		s.write(c, r, 1)
		s.reversals(c, r, -1)
		return
	}
	s.books.Refused[c.Kind][r.Status]++
}

// Serial is the person's running number of settlements, reversed ones too.
func (p *PersonYear) Serial() uint16 { return p.serial }

// retake writes once more what a settled bill used up.
func (s *Shard) retake(c *Claim, p *PersonYear, r *Result) {
	m := c.SettleDay.Month()
	terms := s.rules.Terms(m, int(c.Pool), c.Scheme)
	annex, ofYear := s.annexOf(c)
	x := bill{kind: r.Kind, filing: r.Filing, month: uint8(m.OfYear())}
	if !r.before.crossed {
		p.take(terms, c, x, ofYear, r)
		return
	}
	old, rest := r.years(1)
	december := x
	december.month = 12
	annex.formerOf(p.year).take(s.formerTerms(c), c, december, &annex.formerYear, &old)
	p.take(terms, c, x, ofYear, &rest)
}

// reversals counts a reversal more or less.
func (s *Shard) reversals(c *Claim, r *Result, n int64) {
	if r.AtHome || r.ByHand {
		return
	}
	s.books.cells.spreadRow(s.books.Shape.Cell(int(c.Pool)-s.books.pool, int(c.Treating), c.Scheme, r.Kind)).Register[Reversals] += n
}
