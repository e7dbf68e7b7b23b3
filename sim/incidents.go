package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// incident is something out of the ordinary about a visit. The incidents are
// rare, so one visit has at most one.
type incident = int

const (
	suspension      incident = iota // enrolment suspended (X30)
	reversal                        // settled and taken back (X7)
	thirdParty                      // an injury that somebody else is liable for (C9)
	noLetter                        // an injury without the signed letter (C9)
	injury                          // an injury with it
	unverified                      // the credential cannot be verified (A8, X48)
	midStay                         // a stay settled in its middle too (X21)
	transfer                        // a stay that went on in another hospital (X22)
	notOpened                       // the institution has not opened the chronic disease (C13)
	ordinaryInstead                 // and the patient takes ordinary outpatient care (X42)
	nothing                         // the ordinary visit
	numIncidents    = 11
)

// incidentFlags are what the bill says of an incident.
var incidentFlags = [numIncidents]engine.Flags{
	suspension:      engine.FlagSuspended,
	thirdParty:      engine.FlagInjury | engine.FlagThirdParty,
	noLetter:        engine.FlagInjury,
	injury:          engine.FlagInjury | engine.FlagInjuryLetter,
	unverified:      engine.FlagUnverified,
	notOpened:       engine.FlagNotOpened,
	ordinaryInstead: engine.FlagNotOpened | engine.FlagOrdinaryInstead,
}

// incidents draw what is out of the ordinary about a visit of one kind.
type incidents struct {
	which draw.Choice
	// eventful is the lowest draw from which on nothing happens.
	eventful uint32
	// splitFrom and splitWidth are the draws of a divided stay.
	splitFrom, splitWidth uint32
}

// divides reports whether the draw is one of a stay in two bills.
func (x *incidents) divides(draw uint32) bool { return draw-x.splitFrom < x.splitWidth }

// incidentsOf weighs the incidents of a visit of one kind in 1/10⁸.
func incidentsOf(b *Behavior, kind engine.Kind) (x incidents, err error) {
	const one = int64(money.One)
	var w [numIncidents]int64
	w[suspension] = int64(b.Suspended) * one
	w[reversal] = int64(b.Reversed[kind]) * one
	w[thirdParty] = int64(b.Injury) * int64(b.ThirdParty)
	harmless := int64(b.Injury) * int64(money.One-b.ThirdParty)
	w[noLetter] = harmless / one * int64(b.NoLetter)
	w[injury] = harmless - w[noLetter]
	w[unverified] = int64(b.Unverified) * one
	switch kind {
	case engine.Inpatient:
		w[midStay], w[transfer] = int64(b.MidStay)*one, int64(b.Transferred)*one
	case engine.Chronic:
		w[ordinaryInstead] = int64(b.NotOpened) * int64(b.OrdinaryInstead)
		w[notOpened] = int64(b.NotOpened)*one - w[ordinaryInstead]
	}
	w[nothing] = one * one
	for _, v := range w[:nothing] {
		w[nothing] -= v
	}
	if x.which, err = draw.ChoiceOf(w[:]); err != nil {
		return x, err
	}
	for draw := uint32(0); draw < 1<<16; draw++ {
		happens := x.which.Pick(draw)
		if happens == nothing {
			break
		}
		x.eventful = draw + 1
		if happens == midStay || happens == transfer {
			if x.splitWidth == 0 {
				x.splitFrom = draw
			}
			x.splitWidth++
		}
	}
	return x, nil
}

// middle is the day on which a stay is divided, in the month of its discharge: the
// bill of the first part belongs to the same month's barrier. Days count from the
// month's first. ok is false where the stay is too short.
func middle(admitted, discharged int) (day int, ok bool) {
	day = max(0, admitted+(discharged-admitted)/2)
	return day, admitted < day && day < discharged
}
