package engine_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

var (
	schemeNames     = engine.SchemeNames[:]
	kindNames       = engine.KindNames[:]
	levelNames      = []string{"primary", "secondary", "tertiary", "top"}
	personTypeNames = []string{"working", "retired", "child", "adult", "elderly"}
	identityNames   = []string{"not_aided", "low_income", "extreme_poor", "near_poor"}
	filingNames     = []string{"unfiled", "retired_settled", "long_term_resident", "posted_worker", "referral", "emergency", "other_temporary"}
	catalogueNames  = []string{"甲", "乙", "丙"}
	lawNames        = []string{"2019", "2023"}
	flagNames       = map[string]engine.Flags{
		"emergency": engine.FlagEmergency, "injury": engine.FlagInjury, "third-party": engine.FlagThirdParty,
		"letter": engine.FlagInjuryLetter, "use-account": engine.FlagUseAccount, "unconnected": engine.FlagUnconnected,
		"unqualified": engine.FlagUnqualified, "suspended": engine.FlagSuspended, "unverified": engine.FlagUnverified,
		"use-mutual": engine.FlagUseMutual, "not-opened": engine.FlagNotOpened, "ordinary-instead": engine.FlagOrdinaryInstead,
		"civil-servant": engine.FlagCivilServant, "enterprise": engine.FlagEnterprise,
	}
)

// arguments reads the arguments of one command and refuses those that nothing
// read: a misspelt word must not pass for a default.
type arguments struct {
	t    *testing.T
	td   *datadriven.TestData
	used []string
}

func (a *arguments) finish() {
	for _, arg := range a.td.CmdArgs {
		if !slices.Contains(a.used, arg.Key) {
			a.t.Errorf("%s: %s does not know %q", a.td.Pos, a.td.Cmd, arg.Key)
		}
	}
}

func (a *arguments) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatalf("%s: %v", a.td.Pos, err)
	}
}

func (a *arguments) has(key string) bool {
	a.used = append(a.used, key)
	return a.td.HasArg(key)
}

func (a *arguments) flag(key string) bool { return a.has(key) }

func (a *arguments) text(key, otherwise string) string {
	if !a.has(key) {
		return otherwise
	}
	arg, _ := a.td.Arg(key)
	return arg.SingleVal(a.t)
}

func (a *arguments) number(key string, otherwise int) int {
	v := otherwise
	if text := a.text(key, ""); text != "" {
		var err error
		v, err = strconv.Atoi(text)
		a.must(err)
	}
	return v
}

func (a *arguments) day(key string, otherwise day.Day) day.Day {
	if !a.has(key) {
		return otherwise
	}
	d, err := day.Parse(a.text(key, ""))
	a.must(err)
	return d
}

func (a *arguments) yuan(key string, otherwise money.Fen) money.Fen {
	if !a.has(key) {
		return otherwise
	}
	return a.yuans(key)[0]
}

func (a *arguments) yuans(key string) (amounts []money.Fen) {
	a.has(key)
	arg, _ := a.td.Arg(key)
	for _, text := range arg.Vals {
		v, err := money.ParseYuan(text)
		a.must(err)
		amounts = append(amounts, v)
	}
	return amounts
}

func (a *arguments) percents(key string) (ratios []money.BasisPoints) {
	a.has(key)
	arg, _ := a.td.Arg(key)
	for _, text := range arg.Vals {
		ratios = append(ratios, a.percent(text))
	}
	return ratios
}

func (a *arguments) percent(text string) money.BasisPoints {
	v, err := money.ParseYuan(strings.TrimSuffix(text, "%"))
	a.must(err)
	return money.BasisPoints(v)
}

func (a *arguments) price(key string) money.Micro {
	v, err := money.ParsePrice(a.text(key, "0"))
	a.must(err)
	return v
}

func (a *arguments) optional(key string, names []string) int {
	if !a.has(key) {
		return 0
	}
	return index(a, key, names)
}

// kinds are the kinds of care that a layer pays for, inpatients where none is named.
func (a *arguments) kinds() (set engine.KindSet) {
	if !a.has("kinds") {
		return engine.InpatientOnly
	}
	arg, _ := a.td.Arg("kinds")
	for _, name := range arg.Vals {
		i := slices.Index(kindNames, name)
		if i < 0 {
			a.t.Fatalf("%s: kinds=%q is none of %v", a.td.Pos, name, kindNames)
		}
		set |= 1 << i
	}
	return set
}

func (a *arguments) lines() (lines []engine.Line) {
	if a.td.Input == "" {
		return nil
	}
	for _, text := range strings.Split(a.td.Input, "\n") {
		words := strings.Fields(text)
		item := slices.Index(catalogueNames, words[0])
		if item < 0 {
			a.t.Fatalf("%s: no catalogue class %q", a.td.Pos, words[0])
		}
		amount, err := money.ParseYuan(words[1])
		a.must(err)
		line := engine.Line{Item: engine.CatalogueClass(item), Amount: amount, Class: engine.WesternDrug, SelfPay: engine.FromCatalogue}
		for _, word := range words[2:] {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "rate":
				line.SelfPay = int16(a.percent(value))
			case "price":
				line.Price, err = money.ParsePrice(value)
			case "limit":
				line.Limit, err = money.ParsePrice(value)
			case "count":
				line.Count, err = money.ParseCount(value)
			case "class":
				var n int
				n, err = strconv.Atoi(value)
				line.Class = engine.FeeClass(n - 1)
			case "days":
				var n int
				n, err = strconv.Atoi(value)
				line.DaysBefore = uint16(n)
			case "of":
				var n int
				n, err = strconv.Atoi(value)
				line.Original = uint16(n)
			default:
				a.t.Fatalf("%s: a line does not know %q", a.td.Pos, key)
			}
			a.must(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func index(a *arguments, key string, names []string) int {
	value := a.text(key, "")
	i := slices.Index(names, value)
	if i < 0 {
		a.t.Fatalf("%s: %s=%q is none of %v", a.td.Pos, key, value, names)
	}
	return i
}

func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// pad repeats nothing: what is not stated stays zero.
func pad[T any](values []T, n int) []T {
	return append(slices.Clone(values), make([]T, n-len(values))...)
}
