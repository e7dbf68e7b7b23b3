package sim

import (
	"kuasheng/engine"
	"kuasheng/sim/draw"
)

// byHand are the manual claims 手工报销 of a batch (B15, C11).
type byHand struct {
	claims  []engine.Claim
	at      []int // index of each in the batch
	results []engine.Result
}

func (h *byHand) add(c *engine.Claim, at int) {
	h.claims, h.at = append(h.claims, *c), append(h.at, at)
	if len(h.results) < len(h.claims) {
		h.results = append(h.results, engine.Result{})
	}
}

// claimable says for which refusals the pool reimburses by hand: those that lie in
// the filing, the connection, the opening or an outage, and not in the person, the
// injury or the lines.
var claimable = [engine.NumStatuses]bool{
	engine.StatusNotFiled: true, engine.StatusFiledElsewhere: true, engine.StatusFilingNotInForce: true,
	engine.StatusUnconnected: true, engine.StatusDiseaseNotOpened: true, engine.StatusPlatformDown: true,
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

// reimburse decides the batch's manual claims.
func (w *worker) reimburse() {
	h := &w.byHand
	if w.watch != nil {
		for i := range h.claims {
			w.watch.claimed(w, i)
			w.shard.Reimburse(h.claims[i:i+1], w.lines, h.results[i:i+1])
		}
	} else {
		w.shard.Reimburse(h.claims, w.lines, h.results)
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
		h.claims, h.at = h.claims[:0], h.at[:0]
	}
}
