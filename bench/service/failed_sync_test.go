package service

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"kuasheng/engine"
)

// pageCache is a disk behind the memory of an operating system, through which the file
// is read. A sync that fails drops what it should have written: the pages stay in
// memory and count as written.
type pageCache struct {
	*os.File
	disk  []byte // what a power cut leaves
	dirty map[int]bool
	fails int // the number of the sync that does
}

const cachePage = 512

func (c *pageCache) Write(b []byte) (int, error) {
	at, err := c.Seek(0, 1)
	if err != nil {
		return 0, err
	}
	n, err := c.File.Write(b)
	for page := int(at) / cachePage; page*cachePage < int(at)+n; page++ {
		c.dirty[page] = true
	}
	return n, err
}

func (c *pageCache) Sync() error {
	defer clear(c.dirty)
	if c.fails--; c.fails == 0 {
		return syscall.EIO
	}
	memory, err := os.ReadFile(c.Name())
	if err != nil {
		return err
	}
	now := make([]byte, len(memory))
	copy(now, c.disk)
	for page := range c.dirty {
		if from := page * cachePage; from < len(memory) {
			copy(now[from:min(from+cachePage, len(now))], memory[from:])
		}
	}
	c.disk = now
	return nil
}

// After a sync that failed, what is read back may be in memory alone. A restart does
// not go on behind it: it writes again what no sync is known to have written, and does
// not start while that fails. So a later power cut takes nothing that was acknowledged
// after the restart, nor before it.
func TestRestartAfterAFailedSync(t *testing.T) {
	cfg := Config{Durability: Synced, Dir: t.TempDir(), World: testWorld}
	name := LogName(cfg.Dir, 0)
	var disk []byte
	run := func(fails int) (*Service, *pageCache, error) {
		cache := &pageCache{disk: disk, dirty: map[int]bool{}, fails: fails}
		s, err := startOn([]*engine.Intake{sharedWorld().intake(testPeople, testLog2)}, cfg, func(w *log) {
			cache.File = w.opened
			w.file = cache
		})
		return s, cache, err
	}
	s, cache, err := run(12) // one of begin, ten of batches
	if err != nil {
		t.Fatal(err)
	}
	acknowledge(t, s, 0, 10)
	s.Submit(0, mixed(10))
	if _, open := <-s.Answered(0); open {
		t.Fatal("acknowledged though the sync failed")
	}
	if err := s.Stop(); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	disk = cache.disk
	// The disk still fails: no service starts.
	if _, cache, err = run(1); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	disk = cache.disk
	// It works again. What was not acknowledged may be there, and then stays.
	if s, cache, err = run(0); err != nil {
		t.Fatal(err)
	}
	acknowledge(t, s, 11, 5)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// The power goes, and with it what was in memory alone.
	if err := os.WriteFile(name, cache.disk, 0o644); err != nil {
		t.Fatal(err)
	}
	s, intakes, recovered := start(t, cfg, 1)
	if recovered[0].Batches != 16 || recovered[0].Cut != nil {
		t.Errorf("%+v", recovered[0])
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if intakes[0].StateDigest() != plain(16) {
		t.Error("the state is not that of a plain run")
	}
}
