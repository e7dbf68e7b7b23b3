package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/fixtures"
	"kuasheng/sim/report"
)

func (a *app) doctorCommand() *cobra.Command {
	var data dataFlags
	var asJSON bool
	var lang langValue
	c := &cobra.Command{
		Use:   "doctor [DATA]",
		Short: "Prove a data pack complete and consistent, and say what in it is made up",
		Long: `Doctor checks DATA, the name of an embedded pack or the folder of one on disk,
with whatever overlays are laid over it: every pool reaches an institution, every
flow sums, every policy date is covered, every bound of the regulation holds. It
prints how many values of each file are law, published, recalled, illustrative,
derived, fitted or synthetic. A pack that fails a check gives exit code 2.`,
		Example: `  kuasheng doctor
  kuasheng doctor ./my-pack --json
  kuasheng doctor national-2024 --lang zh`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if s, err := os.Stat(args[0]); err == nil && s.IsDir() {
					data.options.Dir = args[0]
				} else {
					data.scenario = args[0]
				}
			}
			p, err := data.load(a)
			if err != nil {
				return err
			}
			r := p.Doctor()
			switch {
			case asJSON:
				err = a.printJSON(r)
			case report.Lang(lang) == report.Chinese:
				err = a.print(doctorZH(r))
			default:
				err = a.print(r.String())
			}
			if err == nil && !r.Passed {
				err = failf(codeUsage, "%s fails a check", r.Pack)
			}
			return err
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringArrayVar(&data.options.Overlays, "overlay", nil, "lay a reform `FILE` over the pack; may be repeated, in order")
	c.Flags().StringArrayVar(&data.options.Sets, "set", nil, "set one value, `PATH=VALUE`, after the overlays; may be repeated")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addLang(c, &lang)
	return c
}

// checkNamesZH are the checks of doctor in Chinese.
var checkNamesZH = map[string]string{
	"reach": "可及性", "flows": "流向", "dates": "日期覆盖", "bounds": "法规界限", "weights": "权重合计", "calendar": "工作日历",
	"shapes": "费用分布", "population": "人口", "institutions": "定点机构", "cases": "预期人次",
}

// statusNamesZH are the statuses of values in Chinese.
var statusNamesZH = map[string]string{
	"law": "法规", "published": "公布", "recalled": "凭记忆", "illustrative": "示例", "synthetic": "合成", "derived": "推算", "fitted": "拟合",
}

// doctorZH prints the report under Chinese headings; details name files and keys
// and stay as they are.
func doctorZH(r *fixtures.Report) string {
	var b strings.Builder
	n := &r.Counts
	fmt.Fprintf(&b, "数据包 %s,摘要 %s\n", r.Pack, r.Digest)
	fmt.Fprintf(&b, "%d 个省级地区,%d 个统筹区,%s 名患者(%s 个队列),%d 类画像,定点机构 %s 家(已联网 %s 家)\n\n",
		n.Provinces, n.Pools, report.Grouped(n.Patients), report.Grouped(int64(n.Cohorts)), n.Profiles,
		report.Grouped(n.Institutions), report.Grouped(n.Connected))
	checks := report.Table{Left: map[int]bool{1: true, 2: true}}
	for _, c := range r.Checks {
		mark := "通过"
		if !c.Passed {
			mark = "不通过"
		}
		name := checkNamesZH[c.Name]
		if name == "" {
			name = c.Name
		}
		for i, part := range strings.Split(c.Detail, "; ") {
			if i > 0 {
				mark, name = "", ""
			}
			checks.Row(mark, name, part)
		}
	}
	b.WriteString(checks.String())
	b.WriteString("\n各文件的取值来源\n")
	files := report.Table{Left: map[int]bool{1: true}}
	for _, p := range r.Provenance {
		var parts []string
		for _, status := range slices.Sorted(maps.Keys(p.Values)) {
			name := statusNamesZH[status]
			if name == "" {
				name = status
			}
			parts = append(parts, fmt.Sprintf("%s %d", name, p.Values[status]))
		}
		files.Row("  "+p.File, strings.Join(parts, ","))
	}
	b.WriteString(files.String())
	return b.String()
}
