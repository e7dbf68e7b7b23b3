package experiment

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Setting sets one path of a data pack to a value, as kuasheng run --set does.
type Setting struct {
	Path   string `json:"path"`
	Months string `json:"months,omitempty"` // 2024-01..2024-07, of a dated value
	Value  string `json:"value"`
	// BeyondLaw lets the value pass the regulation's bounds.
	BeyondLaw bool `json:"beyond_law,omitempty"`
}

// String writes the setting as --set takes it.
func (s Setting) String() string {
	text := s.name() + "=" + s.Value
	if s.BeyondLaw {
		text += "!"
	}
	return text
}

// name is the path with its months: what is varied.
func (s Setting) name() string {
	if s.Months == "" {
		return s.Path
	}
	return s.Path + "@" + s.Months
}

// Axis is a path that a design varies: over Values, or from Low to High in whole
// steps, both included.
type Axis struct {
	Path, Months    string
	BeyondLaw       bool
	Values          []string
	Low, High, Step int64
}

func (a *Axis) setting(value string) Setting { return Setting{a.Path, a.Months, value, a.BeyondLaw} }

// Design is a set of runs; one of its parts is not empty.
type Design struct {
	// Grid makes every combination of its axes' values, the last axis fastest.
	Grid []Axis
	// List makes one run of each of its entries.
	List [][]Setting
	// Latin makes Runs runs. The range of each axis is cut into as many equal parts,
	// and each part is used once, in an order that Seed draws: a Latin hypercube.
	Latin []Axis
	Runs  int
	Seed  uint64
}

// Point is one run of a sweep.
type Point []Setting

// Points lists the runs of designs in order, each once.
func Points(designs []Design) (all []Point, err error) {
	had := map[string]bool{}
	add := func(p Point) {
		if key := p.String(); !had[key] {
			had[key] = true
			all = append(all, p)
		}
	}
	for i := range designs {
		d := &designs[i]
		if len(d.Grid) > 0 {
			if err := d.grid(nil, add); err != nil {
				return nil, err
			}
		}
		for _, p := range d.List {
			add(p)
		}
		if len(d.Latin) > 0 {
			if err := d.latin(add); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// String writes the settings of a point.
func (p Point) String() string { return strings.Join(p.texts(), " ") }

func (p Point) texts() []string {
	all := []string{}
	for _, s := range p {
		all = append(all, s.String())
	}
	return all
}

// mostPoints bounds what one design makes.
const mostPoints = 1_000_000

func (d *Design) grid(before Point, add func(Point)) error {
	if len(before) == len(d.Grid) {
		add(append(Point(nil), before...))
		return nil
	}
	if len(before) == 0 {
		size := 1
		for i := range d.Grid {
			n, err := d.Grid[i].levels()
			if err != nil {
				return err
			}
			if size *= len(n); size > mostPoints {
				return fmt.Errorf("the grid has more than %d combinations", mostPoints)
			}
		}
	}
	axis := &d.Grid[len(before)]
	values, err := axis.levels()
	if err != nil {
		return err
	}
	for _, value := range values {
		if err := d.grid(append(before, axis.setting(value)), add); err != nil {
			return err
		}
	}
	return nil
}

// levels are the values of an axis in a grid.
func (a *Axis) levels() ([]string, error) {
	if len(a.Values) > 0 {
		return a.Values, nil
	}
	if a.Step <= 0 || a.High < a.Low {
		return nil, fmt.Errorf("%s: from %d to %d in steps of %d are no values", a.Path, a.Low, a.High, a.Step)
	}
	if (a.High-a.Low)/a.Step >= mostPoints {
		return nil, fmt.Errorf("%s: more than %d values", a.Path, mostPoints)
	}
	var values []string
	for v := a.Low; v <= a.High; v += a.Step {
		values = append(values, strconv.FormatInt(v, 10))
	}
	return values, nil
}

func (d *Design) latin(add func(Point)) error {
	if d.Runs < 1 || d.Runs > mostPoints {
		return fmt.Errorf("a Latin hypercube of %d runs", d.Runs)
	}
	r := rand.New(rand.NewPCG(d.Seed, 0x6c6174696e)) // "latin"
	points := make([]Point, d.Runs)
	for i := range d.Latin {
		axis := &d.Latin[i]
		order := r.Perm(d.Runs)
		for run := range points {
			value, err := axis.within(order[run], d.Runs)
			if err != nil {
				return err
			}
			points[run] = append(points[run], axis.setting(value))
		}
	}
	for _, p := range points {
		add(p)
	}
	return nil
}

// within is the value in the middle of one of so many parts of the axis, on a step.
func (a *Axis) within(part, parts int) (string, error) {
	if n := len(a.Values); n > 0 {
		return a.Values[part*n/parts], nil
	}
	step := max(1, a.Step)
	if a.High < a.Low {
		return "", fmt.Errorf("%s: from %d to %d is no range", a.Path, a.Low, a.High)
	}
	steps := (a.High-a.Low)/step + 1
	at := (2*int64(part) + 1) * steps / (2 * int64(parts))
	return strconv.FormatInt(a.Low+at*step, 10), nil
}
