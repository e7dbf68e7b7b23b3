package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// explainWorld is one pool, 廊坊, and two provinces, under terms of a test.
func explainWorld(scheme engine.Scheme, terms *engine.Terms, catalogue *engine.Catalogue) *sim.World {
	w := &sim.World{
		Provinces: []sim.Province{{Code: 130000, NameZH: "河北", NameEN: "Hebei"}, {Code: 110000, NameZH: "北京", NameEN: "Beijing"}},
		Pools:     []sim.Pool{{Code: 131000, Province: 0, NameZH: "廊坊市"}},
	}
	const months = 36
	first := day.MonthOf(2022, 1)
	w.Rules = engine.NewRules(first, months, 1, 2)
	other := engine.NewTerms()
	for m := first; m < first+months; m++ {
		w.Rules.SetTerms(m, m, 0, scheme, terms)
		w.Rules.SetTerms(m, m, 0, 1-scheme, &other)
		for p := range w.Provinces {
			w.Rules.SetCatalogue(m, m, p, catalogue)
		}
	}
	if faults := w.Rules.Seal(); faults != nil {
		panic(faults)
	}
	return w
}

// fromTest says of every value but the ratio of 大病 where it comes from.
func fromTest(p engine.Param) (report.Provenance, bool) {
	if p.Name == engine.ParamMajorRatio {
		return report.Provenance{}, false
	}
	from := report.Provenance{Path: "policies.131000.value", From: "2022-01", Source: "Worked example of the 2022 notice (C4, S0)", Status: "published", Place: "131000.yaml:30"}
	if p.Name.OfCatalogue() {
		from = report.Provenance{Path: "catalogues.110000.value", From: "2022-01", Source: "A catalogue made up for the test", Status: "synthetic", Place: "catalogues.yaml:7",
			Written: "90", Rule: "× price_factor_bp 11800 of the province, to whole yuan"}
	}
	return from, true
}

func explained(w *sim.World, id string, c *engine.Claim, lines []engine.Line, p *engine.PersonYear) *report.Explained {
	e := engine.NewExplainer(w.Rules, []uint8{0}, len(w.Provinces))
	return &report.Explained{World: w, ID: id, Explanation: e.Explain(c, lines, p, &engine.Annex{}), Origin: fromTest}
}

// workedExample is C4: 32.52 of 甲 and 31.77 of 乙, a chronic visit of a retired
// employee of 廊坊 in Beijing at 80 %.
func workedExample() *report.Explained {
	terms := engine.NewTerms()
	terms.Ceiling = 200_000 * money.Yuan
	terms.Benefits[engine.Chronic].DropApplies = true
	terms.Benefits[engine.Chronic].Ratio[engine.Retired][engine.LevelTertiary] = [engine.NumBrackets]money.BasisPoints{8000, 8000, 8000, 8000}
	w := explainWorld(engine.Employee, &terms, &engine.Catalogue{})
	on := day.Of(2022, 7, 1)
	c := engine.Claim{
		Area: 110000, AdmitDay: on, SettleDay: on, Treating: 1, Kind: engine.Chronic, Level: engine.LevelTertiary, PersonType: engine.Retired, Disease: engine.Diabetes,
		Filing: engine.Filing{Kind: engine.RetiredSettled, Basis: engine.ByMaterial, Dest: 110000, Filed: day.Of(2022, 1, 1), From: day.Of(2022, 1, 1), To: day.Never},
	}
	lines := []engine.Line{
		{Amount: 3252, Class: engine.WesternDrug, SelfPay: engine.FromCatalogue},
		{Amount: 3177, Class: engine.WesternDrug, Item: engine.ClassB, SelfPay: 1000},
	}
	return explained(w, "H11010100001202207010900000001", &c, lines, &engine.PersonYear{})
}

// longStay is a resident's stay over 1 January that goes through every layer and is
// divided by days, with prices over their limits and a refund.
func longStay() *report.Explained {
	terms := engine.NewTerms()
	terms.CrossYear, terms.OneStop, terms.Ceiling = engine.CrossByDay, true, 12_000*money.Yuan
	b := &terms.Benefits[engine.Inpatient]
	b.DropApplies, b.BracketTop = true, [engine.NumBrackets - 1]money.Fen{5_000 * money.Yuan, 10_000 * money.Yuan}
	b.Deductible[engine.Elderly][engine.LevelTop] = 800 * money.Yuan
	b.Ratio[engine.Elderly][engine.LevelTop] = [engine.NumBrackets]money.BasisPoints{6550, 7000, 7500, 7500}
	b.SeniorAge, b.SeniorPoints = 80, 250
	terms.Drop[engine.Referral] = 1000
	terms.Large = engine.Large{Kinds: engine.InpatientOnly, Ratio: 5000, Ceiling: 2_000 * money.Yuan}
	terms.Major = engine.Major{Kinds: engine.InpatientOnly, Start: 2_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{4_000 * money.Yuan},
		Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000, 7000, 7000}, Ceiling: 3_000 * money.Yuan}
	terms.Aid = engine.Aid{Kinds: engine.InpatientOnly, Ratio: [engine.NumIdentities]money.BasisPoints{engine.LowIncome: 7000}, Ceiling: 1_500 * money.Yuan}
	catalogue := engine.Catalogue{Case: engine.CaseBorne}
	catalogue.PreSelfPay[engine.WesternDrug], catalogue.PreSelfPay[engine.Material] = 1000, 1500
	catalogue.Limit[engine.Bed][engine.LevelTop] = 106_000_000
	w := explainWorld(engine.Resident, &terms, &catalogue)
	c := engine.Claim{
		Area: 110100, AdmitDay: day.Of(2022, 12, 20), SettleDay: day.Of(2023, 1, 8), Treating: 1, Scheme: engine.Resident, Kind: engine.Inpatient,
		Level: engine.LevelTop, PersonType: engine.Elderly, Age: 83, Identity: engine.LowIncome, Flags: engine.FlagUseMutual, CasePayment: 30_900_00,
		Filing: engine.Filing{Kind: engine.Referral, Basis: engine.ByReferralDoc, Dest: 110000, Filed: day.Of(2022, 12, 18), From: day.Of(2022, 12, 18), To: day.Of(2023, 6, 18)},
	}
	lines := []engine.Line{
		{Amount: 2_413_80, Class: engine.Bed, Price: 120_690_000, Count: 200_000, SelfPay: engine.FromCatalogue},
		{Amount: 12_345_67, Class: engine.Treatment, SelfPay: engine.FromCatalogue, DaysBefore: 5},
		{Amount: 9_876_55, Class: engine.WesternDrug, Item: engine.ClassB, SelfPay: engine.FromCatalogue},
		{Amount: 5_000_00, Class: engine.Material, Item: engine.ClassB, Price: 2_500_000_000, Limit: 2_000_000_000, Count: 20_000, SelfPay: engine.FromCatalogue},
		{Amount: -1_234_56, Class: engine.WesternDrug, Item: engine.ClassB, SelfPay: engine.FromCatalogue, Original: 3},
		{Amount: 2_600_04, Class: engine.OtherFee, Item: engine.ClassC, SelfPay: engine.FromCatalogue},
	}
	var p engine.PersonYear
	p.CreditMutual(100 * money.Yuan)
	return explained(w, "long stay", &c, lines, &p)
}

// tooLate is a bill refused since its filing came after the settlement.
func tooLate() *report.Explained {
	x := workedExample()
	c := x.Claim
	c.Filing.Filed = c.SettleDay + 1
	return explained(x.World, "too late", &c, x.Lines, &engine.PersonYear{})
}

// Explanations read as they are checked in, in both languages and as JSON, and fit a
// screen; -update writes them.
func TestExplainText(t *testing.T) {
	for name, x := range map[string]*report.Explained{"c4": workedExample(), "long_stay": longStay(), "refused": tooLate()} {
		asJSON, err := report.ExplainJSON([]*report.Explained{x})
		if err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{
			name + ".en.txt": report.ExplainText(x, report.Screen{Lang: words.English, Columns: 100}), name + ".zh.txt": report.ExplainText(x, report.Screen{Lang: words.Chinese, Columns: 100}), name + ".json": string(asJSON),
		} {
			golden := filepath.Join("testdata", "explain", file)
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s differs:\n%s", golden, text)
			}
			for i, line := range strings.Split(text, "\n") {
				if strings.HasSuffix(file, ".txt") && report.Width(line) > 100 {
					t.Errorf("%s:%d: %d columns", file, i+1, report.Width(line))
				}
			}
		}
	}
}

// What an official checks by hand stands in the text: the products before rounding, the
// rounding, the rules, and of each value its date, status and source (C4, X26).
func TestExplainShowsItsWork(t *testing.T) {
	x := workedExample()
	for lang, want := range map[words.Lang][]string{
		words.English: {"31.77 × 10 % (the line's own rate) = 3.177 → 3.18", "61.11 × 80 % = 48.888", "48.888 → 48.89", "C4 X26",
			"64.29 = funds 48.89 + person 15.40", "since 2022-01 · published", "131000.yaml:30", "Worked example"},
		words.Chinese: {"31.77 × 10 %（明细自带比例） = 3.177 → 3.18", "61.11 × 80 % = 48.888", "48.888 → 48.89", "C4 X26",
			"64.29 = 基金 48.89 + 个人 15.40", "自 2022-01 起 · 公布", "先行自付"},
	} {
		text := report.ExplainText(x, report.Screen{Lang: lang, Columns: 100})
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in\n%s", part, text)
			}
		}
	}
	refused := report.ExplainText(tooLate(), report.Screen{Lang: words.English, Columns: 100})
	for _, part := range []string{"✗ The person has no filing", "(not_filed)", "To settle: ", "On record: ", "filed 2022-07-02"} {
		if !strings.Contains(refused, part) {
			t.Errorf("%q is not in\n%s", part, refused)
		}
	}
}

// In JSON the amounts of the steps are those of the result, and each value that a step
// names is described.
func TestExplainJSON(t *testing.T) {
	text, err := report.ExplainJSON([]*report.Explained{workedExample(), longStay()})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Version      int
		Explanations []struct {
			Result map[string]any
			Steps  []map[string]any
			Values []map[string]any
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != report.ExplainVersion || len(doc.Explanations) != 2 {
		t.Fatalf("version %d, %d explanations", doc.Version, len(doc.Explanations))
	}
	for _, x := range doc.Explanations {
		last := x.Steps[len(x.Steps)-1]
		if last["step"] != "sum" || fmt.Sprint(last["fund_sum_fen"]) != fmt.Sprint(x.Result["fund_pay_sumamt_fen"]) || fmt.Sprint(last["cash_fen"]) != fmt.Sprint(x.Result["psn_cash_pay_fen"]) {
			t.Errorf("last step %v of %v", last, x.Result)
		}
		for _, s := range x.Steps {
			if len(s["rules"].([]any)) == 0 {
				t.Errorf("%v names no rule", s)
			}
			for _, n := range s["values"].([]any) {
				if i := int(n.(float64)) - 1; i < 0 || i >= len(x.Values) || fmt.Sprint(x.Values[i]["number"]) != fmt.Sprint(n) {
					t.Errorf("%v names a value %v that is not there", s, n)
				}
			}
		}
	}
}
