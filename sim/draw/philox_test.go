package draw

import "testing"

// The known answers published with Random123 (kat_vectors, philox2x64 10 rounds).
func TestPhiloxGivesThePublishedVectors(t *testing.T) {
	for _, v := range []struct {
		c0, c1 uint64
		key    Key
		w0, w1 uint64
	}{
		{0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
		{^uint64(0), ^uint64(0), ^Key(0), 0x65b021d60cd8310f, 0x4d02f3222f86df20},
		{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x0a5e742c2997341c, 0xb0f883d38000de5d},
	} {
		if w0, w1 := Philox(v.key, v.c0, v.c1); w0 != v.w0 || w1 != v.w1 {
			t.Errorf("Philox(key %x, counter %x %x) = %x %x, want %x %x", v.key, v.c0, v.c1, w0, w1, v.w0, v.w1)
		}
	}
}

func TestPhilox2IsTwicePhilox(t *testing.T) {
	for i := range uint64(1000) {
		key, c0, c1 := Key(i*0x9E3779B97F4A7C15), i<<40^i, i*i
		a0, a1, b0, b1 := Philox2(key, c0, c1)
		w0, w1 := Philox(key, c0, c1)
		w2, w3 := Philox(key, c0, c1+1)
		if a0 != w0 || a1 != w1 || b0 != w2 || b1 != w3 {
			t.Fatalf("Philox2(%x, %x, %x) = %x %x %x %x, want %x %x %x %x", key, c0, c1, a0, a1, b0, b1, w0, w1, w2, w3)
		}
	}
}

// A number below n is as likely as any other, a share of n is hit as often as it says,
// and other streams and families of a key draw something else.
func TestBelowIsUniform(t *testing.T) {
	key := Key(2024).Stream(3, 0x74657374)
	var seen [10]int
	for i := range uint64(100_000) {
		seen[key.Below(10, i, 7)]++
	}
	for v, n := range seen {
		if n < 9_700 || n > 10_300 {
			t.Errorf("%d is drawn %d times of 100000", v, n)
		}
	}
	if key.Below(1<<32, 1, 1) == key.Below(1<<32, 1, 2) || key == Key(2024).Stream(4, 0x74657374) || key == Key(2024).Stream(3, 0x74657375) {
		t.Error("two draws are one")
	}
	if key.Below(1, 5, 5) != 0 {
		t.Error("nothing but 0 is below 1")
	}
}

var philoxSink uint64

func BenchmarkPhilox(b *testing.B) {
	var sum uint64
	for i := range b.N {
		w0, w1 := Philox(2024, uint64(i), 7)
		sum += w0 ^ w1
	}
	philoxSink = sum
	b.ReportMetric(float64(sum%1_000_000), "checksum")
}
