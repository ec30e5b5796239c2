import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDatabaseApiKeyStore } from "../../services/access/database-api-key-store.ts";
import { createApiKeys } from "../../services/access/kept-api-keys.ts";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import { createEraseUser } from "../../services/main/handlers/erase-user.ts";
import { createDatabaseRequestLog } from "../../services/records/database-request-log.ts";
import type { OwnedRequestLog } from "../../services/records/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import type { Database } from "../../services/storage/index.ts";
import { openPostgresDatabase } from "../../services/storage/postgres/open-postgres-database.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestPostgres } from "../support/postgres.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

/** `gizli` marks what was said: it may stand nowhere but where it was meant to. */
const hostile = [
  "gizli'); drop table feedback; --",
  "gizli' or '1'='1'; delete from sessions; --",
  "gizli\" \\ ' ; $1 $2::int %s {{rating}} #{7*7} `id`",
  'gizli\r\n{"level":60,"event":"sahte"}\r\nson',
  "gizli \u001b[2J\u001b]0;başlık\u0007 \u202e \u2028 \u2029 son",
  "gizli <script>alert(1)</script> ||=cmd|'/c calc'!A1",
];
/** What no database keeps: NUL, and half of a surrogate pair. */
const unkeepable = { said: "gizli \0 \ud800", kept: "gizli \uFFFD \uFFFD" };

const folder = mkdtempSync(join(tmpdir(), "sektor-hostile-"));
const examplesFolder = join(folder, "examples");
const lines: string[] = [];
const authorization = "Bearer her-yetkili";
const environmentSha256 = [createHash("sha256").update("her-yetkili").digest("hex")];
let server: TestPostgres;
let database: Database;
let requests: OwnedRequestLog;
let app: Awaited<ReturnType<typeof buildTestGateway>>["app"];

beforeAll(async () => {
  server = await TestPostgres.start();
  database = await openPostgresDatabase({ url: server.url });
  const logger = pino({ level: "trace", messageKey: "event" }, { write: (line: string) => lines.push(line) });
  requests = createDatabaseRequestLog(database, { folder, keepMessages: true, gatherMs: 1, logger });
  const feedback = createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID });
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    apiKeys: createApiKeys({ store: createDatabaseApiKeyStore(database), environmentSha256, logger }),
    sessions: createEmbeddedSessionStore(database, { ttlS: 60, maxMessages: 200, logger }),
    newId: randomUUID,
    requests,
    feedback,
    eraseUser: (sessions) => createEraseUser(sessions, requests, feedback),
    logger,
    environment: { SEKTOR_REQUESTS_PER_MINUTE: "0", SEKTOR_FORMS_PER_HOUR: "0" },
  });
  app = built.app;
});
afterEach(() => {
  const parsed = lines.splice(0).map((line) => ({ line, entry: JSON.parse(line) as { event: string } }));
  expect(parsed.length).toBeGreaterThan(0);
  for (const { line, entry } of parsed) {
    expect(line.trimEnd().split("\n")).toHaveLength(1);
    expect([..."\r\u001b\u2028\u2029"].filter((sign) => line.includes(sign))).toEqual([]);
    expect(entry.event).not.toBe("sahte");
    expect(line).not.toContain("gizli");
  }
});
afterAll(async () => {
  await app?.close();
  await requests?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const post = (url: string, payload: object) => app.inject({ method: "POST", url, payload, headers: { authorization } });
const get = (url: string, query: Record<string, string> = {}) => app.inject({ url, query, headers: { authorization } });
const remove = (url: string) => app.inject({ method: "DELETE", url, headers: { authorization } });
const only = async <Row extends object>(sql: string, ...params: unknown[]): Promise<Row | undefined> => {
  const { rows } = await database.query<Row>(sql, params);
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe.each([...hostile.map((text) => ({ said: text, kept: text })), unkeepable])(
  "the text $said",
  ({ said, kept }) => {
    // An address cannot hold half a surrogate pair.
    const inAddress = encodeURIComponent(said.replace("\ud800", "\uFFFD"));

    it("is a message, a user and a reply like any other", async () => {
      const first = await post("/api/v1/chat", { message: said, user_id: said });
      expect(first.statusCode).toBe(200);
      const { session_id, message_id } = first.json().data;
      const { messages, user_id } = (await get(`/v1/sessions/${session_id}`)).json();
      expect([user_id, messages[0].content]).toEqual([kept, kept]);
      const openAi = { model: "auto", user: said, session_id, messages: [{ role: "user", content: said }] };
      expect((await post("/v1/chat/completions", openAi)).statusCode).toBe(200);
      expect((await post("/rag", { query: said })).statusCode).toBe(200);
      await requests.flush();
      const row = await only("select user_id, message from requests where message_id = $1", message_id);
      expect(row).toEqual({ user_id: kept, message: kept });
    });

    it("is refused where it cannot be meant, and is no id of anything", async () => {
      const answers = [
        await post(`/v1/keys/${inAddress}/rotate`, {}),
        await remove(`/v1/keys/${inAddress}`),
        await post(`/v1/feedback/routing-examples/${inAddress}/accept`, {}),
        await post(`/v1/feedback/routing-examples/${inAddress}/reject`, {}),
        await remove(`/v1/sessions/${inAddress}`),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 400]);
      for (const [url, body, code] of [
        ["/api/v1/chat", { message: "x", session_id: said }, "invalid_session_id"],
        ["/api/v1/chat", { message: "x", sector: said }, "unknown_sector"],
        ["/v1/feedback", { rating: 5, sector: said }, "unknown_sector"],
        ["/v1/feedback", { rating: said }, "invalid_request"],
        ["/v1/keys", { name: "x", sectors: [said] }, "unknown_sector"],
        ["/v1/keys", { name: "x", expires_at: said }, "invalid_request"],
        ["/v1/chat/completions", { model: said, messages: [{ role: "user", content: "x" }] }, "model_not_found"],
      ] as const) {
        const reply = await post(url, body);
        const answer = reply.json();
        expect([url, reply.statusCode >= 400 && reply.statusCode < 500, answer.code ?? answer.error.code]).toEqual([
          url,
          true,
          code,
        ]);
      }
      for (const filter of ["after", "since", "min_rating"]) {
        expect((await get("/v1/feedback", { [filter]: said })).statusCode).toBe(400);
      }
    });

    it("is feedback in every field, found by what it says and nothing else", async () => {
      const given = {
        rating: 2,
        message_id: said,
        session_id: said,
        user_id: said,
        comment: said,
        issues: [{ category: said, text: said }],
        suggestions: [said],
        pilot_group: said,
        expected_sector: "legal",
        message: said,
      };
      const reply = await post("/v1/feedback", given);
      expect(reply.statusCode).toBe(201);
      const { id } = reply.json();
      for (const filter of ["user_id", "session_id", "category", "pilot_group"]) {
        const { data } = (await get("/v1/feedback", { [filter]: kept })).json();
        expect([filter, data.map((one: { id: string }) => one.id)]).toEqual([filter, [id]]);
        expect(data[0]).toMatchObject({ comment: kept, suggestions: [kept], issues: [{ category: kept, text: kept }] });
      }
      expect((await get("/v1/feedback", { adapter: kept })).json().data).toEqual([]);
      for (const format of ["json", "markdown", "csv"]) {
        expect((await get("/v1/feedback/report", { format, user_id: kept })).statusCode).toBe(200);
      }
      expect((await post(`/v1/feedback/routing-examples/${id}/accept`, { text: said })).statusCode).toBe(200);
      const written = readFileSync(join(examplesFolder, "legal.jsonl"), "utf8").split("\n").slice(0, -1);
      expect(written.map((line) => JSON.parse(line).text)).toContain(kept);
    });

    it("is a form's text, shown again as text", async () => {
      const fields = new URLSearchParams({ comment: said, message: said, suggestion: said, user_id: said });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const form = (payload: string) => app.inject({ method: "POST", url: "/feedback", payload, headers });
      const refused = await form(fields.toString());
      expect(refused.statusCode).toBe(400);
      expect(refused.payload).not.toContain("<script>");
      fields.set("rating", "3");
      expect((await form(fields.toString())).statusCode).toBe(303);
    });

    it("is a key's name and user, and erasing that user erases nobody else", async () => {
      await post("/v1/feedback", { rating: 5, user_id: "başkası" });
      const { id } = (await post("/v1/keys", { name: said, user_id: said })).json();
      const listed = (await get("/v1/keys")).json().data;
      expect(listed.find((key: { id: string }) => key.id === id)).toMatchObject({
        name: kept,
        user_id: kept,
      });
      const { erased } = (await remove(`/v1/users/${inAddress}/data`)).json();
      expect(erased).toEqual({ sessions: 1, requests: 2, feedback: 2, recordings: 0 });
      expect((await get("/v1/feedback", { user_id: "başkası" })).json().data.length).toBeGreaterThan(0);
    });
  },
);
