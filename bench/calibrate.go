package bench

import (
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"time"

	"kuasheng/sim/report/words"
)

// Calibration is what the machine can do at a moment, apart from the engine: how
// long a fixed piece of work takes, and for how long the processor is taken away
// in between.
type Calibration struct {
	// KernelNS is the median time of the fixed kernel, KernelSpread its ninth
	// decile over its median.
	KernelNS     float64 `json:"kernel_ns"`
	KernelSpread float64 `json:"kernel_spread"`
	// JitterP9999NS and JitterMaxNS are gaps between readings of the clock in a
	// loop that does nothing else.
	JitterP9999NS int64 `json:"jitter_p9999_ns"`
	JitterMaxNS   int64 `json:"jitter_max_ns"`
	// ClockNS is what one reading of the clock costs.
	ClockNS float64 `json:"clock_ns"`
	// SleepP99NS is how late a sleep of a millisecond wakes up.
	SleepP99NS int64 `json:"sleep_p99_ns"`
}

// kernel runs the fixed piece of work once and returns its time.
func kernel(block *[4096]byte) float64 {
	start := time.Now()
	for range 16 {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return float64(time.Since(start))
}

func summarizeKernel(times []float64) (median, spread float64) {
	if len(times) == 0 {
		return 0, 0
	}
	slices.Sort(times)
	median = times[len(times)/2]
	return median, times[len(times)*9/10] / median
}

// Calibrate measures the machine for some 50 milliseconds.
func Calibrate() Calibration {
	var c Calibration
	times := make([]float64, 101)
	var block [4096]byte
	for i := range times {
		times[i] = kernel(&block)
	}
	c.KernelNS, c.KernelSpread = summarizeKernel(times)

	gaps := NewRecorder()
	const readings = 200_000
	start := time.Now()
	last := start
	for range readings {
		now := time.Now()
		gaps.Record(int64(now.Sub(last)))
		last = now
	}
	c.ClockNS = float64(last.Sub(start)) / readings
	c.JitterP9999NS, c.JitterMaxNS = gaps.Quantile(99.99), gaps.Max()

	late := NewRecorder()
	for range 20 {
		late.Record(oversleep())
	}
	c.SleepP99NS = late.Quantile(99)
	return c
}

// oversleep returns how late a sleep of a millisecond wakes up.
func oversleep() int64 {
	start := time.Now()
	time.Sleep(time.Millisecond)
	return int64(time.Since(start)) - int64(time.Millisecond)
}

// calibrateBeside probes the machine five times a second while a run is on; it
// costs less than a thousandth of a processor. There is no jitter in it: its loop
// would take a processor for itself.
func calibrateBeside(ctx context.Context) Calibration {
	var c Calibration
	var block [4096]byte
	var times []float64
	late := NewRecorder()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			c.KernelNS, c.KernelSpread = summarizeKernel(times)
			c.SleepP99NS = late.Quantile(99)
			return c
		case <-tick.C:
			times = append(times, kernel(&block))
			late.Record(oversleep())
		}
	}
}

// Fitness says whether a machine can measure at all.
type Fitness struct {
	Version      int           `json:"version"`
	Rounds       []Calibration `json:"rounds"`
	KernelSwing  float64       `json:"kernel_swing"` // slowest round over fastest, less one
	JitterMaxNS  int64         `json:"jitter_max_ns"`
	SleepP99NS   int64         `json:"sleep_p99_ns"`
	Processors   int           `json:"processors"`
	Verdict      Verdict       `json:"verdict"`
	Gates        []Gate        `json:"gates"`
	SmallestNS   int64         `json:"smallest_latency_ns"`    // below it, latencies are the machine's
	SmallestDiff float64       `json:"smallest_effect_to_see"` // of a comparison, as a share
}

// What a fit machine keeps to.
const (
	fitSwing  = 0.10
	fitJitter = 10_000_000
)

// Fit calibrates a machine a number of times over a while and judges it.
func Fit(ctx context.Context, rounds int, pause time.Duration) (*Fitness, error) {
	f := &Fitness{Version: ResultVersion, Processors: runtime.NumCPU(), Gates: []Gate{}}
	for i := range rounds {
		if i > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		f.Rounds = append(f.Rounds, Calibrate())
	}
	f.judge()
	return f, nil
}

func (f *Fitness) judge() {
	slow, fast := 0.0, f.Rounds[0].KernelNS
	for _, c := range f.Rounds {
		slow, fast = max(slow, c.KernelNS), min(fast, c.KernelNS)
		f.JitterMaxNS = max(f.JitterMaxNS, c.JitterMaxNS)
		f.SleepP99NS = max(f.SleepP99NS, c.SleepP99NS)
		f.SmallestNS = max(f.SmallestNS, c.JitterP9999NS)
		f.SmallestDiff = max(f.SmallestDiff, c.KernelSpread-1)
	}
	f.KernelSwing = slow/fast - 1
	f.SmallestDiff = max(f.SmallestDiff, f.KernelSwing)
	gate := func(name, en, zh string, args ...any) {
		f.Gates = append(f.Gates, Gate{Invalid, name, words.F(words.T(en, zh), args...)})
		f.Verdict = f.Verdict.Worse(Invalid)
	}
	if f.KernelSwing > fitSwing {
		gate("noisy machine", "a fixed piece of work took from %s to %s, %.0f %% more; above %.0f %% no comparison holds",
			"同一固定工作耗时 %s 至 %s，相差 %.0f %%；超过 %.0f %% 则任何比较均不成立",
			shortNS(int64(fast)), shortNS(int64(slow)), f.KernelSwing*100, fitSwing*100)
	}
	if f.JitterMaxNS > fitJitter {
		gate("processor taken away", "the processor was away for %s; above %s the tail of a latency is the machine's",
			"处理器被占 %s；超过 %s 则时延的尾部出自机器",
			shortNS(f.JitterMaxNS), shortNS(fitJitter))
	}
}
