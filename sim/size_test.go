package sim

import (
	"testing"
	"unsafe"

	"kuasheng/engine"
)

// The memory of a run is mostly its patients': ARCHITECTURE.md states their size.
func TestPatientTakesSixtyBytes(t *testing.T) {
	if got := unsafe.Sizeof(patient{}) + unsafe.Sizeof(engine.PersonYear{}); got != 60 {
		t.Errorf("a patient takes %d bytes", got)
	}
}
