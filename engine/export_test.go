package engine

// WithoutSerial returns the person without the running number of settlements, the
// one thing that a reversal does not roll back: numbers are not given twice.
func (p PersonYear) WithoutSerial() PersonYear {
	p.serial = 0
	return p
}
