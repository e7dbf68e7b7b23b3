package verify

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// parameters is parameters.json, see report.Parameters.
type parameters struct {
	First     string   `json:"first_month"`
	WarmUp    int      `json:"warm_up_months"`
	Months    int      `json:"measured_months"`
	Expansion int64    `json:"expansion"`
	Ended     string   `json:"ended"`
	Schemes   []string `json:"schemes"`
	Kinds     []string `json:"kinds"`
	Provinces []struct {
		Code int    `json:"admdvs"`
		Name string `json:"name"`
	} `json:"provinces"`
	Pools []struct {
		Code     int    `json:"admdvs"`
		Name     string `json:"name"`
		Province int    `json:"province_admdvs"`
	} `json:"pools"`
	Prepayment struct {
		Multiple      int64 `json:"multiple_bp"`
		Yellow        int64 `json:"yellow_bp"`
		Red           int64 `json:"red_bp"`
		RedStrict     bool  `json:"red_strict"`
		TopUpMultiple int64 `json:"top_up_multiple_bp"`
		TopUpCut      int64 `json:"top_up_cut_bp"`
		TopUpRefused  bool  `json:"top_up_refused"`
		DeclareNew    bool  `json:"declare_new"`
	} `json:"prepayment"`
	Timetable struct {
		ReconcileOn       int   `json:"reconcile_on"`
		ConfirmOn         int   `json:"confirm_on"`
		AllocateOn        int   `json:"allocate_on"`
		SignOn            int   `json:"sign_on"`
		Submit            int   `json:"submit_within"`
		Pay               int   `json:"pay_within"`
		Feedback          int   `json:"feedback_within"`
		Transfer          int   `json:"transfer_days"`
		InstitutionsPaid  int   `json:"institutions_paid_within"`
		Apply             int   `json:"apply_within"`
		Review            int   `json:"review_within"`
		DeclarePaidWithin int   `json:"declare_paid_within"`
		Manual            int   `json:"manual_within"`
		Answer            int   `json:"answer_within"`
		QuotaDueMonth     int   `json:"quota_due_month"`
		RebaseMonths      []int `json:"rebase_months"`
		MaxRoll           int   `json:"max_roll"`
		HardStop          int   `json:"hard_stop_month"`
		ShortAllocate     int   `json:"short_allocate"`
		ShortSign         int   `json:"short_sign"`
	} `json:"timetable"`
	Levers struct {
		Netting       string `json:"netting"`
		Frequency     string `json:"frequency"`
		CarryNegative bool   `json:"carry_negative"`
		DryPot        string `json:"dry_pot"`
		PotsByScheme  bool   `json:"pots_by_scheme"`
	} `json:"levers"`
	Late     []lateRule `json:"late"`
	Calendar struct {
		From   string   `json:"from"`
		To     string   `json:"to"`
		Off    []string `json:"off"`
		Worked []string `json:"worked"`
	} `json:"calendar"`
}

// lateRule makes a province late, or all of them where it names 0.
type lateRule struct {
	Province     int    `json:"province_admdvs"`
	From         string `json:"from"`
	To           string `json:"to"`
	Submit       int    `json:"submit"`
	Pay          int    `json:"pay"`
	Never        bool   `json:"never"`
	Prepay       int    `json:"prepay"`
	Institutions int    `json:"institutions"`
	Manual       int    `json:"manual"`
}

const parametersName = "parameters.json"

// loadParameters reads the parameters and what everything else is indexed by.
func (r *run) loadParameters() {
	d := json.NewDecoder(bytes.NewReader(r.read(parametersName)))
	d.DisallowUnknownFields()
	bad := func(what, got string) {
		r.find(Finding{File: parametersName, Want: what, Got: got, Rule: "the parameters can be read"})
		panic(giveUp{})
	}
	if err := d.Decode(&r.p); err != nil {
		bad("parameters", err.Error())
	}
	var ok bool
	if r.first, ok = parseMonth(r.p.First); !ok {
		bad("first_month", r.p.First)
	}
	if r.p.WarmUp < 0 || r.p.Months < 0 || r.p.WarmUp+r.p.Months > 1200 {
		bad("months", strconv.Itoa(r.p.WarmUp)+"+"+strconv.Itoa(r.p.Months))
	}
	if len(r.p.Schemes) != 2 || len(r.p.Kinds) != 4 {
		bad("two schemes and four kinds", strconv.Itoa(len(r.p.Schemes))+" and "+strconv.Itoa(len(r.p.Kinds)))
	}
	t := &r.p.Timetable
	for _, n := range append([]int{t.ReconcileOn, t.ConfirmOn, t.AllocateOn, t.SignOn, t.Submit, t.Pay, t.Feedback, t.Transfer, t.InstitutionsPaid, t.Apply, t.Review,
		t.DeclarePaidWithin, t.Manual, t.Answer, t.QuotaDueMonth, t.MaxRoll, t.HardStop, t.ShortAllocate, t.ShortSign}, t.RebaseMonths...) {
		if n < 0 || n > 1000 {
			bad("days and months", strconv.Itoa(n))
		}
	}
	// The matrices of all periods are held at once.
	if n := len(r.p.Provinces); n > 1000 || len(r.p.Pools) > 100_000 || r.numCells()*max(1, r.settledMonths()*r.periodsOf(r.first)) > 1<<29 || n*n > 1<<29/8/max(1, r.settledMonths()) {
		bad("a country and a time that fit into memory", strconv.Itoa(n)+" provinces, "+strconv.Itoa(len(r.p.Pools))+" pools, "+strconv.Itoa(r.settledMonths())+" months")
	}
	r.provinceAt, r.poolAt = map[string]int{}, map[string]int{}
	for i, p := range r.p.Provinces {
		r.provinceAt[strconv.Itoa(p.Code)] = i
		r.provinceNames = append(r.provinceNames, cell(p.Name))
	}
	for i, p := range r.p.Pools {
		at, ok := r.provinceAt[strconv.Itoa(p.Province)]
		if !ok {
			bad("a province of pool "+strconv.Itoa(p.Code), strconv.Itoa(p.Province))
		}
		r.poolAt[strconv.Itoa(p.Code)] = i
		r.poolNames = append(r.poolNames, cell(p.Name))
		r.provinceOf = append(r.provinceOf, at)
	}
	var exceptions []date
	for i, list := range [][]string{r.p.Calendar.Off, r.p.Calendar.Worked} {
		for _, text := range list {
			d, ok := parseDate(text)
			if !ok {
				bad("a day of the calendar", text)
			}
			if weekend(d) != (i == 1) {
				bad("an exception to plain weekends", text)
			}
			exceptions = append(exceptions, d)
		}
	}
	r.calendar.except(exceptions)
	if len(r.p.Late) > 10_000 {
		bad("at most 10000 rules of who is late", strconv.Itoa(len(r.p.Late)))
	}
	for _, l := range r.p.Late {
		for _, n := range []int{l.Submit, l.Pay, l.Prepay, l.Institutions, l.Manual} {
			if n < 0 || n > 10_000 {
				bad("working days late", strconv.Itoa(n))
			}
		}
	}
}

// late sums how late a province is in a settled month.
func (r *run) late(province int, m month) (sum lateRule) {
	for _, l := range r.p.Late {
		from, _ := parseMonth(l.From)
		to, _ := parseMonth(l.To)
		if l.Province != 0 && l.Province != r.p.Provinces[province].Code || m < from || m > to {
			continue
		}
		sum.Submit += l.Submit
		sum.Pay += l.Pay
		sum.Prepay += l.Prepay
		sum.Institutions += l.Institutions
		sum.Manual += l.Manual
		sum.Never = sum.Never || l.Never
	}
	return sum
}

// settledMonths is how many months were settled.
func (r *run) settledMonths() int { return r.p.WarmUp + r.p.Months }

func (r *run) monthly() bool { return r.p.Levers.Frequency == "monthly" }
