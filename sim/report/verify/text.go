package verify

import (
	"fmt"
	"strconv"
	"strings"
)

// shown is how many findings a text shows.
const shown = 10

// Text is the report for people. Chinese is for finance offices.
func (r *Report) Text(dir string, chinese bool) string {
	var b strings.Builder
	grouped := func(n int64) string {
		s := strconv.FormatInt(n, 10)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	}
	if r.Sound() {
		if chinese {
			fmt.Fprintf(&b, "%s 核对无误：%d 个文件，%s 字节，比对 %s 项\n封印  %s\n", dir, r.Files, grouped(r.Bytes), grouped(r.Checked), r.Seal)
		} else {
			fmt.Fprintf(&b, "%s is sound: %d files, %s bytes, %s comparisons\nSeal  %s\n", dir, r.Files, grouped(r.Bytes), grouped(r.Checked), r.Seal)
		}
		return b.String()
	}
	for i := range r.Findings {
		if i == shown {
			if chinese {
				fmt.Fprintf(&b, "另有 %d 处以上不符\n", len(r.Findings)-shown)
			} else {
				fmt.Fprintf(&b, "and at least %d more\n", len(r.Findings)-shown)
			}
			break
		}
		f := &r.Findings[i]
		if chinese {
			b.WriteString(f.chinese() + "\n")
		} else {
			b.WriteString(f.String() + "\n")
		}
	}
	if chinese {
		fmt.Fprintf(&b, "%s 核对不符，首处见第一行\n", dir)
	} else {
		fmt.Fprintf(&b, "%s is not sound; the first line names the first thing that disagrees\n", dir)
	}
	return b.String()
}

func (f *Finding) chinese() string {
	at := f.File
	if f.Line > 0 {
		at += fmt.Sprintf(" 第 %d 行", f.Line)
	}
	if f.Column != "" {
		at += " “" + f.Column + "”"
	}
	return fmt.Sprintf("%s：应为“%s”，实为“%s”（%s）", at, inChinese(f.Want), inChinese(f.Got), inChinese(f.Rule))
}

func inChinese(words string) string {
	if zh, known := wordsZH[words]; known {
		return zh
	}
	return words
}

// wordsZH are the words of findings in Chinese; what names files or sums of forms is the
// same in both languages.
var wordsZH = map[string]string{
	"a file": "文件", "none": "无", "a part": "部件", "once": "一次", "twice": "两次", "the end of the file": "文件末尾", "a trace": "逐笔数据",
	"a regular file": "普通文件", "a symbolic link": "符号链接", "a named pipe": "命名管道", "a socket": "套接字", "a device": "设备", "something else": "其他",
	"a workbook": "工作簿", "a row of CSV": "CSV 行", "a whole number": "整数", "a date": "日期", "a month": "月份", "no row": "无此行",
	"0.5 % of a fitted figure, 10 % of any other":        "拟合指标 0.5%，其他 10%",
	"a figure that is met needs none":                    "相符的指标无需说明",
	"a full run has none":                                "全量运行没有抽样误差",
	"achieved ÷ target − 1":                              "模拟值 ÷ 指标 − 1",
	"cases above an edge":                                "高于界限的人次",
	"every day of the settled months by kind":            "各结算月逐日分类别",
	"every kind by level":                                "各类别分级别",
	"gap and tolerance":                                  "偏差与容差",
	"target ÷ achieved":                                  "指标 ÷ 模拟值",
	"the days of a month sum to its register":            "各日之和等于当月登记簿",
	"the levels sum to the measured months' registers":   "各级别之和等于计量月份登记簿",
	"the registers and care/":                            "登记簿与 care/",
	"the unit of the measure":                            "指标的单位",
	"the validation can be read":                         "验证表可读",
	"SHA-256 of certificate and manifest":                "证书与清单的 SHA-256",
	"a run directory holds regular files only":           "运行目录只含普通文件",
	"form of the manifest":                               "清单的格式",
	"the layout of a directory that this version proves": "本版本可核对的目录格式",
	"the command that the manifest's other keys give":    "由清单其他各项得出的命令",
	"the manifest names a trace":                         "清单所载逐笔数据",
	"the elements of a page":                             "页面只含可看的内容",
	"the script that pages have":                         "页面固有的脚本",
	"the page names the run as manifest.json does":       "页面与 manifest.json 所载一致",
	"the parts of the workbook":                          "工作簿的组成部分",
	"the workbook is no larger than its forms make it":   "工作簿大小与各表相称",
	"what a sample or a short run does not tell":         "抽样或短期运行不能得出",
	"digest in the seal":                                 "封印所载数字摘要",
	"a run with a breach is not kept":                    "有违反的运行不予保存",
	"a sheet for each form":                              "每表一页",
	"account and cash ÷ fee":                             "账户与现金 ÷ 总费用",
	"all months' registers, expanded":                    "各月登记簿之和（按抽样放大）",
	"cases ÷ requests":                                   "直接结算人次 ÷ 申请人次",
	"cleared = funds + accounts":                         "清算额 = 基金 + 账户",
	"debit − credit":                                     "借方 − 贷方",
	"digest in the manifest":                             "清单所载数字摘要",
	"size in the manifest":                               "清单所载字节数",
	"each claim is in one period (V6): registers − exceptions − recoveries − periods": "每笔只进一期（V6）：登记 − 例外 − 追回 − 各期",
	"every fen has arrived":                                     "资金全部到账",
	"every month of the run, in order":                          "逐月连续",
	"every province":                                            "每省一行",
	"every province once":                                       "每省一行",
	"every run has it":                                          "每次运行必备",
	"every run is sealed":                                       "每次运行必有封印",
	"every settled month":                                       "每个结算月",
	"fee = cleared + cash + borne by the hospital (I4)":         "总费用 = 清算额 + 现金 + 医院负担（I4）",
	"fee = own pay + over limit + pre-self-pay + in scope (I2)": "总费用 = 自费 + 超限价 + 先行自付 + 范围内（I2）",
	"fen_days ÷ paid_fen":                                       "分·天 ÷ 已付额",
	"fields of a row":                                           "每行列数",
	"form of the seal":                                          "封印的格式",
	"institutions that wait":                                    "待付医药机构",
	"months are written as 2024-03":                             "月份写作 2024-03",
	"dates are written as 2024-03-01":                           "日期写作 2024-03-01",
	"numbers are written plainly":                               "数字应为规范写法",
	"only differences are late or frozen":                       "只有差异会逾期或冻结",
	"open before + asked − answered":                            "期初 + 发起 − 办结",
	"own money day by day":                                      "逐日自有资金垫付",
	"payments in and out day by day":                            "逐日收支推得",
	"payments pay the oldest obligation of their sign first":    "先到期先偿付（FIFO）",
	"prepaid = held (V5)":                                       "已拨预付金 = 持有预付金（V5）",
	"registers and payments":                                    "登记簿与付款",
	"requests = cases + refused":                                "申请 = 结算 + 拒付",
	"rows come once and in the order of the parameters":         "各行不重复且按参数顺序",
	"seal of the last certificate":                              "末期证书的封印",
	"that of the total":                                         "与合计一致",
	"the amount in fen beside it":                               "与左侧以分计的金额一致",
	"the books balance":                                         "账簿平衡",
	"the certificate of the period's matrix":                    "由本期矩阵推得的证书",
	"the columns of the file":                                   "文件列名",
	"the counter-account of insured.fees":                       "对应科目",
	"the counter-account of treating.interest_bank":             "对应科目",
	"the counter-account of treating.fines_bank":                "对应科目",
	"the counter-account of institution.fined":                  "对应科目",
	"the deadline and who is late":                              "期限与迟延参数",
	"the deepest of its months":                                 "各月最深者",
	"the exceptions of clearing/moves.csv":                      "clearing/moves.csv 的例外项",
	"the file can be read":                                      "文件可读",
	"the fines of clearing/moves.csv":                           "clearing/moves.csv 的罚款",
	"the form follows from matrix and prepayments":              "由清算矩阵与预付金推得",
	"the insured province's accounts sum to zero":               "参保省科目合计为零",
	"the keeper's accounts sum to zero":                         "该主体科目合计为零",
	"the manifest can be read":                                  "清单可读",
	"the manifest does not list it":                             "清单未载此文件",
	"the manifest lists each file once":                         "清单每文件一项",
	"the manifest lists it":                                     "清单载有此文件",
	"the matrix and the payments":                               "由清算矩阵与付款推得",
	"the matrix and the timetable":                              "由清算矩阵与时限推得",
	"the matrix, the parameters and the quota before":           "由清算矩阵、参数与原额度推得",
	"the matrix, the timetable and who is late":                 "由清算矩阵、时限与迟延参数推得",
	"the measured months' registers":                            "计量月份登记簿之和",
	"the measured months' registers, expanded":                  "计量月份登记簿之和（按抽样放大）",
	"the month of the file":                                     "文件所属月份",
	"the month's register":                                      "当月登记簿",
	"the name of the place":                                     "地名与代码一致",
	"the parameters can be read":                                "参数可读",
	"the period of the file":                                    "文件所属清算期",
	"the places of the parameters":                              "参数所列地区",
	"the province of the pool":                                  "统筹区所属省份",
	"the seal can be read":                                      "封印可读",
	"the sum of the funds":                                      "各基金之和",
	"the bills of claims.parquet":                               "claims.parquet 的逐笔数据",
	"the seal that the run printed":                             "运行时打印的封印",
	"the sum of its months":                                     "各月之和",
	"the sum of refused_by":                                     "各类拒付之和",
	"the sum of the kinds":                                      "各类别之和",
	"the sum of the measured months' registers":                 "计量月份登记簿之和",
	"the sum of the prepayments paid":                           "已拨预付金之和",
	"the sum of the rows above":                                 "以上各行之和",
	"the summary can be read":                                   "汇总可读",
	"the timetable and the registers":                           "由时限与登记簿推得",
	"the total is the last row":                                 "合计为末行",
	"the words of the parameters":                               "参数所列词语",
	"the workbook can be read":                                  "工作簿可读",
	"what is late has been answered":                            "逾期者均已办结",
	"what is left is the prepayment":                            "余额即预付金",
	"what rolls on is in a later period":                        "结转须入后期",
	"what was not paid":                                         "未付余额",
	"working days from deadline to payment":                     "期限至付款的工作日",
	"working days from due to the end of the run":               "到期至运行结束的工作日",
	"working days from the month's end (C19)":                   "月末起的工作日（C19）",
}
