import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { pause } from "../services/foundation/index.ts";
import { testMessages } from "./support/messages.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, startProgram } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const perSecond = 100;
const turnsPerSession = 4;
const key = "bench";

interface Sample {
  /** A first turn opens a session, a later one continues it. */
  readonly isNew: boolean;
  readonly wholeMs: number;
  /** By the engine's own clock. */
  readonly engineMs: number;
}

/**
 * What the gateway adds to a request: key, limits, validation, routing, session, metrics, log line, and the hop to an engine that answers
 * at once. Three processes, as in production; open loop: nobody waits for anybody's answer.
 */
export async function gatewayBench({ quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const enginePort = await freePort();
  try {
    await using engine = startProgram(process.execPath, [
      "--import",
      "tsx",
      "bench/support/scripted-infer.ts",
      String(enginePort),
    ]);
    await engine.line((text) => text === "ready", 60_000);
    await using gateway = await startServe({
      SEKTOR_ENGINE: "sektor",
      SEKTOR_ENGINE_URL: `http://127.0.0.1:${enginePort}`,
      SEKTOR_DATA: join(folder, "data"),
      SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
      SEKTOR_REQUESTS_PER_MINUTE: "1000000",
    });
    await load(gateway.url, quick ? 2 : 10);
    const seconds = quick ? 4 : 20;
    const { samples, errors, late } = await load(gateway.url, seconds);
    return table(samples, errors, late, seconds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load(url: string, seconds: number) {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const messages = testMessages();
  const idle: { readonly id: string; readonly turns: number }[] = [];
  const samples: Sample[] = [];
  const late: number[] = [];
  const running: Promise<void>[] = [];
  let errors = 0;
  const startedAt = performance.now();
  for (let at = 0; at < seconds * perSecond; at++) {
    const dueMs = startedAt + (at * 1000) / perSecond;
    const early = dueMs - performance.now();
    if (early > 0) await pause(early);
    late.push(performance.now() - dueMs);
    // Three of four requests go on with a conversation, if one is idle.
    const session = at % turnsPerSession === 0 ? undefined : idle.shift();
    running.push(
      chat(pool, messages[at % messages.length] ?? "", session?.id)
        .then(({ sessionId, sample }) => {
          samples.push(sample);
          const turns = (session?.turns ?? 0) + 1;
          if (turns < turnsPerSession) idle.push({ id: sessionId, turns });
        })
        .catch((failure: unknown) => {
          if (errors++ === 0) console.error(String(failure));
        }),
    );
  }
  await Promise.all(running);
  await pool.close();
  return { samples, errors, late };
}

async function chat(pool: Pool, message: string, sessionId: string | undefined) {
  const startedAt = performance.now();
  const { statusCode, body } = await pool.request({
    path: "/api/v1/chat",
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ message, ...(sessionId === undefined ? {} : { session_id: sessionId }) }),
    headersTimeout: 30_000,
  });
  const text = await body.text();
  const wholeMs = performance.now() - startedAt;
  if (statusCode !== 200) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
  const { data } = JSON.parse(text) as { data: { session_id: string; timings: Record<string, number> } };
  const engineMs = (data.timings["prompt_ms"] ?? 0) + (data.timings["predicted_ms"] ?? 0);
  return { sessionId: data.session_id, sample: { isNew: sessionId === undefined, wholeMs, engineMs } };
}

function table(samples: readonly Sample[], errors: number, late: readonly number[], seconds: number): BenchTable {
  const row = (name: string, some: readonly Sample[]): (string | number)[] => {
    const shares = some.map((sample) => sample.wholeMs - sample.engineMs);
    const at = (p: number): number => rounded(percentile(shares, p), 2);
    return [
      name,
      some.length,
      at(0.5),
      at(0.95),
      at(0.99),
      rounded(
        percentile(
          some.map((sample) => sample.engineMs),
          0.5,
        ),
        2,
      ),
    ];
  };
  return {
    title: "Gateway: its share of a request",
    columns: ["requests", "count", "p50 ms", "p95 ms", "p99 ms", "engine's own p50 ms"],
    rows: [
      row("all", samples),
      row(
        "opening a session",
        samples.filter((sample) => sample.isNew),
      ),
      row(
        "continuing one",
        samples.filter((sample) => !sample.isNew),
      ),
    ],
    notes: [
      "Goal: p50 ≤ 2 ms, p95 ≤ 8 ms. Whole request as the client sees it, less the time the scripted engine says it took.",
      `POST /api/v1/chat over loopback, ${perSecond} requests/s for ${seconds} s, open loop, ${errors} errors; API key, rate limit, router, embedded session store, metrics and request log on. Client, gateway and scripted engine are three processes; the hop to the engine (${"24 tokens, streamed"}) counts as the gateway's.`,
      `Requests left up to ${rounded(percentile(late, 0.95), 2)} ms late (p95); times count from when they left.`,
    ],
  };
}
