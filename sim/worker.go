package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
)

// batchSize is how many bills a worker generates before it settles them: small
// enough that bills, lines and results stay in the second-level cache.
const batchSize = 64

// batchLines is how many lines a batch aims at.
const batchLines = batchSize * 8

// maxMonth is the most bills that one patient's month can bring: each stay may come
// in two.
const maxMonth = engine.NumKinds*maxVisits + maxVisits

// worker runs blocks. It owns its shard, its books and its buffers. A batch holds
// whole months of patients, so that nothing depends on where a batch ends.
type worker struct {
	c     *compiled
	shard *engine.Shard
	books *engine.Books // of the block at hand

	filings  [engine.NumSchemes]filingTables // of the block's pool in the month
	words    [chunkSize][2]uint64            // drawn of streamVisits
	falling  [chunkSize]falling
	visiting [maxMonth]visit
	drafts   [maxMonth]visit // the same in the order of drawing
	ranks    [maxMonth]uint8 // beside drafts, of each by its day

	claims  []engine.Claim
	drawn   []drawn // beside claims
	lines   []engine.Line
	results []engine.Result
	used    int       // lines in use
	touched money.Fen // read by nobody, see touch
	settled int       // of claims
	stopped []int     // of the claims not yet settled, those that an outage stops

	// reversed and reversal are the one bill that is being taken back.
	reversed [1]engine.Claim
	reversal [1]engine.Result
	byHand   byHand

	tally monthTally
	money *clearing.Tally
	// trace, where not nil, is told what happens to the bills of traced patients.
	trace *tracing
	// watch, where not nil, looks at the person before one bill is settled.
	watch *watch
	// keep, where not nil, takes the bills instead of the shard.
	keep *Bills
}

// drawn is what a bill was drawn from, beside the claim.
type drawn struct {
	number  uint64 // of the patient
	group   uint8
	ordinal uint8
	rest    bool // the second bill of a divided stay
	// way is how the bills of a divided stay go on from each other, 0 of a whole one.
	way    engine.Flags
	waited bool // for a platform to be back
	traced bool
}

// monthTally is what a worker counts in a month beside its books.
type monthTally struct {
	settled int64 // settlements, those reversed later included
	groups  [NumGroups][engine.NumSchemes]groupTally
	// refusedByHand counts the manual claims that were refused.
	refusedByHand [engine.NumKinds]int64
	outages       [engine.NumKinds]OutageTotals
}

// groupTally is the month of one random group's patients of a scheme, see Group.
type groupTally struct {
	levels [engine.NumKinds][engine.NumLevels]GroupTotals
	above  [MaxEdges]int64
}

// kind sums the levels of a kind.
func (t *groupTally) kind(k int) (sum GroupTotals) {
	for l := range t.levels[k] {
		sum.Add(&t.levels[k][l])
	}
	return sum
}

func (t *monthTally) add(u *monthTally) {
	t.settled += u.settled
	for k := range t.outages {
		t.outages[k].Add(&u.outages[k], 1)
	}
	for k := range t.refusedByHand {
		t.refusedByHand[k] += u.refusedByHand[k]
	}
	for g := range t.groups {
		for s := range t.groups[g] {
			of, from := &t.groups[g][s], &u.groups[g][s]
			for k := range of.levels {
				for l := range of.levels[k] {
					of.levels[k][l].Add(&from.levels[k][l])
				}
			}
			for i := range of.above {
				of.above[i] += from.above[i]
			}
		}
	}
}

func newWorker(c *compiled) *worker {
	const most = batchSize + maxMonth
	w := &worker{
		c:       c,
		books:   engine.NewPoolBooks(c.shape),
		claims:  make([]engine.Claim, 0, most),
		drawn:   make([]drawn, 0, most),
		lines:   make([]engine.Line, batchLines+maxMonth*maxLines),
		results: make([]engine.Result, most),
	}
	w.shard = engine.NewShard(c.world.Rules, c.provinceOf, nil, w.books)
	w.money = clearing.NewTally(c.money)
	return w
}

// visit is one episode of a patient's month, or a part of one, before it becomes a
// bill.
type visit struct {
	kind    engine.Kind
	ordinal uint8
	day     uint8
	part    part
	last    uint8 // day of discharge
	// w0 to w3 are the words of slots 0 and 1, see streams.go.
	w0, w1, w2, w3 uint64
}

// part says what of an episode a visit is.
type part uint8

const (
	partWhole part = iota
	partFirst      // of a stay divided in its middle
	partRest
)

// run lives one month of a block: each patient's episodes in order of their day,
// turned into bills and settled in batches. What it wrote is to be handed over.
func (w *worker) run(b *block, month int) {
	t := &w.c.months[month]
	if !b.drawn {
		b.draw(w.c, w.trace.oneIn())
	}
	for s := range w.filings {
		w.filings[s].set(w.c.world.Rules, t.month, b.pool, engine.Scheme(s), w.c.expiry)
	}
	w.shard.Bind(b.people, b.annexes)
	w.books.Turn(int(b.pool))
	counts := t.countsFor(b.pool)
	person := 0
	for i := range b.segments {
		s := &b.segments[i]
		number := w.c.patientNumber(b.pool, s)
		down := t.outage.down(w.c.provinceOf[b.pool], s.treating)
		for left := int(s.count); left > 0; left -= chunkSize {
			chunk := min(left, chunkSize)
			falling := w.fall(t, counts, b.patients[person:person+chunk], number, s.step)
			w.touch(b.people[person:person+chunk], falling)
			for i := range w.falling[:falling] {
				f := &w.falling[i]
				at := person + int(f.at)
				p := &b.patients[at]
				if facts := &w.c.facts[p.profile]; facts.account {
					p.credit(facts, &b.people[at], month)
				}
				visits := w.visits(t, f)
				if down != 0 {
					w.meetOutage(t, s.treating, f.number, visits, down)
				}
				for v := range visits {
					w.episode(t, b, s, uint32(at), f.number, &w.visiting[v])
				}
				if len(w.claims) >= batchSize || w.used >= batchLines {
					w.flush(t)
				}
			}
			person += chunk
			number += uint64(chunk) * uint64(s.step)
		}
	}
	w.flush(t)
}

// handOver adds what was written of a block to the books of all pools.
func (w *worker) handOver(all *engine.Books) {
	all.Add(w.books)
	w.books.Reset()
}

// countsFor are the episodes that a month brings the patients of a pool.
func (t *monthTables) countsFor(pool uint16) [][engine.NumKinds]draw.Counts {
	if t.demand != nil {
		return t.demand[pool]
	}
	return t.counts
}

// chunkSize is how many patients' months are drawn at once.
const chunkSize = 32

// falling is a patient who needs care this month. upTo are the running totals of
// episodes by kind.
type falling struct {
	number uint64
	at     uint32 // in the chunk
	upTo   [engine.NumKinds]uint32
}

// fall draws the months of a chunk of patients and leaves those with episodes in
// w.falling. Half of all months bring none and no one can guess which, so there
// is no branch on it: the next patient overwrites an empty month.
func (w *worker) fall(t *monthTables, counts [][engine.NumKinds]draw.Counts, patients []patient, number uint64, step uint32) (n int) {
	words := w.words[:len(patients)]
	draw.Row(w.c.keys[streamVisits], number, uint64(step), uint64(t.month)<<32, words)
	for i := range words {
		w0, w1 := words[i][0], words[i][1]
		c := &counts[patients[i].profile]
		w.falling[n].at = uint32(i)
		n += int((c[0].Any(uint32(w0)) | c[1].Any(uint32(w0>>32)) | c[2].Any(uint32(w1)) | c[3].Any(uint32(w1>>32))) >> 63)
	}
	for i := range w.falling[:n] {
		f := &w.falling[i]
		w0, w1 := words[f.at][0], words[f.at][1]
		c := &counts[patients[f.at].profile]
		f.number = number + uint64(f.at)*uint64(step)
		f.upTo[0] = c[0].Count(uint32(w0))
		f.upTo[1] = f.upTo[0] + c[1].Count(uint32(w0>>32))
		f.upTo[2] = f.upTo[1] + c[2].Count(uint32(w1))
		f.upTo[3] = f.upTo[2] + c[3].Count(uint32(w1>>32))
	}
	return n
}

// touch reads of each falling patient's accumulators before any is needed: reads that
// do not depend on each other wait for memory together, and otherwise every patient
// waits alone.
func (w *worker) touch(people []engine.PersonYear, falling int) {
	var sum money.Fen
	for i := range w.falling[:falling] {
		sum += people[w.falling[i].at].Balance()
	}
	w.touched = sum
}

// visits draws the first words of a patient's episodes into w.visiting, sorted by
// day; on one day inpatient stays come first. It returns how many there are.
func (w *worker) visits(t *monthTables, f *falling) int {
	total := f.upTo[engine.NumKinds-1]
	n := 0
	for i := range total {
		// The kind is how many running totals are at or below i.
		kind := 3 - (i-f.upTo[0])>>31 - (i-f.upTo[1])>>31 - (i-f.upTo[2])>>31
		ordinal := i
		if kind > 0 {
			ordinal -= f.upTo[kind-1]
		}
		w0, w1, w2, w3 := draw.Philox2(w.c.keys[streamEpisode], f.number, episodeCounter(t.month, engine.Kind(kind), int(ordinal), 0))
		day := uint8(t.day[kind].Pick(u16(w0, 3)))
		v := w.draft(n, day)
		v.kind, v.ordinal, v.part, v.last = engine.Kind(kind), uint8(ordinal), partWhole, day
		v.w0, v.w1, v.w2, v.w3 = w0, w1, w2, w3
		n++
		if w.c.behavior.incidents[kind].divides(u16(w1, 2)) {
			n += w.divide(n, v)
		}
	}
	for i := range w.drafts[:n] {
		w.visiting[w.ranks[i]] = w.drafts[i]
	}
	return n
}

// draft adds a visit on a day to n drafts and returns it: its rank is after those on
// the same day. Whose day is first is anyone's guess, so nothing branches on it.
func (w *worker) draft(n int, day uint8) *visit {
	rank := uint8(n)
	for i := range w.drafts[:n] {
		later := uint8((uint32(day) - uint32(w.drafts[i].day)) >> 31)
		w.ranks[i] += later
		rank -= later
	}
	w.ranks[n] = rank
	v := &w.drafts[n]
	v.day = day
	return v
}

// divide makes v, which is among n drafts, the rest of a stay whose first part ends
// before, and returns how many visits are new: 0 where the stay is too short.
func (w *worker) divide(n int, v *visit) int {
	stay := w.c.bills[v.kind].stay
	if stay == nil {
		return 0
	}
	day, ok := middle(int(v.last)-stay.Pick(u16(v.w2, 1)), int(v.last))
	if !ok {
		return 0
	}
	v.part = partRest
	before := *v
	before.part, before.day = partFirst, uint8(day)
	*w.draft(n, uint8(day)) = before
	return 1
}

// episode turns a visit into a bill at the end of the batch.
func (w *worker) episode(t *monthTables, b *block, s *segment, person uint32, number uint64, v *visit) {
	p := &b.patients[person]
	facts := &w.c.facts[p.profile]
	place := &w.c.places[s.treating]
	bt := &w.c.bills[v.kind]
	behavior := &w.c.behavior
	w0, w1, w2 := v.w0, v.w1, v.w2

	// The claim is written field by field where it will be read: building it
	// elsewhere and copying it costs as much as settling it.
	n := len(w.claims)
	w.claims = w.claims[:n+1]
	c := &w.claims[n]
	c.Level = engine.Level(bt.level.Pick(u16(w0, 2)))
	fee := max(1, bt.fee.At(uint32(w0))*place.mean[v.kind][s.scheme][c.Level]/1_000_000)
	c.SettleDay = t.first + day.Day(v.day)
	discharged := t.first + day.Day(v.last)
	c.AdmitDay = discharged
	if bt.stay != nil {
		c.AdmitDay -= day.Day(bt.stay.Pick(u16(w2, 1)))
	}
	admitted := c.AdmitDay
	c.Person = person
	c.Institution = uint32(uint64(p.institution) * uint64(place.institutions[v.kind][c.Level]) >> 16)
	c.Area, c.Filing.Dest = place.area[p.city], place.destination[p.city]
	c.Pool, c.Treating, c.Scheme, c.Kind = b.pool, s.treating, s.scheme, v.kind
	c.PersonType, c.Identity, c.Age = facts.person, p.identity(), p.age
	c.CasePayment, c.Disease, c.Stay, c.FormerStay = 0, engine.NoDisease, 0, 0
	// A resident's filing was drawn once, a traveller's is drawn for the visit.
	arrives := &behavior.temporary[v.kind]
	arrival := arrives.of[arrives.which.Pick(u16(w1, 0))]
	filing := arrival.kind
	filing ^= (filing ^ p.filing()) & facts.longTermMask
	filings := &w.filings[s.scheme]
	c.Flags = p.bits.supplementFlags() | filings.file(c, w.c.expiry, p, filing, day.Day(arrival.lead), admitted)
	if (filing == engine.Unfiled || c.Filing.To <= admitted) && behavior.fileBefore[v.kind].Hit(u16(w2, 3)) {
		word, _ := draw.Philox(w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, int(v.ordinal), slotLate))
		filings.fileLate(c, w.c.expiry, p, w.c.world.Calendar, facts.lateKind, word, admitted, discharged)
	}
	c.Flags |= engine.FlagUnconnected*engine.Flags(place.connected[v.kind][c.Level].Miss(u16(w1, 1))) |
		engine.FlagUseAccount*engine.Flags(1-behavior.useAccount[v.kind].Miss(u16(w1, 3))) |
		engine.FlagUseMutual*engine.Flags(1-behavior.useMutual[v.kind].Miss(u16(w1, 3)))
	happened := nothing
	if draw := u16(w1, 2); draw < behavior.incidents[v.kind].eventful {
		happened = behavior.incidents[v.kind].which.Pick(draw)
		c.Flags |= incidentFlags[happened]
	}
	waited := day.Day(v.part >> partWaitsBit)
	if v.part != partWhole {
		if v.part&partStopped != 0 {
			w.stopped = append(w.stopped, n)
		}
		if of := v.part & partOfStay; of != partWhole {
			fee = dividedStay(c, place, of, happened, fee, admitted, discharged)
		}
	}

	draws := lineDraws{key: w.c.keys[streamEpisode], number: number, counter: episodeCounter(t.month, v.kind, int(v.ordinal), 2), price: u16(w2, 2)}
	lines := bill(bt.baskets[bt.basket.Pick(u16(w2, 0))], fee, v.w3, &draws, (*[maxLines]engine.Line)(w.lines[w.used:]))
	c.FirstLine, c.Lines = uint32(w.used), uint16(lines)
	switch {
	case v.kind == engine.Inpatient:
		spread(w.lines[w.used:w.used+lines], c.SettleDay-waited-c.AdmitDay)
		if place.casePaid != 0 && bt.payment != nil {
			word, _ := draw.Philox(w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, int(v.ordinal), slotCase))
			if place.casePaid.Hit(u16(word, 0)) {
				c.CasePayment = uint32(min(max(1, bt.payment.At(uint32(word>>32))*fee/1_000_000), 1<<32-1))
			}
		}
	case v.kind == engine.Chronic:
		if c.Disease = p.disease(); c.Disease == engine.NoDisease {
			c.Flags |= engine.FlagUnqualified
		}
	}
	if waited != 0 {
		for i := range w.lines[w.used : w.used+lines] {
			w.lines[w.used+i].DaysBefore += uint16(waited)
		}
	}
	w.used += lines
	w.drawn = w.drawn[:n+1]
	d := &w.drawn[n]
	d.number, d.group, d.ordinal, d.traced = number, p.group(), v.ordinal, p.bits&traitTraced != 0
	d.rest, d.waited, d.way = v.part&partOfStay == partRest, waited != 0, 0
	if v.part&partOfStay != partWhole {
		d.way = engine.FlagContinued
		if happened == transfer {
			d.way = engine.FlagTransferred
		}
	}
	if w.keep != nil {
		return
	}
	if d.rest {
		w.settle(n)
		w.goOn(&w.claims[n], n)
	}
	if w.watch != nil {
		w.watch.drawn(w, n)
	}
	if happened == reversal {
		w.takeBack(t, n)
	}
}

// dividedStay makes a bill that of one part of a stay and returns its fee: the days'
// share of the whole. Before a transfer the patient lay in another hospital, of one
// level less where there is one (X22); otherwise the stay is settled in its middle
// (X21).
func dividedStay(c *engine.Claim, place *place, part part, happened incident, fee uint64, admitted, discharged day.Day) uint64 {
	month := discharged.Month().First()
	in, _ := middle(int(admitted-month), int(discharged-month))
	mid := month + day.Day(in)
	before := max(1, fee*uint64(mid-admitted)/uint64(discharged-admitted))
	if part == partRest {
		c.AdmitDay = mid
		return max(1, fee-min(fee, before))
	}
	if happened == transfer {
		c.Level = max(c.Level, 1) - 1
		c.Institution = (c.Institution + 1) % max(1, place.institutions[c.Kind][c.Level])
	}
	return before
}

// goOn says of c, which is bill n of a divided stay or the manual claim for it, that it
// goes on from the other part, where that has been settled or reimbursed by now: what was
// paid in full has used up no deductible.
func (w *worker) goOn(c *engine.Claim, n int) {
	own := &w.drawn[n]
	step := 1
	if own.rest {
		step = -1
	}
	for i := n + step; i >= 0 && i < len(w.claims) && w.drawn[i].number == own.number; i += step {
		if w.claims[i].Kind == c.Kind && w.drawn[i].ordinal == own.ordinal {
			if r := w.paid(i); r != nil {
				c.GoOn(own.way, w.claims[i].SettleDay, r)
			}
			return
		}
	}
}

// settle settles the batch's bills before n that are not yet settled.
func (w *worker) settle(n int) {
	for len(w.stopped) > 0 && w.stopped[0] < n {
		at := w.stopped[0]
		w.stopped = append(w.stopped[:0], w.stopped[1:]...)
		w.settle(at)
		w.shard.Stop(w.claims[at:at+1], w.lines, w.results[at:at+1])
		w.settled = at + 1
	}
	w.shard.Settle(w.claims[w.settled:n], w.lines, w.results[w.settled:n])
	w.settled = n
}

// takeBack settles bill n and takes it back the same day (X7).
func (w *worker) takeBack(t *monthTables, n int) {
	w.settle(n + 1)
	if w.results[n].Status != engine.Settled {
		return
	}
	w.reversed[0] = w.claims[n]
	w.shard.Reverse(w.reversed[0].SettleDay, w.reversed[:], w.results[n:n+1], w.reversal[:])
	w.count(t, &w.reversed[0], w.drawn[n].group, &w.reversal[0], -1)
	if w.drawn[n].traced {
		w.trace.takenBack(n, &w.reversal[0])
	}
}

// flush settles the batch, counts what came of it, and lets those claim by hand who
// had to pay in full. They do so after the month's direct settlements: the pool
// takes weeks over what a desk settles at once (C19).
func (w *worker) flush(t *monthTables) {
	if w.keep != nil {
		w.keep.take(w.claims, w.lines[:w.used])
	} else {
		w.settle(len(w.claims))
		for i := range w.claims {
			if r := &w.results[i]; r.Status == engine.Settled {
				w.tally.settled++
				w.count(t, &w.claims[i], w.drawn[i].group, r, 1)
			} else if w.claimsByHand(t, i, r.Status) {
				w.byHand.add(&w.claims[i], i)
			}
		}
		w.reimburse()
		if t.outage != nil {
			w.countOutages()
		}
		if w.trace != nil {
			w.trace.batch(w, t)
		}
	}
	w.claims, w.drawn, w.used, w.settled, w.stopped = w.claims[:0], w.drawn[:0], 0, 0, w.stopped[:0]
}

func (w *worker) count(t *monthTables, c *engine.Claim, group uint8, r *engine.Result, cases int64) {
	owed := relief(r)
	cell := clearing.Cell{Pool: int(c.Pool), Treating: int(c.Treating), Scheme: c.Scheme, Kind: r.Kind}
	w.money.Count(int(c.SettleDay-t.first), cell, cases, r.Fee, owed)
	g := &w.tally.groups[group][c.Scheme]
	l := &g.levels[r.Kind][c.Level]
	l.Cases += cases
	l.ReliefFen += int64(owed)
	l.FeeFen += int64(r.Fee)
	if r.Kind == engine.Inpatient {
		for i := range g.above {
			// What is taken back is below zero, and so is cases.
			if int64(owed)*cases > w.c.edges[i] {
				g.above[i] += cases
			}
		}
	}
}

// relief 减少垫付 is what the patient did not have to advance: the funds' part and
// the accounts': all but cash and what the hospital bears (I4, I5). It is how the
// national totals are published.
func relief(r *engine.Result) money.Fen { return r.Fee - r.Cash - r.Hospital }
