package engine_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// how is the way a bill of TestAgainstTheLiteralPolicy is decided.
type how int

const (
	elsewhere how = iota
	byHand
	atHome
)

// TestAgainstTheLiteralPolicy settles random bills of one person around the turn of a
// year and compares every field of every bill with the rational computation of
// literal_test.go: away from home, at home (B18) and by hand (B15), some taken back
// again (X7). It holds the identities, and at each year's end the books, the
// accumulators (V3) and the ceilings.
func TestAgainstTheLiteralPolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		policy := drawPolicy(rt)
		c := newDatedCounter(rt, policy)
		y := literal{bills: map[int][]literalBill{}}
		credit, mutual := drawAmount(rt, "balance", 5_000*money.Yuan), drawAmount(rt, "mutual", 5_000*money.Yuan)
		c.people[0].Credit(credit)
		c.people[0].CreditMutual(mutual)
		y.balance, y.mutual = int64(credit), int64(mutual)

		today, of := day.Of(2023, 11, 1), 2023
		var order, latest uint16
		for range rapid.IntRange(1, 10).Draw(rt, "bills") {
			b := drawBill(rt, policy.of(today), 0)
			stay := b.claim.SettleDay - b.claim.AdmitDay
			today += day.Day(rapid.IntRange(0, 40).Draw(rt, "later"))
			b.claim.AdmitDay, b.claim.SettleDay = today-stay, today
			if year, _, _ := today.Date(); year != of {
				c.endOfYear(rt, of)
				of = year
			}
			filing, way := b.claim.Filing.Kind, how(rapid.IntRange(0, 5).Draw(rt, "how"))
			switch {
			case way == byHand && rapid.Bool().Draw(rt, "never filed"):
				b.claim.Filing, filing = engine.Filing{}, engine.Unfiled
			case way == atHome && filing.LongTerm():
				b.claim.Treating, b.claim.Area = 0, 131000
				if policy.of(today).Filing.HomeReturn == engine.HomeAsReferral {
					filing = engine.Referral
				}
			}
			settle := c.settleOne
			if way == byHand {
				settle = c.reimburseOne
			}
			before, annexBefore, account := c.people[0], c.annexes[0], [2]int64{y.balance, y.mutual}
			got := settle(b.claim, b.lines...)
			want := y.settle(policy, &b.claim, b.lines, filing, way == byHand)
			if want.Status == engine.Settled {
				order++
				want.Order, want.Previous, want.AtHome = order, latest, b.claim.Treating == 0
			}
			if got.WithoutBefore() != want {
				rt.Fatalf("the engine and the literal policy differ for %+v of %+v\n got %+v\nwant %+v", b, policy.of(today), got, want)
			}
			if got.Status != engine.Settled {
				if c.people[0] != before || c.annexes[0] != annexBefore {
					rt.Fatalf("a refused bill changed the person: %+v", got)
				}
				continue
			}
			for _, fault := range identityFaults(policy.of(today), &b.claim, &got) {
				rt.Fatal(fault)
			}
			if got.ByHand || rapid.IntRange(0, 3).Draw(rt, "taken back") != 0 {
				latest = order
				continue
			}
			settled, annexSettled := c.people[0], c.annexes[0]
			b.claim.Lines = uint16(len(b.lines))
			back := c.reverseOne(b.claim, len(b.lines), got)
			exactNegative(rt, &got, &back)
			restored(rt, &before, &c.people[0], &annexBefore, &c.annexes[0])
			if rapid.Bool().Draw(rt, "revived") {
				// The taking back is taken back: as if nothing had been (X5).
				revived := make([]engine.Result, 1)
				c.Restore([]engine.Claim{b.claim}, []engine.Result{got}, []uint16{c.people[0].Serial()}, revived)
				if revived[0] != got {
					rt.Fatalf("revived as %+v, was %+v", revived[0], got)
				}
				restored(rt, &settled, &c.people[0], &annexSettled, &c.annexes[0])
				latest = order
				continue
			}
			y.takeBack(of, &got)
			y.balance, y.mutual = account[0], account[1]
		}
		if c.people[0].Balance() != money.Fen(y.balance) || c.people[0].Mutual() != money.Fen(y.mutual) {
			rt.Fatalf("the accounts hold %v and %v, want %v and %v", c.people[0].Balance(), c.people[0].Mutual(), money.Fen(y.balance), money.Fen(y.mutual))
		}
		c.endOfYear(rt, of)
		for year := range y.bills {
			terms := policy.of(day.Of(year, 12, 31))
			paid := func(l engine.Layer) money.Fen {
				return money.Fen(y.sum(year, func(b *literalBill) int64 { return b.funds[l] }))
			}
			if paid(engine.LayerBasic) > terms.Ceiling || paid(engine.LayerLarge) > terms.Large.Ceiling || paid(engine.LayerAid) > terms.Aid.Ceiling ||
				terms.Major.Ceiling != 0 && paid(engine.LayerMajor) > terms.Major.Ceiling ||
				paid(engine.LayerCivil)+paid(engine.LayerEnterprise) > max(terms.Civil.Ceiling, terms.Enterprise.Ceiling) {
				rt.Fatalf("a ceiling of %d is exceeded: %+v", year, y.bills[year])
			}
		}
	})
}

// endOfYear proves the books and V3 for a year, and empties the books for the next.
func (c *counter) endOfYear(t *rapid.T, year int) {
	t.Helper()
	c.proven(t)
	personsAgreeWithRegister(t, c, year)
	c.books.Reset()
}

// personsAgreeWithRegister: for each person-year the accumulators are the sum of the
// valid settlements (V3), those by hand included, less what the register counts apart.
func personsAgreeWithRegister(t *rapid.T, c *counter, year int) {
	t.Helper()
	var persons, register engine.YearSums
	for i := range c.people {
		c.people[i].AddTo(&persons, year)
	}
	for cell, row := range c.books.Rows() {
		_, _, _, kind := c.books.Shape.Split(cell)
		register.AddRegister(kind, &row.Register)
	}
	for s := range engine.Scheme(engine.NumSchemes) {
		for kind := range engine.Kind(engine.NumKinds) {
			register.AddRegister(kind, &c.books.Manual[c.books.Shape.ManualCell(0, s, kind)])
		}
	}
	register.Sub(&c.books.Aside[0])
	if persons != register {
		t.Fatalf("V3: persons %v, register %v", persons, register)
	}
}

// restored: after a reversal the person and the annex are as before the settlement, but
// for the running number (X7).
func restored(t *rapid.T, before, after *engine.PersonYear, annexBefore, annexAfter *engine.Annex) {
	t.Helper()
	if after.WithoutSerial() != before.WithoutSerial() {
		t.Fatalf("a reversal left the person\n%+v, was\n%+v", *after, *before)
	}
	if a, b := annexAfter.WithoutStale(before.Year()), annexBefore.WithoutStale(before.Year()); a != b {
		t.Fatalf("a reversal left the annex\n%+v, was\n%+v", a, b)
	}
}

// TestReversalRestores: a year of bills taken back from the last to the first leaves
// every person as it was and no amount in the books (X7, I7, V3).
func TestReversalRestores(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		policy := drawPolicy(rt)
		c := newDatedCounter(rt, policy)
		type done struct {
			bill
			result engine.Result
			before engine.PersonYear
			annex  engine.Annex
		}
		var stack []done
		for i := range c.people {
			c.people[i].Credit(drawAmount(rt, "balance", 5_000*money.Yuan))
			c.people[i].CreditMutual(drawAmount(rt, "mutual", 5_000*money.Yuan))
			if rapid.Bool().Draw(rt, "has a former year") {
				b := drawBill(rt, policy.of(day.Of(2023, 12, 1)), uint32(i))
				b.claim.AdmitDay, b.claim.SettleDay = day.Of(2023, 12, 1), day.Of(2023, 12, 1)
				c.settleOne(b.claim, b.lines...)
			}
		}
		c.books.Reset()
		terms := policy.of(day.Of(2024, 1, 1))
		start, startAnnexes := slices.Clone(c.people), slices.Clone(c.annexes)
		for range rapid.IntRange(1, 12).Draw(rt, "bills") {
			b := drawBill(rt, terms, uint32(rapid.IntRange(0, 2).Draw(rt, "person")))
			if rapid.Bool().Draw(rt, "in January") {
				stay := b.claim.SettleDay - b.claim.AdmitDay
				b.claim.SettleDay = day.Of(2024, 1, 1) + day.Day(rapid.IntRange(0, 30).Draw(rt, "January"))
				b.claim.AdmitDay = b.claim.SettleDay - stay
			}
			if b.claim.Filing.Kind.LongTerm() && rapid.IntRange(0, 3).Draw(rt, "at home") == 0 {
				b.claim.Treating, b.claim.Area = 0, 131000
			}
			before, annex := c.people[b.claim.Person], c.annexes[b.claim.Person]
			if r := c.settleOne(b.claim, b.lines...); r.Status == engine.Settled {
				stack = append(stack, done{b, r, before, annex})
			}
		}
		personsAgreeWithRegister(rt, c, 2024)
		c.proven(rt)
		atHome := 0
		for i := range stack {
			if stack[i].result.AtHome {
				atHome++
			}
		}
		reversed := int64(len(stack) - atHome) // a register knows no bill at home
		for _, d := range slices.Backward(stack) {
			person, annex := &c.people[d.claim.Person], &c.annexes[d.claim.Person]
			settled, annexSettled := *person, *annex
			c.reverseOne(d.claim, len(d.lines), d.result)
			// Taken back, revived, and taken back for good (X5).
			d.claim.Lines = uint16(len(d.lines))
			revived := make([]engine.Result, 1)
			c.Restore([]engine.Claim{d.claim}, []engine.Result{d.result}, []uint16{person.Serial()}, revived)
			if revived[0] != d.result {
				rt.Fatalf("revived as %+v, was %+v", revived[0], d.result)
			}
			restored(rt, &settled, person, &annexSettled, annex)
			r := c.reverseOne(d.claim, len(d.lines), d.result)
			if r.Status != engine.Settled {
				rt.Fatalf("the latest settlement cannot be reversed: %v", r.Status)
			}
			restored(rt, &d.before, person, &d.annex, annex)
			exactNegative(rt, &d.result, &r)
		}
		for i := range start {
			restored(rt, &start[i], &c.people[i], &startAnnexes[i], &c.annexes[i])
		}
		for i := range c.books.Aside {
			if c.books.Aside[i] != (engine.YearSums{}) {
				rt.Fatalf("pool %d keeps %v aside", i, c.books.Aside[i])
			}
		}
		for cell, row := range c.books.Rows() {
			left := *row
			reversed -= left.Register[engine.Reversals]
			left.Register[engine.Reversals] = 0
			if left != (engine.Row{}) {
				rt.Fatalf("cell %d keeps %v", cell, left)
			}
		}
		if reversed != 0 {
			rt.Fatalf("%d reversals are not counted", reversed)
		}
	})
}

// exactNegative holds a reversal against its original, amount by amount (I7).
func exactNegative(t *rapid.T, original, reversal *engine.Result) {
	amounts := func(r *engine.Result) []money.Fen {
		return append([]money.Fen{r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, r.Deductible, r.Account, r.Mutual, r.Cash, r.Hospital,
			r.CaseGain, r.MajorBase, r.FundSum(), r.PersonPart()}, r.Funds[:]...)
	}
	a, b := amounts(original), amounts(reversal)
	for i := range a {
		if a[i] != -b[i] {
			t.Fatalf("amount %d: %v is not the negative of %v", i, b[i], a[i])
		}
	}
	if reversal.Status != engine.Settled || reversal.Kind != original.Kind || reversal.AtHome != original.AtHome || reversal.Former != original.Former ||
		reversal.CeilingLeft != original.CeilingLeft || reversal.Filing != original.Filing || reversal.Ratio != original.Ratio || reversal.Visit != original.Visit || reversal.Order != original.Order {
		t.Fatalf("the reversal's facts differ: %+v, %+v", original, reversal)
	}
}

// TestBatchesMakeNoDifference: the same bills one by one, in one batch, in two, and
// with the persons interleaved otherwise give the same answers, persons and books.
func TestBatchesMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		terms := drawTerms(rt)
		var claims []engine.Claim
		var lines []engine.Line
		for range rapid.IntRange(1, 12).Draw(rt, "bills") {
			b := drawBill(rt, &terms, uint32(rapid.IntRange(0, counterPersons-1).Draw(rt, "person")))
			b.claim.FirstLine = uint32(len(lines))
			if rapid.IntRange(0, 5).Draw(rt, "refused") == 0 {
				b.claim.Flags |= engine.FlagSuspended
			}
			claims, lines = append(claims, b.claim), append(lines, b.lines...)
		}
		whole := newCounter(rt, terms, engine.Catalogue{})
		want := make([]engine.Result, len(claims))
		whole.Settle(claims, lines, want)
		whole.proven(rt)
		personsAgreeWithRegister(rt, whole, 2024)

		same := func(how string, c *counter, got []engine.Result) {
			if !slices.Equal(got, want) || !slices.Equal(c.people, whole.people) || !slices.Equal(c.annexes, whole.annexes) {
				rt.Fatalf("%s: other answers or persons", how)
			}
			if !sameRows(c.books, whole.books) ||
				!slices.Equal(c.books.Aside, whole.books.Aside) || c.books.Refused != whole.books.Refused || c.books.RefusedFees != whole.books.RefusedFees {
				rt.Fatalf("%s: other books", how)
			}
		}

		got := make([]engine.Result, len(claims))
		single := newCounter(t, terms, engine.Catalogue{})
		for i := range claims {
			single.Settle(claims[i:i+1], lines, got[i:i+1])
		}
		same("one by one", single, got)

		cut := rapid.IntRange(0, len(claims)).Draw(rt, "cut")
		halves := newCounter(t, terms, engine.Catalogue{})
		halves.Settle(claims[:cut], lines, got[:cut])
		halves.Settle(claims[cut:], lines, got[cut:])
		same("two batches", halves, got)

		// One person after the other: claims of one person stay in order (X25).
		grouped := newCounter(t, terms, engine.Catalogue{})
		for person := range uint32(counterPersons) {
			for i := range claims {
				if claims[i].Person == person {
					grouped.Settle(claims[i:i+1], lines, got[i:i+1])
				}
			}
		}
		same("person by person", grouped, got)

		// Two shards with a part of the persons each, their books merged.
		merged := newCounter(t, terms, engine.Catalogue{})
		other := engine.NewBooks(counterShape)
		second := engine.NewShard(merged.rules, []uint8{0}, nil, other)
		second.Bind(merged.people, merged.annexes)
		for i := range claims {
			if claims[i].Person%2 == 0 {
				merged.Settle(claims[i:i+1], lines, got[i:i+1])
			} else {
				second.Settle(claims[i:i+1], lines, got[i:i+1])
			}
		}
		merged.books.Add(other)
		same("two shards", merged, got)
		if merged.Person(1) != &merged.people[1] || second.Person(1) != &merged.people[1] {
			rt.Fatal("Person is not the shard's own")
		}
		merged.books.Reset()
		if empty := engine.NewBooks(counterShape); !sameRows(merged.books, empty) ||
			!slices.Equal(merged.books.Aside, empty.Aside) || !slices.Equal(merged.books.Manual, empty.Manual) || merged.books.Refused != empty.Refused || merged.books.RefusedFees != empty.RefusedFees {
			rt.Fatal("Reset leaves something")
		}
	})
}

func sameRows(a, b *engine.Books) bool {
	for cell := range a.Shape.Cells() {
		if *a.At(cell) != *b.At(cell) {
			return false
		}
	}
	return true
}

// TestLinesAgainstTheLiteralSplit divides single lines of both signs (I1, C4, X28).
func TestLinesAgainstTheLiteralSplit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		catalogue := drawCatalogue(rt)
		line := drawLine(rt, drawAmount(rt, "amount", engine.MaxFee))
		level := engine.Level(rapid.IntRange(0, engine.NumLevels-1).Draw(rt, "level"))
		s, ok := catalogue.Split(&line, level)
		ownPay, overLimit, preSelfPay, inScope := literalSplit(&catalogue, level, &line)
		want := engine.Split{OwnPay: money.Fen(ownPay), OverLimit: money.Fen(overLimit), PreSelfPay: money.Fen(preSelfPay), InScope: money.Fen(inScope)}
		if !ok || s != want {
			rt.Fatalf("%+v splits to %+v, %v; want %+v", line, s, ok, want)
		}
		if s.OwnPay+s.OverLimit+s.PreSelfPay+s.InScope != line.Amount {
			rt.Fatalf("I1: %+v of %v", s, line.Amount)
		}
		refund := line
		refund.Amount, refund.Count = -line.Amount, -line.Count
		back, ok := catalogue.Split(&refund, level)
		if !ok || back != (engine.Split{OwnPay: -s.OwnPay, OverLimit: -s.OverLimit, PreSelfPay: -s.PreSelfPay, InScope: -s.InScope}) {
			rt.Fatalf("the refund of %+v is %+v", s, back)
		}
	})
}

// TestReplayGivesTheSameState: the same requests leave the same state, to the digest,
// however they are batched; a fen more is another state (V7).
func TestReplayGivesTheSameState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		policy := drawPolicy(rt)
		var requests []engine.Request
		var lines []engine.Line
		for i := range rapid.IntRange(1, 8).Draw(rt, "bills") {
			b := drawBill(rt, policy.of(day.Of(2024, 1, 1)), uint32(rapid.IntRange(0, counterPersons-1).Draw(rt, "person")))
			b.claim.FirstLine = uint32(len(lines))
			requests = append(requests, engine.Request{Ticket: engine.Ticket{Sequence: uint64(i + 1)}, Op: engine.OpSettle, On: b.claim.SettleDay, Claim: b.claim})
			lines = append(lines, b.lines...)
		}
		replay := func(lines []engine.Line, batch int) [32]byte {
			k := engine.NewIntake(newDatedCounter(rt, policy).Shard, 6, 1)
			for from := 0; from < len(requests); from += batch {
				part := requests[from:min(from+batch, len(requests))]
				k.Take(part, lines, make([]engine.Answer, len(part)))
			}
			return k.StateDigest()
		}
		state := replay(lines, len(requests))
		if replay(lines, 1) != state || replay(lines, 3) != state {
			rt.Fatal("the same requests, and another state")
		}
		other := slices.Clone(lines)
		other[rapid.IntRange(0, len(other)-1).Draw(rt, "line")].Amount += 1
		if replay(other, 1) == state {
			rt.Fatal("another request, and the same state")
		}
	})
}
