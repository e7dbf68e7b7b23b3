package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	benchreport "kuasheng/bench/report"
	"kuasheng/bench/service"
	"kuasheng/sim/report/words"
)

// benchRunOptions are the flags of kuasheng bench run.
type benchRunOptions struct {
	benchFlags
	slo        []string
	plant      int64
	slow       shareFlag
	keepLog    string
	noEvidence bool
	out        string
	history    string
	json       bool
	gobench    bool
	turns      bool
	lang       langValue
}

func (a *app) benchRunCommand() *cobra.Command {
	o := benchRunOptions{slow: shareFlag{0, mostSlow}}
	c := &cobra.Command{
		Use:   "run [SCENARIO]",
		Short: "Put a load on the engine and judge the run",
		Long: `Run puts the load of a profile on the engine and judges what it sees. The schedule is
fixed before the run; every operation has three times: lag, what the generator was
late; service, what the engine took; response, from the planned time to the answer.

After the run the books are checked, and the state must be that of a plain
single-threaded replay of what was sent; --plant-fen shows that a fen is found.
With a log, a restart from it must come to the same state too.

Objectives name response, service or lag with a quantile, or throughput, which is
settlements a second. Where one is missed, --out keeps evidence: an execution trace
of the seconds before, and a profile.

With --out the directory must not exist yet or be empty; it appears complete or not
at all: result.json, summary.md, bench.txt for benchstat, response.hgrm, latency.hlog
and report.html. --history appends a line of JSON to a file.`,
		Example: `  kuasheng bench run
  kuasheng bench run --profile month-end --slo 'response.p99<2ms' --out bench-1
  kuasheng bench run --max --shards 1 --durability fsync
  kuasheng bench run --rate 20000 --for 10s --late skip
  kuasheng bench run --replay arrivals.csv
  kuasheng bench run --max --for 2s --plant-fen 1`,
		Args:              atMostOne("scenario"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.data.scenario = args[0]
			}
			return a.benchRun(c.Context(), c, &o)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	o.addPace(c)
	addSLO(c, &o.slo)
	f.StringVar(&o.out, "out", "", "write result, page and histograms into `DIR`")
	f.StringVar(&o.history, "history", "", "append the result as one line of JSON to `FILE`")
	f.BoolVar(&o.json, "json", false, "print the result as JSON, as in result.json")
	f.BoolVar(&o.gobench, "gobench", false, "print Go benchmark lines, as in bench.txt")
	f.Int64Var(&o.plant, "plant-fen", 0, "falsify an account by `N` fen after the run, to see it found")
	f.BoolVar(&o.turns, "turns", false, "print an empty line when ready, and then a line of JSON for each line of standard input; only the first run proves the money")
	f.Var(&o.slow, "plant-slow", "have the writers work longer by a `SHARE` such as 5%, to see it found")
	f.StringVar(&o.keepLog, "keep-log", "", "keep the logs in `DIR`, which must not exist yet")
	f.BoolVar(&o.noEvidence, "no-evidence", false, "gather no evidence; it costs the run a per cent or so")
	addLang(c, &o.lang)
	o.add(c)
	_ = c.MarkFlagDirname("out")
	_ = c.MarkFlagDirname("keep-log")
	_ = c.RegisterFlagCompletionFunc("plant-slow", cobra.FixedCompletions([]string{"5%"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.MarkFlagFilename("history", "ndjson", "jsonl")
	_ = c.RegisterFlagCompletionFunc("plant-fen", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) benchRun(ctx context.Context, c *cobra.Command, o *benchRunOptions) error {
	if o.json && o.gobench {
		return failf(codeUsage, "--json and --gobench are two outputs; name one")
	}
	if o.turns && (o.json || o.gobench || o.out != "" || o.history != "" || o.keepLog != "") {
		return failf(codeUsage, "--turns prints a line for each run and keeps nothing; it goes without --json, --gobench, --out, --history and --keep-log")
	}
	objectives, err := parseSLOs(o.slo)
	if err != nil {
		return err
	}
	dir, err := a.reserve(ctx, o.out)
	if err != nil {
		return err
	}
	cfg, err := o.config(a, c)
	if err != nil {
		return err
	}
	cfg.Objectives, cfg.PlantFen, cfg.Gather = objectives, o.plant, dir != nil && !o.noEvidence
	cfg.PlantSlow = o.slow.float()
	if o.keepLog != "" {
		if cfg.Durability == service.InMemory {
			return failf(codeUsage, "--keep-log is about a log; --durability names none")
		}
		if _, err := os.Stat(o.keepLog); !errors.Is(err, os.ErrNotExist) {
			return failf(codeUsage, "--keep-log %s: it exists already", o.keepLog)
		}
		cfg.KeepLog = o.keepLog
	}
	progress := newBenchProgress(a.err)
	cfg.Progress = progress.report
	prepared, err := bench.Prepare(*cfg)
	if err != nil {
		progress.end()
		return fail(codeUsage, err)
	}
	if o.turns {
		progress.end()
		return a.takeTurns(ctx, prepared)
	}
	outcome, err := prepared.Run(ctx)
	progress.end()
	if err != nil {
		return measured(ctx, err)
	}
	r := outcome.Result
	var kept error
	if dir != nil {
		if kept = benchreport.Write(dir, outcome); kept == nil {
			kept = dir.commit()
		}
	}
	if kept != nil && ctx.Err() != nil {
		return errInterrupted
	}
	if kept != nil {
		kept = failf(codeUsage, "%v; %s was not written", kept, o.out)
	} else if o.history != "" {
		kept = appendHistory(o.history, r)
	}
	text := benchreport.Text(r, words.Lang(o.lang))
	switch {
	case o.json:
		b, err := benchreport.JSON(r)
		if err != nil {
			return fail(codeInternal, err)
		}
		text = string(b)
	case o.gobench:
		text = benchreport.GoBench(r)
	}
	return a.answer(text, kept, r.Verdict)
}

// takeTurns runs a load once for each line that comes in, until there is no more.
func (a *app) takeTurns(ctx context.Context, prepared *bench.Prepared) error {
	asked := make(chan struct{})
	go func() { // Ctrl-C does not end a read
		defer close(asked)
		for in := bufio.NewScanner(a.in); in.Scan(); {
			select {
			case asked <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	fmt.Fprintln(a.out) // ready
	for {
		select {
		case <-ctx.Done():
			return errInterrupted
		case _, open := <-asked:
			if !open {
				return nil
			}
		}
		outcome, err := prepared.Run(ctx)
		if err != nil {
			return measured(ctx, err)
		}
		if err := json.NewEncoder(a.out).Encode(outcome.Result); err != nil {
			return fail(codeInternal, err)
		}
		if prepared, err = prepared.With(func(c *bench.Config) { c.NoProof, c.Progress = true, nil }); err != nil {
			return fail(codeInternal, err)
		}
	}
}

// appendHistory adds a line to a history in one write.
func appendHistory(file string, r *bench.Result) error {
	line, err := benchreport.History(r)
	if err != nil {
		return fail(codeInternal, err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return failf(codeUsage, "--history %s: %w", file, cause(err))
	}
	if _, err = f.Write(line); err == nil {
		err = f.Close()
	} else {
		_ = f.Close()
	}
	if err != nil {
		return failf(codeUsage, "--history %s: %w", file, cause(err))
	}
	return nil
}
