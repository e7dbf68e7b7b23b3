package verify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

const summaryName = "summary.json"

// summary compares summary.json with registers and payments as far as they tell.
func (r *run) summary() {
	text := r.read(summaryName)
	values, lines := flatten(text)
	if values == nil {
		r.find(Finding{File: summaryName, Want: "JSON", Got: "something else", Rule: "the summary can be read"})
		return
	}
	same := func(key string, want int64, rule string) {
		r.same(summaryName, lines[key], key, strconv.FormatInt(want, 10), values[key], rule)
	}
	n := r.p.Expansion
	times := func(v int64) int64 {
		x := new(big.Int).Mul(big.NewInt(v), big.NewInt(n))
		if !x.IsInt64() {
			panic(giveUp{})
		}
		return x.Int64()
	}
	const registers = "the measured months' registers, expanded"
	number := func(key string) int64 { v, _ := strconv.ParseInt(values[key], 10, 64); return v }

	var all [numMeasures]int64
	var run int64
	kinds := make([][numMeasures]int64, len(r.p.Kinds))
	same("expansion", n, "parameters.json")
	for i := range r.settled {
		var cases int64
		for at, v := range r.settled[i].byPair {
			cases, run = sum(cases, v[atCases]), sum(run, v[atCleared])
			if i < r.p.WarmUp {
				continue
			}
			for j, x := range v {
				kinds[at%4][j] = sum(kinds[at%4][j], x)
				all[j] = sum(all[j], x)
			}
		}
		key := "months." + strconv.Itoa(i) + "."
		r.same(summaryName, lines[key+"month"], key+"month", (r.first + month(i)).String(), values[key+"month"], "every settled month")
		same(key+"settlements", cases, "the month's register")
	}
	same("settlements_measured", all[atCases], "the measured months' registers")
	block := func(key string, v *[numMeasures]int64) {
		same(key+".cases", times(v[atCases]), registers)
		same(key+".reversals", times(v[atReversals]), registers)
		same(key+".fee_fen", times(v[atFee]), registers)
		same(key+".own_pay_fen", times(v[atOwnPay]), registers)
		same(key+".over_limit_fen", times(v[atOverLimit]), registers)
		same(key+".pre_self_pay_fen", times(v[atPreSelfPay]), registers)
		same(key+".in_scope_fen", times(v[atInScope]), registers)
		same(key+".fund_fen", times(funds(v)), registers)
		same(key+".account_fen", times(sum(v[atAccount], v[atMutual])), registers)
		same(key+".relief_fen", times(v[atCleared]), registers)
		same(key+".cash_fen", times(v[atCash]), registers)
		same(key+".hospital_fen", times(v[atHospital]), registers)
		same(key+".requests", sum(number(key+".cases"), number(key+".refused")), "requests = cases + refused")
		var refused int64
		for k := range values {
			if strings.HasPrefix(k, key+".refused_by.") {
				refused = sum(refused, number(k))
			}
		}
		same(key+".refused", refused, "the sum of refused_by")
		same(key+".direct_rate_bp", basisPoints(number(key+".cases"), number(key+".requests")), "cases ÷ requests")
		same(key+".patient_share_bp", basisPoints(sum(times(v[atAccount]), times(v[atMutual]), times(v[atCash])), times(v[atFee])), "account and cash ÷ fee")
	}
	for i, kind := range r.p.Kinds {
		block("by_kind."+kind, &kinds[i])
	}
	block("total", &all)
	for _, word := range []string{"requests", "refused"} {
		var s int64
		for _, kind := range r.p.Kinds {
			s = sum(s, number("by_kind."+kind+"."+word))
		}
		same("total."+word, s, "the sum of the kinds")
	}
	same("direct_rate_bp", number("total.direct_rate_bp"), "that of the total")
	same("patient_share_bp", number("total.patient_share_bp"), "that of the total")
	same("clearing.cleared_fen", times(all[atCleared]), registers)
	same("clearing.cleared_run_fen", times(run), "all months' registers, expanded")
	r.same(summaryName, lines["clearing.last_fen_arrived"], "clearing.last_fen_arrived", r.p.Ended, values["clearing.last_fen_arrived"], "parameters.json")
	same("invariants.violated", 0, "a run with a breach is not kept")
	same("trial_balance_fen", 0, "ledger/trial_balance.csv")
	r.flowsOf(values, lines, times)
	r.prepaymentSummary(values, lines)
	// What was run stands twice.
	m := &r.m
	twice := map[string]string{"digest": m.Digest, "seed": strconv.FormatUint(m.Seed, 10), "sample_one_in": strconv.FormatUint(uint64(m.Sample), 10), "scenario": m.Scenario}
	for i, o := range m.Overlays {
		twice["overlays."+strconv.Itoa(i)] = o.File
	}
	for i, set := range m.Sets {
		twice["sets."+strconv.Itoa(i)] = set
	}
	for key := range values {
		if list, _, _ := strings.Cut(key, "."); (list == "overlays" || list == "sets") && twice[key] == "" {
			twice[key] = "" // the summary has more
		}
	}
	for _, key := range sortedKeys(twice) {
		r.same(summaryName, lines[key], key, twice[key], values[key], "manifest.json")
	}
}

// flowsOf compares the largest flows.
func (r *run) flowsOf(values map[string]string, lines map[string]int, times func(int64) int64) {
	pairs := 0
	flow := func(insured, treating int) (cases, cleared int64, any bool) {
		for i := r.p.WarmUp; i < len(r.settled); i++ {
			for scheme := range 2 {
				for kind := range 4 {
					v := &r.settled[i].byPair[r.pair(insured, treating, scheme)*4+kind]
					cases, cleared = sum(cases, v[atCases]), sum(cleared, v[atCleared])
					any = any || v[atCases] != 0 || v[atCleared] != 0
				}
			}
		}
		return cases, cleared, any
	}
	for insured := range r.numProvinces() {
		for treating := range r.numProvinces() {
			if _, _, any := flow(insured, treating); any {
				pairs++
			}
		}
	}
	r.same(summaryName, lines["clearing.pairs"], "clearing.pairs", strconv.Itoa(pairs), values["clearing.pairs"], "the measured months' registers")
	for i := 0; ; i++ {
		key := "top_flows." + strconv.Itoa(i) + "."
		insured, found := r.provinceAt[values[key+"insured_admdvs"]]
		treating, also := r.provinceAt[values[key+"treating_admdvs"]]
		if !found || !also {
			if values[key+"insured_admdvs"] != "" {
				r.find(Finding{summaryName, lines[key+"insured_admdvs"], key, "a place of the parameters", values[key+"insured_admdvs"] + " " + values[key+"treating_admdvs"], "the places of the parameters"})
			}
			return
		}
		cases, cleared, _ := flow(insured, treating)
		r.same(summaryName, lines[key+"cases"], key+"cases", strconv.FormatInt(times(cases), 10), values[key+"cases"], "the measured months' registers, expanded")
		r.same(summaryName, lines[key+"cleared_fen"], key+"cleared_fen", strconv.FormatInt(times(cleared), 10), values[key+"cleared_fen"], "the measured months' registers, expanded")
	}
}

// prepaymentSummary compares what a full run tells of prepayments.
func (r *run) prepaymentSummary(values map[string]string, lines map[string]int) {
	const key = "prepayment."
	same := func(name string, want int64, rule string) {
		r.same(summaryName, lines[key+name], key+name, strconv.FormatInt(want, 10), values[key+name], rule)
	}
	// Of the warm-up and of the measured months.
	type counts struct{ yellow, red, topUps, granted int64 }
	var all [2]counts
	of := func(m month) *counts {
		if int(m-r.first) < r.p.WarmUp {
			return &all[0]
		}
		return &all[1]
	}
	var watched, quota int64
	var pairs []clearedPair
	for pair, records := range r.records {
		if len(records) == 0 {
			continue
		}
		watched++
		cleared := int64(0)
		for _, x := range records {
			if x.topUp != 0 {
				c := of(x.month)
				c.topUps++
				c.granted = sum(c.granted, x.topUp)
			}
			if int(x.month-r.first) >= r.p.WarmUp {
				cleared = sum(cleared, x.clearing)
			}
		}
		pairs = append(pairs, clearedPair{pair, cleared})
		last := &records[len(records)-1]
		quota = sum(quota, last.quota, last.topUp)
	}
	same("pairs_watched", watched, "prepayment.csv")
	if r.p.Expansion > 1 {
		for _, name := range []string{"yellow", "red", "top_ups", "top_up_fen", "warm_up", "quota_fen", "main_pairs", "main_yellow", "main_red",
			"max_use_rate_bp", "max_use_month", "max_use_pair", "short_pots", "short_pot_days", "deepest_shortfall_fen"} {
			r.same(summaryName, lines[key+name], key+name, "null", values[key+name], "what a sample or a short run does not tell")
		}
		return
	}
	main := mainPairs(pairs)
	var mainYellow, mainRed int64
	for _, a := range r.alerts {
		c := of(a.month)
		counted := main[a.pair] && int(a.month-r.first) >= r.p.WarmUp
		if a.color == "red" {
			c.red++
		} else {
			c.yellow++
		}
		switch {
		case counted && a.color == "red":
			mainRed++
		case counted:
			mainYellow++
		}
	}
	for i, under := range []string{"warm_up.", ""} {
		same(under+"yellow", all[i].yellow, "alerts.csv")
		same(under+"red", all[i].red, "alerts.csv")
		same(under+"top_ups", all[i].topUps, "top_ups.csv")
		same(under+"top_up_fen", all[i].granted, "top_ups.csv")
	}
	same("quota_fen", quota, "prepayment.csv")
	same("main_pairs", int64(len(main)), "prepayment.csv")
	same("main_yellow", mainYellow, "alerts.csv")
	same("main_red", mainRed, "alerts.csv")

	highest, month, name := int64(-1), "", ""
	for pair, records := range r.records {
		for _, x := range records {
			text, _ := x.rate.(string)
			if used, err := strconv.ParseInt(text, 10, 64); err == nil && main[pair] && int(x.month-r.first) >= r.p.WarmUp && used > highest {
				insured, treating, _ := r.splitPair(pair)
				highest, month, name = used, x.month.String(), fmt.Sprintf("%d-%d", r.p.Provinces[insured].Code, r.p.Provinces[treating].Code)
			}
		}
	}
	same("max_use_rate_bp", highest, "prepayment.csv")
	r.same(summaryName, lines[key+"max_use_month"], key+"max_use_month", month, values[key+"max_use_month"], "prepayment.csv")
	r.same(summaryName, lines[key+"max_use_pair"], key+"max_use_pair", name, values[key+"max_use_pair"], "prepayment.csv")
	var short, days int64
	for _, n := range r.shortDays {
		days = sum(days, n)
		if n > 0 {
			short++
		}
	}
	same("short_pots", short, "ledger/pots.csv")
	same("short_pot_days", days, "ledger/pots.csv")
	same("deepest_shortfall_fen", slices.Max(append(r.depths, 0)), "ledger/pots.csv")
}

// clearedPair is a pair and what it cleared in the measured months.
type clearedPair struct {
	pair    int
	cleared int64
}

// mainPairs are the largest pairs that together clear 90 % of the money.
func mainPairs(pairs []clearedPair) map[int]bool {
	var total, run int64
	for _, p := range pairs {
		total = sum(total, p.cleared)
	}
	slices.SortStableFunc(pairs, func(a, b clearedPair) int { return cmp.Compare(b.cleared, a.cleared) })
	main := map[int]bool{}
	for _, p := range pairs {
		if run*10 >= total*9 {
			break
		}
		main[p.pair] = true
		run = sum(run, p.cleared)
	}
	return main
}

// basisPoints is part ÷ whole in basis points, to the nearest; 0 of nothing.
func basisPoints(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	x := big.NewInt(part)
	return halfUp(x.Mul(x, big.NewInt(10_000)), big.NewInt(whole))
}

// mostDepth is how deep JSON of a run may go; it goes to four.
const mostDepth = 32

// flatten reads JSON into its leaves by path, such as by_kind.inpatient.cases, and the
// line of each; nil where it is no JSON.
func flatten(text []byte) (values map[string]string, lines map[string]int) {
	values, lines = map[string]string{}, map[string]int{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	line, at := 1, 0
	var walk func(path string, depth int) bool
	walk = func(path string, depth int) bool {
		token, err := d.Token()
		if err != nil || depth > mostDepth {
			return false
		}
		end := int(d.InputOffset())
		line += bytes.Count(text[at:end], []byte("\n"))
		at = end
		switch v := token.(type) {
		case json.Delim:
			for i := 0; d.More(); i++ {
				key := strconv.Itoa(i)
				if v == '{' {
					name, err := d.Token()
					if err != nil {
						return false
					}
					key, _ = name.(string)
				}
				if path != "" {
					key = path + "." + key
				}
				if !walk(key, depth+1) {
					return false
				}
			}
			_, err := d.Token()
			return err == nil
		case json.Number:
			values[path], lines[path] = v.String(), line
		case string:
			values[path], lines[path] = v, line
		case bool:
			values[path], lines[path] = strconv.FormatBool(v), line
		default:
			values[path], lines[path] = "null", line
		}
		return true
	}
	if !walk("", 0) {
		return nil, nil
	}
	return values, lines
}
