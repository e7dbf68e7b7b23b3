package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

func (a *app) doctorCommand() *cobra.Command {
	var data dataFlags
	var asJSON bool
	var lang langValue
	c := &cobra.Command{
		Use:   "doctor [DATA]",
		Short: "Prove a data pack consistent, and say what in it is made up",
		Long: `Doctor checks DATA, an embedded pack or the folder of one on disk, with whatever
reforms are laid over it, by + or --overlay: every pool reaches an institution,
every flow sums, every policy date is covered, every bound of the regulation holds. It
prints how many values of each file are law, published, recalled, illustrative,
derived, fitted or synthetic. A pack that fails a check gives exit code 2.`,
		Example: `  kuasheng doctor
  kuasheng doctor ./my-pack --json
  kuasheng doctor national-2024 --lang zh`,
		Args:              atMostOne("data pack"),
		ValidArgsFunction: completePacks,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				data.scenario = args[0]
			}
			p, _, err := data.load(a)
			if err != nil {
				return err
			}
			r := p.Doctor()
			switch {
			case asJSON:
				err = a.printJSON(r)
			default:
				err = a.print(doctorText(r, a.screen(lang)))
			}
			if err == nil && !r.Passed {
				err = failf(codeUsage, "%s fails a check", r.Pack)
			}
			return err
		},
	}
	c.Flags().SortFlags = false
	data.addWhatIf(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addLang(c, &lang)
	return c
}

// doctorText prints the report.
func doctorText(r *fixtures.Report, on report.Screen) string {
	say := func(en, zh string) string { return words.T(en, zh).In(on.Lang) }
	n, lang := &r.Counts, on.Lang
	text := fmt.Sprintf(say("pack %s, digest %s\n", "数据包 %s，数字摘要 %s\n"), r.Pack, r.Digest) +
		fmt.Sprintf(say("%d provinces, %d pools, %s patients in %s cohorts, %d profiles\n%s institutions, %s of them connected\n\n",
			"%d 个省级地区，%d 个统筹区，%s 名患者（%s 个队列），%d 类画像\n定点医药机构 %s 家（已联网 %s 家）\n\n"),
			n.Provinces, n.Pools, report.Grouped(n.Patients), report.Grouped(int64(n.Cohorts)), n.Profiles, report.Grouped(n.Institutions), report.Grouped(n.Connected))
	checks := report.Table{Left: map[int]bool{1: true, 2: true}}
	for _, c := range r.Checks {
		mark, name := say("ok", "通过"), c.Title.In(lang)
		if !c.Passed {
			mark = say("FAIL", "不通过")
		}
		for _, line := range c.Detail {
			checks.Row(mark, name, line.In(lang))
			mark, name = "", ""
		}
	}
	text += checks.Fit(on.Columns) + say("\nvalues by file and status\n", "\n各文件的取值来源\n")
	files := report.Table{Left: map[int]bool{1: true}}
	for _, p := range append(slices.Clone(r.Provenance), fixtures.FileValues{File: say("all", "合计"), Values: r.Totals}) {
		var parts []string
		for _, status := range fixtures.Statuses() {
			if v := p.Values[status]; v > 0 {
				parts = append(parts, fmt.Sprintf(say("%[1]d %[2]s", "%[2]s %[1]d"), v, report.StatusNames(status, on.Lang)))
			}
		}
		files.Row("  "+p.File, strings.Join(parts, say(", ", "，")))
	}
	return report.Wrapped(text+files.Fit(on.Columns), on.Columns)
}
