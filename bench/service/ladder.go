package service

import (
	"errors"
	"os"
	"path/filepath"

	"kuasheng/engine"
)

// Feature is what the service does with a batch, each resting on those before it.
type Feature int

// The features.
const (
	Settling    Feature = iota // refusals, lines divided, payers, accumulators, register and ledger
	Once                       // each request is carried out once, and remembered with its answer (X1)
	StageTimes                 // one batch of a group has its stages timed
	Encoded                    // written for the log, with checksums
	Chained                    // with the chain of digests
	Written                    // handed to the operating system, a group at once
	SyncedGroup                // the disk has it, a group at once
	NumFeatures = 7
)

// FeatureNames are the stable names of the features.
var FeatureNames = [NumFeatures]string{"settle", "once", "stages", "log", "chain", "write", "fsync"}

// Ladder carries out groups of batches in the caller's thread, with the features
// of a service up to one of them: the difference between two rungs is the price of
// the higher. All rungs share one intake, so that they find the same memory.
type Ladder struct {
	intake  *engine.Intake
	logs    [NumFeatures]*log // from Encoded on
	claims  []engine.Claim
	results []engine.Result // of Settling, which has no answers
}

// NewLadder makes a ladder whose logs are written into dir, where Close leaves
// them. The caller must not use the intake beside it.
func NewLadder(intake *engine.Intake, dir string) (*Ladder, error) {
	largePages(intake)
	l := &Ladder{intake: intake}
	for f := Encoded; f < NumFeatures; f++ {
		w := &log{file: nowhere{}, chained: f >= Chained}
		if f >= Written {
			w.name = filepath.Join(dir, FeatureNames[f]+".log")
			file, err := os.Create(w.name)
			if err != nil {
				return nil, errors.Join(err, l.Close())
			}
			w.file, w.opened = file, file
			if err := w.begin(); err != nil {
				return nil, errors.Join(err, file.Close(), l.Close())
			}
		}
		l.logs[f] = w
	}
	return l, nil
}

// Carry carries out a group of batches with the features up to one.
func (l *Ladder) Carry(upTo Feature, group []*Batch) error {
	if upTo == Settling {
		l.settle(group)
		return nil
	}
	for i, b := range group {
		if upTo >= StageTimes && i == 0 {
			b.Timed, b.stamp = true, nanotime()
			(&shard{intake: l.intake}).timed(b, clockCost())
			continue
		}
		l.intake.Take(b.Requests, b.Lines, b.Answers)
	}
	if upTo < Encoded {
		return nil
	}
	w, sync := l.logs[upTo], upTo == SyncedGroup
	if err := w.commit(group, sync); err != nil || w.anchor == nil {
		return err
	}
	if w.size > mostOfDisk {
		w.size, w.synced = 0, 0
		return errors.Join(w.anchor.file.Close(), w.begin())
	}
	if sync {
		return w.anchor.sync(false)
	}
	return nil
}

// mostOfDisk is how much a log of the ladder takes before it begins anew.
const mostOfDisk = 256 << 20

func (l *Ladder) settle(group []*Batch) {
	n := 0
	for _, b := range group {
		n += len(b.Requests)
	}
	if len(l.results) < n {
		l.claims, l.results = make([]engine.Claim, n), make([]engine.Result, n)
	}
	at := 0
	for _, b := range group {
		claims, results := l.claims[at:at+len(b.Requests)], l.results[at:at+len(b.Requests)]
		for i := range b.Requests {
			claims[i] = b.Requests[i].Claim
		}
		l.intake.Shard().Settle(claims, b.Lines, results)
		at += len(b.Requests)
	}
}

// Settled is how many bills of the group that was carried out last, up to that
// feature, the rules let through.
func (l *Ladder) Settled(upTo Feature, group []*Batch) (n int) {
	at := 0
	for _, b := range group {
		for i := range b.Answers {
			if upTo == Settling {
				if l.results[at+i].Status == engine.Settled {
					n++
				}
			} else if a := &b.Answers[i]; a.Outcome == engine.Done && a.Result.Status == engine.Settled {
				n++
			}
		}
		at += len(b.Requests)
	}
	return n
}

// LogBytes is how much a group takes in the log, of the one carried out last.
func (l *Ladder) LogBytes(upTo Feature) int {
	if upTo < Encoded {
		return 0
	}
	return len(l.logs[upTo].buf)
}

// Close closes the logs.
func (l *Ladder) Close() error {
	var errs []error
	for _, w := range l.logs {
		if w != nil {
			errs = append(errs, w.close(false))
		}
	}
	return errors.Join(errs...)
}

// nowhere is a disk for what is only made and not written.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Sync() error                 { return nil }
func (nowhere) Close() error                { return nil }
