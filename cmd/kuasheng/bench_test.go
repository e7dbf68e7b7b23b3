package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/pflag"

	"kuasheng/bench"
	benchreport "kuasheng/bench/report"
	"kuasheng/bench/service"
	"kuasheng/fixtures"
	sreport "kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// tinyLoad is a load that takes no time, with the limits on the machine off: nothing
// here depends on how fast or how quiet it is.
var tinyLoad = []string{
	"--bills", "20000", "--remember", "12", "--warm-up", "0s", "--warm-up-operations", "0", "--limit-lag", "24h", "--limit-offered", "0", "--limit-noise", "1000",
}

// embedded is the embedded pack, loaded once.
var embedded = sync.OnceValues(func() (pack, error) { return loadPack(defaultScenario, fixtures.Options{}) })

func callBench(t *testing.T, args ...string) outcome {
	t.Helper()
	return callBenchUnder(t.Context(), args...)
}

func callBenchUnder(ctx context.Context, args ...string) outcome {
	var out, says bytes.Buffer
	a := &app{
		in: strings.NewReader(""), out: &out, err: &says, turns: bench.StartTurns,
		load: func(string, fixtures.Options) (pack, error) { return embedded() },
	}
	code := a.run(ctx, slices.Concat([]string{"bench"}, args))
	return outcome{code, out.String(), says.String()}
}

// Every gate, seen failing with its exit code.
func TestBenchGates(t *testing.T) {
	slow(t)
	closed := slices.Concat([]string{"run", "--max", "--operations", "5000"}, tinyLoad)
	open := slices.Concat([]string{"run", "--rate", "100000", "--for", "50ms"}, tinyLoad)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"pass":            {closed, 0, "PASS"},
		"open loop":       {open, 0, "PASS"},
		"planted fen":     {append(slices.Clone(closed), "--plant-fen", "1"), 11, "drift 1 fen"},
		"slow engine":     {append(slices.Clone(closed), "--slo", "response.p99<1ns"), 10, "response.p99<1ns: it was"},
		"low throughput":  {append(slices.Clone(closed), "--slo", "throughput>1e15"), 10, "throughput>1e15: it was"},
		"late generator":  {append(slices.Clone(open), "--limit-lag", "1ns"), 20, "the generator was"},
		"few samples":     {append(slices.Clone(closed), "--slo", "response.p99.999<1h"), 21, "samples, it takes 1000000 to tell"},
		"nothing":         {append(slices.Clone(closed), "--warm-up-operations", "5000"), 20, "nothing was measured"},
		"fen before slow": {append(slices.Clone(closed), "--slo", "response.p99<1ns", "--plant-fen", "-3"), 11, "drift 3 fen"},
		"unproven":        {append(slices.Clone(closed), "--plant-fen", "1", "--no-proof"), 0, "NOT proven"},
	} {
		if o := callBench(t, c.args...); o.code != c.code || !strings.Contains(o.out, c.says) {
			t.Errorf("%s: exit %d, want %d with %q:\n%s%s", name, o.code, c.code, c.says, o.out, o.err)
		}
	}
}

// A run directory is whole, its result names the load in full, and evidence is kept
// where an objective was missed.
func TestBenchRunDirectory(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "deep", "run")
	history := filepath.Join(t.TempDir(), "history.ndjson")
	args := slices.Concat([]string{"run", "--max", "--operations", "20000", "--slo", "response.p50<1ns", "--out", dir, "--history", history}, tinyLoad)
	if o := callBench(t, args...); o.code != 10 {
		t.Fatalf("exit %d: %s%s", o.code, o.out, o.err)
	}
	for _, name := range []string{"result.json", "summary.md", "bench.txt", "response.hgrm", "latency.hlog", "report.html", "manifest.json", "evidence.trace", "evidence.cpu.pprof"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	body, err := os.ReadFile(filepath.Join(dir, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Result
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	p, _ := bench.FindProfile("peak-monday")
	if r.Profile.Mix != p.Mix || r.Profile.Bills != 20_000 || r.Profile.Weekday != "monday" || r.ExitCode != 10 || r.Verdict != bench.MissedSLO || r.LatePolicy == "" ||
		r.ScheduleDigest == "" || r.Calibration.Before.KernelNS == 0 || r.Calibration.After.KernelNS == 0 {
		t.Errorf("%+v", r)
	}
	// The same again is refused as a directory, and appended to the history.
	if o := callBench(t, args...); o.code != codeUsage || !strings.Contains(o.err, "not empty") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	if o := callBench(t, slices.Concat([]string{"run", "--max", "--operations", "5000", "--history", history}, tinyLoad)...); o.code != 0 {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	lines, err := os.ReadFile(history)
	if err != nil || bytes.Count(lines, []byte("\n")) != 2 {
		t.Errorf("%d lines of history, %v", bytes.Count(lines, []byte("\n")), err)
	}
}

func TestBenchInterrupted(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := callBenchUnder(ctx, slices.Concat([]string{"run", "--rate", "100", "--for", "1h", "--out", dir}, tinyLoad)...)
	if _, err := os.Stat(dir); o.code != codeInterrupted || o.out != "" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("exit %d, %q, %q, directory: %v", o.code, o.out, o.err, err)
	}
}

// Wrong usage is told, all faults at once.
func TestBenchUsage(t *testing.T) {
	times := filepath.Join(t.TempDir(), "times.csv")
	if err := os.WriteFile(times, []byte("at_ns\n5\n4\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"no such profile\n", []string{"run", "--profile", "slow-tuesday"}},
		{`no such profile; did you mean "peak-monday"?`, []string{"run", "--profile", "peak_mondy"}},
		{"only one makes sense", []string{"run", "--max", "--rate", "5"}},
		{"not two rates", []string{"run", "--ramp", "5"}},
		{"--batch 0: not from 1", []string{"run", "--batch", "0", "--late", "never"}},
		{"--late never: neither", []string{"run", "--batch", "0", "--late", "never"}},
		{"none of memory, log, fsync", []string{"run", "--durability", "paper"}},
		{"is about a log", []string{"run", "--unchained"}},
		{"no < or >", []string{"run", "--slo", "fast", "--slo", "response.p99<1"}},
		{"no duration", []string{"run", "--slo", "fast", "--slo", "response.p99<1"}},
		{"or without --max", []string{"run", "--operations", "5"}},
		{"times.csv:3: the time lies before", []string{"run", "--replay", times}},
		{`times.csv:4: "x" is no number`, []string{"run", "--replay", times}},
		{"no such file", []string{"run", "--replay", times + ".no"}},
		{"two outputs", []string{"run", "--json", "--gobench"}},
		{"a scenario and --data", []string{"run", "national-2024", "--data", "x"}},
		{"compare takes a base and a head, not 1", []string{"compare", "HEAD"}},
		{"neither a program nor a folder nor a revision", []string{"compare", "no-such-thing", "HEAD"}},
		{"--rounds 0", []string{"compare", "a", "b", "--rounds", "0"}},
		{"no such metric", []string{"compare", "a", "b", "--metric", "beauty"}},
		{`no such metric; did you mean "ns_per_settlement"?`, []string{"compare", "a", "b", "--metric", "ns-per-settlment"}},
		{"--alpha 2: 200% is not within 0% to 100%", []string{"compare", "a", "b", "--alpha", "2"}},
		{"--min-effect 0%: not between 0% and 100%", []string{"compare", "a", "b", "--min-effect", "0"}},
		{"needs an objective", []string{"capacity"}},
		{"--precision 0.49%: less than 0.5%", []string{"capacity", "--slo", "response.p99<1ms", "--precision", "0.0049"}},
		{"--rounds 1: not from 2", []string{"calibrate", "--rounds", "1"}},
		{"--plant-slow fast: not a share such as 3% or 0.03", []string{"compare", "a", "b", "--plant-slow", "fast"}},
		{"--min-effect 3x: not a share such as 3% or 0.03", []string{"compare", "a", "b", "--min-effect", "3x"}},
		{"--most-noise x: not a share such as 3% or 0.03", []string{"compare", "a", "b", "--most-noise", "x"}},
		{"--precision x: not a share such as 3% or 0.03", []string{"capacity", "--precision", "x"}},
		{"--limit-noise x: not a share such as 3% or 0.03", []string{"run", "--limit-noise", "x"}},
		{"--limit-noise x: not a share such as 3% or 0.03", []string{"prices", "--limit-noise", "x"}},
		{"--limit-offered 1.2: 120% is not within 0% to 100%", []string{"run", "--limit-offered", "1.2"}},
		{"is about a log", []string{"run", "--keep-log", "x"}},
		{"one log is needed", []string{"log"}},
		{"no such file", []string{"log", times + ".no"}},
		{"--lines 99: not from 0", []string{"prices", "--lines", "99"}},
		{"--remember 3: not from 4", []string{"prices", "--remember", "3"}},
		{"unknown command", []string{"race"}},
	} {
		if o := callBench(t, c.args...); o.code != codeUsage || !strings.Contains(o.err, c.want) || o.out != "" {
			t.Errorf("%q: exit %d, %q%q, want %q", c.args, o.code, o.out, o.err, c.want)
		}
	}
}

// Every flag that is a share is typed as 3% or as 0.03.
func TestBenchShares(t *testing.T) {
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, load: loadPack}
	shares := 0
	for _, c := range a.benchCommand().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if name, _ := pflag.UnquoteUsage(f); name != "SHARE" {
				return
			}
			shares++
			for _, typed := range []string{"3%", "0.03"} {
				if err := f.Value.Set(typed); err != nil || f.Value.String() != "3%" {
					t.Errorf("%s --%s %s is %s, %v", c.Name(), f.Name, typed, f.Value, err)
				}
			}
		})
	}
	if shares < 10 {
		t.Errorf("%d flags are shares", shares)
	}
}

func TestBenchHelp(t *testing.T) {
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, load: loadPack}
	for _, c := range a.benchCommand().Commands() {
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, "kuasheng bench "+c.Name()) {
			t.Errorf("%s lacks help or an example", c.Name())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Example) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 85 {
				t.Errorf("%s: a line of %d characters: %s", c.Name(), n, line)
			}
		}
	}
}

// turner is a build that is not run.
type turner func() *bench.Result

func (t turner) Ready(context.Context) error                 { return nil }
func (t turner) Next(context.Context) (*bench.Result, error) { return t(), nil }
func (t turner) Close() error                                { return nil }

// compared calls bench compare on two programs that are never run: turns answers for
// them, ns nanoseconds for a settlement.
func compared(t *testing.T, change func(program string, r *bench.Result), args ...string) outcome {
	t.Helper()
	dir := t.TempDir()
	programs := []string{filepath.Join(dir, "base"), filepath.Join(dir, "head")}
	for _, p := range programs {
		if err := os.WriteFile(p, []byte(p), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	var out, says bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &says, load: loadPack, turns: func(_ context.Context, program string, args []string) (bench.Turner, error) {
		planted := 0.0
		if i := slices.Index(args, "--plant-slow"); i >= 0 {
			v := shareFlag{most: mostSlow}
			if err := v.Set(args[i+1]); err != nil {
				return nil, err
			}
			planted = v.float()
		}
		return turner(func() *bench.Result {
			n++
			r := &bench.Result{Version: bench.ResultVersion, ScheduleDigest: "s", Settlements: 1_000_000, WallNS: 300_000_000 + int64(n*7919%1000)*1000, Profile: bench.Profile{Arrivals: bench.ArriveMax}}
			r.WriterNS, r.Service.PlantedSlow = (300+float64(n*7919%1000)/1000)*(1+planted), planted
			if !slices.Contains(args, "--no-proof") {
				r.Proof = bench.Proof{Proven: true, StateDigest: "d"}
			}
			change(filepath.Base(program), r)
			return r
		}), nil
	}}
	code := a.run(t.Context(), slices.Concat([]string{"bench", "compare", programs[0], programs[1]}, args))
	return outcome{code, out.String(), says.String()}
}

func TestBenchCompareGates(t *testing.T) {
	same := func(string, *bench.Result) {}
	ofHead := func(change func(*bench.Result)) func(string, *bench.Result) {
		return func(program string, r *bench.Result) {
			if program == "head" {
				change(r)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(string, *bench.Result)
		args   []string
		code   int
		says   string
	}{
		"equal":            {same, nil, 0, "PASS"},
		"five per cent":    {ofHead(func(r *bench.Result) { r.WriterNS *= 1.05 }), nil, 12, "REGRESSION"},
		"by another":       {ofHead(func(r *bench.Result) { r.WallNS += r.WallNS / 20 }), []string{"--metric", "ns_per_settlement"}, 12, "REGRESSION"},
		"planted":          {same, []string{"--plant-slow", "5%"}, 12, "worked 5 % longer on purpose"},
		"faster":           {ofHead(func(r *bench.Result) { r.WriterNS *= 0.95 }), nil, 0, "PASS"},
		"an older head":    {ofHead(func(r *bench.Result) { r.WriterNS = 0; r.WallNS += r.WallNS / 20 }), nil, 12, "ns_per_settlement"},
		"a metric missing": {ofHead(func(r *bench.Result) { r.WriterNS = 0 }), []string{"--metric", "writer_ns_per_operation"}, 2, ""},
		"another state":    {ofHead(func(r *bench.Result) { r.Proof.StateDigest = "e" }), nil, 11, "lead to the state e"},
		"another schedule": {ofHead(func(r *bench.Result) { r.ScheduleDigest = "e" }), nil, 20, "were not asked the same"},
		"too few rounds":   {same, []string{"--rounds", "2"}, 21, "2 rounds can give no p below"},
		"zh":               {same, []string{"--lang", "zh"}, 0, "通过"},
	} {
		if o := compared(t, c.change, c.args...); o.code != c.code || !strings.Contains(o.out, c.says) {
			t.Errorf("%s: exit %d, want %d with %q:\n%s%s", name, o.code, c.code, c.says, o.out, o.err)
		}
	}
	dir := filepath.Join(t.TempDir(), "compared")
	if o := compared(t, same, "--out", dir, "--json"); o.code != 0 || !json.Valid([]byte(o.out)) {
		t.Errorf("exit %d: %s", o.code, o.out)
	}
	for _, name := range []string{"manifest.json", "compare.md", "base.txt", "head.txt"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Revisions are built in work trees of their own, which are gone afterwards.
func TestBenchCompareBuildsRevisions(t *testing.T) {
	slow(t)
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	repo := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		c.Dir = repo
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if err := os.MkdirAll(filepath.Join(repo, "cmd", "kuasheng"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(repo, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write("go.mod", "module kuasheng\n\ngo 1.26\n")
	for _, ns := range []string{"300", "330"} {
		write("cmd/kuasheng/main.go", `package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	fmt.Println()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println("{\"version\":1,\"verdict\":\"pass\",\"wall_ns\":`+ns+`000000,\"settlements\":1000000,\"schedule_digest\":\"s\",\"profile\":{\"arrivals\":\"max\"}}")
	}
}
`)
		git("add", ".")
		git("commit", "-q", "-m", ns)
	}
	t.Chdir(repo)
	if o := callBench(t, "compare", "HEAD~1", "HEAD", "--rounds", "5"); o.code != 12 || !strings.Contains(o.out, "+10.00 %") {
		t.Errorf("exit %d:\n%s%s", o.code, o.out, o.err)
	}
	if o := callBench(t, "compare", "HEAD", ".", "--rounds", "5"); o.code != 0 {
		t.Errorf("exit %d:\n%s%s", o.code, o.out, o.err)
	}
	out, err := exec.Command("git", "-C", repo, "worktree", "list").Output()
	if err != nil || bytes.Count(out, []byte("\n")) != 1 {
		t.Errorf("work trees are left: %s %v", out, err)
	}
}

func TestBenchCapacity(t *testing.T) {
	slow(t)
	o := callBench(t, slices.Concat([]string{"capacity", "--slo", "response.p99<1h", "--trial", "100ms", "--confirm", "100ms", "--precision", "1", "--scaling", "1", "--repeats", "1", "--json"}, tinyLoad)...)
	var c bench.Capacity
	if err := json.Unmarshal([]byte(o.out), &c); err != nil || o.code != int(c.Verdict) {
		t.Fatalf("exit %d, %v: %s%s", o.code, err, o.out, o.err)
	}
	if len(c.Trials) == 0 || c.MaxRate <= 0 || c.Scaling == nil || len(c.Scaling.Points) != 1 {
		t.Errorf("%+v", c)
	}
}

// The price list is whole, its money balances, and each feature is in it.
func TestBenchPrices(t *testing.T) {
	slow(t)
	args := []string{"prices", "--bills", "2000", "--people", "3000", "--remember", "12", "--for", "50ms", "--service", "50ms", "--limit-noise", "1000"}
	o := callBench(t, append(args, "--json")...)
	var p bench.Prices
	if err := json.Unmarshal([]byte(o.out), &p); err != nil || o.code != 0 {
		t.Fatalf("exit %d, %v: %s%s", o.code, err, o.out, o.err)
	}
	if len(p.Ladder) != service.NumFeatures || len(p.Services) != len(service.DurabilityNames) || p.LinesPerBill != 8 || p.People < 3000 || p.Remembered != 1<<12 ||
		p.Identity == 0 || p.DriftFen != 0 || p.Settlements == 0 {
		t.Errorf("%+v", p)
	}
	for i, r := range p.Ladder {
		if r.Feature != service.FeatureNames[i] || r.Core.From > r.Core.Median || r.Core.Median > r.Core.To || (r.LogBytes > 0) != (i >= int(service.Encoded)) {
			t.Errorf("%+v", r)
		}
	}
	for lang, want := range map[words.Lang]string{words.English: "carried out once", words.Chinese: "每笔只办一次"} {
		text := benchreport.PricesText(&p, lang)
		if !strings.Contains(text, want) {
			t.Error(text)
		}
		for line := range strings.Lines(text) {
			if n := sreport.Width(strings.TrimSuffix(line, "\n")); n > 100 {
				t.Errorf("a line of %d columns: %s", n, line)
			}
		}
	}
}

func TestBenchCalibrate(t *testing.T) {
	o := callBench(t, "calibrate", "--rounds", "2", "--json")
	var f bench.Fitness
	if err := json.Unmarshal([]byte(o.out), &f); err != nil || o.code != int(f.Verdict) || len(f.Rounds) != 2 {
		t.Errorf("exit %d, %v: %s", o.code, err, o.out)
	}
}
