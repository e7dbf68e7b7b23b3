package engine

import (
	"fmt"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Shard settles the bills of a set of persons. It is the only writer of their
// accumulators and of its books, so claims of one person are serial (X25). A
// shard allocates nothing but for KeepYears, takes no lock and reads no clock.
type Shard struct {
	rules  *Rules
	people []PersonYear
	// annexes stand beside people where the rules of their pool need any.
	annexes []Annex
	books   *Books
	// provinceOf is the province of each pool.
	provinceOf []uint8

	// The policy month last used; batches rarely leave it.
	monthFrom, monthTo    day.Day
	termsAt, cataloguesAt []uint32 // of the month, see Rules.month
	// The month before, for items used in it (X43).
	beforeFrom       day.Day
	cataloguesBefore []uint32
	yearFrom         day.Day // 1 January
	year, month      uint8

	years map[turn]yearBefore // nil but after KeepYears

	laps *Laps // nil but in Intake.TakeTimed
}

// MaxFee is the largest bill that is settled: 10 million yuan. Larger ones are
// refused with StatusOutOfRange.
const MaxFee = 10_000_000 * money.Yuan

// NewShard returns a shard over people that writes to books, of all pools or of one at
// a time. provinceOf gives the province of each pool.
func NewShard(rules *Rules, provinceOf []uint8, people []PersonYear, books *Books) *Shard {
	if len(provinceOf) != rules.Pools() || books.Shape.Pools != rules.Pools() && books.Shape.Pools != 1 {
		panic(fmt.Sprintf("engine.NewShard: %d provinces and %d books for %d pools",
			len(provinceOf), books.Shape.Pools, rules.Pools()))
	}
	books.cells.spread()
	return &Shard{rules: rules, provinceOf: provinceOf, people: people, books: books, monthTo: -1 << 31}
}

// Bind turns the shard to other people, with their annexes where Rules.NeedAnnex
// says that their pools' rules need any. The caller sees to it that no two shards
// hold the same ones at a time.
func (s *Shard) Bind(people []PersonYear, annexes []Annex) { s.people, s.annexes = people, annexes }

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
		c := &claims[i]
		s.settleOne(c, c.LinesOf(lines), &results[i])
	}
}

func (s *Shard) settleOne(c *Claim, lines []Line, r *Result) {
	*r = Result{}
	if status := s.settle(c, lines, r); status != Settled {
		status = s.firstOf(status, c, lines)
		*r = Result{Status: status}
		s.books.Refused[c.Kind][status]++
		s.books.RefusedFees[c.Kind][status] += sumFees(lines)
	}
}

// Stop refuses bills that cannot reach the insured place, for it, the place of
// treatment or the national platform is down (X31, X33): the desk has its answer at
// once, and nothing is asked of any rule. The books count them like other refusals.
func (s *Shard) Stop(claims []Claim, lines []Line, results []Result) {
	results = results[:len(claims)]
	for i := range claims {
		c := &claims[i]
		results[i] = Result{Status: StatusPlatformDown}
		s.books.Refused[c.Kind][StatusPlatformDown]++
		s.books.RefusedFees[c.Kind][StatusPlatformDown] += sumFees(c.LinesOf(lines))
	}
}

// settle decides one bill. The refusals come in the order of Status; after them
// come the amounts, and then nothing can fail.
func (s *Shard) settle(c *Claim, lines []Line, r *Result) Status {
	if c.SettleDay < s.monthFrom || c.SettleDay >= s.monthTo {
		s.turnTo(c.SettleDay)
	}
	home := s.provinceOf[c.Pool] == c.Treating
	if len(s.termsAt) == 0 {
		if home {
			return StatusSameProvince
		}
		return StatusNoPolicy
	}
	terms := &s.rules.terms[s.termsAt[int(c.Pool)*NumSchemes+int(c.Scheme)]]
	filing, status := c.Filing.Kind, Settled
	if home {
		if filing, status = terms.atHome(c); status == StatusSameProvince {
			return status
		}
	}
	if c.Flags&refusedFlags != 0 {
		if why := refusal(c); why != Settled {
			return why
		}
	}
	if !home {
		if filing, status = terms.Filing.check(c); terms.UnfiledDirect && status.unfiled() {
			filing, status = Unfiled, Settled
		}
	}
	if status != Settled {
		return status
	}
	return s.pay(terms, c, lines, filing, home, r)
}

// firstOf is why a refused bill is refused first: that a policy of another day than
// the settlement's is not on file is found late and comes before most reasons.
func (s *Shard) firstOf(status Status, c *Claim, lines []Line) Status {
	if status > StatusNoPolicy && s.lacksPolicy(c, lines) {
		return StatusNoPolicy
	}
	return status
}

// lacksPolicy reports whether the catalogue of a line that was used earlier (X43)
// or the former year's terms of a stay over 1 January (R16) are not on file.
func (s *Shard) lacksPolicy(c *Claim, lines []Line) bool {
	for i := range lines {
		line := &lines[i]
		if line.DaysBefore != 0 && line.Original == 0 && c.SettleDay-day.Day(line.DaysBefore) < s.rules.first.First() {
			return true
		}
	}
	if c.AdmitDay >= s.yearFrom || c.Kind != Inpatient {
		return false
	}
	terms := s.rules.Terms(c.SettleDay.Month(), int(c.Pool), c.Scheme)
	return terms.crosses(c) && s.formerTerms(c) == nil
}

// crosses reports whether the pool divides a stay between two benefit years.
func (t *Terms) crosses(c *Claim) bool {
	return t.CrossYear == CrossByDay && c.Kind == Inpatient && c.AdmitDay.Month().Year() < c.SettleDay.Month().Year()
}

// refusedFlags are those for which refusal may have a reason.
const refusedFlags = FlagUnverified | FlagSuspended | FlagUnconnected | FlagInjury | FlagThirdParty

// refusal is why a bill cannot settle whatever is filed.
func refusal(c *Claim) Status {
	switch {
	case c.Flags&FlagUnverified != 0:
		return StatusUnverified
	case c.Flags&FlagSuspended != 0:
		return StatusSuspended
	case c.Flags&FlagUnconnected != 0:
		return StatusUnconnected
	case c.Flags&FlagThirdParty != 0:
		return StatusThirdParty
	case c.Flags&(FlagInjury|FlagInjuryLetter) == FlagInjury:
		return StatusNoInjuryLetter
	}
	return Settled
}

// pay divides an entitled bill, decides who pays it, and writes it down.
func (s *Shard) pay(terms *Terms, c *Claim, lines []Line, filing FilingKind, home bool, r *Result) Status {
	x := bill{kind: c.Kind, filing: filing, month: s.month, stay: c.Stay}
	if c.Kind == Chronic {
		status, ordinary := terms.chronic(c, r.ByHand)
		if status != Settled && !ordinary {
			return status
		}
		if ordinary {
			x.kind = Outpatient
		}
	}
	catalogue := &s.rules.catalogues[s.cataloguesAt[c.Treating]]
	if c.CasePayment != 0 {
		x.caseOf = catalogue.Case
	}
	if status := s.split(catalogue, c, lines, r); status != Settled {
		return status
	}
	s.lap(StageSplit)
	p := &s.people[c.Person]
	crosses := c.AdmitDay < s.yearFrom && terms.CrossYear == CrossByDay && x.kind == Inpatient
	annex, ofYear := s.annexOf(c)
	in := &terms.Benefits[Inpatient]
	switch {
	case p.year > s.year:
		return StatusYearClosed
	case r.Fee > MaxFee || p.serial == maxSerial || p.year == s.year && !p.fits():
		return StatusOutOfRange
	case annex != nil && p.year == s.year && terms.Benefits[x.kind].Mode == PerHospital && annex.year.full(c, bucketOf[x.kind]):
		return StatusOutOfRange
	case c.Stay != 0 && p.year == s.year && x.kind == Inpatient && in.forgotten(c, c.Stay, p):
		return StatusOutOfRange
	}
	var former *Terms
	if crosses {
		if former = s.formerTerms(c); former == nil {
			return StatusNoPolicy
		}
		if !s.fitsFormer(former, c, p, annex) {
			return StatusOutOfRange
		}
	}

	// After this point the settlement must succeed.
	if p.year < s.year {
		s.keepYear(c.Person, s.year)
		p.begin(s.year, annex)
		r.before.began = true
	}
	if crosses {
		s.crossYear(former, terms, c, x, p, annex, r)
	} else {
		terms.funds(c, x, p, ofYear, r)
		if c.CasePayment != 0 {
			x.casePaid(c, r)
		}
		payers(c, p, r)
		p.take(terms, c, x, ofYear, r)
	}
	r.Filing, r.Kind, r.AtHome = filing, x.kind, home
	if basic := r.Funds[LayerBasic]; r.Fee != r.FundSum()+r.Account+r.Mutual+r.Cash+r.Hospital || r.Cash < 0 || r.Account < 0 || r.Mutual < 0 ||
		basic < 0 || basic > r.InScope-r.Deductible {
		panic(fmt.Sprintf("engine.Settle: payers of person %d do not sum to the fee %v: %+v", c.Person, r.Fee, *r))
	}

	s.lap(StageAdjudicate)
	p.serial++
	r.Order, r.Previous, p.latest = p.serial, p.latest, p.serial
	s.write(c, r, 1)
	return Settled
}

// chronic says whether the pool pays a visit for a chronic disease, or why not (C12,
// C13), and whether it is ordinary outpatient care then, as the patient agreed (X42).
// The list is of what settles between provinces: by hand the pool pays beside it, and
// directly nothing beside it is ordinary care (N11).
func (t *Terms) chronic(c *Claim, byHand bool) (why Status, ordinary bool) {
	listed := byHand || t.Diseases.Has(c.Disease)
	switch {
	case c.Flags&FlagUnqualified != 0:
		why = StatusUnqualified
	case !listed:
		why = StatusDiseaseNotListed
	case c.Flags&FlagNotOpened != 0:
		why = StatusDiseaseNotOpened
	}
	return why, why != Settled && listed && c.Flags&FlagOrdinaryInstead != 0
}

// unfiled reports whether a status says that no filing covers the visit.
func (s Status) unfiled() bool {
	return s == StatusNotFiled || s == StatusFiledElsewhere || s == StatusFilingNotInForce
}

// write enters a result in the register and posts it to the ledger, two records
// of one event that the barriers prove against each other. What is settled at
// home is in neither (A2), what is reimbursed by hand in a register of its own.
func (s *Shard) write(c *Claim, r *Result, cases int64) {
	if r.AtHome || r.before.crossed || r.before.goesOn {
		s.books.Aside[int(c.Pool)-s.books.pool].setAside(r, cases)
	}
	if r.AtHome {
		return
	}
	if r.ByHand {
		t := &s.books.Manual[s.books.Shape.ManualCell(int(c.Pool)-s.books.pool, c.Scheme, r.Kind)]
		t[Cases] += cases
		t.register(r, cases*int64(c.Lines))
		return
	}
	row := s.books.cells.spreadRow(s.books.Shape.Cell(int(c.Pool)-s.books.pool, int(c.Treating), c.Scheme, r.Kind))
	row.Register[Cases] += cases
	if cases < 0 {
		row.Register[Reversals]++
	}
	row.Register.register(r, cases*int64(c.Lines))
	row.Ledger.postSettlement(r)
}

// turnTo makes d's month the current one.
func (s *Shard) turnTo(d day.Day) {
	m := d.Month()
	s.monthFrom, s.monthTo = m.First(), (m + 1).First()
	s.termsAt, s.cataloguesAt = s.rules.month(m)
	s.beforeFrom = (m - 1).First()
	_, s.cataloguesBefore = s.rules.month(m - 1)
	s.year, s.month = benefitYear(m.Year()), uint8(m.OfYear())
	s.yearFrom = day.Of(m.Year(), 1, 1)
}

// benefitYear is how a PersonYear writes a year: years since 2000.
func benefitYear(year int) uint8 { return uint8(year - 2000) }
