import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { json } from "../support/json.ts";
import { TestPostgres } from "../support/postgres.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

const dataFolder = mkdtempSync(join(tmpdir(), "sektor-serve-"));
let server: TestPostgres;
let serve: ServeProcess | undefined;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await serve?.stop();
  await server?.[Symbol.asyncDispose]();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** undefined: nobody answered. */
async function post(path: string, body: object, key?: string): Promise<Response | undefined> {
  const headers = { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) };
  try {
    return await fetch(`${serve?.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    return undefined;
  }
}

it.each(["embedded", "postgres"])(
  "loses no feedback it acknowledged when serve is killed amid 400 of them, and doubles none that comes again (%s)",
  async (backend) => {
    const environment = {
      SEKTOR_THREADS: "1",
      SEKTOR_STORAGE: backend,
      SEKTOR_POSTGRES_URL: server.url,
      SEKTOR_REQUESTS_PER_MINUTE: "0",
    };
    const start = async () => {
      serve = await startServe({ environment, dataFolder: join(dataFolder, backend) });
    };
    await start();
    const chat = await post("/api/v1/chat", { message: "Kredi kartı borcum için ne yapabilirim?", max_tokens: 4 });
    const { message_id } = (await json(chat as Response)).data;
    // The request log is no promise of the kind: its row is on its way for a moment.
    await vi.waitFor(async () => {
      expect(await (await fetch(`${serve?.url}/metrics`)).text()).toContain('request_rows_total{state="kept"} 1');
    }, 10_000);
    const acknowledged = new Map<number, string>();
    const send = async (numbers: Iterable<number>) => {
      for (const n of numbers) {
        const reply = await post("/v1/feedback", { rating: 4, comment: String(n), message_id }, `${backend}-${n}`);
        if (reply?.status === 201) acknowledged.set(n, (await json(reply)).id);
      }
    };
    const numbers = Array.from({ length: 400 }, (_, n) => n);
    const first = numbers[Symbol.iterator]();
    const clients = Array.from({ length: 20 }, () => send(first));
    while (acknowledged.size < 100) await new Promise((resolve) => setTimeout(resolve, 1));
    await serve?.kill("SIGKILL");
    await Promise.all(clients);
    const before = new Map(acknowledged);
    expect(before.size).toBeLessThan(400);
    await start();
    await send(numbers);
    for (const [n, id] of before) expect(acknowledged.get(n)).toBe(id);
    const kept: { id: string; comment: string; request: { sector: string } | null }[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page = await fetch(`${serve?.url}/v1/feedback?limit=300${next === "" ? "" : `&after=${next}`}`);
      const found: { data: typeof kept; next: string | null } = await json(page);
      kept.push(...found.data);
      next = found.next;
    }
    expect(kept).toHaveLength(400);
    expect(new Map(kept.map(({ comment, id }) => [Number(comment), id]))).toEqual(acknowledged);
    expect(kept[0]?.request?.sector).toBe("finance_banking");
    await serve?.stop();
    serve = undefined;
  },
);
