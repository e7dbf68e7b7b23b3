// Package report turns the result of a run into what people and machines read:
// a summary on one screen, a comparison with the published figures, and the
// files of a run directory. It computes nothing that the run did not prove, and
// floats serve here for percentages and standard errors only.
package report

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
)

// Input is a run and what it was made from.
type Input struct {
	World  *sim.World
	Result *sim.Result
	// Scenario is the name of the data pack, Title and TitleZH its title.
	Scenario, Title, TitleZH string
	Seed                     uint64
	// Sample N says that one patient in N was simulated; 0 and 1 mean all.
	Sample uint32
	// Overlays and Sets are what was laid over the data pack, in order.
	Overlays []Overlay
	Sets     []string
	// Partial says of which provinces they set some pools and not the others.
	Partial []string
}

// sampled says that not every patient was simulated.
func (in *Input) sampled() bool { return in.Sample > 1 }

// expansion is what a simulated figure is multiplied by.
func (in *Input) expansion() int64 { return int64(max(1, in.Sample)) }

// SampleText writes a sample as the flag does: "1/64".
func SampleText(sample uint32) string {
	return "1/" + strconv.FormatUint(uint64(max(1, sample)), 10)
}

// SummaryVersion is the number of the layout of summary.json.
const SummaryVersion = 2

// Summary is summary.json. Amounts are fen. Figures of people and money are
// expanded by Expansion, so that a sample can be read like the whole, unless Notes
// says that they are raw; the files in clearing/ and ledger/ hold the sample itself.
type Summary struct {
	Version  int    `json:"version"`
	Scenario string `json:"scenario"`
	// Overlays are the files of the what-if, Sets its single values.
	Overlays []string `json:"overlays"`
	Sets     []string `json:"sets"`
	// Partial says of which provinces they set some pools and not the others.
	Partial   []string `json:"partial_selections,omitempty"`
	Seed      uint64   `json:"seed"`
	Workers   int      `json:"workers"`
	Sample    uint32   `json:"sample_one_in"`
	Expansion int64    `json:"expansion"`
	Synthetic bool     `json:"synthetic"` // always: no person in a run is real
	// Notes say of the keys that could be misread what they are.
	Notes map[string]string `json:"notes"`
	// Settlements counts every settlement that was computed, warm-up months and
	// reversed ones included, not expanded; the costs below refer to it.
	// SettlementsMeasured are the valid ones of the measured months among them.
	Settlements         int64               `json:"settlements"`
	SettlementsMeasured int64               `json:"settlements_measured"`
	PatientsSimulated   int64               `json:"patients_simulated"`
	MeasuredFrom        string              `json:"measured_from"`
	MeasuredTo          string              `json:"measured_to"`
	ByKind              ByKind[KindSummary] `json:"by_kind"`
	Total               KindSummary         `json:"total"`
	DirectRateBP        int64               `json:"direct_rate_bp"`
	PatientShareBP      int64               `json:"patient_share_bp"`
	TopFlows            []Flow              `json:"top_flows"`
	Prepayment          Prepayment          `json:"prepayment"`
	Clearing            Clearing            `json:"clearing"`
	// Outages are nil where no bill met one.
	Outages             *OutageSummary `json:"outages,omitempty"`
	Invariants          Invariants     `json:"invariants"`
	TrialBalanceFen     money.Fen      `json:"trial_balance_fen"`
	Digest              string         `json:"digest"`
	Months              []MonthDigest  `json:"months"`
	WallNS              int64          `json:"wall_ns"`
	SettleWallNS        int64          `json:"settle_wall_ns"`  // inside the months
	BarrierWallNS       int64          `json:"barrier_wall_ns"` // between them: proof, digest, clearing
	CPUNS               int64          `json:"cpu_ns"`
	CoreNSPerSettlement float64        `json:"core_ns_per_settlement"`
	SettlementsPerSec   float64        `json:"settlements_per_second"`
	PeakRSSBytes        int64          `json:"peak_rss_bytes"`
}

// notes are the Notes of every summary.
var notes = map[string]string{
	"settlements":          "raw, not expanded: every settlement computed, warm-up months and reversed ones included",
	"settlements_measured": "raw, not expanded: the valid settlements of the measured months",
	"patients_simulated":   "raw, not expanded",
	"by_kind":              "measured months, expanded; *_se are one standard error of the sample; *_bp are shares",
	"total":                "measured months, expanded, as by_kind",
	"top_flows":            "measured months, expanded",
	"prepayment":           "pairs_watched is raw; all else is of a full run, and null for a sample: alerts, top-ups and use rates of the measured months, warm_up of those before, pots of the whole run",
	"patient_share_bp":     "account and cash, of the fees of bills settled directly; what was refused and claimed by hand is not in it",
	"clearing":             "amounts are expanded; pairs is raw",
	"invariants":           "raw: the identities proven on what was simulated",
	"months":               "raw, not expanded: the valid settlements of each month",
	"wall_ns":              "wall_ns, cpu_ns, core_ns_per_settlement and settlements_per_second refer to settlements",
}

// ByKind holds one row for each kind of care, in JSON under its name.
type ByKind[Row any] [engine.NumKinds]Row

// MarshalJSON writes the kinds in their order.
func (b ByKind[Row]) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for kind := range b {
		value, err := json.Marshal(&b[kind])
		if err != nil {
			return nil, err
		}
		if kind > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, engine.KindNames[kind]), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *ByKind[Row]) UnmarshalJSON(text []byte) error {
	var kinds map[string]Row
	if err := json.Unmarshal(text, &kinds); err != nil {
		return err
	}
	for kind, name := range engine.KindNames {
		b[kind] = kinds[name]
	}
	return nil
}

// KindSummary is one kind of care in the measured months.
type KindSummary struct {
	Cases         int64     `json:"cases"`
	FeeFen        money.Fen `json:"fee_fen"`
	OwnPayFen     money.Fen `json:"own_pay_fen"` // the fee divides into these four (I2)
	OverLimitFen  money.Fen `json:"over_limit_fen"`
	PreSelfPayFen money.Fen `json:"pre_self_pay_fen"`
	InScopeFen    money.Fen `json:"in_scope_fen"`
	FundFen       money.Fen `json:"fund_fen"`
	AccountFen    money.Fen `json:"account_fen"` // the own and relatives' 共济
	ReliefFen     money.Fen `json:"relief_fen"`  // 减少垫付: funds and account
	CashFen       money.Fen `json:"cash_fen"`
	HospitalFen   money.Fen `json:"hospital_fen"`
	// Reversals are settlements taken back; they are not among Cases.
	Reversals int64 `json:"reversals"`
	// Requests are all bills presented but those settled and taken back; Refused
	// are those that did not settle directly.
	Requests       int64 `json:"requests"`
	Refused        int64 `json:"refused"`
	DirectRateBP   int64 `json:"direct_rate_bp"`
	PatientShareBP int64 `json:"patient_share_bp"` // account and cash, of the fee
	// RefusedBy counts the refused by status.
	RefusedBy map[string]int64 `json:"refused_by,omitempty"`
	// The standard errors are those of taking a sample; a full run has none.
	CasesSE     int64     `json:"cases_se,omitempty"`
	ReliefSEFen money.Fen `json:"relief_se_fen,omitempty"`
}

// Flow is what was settled from one insured province in one province of
// treatment in the measured months.
type Flow struct {
	Insured    uint32    `json:"insured_admdvs"`
	Treating   uint32    `json:"treating_admdvs"`
	Cases      int64     `json:"cases"`
	ClearedFen money.Fen `json:"cleared_fen"`

	insured, treating int
}

// Prepayment sums up how the advances between provinces held in the measured months. Beside
// PairsWatched everything is nil for a sample: the months of a pair of which few patients
// are left swing far more than the whole pair's, so that it raises many times the alerts and
// top-ups, and no factor undoes that.
type Prepayment struct {
	PairsWatched int    `json:"pairs_watched"` // ordered pairs of provinces by scheme
	Note         string `json:"note,omitempty"`
	// The alerts and top-ups of the measured months' sign-offs; WarmUp are those before.
	Yellow   *int         `json:"yellow"`
	Red      *int         `json:"red"`
	TopUps   *int         `json:"top_ups"`
	TopUpFen *money.Fen   `json:"top_up_fen"`
	WarmUp   *AlertCounts `json:"warm_up"`
	QuotaFen *money.Fen   `json:"quota_fen"` // in force at the last sign-off
	// MainPairs are the largest pairs that together clear 90 % of the money; the
	// others' use rates jump with single bills. The alerts and the highest use
	// rate of the main ones follow; a rate of -1 means that none had a quota.
	MainPairs    *int    `json:"main_pairs"`
	MainYellow   *int    `json:"main_yellow"`
	MainRed      *int    `json:"main_red"`
	MaxUseRateBP *int64  `json:"max_use_rate_bp"`
	MaxUseMonth  *string `json:"max_use_month"`
	MaxUsePair   *string `json:"max_use_pair"`
	// The pots are those of the whole run, until the last fen has arrived.
	ShortPots           *int       `json:"short_pots"` // provinces that advanced their own money
	ShortPotDays        *int       `json:"short_pot_days"`
	DeepestShortfallFen *money.Fen `json:"deepest_shortfall_fen"`

	maxIn, maxOut int
}

// AlertCounts are the alerts raised and the top-ups granted in some months.
type AlertCounts struct {
	Yellow   int       `json:"yellow"`
	Red      int       `json:"red"`
	TopUps   int       `json:"top_ups"`
	TopUpFen money.Fen `json:"top_up_fen"`
}

// notEstimated is the Note of a sample's Prepayment.
const notEstimated = "alerts, top-ups, quotas, use rates and pots are not estimated from a sample, whose pairs swing more than whole ones; a full run gives them"

// Clearing sums up the money between provinces.
type Clearing struct {
	ClearedFen  money.Fen `json:"cleared_fen"`      // measured months
	ClearedRun  money.Fen `json:"cleared_run_fen"`  // warm-up included
	LastArrival string    `json:"last_fen_arrived"` // date
	Pairs       int       `json:"pairs"`            // ordered pairs of provinces
}

// Invariants says how many identities were proven and how many failed.
type Invariants struct {
	Checked  int64 `json:"checked"`
	Violated int64 `json:"violated"`
}

// MonthDigest is one settled month's link in the chain of digests.
type MonthDigest struct {
	Month       string `json:"month"`
	Settlements int64  `json:"settlements"` // valid ones, not expanded
	Digest      string `json:"digest"`
}

// topFlows is how many flows a summary names.
const topFlows = 8

// Summarize draws up the summary of a sound run.
func Summarize(in *Input) *Summary {
	r, n := in.Result, in.expansion()
	s := &Summary{
		Version: SummaryVersion, Scenario: in.Scenario, Seed: in.Seed, Workers: r.Effort.Workers,
		Sample: max(1, in.Sample), Expansion: n, Synthetic: true,
		Overlays: []string{}, Sets: append([]string{}, in.Sets...), Partial: in.Partial, Notes: notes,
		Settlements: r.Settled, PatientsSimulated: r.Patients,
		Invariants: Invariants{Checked: r.Checked, Violated: int64(len(r.Breaches))},
		Digest:     hex.EncodeToString(r.Digest[:]),
		WallNS:     r.Effort.WallNS, SettleWallNS: r.Effort.SettleNS, BarrierWallNS: r.Effort.BarrierNS,
		CPUNS:        r.Effort.CPUNS,
		PeakRSSBytes: r.Effort.PeakRSSBytes,
	}
	for i := range in.Overlays {
		s.Overlays = append(s.Overlays, in.Overlays[i].File)
	}
	if r.Settled > 0 {
		s.CoreNSPerSettlement = round1(float64(r.Effort.CPUNS) / float64(r.Settled))
	}
	if r.Effort.WallNS > 0 {
		s.SettlementsPerSec = math.Round(float64(r.Settled) / (float64(r.Effort.WallNS) / 1e9))
	}
	var year, run [engine.NumKinds]engine.Totals
	for i := range r.Months {
		m := &r.Months[i]
		cases := int64(0)
		for kind := range m.Kinds {
			run[kind].Add(&m.Kinds[kind])
			if m.Measured {
				year[kind].Add(&m.Kinds[kind])
			}
			cases += m.Kinds[kind][engine.Cases]
		}
		s.Months = append(s.Months, MonthDigest{m.Month.String(), cases, hex.EncodeToString(m.Digest[:])})
		if m.Measured {
			if s.MeasuredFrom == "" {
				s.MeasuredFrom = m.Month.String()
			}
			s.MeasuredTo = m.Month.String()
			s.SettlementsMeasured += cases
		}
	}
	var outcomes [engine.NumStatuses]int64
	var total engine.Totals
	for kind := range s.ByKind {
		s.ByKind[kind] = kindSummary(&year[kind], &r.Outcomes[kind], n)
		for status, count := range r.Outcomes[kind] {
			outcomes[status] += count
		}
		total.Add(&year[kind])
	}
	s.Total = kindSummary(&total, &outcomes, n)
	s.DirectRateBP, s.PatientShareBP = s.Total.DirectRateBP, s.Total.PatientShareBP
	if in.sampled() {
		standardErrors(s, &r.Groups, n)
	}
	s.clearing(in, run[:])
	s.prepayment(in)
	s.Outages = outagesOf(r, n)
	s.TrialBalanceFen = r.Clearing.Ledger.TrialBalance()
	return s
}

func kindSummary(t *engine.Totals, outcomes *[engine.NumStatuses]int64, n int64) KindSummary {
	fen := func(amount int64) money.Fen { return money.Fen(amount * n) }
	k := KindSummary{
		Cases:         t[engine.Cases] * n,
		FeeFen:        fen(t[engine.SumFee]),
		OwnPayFen:     fen(t[engine.SumOwnPay]),
		OverLimitFen:  fen(t[engine.SumOverLimit]),
		PreSelfPayFen: fen(t[engine.SumPreSelfPay]),
		InScopeFen:    fen(t[engine.SumInScope]),
		FundFen:       fen(int64(t.Funds())),
		AccountFen:    fen(t[engine.SumAccount] + t[engine.SumMutual]),
		ReliefFen:     fen(int64(t.Cleared())),
		CashFen:       fen(t[engine.SumCash]),
		HospitalFen:   fen(t[engine.SumHospital]),
		Reversals:     t[engine.Reversals] * n,
	}
	for status := engine.Settled; status < engine.NumStatuses; status++ {
		count := outcomes[status] * n
		k.Requests += count
		if status == engine.Settled || count == 0 {
			continue
		}
		if k.RefusedBy == nil {
			k.RefusedBy = map[string]int64{}
		}
		k.RefusedBy[status.String()] = count
		k.Refused += count
	}
	k.DirectRateBP = basisPoints(k.Requests-k.Refused, k.Requests)
	k.PatientShareBP = basisPoints(int64(k.AccountFen+k.CashFen), int64(k.FeeFen))
	return k
}

// groups are the random groups of a run.
type groups = [sim.NumGroups][engine.NumSchemes]sim.Group

// standardErrors estimates from the random groups how far an expanded figure
// may be from that of all patients. A figure of group g and scheme s is y_gs, of
// n_gs patients, and ȳ_s is the scheme's figure per patient. Groups have random
// sizes, which no sample has, so what counts is how far each group is from its
// patients' due: e_g = Σ_s (y_gs − ȳ_s·n_gs). With G groups their sum has the
// variance G·s² = G/(G−1)·Σ(e_g − ē)²; the expansion N multiplies its root, and
// 1 − 1/N is the correction for a finite population.
func standardErrors(s *Summary, of *groups, n int64) {
	se := func(value func(g *sim.Group) float64) float64 {
		return math.Round(float64(n) * groupError(of, value) * finite(n))
	}
	both := func(k *KindSummary, kinds []engine.Kind) {
		k.CasesSE = int64(se(func(g *sim.Group) float64 { return float64(sumOf(g, kinds).Cases) }))
		k.ReliefSEFen = money.Fen(se(func(g *sim.Group) float64 { return float64(sumOf(g, kinds).ReliefFen) }))
	}
	for kind := range s.ByKind {
		both(&s.ByKind[kind], kindsOf(engine.Kind(kind)))
	}
	both(&s.Total, kindsOf(engine.AllKinds))
}

// finite corrects the standard error of a sample of one patient in n for the patients
// being many, but finitely many.
func finite(n int64) float64 { return math.Sqrt(1 - 1/float64(n)) }

// groupError is the root of G·s², see standardErrors, of a figure that adds up over
// patients.
func groupError(of *groups, value func(g *sim.Group) float64) float64 {
	var e [sim.NumGroups]float64
	for scheme := range engine.NumSchemes {
		var sum, patients float64
		for g := range of {
			sum += value(&of[g][scheme])
			patients += float64(of[g][scheme].Patients)
		}
		if patients == 0 {
			continue
		}
		for g := range of {
			e[g] += value(&of[g][scheme]) - sum/patients*float64(of[g][scheme].Patients)
		}
	}
	var mean, squares float64
	for _, x := range e {
		mean += x / sim.NumGroups
	}
	for _, x := range e {
		squares += (x - mean) * (x - mean)
	}
	return math.Sqrt(sim.NumGroups * squares / (sim.NumGroups - 1))
}

// clearing sums the matrix by ordered pair of provinces.
func (s *Summary) clearing(in *Input, run []engine.Totals) {
	w, r, n := in.World, in.Result, money.Fen(in.expansion())
	for kind := range run {
		s.Clearing.ClearedRun += run[kind].Cleared() * n
	}
	s.Clearing.ClearedFen = s.Total.ReliefFen
	s.Clearing.LastArrival = r.Clearing.Ended.String()
	provinces := len(w.Provinces)
	flows := make([]Flow, provinces*provinces)
	shape := r.Clearing.Ledger.Shape
	for cell, t := range r.Year.Rows() {
		if t[engine.Cases] == 0 && t.Cleared() == 0 {
			continue
		}
		pool, treating, _, _ := shape.Split(cell)
		insured := int(w.Pools[pool].Province)
		f := &flows[insured*provinces+treating]
		f.insured, f.treating = insured, treating
		f.Insured, f.Treating = w.Provinces[insured].Code, w.Provinces[treating].Code
		f.Cases += t[engine.Cases] * int64(n)
		f.ClearedFen += t.Cleared() * n
	}
	flows = slices.DeleteFunc(flows, func(f Flow) bool { return f.Insured == 0 })
	s.Clearing.Pairs = len(flows)
	slices.SortStableFunc(flows, func(a, b Flow) int { return int(b.Cases - a.Cases) })
	s.TopFlows = flows[:min(topFlows, len(flows))]
}

func (s *Summary) prepayment(in *Input) {
	w, r := in.World, in.Result
	p := &s.Prepayment
	p.PairsWatched = len(r.Clearing.Pairs)
	if in.sampled() {
		p.Note = notEstimated
		return
	}
	measuredFrom := w.First + day.Month(w.WarmUp)
	main := mainPairs(r.Clearing.Pairs, measuredFrom)
	var counts [2]AlertCounts // of the warm-up and of the measured months
	of := func(m day.Month) *AlertCounts {
		if m < measuredFrom {
			return &counts[0]
		}
		return &counts[1]
	}
	var mainYellow, mainRed, shortPots, shortPotDays int
	var quota, shortfall money.Fen
	var month, name string
	rate := int64(-1)
	for i := range r.Clearing.Pairs {
		pair := &r.Clearing.Pairs[i]
		isMain := main[keyOf(pair)]
		for j := range pair.Months {
			m := &pair.Months[j]
			if m.TopUp != 0 {
				of(m.Month).TopUps++
				of(m.Month).TopUpFen += m.TopUp
			}
			if isMain && m.Month >= measuredFrom && m.UseRateBP > rate {
				rate, month = m.UseRateBP, m.Month.String()
				p.maxIn, p.maxOut = pair.Insured, pair.Treating
				name = strconv.Itoa(int(w.Provinces[pair.Insured].Code)) + "-" + strconv.Itoa(int(w.Provinces[pair.Treating].Code))
			}
		}
		if k := len(pair.Months); k > 0 {
			quota += pair.Months[k-1].Quota + pair.Months[k-1].TopUp
		}
	}
	for i := range r.Clearing.Alerts {
		a := &r.Clearing.Alerts[i]
		isMain := a.Month >= measuredFrom && main[pairKey{a.Insured, a.Treating, a.Scheme}]
		switch a.Alert {
		case engine.Yellow:
			of(a.Month).Yellow++
			if isMain {
				mainYellow++
			}
		case engine.Red:
			of(a.Month).Red++
			if isMain {
				mainRed++
			}
		}
	}
	for i := range r.Clearing.Treating {
		t := &r.Clearing.Treating[i]
		if t.ShortDays > 0 {
			shortPots++
			shortPotDays += t.ShortDays
		}
		shortfall = max(shortfall, -t.Lowest)
	}
	p.WarmUp = &counts[0]
	p.Yellow, p.Red, p.TopUps, p.TopUpFen, p.QuotaFen = &counts[1].Yellow, &counts[1].Red, &counts[1].TopUps, &counts[1].TopUpFen, &quota
	p.MainPairs, p.MainYellow, p.MainRed = new(len(main)), &mainYellow, &mainRed
	p.MaxUseRateBP, p.MaxUseMonth, p.MaxUsePair = &rate, &month, &name
	p.ShortPots, p.ShortPotDays, p.DeepestShortfallFen = &shortPots, &shortPotDays, &shortfall
}

// pairKey is an ordered pair of provinces and scheme.
type pairKey struct {
	insured, treating int
	scheme            engine.Scheme
}

func keyOf(p *clearing.Pair) pairKey { return pairKey{p.Insured, p.Treating, p.Scheme} }

// mainPairs are the largest pairs that together clear 90 % of the money, from a month on.
func mainPairs(pairs []clearing.Pair, from day.Month) map[pairKey]bool {
	type cleared struct {
		key pairKey
		sum money.Fen
	}
	var all []cleared
	var total money.Fen
	for i := range pairs {
		c := cleared{key: keyOf(&pairs[i])}
		for j := range pairs[i].Months {
			if m := &pairs[i].Months[j]; m.Month >= from {
				c.sum += m.Clearing
			}
		}
		all, total = append(all, c), total+c.sum
	}
	slices.SortStableFunc(all, func(a, b cleared) int { return cmp.Compare(b.sum, a.sum) })
	main := map[pairKey]bool{}
	var run money.Fen
	for _, c := range all {
		if run*10 >= total*9 {
			break
		}
		main[c.key] = true
		run += c.sum
	}
	return main
}

// basisPoints is part ÷ whole, rounded half-up to the basis point; 0 of nothing.
// Neither is below zero.
func basisPoints(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (2*10_000*part + whole) / (2 * whole)
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }
