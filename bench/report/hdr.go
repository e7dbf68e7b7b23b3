package report

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"kuasheng/bench"
	"kuasheng/engine"
)

// WriteHgrm writes the percentile distribution of the response in microseconds, as
// the HdrHistogram plotter reads it.
func WriteHgrm(w io.Writer, m *bench.Measured) error {
	all := m.All()
	_, err := all.Response.Histogram().PercentilesPrint(w, 5, 1000)
	return err
}

// WriteLog writes an HDR histogram log V2: of each second the response, then of the
// measured part lag, service and response by operation, all in nanoseconds.
func WriteLog(w io.Writer, m *bench.Measured, start time.Time) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	base := start.UnixMilli()
	log.SetBaseTime(base)
	var err error
	try := func(e error) {
		if err == nil {
			err = e
		}
	}
	try(log.OutputComment("[Latencies of kuasheng bench run in nanoseconds]"))
	try(log.OutputLogFormatVersion())
	try(log.OutputBaseTime(base))
	try(log.OutputStartTime(base))
	try(log.OutputLegend())
	interval := func(r *bench.Recorder, name string, from, to int64) {
		if r.Count() == 0 {
			return
		}
		h := r.Histogram()
		h.SetTag(tag(name))
		h.SetStartTimeMs(base + from)
		h.SetEndTimeMs(base + to)
		try(log.OutputIntervalHistogram(h))
	}
	for i := range m.Seconds {
		interval(m.Seconds[i].Response, "second.response", int64(i)*1000, int64(i+1)*1000)
	}
	end := int64(len(m.Seconds)) * 1000
	for op := range m.ByOperation {
		l, name := &m.ByOperation[op], engine.OperationNames[op]
		interval(l.Lag, name+".lag", 0, end)
		interval(l.Service, name+".service", 0, end)
		interval(l.Response, name+".response", 0, end)
	}
	if err != nil {
		return fmt.Errorf("histogram log: %w", err)
	}
	return nil
}
