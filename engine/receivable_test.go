package engine_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Payments are matched first in, first out, with ages (D7, X39); the return of a
// negative period meets that period alone (X11).
func TestPaymentsAreMatchedToTheOldestReceivable(t *testing.T) {
	var r engine.Receivables
	january, february, march := day.Of(2024, 2, 21), day.Of(2024, 3, 21), day.Of(2024, 4, 21)
	r.Add(engine.Receivable{Period: 0, Since: january, Due: january + 30, Open: 100})
	r.Add(engine.Receivable{Period: 1, Since: february, Due: february + 30, Open: -20})
	r.Add(engine.Receivable{Period: 2, Since: march, Due: march + 30, Open: 50})
	r.Add(engine.Receivable{Period: 3, Since: march, Due: march + 30})
	if r.Sum() != 130 || len(r.Open()) != 3 {
		t.Fatalf("%v open in %d items", r.Sum(), len(r.Open()))
	}
	for _, x := range []struct {
		amount money.Fen
		on     day.Day
		want   []engine.Match
	}{
		{60, january + 30, []engine.Match{{Period: 0, Amount: 60, Age: 30}}},
		{-20, march, []engine.Match{{Period: 1, Amount: -20, Age: 31, Late: true}}},
		{70, march + 10, []engine.Match{{Period: 0, Amount: 40, Age: 70, Late: true}, {Period: 2, Amount: 30, Age: 10}}},
		{20, march + 31, []engine.Match{{Period: 2, Amount: 20, Age: 31, Late: true}}},
	} {
		if got := r.Pay(x.amount, x.on, nil); !slices.Equal(got, x.want) {
			t.Errorf("%v on %v: %+v, want %+v", x.amount, x.on, got, x.want)
		}
	}
	if r.Sum() != 0 || len(r.Open()) != 0 {
		t.Errorf("%v left", r.Open())
	}
	if !panics(func() { r.Pay(1, march, nil) }) {
		t.Error("a payment of nothing due is taken")
	}
}

// Portions sum to the total, none exceeds its part, and they follow the parts to
// less than a fen.
func TestPortionsSumToTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(0, 1e13), 1, 40).Draw(t, "parts")
		var of, sum money.Fen
		for _, p := range parts {
			of += money.Fen(p)
		}
		p := engine.Portion{Of: of, Total: money.Fen(rapid.Int64Range(0, int64(of)).Draw(t, "total"))}
		total := p.Total
		for _, part := range parts {
			got := p.Next(money.Fen(part))
			if got < 0 || got > money.Fen(part) {
				t.Fatalf("%v of a part of %v", got, part)
			}
			sum += got
		}
		if sum != total {
			t.Fatalf("portions sum to %v of %v", sum, total)
		}
	})
}

// Set-off leaves every province with the net it had: bilateral by couple,
// multilateral by province, each scheme by itself; gross sets off nothing (D3).
func TestSetOffLeavesTheNet(t *testing.T) {
	shape := engine.Shape{Pools: 4, Provinces: 4}
	rapid.Check(t, func(t *rapid.T) {
		gross := make([]money.Fen, shape.Pairs())
		for pair := range gross {
			if a, b, _ := shape.SplitPair(pair); a != b {
				gross[pair] = money.Fen(rapid.Int64Range(-100, 1000).Draw(t, "gross"))
			}
		}
		for n := range engine.Netting(engine.NumNettings) {
			off := n.SetOff(shape, gross)
			for s := range engine.Scheme(engine.NumSchemes) {
				for a := range shape.Provinces {
					var owes, due, paysCash money.Fen
					for b := range shape.Provinces {
						ab, ba := shape.Pair(a, b, s), shape.Pair(b, a, s)
						if off[ab] < 0 || off[ab] > max(0, gross[ab]) {
							t.Fatalf("%v: %v set off of %v", n, off[ab], gross[ab])
						}
						if n == engine.Gross && off[ab] != 0 {
							t.Fatalf("gross sets off %v", off[ab])
						}
						if n == engine.Bilateral && a != b {
							if off[ab] != off[ba] || gross[ab]-off[ab] > 0 && gross[ba]-off[ba] > 0 {
								t.Fatalf("bilateral: %v and %v set off of %v and %v", off[ab], off[ba], gross[ab], gross[ba])
							}
						}
						owes += max(0, gross[ab])
						due += max(0, gross[ba])
						paysCash += max(0, gross[ab]) - off[ab]
					}
					if n == engine.Multilateral && paysCash != max(0, owes-due) {
						t.Fatalf("multilateral: province %d pays %v, its net is %v", a, paysCash, owes-due)
					}
				}
			}
		}
	})
}
