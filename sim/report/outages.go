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

// text writes the line of the screen: of a sample only where enough bills met an outage.
func (s *OutageSummary) text(w *summaryTexts, expansion int64) string {
	t := &s.Total
	if bills := t.Bills / expansion; expansion > 1 && bills < sim.Few {
		return fmt.Sprintf(w.outageFew, Grouped(bills))
	}
	return fmt.Sprintf(w.outage, Grouped(t.Bills), Grouped(t.Waited), Grouped(t.Settled), Grouped(t.InFull), w.money(t.InFullFen), Grouped(t.ByHand))
}
