package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kuasheng/engine/day"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/experiment/show/page"
	"kuasheng/sim/report"
)

// sweepOptions are the flags of kuasheng sweep.
type sweepOptions struct {
	data    dataFlags
	workers workersValue
	table   string
	most    int
	json    bool
	lang    langValue
}

func (a *app) sweepCommand() *cobra.Command {
	o := sweepOptions{}
	c := &cobra.Command{
		Use:   "sweep FILE",
		Short: "Run many settings into one table that survives interruption",
		Long: `Sweep runs every combination that FILE asks for and appends a row for each to a
CSV table, which is on disk before the next run starts. Interrupted, by Ctrl-C or a
power cut, it goes on where it was when started again: a run whose row is there is
not repeated. A run whose settings cannot be loaded or run is a row too, with its
error; at the end the reasons are printed, and the exit code is 2.

FILE is YAML: the outputs, the designs, and where wanted base, sample and seeds.
A design is a grid (every combination), a list (one run each) or a Latin hypercube:

  base: national-2024
  sample: 1/256
  outputs: [funds_fen, patients_fen, direct_rate_bp]
  designs:
    - grid:
        - {path: policies.*.*.drop_bp.other_temporary, values: [0, 1000, 2000]}
        - {path: policies.*.filing.handling_days, low: 0, high: 2, step: 1}
    - runs: 50
      seed: 1
      latin:
        - {path: behavior.commitment_bp, low: 0, high: 10000, step: 100}

At the end it prints how far each output moves over each path, the widest first, and
how far the pack's own value of that path can be trusted, and writes beside the table
the response curves, what was swept, and a page to look at, in English and Chinese:
drops.csv comes with drops.curves.csv, drops.manifest.json and drops.html.`,
		Example: `  kuasheng sweep docs/examples/sweep.yaml
  kuasheng sweep docs/examples/sweep.yaml --table drops.csv
  kuasheng sweep docs/examples/sweep.yaml --at-most 20`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("sweep wants one file of settings")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.sweep(c.Context(), &o, args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.Var(&o.workers, "workers", "number `N` of workers; 0 takes one for each processor")
	o.data.add(c)
	f.StringVar(&o.table, "table", "", "write the table `FILE`; without it the sweep's file with .csv")
	f.IntVar(&o.most, "at-most", 0, "end after `N` runs, to go on another time; 0 runs all")
	f.BoolVar(&o.json, "json", false, "print the influences as JSON")
	addLang(c, &o.lang)
	_ = c.MarkFlagFilename("table", "csv")
	return c
}

// defaultSweepSeed is a sweep's where its file names none.
const defaultSweepSeed = 2024

func (a *app) sweep(ctx context.Context, o *sweepOptions, file string) error {
	study, err := fixtures.ReadStudy(file)
	if err != nil {
		var faults fixtures.Faults
		if errors.As(err, &faults) {
			return faulty(err)
		}
		return failf(codeUsage, "%s: %w", file, cause(err))
	}
	points, err := experiment.Points(study.Designs)
	if err != nil {
		return failf(codeUsage, "%s: %w", file, err)
	}
	sample := sampleValue(1)
	if study.Sample != "" {
		if err := sample.Set(study.Sample); err != nil {
			return failf(codeUsage, "%s: sample %q: %w", file, study.Sample, err)
		}
	}
	if err := experiment.CheckOutputs(study.Outputs, uint32(sample)); err != nil {
		return failf(codeUsage, "%s: %w", file, err)
	}
	if len(study.Seeds) == 0 {
		study.Seeds = []uint64{defaultSweepSeed}
	}
	base := study.Base
	if base == "" {
		base = defaultScenario
	}
	whole, err := a.loadArm(&o.data, base)
	if err != nil {
		return err
	}
	name := o.table
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + ".csv"
	}
	table, err := openSweepTable(name, pathsOf(points), study.Outputs)
	if err != nil {
		return fail(codeUsage, err)
	}
	defer table.close()

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	progress := &sweepProgress{w: a.err, bar: newProgress(a.err), start: time.Now(), most: o.most, stop: func() { stop(errEnough) }}
	config := experiment.SweepConfig{
		Config: experiment.Config{Workers: int(o.workers), Sample: uint32(sample), Run: a.simulate, Progress: progress.bar.quiet()},
		Points: points, Seeds: study.Seeds, Base: whole.pack.Digest(), Outputs: study.Outputs, Table: table,
		World: func(p experiment.Point) (*sim.World, error) {
			d := o.data
			for _, s := range p {
				d.options.Sets = append(slices.Clip(d.options.Sets), s.String())
			}
			x, err := a.loadArm(&d, base)
			var faults fixtures.Faults
			if errors.As(err, &faults) {
				for _, f := range faults {
					f.Excerpt = "" // a row has one line
				}
				return nil, faults
			}
			if err != nil {
				return nil, err
			}
			return x.World, nil
		},
		Tell: progress.tell,
	}
	found, err := experiment.Sweep(ctx, config)
	progress.bar.end()
	enough := errors.Is(context.Cause(ctx), errEnough)
	switch {
	case enough:
		fmt.Fprintf(a.err, "kuasheng: ended after %d runs as asked; %s has %d of %d rows\n", o.most, name, len(table.rows), found.Of)
	case ctx.Err() != nil:
		return failf(codeInterrupted, "interrupted; %s has %d of %d rows, start again to go on", name, len(table.rows), found.Of)
	case err != nil:
		return a.experimentFailed(ctx, err)
	}

	rows := table.inOrder(&config)
	influences := experiment.Influences(rows, study.Outputs, a.statusOf(whole))
	if err := writeBeside(name, ".curves.csv", func(w io.Writer) error { return show.CurvesCSV(w, influences) }); err != nil {
		return err
	}
	manifest := sweepManifest{Version: sweepVersion, Command: "sweep", Repeat: o.data.repeat([]string{"sweep", file, "--table", name}), Table: name,
		Base: base, DataDigest: whole.pack.Digest(), Overlays: whole.overlays, Sets: append([]string{}, whole.sets...),
		Seeds: study.Seeds, Sample: uint32(sample), Runs: found.Of, Rows: len(rows), Outputs: study.Outputs, Program: program()}
	if err := writeBeside(name, ".manifest.json", func(w io.Writer) error { return writeJSON(w, &manifest) }); err != nil {
		return err
	}
	title := named("", study.Title, study.TitleZH)
	swept := &page.Swept{Title: title, Table: filepath.Base(name), Of: found.Of, Rows: rows, Paths: table.paths, Outputs: study.Outputs, Influences: influences}
	of := about([]*arm{whole}, manifest.Repeat)
	of.Seeds, of.Sample = study.Seeds, uint32(sample)
	if err := writeBeside(name, ".html", func(w io.Writer) error { return page.Sweep(swept, of).Write(w) }); err != nil {
		return err
	}
	if o.json {
		failures := experiment.Failures(rows)
		err = a.printJSON(&sweepResult{Version: sweepVersion, Table: name, Runs: found.Of, Rows: len(rows), Failed: failed(rows), Failures: failures, Influences: append([]experiment.Influence{}, influences...)})
	} else {
		err = a.print(show.Sweep(title, name, rows, influences, found, a.screen(o.lang)))
	}
	if n := failed(rows); err == nil && n > 0 {
		err = failf(codeUsage, "%d of %d rows failed; %s holds their errors", n, len(rows), name)
	}
	return err
}

// sweepVersion is the number of the layout of sweepResult and sweepManifest as JSON.
const sweepVersion = 2

// sweepResult is what sweep prints as JSON.
type sweepResult struct {
	Version    int                    `json:"version"`
	Table      string                 `json:"table"`
	Runs       int                    `json:"runs"`
	Rows       int                    `json:"rows"`
	Failed     int                    `json:"failed"`
	Failures   []experiment.Failure   `json:"failures"`
	Influences []experiment.Influence `json:"influences"`
}

func failed(rows []experiment.Row) (n int) {
	for _, f := range experiment.Failures(rows) {
		n += f.Rows
	}
	return n
}

// errEnough ends a sweep after --at-most runs.
var errEnough = errors.New("enough runs")

// sweepManifest is beside a sweep's table: enough to repeat it.
type sweepManifest struct {
	Version    int              `json:"version"`
	Command    string           `json:"command"`
	Repeat     string           `json:"repeat"`
	Table      string           `json:"table"`
	Base       string           `json:"base"`
	DataDigest string           `json:"data_digest"`
	Overlays   []report.Overlay `json:"overlays"`
	Sets       []string         `json:"sets"`
	Seeds      []uint64         `json:"seeds"`
	Sample     uint32           `json:"sample_one_in"`
	Runs       int              `json:"runs"`
	Rows       int              `json:"rows"`
	Outputs    []string         `json:"outputs"`
	Program    report.Program   `json:"program"`
}

// writeBeside writes a file beside the table, whole or not at all.
func writeBeside(table, suffix string, write func(io.Writer) error) error {
	name := strings.TrimSuffix(table, ".csv") + suffix
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err == nil {
		err = errors.Join(write(f), f.Chmod(0o644), f.Close())
		if err == nil {
			err = os.Rename(f.Name(), name)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}
	if err != nil {
		return failf(codeUsage, "%s: %w", name, cause(err))
	}
	return nil
}

// pathsOf are the columns of settings: every path with its months, as they first come.
func pathsOf(points []experiment.Point) (paths []string) {
	for _, p := range points {
		for _, s := range p {
			if name := settingName(s); !slices.Contains(paths, name) {
				paths = append(paths, name)
			}
		}
	}
	return paths
}

func settingName(s experiment.Setting) string {
	if s.Months == "" {
		return s.Path
	}
	return s.Path + "@" + s.Months
}

func settingOf(name, value string) experiment.Setting {
	path, months, _ := strings.Cut(name, "@")
	value, beyond := strings.CutSuffix(value, "!")
	return experiment.Setting{Path: path, Months: months, Value: value, BeyondLaw: beyond}
}

// inOrder are the rows of this sweep in its order, whatever else the table has.
func (t *sweepTable) inOrder(c *experiment.SweepConfig) (rows []experiment.Row) {
	at := map[string]int{}
	for i := range t.rows {
		at[t.rows[i].Key] = i
	}
	for _, seed := range c.Seeds {
		for _, p := range c.Points {
			if i, found := at[c.Key(p, seed)]; found {
				rows = append(rows, t.rows[i])
			}
		}
	}
	return rows
}

// statusOf says how far a parameter of a pack can be trusted.
func (a *app) statusOf(x *arm) func(path string) string {
	p, ok := x.pack.(*fixtures.Pack)
	if !ok {
		return nil
	}
	first := x.World.First + day.Month(x.World.WarmUp)
	return func(path string) string { return p.StatusOf(path, first) }
}

// sweepProgress tells how far a sweep is, with what is left of it.
type sweepProgress struct {
	w     io.Writer
	bar   *progress
	start time.Time
	most  int
	stop  func()
	ran   int
}

func (p *sweepProgress) tell(s experiment.SweepProgress) {
	if s.Next != "" || s.Done+s.Failed == p.ran {
		if p.bar.terminal {
			p.bar.step(fmt.Sprintf("%d of %d", s.Skipped+s.Done+s.Failed+1, s.Of))
		}
		return
	}
	p.ran = s.Done + s.Failed
	left := ""
	if rest := s.Of - s.Skipped - p.ran; rest > 0 {
		left = fmt.Sprintf(", %v left", (time.Since(p.start) / time.Duration(p.ran) * time.Duration(rest)).Round(time.Second))
	}
	if every := max(1, s.Of/20); !p.bar.terminal && (p.ran%every == 0 || left == "") {
		fmt.Fprintf(p.w, "kuasheng: %d of %d runs, %d failed%s\n", s.Skipped+p.ran, s.Of, s.Failed, left)
	}
	if p.most > 0 && p.ran >= p.most {
		p.stop()
	}
}
