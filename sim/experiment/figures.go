package experiment

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// Figure is one outcome of a run. Its name carries its unit: _fen, _bp (1/10 000),
// _days, or none for a count. Amounts and counts are of all patients: those of a
// sample are expanded.
type Figure struct {
	Name    string
	Section Section
	// Money figures follow from how the money moves between places; they have no
	// sampling error. Whole ones make sense for whole runs alone: the pairs of a sample
	// swing more than whole pairs.
	Money, Whole bool

	patients func(v *view) float64
	money    func(m *moneyFigures) float64
}

// Section groups figures.
type Section uint8

// The sections.
const (
	Funds Section = iota
	Patients
	Access
	Institutions
	Prepayment
)

// view is an observation without one random group, or whole, expanded to all patients
// by scheme: y_s · N_s ÷ n_s.
type view struct {
	kinds  [engine.NumSchemes][engine.NumKinds]sums
	expand [engine.NumSchemes]float64
}

func (o *Observation) view(without int) *view {
	v := &view{kinds: o.total.kinds}
	if without >= 0 {
		for s := range v.kinds {
			for k := range v.kinds[s] {
				v.kinds[s][k].add(&o.groups[without].kinds[s][k], -1)
			}
		}
	}
	for s := range v.expand {
		v.expand[s] = o.expansion(s, without)
	}
	return v
}

func (o *Observation) expansion(scheme, without int) float64 {
	n := o.simulate[scheme]
	if without >= 0 {
		n -= o.patients[without][scheme]
	}
	if n == 0 {
		return 0
	}
	return float64(o.Sample) * float64(o.simulate[scheme]) / float64(n)
}

// sum adds up a measure over schemes and kinds.
func (v *view) sum(of func(*sums) int64) (all float64) {
	for s := range v.kinds {
		all += v.scheme(engine.Scheme(s), of)
	}
	return all
}

func (v *view) scheme(s engine.Scheme, of func(*sums) int64) (all float64) {
	for k := range v.kinds[s] {
		all += float64(of(&v.kinds[s][k])) * v.expand[s]
	}
	return all
}

func (v *view) kind(k engine.Kind, of func(*sums) int64) (all float64) {
	for s := range v.kinds {
		all += float64(of(&v.kinds[s][k])) * v.expand[s]
	}
	return all
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole * float64(money.One)
}

// measure selects one sum.
func measure(i int) func(*sums) int64 { return func(s *sums) int64 { return s[i] } }

func bills(s *sums) int64 { return s[sumDirect] + s[sumRefused] }

// layerNames are the stable names of the layers.
var layerNames = [engine.NumLayers]string{"basic", "large", "major", "civil", "enterprise", "aid"}

// Figures lists all figures in the order of reports.
func Figures() []Figure { return figures }

var figures = makeFigures()

func makeFigures() (all []Figure) {
	add := func(section Section, name string, of func(v *view) float64) {
		all = append(all, Figure{Name: name, Section: section, patients: of})
	}
	add(Funds, "funds_fen", func(v *view) float64 { return v.sum((*sums).funds) })
	for i, name := range layerNames {
		add(Funds, "funds_"+name+"_fen", func(v *view) float64 { return v.sum(measure(sumLayer + i)) })
	}
	for s, name := range engine.SchemeNames {
		add(Funds, "funds_"+name+"_fen", func(v *view) float64 { return v.scheme(engine.Scheme(s), (*sums).funds) })
	}
	for k, name := range engine.KindNames {
		add(Funds, "funds_"+name+"_fen", func(v *view) float64 { return v.kind(engine.Kind(k), (*sums).funds) })
	}
	add(Funds, "funds_by_hand_fen", func(v *view) float64 { return v.sum(measure(sumManual)) })
	add(Funds, "hospitals_fen", func(v *view) float64 { return v.sum(measure(sumHospital)) })

	add(Patients, "patients_fen", func(v *view) float64 { return v.sum((*sums).borne) })
	add(Patients, "patients_share_bp", func(v *view) float64 { return share(v.sum((*sums).borne), v.sum(measure(sumFee))) })
	for s, name := range engine.SchemeNames {
		add(Patients, "patients_"+name+"_fen", func(v *view) float64 { return v.scheme(engine.Scheme(s), (*sums).borne) })
	}
	add(Patients, "patients_inpatient_fen", func(v *view) float64 { return v.kind(engine.Inpatient, (*sums).borne) })
	add(Patients, "accounts_fen", func(v *view) float64 { return v.sum(measure(sumAccount)) })
	add(Patients, "advanced_fen", func(v *view) float64 { return v.sum(measure(sumAdvanced)) })

	add(Access, "direct_rate_bp", func(v *view) float64 { return share(v.sum(measure(sumDirect)), v.sum(bills)) })
	add(Access, "direct_rate_inpatient_bp", func(v *view) float64 {
		return share(v.kind(engine.Inpatient, measure(sumDirect)), v.kind(engine.Inpatient, bills))
	})
	add(Access, "settled", func(v *view) float64 { return v.sum(measure(sumDirect)) })
	add(Access, "refused", func(v *view) float64 { return v.sum(measure(sumRefused)) })
	add(Access, "manual_claims", func(v *view) float64 { return v.sum(measure(sumByHand)) })

	moves := func(section Section, name string, whole bool, of func(m *moneyFigures) float64) {
		all = append(all, Figure{Name: name, Section: section, Money: true, Whole: whole, money: of})
	}
	moves(Institutions, "receivable_days", false, func(m *moneyFigures) float64 { return m.receivableDays })
	moves(Institutions, "transfers", true, func(m *moneyFigures) float64 { return float64(m.transfers) })
	moves(Institutions, "moved_fen", false, func(m *moneyFigures) float64 { return float64(m.moved) * m.expand })
	moves(Institutions, "institutions_late_fen", false, func(m *moneyFigures) float64 { return float64(m.institutionsLate) * m.expand })
	moves(Institutions, "clearing_late_fen", false, func(m *moneyFigures) float64 { return float64(m.clearingLate) * m.expand })
	moves(Institutions, "overdue_fen", false, func(m *moneyFigures) float64 { return float64(m.overdue) * m.expand })
	moves(Prepayment, "quota_fen", true, func(m *moneyFigures) float64 { return float64(m.quota) })
	moves(Prepayment, "yellow_alerts", true, func(m *moneyFigures) float64 { return float64(m.yellow) })
	moves(Prepayment, "red_alerts", true, func(m *moneyFigures) float64 { return float64(m.red) })
	moves(Prepayment, "top_ups", true, func(m *moneyFigures) float64 { return float64(m.topUps) })
	moves(Prepayment, "top_up_fen", true, func(m *moneyFigures) float64 { return float64(m.toppedUp) })
	moves(Prepayment, "idle_fen", true, func(m *moneyFigures) float64 { return float64(m.idle) })
	moves(Prepayment, "short_provinces", true, func(m *moneyFigures) float64 { return float64(m.shortPlaces) })
	moves(Prepayment, "short_days", true, func(m *moneyFigures) float64 { return float64(m.shortDays) })
	moves(Prepayment, "short_months_bp", true, func(m *moneyFigures) float64 { return share(float64(m.shortMonths), float64(m.months)) })
	moves(Prepayment, "own_money_fen_days", true, func(m *moneyFigures) float64 { return float64(m.ownFenDays) })
	moves(Prepayment, "deepest_fen", true, func(m *moneyFigures) float64 { return float64(m.deepest) })
	return all
}

// moneyFigures sum up how the money moved in the measured year.
type moneyFigures struct {
	expand                                      float64
	receivableDays                              float64
	transfers                                   int
	moved, institutionsLate, clearingLate       money.Fen
	overdue, quota, toppedUp, idle, deepest     money.Fen
	yellow, red, topUps                         int
	shortPlaces, shortDays, shortMonths, months int
	waitingDays                                 int
	ownFenDays                                  int64
}

// moneyOf reads them off a result; periods and alerts are those of measured months,
// days of the pots those of the measured calendar year.
func moneyOf(w *sim.World, r *sim.Result, sample uint32) *moneyFigures {
	m := &moneyFigures{expand: float64(max(1, sample))}
	from := w.First + day.Month(w.WarmUp)
	to := from + day.Month(w.Months) - 1
	measured := func(at day.Month) bool { return from <= at && at <= to }
	c := &r.Clearing
	var paid, days float64
	for i := range c.Periods {
		p := &c.Periods[i]
		if !measured(p.Month) {
			continue
		}
		m.transfers += p.Transfers
		m.moved += p.Moved
		for _, x := range p.Pairs {
			m.clearingLate += x.Late
		}
		for _, x := range p.Institutions {
			m.institutionsLate += x.Late
			paid += float64(x.Paid)
			days += float64(x.FenDays)
		}
	}
	if paid > 0 {
		m.receivableDays = days / paid
	}
	for _, x := range c.Overdue {
		m.overdue += x.Amount
	}
	for i := range r.Clearing.Pairs {
		if months := r.Clearing.Pairs[i].Months; len(months) > 0 {
			m.quota += months[len(months)-1].Quota
		}
	}
	for _, a := range r.Clearing.Alerts {
		switch {
		case !measured(a.Month):
		case a.Alert == engine.Yellow:
			m.yellow++
		case a.Alert == engine.Red:
			m.red++
		}
	}
	for _, x := range c.TopUps {
		if measured(x.Month) {
			m.topUps++
			m.toppedUp += x.Granted
		}
	}
	for i := range c.Treating {
		t := &c.Treating[i]
		m.idle += t.Idle
		short := 0
		for _, x := range t.Months {
			if !measured(x.Month) {
				continue
			}
			m.months++
			short += x.ShortDays
			m.waitingDays += x.WaitingDays
			m.ownFenDays += x.OwnFenDays
			m.deepest = max(m.deepest, x.Depth)
			if x.ShortDays > 0 || x.WaitingDays > 0 {
				m.shortMonths++
			}
		}
		m.shortDays += short
		if short > 0 {
			m.shortPlaces++
		}
	}
	return m
}
