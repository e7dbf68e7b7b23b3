package sim

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// Each item takes the whole fen of its basis points of the fee, and the last what is
// left, also where one item before it takes all.
func TestItemsTakeTheirShareOfTheFee(t *testing.T) {
	all := func(shares ...money.BasisPoints) Care {
		var basket Basket
		for _, share := range shares {
			basket.Items = append(basket.Items, BasketItem{Class: engine.WesternDrug, Share: share, Mix: [engine.NumCatalogueClasses]money.BasisPoints{money.One, 0, 0}})
		}
		basket.Weight = 1
		return Care{LevelWeight: [engine.NumLevels]money.BasisPoints{1}, Shape: []draw.Knot{{P: 0, PPM: 1}, {P: 1<<32 - 1, PPM: 1}}, Baskets: []Basket{basket}}
	}
	for _, shares := range [][]money.BasisPoints{{money.One}, {money.One, 0}, {0, money.One, 0}, {1, 3333, 3333, 3333}, {9999, 1}, {2500, 2500, 5000, 0}} {
		care := all(shares...)
		b, err := billTablesOf(&care)
		if err != nil {
			t.Fatal(err)
		}
		for _, fee := range []uint64{1, 2, 3, 9_999, 10_000, 10_001, 123_456_789, 999_999_999, 1_000_000_000} {
			var lines [maxLines]engine.Line
			n := bill(b.baskets[0], fee, 0, &lineDraws{}, &lines)
			var want []money.Fen
			rest := money.Fen(fee)
			for i, share := range shares {
				amount := money.Fen(fee) * money.Fen(share) / money.Fen(money.One)
				if i == len(shares)-1 {
					amount = rest
				}
				if rest -= amount; amount != 0 {
					want = append(want, amount)
				}
			}
			for i := range max(n, len(want)) {
				if n != len(want) || lines[i].Amount != want[i] {
					t.Fatalf("shares %v of %d fen: %d lines, line %d is %d fen, want %v", shares, fee, n, i, lines[i].Amount, want)
				}
			}
		}
	}
}
