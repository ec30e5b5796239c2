import type { Logger } from "../../foundation/index.ts";
import { watchAnswers } from "./watch-answers.ts";

/** What a supervisor knows of a process: a `ChildProcess` keeps it, a script in tests. */
export interface InferChild {
  /** Undefined: there is no process, and `error` says why. */
  readonly pid?: number | undefined;
  on(event: "message", heard: (message: unknown) => void): unknown;
  on(event: "exit", heard: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  on(event: "error", heard: (failure: Error) => void): unknown;
  kill(signal: NodeJS.Signals): unknown;
}

/** How one life ended. */
export interface InferEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why there was no process at all. */
  readonly error?: string;
  /** Why we killed it. `start-silent`: nothing was heard of its start; `no-answer`: it served, and answers no more. */
  readonly killedFor?: "start-silent" | "no-answer";
  /** How long it served; 0: it never did. */
  readonly servedMs: number;
}

export interface InferLifeOptions {
  /** May throw: then the life is over before it began. */
  readonly launch: () => InferChild;
  /** Whether the process answers at all; false once `signal` fires. Never rejects. */
  readonly answers: (signal: AbortSignal) => Promise<boolean>;
  /** Longest silence until it says `ready`; any other message means that its start goes on. */
  readonly startTimeoutMs: number;
  readonly log: Logger;
  readonly onServes: () => void;
  /** Exactly once, never before `beginInferLife` has returned. */
  readonly onOver: (end: InferEnd) => void;
}

export interface InferLife {
  readonly pid: number | undefined;
  /** Resolves when the process is gone. */
  end(): Promise<void>;
}

const closeLimitMs = 10_000;

/** One process of infer from its launch to its end: whether it comes up, whether it still answers, and how it ended. */
export function beginInferLife(options: InferLifeOptions): InferLife {
  const { launch, answers, startTimeoutMs, log, onServes, onOver } = options;
  const startedAt = Date.now();
  let servesSince: number | undefined;
  let killedFor: InferEnd["killedFor"];
  let silence: NodeJS.Timeout | undefined;
  let stopWatching: (() => void) | undefined;
  let isOver = false;
  const whenOver: (() => void)[] = [];

  const over = (how: Pick<InferEnd, "code" | "signal" | "error">): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(silence);
    stopWatching?.();
    for (const told of whenOver) told();
    const servedMs = servesSince === undefined ? 0 : Date.now() - servesSince;
    onOver({ ...how, ...(killedFor === undefined ? {} : { killedFor }), servedMs });
  };
  const stillborn = (failure: unknown): void => over({ code: null, signal: null, error: String(failure) });

  let child: InferChild;
  try {
    child = launch();
  } catch (failure) {
    queueMicrotask(() => stillborn(failure));
    return { pid: undefined, end: async () => undefined };
  }

  const end = async (): Promise<void> => {
    if (isOver || child.pid === undefined) return;
    const gone = new Promise<void>((resolve) => whenOver.push(resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), closeLimitMs);
    await gone;
    clearTimeout(timer);
  };

  child.on("exit", (code, signal) => over({ code, signal }));
  child.on("error", (failure) => {
    if (child.pid === undefined) stillborn(failure);
    else log.warn({ pid: child.pid, error: String(failure) }, "infer-error");
  });
  child.on("message", (message) => {
    if (isOver || servesSince !== undefined) return;
    silence?.refresh();
    if (message !== "ready") return;
    clearTimeout(silence);
    servesSince = Date.now();
    log.info({ pid: child.pid, ms: servesSince - startedAt }, "infer-serves");
    stopWatching = watchAnswers(answers, () => {
      killedFor = "no-answer";
      // It would not hear a kinder word.
      child.kill("SIGKILL");
    });
    onServes();
  });
  silence = setTimeout(() => {
    killedFor = "start-silent";
    void end();
  }, startTimeoutMs);
  return { pid: child.pid, end };
}
