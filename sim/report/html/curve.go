package html

import (
	"fmt"

	"kuasheng/sim/report/words"
)

// Curve is a figure over a scale of numbers, known at single points that need not be the
// same for every series.
type Curve struct {
	// XTitle says what the positions are, XUnit in what they are counted.
	XTitle words.Text
	XUnit  Unit
	Unit   Unit
	Series []Series
	Points [][]Point // by series, ascending in X
	// Bound is a horizontal line, Edges are positions that are named.
	Bound *Mark
	Edges []Edge
}

// Point is a figure at a position.
type Point struct{ X, Y int64 }

// Edge is a position with its interval, which may be empty.
type Edge struct {
	At, Low, High int64
	Name          words.Text
}

func (k *Curve) extent() (west, east, most int64) {
	first := true
	for _, of := range k.Points {
		for _, p := range of {
			if first {
				west, east, first = p.X, p.X, false
			}
			west, east, most = min(west, p.X), max(east, p.X), max(most, p.Y)
		}
	}
	if k.Bound != nil {
		most = max(most, k.Bound.At)
	}
	return west, east, most
}

func (k *Curve) caption(l words.Lang) string {
	_, _, most := k.extent()
	return k.Unit.caption(k.Unit.scale(most, l), l)
}

func (k *Curve) keys(l words.Lang) []key { return keysOf(k.Series, l) }

func (k *Curve) draw(c *canvas) {
	west, east, most := k.extent()
	s, xs := k.Unit.scale(most, c.l), k.XUnit.scale(max(east, -west), c.l)
	height := map[bool]float64{true: 190, false: 260}[c.narrow]
	const top = 10.0
	head := 18*float64(len(k.Edges)) + top
	y := newAxis(0, float64(most), s.div, 5, height+head, -height)
	x0 := yTicks(c, y, s, 8)
	x := newPositions(float64(west), float64(east), xs.div, map[bool]int{true: 4, false: 8}[c.narrow], x0+6, c.w-x0-16)
	bottom := y.at
	xTicks(c, x, xs, bottom, bottom+4)
	c.line(x0, bottom, c.w, bottom, "zero")
	c.text((x0+c.w)/2, bottom+34, middle, "tick", cut(k.XTitle.In(c.l), c.w-x0-4))
	for i, e := range k.Edges {
		at, lane := x.pos(float64(e.At)), top+18*float64(i)
		if e.Low != e.High {
			low, high := max(x0, x.pos(float64(e.Low))), min(c.w, x.pos(float64(e.High)))
			c.rect(low, lane, high-low, bottom-lane, "band", e.Name.In(c.l))
		}
		c.line(at, lane, at, bottom, "edge")
		name := cut(e.Name.In(c.l), c.w-x0-8)
		from := at + 5
		if from+textWidth(name) > c.w-2 {
			from = max(x0, at-5-textWidth(name))
		}
		c.text(from, lane+8, left, "halo", name)
	}
	if b := k.Bound; b != nil {
		at := y.pos(float64(b.At))
		c.line(x0, at, c.w, at, fmt.Sprintf("s%d mark", b.Colour))
		c.text(c.w-4, at-6, right, "halo", b.Name.In(c.l))
	}
	for j, of := range k.Points {
		px, py := make([]float64, len(of)), make([]float64, len(of))
		for i, p := range of {
			px[i], py[i] = x.pos(float64(p.X)), y.pos(float64(p.Y))
		}
		c.path(px, py, fmt.Sprintf("s%d curve", k.Series[j].Colour))
		for i, p := range of {
			tip := k.XUnit.Of(p.X).In(c.l) + " · " + k.Unit.Of(p.Y).In(c.l)
			if len(k.Series) > 1 {
				tip = k.Series[j].Name.In(c.l) + " · " + tip
			}
			c.circle(px[i], py[i], 3.5, k.Series[j].Colour.fill()+" part", tip)
		}
	}
	c.h = bottom + 42
}
