import { type JudgedReplies, readJudgedReplies } from "../../feedback/index.ts";
import type { Disposal, Logger } from "../../foundation/index.ts";
import type { Accuracies, GatewayMetrics } from "../../observability/index.ts";
import type { Database } from "../../storage/index.ts";
import { readEvaluation } from "./read-evaluation.ts";

/** Nothing of it may be felt while the process starts. */
const firstAfterMs = 5_000;
/** How often it is looked whether there is anything new. */
const everyMs = 60_000;
/** Other processes take feedback too. */
const atLeastEveryMs = 600_000;
/** How far back feedback counts. */
const windowMs = 30 * 86_400_000;

export interface WatchAccuracyParts {
  readonly database: Database;
  readonly metrics: Pick<GatewayMetrics, "showAccuracies">;
  /** Machine-readable report of the evaluation, and the manifest of the models it was made with; either may be missing. */
  readonly report: string;
  readonly manifest: string;
  readonly logger: Logger;
}

/** Keeps the shares of right sectors and good replies fresh, far from every scrape. @returns to be told of new feedback */
export function watchAccuracy(
  { database, metrics, report, manifest, logger }: WatchAccuracyParts,
  disposal: Disposal,
): () => void {
  let isNew = true;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let evaluated = false;
  const look = async (): Promise<void> => {
    if (!evaluated) {
      evaluated = true;
      metrics.showAccuracies("evaluation", await readEvaluation(report, manifest));
    }
    if (!isNew && performance.now() - readAtMs < atLeastEveryMs) return;
    isNew = false;
    readAtMs = performance.now();
    const judged = await readJudgedReplies(database, new Date(Date.now() - windowMs).toISOString());
    metrics.showAccuracies("feedback", accuraciesOf(judged));
  };
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const later = (ms: number): void => {
    if (closed) return;
    timer = setTimeout(() => {
      look()
        // What was known stays shown; a database that is away is told of elsewhere.
        .catch((failure: unknown) => logger.debug({ failure: String(failure) }, "accuracy-not-read"))
        .finally(() => later(everyMs));
    }, ms).unref();
  };
  later(firstAfterMs);
  disposal.own(undefined, () => {
    closed = true;
    clearTimeout(timer);
  });
  return () => {
    isNew = true;
  };
}

/** Shares; nobody judged: none. */
export function accuraciesOf({ routing, adapters }: JudgedReplies): Accuracies {
  return {
    router: routing.judged === 0 ? undefined : 1 - routing.wrong / routing.judged,
    adapters: adapters
      .filter(({ rated }) => rated > 0)
      .map(({ sector, adapter, rated, good }) => ({ sector, adapter, share: good / rated })),
  };
}
