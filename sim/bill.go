package sim

import (
	"math/bits"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// maxLines is the most lines that a simulated bill has.
const maxLines = 32

// lineDraws are the random bits for the lines of one episode beyond the first word:
// the counter to go on from.
type lineDraws struct {
	key             draw.Key
	number, counter uint64
	second          uint64 // of the last pair of words drawn
	left            bool   // whether it has not been used
	price           uint32 // the draw of unit prices
}

// next returns the next four draws.
//
//go:noinline
func (d *lineDraws) next() (word uint64) {
	if d.left = !d.left; !d.left {
		return d.second
	}
	word, d.second = draw.Philox(d.key, d.number, d.counter)
	d.counter++
	return word
}

// bill writes the lines of a bill over fee into lines and returns how many. Each
// item takes its share of the fee, the last the remainder; an item that divides
// makes one line of each catalogue class, as the class subtotals of an inpatient
// bill do (C3). Lines of nothing are left out. The first four draws are in word.
func bill(items []itemTables, fee, word uint64, draws *lineDraws, lines *[maxLines]engine.Line) int {
	// What is live in the loop fits the registers; whatever is rare is a call.
	left, n := 4, 0
	rest := fee
	for i := range items {
		item := &items[i]
		amount, _ := bits.Mul64(fee, item.share)
		amount ^= (amount ^ rest) & item.rest
		rest -= amount
		if amount == 0 {
			continue
		}
		if item.divide {
			n = item.divided(amount, lines, n)
			continue
		}
		if left == 0 {
			word, left = draws.next(), 4
		}
		draw := uint32(word & 0xffff)
		word >>= 16
		left--
		line := &lines[n]
		n++
		plain(line, amount, item.class)
		line.Item = engine.CatalogueClass((item.beforeB-draw)>>31 + (item.beforeC-draw)>>31)
		if item.unitPrice != 0 {
			item.price(line, draws.price)
		}
	}
	return n
}

// price states how many pieces of half to one and a half times the mean unit price make
// the amount, and the price of one that makes exactly it.
//
//go:noinline
func (item *itemTables) price(line *engine.Line, priceDraw uint32) {
	price := max(1, item.unitPrice*int64(32_768+priceDraw)>>16)
	line.Count = max(1, money.Count(int64(line.Amount)*10_000/price))
	line.Price = money.Micro((int64(line.Amount)*100_000_000 + int64(line.Count)/2) / int64(line.Count))
}

// divided makes one line of each catalogue class from n on and returns their end.
//
//go:noinline
func (item *itemTables) divided(amount uint64, lines *[maxLines]engine.Line, n int) int {
	a := amount * uint64(item.mixA) / uint64(money.One)
	b := amount * uint64(item.mixB) / uint64(money.One)
	for class, part := range [engine.NumCatalogueClasses]uint64{a, b, amount - a - b} {
		if part != 0 {
			plain(&lines[n], part, item.class)
			lines[n].Item = engine.CatalogueClass(class)
			n++
		}
	}
	return n
}

// plain writes a line without price or class of item, field by field: a literal
// would be built elsewhere and copied.
func plain(l *engine.Line, amount uint64, class engine.FeeClass) {
	l.Amount, l.SelfPay, l.Class = money.Fen(amount), engine.FromCatalogue, class
	l.Price, l.Limit, l.Count = 0, 0, 0
	l.DaysBefore, l.Original = 0, 0
}

// spread writes when the items of a stay were used (X43): evenly from its first day
// to its last, in the order of the lines.
func spread(lines []engine.Line, days day.Day) {
	step := uint32(days+1) << 16 / uint32(len(lines))
	at := uint32(0)
	for i := range lines {
		lines[i].DaysBefore = uint16(uint32(days) - at>>16)
		at += step
	}
}
