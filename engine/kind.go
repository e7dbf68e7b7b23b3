package engine

// The closed vocabularies of a settlement. Each is a small dense index, so that
// tables are arrays; the codes are those of the national interface.

// Scheme is the insurance scheme 险种 (A4).
type Scheme uint8

// The two schemes that settle across provinces.
const (
	Employee   Scheme = iota // 职工基本医疗保险, insutype 310
	Resident                 // 城乡居民基本医疗保险, insutype 390
	NumSchemes = 2
)

// SchemeNames are the stable names of the schemes in files, keys and messages.
var SchemeNames = [NumSchemes]string{"employee", "resident"}

// String returns the scheme's stable name.
func (s Scheme) String() string { return SchemeNames[s] }

// Kind is what is settled: the three kinds of the clearing table plus pharmacies.
type Kind uint8

// The kinds of care, in the order of every table and file.
const (
	Inpatient  Kind = iota // 住院, med_type 21–24, 52
	Outpatient             // 普通门诊, med_type 11–13
	Chronic                // 门诊慢特病, med_type 14
	Pharmacy               // 定点零售药店购药, med_type 41
	NumKinds   = 4
)

// KindNames are the stable names of the kinds in files, keys and messages.
var KindNames = [NumKinds]string{"inpatient", "outpatient", "chronic", "pharmacy"}

// AllKinds stands for all kinds together, in published totals.
const AllKinds Kind = NumKinds

// String returns the kind's stable name.
func (k Kind) String() string {
	if k == AllKinds {
		return "all"
	}
	return KindNames[k]
}

// Level is the agreement level of an institution 医疗机构等级 (C7).
type Level uint8

// The levels that policies tell apart. Pharmacies have no level of their own
// and are settled as LevelPrimary.
const (
	LevelPrimary   Level = iota // 一级及以下, community and township
	LevelSecondary              // 二级
	LevelTertiary               // 三级
	LevelTop                    // 三级 of provincial rank, where a pool has a step for it
	NumLevels      = 4
)

// PersonType is the category of an insured person 人员类别 that benefits depend on.
type PersonType uint8

// The person types; the first two are employees', the others residents'.
const (
	Working        PersonType = iota // 在职, psn_type 11xx
	Retired                          // 退休, 12xx and 1300
	Child                            // 未成年 and students, 14xx
	Adult                            // 成年, 15xx
	Elderly                          // 老年, 16xx
	NumPersonTypes = 5
)

// Identity is the group a person is aided under 医疗救助 (A9).
type Identity uint8

// The aid groups.
const (
	NotAided      Identity = iota // no medical aid
	LowIncome                     // 低保对象
	ExtremePoor                   // 特困人员
	NearPoor                      // 低保边缘 and 易返贫致贫人口
	NumIdentities = 4
)

// FeeClass is one of the 14 national fee classes 大类费用 (C3), from 0.
type FeeClass uint8

// The fee classes, med_chrgitm_type 01 to 14.
const (
	Bed           FeeClass = iota // 01 床位费
	Consultation                  // 02 诊察费
	Examination                   // 03 检查费
	Laboratory                    // 04 化验费
	Treatment                     // 05 治疗费
	Surgery                       // 06 手术费
	Nursing                       // 07 护理费
	Material                      // 08 卫生材料费
	WesternDrug                   // 09 西药费
	HerbalDrug                    // 10 中药饮片费
	PatentDrug                    // 11 中成药费
	GeneralVisit                  // 12 一般诊疗费
	Registration                  // 13 挂号费
	OtherFee                      // 14 其他费
	NumFeeClasses = 14
)

// CatalogueClass is the class of an item in the catalogue 目录 of the place of
// treatment, chrgitm_lv.
type CatalogueClass uint8

// The catalogue classes.
const (
	ClassA              CatalogueClass = iota // 甲类: wholly in scope
	ClassB                                    // 乙类: a share is paid by the patient first 先行自付
	ClassC                                    // 丙类: wholly own-pay 全自费
	NumCatalogueClasses = 3
)

// Layer is one of the funds that pay in turn (A9): what one leaves, the next sees.
type Layer uint8

// The layers in the order they pay.
const (
	LayerBasic      Layer = iota // 基本医保统筹基金, hifp_pay
	LayerLarge                   // 职工大额医疗费用补助, hifob_pay
	LayerMajor                   // 居民大病保险, hifmi_pay
	LayerCivil                   // 公务员医疗补助, cvlserv_pay
	LayerEnterprise              // 企业补充医疗保险, hifes_pay
	LayerAid                     // 医疗救助, maf_pay
	NumLayers       = 6
)

// Disease is a disease of the chronic outpatient list 门诊慢特病 (C12).
type Disease uint8

// The diseases that are settled between provinces: five since 2022, five more
// since December 2024. The set of a date and pool is in its Terms.
const (
	NoDisease             Disease = iota // none stated
	Hypertension                         // 高血压
	Diabetes                             // 糖尿病
	CancerOutpatient                     // 恶性肿瘤门诊放化疗
	Dialysis                             // 尿毒症透析
	AntiRejection                        // 器官移植术后抗排异治疗
	ChronicLung                          // 慢性阻塞性肺疾病
	RheumatoidArthritis                  // 类风湿关节炎
	CoronaryDisease                      // 冠心病
	ViralHepatitis                       // 病毒性肝炎
	AnkylosingSpondylitis                // 强直性脊柱炎
	OtherDisease                         // one of a pool's own list
	NumDiseases           = 12
)

// DiseaseNames are the stable names of the diseases in files and keys.
var DiseaseNames = [NumDiseases]string{
	"none", "hypertension", "diabetes", "cancer_outpatient", "dialysis", "anti_rejection",
	"chronic_lung", "rheumatoid_arthritis", "coronary_disease", "viral_hepatitis", "ankylosing_spondylitis", "other",
}

// DiseaseSet is a set of diseases, one bit each.
type DiseaseSet uint16

// AllDiseases has every disease, and visits that state none.
const AllDiseases DiseaseSet = 1<<NumDiseases - 1

// Has reports whether the set has d.
func (s DiseaseSet) Has(d Disease) bool { return s>>d&1 != 0 }

// KindSet is a set of kinds of care, one bit each.
type KindSet uint8

// Has reports whether the set has k.
func (s KindSet) Has(k Kind) bool { return s>>k&1 != 0 }

// InpatientOnly is the set that most layers above the basic fund pay for.
const InpatientOnly KindSet = 1 << Inpatient
