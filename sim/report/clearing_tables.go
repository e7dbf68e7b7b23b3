package report

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// The tables of what happened to the money between places beyond the registers: one
// row for each item of clearing.Result.

// date writes a day, or nothing where there is none.
func (t *csv) date(d day.Day) *csv {
	if d == 0 {
		return t.text("")
	}
	return t.text(d.String())
}

func (t *csv) texts(names ...string) *csv {
	for _, name := range names {
		t.text(name)
	}
	return t
}

// pairHead is the key of an ordered pair and scheme.
var pairHead = []string{"insured_admdvs", "insured", "treating_admdvs", "treating", "scheme"}

func (t *csv) pairKey(in *Input, insured, treating int, scheme engine.Scheme) *csv {
	return t.pair(in, insured, treating).text(engine.SchemeNames[scheme])
}

func (t *csv) province(in *Input, i int) *csv {
	p := &in.World.Provinces[i]
	return t.int(int64(p.Code)).text(p.NameZH)
}

func writePeriods(t *csv, in *Input) {
	t.texts("month", "ordinal", "last_day", "reconciled", "confirmed", "allocated", "signed", "noticed", "submitted", "paid", "fed_back",
		"institutions_paid", "due", "rows", "cleared_fen", "cleared_yuan", "transfers", "moved_fen", "moved_yuan").end()
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		t.text(p.Month.String()).int(int64(p.Ordinal)).date(p.Last).date(p.Reconciled).date(p.Confirmed).date(p.Allocated).date(p.Signed).
			date(p.Noticed).date(p.Submitted).date(p.Paid).date(p.FedBack).date(p.InstitutionsPaid).date(p.Due).
			int(int64(len(p.Cells))).fenAndYuan(p.Cleared).int(int64(p.Transfers)).fenAndYuan(p.Moved).end()
	}
}

func writePairDues(t *csv, in *Input) {
	t.texts("month", "ordinal").texts(pairHead...).texts("amount_fen", "amount_yuan", "set_off_fen", "paid_fen", "late_fen", "last_paid", "overdue_working_days", "fen_days").end()
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		for j := range p.Pairs {
			x := &p.Pairs[j]
			t.text(p.Month.String()).int(int64(p.Ordinal)).pairKey(in, x.Insured, x.Treating, x.Scheme).fenAndYuan(x.Amount).
				int(int64(x.SetOff)).int(int64(x.Paid)).int(int64(x.Late)).date(x.LastPaid).int(int64(x.OverdueDays)).int(x.FenDays).end()
		}
	}
}

func writeInstitutions(t *csv, in *Input) {
	t.texts("month", "ordinal", "treating_admdvs", "treating", "amount_fen", "amount_yuan", "paid_fen", "late_fen", "first_paid", "last_paid",
		"overdue_working_days", "fen_days", "receivable_days_hundredths").end()
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		for j := range p.Institutions {
			x := &p.Institutions[j]
			t.text(p.Month.String()).int(int64(p.Ordinal)).province(in, x.Treating).fenAndYuan(x.Amount).int(int64(x.Paid)).int(int64(x.Late)).
				date(x.First).date(x.Last).int(int64(x.OverdueDays)).int(x.FenDays).int(x.ReceivableDays()).end()
		}
	}
}

// cellKey is a cell of the matrix: pool, place of treatment, scheme, kind.
var cellHead = []string{"pool_admdvs", "pool", "treating_admdvs", "treating", "scheme", "kind"}

func (t *csv) cell(in *Input, cell int) *csv {
	pool, treating, scheme, kind := in.Result.Clearing.Ledger.Shape.Split(cell)
	p := &in.World.Pools[pool]
	return t.int(int64(p.Code)).text(p.NameZH).province(in, treating).text(engine.SchemeNames[scheme]).text(engine.KindNames[kind])
}

func writeMatrix(t *csv, in *Input, period int) {
	p := &in.Result.Clearing.Periods[period]
	t.texts("month", "ordinal").texts(cellHead...).texts("amount_fen", "amount_yuan").end()
	for i, cell := range p.Cells {
		t.text(p.Month.String()).int(int64(p.Ordinal)).cell(in, cell).fenAndYuan(p.Amounts[i]).end()
	}
}

// writeMoves lists what a period's matrix has more or less than its month's register.
func writeMoves(t *csv, in *Input) {
	t.texts("move", "month", "period").texts(cellHead...).texts("amount_fen", "amount_yuan", "cases", "fine_fen", "fine_yuan").end()
	c := &in.Result.Clearing
	for _, x := range c.Rolled {
		t.text("rolled").text(x.Month.String()).text(x.From.String()).cell(in, x.Cell).fenAndYuan(x.Amount).int(x.Cases).fenAndYuan(0).end()
	}
	for _, x := range c.Exceptions {
		t.text("exception").text(x.Month.String()).text("").cell(in, x.Cell).fenAndYuan(x.Amount).int(x.Cases).fenAndYuan(0).end()
	}
	for _, x := range c.Recoveries {
		t.text("recovered").text(x.Origin.String()).text(x.Month.String()).cell(in, x.Cell).fenAndYuan(x.Amount).int(0).fenAndYuan(x.Fine).end()
	}
}

func writePayments(t *csv, in *Input) {
	t.texts("day", "payment").texts(pairHead...).texts("month", "ordinal", "amount_fen", "amount_yuan").end()
	for i := range in.Result.Clearing.Payments {
		x := &in.Result.Clearing.Payments[i]
		t.date(x.Day).text(clearing.PaymentKindNames[x.Kind]).pairKey(in, x.Insured, x.Treating, x.Scheme).
			text(x.Month.String()).int(int64(x.Ordinal)).fenAndYuan(x.Amount).end()
	}
}

func writeMatches(t *csv, in *Input) {
	t.texts("day").texts(pairHead...).texts("month", "ordinal", "amount_fen", "amount_yuan", "age_days", "late").end()
	for i := range in.Result.Clearing.Matches {
		x := &in.Result.Clearing.Matches[i]
		t.date(x.Day).pairKey(in, x.Insured, x.Treating, x.Scheme).text(x.Month.String()).int(int64(x.Ordinal)).
			fenAndYuan(x.Amount).int(int64(x.AgeDays)).text(yes(x.Late)).end()
	}
}

func writeQuotas(t *csv, in *Input) {
	t.texts("adjustment").texts(pairHead...).texts("month", "from_fen", "from_yuan", "to_fen", "to_yuan", "change_fen", "change_yuan", "noticed", "paid").end()
	for i := range in.Result.Clearing.Adjustments {
		x := &in.Result.Clearing.Adjustments[i]
		t.text(clearing.AdjustmentKindNames[x.Kind]).pairKey(in, x.Insured, x.Treating, x.Scheme).text(x.Month.String()).
			fenAndYuan(x.From).fenAndYuan(x.To).fenAndYuan(x.To - x.From).date(x.Noticed).date(x.Paid).end()
	}
}

func writeTopUps(t *csv, in *Input) {
	t.texts(pairHead...).texts("month", "asked_fen", "asked_yuan", "granted_fen", "granted_yuan", "state", "signed", "applied", "reviewed", "due", "paid", "overdue_working_days").end()
	for i := range in.Result.Clearing.TopUps {
		x := &in.Result.Clearing.TopUps[i]
		t.pairKey(in, x.Insured, x.Treating, x.Scheme).text(x.Month.String()).fenAndYuan(x.Asked).fenAndYuan(x.Granted).text(x.State.String()).
			date(x.Signed).date(x.Applied).date(x.Reviewed).date(x.Due).date(x.Paid).int(int64(x.OverdueDays)).end()
	}
}

func writePotMonths(t *csv, in *Input) {
	t.texts("treating_admdvs", "treating", "month", "lowest_fen", "lowest_yuan", "short_days", "depth_fen", "own_fen_days",
		"waiting_days", "waiting_most_fen", "pot_fen_days").end()
	for i := range in.Result.Clearing.Treating {
		x := &in.Result.Clearing.Treating[i]
		for _, m := range x.Months {
			t.province(in, x.Treating).text(m.Month.String()).fenAndYuan(m.Lowest).int(int64(m.ShortDays)).int(int64(m.Depth)).int(m.OwnFenDays).
				int(int64(m.WaitingDays)).int(int64(m.WaitingMost)).int(m.PotFenDays).end()
		}
	}
}

func writeManual(t *csv, in *Input) {
	t.texts("month", "insured_admdvs", "insured", "cases", "amount_fen", "amount_yuan", "deadline", "paid", "overdue_working_days").end()
	for i := range in.Result.Clearing.Manual {
		x := &in.Result.Clearing.Manual[i]
		t.text(x.Month.String()).province(in, x.Insured).int(x.Cases).fenAndYuan(x.Amount).date(x.Deadline).date(x.Paid).int(int64(x.OverdueDays)).end()
	}
}

func writeCoChecks(t *csv, in *Input) {
	t.texts("month", "treating_admdvs", "treating", "asked", "answered", "late", "open", "wait_working_days").end()
	for i := range in.Result.Clearing.CoChecks {
		x := &in.Result.Clearing.CoChecks[i]
		t.text(x.Month.String()).province(in, x.Treating).int(x.Asked).int(x.Answered).int(x.Late).int(x.Open).int(x.WaitDays).end()
	}
}

func writeReconciliation(t *csv, in *Input) {
	t.texts("day", "kind").texts(engine.AgreementNames[:]...).texts("repaired", "late", "frozen").end()
	for i := range in.Result.Clearing.Days {
		x := &in.Result.Clearing.Days[i]
		t.date(x.Day).text(engine.KindNames[x.Kind])
		for _, n := range x.Results {
			t.int(n)
		}
		t.date(x.Repaired).int(x.Late).int(x.Frozen).end()
	}
}

func writeOverdue(t *csv, in *Input) {
	t.texts("overdue").texts(pairHead...).texts("month", "ordinal", "amount_fen", "amount_yuan", "due", "overdue_working_days").end()
	var sum money.Fen
	for i := range in.Result.Clearing.Overdue {
		x := &in.Result.Clearing.Overdue[i]
		t.text(clearing.OverdueKindNames[x.Kind]).pairKey(in, x.Insured, x.Treating, x.Scheme).text(x.Month.String()).int(int64(x.Ordinal)).
			fenAndYuan(x.Amount).date(x.Due).int(int64(x.OverdueDays)).end()
		sum += x.Amount
	}
	t.texts("total", "", "", "", "", "", "", "").fenAndYuan(sum).text("").text("").end()
}
