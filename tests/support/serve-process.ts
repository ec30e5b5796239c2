import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ServeProcess {
  readonly url: string;
  readonly pid: number;
  /** Process id of the engine that serves now. */
  inferPid(): number;
  /** Every log line so far, parsed where it is JSON. */
  readonly log: readonly Record<string, unknown>[];
  /** Waits for a log event that comes after the call; `where` narrows it. */
  nextEvent(event: string, limitMs?: number): Promise<Record<string, unknown>>;
  /** Ends it kindly; resolves with its exit code. */
  stop(): Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ServeOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Kept by the caller when given; otherwise a fresh one that goes with the process. */
  readonly dataFolder?: string;
  /** Default `serve`. */
  readonly program?: "serve" | "work";
}

const startLimitMs = 120_000;

/** The real `serve`, as `npm start` runs it, on a free loopback port with its own data folder. */
export async function startServe(options: ServeOptions = {}): Promise<ServeProcess> {
  const { program = "serve" } = options;
  const own = options.dataFolder === undefined ? await mkdtemp(join(tmpdir(), "sektor-test-")) : undefined;
  const child = spawn(process.execPath, ["bin/run.js", program], {
    env: {
      ...process.env,
      SEKTOR_PORT: "0",
      SEKTOR_VOICE_PORT: "0",
      SEKTOR_GRPC_PORT: "0",
      SEKTOR_WORK_LISTEN: "127.0.0.1:0",
      SEKTOR_GPU: "off",
      SEKTOR_DATA: options.dataFolder ?? own,
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: Record<string, unknown>[] = [];
  const errors: string[] = [];
  const listeners = new Set<(line: Record<string, unknown>) => void>();
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => errors.push(line));
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const entry = line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : { text: line };
    log.push(entry);
    for (const listener of listeners) listener(entry);
  });
  const nextEvent = (event: string, limitMs = startLimitMs) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        listeners.delete(listener);
        child.off("exit", onExit);
        then();
      };
      const listener = (entry: Record<string, unknown>): void => {
        if (entry["event"] === event) settle(() => resolve(entry));
      };
      const onExit = (code: number | null): void =>
        settle(() => reject(new Error(`${program} ended with ${code}:\n${errors.join("\n")}`)));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`No "${event}" within ${limitMs} ms:\n${errors.join("\n")}`))),
        limitMs,
      );
      listeners.add(listener);
      child.once("exit", onExit);
    });
  const cleanUp = async (): Promise<void> => {
    if (own !== undefined) await rm(own, { recursive: true, force: true });
  };

  let ready: Record<string, unknown>;
  try {
    ready = await nextEvent(`${program}-ready`);
  } catch (failure) {
    await end(child, "SIGKILL");
    await cleanUp();
    throw failure;
  }
  return {
    url: String(ready["url"]),
    pid: child.pid ?? -1,
    inferPid: () => Number(log.findLast((entry) => entry["event"] === "infer-serves")?.["pid"]),
    log,
    nextEvent,
    stop: async () => {
      const code = await end(child, "SIGTERM");
      await cleanUp();
      return code;
    },
    kill: async (signal) => {
      await end(child, signal);
      await cleanUp();
    },
  };
}

/** Starts `serve` expecting that it refuses; answers what it wrote to standard error and its exit code. */
export async function serveRefuses(
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; errors: string }> {
  const folder = environment["SEKTOR_DATA"] ?? (await mkdtemp(join(tmpdir(), "sektor-test-")));
  const child = spawn(process.execPath, ["bin/run.js", "serve"], {
    env: {
      ...process.env,
      SEKTOR_PORT: "0",
      SEKTOR_VOICE_PORT: "0",
      SEKTOR_GRPC_PORT: "0",
      SEKTOR_GPU: "off",
      SEKTOR_DATA: folder,
      ...environment,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr?.on("data", (piece: Buffer) => {
    errors += piece.toString();
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), startLimitMs);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  if (environment["SEKTOR_DATA"] === undefined) await rm(folder, { recursive: true, force: true });
  return { code, errors };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return await ended;
}
