package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// workload is a batch of one bill for each of 256 persons: every kind of care, every
// catalogue class, some with price limits, accounts and aid, none refused.
type workload struct {
	*engine.Shard
	people, fresh []engine.PersonYear
	claims        []engine.Claim
	lines         []engine.Line
	results       []engine.Result
	terms         engine.Terms
	catalogue     engine.Catalogue
	books         *engine.Books
}

const batch = 256

func newWorkload(t testing.TB, claims, linesEach int) *workload {
	terms := plainTerms()
	terms.Benefits[engine.Inpatient].BracketTop = [engine.NumBrackets - 1]money.Fen{5_000 * money.Yuan, 20_000 * money.Yuan}
	terms.Benefits[engine.Inpatient].Later, terms.Benefits[engine.Inpatient].DropApplies = engine.LaterHalf, true
	terms.Drop = [engine.NumFilingKinds]money.BasisPoints{engine.Referral: 1000, engine.Emergency: 1000, engine.OtherTemporary: 2000}
	terms.Large = engine.Large{Kinds: engine.InpatientOnly, Ratio: 9000, Ceiling: 300_000 * money.Yuan}
	terms.Major = engine.Major{Kinds: engine.InpatientOnly, Start: 14_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{50_000 * money.Yuan}, Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000}}
	terms.Aid = engine.Aid{Kinds: engine.InpatientOnly, Ratio: [engine.NumIdentities]money.BasisPoints{0, 7000, 9000, 5000}, Ceiling: 20_000 * money.Yuan}
	terms.OneStop = true
	var catalogue engine.Catalogue
	for class := range catalogue.PreSelfPay {
		catalogue.PreSelfPay[class] = money.BasisPoints(500 + 100*class)
		for l := range catalogue.Limit[class] {
			catalogue.Limit[class][l] = money.Micro(40+10*l) * 1_000_000
		}
	}
	c := newCounter(t, terms, catalogue)
	w := &workload{
		Shard: c.Shard, terms: terms, catalogue: catalogue, books: c.books,
		people: make([]engine.PersonYear, claims), results: make([]engine.Result, claims),
	}
	w.Bind(w.people, nil)
	for i := range claims {
		kind := engine.Kind(i % engine.NumKinds)
		x := plainClaim(kind, day.Of(2024, 3, 1+i%28))
		x.Person, x.FirstLine, x.Lines = uint32(i), uint32(len(w.lines)), uint16(linesEach)
		x.Level, x.PersonType, x.Identity = engine.Level(i/4%engine.NumLevels), engine.PersonType(i/16%engine.NumPersonTypes), engine.Identity(i/8%engine.NumIdentities)
		x.Filing.Kind = engine.FilingKind(1 + i%(engine.NumFilingKinds-1))
		if i%2 == 0 {
			x.Flags = engine.FlagUseAccount
			w.people[i].Credit(money.Fen(1000*i%70_000) * 3)
		}
		w.claims = append(w.claims, x)
		for j := range linesEach {
			// A multiplicative step spreads the amounts; inpatient lines are large.
			amount := money.Fen((i*linesEach+j)*48_271%9_973 + 1)
			if kind == engine.Inpatient {
				amount *= 4_000 / money.Fen(linesEach)
			}
			line := engine.Line{Amount: amount, Class: engine.FeeClass((i + j) % engine.NumFeeClasses), Item: engine.CatalogueClass((i + j*2) % engine.NumCatalogueClasses), SelfPay: engine.FromCatalogue}
			if j%4 == 0 {
				line.Count, line.Price = 20_000, money.Micro(amount)*5_000 // two pieces make the amount
			}
			w.lines = append(w.lines, line)
		}
	}
	w.fresh = append(w.fresh, w.people...)
	return w
}

// settle settles the batch for persons who have had nothing this year.
func (w *workload) settle() {
	copy(w.people, w.fresh)
	w.Settle(w.claims, w.lines, w.results)
}

// checksum folds the answers into one number that every machine must print.
func (w *workload) checksum() (sum int64) {
	for i := range w.results {
		r := &w.results[i]
		for _, amount := range [...]money.Fen{r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, r.Deductible, r.Account, r.Mutual, r.Cash, r.Hospital} {
			sum = (sum*31 + int64(amount)) % 1_000_000_007
		}
		for _, amount := range r.Funds {
			sum = (sum*31 + int64(amount)) % 1_000_000_007
		}
	}
	return sum
}

// TestWorkload settles what the benchmarks settle and holds every answer against the
// literal policy: a benchmark of wrong answers is none.
func TestWorkload(t *testing.T) {
	for _, size := range []struct{ claims, lines int }{{1, 8}, {batch, 4}, {batch, 8}} {
		w := newWorkload(t, size.claims, size.lines)
		w.settle()
		used := map[string]int{}
		for i := range w.claims {
			y, c, got := literal{balance: int64(w.fresh[i].Balance())}, &w.claims[i], w.results[i]
			policy := literalTerms{
				of:          func(day.Day) *engine.Terms { return &w.terms },
				catalogueOf: func(day.Day) *engine.Catalogue { return &w.catalogue },
			}
			want := y.settle(policy, c, c.LinesOf(w.lines), c.Filing.Kind, false)
			want.Order = 1
			if got.WithoutBefore() != want {
				t.Fatalf("claim %d of %v:\n got %+v\nwant %+v", i, size, got, want)
			}
			for name, amount := range map[string]money.Fen{"own-pay": got.OwnPay, "over-limit": got.OverLimit, "pre-self-pay": got.PreSelfPay, "deductible": got.Deductible,
				"basic": got.Funds[engine.LayerBasic], "large": got.Funds[engine.LayerLarge], "major": got.Funds[engine.LayerMajor],
				"aid": got.Funds[engine.LayerAid], "account": got.Account, "cash": got.Cash} {
				if amount > 0 {
					used[name]++
				}
			}
		}
		if size.claims == batch && len(used) != 10 {
			t.Errorf("the workload leaves out a part: %v", used)
		}
		t.Logf("%d claims × %d lines: checksum %d, parts in use %v", size.claims, size.lines, w.checksum(), used)
	}
}

// TestSettleDoesNotAllocate: neither a batch nor its reversal, once the shard stands.
func TestSettleDoesNotAllocate(t *testing.T) {
	w := newWorkload(t, batch, 4)
	// Some bills are refused, and some fall into other months and years.
	w.claims[3].Flags |= engine.FlagSuspended
	w.claims[7].Filing.Dest = 310000
	w.claims[9].AdmitDay, w.claims[9].SettleDay = day.Of(2025, 1, 1), day.Of(2025, 1, 1)
	w.claims[11].AdmitDay, w.claims[11].SettleDay = day.Of(2030, 1, 1), day.Of(2030, 1, 1)
	if n := testing.AllocsPerRun(100, w.settle); n != 0 {
		t.Errorf("settling a batch of %d allocates %v times", batch, n)
	}

	w = newWorkload(t, batch, 4)
	reversals := make([]engine.Result, batch)
	if n := testing.AllocsPerRun(100, func() {
		w.settle()
		w.Reverse(w.claims[0].SettleDay, w.claims, w.results, reversals)
		w.Reverse(w.claims[0].SettleDay, w.claims, w.results, reversals) // and its refusal
	}); n != 0 {
		t.Errorf("reversing a batch of %d allocates %v times", batch, n)
	}
	if reversals[0].Status != engine.StatusNotLatest {
		t.Errorf("reversed twice: %v", reversals[0].Status)
	}
}

// TestRareBillsDoNotAllocate: nor do the rarer ways through a settlement: a stay divided
// by days (R16), deductibles by hospital, refunds (X27), lines of another day (X43), a
// chronic visit that falls to ordinary care (X42), a bill at home (B18), one by hand
// (B15), a case payment (X41).
func TestRareBillsDoNotAllocate(t *testing.T) {
	terms := plainTerms()
	terms.CrossYear = engine.CrossByDay
	terms.Benefits[engine.Inpatient].Mode = engine.PerHospital
	terms.Civil = engine.Supplement{Kinds: engine.InpatientOnly, Ratio: 5_000, Ceiling: 10_000 * money.Yuan}
	c := newCounter(t, terms, engine.Catalogue{Case: engine.CaseBorne})
	lines := []engine.Line{
		wholly(3_000 * money.Yuan), wholly(2_000 * money.Yuan),
		{Amount: -500 * money.Yuan, Class: engine.WesternDrug, SelfPay: engine.FromCatalogue, Original: 2},
	}
	lines[1].DaysBefore = 40
	crossing, home, chronic := plainClaim(engine.Inpatient, day.Of(2024, 1, 5)), plainClaim(engine.Outpatient, day.Of(2024, 1, 6)), plainClaim(engine.Chronic, day.Of(2024, 1, 7))
	crossing.AdmitDay, crossing.CasePayment, crossing.Flags = day.Of(2023, 12, 20), 300_000, engine.FlagCivilServant|engine.FlagUseMutual
	home.Treating, home.Area = 0, 131000
	chronic.Flags = engine.FlagNotOpened | engine.FlagOrdinaryInstead
	claims := []engine.Claim{crossing, home, chronic}
	for i := range claims {
		claims[i].Person, claims[i].Lines = uint32(i), uint16(len(lines))
	}
	results, reversals := make([]engine.Result, len(claims)), make([]engine.Result, len(claims))
	byHand := []engine.Claim{crossing}
	byHand[0].Person, byHand[0].Lines, byHand[0].Filing = 7, uint16(len(lines)), engine.Filing{}
	answers := make([]engine.Result, 1)
	people, annexes := slices.Clone(c.people), slices.Clone(c.annexes)
	if n := testing.AllocsPerRun(100, func() {
		copy(c.people, people)
		copy(c.annexes, annexes)
		c.Settle(claims, lines, results)
		c.Reimburse(byHand, lines, answers)
		c.Reverse(day.Of(2024, 1, 7), claims, results, reversals)
	}); n != 0 {
		t.Errorf("rare bills allocate %v times", n)
	}
	if r := &results[0]; !r.Crossed() || r.Hospital == 0 || r.Funds[engine.LayerCivil] == 0 {
		t.Errorf("the stay: %+v", *r)
	}
	if !results[1].AtHome || results[2].Kind != engine.Outpatient || answers[0].Status != engine.Settled {
		t.Errorf("at home %+v, fell %+v, by hand %+v", results[1], results[2], answers[0])
	}
	for i := range reversals {
		if reversals[i].Status != engine.Settled {
			t.Errorf("reversal %d: %v", i, reversals[i].Status)
		}
	}
}

// BenchmarkAdjudicate settles one inpatient bill of 8 lines: split, layers, register
// and postings.
func BenchmarkAdjudicate(b *testing.B) {
	w := newWorkload(b, 1, 8)
	b.ReportAllocs()
	for b.Loop() {
		w.settle()
	}
	b.ReportMetric(float64(w.checksum()), "checksum")
}

// BenchmarkSettleBatch settles 256 bills in one call.
func BenchmarkSettleBatch(b *testing.B) {
	for _, lines := range []int{4, 8} {
		b.Run(fmt.Sprintf("claims=%d/lines=%d", batch, lines), func(b *testing.B) {
			w := newWorkload(b, batch, lines)
			b.ReportAllocs()
			for b.Loop() {
				w.settle()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/settlement")
			b.ReportMetric(float64(w.checksum()), "checksum")
		})
	}
}

// BenchmarkReverse takes 256 settled bills back in one call.
func BenchmarkReverse(b *testing.B) {
	w := newWorkload(b, batch, 4)
	w.settle()
	settled := append([]engine.PersonYear(nil), w.people...)
	originals := append([]engine.Result(nil), w.results...)
	b.ReportAllocs()
	for b.Loop() {
		copy(w.people, settled)
		w.Reverse(w.claims[0].SettleDay, w.claims, originals, w.results)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/settlement")
	b.ReportMetric(float64(w.checksum()), "checksum")
}
