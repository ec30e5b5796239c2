import { type ChildProcess, fork } from "node:child_process";
import { type Logger, PlatformError, programFile } from "../foundation/index.ts";

export interface InferSupervisorOptions {
  /** Where the child listens. */
  readonly socketPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startTimeoutMs: number;
  readonly log: Logger;
}

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
/** A child that lived this long was healthy: the next failure is a new story. */
const healthyAfterMs = 60_000;
const closeLimitMs = 10_000;

/**
 * Keeps infer running: starts it, and starts it again with growing pauses when it ends.
 * While it is away callers get `EngineUnavailableError` from the engine client; nothing else is lost.
 */
export function superviseInfer(options: InferSupervisorOptions): InferSupervisor {
  let child: ChildProcess | undefined;
  let closing = false;
  let restarts = 0;
  let pauseMs = firstPauseMs;
  let restart: NodeJS.Timeout | undefined;

  const start = (): ChildProcess => {
    const startedAt = Date.now();
    const { path, execArgv } = programFile(new URL("./infer.ts", import.meta.url));
    const started = fork(path, [], {
      execArgv: [...execArgv],
      env: { ...options.environment, SEKTOR_INFER_LISTEN: `unix:${options.socketPath}` },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    started.on("exit", (code, signal) => {
      if (closing) return;
      if (Date.now() - startedAt > healthyAfterMs) pauseMs = firstPauseMs;
      options.log.warn({ code, signal, pauseMs }, "infer-ended");
      restart = setTimeout(() => {
        restarts++;
        child = start();
      }, pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    });
    started.on("message", (message) => {
      if (message === "ready") options.log.info({ pid: started.pid, ms: Date.now() - startedAt }, "infer-serves");
    });
    return started;
  };

  const stop = async (): Promise<void> => {
    closing = true;
    clearTimeout(restart);
    if (child !== undefined) await endChild(child);
  };

  child = start();
  const ready = firstReadiness(child, options.startTimeoutMs).catch(async (failure) => {
    await stop();
    throw failure;
  });
  // Whoever starts it looks at this later, when the rest stands.
  ready.catch(() => undefined);
  return {
    ready,
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    close: stop,
  };
}

async function firstReadiness(child: ChildProcess, limitMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (detail: string): void => {
      clearTimeout(timer);
      reject(
        new PlatformError({
          code: "infer_start_failed",
          status: 500,
          message: `The engine process could not start: ${detail}. Its own message stands above.`,
          messageTr: "Model süreci başlatılamadı; nedeni yukarıda yazıyor.",
        }),
      );
    };
    const timer = setTimeout(() => fail(`it said nothing for ${limitMs} ms`), limitMs);
    child.once("exit", (code, signal) => fail(`it ended with ${signal ?? `status ${code}`}`));
    child.on("message", (message) => {
      // A download may take long; as long as it goes on, it is no failure.
      timer.refresh();
      if (message !== "ready") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), closeLimitMs);
  await ended;
  clearTimeout(timer);
}
