package sim

import (
	"context"
	"runtime"
	"testing"
	"weak"
)

// Whoever keeps a result keeps no patients: of a nation they are 1.3 GiB, and a
// comparison keeps several results.
func TestResultsKeepNoPatients(t *testing.T) {
	w := smallWorld(200)
	var patients weak.Pointer[patient]
	cfg := Config{World: w, Seed: 1}
	c, err := compile(w, cfg.Seed)
	if err != nil {
		t.Fatal(err)
	}
	result := func() *Result {
		r := newRunner(&cfg, c)
		for month := range c.months {
			if err := r.settle(context.Background(), month); err != nil {
				t.Fatal(err)
			}
			r.barrier(month)
		}
		r.runOff()
		patients = weak.Make(&r.blocks[0].patients[0])
		return r.result
	}()
	runtime.GC()
	runtime.GC()
	if patients.Value() != nil {
		t.Error("the result of a run keeps its patients")
	}
	runtime.KeepAlive(result)
}
