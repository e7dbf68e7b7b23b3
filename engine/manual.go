package engine

// Reimburse decides the manual claims 手工报销 for bills that were paid in full
// because they could not settle directly (B15, C11, C19): the pool pays the
// person by its own rules, at the drop of a filing that covers the place and day
// even if it was made late, or else of the unfiled, and for a chronic disease beside
// the list of those that settle between provinces too (N11). What a direct settlement
// is refused for on account of the person, the injury or the lines is refused here
// too. Results and accumulators are those of a settlement; the fund owes the
// patient and not the place of treatment, so the books keep it apart. Accounts do
// not pay: the patient has.
func (s *Shard) Reimburse(claims []Claim, lines []Line, results []Result) {
	results = results[:len(claims)]
	for i := range claims {
		c, r := &claims[i], &results[i]
		*r = Result{}
		own := c.LinesOf(lines)
		if status := s.reimburse(c, own, r); status != Settled {
			*r = Result{Status: s.firstOf(status, c, own)}
		}
	}
}

func (s *Shard) reimburse(c *Claim, lines []Line, r *Result) Status {
	if c.SettleDay < s.monthFrom || c.SettleDay >= s.monthTo {
		s.turnTo(c.SettleDay)
	}
	if s.provinceOf[c.Pool] == c.Treating {
		return StatusSameProvince
	}
	if len(s.termsAt) == 0 {
		return StatusNoPolicy
	}
	terms := &s.rules.terms[s.termsAt[int(c.Pool)*NumSchemes+int(c.Scheme)]]
	paid := *c
	paid.Flags &^= FlagUnconnected | FlagNotOpened | FlagUseAccount | FlagUseMutual
	paid.CasePayment = 0
	if status := refusal(&paid); status != Settled {
		return status
	}
	late := paid
	late.Filing.Filed = min(c.Filing.Filed, c.SettleDay)
	filing, status := terms.Filing.check(&late)
	switch {
	case status == StatusFilingRevoked:
		return status
	case status != Settled:
		filing = Unfiled
	}
	r.ByHand = true
	return s.pay(terms, &paid, lines, filing, false, r)
}
