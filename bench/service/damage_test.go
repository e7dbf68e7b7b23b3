package service

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

var testWorld = [32]byte{1, 2, 3}

// smallLog is the log of a few batches of so many requests, the offsets at which its records begin with
// its end, and what it starts from.
func smallLog(t testing.TB, batches, size int, chained bool) (b []byte, starts []int, start [32]byte) {
	t.Helper()
	start = sharedWorld().intake(testPeople, testLog2).StateDigest()
	head := appendHead(nil, 0, testWorld, start, chained)
	var file bytes.Buffer
	w := &log{file: nopDisk{&file}, chained: chained}
	if chained {
		w.chain = headSum(head)
	}
	file.Write(head)
	for n := range batches {
		starts = append(starts, file.Len())
		b := mixed(n)
		b.Requests = b.Requests[:size]
		if err := w.commit([]*Batch{b}, true); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes(), append(starts, file.Len()), start
}

type nopDisk struct{ io.Writer }

func (nopDisk) Sync() error  { return nil }
func (nopDisk) Close() error { return nil }

// readAll reads a log of shard 0 of the test's world and says how many batches are
// sound.
func readAll(b []byte, start [32]byte) (*reader, error) {
	r := newReader("shard-000.log", bytes.NewReader(b))
	err := r.head(nil, func(chained bool) []byte { return appendHead(nil, 0, testWorld, start, chained) })
	for err == nil {
		_, err = r.next()
	}
	if err == io.EOF {
		err = nil
	}
	return r, err
}

// What is wrong with a log is named with its offset, and what stands before it is
// read: whole batches, never one more or other ones.
func TestEveryDamage(t *testing.T) {
	const batches = 6
	sound, starts, begin := smallLog(t, batches, mixedSize, true)
	other, otherStarts, _ := smallLog(t, batches, mixedSize, false)
	record := func(i int) []byte { return sound[starts[i]:starts[i+1]] }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	// forged is record i with another content and everything but the chain in order.
	forged := func(i int, change func(body []byte)) []byte {
		r := bytes.Clone(record(i))
		change(r[frameLength:])
		putFrame(r)
		return r
	}
	for _, x := range []struct {
		name   string
		log    []byte
		offset int
		torn   bool
		what   string
	}{
		{"sound", sound, starts[batches], false, ""},
		{"empty", nil, 0, false, ""},
		{"another file", []byte("PK\x03\x04 is how another kind of file begins, and it is long enough to hold a head of a log, which it is not"), 0, false, "no log of the service"},
		{"another short file", []byte("hello\n"), 0, false, "no log of the service"},
		{"part of the head", sound[:30], 0, true, "30 bytes of 84"},
		{"head only", sound[:headLength], headLength, false, ""},
		{"another shard", join(appendHead(nil, 3, testWorld, begin, true), sound[headLength:]), 0, false, "shard 3, not 0"},
		{"another world", join(appendHead(nil, 0, [32]byte{9}, begin, true), sound[headLength:]), 0, false, "world 09"},
		{"another start", join(appendHead(nil, 0, testWorld, [32]byte{9}, true), sound[headLength:]), 0, false, "begins at state 09"},
		{"another form", anotherForm(sound), 0, false, "has form 7"},
		{"a batch missing", join(sound[:starts[2]], sound[starts[3]:]), starts[2], false, "batch 3 stands where batch 2"},
		{"the first missing", join(sound[:headLength], sound[starts[1]:]), headLength, false, "batch 1 stands where batch 0"},
		{"a batch twice", join(sound[:starts[3]], sound[starts[2]:]), starts[3], false, "batch 2 stands where batch 3"},
		{"two swapped", join(sound[:starts[1]], record(2), record(1), sound[starts[3]:]), starts[1], false, "batch 2 stands where batch 1"},
		{"one of another log", join(sound[:starts[1]], other[otherStarts[1]:otherStarts[2]], sound[starts[2]:]), starts[1], false, "its chain is another"},
		{"a request changed and its checksum too", join(sound[:starts[4]], forged(4, func(b []byte) { b[20] ^= 1 }), sound[starts[5]:]), starts[4], false, "its chain is another"},
		{"another number and its checksum too", join(sound[:starts[4]], forged(4, func(b []byte) { b[0] ^= 1 }), sound[starts[5]:]), starts[4], false, "batch 5 stands where batch 4"},
		{"garbage behind", join(sound, []byte("0123456789abcdef")), starts[batches], false, "checksum of the frame"},
		{"zeros behind", join(sound, make([]byte, 5000)), starts[batches], true, "zeros"},
		{"zeros and then something", join(sound, make([]byte, 500), []byte{1}), starts[batches], false, "checksum of the frame"},
		{"a length beyond the file", join(sound[:starts[3]], longer(record(3)), sound[starts[4]:]), starts[3], false, "checksum of the frame"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := readAll(x.log, begin)
			expectDamage(t, err, x.offset, x.torn, x.what)
			if int(r.sound) != x.offset {
				t.Errorf("sound to %d, want %d", r.sound, x.offset)
			}
			recoverAndSalvage(t, x.log, starts, x.offset, x.torn, x.what)
		})
	}
}

// anotherForm is a sound log of a form of the future.
func anotherForm(b []byte) []byte {
	b = bytes.Clone(b)
	b[8] = 7
	binary.LittleEndian.PutUint32(b[headLength-4:], crc32.Checksum(b[:headLength-4], castagnoli))
	return b
}

// longer is a record whose length has one bit more.
func longer(record []byte) []byte {
	record = bytes.Clone(record)
	record[2] |= 0x40
	return record
}

func expectDamage(t *testing.T, err error, offset int, torn bool, what string) {
	t.Helper()
	var d *Damage
	switch errors.As(err, &d); {
	case what == "":
		if err != nil {
			t.Errorf("%v", err)
		}
	case d == nil:
		t.Errorf("%v, want a damage at %d: %s", err, offset, what)
	case d.Torn != torn || d.Offset != int64(offset) || !strings.Contains(d.Error(), what) ||
		!strings.Contains(d.Error(), "shard-000.log") || !strings.Contains(d.Error(), fmt.Sprintf("at offset %d", offset)):
		t.Errorf("%v, want torn %v at %d: %s", err, torn, offset, what)
	}
}

// anchorAll makes an anchor for a log by which all that is sound of it was
// acknowledged, and nothing behind.
func anchorAll(t testing.TB, name string, content []byte) {
	t.Helper()
	r := newReader(name, bytes.NewReader(content))
	err := r.head(nil, nil)
	for err == nil {
		_, err = r.next()
	}
	a, err := newAnchor(name, &mark{log: r.log, batches: r.batches, end: r.sound, chain: r.chain})
	if err == nil {
		err = a.file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// recoverAndSalvage starts a service on a log: a torn tail is cut and reported,
// damage is refused and the file left alone, and a salvaged copy starts.
func recoverAndSalvage(t *testing.T, content []byte, starts []int, offset int, torn bool, what string) {
	t.Helper()
	sound := 0
	for sound+1 < len(starts) && starts[sound+1] <= offset {
		sound++
	}
	cfg := Config{Durability: Logged, Dir: t.TempDir(), World: testWorld}
	name := LogName(cfg.Dir, 0)
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	anchorAll(t, name, content)
	intakes := []*engine.Intake{sharedWorld().intake(testPeople, testLog2)}
	s, recovered, err := Start(cfg, intakes)
	if what != "" && !torn {
		expectDamage(t, err, offset, false, what)
		if now, _ := os.ReadFile(name); !bytes.Equal(now, content) {
			t.Error("a damaged log was changed")
		}
		into := LogName(filepath.Dir(name), 1)
		saved, err := Salvage(name, into)
		if err != nil {
			var d *Damage
			if foreign := offset == 0; !foreign || !errors.As(err, &d) {
				t.Fatal(err)
			}
			return
		}
		if now, _ := os.ReadFile(name); !bytes.Equal(now, content) {
			t.Error("a salvaged log was changed")
		}
		if offset == 0 {
			return // sound in itself, another's
		}
		if saved.Lost == nil || saved.Lost.Offset != int64(offset) || saved.Sound != int64(offset) || saved.Batches != uint64(sound) {
			t.Errorf("salvaged %+v", saved)
		}
		if _, err := Salvage(name, into); !errors.Is(err, os.ErrExist) {
			t.Errorf("salvaged over a file: %v", err)
		}
		if err := os.Rename(into, name); err != nil {
			t.Fatal(err)
		}
		intakes[0] = sharedWorld().intake(testPeople, testLog2)
		if s, recovered, err = Start(cfg, intakes); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	} else if cut := recovered[0].Cut; torn != (cut != nil) || torn && cut.Offset != int64(offset) {
		t.Errorf("cut %v, want torn %v at %d", cut, torn, offset)
	}
	if recovered[0].Batches != uint64(sound) {
		t.Errorf("%d batches carried out again, want %d", recovered[0].Batches, sound)
	}
	// It goes on from there.
	if !s.Submit(0, mixed(sound)) {
		t.Fatal("refused")
	}
	<-s.Answered(0)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if intakes[0].StateDigest() != plain(sound+1) {
		t.Error("the state is not that of a plain run")
	}
	after, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := readAll(after, sharedWorld().intake(testPeople, testLog2).StateDigest()); err != nil || r.batches != uint64(sound+1) {
		t.Errorf("the log afterwards: %d batches, %v", r.batches, err)
	}
}

// No byte of a log can change unnoticed, whichever it is; what stands before its
// record is kept.
func TestEveryByte(t *testing.T) {
	for _, chained := range []bool{true, false} {
		sound, starts, begin := smallLog(t, 3, mixedSize, chained)
		step := 1
		if testing.Short() {
			step = 7
		}
		for at := 0; at < len(sound); at += step {
			for _, flip := range []byte{1, 0x80} {
				b := bytes.Clone(sound)
				b[at] ^= flip
				r, err := readAll(b, begin)
				var d *Damage
				if !errors.As(err, &d) || d.Torn {
					t.Fatalf("byte %d changed by %#x: %v", at, flip, err)
				}
				want := 0
				for _, start := range starts {
					if start <= at {
						want = start
					}
				}
				if r.sound != int64(want) || d.Offset != int64(want) {
					t.Fatalf("byte %d changed: sound to %d, damage at %d, want %d", at, r.sound, d.Offset, want)
				}
			}
		}
	}
}

// A log may end after any byte: the batches that are whole are carried out and the
// rest is reported and cut, as if the process had been killed there.
func TestEveryLength(t *testing.T) {
	sound, starts, begin := smallLog(t, 4, mixedSize, true)
	whole := 0
	for length := range len(sound) + 1 {
		for whole+1 < len(starts) && starts[whole+1] <= length {
			whole++
		}
		r, err := readAll(sound[:length], begin)
		var d *Damage
		errors.As(err, &d)
		if atEnd := length == 0 || length == starts[whole]; atEnd != (err == nil) || !atEnd && (d == nil || !d.Torn) {
			t.Fatalf("%d bytes: %v", length, err)
		}
		if r.batches != uint64(whole) {
			t.Fatalf("%d bytes: %d batches, want %d", length, r.batches, whole)
		}
	}
	for _, length := range []int{0, 1, headLength - 1, headLength, headLength + 1, starts[1] - 1, starts[1], starts[1] + frameLength, starts[2] + 40, starts[4] - 1} {
		offset := 0
		for _, start := range starts {
			if start <= length {
				offset = start
			}
		}
		torn, what := length != offset, ""
		if torn {
			what = "bytes of"
		}
		t.Run(fmt.Sprint(length), func(t *testing.T) { recoverAndSalvage(t, sound[:length], starts, offset, torn, what) })
	}
}

// A log goes on as it began, chained or not, whatever the service is asked for.
func TestLogGoesOnAsItBegan(t *testing.T) {
	for _, unchained := range []bool{false, true} {
		dir := t.TempDir()
		for run := range 3 {
			s, intakes, recovered := start(t, Config{Durability: Synced, Dir: dir, Unchained: unchained != (run == 1)}, 1)
			if recovered[0].Batches != uint64(run) || recovered[0].Cut != nil {
				t.Fatalf("run %d: %+v", run, recovered[0])
			}
			s.Submit(0, mixed(run))
			<-s.Answered(0)
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if intakes[0].StateDigest() != plain(run+1) {
				t.Errorf("run %d: the state is not that of a plain run", run)
			}
		}
	}
}

// Whatever numbers requests and lines have, they are read as they were written.
func TestBatchesReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requests, lines := drawBatch(t)
		var d decoder
		got, gotLines, err := d.batch(appendBatch(nil, requests, lines), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(requests) {
			t.Fatalf("%d requests, want %d", len(got), len(requests))
		}
		for i := range requests {
			g, w := got[i], requests[i]
			own, want := gotLines[g.Claim.FirstLine:][:g.Claim.Lines], lines[w.Claim.FirstLine:][:w.Claim.Lines]
			g.Claim.FirstLine, w.Claim.FirstLine = 0, 0
			if g != w || !reflect.DeepEqual(own, want) && len(own)+len(want) != 0 {
				t.Fatalf("request %d:\n got %+v %+v\nwant %+v %+v", i, g, own, w, want)
			}
		}
	})
}

// drawBatch fills every field with anything, often with zero or a usual value.
func drawBatch(t *rapid.T) (requests []engine.Request, lines []engine.Line) {
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch {
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case rapid.IntRange(0, 3).Draw(t, "zero") == 0:
		case v.Kind() == reflect.Bool:
			v.SetBool(rapid.Bool().Draw(t, "bool"))
		case v.CanInt():
			v.SetInt(rapid.Int64().Draw(t, "int")) // as many bits as the field has
		default:
			v.SetUint(rapid.Uint64().Draw(t, "uint"))
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "requests") {
		var q engine.Request
		fill(reflect.ValueOf(&q).Elem())
		q.Op %= engine.NumOperations
		if c := &q.Claim; rapid.Bool().Draw(t, "packed but for the stay") {
			c.Scheme, c.Kind, c.Level, c.PersonType, c.Identity, c.Disease = c.Scheme%2, c.Kind%4, c.Level%4, c.PersonType%8, c.Identity%4, c.Disease%64
			c.Filing.Kind, c.Filing.Basis = c.Filing.Kind%8, c.Filing.Basis%4
		}
		q.Claim.FirstLine, q.Claim.Lines = uint32(len(lines)), uint16(rapid.IntRange(0, 4).Draw(t, "lines"))
		for range q.Claim.Lines {
			l := engine.Line{Amount: money.Fen(rapid.Int64Range(0, 1<<33).Draw(t, "amount")), SelfPay: engine.FromCatalogue, Class: engine.WesternDrug}
			if rapid.Bool().Draw(t, "odd") {
				fill(reflect.ValueOf(&l).Elem())
			}
			lines = append(lines, l)
		}
		requests = append(requests, q)
	}
	return requests, lines
}

// The encoding of the batches the benchmarks send is as small as it is said to be.
func TestBytesPerSettlement(t *testing.T) {
	s := sender{people: 1 << 17}
	b := s.batch(256)
	s.send(b)
	if n := len(appendBatch(nil, b.Requests, b.Lines)); n > 256*90 {
		t.Errorf("%d bytes a settlement", n/256)
	}
	if b.Requests[0].Claim.SettleDay < day.Of(worldFrom, 1, 1) {
		t.Error("no day")
	}
}

// FuzzReadLog reads anything as a log: it never panics, and what it accepts is what
// is written for the same batches.
func FuzzReadLog(f *testing.F) {
	for _, chained := range []bool{true, false} {
		b, starts, _ := smallLog(f, 2, 2, chained)
		f.Add(b)
		f.Add(b[:starts[1]])
		f.Add(b[:starts[1]+20])
	}
	begin := sharedWorld().intake(testPeople, testLog2).StateDigest()
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReader("fuzz", bytes.NewReader(b))
		err := r.head(nil, func(chained bool) []byte { return appendHead(nil, 0, testWorld, begin, chained) })
		if err != nil {
			return
		}
		var again bytes.Buffer
		w := &log{file: nopDisk{&again}, chained: r.chained, chain: r.chain}
		for {
			rec, err := r.next()
			if err != nil {
				break
			}
			if err := w.commit([]*Batch{{Requests: rec.requests, Lines: rec.lines}}, false); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(again.Bytes(), b[headLength:r.sound]) {
			t.Error("the log was accepted, and is not what is written")
		}
	})
}

// FuzzBatch decodes anything: it never panics, and accepts nothing but what is
// written for the same batch.
func FuzzBatch(f *testing.F) {
	b := mixed(0)
	f.Add(appendBatch(nil, b.Requests, b.Lines))
	f.Add([]byte{1, 2, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decoder
		requests, lines, err := d.batch(b, nil, nil)
		if err == nil && !bytes.Equal(appendBatch(nil, requests, lines), b) {
			t.Error("a batch was accepted, and is not what is written")
		}
	})
}
