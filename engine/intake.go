package engine

import (
	"fmt"

	"kuasheng/engine/day"
)

// Ticket identifies a request: who sent it and as which of its own (X1). Edges
// map the interface's msgid to it.
type Ticket struct {
	Source   uint32
	Sequence uint64 // from 1; 0 is no ticket
}

// Operation is what a request asks for.
type Operation uint8

// The operations.
const (
	OpAdmit       Operation = iota // 入院办理 2401: opens a stay
	OpInterim                      // 中途结算 2304 with mid_setl_flag: leaves the stay open (X21)
	OpSettle                       // 结算 2207, 2304, 2102: closes the stay
	OpReverse                      // 结算撤销 2208, 2305, 2103
	OpTakeBack                     // 冲正 2601: the sender does not know what became of Of
	NumOperations = 5
)

// OperationNames are the stable names of the operations.
var OperationNames = [NumOperations]string{"admit", "interim", "settle", "reverse", "take_back"}

// settles reports whether an operation settles a bill.
func (o Operation) settles() bool { return o == OpInterim || o == OpSettle }

// Request is one request to an Intake.
type Request struct {
	Ticket
	// Of is the request that this one is about: the admission of a settlement, the
	// settlement of a reversal, anything of a taking back. Zero is none.
	Of Ticket
	Op Operation
	// On is the day of a reversal or a taking back.
	On day.Day
	// Claim is the bill of a settlement, its lines counted in the batch, or the
	// person and place of an admission. What it goes on from is asked of it for the
	// first valid bill of a stay alone; the intake knows it of the others.
	Claim Claim
}

// Outcome is what an Intake makes of a request before any rule of the regulation
// is asked.
type Outcome uint8

// The outcomes.
const (
	Done            Outcome = iota // carried out, or decided by the rules: see Result.Status
	Repeated                       // asked before; this is the first answer (X1)
	Conflicting                    // this ticket was used with another body (X1)
	Voided                         // taken back before it came (X4)
	Forgotten                      // it, or what it is about, is older than what is remembered
	NoOriginal                     // what it is about is not known
	NotOriginal                    // what it is about is nothing that this can be done to
	AlreadySettled                 // the stay has been settled (X2)
	AlreadyReversed                // the settlement has been reversed
	Full                           // no room in the ring of the service; ask again later
	NumOutcomes     = 10
)

// OutcomeNames are the stable names of the outcomes.
var OutcomeNames = [NumOutcomes]string{
	"done", "repeated", "conflicting", "voided", "forgotten",
	"no_original", "not_original", "already_settled", "already_reversed", "full",
}

// Answer is the answer to a request. Result is zero where nothing was settled or
// reversed.
type Answer struct {
	Outcome Outcome
	Result  Result
}

// Intake 受理 takes requests for a shard, each carried out once however often it is
// sent (X1–X5). It remembers the last requests of its shard with their answers. Of
// older ones it knows the highest sequence of each source, and refuses what is not
// above it as Forgotten instead of carrying it out twice; so a source numbers its
// requests upwards. It allocates nothing but what Shard.KeepYears asks for.
type Intake struct {
	shard *Shard
	memory
	seen [ahead]seen
	// touched is a sum of what was read ahead, so that the reading is not left out.
	touched uint64
	// original is room for the settlement that is being reversed.
	original Result
}

// seen is what can be known of a request before the ones ahead of it are done.
type seen struct {
	body uint64
	tag  uint32
}

// ahead is how many requests are looked at together: their memory is fetched at the
// same time and not one after the other.
const ahead = 32

// NewIntake returns an intake for a shard that remembers 2^log2 requests, log2 from
// 2 to 30, from so many sources. A request takes 200 bytes; the settlement of a
// stay over 1 January that is divided between two years counts as two (R16).
func NewIntake(shard *Shard, log2, sources int) *Intake {
	if log2 < 2 || log2 > 30 {
		panic(fmt.Sprintf("engine.NewIntake: 2^%d requests", log2))
	}
	shard.KeepYears()
	return &Intake{shard: shard, memory: newMemory(log2, sources)}
}

// Shard is the shard that the intake takes requests for, and its only writer.
func (k *Intake) Shard() *Shard { return k.shard }

// Take carries out a batch of requests in order; answers[i] is the answer to
// requests[i]. lines are those of all bills of the batch. A source outside those
// of NewIntake and an unknown operation are the caller's mistakes and panic.
func (k *Intake) Take(requests []Request, lines []Line, answers []Answer) {
	answers = answers[:len(requests)]
	for len(requests) > 0 {
		n := min(ahead, len(requests))
		k.look(requests[:n], lines)
		for i := range n {
			k.take(&requests[i], lines, &k.seen[i], &answers[i])
		}
		requests, answers = requests[n:], answers[n:]
	}
}

// look prepares requests, and reads what taking them will. The reading is apart, in
// loops of a few instructions around independent loads: a processor looks ahead over
// so many instructions only, and the fewer there are between two loads, the more
// memory it waits for at once and not one after the other.
func (k *Intake) look(requests []Request, lines []Line) {
	var tags [2 * ahead]uint32 // of the requests, and of those that will be forgotten
	var person, cell [ahead]uint32
	s, n := k.shard, len(requests)
	shape, ring := s.books.Shape, uint64(len(k.kept)-1)
	touched := uint64(0)
	for i := range requests {
		q := &requests[i]
		tags[i] = tagOf(q.Ticket)
		k.seen[i].tag = tags[i]
		c := &q.Claim
		person[i], cell[i] = c.Person, uint32(shape.Cell(int(c.Pool), int(c.Treating), c.Scheme, c.Kind))
		touched += k.floors[q.Source]
		if q.Of.Sequence != 0 {
			touched += k.slots[tagOf(q.Of)&uint32(len(k.slots)-1)]
		}
	}
	tagged := tags[:n]
	if k.next >= uint64(len(k.kept)) {
		for i := range n {
			r := &k.kept[(k.next+uint64(i))&ring]
			tags[n+i] = tagOf(Ticket{r.source, r.sequence})
		}
		tagged = tags[:2*n]
	}
	slots := k.slots
	for _, tag := range tagged {
		touched += slots[tag&uint32(len(slots)-1)]
	}
	people := s.people
	for _, at := range person[:n] {
		if int(at) < len(people) {
			touched += uint64(people[at].year)
		}
	}
	// Of the books the first line of memory, the middle and the last: those between
	// come along.
	rows := s.books.cells.rows
	for _, at := range cell[:n] {
		if int(at) < len(rows) {
			touched += uint64(rows[at].Register[0]) + uint64(rows[at].Ledger[0])
		}
	}
	for _, at := range cell[:n] {
		if int(at) < len(rows) {
			touched += uint64(rows[at].Ledger[len(Balances{})-1])
		}
	}
	k.touched += touched
	for i := range requests {
		q := &requests[i]
		k.seen[i].body = digestBody(q, q.Claim.LinesOf(lines))
	}
}

func (k *Intake) take(q *Request, lines []Line, x *seen, a *Answer) {
	if r, at := k.find(q.Ticket, x.tag); r != nil {
		k.again(r, at, x.body, a)
		return
	}
	if q.Sequence <= k.floors[q.Source] {
		*a = Answer{Outcome: Forgotten}
		return
	}
	r, at := k.remember(q, x.body, x.tag)
	k.shard.lap(StageIdentify)
	switch q.Op {
	case OpAdmit:
		*a = Answer{}
	case OpInterim, OpSettle:
		k.settle(q, lines, r, a)
	case OpReverse:
		*a = Answer{}
		k.reverse(q, r, a)
	case OpTakeBack:
		*a = Answer{}
		k.takeBack(q, r, a)
	default:
		panic(fmt.Sprintf("engine.Intake: operation %d", q.Op))
	}
	r.outcome, r.status = a.Outcome, a.Result.Status
	if r.answered {
		k.store(at, &a.Result)
	}
	k.shard.lap(StagePost)
}

// again answers a request that was asked before (X1).
func (k *Intake) again(r *kept, at uint32, body uint64, a *Answer) {
	switch {
	case r.state == keptTombstone:
		*a = Answer{Outcome: Voided}
		return
	case r.body != body:
		*a = Answer{Outcome: Conflicting}
		return
	case r.state == keptTakenBack:
		*a = Answer{Outcome: Voided}
		return
	}
	*a = Answer{Outcome: r.outcome, Result: Result{Status: r.status}}
	if r.answered {
		k.load(at, &a.Result)
	}
	if a.Outcome == Done {
		a.Outcome = Repeated
	}
}

// of returns the request that another is about, and why there is none.
func (k *Intake) of(t Ticket) (r *kept, at uint32, why Outcome) {
	if t.Sequence == 0 || int(t.Source) >= len(k.floors) {
		return nil, 0, NoOriginal
	}
	if r, at = k.find(t, tagOf(t)); r == nil {
		if t.Sequence <= k.floors[t.Source] {
			return nil, 0, Forgotten
		}
		return nil, 0, NoOriginal
	}
	return r, at, Done
}

// settle settles a bill. One that ends a stay closes it for others (X2); before it
// each goes on from the one before (X21).
func (k *Intake) settle(q *Request, lines []Line, r *kept, a *Answer) {
	var stay *kept
	if q.Of.Sequence != 0 {
		var why Outcome
		stay, _, why = k.of(q.Of)
		switch {
		case stay == nil:
		case stay.op != OpAdmit || stay.state != keptValid || stay.person != q.Claim.Person || stay.number == maxInterims:
			why = NotOriginal
		case stay.closed:
			why = AlreadySettled
		}
		if why != Done {
			*a = Answer{Outcome: why}
			return
		}
	}
	a.Outcome = Done
	c := &q.Claim
	if stay != nil && stay.stay != 0 && c.Kind == Inpatient {
		part := *c
		part.GoOn(FlagContinued, stay.settleDay, &Result{Visit: stay.stay, FormerVisit: stay.formerStay})
		c, r.number = &part, 1
	}
	k.shard.settleOne(c, c.LinesOf(lines), &a.Result)
	if a.Result.Status != Settled {
		return
	}
	r.answered = true
	r.keepClaim(c)
	if stay != nil {
		stay.hold(q.Op, c.SettleDay, &a.Result)
	}
}

// maxInterims is how many settlements in the middle of a stay are counted.
const maxInterims = 1<<16 - 1

// hold notes a valid settlement of the stay: it cannot be taken back under it, and
// one that ends the stay is its last.
func (r *kept) hold(op Operation, settled day.Day, x *Result) {
	if op == OpSettle {
		r.closed = true
	} else {
		r.number++
	}
	if x.Visit != 0 {
		r.settleDay, r.stay, r.formerStay = settled, x.Visit, x.FormerVisit
	}
}

// release is the inverse of hold; o is the bill.
func (r *kept) release(o *kept, x *Result) {
	if o.op == OpSettle {
		r.closed = false
	} else {
		r.number--
	}
	switch {
	case x.Visit == 0:
	case o.number == 0:
		r.stay, r.formerStay = 0, 0
	case !x.before.goesOn: // but the year's first, so the bill before was one of last year
		r.settleDay, r.stay, r.formerStay = day.Of(o.settleDay.Month().Year(), 1, 1)-1, r.formerStay, 0
	case x.before.crossed && !x.before.former.goesOn:
		r.formerStay = 0
	}
}

// reverse takes a settlement back because it was wrong (X7).
func (k *Intake) reverse(q *Request, r *kept, a *Answer) {
	o, at, why := k.of(q.Of)
	switch {
	case o == nil:
		a.Outcome = why
	case !o.op.settles() || o.state != keptValid || !o.answered:
		a.Outcome = NotOriginal
	case o.closed:
		a.Outcome = AlreadyReversed
	default:
		if k.undo(o, at, q.On, r, a) {
			o.closed = true
			r.number = k.shard.people[o.person].serial
		}
	}
}

// undo reverses a remembered settlement and lets its stay be settled again.
func (k *Intake) undo(o *kept, at uint32, on day.Day, r *kept, a *Answer) bool {
	claim := o.claim()
	k.load(at, &k.original)
	k.shard.reverseOne(on, &claim, &k.original, &a.Result)
	if a.Result.Status != Settled {
		return false
	}
	r.answered = true
	if o.ofSequence != 0 {
		if stay, _, _ := k.of(Ticket{o.ofSource, o.ofSequence}); stay != nil {
			stay.release(o, &k.original)
		}
	}
	return true
}

// takeBack makes a request as if it had not been, whatever became of it, and even
// if it has not come yet: both sides then agree that nothing happened (X3, X4).
// Twice is once (X5). What others
// rest on stays: an admission while a settlement of the stay is valid, a settlement
// while its reversal is, and whatever Reverse and Restore refuse.
func (k *Intake) takeBack(q *Request, r *kept, a *Answer) {
	o, at, why := k.of(q.Of)
	switch {
	case o == nil && why == NoOriginal && q.Of.Source == q.Source && q.Of.Sequence != 0 && q.Of.Sequence < q.Sequence:
		// The sender's own and sent before this, so it may still come. Of no other
		// can that be said, and a tombstone far ahead would, once forgotten, have all
		// before it refused. r stays where it is: the ring has moved on by one place.
		tombstone, _ := k.remember(&Request{Ticket: q.Of}, 0, tagOf(q.Of))
		tombstone.state = keptTombstone
	case o == nil:
		a.Outcome = why
	case o.op == OpTakeBack && o.state == keptValid:
		a.Outcome = NotOriginal
	case o.state != keptValid:
		// Nothing more to do.
	case o.op == OpAdmit && (o.closed || o.number != 0):
		a.Outcome = AlreadySettled
	case !o.answered:
		o.state = keptTakenBack // no money moved
	case o.closed:
		a.Outcome = AlreadyReversed
	case o.op.settles():
		if k.undo(o, at, q.On, r, a) {
			o.state = keptTakenBack
		}
	default:
		k.revive(o, r, a)
	}
}

// revive takes a reversal back: its original is valid again (X5).
func (k *Intake) revive(reversal, r *kept, a *Answer) {
	o, at, why := k.of(Ticket{reversal.ofSource, reversal.ofSequence})
	if o == nil {
		a.Outcome = why
		return
	}
	var stay *kept
	if o.ofSequence != 0 {
		if stay, _, _ = k.of(Ticket{o.ofSource, o.ofSequence}); stay != nil && stay.state != keptValid {
			a.Outcome = NotOriginal // the stay has been taken back meanwhile
			return
		}
	}
	claim := o.claim()
	k.load(at, &k.original)
	k.shard.restoreOne(&claim, &k.original, reversal.number, &a.Result)
	if a.Result.Status != Settled {
		return
	}
	r.answered, o.closed, reversal.state = true, false, keptTakenBack
	if stay != nil {
		stay.hold(o.op, o.settleDay, &k.original)
	}
}
