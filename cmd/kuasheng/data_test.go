package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kuasheng/sim/report"
)

// A scenario may have reforms on it wherever one is asked for, and is then what --overlay
// makes of it; a page is headed by the titles of what it is made of.
func TestStacks(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "my.yaml")
	if err := os.WriteFile(file, []byte("title: My own reform\nset:\n  - {path: prepayment.multiple_factor_bp, value: 15000}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	manifest := func(args ...string) (m report.Manifest, page string) {
		t.Helper()
		out := filepath.Join(dir, strings.NewReplacer("/", "", " ", "").Replace(strings.Join(args, "")))
		if o := call(t, "", append([]string{"run", "--sample", tiny, "--out", out}, args...)...); o.code != codeOK {
			t.Fatalf("%v: exit %d: %s", args, o.code, o.err)
		}
		text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		content, e := os.ReadFile(filepath.Join(out, "report.html"))
		if err != nil || e != nil {
			t.Fatal(err, e)
		}
		return m, html.UnescapeString(string(content))
	}
	stacked, page := manifest("national-2024+no-filing+" + file)
	laid, _ := manifest("--overlay", "no-filing", "--overlay", file)
	if stacked.Digest != laid.Digest || stacked.DataDigest != laid.DataDigest || stacked.Scenario != "national-2024" || len(stacked.Overlays) != 2 || stacked.Version == 0 {
		t.Errorf("stacked %+v, laid over %+v", stacked, laid)
	}
	if !strings.Contains(page, "<h1>The national year 2024 + No filing needed + My own reform</h1>") || !strings.Contains(page, "取消备案 + My own reform</h1>") {
		t.Error("the page is not headed by the titles of its overlays")
	}
	claim := `{"infno":"2207","msgid":"M1","insuplc_admdvs":"131000","mdtrtarea_admvs":"110000","psn_no":"P1","insutype":"310","psn_type":"1201","med_type":"11","fixmedins_code":"H11010100001","hosp_lv":"3","setl_time":"2024-07-01 09:00:00","feedetl":[{"feedetl_sn":"1","med_chrgitm_type":"09","chrgitm_lv":"01","det_item_fee_sumamt":"32.52"}]}`
	for spec, status := range map[string]string{"national-2024": `"status":"not_filed"`, "national-2024+no-filing": `"status":"settled"`} {
		if o := call(t, claim, "settle", "--scenario", spec); !strings.Contains(o.out, status) {
			t.Errorf("settle, %s: %s%s", spec, o.out, o.err)
		}
		if o := call(t, claim, "explain", "--json", "--scenario", spec, "-"); o.code != codeOK || !strings.Contains(o.out, strings.Replace(status, ":", ": ", 1)) {
			t.Errorf("explain, %s: exit %d: %.300s%s", spec, o.code, o.out, o.err)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"doctor national-2024+nul", `nul: no such reform or file; did you mean "null"?`},
		{"run national-2042", `did you mean "national-2024"?; there is national-2024, national-2025,`},
		{"run national-2024+", "an empty name"},
		{"run --data " + dir + " national-2024", "a scenario and --data are two packs"},
		{"run national-2024+" + dir, "a directory, and no reform"},
		{"run --overlay nofiling", `no such reform or file; did you mean "no-filing"?`},
		{"run --set prepayment.multiple_factr_bp=1", `did you mean "multiple_factor_bp"?`},
		{"run --sampel 1/64", `unknown flag --sampel; did you mean "--sample"?`},
		{"compare national-2024 null --replication 3", `did you mean "--replications"?`},
		{"stress --late 2 --surge", "--surge wants a value"},
		{"completion foo", `unknown command "foo"`},
		{"completion bahs", `unknown command "bahs"; did you mean "bash"?`},
		{"help explian", `unknown command "explian"; did you mean "explain"?`},
		{"bench rnu", `unknown command "rnu"; did you mean "run"?`},
		{"sweep --at-most x sweep.yaml", "--at-most x: not a whole number"},
		{"run --json=maybe", "--json maybe: neither true nor false"},
	} {
		if o := call(t, "", strings.Fields(c.args)...); o.code != codeUsage || !strings.Contains(o.err, c.want) || strings.Contains(o.err, "strconv") {
			t.Errorf("%s: exit %d, want %q in %s", c.args, o.code, c.want, o.err)
		}
	}
}

// A share is typed as 3% or 0.03, exact to a basis point and within its bound; basis
// points, as they were typed once, are told apart where they can be.
func TestShares(t *testing.T) {
	for text, want := range map[string]string{
		"3%": "3%", "0.03": "3%", "12.5%": "12.5%", "0.0001": "0.01%", "0": "0%", "100%": "100%", " 7 % ": "7%",
		"x": "not a share such as 3% or 0.03", "": "not a share", "3%%": "not a share", "1e-2": "not a share", "-1%": "-1% is not within 0% to 200%",
		"0.00001": "finer than a hundredth of a per cent", "250%": "250% is not within 0% to 200%", "3000": "300000% is not within 0% to 200%; 3000 basis points are 30%",
		"999999999999999999999999": "not a share",
	} {
		f := shareFlag{most: 20_000}
		got := ""
		if err := f.Set(text); err != nil {
			got = err.Error()
		} else {
			got = f.String()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Every JSON that a command prints has a version, and one spelling for one thing.
func TestJSONVersions(t *testing.T) {
	slow(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sweep.yaml", []byte("sample: 1/16384\noutputs: [funds_fen]\ndesigns:\n  - list: [[]]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"run --sample " + tiny + " --out r1 --json", "compare national-2024 null --sample 1/16384 --json", "stress --sample 1/16384 --late 0 --down 0 --json",
		"stress --sample 1/16384 --search delay --domain 0..10/10 --json", "sweep sweep.yaml --json", "explain r1 --pick outpatient --json", "verify r1 --json", "doctor --json", "scenarios --json", "version --json",
	} {
		o := call(t, "", strings.Fields(args)...)
		var keys map[string]any
		if err := json.Unmarshal([]byte(o.out), &keys); err != nil || keys["version"] == nil {
			t.Errorf("%s: exit %d, %v, version %v%s", args, o.code, err, keys["version"], o.err)
		}
		for _, old := range []string{"sample", "settlements_per_s", "format"} {
			if _, there := keys[old]; there {
				t.Errorf("%s: has the key %s", args, old)
			}
		}
	}
	for _, file := range []string{"r1/manifest.json", "r1/summary.json", "r1/validation.json", "sweep.manifest.json"} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(text), "{\n  \"version\": ") {
			t.Errorf("%s: %v, %.40s", file, err, text)
		}
	}
}
