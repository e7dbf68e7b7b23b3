package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// digest chains the results of a run, month by month, in one fixed order. Two
// runs with one digest found the same to the fen; timings are no part of it.
type digest struct {
	last [32]byte
	buf  []byte
}

// month chains a settled month: its register by cell and that of the manual claims,
// what became of every request, and the counts by day and by random group.
func (d *digest) month(m *MonthResult, books *engine.Books, tally *monthTally) [32]byte {
	h := d.begin()
	d.put(h, int64(m.Month), tally.settled, int64(m.Allocated), int64(m.Signed), int64(m.InstitutionsPaid), int64(m.Paid))
	for cell, row := range books.Rows() {
		if row.Register != (engine.Totals{}) {
			d.put(h, int64(cell))
			d.put(h, row.Register[:]...)
		}
	}
	for i := range books.Manual {
		if row := &books.Manual[i]; *row == (engine.Totals{}) {
			d.zeros(h, len(row))
		} else {
			d.put(h, row[:]...)
		}
	}
	for pool := range books.Aside {
		d.put(h, books.Aside[pool][:]...)
	}
	d.put(h, m.RefusedByHand[:]...)
	for k := range books.Refused {
		// A year without outages has the digest that it had before there were any.
		d.put(h, books.Refused[k][:engine.StatusPlatformDown]...)
		for _, fee := range books.RefusedFees[k][:engine.StatusPlatformDown] {
			d.put(h, int64(fee))
		}
		if t := &tally.outages[k]; t.Bills != 0 {
			d.put(h, t.Bills, t.Waited, t.Settled, t.DaysWaited, t.InFull, int64(t.InFullFen), t.ByHand, int64(t.ByHandFen))
		}
	}
	for i := range m.ByDay {
		d.put(h, m.ByDay[i][:]...)
	}
	for g := range tally.groups {
		for s := range tally.groups[g] {
			for k := range engine.NumKinds {
				t := tally.groups[g][s].kind(k)
				d.put(h, t.Cases, t.ReliefFen)
			}
		}
	}
	return d.end(h)
}

// runOff chains what followed: prepayments, alerts, pots and the final ledger.
func (d *digest) runOff(r *Result) {
	h := d.begin()
	d.put(h, int64(r.Clearing.Ended), r.Patients)
	for i := range r.Clearing.Pairs {
		p := &r.Clearing.Pairs[i]
		d.put(h, int64(p.Insured), int64(p.Treating), int64(p.Scheme))
		for _, m := range p.Months {
			d.put(h, int64(m.Month), int64(m.Clearing), int64(m.Quota), int64(m.Alert), int64(m.TopUp), int64(m.TopUpPaid), int64(m.YearlyQuota))
		}
	}
	for _, a := range r.Clearing.Alerts {
		d.put(h, int64(a.Signed), int64(a.Insured), int64(a.Treating), int64(a.Scheme), int64(a.Alert), int64(a.TopUpLimit))
	}
	for i := range r.Clearing.Treating {
		p := &r.Clearing.Treating[i]
		d.put(h, int64(p.Lowest), int64(p.LowestDay), int64(p.ShortDays))
	}
	d.clearing(h, &r.Clearing)
	ledger, next := r.Clearing.Ledger, 0
	for cell, row := range ledger.Cells() {
		d.zeros(h, (cell-next)*len(row))
		d.fen(h, row[:]...)
		next = cell + 1
	}
	d.zeros(h, (ledger.Shape.Cells()-next)*engine.NumCellAccounts)
	for i := range ledger.Pairs {
		d.fen(h, ledger.Pairs[i][:]...)
	}
	d.end(h)
}

// clearing chains what happened to the money between places.
func (d *digest) clearing(h hash.Hash, r *clearing.Result) {
	for i := range r.Periods {
		p := &r.Periods[i]
		h.Write(p.Certificate.Seal[:])
		d.put(h, int64(p.Paid), int64(p.InstitutionsPaid), int64(p.Due), int64(p.Transfers), int64(p.Moved))
		for _, x := range p.Pairs {
			d.put(h, int64(x.SetOff), int64(x.Paid), int64(x.Late), int64(x.LastPaid), x.FenDays)
		}
		for _, x := range p.Institutions {
			d.put(h, int64(x.Paid), int64(x.Late), int64(x.First), int64(x.Last), x.FenDays)
		}
	}
	for i := range r.Treating {
		t := &r.Treating[i]
		d.fen(h, t.Idle, t.Interest, t.Fines, r.Insured[i].Fees)
		for _, m := range t.Months {
			d.put(h, int64(m.Lowest), int64(m.ShortDays), int64(m.Depth), m.OwnFenDays, int64(m.WaitingDays), int64(m.WaitingMost), m.PotFenDays)
		}
	}
	for _, x := range r.Payments {
		d.put(h, int64(x.Day), int64(x.Kind), int64(x.Insured), int64(x.Treating), int64(x.Scheme), int64(x.Month), int64(x.Amount))
	}
	for _, x := range r.Matches {
		d.put(h, int64(x.Month), int64(x.Amount), int64(x.AgeDays))
	}
	for _, x := range r.Adjustments {
		d.put(h, int64(x.Kind), int64(x.Month), int64(x.From), int64(x.To), int64(x.Paid))
	}
	for _, x := range r.TopUps {
		d.put(h, int64(x.State), int64(x.Month), int64(x.Asked), int64(x.Granted), int64(x.Paid))
	}
	for _, list := range [][]clearing.Unconfirmed{r.Rolled, r.Exceptions} {
		for _, x := range list {
			d.put(h, int64(x.Month), int64(x.From), int64(x.Cell), int64(x.Amount), x.Cases)
		}
	}
	for _, x := range r.Recoveries {
		d.put(h, int64(x.Month), int64(x.Cell), int64(x.Amount), int64(x.Fine))
	}
	for _, x := range r.Manual {
		d.put(h, int64(x.Month), int64(x.Insured), x.Cases, int64(x.Amount), int64(x.Paid))
	}
	for _, x := range r.CoChecks {
		d.put(h, int64(x.Month), int64(x.Treating), x.Asked, x.Answered, x.Late, x.WaitDays)
	}
	for _, x := range r.Days {
		d.put(h, x.Results[:]...)
		d.put(h, x.Late, x.Frozen)
	}
	for _, x := range r.Overdue {
		d.put(h, int64(x.Kind), int64(x.Insured), int64(x.Treating), int64(x.Scheme), int64(x.Month), int64(x.Amount))
	}
}

func (d *digest) fen(h hash.Hash, amounts ...money.Fen) {
	for _, a := range amounts {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(a))
	}
	d.spill(h)
}

func (d *digest) sum() [32]byte { return d.last }

func (d *digest) begin() hash.Hash {
	h := sha256.New()
	h.Write(d.last[:])
	return h
}

func (d *digest) put(h hash.Hash, values ...int64) {
	at := len(d.buf)
	d.buf = slices.Grow(d.buf, 8*len(values))[:at+8*len(values)]
	for i, v := range values {
		binary.LittleEndian.PutUint64(d.buf[at+8*i:], uint64(v))
	}
	d.spill(h)
}

// zeros puts n zeros, which is what most rows of a small run consist of.
func (d *digest) zeros(h hash.Hash, n int) {
	for ; n > 0; n -= len(blank) / 8 {
		d.buf = append(d.buf, blank[:min(8*n, len(blank))]...)
		d.spill(h)
	}
}

var blank [1 << 12]byte

func (d *digest) spill(h hash.Hash) {
	if len(d.buf) > 1<<16 {
		h.Write(d.buf)
		d.buf = d.buf[:0]
	}
}

func (d *digest) end(h hash.Hash) [32]byte {
	h.Write(d.buf)
	d.buf = d.buf[:0]
	h.Sum(d.last[:0])
	return d.last
}
