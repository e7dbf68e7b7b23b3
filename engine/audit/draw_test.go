package audit_test

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// What a story draws: days, filings, claims and their lines.

// drawDay is when a bill is settled: time goes on, and stops at every boundary.
func (s *story) drawDay() day.Day {
	last := (firstMonth + months).First()
	year, month, _ := s.today.Date()
	switch s.IntN(36) {
	case 0, 1: // the next turn of the year, if it is near
		if next := day.Of(year+1, 1, 1); next-s.today < 60 {
			s.today = s.around(next)
		}
	case 2: // the policy changes, if that is near
		if next := (firstMonth + day.Month(s.turn)).First(); next > s.today && next-s.today < 60 {
			s.today = s.around(next)
		}
	case 3:
		if s.chance(4) {
			return s.around(pick(s.world, firstMonth.First(), last))
		}
	case 4:
		return s.today - day.Day(s.IntN(20)) // out of order
	case 5:
		return s.today.Month().First() - day.Day(s.IntN(2))
	case 6: // the next month
		s.today = s.around((s.today.Month() + 1).First())
	case 7: // the next quarter
		s.today = s.around(day.MonthOf(year, (month-1)/3*3+4).First())
	case 8, 9, 10:
		s.today += day.Day(s.IntN(25))
	case 11:
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
	w := s.world
	f.Kind = engine.FilingKind(1 + s.IntN(engine.NumFilingKinds-1))
	if s.chance(30) {
		f.Kind = engine.Unfiled
	}
	f.Basis, f.Fulfilled = engine.Basis(s.IntN(4)), s.chance(2)
	f.Revoked = s.chance(40)
	f.Dest = c.Area
	switch {
	case c.Treating == provinceOf[c.Pool] && !s.chance(6): // came home
		f.Kind = pick(w, engine.RetiredSettled, engine.LongTermResident, engine.PostedWorker)
		f.Dest = pick(w, pick(w, areas...)...)
	case s.chance(8):
		group := pick(w, areas...)
		if s.chance(3) {
			group = pick(w, areas...)
		}
		f.Dest, c.Area = pick(w, group...), pick(w, group...)
	case s.chance(40):
		f.Dest = pick(w, pick(w, areas...)...)
	}
	f.Filed = c.SettleDay - day.Day(s.IntN(200))
	if s.chance(10) {
		f.Filed = s.around(pick(w, c.SettleDay, c.AdmitDay))
	}
	f.From, f.To = min(f.Filed, c.AdmitDay), day.Never
	if f.Kind.Temporary() || s.chance(4) {
		f.To = f.From + 183
	}
	if s.chance(10) {
		f.From = s.around(pick(w, c.AdmitDay, c.SettleDay))
		f.To = pick(w, day.Never, s.around(c.AdmitDay), s.around(c.SettleDay), f.From, f.From+1)
		if s.chance(4) {
			f.From = c.AdmitDay - 30
		}
	}
	return f
}

func (s *story) drawClaim() (c engine.Claim, lines []engine.Line) {
	w := s.world
	c.Person = uint32(s.IntN(persons))
	if s.stays || s.hospitals && !s.chance(4) {
		c.Person = 0 // who gets around
	}
	c.Pool = uint16(int(c.Person) % pools)
	c.Scheme = s.schemeOf[c.Person]
	if s.chance(20) {
		c.Pool, c.Scheme = uint16(s.IntN(pools)), engine.Scheme(s.IntN(engine.NumSchemes))
	}
	c.Treating = uint8(pick(w, 2, 2, 2, 1-int(c.Pool)))
	if s.chance(12) {
		c.Treating = provinceOf[c.Pool]
	}
	c.Institution = uint32(s.IntN(4))
	if s.hospitals {
		c.Institution = uint32(s.IntN(30))
	}
	c.Kind = pick(w, engine.Inpatient, engine.Inpatient, engine.Inpatient, engine.Outpatient, engine.Chronic, engine.Pharmacy)
	if s.stays {
		c.Kind = engine.Inpatient
	}
	c.Level = engine.Level(s.IntN(engine.NumLevels))
	c.PersonType = engine.PersonType(s.IntN(engine.NumPersonTypes))
	c.Identity = engine.Identity(s.IntN(engine.NumIdentities))
	c.Age = uint8(pick(w, 0, 59, 60, 61, s.IntN(256)))
	c.Disease = engine.Disease(s.IntN(engine.NumDiseases))
	c.SettleDay = s.drawDay()
	c.AdmitDay = c.SettleDay
	if c.Kind == engine.Inpatient {
		c.AdmitDay = s.drawAdmission(c.SettleDay)
	}
	c.Area = pick(w, pick(w, areas...)...)
	c.Filing = s.drawFiling(&c)
	for _, f := range [...]struct {
		flag   engine.Flags
		onceIn int
	}{
		{engine.FlagUseAccount, 2}, {engine.FlagUseMutual, 3}, {engine.FlagEmergency, 8},
		{engine.FlagInjury, 24}, {engine.FlagThirdParty, 100}, {engine.FlagInjuryLetter, 2},
		{engine.FlagUnconnected, 100}, {engine.FlagUnqualified, 20}, {engine.FlagNotOpened, 16}, {engine.FlagOrdinaryInstead, 2},
		{engine.FlagSuspended, 100}, {engine.FlagUnverified, 100}, {engine.FlagCivilServant, 4}, {engine.FlagEnterprise, 4},
		{engine.FlagContinued, 5}, {engine.FlagTransferred, 5},
	} {
		if s.chance(f.onceIn) {
			c.Flags |= f.flag
		}
	}
	if s.chance(60) {
		c.Flags = engine.Flags(s.IntN(1 << 16)) // several reasons to refuse: the first counts
	}
	s.drawStay(&c)
	lines = s.drawLines(&c)
	if s.chance(3) || c.AdmitDay.Month().Year() < c.SettleDay.Month().Year() && s.chance(2) {
		c.CasePayment = s.drawCasePayment(lines)
	}
	return c, lines
}

// drawStay names what a bill goes on from: some earlier stay of the person, mostly the last,
// or at times a number that may be none's.
func (s *story) drawStay(c *engine.Claim) {
	if s.chance(20) {
		c.Stay, c.FormerStay = uint8(s.IntN(20)), uint8(s.IntN(5))
		return
	}
	var stays []*settled
	for i := range s.settled {
		if x := &s.settled[i]; x.claim.Person == c.Person && x.result.Visit != 0 {
			stays = append(stays, x)
		}
	}
	way := c.Flags & (engine.FlagContinued | engine.FlagTransferred)
	if len(stays) == 0 || way == 0 {
		return
	}
	x := stays[len(stays)-1]
	if s.chance(2) {
		x = stays[s.IntN(len(stays))]
	}
	c.GoOn(way, x.claim.SettleDay, &x.result)
}

// drawAdmission: stays are short, some over 1 January, a few longer than a year.
func (s *story) drawAdmission(settled day.Day) day.Day {
	year, _, _ := settled.Date()
	if newYear := day.Of(year, 1, 1); settled-newYear < 45 && s.chance(2) {
		return min(settled, pick(s.world, newYear-1, newYear, newYear-2, newYear-day.Day(s.IntN(60))))
	}
	if s.chance(40) || year == firstMonth.Year() && s.chance(8) {
		return settled - day.Day(s.IntN(800))
	}
	return settled - day.Day(pick(s.world, 0, 1, 2, s.IntN(40)))
}

// drawCasePayment is around the fee, or anything.
func (s *story) drawCasePayment(lines []engine.Line) uint32 {
	fee := money.Fen(0)
	for i := range lines {
		fee += lines[i].Amount
	}
	switch fee = max(0, min(fee, engine.MaxFee)); s.IntN(6) {
	case 0:
		return uint32(max(0, fee+money.Fen(s.IntN(3)-1)))
	case 1:
		return uint32(s.amount(s.size))
	case 2, 3:
		return uint32(fee - s.amount(fee/4))
	}
	return uint32(s.amount(fee))
}

// drawLines makes a bill. Half of all bills are aimed: a last line of 甲 brings what is in
// scope to a threshold, or to one or two fen beside it.
func (s *story) drawLines(c *engine.Claim) (lines []engine.Line) {
	n := s.IntN(4)
	if s.chance(8) {
		n = s.IntN(12)
	}
	for range n {
		lines = append(lines, s.drawLine(c))
	}
	if n > 0 && s.chance(8) {
		lines = append(lines, s.drawBareRefund(lines))
	}
	if n > 0 && s.chance(5) {
		lines = append(lines, s.drawRefunds(lines)...)
	}
	switch target, aimed := s.aim(c); {
	case aimed:
		inScope := s.inScopeOf(c, lines)
		if inScope > target && !s.chance(8) {
			lines, inScope = nil, 0
		}
		lines = append(lines, engine.Line{Amount: target + money.Fen(s.IntN(5)-2) - inScope, Class: engine.Surgery})
	case n == 0 && !s.chance(10):
		lines = append(lines, engine.Line{Amount: s.amount(s.size), Class: engine.Bed})
	}
	if s.chance(80) {
		lines = append(lines, engine.Line{Amount: pick(s.world, engine.MaxFee, engine.MaxFee+1, -engine.MaxFee-1, 1<<40), Item: engine.ClassC})
	}
	return lines
}

// drawBareRefund: a negative line without an original, of a line whole or in part, or of
// what was never billed.
func (s *story) drawBareRefund(lines []engine.Line) engine.Line {
	refund := lines[s.IntN(len(lines))]
	refund.Amount, refund.Count, refund.Original = -refund.Amount, -refund.Count, 0
	switch s.IntN(4) {
	case 0:
		refund.Amount /= 2
		if !s.chance(4) {
			refund.Count /= 2
		}
	case 1:
		if s.chance(2) {
			refund.Item = engine.CatalogueClass(s.IntN(engine.NumCatalogueClasses))
			refund.Class = engine.FeeClass(s.IntN(engine.NumFeeClasses))
		}
	}
	return refund
}

// drawRefunds take a line back in pieces: in part, to the fen, or a fen too much; sometimes
// they name a line that cannot be refunded.
func (s *story) drawRefunds(lines []engine.Line) (refunds []engine.Line) {
	at := s.IntN(len(lines))
	left, count := lines[at].Amount, lines[at].Count
	for range 1 + s.IntN(4) {
		refund := lines[at]
		refund.Original = uint16(at + 1)
		if s.chance(2) {
			refund.DaysBefore, refund.Price, refund.Item = uint16(s.IntN(40)), 0, engine.ClassA // the original's count
		}
		part := pick(s.world, left, left/2, left/3, 1, 0, money.Fen(s.Int64N(int64(max(0, left))+1)))
		if s.chance(24) {
			part = left + 1
		}
		refund.Amount, refund.Count = -part, -pick(s.world, count, count/2, count/3, 0)
		if lines[at].Price != 0 && !s.chance(12) {
			makes, _ := lines[at].Price.TimesHalfUp(refund.Count)
			refund.Amount = max(makes, -left)
		}
		switch {
		case s.chance(40):
			refund.Amount = part
		case s.chance(40):
			refund.Original = uint16(1 + s.IntN(len(lines)+4))
		}
		left, count = left+refund.Amount, count+refund.Count
		refunds = append(refunds, refund)
	}
	return refunds
}

func (s *story) drawLine(c *engine.Claim) (l engine.Line) {
	w := s.world
	l.Amount = s.amount(s.size / 4)
	l.Class = engine.FeeClass(s.IntN(engine.NumFeeClasses))
	l.Item = engine.CatalogueClass(s.IntN(engine.NumCatalogueClasses))
	if s.chance(3) {
		l.Item = engine.ClassB
	}
	l.SelfPay = engine.FromCatalogue
	if s.chance(2) {
		l.SelfPay = int16(s.ratio())
	}
	if s.chance(4) { // used earlier: yesterday, last month, around the first of the month
		since := c.SettleDay - c.SettleDay.Month().First()
		l.DaysBefore = uint16(max(0, pick(w, 1, day.Day(s.IntN(60)), s.around(since), s.around(since+1))))
		if s.chance(12) {
			l.DaysBefore = uint16(pick(w, s.IntN(1<<16), s.IntN(500)))
		}
	}
	if !s.chance(3) {
		return l
	}
	// A price around a limit; (price − limit) × count on half a fen at times.
	l.Limit = pick(w, 0, s.price(), engine.NoLimit)
	l.Price = max(0, pick(w, s.price(), l.Limit+money.Micro(s.IntN(3)-1), l.Limit+5_000*money.Micro(s.IntN(20)), l.Limit+money.Micro(s.IntN(3_000_000))))
	l.Count = pick(w, 10_000, 10_000*money.Count(s.IntN(20)), money.Count(s.IntN(100_000)))
	if s.chance(2) || l.Price > 100_000_000 { // about what the amount is
		l.Count = money.Count(int64(l.Amount)*100_000_000/int64(max(1, l.Price))) + 1
	}
	if !s.chance(16) { // what the price makes, at times a fen or two up or down
		makes, _ := l.Price.TimesHalfUp(l.Count)
		l.Amount = makes + money.Fen(max(-2, min(2, s.IntN(20)-10))*s.IntN(2)*s.IntN(2))
	}
	if s.chance(50) {
		l.Price, l.Count = 9_000_000_000_000_000_000, pick[money.Count](w, 10_000, 51_240_955_760_000, 9_000_000_000_000_000_000)
	}
	if s.chance(40) {
		l.Amount, l.Count = -l.Amount, -l.Count
	}
	return l
}

// probe asks the engine what a bill would come to.
func (s *story) probe(c *engine.Claim, lines []engine.Line) engine.Result {
	claim := *c
	claim.Person, claim.FirstLine, claim.Lines = 0, 0, uint16(len(lines))
	s.probed[0], s.probedAnnex[0] = s.people[c.Person], s.annexes[c.Person]
	var result [1]engine.Result
	s.probing.Settle([]engine.Claim{claim}, lines, result[:])
	return result[0]
}

func (s *story) inScopeOf(c *engine.Claim, lines []engine.Line) money.Fen {
	if len(lines) == 0 {
		return 0
	}
	r := s.probe(c, lines)
	return r.InScope
}

// aim finds an amount in scope at which something about the bill is just used up:
// deductible, ceilings, start and brackets of 大病, the accounts. It asks the engine, which
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
	switch n := s.IntN(18); n {
	case 0, 1:
		return terms.Benefits[c.Kind].BracketTop[s.IntN(engine.NumBrackets-1)], true
	case 2, 3, 4, 5, 6, 7:
		layer := engine.Layer(n - 2)
		quantity = func(r *engine.Result) money.Fen { return r.Funds[layer] }
		switch layer {
		case engine.LayerCivil:
			c.Flags |= engine.FlagCivilServant
		case engine.LayerEnterprise:
			c.Flags = c.Flags&^engine.FlagCivilServant | engine.FlagEnterprise
		}
	case 8:
		quantity = func(r *engine.Result) money.Fen { return r.Account }
		c.Flags |= engine.FlagUseAccount
	case 9:
		quantity = func(r *engine.Result) money.Fen { return r.Mutual }
		c.Flags |= engine.FlagUseMutual
	case 10, 11:
		quantity = func(r *engine.Result) money.Fen { return r.MajorBase }
		goal = pick(s.world, major.Start, major.Start, major.Top[0], major.Top[1], major.Top[2]) - base
	case 12:
		quantity = func(r *engine.Result) money.Fen { return money.Fen(r.Former.Deductible) }
	case 13:
		layer := s.IntN(engine.NumLayers)
		quantity = func(r *engine.Result) money.Fen { return money.Fen(r.Former.Funds[layer]) }
	}
	at := func(x money.Fen) money.Fen {
		r := s.probe(c, []engine.Line{{Amount: x}})
		return quantity(&r)
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
