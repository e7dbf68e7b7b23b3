package engine

import "kuasheng/engine/money"

// funds walks through what Terms.funds does for one benefit year.
func (w *walk) funds(p *PersonYear, annex *yearAnnex, r *Result) {
	drop := w.deductible(p, annex, r)
	basic, above := w.basic(drop, p, r)
	left := r.InScope - basic
	r.Funds[LayerBasic] = basic
	left -= w.large(above, left, p, r)
	left -= w.major(left, p, r)
	left -= w.supplement(left, p, r)
	w.aid(left, p, r)
}

// deductible takes the deductible off the in-scope amount and returns what is taken
// off the ratio for the filing and the age.
func (w *walk) deductible(p *PersonYear, annex *yearAnnex, r *Result) (drop money.BasisPoints) {
	t, x, c := w.part.terms, w.part.bill, &w.claim
	b := &t.Benefits[x.kind]
	b.admit(c, x, p, r)
	due, goesOn := b.deductibleDue(c, x, r, p, annex), r.before.goesOn
	r.Deductible = min(r.InScope, due)
	standard := b.Deductible[c.PersonType][c.Level]
	d := DeductibleTaken{
		Mode: b.Mode, Standard: standard, Charged: standard, GoesOn: goesOn, Merged: goesOn && b.shares(c), InScope: r.InScope, Taken: r.Deductible,
		Covered: b.Ratio[c.PersonType][c.Level] != [NumBrackets]money.BasisPoints{},
	}
	params := []Param{w.policy(ParamDeductible, int64(standard)), w.policy(ParamDeductibleMode, int64(b.Mode))}
	rules := "C2"
	switch {
	case !d.Covered:
		params = nil
	case b.Mode == PerHospital:
		d.Visited = annex.visited(c, bucketOf[x.kind])
	case b.Mode != PerVisit:
		d.Counted = p.counted(bucketOf[x.kind], b.Mode.period(x.month))
	case x.kind == Inpatient:
		if goesOn {
			rules += " X21"
			params = append(params, w.policy(ParamMerge, int64(b.Merge)))
		}
		if d.Merged {
			d.Counted = money.Fen(*annex.chargedFor(r.Visit))
		}
		d.Admission, d.Later = int(r.Visit), b.Later
		if d.Charged = b.later(standard, r.Visit-1); r.Visit > 1 {
			rules += " X22"
			params = append(params, w.policy(ParamLater, int64(b.Later)))
			if b.Later == LaterMinus || b.Later == LaterFixed {
				params = append(params, w.policy(ParamLaterAmount, int64(b.LaterFen)))
			}
			if b.Later == LaterMinus {
				params = append(params, w.policy(ParamLaterFloor, int64(b.LaterFloor)))
			}
		}
	}
	if r.InScope < due {
		rules += " X23"
	}
	w.step(rules+" I8", d, params...)

	if b.DropApplies {
		drop = t.Drop[x.filing]
	}
	return drop
}

// basic walks up the brackets and stops at the ceiling; above is the in-scope amount
// beyond the point where the ceiling is reached.
func (w *walk) basic(drop money.BasisPoints, p *PersonYear, r *Result) (basic, above money.Fen) {
	t, x, c := w.part.terms, w.part.bill, &w.claim
	b := &t.Benefits[x.kind]
	var senior money.BasisPoints
	if b.SeniorAge != 0 && c.Age >= b.SeniorAge {
		senior = b.SeniorPoints
	}
	ratios, from, to := &b.Ratio[c.PersonType][c.Level], r.Deductible, r.InScope
	r.Ratio = b.cover(ratios, drop-senior, from, to).ratio
	var exact int64
	low := money.Fen(0)
	for i, local := range ratios {
		top, topped := to, false
		if i < len(b.BracketTop) && b.BracketTop[i] != 0 {
			top, topped = min(to, b.BracketTop[i]), true
		}
		if start := max(low, from); top > start {
			d := Bracket{Number: i + 1, From: start, To: top, Local: local, Drop: drop, Senior: senior, Ratio: less(local, drop-senior)}
			d.Exact = b.cover(ratios, drop-senior, start, top).product
			exact += d.Exact
			ratio := w.policy(ParamRatio, int64(local))
			ratio.Bracket = i
			params := []Param{ratio}
			if topped {
				edge := w.policy(ParamBracketTop, int64(b.BracketTop[i]))
				edge.Bracket = i
				params = append(params, edge)
			}
			rules := "C2 C5"
			if !b.DropApplies {
				params = append(params, w.policy(ParamDropApplies, 0))
			} else {
				taken := w.policy(ParamDrop, int64(drop))
				taken.Filing = x.filing
				params = append(params, taken)
				if !x.filing.LongTerm() {
					rules = "C2 C6"
				}
			}
			if senior != 0 {
				params = append(params, w.policy(ParamSeniorPoints, int64(senior)), w.policy(ParamSeniorAge, int64(b.SeniorAge)))
			}
			w.step(rules, d, params...)
		}
		if low = top; top == to {
			break
		}
	}
	basic = money.RoundHalfUp(exact)
	w.step("C2 X26", BasicShare{Exact: exact, Rounded: basic})

	d := CeilingCheck{Yearly: t.Ceiling, Paid: p.basicPaid(), KindYearly: b.Ceiling, Share: basic}
	params := []Param{w.policy(ParamCeiling, int64(t.Ceiling))}
	d.Left = d.Yearly - d.Paid
	if b.Ceiling != 0 {
		d.KindPaid = money.Fen(p.paid[bucketOf[x.kind]])
		d.Left = min(d.Left, d.KindYearly-d.KindPaid)
		params = append(params, w.policy(ParamKindCeiling, int64(b.Ceiling)))
	}
	d.Left = max(0, d.Left)
	r.CeilingLeft = d.Left
	if basic > d.Left {
		basic, d.Reached = d.Left, true
		d.ReachedAt = b.reach(ratios, drop-senior, from, to, d.Left)
		above = to - d.ReachedAt
		d.Above = above
	}
	d.Amount = basic
	w.step("C2 X24", d, params...)
	return basic, above
}

// large is 大额, which pays on what lies above the point where the ceiling of the
// basic fund is reached.
func (w *walk) large(above, left money.Fen, p *PersonYear, r *Result) money.Fen {
	t := w.part.terms
	switch kinds := w.policy(ParamLargeKinds, int64(t.Large.Kinds)); {
	case t.Large.Ratio == 0:
		return w.idle(LayerLarge, NotProvided)
	case !t.Large.Kinds.Has(w.part.bill.kind):
		return w.idle(LayerLarge, NotForKind, kinds)
	case r.Funds[LayerBasic] < r.CeilingLeft || above == 0:
		return w.idle(LayerLarge, CeilingNotReached)
	}
	d := LayerPays{Layer: LayerLarge, Base: above, Ratio: t.Large.Ratio, HasCeiling: true, Ceiling: t.Large.Ceiling, Used: money.Fen(p.large)}
	return w.pays(d, left, r, w.policy(ParamLargeRatio, int64(t.Large.Ratio)), w.policy(ParamLargeCeiling, int64(t.Large.Ceiling)))
}

// major is 大病, which pays on the year's burden above its start line.
func (w *walk) major(burden money.Fen, p *PersonYear, r *Result) money.Fen {
	t := w.part.terms
	m := &t.Major
	switch {
	case m.Ratio == [NumBrackets]money.BasisPoints{}:
		return w.idle(LayerMajor, NotProvided)
	case !m.Kinds.Has(w.part.bill.kind):
		return w.idle(LayerMajor, NotForKind, w.policy(ParamMajorKinds, int64(m.Kinds)))
	}
	before := money.Fen(p.majorBase)
	after := before + burden
	r.MajorBase = burden
	w.step("C2", MajorBurden{Burden: burden, Before: before, After: after, Start: m.Start, Passed: after > m.Start}, w.policy(ParamMajorStart, int64(m.Start)))
	if after <= m.Start {
		return w.idle(LayerMajor, BelowStart)
	}
	d := LayerPays{Layer: LayerMajor, Base: burden, HasCeiling: m.Ceiling != 0, Ceiling: m.Ceiling, Used: money.Fen(p.major)}
	low := m.Start
	for i, ratio := range m.Ratio {
		top, topped := after, false
		if i < len(m.Top) && m.Top[i] != 0 {
			top, topped = min(after, m.Top[i]), true
		}
		if start := max(low, before); top > start {
			bracket := MajorBracket{Number: i + 1, From: start, To: top, Ratio: ratio, Exact: m.upTo(top) - m.upTo(start)}
			d.Exact += bracket.Exact
			read := w.policy(ParamMajorRatio, int64(ratio))
			read.Bracket = i
			params := []Param{read}
			if topped {
				edge := w.policy(ParamMajorTop, int64(m.Top[i]))
				edge.Bracket = i
				params = append(params, edge)
			}
			w.step("C2", bracket, params...)
		}
		low = max(low, top)
		if top == after {
			break
		}
	}
	var params []Param
	if d.HasCeiling {
		params = append(params, w.policy(ParamMajorCeiling, int64(m.Ceiling)))
	}
	return w.pays(d, burden, r, params...)
}

// supplement is 公务员医疗补助 or 企业补充医疗保险, of which a person has one at most.
func (w *walk) supplement(left money.Fen, p *PersonYear, r *Result) money.Fen {
	t, c := w.part.terms, &w.claim
	layer, s := LayerCivil, &t.Civil
	kinds, ratio, ceiling := ParamCivilKinds, ParamCivilRatio, ParamCivilCeiling
	switch {
	case c.Flags&(FlagCivilServant|FlagEnterprise) == 0:
		w.idle(LayerCivil, NotMember)
		return w.idle(LayerEnterprise, NotMember)
	case c.Flags&FlagCivilServant == 0:
		layer, s = LayerEnterprise, &t.Enterprise
		kinds, ratio, ceiling = ParamEnterpriseKinds, ParamEnterpriseRatio, ParamEnterpriseCeiling
	}
	switch {
	case !s.Kinds.Has(w.part.bill.kind):
		return w.idle(layer, NotForKind, w.policy(kinds, int64(s.Kinds)))
	case s.Ratio == 0:
		return w.idle(layer, NotProvided, w.policy(ratio, 0))
	}
	d := LayerPays{Layer: layer, Base: left, Ratio: s.Ratio, HasCeiling: true, Ceiling: s.Ceiling, Used: money.Fen(p.supplement)}
	return w.pays(d, left, r, w.policy(ratio, int64(s.Ratio)), w.policy(ceiling, int64(s.Ceiling)))
}

// aid is 医疗救助.
func (w *walk) aid(left money.Fen, p *PersonYear, r *Result) {
	t, c := w.part.terms, &w.claim
	switch {
	case c.Identity == NotAided:
		w.idle(LayerAid, NoIdentity)
		return
	case !t.OneStop:
		w.idle(LayerAid, NoOneStop, w.policy(ParamOneStop, 0))
		return
	case !t.Aid.Kinds.Has(w.part.bill.kind):
		w.idle(LayerAid, NotForKind, w.policy(ParamAidKinds, int64(t.Aid.Kinds)))
		return
	}
	ratio := w.policy(ParamAidRatio, int64(t.Aid.Ratio[c.Identity]))
	ratio.Identity = c.Identity
	if t.Aid.Ratio[c.Identity] == 0 {
		w.idle(LayerAid, NotProvided, ratio)
		return
	}
	d := LayerPays{Layer: LayerAid, Base: left, Ratio: t.Aid.Ratio[c.Identity], HasCeiling: true, Ceiling: t.Aid.Ceiling, Used: money.Fen(p.aid)}
	w.pays(d, left, r, ratio, w.policy(ParamAidCeiling, int64(t.Aid.Ceiling)))
}

func (w *walk) idle(layer Layer, why Idle, params ...Param) money.Fen {
	w.step("A9", LayerIdle{Layer: layer, Why: why}, params...)
	return 0
}

// pays rounds a layer's share and keeps it within the ceiling and what is left of the
// bill in scope.
func (w *walk) pays(d LayerPays, left money.Fen, r *Result, params ...Param) money.Fen {
	if d.Ratio != 0 {
		d.Exact = int64(d.Base) * int64(d.Ratio)
	}
	d.Rounded = money.RoundHalfUp(d.Exact)
	d.Amount = d.Rounded
	if d.HasCeiling && d.Amount > d.Ceiling-d.Used {
		d.Amount, d.Bound = d.Ceiling-d.Used, ByCeiling
	}
	if d.Amount > left {
		d.Amount, d.Bound = left, ByWhatIsLeft
	}
	d.Amount = max(0, d.Amount)
	d.Left = left - d.Amount
	r.Funds[d.Layer] = d.Amount
	rules := "A9 X26"
	if d.Bound == ByCeiling {
		rules += " X24"
	}
	w.step(rules, d, params...)
	return d.Amount
}

// payers writes down who pays what the funds leave.
func (w *walk) payers(x bill, r *Result) {
	c, basic := &w.claim, r.Funds[LayerBasic]
	if c.CasePayment != 0 {
		x.casePaid(c, r)
	}
	payers(c, &w.p, r)
	if c.CasePayment != 0 {
		mode := Param{Name: ParamCaseMode, Month: c.SettleDay.Month(), Province: c.Treating, Value: int64(x.caseOf)}
		w.step("C15 X41", CaseCompared{
			Mode: x.caseOf, Payment: money.Fen(c.CasePayment), Fee: r.Fee, Gain: r.CaseGain, Hospital: r.Hospital, BasicWas: basic, Now: r.Funds[LayerBasic],
		}, mode)
	}
	left := r.Fee - r.FundSum() - r.Hospital
	w.step("A3", Payer{Source: FromAccount, Of: left, Asked: c.Flags&FlagUseAccount != 0, Balance: w.p.Balance(), Amount: r.Account})
	left -= r.Account
	w.step("A3", Payer{Source: FromMutual, Of: left, Asked: c.Flags&FlagUseMutual != 0, Balance: w.p.Mutual(), Amount: r.Mutual})
	left -= r.Mutual
	w.step("A3 X26", Payer{Source: InCash, Of: left, Asked: true, Amount: r.Cash})
}

// crossYear walks through a stay that is divided between two benefit years: two walks
// for the funds, and one set of payers (R16, X20).
func (w *walk) crossYear(formerTerms *Terms, x bill, r *Result) {
	s, c := w.shard, &w.claim
	this, _, _ := s.yearFrom.Date()
	d := YearDivision{InScope: r.InScope, Days: int(c.SettleDay-c.AdmitDay) + 1, DaysBefore: int(s.yearFrom - c.AdmitDay), BeforeYear: this - 1}
	d.Before = money.PartHalfUp(r.InScope, int64(d.DaysBefore), int64(d.Days))
	d.After = r.InScope - d.Before
	w.step("R16 X20", d, w.policy(ParamCrossYear, int64(w.terms.CrossYear)))

	former := w.annex.formerOf(s.year)
	now := w.part
	w.year, w.part = this-1, yearPart{month: (s.yearFrom - 1).Month(), terms: formerTerms, bill: x}
	w.part.bill.month, w.part.bill.stay = 12, c.FormerStay
	old := Result{InScope: d.Before}
	w.funds(former, &w.annex.formerYear, &old)

	w.year, w.part = this, now
	new := Result{InScope: d.After}
	w.funds(&w.p, &w.annex.year, &new)
	w.year = 0

	r.Deductible, r.MajorBase = old.Deductible+new.Deductible, old.MajorBase+new.MajorBase
	r.CeilingLeft, r.Ratio = new.CeilingLeft, new.Ratio
	r.Visit, r.FormerVisit = new.Visit, old.Visit
	for l := range r.Funds {
		r.Funds[l] = old.Funds[l] + new.Funds[l]
	}
	w.payers(x, r)
	borneByYears(r.Hospital, money.PartHalfUp(r.Hospital, int64(d.DaysBefore), int64(d.Days)), &old, &new)
	r.Former = FormerPart{InScope: uint32(old.InScope), Deductible: uint32(old.Deductible), MajorBase: uint32(old.MajorBase)}
	for l, paid := range old.Funds {
		r.Former.Funds[l] = uint32(paid)
	}
}
