package html

import (
	"cmp"
	"fmt"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/sim"
	"kuasheng/sim/report/words"
)

// How many flows the drawings show.
const (
	arrowsDrawn = 24
	flowsListed = 15
)

// flow is one ordered pair of provinces.
type flow struct {
	insured, treating int
	cases, cleared    int64 // expanded
}

// largestFlows are the ordered pairs of provinces by cases.
func (y *year) largestFlows() (all []flow) {
	for i := range y.cases {
		for j, n := range y.cases[i] {
			if n > 0 {
				all = append(all, flow{i, j, n * y.n, y.cleared[i][j] * y.n})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b flow) int { return cmp.Compare(b.cases, a.cases) })
	return all
}

func (y *year) flows() Section {
	w := y.World
	all := y.largestFlows()
	heat := &Heat{RowsAre: words.T("insured in", "参保地"), ColumnsAre: words.T("treated in", "就医地"), Unit: Cases}
	matrix := &Table{Columns: []Column{{Title: words.T("Insured in", "参保地"), Texts: true}}, OneScale: true}
	place := &Map{Unit: Cases, PlacesAre: words.T("cases treated there", "在该地就医的人次"), ArrowsAre: words.T("cases of the largest flows", "最大流向的人次")}
	var most int64
	for i := range w.Provinces {
		heat.Rows = append(heat.Rows, ShortName(w, i))
		matrix.Columns = append(matrix.Columns, Column{Title: ProvinceName(w, i), Unit: Cases})
		line, row := []Cell{W(ProvinceName(w, i))}, make([]int64, len(w.Provinces))
		inflow := int64(0)
		for j := range w.Provinces {
			row[j] = y.cases[i][j] * y.n
			most = max(most, row[j])
			inflow += y.cases[j][i] * y.n
			if i == j {
				row[j] = None
			}
			line = append(line, N(row[j]))
		}
		heat.Values = append(heat.Values, row)
		matrix.Rows = append(matrix.Rows, line)
		p := &w.Provinces[i]
		place.Places = append(place.Places, Place{Short: ShortName(w, i), Name: ProvinceName(w, i), Latitude: p.Latitude, Longitude: p.Longitude, Value: inflow})
	}
	heat.Columns, heat.From = heat.Rows, Decades(most)
	matrix.More = matrixUnit(most)
	bars := &Bars{Unit: Cases, Series: []Series{{words.T("cases", "人次"), Blue}}}
	listed := &Table{Columns: []Column{
		{Title: words.T("Insured in", "参保地"), Texts: true}, {Title: words.T("Treated in", "就医地"), Texts: true}, {Title: words.T("Cases", "人次"), Unit: Cases},
		{Title: words.T("Cleared", "清算额"), Unit: Money}, {Title: words.T("Share of all cases", "占全部人次"), Unit: Percent},
	}}
	for i, f := range all {
		if i < arrowsDrawn {
			place.Arrows = append(place.Arrows, Arrow{f.insured, f.treating, f.cases})
		}
		if i < flowsListed {
			bars.Rows = append(bars.Rows, Row{Label: pairName(w, f.insured, f.treating), Values: []int64{f.cases}})
		}
		if i < 60 {
			listed.Rows = append(listed.Rows, []Cell{W(ProvinceName(w, f.insured)), W(ProvinceName(w, f.treating)), N(f.cases), N(f.cleared), N(share(f.cases, y.Summary.Total.Cases))})
		}
	}
	if len(all) > 60 {
		listed.More = words.F(words.T("The %d largest of %d flows; all are in clearing/pairs_year.csv.", "为 %[2]d 个流向中最大的 %[1]d 个；全部见 clearing/pairs_year.csv。"), 60, len(all))
	}
	places := &Table{Columns: []Column{
		{Title: words.T("Province", "省份"), Texts: true}, {Title: words.T("Treated there", "就医人次（就医地）"), Unit: Cases}, {Title: words.T("Insured there", "就医人次（参保地）"), Unit: Cases}, {Title: words.T("Balance", "净流入人次"), Unit: Cases},
	}}
	for i := range w.Provinces {
		in, out := int64(0), int64(0)
		for j := range w.Provinces {
			in, out = in+y.cases[j][i]*y.n, out+y.cases[i][j]*y.n
		}
		places.Rows = append(places.Rows, []Cell{W(ProvinceName(w, i)), N(in), N(out), N(in - out)})
	}
	note := words.T("One square for each ordered pair of provinces; each step of the colour is ten times more.", "每格为一个参保省与就医省的组合；颜色每深一级，人次多十倍。")
	if y.sampled() {
		note = words.F(words.T("%s Of a small flow a sample may hold nobody.", "%s较小的流向在抽样中可能无人。"), note)
	}
	figures := []Figure{
		{Title: words.T("Who is treated where", "参保地与就医地"), Note: note,
			Chart: heat, Table: matrix},
	}
	figures = append(figures, Figure{Title: words.T("Largest flows", "主要流向"), Note: words.T("From the insured province to the province of treatment.", "参保省 → 就医省。"), Chart: bars, Table: listed})
	if y.placed() {
		figures = append(figures, Figure{Title: words.T("Largest flows on the map", "主要流向示意"), Note: words.T("Provinces stand at their capitals, without borders. An arrow runs from where patients are insured to where they are treated.", "各省以省会位置表示，不绘边界。箭头自参保地指向就医地。"),
			Chart: place, Table: places, Wide: true})
	}
	return Section{ID: "flows", Title: words.T("Who travels where", "跨省流向"), Lead: words.T("Valid settlements of the measured months by insured province and province of treatment.", "计量月份有效结算，按参保省与就医省。"), Figures: figures}
}

// matrixUnit says in which unit a matrix is written whose largest figure is most.
func matrixUnit(most int64) words.Text {
	return words.Text{
		EN: "In " + Cases.caption(Cases.scale(most, words.English), words.English) + ".",
		ZH: "单位：" + Cases.caption(Cases.scale(most, words.Chinese), words.Chinese) + "。",
	}
}

// placed reports whether the provinces have positions.
func (y *year) placed() bool {
	return slices.ContainsFunc(y.World.Provinces, func(p sim.Province) bool { return p.Longitude != 0 })
}

// payerParts are who pays a bill, in the order of the layers; the parts sum to the
// fee (I4).
var payerParts = []struct {
	name   words.Text
	colour Colour
	of     []engine.Measure
}{
	{words.T("basic fund", "基本统筹"), Blue, []engine.Measure{engine.SumBasic}},
	{words.T("large-cost supplement", "大额补助"), Sky, []engine.Measure{engine.SumLarge}},
	{words.T("major-illness insurance", "大病保险"), Green, []engine.Measure{engine.SumMajor}},
	{words.T("civil servants and enterprises", "公务员与企业补充"), Purple, []engine.Measure{engine.SumCivil, engine.SumEnterprise}},
	{words.T("medical aid", "医疗救助"), Yellow, []engine.Measure{engine.SumAid}},
	{words.T("personal accounts", "个人账户（含共济）"), Orange, []engine.Measure{engine.SumAccount, engine.SumMutual}},
	{words.T("cash", "个人现金"), Vermillion, []engine.Measure{engine.SumCash}},
	{words.T("institution", "医院负担"), Grey, []engine.Measure{engine.SumHospital}},
}

// burdenParts are what the patients' part of a fee is made of; the rest is inScope.
var burdenParts = []struct {
	name   words.Text
	colour Colour
	at     engine.Measure
}{
	{words.T("outside the catalogue", "全自费"), Vermillion, engine.SumOwnPay},
	{words.T("over the price limit", "超限价自付"), Purple, engine.SumOverLimit},
	{words.T("paid first (class B)", "先行自付"), Orange, engine.SumPreSelfPay},
}

var inScope = Series{words.T("in scope, not covered", "政策范围内自付"), Sky}

func (y *year) payers() Section {
	fees := &Bars{Unit: Money}
	who := &Bars{Unit: Money, Whole: true}
	whoTable := &Table{Columns: []Column{{Title: words.T("Kind and scheme", "类别与险种"), Texts: true}, {Title: words.T("Fee", "费用"), Unit: Money}}}
	for _, p := range payerParts {
		who.Series = append(who.Series, Series{p.name, p.colour})
		whoTable.Columns = append(whoTable.Columns, Column{Title: p.name, Unit: Money})
	}
	fees.Series = who.Series
	burden := &Bars{Unit: Percent, Most: 10_000}
	burdenTable := &Table{Columns: []Column{{Title: words.T("Kind and scheme", "类别与险种"), Texts: true}, {Title: words.T("Cases", "人次"), Unit: Cases}, {Title: words.T("Fee of a case", "次均费用"), Unit: Money}, {Title: words.T("Patient's part of a case", "次均个人负担"), Unit: Money}}}
	for _, p := range burdenParts {
		burden.Series = append(burden.Series, Series{p.name, p.colour})
		burdenTable.Columns = append(burdenTable.Columns, Column{Title: p.name, Unit: Money})
	}
	burden.Series = append(burden.Series, inScope)
	burdenTable.Columns = append(burdenTable.Columns, Column{Title: inScope.Name, Unit: Money})
	parts := func(t *engine.Totals) (all []int64) {
		for _, p := range payerParts {
			sum := int64(0)
			for _, m := range p.of {
				sum += t[m] * y.n
			}
			all = append(all, sum)
		}
		return all
	}
	for kind := range engine.Kind(engine.NumKinds) {
		all := y.of(kind)
		fees.Rows = append(fees.Rows, Row{Label: kindNames[kind], Values: parts(&all)})
		for scheme := range y.totals {
			t := &y.totals[scheme][kind]
			if t[engine.Cases] == 0 {
				continue
			}
			label := words.F(words.T("%s, %s", "%s · %s"), kindNames[kind], schemeNames[scheme])
			values := parts(t)
			who.Rows = append(who.Rows, Row{Label: label, Values: values})
			line := []Cell{W(label), N(t[engine.SumFee] * y.n)}
			for _, v := range values {
				line = append(line, N(v))
			}
			whoTable.Rows = append(whoTable.Rows, line)

			patient := t[engine.SumAccount] + t[engine.SumMutual] + t[engine.SumCash]
			row, rest := Row{Label: label}, patient
			each := []Cell{W(label), N(t[engine.Cases] * y.n), N(t[engine.SumFee] / t[engine.Cases]), N(patient / t[engine.Cases])}
			for _, p := range burdenParts {
				part := min(t[p.at], rest) // a fund that pays beyond the scope leaves less
				rest -= part
				row.Values = append(row.Values, share(part, t[engine.SumFee]))
				each = append(each, N(part/t[engine.Cases]))
			}
			row.Values = append(row.Values, share(rest, t[engine.SumFee]))
			burden.Rows = append(burden.Rows, row)
			burdenTable.Rows = append(burdenTable.Rows, append(each, N(rest/t[engine.Cases])))
		}
	}
	figures := []Figure{
		{Title: words.T("Who pays, of each fee", "每百元费用由谁支付"), Note: words.T("Shares of all fees of the kind and scheme, which stand at the right.", "占该类别与险种全部费用的比例；右侧为费用合计。"), Chart: who, Table: whoTable, Wide: true},
		{Title: words.T("Fees by kind and payer", "各类别费用及支付来源"), Chart: fees, Table: whoTable},
		{Title: words.T("What patients bear is made of", "个人负担的构成"), Note: words.T("Account and cash, in per cent of the fee.", "账户与现金，占费用的比例。"), Chart: burden, Table: burdenTable},
	}
	if f, ok := y.poolsByBurden(); ok {
		figures = append(figures, f)
	}
	return Section{ID: "payers", Title: words.T("Who pays what", "费用由谁支付"),
		Lead:    words.T("The layers pay in turn: basic fund, supplements, medical aid, account; cash is the remainder.", "各层依次支付：基本统筹、补充保险、医疗救助、个人账户，其余为现金。"),
		Figures: figures}
}

// poolsByBurden is how the insured pools are distributed by what their inpatients
// bear.
func (y *year) poolsByBurden() (Figure, bool) {
	const width = 2 // points of a class
	var classes [100/width + 1]int64
	low, high := len(classes), -1
	var shares []int64
	for i := range y.byPool {
		t := &y.byPool[i]
		if t[engine.SumFee] <= 0 {
			continue
		}
		of := share(t[engine.SumAccount]+t[engine.SumMutual]+t[engine.SumCash], t[engine.SumFee])
		shares = append(shares, of)
		at := int(of) / (100 * width)
		classes[at]++
		low, high = min(low, at), max(high, at)
	}
	if len(shares) < 10 {
		return Figure{}, false
	}
	c := &Columns{Unit: Counted(words.T("pools", "个")), Series: []Series{{words.T("pools", "统筹区"), Blue}}, Values: [][]int64{nil}, Joined: true, XTitle: words.T("patients' share of inpatient fees, %", "住院费用个人负担比例（%）")}
	table := &Table{Columns: []Column{{Title: words.T("Patients' share, %", "个人负担比例（%）"), Texts: true}, {Title: words.T("Pools", "统筹区个数"), Unit: Number}}}
	for at := low; at <= high; at++ {
		label := words.Same(fmt.Sprintf("%d–%d", at*width, (at+1)*width))
		c.Labels, c.Values[0] = append(c.Labels, label), append(c.Values[0], classes[at])
		table.Rows = append(table.Rows, []Cell{W(label), N(classes[at])})
	}
	slices.Sort(shares)
	note := words.F(words.T("Median %s; a tenth of the pools below %s, a tenth above %s.", "中位数 %s；十分之一的统筹区低于 %s，十分之一高于 %s。"),
		Percent.Of(shares[len(shares)/2]), Percent.Of(shares[len(shares)/10]), Percent.Of(shares[len(shares)*9/10]))
	if y.sampled() {
		note = words.F(words.T("%s In a sample small pools scatter more than they do.", "%s抽样时较小统筹区的离散程度偏大。"), note)
	}
	return Figure{Title: words.T("Insured pools by what their inpatients bear", "各统筹区住院个人负担分布"), Note: note, Chart: c, Table: table, Wide: true}, true
}

func (y *year) refusals() Section {
	rates := &Bars{Unit: Percent, Most: 10_000, Series: []Series{{words.T("settled directly", "直接结算"), Green}}}
	ratesTable := &Table{Columns: []Column{
		{Title: words.T("Kind", "类别"), Texts: true}, {Title: words.T("Presented", "提交"), Unit: Cases}, {Title: words.T("Settled directly", "直接结算"), Unit: Cases}, {Title: words.T("Refused", "未能直接结算"), Unit: Cases}, {Title: words.T("Direct rate", "直接结算率"), Unit: Percent},
	}}
	for kind := range engine.Kind(engine.NumKinds) {
		k := &y.Summary.ByKind[kind]
		if k.Requests == 0 {
			continue
		}
		rates.Rows = append(rates.Rows, Row{Label: kindNames[kind], Values: []int64{k.DirectRateBP}})
		ratesTable.Rows = append(ratesTable.Rows, []Cell{W(kindNames[kind]), N(k.Requests), N(k.Requests - k.Refused), N(k.Refused), N(k.DirectRateBP)})
	}
	refused := &Bars{Unit: Cases, Series: kindSeries()}
	refusedTable := &Table{Columns: []Column{{Title: words.T("Reason", "原因"), Texts: true}}}
	for kind := range kindNames {
		refusedTable.Columns = append(refusedTable.Columns, Column{Title: kindNames[kind], Unit: Cases})
	}
	refusedTable.Columns = append(refusedTable.Columns, Column{Title: words.T("Fees refused", "涉及费用"), Unit: Money}, Column{Title: words.T("What the patient is told", "对患者的说明"), Texts: true})
	for status := engine.Settled + 1; status < engine.NumStatuses; status++ {
		row, line := Row{Label: statusNames[status]}, []Cell{W(statusNames[status])}
		fees := int64(0)
		for kind := range kindNames {
			n := y.Result.Outcomes[kind][status] * y.n
			row.Values, line = append(row.Values, n), append(line, N(n))
			fees += y.fenOf(y.Result.OutcomeFees[kind][status])
		}
		if row.sum() == 0 {
			continue
		}
		text := status.Text()
		refused.Rows = append(refused.Rows, row)
		refusedTable.Rows = append(refusedTable.Rows, append(line, N(fees), W(words.T(text.English, text.Chinese))))
	}
	slices.SortStableFunc(refused.Rows, func(a, b Row) int { return cmp.Compare(b.sum(), a.sum()) })
	s := Section{ID: "refusals", Title: words.T("Settled directly, and what was refused", "直接结算率与未能结算的原因"),
		Lead:    words.T("Of the bills presented. Every inpatient episode presents a bill; an outpatient visit or a purchase counts only where it was presented, so the rates mean different things.", "以提交的费用为分母。住院每次均提交；门诊与购药只有提交的才计入，因此各比率含义不同。"),
		Figures: []Figure{{Title: words.T("Direct settlement rate", "直接结算率"), Chart: rates, Table: ratesTable, Wide: len(refused.Rows) == 0}}}
	if len(refused.Rows) > 0 {
		s.Figures = append(s.Figures, Figure{Title: words.T("Bills refused, by reason", "未能直接结算的原因"), Note: words.T("A bill counts under the first reason that applies.", "每笔按最先适用的原因计。"), Chart: refused, Table: refusedTable})
	}
	return s
}

func (y *year) manual() Section {
	s := Section{ID: "manual", Title: words.T("Manual claims", "手工报销"),
		Lead: words.T("What did not settle directly was paid in full by the patient, and part of it comes back by hand.", "未能直接结算的费用由患者先行全额支付，其中一部分事后手工报销。")}
	bars := &Bars{Unit: Counted(words.T("claims", "件")), Series: []Series{{words.T("reimbursed", "已报销"), Green}, {words.T("refused", "不予报销"), Vermillion}}}
	table := &Table{Columns: []Column{
		{Title: words.T("Kind", "类别"), Texts: true}, {Title: words.T("Reimbursed", "已报销"), Unit: Cases}, {Title: words.T("Refused", "不予报销"), Unit: Cases}, {Title: words.T("Fees", "费用"), Unit: Money}, {Title: words.T("Paid by the funds", "基金支付"), Unit: Money}, {Title: words.T("Share of fees", "占费用"), Unit: Percent},
	}}
	total := int64(0)
	for kind := range engine.Kind(engine.NumKinds) {
		t, no := &y.Result.ByHand[kind], y.Result.RefusedByHand[kind]
		total += t[engine.Cases] + no
		bars.Rows = append(bars.Rows, Row{Label: kindNames[kind], Values: []int64{t[engine.Cases] * y.n, no * y.n}})
		table.Rows = append(table.Rows, []Cell{W(kindNames[kind]), N(t[engine.Cases] * y.n), N(no * y.n), N(t[engine.SumFee] * y.n), N(y.fenOf(t.Funds())), N(share(int64(t.Funds()), t[engine.SumFee]))})
	}
	if total == 0 {
		s.Notice = words.T("There were none in the measured months.", "计量月份没有手工报销。")
		return s
	}
	s.Figures = []Figure{{Title: words.T("Manual claims by kind", "手工报销件数"), Chart: bars, Table: table}}
	// By settled month; the payment follows within the time allowed (C19).
	labels, months := y.monthLabels(), len(y.measured())
	paid, cases, late := make([]int64, months), make([]int64, months), make([]int64, months)
	for i := range y.Result.Clearing.Manual {
		m := &y.Result.Clearing.Manual[i]
		if at := int(m.Month - y.first); at >= 0 && at < months {
			paid[at] += y.fenOf(m.Amount)
			cases[at] += m.Cases * y.n
			if m.OverdueDays > 0 {
				late[at] += m.Cases * y.n
			}
		}
	}
	monthly := &Columns{Labels: labels, Values: [][]int64{paid}, Unit: Money, Series: []Series{{words.T("paid to patients", "支付患者"), Green}}}
	monthTable := &Table{Columns: []Column{{Title: words.T("Month", "月份"), Texts: true}, {Title: words.T("Claims", "件数"), Unit: Cases}, {Title: words.T("Paid to patients", "支付患者"), Unit: Money}, {Title: words.T("Paid late", "逾期件数"), Unit: Cases}}}
	for i, label := range labels {
		monthTable.Rows = append(monthTable.Rows, []Cell{W(label), N(cases[i]), N(paid[i]), N(late[i])})
	}
	if slices.Max(paid) > 0 {
		s.Figures = append(s.Figures, Figure{Title: words.T("Paid to patients, by the month of the bill", "支付患者金额（按费用发生月份）"), Chart: monthly, Table: monthTable})
	}
	return s
}

func (y *year) calendar() Section {
	labels := y.monthLabels()
	monthly := &Columns{Labels: labels, Unit: Cases, Series: kindSeries(), Values: make([][]int64, engine.NumKinds)}
	table := &Table{Columns: []Column{{Title: words.T("Month", "月份"), Texts: true}}}
	for kind := range kindNames {
		table.Columns = append(table.Columns, Column{Title: kindNames[kind], Unit: Cases})
	}
	table.Columns = append(table.Columns, Column{Title: words.T("Cleared", "清算额"), Unit: Money})
	for i, m := range y.measured() {
		line, cleared := []Cell{W(labels[i])}, int64(0)
		for kind := range m.Kinds {
			n := m.Kinds[kind][engine.Cases] * y.n
			monthly.Values[kind] = append(monthly.Values[kind], n)
			line, cleared = append(line, N(n)), cleared+y.fenOf(m.Kinds[kind].Cleared())
		}
		table.Rows = append(table.Rows, append(line, N(cleared)))
	}
	s := Section{ID: "months", Title: words.T("Through the year", "全年走势"),
		Figures: []Figure{{Title: words.T("Settlements by month", "各月结算人次"), Chart: monthly, Table: table, Wide: true}}}
	sum := int64(0)
	for _, n := range y.days {
		sum += n
	}
	if sum == 0 {
		return s
	}
	at, mean := y.busiest(), sum/int64(len(y.days))
	daily := &Lines{Unit: Cases, Series: []Series{{words.T("settlements", "结算人次"), Blue}}, Values: [][]int64{nil},
		Marks: []Mark{{mean * y.n, words.F(words.T("mean %s", "日均 %s"), Cases.Of(mean*y.n)), Vermillion}},
		Peaks: []Peak{{at, words.F(words.Same("%s · %s"), (y.firstDay + day.Day(at)).String(), Cases.Of(y.days[at]*y.n))}}}
	dayTable := &Table{Columns: []Column{{Title: words.T("Day", "日期"), Texts: true}, {Title: words.T("Settlements", "结算人次"), Unit: Cases}}}
	for i, n := range y.days {
		d := y.firstDay + day.Day(i)
		name := words.Same(d.String())
		if _, _, of := d.Date(); of == 1 {
			daily.Ticks = append(daily.Ticks, Tick{i, monthNames[d.Month().OfYear()-1]})
		}
		daily.Labels, daily.Values[0] = append(daily.Labels, name), append(daily.Values[0], n*y.n)
		dayTable.Rows = append(dayTable.Rows, []Cell{W(name), N(n * y.n)})
	}
	note := words.F(words.T("Valid settlements by the day they were made. The busiest day has %s times the mean.", "有效结算，按结算日。最高日为日均的 %s 倍。"), decimal(float64(y.days[at])/float64(max(1, mean)), 2))
	if y.sampled() {
		note = words.F(words.T("%s Single days scatter more in a sample, so its busiest day stands out too far.", "%s抽样时单日波动偏大，最高日的倍数偏高。"), note)
	}
	s.Figures = append(s.Figures, Figure{Title: words.T("Settlements by day", "每日结算人次"), Note: note, Chart: daily, Table: dayTable, Wide: true})
	return s
}
