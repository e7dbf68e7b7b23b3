package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// batchSize is how many bills a worker generates before it settles them: small
// enough that bills, lines and results stay in the second-level cache.
const batchSize = 256

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
	reversal [1]engine.Result
	used     int // lines in use

	tally monthTally
}

// monthTally is what a worker counts in a month beside its books.
type monthTally struct {
	settled int64 // settlements, those reversed later included
	byDay   [31][engine.NumKinds]int64
	groups  [NumGroups][engine.NumKinds]GroupTotals
}

func (t *monthTally) add(u *monthTally) {
	t.settled += u.settled
	for d := range t.byDay {
		for k := range t.byDay[d] {
			t.byDay[d][k] += u.byDay[d][k]
		}
	}
	for g := range t.groups {
		for k := range t.groups[g] {
			t.groups[g][k].Cases += u.groups[g][k].Cases
			t.groups[g][k].ReliefFen += u.groups[g][k].ReliefFen
		}
	}
}

// profileFacts are what the kernel reads of a profile.
type profileFacts struct {
	longTerm bool
	person   engine.PersonType
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
		w.profiles = append(w.profiles, profileFacts{p.LongTerm, p.PersonType})
	}
	return w
}

// visit is one episode of a patient's month before it becomes a bill.
type visit struct {
	kind    engine.Kind
	ordinal uint8
	day     uint8
	w0, w1  uint64
}

// run lives one month of a block: each patient's episodes in order of their day,
// turned into bills and settled in batches.
func (w *worker) run(b *block, month int) {
	t := &w.c.months[month]
	if b.patients == nil {
		b.draw(w.c)
	}
	w.shard.Bind(b.people)
	var visits [engine.NumKinds * maxVisits]visit
	person := 0
	for i := range b.segments {
		s := &b.segments[i]
		number := patientNumber(w.c.world.Pools[b.pool].Code, w.c.world.Provinces[s.treating].Code, s.scheme, s.first)
		for range s.count {
			n := w.visits(t, &b.patients[person], number, &visits)
			if n != 0 {
				p := &b.patients[person]
				p.credit(&w.c.world.Profiles[p.profile], &b.people[person], month)
				for v := range visits[:n] {
					w.episode(t, b, s, uint32(person), number, &visits[v])
				}
			}
			person++
			number += uint64(s.step)
		}
	}
	w.flush(t)
}

// visits draws how many episodes of each kind the month brings and their first
// words, sorted by day; on one day inpatient stays come first.
func (w *worker) visits(t *monthTables, p *patient, number uint64, visits *[engine.NumKinds * maxVisits]visit) (n int) {
	w0, w1 := philox(w.c.keys[streamVisits], number, uint64(t.month)<<32)
	draws := [engine.NumKinds]uint32{uint32(w0), uint32(w0 >> 32), uint32(w1), uint32(w1 >> 32)}
	c := &t.counts[p.profile]
	for k := range draws {
		for ordinal := range c[k].count(draws[k]) {
			v := visit{kind: engine.Kind(k), ordinal: uint8(ordinal)}
			v.w0, v.w1 = philox(w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, ordinal, 0))
			v.day = uint8(t.day[k].pick(u16(v.w0, 3)))
			at := n
			for at > 0 && visits[at-1].day > v.day {
				visits[at] = visits[at-1]
				at--
			}
			visits[at] = v
			n++
		}
	}
	return n
}

// episode turns a visit into a bill at the end of the batch.
func (w *worker) episode(t *monthTables, b *block, s *segment, person uint32, number uint64, v *visit) {
	p := &b.patients[person]
	facts := w.profiles[p.profile]
	place := &w.c.places[s.treating]
	bt := &w.c.bills[v.kind]
	behavior := &w.c.behavior
	b0, b1 := philox(w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, int(v.ordinal), 1))

	level := engine.Level(bt.level.pick(u16(v.w0, 2)))
	settle := t.first + day.Day(v.day)
	admit := settle
	if bt.stay != nil {
		admit -= day.Day(bt.stay.pick(u16(b0, 1)))
	}
	area := place.area[p.city]
	filing, flags := filingOf(behavior, facts.longTerm, p, v.kind, u16(v.w1, 0), behavior.fileBefore[v.kind].hit(u16(v.w1, 1)), area, admit, settle)
	if behavior.injury.hit(u16(v.w1, 2)) {
		flags |= engine.FlagInjury
		switch liability := u16(b1, 2); {
		case behavior.third.hit(liability):
			flags |= engine.FlagThirdParty
		case !behavior.noLetter.hit(65_535 - liability):
			flags |= engine.FlagInjuryLetter
		}
	}
	if !place.connected[v.kind][level].hit(u16(v.w1, 3)) {
		flags |= engine.FlagUnconnected
	}
	if behavior.suspended.hit(u16(b1, 0)) {
		flags |= engine.FlagSuspended
	}
	if behavior.useAccount[v.kind].hit(u16(b1, 1)) {
		flags |= engine.FlagUseAccount
	}

	fee := max(1, bt.fee.at(uint32(v.w0))*place.mean[v.kind][s.scheme][level]/1_000_000)
	draws := lineDraws{key: w.c.keys[streamEpisode], number: number, counter: episodeCounter(t.month, v.kind, int(v.ordinal), 2)}
	first := w.used
	w.used += bt.baskets[bt.basket.pick(u16(b0, 0))].bill(fee, u16(b0, 2), &draws, w.lines[first:first+maxLines])

	w.claims = append(w.claims, engine.Claim{
		Person:      person,
		Institution: u16(b1, 3) * place.institutions[v.kind][level] >> 16,
		FirstLine:   uint32(first), Lines: uint32(w.used - first),
		Area:     area,
		AdmitDay: admit, SettleDay: settle,
		Pool: b.pool, Treating: s.treating, Scheme: s.scheme, Kind: v.kind, Level: level,
		PersonType: facts.person, Identity: p.identity,
		Flags: flags, Filing: filing,
	})
	w.groups = append(w.groups, p.group)
	reversed := behavior.reversed[v.kind].hit(u16(b0, 3))
	if reversed || len(w.claims) == batchSize || w.used > len(w.lines)-maxLines {
		last := len(w.claims) - 1
		claim, group := w.claims[last], p.group
		w.flush(t)
		if reversed && w.results[last].Status == engine.Settled {
			w.shard.Reverse([]engine.Claim{claim}, w.results[last:last+1], w.reversal[:])
			w.count(t, &claim, group, &w.reversal[0], -1)
		}
	}
}

// flush settles the batch and counts what came of it.
func (w *worker) flush(t *monthTables) {
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
	g := &w.tally.groups[group][c.Kind]
	g.Cases += cases
	g.ReliefFen += int64(relief(r))
}

// relief 减少垫付 is what the patient did not have to advance: the funds' part and
// the personal account's. It is how the national totals are published.
func relief(r *engine.Result) money.Fen { return r.FundSum() + r.Account }
