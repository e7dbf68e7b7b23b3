package verify_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/report"
	"kuasheng/sim/report/verify"
)

// worlds are the ways money can go that the derivation knows.
var worlds = map[string]func(w *sim.World){
	"as in law": func(*sim.World) {},
	"late": func(w *sim.World) {
		w.Money.Late = []clearing.LateRule{
			{Province: 1, From: w.First, To: w.First + 99, Submit: 2, Pay: 40, Institutions: 30, Manual: 9},
			{Province: 1, From: w.First, To: w.First + 99, Prepay: 7},
			{Province: clearing.AllProvinces, From: w.First + 2, To: w.First + 3, Pay: 3},
		}
		w.Money.TransferDays = 2
	},
	"never": func(w *sim.World) {
		w.Money.Late = []clearing.LateRule{{Province: 0, From: w.First + 4, To: w.First + 5, Never: true}}
	},
	"dry pots, paid late": func(w *sim.World) {
		w.Money.Pots.Dry = clearing.PayLate
		w.Money.Late = []clearing.LateRule{{Province: clearing.AllProvinces, From: w.First, To: w.First + 99, Pay: 60}, {Province: clearing.AllProvinces, From: w.First, To: w.First + 99, Prepay: 60}}
	},
	"dry pots by scheme, own money up to a limit": func(w *sim.World) {
		w.Money.Pots = clearing.PotRules{ByScheme: true, Dry: clearing.OwnUpToLimit, OwnLimit: []money.Fen{10_000 * money.Yuan}}
		w.Money.Late = []clearing.LateRule{{Province: clearing.AllProvinces, From: w.First, To: w.First + 99, Pay: 60}, {Province: clearing.AllProvinces, From: w.First, To: w.First + 99, Prepay: 60}}
	},
	"rolled on": func(w *sim.World) {
		w.Money.Confirm.MissConfirm = []money.BasisPoints{3000, 3000, 3000}
		w.Money.Confirm.MissReconcile = []money.BasisPoints{0, 2000}
	},
	"hard stop": func(w *sim.World) {
		w.Money.Confirm.MissConfirm = []money.BasisPoints{6000, 6000}
		w.Money.Confirm.MaxRoll = 4
	},
	"audits": func(w *sim.World) {
		w.Money.Audit = clearing.AuditRules{Cells: []money.BasisPoints{5000, 5000, 5000}, Recovered: 2000, Fine: 5000, After: 2}
	},
	"negative carried": func(w *sim.World) {
		w.Money.Audit = clearing.AuditRules{Cells: []money.BasisPoints{9000, 9000, 9000}, Recovered: 10_000, After: 1, From: w.First + 2}
		w.Money.Levers.CarryNegative = true
	},
	"negative returned": func(w *sim.World) {
		w.Money.Audit = clearing.AuditRules{Cells: []money.BasisPoints{9000, 9000, 9000}, Recovered: 10_000, After: 1, From: w.First + 2}
	},
	"top-ups cut and refused": func(w *sim.World) {
		w.Money.TopUps = clearing.TopUpRules{ReviewWithin: 4, Cut: 2500, Refuse: []money.BasisPoints{5000, 5000, 5000}, DeclareNew: true, DeclarePaidWithin: 5}
		w.Prepayment.RedStrict = true
	},
	"reviews overtaken by January": func(w *sim.World) { w.Money.TopUps.ReviewWithin = 60 },
	"bilateral":                    func(w *sim.World) { w.Money.Levers.Netting = engine.Bilateral },
	"multilateral":                 func(w *sim.World) { w.Money.Levers.Netting = engine.Multilateral },
	"half-monthly":                 func(w *sim.World) { w.Money.Levers.Frequency = clearing.HalfMonthly },
	"weekly, rolled on": func(w *sim.World) {
		w.Money.Levers.Frequency = clearing.Weekly
		w.Money.Confirm.MissConfirm = []money.BasisPoints{3000, 3000, 3000}
	},
	"daily, netted": func(w *sim.World) {
		w.Money.Levers.Frequency, w.Money.Levers.Netting = clearing.Daily, engine.Multilateral
	},
	"interest and fees": func(w *sim.World) {
		w.Money.Interest = engine.Interest{Rate: 150, DayCount: 360}
		w.Money.BankFee = 2 * money.Yuan
	},
	"faults": func(w *sim.World) {
		w.Money.Reconcile.Fault = 20_000
		w.Money.Reconcile.RepairWithin = [3]int{1, 3, 40}
		w.Money.CoChecks.LargeFee, w.Money.CoChecks.Capacity = 10_000*money.Yuan, []int{1, 1, 1}
	},
}

// Whatever the rules of the money, what a run has written is derived again from
// registers and parameters without a difference.
func TestSoundRuns(t *testing.T) {
	for name, change := range worlds {
		t.Run(name, func(t *testing.T) {
			w := countryOf(3, 3, 60)
			change(w)
			r, err := verify.Verify(written(t, w), verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Findings {
				if i < 5 {
					t.Error(&r.Findings[i])
				}
			}
			if r.Checked < 5_000 || r.Seal == "" {
				t.Errorf("%d comparisons, seal %q", r.Checked, r.Seal)
			}
		})
	}
}

// Where everybody was traced, the bills make up the registers: a register that agrees
// with itself and with all that follows from it is still found.
func TestClaimsMakeUpTheRegisters(t *testing.T) {
	w := countryOf(2, 1, 20)
	dir := traced(t, w, report.NewTracer())
	whole := verified(t, dir, verify.Options{})
	if !whole.Sound() {
		t.Fatal(&whole.Findings[0])
	}
	without := with(dir, "claims.parquet", nil)
	if few := verified(t, without, verify.Options{}); whole.Checked-few.Checked < 3_000 {
		t.Errorf("%d comparisons, %d without the bills", whole.Checked, few.Checked)
	}
	// The gain from case payment of a warm-up month.
	const register = "clearing/2023-10.csv"
	changed := with(dir, register, edited(dir[register].Data, 2, func(c []string) []string { c[28] = "1"; return c }))
	r := verified(t, forged(t, changed), verify.Options{})
	if r.Sound() || r.Findings[0].Rule != "the bills of claims.parquet" || !strings.Contains(r.Findings[0].Column, "case_gain_fen") {
		t.Errorf("found %+v", r.Findings)
	}
	// Dropped, the trace is missed, and the calendar still tells the month's sums.
	want := []string{`claims.parquet: want "the trace 1/1", got "none" (the manifest names a trace)`, `clearing/calendar.csv:2: case_gain_fen: want "1", got "0" (the timetable and the registers)`}
	if r := verified(t, forged(t, with(changed, "claims.parquet", nil)), verify.Options{}); len(r.Findings) < 2 || r.Findings[0].String() != want[0] || r.Findings[1].String() != want[1] {
		t.Errorf("found %+v", r.Findings)
	}
	damaged := bytes.Clone(dir["claims.parquet"].Data)
	copy(damaged[len(damaged)/2:], "damaged")
	if r := verified(t, with(dir, "claims.parquet", damaged), verify.Options{}); r.Sound() {
		t.Error("a damaged trace is sound")
	}
}

// The proof is apart from what it proves: no package of the module is imported.
func TestOwnCodePath(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if strings.HasPrefix(i.Path.Value, `"kuasheng/`) {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}
