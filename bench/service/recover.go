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
}

// openLog carries out what a shard's log holds. A torn tail will be cut off;
// damage is an error, for what follows it may have been acknowledged.
func openLog(name string, n int, cfg *Config, intake *engine.Intake) (*log, *Recovery, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, err
	}
	if err := lock(file); err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	w := &log{name: name, file: file, opened: file}
	r, err := w.replay(n, cfg, intake)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return w, r, nil
}

func (w *log) replay(n int, cfg *Config, intake *engine.Intake) (*Recovery, error) {
	start := intake.StateDigest()
	head := func(chained bool) []byte { return appendHead(nil, n, cfg.World, start, chained) }
	r := newReader(w.name, w.opened)
	found := &Recovery{Shard: n}
	err := r.head(head)
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
	found.Batches = r.batches
	w.sound, w.batches, w.chained, w.chain = r.sound, r.batches, r.chained, r.chain
	if w.sound == 0 {
		w.chained = !cfg.Unchained
		w.head = head(w.chained)
		if w.chained {
			w.chain = firstChain(w.head)
		}
	}
	return found, nil
}

// Salvaged tells what Salvage kept.
type Salvaged struct {
	Batches, Requests uint64
	Bytes             int64
	// Lost is where and why the log ends to be sound, nil where all of it is.
	Lost *Damage
}

// Salvage copies the sound part of a log into a new file, from which a service can
// start, and leaves the log as it is. What follows the damage is not in the copy:
// its batches rest on those that are lost. The error is one of reading or writing,
// or a *Damage where not even the head is sound; then there is no copy.
func Salvage(name, into string) (s Salvaged, err error) {
	file, err := os.Open(name)
	if err != nil {
		return s, err
	}
	defer file.Close()
	r := newReader(name, file)
	if err := r.head(nil); err != nil {
		if err == io.EOF {
			err = r.damage("the file is empty")
		}
		return s, err
	}
	for err == nil {
		var rec *record
		if rec, err = r.next(); err == nil {
			s.Requests += uint64(len(rec.requests))
		}
	}
	if err != io.EOF && !errors.As(err, &s.Lost) {
		return s, err
	}
	s.Batches, s.Bytes = r.batches, r.sound
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return s, err
	}
	return s, copyNew(into, io.LimitReader(file, r.sound))
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
