import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { LimitsUnavailableError, type Scope } from "../../../services/access/index.ts";
import { countedAddress } from "../../../services/access/limits/counted-address.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway, type GatewayOptions } from "../../support/gateway.ts";
import { gatedLimiter, postAndLeave } from "../../support/gone-client.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(environment: Readonly<Record<string, string>> = {}, more: Partial<GatewayOptions> = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    environment,
    ...more,
  });
  app = built.app;
  const keyWith = async (facts: { userId?: string; scopes?: readonly Scope[] } = {}) => {
    const { userId = null, scopes = ["chat"] } = facts;
    return (await built.apiKeys.create({ name: "x", scopes, sectors: null, userId, expiresAt: null })).text;
  };
  const ask = (payload: object, key?: string, url = "/api/v1/chat") =>
    built.app.inject({
      method: "POST",
      url,
      payload,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
  const get = (url: string, options: { key?: string; from?: string; forwarded?: string } = {}) =>
    built.app.inject({
      url,
      ...(options.from === undefined ? {} : { remoteAddress: options.from }),
      headers: {
        ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
        ...(options.forwarded === undefined ? {} : { "x-forwarded-for": options.forwarded }),
      },
    });
  return { ...built, keyWith, ask, get };
}

const said = (user?: string) => ({ message: "Merhaba", ...(user === undefined ? {} : { user_id: user }) });
const openAi = (user: string) => ({ messages: [{ role: "user", content: "Merhaba" }], user });
const statuses = (replies: readonly { statusCode: number }[]) => replies.map(({ statusCode }) => statusCode);

describe("a user's hour", () => {
  it("holds as many requests as the settings say; then 429 with the time to wait, in both dialects", async () => {
    const { ask } = await open({ SEKTOR_USER_PER_HOUR: "2" });
    const first = await ask(said("ayşe"));
    expect(first.headers).toMatchObject({ "ratelimit-limit": "2", "ratelimit-remaining": "1" });
    expect((await ask(said("ayşe"))).statusCode).toBe(200);
    const problem = await ask(said("ayşe"));
    expect([problem.statusCode, problem.json().code]).toEqual([429, "rate_limit_exceeded"]);
    expect(problem.json().detail).toContain("bu kullanıcı için saatte en çok 2");
    expect(problem.headers).toMatchObject({ "ratelimit-limit": "2", "ratelimit-remaining": "0" });
    const wait = Number(problem.headers["retry-after"]);
    expect(wait).toBeGreaterThan(3500);
    expect(wait).toBeLessThanOrEqual(3660);
    expect(problem.headers["ratelimit-reset"]).toBe(String(wait));
    const other = await ask(openAi("ayşe"), undefined, "/v1/chat/completions");
    expect(other.json()).toMatchObject({ error: { type: "rate_limit_error", code: "rate_limit_exceeded" } });
    expect(Number(other.headers["retry-after"])).toBeGreaterThan(3500);
  });

  it("is each user's own", async () => {
    const { ask } = await open({ SEKTOR_USER_PER_HOUR: "1" });
    const replies = [await ask(said("ayşe")), await ask(said("mehmet")), await ask(said("ayşe"))];
    expect(statuses(replies)).toEqual([200, 200, 429]);
  });

  it("is one for a user's several keys, and cannot be left by naming another user", async () => {
    const { ask, keyWith } = await open({ SEKTOR_USER_PER_HOUR: "2" });
    const keys = [await keyWith({ userId: "ayşe" }), await keyWith({ userId: "ayşe" })];
    const replies = [
      await ask(said(), keys[0]),
      await ask(said("mehmet"), keys[1]),
      await ask(said("fatma"), keys[0]),
      await ask(openAi("ali"), keys[1], "/v1/chat/completions"),
    ];
    expect(statuses(replies)).toEqual([200, 200, 429, 429]);
  });

  it("of a user that a request names cannot be used up with another key", async () => {
    const { ask, keyWith } = await open({ SEKTOR_USER_PER_HOUR: "1" });
    const [company, rival] = [await keyWith(), await keyWith()];
    expect(statuses([await ask(said("u1"), rival), await ask(said("u1"), company)])).toEqual([200, 200]);
  });

  it("counts neither lists nor what is refused before it is understood", async () => {
    const { ask, get } = await open({ SEKTOR_USER_PER_HOUR: "1" });
    for (let i = 0; i < 3; i++) {
      expect((await get("/v1/models")).statusCode).toBe(200);
      expect((await ask({ user_id: "ayşe" })).statusCode).toBe(400);
    }
    expect((await ask(said("ayşe"))).statusCode).toBe(200);
  });

  it("and day are both kept, and the tighter one is told", async () => {
    const { ask } = await open({ SEKTOR_USER_PER_HOUR: "5", SEKTOR_USER_PER_DAY: "2" });
    await ask(said("ayşe"));
    await ask(said("ayşe"));
    const refused = await ask(said("ayşe"));
    expect(refused.json().detail).toContain("günde en çok 2");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(80_000);
  });
});

describe("a key's minute", () => {
  it("counts every request of the key, whoever it speaks for, and no other key's", async () => {
    const { ask, get, keyWith } = await open({ SEKTOR_KEY_PER_MINUTE: "3" });
    const [key, other] = [await keyWith(), await keyWith()];
    const replies = [
      await ask(said("a"), key),
      await ask(said("b"), key),
      await get("/v1/models", { key }),
      await ask(said("c"), key),
      await ask(said("c"), other),
    ];
    expect(statuses(replies)).toEqual([200, 200, 200, 429, 200]);
  });
});

describe("an address's minute", () => {
  it("is counted before the key is looked at, so that keys cannot be guessed without end", async () => {
    const { get, keyWith } = await open({ SEKTOR_REQUESTS_PER_MINUTE: "3" });
    await keyWith();
    const replies = [];
    for (let i = 0; i < 5; i++) replies.push(await get("/v1/models", { key: `sk-sektor-${i}` }));
    expect(statuses(replies)).toEqual([401, 401, 401, 429, 429]);
    expect(replies[4]?.json().error.code).toBe("rate_limit_exceeded");
  });

  it("does not count probes and scrapes, and counts whatever else is asked", async () => {
    const { get } = await open({ SEKTOR_REQUESTS_PER_MINUTE: "2" });
    for (let i = 0; i < 5; i++) {
      expect((await get("/health/live")).statusCode).toBe(200);
      expect((await get("/metrics")).statusCode).toBe(200);
    }
    expect(statuses([await get("/"), await get("/nowhere"), await get("/healthy")])).toEqual([200, 404, 429]);
  });

  it("is the client's behind a proxy that is trusted, and cannot be escaped by a forged header", async () => {
    const { get } = await open({ SEKTOR_REQUESTS_PER_MINUTE: "2", SEKTOR_TRUST_PROXY: "10.0.0.0/8" });
    const through = (forwarded: string) => get("/", { from: "10.1.2.3", forwarded });
    const replies = [
      await through("203.0.113.7"),
      // nginx appends the address it sees to whatever the client sent.
      await through("1.1.1.1, 203.0.113.7"),
      await through("2.2.2.2, 203.0.113.7"),
      await through("203.0.113.8"),
    ];
    expect(statuses(replies)).toEqual([200, 200, 429, 200]);
  });

  it("is the connection's where no proxy is trusted, whatever the header says", async () => {
    const { get } = await open({ SEKTOR_REQUESTS_PER_MINUTE: "2" });
    const replies = [];
    for (const forwarded of ["1.1.1.1", "2.2.2.2", "3.3.3.3"])
      replies.push(await get("/", { from: "203.0.113.7", forwarded }));
    expect(statuses(replies)).toEqual([200, 200, 429]);
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ])("of %s is that of %s", (ip, counted) => {
    expect(countedAddress(ip)).toBe(counted);
  });
});

describe("replies at the same time", () => {
  const slow = { script: { reply: () => Array<string>(400).fill("söz "), tokenMs: 5 } };

  async function openStreams(environment: Readonly<Record<string, string>>) {
    const built = await open(environment, slow);
    const url = await built.app.listen({ host: "127.0.0.1", port: 0 });
    const start = async (body: object, key?: string) => {
      const leave = new AbortController();
      const reply = await fetch(`${url}/api/v1/chat`, {
        method: "POST",
        signal: leave.signal,
        body: JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
      });
      return { status: reply.status, reply, leave };
    };
    return { ...built, url, start };
  }

  it("are as many for a user as the settings say; one that ends or is left makes room", async () => {
    const { start } = await openStreams({ SEKTOR_STREAMS_PER_USER: "2" });
    const streaming = { ...said("ayşe"), stream: true };
    const first = await start(streaming);
    const second = await start(streaming);
    const third = await start(streaming);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(await third.reply.json()).toMatchObject({ code: "too_many_streams" });
    expect(third.reply.headers.get("retry-after")).toBe("1");
    expect((await start({ ...said("mehmet"), stream: true })).status).toBe(200);
    first.leave.abort();
    await expect.poll(async () => (await start(streaming)).status).toBe(200);
  });

  it("count for the key too, whole replies like streams", async () => {
    const { start, keyWith } = await openStreams({ SEKTOR_STREAMS_PER_KEY: "1" });
    const key = await keyWith();
    const whole = start(said("a"), key);
    await expect.poll(async () => (await start({ ...said("b"), stream: true }, key)).status).toBe(429);
    expect((await whole).status).toBe(200);
    expect((await start({ ...said("b"), stream: true }, key)).status).toBe(200);
  });

  it("leave no place taken by a request that fails", async () => {
    const { ask } = await open({ SEKTOR_STREAMS_PER_USER: "1" });
    for (let i = 0; i < 3; i++)
      expect((await ask({ ...said("ayşe"), sector: "yok" })).json().code).toBe("unknown_sector");
    expect((await ask(said("ayşe"))).statusCode).toBe(200);
  });

  it("leave no place taken by a client that was gone before it got one", async () => {
    const { limiter, places, open: letIn } = gatedLimiter();
    const { app: gateway } = await open({}, { limiter });
    await postAndLeave(gateway, "/api/v1/chat", said("ayşe"), () => places.asked === 1);
    letIn();
    await expect.poll(() => places.given).toBeGreaterThan(0);
  });
});

it("the stock OpenAI client raises its own error, with the time to wait", async () => {
  const { app: gateway } = await open({ SEKTOR_USER_PER_HOUR: "1" });
  const baseURL = `${await gateway.listen({ host: "127.0.0.1", port: 0 })}/v1`;
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  const ask = () =>
    client.chat.completions.create({ model: "auto", user: "ayşe", messages: [{ role: "user", content: "Merhaba" }] });
  await ask();
  const failure = await ask().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
  expect(failure).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "rate_limit_error" });
});

it("counts that are out of reach are a 503 where the settings refuse then", async () => {
  const away = async () => Promise.reject(new LimitsUnavailableError());
  const { get } = await open({}, { limiter: { take: away, enter: away, [Symbol.asyncDispose]: async () => {} } });
  const reply = await get("/v1/models");
  expect([reply.statusCode, reply.json().error.code, reply.headers["retry-after"]]).toEqual([
    503,
    "limits_unavailable",
    "2",
  ]);
  expect((await get("/health/live")).statusCode).toBe(200);
});

describe("a request for several replies", () => {
  it.each([
    ["/v1/completions", { prompt: Array(6).fill("Merhaba") }],
    ["/v1/chat/completions", { ...openAi("ayşe"), n: 6 }],
    ["/v1/chat/completions", { ...openAi("ayşe"), n: 6, stream: true }],
  ])(
    "to %s has them one at a time, so that it takes no more places of the model than the limits count",
    async (url, body) => {
      const { engine, ask } = await open();
      const running: number[] = [];
      engine.follow({ tokenMs: 2, reply: () => Array(running.push(engine.active)).fill("a ") });
      const reply = await ask(body, undefined, url);
      expect(reply.statusCode).toBe(200);
      expect(running).toEqual(Array(6).fill(1));
    },
  );
});
