package experiment

import (
	"math"

	"kuasheng/sim"
)

// groups is how many random groups the patients of a run are dealt into.
const groups = sim.NumGroups

// Estimate is a figure with its uncertainty. Sampling and Scenario are different
// things and are never added up: the first is what another draw of patients would
// change, the second what another course of events would.
type Estimate struct {
	// Value is the figure of the first seed.
	Value float64 `json:"value"`
	// SE is the standard error of Value from the random groups, and Low and High are its
	// 95 % interval; nil where the figure is none of patients.
	SE   *float64 `json:"sampling_se"`
	Low  *float64 `json:"sampling_low"`
	High *float64 `json:"sampling_high"`
	// Scenario is the spread over replications, nil without any.
	Scenario *Scenario `json:"scenario"`
	// Ratio is the variance that the difference would have between two independent
	// samples, over the one it has between the same patients; nil where there is none.
	Ratio *float64 `json:"unpaired_over_paired_variance"`
}

// Scenario is what replications with other seeds say of a figure. Each replication
// draws both the patients and the shocks anew.
type Scenario struct {
	Replications int `json:"replications"`
	// Mean is over the replications, the first seed included, Low and High are its
	// 95 % interval by Student's t, and SD is the spread of single years.
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	SD   float64 `json:"sd"`
	// BeyondSampling is the part of SD that the sampling error does not explain.
	BeyondSampling float64 `json:"sd_beyond_sampling"`
}

// jackknife returns a figure and its variance from the random groups. figure computes
// it from all groups but one; all but none is -1. With G groups the variance is
// (G−1)/G · Σ(θ₋g − θ̄)², after Tukey.
//
// The groups are taken as draws from a population without end, so a run of all
// patients has an error too: that of the one population that it has.
func jackknife(figure func(without int) float64) (value, variance float64) {
	var left [groups]float64
	mean := 0.0
	for g := range left {
		left[g] = figure(g)
		mean += left[g] / groups
	}
	for _, x := range left {
		variance += (x - mean) * (x - mean)
	}
	return figure(-1), variance * (groups - 1) / groups
}

// estimate of a difference of one figure between two policies with the same patients:
// the paired variance, and that of two independent samples for comparison.
func estimate(base, reform func(without int) float64) (e Estimate) {
	value, paired := jackknife(func(g int) float64 { return reform(g) - base(g) })
	_, vb := jackknife(base)
	_, vr := jackknife(reform)
	e.set(value, paired)
	if paired > 0 {
		ratio := (vb + vr) / paired
		e.Ratio = &ratio
	}
	return e
}

func (e *Estimate) set(value, variance float64) {
	se := math.Sqrt(variance)
	half := tQuantile(groups-1) * se
	low, high := value-half, value+half
	e.Value, e.SE, e.Low, e.High = value, &se, &low, &high
}

// Clear says that the sampling interval does not hold zero.
func (e *Estimate) Clear() bool { return e.Low != nil && (*e.Low > 0 || *e.High < 0) }

// scenario sums up replications of a figure, whose sampling variances may be known.
func scenario(values, variances []float64) *Scenario {
	if len(values) < 2 {
		return nil
	}
	mean, sd := meanSD(values)
	half := tQuantile(len(values)-1) * sd / math.Sqrt(float64(len(values)))
	s := &Scenario{Replications: len(values), Mean: mean, Low: mean - half, High: mean + half, SD: sd, BeyondSampling: sd}
	if len(variances) == len(values) {
		sampling, _ := meanSD(variances)
		s.BeyondSampling = math.Sqrt(max(0, sd*sd-sampling))
	}
	return s
}

// meanSD returns the mean and the standard deviation with n−1 in the denominator.
func meanSD(values []float64) (mean, sd float64) {
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		sd += (x - mean) * (x - mean)
	}
	if len(values) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(sd / float64(len(values)-1))
}

// tQuantile is Student's t at 97.5 % with so many degrees of freedom. The tail is
// integrated exactly for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4) and
// inverted by halving.
func tQuantile(degrees int) float64 {
	if degrees < 1 {
		return math.Inf(1)
	}
	low, high := 0.0, 1000.0
	for range 60 {
		mid := (low + high) / 2
		if tWithin(mid, degrees) < 0.95 {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// tWithin is the probability that |t| stays below x.
func tWithin(x float64, degrees int) float64 {
	n := float64(degrees)
	theta := math.Atan(x / math.Sqrt(n))
	sin, cos := math.Sincos(theta)
	if degrees%2 == 0 {
		sum, term := 1.0, 1.0
		for k := 1; k <= degrees/2-1; k++ {
			term *= cos * cos * float64(2*k-1) / float64(2*k)
			sum += term
		}
		return sin * sum
	}
	sum, term := 0.0, cos
	for k := 1; k <= (degrees-1)/2; k++ {
		sum += term
		term *= cos * cos * float64(2*k) / float64(2*k+1)
	}
	return 2 / math.Pi * (theta + sin*sum)
}

// quantile returns the value below which a share of the sorted values lies, with
// linear interpolation between neighbours.
func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
