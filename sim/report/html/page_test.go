package html_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"kuasheng/engine/day"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/html/htmltest"
)

func TestStructure(t *testing.T) {
	for name, whole := range map[string]bool{"sample": false, "whole": true} {
		htmltest.Golden(t, name, html.RunPage(national(t, whole)))
	}
}

// Every chart of a report but the validation's has the table behind it.
func TestTablesBehindCharts(t *testing.T) {
	for _, s := range html.RunPage(national(t, true)).Sections {
		for _, f := range s.Figures {
			if f.Table == nil && s.ID != "validation" {
				t.Errorf("%s: no table behind %s", s.ID, f.Title.EN)
			}
			if f.Table != nil {
				for _, row := range f.Table.Rows {
					if len(row) != len(f.Table.Columns) {
						t.Fatalf("%s: %d cells in %d columns", f.Title.EN, len(row), len(f.Table.Columns))
					}
				}
			}
		}
	}
}

// What may not be expanded is not drawn of a sample, but said.
func TestSampleDrawsNoPrepayment(t *testing.T) {
	for _, whole := range []bool{false, true} {
		seen := 0
		for _, s := range html.RunPage(national(t, whole)).Sections {
			if s.ID != "prepayment" && s.ID != "pots" {
				continue
			}
			seen++
			if drawn := len(s.Figures) > 0; drawn != whole {
				t.Errorf("whole %v: section %s has %d figures", whole, s.ID, len(s.Figures))
			}
			if !whole && !strings.Contains(s.Notice.EN, "sample of one patient in 1024") {
				t.Errorf("section %s says %q", s.ID, s.Notice.EN)
			}
		}
		if seen != 2 {
			t.Errorf("%d sections about prepayment and pots", seen)
		}
	}
}

var drawing = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// Every drawing is well-formed XML without a number that is none.
func TestDrawingsAreXML(t *testing.T) {
	for name, page := range map[string][]byte{"sample": pageOf(t, national(t, false)), "whole": pageOf(t, national(t, true)), "pieces": piecesPage(t)} {
		all := drawing.FindAll(page, -1)
		if len(all) < 40 {
			t.Errorf("%s: %d drawings", name, len(all))
		}
		for _, svg := range all {
			for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v in %.200s", name, err, svg)
				}
			}
			if bad := regexp.MustCompile(`(NaN|Inf|="-?\d+e|width="-|height="-| r="-)`).Find(svg); bad != nil {
				t.Errorf("%s: %s in %.200s", name, bad, svg)
			}
		}
	}
}

// The page needs nothing but itself, and is small.
func TestStandsAlone(t *testing.T) {
	page := pageOf(t, national(t, true))
	for _, bad := range []string{"http:", "https:", "//cdn", "@import", "url(", "src=", "<link", "<iframe", "fetch(", "XMLHttpRequest", "localStorage", "cookie"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page has %q", bad)
		}
	}
	if len(page) > 1_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if !bytes.Contains(page, []byte("&lt;b&gt;Half the drop&lt;/b&gt;")) || bytes.Contains(page, []byte("<b>")) {
		t.Error("an overlay's text is not escaped")
	}
	if banner := bytes.Index(page, []byte("Synthetic: every person")); banner < 0 || banner > bytes.Index(page, []byte("<h1>")) {
		t.Error("that everything is made up is not said first")
	}
}

// The bytes follow from the results: not from the clock, the workers or the machine.
func TestDeterministic(t *testing.T) {
	run := national(t, true)
	first := pageOf(t, run)
	run.Result.Effort.Workers += 3
	run.Result.Effort.WallNS += int64(time.Second)
	run.Summary = report.Summarize(run.Input)
	if !bytes.Equal(first, pageOf(t, run)) {
		t.Error("the page changed with the machine")
	}
}

// Both halves of the page say the same things: as many sections, figures and rows.
func TestHalvesMatch(t *testing.T) {
	_, rest, _ := strings.Cut(string(pageOf(t, national(t, true))), `<main lang="en">`)
	english, chinese, found := strings.Cut(rest, `<main lang="zh-CN" hidden>`)
	if !found {
		t.Fatal("no second language")
	}
	for _, of := range []string{"<section", "<figure", "<tr>", "<details>", "<svg", "<dt>", "<li>", "<a "} {
		if en, zh := strings.Count(english, of), strings.Count(chinese, of); en != zh || en == 0 {
			t.Errorf("%s: %d in English, %d in Chinese", of, en, zh)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(english+chinese, -1) {
		if ids[m[1]] {
			t.Errorf("id %s occurs twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(english+chinese, -1) {
		if !ids[m[1]] {
			t.Errorf("a link to #%s leads nowhere", m[1])
		}
	}
}

func TestTextsInBothLanguages(t *testing.T) {
	for _, p := range []*html.Page{html.RunPage(national(t, false)), html.RunPage(national(t, true)), pieces()} {
		if n := htmltest.Texts(t, p); n < 50 {
			t.Errorf("only %d texts", n)
		}
	}
}

// Every name that a report may need is there in both languages.
func TestNamesInBothLanguages(t *testing.T) {
	htmltest.Texts(t, html.Names)
	for i, name := range html.MonthNames {
		if want := day.MonthOf(2024, i+1).First(); int(want.Month().OfYear()) != i+1 || name.ZH == "" {
			t.Errorf("%v is %v", want, name)
		}
	}
}

// WriteRun writes one file and names it.
func TestWriteRun(t *testing.T) {
	sink := folder{}
	file, err := html.WriteRun(sink, national(t, false))
	if err != nil || file.Name != html.FileName || file.What == "" || !bytes.HasPrefix(sink[html.FileName].Bytes(), []byte("<!DOCTYPE html>")) {
		t.Errorf("%+v, %v, %d files", file, err, len(sink))
	}
	if _, err := html.WriteRun(full{}, national(t, false)); err == nil || !strings.Contains(err.Error(), html.FileName) {
		t.Errorf("a full disk gives %v", err)
	}
}

// folder is a Sink in memory, full one that has no room.
type folder map[string]*bytes.Buffer

func (f folder) Create(name string) (io.WriteCloser, error) {
	f[name] = &bytes.Buffer{}
	return nopCloser{f[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

type full struct{}

func (full) Create(string) (io.WriteCloser, error) { return full{}, nil }
func (full) Write([]byte) (int, error)             { return 0, io.ErrShortWrite }
func (full) Close() error                          { return nil }
