package sim

import (
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// filingTables are how people of a pool and scheme file in a month: the habits of
// the population under the rule of the pool and the date.
type filingTables struct {
	habits [engine.NumFilingKinds]filingHabit
	rule   *engine.FilingRule
	// until is the end of a temporary filing by its first day, from expiry.from on.
	until []day.Day
}

// filingHabit is how a filing of one kind comes about.
type filingHabit struct {
	// onFile is what the register then shows: the kind; Unfiled for emergencies,
	// which are deemed filed (B4), and where the rule does not know the kind (B2).
	onFile engine.FilingKind
	// basis is what it rests on, by whether the patient prefers a commitment: first
	// under the rule in force, then, of a filing made before since, under that of then.
	basis [2][2]engine.Basis
	since day.Day
	flags engine.Flags
	// longTerm is all ones where the filing is made once and holds without end.
	longTerm day.Day
	// about are the bits of a patient that are said of such a filing.
	about traits
}

// set makes the tables those of a pool's rule in a month.
func (t *filingTables) set(rules *engine.Rules, m day.Month, pool uint16, scheme engine.Scheme, x *expiry) {
	t.rule = &rules.Terms(m, int(pool), scheme).Filing
	t.until = x.until[t.rule.TemporaryMonths]
	earlier, since := t.rule, day.Day(0)
	for first, _ := rules.Months(); m > first && since == 0; m-- {
		if before := rules.Terms(m-1, int(pool), scheme); before == nil {
			break
		} else if before.Filing.Accepts != t.rule.Accepts {
			earlier, since = &before.Filing, m.First()
		}
	}
	for kind := range engine.FilingKind(engine.NumFilingKinds) {
		t.habits[kind] = habitOf(t.rule, earlier, since, kind)
	}
}

func habitOf(rule, earlier *engine.FilingRule, since day.Day, kind engine.FilingKind) (h filingHabit) {
	if kind == engine.Emergency {
		h.flags = engine.FlagEmergency
		return h
	}
	preferred := [2]engine.Basis{engine.NoBasis, engine.NoBasis}
	switch {
	case kind.LongTerm():
		preferred = [2]engine.Basis{engine.ByMaterial, engine.ByCommitment}
	case kind == engine.Referral:
		preferred = [2]engine.Basis{engine.ByReferralDoc, engine.ByReferralDoc}
	}
	if !rule.Kinds.Has(kind) || rule.Accepts[kind] == 0 {
		return h
	}
	for i, b := range preferred {
		h.basis[0][i], h.basis[1][i] = accepted(rule.Accepts[kind], b), accepted(rule.Accepts[kind], b)
		if earlier.Accepts[kind] != 0 {
			h.basis[1][i] = accepted(earlier.Accepts[kind], b)
		}
	}
	h.since = since
	h.onFile, h.about = kind, traitRevoked
	if kind.LongTerm() {
		h.longTerm = -1
		h.about |= traitFulfilled
	}
	return h
}

// accepted is the basis that somebody files on who prefers one: that, or the first
// that the rule accepts (B3).
func accepted(accepts engine.Bases, preferred engine.Basis) engine.Basis {
	if accepts.Has(preferred) || accepts.Has(engine.NoBasis) {
		return preferred
	}
	b := engine.NoBasis
	for !accepts.Has(b) {
		b++
	}
	return b
}

// file gives a visit the filing that a patient of the kind comes with, a
// traveller's made so many days before the admission, and returns the flags that
// go with it.
func (t *filingTables) file(c *engine.Claim, x *expiry, p *patient, kind engine.FilingKind, lead, admitted day.Day) engine.Flags {
	h, f := &t.habits[kind], &c.Filing
	f.Kind = h.onFile
	f.Revoked, f.Fulfilled = p.bits&h.about&traitRevoked != 0, p.bits&h.about&traitFulfilled != 0
	from := admitted - lead
	to := t.until[from-x.from]
	from ^= (from ^ x.residentFrom(p)) & h.longTerm
	to ^= (to ^ day.Never) & h.longTerm
	f.Filed, f.From, f.To = from, from, to
	f.Basis = h.basis[uint32(from-h.since)>>31][p.bits>>traitCommitmentBit&1]
	return h.flags
}

// fileLate lets an unfiled patient file when told to (B26), for the visit from its
// admission on: asked for on a day of the stay and handled within the working days
// that the agency takes (B6). Where that is after the bill is settled, the patient
// has paid in full (B14, X12).
func (t *filingTables) fileLate(c *engine.Claim, x *expiry, p *patient, calendar *day.Calendar, kind engine.FilingKind, word uint64, admitted, discharged day.Day) {
	h, f := &t.habits[kind], &c.Filing
	if h.onFile == engine.Unfiled {
		return
	}
	asked := admitted + day.Day(u16(word, 0)*uint32(discharged-admitted+1)>>16)
	retro := t.rule.RetroTemporary
	if kind.LongTerm() {
		retro = t.rule.RetroLongTerm
	}
	f.From = admitted
	if retro != engine.AnyRetro {
		// The pool clips how far back a filing begins (B16, X16).
		f.From = max(f.From, asked-day.Day(retro))
	}
	f.Kind, f.Basis = kind, h.basis[0][p.bits>>traitCommitmentBit&1]
	f.Revoked, f.Fulfilled = false, false
	f.Filed = calendar.AddWorking(asked, int(u16(word, 1)*(uint32(t.rule.HandlingDays)+1)>>16))
	f.To = t.until[f.From-x.from]
	if h.longTerm != 0 {
		f.To = day.Never
	}
}

// expiry tells when filings end.
type expiry struct {
	// from is the earliest day on which a filing of the run can begin.
	from day.Day
	// opened is the run's first day; residents filed within 1024 days before.
	opened day.Day
	// until is, by the months that a temporary filing holds and the day that it
	// begins, the first day on which it does not (B8, B9).
	until [256][]day.Day
}

// residentFrom is the day that a patient who lives at the place of treatment filed.
func (x *expiry) residentFrom(p *patient) day.Day {
	return x.opened - 1 - day.Day(p.bits>>traitSinceBit)
}

// expiryOf tabulates the ends for the rules of a world.
func expiryOf(w *World) *expiry {
	x := &expiry{opened: w.First.First()}
	longest := len(w.Behavior.FilingLead)
	for k := range w.Care {
		longest = max(longest, len(w.Behavior.FilingLead)+len(w.Care[k].Stay))
	}
	x.from = x.opened - day.Day(longest)
	last := (w.First + day.Month(w.WarmUp+w.Months-1)).Last()
	for m := w.First; m < w.First+day.Month(w.WarmUp+w.Months); m++ {
		for pool := range w.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				months := w.Rules.Terms(m, pool, s).Filing.TemporaryMonths
				if x.until[months] != nil {
					continue
				}
				for d := x.from; d <= last; d++ {
					x.until[months] = append(x.until[months], EndOfFiling(d, months))
				}
			}
		}
	}
	return x
}

// destination is what a filing for care in an area names: its city, or its province
// where that is filed as a whole (B12, R9).
func destination(area uint32, calendar *day.Calendar, on day.Day) uint32 {
	var nobody engine.History
	status, f := nobody.File(&engine.FilingRule2023, calendar, engine.Application{Kind: engine.OtherTemporary, Dest: area, Applied: on})
	if !status.Accepted() {
		return area
	}
	return f.Dest
}

// EndOfFiling is the first day on which a filing of so many months from a day on does
// not hold: the same day of its month, or the day after a shorter month.
func EndOfFiling(from day.Day, months uint8) day.Day {
	if months == 0 {
		return day.Never
	}
	_, _, ofMonth := from.Date()
	to := from.Month() + day.Month(months)
	return min(to.First()+day.Day(ofMonth-1), (to + 1).First())
}

// arrivals draw under what filing a traveller comes for one kind of care: its kind
// and, where it is made for the journey, how many days before the admission.
type arrivals struct {
	which *draw.Slots
	of    []arrival
}

type arrival struct {
	kind engine.FilingKind
	lead uint16
}

// arrivalsOf divides the draws of each kind's weight by the leads. The thresholds of
// the kinds are those of a choice among them alone.
func arrivalsOf(kinds []money.BasisPoints, leads []uint32) (a arrivals, err error) {
	sum, err := draw.Weigh(kinds, len(kinds))
	if err != nil {
		return a, err
	}
	if len(leads) == 0 {
		leads = []uint32{1}
	}
	leadSum, err := draw.Weigh(leads, 1<<16)
	if err != nil {
		return a, fmt.Errorf("days before admission: %w", err)
	}
	var upTo []uint32
	var run, low int64
	for k, weight := range kinds {
		if weight == 0 {
			continue
		}
		run += int64(weight)
		high := run * 65536 / sum
		kind := engine.FilingKind(k)
		if kind != engine.Referral && kind != engine.OtherTemporary {
			upTo, a.of = append(upTo, uint32(high)), append(a.of, arrival{kind, 0})
			low = high
			continue
		}
		var leadRun int64
		for lead, weight := range leads {
			if weight != 0 {
				leadRun += int64(weight)
				upTo, a.of = append(upTo, uint32(low+leadRun*(high-low)/leadSum)), append(a.of, arrival{kind, uint16(lead)})
			}
		}
		low = high
	}
	if len(upTo) > 256 {
		return a, fmt.Errorf("%d combinations of filing and days before admission, at most 256", len(upTo))
	}
	a.which = draw.SlotsUpTo(upTo)
	return a, nil
}
