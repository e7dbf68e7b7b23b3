package report

import (
	"fmt"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

func countOf(c money.Count) decimal.Decimal { return decimal.New(int64(c), -4) }

// fund tells the steps of the insured place and of the payers.
func (t *telling) fund(s *engine.Step) {
	mark := func(names ...engine.ParamName) string { return t.values.mark(s, names...) }
	if s.Year != t.year && s.Year != 0 {
		t.enter(covering)
		fmt.Fprintf(&t.b, "   %s\n", t.say("— benefit year %d —", "—— %d 待遇年度 ——", s.Year))
	}
	t.year = s.Year
	switch d := s.Detail.(type) {
	case engine.DeductibleTaken:
		t.enter(covering)
		t.deductible(s, &d)
	case engine.Bracket:
		local := share(d.Local) + mark(engine.ParamRatio)
		ratio := t.say("%s local", "本地 %s", local)
		if d.Drop != 0 || len(mark(engine.ParamDrop)) > 0 {
			ratio += t.say(" less %s points", " 降低 %s 个百分点", points(d.Drop)+mark(engine.ParamDrop))
		} else {
			ratio += t.say(", no drop for this kind of care%s", "，该类别不下调%s", mark(engine.ParamDropApplies))
		}
		if d.Senior != 0 {
			ratio += t.say(" plus %s points for age", " 高龄提高 %s 个百分点", points(d.Senior)+mark(engine.ParamSeniorPoints, engine.ParamSeniorAge))
		}
		stretch := fmt.Sprintf("%s – %s", yuan(d.From), yuan(d.To))
		if edge := mark(engine.ParamBracketTop); edge != "" {
			stretch += t.say(", edge", "，段上限") + edge
		}
		t.row(t.say("Bracket %d", "第 %d 段", d.Number), "", t.say("%s: %s × %s = %s", "%s：%s × %s = %s", stretch, yuan(d.To-d.From), share(d.Ratio), exactYuan(d.Exact)), s.Rules)
		t.row("", "", t.say("%s = %s", "%s = %s", ratio, share(d.Ratio)), "")
	case engine.BasicShare:
		t.row(t.say("Rounded", "四舍五入"), yuan(d.Rounded), rounded(d.Exact, d.Rounded), s.Rules)
	case engine.CeilingCheck:
		t.ceiling(s, &d)
	case engine.MajorBurden:
		passed := t.say("not above", "未超过")
		if d.Passed {
			passed = t.say("above", "超过")
		}
		t.row(t.say("Burden", "年度负担"), "", t.say("%s in scope left to the person, %s before + %s: %s, %s the start line %s%s", "政策范围内个人负担：此前 %[2]s + 本次 %[3]s = %[4]s，%[5]s起付标准 %[6]s%[7]s",
			yuan(d.Burden), yuan(d.Before), yuan(d.Burden), yuan(d.After), passed, yuan(d.Start), mark(engine.ParamMajorStart)), s.Rules)
	case engine.MajorBracket:
		edge := mark(engine.ParamMajorTop)
		if edge != "" {
			edge = t.say(", edge", "，段上限") + edge
		}
		t.row(t.say("Bracket %d", "第 %d 段", d.Number), "", t.say("%s – %s%s: %s × %s%s = %s", "%s – %s%s：%s × %s%s = %s",
			yuan(d.From), yuan(d.To), edge, yuan(d.To-d.From), share(d.Ratio), mark(engine.ParamMajorRatio), exactYuan(d.Exact)), s.Rules)
	case engine.LayerPays:
		t.layer(s, &d)
	case engine.LayerIdle:
		note := ""
		for _, p := range s.Params {
			note += mark(p.Name)
		}
		t.row(layerWords[d.Layer][t.lang], yuan(0), idleTexts[d.Why][t.lang]+note, s.Rules)
	case engine.CaseCompared:
		t.enter(paying)
		text := t.say("case payment %s against the fee %s: %s%s", "病种支付 %s，项目费用 %s：%s%s", yuan(d.Payment), yuan(d.Fee), caseWords[d.Mode][t.lang], mark(engine.ParamCaseMode))
		if d.Hospital != 0 {
			text += t.say("; the hospital bears %s, out of the basic fund's %s, which then pays %s", "；医院负担 %s，从统筹基金 %s 中扣除，统筹支付 %s", yuan(d.Hospital), yuan(d.BasicWas), yuan(d.Now))
		}
		t.row(t.say("Case payment", "按病种付费"), yuan(d.Hospital), text, s.Rules)
	case engine.Payer:
		t.enter(paying)
		t.payer(s, &d)
	case engine.Sum:
		t.enter(paying)
		t.row(t.say("Fee", "费用总额"), yuan(d.Fee), t.say("= %s funds + %s person + %s hospital", "= 基金 %s + 个人 %s + 医院 %s",
			yuan(d.FundSum), yuan(d.PersonPart), yuan(d.Hospital)), s.Rules)
	}
}

func (t *telling) deductible(s *engine.Step, d *engine.DeductibleTaken) {
	label := t.say("Deductible", "起付标准")
	if !d.Covered {
		t.row(label, yuan(0), t.say("the fund pays nothing for this care, and no deductible is used up", "统筹基金不支付该类费用，不计起付标准"), s.Rules)
		return
	}
	text := t.say("standard %s%s, charged %s%s", "标准 %s%s，%s收取%s", yuan(d.Standard), t.values.mark(s, engine.ParamDeductible), modeWords[d.Mode][t.lang],
		t.values.mark(s, engine.ParamDeductibleMode))
	if d.Admission > 1 {
		text += t.say("; admission %d of the year: %s%s, %s", "；本年第 %d 次住院：%s%s，%s", d.Admission, laterWords[d.Later][t.lang],
			t.values.mark(s, engine.ParamLater, engine.ParamLaterAmount, engine.ParamLaterFloor), yuan(d.Charged))
	}
	switch {
	case d.Merged && d.Mode == engine.PerVisit:
		text += t.say("; the stay goes on, and its bills before were charged %s%s", "；与本次住院此前的结算合并，已收取 %s%s", yuan(d.Counted), t.values.mark(s, engine.ParamMerge))
	case d.GoesOn && d.Mode == engine.PerVisit:
		text += t.say("; the stay goes on, and each of its bills is charged%s", "；同一次住院的后续结算不合并，每次分别收取%s", t.values.mark(s, engine.ParamMerge))
	case d.Visited:
		text += t.say("; this hospital has charged its own this year", "；该医院本年已收取")
	case d.Mode == engine.PerYearTopUp:
		text += t.say("; %s charged this year before", "；本年此前已收取 %s", yuan(d.Counted))
	case d.Counted != 0 || periodWords[d.Mode][t.lang] != "":
		text += t.say("; %s counted %s before", "；%[2]s此前已计 %[1]s", yuan(d.Counted), periodWords[d.Mode][t.lang])
	}
	if d.Taken == d.InScope && d.Taken > 0 {
		text += t.say("; it takes all that is in scope", "；政策范围内费用全部计入起付标准")
	}
	text += t.say("; %s of %s in scope left", "；政策范围内 %[2]s 扣除后余 %[1]s", yuan(d.InScope-d.Taken), yuan(d.InScope))
	t.row(label, yuan(d.Taken), text, s.Rules)
}

func (t *telling) ceiling(s *engine.Step, d *engine.CeilingCheck) {
	text := t.say("ceiling %s%s a year, %s paid before", "年度限额 %s%s，此前已付 %s", yuan(d.Yearly), t.values.mark(s, engine.ParamCeiling), yuan(d.Paid))
	if d.KindYearly != 0 {
		text += t.say("; of this kind %s%s, %s paid before", "；该类别 %s%s，已付 %s", yuan(d.KindYearly), t.values.mark(s, engine.ParamKindCeiling), yuan(d.KindPaid))
	}
	text += t.say("; %s left", "；余 %s", yuan(d.Left))
	if d.Reached {
		text += t.say(", reached at %s in scope, %s lie above", "，政策范围内达 %s 时封顶，其上 %s", yuan(d.ReachedAt), yuan(d.Above))
	} else {
		text += t.say(", not reached", "，未封顶")
	}
	t.row(layerWords[engine.LayerBasic][t.lang], yuan(d.Amount), text, s.Rules)
}

func (t *telling) layer(s *engine.Step, d *engine.LayerPays) {
	mark := func(names ...engine.ParamName) string { return t.values.mark(s, names...) }
	ratio := mark(engine.ParamLargeRatio, engine.ParamCivilRatio, engine.ParamEnterpriseRatio, engine.ParamAidRatio)
	text := rounded(d.Exact, d.Rounded)
	if d.Ratio != 0 {
		text = t.say("%s × %s%s = %s", "%s × %s%s = %s", yuan(d.Base), share(d.Ratio), ratio, text)
	}
	ceiling := mark(engine.ParamLargeCeiling, engine.ParamMajorCeiling, engine.ParamCivilCeiling, engine.ParamEnterpriseCeiling, engine.ParamAidCeiling)
	if d.HasCeiling {
		text += t.say("; ceiling %s%s a year, %s paid before", "；年度限额 %s%s，此前已付 %s", yuan(d.Ceiling), ceiling, yuan(d.Used))
	}
	switch d.Bound {
	case engine.ByCeiling:
		text += t.say(", reached", "，已封顶")
	case engine.ByWhatIsLeft:
		text += t.say("; no more than the %s left in scope", "；以剩余政策范围内费用 %s 为限", yuan(d.Amount))
	}
	text += t.say("; %s are left", "；余 %s", yuan(d.Left))
	t.row(layerWords[d.Layer][t.lang], yuan(d.Amount), text, s.Rules)
}

func (t *telling) payer(s *engine.Step, d *engine.Payer) {
	var label, text string
	switch d.Source {
	case engine.FromAccount, engine.FromMutual:
		label = t.say("Account", "个人账户")
		if d.Source == engine.FromMutual {
			label = t.say("Relatives'", "家庭共济")
		}
		switch {
		case !d.Asked:
			text = t.say("not to be used", "未选择使用")
		default:
			text = t.say("holds %s; %s are to be paid", "余额 %s；应付 %s", yuan(d.Balance), yuan(d.Of))
		}
	case engine.InCash:
		label, text = t.say("Cash", "现金"), t.say("what is left", "其余部分")
	}
	t.row(label, yuan(d.Amount), text, s.Rules)
}
