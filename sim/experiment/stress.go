package experiment

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
)

// StressConfig says what befalls each province in turn.
type StressConfig struct {
	Config
	// LateDays is how many working days beyond the timetable a province pays its
	// clearing in every measured month; 0 leaves these scenarios out.
	LateDays int
	// Surge is by how much more is settled in a province of treatment in the months
	// SurgeFrom to SurgeTo, both included; 0 leaves these scenarios out.
	Surge              int // basis points
	SurgeFrom, SurgeTo day.Month
	// DownDays is for how many days in a row a province is down, in both roles: those of
	// a measured month in which most of its money settles; 0 leaves these scenarios out.
	DownDays int
	// Step, where not nil, is told of each scenario that is done.
	Step func(done, of int)
}

// Shock is a kind of scenario.
type Shock uint8

// The shocks.
const (
	LatePayer Shock = iota // as insured province
	SurgeOf                // as province of treatment
	Down                   // in both roles: nothing settles directly (X31)
	numShocks = 3
)

// ShockNames are the stable names.
var ShockNames = [numShocks]string{"late_payer", "surge", "down"}

// String returns the stable name.
func (s Shock) String() string { return ShockNames[s] }

// MarshalText writes the stable name.
func (s Shock) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Damage is how badly the money fares, or by how much worse than in the baseline.
type Damage struct {
	// OwnFenDays is shortfall times days: own money that provinces of treatment had in
	// their pots, in fen, day by day. ShortDays counts the days of all of them, Provinces
	// how many ran dry, and Deepest is the most at once.
	OwnFenDays int64     `json:"own_money_fen_days"`
	ShortDays  int       `json:"short_days"`
	Provinces  int       `json:"short_provinces"`
	Deepest    money.Fen `json:"deepest_fen"`
	// WaitFenDays is money owed to places of treatment, day by day from its allocation
	// until it came.
	WaitFenDays int64 `json:"clearing_fen_days"`
	// LateFen came after its day (D7), OverdueFen never.
	LateFen    money.Fen `json:"clearing_late_fen"`
	OverdueFen money.Fen `json:"overdue_fen"`
	// ReceivableDays is how long institutions waited on average.
	ReceivableDays float64 `json:"receivable_days"`
}

// Stressed is one scenario of the N−1 set: what befell whom, and what was worse.
type Stressed struct {
	Shock    Shock  `json:"shock"`
	Province int    `json:"-"`
	Code     uint32 `json:"admdvs"`
	NameZH   string `json:"name_zh"`
	NameEN   string `json:"name_en"`
	// Damage is over the baseline's.
	Damage Damage `json:"damage"`
	// Outage is what a province that is down does to its patients, over the baseline's;
	// nil of other shocks.
	Outage *OutageDamage `json:"outage,omitempty"`
}

// OutageDamage is what the patients of an outage bear.
type OutageDamage struct {
	// From and To are the days, both included.
	From day.Day `json:"-"`
	To   day.Day `json:"-"`
	Days string  `json:"days"` // 2024-03-04..2024-03-05
	sim.OutageTotals
	// DirectLost is how many settlements less there are until the end of the run: those
	// paid in full, and whatever follows from it. PatientsMet had a bill on the days.
	DirectLost  int64 `json:"direct_settlements_lost"`
	PatientsMet int64 `json:"patients_met"`
}

// StressedPair is what a shock of one province does to another.
type StressedPair struct {
	Shock  Shock  `json:"shock"`
	Cause  uint32 `json:"cause_admdvs"`
	Victim uint32 `json:"victim_admdvs"` // of treatment
	// All over the baseline's: the victim's own money and days, what came late to it from
	// the cause, and the fen-days it waited for it.
	OwnFenDays  int64     `json:"own_money_fen_days"`
	ShortDays   int       `json:"short_days"`
	LateFen     money.Fen `json:"clearing_late_fen"`
	WaitFenDays int64     `json:"clearing_fen_days"`

	cause, victim int
}

// StressResult is the ranking of the N−1 set.
type StressResult struct {
	Version  int    `json:"version"` // of this layout
	Base     string `json:"base"`
	Run      Run    `json:"run"`
	Sample   uint32 `json:"sample_one_in"`
	LateDays int    `json:"late_days"`
	SurgeBP  int    `json:"surge_bp"`
	Surged   string `json:"surged_months"`
	DownDays int    `json:"down_days"`
	// Baseline is the damage without any shock.
	Baseline Damage `json:"baseline"`
	// Scenarios and Pairs are ranked, the worst first: by own money, then by waiting.
	Scenarios []Stressed     `json:"scenarios"`
	Pairs     []StressedPair `json:"pairs"`
	World     *sim.World     `json:"-"`
}

// Stress runs the baseline once, then moves its money again with one province after
// the other paying late, or with more patients. Nobody's illness changes, so each
// scenario costs a fraction of a run. Where a province is down, those who have a bill on
// its days live their run again, and nobody else, see sim.Recording.Stop.
func Stress(ctx context.Context, base Arm, c StressConfig) (*StressResult, error) {
	w := base.World
	rec := new(sim.Recording)
	baseline, err := c.run(ctx, sim.Config{World: w, Seed: c.Seed, Workers: c.Workers, Sample: c.Sample, Progress: c.Progress, Record: rec})
	if err != nil {
		return nil, err
	}
	out := &StressResult{Version: 1, Base: base.Name, World: w, Sample: max(1, c.Sample), LateDays: c.LateDays, SurgeBP: c.Surge, DownDays: c.DownDays,
		Run: runOf(&Observation{World: w, Seed: c.Seed, Result: baseline}, base), Baseline: damageOf(w, baseline)}
	if c.Surge > 0 {
		out.Surged = fmt.Sprintf("%v..%v", c.SurgeFrom, c.SurgeTo)
	}
	type scenario struct {
		shock    Shock
		province int
	}
	var all []scenario
	for shock := range Shock(numShocks) {
		if shock == LatePayer && c.LateDays == 0 || shock == SurgeOf && c.Surge == 0 || shock == Down {
			continue
		}
		for i := range w.Provinces {
			all = append(all, scenario{shock, i})
		}
	}
	moved := len(all)
	if c.DownDays > 0 {
		for i := range w.Provinces {
			all = append(all, scenario{Down, i})
		}
	}
	out.Scenarios = make([]Stressed, len(all))
	pairs := make([][]StressedPair, len(all))
	var done atomic.Int64
	var telling = make(chan struct{}, 1)
	keep := func(i int, r *sim.Result, outage *OutageDamage) {
		s := all[i]
		p := &w.Provinces[s.province]
		out.Scenarios[i] = Stressed{s.shock, s.province, p.Code, p.NameZH, p.NameEN, damageOf(w, r).over(&out.Baseline), outage}
		pairs[i] = pairDamage(w, s.shock, s.province, baseline, r)
		n := done.Add(1)
		if c.Step != nil {
			telling <- struct{}{}
			c.Step(int(n), len(all))
			<-telling
		}
	}
	g, moving := errgroup.WithContext(ctx)
	g.SetLimit(workers(c.Workers))
	for i, s := range all[:moved] {
		g.Go(func() error {
			world, surges := *w, []sim.Surge(nil)
			switch s.shock {
			case LatePayer:
				world.Money.Late = append(slices.Clone(w.Money.Late), lateness(w, s.province, c.LateDays))
			case SurgeOf:
				surges = []sim.Surge{{Treating: s.province, From: c.SurgeFrom, To: c.SurgeTo, Factor: money.One + money.BasisPoints(c.Surge)}}
			}
			r, err := clearSound(moving, rec, &world, c.Seed, surges...)
			if err == nil {
				keep(i, r, nil)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if c.DownDays > 0 {
		if err := c.down(ctx, w, rec, func(province int, r *sim.Result, d *OutageDamage) { keep(moved+province, r, d) }); err != nil {
			return nil, err
		}
	}
	out.Pairs = slices.Concat(pairs...)
	slices.SortStableFunc(out.Scenarios, func(a, b Stressed) int {
		return cmp.Or(cmp.Compare(b.Damage.OwnFenDays, a.Damage.OwnFenDays), cmp.Compare(b.Damage.WaitFenDays, a.Damage.WaitFenDays), cmp.Compare(a.Code, b.Code))
	})
	slices.SortStableFunc(out.Pairs, func(a, b StressedPair) int {
		return cmp.Or(cmp.Compare(b.OwnFenDays, a.OwnFenDays), cmp.Compare(b.WaitFenDays, a.WaitFenDays), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Victim, b.Victim))
	})
	return out, nil
}

// down lets each province be down on its busiest days and tells what came of it.
func (c *StressConfig) down(ctx context.Context, w *sim.World, rec *sim.Recording, tell func(province int, r *sim.Result, d *OutageDamage)) error {
	outages := make([]sim.Outage, len(w.Provinces))
	for i, first := range rec.Busiest(c.DownDays) {
		outages[i] = sim.Outage{Province: i, Insured: true, Treating: true, From: first, To: first + day.Day(c.DownDays) - 1}
	}
	settled := rec.Settled()
	return rec.Stop(ctx, c.Seed, c.Sample, workers(c.Workers), outages, func(i int, s *sim.Stopped) error {
		r, err := clearSound(ctx, s.Changed, w, c.Seed)
		if err != nil {
			return err
		}
		o := &outages[i]
		d := &OutageDamage{From: o.From, To: o.To, Days: fmt.Sprintf("%v..%v", o.From, o.To), DirectLost: settled - s.Changed.Settled(), PatientsMet: s.Patients}
		for k := range s.Met {
			d.OutageTotals.Add(&s.Met[k], 1)
		}
		tell(i, r, d)
		return nil
	})
}

func workers(asked int) int {
	if asked > 0 {
		return asked
	}
	return runtime.GOMAXPROCS(0)
}

// lateness makes a province pay its clearing late in every measured month.
func lateness(w *sim.World, province, days int) clearing.LateRule {
	from := w.First + day.Month(w.WarmUp)
	return clearing.LateRule{Province: province, From: from, To: from + day.Month(w.Months) - 1, Pay: days}
}

func clearSound(ctx context.Context, rec *sim.Recording, w *sim.World, seed uint64, surges ...sim.Surge) (*sim.Result, error) {
	r, err := rec.Clear(ctx, w, seed, surges...)
	if err == nil && len(r.Breaches) > 0 {
		err = &BreachError{w.Name, r}
	}
	return r, err
}

// measuredMonths reports which months count.
func measuredMonths(w *sim.World) func(day.Month) bool {
	from := w.First + day.Month(w.WarmUp)
	return func(m day.Month) bool { return from <= m && m < from+day.Month(w.Months) }
}

// damageOf adds up the damage of the measured year, and in the pots until the last
// measured month's money has arrived.
func damageOf(w *sim.World, r *sim.Result) (d Damage) {
	measured := measuredMonths(w)
	from := w.First + day.Month(w.WarmUp)
	var paid, days float64
	for i := range r.Clearing.Periods {
		p := &r.Clearing.Periods[i]
		if !measured(p.Month) {
			continue
		}
		for _, x := range p.Pairs {
			d.WaitFenDays += x.FenDays
			d.LateFen += x.Late
		}
		for _, x := range p.Institutions {
			paid += float64(x.Paid)
			days += float64(x.FenDays)
		}
	}
	if paid > 0 {
		d.ReceivableDays = days / paid
	}
	for _, x := range r.Clearing.Overdue {
		d.OverdueFen += x.Amount
	}
	for i := range r.Clearing.Treating {
		short := 0
		for _, m := range r.Clearing.Treating[i].Months {
			if m.Month >= from {
				d.OwnFenDays += m.OwnFenDays
				short += m.ShortDays
				d.Deepest = max(d.Deepest, m.Depth)
			}
		}
		d.ShortDays += short
		if short > 0 {
			d.Provinces++
		}
	}
	return d
}

func (d Damage) over(base *Damage) Damage {
	d.OwnFenDays -= base.OwnFenDays
	d.ShortDays -= base.ShortDays
	d.Provinces -= base.Provinces
	d.Deepest -= base.Deepest
	d.WaitFenDays -= base.WaitFenDays
	d.LateFen -= base.LateFen
	d.OverdueFen -= base.OverdueFen
	d.ReceivableDays -= base.ReceivableDays
	return d
}

// pairDamage is what the shock of one province does to each place of treatment.
func pairDamage(w *sim.World, shock Shock, cause int, base, r *sim.Result) (all []StressedPair) {
	measured := measuredMonths(w)
	from := w.First + day.Month(w.WarmUp)
	rows := make([]StressedPair, len(w.Provinces))
	add := func(r *sim.Result, sign int64) {
		for i := range r.Clearing.Treating {
			for _, m := range r.Clearing.Treating[i].Months {
				if m.Month >= from {
					rows[i].OwnFenDays += sign * m.OwnFenDays
					rows[i].ShortDays += int(sign) * m.ShortDays
				}
			}
		}
		for i := range r.Clearing.Periods {
			p := &r.Clearing.Periods[i]
			if !measured(p.Month) {
				continue
			}
			for _, x := range p.Pairs {
				if shock == LatePayer && x.Insured == cause || shock == SurgeOf && x.Treating == cause || shock == Down && (x.Insured == cause || x.Treating == cause) {
					rows[x.Treating].LateFen += money.Fen(sign) * x.Late
					rows[x.Treating].WaitFenDays += sign * x.FenDays
				}
			}
		}
	}
	add(r, 1)
	add(base, -1)
	for i := range rows {
		x := rows[i]
		if x != (StressedPair{}) {
			x.Shock, x.cause, x.victim = shock, cause, i
			x.Cause, x.Victim = w.Provinces[cause].Code, w.Provinces[i].Code
			all = append(all, x)
		}
	}
	return all
}

// ByOutage are the scenarios of provinces that are down, ranked by what patients pay in
// full, the worst first.
func (r *StressResult) ByOutage() (all []*Stressed) {
	for i := range r.Scenarios {
		if r.Scenarios[i].Outage != nil {
			all = append(all, &r.Scenarios[i])
		}
	}
	slices.SortStableFunc(all, func(a, b *Stressed) int {
		return cmp.Or(cmp.Compare(b.Outage.InFullFen, a.Outage.InFullFen), cmp.Compare(a.Code, b.Code))
	})
	return all
}

// Places returns the indexes of cause and victim in the world's provinces.
func (p *StressedPair) Places() (cause, victim int) { return p.cause, p.victim }
