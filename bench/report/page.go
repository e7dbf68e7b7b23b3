package report

import (
	"fmt"
	"html"
	"strings"

	"kuasheng/bench"
	"kuasheng/sim/report"
	"kuasheng/sim/report/words"
)

// Page is the result as one HTML page that opens without a network, in the colours
// of the reader's system.
func Page(r *bench.Result) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	title := fmt.Sprintf("%s: %s", r.Profile.Name, wordsOf[words.English].verdicts[r.Verdict])
	put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n",
		html.EscapeString(title), pageStyle)
	state := "bad"
	if r.Verdict == bench.Pass {
		state = "good"
	}
	put("<h1>%s <span class=\"verdict %s\">%s</span></h1>\n<p>%s</p>\n", html.EscapeString(r.Profile.Name), state,
		wordsOf[words.English].verdicts[r.Verdict], html.EscapeString(r.Profile.About))
	l := &r.Latency
	put("<div class=\"figures\">\n")
	for _, f := range [][2]string{
		{report.Grouped(int64(r.SettlementsPerSecond)), "settlements/s"}, {Short(l.Response.P50), "response p50"}, {Short(l.Response.P99), "response p99"},
		{Short(l.Response.P999), "response p99.9"}, {Short(l.Response.Max), "response max"}, {drift(r), "drift, fen"},
	} {
		put("<div><b>%s</b><span>%s</span></div>\n", f[0], f[1])
	}
	put("</div>\n")
	for _, g := range r.Gates {
		put("<p class=\"gate\">%s: %s</p>\n", html.EscapeString(g.Name), html.EscapeString(g.Says.EN))
	}
	put("<h2>Response by percentile</h2>\n%s<h2>Second by second</h2>\n%s", percentileChart(r), timeChart(r))
	if len(r.Stages) > 0 {
		put("<h2>Where a batch spends its time</h2>\n%s", stageChart(r))
	}
	put("<h2>Latencies</h2>\n<table>\n<tr><th></th><th>count</th><th>mean</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>max</th></tr>\n")
	row := func(name string, q *bench.Quantiles) {
		put("<tr><td>%s</td>", html.EscapeString(name))
		for _, cell := range []string{report.Grouped(q.Count), Short(q.Mean), Short(q.P50), Short(q.P90), Short(q.P99), Short(q.P999), Short(q.P9999), Short(q.Max)} {
			put("<td>%s</td>", cell)
		}
		put("</tr>\n")
	}
	row("response", &l.Response)
	row("service", &l.Service)
	row("lag", &l.Lag)
	for _, op := range operations(r) {
		s := r.ByOperation[op]
		row(op+", response", &s.Response)
	}
	put("</table>\n<h2>The run</h2>\n<pre>%s</pre>\n</body>\n</html>\n", html.EscapeString(Text(r, words.English)))
	return b.String()
}

func drift(r *bench.Result) string {
	if !r.Proof.Proven {
		return "not proven"
	}
	return report.Grouped(r.Proof.DriftFen)
}

const pageStyle = `
:root{color-scheme:light dark;--fg:#1c2430;--bg:#fdfdfc;--dim:#68717d;--grid:#dfe3e8;--a:#1f6fb2;--b:#c05a1a;--c:#8a8f98;--good:#1c7c43;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--fg:#e4e8ee;--bg:#14181e;--dim:#98a2af;--grid:#2c343f;--a:#6cb2ee;--b:#f0965a;--c:#78828f;--good:#5cc98a;--bad:#f2837b}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:900px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.05rem;margin-top:2rem}
.verdict{font-size:1rem;padding:.1rem .6rem;border-radius:.3rem;border:1px solid}.good{color:var(--good)}.bad,.gate{color:var(--bad)}
.figures{display:flex;flex-wrap:wrap;gap:1rem 2rem}.figures div{display:flex;flex-direction:column}.figures b{font-size:1.3rem;font-variant-numeric:tabular-nums}.figures span{color:var(--dim)}
svg{width:100%;height:auto;display:block}svg text{fill:var(--dim);font:12px system-ui,sans-serif}
.grid{stroke:var(--grid)}.a{stroke:var(--a)}.b{stroke:var(--b)}.c{stroke:var(--c)}.line{fill:none;stroke-width:2}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{text-align:right;padding:.15rem .6rem;border-bottom:1px solid var(--grid)}td:first-child,th:first-child{text-align:left}
pre{overflow-x:auto;font-size:12px}`
