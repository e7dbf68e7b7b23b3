package html

import "kuasheng/sim/report/words"

// Groups are horizontal bars from zero that stand side by side, so that one figure can
// be compared between policies.
type Groups struct {
	Labels []words.Text
	Values [][]int64 // by series, then by label; none is below zero
	Series []Series
	Unit   Unit
}

func (g *Groups) most() (most int64) {
	for _, of := range g.Values {
		for _, v := range of {
			most = max(most, v)
		}
	}
	return most
}

func (g *Groups) caption(l words.Lang) string { return g.Unit.caption(g.Unit.scale(g.most(), l), l) }

func (g *Groups) keys(l words.Lang) []key { return keysOf(g.Series, l) }

func (g *Groups) draw(c *canvas) {
	const height, between = 15.0, 12.0
	s := g.Unit.scale(g.most(), c.l)
	labels, ends := 0.0, 0.0
	for i, name := range g.Labels {
		labels = max(labels, textWidth(name.In(c.l)))
		for j := range g.Values {
			ends = max(ends, boldWidth(g.Unit.number(g.Values[j][i], s)))
		}
	}
	above := labels > 0.36*c.w
	x0, first, pitch := labels+8, 4.0, height*float64(len(g.Series))+between
	if above {
		x0, first, pitch = 2, 20, pitch+18
	}
	x := newAxis(0, float64(g.most()), s.div, map[bool]int{true: 3, false: 5}[c.w-x0-ends < 260], x0, c.w-x0-ends-10)
	bottom := first + pitch*float64(len(g.Labels)) - between + 4
	if above {
		bottom -= 18
	}
	xTicks(c, x, s, first-4, bottom)
	for i, name := range g.Labels {
		y, label := first+pitch*float64(i), name.In(c.l)
		if above {
			c.text(x0, y-5, left, "halo", cut(label, c.w-4))
		} else {
			c.text(x0-8, y+height*float64(len(g.Series))/2+4, right, "label", label)
		}
		for j := range g.Series {
			v := g.Values[j][i]
			at, to := y+height*float64(j), x.pos(float64(v))
			if v != 0 {
				c.rect(x0, at, max(0.5, to-x0), height-2, g.Series[j].Colour.fill(), g.Series[j].Name.In(c.l)+" · "+label+" · "+g.Unit.Of(v).In(c.l))
			}
			c.text(to+5, at+height-4, left, "value", g.Unit.number(v, s))
		}
		c.line(x0, y-2, x0, y+height*float64(len(g.Series)), "zero")
	}
	c.h = bottom + 20
}
