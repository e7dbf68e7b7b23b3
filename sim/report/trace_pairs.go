package report

import (
	"cmp"
	"io"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// PairsFile is the name of the paired bills in the directory of a comparison.
const PairsFile = "pairs.parquet"

// Pairs gathers the bills of the same patients under several policies, in memory, and
// writes them as one Parquet file: a row for each bill and reform, with what came of
// it under the base and under the reform side by side. Rows are sorted by reform, in
// their order, and id; the file is the same whatever the workers.
type Pairs struct {
	oneIn   uint32
	reforms []string
	arms    []*Tracer // the base and each reform; nil where nobody was followed
}

// NewPairs returns what pairs the bills of a base and of reforms with these names.
func NewPairs(oneIn uint32, reforms []string) *Pairs {
	return &Pairs{oneIn, reforms, make([]*Tracer, 1+len(reforms))}
}

// Follow returns what traces an arm, 0 for the base, 1 for the first reform. A reform
// that is never followed has the base's bills.
func (p *Pairs) Follow(arm int) *sim.Trace {
	p.arms[arm] = NewTracer()
	return p.arms[arm].Follow(p.oneIn)
}

// Write writes the file. Afterwards there are no pairs left.
func (p *Pairs) Write(w io.Writer) error {
	arms := make([]*armBills, len(p.arms))
	for i, t := range p.arms {
		if arms[i] = arms[0]; t != nil {
			arms[i] = billsOf(t)
		}
	}
	var rows []pairRow
	for i := range p.reforms {
		rows = pairUp(rows, i, arms[0], arms[i+1])
	}
	err := writeTable(w, "pairs", pairColumns(p.reforms), len(rows), traceGroup, func(records []pairRecord, from int) {
		for i := range records {
			row := &rows[from+i]
			records[i].set(row, arms[0], arms[row.reform+1])
		}
	})
	clear(p.arms)
	return err
}

// armBills are an arm's rows in order, and where each bill's begin.
type armBills struct {
	tracer *Tracer
	keys   []traceKey
	bills  []int32
}

func billsOf(t *Tracer) *armBills {
	x := &armBills{tracer: t, keys: t.sorted()}
	for i, k := range x.keys {
		if i == 0 || x.keys[i-1].compareBills(k) != 0 {
			x.bills = append(x.bills, int32(i))
		}
	}
	return x
}

// compareBills compares the bills of two keys, not what happened to them.
func (k traceKey) compareBills(other traceKey) int {
	return cmp.Or(cmp.Compare(k.high, other.high), cmp.Compare(k.low>>27, other.low>>27))
}

// pairRow is a bill under a reform: which of the arms' bills it is, −1 where there is
// none.
type pairRow struct{ reform, base, other int32 }

// pairUp appends the bills of two arms, each once.
func pairUp(rows []pairRow, reform int, base, other *armBills) []pairRow {
	rows = slices.Grow(rows, max(len(base.bills), len(other.bills)))
	b, o := 0, 0
	for b < len(base.bills) || o < len(other.bills) {
		order := 0
		switch {
		case b == len(base.bills):
			order = 1
		case o == len(other.bills):
			order = -1
		default:
			order = base.keys[base.bills[b]].compareBills(other.keys[other.bills[o]])
		}
		row := pairRow{int32(reform), -1, -1}
		if order <= 0 {
			row.base = int32(b)
			b++
		}
		if order >= 0 {
			row.other = int32(o)
			o++
		}
		rows = append(rows, row)
	}
	return rows
}

// pairRecord is a row as it is written.
type pairRecord struct {
	reform int32
	under  int         // index in pairUnder
	bill   traceRecord // whose it is, where and when, by either side
	sides  [2]pairSide
}

// pairUnder says under which policy there is a bill.
var pairUnder = []string{"both", "base", "reform"}

// pairSide is what came of a bill in the end under one policy. Where there is no such
// bill its amounts are zero and its words empty.
type pairSide struct {
	none      bool
	event     sim.Event     // the last that happened to it
	status    engine.Status // the answer at the desk
	settledAs engine.Kind
	onFile    engine.FilingKind
	filing    engine.FilingKind
	ratio     int16
	amounts   [numTraceAmounts]money.Fen
}

func (x *pairRecord) set(row *pairRow, base, other *armBills) {
	x.reform, x.under = row.reform, 0
	for i, at := range []int32{row.base, row.other} {
		arm, s := base, &x.sides[i]
		if i == 1 {
			arm = other
		}
		*s = pairSide{none: at < 0}
		if s.none {
			x.under = 2 - i
			continue
		}
		end := len(arm.keys)
		if int(at)+1 < len(arm.bills) {
			end = int(arm.bills[at+1])
		}
		for _, k := range arm.keys[arm.bills[at]:end] {
			r := arm.tracer.workers[k.worker].at(int(k.at))
			s.happens(r)
			if i == 0 || row.base < 0 {
				x.bill = *r
			}
		}
	}
}

// happens brings the side up to what happened next.
func (s *pairSide) happens(x *traceRecord) {
	s.event = x.event
	switch x.event {
	case sim.EventReversed: // nothing is left of it
		s.amounts, s.ratio = [numTraceAmounts]money.Fen{}, 0
		return
	case sim.EventRefusedByHand: // nothing comes of it
		return
	}
	if x.event != sim.EventByHand {
		s.status = x.status
	}
	s.settledAs, s.onFile, s.filing, s.ratio, s.amounts = x.settledAs, x.onFile, x.filing, x.ratio, x.amounts
	if x.event == sim.EventRefused { // the patient pays it in full
		s.amounts[atCash], s.amounts[atPersonPart] = x.amounts[atFee], x.amounts[atFee]
	}
}

// pairColumns are the columns of the pairs. A side's have its name in front; docs/trace.md
// says what each is.
func pairColumns(reforms []string) []traceColumn[pairRecord] {
	type record = pairRecord
	bill := func(x *record) *traceRecord { return &x.bill }
	columns := []traceColumn[record]{
		wordOf("reform", reforms, func(x *record) int { return int(x.reform) }),
		idOf("setl_id", false, func(x *record) *sim.BillID { return &x.bill.id }),
		codeOf("random_group", traceNumber, func(x *record) int32 { return int32(x.bill.group) }),
		wordOf("under", pairUnder, func(x *record) int { return x.under }),
	}
	columns = append(columns, billColumns(bill)...)
	sides := []string{"base_", "reform_"}
	for i, side := range sides {
		of := func(name string, words []string, of func(*pairSide) int) {
			none := len(words)
			columns = append(columns, wordOf(side+name, append(slices.Clone(words), ""), func(x *record) int {
				if x.sides[i].none {
					return none
				}
				return of(&x.sides[i])
			}))
		}
		of("event", sim.EventNames[:], func(s *pairSide) int { return int(s.event) })
		of("status", statusNames(), func(s *pairSide) int { return int(s.status) })
		of("settled_as", engine.KindNames[:], func(s *pairSide) int { return int(s.settledAs) })
		of("filing_on_record", filingNames[:], func(s *pairSide) int { return int(s.onFile) })
		of("filing_kind", filingNames[:], func(s *pairSide) int { return int(s.filing) })
		columns = append(columns, codeOf(side+"pool_prop_selfpay", traceRatio, func(x *record) int32 { return int32(x.sides[i].ratio) }))
	}
	for at, name := range traceAmounts {
		for i, side := range sides {
			columns = append(columns, amountOf(side+name, func(x *record) int64 { return int64(x.sides[i].amounts[at]) }))
		}
	}
	return columns
}
