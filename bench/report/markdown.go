package report

import (
	"fmt"
	"strings"

	"kuasheng/bench"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// Markdown is a summary fit for a pull request.
func Markdown(r *bench.Result) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("### kuasheng bench: **%s** (%s, shards %d, %s)", wordsOf[words.English].verdicts[r.Verdict], r.Profile.Name, r.Service.Shards, r.Service.Durability)
	line("")
	proof := "money **not proven**"
	if r.Proof.Proven {
		proof = fmt.Sprintf("drift %d fen over %s identities", r.Proof.DriftFen, report.Grouped(r.Proof.Checked))
	}
	line("%s settlements/s · %s · %s", report.Grouped(int64(r.SettlementsPerSecond)), arrivals(&r.Profile), proof)
	line("")
	line("| | count | p50 | p90 | p99 | p99.9 | max |")
	line("|---|--:|--:|--:|--:|--:|--:|")
	row := func(name string, q *bench.Quantiles) {
		line("| %s | %s | %s | %s | %s | %s | %s |", name, report.Grouped(q.Count), Short(q.P50), Short(q.P90), Short(q.P99), Short(q.P999), Short(q.Max))
	}
	row("response", &r.Latency.Response)
	row("service", &r.Latency.Service)
	row("lag", &r.Latency.Lag)
	line("")
	for _, o := range r.Objectives {
		state := "met"
		if o.Missed {
			state = "**missed**"
		}
		line("- `%s`: %s", o.Text, state)
	}
	for _, g := range r.Gates {
		line("- %s: %s", g.Verdict, g.Says.EN)
	}
	line("- %s", r.Steady.Says.EN)
	line("- planned %d = sent %d + skipped %d + unsent %d", r.Operations.Planned, r.Operations.Sent, r.Operations.Skipped, r.Operations.Unsent)
	line("- schedule `%.16s…`, state `%.16s…`, %s, %s %s/%s", r.ScheduleDigest, r.Proof.StateDigest, r.Machine.CPU, r.Machine.Go, r.Machine.OS, r.Machine.Arch)
	return b.String()
}
