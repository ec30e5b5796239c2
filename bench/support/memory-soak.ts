import { pause } from "../../services/foundation/index.ts";
import { residentMb } from "./memory.ts";
import { rounded, slope, sparkline } from "./statistics.ts";

const sampleEveryMs = 5000;
/** Growth over the measured time, as a share of the mean, up to which memory counts as flat. */
const flatShare = 0.05;

interface Point {
  readonly minutes: number;
  readonly mb: number;
}

/** Resident memory of each process over time, by its name. */
export type MemoryCourse = ReadonlyMap<string, readonly Point[]>;

/** Looks at the processes for so long. @throws Error one is gone */
export async function watchMemory(pids: Readonly<Record<string, number>>, minutes: number): Promise<MemoryCourse> {
  const points = new Map<string, Point[]>(Object.keys(pids).map((name) => [name, []]));
  const startedAt = performance.now();
  const untilMs = minutes * 60_000;
  for (;;) {
    await pause(sampleEveryMs);
    const elapsedMs = performance.now() - startedAt;
    for (const [name, pid] of Object.entries(pids)) {
      const mb = residentMb(pid);
      if (mb === undefined) throw new Error(`${name} is gone after ${Math.round(elapsedMs / 1000)} s.`);
      points.get(name)?.push({ minutes: elapsedMs / 60_000, mb });
    }
    if (elapsedMs >= untilMs) return points;
  }
}

export const memoryColumns = [
  "process",
  "RSS after warm-up MB",
  "RSS at the end MB",
  "most MB",
  "slope MB/min",
  "verdict",
  "from start to end",
] as const;

/** A row a process, under `memoryColumns`. */
export function memoryRows(points: MemoryCourse, minutes: number): (string | number)[][] {
  const warmUp = warmUpOf(minutes);
  return [...points].map(([name, all]) => {
    const measured = all.filter((point) => point.minutes >= warmUp);
    const perMinute = slope(measured.map((point) => ({ x: point.minutes, y: point.mb })));
    const mean = measured.reduce((sum, { mb }) => sum + mb, 0) / measured.length;
    const growth = perMinute * (minutes - warmUp);
    const flat = growth <= mean * flatShare ? "flat" : "NOT flat";
    const mbs = all.map(({ mb }) => mb);
    return [
      name,
      rounded(measured[0]?.mb ?? 0),
      rounded(measured.at(-1)?.mb ?? 0),
      rounded(Math.max(...mbs)),
      rounded(perMinute, 2),
      flat,
      sparkline(mbs, 40),
    ];
  });
}

/** How the verdict comes about. */
export function memoryNote(minutes: number): string {
  return `${minutes} minutes, the first ${rounded(warmUpOf(minutes), 2)} of them warm-up; RSS every ${sampleEveryMs / 1000} s; slope by least squares. Flat: growth over the measured time is at most ${flatShare * 100} % of the mean.`;
}

/** Caches, adapters and the heap fill up first. */
function warmUpOf(minutes: number): number {
  return minutes * 0.3;
}
