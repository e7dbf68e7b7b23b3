package sim

import (
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/draw"
)

// The draws of clearing are keyed like those of streams.go: a pure function of the
// seed and of what is drawn for, by codes and not by indexes. They have a
// generator key each, apart from the population's.
//
//	drawReconcile  cell, month, attempt  the insured place has not reconciled by the 3rd
//	drawConfirm    cell, month, attempt  the institutions have not confirmed by the 20th
//	drawFrozen     cell, month, attempt  frozen by a difference of the daily reconciliation
//	drawRefuse     pair, month           the nation refuses a top-up
//	drawAudit      cell, month           an audit finds something
//	drawFault      kind, day, ordinal    a difference of the daily reconciliation and its class
type moneyDraw uint64

const (
	drawReconcile moneyDraw = iota
	drawConfirm
	drawFrozen
	drawRefuse
	drawAudit
	drawFault
	numMoneyDraws = iota
)

type moneyKeys [numMoneyDraws]draw.Key

func moneyKeysOf(key draw.Key) (k moneyKeys) {
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
func (k *moneyKeys) hits(d moneyDraw, c0, c1 uint64, share, of int64) bool {
	return share > 0 && k[d].Below(uint64(of), c0, c1) < uint64(share)
}

// cellNumber identifies a cell by codes.
func (k *clearing) cellNumber(cell int) uint64 {
	pool, treating, scheme, kind := k.shape.Split(cell)
	return uint64(k.world.Pools[pool].Code)<<32 | uint64(k.world.Provinces[treating].Code/10_000)<<16 | uint64(scheme)<<8 | uint64(kind)
}

// pairNumber identifies a pair by codes.
func (k *clearing) pairNumber(pair int) uint64 {
	insured, treating, scheme := k.shape.SplitPair(pair)
	return uint64(k.world.Provinces[insured].Code)<<32 | uint64(k.world.Provinces[treating].Code/10_000)<<16 | uint64(scheme)
}

// attempt counts how often a month's claims have been tried.
func attempt(m day.Month, tries int) uint64 { return uint64(m)<<16 | uint64(tries) }
