import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { testMessages } from "./support/messages.ts";
import { type LoadResult, openLoop } from "./support/open-loop.ts";
import type { BenchOptions } from "./support/options.ts";
import { freePort, startProgram } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { median, percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const perSecond = 100;
const turnsPerSession = 4;
const warmUpSeconds = 20;
const rounds = 5;
const secondsOfRound = 6;
const percentiles = [0.5, 0.95, 0.99];
const key = "bench";

interface Sample {
  /** A first turn opens a session, a later one continues it. */
  readonly isNew: boolean;
  readonly ms: number;
}

/**
 * What the gateway adds to a request: key, limits, validation, routing, session, metrics, log line. Three processes, as in production; open
 * loop. The same load on the bare engine and on a route that does nothing shows what part of it is the way there and back.
 */
export async function gatewayBench({ quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const enginePort = await freePort();
  const engineUrl = `http://127.0.0.1:${enginePort}`;
  try {
    await using engine = startProgram(process.execPath, [
      ...["--import", "tsx", "bench/support/scripted-infer.ts"],
      String(enginePort),
    ]);
    await engine.line((text) => text === "ready", 60_000);
    await using gateway = await startServe({
      SEKTOR_ENGINE: "sektor",
      SEKTOR_ENGINE_URL: engineUrl,
      SEKTOR_DATA: join(folder, "data"),
      SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
      SEKTOR_REQUESTS_PER_MINUTE: "1000000",
      SEKTOR_KEY_PER_MINUTE: "0",
      SEKTOR_STREAMS_PER_KEY: "0",
    });
    const measure = async (seconds: number): Promise<Measured> => ({
      floor: await openLoop(perSecond, seconds / 4, probes(gateway.url)),
      hop: await openLoop(perSecond, seconds / 4, engineRequests(engineUrl)),
      chat: await openLoop(perSecond, seconds, conversations(gateway.url)),
    });
    await measure(quick ? 2 : warmUpSeconds);
    const measured: Measured[] = [];
    // In turn: a machine that is slower for a while is so for all three.
    for (let round = 0; round < rounds; round++) measured.push(await measure(quick ? 1 : secondsOfRound));
    return table(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function poolOf(url: string): Pool {
  return new Pool(url, { connections: 64, pipelining: 1 });
}

/** A route that does nothing: loopback, HTTP, hooks, log line. */
function probes(url: string): (at: number) => Promise<Sample> {
  const pool = poolOf(url);
  return async () => await timed(pool, "/health/live");
}

/** What the gateway asks the engine, asked without a gateway. */
function engineRequests(url: string): (at: number) => Promise<Sample> {
  const pool = poolOf(url);
  const messages = testMessages();
  return async (at) =>
    await timed(pool, "/v1/chat/completions", {
      model: "legal@1",
      messages: [{ role: "user", content: messages[at % messages.length] }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 160,
    });
}

function conversations(url: string): (at: number) => Promise<Sample> {
  const pool = poolOf(url);
  const messages = testMessages();
  const idle: { readonly id: string; readonly turns: number }[] = [];
  return async (at) => {
    // Three of four requests go on with a conversation, if one is idle.
    const session = at % turnsPerSession === 0 ? undefined : idle.shift();
    const message = messages[at % messages.length];
    const { ms, text } = await timed(pool, "/api/v1/chat", {
      message,
      use_knowledge: false,
      ...(session === undefined ? {} : { session_id: session.id }),
    });
    const { data } = JSON.parse(text) as { data: { session_id: string } };
    const turns = (session?.turns ?? 0) + 1;
    if (turns < turnsPerSession) idle.push({ id: data.session_id, turns });
    return { isNew: session === undefined, ms };
  };
}

async function timed(pool: Pool, path: string, body?: object): Promise<Sample & { readonly text: string }> {
  const startedAt = performance.now();
  const { statusCode, body: answer } = await pool.request({
    path,
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headersTimeout: 30_000,
  });
  const text = await answer.text();
  const ms = performance.now() - startedAt;
  if (statusCode !== 200) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
  return { isNew: false, ms, text };
}

type Measured = Readonly<Record<"floor" | "hop" | "chat", LoadResult<Sample>>>;

function table(measured: readonly Measured[]): BenchTable {
  const row = (name: string, samplesOf: (round: Measured) => readonly Sample[]): (string | number)[] => [
    name,
    measured.reduce((count, round) => count + samplesOf(round).length, 0),
    ...percentiles.map((p) => rounded(median(measured.map((round) => percentileOf(samplesOf(round), p))), 2)),
  ];
  const shares = (p: number): readonly number[] =>
    measured.map(({ chat, hop }) => percentileOf(chat.results, p) - percentileOf(hop.results, p));
  const all = measured.flatMap(({ chat, hop, floor }) => [chat, hop, floor]);
  const chats = measured.reduce((count, { chat }) => count + chat.results.length, 0);
  return {
    title: "Gateway: its share of a request",
    columns: ["requests", "count", "p50 ms", "p95 ms", "p99 ms"],
    rows: [
      row("chat through the gateway, all", ({ chat }) => chat.results),
      row("chat, opening a session", ({ chat }) => chat.results.filter((sample) => sample.isNew)),
      row("chat, continuing one", ({ chat }) => chat.results.filter((sample) => !sample.isNew)),
      row("the scripted engine asked directly", ({ hop }) => hop.results),
      ["the gateway's share: all less direct", chats, ...percentiles.map((p) => rounded(median(shares(p)), 2))],
      row("GET /health/live: the way there and back, no work", ({ floor }) => floor.results),
    ],
    notes: [
      `Goal of the share: p50 ≤ 2 ms, p95 ≤ 8 ms. Medians of ${measured.length} rounds, in which the three were asked in turn; the share's p50 by round: ${shares(
        0.5,
      )
        .map((ms) => rounded(ms, 2))
        .join(", ")}. Percentiles are subtracted, not requests: the direct requests are others.`,
      `POST /api/v1/chat over loopback, ${perSecond} requests/s, open loop, ${all.reduce((sum, { errors }) => sum + errors, 0)} errors; API key, rate limit, router, embedded session store, metrics and request log on; knowledge off. Client, gateway and scripted engine (24 tokens, streamed at once) are three processes; the gateway's own time on its hop to the engine counts as its share.`,
      `Chat requests left up to ${rounded(median(measured.map(({ chat }) => chat.lateMs)), 2)} ms late (p95); times count from when they left.`,
    ],
  };
}

function percentileOf(samples: readonly Sample[], p: number): number {
  return percentile(
    samples.map(({ ms }) => ms),
    p,
  );
}
