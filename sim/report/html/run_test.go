package html_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"kuasheng/fixtures"
	"kuasheng/sim"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
)

// nationalRun is one patient in 1024 of the national pack. asWhole shows it as a run of
// every patient of a pack that has no more, so that the pages of samples and of full
// runs are both seen without half a minute of computing.
var nationalRun = sync.OnceValues(func() (*html.Run, error) {
	p, err := fixtures.Load("national-2024", fixtures.Options{})
	if err != nil {
		return nil, err
	}
	in := &report.Input{World: p.World(), Scenario: "national-2024", Title: "The national year 2024", TitleZH: "全国 2024 年", Seed: 2024, Sample: 1024}
	if in.Result, err = sim.Run(context.Background(), sim.Config{World: in.World, Seed: in.Seed, Sample: in.Sample}); err != nil {
		return nil, err
	}
	out := &html.Run{Input: in}
	for _, f := range p.Doctor().Provenance {
		out.Assumptions = append(out.Assumptions, html.Assumption{File: f.File, Values: f.Values})
	}
	return out, nil
})

func national(t *testing.T, asWhole bool) *html.Run {
	t.Helper()
	run, err := nationalRun()
	if err != nil {
		t.Fatal(err)
	}
	in, out := *run.Input, *run
	if asWhole {
		in.Sample = 1
	}
	out.Input = &in
	out.Summary = report.Summarize(&in)
	out.Validation = report.Validate(&in, out.Summary)
	out.Manifest = &report.Manifest{
		Repeat: "kuasheng run national-2024 --seed 2024 --sample 1/1024", Scenario: in.Scenario, DataDigest: "0123456789abcdef",
		Seed: in.Seed, Sample: out.Summary.Sample, Digest: out.Summary.Digest, Sets: []string{"policies.*.*.drop_bp.referral=500"},
		Overlays: []report.Overlay{{File: "reform.yaml", Text: "title: <b>Half the drop</b>\nset:\n  - {path: policies.*.*.drop_bp.referral, value: 500}\n"}},
		Program:  report.Program{Version: "v0.1", Go: "go1.26", Platform: "linux/amd64"},
	}
	in.Sets, in.Overlays = out.Manifest.Sets, out.Manifest.Overlays
	return &out
}

func pageOf(t *testing.T, run *html.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := html.RunPage(run).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
