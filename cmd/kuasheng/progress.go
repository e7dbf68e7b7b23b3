package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"kuasheng/engine/day"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

// progress shows how far a run is: on a terminal in one line that is written
// over, elsewhere with one plain line a month.
type progress struct {
	w        io.Writer
	terminal bool
	start    time.Time
	last     time.Time // when the line was last written
	month    day.Month
	shown    bool
	name     string // of the run, where there are several
}

// rewriteEvery is how often a terminal's line is renewed.
const rewriteEvery = 100 * time.Millisecond

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, start: time.Now()}
	if f, ok := w.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	return p
}

// report is sim.Config's Progress.
func (p *progress) report(s sim.Progress) {
	now := time.Now()
	if !p.terminal {
		if p.month != 0 && s.Month != p.month || s.Done == s.Total {
			month := p.month
			if s.Done == s.Total {
				month = s.Month
			}
			fmt.Fprintf(p.w, "kuasheng: %v settled, %3.0f %%, %s settlements\n", month, percentOf(s), report.Grouped(s.Settled))
		}
		p.month = s.Month
		return
	}
	if now.Sub(p.last) < rewriteEvery && s.Done < s.Total {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r\x1b[K%s", fitted(p.name+line(s, now.Sub(p.start)), p.columns()))
}

// columns is how wide the terminal is now, 0 where it does not say.
func (p *progress) columns() int {
	if f, ok := p.w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

// fitted shortens text so that it does not wrap; a full last column may do that
// too.
func fitted(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	return report.Cut(text, columns-1)
}

// line is the terminal's line after some time.
func line(s sim.Progress, elapsed time.Duration) string {
	text := fmt.Sprintf("%v  %3.0f %%", s.Month, percentOf(s))
	if seconds := elapsed.Seconds(); seconds > 0 {
		text += fmt.Sprintf("  %.1f M settlements/s", float64(s.Settled)/seconds/1e6)
	}
	if s.Done > 0 && s.Done < s.Total {
		left := time.Duration(float64(elapsed) * float64(s.Total-s.Done) / float64(s.Done))
		text += fmt.Sprintf("  %v left", left.Round(time.Second))
	}
	return text
}

func percentOf(s sim.Progress) float64 {
	if s.Total == 0 {
		return 100
	}
	return float64(s.Done) / float64(s.Total) * 100
}

// end clears the terminal's line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// step starts a further run of several and names it: on a terminal in the line that
// is written over, elsewhere in a plain line.
func (p *progress) step(name string) {
	p.start, p.last, p.month, p.name = time.Now(), time.Time{}, 0, name+"  "
	if !p.terminal {
		fmt.Fprintf(p.w, "kuasheng: %s\n", name)
	}
}

// quiet is sim.Config's Progress where many runs follow each other: off a terminal a
// line for each month would be too many.
func (p *progress) quiet() func(sim.Progress) {
	if !p.terminal {
		return nil
	}
	return p.report
}
