package main

import (
	"cmp"
	"fmt"
	"regexp"
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

// checkNamesZH are the checks of doctor in Chinese.
var checkNamesZH = map[string]string{
	"reach": "可及性", "flows": "流向", "dates": "日期覆盖", "bounds": "法规界限", "filing": "备案与病种", "weights": "权重合计", "calendar": "工作日历",
	"money": "资金时限", "outages": "停机", "shapes": "费用分布", "population": "人口", "institutions": "定点机构", "cases": "预期人次",
}

// checkDetailsZH are what the checks say where they pass, in English as a pattern
// and in Chinese. What they find wrong names files and keys and stays as it is.
var checkDetailsZH = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^all (\d+) pools reach a connected institution for every kind their patients need$`), "全部 $1 个统筹区的患者，所需各类服务都有已联网的定点机构"},
	{regexp.MustCompile(`^the cohorts of (\d+) origins hold all (\d+) patients, none at home$`), "$1 个参保省的队列包含全部 $2 名患者，无人在本省就医"},
	{regexp.MustCompile(`^every pool, scheme and catalogue has values from (\S+) to (\S+)$`), "各统筹区、险种与目录自 $1 至 $2 均有取值"},
	{regexp.MustCompile(`^every policy value lies within the regulation of its time \((.+)\)$`), "各项政策取值均在当时的法规界限之内（$1）"},
	{regexp.MustCompile(`^(\S+): (\d+) pools file at once, (\d+) settle up to (\d+) chronic diseases, (\d+) divide stays by year$`), "$1：即时备案 $2 个，门诊慢特病 $3 个（至多 $4 种），跨年按日分割 $5 个"},
	{regexp.MustCompile(`^cities, baskets, mixes, levels, filings and profiles sum to their wholes$`), "城市、费用篮子、构成、级别、备案与画像的权重各自合计无误"},
	{regexp.MustCompile(`^the calendar has every day of the run and of the payments after it$`), "日历覆盖运行期及其后拨付的每一天"},
	{regexp.MustCompile(`^everybody in time, gross and monthly$`), "各方按时拨付，逐对全额、按月清算"},
	{regexp.MustCompile(`^the cost distributions rise and have a mean of one within (.+)$`), "费用分布单调上升，均值为一，误差不超过 $1"},
	{regexp.MustCompile(`^the pools of each province hold its people within (.+)$`), "各省统筹区人口合计与该省人口相差不超过 $1"},
	{regexp.MustCompile(`^(\d+) institutions are connected$`), "已联网 $1 家"},
	{regexp.MustCompile(`^published are (\d+)$`), "公布数 $1 家"},
	{regexp.MustCompile(`^inpatient (\d+) expected, (\d+) published \((\S+) ppm\), direct (.+)$`), "住院 预期 $1，公布 $2（偏差百万分之 $3），直接结算率 $4"},
	{regexp.MustCompile(`^outpatient (\d+) expected, (\d+) published \((\S+) ppm\), direct (.+)$`), "普通门诊 预期 $1，公布 $2（偏差百万分之 $3），直接结算率 $4"},
	{regexp.MustCompile(`^chronic (\d+) expected, (\d+) published \((\S+) ppm\), direct (.+)$`), "门诊慢特病 预期 $1，公布 $2（偏差百万分之 $3），直接结算率 $4"},
	{regexp.MustCompile(`^pharmacy (\d+) expected, (\d+) published \((\S+) ppm\), direct (.+)$`), "定点零售药店 预期 $1，公布 $2（偏差百万分之 $3），直接结算率 $4"},
	{regexp.MustCompile(`^inpatient (\d+) expected, none fitted, direct (.+)$`), "住院 预期 $1，无拟合目标，直接结算率 $2"},
	{regexp.MustCompile(`^outpatient (\d+) expected, none fitted, direct (.+)$`), "普通门诊 预期 $1，无拟合目标，直接结算率 $2"},
	{regexp.MustCompile(`^chronic (\d+) expected, none fitted, direct (.+)$`), "门诊慢特病 预期 $1，无拟合目标，直接结算率 $2"},
	{regexp.MustCompile(`^pharmacy (\d+) expected, none fitted, direct (.+)$`), "定点零售药店 预期 $1，无拟合目标，直接结算率 $2"},
	{regexp.MustCompile(`^nothing is down$`), "运行期内没有任何平台停机"},
	{regexp.MustCompile(`^(\d+) outages of (\d+) days$`), "停机 $1 次，共 $2 天"},
}

// detailZH is a check's detail in Chinese where it has one.
func detailZH(detail string) string {
	for _, d := range checkDetailsZH {
		if d.english.MatchString(detail) {
			return d.english.ReplaceAllString(detail, d.chinese)
		}
	}
	return detail
}

// doctorText prints the report.
func doctorText(r *fixtures.Report, on report.Screen) string {
	say := func(english, chinese string) string {
		if on.Lang == words.Chinese {
			return chinese
		}
		return english
	}
	n := &r.Counts
	text := fmt.Sprintf(say("pack %s, digest %s\n", "数据包 %s，数字摘要 %s\n"), r.Pack, r.Digest) +
		fmt.Sprintf(say("%d provinces, %d pools, %s patients in %s cohorts, %d profiles\n%s institutions, %s of them connected\n\n",
			"%d 个省级地区，%d 个统筹区，%s 名患者（%s 个队列），%d 类画像\n定点医药机构 %s 家（已联网 %s 家）\n\n"),
			n.Provinces, n.Pools, report.Grouped(n.Patients), report.Grouped(int64(n.Cohorts)), n.Profiles, report.Grouped(n.Institutions), report.Grouped(n.Connected))
	checks := report.Table{Left: map[int]bool{1: true, 2: true}}
	for _, c := range r.Checks {
		mark, name := say("ok", "通过"), say(c.Name, cmp.Or(checkNamesZH[c.Name], c.Name))
		if !c.Passed {
			mark = say("FAIL", "不通过")
		}
		for i, part := range strings.Split(c.Detail, "; ") {
			if i > 0 {
				mark, name = "", ""
			}
			checks.Row(mark, name, say(part, detailZH(part)))
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
