package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kuasheng/sim/report"
)

// Of the scenario as it is, every published figure that is neither fitted nor follows
// from fitted ones is met, or a reason stands beside it in both languages; only the
// busiest days need more than a sample. The sample is too small to judge the fit.
func TestMissesAreExplained(t *testing.T) {
	slow(t)
	out := filepath.Join(t.TempDir(), "run")
	if o := call(t, "", "run", "--sample", "1/256", "--out", out); o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	text, err := os.ReadFile(filepath.Join(out, "validation.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v report.Validation
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	misses := 0
	for i := range v.Targets {
		row := &v.Targets[i]
		switch {
		case row.Role == "fitted" || row.Role == "follows":
		case row.Within == nil:
			if row.Measure != "peak_day_ppm" || row.NotEstimated == "" {
				t.Errorf("%s is not estimated: %s", row.Name, row.NotEstimated)
			}
		case !*row.Within:
			if misses++; row.Explanation == "" || row.ExplanationZH == "" {
				t.Errorf("%s misses %d with %d, and nothing says why", row.Name, row.Target, *row.Achieved)
			}
		}
	}
	if misses == 0 || len(v.Targets) < 30 {
		t.Errorf("%d targets, %d misses", len(v.Targets), misses)
	}
}
