package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
	"kuasheng/sim/report/words"
)

// Certificate is certificates/YYYY-MM.json: the seal on a clearing period, see
// engine.Certificate. Digests are SHA-256 in hexadecimal.
type Certificate struct {
	Month   string `json:"month"`
	Ordinal int    `json:"ordinal"` // within the month, from 1
	Rows    int    `json:"rows"`    // of the matrix, those of nothing left out
	// PayableFen is the sum of the rows, DebitsFen and CreditsFen of the positive and
	// the negative ones.
	PayableFen money.Fen `json:"payable_fen"`
	DebitsFen  money.Fen `json:"debits_fen"`
	CreditsFen money.Fen `json:"credits_fen"`
	// Matrix is over the rows in the order of parameters.json, one line each:
	// pool, province of treatment, scheme, kind, fen, with blanks between.
	Matrix   string `json:"matrix"`
	Previous string `json:"previous"` // seal of the period before; zeros for the first
	// Seal is over month, ordinal, rows, payable, debits, credits, matrix and previous,
	// one line each.
	Seal string `json:"seal"`
}

// Seal is certificates/seal.json: it binds the manifest, and with it every file, to
// the chain of certificates. It is the only file that no other vouches for, which is
// why the run prints Seal.
type Seal struct {
	Certificate string `json:"certificate"` // seal of the last period
	Manifest    string `json:"manifest"`    // SHA-256 of manifest.json
	Seal        string `json:"seal"`        // SHA-256 of these two, one line each
}

// SealFile is its name in the run directory.
const SealFile = "certificates/seal.json"

func certificateOf(c *engine.Certificate) *Certificate {
	return &Certificate{
		Month: c.Month.String(), Ordinal: c.Ordinal, Rows: c.Rows,
		PayableFen: c.Payable, DebitsFen: c.Debits, CreditsFen: c.Credits,
		Matrix: hex.EncodeToString(c.Matrix[:]), Previous: hex.EncodeToString(c.Previous[:]), Seal: hex.EncodeToString(c.Seal[:]),
	}
}

// periodName is 2024-03, or 2024-03-2 where a month has several periods.
func periodName(in *Input, p *clearing.Period) string {
	if in.World.Money.Levers.Frequency == clearing.Monthly {
		return p.Month.String()
	}
	return fmt.Sprintf("%v-%d", p.Month, p.Ordinal)
}

func writeCertificates(sink Sink, in *Input) (files []File, err error) {
	for i := range in.Result.Clearing.Periods {
		p := &in.Result.Clearing.Periods[i]
		name := periodName(in, p)
		f := File{Name: "certificates/" + name + ".json", What: "clearing certificate of " + name}
		if err := writeJSON(sink, f.Name, certificateOf(&p.Certificate)); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func writeSeal(r *Recorder, in *Input, m *Manifest) error {
	s := Seal{Manifest: r.sum("manifest.json")}
	var last engine.Certificate
	if n := len(in.Result.Clearing.Periods); n > 0 {
		last = in.Result.Clearing.Periods[n-1].Certificate
	}
	s.Certificate = hex.EncodeToString(last.Seal[:])
	sum := sha256.Sum256([]byte(s.Certificate + "\n" + s.Manifest + "\n"))
	s.Seal = hex.EncodeToString(sum[:])
	m.Seal = s.Seal
	return writeJSON(r, SealFile, &s)
}

// SealText is the line that tells a run's seal, as it stands under the summary.
func SealText(seal string, lang words.Lang) string {
	if lang == words.Chinese {
		return "封印        " + seal + "\n"
	}
	return "Seal        " + seal + "\n"
}
