package report

import (
	"fmt"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// schemeZH are the schemes as the forms call them.
var schemeZH = [engine.NumSchemes]string{"职工", "居民"}

// officialForms draws up all forms. The first is the table of what must agree between
// the others.
func officialForms(in *Input) []*form {
	x := &formSums{}
	national := nationalForm(in, x)
	payable := detailForm(in, x, true)
	receivable := detailForm(in, x, false)
	adjustments := adjustmentsForm(in, x)
	var prepaid, fees [2]*form
	for receipt := range 2 {
		prepaid[receipt] = prepaymentNotices(in, x, receipt == 1)
		fees[receipt] = feeNotices(in, x, receipt == 1)
	}
	x.sums(in)
	controls := []control{
		{"清算表应付合计", "清算表应收合计", x.owed, x.due},
		{"清算表应付合计", "应付清算表合计", x.owed, x.payable},
		{"清算表应收合计", "应收清算表合计", x.due, x.receivable},
		{"清算表应付合计", "清算证书合计", x.owed, x.certified},
		{"清算表应付合计", "各月结算额减未清算、追回", x.owed, x.register},
		{"费用付款通知书合计", "费用收款通知书合计", x.fee[0] + x.feeBack[0], x.fee[1] + x.feeBack[1]},
		{"费用付款通知书减退回", "应付清算表合计", x.fee[0] - x.feeBack[0], x.payable},
		{"预付金付款通知书合计", "预付金收款通知书合计", x.prepaid[0] + x.prepaidBack[0], x.prepaid[1] + x.prepaidBack[1]},
		{"预付金付款通知书减退回", "预付金额度调整表调整额合计", x.prepaid[0] - x.prepaidBack[0], x.changes},
	}
	for f, which := range map[*form][]int{
		national: {0, 1, 2, 3, 4}, payable: {1, 6}, receivable: {2}, adjustments: {8},
		fees[0]: {5, 6}, fees[1]: {5}, prepaid[0]: {7, 8}, prepaid[1]: {7},
	} {
		for _, i := range which {
			f.control(&controls[i])
		}
	}
	return []*form{controlForm(controls), national, payable, receivable, adjustments, prepaid[0], prepaid[1], fees[0], fees[1]}
}

// formSums are the totals that must agree.
type formSums struct {
	owed, due, payable, receivable, certified, register, changes money.Fen
	// Of notices to pay and to receive; what goes back to the insured side apart.
	fee, feeBack, prepaid, prepaidBack [2]money.Fen
}

func (x *formSums) sums(in *Input) {
	c := &in.Result.Clearing
	for i := range c.Periods {
		x.certified += c.Periods[i].Certificate.Payable
	}
	for i := range in.Result.Months {
		for kind := range in.Result.Months[i].Kinds {
			x.register += in.Result.Months[i].Kinds[kind].Cleared()
		}
	}
	for i := range c.Exceptions {
		x.register -= c.Exceptions[i].Amount
	}
	for i := range c.Recoveries {
		x.register -= c.Recoveries[i].Amount
	}
}

func controlForm(controls []control) *form {
	f := &form{name: "control", sheet: "勾稽关系表", title: "跨省异地就医清算表册勾稽关系表", frozen: 1, columns: []formColumn{
		{"序号", 6}, {"甲", 30}, {"乙", 34}, {"甲金额", 22}, {"乙金额", 22}, {"差额", 14}}}
	for i := range controls {
		c := &controls[i]
		f.row(count(int64(i+1)), text(c.left), text(c.right), amount(c.is), amount(c.want), amount(c.is-c.want))
	}
	return f
}

// bySchemes is a pair's obligation of a period in both schemes.
type bySchemes struct {
	insured, treating int
	due               [engine.NumSchemes]*clearing.PairDue
}

// pairsOf puts a period's obligations of both schemes side by side, by insured province
// and then by province of treatment. A pair that owes nothing is there where its month
// settled something, all of which rolled on.
func pairsOf(in *Input, p *clearing.Period, settled []engine.Totals) (pairs []bySchemes) {
	shape := in.Result.Clearing.Ledger.Shape
	due := make([]*clearing.PairDue, shape.Pairs())
	for i := range p.Pairs {
		d := &p.Pairs[i]
		due[shape.Pair(d.Insured, d.Treating, d.Scheme)] = d
	}
	for pair := 0; pair < len(due); pair += engine.NumSchemes {
		b := bySchemes{due: [engine.NumSchemes]*clearing.PairDue(due[pair:])}
		b.insured, b.treating, _ = shape.SplitPair(pair)
		for s := range b.due {
			if b.due[s] != nil || settled != nil && settled[pair+s] != (engine.Totals{}) {
				pairs = append(pairs, b)
				break
			}
		}
	}
	return pairs
}

// nationalForm is 全国跨省异地就医费用清算表: by period, what each province owes and is
// owed.
func nationalForm(in *Input, x *formSums) *form {
	f := &form{name: "national", sheet: "全国清算表", title: "全国跨省异地就医费用清算表", frozen: 4, controlsAt: 9, columns: []formColumn{
		{"序号", 6}, {"清算期", 11}, {"行政区划代码", 13}, {"省份", 12},
		{"应付职工", 19}, {"应付居民", 19}, {"应付合计", 20}, {"应收职工", 19}, {"应收居民", 19}, {"应收合计", 20}, {"应收减应付", 19}}}
	const columns = 7
	line := func(v *[columns]money.Fen) (cells []formCell) {
		v[2], v[5] = v[0]+v[1], v[3]+v[4]
		v[6] = v[5] - v[2]
		for _, amounts := range v {
			cells = append(cells, amount(amounts))
		}
		return cells
	}
	var total [columns]money.Fen
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		name := periodName(in, p)
		rows := make([][columns]money.Fen, len(in.World.Provinces))
		var subtotal [columns]money.Fen
		for j := range p.Pairs {
			d := &p.Pairs[j]
			rows[d.Insured][d.Scheme] += d.Amount
			rows[d.Treating][3+d.Scheme] += d.Amount
			for _, sum := range []*[columns]money.Fen{&subtotal, &total} {
				sum[d.Scheme] += d.Amount
				sum[3+d.Scheme] += d.Amount
			}
		}
		for j := range rows {
			province := &in.World.Provinces[j]
			f.row(append([]formCell{count(int64(j + 1)), text(name), text(fmt.Sprint(province.Code)), text(province.NameZH)}, line(&rows[j])...)...)
		}
		f.boldRow(append([]formCell{text(subtotalWord), text(name), text(""), text("")}, line(&subtotal)...)...)
	}
	f.boldRow(append([]formCell{text(totalWord), text(""), text(""), text("")}, line(&total)...)...)
	x.owed, x.due = total[2], total[5]
	return f
}

// detailForm is 应付医疗费用清算表 or 应收医疗费用清算表 with its 明细: by period and
// province, every other province by scheme. Cases, fees and what funds and accounts
// paid are those of the settled month; what was owed more or less than that (claims
// that rolled on, recoveries) stands in 结转扣减. A period shorter than a month has only
// what is owed.
func detailForm(in *Input, x *formSums, payable bool) *form {
	f := &form{name: "payable", sheet: "应付清算表", title: "跨省异地就医应付医疗费用清算表（明细）", frozen: 6, controlsAt: 17}
	word, from, to := "应付", "参保地", "就医地"
	if !payable {
		f.name, f.sheet, f.title = "receivable", "应收清算表", "跨省异地就医应收医疗费用清算表（明细）"
		word, from, to = "应收", to, from
	}
	f.columns = []formColumn{{"序号", 6}, {"清算期", 11}, {from + "代码", 11}, {from, 10}, {to + "代码", 11}, {to, 10}}
	for _, s := range schemeZH {
		for _, c := range []formColumn{{"人次", 11}, {"医疗费用总额", 18}, {"基金支付", 18}, {"个人账户支付", 16}, {"结转扣减", 14}, {word, 18}} {
			f.columns = append(f.columns, formColumn{s + c.name, c.width})
		}
	}
	f.columns = append(f.columns, formColumn{word + "合计", 20})

	var total detailSums
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		name := periodName(in, p)
		settled := settledByPair(in, p)
		pairs := pairsOf(in, p, settled)
		if !payable {
			slices.SortStableFunc(pairs, func(a, b bySchemes) int { return a.treating - b.treating })
		}
		of := func(b *bySchemes) (own, other int) {
			if payable {
				return b.insured, b.treating
			}
			return b.treating, b.insured
		}
		for len(pairs) > 0 {
			own, _ := of(&pairs[0])
			province := &in.World.Provinces[own]
			var subtotal detailSums
			for n := int64(1); len(pairs) > 0; n++ {
				b := &pairs[0]
				o, other := of(b)
				if o != own {
					break
				}
				var line detailSums
				for s, d := range b.due {
					line.add(s, settled, in.Result.Clearing.Ledger.Shape.Pair(b.insured, b.treating, engine.Scheme(s)), d)
				}
				subtotal.plus(&line)
				total.plus(&line)
				q := &in.World.Provinces[other]
				f.row(append([]formCell{count(n), text(name), text(fmt.Sprint(province.Code)), text(province.NameZH), text(fmt.Sprint(q.Code)), text(q.NameZH)}, line.cells(settled != nil)...)...)
				pairs = pairs[1:]
			}
			f.boldRow(append([]formCell{text(subtotalWord), text(name), text(fmt.Sprint(province.Code)), text(province.NameZH), text(""), text("")}, subtotal.cells(settled != nil)...)...)
		}
	}
	monthly := in.World.Money.Levers.Frequency == clearing.Monthly
	f.boldRow(append([]formCell{text(totalWord), text(""), text(""), text(""), text(""), text("")}, total.cells(monthly)...)...)
	if payable {
		x.payable = total.owed()
	} else {
		x.receivable = total.owed()
	}
	return f
}

// detailSums are the amounts of a line of a detail form, by scheme.
type detailSums [engine.NumSchemes]struct {
	cases                               int64
	fee, funds, account, adjusted, owed money.Fen
}

// add puts a pair's month and obligation into a line.
func (l *detailSums) add(scheme int, settled []engine.Totals, pair int, d *clearing.PairDue) {
	x := &l[scheme]
	if d != nil {
		x.owed = d.Amount
	}
	if settled == nil {
		return
	}
	t := &settled[pair]
	x.cases, x.fee, x.funds = t[engine.Cases], money.Fen(t[engine.SumFee]), t.Funds()
	x.account = t.Cleared() - x.funds
	x.adjusted = x.owed - t.Cleared()
}

func (l *detailSums) plus(o *detailSums) {
	for s := range l {
		x, y := &l[s], &o[s]
		x.cases += y.cases
		x.fee += y.fee
		x.funds += y.funds
		x.account += y.account
		x.adjusted += y.adjusted
		x.owed += y.owed
	}
}

func (l *detailSums) owed() (sum money.Fen) {
	for s := range l {
		sum += l[s].owed
	}
	return sum
}

func (l *detailSums) cells(settled bool) (cells []formCell) {
	for s := range l {
		x := &l[s]
		if settled {
			cells = append(cells, count(x.cases), amount(x.fee), amount(x.funds), amount(x.account), amount(x.adjusted), amount(x.owed))
		} else {
			cells = append(append(cells, blanks(5)...), amount(x.owed))
		}
	}
	return append(cells, amount(l.owed()))
}

// settledByPair sums a monthly period's register by pair; nil for shorter ones. A month
// of the run-off has none of its own: all of it is carried.
func settledByPair(in *Input, p *clearing.Period) []engine.Totals {
	if in.World.Money.Levers.Frequency != clearing.Monthly {
		return nil
	}
	l := in.Result.Clearing.Ledger
	sums := make([]engine.Totals, l.Shape.Pairs())
	if i := int(p.Month - in.World.First); i < len(in.Result.Months) {
		for j := range in.Result.Months[i].Cells {
			c := &in.Result.Months[i].Cells[j]
			sums[l.PairOf(c.Cell)].Add(&c.Totals)
		}
	}
	return sums
}

// spanZH is the run's span of clearing periods for a form's head.
func spanZH(in *Input) string {
	zh := func(m day.Month) string { return fmt.Sprintf("%d年%d月", m.Year(), m.OfYear()) }
	periods := in.Result.Clearing.Periods
	if len(periods) == 0 {
		return ""
	}
	return zh(periods[0].Month) + "至" + zh(periods[len(periods)-1].Month)
}
