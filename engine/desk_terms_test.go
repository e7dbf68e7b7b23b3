package engine_test

import (
	"fmt"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// eachTerms changes the terms of the schemes and months that a command names.
func (d *desk) eachTerms(a *arguments, change func(*engine.Terms)) string {
	scheme, one := -1, a.has("scheme")
	if one {
		scheme = index(a, "scheme", schemeNames)
	}
	from := 0
	if a.has("from") {
		m, err := day.ParseMonth(a.text("from", ""))
		a.must(err)
		from = int(m - deskFirst)
	}
	for m := from; m < deskMonths; m++ {
		for s := range d.terms[m] {
			if !one || s == scheme {
				change(&d.terms[m][s])
			}
		}
	}
	d.shard = nil
	return ""
}

func (d *desk) setTerms(a *arguments) string {
	if a.has("ceiling") && !a.has("kind") {
		ceiling := a.yuan("ceiling", 0)
		unfiled := a.flag("unfiled-direct")
		return d.eachTerms(a, func(t *engine.Terms) { t.Ceiling, t.UnfiledDirect = ceiling, unfiled })
	}
	kind := index(a, "kind", kindNames)
	var persons, levels []int
	if a.has("type") {
		persons = []int{index(a, "type", personTypeNames)}
	} else {
		persons = upTo(engine.NumPersonTypes)
	}
	if a.has("level") {
		levels = []int{index(a, "level", levelNames)}
	} else {
		levels = upTo(engine.NumLevels)
	}
	var changes []func(*engine.Benefit)
	each := func(set func(b *engine.Benefit, person, level int)) {
		changes = append(changes, func(b *engine.Benefit) {
			for _, p := range persons {
				for _, l := range levels {
					set(b, p, l)
				}
			}
		})
	}
	if a.has("deductible") {
		v := a.yuan("deductible", 0)
		each(func(b *engine.Benefit, p, l int) { b.Deductible[p][l] = v })
	}
	if a.has("ratio") {
		vs := a.percents("ratio")
		each(func(b *engine.Benefit, p, l int) {
			b.Ratio[p][l] = [engine.NumBrackets]money.BasisPoints(pad(vs, engine.NumBrackets))
		})
	}
	set := func(change func(*engine.Benefit)) { changes = append(changes, change) }
	if a.has("up-to") {
		vs := a.yuans("up-to")
		set(func(b *engine.Benefit) {
			b.BracketTop = [engine.NumBrackets - 1]money.Fen(pad(vs, engine.NumBrackets-1))
		})
	}
	if a.has("over") {
		v := engine.DeductibleMode(index(a, "over", []string{"visit", "year", "year-top-up", "quarter", "month", "hospital"}))
		set(func(b *engine.Benefit) { b.Mode = v })
	}
	if a.has("merge") {
		v := engine.MergeRule(index(a, "merge", []string{"none", "mid-stay", "transfers", "both"}))
		set(func(b *engine.Benefit) { b.Merge = v })
	}
	if a.has("senior-age") {
		age, points := uint8(a.number("senior-age", 0)), a.percents("senior-points")[0]
		set(func(b *engine.Benefit) { b.SeniorAge, b.SeniorPoints = age, points })
	}
	if a.has("later") {
		v := engine.LaterRule(index(a, "later", []string{"same", "half", "minus", "fixed", "none"}))
		amount, floor := a.yuan("amount", 0), a.yuan("floor", 0)
		set(func(b *engine.Benefit) { b.Later, b.LaterFen, b.LaterFloor = v, amount, floor })
	}
	if a.has("ceiling") {
		v := a.yuan("ceiling", 0)
		set(func(b *engine.Benefit) { b.Ceiling = v })
	}
	if a.flag("drop-applies") {
		set(func(b *engine.Benefit) { b.DropApplies = true })
	}
	return d.eachTerms(a, func(t *engine.Terms) {
		for _, change := range changes {
			change(&t.Benefits[kind])
		}
	})
}

// setDrop states what each filing kind's ratio is lowered by, in points.
func (d *desk) setDrop(a *arguments) string {
	for kind, name := range filingNames {
		if a.has(name) {
			points := a.percents(name)[0]
			d.eachTerms(a, func(t *engine.Terms) { t.Drop[kind] = points })
		}
	}
	return ""
}

func (d *desk) setLarge(a *arguments) string {
	x := engine.Large{Kinds: a.kinds(), Ratio: a.percents("ratio")[0], Ceiling: a.yuan("ceiling", 0)}
	return d.eachTerms(a, func(t *engine.Terms) { t.Large = x })
}

func (d *desk) setMajor(a *arguments) string {
	x := engine.Major{Kinds: a.kinds(), Start: a.yuan("start", 0), Ceiling: a.yuan("ceiling", 0),
		Ratio: [engine.NumBrackets]money.BasisPoints(pad(a.percents("ratio"), engine.NumBrackets))}
	if a.has("up-to") {
		x.Top = [engine.NumBrackets - 1]money.Fen(pad(a.yuans("up-to"), engine.NumBrackets-1))
	}
	return d.eachTerms(a, func(t *engine.Terms) { t.Major = x })
}

func (d *desk) setAid(a *arguments) string {
	x := engine.Aid{Kinds: a.kinds(), Ceiling: a.yuan("ceiling", 0)}
	for identity, name := range identityNames {
		if a.has(name) {
			x.Ratio[identity] = a.percents(name)[0]
		}
	}
	oneStop := a.flag("one-stop")
	return d.eachTerms(a, func(t *engine.Terms) { t.Aid, t.OneStop = x, oneStop })
}

// setSupplement states 公务员医疗补助 or 企业补充医疗保险, by the command's name.
func (d *desk) setSupplement(a *arguments) string {
	x := engine.Supplement{Kinds: a.kinds(), Ratio: a.percents("ratio")[0], Ceiling: a.yuan("ceiling", 0)}
	civil := a.td.Cmd == "civil"
	return d.eachTerms(a, func(t *engine.Terms) {
		if civil {
			t.Civil = x
		} else {
			t.Enterprise = x
		}
	})
}

func (d *desk) setCrossYear(a *arguments) string {
	x := engine.CrossWhole
	if a.flag("by-day") {
		x = engine.CrossByDay
	} else if !a.flag("whole") {
		a.t.Fatalf("%s: cross-year by-day or whole", a.td.Pos)
	}
	return d.eachTerms(a, func(t *engine.Terms) { t.CrossYear = x })
}

// setDiseases states the list of chronic diseases.
func (d *desk) setDiseases(a *arguments) string {
	var set engine.DiseaseSet
	for disease, name := range engine.DiseaseNames {
		if a.flag(name) {
			set |= 1 << disease
		}
	}
	return d.eachTerms(a, func(t *engine.Terms) { t.Diseases = set })
}

func (d *desk) setFilingRule(a *arguments) string {
	law, laws := 0, []engine.FilingRule{engine.FilingRule2019, engine.FilingRule2023}
	generation := a.has("law")
	if generation {
		law = index(a, "law", lawNames)
	}
	changes := []func(*engine.FilingRule){func(r *engine.FilingRule) {
		if generation {
			*r = laws[law]
		}
	}}
	if a.has("in-force") {
		v := engine.InForce(index(a, "in-force", []string{"either", "admission", "settlement"}))
		changes = append(changes, func(r *engine.FilingRule) { r.InForce = v })
	}
	if a.has("home") {
		v := engine.HomeReturn(index(a, "home", []string{"none", "referral", "local"}))
		changes = append(changes, func(r *engine.FilingRule) { r.HomeReturn = v })
	}
	return d.eachTerms(a, func(t *engine.Terms) {
		for _, change := range changes {
			change(&t.Filing)
		}
	})
}

// checkTerms holds the terms of the first month against the bounds of a generation,
// that in force where none is named.
func (d *desk) checkTerms(a *arguments) string {
	var b strings.Builder
	bounds := engine.Bounds2023
	if a.has("law") && index(a, "law", lawNames) == 0 {
		bounds = engine.Bounds2019
	}
	for _, fault := range d.terms[0][engine.Employee].Check(bounds) {
		fmt.Fprintln(&b, fault)
	}
	if b.Len() == 0 {
		return "within bounds"
	}
	return b.String()
}

// setCatalogue states what a province of treatment decides: the rate of 先行自付
// and price limits, for one fee class or for all.
func (d *desk) setCatalogue(a *arguments) string {
	province := uint32(a.number("province", 11))
	classes := upTo(engine.NumFeeClasses)
	if a.has("class") {
		classes = []int{a.number("class", 0) - 1}
	}
	from := 0
	if a.has("from") {
		m, err := day.ParseMonth(a.text("from", ""))
		a.must(err)
		from = int(m - deskFirst)
	}
	hasRate, hasLimit, rate := a.has("pre-self-pay"), a.has("limit"), money.BasisPoints(0)
	if hasRate {
		rate = a.percents("pre-self-pay")[0]
	}
	limit := a.price("limit")
	hasCase, caseOf := a.has("case"), engine.CaseByItem
	if hasCase {
		caseOf = engine.CaseMode(index(a, "case", []string{"item", "beside", "borne"}))
	}
	levels := upTo(engine.NumLevels)
	if a.has("level") {
		levels = []int{index(a, "level", levelNames)}
	}
	for m := from; m < deskMonths; m++ {
		c := d.catalogues[m][province]
		if hasCase {
			c.Case = caseOf
		}
		for _, class := range classes {
			if hasRate {
				c.PreSelfPay[class] = rate
			}
			for _, l := range levels {
				if hasLimit {
					c.Limit[class][l] = limit
				}
			}
		}
		d.catalogues[m][province] = c
	}
	d.shard = nil
	return ""
}
