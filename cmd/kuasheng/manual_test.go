package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fullManual    = flag.Bool("manual-full", false, "run the manual's blocks of full size and of time too")
	rewriteManual = flag.Bool("manual-rewrite", false, "write into the manual what its commands print")
)

// TestManual runs the manual: every block of a page that begins with a command is a
// session of a shell, in a folder of the page's own in which docs is the manual and
// kuasheng this program. What stands below a command is what it prints, unless nothing
// does; … stands for anything, on a line of its own for any lines.
//
//	```console        run and compared
//	```console full   the whole nation or a long search: compared under -manual-full
//	```console time   an example of time on some machine: run under -manual-full, and
//	                  only its exit code looked at
//
// -manual-rewrite puts in what came out and keeps each … where it stood.
func TestManual(t *testing.T) {
	slow(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	more, _ := filepath.Glob(filepath.Join(root, "docs", "zh", "*.md"))
	pages = append(append(pages, more...), filepath.Join(root, "README.md"), filepath.Join(root, "README.zh-CN.md"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	bin := t.TempDir()
	program, err := os.Executable()
	if err == nil {
		err = os.Symlink(program, filepath.Join(bin, "kuasheng"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		page, _ := filepath.Rel(root, name)
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := session{dir: t.TempDir(), env: append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), asProgram+"=1", "LC_ALL=C.UTF-8", "COLUMNS=100")}
			for _, shared := range []string{"docs", "fixtures", "go.mod", "go.sum", "engine", "sim", "bench", "cmd"} {
				if err := os.Symlink(filepath.Join(root, shared), filepath.Join(s.dir, shared)); err != nil {
					t.Fatal(err)
				}
			}
			written := sessionBlock.ReplaceAllStringFunc(string(text), func(block string) string {
				return s.block(t, page, string(text), block)
			})
			if written != string(text) && *rewriteManual {
				if err := os.WriteFile(name, []byte(written), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%s: %d commands run and %d left to -manual-full", page, s.ran, s.left)
		})
	}
}

// sessionBlock is a block of a page that begins with a command.
var sessionBlock = regexp.MustCompile("(?ms)^```[a-z ]*\n\\$ .*?^```$")

// progressLine is a line of progress, which no page shows.
var progressLine = regexp.MustCompile(`(?m)^kuasheng: (\d{4}-\d\d settled, |\d+ of \d+ runs, |[^:\n]*\.{3}$|[^\n]* \(\d+ of \d+\)$)[^\n]*\n`)

// session is one page's shell.
type session struct {
	dir       string
	env       []string
	last      int // exit code
	ran, left int
}

// block runs a block and returns it with what its commands printed.
func (s *session) block(t *testing.T, page, text, block string) string {
	fence, body, _ := strings.Cut(block, "\n")
	body = strings.TrimSuffix(body, "```")
	full, timed := strings.HasSuffix(fence, " full"), strings.HasSuffix(fence, " time")
	line := strings.Count(text[:strings.Index(text, block)], "\n") + 2
	out := fence + "\n"
	for _, part := range strings.Split("\n"+body, "\n$ ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		at := fmt.Sprintf("%s:%d: $ %s", page, line, command)
		line += strings.Count(part, "\n") + 1
		for strings.HasSuffix(command, "\\") { // goes on below
			next, rest, _ := strings.Cut(want, "\n")
			command, want = command+"\n"+next, rest
		}
		want = strings.TrimRight(want, "\n")
		out += "$ " + command + "\n"
		if (full || timed) && !*fullManual {
			s.left++
			out += ended(want)
			continue
		}
		s.ran++
		got, code := s.run(command)
		if timed && code != codeOK {
			t.Errorf("%s: exit %d\n%s", at, code, got)
		}
		want, got = interval.ReplaceAllString(want, "$1 ⋯ $2"), interval.ReplaceAllString(got, "$1 ⋯ $2")
		if timed || want == "" || printed(want).MatchString(got) {
			out += ended(want)
			continue
		}
		again, shortened := reprinted(want, got)
		out += ended(again)
		if !*rewriteManual || !shortened {
			t.Errorf("%s prints\n%s\nwhere the page has\n%s\n(-args -manual-rewrite puts it in)", at, got, want)
		}
	}
	return strings.ReplaceAll(out, "⋯", "…") + "```"
}

// interval is where … stands between two figures and leaves nothing out.
var interval = regexp.MustCompile(`([0-9]) … ([-+−]?[0-9])`)

// run gives a command to a shell in the page's folder.
func (s *session) run(command string) (out string, code int) {
	c := exec.Command("bash", "-c", fmt.Sprintf("(exit %d)\n%s", s.last, command)) // so that $? is the command's before
	c.Dir, c.Env = s.dir, s.env
	var both bytes.Buffer
	c.Stdout, c.Stderr = &both, &both
	_ = c.Run()
	s.last = c.ProcessState.ExitCode()
	return strings.TrimRight(progressLine.ReplaceAllString(both.String(), ""), "\n"), s.last
}

func ended(text string) string {
	if text == "" {
		return ""
	}
	return text + "\n"
}

// printed matches what a page says that a command prints.
func printed(want string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	lines := strings.Split(want, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "…" {
			b.WriteString(`(?:[^\n]*(?:\n|\z))*?`)
			continue
		}
		for j, part := range strings.Split(line, "…") {
			if j > 0 {
				b.WriteString(`[^\n]*`)
			}
			b.WriteString(regexp.QuoteMeta(part))
		}
		if i < len(lines)-1 {
			b.WriteString(`\n`)
		}
	}
	return regexp.MustCompile(b.String() + `\n?\z`)
}

// figures are what of a line may have changed when the rest has not.
var figures = regexp.MustCompile(`[0-9a-f]{16,64}|[-+−]?[0-9][0-9,.]*`)

// reprinted is what a command printed, shortened where the page had shortened it: a
// line of the page is found again by what it says beside its figures. Where one is not
// found, ok is false: somebody has to shorten it.
func reprinted(want, got string) (text string, ok bool) {
	if !strings.Contains(want, "…") {
		return got, true
	}
	rest, out := strings.Split(got, "\n"), []string(nil)
	skip := false
	for _, line := range strings.Split(want, "\n") {
		if strings.TrimSpace(line) == "…" {
			out, skip = append(out, line), true
			continue
		}
		var shape strings.Builder
		shape.WriteString(`\A(`)
		for j, part := range strings.Split(line, "…") {
			if j > 0 {
				shape.WriteString(`)[^\n]*?(`)
			}
			last := 0
			for _, at := range figures.FindAllStringIndex(part, -1) {
				shape.WriteString(spaced(part[last:at[0]]) + `(?:` + figures.String() + `)`)
				last = at[1]
			}
			shape.WriteString(spaced(part[last:]))
		}
		pattern := regexp.MustCompile(shape.String() + `)\z`)
		found := false
		for i, candidate := range rest {
			if !skip && i > 0 {
				break
			}
			if pieces := pattern.FindStringSubmatch(candidate); pieces != nil {
				out, rest, skip, found = append(out, strings.Join(pieces[1:], "…")), rest[i+1:], false, true
				break
			}
		}
		if !found {
			return want, false
		}
	}
	return strings.Join(out, "\n"), true
}

// spaced matches a text whose columns may have moved.
func spaced(text string) string {
	return regexp.MustCompile(` +`).ReplaceAllString(regexp.QuoteMeta(text), ` +`)
}

// TestShortenedBlocks: what a page leaves out is left out again when it is rewritten.
func TestShortenedBlocks(t *testing.T) {
	const got = "head 1\na,5,x,\"y\",7\nsum 12,345.60 of 3\nDigest aaaabbbbccccddddeeee"
	for _, c := range []struct {
		want, rewritten string
		matches         bool
	}{
		{got, got, true},
		{"…", "…", true},
		{"head 1\n…", "head 1\n…", true},
		{"head 1\n…\nDigest …", "head 1\n…\nDigest …", true},
		{"head 2\n…\nsum 1 of 4\n…", "head 1\n…\nsum 12,345.60 of 3\n…", false},
		{"head 1\na,…,7\n…", "head 1\na,…,7\n…", true},
		{"head 1\na,…,8\n…", "head 1\na,…,7\n…", false},
		{"other 1\n…", "other 1\n…", false},
		{"head 2", got, false},
	} {
		if printed(c.want).MatchString(got) != c.matches {
			t.Errorf("%q matches: not %v", c.want, c.matches)
		}
		if out, _ := reprinted(c.want, got); !c.matches && out != c.rewritten {
			t.Errorf("%q is rewritten as %q, want %q", c.want, out, cmp.Or(c.rewritten, got))
		}
	}
}
