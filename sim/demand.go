package sim

import (
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// Demand says how travel for care answers to a policy. The zero value is travel that
// does not.
type Demand struct {
	// Price and Access are elasticities in basis points by kind of care: 10000 is one per
	// cent more episodes of travellers for each per cent that they bear less of a bill,
	// and for each per cent more that have direct settlement open to them.
	Price, Access [engine.NumKinds]money.BasisPoints
	// Reference are the policies that the change is measured from: those of the pack
	// without any what-if. They cover the months of the run.
	Reference *engine.Rules
}

// Answers reports whether travel answers to anything.
func (d *Demand) Answers() bool {
	return d.Price != [engine.NumKinds]money.BasisPoints{} || d.Access != [engine.NumKinds]money.BasisPoints{}
}

// prospect is what a traveller may expect of a policy: the share of a bill to bear, and
// the share of the visits that can settle directly as far as filing goes. Both are in
// parts of 10¹², and say what the terms promise, not what a year brings: first
// bracket, no deductible, no ceiling.
type prospect struct{ price, access int64 }

// prospectOf is the mean over the levels of institution and over the filings that
// travellers come with.
func (w *World) prospectOf(t *engine.Terms, k engine.Kind, person engine.PersonType) (p prospect) {
	const one = int64(money.One)
	b, benefit := &w.Behavior, &t.Benefits[k]
	known := func(f engine.FilingKind) bool {
		return t.Filing.Kinds.Has(f) && (f == engine.Emergency || t.Filing.Accepts[f] != 0)
	}
	var weights int64
	for l, weight := range w.Care[k].LevelWeight {
		borne := func(f engine.FilingKind) int64 { // of a bill that is settled
			ratio := benefit.Ratio[person][l][0]
			if benefit.DropApplies {
				ratio = max(0, ratio-t.Drop[f])
			}
			return int64(money.One - ratio)
		}
		for f, share := range b.TemporaryFiling[k] {
			f, share := engine.FilingKind(f), int64(share)*int64(weight)
			weights += share
			if f != engine.Unfiled && known(f) {
				p.price += share * borne(f) * one
				p.access += share * one
				continue
			}
			late := int64(0) // of the unfiled, who file when told to
			if f == engine.Unfiled && known(engine.OtherTemporary) {
				late = int64(b.FileBeforeDischarge[k])
			}
			p.price += share * late * borne(engine.OtherTemporary)
			p.access += share * late
			if rest := one - late; t.UnfiledDirect {
				p.price += share * rest * borne(engine.Unfiled)
				p.access += share * rest
			} else {
				byHand := int64(b.ClaimByHand[k])
				p.price += share * rest * ((one*one - byHand*one + byHand*borne(engine.Unfiled)) / one)
			}
		}
	}
	if weights == 0 {
		return prospect{}
	}
	// Of weights × 10⁸ and weights × 10⁴ now.
	return prospect{p.price / weights * one, p.access * one / weights * one}
}

// factor is by how much more, in basis points, travellers need care elsewhere under a
// policy than under the reference: 10000 is as much.
func (d *Demand) factor(k engine.Kind, now, reference prospect) money.BasisPoints {
	const one = int64(money.One)
	change := int64(0)
	if reference.price > 0 {
		change -= int64(d.Price[k]) * ((now.price - reference.price) * one / reference.price)
	}
	if reference.access > 0 {
		change += int64(d.Access[k]) * ((now.access - reference.access) * one / reference.access)
	}
	return money.BasisPoints(max(0, one+change/one))
}

// demandTables are the counts of episodes by pool and profile where travel answers to
// the policy; nil where it does not, or has nothing to answer to.
//
// The draws are those of everybody's episodes. A higher rate lowers the thresholds, so
// whoever falls ill at the lower rate does so at the higher one too, and as the same
// first episodes of the month.
type demandTables struct {
	of     map[string][][engine.NumKinds]draw.Counts // by the factors of a pool
	byRate map[uint32]draw.Counts
}

// pools are the tables of a month by pool; nil where all factors are one.
func (x *demandTables) pools(w *World, i int, plain [][engine.NumKinds]draw.Counts) ([][][engine.NumKinds]draw.Counts, error) {
	d := &w.Demand
	if !d.Answers() {
		return nil, nil
	}
	m := w.First + day.Month(i)
	first, months := d.Reference.Months()
	if m < first || m >= first+day.Month(months) {
		return nil, fmt.Errorf("demand has no policies of reference in %v", m)
	}
	all := make([][][engine.NumKinds]draw.Counts, len(w.Pools))
	changed := false
	for pool := range w.Pools {
		var factors []money.BasisPoints // by profile and kind
		same := true
		for p := range w.Profiles {
			profile := &w.Profiles[p]
			now, before := w.Rules.Terms(m, pool, profile.Scheme), d.Reference.Terms(m, pool, profile.Scheme)
			for k := range engine.Kind(engine.NumKinds) {
				f := money.One
				if !profile.LongTerm {
					f = d.factor(k, w.prospectOf(now, k, profile.PersonType), w.prospectOf(before, k, profile.PersonType))
				}
				same = same && f == money.One
				factors = append(factors, f)
			}
		}
		if same {
			all[pool] = plain
			continue
		}
		changed = true
		key := fmt.Sprint(i, factors)
		if x.of[key] == nil {
			table, err := x.table(w, i, factors)
			if err != nil {
				return nil, err
			}
			x.of[key] = table
		}
		all[pool] = x.of[key]
	}
	if !changed {
		return nil, nil
	}
	return all, nil
}

// counts remembers draw.CountsOf: many profiles and months have one rate.
func (x *demandTables) counts(rate uint32) draw.Counts {
	c, known := x.byRate[rate]
	if !known {
		c = draw.CountsOf(rate)
		x.byRate[rate] = c
	}
	return c
}

func (x *demandTables) table(w *World, i int, factors []money.BasisPoints) ([][engine.NumKinds]draw.Counts, error) {
	table := make([][engine.NumKinds]draw.Counts, len(w.Profiles))
	for p := range w.Profiles {
		for k := range engine.NumKinds {
			rate, err := w.rate(p, i, engine.Kind(k), factors[p*engine.NumKinds+k])
			if err != nil {
				return nil, err
			}
			table[p][k] = x.counts(rate)
		}
	}
	return table, nil
}

// rate is a profile's episodes of a kind in a month of the run, in 1/1 000 000, times a
// factor of demand.
func (w *World) rate(profile, i int, k engine.Kind, demand money.BasisPoints) (uint32, error) {
	p := &w.Profiles[profile]
	rate := uint64(p.Rate[k]) * uint64(w.Season.Month[k][i]) / uint64(money.One) * uint64(demand) / uint64(money.One)
	if rate > draw.MaxRate {
		return 0, fmt.Errorf("profile %s: a rate of %d.%06d episodes of kind %v in the month; at most %d are simulated", p.Name, rate/1_000_000, rate%1_000_000, k, draw.MaxRate/1_000_000)
	}
	return uint32(rate), nil
}
