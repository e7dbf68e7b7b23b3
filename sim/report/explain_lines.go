package report

import (
	"fmt"
	"slices"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// lineTable gathers the lines of the bill, so that their columns align.
type lineTable struct{ rows []lineRow }

// lineRow is a line, or the sum: its words, its amounts, and what is said below it.
type lineRow struct {
	number, day, class, item string
	amounts                  []money.Fen
	notes                    []string
	rules                    string
}

func (l *lineTable) line(t *telling, s *engine.Step, d *engine.LineSplit) {
	line := &d.Line
	var notes []string
	if d.Limit != 0 {
		limit := price(d.Limit) + t.values.mark(s, engine.ParamPriceLimit)
		if line.Price > d.Limit {
			note := t.say("over limit: price %s less %s, %s × %s = %s", "超限价：单价 %s 减限价 %s，%s × %s = %s",
				price(line.Price), limit, price(line.Price-d.Limit), trimmed(countOf(line.Count), 0), overText(d))
			if d.Capped {
				note += t.say(", but no more than the line", "，以本行金额为限")
			}
			notes = append(notes, note)
		} else {
			notes = append(notes, t.say("price %s within the limit %s", "单价 %s 未超过限价 %s", price(line.Price), limit))
		}
	}
	if line.Item == engine.ClassB && d.Refund == nil {
		rate := t.values.mark(s, engine.ParamPreSelfPay)
		if rate == "" {
			rate = t.say(" (the line's own rate)", "（明细自带比例）")
		}
		notes = append(notes, t.say("paid first: %s × %s%s = %s", "先行自付：%s × %s%s = %s", yuan(d.Base), share(d.Rate), rate, rounded(d.Exact, d.Parts.PreSelfPay)))
	}
	if d.Refund != nil {
		notes = append(notes, t.say("refund of line %d, which then has %s paid first and %s in scope", "第 %d 行的退费，退后该行先行自付 %s、政策范围内 %s",
			d.Refund.Original, yuan(d.Refund.Is.PreSelfPay), yuan(d.Refund.Is.InScope)))
	}
	l.rows = append(l.rows, lineRow{fmt.Sprint(d.Number), d.Day.String(), classWords[line.Class][t.lang], itemWords[line.Item][t.lang], amountsOf(line.Amount, d.Parts), notes, s.Rules})
}

func amountsOf(whole money.Fen, s engine.Split) []money.Fen {
	return []money.Fen{whole, s.OwnPay, s.OverLimit, s.PreSelfPay, s.InScope}
}

func (l *lineTable) total(t *telling, s *engine.Step, d *engine.LinesTotal) {
	l.rows = append(l.rows, lineRow{class: t.say("sum", "合计"), amounts: amountsOf(d.Fee, d.Parts), rules: s.Rules})
	l.flush(t)
}

// flush writes the table. A column for the day stands where not all lines are of the
// day of settlement. Where the table would be too wide, the day moves below its line,
// and then the amounts lose the commas between their digits.
func (l *lineTable) flush(t *telling) {
	if len(l.rows) == 0 {
		return
	}
	today := t.x.Claim.SettleDay.String()
	odd := slices.ContainsFunc(l.rows, func(r lineRow) bool { return r.day != "" && r.day != today })
	common := l.common()
	days, text := odd, l.columns(t, odd, yuan)
	if days && !l.fits(text, common, t.columns) {
		days, text = false, l.columns(t, false, yuan)
	}
	if !l.fits(text, common, t.columns) {
		text = l.columns(t, false, money.Fen.String)
	}
	if Width(text[0])+2+Width(common) > t.columns {
		t.wrapped("", "", common)
		common = ""
	}
	t.wrapped(text[0], "", common)
	for i, line := range text[1:] {
		r := &l.rows[i]
		notes := r.notes
		if odd && !days && r.day != today && r.day != "" {
			notes = append(notes, t.say("catalogue of %s", "按 %s 目录", r.day))
		}
		note, rules := strings.Join(notes, t.say("; ", "；")), r.rules
		if Width(line)+2+Width(rules) <= t.columns {
			t.wrapped(line, "", rules)
			rules = ""
		} else {
			t.b.WriteString(line + "\n")
		}
		if note != "" || rules != "" {
			t.wrapped("         ", note, rules)
		}
	}
	*l = lineTable{}
}

// common takes the rules that all lines follow from the lines and returns them.
func (l *lineTable) common() string {
	of := func(r lineRow) []string { return strings.Fields(r.rules) }
	all := of(l.rows[0])
	for _, r := range l.rows {
		if r.number != "" {
			all = slices.DeleteFunc(all, func(rule string) bool { return !slices.Contains(of(r), rule) })
		}
	}
	for i, r := range l.rows {
		if r.number != "" {
			l.rows[i].rules = strings.Join(slices.DeleteFunc(of(r), func(rule string) bool { return slices.Contains(all, rule) }), " ")
		}
	}
	return strings.Join(all, " ")
}

// fits reports whether the rules have room behind every row, or below it where
// something stands there anyway.
func (l *lineTable) fits(text []string, common string, columns int) bool {
	for i, line := range text {
		rules := common
		if i > 0 {
			rules = l.rows[i-1].rules
		}
		if rules != "" && (i == 0 || len(l.rows[i-1].notes) == 0) {
			rules = "  " + rules
		} else {
			rules = ""
		}
		if Width(line+rules) > columns {
			return false
		}
	}
	return true
}

// columns lays the rows out below their headings.
func (l *lineTable) columns(t *telling, days bool, write func(money.Fen) string) []string {
	heads := []string{t.say("line", "行"), t.say("day", "日期"), t.say("fee class", "费用类别"), t.say("class", "目录"), t.say("amount", "金额"),
		t.say("own-pay", "全自费"), t.say("over limit", "超限价"), t.say("paid first", "先行自付"), t.say("in scope", "政策范围内")}
	table := Table{Left: map[int]bool{1: true, 2: true, 3: days}}
	row := func(cells []string) {
		if !days {
			cells = slices.Delete(cells, 1, 2)
		}
		table.Row(cells...)
	}
	row(heads)
	for _, r := range l.rows {
		cells := []string{r.number, r.day, r.class, r.item}
		for _, amount := range r.amounts {
			cells = append(cells, write(amount))
		}
		row(cells)
	}
	lines := strings.Split(strings.TrimSuffix(table.Fit(t.columns-3), "\n"), "\n")
	for i := range lines {
		lines[i] = "   " + lines[i]
	}
	return lines
}
