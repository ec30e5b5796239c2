import type { Logger } from "../../foundation/index.ts";
import type { SessionStoreOptions } from "../session-store.ts";

export interface JournaledOptions extends SessionStoreOptions {
  /** The data folder of the database behind. */
  readonly folder: string;
  readonly nowMs?: () => number;
  /** Text of the sessions kept in memory; 16 M characters unless told. */
  readonly maxRecentCharacters?: number;
  /** Turns that may be on their way to the database; 2 000 unless told. */
  readonly maxUnsaved?: number;
  /** How long turns are gathered before they are brought over; 200 ms unless told. */
  readonly gatherMs?: number;
  /** Longest wait for the database when too much is on its way, or on closing; 10 s unless told. */
  readonly drainLimitMs?: number;
  readonly logger?: Logger;
}
