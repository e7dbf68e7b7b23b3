package engine

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// leaves calls visit with every number and bool inside v, exported or not.
func leaves(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Array:
		for i := range v.Len() {
			leaves(v.Index(i), path, visit)
		}
	default:
		visit(path, reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem())
	}
}

// change makes a leaf another value and returns how to undo it.
func change(v reflect.Value) (undo func()) {
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	switch {
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	default:
		v.SetUint(v.Uint() + 1)
	}
	return func() { v.Set(old) }
}

// The state digest is over every number of people, annexes, books and requests
// remembered: none can differ without it (V7).
func TestStateDigestIsComplete(t *testing.T) {
	rules := NewRules(24000, 1, 1, 2)
	shard := NewShard(rules, []uint8{0}, make([]PersonYear, 3), NewBooks(Shape{Pools: 1, Provinces: 2}))
	shard.Bind(shard.people, make([]Annex, 3))
	k := NewIntake(shard, 3, 2)
	for i := range uint64(11) { // more than are remembered
		r, _ := k.remember(&Request{Ticket: Ticket{1, i + 1}}, 7, tagOf(Ticket{1, i + 1}))
		r.answered = true
	}
	shard.annexes[1].year.used = 2
	kept := yearBefore{person: PersonYear{year: 21}, annex: Annex{former: PersonYear{year: 20}}}
	shard.people[1].year, shard.years[turn{1, 24}], shard.years[turn{1, 21}] = 24, kept, yearBefore{person: PersonYear{year: 19}}
	base := k.StateDigest()
	seen := map[[32]byte]string{base: "nothing"}
	check := func(path string, v reflect.Value) {
		undo := change(v)
		d := k.StateDigest()
		undo()
		if d == base {
			t.Errorf("the state digest does not see %s", path)
		}
		if other, twice := seen[d]; twice && d != base {
			t.Errorf("%s and %s change the state digest alike", path, other)
		}
		seen[d] = path
	}
	number := 0
	visit := func(path string, v reflect.Value) {
		number++
		check(path, v)
	}
	leaves(reflect.ValueOf(&shard.people[1]).Elem(), "person 1", visit)
	leaves(reflect.ValueOf(&shard.people[2]).Elem(), "person 2", visit)
	leaves(reflect.ValueOf(&shard.annexes[1].former).Elem(), "former", visit)
	for _, year := range []*yearAnnex{&shard.annexes[1].year, &shard.annexes[1].formerYear} {
		leaves(reflect.ValueOf(&year.charged).Elem(), "charged", visit)
		visit("used", reflect.ValueOf(&year.used).Elem())
	}
	visit("hospital", reflect.ValueOf(&shard.annexes[1].year.hospitals[1]).Elem())
	// What is kept of earlier years lies in a map, one year behind the other.
	at := turn{1, 24}
	leaves(reflect.ValueOf(&kept).Elem(), "kept", func(path string, v reflect.Value) {
		if strings.Contains(path, ".hospitals") {
			return // none is used
		}
		number++
		undo := change(v)
		shard.years[at] = kept
		if d := k.StateDigest(); seen[d] != "" {
			t.Errorf("the state digest does not tell %s from %s", path, seen[d])
		} else {
			seen[d] = path
		}
		undo()
		shard.years[at] = kept
	})
	delete(shard.years, turn{1, 21})
	if d := k.StateDigest(); seen[d] != "" {
		t.Errorf("the state digest does not tell a year less from %s", seen[d])
	}
	shard.years[turn{1, 21}] = yearBefore{person: PersonYear{year: 19}}
	b := shard.books
	leaves(reflect.ValueOf(&b.Row(3).Register).Elem(), "register", visit)
	leaves(reflect.ValueOf(&b.Row(3).Ledger).Elem(), "ledger", visit)
	leaves(reflect.ValueOf(&b.Manual[1]).Elem(), "manual", visit)
	leaves(reflect.ValueOf(&b.Aside[0]).Elem(), "aside", visit)
	leaves(reflect.ValueOf(&b.Refused).Elem(), "refused", visit)
	leaves(reflect.ValueOf(&b.RefusedFees).Elem(), "refused fees", visit)
	leaves(reflect.ValueOf(&k.kept[1]).Elem(), "kept", visit)
	leaves(reflect.ValueOf(&k.answers[1]).Elem(), "answer", visit)
	leaves(reflect.ValueOf(&k.floors[0]).Elem(), "floor", visit)
	visit("next", reflect.ValueOf(&k.next).Elem())
	if number < 300 {
		t.Errorf("only %d numbers were looked at", number)
	}
}

// A request that differs from another in any part has another body (X1); the ticket
// and the place of the lines are no part.
func TestBodyIsComplete(t *testing.T) {
	q, lines := Request{Op: OpSettle}, make([]Line, 3)
	lines[1] = Line{Amount: 500, Price: 3, Limit: 2, Count: 10_000}
	base := digestBody(&q, lines)
	seen := map[uint64]string{base: "nothing"}
	size := uintptr(0)
	visit := func(path string, v reflect.Value) {
		size += v.Type().Size()
		defer change(v)()
		d := digestBody(&q, lines)
		if path == "request.Ticket.Source" || path == "request.Ticket.Sequence" || path == "request.Claim.FirstLine" || path == "request.Claim.Lines" {
			if d != base {
				t.Errorf("%s changes the body", path)
			}
			return
		}
		if other, twice := seen[d]; twice {
			t.Errorf("%s and %s give the same body", path, other)
		}
		seen[d] = path
	}
	leaves(reflect.ValueOf(&q).Elem(), "request", visit)
	for i := range lines {
		leaves(reflect.ValueOf(&lines[i]).Elem(), "line", visit)
	}
	// What lies between fields would be read, and nobody wrote it.
	if want := 16 + 16 + 1 + 4 + unsafe.Sizeof(q.Claim) + 3*unsafe.Sizeof(lines[0]); size+2*4 != want {
		t.Errorf("the fields have %d bytes, the words that are read %d", size, want)
	}
	lines[0], lines[1] = lines[1], lines[0]
	visit("order", reflect.ValueOf(&lines[2].Limit).Elem())
	if d := digestBody(&q, lines[:2]); seen[d] != "" {
		t.Error("a line less gives the same body")
	}
}

// Sources that number their requests one after the other fill the slots evenly: a
// search seldom looks at a second one.
func TestTicketsSpread(t *testing.T) {
	for _, sources := range []uint32{1, 7, 1 << 10} {
		m := newMemory(14, int(sources))
		for i := range uint64(1 << 14) {
			// Some count from another start on every day.
			q := Request{Ticket: Ticket{uint32(i) % sources, i/uint64(sources)/4 + i/uint64(sources)%4<<40}}
			m.remember(&q, 0, tagOf(q.Ticket))
		}
		run, worst := 0, 0
		for _, s := range m.slots {
			if run++; s == 0 {
				run = 0
			}
			worst = max(worst, run)
		}
		if worst > 24 {
			t.Errorf("%d sources: %d slots in a row are taken", sources, worst)
		}
	}
}
