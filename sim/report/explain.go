package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// Explained is one settlement to be told step by step.
type Explained struct {
	World *sim.World
	*engine.Explanation
	// ID is what the reader asked for: the id of a run's bill, or a msgid.
	ID string
	// TakenBack says that the settlement was reversed later (X7).
	TakenBack bool
	// Origin says where a value comes from; nil, or false, where nobody knows.
	Origin func(engine.Param) (Provenance, bool)
}

// Provenance says where a value of the data comes from.
type Provenance struct {
	Path string // policies.131000.employee.chronic.ratio_bp.retired.tertiary.0
	From string // the first month of the version that states it, 2022-01
	// Source in English and, where its author gave it, Chinese.
	Source, SourceZH string

	Status string // law, published, recalled, illustrative, synthetic …
	Place  string // file:line
	// Written is what stands there and Rule, in both languages, how the value follows from
	// it where it is not that.
	Written, Rule, RuleZH string
}

// value is a Param with its number among those of the explanation.
type value struct {
	engine.Param
	number     int
	provenance Provenance
	known      bool
}

// values are the values that the steps read, each once, in the order of first use.
type values struct {
	all   []value
	index map[engine.Param]int
}

// valuesOf numbers the values of an explanation from 1.
func valuesOf(x *Explained) *values {
	v := &values{index: map[engine.Param]int{}}
	for _, step := range x.Steps {
		for _, p := range step.Params {
			if _, known := v.index[p]; known {
				continue
			}
			next := value{Param: p, number: len(v.all) + 1}
			if x.Origin != nil {
				next.provenance, next.known = x.Origin(p)
			}
			if i := v.sameAs(&next); i >= 0 {
				// Two benefit years by one version of the policy.
				v.index[p], v.all[i].Month = i, x.Claim.SettleDay.Month()
				continue
			}
			v.index[p] = len(v.all)
			v.all = append(v.all, next)
		}
	}
	return v
}

// sameAs finds the value of another month that the same version of the data states, or
// returns -1.
func (v *values) sameAs(next *value) int {
	return slices.IndexFunc(v.all, func(x value) bool {
		x.Month, x.number = next.Month, next.number
		return next.known && x == *next
	})
}

// mark writes the numbers of the values of that name among a step's: " [3]".
func (v *values) mark(step *engine.Step, names ...engine.ParamName) string {
	text := ""
	for _, name := range names {
		for _, p := range step.Params {
			if p.Name == name {
				text += fmt.Sprintf(" [%d]", v.all[v.index[p]].number)
			}
		}
	}
	return text
}

// yuan writes an amount with two decimals and grouped digits.
func yuan(f money.Fen) string { return scaled(int64(f), 100, 2) }

// exactYuan writes a product of fen and basis points in yuan, with all its decimals
// and two at least: 48.888.
func exactYuan(product int64) string { return trimmed(decimal.New(product, -6), 2) }

// trimmed writes a number with grouped digits and without zeros at its end, but for
// the first decimals.
func trimmed(d decimal.Decimal, decimals int) string {
	text := strings.TrimRight(d.StringFixed(12), "0")
	whole, rest, _ := strings.Cut(text, ".")
	for len(rest) < decimals {
		rest += "0"
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return sign + whole
}

// share writes a ratio as a percentage without zeros at its end: "80 %".
func share(r money.BasisPoints) string { return trimmed(decimal.New(int64(r), -2), 0) + " %" }

// points writes what is taken off a ratio: "10".
func points(r money.BasisPoints) string { return trimmed(decimal.New(int64(r), -2), 0) }

// price writes a unit price: "75.50".
func price(m money.Micro) string { return trimmed(decimal.New(int64(m), -6), 2) }

// overExact is what a line costs over its price limit, not rounded.
func overExact(d *engine.LineSplit) decimal.Decimal {
	return decimal.New(int64(d.Line.Price-d.Limit), -6).Mul(decimal.New(int64(d.Line.Count), -4))
}

// overText is what a line costs over its price limit, and what it is rounded to.
func overText(d *engine.LineSplit) string {
	exact := overExact(d)
	text := trimmed(exact, 2)
	if d.Capped || !exact.Equal(decimal.New(int64(d.Parts.OverLimit), -2)) {
		text += " → " + yuan(d.Parts.OverLimit)
	}
	return text
}

// rounded writes an exact amount and what it is rounded to: "48.888 → 48.89", or the
// amount alone where there is nothing to round.
func rounded(exact int64, to money.Fen) string {
	if exact == int64(to)*int64(money.One) {
		return yuan(to)
	}
	return exactYuan(exact) + " → " + yuan(to)
}
