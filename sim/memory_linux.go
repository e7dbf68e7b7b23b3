package sim

import (
	"syscall"
	"unsafe"
)

// largePages asks the kernel to back a large slice with large pages. The
// population is walked from end to end every month: with small pages a run spends
// several per cent of its time on first touching them.
func largePages[T any](s []T) {
	const page = 2 << 20
	size := uintptr(len(s)) * unsafe.Sizeof(*new(T))
	if size < 4*page {
		return
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	skip := -start % page
	inner := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), size)[skip:]
	inner = inner[:len(inner)/page*page]
	// A kernel that declines changes nothing but the time.
	_ = syscall.Madvise(inner, syscall.MADV_HUGEPAGE)
}
