package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/sim/report"
	"kuasheng/sim/report/verify"
	"kuasheng/sim/report/words"
)

// verifyOptions are the flags of kuasheng verify.
type verifyOptions struct {
	digests bool
	seal    string
	json    bool
	lang    langValue
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify DIR",
		Short: "Prove a run directory from what is in it",
		Long: `Verify reads a run directory and computes the money again by its own code: from
the registers of settled bills and parameters.json it derives each period's matrix
and certificate, what netting set off, every payment and what it paid, the quotas,
use rates, alerts and top-ups, the official forms and their notices, and compares
all of it with the files, the workbook with the forms, the ledgers and summary.json
with the registers, report.html with manifest.json, and every byte with the digests
of manifest.json.

It names the first things that disagree with file, line, column, what it should be
and what it is. Nothing but regular files inside the directory is opened. Exit codes:
0 sound; 11 something disagrees; 2 no run directory, or one that cannot be read;
130 interrupted by Ctrl-C, 143 by SIGTERM.

Whoever changes a file and all digests with it is found only by the seal that the
run printed: give it with --seal.`,
		Example: `  kuasheng verify runs/first
  kuasheng verify runs/first --seal 8f0c…
  kuasheng verify runs/first --json --lang zh`,
		Args: cobra.MatchAll(func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("one run directory is needed, not %d", len(args))
			}
			return nil
		}),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c.Context(), args[0], &o) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.seal, "seal", "", "the seal `HEX` that the run printed")
	f.BoolVar(&o.digests, "digests", false, "compare the bytes with the digests only and derive nothing")
	f.BoolVar(&o.json, "json", false, "print the findings as JSON")
	addLang(c, &o.lang)
	_ = c.RegisterFlagCompletionFunc("seal", cobra.NoFileCompletions)
	return c
}

func (a *app) verify(ctx context.Context, dir string, o *verifyOptions) error {
	root, err := os.OpenRoot(dir) // nothing outside is opened, whatever the directory holds
	if err != nil {
		return failf(codeUsage, "%s: %w", dir, cause(err))
	}
	defer root.Close()
	found, err := verify.Verify(root.FS(), verify.Options{DigestsOnly: o.digests, Seal: strings.ToLower(o.seal)})
	var path *fs.PathError
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case errors.As(err, &path):
		return failf(codeUsage, "%s: %w", filepath.Join(dir, path.Path), path.Err)
	case err != nil:
		return failf(codeUsage, "%s: %w", dir, err)
	}
	text := found.Text(dir, words.Lang(o.lang) == words.Chinese)
	if a.columns > 0 {
		text = report.Wrapped(text, a.columns)
	}
	if o.json {
		b, err := json.MarshalIndent(found, "", "  ")
		if err != nil {
			return fail(codeInternal, err)
		}
		text = string(b) + "\n"
	}
	if err := a.print(text); err != nil {
		return err
	}
	if !found.Sound() {
		return fail(codeBreach, nil)
	}
	return nil
}
