import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import { createDatabaseRequestLog } from "../../services/records/database-request-log.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestPostgres } from "../support/postgres.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

const outageMs = 30_000;
const folder = mkdtempSync(join(tmpdir(), "sektor-outage-"));
let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it("answers chats through half a minute without Postgres, and keeps every request and every acknowledged feedback, once", async () => {
  await using database = await openPostgresDatabase({ url: server.url });
  await using requests = createDatabaseRequestLog(database, { folder, keepMessages: false });
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    feedback: createDatabaseFeedbackStore(database, { examplesFolder: folder, newId: randomUUID }),
    requests,
    environment: { SEKTOR_REQUESTS_PER_MINUTE: "0" },
  });
  const acknowledged = new Map<string, string>();
  const refusals = new Set<string>();
  const chats = { asked: 0, answered: 0 };
  let isOver = false;

  /** Gives one feedback after the other, each until it is acknowledged. */
  const rate = async (client: number): Promise<void> => {
    for (let n = 0; !isOver; n++) {
      const comment = `${client}-${n}`;
      const headers = { "idempotency-key": comment };
      while (!acknowledged.has(comment)) {
        const reply = await app.inject({
          method: "POST",
          url: "/v1/feedback",
          payload: { rating: 4, comment },
          headers,
        });
        if (reply.statusCode === 201) acknowledged.set(comment, reply.json().id);
        else refusals.add(`${reply.statusCode} ${reply.json().error.code} ${reply.headers["retry-after"]}`);
        await pause(reply.statusCode === 201 ? 5 : 100);
      }
    }
  };
  const talk = async (): Promise<void> => {
    while (!isOver) {
      chats.asked += 1;
      const reply = await app.inject({ method: "POST", url: "/api/v1/chat", payload: { message: "legal soru" } });
      if (reply.statusCode === 200) chats.answered += 1;
      await pause(20);
    }
  };
  const load = [...Array.from({ length: 20 }, (_, client) => rate(client)), talk(), talk()];
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(200);
  await server.stop();
  const before = { acknowledged: acknowledged.size, answered: chats.answered };
  await pause(outageMs);
  const during = { acknowledged: acknowledged.size, answered: chats.answered };
  await server.restart();
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(during.acknowledged + 200);
  isOver = true;
  await Promise.all(load);
  await requests.flush();

  expect(during.answered).toBeGreaterThan(before.answered + 100);
  expect(chats.answered).toBe(chats.asked);
  expect(refusals.size).toBeGreaterThan(0);
  for (const refusal of refusals) expect(refusal).toMatch(/^503 storage_(unavailable|timeout|busy) \d+$/);
  const kept = await database.query<{ comment: string; id: string }>("select comment, id from feedback");
  expect(kept.rowCount).toBe(acknowledged.size);
  expect(new Map(kept.rows.map(({ comment, id }) => [comment, id]))).toEqual(acknowledged);
  const rows = await database.query<{ id: string }>("select id from requests");
  expect(rows.rowCount).toBe(chats.asked);
  expect(requests.counts).toMatchObject({ kept: chats.asked, refused: 0 });
  expect(requests.counts.spooled).toBeGreaterThan(100);
  await app.close();
});
