package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kuasheng/engine/money"
)

// WorkbookFile is the workbook of the official forms in a run directory.
const WorkbookFile = "clearing/forms.xlsx"

// The rows of a sheet before its items: title, head, names of columns.
const headRows = 3

// pinned is the time that every file in the workbook bears: the same run is the same
// bytes.
var pinned = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// writeWorkbook writes one sheet for each form, ready to print: landscape, one page
// wide, title and names of columns on each page, lines for signatures at the foot.
func writeWorkbook(w io.Writer, in *Input, forms []*form) error {
	x := excelize.NewFile()
	defer x.Close()
	stamp := pinned.Format(time.RFC3339)
	if err := x.SetDocProps(&excelize.DocProperties{Title: "跨省异地就医清算表册（模拟数据）", Creator: "kuasheng", LastModifiedBy: "kuasheng", Created: stamp, Modified: stamp}); err != nil {
		return err
	}
	styles, err := newStyles(x)
	if err != nil {
		return err
	}
	for i, f := range forms {
		if i == 0 {
			err = x.SetSheetName("Sheet1", f.sheet)
		} else {
			_, err = x.NewSheet(f.sheet)
		}
		if err == nil {
			err = f.writeSheet(x, in, styles)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.sheet, err)
		}
	}
	x.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return &pinnedZip{w: w} })
	var book bytes.Buffer
	if err := x.Write(&book); err != nil {
		return err
	}
	_, err = book.WriteTo(w)
	return err
}

// cellStyles are the styles of the workbook; the last index is of bold rows.
type cellStyles struct {
	title, head, names int
	cells              [isAmount + 1][2]int
}

func newStyles(x *excelize.File) (s cellStyles, err error) {
	border := []excelize.Border{{Type: "left", Color: "808080", Style: 1}, {Type: "right", Color: "808080", Style: 1}, {Type: "top", Color: "808080", Style: 1}, {Type: "bottom", Color: "808080", Style: 1}}
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: "宋体", Size: size, Bold: bold}
	}
	add := func(style *excelize.Style) (id int) {
		if err == nil {
			id, err = x.NewStyle(style)
		}
		return id
	}
	s.title = add(&excelize.Style{Font: font(16, true), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"}})
	s.head = add(&excelize.Style{Font: font(10, false), Alignment: &excelize.Alignment{Vertical: "center"}})
	s.names = add(&excelize.Style{Font: font(10, true), Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECF3"}},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}})
	for bold := range 2 {
		f := font(10, bold == 1)
		s.cells[isText][bold] = add(&excelize.Style{Font: f, Border: border})
		s.cells[isCount][bold] = add(&excelize.Style{Font: f, Border: border, NumFmt: 3})  // #,##0
		s.cells[isAmount][bold] = add(&excelize.Style{Font: f, Border: border, NumFmt: 4}) // #,##0.00
	}
	return s, err
}

func (f *form) writeSheet(x *excelize.File, in *Input, styles cellStyles) error {
	err := errors.Join(
		x.SetSheetProps(f.sheet, &excelize.SheetPropsOptions{FitToPage: new(true)}),
		x.SetPageLayout(f.sheet, &excelize.PageLayoutOptions{Size: new(9), Orientation: new("landscape"), FitToWidth: new(1), FitToHeight: new(0)}),
		x.SetPageMargins(f.sheet, &excelize.PageLayoutMarginsOptions{Left: new(0.4), Right: new(0.4), Top: new(0.6), Bottom: new(0.8), Header: new(0.3), Footer: new(0.3)}),
		x.SetHeaderFooter(f.sheet, &excelize.HeaderFooterOptions{
			OddHeader: "&L模拟数据，非真实业务&R" + f.title,
			OddFooter: "&L制表：　　　　　复核：　　　　　负责人：　　　　　（签章）&C第 &P 页　共 &N 页&R报出日期：　　年　　月　　日",
		}),
		x.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$%d", f.sheet, headRows), Scope: f.sheet}),
	)
	if err != nil {
		return err
	}
	s, err := x.NewStreamWriter(f.sheet)
	if err != nil {
		return err
	}
	corner, err := excelize.CoordinatesToCellName(f.frozen+1, headRows+1)
	if err != nil {
		return err
	}
	err = s.SetPanes(&excelize.Panes{Freeze: true, XSplit: f.frozen, YSplit: headRows, TopLeftCell: corner, ActivePane: "bottomRight"})
	for i, c := range f.columns {
		err = errors.Join(err, s.SetColWidth(i+1, i+1, c.width))
	}
	last, e := excelize.ColumnNumberToName(len(f.columns))
	if err = errors.Join(err, e); err != nil {
		return err
	}
	row := 0
	put := func(height float64, cells ...any) {
		row++
		if err == nil {
			err = s.SetRow(fmt.Sprintf("A%d", row), cells, excelize.RowOpts{Height: height})
		}
	}
	span := func() {
		if err == nil {
			err = s.MergeCell(fmt.Sprintf("A%d", row), fmt.Sprintf("%s%d", last, row))
		}
	}
	put(28, excelize.Cell{StyleID: styles.title, Value: f.title})
	span()
	put(18, excelize.Cell{StyleID: styles.head, Value: "报送单位名称（盖章）：国家级经办机构（模拟）　　　清算期：" + spanZH(in) + "　　　单位：元" + sampleZH(in)})
	span()
	cells := make([]any, len(f.columns))
	for i, c := range f.columns {
		cells[i] = excelize.Cell{StyleID: styles.names, Value: c.name}
	}
	put(32, cells...)
	for i := range f.rows {
		r := &f.rows[i]
		bold := 0
		if r.bold {
			bold = 1
		}
		for j, c := range r.cells {
			cell := excelize.Cell{StyleID: styles.cells[c.is][bold]}
			switch c.is {
			case isCount:
				cell.Value = c.value
			case isAmount:
				cell.Value = yuanOf(money.Fen(c.value))
			default:
				if c.text != "" {
					cell.Value = c.text
				}
			}
			cells[j] = cell
		}
		put(0, cells[:len(r.cells)]...)
	}
	put(0)
	put(22, excelize.Cell{StyleID: styles.head, Value: "单位负责人：　　　　　　　　处科负责人：　　　　　　　　填表人：　　　　　　　　复核：　　　　　　　　联系电话：　　　　　　　　报出日期："})
	span()
	if err != nil {
		return err
	}
	return s.Flush()
}

// yuanOf is the number that a spreadsheet holds for an amount. Up to 90 trillion yuan
// its shortest decimals are those of the amount.
func yuanOf(v money.Fen) float64 { return float64(v) / 100 }

func sampleZH(in *Input) string {
	if !in.sampled() {
		return ""
	}
	return fmt.Sprintf("　　　抽样 1/%d 的原始数据，未放大", in.Sample)
}

// pinnedZip writes the parts of a workbook in the order of their names, which
// excelize does not promise, and without the time of writing.
type pinnedZip struct {
	w     io.Writer
	parts []*zipPart
}

type zipPart struct {
	name string
	bytes.Buffer
}

// Create adds a part.
func (z *pinnedZip) Create(name string) (io.Writer, error) {
	z.parts = append(z.parts, &zipPart{name: name})
	return z.parts[len(z.parts)-1], nil
}

// AddFS is not needed for a workbook made from nothing.
func (z *pinnedZip) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive.
func (z *pinnedZip) Close() error {
	slices.SortFunc(z.parts, func(a, b *zipPart) int { return strings.Compare(a.name, b.name) })
	out := zip.NewWriter(z.w)
	for _, part := range z.parts {
		w, err := out.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: pinned})
		if err == nil {
			_, err = part.WriteTo(w)
		}
		if err != nil {
			return err
		}
	}
	return out.Close()
}
