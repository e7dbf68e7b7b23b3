package experiment

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// sums are what the bills of some patients came to in the measured months, as they
// were simulated. Funds are those of direct settlement and of manual claims together.
type sums [numSums]int64

const (
	sumDirect        = iota // bills settled directly and not taken back
	sumRefused              // bills refused at the desk
	sumByHand               // of them reimbursed by hand later
	sumRefusedByHand        // and claimed in vain
	sumFee                  // of all bills, those taken back left out
	sumLayer                // what each layer paid, engine.NumLayers of them
	sumHospital      = sumLayer + engine.NumLayers
	sumAccount       = sumHospital + 1 // own and relatives' accounts at the desk
	sumCash          = sumHospital + 2 // cash at the desk
	sumAdvanced      = sumHospital + 3 // refused bills, paid in full
	sumManual        = sumHospital + 4 // what of them the pools gave back
	numSums          = sumHospital + 5
)

// funds is what all layers paid.
func (s *sums) funds() (all int64) {
	for layer := range engine.NumLayers {
		all += s[sumLayer+layer]
	}
	return all
}

// borne is what the patients bore in the end.
func (s *sums) borne() int64 {
	return s[sumAccount] + s[sumCash] + s[sumAdvanced] - s[sumManual]
}

func (s *sums) add(t *sums, sign int64) {
	for i := range s {
		s[i] += sign * t[i]
	}
}

// groupSums are a random group's sums.
type groupSums struct {
	kinds     [engine.NumSchemes][engine.NumKinds]sums
	provinces []provinceSums // by insured province
}

// provinceSums are an insured province's, of one random group.
type provinceSums struct{ direct, refused, funds, borne, fee int64 }

// Observation is one run as comparisons see it.
type Observation struct {
	World  *sim.World
	Seed   uint64
	Sample uint32
	Result *sim.Result

	groups   *[groups]groupSums
	total    groupSums
	patients [groups][engine.NumSchemes]int64
	simulate [engine.NumSchemes]int64 // patients, all groups
	persons  *persons                 // nil where single patients were not followed
}

// Config is how a world is run.
type Config struct {
	Seed    uint64
	Workers int
	// Sample N simulates one patient in N; 0 and 1 simulate all.
	Sample   uint32
	Progress func(sim.Progress)
	// Bills, where not nil, is told of the bills of some patients in the measured months.
	Bills *sim.Trace
	// Run is sim.Run, or what stands in for it.
	Run func(context.Context, sim.Config) (*sim.Result, error)
}

func (c *Config) run(ctx context.Context, s sim.Config) (*sim.Result, error) {
	run := c.Run
	if run == nil {
		run = sim.Run
	}
	// All patients of a nation take 1.3 GiB: what is left of the run before must not
	// stand beside them, nor they beside what is done with the result.
	debug.FreeOSMemory()
	r, err := run(ctx, s)
	debug.FreeOSMemory()
	if err != nil {
		return nil, err
	}
	if len(r.Breaches) > 0 {
		return nil, &BreachError{s.World.Name, r}
	}
	return r, nil
}

// BreachError says that the books of a run are broken, so that nothing can be
// concluded from it.
type BreachError struct {
	World  string
	Result *sim.Result
}

// Error names the first broken invariant.
func (e *BreachError) Error() string {
	return fmt.Sprintf("%s: %v; %d of %d identities do not hold", e.World, e.Result.Breaches[0], len(e.Result.Breaches), e.Result.Checked)
}

// Observe runs a world and follows every simulated patient. Where follow is true it
// also keeps what each of them bore, eight bytes a patient, for pairing.
func Observe(ctx context.Context, w *sim.World, c Config, follow bool) (*Observation, error) {
	return observe(ctx, w, c, follow, nil)
}

func observe(ctx context.Context, w *sim.World, c Config, follow bool, rec *sim.Recording) (*Observation, error) {
	o := &Observation{World: w, Seed: c.Seed, Sample: max(1, c.Sample)}
	index := newIndex(w, o.Sample)
	if follow {
		o.persons = newPersons(index)
	}
	var watchers []*watcher
	measured := (w.First + day.Month(w.WarmUp)).First()
	trace := &sim.Trace{OneIn: 1, Open: func(worker int) (func(*sim.TracedBill) error, error) {
		x := newWatcher(w, index, o.persons)
		watchers = append(watchers, x)
		see := func(b *sim.TracedBill) error {
			if b.Claim.SettleDay >= measured {
				x.see(b)
			}
			return nil
		}
		if c.Bills == nil {
			return see, nil
		}
		tell, err := c.Bills.Open(worker)
		return func(b *sim.TracedBill) error {
			if b.Claim.SettleDay >= measured && b.Among(c.Bills.OneIn) {
				if err := tell(b); err != nil {
					return err
				}
			}
			return see(b)
		}, err
	}}
	r, err := c.run(ctx, sim.Config{World: w, Seed: c.Seed, Workers: c.Workers, Sample: c.Sample, Progress: c.Progress, Trace: trace, Record: rec})
	if err != nil {
		return nil, err
	}
	o.Result = r
	o.gather(watchers)
	err = o.check()
	r.Months, r.Year = nil, nil // 200 MB of a nation, which no figure is drawn from
	return o, err
}

// gather adds up the workers' sums and the groups'.
func (o *Observation) gather(watchers []*watcher) {
	o.groups = new([groups]groupSums)
	o.total.provinces = make([]provinceSums, len(o.World.Provinces))
	for g := range o.groups {
		group := &o.groups[g]
		group.provinces = make([]provinceSums, len(o.World.Provinces))
		for _, x := range watchers {
			group.add(&x.groups[g], 1)
		}
		o.total.add(group, 1)
		for s := range o.simulate {
			n := o.Result.Groups[g][s].Patients
			o.patients[g][s] = n
			o.simulate[s] += n
		}
	}
}

func (s *groupSums) add(t *groupSums, sign int64) {
	for scheme := range s.kinds {
		for kind := range s.kinds[scheme] {
			s.kinds[scheme][kind].add(&t.kinds[scheme][kind], sign)
		}
	}
	for i := range t.provinces {
		p, q := &s.provinces[i], &t.provinces[i]
		p.direct += sign * q.direct
		p.refused += sign * q.refused
		p.funds += sign * q.funds
		p.borne += sign * q.borne
		p.fee += sign * q.fee
	}
}

// check proves what was seen bill by bill against the run's own registers.
func (o *Observation) check() error {
	var faults []error
	want := func(what string, got, want int64) {
		if got != want {
			faults = append(faults, fmt.Errorf("%s: %d seen, %d in the registers", what, got, want))
		}
	}
	var all sums
	for s := range o.total.kinds {
		for k := range o.total.kinds[s] {
			all.add(&o.total.kinds[s][k], 1)
		}
	}
	var direct, manual engine.Totals
	for _, totals := range o.Result.Year.Rows() {
		direct.Add(totals)
	}
	for i := range o.Result.ByHand {
		manual.Add(&o.Result.ByHand[i])
	}
	want("direct settlements", all[sumDirect], direct[engine.Cases])
	want("cash", all[sumCash], direct[engine.SumCash])
	want("accounts", all[sumAccount], direct[engine.SumAccount]+direct[engine.SumMutual])
	want("manual claims", all[sumByHand], manual[engine.Cases])
	want("funds", all.funds(), int64(direct.Funds()+manual.Funds()))
	want("borne by patients and paid by funds and hospitals", all.borne()+all.funds()+all[sumHospital], all[sumFee])
	if len(faults) > 0 {
		return fmt.Errorf("internal error: %w", errors.Join(faults...))
	}
	return nil
}

// watcher is one worker's view.
type watcher struct {
	groups   [groups]groupSums
	province []uint8 // of each pool
	index    *index
	persons  *persons
}

func newWatcher(w *sim.World, index *index, persons *persons) *watcher {
	x := &watcher{index: index, persons: persons}
	for i := range w.Pools {
		x.province = append(x.province, w.Pools[i].Province)
	}
	for g := range x.groups {
		x.groups[g].provinces = make([]provinceSums, len(w.Provinces))
	}
	return x
}

// see counts what happened to a bill.
func (x *watcher) see(b *sim.TracedBill) {
	c, r := &b.Claim, b.Result
	g := &x.groups[b.Group]
	p := &g.provinces[x.province[c.Pool]]
	kind := c.Kind
	if r.Status == engine.Settled {
		kind = r.Kind
	}
	t := &g.kinds[c.Scheme][kind]
	var funds, borne int64
	switch b.Event {
	case sim.EventDirect, sim.EventReversed:
		n := int64(1)
		if b.Event == sim.EventReversed {
			n = -1
		}
		t[sumDirect] += n
		p.direct += n
		t[sumFee] += int64(r.Fee)
		p.fee += int64(r.Fee)
		t[sumHospital] += int64(r.Hospital)
		t[sumAccount] += int64(r.Account + r.Mutual)
		t[sumCash] += int64(r.Cash)
		funds, borne = int64(r.FundSum()), int64(r.PersonPart())
	case sim.EventRefused:
		var fee money.Fen
		for i := range b.Lines {
			fee += b.Lines[i].Amount
		}
		t[sumRefused]++
		p.refused++
		t[sumFee] += int64(fee)
		p.fee += int64(fee)
		t[sumAdvanced] += int64(fee)
		borne = int64(fee)
	case sim.EventByHand:
		t[sumByHand]++
		funds = int64(r.FundSum())
		t[sumManual] += funds
		borne = -funds
	case sim.EventRefusedByHand:
		t[sumRefusedByHand]++
	}
	for layer, paid := range r.Funds {
		t[sumLayer+layer] += int64(paid)
	}
	p.funds += funds
	p.borne += borne
	if x.persons != nil {
		x.persons.bears(x.index.of(b), b.Group, borne)
	}
}
