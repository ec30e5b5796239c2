import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { pause } from "../foundation/index.ts";

const heartbeatMs = 2_000;
/** A holder that has not touched its lock for this long is taken for dead. */
const staleAfterMs = 20_000;

export interface FileLock {
  /** Whether the lock is still ours; false once another process took us for dead. */
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LockWait {
  readonly waitMs: number;
  readonly pollMs: number;
  /** Called before a silent holder loses its lock: it may only be asleep, so nothing it has open may be used further. */
  readonly onSilentHolder: () => Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  /** When that process began, ms since 1970: containers give the same pid again and again. */
  readonly begunMs: number;
  readonly host: string;
}

const self = { pid: process.pid, begunMs: Math.round(performance.timeOrigin), host: hostname() };

/**
 * One process at a time, by a file that only one can create; the holder touches it so that others see it is alive.
 * @returns the lock, or undefined when `waitMs` passed or `signal` fired first
 */
export async function lockFile(path: string, wait: LockWait, signal?: AbortSignal): Promise<FileLock | undefined> {
  const holder: Holder = { token: randomUUID(), ...self };
  const end = performance.now() + wait.waitMs;
  let seen = "";
  let seenSince = performance.now();
  while (signal?.aborted !== true) {
    if (await create(path, holder)) return held(path, holder);
    const now = performance.now();
    const state = await readState(path);
    if (state.fingerprint !== seen) {
      // Counting silence on our own clock keeps network file systems with another time from looking dead.
      seen = state.fingerprint;
      seenSince = now;
    }
    if (now > end) return undefined;
    if (state.holder !== undefined && isGone(state.holder)) {
      if (await breakLock(path, state.text)) continue;
    } else if (now - seenSince > staleAfterMs) {
      await wait.onSilentHolder();
      if (await breakLock(path, state.text)) continue;
    }
    await pause(wait.pollMs, signal);
  }
  return undefined;
}

async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(JSON.stringify(holder));
    await file.close();
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fault;
  }
}

function held(path: string, holder: Holder): FileLock {
  const beat = setInterval(() => {
    const now = new Date();
    // A lock that went away is noticed by stillHeld; a failed touch alone ends nothing.
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs);
  beat.unref();
  const stillHeld = async () => (await readState(path)).holder?.token === holder.token;
  return {
    stillHeld,
    release: async () => {
      clearInterval(beat);
      if (await stillHeld()) await rm(path, { force: true });
    },
  };
}

async function readState(path: string): Promise<{ text: string; fingerprint: string; holder: Holder | undefined }> {
  try {
    const file = await open(path, "r");
    try {
      const text = await file.readFile("utf8");
      const { mtimeMs } = await file.stat();
      return { text, fingerprint: `${text}|${mtimeMs}`, holder: parseHolder(text) };
    } finally {
      await file.close();
    }
  } catch {
    return { text: "", fingerprint: "", holder: undefined };
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    const { token, pid, begunMs, host } = value ?? {};
    if (typeof token !== "string" || typeof pid !== "number" || typeof begunMs !== "number" || typeof host !== "string")
      return undefined;
    return { token, pid, begunMs, host };
  } catch {
    return undefined;
  }
}

/** Certain only for a process of this machine; after a crash the next start need not wait for the heartbeat to be missed. */
function isGone(holder: Holder): boolean {
  if (holder.host !== self.host) return false;
  if (holder.pid === self.pid) return holder.begunMs !== self.begunMs;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Removes the lock that was seen, and only that one: a fresh lock of a quicker rival is put back. */
async function breakLock(path: string, seenText: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const taken = await readFile(aside, "utf8").catch(() => seenText);
  if (taken !== seenText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}
