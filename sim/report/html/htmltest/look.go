package htmltest

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	shots  = flag.String("shots", "", "write screenshots of the reports into this folder")
	lookAt = flag.String("report", "", "look at this report too, such as that of a full run")
)

// Look is a page to look at, and how much it shows at least.
type Look struct {
	Name            string
	Page            []byte
	Drawings, Texts int
	// Tips point at parts of the page and say how what is told of them begins.
	Tips []Tip
}

// Tip is a point of an element, in shares of its width and height.
type Tip struct {
	Of, Want string
	X, Y     float64
}

// faults looks over the page as it is shown: what sticks out of the window, texts that
// overlap or stick out of their drawing, and text in small print.
const faults = `(() => {
  const bad = [], main = document.querySelector("main:not([hidden])");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    bad.push("the page is " + root.scrollWidth + " px wide in a window of " + root.clientWidth);
    main.querySelectorAll("*").forEach(e => {
      if (!e.closest(".scroll,pre") && e.getBoundingClientRect().right > root.clientWidth + 1 && bad.length < 4) bad.push("sticks out: " + e.tagName + " " + e.textContent.slice(0, 40));
    });
  }
  let drawings = 0, texts = 0;
  main.querySelectorAll("figure > svg").forEach(svg => {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) return;
    drawings++;
    const of = svg.closest("figure").querySelector("h3").textContent;
    const all = Array.from(svg.querySelectorAll("text")).filter(t => t.textContent).map(t => ({ t: t.textContent, r: t.getBoundingClientRect() }));
    texts += all.length;
    all.forEach((a, i) => {
      if (a.r.left < frame.left - 1 || a.r.right > frame.right + 1 || a.r.top < frame.top - 2 || a.r.bottom > frame.bottom + 2) bad.push(of + ": cut off: " + a.t);
      if (Math.min(a.r.height, a.r.width) > 0 && Math.min(a.r.height, Math.max(a.r.width, a.r.height)) < 7.5) bad.push(of + ": too small: " + a.t);
      all.slice(i + 1).forEach(b => {
        const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left), h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
        if (w > 1 && h > 3.5) bad.push(of + ": overlap: " + a.t + " | " + b.t);
      });
    });
  });
  return { bad: bad.slice(0, 12), drawings, texts, lang: root.lang, main: main.lang };
})()`

// InBrowser looks at pages in a real browser: nothing on the console, nothing fetched,
// nothing that sticks out or overlaps, in both languages and four widths, dark too, and on
// paper.
func InBrowser(t *testing.T, looks ...Look) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is slow")
	}
	b := openBrowser(t)
	if *lookAt != "" {
		page, err := os.ReadFile(*lookAt)
		if err != nil {
			t.Fatal(err)
		}
		looks = append(looks, Look{Name: "given", Page: page, Drawings: 1, Texts: 1})
	}
	for _, c := range looks {
		file := filepath.Join(t.TempDir(), "report.html")
		if err := os.WriteFile(file, c.Page, 0o666); err != nil {
			t.Fatal(err)
		}
		url := "file://" + file
		b.see(1440, "light")
		b.open(url)
		for _, lang := range []string{"en", "zh-CN"} {
			b.eval(fmt.Sprintf(`document.querySelector("[data-lang='%s']").click()`, lang), nil)
			for _, width := range []int{390, 768, 1100, 1440} {
				for _, scheme := range []string{"light", "dark"} {
					if scheme == "dark" && width != 1100 {
						continue // colours move nothing
					}
					b.see(width, scheme)
					what := fmt.Sprintf("%s-%s-%d-%s", c.Name, lang, width, scheme)
					var found struct {
						Bad             []string
						Drawings, Texts int
						Lang, Main      string
					}
					b.eval(faults, &found)
					if len(found.Bad) > 0 {
						t.Errorf("%s:\n\t%s", what, strings.Join(found.Bad, "\n\t"))
					}
					if found.Drawings < c.Drawings || found.Texts < c.Texts || found.Lang != lang || found.Main != lang {
						t.Errorf("%s: shows %d drawings with %d texts in %s, said to be %s", what, found.Drawings, found.Texts, found.Main, found.Lang)
					}
					b.shoot(what)
				}
			}
			var pdf struct{ Data string }
			b.call("Page.printToPDF", map[string]any{"printBackground": false}, &pdf)
			text, err := base64.StdEncoding.DecodeString(pdf.Data)
			if err != nil || !strings.HasPrefix(string(text), "%PDF-") || len(text) < 20_000 {
				t.Errorf("%s %s: printed %d bytes, %v", c.Name, lang, len(text), err)
			}
			if *shots != "" {
				b.keep(c.Name+"-"+lang+".pdf", text)
			}
		}
		b.checkTips(c.Tips)
		if all := b.complaints(url); len(all) > 0 {
			t.Errorf("%s: the page complains:\n\t%s", c.Name, strings.Join(all, "\n\t"))
		}
	}
}

// checkTips points at parts of the page and reads what is told of them.
func (b *browser) checkTips(tips []Tip) {
	b.t.Helper()
	if len(tips) == 0 {
		return
	}
	b.see(1440, "light")
	b.eval(`document.querySelector("[data-lang=en]").click()`, nil)
	for _, c := range tips {
		var at struct{ X, Y, W, H float64 }
		b.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect(); return {x: r.x, y: r.y, w: r.width, h: r.height}; })()`, c.Of), &at)
		b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": at.X + c.X*at.W, "y": at.Y + c.Y*at.H}, nil)
		var told string
		b.eval(`document.getElementById("tip").hidden ? "" : document.getElementById("tip").textContent`, &told)
		if !strings.HasPrefix(told, c.Want) {
			b.t.Errorf("%s tells %q, want %q", c.Of, told, c.Want)
		}
	}
}

// shoot keeps a picture of the whole page where -shots asks for it.
func (b *browser) shoot(name string) {
	if *shots == "" {
		return
	}
	var picture struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "format": "png"}, &picture)
	data, err := base64.StdEncoding.DecodeString(picture.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	b.keep(name+".png", data)
}

func (b *browser) keep(name string, data []byte) {
	if err := os.WriteFile(filepath.Join(*shots, name), data, 0o666); err != nil {
		b.t.Fatal(err)
	}
}
