package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
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

// What a trace says reads back row by row, sorted by id, and the file is the same
// whichever worker saw which bill when.
func TestTraceReadsBack(t *testing.T) {
	bills := tracedBills(10_000)
	var files [2]bytes.Buffer
	for i, workers := range []int{1, 3} {
		if err := gather(t, bills, workers, uint64(i)).Write(&files[i]); err != nil {
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
		var row traceRow
		record := traceRecordOf(&bills[i])
		record.row(&row)
		row.SetlID = bills[i].ID.String()
		row.PsnNo, _, _ = strings.Cut(row.SetlID, "/")
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

// The columns of amounts are decimals and their names the interface's.
func TestTraceColumns(t *testing.T) {
	for _, f := range parquet.SchemaOf(traceRow{}).Fields() {
		switch text := f.Type().String(); f.Name() {
		case "medfee_sumamt", "hifp_pay", "fund_pay_sumamt", "psn_cash_pay":
			if text != "DECIMAL(18,2)" {
				t.Errorf("%s is %s", f.Name(), text)
			}
		case "pool_prop_selfpay":
			if text != "DECIMAL(5,4)" {
				t.Errorf("%s is %s", f.Name(), text)
			}
		}
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
