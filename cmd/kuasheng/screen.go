package main

import (
	"os"
	"strings"

	"golang.org/x/term"

	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// The columns that a text has: on a terminal its own, within these bounds, and the most
// where there is no terminal.
const leastColumns, mostColumns = 80, 100

// screen is what a command writes its text for.
func (a *app) screen(lang langValue) report.Screen {
	columns := mostColumns
	if a.columns > 0 {
		columns = min(max(a.columns, leastColumns), mostColumns)
	}
	return report.Screen{Lang: words.Lang(lang), Columns: columns}
}

// terminalColumns is how wide a terminal is, 0 where f is none.
func terminalColumns(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// langOf is the language of an environment, as POSIX ranks its variables: that of the
// first that is set.
func langOf(getenv func(string) string) words.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if text := getenv(name); text != "" {
			if strings.HasPrefix(strings.ToLower(text), "zh") {
				return words.Chinese
			}
			return words.English
		}
	}
	return words.English
}
