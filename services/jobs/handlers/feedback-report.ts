import { type FeedbackFilter, type FeedbackStore, withoutTexts } from "../../feedback/index.ts";
import type { PayloadOf } from "../contracts.ts";
import type { JobWork } from "../jobs.ts";

const dayMs = 24 * 60 * 60_000;

/** The report of a time, its figures alone; of the days before the job was added where it names no dates. */
export function feedbackReportWork(feedback: Pick<FeedbackStore, "report">): JobWork<"feedback-report"> {
  return {
    run: async (payload, { createdAt }) => ({
      report: { ...withoutTexts(await feedback.report(filterOf(payload, createdAt))) },
    }),
  };
}

function filterOf({ since, until, lastDays }: PayloadOf<"feedback-report">, createdAt: string): FeedbackFilter {
  if (lastDays !== undefined)
    return { since: new Date(Date.parse(createdAt) - lastDays * dayMs).toISOString(), until: createdAt };
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}
