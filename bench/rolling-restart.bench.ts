import { mkdtempSync, readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKeyOf } from "../scripts/deploy/local/deployment.ts";
import { LocalStack } from "../scripts/deploy/local/local-stack.ts";
import { rollGateways } from "../scripts/deploy/local/roll-gateways.ts";
import { pause } from "../services/foundation/index.ts";
import { liftLimits } from "../tests/support/lift-limits.ts";
import { startScriptedEngine } from "../tests/support/scripted-engine-server.ts";
import type { BenchOptions } from "./support/options.ts";
import { percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

/** Of everybody together. */
const perSecond = 200;
/** Before and after, so that the renewal is seen against something. */
const calmMs = 5000;

interface Seen {
  readonly atMs: number;
  readonly ms: number;
  readonly failure: string | undefined;
}

/** Two gateways are renewed one after the other while 200 requests a second come through nginx, turns and lists in turn. */
export async function rollingRestartBench({ quick }: BenchOptions): Promise<BenchTable> {
  liftLimits();
  await using engine = await startScriptedEngine({ adapters: [] });
  const stack = await LocalStack.prepare({
    folder: mkdtempSync(join(tmpdir(), "sektor-roll-")),
    engineUrl: engine.url,
    proxy: { requestsPerSecond: 100_000, requestBurst: 100_000, connectionsPerAddress: 60_000 },
  });
  try {
    await stack.startServices({ engineUrl: engine.url });
    await stack.migrate();
    await stack.startGateways(2);
    await stack.startProxy();
    const rate = quick ? 20 : perSecond;
    const stop = new AbortController();
    const load = send(stack, rate, stop.signal);
    await pause(calmMs);
    const from = performance.now();
    await rollGateways(stack, { drainMs: 30_000 });
    const to = performance.now();
    await pause(calmMs);
    stop.abort();
    const seen = await load;
    const during = seen.filter(({ atMs }) => atMs >= from && atMs <= to);
    return {
      title: "Renewing two gateways under load",
      columns: ["when", "seconds", "requests", "a second", "failed", "p50 ms", "p95 ms", "p99 ms"],
      rows: [
        line(
          "before and after",
          (2 * calmMs) / 1000,
          seen.filter((one) => !during.includes(one)),
        ),
        line("during", (to - from) / 1000, during),
      ],
      notes: [
        "Goal: 0 failed requests at 200 a second.",
        `Each sent at its own time whether or not the one before was answered (${rate} a second), through nginx with TLS over kept connections; turn about POST /api/v1/chat with a scripted engine and GET /v1/sectors. Gateways, nginx, Redis, Postgres, work, engine and the sender share this machine.`,
        ...[...new Set(seen.flatMap(({ failure }) => (failure === undefined ? [] : [failure])))].slice(0, 3),
      ],
    };
  } finally {
    await stack.stop();
  }
}

function line(when: string, seconds: number, seen: readonly Seen[]): (string | number)[] {
  const ms = seen.map((one) => one.ms);
  const failed = seen.filter(({ failure }) => failure !== undefined).length;
  const quantiles = [0.5, 0.95, 0.99].map((p) => rounded(percentile(ms, p), 1));
  return [when, rounded(seconds, 1), seen.length, Math.round(seen.length / seconds), failed, ...quantiles];
}

async function send(stack: LocalStack, rate: number, signal: AbortSignal): Promise<readonly Seen[]> {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(stack.now.ca, "utf8") });
  const { https: port } = stack.now.ports;
  const headers = { authorization: `Bearer ${apiKeyOf(stack.now)}`, "content-type": "application/json" };
  const open: Promise<Seen>[] = [];
  const began = performance.now();
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - began) * rate) / 1000);
    while (open.length < due) open.push(one(agent, port, headers, open.length % 2 === 0));
    await pause(2);
  }
  const seen = await Promise.all(open);
  agent.destroy();
  return seen;
}

async function one(
  agent: Agent,
  port: number,
  headers: Readonly<Record<string, string>>,
  isTurn: boolean,
): Promise<Seen> {
  const atMs = performance.now();
  const path = isTurn ? "/api/v1/chat" : "/v1/sectors";
  const failure = await new Promise<string | undefined>((resolve) => {
    const asked = request(
      { agent, host: "127.0.0.1", port, path, method: isTurn ? "POST" : "GET", headers },
      (reply) => {
        reply.resume();
        reply.once("end", () => resolve(reply.statusCode === 200 ? undefined : `${path}: ${reply.statusCode}`));
        reply.once("error", (fault) => resolve(`${path}: ${fault.message}`));
      },
    );
    asked.once("error", (fault) => resolve(`${path}: ${fault.message}`));
    asked.end(isTurn ? JSON.stringify({ message: "Merhaba", sector: "legal" }) : undefined);
  });
  return { atMs, ms: performance.now() - atMs, failure };
}
