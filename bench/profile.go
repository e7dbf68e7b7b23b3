package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/sim"
)

// Profile is everything that decides what a service is asked, and when. It goes into
// the result in full.
type Profile struct {
	Name  string `json:"name"`
	About string `json:"about"`
	// AboutZH is About in Chinese.
	AboutZH string `json:"about_zh"`
	// Arrivals is the kind of schedule: constant, ramp, diurnal, festival, replay, or
	// max for a closed loop. Rate is the mean in operations a second, RateTo where a
	// ramp ends.
	Arrivals string  `json:"arrivals"`
	Rate     float64 `json:"rate_per_second,omitempty"`
	RateTo   float64 `json:"rate_to_per_second,omitempty"`
	ForNS    int64   `json:"for_ns,omitempty"`
	// Operations ends a closed loop by number, so that two builds are asked the same.
	Operations int64 `json:"operations,omitempty"`
	// Spacing is poisson or even.
	Spacing string `json:"spacing,omitempty"`
	// Times are those of a replay, Recorded the file's name.
	Times    []int64 `json:"-"`
	Recorded string  `json:"recorded,omitempty"`

	// Month and Weekday (monday …, empty is any) choose bills of the simulated year;
	// Bills is how many are drawn, and Copies how many times over there are people.
	Month   string `json:"month"`
	Weekday string `json:"weekday,omitempty"`
	Bills   int    `json:"bills"`
	Copies  int    `json:"copies"`
	// Lines makes every bill so many lines long, 0 as it comes: for a figure that holds
	// for a stated length.
	Lines int `json:"lines,omitempty"`
	// Hot is the insured province that brings the share HotShare of the bills and has
	// a shard for itself and its neighbours by number.
	Hot      uint32  `json:"hot,omitempty"`
	HotShare float64 `json:"hot_share,omitempty"`
	Mix      Mix     `json:"mix"`
	// SettledOnly leaves out admissions and what the rules refuse.
	SettledOnly bool `json:"settled_only,omitempty"`
	Sources     int  `json:"sources"`
	// Clearing runs the month's clearing of the nation beside the load.
	Clearing bool `json:"clearing"`

	Batch            int        `json:"batch"`
	InFlight         int        `json:"in_flight"`
	Late             LatePolicy `json:"late"`
	WarmUpNS         int64      `json:"warm_up_ns"`
	WarmUpOperations int64      `json:"warm_up_operations"`
}

// The kinds of arrivals.
const (
	ArriveConstant = "constant"
	ArriveRamp     = "ramp"
	ArriveDiurnal  = "diurnal"
	ArriveFestival = "festival"
	ArriveReplay   = "replay"
	ArriveMax      = "max"
)

// The spacings of arrivals.
const (
	SpacePoisson = "poisson"
	SpaceEven    = "even"
)

// ordinary is what the profiles have in common. One bill in fifty is reversed, one
// request in two hundred comes twice, one in five hundred is taken back: synthetic.
func ordinary(name, about, aboutZH string) Profile {
	return Profile{
		Name: name, About: about, AboutZH: aboutZH, Arrivals: ArriveDiurnal, Spacing: SpacePoisson, ForNS: 30e9,
		Month: "2024-03", Bills: 200_000, Copies: 4, Sources: 1024,
		Mix:   Mix{Reversed: 0.02, Repeated: 0.005, TakenBack: 0.002},
		Batch: 256, InFlight: 64, Late: Wait, WarmUpNS: 2e9, WarmUpOperations: 10_000,
	}
}

// Profiles are the loads known by name. The rates are synthetic: a mean day of 2024
// has 650 000 settlements, a busy Monday some 1.3 million; squeezed into half a
// minute they come as below.
func Profiles() []Profile {
	quiet := ordinary("quiet-day", "a Sunday of the whole nation, squeezed into a moment", "全国的一个星期日，压缩到片刻")
	quiet.Rate, quiet.Weekday = 12_000, "sunday"
	peak := ordinary("peak-monday", "a Monday of the whole nation with its morning peak, squeezed into a moment", "全国的一个星期一及其早高峰，压缩到片刻")
	peak.Rate, peak.Weekday = 45_000, "monday"
	end := ordinary("month-end", "an even load while the month of the whole nation is cleared beside it, ten times a second", "恒定负载，同时每秒十次清算全国当月账目")
	end.Arrivals, end.Rate, end.Clearing = ArriveConstant, 30_000, true
	spring := ordinary("spring-festival", "sixteen days around spring festival: the rush before, the holiday, the return", "春节前后十六天：节前高峰、假期与返程")
	spring.Arrivals, spring.Rate, spring.Month = ArriveFestival, 30_000, "2024-02"
	hot := ordinary("hot-province", "half of all bills from one insured province, its pools in one shard", "半数单据来自同一参保省，其统筹区同在一个分片")
	hot.Arrivals, hot.Rate, hot.Hot, hot.HotShare = ArriveConstant, 30_000, 340000, 0.5
	cold := ordinary("cold-start", "full load from the first moment on a service just begun, nothing left out as warm-up", "服务刚启动即满载，不剔除预热")
	cold.Arrivals, cold.Rate, cold.ForNS, cold.WarmUpNS, cold.WarmUpOperations = ArriveConstant, 30_000, 10e9, 0, 0
	return []Profile{quiet, peak, end, spring, hot, cold}
}

// FindProfile returns a profile by its name.
func FindProfile(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// ClosedLoop makes the profile send as fast as answers come.
func (p *Profile) ClosedLoop() { p.Arrivals, p.Rate, p.RateTo, p.Spacing = ArriveMax, 0, 0, "" }

// Planned is about how many operations the profile plans, 0 where a time ends it.
func (p *Profile) Planned() int64 {
	switch p.Arrivals {
	case ArriveMax:
		return p.Operations
	case ArriveReplay:
		return int64(len(p.Times))
	case ArriveRamp:
		return int64((p.Rate + p.RateTo) / 2 * float64(p.ForNS) / 1e9)
	}
	return int64(p.Rate * float64(p.ForNS) / 1e9)
}

// weekdays are as day.Day.Weekday counts them.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// times makes the planned times, nil for a closed loop.
func (p *Profile) times(seed uint64) ([]int64, error) {
	var s Shape
	switch p.Arrivals {
	case ArriveMax:
		return nil, nil
	case ArriveReplay:
		if len(p.Times) > mostOperations {
			return nil, fmt.Errorf("%d operations, more than the %d that are kept in memory", len(p.Times), mostOperations)
		}
		return p.Times, nil
	case ArriveConstant:
		s = Constant(p.Rate, p.ForNS)
	case ArriveRamp:
		s = Ramp(p.Rate, p.RateTo, p.ForNS)
	case ArriveDiurnal:
		s = Diurnal(p.Rate, p.ForNS)
	case ArriveFestival:
		s = Festival(p.Rate, p.ForNS)
	default:
		return nil, fmt.Errorf("arrivals %q are none of constant, ramp, diurnal, festival, replay, max", p.Arrivals)
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	times := s.Even
	if p.Spacing == SpacePoisson {
		times = func() []int64 { return s.Poisson(seed) }
	}
	all := times()
	if len(all) == 0 {
		return nil, fmt.Errorf("no operation falls into %v", time.Duration(p.ForNS))
	}
	return all, nil
}

// changing reports whether the load is meant to change over time.
func (p *Profile) changing() bool {
	return p.Arrivals != ArriveConstant && p.Arrivals != ArriveMax
}

// bills draws the bills that the profile asks for.
func (p *Profile) bills(w *sim.World, seed uint64) (*sim.Bills, error) {
	first, err := day.ParseMonth(p.Month)
	if err != nil {
		return nil, err
	}
	month := int(first - w.First)
	if month < 0 || month >= w.WarmUp+w.Months {
		return nil, fmt.Errorf("month %s is not among the months %v to %v of the scenario", p.Month, w.First, w.First+day.Month(w.WarmUp+w.Months)-1)
	}
	bills, err := sim.BillsOf(w, seed, month, p.Bills)
	if err != nil {
		return nil, err
	}
	if len(bills.Claims) > p.Bills && p.Weekday == "" && p.Hot == 0 {
		bills.Claims = bills.Claims[:p.Bills]
	}
	if p.Weekday != "" {
		weekday := -1
		for i, name := range weekdays {
			if name == strings.ToLower(p.Weekday) {
				weekday = i
			}
		}
		if weekday < 0 {
			return nil, fmt.Errorf("%q is no day of the week", p.Weekday)
		}
		bills = only(bills, func(c *engine.Claim) bool { return c.SettleDay.Weekday() == weekday })
	}
	if p.Lines > 0 {
		bills = relined(bills, p.Lines)
	}
	if p.Hot != 0 {
		if bills, err = p.heat(w, bills); err != nil {
			return nil, err
		}
	}
	if len(bills.Claims) == 0 {
		return nil, fmt.Errorf("no bill of %s is left by the profile's choice", p.Month)
	}
	return bills, nil
}

// relined gives every bill n lines: its own over and over, or the first of them. What
// it costs changes with them.
func relined(b *sim.Bills, n int) *sim.Bills {
	other := *b
	other.Claims, other.Lines = slices.Clone(b.Claims), make([]engine.Line, 0, n*len(b.Claims))
	for i := range other.Claims {
		c := &other.Claims[i]
		own := c.LinesOf(b.Lines)
		c.FirstLine, c.Lines = uint32(len(other.Lines)), uint16(n)
		for j := range n {
			other.Lines = append(other.Lines, own[j%len(own)])
		}
	}
	return &other
}

// heat leaves out bills of other provinces until the hot one has its share.
func (p *Profile) heat(w *sim.World, b *sim.Bills) (*sim.Bills, error) {
	hot := -1
	for i := range w.Provinces {
		if w.Provinces[i].Code == p.Hot {
			hot = i
		}
	}
	if hot < 0 || p.HotShare <= 0 || p.HotShare >= 1 {
		return nil, fmt.Errorf("hot province %d with share %v: no such province, or no share between 0 and 1", p.Hot, p.HotShare)
	}
	ofHot := 0
	for i := range b.Claims {
		if int(b.ProvinceOf[b.Claims[i].Pool]) == hot {
			ofHot++
		}
	}
	others := len(b.Claims) - ofHot
	keep := min(others, int(float64(ofHot)*(1-p.HotShare)/p.HotShare))
	seen := 0
	return only(b, func(c *engine.Claim) bool {
		if int(b.ProvinceOf[c.Pool]) == hot {
			return true
		}
		// Evenly among the others: the k-th stays where k·keep/others passes a whole number.
		seen++
		return seen*keep/others != (seen-1)*keep/others
	}), nil
}
