package main

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
	if code := hangUp(dir); code != codeInterrupted {
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
