package clearing

import (
	"reflect"
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// tallied counts three settlements of which one is taken back, in weeks: A1's patients
// in B on the 3rd and, large, on the 10th; B1's in A on the 10th.
func tallied() (*Input, *Tally) {
	w := countryOf(2, 1, 1)
	w.Rules.Levers.Frequency = Weekly
	t := NewTally(w)
	t.KeepInsured([]uint8{provA, provB})
	t.Count(2, Cell{Pool: 0, Treating: provB, Kind: engine.Outpatient}, 1, 300, 100)
	stay := Cell{Pool: 0, Treating: provB, Kind: engine.Inpatient}
	t.Count(9, stay, 1, 30_000*money.Yuan, 2_001)
	t.Count(9, stay, -1, -30_000*money.Yuan, -2_001)
	t.Count(9, Cell{Pool: 1, Treating: provA, Kind: engine.Chronic}, 1, 70, 51)
	return w, t
}

// What is taken back is taken off the amounts and the cases, but was asked about (R18).
func TestTallyCountsByDayPlaceAndPeriod(t *testing.T) {
	w, x := tallied()
	var cases [31][engine.NumKinds]int64
	cases[2][engine.Outpatient], cases[9][engine.Chronic] = 1, 1
	if x.Cases() != cases {
		t.Errorf("cases %v", x.Cases())
	}
	// Between adds what the province owes for its patients and what it is owed for guests.
	for _, c := range []struct {
		day, province int
		want          money.Fen
	}{{2, provA, 100}, {2, provB, 100}, {9, provA, 51}, {9, provB, 51}, {3, provA, 0}} {
		if got := x.Between(c.day, c.province); got != c.want {
			t.Errorf("day %d, province %d: %v, want %v", c.day, c.province, got, c.want)
		}
	}
	if x.large[9*2+provB] != 1 || x.large[2*2+provB] != 0 || x.large[9*2+provA] != 0 {
		t.Errorf("large bills %v", x.large)
	}
	cell := w.Shape().Cell(1, provA, 0, engine.Chronic)
	if x.period(0)[cell] != 0 || x.period(1)[cell] != 51 || x.period(0)[w.Shape().Cell(0, provB, 0, engine.Outpatient)] != 100 {
		t.Error("the weeks are others")
	}
}

// A tally more and the same less is the tally it was; adding one empties it.
func TestTalliesAddUp(t *testing.T) {
	w, x := tallied()
	_, y := tallied()
	empty := NewTally(w)
	empty.KeepInsured([]uint8{provA, provB})
	if !reflect.DeepEqual(x.With(y, y), x) || !reflect.DeepEqual(x.With(empty, x), empty) {
		t.Error("more and less do not cancel")
	}
	twice := x.With(y, empty)
	x.Add(y)
	if !reflect.DeepEqual(x, twice) || !reflect.DeepEqual(y, empty) || x.Between(2, provA) != 200 {
		t.Error("adding is not adding, or does not empty")
	}
}

// A swelled month's parts sum to its register, however they are rounded, and only where
// it grows.
func TestSwelledPartsSumToTheRegister(t *testing.T) {
	w := countryOf(2, 1, 1)
	w.Rules.Levers.Frequency = Weekly
	y := newTreasury(t, w)
	for d := 1; d <= 31; d += 7 {
		y.owe(d, 0, provB, engine.Employee, engine.Inpatient, 33)
		y.owe(d, 1, provA, engine.Employee, engine.Inpatient, 33)
	}
	before := y.tally.Clone()
	cell := y.shape.Cell(0, provB, engine.Employee, engine.Inpatient)
	y.books.Row(cell).Register[engine.SumBasic] = 5 * 33 * 3 / 2 // 247, each week's 33 become 50
	out := y.tally.Swelled(15_000, func(treating int) bool { return treating == provB }, y.books)
	var weeks, days []money.Fen
	for i := range 4 {
		weeks = append(weeks, out.period(i)[cell])
	}
	for d := 0; d < 31; d += 7 {
		days = append(days, out.owed[d*2+provB], out.owed[d*2+provA])
	}
	if !slices.Equal(weeks, []money.Fen{50, 50, 50, 97}) || !slices.Equal(days, []money.Fen{50, 33, 50, 33, 50, 33, 50, 33, 50, 33}) {
		t.Errorf("weeks %v, days %v", weeks, days)
	}
	if out.period(0)[y.shape.Cell(1, provA, engine.Employee, engine.Inpatient)] != 33 || !reflect.DeepEqual(y.tally, before) {
		t.Error("more has grown than should")
	}
}
