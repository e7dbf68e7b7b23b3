package page_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kuasheng/fixtures"
	"kuasheng/sim/experiment"
	"kuasheng/sim/experiment/show/page"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/html/htmltest"
	"kuasheng/sim/report/words"
)

const testSample = 4096

// loaded keeps the packs, made the pages: both are slow to come by.
var loaded, made sync.Map

// load is an arm of the national pack with reforms and settings on it.
func load(t *testing.T, overlays ...string) (experiment.Arm, page.Policy, *fixtures.Pack) {
	t.Helper()
	var o fixtures.Options
	policy := page.Policy{Name: "national-2024"}
	for _, x := range overlays {
		if strings.Contains(x, "=") {
			o.Sets, policy.Sets = append(o.Sets, x), append(policy.Sets, x)
			continue
		}
		o.Overlays = append(o.Overlays, fixtures.ReformPrefix+x)
		r, _ := fixtures.FindReform(x)
		policy.Name, policy.Title = x, words.T(r.Title, r.TitleZH)
		policy.Overlays = append(policy.Overlays, report.Overlay{File: fixtures.ReformPrefix + x, Text: r.Text})
	}
	key := strings.Join(overlays, " ")
	if p, ok := loaded.Load(key); ok {
		return experiment.Arm{Name: policy.Name, World: p.(*fixtures.Pack).World()}, policy, p.(*fixtures.Pack)
	}
	p, err := fixtures.Load("national-2024", o)
	if err != nil {
		t.Fatal(err)
	}
	loaded.Store(key, p)
	policy.DataDigest = p.Digest()
	return experiment.Arm{Name: policy.Name, World: p.World()}, policy, p
}

// about is what the tests' pages say of how they came about.
func about(t *testing.T, base *fixtures.Pack, policies ...page.Policy) *page.About {
	t.Helper()
	a := &page.About{World: base.World(), Scenario: "national-2024", Policies: policies, Repeat: "kuasheng compare national-2024 <b>my.yaml</b>", Seeds: []uint64{2024}, Sample: testSample,
		Program: report.Program{Version: "v0.1", Go: "go1.26", Platform: "linux/amd64"}, Beside: []string{"figures.csv", "manifest.json"}}
	for _, f := range base.Doctor().Provenance {
		a.Assumptions = append(a.Assumptions, html.Assumption{File: f.File, Values: f.Values})
	}
	return a
}

// compared is the page of a comparison.
func compared(t *testing.T, seeds int, change func(*experiment.Comparison), reforms ...string) *html.Page {
	t.Helper()
	base, policy, pack := load(t)
	arms, policies := []experiment.Arm{}, []page.Policy{policy}
	for _, r := range reforms {
		arm, p, _ := load(t, r)
		arms, policies = append(arms, arm), append(policies, p)
	}
	c, err := experiment.Compare(context.Background(), base, arms, experiment.CompareConfig{Config: experiment.Config{Seed: 2024, Sample: testSample}, Replications: seeds})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(c)
	}
	return page.Compare(c, about(t, pack, policies...))
}

// asWhole shows a comparison as one of every patient, with figures for what a sample
// cannot tell, so that the page of a full run is seen without computing one.
func asWhole(c *experiment.Comparison) {
	c.Sample, c.NotEstimated = 1, nil
	for i := range c.Reforms {
		for k := range c.Reforms[i].Figures {
			d := &c.Reforms[i].Figures[k]
			if d.Ratio != nil {
				ratio := 175_800.0 // which English and Chinese write in words of their own
				d.Ratio = &ratio
			}
			if !d.Estimated {
				d.Estimated, d.Base, d.Reform, d.Value = true, float64(1000*(k+1)), float64(900*(k+1)), float64(-100*(k+1))
			}
		}
	}
}

// stressOf is an N−1 set with both causes, made once.
func stressOf(t *testing.T) (*experiment.StressResult, *page.About) {
	t.Helper()
	base, policy, pack := load(t, "prepayment.multiple_factor_bp=9000")
	r, had := made.Load("stressed")
	if !had {
		from := base.World.First + 6
		x, err := experiment.Stress(context.Background(), base, experiment.StressConfig{Config: experiment.Config{Seed: 2024, Sample: testSample}, LateDays: 15, Surge: 5000, SurgeFrom: from, SurgeTo: from + 2})
		if err != nil {
			t.Fatal(err)
		}
		r = x
		made.Store("stressed", x)
	}
	return r.(*experiment.StressResult), about(t, pack, policy)
}

func stressed(t *testing.T) *html.Page { return page.Stress(stressOf(t)) }

func searched(t *testing.T, seeds int) *html.Page {
	t.Helper()
	base, policy, pack := load(t)
	r, err := experiment.Search(context.Background(), base, experiment.SearchConfig{Config: experiment.Config{Seed: 5, Sample: testSample}, Variable: experiment.Multiple,
		Domain: experiment.Domain{Low: 5000, High: 25000, Step: 500}, Bound: 700, Replications: seeds})
	if err != nil {
		t.Fatal(err)
	}
	return page.Search(r, about(t, pack, policy))
}

// swept is the page of a sweep whose rows are made up: a parameter that matters, one
// that does not, one with a single question, and a run that failed.
func swept(t *testing.T) *html.Page {
	t.Helper()
	_, policy, pack := load(t)
	s := &page.Swept{Title: words.T("Which parameters matter", "哪些参数重要"), Table: "sweep.csv", Of: 60, Outputs: []string{"funds_fen", "direct_rate_bp", "short_days"},
		Paths: []string{"behavior.claim_by_hand_bp.inpatient", "timetable.pay_within_days", "policies.*.*.unfiled_direct@2023-01.."}}
	set := func(path, months string, value int) experiment.Setting {
		return experiment.Setting{Path: path, Months: months, Value: fmt.Sprint(value)}
	}
	done := func(settings experiment.Point, values ...float64) {
		s.Rows = append(s.Rows, experiment.Row{Status: experiment.RowDone, Seed: 2024, Settings: settings, Values: values, SE: make([]float64, len(values))})
	}
	done(nil, 2e13, 8770, 0)
	for i := range 40 {
		by, days := 3000+150*(i*7%40), 3+i*3%13
		done(experiment.Point{set(s.Paths[0], "", by), set(s.Paths[1], "", days)}, 1.9e13+float64(by)*2.5e8+float64(i%3)*1e10, 8770+float64(i%5), 0)
	}
	done(experiment.Point{set("policies.*.*.unfiled_direct", "2023-01..", 1)}, 2.15e13, 9780, 0)
	s.Rows = append(s.Rows, experiment.Row{Status: experiment.RowFailed, Seed: 2024, Settings: experiment.Point{set(s.Paths[1], "", -1)}, Error: "timetable.pay_within_days: -1 <0>"})
	first := pack.World().First + 3
	s.Influences = experiment.Influences(s.Rows, s.Outputs, func(path string) string { return pack.StatusOf(path, first) })
	return page.Sweep(s, about(t, pack, policy))
}

// pages are one of each kind.
var pages = map[string]func(*testing.T) *html.Page{
	"compare":       func(t *testing.T) *html.Page { return compared(t, 2, nil, "drop-5-points-less") },
	"compare-whole": func(t *testing.T) *html.Page { return compared(t, 1, asWhole, "no-filing") },
	"compare-three": func(t *testing.T) *html.Page {
		return compared(t, 1, nil, "drop-5-points-less", "prepayment-150", "null")
	},
	"stress": stressed,
	"search": func(t *testing.T) *html.Page { return searched(t, 2) },
	"sweep":  swept,
}

// pageOf makes a page once.
func pageOf(t *testing.T, name string) *html.Page {
	t.Helper()
	p, had := made.Load(name)
	if !had {
		p = pages[name](t)
		made.Store(name, p)
	}
	return p.(*html.Page)
}

func written(t *testing.T, p *html.Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Each kind of page has its sections, charts and tables, in both languages, in one small
// file that needs nothing else.
func TestPages(t *testing.T) {
	for name := range pages {
		t.Run(name, func(t *testing.T) {
			p := pageOf(t, name)
			htmltest.Golden(t, name, p)
			if n := htmltest.Texts(t, p); n < 100 {
				t.Errorf("only %d texts", n)
			}
			for _, s := range p.Sections {
				for _, f := range s.Figures {
					if f.Table == nil {
						t.Errorf("%s: no table behind %s", s.ID, f.Title.EN)
						continue
					}
					for _, row := range f.Table.Rows {
						if len(row) != len(f.Table.Columns) {
							t.Fatalf("%s: %d cells in %d columns", f.Title.EN, len(row), len(f.Table.Columns))
						}
					}
				}
			}
			b := written(t, p)
			if len(b) > 1_000_000 {
				t.Errorf("%d bytes", len(b))
			}
			if bad := regexp.MustCompile(`(NaN|Inf\b|http:|https:|src=|<link|="-?\d+e|width="-|height="-)`).Find(b); bad != nil {
				t.Errorf("the page has %q", bad)
			}
			if bytes.Contains(b, []byte("<b>")) || !bytes.Contains(b, []byte("Synthetic population")) || !bytes.Contains(b, []byte("合成人群")) {
				t.Error("not escaped, or not said to be synthetic")
			}
			if !bytes.Equal(b, written(t, p)) {
				t.Error("written again, the page differs")
			}
		})
	}
}

// section finds a section of a page.
func section(t *testing.T, p *html.Page, id string) *html.Section {
	t.Helper()
	for i := range p.Sections {
		if p.Sections[i].ID == id {
			return &p.Sections[i]
		}
	}
	t.Fatalf("no section %s", id)
	return nil
}

// Sampling error and the error over seeds are two rows of another look, never one: each
// figure has a row of each, and only the second series is hollow.
func TestTwoErrorsTwoRows(t *testing.T) {
	for name, seeds := range map[string]int{"compare-whole": 1, "compare": 2} {
		chart := section(t, pageOf(t, name), "r1-funds").Figures[0].Chart.(*html.Dots)
		rows := 8 * seeds
		if len(chart.Rows) != rows || chart.Hollow != 1 || len(chart.Series) != seeds {
			t.Fatalf("%d seeds: %d rows, %d series", seeds, len(chart.Rows), len(chart.Series))
		}
		for i, r := range chart.Rows {
			if r.Of != i%seeds || r.Values[0] != 0 && r.Low >= r.High {
				t.Errorf("%d seeds: row %d is of series %d, from %d to %d", seeds, i, r.Of, r.Low, r.High)
			}
		}
	}
}

// A reform that changes nothing is said to, and no axis is drawn of it. Of one that moves
// what a sample cannot tell, a sample does not say so, but what it has not looked at.
func TestNullReform(t *testing.T) {
	for reform, whole := range map[string]bool{"null": true, "prepayment-150": false} {
		p := compared(t, 1, nil, reform)
		if len(p.Sections) != 3 {
			t.Errorf("%d sections", len(p.Sections))
		}
		s := section(t, p, "r1")
		if len(s.Figures) != 0 || len(s.Tiles) != 3 || strings.HasPrefix(s.Notice.EN, "Nothing differs") != whole || strings.HasPrefix(s.Notice.EN, "Not looked at: ") == whole {
			t.Errorf("whole %v: %d figures, %d tiles, %q", whole, len(s.Figures), len(s.Tiles), s.Notice.EN)
		}
	}
}

// A sample draws no alerts, quotas or shortfall; a run of every patient does.
func TestPrepaymentOfWholeRunsOnly(t *testing.T) {
	for name, whole := range map[string]bool{"compare": false, "compare-whole": true} {
		s := section(t, pageOf(t, name), "r1-money")
		drawn := false
		for _, f := range s.Figures {
			drawn = drawn || strings.HasPrefix(f.Title.EN, "Alerts")
		}
		if drawn != whole || (s.Notice.EN == "") != whole {
			t.Errorf("%s: alerts drawn %v, notice %q", name, drawn, s.Notice.EN)
		}
	}
}

// Each cause that scenarios have is a section, whatever the causes are.
func TestCausesAreTheScenarios(t *testing.T) {
	all, about := stressOf(t)
	for _, causes := range [][]experiment.Shock{{experiment.LatePayer}, {experiment.SurgeOf}, {experiment.LatePayer, experiment.SurgeOf}} {
		r := *all
		r.Scenarios = nil
		for _, s := range all.Scenarios {
			if slices.Contains(causes, s.Shock) {
				r.Scenarios = append(r.Scenarios, s)
			}
		}
		n := 0
		for _, s := range page.Stress(&r, about).Sections {
			if strings.HasPrefix(s.ID, "cause-") {
				n++
			}
		}
		if n != len(causes) {
			t.Errorf("%v: %d sections", causes, n)
		}
	}
}

// Every kind of page in a real browser.
func TestInBrowser(t *testing.T) {
	var looks []htmltest.Look
	for _, c := range []struct {
		name            string
		drawings, texts int
	}{{"compare", 14, 250}, {"compare-whole", 19, 300}, {"stress", 6, 200}, {"search", 2, 60}, {"sweep", 5, 100}} {
		if testing.Short() {
			break // InBrowser skips
		}
		looks = append(looks, htmltest.Look{Name: c.name, Page: written(t, pageOf(t, c.name)), Drawings: c.drawings, Texts: c.texts})
	}
	htmltest.InBrowser(t, looks...)
}
