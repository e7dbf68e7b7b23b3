package engine_test

import (
	"math/big"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// literal is the benefit policy once more, word by word and in rationals: slow, and
// sharing no arithmetic with the engine. It keeps the bills of one person and counts
// them over again for every new one, where the engine keeps sums.
type literal struct {
	bills           map[int][]literalBill // by benefit year, in the order they were settled
	balance, mutual int64
}

// literalBill is what a settled bill leaves to the later ones of its benefit year. A
// stay over 1 January leaves one in each.
type literalBill struct {
	allowance           int // 0 inpatient, 1 outpatient and pharmacies, 2 chronic
	month               int
	hospital            [2]uint32
	paidFor             bool  // the policy has a ratio for the person at the level
	number              int64 // of an inpatient's admission
	admission           bool  // one of its own and not part of another
	inScope, deductible int64
	funds               [engine.NumLayers]int64
	majorBase           int64
	ceilingLeft         int64
	ratio               money.BasisPoints
}

var allowanceOf = [engine.NumKinds]int{engine.Inpatient: 0, engine.Outpatient: 1, engine.Pharmacy: 1, engine.Chronic: 2}

// literalSplit divides a line (C1, C4, X28).
func literalSplit(catalogue *engine.Catalogue, level engine.Level, line *engine.Line) (ownPay, overLimit, preSelfPay, inScope int64) {
	amount := int64(line.Amount)
	if line.Item == engine.ClassC {
		return amount, 0, 0, 0
	}
	limit := line.Limit
	if limit == 0 {
		limit = catalogue.Limit[line.Class][level]
	}
	if limit != 0 && limit != engine.NoLimit && line.Price > limit {
		// (pric − pric_uplmt) × cnt, six and four decimals of a yuan.
		over := new(big.Rat).Mul(big.NewRat(int64(line.Price-limit), 1_000_000), big.NewRat(int64(line.Count), 10_000))
		overLimit = roundHalfUp(over.Mul(over, big.NewRat(100, 1)))
		if amount >= 0 {
			overLimit = min(max(overLimit, 0), amount)
		} else {
			overLimit = max(min(overLimit, 0), amount)
		}
	}
	if line.Item == engine.ClassB {
		rate := money.BasisPoints(line.SelfPay)
		if line.SelfPay == engine.FromCatalogue {
			rate = catalogue.PreSelfPay[line.Class]
		}
		preSelfPay = roundHalfUp(share(amount-overLimit, rate))
	}
	return 0, overLimit, preSelfPay, amount - overLimit - preSelfPay
}

// share is amount × ratio, not rounded.
func share(amount int64, ratio money.BasisPoints) *big.Rat {
	return new(big.Rat).Mul(new(big.Rat).SetInt64(amount), big.NewRat(int64(ratio), 10_000))
}

// stairs is a function that rises by one ratio up to each top and by the next from
// there: what brackets pay on an amount.
type stairs struct {
	from   int64
	tops   []money.Fen
	ratios []money.BasisPoints
}

func (s stairs) at(x int64) *big.Rat {
	sum, low := new(big.Rat), s.from
	for i, ratio := range s.ratios {
		high := x
		if i < len(s.tops) && s.tops[i] != 0 {
			high = min(x, int64(s.tops[i]))
		}
		if high > low {
			sum.Add(sum, share(high-low, ratio))
			low = high
		}
		if i < len(s.tops) && s.tops[i] == 0 {
			break
		}
	}
	return sum
}

// between is what the stairs pay from one amount to another.
func (s stairs) between(from, to int64) *big.Rat { return new(big.Rat).Sub(s.at(to), s.at(from)) }

// literalLines divides a bill. A refund of a line takes away from the line, and the
// line is divided as what is left of it (X27); each by the catalogue of the day it was
// used (X43).
func literalLines(catalogueOf func(day.Day) *engine.Catalogue, c *engine.Claim, lines []engine.Line) (ownPay, overLimit, preSelfPay, inScope int64, ok bool) {
	left := slices.Clone(lines)
	for i := range lines {
		price := lines[i].Price
		if o := lines[i].Original; o != 0 {
			left[o-1].Amount += lines[i].Amount
			left[o-1].Count += lines[i].Count
			price = lines[o-1].Price
		}
		// pric × cnt is the amount, but for a fen that was rounded.
		makes := new(big.Rat).Mul(big.NewRat(int64(price), 1_000_000), big.NewRat(int64(lines[i].Count), 10_000))
		if off := roundHalfUp(makes.Mul(makes, big.NewRat(100, 1))) - int64(lines[i].Amount); price != 0 && (off < -1 || off > 1) {
			return 0, 0, 0, 0, false
		}
	}
	for i := range left {
		if left[i].Original == 0 {
			own, over, first, scope := literalSplit(catalogueOf(c.SettleDay-day.Day(left[i].DaysBefore)), c.Level, &left[i])
			ownPay, overLimit, preSelfPay, inScope = ownPay+own, overLimit+over, preSelfPay+first, inScope+scope
		}
	}
	return ownPay, overLimit, preSelfPay, inScope, true
}

// sum adds up one figure of the bills of a benefit year.
func (y *literal) sum(year int, of func(b *literalBill) int64) (sum int64) {
	for i := range y.bills[year] {
		sum += of(&y.bills[year][i])
	}
	return sum
}

// admissions counts the admissions of a benefit year.
func (y *literal) admissions(year int) int64 {
	return y.sum(year, func(b *literalBill) int64 {
		if b.admission {
			return 1
		}
		return 0
	})
}

// literalLater is the deductible of an admission after so many before it in the year
// (X22).
func literalLater(b *engine.Benefit, standard, earlier int64) int64 {
	if earlier == 0 {
		return standard
	}
	switch b.Later {
	case engine.LaterHalf:
		return roundHalfUp(big.NewRat(standard, 2))
	case engine.LaterMinus:
		due := standard
		for range earlier {
			// One step down for each earlier admission, and no step below the floor.
			due = max(due-int64(b.LaterFen), min(int64(b.LaterFloor), standard))
		}
		return due
	case engine.LaterFixed:
		return min(standard, int64(b.LaterFen))
	case engine.LaterNone:
		return 0
	}
	return standard
}

// admission is which admission of a year an inpatient's bill belongs to, and whether it
// begins it (X21, X22).
func (y *literal) admission(year int, b *engine.Benefit, c *engine.Claim) (number int64, begins bool) {
	named := int64(c.Stay)
	if settled, _, _ := c.SettleDay.Date(); settled != year {
		named = int64(c.FormerStay)
	}
	sameStay := c.Flags&engine.FlagContinued != 0
	if b.Merge == engine.MergeTransfers || b.Merge == engine.MergeBoth {
		sameStay = sameStay || c.Flags&engine.FlagTransferred != 0
	}
	if had := y.admissions(year); !sameStay || named < 1 || named > had {
		return had + 1, true
	}
	return named, false
}

// deductible is what a bill of an admission is charged at most (X21, X22, X23).
func (y *literal) deductible(year, month int, b *engine.Benefit, c *engine.Claim, kind engine.Kind, x *literalBill) int64 {
	standard := int64(b.Deductible[c.PersonType][c.Level])
	bills := y.bills[year]
	allowance := allowanceOf[kind]
	if !x.paidFor {
		return 0 // what the fund never pays for uses up no deductible
	}
	within := func(months int) (count int64) {
		for _, x := range bills {
			if x.allowance == allowance && x.paidFor && (x.month-1)/months == (month-1)/months {
				count += x.inScope
			}
		}
		return count
	}
	switch b.Mode {
	case engine.PerYear:
		return max(0, standard-within(12))
	case engine.PerQuarter:
		return max(0, standard-within(3))
	case engine.PerMonth:
		return max(0, standard-within(1))
	case engine.PerYearTopUp:
		for _, x := range bills {
			if x.allowance == allowance {
				standard -= x.deductible
			}
		}
		return max(0, standard)
	case engine.PerHospital:
		for _, x := range bills {
			if x.allowance == allowance && x.paidFor && x.hospital == [2]uint32{uint32(c.Treating), c.Institution} {
				return 0
			}
		}
		return standard
	}
	if kind != engine.Inpatient {
		return standard
	}
	due := literalLater(b, standard, x.number-1)
	shared := c.Flags&engine.FlagContinued != 0 && (b.Merge == engine.MergeMidStay || b.Merge == engine.MergeBoth) ||
		c.Flags&engine.FlagTransferred != 0 && (b.Merge == engine.MergeTransfers || b.Merge == engine.MergeBoth)
	if x.admission || !shared {
		return due
	}
	// The stay's own standard, less what its bills so far were charged.
	for _, o := range bills {
		if o.number == x.number {
			due -= o.deductible
		}
	}
	return max(0, due)
}

// fund computes what the layers pay of an in-scope amount in a benefit year.
func (y *literal) fund(year, month int, t *engine.Terms, c *engine.Claim, kind engine.Kind, filing engine.FilingKind, inScope int64) (x literalBill) {
	b := &t.Benefits[kind]
	x = literalBill{allowance: allowanceOf[kind], month: month, hospital: [2]uint32{uint32(c.Treating), c.Institution}, inScope: inScope}
	for _, ratio := range b.Ratio[c.PersonType][c.Level] {
		x.paidFor = x.paidFor || ratio > 0
	}
	if kind == engine.Inpatient {
		x.number, x.admission = y.admission(year, b, c)
	}
	due := min(y.deductible(year, month, b, c, kind, &x), inScope)
	x.deductible = due

	// The basic fund (C2, C6), up to what is left of the ceilings.
	var ratios []money.BasisPoints
	for i, ratio := range b.Ratio[c.PersonType][c.Level] {
		if ratio != 0 {
			if b.DropApplies {
				ratio -= t.Drop[filing]
			}
			if b.SeniorAge != 0 && c.Age >= b.SeniorAge {
				ratio += b.SeniorPoints
			}
		}
		ratios = append(ratios, max(0, ratio))
		if i == 0 || b.BracketTop[i-1] != 0 && int64(b.BracketTop[i-1]) < inScope {
			x.ratio = ratios[i] // of the highest bracket that a fen lies in
		}
	}
	pays := stairs{tops: b.BracketTop[:], ratios: ratios}
	left := int64(t.Ceiling) - y.sum(year, func(x *literalBill) int64 { return x.funds[engine.LayerBasic] })
	if b.Ceiling != 0 {
		left = min(left, int64(b.Ceiling)-y.sum(year, func(o *literalBill) int64 {
			if o.allowance != x.allowance {
				return 0
			}
			return o.funds[engine.LayerBasic]
		}))
	}
	left = max(0, left)
	x.ceilingLeft = left
	full := roundHalfUp(pays.between(due, inScope))
	basic := min(full, left)

	// Each of the other layers pays a share of something, up to what is left of its
	// ceiling and of the burden.
	layer := func(ls []engine.Layer, part *big.Rat, ceiling money.Fen, burden *int64) {
		paid := y.sum(year, func(x *literalBill) (sum int64) {
			for _, l := range ls {
				sum += x.funds[l]
			}
			return sum
		})
		amount := max(0, min(roundHalfUp(part), int64(ceiling)-paid, *burden))
		x.funds[ls[0]] = amount
		*burden -= amount
	}
	x.funds[engine.LayerBasic] = basic
	burden := inScope - basic

	// 大额: on what lies above the fen of the bill at which the ceiling is reached.
	if t.Large.Kinds.Has(kind) && full > left {
		reached := func(x int64) bool {
			paid := pays.between(due, x)
			if left == 0 {
				// Nothing can be paid: reached with the first fen that would be.
				return pays.between(due, x+1).Sign() > 0
			}
			return paid.Cmp(new(big.Rat).SetInt64(left)) >= 0
		}
		low, high := due, inScope
		for low < high {
			if mid := (low + high) / 2; reached(mid) {
				high = mid
			} else {
				low = mid + 1
			}
		}
		layer([]engine.Layer{engine.LayerLarge}, share(inScope-low, t.Large.Ratio), t.Large.Ceiling, &burden)
	}

	// 大病: on the year's burden, as far as this bill moves it up the stairs.
	if t.Major.Kinds.Has(kind) && slices.Max(t.Major.Ratio[:]) > 0 {
		x.majorBase = burden
		before := y.sum(year, func(x *literalBill) int64 { return x.majorBase })
		ladder := stairs{from: int64(t.Major.Start), tops: t.Major.Top[:], ratios: t.Major.Ratio[:]}
		ceiling := t.Major.Ceiling
		if ceiling == 0 {
			ceiling = 1 << 40
		}
		layer([]engine.Layer{engine.LayerMajor}, ladder.between(before, before+burden), ceiling, &burden)
	}

	// The supplement of a civil servant, or else of an enterprise; 医疗救助.
	switch {
	case c.Flags&engine.FlagCivilServant != 0:
		if t.Civil.Kinds.Has(kind) {
			layer([]engine.Layer{engine.LayerCivil, engine.LayerEnterprise}, share(burden, t.Civil.Ratio), t.Civil.Ceiling, &burden)
		}
	case c.Flags&engine.FlagEnterprise != 0:
		if t.Enterprise.Kinds.Has(kind) {
			layer([]engine.Layer{engine.LayerEnterprise, engine.LayerCivil}, share(burden, t.Enterprise.Ratio), t.Enterprise.Ceiling, &burden)
		}
	}
	if c.Identity != engine.NotAided && t.OneStop && t.Aid.Kinds.Has(kind) {
		layer([]engine.Layer{engine.LayerAid}, share(burden, t.Aid.Ratio[c.Identity]), t.Aid.Ceiling, &burden)
	}
	return x
}

// literalTerms are the policies that a bill may be settled by.
type literalTerms struct {
	of          func(day.Day) *engine.Terms
	catalogueOf func(day.Day) *engine.Catalogue
}

// chronic says as what a chronic visit is settled, or why it is not (C12, C13, X42). By
// hand nobody asks for the list, and directly nothing beside it is ordinary care (N11).
func (p literalTerms) chronic(c *engine.Claim, byHand bool) (engine.Kind, engine.Status) {
	if c.Kind != engine.Chronic {
		return c.Kind, engine.Settled
	}
	status := engine.Settled
	listed := p.of(c.SettleDay).Diseases>>c.Disease&1 == 1
	switch {
	case c.Flags&engine.FlagUnqualified != 0:
		status = engine.StatusUnqualified
	case !listed && !byHand:
		status = engine.StatusDiseaseNotListed
	case c.Flags&engine.FlagNotOpened != 0:
		status = engine.StatusDiseaseNotOpened
	}
	if status != engine.Settled && c.Flags&engine.FlagOrdinaryInstead != 0 && (listed || byHand) {
		return engine.Outpatient, engine.Settled
	}
	return engine.Chronic, status
}

// settle computes who pays what, and keeps it. filing is what the bill is settled
// under; byHand says that the pool reimburses the person (B15).
func (y *literal) settle(p literalTerms, c *engine.Claim, lines []engine.Line, filing engine.FilingKind, byHand bool) (r engine.Result) {
	visit := *c
	if byHand {
		visit.Flags &^= engine.FlagNotOpened // wherever it was paid
	}
	kind, status := p.chronic(&visit, byHand)
	if status != engine.Settled {
		return engine.Result{Status: status}
	}
	if y.bills == nil {
		y.bills = map[int][]literalBill{}
	}
	ownPay, overLimit, preSelfPay, inScope, ok := literalLines(p.catalogueOf, c, lines)
	if !ok {
		return engine.Result{Status: engine.StatusBadLines}
	}
	fee := ownPay + overLimit + preSelfPay + inScope
	year, month, _ := c.SettleDay.Date()
	terms := p.of(c.SettleDay)

	// A stay over 1 January, by days: the days before the year are the former's (R16).
	var old literalBill
	before, days := int64(day.Of(year, 1, 1)-c.AdmitDay), int64(c.SettleDay-c.AdmitDay)+1
	admitted, _, _ := c.AdmitDay.Date()
	crosses := kind == engine.Inpatient && admitted < year && terms.CrossYear == engine.CrossByDay
	if crosses {
		old = y.fund(year-1, 12, p.of(day.Of(year-1, 12, 31)), c, kind, filing, roundHalfUp(big.NewRat(inScope*before, days)))
	}
	now := y.fund(year, int(month), terms, c, kind, filing, inScope-old.inScope)

	// A case payment: the hospital bears what the basic fund would have paid of what
	// the fee exceeds it by (X41), of each year by its days.
	gain, hospital := int64(0), int64(0)
	if caseOf := p.catalogueOf(c.SettleDay).Case; caseOf != engine.CaseByItem && c.CasePayment != 0 && !byHand {
		gain = int64(c.CasePayment) - fee
		if caseOf == engine.CaseBorne {
			hospital = max(0, min(-gain, old.funds[engine.LayerBasic]+now.funds[engine.LayerBasic]))
			former := int64(0)
			if crosses {
				former = roundHalfUp(big.NewRat(hospital*before, days))
			}
			// No year bears more than its fund would have paid, and all of it is borne.
			former = max(min(former, old.funds[engine.LayerBasic]), hospital-now.funds[engine.LayerBasic])
			old.funds[engine.LayerBasic] -= former
			now.funds[engine.LayerBasic] -= hospital - former
		}
	}

	r = engine.Result{
		Kind: kind, Filing: filing, ByHand: byHand, Ratio: now.ratio,
		Fee: money.Fen(fee), OwnPay: money.Fen(ownPay), OverLimit: money.Fen(overLimit), PreSelfPay: money.Fen(preSelfPay),
		InScope: money.Fen(inScope), Deductible: money.Fen(old.deductible + now.deductible), CeilingLeft: money.Fen(now.ceilingLeft),
		Hospital: money.Fen(hospital), CaseGain: money.Fen(gain), MajorBase: money.Fen(old.majorBase + now.majorBase),
		Former: engine.FormerPart{InScope: uint32(old.inScope), Deductible: uint32(old.deductible), MajorBase: uint32(old.majorBase)},
	}
	person := fee - hospital
	for l := range r.Funds {
		r.Funds[l] = money.Fen(old.funds[l] + now.funds[l])
		r.Former.Funds[l] = uint32(old.funds[l])
		person -= int64(r.Funds[l])
	}
	draw := func(from *int64, asked engine.Flags) money.Fen {
		if c.Flags&asked == 0 || byHand {
			return 0
		}
		amount := min(person, *from)
		*from -= amount
		person -= amount
		return money.Fen(amount)
	}
	r.Account = draw(&y.balance, engine.FlagUseAccount)
	r.Mutual = draw(&y.mutual, engine.FlagUseMutual)
	r.Cash = money.Fen(person)

	if crosses {
		y.bills[year-1] = append(y.bills[year-1], old)
	}
	y.bills[year] = append(y.bills[year], now)
	r.Visit, r.FormerVisit = uint8(now.number), uint8(old.number)
	if merge := terms.Benefits[kind].Merge; kind == engine.Inpatient && !crosses {
		// The stay's number of the year before goes on with it.
		if c.Flags&engine.FlagContinued != 0 || c.Flags&engine.FlagTransferred != 0 && (merge == engine.MergeTransfers || merge == engine.MergeBoth) {
			r.FormerVisit = c.FormerStay
		}
	}
	return r
}

// takeBack forgets the latest bill: nothing of it counts any more (X7).
func (y *literal) takeBack(year int, r *engine.Result) {
	drop := func(year int) { y.bills[year] = y.bills[year][:len(y.bills[year])-1] }
	drop(year)
	if r.Crossed() {
		drop(year - 1)
	}
}
