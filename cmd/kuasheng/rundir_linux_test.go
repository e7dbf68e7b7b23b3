package main

import (
	"strings"
	"syscall"
	"testing"
)

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
