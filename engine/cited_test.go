package engine_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var ruleID = regexp.MustCompile(`\b[A-EIRVX][1-9]\d?\b`)

// knownRules are the rules, edge cases, identities and invariants there are.
func knownRules() map[string]bool {
	known := map[string]bool{}
	for letter, last := range map[string]int{"A": 12, "B": 26, "C": 22, "D": 14, "E": 8, "R": 22, "X": 48, "I": 9, "V": 7} {
		for n := 1; n <= last; n++ {
			known[ruleName(letter, n)] = true
		}
	}
	return known
}

// sources are the texts under a folder, by path.
func sources(t *testing.T, root string, wanted func(path string) bool) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(path) {
			return err
		}
		text, err := os.ReadFile(path)
		texts[filepath.ToSlash(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// citedRules finds the rules that the engine's code cites, each with a file, and those
// that tests and cases cite.
func citedRules(t *testing.T) (code map[string]string, tested map[string]bool) {
	t.Helper()
	code, tested = map[string]string{}, map[string]bool{}
	for path, text := range sources(t, ".", func(path string) bool {
		return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && path != "doc.go" // which explains the ranges of ids
	}) {
		for _, rule := range ruleID.FindAllString(text, -1) {
			code[rule] = path
		}
	}
	for _, text := range sources(t, "..", func(path string) bool {
		return strings.HasSuffix(path, "_test.go") || strings.Contains(filepath.ToSlash(path), "/testdata/") && strings.HasSuffix(path, ".txt")
	}) {
		for _, rule := range ruleID.FindAllString(text, -1) {
			tested[rule] = true
		}
	}
	return code, tested
}

// TestEveryCitedRuleIsTested ties the code to its tests: each rule, edge case,
// identity and invariant that the engine's comments cite exists and is cited by a test
// or by a case under testdata as well.
func TestEveryCitedRuleIsTested(t *testing.T) {
	known := knownRules()
	code, tested := citedRules(t)
	if len(code) < 60 {
		t.Errorf("only %d rules found in the code", len(code))
	}
	for rule, path := range code {
		switch {
		case !known[rule]:
			t.Errorf("%s cites %s, which is no rule", path, rule)
		case !tested[rule]:
			t.Errorf("%s cites %s, and no test or case does", path, rule)
		}
	}
}
