package day

import (
	"math/rand/v2"
	"testing"
)

// spring2024 is the State Council's notice for the spring festival of 2024: off from
// Saturday 10 to Saturday 17 February, worked on Sundays 4 and 18 February; and for
// Qingming: off 4 to 6 April, worked on Sunday 7 April.
func spring2024() *Calendar {
	var off []Day
	for d := Of(2024, 2, 10); d <= Of(2024, 2, 17); d++ {
		off = append(off, d)
	}
	off = append(off, Of(2024, 4, 4), Of(2024, 4, 5), Of(2024, 4, 6), Of(2024, 1, 1))
	return NewCalendar(Of(2024, 1, 1), Of(2025, 1, 1), off, []Day{Of(2024, 2, 18), Of(2024, 2, 4), Of(2024, 4, 7)})
}

func TestWorking(t *testing.T) {
	c := spring2024()
	for _, test := range []struct {
		day              Day
		working, holiday bool
	}{
		{Of(2024, 1, 1), false, true},
		{Of(2024, 1, 2), true, false},
		{Of(2024, 2, 3), false, false}, // Saturday
		{Of(2024, 2, 4), true, false},  // Sunday, made up
		{Of(2024, 2, 9), true, false},  // New Year's Eve, Friday: not named
		{Of(2024, 2, 10), false, true}, // Saturday and holiday
		{Of(2024, 2, 12), false, true}, // Monday
		{Of(2024, 2, 16), false, true},
		{Of(2024, 2, 17), false, true},
		{Of(2024, 2, 18), true, false}, // Sunday, made up
		{Of(2024, 2, 19), true, false},
		{Of(2024, 2, 24), false, false},
		{Of(2024, 4, 7), true, false},
	} {
		if c.Working(test.day) != test.working || c.Holiday(test.day) != test.holiday {
			t.Errorf("%v: working %v, holiday %v", test.day, c.Working(test.day), c.Holiday(test.day))
		}
	}
	// Outside the notices plain weekends hold, and Covers says so.
	for d, covered := range map[Day]bool{
		Of(2023, 12, 31): false, Of(2024, 1, 1): true, Of(2024, 12, 31): true, Of(2025, 1, 1): false,
	} {
		if c.Covers(d) != covered {
			t.Errorf("%v: covered %v", d, c.Covers(d))
		}
	}
	if !c.Working(Of(2025, 1, 1)) || c.Working(Of(2025, 1, 4)) {
		t.Error("2025 without a notice: Wednesday 1 January is worked, Saturday 4 January is not")
	}
}

// TestAddWorking counts deadlines by hand (R3: 5 and 10 working days) over the
// spring festival of 2024.
func TestAddWorking(t *testing.T) {
	c := spring2024()
	for _, test := range []struct {
		from Day
		n    int
		want Day
	}{
		{Of(2024, 2, 9), 0, Of(2024, 2, 9)},
		{Of(2024, 2, 11), 0, Of(2024, 2, 11)}, // even a holiday: the day itself
		{Of(2024, 2, 8), 1, Of(2024, 2, 9)},
		{Of(2024, 2, 9), 1, Of(2024, 2, 18)},  // over the eight days off to the worked Sunday
		{Of(2024, 2, 9), 2, Of(2024, 2, 19)},  //
		{Of(2024, 2, 9), 6, Of(2024, 2, 23)},  // 18, 19, 20, 21, 22, 23
		{Of(2024, 2, 9), 7, Of(2024, 2, 26)},  // over the weekend
		{Of(2024, 2, 1), 1, Of(2024, 2, 2)},   //
		{Of(2024, 2, 2), 1, Of(2024, 2, 4)},   // Friday to the worked Sunday
		{Of(2024, 2, 2), 5, Of(2024, 2, 8)},   // 4, 5, 6, 7, 8
		{Of(2024, 2, 2), 10, Of(2024, 2, 21)}, // … 9, 18, 19, 20, 21
		{Of(2024, 2, 3), 1, Of(2024, 2, 4)},   // from a day off
		{Of(2024, 2, 14), 1, Of(2024, 2, 18)}, // from within the holiday
		{Of(2024, 4, 3), 3, Of(2024, 4, 9)},   // Qingming: 7, 8, 9
		{Of(2023, 12, 29), 1, Of(2024, 1, 2)}, // over the weekend and 1 January
	} {
		if got := c.AddWorking(test.from, test.n); got != test.want {
			t.Errorf("%v + %d working days = %v, want %v", test.from, test.n, got, test.want)
		}
	}
}

// TestWorkingBetween: it is the inverse of AddWorking, additive, and 0 backwards.
func TestWorkingBetween(t *testing.T) {
	c := spring2024()
	if n := c.WorkingBetween(Of(2024, 2, 9), Of(2024, 2, 18)); n != 1 {
		t.Errorf("from 9 to 18 February 2024: %d working days", n)
	}
	if n := c.WorkingBetween(Of(2024, 2, 1)-1, Of(2024, 2, 29)); n != 18 {
		// 21 weekdays in February, five of them holidays, two Sundays worked.
		t.Errorf("February 2024 has %d working days", n)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a := Of(2023, 12, 1) + Day(random.IntN(430))
		n := random.IntN(30)
		b := c.AddWorking(a, n)
		if got := c.WorkingBetween(a, b); got != n {
			t.Fatalf("%v + %d = %v, and back %d", a, n, b, got)
		}
		if n > 0 && (!c.Working(b) || b <= a) {
			t.Fatalf("%v + %d working days ends on %v, a day off", a, n, b)
		}
		if c.WorkingBetween(b, a) != 0 {
			t.Fatalf("from %v back to %v: not 0", b, a)
		}
		mid := a + Day(random.IntN(int(b-a)+1))
		if c.WorkingBetween(a, mid)+c.WorkingBetween(mid, b) != n {
			t.Fatalf("%v, %v, %v: not additive", a, mid, b)
		}
	}
}
