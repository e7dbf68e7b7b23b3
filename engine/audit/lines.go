package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
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

// item is what the catalogue looks at: a line, or what refunds have left of one.
type item struct {
	line   *engine.Line
	amount decimal.Decimal
	count  decimal.Decimal
}

// divideBill divides every line and sums the parts: totals are sums of lines, never
// computed again (X26). It reports whether the lines make a bill (X27).
func divideBill(policy Policy, claim *engine.Claim, lines []engine.Line) (bill parts, ok bool) {
	for i := range lines {
		line, ok := parts{}, false
		switch {
		case yuan(lines[i].Amount).Abs().GreaterThan(mostOfABill), !costsItsAmount(lines, i):
		case lines[i].Original != 0:
			line, ok = divideRefund(policy, claim, lines, i)
		default:
			line, ok = divideItem(policy, claim, item{&lines[i], yuan(lines[i].Amount), quantity(lines[i].Count)})
		}
		if !ok {
			return parts{}, false
		}
		line.mustDivide("line")
		bill = bill.plus(line)
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

func (p parts) plus(q parts) parts {
	return parts{
		fee: p.fee.Add(q.fee), ownPay: p.ownPay.Add(q.ownPay), overLimit: p.overLimit.Add(q.overLimit),
		preSelfPay: p.preSelfPay.Add(q.preSelfPay), inScope: p.inScope.Add(q.inScope),
	}
}

func (p parts) negated() parts {
	return parts{p.fee.Neg(), p.ownPay.Neg(), p.overLimit.Neg(), p.preSelfPay.Neg(), p.inScope.Neg()}
}

// dayOfUse is when an item was used, fee_ocur_time: so many days before the settlement.
func dayOfUse(claim *engine.Claim, line *engine.Line) day.Day {
	return claim.SettleDay - day.Day(line.DaysBefore)
}

// divideRefund divides a refund that names its original (X27, init_feedetl_sn): an earlier
// line that is no refund itself. It takes back, and never more than there is: its parts are
// what those of the original, less the refunds before this one, lose by it.
func divideRefund(policy Policy, claim *engine.Claim, lines []engine.Line, i int) (parts, bool) {
	refund := &lines[i]
	at := int(refund.Original) - 1
	if at >= i || lines[at].Original != 0 || refund.Amount > 0 {
		return parts{}, false
	}
	was := item{&lines[at], yuan(lines[at].Amount), quantity(lines[at].Count)}
	for _, earlier := range lines[at+1 : i] {
		if earlier.Original == refund.Original {
			was.amount, was.count = was.amount.Add(yuan(earlier.Amount)), was.count.Add(quantity(earlier.Count))
		}
	}
	is := item{was.line, was.amount.Add(yuan(refund.Amount)), was.count.Add(quantity(refund.Count))}
	if is.amount.IsNegative() {
		return parts{}, false
	}
	before, ok := divideItem(policy, claim, was)
	if !ok {
		return parts{}, false
	}
	after, ok := divideItem(policy, claim, is)
	return after.plus(before.negated()), ok
}

// costsItsAmount: where a line states a price, price × quantity is its amount, but for the fen
// by which an institution rounds (X27). A refund that names its original is at its price.
func costsItsAmount(lines []engine.Line, i int) bool {
	line := &lines[i]
	priced := line
	if at := int(line.Original) - 1; at >= 0 && at < i {
		priced = &lines[at]
	}
	if priced.Price == 0 {
		return true
	}
	costs := halfUpToFen(unitPrice(priced.Price).Mul(quantity(line.Count)))
	return costs.Sub(yuan(line.Amount)).Abs().LessThanOrEqual(fen)
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

// divideItem divides a line (C4) by the catalogue in force when it was used (X43). ok is
// false where an amount is none that a bill can have (X27).
func divideItem(policy Policy, claim *engine.Claim, x item) (p parts, ok bool) {
	if x.line.Item == engine.ClassC {
		// 丙类: wholly own-pay.
		return parts{fee: x.amount, ownPay: x.amount}, true
	}
	catalogue := policy.Catalogue(dayOfUse(claim, x.line))
	over := overLimit(catalogue, claim.Level, x)
	if over.Abs().GreaterThan(mostOfAnAmount) {
		return parts{}, false
	}
	over = withinLine(over, x.amount)
	rest := x.amount.Sub(over)
	first := preSelfPay(catalogue, x.line, rest)
	return parts{fee: x.amount, overLimit: over, preSelfPay: first, inScope: rest.Sub(first)}, true
}

// The largest bill is ten million yuan, by line and in sum; the largest amount that
// price × quantity makes is 2⁶² fen. Both are the engine's, not a rule's.
var (
	mostOfABill    = yuan(engine.MaxFee)
	mostOfAnAmount = decimal.New(1<<62, -2)
)

// overLimit is 超限价自费 (X28): (price − limit) × quantity, rounded half-up per line, and
// nothing where the price is within the limit.
func overLimit(catalogue *engine.Catalogue, level engine.Level, x item) decimal.Decimal {
	limit, limited := priceLimit(catalogue, level, x.line)
	if !limited {
		return zero
	}
	excess := notBelowZero(unitPrice(x.line.Price).Sub(limit))
	return halfUpToFen(excess.Mul(x.count))
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
	rate := catalogue.PreSelfPay[line.Class]
	if line.SelfPay != engine.FromCatalogue {
		rate = money.BasisPoints(line.SelfPay)
	}
	return halfUpToFen(rest.Mul(share(rate)))
}
