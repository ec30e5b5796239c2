import type { Jobs } from "../jobs/index.ts";
import { RunQueueFullError } from "./errors.ts";
import { FairTurns } from "./fair-turns.ts";

/** How long a count of the queue is trusted. */
const trustedMs = 500;

/** A job that may wait, and when it is taken. */
export interface Admission {
  /** See AddOptions. */
  readonly turn: number;
}

/**
 * Keeps a queue within its bound, and room in it for everybody: an owner may have as many jobs waiting as there is room left, so one alone
 * gets half of it, two a third each, and a newcomer always finds a place (Choudhury and Hahne 1998, "Dynamic queue length thresholds for
 * shared-memory packet switches"). The counts are asked for twice a second at most, with what this process has added since on top:
 * asking at every job would cost as much as adding it. Several gateways together may exceed the bound by what they add in half a second.
 */
export function createQueueBound(
  jobs: Pick<Jobs, "counts" | "tally">,
  maxQueued: number,
  nowMs: () => number,
): { readonly admit: (owner: string | null) => Promise<Admission> } {
  const turns = new FairTurns();
  let atMs = Number.NEGATIVE_INFINITY;
  let waiting = 0;
  let byOwner: Map<string, number> | undefined;
  let counting: Promise<void> | undefined;

  /** Whose the jobs are is looked at only where it may matter: an owner alone cannot have too many while less than half is taken. */
  const count = async (): Promise<void> => {
    const { waiting: ready, delayed } = await jobs.counts("serverless-run");
    const tally =
      ready + delayed < maxQueued / 2 ? undefined : await jobs.tally("serverless-run", ({ keyId }) => keyId ?? "");
    waiting = ready + delayed;
    byOwner = tally === undefined ? undefined : new Map(tally);
    atMs = nowMs();
    if (waiting === 0) turns.restart();
  };

  return {
    /** @param owner id of a key; null: none. @throws {RunQueueFullError} */
    admit: async (owner) => {
      if (nowMs() - atMs >= trustedMs) {
        counting ??= count().finally(() => {
          counting = undefined;
        });
        await counting;
      }
      const key = owner ?? "";
      const own = byOwner?.get(key) ?? 0;
      const room = maxQueued - waiting;
      // Where no keys are asked for, all are one, and room left would be left for nobody.
      if (room <= 0 || (owner !== null && own >= room)) throw new RunQueueFullError(maxQueued);
      waiting += 1;
      byOwner?.set(key, own + 1);
      return { turn: turns.next(key) };
    },
  };
}
