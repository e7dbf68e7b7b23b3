package experiment

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"

	"kuasheng/sim"
	"kuasheng/sim/clearing"
)

// Arm is one policy: a world and what it is called.
type Arm struct {
	Name    string
	World   *sim.World
	Partial []string // see Run
}

// CompareConfig is how policies are compared.
type CompareConfig struct {
	Config
	// Replications is how many seeds are run, from Config.Seed on; 0 and 1 run one.
	Replications int
	// Auto goes on until the stopping rule of Enough holds, at most Replications times,
	// or MostReplications where that is 0.
	Auto bool
	// Pair, where not nil, is asked who follows the bills of an arm in the first seed's
	// runs: 0 is the base, 1 the first reform. Of a reform that touches no patient it is
	// not asked: its bills are the base's.
	Pair func(arm int) *sim.Trace
	// Step, where not nil, is told before each run which one it is, from 1.
	Step func(run int, seed uint64, arm string)
}

// MostReplications bounds automatic replications.
const MostReplications = 20

// ComparisonVersion is the number of the layout of a Comparison as JSON.
const ComparisonVersion = 2

// Comparison is what Compare finds.
type Comparison struct {
	Version int    `json:"version"`
	Base    string `json:"base"`
	BaseRun Run    `json:"base_run"`
	Sample  uint32 `json:"sample_one_in"`
	// Patients were simulated; all figures are of Sample times as many.
	Patients     int64    `json:"patients_simulated"`
	Seeds        []uint64 `json:"seeds"`
	Replications Ending   `json:"replications"`
	// NotEstimated are the figures that were not looked at, since a sample cannot tell
	// them; none of a full run.
	NotEstimated []string `json:"not_estimated"`
	Reforms      []Reform `json:"reforms"`
}

// Ending is how replications ended.
type Ending string

// The endings.
const (
	OneSeed  Ending = "none"     // none were asked for
	AsAsked  Ending = "as_asked" // so many as were
	Precise  Ending = "precise"  // the intervals are within a tenth of their figures
	Unsteady Ending = "unsteady" // after the most, before they were
)

// Run identifies one run, so that it can be repeated.
type Run struct {
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	Digest   string `json:"digest,omitempty"` // none where only the money was moved again
	// Partial says of which provinces its data set some pools and not the others.
	Partial []string `json:"partial_selections,omitempty"`
}

// Reform is one reform against the base.
type Reform struct {
	Name string `json:"name"`
	Run  Run    `json:"run"`
	// MoneyOnly says that no patient is touched, so that only the money was moved again.
	MoneyOnly bool `json:"money_only"`
	// Demand says that travel answers to the reform, so that episodes are added or left
	// out; those in both are the same.
	Demand bool `json:"demand"`
	// Same says that nothing differs of what was looked at: no figure, province or patient.
	// Unchanged says that nothing was left out either: all was looked at, or the two worlds
	// are the same.
	Same      bool             `json:"same_where_estimated"`
	Unchanged bool             `json:"unchanged"`
	Figures   []Difference     `json:"figures"`
	Provinces []ProvinceEffect `json:"provinces"`
	Burden    Burden           `json:"burden"`
}

// Difference is a figure under both policies. Base and Reform are of the first seed.
type Difference struct {
	Name   string  `json:"name"`
	Base   float64 `json:"base"`
	Reform float64 `json:"reform"`
	// Estimated is false of figures that a sample cannot tell; they are zero then.
	Estimated bool `json:"estimated"`
	Estimate
}

// ProvinceEffect is what a reform changes for the insured of a province.
type ProvinceEffect struct {
	Code         uint32   `json:"admdvs"`
	NameZH       string   `json:"name_zh"`
	NameEN       string   `json:"name_en"`
	Funds        Estimate `json:"funds_fen"`
	Patients     Estimate `json:"patients_fen"`
	BaseFunds    float64  `json:"base_funds_fen"`
	BasePatients float64  `json:"base_patients_fen"`
	// DirectRate is the change of the share settled directly, in basis points.
	DirectRate Estimate `json:"direct_rate_bp"`
	Gain       Count    `json:"gain_patients"`
	Lose       Count    `json:"lose_patients"`
}

// Compare runs the base and each reform with the same seed, one after the other, and
// draws up the paired differences; then it replicates. Policies run one after the
// other because each must have the patients' accounts and deductibles to itself: a
// pass for all of them would save the drawing of the bills, about half of a run.
func Compare(ctx context.Context, base Arm, reforms []Arm, c CompareConfig) (*Comparison, error) {
	out := &Comparison{Version: ComparisonVersion, Base: base.Name, Sample: max(1, c.Sample), Replications: OneSeed, NotEstimated: []string{}}
	for i := range figures {
		if figures[i].Whole && out.Sample > 1 {
			out.NotEstimated = append(out.NotEstimated, figures[i].Name)
		}
	}
	moneyOnly := make([]bool, len(reforms))
	for i := range reforms {
		moneyOnly[i] = MoneyOnly(base.World, reforms[i].World)
		out.Reforms = append(out.Reforms, Reform{Name: reforms[i].Name, MoneyOnly: moneyOnly[i], Demand: reforms[i].World.Demand.Answers() || base.World.Demand.Answers()})
	}
	most := max(1, c.Replications)
	if c.Auto && c.Replications == 0 {
		most = MostReplications
	}
	spread := make([]replications, len(reforms))
	run := 0
	observed := func(at int, arm Arm, seed uint64, follow bool, rec *sim.Recording) (*Observation, error) {
		run++
		if c.Step != nil {
			c.Step(run, seed, arm.Name)
		}
		config := c.Config
		config.Seed = seed
		if follow && c.Pair != nil {
			config.Bills = c.Pair(at)
		}
		return observe(ctx, arm.World, config, follow, rec)
	}
	for n := range most {
		seed := c.Seed + uint64(n)
		first := n == 0
		var rec *sim.Recording
		if slices.Contains(moneyOnly, true) {
			rec = new(sim.Recording)
		}
		b, err := observed(0, base, seed, first, rec)
		if err != nil {
			return nil, err
		}
		out.Seeds = append(out.Seeds, seed)
		if first {
			out.BaseRun, out.Patients = runOf(b, base), b.Result.Patients
		}
		for i := range reforms {
			r, err := func() (*Observation, error) {
				if !moneyOnly[i] {
					return observed(i+1, reforms[i], seed, first, nil)
				}
				return b.clear(ctx, reforms[i].World, rec)
			}()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", reforms[i].Name, err)
			}
			figures := differences(b, r)
			spread[i].add(figures)
			if first {
				x := &out.Reforms[i]
				x.Run, x.Figures = runOf(r, reforms[i]), figures
				x.Provinces, x.Burden = provinces(b, r), burden(b, r)
				x.Same = x.same()
				x.Unchanged = x.Same && (len(out.NotEstimated) == 0 || SameWorld(base.World, reforms[i].World))
			}
		}
		if c.Auto && n > 0 && enough(spread) {
			out.Replications = Precise
			break
		}
	}
	if most > 1 && out.Replications == OneSeed {
		out.Replications = AsAsked
		if c.Auto {
			out.Replications = Unsteady
		}
	}
	for i := range spread {
		spread[i].into(out.Reforms[i].Figures)
	}
	return out, nil
}

func runOf(o *Observation, arm Arm) Run {
	r := Run{Scenario: o.World.Name, Seed: o.Seed, Partial: arm.Partial}
	if o.Result.Digest != [32]byte{} {
		r.Digest = fmt.Sprintf("%x", o.Result.Digest)
	}
	return r
}

// clear is the observation of a world in which only the money moves otherwise: the
// patients are the base's.
func (o *Observation) clear(ctx context.Context, w *sim.World, rec *sim.Recording) (*Observation, error) {
	r, err := rec.Clear(ctx, w, o.Seed)
	if err != nil {
		return nil, err
	}
	if len(r.Breaches) > 0 {
		return nil, &BreachError{w.Name, r}
	}
	x := *o
	x.World, x.Result = w, r
	return &x, nil
}

// MoneyOnly says that two worlds differ in nothing but how the money between places
// moves, so that the same patients settle the same bills in both.
func MoneyOnly(a, b *sim.World) bool {
	if a.Money.Levers.Frequency != b.Money.Levers.Frequency || a.Money.CoChecks.LargeFee != b.Money.CoChecks.LargeFee {
		return false // both are counted bill by bill
	}
	x, y := *a, *b
	for _, w := range []*sim.World{&x, &y} {
		w.Name, w.Targets = "", nil
		w.Timetable, w.Prepayment, w.Money = clearing.Timetable{}, a.Prepayment, clearing.Rules{}
	}
	return reflect.DeepEqual(&x, &y)
}

// SameWorld says that two worlds differ in their names at most, so that nothing can.
func SameWorld(a, b *sim.World) bool {
	x, y := *a, *b
	x.Name, y.Name = "", ""
	return reflect.DeepEqual(&x, &y)
}

// differences draws up all figures of two observations.
func differences(base, reform *Observation) []Difference {
	var b, r [groups + 1]*view
	for g := -1; g < groups; g++ {
		b[g+1], r[g+1] = base.view(g), reform.view(g)
	}
	mb, mr := moneyOf(base.World, base.Result, base.Sample), moneyOf(reform.World, reform.Result, reform.Sample)
	var all []Difference
	for i := range figures {
		f := &figures[i]
		d := Difference{Name: f.Name, Estimated: !f.Whole || base.Sample == 1}
		switch {
		case !d.Estimated:
		case f.Money:
			d.Base, d.Reform = f.money(mb), f.money(mr)
			d.Value = d.Reform - d.Base
		default:
			d.Base, d.Reform = f.patients(b[0]), f.patients(r[0])
			d.Estimate = estimate(func(g int) float64 { return f.patients(b[g+1]) }, func(g int) float64 { return f.patients(r[g+1]) })
		}
		all = append(all, d)
	}
	return all
}

// provinces draws up the effect by insured province.
func provinces(base, reform *Observation) []ProvinceEffect {
	var scale [groups + 1]float64
	for g := -1; g < groups; g++ {
		n, all := int64(0), int64(0)
		for s := range base.simulate {
			all += base.simulate[s]
			n += base.simulate[s]
			if g >= 0 {
				n -= base.patients[g][s]
			}
		}
		scale[g+1] = float64(base.Sample) * float64(all) / float64(n)
	}
	var out []ProvinceEffect
	for i, p := range base.World.Provinces {
		e := ProvinceEffect{Code: p.Code, NameZH: p.NameZH, NameEN: p.NameEN}
		of := func(o *Observation, figure func(p *provinceSums, scale float64) float64) func(int) float64 {
			return func(without int) float64 {
				x := o.total.provinces[i]
				if without >= 0 {
					q := &o.groups[without].provinces[i]
					x.direct, x.refused, x.funds, x.borne = x.direct-q.direct, x.refused-q.refused, x.funds-q.funds, x.borne-q.borne
				}
				return figure(&x, scale[without+1])
			}
		}
		funds := func(p *provinceSums, scale float64) float64 { return float64(p.funds) * scale }
		borne := func(p *provinceSums, scale float64) float64 { return float64(p.borne) * scale }
		rate := func(p *provinceSums, _ float64) float64 { return share(float64(p.direct), float64(p.direct+p.refused)) }
		e.BaseFunds, e.BasePatients = of(base, funds)(-1), of(base, borne)(-1)
		e.Funds = estimate(of(base, funds), of(reform, funds))
		e.Patients = estimate(of(base, borne), of(reform, borne))
		e.DirectRate = estimate(of(base, rate), of(reform, rate))
		out = append(out, e)
	}
	gain, lose := make([]int64, len(out)), make([]int64, len(out))
	if b, r := base.persons, reform.persons; b != nil && r != nil && b != r {
		eachPair(b, r, func(at, cohort int, before, after int64, _ uint8) {
			p := base.World.Pools[base.World.Cohorts[cohort].Pool].Province
			switch {
			case after < before:
				gain[p]++
			case after > before:
				lose[p]++
			}
		})
	}
	for i := range out {
		out[i].Gain, out[i].Lose = base.count(gain[i]), base.count(lose[i])
	}
	return out
}

func (r *Reform) same() bool {
	for i := range r.Figures {
		if r.Figures[i].Value != 0 {
			return false
		}
	}
	for i := range r.Provinces {
		p := &r.Provinces[i]
		if p.Funds.Value != 0 || p.Patients.Value != 0 {
			return false
		}
	}
	return r.Burden.Gain.Patients.Value == 0 && r.Burden.Lose.Patients.Value == 0
}

// replications keeps a reform's differences seed by seed.
type replications struct{ values, variances [][]float64 }

func (x *replications) add(figures []Difference) {
	if x.values == nil {
		x.values, x.variances = make([][]float64, len(figures)), make([][]float64, len(figures))
	}
	for i := range figures {
		x.values[i] = append(x.values[i], figures[i].Value)
		if se := figures[i].SE; se != nil {
			x.variances[i] = append(x.variances[i], *se**se)
		}
	}
}

func (x *replications) into(all []Difference) {
	for i := range all {
		if all[i].Estimated {
			all[i].Scenario = scenario(x.values[i], x.variances[i])
		}
	}
}

// watched are the figures whose intervals end automatic replications.
var watched = []string{"funds_fen", "patients_fen", "quota_fen", "own_money_fen_days"}

// enough is the stopping rule: at least three replications, and of each watched figure
// that changes at all the half-width of the 95 % interval is at most a tenth.
func enough(spread []replications) bool {
	for i := range spread {
		for at := range figures {
			for _, name := range watched {
				if figures[at].Name != name {
					continue
				}
				values := spread[i].values[at]
				s := scenario(values, nil)
				if s == nil || s.Replications < 3 || (s.High-s.Low)/2 > math.Abs(s.Mean)/10 {
					return false
				}
			}
		}
	}
	return true
}
