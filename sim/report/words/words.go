// Package words holds what readers see in both languages beside each other, and what
// keeps a terminal and a page from obeying it.
package words

import "fmt"

// Lang is the language of a text.
type Lang int

// The languages.
const (
	English Lang = iota
	Chinese
)

// ParseLang reads a language as the flag writes it.
func ParseLang(text string) (Lang, bool) {
	switch text {
	case "en":
		return English, true
	case "zh":
		return Chinese, true
	}
	return English, false
}

// Text is what a reader sees, in both languages.
type Text struct{ EN, ZH string }

// T makes a text of its two languages.
func T(en, zh string) Text { return Text{en, zh} }

// Same makes a text that is no language's: a file's name, a digest, a path.
func Same(s string) Text { return Text{s, s} }

// Counter is a measure word 量词, which Chinese puts behind a number and English does without.
func Counter(zh string) Text { return Text{ZH: zh} }

// In returns the text in a language, as a page may show it.
func (t Text) In(l Lang) string {
	if l == Chinese {
		return Plain(t.ZH)
	}
	return Plain(t.EN)
}

// MarshalText writes the English: what programs read is in one language.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.EN), nil }

// UnmarshalText reads what MarshalText wrote; the Chinese is lost.
func (t *Text) UnmarshalText(text []byte) error {
	*t = Same(string(text))
	return nil
}

// F fills the verbs of a text, as fmt.Sprintf does. An argument that is a Text or an
// Amount is written in the language of the text that it goes into.
func F(format Text, args ...any) Text {
	in := func(l Lang) string {
		local := make([]any, len(args))
		for i, a := range args {
			local[i] = a
			if x, ok := a.(interface{ In(Lang) string }); ok {
				local[i] = x.In(l)
			}
		}
		return fmt.Sprintf(format.In(l), local...)
	}
	return Text{in(English), in(Chinese)}
}

// Joined puts texts behind each other.
func Joined(parts []Text, between Text) (t Text) {
	for i, p := range parts {
		if i > 0 {
			t = T(t.EN+between.EN, t.ZH+between.ZH)
		}
		t = T(t.EN+p.EN, t.ZH+p.ZH)
	}
	return t
}
