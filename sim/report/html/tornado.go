package html

import "kuasheng/sim/report/words"

// Tornado is how far an output moves with each of several parameters: bars from zero,
// the widest first, each with a mark where chance alone would end.
type Tornado struct {
	Rows []Swing
	Unit Unit
}

// Swing is one parameter of a tornado.
type Swing struct {
	Label words.Text
	// Status says how firm the parameter's own value is, Colour shows it.
	Status words.Text
	Colour Colour
	Value  int64
	// Chance is the swing that a parameter without influence may well show; 0 where
	// nothing else varies.
	Chance int64
}

func (t *Tornado) most() (most int64) {
	for i := range t.Rows {
		most = max(most, t.Rows[i].Value, t.Rows[i].Chance)
	}
	return most
}

func (t *Tornado) caption(l words.Lang) string { return t.Unit.caption(t.Unit.scale(t.most(), l), l) }

func (t *Tornado) keys(l words.Lang) (all []key) {
	chance, faint := false, false
	for _, status := range statusOfValues {
		for i := range t.Rows {
			if t.Rows[i].Colour == status.colour && t.Rows[i].Status != (words.Text{}) {
				all = append(all, key{status.colour.fill(), StatusNames(status.key).In(l)})
				break
			}
		}
	}
	for i := range t.Rows {
		chance = chance || t.Rows[i].Chance > 0
		faint = faint || t.Rows[i].chance()
	}
	if chance {
		all = append(all, key{"fk", words.T("upright mark: what chance alone would show", "竖线：纯属偶然时的变幅").In(l)})
	}
	if faint {
		all = append(all, key{"f7 faint", words.T("pale: within chance, says nothing", "浅色：不超过偶然变幅，不说明问题").In(l)})
	}
	return all
}

// chance reports whether the swing says nothing.
func (s *Swing) chance() bool { return s.Value <= s.Chance }

func (t *Tornado) draw(c *canvas) {
	const height = 20.0
	s := t.Unit.scale(t.most(), c.l)
	labels, ends := 0.0, 0.0
	for i := range t.Rows {
		labels = max(labels, textWidth(t.Rows[i].Label.In(c.l)), textWidth(t.Rows[i].Status.In(c.l)))
		ends = max(ends, boldWidth(t.Unit.number(t.Rows[i].Value, s)))
	}
	above := labels > 0.4*c.w
	x0, first, pitch := labels+10, 10.0, 38.0
	if above {
		x0, first, pitch = 2, 40, 70
	}
	x := newAxis(0, float64(t.most()), s.div, map[bool]int{true: 4, false: 6}[c.narrow], x0, c.w-x0-ends-14)
	bottom := first + pitch*float64(len(t.Rows)-1) + height + 8
	xTicks(c, x, s, first-6, bottom)
	for i := range t.Rows {
		r := &t.Rows[i]
		y, label, status := first+pitch*float64(i), r.Label.In(c.l), r.Status.In(c.l)
		if above {
			c.text(x0, y-23, left, "halo", cut(label, c.w-4))
			c.text(x0, y-9, left, "tick halo", cut(status, c.w-4))
		} else {
			c.text(x0-10, y+8, right, "label", label)
			c.text(x0-10, y+22, right, "tick", status)
		}
		class, tip := r.Colour.fill(), label+" · "+t.Unit.Of(r.Value).In(c.l)
		if status != "" {
			tip += " · " + status
		}
		if r.chance() {
			class += " faint"
		}
		end := max(x.pos(float64(r.Value)), x0)
		if r.Value != 0 {
			c.rect(x0, y, max(0.5, end-x0), height, class, tip)
		}
		if r.Chance > 0 {
			at := x.pos(float64(r.Chance))
			c.line(at, y-4, at, y+height+4, "chance")
			end = max(end, at)
		}
		c.text(end+7, y+14, left, "value halo", t.Unit.number(r.Value, s))
		c.line(x0, y-5, x0, y+height+5, "zero")
	}
	c.h = bottom + 20
}
