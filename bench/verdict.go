package bench

import (
	"fmt"

	"kuasheng/sim/report/words"
)

// Verdict is what a measurement comes to. Its value is the exit code of the
// program; of several the most serious counts.
type Verdict int

// The verdicts, most serious first in verdictNames.
const (
	Pass         Verdict = 0
	MissedSLO    Verdict = 10 // a stated objective was missed
	Breach       Verdict = 11 // the money does not balance, or the state is not that of a plain replay
	Regression   Verdict = 12 // slower than the base, beyond noise and the least effect that counts
	Invalid      Verdict = 20 // the measurement itself cannot be trusted
	Inconclusive Verdict = 21 // too few samples to say
)

// verdictNames are the stable names of the verdicts, most serious first.
var verdictNames = []struct {
	v    Verdict
	name string
}{
	{Breach, "breach"}, {Invalid, "invalid"}, {MissedSLO, "missed_slo"}, {Regression, "regression"}, {Inconclusive, "inconclusive"}, {Pass, "pass"},
}

// String returns the verdict's stable name.
func (v Verdict) String() string { return verdictNames[v.rank()].name }

func (v Verdict) rank() int {
	for i, n := range verdictNames {
		if n.v == v {
			return i
		}
	}
	panic(fmt.Sprintf("bench: no verdict %d", int(v)))
}

// Worse returns the more serious of two verdicts.
func (v Verdict) Worse(u Verdict) Verdict {
	if u.rank() < v.rank() {
		return u
	}
	return v
}

// MarshalText writes the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the verdict's name.
func (v *Verdict) UnmarshalText(text []byte) error {
	for _, n := range verdictNames {
		if n.name == string(text) {
			*v = n.v
			return nil
		}
	}
	return fmt.Errorf("no verdict %q", text)
}

// Gate is one reason for a verdict.
type Gate struct {
	Verdict Verdict `json:"verdict"`
	Name    string  `json:"name"`
	// Says is the gate in one sentence with its figures.
	Says words.Text `json:"says"`
}

// Limits are what a measurement must keep to in order to be valid.
type Limits struct {
	// LagP99NS is how late the generator may be at the 99th per cent, Offered the
	// least share of the planned operations that must have been sent, and Noise
	// how far the machine's fixed kernel may slow down over the run.
	LagP99NS int64   `json:"lag_p99_ns"`
	Offered  float64 `json:"offered_share"`
	Noise    float64 `json:"noise_share"`
}

// DefaultLimits are those of kuasheng bench run.
var DefaultLimits = Limits{LagP99NS: 5_000_000, Offered: 0.999, Noise: 0.25}

// Trial is what Judge judges.
type Trial struct {
	Measured   *Measured
	OpenLoop   bool
	Limits     Limits
	Objectives []SLO
	// Drift is what the proof of the money found, empty for none.
	Drift         []string
	Before, After Calibration
}

// Judge holds a measurement against its limits and objectives. The verdict is the
// worst gate's, and no gate at all is a pass.
func Judge(t *Trial) (v Verdict, gates []Gate) {
	m := t.Measured
	gate := func(verdict Verdict, name, en, zh string, args ...any) {
		gates = append(gates, Gate{verdict, name, words.F(words.T(en, zh), args...)})
		v = v.Worse(verdict)
	}
	for _, d := range t.Drift {
		gate(Breach, "money", "%s", "账目不平：%s", d)
	}
	all := m.All()
	if all.Response.Count() == 0 {
		gate(Invalid, "empty", "nothing was measured: %d operations were sent, %d of them in the warm-up",
			"没有测到任何操作：已发 %d 次，其中预热 %d 次", m.Sent, m.WarmUp)
		return v, gates
	}
	if t.OpenLoop {
		if lag := all.Lag.Quantile(99); lag > t.Limits.LagP99NS {
			gate(Invalid, "generator late", "the generator was %s late at the 99th per cent, more than %s: it and not the engine was measured",
				"发压迟延 p99 为 %s，超过 %s：测到的是发压端而非引擎",
				shortNS(lag), shortNS(t.Limits.LagP99NS))
		}
		if share := float64(m.Sent) / float64(m.Planned); share < t.Limits.Offered {
			gate(Invalid, "load not offered", "%d of %d planned operations were sent, %.2f %%, less than %.2f %%",
				"计划 %[2]d 次，仅发出 %[1]d 次，为 %.2[3]f %%，不足 %.2[4]f %%",
				m.Sent, m.Planned, share*100, t.Limits.Offered*100)
		}
	}
	if g := noiseGate(t.Before, t.After, t.Limits); g != nil {
		gate(g.Verdict, g.Name, "%s", "%s", g.Says)
	}
	for i := range t.Objectives {
		s := &t.Objectives[i]
		switch o := s.of(m, &all); {
		case s.Quantity != ofRate && o.samples < samplesFor(s.Percent):
			gate(Inconclusive, "too few samples", "%s: %d samples, it takes %d to tell", "%s：样本 %d 个，需 %d 个方可判断", s.Text, o.samples, samplesFor(s.Percent))
		case o.missed:
			gate(MissedSLO, s.Text, "%s: it was %s", "%s：实测 %s", s.Text, s.show(o.got))
		}
	}
	return v, gates
}

// noiseGate says that the machine changed its speed between two calibrations, nil
// where it did not.
func noiseGate(before, after Calibration, l Limits) *Gate {
	slower, way := after.KernelNS/before.KernelNS-1, words.T("longer", "变慢")
	if slower < 0 {
		slower, way = -slower, words.T("less", "变快")
	}
	if slower <= l.Noise {
		return nil
	}
	return &Gate{Invalid, "noisy machine", words.F(words.T("the machine's fixed kernel took %.0f %% %s after the run than before, more than %.0f %%",
		"运行后固定核较运行前%[2]s %.0[1]f %%，超过 %.0[3]f %%：机器不稳"), slower*100, way, l.Noise*100)}
}
