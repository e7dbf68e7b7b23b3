package audit_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

var (
	claimsFlag  = flag.Int("claims", 500_000, "how many requests TestDifferential puts to engine and audit, at least")
	seedFlag    = flag.Uint64("seed", 2024, "seed of TestDifferential")
	storyFlag   = flag.Int("story", -1, "the one story of the seed that TestDifferential tells")
	workersFlag = flag.Int("workers", 2, "how many stories TestDifferential tells at a time")
)

// stepsOfStory is how many events a story has.
const stepsOfStory = 96

// counts say what the stories came to: a run that never met a rule proves nothing of it.
type counts struct {
	requests, again, turns int
	statuses               [engine.NumStatuses]int
	kinds                  [engine.NumKinds]int
	filings                [engine.NumFilingKinds]int
	met                    map[string]int
	checksum               uint64
}

func (n *counts) add(c *engine.Claim, lines []engine.Line, r *engine.Result) {
	n.requests++
	n.statuses[r.Status]++
	if r.Status != engine.Settled {
		return
	}
	n.kinds[c.Kind]++
	n.filings[r.Filing]++
	if n.met == nil {
		n.met = map[string]int{}
	}
	for _, fact := range []struct {
		name string
		is   bool
	}{
		{"deductible eats the bill", r.Deductible == r.InScope && r.InScope > 0},
		{"ceiling reached to the fen", r.Funds[engine.LayerBasic] == r.CeilingLeft && r.CeilingLeft > 0},
		{"one fen below the ceiling", r.Funds[engine.LayerBasic] == r.CeilingLeft-1},
		{"ceiling used up before", r.CeilingLeft == 0},
		{"大额 pays", r.Funds[engine.LayerLarge] > 0},
		{"大病 pays", r.Funds[engine.LayerMajor] > 0},
		{"救助 pays", r.Funds[engine.LayerAid] > 0},
		{"four layers pay", r.Funds[0] > 0 && r.Funds[1] > 0 && r.Funds[2] > 0 && r.Funds[3] > 0},
		{"account pays all", r.Account > 0 && r.Cash == 0},
		{"account runs out", r.Account > 0 && r.Cash > 0},
		{"over the limit", r.OverLimit > 0},
		{"pre-self-pay", r.PreSelfPay > 0},
		{"third admission", r.Visit > 2},
		{"ten lines", len(lines) > 9},
	} {
		if fact.is {
			n.met[fact.name]++
		}
	}
	for _, amount := range []money.Fen{r.Fee, r.InScope, r.Deductible, r.Funds[0], r.Funds[1], r.Funds[2], r.Funds[3], r.Account, r.Cash} {
		n.checksum = n.checksum*31 + uint64(amount)
	}
}

func (n *counts) reversal(status engine.Status) {
	n.requests++
	if status == engine.Settled {
		if n.met == nil {
			n.met = map[string]int{}
		}
		n.met["reversed"]++
		return
	}
	n.statuses[status]++
}

func (n *counts) merge(o *counts) {
	n.requests, n.again, n.turns = n.requests+o.requests, n.again+o.again, n.turns+o.turns
	for i := range n.statuses {
		n.statuses[i] += o.statuses[i]
	}
	for i := range n.kinds {
		n.kinds[i] += o.kinds[i]
	}
	for i := range n.filings {
		n.filings[i] += o.filings[i]
	}
	if n.met == nil {
		n.met = map[string]int{}
	}
	for name, times := range o.met {
		n.met[name] += times
	}
	n.checksum += o.checksum
}

// tell tells a story of so many steps and returns what was found wrong with it.
func tell(rng *rand.Rand, steps int) (count *counts, wrong string) {
	count = &counts{}
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

// TestDifferential puts random bills, reversals and credits of random persons under
// random policies to the engine and to the audit, and stops at the first difference.
//
//	go test ./engine/audit -run Differential -count=1 -timeout 0 -args -claims 17000000
//
// Six in ten of them settle, ten million of these; the others are refused or taken back.
func TestDifferential(t *testing.T) {
	var total counts
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
	t.Logf("%d requests agree; checksum %x", total.requests, total.checksum)
	t.Logf("%d years begun, %d bills settled again to the same answer; kinds %v; filings %v", total.turns, total.again, total.kinds, total.filings)
	for status := range engine.Status(engine.NumStatuses) {
		t.Logf("%9d %v", total.statuses[status], status)
		if total.statuses[status] == 0 {
			t.Errorf("no request came to %v", status)
		}
	}
	for _, name := range []string{
		"deductible eats the bill", "ceiling reached to the fen", "one fen below the ceiling", "ceiling used up before", "大额 pays", "大病 pays", "救助 pays",
		"four layers pay", "account pays all", "account runs out", "over the limit", "pre-self-pay", "third admission", "ten lines", "reversed",
	} {
		t.Logf("%9d %s", total.met[name], name)
		if total.met[name] == 0 {
			t.Errorf("no bill met this: %s", name)
		}
	}
	for _, n := range append(append(total.kinds[:], total.filings[:]...), total.turns, total.again) {
		if n == 0 {
			t.Error("a kind, a filing, a turn of the year or a second settlement never came up")
		}
	}
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
