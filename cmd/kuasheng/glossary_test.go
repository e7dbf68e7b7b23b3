package main

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// home is this folder, which some tests leave.
var home, _ = os.Getwd()

// avoided are the words that docs/glossary.md has another one for, each with that one.
func avoided(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(home, "../../docs/glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, line := range strings.Split(string(content), "\n") {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.IndexFunc(cells[3], isHan) >= 0 {
			for _, word := range strings.Split(strings.TrimSpace(cells[3]), "、") {
				words[word] = strings.TrimSpace(cells[2])
			}
		}
	}
	if len(words) < 15 {
		t.Fatalf("the glossary has only %v", words)
	}
	return words
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// wrongWord says which word of a text gives way to which, empty for none.
func wrongWord(text string, avoided map[string]string) string {
	for word, instead := range avoided {
		if strings.Contains(strings.ReplaceAll(text, "公开的非官方", ""), word) {
			return word + " instead of " + instead
		}
	}
	return ""
}

// The Chinese of the sources and of the data keeps to the glossary, and the glossary's
// words are in use.
func TestGlossary(t *testing.T) {
	avoided, used := avoided(t), strings.Builder{}
	hold := func(where, text string) {
		used.WriteString(text)
		if wrong := wrongWord(text, avoided); wrong != "" {
			t.Errorf("%s: %s in %q", where, wrong, text)
		}
	}
	sources(t, func(string) bool { return true }, func(name string, fset *token.FileSet, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && strings.IndexFunc(text.Value, isHan) >= 0 {
				hold(name+":"+strconv.Itoa(fset.Position(n.Pos()).Line), text.Value)
			}
			return true
		})
	})
	for _, pattern := range []string{"README.zh-CN.md", "fixtures/data/*.csv", "fixtures/data/*/*.yaml"} {
		files, err := filepath.Glob("../../" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(string(content), "\n") {
				hold(file+":"+strconv.Itoa(i+1), line)
			}
		}
	}
	for _, word := range avoided {
		if !strings.Contains(used.String(), word) {
			t.Errorf("nothing says %s", word)
		}
	}
}

// A text stands in both languages: of the two sides of a words.T that are written out,
// both say something or neither does. Same and Counter are for what is no language's and
// for what English does without.
func TestTextsHaveBothLanguages(t *testing.T) {
	verb, seen := regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z]`), 0
	sources(t, func(string) bool { return true }, func(name string, fset *token.FileSet, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "T" {
				return true
			} else if x, ok := s.X.(*ast.Ident); !ok || x.Name != "words" {
				return true
			}
			var says [2]bool
			for i, arg := range call.Args {
				side, ok := arg.(*ast.BasicLit)
				if !ok {
					return true // put together, of parts that this test sees
				}
				says[i] = strings.IndexFunc(verb.ReplaceAllString(side.Value, ""), [...]func(rune) bool{unicode.IsLetter, isHan}[i]) >= 0
			}
			if seen++; says[0] != says[1] {
				t.Errorf("%s:%d: words in one language only: %s and %s", name, fset.Position(n.Pos()).Line, call.Args[0].(*ast.BasicLit).Value, call.Args[1].(*ast.BasicLit).Value)
			}
			return true
		})
	})
	if seen < 500 {
		t.Errorf("only %d texts were seen", seen)
	}
}
