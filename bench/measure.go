package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"kuasheng/bench/service"
	"kuasheng/engine"
	"kuasheng/engine/money"
	"kuasheng/sim"
)

// Config says what is measured.
type Config struct {
	World      *sim.World
	Scenario   string
	DataDigest string
	Profile    Profile
	Seed       uint64
	Shards     int
	// Remember is the logarithm to base 2 of how many requests a shard remembers.
	Remember   int
	Durability service.Durability
	Unchained  bool
	// TimeOneIn takes the times of the stages of one batch in so many; 0 is none.
	TimeOneIn int
	// LogDir is where logs are written, a temporary folder of the system's where it is
	// empty. What is written there is removed.
	LogDir     string
	Objectives []SLO
	Limits     Limits
	// NoProof leaves out the proof of the money; the result says so.
	NoProof bool
	// KeepLog is a folder that the logs are moved into after the run; it must not
	// exist.
	KeepLog string
	// PlantSlow has the writers work so much longer, as a share, to see it found.
	PlantSlow float64
	// PlantFen falsifies an account by so much after the run, to see it found.
	PlantFen int64
	// Gather gathers evidence for the case that an objective is missed.
	Gather   bool
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Phase           string // what is being done
	Answered, Total int64  // operations; Total 0 where the end is a time
	At, End         time.Duration
}

// Prepared is a load that is ready to be put on a service, as often as wanted.
type Prepared struct {
	cfg        Config
	workload   *Workload
	schedule   *Schedule // nil for a closed loop
	provinceOf []uint8
}

// Outcome is what a run gives: the result, and what is written beside it.
type Outcome struct {
	Result   *Result
	Measured *Measured
	Evidence *Evidence // nil where none was asked for or no objective was missed
}

// DefaultRemember lets a shard remember 65 536 requests.
const DefaultRemember = 16

// Prepare draws the population's bills and makes workload and schedule.
func Prepare(cfg Config) (*Prepared, error) {
	if cfg.Remember == 0 {
		cfg.Remember = DefaultRemember
	}
	p := &Prepared{cfg: cfg}
	p.tell(Progress{Phase: "drawing bills"})
	bills, err := cfg.Profile.bills(cfg.World, cfg.Seed)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", cfg.Profile.Name, err)
	}
	p.provinceOf = bills.ProvinceOf
	p.workload, err = NewWorkload(&WorkloadConfig{
		Bills: bills, Rules: cfg.World.Rules, Shards: cfg.Shards, ByProvince: cfg.Profile.Hot != 0,
		Sources: cfg.Profile.Sources, Copies: cfg.Profile.Copies, Mix: cfg.Profile.Mix, SettledOnly: cfg.Profile.SettledOnly,
		Seed: cfg.Seed,
	})
	if err != nil {
		return nil, err
	}
	return p, p.plan()
}

// plan makes the schedule of the profile.
func (p *Prepared) plan() error {
	times, err := p.cfg.Profile.times(p.cfg.Seed)
	if err != nil {
		return fmt.Errorf("profile %s: %w", p.cfg.Profile.Name, err)
	}
	p.schedule = nil
	if times != nil {
		p.schedule = Plan(p.workload, times)
	}
	return nil
}

// With is the same workload under a changed profile; only pacing may change.
func (p *Prepared) With(change func(*Config)) (*Prepared, error) {
	other := *p
	change(&other.cfg)
	return &other, other.plan()
}

// ScheduleDigest identifies what is asked and when. A closed loop has no times: its
// digest is that of the workload and of where it ends.
func (p *Prepared) ScheduleDigest() string {
	if p.schedule != nil {
		return p.schedule.Digest
	}
	sum := sha256.Sum256(fmt.Appendf(p.workload.Digest[:], "max %d operations %d ns", p.cfg.Profile.Operations, p.cfg.Profile.ForNS))
	return hex.EncodeToString(sum[:])
}

func (p *Prepared) tell(s Progress) {
	if p.cfg.Progress != nil {
		p.cfg.Progress(s)
	}
}

// Run puts the load on a new service, proves the money and judges. Its error is about
// the harness, a full disk for example, or ctx's; what the measurement came to is the
// result's verdict.
func (p *Prepared) Run(ctx context.Context) (*Outcome, error) {
	cfg, profile := &p.cfg, &p.cfg.Profile
	r := &Result{
		Version: ResultVersion, Scenario: cfg.Scenario, DataDigest: cfg.DataDigest, Seed: cfg.Seed, Profile: *profile,
		LatePolicy: latePolicies[profile.Late], Limits: cfg.Limits, Machine: host(), StartedAt: time.Now().UTC().Format(time.RFC3339),
		ScheduleDigest: p.ScheduleDigest(), WorkloadDigest: hex.EncodeToString(p.workload.Digest[:]),
		Bills: p.workload.Bills, LinesPerBill: float64(p.workload.Lines) / float64(p.workload.Bills), BillsByKind: map[string]int{},
		Service: Setup{
			Target: "engine in this process", Shards: cfg.Shards, Durability: service.DurabilityNames[cfg.Durability],
			Chained: cfg.Durability != service.InMemory && !cfg.Unchained, TimeOneIn: cfg.TimeOneIn, RememberLog2: cfg.Remember, PlantedSlow: cfg.PlantSlow,
		},
	}
	for kind, n := range p.workload.ByKind {
		r.BillsByKind[engine.Kind(kind).String()] = n
	}
	dir := ""
	if cfg.Durability != service.InMemory {
		var err error
		parent := cfg.LogDir
		if cfg.KeepLog != "" {
			parent = filepath.Dir(cfg.KeepLog) // a move stays on one disk
		}
		if dir, err = os.MkdirTemp(parent, "kuasheng-log-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	s := newState(cfg.World, p.workload, p.provinceOf, cfg.Remember)
	runtime.GC()
	r.Calibration.Before = Calibrate()

	m, evidence, err := p.load(ctx, s, dir, r)
	if err != nil {
		return nil, err
	}
	r.Calibration.After = Calibrate()
	var drift []string
	if cfg.PlantFen != 0 {
		if err := s.plant(money.Fen(cfg.PlantFen)); err != nil {
			return nil, err
		}
	}
	if !cfg.NoProof {
		p.tell(Progress{Phase: "proving the money"})
		r.Proof = *prove(cfg.World, s, newState(cfg.World, p.workload, p.provinceOf, cfg.Remember), p.workload, m)
		if dir != "" {
			if err := p.restart(dir, &r.Proof); err != nil {
				return nil, err
			}
		}
		drift = r.Proof.Breaches
	} else {
		r.Proof.Breaches = []string{}
	}
	r.Proof.PlantedFen = cfg.PlantFen
	if r.Clearing != nil {
		drift = append(drift, r.Clearing.Breaches...)
	}
	r.describe(m, cfg.Objectives)
	r.Steady = steadyState(m.Seconds, int((profile.WarmUpNS+1e9-1)/1e9), profile.changing())
	r.Verdict, r.Gates = Judge(&Trial{
		Measured: m, OpenLoop: p.schedule != nil, Limits: cfg.Limits, Objectives: cfg.Objectives, Drift: drift,
		Before: r.Calibration.Before, After: r.Calibration.After,
	})
	if r.Gates == nil {
		r.Gates = []Gate{}
	}
	r.ExitCode = int(r.Verdict)
	if cfg.KeepLog != "" {
		if err := os.Rename(dir, cfg.KeepLog); err != nil {
			return nil, err
		}
	}
	return &Outcome{Result: r, Measured: m, Evidence: evidence}, nil
}

// serviceConfig is how the service is started, the first time and from its log.
func (p *Prepared) serviceConfig(dir string) service.Config {
	return service.Config{
		Durability: p.cfg.Durability, Dir: dir, World: sha256.Sum256(append([]byte(p.cfg.DataDigest), p.workload.Digest[:]...)),
		Ring: p.cfg.Profile.InFlight, Unchained: p.cfg.Unchained, TimeOneIn: p.cfg.TimeOneIn, PlantSlow: p.cfg.PlantSlow,
	}
}

// load starts a service, puts the load on it and stops it.
func (p *Prepared) load(ctx context.Context, s *state, dir string, r *Result) (*Measured, *Evidence, error) {
	cfg, profile := &p.cfg, &p.cfg.Profile
	load := &Load{
		Workload: p.workload, Schedule: p.schedule, ForNS: profile.ForNS, Operations: profile.Operations, Batch: profile.Batch,
		InFlight: profile.InFlight, Late: profile.Late, WarmUpNS: profile.WarmUpNS, WarmUpOperations: profile.WarmUpOperations,
	}
	total := profile.Operations
	if p.schedule != nil {
		total = p.schedule.Operations()
	} else if profile.Operations > 0 {
		load.ForNS = 0
	}
	if cfg.Progress != nil {
		start := time.Now()
		load.Progress = func(answered int64) {
			cfg.Progress(Progress{"running", answered, total, time.Since(start), time.Duration(load.ForNS)})
		}
	}
	beside, stop := context.WithCancel(ctx)
	defer stop()
	cleared := make(chan *Clearing, 1)
	if profile.Clearing {
		month := settledOnce(cfg.World, p.workload, p.provinceOf, cfg.Remember)
		runtime.GC()
		go func() { cleared <- clearBeside(beside, month, p.provinceOf, len(cfg.World.Provinces)) }()
	}
	during := make(chan Calibration, 1)
	go func() { during <- calibrateBeside(beside) }()
	var evidence *Evidence
	if cfg.Gather && len(cfg.Objectives) > 0 {
		var err error
		if evidence, err = gather(); err != nil {
			return nil, nil, err
		}
		load.Second = evidence.watcher(cfg.Objectives)
		defer func() { evidence.end(false) }()
	}
	start := time.Now()
	running, _, err := service.Start(p.serviceConfig(dir), s.intakes)
	if err != nil {
		return nil, nil, err
	}
	r.Service.StartNS = int64(time.Since(start))
	before := readRuntime()
	m, err := Run(ctx, running, load)
	r.Runtime = readRuntime().since(before)
	missed := false
	if err == nil && evidence != nil {
		all := m.All()
		for i := range cfg.Objectives {
			missed = missed || cfg.Objectives[i].of(m, &all).missed
		}
		evidence.end(missed)
	}
	if !missed {
		evidence = nilled(evidence)
	}
	stop()
	r.Calibration.During = <-during
	if profile.Clearing {
		r.Clearing = <-cleared
	}
	if broken := running.Stop(); broken != nil {
		return nil, nil, broken
	}
	for i := range s.intakes {
		if info, err := os.Stat(service.LogName(dir, i)); dir != "" && err == nil {
			r.Service.LogBytes += info.Size()
		}
	}
	return m, evidence, err
}

// nilled ends evidence that nobody needs.
func nilled(e *Evidence) *Evidence {
	if e != nil {
		e.end(false)
	}
	return nil
}

// restart starts a service from the log that the run wrote and holds its state
// against the run's.
func (p *Prepared) restart(dir string, proof *Proof) error {
	p.tell(Progress{Phase: "restarting from the log"})
	s := newState(p.cfg.World, p.workload, p.provinceOf, p.cfg.Remember)
	again, _, err := service.Start(p.serviceConfig(dir), s.intakes)
	if err != nil {
		return err
	}
	if err := again.Stop(); err != nil {
		return err
	}
	proof.RestartDigest = s.digest()
	if proof.RestartDigest != proof.ReplayDigest {
		proof.Breaches = append(proof.Breaches,
			fmt.Sprintf("a restart from the log reaches the state %.16s…, a plain replay %.16s…", proof.RestartDigest, proof.ReplayDigest))
	}
	return nil
}
