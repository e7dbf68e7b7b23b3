package report

import (
	"cmp"
	"fmt"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// The kinds of a change of a quota as the forms call them.
const (
	declaredZH = "首次核定"
	yearlyZH   = "年度核定"
	topUpZH    = "紧急调增"
)

// change is a change of a pair's quota, from whatever it came.
type change struct {
	what              string
	insured, treating int
	scheme            engine.Scheme
	month             day.Month
	from, by          money.Fen
	noticed, paid     day.Day
	state             string
}

var topUpStateZH = [engine.NumTopUpStates]string{"已申请", "已通知", "已拨付", "未批准", "被年度核定取代"}

// changesOf lists every change of a quota by the day of its notice.
func changesOf(in *Input) (changes []change) {
	quotas := map[pairKey]map[day.Month]money.Fen{}
	for i := range in.Result.Clearing.Pairs {
		p := &in.Result.Clearing.Pairs[i]
		byMonth := map[day.Month]money.Fen{}
		for j := range p.Months {
			byMonth[p.Months[j].Month] = p.Months[j].Quota
		}
		quotas[keyOf(p)] = byMonth
	}
	c := &in.Result.Clearing
	for i := range c.Adjustments {
		a := &c.Adjustments[i]
		changes = append(changes, change{what: []string{declaredZH, yearlyZH}[a.Kind], insured: a.Insured, treating: a.Treating, scheme: a.Scheme, month: a.Month,
			from: a.From, by: a.To - a.From, noticed: a.Noticed, paid: a.Paid, state: topUpStateZH[engine.TopUpPaid]})
	}
	for i := range c.TopUps {
		t := &c.TopUps[i]
		changes = append(changes, change{what: topUpZH, insured: t.Insured, treating: t.Treating, scheme: t.Scheme, month: t.Month,
			from: quotas[pairKey{t.Insured, t.Treating, t.Scheme}][t.Month], by: t.Granted, noticed: t.Reviewed, paid: t.Paid, state: topUpStateZH[t.State]})
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.noticed, b.noticed), cmp.Compare(a.what, b.what), cmp.Compare(a.insured, b.insured), cmp.Compare(a.treating, b.treating), cmp.Compare(a.scheme, b.scheme))
	})
	return changes
}

// adjustmentsForm is 预付金额度调整表: every change of a quota, yearly and emergency.
func adjustmentsForm(in *Input, x *formSums) *form {
	f := &form{name: "adjustments", sheet: "预付金额度调整表", title: "跨省异地就医预付金额度调整表", frozen: 2, controlsAt: 9, columns: []formColumn{
		{"序号", 7}, {"调整类别", 16}, {"依据清算月", 11}, {"参保地代码", 11}, {"参保地", 10}, {"就医地代码", 11}, {"就医地", 10}, {"险种", 7},
		{"原额度", 20}, {"调整额", 20}, {"调整后额度", 20}, {"下达日期", 12}, {"拨付日期", 12}, {"状态", 15}}}
	for i, c := range changesOf(in) {
		a, b := &in.World.Provinces[c.insured], &in.World.Provinces[c.treating]
		f.row(count(int64(i+1)), text(c.what), text(c.month.String()), text(fmt.Sprint(a.Code)), text(a.NameZH), text(fmt.Sprint(b.Code)), text(b.NameZH),
			text(schemeZH[c.scheme]), amount(c.from), amount(c.by), amount(c.from+c.by), text(dateText(c.noticed)), text(dateText(c.paid)), text(c.state))
		x.changes += c.by
	}
	f.boldRow(append(append([]formCell{text(totalWord)}, blanks(8)...), amount(x.changes), text(""), text(""), text(""), text(""))...)
	return f
}

// notice is what a province is told to pay or will receive on one occasion.
type notice struct {
	what        string
	back        bool // to the insured side
	of          string
	province    int
	scheme      [engine.NumSchemes]money.Fen
	setOff      money.Fen
	others      map[int]bool
	sent, until day.Day
}

func (n *notice) sum() money.Fen { return n.scheme[0] + n.scheme[1] }

// noticeKey tells notices apart; notices come in its order.
type noticeKey struct {
	sent     day.Day
	of, what string
	back     bool
	province int
}

// notices gathers lines into notices.
type notices map[noticeKey]*notice

func (all notices) to(k noticeKey) *notice {
	n := all[k]
	if n == nil {
		n = &notice{what: k.what, back: k.back, of: k.of, province: k.province, sent: k.sent, others: map[int]bool{}}
		all[k] = n
	}
	return n
}

func (all notices) sorted() (list []*notice) {
	keys := make([]noticeKey, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	order := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	slices.SortFunc(keys, func(a, b noticeKey) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.of, b.of), cmp.Compare(a.what, b.what), cmp.Compare(order(a.back), order(b.back)), cmp.Compare(a.province, b.province))
	})
	for _, k := range keys {
		list = append(list, all[k])
	}
	return list
}

// parties returns who pays and who receives an amount of a pair: below zero the place
// of treatment returns it (R8, X11).
func parties(insured, treating int, amount money.Fen) (payer, payee int) {
	if amount < 0 {
		return treating, insured
	}
	return insured, treating
}

// words of a notice.
func noticeWords(receipt bool) (word, unit, others string) {
	if receipt {
		return "收款", "收款单位", "付款省数"
	}
	return "付款", "付款单位", "收款省数"
}

// prepaymentNotices is 预付金付款通知书 or 预付金收款通知书: what each province pays or
// receives of prepayments, one notice for each occasion.
func prepaymentNotices(in *Input, x *formSums, receipt bool) *form {
	word, unit, others := noticeWords(receipt)
	f := &form{name: "prepayment_payments", sheet: "预付金" + word + "通知书", title: "跨省异地就医预付金" + word + "通知书", frozen: 2, controlsAt: 7}
	number := "预付"
	side := 0
	if receipt {
		f.name, number, side = "prepayment_receipts", "预收", 1
	}
	f.columns = []formColumn{{"序号", 6}, {"通知书编号", 26}, {"类别", 16}, {"依据清算月", 11}, {unit + "代码", 13}, {unit, 12},
		{"职工", 19}, {"居民", 19}, {"合计", 20}, {"金额大写", 62}, {others, 10}, {"下达日期", 12}, {"拨付日期", 12}}
	all := notices{}
	for _, c := range changesOf(in) {
		if c.by == 0 {
			continue
		}
		payer, payee := parties(c.insured, c.treating, c.by)
		own, other := payer, payee
		if receipt {
			own, other = payee, payer
		}
		n := all.to(noticeKey{c.noticed, c.month.String(), c.what, c.by < 0, own})
		n.scheme[c.scheme] += max(c.by, -c.by)
		n.others[other] = true
		n.until = max(n.until, c.paid)
	}
	var total [engine.NumSchemes]money.Fen
	for i, n := range all.sorted() {
		p := &in.World.Provinces[n.province]
		what := n.what
		if n.back {
			what += "退回"
			x.prepaidBack[side] += n.sum()
		} else {
			x.prepaid[side] += n.sum()
		}
		total[0] += n.scheme[0]
		total[1] += n.scheme[1]
		f.row(count(int64(i+1)), text(fmt.Sprintf("%s〔%s〕%d-%03d", number, n.of, p.Code, i+1)), text(what), text(n.of), text(fmt.Sprint(p.Code)), text(p.NameZH),
			amount(n.scheme[0]), amount(n.scheme[1]), amount(n.sum()), text(Capitals(n.sum())), count(int64(len(n.others))), text(dateText(n.sent)), text(dateText(n.until)))
	}
	f.boldRow(append(append([]formCell{text(totalWord)}, blanks(5)...), amount(total[0]), amount(total[1]), amount(total[0]+total[1]), text(Capitals(total[0]+total[1])), text(""), text(""), text(""))...)
	return f
}

// feeNotices is 费用付款通知书 or 费用收款通知书: what each province pays or receives for
// each clearing period. Its lines are those of the detail form of the period.
func feeNotices(in *Input, x *formSums, receipt bool) *form {
	word, unit, others := noticeWords(receipt)
	f := &form{name: "fee_payments", sheet: "费用" + word + "通知书", title: "跨省异地就医医疗费用" + word + "通知书", frozen: 2, controlsAt: 9}
	number, side := "费付", 0
	if receipt {
		f.name, number, side = "fee_receipts", "费收", 1
	}
	f.columns = []formColumn{{"序号", 6}, {"通知书编号", 26}, {"类别", 8}, {"清算期", 11}, {unit + "代码", 13}, {unit, 12},
		{"职工", 19}, {"居民", 19}, {"合计", 20}, {"其中轧抵", 18}, {"实际" + word, 20}, {"实际" + word + "大写", 62}, {others, 10},
		{"签章日期", 12}, {"下达日期", 12}, {"提交期限", 12}, {"付款期限", 12}}
	var total notice
	serial := int64(0)
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		name := periodName(in, p)
		all := notices{}
		for j := range p.Pairs {
			d := &p.Pairs[j]
			payer, payee := parties(d.Insured, d.Treating, d.Amount)
			own, other := payer, payee
			if receipt {
				own, other = payee, payer
			}
			n := all.to(noticeKey{p.Noticed, name, "费用", d.Amount < 0, own})
			n.scheme[d.Scheme] += max(d.Amount, -d.Amount)
			n.setOff += max(d.SetOff, -d.SetOff)
			n.others[other] = true
		}
		for _, n := range all.sorted() {
			q := &in.World.Provinces[n.province]
			what := n.what
			if n.back {
				what = "退回"
				x.feeBack[side] += n.sum()
			} else {
				x.fee[side] += n.sum()
			}
			serial++
			total.scheme[0] += n.scheme[0]
			total.scheme[1] += n.scheme[1]
			total.setOff += n.setOff
			f.row(count(serial), text(fmt.Sprintf("%s〔%s〕%d-%03d", number, n.of, q.Code, serial)), text(what), text(n.of), text(fmt.Sprint(q.Code)), text(q.NameZH),
				amount(n.scheme[0]), amount(n.scheme[1]), amount(n.sum()), amount(n.setOff), amount(n.sum()-n.setOff), text(Capitals(n.sum()-n.setOff)), count(int64(len(n.others))),
				text(dateText(p.Signed)), text(dateText(p.Noticed)), text(dateText(p.Submitted)), text(dateText(p.Paid)))
		}
	}
	f.boldRow(append(append([]formCell{text(totalWord)}, blanks(5)...), amount(total.scheme[0]), amount(total.scheme[1]), amount(total.sum()), amount(total.setOff),
		amount(total.sum()-total.setOff), text(Capitals(total.sum()-total.setOff)), text(""), text(""), text(""), text(""), text(""))...)
	return f
}

func dateText(d day.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}
