package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Config is one run: a world, a seed, and how much of it on how many workers.
type Config struct {
	World *World
	Seed  uint64
	// Workers is the number of goroutines; 0 takes one for each processor. The
	// result does not depend on it.
	Workers int
	// Sample N simulates one patient in N; 0 and 1 simulate all.
	Sample uint32
	// Progress is told how far the run is, from one goroutine at a time; nil is
	// silent.
	Progress func(Progress)
	// Trace, where not nil, follows some patients bill by bill. It changes nothing
	// in the result.
	Trace *Trace
	// Record, where not nil, keeps what the money between places depends on, so that
	// it can be moved again under other rules. It changes nothing in the result.
	Record *Recording
	// Registers keeps every month's register in the Result, for a run directory: 200 MB
	// of a nation.
	Registers bool
	// Plant, where not nil, falsifies the books so that a test can see the
	// invariants find it.
	Plant *Plant
}

// Progress says how far a run is.
type Progress struct {
	Month       day.Month
	Done, Total int64 // patient-months
	Settled     int64
}

// Plant adds an amount to one account of the first cell in use at a month's
// barrier.
type Plant struct {
	Month   day.Month
	Account engine.Account
	Amount  money.Fen
}
