package sim

import (
	"fmt"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// countryOf is a country for the tests of clearing: provinces A, B, C … with so
// many pools each, money rules as in law, and nobody in it. It settles from January
// 2024 for so many months, and weekends are its only days off.
func countryOf(provinces, poolsEach, months int) *World {
	w := &World{Name: "country", First: day.MonthOf(2024, 1), Months: months}
	for p := range provinces {
		code := uint32(11+p) * 10_000
		w.Provinces = append(w.Provinces, Province{Code: code, NameZH: string(rune('A' + p)), NameEN: string(rune('A' + p))})
		for n := range poolsEach {
			w.Pools = append(w.Pools, Pool{Code: code + uint32(n+1)*100, Province: uint8(p), NameZH: fmt.Sprintf("%c%d", 'A'+p, n+1)})
		}
	}
	w.Calendar = day.NewCalendar(w.First.First(), day.Of(2026, 1, 1), nil, nil)
	w.Timetable = Timetable{AllocateOn: 21, SignOn: 25, SubmitWithin: 5, PayWithin: 10, ApplyWithin: 3, InstitutionsPaidWithin: 10, ManualWithin: 30, QuotaDueMonth: 2, RebaseMonths: 1}
	w.Prepayment = engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000}
	w.Money = LawfulMoney()
	return w
}

// treasury runs the money of a country whose bills the test makes up.
type treasury struct {
	*clearing
	t     testing.TB
	c     *compiled
	books *engine.Books
	tally *moneyTally
	next  day.Month
}

func newTreasury(t testing.TB, w *World) *treasury {
	c := &compiled{world: w, keys: keysOf(1), shape: engine.Shape{Pools: len(w.Pools), Provinces: len(w.Provinces)}}
	for _, p := range w.Pools {
		c.provinceOf = append(c.provinceOf, p.Province)
	}
	if err := w.Money.check(len(w.Provinces)); err != nil {
		t.Fatal(err)
	}
	return &treasury{clearing: newClearing(w, c), t: t, c: c, books: engine.NewBooks(c.shape), tally: newMoneyTally(w, c.shape), next: w.First}
}

// owe makes up a settlement of which the basic fund pays all.
func (y *treasury) owe(dayOfMonth, pool, treating int, scheme engine.Scheme, kind engine.Kind, amount money.Fen) {
	cell := y.shape.Cell(pool, treating, scheme, kind)
	y.books.Register[cell][engine.Cases]++
	y.books.Register[cell][engine.SumFee] += int64(amount)
	y.books.Register[cell][engine.SumInScope] += int64(amount)
	y.books.Register[cell][engine.SumBasic] += int64(amount)
	for _, x := range [][2]engine.Account{{engine.InstitutionDue, engine.InstitutionRevenue}, {engine.TreatingOpen, engine.TreatingOwes}, {engine.PoolBasic, engine.PoolOwes}} {
		y.books.Ledger[cell][x[0]] += amount
		y.books.Ledger[cell][x[1]] -= amount
	}
	claim := engine.Claim{Pool: uint16(pool), Treating: uint8(treating), Scheme: scheme, Kind: kind}
	result := engine.Result{Kind: kind, Fee: amount}
	result.Funds[engine.LayerBasic] = amount
	y.tally.count(&claim, &result, dayOfMonth-1, amount)
	y.tally.byKind[dayOfMonth-1][kind]++
}

// settle takes over the month's books without letting its money move.
func (y *treasury) settle() {
	y.t.Helper()
	y.proven(y.books.Check("books", y.cellName))
	y.proven(y.tally.check("tally", y.books.Register, y.cellName))
	y.settled(y.books, y.tally, y.next)
	y.books.Reset()
	y.tally.reset()
	y.tally.byKind = [31][engine.NumKinds]int64{}
	y.next++
}

// month settles what the test has made up and lives until the month's end.
func (y *treasury) month() {
	y.t.Helper()
	y.settle()
	y.advance(y.next.First())
	y.proven(y.check(y.next.String(), y.cellName))
}

// end runs the money off, proves it and returns what happened.
func (y *treasury) end() *ClearingResult {
	y.t.Helper()
	y.finish()
	y.proven(y.checkEnd("the end", y.cellName))
	if trial := y.ledger.TrialBalance(); trial != 0 {
		y.t.Errorf("trial balance %v", trial)
	}
	return y.close()
}

func (y *treasury) proven(checked int64, breaches []*engine.Breach) {
	y.t.Helper()
	if checked == 0 {
		y.t.Error("nothing was checked")
	}
	for i, b := range breaches {
		if i < 5 {
			y.t.Error(b)
		}
	}
}

// cellName is such as "A1→B employee inpatient".
func (y *treasury) cellName(cell int) string {
	pool, treating, scheme, kind := y.shape.Split(cell)
	w := y.world
	return fmt.Sprintf("%s→%s %v %v", w.Pools[pool].NameZH, w.Provinces[treating].NameZH, scheme, kind)
}
