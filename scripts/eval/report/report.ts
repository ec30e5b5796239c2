import type { FailedPart, Section } from "../section.ts";

/** All that was found, in the order of the parts. */
export interface Report {
  /** Machine, commit and model; one line each. */
  readonly machine: readonly string[];
  readonly sections: readonly Section[];
  readonly failed: readonly FailedPart[];
  /** Set when only some of the messages and questions were taken. */
  readonly limit: number | undefined;
}
