package engine

import (
	"fmt"
	"slices"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Shard settles the bills of a set of persons. It is the only writer of their
// accumulators and of its books, so claims of one person are serial (X25). A
// shard allocates nothing, takes no lock and reads no clock.
type Shard struct {
	rules  *Rules
	people []PersonYear
	books  *Books
	// provinceOf is the province of each pool.
	provinceOf []uint8

	// The policy month last used; batches rarely leave it.
	monthFrom, monthTo    day.Day
	termsAt, cataloguesAt []uint32 // of the month, see Rules.month
	year                  uint8
}

// MaxFee is the largest bill that is settled: 10 million yuan. Larger ones are
// refused with StatusOutOfRange.
const MaxFee = 10_000_000 * money.Yuan

// NewShard returns a shard over people that writes to books. provinceOf gives
// the province of each pool.
func NewShard(rules *Rules, provinceOf []uint8, people []PersonYear, books *Books) *Shard {
	if len(provinceOf) != rules.Pools() || books.Shape.Pools != rules.Pools() {
		panic(fmt.Sprintf("engine.NewShard: %d provinces and %d books for %d pools",
			len(provinceOf), books.Shape.Pools, rules.Pools()))
	}
	return &Shard{rules: rules, provinceOf: provinceOf, people: people, books: books, monthTo: -1 << 31}
}

// Bind turns the shard to other people. The caller sees to it that no two
// shards hold the same ones at a time.
func (s *Shard) Bind(people []PersonYear) { s.people = people }

// Person returns the accumulators of a person of the shard.
func (s *Shard) Person(i uint32) *PersonYear { return &s.people[i] }

// Settle settles a batch in order: claims[i] with its lines gives results[i].
// The caller owns all three slices and no claim is remembered.
//
// A refusal is a status in the result and posts nothing. Indexes out of range
// and parts that do not sum are the caller's or our own mistakes and panic.
func (s *Shard) Settle(claims []Claim, lines []Line, results []Result) {
	results = results[:len(claims)]
	for i := range claims {
		c, r := &claims[i], &results[i]
		*r = Result{}
		own := lines[c.FirstLine : c.FirstLine+c.Lines]
		if status := s.settle(c, own, r); status != Settled {
			*r = Result{Status: status}
			s.books.Refused[c.Kind][status]++
			s.books.RefusedFees[c.Kind][status] += sumFees(own)
		}
	}
}

// settle decides one bill. The refusals come in the order of Status; after them
// come the amounts, and then nothing can fail.
func (s *Shard) settle(c *Claim, lines []Line, r *Result) Status {
	if c.SettleDay < s.monthFrom || c.SettleDay >= s.monthTo {
		s.turnTo(c.SettleDay)
	}
	if s.provinceOf[c.Pool] == c.Treating {
		return StatusSameProvince
	}
	if len(s.termsAt) == 0 {
		return StatusNoPolicy
	}
	terms := &s.rules.terms[s.termsAt[int(c.Pool)*NumSchemes+int(c.Scheme)]]
	const refused = FlagSuspended | FlagUnconnected | FlagInjury | FlagThirdParty
	if c.Flags&refused != 0 {
		switch {
		case c.Flags&FlagSuspended != 0:
			return StatusSuspended
		case c.Flags&FlagUnconnected != 0:
			return StatusUnconnected
		case c.Flags&FlagThirdParty != 0:
			return StatusThirdParty
		case c.Flags&(FlagInjury|FlagInjuryLetter) == FlagInjury:
			return StatusNoInjuryLetter
		}
	}
	filing, status := c.Filing.check(c)
	if terms.UnfiledDirect && (status == StatusNotFiled || status == StatusFiledElsewhere || status == StatusFilingNotInForce) {
		filing, status = Unfiled, Settled
	}
	switch {
	case status != Settled:
		return status
	case c.Kind == Chronic && c.Flags&FlagUnqualified != 0:
		return StatusUnqualified
	case !split(&s.rules.catalogues[s.cataloguesAt[c.Treating]], c, lines, r):
		return StatusBadLines
	}
	p := &s.people[c.Person]
	switch {
	case p.year > s.year:
		return StatusYearClosed
	case r.Fee > MaxFee || p.year == s.year && !p.fits():
		return StatusOutOfRange
	case p.year < s.year:
		p.turnTo(s.year)
	}

	r.Filing = filing
	terms.adjudicate(c, p, filing, r)
	if basic := r.Funds[LayerBasic]; r.Fee != r.FundSum()+r.Account+r.Cash+r.Hospital || r.Cash < 0 || r.Account < 0 ||
		basic < 0 || basic > r.InScope-r.Deductible {
		panic(fmt.Sprintf("engine.Settle: payers of person %d do not sum to the fee %v: %+v", c.Person, r.Fee, *r))
	}

	// After this point the settlement must succeed.
	p.take(c, r)
	p.serial++
	r.Order, r.Previous, p.latest = p.serial, p.latest, p.serial
	if c.Kind == Inpatient {
		p.visits++
		r.Visit = p.visits
	}
	s.write(c, r, 1)
	return Settled
}

// Reverse takes settlements back, 结算撤销 2208, 2305 (X7): originals[i] is the
// result that Settle gave for claims[i], and results[i] receives its exact
// negative (I7). Accumulators roll back exactly. Only a person's latest
// settlement can be reversed (X8), and on a day of its own benefit year (X10);
// after it the one before is the latest.
func (s *Shard) Reverse(on day.Day, claims []Claim, originals, results []Result) {
	today, _, _ := on.Date()
	for i := range claims {
		c, o, r := &claims[i], &originals[i], &results[i]
		if o.Status != Settled {
			panic(fmt.Sprintf("engine.Reverse: original %d has status %v", i, o.Status))
		}
		p := &s.people[c.Person]
		year, _, _ := c.SettleDay.Date()
		switch {
		case p.year != benefitYear(year) || today != year:
			*r = Result{Status: StatusYearClosed}
			s.books.Refused[c.Kind][r.Status]++
			continue
		case p.latest != o.Order:
			*r = Result{Status: StatusNotLatest}
			s.books.Refused[c.Kind][r.Status]++
			continue
		}
		*r = o.negated()
		p.take(c, r)
		p.latest = o.Previous
		if c.Kind == Inpatient {
			p.visits--
		}
		s.write(c, r, -1)
	}
}

// negated is the reversal of a result: every amount of money turned round, the
// facts kept.
func (r *Result) negated() Result {
	n := *r
	n.Fee, n.OwnPay, n.OverLimit, n.PreSelfPay, n.InScope = -r.Fee, -r.OwnPay, -r.OverLimit, -r.PreSelfPay, -r.InScope
	n.Deductible, n.Account, n.Cash, n.Hospital, n.MajorBase = -r.Deductible, -r.Account, -r.Cash, -r.Hospital, -r.MajorBase
	for i := range n.Funds {
		n.Funds[i] = -r.Funds[i]
	}
	return n
}

// write enters a result in the register and posts it to the ledger, two records
// of one event that the barriers prove against each other.
func (s *Shard) write(c *Claim, r *Result, cases int64) {
	cell := s.books.Shape.Cell(int(c.Pool), int(c.Treating), c.Scheme, c.Kind)
	t := &s.books.Register[cell]
	t[Cases] += cases
	if cases < 0 {
		t[Reversals]++
	}
	t.register(r, cases*int64(c.Lines))
	s.books.Ledger[cell].postSettlement(r)
}

// turnTo makes d's month the current one.
func (s *Shard) turnTo(d day.Day) {
	m := d.Month()
	s.monthFrom, s.monthTo = m.First(), (m + 1).First()
	s.termsAt, s.cataloguesAt = s.rules.month(m)
	s.year = benefitYear(m.Year())
}

// benefitYear is how a PersonYear writes a year: years since 2000.
func benefitYear(year int) uint8 { return uint8(year - 2000) }

// split divides every line by the catalogue and sums the parts: class totals are
// sums of lines, never computed again (X26). It reports whether the lines make a
// bill: at least one, none beyond what a bill can be, and after refunds neither a
// part nor, for inpatients, a fee class negative (X27).
func split(catalogue *Catalogue, c *Claim, lines []Line, r *Result) bool {
	if len(lines) == 0 {
		return false
	}
	var sum Split
	var fee, refunds money.Fen // refunds is negative where any line is
	for i := range lines {
		line := &lines[i]
		if uint64(line.Amount+MaxFee) > uint64(2*MaxFee) {
			return false
		}
		// Catalogue.Split, written out: a call for each line would cost as much
		// as what it does.
		rest := line.Amount
		refunds |= rest
		if line.Price != 0 {
			over, ok := catalogue.overLimit(line, c.Level)
			if !ok {
				return false
			}
			sum.OverLimit += over
			rest -= over
		}
		own, first := catalogue.ownAndFirst(line, rest)
		fee += line.Amount
		sum.OwnPay += own
		sum.PreSelfPay += first
		sum.InScope += rest - own - first
	}
	if refunds < 0 && c.Kind == Inpatient && classBelowZero(lines) {
		return false
	}
	r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope = fee, sum.OwnPay, sum.OverLimit, sum.PreSelfPay, sum.InScope
	if r.Fee != r.OwnPay+r.OverLimit+r.PreSelfPay+r.InScope {
		panic("engine.split: parts of the lines do not sum to the fee")
	}
	return r.Fee >= 0 && r.OwnPay >= 0 && r.OverLimit >= 0 && r.PreSelfPay >= 0 && r.InScope >= 0
}

// classBelowZero reports whether refunds exceed what a fee class was billed.
func classBelowZero(lines []Line) bool {
	var classes [NumFeeClasses]money.Fen
	for i := range lines {
		classes[lines[i].Class] += lines[i].Amount
	}
	return slices.Min(classes[:]) < 0
}

func sumFees(lines []Line) (fee money.Fen) {
	for i := range lines {
		fee += lines[i].Amount
	}
	return fee
}
