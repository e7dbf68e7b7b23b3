package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

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
type langValue words.Lang

func (v *langValue) String() string { return [...]string{"en", "zh"}[*v] }
func (v *langValue) Type() string   { return "string" }
func (v *langValue) Set(text string) error {
	lang, ok := words.ParseLang(text)
	if !ok {
		return errors.New("neither en nor zh")
	}
	*v = langValue(lang)
	return nil
}

func addLang(c *cobra.Command, v *langValue) {
	c.Flags().Var(v, "lang", "language of the text: `en|zh`; if not given, that of LC_ALL, LC_MESSAGES or LANG")
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
