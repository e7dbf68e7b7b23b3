package bench

import (
	"math"
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"
)

// Runtime is what the Go runtime did during a run, harness and engine together.
type Runtime struct {
	GCCycles      int64 `json:"gc_cycles"`
	GCPauseP99NS  int64 `json:"gc_pause_p99_ns"`
	GCPauseMaxNS  int64 `json:"gc_pause_max_ns"`
	SchedP99NS    int64 `json:"sched_latency_p99_ns"`
	SchedMaxNS    int64 `json:"sched_latency_max_ns"`
	MutexWaitNS   int64 `json:"mutex_wait_ns"`
	AllocBytes    int64 `json:"alloc_bytes"`
	AllocObjects  int64 `json:"alloc_objects"`
	HeapBytes     int64 `json:"heap_bytes"`
	Goroutines    int64 `json:"goroutines"`
	GOMAXPROCS    int   `json:"gomaxprocs"`
	WallNS        int64 `json:"wall_ns"`         // of the whole run, warm-up included
	CPUNS         int64 `json:"cpu_ns"`          // of the process, user and system
	InvoluntaryCS int64 `json:"involuntary_csw"` // times the system took the processor away
}

// The samples that Runtime is made from.
var runtimeNames = []string{
	"/gc/cycles/total:gc-cycles",
	"/sched/pauses/total/gc:seconds",
	"/sched/latencies:seconds",
	"/sync/mutex/wait/total:seconds",
	"/gc/heap/allocs:bytes",
	"/gc/heap/allocs:objects",
	"/memory/classes/heap/objects:bytes",
	"/sched/goroutines:goroutines",
}

// runtimeState is a reading before or after a run.
type runtimeState struct {
	samples []metrics.Sample
	usage   syscall.Rusage
	at      time.Time
}

func readRuntime() *runtimeState {
	s := &runtimeState{samples: make([]metrics.Sample, len(runtimeNames)), at: time.Now()}
	for i, name := range runtimeNames {
		s.samples[i].Name = name
	}
	metrics.Read(s.samples)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &s.usage)
	return s
}

// since returns what happened between two readings.
func (s *runtimeState) since(before *runtimeState) Runtime {
	count := func(i int) int64 {
		if s.samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return int64(s.samples[i].Value.Uint64() - before.samples[i].Value.Uint64())
	}
	r := Runtime{
		GCCycles: count(0), AllocBytes: count(4), AllocObjects: count(5), GOMAXPROCS: runtime.GOMAXPROCS(0),
		WallNS: int64(s.at.Sub(before.at)), CPUNS: s.cpu() - before.cpu(),
		InvoluntaryCS: int64(s.usage.Nivcsw - before.usage.Nivcsw),
	}
	r.GCPauseP99NS, r.GCPauseMaxNS = spread(s.samples[1].Value, before.samples[1].Value)
	r.SchedP99NS, r.SchedMaxNS = spread(s.samples[2].Value, before.samples[2].Value)
	if s.samples[3].Value.Kind() == metrics.KindFloat64 {
		r.MutexWaitNS = int64((s.samples[3].Value.Float64() - before.samples[3].Value.Float64()) * 1e9)
	}
	if s.samples[6].Value.Kind() == metrics.KindUint64 {
		r.HeapBytes = int64(s.samples[6].Value.Uint64())
	}
	if s.samples[7].Value.Kind() == metrics.KindUint64 {
		r.Goroutines = int64(s.samples[7].Value.Uint64())
	}
	return r
}

func (s *runtimeState) cpu() int64 { return s.usage.Utime.Nano() + s.usage.Stime.Nano() }

// processorNS is the processor time that the process has used, to a microsecond.
func processorNS() int64 {
	var s runtimeState
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &s.usage)
	return s.cpu()
}

// spread returns the 99th per cent and the maximum of what a histogram of seconds
// gained, as upper edges of its buckets.
func spread(after, before metrics.Value) (p99, most int64) {
	if after.Kind() != metrics.KindFloat64Histogram {
		return 0, 0
	}
	a, b := after.Float64Histogram(), before.Float64Histogram()
	var total, seen uint64
	for i := range a.Counts {
		total += a.Counts[i] - b.Counts[i]
	}
	for i := range a.Counts {
		n := a.Counts[i] - b.Counts[i]
		if n == 0 {
			continue
		}
		edge := a.Buckets[i+1]
		if math.IsInf(edge, 1) {
			edge = a.Buckets[i]
		}
		most = int64(edge * 1e9)
		if seen < total-total/100 {
			p99 = most
		}
		seen += n
	}
	return p99, most
}
