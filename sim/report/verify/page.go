package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const pageName = "report.html"

// pageScripts are the SHA-256 of the one script that pages bear: whoever changes it adds the
// new one, so that directories written before stay sound.
var pageScripts = []string{"95d47952ecad34e9fc1b64140234b8ed266ba3d55e2f6ebb358ead0858c961b9"}

// pageHead is how a page begins: in one language of markup and one encoding.
const pageHead = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"

// The elements and attributes of a page. None of them loads, sends or runs anything.
var (
	pageElements = strings.Fields("html head meta title style noscript body header span div button main nav h1 h2 h3 ol ul li a section p small figure figcaption " +
		"details summary table thead tbody tr th td dl dt dd pre svg g rect circle line path text script")
	pageAttributes = strings.Fields("lang charset name content class role aria-label aria-hidden aria-pressed type hidden id href tabindex scope viewBox style transform " +
		"width height x y x1 x2 y1 y2 cx cy r d data-lang data-en data-zh data-matrix data-rows")
	tagForm       = regexp.MustCompile(`^/?([a-z0-9]+)((?: [a-zA-Z0-9-]+(?:="[^"<]*")?)*)/?$`)
	attributeForm = regexp.MustCompile(` ([a-zA-Z0-9-]+)(?:="([^"]*)")?`)
	styleForm     = regexp.MustCompile(`^[a-z-]+:[0-9a-z.]+$`)
)

// page proves that report.html is no more than a page to look at, with the one script that
// pages have, and that it names the run as the manifest does. Its figures and drawings are
// vouched for by digest and seal alone.
func (r *run) page() {
	const rule = "the elements of a page"
	rest, line := string(r.read(pageName)), 1
	bad := func(want, got string) { r.find(Finding{pageName, line, "", want, got, rule}) }
	skip := func(n int) string {
		line += strings.Count(rest[:n], "\n")
		text := rest[:n]
		rest = rest[n:]
		return text
	}
	if !strings.HasPrefix(rest, pageHead) || strings.IndexFunc(rest, acts) >= 0 {
		bad(pageHead+"… and text", "something else")
		return
	}
	skip(len("<!DOCTYPE html>"))
	scripts := 0
	var facts []string // how the page names the run, in English and in Chinese
	within := false    // one of them
	for {
		at := strings.IndexByte(rest, '<')
		if at < 0 {
			break
		}
		text := skip(at)
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			bad("the end of an element", rest[:min(len(rest), 40)])
			return
		}
		tag := skip(end + 1)
		tag = tag[1 : len(tag)-1]
		r.report.Checked++
		parts := tagForm.FindStringSubmatch(tag)
		if parts == nil || !slices.Contains(pageElements, parts[1]) || !harmless(parts[2]) {
			bad("an element of a page", "<"+tag+">")
			return
		}
		if within {
			facts[len(facts)-1] += text
		}
		switch {
		case (parts[1] == "style" || parts[1] == "script") && parts[2] != "":
			bad("<"+parts[1]+">", "<"+tag+">") // what stands in it would be read as text
			return
		case tag == "style":
			if style := skip(max(0, strings.Index(rest, "</style>"))); strings.Contains(style, "url(") || strings.Contains(style, "@import") || strings.ContainsAny(style, `\<`) {
				bad("a style that loads nothing", "<style>")
				return
			}
		case tag == "script":
			scripts++
			sum := sha256.Sum256([]byte(skip(max(0, strings.Index(rest, "</script>")))))
			if got := hex.EncodeToString(sum[:]); !slices.Contains(pageScripts, got) {
				r.same(pageName, line, "script", pageScripts[0], got, "the script that pages have")
				return
			}
		case tag == "dd":
			facts, within = append(facts, ""), true
		case tag == "/dd":
			within = false
		}
	}
	r.sameInt(pageName, 0, "scripts", 1, int64(scripts), "the script that pages have")
	r.pageFacts(facts)
}

// harmless reports whether attributes are those of a page: links within it, styles of one
// length.
func harmless(attributes string) bool {
	for _, a := range attributeForm.FindAllStringSubmatch(attributes, -1) {
		if !slices.Contains(pageAttributes, a[1]) || a[1] == "href" && !strings.HasPrefix(a[2], "#") || a[1] == "style" && !styleForm.MatchString(a[2]) {
			return false
		}
	}
	return true
}

// pageFacts compares how the page names the run, in both languages, with the manifest.
func (r *run) pageFacts(facts []string) {
	m := &r.m
	program := m.Program.Version + " · " + m.Program.Go + " · " + m.Program.Platform
	if m.Program.Revision != "" {
		program += " · " + m.Program.Revision
	}
	trace := m.Trace
	if trace == "" {
		trace = "–"
	}
	keys := []string{"repeat", "scenario", "seed", "sample", "data_digest", "digest", "program", "trace"}
	want := []string{m.Repeat, m.Scenario, strconv.FormatUint(m.Seed, 10), m.sampleText(), m.DataDigest, m.Digest, program, trace}
	for _, set := range m.Sets {
		keys, want = append(keys, "sets"), append(want, set)
	}
	for _, o := range m.Overlays {
		keys, want = append(keys, "overlays"), append(want, o.Text)
	}
	const rule = "the page names the run as manifest.json does"
	if !r.sameInt(pageName, 0, "facts", 2*int64(len(want)), int64(len(facts)), rule) {
		return
	}
	for i, got := range facts {
		i %= len(want)
		if keys[i] == "sample" {
			continue // in words
		}
		r.same(pageName, 0, keys[i], plain(want[i]), html.UnescapeString(got), rule)
	}
}
