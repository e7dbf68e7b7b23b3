package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/fixtures/nearest"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
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
	d.options.Texts = map[string]string{}
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

// load loads the pack and returns the overlays on it with their texts.
func (d *dataFlags) load(a *app) (pack, []report.Overlay, error) {
	if err := d.resolve(); err != nil {
		return nil, nil, err
	}
	if dir := d.options.Dir; dir != "" {
		switch info, err := os.Stat(dir); {
		case err != nil:
			return nil, nil, failf(codeUsage, "--data %s: %w", dir, cause(err))
		case !info.IsDir():
			return nil, nil, failf(codeUsage, "--data %s: not a directory", dir)
		}
	}
	overlays, options, err := d.readOverlays()
	if err != nil {
		return nil, nil, fail(codeUsage, err)
	}
	for _, file := range options.Policies {
		if _, err := os.Stat(file); err != nil {
			return nil, nil, failf(codeUsage, "--policy %s: %w", file, cause(err))
		}
	}
	name := d.scenario
	if name == "" {
		name = defaultScenario
	}
	p, err := a.load(name, options)
	if err != nil {
		return nil, nil, faulty(err)
	}
	a.note(p.Notes())
	return p, overlays, nil
}

// resolve takes SCENARIO+REFORM+… apart: what is no scenario's name is a folder or lies
// on the pack as if --overlay had named it. Without a scenario the default one is meant,
// or what --data names.
func (d *dataFlags) resolve() error {
	spec := d.scenario
	if spec == "" {
		return nil
	}
	d.scenario = ""
	for i, part := range strings.Split(spec, "+") {
		info, err := os.Stat(part)
		_, builtIn := builtInReform(part)
		switch {
		case part == "":
			return failf(codeUsage, "%q: an empty name; stack reforms like %s+no-filing+chronic-10", spec, defaultScenario)
		case i == 0 && part == d.options.Dir:
		case i == 0 && d.options.Dir != "" && isScenario(part):
			return failf(codeUsage, "a scenario and --data are two packs; name one")
		case i == 0 && isScenario(part):
			d.scenario = part
		case i == 0 && d.options.Dir == "" && err == nil && info.IsDir():
			d.options.Dir = part
		case builtIn || err == nil && !info.IsDir():
			d.options.Overlays = append(slices.Clip(d.options.Overlays), part)
		case err == nil:
			return failf(codeUsage, "%s: a directory, and no reform", part)
		case i == 0:
			return failf(codeUsage, "%s: no such scenario, reform or file%s; there is %s, and kuasheng scenarios lists the reforms", part,
				nearest.Hint(part, append(scenarioNames(), reformNames()...)), strings.Join(scenarioNames(), ", "))
		default:
			return failf(codeUsage, "%s: no such reform or file%s; kuasheng scenarios lists the reforms", part, nearest.Hint(part, reformNames()))
		}
	}
	return nil
}

func scenarioNames() (all []string) {
	for _, s := range fixtures.Scenarios() {
		all = append(all, s.Name)
	}
	return all
}

func reformNames() (all []string) {
	for _, r := range fixtures.Reforms() {
		all = append(all, r.Name)
	}
	return all
}

func isScenario(name string) bool { return slices.Contains(scenarioNames(), name) }

// builtInReform finds a built-in reform by name, unless a file has that name.
func builtInReform(name string) (fixtures.Reform, bool) {
	bare, prefixed := strings.CutPrefix(name, fixtures.ReformPrefix)
	if _, err := os.Stat(name); err == nil && !prefixed {
		return fixtures.Reform{}, false
	}
	return fixtures.FindReform(bare)
}

// readOverlays reads every overlay once, however often data are loaded, since some can be
// read but once, such as <(a pipe of the shell), and hands the loader the texts.
func (d *dataFlags) readOverlays() ([]report.Overlay, fixtures.Options, error) {
	overlays, options := []report.Overlay{}, d.options
	options.Overlays = nil
	for _, file := range d.options.Overlays {
		name := file
		text, known := d.options.Texts[file]
		if r, builtIn := builtInReform(file); builtIn && !known {
			name, text = fixtures.ReformPrefix+r.Name, r.Text
		} else if !known {
			var err error
			if text, err = fixtures.ReadText(file); errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("no such reform or file%s", nearest.Hint(file, reformNames()))
			}
			if err != nil {
				return nil, options, fmt.Errorf("--overlay %s: %w", file, err)
			}
		}
		overlays = append(overlays, report.Overlay{File: file, Text: text})
		options.Overlays, options.Texts[name] = append(options.Overlays, name), text
	}
	return overlays, options, nil
}

// note prints notes on the data, each once.
func (a *app) note(notes []string) {
	const most = 8
	for i, n := range notes {
		switch {
		case a.noted[n]:
		case i < most:
			fmt.Fprintf(a.err, "kuasheng: note: %s\n", n)
		case i == most:
			fmt.Fprintf(a.err, "kuasheng: and %d more notes of that kind\n", len(notes)-most)
		}
		if a.noted == nil {
			a.noted = map[string]bool{}
		}
		a.noted[n] = true
	}
}

// titleOf says in words what a pack with its overlays is.
func titleOf(p pack, overlays []report.Overlay) words.Text {
	en, zh := p.Titles()
	return words.Joined(append([]words.Text{named(p.World().Name, en, zh)}, titlesOf(overlays)...), words.Same(" + "))
}

// titlesOf are the titles of overlays.
func titlesOf(overlays []report.Overlay) (all []words.Text) {
	for _, o := range overlays {
		r, _ := fixtures.ParseReform(o.File, o.Text) // it lies on a pack, so it can be read
		all = append(all, named(strings.TrimPrefix(o.File, fixtures.ReformPrefix), r.Title, r.TitleZH))
	}
	return all
}

// named is a title in both languages; what has none goes by its name.
func named(name, en, zh string) words.Text {
	return words.T(cmp.Or(en, zh, name), cmp.Or(zh, en, name))
}

// completeScenarios offers the embedded packs to the shell, and after a + the reforms.
func completeScenarios(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	if at := strings.LastIndexByte(begun, '+'); at >= 0 {
		for _, r := range fixtures.Reforms() {
			names = append(names, begun[:at+1]+r.Name+"\t"+r.Title)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
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
