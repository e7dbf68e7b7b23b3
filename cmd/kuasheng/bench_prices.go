package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	benchreport "kuasheng/bench/report"
	"kuasheng/sim/report/words"
)

// benchPricesOptions are the flags of kuasheng bench prices.
type benchPricesOptions struct {
	data                           dataFlags
	seed                           seedValue
	lines, bills, people, remember int
	month, logDir                  string
	ladder, service                time.Duration
	noise                          shareFlag
	json                           bool
	lang                           langValue
}

func (a *app) benchPricesCommand() *cobra.Command {
	o := benchPricesOptions{noise: shareFlagOf(bench.DefaultLimits.Noise, mostNoise)}
	c := &cobra.Command{
		Use:   "prices [SCENARIO]",
		Short: "Price list: what a settlement costs, feature by feature",
		Long: `Prices settles bills of the population in one thread, with features added one after
the other: settling alone, each request carried out once, stage times, the log's
encoding and checksums, its chain, writing, one fsync a group. The rows take turns
every few milliseconds over one and the same memory, so that neighbours disturb all
alike; a price is the median of the differences within a round. Making the requests
is not in it. Then the whole service runs closed loops with each durability.

Only bills that the rules let through are in the load, without admissions. How many
people and remembered requests there are is said with the figures: half of the cost
is memory that is not in the cache.`,
		Example: `  kuasheng bench prices
  kuasheng bench prices --people 1000000 --remember 20
  kuasheng bench prices --lines 3 --for 5s --json`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.data.scenario = args[0]
			}
			return a.benchPrices(c.Context(), &o)
		},
	}
	o.seed = 2024
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&o.lines, "lines", 8, "make every bill `N` lines long; 0 leaves it as it is")
	f.IntVar(&o.people, "people", 1<<17, "have `N` people at least")
	f.IntVar(&o.remember, "remember", bench.DefaultRemember, "remember 2^`N` requests, to carry out each once")
	f.IntVar(&o.bills, "bills", 200_000, "draw `N` bills, and settle them over and over")
	f.StringVar(&o.month, "month", "2024-03", "take bills of `MONTH`")
	f.DurationVar(&o.ladder, "for", 10*time.Second, "measure all rows together for this `TIME`")
	f.DurationVar(&o.service, "service", 3*time.Second, "and each service for this `TIME`")
	f.Var(&o.seed, "seed", "seed `N` of everything random")
	f.StringVar(&o.logDir, "log-dir", "", "write logs into a temporary folder of `DIR`")
	f.Var(&o.noise, "limit-noise", "invalid where the machine's speed changed by more than this `SHARE`")
	f.BoolVar(&o.json, "json", false, "print the price list as JSON")
	addLang(c, &o.lang)
	o.data.add(c)
	_ = c.MarkFlagDirname("log-dir")
	for name, values := range map[string][]string{
		"lines": {"1", "3", "8"}, "people": nil, "remember": nil, "bills": nil, "month": nil, "for": nil, "service": nil, "seed": nil, "limit-noise": nil,
	} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (a *app) benchPrices(ctx context.Context, o *benchPricesOptions) error {
	switch {
	case o.lines < 0 || o.lines > 64:
		return failf(codeUsage, "--lines %d: not from 0 to 64", o.lines)
	case o.people < 1 || o.people > 1<<24:
		return failf(codeUsage, "--people %d: not from 1 to %d", o.people, 1<<24)
	case o.remember < 4 || o.remember > 24:
		return failf(codeUsage, "--remember %d: not from 4 to 24", o.remember)
	case o.bills < 1000 || o.bills > 1<<24:
		return failf(codeUsage, "--bills %d: not from 1000 to %d", o.bills, 1<<24)
	case o.ladder <= 0 || o.service <= 0:
		return failf(codeUsage, "--for %v, --service %v: not above 0", o.ladder, o.service)
	}
	pack, _, err := o.data.load(a)
	if err != nil {
		return err
	}
	w := pack.World()
	profile, _ := bench.FindProfile("peak-monday")
	profile.Name, profile.About, profile.Weekday = "prices", "bills alone, each of which is settled", ""
	profile.Bills, profile.Lines, profile.Month = o.bills, o.lines, o.month
	progress := newBenchProgress(a.err)
	limits := bench.DefaultLimits
	limits.Noise = o.noise.float()
	p, err := bench.TakePrices(ctx, bench.PricesConfig{
		Config: bench.Config{
			World: w, Scenario: w.Name, DataDigest: pack.Digest(), Profile: profile, Seed: uint64(o.seed), Remember: o.remember,
			LogDir: o.logDir, Limits: limits, Progress: progress.report,
		},
		People: o.people, ForNS: int64(o.ladder), ServiceNS: int64(o.service),
	})
	progress.end()
	if err != nil {
		return measured(ctx, err)
	}
	text := benchreport.PricesText(p, words.Lang(o.lang))
	if o.json {
		body, err := benchreport.JSON(p)
		if err != nil {
			return fail(codeInternal, err)
		}
		text = string(body)
	}
	return a.answer(text, nil, p.Verdict)
}
