import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabaseApiKeyStore } from "../../services/access/database-api-key-store.ts";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import { insertRequests } from "../../services/records/insert-requests.ts";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import type { Database } from "../../services/storage/index.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { feedbackWith } from "../conformance/feedback-store.conformance.ts";
import { TestPostgres } from "../support/postgres.ts";
import { requestRow } from "../support/request-row.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-backup-"));
let server: TestPostgres;
beforeAll(async () => {
  server = await TestPostgres.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs what docs/operations.md tells under this name, as it stands there. */
function run(name: string, environment: Readonly<Record<string, string>>): void {
  const [, commands] = readFileSync("docs/operations.md", "utf8").split(`\`\`\`bash\n# ${name}\n`);
  const script = commands?.split("```")[0];
  if (script === undefined) throw new Error(`docs/operations.md has no commands "${name}".`);
  execFileSync("bash", ["-euc", script], { cwd: folder, env: { ...process.env, ...environment }, stdio: "pipe" });
}

function roomsOf(database: Database) {
  const newId = () => randomUUID();
  return {
    keys: createApiKeys({ store: createDatabaseApiKeyStore(database) }),
    sessions: createEmbeddedSessionStore(database, { ttlS: 3600, maxMessages: 200 }),
    feedback: createDatabaseFeedbackStore(database, { examplesFolder: join(folder, "examples"), newId }),
  };
}
const rating = feedbackWith({ messageId: "m", comment: "Güzel", expectedSector: "energy", message: "Kesinti" });
const idempotencyKey = { text: "bir", owner: null };
const newKey = { name: "Ayşe", scopes: ["chat"], sectors: null, userId: "ayşe", expiresAt: null } as const;

/** One of everything that is kept. */
async function fill(database: Database) {
  const { keys, sessions, feedback } = roomsOf(database);
  const { text, key } = await keys.create(newKey);
  const said = { id: "q", role: "user", content: "Kesinti ne zaman biter?", at: "2026-01-01T00:00:00.000Z" } as const;
  await sessions.append("s", { owner: key.id, userId: "ayşe", sector: "energy", messages: [said] });
  await insertRequests(database, [requestRow("r", { messageId: "m", sessionId: "s" })]);
  const { id } = await feedback.add(rating, idempotencyKey);
  await Promise.all([keys, sessions].map((one) => one[Symbol.asyncDispose]()));
  return { text, key, feedbackId: id };
}

/** What happens after the backup, and must be gone after the restore. */
async function change(database: Database): Promise<void> {
  const { keys, sessions, feedback } = roomsOf(database);
  for (const { id } of await keys.list()) await keys.revoke(id);
  await sessions.delete("s");
  await feedback.add(feedbackWith({ comment: "Sonradan" }));
  await database.query("truncate requests");
  await Promise.all([keys, sessions].map((one) => one[Symbol.asyncDispose]()));
}

async function expectAsItWas(database: Database, { text, key, feedbackId }: Awaited<ReturnType<typeof fill>>) {
  const { keys, sessions, feedback } = roomsOf(database);
  expect(await keys.identify(text)).toMatchObject({ keyId: key.id, userId: "ayşe" });
  const session = await sessions.load("s");
  expect(session).toMatchObject({ owner: key.id, messages: [{ content: "Kesinti ne zaman biter?" }] });
  const { items } = await feedback.list({}, { limit: 10 });
  expect(items).toMatchObject([{ id: feedbackId, comment: "Güzel", request: { id: "r" } }]);
  expect(await feedback.add(rating, idempotencyKey)).toMatchObject({ id: feedbackId, isNew: false });
  expect((await feedback.routingExamples("pending", { limit: 10 })).items).toMatchObject([{ text: "Kesinti" }]);
  await feedback.add(feedbackWith({ comment: "Devam" }));
  expect((await feedback.list({}, { limit: 10 })).items).toHaveLength(2);
  await Promise.all([keys, sessions].map((one) => one[Symbol.asyncDispose]()));
}

it("brings a Postgres database back as it was, by the commands of the documents", async () => {
  const url = await server.createDatabase("backed_up");
  const environment = { SEKTOR_POSTGRES_URL: url };
  let before: Awaited<ReturnType<typeof fill>>;
  {
    await using database = await openPostgresDatabase({ url });
    before = await fill(database);
    run("postgres: back up", environment);
    await change(database);
  }
  run("postgres: restore", environment);
  await using restored = await openPostgresDatabase({ url });
  await expectAsItWas(restored, before);
});

it("brings it back into an empty database on another server", async () => {
  await using other = await TestPostgres.start();
  const url = await server.createDatabase("moved");
  await using database = await openPostgresDatabase({ url });
  const before = await fill(database);
  run("postgres: back up", { SEKTOR_POSTGRES_URL: url });
  run("postgres: restore", { SEKTOR_POSTGRES_URL: other.url });
  await using restored = await openPostgresDatabase({ url: other.url });
  await expectAsItWas(restored, before);
});

it("brings the embedded database back as it was, by the commands of the documents", async () => {
  const data = join(folder, "data");
  const environment = { SEKTOR_DATA: data };
  const open = () => openPgliteDatabase({ folder: data });
  let before: Awaited<ReturnType<typeof fill>>;
  {
    await using database = await open();
    before = await fill(database);
  }
  run("embedded: back up", environment);
  {
    await using database = await open();
    await change(database);
  }
  run("embedded: restore", environment);
  await using restored = await open();
  await expectAsItWas(restored, before);
});
