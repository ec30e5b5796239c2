import { execFileSync } from "node:child_process";
import { Pool } from "undici";
import { TestNginx } from "../tests/support/nginx.ts";
import { startUpstream } from "../tests/support/scripted-upstream.ts";
import type { BenchOptions } from "./support/options.ts";
import { percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const rounds = 6;
const ways = ["straight to the upstream", "through nginx"] as const;
const message = JSON.stringify({ message: "Merhaba" });

/** What nginx, with the configuration we ship, adds to a small request: the same upstream is asked with and without it, in turn. */
export async function nginxBench({ quick }: BenchOptions): Promise<BenchTable> {
  const each = quick ? 100 : 1000;
  await using upstream = await startUpstream();
  const limits = { requestsPerSecond: 100_000, requestBurst: 100_000 };
  await using nginx = await TestNginx.start({ gateways: [upstream.address], ...limits });
  const pools = [
    new Pool(`http://${upstream.address}`, { connections: 1 }),
    new Pool(nginx.url, { connections: 1, connect: { ca: nginx.ca } }),
  ] as const;
  const seen: Record<(typeof ways)[number], number[]> = { "straight to the upstream": [], "through nginx": [] };
  for (let round = -1; round < rounds; round++) {
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const ms = await askOneAfterTheOther(pools[at] as Pool, each);
      // The first round is for warming up.
      if (round >= 0) seen[ways[at] as (typeof ways)[number]].push(...ms);
    }
  }
  await Promise.all(pools.map((pool) => pool.close()));
  const row = (name: string, at: (p: number) => number) => [name, ...[0.5, 0.95, 0.99].map((p) => rounded(at(p), 2))];
  const [straight, through] = ways.map((way) => (p: number) => percentile(seen[way], p)) as [
    (p: number) => number,
    (p: number) => number,
  ];
  return {
    title: "nginx: what it adds to a request",
    columns: ["way", "p50 ms", "p95 ms", "p99 ms"],
    rows: [
      row(ways[0], straight),
      row(ways[1], through),
      row("nginx' share: the difference", (p) => through(p) - straight(p)),
    ],
    notes: [
      "Goal: p50 ≤ 1 ms.",
      `POST /api/v1/chat of ${message.length} bytes, one after the other over one kept connection, TLS to nginx and plain HTTP to the upstream; ${rounds} rounds of ${each} each way in turn. nginx has the configuration we ship: TLS, limits, access log.`,
      version(),
    ],
  };
}

async function askOneAfterTheOther(pool: Pool, count: number): Promise<readonly number[]> {
  const ms: number[] = [];
  for (let asked = 0; asked < count; asked++) {
    const startedAt = performance.now();
    const headers = { "content-type": "application/json" };
    const { statusCode, body } = await pool.request({ path: "/api/v1/chat", method: "POST", headers, body: message });
    await body.text();
    ms.push(performance.now() - startedAt);
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
  }
  return ms;
}

/** As nginx says it, on standard error. */
function version(): string {
  return execFileSync("sh", ["-c", "nginx -v 2>&1"], { encoding: "utf8" }).trim();
}
