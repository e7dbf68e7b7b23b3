package sim

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// TestRecording: moving recorded money again finds what a run finds, under the same
// rules and under others that touch no patient.
func TestRecording(t *testing.T) {
	base := smallWorld(3000)
	rec := new(Recording)
	whole, err := Run(context.Background(), Config{World: base, Seed: 7, Record: rec})
	if err != nil {
		t.Fatal(err)
	}
	silent, err := Run(context.Background(), Config{World: base, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if silent.Digest != whole.Digest {
		t.Error("recording changes the result")
	}
	for name, change := range map[string]func(*World){
		"nothing": func(*World) {},
		"late payer": func(w *World) {
			w.Money.Late = []clearing.LateRule{{Province: 0, From: w.First, To: w.First + 99, Pay: 30}}
		},
		"multiple":  func(w *World) { w.Prepayment.Multiple = 12000 },
		"red alert": func(w *World) { w.Prepayment.Red = 7000 },
		"netting":   func(w *World) { w.Money.Levers.Netting = engine.Bilateral },
		"missed dates": func(w *World) {
			w.Money.Confirm.MissConfirm = slices.Repeat([]money.BasisPoints{3000}, len(w.Provinces))
		},
		"pay late": func(w *World) { w.Money.Pots.Dry, w.Prepayment.Multiple = clearing.PayLate, 2000 },
	} {
		w := smallWorld(3000)
		change(w)
		want, err := Run(context.Background(), Config{World: w, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		got, err := rec.Clear(context.Background(), w, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Breaches) > 0 {
			t.Errorf("%s: %v", name, got.Breaches[0])
		}
		if !reflect.DeepEqual(got.Clearing, want.Clearing) {
			t.Errorf("%s: the recording finds other money than the run", name)
		}
		if name != "nothing" && reflect.DeepEqual(want.Clearing, whole.Clearing) {
			t.Errorf("%s changes nothing; the test shows nothing", name)
		}
	}

	weekly := smallWorld(3000)
	weekly.Money.Levers.Frequency = clearing.Weekly
	if _, err := rec.Clear(context.Background(), weekly, 7); err == nil {
		t.Error("the amounts of weeks were not recorded, and no error says so")
	}
	if _, err := new(Recording).Clear(context.Background(), base, 7); err == nil {
		t.Error("an empty recording is no error")
	}
}

// TestSurge: a surge swells the months and places it names, keeps the books balanced,
// and a factor of one changes nothing.
func TestSurge(t *testing.T) {
	w := smallWorld(3000)
	w.Money.Levers.Frequency = clearing.Weekly // so that parts of months are swollen too
	rec := new(Recording)
	whole, err := Run(context.Background(), Config{World: w, Seed: 7, Record: rec})
	if err != nil {
		t.Fatal(err)
	}
	from := w.First + day.Month(w.WarmUp)
	to := from + 2
	same, err := rec.Clear(context.Background(), w, 7, Surge{Treating: 1, From: from, To: to, Factor: 10000})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(same.Clearing, whole.Clearing) {
		t.Error("a surge of once changes something")
	}
	more, err := rec.Clear(context.Background(), w, 7, Surge{Treating: 1, From: from, To: to, Factor: 12345})
	if err != nil {
		t.Fatal(err)
	}
	if len(more.Breaches) > 0 {
		t.Errorf("%v", more.Breaches[0])
	}
	for i := range more.Clearing.Periods {
		var got, want [8]int64
		for _, p := range more.Clearing.Periods[i].Pairs {
			got[p.Treating] += int64(p.Amount)
		}
		for _, p := range whole.Clearing.Periods[i].Pairs {
			want[p.Treating] += int64(p.Amount)
		}
		m := more.Clearing.Periods[i].Month
		for treating := range want {
			grown := treating == 1 && from <= m && m <= to && want[treating] != 0
			ratio := 1.0
			if want[treating] != 0 {
				ratio = float64(got[treating]) / float64(want[treating])
			}
			if grown && (ratio < 1.23 || ratio > 1.24) || !grown && got[treating] != want[treating] {
				t.Errorf("%v, treating %d: %d, was %d", m, treating, got[treating], want[treating])
			}
		}
	}
}
