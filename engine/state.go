package engine

import (
	"crypto/sha256"
	"encoding/binary"
)

// StateDigest is the SHA-256 over everything that an intake's next answers depend
// on beside the rules: the accumulators with their annexes, the books, and all of
// the requests it remembers. Two intakes with one digest answer every further
// request alike (V7). It is the same on all machines of one byte order.
func (k *Intake) StateDigest() [32]byte {
	d := stateDigest{buf: make([]byte, 0, 1<<16)}
	s := k.shard
	d.put(int64(len(s.people)), int64(len(s.annexes)), int64(len(k.kept)), int64(len(k.floors)))
	for i := range s.people {
		d.person(i, &s.people[i])
	}
	d.put(-1)
	for i := range s.annexes {
		if a := &s.annexes[i]; *a != (Annex{}) {
			d.put(int64(i))
			d.wholeAnnex(a)
		}
	}
	d.put(-1)
	for i := range s.people {
		d.years(s, uint32(i))
	}
	d.books(s.books)
	d.memory(&k.memory)
	return d.sum()
}

// years hashes what a person used before the current year, and before that, as far as
// the shard keeps it.
func (d *stateDigest) years(s *Shard, person uint32) {
	year := s.people[person].year
	for {
		before, kept := s.years[turn{person, year}]
		if !kept {
			return
		}
		d.put(int64(person), int64(year))
		d.person(0, &before.person)
		d.wholeAnnex(&before.annex)
		year = before.person.year
	}
}

// books hashes the rows that are not zero, each with its number.
func (d *stateDigest) books(b *Books) {
	for cell, row := range b.Rows() {
		if *row == (Row{}) {
			continue
		}
		d.put(int64(cell))
		d.put(row.Register[:]...)
		for _, amount := range &row.Ledger {
			d.put(int64(amount))
		}
	}
	d.put(-1)
	for i := range b.Manual {
		d.put(b.Manual[i][:]...)
	}
	for i := range b.Aside {
		d.put(b.Aside[i][:]...)
	}
	for kind := range b.Refused {
		d.put(b.Refused[kind][:]...)
		for _, fee := range b.RefusedFees[kind] {
			d.put(int64(fee))
		}
	}
}

// memory hashes the requests remembered in their order, and the floors.
func (d *stateDigest) memory(m *memory) {
	first := uint64(0)
	if n := uint64(len(m.kept)); m.next > n {
		first = m.next - n
	}
	d.put(int64(m.next))
	for n := first; n < m.next; n++ {
		at := n & uint64(len(m.kept)-1)
		r := &m.kept[at]
		d.put(int64(r.sequence), int64(r.source), int64(r.ofSequence), int64(r.ofSource), int64(r.body),
			int64(r.person), int64(r.institution), int64(r.lines), int64(r.settleDay), int64(r.pool), int64(r.treating),
			int64(r.scheme), int64(r.kind), int64(r.level), int64(r.personType), int64(r.op), int64(r.state),
			int64(r.outcome), int64(r.status), int64(bit(r.answered)), int64(bit(r.closed)), int64(r.number), int64(r.stay), int64(r.formerStay))
		if !r.answered && r.state != keptRest {
			continue
		}
		a := &m.answers[at]
		d.put(int64(a.ceilingLeft), int64(a.caseGain), int64(a.charged), int64(a.progress), int64(a.ratio), int64(a.periods),
			int64(a.order), int64(a.previous), int64(a.filing), int64(a.kind), int64(a.visit), int64(a.formerVisit), int64(a.marks))
		for _, amount := range a.amounts {
			d.put(int64(amount))
		}
	}
	for source, floor := range m.floors {
		if floor != 0 {
			d.put(int64(source), int64(floor))
		}
	}
}

// stateDigest hashes words a buffer at a time.
type stateDigest struct {
	last [32]byte
	buf  []byte
}

func (d *stateDigest) put(words ...int64) {
	for _, w := range words {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(w))
	}
	if len(d.buf) >= 1<<16-1<<12 {
		d.flush()
	}
}

func (d *stateDigest) flush() {
	d.last = sha256.Sum256(append(d.buf, d.last[:]...))
	d.buf = d.buf[:0]
}

func (d *stateDigest) sum() [32]byte {
	d.flush()
	return d.last
}

// person hashes accumulators that are not zero, with their number.
func (d *stateDigest) person(i int, p *PersonYear) {
	if *p == (PersonYear{}) {
		return
	}
	d.put(int64(i), int64(p.paid[0]), int64(p.paid[1]), int64(p.paid[2]), int64(p.progress[0]), int64(p.progress[1]), int64(p.progress[2]),
		int64(p.deductible), int64(p.large), int64(p.majorBase), int64(p.major), int64(p.supplement), int64(p.aid),
		int64(p.balance), int64(p.mutual), int64(p.serial), int64(p.latest), int64(p.periods), int64(p.visits), int64(p.year))
}

func (d *stateDigest) wholeAnnex(a *Annex) {
	d.person(0, &a.former)
	d.annex(&a.year)
	d.annex(&a.formerYear)
}

func (d *stateDigest) annex(a *yearAnnex) {
	d.put(int64(a.used))
	for _, charged := range a.charged {
		d.put(int64(charged))
	}
	// What stands beyond those used is never read.
	for _, h := range a.hospitals[:a.used] {
		d.put(int64(h))
	}
}
