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
