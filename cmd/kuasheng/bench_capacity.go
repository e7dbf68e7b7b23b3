package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	benchreport "kuasheng/bench/report"
	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// benchCapacityOptions are the flags of kuasheng bench capacity.
type benchCapacityOptions struct {
	benchFlags
	slo            []string
	trial, confirm time.Duration
	precision      shareFlag
	scaling        int
	repeats        int
	out            string
	json           bool
	lang           langValue
}

func (a *app) benchCapacityCommand() *cobra.Command {
	o := benchCapacityOptions{precision: shareFlag{1000, money.One}}
	c := &cobra.Command{
		Use:   "capacity [SCENARIO]",
		Short: "Find the largest rate that is sustained under an objective",
		Long: `Capacity finds the largest constant rate under which the objectives hold, as an
interval: what held in a long trial, and what did not hold. A closed loop gives the
highest rate to try; short trials halve the interval. A rate does not hold where an
objective is missed, where the generator comes late, or where the response grows with
time. A trial that fails is repeated once. Where no trial at three rates in a row is
valid, the machine is unfit to measure: exit code 20.

With --scaling N throughput is also measured for 1 to N shards, and a line fitted.`,
		Example: `  kuasheng bench capacity --slo 'response.p99<2ms'
  kuasheng bench capacity --slo 'response.p99.9<20ms' --durability fsync
  kuasheng bench capacity --slo 'response.p99<2ms' --scaling 2`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.data.scenario = args[0]
			}
			return a.benchCapacity(c.Context(), c, &o)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	addSLO(c, &o.slo)
	f.DurationVar(&o.trial, "trial", 2*time.Second, "a trial takes this `TIME`")
	f.DurationVar(&o.confirm, "confirm", 10*time.Second, "the last one takes this `TIME`")
	f.Var(&o.precision, "precision", "how far apart the bounds may be, as a `SHARE`")
	f.IntVar(&o.scaling, "scaling", 0, "measure throughput for 1 to `N` shards too")
	f.IntVar(&o.repeats, "repeats", 3, "each of them `N` times")
	f.StringVar(&o.out, "out", "", "write the capacity as JSON into `DIR`")
	f.BoolVar(&o.json, "json", false, "print the capacity as JSON")
	addLang(c, &o.lang)
	o.add(c)
	_ = c.MarkFlagDirname("out")
	for _, name := range []string{"trial", "confirm", "precision", "scaling", "repeats"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (a *app) benchCapacity(ctx context.Context, c *cobra.Command, o *benchCapacityOptions) error {
	objectives, err := parseSLOs(o.slo)
	switch {
	case err != nil:
		return err
	case len(objectives) == 0:
		return failf(codeUsage, "a capacity needs an objective, such as --slo 'response.p99<2ms'")
	case o.trial < 100*time.Millisecond || o.confirm < 100*time.Millisecond:
		return failf(codeUsage, "a trial takes 100ms at least, not %v and %v", o.trial, o.confirm)
	case o.precision.BasisPoints < 50:
		return failf(codeUsage, "--precision %v: less than 0.5%%", &o.precision)
	case o.scaling < 0 || o.scaling > 1024 || o.repeats < 1 || o.repeats > 1000:
		return failf(codeUsage, "--scaling %d, --repeats %d: not from 0 to 1024, or not from 1 to 1000", o.scaling, o.repeats)
	}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	cfg, err := o.config(a, c)
	if err != nil {
		return err
	}
	cfg.Objectives = objectives
	progress := newBenchProgress(a.err)
	capacity, err := bench.FindCapacity(ctx, &bench.CapacityConfig{
		Config: *cfg, TrialNS: int64(o.trial), ConfirmNS: int64(o.confirm), Precision: o.precision.float(), MostShards: o.scaling, Repeats: o.repeats,
		Tell: func(text string) { progress.report(bench.Progress{Phase: text}) },
	})
	progress.end()
	if err != nil {
		return measured(ctx, err)
	}
	body, err := benchreport.JSON(capacity)
	if err != nil {
		return fail(codeInternal, err)
	}
	var kept error
	if dir != nil {
		if kept = benchreport.WriteFiles(dir, [][2]string{{benchreport.ManifestFile, string(body)}}, dir.commit); kept != nil {
			kept = failf(codeUsage, "%v; %s was not written", kept, o.out)
		}
	}
	text := benchreport.CapacityText(capacity, words.Lang(o.lang))
	if o.json {
		text = string(body)
	}
	return a.answer(text, kept, capacity.Verdict)
}

func (a *app) benchCalibrateCommand() *cobra.Command {
	var rounds int
	var asJSON bool
	var lang langValue
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Tell whether this machine can measure at all",
		Long: `Calibrate times a fixed piece of work, the gaps in a loop that reads the clock, and
how late sleeps end, some times over a few seconds. A machine whose speed swings or
whose processor is taken away gets exit code 20: what is measured on it is about the
machine.`,
		Example: `  kuasheng bench calibrate
  kuasheng bench calibrate --rounds 30 --json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if rounds < 2 || rounds > 10_000 {
				return failf(codeUsage, "--rounds %d: not from 2 to 10000", rounds)
			}
			f, err := bench.Fit(c.Context(), rounds, 300*time.Millisecond)
			if err != nil {
				return measured(c.Context(), err)
			}
			text := benchreport.FitnessText(f, words.Lang(lang))
			if asJSON {
				body, err := benchreport.JSON(f)
				if err != nil {
					return fail(codeInternal, err)
				}
				text = string(body)
			}
			if err := a.print(text); err != nil {
				return err
			}
			return judged(f.Verdict)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().IntVar(&rounds, "rounds", 10, "calibrate `N` times")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addLang(c, &lang)
	_ = c.RegisterFlagCompletionFunc("rounds", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp))
	return c
}
