package sim

import (
	"testing"
)

func BenchmarkStages(b *testing.B) {
	w := smallWorld(8 * 8192)
	c, err := compile(w, 1)
	if err != nil {
		b.Fatal(err)
	}
	blocks, count := blocksOf(c, 1)
	house(blocks, count)
	wk := newWorker(c)
	blk := blocks[0]
	blk.draw(c)
	t := &c.months[1]
	wk.shard.Bind(blk.people)
	s := &blk.segments[0]
	number := patientNumber(1, 2, s.scheme, s.first)
	b.Run("fall", func(b *testing.B) {
		for i := range b.N {
			wk.fall(t, blk.patients[i*32%8000:i*32%8000+32], number+uint64(i)*32, 1)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/32, "ns/person")
	})
	b.Run("visits", func(b *testing.B) {
		n := 0
		for i := range b.N {
			k := wk.fall(t, blk.patients[i*32%8000:i*32%8000+32], number+uint64(i)*32, 1)
			for j := range k {
				n += wk.visits(t, &wk.falling[j])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/visit")
	})
	b.Run("episode", func(b *testing.B) {
		n := 0
		for i := range b.N {
			k := wk.fall(t, blk.patients[i*32%8000:i*32%8000+32], number+uint64(i)*32, 1)
			for j := range k {
				f := &wk.falling[j]
				for v := range wk.visits(t, f) {
					if len(wk.claims) >= batchSize-2 {
						wk.claims, wk.groups, wk.used = wk.claims[:0], wk.groups[:0], 0
					}
					wk.episode(t, blk, s, uint32(j), f.number, &wk.visiting[v])
					n++
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/visit")
	})
	b.Run("settle", func(b *testing.B) {
		wk.claims, wk.groups, wk.used = wk.claims[:0], wk.groups[:0], 0
		for i := uint64(0); len(wk.claims) < batchSize-8; i++ {
			k := wk.fall(t, blk.patients[i*32%8000:i*32%8000+32], number+i*32, 1)
			for j := range k {
				f := &wk.falling[j]
				for v := range wk.visits(t, f) {
					if len(wk.claims) < batchSize-2 {
						wk.episode(t, blk, s, uint32(j), f.number, &wk.visiting[v])
					}
				}
			}
		}
		for b.Loop() {
			wk.shard.Settle(wk.claims, wk.lines, wk.results)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(wk.claims)), "ns/claim")
		b.ReportMetric(float64(len(wk.claims)), "claims")
	})
}
