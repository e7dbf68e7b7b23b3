package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strconv"
)

// move is a row of moves.csv: what a period's matrix has more or less than its month's
// register.
type move struct {
	what         string
	month, from  month // settled in; missed, or booked in
	cell         int
	amount, fine int64
	line         int
}

// period is a clearing period: what each cell and each pair owes, and the days of its
// timetable.
type period struct {
	month   month
	ordinal int
	last    date
	amounts []int64 // by cell
	pairs   []int64
	setOff  []int64
	rows    int64
	// The days of the timetable, R12 to R14 and R3.
	reconciled, confirmed, allocated, signed, noticed, submitted, paid, fedBack, institutionsPaid, due date
	certificate                                                                                        certificate
}

type certificate struct {
	Month    string `json:"month"`
	Ordinal  int    `json:"ordinal"`
	Rows     int64  `json:"rows"`
	Payable  int64  `json:"payable_fen"`
	Debits   int64  `json:"debits_fen"`
	Credits  int64  `json:"credits_fen"`
	Matrix   string `json:"matrix"`
	Previous string `json:"previous"`
	Seal     string `json:"seal"`
}

// cleared is what a period clears in all.
func (p *period) cleared() int64 { return sum(p.pairs...) }

var cellColumns = []string{"pool_admdvs", "pool", "treating_admdvs", "treating", "scheme", "kind"}

// readCell reads them.
func (t *table) readCell() int {
	r := t.r
	return r.cell(t.place("pool_admdvs", r.poolAt, r.poolNames), t.place("treating_admdvs", r.provinceAt, r.provinceNames), t.one("scheme", r.p.Schemes), t.one("kind", r.p.Kinds))
}

// matrix makes the periods' matrices out of registers and moves, and compares with them
// the table of periods and the certificates.
func (r *run) matrix() {
	r.readMoves()
	for i := range r.settledMonths() {
		m := r.first + month(i)
		for ordinal := range r.periodsOf(m) {
			r.addPeriod(m, ordinal)
		}
	}
	// What rolled on, was carried or was found by an audit afterwards makes periods of
	// its own; they end when nothing is left.
	count := 0
	t := r.open("clearing/periods.csv", periodColumns...)
	for t.next() {
		count++
	}
	for len(r.periods) < min(count, len(r.periods)+600) {
		r.addPeriod(r.periods[len(r.periods)-1].month+1, 0)
	}
	if r.monthly() {
		r.deriveMatrices()
	} else {
		r.readMatrices()
	}
	r.conserve()
	var previous string
	r.pairMonths = nil
	for _, p := range r.periods {
		p.pairs = make([]int64, r.numPairs())
		for cell, amount := range p.amounts {
			if amount != 0 {
				pair := r.pairOf(cell)
				p.pairs[pair] = sum(p.pairs[pair], amount)
				p.rows++
			}
		}
		p.setOff = r.netted(p.pairs)
		previous = r.certify(p, previous)
		if at := int(p.month - r.first); at == len(r.pairMonths) {
			r.pairMonths = append(r.pairMonths, slices.Clone(p.pairs))
		} else {
			for pair, amount := range p.pairs {
				r.pairMonths[at][pair] = sum(r.pairMonths[at][pair], amount)
			}
		}
	}
	r.expect("clearing/periods.csv", "the matrix and the timetable", periodColumns, func(put func(...any)) {
		for _, p := range r.periods {
			transfers, moved := r.transfers(p)
			put(p.month, p.ordinal+1, p.last, p.reconciled, p.confirmed, p.allocated, p.signed, p.noticed, p.submitted, p.paid, p.fedBack,
				p.institutionsPaid, p.due, p.rows, p.cleared(), yuan(p.cleared()), transfers, moved, yuan(moved))
		}
	})
	r.calendarTable()
}

var periodColumns = []string{"month", "ordinal", "last_day", "reconciled", "confirmed", "allocated", "signed", "noticed", "submitted", "paid", "fed_back",
	"institutions_paid", "due", "rows", "cleared_fen", "cleared_yuan", "transfers", "moved_fen", "moved_yuan"}

func (r *run) readMoves() {
	t := r.open("clearing/moves.csv", slices.Concat([]string{"move", "month", "period"}, cellColumns, []string{"amount_fen", "amount_yuan", "cases", "fine_fen", "fine_yuan"})...)
	for t.next() {
		x := move{what: t.text("move"), month: t.month("month"), cell: t.readCell(), amount: t.int("amount_fen"), fine: t.int("fine_fen"), line: t.line}
		t.one("move", []string{"rolled", "exception", "recovered"})
		if x.what != "exception" {
			x.from = t.month("period")
		}
		t.int("cases")
		r.moves = append(r.moves, x)
	}
}

// periodsOf is how many periods a settled month has.
func (r *run) periodsOf(m month) int {
	switch r.p.Levers.Frequency {
	case "half_monthly":
		return 2
	case "weekly":
		return 4
	case "daily":
		return int(m.last()-m.first()) + 1
	}
	return 1
}

// addPeriod adds a period with the days of its timetable.
func (r *run) addPeriod(m month, ordinal int) {
	t, c := &r.p.Timetable, &r.calendar
	p := &period{month: m, ordinal: ordinal, last: m.last(), amounts: make([]int64, r.numCells())}
	n := r.periodsOf(m)
	runOff := int(m-r.first) >= r.settledMonths()
	if !runOff && ordinal < n-1 {
		length := map[string]int{"half_monthly": 15, "weekly": 7, "daily": 1}[r.p.Levers.Frequency]
		p.last = m.first() + date(length*(ordinal+1)-1)
	}
	if r.monthly() {
		p.reconciled, p.confirmed = (m + 1).on(t.ReconcileOn), (m + 1).on(t.ConfirmOn)
		p.allocated, p.signed, p.noticed = (m + 1).on(t.AllocateOn), (m + 1).on(t.SignOn), (m + 1).last()
		p.due = (m + 2).on(t.SignOn) - 1
	} else {
		p.allocated = c.after(p.last, t.ShortAllocate)
		p.reconciled, p.confirmed = p.allocated, p.allocated
		p.signed = c.after(p.allocated, t.ShortSign)
		p.noticed = p.signed
	}
	p.submitted = c.after(p.noticed, t.Submit)
	p.paid = c.after(p.submitted, t.Pay)
	p.fedBack = c.after(p.paid+date(t.Transfer), t.Feedback)
	p.institutionsPaid = c.after(p.signed, t.InstitutionsPaid)
	if !r.monthly() {
		p.due = max(p.paid, p.institutionsPaid)
	}
	r.periods = append(r.periods, p)
}

// name is how files call a period.
func (r *run) periodName(p *period) string {
	if r.monthly() {
		return p.month.String()
	}
	return fmt.Sprintf("%v-%d", p.month, p.ordinal+1)
}

// deriveMatrices makes monthly matrices: a month's register without what missed it,
// with what missed the months before, less what audits took back; negative pairs carried
// on where the lever says so (X11).
func (r *run) deriveMatrices() {
	type claim struct {
		origin month
		cell   int
	}
	lastMiss := map[claim]*move{}
	excepted := map[claim]bool{}
	for i := range r.moves {
		x := &r.moves[i]
		k := claim{x.month, x.cell}
		switch x.what {
		case "exception":
			excepted[k] = true
			if _, rolled := lastMiss[k]; !rolled {
				lastMiss[k] = x
			}
		case "rolled":
			if before := lastMiss[k]; before == nil || before.what == "exception" || before.from < x.from {
				lastMiss[k] = x
			}
		}
	}
	for i, x := range r.settled {
		copy(r.periods[i].amounts, x.cells)
	}
	add := func(m month, cell int, amount int64, line int) {
		at := int(m - r.first)
		if at < 0 || at >= len(r.periods) {
			r.find(Finding{"clearing/moves.csv", line, "period", "a period of clearing/periods.csv", m.String(), "what rolls on is in a later period"})
			return
		}
		r.periods[at].amounts[cell] = sum(r.periods[at].amounts[cell], amount)
	}
	for k, x := range lastMiss {
		add(k.origin, k.cell, -x.amount, x.line)
		if !excepted[k] {
			add(x.from+1, k.cell, x.amount, x.line)
		}
	}
	for _, x := range r.moves {
		if x.what == "recovered" {
			add(x.from, x.cell, -x.amount, x.line)
		}
	}
	if r.p.Levers.CarryNegative {
		r.carry()
	}
}

// carry takes negative pairs on to the next period, for so many periods at most.
func (r *run) carry() {
	carried := make([]int, r.numPairs())
	for i, p := range r.periods {
		pairs := make([]int64, r.numPairs())
		for cell, amount := range p.amounts {
			pairs[r.pairOf(cell)] = sum(pairs[r.pairOf(cell)], amount)
		}
		for cell, amount := range p.amounts {
			pair := r.pairOf(cell)
			if amount != 0 && pairs[pair] < 0 && carried[pair] < r.p.Timetable.MaxRoll && i+1 < len(r.periods) {
				r.periods[i+1].amounts[cell] = sum(r.periods[i+1].amounts[cell], amount)
				p.amounts[cell] = 0
			}
		}
		for pair, amount := range pairs {
			if amount < 0 && carried[pair] < r.p.Timetable.MaxRoll {
				carried[pair]++
			} else {
				carried[pair] = 0
			}
		}
	}
}

// readMatrices reads the matrices of periods shorter than a month, which no register
// tells apart.
func (r *run) readMatrices() {
	columns := slices.Concat([]string{"month", "ordinal"}, cellColumns, []string{"amount_fen", "amount_yuan"})
	for _, p := range r.periods {
		t := r.open("clearing/matrix/"+r.periodName(p)+".csv", columns...)
		for t.next() {
			t.same("month", p.month.String(), "the period of the file")
			t.sameInt("ordinal", int64(p.ordinal+1), "the period of the file")
			cell := t.readCell()
			p.amounts[cell] = sum(p.amounts[cell], t.int("amount_fen"))
		}
	}
}

// conserve proves that every cell's claims are in the periods once and in all (V6): what
// was settled, less what is too old for any period and what was taken back.
func (r *run) conserve() {
	left := make([]int64, r.numCells())
	for _, x := range r.settled {
		for cell, amount := range x.cells {
			left[cell] = sum(left[cell], amount)
		}
	}
	for _, x := range r.moves {
		if x.what == "exception" || x.what == "recovered" {
			left[x.cell] = sum(left[x.cell], -x.amount)
		}
	}
	for _, p := range r.periods {
		for cell, amount := range p.amounts {
			left[cell] = sum(left[cell], -amount)
		}
	}
	for cell, amount := range left {
		if amount != 0 {
			pool, treating, scheme, kind := r.splitCell(cell)
			r.find(Finding{File: "clearing/periods.csv", Column: fmt.Sprintf("%s → %s, %s, %s", r.poolNames[pool], r.provinceNames[treating], r.p.Schemes[scheme], r.p.Kinds[kind]),
				Want: "0", Got: strconv.FormatInt(amount, 10), Rule: "each claim is in one period (V6): registers − exceptions − recoveries − periods"})
		}
	}
	r.report.Checked += int64(len(left))
}

// certify derives a period's certificate and compares it.
func (r *run) certify(p *period, previous string) (seal string) {
	c := certificate{Month: p.month.String(), Ordinal: p.ordinal + 1, Rows: p.rows, Previous: previous}
	if previous == "" {
		c.Previous = hex.EncodeToString(make([]byte, sha256.Size))
	}
	h := sha256.New()
	for cell, amount := range p.amounts {
		if amount == 0 {
			continue
		}
		pool, treating, scheme, kind := r.splitCell(cell)
		fmt.Fprintf(h, "%d %d %s %s %d\n", r.p.Pools[pool].Code, r.p.Provinces[treating].Code, r.p.Schemes[scheme], r.p.Kinds[kind], amount)
		if amount > 0 {
			c.Debits = sum(c.Debits, amount)
		} else {
			c.Credits = sum(c.Credits, amount)
		}
	}
	c.Payable = sum(c.Debits, c.Credits)
	c.Matrix = hex.EncodeToString(h.Sum(nil))
	digest := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%d\n%d\n%d\n%d\n%s\n%s\n", c.Month, c.Ordinal, c.Rows, c.Payable, c.Debits, c.Credits, c.Matrix, c.Previous))
	c.Seal = hex.EncodeToString(digest[:])
	p.certificate = c
	text := fmt.Appendf(nil, "{\n  \"month\": %q,\n  \"ordinal\": %d,\n  \"rows\": %d,\n  \"payable_fen\": %d,\n  \"debits_fen\": %d,\n  \"credits_fen\": %d,\n  \"matrix\": %q,\n  \"previous\": %q,\n  \"seal\": %q\n}\n",
		c.Month, c.Ordinal, c.Rows, c.Payable, c.Debits, c.Credits, c.Matrix, c.Previous, c.Seal)
	r.sameText("certificates/"+r.periodName(p)+".json", text, "the certificate of the period's matrix")
	return c.Seal
}

// netted is what netting discharges of each pair's obligation without money.
func (r *run) netted(gross []int64) []int64 {
	off := make([]int64, len(gross))
	n := r.numProvinces()
	for scheme := range 2 {
		for a := range n {
			switch r.p.Levers.Netting {
			case "bilateral":
				for b := range n {
					if a != b {
						off[r.pair(a, b, scheme)] = max(0, min(gross[r.pair(a, b, scheme)], gross[r.pair(b, a, scheme)]))
					}
				}
			case "multilateral":
				r.netPosition(gross, off, a, scheme)
			}
		}
	}
	return off
}

// netPosition divides what a province need not pay among its pairs in proportion: each
// running sum is rounded down.
func (r *run) netPosition(gross, off []int64, a, scheme int) {
	var owes, due int64
	for b := range r.numProvinces() {
		if a != b {
			owes = sum(owes, max(0, gross[r.pair(a, b, scheme)]))
			due = sum(due, max(0, gross[r.pair(b, a, scheme)]))
		}
	}
	if owes == 0 {
		return
	}
	total := big.NewInt(min(owes, due))
	var running, given int64
	for b := range r.numProvinces() {
		if a == b {
			continue
		}
		running = sum(running, max(0, gross[r.pair(a, b, scheme)]))
		x := new(big.Int).Mul(big.NewInt(running), total)
		upTo := x.Div(x, big.NewInt(owes)).Int64()
		off[r.pair(a, b, scheme)] = upTo - given
		given = upTo
	}
}

// transfers counts the payments that a period needs and sums them.
func (r *run) transfers(p *period) (n int, moved int64) {
	positions := make([]int64, r.numProvinces()*2)
	for pair, amount := range p.pairs {
		insured, treating, scheme := r.splitPair(pair)
		if amount > 0 && r.p.Levers.Netting == "multilateral" {
			positions[insured*2+scheme] = sum(positions[insured*2+scheme], amount)
			positions[treating*2+scheme] = sum(positions[treating*2+scheme], -amount)
		} else if cash := amount - p.setOff[pair]; cash != 0 {
			n++
			moved = sum(moved, max(cash, -cash))
		}
	}
	for _, position := range positions {
		if position != 0 {
			n++
			moved = sum(moved, max(0, position))
		}
	}
	return n, moved
}

// calendarTable is clearing/calendar.csv: the settled months.
func (r *run) calendarTable() {
	columns := slices.Concat([]string{"month", "measured", "allocated", "signed", "institutions_paid", "paid", "overdue_working_days"}, measureNames, []string{"cleared_yuan"})
	r.expect("clearing/calendar.csv", "the timetable and the registers", columns, func(put func(...any)) {
		for i := range r.settled {
			var last *period
			for _, p := range r.periods {
				if p.month == r.first+month(i) {
					last = p
				}
			}
			var total [numMeasures]int64
			for _, v := range r.settled[i].byPair {
				for j, x := range v {
					total[j] = sum(total[j], x)
				}
			}
			values := []any{last.month, i >= r.p.WarmUp, last.allocated, last.signed, last.institutionsPaid, last.paid, r.calendar.between(last.due, last.paid)}
			for _, x := range total {
				values = append(values, x)
			}
			put(append(values, yuan(total[atCleared]))...)
		}
	})
}
