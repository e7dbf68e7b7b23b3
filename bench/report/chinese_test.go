package report

import (
	"strings"
	"testing"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report/chinese"
	"kuasheng/sim/report/words"
)

// The Chinese screen of a run has no English in it, whatever the profile, the durability,
// the arrivals and the reason of the verdict.
func TestChineseScreen(t *testing.T) {
	r := result()
	r.Evidence, r.Proof.StateDigest, r.Proof.ReplayDigest = nil, r.ScheduleDigest, r.ScheduleDigest
	r.Objectives[1].Samples = 12
	for i, name := range engine.OperationNames {
		r.ByOperation[name] = bench.LatencySummary{Response: bench.Quantiles{Count: int64(i)}}
	}
	for _, g := range []bench.Gate{
		{Verdict: bench.Invalid, Name: "empty", Says: "nothing was measured"}, {Verdict: bench.Invalid, Name: "generator late", Says: "late"},
		{Verdict: bench.Invalid, Name: "load not offered", Says: "not sent"}, {Verdict: bench.Invalid, Name: "noisy machine", Says: "the kernel took longer"},
		{Verdict: bench.Inconclusive, Name: "too few samples", Says: r.Objectives[1].Text + ": 12 samples"}, {Verdict: bench.MissedSLO, Name: "response.p99<1us", Says: "response.p99<1us: it was 18us"},
	} {
		r.Verdict, r.Gates = g.Verdict, []bench.Gate{g}
		if text := Text(r, words.Chinese); !strings.Contains(text, "原因") || strings.Contains(text, g.Says) {
			t.Errorf("%s:\n%s", g.Name, text)
		}
		inChinese(t, g.Name, r)
	}
	for _, p := range bench.Profiles() {
		r.Profile = p
		inChinese(t, p.Name, r)
	}
	for _, arrivals := range []string{bench.ArriveMax, bench.ArriveRamp, bench.ArriveConstant} {
		r.Profile.Arrivals = arrivals
		inChinese(t, arrivals, r)
	}
	for _, name := range service.DurabilityNames {
		r.Service.Durability = name
		inChinese(t, name, r)
	}
}

func inChinese(t *testing.T, what string, r *bench.Result) {
	t.Helper()
	for _, line := range strings.Split(Text(r, words.Chinese), "\n") {
		if english := chinese.EnglishIn(line); len(english) > 0 {
			t.Errorf("%s: %q in %s", what, english, line)
		}
	}
}
