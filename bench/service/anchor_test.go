package service

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kuasheng/engine"
)

const acknowledgedBatches = 200

// acknowledge sends so many batches from first on and waits for the answer to each.
func acknowledge(t testing.TB, s *Service, first, batches int) {
	t.Helper()
	for n := first; n < first+batches; n++ {
		if !s.Submit(0, mixed(n)) {
			t.Fatalf("batch %d was refused", n)
		}
		if _, open := <-s.Answered(0); !open {
			t.Fatalf("batch %d was not answered: %v", n, s.Err())
		}
	}
}

// kept is what is kept of a log and its anchor.
type kept struct{ log, anchor []byte }

// recordStarts are the offsets at which the records of a log begin, with its end.
func recordStarts(t testing.TB, b []byte) (starts []int) {
	t.Helper()
	r := newReader("", bytes.NewReader(b))
	err := r.head(nil, nil)
	for err == nil {
		starts = append(starts, int(r.sound))
		_, err = r.next()
	}
	return starts
}

// A log that lost its end is an error that says how many batches were acknowledged
// and how many are left, whatever happened to it; nothing is started and no file is
// changed. Only Config.AcceptLoss starts from what there is, says what was lost, and
// goes on, without a word the next time.
func TestLogThatLostItsEnd(t *testing.T) {
	for _, base := range []Config{{Durability: Synced}, {Durability: Logged}, {Durability: Synced, Unchained: true}} {
		base.Dir = t.TempDir()
		s, _, _ := start(t, base, 1)
		acknowledge(t, s, 0, acknowledgedBatches)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		sound, starts := keep(t, base.Dir), []int(nil)
		starts = recordStarts(t, sound.log)
		// Another log of the same world, people and number of batches.
		another := base
		another.Dir = t.TempDir()
		s, _, _ = start(t, another, 1)
		acknowledge(t, s, 1, acknowledgedBatches)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		other := keep(t, another.Dir)
		for _, x := range []struct {
			name  string
			files kept
			found int
			says  string
		}{
			{"cut to nothing", kept{[]byte{}, sound.anchor}, 0, "0 of the 200 batches that were acknowledged: it lacks the last 200"},
			{"deleted", kept{nil, sound.anchor}, 0, "0 of the 200 batches that were acknowledged: it lacks the last 200"},
			{"cut in its head", kept{sound.log[:40], sound.anchor}, 0, "it lacks the last 200"},
			{"cut to its head", kept{sound.log[:headLength], sound.anchor}, 0, "it lacks the last 200"},
			{"cut at a record", kept{sound.log[:starts[120]], sound.anchor}, 120, "120 of the 200 batches that were acknowledged: it lacks the last 80"},
			{"cut at the last", kept{sound.log[:starts[199]], sound.anchor}, 199, "it lacks the last 1"},
			{"cut in a record", kept{sound.log[:starts[120]+50], sound.anchor}, 120, "it lacks the last 80"},
			{"zeros from a record on", kept{append(bytes.Clone(sound.log[:starts[120]]), make([]byte, len(sound.log)-starts[120])...), sound.anchor}, 120, "it lacks the last 80"},
			{"another log", kept{other.log, sound.anchor}, 200, "not the 200 that were acknowledged"},
			{"without its anchor", kept{sound.log, nil}, 200, "200 batches and no anchor"},
			{"cut, without its anchor", kept{sound.log[:starts[120]], nil}, 120, "120 batches and no anchor"},
			{"with an anchor of zeros", kept{sound.log, make([]byte, len(sound.anchor))}, 200, "damaged anchor"},
			{"with an empty anchor", kept{sound.log, []byte{}}, 200, "damaged anchor"},
			{"deleted, with an anchor of zeros", kept{nil, make([]byte, len(sound.anchor))}, 0, "damaged anchor"},
		} {
			t.Run(x.name, func(t *testing.T) {
				cfg := base
				cfg.Dir = t.TempDir()
				name := LogName(cfg.Dir, 0)
				x.files.put(t, name)
				_, _, err := Start(cfg, []*engine.Intake{sharedWorld().intake(testPeople, testLog2)})
				var loss *Loss
				if !errors.As(err, &loss) || loss.Found != uint64(x.found) || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), name) {
					t.Fatalf("%v, want a loss with %q", err, x.says)
				}
				if strings.Contains(x.says, "lacks the last") && loss.Acknowledged != acknowledgedBatches {
					t.Errorf("%d were acknowledged, by the error", loss.Acknowledged)
				}
				if now := keep(t, cfg.Dir); !bytes.Equal(now.log, x.files.log) || (now.log == nil) != (x.files.log == nil) || !bytes.Equal(now.anchor, x.files.anchor) {
					t.Error("a file was changed")
				}
				if inspected, err := Inspect(name); !errors.As(err, &loss) && (inspected.Loss == nil || inspected.Loss.What != loss.What) {
					t.Errorf("Inspect: %+v, %v", inspected.Loss, err)
				}
				cfg.AcceptLoss = true
				s, _, recovered := start(t, cfg, 1)
				if recovered[0].Loss == nil || recovered[0].Loss.What != loss.What || recovered[0].Batches != uint64(x.found) {
					t.Errorf("accepted: %+v", recovered[0])
				}
				acknowledge(t, s, x.found, 3)
				if err := s.Stop(); err != nil {
					t.Fatal(err)
				}
				cfg.AcceptLoss = false
				s, intakes, recovered := start(t, cfg, 1)
				if recovered[0].Batches != uint64(x.found)+3 {
					t.Errorf("%d batches the next time", recovered[0].Batches)
				}
				if err := s.Stop(); err != nil {
					t.Fatal(err)
				}
				if x.name != "another log" && intakes[0].StateDigest() != plain(x.found+3) {
					t.Error("the state is not that of a plain run")
				}
			})
		}
	}
}

// keep reads a log and its anchor; what is not there is nil.
func keep(t testing.TB, dir string) (k kept) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return b
	}
	return kept{read(LogName(dir, 0)), read(anchorName(LogName(dir, 0)))}
}

func (k kept) put(t testing.TB, name string) {
	t.Helper()
	for file, b := range map[string][]byte{name: k.log, anchorName(name): k.anchor} {
		if b == nil {
			continue
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// No batch is acknowledged before the anchor names it, with as many on their way as
// there is room for; and the anchor never names one that the log has not.
func TestAnchorBeforeTheAnswer(t *testing.T) {
	for _, durability := range []Durability{Logged, Synced} {
		cfg := Config{Durability: durability, Dir: t.TempDir(), Ring: 8}
		s, _, _ := start(t, cfg, 1)
		name := LogName(cfg.Dir, 0)
		for sent, answered := 0, uint64(0); answered < 100; {
			if s.Submit(0, mixed(sent)) {
				sent++
				continue
			}
			<-s.Answered(0)
			answered++
			m, err := readAnchor(name)
			if err != nil || m.damaged || m.batches < answered {
				t.Fatalf("%d batches were acknowledged, the anchor says %+v, %v", answered, m, err)
			}
			if info, err := os.Stat(name); err != nil || info.Size() < m.end || durability == Synced && m.synced != m.end {
				t.Fatalf("the anchor says %+v of a log of %d bytes, %v", m, info.Size(), err)
			}
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// An anchor that is being written when the power goes reads as it was synced last, or
// as it was before or after the write, wherever that is cut short.
func TestAnchorCutShort(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.log")
	synced := uint64(1)
	a, err := newAnchor(name, &mark{batches: synced, end: 10})
	if err != nil {
		t.Fatal(err)
	}
	for n := uint64(2); n < 3+2*anchorGroups; n++ {
		before, err := os.ReadFile(anchorName(name))
		if err == nil {
			err = a.write(&mark{batches: n, end: 10 * int64(n)})
		}
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(anchorName(name))
		if err != nil || len(after) != slots*slotDistance || len(before) != len(after) {
			t.Fatalf("%d and %d bytes, %v", len(before), len(after), err)
		}
		for at := range after {
			if before[at] == after[at] {
				continue
			}
			kept{anchor: append(bytes.Clone(after[:at]), before[at:]...)}.put(t, name)
			if m, err := readAnchor(name); err != nil || m.damaged || m.batches != synced && m.batches != n-1 {
				t.Fatalf("batch %d cut short at %d: %+v, %v, want the %d batches that were synced", n, at, m, err, synced)
			}
		}
		kept{anchor: after}.put(t, name)
		if m, err := readAnchor(name); err != nil || m.batches != n || m.end != 10*int64(n) {
			t.Errorf("%+v, %v, want %d batches", m, err, n)
		}
		if err := a.sync(n == 5); err != nil {
			t.Fatal(err)
		}
		if a.unsynced == 0 {
			synced = n
		}
	}
	if synced != 5+anchorGroups {
		t.Errorf("synced after %d batches, and %d groups on", 5, synced-5)
	}
	if err := a.file.Close(); err != nil {
		t.Error(err)
	}
}

// A log that is removed, replaced or changed under the service is noticed before the
// next batch is acknowledged.
func TestLogTakenAway(t *testing.T) {
	for what, do := range map[string]func(name string) error{
		"removed": os.Remove,
		"replaced": func(name string) error {
			return errors.Join(os.Rename(name, name+".old"), os.WriteFile(name, nil, 0o644))
		},
		"has 84 bytes": func(name string) error { return os.Truncate(name, headLength) },
	} {
		cfg := Config{Durability: Synced, Dir: t.TempDir()}
		s, _, _ := start(t, cfg, 1)
		acknowledge(t, s, 0, 5)
		if err := do(LogName(cfg.Dir, 0)); err != nil {
			t.Fatal(err)
		}
		if !s.Submit(0, mixed(5)) {
			t.Fatal("refused")
		}
		if _, open := <-s.Answered(0); open {
			t.Errorf("%s: a batch was acknowledged", what)
		}
		if err := s.Stop(); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), LogName(cfg.Dir, 0)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// failingAnchor is an anchor that can be written and synced so often.
type failingAnchor struct {
	*os.File
	writes, syncs int
}

func (f *failingAnchor) WriteAt(b []byte, at int64) (int, error) {
	if f.writes--; f.writes < 0 {
		return 0, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func (f *failingAnchor) Sync() error {
	if f.syncs--; f.syncs < 0 {
		return syscall.EIO
	}
	return f.File.Sync()
}

// An anchor that cannot be written stops the service as the log does.
func TestAnchorFails(t *testing.T) {
	for _, x := range []struct {
		disk failingAnchor
		want error
	}{{failingAnchor{writes: 7, syncs: 1 << 30}, syscall.ENOSPC}, {failingAnchor{writes: 1 << 30, syncs: 3}, syscall.EIO}} {
		cfg := Config{Durability: Synced, Dir: t.TempDir(), Ring: 4}
		s, _, _ := start(t, cfg, 1)
		disk := x.disk
		disk.File = s.shards[0].log.anchor.file.(*os.File)
		s.shards[0].log.anchor.file = &disk
		acknowledged := 0
		for n := 0; n < 1000; {
			if s.Submit(0, mixed(n)) {
				n++
			}
			if _, open := <-s.Answered(0); !open {
				break
			}
			acknowledged++
		}
		if acknowledged == 0 || acknowledged == 1000 {
			t.Errorf("%v: %d batches were acknowledged", x.want, acknowledged)
		}
		if err := s.Stop(); !errors.Is(err, x.want) {
			t.Errorf("Stop: %v, want %v", err, x.want)
		}
		again, _, recovered := start(t, cfg, 1)
		if recovered[0].Batches < uint64(acknowledged) {
			t.Errorf("%d batches were acknowledged, %d are in the log", acknowledged, recovered[0].Batches)
		}
		if err := again.Stop(); err != nil {
			t.Error(err)
		}
	}
}
