package report

import (
	"kuasheng/engine"
	"kuasheng/engine/day"
	"kuasheng/engine/money"
	"kuasheng/sim/clearing"
)

// Parameters is parameters.json: what the money between places was computed with, so
// that anyone can compute it again from the registers. Lists are in the order of the
// world, which is the order of every file; shares are basis points.
type Parameters struct {
	First     string              `json:"first_month"`
	WarmUp    int                 `json:"warm_up_months"`
	Months    int                 `json:"measured_months"`
	Expansion int64               `json:"expansion"`
	Ended     string              `json:"ended"`
	Schemes   []string            `json:"schemes"`
	Kinds     []string            `json:"kinds"`
	Provinces []ParameterProvince `json:"provinces"`
	Pools     []ParameterPool     `json:"pools"`

	Prepayment ParameterPrepayment `json:"prepayment"`
	Timetable  ParameterTimetable  `json:"timetable"`
	Levers     ParameterLevers     `json:"levers"`
	Late       []ParameterLate     `json:"late"`
	Calendar   ParameterCalendar   `json:"calendar"`
}

// ParameterProvince is a province.
type ParameterProvince struct {
	Code uint32 `json:"admdvs"`
	Name string `json:"name"`
}

// ParameterPool is an insured pool and its province's code.
type ParameterPool struct {
	Code     uint32 `json:"admdvs"`
	Name     string `json:"name"`
	Province uint32 `json:"province_admdvs"`
}

// ParameterPrepayment is the law's rule for the prepayment and the nation's part in
// top-ups.
type ParameterPrepayment struct {
	MultipleBP      money.BasisPoints `json:"multiple_bp"`
	YellowBP        money.BasisPoints `json:"yellow_bp"`
	RedBP           money.BasisPoints `json:"red_bp"`
	RedStrict       bool              `json:"red_strict"`
	TopUpMultipleBP money.BasisPoints `json:"top_up_multiple_bp"`
	TopUpCutBP      money.BasisPoints `json:"top_up_cut_bp"`
	// TopUpRefused says that some applications may have been refused outright.
	TopUpRefused bool `json:"top_up_refused"`
	DeclareNew   bool `json:"declare_new"`
}

// ParameterTimetable holds days of the next month and working days.
type ParameterTimetable struct {
	ReconcileOn            int `json:"reconcile_on"`
	ConfirmOn              int `json:"confirm_on"`
	AllocateOn             int `json:"allocate_on"`
	SignOn                 int `json:"sign_on"`
	SubmitWithin           int `json:"submit_within"`
	PayWithin              int `json:"pay_within"`
	FeedbackWithin         int `json:"feedback_within"`
	TransferDays           int `json:"transfer_days"` // calendar days
	InstitutionsPaidWithin int `json:"institutions_paid_within"`
	ApplyWithin            int `json:"apply_within"`
	ReviewWithin           int `json:"review_within"`
	DeclarePaidWithin      int `json:"declare_paid_within"`
	ManualWithin           int `json:"manual_within"`
	AnswerWithin           int `json:"answer_within"`
	QuotaDueMonth          int `json:"quota_due_month"`
	// RebaseMonths are months of the year, 1 for January.
	RebaseMonths  []int `json:"rebase_months"`
	MaxRoll       int   `json:"max_roll"`
	HardStopMonth int   `json:"hard_stop_month"`
	ShortAllocate int   `json:"short_allocate"`
	ShortSign     int   `json:"short_sign"`
}

// ParameterLevers are the levers that no law has.
type ParameterLevers struct {
	Netting       string `json:"netting"`
	Frequency     string `json:"frequency"`
	CarryNegative bool   `json:"carry_negative"`
	DryPot        string `json:"dry_pot"`
	PotsByScheme  bool   `json:"pots_by_scheme"`
}

// ParameterLate makes a province late by working days, see clearing.LateRule; 0 stands for
// every province.
type ParameterLate struct {
	Province     uint32 `json:"province_admdvs"`
	From         string `json:"from"`
	To           string `json:"to"`
	Submit       int    `json:"submit"`
	Pay          int    `json:"pay"`
	Never        bool   `json:"never"`
	Prepay       int    `json:"prepay"`
	Institutions int    `json:"institutions"`
	Manual       int    `json:"manual"`
}

// ParameterCalendar holds the working days that plain weekends do not tell, over all
// days of the run.
type ParameterCalendar struct {
	From   string   `json:"from"`
	To     string   `json:"to"`
	Off    []string `json:"off"`    // weekdays not worked
	Worked []string `json:"worked"` // weekend days worked
}

func parameters(in *Input) *Parameters {
	w, money := in.World, &in.World.Money
	p := &Parameters{
		First: w.First.String(), WarmUp: w.WarmUp, Months: w.Months, Expansion: in.expansion(), Ended: in.Result.Clearing.Ended.String(),
		Schemes: engine.SchemeNames[:], Kinds: engine.KindNames[:],
		Prepayment: ParameterPrepayment{
			MultipleBP: w.Prepayment.Multiple, YellowBP: w.Prepayment.Yellow, RedBP: w.Prepayment.Red, RedStrict: w.Prepayment.RedStrict,
			TopUpMultipleBP: w.Prepayment.TopUpMultiple, TopUpCutBP: money.TopUps.Cut, DeclareNew: money.TopUps.DeclareNew,
		},
		Timetable: ParameterTimetable{
			ReconcileOn: money.Confirm.ReconcileOn, ConfirmOn: money.Confirm.ConfirmOn,
			AllocateOn: w.Timetable.AllocateOn, SignOn: w.Timetable.SignOn, SubmitWithin: w.Timetable.SubmitWithin, PayWithin: w.Timetable.PayWithin,
			FeedbackWithin: money.FeedbackWithin, TransferDays: money.TransferDays, InstitutionsPaidWithin: w.Timetable.InstitutionsPaidWithin,
			ApplyWithin: w.Timetable.ApplyWithin, ReviewWithin: money.TopUps.ReviewWithin, DeclarePaidWithin: money.TopUps.DeclarePaidWithin,
			ManualWithin: w.Timetable.ManualWithin, AnswerWithin: money.CoChecks.AnswerWithin, QuotaDueMonth: w.Timetable.QuotaDueMonth, RebaseMonths: monthsOfYear(w.Timetable.RebaseMonths),
			MaxRoll: money.Confirm.MaxRoll, HardStopMonth: money.Confirm.HardStop,
			ShortAllocate: money.Levers.ShortAllocate, ShortSign: money.Levers.ShortSign,
		},
		Levers: ParameterLevers{Netting: money.Levers.Netting.String(), Frequency: money.Levers.Frequency.String(), CarryNegative: money.Levers.CarryNegative, DryPot: money.Pots.Dry.String(), PotsByScheme: money.Pots.ByScheme},
		Late:   []ParameterLate{},
	}
	for _, refused := range money.TopUps.Refuse {
		p.Prepayment.TopUpRefused = p.Prepayment.TopUpRefused || refused > 0
	}
	for i := range w.Provinces {
		p.Provinces = append(p.Provinces, ParameterProvince{w.Provinces[i].Code, w.Provinces[i].NameZH})
	}
	for i := range w.Pools {
		p.Pools = append(p.Pools, ParameterPool{w.Pools[i].Code, w.Pools[i].NameZH, w.Provinces[w.Pools[i].Province].Code})
	}
	for i := range money.Late {
		l := &money.Late[i]
		// Bounds beyond the run say no more than its ends do.
		from, to := max(l.From, w.First), min(l.To, w.First+day.Month(w.WarmUp+w.Months+24))
		late := ParameterLate{From: from.String(), To: to.String(), Submit: l.Submit, Pay: l.Pay, Never: l.Never, Prepay: l.Prepay, Institutions: l.Institutions, Manual: l.Manual}
		if l.Province != clearing.AllProvinces {
			late.Province = w.Provinces[l.Province].Code
		}
		p.Late = append(p.Late, late)
	}
	p.Calendar = calendarOf(in)
	return p
}

// calendarOf lists the exceptions to plain weekends from the first day of the run until
// nothing can be counted in working days any more.
func calendarOf(in *Input) ParameterCalendar {
	last := max(in.Result.Clearing.Ended, (in.World.First + day.Month(in.World.WarmUp+in.World.Months)).Last())
	for i := range in.Result.Clearing.Periods {
		last = max(last, in.Result.Clearing.Periods[i].FedBack)
	}
	c := ParameterCalendar{From: in.World.First.First().String(), Off: []string{}, Worked: []string{}}
	last += 60
	c.To = last.String()
	for d := in.World.First.First(); d <= last; d++ {
		switch working, weekend := in.World.Calendar.Working(d), d.Weekday() >= 5; {
		case working && weekend:
			c.Worked = append(c.Worked, d.String())
		case !working && !weekend:
			c.Off = append(c.Off, d.String())
		}
	}
	return c
}

// monthsOfYear lists the months of a set as clearing.Timetable.RebaseMonths has it.
func monthsOfYear(set uint16) []int {
	months := []int{}
	for m := range 12 {
		if set>>m&1 != 0 {
			months = append(months, m+1)
		}
	}
	return months
}
