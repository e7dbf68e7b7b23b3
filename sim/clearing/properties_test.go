package clearing

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// made is a bill of a made-up country.
type made struct {
	month, day, pool, treating int
	scheme                     engine.Scheme
	kind                       engine.Kind
	amount                     money.Fen
}

// drawBills draws bills; amounts are multiples of 600.00 yuan, so that doubling
// meets no rounding, and one in eight is negative.
func drawBills(t *rapid.T, w *Input) (bills []made) {
	for range rapid.IntRange(1, 60).Draw(t, "bills") {
		b := made{
			month: rapid.IntRange(0, w.Months-1).Draw(t, "month"), day: rapid.IntRange(1, 28).Draw(t, "day"),
			pool: rapid.IntRange(0, len(w.Pools)-1).Draw(t, "pool"), treating: rapid.IntRange(0, len(w.Provinces)-1).Draw(t, "treating"),
			scheme: engine.Scheme(rapid.IntRange(0, engine.NumSchemes-1).Draw(t, "scheme")), kind: engine.Kind(rapid.IntRange(0, engine.NumKinds-1).Draw(t, "kind")),
			amount: money.Fen(rapid.IntRange(1, 50).Draw(t, "size")) * 60_000,
		}
		if b.treating == int(w.Pools[b.pool].Province) {
			b.treating = (b.treating + 1) % len(w.Provinces)
		}
		if rapid.IntRange(0, 7).Draw(t, "negative") == 0 {
			b.amount = -b.amount
		}
		bills = append(bills, b)
	}
	return bills
}

// drawRules draws what can go wrong and every lever.
func drawRules(t *rapid.T, w *Input) {
	r := &w.Rules
	share := func(name string, most int) (list []money.BasisPoints) {
		for range w.Provinces {
			list = append(list, money.BasisPoints(rapid.IntRange(0, most).Draw(t, name)))
		}
		return list
	}
	if rapid.Bool().Draw(t, "missing") {
		r.Confirm.MissConfirm, r.Confirm.MissReconcile = share("miss confirm", 5000), share("miss reconcile", 3000)
		r.Confirm.MaxRoll = rapid.IntRange(0, 3).Draw(t, "max roll")
	}
	for range rapid.IntRange(0, 3).Draw(t, "late rules") {
		r.Late = append(r.Late, LateRule{
			Province: rapid.IntRange(AllProvinces, len(w.Provinces)-1).Draw(t, "late province"),
			From:     w.First, To: w.First + day.Month(rapid.IntRange(0, w.Months).Draw(t, "late until")),
			Submit: rapid.IntRange(0, 20).Draw(t, "late submit"), Pay: rapid.IntRange(0, 60).Draw(t, "late pay"), Prepay: rapid.IntRange(0, 40).Draw(t, "late prepay"),
			Institutions: rapid.IntRange(0, 30).Draw(t, "late institutions"), Never: rapid.IntRange(0, 5).Draw(t, "never") == 0,
		})
	}
	r.Pots.ByScheme = rapid.Bool().Draw(t, "by scheme")
	r.Pots.Dry = DryPot(rapid.IntRange(0, NumDryPots-1).Draw(t, "dry"))
	for range w.Provinces {
		r.Pots.OwnLimit = append(r.Pots.OwnLimit, money.Fen(rapid.IntRange(0, 20).Draw(t, "own limit"))*60_000)
	}
	r.TopUps = TopUpRules{ReviewWithin: rapid.IntRange(0, 10).Draw(t, "review"), Cut: money.BasisPoints(rapid.IntRange(0, 2).Draw(t, "cut") * 5000),
		Refuse: share("refuse", 3000), DeclareNew: rapid.Bool().Draw(t, "declare new"), DeclarePaidWithin: rapid.IntRange(0, 15).Draw(t, "declare")}
	r.Levers.Netting = engine.Netting(rapid.IntRange(0, engine.NumNettings-1).Draw(t, "netting"))
	r.Levers.Frequency = Frequency(rapid.IntRange(0, NumFrequencies-1).Draw(t, "frequency"))
	r.Levers.CarryNegative = rapid.Bool().Draw(t, "carry")
	if rapid.Bool().Draw(t, "audit") {
		r.Audit = AuditRules{Cells: share("audit", 5000), Recovered: 2500, Fine: 5000, After: rapid.IntRange(1, 5).Draw(t, "after")}
	}
	r.TransferDays = rapid.IntRange(0, 4).Draw(t, "transfer")
}

// live settles bills in their months, in the order given, each amount times factor.
func live(t testing.TB, w *Input, bills []made, factor money.Fen) (*treasury, *Result) {
	y := newTreasury(t, w)
	for m := range w.Months {
		for _, b := range bills {
			if b.month == m {
				y.owe(b.day, b.pool, b.treating, b.scheme, b.kind, b.amount*factor)
			}
		}
		y.month()
	}
	return y, y.end()
}

// rapidTB lets a property use what wants a testing.TB.
type rapidTB struct {
	testing.TB
	t *rapid.T
}

func (r rapidTB) Error(args ...any)                 { r.t.Error(args...) }
func (r rapidTB) Errorf(format string, args ...any) { r.t.Errorf(format, args...) }
func (r rapidTB) Fatal(args ...any)                 { r.t.Fatal(args...) }
func (r rapidTB) Helper()                           {}

// Whatever is late, missed, dry, netted or cut: every barrier is proven, and at the
// end every fen has arrived or is named as overdue (V4, V5, V6, D9).
func TestEveryFenArrivesOrIsNamed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := countryOf(3, 2, 5)
		drawRules(rt, w)
		bills := drawBills(rt, w)
		y, r := live(rapidTB{t, rt}, w, bills, 1)
		var settled, recovered, cleared, exceptions, paid, open money.Fen
		for _, b := range bills {
			settled += b.amount
		}
		for _, x := range r.Recoveries {
			recovered += x.Amount
		}
		for i := range r.Periods {
			cleared += r.Periods[i].Cleared
			for _, p := range r.Periods[i].Pairs {
				paid += p.Paid
			}
		}
		for _, x := range r.Exceptions {
			exceptions += x.Amount
		}
		for _, x := range r.Overdue {
			if x.Kind == OverdueClearing {
				open += x.Amount
			}
		}
		if cleared+exceptions != settled-recovered || paid+open != cleared {
			rt.Fatalf("settled %v, recovered %v; cleared %v, exceptions %v, paid %v, open %v", settled, recovered, cleared, exceptions, paid, open)
		}
		// The certificates say the same as the periods, and each stands on the last.
		for i := range r.Periods {
			c := &r.Periods[i].Certificate
			if c.Payable != r.Periods[i].Cleared || i > 0 && c.Previous != r.Periods[i-1].Certificate.Seal {
				rt.Fatalf("certificate %d: %+v", i, c)
			}
		}
		if y.ledger.Balance(engine.Transit) != 0 {
			rt.Fatal("money in transit at the end")
		}
	})
}

// A share of a draw is hit as often as it says, and none never.
func TestHits(t *testing.T) {
	keys, n := keysOf(1), 0
	for i := range uint64(1000) {
		if keys.hits(streamConfirm, i, 1, 0, 2) || !keys.hits(streamConfirm, i, 1, 2, 2) {
			t.Fatal("none is hit, or all are not")
		}
		if keys.hits(streamConfirm, i, 1, 1, 2) {
			n++
		}
	}
	if n < 450 || n > 550 {
		t.Errorf("a half is hit %d times of 1000", n)
	}
}

// The order in which bills arrive within a month changes no position, nor does
// dividing them among shards (X35, E1 of the design: books are added up).
func TestArrivalInsideAPeriodChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := countryOf(3, 2, 4)
		drawRules(rt, w)
		bills := drawBills(rt, w)
		y, want := live(rapidTB{t, rt}, w, bills, 1)
		shuffled := slices.Clone(bills)
		seed := rapid.Uint64().Draw(rt, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		z, got := live(rapidTB{t, rt}, w, shuffled, 1)
		same(rt, "shuffled", y, z, want, got)

		shards := newTreasury(rapidTB{t, rt}, w)
		for m := range w.Months {
			part := newTreasury(rapidTB{t, rt}, w)
			for i, b := range bills {
				if b.month != m {
					continue
				}
				if into := []*treasury{shards, part}[i%2]; true {
					into.owe(b.day, b.pool, b.treating, b.scheme, b.kind, b.amount)
				}
			}
			shards.books.Add(part.books)
			shards.tally.Add(part.tally)
			shards.month()
		}
		same(rt, "in shards", y, shards, want, shards.end())
	})
}

// same compares two runs to the last posting.
func same(t *rapid.T, how string, y, z *treasury, want, got *Result) {
	if !reflect.DeepEqual(snapshotOf(y.ledger), snapshotOf(z.ledger)) {
		t.Fatalf("%s: other balances", how)
	}
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%s: other results\n%+v\n%+v", how, want, got)
	}
}

// Doubling every amount doubles every balance and moves no day. Shares of a dry pot
// are divided to the fen, so single cells may differ by one until they are paid; the
// pots here are helped with own money.
func TestDoublingDoublesEveryBalance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := countryOf(3, 2, 4)
		drawRules(rt, w)
		w.Rules.Pots.Dry = AdvanceOwn
		w.Rules.Levers.Netting = min(w.Rules.Levers.Netting, engine.Bilateral)
		w.Rules.BankFee = 0
		bills := drawBills(rt, w)
		y, one := live(rapidTB{t, rt}, w, bills, 1)
		z, two := live(rapidTB{t, rt}, w, bills, 2)
		for cell := range y.shape.Cells() {
			for a, once := range y.ledger.At(cell) {
				if twice := z.ledger.At(cell)[a]; twice != 2*once {
					rt.Fatalf("%s, %v: %v and %v", y.cellName(cell), engine.Account(a), once, twice)
				}
			}
		}
		for pair := range y.ledger.Pairs {
			for a := range y.ledger.Pairs[pair] {
				if z.ledger.Pairs[pair][a] != 2*y.ledger.Pairs[pair][a] {
					rt.Fatalf("%s, %v: %v and %v", y.in.PairName(pair), engine.Account(a)+engine.NumCellAccounts, y.ledger.Pairs[pair][a], z.ledger.Pairs[pair][a])
				}
			}
		}
		for i := range one.Payments {
			a, b := one.Payments[i], two.Payments[i]
			if a.Amount *= 2; a != b {
				rt.Fatalf("payment %+v becomes %+v", one.Payments[i], b)
			}
		}
	})
}

// A late payment delays money and creates or destroys none (X39): the final balances
// are those of a run in which everybody is in time.
func TestLatePaymentsOnlyDelay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := countryOf(3, 2, 4)
		drawRules(rt, w)
		for i := range w.Rules.Late {
			w.Rules.Late[i].Never = false
		}
		late := w.Rules.Late
		bills := drawBills(rt, w)
		y, delayed := live(rapidTB{t, rt}, w, bills, 1)
		w.Rules.Late = nil
		z, prompt := live(rapidTB{t, rt}, w, bills, 1)
		w.Rules.Late = late
		if len(delayed.Overdue) == len(delayed.Exceptions) && len(prompt.Overdue) == len(prompt.Exceptions) {
			// All arrived in both: the same to the fen.
			if !reflect.DeepEqual(snapshotOf(y.ledger), snapshotOf(z.ledger)) {
				rt.Fatal("other balances")
			}
		}
		paid := func(r *Result) (sum [NumPaymentKinds]money.Fen) {
			for _, p := range r.Payments {
				sum[p.Kind] += p.Amount
			}
			return sum
		}
		if paid(delayed) != paid(prompt) {
			rt.Fatalf("paid %v late, %v in time", paid(delayed), paid(prompt))
		}
	})
}
