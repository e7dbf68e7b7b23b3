package bench

import (
	"encoding/hex"
	"fmt"
	"time"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// Proof is what was proven about the money of a run.
type Proof struct {
	// Proven is false only where the proof was switched off.
	Proven bool `json:"proven"`
	// Checked identities of the books held but for those in Breaches.
	Checked  int64    `json:"identities_checked"`
	Breaches []string `json:"breaches"`
	// DriftFen is how far the books are off, summed without sign over all accounts, and
	// the answers' money off the replay's.
	DriftFen int64 `json:"drift_fen"`
	// StateDigest is that of the service after the run, ReplayDigest that of a plain
	// single-threaded replay of what was sent, and RestartDigest that of a restart
	// from the log, where there is one.
	StateDigest   string `json:"state_digest"`
	ReplayDigest  string `json:"replay_digest"`
	RestartDigest string `json:"restart_digest,omitempty"`
	ReplayNS      int64  `json:"replay_ns"`
	// PlantedFen was put into the books to see it found.
	PlantedFen int64 `json:"planted_fen,omitempty"`
}

// state is the state of a service from outside: its intakes and their books.
type state struct {
	intakes []*engine.Intake
	books   []*engine.Books
}

// newState makes the state of a service before its first request.
func newState(w *sim.World, load *Workload, provinceOf []uint8, remember int) *state {
	s := &state{}
	for i := range load.Shards {
		l := &load.Shards[i]
		books := engine.NewBooks(engine.Shape{Pools: len(w.Pools), Provinces: len(w.Provinces)})
		people := make([]engine.PersonYear, l.People*load.Copies)
		shard := engine.NewShard(w.Rules, provinceOf, people, books)
		if l.Annexes {
			shard.Bind(people, make([]engine.Annex, len(people)))
		}
		s.books = append(s.books, books)
		s.intakes = append(s.intakes, engine.NewIntake(shard, remember, load.Sources))
	}
	return s
}

func (s *state) digest() string {
	d := service.StateDigest(s.intakes)
	return hex.EncodeToString(d[:])
}

// plant falsifies one account of the first cell that has a case.
func (s *state) plant(fen money.Fen) error {
	for _, b := range s.books {
		for _, row := range b.Rows() {
			if row.Register[engine.Cases] != 0 {
				row.Ledger[engine.PoolBasic] += fen
				return nil
			}
		}
	}
	return fmt.Errorf("nothing was settled in whose books %d fen could be planted", int64(fen))
}

// replay carries out on a new state what was sent, shard after shard in one thread.
func replay(s *state, load *Workload, ranges [][]Range) (t Tally) {
	const batch = 512
	requests, answers := make([]engine.Request, batch), make([]engine.Answer, batch)
	for i := range load.Shards {
		if len(load.Shards[i].Requests) == 0 {
			continue
		}
		c := load.cursor(i)
		for _, r := range ranges[i] {
			c.seek(r.From)
			for left := r.To - r.From; left > 0; {
				n := min(left, batch)
				for j := range requests[:n] {
					c.next(&requests[j])
				}
				s.intakes[i].Take(requests[:n], load.Shards[i].Lines, answers[:n])
				for j := range answers[:n] {
					t.take(&answers[j])
				}
				left -= n
			}
		}
	}
	return t
}

// prove checks the books of a stopped service and holds its state against a replay.
func prove(w *sim.World, s, fresh *state, load *Workload, m *Measured) *Proof {
	p := &Proof{Proven: true, Breaches: []string{}}
	for i, b := range s.books {
		checked, breaches := b.Check(fmt.Sprintf("shard %d", i), func(cell int) string {
			pool, treating, scheme, kind := b.Shape.Split(cell)
			return fmt.Sprintf("%d to %s, %v, %v", w.Pools[pool].Code, w.Provinces[treating].NameEN, scheme, kind)
		})
		p.Checked += checked
		for _, breach := range breaches {
			// Sums over accounts, such as a trial balance, would count a fen again.
			if off := int64(breach.Got - breach.Want); breach.Account != "all" {
				p.DriftFen += max(off, -off)
			}
			p.Breaches = append(p.Breaches, breach.Error())
		}
	}
	p.StateDigest = s.digest()
	start := time.Now()
	t := replay(fresh, load, m.Ranges)
	p.ReplayDigest = fresh.digest()
	p.ReplayNS = int64(time.Since(start))
	if p.StateDigest != p.ReplayDigest {
		p.Breaches = append(p.Breaches, fmt.Sprintf("the state after the run, %.16s…, is not that of a plain replay of the same requests, %.16s…", p.StateDigest, p.ReplayDigest))
	}
	if t != m.Tally {
		fee, cash := int64(t.Fee-m.Tally.Fee), int64(t.Cash-m.Tally.Cash)
		p.DriftFen += max(fee, -fee) + max(cash, -cash)
		p.Breaches = append(p.Breaches, fmt.Sprintf("the answers are not those of a plain replay: fees off by %d fen, cash by %d fen, or another number of answers of a kind", fee, cash))
	}
	return p
}
