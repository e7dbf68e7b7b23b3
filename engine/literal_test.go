package engine_test

import (
	"math/big"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/money"
)

// literal is the benefit policy once more, word by word and in rationals: slow, and
// sharing no arithmetic with the engine. It keeps the year of one person.
type literal struct {
	basic      [3]int64 // inpatient; outpatient and pharmacies; chronic
	deductible [3]int64
	large      int64
	majorBase  int64
	major      int64
	aid        int64
	balance    int64
	admissions int64
}

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
		rate := line.SelfPay
		if rate == engine.FromCatalogue {
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

// settle computes who pays what, and keeps it.
func (y *literal) settle(t *engine.Terms, catalogue *engine.Catalogue, c *engine.Claim, lines []engine.Line, filing engine.FilingKind) (r engine.Result) {
	var ownPay, overLimit, preSelfPay, inScope int64
	for i := range lines {
		a, b, c, d := literalSplit(catalogue, c.Level, &lines[i])
		ownPay, overLimit, preSelfPay, inScope = ownPay+a, overLimit+b, preSelfPay+c, inScope+d
	}
	b := &t.Benefits[c.Kind]
	k := map[engine.Kind]int{engine.Inpatient: 0, engine.Outpatient: 1, engine.Pharmacy: 1, engine.Chronic: 2}[c.Kind]

	// The deductible (X22, X23).
	standard := int64(b.Deductible[c.PersonType][c.Level])
	due := standard
	switch {
	case b.Mode == engine.PerYear:
		due = max(0, standard-y.deductible[k])
	case c.Kind == engine.Inpatient && y.admissions > 0:
		switch b.Later {
		case engine.LaterHalf:
			due = roundHalfUp(big.NewRat(standard, 2))
		case engine.LaterMinus:
			due = standard
			for range y.admissions {
				// One step down for each earlier admission, and no step below the floor.
				due = max(due-int64(b.LaterFen), min(int64(b.LaterFloor), standard))
			}
		case engine.LaterFixed:
			due = min(standard, int64(b.LaterFen))
		case engine.LaterNone:
			due = 0
		}
	}
	covered := false
	for _, ratio := range b.Ratio[c.PersonType][c.Level] {
		covered = covered || ratio > 0
	}
	if !covered {
		due = 0 // what the fund never pays for uses up no deductible
	}
	due = min(due, inScope)

	// The basic fund (C2, C6), up to what is left of the ceilings.
	var ratios []money.BasisPoints
	for _, ratio := range b.Ratio[c.PersonType][c.Level] {
		if b.DropApplies {
			ratio = max(0, ratio-t.Drop[filing])
		}
		ratios = append(ratios, ratio)
	}
	pays := stairs{tops: b.BracketTop[:], ratios: ratios}
	left := int64(t.Ceiling) - y.basic[0] - y.basic[1] - y.basic[2]
	if b.Ceiling != 0 {
		left = min(left, int64(b.Ceiling)-y.basic[k])
	}
	left = max(0, left)
	full := roundHalfUp(pays.between(due, inScope))
	basic := min(full, left)

	// 大额: on what lies above the fen of the bill at which the ceiling is reached.
	large := int64(0)
	if c.Kind == engine.Inpatient && full > left {
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
		large = min(roundHalfUp(share(inScope-low, t.Large.Ratio)), int64(t.Large.Ceiling)-y.large)
		large = max(0, min(large, inScope-basic))
	}

	// 大病: on the year's burden, as far as this bill moves it up the stairs.
	burden, base, major := inScope-basic-large, int64(0), int64(0)
	if c.Kind == engine.Inpatient && slices.Max(t.Major.Ratio[:]) > 0 {
		base = burden
		ladder := stairs{from: int64(t.Major.Start), tops: t.Major.Top[:], ratios: t.Major.Ratio[:]}
		major = roundHalfUp(ladder.between(y.majorBase, y.majorBase+burden))
		if t.Major.Ceiling != 0 {
			major = min(major, int64(t.Major.Ceiling)-y.major)
		}
		major = max(0, min(major, burden))
		burden -= major
	}

	// 医疗救助, then the account, then cash.
	aid := int64(0)
	if c.Kind == engine.Inpatient && c.Identity != engine.NotAided && t.OneStop {
		aid = max(0, min(roundHalfUp(share(burden, t.Aid.Ratio[c.Identity])), int64(t.Aid.Ceiling)-y.aid, burden))
	}
	fee := ownPay + overLimit + preSelfPay + inScope
	person, account := fee-basic-large-major-aid, int64(0)
	if c.Flags&engine.FlagUseAccount != 0 {
		account = min(person, y.balance)
	}

	y.basic[k] += basic
	y.deductible[k] += due
	y.large += large
	y.majorBase += base
	y.major += major
	y.aid += aid
	y.balance -= account
	r = engine.Result{
		Filing: filing, Fee: money.Fen(fee), OwnPay: money.Fen(ownPay), OverLimit: money.Fen(overLimit), PreSelfPay: money.Fen(preSelfPay),
		InScope: money.Fen(inScope), Deductible: money.Fen(due), CeilingLeft: money.Fen(left),
		Funds:   [engine.NumLayers]money.Fen{money.Fen(basic), money.Fen(large), money.Fen(major), money.Fen(aid)},
		Account: money.Fen(account), Cash: money.Fen(person - account), MajorBase: money.Fen(base),
	}
	if c.Kind == engine.Inpatient {
		y.admissions++
		r.Visit = uint8(y.admissions)
	}
	return r
}
