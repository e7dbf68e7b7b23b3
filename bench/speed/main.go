// Speed times two builds against each other and prints how much of the base's time the
// head takes, figure by figure:
//
//	go run ./bench/speed [-sample 1/16] [-kernel 5] [-quick 15] [-prices 3] [-instructions] BASE [HEAD]
//
// BASE and HEAD are revisions, folders with a working tree, or programs; HEAD is . where
// it is left out. Both take turns in fresh processes, and a ratio is the median of the
// pairs with its 95 % interval. Whether both find the same is said with the figures; where
// -expect has a digest, a head that finds another one fails.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"kuasheng/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, says io.Writer) error {
	c := bench.SpeedConfig{Head: ".", Tell: func(what string) { fmt.Fprintln(says, "speed:", what) }}
	f := flag.NewFlagSet("speed", flag.ContinueOnError)
	f.SetOutput(says)
	f.StringVar(&c.Sample, "sample", "1/16", "show the kernel by a run of this sample")
	f.StringVar(&c.Claims, "claims", "docs/examples/c4.jsonl", "settle this file")
	f.IntVar(&c.Kernel, "kernel", 5, "pairs of runs for the kernel")
	f.IntVar(&c.Quick, "quick", 15, "pairs of the small run and of settle")
	f.IntVar(&c.Prices, "prices", 3, "pairs of price lists")
	f.DurationVar(&c.PricesFor, "for", 5*time.Second, "measure the rows of a price list for this time")
	f.BoolVar(&c.Instructions, "instructions", false, "have valgrind count the instructions of what is quick")
	expect := f.String("expect", "", "fail where the head's small run has not this digest")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch f.NArg() {
	case 2:
		c.Head = f.Arg(1)
	case 1:
	default:
		return fmt.Errorf("name a base, and a head where it is not the working tree; not %d builds", f.NArg())
	}
	c.Base = f.Arg(0)
	s, err := bench.MeasureSpeed(ctx, &c)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\tbase %s\thead %s\tratio\t95 %%\tpairs\n", s.Base.Name, s.Head.Name)
	for _, r := range s.Rows {
		fmt.Fprintf(t, "%s\t%.1f %s\t%.1f %s\t%.3f\t%.3f–%.3f\t%d\n", r.Name, r.Base.Median, r.Unit, r.Head.Median, r.Unit, r.Ratio.Median, r.Ratio.From, r.Ratio.To, r.Pairs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range s.Results {
		if r.Base == r.Head {
			fmt.Fprintf(out, "%s: both find %s\n", r.Name, r.Head)
		} else {
			fmt.Fprintf(out, "%s: base and head differ, %s and %s\n", r.Name, r.Base, r.Head)
		}
		if r.Name == "run --sample 1/1024" && *expect != "" && r.Head != *expect {
			return fmt.Errorf("%s: the head finds %s, and %s was expected", r.Name, r.Head, *expect)
		}
	}
	return nil
}
