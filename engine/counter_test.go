package engine_test

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// counter is the smallest world a bill can be settled in: one pool in province 0,
// places of treatment in provinces 1 and 2, terms and catalogues for 2023 to 2025.
type counter struct {
	*engine.Shard
	rules   *engine.Rules
	people  []engine.PersonYear
	annexes []engine.Annex
	books   *engine.Books
}

var counterShape = engine.Shape{Pools: 1, Provinces: 3}

const counterPersons = 8

// newCounter opens a counter with one set of terms and one catalogue.
func newCounter(t tester, terms engine.Terms, catalogue engine.Catalogue) *counter {
	t.Helper()
	return newDatedCounter(t, literalTerms{
		of:          func(day.Day) *engine.Terms { return &terms },
		catalogueOf: func(day.Day) *engine.Catalogue { return &catalogue },
	})
}

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Name() string
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// newDatedCounter opens a counter whose terms and catalogues are those of the first of
// each month.
func newDatedCounter(t tester, p literalTerms) *counter {
	t.Helper()
	const months = 36
	first := day.MonthOf(2023, 1)
	rules := engine.NewRules(first, months, counterShape.Pools, counterShape.Provinces)
	for m := first; m < first+months; m++ {
		for s := range engine.Scheme(engine.NumSchemes) {
			rules.SetTerms(m, m, 0, s, p.of(m.First()))
		}
		for i := range counterShape.Provinces {
			rules.SetCatalogue(m, m, i, p.catalogueOf(m.First()))
		}
	}
	if faults := rules.Seal(); faults != nil {
		t.Fatalf("%v", faults)
	}
	c := &counter{
		rules: rules, books: engine.NewBooks(counterShape),
		people: make([]engine.PersonYear, counterPersons), annexes: make([]engine.Annex, counterPersons),
	}
	c.Shard = engine.NewShard(rules, []uint8{0}, c.people, c.books)
	c.Bind(c.people, c.annexes)
	c.KeepYears()
	return c
}

// reimburseOne decides one bill by hand.
func (c *counter) reimburseOne(claim engine.Claim, lines ...engine.Line) engine.Result {
	claim.FirstLine, claim.Lines = 0, uint16(len(lines))
	results := make([]engine.Result, 1)
	c.Reimburse([]engine.Claim{claim}, lines, results)
	return results[0]
}

// settleOne settles one bill.
func (c *counter) settleOne(claim engine.Claim, lines ...engine.Line) engine.Result {
	claim.FirstLine, claim.Lines = 0, uint16(len(lines))
	results := make([]engine.Result, 1)
	c.Settle([]engine.Claim{claim}, lines, results)
	return results[0]
}

// reverseOne takes one bill back.
func (c *counter) reverseOne(claim engine.Claim, lines int, original engine.Result) engine.Result {
	claim.Lines = uint16(lines)
	results := make([]engine.Result, 1)
	c.Reverse(claim.SettleDay, []engine.Claim{claim}, []engine.Result{original}, results)
	return results[0]
}

// proven fails the test where the books do not prove themselves.
func (c *counter) proven(t tester) {
	t.Helper()
	if _, breaches := c.books.Check(t.Name(), func(int) string { return "a cell" }); breaches != nil {
		t.Errorf("%v", breaches[0])
	}
}

// plainTerms pay 80 % of everything above 1 000 yuan for inpatients and from the
// first fen for others, to 50 000 yuan a year.
func plainTerms() engine.Terms {
	t := engine.NewTerms()
	t.Ceiling = 50_000 * money.Yuan
	for kind := range t.Benefits {
		b := &t.Benefits[kind]
		for p := range b.Ratio {
			for l := range b.Ratio[p] {
				b.Ratio[p][l] = [engine.NumBrackets]money.BasisPoints{8_000, 8_000, 8_000, 8_000}
				if engine.Kind(kind) == engine.Inpatient {
					b.Deductible[p][l] = 1_000 * money.Yuan
				}
			}
		}
	}
	return t
}

// plainClaim is a bill of a long-term filer in province 1 that nothing speaks against.
func plainClaim(kind engine.Kind, settled day.Day) engine.Claim {
	return engine.Claim{
		Area: 110000, AdmitDay: settled, SettleDay: settled, Treating: 1, Kind: kind, Level: engine.LevelTertiary,
		Filing: engine.Filing{Kind: engine.LongTermResident, Dest: 110000, Filed: day.Of(2020, 1, 1), From: day.Of(2020, 1, 1), To: day.Never},
	}
}

// wholly is one line of 甲类.
func wholly(amount money.Fen) engine.Line {
	return engine.Line{Amount: amount, Class: engine.WesternDrug, SelfPay: engine.FromCatalogue}
}
