package sim

import (
	"fmt"
	"math/bits"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
)

// OutageRules say when platforms are down 停机 and what patients do then (X31, X33).
// The zero value is a year without any.
type OutageRules struct {
	Down []Outage
	// Waits say how patients take it, by stretches of months that do not overlap; in a
	// month without any nobody waits.
	Waits []OutageWait
}

// Outage is a run of days on which nothing settles directly that would have to pass a
// platform.
type Outage struct {
	// Province is an index in World.Provinces, or clearing.AllProvinces for the national
	// platform, on which all provinces hang.
	Province int
	// Insured says that the province is down for its own insured, Treating that it is
	// for those who come to it.
	Insured, Treating bool
	From, To          day.Day // both included
}

// OutageWait is what patients do in the months From to To, both included.
type OutageWait struct {
	From, To day.Month
	// Share of the bills waits for the platform, by kind of care: the patient stays or
	// comes again, and settles on the first day that it is back. The others pay in full
	// and may claim by hand (B15).
	Share [engine.NumKinds]money.BasisPoints
	// Days is how long they wait at most; who would have to wait longer, or past the end
	// of the month, pays in full at once.
	Days int
}

// MaxOutageWait is the largest OutageWait.Days.
const MaxOutageWait = 31

// OutageTotals are what became of the bills of a kind that met an outage: each waited or
// was paid in full. At an institution that is not connected none is met.
type OutageTotals struct {
	Bills  int64 `json:"bills"`
	Waited int64 `json:"waited"`
	// Settled of the waiting settled directly in the end; the others were refused for
	// another reason. DaysWaited adds up all days.
	Settled    int64 `json:"settled_after_waiting"`
	DaysWaited int64 `json:"days_waited"`
	// InFull were paid in full; ByHand of these were reimbursed by hand (B15), ByHandFen
	// by the funds.
	InFull    int64     `json:"paid_in_full"`
	InFullFen money.Fen `json:"paid_in_full_fen"`
	ByHand    int64     `json:"reimbursed_by_hand"`
	ByHandFen money.Fen `json:"reimbursed_by_hand_fen"`
}

// Add adds u times a factor to t.
func (t *OutageTotals) Add(u *OutageTotals, times int64) {
	t.Bills += u.Bills * times
	t.Waited += u.Waited * times
	t.Settled += u.Settled * times
	t.DaysWaited += u.DaysWaited * times
	t.InFull += u.InFull * times
	t.InFullFen += u.InFullFen * money.Fen(times)
	t.ByHand += u.ByHand * times
	t.ByHandFen += u.ByHandFen * money.Fen(times)
}

// outageTables are the outages of one month; nil where there is none.
type outageTables struct {
	// insured and treating have a bit for each day of the month on which a province is
	// down as one or the other.
	insured, treating []uint32
	wait              [engine.NumKinds]draw.Chance
	days              int
}

// down are the days on which nobody of a province is settled in another.
func (x *outageTables) down(insured, treating uint8) uint32 {
	if x == nil {
		return 0
	}
	return x.insured[insured] | x.treating[treating]
}

// check tells what is wrong with the rules.
func (r *OutageRules) check(provinces int) error {
	for _, o := range r.Down {
		if o.Province != clearing.AllProvinces && (o.Province < 0 || o.Province >= provinces) || o.To < o.From || !o.Insured && !o.Treating {
			return fmt.Errorf("an outage of province %d from %v to %v", o.Province, o.From, o.To)
		}
	}
	for _, x := range r.Waits {
		if x.To < x.From || x.Days < 0 || x.Days > MaxOutageWait {
			return fmt.Errorf("waiting %d days from %v to %v", x.Days, x.From, x.To)
		}
	}
	return nil
}

// tablesOf are the outages of a month, nil where there is none.
func (r *OutageRules) tablesOf(m day.Month, provinces int) *outageTables {
	x := &outageTables{insured: make([]uint32, provinces), treating: make([]uint32, provinces)}
	any := uint32(0)
	for _, o := range r.Down {
		var days uint32
		for d := max(o.From, m.First()); d <= min(o.To, m.Last()); d++ {
			days |= 1 << (d - m.First())
		}
		any |= days
		for p := range provinces {
			if o.Province != p && o.Province != clearing.AllProvinces {
				continue
			}
			if o.Insured {
				x.insured[p] |= days
			}
			if o.Treating {
				x.treating[p] |= days
			}
		}
	}
	if any == 0 {
		return nil
	}
	for _, w := range r.Waits {
		if w.From <= m && m <= w.To {
			x.days = w.Days
			for k, share := range w.Share {
				x.wait[k] = draw.ChanceOf(share)
			}
		}
	}
	return x
}

// What an outage makes of a visit is said in its part, beside which part of a stay it
// is: a bill that is stopped, and by how many days one that waits is late.
const (
	partOfStay   part = 3
	partStopped  part = 4
	partWaitsBit      = 3
	_                 = -uint(MaxOutageWait >> (8 - partWaitsBit))
)

// meetOutage turns those of a patient's n visits of the month that fall on days that are
// down: some wait until the first day after, the others are stopped. The visits stay in
// the order of the days on which they settle.
func (w *worker) meetOutage(t *monthTables, treating uint8, number uint64, n int, down uint32) {
	x, place, monthEnd := t.outage, &w.c.places[treating], t.month.Days()-1
	for i := n - 1; i >= 0; i-- {
		v := w.visiting[i]
		if down>>v.day&1 == 0 {
			continue
		}
		level := w.c.bills[v.kind].level.Pick(u16(v.w0, 2))
		if place.connected[v.kind][level].Miss(u16(v.w1, 1)) != 0 {
			continue // nobody there asks a platform
		}
		met := &w.tally.outages[v.kind]
		met.Bills++
		latest := min(int(v.day)+x.days, monthEnd)
		word, _ := draw.Philox(w.c.keys[streamEpisode], number, episodeCounter(t.month, v.kind, int(v.ordinal), slotOutage))
		own := u16(word, 0)
		switch v.part {
		case partFirst:
			latest = min(latest, int(v.last)) // the rest of the stay comes after it
		case partRest:
			own = u16(word, 1)
		}
		back := int(v.day) + bits.TrailingZeros32(^(down >> v.day))
		if back > latest || !x.wait[v.kind].Hit(own) {
			w.visiting[i].part |= partStopped
			met.InFull++
			continue
		}
		met.Waited++
		met.DaysWaited += int64(back) - int64(v.day)
		v.part |= part(back-int(v.day)) << partWaitsBit
		v.day = uint8(back)
		at := i
		for ; at+1 < n && w.visiting[at+1].day < v.day; at++ {
			w.visiting[at] = w.visiting[at+1]
		}
		w.visiting[at] = v
	}
}

// countOutages counts what became of the batch's bills that waited, and the fees of
// those that were stopped.
func (w *worker) countOutages() {
	for i := range w.claims {
		c := &w.claims[i]
		met := &w.tally.outages[c.Kind]
		switch {
		case w.results[i].Status == engine.StatusPlatformDown:
			for _, line := range c.LinesOf(w.lines) {
				met.InFullFen += line.Amount
			}
		case w.drawn[i].waited && w.results[i].Status == engine.Settled:
			met.Settled++
		}
	}
}

// checkOutages proves of a month that what was stopped is what the books say, to the
// fen.
func checkOutages(barrier string, t *monthTally, books *engine.Books) (checked int64, breaches []*engine.Breach) {
	for k := range t.outages {
		met := &t.outages[k]
		if *met == (OutageTotals{}) && books.Refused[k][engine.StatusPlatformDown] == 0 {
			continue
		}
		for _, x := range [...]struct {
			what      string
			want, got int64
		}{
			{"X31 (stopped = refused)", books.Refused[k][engine.StatusPlatformDown], met.InFull},
			{"X31 (fees stopped = refused)", int64(books.RefusedFees[k][engine.StatusPlatformDown]), int64(met.InFullFen)},
			{"X31 (met = waited + stopped)", met.Bills, met.Waited + met.InFull},
		} {
			checked++
			if x.want != x.got {
				breaches = append(breaches, &engine.Breach{Barrier: barrier, Invariant: x.what, Cell: engine.Kind(k).String(), Want: money.Fen(x.want), Got: money.Fen(x.got)})
			}
		}
	}
	return checked, breaches
}
