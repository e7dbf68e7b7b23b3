package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

// defaultScenario is the pack that a command takes when none is named.
const defaultScenario = "national-2024"

// dataFlags choose the data of a command.
type dataFlags struct {
	scenario string
	options  fixtures.Options
}

// add registers the flags that choose a pack and put a what-if on it.
func (d *dataFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&d.options.Dir, "data", "", "read the data pack from this `DIR` instead of an embedded one")
	_ = c.MarkFlagDirname("data")
	d.addWhatIf(c)
}

// addWhatIf registers the flags that put a what-if on a pack.
func (d *dataFlags) addWhatIf(c *cobra.Command) {
	c.Flags().StringArrayVar(&d.options.Overlays, "overlay", nil, "lay a reform `FILE` over the pack; may be repeated, in order")
	_ = c.MarkFlagFilename("overlay", "yaml", "yml")
	c.Flags().StringArrayVar(&d.options.Sets, "set", nil, "set one value, `PATH=VALUE`, after the overlays; may be repeated")
	_ = c.RegisterFlagCompletionFunc("set", cobra.NoFileCompletions)
}

// addPolicy registers the flag that gives a pool another policy.
func (d *dataFlags) addPolicy(c *cobra.Command) {
	c.Flags().StringArrayVar(&d.options.Policies, "policy", nil, "take the policy of one pool from this `FILE` instead of the pack's; may be repeated")
	_ = c.MarkFlagFilename("policy", "yaml", "yml")
}

// load loads the pack and returns the overlays on it with their texts; a scenario
// and a folder exclude each other.
func (d *dataFlags) load(a *app) (pack, []report.Overlay, error) {
	if d.scenario != "" && d.options.Dir != "" {
		return nil, nil, failf(codeUsage, "a scenario and --data are two packs; name one")
	}
	name := d.scenario
	if name == "" {
		name = defaultScenario
	}
	if dir := d.options.Dir; dir != "" {
		switch info, err := os.Stat(dir); {
		case err != nil:
			return nil, nil, failf(codeUsage, "--data %s: %w", dir, cause(err))
		case !info.IsDir():
			return nil, nil, failf(codeUsage, "--data %s: not a directory", dir)
		}
	}
	overlays, copies, err := readOverlays(d.options.Overlays)
	if err != nil {
		return nil, nil, fail(codeUsage, err)
	}
	defer copies.remove()
	options := d.options
	options.Overlays = copies.files
	for _, file := range options.Policies {
		if _, err := os.Stat(file); err != nil {
			return nil, nil, failf(codeUsage, "--policy %s: %w", file, cause(err))
		}
	}
	p, err := a.load(name, options)
	if err != nil {
		return nil, nil, faulty(copies.renamed(err))
	}
	return p, overlays, nil
}

// copies are overlays as the loader reads them. What can be read but once, such as
// <(a pipe of the shell), is copied to a file first.
type copies struct {
	dir   string            // empty where nothing was copied
	files []string          // what the loader reads
	given map[string]string // how the user called a copy
}

// readOverlays reads every overlay once.
func readOverlays(files []string) ([]report.Overlay, *copies, error) {
	overlays, c := []report.Overlay{}, &copies{given: map[string]string{}}
	for i, file := range files {
		text, at, err := c.read(file, i)
		if err != nil {
			c.remove()
			return nil, nil, fmt.Errorf("--overlay %s: %w", file, cause(err))
		}
		overlays = append(overlays, report.Overlay{File: file, Text: string(text)})
		c.files = append(c.files, at)
	}
	return overlays, c, nil
}

// read returns a file's text and where the loader finds it.
func (c *copies) read(file string, i int) (text []byte, at string, err error) {
	if r, builtIn := builtInReform(file); builtIn {
		return []byte(r.Text), fixtures.ReformPrefix + r.Name, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, "", err
	}
	if text, err = os.ReadFile(file); err != nil || info.Mode().IsRegular() {
		return text, file, err
	}
	if c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "kuasheng-"); err != nil {
			return nil, "", err
		}
	}
	at = filepath.Join(c.dir, fmt.Sprintf("%d.yaml", i))
	c.given[at] = file
	return text, at, os.WriteFile(at, text, 0o600)
}

func (c *copies) remove() {
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

// renamed makes the faults of a copy those of the file that the user named.
func (c *copies) renamed(err error) error {
	var faults fixtures.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			if given, copied := c.given[f.File]; copied {
				f.File = given
			}
		}
	}
	return err
}

// titles returns the titles of an embedded pack.
func titles(name string) (english, chinese string) {
	for _, s := range fixtures.Scenarios() {
		if s.Name == name {
			return s.Title, s.TitleZH
		}
	}
	return "", ""
}

// completeScenarios offers the embedded packs to the shell.
func completeScenarios(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, s := range fixtures.Scenarios() {
		names = append(names, s.Name+"\t"+s.Title)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completePacks offers the embedded packs and folders to the shell.
func completePacks(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	names, directive := completeScenarios(c, args, begun)
	if len(args) > 0 {
		return names, directive
	}
	known := func(name string) bool { return strings.HasPrefix(name, begun) }
	if begun != "" && !slices.ContainsFunc(names, known) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		return names, directive
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name()+"/")
		}
	}
	return names, directive
}

// noArguments and atMostOne are what a command takes beside its flags.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, not %q", c.Name(), args[0])
	}
	return nil
}

func atMostOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return fmt.Errorf("%s takes one %s at most, not %d", c.Name(), what, len(args))
		case len(args) == 1 && args[0] == "":
			return fmt.Errorf("the %s is empty", what)
		}
		return nil
	}
}

// noEmptyFlags refuses flags that were given but are empty, as an unset variable
// of a script leaves them.
func noEmptyFlags(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && slices.Contains(values, "") {
			err = fmt.Errorf("--%s is empty", f.Name)
		}
	})
	return err
}

// flagError says what is wrong with a flag in our words.
func flagError(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	why := invalid.Unwrap()
	if invalid.GetFlag().Value.Type() == "bool" {
		why = errors.New("neither true nor false")
	}
	return fmt.Errorf("--%s %s: %w", invalid.GetFlag().Name, shellQuoted(invalid.GetValue()), why)
}

var _ = []pflag.Value{new(langValue), new(sampleValue), new(plantValue), new(seedValue), new(workersValue)}

// seedValue is --seed.
type seedValue uint64

func (v *seedValue) String() string { return strconv.FormatUint(uint64(*v), 10) }
func (v *seedValue) Type() string   { return "uint64" }
func (v *seedValue) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return fmt.Errorf("not a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	*v = seedValue(n)
	return nil
}

// mostWorkers is far above what any machine has processors for.
const mostWorkers = 1024

// workersValue is --workers.
type workersValue int

func (v *workersValue) String() string { return strconv.Itoa(int(*v)) }
func (v *workersValue) Type() string   { return "int" }
func (v *workersValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > mostWorkers {
		return fmt.Errorf("not a whole number from 0 to %d", mostWorkers)
	}
	*v = workersValue(n)
	return nil
}

// langValue is --lang.
type langValue report.Lang

func (v *langValue) String() string { return [...]string{"en", "zh"}[*v] }
func (v *langValue) Type() string   { return "string" }
func (v *langValue) Set(text string) error {
	lang, ok := report.ParseLang(text)
	if !ok {
		return errors.New("neither en nor zh")
	}
	*v = langValue(lang)
	return nil
}

func addLang(c *cobra.Command, v *langValue) {
	c.Flags().Var(v, "lang", "language of the summary: `en|zh`")
	_ = c.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions([]string{"en", "zh"}, cobra.ShellCompDirectiveNoFileComp))
}

// sampleValue is --sample, one patient in N.
type sampleValue uint32

func (v *sampleValue) String() string { return report.SampleText(uint32(*v)) }
func (v *sampleValue) Type() string   { return "string" }
func (v *sampleValue) Set(text string) error {
	one, of, found := strings.Cut(text, "/")
	n, err := strconv.ParseUint(of, 10, 32)
	switch {
	case text == "1":
		n = 1
	case found && one == "1" && errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("the smallest share is 1/%d", uint32(math.MaxUint32))
	case !found || one != "1" || err != nil || n == 0:
		return errors.New("not a share like 1/64")
	}
	*v = sampleValue(n)
	return nil
}

// plantValue is --plant-fen MONTH:ACCOUNT[:FEN].
type plantValue struct{ plant *sim.Plant }

func (v *plantValue) Type() string { return "string" }
func (v *plantValue) String() string {
	if v.plant == nil {
		return ""
	}
	return fmt.Sprintf("%v:%v:%d", v.plant.Month, v.plant.Account, int64(v.plant.Amount))
}

func (v *plantValue) Set(text string) error {
	parts := strings.Split(text, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return errors.New("not MONTH:ACCOUNT[:FEN], such as 2024-03:pool.basic:1")
	}
	p := &sim.Plant{Amount: 1}
	var err error
	if p.Month, err = day.ParseMonth(parts[0]); err != nil {
		return err
	}
	account, found := engine.ParseAccount(parts[1])
	if !found || account >= engine.NumSettleAccounts {
		return fmt.Errorf("%q is no account that settlements post to, such as pool.basic", parts[1])
	}
	p.Account = account
	if len(parts) == 3 {
		fen, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || fen == 0 {
			return fmt.Errorf("%q is not an amount of fen other than 0", parts[2])
		}
		p.Amount = money.Fen(fen)
	}
	v.plant = p
	return nil
}
