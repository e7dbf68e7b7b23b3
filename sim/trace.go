package sim

import (
	"kuasheng/engine"
	"kuasheng/sim/draw"
)

// Trace follows some patients of a run, each with all bills.
type Trace struct {
	// OneIn N follows one simulated patient in N, chosen by a draw of their own, so
	// that the same patients are followed under every policy; 1 follows all.
	OneIn uint32
	// Open makes the callback of one worker, numbered from 0, before the first
	// month. A callback is called from one goroutine at a time, but not all from the
	// same one. Bills of one patient and month come to one callback in the order in
	// which they happened; patients and months of a patient may be divided between
	// workers. An error ends the run with it.
	Open func(worker int) (func(*TracedBill) error, error)
}

// TracedBill is one thing that happened to a bill. Each bill is Direct or Refused
// once; after that it may be Reversed, or else ByHand or RefusedByHand.
type TracedBill struct {
	ID    BillID
	Event Event
	// Group is the patient's random group, of NumGroups.
	Group uint8
	// Sequence counts what happened to the patient in the month, from 0.
	Sequence uint16
	// Claim is the bill with Person and FirstLine 0; by hand it may go on from a part of
	// the stay that the bill at the desk could not.
	Claim engine.Claim
	// Lines and Result are valid during the callback only. The Result of Reversed is
	// the negative of the original's.
	Lines  []engine.Line
	Result *engine.Result

	// key and number are those of the draw that chooses patients.
	key    draw.Key
	number uint64
}

// Among says whether the bill's patient is among those that a trace of one in so many
// follows. A trace of all can so tell some patients' bills from the others'.
func (b *TracedBill) Among(oneIn uint32) bool { return followed(b.key, b.number, oneIn) }

// followed draws whether a patient is traced.
func followed(key draw.Key, number uint64, oneIn uint32) bool {
	word, _ := draw.Philox(key, number, 0)
	return word%uint64(oneIn) == 0
}

// Event is what happened to a bill.
type Event uint8

// The events.
const (
	EventDirect        Event = iota // settled directly
	EventRefused                    // refused and paid by the patient
	EventReversed                   // taken back the same day (X7)
	EventByHand                     // claimed and reimbursed by hand (B15)
	EventRefusedByHand              // claimed by hand and refused
	NumEvents          = 5
)

// EventNames are the stable names of the events in files.
var EventNames = [NumEvents]string{"settled", "refused", "reversed", "by_hand", "refused_by_hand"}

// String returns the event's stable name.
func (e Event) String() string { return EventNames[e] }

// tracing tells one worker's callback.
type tracing struct {
	patients uint32 // one in so many is traced
	tell     func(*TracedBill) error
	err      error // the first that tell returned
	event    TracedBill
	reversed []takenBack // of the batch
}

type takenBack struct {
	at     int // in the batch
	result engine.Result
}

// oneIn is 0 where nothing is traced.
func (t *tracing) oneIn() uint32 {
	if t == nil {
		return 0
	}
	return t.patients
}

func (t *tracing) takenBack(at int, r *engine.Result) {
	t.reversed = append(t.reversed, takenBack{at, *r})
}

// batch tells what happened to the bills of the traced patients of a batch, patient
// by patient: at the desk first, then by hand.
func (t *tracing) batch(w *worker, month *monthTables) {
	h, reversed, claimed := &w.byHand, 0, 0
	for i := 0; i < len(w.claims); {
		end := i + 1
		for end < len(w.claims) && w.drawn[end].number == w.drawn[i].number {
			end++
		}
		t.event.Sequence = 0
		for ; i < end; i++ {
			event := EventDirect
			if w.results[i].Status != engine.Settled {
				event = EventRefused
			}
			t.bill(w, month, i, &w.claims[i], event, &w.results[i])
			if reversed < len(t.reversed) && t.reversed[reversed].at == i {
				t.bill(w, month, i, &w.claims[i], EventReversed, &t.reversed[reversed].result)
				reversed++
			}
		}
		for ; claimed < len(h.at) && h.at[claimed] < end; claimed++ {
			event := EventByHand
			if h.results[claimed].Status != engine.Settled {
				event = EventRefusedByHand
			}
			t.bill(w, month, h.at[claimed], &h.claims[claimed], event, &h.results[claimed])
		}
	}
	t.reversed = t.reversed[:0]
	h.empty()
}

// bill tells of bill i of the batch, or of the manual claim for it.
func (t *tracing) bill(w *worker, month *monthTables, i int, c *engine.Claim, event Event, r *engine.Result) {
	d, x := &w.drawn[i], &t.event
	if !d.traced || t.err != nil {
		return
	}
	x.ID, x.Group = w.c.idOf(c, d, month), d.group
	x.key, x.number = w.c.keys[streamTrace], d.number
	x.Event, x.Result, x.Lines = event, r, c.LinesOf(w.lines)
	x.Claim = *c
	x.Claim.Person, x.Claim.FirstLine = 0, 0
	t.err = t.tell(x)
	x.Sequence++
}

// idOf names a bill of a month.
func (c *compiled) idOf(claim *engine.Claim, d *drawn, t *monthTables) BillID {
	return BillID{
		Pool: c.world.Pools[claim.Pool].Code, Scheme: claim.Scheme, Treating: c.world.Provinces[claim.Treating].Code,
		Patient: uint32(d.number), Month: t.month, Kind: claim.Kind, Ordinal: d.ordinal, Rest: d.rest,
	}
}
