package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

const c4 = "../../docs/examples/c4.jsonl"

// The worked example of the regulation, explained in both languages and as JSON, from a
// file and from standard input (C4).
func TestExplainClaim(t *testing.T) {
	text, err := os.ReadFile(c4)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		in   string
		want []string
	}{
		{[]string{"explain", c4}, "", []string{"fee 64.29 = funds 48.89 + person 15.40", "= 3.177 → 3.18", "48.888 → 48.89",
			"policies.131000.employee.chronic.ratio_bp.retired.tertiary.0", "131000.yaml:", "published", "Worked example of the 2022 notice (C4, S0)"}},
		{[]string{"explain", "--lang", "zh", "-"}, string(text), []string{"总额 64.29 = 基金 48.89 + 个人 15.40", "= 3.177 → 3.18", "廊坊", "公开"}},
		{[]string{"explain", "--set", "policies.131000.employee.chronic.ratio_bp.retired=7000", c4}, "", []string{"61.11 × 70 % = 42.777", "what-if"}},
		{[]string{"explain", "--msgid", "H11010100001202207010900000001", c4}, "", []string{"48.888 → 48.89"}},
	} {
		o := call(t, test.in, test.args...)
		partial := slices.Contains(test.args, "--set") && strings.HasPrefix(o.err, "kuasheng: note: sets 1 of ") && strings.Count(o.err, "\n") == 1
		if o.code != codeOK || o.err != "" && !partial {
			t.Fatalf("%v: exit %d: %s", test.args, o.code, o.err)
		}
		for _, part := range test.want {
			if !strings.Contains(o.out, part) {
				t.Errorf("%v: no %q in\n%s", test.args, part, o.out)
			}
		}
	}
	o := call(t, "", "explain", "--json", c4)
	var doc struct {
		Version      int
		Explanations []struct{ Result map[string]any }
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Version != report.ExplainVersion || len(doc.Explanations) != 1 {
		t.Fatalf("exit %d, %v: %s", o.code, err, o.out)
	}
	if cash := doc.Explanations[0].Result["psn_cash_pay_fen"]; cash != 1540.0 {
		t.Errorf("cash is %v fen", cash)
	}
}

// What cannot be explained says why, with exit code 2.
func TestExplainUsage(t *testing.T) {
	empty := t.TempDir()
	for _, test := range []struct {
		args []string
		in   string
		want string
	}{
		{[]string{"explain"}, "", "name a run directory"},
		{[]string{"explain", "missing.jsonl"}, "", "missing.jsonl: no such file"},
		{[]string{"explain", empty}, "", "name a bill of the run"},
		{[]string{"explain", empty, "--pick", "inpatient"}, "", "is no run directory"},
		{[]string{"explain", empty, "--pick", "dental"}, "", "not one of inpatient"},
		{[]string{"explain", empty, "--msgid", "x"}, "", "--msgid names a transaction"},
		{[]string{"explain", empty, "--pick", "inpatient", "--set", "a=1"}, "", "in its manifest"},
		{[]string{"explain", c4, "--id", "x"}, "", "--id and --pick are for run directories"},
		{[]string{"explain", c4, "--msgid", "x"}, "", `no transaction has the msgid "x"`},
		{[]string{"explain", "-"}, "", "there is no transaction to explain"},
		{[]string{"explain", "-"}, "{\"infno\":\n", "the answer to \"\" is error"},
		{[]string{"run", "--trace", "1/4"}, "", "name one by --out"},
		{[]string{"run", "--trace", "4"}, "", "not a share like 1/64"},
	} {
		o := call(t, test.in, test.args...)
		if o.code != codeUsage || !strings.Contains(o.err, test.want) || o.out != "" {
			t.Errorf("%v: exit %d, %q, want %q", test.args, o.code, o.err, test.want)
		}
	}
}

// tracedRow are the amounts of a row of claims.parquet, in fen.
type tracedRow struct {
	SetlID     string    `parquet:"setl_id"`
	Event      string    `parquet:"event"`
	Status     string    `parquet:"status"`
	MedType    string    `parquet:"med_type"`
	Fee        money.Fen `parquet:"medfee_sumamt"`
	OwnPay     money.Fen `parquet:"fulamt_ownpay_amt"`
	OverLimit  money.Fen `parquet:"overlmt_selfpay"`
	PreSelfPay money.Fen `parquet:"preselfpay_amt"`
	InScope    money.Fen `parquet:"inscp_scp_amt"`
	Deductible money.Fen `parquet:"act_pay_dedc"`
	Basic      money.Fen `parquet:"hifp_pay"`
	Large      money.Fen `parquet:"hifob_pay"`
	Major      money.Fen `parquet:"hifmi_pay"`
	Civil      money.Fen `parquet:"cvlserv_pay"`
	Enterprise money.Fen `parquet:"hifes_pay"`
	Aid        money.Fen `parquet:"maf_pay"`
	Account    money.Fen `parquet:"acct_pay"`
	Mutual     money.Fen `parquet:"acct_mulaid_pay"`
	Cash       money.Fen `parquet:"psn_cash_pay"`
	Hospital   money.Fen `parquet:"hosp_part_amt"`
}

// Every inpatient bill of a traced run is drawn again and explained, and the amounts
// are those of its row; so are the manual claims. The trace changes nothing in the run
// and is the same for one and two workers.
func TestExplainRun(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	var traces [2][]byte
	for i, workers := range []string{"1", "2"} {
		dir := filepath.Join(parent, workers)
		if o := call(t, "", "run", "--sample", tiny, "--workers", workers, "--trace", "1/4", "--out", dir); o.code != codeOK {
			t.Fatalf("exit %d: %s", o.code, o.err)
		}
		var err error
		if traces[i], err = os.ReadFile(filepath.Join(dir, report.TraceFile)); err != nil {
			t.Fatal(err)
		}
	}
	if string(traces[0]) != string(traces[1]) {
		t.Error("one and two workers traced differently")
	}
	dir := filepath.Join(parent, "2")
	rows, err := parquet.ReadFile[tracedRow](filepath.Join(dir, report.TraceFile))
	if err != nil {
		t.Fatal(err)
	}
	p, err := fixtures.Load(defaultScenario, fixtures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := explainer(p.World())
	seen := map[string]int{}
	for i, row := range rows {
		// All inpatients', and some of the others.
		if row.MedType != "21" && i%16 != 0 || row.Event == sim.EventReversed.String() {
			continue
		}
		seen[row.Event]++
		id, err := sim.ParseBillID(row.SetlID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := sim.Regenerate(p.World(), 2024, id)
		if err != nil {
			t.Fatal(err)
		}
		x := e.Explain(&r.Claim, r.Lines, &r.Before.Year, &r.Before.Annex)
		if row.Event == sim.EventByHand.String() || row.Event == sim.EventRefusedByHand.String() {
			x = e.ExplainManual(&r.ByHand.Claim, r.Lines, &r.ByHand.Before.Year, &r.ByHand.Before.Annex)
		}
		a := &x.Result
		got := tracedRow{row.SetlID, row.Event, a.Status.String(), row.MedType, a.Fee, a.OwnPay, a.OverLimit, a.PreSelfPay, a.InScope, a.Deductible,
			a.Funds[engine.LayerBasic], a.Funds[engine.LayerLarge], a.Funds[engine.LayerMajor], a.Funds[engine.LayerCivil], a.Funds[engine.LayerEnterprise],
			a.Funds[engine.LayerAid], a.Account, a.Mutual, a.Cash, a.Hospital}
		if a.Status != engine.Settled {
			got.Fee = row.Fee // the patient paid it all
		}
		if got != row {
			t.Fatalf("explained %+v\n   traced %+v", got, row)
		}
		tell := &report.Explained{World: p.World(), Explanation: x, ID: row.SetlID, Origin: origins(p)}
		for _, lang := range []words.Lang{words.English, words.Chinese} {
			for _, line := range strings.Split(report.ExplainText(tell, report.Screen{Lang: lang, Columns: 100}), "\n") {
				if strings.Contains(line, "origin not known") {
					t.Errorf("%s: %s", row.SetlID, line)
				}
				if report.Width(line) > 100 {
					t.Errorf("%s: %d columns: %s", row.SetlID, report.Width(line), line)
				}
			}
		}
	}
	t.Logf("explained %v of %d rows", seen, len(rows))
	for _, event := range []sim.Event{sim.EventDirect, sim.EventRefused, sim.EventByHand} {
		if seen[event.String()] == 0 {
			t.Errorf("no bill was %v", event)
		}
	}

	// The command picks one of them, and the same again by its id.
	picked := call(t, "", "explain", dir, "--pick", "inpatient")
	id, _, _ := strings.Cut(picked.out, " ")
	if again := call(t, "", "explain", dir, "--id", id); picked.code != codeOK || again != picked {
		t.Errorf("picked %d %s%s\nby id %d %s%s", picked.code, picked.out, picked.err, again.code, again.out, again.err)
	}
	// A run without a trace is searched.
	if err := os.Remove(filepath.Join(dir, report.TraceFile)); err != nil {
		t.Fatal(err)
	}
	if o := call(t, "", "explain", dir, "--pick", "pharmacy"); o.code != codeOK || !strings.Contains(o.out, "/pharmacy-") {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	// Other data than the run's are refused.
	name := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), p.Digest(), strings.Repeat("0", 64), 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if o := call(t, "", "explain", dir, "--id", id); o.code != codeUsage || !strings.Contains(o.err, "digest 000000000000…") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

// A run's overlays and settings are in its manifest: the bill is explained by them when
// the files are gone, and under the names that the user gave them.
func TestExplainReform(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	overlay, dir := filepath.Join(parent, "reform.yaml"), filepath.Join(parent, "run")
	text := "title: Every western drug of class B at 20 %\nset:\n  - path: catalogues.*.pre_self_pay_bp.western_drug\n    value: 2000\n"
	if err := os.WriteFile(overlay, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if o := call(t, "", "run", "--sample", tiny, "--overlay", overlay, "--set", "policies.*.employee.inpatient.later=none",
		"--set", "policies.*.resident.inpatient.later=none", "--out", dir); o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if err := os.Remove(overlay); err != nil {
		t.Fatal(err)
	}
	o := call(t, "", "explain", dir, "--pick", "inpatient")
	if o.code != codeOK || strings.Contains(o.out, "/kuasheng-") {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	for _, part := range []string{"western drug: 20 %", "what-if", overlay + ":4"} {
		if !strings.Contains(o.out, part) {
			t.Errorf("no %q in\n%s", part, o.out)
		}
	}
}

// The manual shows what the program prints: each block of docs/explain.md that begins
// with commands holds their output, and the block of the trace the row of the bill
// explained before it. -rewrite writes what came out.
func TestExplainManual(t *testing.T) {
	slow(t)
	const name = "../../docs/explain.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	parent, last := t.TempDir(), ""
	blocks := regexp.MustCompile("(?ms)^```(console|trace)\n(.*?)^```$")
	commands := 0
	got := blocks.ReplaceAllStringFunc(string(text), func(block string) string {
		kind := blocks.FindStringSubmatch(block)[1]
		out := "```" + kind + "\n"
		if kind == "trace" {
			return out + traceText(t, filepath.Join(parent, "runs/first", report.TraceFile), last) + "```"
		}
		for _, line := range strings.Split(block, "\n") {
			command, found := strings.CutPrefix(line, "$ kuasheng ")
			if !found {
				continue
			}
			commands++
			out += line + "\n"
			command = strings.ReplaceAll(strings.ReplaceAll(command, "docs/", "../../docs/"), "runs/first", filepath.Join(parent, "runs/first"))
			o := call(t, "", strings.Fields(command)...)
			if o.code != codeOK {
				t.Fatalf("%s: exit %d: %s", line, o.code, o.err)
			}
			if strings.HasPrefix(command, "explain") {
				out += o.out
				last, _, _ = strings.Cut(o.out, " ")
			}
		}
		return out + "```"
	})
	if commands < 4 {
		t.Errorf("only %d commands in %s", commands, name)
	}
	if got == string(text) {
		return
	}
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s shows other output than the program; -rewrite writes it", name)
}

// traceText lists the row of a bill.
func traceText(t *testing.T, file, id string) string {
	t.Helper()
	rows, err := parquet.ReadFile[tracedRow](file)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, row := range rows {
		if row.SetlID != id {
			continue
		}
		v := reflect.ValueOf(row)
		for i := range v.NumField() {
			text += fmt.Sprintf("%-18s %v\n", v.Type().Field(i).Tag.Get("parquet"), v.Field(i).Interface())
		}
	}
	if text == "" {
		t.Fatalf("%s has no bill %s", file, id)
	}
	return text
}
