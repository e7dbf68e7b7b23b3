package engine_test

import (
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// modelIntake is an intake as one would write it down from X1 to X7: every request
// ever asked is kept, and what holds is found by looking through them. What an
// engine.Intake has forgotten it only calls so, by counting places.
type modelIntake struct {
	*counter
	places uint64 // that an intake remembers
	next   uint64
	asked  []*modelRequest
	known  map[engine.Ticket]*modelRequest
}

type modelRequest struct {
	engine.Request
	settled         engine.Claim // as it was settled, going on from the stay's bill before
	lines           []engine.Line
	answer          engine.Answer
	place           uint64
	serial          uint16
	void, tombstone bool
}

func (m *modelIntake) forgotten(r *modelRequest) bool { return r.place+m.places < m.next }

// floor is the highest sequence of a source that has been forgotten.
func (m *modelIntake) floor(source uint32) (floor uint64) {
	for _, r := range m.asked {
		if r.Source == source && m.forgotten(r) {
			floor = max(floor, r.Sequence)
		}
	}
	return floor
}

func (m *modelIntake) remember(q engine.Request, lines []engine.Line) *modelRequest {
	r := &modelRequest{Request: q, lines: lines, place: m.next}
	m.next++
	m.asked = append(m.asked, r)
	m.known[q.Ticket] = r
	return r
}

// about finds what a request is about.
func (m *modelIntake) about(t engine.Ticket) (*modelRequest, engine.Outcome) {
	r := m.known[t]
	switch {
	case t.Sequence == 0 || t.Source >= intakeSources:
		return nil, engine.NoOriginal
	case r != nil && !m.forgotten(r):
		return r, engine.Done
	case t.Sequence <= m.floor(t.Source):
		return nil, engine.Forgotten
	}
	return nil, engine.NoOriginal
}

// moved reports whether a request stands that moved money.
func (r *modelRequest) moved() bool {
	return !r.void && !r.tombstone && r.answer.Outcome == engine.Done && r.answer.Result.Status == engine.Settled && r.answer.Result.Order != 0
}

func (r *modelRequest) settles() bool { return r.Op == engine.OpInterim || r.Op == engine.OpSettle }

// reversedBy is the reversal of a settlement that stands.
func (m *modelIntake) reversedBy(r *modelRequest) *modelRequest {
	for _, x := range m.asked {
		if x.Op == engine.OpReverse && x.Of == r.Ticket && x.moved() {
			return x
		}
	}
	return nil
}

// latest is the inpatient's bill of a stay that stands and was settled last, nil where
// there is none.
func (m *modelIntake) latest(stay *modelRequest) (latest *modelRequest) {
	for _, x := range m.asked {
		if x.settles() && x.Of == stay.Ticket && x.moved() && m.reversedBy(x) == nil && x.answer.Result.Visit != 0 {
			latest = x
		}
	}
	return latest
}

// settled reports whether a stay has a settlement that stands, its last or any.
func (m *modelIntake) settled(stay *modelRequest, last bool) bool {
	for _, x := range m.asked {
		if x.settles() && x.Of == stay.Ticket && x.moved() && m.reversedBy(x) == nil && (x.Op == engine.OpSettle || !last) {
			return true
		}
	}
	return false
}

// take is Intake.Take for one request.
func (m *modelIntake) take(q engine.Request, lines []engine.Line) engine.Answer {
	if r := m.known[q.Ticket]; r != nil && !m.forgotten(r) {
		same := q
		same.Claim.FirstLine = r.Claim.FirstLine
		equal := same == r.Request && len(lines) == len(r.lines)
		for i := range lines {
			equal = equal && lines[i] == r.lines[i]
		}
		switch {
		case r.tombstone:
			return engine.Answer{Outcome: engine.Voided}
		case !equal:
			return engine.Answer{Outcome: engine.Conflicting}
		case r.void:
			return engine.Answer{Outcome: engine.Voided}
		}
		a := r.answer
		if a.Outcome == engine.Done {
			a.Outcome = engine.Repeated
		}
		return a
	}
	if q.Sequence <= m.floor(q.Source) {
		return engine.Answer{Outcome: engine.Forgotten}
	}
	r := m.remember(q, lines)
	r.answer = m.decide(r)
	if r.answer.Result.Crossed() {
		m.next++ // it takes two places
	}
	return r.answer
}

func (m *modelIntake) decide(r *modelRequest) (a engine.Answer) {
	var o *modelRequest
	if r.Op == engine.OpReverse || r.Op == engine.OpTakeBack || r.settles() && r.Of.Sequence != 0 {
		o, a.Outcome = m.about(r.Of)
		if o == nil {
			if r.Op == engine.OpTakeBack && a.Outcome == engine.NoOriginal && r.Of.Sequence != 0 && r.Of.Source == r.Source && r.Of.Sequence < r.Sequence {
				m.remember(engine.Request{Ticket: r.Of}, nil).tombstone = true
				a.Outcome = engine.Done
			}
			return a
		}
	}
	switch {
	case r.Op == engine.OpAdmit:
	case r.settles():
		switch {
		case o != nil && (o.Op != engine.OpAdmit || o.void || o.tombstone || o.Claim.Person != r.Claim.Person):
			a.Outcome = engine.NotOriginal
		case o != nil && m.settled(o, true):
			a.Outcome = engine.AlreadySettled
		default:
			r.settled = r.Claim
			if o != nil && r.Claim.Kind == engine.Inpatient {
				if before := m.latest(o); before != nil {
					r.settled.GoOn(engine.FlagContinued, before.Claim.SettleDay, &before.answer.Result)
				}
			}
			a.Result = m.settleOne(r.settled, r.lines...)
		}
	case r.Op == engine.OpReverse:
		switch {
		case !o.settles() || !o.moved():
			a.Outcome = engine.NotOriginal
		case m.reversedBy(o) != nil:
			a.Outcome = engine.AlreadyReversed
		default:
			a.Result = m.undo(o, r.On)
			r.serial = m.Person(o.Claim.Person).Serial()
		}
	case o.void || o.tombstone: // taken back twice
	case o.Op == engine.OpTakeBack:
		a.Outcome = engine.NotOriginal
	case o.Op == engine.OpAdmit:
		if m.settled(o, false) {
			a.Outcome = engine.AlreadySettled
			return a
		}
		o.void = true
	case !o.moved():
		o.void = true
	case o.settles():
		if m.reversedBy(o) != nil {
			a.Outcome = engine.AlreadyReversed
			return a
		}
		a.Result = m.undo(o, r.On)
		o.void = a.Result.Status == engine.Settled
	default:
		a = m.revive(o)
		o.void = a.Outcome == engine.Done && a.Result.Status == engine.Settled
	}
	return a
}

func (m *modelIntake) undo(o *modelRequest, on day.Day) engine.Result {
	var results [1]engine.Result
	m.Reverse(on, []engine.Claim{o.settled}, []engine.Result{o.answer.Result}, results[:])
	return results[0]
}

func (m *modelIntake) revive(reversal *modelRequest) (a engine.Answer) {
	o, why := m.about(reversal.Of)
	if o == nil {
		return engine.Answer{Outcome: why}
	}
	if stay, _ := m.about(o.Of); stay != nil && (stay.void || stay.tombstone) {
		return engine.Answer{Outcome: engine.NotOriginal}
	}
	var results [1]engine.Result
	m.Restore([]engine.Claim{o.settled}, []engine.Result{o.answer.Result}, []uint16{reversal.serial}, results[:])
	return engine.Answer{Result: results[0]}
}

// drawRequest draws what somebody could ask next: mostly something new about what
// was asked lately, also what makes no sense.
func (m *modelIntake) drawRequest(t *rapid.T, terms *engine.Terms, today day.Day, highest *[intakeSources]uint64) (engine.Request, []engine.Line) {
	if len(m.asked) > 0 && rapid.IntRange(0, 4).Draw(t, "repeat") == 0 {
		r := rapid.SampledFrom(m.asked).Draw(t, "which")
		q, lines := r.Request, r.lines
		if rapid.IntRange(0, 3).Draw(t, "another body") == 0 {
			q.Claim.Institution++
		}
		return q, lines
	}
	source := rapid.Uint32Range(0, intakeSources-1).Draw(t, "source")
	sequence := highest[source] + 1
	switch rapid.IntRange(0, 15).Draw(t, "sequence") {
	case 0:
		sequence += 3
	case 1:
		sequence = max(1, sequence-min(sequence, 3))
	}
	highest[source] = max(highest[source], sequence)
	q := engine.Request{Ticket: engine.Ticket{Source: source, Sequence: sequence}}
	q.Op = rapid.SampledFrom([]engine.Operation{
		engine.OpAdmit, engine.OpAdmit, engine.OpInterim, engine.OpSettle, engine.OpSettle, engine.OpSettle, engine.OpReverse, engine.OpReverse,
		engine.OpTakeBack, engine.OpTakeBack, engine.OpTakeBack,
	}).Draw(t, "operation")
	// Of those of the kind that it should be about, the last; or any.
	wanted := func(r *modelRequest) bool {
		switch q.Op {
		case engine.OpInterim, engine.OpSettle:
			return r.Op == engine.OpAdmit && !r.tombstone
		case engine.OpReverse:
			return r.settles() && r.moved()
		}
		return r.Op == engine.OpReverse && r.moved() || r.settles()
	}
	switch how := rapid.IntRange(0, 9).Draw(t, "about"); {
	case how < 6:
		skip := rapid.IntRange(0, 2).Draw(t, "before the last")
		for i := len(m.asked) - 1; i >= 0; i-- {
			if r := m.asked[i]; wanted(r) {
				if q.Of = r.Ticket; skip == 0 {
					break
				}
				skip--
			}
		}
	case how < 8 && len(m.asked) > 0:
		q.Of = rapid.SampledFrom(m.asked).Draw(t, "any").Ticket
	case how == 8 && rapid.Bool().Draw(t, "of its own"):
		q.Of = engine.Ticket{Source: source, Sequence: max(1, sequence) - 1}
	case how == 8:
		to := rapid.Uint32Range(0, intakeSources).Draw(t, "of source")
		q.Of = engine.Ticket{Source: to, Sequence: rapid.Uint64Range(0, highest[to%intakeSources]+2).Draw(t, "of sequence")}
	}
	if q.Op == engine.OpReverse || q.Op == engine.OpTakeBack {
		q.On = today + day.Day(rapid.SampledFrom([]int{0, 0, 0, 40}).Draw(t, "on"))
		return q, nil
	}
	b := drawBill(t, terms, rapid.Uint32Range(0, 1).Draw(t, "person"))
	if stay := m.known[q.Of]; stay != nil && rapid.IntRange(0, 9).Draw(t, "own stay") > 0 {
		b.claim.Person = stay.Claim.Person
	}
	length := b.claim.SettleDay - b.claim.AdmitDay
	b.claim.SettleDay, b.claim.AdmitDay = today, today-length
	b.claim.FirstLine, b.claim.Lines = 0, uint16(len(b.lines))
	if q.Op == engine.OpAdmit {
		b.claim.Lines, b.lines = 0, nil
	}
	q.Claim = b.claim
	return q, b.lines
}

// An intake answers as the model does, and leaves people and books as it does,
// whatever is asked in whatever order, under any policy (X1–X7, X21).
func intakeLikeModel(t *rapid.T) {
	policy := drawPolicy(t)
	c := newDatedCounter(t, policy)
	log2 := rapid.SampledFrom([]int{2, 3, 4, 8}).Draw(t, "remembered")
	k := engine.NewIntake(c.Shard, log2, intakeSources)
	m := &modelIntake{counter: newDatedCounter(t, policy), places: 1 << log2, known: map[engine.Ticket]*modelRequest{}}
	for i := range c.people[:2] {
		c.people[i].Credit(1_000_00)
		m.people[i].Credit(1_000_00)
	}
	today := day.Of(2023, 12, 20)
	var highest [intakeSources]uint64
	for range rapid.IntRange(1, 60).Draw(t, "requests") {
		q, lines := m.drawRequest(t, policy.of(today), today, &highest)
		got, want := one(k, q, lines), m.take(q, lines)
		if got != want {
			t.Fatalf("%s %v of %v:\n got %s %+v\nwant %s %+v", engine.OperationNames[q.Op], q.Ticket, q.Of,
				engine.OutcomeNames[got.Outcome], got.Result, engine.OutcomeNames[want.Outcome], want.Result)
		}
		if rapid.IntRange(0, 5).Draw(t, "later") == 0 {
			today += day.Day(rapid.IntRange(1, 30).Draw(t, "days"))
		}
		for i := range c.people {
			if c.people[i] != m.people[i] || c.annexes[i] != m.annexes[i] {
				t.Fatalf("person %d after %s %v:\n got %+v %+v\nwant %+v %+v", i, engine.OperationNames[q.Op], q.Ticket,
					c.people[i], c.annexes[i], m.people[i], m.annexes[i])
			}
		}
	}
	for i := range c.books.Shape.Cells() {
		if *c.books.At(i) != *m.books.At(i) {
			t.Fatalf("the books differ in cell %d", i)
		}
	}
	if c.books.Refused != m.books.Refused || c.books.Aside[0] != m.books.Aside[0] {
		t.Fatal("the counts of refusals, or what stands aside, differ")
	}
	c.proven(t)
}

func TestIntakeLikeModel(t *testing.T) { rapid.Check(t, intakeLikeModel) }

func FuzzIntake(f *testing.F) { f.Fuzz(rapid.MakeFuzz(intakeLikeModel)) }
