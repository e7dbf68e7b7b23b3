package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// obstacle is one reason to refuse a bill, put onto a claim that is otherwise sound.
type obstacle struct {
	status engine.Status
	put    func(*engine.Claim, *[]engine.Line)
}

// obstacles are the reasons that Settle knows, in the order of Status. Where two
// cannot stand on one claim the later one replaces the earlier, so they are put on
// from the last to the first.
var obstacles = []obstacle{
	{engine.StatusSameProvince, func(c *engine.Claim, _ *[]engine.Line) {
		c.Treating, c.Area, c.Filing.Kind = 0, 131000, engine.OtherTemporary
	}},
	{engine.StatusNoPolicy, func(c *engine.Claim, _ *[]engine.Line) {
		away(c)
		c.AdmitDay, c.SettleDay = day.Of(2030, 1, 1), day.Of(2030, 1, 1)
	}},
	{engine.StatusNoPolicy, func(_ *engine.Claim, lines *[]engine.Line) { // the catalogue of a line's day (X43)
		*lines = append(*lines, engine.Line{Amount: money.Yuan, DaysBefore: 3_000})
	}},
	{engine.StatusNoPolicy, func(c *engine.Claim, _ *[]engine.Line) { // the former year of a stay (R16)
		away(c)
		c.Kind, c.AdmitDay, c.SettleDay = engine.Inpatient, day.Of(2022, 12, 31), day.Of(2023, 1, 1)
	}},
	{engine.StatusUnverified, func(c *engine.Claim, _ *[]engine.Line) { c.Flags |= engine.FlagUnverified }},
	{engine.StatusSuspended, func(c *engine.Claim, _ *[]engine.Line) { c.Flags |= engine.FlagSuspended }},
	{engine.StatusUnconnected, func(c *engine.Claim, _ *[]engine.Line) { c.Flags |= engine.FlagUnconnected }},
	{engine.StatusThirdParty, func(c *engine.Claim, _ *[]engine.Line) { c.Flags |= engine.FlagThirdParty }},
	{engine.StatusNoInjuryLetter, func(c *engine.Claim, _ *[]engine.Line) { c.Flags |= engine.FlagInjury }},
	{engine.StatusNotFiled, func(c *engine.Claim, _ *[]engine.Line) { away(c); c.Filing.Filed = c.SettleDay + 1 }},
	{engine.StatusFilingRevoked, func(c *engine.Claim, _ *[]engine.Line) { away(c); c.Filing.Revoked = true }},
	{engine.StatusFiledElsewhere, func(c *engine.Claim, _ *[]engine.Line) { away(c); c.Filing.Dest = 310000 }},
	{engine.StatusFilingNotInForce, func(c *engine.Claim, _ *[]engine.Line) {
		away(c)
		c.Filing.From, c.Filing.To = 0, c.AdmitDay
	}},
	{engine.StatusCommitmentOpen, func(c *engine.Claim, _ *[]engine.Line) {
		c.Treating, c.Area, c.Filing.Basis = 0, 131000, engine.ByCommitment // at home
	}},
	{engine.StatusUnqualified, func(c *engine.Claim, _ *[]engine.Line) {
		c.Kind, c.Flags = engine.Chronic, c.Flags|engine.FlagUnqualified
	}},
	{engine.StatusDiseaseNotListed, func(c *engine.Claim, _ *[]engine.Line) { c.Kind, c.Disease = engine.Chronic, engine.OtherDisease }},
	{engine.StatusDiseaseNotOpened, func(c *engine.Claim, _ *[]engine.Line) {
		c.Kind, c.Flags = engine.Chronic, c.Flags|engine.FlagNotOpened
	}},
	{engine.StatusBadLines, func(_ *engine.Claim, lines *[]engine.Line) { *lines = append(*lines, wholly(-2*engine.MaxFee)) }},
	{engine.StatusYearClosed, func(c *engine.Claim, _ *[]engine.Line) {
		c.AdmitDay, c.SettleDay = day.Of(2023, 12, 31), day.Of(2023, 12, 31)
	}},
	{engine.StatusOutOfRange, func(_ *engine.Claim, lines *[]engine.Line) { *lines = append(*lines, wholly(engine.MaxFee)) }},
}

// away takes a claim out of the own province.
func away(c *engine.Claim) { c.Treating, c.Area = 1, 110000 }

// listTerms are plain terms of a pool that does not settle its own list of diseases and
// divides stays over 1 January.
func listTerms() engine.Terms {
	t := plainTerms()
	t.Diseases &^= 1 << engine.OtherDisease
	t.CrossYear = engine.CrossByDay
	return t
}

// TestRefusalOrder puts every pair of reasons on one bill: the first in the order
// of Status is the answer, and every status a bill can have is reached.
func TestRefusalOrder(t *testing.T) {
	reached := map[engine.Status]bool{}
	for i, first := range obstacles {
		for j, second := range obstacles[i:] {
			c := newCounter(t, listTerms(), engine.Catalogue{})
			claim, lines := plainClaim(engine.Outpatient, day.Of(2024, 3, 5)), []engine.Line{wholly(money.Yuan)}
			if r := c.settleOne(claim, lines...); r.Status != engine.Settled {
				t.Fatalf("nothing speaks against the bill: %v", r.Status)
			}
			c.books.Reset()
			second.put(&claim, &lines)
			if j > 0 {
				first.put(&claim, &lines)
			}
			before := c.people[0]
			r := c.settleOne(claim, lines...)
			reached[r.Status] = true
			if r != (engine.Result{Status: first.status}) {
				t.Errorf("%v with %v: got %+v", first.status, second.status, r)
			}
			if c.people[0] != before {
				t.Errorf("%v with %v: the refused bill changed the person", first.status, second.status)
			}
			for cell := range c.books.Rows() {
				t.Errorf("%v with %v: the refused bill posted to cell %d", first.status, second.status, cell)
			}
			if n := c.books.Refused[claim.Kind][first.status]; n != 1 {
				t.Errorf("%v with %v: counted %d times", first.status, second.status, n)
			}
		}
	}

	// A reversal can be refused for two reasons; the closed year comes first.
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	claim := plainClaim(engine.Outpatient, day.Of(2023, 12, 31))
	a := c.settleOne(claim, wholly(money.Yuan))
	reached[a.Status] = true
	c.settleOne(claim, wholly(money.Yuan))
	r := c.reverseOne(claim, 1, a)
	reached[r.Status] = true
	if r != (engine.Result{Status: engine.StatusNotLatest}) {
		t.Errorf("X8: %+v", r)
	}
	c.settleOne(plainClaim(engine.Outpatient, day.Of(2024, 1, 1)), wholly(money.Yuan))
	if r := c.reverseOne(claim, 1, a); r != (engine.Result{Status: engine.StatusYearClosed}) {
		t.Errorf("X10: %+v", r)
	}
	c.proven(t)

	stopped := make([]engine.Result, 1)
	engine.NewShard(engine.NewRules(day.MonthOf(2024, 1), 1, 1, 2), []uint8{0}, nil, engine.NewBooks(engine.Shape{Pools: 1, Provinces: 2})).Stop([]engine.Claim{claim}, nil, stopped)
	reached[stopped[0].Status] = true

	for s := range engine.Status(engine.NumStatuses) {
		if !reached[s] {
			t.Errorf("no bill of this test reached %v", s)
		}
	}
}

// TestStatusTexts: every status speaks to people in both languages and, but for
// Settled, falls into a class (E3); names are unique.
func TestStatusTexts(t *testing.T) {
	names := map[string]engine.Status{}
	classes := []engine.Class{engine.ClassIdentity, engine.ClassEnrolment, engine.ClassFiling, engine.ClassInstitution, engine.ClassData, engine.ClassBenefit, engine.ClassConflict, engine.ClassPeriod, engine.ClassPlannedStop}
	used := map[engine.Class]bool{}
	for s := range engine.Status(engine.NumStatuses) {
		text := s.Text()
		if other, twice := names[text.Name]; twice {
			t.Errorf("%d and %d are both named %q", other, s, text.Name)
		}
		names[text.Name] = s
		if text.Name == "" || text.Name != s.String() || strings.ToLower(text.Name) != text.Name || strings.ContainsAny(text.Name, " -.") {
			t.Errorf("status %d has the name %q", s, text.Name)
		}
		if !strings.HasSuffix(text.English, ".") || !unicode.IsUpper(rune(text.English[0])) {
			t.Errorf("%v: not an English sentence: %q", s, text.English)
		}
		if !strings.HasSuffix(text.Chinese, "。") || !strings.ContainsFunc(text.Chinese, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%v: not a Chinese sentence: %q", s, text.Chinese)
		}
		if (text.Class == engine.ClassNone) != (s == engine.Settled) {
			t.Errorf("%v: class %q", s, text.Class)
		}
		used[text.Class] = true
	}
	for _, class := range classes {
		if !used[class] {
			t.Errorf("no status falls into class %q", class)
		}
	}
	if len(used) != len(classes)+1 {
		t.Errorf("classes in use: %v", used)
	}
}

// TestFilingClasses: two classes, six kinds (B1).
func TestFilingClasses(t *testing.T) {
	var long, temporary []engine.FilingKind
	for k := range engine.FilingKind(engine.NumFilingKinds) {
		if k.LongTerm() {
			long = append(long, k)
		}
		if k.Temporary() {
			temporary = append(temporary, k)
		}
	}
	if got := fmt.Sprint(long, temporary); got != "[1 2 3] [4 5 6]" {
		t.Errorf("long-term and temporary kinds: %s", got)
	}
}

// TestNames: files, keys and messages use one name for each scheme and kind.
func TestNames(t *testing.T) {
	if got := fmt.Sprint(engine.Employee, engine.Resident); got != "employee resident" {
		t.Errorf("schemes: %s", got)
	}
	if got := fmt.Sprint(engine.Inpatient, engine.Outpatient, engine.Chronic, engine.Pharmacy, engine.AllKinds); got != "inpatient outpatient chronic pharmacy all" {
		t.Errorf("kinds: %s", got)
	}
}
