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

// The Chinese screen of a run has no English in it, whatever the profile, the durability
// and the arrivals.
func TestChineseScreen(t *testing.T) {
	r := result()
	r.Evidence, r.Proof.StateDigest, r.Proof.ReplayDigest = nil, r.ScheduleDigest, r.ScheduleDigest
	r.Objectives[1].Samples = 12
	for i, name := range engine.OperationNames {
		r.ByOperation[name] = bench.LatencySummary{Response: bench.Quantiles{Count: int64(i)}}
	}
	r.Verdict, r.Gates = bench.Invalid, []bench.Gate{{Verdict: bench.Invalid, Name: "late", Says: words.T("the generator was late", "发压迟延")}}
	r.Steady.Says = words.T("not tested", "未检验")
	if text := Text(r, words.Chinese); !strings.Contains(text, "原因") || !strings.Contains(text, "发压迟延") {
		t.Error(text)
	}
	inChinese(t, "a gate", r)
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
