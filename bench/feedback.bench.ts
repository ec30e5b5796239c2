import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { TestPostgres } from "../tests/support/postgres.ts";
import { openLoop } from "./support/open-loop.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, startProgram } from "./support/program.ts";
import { type Gateway, startServe } from "./support/serve.ts";
import { median, percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const parallel = 50;
const goalPerSecond = 1_500;
/** Posts a second that leave where answers are not waited for: the last ones are answered after the last one has left. */
const pace = 1_600;
const rounds = 5;
const key = "bench";

interface Round {
  readonly perSecond: number;
  /** One a post. */
  readonly ms: readonly number[];
}

interface Measured {
  /** Posts that leave at the pace, whether or not earlier ones were answered. */
  readonly paced: readonly Round[];
  /** So many clients in parallel, each sending its next one when the last was answered. */
  readonly parallel: readonly Round[];
}

/**
 * How much feedback is accepted: `POST /v1/feedback` answered 201, which means that its transaction is on disk. Gateway, database and clients
 * are three processes.
 */
export async function feedbackBench({ quick }: BenchOptions): Promise<BenchTable> {
  const seconds = quick ? 1 : 5;
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const enginePort = await freePort();
  try {
    await using engine = startProgram(process.execPath, [
      ...["--import", "tsx", "bench/support/scripted-infer.ts"],
      String(enginePort),
    ]);
    await engine.line((text) => text === "ready", 60_000);
    const measure = async (environment: Readonly<Record<string, string>>): Promise<Measured> => {
      await using gateway = await startServe({
        SEKTOR_ENGINE: "sektor",
        SEKTOR_ENGINE_URL: `http://127.0.0.1:${enginePort}`,
        SEKTOR_DATA: join(folder, randomUUID()),
        SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
        SEKTOR_REQUESTS_PER_MINUTE: "0",
        SEKTOR_KEY_PER_MINUTE: "0",
        SEKTOR_USER_PER_HOUR: "0",
        SEKTOR_USER_PER_DAY: "0",
        ...environment,
      });
      return await roundsOf(gateway, seconds);
    };
    await using postgres = await TestPostgres.start();
    const onServer = await measure({ SEKTOR_STORAGE: "postgres", SEKTOR_POSTGRES_URL: postgres.url });
    const embedded = await measure({});
    return table({ Postgres: onServer, "embedded database": embedded }, seconds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function roundsOf({ url }: Gateway, seconds: number): Promise<Measured> {
  const pool = new Pool(url, { connections: 2 * parallel, pipelining: 1 });
  const posts = pace * seconds;
  await inParallel(pool, posts);
  const measured = { paced: [] as Round[], parallel: [] as Round[] };
  for (let n = 0; n < rounds; n++) {
    measured.paced.push(await atPace(pool, seconds));
    measured.parallel.push(await inParallel(pool, posts));
  }
  await pool.close();
  return measured;
}

async function atPace(pool: Pool, seconds: number): Promise<Round> {
  const startedAt = performance.now();
  const { results, errors } = await openLoop(pace, seconds, (n) => post(pool, n));
  if (errors > 0) throw new Error(`${errors} posts were not accepted; the first failure stands above.`);
  return { perSecond: (1000 * results.length) / (performance.now() - startedAt), ms: results };
}

async function inParallel(pool: Pool, posts: number): Promise<Round> {
  const ms: number[] = [];
  const numbers = Array.from({ length: posts }, (_, n) => n)[Symbol.iterator]();
  const startedAt = performance.now();
  const client = async (): Promise<void> => {
    for (const n of numbers) ms.push(await post(pool, n));
  };
  await Promise.all(Array.from({ length: parallel }, client));
  return { perSecond: (1000 * posts) / (performance.now() - startedAt), ms };
}

/** @returns how long it took, ms */
async function post(pool: Pool, n: number): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({
    path: "/v1/feedback",
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, "idempotency-key": randomUUID() },
    body: JSON.stringify({
      rating: 1 + (n % 5),
      user_id: `user-${n % 50}`,
      message_id: randomUUID(),
      comment: "Yanıt kısa ve açıktı, ama başvuru süresi yazmıyordu.",
      issues: [{ category: "incomplete", text: "Süre eksik" }],
    }),
  });
  const text = await body.text();
  if (statusCode !== 201) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
  return performance.now() - startedAt;
}

function table(measured: Readonly<Record<string, Measured>>, seconds: number): BenchTable {
  const row = (keeper: string, load: string, all: readonly Round[]): (string | number)[] => {
    const quantile = (p: number): number => rounded(median(all.map(({ ms }) => percentile(ms, p))));
    const perSecond = all.map((one) => one.perSecond);
    const range = `${Math.round(Math.min(...perSecond))}–${Math.round(Math.max(...perSecond))}`;
    return [keeper, load, Math.round(median(perSecond)), range, quantile(0.5), quantile(0.95), quantile(0.99)];
  };
  return {
    title: "Feedback: accepted and durable",
    columns: ["kept in", "load", "accepted/s", "rounds", "p50 ms", "p95 ms", "p99 ms"],
    rows: Object.entries(measured).flatMap(([keeper, { paced, parallel: inParallel }]) => [
      row(keeper, `${pace}/s`, paced),
      row(keeper, `${parallel} clients, as fast as it goes`, inParallel),
    ]),
    notes: [
      `Goal on Postgres: ≥ ${goalPerSecond} accepted a second, p95 ≤ 30 ms.`,
      `POST /v1/feedback over loopback; ${rounds} rounds of each load after one that does not count, ${seconds} s or ${pace * seconds} posts each: medians of the rounds, and the slowest and the fastest. The first load leaves at its pace whether or not earlier posts were answered. Every reply was a 201; API key, Idempotency-Key, validation and request log on, limits off.`,
      "Postgres as its package comes, with `fsync` and `synchronous_commit` on; the embedded database does not flush at every commit.",
    ],
  };
}
