package sim

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// someOutages are three days of one province in both roles, of which the first is a day
// further from the end than anybody waits; a day of another as place of treatment, the
// end of a month as insured place, and a day of the national platform.
func someOutages(w *World) OutageRules {
	r := OutageRules{Down: []Outage{
		{0, true, true, day.Of(2024, 3, 4), day.Of(2024, 3, 6)},
		{1, false, true, day.Of(2024, 5, 14), day.Of(2024, 5, 14)},
		{2, true, false, day.Of(2024, 7, 30), day.Of(2024, 7, 31)},
		{clearing.AllProvinces, true, true, day.Of(2024, 9, 10), day.Of(2024, 9, 10)},
	}}
	x := OutageWait{From: w.First, To: w.First + day.Month(w.WarmUp+w.Months-1), Days: 2}
	for k := range x.Share {
		x.Share[k] = money.BasisPoints(7000 - 1500*k)
	}
	r.Waits = []OutageWait{x}
	return r
}

// X31, X33: on a day that is down nothing settles that would have to pass there, in
// either role; who waits settles on the first day after and no later than the rule says;
// the others pay in full; everybody else's bills are the same as without.
func TestOutage(t *testing.T) {
	with := smallWorld(40_000)
	with.Outages = someOutages(with)
	without := smallWorld(40_000)
	down := func(id BillID, d day.Day) bool {
		on := func(y, m, n int) bool { return d == day.Of(y, m, n) }
		insured, treating := id.Pool/10_000*10_000, id.Treating
		is := func(code uint32) bool { return insured == code || treating == code }
		return (on(2024, 3, 4) || on(2024, 3, 5) || on(2024, 3, 6)) && is(110000) || on(2024, 5, 14) && treating == 310000 ||
			(on(2024, 7, 30) || on(2024, 7, 31)) && insured == 340000 || on(2024, 9, 10)
	}
	base, plain := traced(t, Config{World: without, Seed: 1}, 1)
	all, r := traced(t, Config{World: with, Seed: 1}, 1)
	before := map[BillID]*happened{}
	for i := range base {
		if base[i].Event <= EventRefused {
			before[base[i].ID] = &base[i]
		}
	}
	var got [engine.NumKinds]OutageTotals
	touched := map[BillID]bool{} // patients, by a bill id without the bill
	inFull := map[BillID]bool{}
	patient := func(id BillID) BillID { id.Month, id.Kind, id.Ordinal, id.Rest = 0, 0, 0, false; return id }
	for i := range all {
		x := &all[i]
		met := &got[x.Claim.Kind]
		if x.Event > EventRefused {
			if x.Event == EventByHand && inFull[x.ID] {
				met.ByHand++
				met.ByHandFen += x.result.FundSum()
			}
			continue
		}
		was := before[x.ID]
		if was == nil {
			t.Fatalf("%v is a bill that was not there without outages", x.ID)
		}
		connected := x.Claim.Flags&engine.FlagUnconnected == 0
		stopped := x.result.Status == engine.StatusPlatformDown
		if down(x.ID, x.Claim.SettleDay) && connected && !stopped {
			t.Fatalf("%v settles on %v, which is down: %v", x.ID, x.Claim.SettleDay, x.result.Status)
		}
		waited := x.Claim.SettleDay - was.Claim.SettleDay
		if meets := down(x.ID, was.Claim.SettleDay) && connected; meets != (stopped || waited > 0) {
			t.Fatalf("%v of %v: meets %v, stopped %v, waited %d days", x.ID, was.Claim.SettleDay, meets, stopped, waited)
		} else if meets {
			touched[patient(x.ID)] = true
			met.Bills++
		}
		switch {
		case stopped:
			met.InFull++
			inFull[x.ID] = true
			for _, l := range x.lines {
				met.InFullFen += l.Amount
			}
		case waited > 0:
			met.Waited++
			met.DaysWaited += int64(waited)
			if x.Event == EventDirect {
				met.Settled++
			}
			if waited > 2 || x.Claim.SettleDay.Month() != was.Claim.SettleDay.Month() {
				t.Errorf("%v waits from %v to %v", x.ID, was.Claim.SettleDay, x.Claim.SettleDay)
			}
			for d := was.Claim.SettleDay; d < x.Claim.SettleDay; d++ {
				if !down(x.ID, d) {
					t.Errorf("%v does not settle on %v, which is up", x.ID, d)
				}
			}
			// What was used on a day was used on it whenever it is settled (X43).
			for n, l := range x.lines {
				if l.DaysBefore != was.lines[n].DaysBefore+uint16(waited) {
					t.Fatalf("%v: line %d used %d days before, was %d, waited %d", x.ID, n, l.DaysBefore, was.lines[n].DaysBefore, waited)
				}
			}
		}
		if !touched[patient(x.ID)] && (x.Event != was.Event || x.result != was.result || x.Claim != was.Claim) {
			t.Fatalf("%v met no outage and is another bill", x.ID)
		}
	}
	if len(before) == 0 || r.Outages != got {
		t.Errorf("outages\n%+v, the bills say\n%+v", r.Outages, got)
	}
	for k, x := range r.Outages {
		if x.Bills == 0 || x.Waited == 0 || x.InFull == 0 || x.Settled == 0 || k == int(engine.Inpatient) && x.ByHand == 0 {
			t.Errorf("%v: not everything happened: %+v", engine.Kind(k), x)
		}
	}
	if plain.Outages != ([engine.NumKinds]OutageTotals{}) || plain.Digest == r.Digest {
		t.Error("a year without outages has some, or the digest of one with")
	}
}

// Rules that stop nothing leave the year as it was, bit for bit.
func TestNoOutage(t *testing.T) {
	plain := mustRun(t, Config{World: smallWorld(8_000), Seed: 3})
	w := smallWorld(8_000)
	w.Outages = someOutages(w)
	w.Outages.Down = []Outage{{clearing.AllProvinces, true, true, day.Of(2023, 9, 1), day.Of(2023, 9, 30)}}
	if r := mustRun(t, Config{World: w, Seed: 3}); r.Digest != plain.Digest {
		t.Error("an outage before the run changes it")
	}
}

// A month whose count of stopped bills is off by one stops the run.
func TestOutageIsProven(t *testing.T) {
	var tally monthTally
	books := engine.NewBooks(engine.Shape{Pools: 1, Provinces: 2})
	tally.outages[engine.Chronic] = OutageTotals{Bills: 3, Waited: 1, InFull: 2, InFullFen: 500}
	books.Refused[engine.Chronic][engine.StatusPlatformDown], books.RefusedFees[engine.Chronic][engine.StatusPlatformDown] = 2, 500
	if checked, breaches := checkOutages("m", &tally, books); checked != 3 || breaches != nil {
		t.Errorf("%d checked, %v", checked, breaches)
	}
	for _, spoil := range []func(){
		func() { tally.outages[engine.Chronic].Bills++ },
		func() { books.RefusedFees[engine.Chronic][engine.StatusPlatformDown]++ },
		func() { books.Refused[engine.Pharmacy][engine.StatusPlatformDown]++ },
	} {
		kept, keptBooks := tally, *books
		spoil()
		if _, breaches := checkOutages("m", &tally, books); len(breaches) == 0 {
			t.Error("a breach was not found")
		}
		tally, *books = kept, keptBooks
	}
}

// The rest of a divided stay never comes before its first part, however long it waits,
// and two workers find the same as one.
func TestOutageAnywhere(t *testing.T) {
	w := smallWorld(8_000)
	w.Outages = someOutages(w)
	w.Outages.Waits[0].Days = MaxOutageWait
	for n := range 40 {
		from := day.Of(2024, 1, 3) + day.Day(n*8)
		w.Outages.Down = append(w.Outages.Down, Outage{clearing.AllProvinces, true, false, from, from + day.Day(n%4)})
	}
	one := mustRun(t, Config{World: w, Seed: 5, Workers: 1})
	if two := mustRun(t, Config{World: w, Seed: 5, Workers: 3}); one.Digest != two.Digest {
		t.Error("the digest depends on the workers")
	}
	all, _ := traced(t, Config{World: w, Seed: 5}, 1)
	first := map[BillID]day.Day{}
	for i := range all {
		x := &all[i]
		id := x.ID
		id.Rest = false
		if x.Event <= EventRefused && x.ID.Rest && x.Claim.SettleDay < first[id] {
			t.Errorf("%v comes on %v, its first part on %v", x.ID, x.Claim.SettleDay, first[id])
		} else if x.Event <= EventRefused && !x.ID.Rest {
			first[id] = x.Claim.SettleDay
		}
	}
}
