package audit_test

import (
	"fmt"
	"math/rand/v2"

	"kuasheng/engine"
	"kuasheng/engine/audit"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// A world is what a story happens in: the policies of two pools and the catalogues of
// three provinces, month by month over two turns of the year.
type world struct {
	*rand.Rand
	size      money.Fen // the order of magnitude of its amounts
	odd       bool      // policies beyond the regulation's bounds
	hospitals bool      // many of them, each with a deductible of its own
	stays     bool      // one person's, many of them
	turn      int       // the month in which all policies change
	restless  bool      // rules change in other months too
	// plain are pools without any rule that looks beyond a person's sums of the year.
	plain [pools]bool

	terms      [months][pools][engine.NumSchemes]engine.Terms
	catalogues [months][provinces]engine.Catalogue
	rules      *engine.Rules
}

const (
	pools     = 2
	provinces = 3
	months    = 15 // to January 2025
)

var (
	firstMonth = day.MonthOf(2023, 11)
	// The pools lie in the first two provinces; nobody is insured in the third.
	provinceOf = []uint8{0, 1}
)

func newWorld(rng *rand.Rand) *world {
	w := &world{Rand: rng}
	w.size = []money.Fen{30, 3_000, 300_000, 30_000_000, 30_000_000, 2 * engine.MaxFee}[w.IntN(6)]
	w.odd, w.hospitals, w.stays, w.restless = w.chance(2), w.chance(6), w.chance(10), w.chance(3)
	w.turn = w.IntN(months)
	for p := range w.plain {
		w.plain[p] = w.chance(4)
	}
	w.rules = engine.NewRules(firstMonth, months, pools, provinces)
	for m := range months {
		fresh := m == 0 || m == w.turn
		for p := range pools {
			for x := range engine.NumSchemes {
				t := &w.terms[m][p][x]
				switch {
				case fresh:
					*t = w.drawTerms(p)
				case w.restless && w.chance(3):
					*t = w.terms[m-1][p][x]
					w.drawRules(t, p)
				default:
					*t = w.terms[m-1][p][x]
				}
				w.mustBeLawful(t)
				w.rules.SetTerms(firstMonth+day.Month(m), firstMonth+day.Month(m), p, engine.Scheme(x), t)
			}
		}
		for p := range provinces {
			if fresh || w.restless && w.chance(3) {
				w.catalogues[m][p] = w.drawCatalogue()
			} else {
				w.catalogues[m][p] = w.catalogues[m-1][p]
			}
			w.rules.SetCatalogue(firstMonth+day.Month(m), firstMonth+day.Month(m), p, &w.catalogues[m][p])
		}
	}
	if faults := w.rules.Seal(); faults != nil {
		panic(faults)
	}
	return w
}

// monthAt is the index of a day's month, −1 where the world knows none.
func monthAt(d day.Day) int {
	if m := int(d.Month() - firstMonth); m >= 0 && m < months {
		return m
	}
	return -1
}

// policyOf is what is on file about a bill.
func (w *world) policyOf(c *engine.Claim) audit.Policy {
	return audit.Policy{
		Terms: func(on day.Day) *engine.Terms {
			if m := monthAt(on); m >= 0 {
				return &w.terms[m][c.Pool][c.Scheme]
			}
			return nil
		},
		Catalogue: func(on day.Day) *engine.Catalogue {
			if m := monthAt(on); m >= 0 {
				return &w.catalogues[m][c.Treating]
			}
			return nil
		},
		SameProvince: provinceOf[c.Pool] == c.Treating,
	}
}

func (w *world) termsOf(c *engine.Claim) *engine.Terms { return w.policyOf(c).Terms(c.SettleDay) }

// chance is true once in n times.
func (w *world) chance(n int) bool { return w.IntN(n) == 0 }

func pick[T any](w *world, from ...T) T { return from[w.IntN(len(from))] }

// amount is one of the world's size, often a small or a round one.
func (w *world) amount(most money.Fen) money.Fen {
	switch most = max(1, most); w.IntN(4) {
	case 0:
		return money.Fen(w.Int64N(min(20, int64(most)) + 1))
	case 1:
		return most / 100 * money.Fen(w.IntN(101))
	}
	return money.Fen(w.Int64N(int64(most) + 1))
}

func (w *world) ratio() money.BasisPoints {
	switch w.IntN(3) {
	case 0:
		return pick(w, money.BasisPoints(0), 1, 500, 3333, 5000, 6500, 8500, 9999, money.One)
	case 1:
		return money.BasisPoints(100 * w.IntN(101))
	}
	return money.BasisPoints(w.IntN(10_001))
}

// kinds is a set of kinds of care, half the time inpatients only.
func (w *world) kinds() engine.KindSet {
	return pick(w, engine.InpatientOnly, engine.KindSet(w.IntN(1<<engine.NumKinds)))
}

// tops are bracket edges that rise from an amount, one fen apart at times.
func (w *world) tops(low money.Fen) (tops [engine.NumBrackets - 1]money.Fen) {
	for i := range w.IntN(len(tops) + 1) {
		low += 1 + w.amount(w.size/4)
		tops[i] = low
	}
	return tops
}

func (w *world) drawTerms(pool int) engine.Terms {
	t := engine.NewTerms()
	t.OneStop, t.UnfiledDirect = !w.chance(4), w.chance(5)
	t.Ceiling = max(w.amount(w.size*2), w.amount(w.size))
	if w.odd {
		for k := range t.Drop {
			t.Drop[k] = w.ratio()
		}
	} else {
		within := func(most int) money.BasisPoints { return money.BasisPoints(pick(w, 0, most, w.IntN(most+1))) }
		t.Drop[engine.Referral], t.Drop[engine.Emergency] = within(1000), within(1000)
		t.Drop[engine.OtherTemporary], t.Drop[engine.Unfiled] = within(2000), within(2000)
	}
	for k := range t.Benefits {
		w.drawBenefit(&t.Benefits[k])
	}
	t.Large = engine.Large{Kinds: w.kinds(), Ratio: w.ratio(), Ceiling: w.amount(w.size * 2)}
	if !w.chance(3) {
		t.Major.Kinds = w.kinds()
		t.Major.Start = w.amount(w.size / 4)
		t.Major.Top = w.tops(t.Major.Start)
		for i := range t.Major.Ratio {
			t.Major.Ratio[i] = w.ratio()
		}
		if w.chance(2) {
			t.Major.Ceiling = 1 + w.amount(w.size)
		}
	}
	t.Civil = engine.Supplement{Kinds: w.kinds(), Ratio: w.ratio(), Ceiling: w.amount(w.size)}
	t.Enterprise = engine.Supplement{Kinds: w.kinds(), Ratio: w.ratio(), Ceiling: w.amount(w.size / 2)}
	t.Aid.Kinds, t.Aid.Ceiling = w.kinds(), w.amount(w.size)
	for i := range t.Aid.Ratio {
		t.Aid.Ratio[i] = w.ratio() // of NotAided too, which is not asked
	}
	w.drawRules(&t, pool)
	return t
}

// drawBenefit draws the amounts and ratios of a kind of care.
func (w *world) drawBenefit(b *engine.Benefit) {
	b.LaterFen, b.LaterFloor = w.amount(w.size/16), w.amount(w.size/16)
	b.BracketTop = w.tops(0)
	b.DropApplies = !w.chance(3)
	if w.chance(3) {
		b.Ceiling = 1 + w.amount(w.size)
	}
	if w.chance(2) {
		b.SeniorAge = uint8(pick(w, 60, 60, 1+w.IntN(100)))
		b.SeniorPoints = money.BasisPoints(pick(w, 0, 1, 200, 500, w.IntN(1500)))
	}
	deductible := w.amount(w.size / 8)
	var ratios [engine.NumBrackets]money.BasisPoints
	for i := range ratios {
		ratios[i] = w.ratio()
		if !w.odd {
			ratios[i] = money.BasisPoints(5000 + 50*w.IntN(96))
		}
		ratios[i] = min(ratios[i], money.One-b.SeniorPoints)
	}
	for p := range b.Deductible {
		for l := range b.Deductible[p] {
			b.Deductible[p][l] = deductible + money.Fen(w.IntN(3)*p+w.IntN(3)*l)
			if w.chance(4) {
				b.Deductible[p][l] = w.amount(w.size / 8)
			}
			if w.odd && w.chance(8) {
				continue // the fund pays nothing at this level
			}
			for i, r := range ratios {
				b.Ratio[p][l][i] = max(0, r-money.BasisPoints(100*l))
			}
		}
	}
}

// drawRules draws what has no amount: over what deductibles run, which stays are merged or
// divided, who may file, where a filing is valid.
func (w *world) drawRules(t *engine.Terms, pool int) {
	for k := range t.Benefits {
		b := &t.Benefits[k]
		b.Mode = engine.DeductibleMode(w.IntN(engine.NumDeductibleModes))
		switch {
		case w.hospitals && !w.chance(4):
			b.Mode = engine.PerHospital
		case k == int(engine.Inpatient) && w.chance(2):
			b.Mode = engine.PerVisit
		}
		b.Later = engine.LaterRule(w.IntN(5))
		b.Merge = engine.MergeRule(w.IntN(4))
		if w.plain[pool] || w.chance(6) {
			b.Merge = engine.MergeNone
			b.Mode = engine.DeductibleMode(w.IntN(int(engine.PerHospital)))
		}
	}
	t.Benefits[engine.Pharmacy].Mode = t.Benefits[engine.Outpatient].Mode
	t.CrossYear = pick(w, engine.CrossWhole, engine.CrossByDay, engine.CrossByDay)
	if w.plain[pool] {
		t.CrossYear = engine.CrossWhole
	}
	t.Diseases = pick(w, engine.AllDiseases, engine.DiseaseSet(w.IntN(1<<engine.NumDiseases)))
	t.Filing = pick(w, engine.FilingRule2023, engine.FilingRule2023, engine.FilingRule2023, engine.FilingRule2019)
	t.Filing.InForce = engine.InForce(w.IntN(3))
	if t.Filing.HomeReturn != engine.HomeNone {
		t.Filing.HomeReturn = pick(w, engine.HomeAsReferral, engine.HomeLocal)
	}
	if w.odd && w.chance(3) {
		t.Filing.Kinds = engine.FilingKinds(w.IntN(1<<engine.NumFilingKinds)) &^ 1 // never Unfiled
		t.Filing.HomeReturn = engine.HomeReturn(w.IntN(3))
	}
}

// mustBeLawful: a story's policy makes sense, and keeps the bounds of its time unless it is
// a story of odd ones.
func (w *world) mustBeLawful(t *engine.Terms) {
	bounds := engine.Bounds2023
	if t.Filing.Kinds == engine.Kinds2019 {
		bounds = engine.Bounds2019
	}
	if faults := t.Sense(); faults != nil {
		panic(fmt.Sprintf("the story's policy makes no sense: %v", faults))
	}
	if faults := t.Lawful(bounds); !w.odd && faults != nil {
		panic(fmt.Sprintf("the story's regular policy breaks the bounds: %v", faults))
	}
}

func (w *world) drawCatalogue() (c engine.Catalogue) {
	for class := range c.PreSelfPay {
		c.PreSelfPay[class] = w.ratio()
		for l := range c.Limit[class] {
			if w.chance(3) {
				c.Limit[class][l] = w.price()
			}
		}
	}
	c.Case = engine.CaseMode(w.IntN(3))
	return c
}

func (w *world) price() money.Micro {
	switch w.IntN(8) {
	case 0:
		return engine.NoLimit + money.Micro(w.IntN(3)-1)
	case 1:
		return money.Micro(w.IntN(10))
	}
	return money.Micro(w.IntN(100_000_000))
}

// around is a day at, one before or one after another.
func (w *world) around(d day.Day) day.Day { return d + day.Day(w.IntN(3)-1) }
