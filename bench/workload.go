package bench

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"kuasheng/engine"
	"kuasheng/sim"
)

// Mix says what operations a workload has beside settling bills, as shares of
// the bills.
type Mix struct {
	Reversed  float64 `json:"reversed"`   // settled, and reversed later
	Repeated  float64 `json:"repeated"`   // sent twice, as after a lost answer (X1)
	TakenBack float64 `json:"taken_back"` // taken back by 2601 because the answer was late (X3)
}

// Workload is what is asked of a service: an immutable list of operations over the
// bills of a simulated population, by shard. Which operations there are depends on
// population, seed and mix, never on pacing or answers. A run that needs more goes
// through the list again, with new tickets and other people.
type Workload struct {
	Shards []ShardLoad
	// Order is the shard of each operation: what came in as operation k is the next
	// of shard Order[k].
	Order []uint16
	// Bills is how many bills there are; an inpatient bill is admitted first, so
	// there are more operations. Lines are those of the bills.
	Bills, Lines int
	ByKind       [engine.NumKinds]int
	// Copies is how many times over there are people: each time through the list the
	// bills are those of the next ones.
	Copies int
	// Sources is how many senders number their requests.
	Sources int
	// Digest is the SHA-256 over all of it.
	Digest [32]byte
}

// ShardLoad is the work of one shard. The lines of all its requests are in Lines.
type ShardLoad struct {
	People   int // of one copy
	Requests []engine.Request
	Lines    []engine.Line
	// Annexes says that the rules of a pool of the shard need them.
	Annexes bool
}

// WorkloadConfig says how bills become a workload.
type WorkloadConfig struct {
	Bills  *sim.Bills
	Rules  *engine.Rules
	Shards int
	// ByProvince puts all pools of a province into one shard. Otherwise neighbours
	// among the pools go to different ones.
	ByProvince bool
	Sources    int
	Copies     int
	Mix        Mix
	// SettledOnly leaves out admissions and every bill that the rules refuse: what
	// remains is settlements.
	SettledOnly bool
	Seed        uint64
}

// NewWorkload divides bills among shards. Institutions are the sources; each
// numbers its requests from 1.
func NewWorkload(cfg *WorkloadConfig) (*Workload, error) {
	if cfg.Shards < 1 || cfg.Shards > 1<<16 || cfg.Sources < 1 || cfg.Copies < 1 || len(cfg.Bills.Claims) == 0 {
		return nil, fmt.Errorf("%d bills, %d shards, %d sources, %d copies: of each at least one, and at most 65536 shards",
			len(cfg.Bills.Claims), cfg.Shards, cfg.Sources, cfg.Copies)
	}
	w := &Workload{Shards: make([]ShardLoad, cfg.Shards), Bills: len(cfg.Bills.Claims), Copies: cfg.Copies, Sources: cfg.Sources}
	bills := cfg.Bills
	if cfg.SettledOnly {
		if bills = settledOf(bills, cfg.Rules); len(bills.Claims) == 0 {
			return nil, errors.New("the rules refuse every bill")
		}
		w.Bills = len(bills.Claims)
	}
	random := rand.New(rand.NewPCG(cfg.Seed, 0x776f726b6c6f6164))
	builders := make([]builder, cfg.Shards)
	for s := range builders {
		builders[s] = builder{w: w, alone: cfg.SettledOnly, shard: uint16(s), persons: map[uint32]uint32{}, sequences: make([]uint64, cfg.Sources)}
	}
	for _, i := range arrivalOrder(bills, cfg.Seed) {
		c := bills.Claims[i]
		s := int(c.Pool) % cfg.Shards
		if cfg.ByProvince {
			s = int(bills.ProvinceOf[c.Pool]) % cfg.Shards
		}
		w.ByKind[c.Kind]++
		w.Lines += int(c.Lines)
		w.Shards[s].Annexes = w.Shards[s].Annexes || cfg.Rules.NeedAnnex(int(c.Pool))
		builders[s].bill(c, bills.Lines, random.Float64(), &cfg.Mix)
	}
	for s := range builders {
		builders[s].flush()
	}
	w.Digest = w.digest()
	return w, nil
}

// arrivalOrder is the order in which bills come in: by day, and within a day persons
// of all places mixed. They are drawn place by place, in which order everything that
// a settlement reads would lie in the cache.
func arrivalOrder(b *sim.Bills, seed uint64) []int {
	order := make([]int, len(b.Claims))
	for i := range order {
		order[i] = i
	}
	mixed := func(c *engine.Claim) uint64 {
		x := (uint64(c.Person) + seed + 1) * 0x9e3779b97f4a7c15
		x = (x ^ x>>29) * 0xbf58476d1ce4e5b9
		return x ^ x>>32
	}
	// Stable: two bills of a person and a day stay in their order.
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &b.Claims[i], &b.Claims[j]
		return cmp.Or(cmp.Compare(a.SettleDay, b.SettleDay), cmp.Compare(mixed(a), mixed(b)))
	})
	return order
}

// builder gathers the operations of a shard.
type builder struct {
	w         *Workload
	alone     bool // bills without the admission before them
	shard     uint16
	persons   map[uint32]uint32
	sequences []uint64         // the last of each source
	late      []engine.Request // come after the next bill
}

// bill adds the operations that a bill makes; draw chooses what becomes of it.
func (b *builder) bill(c engine.Claim, lines []engine.Line, draw float64, mix *Mix) {
	load := &b.w.Shards[b.shard]
	person, known := b.persons[c.Person]
	if !known {
		person = uint32(load.People)
		b.persons[c.Person] = person
		load.People++
	}
	own := c.LinesOf(lines)
	c.Person, c.FirstLine = person, uint32(len(load.Lines))
	load.Lines = append(load.Lines, own...)
	source := uint32(uint64(c.Institution)*2_654_435_761+uint64(c.Treating)*40_503) % uint32(len(b.sequences))
	ticket := func() engine.Ticket {
		b.sequences[source]++
		return engine.Ticket{Source: source, Sequence: b.sequences[source]}
	}
	settle := engine.Request{Op: engine.OpSettle, Claim: c}
	if c.Kind == engine.Inpatient && !b.alone {
		admission := c
		admission.Lines = 0
		admit := engine.Request{Ticket: ticket(), Op: engine.OpAdmit, Claim: admission}
		b.add(admit)
		settle.Of = admit.Ticket
	}
	settle.Ticket = ticket()
	b.add(settle)
	b.flush()
	about := func(op engine.Operation) {
		b.late = append(b.late, engine.Request{Ticket: ticket(), Of: settle.Ticket, Op: op, On: c.SettleDay})
	}
	switch {
	case draw < mix.Reversed:
		about(engine.OpReverse)
	case draw < mix.Reversed+mix.Repeated:
		b.late = append(b.late, settle)
	case draw < mix.Reversed+mix.Repeated+mix.TakenBack:
		about(engine.OpTakeBack)
	}
}

func (b *builder) add(q engine.Request) {
	load := &b.w.Shards[b.shard]
	load.Requests = append(load.Requests, q)
	b.w.Order = append(b.w.Order, b.shard)
}

// flush adds what comes late.
func (b *builder) flush() {
	for _, q := range b.late {
		b.add(q)
	}
	b.late = b.late[:0]
}

// digest hashes every field of every operation.
func (w *Workload) digest() (sum [32]byte) {
	h := sha256.New()
	buf := make([]byte, 0, 1<<16)
	put := func(v any) {
		buf, _ = binary.Append(buf, binary.LittleEndian, v) // fixed sizes only
		if len(buf) > 1<<15 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	put(int64(w.Copies))
	put(w.Order)
	for i := range w.Shards {
		s := &w.Shards[i]
		put(int64(s.People))
		for j := range s.Requests {
			q := &s.Requests[j]
			put(q)
			put(q.Claim.LinesOf(s.Lines))
		}
	}
	h.Write(buf)
	h.Sum(sum[:0])
	return sum
}

// Operations is how many operations the list has.
func (w *Workload) Operations() int { return len(w.Order) }

// countByShard divides a number of operations, taken in order, among the shards.
func (w *Workload) countByShard(n int64) []int64 {
	counts := make([]int64, len(w.Shards))
	rounds, rest := n/int64(len(w.Order)), n%int64(len(w.Order))
	for i := range w.Shards {
		counts[i] = rounds * int64(len(w.Shards[i].Requests))
	}
	for _, s := range w.Order[:rest] {
		counts[s]++
	}
	return counts
}

// cursor gives the operations of a shard one after the other, round and round.
type cursor struct {
	load   *ShardLoad
	copies int
	at     int
	shift  uint64 // of sequences, this time through
	person uint32 // likewise of persons
	round  int
}

func (w *Workload) cursor(shard int) cursor { return cursor{load: &w.Shards[shard], copies: w.Copies} }

// next writes the next operation.
func (c *cursor) next(q *engine.Request) {
	*q = c.load.Requests[c.at]
	q.Sequence += c.shift
	if q.Of.Sequence != 0 {
		q.Of.Sequence += c.shift
	}
	if q.Op != engine.OpReverse && q.Op != engine.OpTakeBack {
		q.Claim.Person += c.person
	}
	c.skip()
}

// skip leaves one operation out.
func (c *cursor) skip() {
	if c.at++; c.at == len(c.load.Requests) {
		c.at = 0
		c.round++
		c.shift += 1 << 40
		c.person = uint32(c.round % c.copies * c.load.People)
	}
}

// seek moves to the operation with a number, counted from 0 and from the first
// time through.
func (c *cursor) seek(number int64) {
	n := int64(len(c.load.Requests))
	c.round, c.at = int(number/n), int(number%n)
	c.shift = uint64(c.round) << 40
	c.person = uint32(c.round % c.copies * c.load.People)
}

// only keeps the bills that a choice likes.
func only(b *sim.Bills, likes func(*engine.Claim) bool) *sim.Bills {
	kept := *b
	kept.Claims = nil
	for i := range b.Claims {
		if likes(&b.Claims[i]) {
			kept.Claims = append(kept.Claims, b.Claims[i])
		}
	}
	return &kept
}

// settledOf keeps the bills that the rules let through, in their order.
func settledOf(b *sim.Bills, rules *engine.Rules) *sim.Bills {
	provinces := 1
	for i := range b.Claims {
		provinces = max(provinces, 1+int(b.Claims[i].Treating))
	}
	shard := engine.NewShard(rules, b.ProvinceOf, nil, engine.NewBooks(engine.Shape{Pools: len(b.ProvinceOf), Provinces: provinces}))
	shard.Bind(make([]engine.PersonYear, b.People), make([]engine.Annex, b.People))
	result := make([]engine.Result, 1)
	return only(b, func(c *engine.Claim) bool {
		shard.Settle([]engine.Claim{*c}, b.Lines, result)
		return result[0].Status == engine.Settled
	})
}
