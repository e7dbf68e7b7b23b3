package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/draw"
)

// smallWorld is a made-up country of four provinces with two pools each, small
// enough to run in a test and with every rule in use.
func smallWorld(patients uint32) *World {
	const provinces, perProvince = 4, 2
	w := &World{Name: "small", First: day.MonthOf(2023, 10), WarmUp: 3, Months: 12}
	codes := [provinces]uint32{110000, 310000, 340000, 460000}
	for i, code := range codes {
		p := Province{Code: code, NameZH: "甲乙丙丁"[3*i : 3*i+3], NameEN: string(rune('A' + i)), PriceLevel: money.BasisPoints(9000 + 700*i),
			Cities: []City{{code + 100, 6000}, {code + 200, 4000}}, CasePaid: money.BasisPoints(3000 * i)}
		for k := range p.Connected {
			for l := range p.Connected[k] {
				p.Connected[k][l], p.Institutions[k][l] = 9200, 40
			}
		}
		w.Provinces = append(w.Provinces, p)
		for n := range perProvince {
			w.Pools = append(w.Pools, Pool{Code: code + uint32(n+1)*100, Province: uint8(i), NameZH: "池"})
		}
	}
	// The first stays were admitted in the month before the run.
	w.Rules = engine.NewRules(w.First-1, 19, len(w.Pools), provinces)
	for m := w.First - 1; m < w.First+18; m++ {
		for pool := range w.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				t := smallTerms(s, pool)
				vary(&t, m, pool)
				w.Rules.SetTerms(m, m, pool, s, &t)
			}
		}
		for p := range provinces {
			var c engine.Catalogue
			for class := range c.PreSelfPay {
				c.PreSelfPay[class] = money.BasisPoints(500 + 250*p)
			}
			for l := range c.Limit[engine.Bed] {
				c.Limit[engine.Bed][l] = money.Micro(40+10*l) * 1_000_000
			}
			c.PreSelfPay[engine.WesternDrug] += money.BasisPoints(m.OfYear())
			c.Case = engine.CaseMode(p % 3)
			w.Rules.SetCatalogue(m, m, p, &c)
		}
	}
	if faults := w.Rules.Seal(); faults != nil {
		panic(faults)
	}
	w.Calendar = day.NewCalendar(day.Of(2023, 1, 1), day.Of(2026, 1, 1), []day.Day{day.Of(2024, 2, 12), day.Of(2024, 10, 1)}, []day.Day{day.Of(2024, 2, 4)})
	for pool := range w.Pools {
		for s := range engine.Scheme(engine.NumSchemes) {
			for t := range provinces {
				if int(w.Pools[pool].Province) != t {
					w.Cohorts = append(w.Cohorts, Cohort{uint16(pool), s, uint8(t), patients / (provinces - 1) / engine.NumSchemes / uint32(len(w.Pools))})
				}
			}
		}
	}
	add := func(name string, s engine.Scheme, p engine.PersonType, longTerm, chronic bool, weight uint32, rates [engine.NumKinds]uint32) {
		x := Profile{Name: name, Scheme: s, PersonType: p, LongTerm: longTerm, Chronic: chronic, Weight: weight, Rate: rates,
			Identity: [engine.NumIdentities]money.BasisPoints{0, 200, 50, 50}}
		if s == engine.Employee {
			x.AccountCredit, x.AccountOpening = 120*money.Yuan, 800*money.Yuan
			x.MutualCredit, x.MutualOpening = 20*money.Yuan, 50*money.Yuan
			x.CivilServant, x.Enterprise = 1000, 500
		}
		x.AgeFrom, x.AgeTo = 18, 59
		if p == engine.Retired || p == engine.Elderly {
			x.AgeFrom, x.AgeTo = 60, 95
		}
		if chronic {
			x.Diseases[engine.Hypertension], x.Diseases[engine.Dialysis], x.Diseases[engine.ChronicLung] = 6000, 3000, 1000
		}
		w.Profiles = append(w.Profiles, x)
	}
	add("working", engine.Employee, engine.Working, true, false, 700_000, [engine.NumKinds]uint32{30_000, 900_000, 0, 400_000})
	add("retired", engine.Employee, engine.Retired, true, true, 300_000, [engine.NumKinds]uint32{90_000, 900_000, 300_000, 400_000})
	add("adult", engine.Resident, engine.Adult, false, false, 800_000, [engine.NumKinds]uint32{60_000, 300_000, 0, 50_000})
	add("elderly", engine.Resident, engine.Elderly, true, true, 200_000, [engine.NumKinds]uint32{120_000, 400_000, 200_000, 50_000})
	for k := range engine.NumKinds {
		for range 15 {
			w.Season.Month[k] = append(w.Season.Month[k], 10_000)
		}
		w.Season.Month[k][4] = 7_000
		w.Season.Weekday[k] = [7]money.BasisPoints{12_000, 11_000, 11_000, 11_000, 11_000, 8_000, 6_000}
		w.Season.Holiday[k], w.Season.WorkedWeekend[k] = 5_000, 10_000
		w.Care[k] = smallCare(engine.Kind(k))
		w.Behavior.TemporaryFiling[k] = [engine.NumFilingKinds]money.BasisPoints{3000, 0, 0, 0, 4000, 1000, 2000}
		w.Behavior.FileBeforeDischarge[k] = 3000
		w.Behavior.UseAccount[k], w.Behavior.Reversed[k] = 8000, 50
		w.Behavior.UseMutual[k], w.Behavior.ClaimByHand[k] = 1000, 5000
	}
	w.Behavior.FilingLead = []uint32{4000, 3000, 2000, 0, 1000}
	w.Behavior.Commitment, w.Behavior.CommitmentFulfilled, w.Behavior.Revoked = 5000, 7000, 20
	w.Behavior.NotOpened, w.Behavior.OrdinaryInstead, w.Behavior.Unverified = 500, 4000, 30
	w.Behavior.Transferred, w.Behavior.MidStay = 300, 300
	w.Behavior.LongTermFiling = [engine.NumFilingKinds]money.BasisPoints{500, 3000, 4000, 2500, 0, 0, 0}
	w.Behavior.Injury, w.Behavior.ThirdParty, w.Behavior.NoLetter, w.Behavior.Suspended = 300, 2000, 500, 20
	w.Timetable = clearing.Timetable{AllocateOn: 21, SignOn: 25, SubmitWithin: 5, PayWithin: 10, ApplyWithin: 3, InstitutionsPaidWithin: 5, QuotaDueMonth: 2, RebaseMonths: 1}
	w.Money = clearing.Lawful()
	w.Prepayment = engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000}
	return w
}

// vary gives each pool a rule of its own to settle by.
func vary(t *engine.Terms, m day.Month, pool int) {
	in := &t.Benefits[engine.Inpatient]
	switch pool {
	case 1:
		t.Filing.HandlingDays, t.Filing.TemporaryMonths = 0, 0
	case 2:
		if m < day.MonthOf(2024, 5) {
			t.Filing = engine.FilingRule2019
			t.Diseases &^= 1 << engine.ChronicLung
		}
	case 3:
		t.Filing.InForce, t.Filing.RetroLongTerm, t.Filing.RetroTemporary = engine.AtAdmission, 2, 0
	case 4:
		t.CrossYear, in.Merge = engine.CrossByDay, engine.MergeMidStay
	case 5:
		in.Merge = engine.MergeBoth
		t.Benefits[engine.Chronic].Mode = engine.PerHospital
	case 6:
		t.Benefits[engine.Outpatient].Mode, t.Benefits[engine.Pharmacy].Mode = engine.PerQuarter, engine.PerQuarter
		t.Benefits[engine.Chronic].Mode = engine.PerMonth
	}
	t.Civil = engine.Supplement{Kinds: engine.InpatientOnly, Ratio: 8000, Ceiling: 100_000 * money.Yuan}
	t.Enterprise = engine.Supplement{Kinds: engine.InpatientOnly, Ratio: 5000, Ceiling: 50_000 * money.Yuan}
	in.SeniorAge, in.SeniorPoints = 80, 200
}

func smallTerms(s engine.Scheme, pool int) engine.Terms {
	t := engine.NewTerms()
	for k := range t.Benefits {
		b := &t.Benefits[k]
		b.DropApplies = engine.Kind(k) == engine.Inpatient
		for p := range b.Ratio {
			for l := range b.Ratio[p] {
				b.Ratio[p][l][0] = money.BasisPoints(8500 - 300*l - 100*pool)
			}
		}
	}
	in := &t.Benefits[engine.Inpatient]
	in.Later = engine.LaterHalf
	in.BracketTop[0] = 30_000 * money.Yuan
	for p := range in.Ratio {
		for l := range in.Ratio[p] {
			in.Ratio[p][l][1] = in.Ratio[p][l][0] + 300
			in.Deductible[p][l] = money.Fen(300+300*l) * money.Yuan
		}
	}
	for _, k := range []engine.Kind{engine.Outpatient, engine.Pharmacy} {
		b := &t.Benefits[k]
		b.Mode, b.Ceiling = engine.PerYearTopUp, 3_000*money.Yuan
		for p := range b.Deductible {
			for l := range b.Deductible[p] {
				b.Deductible[p][l] = 200 * money.Yuan
				b.Ratio[p][l][0] = 6_000
			}
		}
	}
	t.Drop[engine.Referral], t.Drop[engine.Emergency], t.Drop[engine.OtherTemporary] = 1000, 1000, 2000
	t.Ceiling = 60_000 * money.Yuan
	if s == engine.Employee {
		t.Large = engine.Large{Kinds: engine.InpatientOnly, Ratio: 9000, Ceiling: 300_000 * money.Yuan}
	} else {
		t.Major = engine.Major{Kinds: engine.InpatientOnly, Start: 14_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{50_000 * money.Yuan},
			Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000}, Ceiling: 300_000 * money.Yuan}
	}
	t.OneStop = true
	t.Aid = engine.Aid{Kinds: engine.InpatientOnly, Ratio: [engine.NumIdentities]money.BasisPoints{0, 7000, 9000, 5000}, Ceiling: 20_000 * money.Yuan}
	return t
}

func smallCare(k engine.Kind) Care {
	c := Care{LevelWeight: [engine.NumLevels]money.BasisPoints{1000, 3000, 4000, 2000},
		Shape: []draw.Knot{{P: 0, PPM: 50_000}, {P: 1 << 30, PPM: 300_000}, {P: 1 << 31, PPM: 600_000}, {P: 3 << 30, PPM: 1_200_000}, {P: 1<<32 - 1<<28, PPM: 3_000_000}, {P: 1<<32 - 1<<20, PPM: 15_000_000}, {P: 1<<32 - 1, PPM: 60_000_000}},
	}
	means := [engine.NumKinds]money.Fen{19_000 * money.Yuan, 300 * money.Yuan, 1_300 * money.Yuan, 120 * money.Yuan}
	for s := range c.Mean {
		for l := range c.Mean[s] {
			c.Mean[s][l] = means[k]
		}
	}
	drug := BasketItem{Class: engine.WesternDrug, Share: 4000, Mix: [3]money.BasisPoints{5000, 4000, 1000}, Divide: k == engine.Inpatient}
	visit := BasketItem{Class: engine.Consultation, Share: 1000, Mix: [3]money.BasisPoints{10_000, 0, 0}}
	exam := BasketItem{Class: engine.Examination, Share: 5000, Mix: [3]money.BasisPoints{6000, 3500, 500}, Divide: k == engine.Inpatient}
	c.Baskets = []Basket{{Name: "usual", Weight: 10_000, Items: []BasketItem{drug, visit, exam}}}
	switch k {
	case engine.Pharmacy:
		c.LevelWeight = [engine.NumLevels]money.BasisPoints{10_000}
		drug.Share = 10_000
		c.Baskets = []Basket{{Name: "drug", Weight: 10_000, Items: []BasketItem{drug}}}
	case engine.Inpatient:
		c.CaseSpread = []draw.Knot{{P: 0, PPM: 500_000}, {P: 1 << 31, PPM: 1_000_000}, {P: 1<<32 - 1, PPM: 1_600_000}}
		c.Stay = []money.BasisPoints{0, 500, 1000, 1500, 2000, 2000, 1500, 1000, 500}
		items := []BasketItem{
			{Class: engine.Bed, Share: 500, Mix: [3]money.BasisPoints{10_000}, UnitPrice: 50 * money.Yuan},
			{Class: engine.Consultation, Share: 300, Mix: [3]money.BasisPoints{10_000}},
			{Class: engine.Laboratory, Share: 1200, Mix: [3]money.BasisPoints{9000, 1000}},
			{Class: engine.Treatment, Share: 900, Mix: [3]money.BasisPoints{8000, 1500, 500}},
			{Class: engine.Surgery, Share: 800, Mix: [3]money.BasisPoints{9000, 1000}},
			{Class: engine.Nursing, Share: 300, Mix: [3]money.BasisPoints{10_000}},
			{Class: engine.Material, Share: 2000, Mix: [3]money.BasisPoints{3000, 5000, 2000}, Divide: true},
		}
		drug.Share, exam.Share = 3000, 1000
		c.Baskets = []Basket{{Name: "stay", Weight: 10_000, Items: append(items, exam, drug)}}
	}
	return c
}
