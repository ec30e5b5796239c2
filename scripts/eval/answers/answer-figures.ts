import { percentile } from "../../../bench/support/statistics.ts";
import { mean, share } from "../statistics.ts";
import type { Verdict } from "./judge-answer.ts";

export interface AnswerFigures {
  readonly answers: number;
  /** Of all facts that had to be stated. */
  readonly facts: number | null;
  /** Answers that state all their facts. */
  readonly whole: number | null;
  /** Claims that must not be made, counted. */
  readonly claims: number;
  readonly withSources: number | null;
  /** Of the answers whose right document is known. */
  readonly found: number | null;
  readonly foundCited: number | null;
  /** Of the answers that had sources: cite at least one. */
  readonly cites: number | null;
  readonly citesNothing: number | null;
  readonly repetitive: number | null;
  /** Of the answers that are not empty. */
  readonly turkish: number | null;
  readonly empty: number;
  readonly words: number | null;
  readonly firstMs: { readonly p50: number | null; readonly p95: number | null };
}

export function answerFigures(verdicts: readonly Verdict[]): AnswerFigures {
  const wanted = verdicts.reduce((sum, one) => sum + one.of, 0);
  const stated = verdicts.reduce((sum, one) => sum + one.facts, 0);
  const judgedSources = verdicts.filter((one) => one.found !== undefined);
  const spoken = verdicts.filter((one) => !one.empty);
  const first = verdicts.map((one) => one.firstMs);
  return {
    answers: verdicts.length,
    facts: wanted === 0 ? null : stated / wanted,
    whole: share(
      verdicts.filter((one) => one.of > 0),
      (one) => one.facts === one.of,
    ),
    claims: verdicts.reduce((sum, one) => sum + one.claims, 0),
    withSources: share(verdicts, (one) => one.sources > 0),
    found: share(judgedSources, (one) => one.found === true),
    foundCited: share(judgedSources, (one) => one.foundCited === true),
    cites: share(
      verdicts.filter((one) => one.sources > 0),
      (one) => one.cites,
    ),
    citesNothing: share(verdicts, (one) => one.citesNothing),
    repetitive: share(spoken, (one) => one.repetitive),
    turkish: share(spoken, (one) => one.turkish),
    empty: verdicts.length - spoken.length,
    words: mean(verdicts.map((one) => one.words)),
    firstMs:
      first.length === 0 ? { p50: null, p95: null } : { p50: percentile(first, 0.5), p95: percentile(first, 0.95) },
  };
}
