package html

import (
	"fmt"
	"slices"

	"kuasheng/sim/report/words"
)

// Chart is one drawing of data. The kinds of charts are Bars, Groups, Columns, Lines,
// Curve, Panels, Dots, Tornado, Heat and Map; a report is made of them and their tables.
type Chart interface {
	draw(c *canvas)
	// caption names the unit and what the axis shows.
	caption(l words.Lang) string
	// keys are the colours to explain below the chart; nil where there is one.
	keys(l words.Lang) []key
}

// Colour is one of the palette of Okabe and Ito, which people with any colour
// vision can tell apart.
type Colour uint8

// The palette.
const (
	Blue Colour = iota
	Sky
	Green
	Yellow
	Orange
	Vermillion
	Purple
	Grey
)

func (c Colour) fill() string { return fmt.Sprintf("f%d", c) }

// Series is one part of stacked bars or columns, or one line.
type Series struct {
	Name   words.Text
	Colour Colour
}

// key explains a colour.
type key struct{ Class, Text string }

func keysOf(series []Series, l words.Lang) (all []key) {
	if len(series) < 2 {
		return nil
	}
	for _, s := range series {
		all = append(all, key{s.Colour.fill(), s.Name.In(l)})
	}
	return all
}

// Row is one bar or row of dots.
type Row struct {
	Label words.Text
	// Values are by series.
	Values []int64
	// Low and High are the ends of the interval of the first value, equal where
	// there is none.
	Low, High int64
	// Of is the series of a row of dots.
	Of int
}

func (r *Row) sum() (sum int64) {
	for _, v := range r.Values {
		sum += v
	}
	return sum
}

// largest is the figure farthest from zero of all rows, sums of stacks included.
func largest(rows []Row) (most int64) {
	for i := range rows {
		for _, v := range append([]int64{rows[i].sum(), rows[i].Low, rows[i].High}, rows[i].Values...) {
			most = max(most, v, -v)
		}
	}
	return most
}

// labelWidth is how much room the labels of rows take at the left.
func labelWidth(rows []Row, l words.Lang) (w float64) {
	for i := range rows {
		w = max(w, textWidth(rows[i].Label.In(l)))
	}
	return w
}

// Bars are horizontal bars from zero, stacked by series.
type Bars struct {
	Rows   []Row
	Series []Series
	Unit   Unit
	// Whole divides every row into shares of its sum, which is written beside it.
	Whole bool
	// Most is where the axis ends, such as 10000 for shares; 0 leaves it to the data.
	Most int64
}

func (b *Bars) caption(l words.Lang) string {
	if b.Whole {
		return words.T("share of the row, %", "占本行合计的比例（%）").In(l)
	}
	return b.Unit.caption(b.Unit.scale(largest(b.Rows), l), l)
}

func (b *Bars) keys(l words.Lang) []key { return keysOf(b.Series, l) }

const (
	barHeight = 18
	barPitch  = 26
)

func (b *Bars) draw(c *canvas) {
	s := b.Unit.scale(largest(b.Rows), c.l)
	figure := func(r *Row) string {
		if b.Whole {
			own := b.Unit.scale(r.sum(), c.l)
			return b.Unit.number(r.sum(), own) + " " + b.Unit.caption(own, c.l)
		}
		return b.Unit.number(r.sum(), s)
	}
	ends := 0.0
	for i := range b.Rows {
		ends = max(ends, boldWidth(figure(&b.Rows[i])))
	}
	labels := labelWidth(b.Rows, c.l)
	above := labels > 0.36*c.w // labels stand above their bars where they are too long
	x0, pitch, first := labels+8, float64(barPitch), 4.0
	if above {
		x0, pitch, first = 2, barPitch+20, 20
	}
	width := c.w - x0 - ends - 10
	top, unit := float64(max(b.Most, largest(b.Rows))), s.div
	if b.Whole {
		top, unit = 100, 1
	}
	x := newAxis(0, top, unit, map[bool]int{true: 4, false: 5}[c.narrow || width < 240], x0, width)
	bottom := first + pitch*float64(len(b.Rows)) - (barPitch - barHeight) + 4
	xTicks(c, x, scale{div: unit}, first-4, bottom)
	for i := range b.Rows {
		r := &b.Rows[i]
		y := first + pitch*float64(i)
		label := r.Label.In(c.l)
		if above {
			c.text(x0, y-5, left, "halo", cut(label, c.w-4))
			c.line(x.pos(0), y-2, x.pos(0), y+barHeight+2, "zero")
		} else {
			c.text(x0-8, y+13, right, "label", label)
		}
		sum, at := r.sum(), int64(0)
		for j, v := range r.Values {
			if v == 0 {
				continue
			}
			from, to := x.pos(float64(at)), x.pos(float64(at+v))
			tip := label + " · " + b.Unit.Of(v).In(c.l)
			if b.Whole {
				share := func(v int64) float64 { return float64(v) / float64(max(1, sum)) * 100 }
				from, to = x.pos(share(at)), x.pos(share(at+v))
				tip += " · " + decimal(share(v), 1) + " %"
			}
			if len(b.Series) > 1 {
				tip = b.Series[j].Name.In(c.l) + " · " + tip
			}
			c.rect(from, y, max(0.5, to-from), barHeight, b.Series[j].Colour.fill()+" part", tip)
			if b.Whole {
				if in := decimal(float64(v)/float64(sum)*100, 0); to-from > textWidth(in)+8 {
					c.text((from+to)/2, y+13, middle, fmt.Sprintf("on%d", b.Series[j].Colour), in)
				}
			}
			at += v
		}
		end := x.pos(float64(at))
		if b.Whole {
			end = x.pos(100)
		}
		c.text(end+6, y+13, left, "value", figure(r))
	}
	if !above {
		c.line(x.pos(0), first-4, x.pos(0), bottom, "zero")
	}
	c.h = bottom + 20
}

// xTicks draws the ticks of a horizontal axis from top to bottom, with their figures
// below: all of them, or where they are too wide every second or third, zero included.
func xTicks(c *canvas, x axis, s scale, top, bottom float64) {
	all := x.ticks()
	zero := max(0, slices.Index(all, 0))
	every := 1
	for ; every < len(all); every++ {
		fits := true
		for i := zero % every; i+every < len(all); i += every {
			fits = fits && (textWidth(x.tick(all[i], s))+textWidth(x.tick(all[i+every], s)))/2+3 <= x.pos(all[i+every])-x.pos(all[i])
		}
		if fits {
			break
		}
	}
	for i, v := range all {
		c.line(x.pos(v), top, x.pos(v), bottom, "grid")
		if i%every == zero%every {
			tick := x.tick(v, s)
			c.text(x.pos(v), bottom+14, tickAnchor(x, v, c.w-2, tick), "tick", tick)
		}
	}
}

// tickAnchor keeps the text of the last tick inside the drawing.
func tickAnchor(x axis, v, w float64, text string) anchor {
	if x.pos(v)+textWidth(text)/2 > w {
		return right
	}
	if x.pos(v)-textWidth(text)/2 < 0 {
		return left
	}
	return middle
}

// Dots are figures with their intervals on one axis that crosses zero: gaps, paired
// differences, the bars of a tornado.
type Dots struct {
	// Rows have one value each, and say of which series it is.
	Rows   []Row
	Series []Series
	Unit   Unit
	// Hollow series, from this one on where it is not 0, are drawn as hollow diamonds
	// with a broken line: an error of another kind is never taken for the first.
	Hollow int
}

func (d *Dots) caption(l words.Lang) string {
	return d.Unit.caption(d.Unit.scale(largest(d.Rows), l), l)
}

func (d *Dots) keys(l words.Lang) []key { return keysOf(d.Series, l) }

func (d *Dots) draw(c *canvas) {
	s := d.Unit.scale(largest(d.Rows), c.l)
	lowest, highest := int64(0), int64(0)
	for i := range d.Rows {
		r := &d.Rows[i]
		lowest, highest = min(lowest, r.Low, r.sum()), max(highest, r.High, r.sum())
	}
	labels, ends := labelWidth(d.Rows, c.l), 0.0
	for i := range d.Rows {
		ends = max(ends, boldWidth(d.Unit.number(d.Rows[i].sum(), s)))
	}
	above := labels > 0.42*c.w
	x0, pitch, first := labels+12, 24.0, 14.0
	if above {
		x0, pitch, first = 8, 40, 28
	}
	x := newAxis(float64(lowest), float64(highest), s.div, map[bool]int{true: 4, false: 6}[c.narrow], x0, c.w-x0-ends-18)
	bottom := first + pitch*float64(len(d.Rows)) - pitch/2 + 4
	xTicks(c, x, s, first-12, bottom)
	c.line(x.pos(0), first-12, x.pos(0), bottom, "zero")
	for i := range d.Rows {
		r := &d.Rows[i]
		y := first + pitch*float64(i)
		label, value := r.Label.In(c.l), d.Unit.number(r.sum(), s)
		hollow, class := d.Hollow > 0 && r.Of >= d.Hollow, ""
		if hollow {
			class = "tick "
		}
		if above {
			c.text(x0-6, y-12, left, class+"halo", cut(label, c.w-4))
		} else {
			c.text(x0-12, y+4, right, class+"label", label)
		}
		colour := d.Series[r.Of].Colour
		v := x.pos(float64(r.sum()))
		c.line(x.pos(0), y, v, y, fmt.Sprintf("s%d thin", colour))
		if r.Low != r.High {
			class, low, high := "whisker", x.pos(float64(r.Low)), x.pos(float64(r.High))
			if hollow {
				class += " broken"
			}
			c.line(low, y, high, y, fmt.Sprintf("s%d %s", colour, class))
			for _, end := range []float64{low, high} {
				c.line(end, y-4, end, y+4, fmt.Sprintf("s%d end-of", colour))
			}
		}
		tip := label + " · " + value + " " + d.caption(c.l)
		if r.Low != r.High {
			tip += " (" + d.Unit.number(r.Low, s) + " … " + d.Unit.number(r.High, s) + ")"
		}
		if hollow {
			c.diamond(v, y, 5.5, fmt.Sprintf("s%d hollow", colour), tip)
		} else {
			c.circle(v, y, 5, colour.fill(), tip)
		}
		c.text(c.w-2, y+4, right, "value", value)
	}
	c.h = bottom + 20
}
