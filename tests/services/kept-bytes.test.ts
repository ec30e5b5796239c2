import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rowBytes } from "../../services/cli/capacity/kept-bytes.ts";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import { insertRequests } from "../../services/records/insert-requests.ts";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import type { SessionStore } from "../../services/sessions/index.ts";
import { connectRedis } from "../../services/sessions/redis-connection.ts";
import { createRedisSessionStore } from "../../services/sessions/redis-session-store.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { feedbackWith } from "../conformance/feedback-store.conformance.ts";
import { TestPostgres } from "../support/postgres.ts";
import { TestRedis } from "../support/redis.ts";
import { requestRow } from "../support/request-row.ts";

const said = "a".repeat(100);
const replied = "b".repeat(500);
const examplesFolder = mkdtempSync(join(tmpdir(), "sektor-examples-"));
let server: TestPostgres;
let database: Awaited<ReturnType<typeof openPostgresDatabase>>;
beforeAll(async () => {
  server = await TestPostgres.start();
  database = await openPostgresDatabase({ url: server.url });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(examplesFolder, { recursive: true, force: true });
});

const limits = { ttlS: 3600, maxMessages: 200 };
/** Within a tenth: pages fill unevenly. */
function expectNear(measured: number, counted: number): void {
  expect(measured / counted, `measured ${measured.toFixed(1)} bytes`).toBeGreaterThan(0.9);
  expect(measured / counted, `measured ${measured.toFixed(1)} bytes`).toBeLessThan(1.1);
}

async function bytesOf(...tables: readonly string[]): Promise<number> {
  const sizes = tables.map((table) => `pg_total_relation_size('${table}')`).join(" + ");
  const { rows } = await database.query<{ bytes: number }>(`select (${sizes})::float8 as bytes`, []);
  return Number(rows[0]?.bytes);
}

function rows(count: number, texts: { message: string | null; reply: string | null }) {
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(1_767_225_600_000 + index * 1000).toISOString();
    const ids = { messageId: randomUUID(), sessionId: randomUUID(), userId: `user-${index % 500}` };
    return requestRow(randomUUID(), { ...ids, ...texts, at, adapter: "finance_banking@3", sector: "finance_banking" });
  });
}

async function insertAll(texts: { message: string | null; reply: string | null }): Promise<void> {
  for (let block = 0; block < 40; block++) await insertRequests(database, rows(500, texts));
}

/** So many sessions of so many turns, one after the other: side by side they would leave pages fuller and emptier by chance. */
async function converse(store: SessionStore, sessions: number, turns: number): Promise<void> {
  const talk = async () => {
    const id = randomUUID();
    for (let turn = 0; turn < turns; turn++) {
      const at = new Date(1_767_225_600_000 + turn * 1000).toISOString();
      const answered = { sector: "finance_banking", adapter: "finance_banking@3" };
      await store.append(id, {
        owner: "key_ae63589b061f434d9f61",
        userId: `user-${id.slice(0, 2)}`,
        sector: "finance_banking",
        messages: [
          { id: randomUUID(), role: "user", content: said, at },
          { id: randomUUID(), role: "assistant", content: replied, at, ...answered },
        ],
      });
    }
  };
  for (let session = 0; session < sessions; session++) await talk();
}

it("counts a row of the request log as Postgres stores it", async () => {
  await insertAll({ message: null, reply: null });
  expectNear((await bytesOf("requests")) / 20_000, rowBytes.request);
});

it("counts what was said by its own length, where it is kept", async () => {
  await database.query("truncate requests", []);
  await insertAll({ message: said, reply: replied });
  expectNear((await bytesOf("requests")) / 20_000, rowBytes.request + said.length + replied.length);
});

it("counts a feedback as Postgres stores it", async () => {
  const store = createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID });
  const count = 2000;
  for (let block = 0; block < count / 20; block++) {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        store.add(feedbackWith({ messageId: randomUUID(), sessionId: randomUUID() }), {
          text: randomUUID(),
          owner: null,
        }),
      ),
    );
  }
  expectNear((await bytesOf("feedback", "routing_examples")) / count, rowBytes.feedback);
});

it("counts a conversation as Postgres stores it", async () => {
  const store = createEmbeddedSessionStore(database, limits);
  const texts = said.length + replied.length;
  const usedBy = async (sessions: number, turns: number) => {
    await database.query("truncate sessions cascade", []);
    await converse(store, sessions, turns);
    await database.query("vacuum full sessions", []);
    return (await bytesOf("sessions", "session_messages")) / sessions;
  };
  expectNear(await usedBy(100, 10), rowBytes.postgresSession + 10 * (2 * rowBytes.postgresMessage + texts));
  expectNear(await usedBy(600, 1), rowBytes.postgresSession + 2 * rowBytes.postgresMessage + texts);
  await store[Symbol.asyncDispose]();
});

it("counts a conversation as Redis holds it in memory", async () => {
  await using redisServer = await TestRedis.start({ isDurable: false });
  const redis = await connectRedis(redisServer.url);
  const store = createRedisSessionStore(redis, limits);
  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
  const usedBy = async (sessions: number, turns: number) => {
    const before = await usedMemory();
    await converse(store, sessions, turns);
    return ((await usedMemory()) - before) / sessions;
  };
  // The script and the first connection take memory once.
  await converse(store, 1, 1);
  const texts = said.length + replied.length;
  expectNear(await usedBy(1000, 10), rowBytes.redisSession + 10 * (2 * rowBytes.redisMessage + texts));
  expectNear(await usedBy(1000, 1), rowBytes.redisSession + 2 * rowBytes.redisMessage + texts);
  redis.disconnect();
});
