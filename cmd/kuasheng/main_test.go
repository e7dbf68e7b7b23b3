package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/spf13/cobra"

	"kuasheng/sim/report"
)

// outcome is one call of the program.
type outcome struct {
	code     int
	out, err string
}

func call(t *testing.T, in string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(in), &out, &err)
	return outcome{code, out.String(), err.String()}
}

// slow skips what takes its time under the race detector and starts nothing
// that runs beside it.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow, and nothing in it is concurrent")
	}
}

// TestCLI runs the command lines in testdata/cli: "kuasheng" takes one a line,
// "stdin" a command line and below it, after a blank line, standard input.
// -rewrite writes what came out; a person reads the difference.
func TestCLI(t *testing.T) {
	slow(t)
	datadriven.Walk(t, "testdata/cli", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			line, in := d.Input, ""
			switch d.Cmd {
			case "kuasheng":
			case "stdin":
				line, in, _ = strings.Cut(d.Input, "\n")
			default:
				d.Fatalf(t, "unknown command %q", d.Cmd)
			}
			o := call(t, in, strings.Fields(line)...)
			text := o.out
			if o.err != "" {
				text += "stderr:\n" + o.err
			}
			return fmt.Sprintf("%sexit %d\n", masked(text), o.code)
		})
	})
}

var (
	goVersion = regexp.MustCompile(`kuasheng \S+.* go1\.\S+.* \w+/\w+`)
	digest    = regexp.MustCompile(`[0-9a-f]{64}`)
)

// masked hides what differs between machines and data packs, and blank lines,
// which end a case of datadriven.
func masked(text string) string {
	text = goVersion.ReplaceAllString(text, "kuasheng VERSION GO PLATFORM")
	text = digest.ReplaceAllString(text, "DIGEST")
	return strings.ReplaceAll(text, "\n\n", "\n·\n")
}

// Every command helps: what it is in a line, more below, and examples that are
// command lines of the program itself.
func TestHelp(t *testing.T) {
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, load: loadPack}
	for _, c := range a.rootCommand().Commands() {
		if c.Name() == "completion" || c.Name() == "help" {
			continue
		}
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, "kuasheng "+c.Name()) {
			t.Errorf("%s lacks help or an example", c.Name())
		}
	}
}

// Help fits a terminal of 80 columns, flags and all, and 100 columns where there is no
// terminal.
func TestHelpFits(t *testing.T) {
	var all func(c *cobra.Command, path ...string)
	all = func(c *cobra.Command, path ...string) {
		for terminal, most := range map[int]int{80: 80, 0: 100} {
			var out bytes.Buffer
			a := newApp(strings.NewReader(""), &out, io.Discard)
			a.columns = terminal
			if code := a.run(context.Background(), append(path[:len(path):len(path)], "--help")); code != codeOK || out.Len() == 0 {
				t.Errorf("%v: exit %d", path, code)
			}
			for _, line := range strings.Split(out.String(), "\n") {
				if w := width(line); w > most {
					t.Errorf("%v: %d of %d columns: %s", path, w, most, line)
				}
			}
		}
		for _, sub := range c.Commands() {
			all(sub, append(path[:len(path):len(path)], sub.Name())...)
		}
	}
	all(newApp(strings.NewReader(""), io.Discard, io.Discard).rootCommand())
}

// An argument that is there but empty, as an unset variable of a script leaves it,
// is not the same as none.
func TestEmptyArguments(t *testing.T) {
	for _, c := range []struct {
		want string
		args []string
	}{
		{"the scenario is empty", []string{"run", ""}},
		{"--out is empty", []string{"run", "--out", ""}},
		{"--overlay is empty", []string{"run", "--overlay", "a.yaml", "--overlay", ""}},
		{"the data pack is empty", []string{"doctor", ""}},
		{"the file is empty", []string{"settle", ""}},
	} {
		o := call(t, "", c.args...)
		if o.code != codeUsage || !strings.Contains(o.err, c.want) {
			t.Errorf("%q: exit %d, stderr %q", c.args, o.code, o.err)
		}
	}
}

// What a shell is offered: no files where none are wanted, folders where a folder
// is, and no back-quotes in what flags are for.
func TestCompletion(t *testing.T) {
	const noFiles, yaml, folders = ":4", "yaml\nyml\n:8", ":16"
	for _, c := range []struct {
		want string
		args []string
	}{
		{"national-2024\tThe national year 2024\nnational-2025\tThe year 2025, projected\n" + noFiles, []string{"run", ""}},
		{noFiles, []string{"run", "national-2024", ""}},
		{"national-2024\tThe national year 2024\nnational-2025\tThe year 2025, projected\ntestdata/\n" + noFiles, []string{"doctor", ""}},
		{folders, []string{"doctor", "./"}},
		{folders, []string{"run", "--data", ""}},
		{folders, []string{"run", "--out", ""}},
		{yaml, []string{"run", "--overlay", ""}},
		{"1/16\n1/64\n1/256\n1/1024\n" + noFiles, []string{"run", "--sample", ""}},
		{"en\nzh\n" + noFiles, []string{"doctor", "--lang", ""}},
		{noFiles, []string{"run", "--seed", ""}},
		{noFiles, []string{"schema", ""}},
		{"--sample\tsimulate one patient in N: 1/N\n" + noFiles, []string{"run", "--samp"}},
	} {
		o := call(t, "", append([]string{"__complete"}, c.args...)...)
		if got := strings.TrimSpace(o.out); o.code != codeOK || got != c.want {
			t.Errorf("%q offers %q, want %q", c.args, got, c.want)
		}
	}
	for _, name := range []string{"run", "settle", "doctor"} {
		if o := call(t, "", "__complete", name, "--"); strings.Contains(o.out, "`") || !strings.Contains(o.out, "--overlay") {
			t.Errorf("%s: %s", name, o.out)
		}
	}
}

// The commands that read the pack agree that it is sound enough to use.
func TestSchemaAndScenarios(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"scenarios"}, {"scenarios", "--json"}, {"version", "--json"}, {"completion", "bash"}} {
		o := call(t, "", args...)
		if o.code != codeOK || o.out == "" || o.err != "" {
			t.Errorf("%v: exit %d, %d bytes, stderr %q", args, o.code, len(o.out), o.err)
		}
	}
}

func TestDoctor(t *testing.T) {
	slow(t)
	for _, args := range [][]string{{"doctor"}, {"doctor", "national-2024", "--lang", "zh"}, {"doctor", "--json"}} {
		o := call(t, "", args...)
		if o.code != codeOK && o.code != codeUsage || !strings.Contains(o.out, "national-2024") {
			t.Errorf("%v: exit %d: %.300s", args, o.code, o.out)
		}
	}
}

// Doctor's Chinese is Chinese, and no wider than a terminal.
func TestDoctorChinese(t *testing.T) {
	slow(t)
	o := call(t, "", "doctor", "--lang", "zh")
	near := regexp.MustCompile(`\p{Han}[ %]*[,;:()]|[,;:()] *\p{Han}`)
	checks := 0
	for _, line := range strings.Split(o.out, "\n") {
		if report.Width(line) > 100 || near.MatchString(line) {
			t.Errorf("%d columns: %s", report.Width(line), line)
		}
		if _, detail, found := strings.Cut(line, "通过"); found && !strings.Contains(line, "不通过") {
			checks++
			if han := regexp.MustCompile(`\p{Han}`).FindAllString(detail, -1); len(han) < 8 {
				t.Errorf("not translated: %s", line)
			}
		}
	}
	if checks < 10 {
		t.Errorf("%d checks passed: %s", checks, o.out)
	}
	for _, english := range []string{"published", "expected"} {
		if strings.Contains(o.out, english) {
			t.Errorf("not translated: %s", english)
		}
	}
}

// The worked example of the regulation (C4) comes out field by field,
// through the embedded pack's own policies.
func TestSettleWorkedExample(t *testing.T) {
	const claim = `{"infno":"2207","msgid":"H11010100001202207010900000001","insuplc_admdvs":"131000","mdtrtarea_admvs":"110000","psn_no":"P1","insutype":"310","psn_type":"1201","med_type":"14","opsp_dise_code":"M01600","fixmedins_code":"H11010100001","hosp_lv":"3","setl_time":"2022-07-01 09:00:00","filing":{"kind":"retired_settled","basis":"material","dest_admdvs":"110000","begndate":"2022-01-01"},"feedetl":[{"feedetl_sn":"1","med_chrgitm_type":"09","chrgitm_lv":"01","det_item_fee_sumamt":"32.52"},{"feedetl_sn":"2","med_chrgitm_type":"09","chrgitm_lv":"02","selfpay_prop":"0.1000","det_item_fee_sumamt":"31.77"}]}`
	const want = `{"msgid":"H11010100001202207010900000001","status":"settled","medfee_sumamt":"64.29","fulamt_ownpay_amt":"0.00","overlmt_selfpay":"0.00","preselfpay_amt":"3.18","inscp_scp_amt":"61.11","act_pay_dedc":"0.00","pool_prop_selfpay":"0.8000","hifp_pay":"48.89","fund_pay_sumamt":"48.89","psn_part_amt":"15.40","hosp_part_amt":"0.00",`
	o := call(t, claim, "settle")
	if o.code != codeOK || o.err != "" || !strings.HasPrefix(o.out, want) {
		t.Errorf("exit %d, stderr %q\n got %s\nwant %s", o.code, o.err, o.out, want)
	}
	file := filepath.Join(t.TempDir(), "claims.jsonl")
	if err := os.WriteFile(file, []byte(claim+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if from := call(t, "", "settle", file); from != o {
		t.Errorf("from a file: %+v", from)
	}
}

// An interrupted settle ends with 130 even while it waits for input.
func TestSettleInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	defer w.Close()
	var err bytes.Buffer
	first := &trigger{when: []byte("\n"), do: cancel}
	go func() { _, _ = io.WriteString(w, "{}\n") }()
	code := run(ctx, []string{"settle"}, r, first, &err)
	if code != codeInterrupted || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("exit %d, stderr %q", code, err.String())
	}
}

// trigger calls do when when is written to it.
type trigger struct {
	bytes.Buffer
	when []byte
	do   func()
}

func (w *trigger) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if bytes.Contains(w.Bytes(), w.when) {
		w.do()
	}
	return n, err
}

// A panic is our own mistake: exit code 1, with the place.
func TestPanic(t *testing.T) {
	var out, err bytes.Buffer
	a := &app{in: nil, out: &out, err: &err, load: nil}
	if code := a.run(context.Background(), []string{"settle"}); code != codeInternal {
		t.Errorf("exit %d", code)
	}
	if !strings.HasPrefix(err.String(), "kuasheng: internal error: ") || !strings.Contains(err.String(), "settle.go") {
		t.Errorf("stderr %q", err.String())
	}
}
