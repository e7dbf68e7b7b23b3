package verify

import (
	"slices"
	"strconv"
	"strings"
)

// The accounts of a pair in the order of ledger/pairs.csv.
var pairAccounts = []string{
	"insured.due", "insured.owes", "insured.fiscal", "insured.collected", "insured.advanced",
	"treating.due", "treating.fiscal", "treating.advance", "nation.transit", "nation.owes",
	"insured.fees", "insured.fees_paid", "treating.own", "treating.owes_own", "treating.interest_bank", "treating.interest",
	"treating.fines_bank", "treating.fines", "institution.fined", "institution.fines_paid",
}

// ledger proves the books against registers and payments.
func (r *run) ledger() {
	perProvince := r.pairLedger()
	r.trialBalance(perProvince)
	r.pots()
}

// pairLedger proves each pair's accounts: each keeper's sum to zero, and prepayments are
// what was paid. It returns their sums by account and keeper.
func (r *run) pairLedger() map[string][]int64 {
	columns := slices.Clone(pairColumns)
	for _, a := range pairAccounts {
		columns = append(columns, a+"_fen")
	}
	columns = append(columns, "prepayment_yuan", "idle_fen", "idle_yuan")
	t := r.open("ledger/pairs.csv", columns...)
	sums := map[string][]int64{}
	for _, a := range pairAccounts {
		sums[a] = make([]int64, r.numProvinces())
	}
	whole := !r.unpaid && r.p.Levers.DryPot == "advance_own"
	last := -1
	seen := make([]bool, r.numPairs())
	for t.next() {
		pair := t.readPair()
		r.report.Checked++
		if pair <= last {
			r.find(Finding{t.name, t.line, "", "a row after the one before", "a row before it or again", "rows come once and in the order of the parameters"})
		}
		last, seen[pair] = pair, true
		insured, treating, _ := r.splitPair(pair)
		books := map[string]int64{}
		value := map[string]int64{}
		for _, a := range pairAccounts {
			v := t.int(a + "_fen")
			value[a] = v
			keeper, _, _ := strings.Cut(a, ".")
			books[keeper] = sum(books[keeper], v)
			at := treating
			switch keeper {
			case "insured":
				at = insured
			case "nation":
				at = 0
			}
			sums[a][at] = sum(sums[a][at], v)
		}
		for _, keeper := range []string{"insured", "treating", "nation", "institution"} {
			if keeper == "treating" && !whole {
				continue // what institutions wait for stands in the cells
			}
			r.sameInt(t.name, t.line, keeper, 0, books[keeper], "the keeper's accounts sum to zero")
		}
		t.sameInt("insured.advanced_fen", r.prepaid[pair], "the sum of the prepayments paid")
		t.sameInt("treating.advance_fen", -r.prepaid[pair], "prepaid = held (V5)")
		t.same("prepayment_yuan", yuanText(r.prepaid[pair]), "the sum of the prepayments paid")
		if whole {
			// A pair of a province with itself holds own money, interest and fees.
			if insured != treating {
				t.sameInt("treating.fiscal_fen", r.prepaid[pair], "what is left is the prepayment")
			}
			for _, a := range []string{"insured.due", "insured.owes", "insured.fiscal", "treating.due", "nation.transit", "nation.owes", "treating.own", "treating.owes_own"} {
				t.sameInt(a+"_fen", 0, "every fen has arrived")
			}
		}
		for _, x := range [][2]string{{"insured.fees", "insured.fees_paid"}, {"treating.interest_bank", "treating.interest"}, {"treating.fines_bank", "treating.fines"}, {"institution.fined", "institution.fines_paid"}} {
			t.sameInt(x[1]+"_fen", -value[x[0]], "the counter-account of "+x[0])
		}
		t.sameInt("insured.collected_fen", -sum(value["insured.advanced"], value["insured.due"], value["insured.owes"], value["insured.fiscal"], value["insured.fees"], value["insured.fees_paid"]), "the insured province's accounts sum to zero")
	}
	for pair, v := range r.prepaid {
		if v != 0 && !seen[pair] {
			insured, treating, _ := r.splitPair(pair)
			r.find(Finding{t.name, 0, r.provinceNames[insured] + " → " + r.provinceNames[treating], strconv.FormatInt(v, 10), "no row", "the sum of the prepayments paid"})
		}
	}
	return sums
}

// trialBalance proves ledger/trial_balance.csv: the rows' sums, each keeper's books, and
// the accounts that registers, payments and the table of pairs tell.
func (r *run) trialBalance(pairs map[string][]int64) {
	t := r.open("ledger/trial_balance.csv", "account", "keeper", "keeper_admdvs", "keeper_name", "debit_fen", "credit_fen", "balance_fen", "balance_yuan")
	known := r.knownBalances(pairs)
	var debits, credits int64
	books := map[string]int64{}
	lines := map[string]int{}
	manual := make([]int64, r.numProvinces())
	last := ""
	for t.next() {
		debit, credit := t.int("debit_fen"), t.int("credit_fen")
		t.sameInt("balance_fen", sum(debit, -credit), "debit − credit")
		if t.text("account") == "total" {
			t.sameInt("debit_fen", debits, "the sum of the rows above")
			t.sameInt("credit_fen", credits, "the sum of the rows above")
			t.sameInt("balance_fen", 0, "the books balance")
			last = "total"
			continue
		}
		if last == "total" {
			r.find(Finding{t.name, t.line, "account", "the end of the file", t.text("account"), "the total is the last row"})
			break
		}
		last = t.text("account")
		debits, credits = sum(debits, debit), sum(credits, credit)
		keeper := t.text("keeper") + " " + t.text("keeper_admdvs")
		switch t.one("keeper", []string{"pool", "province", "nation"}) {
		case 0:
			pool := t.place("keeper_admdvs", r.poolAt, r.poolNames)
			if t.text("account") == "pool.manual" {
				manual[r.provinceOf[pool]] = sum(manual[r.provinceOf[pool]], debit, -credit)
			}
		case 1:
			t.place("keeper_admdvs", r.provinceAt, r.provinceNames)
		}
		entity, _, _ := strings.Cut(t.text("account"), ".")
		books[entity+" "+keeper] = sum(books[entity+" "+keeper], debit, -credit)
		lines[entity+" "+keeper] = t.line
		key := t.text("account") + " " + keeper
		if want, found := known[key]; found {
			t.sameInt("balance_fen", want, "registers and payments")
			delete(known, key)
		}
	}
	if last != "total" {
		r.find(Finding{t.name, t.line, "account", "total", last, "the total is the last row"})
	}
	for i, amount := range r.manualSums {
		r.sameInt(t.name, 0, "pool.manual "+r.provinceNames[i], amount, manual[i], "clearing/manual.csv")
	}
	for _, keeper := range sortedKeys(books) {
		r.sameInt(t.name, lines[keeper], "balance_fen", 0, books[keeper], "the books of "+keeper+" balance")
	}
	for _, key := range sortedKeys(known) {
		if known[key] != 0 {
			r.find(Finding{t.name, 0, key, strconv.FormatInt(known[key], 10), "no row", "registers and payments"})
		}
	}
}

func sortedKeys[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// knownBalances are the balances that other files tell.
func (r *run) knownBalances(pairs map[string][]int64) map[string]int64 {
	known := map[string]int64{}
	for i, p := range r.p.Pools {
		v := (*[numMeasures]int64)(r.pools[i])
		at := " pool " + strconv.Itoa(p.Code)
		for account, amount := range map[string]int64{
			"pool.basic": v[atBasic], "pool.large": v[atLarge], "pool.major": v[atMajor], "pool.civil": v[atCivil], "pool.enterprise": v[atEnterprise],
			"pool.aid": v[atAid], "pool.account": v[atAccount], "pool.mutual": v[atMutual], "patient.burden": v[atCash], "patient.paid": -v[atCash],
		} {
			known[account+at] = amount
		}
	}
	for i, p := range r.p.Provinces {
		v := (*[numMeasures]int64)(r.treating[i])
		at := " province " + strconv.Itoa(p.Code)
		known["institution.revenue"+at] = -v[atFee]
		known["institution.received"+at] = v[atCash]
		known["institution.borne"+at] = v[atHospital]
		for account, sums := range pairs {
			if !strings.HasPrefix(account, "nation.") {
				known[account+at] = sums[i]
			}
		}
	}
	add := func(key string, amount int64) { known[key] = sum(known[key], amount) }
	provinceKey := func(i int) string { return " province " + strconv.Itoa(r.p.Provinces[i].Code) }
	poolKey := func(i int) string { return " pool " + strconv.Itoa(r.p.Pools[i].Code) }
	for _, x := range r.moves {
		if pool, treating, _, _ := r.splitCell(x.cell); x.what == "recovered" {
			add("institution.deducted"+provinceKey(treating), x.amount)
			add("pool.recovered"+poolKey(pool), -x.amount)
		}
	}
	if r.unpaid || r.p.Levers.DryPot != "advance_own" {
		return known
	}
	// Every fen has arrived: pools have paid and institutions received all periods.
	for _, p := range r.periods {
		for cell, amount := range p.amounts {
			if amount != 0 {
				pool, treating, _, _ := r.splitCell(cell)
				add("institution.bank"+provinceKey(treating), amount)
				add("pool.cash"+poolKey(pool), -amount)
			}
		}
	}
	return known
}
