package main

import (
	"github.com/spf13/cobra"

	"kuasheng/fixtures"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a data pack's files",
		Long: `Schema prints one JSON Schema with a definition for every file of a data pack and
for an overlay, for editors that check and complete YAML and for other tools.`,
		Example:           `  kuasheng schema > kuasheng.schema.json`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			return a.print(string(fixtures.Schema()))
		},
	}
}
