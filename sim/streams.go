package sim

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/sim/draw"
)

// Every random decision of a run is one of the draws listed here. A draw is a
// pure function of (seed, stream) as the key and (patient, month, slot) as the
// counter; no policy is in either, so two policies see the same patients with
// the same illnesses. A policy may use the same bits otherwise: how many days a
// filing takes is a share of what the pool allows itself.
//
//	stream          counter                          word: bits → decision
//	streamClearing                                   none: the key of clearing's own streams
//	streamSample    cohort                           w0: which patients of the cohort are in the sample
//	streamTraits    patient, 0                       w0: profile 32, city 16, filing kind of a resident 16
//	                                                 w1: group 6, unused 10, identity 16, usual institution 16, unused 16
//	                         1                       w0: age 16, disease 16, supplement 16, commitment 16
//	                                                 w1: fulfilled 16, revoked 16, day of a resident's filing 10, unused 22
//	streamVisits    patient, month                   w0: inpatient 32, outpatient 32
//	                                                 w1: chronic 32, pharmacy 32
//	streamEpisode   patient, month, kind, ordinal, 0 w0: fee 32, level 16, day 16
//	                                                 w1: filing 16, connected 16, incident 16, accounts 16
//	                             …               , 1 w0: basket 16, stay 16, unit price 16, late filing 16
//	                                                 w1: class of undivided lines, 16 bits each
//	                             …         , 2 and on  further lines
//	                             …       , slotLate  w0: day of asking 16, days of handling 16, unused 32
//	                             …       , slotCase  w0: paid by case 16, unused 16, payment 32
//	                             …       , slotHand  w0: claims by hand 16, the same for the rest of a stay 16, unused 32
//	                             …     , slotOutage  w0: waits for the platform 16, the same for the rest of a stay 16, unused 32
//	streamTrace     patient                          w0: which patients are traced
//
// Some bits decide two things, one within the other: filing decides which kind and,
// of a traveller's filing, how many days before admission it was made; incident
// decides which of the rare things happens that are listed in incidents.go;
// accounts decides whether the own account pays and, of the lowest part of those
// draws, whether a relative's does too. The last four slots are drawn only where
// somebody files late, a hospital is paid by case, a bill is refused, or a platform is
// down.
type stream uint64

const (
	streamClearing stream = iota // the key that clearing derives its own streams from
	streamSample
	streamTraits
	streamVisits
	streamEpisode
	streamTrace
	numStreams = iota
)

// The slots of an episode that are drawn only where they are needed, beyond those
// of any bill's lines.
const (
	slotLate = 0x100 + iota
	slotCase
	slotHand
	slotOutage
)

// maxVisits is the most episodes of one kind that one month can bring.
const maxVisits = draw.MaxCount

// keys are the generator keys of a seed, one for each stream.
type keys [numStreams]draw.Key

func keysOf(seed uint64) (k keys) {
	for s := range k {
		k[s] = draw.Key(seed).Stream(uint64(s), 0x6b756173_68656e67) // "kuasheng"
	}
	return k
}

// patientNumber identifies a patient by codes and not by indexes, so that adding
// a pool or a province changes nobody else.
func patientNumber(pool, treating uint32, scheme engine.Scheme, index uint32) uint64 {
	return uint64(pool)<<44 | uint64(scheme)<<40 | uint64(treating/10_000)<<32 | uint64(index)
}

// episodeCounter is the second counter word of an episode's draws.
func episodeCounter(m day.Month, kind engine.Kind, ordinal int, slot int) uint64 {
	return uint64(m)<<32 | uint64(kind)<<24 | uint64(ordinal)<<16 | uint64(slot)
}

// u16 returns 16 bits of a word, the lowest first.
func u16(word uint64, i int) uint32 { return uint32(word>>(16*i)) & 0xffff }
