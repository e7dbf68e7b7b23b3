package engine

// Status is the regulation's answer to a request. The values are ordered by
// precedence: a claim that could be refused for several reasons is refused for
// the first. Code, tests and manual list them in this one order. The last one comes
// about before a bill reaches the rules, see Shard.Stop, and so has no rank.
type Status uint8

// The statuses.
const (
	Settled                Status = iota // paid as computed
	StatusSameProvince                   // A2
	StatusNoPolicy                       // the date is outside the policies at hand
	StatusUnverified                     // A8, X48
	StatusSuspended                      // X30
	StatusUnconnected                    // B13
	StatusThirdParty                     // C9, X18
	StatusNoInjuryLetter                 // C9, X18
	StatusNotFiled                       // B14, B26
	StatusFilingRevoked                  // B23
	StatusFiledElsewhere                 // B12
	StatusFilingNotInForce               // B8, X14
	StatusCommitmentOpen                 // B17
	StatusUnqualified                    // C13, X42
	StatusDiseaseNotListed               // C12, X42
	StatusDiseaseNotOpened               // C13, X42
	StatusBadLines                       // X27
	StatusYearClosed                     // X10
	StatusOutOfRange                     // an amount that no bill has
	StatusNotLatest                      // X8
	StatusPlatformDown                   // X31, X33: nobody could be asked
	NumStatuses            = 21
)

// Class groups statuses for reports of abnormal transactions (E3).
type Class string

// The classes that the statuses of this version fall into.
const (
	ClassNone        Class = ""
	ClassIdentity    Class = "identity"
	ClassEnrolment   Class = "enrolment"
	ClassFiling      Class = "filing"
	ClassInstitution Class = "institution"
	ClassData        Class = "data"
	ClassBenefit     Class = "benefit"
	ClassConflict    Class = "conflict"
	ClassPeriod      Class = "period-closed"
	ClassPlannedStop Class = "planned-stop"
)

// StatusText describes a status to people: a stable name for machines and one
// plain sentence in each language (E3).
type StatusText struct {
	Name, English, Chinese string
	Class                  Class
}

var statusTexts = [NumStatuses]StatusText{
	Settled:                {"settled", "Settled.", "已结算。", ClassNone},
	StatusSameProvince:     {"same_province", "Insured and treated in the same province; this is not an inter-province settlement.", "参保地与就医地为同一省份，不属于跨省异地就医。", ClassData},
	StatusNoPolicy:         {"no_policy", "No policy is on file for the date of settlement.", "结算日期没有可执行的待遇政策。", ClassData},
	StatusUnverified:       {"unverified", "The person's credential could not be verified; this is not tried again by itself.", "参保人员身份核验未通过，系统不自动重试。", ClassIdentity},
	StatusSuspended:        {"suspended", "The person's enrolment is suspended.", "参保人员待遇已暂停。", ClassEnrolment},
	StatusUnconnected:      {"unconnected", "The institution is not connected for this kind of care.", "定点医药机构未开通该类别的跨省直接结算。", ClassInstitution},
	StatusThirdParty:       {"third_party", "A third party is liable; the fund does not pay.", "涉及第三方责任，医保基金不予支付。", ClassBenefit},
	StatusNoInjuryLetter:   {"no_injury_letter", "An injury without the signed letter that no third party is liable.", "外伤未签署无第三方责任承诺书。", ClassBenefit},
	StatusNotFiled:         {"not_filed", "The person has no filing for care elsewhere; file before discharge to settle directly.", "未办理异地就医备案；出院结算前补办可直接结算。", ClassFiling},
	StatusFilingRevoked:    {"filing_revoked", "The filing was revoked for forged material.", "备案材料虚假，备案已被取消。", ClassFiling},
	StatusFiledElsewhere:   {"filed_elsewhere", "The filing is for another place.", "备案就医地与实际就医地不一致。", ClassFiling},
	StatusFilingNotInForce: {"filing_not_in_force", "The filing covers neither the admission nor the settlement date.", "备案有效期未覆盖入院或结算日期。", ClassFiling},
	StatusCommitmentOpen:   {"commitment_open", "The filing rests on a commitment that is not yet fulfilled; until then it brings no benefit at home.", "备案承诺事项尚未履行，补齐材料后方可在参保地享受待遇。", ClassFiling},
	StatusUnqualified:      {"unqualified", "The person is not qualified for this chronic disease.", "参保人员不具备该门诊慢特病待遇资格。", ClassBenefit},
	StatusDiseaseNotListed: {"disease_not_listed", "The insured place does not settle this chronic disease between provinces.", "参保地未将该病种纳入门诊慢特病跨省直接结算范围。", ClassBenefit},
	StatusDiseaseNotOpened: {"disease_not_opened", "The institution has not opened this chronic disease for direct settlement.", "定点医药机构未开通该病种的跨省直接结算。", ClassBenefit},
	StatusBadLines:         {"bad_lines", "The lines do not make a valid bill.", "费用明细不合规：合计为负或金额不符。", ClassData},
	StatusYearClosed:       {"year_closed", "The settlement belongs to an earlier benefit year, which is closed.", "该结算属于以前年度，该年度已关闭。", ClassPeriod},
	StatusOutOfRange:       {"out_of_range", "An amount is larger than any bill can be, or a year has more stays or hospitals than can be told apart.", "金额超出允许范围，或年度住院次数、医院数超出可记录的上限。", ClassData},
	StatusNotLatest:        {"not_latest", "Later settlements of the person used its accumulators; reverse those first.", "该结算之后已有新的结算，请先按倒序撤销。", ClassConflict},
	StatusPlatformDown:     {"platform_down", "A platform on the way to the insured place is down; wait until it is back, or pay in full and claim by hand.", "结算链路上的平台停机，可待恢复后结算，或先全额垫付后手工报销。", ClassPlannedStop},
}

// Text returns what to tell people about s.
func (s Status) Text() StatusText { return statusTexts[s] }

// String returns the stable name of s.
func (s Status) String() string { return statusTexts[s].Name }
