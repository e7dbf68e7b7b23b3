//go:build unix

package verify_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kuasheng/sim/report/verify"
)

// What is no regular file of the directory is found and never opened: a pipe would wait for
// ever, a link show a file from elsewhere.
func TestSpecialFiles(t *testing.T) {
	files := aRun(t, 2, 1, 8)
	outside := filepath.Join(t.TempDir(), "alerts.csv")
	if err := os.WriteFile(outside, files["alerts.csv"].Data, 0o644); err != nil {
		t.Fatal(err)
	}
	for what, put := range map[string]func(name string) error{
		"a symbolic link": func(name string) error { return os.Symlink(outside, name) },
		"a named pipe":    func(name string) error { return syscall.Mkfifo(name, 0o644) },
		"a socket": func(name string) error {
			l, err := net.Listen("unix", name)
			if err == nil {
				t.Cleanup(func() { _ = l.Close() })
			}
			return err
		},
		"a device": func(name string) error { return syscall.Mknod(name, syscall.S_IFCHR|0o644, 1<<8|3) },
	} {
		for _, name := range []string{"alerts.csv", "report.html", "manifest.json", "certificates/seal.json", "further", "clearing"} {
			dir := t.TempDir()
			if err := os.CopyFS(dir, files); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if err := put(filepath.Join(dir, name)); err != nil {
				t.Logf("%s: %v", what, err) // only root makes devices
				continue
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			r, err := verify.Verify(root.FS(), verify.Options{})
			if err != nil {
				t.Fatalf("%s as %s: %v", name, what, err)
			}
			if r.Sound() || r.Findings[0].File != name || r.Findings[0].Got != what || !strings.Contains(r.Findings[0].Rule, "regular files") {
				t.Errorf("%s as %s: found %+v", name, what, r.Findings[:min(1, len(r.Findings))])
			}
		}
	}
}
