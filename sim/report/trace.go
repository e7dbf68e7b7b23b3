package report

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

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
	workers []*[]traceRecord
}

// NewTracer returns a tracer of one run.
func NewTracer() *Tracer { return &Tracer{} }

// Follow returns what a run needs to trace one patient in oneIn.
func (t *Tracer) Follow(oneIn uint32) *sim.Trace {
	t.oneIn = oneIn
	return &sim.Trace{OneIn: oneIn, Open: func(int) (func(*sim.TracedBill) error, error) {
		records := new([]traceRecord)
		t.workers = append(t.workers, records)
		return func(b *sim.TracedBill) error {
			*records = append(*records, traceRecordOf(b))
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
		n += len(*records)
	}
	return n
}

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
	ratio     int16
	amounts   [numTraceAmounts]money.Fen
}

// The amounts of a record, in the order of traceRow.
const numTraceAmounts = 21

func traceRecordOf(b *sim.TracedBill) traceRecord {
	c, r := &b.Claim, b.Result
	fee := r.Fee
	if r.Status != engine.Settled {
		for i := range b.Lines {
			fee += b.Lines[i].Amount // what the patient paid in full
		}
	}
	x := traceRecord{
		id: b.ID, sequence: b.Sequence, lines: uint16(len(b.Lines)), area: c.Area, place: c.Institution, admit: c.AdmitDay, settle: c.SettleDay,
		event: b.Event, status: r.Status, level: c.Level, person: c.PersonType, identity: c.Identity, disease: c.Disease,
		onFile: c.Filing.Kind, filing: r.Filing, settledAs: r.Kind, age: c.Age, ratio: int16(r.Ratio),
	}
	if r.Status != engine.Settled {
		x.settledAs = c.Kind
	}
	x.amounts = [numTraceAmounts]money.Fen{
		fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, r.Deductible, r.CeilingLeft,
		r.Funds[engine.LayerBasic], r.Funds[engine.LayerLarge], r.Funds[engine.LayerMajor], r.Funds[engine.LayerCivil],
		r.Funds[engine.LayerEnterprise], r.Funds[engine.LayerAid], r.FundSum(), r.Account, r.Mutual, r.Cash, r.PersonPart(), r.Hospital, r.CaseGain, money.Fen(r.Former.InScope),
	}
	return x
}

// traceRow is a row of the file: one thing that happened to a bill. Amounts are yuan
// with two decimals, DECIMAL(18,2); names are the interface's where it has one.
type traceRow struct {
	SetlID    string `parquet:"setl_id,delta"`
	Sequence  int32  `parquet:"sequence"`
	Event     string `parquet:"event,dict"`
	Status    string `parquet:"status,dict"`
	PsnNo     string `parquet:"psn_no,delta"`
	InsuPlace int32  `parquet:"insuplc_admdvs"`
	TreatArea int32  `parquet:"mdtrtarea_admvs"`
	InsuType  string `parquet:"insutype,dict"`
	PsnType   string `parquet:"psn_type,dict"`
	Identity  string `parquet:"identity,dict"`
	Age       int32  `parquet:"age"`
	MedType   string `parquet:"med_type,dict"`
	SettledAs string `parquet:"settled_as,dict"`
	Disease   string `parquet:"disease,dict"`
	Place     int32  `parquet:"institution"`
	HospLv    string `parquet:"hosp_lv,dict"`
	Begin     int32  `parquet:"begndate,date"`
	SetlTime  int32  `parquet:"setl_date,date"`
	OnFile    string `parquet:"filing_on_record,dict"`
	Filing    string `parquet:"filing_kind,dict"`
	Lines     int32  `parquet:"lines"`
	Ratio     int32  `parquet:"pool_prop_selfpay,decimal(4:5)"`

	Fee        int64 `parquet:"medfee_sumamt,decimal(2:18),delta"`
	OwnPay     int64 `parquet:"fulamt_ownpay_amt,decimal(2:18),delta"`
	OverLimit  int64 `parquet:"overlmt_selfpay,decimal(2:18),delta"`
	PreSelfPay int64 `parquet:"preselfpay_amt,decimal(2:18),delta"`
	InScope    int64 `parquet:"inscp_scp_amt,decimal(2:18),delta"`
	Deductible int64 `parquet:"act_pay_dedc,decimal(2:18),delta"`
	Ceiling    int64 `parquet:"crt_payb_lmt_amt,decimal(2:18),delta"`
	Basic      int64 `parquet:"hifp_pay,decimal(2:18),delta"`
	Large      int64 `parquet:"hifob_pay,decimal(2:18),delta"`
	Major      int64 `parquet:"hifmi_pay,decimal(2:18),delta"`
	Civil      int64 `parquet:"cvlserv_pay,decimal(2:18),delta"`
	Enterprise int64 `parquet:"hifes_pay,decimal(2:18),delta"`
	Aid        int64 `parquet:"maf_pay,decimal(2:18),delta"`
	FundSum    int64 `parquet:"fund_pay_sumamt,decimal(2:18),delta"`
	Account    int64 `parquet:"acct_pay,decimal(2:18),delta"`
	Mutual     int64 `parquet:"acct_mulaid_pay,decimal(2:18),delta"`
	Cash       int64 `parquet:"psn_cash_pay,decimal(2:18),delta"`
	PersonPart int64 `parquet:"psn_part_amt,decimal(2:18),delta"`
	Hospital   int64 `parquet:"hosp_part_amt,decimal(2:18),delta"`
	CaseGain   int64 `parquet:"case_gain,decimal(2:18),delta"`
	Former     int64 `parquet:"former_year_inscp_amt,decimal(2:18),delta"`
}

// The interface's codes (the short ones for persons).
var (
	insuTypes   = [engine.NumSchemes]string{"310", "390"}
	psnTypes    = [engine.NumPersonTypes]string{"11", "12", "14", "15", "16"}
	medTypes    = [engine.NumKinds]string{"21", "11", "14", "41"}
	hospLevels  = [engine.NumLevels]string{"1", "2", "3", "4"}
	noHospLevel = ""
)

// row writes the record's row but for its names.
func (x *traceRecord) row(r *traceRow) {
	level := hospLevels[x.level]
	if x.id.Kind == engine.Pharmacy {
		level = noHospLevel
	}
	a := &x.amounts
	*r = traceRow{
		Sequence: int32(x.sequence), Event: x.event.String(), Status: x.status.String(),
		InsuPlace: int32(x.id.Pool), TreatArea: int32(x.area), InsuType: insuTypes[x.id.Scheme], PsnType: psnTypes[x.person],
		Identity: identityNames[x.identity], Age: int32(x.age), MedType: medTypes[x.id.Kind], SettledAs: engine.KindNames[x.settledAs],
		Disease: engine.DiseaseNames[x.disease], Place: int32(x.place), HospLv: level, Begin: int32(x.admit), SetlTime: int32(x.settle),
		OnFile: filingNames[x.onFile], Filing: filingNames[x.filing], Lines: int32(x.lines), Ratio: int32(x.ratio),
		Fee: int64(a[0]), OwnPay: int64(a[1]), OverLimit: int64(a[2]), PreSelfPay: int64(a[3]), InScope: int64(a[4]), Deductible: int64(a[5]),
		Ceiling: int64(a[6]), Basic: int64(a[7]), Large: int64(a[8]), Major: int64(a[9]), Civil: int64(a[10]), Enterprise: int64(a[11]),
		Aid: int64(a[12]), FundSum: int64(a[13]), Account: int64(a[14]), Mutual: int64(a[15]), Cash: int64(a[16]), PersonPart: int64(a[17]),
		Hospital: int64(a[18]), CaseGain: int64(a[19]), Former: int64(a[20]),
	}
}

// The rows of a row group, and how many are handed over at once.
const (
	traceGroup = 1 << 18
	traceBatch = 1 << 12
)

// Write writes the file. Afterwards the tracer is empty. Rows are made while those
// before are written.
func (t *Tracer) Write(w io.Writer) error {
	keys := t.sorted()
	// What made the file is not in it: the same rows are the same bytes.
	p := parquet.NewGenericWriter[traceRow](w, traceOptions()...)
	type batch struct {
		rows []traceRow
		n    int
	}
	const ahead = 2
	made, free := make(chan batch, ahead), make(chan []traceRow, ahead)
	for range ahead {
		free <- make([]traceRow, traceBatch)
	}
	go func() {
		defer close(made)
		ids := make([]byte, 0, traceBatch*64)
		for len(keys) > 0 {
			n := min(len(keys), traceBatch)
			rows := <-free
			ids = t.fill(rows, keys[:n], ids[:0])
			made <- batch{rows, n}
			keys = keys[n:]
		}
	}()
	var err error
	for b := range made {
		if err == nil {
			_, err = p.Write(b.rows[:b.n])
		}
		free <- b.rows
	}
	t.workers = nil
	if err != nil {
		return err
	}
	return p.Close()
}

// traceOptions are those of the file. Bounds of pages help to find amounts and ids;
// of columns of a few words they only cost.
func traceOptions() []parquet.WriterOption {
	options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(traceGroup), parquet.CreatedBy("kuasheng", "1", "")}
	for _, c := range parquet.SchemaOf(traceRow{}).Columns() {
		if field, _ := parquet.SchemaOf(traceRow{}).Lookup(c...); field.Node.Encoding() != nil && field.Node.Encoding().Encoding() == format.RLEDictionary {
			options = append(options, parquet.SkipPageBounds(c...))
		}
	}
	return options
}

// fill makes the rows of some keys.
func (t *Tracer) fill(rows []traceRow, keys []traceKey, ids []byte) []byte {
	var ends [traceBatch][2]int // of the patient and of the id, in ids
	for i, k := range keys {
		ids, ends[i][0] = appendID(ids, &(*t.workers[k.worker])[k.at].id)
		ends[i][1] = len(ids)
	}
	text, start := string(ids), 0 // one string for all ids of the batch
	for i, k := range keys {
		(*t.workers[k.worker])[k.at].row(&rows[i])
		rows[i].SetlID, rows[i].PsnNo = text[start:ends[i][1]], text[start:ends[i][0]]
		start = ends[i][1]
	}
	return ids
}

// traceKey is where a record is, and its id and sequence packed so that they compare
// as numbers, in the order of sim.BillID.Compare.
type traceKey struct {
	high, low  uint64
	worker, at uint32
}

// sorted returns the records in the order of the file.
func (t *Tracer) sorted() []traceKey {
	keys := make([]traceKey, 0, t.Rows())
	for worker, records := range t.workers {
		for i := range *records {
			x := &(*records)[i]
			id, rest := &x.id, uint64(0)
			if id.Rest {
				rest = 1
			}
			keys = append(keys, traceKey{
				high:   uint64(id.Pool)<<44 | uint64(id.Scheme)<<43 | uint64(id.Treating)<<23 | uint64(id.Patient)>>9,
				low:    uint64(id.Patient)<<55 | uint64(id.Month)&0xffff<<39 | uint64(id.Kind)<<36 | uint64(id.Ordinal)<<28 | rest<<27 | uint64(x.sequence)<<11,
				worker: uint32(worker), at: uint32(i),
			})
		}
	}
	slices.SortFunc(keys, func(a, b traceKey) int {
		if a.high != b.high {
			return cmp.Compare(a.high, b.high)
		}
		return cmp.Compare(a.low, b.low)
	})
	return keys
}

// appendID appends what sim.BillID.String writes, and returns where its patient ends.
func appendID(b []byte, id *sim.BillID) (text []byte, patient int) {
	b = strconv.AppendUint(b, uint64(id.Pool), 10)
	b = append(append(append(b, '-'), engine.SchemeNames[id.Scheme]...), '-')
	b = strconv.AppendUint(b, uint64(id.Treating), 10)
	b = strconv.AppendUint(append(b, '-'), uint64(id.Patient), 10)
	patient = len(b)
	b = append(b, '/')
	month := id.Month.OfYear()
	b = strconv.AppendUint(b, uint64(id.Month.Year()), 10)
	b = append(b, '-', byte('0'+month/10), byte('0'+month%10), '/')
	b = append(append(b, engine.KindNames[id.Kind]...), '-')
	b = strconv.AppendUint(b, uint64(id.Ordinal), 10)
	if id.Rest {
		b = append(b, "-rest"...)
	}
	return b, patient
}

// TracedEvent is a row of a trace as far as finding bills in it goes.
type TracedEvent struct {
	ID     string `parquet:"setl_id"`
	Event  string `parquet:"event"`
	Status string `parquet:"status"`
}

// ReadTrace reads which bills a trace file has, row by row.
func ReadTrace(r io.ReaderAt) (events []TracedEvent, err error) {
	p := parquet.NewGenericReader[TracedEvent](r)
	defer p.Close()
	events = make([]TracedEvent, p.NumRows())
	n, err := p.Read(events)
	if err == io.EOF {
		err = nil
	}
	return events[:n], err
}

// Pick chooses a bill of a kind that was settled directly among those of a trace, the
// same for the same seed; found is false where there is none.
func Pick(events []TracedEvent, seed uint64, kind engine.Kind) (id sim.BillID, found bool, err error) {
	var least [sha256.Size]byte
	for i := range events {
		e := &events[i]
		if e.Event != sim.EventDirect.String() || !strings.Contains(e.ID, "/"+kind.String()+"-") {
			continue
		}
		draw := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, e.ID))
		if found && bytes.Compare(draw[:], least[:]) >= 0 {
			continue
		}
		least, found = draw, true
		if id, err = sim.ParseBillID(e.ID); err != nil {
			return id, false, err
		}
	}
	return id, found, nil
}

// Events are the rows gathered so far, in no order.
func (t *Tracer) Events() (events []TracedEvent) {
	for _, records := range t.workers {
		for i := range *records {
			x := &(*records)[i]
			events = append(events, TracedEvent{ID: x.id.String(), Event: x.event.String(), Status: x.status.String()})
		}
	}
	return events
}
