package verify

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

const validationName = "validation.json"

// care is what the files of care/ count beside the registers.
type care struct {
	busiest []int64         // by settled month and kind, and all kinds
	levels  [4][4][2]int64  // cases and fees by kind and level
	above   map[int64]int64 // inpatient cases by edge
}

var levelNames = []string{"primary", "secondary", "tertiary", "top"}

// readCare reads the files of care/ and proves that they add up to the registers.
func (r *run) readCare() (c care) {
	c.busiest = make([]int64, r.settledMonths()*5)
	t := r.open("care/days.csv", "day", "kind", "cases")
	const rule = "every day of the settled months by kind"
	for i := range r.settledMonths() {
		m := r.first + month(i)
		var sums [4]int64
		for d := m.first(); d <= m.last(); d++ {
			all := int64(0)
			for kind, name := range r.p.Kinds {
				if !t.next() {
					r.find(Finding{t.name, t.line + 1, "", d.String() + "," + name, "the end of the file", rule})
					panic(giveUp{})
				}
				t.same("day", d.String(), rule)
				t.same("kind", name, rule)
				n := t.int("cases")
				sums[kind], all = sum(sums[kind], n), sum(all, n)
				c.busiest[i*5+kind] = max(c.busiest[i*5+kind], n)
			}
			c.busiest[i*5+4] = max(c.busiest[i*5+4], all)
		}
		for kind := range sums {
			r.sameInt(t.name, t.line, m.String()+" "+r.p.Kinds[kind], r.measured(i, i+1, []int{kind}, atCases), sums[kind], "the days of a month sum to its register")
		}
	}
	if t.next() {
		r.find(Finding{t.name, t.line, "", "the end of the file", strings.Join(t.row, ","), rule})
	}

	t = r.open("care/levels.csv", "kind", "level", "cases", "fee_fen", "fee_yuan", "relief_fen", "relief_yuan")
	for kind, name := range r.p.Kinds {
		var sums [3]int64
		for l, level := range levelNames {
			const rule = "every kind by level"
			if !t.next() {
				r.find(Finding{t.name, t.line + 1, "", name + "," + level, "the end of the file", rule})
				panic(giveUp{})
			}
			t.same("kind", name, rule)
			t.same("level", level, rule)
			for i, column := range []string{"cases", "fee_fen", "relief_fen"} {
				v := t.int(column)
				sums[i] = sum(sums[i], v)
				if i < 2 {
					c.levels[kind][l][i] = v
				}
			}
		}
		for i, at := range []int{atCases, atFee, atCleared} {
			r.sameInt(t.name, t.line, name+" "+measureNames[at], r.measured(r.p.WarmUp, r.settledMonths(), []int{kind}, at), sums[i], "the levels sum to the measured months' registers")
		}
	}
	if t.next() {
		r.find(Finding{t.name, t.line, "", "the end of the file", strings.Join(t.row, ","), "every kind by level"})
	}

	t = r.open("care/edges.csv", "above_fen", "above_yuan", "cases")
	c.above = map[int64]int64{}
	last, most := int64(-1), r.measured(r.p.WarmUp, r.settledMonths(), []int{0}, atCases)
	for t.next() {
		edge, n := t.int("above_fen"), t.int("cases")
		if edge <= last || n > most {
			r.find(Finding{t.name, t.line, "cases", "rising edges, and no more cases above a higher one", t.text("above_fen") + ": " + t.text("cases"), "cases above an edge"})
		}
		r.report.Checked++
		c.above[edge], last, most = n, edge, n
	}
	return c
}

// measured sums a column of the registers of the settled months from i to before j over
// kinds.
func (r *run) measured(i, j int, kinds []int, at int) (total int64) {
	for ; i < j; i++ {
		for pair := range r.numPairs() {
			for _, kind := range kinds {
				total = sum(total, r.settled[i].byPair[pair*4+kind][at])
			}
		}
	}
	return total
}

// targetRow is a row of validation.json; the figure itself and the words are primary.
type targetRow struct {
	Kind          string `json:"kind"`
	Measure       string `json:"measure"`
	Unit          string `json:"unit"`
	Month         int    `json:"month"`
	Above         int64  `json:"above_fen"`
	Role          string `json:"role"`
	Bound         string `json:"bound"`
	Target        int64  `json:"target"`
	TargetOrder   []int  `json:"target_order"`
	AchievedOrder []int  `json:"achieved_order"`
	Achieved      *int64 `json:"achieved"`
	NotEstimated  string `json:"not_estimated"`
	StandardError int64  `json:"standard_error"`
	Gap           *int64 `json:"gap_ppm"`
	Tolerance     int64  `json:"tolerance_ppm"`
	Within        *bool  `json:"within"`
	Explanation   string `json:"explanation"`
	ScaleHint     int64  `json:"scale_hint_ppm"`
}

// validation computes again what the run is said to have achieved of each published
// figure.
func (r *run) validation() {
	c := r.readCare()
	text := r.read(validationName)
	var all struct {
		Targets []targetRow `json:"targets"`
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&all); err != nil {
		r.find(Finding{File: validationName, Want: "published figures and the run's", Got: err.Error(), Rule: "the validation can be read"})
		return
	}
	_, lines := flatten(text)
	for i := range all.Targets {
		t := &all.Targets[i]
		same := func(key, want, got, rule string) {
			key = "targets." + strconv.Itoa(i) + "." + key
			r.same(validationName, lines[key], key, want, got, rule)
		}
		a := r.achieved(t, &c)
		same("unit", a.unit, t.Unit, "the unit of the measure")
		same("achieved", a.text(), optional(t.Achieved), "the registers and care/")
		same("not_estimated", strconv.FormatBool(!a.known), strconv.FormatBool(t.NotEstimated != ""), "what a sample or a short run does not tell")
		same("achieved_order", codesText(a.order), codesText(t.AchievedOrder), "the measured months' registers")
		tolerance := int64(100_000)
		if t.Role == "fitted" || t.Role == "follows" {
			tolerance = 5_000
		}
		same("tolerance_ppm", strconv.FormatInt(tolerance, 10), strconv.FormatInt(t.Tolerance, 10), "0.5 % of a fitted figure, 10 % of any other")
		gap, within := "", ""
		if a.known {
			met := a.value == t.Target
			if t.Unit != "places" {
				g := ratio(1_000_000, []int64{a.value}, []int64{t.Target}) - 1_000_000
				gap = strconv.FormatInt(g, 10)
				switch t.Bound {
				case "at_least":
					met = a.value >= t.Target
				case "at_most":
					met = a.value <= t.Target
				default:
					met = max(g, -g) <= tolerance
				}
			}
			within = strconv.FormatBool(met)
			if met {
				same("explanation", "", t.Explanation, "a figure that is met needs none")
			}
		}
		same("gap_ppm", gap, optional(t.Gap), "achieved ÷ target − 1")
		got := ""
		if t.Within != nil {
			got = strconv.FormatBool(*t.Within)
		}
		same("within", within, got, "gap and tolerance")
		if r.p.Expansion == 1 {
			same("standard_error", "0", strconv.FormatInt(t.StandardError, 10), "a full run has none")
		}
		hint := int64(0)
		switch t.Measure {
		case "cases":
			hint = ratio(1_000_000, []int64{t.Target}, []int64{a.value})
		case "relief_fen":
			hint = ratio(1_000_000, []int64{t.Target}, []int64{a.value})
			for j := range all.Targets {
				if u := &all.Targets[j]; u.Measure == "cases" && u.Kind == t.Kind && u.Role == t.Role && u.Achieved != nil {
					hint = ratio(1_000_000, []int64{t.Target, *u.Achieved}, []int64{u.Target, a.value})
					break
				}
			}
		}
		same("scale_hint_ppm", strconv.FormatInt(hint, 10), strconv.FormatInt(t.ScaleHint, 10), "target ÷ achieved")
	}
}

// achievement is what a run has of a published figure.
type achievement struct {
	known bool
	value int64
	unit  string
	order []int
}

func (a *achievement) text() string {
	if !a.known {
		return ""
	}
	return strconv.FormatInt(a.value, 10)
}

// achieved computes it.
func (r *run) achieved(t *targetRow, c *care) (a achievement) {
	kinds, kind := []int{0, 1, 2, 3}, 4
	if i := slices.Index(r.p.Kinds, t.Kind); i >= 0 {
		kinds, kind = []int{i}, i
	}
	year := func(at int) int64 { return r.measured(r.p.WarmUp, r.settledMonths(), kinds, at) }
	paid := func() (v int64) {
		for at := atBasic; at <= atAid; at++ {
			v = sum(v, year(at))
		}
		return v
	}
	at := r.p.WarmUp
	for ; at < r.settledMonths() && int(r.first+month(at))%12+1 != t.Month; at++ {
	}
	a.known = true
	switch t.Measure {
	case "cases":
		a.unit, a.value = "cases", ratio(r.p.Expansion, []int64{year(atCases)}, []int64{1})
	case "relief_fen":
		a.unit, a.value = "fen", ratio(r.p.Expansion, []int64{year(atCleared)}, []int64{1})
	case "fund_share_bp":
		a.unit, a.value = "bp", ratio(10_000, []int64{paid()}, []int64{year(atFee)})
	case "relief_per_case_fen":
		a.unit, a.value = "fen", ratio(1, []int64{year(atCleared)}, []int64{year(atCases)})
	case "fee_per_case_fen":
		a.unit, a.value = "fen", ratio(1, []int64{year(atFee)}, []int64{year(atCases)})
	case "relief_above_bp":
		a.unit, a.value = "bp", ratio(10_000, []int64{c.above[t.Above]}, []int64{year(atCases)})
	case "level_ratio_ppm":
		l := &c.levels[kinds[0]]
		cases, fees := sum(l[2][0], l[3][0]), sum(l[2][1], l[3][1])
		a.unit, a.value = "ppm", ratio(1_000_000, []int64{fees, l[1][0]}, []int64{cases, l[1][1]})
	case "peak_day_ppm":
		a.unit, a.known = "ppm", at < r.settledMonths() && r.p.Expansion == 1
		if a.known {
			m := r.first + month(at)
			a.value = ratio(1_000_000, []int64{c.busiest[at*5+kind], int64(m.last() - m.first() + 1)}, []int64{r.measured(at, at+1, kinds, atCases)})
		}
	case "month_step_ppm":
		a.unit, a.known = "ppm", at < r.settledMonths() && at > 0
		if a.known {
			m := r.first + month(at)
			a.value = ratio(1_000_000,
				[]int64{r.measured(at, at+1, kinds, atCases), int64((m - 1).last() - (m - 1).first() + 1)},
				[]int64{r.measured(at-1, at, kinds, atCases), int64(m.last() - m.first() + 1)})
		}
	case "direct_rate_bp":
		// What was refused is in no register; the summary's own figures are proven
		// against each other there.
		values, _ := flatten(r.read(summaryName))
		key := "by_kind." + t.Kind
		if kind == 4 {
			key = "total"
		}
		rate, err := strconv.ParseInt(values[key+".direct_rate_bp"], 10, 64)
		a.unit, a.known, a.value = "bp", err == nil, rate
	case "source_order", "destination_order":
		a.unit = "places"
		a.order = r.largest(kinds, t.Measure == "destination_order")
		a.order = a.order[:min(len(a.order), len(t.TargetOrder))]
		for i, code := range a.order {
			if code == t.TargetOrder[i] {
				a.value++
			}
		}
	default:
		a.known = false
	}
	return a
}

// largest lists the codes of the provinces by their cases.
func (r *run) largest(kinds []int, treating bool) []int {
	type place struct {
		code  int
		cases int64
	}
	all := make([]place, r.numProvinces())
	for i := range all {
		all[i].code = r.p.Provinces[i].Code
	}
	for i := r.p.WarmUp; i < r.settledMonths(); i++ {
		for pair := range r.numPairs() {
			of, to, _ := r.splitPair(pair)
			if treating {
				of = to
			}
			for _, kind := range kinds {
				all[of].cases = sum(all[of].cases, r.settled[i].byPair[pair*4+kind][atCases])
			}
		}
	}
	slices.SortStableFunc(all, func(a, b place) int { return int(b.cases - a.cases) })
	codes := make([]int, len(all))
	for i := range all {
		codes[i] = all[i].code
	}
	return codes
}

// ratio is unit × over ÷ under to the nearest; 0 of nothing.
func ratio(unit int64, over, under []int64) int64 {
	x, by := big.NewInt(unit), big.NewInt(1)
	for _, v := range over {
		x.Mul(x, big.NewInt(v))
	}
	for _, v := range under {
		by.Mul(by, big.NewInt(v))
	}
	if by.Sign() == 0 {
		return 0
	}
	return halfUp(x, by)
}

func optional(v *int64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatInt(*v, 10)
}

func codesText(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = strconv.Itoa(c)
	}
	return strings.Join(words, " ")
}
