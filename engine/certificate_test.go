package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// A certificate is what anyone gets who writes the rows down as text and hashes
// them: the test does it with nothing but fmt.
func TestCertificateIsDerivedFromItsRows(t *testing.T) {
	rows := []engine.MatrixRow{
		{Pool: 131000, Treating: 110000, Scheme: engine.Employee, Kind: engine.Chronic, Amount: 4889},
		{Pool: 131000, Treating: 110000, Scheme: engine.Resident, Kind: engine.Inpatient, Amount: -300},
		{Pool: 340100, Treating: 310000, Scheme: engine.Employee, Kind: engine.Pharmacy, Amount: 1},
	}
	first := engine.Certify(nil, day.MonthOf(2024, 3), 1, slices.Values(rows))
	second := engine.Certify(&first, day.MonthOf(2024, 4), 1, slices.Values(rows[:1]))
	if first.Rows != 3 || first.Payable != 4590 || first.Debits != 4890 || first.Credits != -300 {
		t.Errorf("%+v", first)
	}
	text := "131000 110000 employee chronic 4889\n131000 110000 resident inpatient -300\n340100 310000 employee pharmacy 1\n"
	matrix := sha256.Sum256([]byte(text))
	if first.Matrix != matrix {
		t.Errorf("matrix %x, want %x", first.Matrix, matrix)
	}
	seal := sha256.Sum256([]byte("2024-03\n1\n3\n4590\n4890\n-300\n" + hex.EncodeToString(matrix[:]) + "\n" + strings.Repeat("0", 64) + "\n"))
	if first.Seal != seal || second.Previous != seal {
		t.Errorf("seal %x, chained %x, want %x", first.Seal, second.Previous, seal)
	}

	// Whatever changes, changes the seal, and those after it.
	for name, change := range map[string]func([]engine.MatrixRow) []engine.MatrixRow{
		"amount":   func(r []engine.MatrixRow) []engine.MatrixRow { r[0].Amount++; return r },
		"pool":     func(r []engine.MatrixRow) []engine.MatrixRow { r[1].Pool++; return r },
		"treating": func(r []engine.MatrixRow) []engine.MatrixRow { r[1].Treating++; return r },
		"scheme":   func(r []engine.MatrixRow) []engine.MatrixRow { r[2].Scheme = engine.Resident; return r },
		"kind":     func(r []engine.MatrixRow) []engine.MatrixRow { r[2].Kind = engine.Chronic; return r },
		"order":    func(r []engine.MatrixRow) []engine.MatrixRow { r[0], r[1] = r[1], r[0]; return r },
		"missing":  func(r []engine.MatrixRow) []engine.MatrixRow { return r[1:] },
		"moved":    func(r []engine.MatrixRow) []engine.MatrixRow { r[0].Amount--; r[2].Amount++; return r },
	} {
		other := engine.Certify(nil, first.Month, 1, slices.Values(change(slices.Clone(rows))))
		if other.Seal == first.Seal {
			t.Errorf("%s: the seal is the same", name)
		}
		if engine.Certify(&other, second.Month, 1, slices.Values(rows[:1])).Seal == second.Seal {
			t.Errorf("%s: the next seal is the same", name)
		}
	}
	if engine.Certify(nil, first.Month, 2, slices.Values(rows)).Seal == first.Seal || engine.Certify(nil, first.Month+1, 1, slices.Values(rows)).Seal == first.Seal {
		t.Error("another period has the same seal")
	}
	// Many rows are hashed in pieces.
	var many []engine.MatrixRow
	h := sha256.New()
	for i := range 5_000 {
		many = append(many, engine.MatrixRow{Pool: uint32(i), Treating: 110000, Amount: -1 << 62})
		fmt.Fprintf(h, "%d 110000 employee inpatient %d\n", i, int64(-1)<<62)
	}
	if got := engine.Certify(nil, first.Month, 1, slices.Values(many)).Matrix; string(got[:]) != string(h.Sum(nil)) {
		t.Error("5000 rows in pieces hash to something else")
	}
}
