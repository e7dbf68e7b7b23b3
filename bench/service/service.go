// Package service runs the engine as a service would: shards with one writer
// each, batches of requests through bounded rings, every request carried out once
// (engine.Intake), and a log from which a restart finds the same state. It is
// what the load harness measures and what a server can stand on.
package service

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"kuasheng/engine"
)

// Durability says what has happened to a batch when its answers come back.
type Durability uint8

// The durabilities.
const (
	InMemory Durability = iota // it is in memory
	Logged                     // the operating system has it: a crash of the process loses nothing
	Synced                     // the disk has it: neither does one of the machine
)

// DurabilityNames are the stable names of the durabilities.
var DurabilityNames = [...]string{"memory", "log", "fsync"}

// Config says how a service runs.
type Config struct {
	Durability Durability
	// Dir holds the logs, one file a shard; it must exist.
	Dir string
	// World identifies the rules: a log is only read under those it was written
	// under. People and what they had at first the log knows by itself.
	World [32]byte
	// Ring is how many batches of a shard may be on their way, from Submit until
	// they are received from Answered; 0 is 64.
	Ring int
	// AcceptLoss starts from what there is of a log that holds less than its anchor says
	// was acknowledged, or that has no anchor; Recovery tells what was lost. Without it
	// that is an error, a *Loss.
	AcceptLoss bool
	// Unchained leaves out the chain of digests in a new log, to measure what it
	// costs. A log that exists goes on as it began.
	Unchained bool
	// TimeOneIn asks for the times of the stages of one batch in so many of each
	// shard, the first included, and for what the writer took over each of the
	// others; 0 is neither. A timed batch takes longer.
	TimeOneIn int
	// PlantSlow has a shard's writer work so much longer over every batch, as a
	// share, for a comparison to find.
	PlantSlow float64
}

// Batch is requests of one shard with room for their answers. Its owner hands it
// in with Submit and has it back from Answered; in between it is the service's.
type Batch struct {
	Requests []engine.Request
	Lines    []engine.Line
	Answers  []engine.Answer // as many as Requests
	// Tag is the owner's.
	Tag int64
	// Timed says that the service took the times of this batch, Stages what they
	// are.
	Timed  bool
	Stages Stages
	// WriterNS is what the shard's writer took over a batch that is not timed, where
	// any are.
	WriterNS int64

	stamp int64 // when the stage began that it is in
}

// Service is a running service.
type Service struct {
	cfg    Config
	shards []*shard
	group  sync.WaitGroup
	stop   func() error
}

// shard is one writer. Batches on their way never exceed the ring, counting those
// in out that nobody has received, so no channel ever blocks its sender.
type shard struct {
	intake  *engine.Intake
	log     *log // nil without one
	in, out chan *Batch
	pending atomic.Int64 // taken, and not yet in out

	mu    sync.Mutex // of Submit, and of what follows
	shut  bool
	taken uint64
	err   error // of the log; nothing was acknowledged after it
}

// Start starts a service over intakes that have just been made. With a log, what
// the log of Dir holds is carried out first, so that the state is that of the
// last batch written; Recovery tells what was found. The caller no longer touches
// the intakes until Stop. A log that is damaged, another's or has lost its end is an
// error: nothing is started and no file is changed.
func Start(cfg Config, intakes []*engine.Intake) (*Service, []Recovery, error) {
	s, recovered, err := open(cfg, intakes)
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		return nil, nil, err
	}
	return s, recovered, nil
}

// open carries out the logs and changes none of them.
func open(cfg Config, intakes []*engine.Intake) (*Service, []Recovery, error) {
	if cfg.Ring <= 0 {
		cfg.Ring = 64
	}
	s := &Service{cfg: cfg}
	s.stop = sync.OnceValue(s.end)
	var recovered []Recovery
	var errs []error
	for i, intake := range intakes {
		largePages(intake)
		h := &shard{intake: intake, in: make(chan *Batch, cfg.Ring), out: make(chan *Batch, cfg.Ring)}
		s.shards = append(s.shards, h)
		if cfg.Durability == InMemory {
			continue
		}
		log, r, err := openLog(LogName(cfg.Dir, i), i, &cfg, intake)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h.log = log
		recovered = append(recovered, *r)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, errors.Join(err, s.closeLogs())
	}
	return s, recovered, nil
}

// begin makes the logs ready and starts the writers.
func (s *Service) begin() error {
	for _, h := range s.shards {
		if h.log == nil {
			continue
		}
		if err := h.log.begin(); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", h.log.name, err), s.closeLogs())
		}
	}
	for _, h := range s.shards {
		s.group.Go(func() { s.run(h) })
	}
	return nil
}

// LogName is the file of a shard's log.
func LogName(dir string, shard int) string {
	return filepath.Join(dir, fmt.Sprintf("shard-%03d.log", shard))
}

// Submit hands a batch to a shard. It returns false at once, and the batch stays
// the caller's, where the shard's ring is full, after Stop, and after the shard's
// log has failed; see Err.
func (s *Service) Submit(shard int, b *Batch) bool {
	h := s.shards[shard]
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shut || int(h.pending.Load())+len(h.out) >= s.cfg.Ring {
		return false
	}
	b.Timed = s.cfg.TimeOneIn > 0 && h.taken%uint64(s.cfg.TimeOneIn) == 0
	if b.Timed {
		b.Stages, b.stamp = Stages{}, nanotime()
	}
	h.taken++
	h.pending.Add(1)
	h.in <- b
	return true
}

// Answered returns the channel on which a shard's batches come back, in the order
// in which they were submitted. It ends after Stop, and when the shard's log fails:
// what has not come back by then was not acknowledged and may or may not be in the
// log.
func (s *Service) Answered(shard int) <-chan *Batch { return s.shards[shard].out }

// Err tells what has gone wrong with the logs so far.
func (s *Service) Err() error {
	var errs []error
	for _, h := range s.shards {
		h.mu.Lock()
		errs = append(errs, h.err)
		h.mu.Unlock()
	}
	return errors.Join(errs...)
}

// Stop takes no more batches, lets those on their way finish and closes the logs.
// The channels of Answered end behind the last answers. It returns what went wrong
// with the logs, however often it is called.
func (s *Service) Stop() error { return s.stop() }

func (s *Service) end() error {
	for _, h := range s.shards {
		h.shutDown(nil)
		close(h.in)
	}
	s.group.Wait()
	return errors.Join(s.Err(), s.closeLogs())
}

// shutDown makes the shard refuse from now on, and notes why.
func (h *shard) shutDown(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shut = true
	if h.err == nil {
		h.err = err
	}
}

func (s *Service) closeLogs() error {
	var errs []error
	for _, h := range s.shards {
		if h.log != nil {
			errs = append(errs, h.log.close(s.cfg.Durability == Synced))
		}
	}
	return errors.Join(errs...)
}

// StateDigest chains the states of all shards; only before Start and after Stop.
func StateDigest(intakes []*engine.Intake) (sum [32]byte) {
	h := sha256.New()
	for _, k := range intakes {
		d := k.StateDigest()
		h.Write(d[:])
	}
	h.Sum(sum[:0])
	return sum
}

// run is a shard's writer. Without a log a batch is answered as soon as it is
// carried out. With one, what has been carried out while the log was busy goes
// into it together (group commit), and while that is written and synced the next
// is carried out.
func (s *Service) run(h *shard) {
	cost := int64(0)
	if s.cfg.TimeOneIn > 0 {
		cost = clockCost()
	}
	if h.log == nil {
		defer close(h.out)
		for b := range h.in {
			s.carryOut(h, b, cost)
			h.answer(b)
		}
		return
	}
	// Nothing lies between the two: a group is handed over when the log has nothing
	// to do, so every sync is for all that has waited for one.
	groups := make(chan []*Batch)
	spare := make(chan []*Batch, 2)
	spare <- nil
	spare <- nil
	s.group.Go(func() { s.commit(h, groups, spare) })
	for b := range h.in {
		group := append((<-spare)[:0], b)
		s.carryOut(h, b, cost)
		for group != nil {
			select {
			case next, open := <-h.in:
				if !open {
					groups <- group
					group = nil
					break
				}
				s.carryOut(h, next, cost)
				group = append(group, next)
			case groups <- group:
				group = nil
			}
		}
	}
	close(groups)
}

func (s *Service) carryOut(h *shard, b *Batch, clockCost int64) {
	if s.cfg.TimeOneIn == 0 && s.cfg.PlantSlow == 0 {
		h.intake.Take(b.Requests, b.Lines, b.Answers)
		return
	}
	start := nanotime()
	if b.Timed {
		h.timed(b, clockCost)
	} else {
		h.intake.Take(b.Requests, b.Lines, b.Answers)
	}
	if s.cfg.PlantSlow > 0 {
		for until := nanotime() + int64(float64(nanotime()-start)*s.cfg.PlantSlow); nanotime() < until; {
		}
	}
	b.WriterNS = nanotime() - start
	if b.Timed {
		b.stamp = start + b.WriterNS
	}
}

func (h *shard) answer(b *Batch) {
	h.out <- b
	h.pending.Add(-1)
}

// commit writes groups into the log and then lets their answers go. After an error
// nothing is acknowledged any more: what the file holds behind it is unknown.
func (s *Service) commit(h *shard, groups <-chan []*Batch, spare chan<- []*Batch) {
	sync, failed := s.cfg.Durability == Synced, false
	for group := range groups {
		if !failed {
			err := h.log.commit(group, sync)
			if err == nil {
				for _, b := range group {
					if b.Timed {
						now := nanotime()
						b.Stages[StageLog], b.stamp = now-b.stamp, now
					}
					h.answer(b)
				}
				if sync {
					err = h.log.anchor.sync(h.pending.Load() == 0)
				}
			}
			if err != nil {
				failed = true
				h.shutDown(err)
				close(h.out)
			}
		}
		spare <- group
	}
	if !failed {
		close(h.out)
	}
}
