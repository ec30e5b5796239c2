import type { RateLimiter } from "../services/access/index.ts";
import { createMemoryRateLimiter } from "../services/access/limits/memory-rate-limiter.ts";
import { createRedisRateLimiter } from "../services/access/limits/redis-rate-limiter.ts";
import { connectRedis } from "../services/sessions/redis-connection.ts";
import { TestRedis } from "../tests/support/redis.ts";
import type { BenchOptions } from "./support/options.ts";
import { median, percentile, rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const rounds = 5;
const subjects = 200;
/** As the gateway asks: a user's hour and day in one check. The windows of the bench are short, so that all their slots are in use. */
const rules = [
  { name: "user_hour", max: 1_000_000, windowMs: 3_000 },
  { name: "user_day", max: 1_000_000, windowMs: 6_000 },
];

/** How long one check of a user's limits takes, counted in this process and in a Redis on the same machine. */
export async function limitsBench({ quick }: BenchOptions): Promise<BenchTable> {
  await using server = await TestRedis.start({ isDurable: false });
  const redis = await connectRedis(server.url);
  await using inMemory = createMemoryRateLimiter();
  await using inRedis = createRedisRateLimiter(redis);
  try {
    return {
      title: "Limits: one check",
      columns: ["counted in", "at once", "checks/s", "p50 ms", "p95 ms", "p99 ms"],
      rows: [
        await row("memory", inMemory, 1, quick ? 10_000 : 200_000),
        await row("Redis", inRedis, 1, quick ? 1_000 : 20_000),
        await row("Redis", inRedis, 16, quick ? 1_000 : 40_000),
      ],
      notes: [
        "Goal: one check takes p95 ≤ 0.3 ms, in memory and in Redis. The last row is for throughput: there a check waits for others on the same connection, too.",
        `Two rules a check, ${subjects} users, windows with every slot in use; ${rounds} rounds after one that does not count, medians of the rounds. Redis on the same machine, without an append-only file; "at once" is how many checks are on their way, all over one connection.`,
      ],
    };
  } finally {
    redis.disconnect();
  }
}

async function row(name: string, limiter: RateLimiter, atOnce: number, checks: number): Promise<(string | number)[]> {
  await round(limiter, atOnce, checks);
  const all: { readonly perSecond: number; readonly ms: readonly number[] }[] = [];
  for (let n = 0; n < rounds; n++) all.push(await round(limiter, atOnce, checks));
  const quantile = (p: number): number => rounded(median(all.map(({ ms }) => percentile(ms, p))), 3);
  return [
    name,
    atOnce,
    Math.round(median(all.map(({ perSecond }) => perSecond))),
    quantile(0.5),
    quantile(0.95),
    quantile(0.99),
  ];
}

async function round(limiter: RateLimiter, atOnce: number, checks: number) {
  const ms: number[] = [];
  const numbers = Array.from({ length: checks }, (_, n) => n)[Symbol.iterator]();
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    for (const n of numbers) {
      const from = performance.now();
      const { allowed } = await limiter.take(`user:${n % subjects}`, rules);
      ms.push(performance.now() - from);
      if (!allowed) throw new Error("The limit of the bench was reached.");
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return { perSecond: (1000 * checks) / (performance.now() - startedAt), ms };
}
