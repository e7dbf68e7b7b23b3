package bench

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kuasheng/bench/service"
	"kuasheng/engine"
)

// virtualClock is the time of a synctest bubble: it stands still while anything can
// run, so nothing here depends on the machine.
type virtualClock struct{ start time.Time }

func (c virtualClock) Now() int64 { return int64(time.Since(c.start)) }
func (c virtualClock) Pause()     { time.Sleep(time.Microsecond) }
func (c virtualClock) Until(ctx context.Context, ns int64) error {
	if left := ns - c.Now(); left > 0 {
		select {
		case <-time.After(time.Duration(left)):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// lateClock wakes up late, as a generator without enough processor does.
type lateClock struct {
	virtualClock
	by time.Duration
}

func (c lateClock) Until(ctx context.Context, ns int64) error {
	return c.virtualClock.Until(ctx, ns+int64(c.by))
}

// A target that takes so long fails, as the service does with its log, or dies without
// a word.
const (
	fails = -1
	dies  = -2
)

// fakeTarget has one server and known service times: batch i takes takes(i).
type fakeTarget struct {
	in, out chan *service.Batch
}

func newFakeTarget(ring int, takes func(i int) time.Duration) *fakeTarget {
	f := &fakeTarget{make(chan *service.Batch, ring), make(chan *service.Batch, ring)}
	go func() {
		i := 0
		for b := range f.in {
			switch d := takes(i); {
			case d == fails:
				close(f.out)
				return
			case d == dies:
				return
			default:
				time.Sleep(d)
			}
			for j := range b.Answers {
				b.Answers[j] = engine.Answer{}
			}
			f.out <- b
			i++
		}
	}()
	return f
}

func (f *fakeTarget) Submit(_ int, b *service.Batch) bool {
	select {
	case f.in <- b:
		return true
	default:
		return false
	}
}

func (f *fakeTarget) Answered(int) <-chan *service.Batch { return f.out }

// plainWorkload has n settlements of one shard.
func plainWorkload(n int) *Workload {
	w := &Workload{Shards: []ShardLoad{{People: n}}, Bills: n, Copies: 1, Sources: 1, Order: make([]uint16, n)}
	for i := range n {
		w.Shards[0].Requests = append(w.Shards[0].Requests, engine.Request{
			Ticket: engine.Ticket{Sequence: uint64(i + 1)}, Op: engine.OpSettle, Claim: engine.Claim{Person: uint32(i)},
		})
	}
	return w
}

// runVirtual puts times on a fake target in virtual time. Batches are of one
// operation, so that the queue is a textbook's.
func runVirtual(t *testing.T, times []int64, takes func(int) time.Duration, change func(*Load)) (m *Measured, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := plainWorkload(1000)
		load := &Load{Workload: w, Schedule: Plan(w, times), Batch: 1, InFlight: 1 << 14, Late: Wait, Clock: virtualClock{time.Now()}, GiveUpNS: 1e12}
		if change != nil {
			change(load)
		}
		target := newFakeTarget(load.InFlight, takes)
		m, err = Run(context.Background(), target, load)
		close(target.in)
	})
	return m, err
}

func fixed(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

func within(t *testing.T, what string, got, want int64, share float64) {
	t.Helper()
	if math.Abs(float64(got-want)) > share*float64(want) {
		t.Errorf("%s is %v, want %v within %.1f %%", what, time.Duration(got), time.Duration(want), share*100)
	}
}

// A queue with one server, Poisson arrivals and exponential service times has an
// exponential response: the quantile q is −ln(1−q)/(μ−λ).
func TestResponseOfAnMM1QueueIsTheTextbooks(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred thousand operations take the race detector long")
	}
	const rate, mu = 500.0, 1000.0
	random := rand.New(rand.NewPCG(1, 2))
	m, err := runVirtual(t, Constant(rate, 200e9).Poisson(7), func(int) time.Duration { return time.Duration(random.ExpFloat64() / mu * 1e9) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := m.All()
	for _, q := range []float64{50, 90, 99} {
		within(t, "response", all.Response.Quantile(q), int64(-math.Log(1-q/100)/(mu-rate)*1e9), 0.06)
		within(t, "service", all.Service.Quantile(q), int64(-math.Log(1-q/100)/mu*1e9), 0.03)
	}
	if all.Lag.Max() != 0 {
		t.Errorf("a generator that is never busy was %d ns late", all.Lag.Max())
	}
	if m.Planned != m.Sent || all.Response.Count() != m.Sent {
		t.Errorf("planned %d, sent %d, answered %d", m.Planned, m.Sent, all.Response.Count())
	}
}

// With even arrivals and a fixed service time shorter than their distance nothing
// queues: response and service are that time, to the nanosecond.
func TestAnIdleTargetAnswersInItsServiceTime(t *testing.T) {
	m, err := runVirtual(t, Constant(1000, 10e9).Even(), fixed(300*time.Microsecond), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := m.All()
	for name, r := range map[string]*Recorder{"response": all.Response, "service": all.Service} {
		if r.Min() != 300_000 || r.Max() != 300_000 || r.Count() != 10_000 {
			t.Errorf("%s from %d to %d ns, %d times; want 300000, 10000 times", name, r.Min(), r.Max(), r.Count())
		}
	}
}

// A target that stands still for 100 ms under a constant rate makes all wait that
// come meanwhile. The response shows them; the service time of all but the one batch
// that it was busy with does not. A generator that waited for answers would have
// sent one operation and hidden the rest (coordinated omission).
func TestAStallShowsInTheResponseAndNotInTheService(t *testing.T) {
	const stall = 100 * time.Millisecond
	times := Constant(1000, 10e9).Even()
	takes := func(i int) time.Duration {
		if i == 5000 {
			return stall
		}
		return 200 * time.Microsecond
	}
	// Lindley's recursion says what each operation waits.
	var want []int64
	free := int64(0)
	for i, at := range times {
		free = max(free, at) + int64(takes(i))
		want = append(want, free-at)
	}
	slices.Sort(want)
	for _, late := range []LatePolicy{Wait, Skip} {
		m, err := runVirtual(t, times, takes, func(l *Load) { l.Late = late })
		if err != nil {
			t.Fatal(err)
		}
		all := m.All()
		for _, q := range []float64{50, 98, 99, 99.5, 99.9} {
			within(t, string(late)+": response", all.Response.Quantile(q), want[int(float64(len(want))*q/100)-1], 0.01)
		}
		if got := all.Response.Max(); got != int64(stall) {
			t.Errorf("%s: the longest response is %v, want %v", late, time.Duration(got), stall)
		}
		if got := all.Service.Quantile(99.98); got > 201_000 {
			t.Errorf("%s: the stall shows in the service time: p99.98 is %v", late, time.Duration(got))
		}
		if all.Lag.Max() != 0 {
			t.Errorf("%s: the stall shows as a late generator: %v", late, time.Duration(all.Lag.Max()))
		}
	}
}

// With room for two batches only the same stall holds the generator back. What it
// could not send is late because of the target: the response says so, the lag does
// not, and the verdict is about the target.
func TestATargetWithoutRoomIsNotALateGenerator(t *testing.T) {
	takes := func(i int) time.Duration {
		if i == 100 {
			return 100 * time.Millisecond
		}
		return 200 * time.Microsecond
	}
	m, err := runVirtual(t, Constant(1000, 1e9).Even(), takes, func(l *Load) { l.InFlight = 2; l.Batch = 64 })
	if err != nil {
		t.Fatal(err)
	}
	all := m.All()
	if m.HeldBack < 90 || m.HeldBack > 110 {
		t.Errorf("%d operations were held back by a stall of 100 at their rate", m.HeldBack)
	}
	if all.Lag.Max() > 10_000 {
		t.Errorf("the lag is %v", time.Duration(all.Lag.Max()))
	}
	if got := all.Response.Quantile(95); got < 45_000_000 {
		t.Errorf("the response at p95 is %v; a hundred of a thousand waited up to 100 ms", time.Duration(got))
	}
	limits := Limits{LagP99NS: 1_000_000, Offered: 0.999, Noise: 0.2}
	slo, _ := ParseSLO("response.p99<10ms")
	c := Calibration{KernelNS: 1}
	if v, gates := Judge(&Trial{Measured: m, OpenLoop: true, Limits: limits, Objectives: []SLO{slo}, Before: c, After: c}); v != MissedSLO {
		t.Errorf("the verdict is %v: %v", v, gates)
	}
}

// By the other policy they are left out, and the count says so; what was sent is in
// the ranges to replay.
func TestSkippedOperationsAreCounted(t *testing.T) {
	takes := func(i int) time.Duration {
		if i == 100 {
			return 100 * time.Millisecond
		}
		return 200 * time.Microsecond
	}
	m, err := runVirtual(t, Constant(1000, 1e9).Even(), takes, func(l *Load) { l.InFlight, l.Late = 2, Skip })
	if err != nil {
		t.Fatal(err)
	}
	if m.Skipped < 95 || m.Skipped > 100 || m.Planned != m.Sent+m.Skipped+m.Unsent || m.Planned != 1000 {
		t.Errorf("planned %d, sent %d, skipped %d, unsent %d", m.Planned, m.Sent, m.Skipped, m.Unsent)
	}
	sent := int64(0)
	for _, r := range m.Ranges[0] {
		sent += r.To - r.From
	}
	if sent != m.Sent || len(m.Ranges[0]) != 2 || m.Ranges[0][0].From != 0 || m.Ranges[0][1].To != 1000 {
		t.Errorf("the ranges %v are not the %d operations sent", m.Ranges[0], m.Sent)
	}
}

// A generator that wakes up late is told from a slow target: the lag is its own.
func TestALateGeneratorIsInvalid(t *testing.T) {
	m, err := runVirtual(t, Constant(100, 1e9).Even(), fixed(time.Millisecond), func(l *Load) {
		l.Clock = lateClock{virtualClock{time.Now()}, 7 * time.Millisecond}
	})
	if err != nil {
		t.Fatal(err)
	}
	all := m.All()
	if all.Lag.Min() != 7_000_000 || all.Response.Max() != 8_000_000 {
		t.Errorf("lag %d, response %d", all.Lag.Min(), all.Response.Max())
	}
	c := Calibration{KernelNS: 1}
	if v, gates := Judge(&Trial{Measured: m, OpenLoop: true, Limits: DefaultLimits, Before: c, After: c}); v != Invalid || gates[0].Name != "generator late" {
		t.Errorf("the verdict is %v: %v", v, gates)
	}
}

// What is due goes at once; no operation waits for a batch to fill.
func TestBatchesDoNotWaitToFill(t *testing.T) {
	times := []int64{0, 0, 0, 5e6, 5e6, 20e6}
	m, err := runVirtual(t, times, fixed(time.Millisecond), func(l *Load) { l.Batch = 64 })
	if err != nil {
		t.Fatal(err)
	}
	if all := m.All(); m.Batches != 3 || all.Response.Max() != 1e6 {
		t.Errorf("%d batches, the longest response %v", m.Batches, time.Duration(all.Response.Max()))
	}
}

// The warm-up is left out by planned time and by number, whichever ends later, and
// stays in the seconds.
func TestWarmUpIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		ns, operations, want int64
	}{{0, 0, 0}, {2e9, 0, 200}, {0, 300, 300}, {2e9, 300, 300}, {2e9, 100, 200}} {
		m, err := runVirtual(t, Constant(100, 10e9).Even(), fixed(time.Millisecond), func(l *Load) { l.WarmUpNS, l.WarmUpOperations = c.ns, c.operations })
		if err != nil {
			t.Fatal(err)
		}
		seconds := int64(0)
		for _, s := range m.Seconds {
			seconds += s.Answered
		}
		if all := m.All(); m.WarmUp != c.want || all.Response.Count() != 1000-c.want || seconds != 1000 {
			t.Errorf("warm-up of %v and %d: %d left out, %d measured, %d in the seconds", time.Duration(c.ns), c.operations, m.WarmUp, all.Response.Count(), seconds)
		}
	}
}

// A closed loop keeps as many batches on their way as it may, and ends by number or
// by time.
func TestClosedLoop(t *testing.T) {
	m, err := runVirtual(t, []int64{0}, fixed(time.Millisecond), func(l *Load) {
		l.Schedule, l.Operations, l.Batch, l.InFlight = nil, 1000, 10, 4
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := m.All(); m.Sent != 1000 || m.WallNS != 100e6 || all.Response.Max() != 4e6 || all.Service.Max() != 1e6 {
		t.Errorf("sent %d in %v, response up to %v, service up to %v", m.Sent, time.Duration(m.WallNS), time.Duration(all.Response.Max()), time.Duration(all.Service.Max()))
	}
	m, err = runVirtual(t, []int64{0}, fixed(time.Millisecond), func(l *Load) {
		l.Schedule, l.ForNS, l.Batch, l.InFlight = nil, 1e9, 10, 4
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.Sent != 10_040 && m.Sent != 10_030 {
		t.Errorf("a second at a millisecond for ten: %d sent", m.Sent)
	}
}

// A target that dies does not hang the harness.
func TestASilentTargetEndsTheRun(t *testing.T) {
	m, err := runVirtual(t, Constant(100, 10e9).Even(), func(i int) time.Duration {
		if i == 50 {
			return dies
		}
		return time.Millisecond
	}, func(l *Load) { l.GiveUpNS, l.InFlight = 2e9, 8 })
	if !errors.Is(err, ErrSilent) {
		t.Fatalf("the run ended with %v", err)
	}
	if m.Planned != 1000 || m.Planned != m.Sent+m.Skipped+m.Unsent {
		t.Errorf("planned %d, sent %d, skipped %d, unsent %d", m.Planned, m.Sent, m.Skipped, m.Unsent)
	}
}

// A target that fails, as the service does with its log, ends the run at once and not
// when it has been silent for long: an operation every 10 ms, and the 51st fails.
func TestAFailedTargetEndsTheRunAtOnce(t *testing.T) {
	for _, closed := range []bool{false, true} {
		var took time.Duration
		m, err := runVirtual(t, Constant(100, 10e9).Even(), func(i int) time.Duration {
			if i == 50 {
				return fails
			}
			return time.Millisecond
		}, func(l *Load) {
			if l.InFlight = 8; closed {
				l.Schedule, l.ForNS = nil, 10e9
			}
			clock := virtualClock{time.Now()}
			l.Clock = clock
			l.Progress = func(int64) { took = time.Duration(clock.Now()) }
		})
		if !errors.Is(err, ErrSilent) || took > time.Second {
			t.Errorf("the run ended with %v after %v", err, took)
		}
		if m.Planned != m.Sent+m.Skipped+m.Unsent {
			t.Errorf("planned %d, sent %d, skipped %d, unsent %d", m.Planned, m.Sent, m.Skipped, m.Unsent)
		}
	}
}

// A run that is interrupted says what was not sent.
func TestInterruptedRunCountsTheUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w := plainWorkload(10)
		target := newFakeTarget(64, fixed(time.Millisecond))
		m, err := Run(ctx, target, &Load{
			Workload: w, Schedule: Plan(w, Constant(100, 10e9).Even()), Batch: 8, InFlight: 64, Late: Wait, Clock: virtualClock{time.Now()},
		})
		close(target.in)
		if !errors.Is(err, context.DeadlineExceeded) || m.Planned != 1000 || m.Sent != 100 || m.Unsent != 900 {
			t.Errorf("%v: planned %d, sent %d, unsent %d", err, m.Planned, m.Sent, m.Unsent)
		}
	})
}

// What is sent is the same whatever the pace: the schedule of the even and of the
// slow target ask the same operations in the same order.
func TestContentDoesNotDependOnPacing(t *testing.T) {
	order := func(takes time.Duration, batch int) (tickets []uint64) {
		synctest.Test(t, func(t *testing.T) {
			w := plainWorkload(37)
			target := newFakeTarget(256, fixed(takes))
			watched := &watchedTarget{Target: target, seen: func(b *service.Batch) {
				for i := range b.Requests {
					tickets = append(tickets, b.Requests[i].Sequence)
				}
			}}
			if _, err := Run(t.Context(), watched, &Load{
				Workload: w, Schedule: Plan(w, Constant(1000, 1e9).Poisson(3)), Batch: batch, InFlight: 256, Late: Wait, Clock: virtualClock{time.Now()},
			}); err != nil {
				t.Error(err)
			}
			close(target.in)
		})
		return tickets
	}
	fast := order(time.Microsecond, 1)
	slow := order(3*time.Millisecond, 16)
	if len(fast) == 0 || !slices.Equal(fast, slow) {
		t.Errorf("%d operations at one pace, %d at another, or in another order", len(fast), len(slow))
	}
	if fast[37] != fast[0]+1<<40 {
		t.Errorf("the second time through begins with ticket %d", fast[37])
	}
}

type watchedTarget struct {
	Target
	seen func(*service.Batch)
}

func (w *watchedTarget) Submit(shard int, b *service.Batch) bool {
	if !w.Target.Submit(shard, b) {
		return false
	}
	w.seen(b)
	return true
}
