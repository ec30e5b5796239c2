import type { VoiceClock } from "../../services/voice/session/index.ts";
import { settle } from "./macrotask.ts";

/** A clock whose hands a test turns. */
export interface TestClock extends VoiceClock {
  /** Turns the hands; on the way everything that is due is done, and what comes of it. */
  advance(ms: number): Promise<void>;
  /** Timers that are set. */
  readonly pending: number;
}

export function createTestClock(): TestClock {
  let now = 1000;
  let timers: { readonly at: number; readonly work: () => void }[] = [];
  return {
    nowMs: () => now,
    after: (ms, work) => {
      const timer = { at: now + ms, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    get pending() {
      return timers.length;
    },
    advance: async (ms) => {
      const until = now + ms;
      // What is under way needs no time, but some turns of the loop.
      await settle(8);
      for (;;) {
        const [next] = timers.toSorted((a, b) => a.at - b.at);
        if (next === undefined || next.at > until) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.work();
        await settle(3);
      }
      now = until;
      await settle(2);
    },
  };
}
