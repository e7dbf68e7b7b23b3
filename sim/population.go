package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
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
		start := uint32(0)
		if sample > 1 {
			w0, _ := philox(c.keys[streamSample], patientNumber(c.world.Pools[cohort.Pool].Code, c.world.Provinces[cohort.Treating].Code, cohort.Scheme, 0), 0)
			start = uint32(w0 % uint64(sample))
		}
		for start < cohort.Patients {
			if b == nil || b.pool != cohort.Pool || b.count >= blockSize {
				b = &block{pool: cohort.Pool}
				blocks = append(blocks, b)
			}
			count := min((cohort.Patients-start-1)/sample+1, blockSize-b.count)
			b.segments = append(b.segments, segment{cohort.Scheme, cohort.Treating, start, sample, count})
			b.count += count
			patients += int64(count)
			start += count * sample
		}
	}
	return blocks, patients
}

// draw fills in the block's patients before its first month.
func (b *block) draw(c *compiled) {
	b.patients = make([]patient, b.count)
	b.people = make([]engine.PersonYear, b.count)
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
func (p *patient) credit(profile *Profile, person *engine.PersonYear, month int) {
	if profile.AccountCredit == 0 && profile.AccountOpening == 0 {
		return
	}
	if p.credited == 0 {
		person.Credit(profile.AccountOpening)
	}
	for ; int(p.credited) <= month; p.credited++ {
		person.Credit(profile.AccountCredit)
	}
}

// Days around a filing. A long-term filing is older than the run; a temporary
// one is made shortly before the visit and holds for six months (B8).
const (
	filedLongAgo  = 365
	filedBefore   = 3
	temporaryDays = 183
)

// longTermFiling gives a resident of the place of treatment's visit the filing
// it comes with. late says that an unfiled patient files when told to, before
// paying (B14, B26).
func longTermFiling(c *engine.Claim, kind engine.FilingKind, late bool) engine.Flags {
	f := &c.Filing
	f.Kind, f.Basis, f.Dest, f.To = kind, engine.ByCommitment, c.Area, day.Never
	f.Filed = c.AdmitDay - filedLongAgo
	if kind == engine.Unfiled && late {
		f.Kind, f.Filed = engine.LongTermResident, c.SettleDay
	}
	f.From = f.Filed
	return 0
}

// temporaryFiling gives a traveller's visit the filing it comes with.
func temporaryFiling(c *engine.Claim, kind engine.FilingKind, late bool) (flags engine.Flags) {
	f := &c.Filing
	f.Kind, f.Basis, f.Dest = kind, engine.NoBasis, c.Area
	f.Filed = c.AdmitDay - filedBefore
	switch {
	case kind == engine.Emergency:
		// Deemed filed: nothing is on file (B4).
		f.Kind, flags = engine.Unfiled, engine.FlagEmergency
	case kind == engine.Referral:
		f.Basis = engine.ByReferralDoc
	case kind == engine.Unfiled && late:
		f.Kind, f.Filed = engine.OtherTemporary, c.SettleDay
	}
	f.From, f.To = f.Filed, f.Filed+temporaryDays
	return flags
}
