package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/fixtures/nearest"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
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
	name := d.scenario
	if name == "" {
		name = defaultScenario
	}
	p, err := a.load(name, options)
	if err != nil {
		return nil, nil, faulty(copies.renamed(err))
	}
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
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", fmt.Errorf("no such reform or file%s", nearest.Hint(file, reformNames()))
	} else if err != nil {
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

// titleOf says in words what a pack with its overlays is.
func titleOf(p pack, overlays []report.Overlay) html.Text {
	en, zh := p.Titles()
	return html.Joined(append([]html.Text{named(p.World().Name, en, zh)}, titlesOf(overlays)...), html.Same(" + "))
}

// titlesOf are the titles of overlays.
func titlesOf(overlays []report.Overlay) (all []html.Text) {
	for _, o := range overlays {
		r, _ := fixtures.ParseReform(o.File, o.Text) // it lies on a pack, so it can be read
		all = append(all, named(strings.TrimPrefix(o.File, fixtures.ReformPrefix), r.Title, r.TitleZH))
	}
	return all
}

// named is a title in both languages; what has none goes by its name.
func named(name, en, zh string) html.Text { return html.T(cmp.Or(en, zh, name), cmp.Or(zh, en, name)) }

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
