package bench

import (
	"strings"
	"testing"

	"kuasheng/sim/report/chinese"
)

func TestParseSLO(t *testing.T) {
	for text, want := range map[string]SLO{
		"response.p99<2ms":    {Quantity: "response", Percent: 99, Limit: 2e6},
		"response.p99.9 < 1s": {Quantity: "response", Percent: 99.9, Limit: 1e9},
		"service.max<50us":    {Quantity: "service", Percent: 100, Limit: 50e3},
		"lag.p50<1ms":         {Quantity: "lag", Percent: 50, Limit: 1e6},
		"throughput > 1.5e6":  {Quantity: "throughput", Above: true, Limit: 1.5e6},
	} {
		want.Text = text
		if got, err := ParseSLO(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"response.p99":      "no < or >",
		"reponse.p99<1ms":   "none of response",
		"response.99<1ms":   "no quantile",
		"response.p100<1ms": "no quantile",
		"response<1ms":      "no quantile",
		"response.p99<1":    "no duration",
		"response.p99<-1ms": "no duration",
		"response.p99>1ms":  "is to stay below",
		"throughput<1":      "is to stay above",
		"throughput>fast":   "no rate",
		"throughput>NaN":    "no rate",
		"response.pNaN<1ms": "no quantile",
	} {
		if _, err := ParseSLO(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// seen is a measurement of n operations that took so long each.
func seen(n, lag, response int64) *Measured {
	m := newMeasured()
	m.Planned, m.Sent, m.Answered, m.Settled, m.WallNS = n, n, n, n, 1e9
	m.ByOperation[2].Lag.RecordN(lag, n)
	m.ByOperation[2].Service.RecordN(response, n)
	m.ByOperation[2].Response.RecordN(response, n)
	return m
}

// Every gate fails once, with its verdict; the most serious one decides.
func TestGates(t *testing.T) {
	calm, slow := Calibration{KernelNS: 100}, Calibration{KernelNS: 140}
	slo := func(texts ...string) (all []SLO) {
		for _, text := range texts {
			s, err := ParseSLO(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		return all
	}
	for name, c := range map[string]struct {
		trial Trial
		want  Verdict
		gate  string
	}{
		"all well":          {Trial{Measured: seen(10_000, 10, 1000), OpenLoop: true, Objectives: slo("response.p99<2ms", "throughput>9999"), After: calm}, Pass, ""},
		"slow engine":       {Trial{Measured: seen(10_000, 10, 5e6), Objectives: slo("response.p99<2ms"), After: calm}, MissedSLO, "response.p99<2ms"},
		"low throughput":    {Trial{Measured: seen(10_000, 10, 1000), Objectives: slo("throughput>10001"), After: calm}, MissedSLO, "throughput>10001"},
		"drift":             {Trial{Measured: seen(10_000, 10, 1000), Drift: []string{"差 1 分"}, After: calm}, Breach, "money"},
		"late generator":    {Trial{Measured: seen(10_000, 6e6, 7e6), OpenLoop: true, After: calm}, Invalid, "generator late"},
		"late, closed loop": {Trial{Measured: seen(10_000, 6e6, 7e6), After: calm}, Pass, ""},
		"nothing measured":  {Trial{Measured: newMeasured(), After: calm}, Invalid, "empty"},
		"slower machine":    {Trial{Measured: seen(10_000, 10, 1000), After: slow}, Invalid, "noisy machine"},
		"faster machine":    {Trial{Measured: seen(10_000, 10, 1000), Before: slow, After: calm}, Invalid, "noisy machine"},
		"few samples":       {Trial{Measured: seen(999, 10, 1000), Objectives: slo("response.p99<2ms"), After: calm}, Inconclusive, "too few samples"},
		"enough samples":    {Trial{Measured: seen(1000, 10, 1000), Objectives: slo("response.p99<2ms"), After: calm}, Pass, ""},
		"drift before late": {Trial{Measured: seen(10_000, 6e6, 7e6), OpenLoop: true, Drift: []string{"差 1 分"}, After: calm}, Breach, "money"},
		"late before slow":  {Trial{Measured: seen(10_000, 6e6, 7e6), OpenLoop: true, Objectives: slo("response.p99<2ms"), After: calm}, Invalid, "generator late"},
		"slow before few":   {Trial{Measured: seen(999, 10, 5e6), Objectives: slo("response.p99<2ms", "response.p50<2ms"), After: calm}, MissedSLO, "response.p50<2ms"},
	} {
		c.trial.Limits = DefaultLimits
		if c.trial.Before.KernelNS == 0 {
			c.trial.Before = calm
		}
		v, gates := Judge(&c.trial)
		found := c.gate == "" && len(gates) == 0
		for _, g := range gates {
			found = found || g.Name == c.gate && g.Verdict == c.want
			if english := chinese.EnglishIn(g.Says.ZH); len(english) > 0 || g.Says.EN == g.Says.ZH {
				t.Errorf("%s: %q in %q", name, english, g.Says.ZH)
			}
		}
		if v != c.want || !found {
			t.Errorf("%s: %v %v, want %v by %q", name, v, gates, c.want, c.gate)
		}
	}
	m := seen(10_000, 10, 1000)
	m.Planned, m.Skipped = 10_020, 20
	if v, gates := Judge(&Trial{Measured: m, OpenLoop: true, Limits: DefaultLimits, Before: calm, After: calm}); v != Invalid || gates[0].Name != "load not offered" {
		t.Errorf("20 of 10020 skipped: %v %v", v, gates)
	}
}

// The order of the design: breach, invalid, missed, regression, inconclusive, pass.
func TestVerdictsAreOrdered(t *testing.T) {
	order := []Verdict{Breach, Invalid, MissedSLO, Regression, Inconclusive, Pass}
	for i, a := range order {
		for j, b := range order {
			if got := a.Worse(b); got != order[min(i, j)] {
				t.Errorf("the worse of %v and %v is %v", a, b, got)
			}
		}
		text, err := a.MarshalText()
		var back Verdict
		if err != nil || back.UnmarshalText(text) != nil || back != a {
			t.Errorf("%v does not read back", a)
		}
	}
}

func TestSteadyState(t *testing.T) {
	windows := func(means ...int64) (all []Window) {
		for _, m := range append(means, 1) { // the last one is cut
			w := Window{Response: newCoarse()}
			w.Response.RecordN(m, 10)
			all = append(all, w)
		}
		return all
	}
	for name, c := range map[string]struct {
		seconds       []Window
		changing      bool
		tested, holds bool
	}{
		"flat":            {windows(100, 101, 99, 100, 102, 98, 100), false, true, true},
		"constant":        {windows(100, 100, 100, 100, 100, 100), false, true, true},
		"noise":           {windows(100, 180, 90, 150, 70, 160, 110, 95), false, true, true},
		"rising":          {windows(100, 130, 160, 190, 225, 250, 280), false, true, false},
		"falling":         {windows(280, 250, 225, 190, 160, 130, 100), false, true, false},
		"creeping":        {windows(1000, 1010, 1020, 1030, 1040, 1050), false, true, true}, // significant, and small
		"few":             {windows(100, 100), false, false, false},
		"meant to change": {windows(100, 130, 160, 190, 225, 250, 280), true, false, false},
	} {
		if s := steadyState(c.seconds, 0, c.changing); s.Tested != c.tested || s.Holds != c.holds {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
