package bench

import (
	"runtime"
	"runtime/debug"

	"kuasheng/bench/service"
	"kuasheng/engine"
)

// ResultVersion is the version of the JSON that the harness writes. It rises when a
// key changes its meaning or goes; new keys may come without.
const ResultVersion = 1

// Result is what a run came to: result.json. Keys carry their units.
type Result struct {
	Version  int     `json:"version"`
	Verdict  Verdict `json:"verdict"`
	ExitCode int     `json:"exit_code"`
	Gates    []Gate  `json:"gates"`

	Scenario   string  `json:"scenario"`
	DataDigest string  `json:"data_digest"`
	Seed       uint64  `json:"seed"`
	Profile    Profile `json:"profile"`
	// LatePolicy says in words what the profile's does.
	LatePolicy string `json:"late_policy"`
	Service    Setup  `json:"service"`
	Machine    Host   `json:"machine"`
	StartedAt  string `json:"started_at"` // RFC 3339

	ScheduleDigest string `json:"schedule_digest"`
	WorkloadDigest string `json:"workload_digest"`
	Bills          int    `json:"bills"`
	// LinesPerBill is the mean.
	LinesPerBill float64          `json:"lines_per_bill"`
	BillsByKind  map[string]int   `json:"bills_by_kind"`
	Operations   Operations       `json:"operations"`
	Outcomes     map[string]int64 `json:"outcomes"`
	Statuses     map[string]int64 `json:"statuses"`

	// Of the measured part, warm-up left out. SettlementsPerSecond counts bills that
	// the rules let through.
	WallNS               int64   `json:"wall_ns"`
	OperationsPerSecond  float64 `json:"operations_per_second"`
	SettlementsPerSecond float64 `json:"settlements_per_second"`
	Settlements          int64   `json:"settlements"`
	// EngineNS is what an operation took in the engine itself, in the mean of the
	// batches whose stages were timed.
	EngineNS float64 `json:"engine_ns_per_operation,omitempty"`
	// WriterNS is what a shard's writer took over an operation in the tenth of the
	// batches that was disturbed least, of those whose stages were not timed.
	WriterNS float64 `json:"writer_p10_ns_per_operation,omitempty"`

	Latency     LatencySummary            `json:"latency"`
	ByOperation map[string]LatencySummary `json:"latency_by_operation"`
	Stages      []Stage                   `json:"stages,omitempty"`
	Seconds     []Second                  `json:"seconds"`
	Steady      Steady                    `json:"steady"`
	Objectives  []Objective               `json:"objectives"`
	Limits      Limits                    `json:"limits"`
	Calibration Calibrations              `json:"calibration"`
	Runtime     Runtime                   `json:"runtime"`
	Proof       Proof                     `json:"proof"`
	Clearing    *Clearing                 `json:"clearing,omitempty"`
	Evidence    []string                  `json:"evidence,omitempty"` // files beside the result
	// Curve is the percentile curve of the response, for drawing.
	Curve []CurvePoint `json:"response_curve"`
}

// Setup is how the service was set up.
type Setup struct {
	Target       string `json:"target"`
	Shards       int    `json:"shards"`
	Durability   string `json:"durability"`
	Chained      bool   `json:"chained"`
	TimeOneIn    int    `json:"stages_timed_one_in"` // batches; 0 is none
	RememberLog2 int    `json:"remembered_log2"`     // requests of a shard, for idempotency
	StartNS      int64  `json:"start_ns"`            // until it took requests
	LogBytes     int64  `json:"log_bytes,omitempty"`
	// PlantedSlow is how much longer the writers worked on purpose, as a share.
	PlantedSlow float64 `json:"planted_slow_share,omitempty"`
}

// Host is the machine that measured.
type Host struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu,omitempty"`
	Processors int    `json:"processors"`
	Go         string `json:"go"`
	Revision   string `json:"revision,omitempty"`
	Modified   bool   `json:"modified,omitempty"`
}

func host() Host {
	h := Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpuModel(), Processors: runtime.NumCPU(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				h.Revision = s.Value
			case "vcs.modified":
				h.Modified = s.Value == "true"
			}
		}
	}
	return h
}

// Operations are those of the whole run: planned = sent + skipped + unsent.
type Operations struct {
	Planned  int64 `json:"planned"`
	Sent     int64 `json:"sent"`
	Skipped  int64 `json:"skipped"`
	Unsent   int64 `json:"unsent"`
	HeldBack int64 `json:"held_back"`
	WarmUp   int64 `json:"warm_up"`
	Batches  int64 `json:"batches"` // of the measured part
}

// LatencySummary are the three times in nanoseconds.
type LatencySummary struct {
	Lag      Quantiles `json:"lag"`
	Service  Quantiles `json:"service"`
	Response Quantiles `json:"response"`
}

// Quantiles summarize a distribution of nanoseconds: quantiles to three digits, the
// rest exactly.
type Quantiles struct {
	Count   int64 `json:"count"`
	Min     int64 `json:"min_ns"`
	Mean    int64 `json:"mean_ns"`
	P50     int64 `json:"p50_ns"`
	P90     int64 `json:"p90_ns"`
	P99     int64 `json:"p99_ns"`
	P999    int64 `json:"p999_ns"`
	P9999   int64 `json:"p9999_ns"`
	Max     int64 `json:"max_ns"`
	Clamped int64 `json:"clamped,omitempty"`
}

func quantiles(r *Recorder) Quantiles {
	return Quantiles{
		Count: r.Count(), Min: r.Min(), Mean: r.Mean(), P50: r.Quantile(50), P90: r.Quantile(90), P99: r.Quantile(99),
		P999: r.Quantile(99.9), P9999: r.Quantile(99.99), Max: r.Max(), Clamped: r.Clamped(),
	}
}

func summarize(l *Latencies) LatencySummary {
	return LatencySummary{quantiles(l.Lag), quantiles(l.Service), quantiles(l.Response)}
}

// Stage is a part of what a batch takes from sent to answered.
type Stage struct {
	Name string `json:"name"`
	// Share is its share of that time.
	Share float64   `json:"share"`
	Times Quantiles `json:"per_batch"`
}

// Second is a window of the run.
type Second struct {
	Sent     int64 `json:"sent"`
	Answered int64 `json:"answered"`
	P50      int64 `json:"response_p50_ns"`
	P99      int64 `json:"response_p99_ns"`
	Max      int64 `json:"response_max_ns"`
}

// Objective is an SLO and what became of it.
type Objective struct {
	SLO
	Got     float64 `json:"got"`
	Samples int64   `json:"samples"`
	Missed  bool    `json:"missed"`
}

// Calibrations are the machine before, during and after a run.
type Calibrations struct {
	Before Calibration `json:"before"`
	During Calibration `json:"during"`
	After  Calibration `json:"after"`
}

// CurvePoint is a point of a percentile curve.
type CurvePoint struct {
	Percent float64 `json:"percent"`
	NS      int64   `json:"ns"`
}

// curve takes the percentiles that an axis of nines shows.
func curve(r *Recorder) []CurvePoint {
	points := []CurvePoint{}
	if r.Count() == 0 {
		return points
	}
	beyond := 100.0
	for float64(r.Count())*beyond/100 >= 1 {
		points = append(points, CurvePoint{100 - beyond, r.Quantile(max(100-beyond, 1e-9))})
		beyond *= 0.8
	}
	return append(points, CurvePoint{100, r.Max()})
}

// latePolicies say what the late policies do.
var latePolicies = map[LatePolicy]string{
	Wait: "an operation for which the target has no room waits and is sent as soon as there is; its response counts from the planned time",
	Skip: "an operation for which the target has no room when it is due is not sent and counted as skipped",
}

// describe writes what was measured into a result.
func (r *Result) describe(m *Measured, objectives []SLO) {
	all := m.All()
	r.Operations = Operations{m.Planned, m.Sent, m.Skipped, m.Unsent, m.HeldBack, m.WarmUp, m.Batches}
	r.Outcomes, r.Statuses = map[string]int64{}, map[string]int64{}
	for i, n := range m.Tally.Outcomes {
		if n != 0 {
			r.Outcomes[engine.OutcomeNames[i]] = n
		}
	}
	for i, n := range m.Tally.Statuses {
		if n != 0 {
			r.Statuses[engine.Status(i).String()] = n
		}
	}
	r.WallNS, r.Settlements = m.WallNS, m.Settled
	r.OperationsPerSecond, r.SettlementsPerSecond = perSecond(m.Answered, m.WallNS), m.Throughput()
	r.Latency = summarize(&all)
	r.ByOperation = map[string]LatencySummary{}
	for op := range m.ByOperation {
		if l := &m.ByOperation[op]; l.Response.Count() > 0 {
			r.ByOperation[engine.OperationNames[op]] = summarize(l)
		}
	}
	if m.TimedOperations > 0 {
		whole := m.Unattributed.Sum()
		engine := int64(0)
		for i, s := range m.Stages {
			whole += s.Sum()
			if i >= int(service.StageIdentify) && i <= int(service.StagePost) {
				engine += s.Sum()
			}
		}
		for i, s := range append(m.Stages[:], m.Unattributed) {
			name := "unattributed"
			if i < service.NumStages {
				name = service.StageNames[i]
			}
			r.Stages = append(r.Stages, Stage{name, float64(s.Sum()) / float64(max(whole, 1)), quantiles(s)})
		}
		r.EngineNS = float64(engine) / float64(m.TimedOperations)
	}
	r.WriterNS = float64(m.Writer.Quantile(10)) / 100
	r.Seconds = []Second{}
	for i := range m.Seconds {
		w := &m.Seconds[i]
		r.Seconds = append(r.Seconds, Second{w.Sent, w.Answered, w.Response.Quantile(50), w.Response.Quantile(99), w.Response.Max()})
	}
	r.Objectives = []Objective{}
	for _, s := range objectives {
		o := s.of(m, &all)
		r.Objectives = append(r.Objectives, Objective{s, o.got, o.samples, o.missed})
	}
	r.Curve = curve(all.Response)
}
