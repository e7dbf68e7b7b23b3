package verify

import (
	"bytes"
	"encoding/json"
	"math/big"
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
	// The digest of the results stands twice.
	manifest, _ := flatten(r.read(manifestName))
	if manifest == nil {
		return // told where it was read
	}
	r.same(summaryName, lines["digest"], "digest", manifest["digest"], values["digest"], "manifest.json")
	r.same(summaryName, lines["seed"], "seed", manifest["seed"], values["seed"], "manifest.json")
	r.same(summaryName, lines["sample"], "sample", manifest["sample"], values["sample"], "manifest.json")
	r.same(summaryName, lines["scenario"], "scenario", manifest["scenario"], values["scenario"], "manifest.json")
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
	var watched, topUps, granted, quota int64
	for _, records := range r.records {
		if len(records) == 0 {
			continue
		}
		watched++
		for _, x := range records {
			if x.topUp != 0 {
				topUps++
				granted = sum(granted, x.topUp)
			}
		}
		last := &records[len(records)-1]
		quota = sum(quota, last.quota, last.topUp)
	}
	same("pairs_watched", watched, "prepayment.csv")
	if values[key+"yellow"] == "null" {
		return
	}
	colored := map[string]int64{}
	for _, a := range r.alerts {
		colored[a.color]++
	}
	same("yellow", colored["yellow"], "alerts.csv")
	same("red", colored["red"], "alerts.csv")
	same("top_ups", topUps, "top_ups.csv")
	same("top_up_fen", granted, "top_ups.csv")
	same("quota_fen", quota, "prepayment.csv")
}

// basisPoints is part ÷ whole in basis points, to the nearest; 0 of nothing.
func basisPoints(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	x := big.NewInt(part)
	return halfUp(x.Mul(x, big.NewInt(10_000)), big.NewInt(whole))
}

// flatten reads JSON into its leaves by path, such as by_kind.inpatient.cases, and the
// line of each; nil where it is no JSON.
func flatten(text []byte) (values map[string]string, lines map[string]int) {
	values, lines = map[string]string{}, map[string]int{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	line, at := 1, 0
	var walk func(path string) bool
	walk = func(path string) bool {
		token, err := d.Token()
		if err != nil {
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
				if !walk(key) {
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
	if !walk("") {
		return nil, nil
	}
	return values, lines
}
