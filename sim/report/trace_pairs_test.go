package report

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// pairedRow is a row of pairs as far as the test needs it.
type pairedRow struct {
	Reform     string `parquet:"reform"`
	ID         string `parquet:"setl_id"`
	PsnNo      string `parquet:"psn_no"`
	Group      int32  `parquet:"random_group"`
	Under      string `parquet:"under"`
	BaseEvent  string `parquet:"base_event"`
	Event      string `parquet:"reform_event"`
	BaseStatus string `parquet:"base_status"`
	Status     string `parquet:"reform_status"`
	BaseFiling string `parquet:"base_filing_kind"`
	BaseFee    int64  `parquet:"base_medfee_sumamt"`
	Fee        int64  `parquet:"reform_medfee_sumamt"`
	BaseFunds  int64  `parquet:"base_fund_pay_sumamt"`
	Funds      int64  `parquet:"reform_fund_pay_sumamt"`
	BaseCash   int64  `parquet:"base_psn_cash_pay"`
	Cash       int64  `parquet:"reform_psn_cash_pay"`
	BasePart   int64  `parquet:"base_psn_part_amt"`
	Part       int64  `parquet:"reform_psn_part_amt"`
}

func paired(t *testing.T, reforms []string, arms ...[]sim.TracedBill) ([]pairedRow, []byte) {
	t.Helper()
	p := NewPairs(1, reforms)
	for i, bills := range arms {
		if bills == nil {
			continue
		}
		var tell [2]func(*sim.TracedBill) error
		follow := p.Follow(i)
		for w := range tell {
			tell[w], _ = follow.Open(w)
		}
		for i := range bills {
			if err := tell[(i*7/3)%2](&bills[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	var file bytes.Buffer
	if err := p.Write(&file); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.Read[pairedRow](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return rows, file.Bytes()
}

// What a bill comes to in the end stands on each side, whatever happened to it, and a
// bill that there is under one policy only costs nothing under the other.
func TestPairsTellWhatBillsComeTo(t *testing.T) {
	const fee = 100_00
	line := []engine.Line{{Amount: fee}}
	bill := func(patient uint32, sequence uint16, event sim.Event) sim.TracedBill {
		b := sim.TracedBill{Event: event, Sequence: sequence, Group: uint8(patient), Lines: line, Result: &engine.Result{}}
		b.ID = sim.BillID{Pool: 131000, Treating: 110000, Patient: patient, Month: 24292}
		r := b.Result
		r.Filing = engine.Referral
		switch event {
		case sim.EventRefused:
			*r = engine.Result{Status: engine.StatusNotFiled}
		case sim.EventRefusedByHand:
			*r = engine.Result{Status: engine.StatusFilingRevoked}
		case sim.EventDirect, sim.EventByHand:
			r.Fee, r.Funds[0], r.Cash = fee, 60_00+money.Fen(event), 40_00-money.Fen(event)
		case sim.EventReversed:
			r.Fee, r.Funds[0], r.Cash = -fee, -60_00, -40_00
		}
		return b
	}
	base := []sim.TracedBill{
		bill(1, 0, sim.EventDirect),
		bill(2, 0, sim.EventRefused),
		bill(3, 0, sim.EventRefused), bill(3, 1, sim.EventByHand),
		bill(4, 0, sim.EventRefused), bill(4, 1, sim.EventRefusedByHand),
		bill(5, 0, sim.EventDirect), bill(5, 1, sim.EventReversed),
		bill(6, 0, sim.EventDirect),
	}
	other := []sim.TracedBill{
		bill(1, 0, sim.EventRefused), bill(1, 1, sim.EventByHand),
		bill(2, 0, sim.EventDirect),
		bill(3, 0, sim.EventDirect),
		bill(4, 0, sim.EventRefused),
		bill(5, 0, sim.EventDirect),
		bill(7, 0, sim.EventDirect),
	}
	rows, _ := paired(t, []string{"money", "other"}, base, nil, other)
	type side struct {
		event, status     string
		fee, funds, borne int64
	}
	settled, none := side{"settled", "settled", fee, 60_00, 40_00}, side{}
	byHand := side{"by_hand", "not_filed", fee, 60_03, 39_97}
	refused := side{"refused", "not_filed", fee, 0, fee}
	inVain := side{"refused_by_hand", "not_filed", fee, 0, fee}
	want := []struct {
		under      string
		base, with side
	}{
		{"both", settled, byHand}, {"both", refused, settled}, {"both", byHand, settled}, {"both", inVain, refused},
		{"both", side{"reversed", "settled", 0, 0, 0}, settled}, {"base", settled, none}, {"reform", none, settled},
	}
	if len(rows) != 6+len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, x := range rows {
		b := side{x.BaseEvent, x.BaseStatus, x.BaseFee, x.BaseFunds, x.BasePart}
		o := side{x.Event, x.Status, x.Fee, x.Funds, x.Part}
		if x.BaseCash != x.BasePart || x.Cash != x.Part {
			t.Errorf("row %d: cash %d and %d of %d and %d", i, x.BaseCash, x.Cash, x.BasePart, x.Part)
		}
		if i < 6 { // a reform that touches nobody
			if x.Reform != "money" || x.Under != "both" || b != o || b != want[i].base {
				t.Errorf("row %d: %+v", i, x)
			}
			continue
		}
		if w := want[i-6]; x.Reform != "other" || x.Under != w.under || b != w.base || o != w.with {
			t.Errorf("row %d: %s %+v %+v, want %+v", i, x.Under, b, o, w)
		}
		if patient := i - 5; int(x.Group) != patient || x.PsnNo+"/2024-05/inpatient-0" != x.ID {
			t.Errorf("row %d: %+v", i, x)
		}
	}
	// Who saw which bill does not matter.
	_, first := paired(t, []string{"money", "other"}, base, nil, other)
	for i := range base[:6] {
		base[i], base[8-i] = base[8-i], base[i]
	}
	if _, again := paired(t, []string{"money", "other"}, base, nil, other); !bytes.Equal(first, again) {
		t.Error("the file depends on the order of the bills")
	}
}
