package report

import (
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// The files of care/ count what the registers of clearing do not divide by: days,
// levels of institutions, and the size of bills. They add up to the registers, and the
// validation follows from both.

func writeDays(t *csv, in *Input) {
	t.text("day").text("kind").text("cases").end()
	for i := range in.Result.Months {
		m := &in.Result.Months[i]
		for d := range m.Month.Days() {
			for k, n := range m.ByDay[d] {
				t.text(m.Month.On(d + 1).String()).text(engine.KindNames[k]).int(n).end()
			}
		}
	}
}

func writeLevels(t *csv, in *Input) {
	t.text("kind").text("level").text("cases").text("fee_fen").text("fee_yuan").text("relief_fen").text("relief_yuan").end()
	for k, levels := range levelsOf(in) {
		for l := range levels {
			t.text(engine.KindNames[k]).text(levelNames[l]).int(levels[l].Cases).fenAndYuan(money.Fen(levels[l].FeeFen)).fenAndYuan(money.Fen(levels[l].ReliefFen)).end()
		}
	}
}

func writeEdges(t *csv, in *Input) {
	t.text("above_fen").text("above_yuan").text("cases").end()
	above := aboveEdges(in)
	for i, edge := range in.World.Edges() {
		t.fenAndYuan(edge).int(above[i]).end()
	}
}

// levelsOf sums what the random groups settled by kind and level.
func levelsOf(in *Input) (sum [engine.NumKinds][engine.NumLevels]sim.GroupTotals) {
	for g := range in.Result.Groups {
		for s := range in.Result.Groups[g] {
			for k := range sum {
				for l := range sum[k] {
					sum[k][l].Add(&in.Result.Groups[g][s].Levels[k][l])
				}
			}
		}
	}
	return sum
}

// tertiary is the third level 三级 whatever its rank.
func tertiary(levels *[engine.NumLevels]sim.GroupTotals) (sum sim.GroupTotals) {
	sum.Add(&levels[engine.LevelTertiary])
	sum.Add(&levels[engine.LevelTop])
	return sum
}

// aboveEdges sums the inpatient cases above each edge of sim.World.Edges.
func aboveEdges(in *Input) (sum [sim.MaxEdges]int64) {
	for g := range in.Result.Groups {
		for s := range in.Result.Groups[g] {
			for i, n := range in.Result.Groups[g][s].Above {
				sum[i] += n
			}
		}
	}
	return sum
}
