package main

import (
	"fmt"
	"math"
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

// add registers the flags that put a what-if on a pack.
func (d *dataFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&d.options.Dir, "data", "", "read the data pack from this `DIR` instead of an embedded one")
	c.Flags().StringArrayVar(&d.options.Overlays, "overlay", nil, "lay a reform `FILE` over the pack; may be repeated, in order")
	c.Flags().StringArrayVar(&d.options.Sets, "set", nil, "set one value, `PATH=VALUE`, after the overlays; may be repeated")
}

// load loads the pack; a scenario and a folder exclude each other.
func (d *dataFlags) load(a *app) (pack, error) {
	if d.scenario != "" && d.options.Dir != "" {
		return nil, failf(codeUsage, "a scenario and --data are two packs; name one")
	}
	name := d.scenario
	if name == "" {
		name = defaultScenario
	}
	p, err := a.load(name, d.options)
	if err != nil {
		return nil, faulty(err)
	}
	return p, nil
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

var _ = []pflag.Value{new(langValue), new(sampleValue), new(plantValue)}

// langValue is --lang.
type langValue report.Lang

func (v *langValue) String() string { return [...]string{"en", "zh"}[*v] }
func (v *langValue) Type() string   { return "string" }
func (v *langValue) Set(text string) error {
	lang, ok := report.ParseLang(text)
	if !ok {
		return fmt.Errorf("%q is neither en nor zh", text)
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
	case !found || one != "1" || err != nil || n == 0 || n > math.MaxUint32:
		return fmt.Errorf("%q is not a share like 1/64", text)
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
		return fmt.Errorf("%q is not MONTH:ACCOUNT[:FEN], such as 2024-03:pool.basic:1", text)
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
