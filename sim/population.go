package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// patient is the part of a patient that is drawn once. It could be drawn again
// at every use; keeping eight bytes is cheaper than a call of philox.
type patient struct {
	profile  uint8 // in World.Profiles
	group    uint8 // one of NumGroups random groups
	filing   engine.FilingKind
	identity engine.Identity
	city     uint8 // in the province of treatment
	credited uint8 // months whose account credit has been paid in
	// institution is where among the institutions of a level the patient usually
	// goes, in 1/65536.
	institution uint16
}

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
	drawn    bool // whether the patients' traits have been drawn
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
			w0, _ := philox(c.keys[streamSample], patientNumber(c.world.Pools[cohort.Pool].Code, c.world.Provinces[cohort.Treating].Code, cohort.Scheme, 0), 0)
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

// house gives the blocks their patients' memory, in one piece each.
func house(blocks []*block, count int64) {
	patients, people := make([]patient, count), make([]engine.PersonYear, count)
	largePages(patients)
	largePages(people)
	for _, b := range blocks {
		b.patients, patients = patients[:b.count:b.count], patients[b.count:]
		b.people, people = people[:b.count:b.count], people[b.count:]
	}
}

// draw fills in the block's patients before its first month.
func (b *block) draw(c *compiled) {
	b.drawn = true
	at := 0
	for _, s := range b.segments {
		number := patientNumber(c.world.Pools[b.pool].Code, c.world.Provinces[s.treating].Code, s.scheme, s.first)
		for range s.count {
			w0, w1 := philox(c.keys[streamTraits], number, 0)
			number += uint64(s.step)
			p := &b.patients[at]
			p.profile = c.profileOf[s.scheme].pick(uint32(w0))
			p.city = uint8(c.places[s.treating].city.pick(u16(w0, 2)))
			p.filing = engine.FilingKind(c.behavior.longTerm.pick(u16(w0, 3)))
			p.group = uint8(w1 % NumGroups)
			p.institution = uint16(u16(w1, 2))
			p.identity = engine.Identity(c.behavior.identity[p.profile].pick(u16(w1, 1)))
			at++
		}
	}
}

// credit pays in what the personal account received since the patient was last
// seen, month by month by the law of the profile (the account outlives the
// benefit year).
func (p *patient) credit(facts *profileFacts, person *engine.PersonYear, month int) {
	if p.credited == 0 {
		person.Credit(facts.opening)
	}
	person.Credit(facts.credit * money.Fen(month+1-int(p.credited)))
	p.credited = uint8(month + 1)
}

// filingHabits says how a filing of each kind comes about: when it was made,
// how long it holds, on what basis.
var filingHabits = [engine.NumFilingKinds]struct {
	onFile engine.FilingKind
	basis  engine.Basis
	flags  engine.Flags
	before day.Day // days before the admission
	valid  day.Day // days, 0 for open-ended
}{
	engine.Unfiled:          {engine.Unfiled, engine.NoBasis, 0, 0, 0},
	engine.RetiredSettled:   {engine.RetiredSettled, engine.ByCommitment, 0, 365, 0},
	engine.LongTermResident: {engine.LongTermResident, engine.ByCommitment, 0, 365, 0},
	engine.PostedWorker:     {engine.PostedWorker, engine.ByMaterial, 0, 365, 0},
	engine.Referral:         {engine.Referral, engine.ByReferralDoc, 0, 3, temporaryDays},
	// Deemed filed: nothing is on file (B4).
	engine.Emergency:      {engine.Unfiled, engine.NoBasis, engine.FlagEmergency, 0, 0},
	engine.OtherTemporary: {engine.OtherTemporary, engine.NoBasis, 0, 3, temporaryDays},
}

// temporaryDays is how long a temporary filing holds: six months, whichever they
// are (B8).
const temporaryDays = 184

// fileClaim gives a visit the filing that a patient of the kind comes with and
// returns the flags that go with it.
func fileClaim(c *engine.Claim, kind engine.FilingKind) engine.Flags {
	habit, f := &filingHabits[kind], &c.Filing
	f.Kind, f.Basis, f.Dest = habit.onFile, habit.basis, c.Area
	f.From = c.AdmitDay - habit.before
	f.Filed = f.From
	f.To = f.From + habit.valid
	if habit.valid == 0 {
		f.To = day.Never
	}
	return habit.flags
}

// fileLate lets an unfiled patient file when told to and before paying (B14,
// B26).
func fileLate(c *engine.Claim, kind engine.FilingKind) {
	fileClaim(c, kind)
	c.Filing.Basis = engine.ByCommitment
	if !kind.LongTerm() {
		c.Filing.Basis = engine.NoBasis
	}
	f := &c.Filing
	if f.To != day.Never {
		f.To = c.SettleDay + temporaryDays
	}
	f.Filed, f.From = c.SettleDay, c.SettleDay
}
