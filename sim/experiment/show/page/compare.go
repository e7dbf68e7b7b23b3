package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// Compare is the page of a comparison.
func Compare(c *experiment.Comparison, about *About) *html.Page {
	about.Seeds, about.Sample = c.Seeds, c.Sample
	p := &comparison{About: about, Comparison: c, seeded: len(c.Seeds) > 1}
	page := &html.Page{
		Title: p.policy(0).title(), Banner: banner,
		Lead: words.F(words.T("%s against %s · %s · %s · %s patients, the same ones with the same illnesses under every policy", "%s 对比 %s · %s · %s · 模拟 %s 名患者，各政策下患者及病情完全相同"),
			words.Same(c.Reforms[0].Name), words.Same(c.Base), about.seeds(), about.sample(), html.Number.Of(c.Patients)),
	}
	if len(c.Reforms) > 1 {
		page.Title = words.F(words.T("%d reforms compared", "%d 个方案对比"), len(c.Reforms))
		page.Lead = words.F(words.T("Each against %s · %s · %s · %s patients, the same ones with the same illnesses under every policy", "均与 %s 对比 · %s · %s · 模拟 %s 名患者，各政策下患者及病情完全相同"),
			words.Same(c.Base), about.seeds(), about.sample(), html.Number.Of(c.Patients))
		page.Sections = append(page.Sections, p.overview())
	}
	for i := range c.Reforms {
		page.Sections = append(page.Sections, p.reform(i)...)
	}
	return about.closed(page)
}

type comparison struct {
	*About
	*experiment.Comparison
	seeded bool
}

// policy is the i-th reform's.
func (p *comparison) policy(i int) *Policy { return &p.Policies[i+1] }

// base is what the base is called.
func (p *comparison) base() words.Text { return p.Policies[0].title() }

// find is a reform's figure.
func find(r *experiment.Reform, name string) *experiment.Difference {
	if i := slices.IndexFunc(r.Figures, func(d experiment.Difference) bool { return d.Name == name }); i >= 0 {
		return &r.Figures[i]
	}
	return &experiment.Difference{Name: name}
}

// errors explain the two rows of a difference.
func (p *comparison) series() []html.Series {
	all := []html.Series{{Name: words.T("● between the same patients, with its 95 % sampling interval", "● 同一批患者之间的差异及其95%抽样区间"), Colour: html.Blue}}
	if p.seeded {
		all = append(all, html.Series{Name: words.F(words.T("◇ mean over %d seeds, with the 95 %% interval of that mean", "◇ %d 个种子的均值及该均值的95%%区间"), len(p.About.Seeds)), Colour: html.Vermillion})
	}
	return all
}

// howToRead says what the whiskers are, where only one kind is drawn.
func (p *comparison) howToRead() words.Text {
	if p.seeded {
		return words.T("Two different errors in two rows; they are not added.", "两种不同的误差分行列示，不可相加。")
	}
	return words.T("The line through a dot is the 95 % sampling interval of the difference.", "圆点两侧的线为差异的95%抽样区间。")
}

// dots draws differences of one unit with their errors and puts the figures behind them.
func (p *comparison) dots(rows []labelled, unit measured) (*html.Dots, *html.Table) {
	chart := &html.Dots{Unit: unit.change, Series: p.series(), Hollow: 1}
	table := &html.Table{Columns: []html.Column{
		{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Base", "基准"), Unit: unit.unit}, {Title: words.T("Reform", "方案"), Unit: unit.unit},
		{Title: words.T("Difference", "差异"), Unit: unit.change}, {Title: words.T("95 % sampling, from", "95%抽样区间，自"), Unit: unit.change}, {Title: words.T("to", "至"), Unit: unit.change},
	}}
	if p.seeded {
		table.Columns = append(table.Columns, html.Column{Title: words.T("Mean over seeds", "种子均值"), Unit: unit.change},
			html.Column{Title: words.T("95 % over seeds, from", "种子95%区间，自"), Unit: unit.change}, html.Column{Title: words.T("to", "至"), Unit: unit.change})
	}
	for _, r := range rows {
		d := r.of
		at := unit.changeOf(d.Value)
		row := html.Row{Label: r.name, Values: []int64{at}, Low: at, High: at}
		line := []html.Cell{html.W(r.name), html.N(unit.valueOf(d.Base)), html.N(unit.valueOf(d.Reform)), html.N(at), {}, {}}
		if d.Low != nil {
			row.Low, row.High = unit.changeOf(*d.Low), unit.changeOf(*d.High)
			line[4], line[5] = html.N(row.Low), html.N(row.High)
		}
		chart.Rows = append(chart.Rows, row)
		if p.seeded {
			line = append(line, html.Cell{}, html.Cell{}, html.Cell{})
		}
		if s := d.Scenario; s != nil {
			mean, low, high := unit.changeOf(s.Mean), unit.changeOf(s.Low), unit.changeOf(s.High)
			chart.Rows = append(chart.Rows, html.Row{Label: words.F(words.T("over %d seeds", "%d 个种子"), s.Replications), Values: []int64{mean}, Low: low, High: high, Of: 1})
			line[6], line[7], line[8] = html.N(mean), html.N(low), html.N(high)
		}
		table.Rows = append(table.Rows, line)
	}
	return chart, table
}

// labelled is a difference under a name.
type labelled struct {
	name words.Text
	of   *experiment.Difference
}

// differences is a figure of several of a reform's differences, which have one unit;
// false where none of them is estimated.
func (p *comparison) differences(r *experiment.Reform, title, note words.Text, names ...string) (html.Figure, bool) {
	var rows []labelled
	for _, n := range names {
		if d := find(r, n); d.Estimated {
			rows = append(rows, labelled{name(n), d})
		}
	}
	if len(rows) == 0 {
		return html.Figure{}, false
	}
	chart, table := p.dots(rows, measureOf(names[0]))
	if !slices.ContainsFunc(chart.Rows, func(r html.Row) bool { return r.Values[0] != 0 || r.Low != r.High }) {
		return html.Figure{Title: title, Note: words.T("None of these differs: every difference is zero.", "以下各项均无差异：差异全部为零。"), Table: brief(table)}, true
	}
	return html.Figure{Title: title, Note: note, Chart: chart, Table: table}, true
}

// brief leaves the intervals out of a table, which are those of nothing.
func brief(t *html.Table) *html.Table {
	t.Columns = t.Columns[:4]
	for i := range t.Rows {
		t.Rows[i] = t.Rows[i][:4]
	}
	return t
}

// told are the figures of the overview, each with a chart of its own.
var told = []string{"funds_fen", "patients_fen", "direct_rate_bp", "manual_claims", "receivable_days", "quota_fen", "idle_fen", "red_alerts", "top_up_fen", "short_days"}

// overview holds the reforms against each other.
func (p *comparison) overview() html.Section {
	s := html.Section{ID: "overview", Title: words.T("Overview", "总览"),
		Lead: words.F(words.T("All against: %s. %s A reform that touches no patient leaves what funds and patients pay exactly as it is.", "均与%s对比。%s不影响患者的方案，基金与个人支付完全不变。"), p.base(), p.howToRead())}
	table := &html.Table{Columns: []html.Column{{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Base", "基准")}}}
	for i := range p.Reforms {
		table.Columns = append(table.Columns, html.Column{Title: words.Same(p.Reforms[i].Name)})
	}
	for _, n := range told {
		var rows []labelled
		moves := false
		unit := measureOf(n)
		line := []html.Cell{html.W(name(n))}
		for i := range p.Reforms {
			d := find(&p.Reforms[i], n)
			if !d.Estimated {
				continue
			}
			if rows == nil {
				line = append(line, html.W(words.F(words.Same("%s"), unit.unit.Of(unit.valueOf(d.Base)))))
			}
			rows = append(rows, labelled{words.Same(p.Reforms[i].Name), d})
			moves = moves || d.Value != 0
			line = append(line, html.W(words.F(words.Same("%s"), unit.change.Of(unit.changeOf(d.Value)))))
		}
		if rows == nil {
			continue
		}
		table.Rows = append(table.Rows, line)
		if !moves {
			continue // the table says so
		}
		chart, behind := p.dots(rows, unit)
		behind.Columns[0].Title = words.T("Reform", "方案")
		s.Figures = append(s.Figures, html.Figure{Title: words.F(words.T("Difference: %s", "差异：%s"), name(n)), Chart: chart, Table: behind})
	}
	s.Figures = append([]html.Figure{{Title: words.T("Differences at a glance", "差异一览"), Table: table, Wide: true}}, s.Figures...)
	if len(p.NotEstimated) > 0 {
		s.Notice = notLookedAt
	}
	return s
}

var notLookedAt = words.T(show.NotLookedAt(words.English), show.NotLookedAt(words.Chinese))

// reform are the sections of one reform: the first says in tiles what it does, those
// below it show it.
func (p *comparison) reform(i int) []html.Section {
	r, policy := &p.Reforms[i], p.policy(i)
	id := fmt.Sprintf("r%d", i+1)
	s := html.Section{ID: id, Title: words.T("At a glance", "要点"), Facts: policy.contents()}
	if len(p.Reforms) > 1 {
		s.Title = policy.title()
		if s.Title != words.Same(policy.Name) {
			s.Lead = words.Same(policy.Name)
		}
	}
	if r.Same {
		return []html.Section{p.nothing(s, r)}
	}
	s.Tiles = p.tiles(r)
	var notices []words.Text
	if r.MoneyOnly {
		notices = append(notices, words.T("No patient is touched: what patients and funds pay is exactly the same in both and not drawn. Only the money between provinces moves otherwise.",
			"该方案不影响患者：个人与基金支付完全相同，不绘图。变化的只是省际资金往来。"))
	}
	if len(p.NotEstimated) > 0 {
		notices = append(notices, notLookedAt)
	}
	s.Notice = words.Joined(notices, words.T(" ", ""))
	all := []html.Section{s}
	if !r.MoneyOnly {
		all = append(all, p.funds(r, id), p.people(r, id), p.access(r, id), p.provinces(r, id))
	}
	return append(all, p.money(r, id), p.sure(r, id))
}

// nothing says of a reform that nothing differs, and what was looked at to say so.
func (p *comparison) nothing(s html.Section, r *experiment.Reform) html.Section {
	s.Notice = words.T("Nothing differs: every difference is exactly zero, to the fen and for every patient. No chart is drawn of it.", "毫无差别：所有差异恰为零，精确到分，逐名患者一致，故不绘图。")
	if !r.Unchanged {
		s.Notice = words.Joined([]words.Text{notLookedAt, words.T("What was looked at does not differ, to the fen and for every patient; what was not may.", "已比较的各项毫无差别，精确到分，逐名患者一致；未比较的各项则未必。")}, words.T(" ", ""))
	}
	figures := 0
	for i := range r.Figures {
		if r.Figures[i].Estimated {
			figures++
		}
	}
	s.Tiles = []html.Tile{
		html.NewTile(words.T("Figures compared", "比较的指标"), html.Counted(words.Counter("项")).Of(int64(figures)), words.T("all equal", "全部相同")),
		html.NewTile(words.T("Provinces compared", "比较的省份"), html.Counted(words.Counter("个")).Of(int64(len(r.Provinces))), words.T("funds and patients, all equal", "基金与个人，全部相同")),
		html.NewTile(words.T("Patients who bear the same", "负担不变的患者"), html.Counted(words.T("patients", "人")).Of(r.Burden.Followed), words.T("all with any bill", "全部有费用者")),
	}
	if r.MoneyOnly {
		s.Lead = words.Joined([]words.Text{words.Same(r.Name), words.T("The two worlds differ in nothing that touches a patient.", "两种政策在涉及患者之处毫无不同。")}, words.Same(" · "))
	}
	return s
}

// tile is a difference as a key figure, with its two errors told apart.
func (p *comparison) tile(r *experiment.Reform, figure string) (html.Tile, bool) {
	d, m := find(r, figure), measureOf(figure)
	if !d.Estimated {
		return html.Tile{}, false
	}
	notes := []words.Text{words.F(words.T("from %s to %s", "由 %s 至 %s"), m.unit.Of(m.valueOf(d.Base)), m.unit.Of(m.valueOf(d.Reform)))}
	if d.Low != nil && (*d.Low != 0 || *d.High != 0) {
		notes = append(notes, words.F(words.T("95 %% sampling: %s", "95%%抽样区间：%s"), m.interval(d.Low, d.High)))
	}
	if x := d.Scenario; x != nil && (x.Low != 0 || x.High != 0) {
		notes = append(notes, words.F(words.T("over %d seeds: %s", "%d 个种子：%s"), x.Replications, m.interval(&x.Low, &x.High)))
	}
	return html.NewTile(name(figure), m.change.Of(m.changeOf(d.Value)), words.Joined(notes, words.Same("\n"))), true
}

func (p *comparison) tiles(r *experiment.Reform) (all []html.Tile) {
	add := func(names ...string) {
		for _, n := range names {
			if t, ok := p.tile(r, n); ok {
				all = append(all, t)
			}
		}
	}
	patients := html.Counted(words.T("patients", "人"))
	if !r.MoneyOnly {
		add("funds_fen", "patients_fen")
		for _, side := range []struct {
			name words.Text
			of   *experiment.Side
		}{{words.T("Bear less", "负担减轻"), &r.Burden.Gain}, {words.T("Bear more", "负担加重"), &r.Burden.Lose}} {
			var notes []words.Text
			if of := side.of; of.Sampled == 0 {
				notes = append(notes, words.T("nobody", "无"))
			} else {
				if x := of.Amounts; x != nil {
					notes = append(notes, words.F(words.T("mean %s, median %s, together %s", "人均 %s，中位数 %s，合计 %s"), html.Money.Of(rounded(x.MeanFen)), html.Money.Of(rounded(x.P50Fen)), html.Money.Of(x.TotalFen)))
				} else {
					notes = append(notes, words.F(words.T("from %d people in the sample, too few to say how much", "仅据抽样中 %d 人，金额不予推算"), of.Sampled))
				}
				notes = append(notes, words.F(words.T("95 %% sampling: %s", "95%%抽样区间：%s"), patients.Interval(rounded(*of.Patients.Low), rounded(*of.Patients.High))))
			}
			all = append(all, html.NewTile(side.name, patients.Of(rounded(side.of.Patients.Value)), words.Joined(notes, words.Same("\n"))))
		}
		add("direct_rate_bp", "manual_claims")
	}
	add("receivable_days", "quota_fen", "idle_fen", "red_alerts", "top_up_fen", "short_days")
	if d := find(r, "funds_fen"); d.Ratio != nil {
		all = append(all, html.Tile{Name: words.T("Variance, unpaired ÷ paired", "方差比（独立 ÷ 配对）"), Value: timesText(*d.Ratio),
			Note: words.T("of the funds' difference: what running the same patients twice gains", "基金差异：两次模拟同一批患者之所得")})
	}
	return all
}

func timesText(v float64) words.Text {
	if v < 100 {
		return words.Same(fmt.Sprintf("%.1f×", v))
	}
	return words.F(words.Same("%s×"), html.Number.Of(rounded(v)))
}

// sub heads a section of a reform; with several reforms the title says whose it is.
func (p *comparison) sub(r *experiment.Reform, id, part string, title, lead words.Text) html.Section {
	if len(p.Reforms) > 1 {
		title = words.F(words.Same("%s · %s"), r.Name, title)
	}
	return html.Section{ID: id + "-" + part, Title: title, Lead: lead, Sub: true}
}

// layers are the layers of the funds in the order in which they pay.
var layers = []struct {
	figure string
	colour html.Colour
}{
	{"funds_basic_fen", html.Blue}, {"funds_large_fen", html.Sky}, {"funds_major_fen", html.Green},
	{"funds_civil_fen", html.Purple}, {"funds_enterprise_fen", html.Orange}, {"funds_aid_fen", html.Yellow},
}

func (p *comparison) funds(r *experiment.Reform, id string) html.Section {
	s := p.sub(r, id, "funds", words.T("What the funds pay", "基金支付"), words.T("Of direct settlements and of manual claims. The layers pay in turn, so what one takes over another need not pay.", "含直接结算与手工报销。各层依次支付，一层多付，其后各层便少付。"))
	names := []string{"funds_fen"}
	for _, l := range layers {
		names = append(names, l.figure)
	}
	add := func(f html.Figure, ok bool) {
		if ok {
			s.Figures = append(s.Figures, f)
		}
	}
	add(p.differences(r, words.T("Change by layer", "按支付层的变化"), p.howToRead(), append(names, "funds_by_hand_fen")...))
	add(p.differences(r, words.T("Change by scheme and kind of care", "按险种与类别的变化"), p.howToRead(),
		"funds_fen", "funds_employee_fen", "funds_resident_fen", "funds_inpatient_fen", "funds_outpatient_fen", "funds_chronic_fen", "funds_pharmacy_fen"))
	var parts []part
	for _, l := range layers {
		parts = append(parts, part{l.figure, l.colour})
	}
	s.Figures = append(s.Figures,
		p.both(r, words.T("The whole cost by layer", "基金支出总额及构成（按支付层）"), parts),
		p.both(r, words.T("The whole cost by scheme", "基金支出总额及构成（按险种）"), []part{{"funds_employee_fen", html.Blue}, {"funds_resident_fen", html.Orange}}))
	return s
}

// part is a figure that is part of a sum.
type part struct {
	figure string
	colour html.Colour
}

// both stacks the parts of a sum under both policies: against the whole a difference looks
// as small as it is.
func (p *comparison) both(r *experiment.Reform, title words.Text, parts []part) html.Figure {
	chart := &html.Bars{Unit: html.Money, Rows: []html.Row{{Label: words.T("base", "基准")}, {Label: words.T("reform", "方案")}}}
	table := &html.Table{Columns: []html.Column{{Title: words.T("Part", "部分"), Texts: true}, {Title: words.T("Base", "基准"), Unit: html.Money}, {Title: words.T("Reform", "方案"), Unit: html.Money}, {Title: words.T("Difference", "差异"), Unit: html.Money.Signed()}}}
	for _, x := range parts {
		d := find(r, x.figure)
		chart.Series = append(chart.Series, html.Series{Name: name(x.figure), Colour: x.colour})
		chart.Rows[0].Values = append(chart.Rows[0].Values, rounded(d.Base))
		chart.Rows[1].Values = append(chart.Rows[1].Values, rounded(d.Reform))
		table.Rows = append(table.Rows, []html.Cell{html.W(name(x.figure)), html.N(rounded(d.Base)), html.N(rounded(d.Reform)), html.N(rounded(d.Value))})
	}
	return html.Figure{Title: title, Note: words.T("Both policies from zero: against the whole the difference is as small as it looks.", "两种政策均自零起：差异相对总额的大小即如图所示。"), Chart: chart, Table: table}
}

func (p *comparison) people(r *experiment.Reform, id string) html.Section {
	x := &r.Burden
	s := p.sub(r, id, "people", words.T("Who gains and who loses", "谁受益、谁受损"),
		words.F(words.T("Each of %s with any bill, in the measured year under one policy against the same patient under the other.", "有费用的患者共 %s，逐人比较同一患者在两种政策下全年的负担。"), html.Counted(words.T("patients", "人")).Of(x.Followed)))
	patients := html.Counted(words.T("patients", "人"))
	sides := []html.Series{{Name: words.T("bear less", "负担减轻"), Colour: html.Blue}, {Name: words.T("the same", "不变"), Colour: html.Grey}, {Name: words.T("bear more", "负担加重"), Colour: html.Vermillion}}
	few := false // something rests on too few people of the sample
	counted := func(n experiment.Count) html.Cell {
		few = few || n == nil
		return countCell(n)
	}
	drawn := func(n experiment.Count) int64 {
		if n == nil {
			return 0
		}
		return *n
	}
	sideCount := func(of *experiment.Side) int64 {
		if of.Amounts == nil {
			return 0 // none, or too few to draw
		}
		return rounded(of.Patients.Value)
	}
	split := &html.Bars{Unit: patients, Whole: true, Series: sides, Rows: []html.Row{{Label: words.T("patients", "患者"), Values: []int64{sideCount(&x.Gain), drawn(x.Unchanged), sideCount(&x.Lose)}}}}
	money := html.Money
	splitTable := &html.Table{Columns: []html.Column{
		{Title: words.T("Who", "人群"), Texts: true}, {Title: words.T("Patients", "人数")}, {Title: words.T("95 % sampling, from", "95%抽样区间，自")}, {Title: words.T("to", "至")},
		{Title: words.T("Together", "合计金额"), Unit: money}, {Title: words.T("Mean", "人均"), Unit: money}, {Title: words.T("Median", "中位数"), Unit: money}, {Title: words.Same("P90"), Unit: money}, {Title: words.T("Most", "最多"), Unit: money}}}
	side := func(name words.Text, of *experiment.Side) {
		line := []html.Cell{html.W(name), whole(rounded(of.Patients.Value)), {}, {}, {}, {}, {}, {}, {}}
		if of.Patients.Low != nil {
			line[2], line[3] = whole(rounded(*of.Patients.Low)), whole(rounded(*of.Patients.High))
		}
		if x := of.Amounts; x != nil {
			line = append(line[:4], html.N(x.TotalFen), html.N(rounded(x.MeanFen)), html.N(rounded(x.P50Fen)), html.N(rounded(x.P90Fen)), html.N(rounded(x.MaxFen)))
		} else if of.Sampled > 0 {
			few = true
			for i := 4; i < len(line); i++ {
				line[i] = countCell(nil)
			}
		}
		splitTable.Rows = append(splitTable.Rows, line)
	}
	side(sides[0].Name, &x.Gain)
	splitTable.Rows = append(splitTable.Rows, []html.Cell{html.W(sides[1].Name), counted(x.Unchanged), {}, {}, {}, {}, {}, {}, {}})
	side(sides[2].Name, &x.Lose)

	bins := &html.Bars{Unit: patients, Series: []html.Series{sides[0], sides[2]}}
	binTable := &html.Table{Columns: []html.Column{{Title: words.T("Change in a year, yuan", "年负担变化（元）"), Texts: true}, {Title: words.T("Patients", "人数")}}}
	bin := func(b experiment.Bin, sign string, n experiment.Count, of int) {
		label := words.F(words.T("%s%s–%s", "%s%s–%s"), sign, html.Number.Of(b.FromFen/100), html.Number.Of(b.ToFen/100))
		if b.ToFen == 0 {
			label = words.F(words.T("%s%s and more", "%s%s 及以上"), sign, html.Number.Of(b.FromFen/100))
		}
		row := html.Row{Label: label, Values: []int64{0, 0}}
		row.Values[of] = drawn(n)
		bins.Rows = append(bins.Rows, row)
		binTable.Rows = append(binTable.Rows, []html.Cell{html.W(label), counted(n)})
	}
	for _, b := range slices.Backward(x.Bins) {
		bin(b, "−", b.Gain, 0)
	}
	for _, b := range x.Bins {
		bin(b, "+", b.Lose, 1)
	}
	s.Figures = []html.Figure{
		{Title: words.T("Patients by who bears less and more", "负担减轻与加重的患者"), Note: words.T("Shares of all patients with any bill.", "占全部有费用患者的比例。"), Chart: split, Table: splitTable, Wide: true},
		{Title: words.T("By how much", "变化金额"), Note: words.T("Yuan a year that a patient bears less (−) or more (+).", "患者全年负担减少（−）或增加（+）的金额（元）。"), Chart: bins, Table: binTable},
		p.burden(x),
	}
	if few {
		for i := range s.Figures[:2] {
			s.Figures[i].Note = words.Joined([]words.Text{s.Figures[i].Note, tooFew}, words.T(" ", ""))
		}
	}
	if f, ok := p.differences(r, words.T("What patients bear", "个人负担"), p.howToRead(), "patients_fen", "patients_employee_fen", "patients_resident_fen", "patients_inpatient_fen", "accounts_fen", "advanced_fen"); ok {
		f.Wide = true
		s.Figures = append(s.Figures, f)
	}
	return s
}

// tooFew explains the – in place of a number, which is not drawn either.
var tooFew = words.F(words.T("A – stands where fewer than %d people of the sample would be too few to say; nothing is drawn there.", "“–”表示所依据的抽样患者不足 %d 人，不予推算，也不绘图。"), sim.Few)

// countCell is a number of patients in a table of words.
func countCell(n experiment.Count) html.Cell { return html.W(words.Same(show.CountText(n))) }

// drawnShares are the quantiles that are drawn; the tail beyond would hide the rest.
var drawnShares = []int{2500, 5000, 7500, 9000, 9500, 9900}

// burden is the distribution of what patients bear under both policies.
func (p *comparison) burden(x *experiment.Burden) html.Figure {
	chart := &html.Groups{Unit: html.Money, Series: []html.Series{{Name: words.T("base", "基准"), Colour: html.Grey}, {Name: words.T("reform", "方案"), Colour: html.Blue}}, Values: make([][]int64, 2)}
	table := &html.Table{OneScale: false, Columns: []html.Column{{Title: words.T("Share of patients, %", "患者占比（%）"), Texts: true}, {Title: words.T("Base: at most, yuan", "基准：不超过（元）")}, {Title: words.T("Reform: at most, yuan", "方案：不超过（元）")}}}
	for i := range x.Before {
		bp, was, is := x.Before[i].ShareBP, rounded(x.Before[i].Fen), rounded(x.After[i].Fen)
		share := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", float64(bp)/100), "0"), ".")
		table.Rows = append(table.Rows, []html.Cell{html.W(words.Same(share)), html.W(yuan(was)), html.W(yuan(is))})
		if slices.Contains(drawnShares, bp) {
			chart.Labels = append(chart.Labels, words.F(words.T("%s %%", "%s %%"), share))
			chart.Values[0], chart.Values[1] = append(chart.Values[0], was), append(chart.Values[1], is)
		}
	}
	return html.Figure{Title: words.T("What a patient bears in a year", "患者年负担分布"), Note: words.T("So many per cent of the patients bear at most this much; not the same patients in both bars.", "左列比例的患者，年负担不超过右侧金额；两条之间并非同一批患者。"), Chart: chart, Table: table}
}

// whole is a cell with all digits of a number.
func whole(n int64) html.Cell { return html.W(words.Same(report.Grouped(n))) }

// yuan writes fen in whole yuan.
func yuan(fen int64) words.Text {
	return words.F(words.Same("%s"), html.Number.Of(rounded(float64(fen)/100)))
}

func (p *comparison) access(r *experiment.Reform, id string) html.Section {
	s := p.sub(r, id, "access", words.T("Settled at the desk", "直接结算"), words.Text{})
	for _, f := range []struct {
		title words.Text
		names []string
	}{
		{words.T("Change of the shares", "比例的变化"), []string{"direct_rate_bp", "direct_rate_inpatient_bp", "patients_share_bp"}},
		{words.T("Change of the numbers", "件数的变化"), []string{"settled", "refused", "manual_claims"}},
	} {
		if x, ok := p.differences(r, f.title, p.howToRead(), f.names...); ok {
			s.Figures = append(s.Figures, x)
		}
	}
	return s
}

func (p *comparison) provinces(r *experiment.Reform, id string) html.Section {
	s := p.sub(r, id, "provinces", words.T("Effect by province", "各省影响"), words.T("By the province in which the patients are insured.", "按患者参保省。"))
	signed := html.Money.Signed()
	place := &html.Map{Unit: signed, Signed: true, PlacesAre: words.T("change of what patients bear", "个人负担的变化")}
	patients, funds := &html.Dots{Unit: signed, Series: p.series()[:1]}, &html.Dots{Unit: signed, Series: p.series()[:1]}
	table := &html.Table{Columns: []html.Column{
		{Title: words.T("Insured in", "参保省"), Texts: true}, {Title: words.T("Patients bear, base", "个人负担：基准"), Unit: html.Money}, {Title: words.T("Difference", "差异"), Unit: signed}, {Title: words.T("of the base", "相对基准"), Unit: html.Gap},
		{Title: words.T("95 % sampling, from", "95%抽样区间，自"), Unit: signed}, {Title: words.T("to", "至"), Unit: signed},
		{Title: words.T("Funds, base", "基金：基准"), Unit: html.Money}, {Title: words.T("Difference", "差异"), Unit: signed}, {Title: words.T("95 % sampling, from", "95%抽样区间，自"), Unit: signed}, {Title: words.T("to", "至"), Unit: signed},
		{Title: words.T("Settled directly", "直接结算率"), Unit: html.Points}, {Title: words.T("Bear less, patients", "负担减轻（人）")}, {Title: words.T("Bear more, patients", "负担加重（人）")}}}
	order := make([]int, len(r.Provinces))
	for i := range order {
		order[i] = i
	}
	size := func(i int) float64 { return max(r.Provinces[i].Patients.Value, -r.Provinces[i].Patients.Value) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size(b), size(a)) })
	row := func(name words.Text, e *experiment.Estimate) html.Row {
		out := html.Row{Label: name, Values: []int64{rounded(e.Value)}, Low: rounded(e.Value), High: rounded(e.Value)}
		if e.Low != nil {
			out.Low, out.High = rounded(*e.Low), rounded(*e.High)
		}
		return out
	}
	placed := false
	for _, i := range order {
		e, at := &r.Provinces[i], &p.World.Provinces[i]
		name := html.ProvinceName(p.World, i)
		placed = placed || at.Longitude != 0
		place.Places = append(place.Places, html.Place{Short: html.ShortName(p.World, i), Name: name, Latitude: at.Latitude, Longitude: at.Longitude,
			Value: rounded(e.Patients.Value), Unsure: !e.Patients.Clear()})
		x, y := row(name, &e.Patients), row(name, &e.Funds)
		patients.Rows, funds.Rows = append(patients.Rows, x), append(funds.Rows, y)
		ratio := int64(0)
		if e.BasePatients != 0 {
			ratio = rounded(e.Patients.Value / e.BasePatients * 1e6)
		}
		table.Rows = append(table.Rows, []html.Cell{html.W(name), html.N(rounded(e.BasePatients)), html.N(x.Values[0]), html.N(ratio), html.N(x.Low), html.N(x.High),
			html.N(rounded(e.BaseFunds)), html.N(y.Values[0]), html.N(y.Low), html.N(y.High), html.N(rounded(e.DirectRate.Value * 100)), countCell(e.Gain), countCell(e.Lose)})
	}
	if placed {
		largest := &r.Provinces[order[0]]
		note := words.F(words.T("Provinces stand at their capitals, without borders. The largest circle: %s, %s.", "各省以省会位置表示，不绘边界。最大的圆：%s，%s。"), html.ProvinceName(p.World, order[0]), signed.Of(rounded(largest.Patients.Value)))
		s.Figures = append(s.Figures, html.Figure{Title: words.T("Change of what patients bear, on the map", "个人负担的变化（示意图）"), Note: note, Chart: place, Table: table, Wide: true})
	}
	note := words.T("The line through a dot is the 95 % sampling interval.", "圆点两侧的线为95%抽样区间。")
	if slices.ContainsFunc(r.Provinces, func(e experiment.ProvinceEffect) bool { return e.Gain == nil || e.Lose == nil }) {
		note = words.Joined([]words.Text{note, tooFew}, words.T(" ", ""))
	}
	s.Figures = append(s.Figures,
		html.Figure{Title: words.T("Patients bear, by province", "个人负担的变化（分省）"), Note: note, Chart: patients, Table: table},
		html.Figure{Title: words.T("Funds pay, by province", "基金支付的变化（分省）"), Note: note, Chart: funds, Table: table})
	return s
}

// money is how the money between provinces moves under both policies.
func (p *comparison) money(r *experiment.Reform, id string) html.Section {
	s := p.sub(r, id, "money", words.T("Clearing, prepayment, alerts and shortfall", "清算、预付金、预警与缺口"),
		words.T("These are counts and sums of what happened, not means over patients: they have no sampling interval.", "以下为实际发生的次数与金额，并非患者均值，故无抽样区间。"))
	if p.seeded {
		s.Lead = words.T("These are counts and sums of what happened, not means over patients: they have no sampling interval. The tables give the mean over seeds with its interval.", "以下为实际发生的次数与金额，并非患者均值，故无抽样区间；数据表列有种子均值及其区间。")
	}
	if len(p.NotEstimated) > 0 {
		s.Notice = notLookedAt
	}
	groups := []struct {
		title words.Text
		names []string
	}{
		{words.T("Prepayments and top-ups", "预付金与紧急调增"), []string{"quota_fen", "idle_fen", "top_up_fen", "deepest_fen"}},
		{words.T("Alerts and shortfall, counted", "预警与缺口（次数）"), []string{"yellow_alerts", "red_alerts", "top_ups", "short_provinces", "short_days"}},
		{words.T("Money moved and paid late", "划款与逾期"), []string{"moved_fen", "clearing_late_fen", "institutions_late_fen", "overdue_fen"}},
		{words.T("Transfers between provinces", "省际划款笔数"), []string{"transfers"}},
		{words.T("Institutions wait", "医疗机构回款天数"), []string{"receivable_days"}},
	}
	for _, g := range groups {
		if f, ok := p.beside(r, g.title, g.names); ok {
			s.Figures = append(s.Figures, f)
		}
	}
	return s
}

// beside draws figures of one unit under both policies, with the difference in the table.
func (p *comparison) beside(r *experiment.Reform, title words.Text, names []string) (html.Figure, bool) {
	m := measureOf(names[0])
	chart := &html.Groups{Unit: m.unit, Series: []html.Series{{Name: words.T("base", "基准"), Colour: html.Grey}, {Name: words.T("reform", "方案"), Colour: html.Blue}}, Values: make([][]int64, 2)}
	var rows []labelled
	any := false
	for _, n := range names {
		d := find(r, n)
		if !d.Estimated {
			continue
		}
		rows = append(rows, labelled{name(n), d})
		chart.Labels = append(chart.Labels, name(n))
		chart.Values[0], chart.Values[1] = append(chart.Values[0], m.valueOf(d.Base)), append(chart.Values[1], m.valueOf(d.Reform))
		any = any || d.Base != 0 || d.Reform != 0
	}
	if !any {
		return html.Figure{}, false
	}
	_, table := p.dots(rows, m)
	table.Columns = slices.Delete(table.Columns, 4, 6)
	for i := range table.Rows {
		table.Rows[i] = slices.Delete(table.Rows[i], 4, 6)
	}
	return html.Figure{Title: title, Chart: chart, Table: table}, true
}

// ratios are the figures whose variance ratio is drawn.
var ratios = []string{"funds_fen", "funds_basic_fen", "funds_major_fen", "patients_fen", "patients_inpatient_fen", "patients_share_bp", "direct_rate_bp", "manual_claims"}

// sure is how sure the differences are, and the table of all figures.
func (p *comparison) sure(r *experiment.Reform, id string) html.Section {
	s := p.sub(r, id, "sure", words.T("How sure, and all figures", "可靠程度与全部指标"),
		words.T("The sampling interval comes from 64 random groups of patients: how far another draw of as many patients would be from this one. Seeds draw whole years anew, patients, illnesses and shocks: their interval is another thing, and the two are never added.",
			"抽样区间由 64 个随机患者组得出：再抽同样多的患者，结果会相差多少。换种子则重新抽取整年的患者、病情与冲击：其区间是另一回事，两者不可相加。"))
	s.Lead = words.F(words.T("%s Replications: %s.", "%s重复运行：%s。"), s.Lead, words.T(show.Ended(p.Comparison, words.English), show.Ended(p.Comparison, words.Chinese)))
	chart := &html.Bars{Unit: html.Counted(words.T("times", "倍")), Series: []html.Series{{Name: words.T("ratio", "方差比"), Colour: html.Green}}}
	behind := &html.Table{Columns: []html.Column{{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Unpaired ÷ paired", "独立 ÷ 配对"), Unit: html.Counted(words.Text{})}}}
	for _, n := range ratios {
		if d := find(r, n); d.Estimated && d.Ratio != nil {
			chart.Rows = append(chart.Rows, html.Row{Label: name(n), Values: []int64{rounded(*d.Ratio)}})
			behind.Rows = append(behind.Rows, []html.Cell{html.W(name(n)), html.W(timesText(*d.Ratio))})
		}
	}
	if len(chart.Rows) > 0 {
		s.Figures = append(s.Figures, html.Figure{Title: words.T("Variance ratio", "方差比"),
			Note:  words.T("How many times larger the variance of the difference would be between two independent samples of patients.", "若采用两个独立样本，差异的方差将是配对方差的多少倍。"),
			Chart: chart, Table: behind, Wide: true})
	}
	all := &html.Table{Columns: []html.Column{{Title: words.T("Figure", "指标"), Texts: true}, {Title: words.T("Base", "基准")}, {Title: words.T("Reform", "方案")}, {Title: words.T("Difference", "差异")}, {Title: words.T("95 % sampling interval", "95%抽样区间")}}}
	if p.seeded {
		all.Columns = append(all.Columns, html.Column{Title: words.F(words.T("Mean over %d seeds", "%d 个种子均值"), len(p.About.Seeds))}, html.Column{Title: words.T("95 % interval over seeds", "种子95%区间")})
	}
	all.Columns = append(all.Columns, html.Column{Title: words.T("Variance ratio", "方差比")})
	for i := range r.Figures {
		d := &r.Figures[i]
		if !d.Estimated {
			continue
		}
		m := measureOf(d.Name)
		line := []html.Cell{html.W(indented(d.Name)), html.W(words.F(words.Same("%s"), m.unit.Of(m.valueOf(d.Base)))), html.W(words.F(words.Same("%s"), m.unit.Of(m.valueOf(d.Reform)))),
			html.W(words.F(words.Same("%s"), m.change.Of(m.changeOf(d.Value)))), html.W(m.interval(d.Low, d.High))}
		if p.seeded {
			if x := d.Scenario; x != nil {
				line = append(line, html.W(words.F(words.Same("%s"), m.change.Of(m.changeOf(x.Mean)))), html.W(m.interval(&x.Low, &x.High)))
			} else {
				line = append(line, html.Cell{}, html.Cell{})
			}
		}
		ratio := words.Same("–")
		if d.Ratio != nil {
			ratio = timesText(*d.Ratio)
		}
		all.Rows = append(all.Rows, append(line, html.W(ratio)))
	}
	s.Figures = append(s.Figures, html.Figure{Title: words.T("All figures", "全部指标"), Table: all, Wide: true, Folded: true})
	return s
}
