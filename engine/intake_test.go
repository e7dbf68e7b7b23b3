package engine_test

import (
	"testing"

	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
)

const intakeSources = 3

// ask is a request of a test: bill is what it settles.
func ask(source uint32, sequence uint64, op engine.Operation, of engine.Ticket, person uint32, fee money.Fen) (engine.Request, []engine.Line) {
	on := day.Of(2024, 3, 1)
	q := engine.Request{Ticket: engine.Ticket{Source: source, Sequence: sequence}, Of: of, Op: op, On: on}
	if op == engine.OpReverse || op == engine.OpTakeBack {
		return q, nil
	}
	q.Claim = plainClaim(engine.Inpatient, on)
	q.Claim.Person = person
	if op == engine.OpAdmit {
		return q, nil
	}
	q.Claim.Lines = 1
	return q, []engine.Line{wholly(fee)}
}

// one carries out a single request.
func one(k *engine.Intake, q engine.Request, lines []engine.Line) engine.Answer {
	var a [1]engine.Answer
	k.Take([]engine.Request{q}, lines, a[:])
	return a[0]
}

// The cases of X1 to X5, one after the other.
func TestIntakeAnswersOnce(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	k := engine.NewIntake(c.Shard, 6, intakeSources)
	want := func(rule string, a engine.Answer, outcome engine.Outcome, status engine.Status) {
		t.Helper()
		if a.Outcome != outcome || a.Result.Status != status {
			t.Errorf("%s: %s, %v; want %s, %v", rule, engine.OutcomeNames[a.Outcome], a.Result.Status, engine.OutcomeNames[outcome], status)
		}
	}
	none := engine.Ticket{}
	admit, _ := ask(0, 1, engine.OpAdmit, none, 1, 0)
	want("an admission", one(k, admit, nil), engine.Done, engine.Settled)
	settle, lines := ask(0, 2, engine.OpSettle, admit.Ticket, 1, 5_000*money.Yuan)
	first := one(k, settle, lines)
	want("a settlement", first, engine.Done, engine.Settled)
	state := k.StateDigest()
	again := one(k, settle, lines)
	want("X1: sent again", again, engine.Repeated, engine.Settled)
	if again.Result != first.Result || k.StateDigest() != state {
		t.Error("X1: a repeat is not the first answer, or changed something")
	}
	want("X1: another body", one(k, settle, []engine.Line{wholly(1)}), engine.Conflicting, engine.Settled)
	second, lines2 := ask(0, 3, engine.OpSettle, admit.Ticket, 1, 100*money.Yuan)
	want("X2: the stay again", one(k, second, lines2), engine.AlreadySettled, engine.Settled)

	back, _ := ask(0, 4, engine.OpReverse, settle.Ticket, 1, 0)
	reversed := one(k, back, nil)
	want("X7: reversed", reversed, engine.Done, engine.Settled)
	if reversed.Result.Fee != -5_000*money.Yuan {
		t.Errorf("X7: the fee taken back is %v", reversed.Result.Fee)
	}
	twice, _ := ask(0, 5, engine.OpReverse, settle.Ticket, 1, 0)
	want("reversed twice", one(k, twice, nil), engine.AlreadyReversed, engine.Settled)
	revive, _ := ask(0, 6, engine.OpTakeBack, back.Ticket, 1, 0)
	want("X5: the reversal taken back", one(k, revive, nil), engine.Done, engine.Settled)
	third, _ := ask(0, 7, engine.OpSettle, admit.Ticket, 1, 100*money.Yuan)
	want("X5: the stay is settled again", one(k, third, lines2), engine.AlreadySettled, engine.Settled)

	doubt, _ := ask(1, 1, engine.OpTakeBack, settle.Ticket, 1, 0)
	want("X3: taken back", one(k, doubt, nil), engine.Done, engine.Settled)
	doubt2, _ := ask(1, 2, engine.OpTakeBack, settle.Ticket, 1, 0)
	want("X5: taken back twice", one(k, doubt2, nil), engine.Done, engine.Settled)
	want("X4: sent again after it", one(k, settle, lines), engine.Voided, engine.Settled)
	fourth, _ := ask(0, 8, engine.OpSettle, admit.Ticket, 1, 100*money.Yuan)
	want("the stay is open again", one(k, fourth, lines2), engine.Done, engine.Settled)

	early := engine.Ticket{Source: 2, Sequence: 9}
	others, _ := ask(1, 3, engine.OpTakeBack, early, 2, 0)
	want("X4: before the original, by another sender", one(k, others, nil), engine.NoOriginal, engine.Settled)
	ahead, _ := ask(2, 8, engine.OpTakeBack, early, 2, 0)
	want("X4: before it can have been sent", one(k, ahead, nil), engine.NoOriginal, engine.Settled)
	tombstone, _ := ask(2, 10, engine.OpTakeBack, early, 2, 0)
	want("X4: before the original", one(k, tombstone, nil), engine.Done, engine.Settled)
	came, lines3 := ask(2, 9, engine.OpSettle, none, 2, 100*money.Yuan)
	want("X4: the original comes", one(k, came, lines3), engine.Voided, engine.Settled)
	unknown, _ := ask(1, 4, engine.OpReverse, engine.Ticket{Source: 2, Sequence: 77}, 2, 0)
	want("a reversal of nothing", one(k, unknown, nil), engine.NoOriginal, engine.Settled)
	wrong, _ := ask(1, 5, engine.OpReverse, admit.Ticket, 2, 0)
	want("a reversal of an admission", one(k, wrong, nil), engine.NotOriginal, engine.Settled)
	interim, lines4 := ask(1, 7, engine.OpInterim, engine.Ticket{Source: 1, Sequence: 6}, 3, 100*money.Yuan)
	stay, _ := ask(1, 6, engine.OpAdmit, none, 3, 0)
	one(k, stay, nil)
	want("X21: in the middle of a stay", one(k, interim, lines4), engine.Done, engine.Settled)
	last, lines5 := ask(1, 8, engine.OpSettle, stay.Ticket, 3, 100*money.Yuan)
	want("X21: and at its end", one(k, last, lines5), engine.Done, engine.Settled)
	c.proven(t)
}

// What somebody else rests on cannot be taken back under it.
func TestIntakeKeepsWhatOthersRestOn(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	k := engine.NewIntake(c.Shard, 6, intakeSources)
	sequence := uint64(0)
	do := func(what string, op engine.Operation, of engine.Ticket, outcome engine.Outcome, status engine.Status) engine.Ticket {
		t.Helper()
		sequence++
		q, lines := ask(0, sequence, op, of, 1, 5_000*money.Yuan)
		if a := one(k, q, lines); a.Outcome != outcome || a.Result.Status != status {
			t.Errorf("%s: %s, %v; want %s, %v", what, engine.OutcomeNames[a.Outcome], a.Result.Status, engine.OutcomeNames[outcome], status)
		}
		return q.Ticket
	}
	none, done, settled := engine.Ticket{}, engine.Done, engine.Settled
	stay := do("a stay", engine.OpAdmit, none, done, settled)
	middle := do("settled in the middle (X21)", engine.OpInterim, stay, done, settled)
	do("the stay taken back under it", engine.OpTakeBack, stay, engine.AlreadySettled, settled)
	end := do("settled at the end", engine.OpSettle, stay, done, settled)
	do("in the middle again (X2)", engine.OpInterim, stay, engine.AlreadySettled, settled)
	do("the middle reversed under the end (X8)", engine.OpReverse, middle, done, engine.StatusNotLatest)
	undone := do("the end reversed", engine.OpReverse, end, done, settled)
	do("the end taken back too", engine.OpTakeBack, end, engine.AlreadyReversed, settled)
	first := do("the middle reversed", engine.OpReverse, middle, done, settled)
	do("the end valid again before the middle (X5)", engine.OpTakeBack, undone, done, engine.StatusNotLatest)
	do("the middle valid again", engine.OpTakeBack, first, done, settled)
	do("and then the end", engine.OpTakeBack, undone, done, settled)
	do("and once more, which is nothing", engine.OpTakeBack, undone, done, settled)
	do("the stay is settled", engine.OpSettle, stay, engine.AlreadySettled, settled)
	undone = do("the end reversed again", engine.OpReverse, end, done, settled)
	do("the middle taken back", engine.OpTakeBack, middle, done, settled)
	do("then the stay", engine.OpTakeBack, stay, done, settled)
	do("the end valid again without a stay", engine.OpTakeBack, undone, engine.NotOriginal, settled)
	do("a taking back taken back", engine.OpTakeBack, engine.Ticket{Source: 0, Sequence: sequence}, engine.NotOriginal, settled)
	do("nothing taken back", engine.OpTakeBack, none, engine.NoOriginal, settled)
	do("of a source that there is not", engine.OpTakeBack, engine.Ticket{Source: 99, Sequence: 1}, engine.NoOriginal, settled)
	do("itself reversed", engine.OpReverse, engine.Ticket{Source: 0, Sequence: sequence + 1}, engine.NotOriginal, settled)
	c.proven(t)
	reversals := int64(0)
	for cell, row := range c.books.Rows() {
		reversals += row.Register[engine.Reversals]
		if row.Register[engine.Cases] != 0 || row.Register[engine.SumFee] != 0 {
			t.Errorf("cell %d: %d cases, %d fen left", cell, row.Register[engine.Cases], row.Register[engine.SumFee])
		}
	}
	if reversals != 2 {
		t.Errorf("%d reversals stand, want those of the middle and the end", reversals)
	}
	visit := do("a visit", engine.OpSettle, none, done, settled)
	undone = do("reversed", engine.OpReverse, visit, done, settled)
	other := do("another", engine.OpSettle, none, done, settled)
	do("reversed", engine.OpReverse, other, done, settled)
	do("the first valid again though something was settled since", engine.OpTakeBack, undone, done, engine.StatusNotLatest)
}

// What has been forgotten is refused, never carried out again: a settlement, and one
// that was taken back before it came (X1, X4).
func TestIntakeForgets(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	k := engine.NewIntake(c.Shard, 2, intakeSources) // remembers 4
	settle, lines := ask(0, 5, engine.OpSettle, engine.Ticket{}, 1, 5_000*money.Yuan)
	one(k, settle, lines)
	early, lines2 := ask(1, 7, engine.OpSettle, engine.Ticket{}, 1, 5_000*money.Yuan)
	back, _ := ask(1, 8, engine.OpTakeBack, early.Ticket, 0, 0)
	one(k, back, nil)
	for i := range uint64(4) {
		fill, _ := ask(2, 2+i, engine.OpAdmit, engine.Ticket{}, 2, 0)
		one(k, fill, nil)
	}
	state := k.StateDigest()
	for _, x := range []struct {
		what  string
		q     engine.Request
		lines []engine.Line
	}{{"the settlement", settle, lines}, {"what was taken back before it came", early, lines2}} {
		if a := one(k, x.q, x.lines); a.Outcome != engine.Forgotten {
			t.Errorf("%s: %s", x.what, engine.OutcomeNames[a.Outcome])
		}
	}
	if k.StateDigest() != state {
		t.Error("a refusal of something forgotten changed the state")
	}
	reverse, _ := ask(2, 6, engine.OpReverse, settle.Ticket, 1, 0)
	if a := one(k, reverse, nil); a.Outcome != engine.Forgotten {
		t.Errorf("a reversal of something forgotten: %s", engine.OutcomeNames[a.Outcome])
	}
	doubt, _ := ask(2, 7, engine.OpTakeBack, settle.Ticket, 1, 0)
	if a := one(k, doubt, nil); a.Outcome != engine.Forgotten {
		t.Errorf("a taking back of something forgotten: %s", engine.OutcomeNames[a.Outcome])
	}
}

// Neither requests of any kind nor their repetition allocate.
func TestIntakeAllocatesNothing(t *testing.T) {
	c := newCounter(t, plainTerms(), engine.Catalogue{})
	k := engine.NewIntake(c.Shard, 6, 1)
	sequence := uint64(0)
	var answers [8]engine.Answer
	var requests [8]engine.Request
	var lines []engine.Line
	next := func(i int, op engine.Operation, of engine.Ticket) engine.Ticket {
		sequence++
		requests[i].Ticket, requests[i].Op, requests[i].Of = engine.Ticket{Sequence: sequence}, op, of
		return requests[i].Ticket
	}
	for i := range requests {
		requests[i], lines = ask(0, 1, engine.OpSettle, engine.Ticket{}, 0, 100)
		requests[i].Claim.Kind = engine.Outpatient
	}
	if n := testing.AllocsPerRun(500, func() {
		stay := next(0, engine.OpAdmit, engine.Ticket{})
		end := next(1, engine.OpSettle, stay)
		requests[2] = requests[1]
		reversal := next(3, engine.OpReverse, end)
		next(4, engine.OpTakeBack, reversal)
		next(5, engine.OpTakeBack, end)
		sequence++
		next(6, engine.OpTakeBack, engine.Ticket{Sequence: sequence})
		next(7, engine.OpReverse, end)
		k.Take(requests[:], lines, answers[:])
	}); n != 0 {
		t.Errorf("%v allocations for eight requests", n)
	}
	want := [8]engine.Outcome{2: engine.Repeated, 7: engine.NotOriginal}
	for i := range answers {
		if answers[i].Outcome != want[i] || answers[i].Result.Status != engine.Settled {
			t.Errorf("request %d: %s, %v", i, engine.OutcomeNames[answers[i].Outcome], answers[i].Result.Status)
		}
	}
}

// A batch takes its requests in order, many or few, and the clock changes nothing.
func TestIntakeTakesBatches(t *testing.T) {
	var digests [3][32]byte
	for way := range digests {
		c := newCounter(t, plainTerms(), engine.Catalogue{})
		k := engine.NewIntake(c.Shard, 5, intakeSources)
		var requests []engine.Request
		var lines []engine.Line
		for i := range uint64(100) {
			op, of := engine.OpSettle, engine.Ticket{}
			if i%3 == 2 {
				op, of = engine.OpReverse, engine.Ticket{Source: 1, Sequence: i}
			}
			q, own := ask(1, i+1, op, of, uint32(i%2), money.Fen(i+1)*money.Yuan)
			q.Claim.FirstLine = uint32(len(lines))
			requests, lines = append(requests, q), append(lines, own...)
		}
		answers := make([]engine.Answer, len(requests))
		switch way {
		case 0:
			k.Take(requests, lines, answers)
		case 1:
			for i := range requests {
				k.Take(requests[i:i+1], lines, answers[i:])
			}
		case 2:
			now := int64(0)
			laps := k.TakeTimed(requests, lines, answers, func() int64 { now++; return now })
			readings, total := int64(0), int64(0)
			for s := range laps.Stages {
				readings += laps.Readings[s]
				total += laps.Stages[s]
			}
			if readings != now-1 || total != now-1 || laps.Readings[engine.StageSplit] != 67 || laps.Readings[engine.StagePost] != 100 {
				t.Errorf("%d readings, %d and %v by stage", now, readings, laps.Readings)
			}
		}
		c.proven(t)
		digests[way] = k.StateDigest()
	}
	if digests[0] != digests[1] || digests[0] != digests[2] {
		t.Errorf("the states differ: %x", digests)
	}
}
