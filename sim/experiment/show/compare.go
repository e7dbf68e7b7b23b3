package show

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

type compareWords struct {
	heading, seeds, patients, demand, moneyOnly, unchanged, same, head, variance, scenario, provinces, who, bins, quantiles, notes, few label
}

var compareText = compareWords{
	heading:   label{"%s against %s\nsynthetic population · sample %s, figures × %d\n", "%s 对比 %s\n合成人群 · 抽样 %s，数字已放大 %d 倍\n"},
	seeds:     label{"seed %s; %s\n", "种子 %s；%s\n"},
	patients:  label{"%s patients, the same ones with the same illnesses under both.\n", "模拟 %s 名患者，两种政策下患者及病情完全相同。\n"},
	demand:    label{"%s patients, the same ones under both; travellers answer to the reform and need more or less care elsewhere.\n", "模拟 %s 名患者，两种政策下患者相同；外出就医需求随方案增减。\n"},
	moneyOnly: label{"No patient is touched, so what patients and funds pay is exactly the same and left out.\n", "该方案不影响患者，患者与基金支付完全相同，从略。\n"},
	unchanged: label{"Nothing differs: every difference is exactly zero.\n", "毫无差别：所有差异恰为零。\n"},
	same:      label{"What was looked at does not differ; what was not may.\n", "已比较的各项毫无差别，未比较的各项则未必。\n"},
	head:      label{"M yuan unless stated|base|reform|difference|95 % sampling|variance", "百万元（另注除外）|基准|方案|差异|95%抽样区间|方差比"},
	scenario:  label{"  over %d seeds", "  %d 个种子"},
	who:       label{"Who gains and who loses|patients|95 % sampling|mean|median|P90|M yuan", "谁受益谁受损|人数|95%抽样区间|人均|中位数|P90|百万元"},
	bins:      label{"by how much, yuan|%s|and more", "按金额（元）|%s|以上"},
	quantiles: label{"A patient bears, yuan a year", "患者年负担（元）"},
	provinces: label{"Insured in|funds: base|difference|95 % sampling|patients bear|95 % sampling|gain|lose", "参保省|基金：基准|差异|95%抽样区间|个人负担|95%抽样区间|受益|受损"},
	notes: label{
		"95 % sampling is the interval of the difference between paired groups of patients. A row below it is another thing, the interval of the mean over seeds; the two are not added.\n",
		"“95%抽样区间”为同一批患者配对分组差异的区间；其下一行是另一回事，即不同种子均值的区间，两者不可相加。\n"},
	variance: label{
		"variance is how many times larger the variance would be between two independent samples.\n",
		"“方差比”为两个独立样本之差的方差与配对方差之比。\n"},
	few: label{
		"– rests on fewer than %d people of the sample, too few to say. --sample 1 gives it.\n",
		"– 所依据的抽样患者不足 %d 人，不予推算；--sample 1 给出。\n"},
}

// NotLookedAt says what a comparison of a sample leaves out, and why.
func NotLookedAt(lang words.Lang) string {
	return label{
		"Not looked at: prepayment quotas, alerts, top-ups, idle money, shortfall and transfers between provinces. A sample cannot tell them, since its pairs of provinces swing far more than whole ones and no factor undoes that; --sample 1 gives them.",
		"未比较：预付金额度、预警、紧急调增、闲置资金、缺口与省际划款笔数。抽样省对的波动远大于全量，无法按倍数还原，故不能由抽样推算；--sample 1 给出。"}.in(lang)
}

// Ended says how replications ended.
func Ended(c *experiment.Comparison, lang words.Lang) string {
	ended := map[experiment.Ending]label{
		experiment.OneSeed:  {"one seed only, --replications gives an interval over seeds", "仅一个种子，--replications 给出种子间区间"},
		experiment.AsAsked:  {"%d seeds, as asked", "按要求运行 %d 个种子"},
		experiment.Precise:  {"ended after %d seeds: the intervals are within a tenth of their figures", "运行 %d 个种子后结束：区间已在数字的十分之一以内"},
		experiment.Unsteady: {"ended at %d seeds, the most, before the intervals were within a tenth of their figures", "达到上限 %d 个种子，区间尚未缩至数字的十分之一以内"},
	}[c.Replications].in(lang)
	if strings.Contains(ended, "%d") {
		ended = fmt.Sprintf(ended, len(c.Seeds))
	}
	return ended
}

// figureRows are what a terminal shows; the files hold all.
var figureRows = []string{
	"funds_fen", "funds_basic_fen", "funds_large_fen", "funds_major_fen", "funds_civil_fen", "funds_enterprise_fen", "funds_aid_fen",
	"funds_employee_fen", "funds_resident_fen", "funds_by_hand_fen", "hospitals_fen",
	"patients_fen", "patients_share_bp", "patients_employee_fen", "patients_resident_fen", "advanced_fen",
	"direct_rate_bp", "direct_rate_inpatient_bp", "refused", "manual_claims",
	"receivable_days", "transfers", "moved_fen", "institutions_late_fen", "clearing_late_fen",
	"quota_fen", "yellow_alerts", "red_alerts", "top_ups", "top_up_fen", "idle_fen", "short_provinces", "short_days", "own_money_fen_days", "deepest_fen",
}

// scenarioRows are those of figureRows with a row for the replications.
var scenarioRows = []string{"funds_fen", "patients_fen", "direct_rate_bp", "manual_claims", "receivable_days", "quota_fen", "red_alerts", "top_ups", "top_up_fen", "idle_fen", "short_days", "own_money_fen_days"}

// Comparison writes the tables of a comparison.
func Comparison(c *experiment.Comparison, on report.Screen) string {
	var b strings.Builder
	for i := range c.Reforms {
		if i > 0 {
			b.WriteByte('\n')
		}
		reform(&b, c, &c.Reforms[i], on)
	}
	return report.Wrapped(b.String(), on.Columns)
}

func reform(b *strings.Builder, c *experiment.Comparison, r *experiment.Reform, on report.Screen) {
	w, lang := &compareText, on.Lang
	var seeds []string
	for _, s := range c.Seeds {
		seeds = append(seeds, strconv.FormatUint(s, 10))
	}
	fmt.Fprintf(b, w.heading.in(lang), r.Name, c.Base, sampleText(c), c.Sample)
	switch {
	case r.Unchanged:
		b.WriteString(w.unchanged.in(lang))
	case len(c.NotEstimated) > 0:
		b.WriteString(NotLookedAt(lang) + "\n")
		if r.Same {
			b.WriteString(w.same.in(lang))
		}
	}
	patients := w.patients
	if r.Demand {
		patients = w.demand
	}
	fmt.Fprintf(b, patients.in(lang), report.Grouped(c.Patients))
	fmt.Fprintf(b, w.seeds.in(lang), strings.Join(seeds, " "), Ended(c, lang))
	if r.MoneyOnly {
		b.WriteString(w.moneyOnly.in(lang))
	}
	b.WriteByte('\n')
	b.WriteString(figures(r, on))
	b.WriteString(w.notes.in(lang))
	if !r.MoneyOnly && !r.Same {
		b.WriteString(w.variance.in(lang) + "\n")
		text, few := burden(&r.Burden, on)
		b.WriteString(text + "\n")
		text, fewIn := provinces(r.Provinces, on)
		b.WriteString(text)
		if few || fewIn {
			fmt.Fprintf(b, w.few.in(lang), sim.Few)
		}
	}
}

func figures(r *experiment.Reform, on report.Screen) string {
	t, lang := report.Table{Drop: [][]int{{5}}}, on.Lang
	t.Row(strings.Split(compareText.head.in(lang), "|")...)
	for _, name := range figureRows {
		i := slices.IndexFunc(r.Figures, func(d experiment.Difference) bool { return d.Name == name })
		if i < 0 {
			continue
		}
		d, u := &r.Figures[i], unitOf(name)
		if !d.Estimated || r.MoneyOnly && d.SE != nil {
			continue
		}
		t.Row(FigureLabel(name, lang), u.value(d.Base), u.value(d.Reform), u.change(d.Value), u.interval(d.Low, d.High), times(d.Ratio))
		if s := d.Scenario; s != nil && slices.Contains(scenarioRows, name) {
			t.Row(fmt.Sprintf(compareText.scenario.in(lang), s.Replications), "", "", u.change(s.Mean), u.interval(&s.Low, &s.High), "")
		}
	}
	return t.Fit(on.Columns)
}

// CountText writes a number of patients, – where too few people of a sample stand for it.
func CountText(n experiment.Count) string {
	if n == nil {
		return "–"
	}
	return report.Grouped(*n)
}

func yuan(fen float64) string { return decimals(fen/100, 0) }

// burden writes who gains and who loses; few says that something was left out.
func burden(x *experiment.Burden, on report.Screen) (text string, few bool) {
	w, lang := &compareText, on.Lang
	count := func(n experiment.Count) string {
		few = few || n == nil
		return CountText(n)
	}
	t := report.Table{Drop: [][]int{{5}}}
	t.Row(strings.Split(w.who.in(lang), "|")...)
	side := func(l label, s *experiment.Side, sign string) {
		cells := []string{l.in(lang), decimals(s.Patients.Value, 0), strings.ReplaceAll(plain.interval(s.Patients.Low, s.Patients.High), "+", "")}
		switch {
		case s.Amounts != nil:
			x := s.Amounts
			cells = append(cells, yuan(x.MeanFen), yuan(x.P50Fen), yuan(x.P90Fen), sign+decimals(float64(x.TotalFen)/1e8, 1))
		case s.Sampled > 0:
			few = true
			cells = append(cells, "–", "–", "–", "–")
		}
		t.Row(cells...)
	}
	side(label{"  bear less", "  负担减轻"}, &x.Gain, "-")
	side(label{"  bear more", "  负担加重"}, &x.Lose, "+")
	t.Row(label{"  bear the same", "  不变"}.in(lang), count(x.Unchanged))
	text = t.Fit(on.Columns)

	bins := report.Table{}
	head := []string{strings.Split(w.bins.in(lang), "|")[0]}
	less, more := []string{label{"  bear less", "  负担减轻"}.in(lang)}, []string{label{"  bear more", "  负担加重"}.in(lang)}
	for _, bin := range x.Bins {
		to := strings.Split(w.bins.in(lang), "|")[2]
		if bin.ToFen > 0 {
			to = "–" + report.Grouped(bin.ToFen/100)
		} else {
			to = " " + to
		}
		head = append(head, report.Grouped(bin.FromFen/100)+to)
		less, more = append(less, count(bin.Gain)), append(more, count(bin.Lose))
	}
	bins.Row(head...)
	bins.Row(less...)
	bins.Row(more...)
	text += bins.Fit(on.Columns)

	q := report.Table{}
	head = []string{w.quantiles.in(lang)}
	before, after := []string{label{"  base", "  基准"}.in(lang)}, []string{label{"  reform", "  方案"}.in(lang)}
	for i := range x.Before {
		head = append(head, strings.TrimSuffix(strings.TrimRight(decimals(float64(x.Before[i].ShareBP)/100, 2), "0"), ".")+" %")
		before, after = append(before, yuan(x.Before[i].Fen)), append(after, yuan(x.After[i].Fen))
	}
	if len(x.Before) > 0 {
		q.Row(head...)
		q.Row(before...)
		q.Row(after...)
	}
	return text + q.Fit(on.Columns), few
}

// topProvinces is how many provinces a terminal shows.
const topProvinces = 8

// provinces writes the largest effects; few says that something was left out.
func provinces(all []experiment.ProvinceEffect, on report.Screen) (text string, few bool) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b experiment.ProvinceEffect) int {
		return cmp.Compare(math.Abs(b.Funds.Value)+math.Abs(b.Patients.Value), math.Abs(a.Funds.Value)+math.Abs(a.Patients.Value))
	})
	t := report.Table{Drop: [][]int{{1}, {6, 7}}}
	t.Row(strings.Split(compareText.provinces.in(on.Lang), "|")...)
	for i := range sorted[:min(topProvinces, len(sorted))] {
		p := &sorted[i]
		name := p.NameEN
		if on.Lang == words.Chinese {
			name = p.NameZH
		}
		few = few || p.Gain == nil || p.Lose == nil
		t.Row(name, million.value(p.BaseFunds), million.change(p.Funds.Value), million.interval(p.Funds.Low, p.Funds.High),
			million.change(p.Patients.Value), million.interval(p.Patients.Low, p.Patients.High), CountText(p.Gain), CountText(p.Lose))
	}
	return t.Fit(on.Columns), few
}

// FiguresCSV writes every figure of every reform, a row each.
func FiguresCSV(w io.Writer, c *experiment.Comparison) error {
	return rows(w, func(row func(...string)) {
		row("reform", "figure", "base", "reform_value", "difference", "sampling_se", "sampling_low", "sampling_high",
			"unpaired_over_paired_variance", "replications", "scenario_mean", "scenario_low", "scenario_high", "scenario_sd", "scenario_sd_beyond_sampling")
		for i := range c.Reforms {
			r := &c.Reforms[i]
			for k := range r.Figures {
				d := &r.Figures[k]
				if !d.Estimated {
					continue
				}
				cells := []string{r.Name, d.Name, number(d.Base), number(d.Reform), number(d.Value), optional(d.SE), optional(d.Low), optional(d.High), optional(d.Ratio)}
				if s := d.Scenario; s != nil {
					cells = append(cells, strconv.Itoa(s.Replications), number(s.Mean), number(s.Low), number(s.High), number(s.SD), number(s.BeyondSampling))
				} else {
					cells = append(cells, "1", "", "", "", "", "")
				}
				row(cells...)
			}
		}
	})
}

// ProvincesCSV writes the effect on every insured province, a row each.
func ProvincesCSV(w io.Writer, c *experiment.Comparison) error {
	return rows(w, func(row func(...string)) {
		row("reform", "insuplc_admdvs", "name_en", "name_zh", "base_funds_fen", "funds_fen", "funds_low", "funds_high",
			"base_patients_fen", "patients_fen", "patients_low", "patients_high", "direct_rate_bp", "direct_rate_low", "direct_rate_high", "gain_patients", "lose_patients")
		for i := range c.Reforms {
			r := &c.Reforms[i]
			for k := range r.Provinces {
				p := &r.Provinces[k]
				row(r.Name, strconv.FormatUint(uint64(p.Code), 10), p.NameEN, p.NameZH,
					number(p.BaseFunds), number(p.Funds.Value), optional(p.Funds.Low), optional(p.Funds.High),
					number(p.BasePatients), number(p.Patients.Value), optional(p.Patients.Low), optional(p.Patients.High),
					number(p.DirectRate.Value), optional(p.DirectRate.Low), optional(p.DirectRate.High),
					counted(p.Gain), counted(p.Lose))
			}
		}
	})
}

// BurdenCSV writes who gains and who loses by how much, a row for each bin.
func BurdenCSV(w io.Writer, c *experiment.Comparison) error {
	return rows(w, func(row func(...string)) {
		row("reform", "from_fen", "to_fen", "gain_patients", "lose_patients")
		for i := range c.Reforms {
			for _, bin := range c.Reforms[i].Burden.Bins {
				row(c.Reforms[i].Name, strconv.FormatInt(bin.FromFen, 10), strconv.FormatInt(bin.ToFen, 10), counted(bin.Gain), counted(bin.Lose))
			}
		}
	})
}

// rows writes a CSV table.
func rows(w io.Writer, write func(row func(...string))) error {
	c := csv.NewWriter(w)
	write(func(cells ...string) { _ = c.Write(words.Cells(cells)) }) // the error stays for Error
	c.Flush()
	return c.Error()
}

// number writes a number so that it reads back as the same one.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}

// counted is empty where too few people of a sample stand for a number.
func counted(n experiment.Count) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
