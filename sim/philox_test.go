package sim

import "testing"

// The known answers published with Random123 (kat_vectors, philox2x64 10 rounds).
func TestPhiloxGivesThePublishedVectors(t *testing.T) {
	for _, v := range []struct{ c0, c1, key, w0, w1 uint64 }{
		{0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
		{^uint64(0), ^uint64(0), ^uint64(0), 0x65b021d60cd8310f, 0x4d02f3222f86df20},
		{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x0a5e742c2997341c, 0xb0f883d38000de5d},
	} {
		if w0, w1 := philox(v.key, v.c0, v.c1); w0 != v.w0 || w1 != v.w1 {
			t.Errorf("philox(key %x, counter %x %x) = %x %x, want %x %x", v.key, v.c0, v.c1, w0, w1, v.w0, v.w1)
		}
	}
}

func TestPhilox2IsTwicePhilox(t *testing.T) {
	for i := range uint64(1000) {
		key, c0, c1 := i*0x9E3779B97F4A7C15, i<<40^i, i*i
		a0, a1, b0, b1 := philox2(key, c0, c1)
		w0, w1 := philox(key, c0, c1)
		w2, w3 := philox(key, c0, c1+1)
		if a0 != w0 || a1 != w1 || b0 != w2 || b1 != w3 {
			t.Fatalf("philox2(%x, %x, %x) = %x %x %x %x, want %x %x %x %x", key, c0, c1, a0, a1, b0, b1, w0, w1, w2, w3)
		}
	}
}

var philoxSink uint64

func BenchmarkPhilox(b *testing.B) {
	var sum uint64
	for i := range b.N {
		w0, w1 := philox(2024, uint64(i), 7)
		sum += w0 ^ w1
	}
	philoxSink = sum
	b.ReportMetric(float64(sum%1_000_000), "checksum")
}
