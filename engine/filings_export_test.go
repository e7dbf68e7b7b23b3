package engine

// CheckFiling is what a settlement makes of the filing in the claim.
func (r *FilingRule) CheckFiling(c *Claim) (FilingKind, Status) { return r.check(c) }

// AtHome is what a settlement in the own province makes of it (B18).
func (r *FilingRule) AtHome(c *Claim) (FilingKind, Status) {
	t := Terms{Filing: *r}
	return t.atHome(c)
}
