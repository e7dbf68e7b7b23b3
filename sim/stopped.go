package sim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Stopped is what one outage makes of a recorded run.
type Stopped struct {
	// Changed is the recording that a run with the outage would have made, exactly.
	Changed *Recording
	// Met are what became of the bills that met it, over those of the recorded run.
	Met [engine.NumKinds]OutageTotals
	// Patients is how many had a bill on its days and so were settled again.
	Patients int64
}

// Busiest returns for each province the first of those days in a row, all in one
// measured month, in which most money settles that it owes or is owed.
func (rec *Recording) Busiest(days int) []day.Day {
	first := make([]day.Day, rec.shape.Provinces)
	most := make([]money.Fen, rec.shape.Provinces)
	for i := rec.world.WarmUp; i < len(rec.months); i++ {
		m, t := rec.world.First+day.Month(i), rec.months[i].tally
		for from := 0; from+days <= m.Days(); from++ {
			for p := range first {
				sum := money.Fen(0)
				for d := from; d < from+days; d++ {
					sum += t.Between(d, p)
				}
				if first[p] == 0 || sum > most[p] {
					first[p], most[p] = m.First()+day.Day(from), sum
				}
			}
		}
	}
	return first
}

// Settled is how many settlements of the measured months were recorded, those taken back
// not among them.
func (rec *Recording) Settled() (n int64) {
	for i := rec.world.WarmUp; i < len(rec.months); i++ {
		for at := range rec.months[i].cells {
			n += rec.months[i].cells[at].Totals[engine.Cases]
		}
	}
	return n
}

// Stop tells of each outage, which lies within a month, what the recorded run had been
// with it. An outage touches nobody who has no bill on its days. So the population is
// drawn once, for the months of the outages alone and without settling, to find those who
// have; only they live their run again, from the outage's month on twice: as recorded and
// with it. The difference goes over the recorded registers, which are sums over patients.
//
// The seed and sample are those of the recorded run. each is called for the outages in
// any order, from as many goroutines as there are workers.
func (rec *Recording) Stop(ctx context.Context, seed uint64, sample uint32, workers int, outages []Outage, each func(i int, s *Stopped) error) error {
	if rec.world == nil || len(rec.months) < rec.world.WarmUp+rec.world.Months {
		return fmt.Errorf("nothing complete was recorded")
	}
	c, err := compile(rec.world, seed)
	if err != nil {
		return err
	}
	for _, o := range outages {
		if i := int(o.From.Month() - rec.world.First); o.From.Month() != o.To.Month() || i < 0 || i >= len(c.months) {
			return fmt.Errorf("an outage from %v to %v: not within a month of the run", o.From, o.To)
		}
	}
	if err := (&OutageRules{Down: outages}).check(len(rec.world.Provinces)); err != nil {
		return err
	}
	met, err := meet(ctx, c, max(1, sample), workers, outages)
	if err != nil {
		return err
	}
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range max(1, min(workers, len(outages))) {
		g.Go(func() error {
			pair := [2]*life{newLife(c), newLife(c)}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(outages) {
					return nil
				}
				s, err := rec.stop(ctx, c, pair, outages[i], met[i])
				if err != nil {
					return err
				}
				met[i] = nil
				if err := each(i, s); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// metPatient is a patient with a bill on the days of an outage.
type metPatient struct {
	pool     uint16
	scheme   engine.Scheme
	treating uint8
	index    uint32 // in the cohort
}

// meet finds for each outage the patients who have a bill on its days, sorted.
func meet(ctx context.Context, c *compiled, sample uint32, workers int, outages []Outage) ([][]metPatient, error) {
	all := make([][]metPatient, len(outages))
	ofMonth := map[int][]int{} // outages by month of the run
	for i, o := range outages {
		m := int(o.From.Month() - c.world.First)
		ofMonth[m] = append(ofMonth[m], i)
	}
	blocks, _ := blocksOf(c, sample)
	var next atomic.Int64
	var merging sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	for range max(1, workers) {
		g.Go(func() error {
			w, own := newWorker(c), make([][]metPatient, len(outages))
			var room []patient
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(blocks) {
					break
				}
				b := *blocks[n]
				if uint32(len(room)) < b.count {
					room = make([]patient, b.count)
				}
				b.patients = room[:b.count]
				b.draw(c, 0)
				for m, of := range ofMonth {
					w.meets(&b, &c.months[m], outages, of, own)
				}
			}
			merging.Lock()
			defer merging.Unlock()
			for i := range own {
				all[i] = append(all[i], own[i]...)
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range all {
		slices.SortFunc(all[i], func(a, b metPatient) int {
			return cmp.Or(cmp.Compare(a.pool, b.pool), cmp.Compare(a.scheme, b.scheme), cmp.Compare(a.treating, b.treating), cmp.Compare(a.index, b.index))
		})
	}
	return all, nil
}

// meets adds those of a block who have a bill of the month on the days of an outage,
// where the recorded run settled it: one may have waited until then.
func (w *worker) meets(b *block, t *monthTables, outages []Outage, of []int, met [][]metPatient) {
	type days struct {
		outage int
		on     uint32
	}
	insured, counts := w.c.provinceOf[b.pool], t.countsFor(b.pool)
	person := 0
	for i := range b.segments {
		s := &b.segments[i]
		var hits []days
		for _, at := range of {
			one := (&OutageRules{Down: outages[at : at+1]}).tablesOf(t.month, len(w.c.places))
			if on := one.down(insured, s.treating); on != 0 {
				hits = append(hits, days{at, on})
			}
		}
		if hits == nil {
			person += int(s.count)
			continue
		}
		down := t.outage.down(insured, s.treating)
		number := w.c.patientNumber(b.pool, s)
		for left := int(s.count); left > 0; left -= chunkSize {
			chunk := min(left, chunkSize)
			for n := range w.fall(t, counts, b.patients[person:person+chunk], number, s.step) {
				f := &w.falling[n]
				visits := w.visits(t, f)
				if down != 0 {
					w.meetOutage(t, s.treating, f.number, visits, down)
				}
				on := uint32(0)
				for v := range visits {
					on |= 1 << w.visiting[v].day
				}
				for _, h := range hits {
					if on&h.on != 0 {
						met[h.outage] = append(met[h.outage], metPatient{b.pool, s.scheme, s.treating, uint32(f.number)})
					}
				}
			}
			person += chunk
			number += uint64(chunk) * uint64(s.step)
		}
	}
}

// life is a worker and the books of its month.
type life struct {
	*worker
	month *engine.Books
}

func newLife(c *compiled) *life {
	l := &life{newWorker(c), engine.NewBooks(c.shape)}
	l.money.KeepInsured(c.provinceOf)
	return l
}

func (l *life) run(b *block, month int) {
	l.worker.run(b, month)
	l.handOver(l.month)
}

// forget empties what a month left.
func (l *life) forget() {
	l.month.Reset()
	l.money.Reset()
	l.tally = monthTally{}
}

// stop lives the runs of the patients who met an outage, as recorded and with it.
func (rec *Recording) stop(ctx context.Context, c *compiled, pair [2]*life, o Outage, met []metPatient) (*Stopped, error) {
	m := int(o.From.Month() - c.world.First)
	with := *c
	with.months = slices.Clone(c.months)
	rules := c.world.Outages
	rules.Down = append(slices.Clone(rules.Down), o)
	with.months[m].outage = rules.tablesOf(c.months[m].month, len(c.places))
	pair[0].c, pair[1].c = c, &with

	blocks, cells := blocksFor(met), cellsOf(rec.shape, met)
	allocatePatients(c, blocks, int64(len(met)))
	for month := range m {
		for _, b := range blocks {
			pair[0].run(b, month)
		}
		pair[0].forget()
	}
	twins := twinsOf(blocks)
	out := &Stopped{Changed: &Recording{world: rec.world, shape: rec.shape, provinceOf: rec.provinceOf, months: slices.Clone(rec.months)}, Patients: int64(len(met))}
	for month := m; month < len(c.months); month++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range blocks {
			pair[0].run(blocks[i], month)
			pair[1].run(twins[i], month)
		}
		out.Changed.months[month] = rec.months[month].with(pair[0], pair[1], cells)
		if month >= c.world.WarmUp {
			for k := range out.Met {
				out.Met[k].Add(&pair[1].tally.outages[k], 1)
				out.Met[k].Add(&pair[0].tally.outages[k], -1)
			}
		}
		pair[0].forget()
		pair[1].forget()
	}
	return out, nil
}

// blocksFor are blocks of these patients alone.
func blocksFor(met []metPatient) (blocks []*block) {
	var b *block
	for _, p := range met {
		if b == nil || b.pool != p.pool || b.count >= blockSize {
			b = &block{pool: p.pool}
			blocks = append(blocks, b)
		}
		b.segments = append(b.segments, segment{p.scheme, p.treating, p.index, 1, 1})
		b.count++
	}
	return blocks
}

// twinsOf are the same patients as they stand.
func twinsOf(blocks []*block) []*block {
	twins := make([]*block, len(blocks))
	for i, b := range blocks {
		twin := *b
		twin.patients, twin.people, twin.annexes = slices.Clone(b.patients), slices.Clone(b.people), slices.Clone(b.annexes)
		twins[i] = &twin
	}
	return twins
}

// cellsOf are the cells that patients can settle in, in order.
func cellsOf(shape engine.Shape, met []metPatient) (cells []int) {
	for i, p := range met {
		if i > 0 && p.pool == met[i-1].pool && p.scheme == met[i-1].scheme && p.treating == met[i-1].treating {
			continue
		}
		for k := range engine.Kind(engine.NumKinds) {
			cells = append(cells, shape.Cell(int(p.pool), int(p.treating), p.scheme, k))
		}
	}
	slices.Sort(cells)
	return cells
}

// with is a recorded month less what one life's books say and more what another's do.
func (m recordedMonth) with(less, more *life, cells []int) recordedMonth {
	var changed []CellTotals
	for _, cell := range cells {
		a, b := &less.month.At(cell).Register, &more.month.At(cell).Register
		if *a == *b {
			continue
		}
		changed = append(changed, CellTotals{cell, difference(b, a)})
	}
	out := recordedMonth{cells: make([]CellTotals, 0, len(m.cells)+len(changed)), manual: slices.Clone(m.manual), tally: m.tally.With(more.money, less.money)}
	at := 0
	for _, x := range changed {
		for at < len(m.cells) && m.cells[at].Cell < x.Cell {
			out.cells = append(out.cells, m.cells[at])
			at++
		}
		if at < len(m.cells) && m.cells[at].Cell == x.Cell {
			x.Totals.Add(&m.cells[at].Totals)
			at++
		}
		if x.Totals != (engine.Totals{}) {
			out.cells = append(out.cells, x)
		}
	}
	out.cells = append(out.cells, m.cells[at:]...)
	for i := range out.manual {
		d := difference(&more.month.Manual[i], &less.month.Manual[i])
		out.manual[i].Add(&d)
	}
	return out
}

func difference(a, b *engine.Totals) (d engine.Totals) {
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}
