package engine

import "unsafe"

// Regions returns the memory that an intake and its shard work in, for a caller
// that has the operating system back it with large pages: requests come in no
// order of persons, and small pages cost as much as the settlement. Nobody writes
// to it.
func (k *Intake) Regions() [][]byte {
	s := k.shard
	return [][]byte{
		bytesOf(s.people), bytesOf(s.annexes), bytesOf(s.books.cells.rows),
		bytesOf(k.kept), bytesOf(k.answers), bytesOf(k.slots), bytesOf(k.floors),
	}
}

func bytesOf[T any](s []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), uintptr(len(s))*unsafe.Sizeof(*new(T)))
}
