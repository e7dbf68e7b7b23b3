package service

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

// The form of a batch in the log. It is the one place that knows the form, and
// formVersion in the file's head names it. Every batch has one form and every form
// one batch: what does not come out the same when it is written again was not
// written here.
//
//	batch    number of requests, requests
//	request  what it has 1, source, sequence, the parts it has in the order of the bits
//	line     class, item and width of the amount 1, amount 2 to 4
//	         or, where it has more or is odd, see oddLine
//
// Numbers are varints, signed ones in zigzag. A bill's day is the distance from the
// bill before it in the batch, its other days distances from that one.
const formVersion = 3

// What a request has, above its operation.
const (
	hasOf     = 1 << (3 + iota)
	hasOn     // a day of its own
	hasClaim  // any of it not zero
	hasFiling // any of it not zero
	hasWide   // an index that does not fit the packed ones, or a stay that it goes on from
)

// Upper bounds for the bytes of a request without its lines, and of a line.
const (
	mostRequest = 256
	mostLine    = 80
)

// appendBatch writes a batch's requests with their lines.
func appendBatch(b []byte, requests []engine.Request, lines []engine.Line) []byte {
	b = binary.AppendUvarint(b, uint64(len(requests)))
	last := day.Day(0)
	for i := range requests {
		b = appendRequest(b, &requests[i], lines, &last)
	}
	return b
}

func appendRequest(b []byte, q *engine.Request, lines []engine.Line, last *day.Day) []byte {
	c, f := &q.Claim, &q.Claim.Filing
	// One growth for all, and what is below is stores: room is what may be written.
	n := len(b)
	b = slices.Grow(b, mostRequest+mostLine*int(c.Lines))
	room := b[:cap(b)]
	what := byte(q.Op)
	if q.Of.Sequence != 0 || q.Of.Source != 0 {
		what |= hasOf
	}
	if q.On != 0 {
		what |= hasOn
	}
	// The first words decide of nearly all; the comparison of the whole is for the rest.
	if c.Lines != 0 || c.Person != 0 || *c != (engine.Claim{FirstLine: c.FirstLine}) {
		what |= hasClaim
		if f.Kind != 0 || f.From != 0 || *f != (engine.Filing{}) {
			what |= hasFiling
		}
		if c.Scheme > 1 || c.Kind > 3 || c.Level > 3 || c.PersonType > 7 || c.Identity > 3 || c.Disease > 63 || f.Kind > 7 || f.Basis > 3 || c.Stay|c.FormerStay != 0 {
			what |= hasWide
		}
	}
	room[n] = what
	n = unsigned(room, n+1, uint64(q.Source))
	n = unsigned(room, n, q.Sequence)
	if what&hasOf != 0 {
		n = unsigned(room, n, uint64(q.Of.Source))
		n = unsigned(room, n, q.Of.Sequence)
	}
	if what&hasOn != 0 {
		n = signed(room, n, int64(q.On))
	}
	if what&hasClaim == 0 {
		return room[:n]
	}
	if what&hasWide != 0 {
		n += copy(room[n:], []byte{byte(c.Scheme), byte(c.Kind), byte(c.Level), byte(c.PersonType), byte(c.Identity), byte(c.Disease), byte(f.Kind), byte(f.Basis),
			bit(f.Revoked)<<5 | bit(f.Fulfilled)<<6, c.Stay, c.FormerStay, c.Treating, c.Age})
	} else {
		packed := room[n : n+5]
		packed[0] = byte(c.Scheme) | byte(c.Kind)<<1 | byte(c.Level)<<3 | byte(c.PersonType)<<5
		packed[1] = byte(c.Identity) | byte(c.Disease)<<2
		packed[2] = byte(f.Kind) | byte(f.Basis)<<3 | bit(f.Revoked)<<5 | bit(f.Fulfilled)<<6
		packed[3], packed[4] = c.Treating, c.Age
		n += 5
	}
	n = unsigned(room, n, uint64(c.Person))
	n = unsigned(room, n, uint64(c.Institution))
	n = unsigned(room, n, uint64(c.Area))
	n = unsigned(room, n, uint64(c.Pool))
	n = unsigned(room, n, uint64(c.Flags))
	n = unsigned(room, n, uint64(c.CasePayment))
	n = signed(room, n, int64(c.SettleDay-*last))
	*last = c.SettleDay
	n = signed(room, n, int64(c.SettleDay-c.AdmitDay))
	if what&hasFiling != 0 {
		n = signed(room, n, int64(int32(f.Dest-c.Area)))
		n = signed(room, n, int64(f.Filed-c.SettleDay))
		n = signed(room, n, int64(f.From-c.SettleDay))
		n = signed(room, n, int64(f.To-c.SettleDay))
	}
	n = unsigned(room, n, uint64(c.Lines))
	own := c.LinesOf(lines)
	for i := range own {
		l := &own[i]
		if uint64(l.Amount)>>32 != 0 || l.SelfPay != engine.FromCatalogue || l.Class >= engine.NumFeeClasses || l.Item >= engine.NumCatalogueClasses ||
			l.Price|l.Limit != 0 || l.Count != 0 || l.DaysBefore|l.Original != 0 {
			n = oddLine(room, n, l)
			continue
		}
		// All four bytes of the amount are stored and as many kept as it has.
		width := widthOf(uint32(l.Amount))
		room[n] = byte(l.Class) + engine.NumFeeClasses*byte(l.Item) | byte(width)<<6
		binary.LittleEndian.PutUint32(room[n+1:], uint32(l.Amount))
		n += 3 + width
	}
	return room[:n]
}

// The first byte of a line: 14 classes × 3 items below classOdd, the width of the
// amount above.
const (
	classOdd = 63
	widthOdd = 3 // see oddLine
)

// widthOf is how many bytes above two an amount takes.
func widthOf(amount uint32) int { return (max(bits.Len32(amount), 16) - 9) / 8 }

// What an odd line has.
const (
	lineSelfPay = 1 << iota
	linePrice
	lineLimit
	lineCount
	lineDaysBefore
	lineOriginal
	lineClasses // class and item as they are
)

func oddLine(b []byte, n int, l *engine.Line) int {
	first, what := byte(classOdd), byte(0)
	if l.Class < engine.NumFeeClasses && l.Item < engine.NumCatalogueClasses {
		first = byte(l.Class) + engine.NumFeeClasses*byte(l.Item)
	} else {
		what = lineClasses
	}
	if l.SelfPay != engine.FromCatalogue {
		what |= lineSelfPay
	}
	what |= bit(l.Price != 0)*linePrice | bit(l.Limit != 0)*lineLimit | bit(l.Count != 0)*lineCount |
		bit(l.DaysBefore != 0)*lineDaysBefore | bit(l.Original != 0)*lineOriginal
	b[n], b[n+1] = first|widthOdd<<6, what
	n += 2
	if what&lineClasses != 0 {
		b[n], b[n+1] = byte(l.Class), byte(l.Item)
		n += 2
	}
	n = signed(b, n, int64(l.Amount))
	if what&lineSelfPay != 0 {
		n = signed(b, n, int64(l.SelfPay))
	}
	if what&linePrice != 0 {
		n = signed(b, n, int64(l.Price))
	}
	if what&lineLimit != 0 {
		n = signed(b, n, int64(l.Limit))
	}
	if what&lineCount != 0 {
		n = signed(b, n, int64(l.Count))
	}
	if what&lineDaysBefore != 0 {
		n = unsigned(b, n, uint64(l.DaysBefore))
	}
	if what&lineOriginal != 0 {
		n = unsigned(b, n, uint64(l.Original))
	}
	return n
}

// unsigned writes a varint at n and returns where it ends. Seven bytes beyond may be
// written over.
func unsigned(b []byte, n int, v uint64) int {
	for v >= 0x80 {
		b[n] = byte(v) | 0x80
		v >>= 7
		n++
	}
	b[n] = byte(v)
	return n + 1
}

// signed writes a zigzag varint.
func signed(b []byte, n int, v int64) int { return unsigned(b, n, uint64(v)<<1^uint64(v>>63)) }

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// decoder reads what appendBatch wrote.
type decoder struct {
	b     []byte
	err   error
	last  day.Day
	again []byte // room to write a batch again
}

var errShort = errors.New("the batch ends inside a request")

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.err = errShort
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) unsigned() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.err, d.b = errShort, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.err, d.b = errShort, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// batch reads the requests and lines of a whole batch into the room given.
func (d *decoder) batch(content []byte, requests []engine.Request, lines []engine.Line) ([]engine.Request, []engine.Line, error) {
	requests, lines = requests[:0], lines[:0]
	d.b, d.err, d.last = content, nil, 0
	for n := d.unsigned(); n > 0 && d.err == nil; n-- {
		var q engine.Request
		lines = d.request(&q, lines)
		requests = append(requests, q)
	}
	if d.err != nil {
		return requests, lines, d.err
	}
	if d.again = appendBatch(d.again[:0], requests, lines); !bytes.Equal(d.again, content) {
		return requests, lines, errors.New("the batch is not in the form in which batches are written")
	}
	return requests, lines, nil
}

func (d *decoder) request(q *engine.Request, lines []engine.Line) []engine.Line {
	c, f := &q.Claim, &q.Claim.Filing
	what := d.byte()
	if q.Op = engine.Operation(what & 7); q.Op >= engine.NumOperations {
		d.err = errors.New("a request asks for an unknown operation")
		return lines
	}
	q.Source, q.Sequence = uint32(d.unsigned()), d.unsigned()
	if what&hasOf != 0 {
		q.Of.Source, q.Of.Sequence = uint32(d.unsigned()), d.unsigned()
	}
	if what&hasOn != 0 {
		q.On = day.Day(d.signed())
	}
	c.FirstLine = uint32(len(lines))
	if what&hasClaim == 0 {
		c.FirstLine = 0
		return lines
	}
	var packed byte
	if what&hasWide != 0 {
		c.Scheme, c.Kind, c.Level = engine.Scheme(d.byte()), engine.Kind(d.byte()), engine.Level(d.byte())
		c.PersonType, c.Identity, c.Disease = engine.PersonType(d.byte()), engine.Identity(d.byte()), engine.Disease(d.byte())
		f.Kind, f.Basis = engine.FilingKind(d.byte()), engine.Basis(d.byte())
		packed = d.byte()
		c.Stay, c.FormerStay = d.byte(), d.byte()
	} else {
		packed = d.byte()
		c.Scheme, c.Kind, c.Level, c.PersonType = engine.Scheme(packed&1), engine.Kind(packed>>1&3), engine.Level(packed>>3&3), engine.PersonType(packed>>5)
		packed = d.byte()
		c.Identity, c.Disease = engine.Identity(packed&3), engine.Disease(packed>>2)
		packed = d.byte()
		f.Kind, f.Basis = engine.FilingKind(packed&7), engine.Basis(packed>>3&3)
	}
	f.Revoked, f.Fulfilled = packed>>5&1 != 0, packed>>6&1 != 0
	c.Treating, c.Age = d.byte(), d.byte()
	c.Person, c.Institution, c.Area = uint32(d.unsigned()), uint32(d.unsigned()), uint32(d.unsigned())
	c.Pool, c.Flags, c.CasePayment = uint16(d.unsigned()), engine.Flags(d.unsigned()), uint32(d.unsigned())
	c.SettleDay = d.last + day.Day(d.signed())
	d.last = c.SettleDay
	c.AdmitDay = c.SettleDay - day.Day(d.signed())
	if what&hasFiling != 0 {
		f.Dest = c.Area + uint32(d.signed())
		f.Filed, f.From, f.To = c.SettleDay+day.Day(d.signed()), c.SettleDay+day.Day(d.signed()), c.SettleDay+day.Day(d.signed())
	}
	n := d.unsigned()
	if n > uint64(len(d.b)) { // a line has a byte at least
		d.err = errShort
		return lines
	}
	c.Lines = uint16(n) // whoever writes more writes another batch
	for range n {
		lines = append(lines, d.line())
	}
	return lines
}

func (d *decoder) line() (l engine.Line) {
	first := d.byte()
	width, class := int(first>>6), first&classOdd
	l.SelfPay = engine.FromCatalogue
	l.Class, l.Item = engine.FeeClass(class%engine.NumFeeClasses), engine.CatalogueClass(class/engine.NumFeeClasses)
	if width != widthOdd {
		for shift := range width + 2 {
			l.Amount |= money.Fen(d.byte()) << (8 * shift)
		}
		return l
	}
	what := d.byte()
	if what&lineClasses != 0 {
		l.Class, l.Item = engine.FeeClass(d.byte()), engine.CatalogueClass(d.byte())
	}
	l.Amount = money.Fen(d.signed())
	if what&lineSelfPay != 0 {
		l.SelfPay = int16(d.signed())
	}
	if what&linePrice != 0 {
		l.Price = money.Micro(d.signed())
	}
	if what&lineLimit != 0 {
		l.Limit = money.Micro(d.signed())
	}
	if what&lineCount != 0 {
		l.Count = money.Count(d.signed())
	}
	if what&lineDaysBefore != 0 {
		l.DaysBefore = uint16(d.unsigned())
	}
	if what&lineOriginal != 0 {
		l.Original = uint16(d.unsigned())
	}
	return l
}
