package audit_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"testing"
)

var (
	claimsFlag  = flag.Int("claims", 150_000, "how many requests TestDifferential puts to engine and audit, at least")
	seedFlag    = flag.Uint64("seed", 2024, "seed of TestDifferential")
	storyFlag   = flag.Int("story", -1, "the one story of the seed that TestDifferential tells")
	workersFlag = flag.Int("workers", 2, "how many stories TestDifferential tells at a time")
)

// stepsOfStory is how many events a story has.
const stepsOfStory = 96

// tell tells a story of so many steps and returns what was found wrong with it.
func tell(rng *rand.Rand, steps int) (count *counts, wrong string) {
	count = newCounts()
	at := 0
	defer func() {
		switch x := recover().(type) {
		case nil:
		case disagreement:
			wrong = fmt.Sprintf("step %d: %s", at, x.text)
		default:
			wrong = fmt.Sprintf("step %d: panic: %v\n%s", at, x, debug.Stack())
		}
	}()
	s := newStory(rng, count)
	for at = range steps {
		s.step()
	}
	s.flush()
	return count, ""
}

// TestDifferential puts random bills, manual claims, reversals and credits of random persons under
// random policies to the engine and to the audit, and stops at the first difference.
//
//	go test ./engine/audit -run Differential -count=1 -timeout 0 -args -claims 26000000
//
// About four in ten of them settle, ten million of these; the others are refused or taken
// back.
func TestDifferential(t *testing.T) {
	total := newCounts()
	if *storyFlag >= 0 {
		if _, wrong := tell(rand.New(rand.NewPCG(*seedFlag, uint64(*storyFlag))), stepsOfStory); wrong != "" {
			t.Fatalf("story %d of seed %d, %s", *storyFlag, *seedFlag, wrong)
		}
		return
	}
	if testing.Short() {
		*claimsFlag = min(*claimsFlag, 40_000)
	}
	// Stories are told in rounds, so that the same ones are told by any number of
	// workers and the first that is wrong is the one reported.
	const round = 64
	for first := 0; total.requests < *claimsFlag; first += round {
		var told [round]*counts
		var wrong [round]string
		var workers sync.WaitGroup
		for w := range *workersFlag {
			workers.Go(func() {
				for i := w; i < round; i += *workersFlag {
					told[i], wrong[i] = tell(rand.New(rand.NewPCG(*seedFlag, uint64(first+i))), stepsOfStory)
				}
			})
		}
		workers.Wait()
		for i := range told {
			if wrong[i] != "" {
				t.Fatalf("story %d of seed %d, %s\nafter %d requests that agreed; again with\n\tgo test ./engine/audit -run 'TestDifferential$' -count=1 -args -seed %d -story %d",
					first+i, *seedFlag, wrong[i], total.requests, *seedFlag, first+i)
			}
			total.merge(told[i])
		}
	}
	total.mustBeComplete(t)
}

// bytesThenPCG gives the fuzzer's bytes as random numbers, and after them those of a
// generator seeded by how many there were.
type bytesThenPCG struct {
	bytes []byte
	then  *rand.PCG
}

func (b *bytesThenPCG) Uint64() uint64 {
	if len(b.bytes) == 0 {
		return b.then.Uint64()
	}
	var word [8]byte
	b.bytes = b.bytes[copy(word[:], b.bytes):]
	return binary.LittleEndian.Uint64(word[:])
}

// FuzzSettle tells stories that the fuzzer writes, without end. Unless told otherwise Go
// spends a minute on making each interesting input shorter:
//
//	go test ./engine/audit -run '^$' -fuzz FuzzSettle -fuzzminimizetime 20x
func FuzzSettle(f *testing.F) {
	for seed := range uint64(8) {
		pcg := rand.NewPCG(*seedFlag, seed)
		var bytes []byte
		for range 64 {
			bytes = binary.LittleEndian.AppendUint64(bytes, pcg.Uint64())
		}
		f.Add(seed, bytes)
	}
	f.Fuzz(func(t *testing.T, seed uint64, bytes []byte) {
		source := &bytesThenPCG{bytes, rand.NewPCG(*seedFlag, seed)}
		if _, wrong := tell(rand.New(source), 24); wrong != "" {
			t.Fatal(wrong)
		}
	})
}
