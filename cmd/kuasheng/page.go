package main

import (
	"io"
	"slices"

	"kuasheng/sim/experiment/show/page"
	"kuasheng/sim/report"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

// about is what the page of an experiment says of how it came about; the first arm is
// the base.
func about(arms []*arm, repeat string) *page.About {
	base := arms[0]
	out := &page.About{World: base.World, Scenario: base.World.Name, Assumptions: assumptions(base.pack), Repeat: repeat, Program: program()}
	for i, x := range arms {
		p := page.Policy{Name: x.Name, Title: titleOf(x.pack, x.overlays), DataDigest: x.pack.Digest(), Overlays: x.overlays, Sets: x.sets}
		if i > 0 {
			// What lies on the base is said of the base.
			p.Sets = nil
			p.Overlays = slices.DeleteFunc(slices.Clone(x.overlays), func(o report.Overlay) bool { return slices.Contains(base.overlays, o) })
			p.Title = words.Joined(titlesOf(p.Overlays), words.Same(" + "))
		}
		out.Policies = append(out.Policies, p)
	}
	return out
}

// pageFile is the page of an experiment among its files; it names the others.
func pageFile(files map[string]func(io.Writer) error, about *page.About, make func(*page.About) *html.Page) {
	for name := range files {
		about.Beside = append(about.Beside, name)
	}
	about.Beside = append(about.Beside, "manifest.json")
	slices.Sort(about.Beside)
	files[html.FileName] = func(w io.Writer) error { return make(about).Write(w) }
}
