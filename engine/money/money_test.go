package money

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestShareHalfUp: the roundings that the regulation and the interface print, and
// the halves on both sides of zero (C4, X26).
func TestShareHalfUp(t *testing.T) {
	for _, test := range []struct {
		amount Fen
		ratio  BasisPoints
		want   Fen
	}{
		{3177, 1000, 318},   // 31.77 × 10 % = 3.177
		{6111, 8000, 4889},  // 61.11 × 80 % = 48.888
		{452, 500, 23},      // 4.52 × 5 % = 0.226
		{1, 4999, 0},        // 0.4999 fen
		{1, 5000, 1},        // half a fen goes up
		{1, 5001, 1},        //
		{-1, 4999, 0},       //
		{-1, 5000, -1},      // away from zero
		{-3177, 1000, -318}, // the reversal is the exact negative
		{3, 5000, 2},        // 1.5, not to even
		{5, 5000, 3},        // 2.5
		{-5, 5000, -3},      //
		{0, 10_000, 0},      //
		{math.MaxInt64 / 10_000, One, math.MaxInt64 / 10_000},
		{-math.MaxInt64 / 10_000, One, -math.MaxInt64 / 10_000},
	} {
		if got := ShareHalfUp(test.amount, test.ratio); got != test.want {
			t.Errorf("ShareHalfUp(%d, %d) = %d, want %d", test.amount, test.ratio, got, test.want)
		}
	}
}

// halfUp rounds a rational half-up away from zero, apart from the package's own way.
func halfUp(r *big.Rat) *big.Int {
	two := big.NewInt(2)
	n := new(big.Int).Abs(r.Num())
	n.Mul(n, two).Add(n, r.Denom())
	q := n.Quo(n, new(big.Int).Mul(r.Denom(), two))
	if r.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func TestShareIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := Fen(rapid.Int64Range(-math.MaxInt64/10_000, math.MaxInt64/10_000).Draw(t, "amount"))
		ratio := BasisPoints(rapid.Int32Range(0, 10_000).Draw(t, "ratio"))
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(amount)), big.NewRat(int64(ratio), 10_000))
		share := ShareHalfUp(amount, ratio)
		if want := halfUp(exact).Int64(); int64(share) != want {
			t.Fatalf("ShareHalfUp(%d, %d) = %d, want %d", amount, ratio, share, want)
		}
		if ShareHalfUp(-amount, ratio) != -share {
			t.Fatalf("the reversal of %d at %d is not the exact negative", amount, ratio)
		}
		if share < min(0, amount) || share > max(0, amount) {
			t.Fatalf("share %d of %d", share, amount)
		}
	})
}

// TestTimesHalfUp holds price × count against math/big over the whole range, with
// both signs; where it refuses, the product is beyond any amount.
func TestTimesHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1e12, 1e12), rapid.Int64())
		price, count := Micro(wide.Draw(t, "price")), Count(wide.Draw(t, "count"))
		product := new(big.Int).Mul(big.NewInt(int64(price)), big.NewInt(int64(count)))
		want := halfUp(new(big.Rat).SetFrac(product, big.NewInt(100_000_000)))
		got, ok := price.TimesHalfUp(count)
		fits := new(big.Int).Abs(want).Cmp(big.NewInt(1<<62)) <= 0
		if ok != fits || ok && int64(got) != want.Int64() {
			t.Fatalf("%d × %d = %d, %v; want %v", price, count, got, ok, want)
		}
	})
	for _, test := range []struct {
		price Micro
		count Count
		want  Fen
	}{
		{10_000_000, 20_000, 2000}, // 10.00 × 2
		{1, 50_000_000, 1},         // 0.000001 × 5000 = 0.005
		{1, 49_999_999, 0},         // one ten-thousandth of a piece less
		{-1, 50_000_000, -1},
		{1, -50_000_000, -1},
		{-1, -50_000_000, 1},
		{0, math.MaxInt64, 0},
	} {
		if got, ok := test.price.TimesHalfUp(test.count); !ok || got != test.want {
			t.Errorf("%d × %d = %d, %v; want %d", test.price, test.count, got, ok, test.want)
		}
	}
	// The largest product that fits is 2⁶² fen, and one fen more does not.
	if got, ok := Micro(100_000_000).TimesHalfUp(1 << 62); !ok || got != 1<<62 {
		t.Errorf("2⁶² fen = %d, %v", got, ok)
	}
	if got, ok := Micro(100_000_000).TimesHalfUp(1<<62 + 1); ok {
		t.Errorf("2⁶² + 1 fen = %d", got)
	}
	if _, ok := Micro(math.MinInt64).TimesHalfUp(math.MinInt64); ok {
		t.Error("2¹²⁶ fits an amount")
	}
}

// TestPartHalfUp holds the part of an amount against the rational (R16); the negative
// of an amount gives the exact negative.
func TestPartHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(1, 400).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		amount := rapid.Int64Range(0, 1_000_000_000).Draw(t, "amount")
		exact := big.NewRat(amount*part, whole)
		exact.Add(exact, big.NewRat(1, 2))
		want := Fen(new(big.Int).Quo(exact.Num(), exact.Denom()).Int64())
		if got := PartHalfUp(Fen(amount), part, whole); got != want || PartHalfUp(-Fen(amount), part, whole) != -want {
			t.Fatalf("%d × %d/%d is %d, want %d", amount, part, whole, got, want)
		}
	})
	for _, test := range []struct {
		amount      Fen
		part, whole int64
		want        Fen
	}{{1, 1, 2, 1}, {-1, 1, 2, -1}, {1, 1, 3, 0}, {2, 1, 3, 1}, {100_000, 1, 3, 33_333}, {100_000, 2, 3, 66_667}, {7, 0, 5, 0}, {7, 5, 5, 7}} {
		if got := PartHalfUp(test.amount, test.part, test.whole); got != test.want {
			t.Errorf("%d × %d/%d is %d, want %d", test.amount, test.part, test.whole, got, test.want)
		}
	}
}
