import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { registerGpuMetrics } from "../../../services/observability/index.ts";
import { type GpuReading, parseGpus, readGpus } from "../../../services/observability/read-gpus.ts";
import { seriesIn } from "../../support/metrics.ts";

const mebibyte = 1024 * 1024;

describe("what nvidia-smi says", () => {
  it("is read as percent and bytes, one line a GPU", () => {
    expect(parseGpus("0, 37, 10240, 46068\n1, 0, 3, 46068\n")).toEqual([
      { gpu: "0", utilization: 37, usedBytes: 10_240 * mebibyte, totalBytes: 46_068 * mebibyte },
      { gpu: "1", utilization: 0, usedBytes: 3 * mebibyte, totalBytes: 46_068 * mebibyte },
    ]);
  });

  it("may leave figures out, as shared and sliced GPUs do", () => {
    expect(parseGpus("0, [N/A], [N/A], [N/A]\n1, [Not Supported], 12, 24564\n")).toEqual([
      { gpu: "0", utilization: undefined, usedBytes: undefined, totalBytes: undefined },
      { gpu: "1", utilization: undefined, usedBytes: 12 * mebibyte, totalBytes: 24_564 * mebibyte },
    ]);
  });

  it("may carry its units, whatever was asked for", () => {
    expect(parseGpus("0, 7 %, 512 MiB, 8192 MiB")).toEqual([
      { gpu: "0", utilization: 7, usedBytes: 512 * mebibyte, totalBytes: 8192 * mebibyte },
    ]);
  });

  it("is nothing where it is a complaint", () => {
    expect(parseGpus("No devices were found\n")).toEqual([]);
    expect(parseGpus("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n\n")).toEqual([]);
  });

  it("is not known where there is no such program, or it fails", async () => {
    expect(await readGpus("no-such-nvidia-smi")).toBeUndefined();
    expect(await readGpus("false")).toBeUndefined();
  });
});

describe("the numbers of the GPUs", () => {
  const one: GpuReading = { gpu: "0", utilization: 40, usedBytes: undefined, totalBytes: 2048 };
  const opened = (answers: readonly (readonly GpuReading[] | undefined)[]) => {
    const registry = new Registry();
    const time = { ms: 0 };
    let reads = 0;
    const read = async () => answers[Math.min(reads++, answers.length - 1)];
    registerGpuMetrics(registry, { read, nowMs: () => time.ms });
    return { time, series: async () => seriesIn(await registry.metrics()), reads: () => reads };
  };

  it("have a series for each figure that is known", async () => {
    expect(await opened([[one]]).series()).toEqual([
      'turkish_ai_gpu_utilization{gpu="0"} 40',
      'turkish_ai_gpu_memory_total_bytes{gpu="0"} 2048',
    ]);
  });

  it("have none where there are no GPUs, and the machine is left in peace", async () => {
    const gpus = opened([undefined]);
    expect(await gpus.series()).toEqual([]);
    gpus.time.ms = 60_000;
    expect(await gpus.series()).toEqual([]);
    expect(gpus.reads()).toBe(1);
  });

  it("are read once in five seconds, however often they are asked for", async () => {
    const gpus = opened([[one]]);
    for (gpus.time.ms = 0; gpus.time.ms < 5_000; gpus.time.ms += 1_000) await gpus.series();
    expect(gpus.reads()).toBe(1);
    gpus.time.ms = 5_000;
    await gpus.series();
    expect(gpus.reads()).toBe(2);
  });

  it("are shown no longer when they have become old", async () => {
    const gpus = opened([[one], undefined]);
    await gpus.series();
    gpus.time.ms = 30_000;
    expect(await gpus.series()).toHaveLength(2);
    gpus.time.ms = 61_000;
    expect(await gpus.series()).toEqual([]);
  });
});
