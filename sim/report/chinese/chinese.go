// Package chinese holds Chinese texts to be Chinese, for tests.
package chinese

import (
	"regexp"
	"strings"
	"unicode"
)

// latin is a word of Latin letters, or a name that has some: a file's, a path's, a code's.
var latin = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9_.*/@=+:<>-]*`)

// spoken are the words of Latin letters that Chinese readers are used to here: names,
// units, and what is typed as it stands.
var spoken = map[string]bool{
	"kuasheng": true, "Kuasheng": true, "ns": true, "ms": true, "s": true, "ppm": true, "p": true, "x": true, "devel": true, "linux": true, "amd": true,
	"KiB": true, "MiB": true, "GiB": true, "bp": true, "null": true,
}

// EnglishIn returns the English words of a Chinese text. None are letters alone, short
// words in capitals (DRG, SHA), names with a digit or a sign inside (1/64, no-filing,
// policies.*.filing, not_filed), and what follows -- as a flag.
func EnglishIn(text string) (words []string) {
	for _, at := range latin.FindAllStringIndex(text, -1) {
		word := strings.TrimRight(text[at[0]:at[1]], ".:*/=+-")
		flag := strings.HasSuffix(text[:at[0]], "--")
		letters := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
		if letters && len(word) > 1 && !flag && !spoken[word] && !(len(word) <= 5 && strings.ToUpper(word) == word) {
			words = append(words, word)
		}
	}
	return words
}
