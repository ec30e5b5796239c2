import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabaseApiKeyStore } from "../../../services/access/database-api-key-store.ts";
import { createApiKeys } from "../../../services/access/kept-api-keys.ts";
import { createDatabaseFeedbackStore } from "../../../services/feedback/database-feedback-store.ts";
import type { FeedbackStore } from "../../../services/feedback/index.ts";
import { createEraseUser } from "../../../services/main/handlers/erase-user.ts";
import { createDatabaseRequestLog } from "../../../services/records/database-request-log.ts";
import type { OwnedRequestLog } from "../../../services/records/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { type Database, StorageUnavailableError } from "../../../services/storage/index.ts";
import { openPgliteDatabase } from "../../../services/storage/pglite/pglite-database.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-feedback-"));
let database: Database;
let away = false;
/** The database does what it is told, and its answers get lost. */
let losesAnswers = false;
/** The database, behind a way that can be cut. */
const reached: Database = {
  query: async (sql, params) => {
    if (away) throw new StorageUnavailableError();
    const answer = await database.query<never>(sql, params);
    if (losesAnswers) throw new StorageUnavailableError();
    return answer;
  },
  transaction: (work) => database.transaction(work),
  [Symbol.asyncDispose]: async () => undefined,
};
let app: Awaited<ReturnType<typeof buildTestGateway>>["app"];
let requests: OwnedRequestLog;
let sessions: Awaited<ReturnType<typeof buildTestGateway>>["sessions"];

beforeAll(async () => {
  database = await openPgliteDatabase({ folder: join(folder, "data") });
}, 120_000);
beforeEach(async () => {
  away = false;
  losesAnswers = false;
  await database.query("truncate feedback, routing_examples, requests");
  let ids = 0;
  const newId = () => `f${++ids}`;
  const feedback: FeedbackStore = createDatabaseFeedbackStore(reached, {
    examplesFolder: join(folder, "examples"),
    newId,
  });
  requests = createDatabaseRequestLog(reached, { folder, keepMessages: true, gatherMs: 1 });
  ({ app, sessions } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"], reply: () => ["Otuz", " gün."] },
    feedback,
    requests,
    eraseUser: (store) => createEraseUser(store, requests, feedback),
  }));
});
afterEach(async () => {
  await app.close();
  await requests[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const post = (url: string, payload: object, headers = {}) => app.inject({ method: "POST", url, payload, headers });
const get = (url: string) => app.inject({ method: "GET", url });
async function chat(more: object = {}): Promise<{ message_id: string; session_id: string }> {
  const { data } = (await post("/api/v1/chat", { message: "legal süre", user_id: "ayşe", ...more })).json();
  await requests.flush();
  return data;
}

describe("POST /v1/feedback", () => {
  it("joins a rating to the reply's request, routing and adapter version", async () => {
    const { message_id, session_id } = await chat();
    const given = { message_id, session_id, user_id: "ayşe", rating: 5, comment: "Güzel", pilot_group: "A" };
    const reply = await post("/v1/feedback", given);
    expect([reply.statusCode, reply.json()]).toEqual([
      201,
      { id: "f1", object: "feedback", created_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    const { data, next } = (await get("/v1/feedback")).json();
    expect(next).toBeNull();
    expect(data).toEqual([
      {
        ...given,
        id: "f1",
        object: "feedback",
        created_at: reply.json().created_at,
        sector: null,
        issues: [],
        suggestions: [],
        expected_sector: null,
        training_opt_out: false,
        request: expect.objectContaining({ sector: "legal", adapter: "legal@1", routed_by: "router", confidence: 0.9 }),
      },
    ]);
  });

  it("answers the same key as it did the first time, and refuses it for another feedback", async () => {
    const key = { "idempotency-key": "k" };
    const first = await post("/v1/feedback", { rating: 5 }, key);
    const again = await post("/v1/feedback", { rating: 5 }, key);
    expect(again.json()).toEqual(first.json());
    expect([first, again].map(({ headers }) => headers["idempotent-replayed"])).toEqual([undefined, "true"]);
    const other = await post("/v1/feedback", { rating: 4 }, key);
    expect([other.statusCode, other.json().error.code]).toEqual([422, "idempotency_key_reused"]);
  });

  it.each([
    [{}, 400, "invalid_request"],
    [{ rating: 0 }, 400, "invalid_request"],
    [{ rating: 6 }, 400, "invalid_request"],
    [{ rating: 4.5 }, 400, "invalid_request"],
    [{ rating: "5" }, 400, "invalid_request"],
    [{ rating: 5, issues: [{ text: "x" }] }, 400, "invalid_request"],
    [{ rating: 5, comment: "x".repeat(4001) }, 400, "invalid_request"],
    [{ rating: 5, sector: "yok" }, 400, "unknown_sector"],
    [{ rating: 5, expected_sector: "yok" }, 400, "unknown_sector"],
  ])("refuses %j with %i %s", async (body, status, code) => {
    const reply = await post("/v1/feedback", body);
    expect([reply.statusCode, reply.json().error.code]).toEqual([status, code]);
    expect((await get("/v1/feedback")).json().data).toEqual([]);
  });

  it("says 503, and never 201, while the database is away", async () => {
    away = true;
    const reply = await post("/v1/feedback", { rating: 5 });
    expect([reply.statusCode, reply.json().error.code]).toEqual([503, "storage_unavailable"]);
    expect(reply.headers["retry-after"]).toBe("1");
  });
});

describe("what administrators read", () => {
  it("lists by filter and page", async () => {
    for (const rating of [1, 2, 3, 4, 5]) await post("/v1/feedback", { rating });
    const first = (await get("/v1/feedback?min_rating=2&max_rating=4&limit=2")).json();
    expect(first.data.map((one: { rating: number }) => one.rating)).toEqual([4, 3]);
    const second = (await get(`/v1/feedback?min_rating=2&max_rating=4&limit=2&after=${first.next}`)).json();
    expect(second.data.map((one: { rating: number }) => one.rating)).toEqual([2]);
    for (const query of ["limit=0", "limit=501", "min_rating=6", "since=dün", "since=2026-13-45", "after=x"]) {
      const reply = await get(`/v1/feedback?${query}`);
      expect([reply.statusCode, reply.json().error.code], query).toEqual([400, "invalid_request"]);
    }
  });

  it("reports as JSON, Markdown and CSV", async () => {
    await post("/v1/feedback", { rating: 4, sector: "legal", issues: [{ category: "slow" }] });
    const json = (await get("/v1/feedback/report")).json();
    expect(json).toMatchObject({
      object: "feedback_report",
      total: { count: 1, mean: 4 },
      issues: [{ category: "slow" }],
    });
    const markdown = await get("/v1/feedback/report?format=markdown");
    expect(markdown.headers["content-type"]).toContain("text/markdown");
    expect(markdown.payload).toContain("| legal | 1 | 4,00 |");
    const csv = await get("/v1/feedback/report?format=csv");
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.payload).toContain("sector,legal,1,4.0000");
    expect((await get("/v1/feedback/report?format=pdf")).statusCode).toBe(400);
  });

  it("exports training pairs rated 4 or better, unless told another least", async () => {
    expect((await get("/v1/feedback/export?format=jsonl")).payload).toBe("");
    const { message_id } = await chat();
    await post("/v1/feedback", { message_id, rating: 3 });
    await post("/v1/feedback", { message_id, rating: 5 });
    const lines = (payload: string) =>
      payload
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const reply = await get("/v1/feedback/export");
    expect(reply.headers["content-type"]).toContain("application/x-ndjson");
    expect(lines(reply.payload)).toEqual([
      {
        id: "f2",
        messages: [
          { role: "user", content: "legal süre" },
          { role: "assistant", content: "Otuz gün." },
        ],
        sector: "legal",
        adapter: "legal@1",
        rating: 5,
      },
    ]);
    expect(lines((await get("/v1/feedback/export?min_rating=3")).payload)).toHaveLength(2);
  });

  it("reviews what went to the wrong sector", async () => {
    const { message_id } = await chat();
    await post("/v1/feedback", { message_id, rating: 1, issues: [{ category: "wrong_sector" }] });
    const url = "/v1/feedback/routing-examples";
    expect((await get(url)).json().data).toMatchObject([
      { id: "f1", text: "legal süre", routed_to: "legal", status: "pending" },
    ]);
    expect((await post(`${url}/f1/accept`, {})).json().error).toMatchObject({
      code: "routing_example_incomplete",
      param: "sector",
    });
    expect((await post(`${url}/f1/accept`, { sector: "yok" })).json().error.code).toBe("unknown_sector");
    expect((await post(`${url}/f1/accept`, { sector: "energy" })).json()).toMatchObject({
      status: "accepted",
      expected_sector: "energy",
    });
    expect((await get(`${url}?status=accepted`)).json().data).toHaveLength(1);
    expect((await app.inject({ method: "POST", url: `${url}/f2/reject` })).statusCode).toBe(404);
  });
});

describe("DELETE /v1/users/:id/data", () => {
  const erase = (id: string) => app.inject({ method: "DELETE", url: `/v1/users/${encodeURIComponent(id)}/data` });

  it("erases sessions, requests and feedback of one user and of nobody else", async () => {
    const mine = await chat();
    const theirs = await chat({ user_id: "ali" });
    await post("/v1/chat/completions", { session_id: mine.session_id, messages: [{ role: "user", content: "legal" }] });
    await post("/v1/feedback", { message_id: mine.message_id, user_id: "ayşe", rating: 5 });
    await post("/v1/feedback", { message_id: theirs.message_id, user_id: "ali", rating: 5 });
    const reply = await erase("ayşe");
    expect(reply.json()).toEqual({
      object: "user.data.deleted",
      id: "ayşe",
      erased: { sessions: 1, requests: 2, feedback: 1, recordings: 0 },
    });
    expect(await sessions.load(mine.session_id)).toBeUndefined();
    expect(await sessions.load(theirs.session_id)).toBeDefined();
    expect((await database.query("select user_id from requests")).rows).toEqual([{ user_id: "ali" }]);
    expect((await get("/v1/feedback")).json().data).toMatchObject([{ user_id: "ali" }]);
    expect((await erase("ayşe")).json().erased).toEqual({ sessions: 0, requests: 0, feedback: 0, recordings: 0 });
  });

  it("brings over what is still on its way before it looks for feedback, and keeps the requests until that is done", async () => {
    const steps: string[] = [];
    const step = (name: string, count: number) => async () => {
      steps.push(name);
      return count;
    };
    const erased = await createEraseUser(
      { sessionsOf: async () => ["s"], delete: async () => steps.push("session") > 0 },
      { flush: async () => void steps.push("flush"), eraseUser: step("requests", 2) },
      { eraseUser: step("feedback", 3) },
    )("ayşe");
    expect(steps).toEqual(["flush", "feedback", "requests", "session"]);
    expect(erased).toEqual({ sessions: 1, requests: 2, feedback: 3, recordings: 0 });
  });

  it("finds feedback that names nobody by the user's requests", async () => {
    const { data } = (await post("/api/v1/chat", { message: "legal süre", user_id: "ayşe" })).json();
    await sessions.delete(data.session_id);
    await post("/v1/feedback", { message_id: data.message_id, rating: 1, comment: "gizli" });
    expect((await erase("ayşe")).json().erased).toMatchObject({ sessions: 0, requests: 1, feedback: 1 });
    expect((await get("/v1/feedback")).json().data).toEqual([]);
  });

  it("leaves the user's API keys as they were", async () => {
    const keys = createApiKeys({ store: createDatabaseApiKeyStore(database) });
    const { key, text } = await keys.create({
      name: "Ayşe",
      scopes: ["chat"],
      sectors: null,
      userId: "ayşe",
      expiresAt: null,
    });
    await chat();
    expect((await erase("ayşe")).json().erased).toMatchObject({ sessions: 1, requests: 1 });
    expect(await keys.identify(text)).toMatchObject({ keyId: key.id, userId: "ayşe" });
    await keys[Symbol.asyncDispose]();
  });

  it("does not say it has erased while the database is away, and finishes when asked again", async () => {
    const { session_id } = await chat();
    away = true;
    expect((await erase("ayşe")).statusCode).toBe(503);
    expect(await sessions.load(session_id)).toBeDefined();
    away = false;
    expect((await erase("ayşe")).json().erased).toMatchObject({ sessions: 1, requests: 1 });
  });
});

describe("/feedback", () => {
  const form = (fields: Record<string, string> | string) =>
    app.inject({
      method: "POST",
      url: "/feedback",
      payload: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  const kept = async () => (await get("/v1/feedback")).json().data;

  it("remembers reply, session and sector from the link, as text", async () => {
    const { payload, headers } = await get('/feedback?message_id=m"><script>&session_id=s&sector=energy&key=mine');
    expect(headers["content-type"]).toContain("text/html");
    expect(payload).toContain('name="message_id" value="m&quot;&gt;&lt;script&gt;"');
    expect(payload).toContain('name="session_id" value="s"');
    expect(payload).toContain('<option value="energy" selected>');
    expect(payload).not.toContain('value="mine"');
    expect(payload).not.toContain("{{");
  });

  it("keeps a form that was sent, once however often it is sent", async () => {
    const fields = `key=k&message_id=m&sector=energy&rating=2&category=slow&category=wrong_sector&expected_sector=legal&message=Soru&comment=&suggestion=K%C4%B1sa&training_opt_out=true`;
    for (const reply of [await form(fields), await form(fields)]) {
      expect([reply.statusCode, reply.headers.location]).toEqual([303, "feedback?alindi"]);
    }
    expect(await kept()).toMatchObject([
      {
        message_id: "m",
        sector: "energy",
        rating: 2,
        comment: null,
        issues: [
          { category: "slow", text: "" },
          { category: "wrong_sector", text: "" },
        ],
        suggestions: ["Kısa"],
        expected_sector: "legal",
        training_opt_out: true,
      },
    ]);
    expect((await get("/feedback?alindi")).payload).toContain("Geri bildiriminiz kaydedildi.");
  });

  it("says what is missing and keeps what was written", async () => {
    const reply = await form({ comment: "<b>uzun</b> bir görüş", category: "slow", key: "k" });
    expect(reply.statusCode).toBe(400);
    expect(reply.payload).toContain('role="alert">Lütfen 1 ile 5 arasında bir puan seçin.');
    expect(reply.payload).toContain("&lt;b&gt;uzun&lt;/b&gt; bir görüş");
    expect(reply.payload).toContain('value="slow" checked');
    expect(reply.payload).toContain('name="key" value="k"');
    expect(await kept()).toEqual([]);
  });

  it("keeps what was written when the database is away, and takes it when it is back", async () => {
    away = true;
    const fields = { rating: "5", comment: "Teşekkürler", key: "k" };
    const reply = await form(fields);
    expect(reply.statusCode).toBe(503);
    expect(reply.payload).toMatch(/role="alert">Veritabanı.*yeniden gönderin/);
    expect(reply.payload).toContain("Teşekkürler</textarea>");
    away = false;
    expect((await form(fields)).statusCode).toBe(303);
    expect(await kept()).toHaveLength(1);
  });

  it("takes a form that was changed after it had been kept unseen, once it is sent again", async () => {
    losesAnswers = true;
    const fields = { rating: "5", comment: "Teşekkürler", key: "k" };
    expect((await form(fields)).statusCode).toBe(503);
    losesAnswers = false;
    const changed = { ...fields, rating: "2", comment: "Fikrimi değiştirdim" };
    const told = await form(changed);
    expect(told.statusCode).toBe(422);
    expect(told.payload).toMatch(/role="alert">Bu formun önceki hâlini almıştık/);
    expect(told.payload).not.toContain("Idempotency-Key");
    expect(told.payload).toContain("Fikrimi değiştirdim</textarea>");
    const key = /name="key" value="([^"]+)"/.exec(told.payload)?.[1] ?? "";
    expect(key).not.toBe("k");
    expect((await form({ ...changed, key })).statusCode).toBe(303);
    expect((await kept()).map(({ comment }: { comment: string }) => comment)).toEqual([
      "Fikrimi değiştirdim",
      "Teşekkürler",
    ]);
  });

  it("takes forms at this address only", async () => {
    const reply = await app.inject({
      method: "POST",
      url: "/v1/feedback",
      payload: "rating=5",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(reply.statusCode).toBe(415);
  });
});

it("the API description tells feedback's shapes", async () => {
  const { paths } = (await get("/openapi.json")).json();
  expect(paths["/v1/feedback"].post.requestBody.content["application/json"].schema.required).toEqual(["rating"]);
  expect(Object.keys(paths["/v1/feedback"].post.responses)).toEqual(["201"]);
  for (const path of ["report", "export", "routing-examples", "routing-examples/{id}/accept"]) {
    expect(paths).toHaveProperty([`/v1/feedback/${path}`]);
  }
  expect(paths["/v1/users/{id}/data"].delete).toBeDefined();
});
