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
	"kuasheng/engine/money"
	"kuasheng/sim"
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
}

// expansion is what a simulated figure is multiplied by.
func (in *Input) expansion() int64 { return int64(max(1, in.Sample)) }

// SampleText writes a sample as the flag does: "1/64".
func SampleText(sample uint32) string {
	return "1/" + strconv.FormatUint(uint64(max(1, sample)), 10)
}

// Summary is summary.json. Amounts are fen. Figures of people and money are
// expanded by Expansion, so that a sample can be read like the whole; the files
// in clearing/ and ledger/ hold the sample itself.
type Summary struct {
	Scenario  string `json:"scenario"`
	Seed      uint64 `json:"seed"`
	Workers   int    `json:"workers"`
	Sample    string `json:"sample"`
	Expansion int64  `json:"expansion"`
	Synthetic bool   `json:"synthetic"` // always: no person in a run is real
	// Settlements counts every settlement that was computed, warm-up months and
	// reversed ones included, not expanded; the costs below refer to it.
	// SettlementsMeasured are the valid ones of the measured months among them.
	Settlements         int64         `json:"settlements"`
	SettlementsMeasured int64         `json:"settlements_measured"`
	Patients            int64         `json:"patients"`
	MeasuredFrom        string        `json:"measured_from"`
	MeasuredTo          string        `json:"measured_to"`
	ByKind              ByKind        `json:"by_kind"`
	Total               KindSummary   `json:"total"`
	DirectRateBP        int64         `json:"direct_rate_bp"`
	PatientShareBP      int64         `json:"patient_share_bp"`
	TopFlows            []Flow        `json:"top_flows"`
	Prepayment          Prepayment    `json:"prepayment"`
	Clearing            Clearing      `json:"clearing"`
	Invariants          Invariants    `json:"invariants"`
	TrialBalanceFen     money.Fen     `json:"trial_balance_fen"`
	Digest              string        `json:"digest"`
	Months              []MonthDigest `json:"months"`
	WallNS              int64         `json:"wall_ns"`
	CPUNS               int64         `json:"cpu_ns"`
	CoreNSPerSettlement float64       `json:"core_ns_per_settlement"`
	SettlementsPerSec   float64       `json:"settlements_per_s"`
	PeakRSSBytes        int64         `json:"peak_rss_bytes"`
}

// ByKind holds one summary for each kind of care, in JSON under its name.
type ByKind [engine.NumKinds]KindSummary

// MarshalJSON writes the kinds in their order.
func (b ByKind) MarshalJSON() ([]byte, error) {
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
func (b *ByKind) UnmarshalJSON(text []byte) error {
	var kinds map[string]KindSummary
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
	Cases       int64     `json:"cases"`
	FeeFen      money.Fen `json:"fee_fen"`
	InScopeFen  money.Fen `json:"in_scope_fen"`
	FundFen     money.Fen `json:"fund_fen"`
	AccountFen  money.Fen `json:"account_fen"`
	ReliefFen   money.Fen `json:"relief_fen"` // 减少垫付: funds and account
	CashFen     money.Fen `json:"cash_fen"`
	HospitalFen money.Fen `json:"hospital_fen"`
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

// Prepayment sums up how the advances between provinces held.
type Prepayment struct {
	PairsWatched int       `json:"pairs_watched"` // ordered pairs of provinces by scheme
	Yellow       int       `json:"yellow"`
	Red          int       `json:"red"`
	TopUps       int       `json:"top_ups"`
	TopUpFen     money.Fen `json:"top_up_fen"`
	QuotaFen     money.Fen `json:"quota_fen"` // in force at the last sign-off
	// MainPairs are the largest pairs that together clear 90 % of the money; the
	// others' use rates jump with single bills. The alerts and the highest use
	// rate of the main ones follow.
	MainPairs     int       `json:"main_pairs"`
	MainYellow    int       `json:"main_yellow"`
	MainRed       int       `json:"main_red"`
	MaxUseRateBP  int64     `json:"max_use_rate_bp"`
	MaxUseMonth   string    `json:"max_use_month"`
	MaxUsePair    string    `json:"max_use_pair"`
	ShortPots     int       `json:"short_pots"` // provinces that advanced their own money
	ShortPotDays  int       `json:"short_pot_days"`
	LowestPotFen  money.Fen `json:"lowest_pot_fen"`
	maxIn, maxOut int
}

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
		Scenario: in.Scenario, Seed: in.Seed, Workers: r.Effort.Workers,
		Sample: SampleText(in.Sample), Expansion: n, Synthetic: true,
		Settlements: r.Settled, Patients: r.Patients,
		Invariants:   Invariants{Checked: r.Checked, Violated: int64(len(r.Breaches))},
		Digest:       hex.EncodeToString(r.Digest[:]),
		WallNS:       r.Effort.WallNS,
		CPUNS:        r.Effort.CPUNS,
		PeakRSSBytes: r.Effort.PeakRSSBytes,
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
	if n > 1 {
		standardErrors(s, &r.Groups, n)
	}
	s.clearing(in, run[:])
	s.prepayment(in)
	s.TrialBalanceFen = trialBalance(r.Ledger)
	return s
}

func kindSummary(t *engine.Totals, outcomes *[engine.NumStatuses]int64, n int64) KindSummary {
	fen := func(amount int64) money.Fen { return money.Fen(amount * n) }
	k := KindSummary{
		Cases:       t[engine.Cases] * n,
		FeeFen:      fen(t[engine.SumFee]),
		InScopeFen:  fen(t[engine.SumInScope]),
		FundFen:     fen(int64(t.Funds())),
		AccountFen:  fen(t[engine.SumAccount]),
		ReliefFen:   fen(int64(t.Cleared())),
		CashFen:     fen(t[engine.SumCash]),
		HospitalFen: fen(t[engine.SumHospital]),
		Reversals:   t[engine.Reversals] * n,
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

// standardErrors estimates from the random groups how far an expanded figure
// may be from that of all patients: with G groups of sample variance s² the sum
// has variance G·s², the expansion N multiplies it, and 1 − 1/N is the
// correction for a finite population.
func standardErrors(s *Summary, groups *[sim.NumGroups][engine.NumKinds]sim.GroupTotals, n int64) {
	se := func(value func(g *[engine.NumKinds]sim.GroupTotals) int64) float64 {
		var sum, squares float64
		for g := range groups {
			sum += float64(value(&groups[g]))
		}
		mean := sum / sim.NumGroups
		for g := range groups {
			d := float64(value(&groups[g])) - mean
			squares += d * d
		}
		variance := squares / (sim.NumGroups - 1)
		return float64(n) * math.Sqrt(sim.NumGroups*variance) * math.Sqrt(1-1/float64(n))
	}
	for kind := range s.ByKind {
		s.ByKind[kind].CasesSE = int64(math.Round(se(func(g *[engine.NumKinds]sim.GroupTotals) int64 { return g[kind].Cases })))
		s.ByKind[kind].ReliefSEFen = money.Fen(math.Round(se(func(g *[engine.NumKinds]sim.GroupTotals) int64 { return g[kind].ReliefFen })))
	}
	s.Total.CasesSE = int64(math.Round(se(func(g *[engine.NumKinds]sim.GroupTotals) (sum int64) {
		for kind := range g {
			sum += g[kind].Cases
		}
		return sum
	})))
	s.Total.ReliefSEFen = money.Fen(math.Round(se(func(g *[engine.NumKinds]sim.GroupTotals) (sum int64) {
		for kind := range g {
			sum += g[kind].ReliefFen
		}
		return sum
	})))
}

// clearing sums the matrix by ordered pair of provinces.
func (s *Summary) clearing(in *Input, run []engine.Totals) {
	w, r, n := in.World, in.Result, money.Fen(in.expansion())
	for kind := range run {
		s.Clearing.ClearedRun += run[kind].Cleared() * n
	}
	s.Clearing.ClearedFen = s.Total.ReliefFen
	s.Clearing.LastArrival = r.Ended.String()
	provinces := len(w.Provinces)
	flows := make([]Flow, provinces*provinces)
	shape := r.Ledger.Shape
	for cell := range r.Year {
		t := &r.Year[cell]
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
	w, r, n := in.World, in.Result, money.Fen(in.expansion())
	p := &s.Prepayment
	p.PairsWatched, p.MaxUseRateBP = len(r.Pairs), -1
	main := mainPairs(r.Pairs)
	p.MainPairs = len(main)
	for i := range r.Pairs {
		pair := &r.Pairs[i]
		isMain := main[pairKey{pair.Insured, pair.Treating, pair.Scheme}]
		for j := range pair.Months {
			m := &pair.Months[j]
			if m.TopUp != 0 {
				p.TopUps++
				p.TopUpFen += m.TopUp * n
			}
			if isMain && m.UseRateBP > p.MaxUseRateBP {
				p.MaxUseRateBP, p.MaxUseMonth = m.UseRateBP, m.Month.String()
				p.maxIn, p.maxOut = pair.Insured, pair.Treating
				p.MaxUsePair = strconv.Itoa(int(w.Provinces[pair.Insured].Code)) + "-" + strconv.Itoa(int(w.Provinces[pair.Treating].Code))
			}
		}
		if k := len(pair.Months); k > 0 {
			p.QuotaFen += (pair.Months[k-1].Quota + pair.Months[k-1].TopUp) * n
		}
	}
	for i := range r.Alerts {
		a := &r.Alerts[i]
		isMain := 0
		if main[pairKey{a.Insured, a.Treating, a.Scheme}] {
			isMain = 1
		}
		switch a.Alert {
		case engine.Yellow:
			p.Yellow++
			p.MainYellow += isMain
		case engine.Red:
			p.Red++
			p.MainRed += isMain
		}
	}
	for i := range r.Pots {
		if r.Pots[i].ShortDays > 0 {
			p.ShortPots++
			p.ShortPotDays += r.Pots[i].ShortDays
		}
		p.LowestPotFen = min(p.LowestPotFen, r.Pots[i].Lowest*n)
	}
}

// pairKey is an ordered pair of provinces and scheme.
type pairKey struct {
	insured, treating int
	scheme            engine.Scheme
}

// mainPairs are the largest pairs that together clear 90 % of the money.
func mainPairs(pairs []sim.PairResult) map[pairKey]bool {
	type cleared struct {
		key pairKey
		sum money.Fen
	}
	var all []cleared
	var total money.Fen
	for i := range pairs {
		c := cleared{key: pairKey{pairs[i].Insured, pairs[i].Treating, pairs[i].Scheme}}
		for j := range pairs[i].Months {
			c.sum += pairs[i].Months[j].Clearing
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

// trialBalance is how far the entities' books are from zero, taken together:
// differences of opposite sign do not cancel between entities.
func trialBalance(l *engine.Ledger) (sum money.Fen) {
	entities := map[string]money.Fen{}
	for a := range engine.Account(engine.NumAccounts) {
		entities[a.Entity()] += l.Balance(a)
	}
	for _, balance := range entities {
		sum += max(balance, -balance)
	}
	return sum
}

// basisPoints is part ÷ whole, rounded to the nearest basis point; 0 of nothing.
func basisPoints(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return int64(math.Round(float64(part) / float64(whole) * 10_000))
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }
