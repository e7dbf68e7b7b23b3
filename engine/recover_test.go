package engine_test

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// D12, X40, X47 — what an audit recovers goes back by the original pair and pool with
// the next period; the fine stays. C19 — manual claims are owed to the patient and
// paid. D10, D11 — fees and interest leave the prepayment alone. X36 — own money goes
// into a pot and out again.
func TestMoneyBesideClearing(t *testing.T) {
	c := busyCountry(t)
	c.ledger.Settled(c.books)
	january := c.ledger.Clear(c.books)
	c.ledger.Allocate(january)
	c.payInstitutions(january)
	c.collect(january)
	c.remit(january)
	c.receive(january)
	cell := countryShape.Cell(1, provB, engine.Resident, engine.Inpatient)
	pair := c.ledger.PairOf(cell)
	before := c.now()

	c.ledger.Recover(cell, 80*money.Yuan)
	c.ledger.Fine(provB, engine.Resident, 40*money.Yuan)
	c.ledger.Prepay(pair, 600*money.Yuan)
	c.ledger.CreditInterest(provB, engine.Resident, 3*money.Yuan)
	c.ledger.ChargeFees(provA, engine.Resident, 1*money.Yuan)
	c.ledger.AdvanceOwn(provB, engine.Resident, 7*money.Yuan)
	home := c.ledger.HomeCell(1, engine.Resident, engine.Outpatient)
	c.ledger.OweManual(home, 25*money.Yuan)
	c.changed(t, "posted", before, chart{
		engine.InstitutionDeducted: 80, engine.InstitutionDue: -80, engine.TreatingOwes: 80, engine.TreatingOpen: -80, engine.PoolOwes: 80, engine.PoolRecovered: -80,
		engine.InstitutionFined: 40, engine.InstitutionFinesPaid: -40, engine.TreatingFinesBank: 40, engine.TreatingFines: -40,
		engine.InsuredCollected: -600, engine.InsuredAdvanced: 600, engine.TreatingFiscal: 600, engine.TreatingAdvance: -600,
		engine.TreatingInterestBank: 3, engine.TreatingInterest: -3,
		engine.InsuredFees: 1, engine.InsuredFeesPaid: -1,
		engine.TreatingOwn: 7, engine.TreatingOwesOwn: -7,
		engine.PoolManual: 25, engine.PoolOwesPatient: -25, engine.PatientDue: 25, engine.PatientReimbursed: -25,
	})
	if got := c.ledger.Prepaid(pair); got != 600*money.Yuan {
		t.Errorf("prepaid %v: interest, fees or own money are in it (D10, D11)", got)
	}
	if c.ledger.Own(provB, engine.Resident) != 7*money.Yuan || c.ledger.Own(provB, engine.Employee) != 0 {
		t.Error("own money of the other scheme")
	}
	_, breaches := c.ledger.Check("open", true)
	if breaches == nil {
		t.Error("with a recovery, own money and manual claims open the run-off is complete")
	}

	// The recovery travels as the next period's clearing.
	amounts := make([]money.Fen, countryShape.Cells())
	amounts[cell] = -80 * money.Yuan
	february := c.ledger.ClearAmounts(amounts)
	c.ledger.Allocate(february)
	c.payInstitutions(february)
	c.collect(february)
	c.remit(february)
	c.receive(february)
	c.ledger.PayManual(home, 25*money.Yuan)
	c.ledger.AdvanceOwn(provB, engine.Resident, -7*money.Yuan)
	c.changed(t, "done", before, chart{
		engine.InstitutionDeducted: 80, engine.InstitutionBank: -80, engine.PoolCash: 80, engine.PoolRecovered: -80,
		engine.InstitutionFined: 40, engine.InstitutionFinesPaid: -40, engine.TreatingFinesBank: 40, engine.TreatingFines: -40,
		engine.InsuredCollected: -600, engine.InsuredAdvanced: 600, engine.TreatingFiscal: 600, engine.TreatingAdvance: -600,
		engine.TreatingInterestBank: 3, engine.TreatingInterest: -3,
		engine.InsuredFees: 1, engine.InsuredFeesPaid: -1,
		engine.PoolManual: 25, engine.PoolManualPaid: -25, engine.PatientBank: 25, engine.PatientReimbursed: -25,
	})
	if _, breaches := c.ledger.Check("the end", true); breaches != nil {
		t.Error(breaches[0])
	}
}

// Interest accrues by the day on what is there, is credited in whole fen and loses
// nothing between credits (D11).
func TestInterestAccruesExactly(t *testing.T) {
	r := engine.Interest{Rate: 35, DayCount: 360} // 0.35 % a year
	var a engine.Accrual
	a.Hold(&r, 1_000_000*money.Yuan, 90)
	a.Hold(&r, -500*money.Yuan, 90) // own money bears none
	if got := a.Credit(&r); got != 87_500 {
		t.Errorf("0.35 %% of a million yuan for a quarter is %v, want 875.00", got)
	}
	// 1 yuan for a day is 1/1028.6 fen: ten thousand such days credited one by one
	// come to what they come to at once.
	var one, all engine.Accrual
	var sum money.Fen
	for range 10_000 {
		one.Hold(&r, money.Yuan, 1)
		sum += one.Credit(&r)
	}
	all.Hold(&r, money.Yuan, 10_000)
	if got := all.Credit(&r); got != sum || sum != 9 {
		t.Errorf("day by day %v, at once %v, want 0.09", sum, got)
	}
	var none engine.Accrual
	if none.Hold(&engine.Interest{}, money.Yuan, 1); none.Credit(&engine.Interest{}) != 0 {
		t.Error("interest without a rate")
	}
}

// TestOpenItemsFindAPlantedFen holds D9 and V6: a fen too much in any account of an
// open item, or an item too many, is found and named.
func TestOpenItemsFindAPlantedFen(t *testing.T) {
	c := busyCountry(t)
	c.ledger.Settled(c.books)
	name := func(int) string { return "here" }
	open := c.ledger.NewOpen()
	for cell, row := range c.books.Rows() {
		owed := row.Register.Cleared()
		*open.Cell(cell) = engine.OpenCell{Unallocated: owed, Unpaid: owed}
	}
	if checked, breaches := c.ledger.CheckOpen("settled", open, name, name); breaches != nil || checked == 0 {
		t.Fatal(checked, breaches)
	}
	for _, a := range []engine.Account{engine.TreatingOpen, engine.PoolOwes, engine.InstitutionDue, engine.TreatingOwes, engine.PoolOwesPatient} {
		c.ledger.Cell(3)[a]++
		_, breaches := c.ledger.CheckOpen("settled", open, name, name)
		c.ledger.Cell(3)[a]--
		if len(breaches) != 1 || breaches[0].Account != a.String() || breaches[0].Got-breaches[0].Want != 1 {
			t.Errorf("a fen in %v: %v", a, breaches)
		}
	}
	for _, a := range []engine.Account{engine.InsuredDue, engine.InsuredOwes, engine.TreatingDue, engine.Transit, engine.InsuredFiscal} {
		c.ledger.Pairs[3][a-engine.NumCellAccounts]++
		_, breaches := c.ledger.CheckOpen("settled", open, name, name)
		c.ledger.Pairs[3][a-engine.NumCellAccounts]--
		if len(breaches) != 1 || breaches[0].Account != a.String() {
			t.Errorf("a fen in %v: %v", a, breaches)
		}
	}
	for what, plant := range map[string]*money.Fen{
		"unallocated": &open.Cell(1).Unallocated, "unpaid": &open.Cell(1).Unpaid, "manual": &open.Cell(1).Manual,
		"uncollected": &open.Uncollected[1], "unremitted": &open.Unremitted[1], "in transit": &open.InTransit[1],
	} {
		*plant++
		if _, breaches := c.ledger.CheckOpen("settled", open, name, name); breaches == nil {
			t.Errorf("an item of a fen too many, %s: nothing found", what)
		}
		*plant--
	}
}
