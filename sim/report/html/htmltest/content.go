package htmltest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kuasheng/sim/report/chinese"
	"kuasheng/sim/report/html"
	"kuasheng/sim/report/words"
)

var update = flag.Bool("update", false, "write the golden files")

// Golden holds the structure of a page against testdata/NAME.txt; -update writes it.
func Golden(t *testing.T, name string, p *html.Page) {
	t.Helper()
	got, file := structure(p), filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it:\n%s", file, got)
	}
}

// structure lists the sections of a page, their figures with the kind of chart, and
// what stands behind them: not the figures themselves, which move with the data.
func structure(p *html.Page) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s | %s\n%s | %s\n", p.Title.EN, p.Title.ZH, p.Banner.EN, p.Banner.ZH)
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n#%s %s | %s\n", s.ID, s.Title.EN, s.Title.ZH)
		for _, t := range s.Tiles {
			fmt.Fprintf(&b, "  tile %s | %s\n", t.Name.EN, t.Name.ZH)
		}
		if s.Notice.EN != "" {
			fmt.Fprintf(&b, "  notice %.40s… | %.30s…\n", s.Notice.EN, s.Notice.ZH)
		}
		for _, f := range s.Figures {
			fmt.Fprintf(&b, "  %s %s | %s\n", strings.TrimPrefix(fmt.Sprintf("%T", f.Chart), "*html."), f.Title.EN, f.Title.ZH)
			if f.Table == nil {
				b.WriteString("    no table\n")
				continue
			}
			var heads []string
			for i, c := range f.Table.Columns {
				if i == 9 {
					heads = append(heads, "…")
					break
				}
				heads = append(heads, c.Title.EN)
			}
			fmt.Fprintf(&b, "    table %s\n", strings.Join(heads, " · "))
		}
		for _, f := range s.Facts {
			fmt.Fprintf(&b, "  fact %s | %s\n", f.Name.EN, f.Name.ZH)
		}
	}
	return b.String()
}

// Texts fails on a text of a page, or of anything else, that is not in both languages or
// has English in its Chinese, and returns how many texts there are.
func Texts(t *testing.T, of any) int {
	t.Helper()
	return walkTexts(t, "texts", reflect.ValueOf(of))
}

// walkTexts fails on a text that is not in both languages: empty in one, or with no
// Chinese character in the Chinese one while it differs from the English.
func walkTexts(t *testing.T, path string, v reflect.Value) (texts int) {
	t.Helper()
	if v.Type() == reflect.TypeFor[html.Fact]() && v.FieldByName("Verbatim").Bool() {
		return 2 // what its author wrote
	}
	if v.Type() == reflect.TypeFor[words.Text]() {
		en, zh := v.Field(0).String(), v.Field(1).String()
		if english := chinese.EnglishIn(zh); len(english) > 0 {
			t.Errorf("%s: English %q in the Chinese %q", path, english, zh)
		}
		switch {
		case en == "" && zh == "", en == zh:
		case en == "" && strings.HasSuffix(path, ".Unit") && utf8.RuneCountInString(zh) == 1: // a classifier 量词, which English has not
		case en == "" || zh == "":
			t.Errorf("%s: %q in English, %q in Chinese", path, en, zh)
		}
		for _, r := range en {
			if unicode.Is(unicode.Han, r) && en != zh && !strings.ContainsRune("万亿", r) { // of figures as published
				t.Errorf("%s: %q is not English", path, en)
				break
			}
		}
		return 1
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			texts += walkTexts(t, path, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			texts += walkTexts(t, path, v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			texts += walkTexts(t, path, v.MapIndex(k))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			texts += walkTexts(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
	return texts
}
