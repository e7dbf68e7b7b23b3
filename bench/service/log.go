package service

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
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
// A file that ends inside a record has a torn tail, as a crash leaves it. That is
// known only because the length has a checksum of its own: were it merely wrong,
// whole batches behind it would look like one that is cut short. Whether what is
// missing was acknowledged the file cannot tell, and its anchor does (see anchor.go).
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

	opened *os.File
	info   os.FileInfo
	sum    [32]byte // of the head
	size   int64    // where the next batch belongs
	synced int64    // up to here a sync has succeeded
	head   []byte   // to be written first, where the log is new
	anchor *anchor  // nil until the log has begun
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

// begin makes an opened log ready for appending: the torn tail is cut off, what no
// sync is known to have written is written again, a new log gets its head, and all of
// it is on the disk, with an anchor, before the first batch is.
func (w *log) begin() error {
	if err := w.opened.Truncate(w.size); err != nil {
		return err
	}
	if err := w.writeAgain(); err != nil {
		return err
	}
	if _, err := w.file.Write(w.head); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	w.size += int64(len(w.head))
	w.synced = w.size
	var err error
	if w.info, err = w.opened.Stat(); err != nil {
		return err
	}
	if w.anchor, err = newAnchor(w.name, w.mark()); err != nil {
		return err
	}
	// The files' names are on the disk when their directory is.
	dir, err := os.Open(filepath.Dir(w.name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// pageCluster is a multiple of what any file system writes at once.
const pageCluster = 1 << 16

// writeAgain writes over itself what stands behind the last sync that succeeded, and
// leaves the file at its end. A sync that fails leaves pages in memory that are not
// on the disk and that no later sync writes, unless they are written to: without
// this, a log that was read from memory would go on behind a hole.
func (w *log) writeAgain() error {
	at := min(w.synced, w.size) / pageCluster * pageCluster
	if _, err := w.opened.Seek(at, io.SeekStart); err != nil {
		return err
	}
	for b := make([]byte, 16*pageCluster); at < w.size; {
		b = b[:min(int64(len(b)), w.size-at)]
		if _, err := w.opened.ReadAt(b, at); err != nil {
			return err
		}
		if _, err := w.file.Write(b); err != nil {
			return err
		}
		at += int64(len(b))
	}
	return nil
}

// mark is what the anchor is to say.
func (w *log) mark() *mark {
	return &mark{log: w.sum, batches: w.batches, end: w.size, synced: w.synced, chain: w.chain}
}

// commit writes a group of batches at once, where asked has the disk write it, and
// then the anchor. After an error the file may hold any part of the group, and
// nothing may follow.
func (w *log) commit(group []*Batch, sync bool) error {
	w.buf = w.buf[:0]
	for _, b := range group {
		if err := w.append(b); err != nil {
			return err
		}
	}
	if w.anchor != nil {
		if err := w.inPlace(); err != nil {
			return fmt.Errorf("log: %w", err)
		}
	}
	if _, err := w.file.Write(w.buf); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	w.size += int64(len(w.buf))
	if sync {
		if err := w.file.Sync(); err != nil {
			return fmt.Errorf("log: %w", err)
		}
		w.synced = w.size
	}
	if w.anchor == nil {
		return nil
	}
	if err := w.anchor.write(w.mark()); err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	return nil
}

// inPlace says whether the log still is the file of its name, as long as it was left:
// what goes into another file, or behind a hole, is lost.
func (w *log) inPlace() error {
	switch info, err := os.Stat(w.name); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s was removed while the service wrote it", w.name)
	case err != nil:
		return err
	case !os.SameFile(info, w.info):
		return fmt.Errorf("%s was replaced while the service wrote it", w.name)
	case info.Size() != w.size:
		return fmt.Errorf("%s has %d bytes, %d were written: another changed it while the service wrote it", w.name, info.Size(), w.size)
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

// headSum is what the first record's chain follows from, and what the anchor knows
// its log by.
func headSum(head []byte) [chainLength]byte { return sha256.Sum256(head) }

func nextChain(chain [chainLength]byte, content []byte) (next [chainLength]byte) {
	h := sha256.New()
	h.Write(chain[:])
	h.Write(content)
	h.Sum(next[:0])
	return next
}

// close closes a log, and where asked has the disk write its anchor before.
func (w *log) close(sync bool) error {
	if w.anchor == nil {
		return w.file.Close()
	}
	var err error
	if sync {
		err = w.anchor.sync(true)
	}
	return errors.Join(err, w.anchor.file.Close(), w.file.Close())
}
