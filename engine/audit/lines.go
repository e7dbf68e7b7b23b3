package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine"
)

// parts are a line, or a whole bill, divided by the catalogue of the place of treatment
// (C1): fee = own-pay + over the limit + pre-self-pay + in scope (I1, I2).
type parts struct {
	fee        decimal.Decimal
	ownPay     decimal.Decimal // 全自费
	overLimit  decimal.Decimal // 超限价自费
	preSelfPay decimal.Decimal // 先行自付
	inScope    decimal.Decimal // 符合政策范围
}

// divideBill divides every line and sums the parts: totals are sums of lines, never
// computed again (X26). It reports whether the lines make a bill (X27).
func divideBill(catalogue *engine.Catalogue, claim *engine.Claim, lines []engine.Line) (bill parts, ok bool) {
	for i := range lines {
		line, ok := divideLine(catalogue, claim.Level, &lines[i])
		if !ok {
			return parts{}, false
		}
		line.mustDivide("line")
		bill = parts{
			fee: bill.fee.Add(line.fee), ownPay: bill.ownPay.Add(line.ownPay), overLimit: bill.overLimit.Add(line.overLimit),
			preSelfPay: bill.preSelfPay.Add(line.preSelfPay), inScope: bill.inScope.Add(line.inScope),
		}
	}
	switch {
	case len(lines) == 0:
		return parts{}, false
	case bill.fee.IsNegative(), bill.ownPay.IsNegative(), bill.overLimit.IsNegative(), bill.preSelfPay.IsNegative(), bill.inScope.IsNegative():
		// X27: a refund does not go below what it takes back.
		return parts{}, false
	case claim.Kind == engine.Inpatient && aClassIsNegative(lines):
		return parts{}, false
	}
	return bill, true
}

// aClassIsNegative: the place of treatment turns an inpatient's lines into the 14
// national fee classes 大类费用 (C3), and one of them is below zero after refunds (X27).
func aClassIsNegative(lines []engine.Line) bool {
	var classes [engine.NumFeeClasses]decimal.Decimal
	for i := range lines {
		class := lines[i].Class
		classes[class] = classes[class].Add(yuan(lines[i].Amount))
	}
	for _, sum := range classes {
		if sum.IsNegative() {
			return true
		}
	}
	return false
}

// divideLine divides one line (C4). ok is false where an amount is none that a bill can
// have (X27).
func divideLine(catalogue *engine.Catalogue, level engine.Level, line *engine.Line) (p parts, ok bool) {
	amount := yuan(line.Amount)
	if amount.Abs().GreaterThan(mostOfABill) {
		return parts{}, false
	}
	if line.Item == engine.ClassC {
		// 丙类: wholly own-pay.
		return parts{fee: amount, ownPay: amount}, true
	}
	over := overLimit(catalogue, level, line)
	if over.Abs().GreaterThan(mostOfAnAmount) {
		return parts{}, false
	}
	over = withinLine(over, amount)
	rest := amount.Sub(over)
	first := preSelfPay(catalogue, line, rest)
	return parts{fee: amount, overLimit: over, preSelfPay: first, inScope: rest.Sub(first)}, true
}

// The largest bill is ten million yuan, by line and in sum; the largest amount that
// price × quantity makes is 2⁶² fen. Both are the engine's, not a rule's.
var (
	mostOfABill    = yuan(engine.MaxFee)
	mostOfAnAmount = decimal.New(1<<62, -2)
)

// overLimit is 超限价自费 (X28): (price − limit) × quantity, rounded half-up per line, and
// nothing where the price is within the limit.
func overLimit(catalogue *engine.Catalogue, level engine.Level, line *engine.Line) decimal.Decimal {
	limit, limited := priceLimit(catalogue, level, line)
	if !limited {
		return zero
	}
	excess := notBelowZero(unitPrice(line.Price).Sub(limit))
	return halfUpToFen(excess.Mul(quantity(line.Count)))
}

// priceLimit is the limit the line states, or else the catalogue's for the fee class at
// the institution's level (C1). 999999 yuan means none, and so does no limit at all (X28).
func priceLimit(catalogue *engine.Catalogue, level engine.Level, line *engine.Line) (limit decimal.Decimal, limited bool) {
	stated := line.Limit
	if stated == 0 {
		stated = catalogue.Limit[line.Class][level]
	}
	if stated == 0 || stated == engine.NoLimit {
		return zero, false
	}
	return unitPrice(stated), true
}

// withinLine keeps what is over the limit between nothing and the whole line, for a
// refund on its own side of zero: the exact negative of the charge it takes back (I7).
func withinLine(over, amount decimal.Decimal) decimal.Decimal {
	if amount.IsNegative() {
		return withinLine(over.Neg(), amount.Neg()).Neg()
	}
	return notBelowZero(least(over, amount))
}

// preSelfPay is 先行自付: of 乙类 a share of the rest, rounded half-up per line, so that
// 31.77 × 10 % = 3.177 → 3.18 (C4). Of 甲类 nothing.
func preSelfPay(catalogue *engine.Catalogue, line *engine.Line, rest decimal.Decimal) decimal.Decimal {
	if line.Item != engine.ClassB {
		return zero
	}
	rate := line.SelfPay
	if rate == engine.FromCatalogue {
		rate = catalogue.PreSelfPay[line.Class]
	}
	return halfUpToFen(rest.Mul(share(rate)))
}
