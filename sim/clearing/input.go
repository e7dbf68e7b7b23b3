package clearing

import (
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/sim/draw"
)

// Input is what clearing needs to know: between whom money moves, when, and by which
// rules. What is settled follows month by month, see Clearing.Clear.
type Input struct {
	// First is the first month that is settled. WarmUp months and then Months measured
	// ones are.
	First          day.Month
	WarmUp, Months int

	Provinces []Province
	Pools     []Pool

	Calendar   *day.Calendar
	Timetable  Timetable
	Prepayment engine.PrepaymentRule
	Rules      Rules
	// Draws is the key that the draws of what happens to money are derived from.
	Draws draw.Key
}

// Province is a province, as insured place and as place of treatment.
type Province struct {
	Code uint32 // GB/T 2260, six digits: 110000
	Name string
}

// Pool is an insured pool.
type Pool struct {
	Code     uint32 // six digits: 131000
	Name     string
	Province uint8 // index in Input.Provinces
}

// Timetable says when the money of a settled month moves.
type Timetable struct {
	AllocateOn int // day of the next month: 清分 (R14)
	SignOn     int // day of the next month: 签章 (R14)
	// SubmitWithin and PayWithin are working days after the notices of the next
	// month's end (R3).
	SubmitWithin, PayWithin int
	// ApplyWithin is working days after a sign-off with a red alert in which the
	// top-up is applied for and granted (R6); SubmitWithin and PayWithin follow.
	ApplyWithin int
	// InstitutionsPaidWithin is working days after sign-off; the law's latest day
	// is the next sign-off (D6).
	InstitutionsPaidWithin int
	// ManualWithin is working days from the complete documents of a manual claim to
	// its reimbursement (C19).
	ManualWithin int
	// QuotaDueMonth is the month by whose end yearly adjustments are paid: 2 for
	// end of February (R4).
	QuotaDueMonth int
	// RebaseMonths are the months of the year in which quotas are set anew from the
	// three months before, bit 0 for January. The law has January alone (D1); a
	// further one is paid as long after it as January's quota is after January.
	RebaseMonths uint16
}

// Rebases reports whether the quotas are set anew in a month.
func (t *Timetable) Rebases(m day.Month) bool { return t.RebaseMonths>>(m.OfYear()-1)&1 != 0 }

// Shape is that of the registers and ledgers of these places.
func (in *Input) Shape() engine.Shape {
	return engine.Shape{Pools: len(in.Pools), Provinces: len(in.Provinces)}
}

// CellName names a cell as people do: pool, province of treatment, scheme, kind.
func (in *Input) CellName(cell int) string {
	pool, treating, scheme, kind := in.Shape().Split(cell)
	from, to := &in.Pools[pool], &in.Provinces[treating]
	return fmt.Sprintf("pool %d %s → %d %s, %v, %v", from.Code, from.Name, to.Code, to.Name, scheme, kind)
}

// PairName names an ordered pair of provinces and scheme.
func (in *Input) PairName(pair int) string {
	insured, treating, scheme := in.Shape().SplitPair(pair)
	return fmt.Sprintf("%s → %s, %v", in.Provinces[insured].Name, in.Provinces[treating].Name, scheme)
}

// end is the first month after the last settled one.
func (in *Input) end() day.Month { return in.First + day.Month(in.WarmUp+in.Months) }
