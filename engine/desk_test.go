package engine_test

import (
	"fmt"
	"slices"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// file replaces a person's filing.
func (d *desk) file(a *arguments) string {
	f := &d.filings[a.number("person", 1)]
	if a.flag("none") {
		*f = engine.Filing{}
		return ""
	}
	from := a.day("from", day.Of(2022, 1, 1))
	*f = engine.Filing{
		Kind: engine.FilingKind(index(a, "kind", filingNames)), Basis: engine.ByMaterial,
		Revoked: a.flag("revoked"), Fulfilled: a.flag("fulfilled"),
		Dest: uint32(a.number("dest", 110000)), Filed: a.day("filed", from), From: from, To: a.day("to", day.Never),
	}
	if a.has("basis") {
		f.Basis = engine.Basis(index(a, "basis", []string{"none", "material", "commitment", "referral_doc"}))
	}
	return ""
}

// account credits the accounts and tells what is in them.
func (d *desk) account(a *arguments) string {
	p := &d.people[a.number("person", 1)]
	p.Credit(a.yuan("credit", 0))
	p.CreditMutual(a.yuan("mutual", 0))
	answer := "balance " + p.Balance().String()
	if p.Mutual() != 0 {
		answer += ", relatives' " + p.Mutual().String()
	}
	return answer
}

// open makes the shard for the terms as they stand.
func (d *desk) open(a *arguments) *engine.Shard {
	if d.shard != nil {
		return d.shard
	}
	rules := engine.NewRules(deskFirst, deskMonths, 1, len(deskProvinces))
	for m := range day.Month(deskMonths) {
		for s := range engine.Scheme(engine.NumSchemes) {
			rules.SetTerms(deskFirst+m, deskFirst+m, 0, s, &d.terms[m][s])
		}
		for i, code := range deskProvinces {
			c := d.catalogues[m][code]
			rules.SetCatalogue(deskFirst+m, deskFirst+m, i, &c)
		}
	}
	for _, fault := range rules.Seal() {
		a.t.Errorf("%s: %v", a.td.Pos, fault)
	}
	d.shard = engine.NewShard(rules, []uint8{0}, d.people, d.books)
	d.shard.Bind(d.people, d.annexes)
	d.shard.KeepYears()
	return d.shard
}

// bill settles one bill, or as by-hand reimburses it: either fee=… as a single line
// of 甲类, or the lines of the input.
func (d *desk) bill(a *arguments) string {
	person := a.number("person", 1)
	settled := a.day("day", day.Of(2024, 3, 5))
	area := uint32(a.number("area", 110000))
	treating := slices.Index(deskProvinces, area/10_000)
	if treating < 0 {
		a.t.Fatalf("%s: the desk does not know province %d", a.td.Pos, area/10_000)
	}
	c := engine.Claim{
		Person: uint32(person), Area: area, SettleDay: settled, AdmitDay: a.day("admitted", settled),
		Treating: uint8(treating), Scheme: engine.Scheme(a.optional("scheme", schemeNames)),
		Kind: engine.Kind(a.optional("kind", kindNames)), Level: engine.LevelTertiary,
		PersonType: engine.PersonType(a.optional("type", personTypeNames)),
		Identity:   engine.Identity(a.optional("identity", identityNames)),
		Age:        uint8(a.number("age", 0)), Disease: engine.Disease(a.optional("disease", engine.DiseaseNames[:])),
		Institution: uint32(a.number("hospital", 0)), CasePayment: uint32(a.yuan("case", 0)),
		Filing: d.filings[person],
	}
	if a.has("level") {
		c.Level = engine.Level(index(a, "level", levelNames))
	}
	for name, flag := range flagNames {
		if a.flag(name) {
			c.Flags |= flag
		}
	}
	for name, way := range map[string]engine.Flags{"continues": engine.FlagContinued, "transferred-from": engine.FlagTransferred} {
		if a.has(name) {
			before, known := d.bills[a.text(name, "")]
			if !known {
				a.t.Fatalf("%s: no bill %q", a.td.Pos, a.text(name, ""))
			}
			c.GoOn(way, before.claim.SettleDay, &before.result)
		}
	}
	lines := a.lines()
	if a.has("fee") {
		lines = append(lines, engine.Line{Amount: a.yuan("fee", 0), Class: engine.WesternDrug, SelfPay: engine.FromCatalogue})
	}
	c.Lines = uint16(len(lines))
	as, showCeiling := a.text("as", ""), a.flag("show-ceiling")

	before, annex := d.people[person], d.annexes[person]
	results := make([]engine.Result, 1)
	decide := d.open(a).Settle
	if a.td.Cmd == "by-hand" {
		decide = d.shard.Reimburse
	}
	year, _, _ := settled.Date()
	counted := d.counted(year)
	decide([]engine.Claim{c}, lines, results)
	r := &results[0]
	if r.Status != engine.Settled {
		if *r != (engine.Result{Status: r.Status}) {
			a.t.Errorf("%s: a refused bill has amounts: %+v", a.td.Pos, *r)
		}
		if after := d.people[person]; after != before || d.annexes[person] != annex {
			a.t.Errorf("%s: a refused bill changed the person: %+v, was %+v", a.td.Pos, after, before)
		}
		return "refused: " + r.Status.String()
	}
	if now := d.counted(year); now != counted {
		a.t.Errorf("%s: V3: persons less register were %v and are %v", a.td.Pos, counted, now)
	}
	for _, fault := range identityFaults(&d.terms[c.SettleDay.Month()-deskFirst][c.Scheme], &c, r) {
		a.t.Errorf("%s: %s", a.td.Pos, fault)
	}
	if as != "" {
		d.bills[as] = settledBill{c, *r}
	}
	head := "settled as " + filingNames[r.Filing]
	switch {
	case r.ByHand:
		head = "reimbursed as " + filingNames[r.Filing]
	case r.AtHome:
		head = "settled at home as " + filingNames[r.Filing]
	}
	if r.Kind != c.Kind {
		head += ", an " + r.Kind.String() + " visit"
	}
	if c.Kind == engine.Inpatient {
		head += fmt.Sprintf(", admission %d", r.Visit)
	}
	if showCeiling {
		head += fmt.Sprintf(", ceiling left %v", r.CeilingLeft)
	}
	return head + "\n" + bothSides(r)
}

// counted is what the persons of a year have used up less what the books say of it
// (V3). It does not change with a bill. The books are of all years together, so it is
// not zero where bills of other years are in them.
func (d *desk) counted(year int) (sums engine.YearSums) {
	for i := range d.people {
		d.people[i].AddTo(&sums, year)
	}
	var register engine.YearSums
	for cell, row := range d.books.Rows() {
		_, _, _, kind := d.shape.Split(cell)
		register.AddRegister(kind, &row.Register)
	}
	for i := range d.books.Manual {
		register.AddRegister(engine.Kind(i%engine.NumKinds), &d.books.Manual[i])
	}
	sums.Sub(&register)
	sums.Add(&d.books.Aside[0])
	return sums
}

// reverse takes a named bill back.
func (d *desk) reverse(a *arguments) string {
	b, known := d.bills[a.td.CmdArgs[0].Key]
	if !known {
		a.t.Fatalf("%s: no bill %q", a.td.Pos, a.td.CmdArgs[0].Key)
	}
	a.used = append(a.used, a.td.CmdArgs[0].Key)
	before := d.people[b.claim.Person]
	results := make([]engine.Result, 1)
	year, _, _ := b.claim.SettleDay.Date()
	counted := d.counted(year)
	d.open(a).Reverse(a.day("day", b.claim.SettleDay), []engine.Claim{b.claim}, []engine.Result{b.result}, results)
	r := &results[0]
	if r.Status != engine.Settled {
		if d.people[b.claim.Person] != before {
			a.t.Errorf("%s: a refused reversal changed the person", a.td.Pos)
		}
		return "refused: " + r.Status.String()
	}
	if now := d.counted(year); now != counted {
		a.t.Errorf("%s: V3: persons less register were %v and are %v", a.td.Pos, counted, now)
	}
	return "reversed\n" + bothSides(r)
}

// split shows how the place of treatment divides each line.
func (d *desk) split(a *arguments) string {
	level := engine.LevelTertiary
	if a.has("level") {
		level = engine.Level(index(a, "level", levelNames))
	}
	m := a.day("day", day.Of(2024, 3, 5)).Month() - deskFirst
	c := d.catalogues[m][uint32(a.number("province", 11))]
	var b strings.Builder
	for _, line := range a.lines() {
		s, ok := c.Split(&line, level)
		if !ok {
			b.WriteString("does not fit\n")
			continue
		}
		if s.OwnPay+s.OverLimit+s.PreSelfPay+s.InScope != line.Amount {
			a.t.Errorf("%s: I1: the parts of %v are %+v", a.td.Pos, line.Amount, s)
		}
		fmt.Fprintf(&b, "%v = %s\n", line.Amount, sum(
			part{"own-pay", s.OwnPay, false}, part{"over-limit", s.OverLimit, false},
			part{"pre-self-pay", s.PreSelfPay, false}, part{"in scope", s.InScope, true}))
	}
	return b.String()
}

// year shows what a person has used up in a benefit year.
func (d *desk) year(a *arguments) string {
	var sums engine.YearSums
	d.people[a.number("person", 1)].AddTo(&sums, a.number("year", 2024))
	var b strings.Builder
	for i, v := range sums {
		switch name := engine.YearSumNames[i]; {
		case v == 0:
		case name == "admissions":
			fmt.Fprintf(&b, "%s %d\n", name, v)
		default:
			fmt.Fprintf(&b, "%s %v\n", name, money.Fen(v))
		}
	}
	if b.Len() == 0 {
		return "nothing used"
	}
	return b.String()
}

// ledger shows every account that has a balance.
func (d *desk) ledger(*arguments) string {
	l := engine.NewLedger(d.shape, []uint8{0})
	l.Settled(d.books)
	var b strings.Builder
	for account := range engine.Account(engine.NumAccounts) {
		if v := l.Balance(account); v != 0 {
			fmt.Fprintf(&b, "%v %v\n", account, v)
		}
	}
	if b.Len() == 0 {
		return "all accounts zero"
	}
	return b.String()
}

// outcomes counts what became of the requests so far.
func (d *desk) outcomes(*arguments) string {
	var b strings.Builder
	for s := range engine.Status(engine.NumStatuses) {
		n, fees := int64(0), money.Fen(0)
		counts, sums := d.books.Outcomes()
		for kind := range counts {
			n += counts[kind][s]
			fees += sums[kind][s]
		}
		if n != 0 || fees != 0 {
			fmt.Fprintf(&b, "%v %d, fees %v\n", s, n, fees)
		}
	}
	return b.String()
}

func (d *desk) setRule(a *arguments) string {
	d.prepay.RedStrict = a.flag("red-strict")
	return ""
}

func (d *desk) quota(a *arguments) string {
	return d.prepay.Quota(a.yuan("october", 0), a.yuan("november", 0), a.yuan("december", 0)).String()
}

func (d *desk) alert(a *arguments) string {
	clearing, quota := a.yuan("clearing", 0), a.yuan("quota", 0)
	use := "no rate"
	if rate, ok := engine.UseRate(clearing, quota); ok {
		use = fmt.Sprintf("%d.%02d %%", rate/100, rate%100)
	}
	return fmt.Sprintf("%v at %s", d.prepay.Alert(clearing, quota), use)
}

func (d *desk) topUp(a *arguments) string {
	return "at most " + d.prepay.TopUpLimit(a.yuan("clearing", 0), a.yuan("quota", 0)).String()
}

func (d *desk) signOff(a *arguments) string {
	if a.has("quota") {
		d.pair.Quota = a.yuan("quota", 0)
	}
	d.pair.Quota += a.yuan("top-up", 0)
	_, err := day.ParseMonth(a.text("month", "")) // only for the reader
	a.must(err)
	raised := d.pair.SignOff(&d.prepay, a.yuan("clearing", 0))
	if raised {
		return d.pair.Alert.String() + ", raised"
	}
	return d.pair.Alert.String()
}

type part struct {
	name   string
	amount money.Fen
	always bool
}

// sum writes parts that have an amount as a sum.
func sum(parts ...part) string {
	var texts []string
	for _, p := range parts {
		if p.amount != 0 || p.always {
			texts = append(texts, fmt.Sprintf("%s %v", p.name, p.amount))
		}
	}
	return strings.Join(texts, " + ")
}

// bothSides writes a bill as two equations: by what was bought, and by who pays. What
// is not part of every bill follows.
func bothSides(r *engine.Result) string {
	answer := fmt.Sprintf("%v = %s\n%v = %s\nbasic %v of in scope above %v",
		r.Fee, sum(part{"own-pay", r.OwnPay, false}, part{"over-limit", r.OverLimit, false},
			part{"pre-self-pay", r.PreSelfPay, false}, part{"in scope", r.InScope, true}),
		r.Fee, sum(append(fundParts(func(l engine.Layer) money.Fen { return r.Funds[l] }),
			part{"account", r.Account, false}, part{"relatives", r.Mutual, false},
			part{"hospital", r.Hospital, false}, part{"cash", r.Cash, true})...),
		r.Ratio, r.Deductible)
	if r.CaseGain != 0 {
		answer += fmt.Sprintf("\ncase payment leaves the hospital %v", r.CaseGain)
	}
	if f := &r.Former; r.Crossed() {
		answer += fmt.Sprintf("\nof it the year before: in scope %v above %v, %s", money.Fen(f.InScope), money.Fen(f.Deductible),
			sum(fundParts(func(l engine.Layer) money.Fen { return money.Fen(f.Funds[l]) })...))
	}
	return answer
}

func fundParts(of func(engine.Layer) money.Fen) (parts []part) {
	for l, name := range []string{"basic", "large", "major", "civil", "enterprise", "aid"} {
		parts = append(parts, part{name, of(engine.Layer(l)), l == 0})
	}
	return parts
}
