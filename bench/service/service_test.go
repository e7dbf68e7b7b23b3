package service

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"kuasheng/engine"
)

const (
	testPeople = 1 << 8
	testLog2   = 8
)

// start starts a service with so many shards over a small world.
func start(t testing.TB, cfg Config, shards int) (*Service, []*engine.Intake, []Recovery) {
	t.Helper()
	w := sharedWorld()
	intakes := make([]*engine.Intake, shards)
	for i := range intakes {
		intakes[i] = w.intake(testPeople, testLog2)
	}
	s, recovered, err := Start(cfg, intakes)
	if err != nil {
		t.Fatal(err)
	}
	return s, intakes, recovered
}

// startOn is Start on other disks.
func startOn(intakes []*engine.Intake, cfg Config, other func(w *log)) (*Service, error) {
	s, _, err := open(cfg, intakes)
	if err != nil {
		return nil, err
	}
	for _, h := range s.shards {
		other(h.log)
	}
	return s, s.begin()
}

const mixedSize = 24 // requests a batch

// mixed makes batch number n of a story with every operation: admissions, bills in
// the middle and at the end of stays, reversals, takings back before and after, and
// repeats. What it asks depends on n alone.
func mixed(n int) *Batch {
	s := sender{people: testPeople, n: uint64(n * mixedSize)}
	b := s.batch(mixedSize)
	s.send(b)
	for j := range b.Requests {
		q := &b.Requests[j]
		at := uint64(n*mixedSize + j)
		q.Ticket = engine.Ticket{Source: uint32(n % 5), Sequence: at + 1}
		ticket := func(back uint64) engine.Ticket { return engine.Ticket{Source: q.Source, Sequence: at + 1 - back} }
		about := func(op engine.Operation, of engine.Ticket) {
			on := b.Requests[j-1].Claim.SettleDay
			*q = engine.Request{Ticket: q.Ticket, Op: op, Of: of, On: on}
		}
		switch j % 12 {
		case 0:
			q.Op, q.Claim.Lines = engine.OpAdmit, 0
		case 1, 2:
			q.Op, q.Of, q.Claim.Person = engine.OpInterim, ticket(uint64(j%12)), b.Requests[j-1].Claim.Person
		case 3:
			q.Of, q.Claim.Person = ticket(3), b.Requests[j-1].Claim.Person
		case 4:
			about(engine.OpReverse, ticket(1))
		case 5:
			b.Requests[j-1].On = b.Requests[j-2].Claim.SettleDay
			about(engine.OpTakeBack, ticket(1))
			q.On = b.Requests[j-1].On
		case 6:
			*q = b.Requests[j-3] // again
		case 9:
			about(engine.OpTakeBack, ticket(1))
		case 7:
			q.Claim.Flags |= engine.FlagSuspended
		case 10: // comes before the next, which it takes back
			about(engine.OpTakeBack, ticket(0))
			q.Sequence++
		case 11:
			q.Ticket = ticket(1)
		}
	}
	return b
}

// plain is the state after so many mixed batches for a shard without a service.
func plain(batches int) [32]byte {
	k := sharedWorld().intake(testPeople, testLog2)
	for n := range batches {
		b := mixed(n)
		k.Take(b.Requests, b.Lines, b.Answers)
	}
	return k.StateDigest()
}

// The story has every operation and most outcomes: a test on it is one on them.
func TestMixedHasEverything(t *testing.T) {
	k := sharedWorld().intake(testPeople, testLog2)
	var done [engine.NumOperations]int
	var outcomes [engine.NumOutcomes]int
	for n := range 40 {
		b := mixed(n)
		k.Take(b.Requests, b.Lines, b.Answers)
		for i := range b.Answers {
			outcomes[b.Answers[i].Outcome]++
			if b.Answers[i].Outcome == engine.Done && b.Answers[i].Result.Status == engine.Settled {
				done[b.Requests[i].Op]++
			}
		}
	}
	for op, n := range done {
		if n == 0 {
			t.Errorf("no %s is done", engine.OperationNames[op])
		}
	}
	for _, o := range []engine.Outcome{engine.Done, engine.Repeated, engine.Voided} {
		if outcomes[o] == 0 {
			t.Errorf("nothing is %s", engine.OutcomeNames[o])
		}
	}
	if outcomes[engine.Forgotten] != 0 {
		t.Errorf("%d requests are forgotten", outcomes[engine.Forgotten])
	}
	t.Log(done, outcomes)
}

// Batches come back in order with the answers of a plain run, whatever the
// durability and however many are on their way; the state is that of the plain run.
func TestServiceIsAPlainRun(t *testing.T) {
	const batches = 200
	want := plain(batches)
	for durability, name := range DurabilityNames {
		for _, every := range []int{0, 3} {
			t.Run(name, func(t *testing.T) {
				s, intakes, _ := start(t, Config{Durability: Durability(durability), Dir: t.TempDir(), Ring: 8, TimeOneIn: every}, 2)
				k := sharedWorld().intake(testPeople, testLog2)
				var group sync.WaitGroup
				for shard := range intakes {
					group.Go(func() {
						for n := range batches {
							for b := mixed(n); !s.Submit(shard, b); runtime.Gosched() {
							}
						}
					})
				}
				for n := range batches {
					b, c := <-s.Answered(0), <-s.Answered(1)
					b.Received()
					again := mixed(n)
					k.Take(again.Requests, again.Lines, again.Answers)
					for i := range again.Answers {
						if b.Answers[i] != again.Answers[i] || c.Answers[i] != again.Answers[i] {
							t.Fatalf("batch %d, answer %d: %+v, want %+v", n, i, b.Answers[i], again.Answers[i])
						}
					}
					if b.Timed != (every > 0 && n%every == 0) {
						t.Errorf("batch %d timed: %v", n, b.Timed)
					}
					if total := b.Stages.total(); b.Timed != (total > 0) || slices.Min(b.Stages[:]) < 0 {
						t.Errorf("batch %d: %v ns by stage", n, b.Stages)
					}
				}
				group.Wait()
				if err := s.Stop(); err != nil {
					t.Fatal(err)
				}
				if _, open := <-s.Answered(0); open {
					t.Error("an answer more than there were batches")
				}
				for _, k := range intakes {
					if k.StateDigest() != want {
						t.Error("the state is not that of a plain run")
					}
				}
			})
		}
	}
}

func (s *Stages) total() (ns int64) {
	for _, stage := range s {
		ns += stage
	}
	return ns
}

// A full ring refuses at once, counting what has been answered and not received;
// Stop lets everything finish though nobody receives, and leaves no goroutine.
func TestRingIsBounded(t *testing.T) {
	before := runtime.NumGoroutine()
	for durability := range DurabilityNames {
		s, _, _ := start(t, Config{Durability: Durability(durability), Dir: t.TempDir(), Ring: 4}, 1)
		taken := 0
		for n := range 50 {
			if s.Submit(0, mixed(n)) {
				taken++
			}
			time.Sleep(50 * time.Microsecond)
		}
		if taken != 4 {
			t.Errorf("%d batches were taken, and none received, with a ring of 4", taken)
		}
		if <-s.Answered(0); !s.Submit(0, mixed(taken)) {
			t.Error("no room after one was received")
		}
		for range 2 {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		}
		if s.Submit(0, mixed(9)) {
			t.Error("a batch was taken after Stop")
		}
		answered := 0
		for range s.Answered(0) {
			answered++
		}
		if answered != 4 {
			t.Errorf("%d of 4 answers after Stop", answered)
		}
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

// Submit and Stop may meet: what was taken is answered, what was not is refused.
func TestStopWhileSubmitting(t *testing.T) {
	for range 20 {
		s, _, _ := start(t, Config{Ring: 16}, 1)
		var group sync.WaitGroup
		taken := make(chan int, 1)
		group.Go(func() {
			n := 0
			for s.Submit(0, mixed(n)) {
				n++
			}
			taken <- n
		})
		runtime.Gosched()
		answered := 0
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		for range s.Answered(0) {
			answered++
		}
		group.Wait()
		if n := <-taken; n != answered {
			t.Fatalf("%d taken, %d answered", n, answered)
		}
	}
}

// failing is a disk that takes so many bytes, or that syncs so often.
type failing struct {
	*os.File
	bytes, syncs int
}

func (f *failing) Write(b []byte) (int, error) {
	if len(b) > f.bytes {
		n, _ := f.File.Write(b[:f.bytes])
		return n, syscall.ENOSPC
	}
	f.bytes -= len(b)
	return f.File.Write(b)
}

func (f *failing) Sync() error {
	if f.syncs--; f.syncs < 0 {
		return syscall.EIO
	}
	return f.File.Sync()
}

// After an error of the disk nothing is acknowledged, Submit refuses, Answered
// ends, and Err and Stop say why. What was acknowledged is in the log.
func TestDiskFails(t *testing.T) {
	for _, x := range []struct {
		name string
		disk failing
		want error
	}{
		{"full", failing{bytes: 10_000, syncs: 1 << 30}, syscall.ENOSPC},
		{"cannot sync", failing{bytes: 1 << 30, syncs: 3}, syscall.EIO},
		{"closed", failing{bytes: 1 << 30, syncs: 1 << 30}, os.ErrClosed},
	} {
		t.Run(x.name, func(t *testing.T) {
			cfg := Config{Durability: Synced, Dir: t.TempDir(), Ring: 4}
			intake := sharedWorld().intake(testPeople, testLog2)
			file := x.disk
			s, err := startOn([]*engine.Intake{intake}, cfg, func(w *log) {
				file.File = w.opened
				w.file = &file
			})
			if err != nil {
				t.Fatal(err)
			}
			acknowledged := 0
			for n := 0; n < 1000; {
				if s.Submit(0, mixed(n)) {
					n++
				}
				if _, open := <-s.Answered(0); !open {
					break
				}
				if acknowledged++; x.name == "closed" && acknowledged == 5 {
					file.File.Close()
				}
			}
			if acknowledged == 0 || acknowledged >= 1000 {
				t.Fatalf("%d batches were acknowledged", acknowledged)
			}
			if s.Submit(0, mixed(0)) {
				t.Error("a batch was taken after the failure")
			}
			if err := s.Err(); !errors.Is(err, x.want) {
				t.Errorf("Err: %v", err)
			}
			if err := s.Stop(); !errors.Is(err, x.want) {
				t.Errorf("Stop: %v", err)
			}
			again, intakes, recovered := start(t, cfg, 1)
			if err := again.Stop(); err != nil {
				t.Fatal(err)
			}
			found := int(recovered[0].Batches)
			if found < acknowledged {
				t.Errorf("%d batches were acknowledged, %d are in the log", acknowledged, found)
			}
			if intakes[0].StateDigest() != plain(found) {
				t.Error("the log does not give the state of its batches")
			}
		})
	}
}

// A service that cannot open or begin a log does not start, and says which.
func TestStartFails(t *testing.T) {
	cfg := Config{Durability: Logged, Dir: t.TempDir()}
	first, _, _ := start(t, cfg, 1)
	if _, _, err := Start(cfg, []*engine.Intake{sharedWorld().intake(testPeople, testLog2)}); runtime.GOOS == "linux" && !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("a log that another service has open: %v", err)
	}
	if err := first.Stop(); err != nil {
		t.Error(err)
	}
	k := func() []*engine.Intake { return []*engine.Intake{sharedWorld().intake(testPeople, testLog2)} }
	if _, _, err := Start(Config{Durability: Logged, Dir: filepath.Join(t.TempDir(), "none")}, k()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := startOn(k(), Config{Durability: Logged, Dir: t.TempDir()}, func(w *log) {
		w.file = &failing{File: w.opened, bytes: 3}
	}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
}

// A service with several shards starts from the logs of all of them, whole or torn,
// each shard from its own, and goes on.
func TestStartsFromTheLogsOfAllShards(t *testing.T) {
	const shards = 3
	dir := t.TempDir()
	done := [shards]int{}
	for run := range 3 {
		s, intakes, recovered := start(t, Config{Durability: Logged, Dir: dir}, shards)
		for shard := range shards {
			if recovered[shard].Shard != shard || recovered[shard].Batches != uint64(done[shard]) || (recovered[shard].Cut != nil) != (run == 2 && shard == 1) {
				t.Fatalf("run %d, shard %d: %+v, want %d batches", run, shard, recovered[shard], done[shard])
			}
			if intakes[shard].StateDigest() != plain(done[shard]) {
				t.Errorf("run %d: shard %d does not start from its log", run, shard)
			}
			for range shard + 1 { // another number for each
				if !s.Submit(shard, mixed(done[shard])) {
					t.Fatal("refused")
				}
				<-s.Answered(shard)
				done[shard]++
			}
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		for shard, k := range intakes {
			if k.StateDigest() != plain(done[shard]) {
				t.Errorf("run %d: the state of shard %d is not that of a plain run", run, shard)
			}
		}
		if run == 1 { // a batch of one of them was being written
			file, err := os.OpenFile(LogName(dir, 1), os.O_WRONLY|os.O_APPEND, 0)
			if err == nil {
				_, err = file.Write([]byte{1, 2, 3})
				err = errors.Join(err, file.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A writer that is slowed down on purpose comes to the same, and says what it took.
func TestPlantedSlowness(t *testing.T) {
	s, intakes, _ := start(t, Config{TimeOneIn: 2, PlantSlow: 0.5}, 1)
	for n := range 4 {
		s.Submit(0, mixed(n))
		b := <-s.Answered(0)
		b.Received()
		if b.WriterNS <= 0 || b.Timed != (n%2 == 0) || b.Stages[StageReply] < 0 {
			t.Errorf("batch %d: timed %v, writer %d ns, %v", n, b.Timed, b.WriterNS, b.Stages)
		}
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if intakes[0].StateDigest() != plain(4) {
		t.Error("the state is not that of a plain run")
	}
}
