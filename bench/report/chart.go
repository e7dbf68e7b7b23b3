package report

import (
	"fmt"
	"html"
	"math"
	"strings"

	"kuasheng/bench"
	"kuasheng/engine"
	"kuasheng/sim/report"
)

// The area of a chart, in units of its view box.
const (
	chartWidth, chartHeight     = 860, 300
	left, right, top, bottom    = 80, 20, 14, 44
	areaWidth, areaHeight       = chartWidth - left - right, chartHeight - top - bottom
	barHeight, stageChartHeight = 46, 130
)

func openChart(height int, says string) *strings.Builder {
	b := &strings.Builder{}
	fmt.Fprintf(b, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", chartWidth, height, html.EscapeString(says))
	return b
}

func text(b *strings.Builder, x, y float64, anchor, s string) {
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, html.EscapeString(s))
}

// logScale maps nanoseconds to heights, whole decades at the ends.
type logScale struct{ low, high float64 }

func newLogScale(least, most int64) logScale {
	s := logScale{math.Floor(math.Log10(float64(max(least, 1)))), math.Ceil(math.Log10(float64(max(most, 1))))}
	if s.high <= s.low {
		s.high = s.low + 1
	}
	return s
}

func (s logScale) y(ns int64) float64 {
	at := (math.Log10(float64(max(ns, 1))) - s.low) / (s.high - s.low)
	return top + areaHeight*(1-min(max(at, 0), 1))
}

// axis draws a line for each decade.
func (s logScale) axis(b *strings.Builder) {
	for e := s.low; e <= s.high; e++ {
		ns := int64(math.Pow(10, e) + 0.5)
		y := s.y(ns)
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", left, y, chartWidth-right, y)
		text(b, left-8, y+4, "end", decade(ns))
	}
}

func decade(ns int64) string {
	for _, u := range []struct {
		ns   int64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns >= u.ns {
			return fmt.Sprintf("%d %s", ns/u.ns, u.name)
		}
	}
	return fmt.Sprintf("%d ns", ns)
}

func polyline(b *strings.Builder, class string, points [][2]float64) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(b, "<polyline class=\"line %s\" points=\"", class)
	for _, p := range points {
		fmt.Fprintf(b, "%.1f,%.1f ", p[0], p[1])
	}
	b.WriteString("\"/>\n")
}

// percentileChart draws the response over an axis of nines: each next mark is ten
// times as rare.
func percentileChart(r *bench.Result) string {
	says := fmt.Sprintf("response by percentile: p50 %s, p99 %s, max %s", Short(r.Latency.Response.P50), Short(r.Latency.Response.P99), Short(r.Latency.Response.Max))
	b := openChart(chartHeight, says)
	if len(r.Curve) > 1 {
		s := newLogScale(r.Curve[0].NS, r.Latency.Response.Max)
		s.axis(b)
		nines := math.Ceil(math.Log10(float64(max(r.Latency.Response.Count, 10))))
		x := func(percent float64) float64 {
			n := nines
			if percent < 100 {
				n = -math.Log10(1 - percent/100)
			}
			return left + areaWidth*min(n/nines, 1)
		}
		for n := 0.0; n <= nines; n++ {
			at := 100 - 100*math.Pow(10, -n)
			fmt.Fprintf(b, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x(at), top, x(at), top+areaHeight)
			anchor := "middle"
			if n == nines {
				anchor = "end"
			}
			text(b, x(at), chartHeight-bottom+18, anchor, percentName(n))
		}
		points := [][2]float64{}
		for _, p := range r.Curve {
			points = append(points, [2]float64{x(p.Percent), s.y(p.NS)})
		}
		polyline(b, "a", points)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func percentName(nines float64) string {
	if nines == 0 {
		return "0"
	}
	return fmt.Sprintf("%.*f %%", int(max(0, nines-2)), 100-100*math.Pow(10, -nines))
}

// timeChart draws p50, p99 and maximum of each second, and above it how many
// operations were answered.
func timeChart(r *bench.Result) string {
	b := openChart(chartHeight, "median, p99 and largest response of each second, and operations answered")
	var least, most, answered int64 = math.MaxInt64, 1, 1
	for _, s := range r.Seconds {
		if s.Answered > 0 {
			least, most, answered = min(least, s.P50), max(most, s.Max), max(answered, s.Answered)
		}
	}
	if least == math.MaxInt64 {
		return b.String() + "</svg>\n"
	}
	scale := newLogScale(least, most)
	n := float64(len(r.Seconds))
	width := areaWidth / n
	for i, s := range r.Seconds {
		h := areaHeight * float64(s.Answered) / float64(answered)
		fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"var(--grid)\"><title>second %d: %s operations answered, p50 %s, p99 %s, max %s</title></rect>\n",
			left+width*float64(i)+1, top+areaHeight-h, max(width-2, 0.5), h, i, report.Grouped(s.Answered), Short(s.P50), Short(s.P99), Short(s.Max))
	}
	scale.axis(b)
	warm := math.Min(float64(r.Profile.WarmUpNS)/1e9, n)
	if warm > 0 {
		x := left + width*warm
		fmt.Fprintf(b, "<line class=\"c\" stroke-dasharray=\"4 4\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, top, x, top+areaHeight)
		text(b, x+4, top+12, "start", "warm-up ends")
	}
	for _, c := range []struct {
		class string
		of    func(bench.Second) int64
	}{
		{"c", func(s bench.Second) int64 { return s.Max }}, {"b", func(s bench.Second) int64 { return s.P99 }}, {"a", func(s bench.Second) int64 { return s.P50 }},
	} {
		points := [][2]float64{}
		for i, s := range r.Seconds {
			if s.Answered > 0 {
				points = append(points, [2]float64{left + width*(float64(i)+0.5), scale.y(c.of(s))})
			}
		}
		polyline(b, c.class, points)
	}
	for i, name := range []string{"p50", "p99", "max"} {
		x := float64(left + 90*i)
		fmt.Fprintf(b, "<line class=\"line %s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", string("abc"[i]), x, chartHeight-10, x+22, chartHeight-10)
		text(b, x+28, chartHeight-6, "start", name)
	}
	text(b, chartWidth-right, chartHeight-6, "end", fmt.Sprintf("%d s; bars: operations answered, at most %s/s", len(r.Seconds), report.Grouped(answered)))
	b.WriteString("</svg>\n")
	return b.String()
}

// stageChart draws the shares of the stages as parts of a bar.
func stageChart(r *bench.Result) string {
	b := openChart(stageChartHeight, "shares of the stages of a batch")
	x := float64(left)
	for i, s := range r.Stages {
		w := areaWidth * s.Share
		hue := (i*47 + 205) % 360
		fill := fmt.Sprintf("hsl(%d 45%% 52%%)", hue)
		if s.Name == "unattributed" {
			fill = "var(--c)"
		}
		fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s %.1f %%, p50 %s, p99 %s a batch</title></rect>\n",
			x, top, w, barHeight, fill, html.EscapeString(s.Name), s.Share*100, Short(s.Times.P50), Short(s.Times.P99))
		// The legend in two rows of four.
		lx, ly := float64(left+(i%4)*190), float64(top+barHeight+26+(i/4)*24)
		fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" fill=\"%s\"/>\n", lx, ly-10, fill)
		text(b, lx+18, ly, "start", fmt.Sprintf("%s %.1f %%", s.Name, s.Share*100))
		x += w
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// operations are those that were measured, in their order.
func operations(r *bench.Result) (names []string) {
	for _, op := range engine.OperationNames {
		if _, ok := r.ByOperation[op]; ok {
			names = append(names, op)
		}
	}
	return names
}
