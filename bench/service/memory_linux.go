package service

import (
	"syscall"
	"unsafe"

	"kuasheng/engine"
)

// largePages asks the kernel to back an intake's memory with large pages. A kernel
// that declines changes nothing but the time.
func largePages(k *engine.Intake) {
	const page = 2 << 20
	for _, region := range k.Regions() {
		skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(region))) % page)
		if inner := region[min(skip, len(region)):]; len(inner) >= page {
			_ = syscall.Madvise(inner[:len(inner)/page*page], syscall.MADV_HUGEPAGE)
		}
	}
}
