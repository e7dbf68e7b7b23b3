package engine

import (
	"strings"
	"testing"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// A person whose year is opened with what another system has counted is where one
// who had all those bills would be: every further bill comes out alike.
func TestOpeningGoesOnWhereTheYearWas(t *testing.T) {
	for mode := DeductibleMode(0); mode < NumDeductibleModes; mode++ {
		if mode == PerHospital {
			continue // where somebody was is no amount
		}
		terms := NewTerms()
		terms.Ceiling, terms.OneStop = 100_000*money.Yuan, true
		terms.Large = Large{Kinds: InpatientOnly, Ratio: 8000, Ceiling: 50_000 * money.Yuan}
		terms.Major = Major{Kinds: InpatientOnly, Start: 10_000 * money.Yuan, Ratio: [NumBrackets]money.BasisPoints{6000, 6000, 6000, 6000}}
		terms.Civil = Supplement{Kinds: InpatientOnly, Ratio: 5000, Ceiling: 3_000 * money.Yuan}
		terms.Aid = Aid{Kinds: InpatientOnly, Ratio: [NumIdentities]money.BasisPoints{LowIncome: 7000}, Ceiling: 5_000 * money.Yuan}
		for k := range terms.Benefits {
			b := &terms.Benefits[k]
			b.Mode, b.Later, b.Merge = mode, LaterHalf, MergeBoth
			for l := range b.Ratio[Working] {
				b.Ratio[Working][l] = [NumBrackets]money.BasisPoints{8000, 8000, 8000, 8000}
				b.Deductible[Working][l] = money.Fen(l+1) * 700 * money.Yuan
			}
		}
		terms.CrossYear = CrossByDay // so that there are annexes
		rules := NewRules(day.MonthOf(2024, 1), 12, 1, 2)
		for m := day.MonthOf(2024, 1); m <= day.MonthOf(2024, 12); m++ {
			rules.SetTerms(m, m, 0, Employee, &terms)
			rules.SetTerms(m, m, 0, Resident, &terms)
			rules.SetCatalogue(m, m, 0, &Catalogue{})
			rules.SetCatalogue(m, m, 1, &Catalogue{})
		}
		if faults := rules.Seal(); faults != nil {
			t.Fatal(faults)
		}
		shard := NewShard(rules, []uint8{0}, nil, NewBooks(Shape{Pools: 1, Provinces: 2}))
		people, annexes := make([]PersonYear, 2), make([]Annex, 2)
		shard.Bind(people, annexes)
		settle := func(person uint32, month int, kind Kind, level Level, fee money.Fen, flags Flags) Result {
			on := day.Of(2024, month, 10)
			claims := []Claim{{
				Person: person, Lines: 1, Area: 110000, AdmitDay: on, SettleDay: on, Treating: 1, Kind: kind, Level: level, Identity: LowIncome,
				Flags:  FlagCivilServant | flags,
				Filing: Filing{Kind: RetiredSettled, Dest: 110000, From: on, Filed: on, To: day.Never}, Disease: Diabetes,
			}}
			results := make([]Result, 1)
			shard.Settle(claims, []Line{{Amount: fee, SelfPay: FromCatalogue}}, results)
			if results[0].Status != Settled {
				t.Fatalf("mode %d: %v", mode, results[0].Status)
			}
			return results[0]
		}
		var o Opening
		o.Month = day.MonthOf(2024, 5)
		for _, bill := range []struct {
			kind  Kind
			level Level
			fee   money.Fen
			flags Flags
		}{
			{Inpatient, LevelSecondary, 40_000 * money.Yuan, 0}, {Outpatient, LevelPrimary, 500 * money.Yuan, 0},
			{Pharmacy, LevelPrimary, 90 * money.Yuan, 0}, {Chronic, LevelPrimary, 300 * money.Yuan, 0},
			{Inpatient, LevelPrimary, 90_000 * money.Yuan, 0},
		} {
			r := settle(0, 5, bill.kind, bill.level, bill.fee, bill.flags)
			o.Paid[bill.kind] += r.Funds[LayerBasic]
			switch mode {
			case PerVisit:
			case PerYearTopUp:
				o.Counted[bill.kind] += r.Deductible
			default:
				o.Counted[bill.kind] += r.InScope
			}
			o.Deductible += r.Deductible
			o.Large += r.Funds[LayerLarge]
			o.MajorBase += r.MajorBase
			o.Major += r.Funds[LayerMajor]
			o.Supplement += r.Funds[LayerCivil]
			o.Aid += r.Funds[LayerAid]
			if bill.kind == Inpatient {
				o.Admissions++
				o.Stay = r.Deductible
			}
		}
		people[1].Open(&o, &terms, &annexes[1])
		for _, month := range []int{5, 6, 7} {
			for kind := range Kind(NumKinds) {
				for _, flags := range []Flags{FlagTransferred, 0} {
					was := settle(0, month, kind, LevelTertiary, 20_000*money.Yuan, flags)
					is := settle(1, month, kind, LevelTertiary, 20_000*money.Yuan, flags)
					was.Order, was.Previous, is.Order, is.Previous = 0, 0, 0, 0
					was.before, is.before = before{}, before{}
					if was != is {
						t.Fatalf("mode %d, month %d, %v:\n%+v, opened\n%+v", mode, month, kind, was, is)
					}
				}
			}
		}
	}
}

func TestOpeningFaults(t *testing.T) {
	o := Opening{Month: day.MonthOf(1999, 1), Aid: -1, Stay: 2, Deductible: 1, Admissions: 255}
	o.Paid[Pharmacy], o.Paid[Outpatient] = maxBalance, 1
	text := ""
	for _, err := range o.Faults() {
		text += err.Error() + "\n"
	}
	for _, want := range []string{"aid", "basic fund, outpatient and pharmacy", "deductible of the stay", "admissions 255", "year 1999"} {
		if !strings.Contains(text, want) {
			t.Errorf("no word of %s in\n%s", want, text)
		}
	}
	if faults := (&Opening{Month: day.MonthOf(2024, 1)}).Faults(); faults != nil {
		t.Error(faults)
	}
}
