package engine_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kuasheng/engine"
)

// manualRow is a row of a table of docs/rules.md.
type manualRow struct{ id, says, where, cases, status string }

// readManual reads the rows of the manual's tables of rules and its table of statuses.
func readManual(t *testing.T) (rows []manualRow, statuses [][]string) {
	t.Helper()
	readTables(t, "docs/rules.md", func(header, cells []string) {
		switch {
		case header[0] == "id" && len(header) == 5:
			rows = append(rows, manualRow{cells[0], cells[1], cells[2], cells[3], cells[4]})
		case header[0] == "status" && len(header) == 5:
			statuses = append(statuses, cells)
		}
	})
	return rows, statuses
}

// readArchitecture reads the rows of ARCHITECTURE.md that say where a step happens or
// something is proven.
func readArchitecture(t *testing.T) (rows []manualRow) {
	t.Helper()
	readTables(t, "ARCHITECTURE.md", func(header, cells []string) {
		if at := slices.Index(header, "where"); at > 0 && (header[0] == "step" || header[0] == "when") {
			rows = append(rows, manualRow{id: "ARCHITECTURE.md, " + cells[0], where: cells[at]})
		}
	})
	if len(rows) < 30 {
		t.Errorf("ARCHITECTURE.md says where of %d steps and proofs", len(rows))
	}
	return rows
}

// readTables yields the rows of a page's tables, each with its header.
func readTables(t *testing.T, page string, row func(header, cells []string)) {
	t.Helper()
	text, err := os.ReadFile("../" + page)
	if err != nil {
		t.Fatal(err)
	}
	var header []string
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "|") {
			header = nil
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for c := range cells {
			cells[c] = strings.TrimSpace(cells[c])
		}
		switch {
		case header == nil:
			header = cells
		case strings.HasPrefix(cells[0], "---"):
		case len(cells) != len(header):
			t.Errorf("%s:%d: %d cells under %d", page, i+1, len(cells), len(header))
		default:
			row(header, cells)
		}
	}
}

// TestManualListsEveryRule: docs/rules.md has a row for each rule and no other; each
// says how much of it there is, and what is implemented names a case.
func TestManualListsEveryRule(t *testing.T) {
	rows, _ := readManual(t)
	known, seen := knownRules(), map[string]bool{}
	cited, _ := citedRules(t)
	for _, row := range rows {
		if !known[row.id] || seen[row.id] {
			t.Errorf("%s: no rule, or listed twice", row.id)
		}
		seen[row.id] = true
		word, why, _ := strings.Cut(row.status, ":")
		switch {
		case strings.HasPrefix(word, "implemented"):
			if row.cases == "–" {
				t.Errorf("%s is implemented and names no case", row.id)
			}
		case strings.HasPrefix(word, "parameter"):
		case word == "partly" || word == "out of scope":
			if why == "" {
				t.Errorf("%s is %s, and nothing says why", row.id, word)
			}
		case word == "not yet":
			if path := cited[row.id]; path != "" {
				t.Errorf("%s is not yet, and engine/%s cites it", row.id, path)
			}
		default:
			t.Errorf("%s has the status %q", row.id, row.status)
		}
		if row.says == "" || row.where == "" || row.cases == "" {
			t.Errorf("%s has an empty cell", row.id)
		}
	}
	for rule := range known {
		if !seen[rule] {
			t.Errorf("%s has no row", rule)
		}
	}
}

// TestManualNamesCases: every case that a row names exists, and every article is named
// by the rows of the rules that its file name begins with and its heading cites.
func TestManualNamesCases(t *testing.T) {
	rows, _ := readManual(t)
	tests := map[string]bool{}
	for _, text := range sources(t, "..", func(path string) bool { return strings.HasSuffix(path, "_test.go") }) {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w*)\(`).FindAllStringSubmatch(text, -1) {
			tests[m[1]] = true
		}
	}
	named := map[string][]string{} // cases by rule
	for _, row := range rows {
		if row.cases == "–" {
			continue
		}
		for _, name := range strings.Split(row.cases, ", ") {
			named[row.id] = append(named[row.id], name)
			file := "testdata/articles/" + name + ".txt"
			switch {
			case name == "audit":
				continue
			case strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"):
				if !tests[name] {
					t.Errorf("%s: there is no test %s", row.id, name)
				}
				continue
			case strings.HasPrefix(name, "filings/"):
				file = "testdata/" + name + ".txt"
			case strings.HasPrefix(name, "desk/"):
				file = "../fixtures/wire/testdata/" + name + ".txt"
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: there is no case %s", row.id, name)
			}
		}
	}

	prefix := regexp.MustCompile(`^([a-eirvx])(\d\d)-`)
	for _, folder := range []string{"articles", "filings"} {
		for path, text := range sources(t, "testdata/"+folder, func(path string) bool { return strings.HasSuffix(path, ".txt") }) {
			name := strings.TrimSuffix(filepath.Base(path), ".txt")
			if folder != "articles" {
				name = folder + "/" + name
			}
			rest, rules := filepath.Base(path), []string(nil)
			for m := prefix.FindStringSubmatch(rest); m != nil; m = prefix.FindStringSubmatch(rest) {
				n, err := strconv.Atoi(m[2])
				if err != nil {
					t.Fatal(err)
				}
				rules, rest = append(rules, ruleName(strings.ToUpper(m[1]), n)), rest[len(m[0]):]
			}
			heading, _, _ := strings.Cut(text, "\n")
			ids, _, dash := strings.Cut(strings.TrimPrefix(heading, "# "), " — ")
			if len(rules) == 0 || !dash {
				t.Errorf("%s: neither name nor heading say what it is about", path)
			}
			rules = append(rules, ruleID.FindAllString(ids, -1)...)
			slices.Sort(rules)
			for _, rule := range slices.Compact(rules) {
				if !slices.Contains(named[rule], name) {
					t.Errorf("%s is about %s, whose row does not name it", path, rule)
				}
			}
		}
	}
}

func ruleName(letter string, n int) string { return fmt.Sprintf("%s%d", letter, n) }

// TestManualNamesCode: every file and every identifier that a row of docs/rules.md or of
// ARCHITECTURE.md names exists where the row says. A Go file or folder is named from the root; "wire" stands for fixtures/wire; a
// file of a data pack is named without its folder.
func TestManualNamesCode(t *testing.T) {
	rows, _ := readManual(t)
	rows = append(rows, readArchitecture(t)...)
	wire := map[string]bool{}
	for path := range sources(t, "../fixtures/wire", func(path string) bool {
		return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
	}) {
		for name := range declared(t, path) {
			wire[name] = true
		}
	}
	pack := sources(t, "../fixtures/data", func(path string) bool { return regexp.MustCompile(`\.(ya?ml|csv)$`).MatchString(path) })
	part := regexp.MustCompile("`([^`]+)`|\\bwire\\b|;")
	for _, row := range rows {
		var has func(name string) bool // whether the place last named has an identifier
		for _, m := range part.FindAllStringSubmatch(row.where, -1) {
			name := m[1]
			switch {
			case m[0] == ";":
				has = nil
			case m[0] == "wire":
				has = func(name string) bool { return wire[name] }
			case strings.HasSuffix(name, ".go"):
				path := "../" + name
				if _, err := os.Stat(path); err != nil {
					t.Errorf("%s: there is no file %s", row.id, name)
					has = func(string) bool { return true }
					continue
				}
				names := declared(t, path)
				has = func(name string) bool { return names[name] }
			case strings.HasSuffix(name, ".yaml"), strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, "/"):
				in := func(path string) bool { return strings.Contains(path+"/", "/"+strings.TrimSuffix(name, "/")+"/") }
				found := false
				for path := range pack {
					found = found || in(path)
				}
				if !found {
					t.Errorf("%s: no data pack has %s", row.id, name)
				}
				has = func(name string) bool {
					for path, text := range pack {
						if in(path) && strings.Contains(text, name) {
							return true
						}
					}
					return false
				}
			case strings.HasPrefix(name, "sim/"):
				if _, err := os.Stat("../" + name); err != nil {
					t.Errorf("%s: there is no folder %s", row.id, name)
				}
			case has == nil:
				t.Errorf("%s: %s is in no file", row.id, name)
			case !has(name):
				t.Errorf("%s: %s is not where the row says", row.id, name)
			}
		}
	}
}

// declared are the names that a Go file declares: types, functions, constants,
// variables, and Type.name for methods and fields. A method counts without its type
// as well.
func declared(t *testing.T, path string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = true
			if d.Recv != nil {
				receiver := d.Recv.List[0].Type
				if star, is := receiver.(*ast.StarExpr); is {
					receiver = star.X
				}
				if ident, is := receiver.(*ast.Ident); is {
					names[ident.Name+"."+d.Name.Name] = true
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names[name.Name] = true
					}
				case *ast.TypeSpec:
					names[s.Name.Name] = true
					if fields, is := s.Type.(*ast.StructType); is {
						for _, field := range fields.Fields.List {
							for _, name := range field.Names {
								names[s.Name.Name+"."+name.Name] = true
							}
						}
					}
				}
			}
		}
	}
	return names
}

// TestManualListsTheStatuses: the manual's table has every status in its order, with
// its class and sentences (E3).
func TestManualListsTheStatuses(t *testing.T) {
	_, rows := readManual(t)
	if len(rows) != engine.NumStatuses {
		t.Fatalf("the manual lists %d statuses of %d", len(rows), engine.NumStatuses)
	}
	for s := range engine.Status(engine.NumStatuses) {
		text := s.Text()
		class := string(text.Class)
		if text.Class == engine.ClassNone {
			class = "–"
		}
		for i, want := range []string{"`" + text.Name + "`", class, "", text.English, text.Chinese} {
			if got := rows[s][i]; want != "" && got != want {
				t.Errorf("status %d: the manual has %q, want %q", s, got, want)
			}
		}
	}
}
