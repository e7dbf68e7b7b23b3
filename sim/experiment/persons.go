package experiment

import (
	"kuasheng/engine"

	"kuasheng/sim"
)

// index numbers the simulated patients of a world, from 0. A patient has the same
// number under every policy.
type index struct {
	world     *sim.World
	sample    uint32
	provinces int
	first     []int // of a cohort, by pool, place of treatment and scheme; −1 for none
	cohorts   []int // of each cohort of the world, and the end
}

func newIndex(w *sim.World, sample uint32) *index {
	x := &index{world: w, sample: sample, provinces: len(w.Provinces), first: make([]int, len(w.Pools)*len(w.Provinces)*engine.NumSchemes)}
	for i := range x.first {
		x.first[i] = -1
	}
	next := 0
	for _, c := range w.Cohorts {
		x.first[x.cohort(c.Pool, c.Treating, c.Scheme)] = next
		x.cohorts = append(x.cohorts, next)
		next += (int(c.Patients) + int(sample) - 1) / int(sample)
	}
	x.cohorts = append(x.cohorts, next)
	return x
}

func (x *index) cohort(pool uint16, treating uint8, scheme engine.Scheme) int {
	return (int(pool)*x.provinces+int(treating))*engine.NumSchemes + int(scheme)
}

func (x *index) of(b *sim.TracedBill) int {
	return x.first[x.cohort(b.Claim.Pool, b.Claim.Treating, b.Claim.Scheme)] + int(b.ID.Patient/x.sample)
}

// size is how many numbers there are, some of them of nobody: a sample of a cohort
// may hold one patient fewer.
func (x *index) size() int { return x.cohorts[len(x.cohorts)-1] }

// persons is what each patient bore in the measured months. A patient is one worker's
// at a time, so nobody else writes there.
type persons struct {
	index *index
	borne []int64
	group []uint8 // and whether the patient had any bill, seen
}

const seen = 1 << 7

func newPersons(x *index) *persons {
	return &persons{index: x, borne: make([]int64, x.size()), group: make([]uint8, x.size())}
}

func (p *persons) bears(at int, group uint8, fen int64) {
	p.borne[at] += fen
	p.group[at] = group | seen
}
