import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import { PlatformError } from "../../services/foundation/index.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { describeFeedbackStore, feedbackWith } from "../conformance/feedback-store.conformance.ts";
import { TestPostgres } from "../support/postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-feedback-"));
let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describeFeedbackStore("Feedback in Postgres", async () =>
  openPostgresDatabase({ url: await server.createDatabase("feedback_promises") }),
);

it("loses nothing it acknowledged and doubles nothing, 10 000 times at 50 at once, while Postgres is killed and comes back", async () => {
  const url = await server.createDatabase("feedback_faults");
  await using database = await openPostgresDatabase({ url, queryTimeoutMs: 2_000, waitMs: 500 });
  const store = createDatabaseFeedbackStore(database, { examplesFolder: folder, newId: randomUUID });
  const numbers = Array.from({ length: 10_000 }, (_, n) => n)[Symbol.iterator]();
  const acknowledged = new Map<number, string>();
  let refused = 0;
  let restarted: Promise<void> | undefined;
  const client = async () => {
    for (const n of numbers) {
      // As a careful client does: the same key until it is acknowledged.
      while (!acknowledged.has(n)) {
        try {
          const key = { text: `key-${n}`, owner: null };
          const { id } = await store.add(feedbackWith({ rating: 1 + (n % 5), comment: String(n) }), key);
          acknowledged.set(n, id);
        } catch (failure) {
          if (!(failure instanceof PlatformError) || failure.status !== 503) throw failure;
          refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      if (acknowledged.size === 3_000) restarted = server.kill().then(() => server.restart());
    }
  };
  await Promise.all(Array.from({ length: 50 }, client));
  await restarted;
  expect(refused).toBeGreaterThan(0);
  const { rows } = await database.query<{ comment: string; id: string }>("select comment, id from feedback");
  expect(rows).toHaveLength(10_000);
  expect(new Map(rows.map(({ comment, id }) => [Number(comment), id]))).toEqual(acknowledged);
});

it("keeps one of each feedback that comes through two gateways at the same time, however they cross", async () => {
  const url = await server.createDatabase("feedback_two_gateways");
  await using one = await openPostgresDatabase({ url });
  await using two = await openPostgresDatabase({ url });
  const stores = [one, two].map((database) =>
    createDatabaseFeedbackStore(database, { examplesFolder: folder, newId: randomUUID }),
  );
  const numbers = Array.from({ length: 300 }, (_, n) => n);
  // In opposite orders: two statements that hold what the other one waits for.
  const answers = await Promise.all(
    stores.flatMap((store, which) =>
      (which === 0 ? numbers : numbers.toReversed()).map(async (n) => {
        const { id } = await store.add(feedbackWith({ comment: String(n) }), { text: `key-${n}`, owner: "key_1" });
        return { n, id };
      }),
    ),
  );
  const { rows } = await one.query<{ comment: string; id: string }>("select comment, id from feedback");
  const kept = new Map(rows.map(({ comment, id }) => [Number(comment), id]));
  expect(rows).toHaveLength(300);
  expect(answers.filter(({ n, id }) => kept.get(n) !== id)).toEqual([]);
});
