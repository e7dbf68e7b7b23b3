package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/fixtures/nearest"
	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/experiment/show/page"
	"kuasheng/sim/report/html"
)

// stressOptions are the flags of kuasheng stress.
type stressOptions struct {
	data         dataFlags
	seed         seedValue
	workers      workersValue
	sample       sampleValue
	late         int
	surge        shareFlag
	down         int
	months       monthsValue
	search       string
	bound        shareFlag
	domain       domainValue
	replications replicationsValue
	out          string
	json         bool
	lang         langValue
}

func (a *app) stressCommand() *cobra.Command {
	o := stressOptions{sample: 1, seed: 2024, surge: shareFlag{3000, mostSurge}, bound: shareFlag{0, money.One}}
	c := &cobra.Command{
		Use:   "stress [SCENARIO]",
		Short: "Let each province pay late, surge or be down, and rank the damage",
		Long: `Stress simulates SCENARIO once and then moves its money again for each of the 32
provinces: as one that pays its clearing late, as one where more patients are
treated, and as one that is down on the days on which most of its money settles.
It ranks what is worse than in the baseline by province and by pair: own money
that places of treatment have to put in, times days; days short; clearing that
waits or comes late. Of a province that is down it also says what became of the
bills: who waited, who paid in full and who of these claims by hand. Only the
patients with a bill on those days are settled again, which gives what a whole
run with the outage would, exactly.

With --search it looks for the edge instead: the smallest prepayment multiple,
the largest surge everywhere or the longest delay of all payers at which the
share of provinces and months with a dry pot stays within --bound. With
--replications N it does so for N seeds, each by itself, and gives the interval
over them.

With --out, report.html shows the ranking, or the curve of the search, as a page
to look at, in English and Chinese.

How pots fare is not to be learnt from a sample, whose pairs swing more than
whole ones; without --sample all patients are simulated.`,
		Example: `  kuasheng stress
  kuasheng stress --late 40 --surge 0 --out stressed
  kuasheng stress --late 0 --surge 0 --down 3
  kuasheng stress national-2024+prepayment-150 --lang zh
  kuasheng stress --surge 12.5% --months 2024-04..2024-06
  kuasheng stress --search multiple --bound 1% --domain 50%..400%/1%
  kuasheng stress --search surge --months 2024-04..2024-06`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			base := defaultScenario
			if len(args) == 1 {
				base = args[0]
			}
			return a.stress(c.Context(), &o, base)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.Var(&o.seed, "seed", "seed `N` of everything random; replications take those that follow")
	f.Var(&o.workers, "workers", "number `N` of workers; 0 takes one for each processor")
	f.Var(&o.sample, "sample", "simulate one patient in N: `1/N`")
	f.IntVar(&o.late, "late", 20, "working `DAYS` that a late province pays beyond the timetable; 0 leaves them out")
	f.Var(&o.surge, "surge", "the `SHARE` by which a province surges; 0 leaves them out")
	f.IntVar(&o.down, "down", 1, "for how many `DAYS` in a row a province is down; 0 leaves them out")
	f.Var(&o.months, "months", "`FROM..TO`, the months of a surge; without it the second quarter of the measured months")
	f.StringVar(&o.search, "search", "", "search the edge of `multiple|surge|delay` instead")
	f.Var(&o.bound, "bound", "of a search, the `SHARE` of provinces and months that may run dry")
	f.Var(&o.domain, "domain", "of a search, `LOW..HIGH/STEP`: of multiple and surge shares such as 50%..400%/1%, of delay working days")
	f.Var(&o.replications, "replications", "of a search, `N` seeds")
	o.data.add(c)
	f.StringVar(&o.out, "out", "", "write tables, report.html and manifest into the directory `DIR`")
	f.BoolVar(&o.json, "json", false, "print JSON")
	addLang(c, &o.lang)
	_ = c.MarkFlagDirname("out")
	for name, values := range map[string][]string{"search": experiment.VariableNames[:], "sample": {"1/1", "1/64"}, "seed": nil, "workers": nil, "late": nil, "surge": nil, "down": nil, "months": nil, "bound": nil, "domain": nil, "replications": nil} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

// mostSurge bounds a surge and a multiple, mostLateDays a delay, mostDownDays an outage.
const (
	mostSurge    = 10 * money.One
	mostLateDays = 250
	mostDownDays = 28
)

func (a *app) stress(ctx context.Context, o *stressOptions, spec string) error {
	variable, known := experiment.ParseVariable(o.search)
	switch {
	case o.search != "" && !known:
		return failf(codeUsage, "--search %s: none of %s%s", o.search, strings.Join(experiment.VariableNames[:], ", "), nearest.Hint(o.search, experiment.VariableNames[:]))
	case o.search == "" && (o.replications != replicationsValue{} || o.domain != "" || o.bound.BasisPoints != 0):
		return failf(codeUsage, "--bound, --domain and --replications belong to --search")
	case o.replications.auto:
		return failf(codeUsage, "--replications of a search is a number of seeds")
	case o.late < 0 || o.late > mostLateDays:
		return failf(codeUsage, "--late %d: not within 0 to %d working days", o.late, mostLateDays)
	case o.down < 0 || o.down > mostDownDays:
		return failf(codeUsage, "--down %d: not within 0 to %d days", o.down, mostDownDays)
	}
	domain := variable.DefaultDomain()
	if o.domain != "" {
		var err error
		if domain, err = o.domain.of(variable); err != nil {
			return failf(codeUsage, "--domain %s: %w", shellQuoted(string(o.domain)), err)
		}
	}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	base, err := a.loadArm(&o.data, spec)
	if err != nil {
		return err
	}
	from, to, err := o.months.within(base.World)
	if err != nil {
		return err
	}
	bar := newProgress(a.err)
	config := experiment.Config{Seed: uint64(o.seed), Workers: int(o.workers), Sample: uint32(o.sample), Progress: bar.report, Run: a.simulate}
	var files map[string]func(io.Writer) error
	var look func(*page.About) *html.Page
	var text string
	var result any
	if o.search != "" {
		config.Progress = bar.quiet()
		r, err := experiment.Search(ctx, base.Arm, experiment.SearchConfig{
			Config: config, Variable: variable, Domain: domain, Bound: int(o.bound.BasisPoints), Replications: o.replications.n, SurgeFrom: from, SurgeTo: to,
			Step: func(n int, seed uint64) { bar.step(fmt.Sprintf("search %d, seed %d", n, seed)) },
		})
		bar.end()
		if err != nil {
			return a.experimentFailed(ctx, err)
		}
		result, text = r, show.Search(r, a.screen(o.lang))
		look = func(a *page.About) *html.Page { return page.Search(r, a) }
		files = map[string]func(io.Writer) error{
			"search.json": func(w io.Writer) error { return writeJSON(w, r) },
			"tried.csv":   func(w io.Writer) error { return show.TriedCSV(w, r) },
		}
	} else {
		r, err := experiment.Stress(ctx, base.Arm, experiment.StressConfig{
			Config: config, LateDays: o.late, Surge: int(o.surge.BasisPoints), SurgeFrom: from, SurgeTo: to, DownDays: o.down,
			Step: func(done, of int) {
				if done == of || done%16 == 0 {
					bar.step(fmt.Sprintf("%d of %d scenarios", done, of))
				}
			},
		})
		bar.end()
		if err != nil {
			return a.experimentFailed(ctx, err)
		}
		result, text = r, show.Stress(r, a.screen(o.lang))
		look = func(a *page.About) *html.Page { return page.Stress(r, a) }
		files = map[string]func(io.Writer) error{
			"stress.json":   func(w io.Writer) error { return writeJSON(w, r) },
			"scenarios.csv": func(w io.Writer) error { return show.ScenariosCSV(w, r) },
			"pairs.csv":     func(w io.Writer) error { return show.PairsCSV(w, r) },
		}
	}
	var kept error
	if dir != nil {
		pageFile(files, about([]*arm{base}, o.repeat(spec, from, to)), look)
		kept = keepExperiment(dir, []*arm{base}, "stress", o.repeat(spec, from, to), files)
		if kept != nil && ctx.Err() != nil {
			return errInterrupted
		}
	}
	if o.json {
		err = a.printJSON(result)
	} else {
		err = a.print(text)
	}
	return errors.Join(err, kept)
}

func (o *stressOptions) repeat(spec string, from, to day.Month) string {
	words := []string{"stress", spec, "--seed", o.seed.String(), "--sample", o.sample.String(), "--months", fmt.Sprintf("%v..%v", from, to)}
	if o.search == "" {
		words = append(words, "--late", strconv.Itoa(o.late), "--surge", o.surge.String(), "--down", strconv.Itoa(o.down))
	} else {
		words = append(words, "--search", o.search, "--bound", o.bound.String())
		if o.domain != "" {
			words = append(words, "--domain", string(o.domain))
		}
		if n := o.replications.String(); n != "" {
			words = append(words, "--replications", n)
		}
	}
	return o.data.repeat(words)
}

// monthsValue is --months FROM..TO, both included.
type monthsValue struct {
	from, to day.Month
	set      bool
}

func (v *monthsValue) Type() string { return "string" }
func (v *monthsValue) String() string {
	if !v.set {
		return ""
	}
	return fmt.Sprintf("%v..%v", v.from, v.to)
}

func (v *monthsValue) Set(text string) error {
	from, to, found := strings.Cut(text, "..")
	if !found {
		to = from
	}
	var err error
	if v.from, err = day.ParseMonth(from); err == nil {
		v.to, err = day.ParseMonth(to)
	}
	switch {
	case err != nil:
		return err
	case v.to < v.from:
		return errors.New("it ends before it begins")
	}
	v.set = true
	return nil
}

// within returns the months, or without any the second quarter of the measured ones.
func (v *monthsValue) within(w *sim.World) (from, to day.Month, err error) {
	first := w.First + day.Month(w.WarmUp)
	last := first + day.Month(w.Months) - 1
	if !v.set {
		return min(first+3, last), min(first+5, last), nil
	}
	if v.from < first || v.to > last {
		return 0, 0, failf(codeUsage, "--months %v: not within the measured months %v to %v", v, first, last)
	}
	return v.from, v.to, nil
}

// domainValue is --domain LOW..HIGH/STEP, which is read once its variable is known.
type domainValue string

func (v *domainValue) Type() string          { return "string" }
func (v *domainValue) String() string        { return string(*v) }
func (v *domainValue) Set(text string) error { *v = domainValue(text); return nil }

// of reads the domain of a variable: working days, or shares.
func (v domainValue) of(variable experiment.Variable) (d experiment.Domain, err error) {
	number := func(text string) (int, error) {
		bp, err := parseShare(text, mostSurge)
		return int(bp), err
	}
	like := "LOW..HIGH/STEP in shares, such as 50%..400%/1%"
	if variable == experiment.Delay {
		like = fmt.Sprintf("LOW..HIGH/STEP in whole working days up to %d, such as 0..40/5", mostLateDays)
		number = func(text string) (int, error) {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > mostLateDays {
				err = errors.New("not " + like)
			}
			return n, err
		}
	}
	bounds, step, stepped := strings.Cut(string(v), "/")
	low, high, ranged := strings.Cut(bounds, "..")
	if !stepped || !ranged {
		return d, errors.New("not " + like)
	}
	for _, part := range []struct {
		into *int
		text string
	}{{&d.Low, low}, {&d.High, high}, {&d.Step, step}} {
		if *part.into, err = number(part.text); err != nil {
			return d, err
		}
	}
	if d.High < d.Low || d.Step < 1 {
		return d, errors.New("it ends before it begins, or has no step")
	}
	return d, nil
}
