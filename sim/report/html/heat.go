package html

import (
	"fmt"
	"strconv"

	"kuasheng/sim/report/words"
)

// Heat is a matrix of figures, each in a class of a sequential scale.
type Heat struct {
	// Rows and Columns name the lines with short names. The tooltips are made of the
	// names and figures of the table behind the chart, which has the same rows and
	// columns after its first.
	Rows, Columns []words.Text
	RowsAre       words.Text // what the rows and the columns are
	ColumnsAre    words.Text
	Values        [][]int64 // by row, then by column; None is no cell
	Unit          Unit
	// From are the lower ends of the classes above the first, ascending; at most 6.
	From []int64
}

// heatClasses is how many classes the style has colours for.
const heatClasses = 7

// Decades returns ends of classes for positive figures that span orders of magnitude:
// powers of ten, the last of them below most.
func Decades(most int64) (from []int64) {
	for v := int64(1); v <= most/2 && v > 0; v *= 10 {
		from = append(from, v)
	}
	if n := len(from) - (heatClasses - 1); n > 0 {
		from = from[n:]
	}
	return from
}

// class is the class of a figure, −1 of no cell.
func (m *Heat) class(v int64) (class int) {
	if v == None {
		return -1
	}
	for class < len(m.From) && v >= m.From[class] {
		class++
	}
	return class
}

func (m *Heat) most() (most int64) {
	for _, row := range m.Values {
		for _, v := range row {
			most = max(most, v)
		}
	}
	return most
}

func (m *Heat) caption(l words.Lang) string { return m.Unit.Noun.In(l) }

func (m *Heat) keys(l words.Lang) (all []key) {
	plain := func(v int64) string {
		if s := m.Unit.scale(v*10, l); l == words.Chinese && s.word != "" && v%int64(s.div) == 0 {
			return decimal(float64(v)/s.div, 0) + s.word
		}
		return decimal(float64(v), 0)
	}
	for i := range m.From {
		switch {
		case i == 0 && m.From[0] > 1:
			all = append(all, key{"h0", words.F(words.T("below %s", "不足 %s"), plain(m.From[0])).In(l)})
		case i == 0:
			all = append(all, key{"h0", words.T("none", "无").In(l)})
		}
		if i+1 < len(m.From) {
			all = append(all, key{fmt.Sprintf("h%d", i+1), plain(m.From[i]) + " – " + plain(m.From[i+1])})
		} else {
			all = append(all, key{fmt.Sprintf("h%d", i+1), words.F(words.T("%s and more", "%s 及以上"), plain(m.From[i])).In(l)})
		}
	}
	return all
}

func (m *Heat) draw(c *canvas) {
	wide := 0.0
	for _, r := range m.Rows {
		wide = max(wide, textWidth(r.In(c.l)))
	}
	wide *= 0.85 // in small print
	// Names stand in two lanes where the squares are lower than a line of text.
	lanes := 1.0
	if (c.w-wide-20)/float64(len(m.Columns)) < 12 {
		lanes = 2
	}
	x0 := (wide+4)*lanes + 16
	side := (c.w - x0 - 4) / float64(len(m.Columns))
	upright := wide+1 < side*lanes
	y0 := 18 + 13*lanes
	if !upright {
		y0 = 18 + (wide+4)*lanes
	}
	c.text(c.w/2+x0/2, 11, middle, "tick", m.ColumnsAre.In(c.l)+" →")
	c.turned(11, y0+side*float64(len(m.Rows))/2+textWidth(m.RowsAre.In(c.l))/2, "tick", "← "+m.RowsAre.In(c.l))
	for j, name := range m.Columns {
		x := x0 + side*(float64(j)+0.5)
		lane := float64(j % int(lanes))
		if label := name.In(c.l); upright {
			c.text(x, y0-4-13*lane, middle, "tiny", label)
		} else {
			c.turned(x+3.5, y0-4-(wide+4)*lane, "tiny", label)
		}
	}
	for i, name := range m.Rows {
		y := y0 + side*float64(i)
		c.text(x0-4-(wide+4)*float64(i%int(lanes)), y+side/2+3.5, right, "tiny", name.In(c.l))
	}
	m.squares(c, x0, y0, side)
	c.h = y0 + side*float64(len(m.Rows)) + 2
}

// squares draws the squares of each class as one path.
func (m *Heat) squares(c *canvas, x0, y0, side float64) {
	// A square is 1 wide in here, and its visible part a little less.
	c.raw(`<g transform="translate(`).num(x0).raw(" ").num(y0).raw(`) scale(`).raw(strconv.FormatFloat(side, 'f', 3, 64)).raw(`)"`)
	if c.tips {
		c.raw(` data-matrix="`).raw(escaped(m.Unit.caption(m.Unit.scale(m.most(), c.l), c.l))).raw(`"`)
	}
	c.raw(">")
	for class := -1; class <= len(m.From); class++ {
		open := false
		for i := range m.Values {
			for j, v := range m.Values[i] {
				if of := m.class(v); of != class {
					continue
				}
				if !open {
					name := "hx"
					if class >= 0 {
						name = fmt.Sprintf("h%d", class)
					}
					c.raw(`<path class="`).raw(name).raw(`" d="`)
					open = true
				}
				c.raw("M").num(float64(j)).raw(" ").num(float64(i)).raw("h.95v.95h-.95")
			}
		}
		if open {
			c.raw(`z"/>`)
		}
	}
	c.raw("</g>")
}
