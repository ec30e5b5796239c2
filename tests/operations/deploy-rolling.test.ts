import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKeyOf, publicUrl } from "../../scripts/deploy/local/deployment.ts";
import { isRunning } from "../../scripts/deploy/local/kept-process.ts";
import { LocalStack } from "../../scripts/deploy/local/local-stack.ts";
import { rollGateways } from "../../scripts/deploy/local/roll-gateways.ts";
import { askHttps } from "../support/ask-https.ts";
import { liftLimits } from "../support/lift-limits.ts";
import { startScriptedEngine } from "../support/scripted-engine-server.ts";

const startLimitMs = 300_000;

let engine: Awaited<ReturnType<typeof startScriptedEngine>>;
let stack: LocalStack;
let ca = "";
beforeAll(async () => {
  liftLimits();
  engine = await startScriptedEngine({ adapters: [] });
  const folder = mkdtempSync(join(tmpdir(), "sektor-roll-"));
  stack = await LocalStack.prepare({
    folder,
    engineUrl: engine.url,
    proxy: { requestsPerSecond: 100_000, requestBurst: 100_000 },
  });
  ca = readFileSync(stack.now.ca, "utf8");
  await stack.startServices({ engineUrl: engine.url });
  await stack.migrate();
  await stack.startGateways(2);
  await stack.startProxy();
  await stack.startMonitoring();
}, startLimitMs);
afterAll(async () => {
  await stack?.stop();
  await engine?.[Symbol.asyncDispose]();
}, startLimitMs);

/** Requests of four kinds over eight kept connections, until `work` is done. @returns what else than 200 there was, each once */
async function trafficDuring(
  work: Promise<unknown>,
): Promise<{ readonly asked: number; readonly failed: readonly string[] }> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  const headers = { authorization: `Bearer ${apiKeyOf(stack.now)}`, "content-type": "application/json" };
  const agent = new Agent({ keepAlive: true, ca });
  const failed = new Set<string>();
  let asked = 0;
  const ask = async (n: number): Promise<void> => {
    const chat = JSON.stringify({ message: "Merhaba", sector: "legal", stream: n % 4 === 3 });
    const sent = n % 4 < 2 ? {} : { method: "POST", body: chat };
    const path = n % 4 < 2 ? "/v1/sectors" : "/api/v1/chat";
    try {
      const { status, text } = await askHttps(publicUrl(stack.now), path, { agent, headers, ...sent });
      const isWhole = n % 4 !== 3 || text.includes("event: end");
      if (status !== 200 || !isWhole) failed.add(`${path}: ${status} ${text.slice(0, 120)}`);
    } catch (failure) {
      failed.add(`${path}: ${String(failure)}`);
    }
  };
  const lane = async (): Promise<void> => {
    while (!over) {
      await ask(asked++);
      // A kept connection is idle for a while, as people's are.
      await delay(10);
    }
  };
  await Promise.all([ended, ...Array.from({ length: 8 }, lane)]).finally(() => agent.destroy());
  return { asked, failed: [...failed] };
}

/** What Prometheus asks under this job, in order. */
async function activeTargets(port: number, job: string): Promise<readonly string[]> {
  const reply = await fetch(`http://127.0.0.1:${port}/api/v1/targets?state=active`);
  interface Targets {
    readonly data: { readonly activeTargets: readonly { readonly labels: Readonly<Record<string, string>> }[] };
  }
  const { data } = (await reply.json()) as Targets;
  return data.activeTargets
    .filter(({ labels }) => labels["job"] === job)
    .map(({ labels }) => labels["instance"] ?? "")
    .sort();
}

describe("renewing the gateways of a local deployment", () => {
  it(
    "costs no request, streams included, and leaves as many gateways as there were, all of them new",
    async () => {
      const before = stack.now.gateways;
      const { asked, failed } = await trafficDuring(rollGateways(stack, { drainMs: 10_000 }));
      expect(failed).toEqual([]);
      expect(asked).toBeGreaterThan(50);
      const after = stack.now.gateways;
      expect(after).toHaveLength(2);
      expect(after.filter(({ process: { pid } }) => before.some((old) => old.process.pid === pid))).toEqual([]);
      expect(before.filter((old) => isRunning(old.process))).toEqual([]);
      expect(stack.drained()).toBeUndefined();
    },
    startLimitMs,
  );

  it(
    "begins with what a renewal has left that was ended half-way",
    async () => {
      const leftOver = await stack.addGateway();
      expect(stack.drained()).toEqual(leftOver);
      const { failed } = await trafficDuring(rollGateways(stack, { drainMs: 10_000 }));
      expect(failed).toEqual([]);
      expect(isRunning(leftOver.process)).toBe(false);
      expect(stack.now.gateways).toHaveLength(2);
    },
    startLimitMs,
  );

  it(
    "leaves the old ones serving when a new one does not come up",
    async () => {
      const before = stack.now.gateways;
      process.env["SEKTOR_TEMPERATURE"] = "hot";
      try {
        const { failed } = await trafficDuring(
          expect(rollGateways(stack, { drainMs: 10_000 })).rejects.toThrow(/temperature/),
        );
        expect(failed).toEqual([]);
      } finally {
        delete process.env["SEKTOR_TEMPERATURE"];
      }
      expect(stack.now.gateways).toEqual(before);
      expect(before.every((old) => isRunning(old.process))).toBe(true);
    },
    startLimitMs,
  );

  it(
    "tells Prometheus which gateways there are, wherever it was broken off",
    async () => {
      const before = stack.now.gateways;
      const over = new AbortController();
      const onStep = (text: string): void => {
        // The first is being renewed; the second's turn never comes.
        if (text.endsWith("bitiyor")) over.abort(new Error("broken off"));
      };
      await expect(rollGateways(stack, { drainMs: 10_000, signal: over.signal, onStep })).rejects.toThrow("broken off");
      const after = stack.now.gateways.map(({ port }) => `127.0.0.1:${port}`);
      expect(after).not.toEqual(before.map(({ port }) => `127.0.0.1:${port}`));
      const watched = (job: string): Promise<readonly string[]> => activeTargets(stack.now.ports.prometheus, job);
      await expect.poll(() => watched("sektor-gateway"), { timeout: 30_000 }).toEqual([...after].sort());
    },
    startLimitMs,
  );

  it(
    "ends every process and takes the folder away at the end",
    async () => {
      const { folder, services, gateways } = stack.now;
      expect(await stack.stop()).toEqual([]);
      expect([...services, ...gateways.map((gateway) => gateway.process)].filter(isRunning)).toEqual([]);
      expect(() => readFileSync(join(folder, "deployment.json"))).toThrow(/ENOENT/);
      rmSync(folder, { recursive: true, force: true });
    },
    startLimitMs,
  );
});
