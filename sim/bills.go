package sim

import (
	"fmt"

	"kuasheng/engine"
)

// Bills are bills of the population, drawn and not yet settled: the load that
// measurements of the engine put on it.
type Bills struct {
	Claims []engine.Claim
	Lines  []engine.Line
	// People is how many persons the claims belong to, ProvinceOf the province of
	// each pool: what engine.NewShard asks for.
	People     int
	ProvinceOf []uint8
}

// BillsOf draws the bills that a month of the run brings the largest block of
// patients, month after month until there are at least n. A person's bills come
// in the order of their days.
func BillsOf(w *World, seed uint64, month, n int) (*Bills, error) {
	c, err := compile(w, seed)
	if err != nil {
		return nil, err
	}
	blocks, count := blocksOf(c, 1)
	house(blocks, count)
	largest := blocks[0]
	for _, b := range blocks {
		if b.count > largest.count {
			largest = b
		}
	}
	bills := &Bills{People: int(largest.count), ProvinceOf: c.provinceOf}
	worker := newWorker(c)
	worker.keep = bills
	for ; len(bills.Claims) < n; month++ {
		if month >= len(c.months) {
			return nil, fmt.Errorf("the run's months bring %d bills, not %d", len(bills.Claims), n)
		}
		worker.run(largest, month)
	}
	return bills, nil
}

func (b *Bills) take(claims []engine.Claim, lines []engine.Line) {
	first := uint32(len(b.Lines))
	b.Lines = append(b.Lines, lines...)
	for _, c := range claims {
		c.FirstLine += first
		b.Claims = append(b.Claims, c)
	}
}
