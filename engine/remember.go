package engine

import (
	"math/bits"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// memory is what an Intake knows of the requests it has taken: the last of them
// with their answers, and of each source how far back that reaches. A request
// takes 64 bytes in kept, 104 in answers and four slots of 8.
type memory struct {
	// kept is a ring of the requests remembered, answers what was answered to each;
	// next is the number of the next one.
	kept    []kept
	answers []stored
	next    uint64
	// slots finds them by ticket: open addressing with linear probing. The upper
	// half of a slot is the ticket's tag, which is also where its search begins, the
	// lower half its place in the ring plus one. An empty slot is 0. So a search
	// that fails, as that for every new request does, reads slots alone, and mostly one:
	// three of four are empty.
	slots []uint64
	// floors are, by source, the highest sequence that has been forgotten.
	floors []uint64
}

// kept is a request remembered, one cache line.
type kept struct {
	sequence, ofSequence uint64
	body                 uint64
	source, ofSource     uint32
	// What of the bill a reversal and its taking back read, see claim. Of an admission
	// person, and the day of the latest valid bill of the stay.
	person, institution uint32
	settleDay           day.Day
	lines, pool         uint16
	treating            uint8
	scheme              Scheme
	kind                Kind
	level               Level
	personType          PersonType
	op                  Operation
	state               keptState
	outcome             Outcome
	status              Status
	answered            bool // with amounts: the place in answers counts
	closed              bool // the stay has been settled, the settlement reversed
	// number is of an admission how many settlements in the middle of the stay are
	// valid, of a reversal the person's serial right after it, and 1 of a bill that goes
	// on from another of its stay.
	number uint16
	// stay and formerStay are, of an admission, the numbers that the latest valid bill
	// of the stay gave it, see Claim.GoOn; 0 before there is one.
	stay, formerStay uint8
}

// keptState is what has become of a remembered request.
type keptState uint8

const (
	keptValid     keptState = iota // stands as it was answered
	keptTakenBack                  // 2601 made it as if it had not been
	keptTombstone                  // taken back before it came (X4)
	keptRest                       // no request: the rest of the answer of the one before
)

// stored is a settled result. What follows from the rest is left out: the fee is
// the sum of the lines' parts (I1), the cash what nobody else pays (I4). No amount
// is above MaxFee but the two that stand apart.
type stored struct {
	ceilingLeft, caseGain money.Fen
	amounts               [numStored]uint32
	charged, progress     uint32
	ratio                 money.BasisPoints
	periods               uint16
	order, previous       uint16
	filing                FilingKind
	kind                  Kind
	visit, formerVisit    uint8
	marks                 uint8
}

// The amounts of a stored result after the layers' payments.
const (
	storedOwnPay = NumLayers + iota
	storedOverLimit
	storedPreSelfPay
	storedInScope
	storedDeductible
	storedAccount
	storedMutual
	storedHospital
	storedMajorBase
	numStored
)

// The marks of a stored result.
const (
	markNegative uint8 = 1 << iota // a reversal: every amount but those that stand apart turned round
	markAtHome
	markGoesOn
	markHospital
	markCrossed // the former year's part follows in the ring
	markBegan
)

func newMemory(log2, sources int) memory {
	return memory{
		kept: make([]kept, 1<<log2), answers: make([]stored, 1<<log2),
		slots: make([]uint64, 4<<log2), floors: make([]uint64, sources),
	}
}

// find returns a remembered request and its place in the ring.
func (m *memory) find(t Ticket, tag uint32) (r *kept, at uint32) {
	mask := uint32(len(m.slots) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		s := m.slots[i]
		if s == 0 {
			return nil, 0
		}
		if uint32(s>>32) == tag {
			at = uint32(s) - 1
			if r = &m.kept[at]; r.sequence == t.Sequence && r.source == t.Source {
				return r, at
			}
		}
	}
}

// room returns the next place in the ring, forgetting what stands there.
func (m *memory) room() (r *kept, at uint32) {
	at = uint32(m.next) & uint32(len(m.kept)-1)
	r = &m.kept[at]
	if m.next >= uint64(len(m.kept)) && r.state != keptRest {
		m.forget(r, at)
	}
	m.next++
	return r, at
}

// remember makes room for a request, forgetting the oldest where the ring is full.
func (m *memory) remember(q *Request, body uint64, tag uint32) (r *kept, at uint32) {
	r, at = m.room()
	*r = kept{
		sequence: q.Sequence, source: q.Source, ofSequence: q.Of.Sequence, ofSource: q.Of.Source,
		body: body, op: q.Op, person: q.Claim.Person,
	}
	mask := uint32(len(m.slots) - 1)
	i := tag & mask
	for m.slots[i] != 0 {
		i = (i + 1) & mask
	}
	m.slots[i] = uint64(tag)<<32 | uint64(at+1)
	return r, at
}

// forget takes a request out of the slots, moving up what stands behind it, and
// raises its source's floor: neither it nor anything before it is carried out
// again.
func (m *memory) forget(r *kept, place uint32) {
	m.floors[r.source] = max(m.floors[r.source], r.sequence)
	mask := uint32(len(m.slots) - 1)
	at := tagOf(Ticket{r.source, r.sequence}) & mask
	for uint32(m.slots[at]) != place+1 {
		at = (at + 1) & mask
	}
	hole := at
	for {
		at = (at + 1) & mask
		s := m.slots[at]
		if s == 0 {
			break
		}
		home := uint32(s>>32) & mask
		if (at-home)&mask >= (at-hole)&mask {
			m.slots[hole] = s
			hole = at
		}
	}
	m.slots[hole] = 0
}

// tagOf spreads tickets over the slots: sources number their requests one after
// the other, so the middle of the product is taken, where all bits meet.
func tagOf(t Ticket) uint32 {
	hi, lo := bits.Mul64(t.Sequence^mix0, uint64(t.Source)*mix1^mix2)
	return uint32((hi ^ lo) >> 16)
}

// keepClaim notes what claim returns.
func (r *kept) keepClaim(c *Claim) {
	r.person, r.institution, r.lines, r.settleDay = c.Person, c.Institution, c.Lines, c.SettleDay
	r.pool, r.treating, r.scheme, r.kind, r.level, r.personType = c.Pool, c.Treating, c.Scheme, c.Kind, c.Level, c.PersonType
}

// claim is the bill of a settlement as far as Shard.Reverse and Shard.Restore read
// it: whose it is, where its accumulators and its cell are.
func (r *kept) claim() Claim {
	return Claim{
		Person: r.person, Institution: r.institution, Lines: r.lines, SettleDay: r.settleDay,
		Pool: r.pool, Treating: r.treating, Scheme: r.scheme, Kind: r.kind, Level: r.level, PersonType: r.personType,
	}
}

// store notes the settled result of the newest request. That of a stay over
// 1 January takes a second place in the ring.
func (m *memory) store(at uint32, r *Result) {
	s := &m.answers[at]
	sign, marks := money.Fen(1), mark(r.AtHome, markAtHome)|mark(r.before.goesOn, markGoesOn)|
		mark(r.before.hospital, markHospital)|mark(r.before.crossed, markCrossed)|mark(r.before.began, markBegan)
	if r.Fee < 0 {
		sign, marks = -1, marks|markNegative
	}
	*s = stored{
		ceilingLeft: r.CeilingLeft, caseGain: r.CaseGain, charged: r.before.charged, progress: r.before.progress, periods: r.before.periods,
		ratio: r.Ratio, order: r.Order, previous: r.Previous, filing: r.Filing, kind: r.Kind, visit: r.Visit, formerVisit: r.FormerVisit, marks: marks,
	}
	for l, paid := range r.Funds {
		s.amounts[l] = uint32(sign * paid)
	}
	s.amounts[storedOwnPay] = uint32(sign * r.OwnPay)
	s.amounts[storedOverLimit] = uint32(sign * r.OverLimit)
	s.amounts[storedPreSelfPay] = uint32(sign * r.PreSelfPay)
	s.amounts[storedInScope] = uint32(sign * r.InScope)
	s.amounts[storedDeductible] = uint32(sign * r.Deductible)
	s.amounts[storedAccount] = uint32(sign * r.Account)
	s.amounts[storedMutual] = uint32(sign * r.Mutual)
	s.amounts[storedHospital] = uint32(sign * r.Hospital)
	s.amounts[storedMajorBase] = uint32(sign * r.MajorBase)
	if r.before.crossed {
		m.storeRest(r)
	}
}

// load is the inverse of store.
func (m *memory) load(at uint32, r *Result) {
	s := &m.answers[at]
	*r = Result{
		CeilingLeft: s.ceilingLeft, CaseGain: s.caseGain, Ratio: s.ratio, Order: s.order, Previous: s.previous,
		Filing: s.filing, Kind: s.kind, Visit: s.visit, FormerVisit: s.formerVisit, AtHome: s.marks&markAtHome != 0,
	}
	r.before = before{
		charged: s.charged, progress: s.progress, periods: s.periods,
		goesOn: s.marks&markGoesOn != 0, hospital: s.marks&markHospital != 0, crossed: s.marks&markCrossed != 0,
		began: s.marks&markBegan != 0,
	}
	sign := money.Fen(1)
	if s.marks&markNegative != 0 {
		sign = -1
	}
	for l := range r.Funds {
		r.Funds[l] = sign * money.Fen(s.amounts[l])
	}
	r.OwnPay = sign * money.Fen(s.amounts[storedOwnPay])
	r.OverLimit = sign * money.Fen(s.amounts[storedOverLimit])
	r.PreSelfPay = sign * money.Fen(s.amounts[storedPreSelfPay])
	r.InScope = sign * money.Fen(s.amounts[storedInScope])
	r.Deductible = sign * money.Fen(s.amounts[storedDeductible])
	r.Account = sign * money.Fen(s.amounts[storedAccount])
	r.Mutual = sign * money.Fen(s.amounts[storedMutual])
	r.Hospital = sign * money.Fen(s.amounts[storedHospital])
	r.MajorBase = sign * money.Fen(s.amounts[storedMajorBase])
	r.Fee = r.OwnPay + r.OverLimit + r.PreSelfPay + r.InScope
	r.Cash = r.Fee - r.FundSum() - r.Account - r.Mutual - r.Hospital
	if r.before.crossed {
		m.loadRest(at, r)
	}
}

// storeRest notes the former year's part of a result right behind it, so that it
// is forgotten after it.
func (m *memory) storeRest(r *Result) {
	rest, at := m.room()
	*rest = kept{state: keptRest}
	f, b := &r.Former, &r.before.former
	s := &m.answers[at]
	*s = stored{
		charged: b.charged, progress: b.progress, periods: b.periods,
		marks: mark(b.goesOn, markGoesOn) | mark(b.hospital, markHospital),
	}
	copy(s.amounts[:NumLayers], f.Funds[:])
	s.amounts[storedInScope], s.amounts[storedDeductible], s.amounts[storedMajorBase] = f.InScope, f.Deductible, f.MajorBase
}

// loadRest is the inverse of storeRest.
func (m *memory) loadRest(at uint32, r *Result) {
	s := &m.answers[(at+1)&uint32(len(m.kept)-1)]
	copy(r.Former.Funds[:], s.amounts[:NumLayers])
	r.Former.InScope, r.Former.Deductible, r.Former.MajorBase = s.amounts[storedInScope], s.amounts[storedDeductible], s.amounts[storedMajorBase]
	r.before.former = formerBefore{
		charged: s.charged, progress: s.progress, periods: s.periods,
		goesOn: s.marks&markGoesOn != 0, hospital: s.marks&markHospital != 0,
	}
}

func mark(b bool, m uint8) uint8 {
	if b {
		return m
	}
	return 0
}
