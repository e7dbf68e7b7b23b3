package bench

import (
	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/engine/money"
)

// Latencies are the three times of operations. Lag is what the generator was late:
// from when an operation was planned, or the target had room for it again, until
// it was sent. Service is what the target took over an operation's batch, from when
// it could begin. Response is from when the operation was planned until its answer
// was there: what a sender would have waited, whoever is to blame.
type Latencies struct{ Lag, Service, Response *Recorder }

func newLatencies() Latencies { return Latencies{NewRecorder(), NewRecorder(), NewRecorder()} }

func (l *Latencies) add(o *Latencies) {
	l.Lag.Merge(o.Lag)
	l.Service.Merge(o.Service)
	l.Response.Merge(o.Response)
}

// Measured is what a run saw, all shards together.
type Measured struct {
	// Planned = Sent + Skipped + Unsent, operations of the whole run. Skipped ones
	// met a target without room, unsent ones the end of the run.
	Planned, Sent, Skipped, Unsent int64
	// HeldBack operations were sent later than planned because the target had no room.
	HeldBack int64
	WarmUp   int64 // of the sent ones, not in the latencies
	// WallNS is the length of the measured part, Answered its operations and Settled
	// its settlements that the rules let through.
	WallNS            int64
	Answered, Settled int64
	// Tally is of all answers of the run.
	Tally Tally
	// ByOperation are the latencies of the measured part.
	ByOperation [engine.NumOperations]Latencies
	// Seconds are windows of the whole run, warm-up included.
	Seconds []Window
	Batches int64
	// Stages are the times by stage of those measured batches of which the target took
	// them, and Unattributed what of sent to answered lies in none. TimedOperations
	// were in these batches.
	Stages          [service.NumStages]*Recorder
	Unattributed    *Recorder
	TimedOperations int64
	// Writer is what the target's writers took over an operation of the other measured
	// batches, in hundredths of a nanosecond.
	Writer *Recorder
	// Ranges are by shard the operations sent, counted from 0 in the order of the
	// workload: what a replay must carry out to reach the same state.
	Ranges [][]Range
}

// Range is a run of operations, From included and To not.
type Range struct{ From, To int64 }

// Tally counts answers and adds up their money: what a replay must find again.
type Tally struct {
	Outcomes  [engine.NumOutcomes]int64
	Statuses  [engine.NumStatuses]int64
	Fee, Cash money.Fen
}

func (t *Tally) take(a *engine.Answer) {
	t.Outcomes[a.Outcome]++
	t.Statuses[a.Result.Status]++
	t.Fee += a.Result.Fee
	t.Cash += a.Result.Cash
}

func (t *Tally) add(o *Tally) {
	for i := range t.Outcomes {
		t.Outcomes[i] += o.Outcomes[i]
	}
	for i := range t.Statuses {
		t.Statuses[i] += o.Statuses[i]
	}
	t.Fee, t.Cash = t.Fee+o.Fee, t.Cash+o.Cash
}

// Window is one second of a run.
type Window struct {
	Sent, Answered int64
	Response       *Recorder // two digits
}

func newMeasured() *Measured {
	m := &Measured{Unattributed: NewRecorder(), Writer: NewRecorder()}
	for op := range m.ByOperation {
		m.ByOperation[op] = newLatencies()
	}
	for i := range m.Stages {
		m.Stages[i] = NewRecorder()
	}
	return m
}

// add takes over what one shard saw.
func (m *Measured) add(o *Measured) {
	m.Planned, m.Sent, m.Skipped, m.Unsent = m.Planned+o.Planned, m.Sent+o.Sent, m.Skipped+o.Skipped, m.Unsent+o.Unsent
	m.HeldBack, m.WarmUp, m.Batches = m.HeldBack+o.HeldBack, m.WarmUp+o.WarmUp, m.Batches+o.Batches
	m.WallNS, m.Answered, m.Settled = max(m.WallNS, o.WallNS), m.Answered+o.Answered, m.Settled+o.Settled
	m.Tally.add(&o.Tally)
	for op := range m.ByOperation {
		m.ByOperation[op].add(&o.ByOperation[op])
	}
	for i := range o.Seconds {
		w := m.window(int64(i) * 1e9)
		w.Sent, w.Answered = w.Sent+o.Seconds[i].Sent, w.Answered+o.Seconds[i].Answered
		w.Response.Merge(o.Seconds[i].Response)
	}
	for i := range m.Stages {
		m.Stages[i].Merge(o.Stages[i])
	}
	m.Unattributed.Merge(o.Unattributed)
	m.Writer.Merge(o.Writer)
	m.TimedOperations += o.TimedOperations
}

// window returns the second that a time falls into.
func (m *Measured) window(ns int64) *Window {
	for int64(len(m.Seconds)) <= ns/1e9 {
		m.Seconds = append(m.Seconds, Window{Response: newCoarse()})
	}
	return &m.Seconds[ns/1e9]
}

// All are the latencies of all operations together.
func (m *Measured) All() Latencies {
	all := newLatencies()
	for op := range m.ByOperation {
		all.add(&m.ByOperation[op])
	}
	return all
}

// Throughput is how many bills a second were settled in the measured part.
func (m *Measured) Throughput() float64 { return perSecond(m.Settled, m.WallNS) }

func perSecond(n, ns int64) float64 {
	if ns == 0 {
		return 0
	}
	return float64(n) / float64(ns) * 1e9
}
