package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The line of direction: a folder may import only folders to its left.
//
//	engine    the rules and the books know nobody; they can be lifted out whole
//	sim       a population and its year stand on the rules, on no data of their own
//	fixtures  data packs build a sim.World; no simulation reaches for a file
//	bench     the harness loads all of it, and nothing computes differently for it
//	cmd       flags are bound here and nowhere else
const direction = "engine < sim < fixtures < bench < cmd"

// Within a folder too, the kernel stays below what is built on it.
var insideFolders = []string{
	"engine/money < engine",
	"engine/day < engine",
	"engine < engine/audit",
	"sim < sim/experiment",
	"sim < sim/report",
	"sim/report/words < sim/report",
	"sim/report < sim/report/html",
	"fixtures/nearest < fixtures",
	"fixtures < fixtures/wire",
	"bench/service < bench",
	"bench < bench/report",
}

// Some packages see these of the module and no other.
var importsOnly = map[string][]string{
	"sim/draw":     {"engine/money"},                                     // draws know nothing of what is drawn for
	"sim/clearing": {"engine", "engine/day", "engine/money", "sim/draw"}, // money between places, no patient and no policy
}

const module = "kuasheng/"

// listed is what the test needs of go list.
type listed struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	TestGoFiles  []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func listPackages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,TestGoFiles,Imports,TestImports,XTestImports", "kuasheng/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestDirection(t *testing.T) {
	order := strings.Split(direction, " < ")
	rank := func(importPath string) int {
		folder, _, _ := strings.Cut(strings.TrimPrefix(importPath, module), "/")
		return slices.Index(order, folder)
	}
	for _, p := range listPackages(t) {
		at := rank(p.ImportPath)
		if at < 0 {
			t.Errorf("%s stands in no folder of %q", p.ImportPath, direction)
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module) && rank(imported) > at {
				t.Errorf("%s imports %s, against %q", p.ImportPath, imported, direction)
			}
		}
		// Tests of the engine may use the fixtures' data, and nothing above it.
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, module) && rank(imported) > max(at, slices.Index(order, "fixtures")) {
				t.Errorf("a test of %s imports %s, against %q", p.ImportPath, imported, direction)
			}
		}
		if only, narrow := importsOnly[strings.TrimPrefix(p.ImportPath, module)]; narrow {
			for _, imported := range p.Imports {
				if in, own := strings.CutPrefix(imported, module); own && !slices.Contains(only, in) {
					t.Errorf("%s imports %s, and may only import %v", p.ImportPath, imported, only)
				} else if strings.Contains(imported, ".") {
					t.Errorf("%s imports %s: the kernel needs the standard library only", p.ImportPath, imported)
				}
			}
		}
		for _, rule := range insideFolders {
			low, high, _ := strings.Cut(rule, " < ")
			if p.ImportPath == module+low && slices.Contains(p.Imports, module+high) {
				t.Errorf("%s imports %s, against %q", p.ImportPath, module+high, rule)
			}
		}
	}
}

// What the engine must not see: clock, files, randomness, locks, and anything
// that is not its own or the standard library's, but for decimal at the edge of
// package money and in the audit.
func TestEngineIsPure(t *testing.T) {
	forbidden := map[string]string{
		"time": "time is an argument", "os": "no files", "io/fs": "no files", "io": "no streams", "net": "no network",
		"math/rand": "no randomness", "math/rand/v2": "no randomness", "crypto/rand": "no randomness",
		"sync": "one writer for each shard", "sync/atomic": "one writer for each shard", "math": "no floats",
		"flag": "no flags", "log": "no printing", "maps": "no map iteration",
	}
	for _, p := range listPackages(t) {
		if p.ImportPath != "kuasheng/engine" && !strings.HasPrefix(p.ImportPath, "kuasheng/engine/") {
			continue
		}
		for _, imported := range p.Imports {
			if why, bad := forbidden[imported]; bad {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && imported != "github.com/shopspring/decimal" {
				t.Errorf("%s imports %s: the kernel needs the standard library only", p.ImportPath, imported)
			}
		}
	}
}

// sources parses the non-test files of the packages that match.
func sources(t *testing.T, match func(importPath string) bool, visit func(name string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	seen := 0
	for _, p := range listPackages(t) {
		if !match(p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file := filepath.Join(p.Dir, name)
			f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			visit(path.Join(strings.TrimPrefix(p.ImportPath, module), name), fset, f)
		}
	}
	if seen == 0 {
		t.Error("no file was looked at")
	}
}

// Money is exact: no float in the engine nor in the kernel of the simulation.
// Reports may use them.
func TestNoFloats(t *testing.T) {
	kernel := func(p string) bool {
		return p == "kuasheng/engine" || strings.HasPrefix(p, "kuasheng/engine/") || p == "kuasheng/sim" || importsOnly[strings.TrimPrefix(p, module)] != nil
	}
	sources(t, kernel, func(name string, fset *token.FileSet, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				switch n.Name {
				case "float32", "float64", "complex64", "complex128":
					t.Errorf("%s:%d: %s", name, fset.Position(n.Pos()).Line, n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					t.Errorf("%s:%d: the literal %s", name, fset.Position(n.Pos()).Line, n.Value)
				}
			}
			return true
		})
	})
}

// Every exported name of the packages that others build on says what it is. A
// comment on a group of constants, or behind one, will do for its members.
func TestExportsAreDocumented(t *testing.T) {
	library := func(p string) bool {
		for _, folder := range []string{"engine", "sim", "fixtures", "bench"} {
			if p == module+folder || strings.HasPrefix(p, module+folder+"/") {
				return !strings.HasSuffix(p, "/derive") // a program, not a package
			}
		}
		return false
	}
	packages := map[string]bool{}
	sources(t, library, func(name string, fset *token.FileSet, f *ast.File) {
		packages[path.Dir(name)] = packages[path.Dir(name)] || f.Doc != nil
		missing := func(at token.Pos, what string) {
			t.Errorf("%s:%d: %s has no comment", name, fset.Position(at).Line, what)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					missing(d.Pos(), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
							missing(s.Pos(), s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							missing(s.Pos(), s.Names[0].Name)
						}
					}
				}
			}
		}
	})
	for p, documented := range packages {
		if !documented {
			t.Errorf("package %s has no package comment", p)
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.Ident:
			return y.IsExported()
		default:
			return false
		}
	}
}

// The commands hold no rule and no arithmetic on money: nothing here multiplies
// or divides amounts, and rules are reached through sim and fixtures only.
func TestMainIsThin(t *testing.T) {
	entries, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && (x.Name == "money" && s.Sel.Name != "Fen" && s.Sel.Name != "BasisPoints" || x.Name == "os" && s.Sel.Name == "Exit" && name != "main.go") {
						t.Errorf("%s calls %s.%s", name, x.Name, s.Sel.Name)
					}
				}
			}
			return true
		})
	}
}
