package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"kuasheng/sim/experiment"
	"kuasheng/sim/report/words"
)

// sweepTable is the CSV table of a sweep: a row for each run, written through to the
// disk before the next one starts. It is an experiment.Table.
type sweepTable struct {
	file    *os.File
	header  []string
	paths   []string // columns of settings
	outputs []string
	keys    map[string]bool
	rows    []experiment.Row
}

// openSweepTable opens or creates the table of a sweep with these columns. A row that
// an interruption left half written is cut off; another sweep's table is an error.
func openSweepTable(name string, paths, outputs []string) (*sweepTable, error) {
	t := &sweepTable{paths: paths, outputs: outputs, keys: map[string]bool{}}
	t.header = slices.Concat([]string{"key", "status", "error", "seed"}, paths)
	for _, o := range outputs {
		t.header = append(t.header, o, o+"_sampling_se")
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cause(err))
	}
	t.file = file
	if err := t.read(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func (t *sweepTable) read() error {
	content, err := io.ReadAll(t.file)
	if err != nil {
		return err
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if len(whole) < len(content) {
		if err := t.file.Truncate(int64(len(whole))); err != nil {
			return err
		}
	}
	if _, err := t.file.Seek(int64(len(whole)), io.SeekStart); err != nil {
		return err
	}
	if len(whole) == 0 {
		return t.write(t.header)
	}
	r := csv.NewReader(bytes.NewReader(whole))
	records, err := r.ReadAll()
	if err != nil {
		return err
	}
	if !slices.Equal(records[0], words.Cells(t.header)) {
		return errors.New("the table of another sweep: its columns differ; name another file by --table")
	}
	for i, record := range records[1:] {
		row, err := t.rowOf(record)
		if err != nil {
			return fmt.Errorf("row %d: %w", i+2, err)
		}
		t.keys[row.Key] = true
		t.rows = append(t.rows, row)
	}
	return nil
}

func (t *sweepTable) rowOf(record []string) (row experiment.Row, err error) {
	row = experiment.Row{Key: record[0], Status: record[1], Error: record[2]}
	if row.Seed, err = strconv.ParseUint(record[3], 10, 64); err != nil {
		return row, err
	}
	at := 4
	for _, path := range t.paths {
		if record[at] != "" {
			row.Settings = append(row.Settings, settingOf(path, record[at]))
		}
		at++
	}
	if row.Status != experiment.RowDone {
		return row, nil
	}
	for range t.outputs {
		value, err := strconv.ParseFloat(record[at], 64)
		if err != nil {
			return row, err
		}
		se, err := strconv.ParseFloat(record[at+1], 64)
		if err != nil {
			return row, err
		}
		row.Values, row.SE = append(row.Values, value), append(row.SE, se)
		at += 2
	}
	return row, nil
}

// Has implements experiment.Table.
func (t *sweepTable) Has(key string) bool { return t.keys[key] }

// Append implements experiment.Table.
func (t *sweepTable) Append(row experiment.Row) error {
	record := []string{row.Key, row.Status, row.Error, strconv.FormatUint(row.Seed, 10)}
	for _, path := range t.paths {
		value := ""
		for _, s := range row.Settings {
			if settingName(s) == path {
				value = s.Value
				if s.BeyondLaw {
					value += "!"
				}
			}
		}
		record = append(record, value)
	}
	for i := range t.outputs {
		if row.Status != experiment.RowDone {
			record = append(record, "", "")
			continue
		}
		record = append(record, strconv.FormatFloat(row.Values[i], 'f', -1, 64), strconv.FormatFloat(row.SE[i], 'f', -1, 64))
	}
	if err := t.write(record); err != nil {
		return failf(codeUsage, "%s: %w", t.file.Name(), cause(err))
	}
	t.keys[row.Key] = true
	t.rows = append(t.rows, row)
	return nil
}

// write writes one row in one piece and waits until the disk has it.
func (t *sweepTable) write(record []string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(words.Cells(record)); err != nil {
		return err
	}
	w.Flush()
	if _, err := t.file.Write(b.Bytes()); err != nil {
		return err
	}
	return t.file.Sync()
}

func (t *sweepTable) close() error { return t.file.Close() }
