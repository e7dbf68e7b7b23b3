package engine

// Agreement is the result of comparing a settlement on two sides in the daily
// reconciliation 对账, stmt_rslt (X34).
type Agreement uint8

// The four result classes.
const (
	Equal           Agreement = iota // 对平
	CentreMore                       // 中心多: the reply was lost
	InstitutionMore                  // 医药机构多: the centre never committed
	Differ                           // 数据不一致: amounts or fields differ
	NumAgreements   = 4
)

// AgreementNames are the stable names.
var AgreementNames = [NumAgreements]string{"equal", "centre_more", "institution_more", "differ"}
