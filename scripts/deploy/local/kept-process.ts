import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { pause } from "../../../services/foundation/index.ts";

/** A process that outlives who started it, told apart from later ones with the same number by when it began. */
export interface KeptProcess {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks since the machine started, as /proc has it. */
  readonly began: string;
  /** What asks it to end kindly. */
  readonly endsBy: "SIGTERM" | "SIGINT" | "SIGQUIT";
  /** What it wrote. */
  readonly log: string;
}

export interface LaunchOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly log: string;
  readonly user?: { readonly uid?: number; readonly gid?: number };
  readonly endsBy?: KeptProcess["endsBy"];
}

/** Starts a process in a group of its own: Ctrl-C at our terminal does not reach it. @throws {Error} there is no such program */
export async function launch(options: LaunchOptions): Promise<KeptProcess> {
  const { name, command, environment = process.env, folder, log, user = {}, endsBy = "SIGTERM" } = options;
  const [program, ...args] = command;
  const out = openSync(log, "a", 0o600);
  try {
    const stdio: ["ignore", number, number] = ["ignore", out, out];
    const child = spawn(program, args, { env: environment, cwd: folder, stdio, detached: true, ...user });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => reject(new Error(`${name}: ${program} başlatılamadı`, { cause })));
    });
    // What happens to it later is found out by looking.
    child.on("error", () => undefined);
    child.unref();
    const pid = child.pid ?? -1;
    return { name, pid, began: beganAt(pid) ?? "", endsBy, log };
  } finally {
    closeSync(out);
  }
}

export function isRunning({ pid, began }: KeptProcess): boolean {
  return began !== "" && beganAt(pid) === began;
}

/**
 * Asks it to end, waits, and ends it and its children by force when the time is over.
 * @returns whether it ended by itself
 */
export async function endProcess(kept: KeptProcess, limitMs: number): Promise<boolean> {
  if (!isRunning(kept)) return true;
  signal(kept.pid, kept.endsBy);
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(20)) {
    if (!isRunning(kept)) return true;
  }
  // Its children are in its group.
  signal(-kept.pid, "SIGKILL");
  for (let tries = 0; tries < 250 && isRunning(kept); tries++) await pause(20);
  return false;
}

/**
 * Waits until `isReady` says so.
 * @throws {Error} with the last lines of its log, when it ended or the time is over
 */
export async function untilReady(kept: KeptProcess, isReady: () => Promise<boolean>, limitMs: number): Promise<void> {
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(50)) {
    if (!isRunning(kept)) throw new Error(`${kept.name} sona erdi:\n${lastWords(kept)}`);
    if (await isReady()) return;
  }
  throw new Error(`${kept.name} ${Math.round(limitMs / 1000)} saniyede hazır olmadı:\n${lastWords(kept)}`);
}

export function lastWords({ log }: Pick<KeptProcess, "log">, lines = 8): string {
  if (!existsSync(log)) return "";
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n").slice(-2000);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

/** Field 22 of its state; undefined: there is none, or it is dead and only waits to be noticed. */
function beganAt(pid: number): string | undefined {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold anything.
    const fields = state.slice(state.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
