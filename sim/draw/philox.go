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
// a counter. The rounds stand one after the other here and below: counting them in a
// loop costs as much as half of them.
func Philox(key Key, c0, c1 uint64) (uint64, uint64) {
	k := uint64(key)
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	k += philoxWeyl
	c0, c1 = round(k, c0, c1)
	return c0, c1
}

// Philox2 is Philox at two counters that follow each other. The two chains of
// multiplications are independent, so a processor works on both at once.
func Philox2(key Key, c0, c1 uint64) (w0, w1, w2, w3 uint64) {
	return philox2(uint64(key), c0, c1, c0, c1+1)
}

// Row draws Philox for first counters that go up by step and one second counter.
func Row(key Key, c0, step, c1 uint64, words [][2]uint64) {
	for len(words) >= 2 {
		words[0][0], words[0][1], words[1][0], words[1][1] = philox2(uint64(key), c0, c1, c0+step, c1)
		c0 += 2 * step
		words = words[2:]
	}
	if len(words) == 1 {
		words[0][0], words[0][1] = Philox(key, c0, c1)
	}
}

func philox2(k, a0, a1, b0, b1 uint64) (w0, w1, w2, w3 uint64) {
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	k += philoxWeyl
	a0, a1 = round(k, a0, a1)
	b0, b1 = round(k, b0, b1)
	return a0, a1, b0, b1
}

func round(key, c0, c1 uint64) (uint64, uint64) {
	hi, lo := bits.Mul64(philoxMultiplier, c0)
	return hi ^ key ^ c1, lo
}
