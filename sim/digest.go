package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"kuasheng/engine"
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
	for i := range m.Cells {
		d.put(h, int64(m.Cells[i].Cell))
		d.put(h, m.Cells[i].Totals[:]...)
	}
	for i := range m.Manual {
		d.put(h, m.Manual[i][:]...)
	}
	for pool := range m.aside {
		d.put(h, m.aside[pool][:]...)
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
	for i := range tally.byDay {
		d.put(h, tally.byDay[i][:]...)
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
	d.put(h, int64(r.Ended), r.Patients)
	for i := range r.Pairs {
		p := &r.Pairs[i]
		d.put(h, int64(p.Insured), int64(p.Treating), int64(p.Scheme))
		for _, m := range p.Months {
			d.put(h, int64(m.Month), int64(m.Clearing), int64(m.Quota), int64(m.Alert), int64(m.TopUp), int64(m.TopUpPaid), int64(m.YearlyQuota))
		}
	}
	for _, a := range r.Alerts {
		d.put(h, int64(a.Signed), int64(a.Insured), int64(a.Treating), int64(a.Scheme), int64(a.Alert), int64(a.TopUpLimit))
	}
	for _, p := range r.Pots {
		d.put(h, int64(p.Lowest), int64(p.LowestDay), int64(p.ShortDays))
	}
	d.clearing(h, &r.Clearing)
	for i := range r.Ledger.Cells {
		for _, amount := range r.Ledger.Cells[i] {
			d.put(h, int64(amount))
		}
	}
	for i := range r.Ledger.Pairs {
		for _, amount := range r.Ledger.Pairs[i] {
			d.put(h, int64(amount))
		}
	}
	d.end(h)
}

func (d *digest) sum() [32]byte { return d.last }

func (d *digest) begin() hash.Hash {
	h := sha256.New()
	h.Write(d.last[:])
	return h
}

func (d *digest) put(h hash.Hash, values ...int64) {
	for _, v := range values {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(v))
	}
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
