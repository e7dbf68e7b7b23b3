package report

import (
	"io"
	"strconv"
	"strings"

	"kuasheng/engine/money"
	"kuasheng/sim/report/words"
)

// csv writes rows of comma-separated values. Millions of rows go through it, so
// it appends to one buffer; the first error stays and is told by flush.
type csv struct {
	w     io.Writer
	buf   []byte
	fresh bool // at the start of a row
	err   error
}

const csvBuffer = 1 << 18

func newCSV(w io.Writer) *csv { return &csv{w: w, buf: make([]byte, 0, csvBuffer+4096), fresh: true} }

func (t *csv) comma() {
	if !t.fresh {
		t.buf = append(t.buf, ',')
	}
	t.fresh = false
}

func (t *csv) text(s string) *csv {
	t.comma()
	s = words.Cell(s)
	if strings.ContainsAny(s, ",\"\n") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	t.buf = append(t.buf, s...)
	return t
}

func (t *csv) int(v int64) *csv {
	t.comma()
	t.buf = strconv.AppendInt(t.buf, v, 10)
	return t
}

func (t *csv) yuan(v money.Fen) *csv {
	t.comma()
	t.buf = v.Append(t.buf)
	return t
}

// fenAndYuan writes an amount twice, for machines and for officials.
func (t *csv) fenAndYuan(v money.Fen) *csv { return t.int(int64(v)).yuan(v) }

// rate writes a use rate, or nothing where there was no quota to use.
func (t *csv) rate(bp int64) *csv {
	if bp < 0 {
		return t.text("")
	}
	return t.int(bp)
}

func (t *csv) end() {
	t.buf = append(t.buf, '\n')
	t.fresh = true
	if len(t.buf) >= csvBuffer {
		t.write()
	}
}

func (t *csv) write() {
	if t.err == nil {
		_, t.err = t.w.Write(t.buf)
	}
	t.buf = t.buf[:0]
}

func (t *csv) flush() error {
	t.write()
	return t.err
}
