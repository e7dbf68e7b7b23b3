package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// Result is what a run found. Everything in it but Effort follows from the
// world, the seed and the sample alone.
type Result struct {
	// Months are all settled months in order, warm-up first.
	Months []MonthResult
	// Year are the claims registers of the measured months.
	Year *engine.Registers
	// Outcomes and OutcomeFees are those of the measured months.
	Outcomes    [engine.NumKinds][engine.NumStatuses]int64
	OutcomeFees [engine.NumKinds][engine.NumStatuses]money.Fen
	// ByHand are the manual claims of the measured months that pools reimbursed to
	// patients, by the kind that they were settled as, and RefusedByHand counts those
	// that they refused, by the bill's. Claimed and reimbursed by hand, they are in no
	// cell and no clearing (B15).
	ByHand        [engine.NumKinds]engine.Totals
	RefusedByHand [engine.NumKinds]int64
	// Outages are what became of the bills of the measured months that met an outage.
	Outages [engine.NumKinds]OutageTotals
	// Clearing is what happened to the money between places, and the general ledger.
	Clearing clearing.Result
	// Settled counts every settlement of the run, warm-up included and reversed
	// ones too; Patients the patients simulated.
	Settled, Patients int64
	// Checked counts the identities proven at the barriers; Breaches are those
	// that failed.
	Checked  int64
	Breaches []*engine.Breach
	// Groups are the measured cases, relief and fees of 64 random groups of patients by
	// scheme, kind and level, from which the sampling error follows.
	Groups [NumGroups][engine.NumSchemes]Group
	Digest [32]byte
	Effort Effort
}

// NumGroups is the number of random groups that every patient is dealt into.
const NumGroups = 64

// Few is how many simulated people or bills a number of a sample must rest on to be told
// without its interval.
const Few = 30

// Group is one random group's patients of a scheme and what they settled.
type Group struct {
	Patients int64
	Kinds    [engine.NumKinds]GroupTotals
	// Levels divides Kinds by the level of the institution.
	Levels [engine.NumKinds][engine.NumLevels]GroupTotals
	// Above counts the inpatient cases whose relief is more than each of World.Edges.
	Above [MaxEdges]int64
}

// GroupTotals is one random group's share of the measured year.
type GroupTotals struct{ Cases, ReliefFen, FeeFen int64 }

// Add adds another group's totals to t.
func (t *GroupTotals) Add(u *GroupTotals) {
	t.Cases += u.Cases
	t.ReliefFen += u.ReliefFen
	t.FeeFen += u.FeeFen
}

// MonthResult is one settled month.
type MonthResult struct {
	Month    day.Month
	Measured bool
	// Cells are the matrix of ordered pair × scheme × pool × kind, rows without
	// any settlement left out, in cell order; nil unless Config.Registers asks for them.
	Cells []CellTotals
	// Kinds sums the cells by kind.
	Kinds [engine.NumKinds]engine.Totals
	// RefusedByHand counts the manual claims that were refused.
	RefusedByHand [engine.NumKinds]int64
	// ByDay counts the settlements of each day of the month by kind.
	ByDay [31][engine.NumKinds]int64
	// Allocated, Signed, InstitutionsPaid and Paid are the days of the month's
	// clearing (R14).
	Allocated, Signed, InstitutionsPaid, Paid day.Day
	// OverdueDays is how many working days past the eve of the next sign-off the payment
	// came (D7); 0 in time.
	OverdueDays int
	Digest      [32]byte
}

// CellTotals is one row of the matrix; Cell is its index in the run's Shape.
type CellTotals struct {
	Cell   int
	Totals engine.Totals
}

// Effort is what the run cost the machine; it is no part of the digest.
type Effort struct {
	WallNS, CPUNS int64
	PeakRSSBytes  int64
	Workers       int
	// SettleNS is the wall time inside the months, BarrierNS the
	// wall time between them.
	SettleNS, BarrierNS int64
}
