import type { FeedbackReport } from "./report.ts";

/** The figures alone: what is kept for a year must not outlive the erasure of who wrote it. */
export function withoutTexts(report: FeedbackReport): FeedbackReport {
  return { ...report, issues: report.issues.map((issue) => ({ ...issue, examples: [] })), suggestions: [] };
}

/** A kept report's figures, beside what stands today of what people wrote. @param now the report of the same time, made anew */
export function withTextsOf(kept: FeedbackReport, now: FeedbackReport): FeedbackReport {
  const examples = new Map(now.issues.map((issue) => [issue.category, issue.examples]));
  return {
    ...kept,
    issues: kept.issues.map((issue) => ({ ...issue, examples: examples.get(issue.category) ?? [] })),
    suggestions: now.suggestions,
  };
}

/** The time a kept report is about. */
export function spanOf({ since, until, generatedAt }: FeedbackReport): {
  readonly since?: string;
  readonly until: string;
} {
  return { ...(since === null ? {} : { since }), until: until ?? generatedAt };
}
