package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kuasheng/fixtures"
	"kuasheng/sim/experiment"
)

// A province named once is all of its pools named one by one: the same digest, and a
// comparison in which nothing differs. One of its pools is not, and says so.
func TestProvinceIsItsPools(t *testing.T) {
	slow(t)
	const rest, sample = "*.drop_bp.other_temporary", "1/1024"
	p, err := fixtures.Load(defaultScenario, fixtures.Options{})
	if err != nil {
		t.Fatal(err)
	}
	byHand := "set:\n"
	pools := 0
	for _, pool := range p.World().Pools {
		if pool.Code/10_000 == 41 {
			byHand += fmt.Sprintf("  - {path: policies.%d.%s, value: 1000}\n", pool.Code, rest)
			pools++
		}
	}
	file := filepath.Join(t.TempDir(), "by-hand.yaml")
	if err := os.WriteFile(file, []byte(byHand), 0o644); err != nil {
		t.Fatal(err)
	}
	o := call(t, "", "compare", defaultScenario, file, "--sample", sample, "--json", "--set", "policies.province:410000."+rest+"=1000")
	var c experiment.Comparison
	if err := json.Unmarshal([]byte(o.out), &c); err != nil || o.code != codeOK || len(c.Reforms) != 1 {
		t.Fatalf("exit %d, stderr %q, %v", o.code, o.err, err)
	}
	if !c.Reforms[0].Unchanged || pools != 19 || strings.Contains(o.err, "note") {
		t.Errorf("%d pools differ from their province; stderr %q", pools, o.err)
	}
	run := func(flags ...string) (digest, partial, stderr string) {
		t.Helper()
		o := call(t, "", append([]string{"run", "--sample", sample, "--json"}, flags...)...)
		var s struct {
			Digest  string   `json:"digest"`
			Partial []string `json:"partial_selections"`
		}
		if err := json.Unmarshal([]byte(o.out), &s); err != nil || o.code != codeOK {
			t.Fatalf("exit %d, stderr %q, %v", o.code, o.err, err)
		}
		return s.Digest, strings.Join(s.Partial, "\n"), o.err
	}
	if digest, partial, stderr := run("--overlay", file); digest != c.BaseRun.Digest || partial != "" || strings.Contains(stderr, "note") {
		t.Errorf("digest %s of the pools, %s of the province; %q, stderr %q", digest, c.BaseRun.Digest, partial, stderr)
	}
	const note = "sets 1 of 19 pools of 河南 Henan, 419900; for all of them write policies.province:410000." + rest
	if digest, partial, stderr := run("--set", "policies.419900."+rest+"=1000"); digest == c.BaseRun.Digest || partial != note || !strings.Contains(stderr, "kuasheng: note: "+note+"\n") {
		t.Errorf("digest %s, %q, stderr %q", digest, partial, stderr)
	}
}

// A file of a sweep and stress take the paths that --set takes.
func TestProvinceEverywhere(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "sweep.yaml")
	const text = `
sample: 1/4096
outputs: [funds_fen]
designs:
  - grid: [{path: "policies.province:河南.*.drop_bp.other_temporary", values: [1000]}]
  - list: [[policies.province:Henan.*.drop_bp.other_temporary=1000]]
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(dir, "table.csv")
	if o := call(t, "", "sweep", file, "--table", table); o.code != codeOK || !strings.Contains(o.err, "0 failed") {
		t.Errorf("exit %d, stderr %q", o.code, o.err)
	}
	o := call(t, "", "stress", "--sample", "1/4096", "--surge", "0", "--down", "0", "--set", "policies.province:河南.*.drop_bp.other_temporary=1000")
	if o.code != codeOK || strings.Contains(o.err, "note") {
		t.Errorf("exit %d, stderr %q", o.code, o.err)
	}
}
