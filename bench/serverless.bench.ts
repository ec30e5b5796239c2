import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { TestRedis } from "../tests/support/redis.ts";
import { testMessages } from "./support/messages.ts";
import { openLoop } from "./support/open-loop.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, startProgram } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { median, percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

/** Half of them chat, half of them jobs, in turn. */
const perSecond = 10;
const key = "bench";
const goalMs = 15;

interface Sample {
  readonly isJob: boolean;
  readonly ms: number;
}

/**
 * What a job that is waited for costs over a chat request: the queue, the worker, the news of the end. Both ask the same gateway with the same
 * messages in turn; engine, gateway and client are three processes, Redis a fourth.
 */
export async function serverlessBench({ quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const enginePort = await freePort();
  const rounds = quick ? 1 : 5;
  const seconds = quick ? 4 : 10;
  try {
    await using engine = startProgram(process.execPath, [
      ...["--import", "tsx", "bench/support/scripted-infer.ts"],
      String(enginePort),
    ]);
    await engine.line((text) => text === "ready", 60_000);
    await using redis = await TestRedis.start({ isDurable: false });
    const measured: Record<string, readonly (readonly Sample[])[]> = {};
    for (const store of ["embedded", "redis"]) {
      await using gateway = await startServe({
        SEKTOR_ENGINE: "sektor",
        SEKTOR_ENGINE_URL: `http://127.0.0.1:${enginePort}`,
        SEKTOR_DATA: join(folder, store),
        SEKTOR_JOBS: store,
        SEKTOR_REDIS_URL: redis.url,
        SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
        SEKTOR_REQUESTS_PER_MINUTE: "0",
        SEKTOR_KEY_PER_MINUTE: "0",
      });
      await sendInTurn(gateway.url, quick ? 2 : 5);
      const samples: (readonly Sample[])[] = [];
      for (let round = 0; round < rounds; round++) samples.push(await sendInTurn(gateway.url, seconds));
      measured[store] = samples;
    }
    return table(measured, rounds, seconds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sendInTurn(url: string, seconds: number): Promise<readonly Sample[]> {
  const pool = new Pool(url, { connections: 16, pipelining: 1 });
  const messages = testMessages();
  try {
    const { results, errors } = await openLoop(perSecond, seconds, (at) => {
      const message = messages[Math.floor(at / 2) % messages.length];
      return send(pool, at % 2 === 1, message ?? "");
    });
    if (errors > 0) throw new Error(`${errors} requests failed.`);
    return results;
  } finally {
    await pool.close();
  }
}

async function send(pool: Pool, isJob: boolean, message: string): Promise<Sample> {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({
    path: isJob ? "/v2/sektor/runsync?wait=30000" : "/api/v1/chat",
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(isJob ? { input: { prompt: message } } : { message }),
  });
  const text = await body.text();
  const ms = performance.now() - startedAt;
  if (statusCode !== 200 || (isJob && !text.includes('"COMPLETED"')))
    throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
  return { isJob, ms };
}

function table(
  measured: Readonly<Record<string, readonly (readonly Sample[])[]>>,
  rounds: number,
  seconds: number,
): BenchTable {
  const rows = Object.entries(measured).flatMap(([store, samples]) => {
    const at = (isJob: boolean, p: number): number =>
      median(
        samples.map((round) =>
          percentile(
            round.filter((one) => one.isJob === isJob).map(({ ms }) => ms),
            p,
          ),
        ),
      );
    const cells = (isJob: boolean) => [0.5, 0.95].map((p) => rounded(at(isJob, p), 2));
    const added = [0.5, 0.95].map((p) => rounded(at(true, p) - at(false, p), 2));
    return [
      [`${store}: POST /api/v1/chat`, ...cells(false)],
      [`${store}: POST /v2/sektor/runsync`, ...cells(true)],
      [`${store}: what the job adds`, ...added],
    ];
  });
  return {
    title: "Serverless: what a job that is waited for costs over a chat request",
    columns: ["requests", "p50 ms", "p95 ms"],
    rows,
    notes: [
      `Goal of what the job adds: p50 ≤ ${goalMs} ms. Percentiles are subtracted, not requests.`,
      `${perSecond} requests/s, chat and job in turn, over loopback; ${rounds} rounds of ${seconds} s after a warm-up, medians of the rounds. Keeper of the jobs: the embedded database, or Redis without an append-only file; all else is the same: API key, limits, router, knowledge, embedded storage, request log on. Scripted engine (24 tokens, at once); client, gateway, engine and Redis are processes of their own, the gateway takes its own jobs.`,
    ],
  };
}
