package audit

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
)

// settledUnder says under which kind of filing a visit is settled, or why it cannot be.
func settledUnder(terms *engine.Terms, claim *engine.Claim) (engine.FilingKind, engine.Status) {
	status := filed(claim)
	switch {
	case isEmergency(claim) && atPlaceOfLongTermFiling(claim, status):
		// C5: at the place of a long-term filing the local level is paid, and an
		// emergency is not paid less than an ordinary visit there.
		return claim.Filing.Kind, engine.Settled
	case isEmergency(claim):
		// B4, C8, X17: 视同已备案, deemed filed as an emergency, whatever is on file.
		return engine.Emergency, engine.Settled
	case status != engine.Settled && terms.UnfiledDirect:
		// A what-if: the pool settles directly without a filing, and one that does not
		// cover the visit is worth no less than none.
		return engine.Unfiled, engine.Settled
	}
	return claim.Filing.Kind, status
}

// filed says whether the filing on file covers the visit, in the order of the statuses.
func filed(claim *engine.Claim) engine.Status {
	filing := &claim.Filing
	switch {
	case filing.Kind == engine.Unfiled, !filedBeforeSettlement(filing, claim.SettleDay):
		return engine.StatusNotFiled
	case !opens(filing.Dest, claim.Area):
		return engine.StatusFiledElsewhere
	case !inForce(filing, claim.AdmitDay) && !inForce(filing, claim.SettleDay):
		// X14: valid if it covers the admission date or the settlement date.
		return engine.StatusFilingNotInForce
	}
	return engine.Settled
}

func isEmergency(claim *engine.Claim) bool { return claim.Flags&engine.FlagEmergency != 0 }

func atPlaceOfLongTermFiling(claim *engine.Claim, status engine.Status) bool {
	switch claim.Filing.Kind {
	case engine.RetiredSettled, engine.LongTermResident, engine.PostedWorker: // B1
		return status == engine.Settled
	}
	return false
}

// filedBeforeSettlement: a filing made before discharge settlement counts, evaluated at
// settlement time and not at admission (B14): filing time ≤ settlement time.
func filedBeforeSettlement(filing *engine.Filing, settled day.Day) bool {
	return filing.Filed <= settled
}

// inForce: a day lies within the filing's validity [from, to) (B7, B8, X44).
func inForce(filing *engine.Filing, on day.Day) bool { return filing.From <= on && on < filing.To }

// opens: a filing goes to a city or a municipality and opens all of it (B12, B13): the
// hospital's city is the destination, or the destination is a province or municipality
// that contains it.
func opens(destination, area uint32) bool {
	switch {
	case provinceOf(destination) != provinceOf(area):
		return false
	case filedAtProvinceLevel(provinceOf(destination)), isProvince(destination):
		return true
	}
	return cityOf(destination) == cityOf(area)
}

// provinceOf is the first two of the six digits of a division code (GB/T 2260).
func provinceOf(code uint32) uint32 { return code / 1_00_00 }

// isProvince: a code of the form xx0000.
func isProvince(code uint32) bool { return code%1_00_00 == 0 }

// cityOf is the city that a code belongs to: its first four digits. What stands under
// xx90 is run by the province itself and is a city of its own.
func cityOf(code uint32) uint32 {
	if code/1_00%1_00 == 90 {
		return code
	}
	return code / 1_00
}

// filedAtProvinceLevel: the municipalities 北京 天津 上海 重庆, and 海南, 西藏 (B12) and
// 兵团 (R9), are filed as a whole.
func filedAtProvinceLevel(province uint32) bool {
	switch province {
	case 11, 12, 31, 50, 46, 54, 66:
		return true
	}
	return false
}
