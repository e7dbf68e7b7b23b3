package html

import (
	"math"
	"reflect"
	"testing"

	"kuasheng/sim/report/words"
)

// Figures are written as people say them in either language.
func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		amount Amount
		en, zh string
	}{
		{Cases.Of(238_802_304), "238.8 million cases", "2.39 亿人次"},
		{Cases.Of(14_322_240), "14.32 million cases", "1,432.2 万人次"},
		{Cases.Of(888), "888 cases", "888 人次"},
		{Cases.Of(0), "0 cases", "0 人次"},
		{Money.Of(19_491_400_000_000), "194.9 billion yuan", "1,949.1 亿元"},
		{Money.Of(12_345_678), "123.5 thousand yuan", "12.35 万元"},
		{Money.Of(-12_345_678), "−123.5 thousand yuan", "−12.35 万元"},
		{Money.Of(6_420), "64.20 yuan", "64.20 元"},
		{Percent.Of(8828), "88.28 %", "88.28 %"},
		{Percent.Of(7000), "70 %", "70 %"},
		{Gap.Of(-900), "−0.09 %", "−0.09 %"},
		{Gap.Of(4200), "+0.42 %", "+0.42 %"},
		{Days.Of(5440), "54.4 days", "54.4 天"},
		{Counted(words.Counter("项")).Of(41_260_000), "41.26 million", "4,126.0 万项"},
	} {
		if en, zh := c.amount.In(words.English), c.amount.In(words.Chinese); en != c.en || zh != c.zh {
			t.Errorf("%d: %q and %q, want %q and %q", c.amount.N, en, zh, c.en, c.zh)
		}
	}
	if got := words.F(words.T("%s of %d", "%[2]d 中的 %[1]s"), words.T("one", "一"), 7); got != words.T("one of 7", "7 中的 一") {
		t.Errorf("%q", got)
	}
}

// A length on a chart is the figure itself: zero is on every axis.
func TestAxesHoldZero(t *testing.T) {
	for _, c := range [][2]float64{{0, 7346}, {95, 100}, {-3, -1}, {-0.2, 5.98}, {0, 0}, {0, 1e18}, {1e-3, 2e-3}} {
		a := newAxis(c[0], c[1], 1, 5, 0, 100)
		if a.from > 0 || a.to < 0 || a.from > c[0] || a.to < c[1] {
			t.Errorf("%v: the axis runs from %v to %v", c, a.from, a.to)
		}
		ticks := a.ticks()
		if len(ticks) < 2 || len(ticks) > 12 || a.pos(a.from) != 0 || math.Abs(a.pos(a.to)-100) > 1e-9 {
			t.Errorf("%v: ticks %v", c, ticks)
		}
		zero := false
		for _, v := range ticks {
			zero = zero || v == 0
		}
		if !zero {
			t.Errorf("%v: no tick at zero in %v", c, ticks)
		}
	}
}

func TestDecades(t *testing.T) {
	for most, want := range map[int64][]int64{0: nil, 1: nil, 5: {1}, 7346: {1, 10, 100, 1000}, 7_425_536: {10, 100, 1000, 10_000, 100_000, 1_000_000}} {
		if got := Decades(most); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %v, want %v", most, got, want)
		}
	}
}
