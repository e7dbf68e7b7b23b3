package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/engine/day"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// runOptions are the flags of kuasheng run.
type runOptions struct {
	data    dataFlags
	seed    seedValue
	workers workersValue
	sample  sampleValue
	out     string
	trace   traceValue
	json    bool
	lang    langValue
	plant   plantValue
}

func (a *app) runCommand() *cobra.Command {
	o := runOptions{sample: 1, seed: 2024}
	c := &cobra.Command{
		Use:   "run [SCENARIO]",
		Short: "Simulate a year: settle, clear, watch prepayments, prove the books",
		Long: `Run simulates SCENARIO, a data pack such as national-2024, a folder with one, or
either with reforms on it as in national-2024+no-filing+my.yaml, from its warm-up
quarter through twelve measured months until the last fen has arrived. At every
month's barrier the books are proven; a broken invariant ends the run with exit
code 11, naming the barrier and the account. The same scenario, seed and sample
give the same digest with any number of workers.

With --sample 1/N one patient in N is simulated; figures are multiplied by N and
shown with the standard error of the sample. How the prepayments fare is not
estimated from a sample; a full run tells.

Without --out nothing is written. With it the directory must not exist yet or be
empty. It appears complete or not at all, after a power cut as well: files are
written beside it, into a folder .NAME.partial-*, which is renamed once the disk has
all of them, or removed where the run is interrupted, a disk is full or the books
are broken. What a run that was killed has left is removed by the next one to DIR.
A full or unwritable disk gives exit code 2; the summary is printed all the same.

With --trace 1/N the directory also holds claims.parquet: every bill of one
simulated patient in N, settled, refused, taken back or claimed by hand, a row
each, whatever the workers. It is gathered in memory, some 300 bytes a row.
"kuasheng explain" explains any of them, and any other bill of the run.`,
		Example: `  kuasheng run
  kuasheng run --sample 1/64 --lang zh
  kuasheng run --seed 7 --sample 1/256 --json
  kuasheng run --sample 1/64 --set 'policies.*.employee.drop_bp.referral=0'
  kuasheng run national-2024+no-filing --sample 1/64
  kuasheng run --sample 1/64 --out runs/first
  kuasheng run --sample 1/64 --out runs/first --trace 1/16`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.data.scenario = args[0]
			}
			return a.runYear(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Var(&o.seed, "seed", "seed `N` of everything random")
	f.Var(&o.workers, "workers", "number `N` of workers; 0 takes one for each processor")
	f.Var(&o.sample, "sample", "simulate one patient in N: `1/N`")
	o.data.add(c)
	f.StringVar(&o.out, "out", "", "write the run directory `DIR`")
	f.Var(&o.trace, "trace", "write the bills of one simulated patient in N into DIR/claims.parquet: `1/N`")
	f.BoolVar(&o.json, "json", false, "print the summary as JSON, as in summary.json")
	addLang(c, &o.lang)
	f.Var(&o.plant, "plant-fen", "falsify the books at `WHERE`, MONTH:ACCOUNT[:FEN], to see an invariant break")
	_ = c.MarkFlagDirname("out")
	for name, values := range map[string][]string{"sample": {"1/16", "1/64", "1/256", "1/1024"}, "trace": {"1/1", "1/16", "1/1024"}, "seed": nil, "workers": nil, "plant-fen": nil} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (a *app) runYear(ctx context.Context, o *runOptions) error {
	if o.trace.oneIn != 0 && o.out == "" {
		return failf(codeUsage, "--trace writes into the run directory; name one by --out")
	}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	p, overlays, err := o.data.load(a)
	if err != nil {
		return err
	}
	world := p.World()
	if plant := o.plant.plant; plant != nil {
		if i := int(plant.Month - world.First); i < 0 || i >= world.WarmUp+world.Months {
			return failf(codeUsage, "--plant-fen: %v is not among the months %v to %v", plant.Month, world.First, world.First+day.Month(world.WarmUp+world.Months)-1)
		}
	}

	var tracer *report.Tracer
	var trace *sim.Trace
	if o.trace.oneIn != 0 {
		tracer = report.NewTracer()
		trace = tracer.Follow(o.trace.oneIn)
	}
	progress := newProgress(a.err)
	result, err := a.simulate(ctx, sim.Config{
		World: world, Seed: uint64(o.seed), Workers: int(o.workers), Sample: uint32(o.sample),
		Progress: progress.report, Plant: o.plant.plant, Trace: trace, Registers: dir != nil,
	})
	progress.end()
	var unfit *sim.WorldError
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case errors.As(err, &unfit):
		return fail(codeUsage, err)
	case err != nil:
		return fail(codeInternal, err)
	case len(result.Breaches) > 0:
		return a.breached(result)
	}

	in := &report.Input{
		World: world, Result: result, Scenario: world.Name, Seed: uint64(o.seed), Sample: uint32(o.sample),
		Overlays: overlays, Sets: o.data.options.Sets, Partial: p.Notes(),
	}
	title := titleOf(p, overlays)
	in.Title, in.TitleZH = title.EN, title.ZH
	summary := report.Summarize(in)
	validation := report.Validate(in, summary)
	var kept error
	manifest := &report.Manifest{
		Repeat: o.repeat(world.Name), Scenario: world.Name, DataDigest: p.Digest(), Overlays: overlays,
		Sets: summary.Sets, Seed: uint64(o.seed), Sample: summary.Sample, Trace: o.trace.String(), Digest: summary.Digest, Program: program(),
	}
	if dir != nil {
		kept = o.keep(dir, tracer, &html.Run{Input: in, Summary: summary, Validation: validation, Manifest: manifest, Assumptions: assumptions(p)})
		if kept != nil && ctx.Err() != nil {
			return errInterrupted
		}
	}
	text := report.Text(in, summary, validation, a.screen(o.lang))
	if dir != nil && kept == nil {
		text += report.SealText(manifest.Seal, words.Lang(o.lang))
	}
	if o.json {
		b, err := json.MarshalIndent(summary, "", "  ")
		if err != nil {
			return fail(codeInternal, err)
		}
		text = string(b) + "\n"
	}
	if err := a.print(text); err != nil {
		return err
	}
	return kept
}

// keep writes the run directory and puts it in its place.
func (o *runOptions) keep(dir *runDir, tracer *report.Tracer, run *html.Run) error {
	var err error
	m := run.Manifest
	files := report.NewRecorder(dir)
	if tracer != nil {
		var file report.File
		file, err = tracer.WriteTo(files)
		m.Files = append(m.Files, file)
	}
	if err == nil {
		var file report.File
		file, err = html.WriteRun(files, run)
		m.Files = append(m.Files, file)
	}
	if err == nil {
		err = report.WriteRun(files, run.Input, run.Summary, run.Validation, m)
	}
	if err == nil {
		err = dir.commit()
	}
	if err != nil {
		return failf(codeUsage, "%w; %s was not written", err, o.out)
	}
	return nil
}

// assumptions count the values of a pack's files by their status.
func assumptions(p pack) (all []html.Assumption) {
	for _, f := range p.Doctor().Provenance {
		all = append(all, html.Assumption{File: f.File, Values: f.Values})
	}
	return all
}

// breached tells of broken invariants, the first ten of them.
func (a *app) breached(r *sim.Result) error {
	const most = 10
	for i, b := range r.Breaches {
		if i == most {
			fmt.Fprintf(a.err, "kuasheng: and %d more\n", len(r.Breaches)-most)
			break
		}
		fmt.Fprintf(a.err, "kuasheng: %s\n", words.Plain(b.Error()))
	}
	return failf(codeBreach, "the books are broken: %d of %d identities do not hold; nothing was kept", len(r.Breaches), r.Checked)
}

// repeat is the command that repeats a run. Workers are not in it: they change
// no result.
func (o *runOptions) repeat(scenario string) string {
	words := []string{"kuasheng", "run"}
	if o.data.options.Dir != "" {
		words = append(words, "--data", o.data.options.Dir)
	} else {
		words = append(words, scenario)
	}
	words = append(words, "--seed", o.seed.String(), "--sample", o.sample.String())
	for _, file := range o.data.options.Overlays {
		words = append(words, "--overlay", file)
	}
	for _, set := range o.data.options.Sets {
		words = append(words, "--set", set)
	}
	for i, word := range words {
		words[i] = shellQuoted(word)
	}
	return strings.Join(words, " ")
}

// shellQuoted quotes a word for a shell where it needs it.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// traceValue is --trace, one simulated patient in N; 0 traces nobody.
type traceValue struct{ oneIn uint32 }

func (v *traceValue) Type() string { return "string" }
func (v *traceValue) String() string {
	if v.oneIn == 0 {
		return ""
	}
	return report.SampleText(v.oneIn)
}

func (v *traceValue) Set(text string) error { return (*sampleValue)(&v.oneIn).Set(text) }
