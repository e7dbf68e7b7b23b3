package sim

import "math/bits"

// Constants of Philox2x64 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC11).
const (
	philoxMultiplier = 0xD2B74407B1CE6E93
	philoxWeyl       = 0x9E3779B97F4A7C15
)

// philox is the counter-based generator Philox2x64-10: 128 random bits that are
// a pure function of a key and a counter. It keeps no state, so nothing depends
// on the order of draws.
func philox(key, c0, c1 uint64) (uint64, uint64) {
	for range 10 {
		hi, lo := bits.Mul64(philoxMultiplier, c0)
		c0, c1 = hi^key^c1, lo
		key += philoxWeyl
	}
	return c0, c1
}

// philox2 is philox at two counters that follow each other. The two chains of
// multiplications are independent, so a processor works on both at once.
func philox2(key, c0, c1 uint64) (w0, w1, w2, w3 uint64) {
	a0, a1, b0, b1 := c0, c1, c0, c1+1
	for range 10 {
		ah, al := bits.Mul64(philoxMultiplier, a0)
		bh, bl := bits.Mul64(philoxMultiplier, b0)
		a0, a1 = ah^key^a1, al
		b0, b1 = bh^key^b1, bl
		key += philoxWeyl
	}
	return a0, a1, b0, b1
}
