package sim

import (
	"hash"

	"kuasheng/engine/money"
)

// clearing chains what happened to the money between places.
func (d *digest) clearing(h hash.Hash, r *ClearingResult) {
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
	for _, list := range [][]RolledItem{r.Rolled, r.Exceptions} {
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
		d.put(h, int64(a))
	}
}
