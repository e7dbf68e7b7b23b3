package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// batchSize is how many bills a worker generates before it settles them: small
// enough that bills, lines and results stay in the second-level cache.
const batchSize = 64

// worker runs blocks. It owns its shard, its books and its buffers.
type worker struct {
	c     *compiled
	shard *engine.Shard
	books *engine.Books

	profiles []profileFacts
	claims   []engine.Claim
	groups   []uint8 // random group of each claim
	lines    []engine.Line
	results  []engine.Result
	falling  [chunkSize]falling
	visiting [engine.NumKinds * maxVisits]visit
	// reversed and reversal are the one bill that is being taken back.
	reversed [1]engine.Claim
	reversal [1]engine.Result
	used     int // lines in use

	tally monthTally
	// keep, where not nil, takes the bills instead of the shard.
	keep *Bills
}

// monthTally is what a worker counts in a month beside its books.
type monthTally struct {
	settled int64 // settlements, those reversed later included
	byDay   [31][engine.NumKinds]int64
	groups  [NumGroups][engine.NumSchemes][engine.NumKinds]GroupTotals
}

func (t *monthTally) add(u *monthTally) {
	t.settled += u.settled
	for d := range t.byDay {
		for k := range t.byDay[d] {
			t.byDay[d][k] += u.byDay[d][k]
		}
	}
	for g := range t.groups {
		for s := range t.groups[g] {
			for k := range t.groups[g][s] {
				t.groups[g][s][k].Cases += u.groups[g][s][k].Cases
				t.groups[g][s][k].ReliefFen += u.groups[g][s][k].ReliefFen
			}
		}
	}
}

// profileFacts are what the kernel reads of a profile.
type profileFacts struct {
	person engine.PersonType
	// longTermMask is all ones for patients who live at the place of treatment.
	longTermMask engine.FilingKind
	lateKind     engine.FilingKind // what an unfiled patient files as when told to
	// account says whether the patient has a personal account.
	account         bool
	credit, opening money.Fen
}

func newWorker(c *compiled) *worker {
	w := &worker{
		c:       c,
		books:   engine.NewBooks(c.shape),
		claims:  make([]engine.Claim, 0, batchSize),
		groups:  make([]uint8, 0, batchSize),
		lines:   make([]engine.Line, batchSize*8+maxLines),
		results: make([]engine.Result, batchSize),
	}
	w.shard = engine.NewShard(c.world.Rules, c.provinceOf, nil, w.books)
	for _, p := range c.world.Profiles {
		facts := profileFacts{person: p.PersonType, lateKind: engine.OtherTemporary, credit: p.AccountCredit, opening: p.AccountOpening}
		facts.account = facts.credit != 0 || facts.opening != 0
		if p.LongTerm {
			facts.longTermMask, facts.lateKind = 1<<8-1, engine.LongTermResident
		}
		w.profiles = append(w.profiles, facts)
	}
	return w
}

// visit is one episode of a patient's month before it becomes a bill.
type visit struct {
	kind    engine.Kind
	ordinal uint8
	day     uint8
	// w0 to w3 are the words of slots 0 and 1, see streams.go.
	w0, w1, w2, w3 uint64
}

// run lives one month of a block: each patient's episodes in order of their day,
// turned into bills and settled in batches.
func (w *worker) run(b *block, month int) {
	t := &w.c.months[month]
	if !b.drawn {
		b.draw(w.c)
	}
	w.shard.Bind(b.people)
	person := 0
	for i := range b.segments {
		s := &b.segments[i]
		number := patientNumber(w.c.world.Pools[b.pool].Code, w.c.world.Provinces[s.treating].Code, s.scheme, s.first)
		for left := int(s.count); left > 0; left -= chunkSize {
			chunk := min(left, chunkSize)
			falling := w.fall(t, b.patients[person:person+chunk], number, s.step)
			for i := range w.falling[:falling] {
				f := &w.falling[i]
				at := person + int(f.at)
				p := &b.patients[at]
				if facts := &w.profiles[p.profile]; facts.account {
					p.credit(facts, &b.people[at], month)
				}
				for v := range w.visits(t, f) {
					w.episode(t, b, s, uint32(at), f.number, &w.visiting[v])
				}
			}
			person += chunk
			number += uint64(chunk) * uint64(s.step)
		}
	}
	w.flush(t)
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
func (w *worker) fall(t *monthTables, patients []patient, number uint64, step uint32) (n int) {
	key, counter := w.c.keys[streamVisits], uint64(t.month)<<32
	for i := range patients {
		w0, w1 := philox(key, number, counter)
		c := &t.counts[patients[i].profile]
		f := &w.falling[n]
		f.at, f.number = uint32(i), number
		sum := c[0].count(uint32(w0))
		f.upTo[0] = sum
		sum += c[1].count(uint32(w0 >> 32))
		f.upTo[1] = sum
		sum += c[2].count(uint32(w1))
		f.upTo[2] = sum
		sum += c[3].count(uint32(w1 >> 32))
		f.upTo[3] = sum
		n += int(-sum >> 31)
		number += uint64(step)
	}
	return n
}

// visits draws the first words of a patient's episodes into w.visiting, sorted by
// day; on one day inpatient stays come first. It returns how many there are.
func (w *worker) visits(t *monthTables, f *falling) int {
	total := f.upTo[engine.NumKinds-1]
	for i := range total {
		// The kind is how many running totals are at or below i.
		kind := 3 - (i-f.upTo[0])>>31 - (i-f.upTo[1])>>31 - (i-f.upTo[2])>>31
		ordinal := i
		if kind > 0 {
			ordinal -= f.upTo[kind-1]
		}
		w0, w1, w2, w3 := philox2(w.c.keys[streamEpisode], f.number, episodeCounter(t.month, engine.Kind(kind), int(ordinal), 0))
		day := uint8(t.day[kind].pick(u16(w0, 3)))
		at := i
		for at > 0 && w.visiting[at-1].day > day {
			w.visiting[at] = w.visiting[at-1]
			at--
		}
		v := &w.visiting[at]
		v.kind, v.ordinal, v.day = engine.Kind(kind), uint8(ordinal), day
		v.w0, v.w1, v.w2, v.w3 = w0, w1, w2, w3
	}
	return int(total)
}

// episode turns a visit into a bill at the end of the batch.
func (w *worker) episode(t *monthTables, b *block, s *segment, person uint32, number uint64, v *visit) {
	p := &b.patients[person]
	facts := &w.profiles[p.profile]
	place := &w.c.places[s.treating]
	bt := &w.c.bills[v.kind]
	behavior := &w.c.behavior
	w0, w1, w2 := v.w0, v.w1, v.w2

	// The claim is written field by field where it will be read: building it
	// elsewhere and copying it costs as much as settling it.
	n := len(w.claims)
	w.claims = w.claims[:n+1]
	c := &w.claims[n]
	c.Level = engine.Level(bt.level.pick(u16(w0, 2)))
	c.SettleDay = t.first + day.Day(v.day)
	c.AdmitDay = c.SettleDay
	if bt.stay != nil {
		c.AdmitDay -= day.Day(bt.stay.pick(u16(w2, 1)))
	}
	c.Person = person
	c.Institution = uint32(uint64(p.institution) * uint64(place.institutions[v.kind][c.Level]) >> 16)
	c.Area = place.area[p.city]
	c.Pool, c.Treating, c.Scheme, c.Kind = b.pool, s.treating, s.scheme, v.kind
	c.PersonType, c.Identity = facts.person, p.identity
	// A resident's filing was drawn once, a traveller's is drawn for the visit.
	filing := engine.FilingKind(behavior.temporary[v.kind].pick(u16(w1, 0)))
	filing ^= (filing ^ p.filing) & facts.longTermMask
	c.Flags = fileClaim(c, filing)
	if filing == engine.Unfiled && behavior.fileBefore[v.kind].hit(u16(w2, 3)) {
		fileLate(c, facts.lateKind)
	}
	c.Flags |= engine.FlagUnconnected*engine.Flags(place.connected[v.kind][c.Level].miss(u16(w1, 1))) |
		engine.FlagUseAccount*engine.Flags(1-behavior.useAccount[v.kind].miss(u16(w1, 3)))
	reversed := false
	if draw := u16(w1, 2); draw < behavior.eventful[v.kind] {
		happened := behavior.incident[v.kind].pick(draw)
		c.Flags |= incidentFlags[happened]
		reversed = happened == reversal
	}

	fee := max(1, bt.fee.at(uint32(w0))*place.mean[v.kind][s.scheme][c.Level]/1_000_000)
	draws := lineDraws{w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, int(v.ordinal), 2), v.w3}
	lines := bt.baskets[bt.basket.pick(u16(w2, 0))].bill(fee, u16(w2, 2), draws, w.lines[w.used:w.used+maxLines])
	c.FirstLine, c.Lines = uint32(w.used), uint32(lines)
	w.used += lines
	w.groups = append(w.groups, p.group)
	if reversed || n+1 == batchSize || w.used > len(w.lines)-maxLines {
		w.reversed[0] = *c
		w.flush(t)
		if reversed && w.keep == nil && w.results[n].Status == engine.Settled {
			w.shard.Reverse(w.reversed[0].SettleDay, w.reversed[:], w.results[n:n+1], w.reversal[:])
			w.count(t, &w.reversed[0], p.group, &w.reversal[0], -1)
		}
	}
}

// flush settles the batch and counts what came of it.
func (w *worker) flush(t *monthTables) {
	if w.keep != nil {
		w.keep.take(w.claims, w.lines[:w.used])
		w.claims, w.groups, w.used = w.claims[:0], w.groups[:0], 0
		return
	}
	w.shard.Settle(w.claims, w.lines, w.results)
	for i := range w.claims {
		if r := &w.results[i]; r.Status == engine.Settled {
			w.tally.settled++
			w.count(t, &w.claims[i], w.groups[i], r, 1)
		}
	}
	w.claims, w.groups, w.used = w.claims[:0], w.groups[:0], 0
}

func (w *worker) count(t *monthTables, c *engine.Claim, group uint8, r *engine.Result, cases int64) {
	w.tally.byDay[c.SettleDay-t.first][c.Kind] += cases
	g := &w.tally.groups[group][c.Scheme][c.Kind]
	g.Cases += cases
	g.ReliefFen += int64(relief(r))
}

// relief 减少垫付 is what the patient did not have to advance: the funds' part and
// the personal account's. It is how the national totals are published.
func relief(r *engine.Result) money.Fen { return r.FundSum() + r.Account }
