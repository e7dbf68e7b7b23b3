package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"kuasheng/sim/report"
)

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print what this binary was built from",
		Long:  "Version prints the program's version and revision, the Go release and the platform.",
		Example: `  kuasheng version
  kuasheng version --json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return a.printJSON(program())
			}
			return a.print(versionLine() + "\n")
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// versionLine is what version and --version print.
func versionLine() string {
	p, revision := program(), ""
	if p.Revision != "" {
		revision = " " + p.Revision
		if p.Modified {
			revision += " (modified)"
		}
	}
	return fmt.Sprintf("kuasheng %s%s %s %s", p.Version, revision, p.Go, p.Platform)
}

// program describes the running binary.
func program() report.Program {
	p := report.Program{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return p
	}
	p.Version = info.Main.Version
	if p.Version == "" {
		p.Version = "(devel)"
	}
	p.Settings = map[string]string{}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			p.Revision = s.Value
		case "vcs.modified":
			p.Modified = s.Value == "true"
		case "GOAMD64", "GOARM64", "-tags", "-race", "-gcflags", "-pgo", "GOEXPERIMENT":
			p.Settings[s.Key] = s.Value
		}
	}
	return p
}

func (a *app) printJSON(value any) error {
	b, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fail(codeInternal, err)
	}
	return a.print(string(b) + "\n")
}
