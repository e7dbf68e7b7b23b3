package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"

	"kuasheng/engine"
	"kuasheng/sim"
)

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
		for i := range records.n {
			x := records.at(i)
			events = append(events, TracedEvent{ID: x.id.String(), Event: x.event.String(), Status: x.status.String()})
		}
	}
	return events
}
