import { pause } from "../../services/foundation/index.ts";
import { percentile } from "./statistics.ts";

export interface LoadResult<T> {
  readonly results: readonly T[];
  readonly errors: number;
  /** How late requests left, p95, ms. */
  readonly lateMs: number;
}

/** Sends at a fixed pace, whether or not earlier answers have come: a slow server cannot slow its own exam down. */
export async function openLoop<T>(
  perSecond: number,
  seconds: number,
  send: (at: number) => Promise<T>,
): Promise<LoadResult<T>> {
  const results: T[] = [];
  const late: number[] = [];
  const running: Promise<void>[] = [];
  let errors = 0;
  const startedAt = performance.now();
  for (let at = 0; at < seconds * perSecond; at++) {
    const dueMs = startedAt + (at * 1000) / perSecond;
    const early = dueMs - performance.now();
    if (early > 0) await pause(early);
    late.push(performance.now() - dueMs);
    running.push(
      send(at)
        .then((result) => {
          results.push(result);
        })
        .catch((failure: unknown) => {
          if (errors++ === 0) console.error(String(failure));
        }),
    );
  }
  await Promise.all(running);
  return { results, errors, lateMs: percentile(late, 0.95) };
}
