import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Logger, PlatformError } from "../foundation/index.ts";

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
  close(): Promise<void>;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A child that lived this long was healthy: the next failure is a new story. */
const healthyAfterMs = 60_000;
const closeLimitMs = 10_000;

/**
 * Keeps infer running: starts it, waits until it serves, starts it again with growing pauses when it ends.
 * While it is away callers get `EngineUnavailableError` from the engine client; nothing else is lost.
 * @throws {PlatformError} `infer_start_failed`: it ended, or said nothing, before its first readiness
 */
export async function superviseInfer(options: InferSupervisorOptions): Promise<InferSupervisor> {
  let child: ChildProcess | undefined;
  let closing = false;
  let pauseMs = firstPauseMs;
  let restart: NodeJS.Timeout | undefined;

  const start = (): ChildProcess => {
    const startedAt = Date.now();
    const started = fork(entryPoint(), [], {
      execArgv: entryPoint().endsWith(".ts") ? ["--import", "tsx"] : [],
      env: { ...options.environment, SEKTOR_INFER_LISTEN: `unix:${options.socketPath}` },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    started.on("exit", (code, signal) => {
      if (closing) return;
      if (Date.now() - startedAt > healthyAfterMs) pauseMs = firstPauseMs;
      options.log.warn({ code, signal, pauseMs }, "infer-ended");
      restart = setTimeout(() => {
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
  try {
    await firstReadiness(child, options.startTimeoutMs);
  } catch (failure) {
    await stop();
    throw failure;
  }
  return {
    get pid() {
      return child?.pid;
    },
    close: stop,
  };
}

function entryPoint(): string {
  const source = fileURLToPath(new URL("./infer.ts", import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL("./infer.js", import.meta.url));
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
