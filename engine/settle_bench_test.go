package engine_test

import (
	"fmt"
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
	terms.Large = engine.Large{Ratio: 9000, Ceiling: 300_000 * money.Yuan}
	terms.Major = engine.Major{Start: 14_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{50_000 * money.Yuan}, Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000}}
	terms.Aid = engine.Aid{Ratio: [engine.NumIdentities]money.BasisPoints{0, 7000, 9000, 5000}, Ceiling: 20_000 * money.Yuan}
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
	w.Bind(w.people)
	for i := range claims {
		kind := engine.Kind(i % engine.NumKinds)
		x := plainClaim(kind, day.Of(2024, 3, 1+i%28))
		x.Person, x.FirstLine, x.Lines = uint32(i), uint32(len(w.lines)), uint32(linesEach)
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
		for _, amount := range []money.Fen{r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope, r.Deductible, r.Funds[0], r.Funds[1], r.Funds[2], r.Funds[3], r.Account, r.Cash} {
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
			want := y.settle(&w.terms, &w.catalogue, c, w.lines[c.FirstLine:c.FirstLine+c.Lines], c.Filing.Kind)
			want.Order, want.Ratio = 1, got.Ratio
			if got != want {
				t.Fatalf("claim %d of %v:\n got %+v\nwant %+v", i, size, got, want)
			}
			for name, amount := range map[string]money.Fen{"own-pay": got.OwnPay, "over-limit": got.OverLimit, "pre-self-pay": got.PreSelfPay, "deductible": got.Deductible,
				"basic": got.Funds[0], "large": got.Funds[1], "major": got.Funds[2], "aid": got.Funds[3], "account": got.Account, "cash": got.Cash} {
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
