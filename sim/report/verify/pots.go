package verify

import "strconv"

// potMonth is a calendar month of a province's pots.
type potMonth struct {
	lowest, depth          int64
	shortDays              int
	ownFenDays, potFenDays int64
}

// potYear is a province's pots over the run.
type potYear struct {
	months    map[month]*potMonth
	shortDays int
	deepest   int64
	deepestOn date
	idle      int64
	idleOn    date
}

// pots follows the pots of each province of treatment day by day, where it helps a dry
// one with own money and institutions never wait, and compares the tables; otherwise it
// proves that they agree with each other.
func (r *run) pots() {
	if r.p.Levers.DryPot == "advance_own" {
		r.derivePots()
	}
	n := r.numProvinces()
	short, depth := make([]int64, n), make([]int64, n)
	t := r.open("ledger/pots_months.csv", potMonthColumns...)
	next := make([]month, n)
	for t.next() {
		i, m := t.place("treating_admdvs", r.provinceAt, r.provinceNames), t.month("month")
		if next[i] == 0 {
			next[i] = r.first
		}
		t.same("month", next[i].String(), "every month of the run, in order")
		next[i] = m + 1
		days := int64(m.last()-m.first()) + 1
		short[i] = sum(short[i], t.int("short_days"))
		depth[i] = max(depth[i], t.int("depth_fen"))
		r.report.Checked += 2
		if t.int("short_days") > days || (t.int("short_days") == 0) != (t.int("own_fen_days") == 0) || t.int("own_fen_days") > t.int("depth_fen")*t.int("short_days") {
			t.same("own_fen_days", "at most depth × short days", "own money day by day")
		}
		if t.int("waiting_days") > days || (t.int("waiting_days") == 0) != (t.int("waiting_most_fen") == 0) {
			t.same("waiting_days", "with what is waited for", "institutions that wait")
		}
		t.int("lowest_fen")
		t.int("pot_fen_days")
	}
	r.shortDays, r.depths = short, depth
	t = r.open("ledger/pots.csv", potColumns...)
	fines := make([]int64, n)
	for _, x := range r.moves {
		_, treating, _, _ := r.splitCell(x.cell)
		fines[treating] = sum(fines[treating], x.fine)
	}
	for i := range n {
		if !t.next() {
			r.find(Finding{t.name, t.line + 1, "treating", r.provinceNames[i], "the end of the file", "every province"})
			return
		}
		t.sameInt("treating_admdvs", int64(r.p.Provinces[i].Code), "every province")
		t.place("treating_admdvs", r.provinceAt, r.provinceNames)
		t.sameInt("short_days", short[i], "the sum of its months")
		t.sameInt("deepest_shortfall_fen", depth[i], "the deepest of its months")
		t.sameInt("fines_fen", fines[i], "the fines of clearing/moves.csv")
		if on := t.date("deepest_shortfall_on"); (on != 0) != (depth[i] != 0) {
			t.same("deepest_shortfall_on", "a day where there is a shortfall", "pots")
		}
		t.int("idle_fen")
		t.date("idle_on")
		t.int("interest_fen")
	}
	if t.next() {
		r.find(Finding{t.name, t.line, "", "the end of the file", t.text("treating"), "every province once"})
	}
}

var (
	potMonthColumns = []string{"treating_admdvs", "treating", "month", "lowest_fen", "lowest_yuan", "short_days", "depth_fen", "own_fen_days",
		"waiting_days", "waiting_most_fen", "pot_fen_days"}
	potColumns = []string{"treating_admdvs", "treating", "short_days", "deepest_shortfall_on", "deepest_shortfall_fen", "deepest_shortfall_yuan",
		"idle_fen", "idle_yuan", "idle_on", "interest_fen", "interest_yuan", "fines_fen", "fines_yuan"}
)

// derivePots adds up what came in and went out by day and compares both tables.
func (r *run) derivePots() {
	ended, ok := parseDate(r.p.Ended)
	first := r.first.first()
	if !ok || ended < first || ended > first+100_000 {
		r.find(Finding{File: parametersName, Column: "ended", Want: "a day of the run", Got: r.p.Ended, Rule: "the parameters can be read"})
		panic(giveUp{})
	}
	days := int(ended-first) + 1
	n := r.numProvinces()
	changes := make([][]int64, n*2) // by province and scheme
	for i := range changes {
		changes[i] = make([]int64, days)
	}
	add := func(treating, scheme int, on date, amount int64) {
		if i := int(on - first); i >= 0 && i < days {
			at := &changes[treating*2+scheme][i]
			*at = sum(*at, amount)
		}
	}
	for _, x := range r.paid {
		_, treating, scheme := r.splitPair(x.pair)
		on := x.day
		if x.step == stepRemit {
			on += date(r.p.Timetable.Transfer)
		}
		add(treating, scheme, on, x.amount)
	}
	for _, p := range r.periods {
		for pair, amount := range p.pairs {
			if amount != 0 {
				_, treating, scheme := r.splitPair(pair)
				add(treating, scheme, r.calendar.after(p.institutionsPaid, r.late(treating, p.month).Institutions), -amount)
			}
		}
	}
	years := make([]potYear, n)
	for treating := range years {
		years[treating] = r.potYear(first, days, changes[treating*2], changes[treating*2+1])
	}
	const rule = "payments in and out day by day"
	r.expect("ledger/pots_months.csv", rule, potMonthColumns, func(put func(...any)) {
		for i := range years {
			for m := r.first; m.first() <= ended; m++ {
				x := years[i].months[m]
				put(r.p.Provinces[i].Code, r.provinceNames[i], m, x.lowest, yuan(x.lowest), x.shortDays, x.depth, x.ownFenDays, 0, 0, x.potFenDays)
			}
		}
	})
	t := r.open("ledger/pots.csv", potColumns...)
	for i := range years {
		y := &years[i]
		if !t.next() {
			return // told below
		}
		t.same("short_days", strconv.Itoa(y.shortDays), rule)
		t.same("deepest_shortfall_on", y.deepestOn.String(), rule)
		t.sameInt("deepest_shortfall_fen", y.deepest, rule)
		t.sameInt("idle_fen", y.idle, rule)
		t.same("idle_on", y.idleOn.String(), rule)
	}
}

// potYear follows a province's pots at the ends of days. Both schemes share one unless
// the parameters keep them apart; below zero own money is in a pot.
func (r *run) potYear(first date, days int, employee, resident []int64) potYear {
	y := potYear{months: map[month]*potMonth{}}
	var a, b int64
	m := r.first
	for i := range days {
		d := first + date(i)
		if d > m.last() {
			m++
		}
		a, b = sum(a, employee[i]), sum(b, resident[i])
		level := sum(a, b)
		short := max(0, -level)
		if r.p.Levers.PotsByScheme {
			short = sum(max(0, -a), max(0, -b))
		}
		x := y.months[m]
		if x == nil {
			x = &potMonth{lowest: level}
			y.months[m] = x
		}
		x.lowest = min(x.lowest, level)
		x.potFenDays = sum(x.potFenDays, level, short)
		if short > 0 {
			x.shortDays++
			y.shortDays++
			x.ownFenDays = sum(x.ownFenDays, short)
			x.depth = max(x.depth, short)
			if short > y.deepest {
				y.deepest, y.deepestOn = short, d
			}
		}
		if at := int(m - r.first); at >= r.p.WarmUp && at < r.settledMonths() && (y.idleOn == 0 || max(0, level) < y.idle) {
			y.idle, y.idleOn = max(0, level), d
		}
	}
	return y
}
