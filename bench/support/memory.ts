import { readFileSync } from "node:fs";

/** Resident memory of a process, MB (10⁶ bytes); undefined once it is gone. Linux. */
export function residentMb(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
