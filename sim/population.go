package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// patient is the part of a patient that is drawn once. It could be drawn again
// at every use; keeping ten bytes is cheaper than two calls of Philox.
type patient struct {
	profile uint8 // in World.Profiles
	// dealt is one of NumGroups random groups in the lower six bits, and the
	// engine.Identity above.
	dealt uint8
	// held is the engine.FilingKind of one who lives at the place of treatment in
	// the lower three bits, and the engine.Disease of a chronic patient above.
	held     uint8
	city     uint8 // in the province of treatment
	credited uint8 // months whose account credit has been paid in
	age      uint8
	// institution is where among the institutions of a level the patient usually
	// goes, in 1/65536.
	institution uint16
	bits        traits
}

func (p *patient) group() uint8              { return p.dealt % NumGroups }
func (p *patient) identity() engine.Identity { return engine.Identity(p.dealt / NumGroups) }
func (p *patient) filing() engine.FilingKind { return engine.FilingKind(p.held & 7) }
func (p *patient) disease() engine.Disease   { return engine.Disease(p.held >> 3) }

// traits are what else is so or not so about a patient.
type traits uint16

const (
	traitCivilServant traits = 1 << iota // has the civil servants' supplement
	traitEnterprise                      // has an enterprise's
	traitCommitment                      // files by commitment where that is accepted
	traitFulfilled                       // and has handed in what it promised
	traitRevoked                         // the agency cancelled the filing
	traitTraced                          // followed by Config.Trace

	traitCommitmentBit = 2
	// From traitSinceBit on stand ten bits: how many days before the run's eve one who
	// lives at the place of treatment filed.
	traitSinceBit = 6
)

// supplementFlags are what a bill says of a patient's supplement.
func (t traits) supplementFlags() engine.Flags {
	return engine.FlagCivilServant * engine.Flags(t&(traitCivilServant|traitEnterprise))
}

const _ = -uint(engine.FlagEnterprise - 2*engine.FlagCivilServant) // the flags lie side by side like the traits

// segment is a run of patients of one cohort within a block: every step-th of
// the cohort from index first on.
type segment struct {
	scheme      engine.Scheme
	treating    uint8
	first, step uint32
	count       uint32
}

// block is a number of patients of one pool, the unit of work of a month. One
// worker at a time holds it, so its patients' accumulators have one writer.
type block struct {
	pool     uint16
	segments []segment
	count    uint32
	patients []patient
	people   []engine.PersonYear
	annexes  []engine.Annex // where the pool's rules need any
	drawn    bool           // whether the patients' traits have been drawn
}

// blockSize is how many patients a block aims at: enough that the work of a unit
// outweighs handing it out, few enough that the last unit of a month does not
// keep the other workers waiting.
const blockSize = 8192

// blocksOf cuts the cohorts into blocks, taking one patient in every sample of
// each cohort, from a start drawn for the cohort.
func blocksOf(c *compiled, sample uint32) (blocks []*block, patients int64) {
	var b *block
	for _, cohort := range c.world.Cohorts {
		start := uint64(0) // in 64 bits: a step may be as long as 32 bits hold
		if sample > 1 {
			w0, _ := draw.Philox(c.keys[streamSample], c.patientNumber(cohort.Pool, &segment{scheme: cohort.Scheme, treating: cohort.Treating}), 0)
			start = w0 % uint64(sample)
		}
		for start < uint64(cohort.Patients) {
			if b == nil || b.pool != cohort.Pool || b.count >= blockSize {
				b = &block{pool: cohort.Pool}
				blocks = append(blocks, b)
			}
			count := min((cohort.Patients-uint32(start)-1)/sample+1, blockSize-b.count)
			b.segments = append(b.segments, segment{cohort.Scheme, cohort.Treating, uint32(start), sample, count})
			b.count += count
			patients += int64(count)
			start += uint64(count) * uint64(sample)
		}
	}
	return blocks, patients
}

// patientNumber is the number of a segment's first patient.
func (c *compiled) patientNumber(pool uint16, s *segment) uint64 {
	return patientNumber(c.world.Pools[pool].Code, c.world.Provinces[s.treating].Code, s.scheme, s.first)
}

// allocatePatients gives the blocks their patients' memory, in one piece each.
func allocatePatients(c *compiled, blocks []*block, count int64) {
	patients, people := make([]patient, count), make([]engine.PersonYear, count)
	largePages(patients)
	largePages(people)
	for _, b := range blocks {
		b.patients, patients = patients[:b.count:b.count], patients[b.count:]
		b.people, people = people[:b.count:b.count], people[b.count:]
		if c.world.Rules.NeedAnnex(int(b.pool)) {
			b.annexes = make([]engine.Annex, b.count)
		}
	}
}

// draw fills in the block's patients before its first month; one in traced, where
// it is not 0, is followed.
func (b *block) draw(c *compiled, traced uint32) {
	b.drawn = true
	at := 0
	for _, s := range b.segments {
		number := c.patientNumber(b.pool, &s)
		for range s.count {
			p := &b.patients[at]
			p.draw(c, &s, number)
			if traced != 0 && followed(c.keys[streamTrace], number, traced) {
				p.bits |= traitTraced
			}
			number += uint64(s.step)
			at++
		}
	}
}

func (p *patient) draw(c *compiled, s *segment, number uint64) {
	w0, w1, w2, w3 := draw.Philox2(c.keys[streamTraits], number, 0)
	p.profile = c.profileOf[s.scheme].pick(uint32(w0))
	facts := &c.facts[p.profile]
	p.city = uint8(c.places[s.treating].city.Pick(u16(w0, 2)))
	p.dealt = uint8(w1%NumGroups) | uint8(facts.identity.Pick(u16(w1, 1))*NumGroups)
	p.held = uint8(c.behavior.longTerm.Pick(u16(w0, 3)))
	if facts.chronic {
		p.held |= uint8(facts.disease.Pick(u16(w2, 1)) << 3)
	}
	p.institution = uint16(u16(w1, 2))
	p.age = uint8(facts.ageFrom + u16(w2, 0)*facts.ages>>16)
	p.bits = traits(u16(w3, 2)&1023) << traitSinceBit
	switch draw := u16(w2, 2); {
	case facts.civilServant.Hit(draw):
		p.bits |= traitCivilServant
	case facts.supplement.Hit(draw):
		p.bits |= traitEnterprise
	}
	if c.behavior.commitment.Hit(u16(w2, 3)) {
		p.bits |= traitCommitment
		if c.behavior.fulfilled.Hit(u16(w3, 0)) {
			p.bits |= traitFulfilled
		}
	}
	if c.behavior.revoked.Hit(u16(w3, 1)) {
		p.bits |= traitRevoked
	}
}

// credit pays in what the personal account and the relatives' received since the
// patient was last seen, month by month by the law of the profile (accounts outlive
// the benefit year).
func (p *patient) credit(facts *profileFacts, person *engine.PersonYear, month int) {
	months := money.Fen(month + 1 - int(p.credited))
	if facts.mutual {
		if p.credited == 0 {
			person.CreditMutual(facts.mutualOpening)
		}
		person.CreditMutual(facts.mutualCredit * months)
	}
	if p.credited == 0 {
		person.Credit(facts.opening)
	}
	person.Credit(facts.credit * months)
	p.credited = uint8(month + 1)
}
