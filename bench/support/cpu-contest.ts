import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";
import { testMessages } from "./messages.ts";
import { processCpuMs } from "./process-cpu.ts";
import { median, medianBetween } from "./statistics.ts";

/** A gateway that is asked in turn with others. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

export interface ContestOptions {
  /** Bearer token of the chats. */
  readonly key: string;
  readonly rounds: number;
  /** Chats of each gateway in a round, and unmeasured ones before the first. */
  readonly batch: number;
  readonly warmUp: number;
  readonly atOnce: number;
}

export interface Cost {
  readonly name: string;
  /** CPU ms a chat, median of the rounds. */
  readonly ms: number;
  /** More than the first contestant's in the same round, percent, median of the rounds: what else the machine does then, it does to all. */
  readonly more: number;
  /** Between which of the rounds' values the true median lies, 19 times in 20. */
  readonly between: readonly [number, number];
}

/** CPU time of gateways' processes for a chat: the same load on all of them, side by side, taken in turns. */
export async function cpuContest(
  contestants: readonly Contestant[],
  options: ContestOptions,
): Promise<readonly Cost[]> {
  const { key, rounds, batch, warmUp, atOnce } = options;
  const entered = contestants.map((one) => ({
    ...one,
    pool: new Pool(one.url, { connections: atOnce }),
    costs: [] as number[],
  }));
  try {
    for (const { pool } of entered) await chat(pool, key, warmUp, atOnce);
    for (let round = 0; round < rounds; round++) {
      // Nobody is always the first.
      const at = round % entered.length;
      for (const { pool, pid, costs } of [...entered.slice(at), ...entered.slice(0, at)]) {
        const before = processCpuMs(pid);
        await chat(pool, key, batch, atOnce);
        costs.push((processCpuMs(pid) - before) / batch);
      }
    }
  } finally {
    await Promise.all(entered.map(({ pool }) => pool.close()));
  }
  const baseline = entered[0]?.costs ?? [];
  return entered.map(({ name, costs }) => {
    const more = costs.map((cost, at) => (cost / (baseline[at] ?? cost) - 1) * 100);
    return { name, ms: median(costs), more: median(more), between: medianBetween(more) };
  });
}

async function chat(pool: Pool, key: string, count: number, atOnce: number): Promise<void> {
  const messages = testMessages();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const { statusCode, body } = await pool.request({
        path: "/api/v1/chat",
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ message: messages[at % messages.length] }),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${statusCode}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Takes every trace and forgets it. */
export async function startCollector(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
