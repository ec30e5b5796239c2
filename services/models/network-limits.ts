/** How patient a download is. */
export interface NetworkLimits {
  /** Failures in a row, without new bytes in between, before giving up; ≥ 0. */
  readonly retries: number;
  /** Pause before the first retry; doubles up to `maxDelayMs`. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** Longest silence on an open connection, and longest wait for one to open. */
  readonly idleTimeoutMs: number;
  /** Longest wait for another process that downloads the same file. */
  readonly lockWaitMs: number;
}

export const defaultNetworkLimits: NetworkLimits = {
  retries: 6,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  idleTimeoutMs: 30_000,
  lockWaitMs: 6 * 3_600_000,
};
