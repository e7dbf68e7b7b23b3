package html

import (
	"kuasheng/engine"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

var kindNames = [engine.NumKinds]Text{
	engine.Inpatient: T("Inpatient", "住院"), engine.Outpatient: T("Outpatient", "普通门诊"),
	engine.Chronic: T("Chronic disease", "门诊慢特病"), engine.Pharmacy: T("Pharmacy", "定点零售药店"),
}

var kindColours = [engine.NumKinds]Colour{engine.Inpatient: Blue, engine.Outpatient: Sky, engine.Chronic: Orange, engine.Pharmacy: Purple}

func kindSeries() (all []Series) {
	for kind, name := range kindNames {
		all = append(all, Series{name, kindColours[kind]})
	}
	return all
}

func kindName(kind engine.Kind) Text {
	if kind == engine.AllKinds {
		return T("All", "合计")
	}
	return kindNames[kind]
}

var schemeNames = [engine.NumSchemes]Text{engine.Employee: T("employees", "职工"), engine.Resident: T("residents", "居民")}

var monthNames = [...]Text{
	T("Jan", "1月"), T("Feb", "2月"), T("Mar", "3月"), T("Apr", "4月"), T("May", "5月"), T("Jun", "6月"),
	T("Jul", "7月"), T("Aug", "8月"), T("Sep", "9月"), T("Oct", "10月"), T("Nov", "11月"), T("Dec", "12月"),
}

// statusNames say in a few words why a bill was not settled directly.
var statusNames = [engine.NumStatuses]Text{
	engine.Settled:                T("settled", "已结算"),
	engine.StatusSameProvince:     T("same province", "同省就医"),
	engine.StatusNoPolicy:         T("no policy for the date", "无可执行政策"),
	engine.StatusUnverified:       T("credential not verified", "身份未核验"),
	engine.StatusSuspended:        T("enrolment suspended", "待遇暂停"),
	engine.StatusUnconnected:      T("institution not connected", "机构未开通"),
	engine.StatusThirdParty:       T("third party liable", "第三方责任"),
	engine.StatusNoInjuryLetter:   T("injury without letter", "外伤无承诺书"),
	engine.StatusNotFiled:         T("no filing", "未备案"),
	engine.StatusFilingRevoked:    T("filing revoked", "备案被取消"),
	engine.StatusFiledElsewhere:   T("filed for another place", "备案地不符"),
	engine.StatusFilingNotInForce: T("filing not in force", "备案不在有效期"),
	engine.StatusCommitmentOpen:   T("commitment not fulfilled", "承诺未履行"),
	engine.StatusUnqualified:      T("not qualified for the disease", "无慢特病资格"),
	engine.StatusDiseaseNotListed: T("disease not listed", "病种未纳入"),
	engine.StatusDiseaseNotOpened: T("disease not opened there", "机构未开通病种"),
	engine.StatusBadLines:         T("lines not valid", "明细不合规"),
	engine.StatusYearClosed:       T("benefit year closed", "年度已关闭"),
	engine.StatusOutOfRange:       T("amount out of range", "金额超限"),
	engine.StatusNotLatest:        T("not the latest settlement", "非最近一次结算"),
	engine.StatusPlatformDown:     T("platform down", "平台停机"),
}

var alertNames = [engine.NumAlerts]Text{engine.Green: T("green", "绿色"), engine.Yellow: T("yellow", "黄色"), engine.Red: T("red", "红色")}

var alertColours = [engine.NumAlerts]Colour{engine.Green: Green, engine.Yellow: Orange, engine.Red: Vermillion}

// shortNames are the usual one-character names of the provinces, and their letters
// after GB/T 2260; others go by their own names.
var shortNames = map[uint32]Text{
	110000: T("BJ", "京"), 120000: T("TJ", "津"), 130000: T("HE", "冀"), 140000: T("SX", "晋"), 150000: T("NM", "蒙"),
	210000: T("LN", "辽"), 220000: T("JL", "吉"), 230000: T("HL", "黑"),
	310000: T("SH", "沪"), 320000: T("JS", "苏"), 330000: T("ZJ", "浙"), 340000: T("AH", "皖"), 350000: T("FJ", "闽"), 360000: T("JX", "赣"), 370000: T("SD", "鲁"),
	410000: T("HA", "豫"), 420000: T("HB", "鄂"), 430000: T("HN", "湘"), 440000: T("GD", "粤"), 450000: T("GX", "桂"), 460000: T("HI", "琼"),
	500000: T("CQ", "渝"), 510000: T("SC", "川"), 520000: T("GZ", "贵"), 530000: T("YN", "云"), 540000: T("XZ", "藏"),
	610000: T("SN", "陕"), 620000: T("GS", "甘"), 630000: T("QH", "青"), 640000: T("NX", "宁"), 650000: T("XJ", "新"), 660000: T("BT", "兵"),
}

// ProvinceName is the name of a world's province.
func ProvinceName(w *sim.World, i int) Text {
	p := &w.Provinces[i]
	name := T(p.NameEN, p.NameZH)
	if p.Code == 660000 {
		name = T("XPCC", "新疆兵团")
	}
	return name
}

// ShortName is a province's usual name of one character, and its letters.
func ShortName(w *sim.World, i int) Text {
	if short, known := shortNames[w.Provinces[i].Code]; known {
		return short
	}
	return ProvinceName(w, i)
}

func pairName(w *sim.World, insured, treating int) Text {
	return F(Same("%s → %s"), ProvinceName(w, insured), ProvinceName(w, treating))
}

// statusOfValues are the statuses of a pack's values, the firmest first.
var statusOfValues = []struct {
	key    string
	colour Colour
}{
	{"law", Blue}, {"published", Sky}, {"recalled", Green}, {"derived", Grey}, {"fitted", Yellow}, {"illustrative", Orange}, {"projected", Vermillion},
	{"synthetic", Vermillion}, {"what-if", Purple},
}

// StatusNames are the names of one or several statuses of a pack's values.
func StatusNames(statuses string) Text {
	return T(report.StatusNames(statuses, report.English), report.StatusNames(statuses, report.Chinese))
}
