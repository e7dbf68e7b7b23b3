package engine

import (
	"fmt"

	"kuasheng/engine/day"
)

// Explainer walks single bills through the rules a second time and writes down every
// step. It calls what Settle calls, on copies, and then compares: where its steps do
// not come to the Result that Settle gives, it panics. It is as slow as that is, and
// stands beside the hot path.
type Explainer struct {
	shard   *Shard // settles in books that nobody reads
	people  [1]PersonYear
	annexes [1]Annex
}

// NewExplainer returns an explainer by these rules. provinceOf gives the province of
// each pool. One explainer serves one goroutine.
func NewExplainer(rules *Rules, provinceOf []uint8, provinces int) *Explainer {
	e := &Explainer{}
	e.shard = NewShard(rules, provinceOf, e.people[:], NewBooks(Shape{Pools: len(provinceOf), Provinces: provinces}))
	e.shard.Bind(e.people[:], e.annexes[:])
	return e
}

// Explain explains what Settle answers to a bill of a person whose accumulators are
// as given: those before the bill. annex may be nil where the rules need none. None
// of the arguments is changed.
func (e *Explainer) Explain(c *Claim, lines []Line, p *PersonYear, annex *Annex) *Explanation {
	return e.explain(c, lines, p, annex, false)
}

// ExplainManual explains what Reimburse answers.
func (e *Explainer) ExplainManual(c *Claim, lines []Line, p *PersonYear, annex *Annex) *Explanation {
	return e.explain(c, lines, p, annex, true)
}

// ExplainStopped explains what Stop answers: no rule was asked.
func (e *Explainer) ExplainStopped(c *Claim, lines []Line, p *PersonYear) *Explanation {
	x := &Explanation{Claim: *c, Lines: lines, Result: Result{Status: StatusPlatformDown}, Balance: p.Balance(), Mutual: p.Mutual()}
	x.Claim.Person, x.Claim.FirstLine, x.Claim.Lines = 0, 0, uint16(len(lines))
	w := walk{Explanation: x, claim: x.Claim}
	w.check(StatusPlatformDown, false)
	return x
}

func (e *Explainer) explain(c *Claim, lines []Line, p *PersonYear, annex *Annex, byHand bool) *Explanation {
	x := &Explanation{Claim: *c, Lines: lines}
	x.Claim.Person, x.Claim.FirstLine, x.Claim.Lines = 0, 0, uint16(len(lines))

	// What the engine says.
	e.people[0], e.annexes[0] = *p, Annex{}
	if annex != nil {
		e.annexes[0] = *annex
	}
	var results [1]Result
	if byHand {
		e.shard.Reimburse([]Claim{x.Claim}, lines, results[:])
	} else {
		e.shard.Settle([]Claim{x.Claim}, lines, results[:])
	}
	x.Result = results[0]
	x.Balance, x.Mutual = e.people[0].Balance(), e.people[0].Mutual()

	// The walk, on copies of its own.
	w := walk{Explanation: x, shard: e.shard, claim: x.Claim, p: *p, byHand: byHand}
	if annex != nil {
		w.annex = *annex
	}
	walked := w.settle()
	walked.Order, walked.Previous, walked.before = x.Result.Order, x.Result.Previous, x.Result.before
	if walked != x.Result {
		panic(fmt.Sprintf("engine.Explain: the steps come to %+v, the settlement to %+v", walked, x.Result))
	}
	return x
}

// walk is one explanation under way.
type walk struct {
	*Explanation
	shard  *Shard // turned to the month of the settlement
	claim  Claim  // as it is settled: of a manual claim less what does not count
	terms  *Terms
	p      PersonYear
	annex  Annex
	byHand bool
	year   int // of the steps, where they belong to one of two years
	part   yearPart
}

// yearPart is the part of a bill that one benefit year decides.
type yearPart struct {
	month day.Month
	terms *Terms
	bill  bill
}

func (w *walk) step(rules string, d Detail, params ...Param) {
	w.Steps = append(w.Steps, Step{Rules: rules, Params: params, Year: w.year, Detail: d})
}

// check writes down that a status did not refuse the bill, or that it did.
func (w *walk) check(s Status, passed bool, params ...Param) bool {
	w.step(statusRules[s], Check{Refusal: s, Passed: passed}, params...)
	return passed
}

// checks writes down the questions of some statuses in their order, up to the one
// that refused.
func (w *walk) checks(refused Status, of ...Status) (passed bool) {
	for _, s := range of {
		if w.byHand && (s == StatusUnconnected || s == StatusDiseaseNotListed || s == StatusDiseaseNotOpened) {
			continue // what stood against a direct settlement alone
		}
		if !w.check(s, s != refused, w.asked(s)...) {
			return false
		}
	}
	if refused != Settled {
		panic(fmt.Sprintf("engine.Explain: %v is not among the statuses asked for", refused))
	}
	return true
}

// asked are the values of the policy that a status depends on.
func (w *walk) asked(s Status) []Param {
	switch s {
	case StatusNotFiled:
		return []Param{w.policy(ParamFilingKinds, int64(w.terms.Filing.Kinds))}
	case StatusFilingNotInForce:
		return []Param{w.policy(ParamInForce, int64(w.terms.Filing.InForce))}
	case StatusCommitmentOpen:
		return []Param{w.policy(ParamHomeReturn, int64(w.terms.Filing.HomeReturn))}
	case StatusDiseaseNotListed:
		return []Param{w.policy(ParamDiseases, int64(w.terms.Diseases))}
	}
	return nil
}

// statusRules are the rules that a status enforces; StatusOutOfRange is none of the
// regulation's.
var statusRules = [NumStatuses]string{
	StatusSameProvince: "A2", StatusNoPolicy: "A10", StatusUnverified: "A8 X48", StatusSuspended: "X30", StatusUnconnected: "B13",
	StatusThirdParty: "C9 X18", StatusNoInjuryLetter: "C9 X18", StatusNotFiled: "B14", StatusFilingRevoked: "B23",
	StatusFiledElsewhere: "B12", StatusFilingNotInForce: "B8 X14", StatusCommitmentOpen: "B17 B18", StatusUnqualified: "C13",
	StatusDiseaseNotListed: "C12", StatusDiseaseNotOpened: "C13", StatusBadLines: "X27", StatusYearClosed: "X10",
	StatusNotLatest: "X8", StatusPlatformDown: "X31 X33",
}

// settle walks the bill from the first question to the last payer.
func (w *walk) settle() Result {
	s, c := w.shard, &w.claim
	month := c.SettleDay.Month()
	home := s.provinceOf[c.Pool] == c.Treating
	w.terms = s.rules.Terms(month, int(c.Pool), c.Scheme)
	w.part = yearPart{month: month, terms: w.terms}
	if home {
		known := w.terms != nil && !w.byHand
		if known {
			_, status := w.terms.atHome(c)
			known = status != StatusSameProvince
		}
		if !known {
			return w.refused(StatusSameProvince)
		}
	} else {
		w.check(StatusSameProvince, true)
	}
	if w.terms == nil || s.lacksPolicy(c, w.Lines) {
		return w.refused(StatusNoPolicy)
	}
	w.check(StatusNoPolicy, true)
	if w.byHand {
		c.Flags &^= FlagUnconnected | FlagNotOpened | FlagUseAccount | FlagUseMutual
		c.CasePayment = 0
	}
	if status := refusal(c); !w.checks(status, StatusUnverified, StatusSuspended, StatusUnconnected, StatusThirdParty, StatusNoInjuryLetter) {
		return Result{Status: status}
	}
	var filing FilingKind
	var status Status
	switch {
	case w.byHand:
		filing, status = w.filingByHand()
	case home:
		filing, status = w.filingAtHome()
	default:
		filing, status = w.filing()
	}
	if status != Settled {
		return Result{Status: status}
	}
	return w.pay(filing, home)
}

// refused writes down a check that failed.
func (w *walk) refused(s Status) Result {
	w.check(s, false, w.askedOf(s)...)
	return Result{Status: s}
}

func (w *walk) askedOf(s Status) []Param {
	if w.terms == nil {
		return nil
	}
	return w.asked(s)
}

var filingChecks = []Status{StatusNotFiled, StatusFilingRevoked, StatusFiledElsewhere, StatusFilingNotInForce}

// filing says under which kind a visit elsewhere is settled directly.
func (w *walk) filing() (FilingKind, Status) {
	f := &w.claim.Filing
	kind, status := w.terms.Filing.check(&w.claim)
	ordinary := w.terms.Filing.ordinary(f, &w.claim)
	switch {
	case status == Settled && ordinary == Settled && kind == f.Kind:
		w.checks(Settled, filingChecks...)
		w.step("B1 B14", FilingChosen{Kind: kind, How: OnFile})
	case status == Settled:
		w.step("B4 C8 X17", FilingChosen{Kind: kind, How: DeemedFiled, Otherwise: ordinary}, w.policy(ParamFilingKinds, int64(w.terms.Filing.Kinds)))
	case w.terms.UnfiledDirect && status.unfiled():
		kind, status = Unfiled, Settled
		w.step("B14", FilingChosen{Kind: Unfiled, How: UnfiledAnyway, Otherwise: ordinary}, w.policy(ParamUnfiledDirect, 1))
	default:
		w.checks(status, filingChecks...)
	}
	return kind, status
}

// filingAtHome says under which kind a long-term filer is settled in the own
// province.
func (w *walk) filingAtHome() (FilingKind, Status) {
	kind, status := w.terms.atHome(&w.claim)
	if !w.checks(status, StatusCommitmentOpen) {
		return kind, status
	}
	rule, how := "B18 B19", HomeFull
	if w.terms.Filing.HomeReturn == HomeAsReferral {
		rule, how = "B18", HomeReferral
	}
	w.step(rule, FilingChosen{Kind: kind, How: how}, w.policy(ParamHomeReturn, int64(w.terms.Filing.HomeReturn)))
	return kind, status
}

// filingByHand says at which kind's drop a manual claim is reimbursed (B15).
func (w *walk) filingByHand() (FilingKind, Status) {
	late := w.claim
	late.Filing.Filed = min(w.claim.Filing.Filed, w.claim.SettleDay)
	kind, status := w.terms.Filing.check(&late)
	switch status {
	case StatusFilingRevoked:
		return kind, w.refused(status).Status
	case Settled:
		chosen := FilingChosen{Kind: kind, How: OnFile}
		if kind != late.Filing.Kind {
			chosen.How = DeemedFiled
		}
		w.step("B15", chosen)
		return kind, Settled
	}
	w.step("B15", FilingChosen{Kind: Unfiled, How: UnfiledByHand, Otherwise: status})
	return Unfiled, Settled
}

// pay walks from the lines to the payers.
func (w *walk) pay(filing FilingKind, home bool) Result {
	s, c := w.shard, &w.claim
	x := bill{kind: c.Kind, filing: filing, month: uint8(c.SettleDay.Month().OfYear()), stay: c.Stay}
	if c.Kind == Chronic {
		status, ordinary := w.terms.chronic(c, w.byHand)
		if !ordinary {
			if !w.checks(status, StatusUnqualified, StatusDiseaseNotListed, StatusDiseaseNotOpened) {
				return Result{Status: status}
			}
		} else {
			x.kind = Outpatient
			w.step("X42 "+statusRules[status], OrdinaryInstead{Because: status}, w.asked(status)...)
		}
	}
	var r Result
	r.ByHand = w.byHand
	catalogue := s.rules.Catalogue(c.SettleDay.Month(), int(c.Treating))
	x.caseOf = catalogue.Case
	if status := w.split(catalogue, &r); status != Settled {
		return Result{Status: status}
	}
	year, _, _ := c.SettleDay.Date()
	p := &w.p
	annex, ofYear := &w.annex, &w.annex.year
	thisYear := p.year == benefitYear(year)
	if p.year > benefitYear(year) {
		return w.refused(StatusYearClosed)
	}
	if r.Fee > MaxFee || p.serial == maxSerial || thisYear && !p.fits() ||
		thisYear && w.terms.Benefits[x.kind].Mode == PerHospital && annex.year.full(c, bucketOf[x.kind]) ||
		thisYear && x.kind == Inpatient && w.terms.Benefits[Inpatient].forgotten(c, c.Stay, p) {
		return w.refused(StatusOutOfRange)
	}
	crosses := c.AdmitDay < s.yearFrom && w.terms.CrossYear == CrossByDay && x.kind == Inpatient
	var former *Terms
	if crosses {
		if former = s.rules.Terms((s.yearFrom - 1).Month(), int(c.Pool), c.Scheme); former == nil {
			return w.refused(StatusNoPolicy)
		}
		if !s.fitsFormer(former, c, p, annex) {
			return w.refused(StatusOutOfRange)
		}
	}
	if !thisYear {
		p.begin(s.year, annex)
	}
	w.part.bill = x
	if crosses {
		w.crossYear(former, x, &r)
	} else {
		w.funds(p, ofYear, &r)
		w.payers(x, &r)
	}
	r.Filing, r.Kind, r.AtHome = filing, x.kind, home
	w.step("I3 I4 I5", Sum{
		Fee: r.Fee, Funds: r.Funds, Account: r.Account, Mutual: r.Mutual, Cash: r.Cash, Hospital: r.Hospital,
		FundSum: r.FundSum(), PersonPart: r.PersonPart(), All: r.FundSum() + r.PersonPart() + r.Hospital,
	})
	return r
}

// policy is a value of the terms that the current part of the bill follows.
func (w *walk) policy(name ParamName, value int64) Param {
	c := &w.claim
	return Param{
		Name: name, Month: w.part.month, Pool: c.Pool, Scheme: c.Scheme, Care: w.part.bill.kind,
		Person: c.PersonType, Level: c.Level, Value: value,
	}
}
