package html

import (
	"math"
	"strconv"
	"strings"

	"kuasheng/sim/report/words"
)

// Unit says what the integers of a chart or column count.
type Unit struct {
	of     measure
	Noun   words.Text // what is counted; empty where the measure says it all
	signed bool       // figures above zero are written with +
}

// Signed is the unit of a difference, which is written with its sign.
func (u Unit) Signed() Unit {
	u.signed = true
	return u
}

type measure uint8

const (
	counted    measure = iota // in ones
	fen                       // money
	points                    // basis points, shown as per cent
	millionth                 // parts per million, shown as a signed per cent
	hundredth                 // hundredths of a day
	pointParts                // ten-thousandths of a percentage point
	times                     // basis points, shown as a multiple
)

// The units.
var (
	Number  = Unit{of: counted}
	Cases   = Unit{of: counted, Noun: words.T("cases", "人次")}
	Money   = Unit{of: fen, Noun: words.T("yuan", "元")}
	Percent = Unit{of: points}
	Gap     = Unit{of: millionth}
	Days    = Unit{of: hundredth, Noun: words.T("days", "天")}
	// MoneyDays is money times the days it was missing, in fen × days.
	MoneyDays = Unit{of: fen, Noun: words.T("yuan × days", "元×天")}
	// Points is a difference of two shares, in parts per million.
	Points = Unit{of: pointParts, Noun: words.T("percentage points", "个百分点"), signed: true}
	// Percentage is Points without a sign: how far shares are apart.
	Percentage = Unit{of: pointParts, Noun: words.T("percentage points", "个百分点")}
	// Multiple is a multiple of something, in basis points.
	Multiple = Unit{of: times, Noun: words.T("times", "倍")}
)

// Counted is the unit of things that come in ones.
func Counted(noun words.Text) Unit { return Unit{of: counted, Noun: noun} }

// Amount is one figure with its unit.
type Amount struct {
	N int64
	Unit
}

// Of makes an amount.
func (u Unit) Of(n int64) Amount { return Amount{n, u} }

// In writes the amount with its unit, in the words in which people say it: 238.8
// million cases, 2.39 亿人次.
func (a Amount) In(l words.Lang) string {
	number, caption := a.parts(l)
	if caption == "" {
		return number
	}
	return number + " " + caption
}

// parts are the amount's figure and its unit.
func (a Amount) parts(l words.Lang) (number, caption string) {
	s := a.scale(a.N, l)
	if a.of == points && a.N%100 == 0 {
		s.decimals = 0 // a round threshold
	}
	return a.number(a.N, s), a.caption(s, l)
}

// Interval writes the two ends of an interval in one scale.
func (u Unit) Interval(low, high int64) words.Text {
	in := func(l words.Lang) string {
		s := u.scale(max(low, -low, high, -high), l)
		return strings.TrimSpace(u.number(low, s) + " … " + u.number(high, s) + " " + u.caption(s, l))
	}
	return words.T(in(words.English), in(words.Chinese))
}

// within writes an amount in the scale of a larger one, so that both can be compared.
func (a Amount) within(most int64) words.Text {
	in := func(l words.Lang) string {
		s := a.scale(most, l)
		return strings.TrimSpace(a.number(a.N, s) + " " + a.caption(s, l))
	}
	return words.T(in(words.English), in(words.Chinese))
}

// scale is how the figures of one axis or column are written.
type scale struct {
	div      float64
	decimals int
	word     string
	signed   bool
}

// step is a word for large numbers and from where it is used.
type step struct {
	from, by float64
	word     string
}

var (
	englishSteps = []step{{1e9, 1e9, "billion"}, {1e6, 1e6, "million"}, {1e5, 1e3, "thousand"}}
	chineseSteps = []step{{1e8, 1e8, "亿"}, {1e5, 1e4, "万"}}
)

// scale chooses how to write figures of which the largest is most.
func (u Unit) scale(most int64, l words.Lang) scale {
	v := math.Abs(float64(most))
	s := scale{div: 1, signed: u.signed}
	switch u.of {
	case points:
		return scale{div: 100, decimals: 2, signed: u.signed}
	case millionth:
		return scale{div: 10_000, decimals: 2, signed: true}
	case pointParts:
		s = scale{div: 10_000, decimals: 2, signed: u.signed}
		if v < 1_000 {
			s.decimals = 4
		}
		return s
	case hundredth:
		s.div, s.decimals = 100, 1
		if v < 100 || u.signed && v < 1_000 {
			s.decimals = 2
		}
		return s
	case times:
		s.div, s.decimals = 10_000, 2
		return s
	case fen:
		s.div, v = 100, v/100
	}
	steps := englishSteps
	if l == words.Chinese {
		steps = chineseSteps
	}
	for _, step := range steps {
		if v >= step.from {
			s.div, s.word, v = s.div*step.by, step.word, v/step.by
			break
		}
	}
	switch {
	case s.word == "" && (u.of == counted || v >= 1000):
	case v >= 100:
		s.decimals = 1
	default:
		s.decimals = 2
	}
	return s
}

// caption names the unit of figures in a scale: million cases, 万人次, %.
func (u Unit) caption(s scale, l words.Lang) string {
	if u.of == points || u.of == millionth {
		return "%"
	}
	word, noun := s.word, u.Noun.In(l)
	if word != "" && noun != "" && l == words.English {
		return word + " " + noun
	}
	return word + noun
}

// number writes a figure without its unit.
func (u Unit) number(n int64, s scale) string {
	if n == 0 {
		return "0"
	}
	text := decimal(float64(n)/s.div, s.decimals)
	if s.signed && n > 0 {
		return "+" + text
	}
	if n > 0 && strings.Trim(text, "0.") == "" {
		return "<" + text[:len(text)-1] + "1" // what is there is not shown as nothing
	}
	return text
}

// decimal writes v with decimals and a comma between groups of three digits.
func decimal(v float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if v < 0 && strings.Trim(text, "0.") != "" {
		return "−" + whole
	}
	return whole
}
