// Package verify proves a run directory from what is in it, without the program that
// made it: it imports nothing of the engine, the simulation or the reports, reads the
// registers of settled bills and the parameters, and computes everything about the
// money again in its own words: matrix and certificates, netting, payments and what
// they paid, quotas, use rates, alerts and top-ups, the official forms and the
// workbook, the ledgers' sums and the summary.
//
// The order of work is the order of the findings, but that files whose digests do not
// fit come first:
//
//	directory   every file of the manifest is there, a regular file, and no other; the manifest
//	            agrees with itself
//	registers   one for each settled month; parts sum to wholes
//	claims      where everybody was traced, the bills make up the registers
//	matrix      registers and moves make each period's matrix, its pairs and seal
//	prepayment  quotas, use rates, alerts and top-ups follow from the matrix
//	payments    and who pays what when, and what it paid, from both
//	ledger      the books agree with all of it
//	forms       so do the official forms, and the workbook with them
//	summary     and summary.json
//	validation  and what the run achieved of published figures, with care/
//	page        report.html says what the manifest says, and does nothing else
//	digests     every byte is the one that the manifest and the seal vouch for
package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
)

// Report is what was found in a run directory.
type Report struct {
	Version int   `json:"version"` // of this layout
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"`
	// Checked counts the comparisons.
	Checked int64 `json:"checked"`
	// Seal is the seal of the directory, see report.Seal: what the run printed.
	Seal string `json:"seal"`
	// Findings are what disagrees, first things first, at most MaxFindings.
	Findings []Finding `json:"findings"`
}

// Sound reports whether nothing disagrees.
func (r *Report) Sound() bool { return len(r.Findings) == 0 }

// MaxFindings is how many findings a report holds.
const MaxFindings = 100

// Finding is one thing that disagrees.
type Finding struct {
	File string `json:"file"`
	// Line counts from 1; 0 is the file as a whole. In a workbook it is the row.
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"` // name of the column or key
	Want   string `json:"want"`
	Got    string `json:"got"`
	// Rule says in a few words what does not hold.
	Rule string `json:"rule"`
}

// String tells the finding in one line.
func (f *Finding) String() string {
	at := f.File
	if f.Line > 0 {
		at += ":" + strconv.Itoa(f.Line)
	}
	if f.Column != "" {
		at += ": " + f.Column
	}
	return fmt.Sprintf("%s: want %q, got %q (%s)", at, f.Want, f.Got, f.Rule)
}

// ErrNotARun is returned for a directory that holds no manifest.
var ErrNotARun = errors.New("not a run directory: it holds no manifest.json")

// Options choose how much is done.
type Options struct {
	// DigestsOnly compares the bytes with the manifest and derives nothing.
	DigestsOnly bool
	// Seal, where not empty, is the seal that the run printed.
	Seal string
}

// Verify proves a run directory. The error says that it cannot be read or is none.
func Verify(dir fs.FS, o Options) (*Report, error) {
	r := &run{dir: dir, report: &Report{Version: 1, Findings: []Finding{}}, broken: map[string]bool{}}
	if err := r.list(); err != nil {
		return nil, err
	}
	if !r.has(manifestName) {
		return r.report, nil
	}
	if !o.DigestsOnly {
		for _, phase := range []func(){r.registers, r.claims, r.matrix, r.prepayment, r.payments, r.ledger, r.forms, r.workbook, r.summary, r.validation, r.page} {
			if !r.do(phase) {
				break
			}
		}
	}
	derived := r.report.Findings
	r.report.Findings = nil
	r.do(func() { r.digests(o.Seal) })
	r.report.Findings = inOrder(derived, r.report.Findings)
	return r.report, r.unreadable
}

// inOrder puts first what disagrees in files whose bytes are not the manifest's, for
// they are at fault: what was derived, which names line and column, before the digest.
// Where all digests fit, the order of work is all there is to go by.
func inOrder(derived, digests []Finding) []Finding {
	changed := map[string]bool{}
	for i := range digests {
		changed[digests[i].File] = true
	}
	all := []Finding{}
	for _, want := range []bool{true, false} {
		for i := range derived {
			if changed[derived[i].File] == want {
				all = append(all, derived[i])
			}
		}
		if want {
			all = append(all, digests...)
		}
	}
	return all[:min(len(all), MaxFindings)]
}

// run is a run directory on its way through the phases.
type run struct {
	dir    fs.FS
	report *Report
	m      manifest
	names  []string        // of all regular files there
	broken map[string]bool // files already known to disagree
	// unreadable is the first file that the system would not read.
	unreadable error
	buffer     []byte // for reading

	p parameters
	state
}

// giveUp ends a phase, and all derivation after it: what it needs is not there.
type giveUp struct{}

// do runs a phase and reports whether those after it can stand on it.
func (r *run) do(phase func()) (ok bool) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case giveUp:
			ok = false
		default:
			panic(e)
		}
	}()
	phase()
	return true
}

// find records what disagrees.
func (r *run) find(f Finding) {
	r.broken[f.File] = true
	if len(r.report.Findings) < MaxFindings {
		r.report.Findings = append(r.report.Findings, f)
	}
}

// same compares a value of a file with what it should be.
func (r *run) same(file string, line int, column, want, got, rule string) bool {
	r.report.Checked++
	if want == got {
		return true
	}
	r.find(Finding{file, line, column, want, got, rule})
	return false
}

func (r *run) sameInt(file string, line int, column string, want, got int64, rule string) bool {
	r.report.Checked++
	if want == got {
		return true
	}
	r.find(Finding{file, line, column, strconv.FormatInt(want, 10), strconv.FormatInt(got, 10), rule})
	return false
}
