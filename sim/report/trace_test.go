package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// tracedBills makes n things that happened to made-up bills; no two have the same id
// and sequence.
func tracedBills(n int) []sim.TracedBill {
	rng := rand.New(rand.NewPCG(1, 2))
	bills := make([]sim.TracedBill, n)
	lines := make([]engine.Line, 12)
	for i := range bills {
		b := &bills[i]
		b.ID = sim.BillID{
			Pool: 130000 + 100*uint32(rng.IntN(9)), Scheme: engine.Scheme(rng.IntN(2)), Treating: 10000 * uint32(11+rng.IntN(30)),
			Patient: uint32(i / 8), Month: day.MonthOf(2023, 10) + day.Month(rng.IntN(15)), Kind: engine.Kind(rng.IntN(4)), Ordinal: uint8(i % 8), Rest: rng.IntN(9) == 0,
		}
		b.Event, b.Sequence = sim.Event(rng.IntN(sim.NumEvents)), uint16(rng.IntN(40))
		first := b.ID.Month.First()
		b.Claim = engine.Claim{
			Area: b.ID.Treating + 100*uint32(rng.IntN(20)), Institution: uint32(rng.IntN(500)), AdmitDay: first, SettleDay: first + day.Day(rng.IntN(28)),
			Level: engine.Level(rng.IntN(4)), PersonType: engine.PersonType(rng.IntN(5)), Kind: b.ID.Kind, Age: uint8(rng.IntN(100)),
			Filing: engine.Filing{Kind: engine.FilingKind(rng.IntN(7))},
		}
		b.Lines = lines[:rng.IntN(len(lines))]
		fee := money.Fen(rng.IntN(2_000_000))
		b.Result = &engine.Result{Filing: b.Claim.Filing.Kind, Kind: b.ID.Kind, Ratio: 8000, Fee: fee, PreSelfPay: fee / 10, InScope: fee - fee/10,
			CeilingLeft: 20_000_000_000, Funds: [engine.NumLayers]money.Fen{fee / 2}, Cash: fee - fee/2}
		if r := b.Result; i%16 == 0 { // what few bills have
			r.OwnPay, r.OverLimit, r.Deductible = fee/13, fee/17, fee/19
			r.Funds = [engine.NumLayers]money.Fen{fee / 2, fee / 23, fee / 29, fee / 31, fee / 37, fee / 41}
			r.Account, r.Mutual, r.Cash, r.Hospital, r.CaseGain, r.Former.InScope = fee/43, fee/47, fee/53, fee/59, -fee/61, uint32(fee/67)
		}
		if b.Event == sim.EventRefused {
			b.Result = &engine.Result{Status: engine.StatusNotFiled}
		}
		if b.Event == sim.EventReversed {
			b.Result.Fee, b.Result.Funds[0], b.Result.Cash = -fee, -(fee / 2), fee/2-fee
		}
	}
	return bills
}

// gather hands bills to the workers of a tracer, in an order of its own.
func gather(t testing.TB, bills []sim.TracedBill, workers int, seed uint64) *Tracer {
	t.Helper()
	tracer := NewTracer()
	follow := tracer.Follow(1)
	var tell []func(*sim.TracedBill) error
	for w := range workers {
		f, err := follow.Open(w)
		if err != nil {
			t.Fatal(err)
		}
		tell = append(tell, f)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, i := range rng.Perm(len(bills)) {
		if err := tell[rng.IntN(workers)](&bills[i]); err != nil {
			t.Fatal(err)
		}
	}
	return tracer
}

// traceRow is a row as the tests read it, the columns in their order.
type traceRow struct {
	SetlID    string `parquet:"setl_id"`
	Sequence  int32  `parquet:"sequence"`
	Event     string `parquet:"event"`
	Status    string `parquet:"status"`
	PsnNo     string `parquet:"psn_no"`
	InsuPlace int32  `parquet:"insuplc_admdvs"`
	TreatArea int32  `parquet:"mdtrtarea_admvs"`
	InsuType  string `parquet:"insutype"`
	PsnType   string `parquet:"psn_type"`
	Identity  string `parquet:"identity"`
	Age       int32  `parquet:"age"`
	MedType   string `parquet:"med_type"`
	Disease   string `parquet:"disease"`
	Place     int32  `parquet:"institution"`
	HospLv    string `parquet:"hosp_lv"`
	Begin     int32  `parquet:"begndate,date"`
	SetlTime  int32  `parquet:"setl_date,date"`
	Lines     int32  `parquet:"lines"`
	SettledAs string `parquet:"settled_as"`
	OnFile    string `parquet:"filing_on_record"`
	Filing    string `parquet:"filing_kind"`
	Ratio     int32  `parquet:"pool_prop_selfpay,decimal(4:5)"`

	Fee        int64 `parquet:"medfee_sumamt,decimal(2:18)"`
	OwnPay     int64 `parquet:"fulamt_ownpay_amt,decimal(2:18)"`
	OverLimit  int64 `parquet:"overlmt_selfpay,decimal(2:18)"`
	PreSelfPay int64 `parquet:"preselfpay_amt,decimal(2:18)"`
	InScope    int64 `parquet:"inscp_scp_amt,decimal(2:18)"`
	Deductible int64 `parquet:"act_pay_dedc,decimal(2:18)"`
	Ceiling    int64 `parquet:"crt_payb_lmt_amt,decimal(2:18)"`
	Basic      int64 `parquet:"hifp_pay,decimal(2:18)"`
	Large      int64 `parquet:"hifob_pay,decimal(2:18)"`
	Major      int64 `parquet:"hifmi_pay,decimal(2:18)"`
	Civil      int64 `parquet:"cvlserv_pay,decimal(2:18)"`
	Enterprise int64 `parquet:"hifes_pay,decimal(2:18)"`
	Aid        int64 `parquet:"maf_pay,decimal(2:18)"`
	FundSum    int64 `parquet:"fund_pay_sumamt,decimal(2:18)"`
	Account    int64 `parquet:"acct_pay,decimal(2:18)"`
	Mutual     int64 `parquet:"acct_mulaid_pay,decimal(2:18)"`
	Cash       int64 `parquet:"psn_cash_pay,decimal(2:18)"`
	PersonPart int64 `parquet:"psn_part_amt,decimal(2:18)"`
	Hospital   int64 `parquet:"hosp_part_amt,decimal(2:18)"`
	CaseGain   int64 `parquet:"case_gain,decimal(2:18)"`
	Former     int64 `parquet:"former_year_inscp_amt,decimal(2:18)"`
}

// rowOf is the row that tells what happened to a bill.
func rowOf(b *sim.TracedBill) traceRow {
	c, r := &b.Claim, b.Result
	row := traceRow{
		SetlID: b.ID.String(), Sequence: int32(b.Sequence), Event: b.Event.String(), Status: r.Status.String(),
		InsuPlace: int32(b.ID.Pool), TreatArea: int32(c.Area), InsuType: map[engine.Scheme]string{engine.Employee: "310", engine.Resident: "390"}[b.ID.Scheme],
		PsnType: []string{"11", "12", "14", "15", "16"}[c.PersonType], Identity: "none", Age: int32(c.Age),
		MedType:   map[engine.Kind]string{engine.Inpatient: "21", engine.Outpatient: "11", engine.Chronic: "14", engine.Pharmacy: "41"}[b.ID.Kind],
		SettledAs: c.Kind.String(), Disease: engine.DiseaseNames[c.Disease], Place: int32(c.Institution), Begin: int32(c.AdmitDay), SetlTime: int32(c.SettleDay),
		OnFile: filingNames[c.Filing.Kind], Filing: filingNames[r.Filing], Lines: int32(len(b.Lines)), Ratio: int32(r.Ratio),
		Fee: int64(r.Fee), OwnPay: int64(r.OwnPay), OverLimit: int64(r.OverLimit), PreSelfPay: int64(r.PreSelfPay), InScope: int64(r.InScope),
		Deductible: int64(r.Deductible), Ceiling: int64(r.CeilingLeft), Basic: int64(r.Funds[engine.LayerBasic]), Large: int64(r.Funds[engine.LayerLarge]),
		Major: int64(r.Funds[engine.LayerMajor]), Civil: int64(r.Funds[engine.LayerCivil]), Enterprise: int64(r.Funds[engine.LayerEnterprise]),
		Aid: int64(r.Funds[engine.LayerAid]), FundSum: int64(r.FundSum()), Account: int64(r.Account), Mutual: int64(r.Mutual), Cash: int64(r.Cash),
		PersonPart: int64(r.Account + r.Mutual + r.Cash), Hospital: int64(r.Hospital), CaseGain: int64(r.CaseGain), Former: int64(r.Former.InScope),
	}
	row.PsnNo, _, _ = strings.Cut(row.SetlID, "/")
	if b.ID.Kind != engine.Pharmacy {
		row.HospLv = fmt.Sprint(int(c.Level) + 1)
	}
	for i := range b.Lines {
		if r.Status != engine.Settled {
			row.Fee += int64(b.Lines[i].Amount)
		}
	}
	return row
}

// What a trace says reads back row by row, sorted by id, and the file is the same
// whichever worker saw which bill when, and however many processors write it.
func TestTraceReadsBack(t *testing.T) {
	bills := tracedBills(10_000)
	var files [2]bytes.Buffer
	for i, workers := range []int{1, 3} {
		processors := runtime.GOMAXPROCS(workers)
		err := gather(t, bills, workers, uint64(i)).write(&files[i], 1_000)
		runtime.GOMAXPROCS(processors)
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("one and three workers wrote different files")
	}
	rows, err := parquet.Read[traceRow](bytes.NewReader(files[0].Bytes()), int64(files[0].Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(bills) {
		t.Fatalf("%d rows of %d bills", len(rows), len(bills))
	}
	want := map[string]traceRow{}
	for i := range bills {
		row := rowOf(&bills[i])
		want[fmt.Sprint(row.SetlID, row.Sequence)] = row
	}
	last := sim.BillID{}
	for _, row := range rows {
		if !reflect.DeepEqual(row, want[fmt.Sprint(row.SetlID, row.Sequence)]) {
			t.Fatalf("read %+v", row)
		}
		id, err := sim.ParseBillID(row.SetlID)
		if err != nil {
			t.Fatal(err)
		}
		if last.Compare(id) > 0 {
			t.Fatalf("%v after %v", id, last)
		}
		last = id
	}
	events, err := ReadTrace(bytes.NewReader(files[0].Bytes()))
	if err != nil || len(events) != len(rows) || events[7] != (TracedEvent{rows[7].SetlID, rows[7].Event, rows[7].Status}) {
		t.Errorf("%d events, %v", len(events), err)
	}
	for kind := range engine.Kind(engine.NumKinds) {
		id, found, err := Pick(events, 7, kind)
		again, _, _ := Pick(events[:len(events):len(events)], 7, kind)
		if err != nil || !found || id.Kind != kind || id != again {
			t.Errorf("picked %v %v %v, and again %v", id, found, err, again)
		}
	}
}

// The columns are those that the tests read, in their order: amounts are decimals and
// names the interface's.
func TestTraceColumns(t *testing.T) {
	got, want := schemaOf("claims", traceColumns()), parquet.SchemaOf(traceRow{})
	if len(got.Fields()) != len(want.Fields()) {
		t.Fatalf("%d columns, want %d", len(got.Fields()), len(want.Fields()))
	}
	for i, f := range want.Fields() {
		if g := got.Fields()[i]; g.Name() != f.Name() || g.Type().String() != f.Type().String() || g.Optional() {
			t.Errorf("column %d is %s %v, want %s %v", i, g.Name(), g.Type(), f.Name(), f.Type())
		}
	}
}

// docs/trace.md has each column with its type, in the order of the file.
func TestTraceColumnsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/trace.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "\n## claims.parquet\n")
	page, _, _ = strings.Cut(page, "\n## ")
	var want, got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([A-Z0-9(,)]+) \\|").FindAllStringSubmatch(page, -1) {
		got = append(got, m[1]+" "+m[2])
	}
	types := map[string]string{"STRING": "VARCHAR", "INT(32,true)": "INTEGER"}
	for _, f := range schemaOf("claims", traceColumns()).Fields() {
		want = append(want, f.Name()+" "+cmp.Or(types[f.Type().String()], f.Type().String()))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the page has\n%q, the file\n%q", got, want)
	}
}

// BenchmarkTraceWrite is how fast rows become a file, and what they come to.
func BenchmarkTraceWrite(b *testing.B) {
	const rows = 1 << 19
	bills := tracedBills(rows)
	for b.Loop() {
		b.StopTimer()
		tracer := gather(b, bills, 2, 1)
		var out bytes.Buffer
		out.Grow(rows * 128)
		b.StartTimer()
		if err := tracer.Write(&out); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(out.Len())/rows, "B/row")
		b.Logf("checksum %x", sha256.Sum256(out.Bytes()))
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
