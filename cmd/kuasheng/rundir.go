package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// runDir is a run directory on its way: files are written into a folder of their
// own, and commit puts them in their place. It is a report.Sink.
type runDir struct {
	ctx     context.Context
	target  string
	partial string
	root    *os.Root
	inside  bool     // the target existed, empty, and holds the partial folder
	made    []string // folders made on the way to it, deepest first
}

// reserveRunDir makes sure, before anything is computed, that target can be
// written: it does not exist or is empty, and a folder can be made beside it. An
// empty target is kept, since it may be a mount point, and the folder is made in
// it instead.
func reserveRunDir(ctx context.Context, target string) (*runDir, error) {
	full, err := filepath.Abs(target)
	if err != nil {
		return nil, err
	}
	d := &runDir{ctx: ctx, target: full}
	beside := filepath.Dir(full)
	switch entries, err := os.ReadDir(full); {
	case err == nil && len(entries) > 0:
		return nil, fmt.Errorf("--out %s: the directory is not empty; nothing was run", target)
	case err == nil:
		d.inside, beside = true, full
	case !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("--out %s: %w; nothing was run", target, cause(err))
	default:
		if err := d.makeParents(beside); err != nil {
			d.discard()
			return nil, fmt.Errorf("--out %s: %w; nothing was run", target, cause(err))
		}
	}
	for n := os.Getpid(); ; n++ {
		d.partial = filepath.Join(beside, fmt.Sprintf(".%s.partial-%d", filepath.Base(full), n))
		err = os.Mkdir(d.partial, 0o777)
		if !errors.Is(err, os.ErrExist) {
			break
		}
	}
	if err == nil {
		d.root, err = os.OpenRoot(d.partial)
	}
	if err != nil {
		d.discard()
		return nil, fmt.Errorf("--out %s: %w; nothing was run", target, cause(err))
	}
	return d, nil
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

// commit puts the directory in its place.
func (d *runDir) commit() error {
	if err := d.root.Close(); err != nil {
		return err
	}
	if !d.inside {
		if err := os.Rename(d.partial, d.target); err != nil {
			return err
		}
		d.made = nil
		return nil
	}
	// One level up, the manifest last: without it a directory is no run.
	entries, err := os.ReadDir(d.partial)
	if err != nil {
		return err
	}
	const last = "manifest.json"
	for _, e := range entries {
		if e.Name() == last {
			continue
		}
		if err := os.Rename(filepath.Join(d.partial, e.Name()), filepath.Join(d.target, e.Name())); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(d.partial, last), filepath.Join(d.target, last)); err != nil {
		return err
	}
	return nil
}

// discard removes whatever was not committed. It may be called at any time.
func (d *runDir) discard() {
	if d.root != nil {
		_ = d.root.Close()
	}
	if d.partial != "" {
		_ = os.RemoveAll(d.partial)
	}
	for _, dir := range d.made {
		_ = os.Remove(dir)
	}
}
