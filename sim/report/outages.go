package report

import (
	"encoding/json"
	"fmt"
	"strconv"

	"kuasheng/engine"
	"kuasheng/sim"
)

// OutageSummary is what became of the bills that met an outage 停机 in the measured
// months (X31, X33), expanded.
type OutageSummary struct {
	Total  sim.OutageTotals `json:"total"`
	ByKind OutagesByKind    `json:"by_kind"`
}

// OutagesByKind holds one row for each kind of care, in JSON under its name.
type OutagesByKind [engine.NumKinds]sim.OutageTotals

// MarshalJSON writes the kinds in their order.
func (b OutagesByKind) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for kind := range b {
		value, err := json.Marshal(&b[kind])
		if err != nil {
			return nil, err
		}
		if kind > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, engine.KindNames[kind]), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *OutagesByKind) UnmarshalJSON(text []byte) error {
	var kinds map[string]sim.OutageTotals
	if err := json.Unmarshal(text, &kinds); err != nil {
		return err
	}
	for kind, name := range engine.KindNames {
		b[kind] = kinds[name]
	}
	return nil
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
