// Package html writes reports as one self-contained page: it opens without a
// network, in English and Chinese, on a telephone, a screen and paper. A page is
// sections of tiles, figures and tables; a figure is a Chart with the table behind
// it. Run makes the page of a run; other reports give other data to the same
// pieces. The bytes of a page follow from its data alone.
package html

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"kuasheng/sim/report/words"
)

// Page is a report.
type Page struct {
	Title words.Text
	// Banner is the first thing on the page: what must not be misread.
	Banner words.Text
	// Lead says in a line what was computed.
	Lead     words.Text
	Sections []Section
}

// Section is a chapter of a page with an anchor of its own.
type Section struct {
	ID          string // letters, digits and dashes; once in a page
	Title, Lead words.Text
	// Sub sections belong to the one before that is none. The contents leave them out
	// where they would be many.
	Sub   bool
	Tiles []Tile
	// Notice stands in place of what cannot be told; it may be empty.
	Notice  words.Text
	Figures []Figure
	// Facts are names and values, in the order given.
	Facts []Fact
}

// Tile is a key figure.
type Tile struct {
	Name words.Text
	// Value is the figure as people say it, Unit its unit in smaller print and Note what
	// stands below; both may be empty.
	Value, Unit, Note words.Text
}

// NewTile makes a tile of an amount.
func NewTile(name words.Text, a Amount, note words.Text) Tile {
	t := Tile{Name: name, Note: note}
	t.Value.EN, t.Unit.EN = a.parts(words.English)
	t.Value.ZH, t.Unit.ZH = a.parts(words.Chinese)
	return t
}

// Figure is a chart with the table behind it, or a table alone.
type Figure struct {
	Title words.Text
	// Note says below the title how to read the figure; it may be empty.
	Note  words.Text
	Chart Chart
	Table *Table
	// Wide figures take the whole width of a screen, others half.
	Wide bool
	// Folded tables without a chart are shown when asked for.
	Folded bool
}

// Fact is a name and a value; a long value such as a file's text is shown as
// written.
type Fact struct {
	Name, Value words.Text
	Verbatim    bool
}

//go:embed page.gohtml
var pageText string

//go:embed page.css
var styleText string

//go:embed page.js
var scriptText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// The texts of the page itself.
var (
	contentsText = words.T("Contents", "目录")
	tableText    = words.T("Table: %s", "数据表：%s")
	dataText     = words.T("The figures behind it", "图表数据")
	foldedText   = words.T("Show the table", "展开数据表")
	scriptlessly = words.T("Without scripts both languages are shown, one after the other.", "未启用脚本时，中英文内容依次显示。")
)

// view is a page in one language.
type view struct {
	Lang, ID            string
	Title, Banner, Lead string
	Contents            string
	Sections            []sectionView
}

type sectionView struct {
	ID, Title, Lead, Notice string
	Sub, Listed             bool
	Tiles                   []tileView
	Figures                 []figureView
	Facts                   []factView
}

type tileView struct{ Name, Value, Unit, Note string }

type factView struct {
	Name, Value string
	Verbatim    bool
}

type figureView struct {
	Title, Unit, Note string
	Keys              []key
	Drawings          []template.HTML
	Table             *tableView
	Summary           string
	Wide, Alone       bool
}

// mostListed is how many entries the contents have at most with sub sections in it.
const mostListed = 16

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	data := struct {
		Style   template.CSS
		Script  template.JS
		Views   []view
		TitleEN string
		TitleZH string
		NoJS    string
	}{
		Style: template.CSS(styleText), Script: template.JS(scriptText),
		Views: []view{p.view(words.English), p.view(words.Chinese)}, TitleEN: p.Title.In(words.English), TitleZH: p.Title.In(words.Chinese),
		NoJS: scriptlessly.EN + " " + scriptlessly.ZH,
	}
	if err := pageTemplate.Execute(w, data); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (p *Page) view(l words.Lang) view {
	v := view{
		Lang: "en", ID: "en-", Title: p.Title.In(l), Banner: p.Banner.In(l), Lead: p.Lead.In(l),
		Contents: contentsText.In(l),
	}
	if l == words.Chinese {
		v.Lang, v.ID = "zh-CN", "zh-"
	}
	for i := range p.Sections {
		s := &p.Sections[i]
		out := sectionView{ID: v.ID + s.ID, Title: s.Title.In(l), Lead: s.Lead.In(l), Notice: s.Notice.In(l), Sub: s.Sub, Listed: !s.Sub || len(p.Sections) <= mostListed}
		for _, t := range s.Tiles {
			out.Tiles = append(out.Tiles, tileView{t.Name.In(l), t.Value.In(l), t.Unit.In(l), t.Note.In(l)})
		}
		for j := range s.Figures {
			out.Figures = append(out.Figures, s.Figures[j].view(l))
		}
		for _, f := range s.Facts {
			out.Facts = append(out.Facts, factView{f.Name.In(l), f.Value.In(l), f.Verbatim})
		}
		v.Sections = append(v.Sections, out)
	}
	return v
}

func (f *Figure) view(l words.Lang) figureView {
	out := figureView{Title: f.Title.In(l), Note: f.Note.In(l), Wide: f.Wide, Summary: dataText.In(l), Alone: f.Chart == nil && !f.Folded}
	if f.Folded {
		out.Summary = foldedText.In(l)
	}
	if f.Table != nil {
		out.Table = f.Table.view(l)
		out.Table.Label = words.F(tableText, f.Title).In(l)
	}
	if f.Chart == nil {
		return out
	}
	out.Unit, out.Keys = f.Chart.caption(l), f.Chart.keys(l)
	add := func(width float64, class string) {
		out.Drawings = append(out.Drawings, template.HTML(svg(f.Chart, f.Title, l, width, class)))
	}
	add(small, "s")
	if f.Wide {
		add(medium, "m")
		add(large, "l")
	} else {
		add(medium, "ml")
	}
	return out
}
