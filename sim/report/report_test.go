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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
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
			{Name: "inpatient cases", Kind: engine.Inpatient, Measure: sim.MeasureCases, Value: 2 * int64(max(1, sample)), Role: sim.Fitted, Source: "hand", Status: "published"},
			{Name: "inpatient relief", Kind: engine.Inpatient, Measure: sim.MeasureRelief, Value: 1_600_000 * int64(max(1, sample)), Role: sim.Fitted, Source: "hand", Status: "published"},
			{Name: "chronic cases", Kind: engine.Chronic, Measure: sim.MeasureCases, Value: 10, Source: "hand", Status: "published"},
			{Name: "all cases", Kind: engine.AllKinds, Measure: sim.MeasureCases, Value: 2*int64(max(1, sample)) + 1, Role: sim.Follows, Source: "hand", Status: "published"},
		},
		Calendar:  day.NewCalendar(day.Of(2024, 1, 1), day.Of(2025, 1, 1), []day.Day{day.Of(2024, 4, 4)}, []day.Day{day.Of(2024, 4, 7)}),
		Timetable: clearing.Timetable{AllocateOn: 21, SignOn: 25, SubmitWithin: 5, PayWithin: 10, ApplyWithin: 3, InstitutionsPaidWithin: 10, ManualWithin: 30, QuotaDueMonth: 2, RebaseMonths: 1},
		Money:     clearing.Lawful(),
	}
	provinceOf := []uint8{0, 1}
	shape := engine.Shape{Pools: 2, Provinces: 2}
	r := &sim.Result{
		Clearing: clearing.Result{Ledger: engine.NewLedger(shape, provinceOf), Ended: day.Of(2024, 5, 21)},
		Year:     engine.NewRegisters(shape), Settled: 5, Patients: 2, Checked: 1234,
		Digest: [32]byte{0xab, 0xcd}, Effort: sim.Effort{WallNS: 2_000_000_000, CPUNS: 3_000, PeakRSSBytes: 5 << 20, Workers: 2},
	}
	cell := shape.Cell(1, 0, engine.Resident, engine.Inpatient)
	for i := range 2 {
		m := w.First + day.Month(i)
		books := engine.NewBooks(shape)
		terms := engine.NewTerms()
		terms.Ceiling = 100_000 * money.Yuan
		for l := range terms.Benefits[engine.Inpatient].Ratio[engine.Adult] {
			terms.Benefits[engine.Inpatient].Ratio[engine.Adult][l][0] = 8000
		}
		rules := engine.NewRules(m, 1, 2, 2)
		for place := range 2 {
			rules.SetCatalogue(m, m, place, &engine.Catalogue{})
			for s := range engine.Scheme(engine.NumSchemes) {
				rules.SetTerms(m, m, place, s, &terms)
			}
		}
		filing := engine.Filing{Kind: engine.LongTermResident, Dest: 110000, To: day.Never}
		claim := engine.Claim{Pool: 1, Treating: 0, Area: 110100, Scheme: engine.Resident, PersonType: engine.Adult, Lines: 1,
			AdmitDay: m.First(), SettleDay: m.First(), Filing: filing}
		unfiled := claim
		unfiled.Filing = engine.Filing{}
		engine.NewShard(rules, provinceOf, make([]engine.PersonYear, 1), books).Settle(
			[]engine.Claim{claim, claim, unfiled}, []engine.Line{{Amount: 10_000 * money.Yuan}}, make([]engine.Result, 3))
		l := r.Clearing.Ledger
		l.Settled(books)
		c := l.Clear(books)
		pair := shape.Pair(1, 0, engine.Resident)
		l.Prepay(pair, 20_000*money.Yuan)
		l.Allocate(c)
		for i, cell := range c.Cells {
			l.PayInstitution(cell, c.Amounts[i])
		}
		l.Collect(c, 1)
		l.Remit(pair, c.Pairs[pair])
		l.Receive(pair, c.Pairs[pair])
		addPeriod(w, r, m, c, pair)
		month := sim.MonthResult{Month: m, Measured: i == 1, Cells: []sim.CellTotals{{Cell: cell, Totals: books.At(cell).Register}},
			Allocated: (m + 1).On(21), Signed: (m + 1).On(25), InstitutionsPaid: (m + 2).On(8), Paid: (m + 2).On(21), OverdueDays: 3 * i}
		month.Kinds[engine.Inpatient] = books.At(cell).Register
		month.ByDay[0][engine.Inpatient] = books.At(cell).Register[engine.Cases]
		r.Months = append(r.Months, month)
		if month.Measured {
			r.Year.Add(books)
			r.Outcomes, r.OutcomeFees = books.Outcomes()
		}
	}
	r.Clearing.Pairs = []clearing.Pair{{Insured: 1, Treating: 0, Scheme: engine.Resident, Months: []clearing.PairMonth{
		{Month: w.First, Clearing: 1_600_000, Quota: 2_000_000, UseRateBP: 8000, Alert: engine.Yellow},
		{Month: w.First + 1, Clearing: 1_600_000, Quota: 1_700_000, UseRateBP: 9411, Alert: engine.Red, TopUp: 1_500_000, TopUpPaid: day.Of(2024, 5, 27), Rebased: true, YearlyQuota: 1_700_000},
		{Month: w.First + 2, Clearing: 1_600_000, Quota: 1_700_000, UseRateBP: 9411, Alert: engine.Red}, // stays red
	}}}
	r.Clearing.Alerts = []clearing.Alert{
		{Signed: day.Of(2024, 3, 25), Month: w.First, Insured: 1, Scheme: engine.Resident, Alert: engine.Yellow, Clearing: 1_600_000, Quota: 2_000_000, UseRateBP: 8000, TopUpLimit: 1_200_000},
		{Signed: day.Of(2024, 4, 25), Month: w.First + 1, Insured: 1, Scheme: engine.Resident, Alert: engine.Red, Clearing: 1_600_000, Quota: 0, UseRateBP: -1, TopUpLimit: 1_500_000},
	}
	addMoney(r)
	for g := range r.Groups {
		r.Groups[g][engine.Resident].Patients = 1
		n := int64(g % 2)
		r.Groups[g][engine.Resident].Kinds[engine.Inpatient] = sim.GroupTotals{Cases: n, ReliefFen: n * 800_000, FeeFen: n * 1_000_000}
	}
	return &report.Input{World: w, Result: r, Scenario: "small", Title: "A small run", TitleZH: "小型算例", Seed: 7, Sample: sample,
		Overlays: []report.Overlay{{File: "reform.yaml", Text: "set: []"}}, Sets: []string{"a.b=1", "a.c=2", "a.d=3", "a.e=4"}}
}

// addPeriod adds the clearing period of a month.
func addPeriod(w *sim.World, r *sim.Result, m day.Month, c *engine.Cleared, pair int) {
	p := clearing.Period{Month: m, Ordinal: 1, Last: m.Last(), Reconciled: (m + 1).On(3), Confirmed: (m + 1).On(20), Allocated: (m + 1).On(21), Signed: (m + 1).On(25),
		Noticed: (m + 1).Last(), Submitted: (m + 2).On(8), Paid: (m + 2).On(21), FedBack: (m + 2).On(28), InstitutionsPaid: (m + 2).On(8), Due: (m + 2).On(24),
		Cells: c.Cells, Amounts: c.Amounts, Cleared: c.Total(), Transfers: 1, Moved: c.Total()}
	p.Pairs = []clearing.PairDue{{Insured: 1, Treating: 0, Scheme: engine.Resident, Amount: c.Pairs[pair], Paid: c.Pairs[pair], LastPaid: p.Paid, FenDays: 30 * int64(c.Pairs[pair])}}
	p.Institutions = []clearing.InstitutionsPaid{{Treating: 0, Amount: c.Total(), Paid: c.Total(), First: p.InstitutionsPaid, Last: p.InstitutionsPaid, FenDays: 50 * int64(c.Total())}}
	var previous *engine.Certificate
	if n := len(r.Clearing.Periods); n > 0 {
		previous = &r.Clearing.Periods[n-1].Certificate
	}
	p.Certificate = engine.Certify(previous, m, 1, func(yield func(engine.MatrixRow) bool) {
		for i, cell := range c.Cells {
			pool, treating, scheme, kind := r.Clearing.Ledger.Shape.Split(cell)
			yield(engine.MatrixRow{Pool: w.Pools[pool].Code, Treating: w.Provinces[treating].Code, Scheme: scheme, Kind: kind, Amount: c.Amounts[i]})
		}
	})
	r.Clearing.Periods = append(r.Clearing.Periods, p)
	paid := clearing.Payment{Day: p.Paid, Kind: clearing.PaymentClearing, Insured: 1, Scheme: engine.Resident, Month: m, Ordinal: 1, Amount: c.Pairs[pair]}
	r.Clearing.Payments = append(r.Clearing.Payments, paid)
	r.Clearing.Matches = append(r.Clearing.Matches, clearing.MatchedPayment{Day: p.Paid, Insured: 1, Scheme: engine.Resident, Month: m, Ordinal: 1, Amount: c.Pairs[pair], AgeDays: 30})
}

// addMoney adds one row to every other table of the money.
func addMoney(r *sim.Result) {
	c := &r.Clearing
	feb := day.MonthOf(2024, 2)
	for i, p := range []clearing.TreatingProvince{{Lowest: -500_050, LowestDay: day.Of(2024, 4, 8), ShortDays: 13}, {}} {
		p.Treating, p.Idle, p.IdleDay, p.Interest, p.Fines = i, 70_000, day.Of(2024, 3, 8), 321, money.Fen(5*i)
		p.Months = []clearing.TreatingMonth{{Month: feb, Lowest: p.Lowest, ShortDays: p.ShortDays, Depth: -p.Lowest, OwnFenDays: -int64(p.Lowest) * int64(p.ShortDays), PotFenDays: 1234}}
		c.Treating = append(c.Treating, p)
	}
	c.Adjustments = []clearing.Adjustment{
		{Kind: clearing.AdjustmentDeclared, Insured: 1, Scheme: engine.Resident, Month: feb, To: 2_000_000, Noticed: day.Of(2024, 3, 25), Paid: day.Of(2024, 3, 25)},
		{Kind: clearing.AdjustmentYearly, Insured: 1, Scheme: engine.Resident, Month: feb + 1, From: 2_000_000, To: 1_700_000, Noticed: day.Of(2024, 4, 30), Paid: day.Of(2024, 5, 31)},
	}
	c.TopUps = []clearing.TopUp{
		{Insured: 1, Scheme: engine.Resident, Month: feb + 1, Asked: 1_500_000, Granted: 1_500_000, State: engine.TopUpPaid, Signed: day.Of(2024, 4, 25),
			Applied: day.Of(2024, 4, 30), Reviewed: day.Of(2024, 4, 30), Due: day.Of(2024, 5, 24), Paid: day.Of(2024, 5, 27), OverdueDays: 1},
		{Insured: 1, Scheme: engine.Resident, Month: feb + 2, Asked: 100, State: engine.TopUpRefused, Signed: day.Of(2024, 5, 25), Applied: day.Of(2024, 5, 28), Reviewed: day.Of(2024, 5, 28), Due: day.Of(2024, 6, 24)},
	}
	c.Payments = append(c.Payments, clearing.Payment{Day: day.Of(2024, 5, 31), Kind: clearing.PaymentPrepayment, Insured: 1, Scheme: engine.Resident, Month: feb + 1, Amount: -300_000})
	cell := r.Clearing.Ledger.Shape.Cell(1, 0, engine.Resident, engine.Inpatient)
	c.Rolled = []clearing.Unconfirmed{{Month: feb, From: feb, Cell: cell, Amount: 12_345, Cases: 2}}
	c.Manual = []clearing.ManualMonth{{Month: feb, Insured: 1, Cases: 3, Amount: 4_000, Deadline: day.Of(2024, 4, 11), Paid: day.Of(2024, 4, 12), OverdueDays: 1}}
	c.CoChecks = []clearing.CoCheckMonth{{Month: feb, Treating: 0, Asked: 3, Answered: 2, Late: 1, Open: 1, WaitDays: 12}}
	c.Days = []clearing.ReconcileDay{{Day: day.Of(2024, 2, 1), Kind: engine.Inpatient, Results: [engine.NumAgreements]int64{1, 0, 0, 1}, Repaired: day.Of(2024, 2, 9), Late: 1}}
	c.Overdue = []clearing.Overdue{{Kind: clearing.OverdueInstitutions, Insured: 1, Scheme: engine.Resident, Month: feb + 1, Ordinal: 1, Amount: 77, Due: day.Of(2024, 5, 24), OverdueDays: 4}}
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
			// The other files hold the sample itself and are the same.
			files = folder{"summary.json": files["summary.json"], "manifest.json": files["manifest.json"]}
		}
		files["screen.en.txt"] = bytes.NewBufferString(report.Text(in, s, v, report.Screen{Lang: words.English, Columns: 100}))
		files["screen.zh.txt"] = bytes.NewBufferString(report.Text(in, s, v, report.Screen{Lang: words.Chinese, Columns: 100}))
		for file, text := range files {
			if file == report.WorkbookFile {
				continue // read back in forms_test.go
			}
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
	delete(files, report.SealFile)
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

// The keys that others rely on.
func TestSummaryKeys(t *testing.T) {
	files, _ := write(t, smallRun(1))
	var s map[string]any
	if err := json.Unmarshal(files["summary.json"].Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("scenario seed workers version sample_one_in settlements_per_second settlements by_kind direct_rate_bp digest invariants trial_balance_fen prepayment clearing wall_ns cpu_ns core_ns_per_settlement peak_rss_bytes") {
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

// The standard error of 32 ones and 32 zeros of groups of one size, at one in
// four: s² = 32·32/64/63, SE = 4·√(64·s²)·√(3/4). A full run has none.
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

// Groups of random sizes are no sampling error: what counts is how far a group is
// from its patients' due. Here employees have two cases each and residents one,
// whatever a group's size, but for two groups that are off by 6 and −6, so that e
// is 6, −6 and 0 otherwise.
func TestStandardErrorOfUnevenGroups(t *testing.T) {
	in := smallRun(64)
	for g := range in.Result.Groups {
		for scheme := range in.Result.Groups[g] {
			patients := int64(10 + 7*g*(scheme+1)%5)
			group := &in.Result.Groups[g][scheme]
			*group = sim.Group{Patients: patients}
			for kind := range group.Kinds {
				group.Kinds[kind] = sim.GroupTotals{Cases: patients * int64(2-scheme), ReliefFen: 100 * patients}
			}
		}
	}
	want := func(e float64) int64 {
		return int64(math.Round(64 * math.Sqrt(64.0/63*2*e*e) * math.Sqrt(1-1.0/64)))
	}
	if s := report.Summarize(in); s.Total.CasesSE != 0 || s.Total.ReliefSEFen != 0 || s.ByKind[engine.Chronic].CasesSE != 0 {
		t.Errorf("groups that differ by their size only: %d cases, %d fen", s.Total.CasesSE, s.Total.ReliefSEFen)
	}
	for g, off := range map[int]int64{3: 6, 5: -6} {
		in.Result.Groups[g][engine.Employee].Kinds[engine.Chronic].Cases += off
		in.Result.Groups[g][engine.Resident].Kinds[engine.Pharmacy].Cases += off
	}
	s := report.Summarize(in)
	for kind, e := range map[engine.Kind]float64{engine.Chronic: 6, engine.Pharmacy: 6, engine.Inpatient: 0} {
		if got := s.ByKind[kind].CasesSE; got != want(e) {
			t.Errorf("%v: %d, want %d", kind, got, want(e))
		}
	}
	// In all kinds together the two errors of a group add up.
	if s.Total.CasesSE != want(12) || s.Total.ReliefSEFen != 0 {
		t.Errorf("all kinds: %d cases, want %d; %d fen", s.Total.CasesSE, want(12), s.Total.ReliefSEFen)
	}
}

// What a sample cannot tell is null and named so, on the screen and in the
// manifest too; a full run has it.
func TestSampledPrepaymentIsNotEstimated(t *testing.T) {
	prepayment := func(sample uint32) (map[string]any, report.Manifest) {
		files, _ := write(t, smallRun(sample))
		var s struct{ Prepayment map[string]any }
		var m report.Manifest
		for name, value := range map[string]any{"summary.json": &s, "manifest.json": &m} {
			if err := json.Unmarshal(files[name].Bytes(), value); err != nil {
				t.Fatal(err)
			}
		}
		return s.Prepayment, m
	}
	full, m := prepayment(1)
	sampled, sampledManifest := prepayment(4)
	for key, value := range full {
		if value == nil {
			t.Errorf("a full run lacks %s", key)
		}
		if got, found := sampled[key]; !found || (got != nil) != (key == "pairs_watched") {
			t.Errorf("of a sample %s is %v", key, got)
		}
	}
	note, _ := sampled["note"].(string)
	if full["red"] != 1.0 || full["deepest_shortfall_fen"] != 500_050.0 || !strings.Contains(note, "not estimated") {
		t.Errorf("full %v, sampled %v", full, sampled)
	}
	raw := func(m report.Manifest) (names []string) {
		for _, f := range m.Files {
			if strings.Contains(f.What, "not to be expanded") {
				names = append(names, f.Name)
			}
		}
		return names
	}
	if got := strings.Join(raw(sampledManifest), " "); got != "ledger/pairs.csv ledger/pots.csv ledger/pots_months.csv alerts.csv prepayment.csv quotas.csv top_ups.csv" || !strings.Contains(sampledManifest.Synthetic, "not to be expanded") {
		t.Errorf("the manifest marks %s; %s", got, sampledManifest.Synthetic)
	}
	if got := raw(m); got != nil {
		t.Errorf("the manifest of a full run marks %v", got)
	}
	in := smallRun(4)
	s := report.Summarize(in)
	text := report.Text(in, s, report.Validate(in, s), report.Screen{Lang: words.English, Columns: 100})
	for _, word := range []string{"yellow", "red", "own money", "highest"} {
		if strings.Contains(text, " "+word) {
			t.Errorf("the screen of a sample speaks of %s", word)
		}
	}
}

// What follows from fitted figures is no figure that was held out.
func TestRoles(t *testing.T) {
	in := smallRun(1)
	v := report.Validate(in, report.Summarize(in))
	var roles []string
	for i := range v.Targets {
		roles = append(roles, v.Targets[i].Role)
	}
	if got := strings.Join(roles, " "); got != "fitted fitted held_out follows" {
		t.Errorf("roles %s", got)
	}
}

// Alerts, top-ups and use rates are those of the months that a summary is of; what the
// warm-up raised stands apart and by its name.
func TestAlertsOfTheMeasuredMonths(t *testing.T) {
	in := smallRun(1) // yellow in the warm-up, red and topped up in the measured month
	in.Result.Clearing.Pairs[0].Months[0].TopUp = 700
	in.Result.Clearing.Pairs[0].Months[0].UseRateBP = 12_345
	p := report.Summarize(in).Prepayment
	if *p.Yellow != 0 || *p.Red != 1 || *p.TopUps != 1 || *p.TopUpFen != 1_500_000 || *p.MainYellow != 0 || *p.MainRed != 1 || *p.MaxUseRateBP != 9411 || *p.MaxUseMonth != "2024-03" {
		t.Errorf("measured: %d yellow, %d red, %d top-ups of %d, main %d and %d, at most %d in %s", *p.Yellow, *p.Red, *p.TopUps, *p.TopUpFen, *p.MainYellow, *p.MainRed, *p.MaxUseRateBP, *p.MaxUseMonth)
	}
	if want := (report.AlertCounts{Yellow: 1, TopUps: 1, TopUpFen: 700}); *p.WarmUp != want {
		t.Errorf("warm-up %+v", *p.WarmUp)
	}
}

// A pair may be red without an alert: one is raised on crossing only.
func TestAlertRaised(t *testing.T) {
	files, _ := write(t, smallRun(1))
	var got []string
	for _, row := range table(t, files, "prepayment.csv") {
		got = append(got, row["month"], row["alert"], row["alert_raised"])
	}
	if got := strings.Join(got, " "); got != "2024-02 yellow yes 2024-03 red yes 2024-04 red no" {
		t.Error(got)
	}
}

// A what-if is told, at most three parts of it, and no part is longer than a line;
// a run without one says nothing.
func TestWhatIfShows(t *testing.T) {
	screen := func(in *report.Input) string {
		s := report.Summarize(in)
		return report.Text(in, s, report.Validate(in, s), report.Screen{Lang: words.English, Columns: 100})
	}
	in := smallRun(1)
	in.Sets = []string{strings.Repeat("long", 40) + "=1"}
	text := screen(in)
	if !strings.Contains(text, "\nwith: overlay reform.yaml\n      --set longlong") || strings.Contains(text, "more") {
		t.Error(text)
	}
	for _, line := range strings.Split(text, "\n") {
		if report.Width(line) > 100 {
			t.Errorf("%d columns: %s", report.Width(line), line)
		}
	}
	in.Overlays, in.Sets = nil, nil
	if text := screen(in); strings.Contains(text, "with:") {
		t.Error(text)
	}
	if s := report.Summarize(in); s.Overlays == nil || s.Sets == nil {
		t.Error("no what-if is null and not an empty list")
	}
}

// Chinese is written with Chinese punctuation.
func TestChinesePunctuation(t *testing.T) {
	near := regexp.MustCompile(`\p{Han}[ %]*[,;:()]|[,;:()] *\p{Han}`)
	for _, sample := range []uint32{1, 4} {
		in := smallRun(sample)
		s := report.Summarize(in)
		text := report.Text(in, s, report.Validate(in, s), report.Screen{Lang: words.Chinese, Columns: 100})
		if found := near.FindAllString(text, -1); found != nil {
			t.Errorf("%q", found)
		}
	}
}

func TestCut(t *testing.T) {
	for text, want := range map[string]string{"123456": "123456", "1234567": "12345…", "减少1": "减少1", "减少垫付": "减少…", "1减少垫": "1减少…"} {
		if got := report.Cut(text, 6); got != want || report.Width(got) > 6 {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// An imbalance shows, and two of opposite sign do not hide each other.
func TestTrialBalanceShows(t *testing.T) {
	in := smallRun(1)
	in.Result.Clearing.Ledger.Cell(0)[engine.PoolBasic]++
	in.Result.Clearing.Ledger.Cell(0)[engine.InstitutionDue]--
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
	if got := v.Targets[2]; *got.GapPPM != -1_000_000 || got.ScaleHintPPM != 0 || *got.Within || got.Role != "held_out" {
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

// A narrow screen gets the same summary and the same explanation: texts are broken, tables
// lose what they can do without, and no line is too long.
func TestNarrowScreens(t *testing.T) {
	for _, columns := range []int{80, 100} {
		for lang := words.English; lang <= words.Chinese; lang++ {
			on := report.Screen{Lang: lang, Columns: columns}
			var texts []string
			for _, sample := range []uint32{1, 64} {
				in := smallRun(sample)
				in.Title = strings.Repeat("a title that is long ", 8)
				s := report.Summarize(in)
				texts = append(texts, report.Text(in, s, report.Validate(in, s), on))
			}
			for _, x := range []*report.Explained{workedExample(), longStay(), tooLate()} {
				texts = append(texts, report.ExplainText(x, on))
			}
			for _, text := range texts {
				for _, line := range strings.Split(text, "\n") {
					if w := report.Width(line); w > columns {
						t.Errorf("%d of %d columns: %s", w, columns, line)
					}
				}
			}
		}
	}
}

// Fit breaks a last column of text, drops columns that can be dropped, and cuts names.
func TestTableFits(t *testing.T) {
	facts := report.Table{Left: map[int]bool{1: true}}
	facts.Row("Clearing", "what is left of the year, and of the year before")
	facts.Row("", "no more")
	if got, want := facts.Fit(34), "Clearing  what is left of the\n          year, and of the year\n          before\n          no more\n"; got != want {
		t.Errorf("%q", got)
	}
	figures := report.Table{Drop: [][]int{{2}, {1}}}
	figures.Row("a name", "1,000", "2,000", "3,000")
	for columns, want := range map[int]string{
		30: "a name  1,000  2,000  3,000\n", 25: "a name 1,000 2,000 3,000\n", 20: "a name  1,000  3,000\n", 14: "a name  3,000\n", 10: "a n… 3,000\n",
	} {
		if got := figures.Fit(columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
	if got, want := report.Wrapped("one two three\n\n四，五，六\n", 7), "one two\nthree\n\n四，\n五，六\n"; got != want {
		t.Errorf("%q", got)
	}
}

// A cell of a table on the terminal is one line.
func TestTableCellIsALine(t *testing.T) {
	var table report.Table
	table.Row("a\nkuasheng: sound", "\x1b[2J")
	if got := table.String(); strings.Count(got, "\n") != 1 || strings.ContainsRune(got, '\x1b') {
		t.Errorf("%q", got)
	}
}
