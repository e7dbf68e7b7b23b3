package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/perf/benchmath"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// PricesConfig says how the price list is taken.
type PricesConfig struct {
	Config
	// People are at least so many, of whom the bills are, over and over.
	People int
	// ForNS is how long all rungs of the ladder are measured together, ServiceNS how
	// long each service.
	ForNS, ServiceNS int64
}

// Prices is what a settlement costs, feature by feature: the price list. The
// ladder is climbed by one thread; the services are closed loops with threads of
// their own for generator, writer and log.
type Prices struct {
	Version  int     `json:"version"`
	Verdict  Verdict `json:"verdict"`
	ExitCode int     `json:"exit_code"`
	Gates    []Gate  `json:"gates"`

	Scenario   string `json:"scenario"`
	DataDigest string `json:"data_digest"`
	Seed       uint64 `json:"seed"`
	Machine    Host   `json:"machine"`
	StartedAt  string `json:"started_at"` // RFC 3339

	// What was settled, and in how much memory: half of a price are cache misses.
	Bills        int     `json:"bills"`
	LinesPerBill float64 `json:"lines_per_bill"`
	People       int     `json:"people"`
	Remembered   int     `json:"remembered_requests"`
	MemoryBytes  int64   `json:"memory_bytes"` // people, books, and what is remembered
	// A group is so many batches of so many bills; a round is a group for each rung.
	Group       int   `json:"batches_a_group"`
	Batch       int   `json:"bills_a_batch"`
	Rounds      int   `json:"rounds"`
	Settlements int64 `json:"settlements"`

	Ladder   []PriceRow   `json:"ladder"`
	Services []ServiceRow `json:"services"`
	Identity int64        `json:"identities_checked"`
	DriftFen int64        `json:"drift_fen"`
	Before   Calibration  `json:"calibration_before"`
	After    Calibration  `json:"calibration_after"`
	Limits   Limits       `json:"limits"`
}

// PriceRow is a rung of the ladder.
type PriceRow struct {
	Feature string `json:"feature"`
	// Core is the processor time of a settlement with all features so far, Wall the
	// time by the clock, both the median of the rounds with a 95 % interval.
	Core Spread `json:"core"`
	Wall Spread `json:"wall"`
	// Price is what this feature adds to Core, by the differences of the rounds.
	Price Spread `json:"price"`
	// PerSecond is how many settlements a second that makes: of one core, and by the
	// clock where a disk is waited for.
	PerCoreSecond float64 `json:"settlements_per_core_second"`
	PerSecond     float64 `json:"settlements_per_second"`
	LogBytes      float64 `json:"log_bytes_per_settlement,omitempty"`
}

// Spread is a median with its 95 % interval, in nanoseconds a settlement.
type Spread struct {
	Median float64 `json:"median_ns"`
	From   float64 `json:"from_ns"`
	To     float64 `json:"to_ns"`
}

// ServiceRow is a closed loop through the service: the engine in one thread, the
// log in another, the generator in more.
type ServiceRow struct {
	Durability string  `json:"durability"`
	Settled    float64 `json:"settlements_per_second"`
	Operations float64 `json:"operations_per_second"`
	CoreNS     float64 `json:"core_ns_per_settlement"` // of all threads together
	Busy       float64 `json:"processors_busy"`
	LogBytes   float64 `json:"log_bytes_per_settlement,omitempty"`
}

const (
	priceGroup = 16  // batches
	priceBatch = 256 // bills
)

// TakePrices takes the price list. Its load is bills alone: no admissions, no
// reversals, and none that the rules refuse, which would be cheaper.
func TakePrices(ctx context.Context, cfg PricesConfig) (*Prices, error) {
	load := cfg.Config
	load.Shards, load.TimeOneIn, load.Objectives = 1, 0, nil
	load.Profile.Mix, load.Profile.SettledOnly, load.Profile.Copies = Mix{}, true, 1
	load.Profile.ClosedLoop()
	load.Profile.ForNS, load.Profile.Operations = cfg.ServiceNS, 0
	load.Profile.WarmUpNS, load.Profile.WarmUpOperations = cfg.ServiceNS/5, 0
	p, err := Prepare(load)
	if err != nil {
		return nil, err
	}
	w := p.workload
	w.Copies = max(1, (cfg.People+w.Shards[0].People-1)/w.Shards[0].People)
	p.cfg.Profile.Copies, w.Digest = w.Copies, w.digest()
	r := &Prices{
		Version: ResultVersion, Gates: []Gate{}, Scenario: cfg.Scenario, DataDigest: cfg.DataDigest, Seed: cfg.Seed, Machine: host(),
		StartedAt: time.Now().UTC().Format(time.RFC3339), Bills: w.Bills, LinesPerBill: float64(w.Lines) / float64(w.Bills),
		People: w.Shards[0].People * w.Copies, Remembered: 1 << p.cfg.Remember, Group: priceGroup, Batch: priceBatch, Limits: cfg.Limits,
	}
	p.tell(Progress{Phase: "calibrating"})
	r.Before = Calibrate()
	if err := p.climb(ctx, r, cfg.ForNS); err != nil {
		return nil, err
	}
	for durability, name := range service.DurabilityNames {
		with, err := p.With(func(c *Config) { c.Durability = service.Durability(durability) })
		if err != nil {
			return nil, err
		}
		p.tell(Progress{Phase: "service, " + name})
		o, err := with.Run(ctx)
		if err != nil {
			return nil, err
		}
		if o.Result.Verdict == Breach {
			r.Verdict, r.Gates = Breach, append(r.Gates, o.Result.Gates...)
		}
		r.Services = append(r.Services, serviceRow(o.Result))
	}
	r.After = Calibrate()
	if gate := noiseGate(r.Before, r.After, cfg.Limits); gate != nil {
		r.Gates = append(r.Gates, *gate)
		r.Verdict = r.Verdict.Worse(gate.Verdict)
	}
	r.ExitCode = int(r.Verdict)
	return r, nil
}

func serviceRow(o *Result) ServiceRow {
	row := ServiceRow{
		Durability: o.Service.Durability, Settled: o.SettlementsPerSecond, Operations: o.OperationsPerSecond,
		Busy: float64(o.Runtime.CPUNS) / float64(max(o.Runtime.WallNS, 1)),
	}
	// The processor time is of the whole run, and so are the operations sent.
	settled := float64(o.Operations.Sent) * float64(o.Settlements) / float64(max(o.Operations.Sent-o.Operations.WarmUp, 1))
	row.CoreNS = float64(o.Runtime.CPUNS) / max(settled, 1)
	if o.Service.LogBytes > 0 {
		row.LogBytes = float64(o.Service.LogBytes) / max(settled, 1)
	}
	return row
}

// climb measures the rungs of the ladder in turn, a group for each, until the time
// is over. What the sender takes to make the requests is not in it: a group is made
// before the clock is read.
func (p *Prepared) climb(ctx context.Context, r *Prices, ns int64) (err error) {
	dir, err := os.MkdirTemp(p.cfg.LogDir, "kuasheng-prices-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := newState(p.cfg.World, p.workload, p.provinceOf, p.cfg.Remember)
	intake := s.intakes[0]
	for _, region := range intake.Regions() {
		r.MemoryBytes += int64(len(region))
	}
	ladder, err := service.NewLadder(intake, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ladder.Close()) }()
	for i := range r.People {
		// Whoever has nothing in the account pays in cash, which is one layer less.
		person := intake.Shard().Person(uint32(i))
		person.Credit(10_000_000 * money.Yuan)
		person.CreditMutual(10_000_000 * money.Yuan)
	}
	group := make([]*service.Batch, priceGroup)
	for i := range group {
		group[i] = &service.Batch{
			Requests: make([]engine.Request, priceBatch), Answers: make([]engine.Answer, priceBatch), Lines: p.workload.Shards[0].Lines,
		}
	}
	c := p.workload.cursor(0)
	rung := func(f service.Feature) (core, wall float64, err error) {
		for _, b := range group {
			for i := range b.Requests {
				c.next(&b.Requests[i])
			}
		}
		cpu, start := processorNS(), time.Now()
		err = ladder.Carry(f, group)
		took := time.Since(start)
		cpu = processorNS() - cpu
		settled := ladder.Settled(f, group)
		r.Settlements += int64(settled)
		if settled*100 < 99*priceGroup*priceBatch {
			err = errors.Join(err, fmt.Errorf("%d of %d bills were refused: the figures would be about refusals", priceGroup*priceBatch-settled, priceGroup*priceBatch))
		}
		return float64(cpu) / float64(settled), float64(took) / float64(settled), err
	}
	// The ring is filled first, so that every request forgets another, and every
	// person has been there.
	for n := 0; n < max(r.Remembered, r.People)+priceGroup*priceBatch; n += priceGroup * priceBatch {
		if _, _, err := rung(service.Once); err != nil {
			return err
		}
	}
	var core, wall [service.NumFeatures][]float64
	var bytes [service.NumFeatures]int
	start := time.Now()
	for ; r.Rounds == 0 || time.Since(start) < time.Duration(ns); r.Rounds++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r.Rounds%64 == 0 {
			p.tell(Progress{Phase: "features in turn", At: time.Since(start), End: time.Duration(ns)})
		}
		for i := range service.NumFeatures {
			// Each round begins with another rung.
			f := service.Feature((i + r.Rounds) % service.NumFeatures)
			ofCore, ofWall, err := rung(f)
			if err != nil {
				return err
			}
			core[f], wall[f] = append(core[f], ofCore), append(wall[f], ofWall)
			bytes[f] = ladder.LogBytes(f)
		}
	}
	for f, name := range service.FeatureNames {
		price := slices.Clone(core[f])
		if f > 0 {
			for i := range price {
				price[i] -= core[f-1][i]
			}
		}
		row := PriceRow{Feature: name, Core: spreadOf(core[f]), Wall: spreadOf(wall[f]), Price: spreadOf(price)}
		row.PerCoreSecond, row.PerSecond = 1e9/row.Core.Median, 1e9/row.Wall.Median
		row.LogBytes = float64(bytes[f]) / (priceGroup * priceBatch)
		r.Ladder = append(r.Ladder, row)
	}
	for i, b := range s.books {
		checked, breaches := b.Check(fmt.Sprintf("shard %d", i), func(cell int) string { return fmt.Sprint(cell) })
		r.Identity += checked
		for _, breach := range breaches {
			off := int64(breach.Got - breach.Want)
			r.DriftFen += max(off, -off)
			r.Verdict, r.Gates = Breach, append(r.Gates, Gate{Breach, "money", words.Same(breach.Error())})
		}
	}
	return nil
}

// spreadOf is the median of the rounds with its interval.
func spreadOf(values []float64) Spread {
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, 0.95)
	return Spread{s.Center, finite(s.Lo, values), finite(s.Hi, values)}
}
