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
}

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
	limit := line.Limit
	if limit == 0 {
		limit = c.Limit[line.Class][level]
	}
	rest := line.Amount
	if limit != 0 && limit != NoLimit && line.Price > limit && line.Item != ClassC {
		over, fits := (line.Price - limit).TimesHalfUp(line.Count)
		if !fits {
			return Split{}, false
		}
		// Never more than the line itself, on either side of zero.
		if line.Amount >= 0 {
			over = max(0, min(over, line.Amount))
		} else {
			over = min(0, max(over, line.Amount))
		}
		s.OverLimit = over
		rest -= over
	}
	rate := line.SelfPay
	if rate == FromCatalogue {
		rate = c.PreSelfPay[line.Class]
	}
	// The class decides by masks and not by branches, which half of all lines
	// would mispredict.
	mask := &itemMasks[line.Item]
	s.OwnPay = rest & mask.ownPay
	rest -= s.OwnPay
	s.PreSelfPay = money.ShareHalfUp(rest, rate&mask.preSelfPay)
	s.InScope = rest - s.PreSelfPay
	return s, true
}

// itemMasks say what a class lets through: 甲 nothing, 乙 the pre-self-pay rate,
// 丙 the whole line as own-pay.
var itemMasks = [NumCatalogueClasses]struct {
	ownPay     money.Fen
	preSelfPay money.BasisPoints
}{ClassA: {0, 0}, ClassB: {0, -1}, ClassC: {-1, 0}}
