package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SpeedConfig says how two builds are timed against each other: by programs, folders or
// revisions, see Builder.
type SpeedConfig struct {
	Base, Head string
	// Sample of the run that shows the kernel, such as 1/16; 1/1 is the nation.
	Sample string
	// Claims is the file that is settled.
	Claims string
	// So many pairs are run of each: of the kernel, of what is quick, of the price list.
	Kernel, Quick, Prices int
	// PricesFor is how long the rows of a price list are measured together.
	PricesFor time.Duration
	// Instructions has valgrind count those of the quick ones, which no neighbour changes.
	Instructions bool
	// Tell is told what is being done.
	Tell func(string)
}

// Speed is what timing two builds came to.
type Speed struct {
	Base, Head Build
	Rows       []SpeedRow
	Results    []SpeedResult
}

// SpeedRow is one figure of both builds. Ratio is head over base within a pair of runs;
// all are medians with 95 % intervals.
type SpeedRow struct {
	Name, Unit        string
	Base, Head, Ratio Spread
	Pairs             int
}

// SpeedResult is what both builds found: a run's digest, or that of the answers.
type SpeedResult struct{ Name, Base, Head string }

// trial is a command that both builds carry out in turn. read takes its figures from
// what it wrote and from its processor time, and what the builds must agree in.
type trial struct {
	name  string
	pairs int
	quick bool
	args  []string
	read  func(out []byte, cpu time.Duration) (figures []figure, result string, err error)
}

type figure struct {
	name, unit string
	value      float64
}

func (c *SpeedConfig) trials() []trial {
	milliseconds := func(name string, cpu time.Duration) figure {
		return figure{name + ", processor", "ms", float64(cpu) / float64(time.Millisecond)}
	}
	var summary struct {
		Digest string  `json:"digest"`
		Core   float64 `json:"core_ns_per_settlement"`
		Peak   float64 `json:"peak_rss_bytes"`
	}
	peak := func(name string) figure { return figure{name + ", peak memory", "MB", summary.Peak / 1e6} }
	kernel, small, settle := "run --sample "+c.Sample, "run --sample 1/1024", "settle "+c.Claims
	return []trial{
		{kernel, c.Kernel, false, []string{"run", "--json", "--sample", c.Sample}, func(out []byte, cpu time.Duration) ([]figure, string, error) {
			err := json.Unmarshal(out, &summary)
			return []figure{{"kernel, a settlement", "core-ns", summary.Core}, milliseconds(kernel, cpu), peak(kernel)}, summary.Digest, err
		}},
		{small, c.Quick, true, []string{"run", "--json", "--sample", "1/1024"}, func(out []byte, cpu time.Duration) ([]figure, string, error) {
			err := json.Unmarshal(out, &summary)
			return []figure{milliseconds(small, cpu), peak(small)}, summary.Digest, err
		}},
		{settle, c.Quick, true, []string{"settle", c.Claims}, func(out []byte, cpu time.Duration) ([]figure, string, error) {
			answers := sha256.Sum256(out)
			return []figure{milliseconds(settle, cpu)}, hex.EncodeToString(answers[:]), nil
		}},
		{"bench prices", c.Prices, false, []string{"bench", "prices", "--json", "--for", c.PricesFor.String(), "--service", "1s", "--limit-noise", "1000"},
			func(out []byte, _ time.Duration) (figures []figure, _ string, err error) {
				var p Prices
				if err := json.Unmarshal(out, &p); err != nil {
					return nil, "", err
				}
				for _, row := range p.Ladder {
					figures = append(figures, figure{"prices: " + row.Feature, "core-ns", row.Core.Median})
				}
				return figures, "", nil
			}},
	}
}

// MeasureSpeed builds base and head and times them in pairs of fresh processes, the
// order of a pair changing, so that what the machine does for a while happens to both.
func MeasureSpeed(ctx context.Context, c *SpeedConfig) (s *Speed, err error) {
	builder, err := NewBuilder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, builder.Close()) }()
	s = &Speed{}
	var programs [2]string
	for side, name := range []string{c.Base, c.Head} {
		c.Tell("building " + name)
		var build Build
		if programs[side], build, err = builder.Program(ctx, name); err != nil {
			return nil, err
		}
		*[...]*Build{&s.Base, &s.Head}[side] = build
	}
	for _, t := range c.trials() {
		rows, results := map[string][2][]float64{}, [2]string{}
		var order []figure
		for pair := range t.pairs {
			c.Tell(fmt.Sprintf("%s, pair %d of %d", t.name, pair+1, t.pairs))
			for turn := range programs {
				side := (pair + turn) % 2
				figures, result, err := t.once(ctx, builder, programs[side])
				if err != nil {
					return nil, err
				}
				results[side], order = result, figures
				for _, f := range figures {
					of := rows[f.name]
					of[side] = append(of[side], f.value)
					rows[f.name] = of
				}
			}
		}
		for _, f := range order {
			s.Rows = append(s.Rows, speedRow(f, rows[f.name]))
		}
		if results != [2]string{} {
			s.Results = append(s.Results, SpeedResult{t.name, results[0], results[1]})
		}
		if t.quick && c.Instructions {
			row, err := t.instructions(ctx, c, programs)
			if err != nil {
				return nil, err
			}
			s.Rows = append(s.Rows, row)
		}
	}
	return s, nil
}

func speedRow(f figure, values [2][]float64) SpeedRow {
	ratios := make([]float64, min(len(values[0]), len(values[1])))
	for i := range ratios {
		ratios[i] = values[1][i] / values[0][i]
	}
	return SpeedRow{f.name, f.unit, spreadOf(values[0]), spreadOf(values[1]), spreadOf(ratios), len(ratios)}
}

// once runs a program from a file of its own, see Builder.Copy.
func (t *trial) once(ctx context.Context, b *Builder, program string) ([]figure, string, error) {
	path, remove, err := b.Copy(program)
	if err != nil {
		return nil, "", err
	}
	defer remove()
	var out, says bytes.Buffer
	run := exec.CommandContext(ctx, path, t.args...)
	run.Stdout, run.Stderr = &out, &says
	if err := run.Run(); err != nil {
		return nil, "", fmt.Errorf("%s %s: %w\n%s", program, strings.Join(t.args, " "), err, bytes.TrimSpace(says.Bytes()))
	}
	figures, result, err := t.read(out.Bytes(), run.ProcessState.UserTime()+run.ProcessState.SystemTime())
	if err != nil {
		err = fmt.Errorf("%s %s: %w", program, strings.Join(t.args, " "), err)
	}
	return figures, result, err
}

var counted = regexp.MustCompile(`I +refs: +([0-9,]+)`)

// instructions counts those of both programs on one processor.
func (t *trial) instructions(ctx context.Context, c *SpeedConfig, programs [2]string) (row SpeedRow, err error) {
	var values [2][]float64
	for side, program := range programs {
		c.Tell("counting the instructions of " + t.name)
		var says bytes.Buffer
		run := exec.CommandContext(ctx, "valgrind", append([]string{"--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program}, t.args...)...)
		run.Env = append(run.Environ(), "GOMAXPROCS=1")
		run.Stdout, run.Stderr = io.Discard, &says
		if err := run.Run(); err != nil {
			return row, fmt.Errorf("valgrind: %w\n%s", err, bytes.TrimSpace(says.Bytes()))
		}
		found := counted.FindSubmatch(says.Bytes())
		if found == nil {
			return row, fmt.Errorf("valgrind counted nothing:\n%s", says.Bytes())
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(string(found[1]), ",", ""), 64)
		if err != nil {
			return row, err
		}
		values[side] = []float64{n / 1e6}
	}
	return speedRow(figure{t.name + ", instructions", "M", 0}, values), nil
}
