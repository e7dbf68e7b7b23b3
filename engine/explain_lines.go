package engine

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// split divides the lines one by one and sums them.
func (w *walk) split(catalogue *Catalogue, r *Result) Status {
	var sum Split
	var fee money.Fen
	for i := range w.Lines {
		line := &w.Lines[i]
		if uint64(line.Amount+MaxFee) > uint64(2*MaxFee) {
			return w.badLine(StatusBadLines, i+1)
		}
		d, params, status := w.line(catalogue, i)
		if status != Settled {
			return w.badLine(status, i+1)
		}
		w.step(lineRules(&d), d, params...)
		sum = sum.plus(d.Parts)
		fee += line.Amount
	}
	// The engine's own split says whether the lines make a bill.
	var whole Result
	if status := w.shard.split(catalogue, &w.claim, w.Lines, &whole); status != Settled {
		return w.badLine(status, 0)
	}
	w.step("I2 X26", LinesTotal{Fee: fee, Parts: sum})
	r.Fee, r.OwnPay, r.OverLimit, r.PreSelfPay, r.InScope = fee, sum.OwnPay, sum.OverLimit, sum.PreSelfPay, sum.InScope
	return Settled
}

func (w *walk) badLine(s Status, line int) Status {
	w.step(statusRules[s], Check{Refusal: s, Line: line})
	return s
}

// line divides the line of index i.
func (w *walk) line(catalogue *Catalogue, i int) (d LineSplit, params []Param, status Status) {
	line, c := &w.Lines[i], &w.claim
	d = LineSplit{Number: i + 1, Line: *line, Day: c.SettleDay}
	if line.DaysBefore|line.Original != 0 {
		parts, status := w.shard.rules.splitLine(c, w.Lines, i)
		if status != Settled {
			return d, nil, status
		}
		d.Parts = parts
		d.Day = c.SettleDay - day.Day(line.DaysBefore)
		if line.Original != 0 {
			return w.refund(d), nil, Settled
		}
		catalogue = w.shard.rules.Catalogue(d.Day.Month(), int(c.Treating))
	} else if parts, ok := catalogue.Split(line, c.Level); ok && line.PricedAt(line.Price) {
		d.Parts = parts
	} else {
		return d, nil, StatusBadLines
	}
	param := Param{Month: d.Day.Month(), Province: c.Treating, Level: c.Level, Class: line.Class}
	if line.Price != 0 && line.Item != ClassC {
		if d.Limit = line.Limit; d.Limit == 0 {
			if d.Limit = catalogue.Limit[line.Class][c.Level]; d.Limit != 0 {
				param.Name, param.Value = ParamPriceLimit, int64(d.Limit)
				params = append(params, param)
			}
		}
		if d.Limit == NoLimit {
			d.Limit = 0
		}
		if d.Limit != 0 && line.Price > d.Limit {
			full, _ := (line.Price - d.Limit).TimesHalfUp(line.Count)
			d.Capped = full != d.Parts.OverLimit
		}
	}
	if line.Item == ClassB {
		d.Base, d.Rate = line.Amount-d.Parts.OverLimit, money.BasisPoints(line.SelfPay)
		if line.SelfPay == FromCatalogue {
			d.Rate = catalogue.PreSelfPay[line.Class]
			param.Name, param.Value = ParamPreSelfPay, int64(d.Rate)
			params = append(params, param)
		}
		d.Exact = int64(d.Base) * int64(d.Rate)
	}
	return d, params, Settled
}

// refund says what the original of a refund is divided into before and after it.
func (w *walk) refund(d LineSplit) LineSplit {
	o := int(d.Line.Original) - 1
	d.Day = w.claim.SettleDay - day.Day(w.Lines[o].DaysBefore)
	refund := &RefundSplit{Original: o + 1}
	for j := o; j < d.Number-1; j++ {
		if j == o || w.Lines[j].Original == d.Line.Original {
			for i := range w.Steps {
				if line, ok := w.Steps[i].Detail.(LineSplit); ok && line.Number == j+1 {
					refund.Was = refund.Was.plus(line.Parts)
				}
			}
		}
	}
	refund.Is = refund.Was.plus(d.Parts)
	d.Refund = refund
	return d
}

func lineRules(d *LineSplit) string {
	rules := "C1 I1"
	switch {
	case d.Refund != nil:
		return "C1 X27 I1"
	case d.Line.Item == ClassB:
		rules = "C1 C4 X26 I1"
	}
	if d.Limit != 0 {
		rules += " X28"
	}
	if d.Line.DaysBefore != 0 {
		rules += " X43"
	}
	return rules
}
