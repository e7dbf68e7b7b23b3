package bench

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kuasheng/sim/report/words"
)

// SLO is an objective: a quantity, the side it must stay on, and the limit.
type SLO struct {
	Text     string  `json:"text"`
	Quantity string  `json:"quantity"` // response, service, lag or throughput
	Percent  float64 `json:"percent"`  // of a latency; 100 is its maximum
	Above    bool    `json:"above"`    // the limit is a floor
	Limit    float64 `json:"limit"`    // nanoseconds, or settlements a second
}

// What an objective may name.
const (
	ofResponse = "response"
	ofService  = "service"
	ofLag      = "lag"
	ofRate     = "throughput"
)

// ParseSLO reads an objective like response.p99<2ms, service.max<50ms or
// throughput>1e6, which counts settlements a second.
func ParseSLO(text string) (SLO, error) {
	s := SLO{Text: text}
	at := strings.IndexAny(text, "<>")
	if at < 0 {
		return s, fmt.Errorf("objective %q: no < or >; write for example response.p99<2ms", text)
	}
	s.Above = text[at] == '>'
	name, limit := strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+1:])
	if name == ofRate {
		s.Quantity = name
		var err error
		if s.Limit, err = strconv.ParseFloat(limit, 64); err != nil || !(s.Limit > 0) {
			return s, fmt.Errorf("objective %q: %q is no rate like 1e6", text, limit)
		}
		if !s.Above {
			return s, fmt.Errorf("objective %q: a throughput is to stay above its limit", text)
		}
		return s, nil
	}
	quantity, quantile, _ := strings.Cut(name, ".")
	switch quantity {
	case ofResponse, ofService, ofLag:
		s.Quantity = quantity
	default:
		return s, fmt.Errorf("objective %q: %q is none of response, service, lag, throughput", text, quantity)
	}
	switch p, err := strconv.ParseFloat(strings.TrimPrefix(quantile, "p"), 64); {
	case quantile == "max":
		s.Percent = 100
	case !strings.HasPrefix(quantile, "p") || err != nil || !(p > 0 && p < 100):
		return s, fmt.Errorf("objective %q: %q is no quantile like p99, p99.9 or max", text, quantile)
	default:
		s.Percent = p
	}
	d, err := time.ParseDuration(limit)
	switch {
	case err != nil || d <= 0:
		return s, fmt.Errorf("objective %q: %q is no duration like 2ms", text, limit)
	case s.Above:
		return s, fmt.Errorf("objective %q: a latency is to stay below its limit", text)
	}
	s.Limit = float64(d)
	return s, nil
}

// met is what became of an objective.
type met struct {
	got     float64
	samples int64
	missed  bool
}

// of measures an objective.
func (s *SLO) of(m *Measured, all *Latencies) met {
	r := all.Response
	switch s.Quantity {
	case ofRate:
		got := m.Throughput()
		return met{got, all.Response.Count(), got < s.Limit}
	case ofService:
		r = all.Service
	case ofLag:
		r = all.Lag
	}
	got := r.Quantile(s.Percent)
	if s.Percent == 100 {
		got = r.Max()
	}
	return met{float64(got), r.Count(), float64(got) > s.Limit}
}

// show writes a measured value in the objective's unit.
func (s *SLO) show(got float64) words.Text {
	if s.Quantity == ofRate {
		return words.F(words.T("%.4g a second", "每秒结算 %.4g 笔"), got)
	}
	return words.Same(shortNS(int64(got)))
}

// shortNS writes a time with three digits.
func shortNS(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d >= time.Second || d <= -time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond || d <= -time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d >= time.Microsecond || d <= -time.Microsecond:
		return d.Round(10 * time.Nanosecond).String()
	}
	return d.String()
}

// samplesFor is how many samples a quantile needs before it says anything: ten
// beyond it.
func samplesFor(percent float64) int64 {
	if percent >= 100 {
		return 1
	}
	return int64(10/(1-percent/100) + 0.5)
}
