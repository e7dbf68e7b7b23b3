package sim

import (
	"errors"
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// compiled is a World turned into the tables that the months run on. It is
// read-only once built and shared by all workers.
type compiled struct {
	world *World
	keys  keys
	shape engine.Shape
	// provinceOf is the province of each pool.
	provinceOf []uint8
	profileOf  [engine.NumSchemes]schemeProfiles
	places     []place
	bills      [engine.NumKinds]billTables
	behavior   behaviorTables
	months     []monthTables
}

// schemeProfiles draws a patient's profile within a scheme.
type schemeProfiles struct {
	upTo  []uint64 // cumulative, in 1/2³²
	index []uint8  // in World.Profiles
}

func (p *schemeProfiles) pick(draw uint32) uint8 {
	i := 0
	for uint64(draw) >= p.upTo[i] {
		i++
	}
	return p.index[i]
}

// place is a province as place of treatment.
type place struct {
	area         []uint32 // division codes of its cities
	city         *slots
	connected    [engine.NumKinds][engine.NumLevels]chance
	institutions [engine.NumKinds][engine.NumLevels]uint32
	// mean is the mean fee at the province's prices.
	mean [engine.NumKinds][engine.NumSchemes][engine.NumLevels]uint64
}

// billTables draw a bill of one kind.
type billTables struct {
	level   choice
	fee     *quantiles
	basket  choice
	baskets []basketTables
	stay    *slots // nil without a stay
}

type basketTables struct{ items []itemTables }

// itemTables are one item of a basket, small enough that a basket stays in the
// first-level cache.
type itemTables struct {
	share uint64 // basis points of the fee
	// rest is all ones for the last item, which takes what the others leave.
	rest uint64
	// fromB and fromC are the thresholds of the catalogue classes 乙 and 丙 for a
	// 16-bit draw; a divided item takes mixA and mixB basis points instead.
	fromB, fromC uint32
	mixA, mixB   uint32
	unitPrice    int64 // fen, 0 where the bill states no price
	class        engine.FeeClass
	divide       bool
}

type behaviorTables struct {
	longTerm   choice
	temporary  [engine.NumKinds]choice
	fileBefore [engine.NumKinds]chance
	useAccount [engine.NumKinds]chance
	// incident picks among the incidents with a draw below eventful.
	incident [engine.NumKinds]choice
	eventful [engine.NumKinds]uint32
	identity []choice // by profile
}

// incident is something out of the ordinary about a visit. The incidents are
// rare, so one visit has at most one.
type incident = int

const (
	suspension   incident = iota // enrolment suspended (X30)
	reversal                     // settled and taken back (X7)
	thirdParty                   // an injury that somebody else is liable for (C9)
	noLetter                     // an injury without the signed letter (C9)
	injury                       // an injury with it
	nothing                      // the ordinary visit
	numIncidents = 6
)

// incidentFlags are what the bill says of an incident.
var incidentFlags = [numIncidents]engine.Flags{
	suspension: engine.FlagSuspended,
	thirdParty: engine.FlagInjury | engine.FlagThirdParty,
	noLetter:   engine.FlagInjury,
	injury:     engine.FlagInjury | engine.FlagInjuryLetter,
}

// incidentsOf weighs the incidents of a visit of one kind in 1/10⁸.
func incidentsOf(b *Behavior, kind engine.Kind) (choice, error) {
	const whole = int64(money.One) * int64(money.One)
	var w [numIncidents]int64
	w[suspension] = int64(b.Suspended) * int64(money.One)
	w[reversal] = int64(b.Reversed[kind]) * int64(money.One)
	w[thirdParty] = int64(b.Injury) * int64(b.ThirdParty)
	harmless := int64(b.Injury) * int64(money.One-b.ThirdParty)
	w[noLetter] = harmless / int64(money.One) * int64(b.NoLetter)
	w[injury] = harmless - w[noLetter]
	w[nothing] = whole - w[suspension] - w[reversal] - w[thirdParty] - harmless
	return choiceOf(w[:])
}

// monthTables are what changes from month to month.
type monthTables struct {
	month  day.Month
	first  day.Day
	counts []([engine.NumKinds]counts) // by profile
	day    [engine.NumKinds]*slots     // day of the month from 0
}

// compile checks a world and builds its tables; all faults come at once.
func compile(w *World, seed uint64) (*compiled, error) {
	c := &compiled{world: w, keys: keysOf(seed), shape: engine.Shape{Pools: len(w.Pools), Provinces: len(w.Provinces)}}
	var faults []error
	fault := func(err error, format string, args ...any) {
		if err != nil {
			faults = append(faults, fmt.Errorf(format+": %w", append(args, err)...))
		}
	}
	for _, p := range w.Pools {
		c.provinceOf = append(c.provinceOf, p.Province)
	}
	for s := range c.profileOf {
		fault(c.profileOf[s].build(w.Profiles, engine.Scheme(s)), "profiles of scheme %d", s)
	}
	for i := range w.Provinces {
		p, err := placeOf(w, &w.Provinces[i])
		fault(err, "province %d", w.Provinces[i].Code)
		c.places = append(c.places, p)
	}
	for k := range c.bills {
		var err error
		c.bills[k], err = billTablesOf(&w.Care[k])
		fault(err, "care of kind %d", k)
	}
	var err error
	c.behavior, err = behaviorTablesOf(w)
	fault(err, "behavior")
	if len(w.Profiles) > 256 {
		faults = append(faults, fmt.Errorf("%d profiles, at most 256", len(w.Profiles)))
	}
	for k := range w.Season.Month {
		if len(w.Season.Month[k]) != w.WarmUp+w.Months {
			return nil, &WorldError{w.Name, fmt.Errorf("the season of kind %v has %d months, the run %d", engine.Kind(k), len(w.Season.Month[k]), w.WarmUp+w.Months)}
		}
	}
	for i := range w.WarmUp + w.Months {
		m, err := monthTablesOf(w, i)
		fault(err, "%v", w.First+day.Month(i))
		c.months = append(c.months, m)
	}
	if first, months := w.Rules.Months(); w.First < first || int(w.First-first)+len(c.months) > months {
		faults = append(faults, fmt.Errorf("the rules begin in %v and cover %d months, not the whole run", first, months))
	}
	if len(faults) > 0 {
		return nil, &WorldError{w.Name, errors.Join(faults...)}
	}
	return c, nil
}

// WorldError says why a world cannot be run: the fault is in what was asked for.
type WorldError struct {
	World string
	Err   error
}

// Error names the scenario and every fault.
func (e *WorldError) Error() string {
	return fmt.Sprintf("the scenario %s cannot be run: %v", e.World, e.Err)
}

// Unwrap returns the faults.
func (e *WorldError) Unwrap() error { return e.Err }

func (p *schemeProfiles) build(profiles []Profile, scheme engine.Scheme) error {
	var sum, run uint64
	for i := range profiles {
		if profiles[i].Scheme == scheme {
			sum += uint64(profiles[i].Weight)
		}
	}
	if sum == 0 {
		return errors.New("weights sum to 0")
	}
	for i := range profiles {
		if profiles[i].Scheme == scheme {
			run += uint64(profiles[i].Weight)
			p.upTo = append(p.upTo, run<<32/sum)
			p.index = append(p.index, uint8(i))
		}
	}
	return nil
}

func placeOf(w *World, p *Province) (place, error) {
	var out place
	var weights []money.BasisPoints
	for _, c := range p.Cities {
		out.area = append(out.area, c.Code)
		weights = append(weights, c.Weight)
	}
	var err error
	if out.city, err = slotsOf(weights); err != nil {
		return out, fmt.Errorf("cities: %w", err)
	}
	for k := range out.connected {
		for l := range out.connected[k] {
			out.connected[k][l] = chanceOf(w.Behavior.Meets(p, engine.Kind(k), engine.Level(l)))
			out.institutions[k][l] = p.Institutions[k][l]
			for s := range out.mean[k] {
				out.mean[k][s][l] = uint64(money.ShareHalfUp(w.Care[k].Mean[s][l], p.PriceLevel))
			}
		}
	}
	return out, nil
}

func billTablesOf(c *Care) (b billTables, err error) {
	if b.level, err = choiceOf(c.LevelWeight[:]); err != nil {
		return b, fmt.Errorf("levels: %w", err)
	}
	if b.fee, err = quantilesOf(c.Shape); err != nil {
		return b, fmt.Errorf("fee: %w", err)
	}
	if c.Stay != nil {
		if b.stay, err = slotsOf(c.Stay); err != nil {
			return b, fmt.Errorf("stay: %w", err)
		}
	}
	var weights []money.BasisPoints
	for _, basket := range c.Baskets {
		weights = append(weights, basket.Weight)
		var t basketTables
		lines, shares := 0, money.BasisPoints(0)
		for _, item := range basket.Items {
			shares += item.Share
			mix := item.Mix
			if mix[0] < 0 || mix[1] < 0 || mix[2] < 0 || mix[0]+mix[1]+mix[2] != money.One {
				return b, fmt.Errorf("basket %s: a mix of classes sums to %d, want 10000", basket.Name, mix[0]+mix[1]+mix[2])
			}
			x := itemTables{
				share: uint64(item.Share), class: item.Class, divide: item.Divide, unitPrice: int64(item.UnitPrice),
				fromB: uint32(chanceOf(mix[0])), fromC: uint32(chanceOf(mix[0] + mix[1])),
				mixA: uint32(mix[0]), mixB: uint32(mix[1]),
			}
			lines++
			if item.Divide {
				lines += engine.NumCatalogueClasses - 1
			}
			t.items = append(t.items, x)
		}
		if shares != money.One {
			return b, fmt.Errorf("basket %s: shares sum to %d, want 10000", basket.Name, shares)
		}
		if lines == 0 || lines > maxLines {
			return b, fmt.Errorf("basket %s makes %d lines, want 1 to %d", basket.Name, lines, maxLines)
		}
		t.items[len(t.items)-1].rest = 1<<64 - 1
		b.baskets = append(b.baskets, t)
	}
	if b.basket, err = choiceOf(weights); err != nil {
		return b, fmt.Errorf("baskets: %w", err)
	}
	return b, nil
}

func behaviorTablesOf(w *World) (b behaviorTables, err error) {
	v := &w.Behavior
	if b.longTerm, err = choiceOf(v.LongTermFiling[:]); err != nil {
		return b, fmt.Errorf("long-term filing: %w", err)
	}
	for k := range b.temporary {
		if b.temporary[k], err = choiceOf(v.TemporaryFiling[k][:]); err != nil {
			return b, fmt.Errorf("temporary filing: %w", err)
		}
		b.fileBefore[k] = chanceOf(v.FileBeforeDischarge[k])
		b.useAccount[k] = chanceOf(v.UseAccount[k])
		if b.incident[k], err = incidentsOf(v, engine.Kind(k)); err != nil {
			return b, fmt.Errorf("incidents: %w", err)
		}
		for draw := uint32(0); draw < 1<<16 && b.incident[k].pick(draw) != nothing; draw++ {
			b.eventful[k] = draw + 1
		}
	}
	for i := range w.Profiles {
		shares := w.Profiles[i].Identity
		shares[engine.NotAided] = money.One
		for _, s := range shares[1:] {
			shares[engine.NotAided] -= s
		}
		c, err := choiceOf(shares[:])
		if err != nil {
			return b, fmt.Errorf("identities of profile %s: %w", w.Profiles[i].Name, err)
		}
		b.identity = append(b.identity, c)
	}
	return b, nil
}

func monthTablesOf(w *World, i int) (monthTables, error) {
	m := w.First + day.Month(i)
	t := monthTables{month: m, first: m.First(), counts: make([][engine.NumKinds]counts, len(w.Profiles))}
	for p := range w.Profiles {
		for k := range engine.NumKinds {
			rate := uint64(w.Profiles[p].Rate[k]) * uint64(w.Season.Month[k][i]) / uint64(money.One)
			if rate > MaxRate {
				return t, fmt.Errorf("profile %s: a rate of %d.%06d episodes of kind %v in the month; at most %d are simulated", w.Profiles[p].Name, rate/1_000_000, rate%1_000_000, engine.Kind(k), MaxRate/1_000_000)
			}
			t.counts[p][k] = countsOf(uint32(rate))
		}
	}
	for k := range t.day {
		weights := make([]money.BasisPoints, m.Days())
		for n := range weights {
			weights[n] = w.dayWeight(m.First()+day.Day(n), engine.Kind(k))
		}
		var err error
		if t.day[k], err = slotsOf(weights); err != nil {
			return t, err
		}
	}
	return t, nil
}

// dayWeight weighs a day within its month.
func (w *World) dayWeight(d day.Day, k engine.Kind) money.BasisPoints {
	if special, ok := w.Season.Special[d]; ok {
		return special[k]
	}
	switch {
	case w.Calendar.Holiday(d):
		return w.Season.Holiday[k]
	case d.Weekday() >= 5 && w.Calendar.Working(d):
		return w.Season.WorkedWeekend[k]
	}
	return w.Season.Weekday[k][d.Weekday()]
}
