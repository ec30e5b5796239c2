import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../services/foundation/index.ts";
import { ask } from "./support/ask.ts";
import { embeddedModel } from "./support/embedded-engine.ts";
import { residentMb } from "./support/memory.ts";
import { testMessages } from "./support/messages.ts";
import type { BenchOptions } from "./support/options.ts";
import { isEvent } from "./support/program.ts";
import { startServe } from "./support/serve.ts";
import { rounded, slope, sparkline } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const sampleEveryMs = 5000;
/** Users of each kind; each asks, waits a moment, asks again. */
const usersOfEachKind = 2;
const thinkMs = 200;
const replyTokens = 48;
/** Growth over the measured time, as a share of the mean, up to which memory counts as flat. */
const flatShare = 0.05;

interface Point {
  readonly minutes: number;
  readonly mb: number;
}

/** Does memory stay where it is under load that does not change? */
export async function soakBench({ models, minutes }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const { model, manifest, adapters } = embeddedModel(models);
  try {
    await using gateway = await startServe({
      SEKTOR_MODEL: model,
      SEKTOR_MODEL_MANIFEST: manifest,
      SEKTOR_ADAPTERS: adapters,
      SEKTOR_DATA: join(folder, "data"),
      SEKTOR_GPU: "off",
      SEKTOR_REQUESTS_PER_MINUTE: "0",
    });
    const inferLine = await gateway.program.line(isEvent("infer-serves"), 1000);
    const pids = { serve: gateway.program.pid, infer: (JSON.parse(inferLine) as { pid: number }).pid };
    const end = new AbortController();
    const counts = { done: 0, failed: 0 };
    const users = startUsers(gateway.url, end.signal, counts);
    const points = await sample(pids, minutes);
    end.abort();
    await Promise.all(users);
    return table(points, minutes, counts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Visit = (url: string, message: string, session: string | undefined) => Promise<string | undefined>;

const kinds: readonly Visit[] = [chat, streamedChat, classify, openAiChat];

function startUsers(url: string, end: AbortSignal, counts: { done: number; failed: number }): Promise<void>[] {
  const messages = testMessages();
  return kinds.flatMap((visit, kind) =>
    Array.from({ length: usersOfEachKind }, async (_, user) => {
      let session: string | undefined;
      for (let turn = 0; !end.aborted; turn++) {
        try {
          session = await visit(
            url,
            messages[(turn * 7 + kind * 31 + user * 101) % messages.length] ?? "",
            turn % 5 === 0 ? undefined : session,
          );
          counts.done++;
        } catch (failure) {
          if (counts.failed++ === 0) console.error(String(failure));
        }
        await pause(thinkMs, end);
      }
    }),
  );
}

async function post(url: string, path: string, body: object): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(120_000),
  });
  if (!response.ok) throw new Error(`${path} ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response;
}

async function chat(url: string, message: string, session: string | undefined): Promise<string> {
  const response = await post(url, "/api/v1/chat", {
    message,
    max_tokens: replyTokens,
    ...(session === undefined ? {} : { session_id: session }),
  });
  return ((await response.json()) as { data: { session_id: string } }).data.session_id;
}

async function streamedChat(url: string, message: string, session: string | undefined): Promise<string | undefined> {
  const response = await post(url, "/api/v1/chat", {
    message,
    stream: true,
    max_tokens: replyTokens,
    ...(session === undefined ? {} : { session_id: session }),
  });
  return /"session_id":"([^"]+)"/.exec(await response.text())?.[1];
}

async function classify(url: string, message: string): Promise<undefined> {
  await (await post(url, "/v1/classify", { text: message })).json();
}

async function openAiChat(url: string, message: string): Promise<undefined> {
  await ask(url, { model: "auto", messages: [{ role: "user", content: message }], max_tokens: replyTokens });
}

async function sample(pids: Readonly<Record<string, number>>, minutes: number): Promise<Map<string, Point[]>> {
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

function table(
  points: ReadonlyMap<string, readonly Point[]>,
  minutes: number,
  counts: { done: number; failed: number },
): BenchTable {
  // Caches, adapters and the heap fill up first.
  const warmUp = minutes * 0.3;
  const rows = [...points].map(([name, all]) => {
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
  return {
    title: "Soak: memory under steady load",
    columns: [
      "process",
      "RSS after warm-up MB",
      "RSS at the end MB",
      "most MB",
      "slope MB/min",
      "verdict",
      "from start to end",
    ],
    rows,
    notes: [
      `${minutes} minutes, the first ${rounded(warmUp, 2)} of them warm-up; RSS every ${sampleEveryMs / 1000} s; slope by least squares. Flat: growth over the measured time is at most ${flatShare * 100} % of the mean.`,
      `Load: ${kinds.length * usersOfEachKind} users (chat, streamed chat, classify, OpenAI chat; ${usersOfEachKind} each) who ask, pause ${thinkMs} ms, ask again; sessions of five turns; ${counts.done} requests answered, ${counts.failed} failed.`,
    ],
  };
}
