package service

import (
	"sync"
	"time"

	"kuasheng/engine"
)

// Stage is a part of a batch's way through the service.
type Stage uint8

// The stages in the order of the way. Identify to post are those of the engine,
// see engine.Stage.
const (
	StageQueue      Stage = iota // from Submit until the shard's writer takes the batch
	StageIdentify                // is each request new, and room to remember it
	StageSplit                   // refusals, filing, lines divided by the catalogue
	StageAdjudicate              // who pays, and the accumulators
	StagePost                    // register, ledger, the answer remembered; all of a reversal
	StageLog                     // waiting for the group, written, and synced where asked
	StageReply                   // until the owner calls Received
	NumStages       = 7
)

// StageNames are the stable names of the stages.
var StageNames = [NumStages]string{"queue", "identify", "split", "adjudicate", "post", "log", "reply"}

// Stages are the nanoseconds that a batch spent in each stage. What of its whole
// time is in none was not looked at.
type Stages [NumStages]int64

// clockCost is what one reading of the clock takes at least. It is taken off the
// engine's stages, of which it would be a good part.
var clockCost = sync.OnceValue(func() int64 {
	least := int64(1 << 62)
	for range 200 {
		start := nanotime()
		for range 99 {
			nanotime()
		}
		least = min(least, (nanotime()-start)/100)
	}
	return least
})

// timed carries out a batch with the clock read after every stage of every request.
func (h *shard) timed(b *Batch, cost int64) {
	b.Stages[StageQueue] = nanotime() - b.stamp
	laps := h.intake.TakeTimed(b.Requests, b.Lines, b.Answers, nanotime)
	for stage, ns := range laps.Stages {
		b.Stages[int(StageIdentify)+stage] = max(0, ns-cost*laps.Readings[stage])
	}
	b.stamp = nanotime()
}

const _ = uint(engine.NumStages - (StageLog - StageIdentify)) // the engine's stages are those in between

// Received ends the reply of a batch that has come back; its owner may call it as
// soon as it has received the batch.
func (b *Batch) Received() {
	if b.Timed {
		b.Stages[StageReply] = nanotime() - b.stamp
	}
}

// nanotime is a reading of the monotonic clock.
func nanotime() int64 { return int64(time.Since(epoch)) }

var epoch = time.Now()
