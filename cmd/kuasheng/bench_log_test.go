package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The damages that a log can have, told by the command with file and offset, and
// what is whole is kept.
func TestBenchLog(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	kept := filepath.Join(dir, "logs")
	run := slices.Concat([]string{"run", "--max", "--operations", "3000", "--durability", "log", "--keep-log", kept, "--no-proof"}, tinyLoad)
	if o := callBench(t, run...); o.code != 0 {
		t.Fatalf("exit %d: %s%s", o.code, o.out, o.err)
	}
	if o := callBench(t, run...); o.code != codeUsage || !strings.Contains(o.err, "exists already") {
		t.Errorf("over a folder: exit %d: %s", o.code, o.err)
	}
	sound, err := os.ReadFile(filepath.Join(kept, "shard-000.log"))
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := os.ReadFile(filepath.Join(kept, "shard-000.log.anchor"))
	if err != nil {
		t.Fatal(err)
	}
	// The records begin behind the head of 84 bytes, with their length in the first four
	// of a frame of twelve.
	var starts []int
	for at := 84; at < len(sound); at += 12 + int(binary.LittleEndian.Uint32(sound[at:])) {
		starts = append(starts, at)
	}
	if len(starts) < 6 {
		t.Fatalf("%d batches", len(starts))
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	flipped := func(at int) []byte {
		b := bytes.Clone(sound)
		b[at] ^= 4
		return b
	}
	// An anchor by which so many batches were acknowledged: a slot of 104 bytes with their
	// number, where they end, the chain of the last and a checksum.
	anchored := func(batches int) []byte {
		b := bytes.Clone(anchor[:104])
		binary.LittleEndian.PutUint64(b[44:], uint64(batches))
		if binary.LittleEndian.PutUint64(b[52:], uint64(len(sound))); batches < len(starts) {
			binary.LittleEndian.PutUint64(b[52:], uint64(starts[batches]))
			copy(b[68:100], sound[starts[batches]-32:])
		} else {
			copy(b[68:100], sound[len(sound)-32:])
		}
		binary.LittleEndian.PutUint32(b[100:], crc32.Checksum(b[:100], crc32.MakeTable(crc32.Castagnoli)))
		return b
	}
	if o := callBench(t, "log", filepath.Join(kept, "shard-000.log")); o.code != 0 || !strings.Contains(o.out, "WHOLE") {
		t.Errorf("as it was kept: exit %d, %s%s", o.code, o.out, o.err)
	}
	for _, x := range []struct {
		name         string
		log          []byte
		code         int
		says         string
		whole        int // batches
		acknowledged int
	}{
		{"sound", sound, 0, "WHOLE", len(starts), len(starts)},
		{"behind its anchor", sound, 0, "WHOLE", len(starts), 2},
		{"torn in a batch", sound[:starts[3]+100], 0, "TORN", 3, 3},
		{"torn in a frame", sound[:starts[3]+5], 0, "5 bytes of 12", 3, 2},
		{"torn in a batch that was acknowledged", sound[:starts[3]+100], codeBreach, "3 of the 4 batches that were acknowledged: it lacks the last 1", 3, 4},
		{"cut at a batch", sound[:starts[3]], codeBreach, "INCOMPLETE", 3, 5},
		{"cut to its head", sound[:84], codeBreach, "0 of the 5 batches that were acknowledged", 0, 5},
		{"no anchor", sound, codeBreach, "whether more were acknowledged cannot be told", len(starts), -1},
		{"another log's anchor", join(sound[:starts[2]], sound[starts[2]:starts[3]]), codeBreach, "the anchor is another log's", 3, 3},
		{"zeros behind", join(sound, make([]byte, 999)), 0, "zeros stand where batch", len(starts), len(starts)},
		{"a byte of a batch", flipped(starts[2] + 60), codeBreach, "the checksum of batch 2 does not match", 2, len(starts)},
		{"a byte of a length", flipped(starts[2] + 2), codeBreach, "the checksum of the frame of batch 2", 2, len(starts)},
		{"a batch missing", join(sound[:starts[2]], sound[starts[3]:]), codeBreach, "batch 3 stands where batch 2 should", 2, len(starts)},
		{"a batch twice", join(sound[:starts[2]], sound[starts[1]:]), codeBreach, "batch 1 stands where batch 2 should", 2, len(starts)},
		{"garbage behind", join(sound, []byte("0123456789abcdef")), codeBreach, "the checksum of the frame", len(starts), len(starts)},
		{"a byte of the head", flipped(50), codeBreach, "the head's checksum does not match", -1, -1},
		{"part of the head", sound[:40], codeUsage, "no log of the service", -1, -1},
		{"part of the head, with an anchor", sound[:40], codeBreach, "0 of the 5 batches that were acknowledged", -1, 5},
		{"another file", []byte("at_ns\n0\n1\n"), codeUsage, "no log of the service", -1, -1},
		{"empty", nil, codeUsage, "the file is empty", -1, -1},
		{"empty, with an anchor", nil, codeBreach, "it lacks the last 5", -1, 5},
	} {
		name, into := filepath.Join(dir, "x.log"), filepath.Join(t.TempDir(), "sound.log")
		err := os.WriteFile(name, x.log, 0o600)
		_ = os.Remove(name + ".anchor")
		if x.acknowledged >= 0 {
			b := anchored(x.acknowledged)
			if x.name == "another log's anchor" {
				b = anchored(2)
				binary.LittleEndian.PutUint64(b[44:], 3)
				binary.LittleEndian.PutUint32(b[100:], crc32.Checksum(b[:100], crc32.MakeTable(crc32.Castagnoli)))
			}
			err = errors.Join(err, os.WriteFile(name+".anchor", b, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		o := callBench(t, "log", name)
		if said := o.out + o.err; o.code != x.code || !strings.Contains(strings.Join(strings.Fields(said), " "), x.says) || !strings.Contains(said, name) {
			t.Errorf("%s: exit %d, want %d with %q:\n%s", x.name, o.code, x.code, x.says, said)
		}
		o = callBench(t, "log", name, "--salvage", into, "--json")
		if x.whole < 0 {
			if _, err := os.Stat(into); o.code != x.code || !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: salvage gives exit %d and %v", x.name, o.code, err)
			}
			continue
		}
		end := len(sound)
		if x.whole < len(starts) {
			end = starts[x.whole]
		}
		var said struct {
			Batches int  `json:"batches"`
			Sound   int  `json:"sound_bytes"`
			Whole   bool `json:"whole"`
			Damage  *struct {
				Offset int `json:"offset"`
			} `json:"damage"`
		}
		if err := json.Unmarshal([]byte(o.out), &said); err != nil || o.code != 0 || said.Batches != x.whole || said.Sound != end ||
			(said.Damage != nil) != (x.whole < len(starts) && len(x.log) != end || len(x.log) > len(sound)) || said.Damage != nil && said.Damage.Offset != end || said.Whole && x.code != 0 {
			t.Errorf("%s: exit %d, %v, %s%s", x.name, o.code, err, o.out, o.err)
		}
		if got, err := os.ReadFile(into); err != nil || !bytes.Equal(got, sound[:end]) {
			t.Errorf("%s: %d bytes were kept, want %d: %v", x.name, len(got), end, err)
		}
		if o := callBench(t, "log", name, "--salvage", into); o.code != codeUsage || !strings.Contains(o.err, "exists already") {
			t.Errorf("%s: salvaged over a file: exit %d, %s", x.name, o.code, o.err)
		}
		if o := callBench(t, "log", into, "--lang", "zh"); o.code == 0 != (x.whole == 0) || x.whole > 0 && !strings.Contains(o.out, "没有可读的锚文件") {
			t.Errorf("%s: what was kept: exit %d, %s%s", x.name, o.code, o.out, o.err)
		}
	}
}

// The commands about a log in docs/bench.md print what stands there; … stands for
// anything.
func TestBenchLogManual(t *testing.T) {
	slow(t)
	page, err := os.ReadFile("../../docs/bench.md")
	if err != nil {
		t.Fatal(err)
	}
	const first = "$ kuasheng bench run --max --operations 300000 --bills 20000"
	_, block, found := strings.Cut(string(page), "```console time\n"+first)
	block, _, closed := strings.Cut(first+block, "```")
	if !found || !closed {
		t.Fatalf("docs/bench.md has no block that begins with %q", first)
	}
	t.Chdir(t.TempDir())
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for i, part := range strings.Split(block, "$ ")[1:] {
		command, want, _ := strings.Cut(part, "\n")
		var out string
		if args, ours := strings.CutPrefix(command, "kuasheng bench "); ours {
			o := callBench(t, strings.Fields(args)...)
			out = o.out + o.err
		} else if _, err := exec.Command("sh", "-c", command).Output(); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		var like []string
		for _, piece := range strings.Split(words(want), "…") {
			like = append(like, regexp.QuoteMeta(piece))
		}
		if !regexp.MustCompile("^"+strings.Join(like, ".*")+"$").MatchString(words(out)) && i > 0 {
			t.Errorf("%s prints\n%sand not, as docs/bench.md has it,\n%s", command, out, want)
		}
	}
}
