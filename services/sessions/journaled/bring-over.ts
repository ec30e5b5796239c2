import { SqlError } from "../../storage/index.ts";
import type { EmbeddedSessionStore } from "../embedded-session-store.ts";
import { InvalidSessionIdError, SessionNotFoundError } from "../errors.ts";
import type { JournalEntry } from "./session-journal.ts";

/** Of one statement: so that what it carries, and what one refusal sends a second time, stays small. */
const most = 100;

export interface BringingOver {
  /** The database is away: waits until it is worth another try, or throws. */
  readonly onFailure: (failure: unknown) => Promise<void>;
  /** These are through: kept, or refused for good with this reason. */
  readonly onDone?: (entries: readonly JournalEntry[], refusal?: unknown) => void;
}

/**
 * Gives a database turns, those of a session in their order. Many go in one statement, for each statement costs a way to another thread and back.
 * @throws what `onFailure` throws; what was not told `onDone` may be kept or not
 */
export async function bringOver(
  behind: EmbeddedSessionStore,
  entries: readonly JournalEntry[],
  { onFailure, onDone = () => undefined }: BringingOver,
): Promise<void> {
  const give = async (some: readonly JournalEntry[]): Promise<void> => {
    for (;;) {
      try {
        const refused = await behind.appendAll(some);
        onDone(some.filter((entry) => !refused.includes(entry)));
        if (refused.length > 0) onDone(refused, new SessionNotFoundError());
        return;
      } catch (failure) {
        if (!isForGood(failure)) await onFailure(failure);
        else if (some.length === 1) return onDone(some, failure);
        else break;
      }
    }
    // One of them is refused, which must not cost the others.
    for (const entry of some) await give([entry]);
  };
  for (let left = entries; left.length > 0; ) {
    const some = firstOfEach(left);
    await give([...some]);
    left = left.filter((entry) => !some.has(entry));
  }
}

/** What the database refuses today it refuses tomorrow: it must not hold up all others. */
function isForGood(failure: unknown): boolean {
  return failure instanceof SqlError || failure instanceof InvalidSessionIdError;
}

function firstOfEach(entries: readonly JournalEntry[]): ReadonlySet<JournalEntry> {
  const first = new Map<string, JournalEntry>();
  for (const entry of entries) {
    if (first.size === most) break;
    if (!first.has(entry.id)) first.set(entry.id, entry);
  }
  return new Set(first.values());
}
