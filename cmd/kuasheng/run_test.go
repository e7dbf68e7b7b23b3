package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kuasheng/engine/day"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

// tiny is a sample small enough for a test.
const tiny = "1/16384"

// entries lists a folder, hidden files included.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// A run writes a complete directory, whose manifest repeats it to the digest.
func TestRunDirectory(t *testing.T) {
	parent := t.TempDir()
	overlay := filepath.Join(parent, "reform.yaml")
	if err := os.WriteFile(overlay, []byte("title: No drop for referrals\nset:\n  - path: policies.131000.employee.drop_bp.referral\n    value: 0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(parent, "runs", "deep", "first")
	o := call(t, "", "run", "--sample", tiny, "--workers", "2", "--overlay", overlay, "--out", out, "--json")
	if o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if got := entries(t, filepath.Dir(out)); len(got) != 1 || got[0] != "first" {
		t.Errorf("beside the directory: %v", got)
	}
	var printed, written report.Summary
	if err := json.Unmarshal([]byte(o.out), &printed); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != o.out {
		t.Error("--json and summary.json differ")
	}
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	if written.Settlements == 0 || written.TrialBalanceFen != 0 || written.Invariants.Violated != 0 || written.Workers != 2 || report.SampleText(written.Sample) != tiny {
		t.Errorf("summary: %.600s", text)
	}
	var m report.Manifest
	text, err = os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Overlays) != 1 || !strings.Contains(m.Overlays[0].Text, "No drop") {
		t.Errorf("the manifest lacks the overlay's text: %s", text)
	}
	for _, f := range m.Files {
		if s, err := os.Stat(filepath.Join(out, f.Name)); err != nil || s.Size() == 0 {
			t.Errorf("%s: %v", f.Name, err)
		}
	}

	again := call(t, "", append(strings.Fields(m.Repeat)[1:], "--json", "--workers", "1")...)
	var repeated report.Summary
	if err := json.Unmarshal([]byte(again.out), &repeated); err != nil {
		t.Fatalf("%v: %s", err, again.err)
	}
	if repeated.Digest != m.Digest {
		t.Errorf("%s gives the digest %s, not %s", m.Repeat, repeated.Digest, m.Digest)
	}
}

// An empty directory, which may be a mount point, is filled and not replaced.
func TestRunIntoEmptyDirectory(t *testing.T) {
	slow(t)
	out := t.TempDir()
	if o := call(t, "", "run", "--sample", tiny, "--out", out); o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if got := strings.Join(entries(t, out), " "); got != "alerts.csv care certificates clearing ledger manifest.json parameters.json prepayment.csv quotas.csv report.html summary.json top_ups.csv validation.json" {
		t.Errorf("holds %s", got)
	}
}

// What cannot be written is refused before anything is computed, and nothing is
// left behind.
func TestRunRefusesOut(t *testing.T) {
	a := &app{load: loadPack, simulate: func(context.Context, sim.Config) (*sim.Result, error) {
		return nil, errors.New("the run began")
	}}
	full := t.TempDir()
	file := filepath.Join(full, "a file")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ out, want string }{
		"not empty":     {full, "the directory is not empty; nothing was run"},
		"a file":        {file, "not a directory; nothing was run"},
		"below a file":  {filepath.Join(file, "run"), "not a directory; nothing was run"},
		"deep below it": {filepath.Join(file, "some", "run"), "not a directory; nothing was run"},
		"unwritable":    {"/proc/kuasheng/run", "nothing was run"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, err bytes.Buffer
			a.out, a.err = &out, &err
			code := a.run(context.Background(), []string{"run", "--out", c.out})
			if code != codeUsage || !strings.Contains(err.String(), c.want) || strings.Count(err.String(), "\n") != 1 {
				t.Errorf("exit %d, stderr %q", code, err.String())
			}
		})
	}
	if got := entries(t, full); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// A fen planted in one posting ends the run with 11 and names barrier and account.
func TestRunPlantedFen(t *testing.T) {
	parent := t.TempDir()
	o := call(t, "", "run", "--sample", tiny, "--plant-fen", "2024-03:pool.basic", "--out", filepath.Join(parent, "made", "run"))
	if o.code != codeBreach || o.out != "" {
		t.Errorf("exit %d, stdout %q", o.code, o.out)
	}
	for _, want := range []string{"month 2024-03", "account pool.basic", "off by 1 fen", "the books are broken"} {
		if !strings.Contains(o.err, want) {
			t.Errorf("stderr does not say %q: %s", want, o.err)
		}
	}
	if got := entries(t, parent); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// More breaches than a person reads are counted.
func TestRunManyBreaches(t *testing.T) {
	slow(t)
	var out, err bytes.Buffer
	a := &app{out: &out, err: &err, load: loadPack, simulate: func(_ context.Context, cfg sim.Config) (*sim.Result, error) {
		cfg.Workers, cfg.Sample = 1, 16384
		cfg.Plant = &sim.Plant{Month: cfg.World.First, Amount: 1}
		r, e := sim.Run(context.Background(), cfg)
		for range 6 {
			r.Breaches = append(r.Breaches, r.Breaches[:2]...)
		}
		return r, e
	}}
	code := a.run(context.Background(), []string{"run"})
	if code != codeBreach || strings.Count(err.String(), "invariant") != 10 || !strings.Contains(err.String(), "and 4 more") {
		t.Errorf("exit %d, stderr %s", code, err.String())
	}
}

// Ctrl-C half way ends with 130 and leaves nothing.
func TestRunInterrupted(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &trigger{when: []byte("2023-11"), do: cancel}
	var out bytes.Buffer
	code := run(ctx, []string{"run", "--sample", tiny, "--out", filepath.Join(parent, "run")}, nil, &out, stderr)
	if code != codeInterrupted || !strings.HasSuffix(stderr.String(), "kuasheng: interrupted; nothing was kept\n") || out.Len() != 0 {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out.String(), stderr.String())
	}
	if got := entries(t, parent); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// Ctrl-C while files are written leaves nothing either.
func TestRunInterruptedWriting(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	var out, err bytes.Buffer
	a := &app{out: &out, err: &err, load: loadPack, simulate: func(ctx context.Context, cfg sim.Config) (*sim.Result, error) {
		return sim.Run(ctx, cfg)
	}}
	a.load = func(scenario string, o fixtures.Options) (pack, error) {
		p, err := loadPack(scenario, o)
		return cancelling{p, cancel}, err
	}
	code := a.run(ctx, []string{"run", "--sample", tiny, "--out", filepath.Join(parent, "run")})
	if code != codeInterrupted {
		t.Errorf("exit %d, stderr %q", code, err.String())
	}
	if got := entries(t, parent); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// What is in its place when Ctrl-C comes was kept, and is not said to be lost.
func TestInterruptedInPlace(t *testing.T) {
	slow(t)
	for _, args := range [][]string{
		{"run"}, {"compare", defaultScenario, "null"}, {"stress", "--late", "0", "--down", "0"}, {"stress", "--search", "delay", "--domain", "0..10/10"},
	} {
		parent := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		var out, err bytes.Buffer
		a := newApp(nil, &out, &err)
		a.simulate = func(ctx context.Context, cfg sim.Config) (*sim.Result, error) {
			a.unfinished.dirs[0].sync = func(string) error {
				if entries(t, parent)[0] == "kept" {
					cancel()
				}
				return nil
			}
			return sim.Run(ctx, cfg)
		}
		code := a.command(ctx, append(args, "--sample", tiny, "--out", filepath.Join(parent, "kept")))
		if code != codeOK || ctx.Err() == nil || out.Len() == 0 || strings.Contains(err.String(), "interrupted") {
			t.Errorf("%v: exit %d, stdout %.100q, stderr %q", args, code, out.String(), err.String())
		}
		if got := strings.Join(entries(t, parent), " "); got != "kept" {
			t.Errorf("%v: there is %s", args, got)
		}
	}
}

// cancelling ends the context when the manifest is being made, after the run and
// before any file.
type cancelling struct {
	pack
	cancel func()
}

func (c cancelling) Digest() string {
	c.cancel()
	return c.pack.Digest()
}

// Where the directory cannot be finished, the summary is printed all the same.
func TestRunCannotKeep(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	var out, err bytes.Buffer
	a := &app{out: &out, err: &err, load: loadPack, simulate: func(ctx context.Context, cfg sim.Config) (*sim.Result, error) {
		// Something else takes the place while the run goes on.
		if e := os.Mkdir(filepath.Join(parent, "run"), 0o755); e != nil {
			t.Error(e)
		}
		if e := os.WriteFile(filepath.Join(parent, "run", "other"), nil, 0o644); e != nil {
			t.Error(e)
		}
		return sim.Run(ctx, cfg)
	}}
	code := a.run(context.Background(), []string{"run", "--sample", tiny, "--out", filepath.Join(parent, "run")})
	if code != codeUsage || !strings.Contains(err.String(), "was not written") || !strings.Contains(out.String(), "synthetic population") {
		t.Errorf("exit %d, stdout %.100q, stderr %q", code, out.String(), err.String())
	}
	if got := entries(t, parent); len(got) != 1 || got[0] != "run" {
		t.Errorf("left behind: %v", got)
	}
}

// Input that cannot be run is the caller's, any other failure ours.
func TestRunErrors(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	for want, failure := range map[int]error{
		codeUsage:    fmt.Errorf("run: %w", &sim.WorldError{World: "small", Err: errors.New("leaves nobody")}),
		codeInternal: errors.New("leaves nobody"),
	} {
		var out, err bytes.Buffer
		a := &app{out: &out, err: &err, load: loadPack, simulate: func(context.Context, sim.Config) (*sim.Result, error) { return nil, failure }}
		code := a.run(context.Background(), []string{"run", "--out", filepath.Join(parent, "run")})
		if code != want || !strings.Contains(err.String(), "leaves nobody") || out.Len() > 0 {
			t.Errorf("exit %d, want %d; stderr %q", code, want, err.String())
		}
	}
	if got := entries(t, parent); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// An overlay from a pipe, which can be read but once, is laid over the pack and
// stands in the manifest; a fault in it names what the user named.
func TestRunOverlayFromPipe(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("no /dev/fd here")
	}
	pipe := func(text string) string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Close() })
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("/dev/fd/%d", r.Fd())
	}
	const reform = "set:\n  - path: policies.131000.employee.drop_bp.referral\n    value: 0\n"
	t.Setenv("TMPDIR", t.TempDir())
	out := filepath.Join(t.TempDir(), "run")
	name := pipe(reform)
	o := call(t, "", "run", "--sample", tiny, "--overlay", name, "--out", out)
	if o.code != codeOK || !strings.Contains(o.out, "with: overlay "+name+"\n") {
		t.Fatalf("exit %d: %s%s", o.code, o.out, o.err)
	}
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m report.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Overlays) != 1 || m.Overlays[0] != (report.Overlay{File: name, Text: reform}) {
		t.Errorf("overlays %+v", m.Overlays)
	}
	// The data are those of the same overlay as a file.
	file := filepath.Join(t.TempDir(), "reform.yaml")
	if err := os.WriteFile(file, []byte(reform), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := loadPack(defaultScenario, fixtures.Options{Overlays: []string{file}})
	if err != nil || p.Digest() != m.DataDigest {
		t.Errorf("data digest %s, %v", m.DataDigest, err)
	}
	// Both sides of a comparison have it.
	out, name = filepath.Join(t.TempDir(), "compared"), pipe(reform)
	if o := call(t, "", "compare", defaultScenario, "null", "--sample", tiny, "--overlay", name, "--out", out); o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if text, err = os.ReadFile(filepath.Join(out, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	var x experimentManifest
	if err := json.Unmarshal(text, &x); err != nil {
		t.Fatal(err)
	}
	for _, arm := range x.Arms {
		if len(arm.Overlays) == 0 || arm.Overlays[0] != (report.Overlay{File: name, Text: reform}) {
			t.Errorf("%s: overlays %+v", arm.Name, arm.Overlays)
		}
	}
	name = pipe("set:\n  - pth: x\n")
	if o := call(t, "", "doctor", "--overlay", name); o.code != codeUsage || !strings.Contains(o.err, name+":2:") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	if got := entries(t, os.Getenv("TMPDIR")); got != nil {
		t.Errorf("left behind: %v", got)
	}
}

// A standard output that is full is told.
func TestRunFullStandardOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	var stderr bytes.Buffer
	code := run(context.Background(), []string{"version"}, nil, full, &stderr)
	if code != codeUsage || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit %d, stderr %q", code, stderr.String())
	}
}

// The summary fits one screen in both languages, on a terminal of 80 columns too.
func TestRunOneScreen(t *testing.T) {
	slow(t)
	for terminal, most := range map[int]int{0: 100, 80: 80} {
		for _, lang := range []string{"en", "zh"} {
			var out, errs bytes.Buffer
			a := newApp(strings.NewReader(""), &out, &errs)
			a.columns = terminal
			if code := a.run(t.Context(), []string{"run", "--sample", tiny, "--lang", lang}); code != codeOK {
				t.Fatalf("exit %d: %s", code, &errs)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if len(lines) > 42 {
				t.Errorf("%s: %d lines", lang, len(lines))
			}
			for _, line := range lines {
				if w := report.Width(line); w > most {
					t.Errorf("%s: %d of %d columns: %s", lang, w, most, line)
				}
			}
		}
	}
}

// The terminal's line tells month, share, speed and time left.
func TestProgressLine(t *testing.T) {
	s := sim.Progress{Month: day.MonthOf(2024, 3), Done: 25, Total: 100, Settled: 30_000_000}
	if got, want := line(s, 10*time.Second), "2024-03   25 %  3.0 M settlements/s  30s left"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s.Done = 100
	if got, want := line(s, 40*time.Second), "2024-03  100 %  0.8 M settlements/s"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The line stays below the width of a narrow terminal, since a full one wraps.
func TestProgressLineFits(t *testing.T) {
	const text = "2024-03   25 %  3.0 M settlements/s"
	for columns, want := range map[int]string{0: text, 80: text, len(text) + 1: text, 20: "2024-03   25 %  3.…", 1: "…"} {
		if got := fitted(text, columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
}

func TestShellQuoted(t *testing.T) {
	for word, want := range map[string]string{"": "''", "plain-1/64": "plain-1/64", "a b": "'a b'", "policies.*.x=1": "'policies.*.x=1'", "it's": `'it'\''s'`} {
		if got := shellQuoted(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
}

// Bad data end with 2 and say where, with a caret, for every command that reads
// a pack; nothing is written.
func TestBadData(t *testing.T) {
	slow(t)
	parent := t.TempDir()
	// broken copies the pack and changes one file of it.
	broken := func(file string, change func(text string) string) string {
		dir := filepath.Join(t.TempDir(), "pack")
		if err := os.CopyFS(dir, os.DirFS("../../fixtures/data/national-2024")); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, file)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(string(text))
		if changed == string(text) {
			t.Fatalf("%s is not changed", file)
		}
		if err := os.WriteFile(name, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	overlay := filepath.Join(parent, "reform.yaml")
	if err := os.WriteFile(overlay, []byte("set:\n  - path: policies.131000.employee.drop_bp.referral\n    valeu: 0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"ratio of 10500 basis points": {[]string{"--set", "policies.131000.employee.drop_bp.referral=10500"}, []string{"10500", "^"}},
		"unknown path":                {[]string{"--set", "policies.131000.employee.drop_pb.referral=0"}, []string{"drop_pb", "^"}},
		"unknown key in an overlay":   {[]string{"--overlay", overlay}, []string{"reform.yaml:3:", "valeu", "^"}},
		"unknown key in a pack": {[]string{"--data", broken("costs.yaml", func(s string) string { return s + "\ncolour: 1\n" })},
			[]string{"costs.yaml:", "colour", "^"}},
		"truncated file": {[]string{"--data", broken("flows.csv", func(s string) string { return s[:len(s)/2] })},
			[]string{"flows.csv"}},
		"no date": {[]string{"--data", broken("policies/131000.yaml", func(s string) string { return strings.Replace(s, "  - from: 2021-01\n    ", "  - ", 1) })},
			[]string{"policies/131000.yaml:", "from", "^"}},
		"dates not covered": {[]string{"--data", broken("catalogues.yaml", func(s string) string { return strings.ReplaceAll(s, "from: 2021-01", "from: 2022-06") })},
			[]string{"catalogues.yaml", "2021-01 to 2022-05"}},
		"no such folder": {[]string{"--data", filepath.Join(parent, "nowhere")}, []string{"nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(parent, "out")
			o := call(t, "", append([]string{"run", "--sample", tiny, "--out", out}, c.args...)...)
			if o.code != codeUsage || o.out != "" || !strings.HasPrefix(o.err, "kuasheng: ") {
				t.Errorf("exit %d, stdout %q, stderr %q", o.code, o.out, o.err)
			}
			for _, want := range c.want {
				if !strings.Contains(o.err, want) {
					t.Errorf("stderr does not say %q: %s", want, o.err)
				}
			}
			if got := entries(t, parent); len(got) != 1 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}
