package engine

// YearSums are the accumulators of many persons added up, to be proven against
// the register (V3).
type YearSums [numBuckets + 5]int64

// YearSumNames name the entries of YearSums for reports of breaches.
var YearSumNames = [len(YearSums{})]string{
	"basic paid, inpatient", "basic paid, outpatient and pharmacy", "basic paid, chronic",
	"large paid", "major paid", "aid paid", "deductible", "admissions",
}

// AddTo adds the person's accumulators of a benefit year to s.
func (p *PersonYear) AddTo(s *YearSums, year int) {
	if p.year != benefitYear(year) {
		return
	}
	for b := range p.paid {
		s[b] += int64(p.paid[b])
		s[numBuckets+3] += int64(p.deductible[b])
	}
	s[numBuckets] += int64(p.large)
	s[numBuckets+1] += int64(p.major)
	s[numBuckets+2] += int64(p.aid)
	s[numBuckets+4] += int64(p.visits)
}

// AddRegister adds a register row of a kind to s.
func (s *YearSums) AddRegister(kind Kind, t *Totals) {
	s[bucketOf[kind]] += t[SumBasic]
	s[numBuckets] += t[SumLarge]
	s[numBuckets+1] += t[SumMajor]
	s[numBuckets+2] += t[SumAid]
	s[numBuckets+3] += t[SumDeductible]
	if kind == Inpatient {
		s[numBuckets+4] += t[Cases]
	}
}

// Add adds u to s.
func (s *YearSums) Add(u *YearSums) {
	for i := range s {
		s[i] += u[i]
	}
}
