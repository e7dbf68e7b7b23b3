// Package draw makes random decisions that are pure functions of a key and a counter:
// the generator, the keys of its streams, and tables that turn its bits into counts,
// choices and amounts by comparing integers. It keeps no state and knows nothing of
// what is drawn for, so nothing depends on the order in which anybody draws.
package draw

import "math/bits"

// Key is a key of the generator.
type Key uint64

// Stream derives the key of one kind of decision, number n of a family. The families
// keep apart what several draw from one key; a family's number is its name in ASCII.
func (k Key) Stream(n, family uint64) Key {
	w0, _ := Philox(k, n, family)
	return Key(w0)
}

// Below draws a number from 0 to n − 1, where n is at most 2³².
func (k Key) Below(n, c0, c1 uint64) uint64 {
	w0, _ := Philox(k, c0, c1)
	return (w0 >> 32) * n >> 32
}

// Constants of Philox2x64 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC11).
const (
	philoxMultiplier = 0xD2B74407B1CE6E93
	philoxWeyl       = 0x9E3779B97F4A7C15
)

// Philox is the counter-based generator Philox2x64-10: 128 random bits for a key and
// a counter.
func Philox(key Key, c0, c1 uint64) (uint64, uint64) {
	for range 10 {
		hi, lo := bits.Mul64(philoxMultiplier, c0)
		c0, c1 = hi^uint64(key)^c1, lo
		key += philoxWeyl
	}
	return c0, c1
}

// Philox2 is Philox at two counters that follow each other. The two chains of
// multiplications are independent, so a processor works on both at once.
func Philox2(key Key, c0, c1 uint64) (w0, w1, w2, w3 uint64) {
	a0, a1, b0, b1 := c0, c1, c0, c1+1
	for range 10 {
		ah, al := bits.Mul64(philoxMultiplier, a0)
		bh, bl := bits.Mul64(philoxMultiplier, b0)
		a0, a1 = ah^uint64(key)^a1, al
		b0, b1 = bh^uint64(key)^b1, bl
		key += philoxWeyl
	}
	return a0, a1, b0, b1
}
