package audit_test

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// bill is a settled bill as the engine answered it, with the terms it was settled under.
type bill struct {
	c     *engine.Claim
	lines []engine.Line
	r     *engine.Result
	terms *engine.Terms
	// admissions are the year's before the bill.
	admissions int
}

func (b bill) benefit() *engine.Benefit { return &b.terms.Benefits[b.r.Kind] }

func (b bill) charged(mode engine.DeductibleMode) bool {
	return b.benefit().Mode == mode && b.r.Deductible > 0
}

// chargedInPart: earlier bills have used up a part of the standard.
func (b bill) chargedInPart(mode engine.DeductibleMode) bool {
	return b.charged(mode) && b.r.Deductible < b.r.InScope && b.r.Deductible < b.benefit().Deductible[b.c.PersonType][b.c.Level]
}

// later: an admission under a rule for later ones, and not the first.
func (b bill) later(rule engine.LaterRule) bool {
	return b.benefit().Mode == engine.PerVisit && b.benefit().Later == rule && b.r.Visit > 1
}

// goesOn: the bill is of an admission that was counted before.
func (b bill) goesOn() bool {
	return b.r.Kind == engine.Inpatient && b.c.Stay != 0 && b.r.Visit == b.c.Stay && int(b.c.Stay) <= b.admissions
}

func (b bill) merged() bool {
	merge := b.benefit().Merge
	return b.goesOn() && (merge&engine.MergeMidStay != 0 && b.c.Flags&engine.FlagContinued != 0 ||
		merge&engine.MergeTransfers != 0 && b.c.Flags&engine.FlagTransferred != 0)
}

func (b bill) crosses() bool { return b.r.Former.InScope > 0 }

func (b bill) anyLine(is func(*engine.Line) bool) bool {
	for i := range b.lines {
		if is(&b.lines[i]) {
			return true
		}
	}
	return false
}

func (b bill) settledOn(is func(month, dayOfMonth int) bool) bool {
	_, month, dayOfMonth := b.c.SettleDay.Date()
	return is(month, dayOfMonth)
}

// facts are what a run of the stories must meet: each is of a settled bill.
var facts = []struct {
	name string
	is   func(b bill) bool
}{
	{"deductible eats the bill", func(b bill) bool { return b.r.Deductible == b.r.InScope && b.r.InScope > 0 }},
	{"deductible per visit", func(b bill) bool { return b.charged(engine.PerVisit) }},
	{"deductible per year", func(b bill) bool { return b.charged(engine.PerYear) }},
	{"deductible per year, its rest", func(b bill) bool { return b.chargedInPart(engine.PerYear) }},
	{"deductible topped up", func(b bill) bool { return b.chargedInPart(engine.PerYearTopUp) }},
	{"deductible per quarter", func(b bill) bool { return b.charged(engine.PerQuarter) }},
	{"deductible per quarter, its rest", func(b bill) bool { return b.chargedInPart(engine.PerQuarter) }},
	{"deductible per month", func(b bill) bool { return b.charged(engine.PerMonth) }},
	{"deductible per month, its rest", func(b bill) bool { return b.chargedInPart(engine.PerMonth) }},
	{"deductible per hospital", func(b bill) bool { return b.charged(engine.PerHospital) }},
	{"deductible of the hospital charged before", func(b bill) bool {
		return b.benefit().Mode == engine.PerHospital && b.r.Deductible == 0 && b.r.InScope > 0 && b.benefit().Deductible[b.c.PersonType][b.c.Level] > 0
	}},
	{"first of a month", func(b bill) bool { return b.settledOn(func(_, d int) bool { return d == 1 }) }},
	{"first of a quarter", func(b bill) bool { return b.settledOn(func(m, d int) bool { return m%3 == 1 && d == 1 }) }},
	{"1 January", func(b bill) bool { return b.settledOn(func(m, d int) bool { return m == 1 && d == 1 }) }},
	{"31 December", func(b bill) bool { return b.settledOn(func(m, d int) bool { return m == 12 && d == 31 }) }},
	{"later admission, same", func(b bill) bool { return b.later(engine.LaterSame) }},
	{"later admission, half", func(b bill) bool { return b.later(engine.LaterHalf) }},
	{"later admission, less", func(b bill) bool { return b.later(engine.LaterMinus) }},
	{"later admission, fixed", func(b bill) bool { return b.later(engine.LaterFixed) }},
	{"later admission, none", func(b bill) bool { return b.later(engine.LaterNone) }},
	{"third admission", func(b bill) bool { return b.r.Visit > 2 }},
	{"merged after mid-stay", func(b bill) bool { return b.merged() && b.c.Flags&engine.FlagContinued != 0 }},
	{"merged after transfer", func(b bill) bool { return b.merged() && b.c.Flags&engine.FlagTransferred != 0 }},
	{"merged, charged the rest", func(b bill) bool {
		return b.merged() && b.benefit().Mode == engine.PerVisit && b.r.Deductible > 0 && b.r.Deductible < b.r.InScope && b.r.Visit > 0
	}},
	{"merged, not the first admission", func(b bill) bool { return b.merged() && b.r.Visit > 1 }},
	{"merged, the year's first admission", func(b bill) bool { return b.merged() && b.r.Visit == 1 }},
	{"merged, another stay between", func(b bill) bool { return b.merged() && int(b.r.Visit) < b.admissions && b.r.Deductible > 0 }},
	{"continued and not merged", func(b bill) bool { return b.goesOn() && !b.merged() && b.r.Deductible > 0 }},
	{"transferred and not merged", func(b bill) bool {
		return b.c.Flags&engine.FlagTransferred != 0 && b.c.Stay != 0 && b.r.Kind == engine.Inpatient && !b.goesOn()
	}},
	{"goes on from the year before", func(b bill) bool {
		return b.r.Kind == engine.Inpatient && b.c.FormerStay != 0 && b.c.Stay == 0 && b.c.Flags&engine.FlagContinued != 0
	}},
	{"senior", func(b bill) bool {
		return b.benefit().SeniorAge != 0 && b.c.Age >= b.benefit().SeniorAge && b.benefit().SeniorPoints > 0
	}},
	{"a year younger than senior", func(b bill) bool { return b.benefit().SeniorAge != 0 && b.c.Age == b.benefit().SeniorAge-1 }},
	{"ceiling reached to the fen", func(b bill) bool { return b.r.Funds[engine.LayerBasic] == b.r.CeilingLeft && b.r.CeilingLeft > 0 }},
	{"one fen below the ceiling", func(b bill) bool { return b.r.Funds[engine.LayerBasic] == b.r.CeilingLeft-1 }},
	{"ceiling used up before", func(b bill) bool { return b.r.CeilingLeft == 0 }},
	{"大额 pays", func(b bill) bool { return b.r.Funds[engine.LayerLarge] > 0 }},
	{"大额 pays an outpatient", func(b bill) bool { return b.r.Funds[engine.LayerLarge] > 0 && b.r.Kind == engine.Outpatient }},
	{"大病 pays", func(b bill) bool { return b.r.Funds[engine.LayerMajor] > 0 }},
	{"大病 pays a chronic patient", func(b bill) bool { return b.r.Funds[engine.LayerMajor] > 0 && b.r.Kind == engine.Chronic }},
	{"公务员补助 pays", func(b bill) bool { return b.r.Funds[engine.LayerCivil] > 0 }},
	{"企业补充 pays", func(b bill) bool { return b.r.Funds[engine.LayerEnterprise] > 0 }},
	{"企业补充 pays at a pharmacy", func(b bill) bool { return b.r.Funds[engine.LayerEnterprise] > 0 && b.r.Kind == engine.Pharmacy }},
	{"both supplements claimed", func(b bill) bool {
		return b.r.Funds[engine.LayerCivil] > 0 && b.c.Flags&engine.FlagEnterprise != 0
	}},
	{"救助 pays", func(b bill) bool { return b.r.Funds[engine.LayerAid] > 0 }},
	{"救助 pays an outpatient", func(b bill) bool { return b.r.Funds[engine.LayerAid] > 0 && b.r.Kind == engine.Outpatient }},
	{"five layers pay", func(b bill) bool {
		paid := 0
		for _, fund := range b.r.Funds {
			if fund > 0 {
				paid++
			}
		}
		return paid == 5
	}},
	{"account pays all", func(b bill) bool { return b.r.Account > 0 && b.r.Cash == 0 && b.r.Mutual == 0 }},
	{"account runs out", func(b bill) bool { return b.r.Account > 0 && b.r.Cash > 0 }},
	{"relatives pay the rest", func(b bill) bool { return b.r.Account > 0 && b.r.Mutual > 0 && b.r.Cash == 0 }},
	{"relatives' accounts run out", func(b bill) bool { return b.r.Mutual > 0 && b.r.Cash > 0 }},
	{"hospital bears a part", func(b bill) bool { return b.r.Hospital > 0 && b.r.Funds[engine.LayerBasic] > 0 }},
	{"hospital bears all of the basic part", func(b bill) bool { return b.r.Hospital > 0 && b.r.Funds[engine.LayerBasic] == 0 }},
	{"case payment is the fee", func(b bill) bool { return b.c.CasePayment > 0 && money.Fen(b.c.CasePayment) == b.r.Fee }},
	{"hospital gains by the case", func(b bill) bool { return b.r.CaseGain > 0 }},
	{"hospital loses beside", func(b bill) bool { return b.r.CaseGain < 0 && b.r.Hospital == 0 }},
	{"case payment ignored", func(b bill) bool {
		return b.c.CasePayment > 0 && b.r.CaseGain == 0 && money.Fen(b.c.CasePayment) != b.r.Fee
	}},
	{"over the limit", func(b bill) bool { return b.r.OverLimit > 0 }},
	{"price × count a fen above the amount", func(b bill) bool { return b.priceIsOff(1) }},
	{"price × count a fen below the amount", func(b bill) bool { return b.priceIsOff(-1) }},
	{"pre-self-pay", func(b bill) bool { return b.r.PreSelfPay > 0 }},
	{"ten lines", func(b bill) bool { return len(b.lines) > 9 }},
	{"line of another month", func(b bill) bool {
		return b.anyLine(func(l *engine.Line) bool {
			return (b.c.SettleDay - day.Day(l.DaysBefore)).Month() != b.c.SettleDay.Month()
		})
	}},
	{"refund", func(b bill) bool { return b.anyLine(func(l *engine.Line) bool { return l.Original != 0 }) }},
	{"refund in pieces", func(b bill) bool {
		var of [64]int
		return b.anyLine(func(l *engine.Line) bool { of[l.Original%64]++; return l.Original != 0 && of[l.Original%64] == 3 })
	}},
	{"refund without original", func(b bill) bool {
		return b.anyLine(func(l *engine.Line) bool { return l.Amount < 0 && l.Original == 0 })
	}},
	{"chronic falls to ordinary", func(b bill) bool { return b.c.Kind == engine.Chronic && b.r.Kind == engine.Outpatient }},
	{"unfiled settles directly", func(b bill) bool { return b.r.Filing == engine.Unfiled && !b.r.ByHand }},
	{"emergency under a long-term filing", func(b bill) bool {
		return b.c.Flags&engine.FlagEmergency != 0 && b.r.Filing.LongTerm() && b.terms.Filing.Kinds.Has(engine.Emergency)
	}},
	{"emergency that the rules do not know", func(b bill) bool {
		return b.c.Flags&engine.FlagEmergency != 0 && !b.terms.Filing.Kinds.Has(engine.Emergency)
	}},
	{"in force at admission only", func(b bill) bool {
		f := &b.c.Filing
		return b.r.Filing == f.Kind && f.To <= b.c.SettleDay && f.From <= b.c.AdmitDay && b.terms.Filing.InForce == engine.AtAdmission
	}},
	{"in force at settlement only", func(b bill) bool {
		f := &b.c.Filing
		return b.r.Filing == f.Kind && f.From > b.c.AdmitDay && f.From <= b.c.SettleDay && b.terms.Filing.InForce == engine.AtSettlement
	}},
	{"at home as a referral", func(b bill) bool { return b.r.AtHome && b.r.Filing == engine.Referral }},
	{"at home at the local level", func(b bill) bool { return b.r.AtHome && b.r.Filing.LongTerm() }},
	{"at home on a fulfilled commitment", func(b bill) bool { return b.r.AtHome && b.c.Filing.Basis == engine.ByCommitment }},
	{"stay over 1 January, whole", func(b bill) bool {
		return b.r.Kind == engine.Inpatient && b.c.AdmitDay.Month().Year() < b.c.SettleDay.Month().Year() && b.terms.CrossYear == engine.CrossWhole
	}},
	{"stay over 1 January, by days", bill.crosses},
	{"by days, deductible in both years", func(b bill) bool {
		return b.r.Former.Deductible > 0 && b.r.Deductible > money.Fen(b.r.Former.Deductible)
	}},
	{"by days, former ceiling", func(b bill) bool { return b.r.Former.Funds[engine.LayerLarge] > 0 }},
	{"by days, former 大病", func(b bill) bool { return b.r.Former.Funds[engine.LayerMajor] > 0 }},
	{"by days, former supplement", func(b bill) bool {
		return b.r.Former.Funds[engine.LayerCivil] > 0 || b.r.Former.Funds[engine.LayerEnterprise] > 0
	}},
	{"by days, former aid", func(b bill) bool { return b.r.Former.Funds[engine.LayerAid] > 0 }},
	{"by days, merged", func(b bill) bool { return b.crosses() && b.merged() }},
	{"by days, merged in the former year alone", func(b bill) bool {
		return b.crosses() && !b.goesOn() && b.c.FormerStay != 0 && b.r.FormerVisit == b.c.FormerStay
	}},
	{"by days, hospital's part by the days", func(b bill) bool {
		return b.crosses() && b.r.Hospital > 1 && b.r.Former.Funds[engine.LayerBasic] > 0 && money.Fen(b.r.Former.Funds[engine.LayerBasic]) < b.r.Funds[engine.LayerBasic]
	}},
	{"by days, hospital's part beyond the new year's fund", func(b bill) bool {
		return b.crosses() && b.r.Hospital > 0 && b.r.Former.Funds[engine.LayerBasic] > 0 && money.Fen(b.r.Former.Funds[engine.LayerBasic]) == b.r.Funds[engine.LayerBasic]
	}},
	{"by days, hospital's part beyond the former year's fund", func(b bill) bool {
		return b.crosses() && b.r.Hospital > 0 && b.r.Former.Funds[engine.LayerBasic] == 0 && b.r.Funds[engine.LayerBasic] > 0
	}},
	{"by days, longer than a year", func(b bill) bool { return b.crosses() && b.c.SettleDay-b.c.AdmitDay > 400 }},
	{"by days, by hand", func(b bill) bool { return b.crosses() && b.r.ByHand }},
	{"by days, at home", func(b bill) bool { return b.crosses() && b.r.AtHome }},
	{"by hand", func(b bill) bool { return b.r.ByHand }},
	{"by hand, filed late", func(b bill) bool {
		return b.r.ByHand && b.c.Filing.Filed > b.c.SettleDay && b.r.Filing != engine.Unfiled
	}},
	{"by hand, unfiled", func(b bill) bool { return b.r.ByHand && b.r.Filing == engine.Unfiled }},
	{"by hand, not connected", func(b bill) bool { return b.r.ByHand && b.c.Flags&engine.FlagUnconnected != 0 }},
	{"by hand, a disease that is not listed", func(b bill) bool {
		return b.r.ByHand && b.r.Kind == engine.Chronic && !b.terms.Diseases.Has(b.c.Disease)
	}},
	{"by hand, unqualified, as ordinary care", func(b bill) bool {
		return b.r.ByHand && b.c.Flags&engine.FlagUnqualified != 0 && b.c.Kind == engine.Chronic && b.r.Kind == engine.Outpatient
	}},
	{"by hand, an account asked for", func(b bill) bool { return b.r.ByHand && b.c.Flags&engine.FlagUseAccount != 0 }},
	{"by hand, with a case payment", func(b bill) bool { return b.r.ByHand && b.c.CasePayment != 0 }},
}

// refusals are what a run must meet of refused bills.
var refusals = []struct {
	name string
	is   func(b bill) bool
}{
	{"refused: a thirteenth hospital", func(b bill) bool {
		return b.r.Status == engine.StatusOutOfRange && b.terms.Benefits[b.c.Kind].Mode == engine.PerHospital && b.fee() < 100*money.Yuan
	}},
	{"refused: a stay too far back", func(b bill) bool {
		return b.r.Status == engine.StatusOutOfRange && b.terms != nil && b.c.Stay != 0 && b.admissions >= int(b.c.Stay)+16
	}},
	{"refused: no catalogue for the day of a line", func(b bill) bool {
		return b.r.Status == engine.StatusNoPolicy && b.terms != nil && b.c.AdmitDay >= firstMonth.First()
	}},
	{"refused: no terms for the former year", func(b bill) bool {
		return b.r.Status == engine.StatusNoPolicy && b.terms != nil && !b.anyLine(func(l *engine.Line) bool { return l.DaysBefore > 0 })
	}},
	{"refused: takes back more than the line", func(b bill) bool {
		left := map[uint16]money.Fen{}
		return b.r.Status == engine.StatusBadLines && b.anyLine(func(l *engine.Line) bool {
			if l.Original == 0 || int(l.Original) > len(b.lines) {
				return false
			}
			left[l.Original] += l.Amount
			return left[l.Original] == -b.lines[l.Original-1].Amount-1
		})
	}},
	{"refused: refunds a line that follows", func(b bill) bool {
		for i := range b.lines {
			if int(b.lines[i].Original) > i {
				return b.r.Status == engine.StatusBadLines
			}
		}
		return false
	}},
	{"refused: a forged filing, though the unfiled settle directly", func(b bill) bool {
		return b.r.Status == engine.StatusFilingRevoked && b.terms.UnfiledDirect
	}},
	{"refused: not on the list, though ordinary care was agreed to", func(b bill) bool {
		return b.r.Status == engine.StatusDiseaseNotListed && b.c.Flags&engine.FlagOrdinaryInstead != 0
	}},
	{"refused: price × count two fen above the amount", func(b bill) bool { return b.r.Status == engine.StatusBadLines && b.priceIsOff(2) }},
	{"refused: price × count two fen below the amount", func(b bill) bool { return b.r.Status == engine.StatusBadLines && b.priceIsOff(-2) }},
	{"refused: an emergency under rules that do not know it", func(b bill) bool {
		return b.r.Status == engine.StatusNotFiled && b.c.Flags&engine.FlagEmergency != 0
	}},
}

// priceIsOff: price × count of a line is so many fen above its amount.
func (b bill) priceIsOff(fen money.Fen) bool {
	return b.anyLine(func(l *engine.Line) bool {
		makes, ok := l.Price.TimesHalfUp(l.Count)
		return l.Price != 0 && l.Original == 0 && ok && makes-l.Amount == fen
	})
}

func (b bill) fee() (sum money.Fen) {
	for i := range b.lines {
		sum += b.lines[i].Amount
	}
	return sum
}

// mustReverse are facts that some reversed bill must have met.
var mustReverse = []string{
	"deductible per year", "deductible topped up", "deductible per quarter", "deductible per month", "deductible per hospital",
	"merged, charged the rest", "大额 pays", "大病 pays", "公务员补助 pays", "企业补充 pays", "救助 pays", "relatives pay the rest",
	"hospital bears a part", "refund in pieces", "chronic falls to ordinary", "at home as a referral", "stay over 1 January, by days",
	"by days, deductible in both years", "by days, merged",
}

// counts say what the stories came to: a run that never met a rule proves nothing of it.
type counts struct {
	requests, settled, again, turns int
	before                          int // settled in a year that a reversal led back to
	statuses                        [engine.NumStatuses]int
	kinds                           [engine.NumKinds]int
	filings                         [engine.NumFilingKinds]int
	met, reversed                   map[string]int
	checksum                        uint64
}

func newCounts() *counts { return &counts{met: map[string]int{}, reversed: map[string]int{}} }

func (n *counts) add(b bill) {
	n.requests++
	n.statuses[b.r.Status]++
	r := b.r
	if r.Status != engine.Settled {
		for i := range refusals {
			if refusals[i].is(b) {
				n.met[refusals[i].name]++
			}
		}
		return
	}
	n.settled++
	n.kinds[r.Kind]++
	n.filings[r.Filing]++
	for i := range facts {
		if facts[i].is(b) {
			n.met[facts[i].name]++
		}
	}
	for _, amount := range append([]money.Fen{r.Fee, r.InScope, r.Deductible, r.Account, r.Mutual, r.Cash, r.Hospital, r.CaseGain}, r.Funds[:]...) {
		n.checksum = n.checksum*31 + uint64(amount)
	}
	n.checksum = n.checksum*31 + uint64(r.Former.InScope)
}

// reversal counts one: status of the reversal, and the bill that it took back.
func (n *counts) reversal(status engine.Status, b bill) {
	n.requests++
	if status != engine.Settled {
		n.statuses[status]++
		return
	}
	n.reversed["any"]++
	for i := range facts {
		if facts[i].is(b) {
			n.reversed[facts[i].name]++
		}
	}
}

// restored counts a reversal taken back: its status, and the bill that is valid again.
func (n *counts) restored(status engine.Status, b bill) {
	n.requests++
	n.statuses[status]++
	switch {
	case status == engine.StatusNotLatest:
		n.reversed["restored too late"]++
	case status == engine.Settled:
		n.reversed["restored"]++
		if b.crosses() {
			n.reversed["restored, by days"]++
		}
	}
}

func (n *counts) merge(o *counts) {
	n.requests, n.settled, n.again, n.turns = n.requests+o.requests, n.settled+o.settled, n.again+o.again, n.turns+o.turns
	n.before += o.before
	for i := range n.statuses {
		n.statuses[i] += o.statuses[i]
	}
	for i := range n.kinds {
		n.kinds[i] += o.kinds[i]
	}
	for i := range n.filings {
		n.filings[i] += o.filings[i]
	}
	for name, times := range o.met {
		n.met[name] += times
	}
	for name, times := range o.reversed {
		n.reversed[name] += times
	}
	n.checksum += o.checksum
}

// mustBeComplete reports what was met, and fails where something was not.
func (n *counts) mustBeComplete(t *testing.T) {
	t.Logf("%d requests agree, %d of them settled and %d taken back; checksum %x", n.requests, n.settled, n.reversed["any"], n.checksum)
	t.Logf("%d years begun, %d bills of the year that a reversal led back to, %d settled again to the same answer; kinds %v; filings %v",
		n.turns, n.before, n.again, n.kinds, n.filings)
	for status := range engine.Status(engine.NumStatuses) {
		t.Logf("%9d %v", n.statuses[status], status)
		if n.statuses[status] == 0 && status != engine.StatusPlatformDown { // which no rule decides
			t.Errorf("no request came to %v", status)
		}
	}
	known := map[string]bool{}
	for i := range facts {
		name := facts[i].name
		known[name] = true
		t.Logf("%9d %9d reversed  %s", n.met[name], n.reversed[name], name)
		if n.met[name] == 0 {
			t.Errorf("no bill met this: %s", name)
		}
	}
	for i := range refusals {
		name := refusals[i].name
		t.Logf("%9d  %s", n.met[name], name)
		if n.met[name] == 0 {
			t.Errorf("no bill was %s", name)
		}
	}
	for _, name := range []string{"restored", "restored, by days", "restored too late"} {
		t.Logf("%9d  %s", n.reversed[name], name)
		if n.reversed[name] == 0 {
			t.Errorf("no reversal was %s", name)
		}
	}
	for _, name := range mustReverse {
		if !known[name] || n.reversed[name] == 0 {
			t.Errorf("no reversal of this: %s", name)
		}
	}
	for _, times := range append(append(n.kinds[:], n.filings[:]...), n.turns, n.before, n.again) {
		if times == 0 {
			t.Error("a kind, a filing, a turn of the year or back, or a second settlement never came up")
		}
	}
}
