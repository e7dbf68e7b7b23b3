package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/experiment/show/page"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
)

// compareOptions are the flags of kuasheng compare.
type compareOptions struct {
	data         dataFlags
	seed         seedValue
	workers      workersValue
	sample       sampleValue
	sampled      bool // as asked
	replications replicationsValue
	out          string
	trace        traceValue
	json         bool
	lang         langValue
}

func (a *app) compareCommand() *cobra.Command {
	o := compareOptions{sample: 64, seed: 2024}
	c := &cobra.Command{
		Use:   "compare BASE REFORM...",
		Short: "Compare policies over the same patients: who pays, gains, waits",
		Long: `Compare runs BASE and each REFORM over the same patients with the same illnesses
and reports the differences with 95 % intervals.

BASE is a scenario, such as national-2024, or a scenario with reforms on it:
national-2024+no-filing. A REFORM is a built-in reform, as kuasheng scenarios
lists them, or the file of an overlay; it lies on the base. Several are stacked
with +, as in chronic-10+my.yaml. What --overlay and --set lay over the pack is
part of the base. Two overlays that set one value in the same months are an
error.

Two kinds of error are told apart and never added. The 95 % sampling interval is
that of the paired difference over 64 random groups of patients. With
--replications N, or auto, base and reforms are run again with the seeds that
follow, and a row of its own gives the interval of the mean over seeds; auto
ends when it is within a tenth, after at least 3 and at most 20 seeds.

The last column says how many times larger the variance would be between two
independent samples. A reform that touches no patient, such as another
prepayment multiple, is not simulated again: only the money is moved again. How
prepayments, alerts, top-ups and pots fare cannot be told from a sample, and is
left out of one by name; where a reform moves nothing else, every patient is
simulated unless --sample asks for fewer. Of a sample a number that rests on
fewer than 30 people is left out.

With --out, report.html shows it all as a page to look at, in English and
Chinese: differences with their intervals, who gains and loses, the effect by
province.

With --trace 1/N the directory also holds pairs.parquet: the bills of one
simulated patient in N in the measured year, a row for each bill and reform,
with what came of it under the base and under the reform side by side. The
patients are those of "kuasheng run --trace 1/N"; the first seed's are paired.
They are gathered in memory, some 300 bytes a bill and policy. Summed over 1/1
their differences are the table's.`,
		Example: `  kuasheng compare national-2024 drop-5-points-less
  kuasheng compare national-2024 no-filing no-filing-no-drop --lang zh
  kuasheng compare national-2024+law-2019 null --sample 1/1024
  kuasheng compare national-2024 prepayment-150 trigger-70
  kuasheng compare national-2024 my.yaml --replications auto --out compared
  kuasheng compare national-2024 no-filing --out compared --trace 1/16`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("compare wants a base and at least one reform, such as national-2024 drop-5-points-less")
			}
			return nil
		},
		ValidArgsFunction: completeArms,
		RunE: func(c *cobra.Command, args []string) error {
			o.sampled = c.Flags().Changed("sample")
			return a.compare(c.Context(), &o, args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Var(&o.seed, "seed", "seed `N` of everything random; replications take those that follow")
	f.Var(&o.workers, "workers", "number `N` of workers; 0 takes one for each processor")
	f.Var(&o.sample, "sample", "simulate one patient in N: `1/N`; 1/1 where a reform moves only money")
	f.Var(&o.replications, "replications", "run `auto|N` seeds")
	o.data.add(c)
	f.StringVar(&o.out, "out", "", "write tables, report.html and manifest into the directory `DIR`")
	f.Var(&o.trace, "trace", "write the paired bills of one simulated patient in N into DIR/pairs.parquet: `1/N`")
	f.BoolVar(&o.json, "json", false, "print JSON")
	addLang(c, &o.lang)
	_ = c.MarkFlagDirname("out")
	for name, values := range map[string][]string{"sample": {"1/1", "1/64", "1/1024"}, "trace": {"1/1", "1/16"}, "replications": {"auto", "5"}, "seed": nil, "workers": nil} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (a *app) compare(ctx context.Context, o *compareOptions, args []string) error {
	if o.trace.oneIn != 0 && o.out == "" {
		return failf(codeUsage, "--trace writes into the directory of --out; name one")
	}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	base, err := a.loadArm(&o.data, args[0])
	if err != nil {
		return err
	}
	arms := []*arm{base}
	var reforms []experiment.Arm
	for _, spec := range args[1:] {
		x, err := a.loadArm(&o.data, args[0]+"+"+spec)
		if err != nil {
			return err
		}
		x.Name = spec
		arms, reforms = append(arms, x), append(reforms, x.Arm)
	}
	if !o.sampled {
		for _, r := range reforms {
			if experiment.MoneyOnly(base.World, r.World) && !experiment.SameWorld(base.World, r.World) {
				o.sample = 1
				fmt.Fprintf(a.err, "kuasheng: %s moves only the money between provinces, of which a sample tells little: every patient is simulated\n", r.Name)
				break
			}
		}
	}
	bar := newProgress(a.err)
	config := experiment.CompareConfig{
		Config:       experiment.Config{Seed: uint64(o.seed), Workers: int(o.workers), Sample: uint32(o.sample), Progress: bar.quiet(), Run: a.simulate},
		Replications: o.replications.n, Auto: o.replications.auto,
		Step: func(run int, seed uint64, name string) { bar.step(fmt.Sprintf("run %d: %s, seed %d", run, name, seed)) },
	}
	var pairs *report.Pairs
	if o.trace.oneIn != 0 {
		pairs = report.NewPairs(o.trace.oneIn, args[1:])
		config.Pair = pairs.Follow
	}
	result, err := experiment.Compare(ctx, base.Arm, reforms, config)
	bar.end()
	if err != nil {
		return a.experimentFailed(ctx, err)
	}
	var kept error
	if dir != nil {
		files := map[string]func(io.Writer) error{
			"comparison.json": func(w io.Writer) error { return writeJSON(w, result) },
			"figures.csv":     func(w io.Writer) error { return show.FiguresCSV(w, result) },
			"provinces.csv":   func(w io.Writer) error { return show.ProvincesCSV(w, result) },
			"burden.csv":      func(w io.Writer) error { return show.BurdenCSV(w, result) },
		}
		if pairs != nil {
			files[report.PairsFile] = pairs.Write
		}
		pageFile(files, about(arms, o.repeat(args)), func(a *page.About) *html.Page { return page.Compare(result, a) })
		kept = keepExperiment(dir, arms, "compare", o.repeat(args), files)
		if kept != nil && ctx.Err() != nil {
			return errInterrupted
		}
	}
	if o.json {
		err = a.printJSON(result)
	} else {
		err = a.print(show.Comparison(result, a.screen(o.lang)))
	}
	return errors.Join(err, kept)
}

// repeat is the command that repeats a comparison.
func (o *compareOptions) repeat(args []string) string {
	words := append([]string{"compare"}, args...)
	words = append(words, "--seed", o.seed.String(), "--sample", o.sample.String())
	if text := o.replications.String(); text != "" {
		words = append(words, "--replications", text)
	}
	return o.data.repeat(words)
}

// repeat is a command with the flags that choose its data.
func (d *dataFlags) repeat(words []string) string {
	words = append([]string{"kuasheng"}, words...)
	if d.options.Dir != "" {
		words = append(words, "--data", d.options.Dir)
	}
	for _, file := range d.options.Overlays {
		words = append(words, "--overlay", file)
	}
	for _, set := range d.options.Sets {
		words = append(words, "--set", set)
	}
	for i := range words {
		words[i] = shellQuoted(words[i])
	}
	return strings.Join(words, " ")
}

// arm is a policy with what it was made of.
type arm struct {
	experiment.Arm
	pack     pack
	overlays []report.Overlay
	sets     []string
}

// loadArm loads SCENARIO+REFORM+…; without a scenario the default one is meant.
func (a *app) loadArm(d *dataFlags, spec string) (*arm, error) {
	x := *d
	x.scenario = spec
	p, overlays, err := x.load(a)
	if err != nil {
		return nil, err
	}
	return &arm{experiment.Arm{Name: spec, World: p.World(), Partial: p.Notes()}, p, overlays, x.options.Sets}, nil
}

// completeArms offers scenarios for the base and reforms and files after it.
func completeArms(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return completeScenarios(c, args, begun)
	}
	var names []string
	for _, r := range fixtures.Reforms() {
		names = append(names, r.Name+"\t"+r.Title)
	}
	return names, cobra.ShellCompDirectiveDefault
}

// experimentFailed turns the error of an experiment into an exit code.
func (a *app) experimentFailed(ctx context.Context, err error) error {
	var unfit *sim.WorldError
	var broken *experiment.BreachError
	var ours *exitError
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &broken):
		return a.breached(broken.Result)
	case errors.As(err, &unfit):
		return fail(codeUsage, err)
	}
	return fail(codeInternal, err)
}

// experimentVersion is the number of the layout of experimentManifest.
const experimentVersion = 1

// experimentManifest is manifest.json of an experiment: enough to repeat it.
type experimentManifest struct {
	Version int            `json:"version"`
	Command string         `json:"command"`
	Repeat  string         `json:"repeat"`
	Arms    []manifestArm  `json:"arms"`
	Program report.Program `json:"program"`
}

type manifestArm struct {
	Name       string           `json:"name"`
	Scenario   string           `json:"scenario"`
	DataDigest string           `json:"data_digest"`
	Overlays   []report.Overlay `json:"overlays"`
	Sets       []string         `json:"sets"`
}

// keepExperiment writes an experiment's files and manifest and puts the directory in
// its place.
func keepExperiment(dir *runDir, arms []*arm, command, repeat string, files map[string]func(io.Writer) error) error {
	m := experimentManifest{Version: experimentVersion, Command: command, Repeat: repeat, Program: program()}
	for _, x := range arms {
		m.Arms = append(m.Arms, manifestArm{x.Name, x.World.Name, x.pack.Digest(), x.overlays, append([]string{}, x.sets...)})
	}
	files["manifest.json"] = func(w io.Writer) error { return writeJSON(w, &m) }
	for name, write := range files {
		f, err := dir.Create(name)
		if err == nil {
			err = errors.Join(write(f), f.Close())
		}
		if err != nil {
			return failf(codeUsage, "%s: %w; nothing was written", name, err)
		}
	}
	if err := dir.commit(); err != nil {
		return failf(codeUsage, "%w; nothing was written", err)
	}
	return nil
}

func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// mostAsked bounds --replications.
const mostAsked = 1000

// replicationsValue is --replications, auto or a number of seeds.
type replicationsValue struct {
	auto bool
	n    int
}

func (v *replicationsValue) Type() string { return "string" }
func (v *replicationsValue) String() string {
	switch {
	case v.auto:
		return "auto"
	case v.n > 0:
		return strconv.Itoa(v.n)
	}
	return ""
}

func (v *replicationsValue) Set(text string) error {
	if text == "auto" {
		*v = replicationsValue{auto: true}
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostAsked {
		return fmt.Errorf("neither auto nor a number from 1 to %d", mostAsked)
	}
	*v = replicationsValue{n: n}
	return nil
}
