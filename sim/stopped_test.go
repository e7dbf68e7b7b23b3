package sim

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/sim/clearing"
)

// What Stop says of an outage is what a whole run with it finds, to the fen, also where
// the recorded run has outages of its own and clears every week.
func TestStopIsARun(t *testing.T) {
	w := smallWorld(16_000)
	w.Outages = someOutages(w)
	w.Money.Levers.Frequency = clearing.Weekly
	w.Money.Levers.ShortAllocate, w.Money.Levers.ShortSign = 3, 5
	rec := new(Recording)
	base := mustRun(t, Config{World: w, Seed: 7, Sample: 2, Record: rec})
	outages := []Outage{
		{0, true, true, day.Of(2024, 3, 7), day.Of(2024, 3, 7)}, // the day on which who waited for the 6th settles
		{1, true, true, rec.Busiest(1)[1], rec.Busiest(1)[1]},
		{2, true, false, day.Of(2023, 12, 30), day.Of(2023, 12, 31)},
		{clearing.AllProvinces, true, true, day.Of(2024, 12, 30), day.Of(2024, 12, 31)},
	}
	var lock sync.Mutex
	got := make([]*Stopped, len(outages))
	if err := rec.Stop(context.Background(), 7, 2, 2, outages, func(i int, s *Stopped) error {
		lock.Lock()
		defer lock.Unlock()
		got[i] = s
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i, o := range outages {
		with := *w
		with.Outages.Down = append(slices.Clone(w.Outages.Down), o)
		whole := new(Recording)
		want := mustRun(t, Config{World: &with, Seed: 7, Sample: 2, Record: whole})
		for m := range whole.months {
			if !reflect.DeepEqual(got[i].Changed.months[m], whole.months[m]) {
				t.Errorf("outage %d: month %d is another", i, m)
			}
		}
		for k := range want.Outages {
			met := want.Outages[k]
			met.Add(&base.Outages[k], -1)
			if o.From >= day.Of(2024, 1, 1) && (met != got[i].Met[k] || met.Bills == 0) {
				t.Errorf("outage %d, %v: %+v, a whole run %+v", i, engine.Kind(k), got[i].Met[k], met)
			}
		}
		if got[i].Patients == 0 || got[i].Patients > base.Patients && i < 3 {
			t.Errorf("outage %d: %d patients of %d lived again", i, got[i].Patients, base.Patients)
		}
		r, err := got[i].Changed.Clear(context.Background(), w, 7)
		if err != nil || len(r.Breaches) > 0 {
			t.Fatal(err, r.Breaches)
		}
		if !reflect.DeepEqual(r.Clearing, want.Clearing) {
			t.Errorf("outage %d: money moves otherwise than in a whole run", i)
		}
	}
	if err := rec.Stop(context.Background(), 7, 2, 1, []Outage{{0, true, true, day.Of(2024, 3, 31), day.Of(2024, 4, 1)}}, nil); err == nil {
		t.Error("an outage over a month's end is not refused")
	}
}

// The busiest day is the one on which most is owed, of what a province owes and is owed.
func TestBusiest(t *testing.T) {
	w := smallWorld(8_000)
	rec := new(Recording)
	all, _ := traced(t, Config{World: w, Seed: 2, Record: rec}, 1)
	first := (w.First + day.Month(w.WarmUp)).First()
	sums := make([]map[day.Day]int64, len(w.Provinces))
	for p := range sums {
		sums[p] = map[day.Day]int64{}
	}
	for i := range all {
		x := &all[i]
		if x.Event != EventDirect && x.Event != EventReversed || x.Claim.SettleDay < first {
			continue
		}
		owed := int64(x.result.FundSum() + x.result.Account + x.result.Mutual)
		sums[x.Claim.Treating][x.Claim.SettleDay] += owed
		sums[w.Pools[x.Claim.Pool].Province][x.Claim.SettleDay] += owed
	}
	for p, d := range rec.Busiest(1) {
		for other, sum := range sums[p] {
			if sum > sums[p][d] {
				t.Errorf("province %d: %v with %d, %v has %d", p, d, sums[p][d], other, sum)
			}
		}
	}
	for p, d := range rec.Busiest(3) {
		if d.Month() != (d+2).Month() || d == 0 {
			t.Errorf("province %d: three days from %v", p, d)
		}
	}
}
