/** How native steps share the cores. */
export interface ThreadPlan {
  /** Most threads at work at once. */
  readonly total: number;
  /** Most threads of one step. */
  readonly perStep: number;
  /** Most steps at once, each on a lane of its own. */
  readonly parallelSteps: number;
}

/**
 * Below this many parameters a step is so short that a second thread costs more than it computes: measured on the embedded model
 * (7 M), one thread decodes several times faster than two (docs/bench/engine.md).
 */
const smallModel = 50_000_000;

/** libuv runs native work on four threads unless told otherwise; one stays free for sampling. */
const mostParallelSteps = 3;

/**
 * @param cores physical cores the engine may use
 * @param parameters of the base; null: not known
 * @param onGpu one device computes one step at a time
 */
export function planThreads(cores: number, parameters: number | null, onGpu: boolean): ThreadPlan {
  const small = parameters !== null && parameters < smallModel;
  return {
    total: cores,
    perStep: small ? 1 : cores,
    parallelSteps: onGpu ? 1 : Math.min(cores, mostParallelSteps),
  };
}
