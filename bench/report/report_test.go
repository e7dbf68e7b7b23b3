package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"kuasheng/bench"
	"kuasheng/bench/service"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

var update = flag.Bool("update", false, "write the expected texts")

// result is a run with figures that were made up.
func result() *bench.Result {
	p, _ := bench.FindProfile("peak-monday")
	q := func(scale int64) bench.Quantiles {
		return bench.Quantiles{Count: 1_234_567, Min: scale, Mean: 3 * scale, P50: 2 * scale, P90: 5 * scale, P99: 12 * scale, P999: 80 * scale, P9999: 200 * scale, Max: 999 * scale}
	}
	all := bench.LatencySummary{Lag: q(50), Service: q(400), Response: q(1500)}
	r := &bench.Result{
		Version: 1, Verdict: bench.MissedSLO, ExitCode: 10, Scenario: "national-2024", Seed: 2024, Profile: p, StartedAt: "2026-11-22T08:00:00Z",
		Gates:          []bench.Gate{{Verdict: bench.MissedSLO, Name: "response.p99<1us", Says: words.T("response.p99<1us: it was 18µs, and this sentence goes on until it no longer fits on one line of a screen", "response.p99<1us：实测 18.0 µs")}},
		Service:        bench.Setup{Shards: 2, Durability: "fsync", Chained: true, TimeOneIn: 64},
		Machine:        bench.Host{OS: "linux", Arch: "amd64", CPU: "Example <CPU>", Go: "go1.26"},
		ScheduleDigest: strings.Repeat("5c", 32), Bills: 86_480, LinesPerBill: 3.9,
		Operations: bench.Operations{Planned: 1_350_000, Sent: 1_349_000, Skipped: 600, Unsent: 400, HeldBack: 77, WarmUp: 114_433, Batches: 9},
		WallNS:     28e9, OperationsPerSecond: 48_123.4, SettlementsPerSecond: 41_234.5, Settlements: 1_154_566, EngineNS: 301.4,
		Latency:     all,
		ByOperation: map[string]bench.LatencySummary{"settle": all, "admit": all},
		Steady:      bench.Steady{Says: words.T("not tested: the load is meant to change", "未检验：负载本来就变化")},
		Proof:       bench.Proof{Proven: true, Checked: 1_858_560, StateDigest: strings.Repeat("ab", 32), ReplayDigest: strings.Repeat("ab", 32), RestartDigest: strings.Repeat("ab", 32)},
		Clearing:    &bench.Clearing{Rounds: 280, MedianNS: 8e6, MaxNS: 21e6},
		Runtime:     bench.Runtime{GCCycles: 3, GCPauseP99NS: 80_000, SchedP99NS: 900, AllocBytes: 180 << 20, GOMAXPROCS: 2, WallNS: 30e9, CPUNS: 22e9},
		Calibration: bench.Calibrations{Before: bench.Calibration{KernelNS: 37_100, JitterMaxNS: 90_000}, During: bench.Calibration{KernelNS: 40_000, SleepP99NS: 300_000}, After: bench.Calibration{KernelNS: 37_200}},
		Objectives:  []bench.Objective{{SLO: bench.SLO{Text: "response.p99<1us", Quantity: "response"}, Got: 18_000, Missed: true}, {SLO: bench.SLO{Text: "throughput>1e4", Quantity: "throughput"}, Got: 41_234.5}},
		Evidence:    []string{TraceFile, ProfileFile},
	}
	for i, name := range []string{"queue", "identify", "split", "adjudicate", "post", "log", "reply", "unattributed"} {
		r.Stages = append(r.Stages, bench.Stage{Name: name, Share: []float64{0.1, 0.15, 0.08, 0.07, 0.05, 0.3, 0.2, 0.05}[i]})
	}
	for i := range int64(30) {
		r.Seconds = append(r.Seconds, bench.Second{Sent: 40_000 + i*100, Answered: 40_000 + i*90, P50: 3000 + i, P99: 18_000 + i*50, Max: 1_000_000 + i*40_000})
	}
	for i := range int64(60) {
		r.Curve = append(r.Curve, bench.CurvePoint{Percent: 100 - 100*math.Pow(0.8, float64(i)), NS: 1500 + i*i*400})
	}
	return r
}

// The screens are as a person has read them once: -update writes them.
func TestScreens(t *testing.T) {
	comparison := &bench.Comparison{
		Verdict: bench.Regression, Base: bench.Build{Name: "HEAD~1", Digest: strings.Repeat("1", 64)}, Head: bench.Build{Name: "HEAD", Digest: strings.Repeat("2", 64)},
		Profile: bench.Profile{Name: "peak-monday", Arrivals: bench.ArriveMax, Operations: 2_000_000}, Rounds: 10, NoiseFloor: 0.011, Says: words.Same("ns_per_settlement: head +5.10 % against base (p = 0.0001, noise floor 1.10 %)"),
		Terms: bench.DefaultTerms, Rows: []bench.MetricRow{{Metric: "ns_per_settlement", BaseMedian: 300, BaseFrom: 298, BaseTo: 303, HeadMedian: 315.3, HeadFrom: 312, HeadTo: 318, Effect: 0.051, P: 0.0001}},
		Gates: []bench.Gate{{Verdict: bench.Regression, Says: words.Same("ns_per_settlement: head +5.10 %")}},
	}
	comparison.Terms.Metric = "ns_per_settlement"
	capacity := &bench.Capacity{
		Profile: comparison.Profile, Service: bench.Setup{Shards: 1, Durability: "memory"}, Objectives: []string{"response.p99<2ms"}, MaxRate: 2.9e6,
		SustainedFrom: 1_200_000, SustainedTo: 1_310_000, Bound: words.Same("response.p99<2ms: it was 4.1ms"),
		Trials:  []bench.CapacityTrial{{Rate: 1.45e6, ForNS: 2e9, Why: words.Same("response.p99<2ms: it was 8ms"), P99NS: 8e6}, {Rate: 1.2e6, ForNS: 10e9, Holds: true, Why: words.Same("held"), P99NS: 1e6}},
		Scaling: &bench.Scaling{Points: []bench.ScalingPoint{{Shards: 1, Rate: 2.9e6}, {Shards: 2, Rate: 4.8e6}}, Says: words.Same("too few points for a fit")},
	}
	fitness := &bench.Fitness{Verdict: bench.Invalid, Processors: 2, Rounds: []bench.Calibration{{KernelNS: 37_100, KernelSpread: 1.01, JitterMaxNS: 90_000, ClockNS: 60}}, Gates: []bench.Gate{{Says: words.Same("the processor was away for 20ms")}}, SmallestNS: 900, SmallestDiff: 0.03}
	for name, text := range map[string]string{
		"run.en.txt": Text(result(), words.English), "run.zh.txt": Text(result(), words.Chinese), "run.md": Markdown(result()), "run.bench": GoBench(result()),
		"compare.txt": CompareText(comparison, words.English), "compare.md": CompareMarkdown(comparison),
		"capacity.txt": CapacityText(capacity, words.English), "calibrate.txt": FitnessText(fitness, words.English),
	} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if text != string(want) {
			t.Errorf("%s is now\n%s", name, text)
		}
		if !strings.HasSuffix(name, ".txt") {
			continue
		}
		for line := range strings.Lines(text) {
			if w := report.Width(strings.TrimSuffix(line, "\n")); w > columns {
				t.Errorf("%s: a line of %d columns: %s", name, w, line)
			}
		}
	}
}

// Every JSON that the harness writes names its version, and a rate is by its key one of
// a second, spelt out.
func TestJSONKeys(t *testing.T) {
	history, err := History(result())
	if err != nil {
		t.Fatal(err)
	}
	prices := &bench.Prices{Version: bench.ResultVersion, Ladder: make([]bench.PriceRow, 1), Services: make([]bench.ServiceRow, 1)}
	capacity := &bench.Capacity{Version: bench.ResultVersion, Trials: make([]bench.CapacityTrial, 1), Scaling: &bench.Scaling{Points: make([]bench.ScalingPoint, 1)}}
	texts := [][]byte{history}
	for _, v := range []any{result(), capacity, prices, &bench.Comparison{Version: bench.ResultVersion}, &bench.Fitness{Version: bench.ResultVersion}} {
		text, err := JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	key := regexp.MustCompile(`"([a-z0-9_]+)": ?`)
	for i, text := range texts {
		var v struct{ Version int }
		if err := json.Unmarshal(text, &v); err != nil || v.Version != bench.ResultVersion {
			t.Errorf("output %d has version %d, %v", i, v.Version, err)
		}
		for _, k := range key.FindAllSubmatch(text, -1) {
			if name := string(k[1]); strings.HasSuffix(name, "_per_s") || strings.HasSuffix(name, "_per_sec") {
				t.Errorf("output %d: the key %s", i, name)
			}
		}
	}
}

// A log is whole, torn, damaged or incomplete, in both languages, and what of the
// acknowledged it lacks stands there with the numbers.
func TestLogText(t *testing.T) {
	torn, damaged := &service.Damage{Offset: 900, What: "batch 4 has 5 bytes of 9", Torn: true}, &service.Damage{Offset: 900, What: "the checksum of batch 4 does not match"}
	short := &service.Loss{Acknowledged: 200, Found: 4, What: "4 of the 200 batches that were acknowledged: it lacks the last 196"}
	none := &service.Loss{Found: 4, What: "4 batches and no anchor"}
	other := &service.Loss{Acknowledged: 4, Found: 4, What: "the anchor is another log's"}
	for _, c := range []struct {
		x      service.Inspection
		en, zh []string
	}{
		{service.Inspection{Acknowledged: 4}, []string{"WHOLE", "4 batches were acknowledged"}, []string{"完整", "锚文件记载已确认 4 批"}},
		{service.Inspection{Acknowledged: 4, Lost: torn}, []string{"TORN", "at offset 900"}, []string{"尾部残缺", "锚文件记载已确认 4 批"}},
		{service.Inspection{Acknowledged: 200, Lost: damaged, Loss: short}, []string{"DAMAGED", "lacks the last 196"}, []string{"已损坏", "已确认 200 批，现存 4 批，缺最后 196 批"}},
		{service.Inspection{Acknowledged: 200, Lost: torn, Loss: short}, []string{"INCOMPLETE", "lacks the last 196"}, []string{"不完整", "缺最后 196 批"}},
		{service.Inspection{Loss: none}, []string{"INCOMPLETE", "no anchor"}, []string{"不完整", "没有可读的锚文件"}},
		{service.Inspection{Acknowledged: 4, Loss: other}, []string{"INCOMPLETE", "another log's"}, []string{"不完整", "与锚文件记载的已确认批次不符"}},
	} {
		c.x.Batches = 4
		for lang, wants := range map[words.Lang][]string{words.English: c.en, words.Chinese: c.zh} {
			text := LogText("x.log", &c.x, "", lang)
			for _, want := range wants {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
		}
	}
}

// benchstat's own reader takes the benchmark lines.
func TestGoBenchReads(t *testing.T) {
	text := CompareGoBench([]*bench.Result{result(), result()})
	reader := benchfmt.NewReader(strings.NewReader(text), "run")
	n := 0
	for reader.Scan() {
		switch rec := reader.Result().(type) {
		case *benchfmt.Result:
			n++
			if v, ok := rec.Value("settlements/s"); !ok || v != 41_234 && v != 41_235 {
				t.Errorf("settlements/s %v", v)
			}
			if rec.Iters != 1_154_566 || rec.GetConfig("goos") != "linux" {
				t.Errorf("%d iterations, goos %q", rec.Iters, rec.GetConfig("goos"))
			}
		case *benchfmt.SyntaxError:
			t.Error(rec)
		}
	}
	if n != 2 || reader.Err() != nil {
		t.Errorf("%d lines read, %v", n, reader.Err())
	}
}

// measured is a second's worth of latencies from 1 µs to 1 ms.
func measured() *bench.Measured {
	m := &bench.Measured{}
	for op := range m.ByOperation {
		m.ByOperation[op] = bench.Latencies{Lag: bench.NewRecorder(), Service: bench.NewRecorder(), Response: bench.NewRecorder()}
	}
	m.Seconds = []bench.Window{{Response: bench.NewRecorder()}, {Response: bench.NewRecorder()}}
	for i := int64(1); i <= 1000; i++ {
		l := &m.ByOperation[2]
		l.Lag.Record(i)
		l.Service.Record(i * 500)
		l.Response.Record(i * 1000)
		m.Seconds[1].Response.Record(i * 1000)
	}
	return m
}

// The histogram log reads back with its tags, times and values.
func TestHistogramLogReadsBack(t *testing.T) {
	var b bytes.Buffer
	if err := WriteLog(&b, measured(), time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	log := hdrhistogram.NewHistogramLogReader(bytes.NewReader(b.Bytes()))
	tags := map[string]int64{}
	for {
		h, err := log.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		tags[h.Tag()] = h.ValueAtPercentile(99)
		if h.TotalCount() != 1000 {
			t.Errorf("%s holds %d values", h.Tag(), h.TotalCount())
		}
	}
	for tag, want := range map[string]int64{"second.response": 990_000, "settle.lag": 990, "settle.service": 495_000, "settle.response": 990_000} {
		if got := tags[tag]; got < want || got > want+want/500 {
			t.Errorf("%s: p99 %d, want %d", tag, got, want)
		}
	}
	if len(tags) != 4 {
		t.Errorf("tags %v", tags)
	}
	var hgrm bytes.Buffer
	if err := WriteHgrm(&hgrm, measured()); err != nil || !strings.Contains(hgrm.String(), "#[Max     =     1000.447") && !strings.Contains(hgrm.String(), "Total count    =         1000]") {
		t.Errorf("%v:\n%s", err, hgrm.String())
	}
}

func TestTagsAreWords(t *testing.T) {
	if got := tag("a b,c/d\ne é"); got != "a-b-c-d-e--" {
		t.Errorf("%q", got)
	}
}

// The page is well-formed, needs nothing from anywhere, and shows what it should in
// both colour schemes.
func TestPage(t *testing.T) {
	page := Page(result())
	for _, want := range []string{"<!doctype html>", "prefers-color-scheme:dark", "41,234", "MISSED", "response.p99&lt;1us", "warm-up ends", "identify 15.0 %", "99.9 %"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"http:", "https:", "src=", "@import", "url(", "<script", "NaN", "Inf", "%!"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if strings.Count(page, "<svg") != 3 {
		t.Errorf("%d charts, want 3", strings.Count(page, "<svg"))
	}
	body := page[strings.Index(page, "<body>"):strings.Index(page, "</html>")]
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	empty := &bench.Result{Verdict: bench.Invalid}
	if page := Page(empty); strings.Contains(page, "NaN") || strings.Contains(page, "%!") {
		t.Errorf("the page of nothing: %s", page)
	}
}

// memory is a sink.
type memory struct {
	files map[string]*bytes.Buffer
	order []string
	full  string // this file does not fit
}

type memoryFile struct {
	*bytes.Buffer
	err error
}

func (f memoryFile) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}
func (f memoryFile) Close() error { return nil }

func (m *memory) Create(name string) (io.WriteCloser, error) {
	m.files[name] = &bytes.Buffer{}
	m.order = append(m.order, name)
	if name == m.full {
		return memoryFile{m.files[name], errors.New("no room")}, nil
	}
	return memoryFile{m.files[name], nil}, nil
}

func TestWrite(t *testing.T) {
	m := &memory{files: map[string]*bytes.Buffer{}}
	o := &bench.Outcome{Result: result(), Measured: measured(), Evidence: &bench.Evidence{CPU: []byte("profile")}}
	if err := Write(m, o); err != nil {
		t.Fatal(err)
	}
	if m.order[len(m.order)-1] != ManifestFile {
		t.Errorf("the manifest is not last: %v", m.order)
	}
	var back bench.Result
	if err := json.Unmarshal(m.files[ResultFile].Bytes(), &back); err != nil || back.Verdict != bench.MissedSLO || back.Latency != o.Result.Latency {
		t.Errorf("the result does not read back: %v", err)
	}
	if len(back.Evidence) != 1 || back.Evidence[0] != ProfileFile || m.files[TraceFile] != nil {
		t.Errorf("evidence %v", back.Evidence)
	}
	line, err := History(o.Result)
	if err != nil || bytes.Count(line, []byte("\n")) != 1 || !json.Valid(line) {
		t.Errorf("history: %v %s", err, line)
	}
	for _, name := range m.order {
		if err := Write(&memory{files: map[string]*bytes.Buffer{}, full: name}, o); err == nil || !strings.Contains(err.Error(), "no room") {
			t.Errorf("a disk full at %s: %v", name, err)
		}
	}
}

func TestShort(t *testing.T) {
	for ns, want := range map[int64]string{0: "0 ns", 999: "999 ns", 1000: "1.00 µs", 9_995: "10.0 µs", 12_345: "12.3 µs", 999_600: "1.00 ms", 123_456_789: "123 ms", 61e9: "61.0 s"} {
		if got := Short(ns); got != want {
			t.Errorf("%d ns is written %q, want %q", ns, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"one two three", "one two|three"}, {"averyveryverylongword x", "averyveryverylongword|x"}, {"a  b  c  d  e", "a  b  c|d  e"}, {"", ""},
	} {
		if got := strings.Join(wrap(c.in, 9), "|"); got != c.want {
			t.Errorf("%q wraps to %q, want %q", c.in, got, c.want)
		}
	}
}
