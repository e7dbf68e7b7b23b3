//go:build !linux

package sim

// largePages does nothing where the kernel is not asked for large pages.
func largePages[T any]([]T) {}
