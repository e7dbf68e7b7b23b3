package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// TestArticles plays the files of testdata/articles, one per rule or topic. Each
// file starts with an empty counter desk, states terms, and settles bills; the
// numbers below the dashes were worked out by hand. After every step the desk
// itself proves the identities and the books, so a file need not.
//
// To accept a changed answer, run
//
//	go test ./engine -run TestArticles/NAME -rewrite
//
// and read the difference before keeping it.
func TestArticles(t *testing.T) {
	datadriven.Walk(t, "testdata/articles", func(t *testing.T, path string) {
		d := newDesk(t)
		datadriven.RunTest(t, path, d.run)
	})
}

// deskProvinces are the provinces that a desk knows, by the first two digits of
// a division code. The only pool is 廊坊 131000, the pool of the worked example.
var deskProvinces = []uint32{13, 11, 31, 33, 44, 46, 54, 66}

const (
	deskFirst  = day.Month(2022 * 12) // 2022-01
	deskMonths = 48
)

// desk is the counter where the bills of a file are settled: a pool with its
// terms, a few persons and what they have filed.
type desk struct {
	terms      [deskMonths][engine.NumSchemes]engine.Terms
	catalogues [deskMonths]map[uint32]engine.Catalogue
	shape      engine.Shape
	people     []engine.PersonYear
	filings    []engine.Filing
	books      *engine.Books
	shard      *engine.Shard // nil while the terms are being changed
	bills      map[string]settledBill
	prepay     engine.PrepaymentRule
	pair       engine.PairState
}

type settledBill struct {
	claim  engine.Claim
	result engine.Result
}

func newDesk(t testing.TB) *desk {
	const persons = 10
	d := &desk{
		shape:   engine.Shape{Pools: 1, Provinces: len(deskProvinces)},
		people:  make([]engine.PersonYear, persons),
		filings: make([]engine.Filing, persons),
		bills:   map[string]settledBill{},
		prepay:  engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000},
	}
	d.books = engine.NewBooks(d.shape)
	for i := range d.filings {
		d.filings[i] = engine.Filing{Kind: engine.LongTermResident, Basis: engine.ByMaterial, Dest: 110000,
			Filed: day.Of(2022, 1, 1), From: day.Of(2022, 1, 1), To: day.Never}
	}
	for m := range d.catalogues {
		d.catalogues[m] = map[uint32]engine.Catalogue{}
	}
	return d
}

func (d *desk) run(t *testing.T, td *datadriven.TestData) string {
	a := &arguments{t: t, td: td}
	commands := map[string]func(*arguments) string{
		"terms": d.setTerms, "drop": d.setDrop, "large": d.setLarge, "major": d.setMajor, "aid": d.setAid,
		"check-terms": d.checkTerms, "catalogue": d.setCatalogue,
		"filing": d.file, "account": d.account,
		"bill": d.bill, "reverse": d.reverse, "split": d.split,
		"year": d.year, "ledger": d.ledger, "outcomes": d.outcomes,
		"rule": d.setRule, "quota": d.quota, "alert": d.alert, "top-up": d.topUp, "sign-off": d.signOff,
	}
	command, known := commands[td.Cmd]
	if !known {
		t.Fatalf("%s: no command %q", td.Pos, td.Cmd)
	}
	answer := command(a)
	a.finish()
	if _, breaches := d.books.Check(td.Pos, func(int) string { return "the desk" }); breaches != nil {
		t.Errorf("%s: %v", td.Pos, breaches[0])
	}
	return answer
}

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
		v := engine.DeductibleMode(index(a, "over", []string{"visit", "year"}))
		set(func(b *engine.Benefit) { b.Mode = v })
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
	x := engine.Large{Ratio: a.percents("ratio")[0], Ceiling: a.yuan("ceiling", 0)}
	return d.eachTerms(a, func(t *engine.Terms) { t.Large = x })
}

func (d *desk) setMajor(a *arguments) string {
	x := engine.Major{Start: a.yuan("start", 0), Ceiling: a.yuan("ceiling", 0),
		Ratio: [engine.NumBrackets]money.BasisPoints(pad(a.percents("ratio"), engine.NumBrackets))}
	if a.has("up-to") {
		x.Top = [engine.NumBrackets - 1]money.Fen(pad(a.yuans("up-to"), engine.NumBrackets-1))
	}
	return d.eachTerms(a, func(t *engine.Terms) { t.Major = x })
}

func (d *desk) setAid(a *arguments) string {
	x := engine.Aid{Ceiling: a.yuan("ceiling", 0)}
	for identity, name := range identityNames {
		if a.has(name) {
			x.Ratio[identity] = a.percents(name)[0]
		}
	}
	oneStop := a.flag("one-stop")
	return d.eachTerms(a, func(t *engine.Terms) { t.Aid, t.OneStop = x, oneStop })
}

// checkTerms holds the terms of the first month against the bounds in force.
func (d *desk) checkTerms(a *arguments) string {
	var b strings.Builder
	for _, fault := range d.terms[0][engine.Employee].Check(engine.Bounds2023) {
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
	levels := upTo(engine.NumLevels)
	if a.has("level") {
		levels = []int{index(a, "level", levelNames)}
	}
	for m := from; m < deskMonths; m++ {
		c := d.catalogues[m][province]
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
		Dest: uint32(a.number("dest", 110000)), Filed: a.day("filed", from), From: from, To: a.day("to", day.Never),
	}
	return ""
}

// account credits a personal account and tells what is in it.
func (d *desk) account(a *arguments) string {
	p := &d.people[a.number("person", 1)]
	p.Credit(a.yuan("credit", 0))
	return "balance " + p.Balance().String()
}

// open makes the shard for the terms as they stand.
func (d *desk) open(a *arguments) *engine.Shard {
	if d.shard != nil {
		return d.shard
	}
	rules := engine.NewRules(deskFirst, deskMonths, 1, len(deskProvinces))
	for m := range day.Month(deskMonths) {
		for s := range engine.Scheme(engine.NumSchemes) {
			rules.SetTerms(deskFirst+m, 0, s, &d.terms[m][s])
		}
		for i, code := range deskProvinces {
			c := d.catalogues[m][code]
			rules.SetCatalogue(deskFirst+m, i, &c)
		}
	}
	for _, fault := range rules.Seal() {
		a.t.Errorf("%s: %v", a.td.Pos, fault)
	}
	d.shard = engine.NewShard(rules, []uint8{0}, d.people, d.books)
	return d.shard
}

// bill settles one bill: either fee=… as a single line of 甲类, or the lines of
// the input, each a catalogue class, an amount and what else is known.
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
		Filing:     d.filings[person],
	}
	if a.has("level") {
		c.Level = engine.Level(index(a, "level", levelNames))
	}
	for name, flag := range flagNames {
		if a.flag(name) {
			c.Flags |= flag
		}
	}
	lines := a.lines()
	if a.has("fee") {
		lines = append(lines, engine.Line{Amount: a.yuan("fee", 0), Class: engine.WesternDrug, SelfPay: engine.FromCatalogue})
	}
	c.Lines = uint32(len(lines))
	as, showCeiling := a.text("as", ""), a.flag("show-ceiling")

	before := d.people[person]
	results := make([]engine.Result, 1)
	d.open(a).Settle([]engine.Claim{c}, lines, results)
	r := &results[0]
	if r.Status != engine.Settled {
		if *r != (engine.Result{Status: r.Status}) {
			a.t.Errorf("%s: a refused bill has amounts: %+v", a.td.Pos, *r)
		}
		if after := d.people[person]; after != before {
			a.t.Errorf("%s: a refused bill changed the person: %+v, was %+v", a.td.Pos, after, before)
		}
		return "refused: " + r.Status.String()
	}
	for _, fault := range identityFaults(&d.terms[c.SettleDay.Month()-deskFirst][c.Scheme], &c, r) {
		a.t.Errorf("%s: %s", a.td.Pos, fault)
	}
	if as != "" {
		d.bills[as] = settledBill{c, *r}
	}
	head := "settled as " + filingNames[r.Filing]
	if c.Kind == engine.Inpatient {
		head += fmt.Sprintf(", admission %d", r.Visit)
	}
	if showCeiling {
		head += fmt.Sprintf(", ceiling left %v", r.CeilingLeft)
	}
	return head + "\n" + bothSides(r)
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
	d.open(a).Reverse(b.claim.SettleDay, []engine.Claim{b.claim}, []engine.Result{b.result}, results)
	r := &results[0]
	if r.Status != engine.Settled {
		if d.people[b.claim.Person] != before {
			a.t.Errorf("%s: a refused reversal changed the person", a.td.Pos)
		}
		return "refused: " + r.Status.String()
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

// bothSides writes a bill as two equations: by what was bought, and by who pays.
func bothSides(r *engine.Result) string {
	if r.Hospital != 0 {
		panic("this version has no hospital part")
	}
	return fmt.Sprintf("%v = %s\n%v = %s\nbasic %v of in scope above %v",
		r.Fee, sum(part{"own-pay", r.OwnPay, false}, part{"over-limit", r.OverLimit, false},
			part{"pre-self-pay", r.PreSelfPay, false}, part{"in scope", r.InScope, true}),
		r.Fee, sum(part{"basic", r.Funds[engine.LayerBasic], true}, part{"large", r.Funds[engine.LayerLarge], false},
			part{"major", r.Funds[engine.LayerMajor], false}, part{"aid", r.Funds[engine.LayerAid], false},
			part{"account", r.Account, false}, part{"cash", r.Cash, true}),
		r.Ratio, r.Deductible)
}

var (
	schemeNames     = engine.SchemeNames[:]
	kindNames       = engine.KindNames[:]
	levelNames      = []string{"primary", "secondary", "tertiary", "top"}
	personTypeNames = []string{"working", "retired", "child", "adult", "elderly"}
	identityNames   = []string{"not_aided", "low_income", "extreme_poor", "near_poor"}
	filingNames     = []string{"unfiled", "retired_settled", "long_term_resident", "posted_worker", "referral", "emergency", "other_temporary"}
	catalogueNames  = []string{"甲", "乙", "丙"}
	flagNames       = map[string]engine.Flags{
		"emergency": engine.FlagEmergency, "injury": engine.FlagInjury, "third-party": engine.FlagThirdParty,
		"letter": engine.FlagInjuryLetter, "use-account": engine.FlagUseAccount, "unconnected": engine.FlagUnconnected,
		"unqualified": engine.FlagUnqualified, "suspended": engine.FlagSuspended,
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
				line.SelfPay = a.percent(value)
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
