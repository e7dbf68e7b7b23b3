package engine_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

var lawful = engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000}

// roundHalfUp rounds a rational to the nearest integer, halves away from zero. It
// is the tests' own: no arithmetic is shared with the engine.
func roundHalfUp(r *big.Rat) int64 {
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		return -roundHalfUp(new(big.Rat).Neg(r))
	}
	x := new(big.Rat).Add(r, half)
	return new(big.Int).Quo(x.Num(), x.Denom()).Int64()
}

// TestQuotaIsTheLiteralFormula: Q = multiple × (Oct + Nov + Dec) ÷ 3 as a rational,
// rounded once (D1). Reforms vary the multiple.
func TestQuotaIsTheLiteralFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := lawful
		rule.Multiple = money.BasisPoints(rapid.IntRange(0, 60_000).Draw(t, "multiple"))
		amount := rapid.Custom(func(t *rapid.T) int64 {
			if rapid.Bool().Draw(t, "small") {
				return rapid.Int64Range(-50, 50).Draw(t, "fen")
			}
			return rapid.Int64Range(-1e14, 1e14).Draw(t, "fen")
		})
		o, n, d := amount.Draw(t, "october"), amount.Draw(t, "november"), amount.Draw(t, "december")
		want := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(o+n+d), big.NewInt(int64(rule.Multiple))), big.NewInt(3*10_000))
		if want.Sign() < 0 {
			want = new(big.Rat)
		}
		if got := rule.Quota(money.Fen(o), money.Fen(n), money.Fen(d)); int64(got) != roundHalfUp(want) {
			t.Fatalf("Quota(%d, %d, %d) at %d bp = %d, want %s", o, n, d, rule.Multiple, got, want.FloatString(4))
		}
	})
	// A half exactly: 1.5 × 1 ÷ 3 = 0.5 → 1.
	rule := engine.PrepaymentRule{Multiple: 15_000}
	if got := rule.Quota(1, 0, 0); got != 1 {
		t.Errorf("1.5 × 0.01 ÷ 3 = %v", got)
	}
}

// TestAlertIsTheExactRate: the grade is that of clearing ÷ quota as a rational, and
// UseRate is that rational rounded down (R5, X11, X38).
func TestAlertIsTheExactRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := lawful
		rule.RedStrict = rapid.Bool().Draw(t, "strict")
		quota := rapid.Int64Range(0, 1e13).Draw(t, "quota")
		near := rapid.SampledFrom([]int64{0, 7_000, 9_000, 10_000}).Draw(t, "near")
		clearing := quota/10_000*near + quota%10_000*near/10_000 + rapid.Int64Range(-3, 3).Draw(t, "off")
		got := rule.Alert(money.Fen(clearing), money.Fen(quota))
		rate, ok := engine.UseRate(money.Fen(clearing), money.Fen(quota))
		want := engine.Green
		if quota == 0 {
			if clearing > 0 {
				want = engine.Red
			}
			if ok {
				t.Fatalf("a use rate of %d of nothing", rate)
			}
		} else {
			exact := big.NewRat(max(0, clearing), quota)
			yellow, red := exact.Cmp(big.NewRat(7, 10)), exact.Cmp(big.NewRat(9, 10))
			switch {
			case red > 0 || red == 0 && !rule.RedStrict:
				want = engine.Red
			case yellow >= 0:
				want = engine.Yellow
			}
			scaled := exact.Mul(exact, big.NewRat(10_000, 1))
			if floor := new(big.Int).Quo(scaled.Num(), scaled.Denom()).Int64(); !ok || rate != floor {
				t.Fatalf("UseRate(%d, %d) = %d, want %d", clearing, quota, rate, floor)
			}
		}
		if got != want {
			t.Fatalf("Alert(%d, %d) = %v, want %v", clearing, quota, got, want)
		}
	})
}

// TestTopUpLimit: 2C − Q, positive exactly where C is more than half of Q (D2).
func TestTopUpLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Int64Range(0, 1e13).Draw(t, "quota")
		c := rapid.OneOf(rapid.Int64Range(-1e13, 1e13), rapid.Int64Range(q/2-2, q/2+2)).Draw(t, "clearing")
		got := int64(lawful.TopUpLimit(money.Fen(c), money.Fen(q)))
		if (got > 0) != (2*c > q) || got > 0 && got != 2*c-q || got < 0 {
			t.Fatalf("TopUpLimit(%d, %d) = %d", c, q, got)
		}
	})
}

// TestAlertsFireOnCrossing replays random months: an alert is raised exactly where
// the colour is worse than the month before.
func TestAlertsFireOnCrossing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pair := engine.PairState{Quota: 10_000}
		before := engine.Green
		for i := range rapid.IntRange(1, 12).Draw(t, "months") {
			m := day.MonthOf(2024, 1) + day.Month(i)
			clearing := money.Fen(rapid.SampledFrom([]int{-5, 0, 6_999, 7_000, 8_999, 9_000, 9_001, 20_000}).Draw(t, "clearing"))
			raised := pair.SignOff(&lawful, clearing)
			if pair.Alert != lawful.Alert(clearing, 10_000) || raised != (pair.Alert > before) {
				t.Fatalf("%v: clearing %v after %v: raised %v, %+v", m, clearing, before, raised, pair)
			}
			before = pair.Alert
		}
	})
	for a, name := range []string{"green", "yellow", "red"} {
		if got := engine.Alert(a).String(); got != name {
			t.Errorf("alert %d is %q", a, got)
		}
	}
}
