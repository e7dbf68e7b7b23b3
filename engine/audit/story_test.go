package audit_test

import (
	"fmt"
	"math/rand/v2"

	"kuasheng/engine"
	"kuasheng/engine/audit"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// A story is a random world and what happens in it: policies of two pools, three
// persons, and a sequence of bills, reversals and credits over two turns of the year.
// Every request goes to the audit and to the engine. All of it follows from one source
// of random numbers.
type story struct {
	*rand.Rand
	count *counts

	// The world.
	size       money.Fen // the order of magnitude of its amounts
	odd        bool      // policies beyond the regulation's bounds
	turn       day.Month // from here on the second generation of policies holds
	terms      [2][pools][engine.NumSchemes]engine.Terms
	catalogues [2][provinces]engine.Catalogue
	schemeOf   [persons]engine.Scheme

	audits [persons]audit.Person
	shard  *engine.Shard
	probe  *engine.Shard // settles bills that do not count, to aim at thresholds
	probed []engine.PersonYear

	today    day.Day
	credited [persons]int // how often
	settled  []settled    // what may be reversed

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
}

const (
	pools     = 2
	provinces = 3
	persons   = 3
)

// The pools lie in the first two provinces; nobody is insured in the third.
var provinceOf = []uint8{0, 1}

var (
	firstMonth = day.MonthOf(2023, 11)
	months     = 15 // to January 2025
)

// disagreement is a panic of the story: engine and audit differ.
type disagreement struct{ text string }

func newStory(rng *rand.Rand, count *counts) *story {
	s := &story{Rand: rng, count: count}
	s.size = []money.Fen{30, 3_000, 300_000, 30_000_000, 30_000_000, 2 * engine.MaxFee}[s.IntN(6)]
	s.odd = s.IntN(2) == 0
	s.turn = firstMonth + day.Month(s.IntN(months))
	rules := engine.NewRules(firstMonth, months, pools, provinces)
	for g := range s.terms {
		for p := range pools {
			for x := range s.terms[g][p] {
				s.terms[g][p][x] = s.drawTerms()
			}
		}
		for p := range provinces {
			s.catalogues[g][p] = s.drawCatalogue()
		}
	}
	for m := firstMonth; m < firstMonth+day.Month(months); m++ {
		g := s.generation(m)
		for p := range pools {
			for x := range engine.Scheme(engine.NumSchemes) {
				rules.SetTerms(m, p, x, &s.terms[g][p][x])
			}
		}
		for p := range provinces {
			rules.SetCatalogue(m, p, &s.catalogues[g][p])
		}
	}
	if faults := rules.Seal(); faults != nil {
		panic(faults)
	}
	shape := engine.Shape{Pools: pools, Provinces: provinces}
	s.shard = engine.NewShard(rules, provinceOf, make([]engine.PersonYear, persons), engine.NewBooks(shape))
	s.probed = make([]engine.PersonYear, 1)
	s.probe = engine.NewShard(rules, provinceOf, s.probed, engine.NewBooks(shape))
	for i := range s.schemeOf {
		s.schemeOf[i] = engine.Scheme(s.IntN(engine.NumSchemes))
		s.credit(uint32(i))
	}
	s.today = firstMonth.First() + day.Day(s.IntN(430))
	return s
}

func (s *story) generation(m day.Month) int {
	if m < s.turn {
		return 0
	}
	return 1
}

// chance is true once in n times.
func (s *story) chance(n int) bool { return s.IntN(n) == 0 }

func pick[T any](s *story, from ...T) T { return from[s.IntN(len(from))] }

// amount is one of the world's size, often a small or a round one.
func (s *story) amount(most money.Fen) money.Fen {
	switch most = max(1, most); s.IntN(4) {
	case 0:
		return money.Fen(s.Int64N(min(20, int64(most)) + 1))
	case 1:
		return most / 100 * money.Fen(s.IntN(101))
	}
	return money.Fen(s.Int64N(int64(most) + 1))
}

func (s *story) ratio() money.BasisPoints {
	switch s.IntN(3) {
	case 0:
		return pick(s, money.BasisPoints(0), 1, 500, 3333, 5000, 6500, 8500, 9999, money.One)
	case 1:
		return money.BasisPoints(100 * s.IntN(101))
	}
	return money.BasisPoints(s.IntN(10_001))
}

// tops are bracket edges that rise from an amount, one fen apart at times.
func (s *story) tops(low money.Fen) (tops [engine.NumBrackets - 1]money.Fen) {
	for i := range s.IntN(len(tops) + 1) {
		low += 1 + s.amount(s.size/4)
		tops[i] = low
	}
	return tops
}

func (s *story) drawTerms() (t engine.Terms) {
	t.OneStop, t.UnfiledDirect = !s.chance(4), s.chance(5)
	t.Ceiling = max(s.amount(s.size*2), s.amount(s.size))
	if s.odd {
		for k := range t.Drop {
			t.Drop[k] = s.ratio()
		}
	} else {
		within := func(most int) money.BasisPoints { return money.BasisPoints(pick(s, 0, most, s.IntN(most+1))) }
		t.Drop[engine.Referral], t.Drop[engine.Emergency] = within(1000), within(1000)
		t.Drop[engine.OtherTemporary], t.Drop[engine.Unfiled] = within(2000), within(2000)
	}
	for k := range t.Benefits {
		b := &t.Benefits[k]
		b.Mode = engine.DeductibleMode(s.IntN(2))
		b.Later = engine.LaterRule(s.IntN(5))
		b.LaterFen, b.LaterFloor = s.amount(s.size/16), s.amount(s.size/16)
		b.BracketTop = s.tops(0)
		b.DropApplies = !s.chance(3)
		if s.chance(3) {
			b.Ceiling = 1 + s.amount(s.size)
		}
		deductible := s.amount(s.size / 8)
		var ratios [engine.NumBrackets]money.BasisPoints
		for i := range ratios {
			ratios[i] = s.ratio()
			if !s.odd {
				ratios[i] = money.BasisPoints(5000 + 50*s.IntN(96))
			}
		}
		for p := range b.Deductible {
			for l := range b.Deductible[p] {
				b.Deductible[p][l] = deductible + money.Fen(s.IntN(3)*p+s.IntN(3)*l)
				if s.odd && s.chance(8) {
					continue // the fund pays nothing at this level
				}
				for i, r := range ratios {
					b.Ratio[p][l][i] = max(0, r-money.BasisPoints(100*l))
				}
			}
		}
	}
	t.Benefits[engine.Pharmacy].Mode = t.Benefits[engine.Outpatient].Mode
	t.Large = engine.Large{Ratio: s.ratio(), Ceiling: s.amount(s.size * 2)}
	if !s.chance(3) {
		t.Major.Start = s.amount(s.size / 4)
		t.Major.Top = s.tops(t.Major.Start)
		for i := range t.Major.Ratio {
			t.Major.Ratio[i] = s.ratio()
		}
		if s.chance(2) {
			t.Major.Ceiling = 1 + s.amount(s.size)
		}
	}
	t.Aid.Ceiling = s.amount(s.size)
	for i := range t.Aid.Ratio {
		t.Aid.Ratio[i] = s.ratio() // of NotAided too, which is not asked
	}
	if faults := t.Sense(); faults != nil {
		panic(fmt.Sprintf("the story's policy makes no sense: %v", faults))
	}
	if faults := t.Lawful(engine.Bounds2023); !s.odd && faults != nil {
		panic(fmt.Sprintf("the story's regular policy breaks the bounds: %v", faults))
	}
	return t
}

func (s *story) drawCatalogue() (c engine.Catalogue) {
	for class := range c.PreSelfPay {
		c.PreSelfPay[class] = s.ratio()
		for l := range c.Limit[class] {
			if s.chance(3) {
				c.Limit[class][l] = s.price()
			}
		}
	}
	return c
}

func (s *story) price() money.Micro {
	switch s.IntN(8) {
	case 0:
		return engine.NoLimit + money.Micro(s.IntN(3)-1)
	case 1:
		return money.Micro(s.IntN(10))
	}
	return money.Micro(s.IntN(100_000_000))
}

// step is one event of the story.
func (s *story) step() {
	switch n := s.IntN(100); {
	case n < 82:
		s.settle(s.drawClaim())
	case n < 94:
		s.flush()
		s.reverse()
	default:
		s.flush()
		s.credit(uint32(s.IntN(persons)))
	}
	if s.chance(3) {
		s.flush()
	}
}

// around is a day at, one before or one after another.
func (s *story) around(d day.Day) day.Day { return d + day.Day(s.IntN(3)-1) }

// drawDay is when a bill is settled: time goes on, and stops at every boundary.
func (s *story) drawDay() day.Day {
	last := (firstMonth + day.Month(months)).First()
	switch s.IntN(32) {
	case 0: // the next turn of the year, if it is near
		year, _, _ := s.today.Date()
		if next := day.Of(year+1, 1, 1); next-s.today < 60 {
			s.today = s.around(next)
		}
	case 1: // the policy changes, if that is near
		if next := s.turn.First(); next > s.today && next-s.today < 60 {
			s.today = s.around(next)
		}
	case 2:
		if s.chance(4) {
			return s.around(pick(s, firstMonth.First(), last))
		}
	case 3:
		return s.today - day.Day(s.IntN(20)) // out of order
	case 4:
		return s.today.Month().First() - day.Day(s.IntN(2))
	case 5, 6, 7, 8:
		s.today += day.Day(s.IntN(25))
	case 9:
		if s.chance(3) {
			s.today += day.Day(s.IntN(400))
		}
	}
	if s.today >= last {
		s.today = last - 1 - day.Day(s.IntN(28))
	}
	return s.today
}

var areas = [][]uint32{
	{110000, 110105, 110100},
	{440100, 440106, 440199, 440200, 440000},
	{130900, 131000, 131099, 139900},
	{429004, 429005, 429000, 420100, 420000},
	{460000, 460200, 469021},
	{540000, 540200},
	{650000, 659001, 650100},
	{660000, 660100},
	{310000, 310115},
}

func (s *story) drawFiling(c *engine.Claim) (f engine.Filing) {
	f.Kind = engine.FilingKind(1 + s.IntN(engine.NumFilingKinds-1))
	if s.chance(30) {
		f.Kind = engine.Unfiled
	}
	f.Dest = c.Area
	if s.chance(8) {
		group := pick(s, areas...)
		if s.chance(3) {
			group = pick(s, areas...)
		}
		f.Dest, c.Area = pick(s, group...), pick(s, group...)
	} else if s.chance(40) {
		f.Dest = pick(s, pick(s, areas...)...)
	}
	f.Filed = c.SettleDay - day.Day(s.IntN(200))
	if s.chance(10) {
		f.Filed = s.around(pick(s, c.SettleDay, c.AdmitDay))
	}
	f.From, f.To = f.Filed, day.Never
	if f.Kind.Temporary() || s.chance(4) {
		f.To = f.From + 183
	}
	if s.chance(10) {
		f.From = s.around(pick(s, c.AdmitDay, c.SettleDay))
		f.To = pick(s, day.Never, s.around(c.AdmitDay), s.around(c.SettleDay), f.From, f.From+1)
		if s.chance(4) {
			f.From = c.AdmitDay - 30
		}
	}
	return f
}

func (s *story) drawClaim() (c engine.Claim, lines []engine.Line) {
	c.Person = uint32(s.IntN(persons))
	c.Pool = uint16(int(c.Person) % pools)
	c.Scheme = s.schemeOf[c.Person]
	if s.chance(20) {
		c.Pool, c.Scheme = uint16(s.IntN(pools)), engine.Scheme(s.IntN(engine.NumSchemes))
	}
	c.Treating = uint8(pick(s, 2, 2, 2, 1-int(c.Pool)))
	if s.chance(80) {
		c.Treating = provinceOf[c.Pool]
	}
	c.Kind = pick(s, engine.Inpatient, engine.Inpatient, engine.Inpatient, engine.Outpatient, engine.Chronic, engine.Pharmacy)
	c.Level = engine.Level(s.IntN(engine.NumLevels))
	c.PersonType = engine.PersonType(s.IntN(engine.NumPersonTypes))
	c.Identity = engine.Identity(s.IntN(engine.NumIdentities))
	c.SettleDay = s.drawDay()
	c.AdmitDay = c.SettleDay
	if c.Kind == engine.Inpatient {
		c.AdmitDay -= day.Day(pick(s, 0, 1, 2, s.IntN(40)))
	}
	c.Area = pick(s, pick(s, areas...)...)
	c.Filing = s.drawFiling(&c)
	for _, f := range [...]struct {
		flag   engine.Flags
		onceIn int
	}{
		{engine.FlagUseAccount, 2}, {engine.FlagEmergency, 8}, {engine.FlagInjury, 24}, {engine.FlagThirdParty, 100}, {engine.FlagInjuryLetter, 2},
		{engine.FlagUnconnected, 100}, {engine.FlagUnqualified, 20}, {engine.FlagSuspended, 100},
	} {
		if s.chance(f.onceIn) {
			c.Flags |= f.flag
		}
	}
	if s.chance(60) {
		c.Flags = engine.Flags(s.IntN(1 << 8)) // several reasons to refuse: the first counts
	}
	return c, s.drawLines(&c)
}

// drawLines makes a bill. Half of all bills are aimed: a last line of 甲 brings what is in
// scope to a threshold, or to one or two fen beside it.
func (s *story) drawLines(c *engine.Claim) (lines []engine.Line) {
	n := s.IntN(4)
	if s.chance(8) {
		n = s.IntN(12)
	}
	for range n {
		lines = append(lines, s.drawLine())
	}
	if s.chance(8) && n > 0 {
		// Refunds: of a line whole or in part, or of what was never billed.
		refund := lines[s.IntN(n)]
		refund.Amount, refund.Count = -refund.Amount, -refund.Count
		switch s.IntN(4) {
		case 0:
			refund.Amount /= 2
		case 1:
			if s.chance(2) {
				break
			}
			refund.Item = engine.CatalogueClass(s.IntN(engine.NumCatalogueClasses))
			refund.Class = engine.FeeClass(s.IntN(engine.NumFeeClasses))
		}
		lines = append(lines, refund)
	}
	switch target, aimed := s.aim(c); {
	case aimed:
		inScope := money.Fen(0)
		for i := range lines {
			split, _ := s.catalogueOf(c).Split(&lines[i], c.Level)
			inScope += split.InScope
		}
		if inScope > target && !s.chance(8) {
			lines, inScope = nil, 0
		}
		lines = append(lines, engine.Line{Amount: target + money.Fen(s.IntN(5)-2) - inScope, Class: engine.Surgery})
	case n == 0 && !s.chance(10):
		lines = append(lines, engine.Line{Amount: s.amount(s.size), Class: engine.Bed})
	}
	if s.chance(80) {
		lines = append(lines, engine.Line{Amount: pick(s, engine.MaxFee, engine.MaxFee+1, -engine.MaxFee-1, 1<<40), Item: engine.ClassC})
	}
	return lines
}

func (s *story) drawLine() (l engine.Line) {
	l.Amount = s.amount(s.size / 4)
	l.Class = engine.FeeClass(s.IntN(engine.NumFeeClasses))
	l.Item = engine.CatalogueClass(s.IntN(engine.NumCatalogueClasses))
	if s.chance(3) {
		l.Item = engine.ClassB
	}
	l.SelfPay = engine.FromCatalogue
	if s.chance(2) {
		l.SelfPay = s.ratio()
	}
	if !s.chance(3) {
		return l
	}
	// A price around a limit; (price − limit) × count on half a fen at times.
	l.Limit = pick(s, 0, s.price(), engine.NoLimit)
	l.Price = max(0, pick(s, s.price(), l.Limit+money.Micro(s.IntN(3)-1), l.Limit+5_000*money.Micro(s.IntN(20)), l.Limit+money.Micro(s.IntN(3_000_000))))
	l.Count = pick(s, 10_000, 10_000*money.Count(s.IntN(20)), money.Count(s.IntN(100_000)), -10_000)
	if s.chance(2) { // what the price makes, a fen up or down
		l.Amount = money.Fen(int64(l.Price/10)*int64(l.Count/1000)/1_000_000) + money.Fen(s.IntN(3)-1)
	}
	if s.chance(50) {
		l.Price, l.Count = 9_000_000_000_000_000_000, pick[money.Count](s, 10_000, 51_240_955_760_000, 9_000_000_000_000_000_000)
	}
	if s.chance(40) {
		l.Amount = -l.Amount
	}
	return l
}

// aim finds an amount in scope at which something about the bill is just used up:
// deductible, ceilings, start and brackets of 大病, account. It asks the engine, which
// costs least; where the engine is wrong it aims badly, and no more.
func (s *story) aim(c *engine.Claim) (target money.Fen, aimed bool) {
	if s.chance(2) {
		return 0, false
	}
	terms := s.termsOf(c)
	if terms == nil {
		return 0, false
	}
	s.flush()
	major := &terms.Major
	base := money.Fen(s.audits[c.Person].Snapshot().MajorBase.Shift(2).IntPart())
	quantity := func(r *engine.Result) money.Fen { return r.Deductible }
	goal := money.Fen(-1)
	switch n := s.IntN(12); n {
	case 0, 1:
		return terms.Benefits[c.Kind].BracketTop[s.IntN(engine.NumBrackets-1)], true
	case 2, 3, 4, 5:
		layer := engine.Layer(n - 2)
		quantity = func(r *engine.Result) money.Fen { return r.Funds[layer] }
	case 6, 7:
		quantity = func(r *engine.Result) money.Fen { return r.Account }
		c.Flags |= engine.FlagUseAccount
	case 8, 9:
		quantity = func(r *engine.Result) money.Fen { return r.MajorBase }
		goal = pick(s, major.Start, major.Start, major.Top[0], major.Top[1], major.Top[2]) - base
	}
	at := func(x money.Fen) money.Fen {
		claim := *c
		claim.Person, claim.FirstLine, claim.Lines = 0, 0, 1
		s.probed[0] = *s.shard.Person(c.Person)
		var result [1]engine.Result
		s.probe.Settle([]engine.Claim{claim}, []engine.Line{{Amount: x}}, result[:])
		return quantity(&result[0])
	}
	const most = engine.MaxFee
	reached := at(most)
	if goal < 0 {
		goal = reached
	}
	if goal <= 0 || reached < goal {
		return 0, false
	}
	low, high := money.Fen(0), most
	for low < high {
		if middle := (low + high) / 2; at(middle) >= goal {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low, low < most
}

func (s *story) termsOf(c *engine.Claim) *engine.Terms {
	if m := c.SettleDay.Month(); m >= firstMonth && m < firstMonth+day.Month(months) {
		return &s.terms[s.generation(m)][c.Pool][c.Scheme]
	}
	return nil
}

func (s *story) catalogueOf(c *engine.Claim) *engine.Catalogue {
	return &s.catalogues[s.generation(c.SettleDay.Month())][c.Treating]
}

// settle puts a bill to the audit at once, and to the engine with the next batch.
func (s *story) settle(c engine.Claim, lines []engine.Line) {
	c.FirstLine, c.Lines = uint32(len(s.lines)), uint32(len(lines))
	person, known := &s.audits[c.Person], s.audits[c.Person].Snapshot().Year
	answer := audit.Settle(s.termsOf(&c), s.catalogueOf(&c), provinceOf[c.Pool] == c.Treating, person, &c, lines)
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
		c, answer := &s.claims[i], &s.answers[i]
		lines := s.lines[c.FirstLine : c.FirstLine+c.Lines]
		if d := answer.Difference(&results[i]); d != "" {
			panic(s.differ(d, c, lines, answer, &results[i]))
		}
		s.count.add(c, lines, &results[i])
		if answer.Status == engine.Settled {
			for j := range s.settled {
				if s.settled[j].claim.Person == c.Person {
					s.settled[j].latest = false
				}
			}
			s.settled = append(s.settled, settled{*c, append([]engine.Line(nil), lines...), results[i], *answer, true, s.credited[c.Person]})
		}
	}
	if len(s.claims) > 0 {
		s.comparePersons()
	}
	s.claims, s.lines, s.answers = s.claims[:0], s.lines[:0], s.answers[:0]
	if s.chance(2) {
		s.lines = append(s.lines, engine.Line{Amount: 1}) // a line of nobody's in front
	}
}

// comparePersons holds every person's accumulators, as far as the engine shows them.
func (s *story) comparePersons() {
	for i := range s.audits {
		year := s.audits[i].Snapshot().Year
		for _, y := range []int{2023, 2024, 2025} {
			var sums engine.YearSums
			s.shard.Person(uint32(i)).AddTo(&sums, y)
			if y != year {
				if sums != (engine.YearSums{}) {
					panic(disagreement{fmt.Sprintf("person %d is in year %d and the engine has sums of %d: %v", i, year, y, sums)})
				}
				continue
			}
			if d := s.audits[i].Difference(&sums, s.shard.Person(uint32(i)).Balance()); d != "" {
				panic(disagreement{fmt.Sprintf("person %d: %s", i, d)})
			}
		}
	}
}

// credit puts money on an account.
func (s *story) credit(person uint32) {
	amount := s.amount(s.size / 2)
	if s.chance(200) {
		amount = 1 << 32
	}
	s.audits[person].Credit(amount)
	s.shard.Person(person).Credit(amount)
	s.credited[person]++
	s.comparePersons()
}

// reverse takes back some earlier settlement: mostly a latest one, some that are not, or
// are already taken back, or belong to last year.
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
	on := x.claim.SettleDay
	if s.chance(4) {
		year, _, _ := on.Date()
		on = pick(s, day.Of(year, 12, 31), day.Of(year+1, 1, 1), day.Of(year, 1, 1), s.today)
	}
	answer := audit.Reverse(on, &s.audits[x.claim.Person], &x.claim, x.answer)
	var result [1]engine.Result
	s.shard.Reverse(on, []engine.Claim{x.claim}, []engine.Result{x.result}, result[:])
	if d := answer.Difference(&result[0]); d != "" {
		panic(s.differ("reversal, "+d, &x.claim, x.lines, &answer, &result[0]))
	}
	s.count.reversal(result[0].Status)
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
	if s.chance(3) {
		s.again(x)
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
		{"basic", o.Funds[0] + r.Funds[0]}, {"large", o.Funds[1] + r.Funds[1]}, {"major", o.Funds[2] + r.Funds[2]}, {"aid", o.Funds[3] + r.Funds[3]},
		{"account", o.Account + r.Account}, {"cash", o.Cash + r.Cash}, {"hospital", o.Hospital + r.Hospital}, {"major base", o.MajorBase + r.MajorBase},
	} {
		if f.sum != 0 {
			return f.name
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
	text := fmt.Sprintf("%s\n\n%s\nclaim %+v\n", what, a.SideBySide(r), *c)
	for i := range lines {
		text += fmt.Sprintf("line  %+v\n", lines[i])
	}
	if terms := s.termsOf(c); terms != nil {
		text += fmt.Sprintf("terms of the kind %+v\nterms of the pool ceiling=%v drop=%v unfiled=%v onestop=%v large=%+v major=%+v aid=%+v\n",
			terms.Benefits[c.Kind], terms.Ceiling, terms.Drop, terms.UnfiledDirect, terms.OneStop, terms.Large, terms.Major, terms.Aid)
	}
	text += fmt.Sprintf("the person after it, in the audit %+v\n", s.audits[c.Person].Snapshot())
	return disagreement{text}
}
