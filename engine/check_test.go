package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// busyCountry has something in every account that a settlement posts to.
func busyCountry(t *testing.T) *country {
	c := newCountry(t)
	for person := range uint32(4) {
		c.people[person].Credit(20 * money.Yuan)
	}
	c.bill(0, 0, provB, engine.Employee, engine.Outpatient, 100*money.Yuan)
	c.bill(1, 1, provB, engine.Resident, engine.Inpatient, 1000*money.Yuan)
	c.bill(2, 2, provA, engine.Employee, engine.Inpatient, 200*money.Yuan)
	c.bill(3, 3, provA, engine.Resident, engine.Outpatient, 300*money.Yuan)
	return c
}

// TestBooksFindAPlantedFen holds V1 and V2. It plants one fen in every account of a used and of an empty
// cell: the check names the barrier, the cell and the account, and says by how much.
func TestBooksFindAPlantedFen(t *testing.T) {
	c := busyCountry(t)
	name := func(cell int) string { return fmt.Sprintf("cell no. %d", cell) }
	checked, breaches := c.books.Check("January", name)
	if breaches != nil {
		t.Fatal(breaches[0])
	}
	if want := int64(countryShape.Cells()) * (engine.NumSettleAccounts + 3); checked != want {
		t.Errorf("%d identities checked, want %d", checked, want)
	}
	for _, cell := range []int{0, countryShape.Cell(1, provB, engine.Resident, engine.Inpatient), countryShape.Cells() - 1} {
		for a := range engine.Account(engine.NumSettleAccounts) {
			for _, fen := range []money.Fen{1, -1} {
				c.books.Row(cell).Ledger[a] += fen
				_, breaches := c.books.Check("January", name)
				c.books.Row(cell).Ledger[a] -= fen
				if len(breaches) != 2 {
					t.Errorf("%d fen in %v: %d breaches", fen, a, len(breaches))
					continue
				}
				b := breaches[0]
				if b.Account != a.String() || b.Cell != name(cell) || b.Barrier != "January" || b.Got-b.Want != fen || b.Invariant != "ledger = register" {
					t.Errorf("%d fen in %v of cell %d: %v", fen, a, cell, b)
				}
				if text := b.Error(); !strings.Contains(text, a.String()) || !strings.Contains(text, name(cell)) || !strings.Contains(text, fmt.Sprintf("off by %d fen", fen)) {
					t.Errorf("the report does not tell the story: %s", text)
				}
				if breaches[1].Invariant != "trial balance" {
					t.Errorf("%d fen in %v: second breach %v", fen, a, breaches[1])
				}
			}
		}
	}
}

// TestBooksFindAMovedFen: a fen moved from one account to another keeps the trial
// balance, and both accounts are named all the same.
func TestBooksFindAMovedFen(t *testing.T) {
	c := busyCountry(t)
	cell := countryShape.Cell(0, provB, engine.Employee, engine.Outpatient)
	for from := range engine.Account(engine.NumSettleAccounts) {
		to := (from + 1) % engine.NumSettleAccounts
		c.books.Row(cell).Ledger[from]--
		c.books.Row(cell).Ledger[to]++
		_, breaches := c.books.Check("", func(int) string { return "" })
		c.books.Row(cell).Ledger[from]++
		c.books.Row(cell).Ledger[to]--
		named := map[string]bool{}
		for _, b := range breaches {
			named[b.Account] = true
		}
		if len(breaches) != 2 || !named[from.String()] || !named[to.String()] {
			t.Errorf("a fen from %v to %v: %v", from, to, breaches)
		}
	}
}

// TestRegisterFindsAPlantedFen: the register's own money is proven too; the rest of
// it, what was counted and charged, by the persons' accumulators (V3).
func TestRegisterFindsAPlantedFen(t *testing.T) {
	c := busyCountry(t)
	cell := countryShape.Cell(1, provB, engine.Resident, engine.Inpatient)
	sums := func() (persons, register engine.YearSums) {
		for i := range c.people {
			var one engine.YearSums
			c.people[i].AddTo(&one, 2024)
			persons.Add(&one)
		}
		for cell, row := range c.books.Rows() {
			_, _, _, kind := countryShape.Split(cell)
			register.AddRegister(kind, &row.Register)
		}
		return persons, register
	}
	if persons, register := sums(); persons != register {
		t.Fatalf("V3: persons %v, register %v", persons, register)
	}
	for m := range engine.Measure(engine.NumMeasures) {
		c.books.Row(cell).Register[m]++
		_, breaches := c.books.Check("", func(int) string { return "" })
		persons, register := sums()
		c.books.Row(cell).Register[m]--
		byBooks, byPersons := len(breaches) > 0, persons != register
		wantPersons := m == engine.Cases || m == engine.SumDeductible || m == engine.SumBasic || m >= engine.SumLarge && m <= engine.SumAid
		wantBooks := m >= engine.SumFee && m <= engine.SumCash && m != engine.SumDeductible || m >= engine.SumLarge && m <= engine.SumHospital
		if byBooks != wantBooks || byPersons != wantPersons {
			t.Errorf("measure %d: found by the books %v, by the persons %v", m, byBooks, byPersons)
		}
	}
	for i, name := range engine.YearSumNames {
		if name == "" {
			t.Errorf("year sum %d has no name", i)
		}
	}
	// Another year's accumulators are another year's.
	var other engine.YearSums
	c.people[0].AddTo(&other, 2023)
	if other != (engine.YearSums{}) {
		t.Errorf("2023: %v", other)
	}
}

// TestLedgerFindsAPlantedFen holds V4 and V5. It plants one fen in every account of the general ledger,
// in the middle of a month's clearing and at the end of the run.
func TestLedgerFindsAPlantedFen(t *testing.T) {
	c := busyCountry(t)
	c.ledger.Settled(c.books)
	january := c.ledger.Clear(c.books)
	c.ledger.Prepay(0, 600*money.Yuan)
	steps := []struct {
		name string
		step func(*engine.Cleared)
	}{
		{"settled", func(*engine.Cleared) {}}, {"allocated", c.ledger.Allocate}, {"institutions paid", c.payInstitutions},
		{"collected", c.collect}, {"remitted", c.remit}, {"received", c.receive},
	}
	for i, s := range steps {
		s.step(january)
		final := i == len(steps)-1
		if _, breaches := c.ledger.Check(s.name, final); breaches != nil {
			t.Fatal(breaches[0])
		}
		for a := range engine.Account(engine.NumAccounts) {
			for _, at := range []int{0, 5} {
				balance, place := &c.ledger.Cell(at)[min(a, engine.NumCellAccounts-1)], fmt.Sprintf("cell %d", at)
				pair := fmt.Sprintf("pair %d", c.ledger.PairOf(at))
				if a >= engine.NumCellAccounts {
					balance, place = &c.ledger.Pairs[at][a-engine.NumCellAccounts], fmt.Sprintf("pair %d", at)
					pair = place
				}
				*balance++
				_, breaches := c.ledger.Check(s.name, final)
				trial := c.ledger.TrialBalance()
				*balance--
				found := false
				for _, b := range breaches {
					if b.Barrier != s.name {
						t.Errorf("barrier %q", b.Barrier)
					}
					found = found || (b.Cell == place || b.Cell == pair) && (b.Account == a.String() || b.Account == a.Entity())
				}
				if !found || trial != 1 {
					t.Errorf("%s: a fen in %v of %s is not named: %v, trial balance %v", s.name, a, place, breaches, trial)
				}
			}
		}
	}
}

// TestLedgerFindsAMovedFen: a fen that changes its cell or pair is found, whatever
// account it sits in, although the country's balances stay the same.
func TestLedgerFindsAMovedFen(t *testing.T) {
	c := busyCountry(t)
	c.ledger.Settled(c.books)
	january := c.ledger.Clear(c.books)
	for _, step := range []func(*engine.Cleared){c.ledger.Allocate, c.payInstitutions, c.collect, c.remit, c.receive} {
		step(january)
	}
	for a := range engine.Account(engine.NumAccounts) {
		one, other := &c.ledger.Cell(1)[min(a, engine.NumCellAccounts-1)], &c.ledger.Cell(countryShape.Cells() - 1)[min(a, engine.NumCellAccounts-1)]
		if a >= engine.NumCellAccounts {
			one, other = &c.ledger.Pairs[1][a-engine.NumCellAccounts], &c.ledger.Pairs[countryShape.Pairs()-1][a-engine.NumCellAccounts]
		}
		*one++
		*other--
		_, breaches := c.ledger.Check("moved", false)
		*one--
		*other++
		if breaches == nil {
			t.Errorf("a fen of %v moved to another place: nothing found", a)
		}
	}
	if _, breaches := c.ledger.Check("unmoved", true); breaches != nil {
		t.Error(breaches[0])
	}
}

// TestAccountNames: stable, unique, entity first, and found again by name.
func TestAccountNames(t *testing.T) {
	entities := map[string]bool{}
	for a := range engine.Account(engine.NumAccounts) {
		back, ok := engine.ParseAccount(a.String())
		if !ok || back != a {
			t.Errorf("account %d %q parses as %d, %v", a, a, back, ok)
		}
		if !strings.HasPrefix(a.String(), a.Entity()+".") {
			t.Errorf("account %q is kept by %q", a, a.Entity())
		}
		entities[a.Entity()] = true
	}
	if len(entities) != 6 {
		t.Errorf("entities: %v", entities)
	}
	if _, ok := engine.ParseAccount("pool.mine"); ok {
		t.Error("an account that does not exist is found")
	}
	// Only these stay open at the end of a run: costs, cash and the prepayment.
	open := map[engine.Account]bool{}
	for _, a := range engine.OpenAccounts {
		open[a] = true
	}
	for a := range engine.Account(engine.NumAccounts) {
		owes := strings.Contains(a.String(), "owes") || strings.HasSuffix(a.String(), ".due") || strings.HasSuffix(a.String(), ".open") ||
			a == engine.Transit || a == engine.InsuredFiscal || a == engine.TreatingOwn
		if owes != open[a] {
			t.Errorf("%v: must be zero at the end %v, is checked %v", a, owes, open[a])
		}
	}
}

// TestLimitsOfAPersonYear: what no counter could hold is refused in time, and the
// refusals change nothing.
func TestLimitsOfAPersonYear(t *testing.T) {
	terms := plainTerms()
	terms.Benefits[engine.Inpatient].Deductible[engine.Working][engine.LevelTertiary] = engine.MaxFee
	c := newCounter(t, terms, engine.Catalogue{})
	claim := plainClaim(engine.Inpatient, day.Of(2024, 3, 5))
	settled := 0
	for range 10 {
		before := c.people[0]
		switch r := c.settleOne(claim, wholly(engine.MaxFee)); r.Status {
		case engine.Settled:
			settled++
		case engine.StatusOutOfRange:
			if c.people[0] != before {
				t.Error("the refusal changed the person")
			}
		default:
			t.Errorf("%v", r.Status)
		}
	}
	if settled != 3 {
		t.Errorf("%d bills of ten million yuan fit; the counters' lower half is 21.4 million", settled)
	}
	c.proven(t)

	// 255 admissions, and 65 535 settlements.
	claim.Person = 1
	for i := range 300 {
		if r := c.settleOne(claim, wholly(0)); (r.Status == engine.Settled) != (i < 255) {
			t.Fatalf("admission %d: %v", i+1, r.Status)
		}
	}
	claim.Person, claim.Kind = 2, engine.Chronic
	for i := range 1<<16 + 10 {
		if r := c.settleOne(claim, wholly(0)); (r.Status == engine.Settled) != (i < 1<<16-1) {
			t.Fatalf("settlement %d: %v", i+1, r.Status)
		}
	}
	c.proven(t)
}

// TestCreditHolds: the account fills to its limit and no further, and a reversal
// after that still comes out exactly.
func TestCreditHolds(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	p := &c.people[0]
	p.Credit(100 * money.Yuan)
	claim := plainClaim(engine.Chronic, day.Of(2024, 3, 5))
	claim.Flags = engine.FlagUseAccount
	r := c.settleOne(claim, wholly(500*money.Yuan)) // 20 % of 500.00
	if r.Account != 100*money.Yuan || p.Balance() != 0 {
		t.Fatalf("account pays %v, %v remain", r.Account, p.Balance())
	}
	p.Credit(1 << 40)
	full := p.Balance()
	p.Credit(money.Yuan)
	if p.Balance() != full || full <= engine.MaxFee {
		t.Errorf("a full account holds %v, then %v", full, p.Balance())
	}
	if r := c.reverseOne(claim, 1, r); r.Status != engine.Settled || p.Balance() != full+100*money.Yuan {
		t.Errorf("the reversal leaves %v, want %v", p.Balance(), full+100*money.Yuan)
	}
	p.Credit(money.Yuan)
	if p.Balance() != full+100*money.Yuan {
		t.Errorf("a credit to an overfull account leaves %v", p.Balance())
	}
	if !panics(func() { p.Credit(-1) }) {
		t.Error("a negative credit is taken")
	}
}

// TestCallersMistakes panic: they are no answers and no errors.
func TestCallersMistakes(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	sound := plainClaim(engine.Inpatient, day.Of(2024, 3, 5))
	settle := func(change func(*engine.Claim)) func() {
		claim := sound
		change(&claim)
		return func() {
			claim.Lines = max(claim.Lines, 1)
			c.Settle([]engine.Claim{claim}, []engine.Line{wholly(1)}, make([]engine.Result, 1))
		}
	}
	for name, f := range map[string]func(){
		"person":         settle(func(c *engine.Claim) { c.Person = counterPersons }),
		"pool":           settle(func(c *engine.Claim) { c.Pool = 1 }),
		"province":       settle(func(c *engine.Claim) { c.Treating = 3 }),
		"lines":          settle(func(c *engine.Claim) { c.Lines = 2 }),
		"few results":    func() { c.Settle([]engine.Claim{sound}, nil, nil) },
		"refused origin": func() { c.reverseOne(sound, 1, engine.Result{Status: engine.StatusNotFiled}) },
		"few provinces":  func() { engine.NewShard(c.rules, nil, nil, c.books) },
		"other books":    func() { engine.NewShard(c.rules, []uint8{0}, nil, engine.NewBooks(countryShape)) },
	} {
		if !panics(f) {
			t.Errorf("%s: no panic", name)
		}
	}
	c.proven(t)
}
