package sim

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
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
	facts      []profileFacts // by profile
	expiry     *expiry
	months     []monthTables
	// edges are World.Edges; those not in use no bill passes.
	edges [MaxEdges]int64
	money *clearing.Input
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
	destination  []uint32 // and what a filing for each names
	city         *draw.Slots
	casePaid     draw.Chance // of inpatient bills
	connected    [engine.NumKinds][engine.NumLevels]draw.Chance
	institutions [engine.NumKinds][engine.NumLevels]uint32
	// mean is the mean fee at the province's prices.
	mean [engine.NumKinds][engine.NumSchemes][engine.NumLevels]uint64
}

// billTables draw a bill of one kind.
type billTables struct {
	level   draw.Choice
	fee     *draw.Quantiles
	basket  draw.Choice
	baskets [][]itemTables
	stay    *draw.Slots // nil without a stay
	// payment is what a case is paid relative to its fee; nil where none is.
	payment *draw.Quantiles
}

// itemTables are one item of a basket, small enough that a basket stays in the
// first-level cache.
type itemTables struct {
	// share is that of the fee in 1/2⁶⁴, rounded up: of any fee the whole fen of it are
	// those of its basis points.
	share uint64
	// rest is all ones for the last item, which takes what the others leave.
	rest uint64
	// beforeB and beforeC are one less than the thresholds of the catalogue classes 乙
	// and 丙 for a 16-bit draw; a divided item takes mixA and mixB basis points instead.
	beforeB, beforeC uint32
	mixA, mixB       uint32
	unitPrice        int64 // fen, 0 where the bill states no price
	class            engine.FeeClass
	divide           bool
}

type behaviorTables struct {
	longTerm    draw.Choice
	temporary   [engine.NumKinds]arrivals
	fileBefore  [engine.NumKinds]draw.Chance
	claimByHand [engine.NumKinds]draw.Chance
	useAccount  [engine.NumKinds]draw.Chance
	useMutual   [engine.NumKinds]draw.Chance
	incidents   [engine.NumKinds]incidents

	commitment, fulfilled, revoked draw.Chance
}

// profileFacts are what the kernel reads of a profile.
type profileFacts struct {
	person engine.PersonType
	// longTermMask is all ones for patients who live at the place of treatment.
	longTermMask engine.FilingKind
	lateKind     engine.FilingKind // what an unfiled patient files as when told to
	// account says whether the patient has an account, an own or a relative's, and
	// mutual whether a relative's.
	account, mutual             bool
	credit, opening             money.Fen
	mutualCredit, mutualOpening money.Fen

	// What follows decides a patient's traits.
	chronic       bool
	identity      draw.Choice
	disease       draw.Choice // of the chronic
	ageFrom, ages uint32
	civilServant  draw.Chance
	supplement    draw.Chance // of either kind
}

func profileFactsOf(p *Profile) (f profileFacts, err error) {
	f = profileFacts{
		person: p.PersonType, lateKind: engine.OtherTemporary,
		credit: p.AccountCredit, opening: p.AccountOpening, mutualCredit: p.MutualCredit, mutualOpening: p.MutualOpening,
		ageFrom: uint32(p.AgeFrom), ages: uint32(p.AgeTo) - uint32(p.AgeFrom) + 1,
		civilServant: draw.ChanceOf(p.CivilServant), supplement: draw.ChanceOf(p.CivilServant + p.Enterprise),
	}
	f.mutual = f.mutualCredit|f.mutualOpening != 0
	f.account = f.mutual || f.credit|f.opening != 0
	if p.LongTerm {
		f.longTermMask, f.lateKind = 1<<8-1, engine.LongTermResident
	}
	if p.AgeTo < p.AgeFrom {
		return f, fmt.Errorf("ages from %d to %d", p.AgeFrom, p.AgeTo)
	}
	shares := p.Identity
	shares[engine.NotAided] = money.One
	for _, s := range shares[1:] {
		shares[engine.NotAided] -= s
	}
	if f.identity, err = draw.ChoiceOf(shares[:]); err != nil {
		return f, fmt.Errorf("identities: %w", err)
	}
	if f.chronic = p.Chronic; f.chronic {
		if f.disease, err = draw.ChoiceOf(p.Diseases[:]); err != nil {
			return f, fmt.Errorf("diseases: %w", err)
		}
	}
	return f, nil
}

// monthTables are what changes from month to month.
type monthTables struct {
	month  day.Month
	first  day.Day
	counts []([engine.NumKinds]draw.Counts) // by profile
	demand [][][engine.NumKinds]draw.Counts // by pool and profile; nil where travel answers to nothing
	day    [engine.NumKinds]*draw.Slots     // day of the month from 0
	outage *outageTables                    // nil where nothing is down
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
	c.money = w.clearing(&c.keys)
	for _, p := range w.Pools {
		c.provinceOf = append(c.provinceOf, p.Province)
	}
	edges := w.Edges()
	if len(edges) > MaxEdges {
		faults = append(faults, fmt.Errorf("%d edges of relief per case in the targets, at most %d", len(edges), MaxEdges))
	}
	for i := range c.edges {
		c.edges[i] = math.MaxInt64
		if i < len(edges) {
			c.edges[i] = int64(edges[i])
		}
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
	fault(w.Money.Check(len(w.Provinces)), "money")
	fault(w.Outages.check(len(w.Provinces)), "outages")
	for i := range w.Profiles {
		facts, err := profileFactsOf(&w.Profiles[i])
		fault(err, "profile %s", w.Profiles[i].Name)
		c.facts = append(c.facts, facts)
	}
	if len(w.Profiles) > 256 {
		faults = append(faults, fmt.Errorf("%d profiles, at most 256", len(w.Profiles)))
	}
	for k := range w.Season.Month {
		if len(w.Season.Month[k]) != w.WarmUp+w.Months {
			return nil, &WorldError{w.Name, fmt.Errorf("the season of kind %v has %d months, the run %d", engine.Kind(k), len(w.Season.Month[k]), w.WarmUp+w.Months)}
		}
	}
	if w.Demand.Answers() && w.Demand.Reference == nil {
		return nil, &WorldError{w.Name, errors.New("demand answers to a change and has no policies of reference")}
	}
	demand := &demandTables{of: map[string][][engine.NumKinds]draw.Counts{}, byRate: map[uint32]draw.Counts{}}
	for i := range w.WarmUp + w.Months {
		m, err := monthTablesOf(w, i, demand.counts)
		if err == nil {
			m.demand, err = demand.pools(w, i, m.counts)
		}
		fault(err, "%v", w.First+day.Month(i))
		c.months = append(c.months, m)
	}
	admitted := (w.First.First() - day.Day(len(w.Care[engine.Inpatient].Stay))).Month()
	if first, months := w.Rules.Months(); admitted < first || int(w.First-first)+len(c.months) > months {
		faults = append(faults, fmt.Errorf("the rules begin in %v and cover %d months, not the whole run from the admissions of its first stays on", first, months))
	}
	if len(faults) > 0 {
		return nil, &WorldError{w.Name, errors.Join(faults...)}
	}
	c.expiry = expiryOf(w)
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
		out.destination = append(out.destination, destination(c.Code, w.Calendar, w.First.First()))
		weights = append(weights, c.Weight)
	}
	var err error
	if out.city, err = draw.SlotsOf(weights); err != nil {
		return out, fmt.Errorf("cities: %w", err)
	}
	out.casePaid = draw.ChanceOf(p.CasePaid)
	for k := range out.connected {
		for l := range out.connected[k] {
			out.connected[k][l] = draw.ChanceOf(w.Behavior.ReachesConnected(p, engine.Kind(k), engine.Level(l)))
			out.institutions[k][l] = p.Institutions[k][l]
			for s := range out.mean[k] {
				out.mean[k][s][l] = uint64(money.ShareHalfUp(w.Care[k].Mean[s][l], p.PriceLevel))
			}
		}
	}
	return out, nil
}

func billTablesOf(c *Care) (b billTables, err error) {
	if b.level, err = draw.ChoiceOf(c.LevelWeight[:]); err != nil {
		return b, fmt.Errorf("levels: %w", err)
	}
	if b.fee, err = draw.QuantilesOf(c.Shape); err != nil {
		return b, fmt.Errorf("fee: %w", err)
	}
	if c.Stay != nil {
		if b.stay, err = draw.SlotsOf(c.Stay); err != nil {
			return b, fmt.Errorf("stay: %w", err)
		}
	}
	if c.CaseSpread != nil {
		if b.payment, err = draw.QuantilesOf(c.CaseSpread); err != nil {
			return b, fmt.Errorf("case payments: %w", err)
		}
	}
	var weights []money.BasisPoints
	for _, basket := range c.Baskets {
		weights = append(weights, basket.Weight)
		var t []itemTables
		lines, shares := 0, money.BasisPoints(0)
		for _, item := range basket.Items {
			shares += item.Share
			mix := item.Mix
			if mix[0] < 0 || mix[1] < 0 || mix[2] < 0 || mix[0]+mix[1]+mix[2] != money.One {
				return b, fmt.Errorf("basket %s: a mix of classes sums to %d, want 10000", basket.Name, mix[0]+mix[1]+mix[2])
			}
			x := itemTables{
				class: item.Class, divide: item.Divide, unitPrice: int64(item.UnitPrice),
				beforeB: uint32(draw.ChanceOf(mix[0])) - 1, beforeC: uint32(draw.ChanceOf(mix[0]+mix[1])) - 1,
				mixA: uint32(mix[0]), mixB: uint32(mix[1]),
			}
			if item.Share == money.One {
				x.rest = 1<<64 - 1
			} else {
				x.share, _ = bits.Div64(uint64(item.Share), uint64(money.One)-1, uint64(money.One))
			}
			lines++
			if item.Divide {
				lines += engine.NumCatalogueClasses - 1
			}
			t = append(t, x)
		}
		if shares != money.One {
			return b, fmt.Errorf("basket %s: shares sum to %d, want 10000", basket.Name, shares)
		}
		if lines == 0 || lines > maxLines {
			return b, fmt.Errorf("basket %s makes %d lines, want 1 to %d", basket.Name, lines, maxLines)
		}
		t[len(t)-1].rest = 1<<64 - 1
		b.baskets = append(b.baskets, t)
	}
	if b.basket, err = draw.ChoiceOf(weights); err != nil {
		return b, fmt.Errorf("baskets: %w", err)
	}
	return b, nil
}

func behaviorTablesOf(w *World) (b behaviorTables, err error) {
	v := &w.Behavior
	if b.longTerm, err = draw.ChoiceOf(v.LongTermFiling[:]); err != nil {
		return b, fmt.Errorf("long-term filing: %w", err)
	}
	b.commitment, b.fulfilled, b.revoked = draw.ChanceOf(v.Commitment), draw.ChanceOf(v.CommitmentFulfilled), draw.ChanceOf(v.Revoked)
	for k := range b.temporary {
		if b.temporary[k], err = arrivalsOf(v.TemporaryFiling[k][:], v.FilingLead); err != nil {
			return b, fmt.Errorf("temporary filing: %w", err)
		}
		b.fileBefore[k], b.claimByHand[k] = draw.ChanceOf(v.FileBeforeDischarge[k]), draw.ChanceOf(v.ClaimByHand[k])
		b.useAccount[k], b.useMutual[k] = draw.ChanceOf(v.UseAccount[k]), draw.ChanceOf(v.UseMutual[k])
		if b.incidents[k], err = incidentsOf(v, engine.Kind(k)); err != nil {
			return b, fmt.Errorf("incidents: %w", err)
		}
	}
	return b, nil
}

func monthTablesOf(w *World, i int, countsOf func(rate uint32) draw.Counts) (monthTables, error) {
	m := w.First + day.Month(i)
	t := monthTables{month: m, first: m.First(), counts: make([][engine.NumKinds]draw.Counts, len(w.Profiles))}
	for p := range w.Profiles {
		for k := range engine.NumKinds {
			rate, err := w.rate(p, i, engine.Kind(k), money.One)
			if err != nil {
				return t, err
			}
			t.counts[p][k] = countsOf(rate)
		}
	}
	t.outage = w.Outages.tablesOf(m, len(w.Provinces))
	for k := range t.day {
		weights := make([]money.BasisPoints, m.Days())
		for n := range weights {
			weights[n] = w.DayWeight(m.First()+day.Day(n), engine.Kind(k))
		}
		var err error
		if t.day[k], err = draw.SlotsOf(weights); err != nil {
			return t, err
		}
	}
	return t, nil
}

// DayWeight weighs a day within its month for a kind of care.
func (w *World) DayWeight(d day.Day, k engine.Kind) money.BasisPoints {
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
