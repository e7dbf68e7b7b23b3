package main

import (
	"html"
	"os"
	"regexp"
	"strings"
	"testing"

	"kuasheng/sim"
	"kuasheng/sim/report/chinese"
	"kuasheng/sim/report/words"
)

// What every command prints in Chinese, and what its page shows in Chinese, has no English
// in it but names and units; nor a word that the regulation has another one for. It fits
// a terminal of 80 columns. The language is that of the environment.
func TestChineseIsChinese(t *testing.T) {
	slow(t)
	examples, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	examples += "/../../docs/examples/"
	a, out, errs := experimentApp(t, sim.Run)
	a.lang, a.columns = words.Chinese, 80
	failing := strings.NewReplacer("title: A trial", "title_zh: 试扫", "[1000, 11000]", "[1000]").Replace(smallSweep)
	if err := os.WriteFile("sweep.yaml", []byte(failing), 0o644); err != nil {
		t.Fatal(err)
	}
	reform := "title_zh: 甲方案\nset:\n  - {path: prepayment.multiple_factor_bp, value: 15000}\n"
	if err := os.WriteFile("a.yaml", []byte(reform), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"run national-2024+outage-henan-day --sample 1/8192 --out r1", "run national-2025+a.yaml --sample 1/16384",
		"verify r1", "explain r1 --pick inpatient", "explain r1 --pick chronic",
		"explain " + examples + "c4.jsonl", "explain " + examples + "cross-year.jsonl", "explain " + examples + "manual.jsonl",
		"compare national-2024 drop-5-points-less+a.yaml prepayment-150 null --sample 1/8192 --replications 2 --out compared",
		"compare national-2024 no-filing-with-demand --sample 1/262144 --out few",
		"stress --sample 1/16384 --out stressed", "stress --sample 1/16384 --search multiple --bound 7% --domain 50%..300%/50% --out searched", "stress --sample 1/16384 --search surge --domain 0%..20%/10%", "stress --sample 1/16384 --search delay --domain 0..20/10",
		"sweep sweep.yaml --table swept.csv", "doctor", "doctor national-2025+prepayment-150", "scenarios",
		"bench run --max --operations 20000 --bills 2000 --lang zh",
	} {
		out.Reset()
		errs.Reset()
		if code := a.run(t.Context(), strings.Fields(args)); code != codeOK && !strings.HasPrefix(args, "bench") {
			t.Errorf("%s: exit %d\n%s%s", args, code, out, errs)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			inChinese(t, args, line)
			if w := width(line); w > 80 && !strings.HasPrefix(args, "bench") {
				t.Errorf("%s: %d columns: %s", args, w, line)
			}
		}
	}
	for _, page := range []string{"r1/report.html", "compared/report.html", "few/report.html", "stressed/report.html", "searched/report.html", "swept.html"} {
		for _, text := range shownInChinese(t, page) {
			inChinese(t, page, text)
		}
	}
	if heading := shownInChinese(t, "compared/report.html"); !strings.Contains(strings.Join(heading, "\n"), "未转诊临时外出就医降幅减少5个百分点 + 甲方案") {
		t.Error("the page is not headed by the titles of its overlays")
	}
}

// written is a value as it stands in a file of the pack.
var written = regexp.MustCompile(`原文：[^；]*`)

func inChinese(t *testing.T, where, text string) {
	t.Helper()
	text = written.ReplaceAllString(text, "")
	if english := chinese.EnglishIn(text); len(english) > 0 {
		t.Errorf("%s: English %q in: %s", where, english, text)
	}
	if wrong := wrongWord(text, avoided(t)); wrong != "" {
		t.Errorf("%s: %s in: %s", where, wrong, text)
	}
}

// shownInChinese are the texts of a page's Chinese half, but for what stands there as its
// author wrote it.
func shownInChinese(t *testing.T, file string) (texts []string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, half, found := strings.Cut(string(content), `<main lang="zh-CN"`)
	if !found {
		t.Fatalf("%s has no Chinese", file)
	}
	half, _, _ = strings.Cut(half, "</main>")
	half = regexp.MustCompile(`(?s)<pre.*?</pre>`).ReplaceAllString(half, "")
	for _, m := range regexp.MustCompile(`(?:aria-label|title)="([^"]*)"|>([^<]+)<`).FindAllStringSubmatch(half, -1) {
		if text := strings.TrimSpace(html.UnescapeString(m[1] + m[2])); text != "" {
			texts = append(texts, text)
		}
	}
	if len(texts) < 100 {
		t.Fatalf("%s: only %d Chinese texts", file, len(texts))
	}
	return texts
}

// The environment's language is that of the first of its variables that is set.
func TestLanguageOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		all, messages, lang string
		want                words.Lang
	}{
		{"", "", "", words.English}, {"", "", "zh_CN.UTF-8", words.Chinese}, {"", "", "C.UTF-8", words.English}, {"", "", "zh-Hans", words.Chinese},
		{"", "zh_CN", "en_US", words.Chinese}, {"C", "zh_CN", "zh_CN", words.English}, {"zh_CN.GB18030", "", "en_US", words.Chinese},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		if got := langOf(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%v: %v", env, got)
		}
	}
	a, out, _ := experimentApp(t, sim.Run)
	a.lang = words.Chinese
	for args, want := range map[string]string{"scenarios": "情景", "scenarios --lang en": "Scenarios", "scenarios --lang zh": "情景"} {
		out.Reset()
		if code := a.run(t.Context(), strings.Fields(args)); code != codeOK || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: exit %d, %.40s", args, code, out)
		}
	}
}
