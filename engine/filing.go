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
	// Revoked says that the agency cancelled the filing for forged material (B23).
	Revoked bool
	// Fulfilled says that what a commitment promised has been handed in (B17).
	Fulfilled bool
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
// the place of a long-term filing, where the local level is paid (C5), and but
// under rules that do not know it (B2).
func (r *FilingRule) check(c *Claim) (FilingKind, Status) {
	f := &c.Filing
	status := r.ordinary(f, c)
	if c.Flags&FlagEmergency != 0 && (status != Settled || !f.Kind.LongTerm()) && r.Kinds.Has(Emergency) {
		return Emergency, Settled
	}
	return f.Kind, status
}

// ordinary says whether the filing covers a visit that is no emergency: of a kind
// that the rules know (B2), complete before settlement (B14), not revoked (B23),
// for the place (B12), and in force on the day that the pool looks at (B8, X14).
func (r *FilingRule) ordinary(f *Filing, c *Claim) Status {
	switch {
	case !r.Kinds.Has(f.Kind) || f.Filed > c.SettleDay:
		return StatusNotFiled
	case f.Revoked:
		return StatusFilingRevoked
	case !f.reaches(c.Area):
		return StatusFiledElsewhere
	case !r.inForce(f, c):
		return StatusFilingNotInForce
	}
	return Settled
}

func (r *FilingRule) inForce(f *Filing, c *Claim) bool {
	return r.InForce != AtAdmission && f.covers(c.SettleDay) || r.InForce != AtSettlement && f.covers(c.AdmitDay)
}

func (f *Filing) covers(d day.Day) bool { return f.From <= d && d < f.To }

// atHome says whether a bill of the own province is one of a long-term filer who
// keeps a benefit at home 双向待遇 (B18), and if so the status that decides it and
// the kind whose drop it takes.
func (t *Terms) atHome(c *Claim) (filing FilingKind, status Status) {
	f, r := &c.Filing, &t.Filing
	switch {
	case r.HomeReturn == HomeNone || !f.Kind.LongTerm() || !r.Kinds.Has(f.Kind) || f.Filed > c.SettleDay || f.Revoked ||
		f.Dest/10_000 == c.Area/10_000 || !r.inForce(f, c):
		return Unfiled, StatusSameProvince
	case f.Basis == ByCommitment && !f.Fulfilled:
		return Unfiled, StatusCommitmentOpen
	case r.HomeReturn == HomeAsReferral:
		return Referral, Settled
	}
	return f.Kind, Settled
}

// tells ranks what a filing tells about a bill, as things stand on a day: covered,
// by kind; not in force at the place; revoked there; for elsewhere; not completed;
// and revoked elsewhere. 0 is nothing to tell.
func (r *FilingRule) tells(f Filing, c *Claim, on day.Day, homePool uint32) int {
	pending := f.Filed > on
	f.Filed = min(f.Filed, c.SettleDay) // B15: it may have been made up for after the bill
	if c.Area/10_000 == homePool/10_000 {
		switch {
		case !f.Kind.LongTerm():
			return 0
		case pending || f.Revoked || !r.inForce(&f, c):
			return 1
		}
		return 2
	}
	if pending {
		return 2
	}
	switch r.ordinary(&f, c) {
	case Settled:
		return tellsCovered(f.Kind)
	case StatusFilingNotInForce:
		return 5
	case StatusFiledElsewhere:
		return 3
	case StatusFilingRevoked:
		if f.reaches(c.Area) {
			return 4
		}
	}
	return 1
}

func tellsCovered(k FilingKind) int { return 6 + NumFilingKinds - max(int(k), int(PostedWorker)) }

// FilingRule 备案规定 is what a pool and its time allow in filing. The regulation
// sets bounds to it (B8, B10); within them pools differ.
type FilingRule struct {
	// Kinds are the kinds that can be filed. With Emergency an emergency is deemed
	// filed (B4); the rules before 2022 had neither it nor OtherTemporary (B2).
	Kinds FilingKinds
	// Accepts are the bases that a kind may rest on (B3).
	Accepts [NumFilingKinds]Bases
	// TemporaryMonths is how long a temporary filing holds, at least 6 (B8); 0 is
	// without end (B9).
	TemporaryMonths uint8
	// LockMonths is how long after its completion a long-term filing cannot be
	// changed or cancelled (B10); with LockAfterCare only where a bill has been
	// settled at the place (B11). Temporary filings are never locked.
	LockMonths    uint8
	LockAfterCare bool
	// RetroLongTerm and RetroTemporary are how many days before the application a
	// filing may begin; AnyRetro is any number (B16).
	RetroLongTerm, RetroTemporary int16
	// SimpleRenewal spares a second referral for the same disease its document
	// (B21); the rules before 2022 do not speak of it.
	SimpleRenewal bool
	// HandlingDays is how many working days the agency takes over an online filing;
	// 0 is at once (B6).
	HandlingDays uint8
	// InForce says on which days a filing must hold (X14).
	InForce InForce
	// HomeReturn is what a long-term filer gets at home (B18, B19).
	HomeReturn HomeReturn
	// Grounds are the further groups that may file as long-term residents (B24).
	Grounds Grounds
}

// The national rules of 2019 and of 2022, in force from 2023 on (A10), where a
// pool says nothing else: what the regulation states, and at its bound where it
// leaves a choice. The notice of 2019 states no validity, lock or days of handling;
// here stand the six months and two days of 2022, and the year that some pools
// locked a filing for.
var (
	FilingRule2019 = FilingRule{
		Kinds: Kinds2019,
		Accepts: [NumFilingKinds]Bases{
			RetiredSettled: 1 << ByMaterial, LongTermResident: 1 << ByMaterial, PostedWorker: 1 << ByMaterial,
			Referral: 1 << ByReferralDoc,
		},
		TemporaryMonths: 6, LockMonths: 12, HandlingDays: 2, HomeReturn: HomeNone,
	}
	FilingRule2023 = FilingRule{
		Kinds: Kinds2022,
		Accepts: [NumFilingKinds]Bases{
			RetiredSettled: 1<<ByMaterial | 1<<ByCommitment, LongTermResident: 1<<ByMaterial | 1<<ByCommitment,
			PostedWorker: 1<<ByMaterial | 1<<ByCommitment,
			Referral:     1 << ByReferralDoc, Emergency: 1 << NoBasis, OtherTemporary: 1 << NoBasis,
		},
		TemporaryMonths: 6, LockMonths: 6, HandlingDays: 2, HomeReturn: HomeAsReferral,
		RetroLongTerm: AnyRetro, RetroTemporary: AnyRetro, SimpleRenewal: true,
	}
)

// AnyRetro as a FilingRule's retroactive days sets no limit.
const AnyRetro int16 = -1

// FilingKinds is a set of kinds of filing, one bit each.
type FilingKinds uint8

// Has reports whether the set has k; no set has Unfiled.
func (s FilingKinds) Has(k FilingKind) bool { return s>>k&1 != 0 }

// The kinds that could be filed before 2022 (B2) and since (B1).
const (
	Kinds2019 FilingKinds = 1<<RetiredSettled | 1<<LongTermResident | 1<<PostedWorker | 1<<Referral
	Kinds2022 FilingKinds = Kinds2019 | 1<<Emergency | 1<<OtherTemporary
)

// Bases is a set of bases, one bit each.
type Bases uint8

// Has reports whether the set has b.
func (s Bases) Has(b Basis) bool { return s>>b&1 != 0 }

// InForce says on which days of a stay its filing must hold (X14).
type InForce uint8

// The days that pools look at.
const (
	AtEither     InForce = iota // at admission or at settlement
	AtAdmission                 // at admission
	AtSettlement                // at settlement
)

// HomeReturn is the benefit of a long-term filer who goes home (B18).
type HomeReturn uint8

// The benefits at home.
const (
	HomeNone       HomeReturn = iota // none: the rules before 2022
	HomeAsReferral                   // the local ratio less the drop of a referral: the least that the law allows
	HomeLocal                        // the full local level (B19)
)

// Ground is a further group that could file under the rules of 2019 (B24).
type Ground uint8

// The grounds.
const (
	NoGround           Ground = iota // the kinds of the national rules
	ElderlyWithPermit                // 60 and older with a residence permit of the place
	MinorWithGuardian                // minors who follow a guardian filed or insured there
	FlexibleEmployment               // flexible workers and residents working away
	NumGrounds         = 4
)

// Grounds is a set of grounds, one bit each.
type Grounds uint8

// Has reports whether the set has g.
func (s Grounds) Has(g Ground) bool { return s>>g&1 != 0 }
