package report

import (
	"fmt"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// both is a word or a sentence in English and Chinese.
type both [2]string

var (
	schemeWords = [engine.NumSchemes]both{{"employee scheme", "职工医保"}, {"resident scheme", "居民医保"}}
	careWords   = [engine.NumKinds]both{{"inpatient", "住院"}, {"outpatient", "普通门诊"}, {"chronic outpatient", "门诊慢特病"}, {"pharmacy", "定点零售药店"}}
	levelWords  = [engine.NumLevels]both{{"primary", "一级及以下"}, {"secondary", "二级"}, {"tertiary", "三级"}, {"top tertiary", "三级（省属）"}}
	personWords = [engine.NumPersonTypes]both{{"working", "在职"}, {"retired", "退休"}, {"child", "未成年"}, {"adult", "成年"}, {"elderly", "老年"}}
	aidWords    = [engine.NumIdentities]both{{"not aided", "非救助对象"}, {"low income", "低保对象"}, {"extreme poverty", "特困人员"}, {"near poor", "低保边缘及易返贫致贫人口"}}
	classWords  = [engine.NumFeeClasses]both{
		{"bed", "床位费"}, {"consultation", "诊察费"}, {"examination", "检查费"}, {"laboratory", "化验费"}, {"treatment", "治疗费"},
		{"surgery", "手术费"}, {"nursing", "护理费"}, {"material", "卫生材料费"}, {"western drug", "西药费"}, {"herbal drug", "中药饮片费"},
		{"patent drug", "中成药费"}, {"general visit", "一般诊疗费"}, {"registration", "挂号费"}, {"other", "其他费"},
	}
	itemWords   = [engine.NumCatalogueClasses]both{{"A 甲", "甲"}, {"B 乙", "乙"}, {"C 丙", "丙"}}
	layerWords  = [engine.NumLayers]both{{"Basic fund", "统筹基金"}, {"Large 大额", "职工大额"}, {"Major 大病", "居民大病"}, {"Civil service", "公务员补助"}, {"Enterprise", "企业补充"}, {"Medical aid", "医疗救助"}}
	filingWords = [engine.NumFilingKinds]both{
		{"no filing", "未备案"}, {"retired and settled elsewhere", "异地安置退休人员"}, {"long-term resident", "异地长期居住人员"},
		{"posted worker", "常驻异地工作人员"}, {"referral", "异地转诊就医人员"}, {"emergency", "异地急诊抢救人员"}, {"other temporary", "其他跨省临时外出就医人员"},
	}
	basisWords   = [...]both{{"no document", "无需材料"}, {"material", "证明材料"}, {"commitment", "个人承诺书"}, {"referral document", "转诊转院证明"}}
	diseaseWords = [engine.NumDiseases]both{
		{"none stated", "未注明"}, {"hypertension", "高血压"}, {"diabetes", "糖尿病"}, {"cancer, outpatient", "恶性肿瘤门诊放化疗"},
		{"dialysis", "尿毒症透析"}, {"anti-rejection", "器官移植抗排异"}, {"chronic lung disease", "慢阻肺"}, {"rheumatoid arthritis", "类风湿关节炎"},
		{"coronary disease", "冠心病"}, {"viral hepatitis", "病毒性肝炎"}, {"ankylosing spondylitis", "强直性脊柱炎"}, {"another of the pool's list", "本地病种"},
	}
	modeWords = [engine.NumDeductibleModes]both{
		{"for each visit", "按次"}, {"once a year", "按年"}, {"once a year, topped up", "按年收一次、不足补齐"},
		{"for each quarter", "按季度"}, {"for each month", "按月"}, {"once a year at each hospital", "每家医院每年一次"},
	}
	laterWords   = [...]both{{"the same", "相同"}, {"half", "减半"}, {"less an amount for each", "逐次递减"}, {"a fixed amount", "固定金额"}, {"none", "不再收取"}}
	mergeWords   = [...]both{{"none", "不合并"}, {"mid-stay settlements", "中途结算合并"}, {"transfers", "转院合并"}, {"mid-stay settlements and transfers", "中途结算与转院均合并"}}
	crossWords   = [...]both{{"as one", "按一次结算"}, {"by days", "按天数分年"}}
	caseWords    = [...]both{{"guests by item", "异地按项目付费"}, {"difference beside the settlement", "差额不进结算"}, {"hospital bears the excess", "超支由医院负担"}}
	inForceWords = [...]both{{"at admission or settlement", "入院或结算时"}, {"at admission", "入院时"}, {"at settlement", "结算时"}}
	homeWords    = [...]both{{"none", "无"}, {"as for a referral", "按转诊待遇"}, {"full local level", "按本地待遇"}}
	yesWords     = [...]both{{"no", "否"}, {"yes", "是"}}
	periodWords  = [engine.NumDeductibleModes]both{{}, {"this year", "本年"}, {"this year", "本年"}, {"this quarter", "本季度"}, {"this month", "本月"}, {}}
)

// statusWords say how far a value can be trusted.
var statusWords = map[string]both{
	"law": {"law", "法规"}, "published": {"published", "公布"}, "recalled": {"recalled", "凭记忆"}, "illustrative": {"illustrative", "示例"},
	"synthetic": {"synthetic", "合成"}, "derived": {"derived", "推算"}, "fitted": {"fitted", "拟合"}, "projected": {"projected", "推演"}, "what-if": {"what-if", "情景设定"},
}

// StatusNames are the words for one or several statuses of a pack's values, which ", "
// divides.
func StatusNames(statuses string, lang words.Lang) string {
	var names []string
	for _, key := range strings.Split(statuses, ", ") {
		if word, known := statusWords[key]; known {
			key = word[lang]
		}
		names = append(names, key)
	}
	return strings.Join(names, [...]string{", ", "、"}[lang])
}

// The stable names in JSON, as the data pack writes them.
var (
	levelNames    = [engine.NumLevels]string{"primary", "secondary", "tertiary", "top"}
	personNames   = [engine.NumPersonTypes]string{"working", "retired", "child", "adult", "elderly"}
	identityNames = [engine.NumIdentities]string{"none", "low_income", "extreme_poor", "near_poor"}
	classNames    = [engine.NumFeeClasses]string{"bed", "consultation", "examination", "laboratory", "treatment", "surgery", "nursing",
		"material", "western_drug", "herbal_drug", "patent_drug", "general_visit", "registration", "other"}
	itemNames   = [engine.NumCatalogueClasses]string{"a", "b", "c"}
	layerNames  = [engine.NumLayers]string{"basic", "large", "major", "civil", "enterprise", "aid"}
	filingNames = [engine.NumFilingKinds]string{"unfiled", "retired_settled", "long_term_resident", "posted_worker", "referral", "emergency", "other_temporary"}
	basisNames  = [...]string{"none", "material", "commitment", "referral_doc"}
	modeNames   = [engine.NumDeductibleModes]string{"per_visit", "per_year", "per_year_top_up", "per_quarter", "per_month", "per_hospital"}
	laterNames  = [...]string{"same", "half", "minus", "fixed", "none"}
	mergeNames  = [...]string{"none", "mid_stay", "transfers", "both"}
	crossNames  = [...]string{"whole", "by_day"}
	caseNames   = [...]string{"by_item", "beside", "borne"}
	forceNames  = [...]string{"at_either", "at_admission", "at_settlement"}
	homeNames   = [...]string{"none", "as_referral", "local"}
	howNames    = [...]string{"on_file", "deemed_filed", "unfiled_anyway", "unfiled_by_hand", "home_local", "home_as_referral"}
	boundNames  = [...]string{"none", "ceiling", "what_is_left"}
	idleNames   = [...]string{"not_provided", "not_for_kind", "ceiling_not_reached", "below_start", "not_member", "no_identity", "no_one_stop"}
	payerNames  = [...]string{"account", "mutual", "cash"}
)

// checkText says of a status what holds where it does not refuse the bill, and what
// would have to change where it does.
type checkText struct{ holds, remedy both }

var checkTexts = [engine.NumStatuses]checkText{
	engine.StatusSameProvince: {both{"Treated in another province than insured", "就医地与参保地不在同一省份"},
		both{"Settle in the insured place's own system.", "应在参保地本地系统结算。"}},
	engine.StatusNoPolicy: {both{"A policy is on file for the dates", "相关日期有可执行的待遇政策"},
		both{"The data pack needs a version for the date.", "数据包须补充该日期的政策版本。"}},
	engine.StatusUnverified: {both{"The credential is verified", "身份凭证核验通过"},
		both{"A credential that can be verified: e-credential, social card or ID.", "须出示可核验的医保电子凭证、社会保障卡或身份证。"}},
	engine.StatusSuspended: {both{"The enrolment is in force", "参保待遇正常"},
		both{"The enrolment must be in force again on the day of settlement.", "结算日参保待遇须已恢复。"}},
	engine.StatusUnconnected: {both{"The institution is connected for this care", "定点医药机构已开通该类别跨省直接结算"},
		both{"An institution connected for this care; or pay and claim by hand (B15).", "选择已开通的机构；或先全额垫付后手工报销（B15）。"}},
	engine.StatusThirdParty: {both{"No third party is liable", "不涉及第三方责任"},
		both{"The liable party pays; the fund does so only where there is none.", "由责任方承担；无第三方责任时基金方可支付。"}},
	engine.StatusNoInjuryLetter: {both{"No injury, or the letter about it is signed", "非外伤，或已签署无第三方责任承诺书"},
		both{"The signed letter that no third party is liable.", "签署《外伤无第三方责任承诺书》。"}},
	engine.StatusNotFiled: {both{"Filed, and complete before the settlement", "已备案，且在结算前办结"},
		both{"A filing complete before the settlement (B14); after it, a manual claim (B15).", "须在结算前办结备案（B14）；结算后只能手工报销（B15）。"}},
	engine.StatusFilingRevoked: {both{"The filing has not been revoked", "备案未被取消"},
		both{"A new filing on true material.", "须以真实材料重新备案。"}},
	engine.StatusFiledElsewhere: {both{"The filing is for the place of treatment", "备案就医地与实际就医地一致"},
		both{"A filing for the place of treatment, or care at the filed place.", "须变更备案就医地，或到备案地就医。"}},
	engine.StatusFilingNotInForce: {both{"The filing is in force on the days that count", "备案在规定日期有效"},
		both{"A filing whose validity covers the day that the pool looks at.", "备案有效期须覆盖参保地认定的日期。"}},
	engine.StatusCommitmentOpen: {both{"What the filing promised has been fulfilled", "备案承诺事项已履行"},
		both{"Hand in what the commitment promised.", "补齐承诺的材料。"}},
	engine.StatusUnqualified: {both{"The person is qualified for the disease", "参保人员具备该病种待遇资格"},
		both{"A qualification for the disease from the insured place; or agree to ordinary care (X42).", "须在参保地认定该病种资格；或同意按普通门诊结算（X42）。"}},
	engine.StatusDiseaseNotListed: {both{"The insured place settles the disease between provinces", "参保地已将该病种纳入跨省直接结算"},
		both{"The disease must be on the list of the date; else pay in full and claim by hand at home (N11).", "该日期的病种目录须包含该病种；否则全额垫付后回参保地手工报销（N11）。"}},
	engine.StatusDiseaseNotOpened: {both{"The institution has opened the disease", "定点医药机构已开通该病种"},
		both{"An institution that has opened it; or agree to ordinary care (X42).", "选择已开通该病种的机构；或同意按普通门诊结算（X42）。"}},
	engine.StatusBadLines: {both{"The lines make a bill", "费用明细合规"},
		both{"Lines that sum to a valid bill: price × count is the amount; refunds name their line and do not exceed it.", "明细须合规：单价×数量须等于金额；退费须指明原明细且不超过原金额。"}},
	engine.StatusYearClosed: {both{"The benefit year is open", "待遇年度未关闭"},
		both{"Bills come in the order of their years; an earlier year goes by hand.", "按年度先后结算；以前年度走手工报销。"}},
	engine.StatusOutOfRange: {both{"Amounts are such as a bill can have", "金额在允许范围内"},
		both{"Check the amounts; no bill is above 10 million yuan.", "核对金额；单笔不超过一千万元。"}},
	engine.StatusNotLatest: {both{"No later settlement of the person", "之后没有新的结算"},
		both{"Reverse the later ones first.", "先按倒序撤销之后的结算。"}},
	engine.StatusPlatformDown: {both{"The platforms on the way are up", "结算链路上的平台正常运行"},
		both{"Settle when the platform is back; or claim by hand (B15).", "待平台恢复后结算；或手工报销（B15）。"}},
}

var idleTexts = [...]both{
	engine.NotProvided:       {"the pool has no such layer for this scheme", "参保地未设此层待遇"},
	engine.NotForKind:        {"does not pay for this kind of care", "不支付该医疗类别"},
	engine.CeilingNotReached: {"begins where the basic ceiling is reached; it is not", "统筹封顶线以上支付；未达封顶线"},
	engine.BelowStart:        {"the year's burden is not above the start line", "年度累计负担未超过起付标准"},
	engine.NotMember:         {"the person has none", "参保人员未参加"},
	engine.NoIdentity:        {"the person is in no aided group", "非救助对象"},
	engine.NoOneStop:         {"does not join the direct settlement here", "参保地未实行一站式结算"},
}

// paramWords name the values. The key after the name says what they depend on.
var paramWords = [engine.NumParams]both{
	engine.ParamFilingKinds: {"Kinds of filing", "备案类型"}, engine.ParamInForce: {"Filing must hold", "备案有效时点"},
	engine.ParamHomeReturn: {"Benefit at home", "返参保地待遇"}, engine.ParamUnfiledDirect: {"Direct settlement without filing", "未备案直接结算"},
	engine.ParamDiseases: {"Chronic diseases", "门诊慢特病病种"}, engine.ParamCrossYear: {"Stay over 1 January", "跨年住院"},
	engine.ParamDeductibleMode: {"Deductible is charged", "起付标准收取方式"}, engine.ParamMerge: {"Bills that share a deductible", "起付标准合并"},
	engine.ParamLater: {"Deductible of later admissions", "再次住院起付标准"}, engine.ParamLaterAmount: {"Amount for later admissions", "再次住院起付标准金额"},
	engine.ParamLaterFloor: {"Least for later admissions", "再次住院起付标准下限"}, engine.ParamDeductible: {"Deductible", "起付标准"},
	engine.ParamBracketTop: {"Upper edge of the bracket", "分段上限"}, engine.ParamRatio: {"Ratio", "支付比例"},
	engine.ParamSeniorAge: {"Age from which more is paid", "高龄起始年龄"}, engine.ParamSeniorPoints: {"Added for age", "高龄提高比例"},
	engine.ParamKindCeiling: {"Ceiling of the kind, a year", "该类别年度限额"}, engine.ParamDropApplies: {"A drop applies to the kind", "该类别适用比例下调"},
	engine.ParamDrop: {"Taken off the ratio", "比例下调"}, engine.ParamCeiling: {"Ceiling of the basic fund, a year", "统筹基金年度最高支付限额"},
	engine.ParamLargeKinds: {"Large 大额 pays for", "职工大额支付类别"}, engine.ParamLargeRatio: {"Ratio, large 大额", "职工大额支付比例"},
	engine.ParamLargeCeiling: {"Ceiling, large 大额, a year", "职工大额年度限额"}, engine.ParamMajorKinds: {"Major 大病 pays for", "居民大病支付类别"},
	engine.ParamMajorStart: {"Start line, major 大病", "居民大病起付标准"}, engine.ParamMajorTop: {"Upper edge, major 大病", "居民大病分段上限"},
	engine.ParamMajorRatio: {"Ratio, major 大病", "居民大病支付比例"}, engine.ParamMajorCeiling: {"Ceiling, major 大病, a year", "居民大病年度限额"},
	engine.ParamCivilKinds: {"Civil supplement pays for", "公务员补助支付类别"}, engine.ParamCivilRatio: {"Ratio, civil supplement", "公务员补助支付比例"},
	engine.ParamCivilCeiling: {"Ceiling, civil supplement, a year", "公务员补助年度限额"}, engine.ParamEnterpriseKinds: {"Enterprise supplement pays for", "企业补充支付类别"},
	engine.ParamEnterpriseRatio: {"Ratio, enterprise supplement", "企业补充支付比例"}, engine.ParamEnterpriseCeiling: {"Ceiling, enterprise supplement, a year", "企业补充年度限额"},
	engine.ParamOneStop: {"Aid joins the settlement", "医疗救助一站式"}, engine.ParamAidKinds: {"Medical aid pays for", "医疗救助支付类别"},
	engine.ParamAidRatio: {"Ratio, medical aid", "医疗救助支付比例"}, engine.ParamAidCeiling: {"Ceiling, medical aid, a year", "医疗救助年度限额"},
	engine.ParamPreSelfPay: {"Pre-self-pay of class B", "乙类先行自付比例"}, engine.ParamPriceLimit: {"Price limit, a unit", "限价（每单位）"},
	engine.ParamCaseMode: {"Case payment of guests", "异地按病种付费"},
}

// paramNames are the stable names of the values in JSON.
var paramNames = [engine.NumParams]string{
	"filing_kinds", "in_force", "home_return", "unfiled_direct", "diseases", "cross_year", "deductible_mode", "merge", "later", "later_amount",
	"later_floor", "deductible", "bracket_top", "ratio", "senior_age", "senior_points", "kind_ceiling", "drop_applies", "drop", "ceiling",
	"large_kinds", "large_ratio", "large_ceiling", "major_kinds", "major_start", "major_top", "major_ratio", "major_ceiling", "civil_kinds",
	"civil_ratio", "civil_ceiling", "enterprise_kinds", "enterprise_ratio", "enterprise_ceiling", "one_stop", "aid_kinds", "aid_ratio",
	"aid_ceiling", "pre_self_pay", "price_limit", "case_mode",
}

// about lists, behind a value's name, what it depends on.
func about(p *engine.Param, lang words.Lang) string {
	var parts []string
	add := func(w both) { parts = append(parts, w[lang]) }
	bracket := both{fmt.Sprintf("bracket %d", p.Bracket+1), fmt.Sprintf("第 %d 段", p.Bracket+1)}
	switch p.Name {
	case engine.ParamDeductible, engine.ParamRatio:
		add(careWords[p.Care])
		add(personWords[p.Person])
		add(levelWords[p.Level])
	case engine.ParamDeductibleMode, engine.ParamMerge, engine.ParamLater, engine.ParamLaterAmount, engine.ParamLaterFloor, engine.ParamBracketTop,
		engine.ParamSeniorAge, engine.ParamSeniorPoints, engine.ParamKindCeiling, engine.ParamDropApplies:
		add(careWords[p.Care])
	case engine.ParamDrop:
		add(filingWords[p.Filing])
	case engine.ParamAidRatio:
		add(aidWords[p.Identity])
	case engine.ParamPreSelfPay:
		add(classWords[p.Class])
	case engine.ParamPriceLimit:
		add(classWords[p.Class])
		add(levelWords[p.Level])
	}
	switch p.Name {
	case engine.ParamRatio, engine.ParamBracketTop, engine.ParamMajorTop, engine.ParamMajorRatio:
		add(bracket)
	}
	separator := [...]string{", ", "，"}[lang]
	if len(parts) == 0 {
		return ""
	}
	return separator + strings.Join(parts, separator)
}

// valueText writes a value with its unit.
func valueText(p *engine.Param, lang words.Lang) string {
	switch p.Name.Unit() {
	case engine.UnitFen:
		return yuan(money.Fen(p.Value)) + both{" yuan", " 元"}[lang]
	case engine.UnitPoints:
		if p.Name == engine.ParamDrop || p.Name == engine.ParamSeniorPoints {
			return points(money.BasisPoints(p.Value)) + both{" points", " 个百分点"}[lang]
		}
		return share(money.BasisPoints(p.Value))
	case engine.UnitMicro:
		return price(money.Micro(p.Value)) + both{" yuan", " 元"}[lang]
	case engine.UnitYears:
		return fmt.Sprint(p.Value) + both{" years", " 岁"}[lang]
	}
	of := func(words []both) string { return words[p.Value][lang] }
	switch p.Name {
	case engine.ParamInForce:
		return of(inForceWords[:])
	case engine.ParamHomeReturn:
		return of(homeWords[:])
	case engine.ParamCrossYear:
		return of(crossWords[:])
	case engine.ParamDeductibleMode:
		return of(modeWords[:])
	case engine.ParamMerge:
		return of(mergeWords[:])
	case engine.ParamLater:
		return of(laterWords[:])
	case engine.ParamCaseMode:
		return of(caseWords[:])
	case engine.ParamUnfiledDirect, engine.ParamDropApplies, engine.ParamOneStop:
		return of(yesWords[:])
	case engine.ParamFilingKinds:
		return setText(p.Value, filingWords[:], lang)
	case engine.ParamDiseases:
		return setText(p.Value&^1, diseaseWords[:], lang)
	}
	return setText(p.Value, careWords[:], lang)
}

// setText lists the members of a set of bits, or says that it has all.
func setText(set int64, words []both, lang words.Lang) string {
	var names []string
	for i, w := range words {
		if set>>i&1 != 0 {
			names = append(names, w[lang])
		}
	}
	switch {
	case len(names) == 0:
		return both{"none", "无"}[lang]
	case len(names) >= len(words)-1 && len(words) > 4:
		return both{"all", "全部"}[lang]
	}
	return strings.Join(names, [...]string{", ", "、"}[lang])
}

// wordName is the stable name of a value that is no number, or of the members of a
// set.
func wordName(p *engine.Param) any {
	of := func(names []string) string { return names[p.Value] }
	set := func(names []string) []string {
		members := []string{}
		for i, name := range names {
			if p.Value>>i&1 != 0 {
				members = append(members, name)
			}
		}
		return members
	}
	switch p.Name {
	case engine.ParamInForce:
		return of(forceNames[:])
	case engine.ParamHomeReturn:
		return of(homeNames[:])
	case engine.ParamCrossYear:
		return of(crossNames[:])
	case engine.ParamDeductibleMode:
		return of(modeNames[:])
	case engine.ParamMerge:
		return of(mergeNames[:])
	case engine.ParamLater:
		return of(laterNames[:])
	case engine.ParamCaseMode:
		return of(caseNames[:])
	case engine.ParamUnfiledDirect, engine.ParamDropApplies, engine.ParamOneStop:
		return p.Value != 0
	case engine.ParamFilingKinds:
		return set(filingNames[:])
	case engine.ParamDiseases:
		return set(engine.DiseaseNames[:])
	}
	return set(engine.KindNames[:])
}

// until writes the last day of an interval that ends before to.
func until(to day.Day, lang words.Lang) string {
	if to == day.Never {
		return both{"open end", "长期"}[lang]
	}
	return (to - 1).String()
}
