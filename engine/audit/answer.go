package audit

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
)

// Answer is engine.Result in decimal yuan: the status of one bill and who pays what.
// Where the status is not Settled everything else is zero.
type Answer struct {
	Status          engine.Status
	Filing          engine.FilingKind
	Kind            engine.Kind // settled as (X42)
	AtHome, ByHand  bool
	Visit           int // the admission's number in the year
	FormerVisit     int // and in the year before, of a stay that has one there
	Order, Previous int // the settlement's running number, and the latest valid one before
	Ratio           decimal.Decimal

	Fee, OwnPay, OverLimit, PreSelfPay, InScope decimal.Decimal
	Deductible, CeilingLeft                     decimal.Decimal
	Funds                                       [engine.NumLayers]decimal.Decimal
	Account, Mutual, Cash, Hospital             decimal.Decimal
	CaseGain, MajorBase                         decimal.Decimal
	Former                                      FormerPart
}

// FormerPart is what of a stay over 1 January the former benefit year bears (R16).
type FormerPart struct {
	InScope, Deductible decimal.Decimal
	Funds               [engine.NumLayers]decimal.Decimal
	MajorBase           decimal.Decimal
}

// fundSum is fund_pay_sumamt (I3).
func (a *Answer) fundSum() decimal.Decimal {
	sum := zero
	for _, paid := range a.Funds {
		sum = sum.Add(paid)
	}
	return sum
}

// layerNames name the layers in their order.
var layerNames = [engine.NumLayers]string{"basic", "large", "major", "civil", "enterprise", "aid"}

// fact is one field of an answer beside the engine's.
type fact struct {
	name   string
	audit  decimal.Decimal
	engine decimal.Decimal
}

// facts sets the answer beside the engine's, field by field in the order of Result; the
// status comes before them.
func (a *Answer) facts(r *engine.Result) []fact {
	number := func(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }
	truth := func(is bool) decimal.Decimal {
		if is {
			return one
		}
		return zero
	}
	small := func(amount uint32) decimal.Decimal { return decimal.New(int64(amount), -2) }
	facts := []fact{
		{"filing", number(int(a.Filing)), number(int(r.Filing))},
		{"kind", number(int(a.Kind)), number(int(r.Kind))},
		{"at home", truth(a.AtHome), truth(r.AtHome)},
		{"by hand", truth(a.ByHand), truth(r.ByHand)},
		{"visit", number(a.Visit), number(int(r.Visit))},
		{"former visit", number(a.FormerVisit), number(int(r.FormerVisit))},
		{"order", number(a.Order), number(int(r.Order))},
		{"previous", number(a.Previous), number(int(r.Previous))},
		{"ratio", a.Ratio, share(r.Ratio)},
		{"fee", a.Fee, yuan(r.Fee)},
		{"own-pay", a.OwnPay, yuan(r.OwnPay)},
		{"over-limit", a.OverLimit, yuan(r.OverLimit)},
		{"pre-self-pay", a.PreSelfPay, yuan(r.PreSelfPay)},
		{"in scope", a.InScope, yuan(r.InScope)},
		{"former in scope", a.Former.InScope, small(r.Former.InScope)},
		{"deductible", a.Deductible, yuan(r.Deductible)},
		{"former deductible", a.Former.Deductible, small(r.Former.Deductible)},
		{"ceiling left", a.CeilingLeft, yuan(r.CeilingLeft)},
	}
	for layer, name := range layerNames {
		facts = append(facts,
			fact{name, a.Funds[layer], yuan(r.Funds[layer])},
			fact{"former " + name, a.Former.Funds[layer], small(r.Former.Funds[layer])})
	}
	return append(facts,
		fact{"account", a.Account, yuan(r.Account)},
		fact{"mutual", a.Mutual, yuan(r.Mutual)},
		fact{"cash", a.Cash, yuan(r.Cash)},
		fact{"hospital", a.Hospital, yuan(r.Hospital)},
		fact{"case gain", a.CaseGain, yuan(r.CaseGain)},
		fact{"major base", a.MajorBase, yuan(r.MajorBase)},
		fact{"former major base", a.Former.MajorBase, small(r.Former.MajorBase)},
	)
}

// Difference compares the answer to the engine's field by field and names the first
// difference; it is empty where there is none.
func (a *Answer) Difference(r *engine.Result) string {
	if a.Status != r.Status {
		return fmt.Sprintf("status: engine %v, audit %v", r.Status, a.Status)
	}
	if *r == (engine.Result{Status: r.Status}) && *a == (Answer{Status: a.Status}) {
		return "" // both refuse
	}
	facts := a.facts(r)
	for i := range facts {
		if f := &facts[i]; !f.audit.Equal(f.engine) {
			return fmt.Sprintf("%s: engine %v, audit %v", f.name, f.engine, f.audit)
		}
	}
	return ""
}

// SideBySide sets both answers beside each other for people, a mark before every
// difference.
func (a *Answer) SideBySide(r *engine.Result) string {
	var b strings.Builder
	row := func(differs bool, name string, engines, audits any) {
		mark := ' '
		if differs {
			mark = '*'
		}
		fmt.Fprintf(&b, "%c %-16s%20v%20v\n", mark, name, engines, audits)
	}
	row(false, "", "engine", "audit")
	row(a.Status != r.Status, "status", r.Status, a.Status)
	for _, f := range a.facts(r) {
		row(!f.audit.Equal(f.engine), f.name, f.engine, f.audit)
	}
	return b.String()
}
