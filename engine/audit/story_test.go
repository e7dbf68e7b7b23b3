package audit_test

import (
	"fmt"
	"math/rand/v2"

	"kuasheng/engine"
	"kuasheng/engine/audit"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// A story is a random world and what happens to three persons in it: a sequence of bills,
// manual claims, reversals and credits over two turns of the year. Every request goes to
// the audit and to the engine. All of it follows from one source of random numbers.
type story struct {
	*world
	count *counts

	schemeOf [persons]engine.Scheme
	audits   [persons]audit.Person
	people   []engine.PersonYear
	annexes  []engine.Annex
	shard    *engine.Shard

	// Settles bills that do not count, to aim at thresholds.
	probing     *engine.Shard
	probed      []engine.PersonYear
	probedAnnex []engine.Annex

	today    day.Day
	credited [persons]int // how often
	settled  []settled    // what may be reversed
	undone   []settled    // and has been
	refused  []settled    // what may come by hand

	// What has gone to the audit and not yet to the engine.
	claims  []engine.Claim
	lines   []engine.Line
	answers []audit.Answer
}

type settled struct {
	claim   engine.Claim
	lines   []engine.Line
	result  engine.Result
	answer  audit.Answer
	latest  bool // no later one of the person has been settled and not taken back
	credits int
	serial  uint16 // of the person right after it was taken back
}

const persons = 3

// disagreement is a panic of the story: engine and audit differ.
type disagreement struct{ text string }

func newStory(rng *rand.Rand, count *counts) *story {
	s := &story{world: newWorld(rng), count: count}
	shape := engine.Shape{Pools: pools, Provinces: provinces}
	s.people, s.annexes = make([]engine.PersonYear, persons), make([]engine.Annex, persons)
	s.probed, s.probedAnnex = make([]engine.PersonYear, 1), make([]engine.Annex, 1)
	s.shard = engine.NewShard(s.rules, provinceOf, s.people, engine.NewBooks(shape))
	s.probing = engine.NewShard(s.rules, provinceOf, s.probed, engine.NewBooks(shape))
	s.shard.KeepYears()
	if s.rules.NeedAnnex(0) || s.rules.NeedAnnex(1) {
		s.shard.Bind(s.people, s.annexes)
		s.probing.Bind(s.probed, s.probedAnnex)
	}
	for i := range s.schemeOf {
		s.schemeOf[i] = engine.Scheme(s.IntN(engine.NumSchemes))
		s.credit(uint32(i))
	}
	s.today = firstMonth.First() + day.Day(s.IntN(430))
	return s
}

// step is one event of the story.
func (s *story) step() {
	switch n := s.IntN(100); {
	case n < 76:
		s.settle(s.drawClaim())
	case n < 82:
		s.flush()
		s.byHand()
	case n < 94:
		s.flush()
		s.reverse()
	case n < 96:
		s.flush()
		s.restore()
	default:
		s.flush()
		s.credit(uint32(s.IntN(persons)))
	}
	if s.chance(3) {
		s.flush()
	}
}

// settle puts a bill to the audit at once, and to the engine with the next batch.
func (s *story) settle(c engine.Claim, lines []engine.Line) {
	c.FirstLine, c.Lines = uint32(len(s.lines)), uint16(len(lines))
	person, known := &s.audits[c.Person], s.audits[c.Person].Snapshot().Year
	answer := audit.Settle(s.policyOf(&c), person, &c, lines)
	if known != 0 && answer.Status == engine.Settled && known != person.Snapshot().Year {
		s.count.turns++
	}
	s.claims, s.lines, s.answers = append(s.claims, c), append(s.lines, lines...), append(s.answers, answer)
}

// flush puts what is waiting to the engine as one batch and compares.
func (s *story) flush() {
	results := make([]engine.Result, len(s.claims))
	s.shard.Settle(s.claims, s.lines, results)
	for i := range s.claims {
		c := &s.claims[i]
		s.compare(c, c.LinesOf(s.lines), &s.answers[i], &results[i])
	}
	if len(s.claims) > 0 {
		s.comparePersons()
	}
	s.claims, s.lines, s.answers = s.claims[:0], s.lines[:0], s.answers[:0]
	if s.chance(2) {
		s.lines = append(s.lines, engine.Line{Amount: 1}) // a line of nobody's in front
	}
}

// byHand puts a manual claim to both: for a bill that was refused, or for one of its own.
func (s *story) byHand() {
	var x settled
	if len(s.refused) > 0 && !s.chance(3) {
		x = s.refused[s.IntN(len(s.refused))]
	} else {
		x.claim, x.lines = s.drawClaim()
		s.flush()
		if s.chance(3) {
			x.claim.Filing.Filed = x.claim.SettleDay + day.Day(s.IntN(3)) // late (B15)
		}
	}
	c := x.claim
	c.FirstLine, c.Lines = 0, uint16(len(x.lines))
	answer := audit.Reimburse(s.policyOf(&c), &s.audits[c.Person], &c, x.lines)
	var result [1]engine.Result
	s.shard.Reimburse([]engine.Claim{c}, x.lines, result[:])
	s.compare(&c, x.lines, &answer, &result[0])
	s.comparePersons()
}

// compare holds an answer against the engine's and remembers the request.
func (s *story) compare(c *engine.Claim, lines []engine.Line, answer *audit.Answer, r *engine.Result) {
	if d := answer.Difference(r); d != "" {
		panic(s.differ(d, c, lines, answer, r))
	}
	s.count.add(bill{c, lines, r, s.termsOf(c), s.admissions(c)})
	x := settled{*c, append([]engine.Line(nil), lines...), *r, *answer, true, s.credited[c.Person], 0}
	if answer.Status != engine.Settled {
		s.refused = append(s.refused, x)
		return
	}
	s.isLatest(x)
}

// admissions are the person's in the year of a bill before it.
func (s *story) admissions(c *engine.Claim) (had int) {
	for i := range s.settled {
		if x := &s.settled[i]; x.claim.Person == c.Person && x.claim.SettleDay.Month().Year() == c.SettleDay.Month().Year() {
			had = max(had, int(x.result.Visit))
		}
	}
	return had
}

// isLatest remembers a settlement that is now its person's latest.
func (s *story) isLatest(x settled) {
	for j := range s.settled {
		if s.settled[j].claim.Person == x.claim.Person {
			s.settled[j].latest = false
		}
	}
	s.settled = append(s.settled, x)
}

// comparePersons holds every person's accumulators, as far as the engine shows them (V3).
func (s *story) comparePersons() {
	for i := range s.audits {
		year, p := s.audits[i].Snapshot().Year, s.shard.Person(uint32(i))
		for _, y := range []int{2022, 2023, 2024, 2025} {
			var sums engine.YearSums
			p.AddTo(&sums, y)
			if y != year {
				if sums != (engine.YearSums{}) {
					panic(disagreement{fmt.Sprintf("person %d is in year %d and the engine has sums of %d: %v", i, year, y, sums)})
				}
				continue
			}
			if d := s.audits[i].Difference(&sums, p.Balance(), p.Mutual()); d != "" {
				panic(disagreement{fmt.Sprintf("person %d: %s", i, d)})
			}
		}
	}
}

// credit puts money on an account, the own or what relatives leave.
func (s *story) credit(person uint32) {
	amount := s.amount(s.size / 2)
	if s.chance(200) {
		amount = 1 << 32
	}
	if s.chance(2) {
		s.audits[person].Credit(amount)
		s.shard.Person(person).Credit(amount)
	} else {
		s.audits[person].CreditMutual(amount)
		s.shard.Person(person).CreditMutual(amount)
	}
	s.credited[person]++
	s.comparePersons()
}

// reverse takes back some earlier settlement: mostly a latest one, some that are not, or
// are already taken back, or belong to last year. What was paid by hand is not taken back
// this way.
func (s *story) reverse() {
	if len(s.settled) == 0 {
		return
	}
	at := s.IntN(len(s.settled))
	for range 4 {
		if !s.settled[at].latest && !s.chance(4) {
			at = s.IntN(len(s.settled))
		}
	}
	x := s.settled[at]
	if x.answer.ByHand {
		return
	}
	on := x.claim.SettleDay
	if s.chance(4) {
		year, _, _ := on.Date()
		on = pick(s.world, day.Of(year, 12, 31), day.Of(year+1, 1, 1), day.Of(year, 1, 1), s.today)
	}
	answer := audit.Reverse(on, &s.audits[x.claim.Person], &x.claim, x.answer)
	var result [1]engine.Result
	s.shard.Reverse(on, []engine.Claim{x.claim}, []engine.Result{x.result}, result[:])
	if d := answer.Difference(&result[0]); d != "" {
		panic(s.differ("reversal, "+d, &x.claim, x.lines, &answer, &result[0]))
	}
	s.count.reversal(result[0].Status, bill{&x.claim, x.lines, &x.result, s.termsOf(&x.claim), s.admissions(&x.claim)})
	s.comparePersons()
	if answer.Status != engine.Settled {
		return
	}
	if d := notTheNegative(&x.result, &result[0]); d != "" {
		panic(disagreement{fmt.Sprintf("person %d: the reversal of %+v\nis not its negative in %s: %+v", x.claim.Person, x.result, d, result[0])})
	}
	// The one before is the latest again.
	s.settled = append(s.settled[:at], s.settled[at+1:]...)
	for j := len(s.settled) - 1; j >= 0; j-- {
		if s.settled[j].claim.Person == x.claim.Person {
			s.settled[j].latest = true
			break
		}
	}
	x.serial = s.people[x.claim.Person].Serial()
	s.undone = append(s.undone, x)
	now, _, _ := x.claim.SettleDay.Date()
	if year := s.audits[x.claim.Person].Snapshot().Year; year != 0 && year < now && s.chance(2) {
		s.settleBefore(x.claim.Person, year)
		return
	}
	switch s.IntN(6) {
	case 0, 1:
		s.again(x)
	case 2:
		s.restore()
	}
}

// settleBefore settles a bill of an earlier year, to which the reversal of the only one of
// the new year has led back (X7).
func (s *story) settleBefore(person uint32, year int) {
	c, lines := s.drawClaim()
	later := c.SettleDay - (day.Of(year, 12, 31) - day.Day(s.IntN(60)))
	for _, d := range []*day.Day{&c.SettleDay, &c.AdmitDay, &c.Filing.Filed, &c.Filing.From} {
		*d -= later
	}
	if c.Filing.To != day.Never {
		c.Filing.To -= later
	}
	c.Person = person
	s.settle(c, lines)
	if s.answers[len(s.answers)-1].Status == engine.Settled {
		s.count.before++
	}
	s.flush()
}

// restore takes a reversal back, mostly the last: what was taken back is valid again (X5).
func (s *story) restore() {
	if len(s.undone) == 0 {
		return
	}
	at := len(s.undone) - 1
	if s.chance(3) {
		at = s.IntN(len(s.undone))
	}
	x := s.undone[at]
	answer := audit.Restore(&s.audits[x.claim.Person], &x.claim, x.answer)
	var result [1]engine.Result
	s.shard.Restore([]engine.Claim{x.claim}, []engine.Result{x.result}, []uint16{x.serial}, result[:])
	if d := answer.Difference(&result[0]); d != "" {
		panic(s.differ("reversal taken back, "+d, &x.claim, x.lines, &answer, &result[0]))
	}
	s.comparePersons()
	s.count.restored(result[0].Status, bill{&x.claim, x.lines, &x.result, s.termsOf(&x.claim), s.admissions(&x.claim)})
	if answer.Status == engine.Settled {
		s.undone = append(s.undone[:at], s.undone[at+1:]...)
		x.result, x.latest = result[0], true
		s.isLatest(x)
	}
}

// notTheNegative names an amount of a reversal that is not the negative of its original.
func notTheNegative(o, r *engine.Result) string {
	for _, f := range []struct {
		name string
		sum  money.Fen
	}{
		{"fee", o.Fee + r.Fee}, {"own-pay", o.OwnPay + r.OwnPay}, {"over-limit", o.OverLimit + r.OverLimit},
		{"pre-self-pay", o.PreSelfPay + r.PreSelfPay}, {"in scope", o.InScope + r.InScope}, {"deductible", o.Deductible + r.Deductible},
		{"account", o.Account + r.Account}, {"mutual", o.Mutual + r.Mutual}, {"cash", o.Cash + r.Cash}, {"hospital", o.Hospital + r.Hospital},
		{"case gain", o.CaseGain + r.CaseGain}, {"major base", o.MajorBase + r.MajorBase},
	} {
		if f.sum != 0 {
			return f.name
		}
	}
	for layer := range o.Funds {
		if o.Funds[layer]+r.Funds[layer] != 0 {
			return fmt.Sprintf("layer %d", layer)
		}
	}
	return ""
}

// again settles a bill that has just been taken back. A reversal that rolls back exactly
// leads to the same answer, but for its running number.
func (s *story) again(x settled) {
	s.settle(x.claim, x.lines)
	s.flush()
	last := &s.settled[len(s.settled)-1]
	if last.claim.Person != x.claim.Person || last.credits != x.credits {
		return
	}
	was, is := x.result, last.result
	was.Order, was.Previous, is.Order, is.Previous = 0, 0, 0, 0
	if was != is {
		panic(disagreement{fmt.Sprintf("person %d: settled, taken back and settled again:\n%+v\n%+v", x.claim.Person, x.result, last.result)})
	}
	s.count.again++
}

func (s *story) differ(what string, c *engine.Claim, lines []engine.Line, a *audit.Answer, r *engine.Result) disagreement {
	text := fmt.Sprintf("%s\n\n%s\nclaim %+v\nadmitted %v, settled %v\n", what, a.SideBySide(r), *c, c.AdmitDay, c.SettleDay)
	for i := range lines {
		text += fmt.Sprintf("line  %+v\n", lines[i])
	}
	if terms := s.termsOf(c); terms != nil {
		t := *terms
		t.Benefits = [engine.NumKinds]engine.Benefit{}
		text += fmt.Sprintf("terms of the kind %+v\nterms of the pool %+v\n", terms.Benefits[c.Kind], t)
	}
	text += fmt.Sprintf("the person after it, in the audit %+v\n", s.audits[c.Person].Snapshot())
	return disagreement{text}
}
