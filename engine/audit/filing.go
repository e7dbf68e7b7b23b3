package audit

import (
	"fmt"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// settledUnder says under which kind of filing a visit is settled directly, or why it
// cannot be.
func settledUnder(terms *engine.Terms, claim *engine.Claim) (engine.FilingKind, engine.Status) {
	kind, status := underFiling(&terms.Filing, claim)
	switch status {
	case engine.StatusNotFiled, engine.StatusFiledElsewhere, engine.StatusFilingNotInForce:
		if terms.UnfiledDirect {
			// A what-if: the pool settles directly without a filing, and one that does
			// not cover the visit is worth no less than none. One that was revoked for
			// forgery is (B23).
			return engine.Unfiled, engine.Settled
		}
	}
	return kind, status
}

// underFiling is the kind that the filing, or an emergency without any, gives.
func underFiling(rule *engine.FilingRule, claim *engine.Claim) (engine.FilingKind, engine.Status) {
	status := filed(rule, claim)
	switch {
	case !isEmergency(claim), !rule.Kinds.Has(engine.Emergency):
		// B2: before 2022 an emergency could not be filed, and so is not deemed to be.
	case isLongTerm(claim.Filing.Kind) && status == engine.Settled:
		// C5: at the place of a long-term filing the local level is paid, and an
		// emergency is not paid less than an ordinary visit there.
	default:
		// B4, C8, X17: 视同已备案, deemed filed as an emergency, whatever is on file.
		return engine.Emergency, engine.Settled
	}
	return claim.Filing.Kind, status
}

// filed says whether the filing on file covers the visit, in the order of the statuses.
func filed(rule *engine.FilingRule, claim *engine.Claim) engine.Status {
	filing := &claim.Filing
	switch {
	case filing.Kind == engine.Unfiled, !rule.Kinds.Has(filing.Kind), filedAfterSettlement(filing, claim.SettleDay):
		return engine.StatusNotFiled // B2: a kind that the rules do not know is none
	case filing.Revoked:
		return engine.StatusFilingRevoked // B23, X47
	case !opens(filing.Dest, claim.Area):
		return engine.StatusFiledElsewhere
	case !inForce(rule, claim):
		return engine.StatusFilingNotInForce
	}
	return engine.Settled
}

// settlesAtHome: a bill of the own province belongs here where it is of a long-term filer
// who came home (B18): the filing is valid, leads out of the province, and the pool's rules
// know a benefit at home. Any other is an ordinary local bill (A2).
func settlesAtHome(rule *engine.FilingRule, claim *engine.Claim) bool {
	filing := &claim.Filing
	return rule.HomeReturn != engine.HomeNone && isLongTerm(filing.Kind) && rule.Kinds.Has(filing.Kind) &&
		!filedAfterSettlement(filing, claim.SettleDay) && !filing.Revoked &&
		provinceOf(filing.Dest) != provinceOf(claim.Area) && inForce(rule, claim)
}

// benefitAtHome is what such a bill is settled under: as a referral out, the least that the
// rules allow (B18), or at the full local level, as at the filed place (B19, C5). Who filed by commitment gets it once
// the commitment is fulfilled (B17).
func benefitAtHome(rule *engine.FilingRule, claim *engine.Claim) (engine.FilingKind, engine.Status) {
	filing := &claim.Filing
	switch {
	case filing.Basis == engine.ByCommitment && !filing.Fulfilled:
		return engine.Unfiled, engine.StatusCommitmentOpen
	case rule.HomeReturn == engine.HomeAsReferral:
		return engine.Referral, engine.Settled
	case rule.HomeReturn == engine.HomeLocal:
		return filing.Kind, engine.Settled
	}
	panic(fmt.Sprintf("audit: home return %d", rule.HomeReturn))
}

func isEmergency(claim *engine.Claim) bool { return claim.Flags&engine.FlagEmergency != 0 }

// isLongTerm: 跨省异地长期居住, three of the six kinds (B1).
func isLongTerm(kind engine.FilingKind) bool {
	switch kind {
	case engine.RetiredSettled, engine.LongTermResident, engine.PostedWorker:
		return true
	}
	return false
}

// filedAfterSettlement: a filing made before discharge settlement counts, evaluated at
// settlement time and not at admission (B14): filing time ≤ settlement time.
func filedAfterSettlement(filing *engine.Filing, settled day.Day) bool {
	return filing.Filed > settled
}

// inForce: the filing holds on the day that the pool looks at: of admission, of settlement,
// or either (X14).
func inForce(rule *engine.FilingRule, claim *engine.Claim) bool {
	admitted, settled := holds(&claim.Filing, claim.AdmitDay), holds(&claim.Filing, claim.SettleDay)
	switch rule.InForce {
	case engine.AtEither:
		return admitted || settled
	case engine.AtAdmission:
		return admitted
	case engine.AtSettlement:
		return settled
	}
	panic(fmt.Sprintf("audit: in force %d", rule.InForce))
}

// holds: a day lies within the filing's validity [from, to) (B7, B8, X44).
func holds(filing *engine.Filing, on day.Day) bool { return filing.From <= on && on < filing.To }

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
