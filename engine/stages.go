package engine

// Stage is a part of the work on a request that can be timed.
type Stage uint8

// The stages, in the order of the work.
const (
	StageIdentify   Stage = iota // digest, look-up of the ticket, room to remember it
	StageSplit                   // refusals, filing, division of the lines by the catalogue
	StageAdjudicate              // who pays, and the accumulators
	StagePost                    // register, ledger, the answer remembered; all of a reversal
	NumStages       = 4
)

// StageNames are the stable names of the stages.
var StageNames = [NumStages]string{"identify", "split", "adjudicate", "post"}

// Laps are how long a batch took by stage, in the units of the clock, and how often
// the clock was read for each: its own time is in them.
type Laps struct {
	Stages, Readings [NumStages]int64

	clock func() int64
	last  int64
}

// TakeTimed is Take with a clock read after every stage of every request. The
// engine has no clock of its own, and without one Take pays a comparison for each
// stage.
func (k *Intake) TakeTimed(requests []Request, lines []Line, answers []Answer, clock func() int64) Laps {
	laps := Laps{clock: clock, last: clock()}
	k.shard.laps = &laps
	k.Take(requests, lines, answers)
	k.shard.laps = nil
	return laps
}

// lap ends a stage where anybody is timing.
func (s *Shard) lap(stage Stage) {
	if s.laps != nil {
		s.laps.end(stage)
	}
}

func (l *Laps) end(stage Stage) {
	now := l.clock()
	l.Stages[stage] += now - l.last
	l.last = now
	l.Readings[stage]++
}
