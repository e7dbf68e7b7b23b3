package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kuasheng/fixtures/nearest"
	"kuasheng/sim/report"
)

// finish gives a command and those below it what all have in common: groups know what
// they hold, and --lang begins with the language of the environment.
func (a *app) finish(c *cobra.Command) {
	if c.HasSubCommands() {
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("unknown command %q%s", args[0], nearest.Hint(args[0], commandNames(c)))
		}
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if a.columns > 0 {
		c.Long = reflowed(c.Long, a.screen(0).Columns)
	}
	if f := c.Flags().Lookup("lang"); f != nil {
		*f.Value.(*langValue) = langValue(a.lang)
		f.DefValue = f.Value.String()
	}
	for _, sub := range c.Commands() {
		a.finish(sub)
	}
}

// reflowed breaks the paragraphs of a help anew for a terminal; what is indented stays.
func reflowed(text string, columns int) string {
	var all []string
	paragraph := ""
	flush := func() {
		if paragraph != "" {
			all = append(all, report.Wrapped(paragraph, columns))
		}
		paragraph = ""
	}
	for _, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || line[0] == ' ':
			flush()
			all = append(all, line)
		case paragraph == "":
			paragraph = line
		default:
			paragraph += " " + line
		}
	}
	flush()
	return strings.Join(all, "\n")
}

func commandNames(c *cobra.Command) (all []string) {
	for _, sub := range c.Commands() {
		all = append(all, sub.Name())
	}
	return all
}

// helpCommand is kuasheng help COMMAND, which unlike cobra's fails where there is none.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if c, _, err := root.Find(args); err == nil {
				return commandNames(c), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return fmt.Errorf("unknown command %q%s", rest[0], nearest.Hint(rest[0], commandNames(c)))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// plainUsages takes the back-quotes out of what flags are for. They name the value
// in the help, but a shell that completes shows them.
func plainUsages(root *cobra.Command) {
	for _, c := range append(root.Commands(), root) {
		c.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") })
	}
}

// noArguments and atMostOne are what a command takes beside its flags.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, not %q", c.Name(), args[0])
	}
	return nil
}

func atMostOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > 1:
			return fmt.Errorf("%s takes one %s at most, not %d", c.Name(), what, len(args))
		case len(args) == 1 && args[0] == "":
			return fmt.Errorf("the %s is empty", what)
		}
		return nil
	}
}

// noEmptyFlags refuses flags that were given but are empty, as an unset variable
// of a script leaves them.
func noEmptyFlags(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && slices.Contains(values, "") {
			err = fmt.Errorf("--%s is empty", f.Name)
		}
	})
	return err
}

// flagError says what is wrong with a flag in our words, not in those of Go's parsers.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var wanting *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := "--" + unknown.GetSpecifiedName()
		return fmt.Errorf("unknown flag %s%s", name, nearest.Hint(name, names))
	case errors.As(err, &wanting) && wanting.GetSpecifiedShortnames() == "":
		return fmt.Errorf("--%s wants a value", wanting.GetSpecifiedName())
	case !errors.As(err, &invalid):
		return err
	}
	why := invalid.Unwrap()
	if text, plain := plainFaults[invalid.GetFlag().Value.Type()]; plain && isParsers(why) {
		why = errors.New(text)
	}
	return fmt.Errorf("--%s %s: %w", invalid.GetFlag().Name, shellQuoted(invalid.GetValue()), why)
}

// plainFaults say what a value of a flag of Go's own types is not.
var plainFaults = map[string]string{
	"bool": "neither true nor false", "int": "not a whole number", "int64": "not a whole number", "uint64": "not a whole number from 0",
	"float64": "not a number", "duration": "not a time such as 90s or 5m",
}

// isParsers reports an error of strconv or time, which names functions instead of faults.
func isParsers(err error) bool {
	var number *strconv.NumError
	return errors.As(err, &number) || strings.HasPrefix(err.Error(), "time: ")
}
