package bench

import (
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Recorder keeps a distribution of latencies in nanoseconds: quantiles to three
// digits from a histogram, and beside it the exact smallest, largest and sum. It
// is for one goroutine; merge the recorders of several.
type Recorder struct {
	histogram *hdrhistogram.Histogram
	count     int64
	sum       int64
	min, max  int64
	clamped   int64
}

// The range of the histogram. What lies outside is counted at its edge, so that
// no quantile is lost; Max stays exact.
const (
	leastNS = 0
	mostNS  = 60_000_000_000 // a minute
)

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder { return newRecorder(3) }

// newCoarse returns a recorder of two digits, an eighth as large, for windows of
// which there are many.
func newCoarse() *Recorder { return newRecorder(2) }

func newRecorder(digits int) *Recorder {
	return &Recorder{histogram: hdrhistogram.New(1, mostNS, digits), min: math.MaxInt64, max: math.MinInt64}
}

// Record adds one latency.
func (r *Recorder) Record(ns int64) { r.RecordN(ns, 1) }

// RecordN adds a latency that n operations have in common.
func (r *Recorder) RecordN(ns, n int64) {
	if n == 0 {
		return
	}
	r.count += n
	r.sum += ns * n
	r.min, r.max = min(r.min, ns), max(r.max, ns)
	inside := min(max(ns, leastNS), mostNS)
	if inside != ns {
		r.clamped += n
	}
	if err := r.histogram.RecordValues(inside, n); err != nil {
		panic("bench.Recorder.Record: " + err.Error()) // clamped values fit
	}
}

// Merge adds what other recorded.
func (r *Recorder) Merge(other *Recorder) {
	r.histogram.Merge(other.histogram)
	r.count, r.sum, r.clamped = r.count+other.count, r.sum+other.sum, r.clamped+other.clamped
	r.min, r.max = min(r.min, other.min), max(r.max, other.max)
}

// Count returns how many latencies were recorded.
func (r *Recorder) Count() int64 { return r.count }

// Clamped returns how many latencies lay outside the histogram's range.
func (r *Recorder) Clamped() int64 { return r.clamped }

// Min returns the smallest latency exactly, 0 where there is none.
func (r *Recorder) Min() int64 {
	if r.count == 0 {
		return 0
	}
	return r.min
}

// Max returns the largest latency exactly, 0 where there is none.
func (r *Recorder) Max() int64 {
	if r.count == 0 {
		return 0
	}
	return r.max
}

// Sum returns the sum of all latencies.
func (r *Recorder) Sum() int64 { return r.sum }

// Mean returns the mean latency, rounded down.
func (r *Recorder) Mean() int64 {
	if r.count == 0 {
		return 0
	}
	return r.sum / r.count
}

// Quantile returns the latency that the given per cent of all do not exceed, to
// three digits, never more than Max.
func (r *Recorder) Quantile(percent float64) int64 {
	if r.count == 0 {
		return 0
	}
	return min(r.histogram.ValueAtPercentile(percent), r.max)
}

// Histogram is the distribution as a histogram of nanoseconds, to be written or
// drawn, not to be recorded in.
func (r *Recorder) Histogram() *hdrhistogram.Histogram { return r.histogram }
