package page

import (
	"cmp"
	"slices"
	"strconv"

	"kuasheng/sim"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// Stress is the page of an N−1 set: a section for each cause that the scenarios have,
// whatever it is.
func Stress(r *experiment.StressResult, about *About) *html.Page {
	// The pots of a sample are its own: nothing of them is multiplied.
	about.Seeds, about.Sample, about.Unexpanded = []uint64{r.Run.Seed}, r.Sample, true
	p := &stress{StressResult: r, about: about}
	page := &html.Page{
		Title: words.T("One province after the other", "逐省压力测试"), Banner: banner,
		Lead:     words.F(words.T("%s · %s · %s · each scenario hits one province and is held against the same year without it", "%s · %s · %s · 每个情形只冲击一个省，并与未受冲击的同一年比较"), about.Policies[0].title(), about.seeds(), about.sample()),
		Sections: []html.Section{p.key()},
	}
	for _, shock := range p.causes() {
		page.Sections = append(page.Sections, p.cause(shock))
	}
	page.Sections = append(page.Sections, p.pairs(), p.scenarios())
	return about.closed(page)
}

type stress struct {
	*experiment.StressResult
	about *About
}

// causes are what befalls provinces, in their own order.
func (p *stress) causes() (all []experiment.Shock) {
	for i := range p.Scenarios {
		if !slices.Contains(all, p.Scenarios[i].Shock) {
			all = append(all, p.Scenarios[i].Shock)
		}
	}
	slices.Sort(all)
	return all
}

func shockName(s experiment.Shock) words.Text {
	return words.T(show.ShockLabel(s, words.English), show.ShockLabel(s, words.Chinese))
}

// what says how hard a cause strikes, as far as the page knows it.
func (p *stress) what(s experiment.Shock) words.Text {
	switch s {
	case experiment.LatePayer:
		return words.F(words.T("The province pays its clearing %d working days beyond the timetable, every month.", "该省每月晚于时限 %d 个工作日划拨清算资金。"), p.LateDays)
	case experiment.SurgeOf:
		return words.F(words.T("%s more is settled in the province, %s.", "该省就医增加 %s，%s。"), html.Percent.Of(int64(p.SurgeBP)), p.Surged)
	case experiment.Down:
		return words.F(words.T("No bill of the province's insured, and none of its institutions, settles directly for %d days, the busiest of the year. Some patients wait, the others pay in full.", "该省参保人及定点机构在全年最繁忙的 %d 天内无法直接结算。部分患者等待恢复，其余全额垫付。"), p.DownDays)
	}
	return words.Text{}
}

var sampleRanking = words.T("This is a sample: its pairs of provinces swing more than whole ones, so pots run dry that would not, and the ranking is not that of the country. A full run (--sample 1) gives it.",
	"此为抽样：省对波动大于全量，会出现本不会有的缺口，排序不代表全国。全量运行（--sample 1）给出实际排序。")

func (p *stress) key() html.Section {
	d := &p.Baseline
	s := html.Section{ID: "key", Title: words.T("Key figures", "主要数字"), Lead: words.T("Of the year without any shock, and of the worst scenarios. Damage is what is worse than in that year.", "无冲击年份的数字及最严重的情形。损害为较该年的恶化程度。")}
	if p.about.sampled() {
		s.Notice = sampleRanking
	}
	s.Tiles = []html.Tile{
		html.NewTile(words.T("Scenarios", "情形"), html.Counted(words.Counter("个")).Of(int64(len(p.Scenarios))), words.F(words.T("%d causes, each province in turn", "%d 类冲击，逐省进行"), len(p.causes()))),
		html.NewTile(words.T("Baseline: own money", "基准：垫付自有资金"), html.MoneyDays.Of(d.OwnFenDays), words.F(words.T("%d days short in %d provinces", "%d 个缺口日，涉及 %d 个省份"), d.ShortDays, d.Provinces)),
		html.NewTile(words.T("Baseline: clearing waits", "基准：清算待收"), html.MoneyDays.Of(d.WaitFenDays), words.F(words.T("%s came late", "逾期到账 %s"), html.Money.Of(int64(d.LateFen)))),
		html.NewTile(words.T("Baseline: institutions wait", "基准：机构回款"), html.Days.Of(rounded(d.ReceivableDays*100)), words.Text{}),
	}
	dry := 0
	for i := range p.Scenarios {
		if p.Scenarios[i].Damage.ShortDays > 0 {
			dry++
		}
	}
	s.Tiles = append(s.Tiles, html.NewTile(words.T("Scenarios that empty a pot", "造成缺口的情形"), html.Counted(words.Counter("个")).Of(int64(dry)), words.F(words.T("of %d: more days short than without the shock", "共 %d 个：缺口日多于无冲击时"), len(p.Scenarios))))
	for _, shock := range p.causes() {
		worst, found := p.worst(shock)
		if !found {
			continue
		}
		if o := worst.Outage; o != nil {
			s.Tiles = append(s.Tiles, html.Tile{Name: words.F(words.T("Worst if it %s", "最严重：%s"), shockName(shock)), Value: p.struck(worst),
				Note: words.F(words.T("%s met it\npaid in full %s", "%s遇停机\n全额垫付 %s"), html.Counted(words.T("bills", "笔")).Of(o.Bills), html.Money.Of(int64(o.InFullFen)))})
			continue
		}
		s.Tiles = append(s.Tiles, html.Tile{Name: words.F(words.T("Worst if it %s", "最严重：%s"), shockName(shock)), Value: p.struck(worst),
			Note: words.F(words.T("own money %s\nclearing waits %s", "垫付自有资金 %s\n清算待收 %s"), html.MoneyDays.Signed().Of(worst.Damage.OwnFenDays), html.MoneyDays.Signed().Of(worst.Damage.WaitFenDays))})
	}
	return s
}

// worst is the first of a cause in the ranking, of outages in their own.
func (p *stress) worst(shock experiment.Shock) (*experiment.Stressed, bool) {
	if down := p.ByOutage(); shock == experiment.Down && len(down) > 0 {
		return down[0], true
	}
	i := slices.IndexFunc(p.Scenarios, func(s experiment.Stressed) bool { return s.Shock == shock })
	if i < 0 {
		return nil, false
	}
	return &p.Scenarios[i], true
}

func (p *stress) struck(s *experiment.Stressed) words.Text {
	return html.ProvinceName(p.World, s.Province)
}

// damages are the kinds of damage that are ranked.
var damages = []struct {
	title words.Text
	unit  html.Unit
	of    func(s *experiment.Stressed) int64
	// clearing is damage of what is cleared, which an outage lessens by a trifle.
	clearing bool
}{
	{words.T("Patients pay in full", "患者全额垫付"), html.Money.Signed(), ofOutage(func(o *experiment.OutageDamage) int64 { return int64(o.InFullFen) }), false},
	{words.T("Bills that met the outage", "遇停机的结算"), html.Cases.Signed(), ofOutage(func(o *experiment.OutageDamage) int64 { return o.Bills }), false},
	{words.T("Bills that waited for its end", "等待恢复的结算"), html.Cases.Signed(), ofOutage(func(o *experiment.OutageDamage) int64 { return o.Waited }), false},
	{words.T("Funds pay by hand later", "事后手工报销"), html.Money.Signed(), ofOutage(func(o *experiment.OutageDamage) int64 { return int64(o.ByHandFen) }), false},
	{words.T("Clearing waits longer", "清算待收增加"), html.MoneyDays.Signed(), func(s *experiment.Stressed) int64 { return s.Damage.WaitFenDays }, true},
	{words.T("Own money put in", "垫付自有资金增加"), html.MoneyDays.Signed(), func(s *experiment.Stressed) int64 { return s.Damage.OwnFenDays }, false},
	{words.T("Days with a dry pot", "缺口日增加"), html.Counted(words.T("days", "天")).Signed(), func(s *experiment.Stressed) int64 { return int64(s.Damage.ShortDays) }, false},
	{words.T("Clearing comes late", "逾期清算增加"), html.Money.Signed(), func(s *experiment.Stressed) int64 { return int64(s.Damage.LateFen) }, true},
}

// outageDamages of the damages are those of patients; no other cause has any.
const outageDamages = 4

// ofOutage is 0 of scenarios that are none.
func ofOutage(of func(o *experiment.OutageDamage) int64) func(s *experiment.Stressed) int64 {
	return func(s *experiment.Stressed) int64 {
		if s.Outage == nil {
			return 0
		}
		return of(s.Outage)
	}
}

// cause is the ranking of the provinces under one cause.
func (p *stress) cause(shock experiment.Shock) html.Section {
	s := html.Section{ID: "cause-" + strconv.Itoa(int(shock)), Title: words.F(words.T("If a province %s", "假如一省：%s"), shockName(shock)), Lead: p.what(shock)}
	var none []words.Text
	for i, d := range damages {
		if i < outageDamages && shock != experiment.Down {
			continue
		}
		chart := &html.Dots{Unit: d.unit, Series: []html.Series{{Name: d.title, Colour: html.Vermillion}}}
		table := &html.Table{Columns: []html.Column{{Title: words.T("Province", "省份"), Texts: true}, {Title: d.title, Unit: d.unit}}}
		zero, worse := 0, false
		for i := range p.Scenarios {
			x := &p.Scenarios[i]
			if x.Shock != shock {
				continue
			}
			v := d.of(x)
			if v == 0 {
				zero++
				continue
			}
			worse = worse || v > 0
			chart.Rows = append(chart.Rows, html.Row{Label: p.struck(x), Values: []int64{v}, Low: v, High: v})
		}
		if shock == experiment.Down && (d.clearing || !worse) {
			continue
		}
		if len(chart.Rows) == 0 {
			none = append(none, d.title)
			continue
		}
		slices.SortStableFunc(chart.Rows, func(a, b html.Row) int { return cmp.Compare(b.Values[0], a.Values[0]) })
		for _, r := range chart.Rows {
			table.Rows = append(table.Rows, []html.Cell{html.W(r.Label), html.N(r.Values[0])})
		}
		note := words.T("Over the year without the shock, by the province that it befalls.", "较无冲击年份的增量，按受冲击省。")
		if zero > 0 {
			note = words.F(words.T("%s %d provinces change nothing here and are left out.", "%s另有 %d 个省份无变化，未列。"), note, zero)
		}
		s.Figures = append(s.Figures, html.Figure{Title: d.title, Note: note, Chart: chart, Table: table})
	}
	// Charts of one height stand side by side.
	slices.SortStableFunc(s.Figures, func(a, b html.Figure) int { return cmp.Compare(len(b.Table.Rows), len(a.Table.Rows)) })
	if len(none) > 0 {
		s.Notice = words.F(words.T("Whichever province it befalls, nothing changes in: %s.", "无论哪个省受冲击，以下各项均无变化：%s。"), words.Joined(none, words.T("; ", "；")))
	}
	if shock != experiment.Down {
		s.Figures = append(s.Figures, p.spread(shock)...)
	}
	return s
}

// arrows and pairs that are shown.
const (
	arrowsDrawn = 24
	pairsDrawn  = 16
	pairsListed = 80
)

// waitUnit is that of the matrix, whose classes are powers of ten of it.
var waitUnit = html.Counted(words.T("million yuan × days", "百万元×天"))

func inMillions(fen int64) int64 {
	if fen <= 0 {
		return 0
	}
	return max(1, rounded(float64(fen)/1e8))
}

// spread shows how far a cause reaches into other provinces: as a matrix and on the map.
// There is nothing to show of one that stays where it strikes.
func (p *stress) spread(shock experiment.Shock) (all []html.Figure) {
	w := p.World
	n := len(w.Provinces)
	values := make([][]int64, n)
	for i := range values {
		values[i] = make([]int64, n)
	}
	most, reaches := int64(0), false
	place := &html.Map{Unit: html.MoneyDays, PlacesAre: words.T("wait caused by the province", "该省造成的待收"), ArrowsAre: words.T("the places of treatment that wait longest for it", "因此等待最久的就医省")}
	for i := range w.Provinces {
		at := &w.Provinces[i]
		place.Places = append(place.Places, html.Place{Short: html.ShortName(w, i), Name: html.ProvinceName(w, i), Latitude: at.Latitude, Longitude: at.Longitude})
	}
	var arrows []html.Arrow
	for i := range p.Pairs {
		x := &p.Pairs[i]
		if x.Shock != shock || x.WaitFenDays <= 0 {
			continue
		}
		cause, victim := x.Places()
		values[cause][victim] = inMillions(x.WaitFenDays)
		most = max(most, values[cause][victim])
		place.Places[cause].Value += x.WaitFenDays
		if cause != victim {
			reaches = true
			arrows = append(arrows, html.Arrow{From: cause, To: victim, Value: x.WaitFenDays})
		}
	}
	if !reaches {
		return nil
	}
	slices.SortStableFunc(arrows, func(a, b html.Arrow) int { return cmp.Compare(b.Value, a.Value) })
	place.Arrows = arrows[:min(arrowsDrawn, len(arrows))]
	heat := &html.Heat{RowsAre: words.T("cause", "起因省"), ColumnsAre: words.T("who waits", "等待的就医省"), Unit: waitUnit, Values: values, From: html.Decades(most)}
	table := &html.Table{Columns: []html.Column{{Title: words.T("Cause", "起因省"), Texts: true}}, OneScale: true}
	for i := range w.Provinces {
		heat.Rows = append(heat.Rows, html.ShortName(w, i))
		table.Columns = append(table.Columns, html.Column{Title: html.ProvinceName(w, i), Unit: waitUnit})
		line := []html.Cell{html.W(html.ProvinceName(w, i))}
		for j, v := range values[i] {
			if i == j && v == 0 {
				values[i][j] = html.None
			}
			line = append(line, html.N(values[i][j]))
		}
		table.Rows = append(table.Rows, line)
	}
	heat.Columns = heat.Rows
	all = append(all, html.Figure{Title: words.T("Who waits because of whom", "谁因谁而等待"), Note: words.T("Clearing that waits longer, over the year without the shock; each step of the colour is ten times more.", "较无冲击年份增加的清算待收；颜色每深一级，数值多十倍。"), Chart: heat, Table: table})
	list := &html.Bars{Unit: html.MoneyDays, Series: []html.Series{{Name: words.T("wait", "待收"), Colour: html.Vermillion}}}
	listed := &html.Table{Columns: []html.Column{{Title: words.T("Cause", "起因省"), Texts: true}, {Title: words.T("Who waits", "等待的就医省"), Texts: true}, {Title: words.T("Clearing waits", "清算待收"), Unit: html.MoneyDays}}}
	for i, a := range arrows[:min(pairsListed, len(arrows))] {
		from, to := html.ProvinceName(w, a.From), html.ProvinceName(w, a.To)
		if i < pairsDrawn {
			list.Rows = append(list.Rows, html.Row{Label: words.F(words.Same("%s → %s"), from, to), Values: []int64{a.Value}})
		}
		listed.Rows = append(listed.Rows, []html.Cell{html.W(from), html.W(to), html.N(a.Value)})
	}
	all = append(all, html.Figure{Title: words.T("The pairs that wait longest", "等待最久的省对"), Note: words.T("From the province that is struck to the place of treatment that waits for its money.", "受冲击省 → 等待其资金的就医省。"), Chart: list, Table: listed})
	if slices.ContainsFunc(w.Provinces, func(p sim.Province) bool { return p.Longitude != 0 }) {
		mapped := &html.Table{Columns: []html.Column{{Title: words.T("Province", "省份"), Texts: true}, {Title: words.T("Wait it causes", "造成的待收"), Unit: html.MoneyDays}}}
		for i := range place.Places {
			mapped.Rows = append(mapped.Rows, []html.Cell{html.W(place.Places[i].Name), html.N(place.Places[i].Value)})
		}
		all = append(all, html.Figure{Title: words.T("How far it reaches, on the map", "波及范围（示意图）"), Note: words.T("Provinces stand at their capitals, without borders. An arrow runs from the cause to who waits.", "各省以省会位置表示，不绘边界。箭头自起因省指向等待的就医省。"), Chart: place, Table: mapped, Wide: true})
	}
	return all
}

// pairs are the pairs that are hit hardest, by own money and then by waiting.
func (p *stress) pairs() html.Section {
	table := &html.Table{Columns: []html.Column{
		{Title: words.T("Cause", "起因省"), Texts: true}, {Title: words.T("What", "情形"), Texts: true}, {Title: words.T("Hits", "受影响省"), Texts: true}, {Title: words.T("Own money", "垫付自有资金"), Unit: html.MoneyDays.Signed()},
		{Title: words.T("Days short", "缺口日"), Unit: html.Number.Signed()}, {Title: words.T("Clearing waits", "清算待收"), Unit: html.MoneyDays.Signed()}, {Title: words.T("Late", "逾期"), Unit: html.Money.Signed()}}}
	for i := range p.Pairs[:min(pairsListed, len(p.Pairs))] {
		x := &p.Pairs[i]
		cause, victim := x.Places()
		table.Rows = append(table.Rows, []html.Cell{html.W(html.ProvinceName(p.World, cause)), html.W(shockName(x.Shock)), html.W(html.ProvinceName(p.World, victim)),
			html.N(x.OwnFenDays), html.N(int64(x.ShortDays)), html.N(x.WaitFenDays), html.N(int64(x.LateFen))})
	}
	if len(p.Pairs) > pairsListed {
		table.More = words.F(words.T("The %d worst of %d pairs; all are in pairs.csv.", "为 %[2]d 对中最严重的 %[1]d 对；全部见 pairs.csv。"), pairsListed, len(p.Pairs))
	}
	return html.Section{ID: "pairs", Title: words.T("Who is hit by whom", "谁冲击谁"), Lead: words.T("Every pair of a cause and a place of treatment that fares worse, by own money and then by waiting.", "起因省与因此恶化的就医省，先按垫付自有资金、再按待收排序。"),
		Figures: []html.Figure{{Title: words.T("Pairs, the worst first", "省对（自最严重起）"), Table: table, Wide: true, Folded: len(p.Pairs) > 20}}}
}

// scenarios is the table of the N−1 set.
func (p *stress) scenarios() html.Section {
	table := &html.Table{Columns: []html.Column{
		{Title: words.T("Province", "省份"), Texts: true}, {Title: words.T("What", "情形"), Texts: true}, {Title: words.T("Own money", "垫付自有资金"), Unit: html.MoneyDays.Signed()}, {Title: words.T("Days short", "缺口日"), Unit: html.Number.Signed()},
		{Title: words.T("Short in", "缺口省份"), Unit: html.Number.Signed()}, {Title: words.T("Deepest", "最深缺口"), Unit: html.Money.Signed()}, {Title: words.T("Clearing waits", "清算待收"), Unit: html.MoneyDays.Signed()},
		{Title: words.T("Late", "逾期"), Unit: html.Money.Signed()}, {Title: words.T("Never paid", "未付"), Unit: html.Money.Signed()}, {Title: words.T("Institutions wait", "机构回款"), Unit: html.Days.Signed()}}}
	for i := range p.Scenarios {
		x := &p.Scenarios[i]
		d := &x.Damage
		table.Rows = append(table.Rows, []html.Cell{html.W(p.struck(x)), html.W(shockName(x.Shock)), html.N(d.OwnFenDays), html.N(int64(d.ShortDays)), html.N(int64(d.Provinces)),
			html.N(int64(d.Deepest)), html.N(d.WaitFenDays), html.N(int64(d.LateFen)), html.N(int64(d.OverdueFen)), html.N(rounded(d.ReceivableDays * 100))})
	}
	return html.Section{ID: "scenarios", Title: words.T("All scenarios", "全部情形"), Lead: words.T("The N−1 set, the worst first: by own money, then by waiting. All figures are over the year without the shock.", "逐省情形全表，自最严重起：先按垫付自有资金，再按待收。各数均为较无冲击年份的增量。"),
		Figures: []html.Figure{{Title: words.T("Scenarios, ranked", "情形排序"), Table: table, Wide: true}}}
}
