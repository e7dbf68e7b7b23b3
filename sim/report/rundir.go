package report

import (
	"encoding/json"
	"fmt"
	"io"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// Sink is where the files of a run directory go. Create makes the folders on the
// way; what Write and Close return reaches the caller of WriteRun.
type Sink interface {
	Create(name string) (io.WriteCloser, error)
}

// Manifest is manifest.json: enough to repeat the run.
type Manifest struct {
	Version    int       `json:"version"`
	Repeat     string    `json:"repeat"` // the command
	Scenario   string    `json:"scenario"`
	DataDigest string    `json:"data_digest"` // of the pack with its overlays and settings
	Overlays   []Overlay `json:"overlays"`
	Sets       []string  `json:"sets"`
	Seed       uint64    `json:"seed"`
	Sample     uint32    `json:"sample_one_in"`
	Trace      string    `json:"trace"`  // of the simulated patients, such as 1/64; empty without one
	Digest     string    `json:"digest"` // of the results
	Program    Program   `json:"program"`
	Synthetic  string    `json:"synthetic"`
	// Files are all files of the directory but the manifest itself and the seal that
	// binds it.
	Files []File `json:"files"`
	// Seal is what certificates/seal.json seals the directory with, see Seal. It
	// cannot be in the manifest, which it seals.
	Seal string `json:"-"`
}

// ManifestVersion is the number of this layout of a run directory.
const ManifestVersion = 4

// Overlay is a file of a what-if with its whole text.
type Overlay struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// Program says which binary ran.
type Program struct {
	Version  string            `json:"version"`
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	Revision string            `json:"revision,omitempty"`
	Modified bool              `json:"modified,omitempty"`
	Settings map[string]string `json:"settings,omitempty"`
}

// File is one file of the directory.
type File struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// raw is added to what a file of a sample is, where its figures may not be
// multiplied by the sample's factor.
const raw = "; the sample's own raw figures, not to be expanded"

// writer is one file of a run directory and what writes it.
type writer struct {
	name, what string
	write      func(t *csv, in *Input)
}

func writers(in *Input) []writer {
	raw := raw
	if !in.sampled() {
		raw = ""
	}
	all := []writer{
		{"ledger/trial_balance.csv", "every account by the entity that keeps it, at the end of the run", writeTrialBalance},
		{"ledger/pairs.csv", "what provinces hold of and owe each other at the end, prepayments above all" + raw, writePairs},
		{"ledger/pots.csv", "how the money of each province of treatment lasted" + raw, writePots},
		{"ledger/pots_months.csv", "the same by calendar month" + raw, writePotMonths},
		{"alerts.csv", "yellow and red alerts in the order they were raised" + raw, writeAlerts},
		{"prepayment.csv", "every pair's clearing, quota and use rate by month" + raw, writePrepayment},
		{"quotas.csv", "first quotas and yearly adjustments (D1, R2)" + raw, writeQuotas},
		{"top_ups.csv", "emergency top-ups from application to payment (D2, R6)" + raw, writeTopUps},
		{"care/days.csv", "cases of each day by kind", writeDays},
		{"care/levels.csv", "cases, fees and relief of the measured months by kind and level of the institution", writeLevels},
		{"care/edges.csv", "inpatient cases of the measured months whose relief is more than an edge that a published figure names", writeEdges},
		{"clearing/calendar.csv", "when the money of each settled month moved, and how much", writeCalendar},
		{"clearing/pairs_year.csv", "measured months by ordered pair of provinces, scheme and kind", writePairsYear},
		{"clearing/periods.csv", "the clearing periods with the days of their timetable", writePeriods},
		{"clearing/pairs.csv", "what each pair owed for each period and how it was paid", writePairDues},
		{"clearing/institutions.csv", "how the institutions of each province of treatment were paid for each period", writeInstitutions},
		{"clearing/moves.csv", "what makes a period's matrix differ from its month's register: claims that rolled on, exceptions, recoveries", writeMoves},
		{"clearing/payments.csv", "every payment between provinces in the order of days", writePayments},
		{"clearing/matches.csv", "what of clearing each payment paid, oldest first", writeMatches},
		{"clearing/manual.csv", "manual claims by month and insured province (C19)", writeManual},
		{"clearing/co_checks.csv", "co-checks of large bills by month and province of treatment (R18)", writeCoChecks},
		{"clearing/reconciliation.csv", "the daily reconciliations by kind of care (R12)", writeReconciliation},
		{"clearing/overdue.csv", "what has not arrived at the end of the run", writeOverdue},
	}
	for i := range in.Result.Months {
		m := &in.Result.Months[i]
		all = append(all, writer{"clearing/" + m.Month.String() + ".csv", "register of " + m.Month.String() + ": ordered pair, scheme, pool and kind",
			func(t *csv, in *Input) { writeMonth(t, in, i) }})
	}
	if in.World.Money.Levers.Frequency != clearing.Monthly {
		for i := range in.Result.Clearing.Periods {
			name := periodName(in, &in.Result.Clearing.Periods[i])
			all = append(all, writer{"clearing/matrix/" + name + ".csv", "clearing matrix of " + name + ": what each pool owes each province of treatment",
				func(t *csv, in *Input) { writeMatrix(t, in, i) }})
		}
	}
	return all
}

// WriteRun writes every file of a run directory but those that the manifest lists
// already, which must have gone through the same Recorder. It fills in the manifest's
// version, its list of files and the seal.
func WriteRun(sink Sink, in *Input, s *Summary, v *Validation, m *Manifest) error {
	for i := range in.Result.Months {
		if m := &in.Result.Months[i]; m.Cells == nil && m.Kinds != ([engine.NumKinds]engine.Totals{}) {
			panic("report.WriteRun: the run kept no registers, see sim.Config.Registers")
		}
	}
	r, ok := sink.(*Recorder)
	if !ok {
		r = NewRecorder(sink)
	}
	m.Version = ManifestVersion
	m.Synthetic = "Every person, bill and payment of this run is made up."
	if in.sampled() {
		m.Synthetic += fmt.Sprintf(" One patient in %d was simulated. summary.json and validation.json are multiplied by %d where the notes of summary.json do not say otherwise;"+
			" all other files hold the sample itself. How prepayments fare cannot be told from a sample, whose pairs swing more than whole ones:"+
			" alerts.csv, prepayment.csv, quotas.csv, top_ups.csv and what ledger/ holds of pairs and pots are the sample's own raw figures and not to be expanded.", in.Sample, in.Sample)
	}
	for _, f := range []struct {
		name, what string
		value      any
	}{
		{"summary.json", "the run in one page of figures", s},
		{"validation.json", "the run against the published figures", v},
		{"parameters.json", "what the money between places was computed with", parameters(in)},
	} {
		if err := writeJSON(r, f.name, f.value); err != nil {
			return err
		}
		m.Files = append(m.Files, File{Name: f.name, What: f.what})
	}
	for _, w := range writers(in) {
		if err := writeCSV(r, in, &w); err != nil {
			return err
		}
		m.Files = append(m.Files, File{Name: w.name, What: w.what})
	}
	files, err := writeForms(r, in)
	if err != nil {
		return err
	}
	m.Files = append(m.Files, files...)
	if files, err = writeCertificates(r, in); err != nil {
		return err
	}
	m.Files = append(m.Files, files...)
	for i := range m.Files {
		if err := r.complete(&m.Files[i]); err != nil {
			return err
		}
	}
	if err := writeJSON(r, "manifest.json", m); err != nil {
		return err
	}
	return writeSeal(r, in, m)
}

func writeJSON(sink Sink, name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f, err := sink.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return closed(f, name, err)
}

func writeCSV(sink Sink, in *Input, w *writer) error {
	f, err := sink.Create(w.name)
	if err != nil {
		return err
	}
	t := newCSV(f)
	w.write(t, in)
	return closed(f, w.name, t.flush())
}

// closed closes f and returns the first error with the file's name.
func closed(f io.Closer, name string, err error) error {
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// measures are the columns of the matrix after its key, in fen but for the
// counts.
var measures = []struct {
	name string
	at   engine.Measure
}{
	{"cases", engine.Cases}, {"reversals", engine.Reversals},
	{"fee_fen", engine.SumFee}, {"own_pay_fen", engine.SumOwnPay}, {"over_limit_fen", engine.SumOverLimit},
	{"pre_self_pay_fen", engine.SumPreSelfPay}, {"in_scope_fen", engine.SumInScope}, {"deductible_fen", engine.SumDeductible},
	{"basic_fen", engine.SumBasic}, {"large_fen", engine.SumLarge}, {"major_fen", engine.SumMajor}, {"civil_fen", engine.SumCivil},
	{"enterprise_fen", engine.SumEnterprise}, {"aid_fen", engine.SumAid}, {"account_fen", engine.SumAccount}, {"mutual_fen", engine.SumMutual},
	{"cash_fen", engine.SumCash}, {"hospital_fen", engine.SumHospital}, {"case_gain_fen", engine.SumCaseGain},
}

func (t *csv) measures() {
	for _, m := range measures {
		t.text(m.name)
	}
	t.text("cleared_fen").text("cleared_yuan")
}

func (t *csv) totals(x *engine.Totals) {
	for _, m := range measures {
		t.int(x[m.at])
	}
	t.fenAndYuan(x.Cleared())
}

// pair writes codes and names of an ordered pair of provinces.
func (t *csv) pair(in *Input, insured, treating int) *csv {
	a, b := &in.World.Provinces[insured], &in.World.Provinces[treating]
	return t.int(int64(a.Code)).text(a.NameZH).int(int64(b.Code)).text(b.NameZH)
}

func writeMonth(t *csv, in *Input, month int) {
	m := &in.Result.Months[month]
	t.text("month").text("insured_admdvs").text("insured").text("treating_admdvs").text("treating").
		text("scheme").text("pool_admdvs").text("pool").text("kind").measures()
	t.end()
	name := m.Month.String()
	shape := in.Result.Clearing.Ledger.Shape
	for i := range m.Cells {
		pool, treating, scheme, kind := shape.Split(m.Cells[i].Cell)
		p := &in.World.Pools[pool]
		t.text(name).pair(in, int(p.Province), treating).text(engine.SchemeNames[scheme]).
			int(int64(p.Code)).text(p.NameZH).text(engine.KindNames[kind]).totals(&m.Cells[i].Totals)
		t.end()
	}
}

func writePairsYear(t *csv, in *Input) {
	t.text("insured_admdvs").text("insured").text("treating_admdvs").text("treating").text("scheme").text("kind").measures()
	t.end()
	shape := in.Result.Clearing.Ledger.Shape
	const kinds = engine.NumKinds
	sums := make([]engine.Totals, shape.Pairs()*kinds)
	for cell, totals := range in.Result.Year.Rows() {
		_, _, _, kind := shape.Split(cell)
		sums[in.Result.Clearing.Ledger.PairOf(cell)*kinds+int(kind)].Add(totals)
	}
	var empty engine.Totals
	for i := range sums {
		if sums[i] == empty {
			continue
		}
		insured, treating, scheme := shape.SplitPair(i / kinds)
		t.pair(in, insured, treating).text(engine.SchemeNames[scheme]).text(engine.KindNames[i%kinds]).totals(&sums[i])
		t.end()
	}
}

func writeCalendar(t *csv, in *Input) {
	t.text("month").text("measured").text("allocated").text("signed").text("institutions_paid").text("paid").text("overdue_working_days").
		measures()
	t.end()
	for i := range in.Result.Months {
		m := &in.Result.Months[i]
		var sum engine.Totals
		for kind := range m.Kinds {
			sum.Add(&m.Kinds[kind])
		}
		t.text(m.Month.String()).text(yes(m.Measured)).
			text(m.Allocated.String()).text(m.Signed.String()).text(m.InstitutionsPaid.String()).text(m.Paid.String()).int(int64(m.OverdueDays)).totals(&sum)
		t.end()
	}
}

func writeAlerts(t *csv, in *Input) {
	t.text("signed").text("month").text("insured_admdvs").text("insured").text("treating_admdvs").text("treating").text("scheme").
		text("alert").text("use_rate_bp").text("clearing_fen").text("clearing_yuan").text("quota_fen").text("quota_yuan").
		text("top_up_limit_fen").text("top_up_limit_yuan").end()
	for i := range in.Result.Clearing.Alerts {
		a := &in.Result.Clearing.Alerts[i]
		t.text(a.Signed.String()).text(a.Month.String()).pair(in, a.Insured, a.Treating).text(engine.SchemeNames[a.Scheme]).
			text(a.Alert.String()).rate(a.UseRateBP).fenAndYuan(a.Clearing).fenAndYuan(a.Quota).fenAndYuan(a.TopUpLimit).end()
	}
}

// writePrepayment writes the state of every pair after every month. A pair may
// stay red, but an alert is raised only where it became so.
func writePrepayment(t *csv, in *Input) {
	type raise struct {
		pair  pairKey
		month day.Month
		alert engine.Alert
	}
	raised := map[raise]bool{}
	for i := range in.Result.Clearing.Alerts {
		a := &in.Result.Clearing.Alerts[i]
		raised[raise{pairKey{a.Insured, a.Treating, a.Scheme}, a.Month, a.Alert}] = true
	}
	t.text("insured_admdvs").text("insured").text("treating_admdvs").text("treating").text("scheme").text("month").
		text("use_rate_bp").text("alert").text("alert_raised").text("alert_days").text("clearing_fen").text("clearing_yuan").text("quota_fen").text("quota_yuan").
		text("top_up_fen").text("top_up_yuan").text("top_up_paid").text("rebased").text("yearly_quota_fen").text("yearly_quota_yuan").end()
	for i := range in.Result.Clearing.Pairs {
		p := &in.Result.Clearing.Pairs[i]
		for j := range p.Months {
			m := &p.Months[j]
			paid := ""
			if m.TopUp != 0 {
				paid = m.TopUpPaid.String()
			}
			t.pair(in, p.Insured, p.Treating).text(engine.SchemeNames[p.Scheme]).text(m.Month.String()).
				rate(m.UseRateBP).text(m.Alert.String()).text(yes(raised[raise{keyOf(p), m.Month, m.Alert}])).int(int64(m.AlertDays)).fenAndYuan(m.Clearing).fenAndYuan(m.Quota).
				fenAndYuan(m.TopUp).text(paid).text(yes(m.Rebased))
			if m.Rebased {
				t.fenAndYuan(m.YearlyQuota)
			} else {
				t.text("").text("")
			}
			t.end()
		}
	}
}

func writePots(t *csv, in *Input) {
	t.texts("treating_admdvs", "treating", "short_days", "deepest_shortfall_on", "deepest_shortfall_fen", "deepest_shortfall_yuan",
		"idle_fen", "idle_yuan", "idle_on", "interest_fen", "interest_yuan", "fines_fen", "fines_yuan").end()
	for i := range in.Result.Clearing.Treating {
		x := &in.Result.Clearing.Treating[i]
		on := day.Day(0)
		if x.Lowest < 0 {
			on = x.LowestDay
		}
		t.province(in, x.Treating).int(int64(x.ShortDays)).date(on).fenAndYuan(-x.Lowest).
			fenAndYuan(x.Idle).date(x.IdleDay).fenAndYuan(x.Interest).fenAndYuan(x.Fines).end()
	}
}

func writePairs(t *csv, in *Input) {
	t.text("insured_admdvs").text("insured").text("treating_admdvs").text("treating").text("scheme")
	for a := engine.Account(engine.NumCellAccounts); a < engine.NumAccounts; a++ {
		t.text(a.String() + "_fen")
	}
	t.text("prepayment_yuan").text("idle_fen").text("idle_yuan").end()
	l := in.Result.Clearing.Ledger
	idle := make([]money.Fen, len(l.Pairs))
	for i := range in.Result.Clearing.Pairs {
		p := &in.Result.Clearing.Pairs[i]
		idle[l.Shape.Pair(p.Insured, p.Treating, p.Scheme)] = p.Idle
	}
	var empty [engine.NumPairAccounts]money.Fen
	for pair := range l.Pairs {
		if l.Pairs[pair] == empty {
			continue
		}
		insured, treating, scheme := l.Shape.SplitPair(pair)
		t.pair(in, insured, treating).text(engine.SchemeNames[scheme])
		for _, amount := range l.Pairs[pair] {
			t.int(int64(amount))
		}
		t.yuan(l.Pairs[pair][engine.InsuredAdvanced-engine.NumCellAccounts]).fenAndYuan(idle[pair]).end()
	}
}

// writeTrialBalance sums every account by the entity that keeps it: pools their
// own, provinces theirs as insured and as treating place; institutions stand
// under their province, patients under their pool. The last row sums all.
func writeTrialBalance(t *csv, in *Input) {
	t.text("account").text("keeper").text("keeper_admdvs").text("keeper_name").
		text("debit_fen").text("credit_fen").text("balance_fen").text("balance_yuan").end()
	var debits, credits money.Fen
	for a := range engine.Account(engine.NumAccounts) {
		for _, b := range balances(in, a) {
			if b.debit == 0 && b.credit == 0 {
				continue
			}
			t.text(a.String()).text(b.keeper).text(b.code).text(b.name).
				int(int64(b.debit)).int(int64(b.credit)).fenAndYuan(b.debit - b.credit).end()
			debits += b.debit
			credits += b.credit
		}
	}
	t.text("total").text("").text("").text("").int(int64(debits)).int(int64(credits)).fenAndYuan(debits - credits).end()
}

// balance is an account at one keeper: the rows of the ledger that stand in
// debit and those that stand in credit, each summed.
type balance struct {
	keeper, code, name string
	debit, credit      money.Fen
}

func (b *balance) add(amount money.Fen) {
	if amount >= 0 {
		b.debit += amount
	} else {
		b.credit -= amount
	}
}

// balances returns an account by keeper, pools or provinces in their order.
func balances(in *Input, a engine.Account) []balance {
	l, w := in.Result.Clearing.Ledger, in.World
	pools, provinces := make([]balance, len(w.Pools)), make([]balance, len(w.Provinces))
	for i := range pools {
		pools[i] = balance{keeper: "pool", code: fmt.Sprint(w.Pools[i].Code), name: w.Pools[i].NameZH}
	}
	for i := range provinces {
		provinces[i] = balance{keeper: "province", code: fmt.Sprint(w.Provinces[i].Code), name: w.Provinces[i].NameZH}
	}
	entity := a.Entity()
	if a < engine.NumCellAccounts {
		keepers := provinces
		if entity == "pool" || entity == "patient" {
			keepers = pools
		}
		for cell, row := range l.Cells() {
			pool, treating, _, _ := l.Shape.Split(cell)
			i := treating
			if entity == "pool" || entity == "patient" {
				i = pool
			}
			keepers[i].add(row[a])
		}
		return keepers
	}
	nation := []balance{{keeper: "nation", code: "", name: "国家级经办机构"}}
	for pair := range l.Pairs {
		insured, treating, _ := l.Shape.SplitPair(pair)
		amount := l.Pairs[pair][a-engine.NumCellAccounts]
		switch entity {
		case "insured":
			provinces[insured].add(amount)
		case "treating", "institution":
			provinces[treating].add(amount)
		default:
			nation[0].add(amount)
		}
	}
	if entity == "nation" {
		return nation
	}
	return provinces
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
