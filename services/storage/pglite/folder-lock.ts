import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DataFolderInUseError } from "../errors.ts";

interface Holder {
  readonly pid: number;
  /** When that process began, as the system counts; a later process with the same number is another one. */
  readonly startedAt: string | null;
  readonly host: string;
}

/** A holder on another host (two containers, one volume) cannot be looked up; it is alive while it touches its lock. */
const touchEveryMs = 5_000;
const silentAfterMs = 30_000;
/** A lock without text is one being written. */
const writtenAfterMs = 5_000;

/**
 * Puts a lock file into `folder`; one left by a dead process is taken over.
 * @returns how to give it back
 * @throws {DataFolderInUseError} its holder is alive
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid), host: hostname() } satisfies Holder);
  // Twice, in case another process takes a stale lock away at the same moment.
  for (let attempt = 0; attempt < 3; attempt++) {
    if (writeNew(path, mine)) return keep(path, mine);
    const former = read(path);
    if (former === undefined) continue;
    if (isAlive(former, path)) throw new DataFolderInUseError(describe(former));
    removeStale(path, former);
  }
  throw new DataFolderInUseError(describe(read(path) ?? ""));
}

function writeNew(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "EEXIST") return false;
    // A lock the full disk cut short would keep the next start waiting.
    if (read(path) === "") rmSync(path, { force: true });
    throw failure;
  }
}

function keep(path: string, mine: string): () => void {
  const timer = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // The folder may be gone or read-only; the lock matters to others only while they can see it.
    }
  }, touchEveryMs).unref();
  return () => {
    clearInterval(timer);
    if (read(path) === mine) rmSync(path, { force: true });
  };
}

/** Renames first: of two processes that found the same stale lock only one succeeds, and a fresh lock caught by mistake goes back. */
function removeStale(path: string, former: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside) === former) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function isAlive(text: string, path: string): boolean {
  const holder = parse(text);
  const ageMs = Date.now() - modifiedMs(path);
  if (holder === undefined) return ageMs < writtenAfterMs;
  if (holder.host !== hostname()) return ageMs < silentAfterMs;
  if (holder.startedAt !== null) return startOf(holder.pid) === holder.startedAt;
  return answers(holder.pid);
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Field 22 of /proc/<pid>/stat, clock ticks since boot; null where there is no /proc or no such process. */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets and may hold spaces: count from behind it.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === "number" && typeof holder.host === "string"
      ? { pid: holder.pid, host: holder.host, startedAt: holder.startedAt ?? null }
      : undefined;
  } catch {
    return undefined;
  }
}

function describe(text: string): string {
  const holder = parse(text);
  return holder === undefined ? "unknown" : `pid ${holder.pid} on ${holder.host}`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function modifiedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
