package html

import (
	"kuasheng/engine"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

var kindNames = [engine.NumKinds]words.Text{
	engine.Inpatient: words.T("Inpatient", "住院"), engine.Outpatient: words.T("Outpatient", "普通门诊"),
	engine.Chronic: words.T("Chronic disease", "门诊慢特病"), engine.Pharmacy: words.T("Pharmacy", "定点零售药店"),
}

var kindColours = [engine.NumKinds]Colour{engine.Inpatient: Blue, engine.Outpatient: Sky, engine.Chronic: Orange, engine.Pharmacy: Purple}

func kindSeries() (all []Series) {
	for kind, name := range kindNames {
		all = append(all, Series{name, kindColours[kind]})
	}
	return all
}

func kindName(kind engine.Kind) words.Text {
	if kind == engine.AllKinds {
		return words.T("All", "合计")
	}
	return kindNames[kind]
}

var schemeNames = [engine.NumSchemes]words.Text{engine.Employee: words.T("employees", "职工"), engine.Resident: words.T("residents", "居民")}

var monthNames = [...]words.Text{
	words.T("Jan", "1月"), words.T("Feb", "2月"), words.T("Mar", "3月"), words.T("Apr", "4月"), words.T("May", "5月"), words.T("Jun", "6月"),
	words.T("Jul", "7月"), words.T("Aug", "8月"), words.T("Sep", "9月"), words.T("Oct", "10月"), words.T("Nov", "11月"), words.T("Dec", "12月"),
}

// statusNames say in a few words why a bill was not settled directly.
var statusNames = [engine.NumStatuses]words.Text{
	engine.Settled:                words.T("settled", "已结算"),
	engine.StatusSameProvince:     words.T("same province", "同省就医"),
	engine.StatusNoPolicy:         words.T("no policy for the date", "无可执行政策"),
	engine.StatusUnverified:       words.T("credential not verified", "身份未核验"),
	engine.StatusSuspended:        words.T("enrolment suspended", "待遇暂停"),
	engine.StatusUnconnected:      words.T("institution not connected", "机构未开通"),
	engine.StatusThirdParty:       words.T("third party liable", "第三方责任"),
	engine.StatusNoInjuryLetter:   words.T("injury without letter", "外伤无承诺书"),
	engine.StatusNotFiled:         words.T("no filing", "未备案"),
	engine.StatusFilingRevoked:    words.T("filing revoked", "备案被取消"),
	engine.StatusFiledElsewhere:   words.T("filed for another place", "备案地不符"),
	engine.StatusFilingNotInForce: words.T("filing not in force", "备案不在有效期"),
	engine.StatusCommitmentOpen:   words.T("commitment not fulfilled", "承诺未履行"),
	engine.StatusUnqualified:      words.T("not qualified for the disease", "无慢特病资格"),
	engine.StatusDiseaseNotListed: words.T("disease not listed", "病种未纳入"),
	engine.StatusDiseaseNotOpened: words.T("disease not opened there", "机构未开通病种"),
	engine.StatusBadLines:         words.T("lines not valid", "明细不合规"),
	engine.StatusYearClosed:       words.T("benefit year closed", "年度已关闭"),
	engine.StatusOutOfRange:       words.T("amount out of range", "金额超限"),
	engine.StatusNotLatest:        words.T("not the latest settlement", "非最近一次结算"),
	engine.StatusPlatformDown:     words.T("platform down", "平台停机"),
}

var alertNames = [engine.NumAlerts]words.Text{engine.Green: words.T("green", "绿色"), engine.Yellow: words.T("yellow", "黄色"), engine.Red: words.T("red", "红色")}

var alertColours = [engine.NumAlerts]Colour{engine.Green: Green, engine.Yellow: Orange, engine.Red: Vermillion}

// shortNames are the usual one-character names of the provinces, and their letters
// after GB/T 2260; others go by their own names.
var shortNames = map[uint32]words.Text{
	110000: words.T("BJ", "京"), 120000: words.T("TJ", "津"), 130000: words.T("HE", "冀"), 140000: words.T("SX", "晋"), 150000: words.T("NM", "蒙"),
	210000: words.T("LN", "辽"), 220000: words.T("JL", "吉"), 230000: words.T("HL", "黑"),
	310000: words.T("SH", "沪"), 320000: words.T("JS", "苏"), 330000: words.T("ZJ", "浙"), 340000: words.T("AH", "皖"), 350000: words.T("FJ", "闽"), 360000: words.T("JX", "赣"), 370000: words.T("SD", "鲁"),
	410000: words.T("HA", "豫"), 420000: words.T("HB", "鄂"), 430000: words.T("HN", "湘"), 440000: words.T("GD", "粤"), 450000: words.T("GX", "桂"), 460000: words.T("HI", "琼"),
	500000: words.T("CQ", "渝"), 510000: words.T("SC", "川"), 520000: words.T("GZ", "贵"), 530000: words.T("YN", "云"), 540000: words.T("XZ", "藏"),
	610000: words.T("SN", "陕"), 620000: words.T("GS", "甘"), 630000: words.T("QH", "青"), 640000: words.T("NX", "宁"), 650000: words.T("XJ", "新"), 660000: words.T("BT", "兵"),
}

// ProvinceName is the name of a world's province.
func ProvinceName(w *sim.World, i int) words.Text {
	p := &w.Provinces[i]
	name := words.T(p.NameEN, p.NameZH)
	if p.Code == 660000 {
		name = words.T("XPCC", "新疆兵团")
	}
	return name
}

// ShortName is a province's usual name of one character, and its letters.
func ShortName(w *sim.World, i int) words.Text {
	if short, known := shortNames[w.Provinces[i].Code]; known {
		return short
	}
	return ProvinceName(w, i)
}

func pairName(w *sim.World, insured, treating int) words.Text {
	return words.F(words.Same("%s → %s"), ProvinceName(w, insured), ProvinceName(w, treating))
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
func StatusNames(statuses string) words.Text {
	return words.T(report.StatusNames(statuses, words.English), report.StatusNames(statuses, words.Chinese))
}
