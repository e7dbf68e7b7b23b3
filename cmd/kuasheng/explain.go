package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kuasheng/engine"
	"kuasheng/fixtures/wire"
	"kuasheng/sim"
	"kuasheng/sim/report"
)

// explainOptions are the flags of kuasheng explain.
type explainOptions struct {
	data  dataFlags
	id    string
	pick  kindValue
	msgid string
	json  bool
	lang  langValue
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain RUN_DIR|CLAIM.jsonl|-",
		Short: "Explain one settlement step by step, with rules and sources",
		Long: `Explain tells how one bill is settled: what it is checked for, how the catalogue of
the place of treatment divides its lines, what each layer of the insured place's
policy pays and by which value, who pays the rest, and of every value since when
it holds, how far it can be trusted and where it stands. A refusal is explained
too, with what would have to change. The steps are the engine's own, and are held
against what it settles; a difference is an internal error.

Of a run it explains any bill, traced or not: the bill is drawn again from the
run's seed, since none is stored. The id is that of claims.parquet, or --pick
chooses one: of the trace where there is one, or else of the run's patients, by
the run's seed. The manifest says which data the run used; where the data at hand
are others, explain refuses. A run of --data DIR needs the same --data DIR here.

Of claims it reads JSON Lines as "kuasheng settle" does, all of them, since
earlier bills use up a person's allowances, and explains the last that was
decided, or the one of --msgid.`,
		Example: `  kuasheng explain docs/examples/c4.jsonl
  kuasheng explain --lang zh docs/examples/c4.jsonl
  kuasheng explain runs/first --pick inpatient
  kuasheng explain runs/first --id 131000-employee-110000-4/2024-03/outpatient-0
  kuasheng explain --json - < claims.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name a run directory, a file of claims, or - for standard input")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.explain(c.Context(), &o, args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.id, "id", "", "of a run: the bill's `ID`, setl_id of its trace")
	f.Var(&o.pick, "pick", "of a run: choose a bill of this `KIND`, inpatient, outpatient, chronic or pharmacy")
	f.StringVar(&o.msgid, "msgid", "", "of claims: the `MSGID` of the transaction")
	f.StringVar(&o.data.scenario, "scenario", "", "of claims: the policies of this `SCENARIO` (default "+defaultScenario+")")
	_ = c.RegisterFlagCompletionFunc("scenario", completeScenarios)
	o.data.addPolicy(c)
	o.data.add(c)
	f.BoolVar(&o.json, "json", false, "print JSON, amounts in fen")
	addLang(c, &o.lang)
	_ = c.RegisterFlagCompletionFunc("pick", cobra.FixedCompletions(engine.KindNames[:], cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"id", "msgid"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	return c
}

// kindValue is --pick.
type kindValue struct {
	kind  engine.Kind
	given bool
}

func (v *kindValue) Type() string { return "string" }
func (v *kindValue) String() string {
	if !v.given {
		return ""
	}
	return v.kind.String()
}

func (v *kindValue) Set(text string) error {
	i := slices.Index(engine.KindNames[:], text)
	if i < 0 {
		return fmt.Errorf("not one of %s", strings.Join(engine.KindNames[:], " "))
	}
	*v = kindValue{engine.Kind(i), true}
	return nil
}

func (a *app) explain(ctx context.Context, o *explainOptions, what string) error {
	info, err := os.Stat(what)
	if what != "-" && err != nil {
		return failf(codeUsage, "%s: %w", what, cause(err))
	}
	ofRun := what != "-" && info.IsDir()
	switch {
	case ofRun && o.msgid != "":
		return failf(codeUsage, "--msgid names a transaction; a bill of a run is named by --id")
	case ofRun && (o.data.scenario != "" || len(o.data.options.Policies)+len(o.data.options.Overlays)+len(o.data.options.Sets) > 0):
		return failf(codeUsage, "what a run used is in its manifest; of the flags that choose data it takes --data alone")
	case ofRun && (o.id == "") == !o.pick.given:
		return failf(codeUsage, "name a bill of the run by --id, or let one be chosen by --pick")
	case !ofRun && (o.id != "" || o.pick.given):
		return failf(codeUsage, "--id and --pick are for run directories; name a transaction by --msgid")
	}
	var x []*report.Explained
	if ofRun {
		x, err = a.explainRun(ctx, o, what)
	} else {
		x, err = a.explainClaims(ctx, o, what)
	}
	if err != nil {
		return err
	}
	var text strings.Builder
	if o.json {
		b, err := report.ExplainJSON(x)
		if err != nil {
			return fail(codeInternal, err)
		}
		return a.print(string(b))
	}
	for i, one := range x {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(report.ExplainText(one, a.screen(o.lang)))
	}
	return a.print(text.String())
}

// explainClaims settles a stream and explains one of its bills.
func (a *app) explainClaims(ctx context.Context, o *explainOptions, file string) ([]*report.Explained, error) {
	in := a.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, failf(codeUsage, "%s: %w", file, cause(err))
		}
		defer f.Close()
		in = f
	}
	p, _, err := o.data.load(a)
	if err != nil {
		return nil, err
	}
	world := p.World()
	desk := wire.NewDesk(world, p)
	var found *wire.Decision
	desk.Watch(func(d *wire.Decision) {
		if o.msgid == "" || o.msgid == d.Msgid {
			found = d
		}
	})
	var answers bytes.Buffer
	if err := desk.Serve(ctx, in, &answers); err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, failf(codeUsage, "%s: %w", file, err)
	}
	if found == nil {
		return nil, notDecided(o.msgid, answers.Bytes())
	}
	x := &report.Explained{World: world, ID: found.Msgid, TakenBack: desk.TakenBack(found.Msgid), Origin: origins(p)}
	e := explainer(world)
	explain := e.Explain
	if found.ByHand {
		explain = e.ExplainManual
	}
	x.Explanation = explain(&found.Claim, found.Lines, &found.Person, &found.Annex)
	return []*report.Explained{x}, nil
}

// notDecided says why there is nothing to explain in a stream: by the answer to the
// transaction, or to the last one.
func notDecided(msgid string, answers []byte) error {
	var last struct {
		Msgid  string `json:"msgid"`
		Status string `json:"status"`
		ErrMsg string `json:"err_msg"`
	}
	answered := false
	for _, line := range bytes.Split(answers, []byte("\n")) {
		var answer = last
		if json.Unmarshal(line, &answer) == nil && (msgid == "" || answer.Msgid == msgid) {
			last, answered = answer, true
		}
	}
	switch {
	case answered && last.ErrMsg != "":
		return failf(codeUsage, "nothing was decided; the answer to %q is %s: %s", last.Msgid, last.Status, last.ErrMsg)
	case answered:
		return failf(codeUsage, "nothing was decided; the answer to %q is %s", last.Msgid, last.Status)
	case msgid != "":
		return failf(codeUsage, "no transaction has the msgid %q", msgid)
	}
	return failf(codeUsage, "there is no transaction to explain")
}

// explainRun draws a bill of a past run again and explains it: how it was settled
// directly or refused, and then by hand where it was.
func (a *app) explainRun(ctx context.Context, o *explainOptions, dir string) ([]*report.Explained, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	p, err := a.packOf(o, dir, m)
	if err != nil {
		return nil, err
	}
	world := p.World()
	var id sim.BillID
	if o.pick.given {
		id, err = a.choose(ctx, dir, m, world, o.pick.kind)
	} else {
		id, err = sim.ParseBillID(o.id)
	}
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		return nil, err
	case err != nil:
		return nil, fail(codeUsage, err)
	}
	r, err := sim.Regenerate(world, m.Seed, id)
	if err != nil {
		return nil, fail(codeUsage, err)
	}
	e := explainer(world)
	of := func(x *engine.Explanation) *report.Explained {
		return &report.Explained{World: world, ID: id.String(), Explanation: x, Origin: origins(p)}
	}
	explanation := e.ExplainStopped
	if r.Result.Status != engine.StatusPlatformDown {
		explanation = func(c *engine.Claim, lines []engine.Line, p *engine.PersonYear) *engine.Explanation {
			return e.Explain(c, lines, p, &r.Before.Annex)
		}
	}
	direct := of(explanation(&r.Claim, r.Lines, &r.Before.Year))
	direct.TakenBack = r.Reversal != nil
	all := []*report.Explained{direct}
	if r.ByHand != nil {
		all = append(all, of(e.ExplainManual(&r.ByHand.Claim, r.Lines, &r.ByHand.Before.Year, &r.ByHand.Before.Annex)))
	}
	return all, nil
}

// readManifest reads what a run directory was made from.
func readManifest(dir string) (*report.Manifest, error) {
	name := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, failf(codeUsage, "%s is no run directory: manifest.json: %w", dir, cause(err))
	}
	var m report.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, failf(codeUsage, "%s: %w", name, err)
	}
	if m.Version != report.ManifestVersion {
		return nil, failf(codeUsage, "%s has version %d; this program knows %d", name, m.Version, report.ManifestVersion)
	}
	return &m, nil
}

// packOf loads the data of a run with its overlays, whose texts the manifest holds, and
// refuses data that are not the run's.
func (a *app) packOf(o *explainOptions, dir string, m *report.Manifest) (pack, error) {
	data := o.data
	if data.options.Dir == "" {
		if !isScenario(m.Scenario) {
			return nil, failf(codeUsage, "%s is of a pack of its own, %q; name its folder by --data", dir, m.Scenario)
		}
		data.scenario = m.Scenario
	}
	data.options.Sets = m.Sets
	data.options.Texts = map[string]string{}
	for _, overlay := range m.Overlays {
		data.options.Overlays = append(data.options.Overlays, overlay.File)
		data.options.Texts[overlay.File] = overlay.Text
	}
	p, _, err := data.load(a)
	if err != nil {
		return nil, err
	}
	if p.Digest() != m.DataDigest {
		hint := ""
		if strings.Contains(m.Repeat, " --data ") && o.data.options.Dir == "" {
			hint = "; the run used --data, name it here too"
		}
		return nil, failf(codeUsage, "%s was computed with data of digest %.12s…, these have %.12s…; with them its bills would be others%s", dir, m.DataDigest, p.Digest(), hint)
	}
	return p, nil
}

// choose picks a bill of a kind that was settled directly: from the trace of the run,
// or else from those of a few of the run's patients, who are simulated again.
func (a *app) choose(ctx context.Context, dir string, m *report.Manifest, world *sim.World, kind engine.Kind) (id sim.BillID, err error) {
	f, err := os.Open(filepath.Join(dir, report.TraceFile))
	switch {
	case err == nil:
		defer f.Close()
		events, err := report.ReadTrace(f)
		if err != nil {
			return id, fmt.Errorf("%s: %w", report.TraceFile, err)
		}
		if id, found, err := report.Pick(events, m.Seed, kind); err != nil || found {
			return id, err
		}
		return id, fmt.Errorf("the trace of %s has no %v bill that was settled directly; name one by --id", dir, kind)
	case !errors.Is(err, os.ErrNotExist):
		return id, fmt.Errorf("%s: %w", report.TraceFile, cause(err))
	}
	// A multiple of the run's step takes patients who are all in the run.
	patients := uint32(0)
	for _, c := range world.Cohorts {
		patients += c.Patients
	}
	const few = 256
	for times := max(1, patients/max(1, m.Sample)/few); ; times = max(1, times/16) {
		tracer := report.NewTracer()
		_, err := a.simulate(ctx, sim.Config{World: world, Seed: m.Seed, Sample: max(1, m.Sample) * times, Trace: tracer.Follow(1)})
		switch {
		case ctx.Err() != nil:
			return id, errInterrupted
		case err != nil && times == 1:
			return id, err
		}
		if id, found, err := report.Pick(tracer.Events(), m.Seed, kind); err != nil || found {
			return id, err
		}
		if times == 1 {
			return id, fmt.Errorf("the run has no %v bill that was settled directly", kind)
		}
	}
}

// explainer explains by the rules of a world.
func explainer(w *sim.World) *engine.Explainer {
	provinceOf := make([]uint8, len(w.Pools))
	for i := range w.Pools {
		provinceOf[i] = w.Pools[i].Province
	}
	return engine.NewExplainer(w.Rules, provinceOf, len(w.Provinces))
}

// origins asks a pack where values come from.
func origins(p pack) func(engine.Param) (report.Provenance, bool) {
	return func(x engine.Param) (report.Provenance, bool) {
		of, err := p.ProvenanceOf(x)
		if err != nil {
			return report.Provenance{}, false
		}
		place := of.File
		if of.Line != 0 {
			place = fmt.Sprintf("%s:%d", place, of.Line)
		}
		return report.Provenance{
			Path: of.Path, From: of.From, Source: of.Source, SourceZH: of.SourceZH, Status: of.Status, Place: place,
			Written: of.Written, Rule: of.Rule, RuleZH: of.RuleZH,
		}, true
	}
}
