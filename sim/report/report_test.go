package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

var update = flag.Bool("update", false, "write the golden files")

// smallRun is a run made by hand: two provinces, one pool each; in February and
// March 2024 two residents of 安庆 are settled in Beijing, February being
// warm-up. All its money has arrived.
func smallRun(sample uint32) *report.Input {
	w := &sim.World{
		Name: "small", First: day.MonthOf(2024, 2), WarmUp: 1, Months: 1,
		Provinces: []sim.Province{{Code: 110000, NameEN: "Beijing", NameZH: "北京"}, {Code: 340000, NameEN: "Anhui", NameZH: "安徽"}},
		Pools:     []sim.Pool{{Code: 110000, Province: 0, NameZH: "北京市"}, {Code: 340800, Province: 1, NameZH: "安庆,“宜城”"}},
		Targets: []sim.Target{
			{Name: "inpatient cases", Kind: engine.Inpatient, Measure: "cases", Value: 2 * int64(max(1, sample)), Fitted: true, Source: "hand", Status: "published"},
			{Name: "inpatient relief", Kind: engine.Inpatient, Measure: "relief_fen", Value: 1_600_000 * int64(max(1, sample)), Fitted: true, Source: "hand", Status: "published"},
			{Name: "chronic cases", Kind: engine.Chronic, Measure: "cases", Value: 10, Source: "hand", Status: "published"},
		},
	}
	provinceOf := []uint8{0, 1}
	shape := engine.Shape{Pools: 2, Provinces: 2}
	r := &sim.Result{
		Year: make([]engine.Totals, shape.Cells()), Ledger: engine.NewLedger(shape, provinceOf),
		Settled: 5, Patients: 2, Checked: 1234, Ended: day.Of(2024, 5, 21),
		Digest: [32]byte{0xab, 0xcd}, Effort: sim.Effort{WallNS: 2_000_000_000, CPUNS: 3_000, PeakRSSBytes: 5 << 20, Workers: 2},
	}
	cell := shape.Cell(1, 0, engine.Resident, engine.Inpatient)
	for i := range 2 {
		m := w.First + day.Month(i)
		books := engine.NewBooks(shape)
		terms := engine.Terms{Ceiling: 100_000 * money.Yuan}
		for l := range terms.Benefits[engine.Inpatient].Ratio[engine.Adult] {
			terms.Benefits[engine.Inpatient].Ratio[engine.Adult][l][0] = 8000
		}
		rules := engine.NewRules(m, 1, 2, 2)
		for place := range 2 {
			rules.SetCatalogue(m, place, &engine.Catalogue{})
			for s := range engine.Scheme(engine.NumSchemes) {
				rules.SetTerms(m, place, s, &terms)
			}
		}
		filing := engine.Filing{Kind: engine.LongTermResident, Dest: 110000, To: day.Never}
		claim := engine.Claim{Pool: 1, Treating: 0, Area: 110100, Scheme: engine.Resident, PersonType: engine.Adult, Lines: 1,
			AdmitDay: m.First(), SettleDay: m.First(), Filing: filing}
		unfiled := claim
		unfiled.Filing = engine.Filing{}
		engine.NewShard(rules, provinceOf, make([]engine.PersonYear, 1), books).Settle(
			[]engine.Claim{claim, claim, unfiled}, []engine.Line{{Amount: 10_000 * money.Yuan}}, make([]engine.Result, 3))
		l := r.Ledger
		l.Settled(books)
		c := l.Clear(books.Register)
		pair := shape.Pair(1, 0, engine.Resident)
		l.Prepay(pair, 20_000*money.Yuan)
		l.Allocate(c)
		l.PayInstitutions(c)
		l.Collect(c)
		l.Remit(c)
		l.Receive(c)
		month := sim.MonthResult{Month: m, Measured: i == 1, Cells: []sim.CellTotals{{Cell: cell, Totals: books.Register[cell]}},
			Allocated: (m + 1).On(21), Signed: (m + 1).On(25), InstitutionsPaid: (m + 2).On(8), Paid: (m + 2).On(21)}
		month.Kinds[engine.Inpatient] = books.Register[cell]
		r.Months = append(r.Months, month)
		if month.Measured {
			r.Year[cell] = books.Register[cell]
			r.Outcomes, r.OutcomeFees = books.Outcomes()
		}
	}
	r.Pairs = []sim.PairResult{{Insured: 1, Treating: 0, Scheme: engine.Resident, Months: []sim.PairMonth{
		{Month: w.First, Clearing: 1_600_000, Quota: 2_000_000, UseRateBP: 8000, Alert: engine.Yellow},
		{Month: w.First + 1, Clearing: 1_600_000, Quota: 1_700_000, UseRateBP: 9411, Alert: engine.Red, TopUp: 1_500_000, TopUpPaid: day.Of(2024, 5, 27), Rebased: true, YearlyQuota: 1_700_000},
	}}}
	r.Alerts = []sim.AlertEvent{
		{Signed: day.Of(2024, 3, 25), Month: w.First, Insured: 1, Scheme: engine.Resident, Alert: engine.Yellow, Clearing: 1_600_000, Quota: 2_000_000, UseRateBP: 8000, TopUpLimit: 1_200_000},
		{Signed: day.Of(2024, 4, 25), Month: w.First + 1, Insured: 1, Scheme: engine.Resident, Alert: engine.Red, Clearing: 1_600_000, Quota: 0, UseRateBP: -1, TopUpLimit: 1_500_000},
	}
	r.Pots = []sim.PotResult{{Treating: 0, Lowest: -500_050, LowestDay: day.Of(2024, 4, 8), ShortDays: 13}, {Treating: 1}}
	for g := range r.Groups {
		r.Groups[g][engine.Inpatient] = sim.GroupTotals{Cases: int64(g % 2), ReliefFen: int64(g%2) * 800_000}
	}
	return &report.Input{World: w, Result: r, Scenario: "small", Title: "A small run", TitleZH: "小型算例", Seed: 7, Sample: sample}
}

// folder is a Sink in memory.
type folder map[string]*bytes.Buffer

func (f folder) Create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return nopCloser{f[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func write(t *testing.T, in *report.Input) (folder, *report.Summary) {
	t.Helper()
	f := folder{}
	s := report.Summarize(in)
	if err := report.WriteRun(f, in, s, report.Validate(in, s), &report.Manifest{Scenario: in.Scenario}); err != nil {
		t.Fatal(err)
	}
	return f, s
}

// Every file of a run directory, and the screen in both languages, whole and
// sampled. -update writes them; a person reads the difference.
func TestGolden(t *testing.T) {
	for _, sample := range []uint32{1, 4} {
		in := smallRun(sample)
		files, s := write(t, in)
		v := report.Validate(in, s)
		name := "whole"
		if sample > 1 {
			name = "sampled"
			clear(files) // the files hold the sample itself; only figures differ
			text, err := json.MarshalIndent(s, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			files["summary.json"] = bytes.NewBuffer(text)
		}
		files["screen.en.txt"] = bytes.NewBufferString(report.Text(in, s, v, report.English))
		files["screen.zh.txt"] = bytes.NewBufferString(report.Text(in, s, v, report.Chinese))
		for file, text := range files {
			golden := filepath.Join("testdata", name, filepath.FromSlash(file))
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, text.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text.Bytes(), want) {
				t.Errorf("%s differs:\n%s", golden, text)
			}
		}
	}
}

// The trial balance is complete: debits equal credits, and the clearing tables
// cross-foot with the summary.
func TestTablesCrossFoot(t *testing.T) {
	in := smallRun(1)
	files, s := write(t, in)
	trial := table(t, files, "ledger/trial_balance.csv")
	last := trial[len(trial)-1]
	if last["account"] != "total" || last["debit_fen"] != last["credit_fen"] || last["balance_yuan"] != "0.00" {
		t.Errorf("total row %v", last)
	}
	var debits, credits int64
	for _, row := range trial[:len(trial)-1] {
		debits += number(t, row["debit_fen"])
		credits += number(t, row["credit_fen"])
	}
	if debits != credits || debits != number(t, last["debit_fen"]) {
		t.Errorf("debits %d, credits %d, total %v", debits, credits, last)
	}
	sum := func(file, column string) (sum int64) {
		for _, row := range table(t, files, file) {
			sum += number(t, row[column])
		}
		return sum
	}
	month := sum("clearing/2024-03.csv", "cleared_fen")
	if month != sum("clearing/pairs_year.csv", "cleared_fen") || money.Fen(month) != s.Clearing.ClearedFen {
		t.Errorf("matrix %d, year %d, summary %v", month, sum("clearing/pairs_year.csv", "cleared_fen"), s.Clearing.ClearedFen)
	}
	if run := sum("clearing/calendar.csv", "cleared_fen"); money.Fen(run) != s.Clearing.ClearedRun {
		t.Errorf("calendar %d, summary %v", run, s.Clearing.ClearedRun)
	}
	row := table(t, files, "clearing/2024-03.csv")[0]
	if row["pool"] != "安庆,“宜城”" || row["cleared_yuan"] != "16000.00" || row["fee_fen"] != "2000000" {
		t.Errorf("matrix row %v", row)
	}
	var m report.Manifest
	if err := json.Unmarshal(files["manifest.json"].Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		delete(files, f.Name)
	}
	delete(files, "manifest.json")
	if len(files) != 0 {
		t.Errorf("files that the manifest does not name: %v", files)
	}
}

func table(t *testing.T, files folder, name string) (rows []map[string]string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(files[name].Bytes()))
	records, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The keys that others rely on (DESIGN §8).
func TestSummaryKeys(t *testing.T) {
	files, _ := write(t, smallRun(1))
	var s map[string]any
	if err := json.Unmarshal(files["summary.json"].Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("scenario seed workers sample settlements by_kind direct_rate_bp digest invariants trial_balance_fen prepayment clearing wall_ns cpu_ns core_ns_per_settlement peak_rss_bytes") {
		if _, ok := s[key]; !ok {
			t.Errorf("summary.json lacks %s", key)
		}
	}
	if i := s["invariants"].(map[string]any); i["checked"] != 1234.0 || i["violated"] != 0.0 {
		t.Errorf("invariants %v", i)
	}
	if s["direct_rate_bp"] != 6667.0 || s["core_ns_per_settlement"] != 600.0 {
		t.Errorf("direct rate %v, core-ns %v", s["direct_rate_bp"], s["core_ns_per_settlement"])
	}
}

// The standard error of 32 ones and 32 zeros at one in four: s² = 32·32/64/63,
// SE = 4·√(64·s²)·√(3/4). A full run has none.
func TestStandardError(t *testing.T) {
	s := report.Summarize(smallRun(4))
	variance := 16.0 / 63
	want := int64(math.Round(4 * math.Sqrt(64*variance) * math.Sqrt(0.75)))
	if got := s.ByKind[engine.Inpatient].CasesSE; got != want {
		t.Errorf("standard error %d, want %d", got, want)
	}
	if s.ByKind[engine.Inpatient].Cases != 8 || s.Settlements != 5 || s.Expansion != 4 {
		t.Errorf("cases %d, settlements %d", s.ByKind[engine.Inpatient].Cases, s.Settlements)
	}
	if full := report.Summarize(smallRun(1)); full.ByKind[engine.Inpatient].CasesSE != 0 {
		t.Error("a full run has a standard error")
	}
}

// An imbalance shows, and two of opposite sign do not hide each other.
func TestTrialBalanceShows(t *testing.T) {
	in := smallRun(1)
	in.Result.Ledger.Cells[0][engine.PoolBasic]++
	in.Result.Ledger.Cells[0][engine.InstitutionDue]--
	if got := report.Summarize(in).TrialBalanceFen; got != 2 {
		t.Errorf("trial balance %d fen, want 2", got)
	}
}

// What to multiply the fit by: costs are judged by relief per case.
func TestScaleHints(t *testing.T) {
	in := smallRun(1)
	in.World.Targets[0].Value, in.World.Targets[1].Value = 4, 1_600_000
	s := report.Summarize(in)
	v := report.Validate(in, s)
	if got := v.Targets[0].ScaleHintPPM; got != 2_000_000 {
		t.Errorf("cases: %d", got)
	}
	if got := v.Targets[1].ScaleHintPPM; got != 500_000 {
		t.Errorf("relief: %d", got)
	}
	if got := v.Targets[2]; got.GapPPM != -1_000_000 || got.ScaleHintPPM != 0 || got.Fitted() {
		t.Errorf("nothing achieved: %+v", got)
	}
}

// A sink that fails at any point fails the writing, with the file's name.
func TestWriteErrors(t *testing.T) {
	in := smallRun(1)
	s := report.Summarize(in)
	v := report.Validate(in, s)
	full := errors.New("no space left on device")
	files, _ := write(t, in)
	for name := range files {
		for _, at := range []string{"create", "write", "close"} {
			err := report.WriteRun(failing{name, at, full}, in, s, v, &report.Manifest{})
			if !errors.Is(err, full) || at != "create" && !strings.Contains(err.Error(), name) {
				t.Errorf("%s of %s: %v", at, name, err)
			}
		}
	}
}

type failing struct {
	name, at string
	err      error
}

func (f failing) Create(name string) (io.WriteCloser, error) {
	if name != f.name {
		return nopCloser{io.Discard}, nil
	}
	if f.at == "create" {
		return nil, f.err
	}
	return f, nil
}

func (f failing) Write(p []byte) (int, error) {
	if f.at == "write" {
		return len(p) / 2, f.err
	}
	return len(p), nil
}

func (f failing) Close() error {
	if f.at == "close" {
		return f.err
	}
	return nil
}

// Columns line up in terminal columns, Chinese counting two.
func TestTableAligns(t *testing.T) {
	table := report.Table{Left: map[int]bool{1: true}}
	table.Row("住院", "安徽", "1")
	table.Row("outpatient", "x", "1,234")
	want := "住院        安徽      1\noutpatient  x     1,234\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var widths []int
	for _, line := range strings.Split(strings.TrimSpace(table.String()), "\n") {
		widths = append(widths, report.Width(line))
	}
	if len(slices.Compact(widths)) != 1 {
		t.Errorf("widths %v", widths)
	}
}

func TestGrouped(t *testing.T) {
	for v, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := report.Grouped(v); got != want {
			t.Errorf("%d: %s, want %s", v, got, want)
		}
	}
}
