package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"kuasheng/fixtures/wire"
)

func (a *app) settleCommand() *cobra.Command {
	var data dataFlags
	c := &cobra.Command{
		Use:   "settle [FILE|-]",
		Short: "Answer transactions of the national interface, as JSON Lines",
		Long: `Settle reads one transaction a line and writes one answer a line, in the same
order: 2207, 2304 and 2102 settle, 2208, 2305 and 2103 reverse, 2601 takes back;
2501 to 2506 put filings, chronic qualifications and chosen institutions on file
and take them off; KS01 gives a person another number, KS02 is a manual claim.
Without FILE, or with -, it reads standard input and answers as lines come.

Amounts are strings in yuan with at most two decimals, codes and flags strings,
dates "2024-03-05" or "2024-03-05 10:00:00"; own keys that are facts are true or
false. Every settlement states infno msgid insuplc_admdvs mdtrtarea_admvs psn_no
insutype psn_type med_type fixmedins_code setl_time feedetl, and hosp_lv (1
primary, 2 secondary, 3 tertiary, 4 tertiary of provincial rank) unless it is a
pharmacy's. Every line of feedetl states feedetl_sn med_chrgitm_type chrgitm_lv
det_item_fee_sumamt, and may state selfpay_prop, pric, cnt, pric_uplmt_amt,
fee_ocur_time, med_list_codg, fixmedins_code with slip for care elsewhere during a
stay, and for a refund init_feedetl_sn. Where they are left out: begntime and
fee_ocur_time are setl_time; flags are "0"; psn_insu_stas is "1"; selfpay_prop and
the price limit are those of the catalogue of the place of treatment on the line's
day. Medical totals that are stated must be what the lines make. er_flag, ipt_type
or otp_er_refl_flag "1" and med_type 24 are an emergency.

The person may state age or brdy, cvlserv_flag, acct_used_flag, mdtrt_cert_type,
and of Kuasheng's own identity (low_income, extreme_poor, near_poor),
enterprise_supplement, mulaid_used, verified; the visit mdtrt_id, mid_setl_flag,
transferred or prev_mdtrt_id, clr_way with case_payment, injury_letter, connected,
and if chronic opsp_dise_code, qualified, opened, ordinary_if_refused. balc,
mulaid_balc and accumulated are where a person begins who is new to the stream.
line_results asks for the parts of each line. A filing as it stands is
  "filing":{"kind":…,"basis":…,"dest_admdvs":…,"begndate":…,"enddate":…,
            "filed_time":…,"fulfilled":…,"revoked":…}
with kind retired_settled, long_term_resident, posted_worker, referral, emergency
or other_temporary, and basis material, commitment, referral_doc or none; a
history is "filings":[{"event":…,"applied_time":…,…},…]. A claim with neither is
settled by what 2501 has put on file, or else as one of an unfiled person.
A reversal names psn_no and the original's setl_id or omsgid, and may state its
setl_time; a 2601 names psn_no, omsgid and oinfno. Unknown keys are refused by
name. docs/settle.md has the whole list, docs/examples claims to try.

A refusal by the regulation is an answer like any other: its status says which.
The same msgid with the same body gets its first answer again, with another body
the status conflict. A line that cannot be read gets {"msgid":…,"status":"error",
"line":N,"err_msg":…} in its place and the stream goes on; if there was one, the
exit code at the end is 2.`,
		Example: `  kuasheng settle docs/examples/c4.jsonl
  kuasheng settle docs/examples/filing-history.jsonl
  kuasheng settle claims.jsonl > answers.jsonl
  kuasheng settle --policy docs/examples/policy.yaml docs/examples/c4.jsonl
  kuasheng settle --set policies.131000.employee.drop_bp.referral=0 claims.jsonl`,
		Args: atMostOne("file"),
		RunE: func(c *cobra.Command, args []string) error {
			in, name := a.in, "standard input"
			if len(args) == 1 && args[0] != "-" {
				name = args[0]
				f, err := os.Open(args[0])
				if err != nil {
					return failf(codeUsage, "%s: %w", args[0], cause(err))
				}
				defer f.Close()
				in = f
			}
			p, _, err := data.load(a)
			if err != nil {
				return err
			}
			return a.settle(c.Context(), p, in, name)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&data.scenario, "scenario", "", "settle by the policies of this `SCENARIO` (default "+defaultScenario+")")
	_ = c.RegisterFlagCompletionFunc("scenario", completeScenarios)
	data.addPolicy(c)
	data.add(c)
	return c
}

func (a *app) settle(ctx context.Context, p pack, in io.Reader, name string) error {
	desk := wire.NewDesk(p.World(), p)
	var unread *wire.ReadError
	switch err := desk.Serve(ctx, in, a.out); {
	case errors.Is(err, context.Canceled):
		return failf(codeInterrupted, "interrupted; every answer written stands")
	case errors.As(err, &unread):
		return failf(codeUsage, "%s: %w", name, err)
	case err != nil:
		return fail(codeUsage, err)
	}
	if breaches := desk.Check(); len(breaches) > 0 {
		return fail(codeBreach, breaches[0])
	}
	if t := desk.Tally(); t.Errors > 0 {
		return failf(codeUsage, "%d of %d lines could not be read; their answers say why", t.Errors, t.Lines)
	}
	return nil
}
