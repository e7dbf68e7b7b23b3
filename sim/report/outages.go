package report

import (
	"fmt"

	"kuasheng/sim"
)

// OutageSummary is what became of the bills that met an outage 停机 in the measured
// months (X31, X33), expanded.
type OutageSummary struct {
	Total  sim.OutageTotals         `json:"total"`
	ByKind ByKind[sim.OutageTotals] `json:"by_kind"`
}

// outagesOf sums a run's outages up; nil where no bill met one.
func outagesOf(r *sim.Result, n int64) *OutageSummary {
	s := new(OutageSummary)
	for kind := range r.Outages {
		s.ByKind[kind].Add(&r.Outages[kind], n)
		s.Total.Add(&r.Outages[kind], n)
	}
	if s.Total.Bills == 0 {
		return nil
	}
	return s
}

// text writes the line of the screen.
func (s *OutageSummary) text(w *words) string {
	t := &s.Total
	return fmt.Sprintf(w.outage, Grouped(t.Bills), Grouped(t.Waited), Grouped(t.Settled), Grouped(t.InFull), w.money(t.InFullFen), Grouped(t.ByHand))
}
