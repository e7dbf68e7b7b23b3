package engine

// YearSums are the accumulators of many persons added up, to be proven against
// the register (V3).
type YearSums [numBuckets + 6]int64

// The entries of YearSums after the basic fund's, one by bucket.
const (
	yearLarge = iota + numBuckets
	yearMajor
	yearSupplement
	yearAid
	yearDeductible
	yearAdmissions
)

// YearSumNames name the entries of YearSums for reports of breaches.
var YearSumNames = [len(YearSums{})]string{
	"basic paid, inpatient", "basic paid, outpatient and pharmacy", "basic paid, chronic",
	"large paid", "major paid", "supplements paid", "aid paid", "deductible", "admissions",
}

// AddTo adds the person's accumulators of a benefit year to s.
func (p *PersonYear) AddTo(s *YearSums, year int) {
	if p.year != benefitYear(year) {
		return
	}
	for b := range p.paid {
		s[b] += int64(p.paid[b])
	}
	s[yearLarge] += int64(p.large)
	s[yearMajor] += int64(p.major)
	s[yearSupplement] += int64(p.supplement)
	s[yearAid] += int64(p.aid)
	s[yearDeductible] += int64(p.deductible)
	s[yearAdmissions] += int64(p.visits)
}

// AddRegister adds a register row of a kind to s.
func (s *YearSums) AddRegister(kind Kind, t *Totals) {
	s[bucketOf[kind]] += t[SumBasic]
	s[yearLarge] += t[SumLarge]
	s[yearMajor] += t[SumMajor]
	s[yearSupplement] += t[SumCivil] + t[SumEnterprise]
	s[yearAid] += t[SumAid]
	s[yearDeductible] += t[SumDeductible]
	if kind == Inpatient {
		s[yearAdmissions] += t[Cases]
	}
}

// setAside notes what of a result the register and the accumulators do not count
// alike, see Books.Aside; cases is −1 for a reversal, whose amounts are negative.
func (s *YearSums) setAside(r *Result, cases int64) {
	f := &r.Former
	add := func(basic, large, major, supplement, aid, deductible int64) {
		s[bucketOf[r.Kind]] += basic
		s[yearLarge] += large
		s[yearMajor] += major
		s[yearSupplement] += supplement
		s[yearAid] += aid
		s[yearDeductible] += deductible
	}
	if r.before.goesOn && r.Kind == Inpatient {
		s[yearAdmissions] += cases
	}
	n := cases
	add(n*int64(f.Funds[LayerBasic]), n*int64(f.Funds[LayerLarge]), n*int64(f.Funds[LayerMajor]),
		n*(int64(f.Funds[LayerCivil])+int64(f.Funds[LayerEnterprise])), n*int64(f.Funds[LayerAid]), n*int64(f.Deductible))
	if !r.AtHome {
		return
	}
	add(-int64(r.Funds[LayerBasic]), -int64(r.Funds[LayerLarge]), -int64(r.Funds[LayerMajor]),
		-int64(r.Funds[LayerCivil]+r.Funds[LayerEnterprise]), -int64(r.Funds[LayerAid]), -int64(r.Deductible))
	if r.Kind == Inpatient {
		s[yearAdmissions] -= cases
	}
}

// Add adds u to s.
func (s *YearSums) Add(u *YearSums) {
	for i := range s {
		s[i] += u[i]
	}
}

// Sub takes u from s.
func (s *YearSums) Sub(u *YearSums) {
	for i := range s {
		s[i] -= u[i]
	}
}
