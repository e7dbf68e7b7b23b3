package service

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// A log cannot tell that it has lost its end. The anchor, a file beside it, says how
// far it was acknowledged. It has two slots. The one that was synced last is left alone
// until the other is, so that a power cut in the midst of a write leaves it:
//
//	slot  magic 8, form 4, log 32, batches 8, end 8, synced 8, chain 32, CRC32C of these 4
//
// with little-endian numbers. Log is the SHA-256 of the log's head; so many batches
// were acknowledged, the last of which ends at end and has that chain; up to synced a
// sync of the log has succeeded.
//
// A slot is written after the log's group is written, and synced where asked, and
// before the group is acknowledged. So while the machine runs, whatever happens to
// the process, the anchor names every acknowledged batch and none that the log did
// not have. The anchor's own sync comes behind the answers, see anchorGroups: after
// a power cut it may be older than the log by so many groups. That the log lost these
// and no more is then not noticed; that it lost others is.
const (
	anchorMagic  = "KSANCHOR"
	anchorForm   = 1
	slotLength   = 8 + 4 + 32 + 8 + 8 + 8 + chainLength + 4
	slotDistance = 4096 // no block of a disk holds both
	slots        = 2
)

// anchorGroups is after how many groups at the latest the anchor is synced, where the
// log is; it also is when the shard has nothing on its way. A sync for each group
// would cost a third of the log's own.
const anchorGroups = 16

// anchorName is the file of a log's anchor.
func anchorName(log string) string { return log + ".anchor" }

// mark is what an anchor says.
type mark struct {
	log         [32]byte
	batches     uint64
	end, synced int64
	chain       [chainLength]byte
	// damaged says that the anchor is there and cannot be read.
	damaged bool
}

// appendSlot writes a slot.
func (m *mark) appendSlot(b []byte) []byte {
	from := len(b)
	b = append(b, anchorMagic...)
	b = binary.LittleEndian.AppendUint32(b, anchorForm)
	b = append(b, m.log[:]...)
	b = binary.LittleEndian.AppendUint64(b, m.batches)
	b = binary.LittleEndian.AppendUint64(b, uint64(m.end))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.synced))
	b = append(b, m.chain[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// slotOf reads a slot.
func slotOf(b []byte) (m mark, sound bool) {
	content := b[:slotLength-4]
	if string(b[:8]) != anchorMagic || binary.LittleEndian.Uint32(b[8:]) != anchorForm ||
		crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(b[slotLength-4:]) {
		return m, false
	}
	return mark{
		log: [32]byte(b[12:]), batches: binary.LittleEndian.Uint64(b[44:]), end: int64(binary.LittleEndian.Uint64(b[52:])),
		synced: int64(binary.LittleEndian.Uint64(b[60:])), chain: [chainLength]byte(b[68:]),
	}, true
}

// readAnchor reads the anchor of a log, nil where it has none.
func readAnchor(log string) (*mark, error) {
	file, err := os.Open(anchorName(log))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer file.Close()
	newest := &mark{damaged: true}
	for i := range slots {
		var b [slotLength]byte
		if _, err := file.ReadAt(b[:], int64(i)*slotDistance); err == io.EOF {
			continue
		} else if err != nil {
			return nil, err
		}
		if m, sound := slotOf(b[:]); sound && (newest.damaged || m.batches > newest.batches) {
			newest = &m
		}
	}
	return newest, nil
}

// anchor is the anchor of a log that is being written.
type anchor struct {
	file interface {
		io.WriterAt
		io.Closer
		Sync() error
	}
	slot     int // to write into: not the one that was synced last
	unsynced int // groups since then
	buf      []byte
}

// newAnchor puts a new anchor in the place of any that a log has: written and synced
// under another name first. Its name is on the disk when its directory is.
func newAnchor(log string, m *mark) (*anchor, error) {
	name := anchorName(log)
	file, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	// All of it is written, so that none of what follows takes room on the disk.
	all := append(m.appendSlot(nil), make([]byte, slots*slotDistance-slotLength)...)
	_, err = file.Write(all)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &anchor{file: file, slot: 1}, nil
}

func (a *anchor) write(m *mark) error {
	a.buf = m.appendSlot(a.buf[:0])
	a.unsynced++
	_, err := a.file.WriteAt(a.buf, int64(a.slot)*slotDistance)
	return err
}

// sync has the disk write the anchor, now or where it is time.
func (a *anchor) sync(now bool) error {
	if a.unsynced == 0 || !now && a.unsynced < anchorGroups {
		return nil
	}
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	a.slot, a.unsynced = (a.slot+1)%slots, 0
	return nil
}

// Loss is a log that holds less than was acknowledged, or of which nobody can tell.
type Loss struct {
	File string
	// Acknowledged is what the anchor says, 0 where there is none to be read; Found is
	// how many batches the log has.
	Acknowledged, Found uint64
	What                string
}

// Error names file, batches and what is wrong.
func (l *Loss) Error() string { return l.File + ": " + l.What }

// loss holds what was read of a log against its anchor, nil where nothing is missing.
func (r *reader) loss() *Loss {
	m, what := r.mark, ""
	switch {
	case m == nil && r.batches == 0, m != nil && !m.damaged && m.batches == 0 && r.batches == 0:
		return nil // a new log
	case m == nil:
		m = &mark{}
		what = fmt.Sprintf("%d batches and no anchor (%s): whether more were acknowledged cannot be told", r.batches, anchorName(r.name))
	case m.damaged:
		what = fmt.Sprintf("%d batches and a damaged anchor (%s): whether more were acknowledged cannot be told", r.batches, anchorName(r.name))
	case r.batches < m.batches:
		what = fmt.Sprintf("%d of the %d batches that were acknowledged: it lacks the last %d", r.batches, m.batches, m.batches-r.batches)
	case !r.anchored:
		what = fmt.Sprintf("%d batches, but not the %d that were acknowledged: the anchor is another log's", r.batches, m.batches)
	default:
		return nil
	}
	return &Loss{r.name, m.batches, r.batches, what}
}
