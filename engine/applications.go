package engine

import "kuasheng/engine/day"

// Application 备案申请 asks the insured place for a filing. It is facts only: what
// comes of it is a matter of the FilingRule of the day and of the History.
type Application struct {
	Kind  FilingKind
	Basis Basis
	// Ground is the further group that the person belongs to (B24), or NoGround.
	Ground  Ground
	Channel Channel
	// PersonType and Age, in years, are read for a Ground alone.
	PersonType PersonType
	Age        uint8
	// Dest is where the person goes: the division code of a city or of any county
	// in it, or of a province that is filed as a whole (B12, R9).
	Dest uint32
	// Diagnosis is what a referral is for, by any numbering of the caller; 0 is not
	// stated. A second referral for the same one needs no new document (B21).
	Diagnosis uint32
	// Applied is the day of applying, and Begin the first day wanted, which may lie
	// before (B16) or after it; 0 is the day of applying, or of a change the day that
	// it is complete.
	Applied, Begin day.Day
	// Done is the day on which the agency completed the filing, if that is known; 0
	// is the last day that it may take (B6), or the same day at a counter.
	Done day.Day
}

// Channel is the way by which an application comes in (B5).
type Channel uint8

// The channels: those of the national notice of 2022, then those of 2019 and of
// single pools.
const (
	ByWindow        Channel = iota // 经办机构窗口
	ByNationalApp                  // 国家医保服务平台 App
	ByMiniProgramme                // 国家异地就医备案小程序
	ByClient                       // 国务院客户端小程序
	ByPhone                        // 电话
	ByFax                          // 传真
	ByWeb                          // 网络
	ByApp                          // an app of the place
	ByStation                      // 镇街医保服务站, also in a hospital
	NumChannels     = 9
)

// ChannelNames are the stable names of the channels in files, keys and messages.
var ChannelNames = [NumChannels]string{
	"window", "national_app", "mini_programme", "client", "phone", "fax", "web", "app", "station",
}

// FormCode is how the form of 2019 on convenient channels 备案管理便捷服务工作台账
// writes c: 1 telephone, 2 web, 3 app, 4 other; 0 for the counters, which are not
// on it (B5).
func (c Channel) FormCode() uint8 {
	switch c {
	case ByPhone:
		return 1
	case ByWeb:
		return 2
	case ByNationalApp, ByApp:
		return 3
	case ByMiniProgramme, ByClient, ByFax:
		return 4
	}
	return 0
}

// AtCounter reports whether the person stands before the clerk, who files at once
// (B6); the days of handling are those of online filing.
func (c Channel) AtCounter() bool { return c == ByWindow || c == ByStation }

// FilingStatus is the agency's answer to a request about a filing. The values are
// ordered by precedence, the acceptances first: a request that could be refused for
// several reasons is refused for the first.
type FilingStatus uint8

// The answers.
const (
	FilingDone          FilingStatus = iota // accepted as asked for
	FilingClipped                           // accepted, with a later first day (B16, X16)
	FilingOverdue                           // accepted, after the days that the agency has (B6)
	FilingOutOfOrder                        // dates that contradict each other
	FilingKindUnknown                       // B2
	FilingDisqualified                      // B23
	FilingHomeProvince                      // A2
	FilingNoCity                            // B12
	FilingGroundUnknown                     // B24
	FilingGroundUnmet                       // B24
	FilingBasisLacking                      // B3, B21
	FilingSecond                            // X15
	FilingNotOnFile                         // nothing to change, cancel, fulfil or revoke
	FilingOnFile                            // nothing that is not on file already
	FilingLocked                            // B10
	FilingLockedByCare                      // B11
	FilingNothingOpen                       // B17
	NumFilingStatuses   = 17
)

var filingTexts = [NumFilingStatuses]StatusText{
	FilingDone:          {"done", "Done.", "已办结。", ClassNone},
	FilingClipped:       {"done_from_later", "Done, from a later day than asked for; bills settled before that day are reimbursed by hand.", "已办结；备案起始日期按规定后移，此前已结算的费用走手工报销。", ClassNone},
	FilingOverdue:       {"done_overdue", "Done, later than the working days that the agency has.", "已办结，但超过经办机构规定的办结时限。", ClassNone},
	FilingOutOfOrder:    {"out_of_order", "The dates of the request contradict each other or an earlier request.", "申请日期前后矛盾，或早于此前已受理的申请。", ClassConflict},
	FilingKindUnknown:   {"kind_not_filable", "The rules of the day know no such kind of filing.", "现行规定没有该备案类型。", ClassFiling},
	FilingDisqualified:  {"disqualified", "A filing of this kind was revoked for forged material; the person no longer qualifies for it.", "曾因材料虚假被取消该类备案资格。", ClassFiling},
	FilingHomeProvince:  {"home_province", "The destination lies in the province of enrolment; no inter-province filing is needed.", "就医地在参保省内，无需办理跨省备案。", ClassFiling},
	FilingNoCity:        {"no_city", "The destination is not a city, a municipality or a province that is filed as a whole.", "备案就医地应为地市或直辖市；仅海南、西藏、兵团备案到省级。", ClassFiling},
	FilingGroundUnknown: {"ground_not_listed", "The pool does not list this group of persons.", "参保地未将该类人员纳入备案范围。", ClassFiling},
	FilingGroundUnmet:   {"ground_unmet", "The person does not meet the conditions of this group.", "不符合该类人员的备案条件。", ClassFiling},
	FilingBasisLacking:  {"basis_lacking", "The kind of filing rests on another document or commitment.", "缺少该备案类型要求的证明材料、承诺书或转诊证明。", ClassFiling},
	FilingSecond:        {"second_long_term", "A long-term filing is in force; change it instead of adding another.", "已有生效的异地长期居住备案，请办理变更。", ClassConflict},
	FilingNotOnFile:     {"not_on_file", "There is no such filing in force.", "没有可办理的有效备案。", ClassFiling},
	FilingOnFile:        {"on_file", "This is on file already.", "相同备案已生效，无需重复办理。", ClassConflict},
	FilingLocked:        {"locked", "The filing cannot be changed or cancelled yet.", "未满规定时限，不得变更或取消备案。", ClassFiling},
	FilingLockedByCare:  {"locked_by_care", "Bills were settled at the filed place; the filing cannot be changed or cancelled yet.", "已在备案地发生医疗费用，未满规定时限，不得变更或取消备案。", ClassFiling},
	FilingNothingOpen:   {"nothing_open", "The filing has no commitment that is still open.", "该备案没有待履行的承诺事项。", ClassFiling},
}

// Text returns what to tell people about s.
func (s FilingStatus) Text() StatusText { return filingTexts[s] }

// String returns the stable name of s.
func (s FilingStatus) String() string { return filingTexts[s].Name }

// Accepted reports whether the request was granted.
func (s FilingStatus) Accepted() bool { return s <= FilingOverdue }

// examine says whether the rule lets a person of this history file as a asks,
// whatever else is in force. It leaves a.Dest as the place that is filed (B12).
func (r *FilingRule) examine(h *History, a *Application) FilingStatus {
	if a.Done != 0 && a.Done < a.Applied || a.Applied < h.latest {
		return FilingOutOfOrder
	}
	h.latest = a.Applied
	place, fileable := filedPlace(a.Dest)
	switch {
	case !r.Kinds.Has(a.Kind):
		return FilingKindUnknown
	case h.disqualified(a.Kind):
		return FilingDisqualified
	case a.Dest/10_000 == h.Home/10_000:
		return FilingHomeProvince
	case !fileable:
		return FilingNoCity
	case a.Ground != NoGround && !r.Grounds.Has(a.Ground):
		return FilingGroundUnknown
	case a.Ground != NoGround && !a.grounded():
		return FilingGroundUnmet
	case !r.accepts(a.Kind, a.Basis) && !(r.SimpleRenewal && h.renews(a)):
		return FilingBasisLacking
	}
	a.Dest = place
	return FilingDone
}

// accepts reports whether a filing of kind k may rest on b; one that needs nothing
// but the form may rest on anything (B3).
func (r *FilingRule) accepts(k FilingKind, b Basis) bool {
	return r.Accepts[k].Has(b) || r.Accepts[k].Has(NoBasis)
}

// grounded reports whether the person is what the ground says (B24), with a proof
// of residence; the rest of the ground is what that proof shows.
func (a *Application) grounded() bool {
	if a.Kind != LongTermResident || a.Basis != ByMaterial {
		return false
	}
	resident := a.PersonType != Working && a.PersonType != Retired
	switch a.Ground {
	case ElderlyWithPermit:
		return resident && a.Age >= 60
	case MinorWithGuardian:
		return resident && a.Age < 18
	}
	return resident || a.PersonType == Working
}

// begin is the first day of the filing: the one wanted, but not further back than
// the pool lets a filing that is made up for reach (B16, X16). The days count back
// from the application, so the agency's own time costs the person none of them.
func (r *FilingRule) begin(a *Application) day.Day {
	retro := r.RetroTemporary
	if a.Kind.LongTerm() {
		retro = r.RetroLongTerm
	}
	if retro == AnyRetro {
		return a.Begin
	}
	return max(a.Begin, a.Applied-day.Day(retro))
}

// filedOn is the day the agency completes the filing (B6), and whether that is
// after the working days that it has. An emergency is filed as it happens (B4).
func (r *FilingRule) filedOn(a *Application, calendar *day.Calendar) (filed day.Day, overdue bool) {
	limit := calendar.AddWorking(a.Applied, int(r.HandlingDays))
	switch {
	case a.Kind == Emergency:
		return a.Applied, false
	case a.Done != 0:
		return a.Done, a.Done > limit
	case a.Channel.AtCounter():
		return a.Applied, false
	}
	return limit, false
}

// until is the first day that a filing from the given day no longer covers: never
// for a long-term one (B7) and where the pool sets no end (B9), else that day of
// the month so many months on. Where the month has none the filing holds until the
// month is over, so that it never holds for less (B8).
func (r *FilingRule) until(k FilingKind, from day.Day) day.Day {
	if k.LongTerm() || r.TemporaryMonths == 0 {
		return day.Never
	}
	_, _, d := from.Date()
	month := from.Month() + day.Month(r.TemporaryMonths)
	if d > month.Days() {
		return month.Last() + 1
	}
	return month.On(d)
}

// lock says whether a filing may be changed or cancelled on a day. Only long-term
// filings are locked, from their completion on (B10), and in some pools only once
// the person has had care at the place (B11).
func (r *FilingRule) lock(e *entry, on day.Day) FilingStatus {
	switch f := &e.filing; {
	case !f.Kind.LongTerm() || on < f.Filed || on >= r.unlocked(f.Filed):
		return FilingDone
	case !r.LockAfterCare:
		return FilingLocked
	case e.bills > 0:
		return FilingLockedByCare
	}
	return FilingDone
}

// unlocked is the first day on which a long-term filing may be changed or
// cancelled again: that day of the month so many months after it was filed, or the
// month's last where it has none, so that the lock never holds for more (B10).
func (r *FilingRule) unlocked(filed day.Day) day.Day {
	_, _, d := filed.Date()
	return (filed.Month() + day.Month(r.LockMonths)).On(d)
}

// filedPlace is the place that care in area is filed for: the city, the county
// where the province runs it, and the whole of the provinces in filedByProvince
// (B12, R9). No other province can be filed, nor what is no place at all.
func filedPlace(area uint32) (place uint32, ok bool) {
	province := area / 10_000
	switch {
	case province < 11 || province > 66:
		return 0, false
	case filedByProvince[province]:
		return province * 10_000, true
	case area%10_000 < 100 || area/100%100 == 99 || area/100 == province*100+90 && area%100 == 0:
		return 0, false
	case area/100%100 == 90:
		return area, true
	}
	return area / 100 * 100, true
}
