package clearing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// TestMoneyStories tells what happens to the money of small countries, posting by
// posting: testdata/stories/*.txt. Whoever rewrites them (-rewrite) has checked every
// figure by hand.
func TestMoneyStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		var s story
		datadriven.RunTest(t, path, s.run)
	})
}

// story is a country under a story's commands:
//
//	country months=N [audit=PROVINCE recovered=BP fine=BP after=N] of January
//	late province=A month=2024-02 pay=5
//	bill person=N pool=A1 to=B scheme=employee kind=outpatient fee=YUAN day=2024-01-15
//	reverse person=N day=2024-03-10
//	month        settles the month and shows its postings
//	until 2024-03-21 shows the postings of every day before it
//	end          runs the money off
//	position     shows pairs and pots
type story struct {
	*treasury
	shard   *engine.Shard
	settled map[uint32]struct {
		claim  engine.Claim
		result engine.Result
	}
}

func (s *story) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "country":
		return s.country(t, d)
	case "late":
		var l LateRule
		l.Province = s.province(arg(t, d, "province"))
		m, err := day.ParseMonth(arg(t, d, "month"))
		if err != nil {
			t.Fatal(err)
		}
		l.From, l.To = m, m
		d.MaybeScanArgs(t, "pay", &l.Pay)
		d.MaybeScanArgs(t, "submit", &l.Submit)
		s.in.Rules.Late = append(s.in.Rules.Late, l)
		return ""
	case "bill":
		return s.bill(t, d)
	case "reverse":
		return s.reverse(t, d)
	case "month":
		before := snapshotOf(s.ledger)
		s.settle()
		return s.postings(before)
	case "until":
		on, err := day.Parse(d.CmdArgs[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		return s.until(on)
	case "end":
		var b strings.Builder
		for m := s.next; s.unfinished(m); m++ {
			before := snapshotOf(s.ledger)
			s.runOffMonth(m)
			fmt.Fprintf(&b, "%v is cleared without bills\n%s", m, s.postings(before))
			b.WriteString(s.until((m + 1).First()))
		}
		b.WriteString(s.until(day.Of(2030, 1, 1)))
		s.end()
		return b.String()
	case "position":
		return s.position()
	}
	t.Fatalf("%s: no command %s", d.Pos, d.Cmd)
	return ""
}

func (s *story) country(t *testing.T, d *datadriven.TestData) string {
	months := 1
	d.ScanArgs(t, "months", &months)
	w := countryOf(3, 2, months)
	policies := engine.NewRules(w.First, months, len(w.Pools), len(w.Provinces))
	terms := engine.NewTerms()
	terms.Ceiling = 100_000 * money.Yuan
	for p := range engine.NumPersonTypes {
		for l := range engine.NumLevels {
			terms.Benefits[engine.Outpatient].Ratio[p][l][0] = 6_000
			terms.Benefits[engine.Inpatient].Ratio[p][l][0] = 5_000
		}
	}
	for m := w.First; m < w.First+day.Month(months); m++ {
		for pool := range w.Pools {
			policies.SetTerms(m, m, pool, engine.Employee, &terms)
			policies.SetTerms(m, m, pool, engine.Resident, &terms)
		}
		for p := range w.Provinces {
			policies.SetCatalogue(m, m, p, &engine.Catalogue{})
		}
	}
	if faults := policies.Seal(); faults != nil {
		t.Fatal(faults)
	}
	if d.HasArg("audit") {
		var recovered, fine int
		d.ScanArgs(t, "recovered", &recovered)
		d.ScanArgs(t, "fine", &fine)
		d.ScanArgs(t, "after", &w.Rules.Audit.After)
		w.Rules.Audit.Recovered, w.Rules.Audit.Fine = money.BasisPoints(recovered), money.BasisPoints(fine)
		w.Rules.Audit.From, w.Rules.Audit.To = w.First, w.First
		w.Rules.Audit.Cells = make([]money.BasisPoints, 3)
		w.Rules.Audit.Cells[arg(t, d, "audit")[0]-'A'] = money.One
	}
	s.treasury = newTreasury(t, w)
	var provinceOf []uint8
	for _, p := range w.Pools {
		provinceOf = append(provinceOf, p.Province)
	}
	s.shard = engine.NewShard(policies, provinceOf, make([]engine.PersonYear, 32), s.books)
	s.settled = map[uint32]struct {
		claim  engine.Claim
		result engine.Result
	}{}
	return ""
}

func (s *story) bill(t *testing.T, d *datadriven.TestData) string {
	var person, fee int
	d.ScanArgs(t, "person", &person)
	d.ScanArgs(t, "fee", &fee)
	on, err := day.Parse(arg(t, d, "day"))
	if err != nil {
		t.Fatal(err)
	}
	pool := slices.IndexFunc(s.in.Pools, func(p Pool) bool { return p.Name == arg(t, d, "pool") })
	treating := s.province(arg(t, d, "to"))
	area := s.in.Provinces[treating].Code
	claim := engine.Claim{
		Person: uint32(person), Pool: uint16(pool), Treating: uint8(treating), Area: area, Lines: 1, SettleDay: on, AdmitDay: on,
		Scheme: engine.Scheme(slices.Index(engine.SchemeNames[:], arg(t, d, "scheme"))),
		Kind:   engine.Kind(slices.Index(engine.KindNames[:], arg(t, d, "kind"))),
		Filing: engine.Filing{Kind: engine.LongTermResident, Dest: area, From: on - 100, To: on + 100, Filed: on - 100},
	}
	lines := []engine.Line{{Class: engine.Examination, Amount: money.Fen(fee) * money.Yuan}}
	results := make([]engine.Result, 1)
	s.shard.Settle([]engine.Claim{claim}, lines, results)
	r := &results[0]
	if r.Status != engine.Settled {
		t.Fatalf("%s: %v", d.Pos, r.Status)
	}
	s.settled[claim.Person] = struct {
		claim  engine.Claim
		result engine.Result
	}{claim, *r}
	s.count(&claim, r, on, 1)
	return fmt.Sprintf("fund %v, cash %v", r.FundSum(), r.Cash)
}

func (s *story) reverse(t *testing.T, d *datadriven.TestData) string {
	var person int
	d.ScanArgs(t, "person", &person)
	on, err := day.Parse(arg(t, d, "day"))
	if err != nil {
		t.Fatal(err)
	}
	was := s.settled[uint32(person)]
	results := make([]engine.Result, 1)
	s.shard.Reverse(on, []engine.Claim{was.claim}, []engine.Result{was.result}, results)
	if results[0].Status != engine.Settled {
		t.Fatalf("%s: %v", d.Pos, results[0].Status)
	}
	s.count(&was.claim, &results[0], on, -1)
	return fmt.Sprintf("fund %v, cash %v", results[0].FundSum(), results[0].Cash)
}

func (s *story) count(c *engine.Claim, r *engine.Result, on day.Day, cases int64) {
	s.tally.Count(int(on-on.Month().First()), Cell{int(c.Pool), int(c.Treating), c.Scheme, r.Kind}, cases, r.Fee, r.Fee-r.Cash-r.Hospital)
}

// until lives day by day and shows what is posted.
func (s *story) until(end day.Day) string {
	var b strings.Builder
	for len(s.events) > 0 && s.events[0].day < end {
		on := s.events[0].day
		before := snapshotOf(s.ledger)
		s.advance(on + 1)
		s.proven(s.Check(on.String()))
		if text := s.postings(before); text != "" {
			fmt.Fprintf(&b, "%v\n%s", on, text)
		}
	}
	return b.String()
}

// snapshot is a ledger as it stands, by cell and by pair.
type snapshot struct {
	cells [][engine.NumCellAccounts]money.Fen
	pairs [][engine.NumPairAccounts]money.Fen
}

func snapshotOf(l *engine.Ledger) (s snapshot) {
	for cell := range l.Shape.Cells() {
		s.cells = append(s.cells, *l.At(cell))
	}
	s.pairs = slices.Clone(l.Pairs)
	return s
}

// postings shows what has changed in the ledger: one line by cell or pair, each
// account with its change in yuan.
func (s *story) postings(before snapshot) string {
	var lines []string
	show := func(name string, first engine.Account, was, is []money.Fen) {
		var changes []string
		for i := range is {
			if change := is[i] - was[i]; change != 0 {
				changes = append(changes, fmt.Sprintf("%v %s", first+engine.Account(i), yuan(change)))
			}
		}
		if changes != nil {
			lines = append(lines, "  "+name+": "+strings.Join(changes, ", ")+"\n")
		}
	}
	for cell := range before.cells {
		show(s.cellName(cell), 0, before.cells[cell][:], s.ledger.At(cell)[:])
	}
	for pair := range s.ledger.Pairs {
		show(strings.Replace(strings.Replace(s.in.PairName(pair), " → ", "→", 1), ",", "", 1), engine.NumCellAccounts, before.pairs[pair][:], s.ledger.Pairs[pair][:])
	}
	return strings.Join(lines, "")
}

// yuan prints an amount with its sign, and without decimals where there are none.
func yuan(f money.Fen) string {
	text := strings.TrimSuffix(f.String(), ".00")
	if f > 0 {
		text = "+" + text
	}
	return text
}

func (s *story) position() string {
	var b strings.Builder
	for pair := range s.pairs {
		p := &s.pairs[pair]
		for i, m := range p.months {
			if i == len(p.months)-1 {
				fmt.Fprintf(&b, "%s: %v cleared %v of %v, %v", s.in.PairName(pair), m.Month, m.Clearing, m.Quota, m.Alert)
				if m.TopUp != 0 {
					fmt.Fprintf(&b, ", top-up %v on %v", m.TopUp, m.TopUpPaid)
				}
				b.WriteByte('\n')
			}
		}
	}
	for p := range s.places {
		fmt.Fprintf(&b, "pot of %s: %v\n", s.in.Provinces[p].Name, s.ledger.Pot(p))
	}
	for _, a := range s.result.Alerts {
		fmt.Fprintf(&b, "%v: %v, %s\n", a.Signed, a.Alert, s.in.PairName(s.shape.Pair(a.Insured, a.Treating, a.Scheme)))
	}
	slices.SortFunc(s.result.Overdue, func(a, b Overdue) int { return cmp.Compare(a.Month, b.Month) })
	for _, o := range s.result.Overdue {
		fmt.Fprintf(&b, "overdue: %s %v of %v\n", OverdueKindNames[o.Kind], o.Amount, o.Month)
	}
	return b.String()
}

func (s *story) province(name string) int { return int(name[0] - 'A') }

func arg(t *testing.T, d *datadriven.TestData, key string) (value string) {
	t.Helper()
	d.ScanArgs(t, key, &value)
	return value
}
