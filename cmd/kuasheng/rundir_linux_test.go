package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kuasheng/fixtures"
)

// asProgram makes the test binary the program itself.
const asProgram = "KUASHENG_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A terminal that closes ends a run like Ctrl-C, unless nohup shields it.
func TestRunHangup(t *testing.T) {
	slow(t)
	hangUp := func(dir string) (code int) {
		c := exec.Command(os.Args[0], "run", "--sample", "1/512", "--workers", "1", "--out", filepath.Join(dir, "run"))
		c.Env = append(os.Environ(), asProgram+"=1")
		stderr, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stderr)
		for first := true; lines.Scan(); first = false {
			if first { // a month is settled, fourteen are to come
				if err := c.Process.Signal(syscall.SIGHUP); err != nil {
					t.Error(err)
				}
			}
		}
		_ = c.Wait()
		return c.ProcessState.ExitCode()
	}
	dir := t.TempDir()
	if code := hangUp(dir); code != 128+int(syscall.SIGHUP) {
		t.Errorf("exit %d", code)
	}
	if got := entries(t, dir); got != nil {
		t.Errorf("left behind: %v", got)
	}
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	if code := hangUp(dir); code != codeOK {
		t.Errorf("shielded: exit %d", code)
	}
}

// Ctrl-C and SIGTERM end a command that is reading and hears nothing, whatever it reads,
// with the exit code that a shell has for them, and leave nothing half-written. A second
// signal is not needed.
func TestInterruptedReading(t *testing.T) {
	slow(t)
	for name, c := range map[string]struct {
		args   func(pipe, out string) []string
		signal syscall.Signal
		want   string
	}{
		"run, overlay":     {func(pipe, out string) []string { return []string{"run", "--overlay", pipe, "--out", out} }, syscall.SIGTERM, "interrupted; nothing was kept"},
		"compare, overlay": {func(pipe, out string) []string { return []string{"compare", "national-2024", pipe, "--out", out} }, syscall.SIGINT, "interrupted; nothing was kept"},
		"settle, policy":   {func(pipe, _ string) []string { return []string{"settle", "--policy", pipe} }, syscall.SIGTERM, "interrupted"},
		"settle, claims":   {func(pipe, _ string) []string { return []string{"settle", pipe} }, syscall.SIGINT, "interrupted"},
		"sweep":            {func(pipe, _ string) []string { return []string{"sweep", pipe} }, syscall.SIGTERM, "interrupted"},
		"doctor":           {func(pipe, _ string) []string { return []string{"doctor", "--overlay", pipe} }, syscall.SIGINT, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.Command(os.Args[0], c.args(pipe, filepath.Join(dir, "out"))...)
			command.Env = append(os.Environ(), asProgram+"=1")
			command.Dir = dir
			var stderr strings.Builder
			command.Stderr = &stderr
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until the program reads
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := command.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait()
			if code := command.ProcessState.ExitCode(); code != 128+int(c.signal) || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("exit %d, stderr %q", code, stderr.String())
			}
			if got := entries(t, dir); got != nil {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// A disk that fills up while files are written: exit code 2, the summary is
// printed, and the disk is as it was. It needs a small disk of its own, which
// only root may mount.
func TestRunFullDisk(t *testing.T) {
	slow(t)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	for _, out := range []string{disk, disk + "/run"} {
		o := call(t, "", "run", "--sample", tiny, "--out", out)
		if o.code != codeUsage || !strings.Contains(o.err, "no space left on device; "+out+" was not written") {
			t.Errorf("exit %d, stderr %q", o.code, o.err)
		}
		if !strings.Contains(o.out, "synthetic population") {
			t.Error("the summary was not printed")
		}
		if got := entries(t, disk); got != nil {
			t.Errorf("left behind: %v", got)
		}
	}
}

// Every file and folder is on the disk before a name leads to it, and the name before the
// run says that it is written: beside the target and within it.
func TestRunDirOnDisk(t *testing.T) {
	for _, exists := range []bool{false, true} {
		parent := t.TempDir()
		target := filepath.Join(parent, "some", "run")
		if exists {
			target = parent
		}
		d, err := reserveRunDir(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		var synced []string
		d.sync = func(name string) error {
			at, err := filepath.Rel(d.partial, name)
			if err != nil || strings.HasPrefix(at, "..") {
				if at, err = filepath.Rel(parent, name); err != nil {
					t.Fatal(err)
				}
				at = "dir:" + at
			}
			if _, err := os.Stat(filepath.Join(target, "manifest.json")); err == nil {
				at += " after"
			} else if _, err := os.Stat(filepath.Join(target, "clearing")); err == nil {
				at += " moved"
			}
			synced = append(synced, at)
			return syncFile(name)
		}
		for _, name := range []string{"clearing/forms/control.csv", "manifest.json"} {
			f, err := d.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte(name)); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.commit(); err != nil {
			t.Fatal(err)
		}
		d.discard()
		want := ". clearing clearing/forms clearing/forms/control.csv manifest.json "
		if exists {
			want += "dir:. moved dir:. after"
		} else {
			want += "dir:. dir:some after"
		}
		if got := strings.Join(synced, " "); got != want {
			t.Errorf("on disk: %s, want %s", got, want)
		}
		if got := strings.Join(entries(t, target), " "); got != "clearing manifest.json" {
			t.Errorf("holds %s", got)
		}
	}
}

// Where the disk will not vouch for the name, nothing is there.
func TestRunDirNotOnDisk(t *testing.T) {
	for _, exists := range []bool{false, true} {
		parent := t.TempDir()
		target := filepath.Join(parent, "run")
		if exists {
			target = parent
		}
		d, err := reserveRunDir(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"alerts.csv", "manifest.json"} {
			f, err := d.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			_ = f.Close()
		}
		broken := errors.New("input/output error")
		d.sync = func(name string) error {
			if _, err := os.Stat(filepath.Join(target, "manifest.json")); err == nil {
				return broken
			}
			return nil
		}
		if err := d.commit(); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
		d.discard()
		if got := entries(t, parent); got != nil {
			t.Errorf("left behind: %v", got)
		}
	}
}

// What a dead process has left of a target is removed; what a living one holds is not, and
// the second run to a target ends before it computes anything.
func TestRunDirOfOthers(t *testing.T) {
	parent := t.TempDir()
	target := filepath.Join(parent, "run")
	alive, err := reserveRunDir(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reserveRunDir(t.Context(), target); err == nil || !strings.Contains(err.Error(), "another process is writing it, in "+alive.partial) {
		t.Errorf("error %v", err)
	}
	// A process that is killed removes nothing; its lock is gone.
	_, _ = alive.root.Close(), alive.lock.Close()
	if err := os.WriteFile(filepath.Join(parent, ".run.partial-notes"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := reserveRunDir(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if got := entries(t, parent); len(got) != 2 || got[0] != filepath.Base(d.partial) && got[1] != filepath.Base(d.partial) {
		t.Errorf("beside the target: %v", got)
	}
	d.discard()
	if got := strings.Join(entries(t, parent), " "); got != ".run.partial-notes" {
		t.Errorf("left behind: %s", got)
	}

	// Within an empty target the same; a run that was cut off while it was put in place is
	// named.
	within := t.TempDir()
	partial := "." + filepath.Base(within) + ".partial-1"
	if err := os.MkdirAll(filepath.Join(within, partial), 0o755); err != nil {
		t.Fatal(err)
	}
	if d, err = reserveRunDir(t.Context(), within); err != nil {
		t.Fatal(err)
	}
	d.discard()
	for _, name := range []string{partial, "clearing"} {
		if err := os.Mkdir(filepath.Join(within, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = reserveRunDir(t.Context(), within); err == nil || !strings.Contains(err.Error(), "it holds "+partial+", what is left of a run that was cut off") {
		t.Errorf("error %v", err)
	}
	if got := entries(t, within); len(got) != 2 {
		t.Errorf("holds %v", got)
	}
}

// Want of memory is nobody's wrong usage: where the runtime gives up the process ends by
// SIGABRT, and what it leaves is removed by the next run.
func TestRunOutOfMemory(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	target := filepath.Join(parent, "run")
	c := exec.Command("sh", "-c", `ulimit -d 250000; exec "$0" run --sample 1/64 --workers 1 --out "$1"`, os.Args[0], target)
	c.Env = append(os.Environ(), asProgram+"=1", "GOTRACEBACK=")
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGABRT || !strings.Contains(string(text), "memory") {
		t.Fatalf("%v: %.1000s", err, text)
	}
	if got := entries(t, parent); len(got) != 1 || got[0] == "run" {
		t.Errorf("left behind: %v", got)
	}
	d, err := reserveRunDir(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	d.discard()
	if got := entries(t, parent); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// An allocation that the system refuses is an error of the program, wherever it comes up.
func TestCannotAllocate(t *testing.T) {
	var out, err bytes.Buffer
	a := &app{out: &out, err: &err, load: func(string, fixtures.Options) (pack, error) {
		return nil, &os.PathError{Op: "mmap", Path: "flows.csv", Err: syscall.ENOMEM}
	}}
	if code := a.run(t.Context(), []string{"run"}); code != codeInternal || !strings.Contains(err.String(), "cannot allocate memory") {
		t.Errorf("exit %d: %s", code, err.String())
	}
}
