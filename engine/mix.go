package engine

import (
	"math/bits"
	"unsafe"
)

// Odd numbers without a pattern, one for each place that is mixed.
const (
	mix0 = 0x9e3779b97f4a7c15
	mix1 = 0xe7037ed1a0b428db
	mix2 = 0x8ebc6af09c88c6e3
	mix3 = 0x589965cc75374cc3
	mix4 = 0x1d8e4e27c47d124f
	mix5 = 0xeb44accab455d165
)

// mix folds two words into one by a widening multiplication. It is a hash for
// tables and for telling bodies apart, no proof against who would forge them.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// digestBody tells requests of one ticket apart (X1): everything but the ticket
// and where the lines stand in the batch. It reads bills and lines as the words they
// lie in, which takes half the time of putting their fields together. The words are
// mixed two by two, apart from each other, so that the multiplications overlap; only
// the sum over the lines depends on their order.
func digestBody(q *Request, lines []Line) uint64 {
	c := (*[8]uint64)(unsafe.Pointer(&q.Claim))
	// Word 1 is where the lines are, and the stay.
	h := mix(mix0^(uint64(q.Op)|uint64(uint32(q.On))<<32), mix1^(uint64(len(lines))|uint64(q.Claim.Stay)<<32|uint64(q.Claim.FormerStay)<<40)) +
		mix(mix2^uint64(q.Of.Source), mix3^q.Of.Sequence) +
		mix(mix4^c[0], mix5^c[2]) + mix(mix1^c[3], mix2^c[4]) + mix(mix3^c[5], mix4^c[6]) + mix(mix5^c[7], mix0)
	for i := range lines {
		l := (*[5]uint64)(unsafe.Pointer(&lines[i]))
		x := mix(mix0^l[0], mix5^l[4])
		if l[1]|l[2]|l[3] != 0 { // a price, a limit or a count
			x += mix(mix1^l[1], mix2^l[2]) + l[3]*mix3
		}
		h = h*mix4 + x
	}
	return mix(h, mix0)
}

// The words are all of a bill and of a line; TestBodyIsComplete sees to it that all
// of them is fields.
const (
	_ = 8*8 - unsafe.Sizeof(Claim{})
	_ = unsafe.Sizeof(Claim{}) - 8*8
	_ = 5*8 - unsafe.Sizeof(Line{})
	_ = unsafe.Sizeof(Line{}) - 5*8
)

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
