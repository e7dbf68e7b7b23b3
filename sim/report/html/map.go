package html

import (
	"cmp"
	"math"
	"slices"

	"kuasheng/sim/report/words"
)

// Map places figures by latitude and longitude, without borders: circles whose area
// is the figure, and arrows whose width is.
type Map struct {
	Places []Place
	Arrows []Arrow
	// Unit is that of places and arrows.
	Unit Unit
	// Signed colours places by the sign of their figures.
	Signed bool
	// PlacesAre and ArrowsAre say what circles and arrows show.
	PlacesAre, ArrowsAre words.Text
}

// Place is a point of the map; the position in thousandths of a degree.
type Place struct {
	Short, Name         words.Text
	Latitude, Longitude int32
	Value               int64
	// Unsure places, whose figure may as well be none, are drawn hollow.
	Unsure bool
}

// Arrow is a flow between two places, which are indexes.
type Arrow struct {
	From, To int
	Value    int64
}

func (m *Map) caption(l words.Lang) string {
	text := words.F(words.T("circles, by area: %s", "圆面积：%s"), m.PlacesAre).In(l)
	if len(m.Arrows) > 0 {
		text += words.F(words.T("; arrows, by width: %s", "；箭头粗细：%s"), m.ArrowsAre).In(l)
	}
	return text
}

func (m *Map) keys(l words.Lang) []key {
	if !m.Signed {
		return nil
	}
	all := []key{{Vermillion.fill(), words.T("more", "增加").In(l)}, {Blue.fill(), words.T("less", "减少").In(l)}}
	if slices.ContainsFunc(m.Places, func(p Place) bool { return p.Unsure }) {
		all = append(all, key{"unsure", words.T("hollow: the 95 % interval holds zero", "空心：95%区间包含零").In(l)})
	}
	return all
}

// box is a part of the drawing that a label must not cover.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) hits(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 }

// mapWidest keeps a map on a screen's height; fewer arrows are drawn where there is
// less room for them.
const (
	mapWidest    = 860
	arrowsSmall  = 12
	arrowsMedium = 18
)

// dot is a place as drawn.
type dot struct{ x, y, r float64 }

func (m *Map) draw(c *canvas) {
	const mid = 35 * math.Pi / 180 // where the scale is true
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	most := int64(1)
	for _, p := range m.Places {
		west, east = min(west, float64(p.Longitude)/1000), max(east, float64(p.Longitude)/1000)
		south, north = min(south, float64(p.Latitude)/1000), max(north, float64(p.Latitude)/1000)
		most = max(most, p.Value, -p.Value)
	}
	width := min(c.w, mapWidest)
	biggest := width * 0.02
	margin := biggest + 24
	degree := (width - 2*margin) / ((east - west) * math.Cos(mid))
	x := func(lon float64) float64 { return (c.w-width)/2 + margin + (lon-west)*math.Cos(mid)*degree }
	y := func(lat float64) float64 { return margin + (north-lat)*degree }
	c.h = y(south) + margin
	for lon := math.Ceil(west/10) * 10; lon <= east; lon += 10 {
		c.line(x(lon), 0, x(lon), c.h, "grid")
	}
	for lat := math.Ceil(south/10) * 10; lat <= north; lat += 10 {
		c.line(0, y(lat), c.w, y(lat), "grid")
	}
	dots := make([]dot, len(m.Places))
	var taken []box
	for i, p := range m.Places {
		r := max(2.5, biggest*math.Sqrt(math.Abs(float64(p.Value))/float64(most)))
		dots[i] = dot{x(float64(p.Longitude) / 1000), y(float64(p.Latitude) / 1000), r}
		d := dots[i]
		taken = append(taken, box{d.x - r*0.8, d.y - r*0.8, d.x + r*0.8, d.y + r*0.8})
	}
	order := make([]int, len(dots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(dots[b].r, dots[a].r) })
	for _, i := range order {
		p, d := &m.Places[i], dots[i]
		class := "place"
		if m.Signed && p.Value > 0 {
			class = Vermillion.fill() + " over"
		} else if m.Signed {
			class = Blue.fill() + " over"
		}
		if p.Unsure {
			class = "unsure"
		}
		c.circle(d.x, d.y, d.r, class, p.Name.In(c.l)+" · "+m.Unit.Of(p.Value).In(c.l))
	}
	m.arrows(c, dots)
	for _, i := range order {
		taken = append(taken, m.label(c, i, dots[i], taken))
	}
}

// label writes a place's short name where it covers nothing, if there is such a
// place beside its circle.
func (m *Map) label(c *canvas, i int, d dot, taken []box) box {
	text := m.Places[i].Short.In(c.l)
	w, h := textWidth(text)*0.92, 11.0
	try := func(x, y float64) box { return box{x - w/2 - 1, y - h/2 - 1, x + w/2 + 1, y + h/2 + 1} }
	var best box
	for _, away := range []float64{2, 5, 9, 14, 20, 27} {
		for _, angle := range []float64{0, 180, 90, 270, 45, 315, 135, 225} {
			sin, cos := math.Sincos(angle * math.Pi / 180)
			b := try(d.x+cos*(d.r+away+w/2), d.y+sin*(d.r+away+h/2))
			if b.x0 < 0 || b.y0 < 0 || b.x1 > c.w || b.y1 > c.h || slices.ContainsFunc(taken, b.hits) {
				continue
			}
			best = b
			goto found
		}
	}
	return box{d.x, d.y, d.x, d.y} // crowded: the tooltip and the table have the name
found:
	c.text((best.x0+best.x1)/2, best.y1-2.5, middle, "place-name", text)
	return best
}

// arrows draws the largest flows as bent arrows, so that the two directions of a pair
// stand apart, the smallest first.
func (m *Map) arrows(c *canvas, dots []dot) {
	most := int64(1)
	for _, a := range m.Arrows {
		most = max(most, a.Value)
	}
	order := slices.Clone(m.Arrows)
	slices.SortStableFunc(order, func(a, b Arrow) int { return cmp.Compare(a.Value, b.Value) })
	switch {
	case c.narrow:
		order = order[max(0, len(order)-arrowsSmall):]
	case c.w <= medium:
		order = order[max(0, len(order)-arrowsMedium):]
	}
	widest := min(c.w, mapWidest) * 0.009
	for _, a := range order {
		from, to := dots[a.From], dots[a.To]
		dx, dy := to.x-from.x, to.y-from.y
		length := math.Hypot(dx, dy)
		if length < 1 {
			continue
		}
		w := max(0.8, widest*float64(a.Value)/float64(most))
		// The control point lies beside the middle; the head ends at the circle.
		bend := min(0.16*length+4, 40)
		qx, qy := (from.x+to.x)/2-dy/length*bend, (from.y+to.y)/2+dx/length*bend
		ux, uy := to.x-qx, to.y-qy
		u := math.Hypot(ux, uy)
		ux, uy = ux/u, uy/u
		head := min(5+w*1.1, length*0.4)
		stop := min(to.r*0.8, length/3)
		tx, ty := to.x-ux*stop, to.y-uy*stop
		bx, by := tx-ux*head, ty-uy*head
		half := head * 0.38
		c.raw(`<g class="arrow">`)
		if c.tips {
			c.raw("<title>").raw(escaped(m.Places[a.From].Name.In(c.l) + " → " + m.Places[a.To].Name.In(c.l) + " · " + m.Unit.Of(a.Value).In(c.l))).raw("</title>")
		}
		c.raw(`<path d="M`).num(from.x).raw(" ").num(from.y).raw("Q").num(qx).raw(" ").num(qy).raw(" ").num(bx).raw(" ").num(by).
			raw(`" style="stroke-width:`).num(w).raw(`"/><path d="M`).num(tx).raw(" ").num(ty).
			raw("L").num(bx - uy*half).raw(" ").num(by + ux*half).raw("L").num(bx + uy*half).raw(" ").num(by - ux*half).raw(`Z" class="head"/></g>`)
	}
}
