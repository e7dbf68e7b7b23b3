package bench

import (
	"math"

	"kuasheng/sim/report/words"
)

// Steady tells whether a run had settled into a steady state: whether the mean
// response of its windows shows no trend beyond their noise.
type Steady struct {
	// Tested is false where the load is meant to change, or windows are too few.
	Tested bool `json:"tested"`
	Holds  bool `json:"holds"`
	// Windows were looked at; RiseShare is how much the fitted line rises from first to
	// last, in shares of the mean, and T that rise over its standard error.
	Windows   int        `json:"windows"`
	RiseShare float64    `json:"rise_share"`
	T         float64    `json:"t"`
	Says      words.Text `json:"says"`
}

// What a trend must exceed: its standard error by steadyT, and a share of the mean.
const (
	steadyWindows = 5
	steadyT       = 3.5
	steadyRise    = 0.2
)

// steadyState fits a line to the windows' means. First and last window, which are
// cut, are left out.
func steadyState(seconds []Window, from int, changing bool) Steady {
	if changing {
		return Steady{Says: words.T("not tested: the load is meant to change", "未检验：负载本来就变化")}
	}
	var y []float64
	for i := max(from, 0); i < len(seconds)-1; i++ {
		if r := seconds[i].Response; r.Count() > 0 {
			y = append(y, float64(r.Sum())/float64(r.Count()))
		}
	}
	s := Steady{Windows: len(y)}
	if len(y) < steadyWindows {
		s.Says = words.F(words.T("not tested: %d whole seconds, it takes %d", "未检验：只有 %d 个整秒，需 %d 个"), len(y), steadyWindows)
		return s
	}
	n := float64(len(y))
	var mean float64
	for _, v := range y {
		mean += v / n
	}
	var sxx, sxy float64
	for i, v := range y {
		x := float64(i) - (n-1)/2
		sxx += x * x
		sxy += x * (v - mean)
	}
	slope := sxy / sxx
	var rest float64
	for i, v := range y {
		d := v - mean - slope*(float64(i)-(n-1)/2)
		rest += d * d
	}
	s.Tested = true
	s.RiseShare = slope * (n - 1) / mean
	if se := math.Sqrt(rest / (n - 2) / sxx); se > 0 {
		s.T = slope / se
	} else if slope != 0 {
		s.T = math.Copysign(1e9, slope)
	}
	s.Holds = math.Abs(s.T) <= steadyT || math.Abs(s.RiseShare) <= steadyRise
	if s.Holds {
		s.Says = words.F(words.T("steady: the mean response of %d seconds shows no trend beyond its noise", "稳态：%d 秒的平均响应除噪声外没有趋势"), s.Windows)
	} else {
		s.Says = words.F(words.T("not steady: the mean response moved by %+.0f %% over %d seconds, %.1f standard errors", "非稳态：平均响应变动 %+.0f %%，共 %d 秒，为标准误的 %.1f 倍"), s.RiseShare*100, s.Windows, math.Abs(s.T))
	}
	return s
}
