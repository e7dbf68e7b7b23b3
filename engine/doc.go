// Package engine holds the rules of China's inter-province direct settlement
// 跨省异地就医直接结算 and its books, as a pure function of its inputs: no clock, no
// file, no lock, no random number, no float.
//
// Three verbs are never mixed. A bill is settled 结算 between patient and funds
// (settle.go); funds prepay 预付 each other (prepayment.go); a month is cleared 清算
// between provinces (clearing.go). The catalogue of the place of treatment 就医地目录
// divides the lines (catalogue.go), the policy of the insured place 参保地政策
// decides who pays (terms.go, layers.go), and a filing 备案 opens the way
// (filing.go).
//
// Rule ids in comments (A1 to E8, R1 to R22, X1 to X48, I1 to I9, V1 to V7) are
// those of docs/rules.md.
package engine
