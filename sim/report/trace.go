package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// TraceFile is the name of a trace in a run directory.
const TraceFile = "claims.parquet"

// Tracer gathers what happened to the bills of a run's traced patients, in memory,
// and writes it as one Parquet file. The file is the same whatever the workers: its
// rows are sorted by id.
type Tracer struct {
	oneIn   uint32
	workers []*traceRecords
}

// NewTracer returns a tracer of one run.
func NewTracer() *Tracer { return &Tracer{} }

// Follow returns what a run needs to trace one patient in oneIn.
func (t *Tracer) Follow(oneIn uint32) *sim.Trace {
	t.oneIn = oneIn
	return &sim.Trace{OneIn: oneIn, Open: func(int) (func(*sim.TracedBill) error, error) {
		records := new(traceRecords)
		t.workers = append(t.workers, records)
		return func(b *sim.TracedBill) error {
			records.next().set(b)
			return nil
		}, nil
	}}
}

// WriteTo writes the file into a run directory. Afterwards the tracer is empty.
func (t *Tracer) WriteTo(sink Sink) (File, error) {
	file := File{Name: TraceFile, What: fmt.Sprintf("every bill of one simulated patient in %d, a row for each thing that happened to it, sorted by id", t.oneIn)}
	f, err := sink.Create(TraceFile)
	if err != nil {
		return file, err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	err = t.Write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	return file, closed(f, TraceFile, err)
}

// Rows is how many rows there are.
func (t *Tracer) Rows() (n int) {
	for _, records := range t.workers {
		n += records.n
	}
	return n
}

// traceRecords are one worker's, in slabs of a megabyte: a list that grew would be
// copied again and again, and would need twice the memory.
type traceRecords struct {
	slabs []*[traceSlab]traceRecord
	n     int
}

const traceSlab = 1 << 12

func (r *traceRecords) next() *traceRecord {
	if r.n%traceSlab == 0 {
		r.slabs = append(r.slabs, new([traceSlab]traceRecord))
	}
	r.n++
	return r.at(r.n - 1)
}

func (r *traceRecords) at(i int) *traceRecord { return &r.slabs[i/traceSlab][i%traceSlab] }

// traceRecord is a row as it is kept until the end of the run.
type traceRecord struct {
	id        sim.BillID
	sequence  uint16
	lines     uint16
	area      uint32
	place     uint32 // the institution's index
	admit     day.Day
	settle    day.Day
	event     sim.Event
	status    engine.Status
	level     engine.Level
	person    engine.PersonType
	identity  engine.Identity
	disease   engine.Disease
	onFile    engine.FilingKind
	filing    engine.FilingKind
	settledAs engine.Kind
	age       uint8
	group     uint8 // the patient's random group
	ratio     int16
	amounts   [numTraceAmounts]money.Fen
}

// The amounts of a record, in the order of the columns.
const (
	atFee = iota
	atOwnPay
	atOverLimit
	atPreSelfPay
	atInScope
	atDeductible
	atCeiling
	atLayers     // what each layer pays, engine.NumLayers of them
	atFunds      = atLayers + engine.NumLayers
	atAccount    = atFunds + 1
	atMutual     = atFunds + 2
	atCash       = atFunds + 3
	atPersonPart = atFunds + 4
	atHospital   = atFunds + 5
	atCaseGain   = atFunds + 6
	atFormer     = atFunds + 7

	numTraceAmounts = atFunds + 8
)

// traceAmounts are their names.
var traceAmounts = [numTraceAmounts]string{
	"medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc", "crt_payb_lmt_amt",
	"hifp_pay", "hifob_pay", "hifmi_pay", "cvlserv_pay", "hifes_pay", "maf_pay",
	"fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "psn_part_amt", "hosp_part_amt", "case_gain", "former_year_inscp_amt",
}

// set fills the record in.
func (x *traceRecord) set(b *sim.TracedBill) {
	c, r := &b.Claim, b.Result
	fee := r.Fee
	if r.Status != engine.Settled {
		for i := range b.Lines {
			fee += b.Lines[i].Amount // what the patient paid in full
		}
	}
	*x = traceRecord{
		id: b.ID, sequence: b.Sequence, lines: uint16(len(b.Lines)), area: c.Area, place: c.Institution, admit: c.AdmitDay, settle: c.SettleDay,
		event: b.Event, status: r.Status, level: c.Level, person: c.PersonType, identity: c.Identity, disease: c.Disease,
		onFile: c.Filing.Kind, filing: r.Filing, settledAs: r.Kind, age: c.Age, group: b.Group, ratio: int16(r.Ratio),
	}
	if r.Status != engine.Settled {
		x.settledAs = c.Kind
	}
	x.amounts = [numTraceAmounts]money.Fen{
		atFee: fee, atOwnPay: r.OwnPay, atOverLimit: r.OverLimit, atPreSelfPay: r.PreSelfPay, atInScope: r.InScope,
		atDeductible: r.Deductible, atCeiling: r.CeilingLeft, atFunds: r.FundSum(), atAccount: r.Account, atMutual: r.Mutual,
		atCash: r.Cash, atPersonPart: r.PersonPart(), atHospital: r.Hospital, atCaseGain: r.CaseGain, atFormer: money.Fen(r.Former.InScope),
	}
	copy(x.amounts[atLayers:], r.Funds[:])
}

// Write writes the file. Afterwards the tracer is empty.
func (t *Tracer) Write(w io.Writer) error { return t.write(w, traceGroup) }

func (t *Tracer) write(w io.Writer, group int) error {
	keys := t.sorted()
	err := writeTable(w, "claims", traceColumns(), len(keys), group, func(records []traceRecord, from int) {
		for i, k := range keys[from : from+len(records)] {
			records[i] = *t.workers[k.worker].at(int(k.at))
		}
	})
	t.workers = nil
	return err
}

// traceKey is where a record is, and its id and sequence packed so that they compare
// as numbers, in the order of sim.BillID.Compare.
type traceKey struct {
	high, low  uint64
	worker, at uint32
}

func (x *traceRecord) key(worker, at int) traceKey {
	id, rest := &x.id, uint64(0)
	if id.Rest {
		rest = 1
	}
	return traceKey{
		high:   uint64(id.Pool)<<44 | uint64(id.Scheme)<<43 | uint64(id.Treating)<<23 | uint64(id.Patient)>>9,
		low:    uint64(id.Patient)<<55 | uint64(id.Month)&0xffff<<39 | uint64(id.Kind)<<36 | uint64(id.Ordinal)<<28 | rest<<27 | uint64(x.sequence)<<11,
		worker: uint32(worker), at: uint32(at),
	}
}

func (k traceKey) compare(other traceKey) int {
	if k.high != other.high {
		return cmp.Compare(k.high, other.high)
	}
	return cmp.Compare(k.low, other.low)
}

// sorted returns the records in the order of the file: each worker's are sorted by
// themselves and then merged.
func (t *Tracer) sorted() []traceKey {
	all := make([]traceKey, t.Rows())
	runs := make([][]traceKey, len(t.workers))
	var sorting sync.WaitGroup
	at := 0
	for worker, records := range t.workers {
		run := all[at : at+records.n]
		at += len(run)
		runs[worker] = run
		sorting.Go(func() {
			for i := range run {
				run[i] = records.at(i).key(worker, i)
			}
			slices.SortFunc(run, traceKey.compare)
		})
	}
	sorting.Wait()
	for len(runs) > 1 {
		runs = append(runs[2:], mergeKeys(runs[0], runs[1]))
	}
	return slices.Concat(runs...)
}

// mergeKeys merges two sorted lists.
func mergeKeys(a, b []traceKey) []traceKey {
	all := make([]traceKey, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].compare(b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
