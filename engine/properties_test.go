package engine_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// drawRatio prefers the edges.
func drawRatio(t *rapid.T, label string) money.BasisPoints {
	if rapid.Bool().Draw(t, label+" at an edge") {
		return rapid.SampledFrom([]money.BasisPoints{0, 1, 500, 5_000, 8_500, 9_999, money.One}).Draw(t, label)
	}
	return money.BasisPoints(rapid.Int32Range(0, 10_000).Draw(t, label))
}

func drawAmount(t *rapid.T, label string, most money.Fen) money.Fen {
	if rapid.Bool().Draw(t, label+" small") {
		return money.Fen(rapid.Int64Range(0, 20).Draw(t, label))
	}
	return money.Fen(rapid.Int64Range(0, int64(most)).Draw(t, label))
}

// drawTops makes bracket tops that rise from an amount.
func drawTops(t *rapid.T, label string, low money.Fen) (tops [engine.NumBrackets - 1]money.Fen) {
	for i := range rapid.IntRange(0, len(tops)).Draw(t, label) {
		low += 1 + drawAmount(t, label, 20_000*money.Yuan)
		tops[i] = low
	}
	return tops
}

// drawTerms makes terms within the bounds, with every rule in reach.
func drawTerms(t *rapid.T) engine.Terms {
	terms := engine.Terms{
		Ceiling: drawAmount(t, "ceiling", 50_000*money.Yuan),
		OneStop: rapid.Bool().Draw(t, "one-stop"),
	}
	points := func(label string, most int32) money.BasisPoints {
		return money.BasisPoints(rapid.OneOf(rapid.Just(int32(0)), rapid.Just(most), rapid.Int32Range(0, most)).Draw(t, label))
	}
	terms.Drop[engine.Referral], terms.Drop[engine.Emergency] = points("referral drop", 1000), points("emergency drop", 1000)
	terms.Drop[engine.OtherTemporary], terms.Drop[engine.Unfiled] = points("other drop", 2000), points("unfiled drop", 2000)
	terms.UnfiledDirect = rapid.Bool().Draw(t, "unfiled direct")
	for k := range terms.Benefits {
		b := &terms.Benefits[k]
		b.Mode = engine.DeductibleMode(rapid.IntRange(0, 1).Draw(t, "mode"))
		b.Later = engine.LaterRule(rapid.IntRange(0, 4).Draw(t, "later"))
		b.LaterFen, b.LaterFloor = drawAmount(t, "later amount", 500*money.Yuan), drawAmount(t, "later floor", 500*money.Yuan)
		b.BracketTop = drawTops(t, "bracket", 0)
		b.DropApplies = rapid.Bool().Draw(t, "drop applies")
		if k != int(engine.Inpatient) && rapid.Bool().Draw(t, "own ceiling") {
			b.Ceiling = 1 + drawAmount(t, "own ceiling", 3_000*money.Yuan)
		}
		deductible := drawAmount(t, "deductible", 2_000*money.Yuan)
		var ratios [engine.NumBrackets]money.BasisPoints
		for i := range ratios {
			ratios[i] = drawRatio(t, "ratio")
		}
		for p := range b.Deductible {
			for l := range b.Deductible[p] {
				b.Deductible[p][l] = deductible + money.Fen(7*p+l)
				b.Ratio[p][l] = ratios
			}
		}
	}
	terms.Large = engine.Large{Ratio: drawRatio(t, "large"), Ceiling: drawAmount(t, "large ceiling", 30_000*money.Yuan)}
	if rapid.Bool().Draw(t, "has major") {
		terms.Major.Start = drawAmount(t, "start", 15_000*money.Yuan)
		terms.Major.Top = drawTops(t, "major bracket", terms.Major.Start)
		for i := range terms.Major.Ratio {
			terms.Major.Ratio[i] = drawRatio(t, "major")
		}
		if rapid.Bool().Draw(t, "major has a ceiling") {
			terms.Major.Ceiling = 1 + drawAmount(t, "major ceiling", 30_000*money.Yuan)
		}
	}
	// Outpatient visits and pharmacies share one allowance and so one mode.
	terms.Benefits[engine.Pharmacy].Mode = terms.Benefits[engine.Outpatient].Mode
	terms.Aid.Ceiling = drawAmount(t, "aid ceiling", 5_000*money.Yuan)
	for i := 1; i < engine.NumIdentities; i++ {
		terms.Aid.Ratio[i] = drawRatio(t, "aid")
	}
	return terms
}

// drawFee prefers the fen around every threshold of the terms. A year of such bills
// stays within what a person-year can hold.
func drawFee(t *rapid.T, terms *engine.Terms, k engine.Kind) money.Fen {
	b := &terms.Benefits[k]
	edges := []money.Fen{0, b.Deductible[0][0], b.Deductible[0][0] / 2, b.LaterFen, b.LaterFloor, b.BracketTop[0], b.BracketTop[1], b.BracketTop[2],
		b.Ceiling, terms.Ceiling, terms.Large.Ceiling, terms.Major.Start, terms.Major.Top[0], terms.Aid.Ceiling}
	if ratio := b.Ratio[0][0][0]; ratio > 0 {
		edges = append(edges, b.Deductible[0][0]+money.Fen(int64(terms.Ceiling)*10_000/int64(ratio)))
	}
	if rapid.IntRange(0, 2).Draw(t, "near an edge") > 0 {
		return min(500_000*money.Yuan, max(0, rapid.SampledFrom(edges).Draw(t, "edge")+money.Fen(rapid.Int64Range(-2, 2).Draw(t, "off"))))
	}
	return drawAmount(t, "fee", 60_000*money.Yuan)
}

// bill is a claim with its lines.
type bill struct {
	claim engine.Claim
	lines []engine.Line
}

func drawBill(t *rapid.T, terms *engine.Terms, person uint32) bill {
	kind := engine.Kind(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "kind"))
	c := plainClaim(kind, day.Of(2024, 1, 1)+day.Day(rapid.IntRange(0, 365).Draw(t, "day")))
	c.Person = person
	c.Level = engine.Level(rapid.IntRange(0, engine.NumLevels-1).Draw(t, "level"))
	c.PersonType = engine.PersonType(rapid.IntRange(0, engine.NumPersonTypes-1).Draw(t, "type"))
	c.Identity = engine.Identity(rapid.IntRange(0, engine.NumIdentities-1).Draw(t, "identity"))
	c.Filing.Kind = engine.FilingKind(rapid.IntRange(int(engine.RetiredSettled), engine.NumFilingKinds-1).Draw(t, "filing"))
	if rapid.Bool().Draw(t, "account") {
		c.Flags |= engine.FlagUseAccount
	}
	x := bill{claim: c}
	if rapid.Bool().Draw(t, "one line") {
		x.lines = []engine.Line{wholly(drawFee(t, terms, kind))}
	} else {
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			x.lines = append(x.lines, drawLine(t, drawFee(t, terms, kind)/2))
		}
	}
	x.claim.Lines = uint32(len(x.lines))
	return x
}

func drawLine(t *rapid.T, amount money.Fen) engine.Line {
	line := engine.Line{
		Amount: amount, Class: engine.FeeClass(rapid.IntRange(0, engine.NumFeeClasses-1).Draw(t, "class")),
		Item:    engine.CatalogueClass(rapid.IntRange(0, engine.NumCatalogueClasses-1).Draw(t, "item")),
		SelfPay: engine.FromCatalogue,
	}
	if rapid.Bool().Draw(t, "own rate") {
		line.SelfPay = drawRatio(t, "rate")
	}
	if rapid.Bool().Draw(t, "priced") {
		line.Count = money.Count(rapid.Int64Range(1, 50_000).Draw(t, "count"))
		line.Price = money.Micro(rapid.Int64Range(1, 1_000_000_000).Draw(t, "price"))
		line.Limit = rapid.SampledFrom([]money.Micro{0, 1, engine.NoLimit, line.Price - 1, line.Price, line.Price + 1, line.Price / 2}).Draw(t, "limit")
	}
	return line
}

func drawCatalogue(t *rapid.T) (c engine.Catalogue) {
	rate, limit := drawRatio(t, "catalogue rate"), money.Micro(rapid.Int64Range(0, 500_000_000).Draw(t, "catalogue limit"))
	for class := range c.PreSelfPay {
		c.PreSelfPay[class] = rate
		if class%2 == 0 {
			for l := range c.Limit[class] {
				c.Limit[class][l] = limit
			}
		}
	}
	return c
}

// TestAgainstTheLiteralPolicy settles random years of one person and compares every
// field of every bill with the rational computation of literal_test.go, holds the
// identities, and at the end the ceilings and the books.
func TestAgainstTheLiteralPolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		terms, catalogue := drawTerms(rt), drawCatalogue(rt)
		if faults := terms.Check(engine.Bounds2023); faults != nil {
			rt.Fatalf("the test draws terms out of bounds: %v", faults)
		}
		c := newCounter(t, terms, catalogue)
		var y literal
		credit := drawAmount(rt, "balance", 5_000*money.Yuan)
		c.people[0].Credit(credit)
		y.balance = int64(credit)
		order := uint16(0)
		for range rapid.IntRange(1, 8).Draw(rt, "bills") {
			b := drawBill(rt, &terms, 0)
			got := c.settleOne(b.claim, b.lines...)
			if got.Status != engine.Settled {
				rt.Fatalf("refused: %v", got.Status)
			}
			want := y.settle(&terms, &catalogue, &b.claim, b.lines, b.claim.Filing.Kind)
			order++
			want.Order, want.Previous, want.Ratio = order, order-1, got.Ratio
			if got != want {
				rt.Fatalf("the engine and the literal policy differ for %+v of %+v\n got %+v\nwant %+v", b, terms, got, want)
			}
			for _, fault := range identityFaults(&terms, &b.claim, &got) {
				rt.Fatal(fault)
			}
		}
		if c.people[0].Balance() != money.Fen(y.balance) {
			rt.Fatalf("the account holds %v, want %v", c.people[0].Balance(), money.Fen(y.balance))
		}
		if sum := y.basic[0] + y.basic[1] + y.basic[2]; sum > int64(terms.Ceiling) || y.large > int64(terms.Large.Ceiling) || y.aid > int64(terms.Aid.Ceiling) ||
			terms.Major.Ceiling != 0 && y.major > int64(terms.Major.Ceiling) {
			rt.Fatalf("a ceiling is exceeded: %+v", y)
		}
		for k, paid := range y.basic[1:] {
			b := &terms.Benefits[k+1]
			if b.Ceiling != 0 && k == 1 && paid > int64(b.Ceiling) {
				rt.Fatalf("a kind's ceiling is exceeded: %+v", y)
			}
		}
		c.proven(t)
		personsAgreeWithRegister(rt, c)
	})
}

// personsAgreeWithRegister: for each person-year the accumulators are the sum of the
// valid settlements (V3).
func personsAgreeWithRegister(t *rapid.T, c *counter) {
	var persons, register engine.YearSums
	for i := range c.people {
		c.people[i].AddTo(&persons, 2024)
	}
	for cell := range c.books.Register {
		_, _, _, kind := c.books.Shape.Split(cell)
		register.AddRegister(kind, &c.books.Register[cell])
	}
	if persons != register {
		t.Fatalf("V3: persons %v, register %v", persons, register)
	}
}

// TestReversalRestores: a year of bills taken back from the last to the first leaves
// every person as it was and no amount in the books (X7, I7, V3).
func TestReversalRestores(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		terms := drawTerms(rt)
		c := newCounter(t, terms, engine.Catalogue{})
		type done struct {
			bill
			result engine.Result
			before engine.PersonYear
		}
		var stack []done
		for i := range c.people {
			// The first bill of a year turns the person to it; that stays.
			c.people[i].Credit(drawAmount(rt, "balance", 5_000*money.Yuan))
			b := plainClaim(engine.Outpatient, day.Of(2024, 1, 1))
			b.Person = uint32(i)
			c.reverseOne(b, 1, c.settleOne(b, wholly(0)))
		}
		c.books.Reset()
		start := slices.Clone(c.people)
		for range rapid.IntRange(1, 12).Draw(rt, "bills") {
			b := drawBill(rt, &terms, uint32(rapid.IntRange(0, 2).Draw(rt, "person")))
			before := c.people[b.claim.Person]
			stack = append(stack, done{b, c.settleOne(b.claim, b.lines...), before})
		}
		reversed := int64(len(stack))
		for _, d := range slices.Backward(stack) {
			r := c.reverseOne(d.claim, len(d.lines), d.result)
			if r.Status != engine.Settled {
				rt.Fatalf("the latest settlement cannot be reversed: %v", r.Status)
			}
			if after := c.people[d.claim.Person]; after.WithoutSerial() != d.before.WithoutSerial() {
				rt.Fatalf("person %+v, was %+v", after, d.before)
			}
			exactNegative(rt, &d.result, &r)
		}
		for i := range start {
			if c.people[i].WithoutSerial() != start[i].WithoutSerial() {
				rt.Fatalf("person %d is not as it was", i)
			}
		}
		for cell := range c.books.Register {
			row := c.books.Register[cell]
			reversed -= row[engine.Reversals]
			row[engine.Reversals] = 0
			if row != (engine.Totals{}) || c.books.Ledger[cell] != (engine.Balances{}) {
				rt.Fatalf("cell %d keeps %v, %v", cell, row, c.books.Ledger[cell])
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
		return append([]money.Fen{r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, r.Deductible, r.Account, r.Cash, r.Hospital, r.MajorBase, r.FundSum(), r.PersonPart()}, r.Funds[:]...)
	}
	a, b := amounts(original), amounts(reversal)
	for i := range a {
		if a[i] != -b[i] {
			t.Fatalf("amount %d: %v is not the negative of %v", i, b[i], a[i])
		}
	}
	if reversal.Filing != original.Filing || reversal.Ratio != original.Ratio || reversal.Visit != original.Visit || reversal.Order != original.Order {
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
		whole := newCounter(t, terms, engine.Catalogue{})
		want := make([]engine.Result, len(claims))
		whole.Settle(claims, lines, want)
		whole.proven(t)
		personsAgreeWithRegister(rt, whole)

		same := func(how string, c *counter, got []engine.Result) {
			if !slices.Equal(got, want) || !slices.Equal(c.people, whole.people) {
				rt.Fatalf("%s: other answers or persons", how)
			}
			if !slices.Equal(c.books.Register, whole.books.Register) || !slices.Equal(c.books.Ledger, whole.books.Ledger) ||
				c.books.Refused != whole.books.Refused || c.books.RefusedFees != whole.books.RefusedFees {
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
		second.Bind(merged.people)
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
		if empty := engine.NewBooks(counterShape); !slices.Equal(merged.books.Register, empty.Register) || !slices.Equal(merged.books.Ledger, empty.Ledger) ||
			merged.books.Refused != empty.Refused || merged.books.RefusedFees != empty.RefusedFees {
			rt.Fatal("Reset leaves something")
		}
	})
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
