package html

import (
	stdhtml "html"
	"math"
	"strconv"
	"strings"

	"kuasheng/sim/report/words"
)

// canvas is one drawing in one language, of a given width; the chart decides its
// height. All lengths are pixels at the width the drawing is made for.
type canvas struct {
	b    strings.Builder
	l    words.Lang
	w, h float64
	// narrow is true of the drawing for a telephone, tips of the one for a screen with a
	// pointer: the others have no tooltips.
	narrow, tips bool
}

// The widths that drawings are made for: a telephone, half a screen, a screen.
const (
	small  = 330
	medium = 540
	large  = 1100
)

// fontSize is that of all text in drawings but the tiny.
const fontSize = 12

// escaped makes a text safe in XML.
func escaped(s string) string { return stdhtml.EscapeString(s) }

func (c *canvas) num(v float64) *canvas {
	c.b.WriteString(strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64))
	return c
}

func (c *canvas) raw(s string) *canvas { c.b.WriteString(s); return c }

// end closes an element, with a tooltip where there is one.
func (c *canvas) end(element, tip string) {
	if tip == "" || !c.tips {
		c.raw("/>")
		return
	}
	c.raw("><title>").raw(escaped(tip)).raw("</title></").raw(element).raw(">")
}

func (c *canvas) rect(x, y, w, h float64, class, tip string) {
	c.raw(`<rect x="`).num(x).raw(`" y="`).num(y).raw(`" width="`).num(max(0, w)).raw(`" height="`).num(max(0, h)).raw(`" class="`).raw(class).raw(`"`)
	c.end("rect", tip)
}

func (c *canvas) circle(x, y, r float64, class, tip string) {
	c.raw(`<circle cx="`).num(x).raw(`" cy="`).num(y).raw(`" r="`).num(r).raw(`" class="`).raw(class).raw(`"`)
	c.end("circle", tip)
}

func (c *canvas) diamond(x, y, r float64, class, tip string) {
	c.raw(`<path d="M`).num(x - r).raw(" ").num(y).raw("L").num(x).raw(" ").num(y - r).raw("L").num(x + r).raw(" ").num(y).raw("L").num(x).raw(" ").num(y + r).raw(`Z" class="`).raw(class).raw(`"`)
	c.end("path", tip)
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	c.raw(`<line x1="`).num(x1).raw(`" y1="`).num(y1).raw(`" x2="`).num(x2).raw(`" y2="`).num(y2).raw(`" class="`).raw(class).raw(`"/>`)
}

// anchor is where a text stands from its point.
type anchor string

const (
	left   anchor = ""
	middle anchor = "mid"
	right  anchor = "end"
)

func (c *canvas) text(x, y float64, a anchor, class, s string) {
	if a != left {
		class += " " + string(a)
	}
	c.raw(`<text x="`).num(x).raw(`" y="`).num(y).raw(`" class="`).raw(class).raw(`">`).raw(escaped(s)).raw("</text>")
}

// turned is a text that reads upwards from its point.
func (c *canvas) turned(x, y float64, class, s string) {
	c.raw(`<text transform="translate(`).num(x).raw(" ").num(y).raw(`) rotate(-90)" class="`).raw(class).raw(`">`).raw(escaped(s)).raw("</text>")
}

// path draws a polyline; NaN breaks it.
func (c *canvas) path(xs, ys []float64, class string) {
	c.raw(`<path d="`)
	pen := "M"
	for i := range xs {
		if math.IsNaN(ys[i]) {
			pen = "M"
			continue
		}
		c.raw(pen).num(xs[i]).raw(" ").num(ys[i])
		pen = "L"
	}
	c.raw(`" class="`).raw(class).raw(`"/>`)
}

// svg draws a chart for a width.
func svg(chart Chart, title words.Text, l words.Lang, width float64, class string) string {
	c := &canvas{l: l, w: width, narrow: width <= small, tips: strings.Contains(class, "l")}
	chart.draw(c)
	return `<svg class="` + class + `" role="img" viewBox="0 0 ` + strconv.FormatFloat(width, 'f', -1, 64) + " " +
		strconv.FormatFloat(math.Ceil(c.h), 'f', -1, 64) + `" style="max-width:` + strconv.Itoa(int(width*1.2)) + `px" aria-label="` +
		escaped(title.In(l)) + `">` + c.b.String() + "</svg>"
}

// textWidth estimates how wide a text is in the widest of the usual fonts: a label that has
// too much room is better than one that is cut off.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r >= 0x2e80:
			w += 1
		case r == '%' || r == 'm' || r == 'M' || r == 'W':
			w += 0.96
		case r == '→' || r == '−' || r == '+' || r == 'w':
			w += 0.84
		case r >= 'A' && r <= 'Z':
			w += 0.72
		case strings.ContainsRune("iIjlt.,:;' |()fr", r):
			w += 0.37
		default:
			w += 0.63
		}
	}
	return w * fontSize
}

// boldWidth is textWidth of a text in bold.
func boldWidth(s string) float64 { return textWidth(s) * 1.1 }

// cut shortens a text to a width.
func cut(s string, width float64) string {
	if textWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && textWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,，") + "…"
}

// axis is a linear scale from data to pixels with round ticks.
type axis struct {
	from, to float64 // data
	at, px   float64 // where from is drawn, and how far to is from there
	step     float64
}

// newAxis makes an axis that holds lowest to highest, with about n steps. Zero is
// always on it: a length on a chart is the figure itself.
func newAxis(lowest, highest, unit float64, n int, at, px float64) axis {
	return newPositions(min(0, lowest), max(0, highest), unit, n, at, px)
}

// newPositions makes an axis that need not hold zero: it tells where a point lies, and
// nothing is read from a length on it.
func newPositions(lowest, highest, unit float64, n int, at, px float64) axis {
	lowest, highest = lowest/unit, highest/unit
	if highest == lowest {
		highest = lowest + 1
	}
	rough := (highest - lowest) / float64(n)
	step := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, f := range []float64{1, 2, 2.5, 5, 10} {
		if step*f >= rough*0.999 {
			step *= f
			break
		}
	}
	return axis{from: math.Floor(lowest/step+1e-9) * step * unit, to: math.Ceil(highest/step-1e-9) * step * unit, at: at, px: px, step: step * unit}
}

func (a axis) pos(v float64) float64 { return a.at + (v-a.from)/(a.to-a.from)*a.px }

// ticks are the values at the steps.
func (a axis) ticks() (all []float64) {
	for i := 0; ; i++ {
		v := a.from + float64(i)*a.step
		if v > a.to+a.step/2 {
			return all
		}
		if math.Abs(v) < a.step/1e6 {
			v = 0
		}
		all = append(all, v)
	}
}

// tick writes the value of a tick with as many decimals as the step needs.
func (a axis) tick(v float64, s scale) string {
	decimals := 0
	for step := a.step / s.div; decimals < 4 && math.Abs(step-math.Round(step)) > 1e-6; decimals++ {
		step *= 10
	}
	text := decimal(v/s.div, decimals)
	if s.signed && v > 0 {
		text = "+" + text
	}
	return text
}
