package sim

import (
	"testing"
	"unsafe"

	"kuasheng/engine"
)

// The memory of a run is mostly its patients': ARCHITECTURE.md states their size.
func TestSizeOfAPatient(t *testing.T) {
	if got := unsafe.Sizeof(patient{}) + unsafe.Sizeof(engine.PersonYear{}); got != 74 {
		t.Errorf("a patient takes %d bytes", got)
	}
}
