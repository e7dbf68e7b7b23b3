package experiment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kuasheng/sim"
)

// SweepConfig is a sweep: points, seeds, and what becomes of the rows.
type SweepConfig struct {
	Config
	Points []Point
	Seeds  []uint64
	// Base identifies what the points are laid over: the digest of the pack.
	Base string
	// Outputs are names of Figures.
	Outputs []string
	// World builds a point's world. An error is the row's, as a sim.WorldError is.
	World func(p Point) (*sim.World, error)
	// Table keeps the rows.
	Table Table
	// Tell, where not nil, is told before and after each run.
	Tell func(SweepProgress)
}

// Table keeps the rows of a sweep, so that one that was interrupted goes on.
type Table interface {
	// Has reports whether a row with the key is there.
	Has(key string) bool
	// Append adds a row for good: it is there after a crash.
	Append(Row) error
}

// Row is one run of a sweep.
type Row struct {
	Key      string
	Status   string // RowDone or RowFailed
	Error    string // in one line
	Seed     uint64
	Settings Point
	Values   []float64 // of the outputs
	SE       []float64 // their sampling errors; 0 where there is none
}

// The states of a row. A failed run is finished: it would fail again.
const (
	RowDone   = "done"
	RowFailed = "failed"
)

// SweepProgress says how far a sweep is.
type SweepProgress struct {
	// Of are all runs, Skipped of them were in the table before, Done now.
	Of, Skipped, Done, Failed int
	// Next describes the run that starts, "" after one that ended.
	Next string
	// MoneyOnly says that the run that ended moved only the money of the one before.
	MoneyOnly bool
}

// Key identifies a run by everything that decides its result: the pack's digest, the
// seed, the sample, the settings and the outputs.
func (c *SweepConfig) Key(p Point, seed uint64) string {
	settings := p.texts()
	slices.Sort(settings)
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n%d\n%s\n%s", c.Base, seed, max(1, c.Sample), strings.Join(settings, "\n"), strings.Join(c.Outputs, " "))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Sweep runs every point with every seed that the table does not have. It ends with
// the context's error, between rows, where that ends: nothing half is written.
//
// A point that touches no patient, seen from the run before, is not simulated again:
// the recorded registers are cleared anew.
func Sweep(ctx context.Context, c SweepConfig) (SweepProgress, error) {
	p := SweepProgress{Of: len(c.Points) * len(c.Seeds)}
	outputs, err := outputsOf(c.Outputs, c.Sample)
	if err != nil {
		return p, err
	}
	tell := func(next string, moneyOnly bool) {
		if c.Tell != nil {
			p.Next, p.MoneyOnly = next, moneyOnly
			c.Tell(p)
		}
	}
	for _, seed := range c.Seeds {
		var last recorded
		for _, point := range c.Points {
			row := Row{Key: c.Key(point, seed), Status: RowDone, Seed: seed, Settings: point}
			if c.Table.Has(row.Key) {
				p.Skipped++
				continue
			}
			tell(point.String(), false)
			o, moneyOnly, err := last.run(ctx, &c, point, seed)
			if ctx.Err() != nil {
				return p, ctx.Err()
			}
			if err != nil && !unfit(err) {
				return p, err
			}
			if err != nil {
				row.Status, row.Error = RowFailed, oneLine(err.Error())
				p.Failed++
			} else {
				row.Values, row.SE = valuesOf(o, outputs)
				p.Done++
			}
			if err := c.Table.Append(row); err != nil {
				return p, err
			}
			tell("", moneyOnly)
		}
	}
	return p, nil
}

// unfit reports an error of the settings; any other, such as broken books, is ours and
// ends the sweep.
func unfit(err error) bool {
	var point *pointError
	var world *sim.WorldError
	return errors.As(err, &point) || errors.As(err, &world)
}

// pointError says why there is no world for a point.
type pointError struct{ error }

// outputsOf finds the figures of a sweep.
func outputsOf(names []string, sample uint32) (all []*Figure, err error) {
	for _, name := range names {
		i := slices.IndexFunc(figures, func(f Figure) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no output %q", name)
		}
		if figures[i].Whole && sample > 1 {
			return nil, fmt.Errorf("%s is not estimated from a sample, whose pairs swing more than whole ones; sweep it with sample 1/1", name)
		}
		all = append(all, &figures[i])
	}
	return all, nil
}

// CheckOutputs says why a sweep of a sample cannot have these outputs.
func CheckOutputs(names []string, sample uint32) error {
	_, err := outputsOf(names, sample)
	return err
}

// recorded is a run whose money can be moved again.
type recorded struct {
	world *sim.World
	seen  *Observation
	rec   *sim.Recording
}

func (l *recorded) run(ctx context.Context, c *SweepConfig, p Point, seed uint64) (o *Observation, moneyOnly bool, err error) {
	w, err := c.World(p)
	if err != nil {
		return nil, false, &pointError{err}
	}
	if l.seen != nil && MoneyOnly(l.world, w) {
		o, err := l.seen.clear(ctx, w, l.rec)
		return o, true, err
	}
	config := c.Config
	config.Seed = seed
	rec := new(sim.Recording)
	if o, err = observe(ctx, w, config, false, rec); err == nil {
		*l = recorded{w, o, rec}
	}
	return o, false, err
}

// valuesOf computes outputs and their sampling errors.
func valuesOf(o *Observation, outputs []*Figure) (values, se []float64) {
	var money *moneyFigures
	var views [groups + 1]*view
	for _, f := range outputs {
		if f.Money {
			if money == nil {
				money = moneyOf(o.World, o.Result, o.Sample)
			}
			values, se = append(values, f.money(money)), append(se, 0)
			continue
		}
		if views[0] == nil {
			for g := -1; g < groups; g++ {
				views[g+1] = o.view(g)
			}
		}
		var e Estimate
		e.set(jackknife(func(g int) float64 { return f.patients(views[g+1]) }))
		values, se = append(values, e.Value), append(se, *e.SE)
	}
	return values, se
}

// Failure is one reason why rows failed.
type Failure struct {
	Error string `json:"error"`
	Rows  int    `json:"rows"`
	First string `json:"first_settings"` // of the first of them
}

// Failures gathers the rows that failed by their errors, the most frequent first.
func Failures(rows []Row) []Failure {
	all := []Failure{}
	for _, r := range rows {
		if r.Status == RowDone {
			continue
		}
		i := slices.IndexFunc(all, func(f Failure) bool { return f.Error == r.Error })
		if i < 0 {
			i, all = len(all), append(all, Failure{Error: r.Error, First: r.Settings.String()})
		}
		all[i].Rows++
	}
	slices.SortStableFunc(all, func(a, b Failure) int { return b.Rows - a.Rows })
	return all
}

// mostError is how much of an error a row holds.
const mostError = 300

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > mostError {
		return string(runes[:mostError]) + "…"
	}
	return text
}
