package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// TestTermsBounds holds the drops against C6: at most 10 points for referral and
// emergency, 20 for the other temporary kind and the unfiled, none for long-term
// filers at their place (C5).
func TestTermsBounds(t *testing.T) {
	const points = 100 // basis points
	for _, test := range []struct {
		kind  engine.FilingKind
		drop  money.BasisPoints
		fault string
	}{
		{engine.Referral, 9 * points, ""},
		{engine.Referral, 10 * points, ""},
		{engine.Referral, 11 * points, "(C6)"},
		{engine.Referral, -1, "(C6)"},
		{engine.Emergency, 9 * points, ""},
		{engine.Emergency, 10 * points, ""},
		{engine.Emergency, 11 * points, "(C6)"},
		{engine.OtherTemporary, 19 * points, ""},
		{engine.OtherTemporary, 20 * points, ""},
		{engine.OtherTemporary, 21 * points, "(C6)"},
		{engine.OtherTemporary, -1, "(C6)"},
		{engine.Unfiled, 19 * points, ""},
		{engine.Unfiled, 20 * points, ""},
		{engine.Unfiled, 21 * points, "(C6)"},
		{engine.RetiredSettled, 1, "(C5)"},
		{engine.LongTermResident, 1, "(C5)"},
		{engine.PostedWorker, -1, "(C5)"},
	} {
		terms := plainTerms()
		terms.Drop[test.kind] = test.drop
		faults := terms.Lawful(engine.Bounds2023)
		if (len(faults) == 1) != (test.fault != "") || len(faults) > 1 {
			t.Errorf("filing kind %d, %d bp: %v", test.kind, test.drop, faults)
		}
		for _, fault := range faults {
			if !strings.Contains(fault.Error(), test.fault) || !strings.Contains(fault.Error(), fmt.Sprintf(" %d bp", test.drop)) {
				t.Errorf("filing kind %d, %d bp: %v names neither rule nor value", test.kind, test.drop, fault)
			}
		}
		// A drop below zero would raise the ratio: no sense either, whatever the law.
		if sense := terms.Sense(); (len(sense) != 0) != (test.drop < 0) || !slices.Equal(texts(terms.Check(engine.Bounds2023)), texts(append(faults, sense...))) {
			t.Errorf("filing kind %d, %d bp: makes no sense: %v", test.kind, test.drop, sense)
		}
	}

	// A what-if outside the bounds says so by other bounds, and only then passes.
	terms := plainTerms()
	terms.Drop[engine.Referral], terms.Drop[engine.OtherTemporary] = 1500, 3000
	if faults := terms.Check(engine.Bounds2023); len(faults) != 2 {
		t.Errorf("15 and 30 points: %v", faults)
	}
	wide := engine.Bounds2023
	wide.DropReferral, wide.DropOther = 1500, 3000
	if faults := terms.Check(wide); faults != nil {
		t.Errorf("15 and 30 points within 15 and 30: %v", faults)
	}
	// The rules before 2023 knew no points (A10): any share can be lost, but not more.
	if faults := terms.Check(engine.Bounds2019); faults != nil {
		t.Errorf("15 and 30 points under the rules of 2019: %v", faults)
	}
	terms.Drop[engine.Referral] = money.One + 1
	if faults := terms.Lawful(engine.Bounds2019); len(faults) != 1 {
		t.Errorf("more than 100 points: %v", faults)
	}
}

// TestFilingBounds holds a pool's rule of filing against the generation in force
// (A10): a temporary filing for at least 6 months or without end (B8, B9), a lock of
// at most 6, before 2023 of 12 (B10), and something at home (B18).
func TestFilingBounds(t *testing.T) {
	type rule = engine.FilingRule
	for _, test := range []struct {
		what       string
		set        func(*rule)
		y2019, now string // what the fault names, "" for none
	}{
		{"as the law says", func(*rule) {}, "", ""},
		{"temporary 5 months", func(r *rule) { r.TemporaryMonths = 5 }, "", "5 months, less than 6 (B8)"},
		{"temporary 6 months", func(r *rule) { r.TemporaryMonths = 6 }, "", ""},
		{"temporary 7 months", func(r *rule) { r.TemporaryMonths = 7 }, "", ""},
		{"temporary without end", func(r *rule) { r.TemporaryMonths = 0 }, "", ""},
		{"lock of 0", func(r *rule) { r.LockMonths = 0 }, "", ""},
		{"lock of 6", func(r *rule) { r.LockMonths = 6 }, "", ""},
		{"lock of 7", func(r *rule) { r.LockMonths = 7 }, "", "7 months, more than 6 (B10)"},
		{"lock of 12", func(r *rule) { r.LockMonths = 12 }, "", "12 months, more than 6 (B10)"},
		{"lock of 13", func(r *rule) { r.LockMonths = 13 }, "13 months, more than 12 (B10)", "13 months, more than 6 (B10)"},
		{"at home as a referral", func(r *rule) { r.HomeReturn = engine.HomeAsReferral }, "", ""},
		{"at home the local level", func(r *rule) { r.HomeReturn = engine.HomeLocal }, "", ""},
		{"at home nothing", func(r *rule) { r.HomeReturn = engine.HomeNone }, "", "nothing at home (B18)"},
	} {
		terms := plainTerms()
		test.set(&terms.Filing)
		for _, law := range []struct {
			bounds engine.Bounds
			fault  string
		}{{engine.Bounds2019, test.y2019}, {engine.Bounds2023, test.now}} {
			faults := texts(terms.Check(law.bounds))
			if law.fault == "" && len(faults) != 0 || law.fault != "" && (len(faults) != 1 || !strings.Contains(faults[0], law.fault)) {
				t.Errorf("%s: %q, want %q", test.what, faults, law.fault)
			}
		}
	}
}

func texts(faults []error) (all []string) {
	for _, fault := range faults {
		all = append(all, fault.Error())
	}
	return all
}

// TestTermsSense: all faults come at once, each in a line of its own.
func TestTermsSense(t *testing.T) {
	terms := plainTerms()
	if faults := terms.Check(engine.Bounds2023); faults != nil {
		t.Fatalf("plain terms: %v", faults)
	}
	b := &terms.Benefits[engine.Chronic]
	b.BracketTop = [engine.NumBrackets - 1]money.Fen{500, 500, 600}
	b.Ratio[engine.Retired][engine.LevelTop][2] = money.One + 1
	b.Ratio[engine.Child][engine.LevelPrimary][0] = -1
	b.Deductible[engine.Adult][engine.LevelSecondary] = -1
	b.Ceiling, b.LaterFen, b.LaterFloor = -1, -1, -1
	terms.Large = engine.Large{Kinds: engine.InpatientOnly, Ratio: money.One + 1, Ceiling: -1}
	terms.Major = engine.Major{Kinds: engine.InpatientOnly, Start: -1, Top: [engine.NumBrackets - 1]money.Fen{5, 4}, Ceiling: -1}
	terms.Major.Ratio[3] = -1
	terms.Aid.Ratio[engine.NearPoor], terms.Aid.Ceiling = money.One+1, -1
	terms.Ceiling = -1
	terms.Civil, terms.Enterprise = engine.Supplement{Ratio: money.One + 1, Ceiling: -1}, engine.Supplement{Ratio: -1, Ceiling: -2}
	terms.Benefits[engine.Pharmacy].Mode = engine.PerYear
	senior := &terms.Benefits[engine.Inpatient]
	senior.SeniorAge, senior.SeniorPoints = 70, 501
	senior.Ratio[engine.Elderly][engine.LevelTop][3] = 9_500
	want := []string{
		"civil servants' supplement, ceiling: negative amount -0.01",
		"civil servants' supplement: ratio 10001 bp outside 0 to 10000",
		"enterprise supplement, ceiling: negative amount -0.02",
		"enterprise supplement: ratio -1 bp outside 0 to 10000",
		"kind 0, person type 4, level 3, from age 70: ratio 10001 bp outside 0 to 10000",
		"outpatient visits and pharmacies share one allowance; their deductible modes differ",
		"kind 2: bracket tops do not rise",
		"kind 2, ceiling: negative amount -0.01",
		"kind 2, floor of later admissions: negative amount -0.01",
		"kind 2, later admissions: negative amount -0.01",
		"kind 2, person type 1, level 3: ratio 10001 bp outside 0 to 10000",
		"kind 2, person type 2, level 0: ratio -1 bp outside 0 to 10000",
		"kind 2, person type 3, level 1, deductible: negative amount -0.01",
		"aid, ceiling: negative amount -0.01",
		"aid: ratio 10001 bp outside 0 to 10000",
		"ceiling: negative amount -0.01",
		"large, ceiling: negative amount -0.01",
		"large: ratio 10001 bp outside 0 to 10000",
		"major, ceiling: negative amount -0.01",
		"major, start line: negative amount -0.01",
		"major: bracket tops do not rise from the start line",
		"major: ratio -1 bp outside 0 to 10000",
	}
	var got []string
	for _, fault := range terms.Check(engine.Bounds2023) {
		got = append(got, fault.Error())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// Brackets rise fen by fen at the least, and leave no gap.
	for _, test := range []struct {
		tops  [engine.NumBrackets - 1]money.Fen
		sound bool
	}{
		{[engine.NumBrackets - 1]money.Fen{}, true},
		{[engine.NumBrackets - 1]money.Fen{1}, true},
		{[engine.NumBrackets - 1]money.Fen{1, 2, 3}, true},
		{[engine.NumBrackets - 1]money.Fen{1, 1, 0}, false},
		{[engine.NumBrackets - 1]money.Fen{2, 1, 0}, false},
		{[engine.NumBrackets - 1]money.Fen{0, 1, 0}, false},
		{[engine.NumBrackets - 1]money.Fen{1, 0, 2}, false},
		{[engine.NumBrackets - 1]money.Fen{-1, 0, 0}, false},
	} {
		for _, set := range []func(*engine.Terms){
			func(t *engine.Terms) { t.Benefits[0].BracketTop = test.tops },
			func(t *engine.Terms) { t.Major.Top = test.tops },
		} {
			terms := plainTerms()
			set(&terms)
			if faults := terms.Check(engine.Bounds2023); (faults == nil) != test.sound {
				t.Errorf("tops %v: %v", test.tops, faults)
			}
		}
	}

	edge := plainTerms()
	edge.Benefits[0].Ratio[0][0] = [engine.NumBrackets]money.BasisPoints{0, money.One, 0, money.One}
	edge.Benefits[0].BracketTop = [engine.NumBrackets - 1]money.Fen{1, 2, 3}
	if faults := edge.Check(engine.Bounds2023); faults != nil {
		t.Errorf("ratios 0 and 1, brackets a fen apart: %v", faults)
	}
}

// TestRulesSeal: a month without terms or catalogue is a fault, not a zero; every
// one of them is named.
func TestRulesSeal(t *testing.T) {
	const months, pools, provinces = 3, 2, 3
	first := day.MonthOf(2023, 12)
	terms, catalogue := plainTerms(), engine.Catalogue{}
	build := func(skipTerms, skipCatalogue func(m day.Month, at int) bool) []error {
		r := engine.NewRules(first, months, pools, provinces)
		for m := first; m < first+months; m++ {
			for p := range pools {
				for s := range engine.Scheme(engine.NumSchemes) {
					if !skipTerms(m, p*engine.NumSchemes+int(s)) {
						r.SetTerms(m, m, p, s, &terms)
					}
				}
			}
			for p := range provinces {
				if !skipCatalogue(m, p) {
					r.SetCatalogue(m, m, p, &catalogue)
				}
			}
		}
		return r.Seal()
	}
	none := func(day.Month, int) bool { return false }
	if faults := build(none, none); faults != nil {
		t.Errorf("nothing missing: %v", faults)
	}
	for m := first; m < first+months; m++ {
		for at := range pools * engine.NumSchemes {
			faults := build(func(n day.Month, x int) bool { return n == m && x == at }, none)
			want := fmt.Sprintf("pool %d, scheme %d has no terms in %v", at/engine.NumSchemes, at%engine.NumSchemes, m)
			if len(faults) != 1 || faults[0].Error() != want {
				t.Errorf("%v, want %s", faults, want)
			}
		}
		for at := range provinces {
			faults := build(none, func(n day.Month, x int) bool { return n == m && x == at })
			want := fmt.Sprintf("province %d has no catalogue in %v", at, m)
			if len(faults) != 1 || faults[0].Error() != want {
				t.Errorf("%v, want %s", faults, want)
			}
		}
	}
	all := func(day.Month, int) bool { return true }
	if faults := build(all, all); len(faults) != months*(pools*engine.NumSchemes+provinces) {
		t.Errorf("everything missing: %d faults", len(faults))
	}
}

// TestSealedRulesAreEqual: rules built of the same entries are equal once sealed, by which
// a reform that changes no policy is told from one that touches patients.
func TestSealedRulesAreEqual(t *testing.T) {
	build := func() *engine.Rules {
		first, terms := day.MonthOf(2024, 1), plainTerms()
		r := engine.NewRules(first, 1, 1, 1)
		r.SetTerms(first, first, 0, engine.Employee, &terms)
		r.Seal()
		return r
	}
	if !reflect.DeepEqual(build(), build()) {
		t.Error("the same entries make other rules")
	}
}

// TestRulesLookup: each month, pool, scheme and province gets its own entry back,
// and outside the months there is none.
func TestRulesLookup(t *testing.T) {
	const months, pools, provinces = 3, 2, 2
	first := day.MonthOf(2023, 12)
	r := engine.NewRules(first, months, pools, provinces)
	ceiling := func(m day.Month, pool int, s engine.Scheme) money.Fen {
		return money.Fen(1000*int(m-first) + 100*pool + 10*int(s) + 1)
	}
	for m := first; m < first+months; m++ {
		for p := range pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				r.SetTerms(m, m, p, s, &engine.Terms{Ceiling: ceiling(m, p, s)})
			}
		}
		for p := range provinces {
			var c engine.Catalogue
			c.PreSelfPay[0] = money.BasisPoints(10*int(m-first) + p)
			r.SetCatalogue(m, m, p, &c)
		}
	}
	if faults := r.Seal(); faults != nil {
		t.Fatal(faults)
	}
	if m, n := r.Months(); m != first || n != months || r.Pools() != pools || r.Provinces() != provinces {
		t.Errorf("the rules are for %v+%d, %d pools, %d provinces", m, n, r.Pools(), r.Provinces())
	}
	for m := first - 1; m <= first+months; m++ {
		inside := m >= first && m < first+months
		for p := range pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				terms := r.Terms(m, p, s)
				if (terms != nil) != inside || inside && terms.Ceiling != ceiling(m, p, s) {
					t.Errorf("terms of %v, pool %d, scheme %d: %v", m, p, s, terms)
				}
			}
		}
		for p := range provinces {
			c := r.Catalogue(m, p)
			if (c != nil) != inside || inside && c.PreSelfPay[0] != money.BasisPoints(10*int(m-first)+p) {
				t.Errorf("catalogue of %v, province %d: %v", m, p, c)
			}
		}
	}
}

// TestRulesRange: an entry outside the rules is the caller's mistake, never another
// month's entry.
func TestRulesRange(t *testing.T) {
	first := day.MonthOf(2024, 1)
	for name, set := range map[string]func(*engine.Rules){
		"month before":   func(r *engine.Rules) { r.SetTerms(first-1, first-1, 0, engine.Employee, &engine.Terms{}) },
		"month after":    func(r *engine.Rules) { r.SetTerms(first+2, first+2, 0, engine.Employee, &engine.Terms{}) },
		"pool":           func(r *engine.Rules) { r.SetTerms(first, first, 2, engine.Employee, &engine.Terms{}) },
		"negative pool":  func(r *engine.Rules) { r.SetTerms(first, first, -1, engine.Employee, &engine.Terms{}) },
		"catalogue late": func(r *engine.Rules) { r.SetCatalogue(first+2, first+2, 0, &engine.Catalogue{}) },
		"province":       func(r *engine.Rules) { r.SetCatalogue(first, first, 3, &engine.Catalogue{}) },
	} {
		if !panics(func() { set(engine.NewRules(first, 2, 2, 3)) }) {
			t.Errorf("%s: no panic", name)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
