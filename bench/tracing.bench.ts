import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { testMessages } from "./support/messages.ts";
import type { BenchOptions } from "./support/options.ts";
import { processCpuMs } from "./support/process-cpu.ts";
import { freePort, startProgram } from "./support/program.ts";
import { type Gateway, startServe } from "./support/serve.ts";
import { percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const key = "bench";
const atOnce = 4;
const batch = 150;

interface Contestant {
  readonly name: string;
  readonly gateway: Gateway;
  readonly pid: number;
  readonly pool: Pool;
  /** CPU ms a request, of each round. */
  readonly costs: number[];
}

/** CPU time of the gateway's process for a chat, without traces and with: the same load on gateways side by side, taken in turns. */
export async function tracingBench({ quick }: BenchOptions): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-bench-"));
  const enginePort = await freePort();
  const collector = await startCollector();
  const rounds = quick ? 2 : 16;
  const contestants: Contestant[] = [];
  try {
    await using engine = startProgram(process.execPath, [
      ...["--import", "tsx", "bench/support/scripted-infer.ts"],
      String(enginePort),
    ]);
    await engine.line((text) => text === "ready", 60_000);
    const open = async (name: string, tracing: Readonly<Record<string, string>>): Promise<void> => {
      const gateway = await startServe({
        SEKTOR_ENGINE: "sektor",
        SEKTOR_ENGINE_URL: `http://127.0.0.1:${enginePort}`,
        SEKTOR_DATA: join(folder, name),
        SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
        SEKTOR_REQUESTS_PER_MINUTE: "0",
        SEKTOR_KEY_PER_MINUTE: "0",
        SEKTOR_STREAMS_PER_KEY: "0",
        ...tracing,
      });
      const ready = gateway.program.lines.find(({ text }) => text.includes("serve-ready"))?.text ?? "{}";
      const { pid } = JSON.parse(ready) as { pid: number };
      contestants.push({ name, gateway, pid, pool: new Pool(gateway.url, { connections: atOnce }), costs: [] });
    };
    const endpoint = { SEKTOR_TRACING_ENDPOINT: collector.url };
    await open("no traces", {});
    await open("no traces, once more", {});
    await open("none kept (0)", { ...endpoint, SEKTOR_TRACING_SAMPLE_RATIO: "0" });
    await open("one in ten kept (0.1)", { ...endpoint, SEKTOR_TRACING_SAMPLE_RATIO: "0.1" });
    await open("all kept (1)", { ...endpoint, SEKTOR_TRACING_SAMPLE_RATIO: "1" });
    for (const { pool } of contestants) await ask(pool, quick ? batch : batch * 6);
    for (let round = 0; round < rounds; round++)
      for (const { pool, pid, costs } of turned(contestants, round)) {
        const before = processCpuMs(pid);
        await ask(pool, batch);
        costs.push((processCpuMs(pid) - before) / batch);
      }
    return table(contestants, rounds, collector.spans());
  } finally {
    for (const { pool, gateway } of contestants) {
      await pool.close();
      await gateway[Symbol.asyncDispose]();
    }
    collector.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nobody is always the first. */
function turned<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

async function ask(pool: Pool, count: number): Promise<void> {
  const messages = testMessages();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const { statusCode, body } = await pool.request({
        path: "/api/v1/chat",
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ message: messages[at % messages.length], use_knowledge: false }),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Takes everything and counts it. */
async function startCollector() {
  let spans = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      spans += Buffer.concat(pieces).toString("latin1").split('"spanId"').length - 1;
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans: () => spans, close };
}

function table(contestants: readonly Contestant[], rounds: number, spans: number): BenchTable {
  const [base] = contestants;
  const median = (values: readonly number[]): number => percentile([...values], 0.5);
  const baseline = base?.costs ?? [];
  return {
    title: "Traces: what they cost the gateway",
    columns: ["traces", "chats", "CPU ms a chat (median of rounds)", "more than without, %"],
    rows: contestants.map(({ name, costs }) => [
      name,
      costs.length * batch,
      rounded(median(costs), 3),
      // Of each round by itself: what else the machine does then, it does to all.
      rounded(median(costs.map((cost, at) => (cost / (baseline[at] ?? cost) - 1) * 100)), 1),
    ]),
    notes: [
      "Goal: metrics and traces together ≤ 3 % of the gateway's CPU.",
      `${rounds} rounds of ${batch} × POST /api/v1/chat (new session, knowledge off, ${atOnce} at once) on each of five gateways in turn, after ${batch * 6} unmeasured ones; user and system time of the gateway's process, all its threads. The engine is a script (24 tokens, streamed at once), the collector takes everything.`,
      "The second row is the noise: the same gateway as the first.",
      `${spans} steps were received.`,
    ],
  };
}
