package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"kuasheng/sim/report/words"
)

// CapacityConfig says how the capacity of a service is sought.
type CapacityConfig struct {
	Config
	// TrialNS is how long a trial takes, ConfirmNS the last one.
	TrialNS, ConfirmNS int64
	// Precision is how far apart the bounds may be at the end, as a share of the lower.
	Precision float64
	// MostShards is up to where the scaling is measured, 0 for not at all, each number
	// of shards Repeats times.
	MostShards, Repeats int
	// Tell is told of each trial; it may be nil.
	Tell func(string)
}

// Capacity is the largest rate that a service sustains under its objectives, as an
// interval, and how throughput grows with the shards.
type Capacity struct {
	Version  int     `json:"version"`
	Verdict  Verdict `json:"verdict"`
	ExitCode int     `json:"exit_code"`
	Gates    []Gate  `json:"gates"`

	Profile    Profile  `json:"profile"`
	Seed       uint64   `json:"seed"`
	Service    Setup    `json:"service"`
	Machine    Host     `json:"machine"`
	Objectives []string `json:"objectives"`
	// MaxRate is what a closed loop came to. SustainedFrom held in the confirming
	// trial, SustainedTo did not; rates are operations a second.
	MaxRate       float64 `json:"max_operations_per_second"`
	SustainedFrom float64 `json:"sustained_from_per_second"`
	SustainedTo   float64 `json:"sustained_to_per_second"`
	// Bound is why SustainedTo is not sustained.
	Bound   words.Text      `json:"bound"`
	Trials  []CapacityTrial `json:"trials"`
	Scaling *Scaling        `json:"scaling,omitempty"`
}

// CapacityTrial is one trial of the search.
type CapacityTrial struct {
	Rate    float64    `json:"operations_per_second"`
	ForNS   int64      `json:"for_ns"`
	Holds   bool       `json:"holds"`
	Why     words.Text `json:"why"`
	P99NS   int64      `json:"response_p99_ns"`
	LagNS   int64      `json:"lag_p99_ns"`
	Verdict Verdict    `json:"verdict"`
}

// trialAt tries a rate for a while.
type trialAt func(ctx context.Context, rate float64, ns int64) (CapacityTrial, error)

// FindCapacity seeks the capacity.
func FindCapacity(ctx context.Context, cfg *CapacityConfig) (*Capacity, error) {
	if len(cfg.Objectives) == 0 {
		return nil, fmt.Errorf("a capacity needs an objective: without one any rate is sustained")
	}
	p, err := Prepare(cfg.Config)
	if err != nil {
		return nil, err
	}
	c := &Capacity{Version: ResultVersion, Gates: []Gate{}, Profile: cfg.Profile, Seed: cfg.Seed}
	for _, s := range cfg.Objectives {
		c.Objectives = append(c.Objectives, s.Text)
	}
	closed, err := p.With(func(cfg2 *Config) {
		cfg2.Profile.ClosedLoop()
		cfg2.Profile.ForNS, cfg2.Profile.Operations, cfg2.Profile.WarmUpNS, cfg2.Objectives = cfg.TrialNS, 0, cfg.TrialNS/5, nil
	})
	if err != nil {
		return nil, err
	}
	most, err := closed.Run(ctx)
	if err != nil {
		return nil, err
	}
	c.MaxRate, c.Service, c.Machine = most.Result.OperationsPerSecond, most.Result.Service, most.Result.Machine
	if most.Result.Verdict == Breach {
		c.Verdict, c.Gates = Breach, most.Result.Gates
	}
	cfg.tell("closed loop: %.4g operations a second", c.MaxRate)
	if c.Verdict != Breach {
		err = c.search(ctx, cfg, func(ctx context.Context, rate float64, ns int64) (CapacityTrial, error) { return p.try(ctx, rate, ns) })
		if err != nil {
			return nil, err
		}
	}
	if cfg.MostShards > 0 && c.Verdict != Breach && c.Verdict != Invalid {
		if c.Scaling, err = measureScaling(ctx, cfg); err != nil {
			return nil, err
		}
	}
	c.ExitCode = int(c.Verdict)
	return c, nil
}

func (cfg *CapacityConfig) tell(format string, args ...any) {
	if cfg.Tell != nil {
		cfg.Tell(fmt.Sprintf(format, args...))
	}
}

// try puts a constant rate on the service and says whether it held.
func (p *Prepared) try(ctx context.Context, rate float64, ns int64) (CapacityTrial, error) {
	at, err := p.With(func(cfg *Config) {
		pr := &cfg.Profile
		pr.Arrivals, pr.Rate, pr.ForNS, pr.Operations, pr.WarmUpNS = ArriveConstant, rate, ns, 0, ns/5
		pr.WarmUpOperations = min(pr.WarmUpOperations, pr.Planned()/5)
		if pr.Spacing == "" {
			pr.Spacing = SpacePoisson
		}
	})
	if err != nil {
		return CapacityTrial{}, err
	}
	o, err := at.Run(ctx)
	if err != nil {
		return CapacityTrial{}, err
	}
	r := o.Result
	t := CapacityTrial{Rate: rate, ForNS: ns, P99NS: r.Latency.Response.P99, LagNS: r.Latency.Lag.P99, Verdict: r.Verdict}
	switch {
	case r.Verdict != Pass:
		t.Why = r.Gates[0].Says
	case r.Steady.Tested && !r.Steady.Holds && r.Steady.RiseShare > 0:
		t.Why = r.Steady.Says
	default:
		t.Holds, t.Why = true, words.T("held", "达到")
	}
	return t, nil
}

// How the search goes: the lowest rate tried as a share of the closed loop's, how
// often a confirmation may fail, and at how many rates in a row no trial may be valid.
const (
	lowestShare   = 1.0 / 1024
	confirmations = 4
	unfitRates    = 3
)

// search bisects for the largest rate that holds and confirms it. A trial that fails
// is repeated once: one disturbance of the machine is no bound. Where rate after rate
// the measurement itself is invalid, though a closed loop came to many times as much,
// the machine has other things to do, and lower rates would be no better.
func (c *Capacity) search(ctx context.Context, cfg *CapacityConfig, try trialAt) error {
	unfit := 0
	holds := func(rate float64, ns int64) (bool, error) {
		invalid := 0
		for range 2 {
			t, err := try(ctx, rate, ns)
			if err != nil {
				return false, err
			}
			c.Trials = append(c.Trials, t)
			cfg.tell("%.4g a second for %v: %s", rate, time.Duration(ns), t.Why.EN)
			if t.Verdict == Breach {
				c.Verdict = Breach
				c.Gates = append(c.Gates, Gate{Breach, "money", t.Why})
				return false, nil
			}
			if t.Holds {
				unfit = 0
				return true, nil
			}
			if t.Verdict == Invalid {
				invalid++
			}
			c.Bound = t.Why
		}
		if invalid < 2 {
			unfit = 0
		} else if unfit++; unfit == unfitRates {
			c.Verdict = Invalid
			c.Gates = append(c.Gates, Gate{Invalid, "unfit machine", words.F(words.T(
				"this machine is unfit to measure at the moment: at %d rates in a row, down to %.4g a second, no trial was valid, the last because %s; see kuasheng bench calibrate",
				"本机目前不宜测量：连续 %d 种速率（低至每秒 %.4g 次）均无一次有效，最后一次因为：%s；见 kuasheng bench calibrate"), unfit, rate, c.Bound)})
		}
		return false, nil
	}
	low, high := 0.0, c.MaxRate*1.05
	c.Bound = words.T("a closed loop comes to no more", "闭环也不能更快")
	bound := c.Bound
	for low == 0 && high > c.MaxRate*lowestShare || low > 0 && high/low > 1+cfg.Precision {
		middle := math.Sqrt(low * high)
		if low == 0 {
			middle = high / 2
		}
		held, err := holds(middle, cfg.TrialNS)
		switch {
		case err != nil:
			return err
		case c.Verdict != Pass:
			return nil
		case held:
			low = middle
		default:
			high, bound = middle, c.Bound
		}
	}
	for i := 0; low > 0 && i < confirmations; i++ {
		held, err := holds(low, cfg.ConfirmNS)
		switch {
		case err != nil:
			return err
		case c.Verdict != Pass:
			return nil
		case held:
			c.SustainedFrom, c.SustainedTo, c.Bound = low, high, bound
			return nil
		}
		high, bound = low, c.Bound
		low /= 1 + cfg.Precision
	}
	c.SustainedTo, c.Bound = high, bound
	c.Verdict = Inconclusive
	c.Gates = append(c.Gates, Gate{Inconclusive, "no sustained rate", words.F(words.T("no rate was confirmed; %.4g a second was not sustained: %s", "没有速率得到确认；每秒 %.4g 次未能持续：%s"), high, bound)})
	return nil
}

// Scaling is how throughput grows with the number of shards.
type Scaling struct {
	Points []ScalingPoint `json:"points"`
	// The fit is Amdahl's: n shards come to n·One/(1+Serial·(n−1)) settlements a second.
	// Serial is the share of the work that does not divide, with a 95 % interval.
	One        float64    `json:"one_shard_per_second"`
	OneFrom    float64    `json:"one_shard_from_per_second"`
	OneTo      float64    `json:"one_shard_to_per_second"`
	Serial     float64    `json:"serial_share"`
	SerialFrom float64    `json:"serial_share_from"`
	SerialTo   float64    `json:"serial_share_to"`
	Says       words.Text `json:"says"`
	// Processors are those of the machine. A shard wants one for its writer and one
	// for its load; Short says that the most shards want more than there are, so that
	// the fit is about the machine and not about the service.
	Processors int  `json:"processors"`
	Short      bool `json:"short_of_processors"`
}

// ScalingPoint is the throughput of a number of shards, once.
type ScalingPoint struct {
	Shards int     `json:"shards"`
	Rate   float64 `json:"settlements_per_second"`
	Busy   float64 `json:"processors_busy"`
}

func measureScaling(ctx context.Context, cfg *CapacityConfig) (*Scaling, error) {
	s := &Scaling{Processors: runtime.NumCPU(), Short: 2*cfg.MostShards > runtime.NumCPU()}
	for shards := 1; shards <= cfg.MostShards; shards++ {
		with := cfg.Config
		with.Shards, with.Objectives = shards, nil
		with.Profile.ClosedLoop()
		with.Profile.ForNS, with.Profile.Operations, with.Profile.WarmUpNS = cfg.TrialNS, 0, cfg.TrialNS/5
		p, err := Prepare(with)
		if err != nil {
			return nil, err
		}
		for range max(cfg.Repeats, 1) {
			o, err := p.Run(ctx)
			if err != nil {
				return nil, err
			}
			if o.Result.Verdict == Breach {
				return nil, fmt.Errorf("%d shards: %s", shards, o.Result.Gates[0].Says.EN)
			}
			s.Points = append(s.Points, ScalingPoint{
				Shards: shards, Rate: o.Result.SettlementsPerSecond, Busy: float64(o.Result.Runtime.CPUNS) / float64(max(o.Result.Runtime.WallNS, 1)),
			})
			cfg.tell("%d shards: %.4g settlements a second", shards, o.Result.SettlementsPerSecond)
		}
	}
	s.fit()
	return s, nil
}

// fit draws the line n/rate = a + b·(n−1) through the points: One is 1/a and Serial
// b/a.
func (s *Scaling) fit() {
	n := float64(len(s.Points))
	var mx, my float64
	for _, p := range s.Points {
		mx += float64(p.Shards-1) / n
		my += float64(p.Shards) / p.Rate / n
	}
	var sxx, sxy float64
	for _, p := range s.Points {
		dx := float64(p.Shards-1) - mx
		sxx += dx * dx
		sxy += dx * (float64(p.Shards)/p.Rate - my)
	}
	if sxx == 0 || n < 4 {
		s.Says = words.T("too few points for a fit", "点数过少，不能拟合")
		return
	}
	b := sxy / sxx
	a := my - b*mx
	var rest float64
	for _, p := range s.Points {
		d := float64(p.Shards)/p.Rate - a - b*float64(p.Shards-1)
		rest += d * d
	}
	variance := rest / (n - 2)
	sa, sb := math.Sqrt(variance*(1/n+mx*mx/sxx)), math.Sqrt(variance/sxx)
	t := student975(int(n) - 2)
	s.One, s.OneFrom, s.OneTo = 1/a, 1/(a+t*sa), 1/math.Max(a-t*sa, 1e-300)
	s.Serial = b / a
	// The error of a quotient, with the covariance of slope and intercept.
	cov := -mx * variance / sxx
	se := math.Sqrt(math.Max(0, sb*sb/(a*a)+b*b*sa*sa/(a*a*a*a)-2*b*cov/(a*a*a)))
	s.SerialFrom, s.SerialTo = s.Serial-t*se, s.Serial+t*se
	s.Says = words.F(words.T("one shard %.4g settlements a second (%.4g to %.4g); %.1f %% of the work does not divide (%.1f to %.1f)",
		"单片每秒结算 %.4g 笔（%.4g 至 %.4g）；不可分的工作占 %.1f %%（%.1f 至 %.1f）"),
		s.One, s.OneFrom, s.OneTo, s.Serial*100, s.SerialFrom*100, s.SerialTo*100)
}

// student975 is the 97.5 % point of Student's t.
func student975(df int) float64 {
	table := []float64{12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131}
	if df < 1 {
		return math.Inf(1)
	}
	if df <= len(table) {
		return table[df-1]
	}
	return 1.96 + 2.5/float64(df)
}
