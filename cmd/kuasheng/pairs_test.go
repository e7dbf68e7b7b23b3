package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"kuasheng/sim/experiment"
	"kuasheng/sim/report"
)

// pairSide are a side's columns of pairs.parquet, amounts in fen.
type pairSide struct {
	Event      string
	Fee        int64
	Layers     [6]int64
	Funds      int64
	Accounts   int64
	PersonPart int64
	Hospital   int64
}

// pairedRow is a row of pairs.parquet with both sides' columns.
type pairedRow struct {
	Reform   string `parquet:"reform"`
	ID       string `parquet:"setl_id"`
	PsnNo    string `parquet:"psn_no"`
	Under    string `parquet:"under"`
	InsuType string `parquet:"insutype"`

	BaseEvent      string `parquet:"base_event"`
	Event          string `parquet:"reform_event"`
	BaseFee        int64  `parquet:"base_medfee_sumamt"`
	Fee            int64  `parquet:"reform_medfee_sumamt"`
	BaseBasic      int64  `parquet:"base_hifp_pay"`
	Basic          int64  `parquet:"reform_hifp_pay"`
	BaseLarge      int64  `parquet:"base_hifob_pay"`
	Large          int64  `parquet:"reform_hifob_pay"`
	BaseMajor      int64  `parquet:"base_hifmi_pay"`
	Major          int64  `parquet:"reform_hifmi_pay"`
	BaseCivil      int64  `parquet:"base_cvlserv_pay"`
	Civil          int64  `parquet:"reform_cvlserv_pay"`
	BaseEnterprise int64  `parquet:"base_hifes_pay"`
	Enterprise     int64  `parquet:"reform_hifes_pay"`
	BaseAid        int64  `parquet:"base_maf_pay"`
	Aid            int64  `parquet:"reform_maf_pay"`
	BaseFunds      int64  `parquet:"base_fund_pay_sumamt"`
	Funds          int64  `parquet:"reform_fund_pay_sumamt"`
	BaseAccount    int64  `parquet:"base_acct_pay"`
	Account        int64  `parquet:"reform_acct_pay"`
	BaseMutual     int64  `parquet:"base_acct_mulaid_pay"`
	Mutual         int64  `parquet:"reform_acct_mulaid_pay"`
	BasePerson     int64  `parquet:"base_psn_part_amt"`
	Person         int64  `parquet:"reform_psn_part_amt"`
	BaseHospital   int64  `parquet:"base_hosp_part_amt"`
	Hospital       int64  `parquet:"reform_hosp_part_amt"`
}

func (r *pairedRow) sides() [2]pairSide {
	return [2]pairSide{
		{r.BaseEvent, r.BaseFee, [6]int64{r.BaseBasic, r.BaseLarge, r.BaseMajor, r.BaseCivil, r.BaseEnterprise, r.BaseAid},
			r.BaseFunds, r.BaseAccount + r.BaseMutual, r.BasePerson, r.BaseHospital},
		{r.Event, r.Fee, [6]int64{r.Basic, r.Large, r.Major, r.Civil, r.Enterprise, r.Aid},
			r.Funds, r.Account + r.Mutual, r.Person, r.Hospital},
	}
}

// The bills of a comparison, paired: under the null reform both sides are equal, and
// under another their differences add up to the comparison's own figures. A trace of
// some has the patients of a run's trace.
func TestComparePairsBills(t *testing.T) {
	parent := t.TempDir()
	const sample = 16384 // tiny
	compare := func(name string, more ...string) ([]pairedRow, []byte) {
		dir := filepath.Join(parent, name)
		args := append([]string{"compare", "national-2024", "no-filing", "prepayment-150", "null", "--sample", tiny, "--out", dir}, more...)
		if o := call(t, "", args...); o.code != codeOK {
			t.Fatalf("exit %d: %s", o.code, o.err)
		}
		file := filepath.Join(dir, report.PairsFile)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.ReadFile[pairedRow](file)
		if err != nil {
			t.Fatal(err)
		}
		return rows, text
	}
	rows, text := compare("all", "--trace", "1/1", "--workers", "1")
	if _, again := compare("again", "--trace", "1/1", "--workers", "3", "--replications", "2"); string(again) != string(text) {
		t.Error("workers or replications change the pairs")
	}
	b, err := os.ReadFile(filepath.Join(parent, "all", "comparison.json"))
	if err != nil {
		t.Fatal(err)
	}
	var comparison experiment.Comparison
	if err := json.Unmarshal(b, &comparison); err != nil {
		t.Fatal(err)
	}
	layers := [6]string{"funds_basic_fen", "funds_large_fen", "funds_major_fen", "funds_civil_fen", "funds_enterprise_fen", "funds_aid_fen"}
	schemes := map[string]string{"310": "employee", "390": "resident"}
	seen := 0
	for i := range comparison.Reforms {
		reform := &comparison.Reforms[i]
		var sums [2]map[string]int64
		for side := range sums {
			sums[side] = map[string]int64{}
		}
		for ; seen < len(rows) && rows[seen].Reform == reform.Name; seen++ {
			x := &rows[seen]
			sides := x.sides()
			if same := sides[0] == sides[1]; x.Under != "both" || !same && reform.MoneyOnly {
				t.Fatalf("%+v", x)
			}
			for i := range sides {
				s, sum := &sides[i], sums[i]
				if s.Fee != s.Funds+s.PersonPart+s.Hospital {
					t.Fatalf("the payers do not sum to the fee: %+v", x)
				}
				sum["funds_fen"] += s.Funds
				sum["funds_"+schemes[x.InsuType]+"_fen"] += s.Funds
				sum["patients_fen"] += s.PersonPart
				sum["patients_"+schemes[x.InsuType]+"_fen"] += s.PersonPart
				sum["hospitals_fen"] += s.Hospital
				sum["accounts_fen"] += s.Accounts
				for l, name := range layers {
					sum[name] += s.Layers[l]
				}
				switch s.Event {
				case "settled":
					sum["settled"]++
				case "by_hand":
					sum["funds_by_hand_fen"] += s.Funds
					sum["manual_claims"]++
					fallthrough
				case "refused", "refused_by_hand":
					sum["refused"]++
					sum["advanced_fen"] += s.Fee
				}
			}
		}
		found := 0
		for _, f := range reform.Figures {
			if _, summed := sums[0][f.Name]; !summed {
				continue
			}
			found++
			if base, with := sums[0][f.Name]*sample, sums[1][f.Name]*sample; float64(base) != f.Base || float64(with) != f.Reform || float64(with-base) != f.Value {
				t.Errorf("%s: %s is %d and %d in the pairs, %v and %v in the table", reform.Name, f.Name, base, with, f.Base, f.Reform)
			}
		}
		if found != len(sums[0]) || found < 17 || reform.Unchanged != (sums[0]["funds_fen"] == sums[1]["funds_fen"]) && !reform.MoneyOnly {
			t.Errorf("%s: %d figures of %d", reform.Name, found, len(sums[0]))
		}
	}
	if seen != len(rows) || seen == 0 {
		t.Errorf("%d of %d rows belong to a reform", seen, len(rows))
	}

	// The patients of 1/4 are those of a run's trace, with the same bills.
	some, _ := compare("some", "--trace", "1/4")
	dir := filepath.Join(parent, "run")
	if o := call(t, "", "run", "--sample", tiny, "--trace", "1/4", "--out", dir); o.code != codeOK {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	claims, err := parquet.ReadFile[struct {
		ID     string `parquet:"setl_id"`
		Settle int32  `parquet:"setl_date,date"`
	}](filepath.Join(dir, report.TraceFile))
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	for _, x := range claims {
		if x.Settle >= 19723 { // 1 January 2024
			want[x.ID] = true
		}
	}
	for i := range some {
		if some[i].Reform == "no-filing" {
			got[some[i].ID] = true
		}
	}
	for id := range want {
		if !got[id] {
			t.Errorf("%s is in the trace of the run alone", id)
		}
	}
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d bills, %d in the trace of the run", len(got), len(want))
	}
	if o := call(t, "", "compare", "national-2024", "null", "--trace", "1/4"); o.code != codeUsage {
		t.Errorf("exit %d without --out", o.code)
	}
}
