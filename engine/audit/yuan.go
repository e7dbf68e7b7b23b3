package audit

import (
	"github.com/shopspring/decimal"

	"kuasheng/engine/money"
)

// Every number below is an exact decimal: yuan, or a share of one. The engine's types
// are unpacked here and nowhere else.

var (
	zero = decimal.Decimal{}
	fen  = decimal.New(1, -2)
	half = decimal.New(5, -1)
	one  = decimal.New(1, 0)
)

// yuan is an amount of fen in yuan: two decimals.
func yuan(amount money.Fen) decimal.Decimal { return decimal.New(int64(amount), -2) }

// share is a ratio of basis points as a part of one: four decimals.
func share(ratio money.BasisPoints) decimal.Decimal { return decimal.New(int64(ratio), -4) }

// unitPrice is a price as pric carries it: six decimals of a yuan.
func unitPrice(price money.Micro) decimal.Decimal { return decimal.New(int64(price), -6) }

// quantity is a count as cnt carries it: four decimals.
func quantity(count money.Count) decimal.Decimal { return decimal.New(int64(count), -4) }

// halfUpToFen rounds half-up away from zero to the fen (X26): 3.177 is 3.18, 0.005 is
// 0.01 and −0.005 is −0.01, so that the reversal of an amount is its exact negative.
func halfUpToFen(amount decimal.Decimal) decimal.Decimal { return amount.Round(2) }

// upToFen is the quotient of two positive amounts, raised to the next whole fen.
func upToFen(amount, by decimal.Decimal) decimal.Decimal {
	quotient, rest := amount.QuoRem(by, 2)
	if rest.IsPositive() {
		return quotient.Add(fen)
	}
	return quotient
}

// notBelowZero is the amount, or nothing where it is negative.
func notBelowZero(amount decimal.Decimal) decimal.Decimal {
	if amount.IsNegative() {
		return zero
	}
	return amount
}

// least is the smallest of some amounts.
func least(first decimal.Decimal, others ...decimal.Decimal) decimal.Decimal {
	return decimal.Min(first, others...)
}
