package service

import (
	"errors"
	"fmt"
	"io"
	"os"

	"kuasheng/engine"
)

// Recovery tells what a shard found in its log.
type Recovery struct {
	Shard    int
	Batches  uint64 // carried out again
	Requests uint64
	// Cut is the torn tail of a crash that was cut off, nil where there was none.
	Cut *Damage
	// Loss is what was lost and accepted (Config.AcceptLoss), nil for nothing.
	Loss *Loss
}

// openLog carries out what a shard's log holds. A torn tail will be cut off. Damage is
// an error, for what follows it may have been acknowledged; and so is a log that has
// not what its anchor says was.
func openLog(name string, n int, cfg *Config, intake *engine.Intake) (*log, *Recovery, error) {
	m, err := readAnchor(name)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0o644)
	if errors.Is(err, os.ErrNotExist) {
		gone := (&reader{name: name, mark: m}).loss()
		if gone != nil && !cfg.AcceptLoss {
			return nil, nil, gone
		}
		file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := lock(file); err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	w := &log{name: name, file: file, opened: file}
	r, err := w.replay(n, cfg, m, intake)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return w, r, nil
}

func (w *log) replay(n int, cfg *Config, m *mark, intake *engine.Intake) (*Recovery, error) {
	start := intake.StateDigest()
	head := func(chained bool) []byte { return appendHead(nil, n, cfg.World, start, chained) }
	r := newReader(w.name, w.opened)
	r.mark = m
	found := &Recovery{Shard: n}
	err := r.head(nil, head)
	var answers []engine.Answer
	for err == nil {
		var rec *record
		if rec, err = r.next(); err == nil {
			if cap(answers) < len(rec.requests) {
				answers = make([]engine.Answer, len(rec.requests))
			}
			intake.Take(rec.requests, rec.lines, answers[:len(rec.requests)])
			found.Requests += uint64(len(rec.requests))
		}
	}
	if err != io.EOF && (!errors.As(err, &found.Cut) || !found.Cut.Torn) {
		return nil, err
	}
	if found.Loss = r.loss(); found.Loss != nil && !cfg.AcceptLoss {
		return nil, found.Loss
	}
	found.Batches = r.batches
	w.size, w.batches, w.chained, w.chain, w.sum = r.sound, r.batches, r.chained, r.chain, r.log
	if r.anchored {
		w.synced = m.synced
	}
	if w.size == 0 {
		w.chained = !cfg.Unchained
		w.head = head(w.chained)
		w.sum = headSum(w.head)
		if w.chained {
			w.chain = w.sum
		}
	}
	return found, nil
}

// Inspection tells what stands in a log.
type Inspection struct {
	Shard   uint32
	Chained bool
	// World are the rules that the log was written under, Start the state before its
	// first batch, Chain the digest over all of its sound batches.
	World, Start, Chain [32]byte
	Batches, Requests   uint64
	Operations          [engine.NumOperations]uint64
	Lines               uint64
	// Sound bytes are whole of the Bytes of the file.
	Sound, Bytes int64
	// Lost is where and why the log ends to be sound, nil where all of it is.
	Lost *Damage
	// Acknowledged is how many batches were, by the anchor, and Loss what of them the log
	// has not, or that there is no anchor to tell; nil where it has all.
	Acknowledged uint64
	Loss         *Loss
}

// Inspect reads a log through, without the rules and the people that it is about:
// every checksum, the numbers, the chain, and that each batch has the form in which
// batches are written; and holds it against its anchor. The error is one of reading, a
// *Damage where not even the head is sound, or a *Loss where there is no log any more.
func Inspect(name string) (x Inspection, err error) {
	// The anchor first: a service that writes both meanwhile writes the log first.
	m, err := readAnchor(name)
	if err != nil {
		return x, err
	}
	file, err := os.Open(name)
	if gone := (&reader{name: name, mark: m}).loss(); errors.Is(err, os.ErrNotExist) && gone != nil {
		return x, gone
	}
	if err != nil {
		return x, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return x, err
	}
	x.Bytes = info.Size()
	r := newReader(name, file)
	r.mark = m
	if err := r.head(func(head []byte) { x.Shard, x.World, x.Start = headOf(head) }, nil); err != nil {
		gone := r.loss()
		switch {
		case x.Bytes < headLength && gone != nil:
			return x, gone
		case err == io.EOF:
			return x, r.noLog("the file is empty")
		}
		return x, err
	}
	for err == nil {
		var rec *record
		if rec, err = r.next(); err == nil {
			x.Requests += uint64(len(rec.requests))
			x.Lines += uint64(len(rec.lines))
			for i := range rec.requests {
				x.Operations[rec.requests[i].Op]++
			}
		}
	}
	if err != io.EOF && !errors.As(err, &x.Lost) {
		return x, err
	}
	x.Chained, x.Batches, x.Sound, x.Chain, x.Loss = r.chained, r.batches, r.sound, r.chain, r.loss()
	if m != nil {
		x.Acknowledged = m.batches
	}
	return x, nil
}

// Salvage copies the sound part of a log into a new file and leaves the log as it is.
// What follows the damage is not in the copy: its batches rest on those that are lost.
// The copy has no anchor: put in the log's place, a service starts from it where it
// holds all that was acknowledged, and else with Config.AcceptLoss. The errors are
// those of Inspect, and of writing; then there is no copy.
func Salvage(name, into string) (Inspection, error) {
	x, err := Inspect(name)
	if err != nil {
		return x, err
	}
	file, err := os.Open(name)
	if err != nil {
		return x, err
	}
	defer file.Close()
	return x, copyNew(into, io.LimitReader(file, x.Sound))
}

// copyNew writes a file that must not exist yet, and leaves none behind on an
// error.
func copyNew(name string, from io.Reader) error {
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return errors.Join(fmt.Errorf("salvage into %s: %w", name, err), os.Remove(name))
	}
	return nil
}
