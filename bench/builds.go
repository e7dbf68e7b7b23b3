package bench

import (
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

// RunProgram runs a program's bench run with these arguments and reads its result.
func RunProgram(ctx context.Context, program string, args []string) (*Result, error) {
	c := exec.CommandContext(ctx, program, append([]string{"bench", "run", "--json"}, args...)...)
	var out, says bytes.Buffer
	c.Stdout, c.Stderr = &out, &says
	// Ctrl-C reaches the child by the terminal too; it has a moment to clean up.
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	err := c.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var r Result
	if parse := json.Unmarshal(out.Bytes(), &r); parse != nil {
		if err == nil {
			err = parse
		}
		return nil, fmt.Errorf("%s bench run %s: %w\n%s", program, strings.Join(args, " "), err, bytes.TrimSpace(says.Bytes()))
	}
	if r.Version != ResultVersion {
		return nil, fmt.Errorf("%s writes results of version %d, this program reads version %d", program, r.Version, ResultVersion)
	}
	return &r, nil
}

// Interleave runs three sides for a number of rounds, in changing order.
func Interleave(ctx context.Context, rounds int, run func(ctx context.Context, side Side, round int) (*Result, error)) (runs [numSides][]*Result, err error) {
	for round := range rounds {
		for _, side := range Order(round) {
			r, err := run(ctx, side, round)
			if err != nil {
				return runs, err
			}
			runs[side] = append(runs[side], r)
		}
	}
	return runs, nil
}
