package main

import (
	"context"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/fixtures"
	"kuasheng/sim"
)

// A run's bill that an outage stopped is explained as such, in both languages.
func TestExplainOutage(t *testing.T) {
	slow(t)
	const set = "outages.national=2024-03-04"
	p, err := fixtures.Load("national-2024", fixtures.Options{Sets: []string{set}})
	if err != nil {
		t.Fatal(err)
	}
	var id sim.BillID
	_, err = sim.Run(context.Background(), sim.Config{World: p.World(), Seed: 2024, Sample: 16384, Workers: 1, Trace: &sim.Trace{OneIn: 1, Open: func(int) (func(*sim.TracedBill) error, error) {
		return func(x *sim.TracedBill) error {
			if x.Result.Status == engine.StatusPlatformDown {
				id = x.ID
			}
			return nil
		}, nil
	}}})
	if err != nil || id.Pool == 0 {
		t.Fatal(err, id)
	}
	dir := t.TempDir() + "/run"
	if o := call(t, "", "run", "--sample", "1/16384", "--set", set, "--out", dir); o.code != 0 {
		t.Fatal(o)
	}
	for lang, want := range map[string]string{"en": "Settle when the platform is back", "zh": "待平台恢复后结算"} {
		if o := call(t, "", "explain", dir, "--id", id.String(), "--lang", lang); o.code != 0 || !strings.Contains(o.out, want) {
			t.Errorf("%s: %d %s%s", lang, o.code, o.out, o.err)
		}
	}
}
