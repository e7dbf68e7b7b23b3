package sim

import (
	"slices"
	"sync"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// happened is a TracedBill that outlives its callback.
type happened struct {
	TracedBill
	lines  []engine.Line
	result engine.Result
}

// traced runs a world and returns what happened to the patients followed, patient
// by patient, in the order in which it happened.
func traced(t testing.TB, cfg Config, oneIn uint32) ([]happened, *Result) {
	t.Helper()
	var lock sync.Mutex
	var all []happened
	cfg.Trace = &Trace{OneIn: oneIn, Open: func(int) (func(*TracedBill) error, error) {
		return func(x *TracedBill) error {
			lock.Lock()
			defer lock.Unlock()
			all = append(all, happened{*x, slices.Clone(x.Lines), *x.Result})
			return nil
		}, nil
	}}
	r := mustRun(t, cfg)
	slices.SortStableFunc(all, func(a, b happened) int {
		x, y := a.ID, b.ID
		x.Kind, x.Ordinal, x.Rest, y.Kind, y.Ordinal, y.Rest = 0, 0, false, 0, 0, false
		if c := x.Compare(y); c != 0 {
			return c
		}
		return int(a.Sequence) - int(b.Sequence)
	})
	for i := range all {
		all[i].Lines, all[i].Result = nil, nil
	}
	return all, r
}

// Every behaviour that a world may state comes about, and looks on the bill as the
// rules say.
func TestEveryBehaviourOccurs(t *testing.T) {
	w := smallWorld(40_000)
	w.Outages = someOutages(w)
	all, r := traced(t, Config{World: w, Seed: 1}, 1)
	seen := map[string]int{}
	note := func(what string, is bool) {
		if is {
			seen[what]++
		} else if _, known := seen[what]; !known {
			seen[what] = 0
		}
	}
	refused := map[BillID]engine.Status{}
	poolOf := map[uint32]int{}
	for i, p := range w.Pools {
		poolOf[p.Code] = i
	}
	for i := range all {
		x := &all[i]
		c, res, f := &x.Claim, &x.result, &x.Claim.Filing
		profile := func(p Profile) bool {
			return p.PersonType == c.PersonType && p.AgeFrom <= c.Age && c.Age <= p.AgeTo
		}
		if !slices.ContainsFunc(w.Profiles, profile) {
			t.Fatalf("%v: a patient of type %d is %d years old", x.ID, c.PersonType, c.Age)
		}
		for s := range engine.Status(engine.NumStatuses) {
			if s != engine.StatusSameProvince && s != engine.StatusNoPolicy && s != engine.StatusFiledElsewhere && s != engine.StatusCommitmentOpen &&
				s != engine.StatusUnqualified && s != engine.StatusBadLines && s != engine.StatusYearClosed && s != engine.StatusOutOfRange && s != engine.StatusNotLatest {
				note("status "+s.String(), res.Status == s && x.Event <= EventRefused)
			}
		}
		if x.Event == EventRefused {
			refused[x.ID] = res.Status
		}
		if x.Event >= EventByHand {
			why := refused[x.ID]
			for _, s := range []engine.Status{engine.StatusNotFiled, engine.StatusFilingNotInForce, engine.StatusUnconnected, engine.StatusDiseaseNotListed,
				engine.StatusDiseaseNotOpened, engine.StatusPlatformDown} {
				note("by hand after "+s.String(), why == s)
			}
			if !claimable[why] {
				t.Errorf("%v: claimed by hand after %v", x.ID, why)
			}
		}
		for e := range Event(NumEvents) {
			note("event "+e.String(), x.Event == e)
		}
		note("visit settled days later (X31)", c.Kind != engine.Inpatient && c.SettleDay > c.AdmitDay && x.Event == EventDirect)
		late := f.Kind != engine.Unfiled && f.Filed >= c.AdmitDay && f.Filed > f.From
		note("filed after the first day, and settled (B14, X12)", late && x.Event == EventDirect)
		note("filed for, and handled too late (B6)", f.Filed > c.SettleDay && res.Status == engine.StatusNotFiled)
		note("filed too late and reimbursed by hand as of its kind (B15)", f.Filed > c.SettleDay && x.Event == EventByHand && res.Filing == f.Kind)
		note("unfiled and reimbursed by hand (B15)", f.Kind == engine.Unfiled && x.Event == EventByHand && res.Filing == engine.Unfiled)
		note("begin clipped (B16)", late && poolOf[x.ID.Pool] == 3 && f.From > c.AdmitDay)
		note("temporary filing without end (B9)", f.Kind.Temporary() && f.To == day.Never)
		note("temporary filing that ends (B8)", f.Kind.Temporary() && f.To < day.Never)
		note("temporary filing made days before", f.Kind.Temporary() && f.From == c.AdmitDay-4)
		note("by commitment, fulfilled (B17)", f.Basis == engine.ByCommitment && f.Fulfilled)
		note("by commitment, open", f.Basis == engine.ByCommitment && !f.Fulfilled)
		note("by material", f.Basis == engine.ByMaterial && f.Kind.LongTerm())
		old := poolOf[x.ID.Pool] == 2 && x.ID.Month < day.MonthOf(2024, 5)
		note("emergency under the rules of 2019 is not deemed filed (B2)", old && c.Flags&engine.FlagEmergency != 0 && res.Status == engine.StatusNotFiled)
		note("emergency deemed filed (B4)", !old && res.Filing == engine.Emergency && res.Status == engine.Settled)
		if old && (f.Kind == engine.OtherTemporary || f.Basis == engine.ByCommitment) {
			t.Errorf("%v: filing kind %d, basis %d under the rules of 2019 (B2, B3)", x.ID, f.Kind, f.Basis)
		}
		note("chronic visit settled as ordinary (X42)", c.Kind == engine.Chronic && res.Kind == engine.Outpatient && x.Event == EventDirect)
		for _, d := range []engine.Disease{engine.Hypertension, engine.Dialysis, engine.ChronicLung} {
			note("disease "+engine.DiseaseNames[d], c.Disease == d)
		}
		if (c.Kind == engine.Chronic) != (c.Disease != engine.NoDisease) {
			t.Errorf("%v: disease %d", x.ID, c.Disease)
		}
		settled := x.Event == EventDirect
		note("settled in the middle (X21)", settled && x.ID.Rest && c.Flags&engine.FlagContinued != 0)
		note("after a transfer (X22)", settled && x.ID.Rest && c.Flags&engine.FlagTransferred != 0)
		note("rest of a stay whose first part was refused", settled && x.ID.Rest && c.Flags&(engine.FlagContinued|engine.FlagTransferred) == 0)
		note("stay over 1 January by days (R16)", settled && res.Former.InScope > 0)
		note("case payment beside the items (C15)", settled && res.CaseGain > 0)
		note("case payment borne by the hospital (X41)", settled && res.Hospital > 0)
		note("relative's account", settled && res.Mutual > 0)
		note("civil servant", settled && res.Funds[engine.LayerCivil] > 0)
		note("enterprise", settled && res.Funds[engine.LayerEnterprise] > 0)
		note("large", settled && res.Funds[engine.LayerLarge] > 0)
		note("major", settled && res.Funds[engine.LayerMajor] > 0)
		note("aid", settled && res.Funds[engine.LayerAid] > 0)
		stay := uint16(c.SettleDay - c.AdmitDay)
		for i, l := range x.lines {
			if l.DaysBefore > stay {
				t.Fatalf("%v: line %d used %d days before the end of a stay of %d", x.ID, i, l.DaysBefore, stay)
			}
		}
		note("items used over the stay (X43)", stay > 2 && x.lines[0].DaysBefore == stay && x.lines[len(x.lines)-1].DaysBefore < stay/2)
		if res.Status == engine.Settled && x.Event != EventByHand && f.Kind != engine.Unfiled && f.Filed > c.SettleDay && c.Flags&engine.FlagEmergency == 0 {
			t.Errorf("%v: settled under a filing of %v", x.ID, f.Filed)
		}
		if x.Event == EventByHand && (res.Account|res.Mutual|res.Hospital != 0 || !res.ByHand) {
			t.Errorf("%v: reimbursed by hand with %+v", x.ID, res)
		}
	}
	for what, n := range seen {
		if n == 0 {
			t.Errorf("never happens: %s", what)
		}
	}

	// The result says the same as the bills.
	var hand [engine.NumKinds]engine.Totals
	var refusedByHand [engine.NumKinds]int64
	var direct int64
	for i := range all {
		x := &all[i]
		measured := x.ID.Month >= w.First+day.Month(w.WarmUp)
		switch {
		case x.Event == EventDirect:
			direct++
		case x.Event == EventByHand && measured:
			h := &hand[x.result.Kind]
			h[engine.Cases]++
			h[engine.SumFee] += int64(x.result.Fee)
			h[engine.SumBasic] += int64(x.result.Funds[engine.LayerBasic])
		case x.Event == EventRefusedByHand && measured:
			refusedByHand[x.Claim.Kind]++
		}
	}
	for k := range hand {
		got := &r.ByHand[k]
		if hand[k][engine.Cases] == 0 || got[engine.Cases] != hand[k][engine.Cases] || got[engine.SumFee] != hand[k][engine.SumFee] || got[engine.SumBasic] != hand[k][engine.SumBasic] {
			t.Errorf("%v by hand: result says %d, the bills %d", engine.Kind(k), got[:7], hand[k][:7])
		}
	}
	if refusedByHand != r.RefusedByHand || direct != r.Settled {
		t.Errorf("refused by hand %d, bills say %d; settled %d, bills say %d", r.RefusedByHand, refusedByHand, r.Settled, direct)
	}
}

// Who does not file late and claims nothing by hand pays in full.
func TestNoHandNoManualClaims(t *testing.T) {
	w := smallWorld(8_000)
	for k := range w.Behavior.ClaimByHand {
		w.Behavior.ClaimByHand[k] = 0
	}
	r := mustRun(t, Config{World: w, Seed: 1})
	if r.ByHand != [engine.NumKinds]engine.Totals{} {
		t.Errorf("by hand: %v", r.ByHand)
	}
	if r.Outcomes[engine.Inpatient][engine.StatusNotFiled] == 0 {
		t.Error("nobody was refused")
	}
}

// The slower the agency, the fewer late filings are done before discharge (B6, B14);
// who asks, and when, stays the same.
func TestLateFilingRacesWithDischarge(t *testing.T) {
	var notFiled [3]int64
	var asked [3]int
	for i, days := range []uint8{0, 1, 2} {
		w := smallWorld(8_000)
		w.Behavior.MidStay, w.Behavior.Transferred = 0, 0 // the first part of a stay is settled before its end
		w.Rules = rulesOf(w, func(terms *engine.Terms, _ day.Month, _ int) { terms.Filing.HandlingDays = days })
		all, r := traced(t, Config{World: w, Seed: 1}, 1)
		notFiled[i] = r.Outcomes[engine.Inpatient][engine.StatusNotFiled] + r.Outcomes[engine.Outpatient][engine.StatusNotFiled]
		for j := range all {
			c := &all[j].Claim
			if f := &c.Filing; all[j].Event <= EventRefused && f.Kind != engine.Unfiled && f.From == c.AdmitDay && f.Filed >= c.AdmitDay {
				asked[i]++
				if days == 0 && f.Filed > c.SettleDay {
					t.Fatalf("%v: filed at once on %v, discharged %v", all[j].ID, f.Filed, c.SettleDay)
				}
			}
		}
	}
	if !(notFiled[0] < notFiled[1] && notFiled[1] < notFiled[2]) {
		t.Errorf("refused for want of a filing: %d by days of handling", notFiled)
	}
	if asked[0] == 0 || asked[0] != asked[1] || asked[1] != asked[2] {
		t.Errorf("asked for late: %d by days of handling", asked)
	}
}

// rulesOf is a world's rules with each of the small terms changed.
func rulesOf(w *World, change func(t *engine.Terms, m day.Month, pool int)) *engine.Rules {
	first, months := w.Rules.Months()
	rules := engine.NewRules(first, months, len(w.Pools), len(w.Provinces))
	for m := first; m < first+day.Month(months); m++ {
		for pool := range w.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				t := *w.Rules.Terms(m, pool, s)
				change(&t, m, pool)
				rules.SetTerms(m, m, pool, s, &t)
			}
		}
		for p := range w.Provinces {
			rules.SetCatalogue(m, m, p, w.Rules.Catalogue(m, p))
		}
	}
	if faults := rules.Seal(); faults != nil {
		panic(faults)
	}
	return rules
}

// Two policies see the same patients with the same bills (common random numbers);
// only how they are filed and whether a stay goes on from a settled part depend on
// the policy.
func TestPatientsDoNotDependOnThePolicy(t *testing.T) {
	w := smallWorld(8_000)
	other := smallWorld(8_000)
	other.Rules = rulesOf(other, func(t *engine.Terms, _ day.Month, pool int) {
		t.Filing.HandlingDays, t.Filing.TemporaryMonths, t.Filing.RetroLongTerm = 1, 12, 0
		t.Ceiling = 10_000 * money.Yuan
		t.CrossYear = engine.CrossByDay
		t.Benefits[engine.Inpatient].Ratio[engine.Working][engine.LevelTop][0] = 5000 + money.BasisPoints(pool)
	})
	bills := func(w *World) (claims []engine.Claim, lines [][]engine.Line) {
		all, _ := traced(t, Config{World: w, Seed: 1}, 2)
		for i := range all {
			if all[i].Event > EventRefused {
				continue
			}
			c := all[i].Claim
			c.Filing = engine.Filing{}
			c.Flags &^= engine.FlagContinued | engine.FlagTransferred
			c.Stay, c.FormerStay = 0, 0
			claims, lines = append(claims, c), append(lines, all[i].lines)
		}
		return claims, lines
	}
	a, aLines := bills(w)
	b, bLines := bills(other)
	if len(a) < 10_000 || len(a) != len(b) {
		t.Fatalf("%d and %d bills", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] || !slices.Equal(aLines[i], bLines[i]) {
			t.Fatalf("bill %d differs: %+v, %+v", i, a[i], b[i])
		}
	}
}

// A behaviour that is new takes its share from those to whom nothing happened: all
// others meet with the same as before.
func TestNewBehaviourShiftsNobody(t *testing.T) {
	w := smallWorld(8)
	for k := range engine.Kind(engine.NumKinds) {
		with, err := incidentsOf(&w.Behavior, k)
		if err != nil {
			t.Fatal(err)
		}
		before := w.Behavior
		before.Unverified, before.MidStay, before.Transferred, before.NotOpened = 0, 0, 0, 0
		without, err := incidentsOf(&before, k)
		if err != nil {
			t.Fatal(err)
		}
		for draw := range uint32(1 << 16) {
			if was, is := without.which.Pick(draw), with.which.Pick(draw); was != is && was != nothing {
				t.Fatalf("%v, draw %d: was incident %d, is %d", k, draw, was, is)
			}
			if divided := with.which.Pick(draw); with.divides(draw) != (divided == midStay || divided == transfer) {
				t.Fatalf("%v, draw %d: incident %d, divides %v", k, draw, divided, with.divides(draw))
			}
		}
		arrive, err := arrivalsOf(w.Behavior.TemporaryFiling[k][:], w.Behavior.FilingLead)
		if err != nil {
			t.Fatal(err)
		}
		kinds, _ := draw.ChoiceOf(w.Behavior.TemporaryFiling[k][:])
		var leads [5]int
		for draw := range uint32(1 << 16) {
			a := arrive.of[arrive.which.Pick(draw)]
			if int(a.kind) != kinds.Pick(draw) {
				t.Fatalf("%v, draw %d: filing kind %d, want %d", k, draw, a.kind, kinds.Pick(draw))
			}
			if a.kind == engine.Referral {
				leads[a.lead]++
			}
		}
		sum := leads[0] + leads[1] + leads[2] + leads[3] + leads[4]
		for lead, n := range leads {
			if want := sum * int(w.Behavior.FilingLead[lead]) / 10_000; n < want-1 || n > want+1 {
				t.Errorf("%v: %d referrals were filed %d days before, want %d", k, n, lead, want)
			}
		}
	}
}

// The filings of the population are ones that the pool would have made, down to
// their days (B2, B3, B6, B8, B12, B16).
func TestPoolsMakeTheSameFilings(t *testing.T) {
	w := smallWorld(8_000)
	all, _ := traced(t, Config{World: w, Seed: 1}, 1)
	var prompt, late int
	for i := range all {
		x := &all[i]
		c, f := &x.Claim, x.Claim.Filing
		if x.Event > EventRefused || x.ID.Rest || f.Kind == engine.Unfiled || f.Kind.LongTerm() && f.From < w.First.First() {
			continue
		}
		rule := &w.Rules.Terms(x.ID.Month, int(c.Pool), c.Scheme).Filing
		want := f
		want.Revoked, want.Fulfilled = false, false
		// On which day of the stay it was asked for is not on the bill.
		discharged := c.SettleDay
		if f.Filed > c.SettleDay {
			discharged = f.Filed
		}
		made := func(asked, begin day.Day) bool {
			h := engine.History{Home: x.ID.Pool}
			status, got := h.File(rule, w.Calendar, engine.Application{Kind: f.Kind, Basis: f.Basis, Dest: c.Area, Applied: asked, Begin: begin, Done: f.Filed})
			return (status == engine.FilingDone || status == engine.FilingClipped) && got == want
		}
		if made(f.From, f.From) && f.Filed == f.From {
			prompt++
			continue
		}
		found := false
		for asked := c.AdmitDay; asked <= discharged; asked++ {
			found = found || made(asked, c.AdmitDay)
		}
		if !found {
			t.Fatalf("%v: the pool would not make the filing %+v, bill from %v to %v", x.ID, f, c.AdmitDay, c.SettleDay)
		}
		late++
	}
	if prompt < 1000 || late < 1000 {
		t.Errorf("%d filings made before, %d late", prompt, late)
	}
}

func TestFilingEnds(t *testing.T) {
	for _, c := range []struct {
		from   day.Day
		months uint8
		to     day.Day
	}{
		{day.Of(2024, 1, 15), 6, day.Of(2024, 7, 15)},
		{day.Of(2023, 8, 31), 6, day.Of(2024, 3, 1)},
		{day.Of(2023, 8, 29), 6, day.Of(2024, 2, 29)},
		{day.Of(2023, 12, 31), 12, day.Of(2024, 12, 31)},
		{day.Of(2024, 1, 15), 0, day.Never},
	} {
		if got := EndOfFiling(c.from, c.months); got != c.to {
			t.Errorf("%d months from %v end on %v, want %v (B8)", c.months, c.from, got, c.to)
		}
	}
}

// X22 — before a transfer the patient lay in another hospital, of one level less where
// there is one; a stay settled in its middle stays where it was (X21).
func TestTransfersComeFromALesserHospital(t *testing.T) {
	all, _ := traced(t, Config{World: smallWorld(40_000), Seed: 1}, 1)
	first := map[BillID]*engine.Claim{}
	var transferred, continued int
	for i := range all {
		x := &all[i]
		if x.Event > EventRefused {
			continue
		}
		if !x.ID.Rest {
			first[x.ID] = &x.Claim
			continue
		}
		id := x.ID
		id.Rest = false
		before, after := first[id], &x.Claim
		switch {
		case after.Flags&engine.FlagTransferred != 0:
			transferred++
			if before.Level != max(after.Level, 1)-1 || before.Institution == after.Institution {
				t.Fatalf("%v: from institution %d of level %d to %d of level %d", x.ID, before.Institution, before.Level, after.Institution, after.Level)
			}
		case after.Flags&engine.FlagContinued != 0:
			continued++
			if before.Level != after.Level || before.Institution != after.Institution {
				t.Fatalf("%v: from institution %d of level %d to %d of level %d", x.ID, before.Institution, before.Level, after.Institution, after.Level)
			}
		}
	}
	if transferred < 100 || continued < 100 {
		t.Errorf("%d transfers, %d stays settled in their middle", transferred, continued)
	}
}

// A stay is divided inside it and in the month of its discharge.
func TestMiddleOfAStay(t *testing.T) {
	for admitted := -40; admitted < 31; admitted++ {
		for discharged := max(0, admitted); discharged < 31; discharged++ {
			day, ok := middle(admitted, discharged)
			if ok != (discharged-admitted > 1 && discharged > 0) {
				t.Fatalf("from %d to %d: %v", admitted, discharged, ok)
			}
			if ok && (day <= admitted || day >= discharged || day < 0) {
				t.Fatalf("from %d to %d: divided on %d", admitted, discharged, day)
			}
		}
	}
}

// A month of bills, manual claims and reversals allocates nothing.
func TestMonthAllocatesNothing(t *testing.T) {
	w := smallWorld(8_192)
	c, err := compile(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	blocks, count := blocksOf(c, 1)
	allocatePatients(c, blocks, count)
	worker := newWorker(c)
	worker.run(blocks[0], 0)
	worker.run(blocks[0], 1)
	if n := testing.AllocsPerRun(3, func() { worker.run(blocks[0], 1) }); n != 0 {
		t.Errorf("%v allocations a month", n)
	}
}
