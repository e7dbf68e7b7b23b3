package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// mostReplayFaults is how many bad lines of a recorded file are told.
const mostReplayFaults = 20

// ReadTimes reads recorded arrivals: JSON Lines, one object a line, or CSV with a
// head. The key or column at_ns holds nanoseconds since the start, or time an
// RFC 3339 time, counted from the first. Times must not fall. All bad lines are
// reported at once, as name:line.
func ReadTimes(name string, r io.Reader) ([]int64, error) {
	var times []int64
	var faults []error
	var first time.Time
	column, byTime := -1, false
	fault := func(line int, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
	}
	add := func(line int, text string, isTime bool) {
		var at int64
		if isTime {
			t, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				fault(line, "%q is no time like 2024-03-04T08:00:00.25+08:00", text)
				return
			}
			if first.IsZero() {
				first = t
			}
			at = int64(t.Sub(first))
		} else {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				fault(line, "%q is no number of nanoseconds from 0 on", text)
				return
			}
			at = n
		}
		if len(times) > 0 && at < times[len(times)-1] {
			fault(line, "the time lies before that of the line above")
			return
		}
		times = append(times, at)
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan() && len(faults) < mostReplayFaults; n++ {
		text := bytes.TrimSpace(lines.Bytes())
		switch {
		case len(text) == 0:
		case text[0] == '{':
			var row struct {
				AtNS *json.Number `json:"at_ns"`
				Time *string      `json:"time"`
			}
			switch err := json.Unmarshal(text, &row); {
			case err != nil:
				fault(n, "not valid JSON: %v", err)
			case row.AtNS != nil:
				add(n, row.AtNS.String(), false)
			case row.Time != nil:
				add(n, *row.Time, true)
			default:
				fault(n, "neither at_ns nor time")
			}
		case column < 0:
			for i, head := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), ",") {
				if head = strings.TrimSpace(head); column < 0 && (head == "at_ns" || head == "time") {
					column, byTime = i, head == "time"
				}
			}
			if column < 0 {
				return nil, fmt.Errorf("%s:%d: neither a JSON object nor the head of a CSV with a column at_ns or time", name, n)
			}
		default:
			cells := strings.Split(string(text), ",")
			if column >= len(cells) {
				fault(n, "%d columns, the time is in column %d", len(cells), column+1)
				continue
			}
			add(n, strings.TrimSpace(cells[column]), byTime)
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("%s: %w", name, err))
	}
	if len(faults) == 0 && len(times) == 0 {
		faults = append(faults, fmt.Errorf("%s: no operation in it", name))
	}
	return times, errors.Join(faults...)
}
