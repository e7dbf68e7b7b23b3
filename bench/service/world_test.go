package service

import (
	"sync"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// world is four pools in province 0 and three provinces of treatment under terms in
// which every layer pays, for years from 2000 on: whoever has used up a year's
// ceilings goes on in the next.
type world struct {
	rules *engine.Rules
	shape engine.Shape
}

const (
	worldFrom    = 2000
	worldSources = 1 << 12
)

func newWorld(years int) *world {
	terms := engine.NewTerms()
	terms.Ceiling, terms.OneStop = 8_000*money.Yuan, true
	all := engine.KindSet(1<<engine.NumKinds - 1)
	terms.Large = engine.Large{Kinds: all, Ratio: 8000, Ceiling: 200_000 * money.Yuan}
	terms.Major = engine.Major{Kinds: all, Start: 2_000 * money.Yuan, Top: [engine.NumBrackets - 1]money.Fen{20_000 * money.Yuan}, Ratio: [engine.NumBrackets]money.BasisPoints{6000, 7000}}
	terms.Aid = engine.Aid{Kinds: all, Ratio: [engine.NumIdentities]money.BasisPoints{0, 7000, 9000, 5000}, Ceiling: 20_000 * money.Yuan}
	terms.Civil = engine.Supplement{Kinds: all, Ratio: 5000, Ceiling: 50_000 * money.Yuan}
	terms.Enterprise = engine.Supplement{Kinds: all, Ratio: 4000, Ceiling: 50_000 * money.Yuan}
	for k := range terms.Benefits {
		b := &terms.Benefits[k]
		b.DropApplies = true
		b.BracketTop = [engine.NumBrackets - 1]money.Fen{2_000 * money.Yuan, 5_000 * money.Yuan}
		for p := range b.Ratio {
			for l := range b.Ratio[p] {
				b.Ratio[p][l] = [engine.NumBrackets]money.BasisPoints{7000, 8000, 9000}
				b.Deductible[p][l] = money.Fen(l+1) * 100 * money.Yuan
			}
		}
	}
	terms.Drop = [engine.NumFilingKinds]money.BasisPoints{engine.Referral: 1000, engine.Emergency: 1000, engine.OtherTemporary: 2000}
	catalogue := engine.Catalogue{}
	for c := range catalogue.PreSelfPay {
		catalogue.PreSelfPay[c] = money.BasisPoints(500 + 100*c)
	}
	w := &world{shape: engine.Shape{Pools: 4, Provinces: 4}}
	first, months := day.MonthOf(worldFrom, 1), 12*years
	w.rules = engine.NewRules(first, months, w.shape.Pools, w.shape.Provinces)
	for m := first; m < first+day.Month(months); m++ {
		for pool := range w.shape.Pools {
			for s := range engine.Scheme(engine.NumSchemes) {
				w.rules.SetTerms(m, m, pool, s, &terms)
			}
		}
		for p := range w.shape.Provinces {
			w.rules.SetCatalogue(m, m, p, &catalogue)
		}
	}
	if faults := w.rules.Seal(); faults != nil {
		panic(faults)
	}
	return w
}

// sharedWorld is the world of the tests.
var sharedWorld = sync.OnceValue(func() *world { return newWorld(40) })

// shard is a new one over people with money in their accounts.
func (w *world) shard(people int) *engine.Shard {
	all := make([]engine.PersonYear, people)
	for i := range all {
		all[i].Credit(10_000_000 * money.Yuan)
		all[i].CreditMutual(10_000_000 * money.Yuan)
	}
	return engine.NewShard(w.rules, make([]uint8, w.shape.Pools), all, engine.NewBooks(w.shape))
}

// intake is a new one that remembers 2^log2 requests.
func (w *world) intake(people, log2 int) *engine.Intake {
	return engine.NewIntake(w.shard(people), log2, worldSources)
}

// sender makes batches of bills of eight lines for the persons of a shard one after
// the other, four for each in a year, with tickets that are always new.
type sender struct {
	people uint64 // a power of two
	n      uint64
}

const billsAYear = 4

// batch makes room for requests; send fills it in.
func (s *sender) batch(size int) *Batch {
	b := &Batch{Requests: make([]engine.Request, size), Answers: make([]engine.Answer, size), Lines: make([]engine.Line, 0, 8*size)}
	for j := range b.Requests {
		n := uint64(j)*7 + s.n
		q := &b.Requests[j]
		q.Op = engine.OpSettle
		q.Claim = engine.Claim{
			Institution: uint32(n*40_503) % 5000, FirstLine: uint32(len(b.Lines)), Lines: 8, Area: 110000,
			Pool: uint16(n % 4), Treating: uint8(1 + n%3), Scheme: engine.Scheme(n / 4 % 2), Kind: engine.Kind(n % 4), Level: engine.Level(n / 2 % 4),
			PersonType: engine.PersonType(n % 5), Identity: engine.Identity(n / 8 % 4), Age: uint8(20 + n%70),
			Filing: engine.Filing{Kind: engine.FilingKind(1 + n%6), Basis: engine.ByMaterial, Dest: 110000},
		}
		q.Claim.Flags = [...]engine.Flags{0, engine.FlagUseAccount, engine.FlagCivilServant, engine.FlagEnterprise, engine.FlagUseMutual}[n/3%5]
		for l := range uint64(8) {
			line := engine.Line{Amount: money.Fen(1000 + (n*48_271+l*7919)%150_000), SelfPay: engine.FromCatalogue,
				Class: engine.FeeClass((n + l) % engine.NumFeeClasses), Item: engine.CatalogueClass((n + 2*l) % 3)}
			if l == 5 {
				line.Price, line.Limit, line.Count = money.Micro(line.Amount)*10_000, money.Micro(line.Amount)*8_000, 10_000
			}
			b.Lines = append(b.Lines, line)
		}
	}
	return b
}

// send makes the batch's requests the next ones.
func (s *sender) send(b *Batch) {
	for j := range b.Requests {
		q := &b.Requests[j]
		n := s.n + uint64(j)
		q.Ticket = engine.Ticket{Source: uint32(n*2_654_435_761>>8) % worldSources, Sequence: n + 1}
		c := &q.Claim
		c.Person = uint32((n * 0x9e3779b1) & (s.people - 1))
		turn := n / s.people // of this person
		on := day.Of(worldFrom, 1, 1) + day.Day(turn/billsAYear*365+turn/billsAYear/4+turn%billsAYear*91+1)
		c.AdmitDay, c.SettleDay = on, on
		c.Filing.Filed, c.Filing.From, c.Filing.To = on-30, on-30, on+180
	}
	s.n += uint64(len(b.Requests))
}
