// Package show writes what experiments found: tables for a terminal in English and
// Chinese, and CSV for everything else. It computes nothing new.
package show

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// label is a text in both languages.
type label struct{ en, zh string }

func (l label) in(lang words.Lang) string {
	if lang == words.Chinese {
		return l.zh
	}
	return l.en
}

// figureLabels name the figures of experiment.Figures.
var figureLabels = map[string]label{
	"funds_fen":                {"Funds pay", "基金支付"},
	"funds_basic_fen":          {"  basic fund", "  基本医保统筹"},
	"funds_large_fen":          {"  large amounts", "  职工大额"},
	"funds_major_fen":          {"  major illness", "  居民大病"},
	"funds_civil_fen":          {"  civil servants", "  公务员补助"},
	"funds_enterprise_fen":     {"  enterprises", "  企业补充"},
	"funds_aid_fen":            {"  medical aid", "  医疗救助"},
	"funds_employee_fen":       {"  for employees", "  职工医保"},
	"funds_resident_fen":       {"  for residents", "  居民医保"},
	"funds_inpatient_fen":      {"  inpatient", "  住院"},
	"funds_outpatient_fen":     {"  outpatient", "  普通门诊"},
	"funds_chronic_fen":        {"  chronic", "  门诊慢特病"},
	"funds_pharmacy_fen":       {"  pharmacy", "  定点零售药店"},
	"funds_by_hand_fen":        {"  of it by hand", "  其中手工报销"},
	"hospitals_fen":            {"Hospitals bear", "医院负担"},
	"patients_fen":             {"Patients bear", "个人负担"},
	"patients_share_bp":        {"  share of all fees", "  占总费用"},
	"patients_employee_fen":    {"  employees", "  职工"},
	"patients_resident_fen":    {"  residents", "  居民"},
	"patients_inpatient_fen":   {"  inpatient", "  住院"},
	"accounts_fen":             {"  from accounts", "  个人账户支付"},
	"advanced_fen":             {"Paid in full at the desk", "全额垫付"},
	"direct_rate_bp":           {"Settled directly", "直接结算率"},
	"direct_rate_inpatient_bp": {"  inpatient", "  住院"},
	"settled":                  {"Bills settled directly", "直接结算人次"},
	"refused":                  {"Bills refused", "未能直接结算人次"},
	"manual_claims":            {"Manual claims paid", "手工报销人次"},
	"receivable_days":          {"Institutions wait, days", "医疗机构回款天数"},
	"transfers":                {"Transfers between provinces", "省际划款笔数"},
	"moved_fen":                {"Money moved by them", "省际划款金额"},
	"institutions_late_fen":    {"Institutions paid late", "逾期付医疗机构"},
	"clearing_late_fen":        {"Clearing paid late", "逾期清算资金"},
	"overdue_fen":              {"Never paid", "期末未付"},
	"quota_fen":                {"Prepayment, last quota", "期末预付金额度"},
	"yellow_alerts":            {"Yellow alerts", "黄色预警"},
	"red_alerts":               {"Red alerts", "红色预警"},
	"top_ups":                  {"Top-ups asked for", "紧急调增次数"},
	"top_up_fen":               {"  granted", "  调增金额"},
	"idle_fen":                 {"Idle all year", "全年闲置预付金"},
	"short_provinces":          {"Provinces that ran dry", "出现缺口省份"},
	"short_days":               {"  days", "  缺口天数"},
	"short_months_bp":          {"P(dry in a month)", "月缺口概率"},
	"own_money_fen_days":       {"  own money × days", "  垫资金额×天数"},
	"deepest_fen":              {"  deepest", "  最深缺口"},
}

// FigureLabel names a figure in a language; an unknown one by its stable name.
func FigureLabel(name string, lang words.Lang) string {
	if l, known := figureLabels[name]; known {
		return l.in(lang)
	}
	return name
}

// unit is how a figure is written.
type unit uint8

const (
	plain unit = iota
	million
	millionDays
	points
	days
)

func unitOf(name string) unit {
	switch {
	case strings.HasSuffix(name, "_fen_days"):
		return millionDays
	case strings.HasSuffix(name, "_fen"):
		return million
	case strings.HasSuffix(name, "_bp"):
		return points
	case strings.HasSuffix(name, "receivable_days"):
		return days
	}
	return plain
}

// decimals groups the digits of a number with so many decimals.
func decimals(v float64, places int) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return "–"
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	whole, rest, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text
	}
	out := report.Grouped(n)
	if n == 0 && strings.HasPrefix(whole, "-") && strings.Trim(rest, "0") != "" {
		out = "-0"
	}
	if rest != "" {
		out += "." + rest
	}
	return out
}

// value writes a figure.
func (u unit) value(v float64) string {
	switch u {
	case million, millionDays:
		if v != 0 && math.Abs(v) < 1e7 { // below 0.1 M yuan two decimals hide all
			return decimals(v/1e8, 4)
		}
		return decimals(v/1e8, 1)
	case points:
		return decimals(v/100, 2) + " %"
	case days:
		return decimals(v, 2)
	}
	return decimals(v, 0)
}

// change writes a difference, with its sign; exactly zero is 0.
func (u unit) change(v float64) string {
	if v == 0 {
		return "0"
	}
	text := ""
	switch u {
	case million, millionDays:
		text = decimals(v/1e8, changePlaces(v/1e8))
	case points:
		text = decimals(v/100, changePlaces(v/100))
	case days:
		text = decimals(v, changePlaces(v))
	default:
		text = decimals(v, 0)
	}
	if v > 0 {
		text = "+" + text
	}
	return text
}

func changePlaces(v float64) int {
	switch v = math.Abs(v); {
	case v >= 100:
		return 1
	case v >= 1:
		return 2
	}
	return 4
}

// interval writes a 95 % interval.
func (u unit) interval(low, high *float64) string {
	if low == nil || high == nil {
		return "–"
	}
	if *low == 0 && *high == 0 {
		return "0"
	}
	return fmt.Sprintf("%s … %s", u.change(*low), u.change(*high))
}

func times(ratio *float64) string {
	if ratio == nil {
		return "–"
	}
	places := 0
	if *ratio < 100 {
		places = 1
	}
	return decimals(*ratio, places) + "×"
}

// sampleText writes the sample as the flag does.
func sampleText(c *experiment.Comparison) string { return report.SampleText(c.Sample) }
