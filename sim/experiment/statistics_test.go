package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestStudent: the quantiles that every table of Student's t has.
func TestStudent(t *testing.T) {
	for degrees, want := range map[int]float64{1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 9: 2.2622, 10: 2.2281, 29: 2.0452, 30: 2.0423, 63: 1.9983, 120: 1.9799} {
		near(t, "t", tQuantile(degrees), want, 1e-4)
	}
}

// TestJackknifeOfASum: for a sum the jackknife is the textbook's variance G·s².
func TestJackknifeOfASum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var y [groups]float64
	for g := range y {
		y[g] = r.Float64() * 100
	}
	total := func(without int) float64 {
		sum, n := 0.0, groups
		for g := range y {
			if g != without {
				sum += y[g]
			} else {
				n--
			}
		}
		return sum * groups / float64(n)
	}
	value, variance := jackknife(total)
	mean, sd := meanSD(y[:])
	near(t, "sum", value, mean*groups, 1e-9)
	near(t, "variance", variance, groups*sd*sd, 1e-6)
}

// TestJackknifeOfARatio: for a ratio it is, to first order, the linearised variance.
func TestJackknifeOfARatio(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var x, y [groups]float64
	var sx, sy float64
	for g := range y {
		x[g] = 1000 + r.Float64()*20
		y[g] = 0.3*x[g] + r.Float64()*10
		sx, sy = sx+x[g], sy+y[g]
	}
	value, variance := jackknife(func(without int) float64 {
		a, b := sx, sy
		if without >= 0 {
			a, b = a-x[without], b-y[without]
		}
		return b / a
	})
	near(t, "ratio", value, sy/sx, 1e-12)
	linear := 0.0
	for g := range x {
		e := (y[g] - value*x[g]) / (sx / groups)
		linear += e * e
	}
	linear /= (groups - 1) * groups
	near(t, "variance", variance/linear, 1, 0.01)
}

// TestCoverage: of many samples about 95 % have the truth in their interval.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const trials = 2000
	hits := 0
	for range trials {
		var y [groups]float64
		for g := range y {
			y[g] = r.NormFloat64() + 10
		}
		value, variance := jackknife(func(without int) float64 {
			sum, n := 0.0, 0.0
			for g := range y {
				if g != without {
					sum, n = sum+y[g], n+1
				}
			}
			return sum / n
		})
		var e Estimate
		e.set(value, variance)
		if *e.Low <= 10 && 10 <= *e.High {
			hits++
		}
	}
	near(t, "coverage", float64(hits)/trials, 0.95, 0.015)
}

// TestPairing: a difference between figures that move together has a far smaller
// variance than between independent ones, and one between equal figures none.
func TestPairing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var y, d [groups]float64
	for g := range y {
		y[g], d[g] = r.Float64()*100, 1+r.Float64()/100
	}
	of := func(x *[groups]float64) func(int) float64 {
		return func(without int) float64 {
			sum := 0.0
			for g := range x {
				if g != without {
					sum += x[g]
				}
			}
			return sum
		}
	}
	reformed := y
	for g := range reformed {
		reformed[g] += d[g]
	}
	e := estimate(of(&y), of(&reformed))
	if e.Ratio == nil || *e.Ratio < 1e6 || !e.Clear() {
		t.Errorf("%+v", e)
	}
	same := estimate(of(&y), of(&y))
	if same.Value != 0 || *same.SE != 0 || *same.Low != 0 || *same.High != 0 || same.Ratio != nil || same.Clear() {
		t.Errorf("%+v", same)
	}
}

// TestScenario: the spread over seeds, and what of it sampling does not explain.
func TestScenario(t *testing.T) {
	if scenario([]float64{1}, nil) != nil {
		t.Error("one value has no spread")
	}
	s := scenario([]float64{2, 4, 4, 4, 5, 5, 7, 9}, nil)
	near(t, "mean", s.Mean, 5, 1e-12)
	near(t, "sd", s.SD, math.Sqrt(32.0/7), 1e-12)
	near(t, "half", s.High-s.Mean, 2.36462*math.Sqrt(32.0/7/8), 1e-4)
	explained := scenario([]float64{1, 2, 3}, []float64{0.75, 0.75, 0.75})
	near(t, "beyond", explained.BeyondSampling, 0.5, 1e-12)
	if all := scenario([]float64{1, 2, 3}, []float64{5, 5, 5}); all.BeyondSampling != 0 {
		t.Errorf("%+v", all)
	}
}
