package sim

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kuasheng/engine"
	"kuasheng/sim/clearing"
)

// Run simulates cfg from the first warm-up month until the last fen has arrived.
//
// It returns an error where the world makes no sense or ctx ends. Where an
// invariant fails the run stops at that barrier: the Result holds the Breaches
// and must not be used for anything else.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	clock := startClock()
	c, err := compile(cfg.World, cfg.Seed)
	if err != nil {
		return nil, err
	}
	r := newRunner(&cfg, c)
	cfg.Record.begin(c)
	if r.result.Patients == 0 {
		return nil, &WorldError{cfg.World.Name, fmt.Errorf("a sample of one patient in %d leaves nobody", max(1, cfg.Sample))}
	}
	if err := r.openTrace(); err != nil {
		return nil, err
	}
	for month := range c.months {
		lap := time.Now()
		if err := r.settle(ctx, month); err != nil {
			return nil, err
		}
		r.result.Effort.SettleNS += int64(time.Since(lap))
		lap = time.Now()
		sound := r.barrier(month)
		r.result.Effort.BarrierNS += int64(time.Since(lap))
		if !sound {
			return r.result, nil
		}
	}
	r.runOff()
	r.result.Digest = r.digest.sum()
	clock.stop(&r.result.Effort)
	r.result.Effort.Workers = len(r.workers)
	return r.result, nil
}

// maxWorkers bounds the memory of the workers' books.
const maxWorkers = 64

// runner holds a run between its barriers.
type runner struct {
	cfg      *Config
	c        *compiled
	blocks   []*block
	workers  []*worker
	books    *engine.Books     // of the month
	counted  []engine.YearSums // by pool, see persons.go
	clearing *clearing.Clearing
	digest   digest
	// result is in memory of its own: whoever keeps it must not keep the patients.
	result *Result

	taking      sync.Mutex
	done, total int64 // patient-months
	settled     int64
}

func newRunner(cfg *Config, c *compiled) *runner {
	r := &runner{cfg: cfg, c: c, books: engine.NewBooks(c.shape), clearing: clearing.New(c.money), result: new(Result)}
	r.blocks, r.result.Patients = blocksOf(c, max(1, cfg.Sample))
	allocatePatients(c, r.blocks, r.result.Patients)
	r.result.Year, r.counted = engine.NewRegisters(c.shape), make([]engine.YearSums, c.shape.Pools)
	r.total = r.result.Patients * int64(len(c.months))
	n := cfg.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	// A block is one worker's; more workers than there are blocks only cost memory.
	n = max(1, min(n, len(r.blocks), maxWorkers))
	for range n {
		r.workers = append(r.workers, newWorker(c))
		if cfg.Record != nil {
			r.workers[len(r.workers)-1].money.KeepInsured(c.provinceOf)
		}
	}
	return r
}

// openTrace gives each worker its callback.
func (r *runner) openTrace() error {
	if r.cfg.Trace == nil {
		return nil
	}
	for i, w := range r.workers {
		tell, err := r.cfg.Trace.Open(i)
		if err != nil {
			return err
		}
		w.trace = &tracing{patients: max(1, r.cfg.Trace.OneIn), tell: tell}
	}
	return nil
}

// settle lives a month: workers take blocks in any order.
func (r *runner) settle(ctx context.Context, month int) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for _, w := range r.workers {
		g.Go(func() (err error) {
			// A panic of a worker is reported like one of the caller.
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("internal error in %v: %v\n%s", r.c.months[month].month, p, debug.Stack())
				}
			}()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(r.blocks) {
					return nil
				}
				before := w.tally.settled
				w.run(r.blocks[i], month)
				if w.trace != nil && w.trace.err != nil {
					return w.trace.err
				}
				r.take(month, w, int64(r.blocks[i].count), w.tally.settled-before)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// take adds what a worker wrote of a block to the month's books.
func (r *runner) take(month int, w *worker, done, settled int64) {
	r.taking.Lock()
	defer r.taking.Unlock()
	w.handOver(r.books)
	r.done += done
	r.settled += settled
	if r.cfg.Progress != nil {
		r.cfg.Progress(Progress{Month: r.c.months[month].month, Done: r.done, Total: r.total, Settled: r.settled})
	}
}

// barrier merges what the workers counted, proves it, and lets the month's money
// move. It reports whether the books are sound.
func (r *runner) barrier(month int) bool {
	books, tally, owed := r.books, &r.workers[0].tally, r.workers[0].money
	for _, w := range r.workers[1:] {
		tally.add(&w.tally)
		owed.Add(w.money)
		w.tally = monthTally{}
	}
	m := r.c.months[month].month
	if p := r.cfg.Plant; p != nil && p.Month == m {
		plant(books, p)
	}
	name := fmt.Sprintf("month %v", m)
	if !r.prove(books.Check(name, r.c.money.CellName)) {
		return false
	}
	r.count(month, books)
	if last := month == r.c.world.WarmUp-1 || month == len(r.c.months)-1; last {
		// The benefit year's accumulators against its register, see persons.go.
		if !r.prove(r.checkPersons(name, month)) {
			return false
		}
	}

	if !r.prove(checkOutages(name, tally, books)) {
		return false
	}
	if !r.prove(owed.Check(name, books, r.c.money.CellName)) {
		return false
	}
	period := r.clearing.Clear(books, owed, m)
	if !r.prove(r.clearing.Check(name)) {
		return false
	}
	r.record(month, period, books, tally, owed)
	r.cfg.Record.keep(r.result.Months[month].Cells, books, owed)
	books.Reset()
	owed.Reset()
	*tally = monthTally{}
	return true
}

// prove counts checks and keeps breaches; it reports whether there were none.
func (r *runner) prove(checked int64, breaches []*engine.Breach) bool {
	r.result.Checked += checked
	r.result.Breaches = append(r.result.Breaches, breaches...)
	return len(breaches) == 0
}

// record keeps a sound month for the result and chains its digest.
func (r *runner) record(month int, c *clearing.Period, books *engine.Books, tally *monthTally, owed *clearing.Tally) {
	measured := month >= r.c.world.WarmUp
	out := MonthResult{
		Month: c.Month, Measured: measured, ByDay: owed.Cases(),
		Allocated: c.Allocated, Signed: c.Signed, InstitutionsPaid: c.InstitutionsPaid, Paid: c.Paid,
		OverdueDays: r.c.world.Calendar.WorkingBetween(c.Due, c.Paid),
	}
	out.RefusedByHand = tally.refusedByHand
	if r.cfg.Registers || r.cfg.Record != nil {
		out.Cells = registerOf(books)
	}
	for cell, row := range books.Rows() {
		_, _, _, kind := books.Shape.Split(cell)
		out.Kinds[kind].Add(&row.Register)
	}
	r.result.Settled += tally.settled
	if measured {
		r.result.Year.Add(books)
		for i := range books.Manual {
			r.result.ByHand[i%engine.NumKinds].Add(&books.Manual[i])
		}
		for k, n := range tally.refusedByHand {
			r.result.RefusedByHand[k] += n
			r.result.Outages[k].Add(&tally.outages[k], 1)
		}
		counts, fees := books.Outcomes()
		for k := range counts {
			for s := range counts[k] {
				r.result.Outcomes[k][s] += counts[k][s]
				r.result.OutcomeFees[k][s] += fees[k][s]
			}
		}
		for g := range tally.groups {
			for s := range tally.groups[g] {
				of, month := &r.result.Groups[g][s], &tally.groups[g][s]
				for k := range of.Kinds {
					sum := month.kind(k)
					of.Kinds[k].Add(&sum)
					for l := range of.Levels[k] {
						of.Levels[k][l].Add(&month.levels[k][l])
					}
				}
				for i, n := range month.above {
					of.Above[i] += n
				}
			}
		}
	}
	out.Digest = r.digest.month(&out, books, tally)
	r.result.Months = append(r.result.Months, out)
}

// registerOf lists what stands in the register of the books.
func registerOf(books *engine.Books) []CellTotals {
	var empty engine.Totals
	n := 0
	for _, row := range books.Rows() {
		if row.Register != empty {
			n++
		}
	}
	cells := make([]CellTotals, 0, n)
	for cell, row := range books.Rows() {
		if row.Register != empty {
			cells = append(cells, CellTotals{cell, row.Register})
		}
	}
	return cells
}

// runOff lets the money of the last months arrive and closes the books.
func (r *runner) runOff() {
	done, checked, breaches := r.clearing.Finish("run-off")
	r.prove(checked, breaches)
	r.result.Clearing = *done
	for _, b := range r.blocks {
		at := 0
		for _, s := range b.segments {
			for _, p := range b.patients[at : at+int(s.count)] {
				r.result.Groups[p.group()][s.scheme].Patients++
			}
			at += int(s.count)
		}
	}
	r.digest.runOff(r.result)
}

// clearing is what clearing needs to know of a world.
func (w *World) clearing(k *keys) *clearing.Input {
	in := &clearing.Input{First: w.First, WarmUp: w.WarmUp, Months: w.Months,
		Calendar: w.Calendar, Timetable: w.Timetable, Prepayment: w.Prepayment, Rules: w.Money, Draws: k[streamClearing]}
	for i := range w.Provinces {
		in.Provinces = append(in.Provinces, clearing.Province{Code: w.Provinces[i].Code, Name: w.Provinces[i].NameZH})
	}
	for i := range w.Pools {
		in.Pools = append(in.Pools, clearing.Pool{Code: w.Pools[i].Code, Name: w.Pools[i].NameZH, Province: w.Pools[i].Province})
	}
	return in
}

// plant falsifies the first cell in use.
func plant(books *engine.Books, p *Plant) {
	for _, row := range books.Rows() {
		if row.Register[engine.Cases] > 0 && p.Account < engine.NumSettleAccounts {
			row.Ledger[p.Account] += p.Amount
			return
		}
	}
}
