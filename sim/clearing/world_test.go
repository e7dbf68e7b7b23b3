package clearing

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
func countryOf(provinces, poolsEach, months int) *Input {
	w := &Input{First: day.MonthOf(2024, 1), Months: months, Draws: 1}
	for p := range provinces {
		code := uint32(11+p) * 10_000
		w.Provinces = append(w.Provinces, Province{Code: code, Name: string(rune('A' + p))})
		for n := range poolsEach {
			w.Pools = append(w.Pools, Pool{Code: code + uint32(n+1)*100, Province: uint8(p), Name: fmt.Sprintf("%c%d", 'A'+p, n+1)})
		}
	}
	w.Calendar = day.NewCalendar(w.First.First(), day.Of(2026, 1, 1), nil, nil)
	w.Timetable = Timetable{AllocateOn: 21, SignOn: 25, SubmitWithin: 5, PayWithin: 10, ApplyWithin: 3, InstitutionsPaidWithin: 10, ManualWithin: 30, QuotaDueMonth: 2, RebaseMonths: 1}
	w.Prepayment = engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000}
	w.Rules = Lawful()
	return w
}

// treasury runs the money of a country whose bills the test makes up.
type treasury struct {
	*Clearing
	t     testing.TB
	books *engine.Books
	tally *Tally
	next  day.Month
}

func newTreasury(t testing.TB, w *Input) *treasury {
	if err := w.Rules.Check(len(w.Provinces)); err != nil {
		t.Fatal(err)
	}
	return &treasury{Clearing: New(w), t: t, books: engine.NewBooks(w.Shape()), tally: NewTally(w), next: w.First}
}

// owe makes up a settlement of which the basic fund pays all.
func (y *treasury) owe(dayOfMonth, pool, treating int, scheme engine.Scheme, kind engine.Kind, amount money.Fen) {
	cell := y.shape.Cell(pool, treating, scheme, kind)
	row := y.books.Row(cell)
	register, ledger := &row.Register, &row.Ledger
	register[engine.Cases]++
	register[engine.SumFee] += int64(amount)
	register[engine.SumInScope] += int64(amount)
	register[engine.SumBasic] += int64(amount)
	for _, x := range [][2]engine.Account{{engine.InstitutionDue, engine.InstitutionRevenue}, {engine.TreatingOpen, engine.TreatingOwes}, {engine.PoolBasic, engine.PoolOwes}} {
		ledger[x[0]] += amount
		ledger[x[1]] -= amount
	}
	y.tally.Count(dayOfMonth-1, Cell{pool, treating, scheme, kind}, 1, amount, amount)
}

// settle takes over the month's books without letting its money move.
func (y *treasury) settle() {
	y.t.Helper()
	y.handOver(func() { y.takeOver(y.books, y.tally, y.next) })
}

// month settles what the test has made up and lives until the month's end.
func (y *treasury) month() {
	y.t.Helper()
	y.handOver(func() { y.Clear(y.books, y.tally, y.next) })
	y.proven(y.Check(y.next.String()))
}

// handOver proves the month's books and starts those of the next.
func (y *treasury) handOver(to func()) {
	y.t.Helper()
	y.proven(y.books.Check("books", y.cellName))
	y.proven(y.tally.Check("tally", y.books, y.cellName))
	to()
	y.books.Reset()
	y.tally.Reset()
	y.next++
}

// end runs the money off, proves it and returns what happened.
func (y *treasury) end() *Result {
	y.t.Helper()
	r, checked, breaches := y.Finish("the end")
	y.proven(checked, breaches)
	if trial := y.ledger.TrialBalance(); trial != 0 {
		y.t.Errorf("trial balance %v", trial)
	}
	return r
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
	w := y.in
	return fmt.Sprintf("%s→%s %v %v", w.Pools[pool].Name, w.Provinces[treating].Name, scheme, kind)
}
