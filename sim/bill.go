package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/money"
)

// maxLines is the most lines that a simulated bill has.
const maxLines = 32

// lineDraws hands out 16 random bits at a time for the lines of one episode.
type lineDraws struct {
	key, number, counter uint64
	word, next           uint64
	left                 int
}

// begin starts with a word already drawn and goes on at the counter.
func (d *lineDraws) begin(key, number, counter, word uint64) {
	d.key, d.number, d.counter, d.next, d.left = key, number, counter, word, 4
}

func (d *lineDraws) draw() uint32 {
	if d.left == 0 {
		d.word, d.next = philox(d.key, d.number, d.counter)
		d.counter++
		d.left = 8
	}
	if d.left == 4 {
		d.word = d.next
	}
	d.left--
	v := uint32(d.word & 0xffff)
	d.word >>= 16
	return v
}

// bill writes the lines of a bill over fee into lines and returns how many. Each
// item takes its share of the fee, the last the remainder; an item that divides
// makes one line of each catalogue class, as the class subtotals of an inpatient
// bill do (C3). Lines of nothing are left out.
func (b *basketTables) bill(fee uint64, priceDraw uint32, draws *lineDraws, lines []engine.Line) int {
	n := 0
	rest := fee
	last := len(b.items) - 1
	for i := range b.items {
		item := &b.items[i]
		amount := rest
		if i != last {
			amount = fee * uint64(item.share) / uint64(money.One)
		}
		rest -= amount
		if amount == 0 {
			continue
		}
		if item.divide {
			a := amount * uint64(item.mix[engine.ClassA]) / uint64(money.One)
			b := amount * uint64(item.mix[engine.ClassB]) / uint64(money.One)
			for class, part := range [engine.NumCatalogueClasses]uint64{a, b, amount - a - b} {
				if part != 0 {
					lines[n] = engine.Line{Amount: money.Fen(part), SelfPay: engine.FromCatalogue, Class: item.class, Item: engine.CatalogueClass(class)}
					n++
				}
			}
			continue
		}
		line := &lines[n]
		line.Amount, line.SelfPay, line.Class = money.Fen(amount), engine.FromCatalogue, item.class
		line.Item = engine.CatalogueClass(item.class3.pick(draws.draw()))
		line.Price, line.Limit, line.Count = 0, 0, 0
		if item.unitPrice != 0 {
			// Half to one and a half times the mean unit price.
			price := max(1, item.unitPrice*int64(32_768+priceDraw)>>16)
			line.Price = money.Micro(price * 10_000)
			line.Count = money.Count(int64(amount) * 10_000 / price)
		}
		n++
	}
	return n
}
