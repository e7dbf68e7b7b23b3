package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kuasheng/sim/report/verify"
)

// A run directory is sound; one digit changed gives exit code 11 and its place; what is
// no run directory gives 2.
func TestVerify(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "run")
	ran := call(t, "", "run", "--sample", tiny, "--trace", "1/64", "--out", dir)
	if ran.code != codeOK {
		t.Fatalf("exit %d: %s", ran.code, ran.err)
	}
	_, seal, found := strings.Cut(ran.out, "\nSeal        ")
	if seal = strings.TrimSpace(seal); !found || len(seal) != 64 {
		t.Fatalf("the run prints no seal: %s", ran.out)
	}
	if o := call(t, "", "verify", dir, "--seal", seal); o.code != codeOK || !strings.Contains(o.out, "is sound") || !strings.Contains(o.out, seal) {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	if o := call(t, "", "verify", dir, "--seal", strings.Repeat("0", 64), "--digests"); o.code != codeBreach || !strings.Contains(o.out, "the seal that the run printed") {
		t.Errorf("another seal: exit %d: %s%s", o.code, o.out, o.err)
	}

	name := filepath.Join(dir, "clearing", "calendar.csv")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), "2023-11-21", "2023-11-22", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	const first = `clearing/calendar.csv:2: allocated: want "2023-11-21", got "2023-11-22" (the timetable and the registers)` + "\n"
	if o := call(t, "", "verify", dir); o.code != codeBreach || !strings.HasPrefix(o.out, first) || o.err != "" {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	if o := call(t, "", "verify", dir, "--lang", "zh"); o.code != codeBreach || !strings.HasPrefix(o.out, "clearing/calendar.csv 第 2 行 “allocated”：应为“2023-11-21”，实为“2023-11-22”") {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	o := call(t, "", "verify", dir, "--json")
	var r verify.Report
	if err := json.Unmarshal([]byte(o.out), &r); err != nil || o.code != codeBreach {
		t.Fatalf("exit %d: %v: %s%s", o.code, err, o.out, o.err)
	}
	if len(r.Findings) != 2 || r.Findings[0].Column != "allocated" || r.Findings[0].Line != 2 || r.Findings[1].Column != "sha256" {
		t.Errorf("findings %+v", r.Findings)
	}

	for name, c := range map[string]struct{ dir, want string }{
		"missing":     {filepath.Join(dir, "none"), "no such file or directory"},
		"a file":      {name, "not a directory"},
		"not a run":   {filepath.Join(dir, "clearing"), "it holds no manifest.json"},
		"an argument": {"", ""},
	} {
		if o := call(t, "", "verify", c.dir); o.code != codeUsage || !strings.Contains(o.err, c.want) {
			t.Errorf("%s: exit %d: %s", name, o.code, o.err)
		}
	}
	if o := call(t, "", "verify"); o.code != codeUsage || !strings.Contains(o.err, "one run directory is needed") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

// Ctrl-C ends verify at once, whatever it reads.
func TestVerifyInterrupted(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, err bytes.Buffer
	if code := run(ctx, []string{"verify", dir}, nil, &out, &err); code != codeInterrupted || out.Len() > 0 {
		t.Errorf("exit %d: %s%s", code, out.String(), err.String())
	}
}
