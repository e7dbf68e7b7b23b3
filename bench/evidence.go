package bench

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"
)

// Evidence is gathered while a run with objectives is on and kept where one is
// missed: what the runtime did in the seconds up to the first window that was too
// slow, or up to the end, and where the processor's time went over the run.
type Evidence struct {
	// Trace is an execution trace for go tool trace, CPU a profile for go tool pprof.
	Trace, CPU []byte
	// Second is the window that the trace ends with, −1 for the end of the run.
	Second int

	flight *trace.FlightRecorder
	slow   chan int
	done   chan struct{}
	cpu    bytes.Buffer
	once   sync.Once
}

// flightAge is how much the flight recorder keeps at least.
const flightAge = 3 * time.Second

// gather begins to gather evidence. It costs the run a per cent or so.
func gather() (*Evidence, error) {
	e := &Evidence{Second: -1, slow: make(chan int, 1), done: make(chan struct{})}
	e.flight = trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: flightAge, MaxBytes: 64 << 20})
	if err := e.flight.Start(); err != nil {
		return nil, fmt.Errorf("the flight recorder: %w", err)
	}
	if err := pprof.StartCPUProfile(&e.cpu); err != nil {
		e.flight.Stop()
		return nil, fmt.Errorf("the profile: %w", err)
	}
	go func() {
		defer close(e.done)
		if second, slow := <-e.slow; slow {
			e.Second = second
			e.snapshot()
		}
	}()
	return e, nil
}

func (e *Evidence) snapshot() {
	var b bytes.Buffer
	if _, err := e.flight.WriteTo(&b); err == nil {
		e.Trace = b.Bytes()
	}
}

// watcher is a Load.Second that looks for the first window in which an objective on
// the response was missed.
func (e *Evidence) watcher(objectives []SLO) func(int, int, *Window) {
	return func(_, second int, w *Window) {
		for i := range objectives {
			s := &objectives[i]
			if s.Quantity == ofResponse && w.Response.Count() >= samplesFor(s.Percent) && float64(w.Response.Quantile(s.Percent)) > s.Limit {
				select {
				case e.slow <- second:
				default: // the first one is told
				}
			}
		}
	}
}

// end ends the gathering; where nothing was too slow before, the trace is of the
// last seconds.
func (e *Evidence) end(keep bool) {
	e.once.Do(func() {
		pprof.StopCPUProfile()
		e.CPU = e.cpu.Bytes()
		close(e.slow)
		<-e.done
		if keep && e.Trace == nil {
			e.snapshot()
		}
		e.flight.Stop()
	})
}
