package show

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

var shockLabels = map[experiment.Shock]label{
	experiment.LatePayer: {"pays late", "拖延划款"},
	experiment.SurgeOf:   {"surges", "就医激增"},
	experiment.Down:      {"is down", "平台停机"},
}

// ShockLabel names a shock in a language; an unknown one by its stable name.
func ShockLabel(s experiment.Shock, lang words.Lang) string {
	if l, known := shockLabels[s]; known {
		return l.in(lang)
	}
	return s.String()
}

// topScenarios and topPairs are how many a terminal shows.
const (
	topScenarios = 32
	topPairs     = 16
)

// Stress writes the ranking of the N−1 set.
func Stress(r *experiment.StressResult, on report.Screen) string {
	var b strings.Builder
	lang := on.Lang
	fmt.Fprintf(&b, label{"%s, one province after the other · synthetic population · sample %s\n", "%s，逐省压力测试 · 合成人群 · 抽样 %s\n"}.in(lang), r.Base, report.SampleText(r.Sample))
	if r.LateDays > 0 {
		fmt.Fprintf(&b, label{"pays late: %d working days beyond the timetable, every month\n", "拖延划款：每月晚于时限 %d 个工作日\n"}.in(lang), r.LateDays)
	}
	if r.SurgeBP > 0 {
		fmt.Fprintf(&b, label{"surges: %s more treated there, %s\n", "就医激增：增加 %s，%s\n"}.in(lang), points.value(float64(r.SurgeBP)), r.Surged)
	}
	if r.DownDays > 0 {
		fmt.Fprintf(&b, label{"is down: days in a row when most of its money settles: %d\n", "平台停机：结算金额最多的连续 %d 天\n"}.in(lang), r.DownDays)
	}
	if r.Sample > 1 {
		b.WriteString(label{
			"This is a sample: its pairs swing more than whole ones, so the ranking is not that of the country.\n",
			"此为抽样：省对波动大于全量，排序不代表全国。\n"}.in(lang))
	}
	d := &r.Baseline
	fmt.Fprintf(&b, label{"baseline: own money %s M yuan × days, %d days short in %d provinces; institutions wait %s days\n",
		"基准：垫资 %s 百万元×天，%d 个缺口日，%d 个省份；医疗机构回款 %s 天\n"}.in(lang),
		millionDays.value(float64(d.OwnFenDays)), d.ShortDays, d.Provinces, days.value(d.ReceivableDays))

	t := report.Table{Left: map[int]bool{1: true}, Drop: [][]int{{4, 5}}}
	t.Row(strings.Split(label{"Province|what|own money|days|short in|deepest|clearing waits|late", "省份|情形|垫资×天|缺口日|省份数|最深缺口|清算待收×天|逾期金额"}.in(lang), "|")...)
	shown := 0
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		if s.Outage != nil || shown == topScenarios {
			continue // an outage leaves less money to move: its damage has a table of its own
		}
		shown++
		x := &s.Damage
		t.Row(placeName(r.World, s.Province, lang), shockLabels[s.Shock].in(lang), millionDays.change(float64(x.OwnFenDays)), plain.change(float64(x.ShortDays)), plain.change(float64(x.Provinces)),
			million.change(float64(x.Deepest)), millionDays.change(float64(x.WaitFenDays)), million.change(float64(x.LateFen)))
	}
	if shown > 0 {
		b.WriteString("\n" + t.Fit(on.Columns))
		b.WriteString(label{"M yuan, times days where so said; all over the baseline.\n", "单位：百万元（或百万元×天），均为较基准的增量。\n"}.in(lang))
	}
	b.WriteString(outages(r, on))
	b.WriteByte('\n')
	t = report.Table{Left: map[int]bool{1: true, 2: true}, Drop: [][]int{{4}}}
	t.Row(strings.Split(label{"Cause|what|hits|own money|days|clearing waits|late", "起因省|情形|受影响省|垫资×天|缺口日|清算待收×天|逾期金额"}.in(lang), "|")...)
	for i := range r.Pairs[:min(topPairs, len(r.Pairs))] {
		p := &r.Pairs[i]
		cause, victim := p.Places()
		t.Row(placeName(r.World, cause, lang), shockLabels[p.Shock].in(lang), placeName(r.World, victim, lang), millionDays.change(float64(p.OwnFenDays)),
			plain.change(float64(p.ShortDays)), millionDays.change(float64(p.WaitFenDays)), million.change(float64(p.LateFen)))
	}
	b.WriteString(t.Fit(on.Columns))
	return report.Wrapped(b.String(), on.Columns)
}

// outages ranks the provinces that are down by what patients pay in full; empty where
// none is.
func outages(r *experiment.StressResult, on report.Screen) string {
	lang := on.Lang
	ranked := r.ByOutage()
	if len(ranked) == 0 {
		return ""
	}
	t := report.Table{Drop: [][]int{{3, 4}}}
	t.Row(strings.Split(label{"Is down|from|bills met|waited|settled|paid in full|M yuan|by hand|M yuan", "停机省份|起|遇停机|等待|后结算|全额垫付|金额|手工报销|金额"}.in(lang), "|")...)
	for _, s := range ranked {
		o := s.Outage
		t.Row(placeName(r.World, s.Province, lang), o.From.String(), report.Grouped(o.Bills), report.Grouped(o.Waited), report.Grouped(o.Settled), report.Grouped(o.InFull),
			million.value(float64(o.InFullFen)), report.Grouped(o.ByHand), million.value(float64(o.ByHandFen)))
	}
	return "\n" + t.Fit(on.Columns)
}

func placeName(w *sim.World, i int, lang words.Lang) string {
	if lang == words.Chinese {
		return w.Provinces[i].NameZH
	}
	return w.Provinces[i].NameEN
}

// ScenariosCSV writes the ranking, a row for each scenario.
func ScenariosCSV(w io.Writer, r *experiment.StressResult) error {
	return rows(w, func(row func(...string)) {
		row("rank", "shock", "admdvs", "name_en", "name_zh", "own_money_fen_days", "short_days", "short_provinces", "deepest_fen", "clearing_fen_days", "clearing_late_fen", "overdue_fen", "receivable_days",
			"down_days", "outage_bills", "outage_waited", "outage_days_waited", "outage_settled", "outage_paid_in_full", "outage_paid_in_full_fen", "outage_by_hand", "outage_by_hand_fen", "direct_settlements_lost", "patients_met")
		for i := range r.Scenarios {
			s := &r.Scenarios[i]
			d := &s.Damage
			o := s.Outage
			if o == nil {
				o = new(experiment.OutageDamage)
			}
			row(strconv.Itoa(i+1), s.Shock.String(), strconv.FormatUint(uint64(s.Code), 10), s.NameEN, s.NameZH, strconv.FormatInt(d.OwnFenDays, 10), strconv.Itoa(d.ShortDays),
				strconv.Itoa(d.Provinces), whole(int64(d.Deepest)), whole(d.WaitFenDays), whole(int64(d.LateFen)), whole(int64(d.OverdueFen)), number(d.ReceivableDays),
				o.Days, whole(o.Bills), whole(o.Waited), whole(o.DaysWaited), whole(o.Settled), whole(o.InFull), whole(int64(o.InFullFen)), whole(o.ByHand), whole(int64(o.ByHandFen)), whole(o.DirectLost), whole(o.PatientsMet))
		}
	})
}

// PairsCSV writes what each shock does to each place of treatment.
func PairsCSV(w io.Writer, r *experiment.StressResult) error {
	return rows(w, func(row func(...string)) {
		row("rank", "shock", "cause_admdvs", "victim_admdvs", "own_money_fen_days", "short_days", "clearing_late_fen", "clearing_fen_days")
		for i := range r.Pairs {
			p := &r.Pairs[i]
			row(strconv.Itoa(i+1), p.Shock.String(), strconv.FormatUint(uint64(p.Cause), 10), strconv.FormatUint(uint64(p.Victim), 10),
				whole(p.OwnFenDays), strconv.Itoa(p.ShortDays), whole(int64(p.LateFen)), whole(p.WaitFenDays))
		}
	})
}

func whole(v int64) string { return strconv.FormatInt(v, 10) }

// Question is what a search looked for.
func Question(r *experiment.SearchResult, lang words.Lang) string {
	question := map[experiment.Variable]label{
		experiment.Multiple: {"The smallest prepayment multiple with P(shortfall) at most %s", "使月缺口概率不超过 %s 的最小预付倍数"},
		experiment.Surge:    {"The largest surge everywhere with P(shortfall) at most %s", "使月缺口概率不超过 %s 的最大全国激增幅度"},
		experiment.Delay:    {"The longest delay of all payers with P(shortfall) at most %s", "使月缺口概率不超过 %s 的最长普遍拖延"},
	}[r.Variable]
	return fmt.Sprintf(question.in(lang), points.value(float64(r.Bound)))
}

// Search writes where the edge of safety lies.
func Search(r *experiment.SearchResult, on report.Screen) string {
	var b strings.Builder
	lang := on.Lang
	fmt.Fprintf(&b, label{"%s · synthetic population · sample %s\n", "%s · 合成人群 · 抽样 %s\n"}.in(lang), r.Base, report.SampleText(r.Sample))
	b.WriteString(Question(r, lang) + "\n")
	if r.Sample > 1 {
		b.WriteString(label{"This is a sample, whose pots swing more than whole ones: the edge of the country lies elsewhere.\n", "此为抽样，波动大于全量：全国的界限不在此处。\n"}.in(lang))
	}
	value := func(v float64) string {
		switch r.Variable {
		case experiment.Multiple:
			return decimals(v/10000, 2)
		case experiment.Surge:
			return "+" + points.value(v)
		}
		return decimals(v, 1)
	}
	t := report.Table{Left: map[int]bool{3: true}}
	t.Row(strings.Split(label{"seed|holds at|breaks at|", "种子|满足|不满足|"}.in(lang), "|")...)
	for _, e := range r.Edges {
		safe, unsafe, note := value(float64(e.Safe)), value(float64(e.Unsafe)), ""
		if e.Open {
			unsafe, note = "–", label{"the whole range holds", "整个范围均满足"}.in(lang)
		}
		if e.Never {
			safe, note = "–", label{"nowhere in the range", "范围内均不满足"}.in(lang)
		}
		t.Row(strconv.FormatUint(e.Seed, 10), safe, unsafe, note)
	}
	b.WriteString(t.String())
	if o := r.Over; o != nil {
		fmt.Fprintf(&b, label{"over %d seeds: %s, 95 %% interval %s to %s\n", "%d 个种子：%s，95%%区间 %s 至 %s\n"}.in(lang), o.Replications, value(o.Mean), value(o.Low), value(o.High))
	} else if len(r.Edges) == 1 {
		b.WriteString(label{"one seed only; --replications gives an interval over seeds\n", "仅一个种子；--replications 给出种子间区间\n"}.in(lang))
	}
	if !r.Monotone {
		b.WriteString(label{"The probability is not monotone between the points tried: there may be another edge.\n", "所试各点之间概率并非单调：可能另有界限。\n"}.in(lang))
	}
	b.WriteByte('\n')
	tried := report.Table{}
	tried.Row(strings.Split(label{"seed|tried|P(shortfall)|province-months", "种子|取值|缺口概率|省月"}.in(lang), "|")...)
	for _, x := range r.Tried {
		tried.Row(strconv.FormatUint(x.Seed, 10), value(float64(x.Value)), points.value(x.ShortBP), fmt.Sprintf("%d / %d", x.Short, x.Of))
	}
	b.WriteString(tried.String())
	return report.Wrapped(b.String(), on.Columns)
}

// TriedCSV writes every point that a search tried.
func TriedCSV(w io.Writer, r *experiment.SearchResult) error {
	return rows(w, func(row func(...string)) {
		row("variable", "unit", "seed", "value", "short_bp", "short_province_months", "province_months")
		for _, x := range r.Tried {
			row(r.Variable.String(), r.Unit, strconv.FormatUint(x.Seed, 10), strconv.Itoa(x.Value), number(x.ShortBP), strconv.Itoa(x.Short), strconv.Itoa(x.Of))
		}
	})
}
