package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// formFile is an official form: its file, the sheet of the workbook and the columns.
type formFile struct {
	name, sheet string
	columns     []string
}

var formFiles = []formFile{
	{"control", "勾稽关系表", []string{"序号", "甲", "乙", "甲金额", "乙金额", "差额"}},
	{"national", "全国清算表", []string{"序号", "清算期", "行政区划代码", "省份", "应付职工", "应付居民", "应付合计", "应收职工", "应收居民", "应收合计", "应收减应付"}},
	{"payable", "应付清算表", detailColumns("参保地", "就医地", "应付")},
	{"receivable", "应收清算表", detailColumns("就医地", "参保地", "应收")},
	{"adjustments", "预付金额度调整表", []string{"序号", "调整类别", "依据清算月", "参保地代码", "参保地", "就医地代码", "就医地", "险种", "原额度", "调整额", "调整后额度", "下达日期", "拨付日期", "状态"}},
	{"prepayment_payments", "预付金付款通知书", []string{"序号", "通知书编号", "类别", "依据清算月", "付款单位代码", "付款单位", "职工", "居民", "合计", "金额大写", "收款省数", "下达日期", "拨付日期"}},
	{"prepayment_receipts", "预付金收款通知书", []string{"序号", "通知书编号", "类别", "依据清算月", "收款单位代码", "收款单位", "职工", "居民", "合计", "金额大写", "付款省数", "下达日期", "拨付日期"}},
	{"fee_payments", "费用付款通知书", []string{"序号", "通知书编号", "类别", "清算期", "付款单位代码", "付款单位", "职工", "居民", "合计", "其中轧抵", "实际付款", "实际付款大写", "收款省数", "签章日期", "下达日期", "提交期限", "付款期限"}},
	{"fee_receipts", "费用收款通知书", []string{"序号", "通知书编号", "类别", "清算期", "收款单位代码", "收款单位", "职工", "居民", "合计", "其中轧抵", "实际收款", "实际收款大写", "付款省数", "签章日期", "下达日期", "提交期限", "付款期限"}},
}

func detailColumns(own, other, word string) []string {
	columns := []string{"序号", "清算期", own + "代码", own, other + "代码", other}
	for _, scheme := range schemesZH {
		for _, c := range []string{"人次", "医疗费用总额", "基金支付", "个人账户支付", "结转扣减", word} {
			columns = append(columns, scheme+c)
		}
	}
	return append(columns, word+"合计")
}

var schemesZH = []string{"职工", "居民"}

func formName(name string) string { return "clearing/forms/" + name + ".csv" }

// capitals is an amount that stands in words 大写.
type capitals int64

// control is a sum that must be the same in two forms.
type control struct {
	left, right string
	a, b        int64
}

// forms derives every official form from the matrix and the prepayments.
func (r *run) forms() {
	x := &totals{}
	for _, p := range r.periods {
		x.owed = sum(x.owed, p.cleared())
		x.certified = sum(x.certified, p.certificate.Payable)
	}
	for i := range r.settled {
		x.register = sum(x.register, sum(r.settled[i].cells...))
	}
	for _, m := range r.moves {
		if m.what != "rolled" {
			x.register = sum(x.register, -m.amount)
		}
	}
	prepaid, fees := [2][]noticeRow{r.prepaymentNotices(false), r.prepaymentNotices(true)}, [2][]noticeRow{r.feeNotices(false), r.feeNotices(true)}
	for side := range 2 {
		for _, n := range prepaid[side] {
			x.prepaid[side].add(&n)
		}
		for _, n := range fees[side] {
			x.fee[side].add(&n)
		}
	}
	changes := r.changes()
	for _, c := range changes {
		x.changes = sum(x.changes, c.by)
	}
	controls := []control{
		{"清算表应付合计", "清算表应收合计", x.owed, x.owed},
		{"清算表应付合计", "应付清算表合计", x.owed, x.owed},
		{"清算表应收合计", "应收清算表合计", x.owed, x.owed},
		{"清算表应付合计", "清算证书合计", x.owed, x.certified},
		{"清算表应付合计", "各月结算额减未清算、追回", x.owed, x.register},
		{"费用付款通知书合计", "费用收款通知书合计", x.fee[0].all(), x.fee[1].all()},
		{"费用付款通知书减退回", "应付清算表合计", x.fee[0].net(), x.owed},
		{"预付金付款通知书合计", "预付金收款通知书合计", x.prepaid[0].all(), x.prepaid[1].all()},
		{"预付金付款通知书减退回", "预付金额度调整表调整额合计", x.prepaid[0].net(), x.changes},
	}
	for i, c := range controls {
		r.sameInt(formName("control"), i+2, "差额", 0, sum(c.a, -c.b), c.left+" = "+c.right)
	}
	r.form(0, nil, -1, func(put func(...any)) {
		for i, c := range controls {
			put(i+1, c.left, c.right, yuan(c.a), yuan(c.b), yuan(c.a-c.b))
		}
	})
	r.form(1, controls[:5], 9, r.nationalRows)
	r.form(2, []control{controls[1], controls[6]}, 17, func(put func(...any)) { r.detailRows(true, put) })
	r.form(3, controls[2:3], 17, func(put func(...any)) { r.detailRows(false, put) })
	r.form(4, controls[8:9], 9, func(put func(...any)) {
		for i, c := range changes {
			insured, treating, scheme := r.splitPair(c.pair)
			put(i+1, c.what, c.month, r.p.Provinces[insured].Code, r.provinceNames[insured], r.p.Provinces[treating].Code, r.provinceNames[treating],
				schemesZH[scheme], yuan(c.from), yuan(c.by), yuan(sum(c.from, c.by)), c.noticed, c.paid, c.state)
		}
		put("合计", "", "", "", "", "", "", "", "", yuan(x.changes), "", "", "", "")
	})
	r.form(5, controls[7:9], 7, func(put func(...any)) { r.prepaymentRows("预付", prepaid[0], &x.prepaid[0], put) })
	r.form(6, controls[7:8], 7, func(put func(...any)) { r.prepaymentRows("预收", prepaid[1], &x.prepaid[1], put) })
	r.form(7, controls[5:7], 9, func(put func(...any)) { r.feeRows("费付", fees[0], &x.fee[0], put) })
	r.form(8, controls[5:6], 9, func(put func(...any)) { r.feeRows("费收", fees[1], &x.fee[1], put) })
}

// form compares a form with its rows and the controls at its foot.
func (r *run) form(i int, controls []control, at int, rows func(put func(...any))) {
	f := &formFiles[i]
	r.expect(formName(f.name), "the form follows from matrix and prepayments", f.columns, func(put func(...any)) {
		rows(put)
		for _, c := range controls {
			row := make([]any, len(f.columns))
			for j := range row {
				row[j] = ""
			}
			row[0], row[1], row[at], row[at+1] = "核对", c.left+" = "+c.right, yuan(c.a), yuan(c.b)
			put(row...)
		}
	})
}

// totals are the sums that the controls compare.
type totals struct {
	owed, certified, register, changes int64
	prepaid, fee                       [2]noticeSums
}

// noticeSums are the totals of a form of notices.
type noticeSums struct {
	schemes              [2]int64
	forward, back, setOf int64
}

func (s *noticeSums) add(n *noticeRow) {
	for i, v := range n.schemes {
		s.schemes[i] = sum(s.schemes[i], v)
	}
	s.setOf = sum(s.setOf, n.setOff)
	if n.back {
		s.back = sum(s.back, n.sum())
	} else {
		s.forward = sum(s.forward, n.sum())
	}
}

func (s *noticeSums) all() int64 { return sum(s.forward, s.back) }

func (s *noticeSums) net() int64 { return sum(s.forward, -s.back) }

// nationalRows are 全国跨省异地就医费用清算表.
func (r *run) nationalRows(put func(...any)) {
	line := func(head []any, v [4]int64) {
		owes, due := sum(v[0], v[1]), sum(v[2], v[3])
		put(append(head, yuan(v[0]), yuan(v[1]), yuan(owes), yuan(v[2]), yuan(v[3]), yuan(due), yuan(sum(due, -owes)))...)
	}
	var total [4]int64
	for _, p := range r.periods {
		rows := make([][4]int64, r.numProvinces())
		var subtotal [4]int64
		for pair, amount := range p.pairs {
			insured, treating, scheme := r.splitPair(pair)
			for _, x := range []struct{ province, at int }{{insured, scheme}, {treating, 2 + scheme}} {
				rows[x.province][x.at] = sum(rows[x.province][x.at], amount)
				subtotal[x.at] = sum(subtotal[x.at], amount)
				total[x.at] = sum(total[x.at], amount)
			}
		}
		for i, v := range rows {
			line([]any{i + 1, r.periodName(p), r.p.Provinces[i].Code, r.provinceNames[i]}, v)
		}
		line([]any{"小计", r.periodName(p), "", ""}, subtotal)
	}
	line([]any{"合计", "", "", ""}, total)
}

// detailLine are the amounts of a line of the detail forms, by scheme: cases, fee, funds,
// accounts, carried or deducted, owed.
type detailLine [2][6]int64

func (l *detailLine) add(o *detailLine) {
	for s := range l {
		for i := range l[s] {
			l[s][i] = sum(l[s][i], o[s][i])
		}
	}
}

func (l *detailLine) values(head []any, monthly bool) []any {
	for s := range l {
		v := &l[s]
		if monthly {
			head = append(head, v[0], yuan(v[1]), yuan(v[2]), yuan(v[3]), yuan(v[4]), yuan(v[5]))
		} else {
			head = append(head, "", "", "", "", "", yuan(v[5]))
		}
	}
	return append(head, yuan(sum(l[0][5], l[1][5])))
}

// detailRows are 应付医疗费用清算表 and 应收医疗费用清算表.
func (r *run) detailRows(payable bool, put func(...any)) {
	var total detailLine
	n := r.numProvinces()
	for i, p := range r.periods {
		for own := range n {
			var subtotal detailLine
			number := 0
			for other := range n {
				insured, treating := own, other
				if !payable {
					insured, treating = other, own
				}
				var line detailLine
				var found bool
				for s := range 2 {
					pair := r.pair(insured, treating, s)
					v := &line[s]
					v[5] = p.pairs[pair]
					if r.monthly() && i < len(r.settled) {
						m := r.settled[i].ofPair(pair)
						v[0], v[1], v[2] = m[atCases], m[atFee], funds(&m)
						v[3] = sum(m[atCleared], -v[2])
						found = found || m != [numMeasures]int64{}
					}
					v[4] = sum(v[5], -v[2], -v[3])
					found = found || v[5] != 0
				}
				if !found {
					continue
				}
				number++
				subtotal.add(&line)
				put(line.values([]any{number, r.periodName(p), r.p.Provinces[own].Code, r.provinceNames[own], r.p.Provinces[other].Code, r.provinceNames[other]}, r.monthly())...)
			}
			if number > 0 {
				put(subtotal.values([]any{"小计", r.periodName(p), r.p.Provinces[own].Code, r.provinceNames[own], "", ""}, r.monthly())...)
				total.add(&subtotal)
			}
		}
	}
	put(total.values([]any{"合计", "", "", "", "", ""}, r.monthly())...)
}

// quotaStep is a row of 预付金额度调整表.
type quotaStep struct {
	what          string
	pair          int
	month         month
	from, by      int64
	noticed, paid date
	state         string
}

// changes lists every change of a quota by the day of its notice.
func (r *run) changes() (all []quotaStep) {
	for _, x := range r.quotas {
		all = append(all, quotaStep{map[string]string{"declared": "首次核定", "yearly": "年度核定"}[x.what], x.pair, x.month, x.from, x.to - x.from, x.noticed, x.paid, "已拨付"})
	}
	states := map[string]string{"applied": "已申请", "noticed": "已通知", "paid": "已拨付", "refused": "未批准", "superseded": "被年度核定取代"}
	for _, x := range r.topUps {
		all = append(all, quotaStep{"紧急调增", x.pair, x.month, x.quota, x.granted, x.reviewed, x.paid, states[x.state]})
	}
	slices.SortStableFunc(all, func(a, b quotaStep) int {
		return cmp.Or(cmp.Compare(a.noticed, b.noticed), cmp.Compare(a.what, b.what), cmp.Compare(a.pair, b.pair))
	})
	return all
}

// noticeRow is a row of a form of notices.
type noticeRow struct {
	sent     date
	of, what string
	back     bool
	province int
	schemes  [2]int64
	setOff   int64
	others   map[int]bool
	until    date
	period   *period
}

func (n *noticeRow) sum() int64 { return sum(n.schemes[0], n.schemes[1]) }

// addNotice adds a line to the notice that it belongs to.
func (r *run) addNotice(all []noticeRow, n noticeRow, pair int, by int64, receipt bool) []noticeRow {
	own, other, scheme := r.splitPair(pair)
	n.back = by < 0
	if n.back != receipt {
		own, other = other, own
	}
	n.province = own
	setOff := abs(n.setOff)
	n.setOff = 0
	at := slices.IndexFunc(all, func(o noticeRow) bool {
		return o.sent == n.sent && o.of == n.of && o.what == n.what && o.back == n.back && o.province == own
	})
	if at < 0 {
		n.others = map[int]bool{}
		all, at = append(all, n), len(all)
	}
	x := &all[at]
	x.schemes[scheme] = sum(x.schemes[scheme], abs(by))
	x.setOff = sum(x.setOff, setOff)
	x.others[other] = true
	x.until = max(x.until, n.until)
	return all
}

func sortNotices(all []noticeRow) {
	order := func(b bool) int { return map[bool]int{true: 1}[b] }
	slices.SortFunc(all, func(a, b noticeRow) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(a.of, b.of), cmp.Compare(a.what, b.what), cmp.Compare(order(a.back), order(b.back)), cmp.Compare(a.province, b.province))
	})
}

// prepaymentNotices gathers the changes of quotas by occasion and province.
func (r *run) prepaymentNotices(receipt bool) (all []noticeRow) {
	for _, c := range r.changes() {
		if c.by != 0 {
			all = r.addNotice(all, noticeRow{sent: c.noticed, of: c.month.String(), what: c.what, until: c.paid}, c.pair, c.by, receipt)
		}
	}
	sortNotices(all)
	return all
}

// feeNotices gathers a period's obligations by province.
func (r *run) feeNotices(receipt bool) (all []noticeRow) {
	for _, p := range r.periods {
		var notices []noticeRow
		for pair, amount := range p.pairs {
			if amount != 0 {
				notices = r.addNotice(notices, noticeRow{sent: p.noticed, of: r.periodName(p), what: "费用", setOff: p.setOff[pair], period: p}, pair, amount, receipt)
			}
		}
		sortNotices(notices)
		all = append(all, notices...)
	}
	return all
}

func (r *run) prepaymentRows(number string, all []noticeRow, total *noticeSums, put func(...any)) {
	for i := range all {
		n := &all[i]
		what, code := n.what, r.p.Provinces[n.province].Code
		if n.back {
			what += "退回"
		}
		put(i+1, fmt.Sprintf("%s〔%s〕%d-%03d", number, n.of, code, i+1), what, n.of, code, r.provinceNames[n.province],
			yuan(n.schemes[0]), yuan(n.schemes[1]), yuan(n.sum()), capitals(n.sum()), len(n.others), n.sent, n.until)
	}
	put("合计", "", "", "", "", "", yuan(total.schemes[0]), yuan(total.schemes[1]), yuan(total.all()), capitals(total.all()), "", "", "")
}

func (r *run) feeRows(number string, all []noticeRow, total *noticeSums, put func(...any)) {
	for i := range all {
		n := &all[i]
		what, code := n.what, r.p.Provinces[n.province].Code
		if n.back {
			what = "退回"
		}
		cash := sum(n.sum(), -n.setOff)
		put(i+1, fmt.Sprintf("%s〔%s〕%d-%03d", number, n.of, code, i+1), what, n.of, code, r.provinceNames[n.province],
			yuan(n.schemes[0]), yuan(n.schemes[1]), yuan(n.sum()), yuan(n.setOff), yuan(cash), capitals(cash), len(n.others),
			n.period.signed, n.period.noticed, n.period.submitted, n.period.paid)
	}
	cash := sum(total.all(), -total.setOf)
	put("合计", "", "", "", "", "", yuan(total.schemes[0]), yuan(total.schemes[1]), yuan(total.all()), yuan(total.setOf), yuan(cash), capitals(cash), "", "", "", "", "")
}

// fromCapitals reads an amount in words 大写金额 back as fen.
func fromCapitals(text string) (fen int64, ok bool) {
	text, negative := strings.CutPrefix(text, "负")
	digit := map[rune]int64{'零': 0, '壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}
	small := map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}
	var whole, group, last int64
	for _, c := range text {
		if d, found := digit[c]; found {
			last = d
			continue
		}
		if unit, found := small[c]; found {
			group += last * unit
			last = 0
			continue
		}
		switch c {
		case '万':
			whole += (group + last) * 10_000
			group, last = 0, 0
		case '亿':
			whole = (whole + group + last) * 100_000_000
			group, last = 0, 0
		case '元':
			whole += group + last
			fen += whole * 100
			whole, group, last = 0, 0, 0
		case '角':
			fen += last * 10
			last = 0
		case '分':
			fen += last
			last = 0
		case '整':
		default:
			return 0, false
		}
	}
	if negative {
		fen = -fen
	}
	return fen, last == 0 && group == 0 && whole == 0
}
