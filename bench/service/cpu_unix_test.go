//go:build unix

package service

import "syscall"

// cpuNS is the processor time that the process has used.
func cpuNS() int64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
