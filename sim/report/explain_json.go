package report

import (
	"encoding/json"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// ExplainVersion is the number of this layout of an explanation in JSON.
const ExplainVersion = 2

// ExplainJSON tells settlements as one JSON object: {"version":2,"explanations":[…]}.
// Keys carry their units: _fen, _bp for 1/10 000, _fen_bp for products of the two that
// are not rounded yet.
func ExplainJSON(all []*Explained) ([]byte, error) {
	explanations := []object{}
	for _, x := range all {
		explanations = append(explanations, explanation(x))
	}
	out, err := json.MarshalIndent(object{{"version", ExplainVersion}, {"explanations", explanations}}, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

func explanation(x *Explained) object {
	v := valuesOf(x)
	steps, used := []object{}, []object{}
	for i := range x.Steps {
		steps = append(steps, stepObject(v, &x.Steps[i]))
	}
	for i := range v.all {
		used = append(used, valueObject(x, &v.all[i]))
	}
	text := x.Result.Status.Text()
	o := object{
		{"id", x.ID}, {"status", text.Name}, {"status_en", text.English}, {"status_zh", text.Chinese},
		{"taken_back", x.TakenBack}, {"claim", claimObject(x)},
	}
	if x.Result.Status == engine.Settled {
		o = append(o, member{"result", resultObject(x)})
	}
	return append(o, member{"steps", steps}, member{"values", used})
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

func claimObject(x *Explained) object {
	c := &x.Claim
	f := &c.Filing
	return object{
		{"insuplc_admdvs", x.World.Pools[c.Pool].Code}, {"mdtrtarea_admvs", c.Area}, {"treating_province", x.World.Provinces[c.Treating].Code},
		{"scheme", engine.SchemeNames[c.Scheme]}, {"person_type", personNames[c.PersonType]}, {"identity", identityNames[c.Identity]}, {"age", c.Age},
		{"kind", engine.KindNames[c.Kind]}, {"level", levelNames[c.Level]}, {"disease", engine.DiseaseNames[c.Disease]},
		{"admitted", c.AdmitDay.String()}, {"settled", c.SettleDay.String()}, {"case_payment_fen", c.CasePayment},
		{"filing", object{
			{"kind", filingNames[f.Kind]}, {"basis", basisNames[f.Basis]}, {"dest_admdvs", f.Dest}, {"filed", f.Filed.String()},
			{"from", f.From.String()}, {"to_exclusive", f.To.String()}, {"revoked", f.Revoked}, {"fulfilled", f.Fulfilled},
		}},
	}
}

func resultObject(x *Explained) object {
	r := &x.Result
	o := object{
		{"settled_as", engine.KindNames[r.Kind]}, {"filing", filingNames[r.Filing]}, {"at_home", r.AtHome}, {"by_hand", r.ByHand},
		{"medfee_sumamt_fen", r.Fee}, {"fulamt_ownpay_amt_fen", r.OwnPay}, {"overlmt_selfpay_fen", r.OverLimit}, {"preselfpay_amt_fen", r.PreSelfPay},
		{"inscp_scp_amt_fen", r.InScope}, {"act_pay_dedc_fen", r.Deductible}, {"pool_prop_selfpay_bp", r.Ratio}, {"crt_payb_lmt_amt_fen", r.CeilingLeft},
	}
	for l, key := range [engine.NumLayers]string{"hifp_pay_fen", "hifob_pay_fen", "hifmi_pay_fen", "cvlserv_pay_fen", "hifes_pay_fen", "maf_pay_fen"} {
		o = append(o, member{key, r.Funds[l]})
	}
	return append(o, object{
		{"fund_pay_sumamt_fen", r.FundSum()}, {"acct_pay_fen", r.Account}, {"acct_mulaid_pay_fen", r.Mutual}, {"psn_cash_pay_fen", r.Cash},
		{"psn_part_amt_fen", r.PersonPart()}, {"hosp_part_amt_fen", r.Hospital}, {"balc_fen", x.Balance}, {"mutual_balance_fen", x.Mutual},
	}...)
}

func valueObject(x *Explained, v *value) object {
	o := object{{"number", v.number}, {"name", paramNames[v.Name]}, {"en", paramWords[v.Name][words.English] + about(&v.Param, words.English)},
		{"zh", paramWords[v.Name][words.Chinese] + about(&v.Param, words.Chinese)}, {"month", v.Month.String()}}
	switch v.Name.Unit() {
	case engine.UnitFen:
		o = append(o, member{"value_fen", v.Value})
	case engine.UnitPoints:
		o = append(o, member{"value_bp", v.Value})
	case engine.UnitMicro:
		o = append(o, member{"value_micro_yuan", v.Value})
	case engine.UnitYears:
		o = append(o, member{"value_years", v.Value})
	default:
		o = append(o, member{"value", wordName(&v.Param)})
	}
	if v.Name.OfCatalogue() {
		o = append(o, member{"treating_province", x.World.Provinces[v.Province].Code})
	} else {
		o = append(o, member{"pool", x.World.Pools[v.Pool].Code}, member{"scheme", engine.SchemeNames[v.Scheme]})
	}
	if p := &v.provenance; v.known {
		o = append(o, object{{"path", p.Path}, {"from", p.From}, {"status", p.Status}, {"source", p.Source}, {"place", p.Place}}...)
		if p.Rule != "" {
			o = append(o, object{{"written", p.Written}, {"rule", p.Rule}}...)
		}
	}
	return o
}

// stepObject is one step: what kind it is, the rules, the values by their numbers, and
// the amounts of its kind.
func stepObject(v *values, s *engine.Step) object {
	name, own := detailObject(s.Detail)
	o := object{{"step", name}, {"rules", strings.Fields(s.Rules)}}
	if s.Year != 0 {
		o = append(o, member{"benefit_year", s.Year})
	}
	numbers := []int{}
	for _, p := range s.Params {
		numbers = append(numbers, v.all[v.index[p]].number)
	}
	return append(append(o, own...), member{"values", numbers})
}

// parts are the four parts of a line or of a bill.
func parts(s engine.Split) object {
	return object{{"own_pay_fen", s.OwnPay}, {"over_limit_fen", s.OverLimit}, {"pre_self_pay_fen", s.PreSelfPay}, {"in_scope_fen", s.InScope}}
}

func detailObject(detail engine.Detail) (name string, o object) {
	switch d := detail.(type) {
	case engine.Check:
		o = object{{"refusal", d.Refusal.String()}, {"passed", d.Passed}}
		if d.Line != 0 {
			o = append(o, member{"line", d.Line})
		}
		if !d.Passed {
			text := d.Refusal.Text()
			o = append(o, object{{"en", text.English}, {"zh", text.Chinese},
				{"remedy_en", checkTexts[d.Refusal].remedy[words.English]}, {"remedy_zh", checkTexts[d.Refusal].remedy[words.Chinese]}}...)
		}
		return "check", o
	case engine.FilingChosen:
		o = object{{"kind", filingNames[d.Kind]}, {"how", howNames[d.How]}}
		if d.Otherwise != engine.Settled {
			o = append(o, member{"filing_on_record", d.Otherwise.String()})
		}
		return "filing", o
	case engine.OrdinaryInstead:
		return "ordinary_instead", object{{"because", d.Because.String()}}
	case engine.LineSplit:
		return "line", lineObject(&d)
	case engine.LinesTotal:
		return "lines_total", append(object{{"fee_fen", d.Fee}}, parts(d.Parts)...)
	case engine.YearDivision:
		return "year_division", object{{"in_scope_fen", d.InScope}, {"days", d.Days}, {"days_before", d.DaysBefore},
			{"before_year", d.BeforeYear}, {"before_fen", d.Before}, {"after_fen", d.After}}
	case engine.DeductibleTaken:
		return "deductible", object{{"mode", modeNames[d.Mode]}, {"standard_fen", d.Standard}, {"admission", d.Admission}, {"later", laterNames[d.Later]},
			{"charged_fen", d.Charged}, {"counted_before_fen", d.Counted}, {"goes_on", d.GoesOn}, {"merged", d.Merged}, {"covered", d.Covered}, {"visited", d.Visited},
			{"in_scope_fen", d.InScope}, {"amount_fen", d.Taken}}
	case engine.Bracket:
		return "bracket", object{{"number", d.Number}, {"from_fen", d.From}, {"to_fen", d.To}, {"base_fen", d.To - d.From}, {"local_bp", d.Local},
			{"drop_bp", d.Drop}, {"senior_bp", d.Senior}, {"ratio_bp", d.Ratio}, {"exact_fen_bp", d.Exact}}
	case engine.BasicShare:
		return "basic_share", object{{"exact_fen_bp", d.Exact}, {"rounding", "half_up"}, {"rounded_fen", d.Rounded}}
	case engine.CeilingCheck:
		o = object{{"ceiling_fen", d.Yearly}, {"paid_before_fen", d.Paid}}
		if d.KindYearly != 0 {
			o = append(o, object{{"kind_ceiling_fen", d.KindYearly}, {"kind_paid_before_fen", d.KindPaid}}...)
		}
		o = append(o, object{{"left_fen", d.Left}, {"share_fen", d.Share}, {"reached", d.Reached}}...)
		if d.Reached {
			o = append(o, object{{"reached_at_fen", d.ReachedAt}, {"above_fen", d.Above}}...)
		}
		return "ceiling", append(o, member{"amount_fen", d.Amount})
	case engine.MajorBurden:
		return "major_burden", object{{"burden_fen", d.Burden}, {"before_fen", d.Before}, {"after_fen", d.After}, {"start_fen", d.Start}, {"passed", d.Passed}}
	case engine.MajorBracket:
		return "major_bracket", object{{"number", d.Number}, {"from_fen", d.From}, {"to_fen", d.To}, {"base_fen", d.To - d.From}, {"ratio_bp", d.Ratio},
			{"exact_fen_bp", d.Exact}}
	case engine.LayerPays:
		o = object{{"layer", layerNames[d.Layer]}, {"base_fen", d.Base}}
		if d.Ratio != 0 {
			o = append(o, member{"ratio_bp", d.Ratio})
		}
		o = append(o, object{{"exact_fen_bp", d.Exact}, {"rounding", "half_up"}, {"rounded_fen", d.Rounded}}...)
		if d.HasCeiling {
			o = append(o, object{{"ceiling_fen", d.Ceiling}, {"paid_before_fen", d.Used}}...)
		}
		return "layer", append(o, object{{"bound", boundNames[d.Bound]}, {"amount_fen", d.Amount}, {"left_fen", d.Left}}...)
	case engine.LayerIdle:
		return "layer", object{{"layer", layerNames[d.Layer]}, {"why", idleNames[d.Why]}, {"amount_fen", money.Fen(0)}}
	case engine.CaseCompared:
		return "case_payment", object{{"mode", caseNames[d.Mode]}, {"payment_fen", d.Payment}, {"fee_fen", d.Fee}, {"gain_fen", d.Gain},
			{"hospital_fen", d.Hospital}, {"basic_before_fen", d.BasicWas}, {"basic_after_fen", d.Now}}
	case engine.Payer:
		return "payer", object{{"source", payerNames[d.Source]}, {"of_fen", d.Of}, {"asked", d.Asked}, {"balance_fen", d.Balance}, {"amount_fen", d.Amount}}
	case engine.Sum:
		o = object{{"fee_fen", d.Fee}}
		for l, paid := range d.Funds {
			o = append(o, member{layerNames[l] + "_fen", paid})
		}
		return "sum", append(o, object{{"account_fen", d.Account}, {"mutual_fen", d.Mutual}, {"cash_fen", d.Cash}, {"hospital_fen", d.Hospital},
			{"fund_sum_fen", d.FundSum}, {"person_part_fen", d.PersonPart}, {"all_fen", d.All}}...)
	}
	panic("report: a step of an unknown kind")
}

func lineObject(d *engine.LineSplit) object {
	l := &d.Line
	o := object{{"line", d.Number}, {"fee_class", classNames[l.Class]}, {"catalogue_class", itemNames[l.Item]}, {"amount_fen", l.Amount}, {"catalogue_day", d.Day.String()}}
	if d.Limit != 0 {
		o = append(o, object{{"price_micro_yuan", l.Price}, {"limit_micro_yuan", d.Limit}, {"count_per_10000", l.Count}}...)
		if l.Price > d.Limit {
			o = append(o, object{{"over_exact_yuan", overExact(d).String()}, {"capped_at_line", d.Capped}}...)
		}
	}
	if l.Item == engine.ClassB && d.Refund == nil {
		o = append(o, object{{"base_fen", d.Base}, {"pre_self_pay_bp", d.Rate}, {"exact_fen_bp", d.Exact}, {"rounding", "half_up"}}...)
	}
	if d.Refund != nil {
		o = append(o, member{"refund", object{{"original_line", d.Refund.Original}, {"was", parts(d.Refund.Was)}, {"is", parts(d.Refund.Is)}}})
	}
	return append(o, parts(d.Parts)...)
}
