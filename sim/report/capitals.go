package report

import (
	"strings"

	"kuasheng/engine/money"
)

// Capitals writes an amount as cheques and notices do 大写金额: 1 050.20 yuan is
// 壹仟零伍拾元贰角整.
func Capitals(amount money.Fen) string {
	if amount == 0 {
		return "零元整"
	}
	var b strings.Builder
	if amount < 0 {
		b.WriteString("负")
		amount = -amount
	}
	digits := [10]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}
	yuan, jiao, fen := int64(amount/100), int64(amount/10%10), int64(amount%10)
	groups := []string{"", "万", "亿", "万亿"}
	var parts [4]int64
	for i := range parts {
		parts[i], yuan = yuan%10_000, yuan/10_000
	}
	written, gap := false, false
	for g := 3; g >= 0; g-- {
		for i, unit := range []string{"仟", "佰", "拾", ""} {
			digit := parts[g] / []int64{1000, 100, 10, 1}[i] % 10
			if digit == 0 {
				gap = written
				continue
			}
			if gap {
				b.WriteString("零")
			}
			b.WriteString(digits[digit] + unit)
			written, gap = true, false
		}
		if parts[g] != 0 {
			if g == 3 && parts[2] != 0 {
				b.WriteString("万") // of 亿, which follows
			} else {
				b.WriteString(groups[g])
			}
		}
	}
	if written {
		b.WriteString("元")
	}
	switch {
	case jiao == 0 && fen == 0:
		b.WriteString("整")
	case fen == 0:
		b.WriteString(digits[jiao] + "角整")
	case jiao == 0:
		if written {
			b.WriteString("零")
		}
		b.WriteString(digits[fen] + "分")
	default:
		b.WriteString(digits[jiao] + "角" + digits[fen] + "分")
	}
	return b.String()
}
