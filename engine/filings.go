package engine

import "kuasheng/engine/day"

// History is the life of one person's filings at one insured place: what was
// applied for, changed, cancelled, revoked and fulfilled, day by day. Requests come
// in the order of their days; an earlier one is refused. The rule is an argument
// because it is that of the day of the request, whatever rule the filing was made
// under (A10).
//
// What is on file on a day stays what it was: later requests alter only what the
// history says about later days. So a bill can be settled, or looked at again, as
// of its own day (B14, X12, X13).
type History struct {
	// Home is the division code of the insured pool; places in its province are at
	// home (A2, B18).
	Home uint32

	entries []entry
	latest  day.Day
}

// entry is a filing with what became of it. The filing's To is moved when it ends,
// never to a day before that; its Revoked and Fulfilled stay unset, for they depend
// on the day that asks.
type entry struct {
	filing             Filing
	applied            day.Day
	revoked, fulfilled day.Day // the day it happened, or day.Never
	diagnosis          uint32
	bills              uint32 // settled at the filed place, less those reversed
}

func (e *entry) at(on day.Day) Filing {
	f := e.filing
	f.Revoked, f.Fulfilled = e.revoked <= on, e.fulfilled <= on
	return f
}

// standing reports whether the filing is or will be in force on a day or after.
func (e *entry) standing(on day.Day) bool { return e.revoked == day.Never && on < e.filing.To }

// end lets the filing cover no day from on.
func (e *entry) end(on day.Day) { e.filing.To = max(e.filing.From, min(e.filing.To, on)) }

// File makes a filing, with the calendar for the agency's working days (B6). A
// person has one long-term filing at a time (X15); temporary ones stand beside it
// and each other, such as the referral of a long-term filer to a third place (B20).
// No bill at home is asked for first, not for a referral either (B22).
//
// The returned filing is the new one; of FilingSecond and FilingOnFile the one that
// is there already; else the zero Filing.
func (h *History) File(r *FilingRule, calendar *day.Calendar, a Application) (FilingStatus, Filing) {
	if status := r.examine(h, &a); status != FilingDone {
		return status, Filing{}
	}
	if a.Begin == 0 {
		a.Begin = a.Applied
	}
	from := r.begin(&a)
	if a.Kind.LongTerm() {
		if e := h.longTerm(); e != nil {
			if e.filing.Kind == a.Kind && e.filing.Dest == a.Dest {
				return FilingOnFile, e.at(a.Applied)
			}
			return FilingSecond, e.at(a.Applied)
		}
		from = max(from, h.longTermUntil())
	} else if e := h.same(&a, from, r.until(a.Kind, from)); e != nil {
		return FilingOnFile, e.at(a.Applied)
	}
	return h.enter(r, calendar, &a, from)
}

// State puts a filing on file as somebody states that it stands: made as File makes one
// (B3, B8, B12, B16), and by now fulfilled (B17) or revoked (B23), or ended before the
// rule would end it, on its first day out of force.
func (h *History) State(r *FilingRule, calendar *day.Calendar, a Application, end day.Day, fulfilled, revoked bool) (FilingStatus, Filing) {
	status, f := h.File(r, calendar, a)
	if !status.Accepted() {
		return status, f
	}
	e := &h.entries[len(h.entries)-1]
	e.end(end)
	if fulfilled {
		e.fulfilled = a.Applied
	}
	if revoked {
		e.revoked = a.Applied
	}
	return status, e.at(a.Applied)
}

// Change replaces a filing by one for another place or of another kind of its
// class: the long-term one, or of a temporary kind the latest. It asks for what a
// new filing asks for, and takes effect when the agency has completed it, for
// retroactive dates are for filings that are made up for (B14, B16), or on a later
// first day; who cancels it before that does not get the former filing back. Inside
// the lock a long-term filing cannot be changed (B10, B11, X15).
//
// The returned filing is the new one; of FilingOnFile, FilingLocked and
// FilingLockedByCare the one that stays; else the zero Filing.
func (h *History) Change(r *FilingRule, calendar *day.Calendar, a Application) (FilingStatus, Filing) {
	if status := r.examine(h, &a); status != FilingDone {
		return status, Filing{}
	}
	e := h.changeable(&a)
	if e == nil {
		return FilingNotOnFile, Filing{}
	}
	if e.filing.Kind == a.Kind && e.filing.Dest == a.Dest {
		return FilingOnFile, e.at(a.Applied)
	}
	if status := r.lock(e, a.Applied); status != FilingDone {
		return status, e.at(a.Applied)
	}
	filed, _ := r.filedOn(&a, calendar)
	from := max(filed, a.Begin)
	e.end(from)
	if a.Kind.LongTerm() {
		from = max(from, h.longTermUntil()) // of the one before e, where e had yet to begin
	}
	return h.enter(r, calendar, &a, from)
}

// Cancel ends the filing of a kind for a place from a day on, unless it is locked
// (B10, B11). Place is any code that File takes. The returned filing is the one
// that ended, or that stays.
func (h *History) Cancel(r *FilingRule, kind FilingKind, place uint32, on day.Day) (FilingStatus, Filing) {
	if !h.turn(on) {
		return FilingOutOfOrder, Filing{}
	}
	e := h.last(kind, place)
	if e == nil || !e.standing(on) {
		return FilingNotOnFile, Filing{}
	}
	if status := r.lock(e, on); status != FilingDone {
		return status, e.at(on)
	}
	e.end(on)
	return FilingDone, e.at(on)
}

// Revoke takes back the latest filing of a kind for a place because its material
// was forged, at once and even after it ended (B23). Bills settled from that day on
// find it revoked; for earlier ones it stands, and recovering them is the books'
// matter (X47). A revoked long-term filing disqualifies the person for its kind.
func (h *History) Revoke(kind FilingKind, place uint32, on day.Day) (FilingStatus, Filing) {
	if !h.turn(on) {
		return FilingOutOfOrder, Filing{}
	}
	e := h.last(kind, place)
	if e == nil || e.revoked != day.Never {
		return FilingNotOnFile, Filing{}
	}
	e.revoked = on
	return FilingDone, e.at(on)
}

// Fulfil records that the person has handed in what the commitment of the long-term
// filing promised (B17), which opens the benefits at home (B18).
func (h *History) Fulfil(on day.Day) (FilingStatus, Filing) {
	if !h.turn(on) {
		return FilingOutOfOrder, Filing{}
	}
	e := h.longTerm()
	if e == nil {
		return FilingNotOnFile, Filing{}
	}
	if e.filing.Basis != ByCommitment || e.fulfilled != day.Never {
		return FilingNothingOpen, e.at(on)
	}
	e.fulfilled = on
	return FilingDone, e.at(on)
}

// EndEnrolment voids the long-term filing, locked or not, because the person's
// enrolment has changed or stopped (B7). Temporary filings run out by themselves.
func (h *History) EndEnrolment(on day.Day) (FilingStatus, Filing) {
	if !h.turn(on) {
		return FilingOutOfOrder, Filing{}
	}
	e := h.longTerm()
	if e == nil {
		return FilingNotOnFile, Filing{}
	}
	e.end(on)
	return FilingDone, e.at(on)
}

// Settled notes that a bill has been settled, which may lock the long-term filing
// that it was settled at the place of (B11). It may come at any time after.
func (h *History) Settled(c *Claim) {
	if e := h.caredUnder(c); e != nil {
		e.bills++
	}
}

// Reversed takes back what Settled noted of the same claim (X7).
func (h *History) Reversed(c *Claim) {
	if e := h.caredUnder(c); e != nil && e.bills > 0 {
		e.bills--
	}
}

// Filings lists all filings applied for until a day, in the order of their making,
// as they stood on it; only their To shows what has ended them since.
func (h *History) Filings(on day.Day) []Filing {
	filings := make([]Filing, 0, len(h.entries))
	for i := range h.entries {
		if e := &h.entries[i]; e.applied <= on {
			filings = append(filings, e.at(on))
		}
	}
	return filings
}

// For is the filing that a bill is settled under, as things stand on the day of
// its settlement (B14, X12, X13). Of several that cover it, it is a long-term one
// before a temporary one, a referral before others, the better for the patient
// (C5, C6), and the latest of those. An emergency that no long-term filing covers brings the filing that it
// is deemed to have (B4, X17). If nothing covers the bill it is the filing whose
// refusal tells the most, and the zero Filing if there is none at all. At home it
// is the long-term filing (B18).
func (h *History) For(r *FilingRule, c *Claim) Filing { return h.choose(r, c, c.SettleDay) }

// ForReimbursement is For of a bill that was paid in full and is claimed by hand on
// a later day: filings made up for since then count too (B15).
func (h *History) ForReimbursement(r *FilingRule, c *Claim, claimed day.Day) Filing {
	return h.choose(r, c, claimed)
}

func (h *History) choose(r *FilingRule, c *Claim, on day.Day) Filing {
	var best Filing
	most := 0
	for _, f := range h.Filings(on) {
		if tells := r.tells(f, c, on, h.Home); tells > 0 && tells >= most {
			best, most = f, tells
		}
	}
	home := c.Area/10_000 == h.Home/10_000
	if c.Flags&FlagEmergency != 0 && !home && r.Kinds.Has(Emergency) && most < tellsCovered(PostedWorker) {
		place, ok := filedPlace(c.Area)
		if !ok {
			place = c.Area
		}
		return Filing{Kind: Emergency, Dest: place, Filed: c.AdmitDay, From: c.AdmitDay, To: c.SettleDay + 1}
	}
	return best
}

// turn moves the history on to a day and refuses to go back.
func (h *History) turn(on day.Day) bool {
	if on < h.latest {
		return false
	}
	h.latest = on
	return true
}

// enter puts a filing on file.
func (h *History) enter(r *FilingRule, calendar *day.Calendar, a *Application, from day.Day) (FilingStatus, Filing) {
	filed, overdue := r.filedOn(a, calendar)
	h.entries = append(h.entries, entry{
		filing:  Filing{Kind: a.Kind, Basis: a.Basis, Dest: a.Dest, Filed: filed, From: from, To: r.until(a.Kind, from)},
		applied: a.Applied, revoked: day.Never, fulfilled: day.Never, diagnosis: a.Diagnosis,
	})
	f := h.entries[len(h.entries)-1].filing
	switch {
	case a.Begin != 0 && from > a.Begin:
		return FilingClipped, f
	case overdue:
		return FilingOverdue, f
	}
	return FilingDone, f
}

// longTerm is the one long-term filing that is open-ended and not revoked, or nil.
func (h *History) longTerm() *entry {
	for i := range h.entries {
		if e := &h.entries[i]; e.filing.Kind.LongTerm() && e.filing.To == day.Never && e.revoked == day.Never {
			return e
		}
	}
	return nil
}

// longTermUntil is the first day that no earlier long-term filing covers.
func (h *History) longTermUntil() (until day.Day) {
	for i := range h.entries {
		e := &h.entries[i]
		if to := min(e.filing.To, e.revoked); e.filing.Kind.LongTerm() && e.filing.From < to {
			until = max(until, to)
		}
	}
	return until
}

// same finds a temporary filing on file that already is what a asks for.
func (h *History) same(a *Application, from, to day.Day) *entry {
	for i := range h.entries {
		e := &h.entries[i]
		if f := &e.filing; f.Kind == a.Kind && f.Dest == a.Dest && e.diagnosis == a.Diagnosis && e.revoked == day.Never && f.From <= from && to <= f.To {
			return e
		}
	}
	return nil
}

// changeable is the filing that a change replaces, or nil.
func (h *History) changeable(a *Application) *entry {
	if a.Kind.LongTerm() {
		return h.longTerm()
	}
	for i := len(h.entries) - 1; i >= 0; i-- {
		if e := &h.entries[i]; e.filing.Kind == a.Kind && e.standing(a.Applied) {
			return e
		}
	}
	return nil
}

// last is the latest filing of a kind for a place, or nil.
func (h *History) last(kind FilingKind, place uint32) *entry {
	place, ok := filedPlace(place)
	for i := len(h.entries) - 1; i >= 0 && ok; i-- {
		if f := &h.entries[i].filing; f.Kind == kind && f.Dest == place {
			return &h.entries[i]
		}
	}
	return nil
}

// disqualified reports whether the person has forged the proof of a long-term kind
// (B23). A referral is judged case by case, and the rest needs no proof.
func (h *History) disqualified(k FilingKind) bool {
	for i := range h.entries {
		if e := &h.entries[i]; k.LongTerm() && e.filing.Kind == k && e.revoked != day.Never {
			return true
		}
	}
	return false
}

// renews reports whether a referral is for a disease that a referral in force on
// the day of applying is for too, to the same place or another (B21).
func (h *History) renews(a *Application) bool {
	if a.Kind != Referral || a.Diagnosis == 0 {
		return false
	}
	for i := range h.entries {
		e := &h.entries[i]
		f := e.at(a.Applied)
		if f.Kind == Referral && e.diagnosis == a.Diagnosis && !f.Revoked && f.Filed <= a.Applied && f.covers(a.Applied) {
			return true
		}
	}
	return false
}

// caredUnder is the long-term filing at whose place, and in whose time, a bill was
// settled, or nil; of two that a stay reaches over the later.
func (h *History) caredUnder(c *Claim) *entry {
	for i := len(h.entries) - 1; i >= 0; i-- {
		e := &h.entries[i]
		f := e.at(c.SettleDay)
		if f.Kind.LongTerm() && !f.Revoked && f.Filed <= c.SettleDay && f.reaches(c.Area) && (f.covers(c.SettleDay) || f.covers(c.AdmitDay)) {
			return e
		}
	}
	return nil
}
