//go:build !linux

package sim

// maxrssUnit is the unit of Rusage.Maxrss: bytes on macOS and the BSDs' kin.
const maxrssUnit = 1
