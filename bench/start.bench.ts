import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untilHealthy } from "./support/llama-server.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, isEvent, type Program, startProgram } from "./support/program.ts";
import { median, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

/** Seconds since `npm start` was typed. */
interface Start {
  /** Gateway code loaded, settings read: the first line of the log. */
  readonly firstLine: number;
  /** The engine process serves: model loaded, checked and warmed. */
  readonly inferServes: number;
  /** The gateway listens. */
  readonly serveReady: number;
  /** `GET /health/ready` answers 200: the moment a user can be served. */
  readonly healthy: number;
}

const limitMs = 120_000;

/** `npm start` until it can answer: on an empty data folder, as after `npm ci` in a fresh clone, and then again and again. */
export async function startBench({ models, quick }: BenchOptions): Promise<BenchTable> {
  const firsts: Start[] = [];
  const laters: Start[] = [];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
    try {
      firsts.push(await measureStart(models, folder));
      for (let again = 0; again < (quick ? 1 : 2); again++) laters.push(await measureStart(models, folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    title: "Start: from `npm start` to ready",
    columns: [
      "start",
      "starts",
      "first log line s",
      "engine serves s",
      "gateway listens s",
      "ready s (median)",
      "ready s (worst)",
      "goal s",
    ],
    rows: [row("first: empty data folder", firsts, "≤ 6"), row("later", laters, "≤ 6")],
    notes: [
      "Medians, seconds since the command; ready: `GET /health/ready` answers 200. Engine (own process) and database come up side by side.",
      "`npm ci` has made the bundle and the empty database that the first start copies (docs/decisions/0009-bundle-at-start.md).",
      "The system's file cache was warm; a disk that has to be read first adds the time to read node_modules and the model.",
    ],
  };
}

async function measureStart(models: string, folder: string): Promise<Start> {
  const port = await freePort();
  const startedAt = performance.now();
  await using program = startProgram(
    "npm",
    ["start", "--silent"],
    {
      TMPDIR: folder,
      SEKTOR_DATA: join(folder, "data"),
      SEKTOR_PORT: String(port),
      SEKTOR_VOICE_PORT: "0",
      SEKTOR_GRPC_PORT: "0",
      SEKTOR_MODEL: join(models, "base", "sektor-base-v1.gguf"),
      SEKTOR_MODEL_MANIFEST: join(models, "manifest.json"),
      SEKTOR_ADAPTERS: join(models, "adapters"),
      SEKTOR_GPU: "off",
    },
    { group: true },
  );
  await program.line(isEvent("serve-ready"), limitMs);
  await untilHealthy(`http://127.0.0.1:${port}`, limitMs, "/health/ready");
  const healthy = (performance.now() - startedAt) / 1000;
  const at = (event: string): number => secondsOf(program, isEvent(event), startedAt);
  return {
    firstLine: secondsOf(program, () => true, startedAt),
    inferServes: at("infer-serves"),
    serveReady: at("serve-ready"),
    healthy,
  };
}

function secondsOf({ lines }: Program, matches: (text: string) => boolean, startedAt: number): number {
  return ((lines.find(({ text }) => matches(text))?.atMs ?? Number.NaN) - startedAt) / 1000;
}

function row(name: string, starts: readonly Start[], goal: string): (string | number)[] {
  const middle = (of: (start: Start) => number): number => rounded(median(starts.map(of)), 2);
  const worst = rounded(Math.max(...starts.map((start) => start.healthy)), 2);
  return [
    name,
    starts.length,
    middle((start) => start.firstLine),
    middle((start) => start.inferServes),
    middle((start) => start.serveReady),
    middle((start) => start.healthy),
    worst,
    goal,
  ];
}
