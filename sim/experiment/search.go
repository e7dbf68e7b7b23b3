package experiment

import (
	"context"
	"fmt"
	"slices"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
)

// Variable is what a search moves.
type Variable uint8

// The variables. The first is sought as small, the others as large as possible.
const (
	Multiple     Variable = iota // of the prepayment, basis points of the monthly mean (D1)
	Surge                        // more settled everywhere during some months, basis points
	Delay                        // working days that every province pays late
	numVariables = 3
)

// VariableNames are the stable names.
var VariableNames = [numVariables]string{"multiple", "surge", "delay"}

// String returns the stable name.
func (v Variable) String() string { return VariableNames[v] }

// MarshalText writes the stable name.
func (v Variable) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseVariable reads a stable name.
func ParseVariable(text string) (Variable, bool) {
	i := slices.Index(VariableNames[:], text)
	return Variable(max(0, i)), i >= 0
}

// Unit says in what a variable is counted.
func (v Variable) Unit() string { return [numVariables]string{"bp", "bp", "working days"}[v] }

// Domain is the range of a search and its step.
type Domain struct{ Low, High, Step int }

// DefaultDomain is a variable's range where none is asked for.
func (v Variable) DefaultDomain() Domain {
	return [numVariables]Domain{{5_000, 40_000, 100}, {0, 40_000, 100}, {0, 120, 1}}[v]
}

// SearchConfig is a search for the edge of safety.
type SearchConfig struct {
	Config
	Variable Variable
	Domain   Domain
	// Bound is the largest probability of shortfall that is borne, in basis points: the
	// share of provinces of treatment and measured months in which a pot ran dry.
	Bound int
	// Replications is how many seeds are searched, each by itself, from Config.Seed on.
	Replications int
	// SurgeFrom and SurgeTo are the months of a surge.
	SurgeFrom, SurgeTo day.Month
	Step               func(replication int, seed uint64)
}

// Tried is one point of a search.
type Tried struct {
	Seed  uint64 `json:"seed"`
	Value int    `json:"value"`
	// ShortBP is the probability of shortfall there, Short of Of province-months.
	ShortBP float64 `json:"short_bp"`
	Short   int     `json:"short"`
	Of      int     `json:"of"`
}

// Edge is where one seed's search ended: Safe is the last value within the bound,
// Unsafe the next one beyond it. Open says that the whole domain was within the bound,
// Never that none of it was; the other value is then missing.
type Edge struct {
	Seed   uint64 `json:"seed"`
	Safe   int    `json:"safe"`
	Unsafe int    `json:"unsafe"`
	Open   bool   `json:"open"`
	Never  bool   `json:"never"`
}

// SearchResult is what a search finds.
type SearchResult struct {
	Version  int      `json:"version"` // of this layout
	Base     string   `json:"base"`
	Sample   uint32   `json:"sample_one_in"`
	Variable Variable `json:"variable"`
	Unit     string   `json:"unit"`
	Domain   Domain   `json:"domain"`
	Bound    int      `json:"bound_bp"`
	Edges    []Edge   `json:"edges"`
	// Over is the mean of the safe values over seeds with its 95 % interval; nil where
	// there is one seed only, or an edge is open.
	Over  *Scenario `json:"over_seeds"`
	Tried []Tried   `json:"tried"`
	// Monotone says that of all points tried with a seed none on the safe side was worse
	// than one on the other: what halving rests on.
	Monotone bool `json:"monotone"`
}

// Search finds by halving the smallest prepayment multiple, the largest surge or the
// longest delay at which the probability of shortfall stays within a bound, for each
// seed by itself. Each seed is simulated once; what is tried moves only the money.
func Search(ctx context.Context, base Arm, c SearchConfig) (*SearchResult, error) {
	d := c.Domain
	if d.Step < 1 || d.High < d.Low {
		return nil, fmt.Errorf("from %d to %d in steps of %d there is nothing to search", d.Low, d.High, d.Step)
	}
	out := &SearchResult{Version: 1, Base: base.Name, Sample: max(1, c.Sample), Variable: c.Variable, Unit: c.Variable.Unit(), Domain: d, Bound: c.Bound, Monotone: true}
	var safe []float64
	for n := range max(1, c.Replications) {
		seed := c.Seed + uint64(n)
		if c.Step != nil {
			c.Step(n+1, seed)
		}
		rec := new(sim.Recording)
		if _, err := c.run(ctx, sim.Config{World: base.World, Seed: seed, Workers: c.Workers, Sample: c.Sample, Progress: c.Progress, Record: rec}); err != nil {
			return nil, err
		}
		edge, tried, err := c.edge(ctx, base.World, rec, seed)
		if err != nil {
			return nil, err
		}
		out.Edges, out.Tried = append(out.Edges, edge), append(out.Tried, tried...)
		out.Monotone = out.Monotone && c.monotone(tried)
		if !edge.Open && !edge.Never {
			safe = append(safe, float64(edge.Safe))
		}
	}
	if len(safe) == len(out.Edges) {
		out.Over = scenario(safe, nil)
	}
	return out, nil
}

// edge searches one recorded run. Positions count steps from the safe end.
func (c *SearchConfig) edge(ctx context.Context, w *sim.World, rec *sim.Recording, seed uint64) (e Edge, tried []Tried, err error) {
	e.Seed = seed
	value := func(at int) int {
		if c.Variable == Multiple {
			return c.Domain.Low + (c.last()-at)*c.Domain.Step
		}
		return c.Domain.Low + at*c.Domain.Step
	}
	holds := func(at int) (bool, error) {
		t, err := c.try(ctx, w, rec, seed, value(at))
		if err != nil {
			return false, err
		}
		tried = append(tried, t)
		return t.ShortBP <= float64(c.Bound), nil
	}
	within, err := holds(0)
	if err != nil || !within {
		e.Never, e.Unsafe = true, value(0)
		return e, tried, err
	}
	if within, err = holds(c.last()); err != nil || within {
		e.Open, e.Safe = true, value(c.last())
		return e, tried, err
	}
	low, high := 0, c.last()
	for high-low > 1 {
		mid := (low + high) / 2
		if within, err = holds(mid); err != nil {
			return e, tried, err
		} else if within {
			low = mid
		} else {
			high = mid
		}
	}
	e.Safe, e.Unsafe = value(low), value(high)
	return e, tried, nil
}

// last is the position of the unsafe end.
func (c *SearchConfig) last() int { return (c.Domain.High - c.Domain.Low) / c.Domain.Step }

func (c *SearchConfig) try(ctx context.Context, w *sim.World, rec *sim.Recording, seed uint64, value int) (Tried, error) {
	world, surges := *w, []sim.Surge(nil)
	switch c.Variable {
	case Multiple:
		world.Prepayment.Multiple = money.BasisPoints(value)
	case Surge:
		surges = []sim.Surge{{Treating: clearing.AllProvinces, From: c.SurgeFrom, To: c.SurgeTo, Factor: money.One + money.BasisPoints(value)}}
	case Delay:
		world.Money.Late = append(slices.Clone(w.Money.Late), lateness(w, clearing.AllProvinces, value))
	}
	r, err := clearSound(ctx, rec, &world, seed, surges...)
	if err != nil {
		return Tried{}, err
	}
	m := moneyOf(w, r, c.Sample)
	return Tried{seed, value, share(float64(m.shortMonths), float64(m.months)), m.shortMonths, m.months}, nil
}

// monotone reports whether the probability never falls towards the unsafe side.
func (c *SearchConfig) monotone(tried []Tried) bool {
	sorted := slices.Clone(tried)
	slices.SortFunc(sorted, func(a, b Tried) int {
		if c.Variable == Multiple {
			a, b = b, a
		}
		return a.Value - b.Value
	})
	return slices.IsSortedFunc(sorted, func(a, b Tried) int { return a.Short - b.Short })
}
