import { within } from "../foundation/index.ts";
import { ShuttingDownError } from "./errors.ts";

/** The replies that are on their way, so that closing can wait for them. */
export interface OpenCalls {
  /**
   * @param abandon ends the reply with this reason
   * @returns what is to be called when the reply has ended
   * @throws {ShuttingDownError} closing has begun
   */
  begin(abandon: (reason: Error) => void): () => void;
  /** Takes no more, and waits for all to end: `limitMs` by themselves, then `forcedMs` by force. */
  drain(limitMs: number, forcedMs: number): Promise<void>;
}

export function createOpenCalls(): OpenCalls {
  const open = new Set<(reason: Error) => void>();
  let closing = false;
  let onEmpty = (): void => {};
  return {
    begin: (abandon) => {
      if (closing) throw new ShuttingDownError();
      // An own entry, also for who begins twice with the same.
      const entry = (reason: Error): void => abandon(reason);
      open.add(entry);
      return () => {
        open.delete(entry);
        if (open.size === 0) onEmpty();
      };
    },
    drain: async (limitMs, forcedMs) => {
      closing = true;
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve;
        if (open.size === 0) resolve();
      });
      const reason = new ShuttingDownError();
      const isEmptyWithin = (ms: number): Promise<boolean> =>
        within(ms, empty, () => reason).then(
          () => true,
          () => false,
        );
      if (await isEmptyWithin(limitMs)) return;
      for (const abandon of open) abandon(reason);
      await isEmptyWithin(forcedMs);
    },
  };
}
