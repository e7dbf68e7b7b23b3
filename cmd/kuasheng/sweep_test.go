package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
)

const smallSweep = `
title: A trial
sample: 1/16384
outputs: [funds_fen, direct_rate_bp]
designs:
  - grid:
      - {path: policies.*.*.drop_bp.other_temporary, months: 2023-01.., values: [0, 2000]}
      - {path: behavior.claim_by_hand_bp.inpatient, values: [1000, 11000]}
`

func experimentApp(t *testing.T, simulate func(context.Context, sim.Config) (*sim.Result, error)) (*app, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sweep.yaml", []byte(smallSweep), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	return &app{in: strings.NewReader(""), out: &out, err: &errs, load: loadPack, simulate: simulate}, &out, &errs
}

// TestSweepSurvives: whatever row a sweep was interrupted after, and even in the
// middle of writing one, it goes on and ends with the same table; failures are rows, and
// it says so.
func TestSweepSurvives(t *testing.T) {
	a, out, errs := experimentApp(t, sim.Run)
	if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "whole.csv"}); code != codeUsage || !strings.Contains(errs.String(), "2 of 4 rows failed; whole.csv holds their errors") {
		t.Fatal(code, errs)
	}
	whole, err := os.ReadFile("whole.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.SplitAfter(string(whole), "\n")
	if len(rows) != 6 || strings.Count(string(whole), ",failed,") != 2 || strings.Count(string(whole), ",done,") != 2 || !strings.Contains(string(whole), "11000 is outside 0 to 10000") {
		t.Fatalf("%s", whole)
	}
	if !strings.Contains(out.String(), "4 rows in whole.csv, 2 failed") || !strings.Contains(out.String(), "11000 is outside 0 to 10000") || !strings.Contains(out.String(), "What follows is of the other rows alone") || !strings.Contains(out.String(), "synthetic") {
		t.Errorf("%s", out)
	}
	for _, rest := range []string{".curves.csv", ".manifest.json", ".html"} {
		if _, err := os.Stat("whole" + rest); err != nil {
			t.Error(err)
		}
	}
	for kept := 1; kept < 5; kept++ {
		part := strings.Join(rows[:kept], "") + rows[kept][:len(rows[kept])/2] // torn
		if err := os.WriteFile("part.csv", []byte(part), 0o644); err != nil {
			t.Fatal(err)
		}
		if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "part.csv"}); code != codeUsage {
			t.Fatal(code, errs)
		}
		if got, _ := os.ReadFile("part.csv"); string(got) != string(whole) {
			t.Errorf("torn after %d rows:\n%s", kept, got)
		}
	}
	// Ctrl-C during a run: the row before is there, the one in hand is not.
	ctx, stop := context.WithCancel(context.Background())
	ran := 0
	a.simulate = func(c context.Context, config sim.Config) (*sim.Result, error) {
		if ran++; ran == 2 {
			stop()
		}
		return sim.Run(c, config)
	}
	if code := a.run(ctx, []string{"sweep", "sweep.yaml", "--table", "stopped.csv"}); code != codeInterrupted {
		t.Errorf("exit %d", code)
	}
	if got, _ := os.ReadFile("stopped.csv"); string(got) != strings.Join(rows[:3], "") {
		t.Errorf("stopped:\n%s", got)
	}
	if !strings.Contains(errs.String(), "stopped.csv has 2 of 4 rows, start again to go on") {
		t.Error(errs)
	}
	if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "stopped.csv"}); code != codeUsage {
		t.Fatal(code, errs)
	}
	if got, _ := os.ReadFile("stopped.csv"); string(got) != string(whole) {
		t.Errorf("resumed:\n%s", got)
	}
	// --at-most goes on another time.
	for range 4 {
		if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "steps.csv", "--at-most", "1"}); code != codeOK && code != codeUsage {
			t.Fatal(code, errs)
		}
	}
	if got, _ := os.ReadFile("steps.csv"); string(got) != string(whole) {
		t.Errorf("step by step:\n%s", got)
	}
	// Another sweep's table is refused, not mixed.
	other := strings.Replace(smallSweep, "direct_rate_bp", "refused", 1)
	if err := os.WriteFile("sweep.yaml", []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	errs.Reset()
	if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "whole.csv"}); code != codeUsage || !strings.Contains(errs.String(), "the table of another sweep") {
		t.Error(code, errs)
	}
}

// TestSweepFails: a sweep of which every row failed says why and shows no influence; books
// that are broken are no row but end it.
func TestSweepFails(t *testing.T) {
	a, out, errs := experimentApp(t, sim.Run)
	sound := strings.Replace(smallSweep, "[1000, 11000]", "[1000]", 1)
	failing := strings.Replace(smallSweep, "[1000, 11000]", "[11000, 12000]", 1)
	for _, text := range []string{sound, failing} {
		want := codeOK
		if text == failing {
			want = codeUsage
		}
		if err := os.WriteFile("sweep.yaml", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, lang := range []string{"en", "zh"} {
			out.Reset()
			errs.Reset()
			code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", lang + strconv.Itoa(want) + ".csv", "--lang", lang})
			if failed := strings.Contains(out.String(), "11000 is outside 0 to 10000") && strings.Contains(out.String(), "12000 is outside") && strings.Contains(errs.String(), "4 of 4 rows failed"); code != want || failed != (want != codeOK) {
				t.Errorf("%s: exit %d\n%s%s", lang, code, out, errs)
			}
		}
	}
	if err := os.WriteFile("sweep.yaml", []byte(failing), 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "failing.csv", "--json"}); code != codeUsage {
		t.Error(code, errs)
	}
	var result sweepResult
	if err := json.Unmarshal(out.Bytes(), &result); err != nil || result.Version == 0 || result.Failed != 4 || len(result.Failures) != 2 || result.Failures[0].Rows != 2 || result.Influences == nil {
		t.Errorf("%v\n%s", err, out)
	}
	a.simulate = func(c context.Context, config sim.Config) (*sim.Result, error) {
		config.Plant = &sim.Plant{Month: config.World.First + 5, Account: engine.PoolBasic, Amount: 1}
		return sim.Run(c, config)
	}
	if err := os.WriteFile("sweep.yaml", []byte(sound), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := a.run(context.Background(), []string{"sweep", "sweep.yaml", "--table", "broken.csv"}); code != codeBreach {
		t.Errorf("broken books give exit %d: %s", code, errs)
	}
}

// TestCompareWrites: compare prints tables that fit a terminal of 80 columns, and 100
// where there is none, writes a directory, and names what it does not know.
func TestCompareWrites(t *testing.T) {
	a, out, errs := experimentApp(t, sim.Run)
	for lang, terminal := range map[string]int{"en": 80, "zh": 0} {
		out.Reset()
		a.columns = terminal
		if code := a.run(context.Background(), []string{"compare", "national-2024+law-2019", "drop-5-points-less", "null", "--sample", "1/4096", "--replications", "2", "--lang", lang, "--out", lang}); code != codeOK {
			t.Fatal(code, errs)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if w := width(line); w > cmp.Or(terminal, 100) {
				t.Errorf("%d columns: %s", w, line)
			}
		}
		if want := map[string]string{"en": "every difference is exactly zero", "zh": "所有差异恰为零"}[lang]; !strings.Contains(out.String(), want) {
			t.Errorf("%s", out)
		}
	}
	a.columns = 0
	var c experiment.Comparison
	text, err := os.ReadFile(filepath.Join("en", "comparison.json"))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil || len(c.Reforms) != 2 || len(c.Seeds) != 2 || !c.Reforms[1].Unchanged {
		t.Errorf("%v, %+v", err, c.Seeds)
	}
	manifest, _ := os.ReadFile(filepath.Join("en", "manifest.json"))
	for _, want := range []string{`"kuasheng compare national-2024+law-2019 drop-5-points-less null --seed 2024 --sample 1/4096 --replications 2"`, `"file": "drop-5-points-less"`, `"data_digest"`} {
		if !strings.Contains(string(manifest), want) {
			t.Errorf("the manifest lacks %s", want)
		}
	}
	for args, want := range map[string]string{
		"compare national-2024":                             "wants a base and at least one reform",
		"compare national-2024 nonesuch":                    "nonesuch: no such reform or file; kuasheng scenarios lists the reforms",
		"compare nowhere null":                              "nowhere: no such scenario, reform or file",
		"compare national-2024 null+":                       "an empty name",
		"compare national-2024+no-drop drop-5-points-less":  "two overlays set policies.*.*.drop_bp.other_temporary",
		"compare national-2024 null --replications none":    "neither auto nor a number",
		"stress --search depth":                             "none of multiple, surge, delay",
		"stress --bound 5%":                                 "belong to --search",
		"stress --months 2025-01..2025-02 --sample 1/16384": "not within the measured months",
		"stress --search delay --domain 5..1/1":             "it ends before it begins",
		"stress --search surge --domain 5..1":               "not LOW..HIGH/STEP in shares",
		"stress --late x":                                   "--late x: not a whole number",
		"stress --surge 3000":                               "3000 basis points are 30%",
		"compare national-2024 prepaymnet-150":              `did you mean "prepayment-150"?`,
		"sweep":                                             "sweep wants one file",
		"sweep none.yaml":                                   "none.yaml: no such file or directory",
	} {
		errs.Reset()
		if code := a.run(context.Background(), strings.Fields(args)); code != codeUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: exit %d, want %q in\n%s", args, code, want, errs)
		}
	}
}

// width is how many columns a line takes.
func width(line string) int { return report.Width(line) }

// TestStressPrints: stress and its search fit a terminal of 80 columns and write tables.
func TestStressPrints(t *testing.T) {
	a, out, errs := experimentApp(t, sim.Run)
	a.columns = 80
	for _, args := range []string{
		"stress --sample 1/16384 --out ranked", "stress --sample 1/16384 --lang zh --late 0",
		"stress --sample 1/16384 --search multiple --bound 7% --domain 50%..300%/50% --replications 2 --out searched", "stress --sample 1/16384 --search delay --lang zh --domain 0..20/10",
		"stress --sample 1/16384 --json --surge 0",
	} {
		out.Reset()
		if code := a.run(context.Background(), strings.Fields(args)); code != codeOK {
			t.Fatalf("%s: exit %d\n%s", args, code, errs)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if w := width(line); w > 80 && !strings.Contains(args, "json") {
				t.Errorf("%s: %d columns: %s", args, w, line)
			}
		}
	}
	for _, file := range []string{"ranked/scenarios.csv", "ranked/pairs.csv", "ranked/stress.json", "ranked/manifest.json", "ranked/report.html", "searched/report.html", "searched/tried.csv", "searched/search.json"} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}
