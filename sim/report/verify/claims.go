package verify

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

const claimsName = "claims.parquet"

// claim is a row of a trace as far as the registers need it; amounts are fen.
type claim struct {
	ID        string `parquet:"setl_id"`
	Event     string `parquet:"event"`
	Pool      int32  `parquet:"insuplc_admdvs"`
	Area      int32  `parquet:"mdtrtarea_admvs"`
	Scheme    string `parquet:"insutype"`
	SettledAs string `parquet:"settled_as"`
	Settled   int32  `parquet:"setl_date,date"`

	Fee        int64 `parquet:"medfee_sumamt,decimal(2:18)"`
	OwnPay     int64 `parquet:"fulamt_ownpay_amt,decimal(2:18)"`
	OverLimit  int64 `parquet:"overlmt_selfpay,decimal(2:18)"`
	PreSelfPay int64 `parquet:"preselfpay_amt,decimal(2:18)"`
	InScope    int64 `parquet:"inscp_scp_amt,decimal(2:18)"`
	Deductible int64 `parquet:"act_pay_dedc,decimal(2:18)"`
	Basic      int64 `parquet:"hifp_pay,decimal(2:18)"`
	Large      int64 `parquet:"hifob_pay,decimal(2:18)"`
	Major      int64 `parquet:"hifmi_pay,decimal(2:18)"`
	Civil      int64 `parquet:"cvlserv_pay,decimal(2:18)"`
	Enterprise int64 `parquet:"hifes_pay,decimal(2:18)"`
	Aid        int64 `parquet:"maf_pay,decimal(2:18)"`
	FundSum    int64 `parquet:"fund_pay_sumamt,decimal(2:18)"`
	Account    int64 `parquet:"acct_pay,decimal(2:18)"`
	Mutual     int64 `parquet:"acct_mulaid_pay,decimal(2:18)"`
	Cash       int64 `parquet:"psn_cash_pay,decimal(2:18)"`
	Hospital   int64 `parquet:"hosp_part_amt,decimal(2:18)"`
	CaseGain   int64 `parquet:"case_gain,decimal(2:18)"`
}

// measures are the claim's part in a register's row. A reversal bears its original's
// amounts with the sign turned.
func (c *claim) measures() (v [numMeasures]int64) {
	v = [numMeasures]int64{atFee: c.Fee, atOwnPay: c.OwnPay, atOverLimit: c.OverLimit, atPreSelfPay: c.PreSelfPay, atInScope: c.InScope, atDeductible: c.Deductible,
		atBasic: c.Basic, atLarge: c.Large, atMajor: c.Major, atCivil: c.Civil, atEnterprise: c.Enterprise, atAid: c.Aid,
		atAccount: c.Account, atMutual: c.Mutual, atCash: c.Cash, atHospital: c.Hospital, atCaseGain: c.CaseGain}
	v[atCleared] = sum(funds(&v), c.Account, c.Mutual)
	v[atCases] = 1
	if c.Event == "reversed" {
		v[atCases], v[atReversals] = -1, 1
	}
	return v
}

// claims proves a trace, where there is one: of every bill settled directly the parts
// sum to the wholes, and where everybody was traced the bills make up the registers.
func (r *run) claims() {
	if !r.has(claimsName) {
		return
	}
	sums := make([][][numMeasures]int64, len(r.settled))
	for i := range sums {
		sums[i] = make([][numMeasures]int64, r.numPairs()*4)
	}
	var cases, settled int64
	line := 0
	err := r.eachClaim(func(c *claim) {
		line++
		if c.Event != "settled" && c.Event != "reversed" {
			return
		}
		v := c.measures()
		check := func(column string, want, got int64, rule string) {
			r.report.Checked++
			if want != got {
				r.find(Finding{claimsName, line, c.ID + " " + column, yuanText(want), yuanText(got), rule})
			}
		}
		check("medfee_sumamt", sum(v[atOwnPay], v[atOverLimit], v[atPreSelfPay], v[atInScope]), v[atFee], "fee = own pay + over limit + pre-self-pay + in scope (I2)")
		check("fund_pay_sumamt", funds(&v), c.FundSum, "the sum of the funds")
		check("medfee_sumamt", sum(v[atCleared], v[atCash], v[atHospital]), v[atFee], "fee = cleared + cash + borne by the hospital (I4)")
		pool, known := r.poolAt[strconv.Itoa(int(c.Pool))]
		treating, also := r.provinceAt[strconv.Itoa(int(c.Area)/10_000*10_000)]
		kind := slices.Index(r.p.Kinds, c.SettledAs)
		scheme := slices.Index([]string{"310", "390"}, c.Scheme)
		on := date(c.Settled).time()
		month := on.Year()*12 + int(on.Month()) - 1 - int(r.first)
		if !known || !also || kind < 0 || scheme < 0 || month < 0 || month >= len(sums) {
			r.find(Finding{claimsName, line, c.ID, "places, scheme, kind and month of the parameters", fmt.Sprint(c.Pool, c.Area, c.Scheme, c.SettledAs, date(c.Settled)), "the words of the parameters"})
			return
		}
		row := &sums[month][r.pair(r.provinceOf[pool], treating, scheme)*4+kind]
		for j, x := range v {
			row[j] = sum(row[j], x)
		}
		cases = sum(cases, v[atCases])
	})
	if err != nil {
		r.find(Finding{File: claimsName, Want: "a Parquet file", Got: err.Error(), Rule: "the file can be read"})
		return
	}
	for i := range r.settled {
		for _, v := range r.settled[i].byPair {
			settled = sum(settled, v[atCases])
		}
	}
	if cases != settled && r.m.Trace != "1/1" {
		return // a part of the patients was traced
	}
	for i := range r.settled {
		for at := range sums[i] {
			for j, got := range sums[i][at] {
				r.sameInt("clearing/"+(r.first+month(i)).String()+".csv", 0, r.pairName(at/4)+" "+r.p.Kinds[at%4]+" "+measureNames[j], got, r.settled[i].byPair[at][j], "the bills of "+claimsName)
			}
		}
	}
}

// eachClaim reads the trace row by row.
func (r *run) eachClaim(yield func(*claim)) (err error) {
	f, err := r.dir.Open(claimsName)
	if err != nil {
		r.cannotRead(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		r.cannotRead(err)
	}
	defer func() {
		// A damaged file makes the reader panic as often as it makes an error.
		if e := recover(); e != nil {
			if _, ours := e.(giveUp); ours {
				panic(e)
			}
			err = fmt.Errorf("damaged: %v", e)
		}
	}()
	at, ok := f.(io.ReaderAt)
	if !ok {
		return errors.New("it can only be read from end to end")
	}
	file, err := parquet.OpenFile(at, info.Size(), parquet.ReadBufferSize(1<<20))
	if err != nil {
		return err
	}
	if file.NumRows() > info.Size() {
		return fmt.Errorf("%d rows in %d bytes", file.NumRows(), info.Size()) // no two rows are alike
	}
	p := parquet.NewGenericReader[claim](file)
	defer p.Close()
	rows := make([]claim, 4096)
	for {
		n, err := p.Read(rows)
		for i := range rows[:n] {
			yield(&rows[i])
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) pairName(pair int) string {
	insured, treating, scheme := r.splitPair(pair)
	return fmt.Sprintf("%s → %s, %s", r.provinceNames[insured], r.provinceNames[treating], r.p.Schemes[scheme])
}
