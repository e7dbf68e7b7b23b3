package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryCitedRuleIsTested ties the code to its tests: each rule, edge case,
// identity and invariant that the engine's comments cite is cited by a test or by an
// article as well, and each article says which rules it is about.
func TestEveryCitedRuleIsTested(t *testing.T) {
	id := regexp.MustCompile(`\b[A-EIRVX][1-9]\d?\b`)
	code, tests := map[string]string{}, map[string]bool{}
	unread := map[string]string{
		"B3":  "the basis of a filing is carried, and no rule of this version reads it",
		"B10": "the lock is the data pack's matter",
	}
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		isTest := strings.HasSuffix(path, "_test.go")
		article := strings.HasPrefix(path, filepath.Join("testdata", "articles"))
		switch {
		case article || isTest:
			for _, rule := range id.FindAllString(string(text), -1) {
				tests[rule] = true
			}
		case path != "doc.go" && strings.HasSuffix(path, ".go"): // doc.go explains the ranges of ids
			for _, rule := range id.FindAllString(string(text), -1) {
				code[rule] = path
			}
		}
		if heading, _, _ := strings.Cut(string(text), "\n"); article && !id.MatchString(heading) {
			t.Errorf("%s: the heading names no rule: %s", path, heading)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(code) < 40 {
		t.Errorf("only %d rules found in the code", len(code))
	}
	for rule, path := range code {
		if !tests[rule] && unread[rule] == "" {
			t.Errorf("%s cites %s, and no test does", path, rule)
		}
	}
}
