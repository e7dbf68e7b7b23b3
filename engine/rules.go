package engine

import (
	"fmt"
	"hash/maphash"

	"kuasheng/engine/day"
)

// Rules are all policies of a scenario compiled to flat tables, one entry per
// month: which Terms hold for (month, pool, scheme) and which Catalogue for
// (month, province). Equal entries are stored once. After Seal nothing changes,
// so any number of shards read one Rules.
type Rules struct {
	first            day.Month
	months           int
	pools, provinces int

	termsAt      []uint32 // (month, pool, scheme) → terms; 0 is missing
	terms        []Terms
	cataloguesAt []uint32 // (month, province) → catalogues; 0 is missing
	catalogues   []Catalogue

	// annexed are the pools any of whose terms need a person's Annex.
	annexed []bool

	termsIndex      map[uint64]uint32 // by hash; nil once sealed
	seed            maphash.Seed
	cataloguesIndex map[Catalogue]uint32
}

// NewRules makes room for months of policies from first on.
func NewRules(first day.Month, months, pools, provinces int) *Rules {
	return &Rules{
		first: first, months: months, pools: pools, provinces: provinces,
		termsAt:         make([]uint32, months*pools*NumSchemes),
		terms:           make([]Terms, 1, 1+3*pools*NumSchemes),
		cataloguesAt:    make([]uint32, months*provinces),
		catalogues:      make([]Catalogue, 1),
		annexed:         make([]bool, pools),
		termsIndex:      map[uint64]uint32{},
		seed:            maphash.MakeSeed(),
		cataloguesIndex: map[Catalogue]uint32{},
	}
}

// SetTerms states the terms of a pool's scheme from a month to another, both included.
// It reports whether these are the first terms of their kind.
func (r *Rules) SetTerms(first, last day.Month, pool int, s Scheme, t *Terms) (unlike bool) {
	if !r.covers(first, last) || uint(pool) >= uint(r.pools) {
		panic(fmt.Sprintf("engine.Rules.SetTerms: months %v to %v, pool %d outside the rules", first, last, pool))
	}
	hash := maphash.Comparable(r.seed, *t)
	id := r.termsIndex[hash]
	if unlike = id == 0 || r.terms[id] != *t; unlike {
		id = uint32(len(r.terms))
		r.terms = append(r.terms, *t)
		r.termsIndex[hash] = id
	}
	if t.needAnnex() {
		r.annexed[pool] = true
	}
	for m := first; m <= last; m++ {
		r.termsAt[(int(m-r.first)*r.pools+pool)*NumSchemes+int(s)] = id
	}
	return unlike
}

// SetCatalogue states the catalogue of a province of treatment from a month to
// another, both included.
func (r *Rules) SetCatalogue(first, last day.Month, province int, c *Catalogue) {
	if !r.covers(first, last) || uint(province) >= uint(r.provinces) {
		panic(fmt.Sprintf("engine.Rules.SetCatalogue: months %v to %v, province %d outside the rules", first, last, province))
	}
	id, known := r.cataloguesIndex[*c]
	if !known {
		id = uint32(len(r.catalogues))
		r.catalogues = append(r.catalogues, *c)
		r.cataloguesIndex[*c] = id
	}
	for m := first; m <= last; m++ {
		r.cataloguesAt[int(m-r.first)*r.provinces+province] = id
	}
}

// covers reports whether the rules have all months from first to last.
func (r *Rules) covers(first, last day.Month) bool {
	return first >= r.first && first <= last && int(last-r.first) < r.months
}

// Seal ends the building and returns every month that lacks an entry: a missing
// date is a fault, not a zero.
func (r *Rules) Seal() []error {
	// Rules of the same entries are then equal, as what compares worlds relies on.
	r.termsIndex, r.cataloguesIndex, r.seed = nil, nil, maphash.Seed{}
	var faults []error
	for i, id := range r.termsAt {
		if id == 0 {
			pool := i / NumSchemes % r.pools
			faults = append(faults, fmt.Errorf("pool %d, scheme %d has no terms in %v",
				pool, i%NumSchemes, r.first+day.Month(i/NumSchemes/r.pools)))
		}
	}
	for i, id := range r.cataloguesAt {
		if id == 0 {
			faults = append(faults, fmt.Errorf("province %d has no catalogue in %v",
				i%r.provinces, r.first+day.Month(i/r.provinces)))
		}
	}
	return faults
}

// Months returns the first month covered and how many follow it, itself included.
func (r *Rules) Months() (first day.Month, months int) { return r.first, r.months }

// Pools returns how many pools the rules cover.
func (r *Rules) Pools() int { return r.pools }

// NeedAnnex reports whether any terms of a pool ask for the Annex of its people.
func (r *Rules) NeedAnnex(pool int) bool { return r.annexed[pool] }

// Provinces returns how many provinces the rules cover.
func (r *Rules) Provinces() int { return r.provinces }

// Terms returns the terms of a pool's scheme in a month, or nil where the month
// is outside the rules.
func (r *Rules) Terms(m day.Month, pool int, s Scheme) *Terms {
	if termsAt, _ := r.month(m); termsAt != nil {
		return &r.terms[termsAt[pool*NumSchemes+int(s)]]
	}
	return nil
}

// Catalogue returns the catalogue of a province of treatment in a month, or nil
// where the month is outside the rules.
func (r *Rules) Catalogue(m day.Month, province int) *Catalogue {
	if _, cataloguesAt := r.month(m); cataloguesAt != nil {
		return &r.catalogues[cataloguesAt[province]]
	}
	return nil
}

// month returns a month's indexes into terms, by pool and scheme, and into
// catalogues, by province; both are nil where the month is outside the rules.
func (r *Rules) month(m day.Month) (termsAt, cataloguesAt []uint32) {
	if m < r.first || int(m-r.first) >= r.months {
		return nil, nil
	}
	i := int(m - r.first)
	perMonth := r.pools * NumSchemes
	return r.termsAt[i*perMonth : (i+1)*perMonth], r.cataloguesAt[i*r.provinces : (i+1)*r.provinces]
}
