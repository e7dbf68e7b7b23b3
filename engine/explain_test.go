package engine_test

import (
	"flag"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// TestExplainAgreesWithSettle explains random bills of one person around the turn of a
// year, each before it is settled: the explanation has the settlement's result to the
// last field (I1 to I8), its steps add up to it, and it changes nobody. Away from home,
// at home (B17, B18), by hand (B15), refused for every reason, divided between two
// years (R16, X20), fallen to ordinary care (X42).
func TestExplainAgreesWithSettle(t *testing.T) {
	rapid.Check(t, explainsLikeSettle(map[string]int{}))
}

// TestExplainMeetsEveryStep plays the bills of one seed, the same ones every time, and
// looks that they meet every step and every refusal: a test that never reaches a step
// proves nothing of it.
func TestExplainMeetsEveryStep(t *testing.T) {
	for name, value := range map[string]string{"rapid.seed": "1", "rapid.checks": "60"} {
		f := flag.Lookup(name)
		was := f.Value.String()
		t.Cleanup(func() { _ = f.Value.Set(was) })
		if testing.Short() && name == "rapid.checks" {
			value = "300" // of which rapid plays a fifth
		}
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
	met := map[string]int{}
	rapid.Check(t, explainsLikeSettle(met))
	for _, step := range []any{
		engine.Check{}, engine.FilingChosen{}, engine.OrdinaryInstead{}, engine.LineSplit{}, engine.LinesTotal{}, engine.YearDivision{},
		engine.DeductibleTaken{}, engine.Bracket{}, engine.BasicShare{}, engine.CeilingCheck{}, engine.MajorBurden{}, engine.MajorBracket{},
		engine.LayerPays{}, engine.LayerIdle{}, engine.CaseCompared{}, engine.Payer{}, engine.Sum{},
	} {
		if name := reflect.TypeOf(step).Name(); met[name] == 0 {
			t.Errorf("no bill had a step %s", name)
		}
	}
	for s := engine.StatusSameProvince; s < engine.NumStatuses; s++ {
		switch s {
		case engine.StatusNoPolicy, engine.StatusYearClosed, engine.StatusOutOfRange, engine.StatusNotLatest, engine.StatusPlatformDown:
			continue // of dates and amounts that this test does not draw
		}
		if met[s.String()] == 0 {
			t.Errorf("no bill was refused with %v", s)
		}
	}
}

// explainsLikeSettle plays the bills of one person and notes what they met.
func explainsLikeSettle(met map[string]int) func(*rapid.T) {
	return func(rt *rapid.T) {
		policy := drawPolicy(rt)
		c := newDatedCounter(rt, policy)
		explainer := engine.NewExplainer(c.rules, []uint8{0}, counterShape.Provinces)
		c.people[0].Credit(drawAmount(rt, "balance", 5_000*money.Yuan))
		c.people[0].CreditMutual(drawAmount(rt, "mutual", 5_000*money.Yuan))
		today := day.Of(2023, 11, 1)
		for range rapid.IntRange(20, 40).Draw(rt, "bills") {
			b := drawBill(rt, policy.of(today), 0)
			stay := b.claim.SettleDay - b.claim.AdmitDay
			today += day.Day(rapid.IntRange(0, 10).Draw(rt, "later"))
			b.claim.AdmitDay, b.claim.SettleDay = today-stay, today
			spoil(rt, &b)
			settle, explain := c.settleOne, explainer.Explain
			switch rapid.IntRange(0, 4).Draw(rt, "how") {
			case 0:
				settle, explain = c.reimburseOne, explainer.ExplainManual
			case 1:
				b.claim.Treating, b.claim.Area = 0, 131000
			}
			person, annex := c.people[0], c.annexes[0]
			x := explain(&b.claim, b.lines, &person, &annex)
			if person != c.people[0] || annex != c.annexes[0] {
				rt.Fatal("explaining a bill changed the person")
			}
			if got := settle(b.claim, b.lines...); x.Result != got {
				rt.Fatalf("explained as %+v, settled as %+v", x.Result, got)
			}
			if x.Result.Status == engine.Settled && x.Balance != c.people[0].Balance() {
				rt.Fatalf("the account holds %v, explained as %v", c.people[0].Balance(), x.Balance)
			}
			addsUp(rt, x, met)
		}
	}
}

// spoil gives a bill, now and then, what it is refused for.
func spoil(t *rapid.T, b *bill) {
	f := &b.claim.Filing
	switch rapid.IntRange(0, 14).Draw(t, "spoilt") {
	case 0:
		b.claim.Flags |= rapid.SampledFrom([]engine.Flags{engine.FlagUnverified, engine.FlagSuspended, engine.FlagUnconnected,
			engine.FlagInjury, engine.FlagInjury | engine.FlagThirdParty}).Draw(t, "flag")
	case 1:
		*f = engine.Filing{}
	case 2:
		f.Revoked = true
	case 3:
		f.Dest = 310000
	case 4:
		f.To = b.claim.AdmitDay
	case 5:
		f.Filed = b.claim.SettleDay + 1
	case 6:
		f.Basis = engine.ByCommitment
	case 7:
		b.claim.Flags |= engine.FlagEmergency
	case 8:
		b.lines = append(b.lines, engine.Line{Amount: -1, Class: engine.Bed, SelfPay: engine.FromCatalogue})
		b.claim.Lines++
	}
}

// addsUp holds the steps against each other and against the result, in rationals
// where a ratio is taken.
func addsUp(t *rapid.T, x *engine.Explanation, met map[string]int) {
	r := &x.Result
	var parts engine.Split
	var fee, deductible, account, mutual, cash, hospital money.Fen
	var funds [engine.NumLayers]money.Fen
	var exact, majorExact int64
	fail := func(s *engine.Step, format string, args ...any) {
		t.Fatalf("%+v: %s", *s, fmt.Sprintf(format, args...))
	}
	for i := range x.Steps {
		s := &x.Steps[i]
		met[reflect.TypeOf(s.Detail).Name()]++
		if s.Rules == "" && r.Status != engine.StatusOutOfRange {
			fail(s, "names no rule")
		}
		product := func(base money.Fen, ratio money.BasisPoints, want int64) {
			if int64(base)*int64(ratio) != want {
				fail(s, "%v × %d is not %d", base, ratio, want)
			}
		}
		rounds := func(exact int64, to money.Fen) {
			if got := roundHalfUp(big.NewRat(exact, 10_000)); got != int64(to) {
				fail(s, "%d rounds to %d", exact, got)
			}
		}
		switch d := s.Detail.(type) {
		case engine.Check:
			if !d.Passed {
				met[d.Refusal.String()]++
				if i != len(x.Steps)-1 || d.Refusal != r.Status {
					fail(s, "refused, but the bill is %v after %d of %d steps", r.Status, i+1, len(x.Steps))
				}
			}
		case engine.LineSplit:
			if d.Parts.OwnPay+d.Parts.OverLimit+d.Parts.PreSelfPay+d.Parts.InScope != d.Line.Amount {
				fail(s, "the parts do not sum to the line")
			}
			if d.Refund == nil {
				product(d.Base, d.Rate, d.Exact)
				rounds(d.Exact, d.Parts.PreSelfPay)
			}
			fee += d.Line.Amount
			parts.OwnPay += d.Parts.OwnPay
			parts.OverLimit += d.Parts.OverLimit
			parts.PreSelfPay += d.Parts.PreSelfPay
			parts.InScope += d.Parts.InScope
		case engine.DeductibleTaken:
			deductible += d.Taken
			exact, majorExact = 0, 0
			if d.Mode == engine.PerVisit && d.Covered && d.Taken != min(d.InScope, max(0, d.Charged-d.Counted)) {
				fail(s, "takes %v", d.Taken)
			}
		case engine.Bracket:
			product(d.To-d.From, d.Ratio, d.Exact)
			if d.Local != 0 && d.Ratio != max(0, d.Local-d.Drop+d.Senior) {
				fail(s, "ratio %d", d.Ratio)
			}
			exact += d.Exact
		case engine.BasicShare:
			if d.Exact != exact {
				fail(s, "the brackets come to %d", exact)
			}
			rounds(d.Exact, d.Rounded)
		case engine.CeilingCheck:
			if d.Amount != min(d.Share, d.Left) || d.Reached != (d.Share > d.Left) {
				fail(s, "pays %v", d.Amount)
			}
			funds[engine.LayerBasic] += d.Amount
		case engine.MajorBracket:
			product(d.To-d.From, d.Ratio, d.Exact)
			majorExact += d.Exact
		case engine.LayerPays:
			if d.Layer == engine.LayerMajor {
				if d.Exact != majorExact {
					fail(s, "the brackets come to %d", majorExact)
				}
			} else {
				product(d.Base, d.Ratio, d.Exact)
			}
			rounds(d.Exact, d.Rounded)
			funds[d.Layer] += d.Amount
		case engine.CaseCompared:
			hospital += d.Hospital
			funds[engine.LayerBasic] -= d.Hospital
		case engine.Payer:
			switch d.Source {
			case engine.FromAccount:
				account = d.Amount
			case engine.FromMutual:
				mutual = d.Amount
			case engine.InCash:
				cash = d.Amount
			}
			if d.Source != engine.InCash && d.Amount != 0 && (!d.Asked || d.Amount > min(d.Of, d.Balance)) {
				fail(s, "pays %v", d.Amount)
			}
		case engine.Sum:
			if d.All != d.Fee || d.FundSum+d.PersonPart+d.Hospital != d.Fee {
				fail(s, "the payers do not sum to the fee")
			}
		}
	}
	if r.Status != engine.Settled {
		if last, ok := x.Steps[len(x.Steps)-1].Detail.(engine.Check); !ok || last.Passed {
			t.Fatalf("refused with %v, and the last step does not say so", r.Status)
		}
		return
	}
	got := [...]any{fee, parts, deductible, funds, account, mutual, cash, hospital}
	want := [...]any{r.Fee, engine.Split{OwnPay: r.OwnPay, OverLimit: r.OverLimit, PreSelfPay: r.PreSelfPay, InScope: r.InScope},
		r.Deductible, r.Funds, r.Account, r.Mutual, r.Cash, r.Hospital}
	if got != want {
		t.Fatalf("the steps come to %v, the result is %v", got, want)
	}
}

// TestExplainWorkedExample walks through C4: 31.77 × 10 % = 3.177 → 3.18 and
// 61.11 × 80 % = 48.888 → 48.89 (X26).
func TestExplainWorkedExample(t *testing.T) {
	terms := plainTerms()
	c := newCounter(t, terms, engine.Catalogue{})
	claim := plainClaim(engine.Chronic, day.Of(2024, 7, 1))
	claim.Disease = engine.Diabetes
	lines := []engine.Line{wholly(3252), {Amount: 3177, Class: engine.WesternDrug, Item: engine.ClassB, SelfPay: 1000}}
	x := engine.NewExplainer(c.rules, []uint8{0}, counterShape.Provinces).Explain(&claim, lines, &engine.PersonYear{}, nil)
	if r := &x.Result; r.PreSelfPay != 318 || r.InScope != 6111 || r.Funds[engine.LayerBasic] != 4889 || r.Cash != 1540 {
		t.Errorf("%+v", *r)
	}
	var products []string
	for _, s := range x.Steps {
		switch d := s.Detail.(type) {
		case engine.LineSplit:
			products = append(products, fmt.Sprint(d.Exact, " ", d.Parts.PreSelfPay))
		case engine.BasicShare:
			products = append(products, fmt.Sprint(d.Exact, " ", d.Rounded))
		}
	}
	if want := []string{"0 0.00", "3177000 3.18", "48888000 48.89"}; !slices.Equal(products, want) {
		t.Errorf("unrounded and rounded: %q, want %q", products, want)
	}
}

// TestExplainDividesTheHospitalsPart: a stay of 10 days, 9 of them in 2023, of which the
// hospital bears 1 000.00: 900.00 of them in that year (R16, X41). An explainer panics
// where its steps do not come to that.
func TestExplainDividesTheHospitalsPart(t *testing.T) {
	terms := plainTerms()
	terms.CrossYear = engine.CrossByDay
	c := newCounter(t, terms, engine.Catalogue{Case: engine.CaseBorne})
	claim := plainClaim(engine.Inpatient, day.Of(2024, 1, 1))
	claim.AdmitDay, claim.CasePayment = day.Of(2023, 12, 23), 1_900_000
	x := engine.NewExplainer(c.rules, []uint8{0}, counterShape.Provinces).
		Explain(&claim, []engine.Line{wholly(20_000 * money.Yuan)}, &c.people[0], &c.annexes[0])
	// (18 000 − 1 000) × 80 % = 13 600.00 and (2 000 − 1 000) × 80 % = 800.00.
	if r := &x.Result; r.Hospital != 1_000*money.Yuan || r.Former.Funds[engine.LayerBasic] != 1_270_000 || r.Funds[engine.LayerBasic] != 13_400*money.Yuan {
		t.Errorf("%+v", *r)
	}
}

// TestExplainRefusals: the checks come in the order of the statuses, those before the
// refusal passed, and the values that a check read are named.
func TestExplainRefusals(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	e := engine.NewExplainer(c.rules, []uint8{0}, counterShape.Provinces)
	checks := func(x *engine.Explanation) string {
		var all []string
		for _, s := range x.Steps {
			if d, ok := s.Detail.(engine.Check); ok {
				all = append(all, fmt.Sprint(d.Refusal, " ", d.Passed))
			}
		}
		return strings.Join(all, "\n")
	}
	today := day.Of(2024, 5, 1)
	claim := plainClaim(engine.Inpatient, today)
	claim.Filing.To = today
	want := `same_province true
no_policy true
unverified true
suspended true
unconnected true
third_party true
no_injury_letter true
not_filed true
filing_revoked true
filed_elsewhere true
filing_not_in_force false`
	x := e.Explain(&claim, []engine.Line{wholly(100)}, &engine.PersonYear{}, nil)
	if got := checks(x); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if last := x.Steps[len(x.Steps)-1]; len(last.Params) != 1 || last.Params[0].Name != engine.ParamInForce || last.Rules != "B8 X14" {
		t.Errorf("%+v", last)
	}

	for _, test := range []struct {
		what   string
		person engine.PersonYear
		day    day.Day
		lines  []engine.Line
		status engine.Status
		line   int
	}{
		{"no lines (X27)", engine.PersonYear{}, today, nil, engine.StatusBadLines, 0},
		{"a refund of a later line (X27)", engine.PersonYear{}, today, []engine.Line{wholly(5), {Amount: -5, Original: 3, SelfPay: engine.FromCatalogue}}, engine.StatusBadLines, 2},
		{"a bill of 10 million yuan and a fen", engine.PersonYear{}, today, []engine.Line{wholly(engine.MaxFee), wholly(1)}, engine.StatusOutOfRange, 0},
		{"before the policies (A10)", engine.PersonYear{}, day.Of(2022, 12, 31), []engine.Line{wholly(5)}, engine.StatusNoPolicy, 0},
		{"a year that is closed (X10)", personOf(t, c, day.Of(2024, 1, 1)), day.Of(2023, 12, 31), []engine.Line{wholly(5)}, engine.StatusYearClosed, 0},
	} {
		claim := plainClaim(engine.Outpatient, test.day)
		x := e.Explain(&claim, test.lines, &test.person, nil)
		last, _ := x.Steps[len(x.Steps)-1].Detail.(engine.Check)
		if x.Result.Status != test.status || last != (engine.Check{Refusal: test.status, Line: test.line}) {
			t.Errorf("%s: %v, last step %+v", test.what, x.Result.Status, last)
		}
	}
}

// personOf is a person with one bill of a day.
func personOf(t *testing.T, c *counter, d day.Day) engine.PersonYear {
	t.Helper()
	if r := c.settleOne(plainClaim(engine.Outpatient, d), wholly(100)); r.Status != engine.Settled {
		t.Fatal(r.Status)
	}
	return c.people[0]
}
