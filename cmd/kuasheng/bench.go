package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/engine/money"
	"kuasheng/fixtures/nearest"
	"kuasheng/sim/report"
)

func (a *app) benchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure the engine as a service: latency, throughput, a verdict",
		Long: `Bench puts load on the transactional engine, in this process, and judges what it
sees. The load is the synthetic population's: admissions, settlements, reversals,
repeats and takings back, on a schedule that is fixed before the run.

Exit codes, most serious first: 11 the money does not balance; 20 the measurement
cannot be trusted; 10 an objective was missed; 12 slower than the base; 21 too few
samples; 0 none of it. 2 wrong usage, 130 interrupted by Ctrl-C, 143 by SIGTERM, 1 an
error of the program.`,
		Example: `  kuasheng bench run --profile peak-monday --slo 'response.p99<2ms'
  kuasheng bench run --max --shards 1
  kuasheng bench compare HEAD~1 HEAD
  kuasheng bench capacity --slo 'response.p99<2ms'
  kuasheng bench prices
  kuasheng bench calibrate
  kuasheng bench log logs/shard-000.log`,
	}
	c.AddCommand(a.benchRunCommand(), a.benchCompareCommand(), a.benchPricesCommand(), a.benchCapacityCommand(), a.benchLogCommand(), a.benchCalibrateCommand())
	return c
}

// benchFlags choose a load and the service it is put on.
type benchFlags struct {
	data    dataFlags
	seed    seedValue
	profile string

	max        bool
	rate       float64
	scale      float64
	ramp       string
	replay     string
	length     time.Duration
	operations int64
	spacing    string

	shards     int
	durability string
	unchained  bool
	logDir     string
	stages     int
	remember   int

	batch, inFlight  int
	late             string
	warmUp           time.Duration
	warmUpOperations int64
	bills, lines     int
	month, weekday   string
	clearing         bool

	lag            time.Duration
	offered, noise shareFlag
	noProof        bool
}

// add registers the flags of the service and of the bills, which every command that
// measures has.
func (b *benchFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	b.seed = 2024
	b.offered, b.noise = shareFlagOf(bench.DefaultLimits.Offered, money.One), shareFlagOf(bench.DefaultLimits.Noise, mostNoise)
	names := profileNames()
	f.StringVar(&b.profile, "profile", "peak-monday", "the load, by `NAME`: "+strings.Join(names, ", "))
	f.Var(&b.seed, "seed", "seed `N` of everything random")
	f.IntVar(&b.shards, "shards", 1, "number `N` of shards, each with one writer")
	f.StringVar(&b.durability, "durability", "memory", "what has happened to a batch when it is answered: `memory|log|fsync`")
	f.BoolVar(&b.unchained, "unchained", false, "leave out the chain of digests in the log")
	f.StringVar(&b.logDir, "log-dir", "", "write logs into a temporary folder of `DIR`")
	f.IntVar(&b.stages, "stages", 64, "time the stages of one batch in `N`; 0 for none")
	f.IntVar(&b.remember, "remember", bench.DefaultRemember, "remember 2^`N` requests a shard, to carry out each once")
	f.IntVar(&b.batch, "batch", 0, "send at most `N` operations together")
	f.IntVar(&b.inFlight, "in-flight", 0, "leave at most `N` batches of a shard unanswered")
	f.StringVar(&b.late, "late", "", "what to do where the target has no room: `wait|skip`")
	f.DurationVar(&b.warmUp, "warm-up", 0, "leave out of the latencies what is planned in the first `TIME`")
	f.Int64Var(&b.warmUpOperations, "warm-up-operations", 0, "and the first `N` operations")
	f.IntVar(&b.bills, "bills", 0, "draw `N` bills")
	f.IntVar(&b.lines, "lines", 0, "make every bill `N` lines long: its own again, or the first of them")
	f.StringVar(&b.month, "month", "", "take bills of `MONTH`, such as 2024-03")
	f.StringVar(&b.weekday, "weekday", "", "take only bills of a day of the week, or any: `DAY`")
	f.BoolVar(&b.clearing, "clearing", false, "run the month's clearing of the nation beside the load")
	f.BoolVar(&b.noProof, "no-proof", false, "leave out the proof of the money; the result says so")
	f.DurationVar(&b.lag, "limit-lag", time.Duration(bench.DefaultLimits.LagP99NS), "invalid where the generator is later than `TIME` at p99")
	f.Var(&b.offered, "limit-offered", "invalid where less than this `SHARE` of the load was sent")
	f.Var(&b.noise, "limit-noise", "invalid where the machine's speed changed by more than this `SHARE`")
	_ = c.MarkFlagDirname("log-dir")
	fixed := map[string][]string{
		"profile": names, "seed": nil, "shards": {"1", "2", "4"}, "durability": service.DurabilityNames[:], "stages": nil, "remember": nil, "batch": nil,
		"in-flight": nil, "late": {"wait", "skip"}, "warm-up": nil, "warm-up-operations": nil, "bills": nil, "lines": {"8"}, "month": nil,
		"weekday": {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "any"}, "limit-lag": nil, "limit-offered": nil, "limit-noise": nil,
	}
	for name, values := range fixed {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	b.data.add(c)
}

// addPace registers the flags that say when operations are sent.
func (b *benchFlags) addPace(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&b.max, "max", false, "a closed loop: send as fast as answers come")
	f.Float64Var(&b.rate, "rate", 0, "send a constant rate of `N` operations a second")
	f.Float64Var(&b.scale, "scale", 1, "multiply the profile's rate by `FACTOR`, keeping its shape")
	f.StringVar(&b.ramp, "ramp", "", "rise or fall from one rate to another: `FROM:TO`")
	f.StringVar(&b.replay, "replay", "", "send at the recorded times of `FILE`, JSON Lines or CSV with at_ns or time")
	f.DurationVar(&b.length, "for", 0, "send for this `TIME`")
	f.Int64Var(&b.operations, "operations", 0, "end a closed loop after `N` operations instead of a time")
	f.StringVar(&b.spacing, "spacing", "", "space arrivals `poisson|even`")
	for name, values := range map[string][]string{"rate": nil, "scale": nil, "ramp": nil, "for": nil, "operations": nil, "spacing": {"poisson", "even"}} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = c.MarkFlagFilename("replay", "jsonl", "csv")
}

// config makes the configuration that the flags ask for; all that is wrong with them
// is told at once.
func (b *benchFlags) config(a *app, c *cobra.Command) (*bench.Config, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	set := func(name string) bool { f := c.Flags().Lookup(name); return f != nil && f.Changed }

	p, found := bench.FindProfile(b.profile)
	if !found {
		fault("--profile %s: no such profile%s", b.profile, nearest.Hint(b.profile, profileNames()))
	}
	paces := 0
	for _, name := range []string{"max", "rate", "scale", "ramp", "replay"} {
		if set(name) {
			paces++
		}
	}
	if paces > 1 {
		fault("of --max, --rate, --scale, --ramp and --replay only one makes sense")
	}
	switch {
	case set("max") && b.max:
		p.ClosedLoop()
		p.ForNS = 10e9
	case set("ramp"):
		from, to, _ := strings.Cut(b.ramp, ":")
		var err1, err2 error
		p.Rate, err1 = strconv.ParseFloat(from, 64)
		p.RateTo, err2 = strconv.ParseFloat(to, 64)
		p.Arrivals = bench.ArriveRamp
		if err1 != nil || err2 != nil || p.Rate < 0 || p.RateTo < 0 {
			fault("--ramp %s: not two rates like 1000:50000", b.ramp)
		}
	case set("rate"):
		p.Arrivals, p.Rate = bench.ArriveConstant, b.rate
		if !(b.rate > 0) {
			fault("--rate %v: not above 0", b.rate)
		}
	case set("scale"):
		p.Rate *= b.scale
		if !(b.scale > 0) {
			fault("--scale %v: not above 0", b.scale)
		}
	case set("replay"):
		p.Arrivals, p.Recorded, p.Rate, p.Spacing, p.ForNS = bench.ArriveReplay, b.replay, 0, "", 0
		file, err := os.Open(b.replay)
		if err == nil {
			p.Times, err = bench.ReadTimes(b.replay, file)
			_ = file.Close()
		} else {
			err = fmt.Errorf("--replay %s: %w", b.replay, cause(err))
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	if set("for") {
		p.ForNS = int64(b.length)
		if b.length <= 0 || p.Arrivals == bench.ArriveReplay {
			fault("--for %v: not above 0, or the length is the recorded file's", b.length)
		}
	}
	if set("operations") {
		p.Operations = b.operations
		if b.operations <= 0 || p.Arrivals != bench.ArriveMax || set("for") {
			fault("--operations %d: not above 0, or without --max, or together with --for", b.operations)
		}
		p.ForNS = 0
	}
	if set("spacing") {
		if b.spacing != bench.SpacePoisson && b.spacing != bench.SpaceEven {
			fault("--spacing %s: neither poisson nor even", b.spacing)
		}
		p.Spacing = b.spacing
	}
	for _, n := range []struct {
		name        string
		from        int
		to          *int
		least, most int
	}{
		{"batch", b.batch, &p.Batch, 1, 1 << 16}, {"in-flight", b.inFlight, &p.InFlight, 1, 1 << 16}, {"bills", b.bills, &p.Bills, 1, 1 << 24},
		{"lines", b.lines, &p.Lines, 1, 64}, {"shards", b.shards, &b.shards, 1, 1024}, {"stages", b.stages, &b.stages, 0, 1 << 30}, {"remember", b.remember, &b.remember, 4, 24},
	} {
		if set(n.name) && (n.from < n.least || n.from > n.most) {
			fault("--%s %d: not from %d to %d", n.name, n.from, n.least, n.most)
		}
		if set(n.name) {
			*n.to = n.from
		}
	}
	if set("late") {
		p.Late = bench.LatePolicy(b.late)
		if p.Late != bench.Wait && p.Late != bench.Skip {
			fault("--late %s: neither wait nor skip", b.late)
		}
	}
	if set("warm-up") {
		p.WarmUpNS = int64(b.warmUp)
	}
	if set("warm-up-operations") {
		p.WarmUpOperations = b.warmUpOperations
	}
	if b.warmUp < 0 || b.warmUpOperations < 0 {
		fault("a warm-up is not below 0")
	}
	// A short run keeps something to measure.
	if !set("warm-up") && p.ForNS > 0 {
		p.WarmUpNS = min(p.WarmUpNS, p.ForNS/5)
	}
	if !set("warm-up") && p.Operations > 0 {
		p.WarmUpNS = 0
	}
	if planned := p.Planned(); !set("warm-up-operations") && planned > 0 {
		p.WarmUpOperations = min(p.WarmUpOperations, planned/5)
	}
	if set("month") {
		p.Month = b.month
	}
	if set("weekday") {
		p.Weekday = strings.TrimSuffix(b.weekday, "any")
	}
	if set("clearing") {
		p.Clearing = b.clearing
	}
	durability := -1
	for i, name := range service.DurabilityNames {
		if name == b.durability {
			durability = i
		}
	}
	if durability < 0 {
		fault("--durability %s: none of memory, log, fsync", b.durability)
	}
	if b.unchained && durability == int(service.InMemory) {
		fault("--unchained is about a log; --durability names none")
	}
	if len(faults) > 0 {
		return nil, fail(codeUsage, errors.Join(faults...))
	}
	pack, _, err := b.data.load(a)
	if err != nil {
		return nil, err
	}
	w := pack.World()
	return &bench.Config{
		World: w, Scenario: w.Name, DataDigest: pack.Digest(), Profile: p, Seed: uint64(b.seed), Shards: b.shards, Remember: b.remember,
		Durability: service.Durability(durability), Unchained: b.unchained, TimeOneIn: b.stages, LogDir: b.logDir, NoProof: b.noProof,
		Limits: bench.Limits{LagP99NS: int64(b.lag), Offered: b.offered.float(), Noise: b.noise.float()},
	}, nil
}

func profileNames() (names []string) {
	for _, p := range bench.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// mostNoise is what a machine never changes its speed by, to take the limit off.
const mostNoise = 1000 * money.One

// shareFlagOf makes a flag of a share of the harness, which measures in floats, and
// float the share of a flag.
func shareFlagOf(share float64, most money.BasisPoints) shareFlag {
	return shareFlag{money.BasisPoints(math.Round(share * float64(money.One))), most}
}

func (v *shareFlag) float() float64 { return float64(v.BasisPoints) / float64(money.One) }

// parseSLOs reads --slo, all faults at once.
func parseSLOs(texts []string) (all []bench.SLO, err error) {
	var faults []error
	for _, text := range texts {
		s, err := bench.ParseSLO(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("--slo: %w", err))
		}
		all = append(all, s)
	}
	if len(faults) > 0 {
		return nil, fail(codeUsage, errors.Join(faults...))
	}
	return all, nil
}

func addSLO(c *cobra.Command, texts *[]string) {
	c.Flags().StringArrayVar(texts, "slo", nil, "an `OBJECTIVE` like 'response.p99<2ms' or 'throughput>1e6'; may be repeated")
	_ = c.RegisterFlagCompletionFunc("slo", cobra.FixedCompletions(
		[]string{"response.p99<2ms", "response.p99.9<10ms", "response.max<100ms", "service.p99<1ms", "throughput>1e6"}, cobra.ShellCompDirectiveNoFileComp))
}

// measured turns an error of the harness into the program's.
func measured(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	case errors.Is(err, bench.ErrSilent):
		return fail(codeInternal, err)
	}
	return fail(codeUsage, err)
}

// answer prints what a measurement came to and turns its verdict into the exit code;
// that its files could not be kept goes before the verdict.
func (a *app) answer(text string, kept error, v bench.Verdict) error {
	if err := a.print(text); err != nil {
		return err
	}
	if kept != nil {
		return kept
	}
	return judged(v)
}

// judged is the exit code of a verdict; what there is to say has been printed.
func judged(v bench.Verdict) error {
	if v == bench.Pass {
		return nil
	}
	return fail(int(v), nil)
}

// benchProgress shows how far a measurement is: on a terminal a line written over,
// elsewhere a plain line for each phase.
type benchProgress struct {
	*progress
	prefix, phase string
}

func newBenchProgress(w io.Writer) *benchProgress { return &benchProgress{progress: newProgress(w)} }

func (p *benchProgress) report(s bench.Progress) {
	if !p.terminal {
		if s.Phase != p.phase {
			p.phase = s.Phase
			fmt.Fprintf(p.w, "kuasheng: %s%s\n", p.prefix, s.Phase)
		}
		return
	}
	now := time.Now()
	if now.Sub(p.last) < rewriteEvery && s.Phase == p.phase {
		return
	}
	p.last, p.shown, p.phase = now, true, s.Phase
	text := p.prefix + s.Phase
	if s.Answered > 0 {
		text += "  " + report.Grouped(s.Answered) + " operations"
	}
	switch {
	case s.Total > 0:
		text += fmt.Sprintf("  %.0f %%", float64(s.Answered)/float64(s.Total)*100)
		if s.Answered > 0 {
			text += fmt.Sprintf("  %v left", time.Duration(float64(s.At)*float64(s.Total-s.Answered)/float64(s.Answered)).Round(time.Second))
		}
	case s.End > 0:
		text += fmt.Sprintf("  %v left", max(0, s.End-s.At).Round(time.Second))
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", fitted(text, p.columns()))
}
