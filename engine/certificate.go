package engine

import (
	"crypto/sha256"
	"strconv"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Certificate is the seal on a clearing period: what was cleared, as a digest of
// the whole matrix and in totals, chained to the period before. Certify derives it
// from the rows alone, so that anyone who has them can check it.
type Certificate struct {
	Month   day.Month // the settled month
	Ordinal int       // of the period within the month, from 1
	Rows    int
	// Payable is the sum of the rows; Debits and Credits are its positive and
	// negative rows.
	Payable, Debits, Credits money.Fen
	Matrix                   [32]byte // SHA-256 of the rows
	Previous                 [32]byte // Seal of the period before; zero for the first
	Seal                     [32]byte // SHA-256 of all of the above
}

// MatrixRow is what one pool owes one province of treatment for a period, by scheme
// and kind. Places are division codes, so that a row means the same anywhere.
type MatrixRow struct {
	Pool, Treating uint32
	Scheme         Scheme
	Kind           Kind
	Amount         money.Fen
}

// appendRow writes a row as one line of text, its canonical form:
// "131000 110000 employee inpatient 12345\n".
func (r *MatrixRow) appendRow(b []byte) []byte {
	b = strconv.AppendUint(b, uint64(r.Pool), 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, uint64(r.Treating), 10)
	b = append(b, ' ')
	b = append(b, SchemeNames[r.Scheme]...)
	b = append(b, ' ')
	b = append(b, KindNames[r.Kind]...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(r.Amount), 10)
	return append(b, '\n')
}

// Certify seals a period from its rows, which come in the order of pool, province of
// treatment, scheme and kind as the world lists them.
func Certify(previous *Certificate, month day.Month, ordinal int, rows func(yield func(MatrixRow) bool)) Certificate {
	c := Certificate{Month: month, Ordinal: ordinal}
	if previous != nil {
		c.Previous = previous.Seal
	}
	h := sha256.New()
	buf := make([]byte, 0, 1<<16)
	for row := range rows {
		c.Rows++
		c.Payable += row.Amount
		c.Debits += max(0, row.Amount)
		c.Credits += min(0, row.Amount)
		buf = row.appendRow(buf)
		if len(buf) > 1<<16-128 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
	h.Sum(c.Matrix[:0])
	c.Seal = c.seal()
	return c
}

// seal is the digest of the certificate's own text: month, ordinal, rows, payable,
// debits, credits, matrix and previous, one line each, digests in hexadecimal.
func (c *Certificate) seal() [32]byte {
	b := append([]byte(nil), c.Month.String()...)
	b = append(b, '\n')
	for _, v := range []int64{int64(c.Ordinal), int64(c.Rows), int64(c.Payable), int64(c.Debits), int64(c.Credits)} {
		b = strconv.AppendInt(b, v, 10)
		b = append(b, '\n')
	}
	const hex = "0123456789abcdef"
	for _, digest := range [][32]byte{c.Matrix, c.Previous} {
		for _, x := range digest {
			b = append(b, hex[x>>4], hex[x&15])
		}
		b = append(b, '\n')
	}
	return sha256.Sum256(b)
}
