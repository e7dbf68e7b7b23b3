package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"kuasheng/engine/money"
)

// shareFlag is a share, typed as 3% or 0.03 and kept in basis points, up to Most.
type shareFlag struct {
	money.BasisPoints
	most money.BasisPoints
}

func (v *shareFlag) Type() string   { return "share" }
func (v *shareFlag) String() string { return percentOfBP(v.BasisPoints) }
func (v *shareFlag) Set(text string) error {
	bp, err := parseShare(text, v.most)
	if err == nil {
		v.BasisPoints = bp
	}
	return err
}

// errNoShare says how a share is typed.
var errNoShare = errors.New("not a share such as 3% or 0.03")

// parseShare reads a share from nothing to most, exact to a basis point.
func parseShare(text string, most money.BasisPoints) (money.BasisPoints, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	shift := int32(4)
	if percent {
		shift = 2
	}
	if len(number) > 20 { // no share, and its powers of ten could be large
		return 0, errNoShare
	}
	d, err := decimal.NewFromString(strings.TrimSpace(number))
	if err != nil || strings.ContainsAny(number, "eE") {
		return 0, errNoShare
	}
	bp := d.Shift(shift)
	switch {
	case bp.IsNegative() || bp.GreaterThan(decimal.NewFromInt(int64(most))):
		hint := ""
		if !percent && d.IsInteger() && d.LessThanOrEqual(decimal.NewFromInt(int64(most))) {
			hint = fmt.Sprintf("; %s basis points are %s", d, percentOfBP(money.BasisPoints(d.IntPart())))
		}
		return 0, fmt.Errorf("%s is not within 0%% to %s%s", d.Shift(shift-2).String()+"%", percentOfBP(most), hint)
	case !bp.IsInteger():
		return 0, errors.New("finer than a hundredth of a per cent")
	}
	return money.BasisPoints(bp.IntPart()), nil
}

// percentOfBP writes basis points as they are typed: 3%, 12.5%.
func percentOfBP(bp money.BasisPoints) string { return decimal.New(int64(bp), -2).String() + "%" }
