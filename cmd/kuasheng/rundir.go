package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// runDir is a run directory on its way: files are written into a folder of their
// own, and commit puts them in their place. It is a report.Sink.
type runDir struct {
	ctx     context.Context
	target  string
	partial string
	root    *os.Root
	lock    *os.File // of the partial folder: it goes with the process, so that others know it is dead
	inside  bool     // the target existed, empty, and holds the partial folder
	made    []string // folders made on the way to it, deepest first
	// sync has the disk write a file or a folder; tests watch it.
	sync func(name string) error
	// ending is held while the directory is put in its place or discarded, which an
	// interruption may do at any time.
	ending        sync.Mutex
	placed, ended bool
}

// reserveRunDir makes sure, before anything is computed, that target can be
// written: it does not exist or is empty, and a folder can be made beside it. An
// empty target is kept, since it may be a mount point, and the folder is made in
// it instead. What a process that died has left of the same target is removed.
func reserveRunDir(ctx context.Context, target string) (*runDir, error) {
	full, err := filepath.Abs(target)
	if err != nil {
		return nil, err
	}
	d := &runDir{ctx: ctx, target: full, sync: syncFile}
	if err := d.reserve(); err != nil {
		d.discard()
		return nil, fmt.Errorf("--out %s: %w; nothing was run", target, cause(err))
	}
	return d, nil
}

func (d *runDir) reserve() error {
	beside := filepath.Dir(d.target)
	name := "." + filepath.Base(d.target) + ".partial-"
	switch entries, err := os.ReadDir(d.target); {
	case err == nil:
		for _, e := range entries {
			if !isPartial(e, name) {
				return notEmpty(entries, name)
			}
		}
		d.inside, beside = true, d.target
	case !errors.Is(err, os.ErrNotExist):
		return err
	default:
		if err := d.makeParents(beside); err != nil {
			return err
		}
	}
	if err := removeDead(beside, name); err != nil {
		return err
	}
	if entries, err := os.ReadDir(d.target); err == nil && len(entries) > 0 {
		return notEmpty(entries, name) // a disk that does not lock
	}
	for n := os.Getpid(); d.partial == ""; n++ {
		path := filepath.Join(beside, fmt.Sprint(name, n))
		if err := os.Mkdir(path, 0o777); errors.Is(err, os.ErrExist) {
			continue
		} else if err != nil {
			return err
		}
		// Between the two another process may have taken the folder for a dead one's.
		lock, held := lockFolder(path)
		if _, err := os.Lstat(path); err == nil && !held {
			d.partial, d.lock = path, lock
		}
	}
	var err error
	d.root, err = os.OpenRoot(d.partial)
	return err
}

// notEmpty is the error of a target that holds something, perhaps what a power cut has left
// of a run that was being put in place.
func notEmpty(entries []os.DirEntry, name string) error {
	for _, e := range entries {
		if isPartial(e, name) {
			return fmt.Errorf("the directory is not empty: it holds %s, what is left of a run that was cut off; remove it and what lies beside it", e.Name())
		}
	}
	return errors.New("the directory is not empty")
}

// isPartial reports whether an entry is a partial folder of this name.
func isPartial(e os.DirEntry, name string) bool {
	number, found := strings.CutPrefix(e.Name(), name)
	return found && e.IsDir() && number != "" && strings.Trim(number, "0123456789") == ""
}

// removeDead removes the partial folders of this name that no process holds any more, and
// fails where one does.
func removeDead(dir, name string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isPartial(e, name) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		lock, held := lockFolder(path)
		if held {
			return fmt.Errorf("another process is writing it, in %s", path)
		}
		if lock != nil {
			err = errors.Join(os.RemoveAll(path), lock.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lockFolder locks a folder as long as the file is open, and reports whether somebody else
// has it. The file is nil where the folder is another's or gone, or where its disk does not
// lock.
func lockFolder(path string) (lock *os.File, held bool) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	opened, e := f.Stat()
	now, gone := os.Lstat(path)
	if err != nil || e != nil || gone != nil || !os.SameFile(opened, now) {
		_ = f.Close()
		return nil, errors.Is(err, syscall.EWOULDBLOCK)
	}
	return f, false
}

// cause leaves out the path that an error of package os names, since the caller
// names it.
func cause(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// makeParents makes the folders down to dir and remembers which.
func (d *runDir) makeParents(dir string) error {
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || !errors.Is(err, os.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o777); err != nil {
			return err
		}
		d.made = append([]string{missing[i]}, d.made...)
	}
	return nil
}

// Create opens a file of the directory for writing.
func (d *runDir) Create(name string) (io.WriteCloser, error) {
	if err := d.ctx.Err(); err != nil {
		return nil, err
	}
	name = filepath.FromSlash(name)
	if err := d.root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	return d.root.Create(name)
}

// commit puts the directory in its place. Everything is on the disk before a name leads to
// it, and the name is before commit returns: a power cut leaves the whole or nothing.
func (d *runDir) commit() error {
	if err := d.root.Close(); err != nil {
		return err
	}
	err := filepath.WalkDir(d.partial, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = d.ctx.Err()
		}
		if err == nil {
			err = d.sync(path)
		}
		return err
	})
	d.ending.Lock()
	defer d.ending.Unlock()
	switch {
	case d.ended:
		return errInterrupted
	case err != nil:
		return err
	case d.inside:
		err = d.commitInside()
	default:
		err = d.commitBeside()
	}
	d.placed = err == nil
	return err
}

// commitBeside gives the partial folder its name.
func (d *runDir) commitBeside() error {
	// The folders made on the way have names too.
	for _, dir := range d.made {
		if err := d.sync(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := os.Rename(d.partial, d.target); err != nil {
		return err
	}
	if err := d.sync(filepath.Dir(d.target)); err != nil {
		return errors.Join(err, os.Rename(d.target, d.partial))
	}
	d.partial, d.made = "", nil
	return nil
}

// commitInside moves the files one level up, the manifest last: without it a directory is
// no run.
func (d *runDir) commitInside() error {
	entries, err := os.ReadDir(d.partial)
	if err != nil {
		return err
	}
	const last = "manifest.json"
	var moved []string
	move := func(name string) error {
		to := filepath.Join(d.target, name)
		err := os.Rename(filepath.Join(d.partial, name), to)
		if err == nil {
			moved = append(moved, to)
		}
		return err
	}
	for _, e := range entries {
		if err == nil && e.Name() != last {
			err = move(e.Name())
		}
	}
	if err == nil {
		err = d.sync(d.target)
	}
	if err == nil {
		err = move(last)
	}
	if err == nil {
		err = d.sync(d.target)
	}
	if err != nil {
		for _, name := range moved {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	return err
}

// syncFile has the disk write a file or a folder.
func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// discard removes what was not committed, and reports whether there was anything. It may
// be called at any time.
func (d *runDir) discard() bool {
	d.ending.Lock()
	defer d.ending.Unlock()
	if d.ended {
		return false
	}
	d.ended = true
	if d.root != nil {
		_ = d.root.Close()
	}
	if d.partial != "" {
		_ = os.RemoveAll(d.partial)
	}
	if d.lock != nil {
		_ = d.lock.Close()
	}
	for _, dir := range d.made {
		_ = os.Remove(dir)
	}
	return !d.placed
}
