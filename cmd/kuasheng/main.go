// Kuasheng settles, clears and watches the inter-province medical-insurance bills
// of a synthetic population. This command binds flags to the packages that do so;
// it holds no rule and no arithmetic.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"kuasheng/bench"
	"kuasheng/engine"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/report/words"
)

func main() {
	crashApart()
	delayCollection()
	ctx, end := context.WithCancel(context.Background())
	heard, first := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(heard, endings()...)
	go func() {
		first <- <-heard
		signal.Reset(endings()...) // a second one kills
		end()
	}()
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.lang, a.columns = langOf(os.Getenv), terminalColumns(os.Stdout)
	code := a.run(ctx, os.Args[1:])
	if code == codeInterrupted {
		if number, ok := (<-first).(syscall.Signal); ok {
			code = 128 + int(number)
		}
	}
	os.Exit(code)
}

// crashApart has the process end by SIGABRT where the runtime itself gives up, above all for
// want of memory: its own exit code would be 2, which says that the caller did wrong. No
// core is written, unless GOTRACEBACK asks for another ending.
func crashApart() {
	if os.Getenv("GOTRACEBACK") != "" {
		return
	}
	debug.SetTraceback("crash")
	var core syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &core); err == nil {
		core.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &core)
	}
}

// delayCollection lets the heap grow to 64 MB before the first collection: what loads a
// pack and answers is over by then, and collecting costs it a fifth of its time. From
// then on collections come as usual. GOGC, where it is set, has its way.
func delayCollection() {
	const usual, smallest = 100, 4 // the runtime's percentage, and its first heap in MB
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(usual * 64 / smallest)
	first := new([64]byte)
	runtime.AddCleanup(first, func(int) { debug.SetGCPercent(usual) }, 0)
}

// endings are the signals that end the program cleanly: Ctrl-C, kill, and a terminal that
// closes; not what whoever started us wants ignored, as nohup does.
func endings() (all []os.Signal) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			all = append(all, s)
		}
	}
	return all
}

// The exit codes that the commands of this version have. What the caller gave and
// the world around it, such as a full disk, is codeUsage.
const (
	codeOK          = 0
	codeInternal    = 1
	codeUsage       = 2
	codeBreach      = 11
	codeInterrupted = 130 // by Ctrl-C; main adds the number of any other signal to 128
)

// exitError is an error that knows its exit code. Errors of cobra itself do not;
// they are about usage.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// fail makes an error with an exit code; err may be nil where all is said.
func fail(code int, err error) error { return &exitError{code, err} }

func failf(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// errInterrupted is what a command returns that has heard of the end of its context.
var errInterrupted = fail(codeInterrupted, context.Canceled)

// pack is what the commands need of a data pack.
type pack interface {
	World() *sim.World
	Digest() string
	Titles() (en, zh string)
	PoolIndex(code uint32) (int, bool)
	ProvinceIndex(code uint32) (int, bool)
	Doctor() *fixtures.Report
	Notes() []string
	ProvenanceOf(engine.Param) (fixtures.Provenance, error)
}

// app is the program with everything it touches, so that a test can replace it.
type app struct {
	in       io.Reader
	out, err io.Writer
	// lang is the language where --lang names none, columns how wide the terminal is, 0
	// where out is none.
	lang     words.Lang
	columns  int
	load     func(scenario string, o fixtures.Options) (pack, error)
	noted    map[string]bool // notes on the data that have been printed
	simulate func(context.Context, sim.Config) (*sim.Result, error)
	// turns starts another build's bench run.
	turns func(ctx context.Context, program string, args []string) (bench.Turner, error)
	// unfinished are the directories that are being written.
	unfinished struct {
		sync.Mutex
		dirs []*runDir
	}
}

func newApp(in io.Reader, out, err io.Writer) *app {
	return &app{in: in, out: out, err: err, simulate: sim.Run, load: loadPack, turns: bench.StartTurns}
}

// run is the whole program: it never exits and writes only to the writers given.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	return newApp(in, out, err).run(ctx, args)
}

func loadPack(scenario string, o fixtures.Options) (pack, error) {
	p, err := fixtures.Load(scenario, o)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// atMost is how long a command may take to end once it is interrupted. One that reads or
// waits hears nothing and is left behind then.
const atMost = 500 * time.Millisecond

// run carries out a command. Once ctx ends it returns, whatever the command is at; what
// was half written is gone.
func (a *app) run(ctx context.Context, args []string) int {
	done := make(chan int, 1)
	go func() { done <- a.command(ctx, args) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-done:
		return code
	case <-time.After(atMost):
	}
	return a.interrupted()
}

// interrupted ends a command at a signal.
func (a *app) interrupted() int {
	kept := ""
	if a.discard() {
		kept = "; nothing was kept"
	}
	fmt.Fprintf(a.err, "kuasheng: interrupted%s\n", kept)
	return codeInterrupted
}

// reserve reserves the directory of --out, nil for none; however the command ends, nothing
// half-written is left of it.
func (a *app) reserve(ctx context.Context, out string) (*runDir, error) {
	if out == "" {
		return nil, nil
	}
	a.unfinished.Lock()
	defer a.unfinished.Unlock()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	dir, err := reserveRunDir(ctx, out)
	if err != nil {
		return nil, fail(codeUsage, err)
	}
	a.unfinished.dirs = append(a.unfinished.dirs, dir)
	return dir, nil
}

// discard removes the directories that were not finished, and reports whether there were any.
func (a *app) discard() (some bool) {
	a.unfinished.Lock()
	defer a.unfinished.Unlock()
	for _, dir := range a.unfinished.dirs {
		some = dir.discard() || some
	}
	return some
}

func (a *app) command(ctx context.Context, args []string) (code int) {
	defer a.discard()
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(a.err, "kuasheng: internal error: %v\n%s", p, debug.Stack())
			code = codeInternal
		}
	}()
	root := a.rootCommand()
	root.SetArgs(args)
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		plainUsages(root)
	}
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return codeOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return a.interrupted()
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			fmt.Fprintf(a.err, "kuasheng: %s\n", words.Plain(exit.Error()))
		}
		if errors.Is(err, syscall.ENOMEM) {
			return codeInternal // nobody's usage is wrong
		}
		return exit.code
	}
	fmt.Fprintf(a.err, "kuasheng: %s (see %s --help)\n", words.Plain(strings.TrimSpace(err.Error())), command.CommandPath())
	return codeUsage
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "kuasheng",
		Short: "Settle and clear a synthetic year of inter-province medical-insurance bills",
		Long: `Kuasheng 跨省 is an in-memory engine and simulator of China's inter-province
(跨省异地就医) direct medical-insurance settlement: it adjudicates every bill of a
synthetic population to the fen, keeps double-entry books, clears them month by
month and watches the prepayments between provinces. No person in it is real.

Exit codes: 0 done; 2 wrong usage, bad input or no place to write; 11 an invariant
of the books is broken or a run directory disagrees; 130 interrupted by Ctrl-C, 143
by SIGTERM; 1 an error of the program itself; 134, which is SIGABRT, where there is
no memory left. The bench commands also have 10, 12, 20 and 21, see kuasheng bench
--help. Ctrl-C ends every command within a second and leaves nothing half-written; a
second one ends it on the spot.`,
		Example: `  kuasheng run                        the national year 2024
  kuasheng run --sample 1/64          one patient in 64, in a second or so
  kuasheng settle claims.jsonl        bills in, answers out
  kuasheng explain claims.jsonl       one of them, step by step
  kuasheng verify runs/first           prove what a run has written
  kuasheng doctor                     what the data pack rests on
  kuasheng bench run                  how fast, and how late, on a Monday`,
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true,
		Version:            versionLine(),
		PersistentPreRunE:  func(c *cobra.Command, _ []string) error { return noEmptyFlags(c) },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().SortFlags = false
	root.AddCommand(
		a.runCommand(), a.compareCommand(), a.sweepCommand(), a.stressCommand(), a.settleCommand(), a.explainCommand(), a.verifyCommand(), a.doctorCommand(), a.schemaCommand(), a.scenariosCommand(), a.benchCommand(), a.versionCommand(),
	)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.InitDefaultCompletionCmd() // which keeps where to write
	root.SetHelpCommand(helpCommand(root))
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", a.screen(0).Columns)))
	a.finish(root)
	return root
}

// print writes a command's result in one piece.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.out, words.Plain(text)); err != nil {
		return failf(codeUsage, "cannot write to standard output: %v", err)
	}
	return nil
}

// mostFaults is how many faults of a pack are printed: all that a person reads.
const mostFaults = 100

// faulty makes the error of a pack that could not be loaded.
func faulty(err error) error {
	var faults fixtures.Faults
	if !errors.As(err, &faults) || len(faults) == 1 {
		return fail(codeUsage, err)
	}
	shown, more := faults, ""
	if len(faults) > mostFaults {
		shown, more = faults[:mostFaults], fmt.Sprintf("\nand %d more", len(faults)-mostFaults)
	}
	return failf(codeUsage, "the data cannot be used; %d faults:\n%w%s", len(faults), shown, more)
}
