package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kuasheng/bench/service"
	"kuasheng/engine"
)

// Target is what a run puts load on: the service in this process, or a stand-in
// with known service times. See service.Service for what the methods promise.
type Target interface {
	Submit(shard int, b *service.Batch) bool
	Answered(shard int) <-chan *service.Batch
}

// LatePolicy says what happens to an operation for which the target has no room
// when it is due.
type LatePolicy string

// The policies. Response times count from the planned time in both.
const (
	Wait LatePolicy = "wait" // it is sent as soon as there is room, and all after it are late
	Skip LatePolicy = "skip" // it is counted as skipped, and its shard goes on in time
)

// Load is what a run does.
type Load struct {
	Workload *Workload
	// Schedule holds the planned times; nil sends as fast as answers come, a closed
	// loop, until ForNS is over or Operations are sent, whichever is not 0.
	Schedule   *Schedule
	ForNS      int64
	Operations int64
	// Batch is the most operations that go together; what is due goes at once, so
	// that no operation waits for a batch to fill.
	Batch int
	// InFlight is how many batches of a shard may be unanswered.
	InFlight int
	Late     LatePolicy
	// What is planned before WarmUpNS, and the first WarmUpOperations, is left out of
	// the latencies, to a batch.
	WarmUpNS         int64
	WarmUpOperations int64
	// Clock is the time of the run, the machine's where it is nil.
	Clock Clock
	// GiveUpNS ends a run in which nothing was answered for so long; 0 is a minute.
	GiveUpNS int64
	// Second is called at the end of each second of a shard's measured part with its
	// window. It may be nil; several shards call it at once.
	Second func(shard, second int, w *Window)
	// Progress is told of answered operations, now and then; it may be nil.
	Progress func(answered int64)
}

// ErrSilent says that a target stopped answering.
var ErrSilent = errors.New("the target no longer answers")

// stamped is a batch on its way with when its operations were planned and sent.
type stamped struct {
	service.Batch
	planned []int64
	ready   int64 // the target had room from then on
	sent    int64
	warm    bool
}

// Run puts the load on the target. It returns early, with what was measured so far
// and the context's error, when ctx ends, and with ErrSilent when the target no
// longer answers: at once where it says so by ending a shard's answers.
func Run(ctx context.Context, target Target, load *Load) (*Measured, error) {
	if load.Batch < 1 || load.InFlight < 1 {
		return nil, fmt.Errorf("batches of %d, %d in flight: at least one of each", load.Batch, load.InFlight)
	}
	if load.Schedule == nil && load.ForNS <= 0 && load.Operations <= 0 {
		return nil, errors.New("a closed loop needs an end")
	}
	clock := load.Clock
	if clock == nil {
		clock = NewWallClock()
	}
	runners := make([]*shardRun, len(load.Workload.Shards))
	warm, most := load.Workload.countByShard(load.WarmUpOperations), load.Workload.countByShard(load.Operations)
	var sent, answered atomic.Int64
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	abort, drop := context.WithCancel(context.Background())
	defer drop()
	group := new(errgroup.Group)
	for i := range runners {
		r := &shardRun{
			target: target, load: load, shard: i, clock: clock, cursor: load.Workload.cursor(i), warm: warm[i], most: most[i], measured: -1,
			free: make(chan *stamped, load.InFlight), flying: make(chan *stamped, load.InFlight),
			sender: newMeasured(), receiver: newMeasured(), sent: &sent, answered: &answered,
		}
		for range load.InFlight {
			r.free <- &stamped{
				Batch: service.Batch{
					Requests: make([]engine.Request, 0, load.Batch), Answers: make([]engine.Answer, load.Batch), Lines: r.cursor.load.Lines,
				},
				planned: make([]int64, 0, load.Batch),
			}
		}
		runners[i] = r
		group.Go(func() error { return r.send(ctx) })
		group.Go(func() error {
			err := r.receive(abort)
			if err != nil {
				stop(err) // nothing that is sent would be answered
			}
			return err
		})
	}
	over := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(load, &sent, &answered, over, func() {
			stop(ErrSilent)
			drop()
		})
	}()
	err := group.Wait()
	close(over)
	<-watched
	total := newMeasured()
	for _, r := range runners {
		total.add(r.sender)
		total.add(r.receiver)
		total.Ranges = append(total.Ranges, r.ranges)
	}
	if err != nil {
		err = context.Cause(ctx)
	}
	return total, err
}

// watch calls silent when nothing was answered for long, and tells the progress.
func watch(load *Load, sent, answered *atomic.Int64, over <-chan struct{}, silent func()) {
	giveUp := time.Duration(load.GiveUpNS)
	if giveUp <= 0 {
		giveUp = time.Minute
	}
	tick := time.NewTicker(min(giveUp, 100*time.Millisecond))
	defer tick.Stop()
	last, since := int64(0), time.Now()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		n := answered.Load()
		if load.Progress != nil {
			load.Progress(n)
		}
		switch {
		case n != last:
			last, since = n, time.Now()
		case sent.Load() == n:
			since = time.Now() // nothing is on its way
		case time.Since(since) >= giveUp:
			silent()
			return
		}
	}
}

// shardRun sends the operations of one shard and takes its answers.
type shardRun struct {
	target Target
	load   *Load
	shard  int
	clock  Clock
	cursor cursor
	warm   int64 // operations of the warm-up
	most   int64 // operations of a closed loop

	free, flying   chan *stamped // flying in the order submitted
	sent, answered *atomic.Int64 // of all shards

	sender   *Measured // what the sender counts
	ranges   []Range
	number   int64 // of the next operation
	ready    int64 // when the target last made room for an operation that waited
	receiver *Measured
	measured int64 // when the measured part began, −1 before
}

// send releases the operations at their planned times.
func (r *shardRun) send(ctx context.Context) error {
	defer close(r.flying)
	if len(r.cursor.load.Requests) == 0 {
		return nil
	}
	if r.load.Schedule == nil {
		return r.flood(ctx)
	}
	times := r.load.Schedule.Shards[r.shard]
	r.sender.Planned = int64(len(times))
	for len(times) > 0 {
		err := r.clock.Until(ctx, times[0])
		var b *stamped
		if err == nil {
			b, err = r.room(ctx)
		}
		if err != nil {
			r.sender.Unsent += int64(len(times))
			return err
		}
		due := 0
		for now := r.clock.Now(); due < len(times) && times[due] <= now && (b == nil || due < r.load.Batch); due++ {
			if b == nil {
				r.cursor.skip()
			} else {
				r.fill(b, times[due])
			}
		}
		times = times[due:]
		if b == nil {
			r.sender.Skipped += int64(due)
			r.number += int64(due)
			continue
		}
		if err := r.submit(ctx, b); err != nil {
			r.sender.Unsent += int64(len(times))
			return err
		}
	}
	return nil
}

// flood sends whenever there is a batch free, until the time is over.
func (r *shardRun) flood(ctx context.Context) error {
	for {
		left := int64(r.load.Batch)
		if r.load.Operations > 0 {
			left = min(left, r.most-r.number)
		}
		if left <= 0 || r.load.ForNS > 0 && r.clock.Now() >= r.load.ForNS {
			return nil
		}
		b, err := r.take(ctx)
		if err != nil {
			return err
		}
		now := r.clock.Now()
		for range left {
			r.fill(b, now)
		}
		r.sender.Planned += left
		if err := r.submit(ctx, b); err != nil {
			return err
		}
	}
}

// room returns a batch to fill. Where all are on their way it waits for one, or by
// the policy returns nil.
func (r *shardRun) room(ctx context.Context) (*stamped, error) {
	select {
	case b := <-r.free:
		return r.empty(b), nil
	default:
	}
	if r.load.Late == Skip {
		return nil, nil
	}
	b, err := r.take(ctx)
	r.ready = r.clock.Now()
	return b, err
}

func (r *shardRun) take(ctx context.Context) (*stamped, error) {
	select {
	case b := <-r.free:
		return r.empty(b), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *shardRun) empty(b *stamped) *stamped {
	b.Requests, b.planned = b.Requests[:0], b.planned[:0]
	return b
}

// fill adds the next operation of the workload to a batch.
func (r *shardRun) fill(b *stamped, planned int64) {
	n := len(b.Requests)
	b.Requests = b.Requests[:n+1]
	r.cursor.next(&b.Requests[n])
	b.planned = append(b.planned, planned)
}

// submit hands a batch over, or by the policy skips it.
func (r *shardRun) submit(ctx context.Context, b *stamped) error {
	n := int64(len(b.Requests))
	b.Answers = b.Answers[:n]
	from := r.number
	r.number += n
	for {
		b.sent, b.ready = r.clock.Now(), r.ready
		b.warm = b.planned[0] < r.load.WarmUpNS || from < r.warm
		if r.target.Submit(r.shard, &b.Batch) {
			break
		}
		switch {
		case ctx.Err() != nil:
			r.sender.Unsent += n
			r.free <- b
			return ctx.Err()
		case r.load.Schedule != nil && r.load.Late == Skip:
			r.sender.Skipped += n
			r.free <- b
			return nil
		}
		r.clock.Pause()
		r.ready = r.clock.Now()
	}
	r.sender.Sent += n
	if b.warm {
		r.sender.WarmUp += n
	}
	if last := len(r.ranges) - 1; last >= 0 && r.ranges[last].To == from {
		r.ranges[last].To = r.number
	} else {
		r.ranges = append(r.ranges, Range{from, r.number})
	}
	r.sent.Add(n)
	r.flying <- b
	return nil
}

// receive takes the answers and writes down how long they took.
func (r *shardRun) receive(abort context.Context) error {
	answered := r.target.Answered(r.shard)
	m, last, second := r.receiver, int64(0), 0
	for b := range r.flying {
		select {
		case back, open := <-answered:
			if !open {
				return ErrSilent
			}
			back.Received()
		case <-abort.Done():
			return ErrSilent
		}
		done := r.clock.Now()
		began := max(b.sent, last)
		last = done
		if s := int(done / 1e9); s > second {
			if r.load.Second != nil && r.measured >= 0 && second < len(m.Seconds) {
				r.load.Second(r.shard, second, &m.Seconds[second])
			}
			second = s
		}
		r.write(m, b, began, done)
		r.answered.Add(int64(len(b.Requests)))
		r.free <- b
	}
	return nil
}

// write adds an answered batch to what was seen.
func (r *shardRun) write(m *Measured, b *stamped, began, done int64) {
	var byOperation [engine.NumOperations]int64
	settled := int64(0)
	for i := range b.Answers {
		a := &b.Answers[i]
		m.Tally.take(a)
		op := b.Requests[i].Op
		byOperation[op]++
		if a.Outcome == engine.Done && a.Result.Status == engine.Settled && (op == engine.OpSettle || op == engine.OpInterim) {
			settled++
		}
	}
	n := int64(len(b.Requests))
	m.window(b.sent).Sent += n
	w := m.window(done)
	w.Answered += n
	if r.load.Schedule == nil {
		w.Response.RecordN(done-b.sent, n)
	} else {
		for _, planned := range b.planned {
			w.Response.Record(done - planned)
		}
	}
	if b.warm {
		return
	}
	if r.measured < 0 {
		r.measured = b.sent
	}
	m.WallNS = done - r.measured
	m.Batches++
	m.Answered += n
	m.Settled += settled
	if b.Timed {
		rest := done - b.sent
		for i, ns := range b.Stages {
			m.Stages[i].Record(ns)
			rest -= ns
		}
		m.Unattributed.Record(max(0, rest))
		m.TimedOperations += n
	} else if b.WriterNS > 0 {
		m.Writer.Record(b.WriterNS * 100 / n)
	}
	if r.load.Schedule == nil {
		// A closed loop plans a batch when it begins to fill it.
		for op, n := range byOperation {
			l := &m.ByOperation[op]
			l.Lag.RecordN(b.sent-b.planned[0], n)
			l.Service.RecordN(done-began, n)
			l.Response.RecordN(done-b.planned[0], n)
		}
		return
	}
	for i, planned := range b.planned {
		l := &m.ByOperation[b.Requests[i].Op]
		if b.ready > planned {
			m.HeldBack++
		}
		l.Lag.Record(b.sent - max(planned, b.ready))
		l.Service.Record(done - began)
		l.Response.Record(done - planned)
	}
}
