package engine_test

import (
	"maps"
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// country is a made-up one of three provinces: A (0) with pools 0 and 1, B (1) with
// pool 2, C (2) with pool 3. Funds pay 60 % of outpatient and 50 % of inpatient care
// from the first fen.
type country struct {
	*engine.Shard
	books  *engine.Books
	ledger *engine.Ledger
	people []engine.PersonYear
}

const (
	provA, provB, provC = 0, 1, 2
)

var (
	countryShape    = engine.Shape{Pools: 4, Provinces: 3}
	countryProvince = []uint8{provA, provA, provB, provC}
	countryArea     = []uint32{130100, 110000, 310000}
)

func newCountry(t *testing.T) *country {
	first := day.MonthOf(2024, 1)
	rules := engine.NewRules(first, 12, countryShape.Pools, countryShape.Provinces)
	terms := engine.NewTerms()
	terms.Ceiling = 100_000 * money.Yuan
	for p := range engine.NumPersonTypes {
		for l := range engine.NumLevels {
			terms.Benefits[engine.Outpatient].Ratio[p][l][0] = 6_000
			terms.Benefits[engine.Inpatient].Ratio[p][l][0] = 5_000
		}
	}
	for m := first; m < first+12; m++ {
		for pool := range countryShape.Pools {
			rules.SetTerms(m, m, pool, engine.Employee, &terms)
			rules.SetTerms(m, m, pool, engine.Resident, &terms)
		}
		for p := range countryShape.Provinces {
			rules.SetCatalogue(m, m, p, &engine.Catalogue{})
		}
	}
	if faults := rules.Seal(); faults != nil {
		t.Fatal(faults)
	}
	c := &country{books: engine.NewBooks(countryShape), ledger: engine.NewLedger(countryShape, countryProvince), people: make([]engine.PersonYear, 8)}
	c.Shard = engine.NewShard(rules, countryProvince, c.people, c.books)
	return c
}

// bill settles one bill of a person of a pool in a province.
func (c *country) bill(person uint32, pool uint16, treating uint8, scheme engine.Scheme, kind engine.Kind, fee money.Fen) (engine.Claim, engine.Result) {
	claim := plainClaim(kind, day.Of(2024, 1, 15))
	claim.Person, claim.Pool, claim.Treating, claim.Scheme, claim.Lines = person, pool, treating, scheme, 1
	claim.Area, claim.Filing.Dest, claim.Flags = countryArea[treating], countryArea[treating], engine.FlagUseAccount
	results := make([]engine.Result, 1)
	c.Settle([]engine.Claim{claim}, []engine.Line{wholly(fee)}, results)
	return claim, results[0]
}

// The steps of a whole month, all pairs and cells on one day.
func (c *country) payInstitutions(m *engine.Cleared) {
	for i, cell := range m.Cells {
		c.ledger.PayInstitution(cell, m.Amounts[i])
	}
}

func (c *country) collect(m *engine.Cleared) {
	for insured := range countryShape.Provinces {
		c.ledger.Collect(m, insured)
	}
}

func (c *country) remit(m *engine.Cleared) {
	for pair, amount := range m.Pairs {
		c.ledger.Remit(pair, amount)
	}
}

func (c *country) receive(m *engine.Cleared) {
	for pair, amount := range m.Pairs {
		c.ledger.Receive(pair, amount)
	}
}

// chart is what the accounts of the whole country hold, in yuan; those not named
// are zero.
type chart map[engine.Account]money.Fen

// now returns what the accounts hold, in fen.
func (c *country) now() (now [engine.NumAccounts]money.Fen) {
	for a := range engine.Account(engine.NumAccounts) {
		now[a] = c.ledger.Balance(a)
	}
	return now
}

// changed compares what the accounts hold with what they held, in yuan.
func (c *country) changed(t *testing.T, step string, before [engine.NumAccounts]money.Fen, want chart) {
	t.Helper()
	for a, now := range c.now() {
		if got, want := now-before[a], want[engine.Account(a)]*money.Yuan; got != want {
			t.Errorf("%s: %v has changed by %v, want %v", step, engine.Account(a), got, want)
		}
	}
	if _, breaches := c.ledger.Check(step, false); breaches != nil {
		t.Error(breaches[0])
	}
}

func (c *country) holds(t *testing.T, step string, want chart) {
	t.Helper()
	for a := range engine.Account(engine.NumAccounts) {
		if got := c.ledger.Balance(a); got != want[a]*money.Yuan {
			t.Errorf("%s: %v holds %v, want %v", step, a, got, want[a]*money.Yuan)
		}
	}
	if trial := c.ledger.TrialBalance(); trial != 0 {
		t.Errorf("%s: trial balance %v", step, trial)
	}
	if _, breaches := c.ledger.Check(step, false); breaches != nil {
		t.Errorf("%v", breaches[0])
	}
}

func (c *country) pots(t *testing.T, step string, a, b, cc money.Fen) {
	t.Helper()
	for p, want := range []money.Fen{a, b, cc} {
		if got := c.ledger.Pot(p); got != want*money.Yuan {
			t.Errorf("%s: the pot of province %d holds %v, want %v", step, p, got, want*money.Yuan)
		}
	}
}

// TestTheMoneyOfTwoMonths follows five bills, one of them taken back, from the
// counter to the last fen, with every posting written out (A3, A6, D3, D4, D5, D7,
// D9, R1, R8, R14, X9, X10, X11). What is sent arrives whole (D10).
func TestTheMoneyOfTwoMonths(t *testing.T) {
	c := newCountry(t)
	c.people[0].Credit(30 * money.Yuan)

	// 100 × 60 % = 60 fund, 30 from the account, 10 cash: owed 90.
	c.bill(0, 0, provB, engine.Employee, engine.Outpatient, 100*money.Yuan)
	// 1 000 × 50 % = 500 fund, 500 cash: owed 500.
	c.bill(1, 1, provB, engine.Resident, engine.Inpatient, 1000*money.Yuan)
	// The other way: 200 × 50 % = 100 fund, 100 cash: owed 100.
	c.bill(2, 2, provA, engine.Employee, engine.Inpatient, 200*money.Yuan)
	// 50 × 60 % = 30 fund, 20 cash: owed 30.
	toC, toCResult := c.bill(3, 0, provC, engine.Employee, engine.Outpatient, 50*money.Yuan)
	// X9 — taken back before the month is cleared: clearing sees neither.
	gone, goneResult := c.bill(4, 1, provC, engine.Resident, engine.Outpatient, 70*money.Yuan)
	results := make([]engine.Result, 1)
	c.Reverse(gone.SettleDay, []engine.Claim{gone}, []engine.Result{goneResult}, results)

	if _, breaches := c.books.Check("January", func(int) string { return "" }); breaches != nil {
		t.Fatal(breaches[0])
	}
	c.ledger.Settled(c.books)
	settled := chart{
		engine.InstitutionRevenue: -1350, engine.InstitutionReceived: 630, engine.InstitutionDue: 720,
		engine.PatientBurden: 630, engine.PatientPaid: -630,
		engine.TreatingOpen: 720, engine.TreatingOwes: -720,
		engine.PoolBasic: 690, engine.PoolAccount: 30, engine.PoolOwes: -720,
	}
	c.holds(t, "settled", settled)

	// D5, R2 — B holds 600 from A for residents.
	residents := countryShape.Pair(provA, provB, engine.Resident)
	c.ledger.Prepay(residents, 600*money.Yuan)
	prepaid := maps.Clone(settled)
	prepaid[engine.InsuredCollected], prepaid[engine.InsuredAdvanced] = -600, 600
	prepaid[engine.TreatingFiscal], prepaid[engine.TreatingAdvance] = 600, -600
	c.holds(t, "prepaid", prepaid)
	c.pots(t, "prepaid", 0, 600, 0)

	// D3 — gross by ordered pair and scheme: A→B and B→A are not set off.
	january := c.ledger.Clear(c.books)
	want := make([]money.Fen, countryShape.Pairs())
	want[countryShape.Pair(provA, provB, engine.Employee)] = 90 * money.Yuan
	want[residents] = 500 * money.Yuan
	want[countryShape.Pair(provB, provA, engine.Employee)] = 100 * money.Yuan
	want[countryShape.Pair(provA, provC, engine.Employee)] = 30 * money.Yuan
	if !slices.Equal(january.Pairs, want) || january.Total() != 720*money.Yuan {
		t.Errorf("January clears %v, total %v; want %v", january.Pairs, january.Total(), want)
	}
	wantCells := []int{
		countryShape.Cell(0, provB, engine.Employee, engine.Outpatient),
		countryShape.Cell(0, provC, engine.Employee, engine.Outpatient),
		countryShape.Cell(1, provB, engine.Resident, engine.Inpatient),
		countryShape.Cell(2, provA, engine.Employee, engine.Inpatient),
	}
	if !slices.Equal(january.Cells, wantCells) || !slices.Equal(january.Amounts, []money.Fen{9000, 3000, 50000, 10000}) {
		t.Errorf("January clears cells %v with %v", january.Cells, january.Amounts)
	}
	c.holds(t, "cleared", prepaid) // drawing up posts nothing

	// R14 — allocated.
	c.ledger.Allocate(january)
	allocated := maps.Clone(prepaid)
	allocated[engine.TreatingOpen], allocated[engine.PoolOwes] = 0, 0
	allocated[engine.PoolOwesProvince], allocated[engine.InsuredDue], allocated[engine.InsuredOwes], allocated[engine.TreatingDue] = -720, 720, -720, 720
	c.holds(t, "allocated", allocated)

	// D6 — the places of treatment pay their institutions, out of the prepayment and,
	// where there is none, of their own (X36).
	c.payInstitutions(january)
	paid := maps.Clone(allocated)
	paid[engine.TreatingOwes], paid[engine.InstitutionDue], paid[engine.InstitutionBank] = 0, 0, 720
	paid[engine.TreatingFiscal] = 600 - 720
	c.holds(t, "institutions paid", paid)
	c.pots(t, "institutions paid", -100, 600-590, -30)
	if _, breaches := c.ledger.Check("too early", true); breaches == nil {
		t.Error("with 720 yuan on their way the run-off is complete")
	}

	// D4 — pool to province, province to province, and there.
	c.collect(january)
	collected := maps.Clone(paid)
	collected[engine.PoolOwesProvince], collected[engine.PoolCash], collected[engine.InsuredDue], collected[engine.InsuredFiscal] = 0, -720, 0, 720
	c.holds(t, "collected", collected)

	c.remit(january)
	remitted := maps.Clone(collected)
	remitted[engine.InsuredFiscal], remitted[engine.InsuredOwes], remitted[engine.Transit], remitted[engine.TransitOwes] = 0, 0, 720, -720
	c.holds(t, "remitted", remitted)

	c.receive(january)
	received := maps.Clone(remitted)
	received[engine.Transit], received[engine.TransitOwes], received[engine.TreatingFiscal], received[engine.TreatingDue] = 0, 0, 600, 0
	c.holds(t, "received", received)
	c.pots(t, "received", 0, 600, 0)
	if checked, breaches := c.ledger.Check("January done", true); breaches != nil || checked == 0 {
		t.Errorf("%d checks, %v", checked, breaches)
	}

	// R8 — a smaller quota: B returns 100.
	c.ledger.Prepay(residents, -100*money.Yuan)
	rebased := maps.Clone(received)
	rebased[engine.InsuredCollected], rebased[engine.InsuredAdvanced] = -500, 500
	rebased[engine.TreatingFiscal], rebased[engine.TreatingAdvance] = 500, -500
	c.holds(t, "re-based", rebased)

	// X10, X11 — February: the bill in C is taken back after it was cleared. The closed
	// month stays, the pair of February is negative: a payable turned receivable.
	c.books.Reset()
	c.Reverse(toC.SettleDay, []engine.Claim{toC}, []engine.Result{toCResult}, results)
	if results[0].Status != engine.Settled {
		t.Fatalf("reversal: %v", results[0].Status)
	}
	c.ledger.Settled(c.books)
	february := c.ledger.Clear(c.books)
	if february.Total() != -30*money.Yuan || february.Pairs[countryShape.Pair(provA, provC, engine.Employee)] != -30*money.Yuan {
		t.Errorf("February clears %v", february.Pairs)
	}
	c.ledger.Allocate(february)
	c.payInstitutions(february)
	c.pots(t, "C has its money back from the institution", 0, 500, 30)
	c.collect(february)
	c.remit(february)
	c.receive(february)
	end := chart{
		engine.InstitutionRevenue: -1300, engine.InstitutionReceived: 610, engine.InstitutionBank: 690,
		engine.PatientBurden: 610, engine.PatientPaid: -610,
		engine.PoolBasic: 660, engine.PoolAccount: 30, engine.PoolCash: -690,
		engine.InsuredCollected: -500, engine.InsuredAdvanced: 500, engine.TreatingFiscal: 500, engine.TreatingAdvance: -500,
	}
	c.holds(t, "February received", end)
	c.pots(t, "February received", 0, 500, 0)
	for _, a := range engine.OpenAccounts {
		if balance := c.ledger.Balance(a); balance != 0 {
			t.Errorf("open at the end: %v %v", a, balance)
		}
	}
	if _, breaches := c.ledger.Check("the end", true); breaches != nil {
		t.Errorf("%v", breaches)
	}

	// An empty month clears nothing and moves nothing.
	c.books.Reset()
	march := c.ledger.Clear(c.books)
	for _, step := range []func(*engine.Cleared){c.ledger.Allocate, c.payInstitutions, c.collect, c.remit, c.receive} {
		step(march)
	}
	c.holds(t, "an empty month", end)
}

// TestShapeInverses: every cell and pair splits into what it was made of, and they
// are dense and in order.
func TestShapeInverses(t *testing.T) {
	for _, shape := range []engine.Shape{{Pools: 1, Provinces: 1}, {Pools: 4, Provinces: 3}, {Pools: 5, Provinces: 32}} {
		next := 0
		for pool := range shape.Pools {
			for treating := range shape.Provinces {
				for s := range engine.Scheme(engine.NumSchemes) {
					for k := range engine.Kind(engine.NumKinds) {
						cell := shape.Cell(pool, treating, s, k)
						a, b, c, d := shape.Split(cell)
						if cell != next || a != pool || b != treating || c != s || d != k {
							t.Fatalf("%+v: cell (%d, %d, %d, %d) is %d and splits to (%d, %d, %d, %d)", shape, pool, treating, s, k, cell, a, b, c, d)
						}
						next++
					}
				}
			}
		}
		if next != shape.Cells() {
			t.Errorf("%+v has %d cells, says %d", shape, next, shape.Cells())
		}
		next = 0
		for insured := range shape.Provinces {
			for treating := range shape.Provinces {
				for s := range engine.Scheme(engine.NumSchemes) {
					pair := shape.Pair(insured, treating, s)
					a, b, c := shape.SplitPair(pair)
					if pair != next || a != insured || b != treating || c != s {
						t.Fatalf("%+v: pair (%d, %d, %d) is %d and splits to (%d, %d, %d)", shape, insured, treating, s, pair, a, b, c)
					}
					next++
				}
			}
		}
		if next != shape.Pairs() {
			t.Errorf("%+v has %d pairs, says %d", shape, next, shape.Pairs())
		}
	}
	l := engine.NewLedger(countryShape, countryProvince)
	if got, want := l.PairOf(countryShape.Cell(2, provC, engine.Resident, engine.Chronic)), countryShape.Pair(provB, provC, engine.Resident); got != want {
		t.Errorf("pool 2 in C is cleared in pair %d, want %d", got, want)
	}
}
