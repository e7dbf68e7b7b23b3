package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kuasheng/sim"
	"kuasheng/sim/experiment"
)

// TestLatinHypercube: each of n parts of every range is used once, the same way for
// the same seed.
func TestLatinHypercube(t *testing.T) {
	d := experiment.Design{Runs: 10, Seed: 4, Latin: []experiment.Axis{{Path: "a", Low: 0, High: 99, Step: 1}, {Path: "b", Low: 1000, High: 2000, Step: 50}, {Path: "c", Values: []string{"x", "y"}}}}
	points, err := experiment.Points([]experiment.Design{d})
	if err != nil {
		t.Fatal(err)
	}
	var tenths []int
	times := map[string]int{}
	for _, p := range points {
		v, _ := strconv.Atoi(p[0].Value)
		tenths = append(tenths, v/10)
		if v, _ := strconv.Atoi(p[1].Value); v%50 != 0 || v < 1000 || v > 2000 {
			t.Errorf("b=%d is not on a step", v)
		}
		times[p[2].Value]++
	}
	slices.Sort(tenths)
	if !slices.Equal(tenths, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) || times["x"] != 5 || times["y"] != 5 {
		t.Errorf("%v %v", tenths, times)
	}
	again, _ := experiment.Points([]experiment.Design{d})
	other := d
	other.Seed++
	turned, _ := experiment.Points([]experiment.Design{other})
	if !reflect.DeepEqual(points, again) || reflect.DeepEqual(points, turned) {
		t.Error("the seed does not decide the hypercube")
	}
}

// TestPointsOnce: what two designs ask for is run once.
func TestPointsOnce(t *testing.T) {
	grid := experiment.Design{Grid: []experiment.Axis{{Path: "a", Values: []string{"1", "2"}}, {Path: "b", Low: 1, High: 3, Step: 1}}}
	list := experiment.Design{List: [][]experiment.Setting{{{Path: "a", Value: "1"}, {Path: "b", Value: "2"}}, {}}}
	points, err := experiment.Points([]experiment.Design{grid, list})
	if err != nil || len(points) != 7 {
		t.Errorf("%d points, %v", len(points), err)
	}
	huge := experiment.Design{Grid: []experiment.Axis{{Path: "a", Low: 0, High: 9999, Step: 1}, {Path: "b", Low: 0, High: 9999, Step: 1}}}
	if _, err := experiment.Points([]experiment.Design{huge}); err == nil {
		t.Error("a hundred million runs are no error")
	}
}

// memory is a table that ends a sweep after some rows.
type memory struct {
	rows []experiment.Row
	stop func()
	most int
}

func (m *memory) Has(key string) bool {
	return slices.ContainsFunc(m.rows, func(r experiment.Row) bool { return r.Key == key })
}

func (m *memory) Append(r experiment.Row) error {
	m.rows = append(m.rows, r)
	if m.stop != nil && len(m.rows) == m.most {
		m.stop()
	}
	return nil
}

func sweepOf(t *testing.T, table *memory, ran *int) experiment.SweepConfig {
	points, err := experiment.Points([]experiment.Design{{Grid: []experiment.Axis{
		{Path: "policies.*.*.drop_bp.unfiled", Values: []string{"1000", "9999", "2000"}},
		{Path: "prepayment.multiple_factor_bp", Values: []string{"15000", "20000"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return experiment.SweepConfig{
		Config: experiment.Config{Sample: testSample, Run: func(ctx context.Context, c sim.Config) (*sim.Result, error) {
			*ran++
			return sim.Run(ctx, c)
		}},
		Points: points, Seeds: []uint64{1}, Base: "pack", Outputs: []string{"funds_fen", "direct_rate_bp", "receivable_days"}, Table: table,
		World: func(p experiment.Point) (*sim.World, error) {
			if strings.Contains(p.String(), "9999") {
				return nil, errors.New("two lines\nof a fault")
			}
			return world(t, strings.Fields(p.String())...), nil
		},
	}
}

// TestSweepResumes: interrupted after any row and started again, a sweep ends with the
// same rows and runs nothing twice; failures are rows; runs that move only the money
// are not simulated.
func TestSweepResumes(t *testing.T) {
	whole, ran := new(memory), 0
	p, err := experiment.Sweep(context.Background(), sweepOf(t, whole, &ran))
	if err != nil {
		t.Fatal(err)
	}
	if p.Done != 4 || p.Failed != 2 || len(whole.rows) != 6 || ran != 2 {
		t.Errorf("%+v, %d rows, %d runs", p, len(whole.rows), ran)
	}
	if f := whole.rows[2]; f.Status != experiment.RowFailed || f.Error != "two lines of a fault" || f.Values != nil {
		t.Errorf("%+v", f)
	}
	for most := 1; most < 6; most++ {
		ctx, stop := context.WithCancel(context.Background())
		part, ran := &memory{stop: stop, most: most}, 0
		if _, err := experiment.Sweep(ctx, sweepOf(t, part, &ran)); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted after %d rows: %v", most, err)
		}
		if len(part.rows) != most {
			t.Errorf("%d rows, stopped after %d", len(part.rows), most)
		}
		part.stop = nil
		p, err := experiment.Sweep(context.Background(), sweepOf(t, part, &ran))
		if err != nil || p.Skipped != most {
			t.Errorf("%+v, %v", p, err)
		}
		if !reflect.DeepEqual(part.rows, whole.rows) {
			t.Errorf("interrupted after %d rows the table is another", most)
		}
		ran = 0
		if p, err := experiment.Sweep(context.Background(), sweepOf(t, part, &ran)); err != nil || p.Skipped != 6 || ran != 0 {
			t.Errorf("a finished sweep runs %d again: %+v, %v", ran, p, err)
		}
	}
}

// TestSweepKeys: another seed, sample, pack, setting or output is another run.
func TestSweepKeys(t *testing.T) {
	ran := 0
	c := sweepOf(t, new(memory), &ran)
	keys := map[string]bool{c.Key(c.Points[0], 1): true, c.Key(c.Points[0], 2): true, c.Key(c.Points[1], 1): true}
	d := c
	d.Sample = 7
	keys[d.Key(c.Points[0], 1)] = true
	d = c
	d.Base = "other"
	keys[d.Key(c.Points[0], 1)] = true
	d = c
	d.Outputs = c.Outputs[:1]
	keys[d.Key(c.Points[0], 1)] = true
	if len(keys) != 6 {
		t.Errorf("%d keys of 6 runs", len(keys))
	}
	turned := slices.Clone(c.Points[0])
	slices.Reverse(turned)
	if c.Key(turned, 1) != c.Key(c.Points[0], 1) {
		t.Error("the order of settings makes another run")
	}
	c.Outputs = []string{"red_alerts"}
	if _, err := experiment.Sweep(context.Background(), c); err == nil || !strings.Contains(err.Error(), "not estimated from a sample") {
		t.Errorf("%v", err)
	}
}

// TestInfluence: the swing and the curve of a known function, ranked.
func TestInfluence(t *testing.T) {
	var rows []experiment.Row
	for a := range 30 {
		for b := range 3 {
			rows = append(rows, experiment.Row{Status: experiment.RowDone, Values: []float64{float64(10*b - a)},
				Settings: experiment.Point{{Path: "a", Value: fmt.Sprint(a)}, {Path: "b", Value: fmt.Sprint(b)}}})
		}
	}
	rows = append(rows, experiment.Row{Status: experiment.RowFailed, Settings: experiment.Point{{Path: "a", Value: "99"}}})
	all := experiment.Influences(rows, []string{"y"}, func(path string) string { return "status of " + path })
	if len(all) != 2 || all[0].Path != "a" || all[1].Path != "b" || all[0].Status != "status of a" {
		t.Fatalf("%+v", all)
	}
	// 30 values in 6 ranges of 5: means of a are 2, 7, …, 27.
	if c := all[0].Curve; len(c) != 6 || c[0].From != "0" || c[0].To != "4" || c[0].Runs != 15 || math.Abs(all[0].Swing-25) > 1e-9 || all[0].Rank > -0.6 {
		t.Errorf("%+v", all[0])
	}
	if c := all[1].Curve; len(c) != 3 || math.Abs(all[1].Swing-20) > 1e-9 || all[1].Rank < 0.6 || c[2].Min != -9 || c[2].Max != 20 {
		t.Errorf("%+v", all[1])
	}
}
