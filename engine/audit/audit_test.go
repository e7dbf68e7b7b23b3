package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/audit"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// chronicTerms are those of the worked example: 80 % of a chronic bill, no deductible.
func chronicTerms() engine.Terms {
	t := engine.NewTerms()
	t.Ceiling = 500_000 * money.Yuan
	for _, k := range []engine.Kind{engine.Chronic, engine.Inpatient} {
		b := &t.Benefits[k]
		for p := range b.Ratio {
			for l := range b.Ratio[p] {
				b.Ratio[p][l][0] = 8000
			}
		}
	}
	return t
}

// always is a policy that holds on every day, with a catalogue that says nothing.
func always(terms *engine.Terms) audit.Policy {
	return audit.Policy{
		Terms:     func(day.Day) *engine.Terms { return terms },
		Catalogue: func(day.Day) *engine.Catalogue { return &engine.Catalogue{} },
	}
}

func chronicClaim() engine.Claim {
	on := day.Of(2022, 7, 1)
	return engine.Claim{
		Area: 110000, AdmitDay: on, SettleDay: on, Treating: 1, Kind: engine.Chronic, Level: engine.LevelTertiary, PersonType: engine.Retired,
		Filing: engine.Filing{Kind: engine.RetiredSettled, Dest: 110000, Filed: day.Of(2022, 1, 1), From: day.Of(2022, 1, 1), To: day.Never},
	}
}

// TestWorkedExample is the regulation's own: 廊坊 in Beijing on 2022-07-01 (C4). Then it is
// taken back, and a fen of it more is asked of the account.
func TestWorkedExample(t *testing.T) {
	terms, claim := chronicTerms(), chronicClaim()
	lines := []engine.Line{
		{Amount: 3252, Class: engine.WesternDrug, Item: engine.ClassA},
		{Amount: 3177, Class: engine.WesternDrug, Item: engine.ClassB, SelfPay: 1000},
	}
	var person audit.Person
	a := audit.Settle(always(&terms), &person, &claim, lines)
	for _, want := range []struct {
		name, yuan string
		got        decimal.Decimal
	}{
		{"total", "64.29", a.Fee}, {"own-pay", "0", a.OwnPay}, {"over-limit", "0", a.OverLimit}, {"pre-self-pay", "3.18", a.PreSelfPay},
		{"in scope", "61.11", a.InScope}, {"deductible", "0", a.Deductible}, {"fund", "48.89", a.Funds[engine.LayerBasic]},
		{"personal", "15.4", a.Account.Add(a.Cash)}, {"ratio", "0.8", a.Ratio}, {"basic paid in the year", "48.89", person.Snapshot().Basic[2]},
	} {
		if want.got.String() != want.yuan {
			t.Errorf("%s: %v, want %s", want.name, want.got, want.yuan)
		}
	}
	back := audit.Reverse(claim.SettleDay, &person, &claim, a)
	if !back.Fee.Equal(a.Fee.Neg()) || !back.Funds[0].Equal(a.Funds[0].Neg()) || !back.Cash.Equal(a.Cash.Neg()) {
		t.Errorf("taken back: %+v", back)
	}
	if s := person.Snapshot(); s.Settlements != 0 || !s.Basic[2].IsZero() {
		t.Errorf("after the reversal: %+v", s)
	}
	if again := audit.Reverse(claim.SettleDay, &person, &claim, a); again.Status != engine.StatusNotLatest {
		t.Errorf("taken back twice: %v", again.Status)
	}
	if late := audit.Reverse(day.Of(2023, 1, 1), &person, &claim, a); late.Status != engine.StatusYearClosed {
		t.Errorf("taken back next year: %v", late.Status)
	}
}

// TestDifferenceNamesTheField: every field of the engine's answer, wrong by the least it
// can be, is found and named, and marked where the two stand side by side.
func TestDifferenceNamesTheField(t *testing.T) {
	terms, claim := chronicTerms(), chronicClaim()
	right := engine.Result{Filing: engine.RetiredSettled, Kind: engine.Chronic, Order: 1, Ratio: 8000, Fee: 100, InScope: 100, CeilingLeft: 50_000_000, Cash: 20}
	right.Funds[engine.LayerBasic] = 80
	var person audit.Person
	a := audit.Settle(always(&terms), &person, &claim, []engine.Line{{Amount: 100}})
	if d := a.Difference(&right); d != "" {
		t.Fatal(d)
	}
	for name, falsify := range map[string]func(r *engine.Result){
		"status":            func(r *engine.Result) { r.Status = engine.StatusBadLines },
		"filing":            func(r *engine.Result) { r.Filing = engine.Emergency },
		"kind":              func(r *engine.Result) { r.Kind = engine.Outpatient },
		"at home":           func(r *engine.Result) { r.AtHome = true },
		"by hand":           func(r *engine.Result) { r.ByHand = true },
		"visit":             func(r *engine.Result) { r.Visit++ },
		"order":             func(r *engine.Result) { r.Order++ },
		"previous":          func(r *engine.Result) { r.Previous++ },
		"ratio":             func(r *engine.Result) { r.Ratio-- },
		"fee":               func(r *engine.Result) { r.Fee++ },
		"own-pay":           func(r *engine.Result) { r.OwnPay++ },
		"over-limit":        func(r *engine.Result) { r.OverLimit-- },
		"pre-self-pay":      func(r *engine.Result) { r.PreSelfPay++ },
		"in scope":          func(r *engine.Result) { r.InScope-- },
		"deductible":        func(r *engine.Result) { r.Deductible++ },
		"ceiling left":      func(r *engine.Result) { r.CeilingLeft-- },
		"basic":             func(r *engine.Result) { r.Funds[engine.LayerBasic]++ },
		"large":             func(r *engine.Result) { r.Funds[engine.LayerLarge]++ },
		"major":             func(r *engine.Result) { r.Funds[engine.LayerMajor]-- },
		"aid":               func(r *engine.Result) { r.Funds[engine.LayerAid]++ },
		"account":           func(r *engine.Result) { r.Account++ },
		"cash":              func(r *engine.Result) { r.Cash-- },
		"hospital":          func(r *engine.Result) { r.Hospital++ },
		"civil":             func(r *engine.Result) { r.Funds[engine.LayerCivil]++ },
		"enterprise":        func(r *engine.Result) { r.Funds[engine.LayerEnterprise]++ },
		"mutual":            func(r *engine.Result) { r.Mutual++ },
		"case gain":         func(r *engine.Result) { r.CaseGain-- },
		"former in scope":   func(r *engine.Result) { r.Former.InScope++ },
		"former deductible": func(r *engine.Result) { r.Former.Deductible++ },
		"former aid":        func(r *engine.Result) { r.Former.Funds[engine.LayerAid]++ },
		"former major base": func(r *engine.Result) { r.Former.MajorBase++ },
		"major base":        func(r *engine.Result) { r.MajorBase++ },
	} {
		wrong := right
		falsify(&wrong)
		if d := a.Difference(&wrong); !strings.HasPrefix(d, name+": ") {
			t.Errorf("%s falsified: %q", name, d)
		}
		if !strings.Contains(a.SideBySide(&wrong), "* "+name) {
			t.Errorf("%s falsified and not marked:\n%s", name, a.SideBySide(&wrong))
		}
	}
	if strings.Contains(a.SideBySide(&right), "*") {
		t.Errorf("marked without a difference:\n%s", a.SideBySide(&right))
	}
	var sums engine.YearSums
	if d := person.Difference(&sums, 0, 0); !strings.HasPrefix(d, "basic paid, chronic of 2022: engine 0.00, audit 0.8") {
		t.Errorf("accumulators: %q", d)
	}
}

// both settles one bill of one person here and there.
func both(t *testing.T, terms *engine.Terms, claim engine.Claim, lines ...engine.Line) (audit.Answer, engine.Result) {
	t.Helper()
	d := newDesk(t, terms, 1)
	claim.Lines = uint16(len(lines))
	var r [1]engine.Result
	d.Settle([]engine.Claim{claim}, lines, r[:])
	var person audit.Person
	return audit.Settle(always(terms), &person, &claim, lines), r[0]
}

// newDesk is a shard of one pool in province 0 under the same terms from 2022 to 2025.
func newDesk(t testing.TB, terms *engine.Terms, people int) *engine.Shard {
	first := day.MonthOf(2022, 1)
	rules := engine.NewRules(first, 48, 1, 2)
	for m := first; m < first+48; m++ {
		for x := range engine.Scheme(engine.NumSchemes) {
			rules.SetTerms(m, m, 0, x, terms)
		}
		for p := range 2 {
			rules.SetCatalogue(m, m, p, &engine.Catalogue{})
		}
	}
	if faults := rules.Seal(); faults != nil {
		t.Fatal(faults)
	}
	return engine.NewShard(rules, []uint8{0}, make([]engine.PersonYear, people), engine.NewBooks(engine.Shape{Pools: 1, Provinces: 2}))
}

// X27: 床位费 20.00, and 护理费 −5.00 that was never billed.
func TestNegativeClassIsRefusedByBoth(t *testing.T) {
	terms, claim := chronicTerms(), chronicClaim()
	claim.Kind = engine.Inpatient
	a, r := both(t, &terms, claim, engine.Line{Amount: 2000, Class: engine.Bed}, engine.Line{Amount: -500, Class: engine.Nursing})
	if a.Status != engine.StatusBadLines || r.Status != engine.StatusBadLines {
		t.Errorf("audit %v, engine %v", a.Status, r.Status)
	}
}

// TestCountersEnd: after 255 admissions of a year, and after 65 535 settlements, both refuse
// the next bill and take one back; a new year begins afresh, but gives no number twice.
func TestCountersEnd(t *testing.T) {
	terms, claim := chronicTerms(), chronicClaim()
	for person, ends := range []struct {
		kind engine.Kind
		last int
		back engine.Status // of another bill once the last has been taken back
		next engine.Status // of the first bill of the next year
	}{{engine.Inpatient, 255, engine.Settled, engine.Settled}, {engine.Pharmacy, 65_535, engine.StatusOutOfRange, engine.StatusOutOfRange}} {
		claim.Kind, claim.Lines, claim.SettleDay = ends.kind, 1, day.Of(2022, 7, 1)
		shard, lines := newDesk(t, &terms, 1), []engine.Line{{Amount: 2}}
		var somebody audit.Person
		var r [1]engine.Result
		settle := func(what string, want engine.Status) audit.Answer {
			t.Helper()
			shard.Settle([]engine.Claim{claim}, lines, r[:])
			a := audit.Settle(always(&terms), &somebody, &claim, lines)
			if d := a.Difference(&r[0]); d != "" || a.Status != want {
				t.Fatalf("person %d, %s: %v, want %v; %s", person, what, a.Status, want, d)
			}
			return a
		}
		var last audit.Answer
		for range ends.last {
			last = settle("a bill", engine.Settled)
		}
		original := r[0]
		settle("one more", engine.StatusOutOfRange)
		shard.Reverse(claim.SettleDay, []engine.Claim{claim}, []engine.Result{original}, r[:])
		if a := audit.Reverse(claim.SettleDay, &somebody, &claim, last); a.Status != engine.Settled || a.Difference(&r[0]) != "" {
			t.Fatalf("person %d, the last taken back: %v, %s", person, a.Status, a.Difference(&r[0]))
		}
		settle("after the reversal", ends.back)
		claim.SettleDay = day.Of(2023, 1, 1)
		settle("next year", ends.next)
	}
}

// TestSharesNoArithmetic: the package takes words from the engine and nothing that
// computes: types and constants only, of package money the units alone, and no method of
// the engine's but those that compare answers.
func TestSharesNoArithmetic(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	vocabulary := engineVocabulary(t)
	units := []string{"Fen", "BasisPoints", "Micro", "Count"}
	computes := []string{
		"Split", "FundSum", "PersonPart", "LongTerm", "Temporary", "TimesHalfUp", "AddTo", "AddRegister", "Check", "Sense", "Lawful",
		"Month", "OfYear", "First", "Last", "Weekday", "Cell", "ManualCell", "Cleared", "NeedAnnex",
	}
	// What these hold computes: the audit keeps its own. Has on a set is vocabulary.
	machines := []string{"Shard", "PersonYear", "Annex", "Rules", "Books", "Totals", "Balances", "Ledger"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := s.X.(*ast.Ident)
			switch {
			case x != nil && x.Name == "engine":
				if !vocabulary[s.Sel.Name] || slices.Contains(machines, s.Sel.Name) {
					t.Errorf("%s uses engine.%s", name, s.Sel.Name)
				}
			case x != nil && x.Name == "money":
				if !slices.Contains(units, s.Sel.Name) {
					t.Errorf("%s uses money.%s", name, s.Sel.Name)
				}
			case x != nil && x.Name == "day":
				if s.Sel.Name != "Day" && s.Sel.Name != "Of" {
					t.Errorf("%s uses day.%s", name, s.Sel.Name)
				}
			case slices.Contains(computes, s.Sel.Name):
				t.Errorf("%s uses the engine's %s", name, s.Sel.Name)
			}
			return true
		})
	}
}

// engineVocabulary are the engine's exported names that are no functions.
func engineVocabulary(t *testing.T) map[string]bool {
	words := map[string]bool{}
	files, err := filepath.Glob(filepath.Join("..", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					words[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						words[n.Name] = true
					}
				}
			}
		}
	}
	return words
}
