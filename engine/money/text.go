package money

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// The edge of the engine: decimal strings in, decimal strings out. Nothing here
// runs while bills are settled.

// ParseYuan reads an amount in yuan with at most two decimals, such as "64.29"
// or "-3.18". A third decimal is refused, not rounded.
func ParseYuan(text string) (Fen, error) {
	v, err := parseScaled(text, 2)
	return Fen(v), err
}

// ParseRatio reads a ratio such as "0.1000" with at most four decimals.
func ParseRatio(text string) (BasisPoints, error) {
	v, err := parseScaled(text, 4)
	if err == nil && (v < 0 || v > int64(One)) {
		return 0, fmt.Errorf("%q is not a ratio between 0 and 1", text)
	}
	return BasisPoints(v), err
}

// ParsePrice reads a unit price in yuan with at most six decimals.
func ParsePrice(text string) (Micro, error) {
	v, err := parseScaled(text, 6)
	return Micro(v), err
}

// ParseCount reads a quantity with at most four decimals.
func ParseCount(text string) (Count, error) {
	v, err := parseScaled(text, 4)
	return Count(v), err
}

// maxDigits bounds what parseScaled hands to decimal, so that an exponent such
// as 1e999999999 costs nothing.
const maxDigits = 24

func parseScaled(text string, decimals int32) (int64, error) {
	if len(text) > maxDigits {
		return 0, fmt.Errorf("%.24q… is too long for an amount", text)
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '-' {
			return 0, fmt.Errorf("%q is not a decimal number", text)
		}
	}
	v, err := decimal.NewFromString(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a decimal number", text)
	}
	scaled := v.Shift(decimals)
	if !scaled.IsInteger() {
		return 0, fmt.Errorf("%q has more than %d decimals", text, decimals)
	}
	if !scaled.BigInt().IsInt64() {
		return 0, fmt.Errorf("%q does not fit an amount", text)
	}
	return scaled.IntPart(), nil
}

// String writes an amount in yuan with two decimals, as the national interface
// does: "64.29".
func (f Fen) String() string {
	return string(f.Append(nil))
}

// Append writes the amount in yuan with two decimals to b.
func (f Fen) Append(b []byte) []byte {
	return appendScaled(b, int64(f), 100, 2)
}

// String writes a ratio with four decimals: "0.8000".
func (r BasisPoints) String() string {
	return string(appendScaled(nil, int64(r), int64(One), 4))
}

func appendScaled(b []byte, v, unit int64, decimals int) []byte {
	m := magnitude(v)
	if v < 0 {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, m/uint64(unit), 10)
	b = append(b, '.')
	rest := strconv.FormatUint(m%uint64(unit)+uint64(unit), 10)
	return append(b, rest[len(rest)-decimals:]...)
}
