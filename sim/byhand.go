package sim

import (
	"slices"

	"kuasheng/engine"
	"kuasheng/sim/draw"
)

// byHand are the manual claims 手工报销 of a batch (B15, C11), in the order of its bills.
type byHand struct {
	claims  []engine.Claim
	at      []int // index of each in the batch
	results []engine.Result
	decided int // of the claims
}

func (h *byHand) add(c *engine.Claim, at int) {
	h.claims, h.at = append(h.claims, *c), append(h.at, at)
	if len(h.results) < len(h.claims) {
		h.results = append(h.results, engine.Result{})
	}
}

func (h *byHand) empty() { h.claims, h.at, h.decided = h.claims[:0], h.at[:0], 0 }

// claimable says for which refusals the pool reimburses by hand: those that lie in
// the filing, the connection, the list of diseases or the opening (N11), or an outage,
// and not in the person, the injury or the lines.
var claimable = [engine.NumStatuses]bool{
	engine.StatusNotFiled: true, engine.StatusFiledElsewhere: true, engine.StatusFilingNotInForce: true,
	engine.StatusUnconnected: true, engine.StatusDiseaseNotListed: true, engine.StatusDiseaseNotOpened: true,
	engine.StatusPlatformDown: true,
}

// claimsByHand reports whether the patient of bill i, refused with a status, goes
// to the pool with it.
func (w *worker) claimsByHand(t *monthTables, i int, refused engine.Status) bool {
	if !claimable[refused] {
		return false
	}
	c, d := &w.claims[i], &w.drawn[i]
	word, _ := draw.Philox(w.c.keys[streamEpisode], d.number, episodeCounter(t.month, c.Kind, int(d.ordinal), slotHand))
	draw := u16(word, 0)
	if d.rest {
		draw = u16(word, 1)
	}
	return w.c.behavior.claimByHand[c.Kind].Hit(draw)
}

// paid is the result of bill i of the batch, where it was settled or has been reimbursed
// by hand.
func (w *worker) paid(i int) *engine.Result {
	if w.results[i].Status == engine.Settled {
		return &w.results[i]
	}
	h := &w.byHand
	if n, claimed := slices.BinarySearch(h.at[:h.decided], i); claimed && h.results[n].Status == engine.Settled {
		return &h.results[n]
	}
	return nil
}

// reimburse decides the batch's manual claims.
func (w *worker) reimburse() {
	h := &w.byHand
	for i := range h.claims {
		if at := h.at[i]; w.drawn[at].way != 0 {
			w.goOn(&h.claims[i], at)
		}
		if w.watch != nil {
			w.watch.claimed(w, i)
		}
		w.shard.Reimburse(h.claims[i:i+1], w.lines, h.results[i:i+1])
		h.decided++
	}
	for i := range h.claims {
		if h.results[i].Status != engine.Settled {
			w.tally.refusedByHand[h.claims[i].Kind]++
		} else if w.results[h.at[i]].Status == engine.StatusPlatformDown {
			met := &w.tally.outages[h.claims[i].Kind]
			met.ByHand++
			met.ByHandFen += h.results[i].FundSum()
		}
	}
	if w.trace == nil {
		h.empty()
	}
}
