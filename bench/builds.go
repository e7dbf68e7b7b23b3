package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Builder makes programs to compare out of what a user names: an executable file, a
// folder with a working tree, or a revision of the repository around the working
// directory.
type Builder struct {
	dir       string   // temporary, holds programs and work trees
	worktrees []string // to be removed from the repository
}

// NewBuilder makes a builder with a temporary folder, which Close removes.
func NewBuilder() (*Builder, error) {
	dir, err := os.MkdirTemp("", "kuasheng-compare-")
	if err != nil {
		return nil, err
	}
	return &Builder{dir: dir}, nil
}

// Close removes work trees and programs.
func (b *Builder) Close() error {
	var errs []error
	for _, tree := range b.worktrees {
		// Not under the caller's context: this is to happen after Ctrl-C too.
		if out, err := exec.Command("git", "worktree", "remove", "--force", tree).CombinedOutput(); err != nil {
			errs = append(errs, fmt.Errorf("git worktree remove %s: %w: %s", tree, err, bytes.TrimSpace(out)))
		}
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// Program returns the path of a program and what it was made from.
func (b *Builder) Program(ctx context.Context, name string) (path string, build Build, err error) {
	build.Name = name
	switch info, statErr := os.Stat(name); {
	case statErr == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0:
		if path, err = filepath.Abs(name); err != nil {
			return "", build, err
		}
	case statErr == nil && info.IsDir():
		path, err = b.build(ctx, name)
	default:
		path, err = b.revision(ctx, name)
	}
	if err != nil {
		return "", build, err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", build, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", build, err
	}
	build.Digest = hex.EncodeToString(h.Sum(nil))
	return path, build, nil
}

// Copy is a file of its own with a program's content; remove ends its life, at the
// earliest when the program runs. Which places of the processor's caches a program's code
// contends for is the file's luck, as long as the system keeps the file in memory.
func (b *Builder) Copy(program string) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp(b.dir, "copy-")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, filepath.Base(program))
	from, err := os.Open(program)
	if err != nil {
		return "", nil, err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	if err == nil {
		_, err = io.Copy(to, from)
		err = errors.Join(err, to.Close())
	}
	return path, func() { _ = os.RemoveAll(dir) }, err
}

// revision builds a revision in a work tree of its own.
func (b *Builder) revision(ctx context.Context, name string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}").Output()
	if err != nil {
		return "", fmt.Errorf("%s is neither a program nor a folder nor a revision of a repository here", name)
	}
	commit := strings.TrimSpace(string(out))
	tree := filepath.Join(b.dir, fmt.Sprintf("tree-%d", len(b.worktrees)))
	b.worktrees = append(b.worktrees, tree)
	if out, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", tree, commit).CombinedOutput(); err != nil {
		return "", fmt.Errorf("git worktree add %s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return b.build(ctx, tree)
}

func (b *Builder) build(ctx context.Context, tree string) (string, error) {
	f, err := os.CreateTemp(b.dir, "kuasheng-*")
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	// The same flags for both sides, and no path of the tree in the program.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", f.Name(), "./cmd/kuasheng")
	c.Dir = tree
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build in %s: %w\n%s", tree, err, bytes.TrimSpace(out))
	}
	return f.Name(), nil
}

// Turner measures a build whenever it is asked to.
type Turner interface {
	Ready(ctx context.Context) error
	Next(ctx context.Context) (*Result, error)
	Close() error
}

// Turns is a program's bench run that measures once whenever it is asked to. So builds
// take turns of a fraction of a second, and what the machine does for longer than that
// happens to all of them.
type Turns struct {
	name string
	run  *exec.Cmd
	ask  io.WriteCloser
	tell *bufio.Reader
	says bytes.Buffer
}

// StartTurns starts a program's bench run with these arguments.
func StartTurns(ctx context.Context, program string, args []string) (Turner, error) {
	t := &Turns{name: program + " bench run " + strings.Join(args, " ")}
	t.run = exec.CommandContext(ctx, program, append([]string{"bench", "run", "--turns"}, args...)...)
	t.run.Stderr = &t.says
	// Ctrl-C reaches the child by the terminal too; it has a moment to clean up.
	t.run.Cancel = func() error { return t.run.Process.Signal(syscall.SIGTERM) }
	t.run.WaitDelay = 10 * time.Second
	ask, err := t.run.StdinPipe()
	if err != nil {
		return nil, err
	}
	tell, err := t.run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.ask, t.tell = ask, bufio.NewReader(tell)
	return t, t.run.Start()
}

// Ready waits until the program has made its load.
func (t *Turns) Ready(ctx context.Context) error {
	line, err := t.tell.ReadBytes('\n')
	if err == nil && len(line) > 1 {
		err = errors.New("it does not take turns")
	}
	return t.explained(ctx, err)
}

// Next measures once.
func (t *Turns) Next(ctx context.Context) (*Result, error) {
	_, err := io.WriteString(t.ask, "\n")
	var line []byte
	if err == nil {
		line, err = t.tell.ReadBytes('\n')
	}
	var r Result
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err == nil && r.Version != ResultVersion {
		err = fmt.Errorf("it writes results of version %d, this program reads version %d", r.Version, ResultVersion)
	}
	return &r, t.explained(ctx, err)
}

// explained is an error with what the program says of it.
func (t *Turns) explained(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if ended := t.Close(); ended != nil {
		err = ended
	}
	return fmt.Errorf("%s: %w\n%s", t.name, err, bytes.TrimSpace(t.says.Bytes()))
}

// Close ends the program.
func (t *Turns) Close() error { return errors.Join(t.ask.Close(), t.run.Wait()) }

// Interleave runs three sides for the rounds from one to another. In each, every side has a new
// process, for where its memory happens to lie makes some per cent of difference and
// must not be the same all along. They are made ready together, and then measure so
// many times in turn and in changing order; what counts of each is its quickest turn.
func Interleave(ctx context.Context, from, to, turns int, start func(side Side, round int) (Turner, error)) (runs [numSides][]*Result, err error) {
	for round := from; round < to; round++ {
		quickest, err := oneRound(ctx, round, turns, start)
		if err != nil {
			return runs, err
		}
		for side, r := range quickest {
			runs[side] = append(runs[side], r)
		}
	}
	return runs, nil
}

func oneRound(ctx context.Context, round, turns int, start func(side Side, round int) (Turner, error)) (quickest [numSides]*Result, err error) {
	var sides [numSides]Turner
	for side := range sides {
		if sides[side], err = start(Side(side), round); err != nil {
			return quickest, err
		}
		defer sides[side].Close()
	}
	for _, t := range sides {
		if err := t.Ready(ctx); err != nil {
			return quickest, err
		}
	}
	for turn := range turns {
		for _, side := range Order(round*turns + turn) {
			r, err := sides[side].Next(ctx)
			if err != nil {
				return quickest, err
			}
			quickest[side] = quicker(quickest[side], r)
		}
	}
	return quickest, nil
}

// quicker is the quicker of two turns with the proof of the first; a breach counts
// whichever it is of.
func quicker(first, r *Result) *Result {
	switch {
	case first == nil:
		return r
	case first.Verdict == Breach || r.Verdict != Breach && Metrics[1].Of(first) <= Metrics[1].Of(r):
		return first
	case r.Verdict != Breach:
		r.Proof = first.Proof
	}
	return r
}
