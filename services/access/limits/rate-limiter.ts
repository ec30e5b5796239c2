/** Most requests of one subject in any stretch of time this long. */
export interface RateRule {
  /** For people: `user_hour`. */
  readonly name: string;
  /** ≥ 1 */
  readonly max: number;
  readonly windowMs: number;
}

export interface RateState {
  /** The rule that leaves least room, or the one that was broken. */
  readonly rule: RateRule;
  /** Requests that still fit; 0 when refused. */
  readonly remaining: number;
  /** Until more fit. */
  readonly resetMs: number;
  readonly allowed: boolean;
}

/** Gives back one place; calling it again does nothing, and it never fails. */
export type GivePlace = () => void;

/**
 * How much is too much. Windows slide: in no stretch of a rule's length are there more than its `max`, wherever it begins. A place comes
 * free up to a sixtieth of the window late.
 */
export interface RateLimiter extends AsyncDisposable {
  /**
   * Counts one request against all rules, or, where one is broken, against none: who is refused does not wait the longer for it.
   * @param subject whose requests, such as `user:ayşe`
   * @param rules at least one
   * @throws {LimitsUnavailableError} the counts are out of reach and the settings say to refuse then
   */
  take(subject: string, rules: readonly RateRule[]): Promise<RateState>;
  /**
   * One of `max` places that a subject has at the same time.
   * @returns undefined: all are taken
   * @throws {LimitsUnavailableError} as above
   */
  enter(subject: string, max: number): Promise<GivePlace | undefined>;
}

/** A window is counted in this many slots, and one more that has begun to leave it. */
export const slotsPerWindow = 60;
