import { afterEach, describe, expect, it } from "vitest";
import { type ApiKeyStore, type Scope, scopes } from "../../../services/access/index.ts";
import { createApiKeys } from "../../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../../services/access/memory-api-key-store.ts";
import type { Feedback, FeedbackStore } from "../../../services/feedback/index.ts";
import { refuseOpenBind } from "../../../services/http/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway, type GatewayOptions } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

const passage = (sector: string) => ({
  id: `${sector}-k01`,
  sector,
  title: "Kıdem tazminatı",
  text: "Kıdem tazminatı otuz günlük ücrettir.",
  source: "Kanun",
});
let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(more: Partial<GatewayOptions> = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([passage("legal"), passage("energy")]),
    minScore: 0.01,
    script: { adapters: ["legal@1", "energy@3"] },
    ...more,
  });
  app = built.app;
  const { apiKeys } = built;
  const keyWith = async (facts: { scopes?: readonly Scope[]; sectors?: string[]; userId?: string } = {}) => {
    const { scopes: wanted = ["chat"], sectors = null, userId = null } = facts;
    return await apiKeys.create({ name: "x", scopes: wanted, sectors, userId, expiresAt: null });
  };
  const ask = (method: "GET" | "POST" | "DELETE", url: string, key?: string, payload?: object) =>
    built.app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
  return { ...built, keyWith, ask };
}

const chat = (message = "Merhaba", more: object = {}) => ({ message, ...more });
const openAi = (content: string, more: object = {}) => ({ messages: [{ role: "user", content }], ...more });

describe("a route", () => {
  it("always says which scope it asks for", async () => {
    const { app: gateway } = await open();
    await gateway.ready();
    expect(gateway.routeScopes.size).toBeGreaterThan(30);
    expect([...gateway.routeScopes].filter(([, scope]) => scope === undefined)).toEqual([]);
  });

  it("is open to people without a key only where there is nothing to protect", async () => {
    const { app: gateway } = await open();
    await gateway.ready();
    const openRoutes = [...gateway.routeScopes].filter(([, scope]) => scope === "open").map(([route]) => route);
    expect(openRoutes.filter((route) => !route.startsWith("HEAD ")).sort()).toEqual([
      "GET /",
      "GET /errors",
      "GET /feedback",
      "GET /feedback/feedback.css",
      "GET /health",
      "GET /health/live",
      "GET /health/ready",
      "GET /health/startup",
      "GET /jobs",
      "GET /jobs/app.js",
      "GET /jobs/job-row.js",
      "GET /jobs/jobs-api.js",
      "GET /jobs/jobs.css",
      "GET /static/:name",
      "GET /voice",
      "GET /voice/app.js",
      "GET /voice/base64.js",
      "GET /voice/capture-worklet.js",
      "GET /voice/dialogue.js",
      "GET /voice/player-worklet.js",
      "GET /voice/realtime-socket.js",
      "GET /voice/replies.js",
      "GET /voice/sound.js",
      "GET /voice/talk.js",
      "GET /voice/texts.js",
      "GET /voice/visualiser.js",
      "GET /voice/voice.css",
      "OPTIONS *",
      "POST /feedback",
    ]);
  });

  it("that does not say is for administrators", async () => {
    const built = await buildTestGateway({
      sectors: sectorsWith(),
      router: wordRouter(),
      knowledge: createMemoryKnowledge([]),
      extraRoute: "/forgotten",
    });
    app = built.app;
    const make = (scope: Scope) =>
      built.apiKeys.create({ name: "x", scopes: [scope], sectors: null, userId: null, expiresAt: null });
    const statusFor = async (scope: Scope) => {
      const authorization = `Bearer ${(await make(scope)).text}`;
      return (await built.app.inject({ url: "/forgotten", headers: { authorization } })).statusCode;
    };
    expect([await statusFor("chat"), await statusFor("admin")]).toEqual([403, 200]);
  });

  it("tells its scope in the API description", async () => {
    const { app: gateway } = await open();
    const api = (await gateway.inject("/openapi.json")).json();
    expect(api.components.securitySchemes.apiKey).toMatchObject({ type: "http", scheme: "bearer" });
    expect(api.paths["/api/v1/chat"].post.security).toEqual([{ apiKey: ["chat"] }]);
    expect(api.paths["/v1/keys"].get.security).toEqual([{ apiKey: ["admin"] }]);
    expect(api.paths["/v1/models"].get.security).toEqual([{ apiKey: [] }]);
    expect(api.paths["/health"].get.security).toEqual([]);
  });
});

describe("without keys", () => {
  it("nothing is asked for", async () => {
    const { ask } = await open();
    expect((await ask("POST", "/api/v1/chat", undefined, chat())).statusCode).toBe(200);
    expect((await ask("GET", "/v1/keys")).json()).toEqual({ object: "list", data: [] });
  });

  it("only loopback may be listened on", async () => {
    const none = async () => false;
    for (const host of ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
      await expect(refuseOpenBind(host, none)).resolves.toBeUndefined();
    for (const host of ["0.0.0.0", "::", "10.0.0.7", "128.0.0.1", "localhost.example"]) {
      await expect(refuseOpenBind(host, none)).rejects.toMatchObject({ code: "open_bind_refused" });
      await expect(refuseOpenBind(host, async () => true)).resolves.toBeUndefined();
    }
  });
});

describe("with a key", () => {
  it("everything but probes and pages is refused to those who have none, in each address's own dialect", async () => {
    const { ask, keyWith } = await open();
    await keyWith();
    const [problem, openAiShape, health] = await Promise.all([
      ask("POST", "/api/v1/chat", undefined, chat()),
      ask("POST", "/v1/chat/completions", "sk-sektor-yok", openAi("x")),
      ask("GET", "/health/live"),
    ]);
    expect([problem.statusCode, problem.json().code]).toEqual([401, "invalid_api_key"]);
    expect(problem.headers["www-authenticate"]).toBe("Bearer");
    expect(openAiShape.json()).toMatchObject({ error: { type: "authentication_error", code: "invalid_api_key" } });
    expect(health.statusCode).toBe(200);
    expect((await ask("GET", "/no/such/address")).statusCode).toBe(401);
  });

  it.each([
    ["Bearer", "Bearer KEY", 200],
    ["bearer in small letters", "bearer KEY", 200],
    ["another scheme", "Basic KEY", 401],
    ["no scheme", "KEY", 401],
    ["something behind it", "Bearer KEY x", 401],
  ])("that comes with %s", async (_, header, status) => {
    const { keyWith, app: gateway } = await open();
    const { text } = await keyWith();
    const headers = { authorization: header.replace("KEY", text) };
    expect((await gateway.inject({ url: "/v1/models", headers })).statusCode).toBe(status);
  });

  it.each([
    ["POST", "/api/v1/chat", "chat"],
    ["POST", "/rag", "chat"],
    ["POST", "/v1/chat/completions", "chat"],
    ["POST", "/v1/completions", "chat"],
    ["POST", "/v1/embeddings", "chat"],
    ["POST", "/v1/classify", "chat"],
    ["POST", "/tokenize", "chat"],
    ["GET", "/v1/sessions/x", "chat"],
    ["DELETE", "/v1/sessions/x", "chat"],
    ["POST", "/v1/feedback", "feedback"],
    ["GET", "/v1/feedback", "admin"],
    ["GET", "/v1/feedback/report", "admin"],
    ["GET", "/v1/feedback/export", "admin"],
    ["GET", "/v1/feedback/routing-examples", "admin"],
    ["POST", "/v1/feedback/routing-examples/x/accept", "admin"],
    ["POST", "/v1/feedback/routing-examples/x/reject", "admin"],
    ["DELETE", "/v1/users/x/data", "admin"],
    ["GET", "/metrics", "admin"],
    ["GET", "/v1/keys", "admin"],
    ["POST", "/v1/keys", "admin"],
    ["POST", "/v1/keys/x/rotate", "admin"],
    ["DELETE", "/v1/keys/x", "admin"],
  ] as const)("%s %s asks for the scope %s and no other will do", async (method, url, scope) => {
    const { ask, keyWith } = await open();
    const others = await keyWith({ scopes: scopes.filter((other) => other !== scope) });
    const payload = method === "POST" ? {} : undefined;
    const refused = await ask(method, url, others.text, payload);
    const body = refused.json();
    expect([refused.statusCode, body.code ?? body.error.code]).toEqual([403, "scope_missing"]);
    expect((await ask(method, url, (await keyWith({ scopes: [scope] })).text, payload)).statusCode).not.toBe(403);
  });

  it("the scope is looked at before the body is", async () => {
    const { ask, keyWith } = await open();
    const { text } = await keyWith({ scopes: ["feedback"] });
    expect((await ask("POST", "/api/v1/chat", text, { wrong: true })).statusCode).toBe(403);
  });

  it("of a user, that user is kept with the session, whatever the request says", async () => {
    const { ask, keyWith, sessions } = await open();
    const own = (await keyWith({ userId: "ayşe" })).text;
    const shared = (await keyWith()).text;
    await ask("POST", "/api/v1/chat", own, chat("Merhaba", { user_id: "mehmet", session_id: "s1" }));
    await ask("POST", "/api/v1/chat", shared, chat("Merhaba", { user_id: "mehmet", session_id: "s2" }));
    expect([(await sessions.load("s1"))?.userId, (await sessions.load("s2"))?.userId]).toEqual(["ayşe", "mehmet"]);
  });

  it("of a user, that user stands in every record of it, so that erasing finds them", async () => {
    const given: Feedback[] = [];
    const feedback = {
      add: async (one: Feedback) => ({ id: `f${given.push(one)}`, at: "2026-01-01T00:00:00.000Z", isNew: true }),
    } as Partial<FeedbackStore> as FeedbackStore;
    const { ask, keyWith, sessions, rows } = await open({ feedback });
    const own = (await keyWith({ userId: "ayşe", scopes: ["chat", "feedback"] })).text;
    await ask("POST", "/api/v1/chat", own, chat("legal", { user_id: "mehmet" }));
    await ask("POST", "/v1/chat/completions", own, openAi("legal", { user: "mehmet", session_id: "s" }));
    await ask("POST", "/rag", own, { query: "kıdem tazminatı" });
    await ask("POST", "/v1/feedback", own, { rating: 5, user_id: "mehmet" });
    expect(rows.map(({ endpoint, userId }) => [endpoint, userId])).toEqual([
      ["/api/v1/chat", "ayşe"],
      ["/v1/chat/completions", "ayşe"],
      ["/rag", "ayşe"],
    ]);
    expect(given.map(({ userId }) => userId)).toEqual(["ayşe"]);
    expect(await sessions.sessionsOf("ayşe")).toContain("s");
  });

  it("requests go on while the keys' storage is away, for keys that were in use", async () => {
    const kept = createMemoryApiKeyStore();
    const state = { away: false };
    const store: ApiKeyStore = {
      ...kept,
      bySecretPrefix: (prefix) => (state.away ? Promise.reject(new Error("away")) : kept.bySecretPrefix(prefix)),
    };
    const { ask, keyWith } = await open({ apiKeys: createApiKeys({ store, freshMs: 0 }) });
    const [known, unseen] = [await keyWith(), await keyWith()];
    await ask("GET", "/v1/models", known.text);
    state.away = true;
    expect((await ask("GET", "/v1/models", known.text)).statusCode).toBe(200);
    expect((await ask("GET", "/v1/models", unseen.text)).statusCode).toBe(500);
  });
});

describe("a key of some sectors", () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ["the message belongs to another", "/api/v1/chat", chat("energy sorusu")],
    ["the request names another", "/api/v1/chat", chat("legal sorusu", { sector: "energy" })],
    ["a stream is asked for", "/api/v1/chat", chat("energy sorusu", { stream: true })],
    ["another's documents are asked for", "/rag", { query: "kıdem tazminatı", sector: "energy" }],
    ["an OpenAI client's message belongs to another", "/v1/chat/completions", openAi("energy sorusu")],
    ["an OpenAI client streams", "/v1/chat/completions", openAi("energy sorusu", { stream: true })],
    ["the model is another sector", "/v1/chat/completions", openAi("legal", { model: "energy" })],
    ["the model is another sector's adapter", "/v1/chat/completions", openAi("legal", { model: "energy@3" })],
    ["a completion's model is another sector", "/v1/completions", { prompt: "legal", model: "energy" }],
  ];
  it.each(cases)("is refused where %s, before the model is asked", async (_, url, body) => {
    const { ask, keyWith, engine } = await open();
    const { text } = await keyWith({ sectors: ["legal"] });
    const reply = await ask("POST", url, text, body);
    const refusal = reply.json();
    expect([reply.statusCode, refusal.code ?? refusal.error.code]).toEqual([403, "sector_not_allowed"]);
    expect(engine.calls).toEqual([]);
  });

  it("serves its own, and what fits no sector", async () => {
    const { ask, keyWith } = await open();
    const { text } = await keyWith({ sectors: ["legal"] });
    const sectorOf = async (body: object) => (await ask("POST", "/api/v1/chat", text, body)).json().data.sector;
    expect([await sectorOf(chat("legal sorusu")), await sectorOf(chat("Merhaba"))]).toEqual(["legal", null]);
    expect((await ask("POST", "/v1/chat/completions", text, openAi("x", { model: "legal@1" }))).statusCode).toBe(200);
  });

  it("finds no other sector's documents where the question names none", async () => {
    const { ask, keyWith } = await open();
    const found = async (sectors: string[]) => {
      const { text } = await keyWith({ sectors });
      const reply = await ask("POST", "/rag", text, { query: "kıdem tazminatı" });
      return reply.json().sources.map(({ sector }: { sector: string }) => sector);
    };
    expect(await found(["legal"])).toEqual(["legal"]);
    expect(await found(["telecommunications"])).toEqual([]);
    expect((await found(["legal", "energy"])).sort()).toEqual(["energy", "legal"]);
  });
});

describe("/v1/keys", () => {
  it("makes a key that works at once, and shows it this once", async () => {
    const { ask } = await open();
    const made = await ask("POST", "/v1/keys", undefined, {
      name: " Örnek AŞ ",
      scopes: ["chat", "admin"],
      sectors: ["legal"],
      user_id: "ayşe",
      expires_at: "2126-05-01T00:00:00Z",
    });
    expect(made.statusCode).toBe(201);
    expect(made.headers["cache-control"]).toBe("no-store");
    const { key, id, ...facts } = made.json();
    expect(facts).toMatchObject({
      object: "api_key",
      name: "Örnek AŞ",
      scopes: ["chat", "admin"],
      sectors: ["legal"],
      user_id: "ayşe",
      expires_at: "2126-05-01T00:00:00.000Z",
      revoked_at: null,
      last_used_at: null,
    });
    const list = await ask("GET", "/v1/keys", key);
    expect(list.json().data).toEqual([{ id, ...facts }]);
    expect(list.payload).not.toContain(key);
    expect(key.startsWith(facts.secrets[0].begins)).toBe(true);
  });

  it("gives a chat key where nothing else is said", async () => {
    const { ask } = await open();
    const made = (await ask("POST", "/v1/keys", undefined, { name: "x" })).json();
    expect(made).toMatchObject({ scopes: ["chat"], sectors: null, user_id: null, expires_at: null });
  });

  it("rotates a key, keeps the former one for the grace it is told, and revokes both together", async () => {
    const { ask, keyWith } = await open();
    const admin = (await keyWith({ scopes: ["admin"] })).text;
    const first = await keyWith();
    const rotated = await ask("POST", `/v1/keys/${first.key.id}/rotate`, admin, { grace_s: 60 });
    const second = rotated.json();
    expect([rotated.statusCode, second.id]).toEqual([201, first.key.id]);
    expect(second.secrets.map((secret: { valid_until: string | null }) => secret.valid_until)).toEqual([
      null,
      expect.any(String),
    ]);
    const statuses = async () =>
      Promise.all([first.text, second.key].map(async (key) => (await ask("GET", "/v1/models", key)).statusCode));
    expect(await statuses()).toEqual([200, 200]);
    const revoked = await ask("DELETE", `/v1/keys/${first.key.id}`, admin);
    expect(revoked.json()).toEqual({ id: first.key.id, object: "api_key.revoked", revoked: true });
    expect(await statuses()).toEqual([401, 401]);
  });

  it.each([
    ["no name", {}, "invalid_request"],
    ["a blank name", { name: "  " }, "invalid_request"],
    ["an unknown scope", { name: "x", scopes: ["root"] }, "invalid_request"],
    ["no scope", { name: "x", scopes: [] }, "invalid_request"],
    ["no sector", { name: "x", sectors: [] }, "invalid_request"],
    ["an unknown sector", { name: "x", sectors: ["yok"] }, "unknown_sector"],
    ["an expiry that is over", { name: "x", expires_at: "2025-12-31T23:59:59Z" }, "invalid_request"],
    ["an expiry that is no time", { name: "x", expires_at: "yarın" }, "invalid_request"],
    ["a misspelt limit", { name: "x", sector: "legal" }, "invalid_request"],
  ])("refuses %s", async (_, body, code) => {
    const { ask } = await open();
    const reply = await ask("POST", "/v1/keys", undefined, body);
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, code]);
  });

  it("has no key of an unknown id", async () => {
    const { ask } = await open();
    for (const reply of [await ask("DELETE", "/v1/keys/yok"), await ask("POST", "/v1/keys/yok/rotate", undefined, {})])
      expect([reply.statusCode, reply.json().error.code]).toEqual([404, "api_key_not_found"]);
  });
});

describe("every reply", () => {
  it.each(["/", "/feedback", "/docs", "/health/live", "/v1/models", "/no/such/address"])(
    "of %s tells browsers to guess no types, show it in no foreign frame and run no foreign script",
    async (url) => {
      const { headers } = await (await open()).ask("GET", url);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "no-referrer",
        "content-security-policy": expect.stringMatching(
          /default-src 'self'.*frame-ancestors 'self'.*script-src 'self'/,
        ),
      });
    },
  );
});

describe("a page of another origin", () => {
  const preflight = (origin: string) => ({
    method: "OPTIONS" as const,
    url: "/v1/chat/completions",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
  });

  it("may call the API where its origin is listed, without a key for the preflight", async () => {
    const { app: gateway, keyWith } = await open({ environment: { SEKTOR_CORS_ORIGINS: "https://a.example" } });
    await keyWith();
    const allowed = await gateway.inject(preflight("https://a.example"));
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers["access-control-allow-origin"]).toBe("https://a.example");
    expect(allowed.headers["access-control-allow-methods"]).toContain("DELETE");
    expect((await gateway.inject(preflight("https://b.example"))).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
    const refused = await gateway.inject({ url: "/v1/models", headers: { origin: "https://a.example" } });
    expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).toEqual([401, "https://a.example"]);
  });

  it("may not where no origin is listed", async () => {
    const { app: gateway } = await open();
    expect((await gateway.inject(preflight("https://a.example"))).headers).not.toHaveProperty(
      "access-control-allow-origin",
    );
  });
});
