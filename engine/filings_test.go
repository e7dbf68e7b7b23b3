package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// filingRules are the rules and edge cases that the files of testdata/filings are
// about; each must stand in the heading of one.
var filingRules = []string{
	"A2", "A10", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B12", "B14", "B15", "B16", "B17", "B18", "B19",
	"B20", "B21", "B22", "B23", "B24", "B25", "C5", "C6", "E3", "R9", "X7", "X12", "X13", "X15", "X16", "X17", "X47",
}

// TestFilingArticles plays the files of testdata/filings, one per rule or topic.
// Each starts with the agency of 廊坊 131000 under the rules since 2023, and one
// person without filings. Dates below the dashes were worked out by hand.
//
//	go test ./engine -run TestFilingArticles/NAME -rewrite
//
// accepts a changed answer; read the difference before keeping it.
func TestFilingArticles(t *testing.T) {
	var answered [engine.NumFilingStatuses]bool
	datadriven.Walk(t, "testdata/filings", func(t *testing.T, path string) {
		o := &filingOffice{rule: engine.FilingRule2023, history: engine.History{Home: 131000}, answered: &answered}
		datadriven.RunTest(t, path, o.run)
	})
	t.Run("every status", func(t *testing.T) {
		for s, seen := range answered {
			if !seen {
				t.Errorf("no case is answered %v", engine.FilingStatus(s))
			}
		}
	})
	t.Run("every rule", everyFilingRule)
}

// everyFilingRule holds the rules in the code of filings against the headings of
// the cases, both ways.
func everyFilingRule(t *testing.T) {
	id := regexp.MustCompile(`\b[A-EIRVX][1-9]\d?\b`)
	headed := map[string]bool{}
	paths, err := filepath.Glob("testdata/filings/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		heading, _, _ := strings.Cut(string(text), "\n")
		rules := id.FindAllString(heading, -1)
		if first := filepath.Base(path)[:3]; len(rules) == 0 || fmt.Sprintf("%s%02s", strings.ToLower(rules[0][:1]), rules[0][1:]) != first {
			t.Errorf("%s: the heading is about %v", path, rules)
		}
		for _, rule := range rules {
			headed[rule] = true
			if !slices.Contains(filingRules, rule) {
				t.Errorf("%s: %s is not listed", path, rule)
			}
		}
	}
	for _, rule := range filingRules {
		if !headed[rule] {
			t.Errorf("no file of testdata/filings is about %s", rule)
		}
	}
	for _, path := range []string{"filings.go", "applications.go"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range id.FindAllString(string(text), -1) {
			if !slices.Contains(filingRules, rule) {
				t.Errorf("%s cites %s, and no file of testdata/filings is about it", path, rule)
			}
		}
	}
}

// filingOffice is the agency that a file talks to, and the person it talks about.
type filingOffice struct {
	rule     engine.FilingRule
	history  engine.History
	answered *[engine.NumFilingStatuses]bool
}

// officeCalendar has the days off and the make-up days of 2023 and 2024 that the
// cases come near.
var officeCalendar = func() *day.Calendar {
	var off, worked []day.Day
	for _, span := range [][2]day.Day{
		{day.Of(2023, 9, 29), day.Of(2023, 10, 6)}, {day.Of(2024, 2, 10), day.Of(2024, 2, 17)}, {day.Of(2024, 5, 1), day.Of(2024, 5, 5)},
	} {
		for d := span[0]; d <= span[1]; d++ {
			off = append(off, d)
		}
	}
	worked = append(worked,
		day.Of(2023, 10, 7), day.Of(2023, 10, 8), day.Of(2024, 2, 4), day.Of(2024, 2, 18), day.Of(2024, 4, 28), day.Of(2024, 5, 11))
	return day.NewCalendar(day.Of(2023, 1, 1), day.Of(2025, 1, 1), off, worked)
}()

var (
	basisNames  = []string{"none", "material", "commitment", "referral_doc"}
	groundNames = []string{"none", "elderly_with_permit", "minor_with_guardian", "flexible_employment"}
)

func (o *filingOffice) run(t *testing.T, td *datadriven.TestData) string {
	a := &arguments{t: t, td: td}
	commands := map[string]func(*arguments) string{
		"rule": o.setRule, "person": o.person, "apply": o.apply, "state": o.state, "change": o.change, "cancel": o.cancel, "revoke": o.revoke,
		"fulfil": o.fulfil, "end-enrolment": o.endEnrolment, "settled": o.settled, "reversed": o.reversed, "bill": o.bill,
		"manual": o.manual, "on-file": o.onFile, "statuses": o.statuses, "channels": o.channels,
	}
	command, known := commands[td.Cmd]
	if !known {
		t.Fatalf("%s: no command %q", td.Pos, td.Cmd)
	}
	answer := command(a)
	a.finish()
	return answer
}

// setRule takes the rules of a generation and lays a pool's own over them.
func (o *filingOffice) setRule(a *arguments) string {
	switch since := a.text("since", ""); since {
	case "2019":
		o.rule = engine.FilingRule2019
	case "2023":
		o.rule = engine.FilingRule2023
	case "":
	default:
		a.t.Fatalf("%s: no rules since %q", a.td.Pos, since)
	}
	r := &o.rule
	r.TemporaryMonths = uint8(a.number("temporary-months", int(r.TemporaryMonths)))
	r.LockMonths = uint8(a.number("lock-months", int(r.LockMonths)))
	r.LockAfterCare = a.flag("lock-after-care") || r.LockAfterCare
	r.RetroLongTerm = int16(a.number("retro-long-term", int(r.RetroLongTerm)))
	r.RetroTemporary = int16(a.number("retro-temporary", int(r.RetroTemporary)))
	r.HandlingDays = uint8(a.number("handling-days", int(r.HandlingDays)))
	if a.flag("home-local") {
		r.HomeReturn = engine.HomeLocal
	}
	if a.has("ground") {
		r.Grounds |= 1 << index(a, "ground", groundNames)
	}
	if a.has("kind") {
		r.Accepts[index(a, "kind", filingNames)] |= 1 << index(a, "accepts", basisNames)
	}
	return ""
}

func (o *filingOffice) person(a *arguments) string {
	o.history = engine.History{Home: uint32(a.number("home", 131000))}
	return ""
}

func (o *filingOffice) application(a *arguments) engine.Application {
	x := engine.Application{
		Kind: engine.FilingKind(index(a, "kind", filingNames)), Basis: engine.Basis(a.optional("basis", basisNames)),
		Ground: engine.Ground(a.optional("ground", groundNames)), Channel: engine.Channel(a.optional("channel", engine.ChannelNames[:])),
		PersonType: engine.PersonType(a.optional("type", personTypeNames)), Age: uint8(a.number("age", 0)),
		Dest: uint32(a.number("dest", 110000)), Diagnosis: uint32(a.number("diagnosis", 0)),
		Applied: a.day("on", 0), Begin: a.day("begin", 0), Done: a.day("done", 0),
	}
	if x.Kind.LongTerm() && !a.has("basis") {
		x.Basis = engine.ByMaterial
	}
	if x.Kind == engine.Referral && !a.has("basis") {
		x.Basis = engine.ByReferralDoc
	}
	return x
}

func (o *filingOffice) apply(a *arguments) string {
	return o.answer(o.history.File(&o.rule, officeCalendar, o.application(a)))
}

// state puts a filing on file as somebody states that it stands.
func (o *filingOffice) state(a *arguments) string {
	end := a.day("end", day.Never)
	return o.answer(o.history.State(&o.rule, officeCalendar, o.application(a), end, a.flag("fulfilled"), a.flag("revoked")))
}

func (o *filingOffice) change(a *arguments) string {
	return o.answer(o.history.Change(&o.rule, officeCalendar, o.application(a)))
}

func (o *filingOffice) cancel(a *arguments) string {
	kind, dest := engine.FilingKind(index(a, "kind", filingNames)), uint32(a.number("dest", 110000))
	return o.answer(o.history.Cancel(&o.rule, kind, dest, a.day("on", 0)))
}

func (o *filingOffice) revoke(a *arguments) string {
	kind, dest := engine.FilingKind(index(a, "kind", filingNames)), uint32(a.number("dest", 110000))
	return o.answer(o.history.Revoke(kind, dest, a.day("on", 0)))
}

func (o *filingOffice) fulfil(a *arguments) string { return o.answer(o.history.Fulfil(a.day("on", 0))) }

func (o *filingOffice) endEnrolment(a *arguments) string {
	return o.answer(o.history.EndEnrolment(a.day("on", 0)))
}

func (o *filingOffice) claim(a *arguments) *engine.Claim {
	settled := a.day("day", 0)
	c := &engine.Claim{Area: uint32(a.number("area", 110000)), SettleDay: settled, AdmitDay: a.day("admitted", settled)}
	if a.flag("emergency") {
		c.Flags |= engine.FlagEmergency
	}
	return c
}

func (o *filingOffice) settled(a *arguments) string {
	o.history.Settled(o.claim(a))
	return ""
}

func (o *filingOffice) reversed(a *arguments) string {
	o.history.Reversed(o.claim(a))
	return ""
}

// bill tells the filing that a bill is settled under, and what comes of it.
func (o *filingOffice) bill(a *arguments) string {
	c := o.claim(a)
	c.Filing = o.history.For(&o.rule, c)
	kind, status := o.rule.CheckFiling(c)
	if c.Area/10_000 == o.history.Home/10_000 {
		kind, status = o.rule.AtHome(c)
	}
	if status != engine.Settled {
		return fmt.Sprintf("refused: %v\n%s", status, describeFiling(c.Filing))
	}
	return fmt.Sprintf("settled as %s\n%s", filingNames[kind], describeFiling(c.Filing))
}

// manual tells the filing that a bill is reimbursed under when claimed by hand.
func (o *filingOffice) manual(a *arguments) string {
	c := o.claim(a)
	return describeFiling(o.history.ForReimbursement(&o.rule, c, a.day("claimed", 0)))
}

func (o *filingOffice) onFile(a *arguments) string {
	var b strings.Builder
	for _, f := range o.history.Filings(a.day("on", 0)) {
		fmt.Fprintln(&b, describeFiling(f))
	}
	if b.Len() == 0 {
		return "nothing"
	}
	return b.String()
}

func (o *filingOffice) statuses(*arguments) string {
	var b strings.Builder
	for s := engine.FilingStatus(0); s < engine.NumFilingStatuses; s++ {
		x := s.Text()
		fmt.Fprintf(&b, "%s (%s): %s %s\n", x.Name, x.Class, x.English, x.Chinese)
	}
	return b.String()
}

func (o *filingOffice) channels(*arguments) string {
	var b strings.Builder
	for c, name := range engine.ChannelNames {
		channel := engine.Channel(c)
		fmt.Fprintf(&b, "%s %d", name, channel.FormCode())
		if channel.AtCounter() {
			fmt.Fprint(&b, " at once")
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func (o *filingOffice) answer(status engine.FilingStatus, f engine.Filing) string {
	o.answered[status] = true
	word := status.String()
	if !status.Accepted() {
		word = "refused: " + word
	}
	if f == (engine.Filing{}) {
		return word
	}
	return word + "\n" + describeFiling(f)
}

func describeFiling(f engine.Filing) string {
	if f == (engine.Filing{}) {
		return "no filing"
	}
	text := fmt.Sprintf("%s to %06d by %s, filed %v, %v to %v", filingNames[f.Kind], f.Dest, basisNames[f.Basis], f.Filed, f.From, f.To)
	if f.Fulfilled {
		text += ", fulfilled"
	}
	if f.Revoked {
		text += ", revoked"
	}
	return text
}

// TestFilingLives plays random lives under random rules. On no day do two long-term
// filings cover (X15); a locked one stays as it is (B10, B11); a clipped filing
// begins later than asked, never earlier, and none reaches back beyond the limit
// (B16, X16); For takes no revoked filing for cover (B23) and finds the best that
// there is (C5, C6); and a bill of a day is settled the same whatever is requested
// after it (B14, X13).
func TestFilingLives(t *testing.T) {
	cities := []uint32{110000, 310000, 330100, 460000, 130100}
	life := func(t *rapid.T) {
		rule := engine.FilingRule2023
		rule.TemporaryMonths = rapid.SampledFrom([]uint8{0, 6, 7, 12}).Draw(t, "months")
		rule.LockMonths = rapid.SampledFrom([]uint8{0, 1, 6}).Draw(t, "lock")
		rule.LockAfterCare = rapid.Bool().Draw(t, "lock after care")
		rule.RetroLongTerm = rapid.SampledFrom([]int16{engine.AnyRetro, 0, 5}).Draw(t, "retro long-term")
		rule.RetroTemporary = rapid.SampledFrom([]int16{engine.AnyRetro, 0, 30}).Draw(t, "retro temporary")
		rule.HandlingDays = rapid.Uint8Range(0, 2).Draw(t, "handling")
		rule.InForce = engine.InForce(rapid.IntRange(0, 2).Draw(t, "in force"))
		h := engine.History{Home: 131000}
		var cared []care
		type answer struct {
			claim  engine.Claim
			kind   engine.FilingKind
			status engine.Status
			filing engine.Filing
		}
		settle := func(c *engine.Claim) answer {
			f := h.For(&rule, c)
			with := *c
			with.Filing = f
			kind, status := rule.CheckFiling(&with)
			f.To = 0 // the one thing that shows what came after
			return answer{*c, kind, status, f}
		}
		var bills []answer
		today := day.Of(2023, 10, 1)
		for range rapid.IntRange(1, 25).Draw(t, "requests") {
			today += day.Day(rapid.SampledFrom([]int{0, 1, 2, 7, 30, 31, 180, 184}).Draw(t, "days later"))
			city := rapid.SampledFrom(cities).Draw(t, "city")
			kind := engine.FilingKind(rapid.IntRange(1, 6).Draw(t, "kind"))
			before := h.Filings(today)
			var status engine.FilingStatus
			a := engine.Application{Kind: kind, Dest: city, Applied: today, Channel: engine.Channel(rapid.IntRange(0, 8).Draw(t, "channel")),
				Begin: today + day.Day(rapid.IntRange(-40, 10).Draw(t, "begin")), Diagnosis: rapid.Uint32Range(0, 2).Draw(t, "diagnosis"),
				Basis: engine.Basis(rapid.IntRange(0, 3).Draw(t, "basis"))}
			if rapid.Bool().Draw(t, "proper basis") {
				a.Basis = map[bool]engine.Basis{true: engine.ByCommitment, false: engine.ByReferralDoc}[kind.LongTerm()]
			}
			free := false // may end a locked filing
			switch rapid.IntRange(0, 9).Draw(t, "request") {
			case 0, 1, 2, 3:
				var f engine.Filing
				status, f = h.File(&rule, officeCalendar, a)
				checkBegin(t, &rule, &a, status, f)
			case 4, 5:
				status, _ = h.Change(&rule, officeCalendar, a)
			case 6, 7:
				status, _ = h.Cancel(&rule, kind, city, today)
			case 8:
				status, _ = h.Revoke(kind, city, today)
				free = true
			default:
				if rapid.Bool().Draw(t, "fulfil") {
					status, _ = h.Fulfil(today)
				} else {
					status, _ = h.EndEnrolment(today)
				}
				free = true
			}
			if status == engine.FilingOutOfOrder {
				t.Fatalf("%v is not out of order", today)
			}
			after := h.Filings(today)
			for i, f := range before {
				if !free && locked(&rule, i, f, today, cared) && after[i] != f {
					t.Fatalf("%v: locked, and yet %s became %s", today, describeFiling(f), describeFiling(after[i]))
				}
			}
			onePerDay(t, after)
			for i, b := range bills {
				now := settle(&b.claim)
				if b.claim.SettleDay < today && now != b {
					t.Fatalf("%v made of\n%+v\n%+v", today, b, now)
				}
				bills[i] = now // of today, the request came before it
			}

			c := engine.Claim{Area: rapid.SampledFrom(cities[:4]).Draw(t, "area"), SettleDay: today}
			c.AdmitDay = today - day.Day(rapid.IntRange(0, 9).Draw(t, "stay"))
			if rapid.IntRange(0, 3).Draw(t, "emergency") == 0 {
				c.Flags = engine.FlagEmergency
			}
			b := settle(&c)
			bills = append(bills, b)
			if b.status == engine.Settled && b.filing.Revoked {
				t.Fatalf("covered by a revoked filing: %+v", b)
			}
			best := engine.NumFilingKinds
			for _, f := range after {
				with := c
				with.Filing = f
				if kind, status := rule.CheckFiling(&with); status == engine.Settled {
					best = min(best, max(int(kind), int(engine.PostedWorker))) // the long-term kinds are equals
				}
			}
			if best < engine.NumFilingKinds && (b.status != engine.Settled || int(b.kind) > best && c.Flags == 0) {
				t.Fatalf("a filing of kind %d covers, and not %+v", best, b)
			}
			if b.status == engine.Settled && b.kind.LongTerm() {
				h.Settled(&c)
				cared = append(cared, care{c, len(after)})
			}
		}
	}
	for range 30 { // a life is short, and what goes wrong in it is rare
		rapid.Check(t, life)
	}
}

// checkBegin holds the first day of a new filing against what was asked for.
func checkBegin(t *rapid.T, r *engine.FilingRule, a *engine.Application, status engine.FilingStatus, f engine.Filing) {
	if !status.Accepted() {
		return
	}
	retro := r.RetroTemporary
	if a.Kind.LongTerm() {
		retro = r.RetroLongTerm
	}
	switch {
	case f.From < a.Begin, (f.From > a.Begin) != (status == engine.FilingClipped):
		t.Fatalf("asked for %v, %v: %s", a.Begin, status, describeFiling(f))
	case retro != engine.AnyRetro && f.From < a.Applied-day.Day(retro):
		t.Fatalf("more than %d days before %v: %s", retro, a.Applied, describeFiling(f))
	case f.Filed < a.Applied || officeCalendar.WorkingBetween(a.Applied, f.Filed) > int(r.HandlingDays):
		t.Fatalf("applied %v: %s", a.Applied, describeFiling(f))
	case a.Kind.LongTerm() || r.TemporaryMonths == 0:
		if f.To != day.Never {
			t.Fatalf("a filing without end: %s", describeFiling(f))
		}
	case f.To.Month() != f.From.Month()+day.Month(r.TemporaryMonths) && f.To != (f.From.Month()+day.Month(r.TemporaryMonths)).Last()+1:
		t.Fatalf("%d months: %s", r.TemporaryMonths, describeFiling(f))
	}
}

// care is a bill settled under a long-term filing, and how many filings there were.
type care struct {
	claim   engine.Claim
	filings int
}

// locked reports whether filing i could not be cancelled on a day.
func locked(r *engine.FilingRule, i int, f engine.Filing, on day.Day, cared []care) bool {
	_, _, d := f.Filed.Date()
	if !f.Kind.LongTerm() || f.Revoked || on >= f.To || on < f.Filed || on >= (f.Filed.Month()+day.Month(r.LockMonths)).On(d) {
		return false
	}
	return !r.LockAfterCare || slices.ContainsFunc(cared, func(c care) bool {
		return i < c.filings && c.claim.Area == f.Dest && c.claim.SettleDay >= f.Filed && c.claim.SettleDay >= f.From
	})
}

// onePerDay fails where two long-term filings cover a day (X15).
func onePerDay(t *rapid.T, filings []engine.Filing) {
	for i, f := range filings {
		for _, g := range filings[:i] {
			if f.Kind.LongTerm() && g.Kind.LongTerm() && !f.Revoked && !g.Revoked && max(f.From, g.From) < min(f.To, g.To) {
				t.Fatalf("both in force: %s; %s", describeFiling(f), describeFiling(g))
			}
		}
	}
}
