package engine

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Claim is one bill 结算单 as the insured place 参保地 receives it, without its
// lines. The caller has already resolved every code to an index.
type Claim struct {
	// Person is the index of the patient in the shard.
	Person uint32
	// Institution is the index of the institution in its province; it is carried
	// through, and no rule reads it.
	Institution uint32
	// FirstLine and Lines select the bill's lines in the batch.
	FirstLine, Lines uint32
	// Area is the division code of the place of treatment, mdtrtarea_admvs.
	Area uint32
	// AdmitDay and SettleDay are equal for all but inpatients. The discharge
	// settlement date decides benefits and clearing (R16).
	AdmitDay, SettleDay day.Day
	// Pool is the insured pool 参保地统筹区; Treating the province of treatment.
	Pool       uint16
	Treating   uint8
	Scheme     Scheme
	Kind       Kind
	Level      Level
	PersonType PersonType
	Identity   Identity
	Flags      Flags
	Filing     Filing
}

// Flags are the yes-or-no facts of a visit (R10) and of the person at the visit.
type Flags uint16

// The flags. A zero value is the ordinary case.
const (
	FlagEmergency    Flags = 1 << iota // 急诊抢救: deemed filed (B4)
	FlagInjury                         // 外伤 trum_flag
	FlagThirdParty                     // 涉及第三方 rel_ttp_flag: the fund does not pay (C9)
	FlagInjuryLetter                   // 《外伤无第三方责任承诺书》 signed (C9)
	FlagUseAccount                     // acct_used_flag: the personal account may pay
	FlagUnconnected                    // the institution is not connected for this kind (B13)
	FlagUnqualified                    // no qualification for the chronic disease (C13)
	FlagSuspended                      // enrolment suspended (X30)
)

// Line is one item of a bill, or one class subtotal of an inpatient bill (C3).
type Line struct {
	// Amount is det_item_fee_sumamt. Negative lines are refunds (X27).
	Amount money.Fen
	// Price and Limit are pric and pric_uplmt_amt; Limit 0 or NoLimit means none
	// (X28). Count is cnt.
	Price, Limit money.Micro
	Count        money.Count
	// SelfPay is the line's own rate of 先行自付 where the bill states one, or
	// FromCatalogue.
	SelfPay money.BasisPoints
	Class   FeeClass
	Item    CatalogueClass
}

// NoLimit is the 999999 yuan by which the interface writes "no price limit" (X28).
const NoLimit money.Micro = 999_999_000_000

// FromCatalogue as a line's SelfPay takes the rate from the catalogue of the
// place of treatment.
const FromCatalogue money.BasisPoints = -1

// Result is the answer to one claim: its status and who pays what. Where the
// status is not Settled every amount is zero. The amounts of a reversal are the
// exact negatives of the original's (I7).
type Result struct {
	Status Status
	// Filing is the kind the bill was settled under.
	Filing FilingKind
	// Visit counts the person's valid admissions this year, this one included;
	// 0 for kinds other than inpatient.
	Visit uint8
	// Order is the person's running number of settlements in the benefit year and
	// Previous the one that was the latest before; only the latest can be
	// reversed (X8).
	Order, Previous uint16
	// Ratio is the basic fund's ratio in the highest bracket that the bill
	// reached, after the drop: pool_prop_selfpay.
	Ratio money.BasisPoints

	Fee        money.Fen // medfee_sumamt
	OwnPay     money.Fen // fulamt_ownpay_amt
	OverLimit  money.Fen // overlmt_selfpay
	PreSelfPay money.Fen // preselfpay_amt
	InScope    money.Fen // inscp_scp_amt
	Deductible money.Fen // act_pay_dedc
	// CeilingLeft is the basic fund's remaining ceiling before the bill,
	// crt_payb_lmt_amt.
	CeilingLeft money.Fen
	// Funds are the layers' payments in order.
	Funds    [NumLayers]money.Fen
	Account  money.Fen // acct_pay
	Cash     money.Fen // psn_cash_pay
	Hospital money.Fen // hosp_part_amt

	// MajorBase is what the bill added to the person's yearly burden that counts
	// toward 大病; a reversal takes it back.
	MajorBase money.Fen
}

// FundSum is fund_pay_sumamt: all layers together (I3).
func (r *Result) FundSum() money.Fen {
	return r.Funds[LayerBasic] + r.Funds[LayerLarge] + r.Funds[LayerMajor] + r.Funds[LayerAid]
}

// PersonPart is psn_part_amt: what the patient bears, from the account or in
// cash (I5).
func (r *Result) PersonPart() money.Fen { return r.Account + r.Cash }
