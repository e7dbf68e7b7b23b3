// Package audit settles one bill a second time: slowly, literally, in decimal yuan,
// and sharing no arithmetic with package engine. It was written from the text of the
// rules, one small function for each, and takes from the engine only the words: what a
// claim, a line, a policy and a status are called.
//
// Read it in the order of the bill: settle.go says when a bill is refused (A2, A8, X30,
// B13, C9, X18, C12, C13, X42, X27) and what comes by hand (B15), filing.go under which
// filing it is settled (B2, B4, B8, B12, B14, B17–B19, B23, X14, X17), lines.go how the
// place of treatment divides it (C1, C4, X26–X28, X43), crossyear.go which benefit year
// bears it (R16, X20), deductible.go and layers.go what the insured place pays of it (C2,
// C5–C8, A9, X21–X24), payers.go who pays the rest (C15, X41, I5), person.go what the year
// remembers (X25), reverse.go how a settlement is taken back, and that again (X5, X7, X8, X10).
//
// Its use is to disagree: the tests settle random bills here and in the engine and
// stop at the first fen of difference. Where the two are known to differ, or where the
// text leaves a choice that both made alike, differences.md says so.
package audit
