package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kuasheng/engine"
	"kuasheng/sim/report/words"
)

// ExplainText tells a settlement step by step to a person, in lines of at most
// on.Columns: what speaks for and against it, how the lines divide, what each
// layer pays and by which rule and value, who pays, and where every value comes from.
func ExplainText(x *Explained, on Screen) string {
	t := &telling{x: x, lang: on.Lang, columns: on.Columns, values: valuesOf(x)}
	t.head()
	for i := range x.Steps {
		t.step(&x.Steps[i])
	}
	t.table.flush(t)
	t.origins()
	return t.b.String()
}

// telling is the text under way.
type telling struct {
	x       *Explained
	lang    words.Lang
	columns int
	values  *values
	b       strings.Builder
	part    chapter
	parts   int // begun
	year    int
	table   lineTable
}

// chapter is a part of the text; each has a heading.
type chapter int

const (
	noChapter chapter = iota
	checking
	dividing
	covering
	paying
	citing
)

var chapterWords = [...]both{
	checking: {"May it be settled?", "能否结算"},
	dividing: {"How the catalogue of the place of treatment divides the lines, in yuan (→ is rounded half-up)", "按就医地目录拆分明细，单位为元（→ 表示四舍五入）"},
	covering: {"What the policy of the insured place pays, in yuan", "按参保地政策计算待遇，单位为元"},
	paying:   {"Who pays, in yuan", "由谁支付，单位为元"},
	citing:   {"Where the values come from", "所用政策参数及出处"},
}

// say picks the language and fills in; the two formats take the same arguments.
func (t *telling) say(english, chinese string, args ...any) string {
	format := english
	if t.lang == words.Chinese {
		format = chinese
	}
	return fmt.Sprintf(format, args...)
}

func (t *telling) enter(c chapter) {
	if t.part == c {
		return
	}
	t.table.flush(t)
	t.part = c
	t.parts++
	t.b.WriteByte('\n')
	t.wrapped(fmt.Sprintf("%d  ", t.parts), chapterWords[c][t.lang], "")
}

// The columns of a row: a label, an amount, and a text; the rules stand at the end
// of the first line.
const (
	labelColumns  = 14
	amountColumns = 12
)

// row writes one step: a label, an amount or none, and a text that goes on below
// itself where it is long.
func (t *telling) row(label, amount, text, rules string) {
	pad := func(s string, columns int) string { return s + strings.Repeat(" ", max(0, columns-Width(s))) }
	if Width(amount) < amountColumns {
		amount = strings.Repeat(" ", amountColumns-Width(amount)) + amount
	}
	head := "   " + pad(label, labelColumns) + amount + "  "
	t.wrapped(head, text, rules)
}

// wrapped writes text behind head, broken at the last column and indented like its
// start, with the rules at the right end of the first line.
func (t *telling) wrapped(head, text, rules string) {
	indent := strings.Repeat(" ", Width(head))
	room := t.columns - Width(head)
	first, rest := breakAt(text, room-Width(rules)-2)
	line := head + first
	if rules != "" {
		line += strings.Repeat(" ", max(2, t.columns-Width(line)-Width(rules))) + rules
	}
	t.b.WriteString(strings.TrimRight(line, " ") + "\n")
	for rest != "" {
		first, rest = breakAt(rest, room)
		t.b.WriteString(indent + first + "\n")
	}
}

// breakAt cuts text so that its first part takes so many columns at most: at a
// blank, or before a wide character that no punctuation is.
func breakAt(text string, columns int) (first, rest string) {
	if Width(text) <= columns {
		return text, ""
	}
	width, cut := 0, 0
	for i, r := range text {
		if i > 0 && (r == ' ' || wide(r) && !strings.ContainsRune("，。；：、）”》", r)) {
			cut = i
		}
		if width += Width(string(r)); width > columns {
			break
		}
	}
	if cut == 0 {
		cut = strings.IndexByte(text, ' ')
		if cut < 0 {
			return text, ""
		}
	}
	return strings.TrimRight(text[:cut], " "), strings.TrimLeft(text[cut:], " ")
}

// head says whose bill it is and what became of it.
func (t *telling) head() {
	x := t.x
	c, r := &x.Claim, &x.Result
	status := t.say("%[1]s", "未予结算（%[1]s）", r.Status)
	switch {
	case r.Status == engine.Settled && r.ByHand:
		status = t.say("reimbursed by hand", "手工报销")
	case r.Status == engine.Settled:
		status = t.say("settled directly", "直接结算")
	}
	if x.TakenBack {
		status += t.say(", taken back later", "，后已撤销")
	}
	t.wrapped("", fmt.Sprintf("%s · %s", x.ID, status), "")
	pool := &x.World.Pools[c.Pool]
	person := personWords[c.PersonType][t.lang]
	if c.Age != 0 {
		person += t.say(", %d years", "，%d 岁", c.Age)
	}
	if c.Identity != engine.NotAided {
		person += t.say(", ", "，") + aidWords[c.Identity][t.lang]
	}
	t.wrapped("", t.say("Insured: %s %06d, %s; %s", "参保：%s %06d，%s；%s", pool.NameZH, pool.Code, schemeWords[c.Scheme][t.lang], person), "")
	care := careWords[c.Kind][t.lang]
	if c.Kind == engine.Chronic {
		care += t.say(" (%s)", "（%s）", diseaseWords[c.Disease][t.lang])
	}
	if c.Kind != engine.Pharmacy {
		care += t.say(", %s", "，%s", levelWords[c.Level][t.lang])
	}
	days := c.SettleDay.String()
	if c.AdmitDay != c.SettleDay {
		days = c.AdmitDay.String() + " – " + days
	}
	t.wrapped("", t.say("Treated: %s %06d; %s; %s", "就医：%s %06d；%s；%s", provinceName(x.World, int(c.Treating), t.lang), c.Area, care, days), "")
	if r.Status == engine.Settled {
		t.wrapped("", t.say("Result:  fee %s = funds %s + person %s + hospital %s", "结果：总额 %s = 基金 %s + 个人 %s + 医院 %s",
			yuan(r.Fee), yuan(r.FundSum()), yuan(r.PersonPart()), yuan(r.Hospital)), "")
	}
}

// step tells one step.
func (t *telling) step(s *engine.Step) {
	switch d := s.Detail.(type) {
	case engine.Check:
		t.check(s, &d)
	case engine.FilingChosen:
		t.filing(s, &d)
	case engine.OrdinaryInstead:
		t.enter(checking)
		t.wrapped("   → ", t.say("Settled as ordinary outpatient care, as the patient agreed: %s", "经患者同意按普通门诊结算：%s", t.refusal(d.Because)), s.Rules)
	case engine.LineSplit:
		t.enter(dividing)
		t.table.line(t, s, &d)
	case engine.LinesTotal:
		t.table.total(t, s, &d)
	case engine.YearDivision:
		t.enter(covering)
		t.row(t.say("Two years", "跨年分摊"), "", t.say("%s in scope over %d days, %d of them before 1 January: %s × %d ÷ %d → %s of %d; the rest, %s, of %d%s",
			"政策范围内 %s 分摊至 %d 天，1 月 1 日前 %d 天：%s × %d ÷ %d → %s 归 %d 年；其余 %s 归 %d 年%s",
			yuan(d.InScope), d.Days, d.DaysBefore, yuan(d.InScope), d.DaysBefore, d.Days, yuan(d.Before), d.BeforeYear, yuan(d.After), d.BeforeYear+1,
			t.values.mark(s, engine.ParamCrossYear)), s.Rules)
	default:
		t.fund(s)
	}
}

// refusal is the sentence of a status.
func (t *telling) refusal(s engine.Status) string {
	text := s.Text()
	return t.say("%[1]s", "%[2]s", text.English, text.Chinese)
}

func (t *telling) check(s *engine.Step, d *engine.Check) {
	t.enter(checking)
	words := &checkTexts[d.Refusal]
	if d.Passed {
		note := ""
		switch d.Refusal {
		case engine.StatusNotFiled:
			note = t.say(": %s, on %s", "：%s，%s 办结", filingWords[t.x.Claim.Filing.Kind][t.lang], t.x.Claim.Filing.Filed)
		case engine.StatusFiledElsewhere:
			note = t.say(": %06d", "：%06d", t.x.Claim.Filing.Dest)
		case engine.StatusFilingNotInForce:
			f := &t.x.Claim.Filing
			note = t.say(": %s to %s", "：%s 至 %s", f.From, until(f.To, t.lang))
		}
		for _, p := range s.Params {
			note += t.values.mark(s, p.Name)
		}
		t.wrapped("   ✓ ", words.holds[t.lang]+note, s.Rules)
		return
	}
	reason := t.refusal(d.Refusal)
	if d.Line != 0 {
		reason = t.say("Line %d: ", "第 %d 行：", d.Line) + reason
	}
	for _, p := range s.Params {
		reason += t.values.mark(s, p.Name)
	}
	t.table.flush(t)
	t.wrapped("   ✗ ", fmt.Sprintf("%s (%s)", reason, d.Refusal), s.Rules)
	if f := &t.x.Claim.Filing; d.Refusal >= engine.StatusNotFiled && d.Refusal <= engine.StatusCommitmentOpen && f.Kind != engine.Unfiled {
		t.wrapped("     ", t.onRecord(), "")
	}
	t.wrapped("     ", t.say("To settle: ", "如要结算：")+words.remedy[t.lang], "")
}

// onRecord tells the filing that the claim came with.
func (t *telling) onRecord() string {
	f := &t.x.Claim.Filing
	return t.say("On record: %s, by %s, for %06d, filed %s, in force %s to %s", "备案记录：%s，%s，就医地 %06d，%s 办结，有效期 %s 至 %s",
		filingWords[f.Kind][t.lang], basisWords[f.Basis][t.lang], f.Dest, f.Filed, f.From, until(f.To, t.lang))
}

func (t *telling) filing(s *engine.Step, d *engine.FilingChosen) {
	t.enter(checking)
	kind := filingWords[d.Kind][t.lang]
	var text string
	switch d.How {
	case engine.OnFile:
		text = t.say("Settled as filed: %s", "按备案类型结算：%s", kind)
	case engine.DeemedFiled:
		text = t.say("An emergency is deemed filed%s; settled as: %s", "急诊抢救视同已备案%s；按 %s 结算", t.values.mark(s, engine.ParamFilingKinds), kind)
	case engine.UnfiledAnyway:
		text = t.say("Settled without a filing, as this what-if says%s", "按本情景设定未备案亦可直接结算%s", t.values.mark(s, engine.ParamUnfiledDirect))
	case engine.UnfiledByHand:
		text = t.say("Reimbursed by hand at the drop of the unfiled: %s", "按未备案比例手工报销：%s", t.refusal(d.Otherwise))
	case engine.HomeFull:
		text = t.say("At home at the full local level%s; filed as %s", "返参保地按本地待遇结算%s；备案类型：%s", t.values.mark(s, engine.ParamHomeReturn), kind)
	case engine.HomeReferral:
		text = t.say("At home at the level of a referral%s", "返参保地按转诊待遇结算%s", t.values.mark(s, engine.ParamHomeReturn))
	}
	t.wrapped("   → ", text, s.Rules)
}

// origins lists the values with their dates and places, and below them the sources,
// which many values share, by letter.
func (t *telling) origins() {
	if len(t.values.all) == 0 {
		return
	}
	t.enter(citing)
	var sources []string
	for i := range t.values.all {
		v := &t.values.all[i]
		name := paramWords[v.Name][t.lang] + about(&v.Param, t.lang)
		if v.Month != t.x.Claim.SettleDay.Month() {
			name += t.say(" (%v)", "（%v）", v.Month)
		}
		head := fmt.Sprintf("%6s ", fmt.Sprintf("[%d]", v.number))
		text := name + t.say(": ", "：") + valueText(&v.Param, t.lang)
		p := &v.provenance
		if !v.known {
			t.wrapped(head, text, t.say("origin not known", "出处不明"))
			continue
		}
		from, rule := p.Source, p.Rule
		if t.lang == words.Chinese {
			from, rule = cmp.Or(p.SourceZH, from), cmp.Or(p.RuleZH, rule)
		}
		source := slices.Index(sources, from)
		if source < 0 {
			source = len(sources)
			sources = append(sources, from)
		}
		t.wrapped(head, text, t.say("since %s · %s · %s", "自 %s 起 · %s · %s", p.From, StatusNames(p.Status, t.lang), letter(source)))
		t.wrapped("       ", p.Path+" · "+p.Place, "")
		if rule != "" {
			if p.Written != "" {
				rule = t.say("written: %s; ", "原文：%s；", p.Written) + rule
			}
			t.wrapped("       ", rule, "")
		}
	}
	for i, source := range sources {
		t.wrapped(fmt.Sprintf("%6s ", letter(i)), source, "")
	}
}

// letter numbers sources: a, b, … z, aa, ab, …
func letter(i int) string {
	text := string(rune('a' + i%26))
	if i >= 26 {
		text = letter(i/26-1) + text
	}
	return text
}
