package sim

import (
	"testing"

	"kuasheng/engine"
)

// A part of a divided stay names the admission of the other part, where that has been
// settled or reimbursed before, at the desk as by hand, whatever other stays lie between
// them (X21, X22); a stay is one admission, but after a transfer that its pool does not
// merge.
func TestPartsOfAStayNameIt(t *testing.T) {
	w := smallWorld(20_000)
	w.Behavior.MidStay, w.Behavior.Transferred = 2000, 2000
	all, _ := traced(t, Config{World: w, Seed: 1}, 1)
	poolOf := map[uint32]int{}
	for i, p := range w.Pools {
		poolOf[p.Code] = i
	}
	type paid struct {
		event Event
		visit uint8
		order uint16
	}
	parts := map[BillID]paid{}
	orders := map[BillID]uint16{} // of the month's latest admission, by patient
	seen := map[string]int{}
	for i := range all {
		x := &all[i]
		c, r := &x.Claim, &x.result
		if x.ID.Kind != engine.Inpatient || x.Event == EventRefused || x.Event == EventReversed {
			continue
		}
		other, patient := x.ID, x.ID
		other.Rest = !x.ID.Rest
		patient.Ordinal, patient.Rest = 0, false
		before, known := parts[other]
		switch named := c.Flags & (engine.FlagContinued | engine.FlagTransferred); {
		case x.Event == EventRefusedByHand:
		case !known && (named != 0 || c.Stay != 0):
			t.Fatalf("%v goes on from a part that was not paid: stay %d", x.ID, c.Stay)
		case known && (named == 0 || c.Stay != before.visit):
			t.Fatalf("%v names admission %d, the other part was %d", x.ID, c.Stay, before.visit)
		case known:
			merge := w.Rules.Terms(x.ID.Month, poolOf[x.ID.Pool], x.ID.Scheme).Benefits[engine.Inpatient].Merge
			oneStay := named == engine.FlagContinued || merge&engine.MergeTransfers != 0
			if (r.Visit == before.visit) != oneStay {
				t.Fatalf("%v: admission %d after %d, merge rule %d", x.ID, r.Visit, before.visit, merge)
			}
			seen[before.event.String()+", then "+x.Event.String()]++
			if !x.ID.Rest {
				seen["the rest first"]++
			}
			if orders[patient] != before.order {
				seen["another stay between"]++
				if merge != engine.MergeNone {
					seen["another stay between, merged"]++
				}
			}
		}
		if r.Status == engine.Settled {
			parts[x.ID] = paid{x.Event, r.Visit, r.Order}
			orders[patient] = r.Order
		}
	}
	for _, what := range []string{"settled, then settled", "settled, then by_hand", "by_hand, then by_hand", "the rest first",
		"another stay between", "another stay between, merged"} {
		if seen[what] == 0 {
			t.Errorf("never happens: %s", what)
		}
	}
	t.Log(seen)
}
