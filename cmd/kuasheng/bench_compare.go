package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	benchreport "kuasheng/bench/report"
	"kuasheng/engine/money"
	"kuasheng/fixtures/nearest"
	"kuasheng/sim/report/words"
)

// benchCompareOptions are the flags of kuasheng bench compare.
type benchCompareOptions struct {
	rounds int
	turns  int
	slow   shareFlag
	metric string
	out    string
	json   bool
	lang   langValue

	alpha, minEffect, mostNoise shareFlag
}

// defaultCompareLoad is what both builds run where nothing is said: a fixed number of
// operations, so that their states can be held against each other.
var defaultCompareLoad = []string{"--profile", "peak-monday", "--max", "--operations", "500000", "--bills", "50000"}

func (a *app) benchCompareCommand() *cobra.Command {
	usual := bench.DefaultTerms
	o := benchCompareOptions{
		slow: shareFlag{0, mostSlow}, alpha: shareFlagOf(usual.Alpha, money.One),
		minEffect: shareFlagOf(usual.MinEffect, money.One), mostNoise: shareFlagOf(usual.MostNoise, money.One),
	}
	c := &cobra.Command{
		Use:   "compare BASE HEAD [-- FLAGS OF BENCH RUN]",
		Short: "Tell whether one build is slower than another",
		Long: `Compare runs two builds under the same schedule, in turn, the base twice: what it
differs from itself is the noise. Each round has three new processes, which take
turns of a fraction of a second; what counts of each is its quickest turn, and it is
compared within the round, so that it does not matter where the machine is slower
for a while. Each of BASE and HEAD is a program, a folder with a working tree (such
as .), or a revision, which is built in a work tree of its own; both must know
bench run --turns. Where the head looks slower after --rounds, as many are run again
and all are judged together.

A regression, exit code 12, takes three things: a p-value below --alpha by the
Mann–Whitney test, an effect above --min-effect, and an effect above the noise of the
session. Before that, both builds must have been asked the same, and come to the same
state, which the first round proves: another state is exit code 11. Where the noise
hides any effect that counts, the answer is 21.

What stands behind -- goes to bench run; without it, both run
` + strings.Join(defaultCompareLoad, " ") + `.`,
		Example: `  kuasheng bench compare HEAD~1 HEAD
  kuasheng bench compare HEAD . --rounds 20
  kuasheng bench compare HEAD HEAD --plant-slow 5%
  kuasheng bench compare old/kuasheng new/kuasheng -- --rate 20000 --for 5s`,
		Args: func(c *cobra.Command, args []string) error {
			sides := len(args)
			if dash := c.ArgsLenAtDash(); dash >= 0 {
				sides = dash
			}
			if sides != 2 {
				return fmt.Errorf("compare takes a base and a head, not %d", sides)
			}
			if slices.Contains(args[:2], "") {
				return errors.New("the build is empty")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.benchCompare(c.Context(), &o, args) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&o.rounds, "rounds", 10, "run `N` rounds of base, head, base again, and as many more where head looks slower")
	f.IntVar(&o.turns, "turns", 3, "of a process, count the quickest of `N` turns")
	f.StringVar(&o.metric, "metric", "", "decide by `METRIC`: "+strings.Join(metricNames(), ", "))
	f.Var(&o.alpha, "alpha", "a regression takes a p-value below this `SHARE`")
	f.Var(&o.minEffect, "min-effect", "and an effect above this `SHARE`")
	f.Var(&o.mostNoise, "most-noise", "inconclusive where the noise is above this `SHARE`")
	f.Var(&o.slow, "plant-slow", "have the head's writers work longer by a `SHARE` such as 5%, to see it found")
	f.StringVar(&o.out, "out", "", "write manifest.json, compare.md and benchstat's base.txt and head.txt into `DIR`")
	f.BoolVar(&o.json, "json", false, "print the comparison as JSON")
	addLang(c, &o.lang)
	_ = c.MarkFlagDirname("out")
	for name, values := range map[string][]string{"rounds": {"10", "20"}, "turns": {"1", "3", "5"}, "metric": metricNames(), "alpha": nil, "min-effect": nil, "most-noise": nil, "plant-slow": {"5%"}} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

// mostSlow is how much longer writers may be told to work.
const mostSlow = 10 * money.One

func metricNames() (names []string) {
	for _, m := range bench.Metrics {
		names = append(names, m.Name)
	}
	return names
}

func (a *app) benchCompare(ctx context.Context, o *benchCompareOptions, args []string) (err error) {
	if o.rounds < 1 || o.rounds > 200 {
		return failf(codeUsage, "--rounds %d: not from 1 to 200", o.rounds)
	}
	if o.turns < 1 || o.turns > 100 {
		return failf(codeUsage, "--turns %d: not from 1 to 100", o.turns)
	}
	if o.metric != "" && !slices.Contains(metricNames(), o.metric) {
		return failf(codeUsage, "--metric %s: no such metric%s", o.metric, nearest.Hint(o.metric, metricNames()))
	}
	for name, v := range map[string]*shareFlag{"alpha": &o.alpha, "min-effect": &o.minEffect, "most-noise": &o.mostNoise} {
		if v.BasisPoints <= 0 || v.BasisPoints >= money.One {
			return failf(codeUsage, "--%s %v: not between 0%% and 100%%", name, v)
		}
	}
	terms := bench.Terms{Metric: o.metric, Alpha: o.alpha.float(), MinEffect: o.minEffect.float(), MostNoise: o.mostNoise.float()}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	load := args[2:]
	if len(load) == 0 {
		load = defaultCompareLoad
	}
	builder, err := bench.NewBuilder()
	if err != nil {
		return fail(codeUsage, err)
	}
	defer func() { err = errors.Join(err, builder.Close()) }()
	progress := newBenchProgress(a.err)
	defer progress.end()
	var programs [2]string
	var builds [2]bench.Build
	for i, name := range args[:2] {
		progress.report(bench.Progress{Phase: "preparing " + name})
		if programs[i], builds[i], err = builder.Program(ctx, name); err != nil {
			return measured(ctx, err)
		}
	}
	start := func(side bench.Side, round int) (bench.Turner, error) {
		progress.report(bench.Progress{Phase: fmt.Sprintf("round %d", round+1)})
		program, args := programs[0], load
		if round > 0 {
			args = slices.Concat(args, []string{"--no-proof"})
		}
		if side == bench.Head {
			program = programs[1]
			if o.slow.BasisPoints > 0 {
				args = slices.Concat(args, []string{"--plant-slow", o.slow.String()})
			}
		}
		program, remove, err := builder.Copy(program)
		if err != nil {
			return nil, err
		}
		defer remove()
		return a.turns(ctx, program, args)
	}
	runs, err := bench.Interleave(ctx, 0, o.rounds, o.turns, start)
	if err != nil {
		return measured(ctx, err)
	}
	comparison, err := bench.Compare(terms, runs)
	if err == nil && comparison.Looks() {
		more, failed := bench.Interleave(ctx, o.rounds, 2*o.rounds, o.turns, start)
		if failed != nil {
			return measured(ctx, failed)
		}
		for side := range runs {
			runs[side] = append(runs[side], more[side]...)
		}
		comparison, err = bench.Compare(terms, runs)
	}
	if err != nil {
		return fail(codeUsage, err)
	}
	comparison.Base, comparison.Head = builds[0], builds[1]
	progress.end()
	body, err := benchreport.JSON(comparison)
	if err != nil {
		return fail(codeInternal, err)
	}
	var kept error
	if dir != nil {
		base := slices.Concat(runs[bench.Base], runs[bench.Again])
		kept = benchreport.WriteFiles(dir, [][2]string{
			{"compare.md", benchreport.CompareMarkdown(comparison)}, {"base.txt", benchreport.CompareGoBench(base)},
			{"head.txt", benchreport.CompareGoBench(runs[bench.Head])}, {benchreport.ManifestFile, string(body)},
		}, dir.commit)
		if kept != nil {
			kept = failf(codeUsage, "%v; %s was not written", kept, o.out)
		}
	}
	text := benchreport.CompareText(comparison, words.Lang(o.lang))
	if o.json {
		text = string(body)
	}
	return a.answer(text, kept, comparison.Verdict)
}
