package bench

import "testing"

func TestRecorderKeepsTheEndsExact(t *testing.T) {
	r := NewRecorder()
	for ns := int64(1); ns <= 100_000; ns++ {
		r.Record(ns)
	}
	if r.Count() != 100_000 || r.Min() != 1 || r.Max() != 100_000 || r.Mean() != 50_000 {
		t.Errorf("count %d, min %d, max %d, mean %d", r.Count(), r.Min(), r.Max(), r.Mean())
	}
	for _, q := range []struct {
		percent float64
		want    int64
	}{{50, 50_000}, {99, 99_000}, {99.9, 99_900}, {100, 100_000}} {
		if got := r.Quantile(q.percent); got < q.want || got > q.want+q.want/1000+1 {
			t.Errorf("p%v = %d, want %d to three digits", q.percent, got, q.want)
		}
	}
}

func TestRecorderCountsWhatItClamps(t *testing.T) {
	r := NewRecorder()
	r.Record(-5)
	r.Record(0)
	r.RecordN(2*mostNS, 3)
	if r.Clamped() != 4 || r.Count() != 5 || r.Min() != -5 || r.Max() != 2*mostNS {
		t.Errorf("clamped %d, min %d, max %d", r.Clamped(), r.Min(), r.Max())
	}
	if got := r.Quantile(100); got < mostNS || got > 2*mostNS {
		t.Errorf("p100 = %d", got)
	}
}

func TestMergedRecordersAreOne(t *testing.T) {
	one, a, b := NewRecorder(), NewRecorder(), NewRecorder()
	for i := range int64(10_000) {
		ns := i*i%99_991 + 1
		one.Record(ns)
		if i%3 == 0 {
			a.Record(ns)
		} else {
			b.Record(ns)
		}
	}
	a.Merge(b)
	for _, percent := range []float64{1, 50, 90, 99.9, 100} {
		if a.Quantile(percent) != one.Quantile(percent) {
			t.Errorf("p%v: merged %d, one %d", percent, a.Quantile(percent), one.Quantile(percent))
		}
	}
	if a.Count() != one.Count() || a.Mean() != one.Mean() || a.Min() != one.Min() || a.Max() != one.Max() {
		t.Error("merged ends differ")
	}
}

func TestEmptyRecorderAnswersZero(t *testing.T) {
	r := NewRecorder()
	if r.Quantile(99) != 0 || r.Min() != 0 || r.Max() != 0 || r.Mean() != 0 {
		t.Error("an empty recorder is not 0")
	}
}
