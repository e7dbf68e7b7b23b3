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
	// FirstLine and Lines select the bill's lines in the batch, see LinesOf.
	FirstLine uint32
	Lines     uint16
	// Stay is the admission of the benefit year that the bill goes on with, as
	// Result.Visit numbers it, and FormerStay that of the year before, see GoOn. 0 is
	// none, and so is a number that the person's year does not have: the bill is then
	// an admission of its own.
	Stay, FormerStay uint8
	// Area is the division code of the place of treatment, mdtrtarea_admvs.
	Area uint32
	// AdmitDay and SettleDay are equal for all but inpatients. The discharge
	// settlement date decides benefits and clearing (R16).
	AdmitDay, SettleDay day.Day
	// CasePayment is the institution's payment for the case under DRG or DIP, in
	// fen; 0 where it is paid by item (C15, X41).
	CasePayment uint32
	// Pool is the insured pool 参保地统筹区; Treating the province of treatment.
	Pool       uint16
	Treating   uint8
	Scheme     Scheme
	Kind       Kind
	Level      Level
	PersonType PersonType
	Identity   Identity
	Flags      Flags
	// Age in years decides where a pool pays the old more; 0 is not stated.
	Age uint8
	// Disease is what a chronic visit is for (C12).
	Disease Disease
	Filing  Filing
}

// GoOn says that the bill goes on from an earlier one of the person, which was settled
// on a day with the result r, in the way of FlagContinued (X21) or FlagTransferred
// (X22). Who sees to it that r has not been taken back is the caller.
func (c *Claim) GoOn(way Flags, settled day.Day, r *Result) {
	c.Flags |= way
	c.Stay, c.FormerStay = 0, 0
	switch c.SettleDay.Month().Year() - settled.Month().Year() {
	case 0:
		c.Stay, c.FormerStay = r.Visit, r.FormerVisit
	case 1:
		c.FormerStay = r.Visit
	}
}

// LinesOf returns the bill's own of the lines of a batch.
func (c *Claim) LinesOf(lines []Line) []Line {
	return lines[c.FirstLine : c.FirstLine+uint32(c.Lines)]
}

// Flags are the yes-or-no facts of a visit (R10) and of the person at the visit.
type Flags uint16

// The flags. A zero value is the ordinary case.
const (
	FlagEmergency       Flags = 1 << iota // 急诊抢救: deemed filed (B4)
	FlagInjury                            // 外伤 trum_flag
	FlagThirdParty                        // 涉及第三方 rel_ttp_flag: the fund does not pay (C9)
	FlagInjuryLetter                      // 《外伤无第三方责任承诺书》 signed (C9)
	FlagUseAccount                        // acct_used_flag: the personal account may pay
	FlagUseMutual                         // and a relative's 家庭共济
	FlagUnconnected                       // the institution is not connected for this kind (B13)
	FlagUnqualified                       // no qualification for the chronic disease (C13)
	FlagNotOpened                         // the institution has not opened the chronic disease (C13, X42)
	FlagOrdinaryInstead                   // the patient agrees to ordinary outpatient care then (X42)
	FlagSuspended                         // enrolment suspended (X30)
	FlagUnverified                        // the credential could not be verified (A8, X48)
	FlagCivilServant                      // cvlserv_flag: 公务员, joins the civil servants' supplement
	FlagEnterprise                        // joins an enterprise's supplement 企业补充
	FlagContinued                         // part of the stay has been settled before 中途结算 (X21)
	FlagTransferred                       // the stay goes on from another hospital 转院 (X22)
)

// Line is one item of a bill, or one class subtotal of an inpatient bill (C3).
type Line struct {
	// Amount is det_item_fee_sumamt. Negative lines are refunds (X27).
	Amount money.Fen
	// Price and Limit are pric and pric_uplmt_amt; Limit 0 or NoLimit means none
	// (X28). Count is cnt.
	Price, Limit money.Micro
	Count        money.Count
	// SelfPay is the line's own rate of 先行自付 in basis points where the bill
	// states one, or FromCatalogue.
	SelfPay int16
	// DaysBefore is how many days before the settlement the item was used,
	// fee_ocur_time: the catalogue of that day splits it (X43).
	DaysBefore uint16
	// Original, where not 0, says that the line is a refund of line Original−1 of
	// the bill, init_feedetl_sn (X27).
	Original uint16
	Class    FeeClass
	Item     CatalogueClass
}

// NoLimit is the 999999 yuan by which the interface writes "no price limit" (X28).
const NoLimit money.Micro = 999_999_000_000

// FromCatalogue as a line's SelfPay takes the rate from the catalogue of the
// place of treatment.
const FromCatalogue int16 = -1

// Result is the answer to one claim: its status and who pays what. Where the
// status is not Settled every amount is zero. The amounts of a reversal are the
// exact negatives of the original's (I7).
type Result struct {
	Status Status
	// Filing is the kind the bill was settled under.
	Filing FilingKind
	// Kind is what the bill was settled as: the claim's, or Outpatient where a
	// chronic visit fell to ordinary care (X42).
	Kind Kind
	// AtHome marks a bill of a long-term filer in the own province, settled there
	// and in no book between provinces (B18); ByHand one that the pool reimburses
	// to the patient (B15).
	AtHome, ByHand bool
	// Visit is the number of the stay's admission among the person's valid ones of the
	// benefit year, the same for all its bills; FormerVisit that in the year before,
	// where the stay has one there. Both are 0 for kinds other than inpatient.
	Visit, FormerVisit uint8
	// Order is the person's running number of settlements and Previous the one that
	// was the latest before; only the latest can be reversed (X8).
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
	Mutual   money.Fen // acct_mulaid_pay
	Cash     money.Fen // psn_cash_pay
	Hospital money.Fen // hosp_part_amt
	// CaseGain is what a case payment leaves the institution above its fee, or
	// below it; no fund and no patient bears it but through Hospital (X41).
	CaseGain money.Fen

	// MajorBase is what the bill added to the person's yearly burden that counts
	// toward 大病; a reversal takes it back.
	MajorBase money.Fen
	// Former is what of the amounts above fell into the benefit year before that
	// of the settlement: the part of a stay over 1 January (R16).
	Former FormerPart

	before before
}

// FormerPart is the part of a stay over 1 January that its former benefit year
// bears, in fen; all zero for every other bill.
type FormerPart struct {
	InScope, Deductible uint32
	Funds               [NumLayers]uint32
	MajorBase           uint32
}

// before is what a settlement found and a reversal restores where subtracting
// would not.
type before struct {
	// charged is what stood in the stay's place in yearAnnex.charged.
	charged, progress uint32
	periods           uint16
	goesOn            bool // no admission of its own
	hospital          bool // the first bill of the year at its hospital
	crossed           bool // the stay was divided between two years
	began             bool // the first bill of the benefit year
	former            formerBefore
}

// formerBefore is before of the former year of a stay over 1 January.
type formerBefore struct {
	charged, progress uint32
	periods           uint16
	goesOn, hospital  bool
}

// FundSum is fund_pay_sumamt: all layers together (I3).
func (r *Result) FundSum() money.Fen {
	return r.Funds[LayerBasic] + r.Funds[LayerLarge] + r.Funds[LayerMajor] +
		r.Funds[LayerCivil] + r.Funds[LayerEnterprise] + r.Funds[LayerAid]
}

// PersonPart is psn_part_amt: what the patient bears, from the own account, a
// relative's or in cash (I5).
func (r *Result) PersonPart() money.Fen { return r.Account + r.Mutual + r.Cash }
