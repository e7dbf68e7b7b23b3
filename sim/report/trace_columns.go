package report

import (
	"github.com/parquet-go/parquet-go"

	"kuasheng/engine"
	"kuasheng/sim"
)

// The interface's codes (the short ones for persons); pharmacies have no level.
var (
	insuTypes  = []string{engine.Employee: "310", engine.Resident: "390"}
	psnTypes   = []string{"11", "12", "14", "15", "16"}
	medTypes   = []string{"21", "11", "14", "41"}
	hospLevels = []string{"1", "2", "3", "4", noLevel: ""}
)

const noLevel = engine.NumLevels

// statusNames are those of all statuses.
func statusNames() (all []string) {
	for s := range engine.Status(engine.NumStatuses) {
		all = append(all, s.String())
	}
	return all
}

// traceColumns are the columns of a trace: one row for each thing that happened to a
// bill. Amounts are yuan with two decimals, DECIMAL(18,2); names are the interface's
// where it has one. docs/trace.md says what each is.
func traceColumns() []traceColumn[traceRecord] {
	type record = traceRecord
	columns := []traceColumn[record]{
		idOf("setl_id", false, func(x *record) *sim.BillID { return &x.id }),
		codeOf("sequence", traceNumber, func(x *record) int32 { return int32(x.sequence) }),
		wordOf("event", sim.EventNames[:], func(x *record) int { return int(x.event) }),
		wordOf("status", statusNames(), func(x *record) int { return int(x.status) }),
	}
	columns = append(columns, billColumns(func(x *record) *record { return x })...)
	columns = append(columns,
		wordOf("settled_as", engine.KindNames[:], func(x *record) int { return int(x.settledAs) }).dense(),
		wordOf("filing_on_record", filingNames[:], func(x *record) int { return int(x.onFile) }),
		wordOf("filing_kind", filingNames[:], func(x *record) int { return int(x.filing) }),
		codeOf("pool_prop_selfpay", traceRatio, func(x *record) int32 { return int32(x.ratio) }),
	)
	for i, name := range traceAmounts {
		c := amountOf(name, func(x *record) int64 { return int64(x.amounts[i]) })
		switch i {
		case atFee, atPreSelfPay, atInScope, atPersonPart: // hardly ever zero
			c = c.dense()
		}
		columns = append(columns, c)
	}
	return columns
}

var traceNumber, traceRatio = parquet.Int(32), parquet.Decimal(4, 5, parquet.Int32Type)

// billColumns say whose bill it is, where and when: what no policy changes.
func billColumns[R any](of func(*R) *traceRecord) []traceColumn[R] {
	return []traceColumn[R]{
		idOf("psn_no", true, func(x *R) *sim.BillID { return &of(x).id }),
		codeOf("insuplc_admdvs", traceNumber, func(x *R) int32 { return int32(of(x).id.Pool) }).dense(),
		codeOf("mdtrtarea_admvs", traceNumber, func(x *R) int32 { return int32(of(x).area) }),
		wordOf("insutype", insuTypes, func(x *R) int { return int(of(x).id.Scheme) }).dense(),
		wordOf("psn_type", psnTypes, func(x *R) int { return int(of(x).person) }),
		wordOf("identity", identityNames[:], func(x *R) int { return int(of(x).identity) }),
		codeOf("age", traceNumber, func(x *R) int32 { return int32(of(x).age) }),
		wordOf("med_type", medTypes, func(x *R) int { return int(of(x).id.Kind) }).dense(),
		wordOf("disease", engine.DiseaseNames[:], func(x *R) int { return int(of(x).disease) }),
		codeOf("institution", traceNumber, func(x *R) int32 { return int32(of(x).place) }).dense(),
		wordOf("hosp_lv", hospLevels, func(x *R) int { return of(x).hospLevel() }).dense(),
		dayOf("begndate", func(x *R) int32 { return int32(of(x).admit) }).dense(),
		dayOf("setl_date", func(x *R) int32 { return int32(of(x).settle) }).dense(),
		codeOf("lines", traceNumber, func(x *R) int32 { return int32(of(x).lines) }).dense(),
	}
}

func (x *traceRecord) hospLevel() int {
	if x.id.Kind == engine.Pharmacy {
		return noLevel
	}
	return int(x.level)
}
