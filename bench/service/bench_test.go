package service

import (
	"fmt"
	"runtime"
	"testing"

	"kuasheng/engine"
)

// checksum folds answers into one number.
func checksum(sum uint64, answers []engine.Answer) uint64 {
	for i := range answers {
		r := &answers[i].Result
		sum = sum*31 + uint64(r.Fee) + uint64(r.Cash)<<1 + uint64(r.FundSum())<<2 + uint64(answers[i].Outcome)<<60
	}
	return sum
}

const (
	benchSize    = 256 // requests a batch
	benchBatches = 32
)

// load is what a benchmark settles: bills of eight lines for so many people, every
// one with a ticket of its own.
type load struct {
	sender
	batches [benchBatches]*Batch
	n       int
	sum     uint64
}

func newLoad(people int) *load {
	l := &load{sender: sender{people: uint64(people)}}
	for i := range l.batches {
		l.batches[i] = l.batch(benchSize)
	}
	return l
}

// next is the next batch.
func (l *load) next() *Batch {
	b := l.batches[l.n%benchBatches]
	l.send(b)
	l.n++
	return b
}

// settled checks that a batch was settled and not refused by accident.
func (l *load) settled(b *testing.B, batch *Batch) {
	for _, i := range [...]int{0, benchSize / 3, benchSize - 1} {
		if a := &batch.Answers[i]; a.Outcome != engine.Done || a.Result.Status != engine.Settled {
			b.Fatalf("%s, %v", engine.OutcomeNames[a.Outcome], a.Result.Status)
		}
	}
	l.sum = checksum(l.sum, batch.Answers[:1])
}

// measured runs f for a batch after the other and reports what a settlement took:
// by the clock, and of the processors.
func measured(b *testing.B, f func()) {
	b.ReportAllocs()
	batches, cpu := 0, cpuNS()
	for b.Loop() {
		f()
		batches++
	}
	each := 1 / float64(batches*benchSize)
	b.ReportMetric(float64(cpuNS()-cpu)*each, "core-ns/settlement")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())*each, "ns/settlement")
}

// filled is an intake whose ring is full, so that it forgets with every request.
func filled(b *testing.B, w *world, l *load, log2 int) *engine.Intake {
	k := w.intake(int(l.people), log2)
	largePages(k)
	for n := 0; n < 1<<log2; n += benchSize {
		batch := l.next()
		k.Take(batch.Requests, batch.Lines, batch.Answers)
		l.settled(b, batch)
	}
	return k
}

// BenchmarkSettle settles bills without an intake, the measure for the next one.
func BenchmarkSettle(b *testing.B) {
	w := newWorld(200)
	for _, people := range []int{1 << 15, 1 << 17, 1 << 20} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			shard, l := w.shard(people), newLoad(people)
			claims, results := make([]engine.Claim, benchSize), make([]engine.Result, benchSize)
			measured(b, func() {
				batch := l.next()
				for j := range claims {
					claims[j] = batch.Requests[j].Claim
				}
				shard.Settle(claims, batch.Lines, results)
				if results[benchSize-1].Status != engine.Settled {
					b.Fatal(results[benchSize-1].Status)
				}
			})
		})
	}
}

// BenchmarkIntake carries out settlements of eight lines, every one new, for so many
// people and with so many requests remembered. What the sender takes is in it; see
// the first price of BenchmarkPrices.
func BenchmarkIntake(b *testing.B) {
	w := newWorld(200)
	for _, size := range []struct{ people, log2 int }{{1 << 15, 14}, {1 << 17, 18}, {1 << 20, 20}} {
		b.Run(fmt.Sprintf("people=%d/remembered=%d", size.people, 1<<size.log2), func(b *testing.B) {
			l := newLoad(size.people)
			k := filled(b, w, l, size.log2)
			measured(b, func() {
				batch := l.next()
				k.Take(batch.Requests, batch.Lines, batch.Answers)
				l.settled(b, batch)
			})
			b.ReportMetric(float64(l.sum&0xffff), "checksum")
		})
	}
}

// BenchmarkPrices climbs the ladder, for the bills of the test's world; what the
// sender takes is in it. kuasheng bench prices does the same for the nation's bills.
func BenchmarkPrices(b *testing.B) {
	const people, log2 = 1 << 17, 16
	w := newWorld(200)
	for upTo, name := range FeatureNames {
		b.Run(fmt.Sprintf("%d=%s", upTo, name), func(b *testing.B) {
			l := newLoad(people)
			ladder, err := NewLadder(filled(b, w, l, log2), b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer ladder.Close()
			group := l.batches[:16]
			n, bytes := 0, 0
			b.ReportAllocs()
			cpu := cpuNS()
			for b.Loop() {
				for _, batch := range group {
					l.send(batch)
				}
				if err := ladder.Carry(Feature(upTo), group); err != nil {
					b.Fatal(err)
				}
				if settled := ladder.Settled(Feature(upTo), group); settled != len(group)*benchSize {
					b.Fatalf("%d settled", settled)
				}
				bytes += ladder.LogBytes(Feature(upTo))
				n += len(group) * benchSize
			}
			b.ReportMetric(float64(cpuNS()-cpu)/float64(n), "core-ns/settlement")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/settlement")
			b.ReportMetric(float64(bytes)/float64(n), "bytes/settlement")
		})
	}
}

// BenchmarkService has a shard carry out batches that a sender hands in as fast as
// they are answered, at most so many on their way.
func BenchmarkService(b *testing.B) {
	const people, log2 = 1 << 17, 16
	w := newWorld(200)
	for durability, name := range DurabilityNames {
		for _, ring := range []int{16, 128, 512} {
			b.Run(fmt.Sprintf("%s/ring=%d", name, ring), func(b *testing.B) {
				l := newLoad(people)
				k := w.intake(people, log2)
				cfg := Config{Durability: Durability(durability), Dir: b.TempDir(), Ring: ring}
				var disk timedDisk
				s, err := startOn([]*engine.Intake{k}, cfg, func(w *log) {
					if w != nil {
						disk.disk = w.file
						w.file = &disk
					}
				})
				if err != nil {
					b.Fatal(err)
				}
				free := make([]*Batch, ring)
				for i := range free {
					free[i] = l.batch(benchSize)
				}
				receive := func() {
					batch, running := <-s.Answered(0)
					if !running {
						b.Fatal(s.Err())
					}
					l.settled(b, batch)
					free = append(free, batch)
				}
				measured(b, func() {
					if len(free) == 0 {
						receive()
					}
					batch := free[len(free)-1]
					l.send(batch)
					for !s.Submit(0, batch) {
						runtime.Gosched()
					}
					free = free[:len(free)-1]
				})
				for len(free) < ring {
					receive()
				}
				if err := s.Stop(); err != nil {
					b.Fatal(err)
				}
				if disk.syncs > 1 {
					b.ReportMetric(float64(disk.ns)/float64(disk.syncs)/1e3, "µs/fsync")
					b.ReportMetric(float64(disk.bytes)/float64(disk.syncs)/1024, "KiB/fsync")
				}
				if disk.bytes > 0 {
					b.ReportMetric(float64(disk.bytes)/float64(l.sender.n), "bytes/settlement")
				}
			})
		}
	}
}

// timedDisk counts what a log asks of the disk.
type timedDisk struct {
	disk
	bytes, syncs, ns int64
}

func (d *timedDisk) Write(b []byte) (int, error) {
	d.bytes += int64(len(b))
	return d.disk.Write(b)
}

func (d *timedDisk) Sync() error {
	start := nanotime()
	err := d.disk.Sync()
	d.ns += nanotime() - start
	d.syncs++
	return err
}

// BenchmarkRecover reads a log of 64 batches and carries it out again.
func BenchmarkRecover(b *testing.B) {
	const people, log2 = 1 << 15, 14
	w := newWorld(40)
	l := newLoad(people)
	k := w.intake(people, log2)
	cfg := Config{Durability: Logged, Dir: b.TempDir(), Ring: benchBatches}
	s, _, err := Start(cfg, []*engine.Intake{k})
	if err != nil {
		b.Fatal(err)
	}
	const batches = 64
	for range batches {
		batch := l.next()
		for !s.Submit(0, batch) {
		}
		<-s.Answered(0)
	}
	if err := s.Stop(); err != nil {
		b.Fatal(err)
	}
	n, cpu := 0, cpuNS()
	for b.Loop() {
		again, _, err := open(cfg, []*engine.Intake{w.intake(people, log2)})
		if err != nil {
			b.Fatal(err)
		}
		again.closeLogs()
		n++
	}
	b.ReportMetric(float64(cpuNS()-cpu)/float64(n)/batches/benchSize, "core-ns/settlement")
}
