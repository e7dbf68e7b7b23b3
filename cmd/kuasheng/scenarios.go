package main

import (
	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/sim/report"
)

func (a *app) scenariosCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List the embedded data packs",
		Long:  "Scenarios lists the data packs inside this binary; run and doctor take their names.",
		Example: `  kuasheng scenarios
  kuasheng scenarios --json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			all := fixtures.Scenarios()
			if asJSON {
				return a.printJSON(all)
			}
			t := report.Table{Left: map[int]bool{1: true, 2: true}}
			for _, s := range all {
				t.Row(s.Name, s.Title, s.TitleZH)
			}
			return a.print(t.String())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
