package clearing

import (
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// treatingPlace is a province as place of treatment.
type treatingPlace struct {
	changed bool // money has come into or gone out of its pots since they were last drawn on
	result  TreatingProvince
	queue   []coChecks // oldest first
}

// coChecks are the large bills of one day that still want an answer.
type coChecks struct {
	asked int // the working day, counted from the start of the run
	count int64
}

// reconcile reconciles the days of a month (D8, R12) and answers its co-checks
// (R18). The register holds no single bill, so differences are drawn from the day
// totals: what is repaired in time ends as it was settled and moves no money; what
// stays frozen makes cells of its kind miss their month, see misses.
func (k *Clearing) reconcile(t *Tally, m day.Month) {
	k.frozenShare = [engine.NumKinds]int64{}
	k.frozenMonth = m
	k.answer(t, m)
	rules, calendar := &k.rules.Reconcile, k.in.Calendar
	if rules.Fault == 0 {
		return
	}
	finished, confirmed := (m + 1).On(k.rules.Confirm.ReconcileOn), (m + 1).On(k.rules.Confirm.ConfirmOn)
	var settled, frozen [engine.NumKinds]int64
	for d := range m.Days() {
		on := m.First() + day.Day(d)
		for kind, n := range t.cases[d] {
			n = max(0, n)
			row := ReconcileDay{Day: on, Kind: engine.Kind(kind), Repaired: on + 1}
			faults := n * rules.Fault / million
			if k.keys.hits(streamFault, uint64(kind), uint64(on)<<32, n*rules.Fault%million, million) {
				faults++
			}
			for i := range faults {
				class := engine.CentreMore
				for rest := int64(k.keys[streamFault].Below(uint64(whole), uint64(kind), uint64(on)<<32|uint64(i+1))); class < engine.Differ && rest >= int64(rules.Mix[class-1]); class++ {
					rest -= int64(rules.Mix[class-1])
				}
				row.Results[class]++
				repaired := calendar.AddWorking(on+1, rules.RepairWithin[class-1])
				row.Repaired = max(row.Repaired, repaired)
				if repaired > finished {
					row.Late++
				}
				if class == engine.Differ && repaired > confirmed {
					row.Frozen++
				}
			}
			row.Results[engine.Equal] = n - faults
			settled[kind] += n
			frozen[kind] += row.Frozen
			k.result.Days = append(k.result.Days, row)
		}
	}
	for kind := range frozen {
		if frozen[kind] > 0 {
			k.frozenShare[kind] = frozen[kind] * million / settled[kind]
		}
	}
}

// frozen returns by kind which share of a month's settlements, in a million, is frozen.
// It is known of the last reconciled month only.
func (k *Clearing) frozen(m day.Month) [engine.NumKinds]int64 {
	if m != k.frozenMonth {
		return [engine.NumKinds]int64{}
	}
	return k.frozenShare
}

// answer asks and answers the co-checks of a month, first come, first served. After
// the last settled month there is no tally, and nothing more is asked.
func (k *Clearing) answer(t *Tally, m day.Month) {
	for treating := range k.places {
		place, row := &k.places[treating], CoCheckMonth{Month: m, Treating: treating}
		working := k.workingDays
		for d := range m.Days() {
			on := m.First() + day.Day(d)
			if k.in.Calendar.Working(on) {
				working++
				k.answerDay(place, &row, working)
			}
			if t != nil {
				if n := t.large[d*k.shape.Provinces+treating]; n > 0 {
					place.queue = append(place.queue, coChecks{working, n})
					row.Asked += n
				}
			}
		}
		for _, q := range place.queue {
			row.Open += q.count
		}
		if row != (CoCheckMonth{Month: m, Treating: treating}) {
			k.result.CoChecks = append(k.result.CoChecks, row)
		}
	}
	for d := range m.Days() {
		if k.in.Calendar.Working(m.First() + day.Day(d)) {
			k.workingDays++
		}
	}
	k.answered = m
}

// answerDay answers what a province can on a working day.
func (k *Clearing) answerDay(place *treatingPlace, row *CoCheckMonth, working int) {
	rules := &k.rules.CoChecks
	capacity := int64(ofProvince(rules.Capacity, place.result.Treating))
	unlimited := capacity == 0
	for len(place.queue) > 0 && (unlimited || capacity > 0) {
		q := &place.queue[0]
		n := q.count
		if !unlimited {
			n = min(n, capacity)
			capacity -= n
		}
		q.count -= n
		wait := working - q.asked
		row.Answered += n
		row.WaitDays += n * int64(wait)
		if wait > rules.AnswerWithin {
			row.Late += n
		}
		if q.count == 0 {
			place.queue = place.queue[1:]
		}
	}
}

// answerRest answers in the months after the last settled one what is still asked.
func (k *Clearing) answerRest() {
	asked := func(p treatingPlace) bool { return len(p.queue) > 0 }
	for m := k.answered + 1; slices.ContainsFunc(k.places, asked); m++ {
		k.answer(nil, m)
	}
}
