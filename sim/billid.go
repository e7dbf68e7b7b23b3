package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kuasheng/engine"
	"kuasheng/engine/day"
)

// BillID names one bill of a run by what it was drawn from: the patient, the
// month, and which episode of the month it is. It holds codes and not indexes, so
// that it means the same bill in every run of the scenario and seed, whole or
// sampled, on any machine.
type BillID struct {
	Pool     uint32 // code of the insured pool: 131000
	Scheme   engine.Scheme
	Treating uint32 // code of the province of treatment: 110000
	Patient  uint32 // index in the cohort of these three, from 0
	Month    day.Month
	// Kind is that of the claim; a chronic visit that fell to ordinary care keeps it.
	Kind    engine.Kind
	Ordinal uint8 // among the month's episodes of the kind, from 0
	// Rest marks the bill for what was left of a stay after a settlement in the
	// middle of it (X21); the settlement in the middle has the bare name.
	Rest bool
}

// restSuffix follows the ordinal of a bill with Rest.
const restSuffix = "-rest"

// String writes the id as 131000-employee-110000-1234/2024-07/inpatient-0.
func (id BillID) String() string {
	text := fmt.Sprintf("%06d-%v-%06d-%d/%v/%v-%d", id.Pool, id.Scheme, id.Treating, id.Patient, id.Month, id.Kind, id.Ordinal)
	if id.Rest {
		text += restSuffix
	}
	return text
}

// ParseBillID is the inverse of String. It does not know whether there is such a
// bill; Regenerate does.
func ParseBillID(text string) (id BillID, err error) {
	bad := func(format string, args ...any) (BillID, error) {
		return BillID{}, fmt.Errorf("bill %q: %s; a bill is named like 131000-employee-110000-1234/2024-07/inpatient-0", text, fmt.Sprintf(format, args...))
	}
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return bad("want patient/month/bill")
	}
	who := strings.Split(parts[0], "-")
	if len(who) != 4 {
		return bad("want pool-scheme-province-patient, not %q", parts[0])
	}
	scheme := slices.Index(engine.SchemeNames[:], who[1])
	if scheme < 0 {
		return bad("no scheme %q", who[1])
	}
	id.Scheme = engine.Scheme(scheme)
	for _, code := range []struct {
		text string
		into *uint32
	}{{who[0], &id.Pool}, {who[2], &id.Treating}} {
		n, err := strconv.ParseUint(code.text, 10, 32)
		if err != nil || len(code.text) != 6 {
			return bad("no division code %q", code.text)
		}
		*code.into = uint32(n)
	}
	patient, err := strconv.ParseUint(who[3], 10, 32)
	if err != nil {
		return bad("no patient %q", who[3])
	}
	id.Patient = uint32(patient)
	if id.Month, err = day.ParseMonth(parts[1]); err != nil {
		return bad("%v", err)
	}
	name, ordinal, _ := strings.Cut(parts[2], "-")
	kind := slices.Index(engine.KindNames[:], name)
	if kind < 0 {
		return bad("no kind %q", name)
	}
	id.Kind = engine.Kind(kind)
	ordinal, id.Rest = strings.CutSuffix(ordinal, restSuffix)
	n, err := strconv.ParseUint(ordinal, 10, 8)
	if err != nil || n >= maxVisits {
		return bad("no episode %q", ordinal)
	}
	id.Ordinal = uint8(n)
	if id.String() != text {
		return bad("it would be written %v", id)
	}
	return id, nil
}

// Compare orders ids by pool, scheme, province, patient, month, kind, ordinal.
func (id BillID) Compare(other BillID) int {
	return cmp.Or(
		cmp.Compare(id.Pool, other.Pool), cmp.Compare(id.Scheme, other.Scheme), cmp.Compare(id.Treating, other.Treating),
		cmp.Compare(id.Patient, other.Patient), cmp.Compare(id.Month, other.Month),
		cmp.Compare(id.Kind, other.Kind), cmp.Compare(id.Ordinal, other.Ordinal), compareBools(id.Rest, other.Rest),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
