package service

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"kuasheng/engine"
)

// Damage is a log that cannot be read beyond an offset.
type Damage struct {
	File   string
	Offset int64 // of the head, or of the record that is not sound: all before it is
	What   string
	// Torn says that the file merely ends inside its last record, as after a crash.
	// Whether that record was acknowledged only the anchor tells, see Loss.
	Torn bool
	// NoLog says that the file is nothing that a service has written.
	NoLog bool
}

// Error names file, offset and what is wrong there.
func (d *Damage) Error() string {
	kind := "damaged"
	if d.Torn {
		kind = "torn"
	}
	return fmt.Sprintf("%s: %s at offset %d: %s", d.File, kind, d.Offset, d.What)
}

// record is one batch read back. It is only good until the next.
type record struct {
	requests []engine.Request
	lines    []engine.Line
}

// reader reads a log from the start, as far as it is sound.
type reader struct {
	name string
	from *bufio.Reader
	// Up to here the log is sound.
	sound   int64
	batches uint64
	chain   [chainLength]byte
	chained bool

	// mark is what the anchor says, nil without one; anchored, that what was
	// acknowledged by it stands in the log.
	mark     *mark
	anchored bool
	log      [32]byte // of the head

	body []byte
	d    decoder
	rec  record
}

func newReader(name string, from io.Reader) *reader {
	return &reader{name: name, from: bufio.NewReaderSize(from, 1<<15)}
}

func (r *reader) damage(format string, args ...any) error {
	return &Damage{File: r.name, Offset: r.sound, What: fmt.Sprintf(format, args...)}
}

func (r *reader) noLog(what string) error {
	return &Damage{File: r.name, What: what, NoLog: true}
}

func (r *reader) torn(format string, args ...any) error {
	return &Damage{File: r.name, Offset: r.sound, What: fmt.Sprintf(format, args...), Torn: true}
}

// fill reads exactly what b holds. short is how much there was where the file ends
// before.
func (r *reader) fill(b []byte) (short int, err error) {
	n, err := io.ReadFull(r.from, b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// head reads the head and shows one that is sound in itself. Where the caller knows
// whose log it should be, want makes the head that it would have; nil takes any.
func (r *reader) head(show func(head []byte), want func(chained bool) []byte) error {
	head := make([]byte, headLength)
	switch n, err := r.fill(head); {
	case errors.Is(err, io.ErrUnexpectedEOF) && n == 0:
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		// Only the beginning of a head is one that was cut short.
		if want == nil || !bytes.HasPrefix(want(false), head[:n]) && !bytes.HasPrefix(want(true), head[:n]) {
			return r.noLog("this is no log of the service")
		}
		return r.torn("the head has %d bytes of %d", n, headLength)
	case err != nil:
		return err
	}
	r.chained = head[11] != 0
	form := binary.LittleEndian.Uint32(head[8:]) & 0xffffff
	switch {
	case string(head[:8]) != logMagic:
		return r.noLog("this is no log of the service")
	case crc32.Checksum(head[:headLength-4], castagnoli) != binary.LittleEndian.Uint32(head[headLength-4:]):
		return r.damage("the head's checksum does not match")
	case form != formVersion:
		return r.damage("the log has form %d, this program reads %d", form, formVersion)
	}
	if show != nil {
		show(head)
	}
	if want != nil {
		if w := want(r.chained); !bytes.Equal(head, w) {
			return r.damage("%s", foreign(head, w))
		}
	}
	r.sound = headLength
	r.log = headSum(head)
	if r.chained {
		r.chain = r.log
	}
	r.hold()
	return nil
}

// hold looks whether what was read so far is what the anchor names.
func (r *reader) hold() {
	if m := r.mark; m != nil && m.batches == r.batches {
		r.anchored = m.log == r.log && m.end == r.sound && m.chain == r.chain
	}
}

// headOf reads what a sound head says.
func headOf(head []byte) (shard uint32, world, start [32]byte) {
	return binary.LittleEndian.Uint32(head[12:]), [32]byte(head[16:48]), [32]byte(head[48:80])
}

// foreign says in what a sound head is not the one expected.
func foreign(head, want []byte) string {
	switch {
	case !bytes.Equal(head[12:16], want[12:16]):
		return fmt.Sprintf("the log belongs to shard %d, not %d", binary.LittleEndian.Uint32(head[12:]), binary.LittleEndian.Uint32(want[12:]))
	case !bytes.Equal(head[16:48], want[16:48]):
		return fmt.Sprintf("the log belongs to world %x, not %x", head[16:24], want[16:24])
	case !bytes.Equal(head[48:80], want[48:80]):
		return fmt.Sprintf("the log begins at state %x, not %x: other people, accounts or another memory", head[48:56], want[48:56])
	}
	return "the head has a form that is not written"
}

// next reads the next record; io.EOF is the end of a sound log.
func (r *reader) next() (*record, error) {
	var frame [frameLength]byte
	switch n, err := r.fill(frame[:]); {
	case errors.Is(err, io.ErrUnexpectedEOF) && n == 0:
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, r.torn("the frame of batch %d has %d bytes of %d", r.batches, n, frameLength)
	case err != nil:
		return nil, err
	}
	if crc32.Checksum(frame[:8], castagnoli) != binary.LittleEndian.Uint32(frame[8:]) {
		if frame == [frameLength]byte{} && r.zerosFollow() {
			// Some file systems grow a file before they write it.
			return nil, r.torn("zeros stand where batch %d should", r.batches)
		}
		return nil, r.damage("the checksum of the frame of batch %d does not match", r.batches)
	}
	length := binary.LittleEndian.Uint32(frame[:])
	if length < 8+1+chainLength || length > mostBody {
		return nil, r.damage("batch %d says it is %d bytes long", r.batches, length)
	}
	// A body is read as it comes: a file that says more than it has gets no memory
	// for it.
	r.body = r.body[:0]
	for len(r.body) < int(length) {
		have := len(r.body)
		step := min(int(length)-have, 1<<20)
		r.body = append(r.body, make([]byte, step)...)
		switch n, err := r.fill(r.body[have:]); {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, r.torn("batch %d has %d bytes of %d", r.batches, have+n, length)
		case err != nil:
			return nil, err
		}
	}
	if crc32.Checksum(r.body, castagnoli) != binary.LittleEndian.Uint32(frame[4:]) {
		return nil, r.damage("the checksum of batch %d does not match", r.batches)
	}
	if number := binary.LittleEndian.Uint64(r.body); number != r.batches {
		return nil, r.damage("batch %d stands where batch %d should", number, r.batches)
	}
	content, stated := r.body[:length-chainLength], [chainLength]byte(r.body[length-chainLength:])
	chain := r.chain
	if r.chained {
		chain = nextChain(chain, content)
	}
	if stated != chain {
		return nil, r.damage("batch %d does not follow from the batches before it: its chain is another", r.batches)
	}
	var err error
	if r.rec.requests, r.rec.lines, err = r.d.batch(content[8:], r.rec.requests, r.rec.lines); err != nil {
		return nil, r.damage("batch %d: %v", r.batches, err)
	}
	r.chain = chain
	r.batches++
	r.sound += frameLength + int64(length)
	r.hold()
	return &r.rec, nil
}

// zerosFollow reports whether nothing but zeros is left.
func (r *reader) zerosFollow() bool {
	for {
		switch b, err := r.from.ReadByte(); {
		case err != nil:
			return errors.Is(err, io.EOF)
		case b != 0:
			return false
		}
	}
}
