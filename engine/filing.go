package engine

import "kuasheng/engine/day"

// FilingKind is one of the six kinds of filing 备案 (B1), or none.
type FilingKind uint8

// The kinds of filing: three long-term, three temporary.
const (
	Unfiled          FilingKind = iota // 未备案
	RetiredSettled                     // 异地安置退休人员
	LongTermResident                   // 异地长期居住人员
	PostedWorker                       // 常驻异地工作人员
	Referral                           // 异地转诊就医人员
	Emergency                          // 异地急诊抢救人员
	OtherTemporary                     // 其他跨省临时外出就医人员
	NumFilingKinds   = 7
)

// LongTerm reports whether k is one of the long-term kinds 跨省异地长期居住 (B1).
func (k FilingKind) LongTerm() bool { return k >= RetiredSettled && k <= PostedWorker }

// Temporary reports whether k is one of the temporary kinds 跨省临时外出就医 (B1).
func (k FilingKind) Temporary() bool { return k >= Referral && k <= OtherTemporary }

// Basis is what a filing rests on (B3).
type Basis uint8

// The bases of a filing.
const (
	NoBasis       Basis = iota // form only, or deemed filed
	ByMaterial                 // 证明材料
	ByCommitment               // 个人承诺书
	ByReferralDoc              // 转诊转院证明
)

// Filing is one filing of one person. Its interval [From, To) is open-ended for
// long-term kinds (B7) and for pools that set no expiry (B9).
type Filing struct {
	Kind  FilingKind
	Basis Basis
	// Dest is the filed destination: a six-digit division code of a city or
	// municipality, or of a province for 海南, 西藏 and 兵团 (B12, R9).
	Dest uint32
	// Filed is the day the agency completed the filing; a filing counts when it
	// is complete before the bill is settled (B14).
	Filed    day.Day
	From, To day.Day
}

// reaches reports whether care in area is care at the filed destination (B12,
// R9): the same city, whose counties share its four digits; the whole province
// for the municipalities and for 海南, 西藏 and 兵团, or where the province itself
// was filed; and the county alone where the province runs it (xx90xx).
func (f *Filing) reaches(area uint32) bool {
	switch province := f.Dest / 10_000; {
	case province != area/10_000:
		return false
	case f.Dest%10_000 == 0 || filedByProvince[province]:
		return true
	case f.Dest/100%100 == 90:
		return f.Dest == area
	}
	return f.Dest/100 == area/100
}

// filedByProvince holds the provinces, by their first two digits, that a filing
// opens as a whole: 北京 天津 上海 海南 重庆 西藏 兵团.
var filedByProvince = [100]bool{11: true, 12: true, 31: true, 46: true, 50: true, 54: true, 66: true}

// check decides which kind of filing a visit is settled under, at settlement
// time (B14, X12). An emergency is one whatever is on file (B4, C8, X17), but at
// the place of a long-term filing, where the local level is paid (C5).
func (f *Filing) check(c *Claim) (FilingKind, Status) {
	status := f.ordinary(c)
	if c.Flags&FlagEmergency != 0 && (status != Settled || !f.Kind.LongTerm()) {
		return Emergency, Settled
	}
	return f.Kind, status
}

// ordinary says whether the filing covers a visit that is no emergency: complete
// before settlement (B14), for the place (B12), and in force at admission or at
// settlement (B8, X14).
func (f *Filing) ordinary(c *Claim) Status {
	switch {
	case f.Kind == Unfiled || f.Filed > c.SettleDay:
		return StatusNotFiled
	case !f.reaches(c.Area):
		return StatusFiledElsewhere
	case !f.covers(c.SettleDay) && !f.covers(c.AdmitDay):
		return StatusFilingNotInForce
	}
	return Settled
}

func (f *Filing) covers(d day.Day) bool { return f.From <= d && d < f.To }
