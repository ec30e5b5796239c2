import { execFile } from "node:child_process";

/** One GPU as nvidia-smi tells of it; undefined: it does not tell. */
export interface GpuReading {
  readonly gpu: string;
  /** 0–100 */
  readonly utilization: number | undefined;
  readonly usedBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

/** Such as a driver that hangs. */
const limitMs = 3_000;
const query = ["--query-gpu=index,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];

/** @returns undefined: there is no nvidia-smi, or it does not work */
export async function readGpus(binary = "nvidia-smi"): Promise<readonly GpuReading[] | undefined> {
  return await new Promise((resolve) => {
    execFile(binary, query, { timeout: limitMs, killSignal: "SIGKILL", maxBuffer: 1 << 20 }, (failure, stdout) =>
      resolve(failure === null ? parseGpus(stdout) : undefined),
    );
  });
}

/** Lines of `index, utilisation %, MiB used, MiB in all`; `[N/A]`, `[Not Supported]` and the like are not numbers. */
export function parseGpus(csv: string): readonly GpuReading[] {
  return csv.split("\n").flatMap((line) => {
    const [gpu = "", utilization = "", used = "", total = ""] = line.split(",").map((field) => field.trim());
    if (!/^\d{1,3}$/.test(gpu)) return [];
    return { gpu, utilization: numberIn(utilization), usedBytes: bytesIn(used), totalBytes: bytesIn(total) };
  });
}

function numberIn(field: string): number | undefined {
  const digits = /^(\d+(?:\.\d+)?)(?:\s*(?:%|MiB))?$/.exec(field)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function bytesIn(field: string): number | undefined {
  const mebibytes = numberIn(field);
  return mebibytes === undefined ? undefined : mebibytes * 1024 * 1024;
}
