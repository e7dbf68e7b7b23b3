package report

import (
	"fmt"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/sim/report"
)

// logWords are the texts about a log in one language.
type logWords struct {
	whole, torn, damaged, holds, of, head, chained, unchained, at, lost, salvaged string
}

var logWordsOf = map[report.Lang]*logWords{
	report.English: {
		whole: "WHOLE", torn: "TORN", damaged: "DAMAGED",
		holds: "%s batches · %s requests · %s lines of bills", of: "%s of %s bytes are sound",
		head: "shard %d, world %x…, from state %x…", chained: "chain     %x", unchained: "no chain (--unchained)",
		at: "at offset %d: %s", lost: "%s bytes behind it are not", salvaged: "what is sound is in %s",
	},
	report.Chinese: {
		whole: "完整", torn: "尾部残缺", damaged: "已损坏",
		holds: "%s 批 · %s 个请求 · %s 行明细", of: "完好 %s 字节，共 %s 字节",
		head: "分片 %d，规则 %x…，起始状态 %x…", chained: "摘要链    %x", unchained: "无摘要链（--unchained）",
		at: "偏移 %d 处：%s", lost: "其后 %s 字节不可用", salvaged: "完好部分已存入 %s",
	},
}

// LogText says what stands in a log, and where it ends to be whole.
func LogText(file string, x *service.Inspection, salvage string, lang report.Lang) string {
	w := logWordsOf[lang]
	l := &labelled{}
	state := w.whole
	if x.Lost != nil {
		if state = w.damaged; x.Lost.Torn {
			state = w.torn
		}
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
		l.Row("", fmt.Sprintf(w.lost, report.Grouped(x.Bytes-x.Sound)))
	}
	if salvage != "" {
		l.Row("", fmt.Sprintf(w.salvaged, salvage))
	}
	return l.String()
}
