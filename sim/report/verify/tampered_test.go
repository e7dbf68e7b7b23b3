package verify_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"kuasheng/engine/money"
	"kuasheng/sim"
	"kuasheng/sim/clearing"
	"kuasheng/sim/report"
	"kuasheng/sim/report/verify"
)

// aRun is a run with something in every file.
//
// The pool's name holds a comma, so that splitting a line of a register at commas
// counts one more from there on.
func aRun(t testing.TB, provinces, months int, patients uint32) fstest.MapFS {
	w := countryOf(provinces, months, patients)
	w.Money.Audit = clearing.AuditRules{Cells: []money.BasisPoints{1000, 1000, 1000}, Recovered: 2000, Fine: 5000, After: 2}
	w.Money.Confirm.MissConfirm = []money.BasisPoints{1000, 1000, 1000}
	if months > 1 {
		w.Money.Reconcile.Fault = 20_000 // a row for each day and kind
	}
	w.Money.CoChecks.LargeFee = 10_000 * money.Yuan
	for m := range sim.Measure(sim.NumMeasures) {
		target := sim.Target{Name: m.String(), Measure: m, Value: 1_000_000, Explanation: "it is made up", ExplanationZH: "虚构"}
		switch m {
		case sim.ReliefAbove:
			target.Above = 5000 * money.Yuan
		case sim.PeakDay, sim.MonthStep:
			target.Month = 1
		case sim.DirectRate:
			target.Bound, target.Value = sim.AtLeast, 5000
		case sim.SourceOrder, sim.DestinationOrder:
			target.Order, target.Value = []int{1, 0}, 2
		}
		w.Targets = append(w.Targets, target)
	}
	w.Targets = append(w.Targets, sim.Target{Name: "december", Measure: sim.PeakDay, Month: 12, Value: 1})
	return written(t, w)
}

// with is a directory with one file changed, or without it where text is nil.
func with(dir fstest.MapFS, name string, text []byte) fstest.MapFS {
	changed := maps.Clone(dir)
	delete(changed, name)
	if text != nil {
		changed[name] = &fstest.MapFile{Data: text}
	}
	return changed
}

// forged makes all digests fit again, as somebody would who knows how.
func forged(t testing.TB, dir fstest.MapFS) fstest.MapFS {
	t.Helper()
	hash := func(text []byte) string {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:])
	}
	var m report.Manifest
	if err := json.Unmarshal(dir["manifest.json"].Data, &m); err != nil {
		t.Fatal(err)
	}
	m.Files = slices.DeleteFunc(m.Files, func(f report.File) bool { return dir[f.Name] == nil })
	for i := range m.Files {
		f := dir[m.Files[i].Name]
		m.Files[i].Bytes, m.Files[i].SHA256 = int64(len(f.Data)), hash(f.Data)
	}
	text, err := json.MarshalIndent(&m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	dir = with(dir, "manifest.json", append(text, '\n'))
	var s report.Seal
	if err := json.Unmarshal(dir[report.SealFile].Data, &s); err != nil {
		t.Fatal(err)
	}
	s.Manifest = hash(dir["manifest.json"].Data)
	s.Seal = hash([]byte(s.Certificate + "\n" + s.Manifest + "\n"))
	if text, err = json.MarshalIndent(&s, "", "  "); err != nil {
		t.Fatal(err)
	}
	return with(dir, report.SealFile, append(text, '\n'))
}

func verified(t testing.TB, dir fstest.MapFS, o verify.Options) *verify.Report {
	t.Helper()
	r, err := verify.Verify(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// edited changes the cells of one row of a CSV file, counted from 1.
func edited(text []byte, line int, edit func(cells []string) []string) []byte {
	lines := strings.Split(string(text), "\n")
	lines[line-1] = strings.Join(edit(strings.Split(lines[line-1], ",")), ",")
	return []byte(strings.Join(lines, "\n"))
}

// zipped is an archive with a part changed, or added where it had none.
func zipped(t testing.TB, archive []byte, name string, edit func(text string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	write := func(name, text string) {
		part, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(part, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	found := false
	for _, f := range z.File {
		text, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			text, found = []byte(edit(string(text))), true
		}
		write(f.Name, string(text))
	}
	if !found {
		write(name, edit(""))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// moved is the directory with a yuan of own pay moved over the limit: in the first row of
// its register, and by column in the rows of other tables that sum it up.
func moved(t testing.TB, dir fstest.MapFS, register string, also ...string) fstest.MapFS {
	t.Helper()
	rows := func(name string) [][]string {
		all, err := csv.NewReader(bytes.NewReader(dir[name].Data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	from := rows(register)[1]
	for _, name := range append([]string{register}, also...) {
		all := rows(name)
		own := slices.Index(all[0], "own_pay_fen")
		at := slices.IndexFunc(all, func(row []string) bool {
			return name == register && row[0] != "month" || name == "clearing/calendar.csv" && row[0] == from[0] ||
				slices.Equal(row[:5], from[1:6]) && row[5] == from[8]
		})
		for i, by := range []int64{-100, 100} {
			v, err := strconv.ParseInt(all[at][own+i], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			all[at][own+i] = strconv.FormatInt(v+by, 10)
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(all); err != nil {
			t.Fatal(err)
		}
		dir = with(dir, name, b.Bytes())
	}
	return dir
}

// Tampering of every kind is found, with the digests left as they were and with the
// digests made to fit; where it can be told, the finding names file, line and column.
func TestTampered(t *testing.T) {
	dir := aRun(t, 3, 3, 60)
	if r := verified(t, dir, verify.Options{}); !r.Sound() {
		t.Fatal(&r.Findings[0])
	}
	read := func(name string) []byte {
		if dir[name] == nil {
			t.Fatalf("no %s", name)
		}
		return dir[name].Data
	}
	lineOf := func(name string, n int) []byte { return bytes.SplitAfter(read(name), []byte("\n"))[n-1] }
	replaced := func(name, old, new string) fstest.MapFS {
		text := bytes.Replace(read(name), []byte(old), []byte(new), 1)
		if bytes.Equal(text, read(name)) {
			t.Fatalf("%s does not hold %q", name, old)
		}
		return with(dir, name, text)
	}
	row := func(name string, line int, edit func([]string) []string) fstest.MapFS {
		return with(dir, name, edited(read(name), line, edit))
	}
	more := func(i int) func([]string) []string {
		return func(cells []string) []string {
			cells[i] = cells[i][:len(cells[i])-1] + string('0'+(cells[i][len(cells[i])-1]-'0'+1)%10)
			return cells
		}
	}
	const register = "clearing/2024-01.csv"
	book := func(edit func(x *excelize.File) error) fstest.MapFS {
		x, err := excelize.OpenReader(bytes.NewReader(read("clearing/forms.xlsx")))
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		var out bytes.Buffer
		if err := edit(x); err != nil {
			t.Fatal(err)
		}
		if err := x.Write(&out); err != nil {
			t.Fatal(err)
		}
		return with(dir, "clearing/forms.xlsx", out.Bytes())
	}
	// part is the directory with a part of the workbook changed or added.
	part := func(name string, edit func(xml string) string) fstest.MapFS {
		return with(dir, "clearing/forms.xlsx", zipped(t, read("clearing/forms.xlsx"), name, edit))
	}
	inPart := func(name, old, new string) fstest.MapFS {
		return part(name, func(xml string) string {
			if !strings.Contains(xml, old) {
				t.Fatalf("%s does not hold %q", name, old)
			}
			return strings.Replace(xml, old, new, 1)
		})
	}
	const sheets = "xl/worksheets/sheet"
	row5 := regexp.MustCompile(`<row r="5".*?</row>`)
	for name, c := range map[string]struct {
		dir  fstest.MapFS
		want string // beginning of the first finding, digests made to fit
	}{
		"a fee":                   {row(register, 3, more(12)), register + ":3: fee_fen: want"},
		"an amount in yuan":       {row(register, 3, more(30)), register + ":3: cleared_yuan: want"},
		"a place's name":          {replaced(register, "甲", "乙"), register + ":2: insured: want"},
		"a dropped row":           {with(dir, register, bytes.Replace(read(register), lineOf(register, 4), nil, 1)), "clearing/pairs_year.csv:"},
		"a doubled row":           {with(dir, register, bytes.Replace(read(register), lineOf(register, 4), bytes.Repeat(lineOf(register, 4), 2), 1)), register + ":5: want"},
		"two rows swapped":        {with(dir, register, bytes.Replace(read(register), slices.Concat(lineOf(register, 4), lineOf(register, 5)), slices.Concat(lineOf(register, 5), lineOf(register, 4)), 1)), register + ":5: want"},
		"two columns' names":      {replaced(register, "basic_fen,large_fen", "large_fen,basic_fen"), register + ":1: want"},
		"two columns' values":     {row(register, 3, func(c []string) []string { c[12], c[26] = c[26], c[12]; return c }), register + ":3: fee_fen"},
		"basic fund to large":     {row(register, 3, func(c []string) []string { c[18], c[19] = c[19], c[18]; return c }), "clearing/pairs_year.csv:"},
		"a parameter of alerts":   {replaced("parameters.json", `"yellow_bp": 7000`, `"yellow_bp": 1000`), "prepayment.csv:"},
		"a parameter of quotas":   {replaced("parameters.json", `"multiple_bp": 20000`, `"multiple_bp": 20001`), "prepayment.csv:"},
		"a parameter of days":     {replaced("parameters.json", `"pay_within": 10`, `"pay_within": 11`), "clearing/periods.csv:2: paid: want"},
		"a working day":           {replaced("parameters.json", `"2024-05-01"`, `"2024-04-30"`), "clearing/periods.csv:"},
		"a use rate":              {row("prepayment.csv", 2, more(6)), "prepayment.csv:2: use_rate_bp: want"},
		"an alert":                {replaced("alerts.csv", ",red,", ",yellow,"), "alerts.csv:"},
		"a top-up":                {row("top_ups.csv", 2, more(6)), "top_ups.csv:2: asked_yuan: want"},
		"a quota":                 {row("quotas.csv", 2, more(13)), "quotas.csv:2: noticed: want"},
		"a payment":               {row("clearing/payments.csv", 2, more(0)), "clearing/payments.csv:2: day: want"},
		"a match":                 {row("clearing/matches.csv", 2, more(10)), "clearing/matches.csv:2: age_days: want"},
		"what a pair owed":        {row("clearing/pairs.csv", 2, more(9)), "clearing/pairs.csv:2: set_off_fen: want"},
		"institutions":            {row("clearing/institutions.csv", 2, more(6)), "clearing/institutions.csv:2: paid_fen: want"},
		"what rolled on":          {row("clearing/moves.csv", 2, more(2)), ""},
		"what rolled on, its fen": {row("clearing/moves.csv", 2, more(10)), "clearing/moves.csv:2: amount_yuan: want"},
		"manual claims":           {row("clearing/manual.csv", 2, more(6)), "clearing/manual.csv:2: deadline: want"},
		"co-checks":               {row("clearing/co_checks.csv", 2, more(3)), "clearing/co_checks.csv:2: open: want"},
		"a day of the timetable":  {row("clearing/periods.csv", 2, more(5)), "clearing/periods.csv:2: allocated: want"},
		"the calendar":            {row("clearing/calendar.csv", 2, more(7)), "clearing/calendar.csv:2: cases: want"},
		"the year by pair":        {row("clearing/pairs_year.csv", 2, more(6)), "clearing/pairs_year.csv:2: cases: want"},
		"the books":               {row("ledger/trial_balance.csv", 2, more(5)), "ledger/trial_balance.csv:2: balance_fen: want"},
		"the books of a pair":     {row("ledger/pairs.csv", 2, more(9)), "ledger/pairs.csv:2: insured: want"},
		"a pot":                   {row("ledger/pots.csv", 2, more(2)), "ledger/pots.csv:2: short_days: want"},
		"a month of a pot":        {row("ledger/pots_months.csv", 2, more(2)), "ledger/pots_months.csv:2: month: want"},
		"the national form":       {row("clearing/forms/national.csv", 2, more(6)), "clearing/forms/national.csv:2: 应付合计: want"},
		"a total of a form":       {replaced("clearing/forms/payable.csv", "\n合计,", "\n小计,"), "clearing/forms/payable.csv:"},
		"a control of a form":     {replaced("clearing/forms/fee_payments.csv", "\n核对,费用付款通知书合计", "\n核对,费用付款通知书小计"), "clearing/forms/fee_payments.csv:"},
		"an amount in words":      {replaced("clearing/forms/fee_receipts.csv", "万", "亿"), "clearing/forms/fee_receipts.csv:"},
		"the number of a notice":  {replaced("clearing/forms/prepayment_payments.csv", "-001", "-002"), "clearing/forms/prepayment_payments.csv:2: 通知书编号: want"},
		"a cell of the workbook":  {book(func(x *excelize.File) error { return x.SetCellFloat("全国清算表", "E4", 12.34, 2, 64) }), "clearing/forms.xlsx:4: 全国清算表 应付职工: want"},
		"a row of the workbook":   {part(sheets+"8.xml", func(xml string) string { return row5.ReplaceAllString(xml, "") }), `clearing/forms.xlsx:5: 费用付款通知书: want "row 5", got "row 6"`},
		"a sheet of the workbook": {book(func(x *excelize.File) error { return x.DeleteSheet("应收清算表") }), "clearing/forms.xlsx: xl/worksheets/sheet4.xml: want"},
		"two sheets' links":       {inPart("xl/_rels/workbook.xml.rels", "sheet3.xml", "sheet4.xml"), "clearing/forms.xlsx: sheets: want"},
		"a hidden sheet":          {inPart("xl/workbook.xml", `sheetId="3"`, `sheetId="3" state="hidden"`), "clearing/forms.xlsx: sheets: want"},
		"a name that opens":       {inPart("xl/workbook.xml", `name="_xlnm.Print_Titles"`, `name="_xlnm.Auto_Open"`), "clearing/forms.xlsx: names: want"},
		"a link out of the book":  {inPart("xl/_rels/workbook.xml.rels", "<Relationship ", `<Relationship TargetMode="External" `), "clearing/forms.xlsx: links: want"},
		"a macro":                 {part("xl/vbaProject.bin", func(string) string { return "x" }), "clearing/forms.xlsx: xl/vbaProject.bin: want"},
		"a formula":               {inPart(sheets+"2.xml", "<v>", "<f>1+1</f><v>"), `clearing/forms.xlsx: 全国清算表: want "cells and how they are printed", got "<f>"`},
		"a link in a cell":        {inPart(sheets+"2.xml", "</sheetData>", "</sheetData><hyperlinks></hyperlinks>"), "clearing/forms.xlsx: 全国清算表: want"},
		"a hidden row":            {inPart(sheets+"2.xml", `<row r="5"`, `<row hidden="1" r="5"`), `clearing/forms.xlsx:4: 全国清算表: want "every row and column in sight"`},
		"a cell beside the form":  {inPart(sheets+"2.xml", `</row><row r="5"`, `<c r="L4"><v>1</v></c></row><row r="5"`), `clearing/forms.xlsx:4: 全国清算表: want "11", got "12"`},
		"a row below the form": {part(sheets+"1.xml", func(xml string) string {
			return strings.Replace(xml, "</sheetData>", `<row r="15"><c r="A15"><v>1</v></c></row></sheetData>`, 1)
		}), `clearing/forms.xlsx:15: 勾稽关系表: want`},
		"rows beyond number":       {inPart(sheets+"2.xml", `<row r="5"`, `<row r="2147483647"`), `clearing/forms.xlsx:5: 全国清算表: want "row 5"`},
		"a bomb":                   {part(sheets+"9.xml", func(xml string) string { return strings.Repeat(" ", 1<<26) + xml }), "clearing/forms.xlsx: xl/worksheets/sheet9.xml: want \"at most"},
		"own pay over the limit":   {moved(t, dir, register, "clearing/pairs_year.csv"), "clearing/calendar.csv:5: own_pay_fen: want"},
		"and in the calendar":      {moved(t, dir, register, "clearing/pairs_year.csv", "clearing/calendar.csv"), "summary.json:"},
		"a script in the page":     {replaced("report.html", "</body>", "<script>alert(1)</script></body>"), "report.html:"},
		"another script":           {replaced("report.html", `"use strict";`, `"use strict";alert(1);`), "report.html:"},
		"a script of a type":       {replaced("report.html", "</body>", `<script type="text/javascript">alert(1)</script></body>`), "report.html:"},
		"a script in a drawing":    {replaced("report.html", "</svg>", `<style><img src="x" onerror="alert(1)"></style></svg>`), "report.html:"},
		"a script in capitals":     {replaced("report.html", "</body>", "<SCRIPT>alert(1)</SCRIPT></body>"), "report.html:"},
		"a comment in the page":    {replaced("report.html", "</body>", "<!-- x --></body>"), "report.html:"},
		"another encoding":         {replaced("report.html", `charset="utf-8"`, `charset="iso-2022-jp"`), "report.html:"},
		"a refresh of the page":    {replaced("report.html", `<meta name="viewport"`, `<meta http-equiv="refresh"`), "report.html:"},
		"a turned text":            {replaced("report.html", "</h1>", "\u202e</h1>"), "report.html:"},
		"a handler in the page":    {replaced("report.html", "<main ", `<main onclick="alert(1)" `), "report.html:"},
		"a frame in the page":      {replaced("report.html", "<main ", `<iframe src="x"></iframe><main `), "report.html:"},
		"a link out of the page":   {replaced("report.html", `href="#en-key"`, `href="https://example.org/"`), "report.html:"},
		"a style that loads":       {replaced("report.html", "<style>", "<style>body{background:url(https://example.org/)}"), "report.html:"},
		"the page's command":       {replaced("report.html", "--seed 7", "--seed 8"), "report.html: repeat: want"},
		"the page's data":          {replaced("report.html", "47100e71f88e54432c682926339eaa64", "57100e71f88e54432c682926339eaa64"), "report.html: data_digest: want"},
		"no page":                  {with(dir, "report.html", nil), "report.html: want"},
		"the command":              {replaced("manifest.json", "--seed 7", "--seed 8"), "manifest.json:3: repeat: want"},
		"the data":                 {replaced("manifest.json", "47100e71f88e54432c682926339eaa64", "57100e71f88e54432c682926339eaa64"), "report.html: data_digest: want"},
		"the program":              {replaced("manifest.json", `"version": "`, `"version": "9`), "report.html: program: want"},
		"a setting":                {replaced("manifest.json", `"sets": null`, `"sets": ["a=1"]`), "manifest.json:3: repeat: want"},
		"the version":              {replaced("manifest.json", `"version": 4`, `"version": 5`), "manifest.json:2: version: want"},
		"alerts in the summary":    {replaced("summary.json", `"warm_up": {`+"\n      \"yellow\": ", `"warm_up": {`+"\n      \"yellow\": 1"), "summary.json:"},
		"highest use":              {replaced("summary.json", `"max_use_rate_bp": `, `"max_use_rate_bp": 1`), "summary.json:"},
		"deep JSON":                {with(dir, "summary.json", bytes.Repeat([]byte("["), 1<<20)), "summary.json: want"},
		"many pools":               {replaced("parameters.json", `"warm_up_months": 3`, `"warm_up_months": 1100`), "clearing/2024-04.csv: want"},
		"no workbook":              {with(dir, "clearing/forms.xlsx", []byte("PK")), "clearing/forms.xlsx: want"},
		"a certificate's total":    {replaced("certificates/2024-01.json", `"payable_fen": `, `"payable_fen": 1`), "certificates/2024-01.json:5: payable_fen: want"},
		"a certificate's seal":     {replaced("certificates/2023-11.json", `"seal": "`, `"seal": "0`), "certificates/2023-11.json:"},
		"cases in the summary":     {replaced("summary.json", `"cases": `, `"cases": 1`), "summary.json:"},
		"the summary's digest":     {replaced("summary.json", `"digest": "`, `"digest": "0`), "summary.json:"},
		"the published comparison": {replaced("validation.json", `"source": ""`, `"source": "nobody"`), ""},
		"what was achieved":        {replaced("validation.json", `"achieved": `, `"achieved": 1`), "validation.json:"},
		"an order":                 {replaced("validation.json", "\"achieved_order\": [\n        ", "\"achieved_order\": [\n        9"), "validation.json: targets.10.achieved_order: want"},
		"a gap":                    {replaced("validation.json", `"gap_ppm": `, `"gap_ppm": 1`), "validation.json:"},
		"a figure said to be met":  {replaced("validation.json", `"within": false`, `"within": true`), "validation.json:"},
		"a day's cases":            {row("care/days.csv", 2, more(2)), "care/days.csv:"},
		"a day left out":           {with(dir, "care/days.csv", bytes.Replace(read("care/days.csv"), lineOf("care/days.csv", 4), nil, 1)), "care/days.csv:4: kind: want"},
		"a level's fees":           {row("care/levels.csv", 3, more(3)), "care/levels.csv:3: fee_yuan: want"},
		"a level's cases":          {row("care/levels.csv", 3, more(2)), "care/levels.csv:5: inpatient cases: want"},
		"cases above an edge":      {row("care/edges.csv", 2, more(2)), "validation.json:"},
	} {
		t.Run(name, func(t *testing.T) {
			plain := verified(t, c.dir, verify.Options{})
			if plain.Sound() {
				t.Error("it is sound with the digests as they were")
			}
			r := verified(t, forged(t, c.dir), verify.Options{})
			if c.want == "" {
				return
			}
			if r.Sound() {
				t.Error("it is sound once the digests fit")
			} else if !strings.HasPrefix(r.Findings[0].String(), c.want) {
				t.Errorf("the first finding is %v", &r.Findings[0])
			}
		})
	}
	for name, c := range map[string]struct {
		dir  fstest.MapFS
		want verify.Finding
	}{
		"a missing file":      {with(dir, "alerts.csv", nil), verify.Finding{File: "alerts.csv", Want: "a file", Got: "none", Rule: "the manifest lists it"}},
		"a further file":      {with(dir, "clearing/notes.txt", []byte("x")), verify.Finding{File: "clearing/notes.txt", Want: "none", Got: "a file", Rule: "the manifest does not list it"}},
		"no seal":             {with(dir, report.SealFile, nil), verify.Finding{File: report.SealFile, Want: "a file", Got: "none", Rule: "every run is sealed"}},
		"no JSON as manifest": {with(dir, "manifest.json", []byte("{")), verify.Finding{File: "manifest.json", Want: "JSON", Got: "unexpected end of JSON input", Rule: "the manifest can be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			if r := verified(t, c.dir, verify.Options{}); r.Sound() || r.Findings[0] != c.want {
				t.Errorf("found %+v", r.Findings)
			}
		})
	}
	// A directory forged from end to end is found by the seal that the run printed.
	seal := verified(t, dir, verify.Options{}).Seal
	other := aRun(t, 3, 3, 61)
	if r := verified(t, other, verify.Options{}); !r.Sound() {
		t.Error("another run is not sound")
	}
	if r := verified(t, other, verify.Options{Seal: seal}); r.Sound() || r.Findings[0].Rule != "the seal that the run printed" {
		t.Errorf("another run under the seal of this: %+v", r.Findings)
	}
}

// Without a manifest a directory is no run.
func TestNotARun(t *testing.T) {
	if _, err := verify.Verify(fstest.MapFS{"x": {}}, verify.Options{}); err != verify.ErrNotARun {
		t.Errorf("error %v", err)
	}
}

// digits yields every digit of a directory, file by file, changed into the next; of the page,
// which has more than all else together, some.
func digits(dir fstest.MapFS, yield func(name string, at int, changed fstest.MapFS)) {
	for _, name := range slices.Sorted(maps.Keys(dir)) {
		text := dir[name].Data
		for at, c := range text {
			if c < '0' || c > '9' || name == "report.html" && at%37 != 0 {
				continue
			}
			other := bytes.Clone(text)
			other[at] = '0' + (c-'0'+1)%10
			yield(name, at, with(dir, name, other))
		}
	}
}

// Each single digit of a run directory, whatever the file, is found when it is
// another: by the digests alone, and for one in 211 by everything.
func TestEveryDigit(t *testing.T) {
	if testing.Short() {
		t.Skip("tens of thousands of directories")
	}
	dir := aRun(t, 2, 1, 8)
	n := 0
	digits(dir, func(name string, at int, changed fstest.MapFS) {
		n++
		o := verify.Options{DigestsOnly: n%211 != 0}
		if r := verified(t, changed, o); r.Sound() {
			t.Errorf("%s: the digit at %d was not found", name, at)
		}
	})
	t.Logf("%d digits in %d files", n, len(dir))
	if n < 20_000 {
		t.Errorf("only %d digits", n)
	}
}

// How many digits the derivation finds by itself, when all digests have been made to
// fit: what it cannot know is primary. Registers and moves are what all else follows
// from, and of them it finds what breaks a sum.
func TestDigitsFoundWithoutDigests(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of derivations")
	}
	dir := aRun(t, 2, 1, 8)
	found, all := map[string]int{}, map[string]int{}
	n := 0
	digits(dir, func(name string, at int, changed fstest.MapFS) {
		if n++; n%37 != 0 || slices.Contains([]string{"manifest.json", report.SealFile, report.WorkbookFile, "report.html"}, name) {
			return
		}
		all[name]++
		if r := verified(t, forged(t, changed), verify.Options{}); !r.Sound() {
			found[name]++
		} else if testing.Verbose() {
			text := changed[name].Data
			line := bytes.Count(text[:at], []byte("\n")) + 1
			t.Logf("not found: %s:%d, byte %d: %.60q", name, line, at, text[max(0, at-30):min(len(text), at+30)])
		}
	})
	sum, of := 0, 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		sum, of = sum+found[name], of+all[name]
		if found[name] < all[name] {
			t.Logf("%s: %d of %d", name, found[name], all[name])
		}
		if strings.HasPrefix(name, "clearing/forms/") || strings.HasPrefix(name, "certificates/") || slices.Contains([]string{
			"prepayment.csv", "alerts.csv", "quotas.csv", "top_ups.csv", "clearing/periods.csv", "clearing/pairs.csv", "clearing/payments.csv",
			"clearing/matches.csv", "clearing/calendar.csv", "clearing/pairs_year.csv"}, name) {
			if found[name] != all[name] {
				t.Errorf("%s follows from the others, but %d of %d digits are found", name, found[name], all[name])
			}
		}
	}
	t.Logf("%d of %d", sum, of)
	if sum*100 < of*90 {
		t.Errorf("only %d of %d digits are found", sum, of)
	}
}
