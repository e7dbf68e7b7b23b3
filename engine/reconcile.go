package engine

import (
	"cmp"
	"slices"

	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// Record is one settlement as one side has written it down, for the daily
// reconciliation 对账 (D8, R12).
type Record struct {
	// Source and Sequence are the settlement's message id; Refund marks its taking
	// back.
	Source   uint64
	Sequence uint64
	Refund   bool
	// Day is the business day, by the national stamp (X44).
	Day day.Day
	// Scheme and Kind are the bucket it is totalled in.
	Scheme             Scheme
	Kind               Kind
	Fee, Fund, Account money.Fen
}

// Agreement is the result of comparing a record on two sides, stmt_rslt (X34).
type Agreement uint8

// The four result classes.
const (
	Equal           Agreement = iota // 对平
	CentreMore                       // 中心多: the reply was lost (X6)
	InstitutionMore                  // 医药机构多: the centre never committed
	Differ                           // 数据不一致: amounts or fields differ
	NumAgreements   = 4
)

// AgreementNames are the stable names.
var AgreementNames = [NumAgreements]string{"equal", "centre_more", "institution_more", "differ"}

// String returns the stable name.
func (a Agreement) String() string { return AgreementNames[a] }

// Repair is what is done about a difference.
type Repair uint8

// The repairs.
const (
	NoRepair Repair = iota
	Adopt           // the institution takes over what the centre has, or sends 2601
	Resend          // the institution sends it again, or voids it and collects again
	Freeze          // by hand; until then cnfm_flag 0 keeps it out of clearing
)

// Repair returns how a class is repaired (X34).
func (a Agreement) Repair() Repair { return [NumAgreements]Repair{NoRepair, Adopt, Resend, Freeze}[a] }

// Difference is a record on which the three sides do not agree.
type Difference struct {
	Record Record // as the side nearest the insured place has it, which is the truth for benefits (X6)
	// Local compares the institution with its own centre, the province of treatment;
	// National that province with the nation, Insured the nation with the insured
	// province. Where more than one is not Equal, all differ.
	Local, National, Insured Agreement
}

// Class is the difference's result class: the worst of the three.
func (d *Difference) Class() Agreement { return max(d.Local, d.National, d.Insured) }

// Reconcile compares a day's settlements as the institutions, the province of
// treatment, the nation and the insured province hold them, and returns how many
// agree everywhere and every difference, in the order of source, sequence and
// refund. A record that a side holds twice differs. The four slices are sorted in
// place.
func Reconcile(institution, treating, nation, insured []Record) (equal int, differences []Difference) {
	sides := [4][]Record{institution, treating, nation, insured}
	for _, side := range sides {
		slices.SortFunc(side, compareRecords)
	}
	for {
		var next *Record
		for i := range sides {
			if len(sides[i]) > 0 && (next == nil || compareRecords(sides[i][0], *next) < 0) {
				next = &sides[i][0]
			}
		}
		if next == nil {
			return equal, differences
		}
		at := *next
		var held [4][]Record
		for i := range sides {
			n := 0
			for n < len(sides[i]) && compareRecords(sides[i][n], at) == 0 {
				n++
			}
			held[i], sides[i] = sides[i][:n], sides[i][n:]
		}
		d := Difference{Local: agree(held[0], held[1]), National: agree(held[1], held[2]), Insured: agree(held[2], held[3])}
		if d.Class() == Equal {
			equal++
			continue
		}
		for i := range held {
			if len(held[i]) > 0 {
				d.Record = held[i][0]
			}
		}
		differences = append(differences, d)
	}
}

// agree compares what the outer side and the one nearer the insured place, the
// centre, hold of one settlement.
func agree(outer, centre []Record) Agreement {
	switch {
	case len(outer) > 1 || len(centre) > 1:
		return Differ
	case len(outer) == 0 && len(centre) == 0:
		return Equal
	case len(outer) == 0:
		return CentreMore
	case len(centre) == 0:
		return InstitutionMore
	case outer[0] != centre[0]:
		return Differ
	}
	return Equal
}

func compareRecords(a, b Record) int {
	refund := func(r *Record) int {
		if r.Refund {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(refund(&a), refund(&b)))
}
