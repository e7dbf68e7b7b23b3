package main

import (
	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// scenarioList is what scenarios prints as JSON.
type scenarioList struct {
	Version   int                 `json:"version"` // of this layout
	Scenarios []fixtures.Scenario `json:"scenarios"`
	Reforms   []fixtures.Reform   `json:"reforms"`
}

func (a *app) scenariosCommand() *cobra.Command {
	var asJSON bool
	var lang langValue
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List the embedded data packs and the built-in reforms",
		Long: `Scenarios lists the data packs inside this binary, and the reforms that can be
laid over any of them. Every command that takes a SCENARIO takes one with reforms
on it: built-in ones, as in national-2024+law-2019, or files, as in +my.yaml.`,
		Example: `  kuasheng scenarios
  kuasheng scenarios --lang zh
  kuasheng scenarios --json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			all := scenarioList{1, fixtures.Scenarios(), fixtures.Reforms()}
			if asJSON {
				return a.printJSON(all)
			}
			chinese := words.Lang(lang) == words.Chinese
			title := func(en, zh string) string {
				if chinese {
					return zh
				}
				return en
			}
			t := report.Table{Left: map[int]bool{1: true}}
			t.Row(title("Scenarios", "情景"))
			for _, s := range all.Scenarios {
				t.Row("  "+s.Name, title(s.Title, s.TitleZH))
			}
			t.Row(title("Reforms", "方案"))
			for _, r := range all.Reforms {
				t.Row("  "+r.Name, title(r.Title, r.TitleZH))
			}
			return a.print(t.Fit(a.screen(lang).Columns))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addLang(c, &lang)
	return c
}
