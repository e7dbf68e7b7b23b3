package service

import (
	"testing"

	"kuasheng/engine"
)

const workloadChecksum = 4755250893430539720

// What the benchmarks settle is settled, by every layer and into every account, and
// is always the same.
func TestWorkload(t *testing.T) {
	w := sharedWorld()
	k := w.intake(1<<10, 10)
	s := sender{people: 1 << 10}
	sum, funds := uint64(0), [engine.NumLayers]int64{}
	var account, mutual, overLimit int64
	for range 50 {
		b := s.batch(256)
		s.send(b)
		k.Take(b.Requests, b.Lines, b.Answers)
		sum = checksum(sum, b.Answers)
		for i := range b.Answers {
			a := &b.Answers[i]
			if a.Outcome != engine.Done || a.Result.Status != engine.Settled {
				t.Fatalf("request %+v: %s, %v", b.Requests[i], engine.OutcomeNames[a.Outcome], a.Result.Status)
			}
			for l, paid := range a.Result.Funds {
				funds[l] += int64(paid)
			}
			account, mutual, overLimit = account+int64(a.Result.Account), mutual+int64(a.Result.Mutual), overLimit+int64(a.Result.OverLimit)
		}
	}
	for l, paid := range funds {
		if paid == 0 {
			t.Errorf("layer %d pays nothing", l)
		}
	}
	if account == 0 || mutual == 0 || overLimit == 0 {
		t.Errorf("account %d, mutual %d, over the limit %d", account, mutual, overLimit)
	}
	if sum != workloadChecksum {
		t.Errorf("checksum %d", sum)
	}
}
