package audit_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/audit"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// workload is a batch of bills of eight lines, one for each of 256 persons, that both
// implementations settle: every kind of care, every catalogue class, price limits,
// brackets, drops, and every layer; one bill in 32 has a refund and a line of another day, and one
// inpatient in eight a case payment or a stay over 1 January; none is refused. The persons
// have had one bill of the year before it.
type workload struct {
	terms     engine.Terms
	catalogue engine.Catalogue
	claims    []engine.Claim
	lines     []engine.Line

	policy        audit.Policy
	shard         *engine.Shard
	people, fresh []engine.PersonYear
	annexes       []engine.Annex
	freshAnnexes  []engine.Annex
	results       []engine.Result

	persons []audit.Person
	answers []audit.Answer
}

const (
	billsOfWorkload = 256
	linesOfBill     = 8
)

func newWorkload(t testing.TB) *workload {
	w := &workload{
		people: make([]engine.PersonYear, billsOfWorkload), results: make([]engine.Result, billsOfWorkload),
		persons: make([]audit.Person, billsOfWorkload), answers: make([]audit.Answer, billsOfWorkload),
	}
	w.terms = engine.NewTerms()
	w.terms.Ceiling, w.terms.OneStop, w.terms.CrossYear = 150_000*money.Yuan, true, engine.CrossByDay
	w.terms.Drop = [engine.NumFilingKinds]money.BasisPoints{engine.Referral: 1000, engine.Emergency: 1000, engine.OtherTemporary: 2000}
	w.terms.Large = engine.Large{Kinds: engine.InpatientOnly, Ratio: 9000, Ceiling: 300_000 * money.Yuan}
	w.terms.Major = engine.Major{Kinds: engine.InpatientOnly, Start: 10_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{50_000 * money.Yuan}, Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000}}
	w.terms.Aid = engine.Aid{Kinds: engine.InpatientOnly, Ratio: [engine.NumIdentities]money.BasisPoints{0, 7000, 9000, 5000}, Ceiling: 20_000 * money.Yuan}
	w.terms.Civil = engine.Supplement{Kinds: 1<<engine.Inpatient | 1<<engine.Outpatient, Ratio: 5000, Ceiling: 20_000 * money.Yuan}
	w.terms.Enterprise = engine.Supplement{Kinds: 1<<engine.Inpatient | 1<<engine.Chronic, Ratio: 3000, Ceiling: 10_000 * money.Yuan}
	w.terms.Benefits[engine.Outpatient].Mode, w.terms.Benefits[engine.Pharmacy].Mode = engine.PerQuarter, engine.PerQuarter
	w.terms.Benefits[engine.Chronic].Mode = engine.PerHospital
	w.catalogue.Case = engine.CaseBorne
	for k := range w.terms.Benefits {
		b := &w.terms.Benefits[k]
		b.DropApplies = true
		if k == int(engine.Inpatient) {
			b.BracketTop = [engine.NumBrackets - 1]money.Fen{30_000 * money.Yuan, 80_000 * money.Yuan}
		}
		for p := range b.Ratio {
			for l := range b.Ratio[p] {
				b.Ratio[p][l] = [engine.NumBrackets]money.BasisPoints{8500, 8750, 9000}
				b.Deductible[p][l] = 100 * money.Yuan * money.Fen(1+l)
				if k != int(engine.Inpatient) {
					b.Deductible[p][l] = 50 * money.Yuan
				}
			}
		}
	}
	for class := range w.catalogue.PreSelfPay {
		w.catalogue.PreSelfPay[class] = money.BasisPoints(500 + 100*class)
		for l := range w.catalogue.Limit[class] {
			w.catalogue.Limit[class][l] = money.Micro(40+10*l) * 1_000_000
		}
	}
	w.policy = audit.Policy{
		Terms:     func(day.Day) *engine.Terms { return &w.terms },
		Catalogue: func(day.Day) *engine.Catalogue { return &w.catalogue },
	}
	on := day.Of(2024, 1, 11)
	rules := engine.NewRules(on.Month()-1, 2, 1, 2)
	for m := on.Month() - 1; m <= on.Month(); m++ {
		for x := range engine.Scheme(engine.NumSchemes) {
			rules.SetTerms(m, m, 0, x, &w.terms)
		}
		for p := range 2 {
			rules.SetCatalogue(m, m, p, &w.catalogue)
		}
	}
	if faults := rules.Seal(); faults != nil {
		t.Fatal(faults)
	}
	w.shard = engine.NewShard(rules, []uint8{0}, w.people, engine.NewBooks(engine.Shape{Pools: 1, Provinces: 2}))
	w.annexes = make([]engine.Annex, billsOfWorkload)
	w.shard.Bind(w.people, w.annexes)

	rng := rand.New(rand.NewPCG(8, 256))
	for i := range billsOfWorkload {
		c := engine.Claim{
			Person: uint32(i), FirstLine: uint32(len(w.lines)), Lines: linesOfBill, Area: 110105, AdmitDay: on, SettleDay: on, Treating: 1,
			Kind: engine.Kind(i % engine.NumKinds), Level: engine.Level(rng.IntN(engine.NumLevels)),
			PersonType: engine.PersonType(rng.IntN(engine.NumPersonTypes)), Identity: engine.Identity(rng.IntN(engine.NumIdentities)),
			Filing: engine.Filing{Kind: engine.FilingKind(1 + rng.IntN(engine.NumFilingKinds-1)), Dest: 110000, Filed: on - 30, From: on - 30, To: day.Never},
		}
		most := money.Fen(8_000)
		if c.Kind == engine.Inpatient {
			c.AdmitDay -= 9
			if rng.IntN(8) == 0 {
				c.AdmitDay -= 10
			}
			most = []money.Fen{200_000, 800_000, 8_000_000}[rng.IntN(3)]
		}
		if i%2 == 0 {
			c.Flags = engine.FlagUseAccount
			w.people[i].Credit(money.Fen(rng.IntN(200_000)))
			w.persons[i].Credit(w.people[i].Balance())
		}
		if rng.IntN(16) == 0 {
			c.Flags |= engine.FlagUseMutual
			w.people[i].CreditMutual(money.Fen(rng.IntN(200_000)))
			w.persons[i].CreditMutual(w.people[i].Mutual())
		}
		c.Flags |= []engine.Flags{engine.FlagCivilServant, engine.FlagEnterprise, 0, 0}[rng.IntN(4)]
		if c.Kind == engine.Inpatient && rng.IntN(8) == 0 {
			c.CasePayment = uint32(2 * most)
		}
		w.claims = append(w.claims, c)
		for j := range linesOfBill {
			line := engine.Line{
				Amount: money.Fen(1 + rng.Int64N(int64(most))), Class: engine.FeeClass(rng.IntN(engine.NumFeeClasses)),
				Item: engine.CatalogueClass(rng.IntN(engine.NumCatalogueClasses)), SelfPay: engine.FromCatalogue,
			}
			if j%4 == 0 {
				line.Count, line.Price = 20_000, money.Micro(line.Amount)*5_000 // two pieces make the amount
			}
			w.lines = append(w.lines, line)
		}
		if own := w.lines[c.FirstLine:]; rng.IntN(32) == 0 {
			own[2].DaysBefore = uint16(rng.IntN(30))
			refund := own[3]
			refund.Original, refund.Amount = 4, -refund.Amount/3
			own[7] = refund
		}
	}
	w.begin()
	return w
}

// begin gives everybody a first bill of the year.
func (w *workload) begin() {
	lines := []engine.Line{{Amount: 1, Item: engine.ClassC}}
	for i := range w.claims {
		c := w.claims[i]
		c.FirstLine, c.Lines, c.Kind, c.AdmitDay, c.Flags = 0, 1, engine.Pharmacy, c.SettleDay, 0
		w.shard.Settle([]engine.Claim{c}, lines, w.results[:1])
		audit.Settle(w.policy, &w.persons[c.Person], &c, lines)
	}
	w.fresh, w.freshAnnexes = slices.Clone(w.people), slices.Clone(w.annexes)
}

// byEngine settles the batch for persons as they were at first.
func (w *workload) byEngine() {
	copy(w.people, w.fresh)
	copy(w.annexes, w.freshAnnexes)
	w.shard.Settle(w.claims, w.lines, w.results)
}

// byAudit does the same in decimals, bill by bill.
func (w *workload) byAudit() {
	for i := range w.claims {
		c := &w.claims[i]
		person := w.persons[c.Person]
		w.answers[i] = audit.Settle(w.policy, &person, c, c.LinesOf(w.lines))
	}
}

// only leaves the bills of one kind.
func (w *workload) only(k engine.Kind) *workload {
	w.claims = slices.DeleteFunc(w.claims, func(c engine.Claim) bool { return c.Kind != k })
	w.results, w.answers = w.results[:len(w.claims)], w.answers[:len(w.claims)]
	return w
}

// fold makes one number of all amounts, in fen.
func fold(sum int64, amounts ...int64) int64 {
	for _, amount := range amounts {
		sum = (sum*31 + amount) % 1_000_000_007
	}
	return sum
}

func (w *workload) engineChecksum() (sum int64) {
	for i := range w.results {
		r := &w.results[i]
		sum = fold(sum, int64(r.Fee), int64(r.OwnPay), int64(r.OverLimit), int64(r.PreSelfPay), int64(r.InScope), int64(r.Deductible),
			int64(r.Account), int64(r.Mutual), int64(r.Cash), int64(r.Hospital), int64(r.Former.InScope))
		for _, fund := range r.Funds {
			sum = fold(sum, int64(fund))
		}
	}
	return sum
}

func (w *workload) auditChecksum() (sum int64) {
	for i := range w.answers {
		a := &w.answers[i]
		for _, amount := range append([]decimal.Decimal{a.Fee, a.OwnPay, a.OverLimit, a.PreSelfPay, a.InScope, a.Deductible,
			a.Account, a.Mutual, a.Cash, a.Hospital, a.Former.InScope}, a.Funds[:]...) {
			sum = fold(sum, amount.Shift(2).IntPart())
		}
	}
	return sum
}

// TestWorkload: what the benchmarks settle, both settle alike, and no part is left out.
func TestWorkload(t *testing.T) {
	w := newWorkload(t)
	w.byEngine()
	w.byAudit()
	used := map[string]int{}
	for i := range w.claims {
		r := &w.results[i]
		if d := w.answers[i].Difference(r); d != "" || r.Status != engine.Settled {
			t.Fatalf("bill %d: %s\n%s", i, d, w.answers[i].SideBySide(r))
		}
		for name, amount := range map[string]money.Fen{"own-pay": r.OwnPay, "over-limit": r.OverLimit, "pre-self-pay": r.PreSelfPay, "deductible": r.Deductible,
			"basic": r.Funds[engine.LayerBasic], "large": r.Funds[engine.LayerLarge], "major": r.Funds[engine.LayerMajor],
			"civil": r.Funds[engine.LayerCivil], "enterprise": r.Funds[engine.LayerEnterprise], "aid": r.Funds[engine.LayerAid],
			"account": r.Account, "mutual": r.Mutual, "cash": r.Cash, "hospital": r.Hospital, "former": money.Fen(r.Former.InScope)} {
			if amount > 0 {
				used[name]++
			}
		}
	}
	if len(used) != 15 {
		t.Errorf("the workload leaves out a part: %v", used)
	}
	if e, a := w.engineChecksum(), w.auditChecksum(); e != a {
		t.Errorf("checksums: engine %d, audit %d", e, a)
	}
	t.Logf("checksum %d, parts in use %v", w.engineChecksum(), used)
}

// benchmark settles the workload, and then its bills of each kind apart.
func benchmark(b *testing.B, settle func(*workload), checksum func(*workload) int64) {
	run := func(w *workload) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				settle(w)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(w.claims)), "ns/claim")
			b.ReportMetric(float64(checksum(w)), "checksum")
		}
	}
	b.Run("all", run(newWorkload(b)))
	for k := range engine.Kind(engine.NumKinds) {
		b.Run(k.String(), run(newWorkload(b).only(k)))
	}
}

// BenchmarkAudit settles bills of eight lines in decimals. Set beside BenchmarkEngine it
// shows what the integers and the flat tables are worth.
func BenchmarkAudit(b *testing.B) { benchmark(b, (*workload).byAudit, (*workload).auditChecksum) }

// BenchmarkEngine settles the same bills in the engine, postings included.
func BenchmarkEngine(b *testing.B) { benchmark(b, (*workload).byEngine, (*workload).engineChecksum) }
