package engine_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// TestArticles plays the files of testdata/articles, one per rule or topic. Each
// file starts with an empty counter desk, states terms, and settles bills; the
// numbers below the dashes were worked out by hand. After every step the desk
// itself proves the identities, the books and V3, so a file need not.
//
// The commands; what is in brackets may be left out, and a word that no command
// reads fails the file:
//
//	terms ceiling=… [unfiled-direct]            the pool's year ceiling
//	terms kind=… [type=… level=…] [deductible=… ratio=(…) up-to=(…) ceiling=… drop-applies]
//	      [over=visit|year|year-top-up|quarter|month|hospital] [merge=none|mid-stay|transfers|both]
//	      [later=same|half|minus|fixed|none amount=… floor=…] [senior-age=… senior-points=…]
//	drop KIND=…%…                               points by kind of filing (C6)
//	large, major, aid, civil, enterprise        the layers above the basic fund, [kinds=(…)]
//	cross-year by-day|whole                     stays over 1 January (R16)
//	diseases DISEASE…                           the chronic diseases that settle (C12)
//	filing-rule [law=2019|2023] [in-force=either|admission|settlement] [home=none|referral|local]
//	catalogue province=… [class=… level=…] [pre-self-pay=…% limit=…] [case=item|beside|borne]
//	check-terms [law=2019|2023]                 against the bounds of a generation (A10)
//	filing [person=…] none | kind=… [dest=… filed=… from=… to=… basis=… revoked fulfilled]
//	account [person=…] [credit=… mutual=…]      the own and the relatives' account
//	bill, by-hand                               settle directly, or reimburse by hand (B15); lines below
//	      [person= day= admitted= area= hospital= scheme= kind= level= type= age= identity= disease=
//	      case= fee= as= show-ceiling] and flags such as emergency, injury, use-account
//	reverse NAME [day=…]                        take a named bill back
//	split [level=… day=… province=…]            only divide the lines
//	year [person=… year=…], ledger, outcomes    what is used up, posted, refused
//	rule, quota, alert, top-up, sign-off        prepayments
//
// A line is a catalogue class, an amount and what else is known: rate= price= limit=
// count= class= days= (used so many days before, X43) of= (refunds that line, X27).
// Most commands that state terms take scheme=… and from=2024-12, a month.
//
// To accept a changed answer, run
//
//	go test ./engine -run TestArticles/NAME -rewrite
//
// and read the difference before keeping it.
func TestArticles(t *testing.T) {
	// With -v the list of articles is to be read, not every case; a failure says all.
	if err := flag.Set("datadriven-quiet", "true"); err != nil {
		t.Fatal(err)
	}
	datadriven.Walk(t, "testdata/articles", func(t *testing.T, path string) {
		t.Log(headline(t, path))
		d := newDesk(t)
		datadriven.RunTest(t, path, d.run)
	})
}

// headline is the first sentence of an article: the rules it is about, and what they
// say.
func headline(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, line := range strings.Split(string(text), "\n") {
		comment, is := strings.CutPrefix(line, "# ")
		if !is {
			break
		}
		words = append(words, comment)
	}
	sentence, _, _ := strings.Cut(strings.Join(words, " "), ". ")
	return strings.TrimSuffix(sentence, ".")
}

// deskProvinces are the provinces that a desk knows, by the first two digits of
// a division code. The only pool is 廊坊 131000, the pool of the worked example.
var deskProvinces = []uint32{13, 11, 31, 33, 44, 46, 54, 66}

const (
	deskFirst  = day.Month(2022 * 12) // 2022-01
	deskMonths = 48
)

// desk is the counter where the bills of a file are settled: a pool with its
// terms, a few persons and what they have filed.
type desk struct {
	terms      [deskMonths][engine.NumSchemes]engine.Terms
	catalogues [deskMonths]map[uint32]engine.Catalogue
	shape      engine.Shape
	people     []engine.PersonYear
	annexes    []engine.Annex
	filings    []engine.Filing
	books      *engine.Books
	shard      *engine.Shard // nil while the terms are being changed
	bills      map[string]settledBill
	prepay     engine.PrepaymentRule
	pair       engine.PairState
}

type settledBill struct {
	claim  engine.Claim
	result engine.Result
}

func newDesk(t testing.TB) *desk {
	const persons = 12
	d := &desk{
		shape:   engine.Shape{Pools: 1, Provinces: len(deskProvinces)},
		people:  make([]engine.PersonYear, persons),
		annexes: make([]engine.Annex, persons),
		filings: make([]engine.Filing, persons),
		bills:   map[string]settledBill{},
		prepay:  engine.PrepaymentRule{Multiple: 20_000, Yellow: 7_000, Red: 9_000, TopUpMultiple: 20_000},
	}
	for m := range d.terms {
		for x := range d.terms[m] {
			d.terms[m][x] = engine.NewTerms()
		}
	}
	d.books = engine.NewBooks(d.shape)
	for i := range d.filings {
		d.filings[i] = engine.Filing{Kind: engine.LongTermResident, Basis: engine.ByMaterial, Dest: 110000,
			Filed: day.Of(2022, 1, 1), From: day.Of(2022, 1, 1), To: day.Never}
	}
	for m := range d.catalogues {
		d.catalogues[m] = map[uint32]engine.Catalogue{}
	}
	return d
}

func (d *desk) run(t *testing.T, td *datadriven.TestData) string {
	a := &arguments{t: t, td: td}
	commands := map[string]func(*arguments) string{
		"terms": d.setTerms, "drop": d.setDrop, "large": d.setLarge, "major": d.setMajor, "aid": d.setAid,
		"civil": d.setSupplement, "enterprise": d.setSupplement, "cross-year": d.setCrossYear, "diseases": d.setDiseases, "filing-rule": d.setFilingRule,
		"check-terms": d.checkTerms, "catalogue": d.setCatalogue,
		"filing": d.file, "account": d.account,
		"bill": d.bill, "by-hand": d.bill, "reverse": d.reverse, "split": d.split,
		"year": d.year, "ledger": d.ledger, "outcomes": d.outcomes,
		"rule": d.setRule, "quota": d.quota, "alert": d.alert, "top-up": d.topUp, "sign-off": d.signOff,
	}
	command, known := commands[td.Cmd]
	if !known {
		t.Fatalf("%s: no command %q", td.Pos, td.Cmd)
	}
	answer := command(a)
	a.finish()
	if _, breaches := d.books.Check(td.Pos, func(int) string { return "the desk" }); breaches != nil {
		t.Errorf("%s: %v", td.Pos, breaches[0])
	}
	return answer
}
