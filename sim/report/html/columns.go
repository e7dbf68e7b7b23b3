package html

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kuasheng/sim/report/words"
)

// Columns are vertical bars from zero, stacked by series: months, classes of a
// distribution.
type Columns struct {
	Labels []words.Text
	// Values are by series, then by label.
	Values [][]int64
	Series []Series
	Unit   Unit
	// XTitle says what the labels are where that is not plain; it may be empty.
	XTitle words.Text
	// Joined columns touch: they are classes of one scale.
	Joined bool
}

func (k *Columns) sum(i int) (sum int64) {
	for _, of := range k.Values {
		sum += of[i]
	}
	return sum
}

func (k *Columns) most() (most int64) {
	for i := range k.Labels {
		most = max(most, k.sum(i))
	}
	return most
}

func (k *Columns) caption(l words.Lang) string {
	return k.Unit.caption(k.Unit.scale(k.most(), l), l)
}

func (k *Columns) keys(l words.Lang) []key { return keysOf(k.Series, l) }

func (k *Columns) draw(c *canvas) {
	s := k.Unit.scale(k.most(), c.l)
	height := map[bool]float64{true: 170, false: 220}[c.narrow]
	y := newAxis(0, float64(k.most()), s.div, 5, height+8, -height)
	x0 := yTicks(c, y, s, 8)
	step := (c.w - x0 - 4) / float64(len(k.Labels))
	gap := step * 0.28
	if k.Joined {
		gap = 1
	}
	last := math.Inf(-1)
	for i, name := range k.Labels {
		label, x := name.In(c.l), x0+step*float64(i)
		at := 0.0
		for j, of := range k.Values {
			if of[i] == 0 {
				continue
			}
			from, to := y.pos(at), y.pos(at+float64(of[i]))
			tip := label + " · " + k.Unit.Of(of[i]).In(c.l)
			if len(k.Series) > 1 {
				tip = k.Series[j].Name.In(c.l) + " · " + tip
			}
			c.rect(x+gap/2, to, step-gap, max(0.5, from-to), k.Series[j].Colour.fill()+" part", tip)
			at += float64(of[i])
		}
		if w := textWidth(label); x+step/2-w/2 > last+4 && x+step/2+w/2 <= c.w {
			c.text(x+step/2, y.at+16, middle, "tick", label)
			last = x + step/2 + w/2
		}
	}
	c.line(x0, y.at, c.w, y.at, "zero")
	c.h = y.at + 24
	if title := k.XTitle.In(c.l); title != "" {
		c.text((x0+c.w)/2, y.at+34, middle, "tick", title)
		c.h += 16
	}
}

// yTicks draws the ticks of a vertical axis and returns where the plot begins.
func yTicks(c *canvas, y axis, s scale, from float64) float64 {
	x0 := 0.0
	for _, v := range y.ticks() {
		x0 = max(x0, textWidth(y.tick(v, s)))
	}
	x0 += from
	for _, v := range y.ticks() {
		c.line(x0, y.pos(v), c.w, y.pos(v), "grid")
		c.text(x0-6, y.pos(v)+4, right, "tick", y.tick(v, s))
	}
	return x0
}

// None is a value that does not exist; a line breaks there.
const None = math.MinInt64

// Lines are figures over an ordered axis, one line a series.
type Lines struct {
	// Labels name the points; Ticks are those written below the axis, all where nil.
	Labels []words.Text
	Ticks  []Tick
	// X says where the points stand; nil where they are evenly apart.
	X      []int64
	Values [][]int64 // by series, then by label; may be None
	Series []Series
	Unit   Unit
	// Marks are horizontal lines with a name: thresholds, a mean.
	Marks []Mark
	// Points draws a dot at each point: there is nothing between them.
	Points bool
	// Peaks name single points.
	Peaks []Peak
}

// Tick is a label at a point of the axis; its text stands right of it.
type Tick struct {
	At   int
	Text words.Text
}

// Mark is a horizontal line.
type Mark struct {
	At     int64
	Name   words.Text
	Colour Colour
}

// Peak is a point of the first series that is named.
type Peak struct {
	At   int
	Name words.Text
}

func (n *Lines) extent() (lowest, highest int64) {
	for _, of := range n.Values {
		for _, v := range of {
			if v != None {
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	for _, m := range n.Marks {
		highest = max(highest, m.At)
	}
	return lowest, highest
}

func (n *Lines) caption(l words.Lang) string {
	_, most := n.extent()
	return n.Unit.caption(n.Unit.scale(most, l), l)
}

func (n *Lines) keys(l words.Lang) []key { return keysOf(n.Series, l) }

func (n *Lines) draw(c *canvas) {
	lowest, highest := n.extent()
	s := n.Unit.scale(max(highest, -lowest), c.l)
	height := map[bool]float64{true: 170, false: 240}[c.narrow]
	top := 8.0
	if len(n.Peaks) > 0 {
		top += 18
	}
	y := newAxis(float64(lowest), float64(highest), s.div, 5, height+top, -height)
	x0 := yTicks(c, y, s, 8)
	bottom := y.at
	n.plot(c, y, x0, c.w-4, top, bottom)
	for _, m := range n.Marks {
		c.line(x0, y.pos(float64(m.At)), c.w, y.pos(float64(m.At)), fmt.Sprintf("s%d mark", m.Colour))
		c.text(c.w-4, y.pos(float64(m.At))-5, right, "halo", m.Name.In(c.l))
	}
	ticks := n.Ticks
	if ticks == nil {
		for i, t := range n.Labels {
			ticks = append(ticks, Tick{i, t})
		}
	}
	last := math.Inf(-1)
	for _, t := range ticks {
		x, label := n.at(t.At, x0, c.w-4), t.Text.In(c.l)
		c.line(x, bottom, x, bottom+4, "zero")
		from := min(x+2, c.w-textWidth(label))
		if from >= last {
			c.text(from, bottom+16, left, "tick", label)
			last = from + textWidth(label) + 6
		}
	}
	for _, p := range n.Peaks {
		x, v := n.at(p.At, x0, c.w-4), y.pos(float64(n.Values[0][p.At]))
		name := p.Name.In(c.l)
		at := max(x0+4, min(x-textWidth(name)/2, c.w-4-textWidth(name)))
		c.circle(x, v, 4, n.Series[0].Colour.fill(), name)
		c.text(at, v-9, left, "halo", name)
	}
	c.h = bottom + 24
}

// at returns where a point stands between x0 and x1.
func (n *Lines) at(i int, x0, x1 float64) float64 {
	if n.X == nil {
		return x0 + (x1-x0)*float64(i)/float64(max(1, len(n.Labels)-1))
	}
	first, last := n.X[0], n.X[len(n.X)-1]
	return x0 + (x1-x0)*float64(n.X[i]-first)/float64(max(1, last-first))
}

// manyPoints is from how many points on tooltips are read from the table behind, whose
// rows are the points.
const manyPoints = 60

// plot draws the lines and, over them, an invisible strip for each point's tooltip.
func (n *Lines) plot(c *canvas, y axis, x0, x1, top, bottom float64) {
	c.line(x0, y.pos(0), x1, y.pos(0), "zero")
	for j, of := range n.Values {
		xs, ys := make([]float64, len(of)), make([]float64, len(of))
		for i, v := range of {
			xs[i], ys[i] = n.at(i, x0, x1), y.pos(float64(v))
			if v == None {
				ys[i] = math.NaN()
			}
		}
		c.path(xs, ys, fmt.Sprintf("s%d curve", n.Series[j].Colour))
		for i, v := range of {
			if alone := (i == 0 || of[i-1] == None) && (i == len(of)-1 || of[i+1] == None); (alone || n.Points) && v != None {
				c.circle(xs[i], ys[i], 2, n.Series[j].Colour.fill(), "")
			}
		}
	}
	if !c.tips {
		return
	}
	if len(n.Labels) > manyPoints {
		c.raw(`<rect data-rows="`).raw(strconv.Itoa(len(n.Labels))).raw(`" x="`).num(x0).raw(`" y="`).num(top).raw(`" width="`).num(x1 - x0).raw(`" height="`).num(bottom - top).raw(`" class="hit"/>`)
		return
	}
	for i, label := range n.Labels {
		tip := label.In(c.l)
		for j, of := range n.Values {
			if of[i] == None {
				continue
			}
			tip += " · "
			if len(n.Series) > 1 {
				tip += n.Series[j].Name.In(c.l) + " "
			}
			tip += n.Unit.Of(of[i]).In(c.l)
		}
		// From halfway to the point before to halfway to the next.
		x := n.at(i, x0, x1)
		from, to := (n.at(max(0, i-1), x0, x1)+x)/2, (x+n.at(min(i+1, len(n.Labels)-1), x0, x1))/2
		c.rect(from, top, max(1, to-from), bottom-top, "hit", tip)
	}
}

// Panels are small lines with one axis for all, so that they can be compared.
type Panels struct {
	// Names and Notes head the panels, in two lines; of a note that is too long the
	// last part after " · " is left out.
	Names, Notes []words.Text
	// Each is a panel's lines; labels, unit and marks are those of the first.
	Each []*Lines
}

func (p *Panels) extent() (lowest, highest int64) {
	for _, n := range p.Each {
		low, high := n.extent()
		lowest, highest = min(lowest, low), max(highest, high)
	}
	return lowest, highest
}

func (p *Panels) scale(l words.Lang) scale {
	lowest, highest := p.extent()
	return p.Each[0].Unit.scale(max(-lowest, highest), l)
}

func (p *Panels) caption(l words.Lang) string { return p.Each[0].Unit.caption(p.scale(l), l) }

func (p *Panels) keys(l words.Lang) (all []key) {
	for _, s := range p.Each[0].Series {
		all = append(all, key{s.Colour.fill(), s.Name.In(l)})
	}
	for _, m := range p.Each[0].Marks {
		all = append(all, key{fmt.Sprintf("b%d", m.Colour), m.Name.In(l)})
	}
	return all
}

func (p *Panels) draw(c *canvas) {
	columns := 4
	switch {
	case c.narrow:
		columns = 2
	case c.w <= medium:
		columns = 3
	}
	const height, head, foot, between = 92.0, 40.0, 22.0, 14.0
	s := p.scale(c.l)
	lowest, highest := p.extent()
	probe := newAxis(float64(lowest), float64(highest), s.div, 4, 0, -height)
	gutter := 8.0
	for _, v := range probe.ticks() {
		gutter = max(gutter, textWidth(probe.tick(v, s))+8)
	}
	w := (c.w - gutter - between*float64(columns-1)) / float64(columns)
	for i, n := range p.Each {
		column, row := i%columns, i/columns
		x0 := gutter + (w+between)*float64(column)
		bottom := (head+height+foot)*float64(row) + head + height
		y := probe
		y.at = bottom
		c.text(x0, bottom-height-22, left, "label", cut(p.Names[i].In(c.l), w-6))
		note := p.Notes[i].In(c.l)
		for at := strings.LastIndex(note, " · "); at > 0 && textWidth(note) > w-6; at = strings.LastIndex(note, " · ") {
			note = note[:at] // a figure is left out rather than cut
		}
		c.text(x0, bottom-height-7, left, "tick", cut(note, w-6))
		for _, v := range y.ticks() {
			c.line(x0, y.pos(v), x0+w, y.pos(v), "grid")
			if column == 0 {
				c.text(x0-5, y.pos(v)+4, right, "tick", y.tick(v, s))
			}
		}
		for _, m := range n.Marks {
			c.line(x0, y.pos(float64(m.At)), x0+w, y.pos(float64(m.At)), fmt.Sprintf("s%d mark", m.Colour))
		}
		n.plot(c, y, x0, x0+w, bottom-height, bottom)
		if len(n.Labels) > 0 {
			first := n.Labels[0].In(c.l)
			c.text(x0, bottom+14, left, "tick", cut(first, w))
			if last := n.Labels[len(n.Labels)-1].In(c.l); len(n.Labels) > 1 && textWidth(first)+textWidth(last)+6 <= w {
				c.text(x0+w, bottom+14, right, "tick", last)
			}
		}
		c.h = bottom + foot
	}
}
