package clearing

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// A draw is a pure function of Input.Draws and of what is drawn for, by codes and not
// by indexes: whatever else happens, it comes out the same.
//
//	streamReconcile  cell, month, attempt  the insured place has not reconciled by the 3rd
//	streamConfirm    cell, month, attempt  the institutions have not confirmed by the 20th
//	streamFrozen     cell, month, attempt  frozen by a difference of the daily reconciliation
//	streamRefuse     pair, month           the nation refuses a top-up
//	streamAudit      cell, month           an audit finds something
//	streamFault      kind, day, ordinal    a difference of the daily reconciliation and its class
type stream uint64

const (
	streamReconcile stream = iota
	streamConfirm
	streamFrozen
	streamRefuse
	streamAudit
	streamFault
	numStreams = iota
)

type keys [numStreams]draw.Key

func keysOf(key draw.Key) (k keys) {
	for d := range k {
		k[d] = key.Stream(uint64(d), 0x6d6f6e6579) // "money"
	}
	return k
}

// whole and million are what shares are shares of.
const (
	whole   = int64(money.One)
	million = 1_000_000
)

// hits reports whether a draw falls within share ÷ of.
func (k *keys) hits(d stream, c0, c1 uint64, share, of int64) bool {
	return share > 0 && k[d].Below(uint64(of), c0, c1) < uint64(share)
}

// cellNumber identifies a cell by codes.
func (k *Clearing) cellNumber(cell int) uint64 {
	pool, treating, scheme, kind := k.shape.Split(cell)
	return uint64(k.in.Pools[pool].Code)<<32 | uint64(k.in.Provinces[treating].Code/10_000)<<16 | uint64(scheme)<<8 | uint64(kind)
}

// pairNumber identifies a pair by codes.
func (k *Clearing) pairNumber(pair int) uint64 {
	insured, treating, scheme := k.shape.SplitPair(pair)
	return uint64(k.in.Provinces[insured].Code)<<32 | uint64(k.in.Provinces[treating].Code/10_000)<<16 | uint64(scheme)
}

// attempt counts how often a month's claims have been tried.
func attempt(m day.Month, tries int) uint64 { return uint64(m)<<16 | uint64(tries) }
