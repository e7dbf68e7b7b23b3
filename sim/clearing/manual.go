package clearing

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// oweManual books a month's manual claims, whose documents are complete by its end,
// and plans their reimbursement (C19).
func (k *Clearing) oweManual(books *engine.Books, m day.Month) {
	first := len(k.result.Manual)
	for province := range k.shape.Provinces {
		deadline := k.in.Calendar.AddWorking(m.Last(), k.in.Timetable.ManualWithin)
		paid := k.in.Calendar.AddWorking(deadline, k.rules.late(province, m).Manual)
		k.result.Manual = append(k.result.Manual, ManualMonth{Month: m, Insured: province, Deadline: deadline, Paid: paid,
			OverdueDays: k.in.Calendar.WorkingBetween(deadline, paid)})
	}
	manual := make([]money.Fen, len(books.Manual))
	for at := range manual {
		t := &books.Manual[at]
		pool, s, kind := k.shape.SplitManual(at)
		row := &k.result.Manual[first+int(k.in.Pools[pool].Province)]
		row.Cases += t[engine.Cases]
		if manual[at] = t.Cleared(); manual[at] != 0 {
			row.Amount += manual[at]
			k.ledger.OweManual(k.ledger.HomeCell(pool, s, kind), manual[at])
		}
	}
	k.manual = append(k.manual, manual)
	rows := k.result.Manual[:first]
	for i, row := range k.result.Manual[first:] {
		if row.Cases != 0 || row.Amount != 0 {
			k.plan(event{day: row.Paid, step: stepManual, at: len(k.manual) - 1, place: i})
			rows = append(rows, row)
		}
	}
	k.result.Manual = rows
}

// payManual reimburses the manual claims of a month in the pools of a province.
func (k *Clearing) payManual(e *event) {
	manual := k.manual[e.at]
	for at, amount := range manual {
		pool, s, kind := k.shape.SplitManual(at)
		if amount != 0 && int(k.in.Pools[pool].Province) == e.place {
			k.ledger.PayManual(k.ledger.HomeCell(pool, s, kind), amount)
			manual[at] = 0
		}
	}
}

// recover books what audits of a month cleared before take back: negative items of
// the same cells in the period that is open now (D12, X10, X40).
func (k *Clearing) recover(m day.Month, amounts []money.Fen) {
	audit := &k.rules.Audit
	if len(audit.Cells) == 0 {
		return
	}
	origin := m - day.Month(audit.After)
	if origin < audit.From || audit.To != 0 && origin > audit.To || origin >= k.in.end() {
		return
	}
	for _, p := range k.periods {
		if p.Month != origin {
			continue
		}
		for i, cell := range p.cleared.Cells {
			_, treating, scheme, _ := k.shape.Split(cell)
			if p.cleared.Amounts[i] <= 0 || !k.keys.hits(streamAudit, k.cellNumber(cell), attempt(p.Month, p.Ordinal), int64(ofProvince(audit.Cells, treating)), whole) {
				continue
			}
			back := money.ShareHalfUp(p.cleared.Amounts[i], audit.Recovered)
			fine := money.ShareHalfUp(back, audit.Fine)
			k.ledger.Recover(cell, back)
			k.ledger.Fine(treating, scheme, fine)
			amounts[cell] -= back
			k.places[treating].result.Fines += fine
			k.result.Recoveries = append(k.result.Recoveries, Recovery{Month: m, Origin: p.Month, Cell: cell, Amount: back, Fine: fine})
		}
	}
}
