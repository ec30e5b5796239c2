/** Time as the session needs it: an argument, so that tests can turn the hands. */
export interface VoiceClock {
  /** Milliseconds since some fixed moment; never runs backwards. */
  nowMs(): number;
  /** Runs `work` once, `ms` from now. @returns how to call it off */
  after(ms: number, work: () => void): () => void;
}

export const processClock: VoiceClock = {
  nowMs: () => performance.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
