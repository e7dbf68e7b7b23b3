package show

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// barWidth is how wide the widest bar of a tornado is, on a narrow screen less.
const barWidth, narrowBar = 18, 12

// Sweep writes the tornado of each output, how far it moves over each path, and what
// failed.
func Sweep(title words.Text, table string, rows []experiment.Row, all []experiment.Influence, p experiment.SweepProgress, on report.Screen) string {
	var b strings.Builder
	lang, failures := on.Lang, experiment.Failures(rows)
	failed := 0
	for _, f := range failures {
		failed += f.Rows
	}
	if title != (words.Text{}) {
		b.WriteString(title.In(lang) + "\n")
	}
	fmt.Fprintf(&b, label{"%d rows in %s, %d failed; %d were there before\n", "%[2]s 中共 %[1]d 行，失败 %[3]d 行；其中 %[4]d 行此前已有\n"}.in(lang), len(rows), table, failed, p.Skipped)
	for i, f := range failures {
		if i == mostFailures {
			fmt.Fprintf(&b, label{"  and %d reasons more, in %s\n", "  另有 %d 种原因，见 %s\n"}.in(lang), len(failures)-i, table)
			break
		}
		fmt.Fprintf(&b, label{"  failed, %d rows, the first with %s: %s\n", "  失败 %d 行，首行设定为 %s：%s\n"}.in(lang), f.Rows, f.First, f.Error)
	}
	if failed > 0 && failed < len(rows) {
		b.WriteString(label{"What follows is of the other rows alone.\n", "以下仅为其余各行的结果。\n"}.in(lang))
	}
	if failed == len(rows) {
		return report.Wrapped(b.String(), on.Columns)
	}
	widest, names := barWidth, on.Columns-56
	if on.Columns < 100 {
		widest, names = narrowBar, on.Columns-50
	}
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].Output == all[from].Output {
			to++
		}
		u, t := unitOf(all[from].Output), report.Table{Left: map[int]bool{5: true}, Drop: [][]int{{5}}}
		t.Row(FigureLabel(all[from].Output, lang)+u.name(lang), label{"lowest", "最低"}.in(lang), label{"highest", "最高"}.in(lang), label{"swing", "变幅"}.in(lang), label{"chance", "偶然"}.in(lang), "")
		for _, x := range all[from:to] {
			low, high := extremes(&x)
			swing, bar := strings.TrimPrefix(u.change(x.Swing), "+"), 0
			if strings.Trim(swing, "0.") != "" { // not what is no swing but the last digit of a mean
				bar = int(math.Round(x.Swing / all[from].Swing * float64(widest)))
			}
			filled, chance := "█", "–"
			if x.Chance > 0 {
				chance = strings.TrimPrefix(u.change(x.Chance), "+")
			}
			if x.Swing <= x.Chance {
				filled = "░"
			}
			t.Row(report.Cut(x.Path, names), u.value(low), u.value(high), swing, chance, strings.Repeat(filled, bar))
		}
		b.WriteString("\n" + t.Fit(on.Columns))
		from = to
	}
	b.WriteString(label{
		"\nswing: the largest mean less the smallest over the path's values. chance: what one path in twenty without any influence would show, since others vary too; a swing within it (░) says nothing.\n\n",
		"\n变幅：该参数各取值下均值的最大差。偶然：因其他参数同时变动，毫无影响的参数中每二十个约有一个会显示的变幅；不超过它的变幅（░）不说明问题。\n\n"}.in(lang))
	t := report.Table{Left: map[int]bool{1: true}}
	t.Row(label{"Parameter", "参数"}.in(lang), label{"how far its own value can be trusted", "其原值的可信程度"}.in(lang))
	told := map[string]bool{}
	for _, x := range all {
		if x.Status != "" && !told[x.Path] {
			told[x.Path] = true
			t.Row(report.Cut(x.Path, on.Columns-40), report.StatusNames(x.Status, lang))
		}
	}
	if len(told) > 0 {
		b.WriteString(t.Fit(on.Columns))
	}
	return report.Wrapped(b.String(), on.Columns)
}

// mostFailures is how many reasons of failures a terminal shows.
const mostFailures = 5

func (u unit) name(lang words.Lang) string {
	switch u {
	case million:
		return label{" (M yuan)", "（百万元）"}.in(lang)
	case millionDays:
		return label{" (M yuan × days)", "（百万元×天）"}.in(lang)
	}
	return ""
}

func extremes(x *experiment.Influence) (low, high float64) {
	for i, p := range x.Curve {
		if i == 0 || p.Mean < low {
			low = p.Mean
		}
		if i == 0 || p.Mean > high {
			high = p.Mean
		}
	}
	return low, high
}

// CurvesCSV writes every response curve, a row for each value of each path.
func CurvesCSV(w io.Writer, all []experiment.Influence) error {
	return rows(w, func(row func(...string)) {
		row("output", "path", "status", "swing", "chance_swing", "rank_correlation", "from", "to", "runs", "mean", "min", "max")
		for _, x := range all {
			for _, p := range x.Curve {
				row(x.Output, x.Path, x.Status, number(x.Swing), number(x.Chance), number(x.Rank), p.From, p.To, strconv.Itoa(p.Runs), number(p.Mean), number(p.Min), number(p.Max))
			}
		}
	})
}
