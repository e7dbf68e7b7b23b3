package bench_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kuasheng/bench"
)

// script is a program that answers as a build of kuasheng does.
func script(t *testing.T, name, digest, core string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	text := `#!/bin/sh
case "$1" in
run) echo '{"digest":"` + digest + `","core_ns_per_settlement":` + core + `,"peak_rss_bytes":5000000}' ;;
settle) cat "$2" ;;
bench) echo '{"ladder":[{"feature":"settle","core":{"median_ns":` + core + `}}]}' ;;
esac
`
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSpeed: figures are compared within pairs, and what the builds find is told, the
// same or not.
func TestSpeed(t *testing.T) {
	claims := filepath.Join(t.TempDir(), "claims.jsonl")
	if err := os.WriteFile(claims, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := bench.SpeedConfig{
		Base: script(t, "base", "aa", "200"), Head: script(t, "head", "bb", "50"), Sample: "1/16", Claims: claims,
		Kernel: 3, Quick: 2, Prices: 1, PricesFor: time.Second, Tell: func(string) {},
	}
	s, err := bench.MeasureSpeed(context.Background(), &c)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bench.SpeedRow{}
	for _, r := range s.Rows {
		rows[r.Name] = r
	}
	for name, want := range map[string]struct {
		base, head, ratio float64
		pairs             int
	}{
		"kernel, a settlement":             {200, 50, 0.25, 3},
		"run --sample 1/16, peak memory":   {5, 5, 1, 3},
		"run --sample 1/1024, peak memory": {5, 5, 1, 2},
		"prices: settle":                   {200, 50, 0.25, 1},
	} {
		if r := rows[name]; r.Base.Median != want.base || r.Head.Median != want.head || r.Ratio.Median != want.ratio || r.Pairs != want.pairs {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for _, name := range []string{"run --sample 1/1024, processor", "settle " + claims + ", processor"} {
		if r := rows[name]; r.Base.Median <= 0 || r.Head.Median <= 0 || r.Pairs != 2 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for i, r := range s.Results {
		if same := r.Base == r.Head; same != strings.HasPrefix(r.Name, "settle") || i == 0 && (r.Base != "aa" || r.Head != "bb") {
			t.Errorf("%s: %s and %s", r.Name, r.Base, r.Head)
		}
	}
	if len(s.Results) != 3 {
		t.Errorf("%d results", len(s.Results))
	}

	c.Head = filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(c.Head, []byte("#!/bin/sh\necho no such flag >&2\nexit 2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := bench.MeasureSpeed(context.Background(), &c); err == nil || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("a head that fails: %v", err)
	}
}
