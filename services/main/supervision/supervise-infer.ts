import { PlatformError } from "../../foundation/index.ts";
import { beginInferLife, type InferEnd, type InferLife, type InferLifeOptions } from "./infer-life.ts";

export type InferSupervisorOptions = Pick<InferLifeOptions, "launch" | "answers" | "startTimeoutMs" | "log">;

export interface InferSupervisor {
  /** Process id of the child that runs now. */
  readonly pid: number | undefined;
  /** How often it was started again. */
  readonly restarts: number;
  /**
   * Fulfilled when the first child serves.
   * @throws {PlatformError} `infer_start_failed`: it ended, or said nothing, before that; nothing is started again then
   */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A child that served this long was healthy: the next failure is a new story. */
const healthyAfterMs = 60_000;

/**
 * Keeps infer running: starts it, and starts it again with growing pauses when it ends, cannot be started, says nothing while it starts, or
 * no longer answers. While it is away callers get `EngineUnavailableError` from the engine client; nothing else is lost.
 */
export function superviseInfer(options: InferSupervisorOptions): InferSupervisor {
  const { log } = options;
  let life: InferLife | undefined;
  let hasServed = false;
  let closing = false;
  let restarts = 0;
  let pauseMs = firstPauseMs;
  let restart: NodeJS.Timeout | undefined;
  let tellReady: () => void;
  let tellFailed: (failure: PlatformError) => void;
  const ready = new Promise<void>((resolve, reject) => {
    tellReady = resolve;
    tellFailed = reject;
  });
  // Whoever starts it looks at this later, when the rest stands.
  ready.catch(() => undefined);

  const begin = (): void => {
    life = beginInferLife({
      ...options,
      onServes: () => {
        hasServed = true;
        tellReady();
      },
      onOver,
    });
  };
  const onOver = (end: InferEnd): void => {
    life = undefined;
    const { code, signal, error, killedFor, servedMs } = end;
    if (!hasServed) {
      if (!closing) log.warn({ code, signal, error, killedFor }, "infer-ended");
      tellFailed(startFailed(end, options.startTimeoutMs));
    } else if (!closing) {
      if (servedMs > healthyAfterMs) pauseMs = firstPauseMs;
      log.warn({ code, signal, error, killedFor, pauseMs }, "infer-ended");
      restart = setTimeout(() => {
        restarts++;
        begin();
      }, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  };

  begin();
  return {
    ready,
    get pid() {
      return life?.pid;
    },
    get restarts() {
      return restarts;
    },
    close: async () => {
      closing = true;
      clearTimeout(restart);
      await life?.end();
    },
  };
}

function startFailed({ code, signal, error, killedFor }: InferEnd, startTimeoutMs: number): PlatformError {
  const detail =
    error ??
    (killedFor === "start-silent"
      ? `it said nothing for ${startTimeoutMs} ms`
      : `it ended with ${signal ?? `status ${code}`}`);
  return new PlatformError({
    code: "infer_start_failed",
    status: 500,
    message: `The engine process could not start: ${detail}. Its own message stands above.`,
    messageTr: "Model süreci başlatılamadı; nedeni yukarıda yazıyor.",
  });
}
