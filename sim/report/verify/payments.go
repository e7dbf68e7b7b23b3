package verify

import (
	"cmp"
	"slices"
)

// payment is a row of payments.csv.
type payment struct {
	day    date
	what   string
	pair   int
	month  month
	number int // of the period within the month, from 1; 0 of a prepayment
	amount int64
	// step and at tell the order of a day: set-offs, payments, prepayments; then the
	// period, or the pair of a prepayment.
	step, at, place int
}

// pairPeriod tells what a pair owes for a period.
type pairPeriod struct{ pair, period int }

// due is how an obligation was paid.
type due struct {
	paid, late int64
	last       date
	fenDays    int64
}

const (
	stepSetOff = iota
	stepRemit
	stepPrepay
)

// payments derives who pays what on which day, matches it to the oldest obligations, and
// compares the tables of it.
func (r *run) payments() {
	all := r.derivePayments()
	r.expect("clearing/payments.csv", "the matrix, the timetable and who is late", slices.Concat([]string{"day", "payment"}, pairColumns, []string{"month", "ordinal", "amount_fen", "amount_yuan"}), func(put func(...any)) {
		for _, x := range all {
			put(slices.Concat([]any{x.day, x.what}, r.pairValues(x.pair), []any{x.month, x.number, x.amount, yuan(x.amount)})...)
		}
	})
	r.prepaid = make([]int64, r.numPairs())
	for _, x := range all {
		if x.step == stepPrepay {
			r.prepaid[x.pair] = sum(r.prepaid[x.pair], x.amount)
		}
	}
	r.paid = all
	dues := r.match(all)
	r.pairDues(dues)
	r.institutions()
	r.overdueTable()
	r.duties()
}

// derivePayments lists all payments between provinces in the order of their days.
func (r *run) derivePayments() (all []payment) {
	t, c := &r.p.Timetable, &r.calendar
	for i, p := range r.periods {
		for insured := range r.numProvinces() {
			late := r.late(insured, p.month)
			paid := c.after(c.after(p.submitted, late.Submit), t.Pay+late.Pay)
			for treating := range r.numProvinces() {
				for scheme := range 2 {
					pair := r.pair(insured, treating, scheme)
					x := payment{pair: pair, month: p.month, number: p.ordinal + 1, at: i}
					if off := p.setOff[pair]; off != 0 && r.p.Levers.Netting != "gross" {
						x.day, x.what, x.step, x.amount = p.paid, "set_off", stepSetOff, off
						all = append(all, x)
					}
					if cash := p.pairs[pair] - p.setOff[pair]; cash != 0 && !late.Never {
						x.day, x.what, x.step, x.amount, x.place = paid, "clearing", stepRemit, cash, insured
						all = append(all, x)
					}
				}
			}
		}
	}
	prepaid := func(pair int, m month, amount int64, day date) {
		if amount != 0 {
			all = append(all, payment{day: day, what: "prepayment", step: stepPrepay, pair: pair, month: m, amount: amount, at: pair, place: int(m)})
		}
	}
	for _, x := range r.quotas {
		prepaid(x.pair, x.month, x.to-x.from, x.paid)
	}
	for _, x := range r.topUps {
		prepaid(x.pair, x.month, x.granted, x.paid)
	}
	slices.SortStableFunc(all, func(a, b payment) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.step, b.step), cmp.Compare(a.at, b.at), cmp.Compare(a.place, b.place))
	})
	return all
}

// match lets the payments arrive and pay the oldest obligation of their pair, and
// compares the table of matches.
func (r *run) match(all []payment) map[pairPeriod]*due {
	type open struct {
		period int
		amount int64
	}
	queues := make([][]open, r.numPairs())
	dues := map[pairPeriod]*due{}
	allocated := 0
	allocate := func(before date) {
		// Periods come in the order of their allocation.
		for ; allocated < len(r.periods) && r.periods[allocated].allocated < before; allocated++ {
			for pair, amount := range r.periods[allocated].pairs {
				if amount != 0 {
					queues[pair] = append(queues[pair], open{allocated, amount})
				}
			}
		}
	}
	arrivals := slices.Clone(all)
	arrivals = slices.DeleteFunc(arrivals, func(p payment) bool { return p.step == stepPrepay })
	for i := range arrivals {
		if arrivals[i].step == stepRemit {
			arrivals[i].day += date(r.p.Timetable.Transfer)
		}
	}
	slices.SortStableFunc(arrivals, func(a, b payment) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.step, b.step), cmp.Compare(a.at, b.at), cmp.Compare(a.place, b.place))
	})
	columns := slices.Concat([]string{"day"}, pairColumns, []string{"month", "ordinal", "amount_fen", "amount_yuan", "age_days", "late"})
	r.expect("clearing/matches.csv", "payments pay the oldest obligation of their sign first", columns, func(put func(...any)) {
		for _, x := range arrivals {
			allocate(x.day)
			queue := queues[x.pair]
			left := x.amount
			for i := range queue {
				o := &queue[i]
				if left == 0 || o.amount == 0 || (o.amount > 0) != (left > 0) {
					continue
				}
				part := o.amount
				if abs(left) < abs(part) {
					part = left
				}
				o.amount -= part
				left -= part
				p := r.periods[o.period]
				d := dues[pairPeriod{x.pair, o.period}]
				if d == nil {
					d = &due{}
					dues[pairPeriod{x.pair, o.period}] = d
				}
				late := x.day > p.due
				d.paid = sum(d.paid, part)
				if late {
					d.late = sum(d.late, part)
				}
				d.last = x.day
				d.fenDays += part * int64(x.day-p.allocated)
				put(slices.Concat([]any{x.day}, r.pairValues(x.pair), []any{p.month, p.ordinal + 1, part, yuan(part), int(x.day - p.allocated), late})...)
			}
			queues[x.pair] = slices.DeleteFunc(queue, func(o open) bool { return o.amount == 0 })
		}
	})
	allocate(1 << 30)
	r.overdue = map[pairPeriod]int64{}
	for pair, queue := range queues {
		for _, o := range queue {
			r.overdue[pairPeriod{pair, o.period}] = o.amount
		}
	}
	return dues
}

func abs(v int64) int64 { return max(v, -v) }

// pairDues compares what each pair owed and how it was paid.
func (r *run) pairDues(dues map[pairPeriod]*due) {
	columns := slices.Concat([]string{"month", "ordinal"}, pairColumns, []string{"amount_fen", "amount_yuan", "set_off_fen", "paid_fen", "late_fen", "last_paid", "overdue_working_days", "fen_days"})
	r.expect("clearing/pairs.csv", "the matrix and the payments", columns, func(put func(...any)) {
		for i, p := range r.periods {
			for pair, amount := range p.pairs {
				if amount == 0 {
					continue
				}
				d := dues[pairPeriod{pair, i}]
				if d == nil {
					d = &due{}
				}
				overdue := 0
				if d.last != 0 {
					overdue = r.calendar.between(p.due, d.last)
				}
				put(slices.Concat([]any{p.month, p.ordinal + 1}, r.pairValues(pair), []any{amount, yuan(amount), p.setOff[pair], d.paid, d.late, d.last, overdue, d.fenDays})...)
			}
		}
	})
}

// institutions compares how institutions were paid. Where the province of treatment
// helps a dry pot with own money it all follows; otherwise what was paid and is overdue
// must make up what was due.
func (r *run) institutions() {
	columns := []string{"month", "ordinal", "treating_admdvs", "treating", "amount_fen", "amount_yuan", "paid_fen", "late_fen", "first_paid", "last_paid",
		"overdue_working_days", "fen_days", "receivable_days_hundredths"}
	t := r.open("clearing/institutions.csv", columns...)
	inTime := r.p.Levers.DryPot == "advance_own"
	const rule = "the matrix and the timetable"
	for _, p := range r.periods {
		owed := make([]int64, r.numProvinces())
		for pair, amount := range p.pairs {
			_, treating, _ := r.splitPair(pair)
			owed[treating] = sum(owed[treating], amount)
		}
		for treating, amount := range owed {
			if amount == 0 {
				continue
			}
			if !t.next() {
				r.find(Finding{t.name, t.line + 1, "treating", r.provinceNames[treating], "the end of the file", rule})
				return
			}
			if !t.same("month", p.month.String(), rule) || !t.sameInt("ordinal", int64(p.ordinal+1), rule) ||
				!r.sameInt(t.name, t.line, "treating_admdvs", int64(r.p.Provinces[treating].Code), int64(r.p.Provinces[t.place("treating_admdvs", r.provinceAt, r.provinceNames)].Code), rule) {
				return
			}
			t.sameInt("amount_fen", amount, rule)
			paid, late, last := t.int("paid_fen"), t.int("late_fen"), t.date("last_paid")
			if inTime {
				on := r.calendar.after(p.institutionsPaid, r.late(treating, p.month).Institutions)
				t.sameInt("paid_fen", amount, rule)
				t.same("first_paid", on.String(), rule)
				t.same("last_paid", on.String(), rule)
				if on > p.due {
					t.sameInt("late_fen", amount, rule)
				} else {
					t.sameInt("late_fen", 0, rule)
				}
			}
			t.date("first_paid")
			overdue := 0
			if last != 0 {
				overdue = r.calendar.between(p.due, last)
			}
			t.sameInt("overdue_working_days", int64(overdue), rule)
			r.report.Checked++
			if abs(late) > abs(paid) {
				t.same("late_fen", "at most paid_fen", rule)
			}
			days := int64(0)
			if fenDays := t.int("fen_days"); paid > 0 {
				days = fenDays/paid*100 + fenDays%paid*100/paid
			}
			t.sameInt("receivable_days_hundredths", days, "fen_days ÷ paid_fen")
		}
	}
	if t.next() && t.int("paid_fen") != 0 && t.int("amount_fen") != 0 {
		r.find(Finding{t.name, t.line, "", "the end of the file", t.text("treating"), rule})
	}
}

// overdueTable compares what is open at the end between provinces; what institutions
// wait for and what is in no period follows from other tables or is only summed.
func (r *run) overdueTable() {
	columns := slices.Concat([]string{"overdue"}, pairColumns, []string{"month", "ordinal", "amount_fen", "amount_yuan", "due", "overdue_working_days"})
	t := r.open("clearing/overdue.csv", columns...)
	ended, _ := parseDate(r.p.Ended)
	r.unpaid = len(r.overdue) > 0
	var total int64
	var excepted, listed int64
	for _, x := range r.moves {
		if x.what == "exception" {
			excepted = sum(excepted, x.amount)
		}
	}
	const rule = "what was not paid"
	for t.next() {
		if t.text("overdue") == "total" {
			t.sameInt("amount_fen", total, "the sum of the rows above")
			if t.next() {
				r.find(Finding{t.name, t.line, "", "the end of the file", t.text("overdue"), "the total is the last row"})
			}
			break
		}
		amount := t.int("amount_fen")
		total = sum(total, amount)
		pair, m := t.readPair(), t.month("month")
		due := t.date("due")
		switch t.one("overdue", []string{"clearing", "institutions", "exception"}) {
		case 0:
			for i, p := range r.periods {
				k := pairPeriod{pair, i}
				if p.month == m && int64(p.ordinal+1) == t.int("ordinal") {
					t.sameInt("amount_fen", r.overdue[k], rule)
					delete(r.overdue, k)
				}
			}
		case 2:
			listed = sum(listed, amount)
		}
		if due != 0 {
			t.sameInt("overdue_working_days", int64(r.calendar.between(due, ended)), "working days from due to the end of the run")
		}
	}
	r.sameInt(t.name, 0, "amount_fen", excepted, listed, "the exceptions of clearing/moves.csv")
	for k, amount := range r.overdue {
		insured, treating, _ := r.splitPair(k.pair)
		r.sameInt(t.name, 0, r.provinceNames[insured]+" → "+r.provinceNames[treating], amount, 0, rule)
	}
}

// duties compares what stands beside clearing: manual claims, co-checks and the daily
// reconciliation.
func (r *run) duties() {
	r.manualSums = make([]int64, r.numProvinces())
	t := r.open("clearing/manual.csv", "month", "insured_admdvs", "insured", "cases", "amount_fen", "amount_yuan", "deadline", "paid", "overdue_working_days")
	for t.next() {
		m, insured := t.month("month"), t.place("insured_admdvs", r.provinceAt, r.provinceNames)
		r.manualSums[insured] = sum(r.manualSums[insured], t.int("amount_fen"))
		t.int("cases")
		deadline := r.calendar.after(m.last(), r.p.Timetable.Manual)
		paid := r.calendar.after(deadline, r.late(insured, m).Manual)
		t.same("deadline", deadline.String(), "working days from the month's end (C19)")
		t.same("paid", paid.String(), "the deadline and who is late")
		t.sameInt("overdue_working_days", int64(r.calendar.between(deadline, paid)), "working days from deadline to payment")
	}
	t = r.open("clearing/co_checks.csv", "month", "treating_admdvs", "treating", "asked", "answered", "late", "open", "wait_working_days")
	open := make([]int64, r.numProvinces())
	for t.next() {
		t.month("month")
		treating := t.place("treating_admdvs", r.provinceAt, r.provinceNames)
		open[treating] = sum(open[treating], t.int("asked"), -t.int("answered"))
		t.sameInt("open", open[treating], "open before + asked − answered")
		r.report.Checked++
		if t.int("late") > t.int("answered") || t.int("wait_working_days") < 0 {
			t.same("late", "at most answered", "what is late has been answered")
		}
	}
	r.reconciliation()
}

// reconciliation proves that each month's settlements of a kind have been reconciled.
func (r *run) reconciliation() {
	t := r.open("clearing/reconciliation.csv", "day", "kind", "equal", "centre_more", "institution_more", "differ", "repaired", "late", "frozen")
	type monthKind struct {
		month, kind int
	}
	compared := map[monthKind]int64{}
	for t.next() {
		day, repaired := t.date("day"), t.date("repaired")
		kind := t.one("kind", r.p.Kinds)
		at := monthKind{(day.time().Year()*12 + int(day.time().Month()) - 1) - int(r.first), kind}
		compared[at] = sum(compared[at], t.int("equal"), t.int("centre_more"), t.int("institution_more"), t.int("differ"))
		differences := sum(t.int("centre_more"), t.int("institution_more"), t.int("differ"))
		r.report.Checked++
		if t.int("equal") < 0 || t.int("late") > differences || t.int("frozen") > t.int("differ") || repaired <= day {
			t.same("late", "at most the differences", "only differences are late or frozen")
		}
	}
	if len(compared) == 0 {
		return // nobody disagreed, nothing was written down
	}
	for i := range r.settled {
		for kind, name := range r.p.Kinds {
			var cases int64
			for pair := range r.numPairs() {
				cases = sum(cases, r.settled[i].byPair[pair*4+kind][atCases])
			}
			r.sameInt(t.name, 0, (r.first+month(i)).String()+" "+name, cases, compared[monthKind{i, kind}], "the month's register")
		}
	}
}
