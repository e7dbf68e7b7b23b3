package service

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// The log of a shard is one file: a head, then one record for each batch,
//
//	head    magic 8, form 3, chained 1, shard 4, world 32, start 32, CRC32C of these 4
//	record  length of the body 4, CRC32C of the body 4, CRC32C of these 4, body
//	body    number of the batch 8, batch (see encode.go), chain 32
//
// with little-endian numbers. Start is the state digest of the shard before the
// first batch: people, accounts, and how much the intake remembers. The chain of a
// record is the SHA-256 over the chain of the one before and its own number and
// batch; that of the first is over the head. Without chained all chains are zero.
//
// A file that ends inside a record has the torn tail of a crash, which was never
// acknowledged. That is known only because the length has a checksum of its own:
// were it merely wrong, whole batches behind it would look like one that is cut
// short.
const (
	logMagic    = "KUASHENG"
	headLength  = 8 + 4 + 4 + 32 + 32 + 4
	frameLength = 12
	chainLength = sha256.Size
	mostBody    = 1 << 28
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// disk is what the log needs of its file.
type disk interface {
	io.WriteCloser
	Sync() error
}

// log appends batches to a shard's file. Once opened it stands where the next
// batch belongs.
type log struct {
	name    string
	file    disk
	chain   [chainLength]byte
	chained bool
	batches uint64
	buf     []byte // what is to be written

	// Of an opened log that has not begun: what stands in the file already.
	opened *os.File
	sound  int64  // bytes that are kept
	head   []byte // to be written first, where nothing is kept
}

// appendHead writes the head of a shard's log.
func appendHead(b []byte, shard int, world, start [32]byte, chained bool) []byte {
	from := len(b)
	b = append(b, logMagic...)
	b = binary.LittleEndian.AppendUint32(b, formVersion|uint32(bit(chained))<<24)
	b = binary.LittleEndian.AppendUint32(b, uint32(shard))
	b = append(b, world[:]...)
	b = append(b, start[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// begin makes an opened log ready for appending: the torn tail is cut off, a head
// written where there is none, and both are on the disk before the first batch is.
func (w *log) begin() error {
	if err := w.opened.Truncate(w.sound); err != nil {
		return err
	}
	if _, err := w.opened.Seek(w.sound, io.SeekStart); err != nil {
		return err
	}
	if _, err := w.file.Write(w.head); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	// The file's name is on the disk when its directory is.
	dir, err := os.Open(filepath.Dir(w.name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// commit writes a group of batches at once, and where asked has the disk write it.
// After an error the file may hold any part of the group, and nothing may follow.
func (w *log) commit(group []*Batch, sync bool) error {
	w.buf = w.buf[:0]
	for _, b := range group {
		if err := w.append(b); err != nil {
			return err
		}
	}
	if _, err := w.file.Write(w.buf); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	if !sync {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

// append adds a batch to the buffer.
func (w *log) append(b *Batch) error {
	start := len(w.buf)
	w.buf = append(w.buf, make([]byte, frameLength)...)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, w.batches)
	w.buf = appendBatch(w.buf, b.Requests, b.Lines)
	if w.chained {
		w.chain = nextChain(w.chain, w.buf[start+frameLength:])
	}
	w.buf = append(w.buf, w.chain[:]...)
	if n := len(w.buf) - start - frameLength; n > mostBody {
		return fmt.Errorf("log: batch %d takes %d bytes, more than %d", w.batches, n, mostBody)
	}
	putFrame(w.buf[start:])
	w.batches++
	return nil
}

// putFrame fills in the frame of a record.
func putFrame(record []byte) {
	body := record[frameLength:]
	binary.LittleEndian.PutUint32(record, uint32(len(body)))
	binary.LittleEndian.PutUint32(record[4:], crc32.Checksum(body, castagnoli))
	binary.LittleEndian.PutUint32(record[8:], crc32.Checksum(record[:8], castagnoli))
}

// firstChain is what the first record's chain follows from.
func firstChain(head []byte) [chainLength]byte { return sha256.Sum256(head) }

func nextChain(chain [chainLength]byte, content []byte) (next [chainLength]byte) {
	h := sha256.New()
	h.Write(chain[:])
	h.Write(content)
	h.Sum(next[:0])
	return next
}

func (w *log) close() error { return w.file.Close() }
