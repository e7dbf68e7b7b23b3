package report

import (
	"fmt"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// logWords are the texts about a log in one language.
type logWords struct {
	whole, torn, damaged, incomplete, holds, of, head, chained, unchained, anchored, at, behind, salvaged string
	loss                                                                                                  func(l *service.Loss) string
}

var logWordsOf = map[words.Lang]*logWords{
	words.English: {
		whole: "WHOLE", torn: "TORN", damaged: "DAMAGED", incomplete: "INCOMPLETE",
		holds: "%s batches · %s requests · %s lines of bills", of: "%s of %s bytes are sound",
		head: "shard %d, world %x…, from state %x…", chained: "chain     %x", unchained: "no chain (--unchained)",
		anchored: "%s batches were acknowledged, by its anchor", loss: func(l *service.Loss) string { return l.What },
		at: "at offset %d: %s", behind: "%s bytes behind it are not", salvaged: "what is sound is in %s",
	},
	words.Chinese: {
		whole: "完整", torn: "尾部残缺", damaged: "已损坏", incomplete: "不完整",
		holds: "%s 批 · %s 个请求 · %s 行明细", of: "完好 %s 字节，共 %s 字节",
		head: "分片 %d，规则 %x…，起始状态 %x…", chained: "摘要链    %x", unchained: "无摘要链（--unchained）",
		anchored: "锚文件记载已确认 %s 批", loss: lossZH,
		at: "偏移 %d 处：%s", behind: "其后 %s 字节不可用", salvaged: "完好部分已存入 %s",
	},
}

func lossZH(l *service.Loss) string {
	switch {
	case l.Acknowledged == 0:
		return fmt.Sprintf("现存 %d 批，没有可读的锚文件，无法判断是否还有已确认的批次", l.Found)
	case l.Found < l.Acknowledged:
		return fmt.Sprintf("已确认 %d 批，现存 %d 批，缺最后 %d 批", l.Acknowledged, l.Found, l.Acknowledged-l.Found)
	}
	return fmt.Sprintf("现存 %d 批与锚文件记载的已确认批次不符", l.Found)
}

// LogText says what stands in a log, where it ends to be whole, and what it has lost.
func LogText(file string, x *service.Inspection, salvage string, lang words.Lang) string {
	w := logWordsOf[lang]
	l := &labelled{}
	state := w.whole
	switch {
	case x.Lost != nil && !x.Lost.Torn:
		state = w.damaged
	case x.Loss != nil:
		state = w.incomplete
	case x.Lost != nil:
		state = w.torn
	}
	operations := ""
	for op, n := range x.Operations {
		if n > 0 {
			operations += fmt.Sprintf(" · %s %s", engine.OperationNames[op], report.Grouped(int64(n)))
		}
	}
	number := func(n uint64) string { return report.Grouped(int64(n)) }
	l.Row(state, file)
	l.Row("", fmt.Sprintf(w.holds, number(x.Batches), number(x.Requests), number(x.Lines))+operations)
	l.Row("", fmt.Sprintf(w.head, x.Shard, x.World[:8], x.Start[:8]))
	if x.Chained {
		l.Row("", fmt.Sprintf(w.chained, x.Chain))
	} else {
		l.Row("", w.unchained)
	}
	l.Row("", fmt.Sprintf(w.of, report.Grouped(x.Sound), report.Grouped(x.Bytes)))
	if x.Lost != nil {
		l.Row("", fmt.Sprintf(w.at, x.Lost.Offset, x.Lost.What))
		l.Row("", fmt.Sprintf(w.behind, report.Grouped(x.Bytes-x.Sound)))
	}
	if x.Loss != nil {
		l.Row("", w.loss(x.Loss))
	} else {
		l.Row("", fmt.Sprintf(w.anchored, number(x.Acknowledged)))
	}
	if salvage != "" {
		l.Row("", fmt.Sprintf(w.salvaged, salvage))
	}
	return l.String()
}
