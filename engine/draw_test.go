package engine_test

import (
	"slices"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// drawRatio prefers the edges.
func drawRatio(t *rapid.T, label string) money.BasisPoints {
	if rapid.Bool().Draw(t, label+" at an edge") {
		return rapid.SampledFrom([]money.BasisPoints{0, 1, 500, 5_000, 8_500, 9_999, money.One}).Draw(t, label)
	}
	return money.BasisPoints(rapid.Int32Range(0, 10_000).Draw(t, label))
}

func drawAmount(t *rapid.T, label string, most money.Fen) money.Fen {
	if rapid.Bool().Draw(t, label+" small") {
		return money.Fen(rapid.Int64Range(0, 20).Draw(t, label))
	}
	return money.Fen(rapid.Int64Range(0, int64(most)).Draw(t, label))
}

// drawTops makes bracket tops that rise from an amount.
func drawTops(t *rapid.T, label string, low money.Fen) (tops [engine.NumBrackets - 1]money.Fen) {
	for i := range rapid.IntRange(0, len(tops)).Draw(t, label) {
		low += 1 + drawAmount(t, label, 20_000*money.Yuan)
		tops[i] = low
	}
	return tops
}

// drawTerms makes terms within the bounds, with every rule in reach.
func drawTerms(t *rapid.T) engine.Terms {
	terms := engine.NewTerms()
	terms.Ceiling = drawAmount(t, "ceiling", 50_000*money.Yuan)
	terms.OneStop = rapid.Bool().Draw(t, "one-stop")
	points := func(label string, most int32) money.BasisPoints {
		return money.BasisPoints(rapid.OneOf(rapid.Just(int32(0)), rapid.Just(most), rapid.Int32Range(0, most)).Draw(t, label))
	}
	terms.Drop[engine.Referral], terms.Drop[engine.Emergency] = points("referral drop", 1000), points("emergency drop", 1000)
	terms.Drop[engine.OtherTemporary], terms.Drop[engine.Unfiled] = points("other drop", 2000), points("unfiled drop", 2000)
	terms.UnfiledDirect = rapid.Bool().Draw(t, "unfiled direct")
	for k := range terms.Benefits {
		b := &terms.Benefits[k]
		b.Mode = engine.DeductibleMode(rapid.IntRange(0, engine.NumDeductibleModes-1).Draw(t, "mode"))
		b.Merge = engine.MergeRule(rapid.IntRange(int(engine.MergeNone), int(engine.MergeBoth)).Draw(t, "merge"))
		b.Later = engine.LaterRule(rapid.IntRange(0, 4).Draw(t, "later"))
		b.LaterFen, b.LaterFloor = drawAmount(t, "later amount", 500*money.Yuan), drawAmount(t, "later floor", 500*money.Yuan)
		b.BracketTop = drawTops(t, "bracket", 0)
		b.DropApplies = rapid.Bool().Draw(t, "drop applies")
		if k != int(engine.Inpatient) && rapid.Bool().Draw(t, "own ceiling") {
			b.Ceiling = 1 + drawAmount(t, "own ceiling", 3_000*money.Yuan)
		}
		deductible := drawAmount(t, "deductible", 2_000*money.Yuan)
		var ratios [engine.NumBrackets]money.BasisPoints
		for i := range ratios {
			ratios[i] = drawRatio(t, "ratio")
		}
		if rapid.Bool().Draw(t, "senior") {
			b.SeniorAge = 60
			b.SeniorPoints = points("senior points", int32(money.One-slices.Max(ratios[:])))
		}
		for p := range b.Deductible {
			for l := range b.Deductible[p] {
				b.Deductible[p][l] = deductible + money.Fen(7*p+l)
				b.Ratio[p][l] = ratios
			}
		}
	}
	kinds := func(label string) engine.KindSet {
		return engine.KindSet(rapid.IntRange(0, 1<<engine.NumKinds-1).Draw(t, label))
	}
	terms.Large = engine.Large{Kinds: kinds("large kinds"), Ratio: drawRatio(t, "large"), Ceiling: drawAmount(t, "large ceiling", 30_000*money.Yuan)}
	terms.Civil = engine.Supplement{Kinds: kinds("civil kinds"), Ratio: drawRatio(t, "civil"), Ceiling: drawAmount(t, "civil ceiling", 10_000*money.Yuan)}
	terms.Enterprise = engine.Supplement{Kinds: kinds("enterprise kinds"), Ratio: drawRatio(t, "enterprise"), Ceiling: drawAmount(t, "enterprise ceiling", 10_000*money.Yuan)}
	terms.Major.Kinds, terms.Aid.Kinds = kinds("major kinds"), kinds("aid kinds")
	terms.CrossYear = engine.CrossYear(rapid.IntRange(0, 1).Draw(t, "cross-year"))
	terms.Diseases = engine.DiseaseSet(rapid.Uint16Range(0, uint16(engine.AllDiseases)).Draw(t, "diseases"))
	terms.Filing.HomeReturn = rapid.SampledFrom([]engine.HomeReturn{engine.HomeAsReferral, engine.HomeLocal}).Draw(t, "home")
	if rapid.Bool().Draw(t, "has major") {
		terms.Major.Start = drawAmount(t, "start", 15_000*money.Yuan)
		terms.Major.Top = drawTops(t, "major bracket", terms.Major.Start)
		for i := range terms.Major.Ratio {
			terms.Major.Ratio[i] = drawRatio(t, "major")
		}
		if rapid.Bool().Draw(t, "major has a ceiling") {
			terms.Major.Ceiling = 1 + drawAmount(t, "major ceiling", 30_000*money.Yuan)
		}
	}
	// Outpatient visits and pharmacies share one allowance and so one mode.
	terms.Benefits[engine.Pharmacy].Mode = terms.Benefits[engine.Outpatient].Mode
	terms.Aid.Ceiling = drawAmount(t, "aid ceiling", 5_000*money.Yuan)
	for i := 1; i < engine.NumIdentities; i++ {
		terms.Aid.Ratio[i] = drawRatio(t, "aid")
	}
	return terms
}

// drawFee prefers the fen around every threshold of the terms. A year of such bills
// stays within what a person-year can hold.
func drawFee(t *rapid.T, terms *engine.Terms, k engine.Kind) money.Fen {
	b := &terms.Benefits[k]
	edges := []money.Fen{0, b.Deductible[0][0], b.Deductible[0][0] / 2, b.LaterFen, b.LaterFloor, b.BracketTop[0], b.BracketTop[1], b.BracketTop[2],
		b.Ceiling, terms.Ceiling, terms.Large.Ceiling, terms.Major.Start, terms.Major.Top[0], terms.Aid.Ceiling}
	if ratio := b.Ratio[0][0][0]; ratio > 0 {
		edges = append(edges, b.Deductible[0][0]+money.Fen(int64(terms.Ceiling)*10_000/int64(ratio)))
	}
	if rapid.IntRange(0, 2).Draw(t, "near an edge") > 0 {
		return min(500_000*money.Yuan, max(0, rapid.SampledFrom(edges).Draw(t, "edge")+money.Fen(rapid.Int64Range(-2, 2).Draw(t, "off"))))
	}
	return drawAmount(t, "fee", 60_000*money.Yuan)
}

// bill is a claim with its lines.
type bill struct {
	claim engine.Claim
	lines []engine.Line
}

func drawBill(t *rapid.T, terms *engine.Terms, person uint32) bill {
	kind := engine.Kind(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "kind"))
	c := plainClaim(kind, day.Of(2024, 1, 1)+day.Day(rapid.IntRange(0, 365).Draw(t, "day")))
	c.Person = person
	c.Level = engine.Level(rapid.IntRange(0, engine.NumLevels-1).Draw(t, "level"))
	c.PersonType = engine.PersonType(rapid.IntRange(0, engine.NumPersonTypes-1).Draw(t, "type"))
	c.Identity = engine.Identity(rapid.IntRange(0, engine.NumIdentities-1).Draw(t, "identity"))
	c.Filing.Kind = engine.FilingKind(rapid.IntRange(int(engine.RetiredSettled), engine.NumFilingKinds-1).Draw(t, "filing"))
	for _, flag := range []engine.Flags{engine.FlagUseAccount, engine.FlagUseMutual, engine.FlagCivilServant, engine.FlagEnterprise, engine.FlagContinued, engine.FlagTransferred} {
		if rapid.Bool().Draw(t, "flag") {
			c.Flags |= flag
		}
	}
	c.Stay, c.FormerStay = rapid.Uint8Range(0, 4).Draw(t, "stay"), rapid.Uint8Range(0, 3).Draw(t, "former stay")
	c.Age = rapid.SampledFrom([]uint8{0, 1, 59, 60, 61, 255}).Draw(t, "age")
	c.Treating, c.Institution = uint8(rapid.IntRange(1, 2).Draw(t, "province")), uint32(rapid.IntRange(0, 2).Draw(t, "institution"))
	if kind == engine.Chronic {
		c.Disease = engine.Disease(rapid.IntRange(0, engine.NumDiseases-1).Draw(t, "disease"))
		c.Flags |= rapid.SampledFrom([]engine.Flags{0, engine.FlagUnqualified, engine.FlagNotOpened}).Draw(t, "chronic") |
			rapid.SampledFrom([]engine.Flags{0, engine.FlagOrdinaryInstead}).Draw(t, "instead")
	}
	if kind == engine.Inpatient && rapid.Bool().Draw(t, "days of stay") {
		c.AdmitDay -= day.Day(rapid.IntRange(0, 40).Draw(t, "days"))
	}
	x := bill{claim: c}
	if rapid.Bool().Draw(t, "one line") {
		x.lines = []engine.Line{wholly(drawFee(t, terms, kind))}
	} else {
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			x.lines = append(x.lines, drawLine(t, drawFee(t, terms, kind)/2))
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "earlier") == 0 {
		for i := range x.lines {
			x.lines[i].DaysBefore = uint16(rapid.IntRange(0, 70).Draw(t, "days before"))
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "refunds") == 0 {
		drawRefunds(t, &x)
	}
	x.claim.Lines = uint16(len(x.lines))
	if rapid.IntRange(0, 2).Draw(t, "case") == 0 {
		var fee money.Fen
		for i := range x.lines {
			fee += x.lines[i].Amount
		}
		x.claim.CasePayment = uint32(max(1, rapid.SampledFrom([]money.Fen{fee - 1, fee, fee + 1, fee / 2, fee / 10, 2 * fee}).Draw(t, "case payment")))
	}
	return x
}

// drawRefunds takes lines back in pieces, some wholly (X27).
func drawRefunds(t *rapid.T, x *bill) {
	for o, n := 0, len(x.lines); o < n; o++ {
		left := x.lines[o]
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			refund := left
			if !rapid.Bool().Draw(t, "wholly") {
				refund.Amount = money.Fen(rapid.Int64Range(0, int64(left.Amount)).Draw(t, "piece"))
				if left.Price != 0 {
					refund.Count = money.Count(rapid.Int64Range(0, int64(left.Count)).Draw(t, "pieces counted"))
					makes, _ := left.Price.TimesHalfUp(refund.Count)
					refund.Amount = min(left.Amount, makes)
				}
			}
			left.Amount -= refund.Amount
			left.Count -= refund.Count
			refund.Amount, refund.Count, refund.Original = -refund.Amount, -refund.Count, uint16(o+1)
			x.lines = append(x.lines, refund)
		}
	}
}

func drawLine(t *rapid.T, amount money.Fen) engine.Line {
	line := engine.Line{
		Amount: amount, Class: engine.FeeClass(rapid.IntRange(0, engine.NumFeeClasses-1).Draw(t, "class")),
		Item:    engine.CatalogueClass(rapid.IntRange(0, engine.NumCatalogueClasses-1).Draw(t, "item")),
		SelfPay: engine.FromCatalogue,
	}
	if rapid.Bool().Draw(t, "own rate") {
		line.SelfPay = int16(drawRatio(t, "rate"))
	}
	if rapid.Bool().Draw(t, "priced") {
		line.Count = money.Count(rapid.Int64Range(1, 50_000).Draw(t, "count"))
		// What makes the amount of so many, to the sixth decimal.
		line.Price = max(1, money.Micro(int64(amount)*100_000_000/int64(line.Count)))
		if rapid.IntRange(0, 15).Draw(t, "another price") == 0 {
			line.Price = money.Micro(rapid.Int64Range(1, 1_000_000_000).Draw(t, "price"))
		}
		line.Limit = rapid.SampledFrom([]money.Micro{0, 1, engine.NoLimit, line.Price - 1, line.Price, line.Price + 1, line.Price / 2}).Draw(t, "limit")
	}
	return line
}

func drawCatalogue(t *rapid.T) (c engine.Catalogue) {
	c.Case = engine.CaseMode(rapid.IntRange(0, 2).Draw(t, "case mode"))
	rate, limit := drawRatio(t, "catalogue rate"), money.Micro(rapid.Int64Range(0, 500_000_000).Draw(t, "catalogue limit"))
	for class := range c.PreSelfPay {
		c.PreSelfPay[class] = rate
		if class%2 == 0 {
			for l := range c.Limit[class] {
				c.Limit[class][l] = limit
			}
		}
	}
	return c
}

// drawPolicy makes terms for 2023 and for later, and catalogues for the time before
// February 2024 and from then on.
func drawPolicy(t *rapid.T) literalTerms {
	terms, catalogues := [2]engine.Terms{drawTerms(t), drawTerms(t)}, [2]engine.Catalogue{drawCatalogue(t), drawCatalogue(t)}
	for i := range terms {
		if faults := terms[i].Check(engine.Bounds2023); faults != nil {
			t.Fatalf("the test draws terms out of bounds: %v", faults)
		}
	}
	at := func(d, turn day.Day) int {
		if d < turn {
			return 0
		}
		return 1
	}
	return literalTerms{
		of:          func(d day.Day) *engine.Terms { return &terms[at(d, day.Of(2024, 1, 1))] },
		catalogueOf: func(d day.Day) *engine.Catalogue { return &catalogues[at(d, day.Of(2024, 2, 1))] },
	}
}
