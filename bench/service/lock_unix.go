//go:build unix

package service

import (
	"fmt"
	"os"
	"syscall"
)

// lock keeps others from a log while it is open: two writers would leave a log that
// neither can read. The lock goes with the process.
func lock(file *os.File) error {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%s: another service has it open: %w", file.Name(), err)
	}
	return nil
}
