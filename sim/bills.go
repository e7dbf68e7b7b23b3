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

// BillsOf draws the bills that a month of the run brings some blocks of patients
// spread evenly over the country, at least n of them. A person's bills come in
// the order of their days. The rest of a divided stay does not say what it goes on
// from, for nothing is settled.
func BillsOf(w *World, seed uint64, month, n int) (*Bills, error) {
	c, err := compile(w, seed)
	if err != nil {
		return nil, err
	}
	blocks, _ := blocksOf(c, 1)
	bills := &Bills{ProvinceOf: c.provinceOf}
	worker := newWorker(c)
	worker.keep = bills
	// Every stride-th block, then the ones after those, until there are enough.
	const spread = 64
	stride := max(1, len(blocks)/spread)
	for first := range stride {
		for i := first; i < len(blocks); i += stride {
			b := blocks[i]
			allocatePatients(c, []*block{b}, int64(b.count))
			worker.run(b, month)
			bills.People += int(b.count)
			if len(bills.Claims) >= n && i+stride >= len(blocks) {
				return bills, nil
			}
		}
	}
	return nil, fmt.Errorf("the month brings %d bills, not %d", len(bills.Claims), n)
}

func (b *Bills) take(claims []engine.Claim, lines []engine.Line) {
	first := uint32(len(b.Lines))
	b.Lines = append(b.Lines, lines...)
	for _, c := range claims {
		c.FirstLine += first
		c.Person += uint32(b.People)
		b.Claims = append(b.Claims, c)
	}
}
