package engine

import (
	"slices"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// split divides every line by the catalogue and sums the parts: class totals are
// sums of lines, never computed again (X26). It says whether the lines make a
// bill: at least one, none beyond what a bill can be or other than its price × count,
// and after refunds neither a part nor, for inpatients, a fee class negative (X27).
func (s *Shard) split(catalogue *Catalogue, c *Claim, lines []Line, r *Result) Status {
	if len(lines) == 0 {
		return StatusBadLines
	}
	// refunds is negative where any line is; odd is not 0 where any line has a day or
	// an original of its own.
	n, fee, ownPay, preSelfPay, odd := catalogue.plain(lines)
	inScope := fee - ownPay - preSelfPay
	var overLimit, refunds money.Fen
	var beyond bool // a price × count is not the line's amount
	for n < len(lines) {
		line := &lines[n]
		if uint64(line.Amount+MaxFee) > uint64(2*MaxFee) {
			return StatusBadLines
		}
		parts, ok := catalogue.Split(line, c.Level)
		beyond = beyond || !ok || !line.PricedAt(line.Price)
		more, sum, own, first, days := catalogue.plain(lines[n+1:])
		n += 1 + more
		fee += line.Amount + sum
		ownPay += parts.OwnPay + own
		overLimit += parts.OverLimit
		preSelfPay += parts.PreSelfPay + first
		inScope += parts.InScope + sum - own - first
		refunds |= line.Amount
		odd |= uint32(line.DaysBefore) | uint32(line.Original)<<16 | days
	}
	r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope = fee, ownPay, overLimit, preSelfPay, inScope
	// The days or'ed together are no fewer than the most of them.
	if odd>>16 != 0 || !s.oneCatalogue(c, c.SettleDay-day.Day(odd)) {
		if status := s.rules.splitOdd(c, lines, r); status != Settled {
			return status
		}
	} else if beyond {
		return StatusBadLines
	}
	if refunds < 0 && c.Kind == Inpatient && classBelowZero(lines) {
		return StatusBadLines
	}
	if r.Fee != r.OwnPay+r.OverLimit+r.PreSelfPay+r.InScope {
		panic("engine.split: parts of the lines do not sum to the fee")
	}
	if r.Fee < 0 || r.OwnPay < 0 || r.OverLimit < 0 || r.PreSelfPay < 0 || r.InScope < 0 {
		return StatusBadLines
	}
	return Settled
}

// plain divides the lines before the first that states a price, that is a refund or
// beyond what a bill can be: nearly all. It returns how many, their sums, and in odd
// bits that are explained in split. It calls nothing and has few enough sums for the
// registers, which a price limit or a Split within its loop would drive to memory. The
// class decides by masks and not by branches, which half of all lines would mispredict:
// 丙 lets through the whole line as own-pay, 乙 its rate.
func (c *Catalogue) plain(lines []Line) (n int, fee, ownPay, preSelfPay money.Fen, odd uint32) {
	for n = range lines {
		line := &lines[n]
		amount := line.Amount
		if line.Price != 0 || uint64(amount) > uint64(MaxFee) || line.Item > ClassC {
			return n, fee, ownPay, preSelfPay, odd
		}
		rate := money.BasisPoints(line.SelfPay)
		if line.SelfPay == FromCatalogue {
			rate = c.PreSelfPay[line.Class]
		} else if rate < 0 {
			return n, fee, ownPay, preSelfPay, odd
		}
		odd |= uint32(line.DaysBefore) | uint32(line.Original)<<16 // one load
		fee += amount
		ownPay += amount & -money.Fen(line.Item>>1)
		first := uint64(amount) * uint64(rate&-money.BasisPoints(line.Item&1))
		preSelfPay += money.Fen((first + uint64(money.One)/2) / uint64(money.One))
	}
	return len(lines), fee, ownPay, preSelfPay, odd
}

const _ = uint(ClassB*4 + ClassC - 6) // their numbers are the masks of plain

// oneCatalogue reports whether the same catalogue has been in force at the place
// of treatment since a day, as at most settlements: then the lines' own days make
// no difference (X43).
func (s *Shard) oneCatalogue(c *Claim, since day.Day) bool {
	if since >= s.beforeFrom {
		return since >= s.monthFrom || s.cataloguesBefore != nil && s.cataloguesBefore[c.Treating] == s.cataloguesAt[c.Treating]
	}
	for m := s.beforeFrom.Month(); ; m-- {
		if _, at := s.rules.month(m); at == nil || at[c.Treating] != s.cataloguesAt[c.Treating] {
			return false
		} else if m.First() <= since {
			return true
		}
	}
}

// splitOdd divides the lines again, one by one, of a bill that has lines used
// before the day of settlement or refunds of other lines.
func (r *Rules) splitOdd(c *Claim, lines []Line, result *Result) Status {
	var sum Split
	for i := range lines {
		s, status := r.splitLine(c, lines, i)
		if status != Settled {
			return status
		}
		sum = sum.plus(s)
	}
	result.OwnPay, result.OverLimit, result.PreSelfPay, result.InScope = sum.OwnPay, sum.OverLimit, sum.PreSelfPay, sum.InScope
	return Settled
}

// splitLine divides a line by the catalogue of the day it was used (X43). Where
// it refunds an earlier line, its parts are what the original's lose, so that
// several refunds of one line take back to the fen what it was divided into, and
// never more than it (X27).
func (r *Rules) splitLine(c *Claim, lines []Line, i int) (Split, Status) {
	line := &lines[i]
	before, price := *line, line.Price
	if line.Original != 0 {
		o := int(line.Original) - 1
		if o >= i || lines[o].Original != 0 {
			return Split{}, StatusBadLines
		}
		before, price = lines[o], lines[o].Price
		for j := o + 1; j < i; j++ {
			if lines[j].Original == line.Original {
				before.Amount += lines[j].Amount
				before.Count += lines[j].Count
			}
		}
	}
	if !line.PricedAt(price) {
		return Split{}, StatusBadLines
	}
	catalogue := r.Catalogue((c.SettleDay - day.Day(before.DaysBefore)).Month(), int(c.Treating))
	if catalogue == nil {
		return Split{}, StatusNoPolicy
	}
	was, ok := catalogue.Split(&before, c.Level)
	if !ok {
		return Split{}, StatusBadLines
	}
	if line.Original == 0 {
		return was, Settled
	}
	after := before
	after.Amount += line.Amount
	after.Count += line.Count
	is, ok := catalogue.Split(&after, c.Level)
	if !ok || line.Amount > 0 || after.Amount < 0 {
		return Split{}, StatusBadLines
	}
	return is.less(was), Settled
}

// PricedAt reports whether a price × the line's count is its amount, within the fen by
// which institutions round; 0 is no price. A refund is at the price of its original.
func (l *Line) PricedAt(price money.Micro) bool {
	sum, ok := price.TimesHalfUp(l.Count)
	return price == 0 || ok && max(sum-l.Amount, l.Amount-sum) <= 1
}

// classBelowZero reports whether refunds exceed what a fee class was billed.
func classBelowZero(lines []Line) bool {
	var classes [NumFeeClasses]money.Fen
	for i := range lines {
		classes[lines[i].Class] += lines[i].Amount
	}
	return slices.Min(classes[:]) < 0
}

func sumFees(lines []Line) (fee money.Fen) {
	for i := range lines {
		fee += lines[i].Amount
	}
	return fee
}
