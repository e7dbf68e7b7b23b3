package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"kuasheng/bench/report"
	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report/words"
)

func (a *app) benchLogCommand() *cobra.Command {
	var salvage string
	var asJSON bool
	var lang langValue
	c := &cobra.Command{
		Use:   "log FILE",
		Short: "Check a log of the service, and keep what is sound of it",
		Long: `Log reads a log of the service through: the head, the checksums of every batch, their
numbers, the chain of digests over all of them, and that each batch has the form in
which batches are written. It says what it holds and, where it is not whole, at which
offset it ends to be, and why. The rules and the people are not needed.

Whether the log has lost its end it tells by the anchor, FILE.anchor, which names
every batch that was acknowledged. A torn tail behind these is what a crash leaves, a
batch that was being written; a service that starts cuts it off. No service starts
from damage, nor, unless told to accept the loss, from a log that holds less than was
acknowledged or that has no anchor. --salvage copies what stands before the damage
into a new file; batches behind it rest on those that are lost and are not copied.

Exit codes: 0 whole or torn, and where --salvage has kept what was sound; 11 damaged,
incomplete or without an anchor; 2 no log, or one that cannot be read.`,
		Example: `  kuasheng bench run --max --for 2s --durability fsync --keep-log logs
  kuasheng bench log logs/shard-000.log
  kuasheng bench log logs/shard-000.log --salvage sound.log
  kuasheng bench log logs/shard-000.log --json --lang zh`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("one log is needed, not %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.benchLog(args[0], salvage, asJSON, words.Lang(lang))
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&salvage, "salvage", "", "copy what is whole into `NEW`, a file that must not exist")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	addLang(c, &lang)
	_ = c.MarkFlagFilename("salvage", "log")
	return c
}

func (a *app) benchLog(file, salvage string, asJSON bool, lang words.Lang) error {
	var x service.Inspection
	var err error
	if salvage == "" {
		x, err = service.Inspect(file)
	} else {
		x, err = service.Salvage(file, salvage)
	}
	var head *service.Damage
	var gone *service.Loss
	switch {
	case errors.As(err, &head) && head.NoLog:
		return fail(codeUsage, err)
	case head != nil, errors.As(err, &gone):
		return fail(codeBreach, err)
	case errors.Is(err, os.ErrExist):
		return failf(codeUsage, "--salvage %s: the file exists already", salvage)
	case err != nil:
		return fail(codeUsage, err)
	}
	text := report.LogText(file, &x, salvage, lang)
	if asJSON {
		body, err := report.JSON(logJSON(file, &x, salvage))
		if err != nil {
			return fail(codeInternal, err)
		}
		text = string(body)
	}
	if err := a.print(text); err != nil {
		return err
	}
	if (x.Loss != nil || x.Lost != nil && !x.Lost.Torn) && salvage == "" {
		return fail(codeBreach, nil)
	}
	return nil
}

func logJSON(file string, x *service.Inspection, salvage string) map[string]any {
	operations := map[string]uint64{}
	for op, n := range x.Operations {
		operations[engine.OperationNames[op]] = n
	}
	v := map[string]any{
		"version": 1, "file": file, "shard": x.Shard, "chained": x.Chained, "world": hex.EncodeToString(x.World[:]), "start": hex.EncodeToString(x.Start[:]),
		"batches": x.Batches, "requests": x.Requests, "operations": operations, "lines": x.Lines, "sound_bytes": x.Sound, "file_bytes": x.Bytes,
		"chain": hex.EncodeToString(x.Chain[:]), "whole": x.Lost == nil && x.Loss == nil,
	}
	if x.Loss != nil {
		v["loss"] = map[string]any{"acknowledged_batches": x.Loss.Acknowledged, "found_batches": x.Loss.Found, "what": x.Loss.What}
	} else {
		v["acknowledged_batches"] = x.Acknowledged
	}
	if x.Lost != nil {
		v["damage"] = map[string]any{"offset": x.Lost.Offset, "what": x.Lost.What, "torn": x.Lost.Torn}
	}
	if salvage != "" {
		v["salvaged_into"] = salvage
	}
	return v
}
