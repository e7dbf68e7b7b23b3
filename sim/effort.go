package sim

import (
	"syscall"
	"time"
)

// clock measures what a run costs the machine. It is the only place of the
// package that looks at a clock for more than a lap, and nothing it finds
// reaches a result.
type clock struct {
	wall time.Time
	cpu  int64
}

func startClock() clock { return clock{time.Now(), usedCPU().cpu} }

func (c clock) stop(e *Effort) {
	used := usedCPU()
	e.WallNS = int64(time.Since(c.wall))
	e.CPUNS = used.cpu - c.cpu
	e.PeakRSSBytes = used.peakRSS
}

type usage struct{ cpu, peakRSS int64 }

// usedCPU reads the processor time of the process, user and system, and its
// largest resident set.
func usedCPU() usage {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return usage{}
	}
	return usage{cpu: u.Utime.Nano() + u.Stime.Nano(), peakRSS: u.Maxrss * maxrssUnit}
}
