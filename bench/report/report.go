// Package report writes what the load harness measured: a screen for a person, and
// files for tools, pull requests and histories.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"kuasheng/bench"
)

// Sink is where the files of a run go.
type Sink interface {
	Create(name string) (io.WriteCloser, error)
}

// The files of a run directory. ManifestFile comes last: a directory without it is
// not whole.
const (
	ResultFile   = "result.json"
	SummaryFile  = "summary.md"
	BenchFile    = "bench.txt"
	HgrmFile     = "response.hgrm"
	LogFile      = "latency.hlog"
	PageFile     = "report.html"
	TraceFile    = "evidence.trace"
	ProfileFile  = "evidence.cpu.pprof"
	ManifestFile = "manifest.json"
)

// Write writes all files of a run.
func Write(sink Sink, o *bench.Outcome) error {
	r := o.Result
	if o.Evidence != nil {
		r.Evidence = nil
		for _, f := range []struct {
			name string
			body []byte
		}{{TraceFile, o.Evidence.Trace}, {ProfileFile, o.Evidence.CPU}} {
			if len(f.body) == 0 {
				continue
			}
			r.Evidence = append(r.Evidence, f.name)
			if err := put(sink, f.name, f.body); err != nil {
				return err
			}
		}
	}
	result, err := JSON(r)
	if err != nil {
		return err
	}
	var hgrm, log strings.Builder
	if err := WriteHgrm(&hgrm, o.Measured); err != nil {
		return err
	}
	if err := WriteLog(&log, o.Measured, startOf(r)); err != nil {
		return err
	}
	manifest, err := JSON(map[string]any{
		"version": bench.ResultVersion, "kind": "bench run", "verdict": r.Verdict, "schedule_digest": r.ScheduleDigest,
		"state_digest": r.Proof.StateDigest, "profile": r.Profile.Name, "seed": r.Seed, "data_digest": r.DataDigest,
	})
	if err != nil {
		return err
	}
	for _, f := range []struct{ name, body string }{
		{ResultFile, string(result)}, {SummaryFile, Markdown(r)}, {BenchFile, GoBench(r)}, {HgrmFile, hgrm.String()},
		{LogFile, log.String()}, {PageFile, Page(r)}, {ManifestFile, string(manifest)},
	} {
		if err := put(sink, f.name, []byte(f.body)); err != nil {
			return err
		}
	}
	return nil
}

// WriteFiles writes files given by name and text and then commits them.
func WriteFiles(sink Sink, files [][2]string, commit func() error) error {
	for _, f := range files {
		if err := put(sink, f[0], []byte(f[1])); err != nil {
			return err
		}
	}
	return commit()
}

func put(sink Sink, name string, body []byte) error {
	w, err := sink.Create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		_ = w.Close()
		return err
	}
	return w.Close()
}

// JSON writes a value indented, with a line end.
func JSON(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

// History is one line of NDJSON to append to a history of runs.
func History(r *bench.Result) ([]byte, error) {
	b, err := json.Marshal(map[string]any{
		"version": bench.ResultVersion, "at": r.StartedAt, "revision": r.Machine.Revision, "modified": r.Machine.Modified,
		"go": r.Machine.Go, "cpu": r.Machine.CPU, "profile": r.Profile.Name, "arrivals": r.Profile.Arrivals, "shards": r.Service.Shards,
		"durability": r.Service.Durability, "seed": r.Seed, "verdict": r.Verdict, "exit_code": r.ExitCode,
		"settlements_per_second": r.SettlementsPerSecond, "operations_per_second": r.OperationsPerSecond,
		"response_p50_ns": r.Latency.Response.P50, "response_p99_ns": r.Latency.Response.P99, "response_p999_ns": r.Latency.Response.P999,
		"response_max_ns": r.Latency.Response.Max, "service_p99_ns": r.Latency.Service.P99, "lag_p99_ns": r.Latency.Lag.P99,
		"drift_fen": r.Proof.DriftFen, "proven": r.Proof.Proven, "schedule_digest": r.ScheduleDigest, "state_digest": r.Proof.StateDigest,
		"kernel_ns": r.Calibration.Before.KernelNS,
	})
	return append(b, '\n'), err
}

// Name names a run as a benchmark: profile, arrivals where they are not the
// profile's own, shards, durability.
func Name(r *bench.Result) string {
	return fmt.Sprintf("Bench/profile=%s/arrivals=%s/shards=%d/durability=%s", tag(r.Profile.Name), tag(r.Profile.Arrivals), r.Service.Shards, tag(r.Service.Durability))
}

// GoBench writes a run as a line of the Go benchmark format, which benchstat reads.
// One iteration is one settlement.
func GoBench(r *bench.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: kuasheng/bench\n", r.Machine.OS, r.Machine.Arch)
	if r.Machine.CPU != "" {
		fmt.Fprintf(&b, "cpu: %s\n", r.Machine.CPU)
	}
	ns := 0.0
	if r.Settlements > 0 {
		ns = float64(r.WallNS) / float64(r.Settlements)
	}
	l := &r.Latency
	fmt.Fprintf(&b, "Benchmark%s-%d\t%d\t%.1f ns/op\t%.0f settlements/s\t%d p50-response-ns\t%d p99-response-ns\t%d p99.9-response-ns\t%d max-response-ns\t%d p99-service-ns\n",
		Name(r), r.Runtime.GOMAXPROCS, r.Settlements, ns, r.SettlementsPerSecond, l.Response.P50, l.Response.P99, l.Response.P999, l.Response.Max, l.Service.P99)
	return b.String()
}

func startOf(r *bench.Result) time.Time {
	t, err := time.Parse(time.RFC3339, r.StartedAt)
	if err != nil {
		return time.Unix(0, 0)
	}
	return t
}

// tag makes a word of what may stand in an HDR log's tag or a benchmark's name:
// commas, blanks and slashes would end it.
func tag(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-=", r):
			return r
		}
		return '-'
	}, s)
}
