package engine

import "kuasheng/engine/money"

// Catalogue 目录 is what the province of treatment decides about items (A7, C1).
// The insured place never looks inside it.
type Catalogue struct {
	// PreSelfPay is the rate of 乙类先行自付 by fee class.
	PreSelfPay [NumFeeClasses]money.BasisPoints
	// Limit is the price limit by fee class and level of institution, in Micro
	// per unit; 0 is none. A line's own limit goes before it.
	Limit [NumFeeClasses][NumLevels]money.Micro
	// Case says who bears it where a case payment differs from the items (X41).
	Case CaseMode
}

// CaseMode is what a case payment under DRG or DIP means for a guest's bill (C15).
type CaseMode uint8

// The modes. The patient's share follows the items in all of them.
const (
	CaseByItem CaseMode = iota // guests are paid by item whatever their case
	CaseBeside                 // funds and clearing by item; the difference is between institution and treating agency
	CaseBorne                  // what the fee exceeds the payment by is the hospital's, out of the basic fund's part
)

// Split is one line divided at the place of treatment (I1). The parts sum to the
// line's amount.
type Split struct {
	OwnPay     money.Fen // 全自费
	OverLimit  money.Fen // 超限价自费
	PreSelfPay money.Fen // 先行自付
	InScope    money.Fen // 符合政策范围
}

// Split divides a line by the catalogue (C1, C3, C4): 丙类 is wholly own-pay;
// of the others what exceeds the price limit is own-pay (X28); of 乙类 the
// pre-self-pay share of the rest is rounded half-up away from zero, and the
// remainder is in scope. ok is false where price × count does not fit an amount.
func (c *Catalogue) Split(line *Line, level Level) (s Split, ok bool) {
	if line.Price != 0 {
		if s.OverLimit, ok = c.overLimit(line, level); !ok {
			return Split{}, false
		}
	}
	rest := line.Amount - s.OverLimit
	s.OwnPay, s.PreSelfPay = c.ownAndFirst(line, rest)
	s.InScope = rest - s.OwnPay - s.PreSelfPay
	return s, true
}

// plus returns the parts of both.
func (s Split) plus(t Split) Split {
	return Split{s.OwnPay + t.OwnPay, s.OverLimit + t.OverLimit, s.PreSelfPay + t.PreSelfPay, s.InScope + t.InScope}
}

// less returns the parts of s beyond those of t.
func (s Split) less(t Split) Split {
	return Split{s.OwnPay - t.OwnPay, s.OverLimit - t.OverLimit, s.PreSelfPay - t.PreSelfPay, s.InScope - t.InScope}
}

// overLimit is what a line costs beyond the price limit (X28), on the line's own
// side of zero and never more than the line.
func (c *Catalogue) overLimit(line *Line, level Level) (over money.Fen, ok bool) {
	limit := line.Limit
	if limit == 0 {
		limit = c.Limit[line.Class][level]
	}
	if limit == 0 || limit == NoLimit || line.Price <= limit || line.Item == ClassC {
		return 0, true
	}
	if over, ok = (line.Price - limit).TimesHalfUp(line.Count); !ok {
		return 0, false
	}
	if line.Amount >= 0 {
		return max(0, min(over, line.Amount)), true
	}
	return min(0, max(over, line.Amount)), true
}

// ownAndFirst returns the own-pay and the pre-self-pay part of what is left of a
// line. The class decides by masks and not by branches, which half of all lines
// would mispredict.
func (c *Catalogue) ownAndFirst(line *Line, rest money.Fen) (own, first money.Fen) {
	rate := money.BasisPoints(line.SelfPay)
	if line.SelfPay == FromCatalogue {
		rate = c.PreSelfPay[line.Class]
	}
	mask := &itemMasks[line.Item]
	own = rest & mask.ownPay
	return own, money.ShareHalfUp(rest, rate&mask.preSelfPay)
}

// itemMasks say what a class lets through: 甲 nothing, 乙 the pre-self-pay rate,
// 丙 the whole line as own-pay.
var itemMasks = [NumCatalogueClasses]struct {
	ownPay     money.Fen
	preSelfPay money.BasisPoints
}{ClassA: {0, 0}, ClassB: {0, -1}, ClassC: {-1, 0}}
