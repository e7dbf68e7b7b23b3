package bench

import (
	"context"
	"encoding/hex"
	"flag"
	"sync"
	"testing"
	"time"

	"kuasheng/engine"
	"kuasheng/fixtures"
	"kuasheng/sim"
)

var sample = flag.Uint("sample", 1024, "BenchmarkNationalYear simulates one patient in this many")

var national = sync.OnceValue(func() *sim.World {
	pack, err := fixtures.Load("national-2024", fixtures.Options{})
	if err != nil {
		panic(err)
	}
	return pack.World()
})

// A seed is a promise: a change that moves this digest says why in CHANGELOG.md.
// Last moved because a disease that is not listed is no ordinary care any more but
// claimed by hand (N11), a priced line's price × count is its amount (X27), and the
// hospital's part of a stay over 1 January falls into its years by the days (R16).
const nationalDigest = "f9538b876fd36774c064bb6f9d85742a7e5c4caeae400376d13c6e3aa9980c8a"

func TestNationalDigestIsFrozen(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		r, err := sim.Run(context.Background(), sim.Config{World: national(), Seed: 2024, Sample: 1024, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(r.Digest[:]); got != nationalDigest {
			t.Errorf("%d workers: digest %s, want %s", workers, got, nationalDigest)
		}
	}
}

// BenchmarkNationalYear is the whole path: population, bills, settlement, books,
// clearing. Its profile says where the time goes: make profile.
func BenchmarkNationalYear(b *testing.B) {
	w := national()
	var settled, cpu int64
	for b.Loop() {
		r, err := sim.Run(context.Background(), sim.Config{World: w, Seed: 2024, Sample: uint32(*sample)})
		if err != nil {
			b.Fatal(err)
		}
		settled += r.Settled
		cpu += r.Effort.CPUNS
	}
	b.ReportMetric(float64(cpu)/float64(settled), "core-ns/settlement")
	b.ReportMetric(float64(settled)/float64(b.N), "settlements/op")
}

// BenchmarkSettleNational settles bills of the national population, 64 at a time
// as the simulation does, and reports how long such a batch takes.
func BenchmarkSettleNational(b *testing.B) {
	const batch = 64
	w := national()
	bills, err := sim.BillsOf(w, 2024, w.WarmUp, 20_000)
	if err != nil {
		b.Fatal(err)
	}
	people, annexes := make([]engine.PersonYear, bills.People), make([]engine.Annex, bills.People)
	books := engine.NewBooks(engine.Shape{Pools: len(w.Pools), Provinces: len(w.Provinces)})
	shard := engine.NewShard(w.Rules, bills.ProvinceOf, nil, books)
	shard.Bind(people, annexes)
	results := make([]engine.Result, batch)
	recorder := NewRecorder()
	at, settled, checksum := 0, 0, int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if at+batch > len(bills.Claims) {
			// The year begins anew.
			b.StopTimer()
			clear(people)
			clear(annexes)
			at = 0
			b.StartTimer()
		}
		start := time.Now()
		shard.Settle(bills.Claims[at:at+batch], bills.Lines, results)
		recorder.Record(time.Since(start).Nanoseconds())
		checksum += int64(results[0].Cash)
		settled += batch
		at += batch
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(settled), "ns/bill")
	b.ReportMetric(float64(recorder.Quantile(50)), "p50-ns/batch")
	b.ReportMetric(float64(recorder.Quantile(99)), "p99-ns/batch")
	b.ReportMetric(float64(checksum%1_000_000_007), "checksum")
}
