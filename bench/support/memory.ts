import { readFileSync } from "node:fs";

/** Process ids of a process's children, with what each was started as. Linux. */
export function childrenOf(pid: number): readonly { readonly pid: number; readonly command: string }[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children
    .split(" ")
    .flatMap((child) =>
      child === "" ? [] : [{ pid: Number(child), command: readFileSync(`/proc/${child}/cmdline`, "utf8") }],
    );
}

/** Resident memory of a process, MB (10⁶ bytes); undefined once it is gone. Linux. */
export function residentMb(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : (Number(kib) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
